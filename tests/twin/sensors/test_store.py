"""Stores of readings: one contract for every driver, and what each does when a disk or a process fails it.

Expected values are written down by hand; nothing is read back from what is judged.
"""

import csv
import shutil
import sqlite3
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twin.sensors.model import SECOND, Datastream, Readings, SensorError, Thing
from twin.sensors.sqlite import SqliteStore
from twin.sensors.store import DAY, Ack, Compacted, SensorStoreError, StoreFull

sys.path.insert(0, str(Path(__file__).parent))
from ingest_kills import kill_ingest

NOON = 1_795_780_800 * SECOND
"""2026-11-27T12:00:00Z, by ``date -d 2026-11-27T12:00Z +%s``."""
MINUTE, EVER = 60 * SECOND, (0, 2**62)
NAN = float("nan")
THING = Thing("toy:roof", "Roof", 4.35, 50.85, {"building": "7", "floors": [1, 2]})
AIR = Datastream("toy:roof/air_temperature", "toy:roof", "air_temperature", 60.0, "toy", properties={"height": 2})
RAIN = Datastream("toy:roof/rain_depth", "toy:roof", "rain_depth", 300.0, "toy", retention_days=1.0)


class ClosingStore(SqliteStore):
    """Closes every day after every append, so that all that is asked is answered from Parquet."""

    def append(self, readings: Readings) -> Ack:
        ack = super().append(readings)
        self.compact(2**62)
        return ack


DRIVERS = {"open days in SQLite": SqliteStore, "closed days in Parquet": ClosingStore}


@pytest.fixture(params=DRIVERS.values(), ids=DRIVERS.keys())
def driver(request):
    return request.param


@pytest.fixture
def store(driver, tmp_path):
    with driver(tmp_path / "store") as made:
        made.put_things([THING])
        made.put_datastreams([AIR, RAIN])
        yield made


def air(*rows, name=AIR.id):
    """Readings of one datastream: minutes after noon, value, flag."""
    return Readings.of(
        [name] * len(rows), [NOON + minute * MINUTE for minute, *_ in rows], [row[1] for row in rows],
        [row[2] if len(row) > 2 else 0 for row in rows],
    )  # fmt: skip


def told(readings):
    """What `air` was made of; NaN as None."""
    return [
        (round((time - NOON) / MINUTE, 9), None if np.isnan(value) else value, flag)
        for time, value, flag in zip(
            readings.time.tolist(), readings.value.tolist(), readings.flag.tolist(), strict=True
        )
    ]


class TestContract:
    def test_what_was_appended_is_told_in_the_order_of_time(self, store):
        assert store.append(air((3, 283.0), (1, 281.5), (2, 282.0))) == Ack(3)
        found = store.window(AIR.id, *EVER)
        assert told(found) == [(1, 281.5, 0), (2, 282.0, 0), (3, 283.0, 0)]
        assert found.datastream.tolist() == [AIR.id] * 3
        assert (found.time.dtype, found.value.dtype, found.flag.dtype) == (np.int64, np.float64, np.uint16)

    def test_the_same_again_changes_nothing_and_is_counted(self, store):
        rows = air((1, 281.0, 2), (2, NAN))
        assert store.append(rows) == Ack(2)
        assert store.append(rows) == Ack(0, duplicates=2)
        assert store.append(air((2, NAN), (3, 280.0))) == Ack(1, duplicates=1)
        assert told(store.window(AIR.id, *EVER)) == [(1, 281.0, 2), (2, None, 0), (3, 280.0, 0)]

    def test_the_first_stands_where_a_second_tells_another_value_or_flag(self, store):
        store.append(air((1, 281.0), (2, 282.0), (3, NAN)))
        again = air((1, 281.5), (2, 282.0, 4), (3, 283.0), (1, 281.0))
        assert store.append(again) == Ack(0, duplicates=4, differing=3)
        assert told(store.window(AIR.id, *EVER)) == [(1, 281.0, 0), (2, 282.0, 0), (3, None, 0)]
        assert told(store.last()) == [(3, None, 0)]

    def test_within_one_append_the_first_stands_too(self, store):
        assert store.append(air((1, 281.0), (1, 281.0), (1, 299.0, 1), (2, 5.0))) == Ack(2, 2, 1)
        assert told(store.window(AIR.id, *EVER)) == [(1, 281.0, 0), (2, 5.0, 0)]

    def test_late_readings_find_their_place_and_are_not_the_last(self, store):
        store.append(air((10, 290.0)))
        store.append(air((0, 280.0), (-1440 * 3, 270.0)))
        assert told(store.window(AIR.id, *EVER)) == [(-4320, 270.0, 0), (0, 280.0, 0), (10, 290.0, 0)]
        assert told(store.last([AIR.id])) == [(10, 290.0, 0)]

    def test_missing_is_missing_and_flags_stay_beside_the_raw_value(self, store):
        store.append(air((1, NAN, 65_535), (2, -273.0, 1), (3, 0.0), (4, float("inf"), 8)))
        assert told(store.window(AIR.id, *EVER)) == [(1, None, 65_535), (2, -273.0, 1), (3, 0.0, 0), (4, np.inf, 8)]

    def test_a_value_comes_back_to_its_last_bit(self, store):
        # only the sign of zero is not kept: SQLite writes whole numbers without it
        values = [0.1 + 0.2, 5e-324, 0.0, -1.7976931348623157e308, 2**53 + 0.0]
        store.append(air(*enumerate(values)))
        assert store.window(AIR.id, *EVER).value.tobytes() == np.array(values).tobytes()

    def test_a_window_has_its_start_and_not_its_end(self, store):
        store.append(air((0, 1.0), (1, 2.0), (2, 3.0)))
        assert told(store.window(AIR.id, NOON, NOON + 2 * MINUTE)) == [(0, 1.0, 0), (1, 2.0, 0)]
        assert len(store.window(AIR.id, NOON + 1, NOON + MINUTE)) == 0
        assert len(store.window(AIR.id, NOON + MINUTE, NOON)) == 0
        assert len(store.window("toy:nobody", *EVER)) == 0

    def test_a_window_across_midnight_is_one(self, store):
        store.append(air((719, 1.0), (720, 2.0), (721, 3.0), (720 + 1440, 4.0)))  # noon + 720 minutes is midnight UTC
        midnight = NOON + 720 * MINUTE
        assert told(store.window(AIR.id, midnight - 1, midnight + 1)) == [(720, 2.0, 0)]
        assert len(store.window(AIR.id, *EVER)) == 4

    @pytest.mark.parametrize(("limit", "newest", "minutes"), [
        (0, False, []), (2, False, [-2880, -1440]), (3, True, [5, 0, -1440]), (1, True, [5]),
        (99, False, [-2880, -1440, 0, 5]), (None, True, [5, 0, -1440, -2880]),
    ])  # fmt: skip
    def test_a_window_can_be_cut_from_either_end(self, store, limit, newest, minutes):
        store.append(air((0, 1.0), (-2880, 1.0), (5, 1.0), (-1440, 1.0)))
        found = store.window(AIR.id, *EVER, limit=limit, newest_first=newest)
        assert [row[0] for row in told(found)] == minutes

    def test_last_is_of_those_that_are_asked_and_have_told(self, store):
        store.append(air((1, 281.0), (2, 282.0, 1)))
        assert told(store.last([RAIN.id, "toy:nobody", AIR.id])) == [(2, 282.0, 1)]
        store.append(air((1, 0.0), name=RAIN.id))
        assert store.last([RAIN.id, AIR.id]).datastream.tolist() == [RAIN.id, AIR.id]
        assert sorted(store.last().datastream) == sorted([AIR.id, RAIN.id])
        assert len(store.last([])) == 0

    def test_silence_is_no_reading(self, store):
        assert len(store.last()) == len(store.window(AIR.id, *EVER)) == 0
        assert store.append(Readings.none()) == Ack()

    @pytest.mark.parametrize(("bad", "words"), [
        (air((2, 1.0), name="toy:nobody/air_temperature"), "toy:nobody/air_temperature.*unknown"),
        (Readings.of([AIR.id], [-1], [1.0]), "before 1970"),
        (Readings.of([AIR.id], [np.iinfo(np.int64).min], [1.0]), "before 1970"),
    ])  # fmt: skip
    def test_what_cannot_be_is_refused_with_all_that_came_with_it(self, store, bad, words):
        with pytest.raises(SensorError, match=words):
            store.append(Readings.joined([air((1, 1.0)), bad]))
        assert len(store.window(AIR.id, *EVER)) == 0

    def test_things_and_datastreams_come_back_as_they_were_put(self, store):
        assert store.things() == store.things([THING.id]) == (THING,)
        assert store.datastreams([RAIN.id, "toy:nobody", AIR.id]) == (RAIN, AIR)
        assert (store.put_things([THING]), store.put_datastreams([AIR, RAIN])) == (0, 0)
        moving = Thing("toy:bus", "Tram 81 — Montgoméry", None, None, {})
        raised = Datastream(AIR.id, THING.id, AIR.quantity, 30.0, "other", 5.0, {"height": 10})
        assert (store.put_things([THING, moving]), store.put_datastreams([raised, RAIN])) == (1, 1)
        assert store.things() == (THING, moving)
        assert store.datastreams([AIR.id]) == (raised,)

    def test_words_that_change_leave_readings_alone(self, store):
        store.append(air((1, 281.0)))
        store.put_things([Thing(THING.id, "Other roof", 4.0, 50.0)])
        store.put_datastreams([Datastream(AIR.id, THING.id, AIR.quantity, sensor="new")])
        assert told(store.window(AIR.id, *EVER)) == told(store.last()) == [(1, 281.0, 0)]

    def test_a_datastream_needs_its_thing_and_keeps_its_quantity(self, store):
        with pytest.raises(SensorError, match=r"toy:nobody.*put the thing first"):
            store.put_datastreams([Datastream("toy:nobody/ozone", "toy:nobody", "ozone")])
        with pytest.raises(SensorError, match="air_temperature, not ozone"):
            store.put_datastreams(
                [Datastream("toy:roof/new", THING.id, "ozone"), Datastream(AIR.id, THING.id, "ozone")]
            )
        assert store.datastreams() == (AIR, RAIN)
        with pytest.raises(SensorError, match="cannot be JSON"):
            store.put_things([Thing("toy:x", "x", properties={"a": NAN})])

    def test_all_is_there_after_a_restart(self, store, driver, tmp_path):
        store.append(air((2, NAN, 3), (1, 281.0)))
        store.close()
        with driver(tmp_path / "store") as again:
            assert (again.things(), again.datastreams()) == ((THING,), (AIR, RAIN))
            assert told(again.window(AIR.id, *EVER)) == [(1, 281.0, 0), (2, None, 3)]
            assert told(again.last()) == [(2, None, 3)]
            assert again.append(air((1, 281.0), (3, 1.0))) == Ack(1, 1)
            new = Datastream("toy:roof/ozone", THING.id, "ozone")
            assert again.put_datastreams([new]) == 1
            again.append(air((1, 9e-8), name=new.id))
            assert told(again.window(AIR.id, *EVER)) == [(1, 281.0, 0), (2, None, 3), (3, 1.0, 0)]
            assert told(again.last([new.id])) == [(1, 9e-8, 0)]

    def test_what_was_retained_long_enough_is_forgotten(self, store):
        rows = [(-1441, 1.0), (-1440, 2.0), (-1, 3.0)]  # rain is kept for a day, air for ten years
        store.append(Readings.joined([air(*rows), air(*rows, name=RAIN.id)]))
        assert store.forget(NOON) == 1
        assert [row[0] for row in told(store.window(RAIN.id, *EVER))] == [-1440, -1]
        assert len(store.window(AIR.id, *EVER)) == 3
        assert store.forget(NOON) == 0
        assert store.forget(NOON + 2 * DAY) == 2
        assert store.last().datastream.tolist() == [AIR.id]
        store.put_datastreams([Datastream(AIR.id, THING.id, AIR.quantity, retention_days=1.0)])
        assert store.forget(NOON + 2 * DAY) == 3
        assert len(store.last()) == len(store.window(AIR.id, *EVER)) == 0
        assert store.append(air((2880, 1.0))) == Ack(1)

    def test_a_table_of_readings_says_quantity_unit_and_time(self, store, tmp_path):
        store.append(Readings.joined([air((0, 281.25, 2), (1, NAN)), air((5, 0.001), name=RAIN.id)]))
        assert store.export(tmp_path / "all.csv", *EVER) == 3
        with (tmp_path / "all.csv").open(newline="") as file:
            rows = list(csv.reader(file))
        assert rows == [
            ["datastream", "quantity", "units", "time", "value", "flag"],
            [AIR.id, "air_temperature", "K", "2026-11-27T12:00:00Z", "281.25", "2"],
            [AIR.id, "air_temperature", "K", "2026-11-27T12:01:00Z", "", "0"],
            [RAIN.id, "rain_depth", "m", "2026-11-27T12:05:00Z", "0.001", "0"],
        ]
        assert store.export(tmp_path / "some.parquet", NOON, NOON + MINUTE, [RAIN.id, AIR.id]) == 1
        table = pyarrow.parquet.read_table(tmp_path / "some.parquet").to_pylist()
        at = datetime(2026, 11, 27, 12, tzinfo=UTC)
        assert [{**row, "time": row["time"].to_pydatetime()} for row in table] == [
            {"datastream": AIR.id, "quantity": "air_temperature", "units": "K", "time": at, "value": 281.25, "flag": 2}
        ]
        assert store.export(tmp_path / "none.parquet", 0, 1) == 0
        assert pyarrow.parquet.read_table(tmp_path / "none.parquet").num_rows == 0
        with pytest.raises(SensorStoreError, match=r"\.csv or \.parquet"):
            store.export(tmp_path / "all.xls", *EVER)
        assert not list(tmp_path.glob(".*"))

    def test_threads_that_write_and_read_do_not_meet(self, store):
        faults = []

        def write(name):
            try:
                for minute in range(0, 60, 10):
                    store.append(air(*((minute + one, 1.0) for one in range(10)), name=name))
            except Exception as fault:
                faults.append(fault)

        def read():
            try:
                while len(store.window(AIR.id, *EVER)) < 60:
                    assert len(store.window(AIR.id, *EVER)) % 10 == 0, "half an append was seen"
                    store.last()
            except Exception as fault:
                faults.append(fault)

        crew = [threading.Thread(target=write, args=(one.id,)) for one in (AIR, RAIN)] + [threading.Thread(target=read)]
        for one in crew:
            one.start()
        for one in crew:
            one.join(60)
        assert not faults
        assert not any(one.is_alive() for one in crew)
        assert len(store.window(RAIN.id, *EVER)) == 60

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        appends=st.lists(
            st.lists(st.tuples(st.booleans(), st.integers(-3000, 3000), st.sampled_from([1.0, 2.0, NAN]),
                               st.integers(0, 3)), max_size=12), max_size=6)
    )  # fmt: skip
    def test_any_sequence_of_appends_is_a_table_where_the_first_of_a_key_stands(
        self, driver, tmp_path_factory, appends
    ):
        table: dict[tuple[str, int], tuple[float | None, int]] = {}
        with driver(tmp_path_factory.mktemp("any")) as store:
            store.put_things([THING])
            store.put_datastreams([AIR, RAIN])
            for rows in appends:
                stored = differing = 0
                for which, minute, value, flag in rows:
                    key, new = ((AIR if which else RAIN).id, minute), (None if np.isnan(value) else value, flag)
                    stored += key not in table
                    differing += table.setdefault(key, new) != new
                came = [
                    air((minute, value, flag), name=(AIR if which else RAIN).id) for which, minute, value, flag in rows
                ]
                assert store.append(Readings.joined(came)) == Ack(stored, len(rows) - stored, differing)
            for one in (AIR, RAIN):
                wanted = [(minute, *table[name, minute]) for name, minute in sorted(table) if name == one.id]
                assert told(store.window(one.id, *EVER)) == wanted
                assert told(store.last([one.id])) == wanted[-1:]


# what SQLite and its files have of their own


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
