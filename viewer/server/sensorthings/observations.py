"""Observations out of the store: a filter becomes datastreams and a window; what is left is asked of each row."""

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.sensors.model import SECOND, Datastream, Readings
from twin.sensors.privacy import published
from twin.sensors.quality import tally
from viewer.server.problems import Problem
from viewer.server.sensorthings.evaluate import IDS, holds, ordered, paths, size
from viewer.server.sensorthings.grammar import Call, Literal, Node, Path, Query
from viewer.server.sensorthings.kinds import DATASTREAMS, OBSERVATIONS, Entity
from viewer.server.sensorthings.shelf import Shelf
from viewer.server.sensorthings.times import FINAL, FIRST, Instant, Span

LOOKED_AT = 200_000
"""Rows that a filter or an order may look at one by one for an answer."""
COUNTED = 5_000_000
"""Rows that a count may read."""
MERGED = 1000
"""Datastreams whose oldest rows may be put in one order."""
_PAGE = 20_000
_PARTS = 20
"""A longer expression may look at fewer rows, for each costs more."""
Row = tuple[Datastream, int, float, int]
"""A reading: its datastream, time [ns, UTC], value and flag."""
_TIMES = ("phenomenonTime", "resultTime")


@dataclass(frozen=True)
class Plan:
    """What is asked from the store.

    Attributes
    ----------
    streams : list of Datastream
    start, end : int
        From ``start`` on and before ``end``. [ns, UTC]
    rest : tuple of Node
        What is left to ask of each row.
    descending : bool or None
        Order of time over all datastreams; None: one datastream after the other.
    sort : bool
        The order is another, for which every row is needed.
    """

    streams: list[Datastream]
    start: int
    end: int
    rest: tuple[Node, ...]
    descending: bool | None
    sort: bool


def plan(query: Query, streams: list[Datastream], shelf: Shelf) -> Plan:
    """Take from a filter what the store can answer.

    Raises
    ------
    ValueMismatch
    """
    start, end = FIRST, FINAL
    rest: list[Node] = []
    for one in _conjuncts(query.where):
        bound = _bound(one)
        about = _about_stream(one)
        key = _own_id(one)
        if bound is not None:
            start, end = max(start, bound[0]), min(end, bound[1])
        elif about is not None:
            streams = [each for each in streams if holds(about, _entity_of(each, shelf), shelf)]
        elif key is not None:
            name, _, time = key.rpartition("@")
            streams = [each for each in streams if each.id == name]
            moment = int(time) if time.isascii() and time.isdigit() else -1
            start, end = max(start, moment), min(end, moment + 1)
        else:
            rest.append(one)
    by_time = len(query.order) == 1 and isinstance(query.order[0][0], Path) and query.order[0][0].names[0] in _TIMES
    descending = query.order[0][1] if by_time else None
    return Plan(streams, start, end, tuple(rest), descending, bool(query.order) and not by_time)


def found(query: Query, streams: list[Datastream], shelf: Shelf, most: int) -> tuple[list[Entity], bool, int | None]:
    """One page of Observations.

    Parameters
    ----------
    query : Query
    streams : list of Datastream
        Those whose readings are asked for.
    shelf : Shelf
    most : int
        Entities of the page.

    Returns
    -------
    entities : list of Entity
    more : bool
        Whether others follow.
    count : int or None
        All of them, where the query asks for the number.

    Raises
    ------
    Problem
        422, it would take too many rows.
    ValueMismatch
    """
    asked = plan(query, streams, shelf)
    needed = query.skip + most + 1
    rows = _rows(asked, shelf, needed)
    if asked.rest or asked.sort:
        fit: list[Entity] = []
        whole = asked.sort or query.count
        parts = sum(size(each) for each in (*asked.rest, *(node for node, _ in query.order)))
        most_rows = LOOKED_AT * _PARTS // max(_PARTS, parts)
        for row in rows:
            shelf.looked_at += 1
            if shelf.looked_at > most_rows:
                raise _too_many(most_rows)
            one = observation(*row)
            if all(holds(each, one, shelf) for each in asked.rest):
                fit.append(one)
                if not whole and len(fit) >= needed:
                    break
        fit = ordered(fit, query.order, shelf) if asked.sort else fit
        page = fit[query.skip : query.skip + most]
        return page, len(fit) > query.skip + most, len(fit) if query.count else None
    page = []
    more = False
    for at, row in enumerate(rows):
        if at >= COUNTED:
            raise _too_many(COUNTED)
        if at >= query.skip + most:
            more = True
            break
        if at >= query.skip:
            page.append(observation(*row))
    return page, more, _count(asked, shelf) if query.count else None


def observation(stream: Datastream, time: int, value: float, flag: int) -> Entity:
    """A reading as an entity."""

    def make() -> dict[str, Any]:
        moment: Instant | Span = Instant(time)
        if stream.period > 0:
            moment = Span(time - round(stream.period * SECOND), time)
        return {
            "phenomenonTime": moment,
            "resultTime": Instant(time),
            "result": None if math.isnan(value) else value,
            "resultQuality": list(tally(np.array([flag], np.uint16))) if flag else None,
            "parameters": {"flag": flag} if flag else None,
        }

    return Entity(OBSERVATIONS, f"{stream.id}@{time}", make)


def one(key: str, shelf: Shelf) -> Entity | None:
    """The Observation of an id, or None."""
    name, _, time = key.rpartition("@")
    if name not in shelf.streams or not (time.isascii() and time.isdigit()) or len(time) > 19:
        return None
    rows = _read(shelf, shelf.streams[name], int(time), int(time) + 1, 1, False)
    return next((observation(*row) for row in rows), None)


def _too_many(limit: int) -> Problem:
    return Problem(
        422, "too-many-rows",
        f"more than {limit} observations would have to be read; bound phenomenonTime, name a Datastream, or order by "
        "phenomenonTime",
    )  # fmt: skip


def _conjuncts(node: Node | None) -> list[Node]:
    if node is None:
        return []
    if isinstance(node, Call) and node.name == "and":
        return [one for each in node.given for one in _conjuncts(each)]
    return [node]


_MIRROR = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}


def _sides(node: Node) -> tuple[Path, str, Any] | None:
    """A comparison of a path with a value, whichever stands first."""
    if not isinstance(node, Call) or node.name not in _MIRROR:
        return None
    left, right = node.given
    if isinstance(left, Path) and isinstance(right, Literal):
        return left, node.name, right.value
    if isinstance(left, Literal) and isinstance(right, Path):
        return right, _MIRROR[node.name], left.value
    return None


def _bound(node: Node) -> tuple[int, int] | None:
    """Bounds that a comparison puts on the time of a reading."""
    sides = _sides(node)
    if sides is None or len(sides[0].names) != 1 or sides[0].names[0] not in _TIMES:
        return None
    if not isinstance(sides[2], Instant):
        return None
    at = min(max(sides[2].ns, FIRST - 1), FINAL - 1)
    return {"ge": (at, FINAL), "gt": (at + 1, FINAL), "lt": (FIRST, at), "le": (FIRST, at + 1), "eq": (at, at + 1)}[
        sides[1]
    ]


def _own_id(node: Node) -> str | None:
    sides = _sides(node)
    if sides is None or sides[1] != "eq" or len(sides[0].names) != 1 or sides[0].names[0] not in IDS:
        return None
    return sides[2] if isinstance(sides[2], str) else None


def _about_stream(node: Node) -> Node | None:
    """What a condition says of the datastream alone, seen from it; None where it also asks something of the row."""
    ways = list(paths(node))
    if not ways or any(way.names[0] != "Datastream" for way in ways):
        return None
    return _from_stream(node)


def _from_stream(node: Node) -> Node:
    if isinstance(node, Path):
        return Path(node.names[1:])
    return Call(node.name, tuple(_from_stream(one) for one in node.given)) if isinstance(node, Call) else node


def _entity_of(stream: Datastream, shelf: Shelf) -> Entity:
    entity = shelf.one(DATASTREAMS, stream.id)
    assert entity is not None
    return entity


def _rows(asked: Plan, shelf: Shelf, needed: int) -> Iterator[Row]:
    if asked.start >= asked.end:
        return
    if asked.descending is None or len(asked.streams) == 1:
        for stream in asked.streams:
            yield from _read(shelf, stream, asked.start, asked.end, needed, bool(asked.descending))
        return
    yield from _merged(asked, shelf, needed)


def _merged(asked: Plan, shelf: Shelf, needed: int) -> Iterator[Row]:
    """Rows of many datastreams in one order of time; a datastream is opened when its newest row may be the next."""
    newest_first = bool(asked.descending)
    last = shelf.store.last([one.id for one in asked.streams])
    newest = dict(zip(last.datastream.tolist(), last.time.tolist(), strict=True))
    streams = [one for one in asked.streams if newest.get(one.id, -1) >= asked.start]
    if not newest_first and len(streams) > MERGED:
        raise Problem(
            422, "too-many-datastreams",
            f"the oldest first of {len(streams)} datastreams, {MERGED} can be put in order; name fewer, or order by "
            "phenomenonTime desc",
        )  # fmt: skip
    # (order, number, stream or its open rows, head): the number keeps equal times steady
    heap: list[tuple[int, int, Any, Row | None]] = []
    for number, stream in enumerate(streams):
        bound = -min(newest[stream.id], asked.end - 1) if newest_first else FIRST - 1
        heapq.heappush(heap, (bound, number, stream, None))
    sign = -1 if newest_first else 1
    while heap:
        _, number, source, head = heapq.heappop(heap)
        if head is None:
            source = _read(shelf, source, asked.start, asked.end, min(needed, 200), newest_first)
        else:
            yield head
        following = next(source, None)
        if following is not None:
            heapq.heappush(heap, (sign * following[1], number, source, following))


def _read(shelf: Shelf, stream: Datastream, start: int, end: int, first: int, newest_first: bool) -> Iterator[Row]:
    """Rows of one datastream, page by page."""
    page = max(1, min(first, _PAGE))
    while start < end:
        rows = shelf.store.window(stream.id, start, end, limit=page, newest_first=newest_first)
        if not len(rows):
            return
        told, _ = published(rows, {stream.id: stream}, open_feeds=shelf.open_feeds)
        times = told.time.tolist()
        many = zip(times, told.value.tolist(), told.flag.tolist(), strict=True)
        in_order = sorted(many, key=lambda row: row[0], reverse=newest_first)
        for time, value, flag in in_order:
            yield stream, time, value, flag
        if len(rows) < page:
            return
        start, end = (start, min(times)) if newest_first else (max(times) + 1, end)
        page = min(page * 4, _PAGE)


def _count(asked: Plan, shelf: Shelf) -> int:
    many = 0
    for stream in asked.streams:
        start = asked.start
        while start < asked.end:
            rows: Readings = shelf.store.window(stream.id, start, asked.end, limit=100_000)
            many += len(rows)
            if many > COUNTED:
                raise _too_many(COUNTED)
            if len(rows) < 100_000:
                break
            start = int(rows.time.max()) + 1
    return many
