"""Whatever stands where in a payload, a feed reads the rest or says SensorError; it never makes a zero of it."""

import copy
import json
from functools import partial

import numpy as np
import pytest

from twin.sensors.feeds import citizen_no2, gbfs, irceline, meters, opendatasoft, parking, sensor_community, stib
from twin.sensors.feeds.stib_network import network
from twin.sensors.model import SensorError

JUNK = [None, "", "x", "NaN", -1, 7.5, 10**400, True, [], {}, [[]], {"a": 1}, [None], ["x", "y"], "0001-01-01"]
POINT = {"type": "Point", "coordinates": [4.35, 50.85]}
STATION = {"station_id": "1", "name": [{"language": "fr", "text": "ici"}], "lat": 50.85, "lon": 4.35, "capacity": 9}
STATE = {"station_id": "1", "num_vehicles_available": 7, "num_docks_available": 18, "is_installed": True,
         "is_renting": True, "is_returning": True, "last_reported": 1_719_828_000}  # fmt: skip
STOPS = [{"id": str(number), "gpscoordinates": {"latitude": 50.85, "longitude": 4.35 + 0.01 * number},
          "name": {"fr": "A"}} for number in (1, 2)]  # fmt: skip
LINES = [{"lineid": "7", "direction": "City", "destination": {"fr": "B"},
          "points": [{"id": "1", "order": 1}, {"id": "2", "order": 2}]}]  # fmt: skip
VEHICLES = [{"lineid": "7", "vehiclepositions": [{"pointId": "1", "directionId": "2", "distanceFromPoint": 5}]}]
TABLE = opendatasoft.Table("t", "code", "at", {"cm": opendatasoft.Column("water_depth", 0.01)}, name="n")


def gbfs_with_places(text):
    return gbfs.parse(text, json.dumps({"last_updated": 1_719_828_000, "data": {"stations": [STATE]}}))


def gbfs_with_states(text):
    return gbfs.parse(json.dumps({"data": {"stations": [STATION]}}), text)


def stib_on_network(text):
    return stib.parse(text, 1, network(json.dumps(STOPS), json.dumps(LINES)))


CASES = {
    "sensor_community": (sensor_community.parse, [
        {"timestamp": "2025-03-28 11:00:00", "location": {"longitude": "4.3", "latitude": "50.8", "indoor": 0},
         "sensor": {"id": 3, "sensor_type": {"name": "SDS011"}},
         "sensordatavalues": [{"value": "5", "value_type": "P1"}]},
    ]),
    "irceline": (irceline.parse, {"timeStamp": "2024-06-15T16:55:03Z", "features": [
        {"id": "no2_hmean.fid-1", "geometry": POINT,
         "properties": {"id": 7, "timestamp": "2024-06-15T15:00:00Z", "value": 4, "network": "Brussels"}},
    ]}),
    "irceline stations": (irceline.parse_stations, [
        {"id": "1", "uom": "µg/m³", "station": {"geometry": {"coordinates": [50.85, 4.3, "NaN"]},
         "properties": {"label": "41R001 - x"}}, "lastValue": {"timestamp": 1718463600000, "value": 31.5},
         "parameters": {"phenomenon": {"label": "Ozone"}}},
    ]),
    "stib": (stib_on_network, VEHICLES),
    "stib stops": (partial(network, lines=json.dumps(LINES)), STOPS),
    "stib lines": (partial(network, json.dumps(STOPS)), LINES),
    "gbfs places": (gbfs_with_places, {"last_updated": 1, "data": {"stations": [STATION]}}),
    "gbfs states": (gbfs_with_states, {"last_updated": 1_719_828_000, "data": {"stations": [STATE]}}),
    "parking": (parking.parse, {"features": [{"geometry": POINT, "id": 1, "properties": {
        "id": "P1", "name": "n", "capacity": 9, "free": 5, "open": 1, "time": "2024-07-01T10:00:00Z"}}]}),
    "parking of a portal": (parking.parse, {"total_count": 1, "results": [
        {"id": "P1", "availablecapacity": 5, "lastupdate": "2024-07-01T10:00:00Z",
         "location": {"lon": 4.3, "lat": 50.8}}]}),
    "opendatasoft": (partial(opendatasoft.parse, table=TABLE), {"total_count": 1, "results": [
        {"code": "a", "at": "2024-07-01T10:00:00Z", "cm": 5, "n": "x", "geo_point_2d": {"lon": 4.3, "lat": 50.8}}]}),
    "meters": (meters.parse, {"readings": [
        {"time": "2024-07-01T10:00:00Z", "id": "a", "quantity": "water_depth", "value": 5, "unit": "m", "period_s": 60,
         "valid": 1, "name": "n", "longitude": 4.3, "latitude": 50.8, "building": "b"}]}),
    "citizen_no2": (citizen_no2.parse, {"features": [
        {"properties": {"cnId": 1, "no2": 5, "floor": 2}, "geometry": POINT}]}),
}  # fmt: skip


def places_of(tree, path=()):
    yield path
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, child in children:
        yield from places_of(child, (*path, key))


def with_junk(tree, path, junk):
    if not path:
        return junk
    changed = copy.deepcopy(tree)
    inside = changed
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = junk
    return changed


@pytest.mark.parametrize("name", CASES)
def test_junk_anywhere_in_a_payload_is_met(name):
    """Expected: the good payload holds no zero, so none may come out of a broken one."""
    parse, good = CASES[name]
    assert parse(json.dumps(good)) is not None
    tried = 0
    for path in places_of(good):
        for junk in JUNK:
            payload = json.dumps(with_junk(good, path, junk))
            tried += 1
            try:
                said = parse(payload)
            except SensorError:
                continue
            if hasattr(said, "readings"):
                assert not (said.readings.value == 0).any(), (path, junk)
                assert (said.readings.time > 0).all()
                assert np.isfinite(said.readings.value[~np.isnan(said.readings.value)]).all()
            assert all(one.rows > 0 and len(one.sample) <= 200 for one in said.problems)
    assert tried >= 5 * len(JUNK)
