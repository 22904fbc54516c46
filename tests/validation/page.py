"""Makes a page of validation of what tests measured: python tests/validation/page.py flood|heat|traffic NOTES PAGE."""

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

PAGES = {
    "flood": (HEAD, SECTIONS),
    "heat": (HEAT_HEAD, HEAT_SECTIONS),
    "traffic": (TRAFFIC_HEAD, TRAFFIC_SECTIONS),
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


def page_of(notes: list[dict], kind: str = "flood") -> str:
    """The page of all notes, a section a test file."""
    head, sections = PAGES[kind]
    by_file: dict[str, list[dict]] = {}
    for note in notes:
        by_file.setdefault(note["test"].partition("::")[0], []).append(note)
    order = list(sections)
    files = sorted(by_file, key=lambda name: (order.index(stem) if (stem := Path(name).stem) in order else 99, name))
    parts = [head]
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
