"""Stores of readings: one contract for every driver.

Expected values are written down by hand; nothing is read back from what is judged.
"""

import csv
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twin.sensors.model import Datastream, Readings, SensorError, Thing
from twin.sensors.sqlite import SqliteStore
from twin.sensors.store import DAY, Ack, SensorStoreError

sys.path.insert(0, str(Path(__file__).parent))
from store_toy import AIR, EVER, MINUTE, NAN, NOON, RAIN, THING, air, told


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
        (Readings.of([AIR.id], [np.iinfo(np.int64).max], [1.0]), "after 2261"),
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
