"""What every feed does first: bytes to text, JSON or rows, stamps to times, and cells to numbers."""

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from twin.sensors.model import SECOND, SensorError
from twin.street_works import BRUSSELS

MISSING = frozenset({"", "-", "-9999", "-9999.0", "null", "none", "nan", "n/a"})
"""Cells that say that nothing is known, in small letters."""

MICROGRAM = 1e-9
"""µg to kg. [kg]"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = (datetime(year, 1, 1, tzinfo=UTC) for year in (1990, 2200))
"""Clocks that have lost their time start at 1970 or 1980."""
_SHOWN = 80


def read_text(payload: bytes | str, feed: str) -> str:
    """Text of a payload in UTF-8, without its byte order mark.

    Raises
    ------
    SensorError
        Not UTF-8, or nothing in it.
    """
    if isinstance(payload, bytes):
        try:
            payload = payload.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SensorError(f"{feed}: the payload is no text in UTF-8, it starts with {payload[:40]!r}") from error
    if not payload.strip():
        raise SensorError(f"{feed}: the payload is empty; ask again")
    return payload.removeprefix("\ufeff")


def read_json(payload: bytes | str, feed: str) -> Any:
    """What a payload of JSON holds.

    Raises
    ------
    SensorError
        No JSON; the text names the feed and the first characters.
    """
    text = read_text(payload, feed)
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        start = text.lstrip()[:_SHOWN]
        raise SensorError(f"{feed}: the payload is no JSON ({error}); it starts with {start!r}") from error


def features_of(tree: object, feed: str) -> list[Any]:
    """The features of a collection in GeoJSON.

    Parameters
    ----------
    tree : object
        What `read_json` gave.
    feed : str

    Raises
    ------
    SensorError
        No collection; the text names the feed and what came.
    """
    found = tree.get("features") if isinstance(tree, dict) else None
    if not isinstance(found, list):
        raise SensorError(f"{feed}: expected a feature collection with 'features', got {str(tree)[:_SHOWN]!r}")
    return found


def read_rows(payload: bytes | str, feed: str, needed: Sequence[str]) -> Iterator[dict[str, str]]:
    """Rows of a CSV with a head; names of columns are taken without spaces around them.

    Raises
    ------
    SensorError
        A needed column is not there.
    """
    text = read_text(payload, feed)
    head = text.lstrip().split("\n", 1)[0]
    lines = csv.reader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    names = [name.strip() for name in next((line for line in lines if any(line)), [])]
    absent = [name for name in needed if name not in names]
    if absent:
        raise SensorError(f"{feed}: the payload lacks the column {absent[0]!r}; it starts with {head[:_SHOWN]!r}")
    for line in lines:
        if line:
            yield dict(zip(names, line, strict=False))


def read_number(value: object) -> float:
    """A number of a cell; NaN where the cell says that nothing is known.

    Raises
    ------
    ValueError
        The cell says something else, or something without end.
    """
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is no number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    except ValueError:
        if str(value).strip().lower() in MISSING:
            return math.nan
        raise
    if math.isinf(found):
        raise ValueError(f"{str(value)[:_SHOWN]!r} is no number")
    return math.nan if found == -9999.0 else found


def nanoseconds(moment: datetime) -> int:
    """Time since 1970 of a moment that knows its zone. [ns]

    Raises
    ------
    ValueError
        Before 1990 or after 2200: a broken stamp, or a clock that has lost its time.
    """
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError(f"{moment} is no time of a sensor")
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def utc_time(stamp: object) -> int:
    """Time of ISO 8601, or of seconds since 1970; a stamp without zone is taken as UTC. [ns]

    Raises
    ------
    ValueError
        Not a time.
    """
    if isinstance(stamp, int | float) and not isinstance(stamp, bool):
        try:
            return nanoseconds(_EPOCH + timedelta(seconds=stamp))
        except OverflowError as error:
            raise ValueError(f"{stamp!r} is no time of a sensor") from error
    if not isinstance(stamp, str):
        raise ValueError(f"{stamp!r} is no time")
    moment = datetime.fromisoformat(stamp.strip())
    return nanoseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


class WallClock:
    """Times of stamps that the clock on a wall of Brussels showed, in the order in which they were noted.

    Of the hour that comes twice in autumn the stamps of a series are of the second time from where they first go back
    or repeat, as in `kernels.energy.readings.utc_of_local`; a stamp in the hour left out in spring is refused. One
    clock reads stamps of one form.

    Attributes
    ----------
    twice : int
        Stamps met in the hour that comes twice: which of the two is judged by order alone.
    """

    def __init__(self) -> None:
        self.twice = 0
        self._hours: dict[datetime, tuple[int, int]] = {}
        self._last: dict[str, tuple[datetime, bool]] = {}
        self._stamps: dict[str, int] = {}

    def read(self, stamp: str, series: str = "", form: str | None = None) -> int:
        """Time of ISO 8601 or of ``form`` (as `datetime.strptime`); a stamp with its own offset needs no clock. [ns]

        Raises
        ------
        ValueError
            Not a time, or a time that no clock showed.
        """
        if stamp in self._stamps:
            return self._stamps[stamp]
        text, before = stamp.strip(), self.twice
        moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
        time = nanoseconds(moment) if moment.tzinfo else self.time(moment, series)
        if self.twice == before:
            self._stamps[stamp] = time
        return time

    def time(self, wall: datetime, series: str = "") -> int:
        """Time of what the clock showed. [ns]

        Raises
        ------
        ValueError
            A time that no clock showed.
        """
        hour = wall.replace(minute=0, second=0, microsecond=0)
        if hour not in self._hours:
            self._hours[hour] = _offsets(hour)
        first, second = self._hours[hour]
        if first < second:
            raise ValueError(f"{wall} is in the hour left out in spring")
        if first == second:
            return nanoseconds(wall.replace(tzinfo=UTC)) - first * SECOND
        self.twice += 1
        last, again = self._last.get(series, (datetime.min, False))
        same_hour = last.replace(minute=0, second=0, microsecond=0) == hour
        again = same_hour and (again or wall <= last)
        self._last[series] = wall, again
        return nanoseconds(wall.replace(tzinfo=UTC)) - (second if again else first) * SECOND


def _offsets(hour: datetime) -> tuple[int, int]:
    """Local time less UTC of the first and second time that the clock shows an hour; in spring the second is larger."""
    both = []
    for fold in (0, 1):
        offset = hour.replace(tzinfo=BRUSSELS, fold=fold).utcoffset()
        both.append(int(offset.total_seconds()) if offset else 0)
    return both[0], both[1]
