"""What feeds of counters on streets share: stamps of the clock of Brussels, places of devices, -1 for none."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from twin.sensors.feeds.payloads import WallClock, nanoseconds, read_number, read_rows
from twin.sensors.model import SECOND, Gathering
from twin.sensors.quality import Flag
from twin.street_works import BRUSSELS

KILOMETRE_PER_HOUR = 1 / 3.6
"""[m s⁻¹]"""
PERCENT = 0.01
"""[1]"""
_AHEAD = 600 * SECOND
"""A device's clock may be so far ahead of ours. [ns]"""
_BELGIUM = (2.5, 6.5, 49.4, 51.6)
"""West, east, south, north. [degree]"""


def measure(value: object, unit: float = 1.0) -> float:
    """Read what cannot be below zero; NaN where the cell says nothing, or -1, by which counters say it.

    Parameters
    ----------
    value : object
        Number or text of a number.
    unit : float
        Of the feed, in the unit of the quantity.

    Raises
    ------
    ValueError
        No number, or another one below zero.
    """
    try:
        return _measure(value, unit)
    except TypeError as error:
        raise ValueError(f"{value!r} is no number") from error
    except OverflowError as error:
        raise ValueError("a number beyond all numbers") from error


@lru_cache(maxsize=4096, typed=True)  # counts are few and small, and the text of a year of them is long
def _measure(value: object, unit: float) -> float:
    found = read_number(value)
    if found < 0.0:
        if found != -1.0:
            raise ValueError(f"{value!r} is below zero")
        return math.nan
    return found * unit


def wall_time(stamp: object) -> datetime:
    """Read ``2021/09/20 11:35``, ``14/02/2026 23:00:00`` or ISO 8601; with a zone only if the stamp has one.

    Raises
    ------
    ValueError
        Not a time.
    """
    if not isinstance(stamp, str):
        raise ValueError(f"{stamp!r} is no time")
    text = stamp.strip()
    if text[2:3] == "/" and text[5:6] == "/":
        text = f"{text[6:10]}-{text[3:5]}-{text[:2]}{text[10:]}"
    return datetime.fromisoformat(text.replace("/", "-"))


class StreetClock:
    """Times of stamps without zone, by the clock of Brussels.

    Parameters
    ----------
    received : int or None
        When the payload came. [ns, UTC] Of the hour that comes twice in autumn it tells which one a stamp means: the
        last that was over by then. Without it the order within a series tells, and the reading is in doubt.
    """

    def __init__(self, received: int | None = None) -> None:
        self._received = received
        self._order = WallClock()
        self._known: dict[str, tuple[datetime, int, int]] = {}

    def read(self, stamp: object, series: str = "") -> tuple[int, int]:
        """Time of a stamp [ns, UTC], and its flag: ``Flag.CLOCK`` where it may be an hour off.

        Raises
        ------
        ValueError
            Not a time, or one of the hour that is left out in spring.
        """
        key = str(stamp)
        if key not in self._known:
            self._known[key] = _both(wall_time(stamp))
        wall, first, second = self._known[key]
        if first == second:
            return first, 0
        if self._received is not None:
            return (second if second <= self._received + _AHEAD else first), 0
        return self._order.time(wall, series), int(Flag.CLOCK)


def _both(wall: datetime) -> tuple[datetime, int, int]:
    """Both times at which the clock shows it; they are one but in the hour that comes twice."""
    if wall.tzinfo is not None:
        only = nanoseconds(wall)
        return wall, only, only
    try:
        first, second = (nanoseconds(wall.replace(tzinfo=BRUSSELS, fold=fold).astimezone(UTC)) for fold in (0, 1))
    except OverflowError as error:
        raise ValueError(f"{wall} is no time of a sensor") from error
    if first > second:
        raise ValueError(f"{wall} is in the hour left out in spring")
    return wall, first, second


def place_of(geometry: object) -> tuple[float | None, float | None, bool]:
    """Longitude and latitude of a point [degree], and whether they came in swapped order; None where there is none.

    A geometry without its ``type`` is read by its coordinates, as Brussels Mobility forgets it for half its devices.

    Raises
    ------
    ValueError
        Something else than a point.
    """
    coordinates = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    if coordinates is None:
        return None, None, False
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        raise ValueError(f"{coordinates!r} is no point")
    try:
        x, y = (read_number(one) for one in coordinates[:2])
    except OverflowError as error:
        raise ValueError(f"{str(coordinates)[:80]} is on no map") from error
    if math.isnan(x) or math.isnan(y):
        return None, None, False
    west, east, south, north = _BELGIUM
    if south <= x <= north and west <= y <= east:
        return y, x, True
    if not (-180.0 <= x <= 180.0 and -90.0 <= y <= 90.0):
        raise ValueError(f"{coordinates!r} is on no map")
    return x, y, False


def own_id(name: object) -> str:
    """Name of a device as a part of an id: no spaces, no slash.

    Raises
    ------
    ValueError
        It has none.
    """
    text = "_".join(str(name).split()).replace("/", "-") if isinstance(name, str | int) else ""
    if not text:
        raise ValueError(f"{name!r} is no name of a device")
    return text


def names_of(texts: object) -> dict[str, str]:
    """Words by language of ``[{"language": "fr", "value": …}, …]``."""
    rows = texts if isinstance(texts, list) else []
    return {str(row["language"]): str(row["value"]) for row in rows if isinstance(row, dict) and row.keys() >= _WORDS}


_WORDS = {"language", "value"}


def rows_of(payload: bytes | str, needed: Sequence[str], gathering: Gathering) -> Iterator[dict[str, str]]:
    """Rows of a CSV as `read_rows`; where it breaks, a problem is noted and the rows before are kept."""
    try:
        yield from read_rows(payload, gathering.feed, needed)
    except csv.Error as error:
        gathering.problem("csv", "breaks off, rows before are kept", (str(error), payload[:80]))


def mapping(value: Any) -> Mapping[str, Any]:
    """Take what must be an object of JSON.

    Raises
    ------
    ValueError
        It is none.
    """
    if not isinstance(value, dict):
        raise ValueError(f"{str(value)[:80]!r} is no object")
    return value
