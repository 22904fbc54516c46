"""Detectors at traffic lights. Payloads here are written by hand; counts of the recorded one are of SOURCES.md."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from twin.sensors.feeds.traffic_lights import parse
from twin.sensors.model import SensorError
from twin.sensors.quality import Flag


def record(detector: str = "AAA_1_2", volume: Any = 6, validity: Any = 1, **more: Any) -> dict[str, Any]:
    return {"detector": detector, "from_timestamp": "2026-01-13 12:58", "to_timestamp": "2026-01-13 12:59",
            "volume": volume, "occupancy": 10.0, "speed": 36.0, "validity": validity, **more}  # fmt: skip


def payload(*records: Any) -> str:
    return json.dumps({"supplier": "Brussels Mobility", "counts": list(records)})


def test_a_record_is_a_lane_of_a_device_in_si() -> None:
    parsed = parse(payload(record()))
    told = dict(zip(parsed.readings.datastream, parsed.readings.value, strict=True))
    assert told == {
        "bm_tlc:AAA_1_2/vehicle_count/1min": 6.0,
        "bm_tlc:AAA_1_2/detector_occupancy/1min": pytest.approx(0.1),
        "bm_tlc:AAA_1_2/traffic_speed/1min": pytest.approx(10.0),
    }
    assert parsed.things[0].properties == {"device": "AAA_1", "lane": 2}
    assert set(parsed.readings.time) == {int(datetime(2026, 1, 13, 11, 59, tzinfo=UTC).timestamp()) * 10**9}
    assert set(parsed.readings.flag) == {0}


def test_validity_zero_is_flagged_and_its_zeros_are_missing() -> None:
    parsed = parse(payload(record("A_1_1", volume=0, validity=0), record("B_1_1", volume=6, validity=0)))
    told = dict(zip(parsed.readings.datastream, parsed.readings.value, strict=True))
    assert math.isnan(told["bm_tlc:A_1_1/vehicle_count/1min"])
    assert told["bm_tlc:B_1_1/vehicle_count/1min"] == 6.0
    assert set(parsed.readings.flag) == {Flag.NOT_VALID}
    assert (parsed.counts["records not valid"], parsed.silent) == (2, 2)


def test_a_valid_zero_is_zero_without_a_speed() -> None:
    parsed = parse(payload(record(volume=0, speed=48.0)))
    told = dict(zip(parsed.readings.datastream, parsed.readings.value, strict=True))
    assert told["bm_tlc:AAA_1_2/vehicle_count/1min"] == 0.0
    assert "bm_tlc:AAA_1_2/traffic_speed/1min" not in told


def test_a_validity_that_is_not_told_is_not_valid() -> None:
    assert set(parse(payload(record(validity=None))).readings.flag) == {Flag.NOT_VALID}


def test_bad_records_cost_themselves_alone() -> None:
    parsed = parse(
        payload(record(), 5, record(detector=None), record(to_timestamp="12:59"), record(volume="x"),
                record(to_timestamp="2026-01-15 12:59"))
    )  # fmt: skip
    assert {problem.field for problem in parsed.problems} == {"detector", "to_timestamp", "volume"}
    assert sum(problem.rows for problem in parsed.problems) == 5
    assert parsed.counts["records"] == 6
    assert sum(name.endswith("vehicle_count/1min") for name in parsed.readings.datastream) == 1


def test_a_minute_over_a_change_of_clock_is_a_minute() -> None:
    over = parse(payload(record(from_timestamp="2026-03-29 01:59", to_timestamp="2026-03-29 03:00")))
    back = parse(payload(record(from_timestamp="2026-10-25 02:59", to_timestamp="2026-10-25 02:00")))
    for parsed in (over, back):
        assert not parsed.problems
        assert {stream.period for stream in parsed.datastreams} == {60.0}


def test_no_records_and_no_json_are_told() -> None:
    assert parse(payload()).problems[0].field == "counts"
    for wrong in ("<html>", "{}", "[]"):
        with pytest.raises(SensorError, match="bm_tlc"):
            parse(wrong)


@pytest.mark.data
def test_the_recorded_payload_has_its_counts(reference_data: Path) -> None:
    parsed = parse((reference_data / "sensors/bm_tlc_counts_2026-03-13T1300.json").read_bytes())
    assert len(parsed.things) == parsed.counts["detectors"] == 84  # SOURCES.md
    assert parsed.counts["records"] == 84 * 2
    assert parsed.counts["records not valid"] == 18
    assert not parsed.problems
    assert not ((parsed.readings.value == 0.0) & (parsed.readings.flag & Flag.NOT_VALID > 0)).any()
