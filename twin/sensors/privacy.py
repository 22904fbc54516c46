"""Counts, never tracks: what is refused at the door, what is hashed, which counts are too small, how long is kept."""

import hmac
import json
import os
import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.rainfall import rows_of
from twin.sensors.model import SECOND, Datastream, Gathering, Readings, SensorError
from twin.street_works import BRUSSELS

TABLE = Path(__file__).parents[2] / "assets" / "refused_fields.csv"
_EUI_48 = r"(?i)(?<![0-9a-f:-])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![0-9a-f:-])"
_SHAPES = (
    ("the address of a device that people carry", re.compile(_EUI_48)),
    ("a number plate", re.compile(r"(?<![\w-])[1-9QOT]-[A-Z]{3}-\d{3}(?![\w-])")),
)
"""Shapes of values: an EUI-48, and the plates of Belgium since 2010."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-zà-ÿ]+")

LEAST = 5
"""A count of people below it is not published, 0 is: nobody was there."""
OF_PEOPLE = ("pedestrian_count", "bicycle_count", "vehicle_count")
SHORT_S = 900.0
"""Counts of people of less than this are kept `SHORT_DAYS` only; assumed. [s]"""
SHORT_DAYS = 31.0
"""[d]"""


@cache
def refused(path: Path = TABLE) -> Mapping[str, str]:
    """What a word in the name of a field would tell of; two words that belong together are joined by ``_``."""
    return dict(rows_of(path.read_text(encoding="utf-8"))[1:])


class PrivacyError(SensorError):
    """Something that tells of people; the text names the feed and the field, never what stood in it."""


def personal(document: Any) -> dict[str, str]:
    """Fields of a document that would tell of people.

    Parameters
    ----------
    document
        As `json.loads` gives it.

    Returns
    -------
    dict of str to str
        What each tells of, by its way through the document without numbers of rows: ``data.device.mac``.
    """
    found: dict[str, str] = {}
    known: dict[str, str | None] = {}
    for way, name, value in _fields(document):
        if name not in known:
            known[name] = _told_by(name)
        what = known[name]
        if what is None and isinstance(value, str):
            what = next((one for one, shape in _SHAPES if shape.search(value)), None)
        if what is not None:
            found.setdefault(way, what)
    return found


def admit(feed: str, document: Any) -> None:
    """Let a payload in, or refuse it as a whole.

    Raises
    ------
    PrivacyError
        It has a field of people.
    """
    for way, what in personal(document).items():
        raise PrivacyError(f"{feed}: {way} would tell of {what}; have it left out where it is sent, nothing was kept")


def admitted(gathering: Gathering, place: str, row: Any) -> bool:
    """Whether a row may be read; one that may not is a problem of its feed, told without its sample."""
    for way, what in personal(row).items():
        gathering.problem(f"{place}.{way}" if way else place, f"would tell of {what}", "(not kept)")
        return False
    return True


def _fields(document: Any, way: str = "", name: str = "") -> Iterator[tuple[str, str, Any]]:
    if isinstance(document, Mapping):
        for key, value in document.items():
            below = f"{way}.{key}" if way else str(key)
            yield below, str(key), value if isinstance(value, str) else None
            if not isinstance(value, str):
                yield from _fields(value, below, str(key))
    elif isinstance(document, list | tuple):
        for value in document:
            yield from _fields(value, way, name)
    elif isinstance(document, str):
        yield way, name, document


def _told_by(name: str) -> str | None:
    words = [one.lower() for one in _WORD.findall(name)]
    joined = [f"{one}_{other}" for one, other in pairwise(words)]
    whole = {pair.replace("_", ""): what for pair, what in refused().items()}
    for word in (*words, *joined):
        if word in refused() or word in whole:
            return refused().get(word) or whole[word]
    return whole.get("".join(words))


class DailyHash:
    """Hashes identifiers so that one is the same within a day, another the next, and nobody can go back.

    Parameters
    ----------
    path : Path, optional
        Where the salts of today and yesterday stand, for a restart within the day; readable by its owner alone. Without
        it a restart changes the hashes.

    Notes
    -----
    HMAC-SHA-256 (RFC 2104), cut to 128 bit, under 256 random bits of each day of Brussels that are thrown away when the
    day after it is over: then not even those who run the twin can tell whether two days saw the same device. The feed
    is hashed along, so that feeds cannot be joined.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._salts: dict[date, bytes] = {}
        if path is not None and path.exists():
            try:
                kept = json.loads(path.read_text("utf-8"))
                self._salts = {date.fromisoformat(day): bytes.fromhex(salt) for day, salt in kept.items()}
            except (ValueError, AttributeError, TypeError) as error:
                raise SensorError(f"{path}: holds no salts; remove it, hashes of today begin anew") from error

    def hashed(self, feed: str, identifier: str, time: int, now: int) -> str:
        """Hash of an identifier.

        Parameters
        ----------
        feed, identifier : str
        time, now : int
            When it was seen, and now. [ns, UTC]

        Returns
        -------
        str
            32 hexadecimal digits.

        Raises
        ------
        SensorError
            It was seen neither today nor yesterday: there is no salt.
        """
        self.rotate(now)
        day = _day(time)
        salt = self._salts.get(day)
        if salt is None:
            raise SensorError(
                f"{feed}: an identifier of {day} came on {_day(now)}, which has salts of that day and the one before; "
                "drop it"
            )
        return hmac.new(salt, feed.encode() + b"\0" + identifier.encode(), "sha256").hexdigest()[:32]

    def rotate(self, now: int) -> None:
        """Throw away the salts of days that are over for more than a day; to be asked once a day at least. [ns, UTC]"""
        today = _day(now)
        wanted = (today - timedelta(days=1), today)
        salts = {day: self._salts.get(day) or secrets.token_bytes(32) for day in wanted}
        if salts == self._salts:
            return
        self._salts = salts
        if self._path is None:
            return
        draft = self._path.with_name(self._path.name + ".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({day.isoformat(): salt.hex() for day, salt in salts.items()}, file)
        draft.replace(self._path)


def _day(time: int) -> date:
    return datetime.fromtimestamp(time // SECOND, UTC).astimezone(BRUSSELS).date()


def suppressed(counts: NDArray[np.float64], least: int = LEAST) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Counts of people with the small ones taken out, and others that would give them away by a total.

    Parameters
    ----------
    counts : (cell,) or (row, column) float64
        0 is nobody, NaN not known.
    least : int
        The smallest count, and the smallest sum of counts taken out, that is told.

    Returns
    -------
    values : float64
        NaN where taken out.
    hidden : bool
        Where: what is hidden is not what is not known.

    Notes
    -----
    A line is safe with its total told if what is hidden in it are two counts or more that sum to ``least`` or more, or
    if its own total is below ``least`` and so is not told either. The smallest counts go first. Of a table with both
    totals each line alone is looked at; tables that share cells with others are to be hidden as one.
    """
    values = np.array(counts, np.float64)
    hidden = (values > 0) & (values < least)
    while True:
        before = int(hidden.sum())
        for axis in range(values.ndim):
            lines = zip(np.moveaxis(values, axis, -1).reshape(-1, values.shape[axis]),
                        np.moveaxis(hidden, axis, -1).reshape(-1, values.shape[axis]), strict=True)  # fmt: skip
            made = [_line(one, mask.copy(), least) for one, mask in lines]
            shape = np.moveaxis(hidden, axis, -1).shape
            hidden = np.moveaxis(np.array(made, bool).reshape(shape), -1, axis)
        if int(hidden.sum()) == before:
            break
    values[hidden] = np.nan
    return values, hidden


def _line(values: NDArray[np.float64], hidden: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    while hidden.any() and (hidden.sum() < 2 or values[hidden].sum() < least):
        rest = np.flatnonzero(~hidden & (values > 0))
        if not rest.size:
            break
        hidden[rest[np.argmin(values[rest])]] = True
    return hidden


def published(
    readings: Readings, streams: Mapping[str, Datastream], *, open_feeds: Collection[str] = (), least: int = LEAST
) -> tuple[Readings, int]:
    """Readings as they may be shown to everybody.

    Parameters
    ----------
    readings : Readings
    streams : mapping of str to Datastream
        Readings of others are left out.
    open_feeds : collection of str
        Feeds whose owner has published these very counts: nothing is taken out of them.
    least : int

    Returns
    -------
    readings : Readings
        NaN where a count of people of a period was from 1 to ``least`` - 1.
    hidden : int
        How many.
    """
    names, code = np.unique(readings.datastream.astype(str), return_inverse=True)
    known = np.array([name in streams for name in names], bool)
    guarded = np.array(
        [
            name in streams
            and streams[name].quantity in OF_PEOPLE
            and streams[name].thing.split(":", 1)[0] not in open_feeds
            for name in names
        ],
        bool,
    )
    keep = known[code]
    small = guarded[code] & (readings.value > 0) & (readings.value < least) & keep
    value = np.where(small, np.nan, readings.value)
    return Readings(readings.datastream[keep], readings.time[keep], value[keep], readings.flag[keep]), int(small.sum())


def limited(stream: Datastream) -> Datastream:
    """A datastream that keeps its readings no longer than its kind may: short counts of people `SHORT_DAYS`."""
    short = stream.quantity in OF_PEOPLE and stream.period < SHORT_S
    return replace(stream, retention_days=min(stream.retention_days, SHORT_DAYS)) if short else stream
