"""Replay: at any speed, held and let go, in a loop, and of everything that was recorded."""

import math
import threading
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest

from twin.sensors.feeds import FEEDS, Feed, citizen_no2
from twin.sensors.feeds.citizen_no2 import Campaign
from twin.sensors.ingest import Ingest
from twin.sensors.model import SECOND, Datastream, Parsed, Readings, SensorError, Thing
from twin.sensors.recordings import Arrival, read_recordings
from twin.sensors.replay import Replay, ReplayClock
from twin.sensors.sqlite import SqliteStore

MINUTE = 60 * SECOND
BEGIN = int(datetime(2026, 3, 3, 11, tzinfo=UTC).timestamp()) * SECOND


class Wall:
    """Our own time, which goes on only while somebody sleeps."""

    def __init__(self):
        self.now, self.naps, self.then = 0.0, 0, lambda: None

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        assert seconds >= 0
        self.now += seconds
        self.naps += 1
        self.then()

    def clock(self, speed=60.0, start=BEGIN):
        return ReplayClock(start, speed, self.monotonic, self.sleep)


def arrival(minute, value=285.0, feed="try"):
    stream = Datastream(f"{feed}:one/air_temperature", f"{feed}:one", "air_temperature", 600.0)
    at = BEGIN + minute * MINUTE
    parsed = Parsed((Thing(f"{feed}:one", "one"),), (stream,), Readings.of([stream.id], [at], [value]))
    return Arrival(at, feed, parsed)


@pytest.fixture
def store(tmp_path):
    with SqliteStore(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def ingest(store):
    return Ingest(store, clock=lambda: BEGIN)


@pytest.mark.parametrize("speed", [1.0, 60.0, 3600.0])
def test_a_replay_takes_as_long_as_its_speed_says(ingest, speed):
    wall = Wall()
    played = Replay([arrival(minute) for minute in (0, 10, 30)], ingest, wall.clock(speed)).run()
    assert (played.rows, played.stored, played.passes) == (3, 3, 1)
    assert wall.now == pytest.approx(30 * 60 / speed)


def test_without_a_limit_it_waits_for_nothing(ingest):
    wall = Wall()
    clock = wall.clock(math.inf)
    Replay([arrival(minute) for minute in (0, 10, 30)], ingest, clock).run()
    assert (wall.naps, clock.now()) == (0, BEGIN + 30 * MINUTE)


def test_long_silences_are_jumped_over_and_told(ingest, store):
    wall = Wall()
    played = Replay([arrival(minute) for minute in (0, 10, 10_000)], ingest, wall.clock(60.0)).run()
    assert wall.now == pytest.approx(10.0)
    assert played.jumped_s == pytest.approx(9_990 * 60, rel=1e-3)
    assert store.last().time.tolist() == [BEGIN + 10_000 * MINUTE], "times stay what they were"


def test_held_it_stands_and_goes_on_from_there(ingest):
    wall = Wall()
    clock = wall.clock(60.0)
    seen = []

    def then():
        seen.append(clock.now())
        if wall.naps == 5:  # a nap is 0.2 s, which is 12 s of the replay
            clock.pause()
        if wall.naps == 105:
            clock.resume()

    wall.then = then
    replay = Replay([arrival(0), arrival(10)], ingest, clock)
    replay.run()
    assert set(seen[4:104]) == {BEGIN + 60 * SECOND}
    assert wall.now == pytest.approx(10.0 + 100 * 0.2)


def test_it_can_be_ended_at_any_time(ingest):
    wall = Wall()
    clock = wall.clock(60.0)
    wall.then = lambda: wall.now > 5 and clock.stop()
    played = Replay([arrival(0), arrival(4), arrival(10)], ingest, clock).run()
    assert (played.arrivals, played.passes) == (2, 0)


def test_it_can_be_held_and_ended_from_another_thread(ingest):
    clock = ReplayClock(BEGIN, 1.0)
    replay = Replay([arrival(0), arrival(30)], ingest, clock)
    running = threading.Thread(target=replay.run)
    running.start()
    clock.pause()
    clock.stop()
    running.join(5)
    assert not running.is_alive()


def test_a_loop_goes_on_in_time_and_says_by_how_much(ingest, store):
    """By hand: arrivals of 0 and 10 min, and a minute between the end and the next begin: passes are 11 min apart."""
    wall = Wall()
    clock = wall.clock(60.0)
    wall.then = lambda: wall.now > 30 and clock.stop()
    played = Replay([arrival(0), arrival(10, 286.0)], ingest, clock).run(loop=True)
    assert played.passes >= 2
    kept = store.window("try:one/air_temperature", 0, BEGIN + 1000 * MINUTE)
    assert ((kept.time[:5] - BEGIN) / MINUTE).tolist() == [0, 10, 11, 21, 22]
    assert played.stored == len(kept)
    (thing,) = store.things()
    assert thing.properties["replayed"] is True
    assert thing.properties["shifted_s"] >= 660


def test_a_broken_recording_is_an_outage_and_the_rest_is_played(ingest):
    broken = Arrival(BEGIN + 5 * MINUTE, "parking", None, words="parking: the payload is no JSON")
    played = Replay([arrival(0), broken, arrival(10)], ingest, Wall().clock()).run()
    assert (played.failures, played.stored) == (1, 2)
    assert ingest.health(BEGIN + 10 * MINUTE)["outages"] == ["parking"]


def test_progress_is_told(ingest):
    told = []
    Replay([arrival(0), arrival(10)], ingest, Wall().clock()).run(
        on_progress=lambda part, words: told.append((part, words))
    )
    assert told == [(0.5, "2026-03-03 11:00+00:00 try"), (1.0, "2026-03-03 11:10+00:00 try")]


def test_a_speed_of_nothing_is_refused():
    for speed in (0.0, -1.0, math.nan):
        with pytest.raises(SensorError, match="above 0"):
            ReplayClock(BEGIN, speed)


EXPAIR = Campaign("expair", datetime(2016, 10, 1, tzinfo=UTC), datetime(2016, 11, 1, tzinfo=UTC), "site")
"""SOURCES.md does not say when its tubes hung; a month of our own choosing, so that they can be played at all."""


def play(folder, ingest, step_s=7 * 86_400.0):
    """A folder at 60 times its speed, by a clock that does not wait."""
    tubes = Feed("expair", partial(citizen_no2.parse, campaign=EXPAIR), (), "", "", 1.0)
    found = read_recordings(folder, feeds=(*FEEDS, tubes), step_s=step_s)
    wall = Wall()
    clock = wall.clock(60.0, found.arrivals[0].time)
    return found, Replay(found.arrivals, ingest, clock).run(), ingest.health(clock.now())


def test_every_recorded_payload_of_sensors_is_kept_and_every_trap_counted(reference_data, ingest, store):
    """Expected, all by SOURCES.md: devices, silent ones, slots, bicycles, rows; each good reading is on disk."""
    found, played, health = play(reference_data / "sensors", ingest)
    assert set(found.unread) == {"bm_counts_table_schema.json"}, "a schema, no payload"
    assert (played.failures, health["unstored"], health["refused"], health["conflicts"]) == (0, 0, 0, 0)
    given = sum(len(one.parsed.readings) for one in found.arrivals)
    assert played.rows == given == health["stored"] + health["duplicates"]
    last = store.last()
    assert sum(len(store.window(name, 0, 2**62)) for name in last.datastream) == health["stored"]

    feeds = health["feeds"]
    counts = {name: one["counts"] for name, one in feeds.items()}
    assert (counts["bm_traffic"]["devices"], feeds["bm_traffic"]["silent"]) == (67, 16)
    assert counts["bm_traffic"]["windows"] == 67 * 4 * 2
    assert (counts["bm_tlc"]["detectors"], counts["bm_tlc"]["records not valid"]) == (84, 18)
    assert (counts["bm_dai"]["measures"], counts["bm_dai"]["missing values"]) == (630, 12)
    assert (counts["bm_bike_devices"]["devices"], counts["bm_bike_devices"]["geometries without type"]) == (18, 10)
    assert counts["bm_bike_summary"]["slots"] == 4_320
    assert (counts["bm_bike_history"]["slots"], counts["bm_bike_history"]["days cut short"]) == (21_784, 1)
    assert counts["spiceco"]["rows"] == 2_901 + 4_190 + 3_998 + 3_758
    assert (counts["irceline_daily"]["rows"], counts["curieuzenair"]["rows"]) == (18_778, 2_484)
    assert counts["expair"]["rows"] == 24
    assert counts["sensor_community"]["rows"] == 382 + 388 + 392
    assert feeds["irceline"]["problem_rows"] == 3, "one without properties, one without a time, one with a broken one"
    for name in ("bm_traffic", "bm_tlc", "bm_dai", "bm_bike_summary", "bm_bike_history", "spiceco"):
        assert feeds[name]["problem_rows"] == 0
    assert feeds["spiceco"]["flags"]["sun_heated"] > 0
    assert feeds["bm_tlc"]["flags"]["not_valid"] > 0
    assert feeds["bm_traffic"]["flags"]["stale"] > 0

    bicycles = {"bm_bike_summary": 9_584, "bm_bike_history": 901_744}
    streams = {one.id: one for one in store.datastreams()}
    for feed, many in bicycles.items():
        own = {name for one in found.arrivals if one.feed == feed for name in one.parsed.readings.datastream}
        own = {name for name in own if streams[name].quantity == "bicycle_count"}
        ends = [one.time for one in found.arrivals if one.feed == feed]
        kept = [store.window(name, min(ends) - 86_400 * SECOND, max(ends) + 1).value for name in own]
        assert np.nansum(np.concatenate(kept)) == many


def test_every_recorded_payload_of_transit_is_kept(reference_data, ingest, store):
    """Expected by SOURCES.md: 76 lines, 506 vehicles, 98 of them at a stop that is found by a letter alone."""
    found, played, health = play(reference_data / "transit", ingest)
    assert set(found.read) == {"stib_vehicle_position_rt_2024-11.json"}
    counts = health["feeds"]["stib"]["counts"]
    assert (counts["lines"], counts["vehicles"], counts["joined by a letter"]) == (76, 506, 98)
    assert played.rows == played.stored == 506 + 76
    assert len(store.last()) == 506 + 76
    assert all("no feed" in words for words in found.unread.values()), "stops, lines and shapes: not told by sensors"


def test_played_again_nothing_changes(reference_data, ingest, store):
    _, first, _ = play(reference_data / "transit", ingest)
    _, again, health = play(reference_data / "transit", ingest)
    assert (first.stored, again.stored, health["duplicates"]) == (582, 0, 582)


def test_what_is_replayed_says_so(ingest, store):
    one = arrival(0)
    moved = replace(one, parsed=replace(one.parsed, things=(Thing("try:one", "one", 4.35, 50.85, {"street": "Loi"}),)))
    Replay([moved], ingest, Wall().clock()).run()
    (thing,) = store.things()
    assert thing.properties == {"street": "Loi", "replayed": True}
