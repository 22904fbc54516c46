"""The odd one out among devices, and thermometers in the sun."""

import csv
import gzip
from datetime import UTC, datetime

import numpy as np

from twin.sensors.feeds.payloads import WallClock
from twin.sensors.model import SECOND, Datastream, Readings, Thing
from twin.sensors.neighbours import compared
from twin.sensors.quality import Flag, checked, usable

NOON = int(datetime(2026, 7, 1, 11, 40, tzinfo=UTC).timestamp()) * SECOND
MIDNIGHT = NOON + 12 * 3600 * SECOND


def around(values, at=NOON, quantity="air_temperature", apart=0.005, flags=None):
    """Devices on a line, 350 m from each other at 50.84 north."""
    things = {f"t:{k}": Thing(f"t:{k}", "", 4.35 + apart * k, 50.84) for k in range(len(values))}
    streams = {f"{one}/{quantity}": Datastream(f"{one}/{quantity}", one, quantity) for one in things}
    readings = Readings.of(list(streams), [at + k * SECOND for k in range(len(values))], values, flags)
    found = compared(readings, streams, things)
    np.testing.assert_array_equal(found.value, readings.value)
    return [Flag(int(one)) for one in found.flag]


def test_those_that_agree_have_no_flag():
    assert not any(around([295.0, 296.0, 294.0, 297.0]))


def test_air_hotter_than_around_by_day_is_heated_by_the_sun():
    assert around([295.0, 296.0, 294.0, 303.0]) == [0, 0, 0, Flag.SUN_HEATED]


def test_air_hotter_by_night_or_colder_by_day_is_odd():
    assert around([285.0, 286.0, 284.0, 293.0], at=MIDNIGHT) == [0, 0, 0, Flag.NEIGHBOUR]
    assert around([295.0, 296.0, 294.0, 285.0]) == [0, 0, 0, Flag.NEIGHBOUR]


def test_one_bad_neighbour_accuses_nobody():
    assert around([295.0, 296.0, 330.0, 294.0, 295.5])[0] == 0


def test_a_faulty_neighbour_is_not_heard():
    # two of three others are out of range: one alone tells nothing
    faulty = [0, Flag.OUT_OF_RANGE, Flag.OUT_OF_RANGE, 0]
    assert around([295.0, 330.0, 330.0, 285.0], flags=faulty)[3] == 0


def test_fewer_than_three_or_too_far_tell_nothing():
    assert not any(around([295.0, 296.0, 310.0]))
    assert not any(around([295.0, 296.0, 294.0, 310.0], apart=0.5))


def test_where_all_differ_much_one_that_differs_is_not_odd():
    # five others from 1 to 81 µg/m³: the median deviation from 41 is 20, 3.5 x 1.4826 x 20 = 104 > 60
    values = np.array([1.0, 21.0, 41.0, 61.0, 81.0, 101.0]) * 1e-9
    assert not any(around(values, quantity="particles_2_5"))
    values = np.array([39.0, 40.0, 41.0, 42.0, 43.0, 101.0]) * 1e-9
    assert around(values, quantity="particles_2_5") == [0, 0, 0, 0, 0, Flag.NEIGHBOUR]


def test_a_device_without_a_place_or_a_value_is_not_judged():
    things = {"t:0": Thing("t:0", "")}
    streams = {"s": Datastream("s", "t:0", "air_temperature")}
    assert compared(Readings.of(["s"], [NOON], [400.0]), streams, things).flag.tolist() == [0]
    assert around([295.0, 296.0, 294.0, np.nan]) == [0, 0, 0, 0]
    assert len(compared(Readings.none(), {}, {})) == 0


def test_the_station_of_ixelles_that_stands_in_the_sun(reference_data):
    # SOURCES.md: S6 reaches 53.2 °C and O3 > 200 (sun-heated); its places there, to some 100 m by the map
    places = {"S3": (4.385, 50.825), "S5": (4.400, 50.817), "S6": (4.381, 50.813), "S8": (4.383, 50.812)}
    things = {name: Thing(name, name, *place) for name, place in places.items()}
    streams, parts = {}, []
    for name in places:
        path = reference_data / "sensors" / f"ixelles_spiceco_{name}_2023-08.csv.gz"
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        clock = WallClock()
        when = [clock.read(row["timestamp"]) for row in rows]
        for quantity, values in (
            ("air_temperature", [float(row["temperature"]) + 273.15 for row in rows]),
            ("ozone", [float(row["o3"]) * 1e-9 for row in rows]),
        ):
            one = Datastream(f"{name}/{quantity}", name, quantity)
            streams[one.id] = one
            parts.append(Readings.of([one.id] * len(rows), when, values))
    found = compared(checked(Readings.joined(parts), streams), streams, things)
    heated = (found.flag & Flag.SUN_HEATED) != 0
    of_s6 = found.datastream == "S6/air_temperature"
    assert heated[of_s6].mean() > 3 * heated[found.datastream == "S5/air_temperature"].mean()
    assert not usable(found.flag[of_s6 & (found.value >= 53.0 + 273.15)]).any()
    high = (found.datastream == "S6/ozone") & (found.value > 2e-7)
    assert high.any()
    # three others judge it; where one of them is silent nobody can
    slot = found.time // (1800 * SECOND)
    others = [np.isin(slot, slot[found.datastream == f"{name}/ozone"]) for name in ("S3", "S5", "S8")]
    judged = high & np.logical_and.reduce(others)
    assert judged.sum() > 0.9 * high.sum()
    assert not usable(found.flag[judged]).any()
