"""Cameras. Payloads here are written by hand; counts of the recorded one are of SOURCES.md."""

import math
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from twin.sensors.feeds.cameras import parse
from twin.sensors.model import Parsed, SensorError


def measure(kind: str, value: object, lane: object = 1, stamp: str = "2026/02/20 13:50:00", camera: str = "31") -> str:
    return (
        f"<Measure><Type>{kind}</Type><CameraId>{camera}</CameraId><CameraName>AAA 106</CameraName>"
        f"<LaneId>{lane}</LaneId><PeriodSec>60</PeriodSec><Time>{stamp}</Time><Value>{value}</Value></Measure>"
    )


def payload(*measures: str) -> str:
    return f'<?xml version="1.0"?><CitiEvent Type="Measure">{"".join(measures)}</CitiEvent>'


def values(parsed: Parsed) -> dict[str, float]:
    told = parsed.readings
    return {name.partition("/")[2]: float(value) for name, value in zip(told.datastream, told.value, strict=True)}


def test_classes_are_kept_and_added_up_for_a_lane() -> None:
    kinds = (("#C1", 16), ("#C2", 4), ("#C3", 0), ("Occupancy", 29), ("Speed", 36))
    parsed = parse(payload(*(measure(kind, value) for kind, value in kinds)))
    assert values(parsed) == {
        "vehicle_count/lane1/class1": 16.0, "vehicle_count/lane1/class2": 4.0, "vehicle_count/lane1/class3": 0.0,
        "vehicle_count/lane1": 20.0, "detector_occupancy/lane1": pytest.approx(0.29),
        "traffic_speed/lane1": pytest.approx(10.0),
    }  # fmt: skip
    assert (parsed.things[0].id, parsed.things[0].name) == ("bm_dai:31", "AAA 106")
    assert parsed.things[0].properties == {"device": "AAA_106"}  # the name that devices of traffic have
    assert set(parsed.readings.time) == {int(datetime(2026, 2, 20, 12, 50, tzinfo=UTC).timestamp()) * 10**9}
    assert {stream.period for stream in parsed.datastreams} == {60.0}


def test_minus_one_is_missing_and_never_a_number() -> None:
    parsed = parse(payload(measure("Speed", -1), measure("#C1", 2), measure("#C2", -1)))
    told = values(parsed)
    assert math.isnan(told["traffic_speed/lane1"])
    assert math.isnan(told["vehicle_count/lane1/class2"])
    assert math.isnan(told["vehicle_count/lane1"]), "a sum with a part that nobody knows is not known"
    assert parsed.counts["missing values"] == 2
    assert parsed.silent == 0
    assert parse(payload(measure("Speed", -1), measure("#C1", -1))).silent == 1


def test_lane_100_is_all_lanes_together() -> None:
    told = values(parse(payload(measure("#C1", 20, 1), measure("#C1", 13, 2), measure("#C1", 33, 100))))
    assert told["vehicle_count/all"] == told["vehicle_count/lane1"] + told["vehicle_count/lane2"]


def test_where_no_vehicle_came_there_is_no_speed() -> None:
    parsed = parse(payload(measure("#C1", 0), measure("Speed", 50)))
    assert "traffic_speed/lane1" not in values(parsed)
    assert parsed.counts["speeds of no vehicle"] == 1


def test_bad_measures_cost_themselves_alone() -> None:
    bad = [measure("#C9", 1), measure("#C1", "many"), measure("#C1", -7), measure("#C1", 1, stamp="noon"),
           measure("#C1", 1, lane=""), "<Measure/>"]  # fmt: skip
    parsed = parse(payload(measure("#C1", 5), *bad))
    assert values(parsed)["vehicle_count/lane1"] == 5.0
    assert parsed.counts["measures"] == 7
    assert sum(problem.rows for problem in parsed.problems) == 6
    assert {problem.field for problem in parsed.problems} >= {"Type", "Value", "Time"}


def test_a_measure_told_twice_counts_once() -> None:
    parsed = parse(payload(measure("#C1", 5), measure("#C1", 7)))
    assert values(parsed)["vehicle_count/lane1"] == 5.0
    assert parsed.counts["measures told twice"] == 1


def test_whole_measures_of_a_broken_payload_are_kept_and_the_break_is_told() -> None:
    whole = payload(measure("#C1", 5), measure("#C1", 123, lane=2))
    torn = parse(whole[: whole.index("23</Value>")])
    assert values(torn) == {"vehicle_count/lane1/class1": 5.0, "vehicle_count/lane1": 5.0}, "1 of 123 is no count"
    amid = parse(payload(measure("#C1", 5), measure("#C1", "<&"), measure("#C1", 6, lane=2)))
    assert values(amid)["vehicle_count/lane2"] == 6.0
    for parsed in (torn, amid):
        assert "xml" in {problem.field for problem in parsed.problems}


def test_no_measure_at_all_is_told_for_an_outage_is_not_zero() -> None:
    parsed = parse(payload())
    assert (len(parsed.readings), parsed.problems[0].field) == (0, "Measure")


@pytest.mark.parametrize(
    "text",
    ["502 Bad Gateway", "", "<html><body/></html>", '{"a": 1}', b"\xff\xfe<",
     '<!DOCTYPE a [<!ENTITY b "c">]><CitiEvent>&b;</CitiEvent>'],
)  # fmt: skip
def test_what_is_no_answer_of_the_feed_names_it(text: bytes | str) -> None:
    with pytest.raises(SensorError, match="bm_dai"):
        parse(text)


@pytest.mark.data
def test_the_recorded_payload_has_its_counts(reference_data: Path) -> None:
    parsed = parse((reference_data / "sensors/bm_dai_2026-02-20T1350.xml").read_bytes())
    assert parsed.counts["measures"] == 630  # SOURCES.md
    assert len(parsed.things) == 71
    assert parsed.counts["missing values"] == 12
    assert int(np.isnan(parsed.readings.value).sum()) == 12
    assert not parsed.problems
    told = values(parse((reference_data / "sensors/bm_dai_2026-02-20T1350.xml").read_bytes()))
    assert told  # lane 100 is the sum in each camera that has one
    by_camera: dict[str, dict[str, float]] = {}
    for name, value in zip(parsed.readings.datastream, parsed.readings.value, strict=True):
        thing, quantity, lane, *more = name.split("/")
        if quantity == "vehicle_count" and not more:
            by_camera.setdefault(thing, {})[lane] = float(value)
    sums = [(lanes.pop("all"), sum(lanes.values())) for lanes in by_camera.values() if "all" in lanes]
    assert len(sums) == 4
    assert all(whole == parts for whole, parts in sums)


def test_ten_megabytes_are_read_in_two_seconds() -> None:
    one = "".join(measure(kind, 5, lane="{lane}") for kind in ("#C1", "#C2", "#C3", "Speed", "Occupancy"))
    text = payload(*(one.replace("{lane}", str(lane)) for lane in range(200, 200 + 10_000_000 // len(one))))
    begin = time.process_time()
    parsed = parse(text)
    assert time.process_time() - begin < 2.0
    assert not parsed.problems
