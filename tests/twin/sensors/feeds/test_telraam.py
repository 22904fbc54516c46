"""Telraam. Payloads are written by hand after the shape of its API; means of histograms are worked out on paper."""

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest

from twin.sensors.feeds.telraam import parse, parse_segments
from twin.sensors.model import Parsed, SensorError
from twin.sensors.quality import Flag


def row(**more: Any) -> dict[str, Any]:
    return {"instance_id": -1, "segment_id": 900, "date": "2025-06-02T07:00:00.000Z", "interval": "hourly",
            "uptime": 0.75, "heavy": 8.5, "car": 120.5, "bike": 60, "pedestrian": 30,
            "car_lft": 20.5, "heavy_lft": 0.5, "bike_rgt": 12,
            "timezone": "Europe/Brussels", "v85": 30.5, **more}  # fmt: skip


def report(*rows: Any) -> str:
    return json.dumps({"status_code": 200, "message": "ok", "report": list(rows)})


def values(parsed: Parsed) -> dict[str, float]:
    told = zip(parsed.readings.datastream, parsed.readings.value, strict=True)
    return {name.removeprefix("telraam:900/"): float(value) for name, value in told}


def test_an_hour_gives_counts_by_mode_and_direction_at_its_end() -> None:
    parsed = parse(report(row()))
    assert values(parsed) == {
        "vehicle_count/60min": 129.0, "vehicle_count/60min/left": 21.0, "bicycle_count/60min": 60.0,
        "bicycle_count/60min/right": 12.0, "pedestrian_count/60min": 30.0,
    }  # fmt: skip
    assert set(parsed.readings.time) == {int(datetime(2025, 6, 2, 8, tzinfo=UTC).timestamp()) * 10**9}
    assert {stream.period for stream in parsed.datastreams} == {3600.0}


def test_an_hour_in_which_the_camera_saw_nothing_is_missing_not_zero() -> None:
    parsed = parse(report(row(uptime=0, car=0, heavy=0, bike=0, pedestrian=0)))
    assert all(math.isnan(value) for value in parsed.readings.value)
    assert (parsed.silent, parsed.counts["rows without uptime"]) == (1, 1)


def test_an_hour_scaled_up_from_too_little_is_flagged() -> None:
    assert set(parse(report(row(uptime=0.3))).readings.flag) == {Flag.NOT_VALID}
    assert set(parse(report(row(uptime=0.5))).readings.flag) == {0}


def test_the_mean_speed_is_that_of_the_histogram() -> None:
    shares = [0.0] * 25
    shares[3], shares[9] = 25.0, 75.0  # a quarter at 17.5 km/h, three at 47.5: 40 km/h
    assert values(parse(report(row(car_speed_hist_0to120plus=shares))))["traffic_speed/60min"] == pytest.approx(
        40 / 3.6
    )
    assert "traffic_speed/60min" not in values(parse(report(row(car_speed_hist_0to120plus=[0.0] * 25))))


def test_quarters_of_an_hour_are_told_by_their_interval_and_a_camera_by_its_own_id() -> None:
    parsed = parse(report(row(interval="quarterly", segment_id=-1, instance_id=7)))
    assert parsed.things[0].id == "telraam:camera7"
    assert {stream.period for stream in parsed.datastreams} == {900.0}
    assert set(parsed.readings.time) == {int(datetime(2025, 6, 2, 7, 15, tzinfo=UTC).timestamp()) * 10**9}


def test_bad_rows_cost_themselves_alone() -> None:
    bad = [5, row(segment_id=None), row(interval="weekly"), row(date="soon"), row(uptime="much"), row(car=-3),
           row(car_speed_hist_0to120plus="fast")]  # fmt: skip
    parsed = parse(report(row(), *bad))
    assert sum(problem.rows for problem in parsed.problems) == 7
    assert parsed.counts["rows"] == 8
    assert values(parsed)["vehicle_count/60min"] == 129.0


def test_no_rows_and_no_json_are_told() -> None:
    assert parse(report()).problems[0].field == "report"
    for wrong in ("<html>", "{}", "[]", '{"message": "Too Many Requests"}'):
        with pytest.raises(SensorError, match="telraam"):
            parse(wrong)


def test_a_segment_stands_in_the_middle_of_its_line() -> None:
    line = {"type": "MultiLineString", "coordinates": [[[4.0, 50.0], [4.0, 50.5], [4.5, 50.5]]]}
    lines = [[], [[4, math.nan], [5, 1]], [[4, 10**400], [5, 1]]]
    features: list[Any] = [
        {"properties": {"segment_id": 901 + place}, "geometry": {"type": "LineString", "coordinates": coordinates}}
        for place, coordinates in enumerate(lines)
    ]
    features += [{"properties": {"segment_id": 900}, "geometry": line}, {"properties": {"segment_id": 910}}, 4]
    parsed = parse_segments(json.dumps({"features": features}))
    assert [(one.id, one.longitude, one.latitude) for one in parsed.things] == [("telraam:900", 4.0, 50.5)]
    assert sum(problem.rows for problem in parsed.problems) == 5
    with pytest.raises(SensorError, match="telraam"):
        parse_segments("{}")
