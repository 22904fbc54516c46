"""What SQLite and Parquet have of their own: days, writers and readers, a full disk, a cut journal, a killed process.

Expected values are written down by hand; nothing is read back from what is judged.
"""

import shutil
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from twin.sensors.model import SECOND, Datastream, Readings
from twin.sensors.sqlite import SqliteStore
from twin.sensors.store import DAY, Ack, Compacted, SensorStoreError, StoreFull

sys.path.insert(0, str(Path(__file__).parent))
from ingest_kills import kill_ingest
from store_toy import AIR, EVER, MINUTE, NOON, RAIN, THING, air, told


@pytest.fixture
def sqlite(tmp_path):
    with SqliteStore(tmp_path / "store") as made:
        made.put_things([THING])
        made.put_datastreams([AIR, RAIN])
        yield made


def test_only_days_that_are_over_are_closed_and_each_is_a_folder(sqlite, tmp_path):
    sqlite.append(Readings.joined([air((-1440, 1.0), (0, 2.0), (719, 3.0), (720, 4.0)), air((0, 0.0), name=RAIN.id)]))
    assert sqlite.compact(NOON) == Compacted(("2026-11-26",), 1)
    assert sqlite.compact(NOON) == Compacted()
    assert sqlite.compact(NOON + 720 * MINUTE - 1) == Compacted()
    assert sqlite.compact(NOON + 720 * MINUTE) == Compacted(("2026-11-27",), 3)
    days = tmp_path / "store" / "days"
    assert sorted(one.parent.name for one in days.glob("*/*.parquet")) == ["2026-11-26", "2026-11-27"]
    (file,) = (days / "2026-11-27").iterdir()
    table = pyarrow.parquet.read_table(file)
    assert {name: str(table.schema.field(name).type) for name in table.schema.names} == {
        "datastream": "string", "time": "timestamp[ns, tz=UTC]", "value": "double", "flag": "uint16"}  # fmt: skip
    assert table["datastream"].to_pylist() == [AIR.id, AIR.id, RAIN.id]
    with sqlite3.connect(tmp_path / "store" / "observations.sqlite") as aside:
        assert aside.execute("SELECT count(*) FROM obs").fetchone() == (1,)
    aside.close()
    assert [row[0] for row in told(sqlite.window(AIR.id, *EVER))] == [-1440, 0, 719, 720]


def test_closing_goes_part_by_part(sqlite, tmp_path, monkeypatch):
    monkeypatch.setattr("twin.sensors.sqlite.PART", 2)
    names = [Datastream(f"toy:roof/air_temperature/{one}", THING.id, "air_temperature") for one in range(5)]
    sqlite.put_datastreams(names)
    for one in names:
        sqlite.append(air((0, 1.0), (1, 2.0), (2, 3.0), name=one.id))
    assert sqlite.compact(NOON + DAY).rows == 15
    assert len(list((tmp_path / "store" / "days").glob("*/*"))) == 5
    assert [len(sqlite.window(one.id, *EVER)) for one in names] == [3] * 5
    assert sqlite.append(air((1, 2.0), (3, 4.0), name=names[3].id)) == Ack(1, 1)


def test_there_is_one_writer_and_readers_see_what_it_commits(sqlite, tmp_path):
    with pytest.raises(SensorStoreError, match="another process writes here"):
        SqliteStore(tmp_path / "store")
    with SqliteStore(tmp_path / "store", reading=True) as reader:
        assert len(reader.last()) == 0
        sqlite.append(air((1, 281.0)))
        sqlite.put_datastreams([Datastream("toy:roof/ozone", THING.id, "ozone")])
        assert told(reader.last()) == told(reader.window(AIR.id, *EVER)) == [(1, 281.0, 0)]
        assert len(reader.datastreams()) == 3
        sqlite.compact(2**62)
        assert told(reader.window(AIR.id, *EVER)) == [(1, 281.0, 0)]
        for act in (lambda: reader.append(air((2, 1.0))), lambda: reader.put_things([THING]), lambda: reader.forget(0),
                    lambda: reader.compact(0), lambda: reader.put_datastreams([AIR])):  # fmt: skip
            with pytest.raises(SensorStoreError, match="opened for reading"):
                act()


def test_an_append_waits_for_the_disk(sqlite):
    """No kill of a process can tell; the setting is of the connection alone, 2 is FULL (sqlite.org/pragma.html)."""
    assert sqlite._writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert sqlite._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_is_no_store_is_named(tmp_path):
    with pytest.raises(SensorStoreError, match="nothing to read"):
        SqliteStore(tmp_path, reading=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(SensorStoreError, match="file"):
        SqliteStore(tmp_path / "file" / "store")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "observations.sqlite").write_bytes(b"no database at all, but quite long" * 40)
    with pytest.raises(SensorStoreError, match="not a database"):
        SqliteStore(tmp_path / "bad")
    SqliteStore(tmp_path / "new").close()
    with sqlite3.connect(tmp_path / "new" / "observations.sqlite") as aside:
        aside.execute("PRAGMA user_version = 99")
    aside.close()
    with pytest.raises(SensorStoreError, match="format 99"):
        SqliteStore(tmp_path / "new")


def test_a_full_store_says_so_and_keeps_nothing_half(tmp_path):
    first, many = (air(*((one, 281.3) for one in range(start, start + 6000))) for start in (0, 6000))
    with SqliteStore(
        tmp_path, most_bytes=260_000
    ) as store:  # six thousand rows of some 25 bytes find room, twice do not
        store.put_things([THING])
        store.put_datastreams([AIR])
        assert store.append(first) == Ack(6000)
        with pytest.raises(StoreFull, match=r"nothing was written.*ask again"):
            store.append(many)
        assert len(store.window(AIR.id, *EVER)) == 6000
        assert told(store.last()) == [(5999, 281.3, 0)]
        # closing days makes room, and what was refused can come again
        assert store.compact(2**62).rows == 6000
        assert store.append(many) == Ack(6000)
    with SqliteStore(tmp_path) as again:
        assert again.window(AIR.id, *EVER).time.tolist() == [*first.time.tolist(), *many.time.tolist()]


def test_a_disk_that_is_full_while_a_day_is_closed_leaves_the_day_open(sqlite, tmp_path, monkeypatch):
    sqlite.append(air((0, 1.0), (1, 2.0)))

    def full(*_, **__):
        raise OSError(28, "No space left on device")  # ENOSPC of Linux

    with monkeypatch.context() as patch:
        patch.setattr("pyarrow.parquet.write_table", full)
        with pytest.raises(StoreFull, match="the disk is full"):
            sqlite.compact(2**62)
    assert not list((tmp_path / "store" / "days").glob("*/*"))
    assert told(sqlite.window(AIR.id, *EVER)) == [(0, 1.0, 0), (1, 2.0, 0)]
    assert sqlite.compact(2**62).rows == 2


def test_a_file_that_a_killed_closing_left_is_not_read_and_is_removed(sqlite, tmp_path):
    sqlite.append(air((0, 1.0)))
    sqlite.compact(2**62)
    days = tmp_path / "store" / "days"
    (file,) = days.glob("*/*.parquet")
    shutil.copy(file, file.with_name("0123456789abcdef.parquet"))
    file.with_name(".unfinished-abc").write_bytes(b"PAR1")
    assert len(sqlite.window(AIR.id, *EVER)) == 1
    sqlite.close()
    with SqliteStore(tmp_path / "store") as again:
        assert list(days.glob("*/*")) == [file]
        assert len(again.window(AIR.id, *EVER)) == 1
        file.unlink()
        with pytest.raises(SensorStoreError, match="a file of a closed day is gone"):
            again.window(AIR.id, *EVER)


@pytest.mark.parametrize("seed", range(3))
def test_a_journal_cut_anywhere_has_whole_appends_only(sqlite, tmp_path, seed):
    """As after power is lost: the database and the first bytes of its write-ahead log, wherever they end."""
    for number in range(12):
        sqlite.append(air(*((number * 100 + one, 1.0) for one in range(100))))
    place, rng = tmp_path / "store", np.random.default_rng(seed)
    log = (place / "observations.sqlite-wal").read_bytes()
    assert len(log) > 50_000
    seen = set()
    for turn, length in enumerate(rng.integers(0, len(log), 12).tolist()):
        cut = tmp_path / f"cut{turn}"
        cut.mkdir()
        shutil.copy(place / "observations.sqlite", cut)
        (cut / "observations.sqlite-wal").write_bytes(log[:length])
        with SqliteStore(cut) as store:
            found = store.window(AIR.id, *EVER) if store.datastreams([AIR.id]) else Readings.none()
            assert len(found) % 100 == 0, f"seed {seed}, {length} bytes: {len(found)} readings"
            assert [row[0] for row in told(found)] == list(range(len(found))), f"seed {seed}, {length} bytes"
            assert told(store.last())[:1] == told(found)[-1:]
            seen.add(len(found))
    assert len(seen) > 3


def test_a_writer_killed_at_any_moment_loses_doubles_and_tears_nothing(tmp_path):
    """Ten kills here, seed 20261127; a soak runs hundreds by the same function."""
    seen = kill_ingest(tmp_path / "store", seed=20_261_127, kills=10)
    assert seen.kills == 10
    assert seen.acknowledged > 10
    assert seen.closed > 0


def test_days_of_the_store_are_days_of_utc_whatever_the_clock_on_the_wall_does(sqlite):
    """2026-10-25 has 25 hours in Brussels; the store's day has 24, and the hour that comes twice is two hours."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in Brussels, summer time
    times = [first, first + timedelta(hours=1)]  # 02:30 in Brussels again, winter time
    whole = [int(one.timestamp()) * SECOND for one in times]
    assert sqlite.append(Readings.of([AIR.id] * 2, whole, [1.0, 2.0])) == Ack(2)
    assert sqlite.compact(NOON).days == ("2026-10-25",)
    assert sqlite.window(AIR.id, *EVER).time.tolist() == whole
