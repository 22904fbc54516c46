"""How fast readings are kept and told: durable ingest, the last of 10,000, a sensor's day among ten million; prints.

``BXL_TWIN_STORE_ROWS`` makes the store smaller for a quick look.
"""

import os
import time

import numpy as np
import pytest

from twin.sensors.model import SECOND, Datastream, Readings, Thing
from twin.sensors.sqlite import SqliteStore
from twin.sensors.store import DAY

pytestmark = pytest.mark.bench
STREAMS = 10_000
ROWS = int(os.environ.get("BXL_TWIN_STORE_ROWS", "10000000"))
BEGIN = 20_420 * DAY
"""A midnight of UTC in 2025. [ns]"""
MINUTE = 60 * SECOND


def _names(many):
    return [f"bench:device_{one:05d}/air_temperature" for one in range(many)]


def _store(folder, names):
    store = SqliteStore(folder)
    store.put_things([Thing("bench:device", "device")])
    store.put_datastreams(Datastream(one, "bench:device", "air_temperature") for one in names)
    return store


def _ingest(store, names, batches, each):
    """What was measured, in words: each batch has all ``names`` at the next ``each`` minutes."""
    rng = np.random.default_rng(0)
    ids = np.repeat(np.array(names, object), each)
    slowest, began, busy = 0.0, time.perf_counter(), time.process_time()
    for turn in range(batches):
        minutes = BEGIN + (turn * each + np.tile(np.arange(each), len(names))) * MINUTE
        readings = Readings(ids, minutes, rng.normal(285.0, 5.0, ids.size), np.zeros(ids.size, np.uint16))
        at = time.perf_counter()
        assert store.append(readings).stored == ids.size
        slowest = max(slowest, time.perf_counter() - at)
    many, took, busy = batches * ids.size, time.perf_counter() - began, time.process_time() - busy
    return (
        f"{many:,} readings, {each} of each of {len(names):,} sensors a batch: {many / took:,.0f} observations/s "
        f"(aim 50,000), {many / busy:,.0f} for each second of processor time; slowest batch {slowest:.2f} s"
    )


def _times(act, times):
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append((time.perf_counter() - began) * 1e3)
    return np.percentile(found, [50, 99])


def test_ten_million_readings_of_ten_thousand_sensors(tmp_path):
    """Aims: 50,000 observations/s; the last of 10,000 in 10 ms and a sensor's day in 5 ms, 99 times of 100."""
    names = _names(STREAMS)
    with _store(tmp_path / "wide", names) as store:
        # the hardest order: a batch has one reading of every sensor, so that it touches every leaf of the tree
        words = _ingest(store, names, max(1, ROWS // STREAMS), 1)
        last = _times(lambda: store.last(names), 200)
        rng = np.random.default_rng(1)
        day = _times(lambda: store.window(names[rng.integers(STREAMS)], BEGIN, BEGIN + DAY), 200)
        rows = len(store.window(names[0], BEGIN, BEGIN + DAY))
    print(
        f"\n{words}; last of all {last[0]:.1f} ms, p99 {last[1]:.1f} (aim 10); "
        f"one sensor's day, {rows} rows: {day[0]:.2f} ms, p99 {day[1]:.2f} (aim 5)"
    )


def test_days_of_a_thousand_sensors_open_and_closed(tmp_path):
    """A sensor's day has 1,440 rows here; aim 5 ms, from Parquet too."""
    names = _names(1_000)
    days = max(1, ROWS // 1_440_000)
    with _store(tmp_path / "deep", names) as store:
        words = _ingest(store, names, days * 144, 10)
        rng = np.random.default_rng(1)

        def ask():
            at = BEGIN + int(rng.integers(days)) * DAY
            assert len(store.window(names[rng.integers(1_000)], at, at + DAY)) == 1_440

        open_day = _times(ask, 200)
        began = time.perf_counter()
        moved = store.compact(BEGIN + days * DAY).rows
        closing = time.perf_counter() - began
        closed_day = _times(ask, 200)
    print(
        f"\n{words}; a day of a sensor {open_day[0]:.2f} ms, p99 {open_day[1]:.2f} (aim 5); closed at "
        f"{moved / closing:,.0f} rows/s, then {closed_day[0]:.2f} ms, p99 {closed_day[1]:.2f}"
    )
