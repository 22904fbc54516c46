"""From payloads to the store: nothing good is lost, nothing bad stops the rest, and an outage never looks like zero."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest

from twin.sensors.feeds import FEED_BY_NAME, Feed, Payload
from twin.sensors.ingest import Ingest
from twin.sensors.model import SECOND, Datastream, Parsed, Readings, SensorError, Thing
from twin.sensors.quality import Flag, checked
from twin.sensors.sqlite import SqliteStore
from twin.sensors.store import StoreFull

MINUTE = 60 * SECOND
TRAFFIC = FEED_BY_NAME["bm_traffic"]
COMMUNITY = FEED_BY_NAME["sensor_community"]


def utc(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * SECOND


NOON = utc(2026, 3, 3, 11)
"""12:00 by the clock of Brussels."""


def window(count, end="2026/03/03 12:00", start="2026/03/03 11:59"):
    return {"count": count, "speed": 30 if count else 0, "occupancy": 4, "start_time": start, "end_time": end}


def live(**counts):
    """A payload as Brussels Mobility writes it: None is a device that says nothing, a word one that says nonsense."""
    silent = {"count": None, "speed": None, "occupancy": None, "start_time": "-", "end_time": "-"}
    data = {name: {"results": {"1m": {"t1": silent if count is None else window(count)}}} for name, count in
            counts.items()}  # fmt: skip
    return json.dumps({"requestDate": "2026/03/03 12:00", "data": data})


def box(number, value, stamp="2026-03-03 11:00:00", **more):
    place = {"longitude": "4.35", "latitude": "50.85", "indoor": 0}
    return {"timestamp": stamp, "sensor": {"id": number}, "location": place,
            "sensordatavalues": [{"value_type": "temperature", "value": str(value)}]} | more  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with SqliteStore(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def ingest(store):
    return Ingest(store, clock=lambda: NOON)


def thermometer(*rows, quantity="air_temperature", name="try:one", properties=None, period=600.0):
    """Rows of (minutes after noon, K)."""
    stream = Datastream(f"{name}/{quantity}", name, quantity, period)
    when = [NOON + round(minute * MINUTE) for minute, _ in rows]
    readings = Readings.of([stream.id] * len(rows), when, [value for _, value in rows])
    return Parsed((Thing(name, name, properties=properties or {}),), (stream,), readings)


def test_good_rows_are_kept_and_a_bad_one_is_one_problem(ingest, store):
    """By hand: two devices of three readings, a bad count costs itself alone, a silent device has none."""
    taken = ingest.payload(TRAFFIC, Payload(live(A=12, B="many", C=None, D=0), NOON))
    assert (taken.rows, taken.stored, taken.refused) == (7, 7, 0)
    told = ingest.health(NOON)["feeds"]["bm_traffic"]
    assert (told["silent"], told["problem_rows"], told["state"]) == (1, 1, "well")
    (problem,) = told["problems"]
    assert problem["field"] == "results.1m.t1.count"
    assert "many" in problem["sample"]
    last = dict(zip(*(getattr(store.last(), name).tolist() for name in ("datastream", "value")), strict=True))
    assert last["bm_traffic:A/vehicle_count/1min"] == 12
    assert last["bm_traffic:D/vehicle_count/1min"] == 0
    assert not [name for name in last if name.startswith("bm_traffic:C")]


def test_a_feed_that_breaks_does_not_stop_the_others_and_is_told(ingest):
    assert ingest.payload(TRAFFIC, Payload("<html>502 Bad Gateway</html>", NOON)) is None
    assert ingest.payload(COMMUNITY, Payload(json.dumps([box(1, 12)]), NOON)).stored == 1
    health = ingest.health(NOON + 10 * MINUTE)
    assert health["outages"] == ["bm_traffic"]
    told = health["feeds"]["bm_traffic"]
    assert told["outage_since"] == "2026-03-03T11:00:00+00:00"
    assert "502 Bad Gateway" in told["last_failure"]
    assert set(told["words"]) == {"fr", "nl", "en"}
    ingest.payload(TRAFFIC, Payload(live(A=3), NOON + MINUTE))
    again = ingest.health(NOON + 2 * MINUTE)
    assert again["outages"] == []
    assert again["feeds"]["bm_traffic"]["failures"] == 1


def test_what_nobody_thought_of_in_a_feed_is_an_outage_of_that_feed(ingest):
    def broken(payload):
        raise ZeroDivisionError("by a new firmware")

    assert ingest.payload(Feed("odd", broken, (), "ours", "", 60.0), Payload("{}", NOON)) is None
    assert "ZeroDivisionError" in ingest.health(NOON)["feeds"]["odd"]["last_failure"]


def test_a_fetch_that_fails_is_an_outage_since_the_first(ingest):
    for minute in (0, 1, 2):
        ingest.failed("stib", "stib: connection refused", NOON + minute * MINUTE)
    told = ingest.health(NOON + 3 * MINUTE)["feeds"]["stib"]
    assert (told["state"], told["failures"], told["outage_since"]) == ("outage", 3, "2026-03-03T11:00:00+00:00")


def test_when_all_are_silent_that_is_an_outage_and_no_zero(ingest, store):
    ingest.payload(TRAFFIC, Payload(live(A=None, B=None), NOON))
    assert ingest.health(NOON)["outages"] == ["bm_traffic"]
    assert len(store.last()) == 0


def test_a_feed_that_no_longer_comes_is_an_outage(ingest):
    """By the text of the module: three periods of a minute are less than 300 s, which it may be quiet."""
    ingest.payload(TRAFFIC, Payload(live(A=3), NOON))
    assert ingest.health(NOON + 299 * SECOND)["outages"] == []
    health = ingest.health(NOON + 301 * SECOND)
    assert health["outages"] == ["bm_traffic"]
    assert health["feeds"]["bm_traffic"]["outage_since"] == "2026-03-03T11:00:00+00:00"


def test_a_feed_that_repeats_old_values_is_told_as_old(ingest):
    """By assets/sensor_limits.csv: a count of a street is stale after 5,400 s."""
    ingest.payload(TRAFFIC, Payload(live(A=3), NOON + 91 * MINUTE))
    told = ingest.health(NOON + 91 * MINUTE)["feeds"]["bm_traffic"]
    assert (told["state"], told["flags"]["stale"]) == ("old", 3)


def test_the_same_again_changes_nothing_and_is_counted(ingest, store):
    first = ingest.payload(TRAFFIC, Payload(live(A=12, B=4), NOON))
    again = ingest.payload(TRAFFIC, Payload(live(A=12, B=4), NOON + MINUTE))
    assert (first.stored, again.stored, again.duplicates, again.conflicts) == (6, 0, 6, 0)
    other = Ingest(store).payload(TRAFFIC, Payload(live(A=13, B=4), NOON + MINUTE))
    assert (other.stored, other.duplicates, other.conflicts) == (0, 5, 1), "a restart knows what the store has"
    assert store.window("bm_traffic:A/vehicle_count/1min", 0, NOON + 1).value.tolist() == [12]


def test_late_future_and_missing_are_counted_and_kept(ingest, store):
    taken = [ingest.take("try", thermometer(*rows), NOON + 20 * MINUTE) for rows in (
        [(20, 285.0)], [(10, 284.9), (15, 284.9)], [(80, 285.0)], [(70, np.nan)])]  # fmt: skip
    assert [one.stored for one in taken] == [1, 2, 1, 1]
    told = ingest.health(NOON + 20 * MINUTE)
    assert (told["late"], told["future"], told["ahead"]) == (3, 2, 1)
    assert told["feeds"]["try"]["missing"] == 1
    kept = store.window("try:one/air_temperature", NOON, NOON + 90 * MINUTE)
    assert kept.time.tolist() == [NOON + minute * MINUTE for minute in (10, 15, 20, 70, 80)]
    assert [bool(one & Flag.OUT_OF_ORDER) for one in kept.flag] == [True, True, False, True, False]
    assert [bool(one & Flag.CLOCK) for one in kept.flag] == [False, False, False, True, True]
    assert np.isnan(kept.value[3])


def test_rows_of_one_payload_are_not_late_for_one_another(ingest):
    ingest.take("try", thermometer((10, 285.0), (0, 285.1), (5, 285.2)), NOON + 10 * MINUTE)
    assert ingest.health(NOON)["late"] == 0


def test_flags_are_those_of_the_whole_whatever_the_batches(ingest, store, tmp_path):
    """By hand: 12 K in ten minutes is too fast, and the fall back to the old value is right again."""
    rows = [(0, 285.0), (10, 285.2), (20, 297.0), (30, 285.4)]
    for row in rows:
        ingest.take("try", thermometer(row), NOON + 30 * MINUTE)
    with SqliteStore(tmp_path / "other") as other:
        Ingest(other, batch=1).take("try", thermometer(*rows), NOON + 30 * MINUTE)
        whole = other.window("try:one/air_temperature", 0, NOON + 31 * MINUTE).flag.tolist()
    found = store.window("try:one/air_temperature", 0, NOON + 31 * MINUTE).flag.tolist()
    assert found == whole == [0, 0, int(Flag.RATE), 0]


@pytest.mark.parametrize("course", ["stuck", "unit", "missing"])
def test_flags_know_the_past_however_long_it_is(ingest, store, course):
    """More rows than are looked at by default: the flags in batches of ten are those of the whole at once."""
    minutes = np.arange(0, 8 * 60)
    value = 285.0 + 0.5 * np.sin(minutes / 20)
    if course == "stuck":
        value[60:] = 285.25
    elif course == "unit":
        value[60:] -= 273.15
    else:
        value[60:300] = np.nan
    rows = list(zip(minutes.tolist(), value.tolist(), strict=True))
    for start in range(0, len(rows), 20):
        ingest.take("try", thermometer(*rows[start : start + 20], period=60.0), fresh=False)
    whole = thermometer(*rows, period=60.0)
    expected = checked(whole.readings, {one.id: one for one in whole.datastreams})
    found = store.window("try:one/air_temperature", 0, NOON + 10_000 * MINUTE)
    assert found.flag.tolist() == expected.flag.tolist()
    assert (found.flag[-50:] != 0).all() or course == "missing"


def test_neighbours_tell_the_odd_one_out(ingest, store):
    """By hand: five thermometers within some hundred metres, one of them 20 K above the others, in the night."""
    parts = [thermometer((-720, 300.0 if k == 0 else 280.0 + k / 10), name=f"try:{k}") for k in range(6)]
    things = tuple(Thing(f"try:{k}", "t", 4.35 + k / 1000, 50.85) for k in range(6))
    streams = tuple(stream for one in parts for stream in one.datastreams)
    ingest.take("try", Parsed(things, streams, Readings.joined(one.readings for one in parts)), NOON - 720 * MINUTE)
    flags = dict(zip(*(getattr(store.last(), name).tolist() for name in ("datastream", "flag")), strict=True))
    assert {name for name, flag in flags.items() if flag} == {"try:0/air_temperature"}
    assert flags["try:0/air_temperature"] == Flag.NEIGHBOUR


def test_nothing_in_a_history_is_stale(ingest):
    history = FEED_BY_NAME["bm_bike_history"]
    body = "Date,Time gap,Count,Average speed\n2021-12-15,1,3,16\n"
    ingest.payload(history, Payload(body, NOON, "CJM90"))
    told = ingest.health(NOON + 30 * 86_400 * SECOND)["feeds"]["bm_bike_history"]
    assert (told["state"], told["flags"]) == ("well", {})


def test_a_live_payload_takes_the_place_of_its_device_from_the_list(ingest, store):
    point = {"type": "Point", "coordinates": [4.36, 50.84]}
    words = {"traverse_name": "A", "descr_fr": "Rue de la Loi", "orientation": 90}
    listed = {"features": [{"type": "Feature", "geometry": point, "properties": words}]}
    ingest.payload(FEED_BY_NAME["bm_traffic_devices"], Payload(json.dumps(listed), NOON))
    ingest.payload(TRAFFIC, Payload(live(A=12, B=3), NOON))
    ingest.take(
        "bm_tlc", thermometer((0, 1.0), quantity="vehicle_count", name="bm_tlc:A_2", properties={"device": "A"})
    )
    things = {one.id: one for one in store.things()}
    for name in ("bm_traffic:A", "bm_tlc:A_2"):
        assert (things[name].longitude, things[name].latitude) == (4.36, 50.84)
        assert things[name].properties["orientation"] == 90
    assert things["bm_traffic:A"].name == "Rue de la Loi"
    assert things["bm_traffic:B"].longitude is None
    assert ingest.health(NOON)["feeds"]["bm_traffic_devices"]["state"] == "well"


@pytest.mark.parametrize("body", [
    json.dumps([box(1, 12, mac_address="x")]),
    "counter,begin,until,count,plate\nA,2026-03-03T12:00,2026-03-03T12:15,4,x",
    "<CitiEvent><Measure><Plate>x</Plate></Measure></CitiEvent>",
])  # fmt: skip
def test_a_payload_that_tells_of_people_is_refused_and_not_repeated(ingest, store, body):
    for name in ("sensor_community", "pedestrians", "bm_dai"):
        assert ingest.payload(FEED_BY_NAME[name], Payload(body, NOON)) is None
        assert "would tell of" in ingest.health(NOON)["feeds"][name]["last_failure"]
    assert store.things() == ()


def test_a_thing_that_tells_of_people_is_left_out_with_its_readings(ingest, store):
    """The second way in: things that were pushed, not parsed from a payload."""
    taken = ingest.take("push", thermometer((0, 285.0), properties={"licencePlate": "x"}), NOON)
    assert (taken.rows, taken.refused, taken.stored) == (1, 1, 0)
    assert store.things() == ()
    told = json.dumps(ingest.health(NOON)["feeds"]["push"])
    assert "would tell of" in told


def test_a_quantity_that_changes_costs_its_datastream_alone(ingest, store):
    ingest.take("try", thermometer((0, 285.0)), NOON)
    other = thermometer((10, 285.0), quantity="dew_point_temperature")
    stream = Datastream("try:one/air_temperature", "try:one", "relative_humidity")
    both = Parsed(other.things, (stream, *other.datastreams), Readings.joined([thermometer((10, 0.5)).readings,
                                                                                 other.readings]))  # fmt: skip
    taken = ingest.take("try", both, NOON + 10 * MINUTE)
    assert (taken.rows, taken.refused, taken.stored) == (2, 1, 1)
    assert ingest.health(NOON)["feeds"]["try"]["problem_rows"] == 2
    assert store.last(["try:one/air_temperature"]).value.tolist() == [285.0]


def test_readings_without_a_datastream_or_before_1970_are_refused_and_counted(ingest):
    known = thermometer((0, 285.0))
    ingest.take("try", known, NOON)
    pushed = Readings.of(["try:one/air_temperature", "nobody/x", "try:one/air_temperature"], [NOON + MINUTE, NOON, -5],
                         [285.0, 1.0, 285.0])  # fmt: skip
    taken = ingest.take("try", Parsed((), (), pushed), NOON + MINUTE)
    assert (taken.rows, taken.stored, taken.refused) == (3, 1, 2)


def test_feeds_may_come_at_once_from_many_threads(ingest, store):
    """By hand: 8 feeds of 25 payloads of 4 readings; every second payload is told twice."""

    def feed(number):
        for start in range(0, 100, 4):
            rows = [(minute, 285.0 + minute / 1000) for minute in range(start, start + 4)]
            for _ in range(1 + start // 4 % 2):
                ingest.take(f"f{number}", thermometer(*rows, name=f"f{number}:x"), NOON + 100 * MINUTE)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(feed, range(8)))
    told = ingest.health(NOON + 100 * MINUTE)
    assert (told["stored"], told["duplicates"], told["rows"]) == (800, 8 * 12 * 4, 800 + 8 * 12 * 4)
    assert all(len(store.window(f"f{k}:x/air_temperature", 0, NOON + 101 * MINUTE)) == 100 for k in range(8))


def test_a_clock_that_lost_its_year_is_refused_and_one_an_hour_off_is_flagged(ingest, store):
    rows = thermometer((0, 285.0), (60, 285.1), (60 * 24 * 365, 285.2))
    taken = ingest.take("try", rows, NOON)
    assert (taken.stored, taken.refused) == (2, 1)
    (problem,) = ingest.health(NOON)["feeds"]["try"]["problems"]
    assert problem["words"] == "is more than a day ahead"
    last = store.last()
    assert (last.time.tolist(), last.flag.tolist()) == ([NOON + 60 * MINUTE], [int(Flag.CLOCK)])


def test_a_full_disk_acknowledges_nothing_and_is_told(tmp_path):
    many = [(minute / 10, 285.0) for minute in range(20_000)]
    with SqliteStore(tmp_path / "small", most_bytes=400_000) as store:
        ingest = Ingest(store, batch=2_000)
        with pytest.raises(StoreFull):
            ingest.take("try", thermometer(*many), NOON + 2000 * MINUTE)
        told = ingest.health(NOON + 2000 * MINUTE)
        assert told["unstored"] + told["stored"] == told["rows"] == 20_000
        assert told["unstored"] > 0
        kept = store.window("try:one/air_temperature", 0, NOON + 2000 * MINUTE)
        assert len(kept) == told["stored"], "what was acknowledged is there, batch by batch"
        feed = Feed("meter", lambda payload: thermometer(*many, name="try:two"), (), "ours", "", 60.0)
        assert ingest.payload(feed, Payload("{}", NOON)) is None
        assert "no room" in ingest.health(NOON)["feeds"]["meter"]["last_failure"]


def test_short_counts_of_people_are_kept_for_a_month_only(ingest, store):
    """By twin.sensors.privacy: counts of less than 900 s stay 31 days."""
    ingest.take("try", thermometer((0, 4.0), quantity="pedestrian_count", period=300.0), NOON)
    (stream,) = store.datastreams()
    assert stream.retention_days == 31.0


def test_devices_that_fell_silent_are_counted(ingest):
    """By assets/sensor_limits.csv: air is stale after 5,400 s."""
    ingest.take("try", thermometer((0, 285.0)), NOON)
    ingest.take("try", thermometer((80, 285.0), name="try:two"), NOON + 80 * MINUTE)
    assert ingest.health(NOON + 89 * MINUTE)["quiet"] == 0
    assert ingest.health(NOON + 91 * MINUTE)["quiet"] == 1


def test_health_is_json_and_adds_up(ingest):
    ingest.payload(TRAFFIC, Payload(live(A=12, B="x", C=None), NOON))
    ingest.payload(TRAFFIC, Payload(live(A=13, E=1), NOON))
    ingest.payload(COMMUNITY, Payload("[", NOON))
    told = json.loads(json.dumps(ingest.health(NOON), allow_nan=False))
    for one in (told, *told["feeds"].values()):
        assert one["rows"] == sum(one[name] for name in ("stored", "duplicates", "conflicts", "refused", "unstored"))
    assert (told["conflicts"], told["duplicates"]) == (1, 2)
    assert told["feeds"]["parking"]["state"] == "waiting"


def test_a_sample_that_would_tell_of_people_is_not_shown(ingest):
    row = box(1, 12) | {"timestamp": "02:42:ac:11:00:02"}
    with pytest.raises(SensorError):
        ingest.take("try", Parsed((), (Datastream("a/b", "a", "no such"),), Readings.none()))
    parsed = COMMUNITY.read(Payload(json.dumps([row])))
    ingest.take("sensor_community", parsed, NOON)
    (problem,) = ingest.health(NOON)["feeds"]["sensor_community"]["problems"]
    assert problem["sample"] == "(not kept)"
