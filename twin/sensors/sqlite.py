"""The store of one machine: SQLite for open days, Parquet for closed ones."""

import fcntl
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from twin.sensors import parquet
from twin.sensors.batch import Batch
from twin.sensors.catalogue import SCHEMA, Catalogue
from twin.sensors.model import Datastream, Readings, Thing
from twin.sensors.store import DAY, Ack, Compacted, SensorStoreError, Store, StoreFull

FORMAT = 1
PART = 250_000
"""A file of a closed day has so many rows or a few more, and appending waits while it is written. [row]"""

_ALWAYS = 2**63 - 1
"""The last time that can be written. [ns]"""

# part: a file of a closed day; a file without a row here is what a killed writer left, and is not read
_SCHEMA = f"""
{SCHEMA}
CREATE TABLE IF NOT EXISTS obs (
    datastream INTEGER NOT NULL, time INTEGER NOT NULL, value REAL, flag INTEGER NOT NULL,
    PRIMARY KEY (datastream, time)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
    name TEXT PRIMARY KEY, day INTEGER NOT NULL, first TEXT NOT NULL, final TEXT NOT NULL, expires INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS part_by_day ON part (day);
PRAGMA user_version = {FORMAT};
"""


@contextmanager
def _plainly(place: Path) -> Iterator[None]:
    """Say what an error of SQLite means here."""
    try:
        yield
    except sqlite3.Error as error:
        if (getattr(error, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_FULL:
            raise StoreFull(f"{place}: no room is left; nothing was written; make room and ask again") from error
        raise SensorStoreError(f"{place}: {error}; check the folder, its rights and its disk") from error


class SqliteStore(Store):
    """Readings under one folder: ``observations.sqlite`` and ``days/2026-11-27/*.parquet``.

    An append is one transaction, on disk when it returns. A day is closed in parts: the file is on disk first, then one
    transaction names it and takes its rows out, so that a kill leaves either the rows or the file.

    Parameters
    ----------
    folder : path
        Made where it does not exist.
    reading : bool
        Only read what another process writes; there may be any number of these.
    most_bytes : int, optional
        The database of open days grows no further than this.

    Raises
    ------
    SensorStoreError
        Another process writes here, the folder cannot be used, or it is of a newer version.
    """

    def __init__(self, folder: Path, reading: bool = False, most_bytes: int | None = None) -> None:
        self.folder = Path(folder)
        self._days = self.folder / "days"
        self._path = self.folder / "observations.sqlite"
        self._writing = threading.RLock()
        self._asking = threading.Lock()
        self._may_write = not reading
        self._held: int | None = None
        self._open: list[sqlite3.Connection] = []
        self._known = Catalogue()
        self._seen = -1
        if reading and not self._path.is_file():
            raise SensorStoreError(f"{self._path}: nothing to read; the writer of readings makes it")
        try:
            with parquet.plainly(self.folder), _plainly(self._path):
                if self._may_write:
                    self._prepare(most_bytes)
                self._reader = self._connect()
                self._reader.execute("PRAGMA query_only = ON")
                with self._asked() as ask:
                    self._known.load(ask)
                    names = [name for (name,) in ask.execute("SELECT name FROM part")]
                if self._may_write:
                    parquet.sweep(self._days, [self._days / name for name in names])
        except BaseException:
            self.close()
            raise

    def _prepare(self, most_bytes: int | None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._held = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SensorStoreError(f"{self.folder}: another process writes here; read it, or stop the other") from None
        self._writer = self._connect()
        (version,) = self._writer.execute("PRAGMA user_version").fetchone()
        if version > FORMAT:
            raise SensorStoreError(f"{self._path}: is of format {version}, this is {FORMAT}; take a newer bxl-twin")
        for name, value in (("journal_mode", "WAL"), ("synchronous", "FULL"), ("foreign_keys", "ON"),
                            ("wal_autocheckpoint", 4000), ("journal_size_limit", 64_000_000),
                            ("temp_store", "MEMORY"), ("cache_size", -64_000)):  # fmt: skip
            self._writer.execute(f"PRAGMA {name} = {value}")
        self._writer.executescript(_SCHEMA)
        self._writer.execute("CREATE TEMP TABLE came (datastream INTEGER, time INTEGER, value REAL, flag INTEGER)")
        if most_bytes is not None:
            (page,) = self._writer.execute("PRAGMA page_size").fetchone()
            self._writer.execute(f"PRAGMA max_page_count = {max(1, most_bytes // page)}")

    def _connect(self) -> sqlite3.Connection:
        made = sqlite3.connect(self._path, timeout=30.0, isolation_level=None, check_same_thread=False)
        self._open.append(made)
        return made

    def close(self) -> None:
        """Let go of the files; what was acknowledged stays."""
        with self._writing, self._asking:
            while self._open:
                with suppress(sqlite3.Error):  # what is on disk is whole with or without this
                    self._open.pop().close()
            if self._held is not None:
                os.close(self._held)
                self._held = None

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction of the one writer: all of it or nothing."""
        with self._writing, _plainly(self._path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def _asked(self) -> Iterator[sqlite3.Connection]:
        """One state of the database, whatever is written meanwhile."""
        with self._asking, _plainly(self._path):
            self._reader.execute("BEGIN")
            try:
                yield self._reader
            finally:
                self._reader.execute("COMMIT")

    def _must_write(self) -> None:
        if not self._may_write:
            raise SensorStoreError(f"{self.folder}: was opened for reading; open it for writing")

    def _refresh(self) -> None:
        """Where another process writes, see what it has written since."""
        if self._may_write:
            return
        with self._asking, _plainly(self._path):
            (seen,) = self._reader.execute("PRAGMA data_version").fetchone()
        if seen != self._seen:
            with self._asked() as ask:
                self._known.load(ask)
            self._seen = seen

    def things(self, ids: Iterable[str] | None = None) -> tuple[Thing, ...]:
        """All things, or those of ``ids`` that are known, in their order."""
        self._refresh()
        known = self._known.things
        return tuple(list(known.values()) if ids is None else (known[one] for one in ids if one in known))

    def datastreams(self, ids: Iterable[str] | None = None) -> tuple[Datastream, ...]:
        """All datastreams, or those of ``ids`` that are known, in their order."""
        self._refresh()
        known = self._known.datastreams
        return tuple(list(known.values()) if ids is None else (known[one] for one in ids if one in known))

    def put_things(self, things: Iterable[Thing]) -> int:
        """Keep things; see `Store.put_things`."""
        self._must_write()
        with self._writing:
            rows = self._known.new_things(things)
            if rows:
                with self._change() as writer:
                    self._known.put_things(writer, rows)
                self._known.has_things(rows)
        return len(rows)

    def put_datastreams(self, datastreams: Iterable[Datastream]) -> int:
        """Keep datastreams; see `Store.put_datastreams`."""
        self._must_write()
        with self._writing:
            rows = self._known.new_datastreams(datastreams)
            if rows:
                with self._change() as writer:
                    self._known.put_datastreams(writer, rows)
                    if any(name in self._known.datastreams for name in rows):
                        writer.execute("UPDATE part SET expires = 0")  # retention may have changed: `forget` looks anew
                self._known.has_datastreams(rows)
        return len(rows)

    def append(self, readings: Readings) -> Ack:
        """Keep readings, all or none; see `Store.append`."""
        self._must_write()
        if not len(readings):
            return Ack()
        with self._writing:
            batch = self._not_closed(Batch.of(readings, self._known.numbers))
            newer, rows, differing = self._known.newer(batch), batch.rows(), 0
            with self._change() as writer:
                stored = max(0, writer.executemany("INSERT OR IGNORE INTO obs VALUES (?, ?, ?, ?)", rows).rowcount)
                if stored < len(rows):
                    differing = _differing(writer, rows)
                writer.executemany("INSERT OR REPLACE INTO last VALUES (?, ?, ?, ?)", newer.rows())
            self._known.has(newer)
        return Ack(stored, batch.duplicates + len(rows) - stored, batch.differing + differing)

    def _not_closed(self, batch: Batch) -> Batch:
        """A batch without what the files of closed days have already."""
        days = batch.time - batch.time % DAY
        found = []
        with _plainly(self._path):
            for day in np.unique(days).tolist():
                inside = days == day
                names = sorted(self._known.ids[np.unique(batch.number[inside])])
                paths = self._parts(self._writer, day, day + 1, names[0], names[-1])
                start, end = int(batch.time[inside].min()), int(batch.time[inside].max()) + 1
                found.append(parquet.read_parts(paths, names, start, end))
        return batch.without(Readings.joined(found), self._known.numbers)

    def _parts(self, connection: sqlite3.Connection, start: int, end: int, first: str, final: str) -> list[Path]:
        """Files of closed days that begin from ``start`` on and before ``end``, with datastreams of a span of names."""
        found = connection.execute(
            "SELECT name FROM part WHERE day >= ? AND day < ? AND first <= ? AND final >= ? ORDER BY day, first",
            (start, end, final, first),
        )
        return [self._days / name for (name,) in found]

    def last(self, ids: Iterable[str] | None = None) -> Readings:
        """The newest reading of every datastream; see `Store.last`."""
        self._refresh()
        return self._known.last(ids)

    def window(
        self, datastream: str, start: int, end: int, limit: int | None = None, newest_first: bool = False
    ) -> Readings:
        """Readings of a datastream; see `Store.window`."""
        self._refresh()
        start, end = max(0, int(start)), min(_ALWAYS, int(end))
        most = _ALWAYS if limit is None else max(0, limit)
        if datastream not in self._known.numbers or start >= end:
            return Readings.none()
        for again in (True, True, False):
            try:
                return self._window(datastream, start, end, most, newest_first)
            except FileNotFoundError as error:  # `forget` has replaced a file since its name was read
                if not again:
                    raise SensorStoreError(f"{self._days}: a file of a closed day is gone ({error})") from error
        raise AssertionError

    def _window(self, name: str, start: int, end: int, most: int, newest: bool) -> Readings:
        with self._asked() as ask:
            rows = ask.execute(
                "SELECT time, value, flag FROM obs WHERE datastream = ? AND time >= ? AND time < ? "
                f"ORDER BY time {'DESC' if newest else 'ASC'} LIMIT ?",
                (self._known.numbers[name], start, end, most),
            ).fetchall()
            files = self._parts(ask, start - start % DAY, end, name, name)
        found = [_readings(name, rows)]
        if not files:
            return found[0]
        if most == _ALWAYS:
            found.append(parquet.read_parts(files, [name], start, end))
        else:  # day by day, until there are enough
            for day in sorted({file.parent for file in files}, reverse=newest):
                if sum(len(one) for one in found[1:]) < most:
                    some = [file for file in files if file.parent == day]
                    found.append(parquet.read_parts(some, [name], start, end))
        whole = Readings.joined(found)
        order = np.argsort(whole.time)[:: -1 if newest else 1][:most]
        return Readings(whole.datastream[order], whole.time[order], whole.value[order], whole.flag[order])

    def compact(self, before: int) -> Compacted:
        """Move days that have ended to Parquet; see `Store.compact`."""
        self._must_write()
        until, rows = int(before) - int(before) % DAY, 0
        with _plainly(self._path), closing(sqlite3.connect(self._path)) as aside:  # a long look that nobody waits for
            sql = "SELECT DISTINCT time - time % ? FROM obs WHERE time < ?"
            days = sorted(day for (day,) in aside.execute(sql, (DAY, until)))
        for day in days:
            names = sorted(self._known.numbers, reverse=True)
            while names:
                with self._writing:  # released after each part, so that appending goes on in between
                    rows += self._close_part(day, names)
        return Compacted(tuple(parquet.folder_of(day) for day in days), rows)

    def _close_part(self, day: int, names: list[str]) -> int:
        """Move one part of a day; takes the datastreams of it from the end of ``names``."""
        found: list[Readings] = []
        many = 0
        with _plainly(self._path):
            while names and many < PART:
                name = names.pop()
                rows = self._writer.execute(
                    "SELECT time, value, flag FROM obs WHERE datastream = ? AND time >= ? AND time < ?",
                    (self._known.numbers[name], day, day + DAY),
                ).fetchall()
                found.append(_readings(name, rows))
                many += len(rows)
        if many:
            self._swap(day, Readings.joined(found), None)
        return many

    def _swap(self, day: int, readings: Readings, old: str | None) -> None:
        """Put a file of a closed day in the place of its rows, or of the file ``old``."""
        name, ids = f"{parquet.folder_of(day)}/{secrets.token_hex(8)}.parquet", readings.datastream
        if len(readings):
            parquet.write_part(self._days / name, readings)
        try:
            with self._change() as writer:
                if old is None:
                    numbers = map(self._known.numbers.__getitem__, ids.tolist())
                    keys = zip(numbers, readings.time.tolist(), strict=True)
                    gone = writer.executemany("DELETE FROM obs WHERE datastream = ? AND time = ?", keys).rowcount
                    if gone != len(readings):
                        raise SensorStoreError(
                            f"{self._path}: {len(readings)} rows closed, {gone} found; check the disk"
                        )
                else:
                    writer.execute("DELETE FROM part WHERE name = ?", (old,))
                if len(readings):
                    kept = np.minimum(self._known.retention(ids), _ALWAYS - readings.time)
                    row = (name, day, ids[0], ids[-1], int((readings.time + kept).min()))
                    writer.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?)", row)
        except BaseException:
            self._discard(name)
            raise
        if old is not None:
            (self._days / old).unlink(missing_ok=True)

    def _discard(self, name: str) -> None:
        """Remove a file of a closed day, unless the database has its name after all; what stays is swept later."""
        with suppress(sqlite3.Error, OSError):
            if self._writer.execute("SELECT 1 FROM part WHERE name = ?", (name,)).fetchone() is None:
                (self._days / name).unlink()

    def forget(self, now: int) -> int:
        """Remove readings that are too old; see `Store.forget`."""
        self._must_write()
        gone = 0
        with self._writing:
            cutoff = np.maximum(0, now - self._known.retention(self._known.ids[1:]))
            oldest = list(zip(range(1, cutoff.size + 1), cutoff.tolist(), strict=True))
            with self._change() as writer:
                gone += max(0, writer.executemany("DELETE FROM obs WHERE datastream = ? AND time < ?", oldest).rowcount)
                writer.executemany("DELETE FROM last WHERE datastream = ? AND time < ?", oldest)
                parts = writer.execute("SELECT name, day FROM part WHERE expires < ?", (now,)).fetchall()
            for name, day in parts:
                whole = parquet.read_parts([self._days / name])
                stays = whole.time >= now - self._known.retention(whole.datastream)
                gone += int((~stays).sum())
                kept = Readings(whole.datastream[stays], whole.time[stays], whole.value[stays], whole.flag[stays])
                self._swap(day, kept, name)
            with self._asked() as ask:
                self._known.load(ask)
        return gone

    def export(self, path: Path, start: int, end: int, ids: Iterable[str] | None = None) -> int:
        """Write readings to a file; see `Store.export`."""
        return parquet.export(self, Path(path), start, end, ids)


def _readings(name: str, rows: list[tuple[Any, ...]]) -> Readings:
    """Rows of one datastream; NULL is NaN."""
    time, value, flag = zip(*rows, strict=True) if rows else ((), (), ())
    names = np.full(len(rows), name, object)
    return Readings(names, np.array(time, np.int64), np.array(value, np.float64), np.array(flag, np.uint16))


def _differing(writer: sqlite3.Connection, rows: list[tuple[int, int, float, int]]) -> int:
    """How many rows tell something else than what stands."""
    writer.executemany("INSERT INTO came VALUES (?, ?, ?, ?)", rows)
    (many,) = writer.execute(
        "SELECT count(*) FROM came JOIN obs USING (datastream, time) "
        "WHERE came.value IS NOT obs.value OR came.flag <> obs.flag"
    ).fetchone()
    writer.execute("DELETE FROM came")
    return int(many)
