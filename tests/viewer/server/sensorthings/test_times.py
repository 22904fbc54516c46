from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from twin.sensors.model import SECOND
from viewer.server.sensorthings import times

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
ZONES = some.timedeltas(min_value=timedelta(hours=-14), max_value=timedelta(hours=14)).map(
    lambda gap: timedelta(minutes=gap // timedelta(minutes=1))
)


@given(some.datetimes(min_value=datetime(1, 1, 3)), ZONES)
def test_a_time_is_what_the_clock_of_python_says_it_is(moment, ahead):
    minutes = abs(ahead) // timedelta(minutes=1)
    zone = f"{'-' if ahead < timedelta(0) else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    words = f"{moment.isoformat()}{zone}"
    wanted = (datetime.fromisoformat(words) - EPOCH) // timedelta(microseconds=1) * 1000
    assert times.instant(words).ns == wanted


@given(some.integers(0, 2**63 - 1))
def test_a_time_that_is_written_is_read_as_it_was(ns):
    assert times.instant(times.written(times.Instant(ns))).ns == ns


def test_the_hour_that_is_twice_in_brussels_is_two_hours_by_their_offsets():
    # 25 October 2026, 3:00 summer time is 2:00 winter time (Directive 2000/84/EC, last Sunday of October at 1:00 UTC)
    first, second = times.instant("2026-10-25T02:30:00+02:00"), times.instant("2026-10-25T02:30:00+01:00")
    assert second.ns - first.ns == 3600 * SECOND
    spring = times.instant("2026-03-29T03:00:00+02:00").ns - times.instant("2026-03-29T01:59:59+01:00").ns
    assert spring == SECOND


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("PT1H", 3600), ("P1DT30M", 88_200), ("-PT0.5S", -0.5), ("PT1H1M1S", 3661), ("P2D", 172_800)],
)
def test_a_duration_is_days_and_less(words, seconds):
    assert times.length(words).ns == seconds * SECOND


@pytest.mark.parametrize("words", ["", "P", "PT", "1H", "P1M", "P1Y"])
def test_what_is_no_duration_is_refused(words):
    with pytest.raises(ValueError, match="PT1H"):
        times.length(words)


@pytest.mark.parametrize(
    "words", ["noon", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:00",
              "2026-01-01T00:00:00+15:00", "2026-01-02T00:00:00Z/2026-01-01T00:00:00Z", 5, None],
)  # fmt: skip
def test_what_is_no_time_is_refused(words):
    with pytest.raises(ValueError, match=r"no time|day is out|on no clock|no zone|ends before"):
        times.when(words)
