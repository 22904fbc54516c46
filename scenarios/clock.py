"""Hours and days of the week as people write them, by the clock of Brussels."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from twin.street_works import EVERY_DAY, WHOLE_DAY, Clock

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKDAYS = list(DAY_NAMES[:5])
DAY = 86_400.0
"""[s]"""

_HOURS = r"^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$"


def seconds_of(text: str) -> tuple[float, float]:
    """Begin and until of hours such as ``07:00-11:00``, since midnight; ``22:00-06:00`` ends on the next day. [s]

    Raises
    ------
    ValueError
        Not hours, past 24:00, or without length.
    """
    match = re.match(_HOURS, text)
    if match is None:
        raise ValueError(f"{text!r} are no hours; write them as 07:00-11:00")
    h1, m1, h2, m2 = (int(one) for one in match.groups())
    begin, until = h1 * 3600.0 + m1 * 60.0, h2 * 3600.0 + m2 * 60.0
    if begin >= DAY or until > DAY:
        raise ValueError(f"{text!r} goes past midnight by its numbers; a day is 00:00-24:00, a night 22:00-06:00")
    if begin == until:
        raise ValueError(f"{text!r} ends where it begins; write 00:00-24:00 for the whole day")
    return begin, until


def _said_as_hours(text: str) -> str:
    seconds_of(text)
    return text


def _apart(texts: list[str]) -> list[str]:
    """Hours that do not run into each other: whoever overlaps himself has mistyped."""
    pieces = sorted(piece for text in texts for piece in _pieces(text))
    for (_, until, one), (begin, _, other) in pairwise(pieces):
        if begin < until:
            raise ValueError(f"{one} and {other} overlap; write them as one")
    return texts


def _pieces(text: str) -> Iterable[tuple[float, float, str]]:
    begin, until = seconds_of(text)
    return [(begin, until, text)] if begin < until else [(begin, DAY, text), (0.0, until, text)]


def _once(days: list[str]) -> list[str]:
    for number, day in enumerate(days):
        if day not in DAY_NAMES:
            raise ValueError(f"{day!r} is no day; there are {', '.join(DAY_NAMES)}")
        if day in days[:number]:
            raise ValueError(f"{day!r} is named twice; name it once")
    return days


Hours = Annotated[
    list[
        Annotated[
            str,
            AfterValidator(_said_as_hours),
            Field(json_schema_extra={"pattern": _HOURS, "examples": ["07:00-11:00"]}),
        ]
    ],
    Field(min_length=1, max_length=24),
    AfterValidator(_apart),
]
"""Hours of a day by the clock of Brussels."""
Days = Annotated[
    list[Annotated[str, Field(json_schema_extra={"enum": list(DAY_NAMES)})]],
    Field(min_length=1, max_length=7),
    AfterValidator(_once),
]
"""Days on which hours begin."""


def every_hour() -> list[str]:
    """The whole day."""
    return ["00:00-24:00"]


def every_day() -> list[str]:
    """The whole week."""
    return list(DAY_NAMES)


def clock_of(hours: Iterable[str], days: Iterable[str]) -> Clock:
    """Hours and days as the twin reads them: sorted, and hours that touch joined."""
    joined: list[tuple[float, float]] = []
    for begin, until in sorted(map(seconds_of, hours)):
        if joined and joined[-1][1] == begin:
            joined[-1] = (joined[-1][0], until)
        else:
            joined.append((begin, until))
    on = tuple(sorted(DAY_NAMES.index(day) for day in days))
    return Clock(tuple(joined) if joined != list(WHOLE_DAY) else WHOLE_DAY, on if on != EVERY_DAY else EVERY_DAY)
