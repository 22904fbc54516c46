"""Who lives, works and visits where, which nodes they use, and where streets lead on beyond the area."""

import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from twin.city import CityError
from twin.imports import import_city
from twin.travel_tables import gate_volumes, rates
from twin.travel_zones import zones_of

sys.path.insert(0, str(Path(__file__).parents[1]))
from travel_toy import SOUTH, WEST, network_of, town


@pytest.fixture(scope="module")
def known():
    city = town()
    network = network_of(city)
    return city, network, zones_of(city, network)


def test_residents_are_those_of_the_sectors(known):
    _, _, zones = known
    assert zones.id[:2].tolist() == ["A", "B"]
    np.testing.assert_array_equal(zones.residents, [3000.0, 1000.0])


def test_jobs_follow_floors_by_use(known):
    """Expected: by hand from the table, per 1000 m²: office 37, dwellings 1.7; shops 40 on the ground floor alone."""
    _, _, zones = known
    west = 1.7 * (50 * 20 * 3 + 20 * 40 * 5) / 1000
    east = (37 * 40 * 50 * 10 + 40 * 20 * 50 * 1 + 1.7 * 20 * 20 * 3) / 1000
    np.testing.assert_allclose(zones.jobs, [west, east], rtol=1e-12)


def test_without_uses_there_are_as_many_jobs_for_each_resident_as_in_the_region():
    """Expected: 0.645 jobs a resident, from the census of 2021."""
    city = town(houses=False)
    zones = zones_of(city, network_of(city))
    assert zones.jobs.sum() == pytest.approx(rates()["jobs_per_resident"] * 4000.0)
    assert zones.told["assumed jobs, by residents as in the Region"] == pytest.approx(zones.jobs.sum())


def test_gates_are_where_the_edge_cuts_streets_with_what_their_class_lets_pass(known):
    """Expected: by hand; eight streets are cut, the main one has two lanes each way."""
    _, _, zones = known
    names = {one.removeprefix("gate:") for one in zones.id[2:].tolist()}
    assert names == {"N200-0", "N200-600", "N400-0", "N400-600", "N0-200", "N600-200", "N0-400", "N600-400"}
    main = np.array([one.startswith("gate:N200") for one in zones.id[2:]])
    wide, narrow = gate_volumes()["primary"], gate_volumes()["residential"]
    np.testing.assert_allclose(zones.gates.vehicles_in[main], 2 * wide.vehicles_per_lane)
    np.testing.assert_allclose(zones.gates.vehicles_out[~main], narrow.vehicles_per_lane)
    np.testing.assert_allclose(zones.gates.bicycles_in[~main], narrow.bicycles)


@pytest.mark.parametrize(("kind", "more"), [("residential", 0), ("tertiary", 1)])
def test_a_street_that_ends_in_nothing_inside_is_a_gate_only_if_it_is_a_main_one(kind, more):
    city = town(dead_end=kind)
    assert zones_of(city, network_of(city)).gates.node.size == 8 + more


def test_trips_begin_at_the_crossing_nearest_to_homes_by_their_floors_and_never_in_a_gate(known):
    """Expected: by hand; 3,000 m² of floors near (200, 200), 4,000 m² at (200, 400)."""
    _, network, zones = known
    names = network["node"].values
    places = zones.places["car"]
    own = slice(places.first[0], places.first[1])
    found = dict(zip(names[places.node[own]].tolist(), places.share[own].tolist(), strict=True))
    assert found == pytest.approx({"N200-200": 3 / 7, "N200-400": 4 / 7})
    inner = places.node[: places.first[2]]
    assert not np.isin(inner, zones.gates.node).any()


def test_a_sector_cut_by_the_edge_has_the_residents_of_its_part_inside():
    """Expected: two thirds of the sector lie in the area."""
    city = town()
    sectors = city.sectors.copy()
    sectors.loc["A", "geometry"] = shapely.box(WEST - 150.0, SOUTH, WEST + 300.0, SOUTH + 600.0)
    zones = zones_of(city.with_(sectors=sectors), network_of(city))
    assert zones.residents[0] == pytest.approx(2000.0)
    assert zones.told["sectors cut by the edge, residents by area"] == 1


def test_a_sector_without_streets_is_left_out_and_told():
    city = town()
    sectors = city.sectors.copy()
    sectors.loc["B", "geometry"] = shapely.box(WEST + 900.0, SOUTH, WEST + 1300.0, SOUTH + 600.0)
    zones = zones_of(city.with_(sectors=sectors), network_of(city))
    assert zones.id[: zones.sectors].tolist() == ["A"]
    assert zones.told["sectors without streets, left out"] == 1


def test_without_sectors_residents_follow_the_floors_of_dwellings():
    """Expected: 60 m² a resident over 8,200 m²."""
    city = town(sectors=False)
    zones = zones_of(city, network_of(city))
    assert zones.residents.sum() == pytest.approx((3000 + 4000 + 1200) / rates()["floor_per_resident"])
    assert zones.told["assumed zones, no sectors"] == 4


def test_without_sectors_and_houses_residents_are_as_dense_as_in_the_region():
    """Expected: 7,520 a square kilometre on 0.36 of them."""
    city = town(sectors=False, houses=False)
    zones = zones_of(city, network_of(city))
    assert zones.residents.sum() == pytest.approx(7520 * 0.36, rel=1e-6)
    assert (np.diff(zones.places["car"].first) > 0).all()


def test_an_area_in_which_no_car_goes_round_is_refused():
    city = town()
    network = network_of(city)
    network["allowed_modes"] = network["allowed_modes"] * 0
    with pytest.raises(CityError, match="no street lets cars go round"):
        zones_of(city, network)


@pytest.mark.data
def test_the_streets_of_the_city_of_brussels_hold_the_residents_of_its_sectors(reference_data, measured):
    """Expected: residents of the sectors of the municipality 21004 (Statbel, 2025).

    The network ends at the border of the municipality, but sectors come for the whole Region: only those along its
    streets count. The streets of the border touch sectors beyond it.
    """
    from_csv = import_city(
        (), streets=reference_data / "traffic" / "brussels_city_links.csv",
        sectors=reference_data / "city" / "statistical_sectors_brussels_pop2025.geojson.gz",
    )[0]  # fmt: skip
    zones = zones_of(from_csv, network_of(from_csv))
    own = from_csv.sectors.index.str.startswith("21004")
    true = float(from_csv.sectors.loc[own, "population"].sum())
    measured(case="Residents along the streets of the City of Brussels", source="Statbel 2025, municipality 21004",
             ours=abs(zones.residents.sum() / true - 1), bar=0.05, unit="1")  # fmt: skip
