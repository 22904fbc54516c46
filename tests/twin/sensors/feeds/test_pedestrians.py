"""Counts of people on foot, in tables written by hand."""

import json
import math
from datetime import UTC, datetime

import pytest

from twin.sensors.feeds.pedestrians import parse
from twin.sensors.model import SensorError

TABLE = """counter,begin,until,count,direction,name,longitude,latitude,mac
NEUVE 1,2025-06-02 08:00,2025-06-02 08:15,120,north,Rue Neuve,4.3563,50.8520,aa:bb
NEUVE 1,2025-06-02T06:15:00Z,2025-06-02T06:30:00Z,0,north,Rue Neuve,4.3563,50.8520,aa:bb
NEUVE 1,2025-06-02 08:30,2025-06-02 08:45,,north,Rue Neuve,4.3563,50.8520,aa:bb
"""


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 10**9


def test_a_table_gives_counts_at_the_end_of_their_period() -> None:
    parsed = parse(TABLE)
    assert set(parsed.readings.datastream) == {"pedestrians:NEUVE_1/pedestrian_count/15min/north"}
    assert parsed.readings.time.tolist() == [utc(2025, 6, 2, 6, 15), utc(2025, 6, 2, 6, 30), utc(2025, 6, 2, 6, 45)]
    assert parsed.readings.value[:2].tolist() == [120.0, 0.0]
    assert math.isnan(parsed.readings.value[2]), "nobody counted is not nobody came"
    place = parsed.things[0]
    assert (place.name, place.longitude, place.latitude) == ("Rue Neuve", 4.3563, 50.8520)
    assert "aa:bb" not in repr(parsed), "a counter counts, it does not tell who"


def test_json_says_the_same_as_a_table() -> None:
    rows = [{"counter": "A", "begin": "2025-06-02T08:00+02:00", "until": "2025-06-02T09:00+02:00", "count": 5}]
    for document in (rows, {"counts": rows}):
        parsed = parse(json.dumps(document))
        assert parsed.readings.time.tolist() == [utc(2025, 6, 2, 7)]
        assert parsed.datastreams[0].id == "pedestrians:A/pedestrian_count/60min"
        assert parsed.datastreams[0].period == 3600.0


def test_both_changes_of_the_clock_keep_the_length_of_a_period() -> None:
    head = "counter,begin,until,count\n"
    spring = parse(head + "A,2026-03-29 01:00,2026-03-29 03:00,5\n")
    assert spring.datastreams[0].period == 3600.0
    autumn = parse(
        head + "".join(f"A,2026-10-25 0{a},2026-10-25 0{b},5\n" for a, b in
                       (("1:30", "2:00"), ("2:00", "2:30"), ("2:30", "2:00"), ("2:00", "2:30"), ("2:30", "3:00")))
    )  # fmt: skip
    assert {stream.period for stream in autumn.datastreams} == {1800.0}
    first = utc(2026, 10, 25)
    assert [(time - first) // 10**9 for time in autumn.readings.time.tolist()] == [0, 1800, 3600, 5400, 7200]


def test_bad_rows_cost_themselves_alone() -> None:
    rows = ["B,2025-06-02 08:00,2025-06-02 07:00,1", "B,soon,later,1", ",2025-06-02 08:00,2025-06-02 08:15,1",
            "B,2025-06-02 08:00,2025-06-02 08:15,many", "B,2025-06-02 08:00,2025-06-02 08:15,3"]  # fmt: skip
    parsed = parse("counter,begin,until,count\n" + "\n".join(rows))
    assert parsed.readings.value.tolist() == [3.0]
    assert sum(problem.rows for problem in parsed.problems) == 4
    assert {problem.field for problem in parsed.problems} == {"begin, until", "counter", "count"}


def test_a_counter_that_never_counted_is_silent_and_no_row_is_told() -> None:
    assert parse("counter,begin,until,count\nA,2025-06-02 08:00,2025-06-02 08:15,-1\n").silent == 1
    assert parse("counter,begin,until,count\n").problems[0].field == "rows"
    for wrong in ("", "<html>", "counter;count\n", '{"a": 1}'):
        with pytest.raises(SensorError, match="pedestrians"):
            parse(wrong)
