"""Leaks in the water of a building, by what still flows at night and by never standing still."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from kernels.contract import LayerError

LITRE_PER_HOUR = 1e-3 / 3600.0
"""[m³ s⁻¹]"""

NIGHT = (2, 4)
"""Local hours of the least use, first included, last not: Thornton, Sturm and Kunkel (2008), Water Loss Control."""

LEAK = 50.0 * LITRE_PER_HOUR
"""Leak that is to be found in three nights. [m³ s⁻¹]"""

SLACK = 0.3
"""Night flow above the level that counts as use still, over `LEAK`; also the standard deviations of it. [1]"""

LIMIT = 1.2
"""Sum of nights at which the alarm is raised, over `LEAK`: three nights of such a leak give 2.1. [1]"""

MOST_OF_A_NIGHT = 0.49
"""Share of the limit that one night adds at most, so that a single night of filling a pool is no leak. [1]"""

NOISE_LIMIT = 4.0
"""Least limit, in standard deviations of the night flow: 1.2 `LEAK` for what spreads by 15 L/h, more for others. [1]"""

FINDABLE = 1.8
"""Standard deviations above slack and a third of the limit of what 95 of 100 meters tell in three nights: by trial on
6,000 meters of normal night flow, for the capped parts have no closed form. [1]"""

MEMORY = 28
"""Nights whose median is the level and whose median deviation is the spread; those of a told leak are left out."""

LEARNING = 7
"""Nights that must be known before a meter can be judged."""


@dataclass(frozen=True)
class Leaks:
    """What the nights of meters tell.

    Attributes
    ----------
    night_flow : (meter, day) float64
        Least flow of the night, NaN where less than half of it is known. [m³ s⁻¹]
    level, spread : (meter, day) float64
        Night flow of the nights before and its standard deviation; NaN while the meter learns. [m³ s⁻¹]
    suspicion : (meter, day) float64
        The sum, over its limit: an alarm at 1.
    alarm : (meter, day) bool
        The night in which a leak is told; once for each leak.
    leaking : (meter, day) bool
        From then until the night flow is back.
    flow : (meter, day) float64
        Night flow above the level while leaking, else 0. [m³ s⁻¹]
    findable : (meter,) float64
        Least leak found in three nights with 95 % at the last spread; NaN of a meter that never learnt. [m³ s⁻¹]
    """

    night_flow: np.ndarray
    level: np.ndarray
    spread: np.ndarray
    suspicion: np.ndarray
    alarm: np.ndarray
    leaking: np.ndarray
    flow: np.ndarray
    findable: np.ndarray


def night_flow(flow: np.ndarray, local_hour: np.ndarray, day: np.ndarray, days: int) -> np.ndarray:
    """Least flow between two and four o'clock of each local day.

    Parameters
    ----------
    flow : (meter, time) float64
        Mean of each step of an hour at most; NaN where not known. [m³ s⁻¹]
    local_hour : (time,) float64
        Local hour of the day in which the step begins, 0 to 24.
    day : (time,) int
        Local day, 0 first. The hour that comes twice or never in a change of the clock just has more steps or none.
    days : int

    Returns
    -------
    (meter, day) float64
        NaN where less than half of the night's steps are known.
    """
    flow = np.asarray(flow, float)
    if flow.ndim != 2 or flow.shape[1:] != np.shape(local_hour) or flow.shape[1:] != np.shape(day):
        raise LayerError(
            f"flow must be (meter, time), hours and days (time,); got {flow.shape}, {np.shape(local_hour)} "
            f"and {np.shape(day)}"
        )
    asleep = (local_hour >= NIGHT[0]) & (local_hour < NIGHT[1]) & (day >= 0) & (day < days)
    least, known, steps = np.full((flow.shape[0], days), np.inf), np.zeros((flow.shape[0], days)), np.zeros(days)
    np.add.at(steps, day[asleep], 1.0)
    for column in np.flatnonzero(asleep):
        one, when = flow[:, column], day[column]
        here = np.isfinite(one)
        least[here, when] = np.minimum(least[here, when], one[here])
        known[here, when] += 1.0
    return np.where((known > 0) & (known >= 0.5 * steps), least, np.nan)


def find_leaks(nights: np.ndarray, *, resolution: float = 1.0 * LITRE_PER_HOUR) -> Leaks:
    """Judge the nights of meters one after the other, as they would have come in.

    Parameters
    ----------
    nights : (meter, day) float64
        Of `night_flow`. [m³ s⁻¹]
    resolution : float
        Flow of one pulse of the meter in a step: no spread is taken as less. [m³ s⁻¹]

    Notes
    -----
    A one-sided cusum (Page 1954, doi:10.1093/biomet/41.1-2.100) of the least night flow above its running median, each
    night's part capped. Nights of a told leak are not learnt, so that it never becomes the habit; the few of suspicion
    before it are, for a spread without its own high nights is too small, but they do not move a median of 28. Missing
    nights change nothing.
    """
    nights = np.ascontiguousarray(nights, dtype=np.float64)
    if nights.ndim != 2:
        raise LayerError(f"nights must be (meter, day), got {nights.shape}; try nights[None, :] for one meter")
    if not resolution >= 0.0:
        raise LayerError(f"resolution of a meter must be 0 or more, got {resolution}")
    level, spread = np.full(nights.shape, np.nan), np.full(nights.shape, np.nan)
    suspicion, flow = np.zeros(nights.shape), np.zeros(nights.shape)
    alarm, leaking = np.zeros(nights.shape, np.bool_), np.zeros(nights.shape, np.bool_)
    law = np.array([LEAK, SLACK, LIMIT, MOST_OF_A_NIGHT, NOISE_LIMIT, resolution])
    _judge(nights, law, MEMORY, LEARNING, level, spread, suspicion, alarm, leaking, flow)
    last = np.full(nights.shape[0], np.nan)
    for meter, row in enumerate(spread):
        learnt = row[np.isfinite(row)]
        if learnt.size:
            last[meter] = learnt[-1]
    slack, limit = np.maximum(SLACK * LEAK, last), np.maximum(LIMIT * LEAK, NOISE_LIMIT * last)
    findable = slack + limit / 3.0 + FINDABLE * last
    return Leaks(nights, level, spread, suspicion, alarm, leaking, flow, findable)


def never_still(flow: np.ndarray, day: np.ndarray, days: int, *, window: int = 7) -> np.ndarray:
    """Zero-flow test: the flow that never stopped over a week, which a leak older than the readings shows too.

    Parameters
    ----------
    flow : (meter, time) float64
        NaN where not known. [m³ s⁻¹]
    day : (time,) int
        Local day of each step, 0 first.
    days, window : int
        Days of the series, and days in which there should be one step without flow.

    Returns
    -------
    (meter, day) float64
        Least flow of the ``window`` days that end with this one, 0 of a meter that stood still; NaN where a day of them
        has no reading. [m³ s⁻¹]
    """
    least = np.full((flow.shape[0], days), np.inf)
    for column in range(flow.shape[1]):
        if 0 <= day[column] < days:
            one = flow[:, column]
            least[:, day[column]] = np.fmin(least[:, day[column]], np.where(np.isfinite(one), one, np.inf))
    found = np.full_like(least, np.nan)
    for when in range(window - 1, days):
        span = least[:, when - window + 1 : when + 1]
        found[:, when] = np.where(np.isfinite(span).all(axis=1), span.min(axis=1), np.nan)
    return found


@njit(nogil=True, cache=True)
def _judge(nights, law, memory, learning, level, spread, suspicion, alarm, leaking, flow):
    leak, slack_share, limit_share, most, noise_limit, resolution = law
    kept = np.empty(memory)
    for meter in range(nights.shape[0]):
        many, total, leaks = 0, 0.0, False
        for day in range(nights.shape[1]):
            q = nights[meter, day]
            if many < learning:
                if np.isfinite(q):
                    kept[many % memory] = q
                    many += 1
                continue
            held = kept[: min(many, memory)]
            usual = np.median(held)
            sigma = max(1.4826 * np.median(np.abs(held - usual)), resolution)  # of a normal spread
            level[meter, day], spread[meter, day] = usual, sigma
            slack, limit = max(slack_share * leak, sigma), max(limit_share * leak, noise_limit * sigma)
            if np.isfinite(q):
                above = q - usual
                if leaks and above < slack:
                    leaks, total = False, 0.0
                elif not leaks:
                    total = max(0.0, total + min(above - slack, most * limit))
                    if total > limit:
                        leaks, alarm[meter, day] = True, True
                if leaks:
                    flow[meter, day] = max(above, 0.0)
                else:
                    kept[many % memory] = q
                    many += 1
            suspicion[meter, day] = total / limit
            leaking[meter, day] = leaks
