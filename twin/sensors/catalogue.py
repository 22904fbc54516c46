"""What a store knows by heart: things, datastreams, and the newest reading of each."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.sensors.batch import Batch
from twin.sensors.model import SECOND, Datastream, Readings, SensorError, Thing

SCHEMA = """
CREATE TABLE IF NOT EXISTS thing (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, longitude REAL, latitude REAL, properties TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS datastream (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, thing TEXT NOT NULL REFERENCES thing, quantity TEXT NOT NULL,
    period REAL NOT NULL, sensor TEXT NOT NULL, retention_days REAL NOT NULL, properties TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS last (
    datastream INTEGER PRIMARY KEY, time INTEGER NOT NULL, value REAL, flag INTEGER NOT NULL
) STRICT;
"""
_PUT_THING = """
INSERT INTO thing VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name,
longitude = excluded.longitude, latitude = excluded.latitude, properties = excluded.properties
"""
_PUT_DATASTREAM = """
INSERT INTO datastream VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET thing = excluded.thing,
period = excluded.period, sensor = excluded.sensor, retention_days = excluded.retention_days,
properties = excluded.properties
"""


class Catalogue:
    """Things, datastreams and newest readings of a database, kept in memory and read from any thread.

    Few are written and all are asked for at every turn of a page: ten thousand rows take SQLite as many milliseconds.

    Attributes
    ----------
    things, datastreams : mapping
        By id.
    numbers : mapping of str to int
        The database's number of a datastream: from 1 on, none left out, never given twice.
    """

    def __init__(self) -> None:
        self.things: Mapping[str, Thing] = {}
        self.datastreams: Mapping[str, Datastream] = {}
        self.numbers: Mapping[str, int] = {}
        self._alone = threading.Lock()
        self._grow()

    def load(self, connection: sqlite3.Connection) -> None:
        """Read all of it anew, in the caller's transaction."""
        ask = connection.execute
        things = {row[0]: _thing(row) for row in ask("SELECT * FROM thing ORDER BY id")}
        datastreams = ask("SELECT * FROM datastream ORDER BY number").fetchall()
        last = ask("SELECT datastream, time, value, flag FROM last").fetchall()
        with self._alone:
            self.things = things
            self.datastreams = {row[1]: _datastream(row[1:]) for row in datastreams}
            self.numbers = {row[1]: row[0] for row in datastreams}
            self._time = np.empty(0, np.int64)
            self._grow()
            number, time, value, flag = zip(*last, strict=True) if last else ((), (), (), ())
            place = np.array(number, np.int64)
            self._time[place], self._value[place], self._flag[place] = time, np.array(value, np.float64), flag

    def _grow(self) -> None:
        """Make room for the newest reading of every datastream."""
        size = len(self.numbers) + 1
        had = getattr(self, "_time", np.empty(0, np.int64))
        self.ids = np.array([None, *self.numbers], object)
        if not had.size:
            self._time, self._value, self._flag = (
                np.full(size, -1, np.int64),
                np.full(size, np.nan),
                np.zeros(size, "u2"),
            )
        elif had.size < size:
            new = size - had.size
            self._time = np.append(had, np.full(new, -1, np.int64))
            self._value = np.append(self._value, np.full(new, np.nan))
            self._flag = np.append(self._flag, np.zeros(new, np.uint16))

    # things and datastreams

    def new_things(self, things: Iterable[Thing]) -> dict[str, tuple[Any, ...]]:
        """Rows of those that are unknown or have other words than before."""
        rows = {one.id: _thing_row(one) for one in things}
        known = self.things
        return {key: row for key, row in rows.items() if key not in known or row != _thing_row(known[key])}

    def put_things(self, writer: sqlite3.Connection, rows: Mapping[str, tuple[Any, ...]]) -> None:
        """Write rows of `new_things`; `has_things` follows when they are on disk."""
        writer.executemany(_PUT_THING, rows.values())

    def has_things(self, rows: Mapping[str, tuple[Any, ...]]) -> None:
        """Know things that are on disk."""
        self.things = {**self.things, **{key: _thing(row) for key, row in rows.items()}}

    def new_datastreams(self, datastreams: Iterable[Datastream]) -> dict[str, tuple[Any, ...]]:
        """Rows of those that are unknown or have other words than before, with their numbers.

        Raises
        ------
        SensorError
            The thing is unknown, or a known datastream changes its quantity.
        """
        found: dict[str, tuple[Any, ...]] = {}
        following = len(self.numbers) + 1
        for one in {one.id: one for one in datastreams}.values():
            known = self.datastreams.get(one.id)
            if one.thing not in self.things:
                raise SensorError(f"datastream {one.id!r}: thing {one.thing!r} is unknown; put the thing first")
            if known is not None and known.quantity != one.quantity:
                raise SensorError(
                    f"datastream {one.id!r} tells {known.quantity}, not {one.quantity}; give the new one another id"
                )
            row = _datastream_row(one)
            if known is None:
                found[one.id] = (following, *row)
                following += 1
            elif row != _datastream_row(known):
                found[one.id] = (self.numbers[one.id], *row)
        return found

    def put_datastreams(self, writer: sqlite3.Connection, rows: Mapping[str, tuple[Any, ...]]) -> None:
        """Write rows of `new_datastreams`; `has_datastreams` follows when they are on disk."""
        writer.executemany(_PUT_DATASTREAM, rows.values())

    def has_datastreams(self, rows: Mapping[str, tuple[Any, ...]]) -> None:
        """Know datastreams that are on disk."""
        with self._alone:
            self.datastreams = {**self.datastreams, **{key: _datastream(row[1:]) for key, row in rows.items()}}
            self.numbers = {**self.numbers, **{key: row[0] for key, row in rows.items()}}
            self._grow()

    # the newest of each

    def newer(self, batch: Batch) -> Batch:
        """Of each datastream the newest reading, where it is newer than what is known."""
        places = batch.newest()
        return batch.at(places[batch.time[places] > self._time[batch.number[places]]])

    def has(self, newer: Batch) -> None:
        """Know readings of `newer` that are on disk."""
        with self._alone:
            self._time[newer.number] = newer.time
            self._value[newer.number] = newer.value
            self._flag[newer.number] = newer.flag

    def last(self, ids: Iterable[str] | None = None) -> Readings:
        """The newest reading of each datastream that has one."""
        with self._alone:
            numbers = self.numbers
            if ids is None:
                number = np.arange(1, self.ids.size)
            else:
                number = np.array([numbers[one] for one in ids if one in numbers], np.int64)
            number = number[self._time[number] >= 0]
            return Readings(self.ids[number], self._time[number], self._value[number], self._flag[number])

    def retention(self, ids: NDArray[np.object_]) -> NDArray[np.int64]:
        """How long readings of some datastreams are kept, at most 290 years. [ns]"""
        days = np.array([self.datastreams[one].retention_days for one in ids.tolist()], np.float64)
        return np.round(np.minimum(days, 106_000.0) * 86_400).astype(np.int64) * SECOND


def _json(properties: Any, whose: str) -> str:
    try:
        return json.dumps(dict(properties), ensure_ascii=False, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise SensorError(
            f"{whose}: properties cannot be JSON ({error}); give text, numbers, lists, mappings"
        ) from error


def _thing_row(one: Thing) -> tuple[Any, ...]:
    return one.id, one.name, one.longitude, one.latitude, _json(one.properties, one.id)


def _thing(row: tuple[Any, ...]) -> Thing:
    key, name, longitude, latitude, properties = row
    return Thing(key, name, longitude, latitude, json.loads(properties))


def _datastream_row(one: Datastream) -> tuple[Any, ...]:
    return (one.id, one.thing, one.quantity, float(one.period), one.sensor, float(one.retention_days),
            _json(one.properties, one.id))  # fmt: skip


def _datastream(row: tuple[Any, ...]) -> Datastream:
    key, thing, quantity, period, sensor, retention, properties = row
    return Datastream(key, thing, quantity, period, sensor, retention, json.loads(properties))
