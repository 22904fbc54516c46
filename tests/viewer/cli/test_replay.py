"""bxl-twin replay: recorded and made-up sensors into a store, and what it refuses."""

import json

import pytest
from typer.testing import CliRunner

import viewer.cli.replay
from twin.sensors.sqlite import SqliteStore
from viewer.cli import _app


def replay(*words, code=0):
    result = CliRunner().invoke(_app, ["replay", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


def box(stamp, value="12"):
    return {"timestamp": stamp, "sensor": {"id": 1}, "location": {"longitude": "4.35", "latitude": "50.85"},
            "sensordatavalues": [{"value_type": "temperature", "value": value}]}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "recorded"
    made.mkdir()
    rows = [box("2026-03-03 11:00:00"), box("2026-03-03 11:01:00", "warm")]
    (made / "sensor_community_2026-03-03_12-02-00.json").write_text(json.dumps(rows))
    (made / "parking_2026-03-03T1202.json").write_text("<html>no</html>")
    (made / "notes.txt").write_text("x")
    return made


def test_recorded_files_are_played_and_nothing_is_hidden(folder, tmp_path):
    store = tmp_path / "store"
    result = replay(folder, "--speed", "inf", "--store", store, "--json")
    told = json.loads(result.stdout)
    assert (told["rows"], told["stored"], told["failures"]) == (1, 1, 1)
    assert told["unread"] == {"notes.txt": "no feed is recorded under such a name"}
    assert told["health"]["feeds"]["sensor_community"]["problem_rows"] == 1
    assert told["health"]["outages"] == ["parking"]
    for words in ("notes.txt", "parking: told nothing 1 times", "is no number"):
        assert words in result.stderr
    with SqliteStore(store, reading=True) as opened:
        assert opened.last().value.tolist() == [285.15]
        (thing,) = opened.things()
        assert thing.properties["replayed"] is True


def test_played_again_nothing_is_doubled(folder, tmp_path):
    for stored in (1, 0):
        told = json.loads(replay(folder, "--speed", "inf", "--store", tmp_path / "store", "--json").stdout)
        assert told["stored"] == stored


def test_times_are_moved_only_when_asked_and_labelled(folder, tmp_path, monkeypatch):
    now = 1_800_000_000 * 10**9
    monkeypatch.setattr(viewer.cli.replay.time, "time_ns", lambda: now)
    replay(folder, "--speed", "inf", "--store", tmp_path / "store", "--now")
    with SqliteStore(tmp_path / "store", reading=True) as opened:
        # by hand: recorded at 12:02 by the clock of Brussels, two minutes after its newest reading
        assert opened.last().time.tolist() == [now - 120 * 10**9]
        assert opened.things()[0].properties["shifted_s"] == 1_800_000_000 - 1_772_535_720


def test_made_up_sensors_of_the_demo_district_say_that_they_are(tmp_path):
    begin = ("--begin", "2026-11-16T08:00", "--hours", "0.5")
    result = replay("synthetic", "--city", "demo", "--speed", "inf", "--store", tmp_path / "store", *begin, "--json")
    told = json.loads(result.stdout)
    assert told["demo"] is True
    assert "demo data" in result.stderr
    # by hand: half an hour holds 6 counts and 6 speeds of 12 devices, less those of a device that is silent
    with SqliteStore(tmp_path / "store", reading=True) as opened:
        counts = opened.window("demo:traffic/1/vehicle_count", 0, 2**62)
        assert len(counts) == 6
        assert str(counts.time.astype("datetime64[ns]")[-1]) == "2026-11-16T07:30:00.000000000"
        assert told["stored"] == sum(len(opened.window(one.id, 0, 2**62)) for one in opened.datastreams())


def test_stopped_by_hand_it_keeps_what_was_played(tmp_path, monkeypatch):
    """Made-up sensors in a loop go on in time, past the hour that was asked for, until somebody stops them."""
    naps = []

    def sleep(seconds):
        naps.append(seconds)
        clock[0] += seconds
        if clock[0] > 120.0:
            raise KeyboardInterrupt

    clock = [0.0]
    original = viewer.cli.replay.ReplayClock
    monkeypatch.setattr(
        viewer.cli.replay, "ReplayClock", lambda start, speed: original(start, speed, lambda: clock[0], sleep)
    )
    begin = ("--begin", "2026-11-16T08:00", "--hours", "1", "--loop", "--speed", "60")
    result = replay("synthetic", "--store", tmp_path / "store", *begin, "--json")
    assert "stopped; what was played is kept" in result.stderr
    told = json.loads(result.stdout)
    assert told["rows"] == told["stored"]
    with SqliteStore(tmp_path / "store", reading=True) as opened:
        counts = opened.window("demo:traffic/1/vehicle_count", 0, 2**62)
        # by hand: 120 s at 60 times are two hours, 24 counts of five minutes
        assert 20 <= len(counts) <= 24


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nowhere",), "is not there"),
        (("synthetic", "--begin", "tomorrow"), "is no day"),
        (("nowhere", "--speed", "0"), "above 0"),
        (("nowhere", "--loop"), "add --now"),
        (("synthetic", "--loop", "--speed", "inf"), "fills the disk"),
    ],
)
def test_mistakes_are_one_line(tmp_path, words, says):
    result = replay(*words, "--store", tmp_path / "store", code=2)
    assert says in result.stderr
    assert "Traceback" not in result.stderr
