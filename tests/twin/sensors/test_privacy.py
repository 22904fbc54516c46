"""What is refused at the door, what is hashed, and which counts are too small to tell."""

import gzip
import json
import stat
from datetime import UTC, datetime

import numpy as np
import pytest

from twin.sensors.model import SECOND, Datastream, Gathering, Readings, SensorError
from twin.sensors.privacy import (
    DailyHash,
    PrivacyError,
    admit,
    admitted,
    limited,
    personal,
    published,
    suppressed,
)

HOUR = 3600 * SECOND


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


@pytest.mark.parametrize(
    "name",
    ["plate", "licensePlate", "licence_plate", "NUMMERPLAAT", "kenteken", "numéro_de_plaque", "mac", "MACAddress",
     "wifi.mac", "device_mac_address", "IMEI", "face_id", "visage", "gezicht", "email", "firstName", "last_name",
     "nationalNumber", "trajectory", "userPhone", "vin"],
)  # fmt: skip
def test_fields_of_people_are_refused(name):
    with pytest.raises(PrivacyError, match="feed: ") as told:
        admit("feed", {"data": [{"count": 3, name: "1-ABC-234"}]})
    assert name in str(told.value)
    assert "1-ABC-234" not in str(told.value)  # what stood there is told to nobody


@pytest.mark.parametrize(
    "name", ["surface", "machine", "plateforme", "interface", "facade", "count", "device", "trace_time", "platform",
             "emaciated", "MAX", "macro", "vingt", "telraam", "name", "gsmooth"],
)  # fmt: skip
def test_words_that_hold_others_are_let_in(name):
    admit("feed", {name: 1})


@pytest.mark.parametrize("value", ["00:1A:2b:3c:4D:5e", "seen 00-1a-2b-3c-4d-5e twice", "1-ABC-234", "car 2-XYZ-999."])
def test_shapes_of_people_are_refused_under_any_name(value):
    assert list(personal({"rows": [{"note": "well"}, {"note": value}]})) == ["rows.note"]


@pytest.mark.parametrize(
    "value", ["2026-02-20 13:50:00", "12:07:15", "CJM-090", "50.84", "ARL_103", "00:1a:2b:3c:4d:5e:6f:70"]
)
def test_times_and_ids_are_no_shapes_of_people(value):
    admit("feed", [value, {"a": value}])


def test_a_bad_row_costs_itself_and_keeps_its_value_to_itself():
    gathering = Gathering("feed")
    rows = [{"count": 1}, {"count": 2, "plate": "1-ABC-234"}, {"count": 3, "plate": "1-ABC-235"}]
    kept = [row for row in rows if admitted(gathering, "rows", row)]
    assert kept == [{"count": 1}]
    (problem,) = gathering.parsed().problems
    assert (problem.field, problem.rows) == ("rows.plate", 2)
    assert "ABC" not in problem.sample


def test_the_payloads_of_the_city_tell_of_nobody(reference_data):
    seen = 0
    for path in sorted((reference_data / "sensors").iterdir()):
        if ".json" in path.name or ".geojson" in path.name:
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            if len(data) < 3_000_000:
                assert personal(json.loads(data)) == {}, path.name
                seen += 1
    assert seen >= 10


def test_an_identifier_is_the_same_within_a_day_and_another_the_next():
    salts = DailyHash()
    morning, evening = at("2026-06-01T06:00"), at("2026-06-01T20:00")
    one = salts.hashed("wifi", "a", morning, morning)
    assert salts.hashed("wifi", "a", evening, evening) == one
    assert salts.hashed("wifi", "b", evening, evening) != one
    assert salts.hashed("bike", "a", evening, evening) != one
    assert len(one) == 32
    assert one != "a"
    assert salts.hashed("wifi", "a", evening + 12 * HOUR, evening + 12 * HOUR) != one
    # late by some hours: still the hash of its own day
    assert salts.hashed("wifi", "a", evening, evening + 12 * HOUR) == one


def test_a_day_is_one_of_brussels():
    # 22:30 UTC of 1 June is 00:30 of 2 June in Brussels
    salts = DailyHash()
    now = at("2026-06-02T08:00")
    late = salts.hashed("wifi", "a", at("2026-06-01T22:30"), now)
    assert late == salts.hashed("wifi", "a", now, now)
    assert late != salts.hashed("wifi", "a", at("2026-06-01T21:30"), now)


def test_once_a_salt_is_gone_nobody_can_hash_again():
    salts = DailyHash()
    then = at("2026-06-01T06:00")
    one = salts.hashed("wifi", "a", then, then)
    salts.rotate(then + 48 * HOUR)
    with pytest.raises(SensorError, match="drop it"):
        salts.hashed("wifi", "a", then, then + 48 * HOUR)
    # even if the clock is put back
    assert salts.hashed("wifi", "a", then, then) != one
    with pytest.raises(SensorError, match="drop it"):
        salts.hashed("wifi", "a", then + 240 * HOUR, then)


def test_a_restart_within_the_day_keeps_the_salts_and_their_file_is_private(tmp_path):
    path, now = tmp_path / "salts.json", at("2026-06-01T06:00")
    one = DailyHash(path).hashed("wifi", "a", now, now)
    assert DailyHash(path).hashed("wifi", "a", now, now + HOUR) == one
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    DailyHash(path).rotate(now + 48 * HOUR)
    assert "2026-06-01" not in path.read_text("utf-8")
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(SensorError, match="salts"):
        DailyHash(path)


def test_counts_below_five_are_hidden_and_nobody_is_told():
    values, hidden = suppressed(np.array([0.0, 3.0, 4.0, 5.0, 12.0, np.nan]))
    assert hidden.tolist() == [False, True, True, False, False, False]
    np.testing.assert_array_equal(values, [0.0, np.nan, np.nan, 5.0, 12.0, np.nan])


def test_a_total_does_not_give_one_away():
    # 3 alone would be the total less the rest; 5 goes with it, the smallest of the others
    assert suppressed(np.array([3.0, 9.0, 5.0, 20.0]))[1].tolist() == [True, False, True, False]
    # 1 and 2 sum to 3, which a total would tell
    assert suppressed(np.array([1.0, 2.0, 9.0, 20.0]))[1].tolist() == [True, True, True, False]


@pytest.mark.parametrize("seed", range(20))
def test_no_line_of_a_table_gives_a_small_count_away(seed):
    counts = np.random.default_rng(seed).poisson(6.0, (6, 5)).astype(float)
    values, hidden = suppressed(counts)
    assert not ((values > 0) & (values < 5)).any()
    np.testing.assert_array_equal(values[~hidden], counts[~hidden])
    for one, mask in [*zip(counts, hidden, strict=True), *zip(counts.T, hidden.T, strict=True)]:
        assert not mask.any() or one.sum() < 5 or (mask.sum() >= 2 and one[mask].sum() >= 5)


def test_what_is_shown_to_everybody_has_no_small_counts_of_people():
    streams = {
        name: Datastream(name, name.split("/")[0], quantity, 60.0)
        for name, quantity in (("a:1/p", "pedestrian_count"), ("b:1/v", "vehicle_count"), ("a:1/t", "air_temperature"))
    }
    readings = Readings.of(
        ["a:1/p", "a:1/p", "a:1/p", "b:1/v", "a:1/t", "gone"], range(6), [3.0, 0.0, 7.0, 2.0, 4.0, 1.0]
    )
    found, hidden = published(readings, streams)
    np.testing.assert_array_equal(found.value, [np.nan, 0.0, 7.0, np.nan, 4.0])
    assert hidden == 2
    found, hidden = published(readings, streams, open_feeds={"b"})
    np.testing.assert_array_equal(found.value, [np.nan, 0.0, 7.0, 2.0, 4.0])
    assert len(published(Readings.none(), {})[0]) == 0


def test_short_counts_of_people_are_not_kept_for_years():
    assert limited(Datastream("a", "a", "pedestrian_count", 60.0)).retention_days == 31.0
    assert limited(Datastream("a", "a", "pedestrian_count", 60.0, retention_days=7.0)).retention_days == 7.0
    assert limited(Datastream("a", "a", "pedestrian_count", 3600.0)).retention_days == 3650.0
    assert limited(Datastream("a", "a", "air_temperature")).retention_days == 3650.0
