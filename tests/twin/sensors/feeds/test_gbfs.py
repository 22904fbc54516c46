"""Stations of shared bicycles, of every version of their feed."""

import json
import time
from datetime import UTC, datetime

import pytest

from twin.sensors.feeds.gbfs import parse
from twin.sensors.model import SECOND, SensorError
from twin.sensors.quality import Flag

NOON = 1_719_828_000
PLACE = {"station_id": "1", "name": "Bourse", "lat": 50.848, "lon": 4.349, "capacity": 25}
STATE = {"station_id": "1", "num_bikes_available": 7, "num_docks_available": 18, "is_installed": True,
         "is_renting": True, "is_returning": True, "last_reported": NOON - 60}  # fmt: skip


def payload(*stations, **more):
    return json.dumps({"last_updated": NOON, "ttl": 60, "version": "2.3", "data": {"stations": stations}} | more)


def test_versions_one_two_and_three_say_the_same():
    """Expected: GBFS 1.1, 2.3 and 3.0: numbers for yes, times and names change."""
    one = STATE | {"is_installed": 1, "is_renting": 1, "is_returning": 1}
    three = {name: value for name, value in STATE.items() if name != "num_bikes_available"}
    stamp = datetime.fromtimestamp(NOON - 60, UTC).isoformat()
    three |= {"num_vehicles_available": 7, "last_reported": stamp}
    named = PLACE | {"name": [{"language": "fr", "text": "Bourse"}, {"language": "nl", "text": "Beurs"}]}
    for place, state in ((PLACE, STATE), (PLACE, one), (named, three)):
        said = parse(payload(place), payload(state))
        assert said.readings.datastream.tolist() == ["villo:1/bicycles_available", "villo:1/free_places"]
        assert said.readings.value.tolist() == [7, 18]
        assert set(said.readings.time) == {(NOON - 60) * SECOND}
        assert (said.things[0].name, said.things[0].longitude, said.problems) == ("Bourse", 4.349, ())
    assert said.things[0].properties["names"]["nl"] == "Beurs"


def test_a_station_that_is_closed_or_gone_is_silent_or_flagged_and_never_zero():
    said = parse(
        payload(PLACE, PLACE | {"station_id": "2"}, PLACE | {"station_id": "3"}, PLACE | {"station_id": "4"}),
        payload(STATE | {"is_installed": False}, STATE | {"station_id": "2", "is_renting": 0, "is_returning": False},
                STATE | {"station_id": "3", "num_docks_available": None}, STATE | {"station_id": "9"}),
    )  # fmt: skip
    assert said.silent == 2
    assert said.counts == {"stations": 4, "not installed": 1, "not renting": 1, "not returning": 1,
                           "without num_docks_available": 1, "without a place": 1, "without a status": 1}  # fmt: skip
    flags = dict(zip(said.readings.datastream, said.readings.flag, strict=True))
    assert flags == {
        "villo:2/bicycles_available": Flag.NOT_VALID, "villo:2/free_places": Flag.NOT_VALID,
        "villo:3/bicycles_available": 0, "villo:9/bicycles_available": 0, "villo:9/free_places": 0,
    }  # fmt: skip


def test_a_station_without_a_time_has_that_of_the_payload():
    said = parse(payload(PLACE), payload(STATE | {"last_reported": 0}))
    assert set(said.readings.time) == {NOON * SECOND}
    lost = parse(payload(PLACE), payload(STATE | {"last_reported": None}, last_updated=None))
    assert [(p.field, p.rows) for p in lost.problems] == [("last_reported", 1)]
    assert len(lost.readings) == 0


def test_a_bad_row_costs_itself_alone():
    said = parse(
        payload(PLACE, {"name": "?"}, 4, PLACE | {"station_id": "2", "lat": 5084.0}),
        payload(STATE, {}, STATE | {"station_id": "2", "num_bikes_available": -3}, STATE | {"station_id": None}),
    )
    assert {(p.field, p.rows) for p in said.problems} == {
        ("station_information", 2), ("lon, lat", 1), ("station_id", 2), ("num_bikes_available", 1),
    }  # fmt: skip
    assert said.readings.value.tolist() == [7, 18, 18]
    assert said.things[1].latitude is None
    for bad in ("[]", '{"data": {}}', "<xml/>"):
        with pytest.raises(SensorError, match="dott"):
            parse(payload(PLACE), bad, "dott")


def test_ten_megabytes_are_read_in_two_seconds():
    whole = payload(*(STATE | {"station_id": str(number)} for number in range(60_000)))
    assert len(whole) > 9.5e6
    begin = time.process_time()
    said = parse(payload(PLACE), whole)
    assert time.process_time() - begin < 2.0
    assert len(said.readings) == 120_000
