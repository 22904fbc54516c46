"""What meters say made into use per step: gaps, resets, negative steps and the change of the clock, each counted."""

from dataclasses import dataclass, field

import numpy as np

from kernels.contract import LayerError

WEEK_HOURS = 168
"""Hours of a week."""

_MONDAY = 4 * 86400
"""1970-01-05, a Monday, in seconds since 1970. [s]"""


@dataclass(frozen=True)
class Use:
    """Use of meters per step.

    Attributes
    ----------
    amount : (meter, time) float64
        Of each step, in the meter's unit; NaN where it is not known.
    in_gaps : (meter,) float64
        Known to have been used over gaps, though not when.
    counts : dict of str to (meter,) int
        How many of each thing that was mended or left out.
    """

    amount: np.ndarray
    in_gaps: np.ndarray
    counts: dict[str, np.ndarray] = field(default_factory=dict)

    def total(self) -> np.ndarray:
        """All that is known to have been used. (meter,)"""
        return np.where(np.isfinite(self.amount), self.amount, 0.0).sum(axis=1) + self.in_gaps


def use_of_counters(counter: np.ndarray, *, largest: float | None = None) -> Use:
    """Use per step of meters that count up.

    Parameters
    ----------
    counter : (meter, time) float64
        Reading at the end of each step, NaN where there is none.
    largest : float or None
        First reading that the counter cannot show (10⁵ of five digits), where known.

    Returns
    -------
    Use
        The first step is NaN. Over a gap the sum is known, in ``in_gaps``, not its steps. A counter that goes back has
        run over if ``largest`` is known, it stood in the last tenth and comes back in the first (``rollovers``,
        mended); else it was reset or exchanged (``resets``): what was used since the reading before is not known.
    """
    counter = np.asarray(counter, float)
    if counter.ndim != 2:
        raise LayerError(f"counters must be (meter, time), got {counter.shape}; try counter[None, :] for one")
    meters, steps = counter.shape
    known = np.isfinite(counter)
    place = np.where(known, np.arange(steps), -1)
    before = np.full((meters, steps), -1)
    before[:, 1:] = np.maximum.accumulate(place, axis=1)[:, :-1]
    rows = np.arange(meters)[:, None]
    earlier = np.where(before >= 0, counter[rows, np.maximum(before, 0)], np.nan)
    rise = np.where(known, counter - earlier, np.nan)
    back = rise < 0
    over = np.zeros_like(back)
    if largest is not None:
        over = back & (earlier >= 0.9 * largest) & (counter <= 0.1 * largest)
        rise = np.where(over, rise + largest, rise)
    reset = back & ~over
    rise = np.where(reset, np.nan, rise)
    apart = (np.arange(steps) - before > 1) & (before >= 0)
    late = apart & np.isfinite(rise)
    counts = {
        "steps without a reading": (~known).sum(axis=1), "gaps": (apart & known).sum(axis=1),
        "resets": reset.sum(axis=1), "rollovers": over.sum(axis=1),
    }  # fmt: skip
    return Use(np.where(late, np.nan, rise), np.where(late, rise, 0.0).sum(axis=1), counts)


def use_of_steps(amount: np.ndarray) -> Use:
    """Use per step of meters that tell it themselves; a step below 0 is left out and counted, it is no use.

    Parameters
    ----------
    amount : (meter, time) float64
        NaN where not known.
    """
    amount = np.asarray(amount, float)
    if amount.ndim != 2:
        raise LayerError(f"use must be (meter, time), got {amount.shape}; try amount[None, :] for one meter")
    below = amount < 0
    unknown = ~np.isfinite(amount)
    counts = {"steps without a reading": unknown.sum(axis=1), "negative steps": below.sum(axis=1)}
    return Use(np.where(below | unknown, np.nan, amount), np.zeros(amount.shape[0]), counts)


def on_regular_steps(
    time: np.ndarray, value: np.ndarray, start: float, step: float, steps: int
) -> tuple[np.ndarray, dict[str, int]]:
    """One meter's stamped values laid on regular steps.

    Parameters
    ----------
    time : (reading,) float64
        UTC, seconds since 1970, in any order. [s]
    value : (reading,) float64
    start, step : float
        First step [s] and length [s]; a stamp belongs to the step it lies in.
    steps : int

    Returns
    -------
    values : (steps,) float64
        The last reading of each step; NaN where there is none.
    counts : dict
        Readings that were "stamped twice" (the later one holds) and "outside the time".
    """
    index = np.floor((np.asarray(time, float) - start) / step).astype(np.int64)
    inside = (index >= 0) & (index < steps)
    order = np.argsort(time[inside], kind="stable")
    found = np.full(steps, np.nan)
    found[index[inside][order]] = np.asarray(value, float)[inside][order]
    twice = int(inside.sum() - np.unique(index[inside]).size)
    return found, {"stamped twice": twice, "outside the time": int((~inside).sum())}


def utc_of_local(
    local: np.ndarray, offset_before: float, offset_after: float, change: float
) -> tuple[np.ndarray, dict]:
    """UTC of stamps in local time around one change of the clock, in the order in which they were noted.

    Parameters
    ----------
    local : (reading,) float64
        Local time as if it were UTC, seconds since 1970. [s]
    offset_before, offset_after : float
        Local time less UTC before and after the change. [s]
    change : float
        UTC of the change. [s]

    Returns
    -------
    utc : (reading,) float64
        NaN of a stamp that no clock showed (the hour left out in spring).
    counts : dict
        "in the hour that comes twice", "in the hour left out". Of an hour that comes twice the stamps are of the
        second time from where they first go back or repeat.
    """
    local = np.asarray(local, float)
    first, second = local - offset_before, local - offset_after
    before, after = first < change, second >= change
    utc = np.where(before, first, second)
    both = before & after
    went_back = np.concatenate([[False], np.diff(local) <= 0]) & both
    utc = np.where(both & (np.cumsum(went_back) > 0), second, utc)
    never = ~before & ~after
    return np.where(never, np.nan, utc), {
        "in the hour that comes twice": int(both.sum()), "in the hour left out": int(never.sum())
    }  # fmt: skip


def hour_of_week(utc: np.ndarray, offset: np.ndarray | float) -> np.ndarray:
    """Hour of the local week, Monday 00 h first, of times in UTC [s since 1970] and local less UTC [s]. (time,) int"""
    return (((np.asarray(utc, float) + offset - _MONDAY) // 3600) % WEEK_HOURS).astype(np.int64)
