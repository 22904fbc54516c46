"""Makes a page of validation of what tests measured: page.py flood|heat|traffic|energy NOTES PAGE."""

import json
import sys
from collections import Counter
from pathlib import Path

SECTIONS = {
    "test_closed_forms": "Closed forms",
    "test_published_cases": "Published cases",
    "test_channels": "Steady channels",
    "test_valleys": "Rain on slopes",
    "test_invariants": "What must hold whatever the case",
    "test_all_parts": "Everything at once",
    "test_walls_and_roofs": "Walls, sides and roofs",
    "test_real_city": "The real city",
    "test_real_storms": "The real city under rain",
    "test_rerun": "Warm reruns",
    "test_soil": "Soil",
    "test_layer_stacks": "Layer stacks",
    "test_drains": "Sewers",
    "test_swmm": "Sewers beside SWMM",
    "test_inlets": "Inlets",
    "test_sewer": "Street and sewer together",
}
"""Title of each test file's part of the flood's page, in this order; others follow under their own name."""

HEAT_SECTIONS = {
    "test_sun": "Sun",
    "test_shadow": "Shadow",
    "test_sky_view": "Sky view",
    "test_masks": "Sky seen in 153 patches",
    "test_patches": "Patches of the sky",
    "test_sky": "Light and warmth of the sky",
    "test_radiation": "Radiation of a person",
    "test_columns": "Heat in ground and walls",
    "test_surfaces": "Surface temperatures",
    "test_evaporation": "Evaporation",
    "test_walls": "Walls",
    "test_wind_profile": "Wind profile",
    "test_mass_consistent": "Wind that conserves mass",
    "test_wind_zones": "Wind around buildings",
    "test_wind": "Wind",
    "test_air": "Air temperature",
    "test_utci": "UTCI",
    "test_pet": "PET",
    "test_wbgt": "WBGT",
    "test_forcing": "Weather with faults",
    "test_kernel": "The kernel whole",
    "test_recorded": "Incremental windows",
    "test_peers": "Beside another program",
    "test_ixelles": "Four stations in Ixelles",
    "test_sunlight": "Sunlight between the hours of a file",
    "test_heat_layers": "Roofs of the 3D model on a grid",
    "test_tree_species": "Species of trees",
    "test_tree_merging": "One tree, two sources",
    "test_trees": "The inventory of trees",
    "test_allometry": "Sizes of trees",
    "test_tree_carbon": "Carbon in trees",
    "test_signs_of_heat": "What edits do",
    "test_plant_trees": "Where trees help most: the search on a toy",
    "test_plant_run": "Where trees help most: the search on the kernel",
}
"""The same of the heat's page."""

TRAFFIC_SECTIONS = {
    "test_equilibrium": "Static equilibrium",
    "test_equilibrium_again": "Equilibrium found again after a change",
    "test_equilibrium_compressed": "Compressed networks",
    "test_hierarchy": "Shortest ways",
    "test_pairing": "Pairs of places",
    "test_queues": "Vehicles in queues",
    "test_closures": "Closures by hour and mode",
    "test_street_changes": "Speeds and lanes by hour",
    "test_seeding": "From flows to vehicles",
    "test_dynamic_equilibrium": "Days that drivers learn from",
    "test_kernel": "The kernels whole",
    "test_gravity": "Gravity",
    "test_counts": "Fitted to counts",
    "test_elastic": "Trips that answer their time",
    "test_elastic_run": "The same in a run",
    "test_travel_tables": "Figures of the surveys",
    "test_travel_zones": "Residents and jobs",
    "test_travel_matrix": "Trips from zone to zone",
    "test_travel_demand": "Trips of a day",
    "test_travel_counts": "Counters of Brussels",
    "test_emissions": "Exhaust",
    "test_fleet": "The fleet",
    "test_noise": "Noise at the source",
    "test_noise_spread": "Noise at facades",
    "test_pedestrians": "People on foot",
    "test_pedestrian_flows": "Where people walk",
    "test_reach": "Reach",
    "test_access_layers": "Access in a city",
    "test_street_csv": "The streets of the City of Brussels",
    "test_neighbourhood_filters": "Filters of a neighbourhood",
    "test_brussels_traffic": "Brussels beside what was published of it",
}
"""The same of the page of traffic, access and people on foot."""

ENERGY_SECTIONS = {
    "test_bestest": "ASHRAE 140",
    "test_thermal": "Both demand engines",
    "test_thermal_layers": "Layers",
    "test_thermal_climate": "Their climate",
    "test_ground": "The ground below a floor",
    "test_glazing": "Glass",
    "test_tabula_belgium": "The example buildings of TABULA",
    "test_plane_of_array": "Light on planes",
    "test_horizons": "Horizons",
    "test_solar_patches": "Roofs and facades of the real city",
    "test_energy_faces": "Faces of buildings",
    "test_solar_year": "A year of sun",
    "test_photovoltaics": "Photovoltaics",
    "test_synthetic_year": "The synthetic year",
    "test_building_uses": "Uses of buildings",
    "test_draws": "Dwellings that do not peak at once",
    "test_heat_pumps": "Heat pumps",
    "test_heat_network": "Networks of heat, of any shape",
    "test_district_networks": "Networks of heat in a district",
    "test_boreholes": "Boreholes",
    "test_sewer_heat": "Heat of sewers",
    "test_district": "A district of buildings",
    "test_storage": "Stores by rule",
    "test_dispatch": "Schedules by linear programme",
    "test_balance": "Balance of a district",
    "test_degree_days": "Degree days",
    "test_signature": "Signatures of meters",
    "test_hourly": "Meters by the hour",
    "test_cusum": "Alarms",
    "test_water": "Leaks",
    "test_stock": "A stock over years",
    "test_building_stock": "An owner's buildings over years",
}
"""The same of the page of energy."""

ENERGY_PROPERTIES = (
    ("BESTEST, one parameter set for all cases", ("test_bestest_from_layers_with_one_parameter_set",), ()),
    (
        "Constant weather: U A dT",
        ("test_constant_cold_costs_u_a_dt_by_the_nodal_model", "test_constant_cold_costs_u_a_dt_by_five_resistances"),
        (),
    ),
    (
        "Step response: the exponential",
        (
            "test_a_room_cools_along_the_exponential_by_the_nodal_model",
            "test_a_room_cools_along_the_exponential_by_five_resistances",
        ),
        (),
    ),
    (
        "Books that close",
        (
            "test_the_books_of_every_zone_close", "test_books_close_at_every_network_and_hour",
            "test_heat_and_water_close_in_every_hour", "test_the_ledger_of_a_network_closes",
            "test_balances_of_rules_close",
        ),
        ("test_every_building_closes_over_the_year", "test_the_electric_node_closes_in_every_hour"),
    ),
    ("Few steps against the minute", ("test_a_year_in_few_steps_is_a_year_by_the_minute",), ()),
    (
        "Light and photovoltaics against pvlib",
        (
            "test_a_year_on_seven_planes_is_that_of_pvlib_hour_by_hour", "test_a_plant_gives_what_pvwatts_gives",
            "test_a_year_of_a_plant_is_that_of_pvlib",
        ),
        (),
    ),
    (
        "Horizons",
        (
            "test_a_box_before_a_wall_takes_as_much_sky_as_its_view_factor",
            "test_the_tree_finds_the_horizon_that_rays_through_all_triangles_find",
        ),
        (),
    ),
    (
        "Linear programmes against another solver",
        (
            "test_optimum_equals_that_of_another_formulation_and_method", "test_optimum_is_proved_by_its_own_prices",
            "test_no_hour_of_a_month_charges_and_discharges_and_every_balance_closes",
        ),
        (),
    ),
    (
        "Order and threads change no bit",
        (),
        (
            "test_order_and_threads_change_no_bit", "test_two_threads_and_one_give_the_same_bits",
            "test_any_number_of_threads_and_any_order_of_triangles_gives_the_same_bits",
        ),
    ),
    (
        "Belgian example buildings",
        (
            "test_houses_of_every_period_need_what_tabula_published",
            "test_flats_need_what_tabula_published_with_their_own_u_values",
        ),
        ("test_an_archetype_has_the_published_u_values_of_its_houses",),
    ),
    (
        "Timing of the sun in a file",
        ("test_in_uccle_the_morning_wall_gets_what_the_timing_of_the_file_gives_it",),
        ("test_the_offset_of_the_sun_is_found",),
    ),
    (
        "Leaks",
        (
            "test_ninety_five_of_a_hundred_leaks_of_fifty_litres_an_hour_or_more_are_found_in_three_nights",
            "test_a_meter_without_leak_cries_at_most_once_a_year",
        ),
        (),
    ),
    (
        "What is missing or wrong is handled, counted and told",
        (),
        (
            "test_what_is_no_zone_is_left_cold_and_counted", "test_a_negative_price_stops_what_is_sold",
            "test_a_short_gap_is_a_straight_line_and_is_counted", "test_a_long_gap_is_refused_and_its_hour_named",
            "test_unknown_years_are_spread_over_all_ages_and_counted",
        ),
    ),
)  # fmt: skip
"""What the specification asks of energy, in its order: in words, tests with figures, tests that hold without one."""

HEAD = """# The flood against closed forms and publications

Made by `make validation` from what the tests measured; edit the tests, not this page. Each figure is held to its bar by
a test named above its table, with how often it runs. A bar of *none* notes where a scheme is known to be weak, so that
nobody is surprised. `fv2` is the default scheme, `fv1` its first order for a quick look, `inertia` the screening scheme
of local inertia, which leaves out the convective acceleration. A volume's figure is what is missing over all the water
that came. What other programs reached is cited only where we have it from the publication.
"""

HEAT_HEAD = """# The heat against closed forms, standards and publications

Made by `make validation` from what the tests measured; edit the tests, not this page. Each figure is held to its bar by
a test named above its table, with how often it runs. A bar of *none* notes a figure that is shown and not judged. Where
another program is the source of the truth, it is one that shares no code with ours. What other models reached is cited
only where we have it from the publication.
"""

TRAFFIC_HEAD = """# Traffic, access and people on foot against closed forms, standards and publications

Made by `make validation` from what the tests measured; edit the tests, not this page. Each figure is held to its bar by
a test named above its table, with how often it runs. A bar of *none* notes a figure that is shown and not judged: so
are most of Brussels, where trips are synthetic and fitted to no count. A bar of zero there asks for the sign alone.
"""

ENERGY_HEAD = """# Energy against closed forms, standards, publications and other programs

Made by `make validation` from what the tests measured; edit the tests, not this page. Each figure is held to its bar by
a test named above its table, with how often it runs. A bar of *none* notes a figure that is shown and not judged: those
of ASHRAE 140 lie outside the range that the standard prints. A range has two ends; the bar shown is the upper one.
"""

PAGES = {
    "flood": (HEAD, SECTIONS),
    "heat": (HEAT_HEAD, HEAT_SECTIONS),
    "traffic": (TRAFFIC_HEAD, TRAFFIC_SECTIONS),
    "energy": (ENERGY_HEAD, ENERGY_SECTIONS),
}
"""Head and sections of each page."""


def number(value: float) -> str:
    """A figure with two digits that count, as the page prints it."""
    return "0" if value == 0 else f"{value:.2g}"


def bar_of(note: dict) -> str:
    """The bar of a note, as the page prints it."""
    if note["bar"] is None:
        return "none"
    return f"{'≥' if note['at_least'] else '≤'} {number(note['bar'])}"


def rows_of(notes: list[dict]) -> list[str]:
    """One table row a case; the last note of a case counts."""
    last = {note["case"]: note for note in notes}
    rows = ["| case | source of the truth | ours | bar | published |", "|---|---|---|---|---|"]
    for case, note in last.items():
        unit = f" {note['unit']}" if note["unit"] not in ("", "1") else ""
        cells = [case, note["source"], number(note["ours"]) + unit, bar_of(note) + (unit if note["bar"] else "")]
        rows.append("| " + " | ".join([*(cell.replace("|", "\\|") for cell in cells), note["published"]]) + " |")
    return rows


_SHOWN = 4
"""Figures without a bar that are all listed; of more only the largest is."""


def properties_of(notes: list[dict]) -> str:
    """What was asked, in order, with how many figures meet their bar, the nearest to it, and all that have none."""
    lines = ["## What was asked", ""]
    for place, (words, names, silent) in enumerate(ENERGY_PROPERTIES, 1):
        mine = {one["case"]: one for one in notes if one["test"].partition("::")[2].partition("[")[0] in names}
        barred = [one for one in mine.values() if one["bar"] is not None]
        parts = []
        if barred:
            nearest = max(barred, key=_use_of_bar)
            parts.append(f"{len(barred)} figures, all within their bar; nearest to it {_in_words(nearest)}")
        loose = sorted((one for one in mine.values() if one["bar"] is None), key=lambda one: -abs(one["ours"]))
        if loose:
            shown = loose if len(loose) <= _SHOWN else loose[:1]
            which = ": " if len(loose) <= _SHOWN else ", the largest "
            parts.append(f"{len(loose)} without a bar{which}{'; '.join(map(_in_words, shown))}")
        if silent:
            parts.append(f"Held without a figure by {', '.join(f'`{name}`' for name in silent)}")
        lines.append(f"{place}. **{words}.** {'. '.join(parts)}.")
    return "\n".join([*lines, ""])


def _use_of_bar(note: dict) -> float:
    """How much of its bar a figure uses up, 1 is all; of degrees below zero there is no such share."""
    if note["bar"] < 0 or note["ours"] < 0:
        return 0.0
    over, under = (note["bar"], note["ours"]) if note["at_least"] else (note["ours"], note["bar"])
    return over / under if under else 0.0


def _in_words(note: dict) -> str:
    unit = f" {note['unit']}" if note["unit"] not in ("", "1") else ""
    bar = f", bar {bar_of(note)}{unit}" if note["bar"] is not None else ""
    published = f"; {note['published']}" if note["published"] else ""
    return f"{note['case']}: {number(note['ours'])}{unit} ({(bar + published).lstrip(',; ') or 'told'})"


def page_of(notes: list[dict], kind: str = "flood") -> str:
    """The page of all notes, a section a test file."""
    head, sections = PAGES[kind]
    by_file: dict[str, list[dict]] = {}
    for note in notes:
        by_file.setdefault(note["test"].partition("::")[0], []).append(note)
    order = list(sections)
    files = sorted(by_file, key=lambda name: (order.index(stem) if (stem := Path(name).stem) in order else 99, name))
    parts = [head, properties_of(notes)] if kind == "energy" else [head]
    for name in files:
        runs = Counter(test.partition("::")[2].partition("[")[0] for test in {note["test"] for note in by_file[name]})
        tests = ", ".join(f"`{test}` × {count}" for test, count in sorted(runs.items()))
        title = sections.get(Path(name).stem, Path(name).stem)
        parts.append("\n".join([f"## {title}", "", f"`{name}`: {tests}.", "", *rows_of(by_file[name]), ""]))
    return "\n".join(parts)


def main() -> None:
    """Read JSON lines, write the page."""
    kind, *paths = sys.argv[1:]
    notes, page = map(Path, paths)
    read = [json.loads(line) for line in notes.read_text(encoding="utf-8").splitlines()]
    if not read:
        sys.exit(f"{notes} holds no note; did the tests run with --measured {notes}?")
    page.write_text(page_of(read, kind), encoding="utf-8")


if __name__ == "__main__":
    main()
