"""Meters on buildings: by which words they are found, what a lasting fault is worth in a year, and what is refused."""

import numpy as np
import pytest

from kernels.energy.water import LITRE_PER_HOUR
from twin.city import CityError
from twin.demo import demo_city
from twin.formats.meters_csv import Meter
from twin.monitoring import watch_energy, watch_water
from twin.monitoring_sites import (
    YEAR,
    Place,
    places_of,
    read_sites,
    reference_end,
    saving_of,
    sites_of,
    table_of,
)

DAYS = 440
START = np.datetime64("2023-01-01", "s").astype(float)
UTC = START + 86400.0 * np.arange(DAYS)
AIR = 283.15 - 8.0 * np.cos(2 * np.pi * (np.arange(DAYS) - 20) / 365.25)
FAULT = 395


@pytest.fixture(scope="module")
def city():
    return demo_city(size=200.0)


def gas(name, *, factor=1.0, more=0.0):
    """Daily use: 1000 W and 300 W/K below 15 °C; from the day of the fault on by a factor and so many watts more."""
    noise = np.random.default_rng(sum(map(ord, name))).normal(0, 120, DAYS)
    power = 1000.0 + 300.0 * np.maximum(288.15 - AIR, 0.0) + noise
    power = np.where(np.arange(DAYS) >= FAULT, factor * power + more, power)
    return Meter(name, "gas", "use", UTC, power * 86400.0)


def water(name, leak=0.0):
    hour = np.arange(40 * 24)
    litres = np.where((hour % 24 > 7) & (hour % 24 < 19), 60.0, 0.0) + leak * (hour >= 30 * 24)
    return Meter(name, "water", "use", START + 3600.0 * hour, litres * 1e-3)


def watched(*meters):
    return watch_energy(meters, (UTC, AIR), since=reference_end(meters), zone="UTC")[0]


def test_a_fault_that_lasts_is_worth_what_was_put_in():
    """By hand: 40 % more of a use whose yearly mean is that of the signature; 700 W more all day is 700 W a year."""
    calm, hot, more = watched(gas("quiet"), gas("hot", factor=1.4), gas("more", more=700.0))
    usual = 1000.0 + 300.0 * np.maximum(288.15 - AIR, 0.0).mean()
    assert saving_of(hot) == pytest.approx(0.4 * usual * YEAR, rel=0.05)
    assert (
        0.4 * 700.0 * YEAR < saving_of(more) <= 700.0 * YEAR * 1.05
    )  # share of the year: less than the winter's watts
    assert saving_of(calm) == 0.0
    sites = sites_of([calm, hot, more], [], {name: Place("") for name in ("quiet", "hot", "more")})
    assert [one.name for one in sites] == ["hot", "more", "quiet"]
    assert [one.rank for one in sites] == [1, 2, 3]
    assert sites[0].state == "alarm"
    begin = np.datetime64("2023-01-01") + FAULT
    assert abs(np.datetime64(sites[0].since) - begin) <= np.timedelta64(3, "D")
    assert sites[2].words["fr"] == "Rien d'anormal."


def test_the_signature_rests_on_the_first_year_where_there_is_more():
    assert reference_end([gas("a")]) == "2024-01-01"
    short = Meter("b", "gas", "use", UTC[:300], np.ones(300))
    assert reference_end([gas("a"), short]) is None
    assert reference_end([]) is None


def test_a_leak_is_told_with_its_day_and_what_a_year_of_it_is():
    tight, wet = watch_water([water("tight"), water("wet", 100.0)], zone="UTC")
    first, last = sites_of([], [tight, wet], {"tight": Place("", "École"), "wet": Place("")})
    assert (first.name, first.state, last.name, last.state) == ("wet", "alarm", "École", "calm")
    assert first.water_lost == pytest.approx(100.0 * LITRE_PER_HOUR * YEAR)  # by hand 876.6 m³
    assert first.since == "2023-02-02"  # three nights at the earliest, and that of 31 January is the first
    assert first.words["nl"] == "Water: lek van 100 l/u, gemeld op 02/02/2023."


def test_a_last_night_without_readings_does_not_hide_the_leak():
    meter = water("wet", 100.0)
    cut = Meter("wet", "water", "use", np.append(meter.utc, meter.utc[-1] + 3600.0), np.append(meter.value, 0.0))
    (found,) = watch_water([cut], zone="UTC")
    assert found.leaking
    assert found.leak_flow == pytest.approx(100.0 * LITRE_PER_HOUR)


def test_meters_are_found_by_id_by_origin_and_by_a_file_of_sites(city, tmp_path):
    table = city.buildings.copy()
    table["origin"] = [f"src-{number}" for number in range(len(table))]
    named = city.with_(buildings=table)
    sites = tmp_path / "sites.csv"
    sites.write_text("meter,building,name,area_m2\nm1,src-2,École 2,450\nm2,nowhere,,\n", encoding="utf-8")
    found = places_of(["m1", "m2", table.index[0], "src-1"], named, read_sites(sites))
    assert found["m1"] == Place(table.index[2], "École 2", 450.0)
    assert found["m2"].building == ""
    assert found[table.index[0]].building == table.index[0]
    assert found["src-1"].building == table.index[1]
    # floor area where nobody gave one: the footprint by the storeys
    row = table.iloc[1]
    assert found["src-1"].area == pytest.approx(row.geometry.area * row["storeys"])


def test_the_table_has_an_outline_where_there_is_a_building(city):
    calm, hot = watched(gas("quiet"), gas("hot", factor=1.4))
    building = city.buildings.index[0]
    table = table_of(sites_of([calm, hot], [], {"quiet": Place(""), "hot": Place(building, "Mairie")}), city)
    assert list(table["name"]) == ["Mairie", "quiet"]
    assert table.geometry.iloc[0].equals(city.buildings.geometry[building])
    assert table.geometry.iloc[1] is None
    assert table["demo"].all() == city.demo


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("meter,name\nm,a\n", "lacks the column 'building'"),
        ("meter,building\nm,\n", "row 1 names no building"),
        ("meter,building\nm,a\nm,b\n", "stands there twice"),
        ("meter,building,area_m2\nm,a,-4\n", "area_m2 in row 1 is '-4'"),
        ("meter,building,area_m2\nm,a,big\n", "area_m2 in row 1 is 'big'"),
    ],
)
def test_a_file_of_sites_that_cannot_be_read_is_refused(tmp_path, text, said):
    path = tmp_path / "sites.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CityError, match=said):
        read_sites(path)


def test_an_origin_that_several_buildings_share_is_no_address(city):
    shared = city.with_(buildings=city.buildings.assign(origin="block"))
    with pytest.raises(CityError, match="buildings come from 'block'; give the id"):
        places_of(["block"], shared)
