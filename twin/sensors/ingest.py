"""From payloads to the store: read, guarded, flagged, kept, and counted for `/health`."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.sensors.feeds import FEEDS, Feed, Payload
from twin.sensors.health import FeedHealth
from twin.sensors.limits import limits_of
from twin.sensors.model import SECOND, Datastream, Parsed, Problem, Readings, SensorError, Thing
from twin.sensors.neighbours import compared
from twin.sensors.privacy import PrivacyError, admit, limited, personal
from twin.sensors.quality import Flag, checked, history_s, usable
from twin.sensors.store import SensorStoreError, Store

BATCH = 10_000
"""So many readings are kept at once. [reading]"""
NEWEST = 200
"""So many readings of a datastream tell what is wrong with the next, unless all of them are faulty or the same."""
MOST_AHEAD_S = 90_000.0
"""A reading ahead of our clock by more than that is refused: no zone or change of the clock is as far off; assumed.
[s]"""
_AGAIN = np.uint16(Flag.DUPLICATE | Flag.CONFLICT)
_TAG = re.compile(rb"<([A-Za-z_][\w.-]*)")


@dataclass(frozen=True)
class Taken:
    """What became of the readings of a payload; they are on disk.

    Attributes
    ----------
    rows, stored, duplicates, conflicts, refused : int
        See `FeedHealth`; the first is the sum of the others.
    """

    rows: int = 0
    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    refused: int = 0


class Ingest:
    """Takes payloads of all feeds, one after the other, from any thread; a feed that breaks does not stop the others.

    Parameters
    ----------
    store : Store
        Nobody else appends to it meanwhile.
    feeds : sequence of Feed
        Those that are told as waiting until they come.
    batch : int
        Readings that are kept at once.
    clock : callable
        Now, where it is not said. [ns, UTC]
    """

    def __init__(
        self,
        store: Store,
        feeds: Sequence[Feed] = FEEDS,
        *,
        batch: int = BATCH,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.store = store
        self.feeds: dict[str, FeedHealth] = {
            one.name: FeedHealth(one.name, 0.0 if one.history else one.period) for one in feeds
        }
        self._batch = batch
        self._clock = clock
        self._one = threading.RLock()
        self._placed: dict[str, Thing] | None = None
        self._looked_at: dict[str, Thing | Datastream] = {}

    def payload(self, feed: Feed, payload: Payload) -> Taken | None:
        """Read a payload and keep what it says.

        Returns
        -------
        Taken or None
            None where it told nothing: `failed` has noted why, and the feed is out of order until one tells something.
        """
        at = self._clock() if payload.received is None else payload.received
        try:
            admit_payload(feed.name, payload.body)
            parsed = feed.read(replace(payload, received=at))
        except SensorError as error:
            self.failed(feed.name, str(error), at)
            return None
        except Exception as error:  # what nobody thought of in one feed must not stop the others
            self.failed(feed.name, f"{feed.name}: {type(error).__name__}: {error}", at)
            return None
        try:
            return self.take(feed.name, parsed, at, fresh=not feed.history)
        except (SensorError, SensorStoreError) as error:
            with self._one:
                self._health(feed.name).failed(str(error), at)
            return None

    def failed(self, feed: str, words: str, at: int | None = None) -> None:
        """Note that a feed could not be fetched or read. [ns, UTC]"""
        with self._one:
            health = self._health(feed)
            health.payloads += 1
            health.failed(words, self._clock() if at is None else at)

    def take(self, feed: str, parsed: Parsed, received: int | None = None, *, fresh: bool = True) -> Taken:
        """Keep what a payload says.

        Parameters
        ----------
        feed : str
            Of `feeds`, or another that is counted from now on.
        parsed : Parsed
        received : int, optional
            When it came, now where it is not said. [ns, UTC]
        fresh : bool
            Whether its readings are of now; of a history none is stale.

        Returns
        -------
        Taken
            An acknowledgement: what it counts outlives a crash.

        Raises
        ------
        StoreFull
            The readings are not acknowledged; to be sent again when there is room.
        SensorStoreError
        """
        at = self._clock() if received is None else received
        with self._one:
            health = self._health(feed)
            health.payloads += 1
            health.came(parsed, at)
            health.rows += len(parsed.readings)
            settled = health.settled
            try:
                things, streams, problems = self._entities(feed, parsed)
                readings, lost = _known(feed, parsed.readings, streams, at)
                health.noted(problems + lost)
                refused = len(parsed.readings) - len(readings)
                health.refused += refused
                # what comes together is not late for one another, whatever the order of a payload
                readings = _those(readings, np.argsort(readings.time, kind="stable"))
                flagged = self._flagged(readings, streams, things, at if fresh else None)
                health.judged(flagged, at)
                taken = self._keep(health, flagged, refused)
            except SensorStoreError:
                health.unstored += len(parsed.readings) - (health.settled - settled)
                raise
            self._judge(health, parsed, flagged, at)
        return taken

    def health(self, now: int | None = None) -> dict[str, Any]:
        """Counters of all feeds, as JSON. [ns, UTC]

        Returns
        -------
        dict
            ``feeds`` by name; sums of ``rows``, ``stored``, ``duplicates``, ``late``, ``future``, ``problem_rows``;
            ``outages``, names of the feeds that are out of order; ``quiet``, datastreams whose last reading is older
            than it may be, and ``ahead``, those whose last is in the future.
        """
        at = self._clock() if now is None else now
        with self._one:
            feeds = {name: one.document(at) for name, one in self.feeds.items()}
            quiet, ahead = self._quiet(at)
        sums = ("rows", "stored", "duplicates", "conflicts", "refused", "unstored", "late", "future", "problem_rows")
        return {
            **{name: sum(one[name] for one in feeds.values()) for name in sums},
            "outages": [name for name, one in feeds.items() if one["state"] == "outage"],
            "quiet": quiet,
            "ahead": ahead,
            "feeds": feeds,
        }

    def _health(self, feed: str) -> FeedHealth:
        return self.feeds.setdefault(feed, FeedHealth(feed))

    def _quiet(self, now: int) -> tuple[int, int]:
        last = self.store.last()
        streams = {one.id: one for one in self.store.datastreams(last.datastream)}
        most = np.array([limits_of(streams[name]).stale_after(streams[name].period) for name in last.datastream])
        age = (now - last.time) / SECOND
        return int(np.count_nonzero(age > most)), int(np.count_nonzero(age < 0))

    def _entities(
        self, feed: str, parsed: Parsed
    ) -> tuple[dict[str, Thing], dict[str, Datastream], tuple[Problem, ...]]:
        """Keep things and datastreams; those that may be kept, and problems with the others."""
        problems: list[Problem] = []
        things, streams = dict[str, Thing](), dict[str, Datastream]()
        for thing in parsed.things:
            told = self._told(thing, [thing.id, thing.name])
            if told:
                problems.append(Problem(feed, "thing", f"would tell of {told}", "(not kept)"))
            else:
                things[thing.id] = self._with_place(thing)
        self.store.put_things(things.values())
        if any(one.longitude is not None for one in things.values()):
            self._placed = None
        for stream in parsed.datastreams:
            told = self._told(stream, [stream.id, stream.sensor])
            if told:
                problems.append(Problem(feed, "datastream", f"would tell of {told}", "(not kept)"))
            elif stream.thing in things or self.store.things([stream.thing]):
                streams[stream.id] = limited(stream)
        try:
            self.store.put_datastreams(streams.values())
        except SensorError:  # one of them cannot be; the others can
            for one in list(streams.values()):
                try:
                    self.store.put_datastreams([one])
                except SensorError as error:
                    problems.append(Problem(feed, "datastream", str(error), one.id))
                    del streams[one.id]
        absent = {stream for stream in set(parsed.readings.datastream) if stream not in streams}
        named = {stream.id for stream in parsed.datastreams}
        # a payload may name datastreams that are known from before; one that it describes and that was refused is not
        streams |= {one.id: one for one in self.store.datastreams(absent - named)}
        return things, streams, tuple(problems)

    def _told(self, one: Thing | Datastream, names: list[str]) -> str:
        """Of what an entity would tell that is nobody's business; looked at once, for payloads repeat their devices."""
        if self._looked_at.get(one.id) == one:
            return ""
        found = personal(one.properties) | personal(names)
        if not found:
            self._looked_at[one.id] = one
        return next(iter(found.values()), "")

    def _with_place(self, thing: Thing) -> Thing:
        """A thing with the place and the name that are known of it or of its device, where it comes without.

        Live payloads of Brussels Mobility bear no places: the list of devices tells them once a day.
        """
        if thing.longitude is not None:
            return thing
        known = next(iter(self.store.things([thing.id])), None)
        if known is not None and known.longitude is not None:
            properties = {**known.properties, **thing.properties}
            return replace(known, properties=properties)
        device = thing.properties.get("device")
        placed = None if device is None else self._devices().get(str(device))
        if placed is None:
            return thing
        told = {key: placed.properties[key] for key in ("names", "orientation") if key in placed.properties}
        return replace(thing, longitude=placed.longitude, latitude=placed.latitude,
                       properties={**told, **thing.properties})  # fmt: skip

    def _devices(self) -> Mapping[str, Thing]:
        if self._placed is None:
            self._placed = {
                str(one.properties["device"]): one
                for one in self.store.things()
                if one.longitude is not None and "device" in one.properties
            }
        return self._placed

    def _flagged(
        self,
        readings: Readings,
        streams: Mapping[str, Datastream],
        things: Mapping[str, Thing],
        received: int | None,
    ) -> Readings:
        if not len(readings):
            return readings
        used = {name: streams[name] for name in dict.fromkeys(readings.datastream.tolist())}
        flagged = checked(readings, used, received=received, before=self._before(readings, used))
        missing = {one.thing for one in used.values()} - set(things)
        return compared(flagged, used, {**things, **{one.id: one for one in self.store.things(missing)}})

    def _before(self, readings: Readings, streams: Mapping[str, Datastream]) -> Readings:
        """What the store has of the same datastreams around these readings, and the newest of each."""
        last = self.store.last(streams)
        if not len(last):
            return last
        code, names = pd.factorize(readings.datastream)
        first, final = np.full(names.size, np.iinfo(np.int64).max), np.zeros(names.size, np.int64)
        np.minimum.at(first, code, readings.time)
        np.maximum.at(final, code, readings.time)
        place = {name: number for number, name in enumerate(names)}
        parts = []
        for row, name in enumerate(last.datastream.tolist()):
            start, end = int(first[place[name]]), int(final[place[name]]) + 1
            back = start - int(history_s({name: streams[name]}) * SECOND)
            if last.time[row] < start:
                parts.append(self._newest(streams[name], back, start))
                continue
            parts.append(self.store.window(name, back, end))
            if last.time[row] >= end:
                parts.append(_those(last, slice(row, row + 1)))
        return Readings.joined(parts)

    def _newest(self, stream: Datastream, begin: int, end: int) -> Readings:
        """As many of the readings before as their flags can depend on: few, for this is asked at every payload."""
        some = self.store.window(stream.id, begin, end, NEWEST, newest_first=True)
        some = _those(some, slice(None, None, -1))
        if len(some) < NEWEST:
            return some
        known, rule = some.value[np.isfinite(some.value)], limits_of(stream)
        told = bool((usable(some.flag) & np.isfinite(some.value)).any())
        stuck = told and rule.stuck_s is not None and bool((known == known[-1]).all()) and known[-1] != rule.rests_at
        return some if told and not stuck else self.store.window(stream.id, begin, end)

    def _keep(self, health: FeedHealth, flagged: Readings, refused: int) -> Taken:
        """Append what is new, batch by batch; each is on disk before the next."""
        again = (flagged.flag & _AGAIN) != 0
        conflicts = int(np.count_nonzero(flagged.flag & np.uint16(Flag.CONFLICT)))
        duplicates = int(np.count_nonzero(again)) - conflicts
        health.duplicates += duplicates
        health.conflicts += conflicts
        new, stored = _those(flagged, ~again), 0
        for start in range(0, len(new), self._batch):
            ack = self.store.append(_those(new, slice(start, start + self._batch)))
            stored, duplicates = stored + ack.stored, duplicates + ack.duplicates
            health.stored += ack.stored
            health.duplicates += ack.duplicates
        return Taken(len(flagged) + refused, stored, duplicates, conflicts, refused)

    def _judge(self, health: FeedHealth, parsed: Parsed, flagged: Readings, at: int) -> None:
        """Whether the payload told something: a value, or a thing where it describes nothing else."""
        if np.isfinite(flagged.value).any() or (parsed.things and not parsed.datastreams and not parsed.silent):
            health.told(at)
        else:
            health.failed(f"{health.feed}: the payload tells no value; silence is not zero", at)


def _known(
    feed: str, readings: Readings, streams: Mapping[str, Datastream], now: int
) -> tuple[Readings, tuple[Problem, ...]]:
    """Readings that can be kept: of a datastream that is known, since 1970, and not of days to come.

    One of days to come would stay the newest of its device until its time has come.
    """
    strange = np.array([name not in streams for name in readings.datastream], bool)
    early = (readings.time < 0) & ~strange
    ahead = (readings.time > now + MOST_AHEAD_S * SECOND) & ~strange
    problems = []
    for bad, place, words in (
        (strange, "datastream", "is not known or may not be kept"),
        (early, "time", "is before 1970"),
        (ahead, "time", "is more than a day ahead"),
    ):
        if bad.any():
            sample = f"{readings.datastream[bad][0]} at {readings.time[bad][0]} ns"
            problems.append(Problem(feed, place, words, sample, int(bad.sum())))
    return _those(readings, ~(strange | early | ahead)), tuple(problems)


def _those(readings: Readings, rows: slice | NDArray[np.bool_] | NDArray[np.intp]) -> Readings:
    return Readings(readings.datastream[rows], readings.time[rows], readings.value[rows], readings.flag[rows])


def admit_payload(feed: str, body: bytes | str) -> None:
    """Refuse a payload whose fields tell of people, by their names and shapes, before anything is read of it.

    Raises
    ------
    PrivacyError
    """
    raw = body.encode() if isinstance(body, str) else body
    start = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    document: Any
    if start in (b"{", b"["):
        try:
            document = json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return  # the feed says what is wrong with it
    elif start == b"<":
        document = dict.fromkeys(one.decode() for one in set(_TAG.findall(raw)))
    else:
        head = raw.split(b"\n", 1)[0].decode("utf-8", "replace")
        document = dict.fromkeys(_cells(head))
    try:
        admit(feed, document)
    except RecursionError as error:
        raise PrivacyError(f"{feed}: the payload is nested too deep; nothing was kept") from error


def _cells(head: str) -> Iterable[str]:
    return (one.strip().strip('"') for one in re.split("[,;]", head))
