"""The hot hours of a day by the local clock: when a question about relief from heat is asked."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from twin.street_works import BRUSSELS

HOT_HOURS = (12, 18)
"""From and to, by the local clock: the sun is high until about 14 h, the air is hottest at about 17 h."""


def local_time(start: datetime, seconds: float) -> datetime:
    """The local clock at a time of a run; a start without a zone is UTC."""
    begin = start if start.tzinfo else start.replace(tzinfo=UTC)
    return (begin + timedelta(seconds=seconds)).astimezone(BRUSSELS)


def hot_hours(start: datetime, times: Sequence[float], hours: tuple[float, float] = HOT_HOURS) -> np.ndarray:
    """For how much of the hot hours each output time of a run counts.

    Parameters
    ----------
    start : datetime
        Start of the run.
    times : sequence of float
        Output times since then; each stands for the interval that ends at it. [s]
    hours : tuple of float
        From and to, by the local clock. [h]

    Returns
    -------
    (time,) float64
        Length of the interval within the hot hours of any day. [h]
    """
    ends = np.asarray(times, float)
    begins = np.concatenate([[0.0], ends[:-1]])
    midnight = local_time(start, 0.0).replace(hour=0, minute=0, second=0, microsecond=0)
    since = (local_time(start, 0.0) - midnight).total_seconds()  # within one zone: the clock's own seconds
    found = np.zeros(ends.size)
    for day in range(int((since + ends[-1]) // 86_400) + 1 if ends.size else 0):
        low, high = (day * 86_400 + 3600.0 * hour - since for hour in hours)
        found += np.maximum(np.minimum(ends, high) - np.maximum(begins, low), 0.0)
    return found / 3600.0
