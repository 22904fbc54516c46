"""Writing: each requirement of OGC 18-088, 10, that the root document claims has its test."""

import json
from datetime import UTC, datetime

import pytest

from twin.sensors.model import SECOND, Readings, Thing
from twin.sensors.sqlite import SqliteStore
from viewer.server.sensorthings import PREFIX

ROOT = f"http://testserver{PREFIX}"
HOUR = 3600 * SECOND
START = int(datetime(2026, 11, 27, tzinfo=UTC).timestamp()) * SECOND
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
COUNT = "Datastreams('count%3AA%2Fvehicle_count')"


def place(longitude=4.36, latitude=50.84, **more):
    return {"name": "Here", "description": "A place", "encodingType": "application/geo+json",
            "location": {"type": "Point", "coordinates": [longitude, latitude]}, **more}  # fmt: skip


SENSOR = {"name": "SDS011", "description": "Counts dust", "encodingType": "text/plain", "metadata": "a page of data"}


def stream(quantity="particles_10", symbol="kg m-3", **more):
    return {
        "name": "Dust", "description": "Dust at the door", "observationType": MEASUREMENT,
        "unitOfMeasurement": {"name": symbol, "symbol": symbol, "definition": ""},
        "ObservedProperty": {"@iot.id": quantity}, **more,
    }  # fmt: skip


def thing(**more):
    return {"name": "Box", "description": "A box at a door", "properties": {"building": "B1"}, **more}


def local(answer):
    """The address of what was made, from the root of the service."""
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == answer.json()["@iot.selfLink"]
    return answer.headers["location"].removeprefix(f"{ROOT}/")


@pytest.mark.requirement("create-update-delete/create-entity")
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("Things", thing()), ("Locations", place()), ("Sensors", SENSOR),
        ("ObservedProperties", {"name": "luck", "definition": "https://example.org/luck", "description": "Luck"}),
        ("FeaturesOfInterest", {key if key != "location" else "feature": value for key, value in place().items()}),
        ("Datastreams", stream(Thing={"@iot.id": "count:A"}, Sensor={"@iot.id": "analyser"}, properties={"floor": 1})),
        ("Observations", {"result": 7.5, "phenomenonTime": "2026-11-27T14:00:00Z",
                          "resultTime": "2026-11-27T14:00:00Z", "Datastream": {"@iot.id": "count:A/vehicle_count"}}),
    ],
)  # fmt: skip
def test_what_is_posted_can_be_read_at_the_address_that_the_answer_names(web, get, kind, body):
    found = get(local(web.post(kind, body)))
    told = {key: value for key, value in body.items() if key in found and key != "properties"}
    assert told == {key: value for key, value in body.items() if key not in ("Thing", "Sensor", "ObservedProperty",
                                                                            "Datastream", "properties")}  # fmt: skip
    assert body.get("properties", {}).items() <= found.get("properties", {}).items()
    assert found["@iot.id"] in [one["@iot.id"] for one in get(kind, "$top=1000")["value"]]


@pytest.mark.requirement("create-update-delete/link-to-existing-entities")
def test_new_entities_are_linked_to_those_that_their_body_or_their_address_names(web, get):
    made = local(web.post("Things", thing(Locations=[{"@iot.id": "count:A"}])))
    assert get(f"{made}/Locations")["value"][0]["location"]["coordinates"] == [4.35, 50.85]
    assert {one["name"] for one in get("Locations('count%3AA')/Things")["value"]} == {"Box", "Counter A"}
    dust = local(web.post(f"{made}/Datastreams", stream(Sensor={"@iot.id": "analyser"})))
    assert get(f"{dust}/Thing")["name"] == "Box"
    assert get(f"{dust}/Sensor")["name"] == "analyser"
    seen = local(web.post(f"{dust}/Observations", {"result": 1e-8}))
    assert get(f"{seen}/Datastream")["@iot.selfLink"].endswith(dust)
    answer = web.post("Things", thing(Locations=[{"@iot.id": "nowhere"}]))
    assert (answer.status_code, answer.json()["pointer"]) == (400, "/Locations/0")


@pytest.mark.requirement("create-update-delete/deep-insert", "create-update-delete/deep-insert-status-code")
def test_a_thing_is_made_with_all_that_hangs_on_it(web, get, store):
    body = thing(
        Locations=[place()],
        Datastreams=[stream(Sensor=SENSOR, Observations=[
            {"phenomenonTime": "2026-11-27T10:00:00Z", "result": 1e-8}, {"phenomenonTime": "2026-11-27T11:00:00Z",
                                                                        "result": None}])],
    ) | {"@iot.id": "door:1"}  # fmt: skip
    assert local(web.post("Things", body)) == "Things('door:1')"
    dust = get("Things('door%3A1')/Datastreams")["value"][0]
    assert dust["@iot.id"] == "door:1/particles_10"
    rows = store.window("door:1/particles_10", 0, 2**62)
    assert rows.value[0] == 1e-8
    assert rows.value[1] != rows.value[1]
    assert get("Sensors('SDS011')")["metadata"] == "a page of data"
    assert store.things(["door:1"])[0].longitude == 4.36


def test_of_a_body_that_fails_deep_inside_nothing_is_kept(web, get, store):
    before = store.things(), store.datastreams()
    answer = web.post("Things", thing(Locations=[place()], Datastreams=[stream(symbol="µg/m3", Sensor=SENSOR)]))
    assert (answer.status_code, answer.json()["pointer"]) == (422, "/Datastreams/0/unitOfMeasurement")
    assert "particles_10 is in 'kg m-3'" in answer.json()["detail"]
    assert (store.things(), store.datastreams()) == before


@pytest.mark.requirement(
    "create-update-delete/historical-location-auto-creation", "datamodel/historical-location/properties",
    "datamodel/historical-location/relations",
)  # fmt: skip
def test_where_a_thing_has_been_is_noted_when_it_gets_another_location(web, get):
    made = local(web.post("Things", thing(Locations=[place()])))
    web.patch(made, {"Locations": [{"@iot.id": "count:A"}]})
    past = get(f"{made}/HistoricalLocations", "$expand=Locations,Thing")["value"]
    assert [one["Locations"][0]["name"] for one in past] == ["Here", "Counter A"]
    assert past[0]["Thing"]["name"] == "Box"
    assert past[0]["time"] <= past[1]["time"] <= datetime.now(UTC).isoformat().replace("+00:00", "Z")
    one = get("HistoricalLocations", "$top=1")["value"][0]
    assert set(one) == {"@iot.id", "@iot.selfLink", "time", "Thing@iot.navigationLink", "Locations@iot.navigationLink"}
    assert get("Locations('count%3AA')/HistoricalLocations")["value"][0]["@iot.id"] == past[1]["@iot.id"]
    assert web.delete(one["@iot.selfLink"].removeprefix(f"{ROOT}/")).status_code == 200
    assert len(get("HistoricalLocations")["value"]) == 1


def test_a_patch_changes_what_it_names_and_nothing_else(web, get, store):
    assert web.patch("Things('air%3AArts-Loi')", {"description": "By the crossing"}).json()["name"] == "Arts-Loi"
    found = get("Things('air%3AArts-Loi')")
    assert (found["description"], found["properties"]["floor"]) == ("By the crossing", 2)
    web.patch("Things('air%3AArts-Loi')", {"properties": {"floor": 3}})
    assert get("Things('air%3AArts-Loi')/properties") == {"properties": {"floor": 3}}
    web.patch(COUNT, {"name": "Cars", "properties": {"lane": 1, "period_s": 60}})
    found = get(COUNT)
    assert (found["name"], found["properties"]["lane"], found["properties"]["period_s"]) == ("Cars", 1, 60.0)
    web.patch("Sensors('odometer')", {"metadata": "turns of a wheel"})
    assert get("Datastreams('bus%3A12%2Froute_distance')/Sensor")["metadata"] == "turns of a wheel"
    assert [one["@iot.id"] for one in get("Sensors")["value"]].count("odometer") == 1
    web.patch("Locations('count%3AA')", place(4.4, 50.8))
    assert (store.things(["count:A"])[0].longitude, store.things(["count:A"])[0].latitude) == (4.4, 50.8)
    assert len(get("Things('count%3AA')/HistoricalLocations")["value"]) == 1


def test_a_put_replaces_all_of_an_entity(web, get):
    assert web.request("PUT", f"{PREFIX}/Things('air:Arts-Loi')", json={"name": "x"}).status_code == 400
    whole = {"@iot.id": "air:Arts-Loi", "name": "New", "description": "Newer"}
    assert web.request("PUT", f"{PREFIX}/Things('air:Arts-Loi')", json=whole).status_code == 200
    found = get("Things('air:Arts-Loi')")
    assert (found["name"], found["description"], found["properties"]) == ("New", "Newer", {})


def small_changes(web, path, *changes):
    kind = {"Content-Type": "application/json-patch+json"}
    return web.request("PATCH", f"{PREFIX}/{path}", content=json.dumps(changes), headers=kind)


def test_a_json_patch_changes_a_field_inside_of_another(web, get):
    answer = small_changes(
        web, "Things('air:Arts-Loi')", {"op": "test", "path": "/properties/floor", "value": 2},
        {"op": "replace", "path": "/properties/floor", "value": 3},
        {"op": "add", "path": "/properties/tags", "value": []},
        {"op": "add", "path": "/properties/tags/-", "value": "a/b"},
        {"op": "move", "from": "/properties/street", "path": "/properties/a~1b"},
        {"op": "copy", "from": "/properties/floor", "path": "/properties/level"},
        {"op": "remove", "path": "/properties/floor"},
    )  # fmt: skip
    assert answer.status_code == 200
    assert answer.json()["name"] == "Arts-Loi"
    wanted = {"tags": ["a/b"], "a/b": "Rue de la Loi", "level": 3}
    assert get("Things('air:Arts-Loi')/properties") == {"properties": wanted}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"op": "test", "path": "/name", "value": "x"}, 409), ({"op": "remove", "path": "/properties/nothing"}, 409),
        ({"op": "replace", "path": "/properties/a/b", "value": 1}, 409), ({"op": "remove", "path": "/name"}, 400),
        ({"op": "turn", "path": "/name"}, 400), ({"op": "add", "path": "/name"}, 400), ("add", 400),
        ({"op": "add", "path": "name", "value": 1}, 400), ({"op": "add", "path": "/colour", "value": 1}, 400),
        ({"op": "move", "path": "/name"}, 400),
    ],
)  # fmt: skip
def test_a_json_patch_that_cannot_be_done_changes_nothing(web, get, change, status):
    before = get("Things('air:Arts-Loi')")
    first = {"op": "replace", "path": "/name", "value": "New"}
    assert small_changes(web, "Things('air:Arts-Loi')", first, change).status_code == status
    assert get("Things('air:Arts-Loi')") == before


def test_a_link_may_come_with_the_rest_of_its_entity_which_changes_nothing(web, get):
    whole = {"@iot.id": "count:A", "name": "Other", "description": "Other"}
    made = local(web.post("Datastreams", stream(Thing=whole, Sensor={"@iot.id": "analyser"} | SENSOR)))
    assert get(f"{made}/Thing")["name"] == "Counter A"
    assert get(f"{made}/Sensor")["name"] == "analyser"


@pytest.mark.parametrize("key", ["a:b/c", "a//b", "a/../b", "it's", "50 % + é?#&", "('x')"])
def test_an_id_of_any_signs_leads_back_to_its_entity(web, get, key):
    made = local(web.post("Things", thing() | {"@iot.id": key}))
    assert get(made)["@iot.id"] == key
    assert get(f"{made}/Datastreams")["value"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (COUNT, {"ObservedProperty": {"@iot.id": "ozone"}}, 422), (COUNT, {"Thing": {"@iot.id": "bus:12"}}, 422),
        (COUNT, {"unitOfMeasurement": {"name": "percent", "symbol": "%", "definition": ""}}, 422),
        ("Things('bus%3A12')", {"@iot.id": "bus:13"}, 400), ("Things('bus%3A12')", {"colour": 1}, 400),
        ("Things('bus%3A12')", {"name": ""}, 400), ("Things('bus%3A12')", {"properties": []}, 400),
        ("Things('bus%3A12')", {"Datastreams": []}, 422), ("Things('bus%3A12')", [], 400), ("Things", {}, 405),
        ("ObservedProperties('ozone')", {"name": "x"}, 405), ("FeaturesOfInterest('count%3AA')", {"name": "x"}, 405),
        (f"Observations('count%3AA%2Fvehicle_count@{START}')", {"result": 1}, 405), ("Things('nobody')", {}, 404),
    ],
)  # fmt: skip
def test_what_cannot_be_changed_says_so(web, path, body, status):
    answer = web.patch(path, body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_thing_goes_with_its_datastreams_and_their_readings_leave_the_disk(web, get, store, tmp_path):
    assert web.delete("Things('count%3AA')").status_code == 200
    for path in ("Things('count%3AA')", COUNT, "Locations('count%3AA')",
                 f"Observations('count%3AA%2Fvehicle_count@{START}')", "FeaturesOfInterest('count%3AA')"):  # fmt: skip
        get(path, status=404)
    assert get("Observations", "$count=true")["@iot.count"] == 5


def test_readings_of_a_deleted_datastream_are_forgotten(web, get, store):
    # of 2020, so that no clock of a machine is before them
    old = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) * SECOND
    store.append(Readings.of(["bus:12/route_distance"], [old], [5.0]))
    assert web.delete("Datastreams('bus%3A12%2Froute_distance')").status_code == 200
    assert len(store.window("bus:12/route_distance", 0, 2**62)) == 0
    assert get("Things('bus%3A12')/Datastreams")["value"] == []


def test_a_location_goes_and_its_things_are_nowhere_a_sensor_goes_with_its_datastreams(web, get, store):
    assert web.delete("Locations('count%3AA')").status_code == 200
    assert store.things(["count:A"])[0].longitude is None
    assert get("Things('count%3AA')/Locations")["value"] == []
    assert web.delete("Sensors('analyser')").status_code == 200
    get("Sensors('analyser')", status=404)
    assert get("Things('air%3AArts-Loi')/Datastreams")["value"] == []
    own = local(web.post("ObservedProperties", {"name": "luck", "definition": "urn:luck", "description": "Luck"}))
    assert web.delete(own).status_code == 200
    get(own, status=404)
    assert web.delete("ObservedProperties('ozone')").status_code == 405
    assert web.delete("Things").status_code == 405


def test_an_observation_told_twice_is_kept_once_and_with_another_value_refused(web, get):
    body = {"result": 7, "phenomenonTime": "2026-11-27T14:00:00Z"}
    first, again = web.post(f"{COUNT}/Observations", body), web.post(f"{COUNT}/Observations", body)
    assert local(first) == local(again)
    assert get(f"{COUNT}/Observations", "$count=true")["@iot.count"] == 6
    other = web.post(f"{COUNT}/Observations", body | {"result": 8})
    assert other.status_code == 409
    assert get(local(again))["result"] == 7


def test_a_time_of_brussels_is_the_same_in_utc_and_a_span_has_the_length_of_its_datastream(web, get):
    made = local(web.post(f"{COUNT}/Observations", {"result": 7, "phenomenonTime": "2026-10-25T02:30:00+02:00"}))
    assert get(made)["phenomenonTime"] == "2026-10-25T00:30:00Z"
    dioxide = "Datastreams('air%3AArts-Loi%2Fnitrogen_dioxide')/Observations"
    made = local(web.post(dioxide, {"result": 1e-8, "phenomenonTime": "2026-11-27T10:00:00Z/2026-11-27T11:00:00Z"}))
    assert get(made)["phenomenonTime"] == "2026-11-27T10:00:00Z/2026-11-27T11:00:00Z"
    short = web.post(dioxide, {"result": 1e-8, "phenomenonTime": "2026-11-27T10:00:00Z/2026-11-27T10:05:00Z"})
    assert "hold for 3600 s, got 300 s" in short.json()["detail"]


@pytest.mark.parametrize(
    ("path", "body", "status", "pointer"),
    [
        ("Things", {"name": "x"}, 400, ""), ("Things", thing(colour=1), 400, ""), ("Things", [], 400, ""),
        ("Things", thing(name=5), 400, "/name"), ("Things", thing() | {"@iot.id": "bus:12"}, 409, ""),
        ("Things", thing() | {"@iot.id": 5}, 400, ""), ("Things", thing(Locations={}), 400, "/Locations"),
        ("Things", thing(Locations=[place(), place()]), 422, "/Locations"),
        ("Things", thing(Locations=[place(50.85, 94.35)]), 400, "/Locations/0/location"),
        ("Locations", place(location={"type": "Square"}), 400, "/location"), ("Datastreams", stream(), 400, ""),
        ("Locations", place(location="here"), 400, "/location"),
        ("Datastreams", stream("luck", Thing={"@iot.id": "bus:12"}), 422, "/ObservedProperty"),
        ("Sensors", SENSOR | {"@iot.id": "analyser"}, 409, ""), ("Observations", {"result": 1}, 400, ""),
        (f"{COUNT}/Observations", {"result": "many"}, 422, "/result"), (f"{COUNT}/Observations", {}, 400, ""),
        (f"{COUNT}/Observations", {"result": 1, "phenomenonTime": "noon"}, 400, "/phenomenonTime"),
        (f"{COUNT}/Observations", {"result": 1, "phenomenonTime": "1969-12-31T00:00:00Z"}, 422, "/phenomenonTime"),
        (f"{COUNT}/Observations", {"result": 1, "phenomenonTime": "2026-11-27T14:00:00"}, 400, "/phenomenonTime"),
        (f"{COUNT}/Observations", {"result": 10**400}, 422, "/result"),
        (f"{COUNT}/Observations", {"result": 1, "parameters": {"flag": -1}}, 400, "/parameters"),
        (f"{COUNT}/Observations", {"result": 1, "FeatureOfInterest": {"@iot.id": "bus:12"}}, 422, "/FeatureOfInterest"),
        ("HistoricalLocations", {"time": "2026-11-27T14:00:00Z"}, 422, ""),
        ("CreateObservations", {}, 400, ""), ("CreateObservations", [{}], 400, "/0"),
        ("CreateObservations", [{"components": ["result"], "dataArray": []}], 400, "/0/components"),
        ("CreateObservations", [{"components": ["phenomenonTime", "result"], "dataArray": [],
                                 "dataArray@iot.count": 2}],
         400, "/0/dataArray"),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_taken_says_where_and_why(web, store, path, body, status, pointer):
    before = store.things(), store.datastreams(), len(store.window("count:A/vehicle_count", 0, 2**62))
    answer = web.post(path, body)
    assert (answer.status_code, answer.json().get("pointer")) == (status, pointer), answer.text
    assert (store.things(), store.datastreams(), len(store.window("count:A/vehicle_count", 0, 2**62))) == before


def test_what_tells_of_people_is_refused_without_saying_what_it_was(web):
    answer = web.post("Things", thing(properties={"mac": "aa:bb:cc:dd:ee:ff"}))
    assert answer.status_code == 422
    assert "aa:bb" not in answer.text


def test_a_body_that_is_no_json_is_refused(web):
    answer = web.request("POST", f"{PREFIX}/Things", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert (
        web.request("POST", f"{PREFIX}/Things", content=b"{}", headers={"Content-Type": "text/plain"}).status_code
        == 415
    )
    assert web.post("Things('bus%3A12')", thing()).status_code == 405


def test_what_was_made_is_there_after_a_restart(web, get, store, tmp_path):
    web.post("Things", thing(Locations=[place()], Datastreams=[stream(Sensor=SENSOR)]) | {"@iot.id": "door:1"})
    store.close()
    with SqliteStore(tmp_path / "store") as again:
        assert again.things(["door:1"])[0] == Thing(
            "door:1", "Box", 4.36, 50.84, again.things(["door:1"])[0].properties
        )
        assert again.datastreams(["door:1/particles_10"])[0].sensor == "SDS011"


def test_a_store_that_is_full_or_may_only_be_read_says_so(web, store, monkeypatch):
    store._may_write = False
    answer = web.post(f"{COUNT}/Observations", {"result": 1})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:bxl-twin:problem:store")


def test_rows_come_page_by_page_in_the_right_order(get, store):
    times = [START + 100 * HOUR + second * SECOND for second in range(500)]
    store.append(Readings.of(["bus:12/route_distance"] * 500, times, [float(i) for i in range(500)]))
    rows = get("Datastreams('bus%3A12%2Froute_distance')/Observations", "$filter=result mod 7 eq 3&$top=1000")["value"]
    assert [row["result"] for row in rows] == [float(i) for i in range(500) if i % 7 == 3]
    down = get("Observations", "$filter=result mod 7 eq 3&$top=30&$orderby=phenomenonTime desc")["value"]
    assert [row["result"] for row in down] == [float(i) for i in range(499, 0, -1) if i % 7 == 3][:30]


@pytest.mark.requirement("data-array/data-array")
def test_observations_are_told_and_taken_as_data_arrays(get, web):
    found = get("Observations", "$resultFormat=dataArray&$select=id,phenomenonTime,result&$orderby=result desc&$top=2")
    assert found["value"] == [{
        "Datastream@iot.navigationLink": f"{ROOT}/Datastreams('count:A/vehicle_count')",
        "components": ["id", "phenomenonTime", "result"],
        "dataArray@iot.count": 2,
        "dataArray": [[f"count:A/vehicle_count@{START + 3 * HOUR}", "2026-11-27T03:00:00Z", 90.0],
                      [f"count:A/vehicle_count@{START + 2 * HOUR}", "2026-11-27T02:00:00Z", 40.0]],
    }]  # fmt: skip
    sent = [{
        "Datastream": {"@iot.id": "count:A/vehicle_count"}, "components": ["phenomenonTime", "result"],
        "dataArray@iot.count": 4,
        "dataArray": [["2026-11-28T00:00:00Z", 7], ["2026-11-27T02:00:00Z", 40], ["2026-11-27T02:00:00Z", 41],
                      ["yesterday", 7]],
    }, {"Datastream": {"@iot.id": "nobody"}, "components": ["phenomenonTime", "result"],
        "dataArray": [["2026-11-28T00:00:00Z", 7]]}]  # fmt: skip
    answer = web.post("CreateObservations", sent)
    assert answer.status_code == 201
    new, known, *wrong = answer.json()
    assert wrong == ["error"] * 3
    assert get(new.removeprefix(f"{ROOT}/"))["result"] == 7.0
    assert get(known.removeprefix(f"{ROOT}/"))["result"] == 40.0
    assert web.post("CreateObservations", sent).json()[0] == new
