"""What may be wrong with a reading, as flags beside its value; the value is never touched.

What becomes of each fault of a feed: NaN is `Flag.MISSING`; the same row again `Flag.DUPLICATE`, with another value
`Flag.CONFLICT`; out of order `Flag.OUT_OF_ORDER`, and judged by its own time; another unit in mid-stream `Flag.UNIT` as
far as a quantity cannot change by that much itself; a clock ahead, as one of the wall taken for UTC, `Flag.CLOCK`; one
behind `Flag.STALE`, and by whole hours `twin.sensors.clocks`; the two changes of the clock are read by the feeds, with
`Flag.CLOCK` where an hour is in doubt.
"""

from collections.abc import Mapping
from enum import IntFlag

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kernels.quantities import Language
from twin.sensors.limits import MISTAKEN, Limits, limits_of
from twin.sensors.model import SECOND, Datastream, Readings, SensorError


class Flag(IntFlag):
    """What was found; the sum of them stands in `Readings.flag`, 0 is good. At most 16 fit its column."""

    OUT_OF_RANGE = 1
    """No such value can be, by the limits of the quantity."""
    RATE = 2
    """It changed faster than it can."""
    STUCK = 4
    """It has not changed for longer than it rests."""
    STALE = 8
    """It was old when it came."""
    NEIGHBOUR = 16
    """Those around it agree on another value."""
    SUN_HEATED = 32
    """A thermometer that the sun shines on, not the air."""
    UNIT = 64
    """It fits only if read in another unit."""
    CLOCK = 128
    """Its time is in doubt: ahead of now, whole hours off, or an hour of the wall that is twice or never."""
    DUPLICATE = 256
    """This time of this datastream was there already, with the same value."""
    CONFLICT = 512
    """This time of this datastream was there already, with another value; the first stands."""
    OUT_OF_ORDER = 1024
    """It came after a later one."""
    NOT_VALID = 2048
    """The device or its owner says that it is not to be used."""
    MISSING = 4096
    """The device says that it knows nothing: NaN."""


REMARKS = Flag.STALE | Flag.DUPLICATE | Flag.OUT_OF_ORDER
"""They tell how a reading came; its value may be used all the same."""

FLAG_WORDS: Mapping[Flag, Mapping[Language, str]] = {
    Flag.OUT_OF_RANGE: {"fr": "valeur impossible", "nl": "onmogelijke waarde", "en": "impossible value"},
    Flag.RATE: {"fr": "change trop vite", "nl": "verandert te snel", "en": "changes too fast"},
    Flag.STUCK: {"fr": "valeur figée", "nl": "waarde blijft hangen", "en": "stuck"},
    Flag.STALE: {"fr": "trop ancien", "nl": "te oud", "en": "too old"},
    Flag.NEIGHBOUR: {
        "fr": "en désaccord avec ses voisins",
        "nl": "wijkt af van de buren",
        "en": "unlike its neighbours",
    },
    Flag.SUN_HEATED: {"fr": "chauffé par le soleil", "nl": "opgewarmd door de zon", "en": "heated by the sun"},
    Flag.UNIT: {"fr": "mauvaise unité", "nl": "verkeerde eenheid", "en": "wrong unit"},
    Flag.CLOCK: {"fr": "heure douteuse", "nl": "twijfelachtig tijdstip", "en": "time in doubt"},
    Flag.DUPLICATE: {"fr": "reçu deux fois", "nl": "dubbel ontvangen", "en": "received twice"},
    Flag.CONFLICT: {
        "fr": "deux valeurs pour le même moment",
        "nl": "twee waarden voor hetzelfde moment",
        "en": "two values for one moment",
    },
    Flag.OUT_OF_ORDER: {"fr": "arrivé en retard", "nl": "te laat aangekomen", "en": "came late"},
    Flag.NOT_VALID: {"fr": "déclaré non valable", "nl": "ongeldig verklaard", "en": "declared not valid"},
    Flag.MISSING: {"fr": "sans valeur", "nl": "zonder waarde", "en": "no value"},
}
"""Words for people, by language."""

AHEAD_S = 120.0
"""A clock may be ahead of ours by so much; assumed. [s]"""
ALIKE = 4
"""So many readings must be the same before they are stuck: a device that tells once a day rests over night; assumed."""
SPOILT = int(Flag.NOT_VALID | Flag.CLOCK | Flag.DUPLICATE | Flag.CONFLICT)
"""Readings with these say nothing of what comes before and after them."""


def usable(flag: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Whether values may be used: without a flag, or with `REMARKS` alone."""
    return (np.asarray(flag) & ~np.uint16(int(REMARKS))) == 0


def tally(flag: NDArray[np.uint16]) -> dict[str, int]:
    """How many readings bear each flag, by its name in small letters; those that none bears are left out."""
    found = {one.name.lower(): int(np.count_nonzero(flag & np.uint16(one))) for one in Flag if one.name}
    return {name: many for name, many in found.items() if many}


def history_s(streams: Mapping[str, Datastream], table: Mapping[str, Limits] | None = None) -> float:
    """How long before the first of its readings `checked` needs to know those that came before. [s]"""
    return max((limits_of(one, table).stuck_s or 0.0 for one in streams.values()), default=0.0) + 86_400.0


def checked(
    readings: Readings,
    streams: Mapping[str, Datastream],
    *,
    received: int | None = None,
    before: Readings | None = None,
    ordered: bool = True,
    table: Mapping[str, Limits] | None = None,
) -> Readings:
    """Readings with the flags that they themselves give away: all but those of neighbours.

    Parameters
    ----------
    readings : Readings
        In the order in which they came; flags of their feed stay.
    streams : mapping of str to Datastream
    received : int, optional
        When they came; without, neither stale nor ahead is told, as of files of years past. [ns, UTC]
    before : Readings, optional
        What is known of the same datastreams from `history_s` before on, with its flags.
    ordered : bool
        Whether they came one by one; of a payload that brings them at once, newest first perhaps, only what is older
        than ``before`` is out of order.
    table : mapping of str to Limits, optional
        Of the city's own.

    Returns
    -------
    Readings
        The same rows, times and values in the same order.

    Raises
    ------
    SensorError
        A reading of a datastream that is not among them.

    Notes
    -----
    A reading is told from those before it alone, so that batches give the flags of the whole; an exception is a counter
    that was replaced, see `_walk`. Where a factor between two units is smaller than what a quantity may change in one
    step, a change of unit cannot be seen here (km/h for m/s of a light wind).
    """
    old = Readings.none() if before is None else before
    both = Readings.joined((old, readings))
    code, names = pd.factorize(both.datastream)
    strange = [name for name in names if name not in streams]
    if strange:
        raise SensorError(f"a reading of {strange[0]!r}, which is no datastream; put the datastream first")
    known = [streams[name] for name in names]
    rules = [limits_of(one, table) for one in known]
    time, value, flag = both.time, both.value, both.flag.copy()

    flag[np.isnan(value)] |= np.uint16(Flag.MISSING)
    span = np.array([rule.span(one.period) for rule, one in zip(rules, known, strict=True)]).reshape(-1, 2)
    outside = (value < span[code, 0]) | (value > span[code, 1]) | np.isinf(value)
    flag[outside] |= np.uint16(Flag.OUT_OF_RANGE)

    flag[_late(code, time, None if ordered else len(old))] |= np.uint16(Flag.OUT_OF_ORDER)
    if received is not None:
        aged = (received - time[len(old) :]) / SECOND
        late = np.array([rule.stale_after(one.period) for rule, one in zip(rules, known, strict=True)])
        flag[len(old) :][aged > late[code[len(old) :]]] |= np.uint16(Flag.STALE)
        flag[len(old) :][aged < -AHEAD_S] |= np.uint16(Flag.CLOCK)

    order = np.lexsort((np.arange(time.size), time, code))
    _twice(order, code, time, value, flag)
    order = order[np.isfinite(value[order]) & ((flag[order] & np.uint16(SPOILT)) == 0)]
    if order.size:
        _stuck(order, code, time, value, flag, rules)
        _fast(order, code, time, value, flag, [(r, s.period) for r, s in zip(rules, known, strict=True)], len(old))
    return Readings(readings.datastream, readings.time, readings.value, flag[len(old) :])


def _late(code: NDArray[np.intp], time: NDArray[np.int64], old: int | None) -> NDArray[np.bool_]:
    """Whether a later one of its datastream came before each; from ``old`` on, if given, all at once. (reading,)"""
    late = np.zeros(time.size, bool)
    if old is not None:
        newest = np.full(int(code.max(initial=-1)) + 1, np.iinfo(np.int64).min)
        np.maximum.at(newest, code[:old], time[:old])
        late[old:] = time[old:] < newest[code[old:]]
        return late
    order = np.argsort(code, kind="stable")
    rank = np.unique(time, return_inverse=True)[1]
    # the rank of a later datastream is above all of an earlier one, so that one maximum runs through all
    place = code[order] * (time.size + 1) + rank[order]
    late[order] = place < np.maximum.accumulate(place) if time.size else False
    return late


def _twice(
    order: NDArray[np.intp],
    code: NDArray[np.intp],
    time: NDArray[np.int64],
    value: NDArray[np.float64],
    flag: NDArray[np.uint16],
) -> None:
    """Flag what is there again; ``order`` sorts by datastream, time and arrival."""
    new = np.ones(order.size, bool)
    new[1:] = (np.diff(code[order]) != 0) | (np.diff(time[order]) != 0)
    first = order[np.maximum.accumulate(np.where(new, np.arange(order.size), 0))]
    one, other = value[order], value[first]
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    flag[order[~new & same]] |= np.uint16(Flag.DUPLICATE)
    flag[order[~new & ~same]] |= np.uint16(Flag.CONFLICT)


def _stuck(
    order: NDArray[np.intp],
    code: NDArray[np.intp],
    time: NDArray[np.int64],
    value: NDArray[np.float64],
    flag: NDArray[np.uint16],
    rules: list[Limits],
) -> None:
    """Flag what has not changed for too long, from then on."""
    patience = np.array([np.inf if rule.stuck_s is None else rule.stuck_s for rule in rules])
    rest = np.array([np.nan if rule.rests_at is None else rule.rests_at for rule in rules])
    mine, when, what = code[order], time[order], value[order]
    new = np.ones(order.size, bool)
    new[1:] = (np.diff(mine) != 0) | (what[1:] != what[:-1])
    first = np.maximum.accumulate(np.where(new, np.arange(order.size), 0))
    long = (when - when[first]) / SECOND > patience[mine]
    many = np.arange(order.size) - first >= ALIKE - 1
    flag[order[long & many & (what != rest[mine])]] |= np.uint16(Flag.STUCK)


def _fast(
    order: NDArray[np.intp],
    code: NDArray[np.intp],
    time: NDArray[np.int64],
    value: NDArray[np.float64],
    flag: NDArray[np.uint16],
    rules: list[tuple[Limits, float]],
    old: int,
) -> None:
    """Flag what changes too fast or is in another unit; only datastreams where something jumps are walked through."""
    mine, when, what = code[order], time[order] / SECOND, value[order]
    paces = [_pace(rule, period) for rule, period in rules]
    step, rate, down = np.array(paces).T
    change, allowed = np.diff(what), step[mine[1:]] + rate[mine[1:]] * np.diff(when)
    jump = (change > allowed) | (change < -allowed * down[mine[1:]])
    jump &= np.diff(mine) == 0
    odd = (flag[order] & np.uint16(Flag.OUT_OF_RANGE | Flag.RATE | Flag.UNIT)) != 0
    odd[1:] |= jump
    starts = np.flatnonzero(np.r_[True, np.diff(mine) != 0])
    ends = np.r_[starts[1:], mine.size]
    for one in np.unique(np.searchsorted(starts, np.flatnonzero(odd), side="right") - 1):
        rows = order[starts[one] : ends[one]]
        past = rows < old
        good = np.flatnonzero(past & usable(flag[rows]))
        rows = rows[good[0] :] if good.size else rows
        rule, period = rules[mine[starts[one]]]
        found = _walk(time[rows] / SECOND, value[rows], rule, period)
        flag[rows] |= np.where(rows < old, np.uint16(0), found)


def _pace(rule: Limits, period: float) -> tuple[float, float, float]:
    """Step, rate, and the share of them by which a value may fall; a rising quantity has them as a counter alone."""
    if rule.step is None or (rule.rising and period > 0.0):
        return np.inf, 0.0, 1.0
    return rule.step, rule.rate or 0.0, 0.0 if rule.rising else 1.0


def _walk(time: NDArray[np.float64], value: NDArray[np.float64], rule: Limits, period: float) -> NDArray[np.uint16]:
    """Flags of one datastream, in its order of time.

    Parameters
    ----------
    time, value : (reading,) float64
        [s], [unit of the quantity], all finite.
    rule : Limits
    period : float
        [s]

    Returns
    -------
    (reading,) uint16
        `Flag.RATE` and `Flag.UNIT`.

    Notes
    -----
    Each reading is held against the last that fitted, so that one that comes back from an outlier is good, and a new
    level is believed once there was time for the change. One that fits only in another unit is flagged and followed in
    that unit. A counter that falls is flagged once and followed if the next goes on from it: a new meter.
    """
    low, high = rule.span(period)
    step, rate, down = _pace(rule, period)
    ways = [(1.0, 0.0), *(MISTAKEN[unit] for unit in rule.units)]
    read = [value * factor + offset for factor, offset in ways]
    inside = [(one >= low) & (one <= high) for one in read]
    many = value.size
    allowed = step + rate * np.diff(time)
    breaks, goes_on = [], np.zeros(many + 1, bool)
    for number, (one, within) in enumerate(zip(read, inside, strict=True)):
        change = np.diff(one)
        fits = within[1:] & within[:-1] & (change <= allowed) & (change >= -allowed * down)
        back = read[0][1:] - one[:-1]
        if number:  # where both fit, the nearer one tells whether the right unit is back
            fits &= ~(inside[0][1:] & (back <= allowed) & (back >= -allowed * down) & (np.abs(back) < np.abs(change)))
        breaks.append(np.append(np.flatnonzero(~fits) + 1, many))
        if number == 0:
            goes_on[1:many] = fits
    flag = np.zeros(many, np.uint16)
    place, last, now = 0, -1, 0
    while place < many:
        for way in range(len(ways)):
            one = read[way][place]
            if not inside[way][place]:
                continue
            if last < 0:
                break
            change, room = one - read[now][last], step + rate * (time[place] - time[last])
            if -room * down <= change <= room:
                break
        else:
            if inside[0][place]:
                flag[place] |= np.uint16(Flag.RATE)
                if rule.rising and last >= 0 and value[place] < read[now][last] and goes_on[place + 1]:
                    last, now = place, 0
            place += 1
            continue
        end = int(breaks[way][np.searchsorted(breaks[way], place, side="right")])
        if way:
            flag[place:end] |= np.uint16(Flag.UNIT)
        last, now, place = end - 1, way, end
    return flag
