"""Bicycle counters. Payloads here are written by hand; counts of the recorded ones are of SOURCES.md."""

import gzip
import json
import math
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.sensors.feeds.bicycles import parse_devices, parse_history, parse_live, parse_summary
from twin.sensors.model import Parsed, SensorError
from twin.street_works import BRUSSELS


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 10**9


def day(first: datetime, slots: int, **more: Any) -> list[dict[str, Any]]:
    quarter = timedelta(minutes=15)
    return [
        {"id": slot + 1, "start": f"{first + slot * quarter:%d/%m/%Y %H:%M:%S}",
         "end": f"{first + (slot + 1) * quarter:%d/%m/%Y %H:%M:%S}", "count": slot % 7, "classesCount": {}, **more}
        for slot in range(slots)
    ]  # fmt: skip


def summary(*tracks: Any, device: Any = "CAA1") -> str:
    return json.dumps([{"device": device, "data": list(tracks)}])


def of(parsed: Parsed, name: str) -> tuple[list[int], list[float]]:
    rows = parsed.readings.datastream == name
    return parsed.readings.time[rows].tolist(), parsed.readings.value[rows].tolist()


def test_a_day_begins_at_23_of_the_day_before_for_it_is_told_in_utc() -> None:
    parsed = parse_summary(summary({"track": "Track1.1", "detections": day(datetime(2026, 1, 14, 23), 96)}))
    times, values = of(parsed, "bm_bike:CAA1/bicycle_count/Track1.1/15min")
    assert (times[0], times[-1]) == (utc(2026, 1, 14, 23, 15), utc(2026, 1, 15, 23))
    assert values[:8] == [0, 1, 2, 3, 4, 5, 6, 0]
    local = Counter(datetime.fromtimestamp(end / 1e9 - 1, BRUSSELS).date().isoformat() for end in times)
    assert local == {"2026-01-15": 96}, "it is a whole day of Brussels"
    assert {stream.period for stream in parsed.datastreams} == {900.0}


def test_days_come_first_in_dates() -> None:
    parsed = parse_summary(summary({"track": "T", "detections": day(datetime(2026, 2, 3, 10), 1)}))
    assert of(parsed, "bm_bike:CAA1/bicycle_count/T/15min")[0] == [utc(2026, 2, 3, 10, 15)]


def test_days_with_a_change_of_clock_have_no_hour_twice_and_none_left_out() -> None:
    for first, slots in ((datetime(2026, 3, 28, 23), 92), (datetime(2026, 10, 24, 22), 100)):
        times, _ = of(parse_summary(summary({"track": "T", "detections": day(first, slots)})),
                      "bm_bike:CAA1/bicycle_count/T/15min")  # fmt: skip
        assert set(np.diff(times).tolist()) == {900 * 10**9}
        ends = [datetime.fromtimestamp(times[place] / 1e9, BRUSSELS) for place in (0, -1)]
        assert (ends[0] - timedelta(minutes=15)).hour == ends[1].hour == 0


def test_a_speed_is_si_minus_one_is_none_and_one_not_told_has_no_reading() -> None:
    slots = day(datetime(2026, 1, 15), 3)
    slots[0]["averageSpeed"] = 18
    slots[1]["averageSpeed"] = -1
    parsed = parse_summary(summary({"track": "T", "detections": slots}))
    times, values = of(parsed, "bm_bike:CAA1/traffic_speed/T/15min")
    assert len(times) == 2
    assert values[0] == pytest.approx(5.0)
    assert math.isnan(values[1])
    speeds = next(stream for stream in parsed.datastreams if stream.quantity == "traffic_speed")
    assert speeds.properties == {"mode": "bike"}


def test_a_track_has_one_name_with_or_without_a_space() -> None:
    slots = day(datetime(2026, 1, 15), 1)
    for name in ("Track 1.1", "Track1.1"):
        assert (
            parse_summary(summary({"track": name, "detections": slots})).datastreams[0].id.endswith("/Track1.1/15min")
        )


def test_a_day_cut_short_is_told_and_what_is_not_there_is_not_zero() -> None:
    parsed = parse_summary(summary({"track": "T", "detections": day(datetime(2026, 1, 14, 23), 88)}))
    assert parsed.counts["tracks cut short"] == 1
    assert len(parsed.readings) == 88


def test_bad_slots_cost_themselves_alone() -> None:
    slots: list[Any] = day(datetime(2026, 1, 15), 6)
    slots[0]["count"], slots[1]["end"], slots[2]["end"], slots[3] = "many", "tomorrow", slots[5]["end"], None
    slots[5]["averageSpeed"] = -9
    parsed = parse_summary(summary({"track": "T", "detections": slots}, {"track": "U", "detections": None}, 3))
    assert of(parsed, "bm_bike:CAA1/bicycle_count/T/15min")[1] == [4.0, 5.0]
    assert sum(problem.rows for problem in parsed.problems) == 7
    assert {problem.feed for problem in parsed.problems} == {"bm_bike"}


def test_a_counter_without_slots_is_silent_and_no_counter_is_told() -> None:
    assert parse_summary(summary()).silent == 1
    assert parse_summary("[]").problems
    for wrong in ("<html>", "{}", "7"):
        with pytest.raises(SensorError, match="bm_bike"):
            parse_summary(wrong)


def test_history_of_csv_and_of_json_is_the_same() -> None:
    table = "Date,Time gap,Count,Average speed\n2022-03-27,1,3,18\n2022-03-27,2,0,-1\n2022-03-27,96,-1,-1\n"
    rows = [{"count_date": "2022/03/27", "time_gap": gap, "count": count, "average_speed": speed}
            for gap, count, speed in ((1, 3, 18), (2, 0, -1), (96, -1, -1))]  # fmt: skip
    for parsed in (parse_history(table, "CAA1"), parse_history(json.dumps({"feature": "CAA1", "data": rows}))):
        times, values = of(parsed, "bm_bike:CAA1/bicycle_count/15min")
        assert times == [utc(2022, 3, 27, 0, 15), utc(2022, 3, 27, 0, 30), utc(2022, 3, 28)]
        np.testing.assert_equal(values, [3.0, 0.0, math.nan])
        np.testing.assert_allclose(of(parsed, "bm_bike:CAA1/traffic_speed/15min")[1], [5.0, math.nan, math.nan])
        assert parsed.counts["days cut short"] == 1


def test_bad_rows_of_history_cost_themselves_alone() -> None:
    table = "Date,Time gap,Count,Average speed\n2022-01-01,1,3,18\n2022-01-01,97,3,18\nsoon,1,3,18\n2022-01-01,2,x,18\n"
    parsed = parse_history(table + "2022-01-01,3\n2022-01-01,3.5,1,1\n", "CAA1")
    assert of(parsed, "bm_bike:CAA1/bicycle_count/15min")[1][0] == 3.0
    assert sum(problem.rows for problem in parsed.problems) == 4
    odd = [{"count_date": "2022/03/27", "time_gap": gap, "count": 1} for gap in (10**400, None, [], 5)]
    assert [one.rows for one in parse_history(json.dumps({"feature": "CAA1", "data": odd})).problems] == [3]
    for wrong in ("<html>", "Date,Count\n", '{"data": 1}'):
        with pytest.raises(SensorError, match="bm_bike"):
            parse_history(wrong, "CAA1")
    with pytest.raises(SensorError, match="give its name"):
        parse_history(table)
    assert parse_history("Date,Time gap,Count,Average speed\n", "CAA1").silent == 1


def test_live_counts_run_since_the_hour_the_day_and_the_year() -> None:
    new = [{"device": "CAA1", "timestamp": "17/06/2025 10:59:02", "hourCount": 7, "dayCount": 70, "yearCount": 700,
            "tracks": [{"track": "Track 1.1", "hourCount": 4, "dayCount": 40, "yearCount": 400}]}]  # fmt: skip
    counter = {"hour_cnt": 7, "day_cnt": 70, "year_cnt": 700, "cnt_time": "2025/06/17 10:59:02"}
    old = {"requestDate": "2025/06/17 10:59:30", "data": {"CAA1": counter}}
    for document in (new, old):
        parsed = parse_live(json.dumps(document))
        assert of(parsed, "bm_bike:CAA1/bicycle_count/day_so_far") == ([utc(2025, 6, 17, 8, 59, 2)], [70.0])
    assert of(parse_live(json.dumps(new)), "bm_bike:CAA1/bicycle_count/Track1.1/hour_so_far")[1] == [4.0]
    assert {stream.period for stream in parse_live(json.dumps(new)).datastreams} == {0.0}


def test_a_live_counter_long_gone_keeps_its_time_and_one_that_says_nothing_is_silent() -> None:
    rows = [
        {"device": "GONE", "timestamp": "20/10/2020 16:24:00", "hourCount": 8, "dayCount": 8, "yearCount": 8},
        {"device": "NULL", "timestamp": "-", "hourCount": None},
        {"device": "BAD", "timestamp": "noon"},
        5,
    ]
    parsed = parse_live(json.dumps(rows))
    assert set(parsed.readings.time) == {utc(2020, 10, 20, 14, 24)}
    assert parsed.silent == 1
    assert {problem.field for problem in parsed.problems} == {"timestamp", "device"}
    with pytest.raises(SensorError, match="bm_bike"):
        parse_live("{}")


def test_devices_stand_where_they_are_told_without_type_and_in_swapped_order() -> None:
    def feature(name: Any, geometry: Any) -> dict[str, Any]:
        street = [{"language": "fr", "value": "Rue A"}, {"language": "nl", "value": "A-straat"}]
        tracks = [{"identifier": "Track 1.1", "descriptions": [{"language": "en", "value": "To the West"}]}]
        return {"geometry": geometry, "properties": {"name": name, "streetName": street, "tracks": tracks}}

    parsed = parse_devices(
        json.dumps({"features": [
            feature("A", {"coordinates": [4.39, 50.82]}), feature("B", {"type": "Point", "coordinates": [50.85, 4.37]}),
            feature("C", {"type": "Point", "coordinates": "?"}), feature(None, None), 3]})
    )  # fmt: skip
    assert [(one.id, one.longitude, one.latitude) for one in parsed.things] == [
        ("bm_bike:A", 4.39, 50.82), ("bm_bike:B", 4.37, 50.85), ("bm_bike:C", None, None),
    ]  # fmt: skip
    assert parsed.counts["geometries without type"] == 1
    assert parsed.counts["places in swapped order"] == 1
    assert parsed.things[0].properties["names"] == {"fr": "Rue A", "nl": "A-straat"}
    assert parsed.things[0].properties["tracks"] == {"Track1.1": {"en": "To the West"}}
    assert sum(problem.rows for problem in parsed.problems) == 3


@pytest.mark.data
def test_recorded_devices_have_their_counts(reference_data: Path) -> None:
    parsed = parse_devices((reference_data / "sensors/bm_bike_devices_2026.json").read_bytes())
    assert len(parsed.things) == 18  # SOURCES.md
    assert parsed.counts["geometries without type"] == 10
    assert not parsed.problems
    # the box of the Region, as SOURCES.md tells it for roads
    assert all(4.233 < one.longitude < 4.492 and 50.759 < one.latitude < 50.919 for one in parsed.things)  # type: ignore[operator]


@pytest.mark.data
def test_the_recorded_day_has_its_counts(reference_data: Path) -> None:
    parsed = parse_summary(
        gzip.decompress((reference_data / "sensors/bm_bike_summary_2026-02-15.json.gz").read_bytes())
    )
    counts = np.array(["/bicycle_count/" in name for name in parsed.readings.datastream])
    assert parsed.counts["slots"] == counts.sum() == 4320  # SOURCES.md
    assert parsed.readings.value[counts].sum() == 9584
    assert len(parsed.things) == 18
    assert not parsed.problems
    ends = {datetime.fromtimestamp(end / 1e9 - 1, BRUSSELS).date().isoformat() for end in parsed.readings.time}
    assert ends == {"2026-02-15"}


@pytest.mark.data
def test_the_recorded_history_has_its_counts_and_ends_at_midnight_of_brussels(reference_data: Path) -> None:
    packed = reference_data / "sensors/bm_bike_history_CJM90_2021-12_2022-07.csv.gz"
    parsed = parse_history(gzip.decompress(packed.read_bytes()), "CJM90")
    times, values = of(parsed, "bm_bike:CJM90/bicycle_count/15min")
    assert len(times) == parsed.counts["slots"] == 21_784  # SOURCES.md
    assert sum(values) == 901_744
    assert parsed.counts["days cut short"] == 1
    assert not parsed.problems
    assert datetime.fromtimestamp(times[-1] / 1e9, BRUSSELS) == datetime(2022, 7, 30, tzinfo=BRUSSELS)


@pytest.mark.data
def test_the_morning_peak_keeps_the_clock_on_the_wall_through_the_change(reference_data: Path) -> None:
    # people go to work by the clock on the wall: taken for local time these stamps would move the peak by an hour
    packed = reference_data / "sensors/bm_bike_history_CJM90_2021-12_2022-07.csv.gz"
    parsed = parse_history(gzip.decompress(packed.read_bytes()), "CJM90")
    morning: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
    for end, value in zip(*of(parsed, "bm_bike:CJM90/bicycle_count/15min"), strict=True):
        wall = datetime.fromtimestamp(end / 1e9 - 900, BRUSSELS)
        if wall.hour < 12:
            morning[bool(wall.dst())][wall.hour] += int(value)
    summer, winter = (hours.most_common(1)[0][0] for hours in morning.values())
    assert summer == winter


def test_ten_megabytes_of_history_are_read_in_two_seconds() -> None:
    dates = [f"{datetime(2000, 1, 1) + timedelta(days=one):%Y-%m-%d}" for one in range(5000)]
    rows = "\n".join(f"{date},{gap},{gap % 50},{10 + gap % 9}" for date in dates for gap in range(1, 97))
    text = f"Date,Time gap,Count,Average speed\n{rows}"[:10_000_000].rpartition("\n")[0]
    begin = time.process_time()
    parsed = parse_history(text, "CAA1")
    assert time.process_time() - begin < 2.0
    assert len(parsed.readings) > 900_000
