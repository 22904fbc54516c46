"""Recorded payloads of feeds, read from their files and put in the order in which they came."""

import gzip
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from twin.sensors.feeds import FEEDS, Feed, Payload
from twin.sensors.ingest import admit_payload
from twin.sensors.model import SECOND, Parsed, Readings, SensorError
from twin.street_works import BRUSSELS

MOST_BYTES = 64_000_000
"""A recorded file may be so large when unpacked; it is read into memory. [byte]"""
_STAMP = re.compile(r"(?<!\d)(\d{4})-(\d\d)(?:-(\d\d)(?:[T_](\d\d)[-:]?(\d\d)(?:[-:]?(\d\d))?(?!\d))?)?(?!\d)")


@dataclass(frozen=True, eq=False)
class Arrival:
    """What comes at one moment.

    Attributes
    ----------
    time : int
        [ns, UTC]
    feed : str
    parsed : Parsed or None
        None where the recorded payload cannot be read; ``words`` say why.
    fresh : bool
        Whether its readings are to be of now.
    words : str
    """

    time: int
    feed: str
    parsed: Parsed | None
    fresh: bool = True
    words: str = ""


@dataclass(frozen=True)
class Recordings:
    """What a folder of recordings holds.

    Attributes
    ----------
    arrivals : tuple of Arrival
        In the order of time.
    read : mapping of str to str
        Feed of each file that is one.
    beside : tuple of str
        Files that others needed.
    unread : mapping of str to str
        Why each of the other files was not read: none of them is left out in silence.
    """

    arrivals: tuple[Arrival, ...]
    read: dict[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    unread: dict[str, str] = field(default_factory=dict)


def recorded_at(name: str) -> tuple[int | None, bool]:
    """When a file was recorded, and whether that is known to the minute, by its name such as ``…_2026-02-20T1350``.

    By the clock of Brussels; without an hour it is the begin of the day or of the month. [ns, UTC]
    """
    found = _STAMP.search(name)
    if found is None:
        return None, False
    year, month, *rest = (int(one) if one else None for one in found.groups())
    day, hour, minute, second = rest
    try:
        wall = datetime(year or 0, month or 0, day or 1, hour or 0, minute or 0, second or 0, tzinfo=BRUSSELS)
    except ValueError:
        return None, False
    return round(wall.timestamp()) * SECOND, hour is not None


def read_recordings(
    path: Path,
    *,
    feeds: Sequence[Feed] = FEEDS,
    step_s: float = 60.0,
    on_progress: Callable[[float, str], None] = lambda fraction, name: None,
) -> Recordings:
    """Read a recorded file, or all those of a folder, packed by gzip or not.

    Parameters
    ----------
    path : Path
    feeds : sequence of Feed
        A file is of the first whose `Feed.recorded` fits its name.
    step_s : float
        Rows of a history that lie in one such step come at once. [s]
    on_progress : callable
        Takes a fraction and a name of a file.

    Returns
    -------
    Recordings
        A payload comes when its name says that it was recorded, or else at its newest reading; rows of a history come
        each at its own time.

    Raises
    ------
    SensorError
        Nothing is there that can be read.
    """
    files = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    if not path.exists():
        raise SensorError(f"{path}: is not there; name a recorded file, a folder of them, or the word synthetic")
    arrivals: list[Arrival] = []
    read, unread = dict[str, str](), dict[str, str]()
    beside: set[str] = set()
    for number, file in enumerate(files):
        on_progress(number / len(files), file.name)
        feed = next((one for one in feeds if one.recognises(file.name)), None)
        if feed is None:
            unread[file.name] = "no feed is recorded under such a name"
            continue
        found = feed.recognises(file.name)
        source = (found.groupdict().get("source") or "") if found else ""
        try:
            belongs, names = _beside(feed, files)
            beside.update(names)
            arrivals.extend(_arrivals(feed, file, source, belongs, step_s))
            read[file.name] = feed.name
        except OSError as error:
            unread[file.name] = str(error)
    unread = {name: words for name, words in unread.items() if name not in beside}
    if not arrivals:
        raise SensorError(f"{path}: holds no recording of a feed; names begin with one of {_names(feeds)}")
    return Recordings(tuple(in_order(arrivals)), read, tuple(sorted(beside)), unread)


def in_order(arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Arrivals in the order of time; lists of things, which the others need, come with the first of those."""
    found = list(arrivals)
    others = [one.time for one in found if not _only_things(one)]
    if others:
        found = [replace(one, time=min(others)) if _only_things(one) else one for one in found]
    return sorted(found, key=lambda one: (one.time, not _only_things(one)))


def _only_things(arrival: Arrival) -> bool:
    return arrival.parsed is not None and not arrival.parsed.datastreams


def shifted(arrivals: Iterable[Arrival], now: int) -> list[Arrival]:
    """Arrivals as if the newest of each feed were of now, with what was moved in the words of its things.

    Feeds that were recorded in other years come together; times within a feed keep their distance. Things and
    datastreams bear ``shifted_s``, for nobody must take them for what is.
    """
    found = list(arrivals)
    newest: dict[str, int] = {}
    for one in found:
        if one.parsed is not None and not _only_things(one):
            newest[one.feed] = max(newest.get(one.feed, 0), one.time)
    return in_order(moved(one, now - newest.get(one.feed, one.time)) for one in found)


def moved(arrival: Arrival, by: int) -> Arrival:
    """An arrival so much later. [ns]"""
    if arrival.parsed is None:
        return replace(arrival, time=arrival.time + by)
    old = arrival.parsed.readings
    before = next((one.properties.get("shifted_s", 0) for one in arrival.parsed.things), 0)
    told = labelled(arrival.parsed, {"shifted_s": before + round(by / SECOND)})
    readings = Readings(old.datastream, old.time + by, old.value, old.flag)
    return replace(arrival, time=arrival.time + by, parsed=replace(told, readings=readings))


def labelled(parsed: Parsed, words: Mapping[str, Any]) -> Parsed:
    """The same with words in the properties of all things and datastreams."""
    return replace(
        parsed,
        things=tuple(replace(one, properties={**one.properties, **words}) for one in parsed.things),
        datastreams=tuple(replace(one, properties={**one.properties, **words}) for one in parsed.datastreams),
    )


def _names(feeds: Sequence[Feed]) -> str:
    return ", ".join(one.name for one in feeds)


def _beside(feed: Feed, files: Sequence[Path]) -> tuple[Any, list[str]]:
    if feed.join is None:
        return None, []
    found = [next((one for one in files if re.match(pattern, one.name)), None) for pattern in feed.companions]
    some = [one for one in found if one is not None]
    if len(some) < len(found):
        return None, []
    try:
        return feed.join([_content(one) for one in some]), [one.name for one in some]
    except SensorError:
        return None, []


def _content(file: Path) -> bytes:
    """Raises OSError where it cannot be read, is broken, or is too large."""
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except EOFError as error:
        raise OSError(f"{file.name}: is cut short") from error
    if len(content) > MOST_BYTES:
        raise OSError(f"{file.name}: is larger than {MOST_BYTES // 1_000_000} MB")
    return content


def _arrivals(feed: Feed, file: Path, source: str, beside: Any, step_s: float) -> Iterator[Arrival]:
    noted, to_the_minute = recorded_at(file.name)
    body = _content(file)
    # the hour that comes twice is told apart by when a payload came, which a day alone does not say
    received = noted if to_the_minute else None
    if "time" in feed.wants:
        received = file.stat().st_mtime_ns if noted is None else noted
    try:
        admit_payload(feed.name, body)
        parsed = feed.read(Payload(body, received, source, beside))
    except SensorError as error:
        yield Arrival(noted or file.stat().st_mtime_ns, feed.name, None, words=str(error))
        return
    known = parsed.readings.time[np.isfinite(parsed.readings.value)]
    if feed.history and len(parsed.readings):
        yield from _slices(feed, parsed, step_s)
        return
    newest = int(known.max()) if known.size else None
    at = received if received is not None else newest if newest is not None else noted
    yield Arrival(file.stat().st_mtime_ns if at is None else at, feed.name, parsed)


def _slices(feed: Feed, parsed: Parsed, step_s: float) -> Iterator[Arrival]:
    """A history as it came about: what it describes with the first rows, and then the rows of each step."""
    readings, step = parsed.readings, max(1, int(step_s * SECOND))
    order = np.argsort(readings.time, kind="stable")
    slot = -(-readings.time[order] // step)
    cuts = [0, *(np.flatnonzero(np.diff(slot)) + 1).tolist(), len(readings)]
    for number, (start, end) in enumerate(pairwise(cuts)):
        rows = order[start:end]
        some = Readings(readings.datastream[rows], readings.time[rows], readings.value[rows], readings.flag[rows])
        whole = parsed if number == 0 else Parsed(parsed.things, parsed.datastreams, some)
        yield Arrival(int(readings.time[rows].max()), feed.name, replace(whole, readings=some), fresh=False)
