"""Edits of energy: what they put into the situation, what they refuse, and that they leave no trace when undone."""

import itertools
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kernels.energy.carriers import EMITTERS, HEAT_SOURCES
from kernels.energy.photovoltaics import MODULES
from scenarios.canonical import digest_of
from scenarios.edits import (
    FOR_ENERGY,
    AddBuilding,
    Battery,
    BuildingFacts,
    ExemplaryBuilding,
    GeothermalField,
    GreenRoof,
    HeatNetwork,
    HeatStore,
    HeatSupply,
    LandCover,
    RemoveBattery,
    RemoveBuilding,
    RemoveBuildingFacts,
    RemoveGeothermalField,
    RemoveHeatNetwork,
    RemoveHeatStore,
    RemoveHeatSupply,
    RemoveRenovation,
    RemoveSetPoints,
    RemoveSewerHeat,
    RemoveSolarModules,
    RemoveVehicleShare,
    Renovate,
    Restore,
    SetPoints,
    SewerHeat,
    SolarModules,
    VehicleShare,
    apply_edits,
)
from scenarios.edits.energy_renovation import Standard
from scenarios.edits.energy_solar import Module
from scenarios.edits.energy_supply import Emitter, Source
from scenarios.problem import EditError
from scenarios.situation import Situation
from twin.energy_works import (
    Battery as Batteries,
)
from twin.energy_works import (
    Borefield,
    Facts,
    Modules,
    Network,
    Renovation,
    SewerSource,
    ThermalStore,
    Vehicles,
)
from twin.energy_works import (
    HeatSupply as Supply,
)
from twin.energy_works import (
    SetPoints as Points,
)
from twin.renovation_standards import QUANTITIES, renovation_standards

BOTH = {"buildings": ["house-a", "house-b"]}


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """Corners of a rectangle, in metres from the city's corner."""
    return [[149_000 + x, 172_000 + y] for x, y in ((west, south), (east, south), (east, north), (west, north))]


RENOVATE = Renovate(id="r", **BOTH, standard="deep")
EXEMPLARY = ExemplaryBuilding(id="new", polygon=box(5, 45, 15, 55), height_m=12)
ROOFS = SolarModules(id="s", **BOTH)
SUPPLY = HeatSupply(id="h", buildings=["house-b"], source="air_heat_pump", cover=0.7)
NETWORK = HeatNetwork(id="n", buildings=["house-a"], plant=[149_030, 172_030], source="ground")
WARM = HeatNetwork(id="w", buildings=["house-b"], plant=[149_032, 172_030], source="sewer")
BATTERY = Battery(id="b", **BOTH, kwh_per_building=5)
STORE = HeatStore(id="t", **BOTH, litres_per_m2=2)
VEHICLES = VehicleShare(id="v", **BOTH, share=0.5, flexible_hours=6)
POINTS = SetPoints(id="p", **BOTH, heating_k=-1)
FACTS = BuildingFacts(id="f", rows=[{"building": "house-b", "values": {"wall_u": 0.4, "year": 1932}}])
INDEPENDENT = (RENOVATE, EXEMPLARY, ROOFS, SUPPLY, NETWORK, WARM, BATTERY, STORE, VEHICLES, POINTS, FACTS)
FIELD = GeothermalField(id="g", network="n", polygon=box(35, 35, 56, 56))
SEWER = SewerHeat(id="q", network="w", sewer="Senne", point=[149_030, 172_004], flow_l_s=150)
FED = (FIELD, SEWER)
REMOVALS = {
    "renovations": RemoveRenovation,
    "buildings": RemoveBuilding,
    "solar_modules": RemoveSolarModules,
    "heat_supplies": RemoveHeatSupply,
    "heat_networks": RemoveHeatNetwork,
    "geothermal_fields": RemoveGeothermalField,
    "sewer_sources": RemoveSewerHeat,
    "batteries": RemoveBattery,
    "heat_stores": RemoveHeatStore,
    "electric_vehicles": RemoveVehicleShare,
    "set_points": RemoveSetPoints,
    "building_facts": RemoveBuildingFacts,
}


@pytest.fixture(scope="module")
def aged(city):
    """House a of 1930 owned by the City, house b of an unknown year and owner."""
    return city.with_(buildings=city.buildings.assign(year=[1930.0, np.nan], owner=["Ville de Bruxelles", ""]))


@pytest.fixture
def here(aged) -> Situation:
    return Situation(aged)


@pytest.mark.parametrize("edit", [*INDEPENDENT, *FED], ids=lambda one: one.edit)
def test_an_edit_and_its_inverse_give_the_original_digest(here, edit):
    before = apply_edits(here, [NETWORK, WARM]) if edit in FED else here
    after = edit.apply(before)
    back = edit.inverse(before)
    (part,) = {part for part, those in after.added if those != before.added_to(part)}
    assert isinstance(back, REMOVALS[part])
    assert after.digest != before.digest
    assert back.apply(after).digest == before.digest
    assert back.inverse(after).apply(before).digest == after.digest


def test_every_kind_of_edit_of_energy_is_undone_in_a_test():
    removals = set(REMOVALS.values()) - {RemoveBuilding}
    assert {type(one) for one in (*INDEPENDENT, *FED)} | removals == set(FOR_ENERGY)


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(INDEPENDENT), undone=st.integers(0, len(INDEPENDENT) + 2))
def test_independent_edits_commute_and_undo_from_any_depth(aged, order, undone):
    here = Situation(aged)
    whole = [*order, *FED]
    steps = [here]
    for edit in whole:
        steps.append(edit.apply(steps[-1]))
    assert steps[-1].digest == apply_edits(here, [*INDEPENDENT, *FED[::-1]]).digest
    back = steps[-1]
    for edit, before in list(zip(whole, steps[:-1], strict=True))[::-1][:undone]:
        back = edit.inverse(before).apply(back)
    assert back.digest == steps[len(whole) - undone].digest


def test_what_edits_do_is_told_in_si(here):
    # by hand: 650 kWh = 2.34e9 J, 5 kWh = 1.8e7 J, 1 kWh/kWp = 3600 J/W, 2 l of 4186 J/K by 30 K = 251 160 J, 65 °C
    found = apply_edits(here, [*INDEPENDENT, *FED]).energy_works
    both = ("house-a", "house-b")
    assert found.modules[1] == Modules("s", both, "roofs", 0.6, 2.34e9, "premium", pytest.approx(190.0))
    assert found.supplies[1] == Supply("h", ("house-b",), "air_heat_pump", None, 0.7, None)
    assert found.networks == (
        Network("n", ("house-a",), (149_030, 172_030), "ground", 0.6, 338.15, 313.15, 0.0),
        Network("w", ("house-b",), (149_032, 172_030), "sewer", 0.6, 338.15, 313.15, 0.0),
    )
    # 21 m by 21 m hold 9 boreholes 7 m apart
    assert found.borefields == (Borefield("g", "n", (149_045.5, 172_045.5), 9, 150.0, 7.0),)
    assert found.sewers == (SewerSource("q", "w", "Senne", (149_030, 172_004), pytest.approx(0.15)),)
    assert found.batteries == (Batteries("b", both, 1.8e7, 3600.0, 2.0),)
    assert found.stores == (ThermalStore("t", both, pytest.approx(251_160.0)),)
    assert found.vehicles == (Vehicles("v", both, 0.5, 21_600.0),)
    assert found.set_points == (Points("p", both, -1.0, 0.0),)
    assert found.facts == (Facts("f", "house-b", (("wall_u", 0.4), ("year", 1932.0))),)
    kwh = HeatStore(id="t", buildings=["house-a"], kwh_per_m2=0.01).apply(here).energy_works.stores
    assert kwh[0].per_area == pytest.approx(36_000.0)


def test_a_standard_sets_what_it_says_and_values_come_before_it(here):
    light = Renovate(id="r", buildings=["house-a"], standard="light").apply(here).energy_works.renovations[0]
    assert (light.roof_u, light.window_u) == (0.24, 1.5)  # what the Region asks for
    assert light.wall_u is light.floor_u is light.heat_recovery is None
    own = Renovate(id="r", buildings=["house-a"], standard="passive", window_u=0.7, heat_recovery=0.9)
    passive = own.apply(here).energy_works.renovations[0]
    assert (passive.roof_u, passive.wall_u, passive.floor_u) == (0.15, 0.15, 0.15)  # Passive House Institute
    assert (passive.window_u, passive.heat_recovery) == (0.7, 0.9)
    only = Renovate(id="r", buildings=["house-a"], infiltration=0.1).apply(here).energy_works.renovations
    assert only == (Renovation("r", ("house-a",), infiltration=0.1),)


def test_each_standard_is_better_than_the_one_before_and_every_value_has_its_source():
    table = renovation_standards()
    assert set(table) == set(get_args(Standard))
    for name, one in table.items():
        assert set(one.values) <= set(QUANTITIES)
        assert all(one.sources[each] for each in one.values), name
        Renovate(id="r", buildings=["x"], **one.values)  # within the limits of the edit
    for less, more in itertools.pairwise(table.values()):
        for name in less.values:
            better = more.values[name] >= less.values[name] if name == "heat_recovery" else (
                more.values[name] <= less.values[name]
            )  # fmt: skip
            assert better, (less.name, more.name, name)


def test_the_words_of_edits_are_those_of_the_kernels():
    assert set(get_args(Source)) == set(HEAT_SOURCES) - {"network"}
    assert get_args(Emitter) == EMITTERS
    assert set(get_args(Module)) == set(MODULES)


def test_what_is_done_later_to_the_same_building_holds_whatever_the_ids(here):
    wide = HeatSupply(id="z", **BOTH, source="gas_boiler")
    own = HeatSupply(id="a", buildings=["house-a"], source="wood_boiler")
    other = HeatSupply(id="m", buildings=["house-b"], emitter="floor")
    after = apply_edits(here, [wide, own, other])
    assert [one.id for one in after.energy_works.supplies] == ["z", "a", "m"]
    assert after.digest == apply_edits(here, [wide, other, own]).digest
    assert after.digest != apply_edits(here, [own, other, wide]).digest


def test_modules_on_roofs_and_on_facades_and_facts_of_other_things_do_not_touch(here):
    walls = SolarModules(id="a", **BOTH, on="facades")
    assert apply_edits(here, [ROOFS, walls]).digest == apply_edits(here, [walls, ROOFS]).digest
    more = BuildingFacts(id="a", rows=[{"building": "house-b", "values": {"roof_u": 0.3}}])
    again = BuildingFacts(id="a", rows=[{"building": "house-b", "values": {"year": 1950}}])
    assert apply_edits(here, [FACTS, more]).digest == apply_edits(here, [more, FACTS]).digest
    assert apply_edits(here, [FACTS, again]).digest != apply_edits(here, [again, FACTS]).digest


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, ["house-a", "house-b"]),
        ({"year_to": 1945}, ["house-a"]),
        ({"year_from": 1930, "year_to": 1930}, ["house-a"]),
        ({"year_from": 1931, "unknown_years": True}, ["house-b"]),
        ({"year_to": 1945, "unknown_years": True}, ["house-a", "house-b"]),
        ({"owners": ["VILLE de Bruxelles"]}, ["house-a"]),
        ({"sectors": ["sector"]}, ["house-a", "house-b"]),
        ({"uses": ["residential"], "smallest_roof_m2": 100}, ["house-a", "house-b"]),
        ({"sectors": ["sector"], "uses": ["office"]}, None),
        ({"smallest_roof_m2": 101}, None),
    ],
)
def test_buildings_are_chosen_by_what_they_are(here, where, found):
    edit = Renovate(id="r", where=where, standard="light")
    if found is None:
        with pytest.raises(EditError, match="widen it"):
            edit.apply(here)
    else:
        assert list(edit.apply(here).energy_works.renovations[0].buildings) == found


def test_a_sloping_roof_is_no_reason_to_leave_a_building_out(aged):
    steep = Situation(aged.with_(buildings=aged.buildings.assign(ridge_height=[9.0, 6.0])))
    edit = Renovate(id="r", where={}, standard="light")
    assert edit.apply(steep).energy_works.renovations[0].buildings == ("house-a", "house-b")
    green = GreenRoof(id="g", where={"year_to": 1945})
    with pytest.raises(EditError, match="widen it"):
        green.apply(steep)
    assert GreenRoof(id="g", where={"flat_only": False, "year_to": 1945}).apply(steep).works.green_roofs


def test_what_an_edit_says_of_a_building_counts_when_one_after_it_chooses(here):
    old = Renovate(id="r", where={"year_from": 1931, "year_to": 1940}, standard="light")
    with pytest.raises(EditError, match="widen it"):
        old.apply(here)
    after = apply_edits(here, [FACTS, old])
    assert after.energy_works.renovations[0].buildings == ("house-b",)


def test_a_city_of_an_older_folder_knows_no_year_and_no_owner(city):
    bare = city.with_(buildings=city.buildings.drop(columns=["year", "owner"]))
    edit = Renovate(id="r", where={"year_to": 1945, "unknown_years": True}, standard="light")
    assert len(edit.apply(Situation(bare)).energy_works.renovations[0].buildings) == 2
    with pytest.raises(EditError, match="widen it"):
        Renovate(id="r", where={"owners": ["x"]}, standard="light").apply(Situation(bare))


def test_works_of_a_building_that_is_gone_drop_out_and_come_back_with_it(here):
    whole = apply_edits(here, [*INDEPENDENT, *FED])
    less = RemoveBuilding(id="house-a").apply(whole)
    assert less.energy_works.renovations[1].buildings == ("house-b",)
    assert [one.id for one in less.energy_works.networks] == ["w"]
    assert less.energy_works.borefields == ()  # their network heats nobody
    assert less.energy_works.sewers != ()
    assert Restore(part="buildings", id="house-a").apply(less).digest == whole.digest
    none = apply_edits(here, [FACTS, RemoveBuilding(id="house-b")])
    assert not none.energy_works


def test_an_exemplary_building_is_one_edit_and_later_ones_hold_over_it(here):
    after = EXEMPLARY.apply(here)
    assert after.city.buildings.loc["new", "year"] == 2030
    assert after.city.buildings.loc["new", "use"] == "residential"
    works = after.energy_works
    assert works.renovations[0].wall_u == 0.15
    assert (works.supplies[0].source, works.supplies[0].emitter) == ("ground_heat_pump", "floor")
    assert (works.modules[0].share, works.modules[0].power_per_area) == (0.6, pytest.approx(190.0))
    later = HeatSupply(id="a", buildings=["new"], source="air_heat_pump").apply(after)
    assert [one.source for one in later.energy_works.supplies] == ["ground_heat_pump", "air_heat_pump"]
    without = ExemplaryBuilding(id="new", polygon=box(5, 45, 15, 55), height_m=12, modules_share=0).apply(here)
    assert without.energy_works.modules == ()
    plain = AddBuilding(id="new", polygon=box(5, 45, 15, 55), height_m=12, year=1999).apply(here)
    assert plain.city.buildings.loc["new", "year"] == 1999
    assert not plain.energy_works


def test_where_takes_no_building_into_a_second_network(here):
    rest = HeatNetwork(id="all", where={}, plant=[149_030, 172_030])
    assert apply_edits(here, [NETWORK, rest]).energy_works.networks[0].buildings == ("house-b",)
    with pytest.raises(EditError, match="in a heat network already"):
        apply_edits(here, [NETWORK, WARM, rest])


def test_a_building_and_boreholes_refuse_each_other_in_any_order(here):
    house = ExemplaryBuilding(id="e", polygon=box(40, 40, 50, 50), height_m=9)
    for order in itertools.permutations([FIELD, house]):
        with pytest.raises(EditError, match=r"covers 100\.0 m²"):
            apply_edits(here, [NETWORK, *order])


def test_boreholes_keep_off_water_unless_ground_lies_on_it(here):
    pond = LandCover(id="pond", polygon=box(40, 40, 50, 50), cover="water")
    with pytest.raises(EditError, match=r"100\.0 m² of water") as caught:
        apply_edits(here, [NETWORK, pond, FIELD])
    assert caught.value.place == "edits[2].polygon"
    filled = LandCover(id="lawn", polygon=box(40, 40, 50, 50), cover="lawn")
    assert apply_edits(here, [NETWORK, pond, filled, FIELD]).energy_works.borefields


def test_boreholes_round_a_point_take_a_square(here):
    # 10 boreholes make 4 rows of 4 places, 7 m apart
    edit = GeothermalField(id="g", network="n", point=[149_040, 172_042], boreholes=10)
    after = apply_edits(here, [NETWORK, edit])
    assert after.added_to("geothermal_fields")[0].geometry.area == pytest.approx(28.0**2)
    assert after.energy_works.borefields[0].boreholes == 10


@pytest.mark.parametrize(
    ("edits", "place", "words"),
    [
        ([Renovate(id="r", buildings=["none"], standard="deep")], "buildings[0]", "none of the city's buildings"),
        ([Renovate(id="r", buildings=["house-a"] * 2, standard="deep")], "buildings[1]", "named twice"),
        ([RENOVATE, RENOVATE], "id", "already the id of one of the renovations"),
        ([Renovate(id="r", where={"sectors": ["none"]}, standard="deep")], "where.sectors[0]", "city's sectors"),
        ([NETWORK, HeatNetwork(id="m", **BOTH, plant=[149_030, 172_030])], "buildings[0]", "'house-a' is already"),
        ([HeatNetwork(id="m", **BOTH, plant=[0, 0])], "plant", "outside the city"),
        ([FIELD], "network", "none of the heat networks"),
        ([WARM, GeothermalField(id="g", network="w", point=[149_040, 172_042], boreholes=4)], "network", "'sewer'"),
        ([NETWORK, SewerHeat(id="q", network="n", sewer="Senne", point=[149_030, 172_004])], "network", "'ground'"),
        ([NETWORK, FIELD, RemoveHeatNetwork(id="n")], "id", "remove_geothermal_field"),
        ([WARM, SEWER, RemoveHeatNetwork(id="w")], "id", "remove_sewer_heat"),
        ([NETWORK, GeothermalField(id="g", network="n", polygon=box(35, 35, 56, 56), boreholes=10)], "polygon",
         "holds 9 boreholes"),
        ([NETWORK, GeothermalField(id="g", network="n", polygon=box(5, 5, 25, 25))], "polygon", "'house-a'"),
        ([NETWORK, FIELD, GeothermalField(id="h", network="n", polygon=box(50, 50, 59, 59))], "polygon", "field 'g'"),
        ([NETWORK, GeothermalField(id="g", network="n", point=[149_005, 172_042], boreholes=4)], "point", "outside"),
        ([WARM, SewerHeat(id="q", network="w", sewer="Senne", point=[0, 0])], "point", "outside the city"),
        ([BuildingFacts(id="f", rows=[{"building": "none", "values": {"year": 1900}}])], "rows[0].building", "none of"),
        ([BuildingFacts(id="f", rows=[{"building": "house-a", "values": {"year": 1900}}] * 2)], "rows[1].building",
         "twice"),
        ([BuildingFacts(id="f", rows=[{"building": "house-a", "values": {"colour": "red"}}])], "rows[0].values.colour",
         "no fact of a building"),
        ([BuildingFacts(id="f", rows=[{"building": "house-a", "values": {"wall_u": 60}}])], "rows[0].values.wall_u",
         "expected a number from"),
        ([BuildingFacts(id="f", rows=[{"building": "house-a", "values": {"heat_source": "sun"}}])],
         "rows[0].values.heat_source", "gas_boiler"),
        ([RemoveBattery(id="b")], "id", "none of the city's batteries"),
    ],
)  # fmt: skip
def test_an_edit_outside_its_limits_is_refused_with_place_and_reason(here, edits, place, words):
    with pytest.raises(EditError) as caught:
        apply_edits(here, edits)
    assert caught.value.place == f"edits[{len(edits) - 1}].{place}"
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        (Renovate, {}, "either buildings or where"),
        (Renovate, {**BOTH, "where": {}}, "either buildings or where"),
        (Renovate, BOTH, "changes nothing"),
        (Renovate, {**BOTH, "wall_u": 0.01}, "0.05"),
        (Renovate, {**BOTH, "standard": "gold"}, "light"),
        (Renovate, {"where": {"year_from": 1950, "year_to": 1940}, "standard": "light"}, "no year is from 1950"),
        (SolarModules, {**BOTH, "share": 0}, "0.01"),
        (HeatSupply, BOTH, "changes nothing"),
        (HeatSupply, {**BOTH, "source": "network"}, "gas_boiler"),
        (HeatSupply, {**BOTH, "source": "gas_boiler", "cover": 0.5}, "a heat pump gives"),
        (HeatNetwork, {**BOTH, "plant": [0, 0], "supply_c": 40, "back_c": 38}, "at most 35"),
        (HeatNetwork, {**BOTH, "plant": [0, 0], "source": "waste"}, "waste_heat_kw"),
        (HeatNetwork, {**BOTH, "plant": [0, 0], "waste_heat_kw": 10}, "waste_heat_kw"),
        (GeothermalField, {"network": "n"}, "a polygon or a point"),
        (GeothermalField, {"network": "n", "point": [0, 0]}, "give boreholes"),
        (GeothermalField, {"network": "n", "point": [0, 0], "boreholes": 4, "depth_m": 2000}, "400"),
        (SewerHeat, {"network": "n", "sewer": "s", "point": [0, 0], "flow_l_s": 0}, "1"),
        (Battery, {**BOTH, "kwh_per_kwp": 0}, "holds nothing"),
        (HeatStore, BOTH, "one of the two"),
        (HeatStore, {**BOTH, "kwh_per_m2": 1, "litres_per_m2": 1}, "one of the two"),
        (VehicleShare, {**BOTH, "share": 1.5}, "1"),
        (SetPoints, BOTH, "changes nothing"),
        (SetPoints, {**BOTH, "heating_k": 9}, "5"),
        (BuildingFacts, {"rows": []}, "at least 1"),
        (BuildingFacts, {"rows": [{"building": "a", "values": {}}]}, "at least 1"),
        (BuildingFacts, {"rows": [{"building": "a", "values": {"year": float("inf")}}]}, "finite number"),
        (BuildingFacts, {"rows": [{"building": "a", "values": {"year": [1932]}}]}, "finite number"),
        (BuildingFacts, {"rows": [{"building": "a", "values": {"owner": "x" * 201}}]}, "200 characters"),
    ],
)  # fmt: skip
def test_values_outside_their_limits_are_refused(kind, fields, words):
    with pytest.raises(ValidationError, match=words):
        kind(id="x", **fields)


def test_a_situation_without_works_of_energy_keeps_its_digest(here):
    assert not here.energy_works
    whole = {"base": here.base.digest, "city": here.city.digest, "rain": here.rain}
    assert here.digest == digest_of(whole)
    assert RENOVATE.apply(here).city is here.city


def test_a_network_holds_over_a_supply_without_refusing_it(here):
    heated = HeatSupply(id="h", buildings=["house-a"], source="air_heat_pump")
    one, other = (apply_edits(here, order) for order in ([NETWORK, heated], [heated, NETWORK]))
    assert one.digest == other.digest
    back = apply_edits(one, [RemoveHeatSupply(id="h"), heated])
    assert back.digest == one.digest
