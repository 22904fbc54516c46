"""Gaps, resets, rollovers, negative steps and clock changes: each by hand, and nothing used is lost or made up."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.readings import hour_of_week, on_regular_steps, use_of_counters, use_of_steps, utc_of_local

NAN = np.nan


def test_a_gap_keeps_its_sum_and_not_its_steps():
    found = use_of_counters(np.array([[10.0, 12, NAN, NAN, 20, 21]]))
    np.testing.assert_array_equal(found.amount, [[NAN, 2, NAN, NAN, NAN, 1]])
    assert found.in_gaps.tolist() == [8.0]
    assert found.total().tolist() == [11.0]
    assert found.counts["gaps"].tolist() == [1]
    assert found.counts["steps without a reading"].tolist() == [2]


def test_a_new_meter_is_no_negative_use_and_a_full_counter_runs_over():
    reset = use_of_counters(np.array([[500.0, 510, 3, 7]]))
    np.testing.assert_array_equal(reset.amount, [[NAN, 10, NAN, 4]])
    assert reset.counts["resets"].tolist() == [1]
    over = use_of_counters(np.array([[99_990.0, 99_998, 4]]), largest=1e5)
    np.testing.assert_array_equal(over.amount, [[NAN, 8, 6]])
    assert over.counts["rollovers"].tolist() == [1]
    assert over.counts["resets"].tolist() == [0]


def test_a_counter_with_any_gaps_accounts_for_last_less_first():
    rng = np.random.default_rng(0)
    true = np.cumsum(rng.integers(0, 50, (40, 300)), axis=1).astype(float)
    seen = np.where(rng.random(true.shape) < 0.3, NAN, true)
    found = use_of_counters(seen).total()
    ends = [row[np.isfinite(row)][[0, -1]] for row in seen]
    np.testing.assert_array_equal(found, [last - first for first, last in ends])


def test_a_negative_step_is_left_out_and_counted():
    found = use_of_steps(np.array([[1.0, -2, NAN, 4]]))
    np.testing.assert_array_equal(found.amount, [[1, NAN, NAN, 4]])
    assert found.counts["negative steps"].tolist() == [1]
    assert found.counts["steps without a reading"].tolist() == [1]
    with pytest.raises(LayerError, match=r"\(meter, time\)"):
        use_of_steps(np.zeros(4))


def test_stamps_in_any_order_fall_on_their_steps():
    values, counts = on_regular_steps(np.array([7200.0, 0, 3700, 3600, 99_999]), np.arange(5.0), 0.0, 3600.0, 4)
    np.testing.assert_array_equal(values, [1, 2, 0, NAN])
    assert counts == {"stamped twice": 1, "outside the time": 1}


@pytest.mark.parametrize("day", [datetime(2024, 10, 27), datetime(2024, 3, 31)])
def test_local_stamps_around_the_change_of_the_clock_are_those_of_the_time_zone_database(day):
    """The expected offsets are those of the IANA data base for Europe/Brussels."""
    zone = ZoneInfo("Europe/Brussels")
    utc = [(day.replace(tzinfo=UTC) + timedelta(minutes=15 * k - 180)) for k in range(48)]
    true = np.array([one.timestamp() for one in utc])
    local = [one.astimezone(zone) for one in utc]
    written = np.array([one.replace(tzinfo=UTC).timestamp() for one in local])
    offsets = np.array([one.utcoffset().total_seconds() for one in local])
    change = true[np.flatnonzero(np.diff(offsets))[0] + 1]
    found, counts = utc_of_local(written, offsets[0], offsets[-1], change)
    np.testing.assert_array_equal(found, true)
    assert counts["in the hour that comes twice"] == (8 if day.month == 10 else 0)
    week = [one.weekday() * 24 + one.hour for one in local]
    np.testing.assert_array_equal(hour_of_week(true, offsets), week)


def test_a_stamp_in_the_hour_left_out_belongs_nowhere():
    found, counts = utc_of_local(np.array([0.0, 4000.0, 8000.0]), 0.0, 3600.0, 3600.0)
    np.testing.assert_array_equal(found, [0.0, NAN, 4400.0])
    assert counts["in the hour left out"] == 1
