"""Recorded files: which feed, when they came, and in which order."""

import gzip
import json
from datetime import UTC, datetime

import numpy as np
import pytest

from twin.sensors.model import SECOND, SensorError
from twin.sensors.recordings import in_order, read_recordings, recorded_at, shifted

HISTORY = "Date,Time gap,Count,Average speed\n"


def utc(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * SECOND


def row(number, stamp, value="12"):
    return {"timestamp": stamp, "sensor": {"id": number}, "location": {"longitude": "4.35", "latitude": "50.85"},
            "sensordatavalues": [{"value_type": "temperature", "value": value}]}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "moment", "to_the_minute"),
    [
        ("bm_dai_2026-02-20T1350.xml", utc(2026, 2, 20, 12, 50), True),
        ("sensor_community_2025-03-28_12-01-26.geojson.gz", utc(2025, 3, 28, 11, 1, 26), True),
        ("sensor_community_2025-03-30_12-01-26.geojson.gz", utc(2025, 3, 30, 10, 1, 26), True),  # summer has begun
        ("bm_dai_2025-10-26T1201.xml", utc(2025, 10, 26, 11, 1), True),  # and is over
        ("bm_traffic_counts_live_2021-09-20.json", utc(2021, 9, 19, 22), False),
        ("stib_vehicle_position_rt_2024-11.json", utc(2024, 10, 31, 23), False),
        ("bm_bike_devices_2026.json", None, False),
        ("spiceco_S3.csv", None, False),
        ("parking_2026-13-45.json", None, False),
    ],
)
def test_when_a_file_was_recorded_stands_in_its_name(name, moment, to_the_minute):
    """Expected: the clock of Brussels is an hour before UTC in winter, two in summer."""
    assert recorded_at(name) == (moment, to_the_minute)


@pytest.fixture
def folder(tmp_path):
    """Two snapshots, one of them packed, a history, a list of devices, a broken one, a cut one, and a stranger."""
    when = ("2026-03-03 10:50:00", "2026-03-03 11:00:00")
    (tmp_path / "sensor_community_2026-03-03_12-00-30.json.gz").write_bytes(
        gzip.compress(json.dumps([row(1, stamp) for stamp in when]).encode())
    )
    (tmp_path / "sensor_community_2026-03-03_12-05-30.json").write_text(json.dumps([row(1, "2026-03-03 11:05:00")]))
    rows = [f"2026-03-0{day},{gap},{gap},-1" for day in (2, 3) for gap in range(1, 5)]
    (tmp_path / "bm_bike_history_CJM90_2026-03.csv").write_text(HISTORY + "\n".join(rows))
    point = {"geometry": {"coordinates": [4.36, 50.84]}, "properties": {"name": "CJM90"}}
    (tmp_path / "bm_bike_devices_2026.json").write_text(json.dumps({"features": [point]}))
    (tmp_path / "parking_2026-03-03T1200.json").write_text("<html>no</html>")
    (tmp_path / "telraam_2026-03-03T1200.json.gz").write_bytes(gzip.compress(b"x" * 100)[:-12])
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    return tmp_path


def test_a_folder_is_read_whole_and_says_what_it_could_not_read(folder):
    found = read_recordings(folder, step_s=3600.0)
    assert set(found.read.values()) == {"sensor_community", "bm_bike_history", "bm_bike_devices", "parking"}
    assert set(found.unread) == {"holiday.jpg", "telraam_2026-03-03T1200.json.gz"}
    (broken,) = [one for one in found.arrivals if one.parsed is None]
    assert (broken.feed, broken.time) == ("parking", utc(2026, 3, 3, 11))
    assert "<html>no" in broken.words


def test_things_come_first_snapshots_when_they_were_taken_and_histories_row_by_row(folder):
    found = [one for one in read_recordings(folder, step_s=1.0).arrivals if one.parsed is not None]
    assert found[0].feed == "bm_bike_devices"
    snapshots = [one.time for one in found if one.feed == "sensor_community"]
    assert snapshots == [utc(2026, 3, 3, 11, 0, 30), utc(2026, 3, 3, 11, 5, 30)]
    history = [one for one in found if one.feed == "bm_bike_history"]
    assert [one.time for one in history] == [utc(2026, 3, day, 0, 0) + quarter * 900 * SECOND for day in (2, 3)
                                             for quarter in (1, 2, 3, 4)]  # fmt: skip
    assert all(set(one.parsed.readings.time) == {one.time} for one in history)
    assert [one.fresh for one in found] == [one.feed != "bm_bike_history" for one in found]
    assert [one.time for one in found] == sorted(one.time for one in found)


def test_rows_of_a_step_come_together_and_none_is_lost(folder):
    fine, coarse = (read_recordings(folder, step_s=step).arrivals for step in (1.0, 1800.0))
    many = [sum(one.feed == "bm_bike_history" for one in some) for some in (fine, coarse)]
    assert many == [8, 4]
    for some in (fine, coarse):
        readings = [one.parsed.readings for one in some if one.feed == "bm_bike_history"]
        assert sum(map(len, readings)) == 16
        assert np.concatenate([one.value[np.isfinite(one.value)] for one in readings]).sum() == 20
        assert sum(one.parsed.counts.get("slots", 0) for one in some if one.feed == "bm_bike_history") == 8


def test_moved_to_now_the_newest_of_each_feed_is_now_and_labelled(folder):
    now = utc(2027, 1, 1)
    before = [one for one in read_recordings(folder, step_s=1.0).arrivals if one.parsed is not None]
    found = [one for one in shifted(before, now) if one.parsed is not None]
    for feed in ("sensor_community", "bm_bike_history"):
        old, new = ([one.time for one in some if one.feed == feed] for some in (before, found))
        assert max(new) == now
        assert np.diff(old).tolist() == np.diff(new).tolist(), "times of a feed keep their distance"
    by = (now - utc(2026, 3, 3, 11, 5, 30)) // SECOND
    things = [thing for one in found if one.feed == "sensor_community" for thing in one.parsed.things]
    assert {thing.properties["shifted_s"] for thing in things} == {by}
    newest = max(one.parsed.readings.time.max() for one in found if one.feed == "sensor_community")
    assert newest == now - 30 * SECOND
    assert found[0].feed == "bm_bike_devices"
    assert [one.time for one in in_order(found)] == [one.time for one in found]


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(SensorError, match="is not there"):
        read_recordings(tmp_path / "nothing")
    with pytest.raises(SensorError, match="no recording of a feed"):
        read_recordings(tmp_path)


def test_a_station_of_shared_bicycles_comes_with_its_place(tmp_path):
    stations = {"data": {"stations": [{"station_id": "1", "name": "Loi", "lat": 50.84, "lon": 4.36}]}}
    state = {"station_id": "1", "num_bikes_available": 3, "num_docks_available": 4, "is_installed": True,
             "last_reported": 1_772_535_600}  # fmt: skip
    (tmp_path / "villo_station_status_2026-03-03T1201.json").write_text(json.dumps({"data": {"stations": [state]}}))
    found = read_recordings(tmp_path)
    assert "cannot be read without" in found.arrivals[0].words
    (tmp_path / "villo_station_information.json").write_text(json.dumps(stations))
    found = read_recordings(tmp_path)
    assert found.beside == ("villo_station_information.json",)
    assert found.unread == {}
    (thing,) = found.arrivals[0].parsed.things
    assert (thing.name, thing.longitude) == ("Loi", 4.36)
