"""Car parks, from a table, JSON, GeoJSON and portals."""

import json
import time
from datetime import UTC, datetime

import numpy as np
import pytest

from twin.sensors.feeds.parking import parse
from twin.sensors.model import SECOND, SensorError
from twin.sensors.quality import Flag

TEN = int(datetime(2024, 7, 1, 10, tzinfo=UTC).timestamp()) * SECOND


def test_a_table_json_geojson_and_a_portal_say_the_same():
    """Expected: 12:00 on the wall in July is 10:00 UTC."""
    table = "id,name,longitude,latitude,capacity,free,time\nP1,Ecuyer,4.353,50.85,200,31,2024-07-01T12:00:00\n"
    row = {"id": "P1", "name": "Ecuyer", "capacity": 200, "free": 31, "time": "2024-07-01T10:00:00Z"}
    point = {"type": "Point", "coordinates": [4.353, 50.85]}
    shape = {"type": "FeatureCollection", "features": [{"geometry": point, "properties": row}]}
    city = {"id": "P1", "name": "Ecuyer", "totalcapacity": 200, "availablecapacity": 31, "isopennow": 1,
            "lastupdate": "2024-07-01T12:00:00+02:00", "location": [50.85, 4.353]}  # fmt: skip
    page = {"total_count": 1, "results": [city | {"location": {"lon": 4.353, "lat": 50.85}}]}
    full = {
        "id": "P1",
        "name": "Ecuyer",
        "capacity": 200,
        "occupied": 169,
        "time": "2024-07-01T10:00Z",
        "geometry": point,
    }
    listed = json.dumps([row | {"lon": 4.353, "lat": 50.85}])
    older = json.dumps({"records": [{"fields": city}]})
    semicolons = table.replace(",", ";").encode()
    for payload in (table, semicolons, listed, json.dumps(shape), older, json.dumps(page), json.dumps([full])):
        said = parse(payload)
        (thing,) = said.things
        assert (thing.id, thing.name, thing.longitude, thing.latitude) == ("parking:P1", "Ecuyer", 4.353, 50.85)
        assert thing.properties["capacity"] == 200
        assert (said.readings.datastream.tolist(), said.readings.value.tolist()) == (["parking:P1/free_places"], [31])
        assert (said.readings.time.tolist(), said.readings.flag.tolist(), said.problems) == ([TEN], [0], ())


def test_closed_is_silent_minus_one_is_nan_and_more_than_there_are_is_flagged():
    row = {"id": 1, "capacity": 50, "free": 0, "time": "2024-07-01T10:00:00Z"}
    changes = [{}, {"open": False}, {"free": -1}, {"free": 60}, {"free": None}, {"free": -7},
               {"time": "2024-10-27T02:30:00"}]  # fmt: skip
    said = parse(json.dumps([row | {"id": number} | one for number, one in enumerate(changes)]))
    np.testing.assert_array_equal(said.readings.value, [0, np.nan, 60, np.nan, -7, 0])
    assert said.readings.flag.tolist() == [0, 0, Flag.OUT_OF_RANGE, 0, Flag.OUT_OF_RANGE, Flag.CLOCK]
    assert (said.silent, said.counts) == (1, {"rows": 7, "missing values": 2, "closed": 1})


def test_a_bad_row_costs_itself_alone():
    row = {"id": 1, "capacity": 50, "free": 3, "time": "2024-07-01T10:00:00Z"}
    bad = [
        row | one for one in ({"time": "-"}, {"free": "full"}, {"id": 2, "capacity": "big"}, {"id": 3, "location": [1]})
    ]
    said = parse(json.dumps([row, {"free": 3}, 5, *bad]))
    assert {(p.field, p.rows) for p in said.problems} == {
        ("id", 2), ("time", 1), ("free", 1), ("capacity", 1), ("place", 1),
    }  # fmt: skip
    assert said.readings.value.tolist() == [3, 3, 3]
    for payload in ("<p>down</p>", '{"error_code": 1}', "", '{"features": 1}'):
        with pytest.raises(SensorError, match="parking"):
            parse(payload)


def test_ten_megabytes_are_read_in_two_seconds():
    rows = (
        f"P{n % 500},Rue d'ici,4.353,50.85,200,{n % 200},2024-07-{n // 500 % 28 + 1:02d}T12:00:00"
        for n in range(190_000)
    )
    payload = "id,name,longitude,latitude,capacity,free,time\n" + "\n".join(rows)
    assert len(payload) > 9.5e6
    begin = time.process_time()
    said = parse(payload)
    assert time.process_time() - begin < 2.0
    assert len(said.readings) == 190_000
