"""Counts from a table are put on links; and real counters of bicycles stand beside the synthetic demand."""

import gzip
import json
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely

from kernels.traffic.counted import fit_to_counters
from kernels.traffic.queues_inputs import mode_bits
from twin.city import CityError
from twin.formats.features import to_lambert
from twin.imports import import_city
from twin.traffic_layers import traffic_layers
from twin.travel_counts import NEAR, CountRow, counters_of, read_counts
from twin.travel_day import DemandModel
from twin.travel_demand import travel_demand

sys.path.insert(0, str(Path(__file__).parents[1]))
from travel_toy import SOUTH, TUESDAY_8, WEST, network_of, town

HOUR = 3600.0


def table(tmp_path, *rows, head="counter,x,y,begin,until,count,modes,bearing,held"):
    file = tmp_path / "counts.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


def test_a_counter_counts_both_directions_or_that_of_its_bearing(tmp_path):
    """Expected: by hand; 10 m beside the main street, between (200, 200) and (200, 400)."""
    city = town()
    network = network_of(city)
    place = f"{WEST + 210},{SOUTH + 300}"
    file = table(tmp_path, f"both,{place},08:00,09:00,500,,,", f"north,{place},08:00,08:30,90,bike,10,1")
    counters, told = counters_of(read_counts(file, TUESDAY_8), city, network, TUESDAY_8, HOUR)
    names = network["link"].values
    assert {str(names[link]) for link in counters[0].links} == {"v2-1>", "v2-1<"}
    assert [str(names[link]) for link in counters[1].links] == ["v2-1>"]
    assert (counters[0].begin, counters[0].until, counters[0].count, counters[0].held) == (0.0, HOUR, 500.0, False)
    assert (counters[1].until, counters[1].modes, counters[1].held) == (1800.0, mode_bits("bike"), True)
    assert counters[0].modes == mode_bits("car+van+truck")
    assert told == {"counts read": 2.0}


def test_degrees_and_whole_times_are_read_too(tmp_path):
    """Expected: the corner of UrbIS zone 148170, given in both (SOURCES.md), to 1e-4 degrees; 08:00 is 07:00 UTC."""
    file = table(tmp_path, "x,4.3399,50.8401,2026-03-10T08:00,2026-03-10T09:00+01:00,5,,,")
    (row,) = read_counts(file, TUESDAY_8)
    assert (row.x, row.y) == pytest.approx((147_967.665, 169_964.485), abs=15.0)
    assert (row.begin, row.until) == (TUESDAY_8, TUESDAY_8 + timedelta(hours=1))


def test_counts_outside_the_run_are_left_out_and_told(tmp_path):
    city = town()
    file = table(tmp_path, f"x,{WEST + 210},{SOUTH + 300},17:00,18:00,500,,,")
    counters, told = counters_of(read_counts(file, TUESDAY_8), city, network_of(city), TUESDAY_8, HOUR)
    assert counters == []
    assert told["counts outside the run"] == 1.0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("x,148210,170300,08:00,09:00,many,,,", "line 2: count is 'many'"),
        ("x,148210,170300,08:00,09:00,-5,,,", "leave out what failed"),
        ("x,148210,170300,eight,09:00,5,,,", "'eight' is no time"),
        ("x,148210,170300,08:00,09:00,5,tram,,", "'tram' is no mode"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path, row, words):
    with pytest.raises(CityError, match=words):
        read_counts(table(tmp_path, row), TUESDAY_8)


def test_a_table_without_a_column_or_a_row_is_refused(tmp_path):
    with pytest.raises(CityError, match="has no column 'count'"):
        read_counts(table(tmp_path, head="counter,x,y,begin,until"), TUESDAY_8)
    with pytest.raises(CityError, match="holds no count"):
        read_counts(table(tmp_path), TUESDAY_8)


def test_a_counter_far_from_streets_is_refused(tmp_path):
    city = town()
    file = table(tmp_path, f"x,{WEST + 300},{SOUTH + 300},08:00,09:00,500,,,")
    with pytest.raises(CityError, match="farther than 60 m"):
        counters_of(read_counts(file, TUESDAY_8), city, network_of(city), TUESDAY_8, HOUR)


def bicycles(folder):
    """Bicycles of Sunday 15 February 2026 by counter and hour of the clock, and where the counters stand."""
    place = {}
    for one in json.loads((folder / "bm_bike_devices_2026.json").read_text(encoding="utf-8"))["features"]:
        east, north = sorted(one["geometry"]["coordinates"])  # one has them swapped
        place[one["properties"]["name"]] = to_lambert(np.array([[east, north]]))[0]
    hours = defaultdict(lambda: np.zeros(24))
    with gzip.open(folder / "bm_bike_summary_2026-02-15.json.gz", "rt", encoding="utf-8") as file:
        for device in json.load(file):
            for track in device["data"]:
                for number, one in enumerate(track["detections"]):  # the first begins at 23:00 UTC, 00:00 in Brussels
                    hours[device["device"]][number // 4] += one["count"]
    return place, hours


@pytest.mark.data
@pytest.mark.slow
def test_bicycles_of_a_sunday_stand_beside_the_counters_of_the_city(reference_data, measured):
    """Expected: Brussels Mobility, bicycles from 14 to 15 h on Sunday 15 February 2026 (cold, school is out).

    Nothing of the demand was made from these counters; the fit leaves every third out.
    """
    city, _ = import_city(
        (), streets=reference_data / "traffic" / "brussels_city_links.csv",
        sectors=reference_data / "city" / "statistical_sectors_brussels_pop2025.geojson.gz",
        amenities=reference_data / "city" / "osm_poi_centre.geojson.gz",
    )  # fmt: skip
    start = datetime(2026, 2, 15, 13, tzinfo=UTC)
    network = traffic_layers(city, start=start, duration_s=HOUR)
    demand, _ = travel_demand(city, network, start, HOUR, DemandModel(modes=("bike",)))
    place, hours = bicycles(reference_data / "sensors")
    lines = city.links.geometry.to_numpy()
    near = [name for name in sorted(place) if shapely.distance(lines, shapely.Point(place[name])).min() < NEAR]
    near = [name for name in near if hours[name].sum() > 0]  # one counted nothing all day
    rows = [
        CountRow(name, *place[name].tolist(), start, start + timedelta(hours=1), float(hours[name][14]),
                 mode_bits("bike"), None, number % 3 == 1)
        for number, name in enumerate(near)
    ]  # fmt: skip
    counters, _ = counters_of(rows, city, network, start, HOUR)
    found = fit_to_counters(network.merge(demand), counters, trust=0.5)
    case, source = "Bicycles of a Sunday on the City network", "Brussels Mobility counters, 2026-02-15, 14-15 h"
    whole = sum(one.before for one in found.counters) / sum(one.counted for one in found.counters)
    measured(
        case=f"{case}: all that pass {len(near)} counters, synthetic to counted", source=source, ours=whole, bar=2.0
    )
    measured(case=f"{case}: counters with GEH < 5, synthetic", source=source,
             ours=np.mean([one.geh_before < 5 for one in found.counters]), bar=None)  # fmt: skip
    measured(case=f"{case}: fitted counters with GEH < 5", source=source, ours=found.good(), bar=0.85, at_least=True,
             published="TAG M3.1: 0.85")  # fmt: skip
    measured(case=f"{case}: counters held out with GEH < 5", source=source, ours=found.good(held=True), bar=None)
