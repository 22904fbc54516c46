"""Reading: each requirement of OGC 18-088 that the root document claims has its test, named by its address there."""

from datetime import UTC, datetime

import pytest

from kernels.quantities import QUANTITIES
from twin.sensors.model import SECOND
from viewer.server.sensorthings import PREFIX

ROOT = f"http://testserver{PREFIX}"
HOUR = 3600 * SECOND
START = int(datetime(2026, 11, 27, tzinfo=UTC).timestamp()) * SECOND
"""Midnight, from which on every thing of these tests tells once an hour. [ns]"""


@pytest.fixture(scope="module")
def store(new_store, tmp_path_factory):
    """One for all tests of this file, which only read."""
    with new_store(tmp_path_factory.mktemp("store")) as made:
        yield made


NO2 = "Datastreams('air%3AArts-Loi%2Fnitrogen_dioxide')"
COUNT = "Datastreams('count%3AA%2Fvehicle_count')"
SETS = {
    # tables 2 to 16: properties, mandatory and others that are told here, and relations
    "Things": (("name", "description", "properties"), ("Locations", "HistoricalLocations", "Datastreams")),
    "Locations": (("name", "description", "encodingType", "location"), ("Things", "HistoricalLocations")),
    "Datastreams": (
        ("name", "description", "unitOfMeasurement", "observationType", "observedArea", "phenomenonTime", "resultTime",
         "properties"),
        ("Thing", "Sensor", "ObservedProperty", "Observations"),
    ),
    "Sensors": (("name", "description", "encodingType", "metadata"), ("Datastreams",)),
    "ObservedProperties": (("name", "definition", "description", "properties"), ("Datastreams",)),
    "Observations": (("phenomenonTime", "result", "resultTime"), ("Datastream", "FeatureOfInterest")),
    "FeaturesOfInterest": (("name", "description", "encodingType", "feature"), ("Observations",)),
}  # fmt: skip


@pytest.mark.requirement(
    *(f"datamodel/{kind}/{part}" for part in ("properties", "relations")
      for kind in ("thing", "location", "datastream", "sensor", "observed-property", "observation",
                   "feature-of-interest")),
    "datamodel/entity-control-information/common-control-information",
)  # fmt: skip
@pytest.mark.parametrize("name", SETS)
def test_every_entity_has_its_properties_its_relations_its_id_and_its_address(get, name):
    properties, relations = SETS[name]
    one = get(name)["value"][0]
    links = {f"{relation}@iot.navigationLink" for relation in relations}
    assert set(one) == {"@iot.id", "@iot.selfLink", *properties, *links}
    assert get(one["@iot.selfLink"].removeprefix(f"{ROOT}/")) == one
    for relation in relations:
        assert one[f"{relation}@iot.navigationLink"] == f"{one['@iot.selfLink']}/{relation}"
        found = get(one[f"{relation}@iot.navigationLink"].removeprefix(f"{ROOT}/"))
        assert "value" in found or "@iot.id" in found


def test_a_quantity_is_told_with_its_unit_and_its_words_in_three_languages(get):
    found = get("ObservedProperties('nitrogen_dioxide')")
    assert found["description"] == QUANTITIES["nitrogen_dioxide"].label["en"]
    assert found["properties"]["description_nl"] == "Stikstofdioxide in de lucht"
    assert found["properties"]["description_fr"] == "Dioxyde d'azote dans l'air"
    # UCUM writes kilograms per cubic metre as kg.m-3
    assert get(NO2)["unitOfMeasurement"] == {
        "name": "kg m-3", "symbol": "kg m-3", "definition": "https://ucum.org/ucum#kg.m-3",
    }  # fmt: skip
    assert get(NO2 + "/phenomenonTime") == {"phenomenonTime": "2026-11-26T23:00:00Z/2026-11-27T03:00:00Z"}


def test_a_value_that_is_missing_is_null_and_a_reading_tells_its_span_and_its_flags(get):
    rows = get(NO2 + "/Observations")["value"]
    assert [row["result"] for row in rows] == [4e-8, 6e-8, None, 2e-8]
    assert rows[0]["phenomenonTime"] == "2026-11-26T23:00:00Z/2026-11-27T00:00:00Z"
    assert rows[3]["resultQuality"] == ["out_of_range"]
    assert rows[3]["parameters"] == {"flag": 1}


def test_counts_of_people_under_five_are_not_told(get, store):
    assert [row["result"] for row in get(COUNT + "/Observations")["value"]] == [0.0, None, 40.0, 90.0, 12.0]
    # nor can a filter find them
    assert get(COUNT + "/Observations", "$filter=result lt 5&$count=true")["@iot.count"] == 1


@pytest.mark.requirement("resource-path/resource-path-to-entities")
def test_addresses_lead_to_sets_entities_relations_properties_values_and_references(get, web):
    sets = {row["name"]: row["url"] for row in get("")["value"]}
    assert sets == {name: f"{ROOT}/{name}" for name in (*SETS, "HistoricalLocations")}
    assert get("Things('air%3AArts-Loi')")["name"] == "Arts-Loi"
    assert get("Things('air%3AArts-Loi')/name") == {"name": "Arts-Loi"}
    assert web.get(f"{PREFIX}/Things('air%3AArts-Loi')/name/$value").text == "Arts-Loi"
    assert get("Things('air%3AArts-Loi')/properties/floor") == {"floor": 2}
    assert get(f"{NO2}/Thing/Locations('air%3AArts-Loi')/name") == {"name": "Arts-Loi"}
    assert len(get("Things('air%3AArts-Loi')/Datastreams")["value"]) == 2
    refs = get("Things('air%3AArts-Loi')/Datastreams/$ref")["value"]
    assert refs[0] == {"@iot.selfLink": f"{ROOT}/Datastreams('air:Arts-Loi/nitrogen_dioxide')"}
    assert get(f"{NO2}/Thing/$ref") == {"@iot.selfLink": f"{ROOT}/Things('air:Arts-Loi')"}
    assert get("Things('bus%3A12')/name") == {"name": "It's bus 12"}
    observation = get(f"{NO2}/Observations")["value"][1]
    assert get(observation["@iot.selfLink"].removeprefix(f"{ROOT}/"))["result"] == 6e-8
    assert get(observation["Datastream@iot.navigationLink"].removeprefix(f"{ROOT}/") + "/Sensor")["name"] == "analyser"
    missing = get(f"{NO2}/Observations")["value"][2]["@iot.selfLink"].removeprefix(f"{ROOT}/")
    assert web.get(f"{PREFIX}/{missing}/result").status_code == 204


@pytest.mark.parametrize(
    "path",
    ["Nothing", "Things('nobody')", "Things('bus%3A12')/Nothing", "Things('bus%3A12')/Locations('air%3AArts-Loi')",
     "Things(", "Things('a'", f"{NO2}/Observations('count%3AA%2Fvehicle_count@0')", "Observations('x@y')",
     "/".join(["Things('bus%3A12')"] + ["Datastreams('bus%3A12%2Froute_distance')", "Thing"] * 9),
     "Things('bus%3A12')/properties/nothing", f"{NO2}/Thing('air%3AArts-Loi')"],
)  # fmt: skip
def test_an_address_that_leads_nowhere_says_so(get, path):
    assert get(path, status=404)["detail"]


@pytest.mark.requirement("request-data/status-code", "request-data/query-status-code")
def test_a_question_is_answered_with_200_what_cannot_be_read_with_400_and_what_is_not_on_offer_with_501(get):
    get("Things", "$top=1", status=200)
    assert get("Things", "$filter=name eq", status=400)["detail"].startswith("$filter, character 8: expected")
    assert "no option '$search'" in get("Things", "$search=x", status=501)["detail"]


@pytest.mark.requirement("request-data/order")
def test_a_filter_comes_before_the_order_and_that_before_skip_and_top(get):
    found = get("Observations", "$filter=result gt 10&$orderby=result desc&$skip=1&$top=1&$count=true")
    assert [row["result"] for row in found["value"]] == [40.0]
    assert found["@iot.count"] == 3


@pytest.mark.requirement("request-data/expand")
def test_related_entities_are_written_out_at_any_depth_with_options_of_their_own(get):
    options = (
        "$expand=Datastreams($select=name;$orderby=id desc;$expand=Observations($top=1;$orderby=phenomenonTime desc;"
        "$count=true),ObservedProperty),Locations"
    )
    one = get("Things('air%3AArts-Loi')", options)
    assert "Datastreams@iot.navigationLink" not in one
    assert one["Locations"][0]["location"] == {"type": "Point", "coordinates": [4.369, 50.845]}
    ozone, dioxide = one["Datastreams"]
    assert set(dioxide) == {"name", "Observations", "Observations@iot.count", "Observations@iot.nextLink",
                            "ObservedProperty"}  # fmt: skip
    assert ozone["ObservedProperty"]["name"] == "ozone"
    assert [row["result"] for row in dioxide["Observations"]] == [2e-8]
    assert dioxide["Observations@iot.count"] == 4
    onward = dioxide["Observations@iot.nextLink"].removeprefix(f"{ROOT}/")
    path, _, rest = onward.partition("?")
    assert [row["result"] for row in get(path, rest.replace("%20", " "))["value"]] == [None]


def test_an_expansion_may_be_written_as_a_way(get):
    one = get("Things('air%3AArts-Loi')", "$expand=Datastreams/Sensor,Datastreams/ObservedProperty")
    assert [(row["Sensor"]["name"], row["ObservedProperty"]["name"]) for row in one["Datastreams"]] == [
        ("analyser", "nitrogen_dioxide"), ("analyser", "ozone"),
    ]  # fmt: skip


@pytest.mark.requirement("request-data/select")
def test_only_what_is_selected_is_told(get):
    assert get("Things", "$select=name&$top=1")["value"] == [{"name": "Arts-Loi"}]
    one = get("Things('bus%3A12')", "$select=id,Datastreams")
    assert one == {"@iot.id": "bus:12", "Datastreams@iot.navigationLink": f"{ROOT}/Things('bus:12')/Datastreams"}
    assert "has no 'colour'" in get("Things", "$select=colour", status=400)["detail"]


@pytest.mark.requirement("request-data/orderby")
def test_an_order_goes_up_or_down_and_by_more_than_one(ids):
    assert ids("Things", "$orderby=name") == ["air:Arts-Loi", "count:A", "bus:12"]
    assert ids("Things", "$orderby=name desc")[0] == "bus:12"
    assert ids("Datastreams", "$orderby=Thing/name desc,ObservedProperty/name desc")[2:] == [
        "air:Arts-Loi/ozone", "air:Arts-Loi/nitrogen_dioxide",
    ]  # fmt: skip


def test_the_newest_of_all_datastreams_come_first_and_the_oldest_too(get):
    newest = get("Observations", "$orderby=phenomenonTime desc&$top=3")["value"]
    assert [row["result"] for row in newest] == [12.0, 2e-8, 90.0]
    oldest = get("Observations", "$orderby=phenomenonTime asc&$top=4&$skip=2")["value"]
    assert [row["result"] for row in oldest] == [0.0, 6e-8, None, None]


@pytest.mark.requirement("request-data/top")
def test_top_bounds_a_page(get):
    assert len(get("Things", "$top=2")["value"]) == 2
    assert get("Things", "$top=0")["value"] == []
    assert "expected a whole number" in get("Things", "$top=-1", status=400)["detail"]


@pytest.mark.requirement("request-data/skip")
def test_skip_leaves_the_first_out(ids):
    assert ids("Things", "$skip=2") == ["count:A"]
    assert ids("Things", "$skip=9") == []


@pytest.mark.requirement("request-data/count")
def test_count_tells_how_many_there_are_whatever_the_page(get):
    assert get("Things", "$count=true&$top=1")["@iot.count"] == 3
    assert get("Observations", "$count=true&$top=1")["@iot.count"] == 10
    assert "@iot.count" not in get("Things", "$count=false")


@pytest.mark.requirement("request-data/pagination")
@pytest.mark.parametrize("first", ["Observations?$top=3", "Observations?$top=3&$orderby=phenomenonTime%20desc",
                                   "Observations?$top=4&$filter=result%20ne%20null&$orderby=result",
                                   "Datastreams?$top=3&$filter=length(name)%20gt%203"])  # fmt: skip
def test_the_link_to_the_next_page_leads_through_all_of_them_once(web, get, first):
    path, _, options = first.partition("?")
    everything = "$top=1000" + options.replace("%20", " ").removeprefix("$top=3").removeprefix("$top=4")
    whole = [one["@iot.id"] for one in get(path, everything)["value"]]
    seen, at = [], f"{ROOT}/{first}"
    while at:
        page = web.get(at).json()
        seen += [one["@iot.id"] for one in page["value"]]
        at = page.get("@iot.nextLink")
    assert seen == whole
    assert len(set(seen)) == len(seen) > 3


@pytest.mark.requirement("request-data/filter")
def test_a_filter_asks_for_properties_of_the_entity_of_those_related_and_of_json(ids):
    assert ids("Things", "$filter=name eq 'Arts-Loi'") == ["air:Arts-Loi"]
    assert ids("Things", "$filter=name eq 'It''s bus 12'") == ["bus:12"]
    assert ids("Things", "$filter=properties/floor eq 2") == ["air:Arts-Loi"]
    assert ids("Things", "$filter=properties/street eq null") == ["bus:12"]
    assert ids("Datastreams", "$filter=Thing/properties/street eq 'Rue Belliard'") == ["count:A/vehicle_count"]
    assert ids("Things", "$filter=Datastreams/ObservedProperty/name eq 'ozone'") == ["air:Arts-Loi"]
    assert ids("Things", "$filter=Locations/id eq 'count:A'") == ["count:A"]
    assert ids("Datastreams", "$filter=phenomenonTime gt 2026-11-27T03:30:00Z") == ["count:A/vehicle_count"]
    assert ids("Datastreams", "$filter=unitOfMeasurement/symbol eq 'm'") == ["bus:12/route_distance"]


@pytest.mark.requirement("request-data/built-in-filter-operations")
@pytest.mark.parametrize(
    ("words", "results"),
    [  # table 23, on the counts 0, (3 hidden), 40, 90, 12
        ("result eq 40", [40]), ("result ne 40", [0, None, 90, 12]), ("result gt 40", [90]), ("result ge 40", [40, 90]),
        ("result lt 12", [0]), ("result le 12", [0, 12]), ("result gt 5 and result lt 50", [40, 12]),
        ("result eq 0 or result eq 90", [0, 90]), ("not (result gt 5)", [0, None]), ("not result gt 5", [0, None]),
        ("result add 2 eq 42", [40]), ("result sub 2 eq 10", [12]), ("result mul 2 eq 180", [90]),
        ("result div 4 eq 10", [40]), ("result mod 9 eq 3", [12]), ("(result add 1) mul 2 eq 26", [12]),
        ("1 add result mul 2 eq 25", [12]), ("result eq 0 or result eq 40 and result lt 1", [0]),
        ("12 le result", [40, 90, 12]), ("result eq -0", [0]), ("result eq 1.2e1", [12]), ("result eq null", [None]),
    ],
)  # fmt: skip
def test_operators_do_what_they_say_and_bind_as_odata_has_it(get, words, results):
    assert [row["result"] for row in get(COUNT + "/Observations", f"$filter={words}")["value"]] == results


@pytest.mark.requirement("request-data/built-in-query-functions")
@pytest.mark.parametrize(
    ("words", "many"),
    [  # table 24, of the three things and their places
        ("substringof('bus',name)", 1), ("endswith(name,'Loi')", 1), ("startswith(name,'Counter')", 1),
        ("length(name) eq 8", 1), ("indexof(name,'Loi') eq 5", 1), ("substring(name,5) eq 'Loi'", 1),
        ("substring(name,0,4) eq 'Arts'", 1), ("tolower(name) eq 'arts-loi'", 1), ("toupper(name) eq 'COUNTER A'", 1),
        ("trim(concat(name,'  ')) eq 'Counter A'", 1), ("concat(concat(name,', '),name) eq 'Counter A, Counter A'", 1),
        ("round(properties/floor div 4) eq 1", 1), ("floor(properties/floor div 4) eq 0", 1),
        ("ceiling(properties/floor div 4) eq 1", 1), ("now() gt 2026-01-01T00:00:00Z", 3),
        ("mindatetime() lt maxdatetime()", 3),
        ("geo.distance(Locations/location,geography'POINT (4.35 50.84)') lt 0.015", 1),
        ("geo.intersects(Locations/location,geography'POLYGON ((4.3 50.8,4.36 50.8,4.36 50.9,4.3 50.9,4.3 50.8))')", 1),
        ("geo.length(geography'LINESTRING (0 0,3 4)') eq 5", 3),
        ("st_within(Locations/location,geography'POLYGON ((4.3 50.8,4.4 50.8,4.4 50.9,4.3 50.9,4.3 50.8))')", 2),
        ("st_equals(Locations/location,geography'POINT (4.35 50.85)')", 1),
        ("st_disjoint(Locations/location,geography'POINT (4.35 50.85)')", 1),
        ("st_touches(Locations/location,geography'LINESTRING (4.35 50.85,5 50)')", 1),
        ("st_overlaps(geography'POLYGON ((0 0,2 0,2 2,0 0))',geography'POLYGON ((1 0,3 0,3 2,1 0))')", 3),
        ("st_crosses(geography'LINESTRING (0 0,2 2)',geography'LINESTRING (0 2,2 0)')", 3),
        ("st_intersects(Locations/location,geography'LINESTRING (4.35 50.85,5 50)')", 1),
        ("st_contains(geography'POLYGON ((4.3 50.8,4.4 50.8,4.4 50.9,4.3 50.9,4.3 50.8))',Locations/location)", 2),
        ("st_relate(Locations/location,geography'POINT (4.35 50.85)','T********')", 1),
    ],
)  # fmt: skip
def test_functions_of_texts_numbers_and_places_do_what_they_say(get, words, many):
    assert get("Things", f"$filter={words}&$count=true")["@iot.count"] == many


@pytest.mark.parametrize(
    ("words", "results"),
    [
        ("hour(phenomenonTime) eq 2", [40]), ("day(phenomenonTime) eq 27", [0, None, 40, 90, 12]),
        ("month(phenomenonTime) eq 11 and year(phenomenonTime) eq 2026 and hour(resultTime) eq 0", [0]),
        ("minute(phenomenonTime) eq 0 and second(phenomenonTime) eq 0 and hour(phenomenonTime) eq 3", [90]),
        ("fractionalseconds(phenomenonTime) ne 0", []), ("totaloffsetminutes(phenomenonTime) ne 0", []),
        ("time(phenomenonTime) gt 02:30:00", [90, 12]), ("date(phenomenonTime) eq 2026-11-28", []),
        ("phenomenonTime add duration'PT1H' eq 2026-11-27T03:00:00Z", [40]),
        ("phenomenonTime sub 2026-11-27T00:00:00Z gt duration'PT3H'", [12]),
        ("phenomenonTime ge 2026-11-27T01:00:00Z and phenomenonTime lt 2026-11-27T03:00:00Z", [None, 40]),
        ("phenomenonTime ge 2026-11-27T04:00:00+01:00", [90, 12]), ("2026-11-27T03:00:00Z lt phenomenonTime", [12]),
        ("phenomenonTime eq 2026-11-27T02:00:00.000Z", [40]), ("phenomenonTime lt 1950-01-01T00:00:00Z", []),
        ("phenomenonTime le 9999-12-31T23:59:59Z and result gt 50", [90]),
    ],
)  # fmt: skip
def test_functions_of_times_do_what_they_say(web, words, results):
    found = web.get(f"{PREFIX}/{COUNT}/Observations", params={"$filter": words})
    assert [row["result"] for row in found.json()["value"]] == results


def test_a_range_of_time_and_a_datastream_are_asked_of_the_store_and_nothing_else_is_read(get, store, monkeypatch):
    asked = []
    window = store.window

    def watched(stream, start, end, limit=None, newest_first=False):
        asked.append((stream, start, end))
        return window(stream, start, end, limit, newest_first)

    monkeypatch.setattr(store, "window", watched)
    when = "phenomenonTime ge 2026-11-27T02:00:00Z and phenomenonTime lt 2026-11-27T03:00:00Z"
    which = "Datastream/ObservedProperty/name eq 'vehicle_count' and result gt 20"
    rows = get("Observations", f"$filter={which} and {when}")["value"]
    assert [row["result"] for row in rows] == [40.0]
    assert asked == [("count:A/vehicle_count", START + 2 * HOUR, START + 3 * HOUR)]


def test_a_question_that_would_read_too_many_rows_is_refused(get, monkeypatch):
    monkeypatch.setattr("viewer.server.sensorthings.observations.LOOKED_AT", 5)
    assert "bound phenomenonTime" in get("Observations", "$filter=result gt 1000", status=422)["detail"]
    # rows of all expansions of an answer count together: 4 and 1 of the air, and 5 counts
    assert (
        "bound phenomenonTime"
        in get("Datastreams", "$expand=Observations($filter=result gt 1e9)", status=422)["detail"]
    )
    monkeypatch.setattr("viewer.server.sensorthings.answers.ENTITIES", 5)
    assert "more than 5 entities" in get("Observations", "$top=6", status=422)["detail"]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("name eq 'open", "character 9"), ("(name eq 'a'", "character 13"), ("name eq 'a')", "character 12"),
        ("colour eq 1", "no 'colour'"), ("nosuch(name)", "no function 'nosuch'"), ("length(name,2) eq 1", "takes 1"),
        ("name", "true or false"), ("name add 1 eq 2", "expected a number, got a text"), ("Datastreams eq 1", "/id"),
        ("Datastreams/Observations/result gt 1", "ask for Observations"), ("length(1) eq 1", "expected a text"),
        ("now() gt 2026-11-27T00:00:00", "no zone"), ("now() gt 2026-13-01", "month"), ("1 div 0 eq 1", "by 0"),
        ("geo.distance(Locations/location,geography'POINT (x)') lt 1", "well-known text"),
        ("(" * 30 + "name eq 'a'" + ")" * 30, "nested deeper"), ("name eq 'a' " * 2, "expected the end"),
        ("now() add duration'P999999D' gt now() and year(now() add duration'P999999D' mul 1000) eq 1", "beyond"),
        ("x" * 9000, "characters"), ("", "expected a property"),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_says_where_and_what(get, words, place):
    assert place in get("Things", f"$filter={words}", status=400)["detail"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("$expand=Nothing", "no 'Nothing'"), ("$expand=Datastreams($top=x)", "whole number"),
        ("$expand=Datastreams($top=1", "';'"), ("$expand=Datastreams($top=1;$top=2)", "twice"),
        ("$expand=Datastreams($filter=colour eq 1)", "no 'colour'"), ("$expand=Datastreams($x=1)", "no option"),
        ("$count=maybe", "true or false"), ("$orderby=name up", "expected the end"), ("$top=1&$top=2", "twice"),
        ("$resultFormat=dataArray", "only Observations"),
        ("$expand=" + "Datastreams/Thing/" * 30 + "Datastreams", "deeper"),
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_read_says_why(get, options, words):
    assert words in get("Things", options, status=400)["detail"]


def test_what_is_asked_of_a_collection_cannot_be_asked_of_one_entity(get):
    assert "one entity" in get("Things('bus%3A12')", "$filter=name eq 'x'", status=400)["detail"]


def test_a_chain_of_conditions_is_as_long_as_it_likes(ids):
    chain = " or ".join(f"name eq '{i}'" for i in range(300))
    assert ids("Things", f"$filter={chain}") == []
