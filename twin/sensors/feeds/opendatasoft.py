"""Portals of Opendatasoft (opendata.brussels.be, data.stib-mivb.be): how to page, and rows made into readings."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from kernels.quantities import QUANTITIES
from twin.sensors.feeds.counters import own_id
from twin.sensors.feeds.payloads import WallClock, read_json, read_number
from twin.sensors.model import Datastream, Gathering, Parsed, SensorError, Thing
from twin.sensors.quality import Flag

MOST_ROWS = 100
"""Largest ``limit`` of a page of records (Explore API v2.1)."""
REACH = 10_000
"""Largest ``offset + limit`` of records; what lies behind is only in an export (Explore API v2.1)."""


def pages(total: int, limit: int = MOST_ROWS) -> tuple[tuple[int, int], ...]:
    """Pages ``(offset, limit)`` that give every row once, or none where only an export can.

    Raises
    ------
    SensorError
        A limit the portal refuses, or a total below zero.
    """
    if not 1 <= limit <= MOST_ROWS or total < 0:
        raise SensorError(f"a page has 1 to {MOST_ROWS} rows of a total of 0 or more, got {limit} of {total}")
    if total > REACH:
        return ()
    return tuple((offset, min(limit, total - offset)) for offset in range(0, total, limit))


def urls(portal: str, dataset: str, total: int, *, where: str = "", order_by: str = "") -> tuple[str, ...]:
    """What to ask for, so that every row comes once: pages of records, or one export when they are out of reach.

    Parameters
    ----------
    portal, dataset : str
        Such as ``https://opendata.brussels.be`` and the id of a data set.
    total : int
        ``total_count`` of the first page, see `first_url`.
    where, order_by : str
        ODSQL. Pages without an order may change between two of them; the portal's own order stands where empty.
    """
    base = f"{portal.rstrip('/')}/api/explore/v2.1/catalog/datasets/{quote(dataset, safe='')}"
    asked = {name: value for name, value in (("where", where), ("order_by", order_by)) if value}
    if total > REACH:
        return (f"{base}/exports/json" + (f"?{urlencode(asked)}" if asked else ""),)
    return tuple(
        f"{base}/records?{urlencode(asked | {'limit': limit, 'offset': offset})}" for offset, limit in pages(total)
    )


def first_url(portal: str, dataset: str, *, where: str = "", order_by: str = "") -> str:
    """The first page, which tells the total."""
    return urls(portal, dataset, MOST_ROWS, where=where, order_by=order_by)[0]


def records(payload: bytes | str, feed: str) -> tuple[int, list[Any]]:
    """Total that the portal knows and the rows of this payload: a page, an export, or a page of the older interface.

    Raises
    ------
    SensorError
        No JSON, an answer that tells an error, or JSON of another kind.
    """
    tree = read_json(payload, feed)
    if isinstance(tree, list):
        return len(tree), tree
    if isinstance(tree, dict):
        if "error_code" in tree or "errorcode" in tree or "error" in tree:
            raise SensorError(f"{feed}: the portal tells an error: {str(tree)[:200]}")
        if isinstance(tree.get("results"), list):
            return _whole(tree.get("total_count"), len(tree["results"])), tree["results"]
        if isinstance(tree.get("records"), list):
            rows = [row.get("fields", row) if isinstance(row, dict) else row for row in tree["records"]]
            return _whole(tree.get("nhits"), len(rows)), rows
    raise SensorError(f"{feed}: expected a page of records or an export, got {str(tree)[:80]!r}")


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


@dataclass(frozen=True)
class Column:
    """A column that is a quantity.

    Attributes
    ----------
    quantity : str
    factor, offset : float
        From the column to the unit of the quantity.
    period : float
        [s]
    """

    quantity: str
    factor: float = 1.0
    offset: float = 0.0
    period: float = 0.0

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise SensorError(f"{self.quantity!r} is no quantity; add its words to kernels/quantities")


@dataclass(frozen=True)
class Table:
    """Which columns of a data set say what.

    Attributes
    ----------
    feed : str
        First part of the ids of its things.
    id, time : str
        Columns of the thing and of the time; a stamp without zone is of the clock of Brussels.
    values : mapping of str to Column
    place : str
        Column of the place: ``{lon, lat}``, ``[lat, lon]`` as the older interface writes, or a GeoJSON point.
    name : str
        Column of the name; the id where empty.
    """

    feed: str
    id: str
    time: str
    values: Mapping[str, Column]
    place: str = "geo_point_2d"
    name: str = ""
    properties: tuple[str, ...] = field(default=())


def parse(payload: bytes | str, table: Table) -> Parsed:
    """Readings of a data set.

    Returns
    -------
    Parsed
        ``counts``: "rows", and "total", which the portal knows. A null is NaN; a row of nothing but nulls is silent.

    Raises
    ------
    SensorError
        See `records`.
    """
    total, rows = records(payload, table.feed)
    found, clock = Gathering(table.feed), WallClock()
    found.met("total", total)
    for row in rows:
        found.met("rows")
        try:
            own = own_id(row[table.id])
        except (KeyError, TypeError, ValueError):
            found.problem(table.id, "is missing", row)
            continue
        _row(found, row, own, table, clock)
    return found.parsed()


def _row(found: Gathering, row: dict[str, Any], own: str, table: Table, clock: WallClock) -> None:
    longitude, latitude = _place(found, row.get(table.place), table.place)
    thing = Thing(f"{table.feed}:{own}", str(row.get(table.name) or own), longitude, latitude,
                  {name: row.get(name) for name in table.properties})  # fmt: skip
    found.thing(thing)
    if all(row.get(name) is None for name in table.values):
        found.silent += 1
        return
    before = clock.twice
    try:
        time = clock.read(str(row.get(table.time)), own)
    except ValueError:
        found.problem(table.time, "is no time", row)
        return
    flag = int(Flag.CLOCK) if clock.twice > before else 0
    for name, column in table.values.items():
        try:
            value = read_number(row.get(name))
        except ValueError:
            found.problem(name, "is no number", row)
            continue
        stream = Datastream(f"{thing.id}/{column.quantity}", thing.id, column.quantity, column.period, table.feed)
        found.reading(stream, time, value * column.factor + column.offset, flag)


def _place(found: Gathering, said: Any, column: str) -> tuple[float, float] | tuple[None, None]:
    if said is None:
        return None, None
    try:
        if isinstance(said, list):
            latitude, longitude = said
        elif "geometry" in said or "coordinates" in said:
            longitude, latitude = said.get("geometry", said)["coordinates"][:2]
        else:
            longitude, latitude = said["lon"], said["lat"]
        place = read_number(longitude), read_number(latitude)
    except (TypeError, ValueError, KeyError, AttributeError):
        found.problem(column, "is no place", said)
        return None, None
    return place if not any(map(math.isnan, place)) else (None, None)
