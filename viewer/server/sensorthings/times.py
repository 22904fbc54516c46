"""Times as SensorThings writes them: instants, spans, days and lengths, all in nanoseconds."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from twin.sensors.model import SECOND

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = EPOCH.toordinal()
FIRST, FINAL = 0, 2**63 - 1
"""Times a store can hold. [ns]"""

_DATE = r"(?P<date>\d{4}-\d\d-\d\d)"
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d{1,12})?)?"
INSTANT = re.compile(_DATE + r"(?:[Tt]" + _CLOCK + r"(?P<zone>[Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII)
CLOCK = re.compile(_CLOCK, re.ASCII)
_LENGTH = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, order=True)
class Instant:
    """A moment, since 1970. [ns, UTC]"""

    ns: int


@dataclass(frozen=True, order=True)
class Length:
    """How long. [ns]"""

    ns: int


@dataclass(frozen=True, order=True)
class TimeOfDay:
    """Since midnight. [ns]"""

    ns: int


@dataclass(frozen=True)
class Span:
    """From a moment to another. [ns, UTC]

    Filters and orders take its end, which is what the time of a reading is in the store.
    """

    start: int
    end: int


def now() -> int:
    """By the clock of this machine. [ns, UTC]"""
    return time.time_ns()


def instant(words: str) -> Instant:
    """Read a time of ISO 8601 with its zone, or a date, which is its midnight in UTC.

    Raises
    ------
    ValueError
    """
    found = INSTANT.fullmatch(words.strip())
    if found is None:
        raise ValueError(f"{words[:60]!r} is no time; write it as 2026-11-27T14:00:00Z, with its zone")
    day, hour, minute, second, fraction, zone = found.groups()
    try:
        whole = (date.fromisoformat(day).toordinal() - _EPOCH_DAY) * 86_400 * SECOND
    except ValueError as error:
        raise ValueError(f"{words[:60]!r}: {error}") from error
    if hour is None:
        return Instant(whole)
    if zone is None:
        raise ValueError(f"{words[:60]!r} has no zone; end it with Z, or with an offset whose + is written %2B")
    ahead = 0
    if zone not in ("Z", "z"):
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        if hours > 14 or minutes > 59:
            raise ValueError(f"{words[:60]!r}: no zone is {zone}")
        ahead = (1 if zone[0] == "+" else -1) * (hours * 3600 + minutes * 60) * SECOND
    return Instant(whole + _since_midnight(hour, minute, second, fraction, words) - ahead)


def _since_midnight(hour: str, minute: str, second: str | None, fraction: str | None, words: str) -> int:
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"{words[:60]!r} is on no clock; hours go to 23, minutes and seconds to 59")
    ns = int((fraction[1:] + "0" * 9)[:9]) if fraction else 0
    return (hours * 3600 + minutes * 60 + seconds) * SECOND + ns


def time_of_day(words: str) -> TimeOfDay:
    """Read ``hh:mm:ss``.

    Raises
    ------
    ValueError
    """
    found = CLOCK.fullmatch(words)
    if found is None:
        raise ValueError(f"{words[:60]!r} is on no clock; write it as 14:00:00")
    hour, minute, second, fraction = found.groups()
    return TimeOfDay(_since_midnight(hour, minute, second, fraction, words))


def length(words: str) -> Length:
    """Read a duration of days and less, such as ``PT1H`` or ``P1DT30M``.

    Raises
    ------
    ValueError
    """
    found = _LENGTH.fullmatch(words)
    if found is None or all(found[part] is None for part in ("days", "hours", "minutes", "seconds")):
        raise ValueError(f"{words[:60]!r} is no duration; write it as PT1H or P1DT30M")
    minutes = (int(found["days"] or 0) * 24 + int(found["hours"] or 0)) * 60 + int(found["minutes"] or 0)
    ns = minutes * 60 * SECOND + round(float(found["seconds"] or 0) * SECOND)
    return Length(-ns if found["sign"] == "-" else ns)


def when(words: object) -> Instant | Span:
    """Read what a client gives as a time: an instant, or a span with a slash.

    Raises
    ------
    ValueError
        Not a time, or a span that ends before it starts.
    """
    if not isinstance(words, str):
        raise ValueError(f"{str(words)[:60]!r} is no time; write a text such as 2026-11-27T14:00:00Z")
    start, slash, end = words.partition("/")
    if not slash:
        return instant(words)
    span = Span(instant(start).ns, instant(end).ns)
    if span.end < span.start:
        raise ValueError(f"{words[:60]!r} ends before it starts")
    return span


def written(moment: Instant | Span) -> str:
    """ISO 8601 in UTC, with as many digits as are needed."""
    if isinstance(moment, Span):
        return f"{written(Instant(moment.start))}/{written(Instant(moment.end))}"
    seconds, rest = divmod(moment.ns, SECOND)
    whole = (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{whole}{fraction}Z"
