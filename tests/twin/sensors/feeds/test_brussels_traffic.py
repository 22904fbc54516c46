"""Live counts of Brussels Mobility. Payloads here are written by hand; counts of the recorded one are of SOURCES.md."""

import json
import math
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from twin.sensors.feeds import brussels_traffic
from twin.sensors.feeds.brussels_traffic import parse, parse_devices, placed
from twin.sensors.model import Parsed, SensorError
from twin.sensors.quality import Flag

NULL = {"count": None, "speed": None, "occupancy": None, "start_time": "-", "end_time": "-"}


def window(count: float | None, end: str, start: str, speed: float | None = 36.0) -> dict[str, Any]:
    return {"count": count, "speed": speed, "occupancy": 25.0, "start_time": start, "end_time": end}


def payload(**devices: Any) -> str:
    data = {name: {"results": results} for name, results in devices.items()}
    return json.dumps({"requestDate": "2025/06/02 08:10:20", "data": data})


def values(parsed: Parsed) -> dict[tuple[str, str], float]:
    told = parsed.readings
    stamps = [datetime.fromtimestamp(one / 1e9, UTC).strftime("%H:%M") for one in told.time]
    return {(name, stamp): float(value) for name, stamp, value in zip(told.datastream, stamps, told.value, strict=True)}


def test_a_window_gives_count_speed_and_occupancy_in_si_at_its_end() -> None:
    one = window(12, "2025/06/02 08:10", "2025/06/02 08:05")
    parsed = parse(payload(AAA_1={"5m": {"t1": one}}))
    assert values(parsed) == {
        ("bm_traffic:AAA_1/vehicle_count/5min", "06:10"): 12.0,  # summer: two hours before the clock on the wall
        ("bm_traffic:AAA_1/traffic_speed/5min", "06:10"): pytest.approx(10.0),
        ("bm_traffic:AAA_1/detector_occupancy/5min", "06:10"): 0.25,
    }
    assert {stream.period for stream in parsed.datastreams} == {300.0}
    assert parsed.things[0].properties["device"] == "AAA_1"


def test_a_device_of_nulls_is_silent_and_has_no_reading() -> None:
    parsed = parse(payload(AAA_1={"1m": {"t1": NULL, "t2": NULL}}))
    assert (parsed.silent, len(parsed.readings), len(parsed.things), parsed.problems) == (1, 0, 1, ())
    assert parsed.counts["empty windows"] == 2


def test_a_stale_device_keeps_the_time_of_its_last_count() -> None:
    old, new = window(3, "2025/06/02 02:06", "2025/06/02 02:05"), window(4, "2025/06/02 08:09", "2025/06/02 08:08")
    parsed = parse(payload(OLD={"1m": {"t1": old}}, NEW={"1m": {"t1": new}}))
    assert parsed.counts["stale devices"] == 1
    assert ("bm_traffic:OLD/vehicle_count/1min", "00:06") in values(parsed)
    assert parsed.silent == 0


def test_where_no_vehicle_came_there_is_no_speed() -> None:
    night = window(0, "2025/06/02 03:10", "2025/06/02 03:09", speed=0.0)
    parsed = parse(payload(AAA_1={"1m": {"t1": night}}))
    assert {name.split("/")[1] for name, _ in values(parsed)} == {"vehicle_count", "detector_occupancy"}
    assert parsed.counts["speeds of no vehicle"] == 1


def test_a_null_beside_a_time_is_missing_not_zero() -> None:
    one = window(None, "2025/06/02 08:10", "2025/06/02 08:09")
    parsed = parse(payload(AAA_1={"1m": {"t1": one}}))
    assert math.isnan(values(parsed)["bm_traffic:AAA_1/vehicle_count/1min", "06:10"])


def test_a_bad_window_is_one_problem_and_costs_itself_alone() -> None:
    good = window(5, "2025/06/02 08:10", "2025/06/02 08:09")
    bad = {"t1": good, "t2": window(5, "yesterday", "2025/06/02 08:08")}
    parsed = parse(payload(A={"1m": bad}, B={"1m": bad}, C={"1m": {"t1": {**good, "count": "many"}}}, D=7))
    told = {problem.field: problem for problem in parsed.problems}
    assert set(told) == {"results.1m.t2.end_time", "results.1m.t1.count", "results"}
    assert told["results.1m.t2.end_time"].rows == 2
    assert told["results.1m.t2.end_time"].feed == "bm_traffic"
    assert "yesterday" in told["results.1m.t2.end_time"].sample
    assert sum(name.endswith("vehicle_count/1min") for name, _ in values(parsed)) == 2


def test_a_field_that_is_wrong_in_many_ways_is_told_once() -> None:
    odd = ("many", -7, [], "1e999")
    devices = {f"D{place}": {"1m": {"t1": window(value, "2025/06/02 08:10", "2025/06/02 08:09")}}  # type: ignore[arg-type]
               for place, value in enumerate(odd)}  # fmt: skip
    parsed = parse(payload(**devices))
    assert [(problem.field, problem.rows) for problem in parsed.problems] == [("results.1m.t1.count", len(odd))]
    assert "many" in parsed.problems[0].sample


def test_a_window_of_another_length_than_its_name_is_a_problem() -> None:
    parsed = parse(payload(A={"5m": {"t1": window(5, "2025/06/02 08:10", "2025/06/02 08:09")}}))
    assert "not 300 s long" in parsed.problems[0].sample
    assert len(parsed.readings) == 0


def test_the_hour_of_the_wall_that_comes_twice_is_read_by_when_it_came() -> None:
    one = window(5, "2025/10/26 02:10", "2025/10/26 02:09")
    late = int(datetime(2025, 10, 26, 1, 11, tzinfo=UTC).timestamp()) * 10**9
    text = payload(A={"1m": {"t1": one}})
    assert ("bm_traffic:A/vehicle_count/1min", "01:10") in values(parse(text, received=late))
    doubtful = parse(text)
    assert ("bm_traffic:A/vehicle_count/1min", "00:10") in values(doubtful)
    assert set(doubtful.readings.flag) == {Flag.CLOCK}
    # the hour from 02:00 to 03:00 by the wall ends an hour after 02:00 came first
    hour = {"60m": {"t1": window(5, "2025/10/26 02:00", "2025/10/26 02:00")}}
    assert not parse(payload(A=hour), received=late).problems


def test_an_answer_without_devices_is_told() -> None:
    parsed = parse(payload())
    assert (len(parsed.things), parsed.problems[0].field) == (0, "data")


@pytest.mark.parametrize(
    "text", ["<html>502 Bad Gateway</html>", "", b"\xff\xfe", "[1, 2]", '{"data": []}', "[" * 9999]
)
def test_what_is_no_answer_of_the_feed_names_it_and_its_start(text: bytes | str) -> None:
    with pytest.raises(SensorError, match="bm_traffic"):
        parse(text)


def test_devices_have_place_and_words_in_three_languages() -> None:
    properties = {"traverse_name": "AAA_1", "descr_fr": "Rue A", "descr_nl": "A-straat", "descr_en": "A Street",
                  "number_of_lanes": 2, "orientation": 200, "detectors": ["AAA_1_1"]}  # fmt: skip
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [4.35, 50.85]}, "properties": properties},
        {"type": "Feature", "geometry": None, "properties": {"traverse_name": "BBB_1"}},
        {"type": "Feature", "geometry": {"coordinates": ["x", 1]}, "properties": {"traverse_name": "CCC_1"}},
        {"type": "Feature", "properties": {}},
    ]
    devices = parse_devices(json.dumps({"type": "FeatureCollection", "features": features}))
    assert [thing.id for thing in devices.things] == ["bm_traffic:AAA_1", "bm_traffic:BBB_1", "bm_traffic:CCC_1"]
    first = devices.things[0]
    assert (first.name, first.longitude, first.latitude, first.properties["lanes"]) == ("Rue A", 4.35, 50.85, 2)
    assert first.properties["names"] == {"fr": "Rue A", "nl": "A-straat", "en": "A Street"}
    assert {problem.field for problem in devices.problems} == {"geometry", "properties.traverse_name"}
    live = placed(parse(payload(AAA_1={"1m": {"t1": NULL}}, ZZZ_1={"1m": {"t1": NULL}})), devices)
    assert [(thing.longitude, thing.latitude) for thing in live.things] == [(4.35, 50.85), (None, None)]
    assert live.counts["things without place"] == 1
    assert live.things[0].properties["orientation"] == 200


@pytest.mark.data
def test_the_recorded_payload_has_its_counts(reference_data: Path) -> None:
    parsed = parse((reference_data / "sensors/bm_traffic_counts_live_2021-09-20.json").read_bytes())
    assert parsed.counts["devices"] == len(parsed.things) == 67  # SOURCES.md
    assert parsed.counts["windows"] == 67 * 4 * 2
    assert parsed.silent == 16
    assert not parsed.problems
    assert not any(name.startswith(f"{parsed.things[-1].id}/") for name in parsed.readings.datastream)
    assert parsed.counts["stale devices"] >= 1
    assert len({str(name).split("/")[0] for name in parsed.readings.datastream}) == 67 - 16
    assert datetime.fromtimestamp(parsed.readings.time.max() / 1e9, UTC) == datetime(2021, 9, 20, 9, 35, tzinfo=UTC)


def test_ten_megabytes_are_read_in_two_seconds() -> None:
    device = {length: {label: window(9, "2025/06/02 08:00", start) for label in ("t1", "t2")}
              for length, start in (("1m", "2025/06/02 07:59"), ("5m", "2025/06/02 07:55"))}  # fmt: skip
    many = 10_000_000 // len(json.dumps(device))
    text = payload(**{f"D{number}": device for number in range(many)})
    begin = time.process_time()
    parsed = brussels_traffic.parse(text)
    assert time.process_time() - begin < 2.0
    assert len(parsed.readings) == many * 4 * 3
