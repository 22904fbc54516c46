"""Items of the city: every rule of the schema, both clocks, both files, and the demo district's own."""

import json
import time
from datetime import UTC, date, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.quantities import LANGUAGES
from scenarios.library import ready
from twin.city import CityError
from twin.city_layer_files import as_geojson, parse, read_items, write_items
from twin.city_layers import FIELDS, KINDS, NEEDED, STATUSES, Known, moment
from twin.demo.build import demo_city
from twin.demo.items import demo_items
from twin.key_figures import DOMAINS

GOOD = {
    "id": "E1", "kind": "event", "status": "planned", "title_fr": "Braderie", "title_nl": "Braderij",
    "title_en": "Street sale", "source": "Ville",
}  # fmt: skip
HERE = {"type": "Point", "coordinates": [4.34745, 50.8449]}
BOWTIE = [[[4.34, 50.84], [4.35, 50.85], [4.35, 50.84], [4.34, 50.85], [4.34, 50.84]]]
SQUARE = [[[4.345, 50.845], [4.346, 50.845], [4.346, 50.846], [4.345, 50.846], [4.345, 50.845]]]
AREA = shapely.box(148_000, 170_000, 149_000, 171_000)  # tile 148170


def geojson(*rows, places=None):
    features = [
        {"type": "Feature", "geometry": place, "properties": row}
        for row, place in zip(rows, places or [HERE] * len(rows), strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def faults(row, place=HERE, **more):
    found = parse(geojson(row, places=[place]), ".geojson", **more)
    assert not found.items
    return [(one.line, one.field) for one in found.faults]


def utc(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000_000


def test_words_are_in_all_languages():
    for words in (*KINDS.values(), *(each for one in STATUSES.values() for each in one.values())):
        assert set(words) == set(LANGUAGES)
    assert set(STATUSES) == set(KINDS)
    assert set(NEEDED) <= set(FIELDS)


def test_a_row_with_what_is_needed_is_an_item():
    (one,) = parse(geojson(GOOD), ".geojson").items
    assert (one.id, one.kind, one.status, one.title["nl"], one.source) == (
        "E1",
        "event",
        "planned",
        "Braderij",
        "Ville",
    )
    # what is not told is not known: no date, no budget of zero
    assert np.isnan(one.budget)
    assert one.starts is None
    # the middle of tile 148170, whose corners SOURCES.md gives in both systems to 0.0001 degree
    assert (one.place.x, one.place.y) == pytest.approx((148_498.0, 170_498.0), abs=15.0)


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_needed_is_needed(name):
    assert (1, name) in faults(GOOD | {name: ""})


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"kind": "party"}, "kind"),
        ({"status": "adopted"}, "status"),
        ({"domain": "weather"}, "domain"),
        ({"budget_eur": "1.250.000"}, "budget_eur"),
        ({"budget_eur": -5}, "budget_eur"),
        ({"budget_eur": "nan"}, "budget_eur"),
        ({"starts": "27/11/2026"}, "starts"),
        ({"starts": "2026-02-30"}, "starts"),
        ({"starts": "0202-11-27"}, "starts"),
        ({"starts": "2026-11-27", "ends": "2026-11-26"}, "ends"),
        ({"text_fr": "Seul"}, "text_nl"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"demo": "perhaps"}, "demo"),
        ({"scenario": "nowhere"}, "scenario"),
        ({"building": "B9"}, "building"),
        ({"title_fr": {"a": 1}}, "title_fr"),
    ],
)
def test_a_field_that_cannot_be_is_told(wrong, name):
    known = Known(frozenset({"heat_day"}), frozenset({"B1"}))
    assert faults(GOOD | wrong, known=known) == [(1, name)]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (None, "every item has a place"),
        ({"type": "Point", "coordinates": [50.8449, 4.34745]}, "latitude first"),
        ({"type": "Point", "coordinates": [148_498, 170_498]}, "not in degrees"),
        ({"type": "Point", "coordinates": ["a", "b"]}, "cannot be read"),
        ({"type": "Blob"}, "cannot be read"),
        ({"type": "Point"}, "cannot be read"),
        ({"type": "Polygon", "coordinates": BOWTIE}, "Self-intersection"),
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_is_told(place, words):
    found = parse(geojson(GOOD, places=[place]), ".geojson")
    (fault,) = found.faults
    assert (fault.line, fault.field, found.items) == (1, "geometry", ())
    assert words in fault.words


def test_a_bad_row_costs_itself_alone():
    rows = [GOOD, GOOD | {"id": "E2", "kind": "party"}, GOOD | {"id": "E3"}, GOOD]
    found = parse(geojson(*rows), ".geojson")
    assert [one.id for one in found.items] == ["E1", "E3"]
    assert [(one.line, one.field) for one in found.faults] == [(2, "kind"), (4, "id")]


def test_places_are_cut_to_the_city():
    inside, across, outside = [4.345, 50.845], [[4.345, 50.845], [4.40, 50.845]], [4.40, 50.845]
    places = [
        {"type": "Point", "coordinates": inside},
        {"type": "LineString", "coordinates": across},
        {"type": "Point", "coordinates": outside},
    ]
    found = parse(geojson(*(GOOD | {"id": str(i)} for i in range(3)), places=places), ".geojson", AREA)
    assert [one.id for one in found.items] == ["0", "1"]
    assert (found.outside, found.cut) == (1, 1)
    assert found.items[1].place.bounds[2] == pytest.approx(149_000.0)


def test_an_area_of_which_only_an_edge_touches_the_city_is_outside():
    document = geojson(GOOD, places=[{"type": "Polygon", "coordinates": SQUARE}])
    (one,) = parse(document, ".geojson").items
    around = one.place.buffer(30.0, join_style="mitre").difference(one.place)
    assert around.touches(one.place)
    assert parse(document, ".geojson", around).outside == 1


def test_a_day_is_that_of_brussels():
    # CET is UTC + 1, CEST UTC + 2: law of the Union, directive 2000/84
    assert moment("2026-11-27") == utc(2026, 11, 26, 23)
    assert moment("2026-11-27", last=True) == utc(2026, 11, 27, 23)
    assert moment("2026-07-01T08:00") == utc(2026, 7, 1, 6)
    assert moment("2026-07-01T08:00+00:00") == utc(2026, 7, 1, 8)
    assert moment("2026-07-01T08:00Z") == utc(2026, 7, 1, 8)


def test_days_on_which_the_clock_changes_have_23_and_25_hours():
    hour = 3600 * 1_000_000_000
    assert moment("2026-03-29", last=True) - moment("2026-03-29") == 23 * hour
    assert moment("2026-10-25", last=True) - moment("2026-10-25") == 25 * hour


@pytest.mark.parametrize(("text", "words"), [("2026-10-25T02:30", "twice"), ("2026-03-29T02:30", "never")])
def test_a_moment_that_the_clock_shows_twice_or_never_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        moment(text)
    assert moment("2026-10-25T02:30+01:00") - moment("2026-10-25T02:30+02:00") == 3600 * 1_000_000_000


def test_an_item_holds_from_its_start_and_before_its_end():
    (one,) = parse(geojson(GOOD | {"starts": "2026-11-27", "ends": "2026-11-27"}), ".geojson").items
    assert [one.holds(utc(2026, 11, day, hour)) for day, hour in ((26, 22), (26, 23), (27, 22), (27, 23))] == [
        False, True, True, False,
    ]  # fmt: skip
    (open_end,) = parse(geojson(GOOD), ".geojson").items
    assert open_end.holds(0)


CSV = """id;kind;status;title_fr;title_nl;title_en;source;longitude;latitude;colour
E1;event;planned;"Fête
du quartier";Feest;Party;Ville;4.34745;50.8449;red
E2;event;planned;a;b;c;Ville;4,34745;50.8449;red
E3;event;planned;a;b;c;Ville;4.34745;50.8449
E4;event;soon;a;b;c;Ville;4.34745;50.8449;red
"""


def test_a_csv_tells_its_faults_by_line():
    found = parse(("\ufeff" + CSV).encode(), ".csv")
    assert [one.id for one in found.items] == ["E1"]
    assert found.items[0].title["fr"] == "Fête\ndu quartier"
    # the first row goes over two lines
    assert [(one.line, one.field) for one in found.faults] == [
        (1, "colour"), (4, "geometry"), (5, "geometry"), (6, "status"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "suffix", "words"),
    [
        ("<html>", ".geojson", "no JSON.*<html>"),
        ("[]", ".geojson", "no FeatureCollection"),
        ('{"features": [], "crs": "EPSG:31370"}', ".geojson", "WGS84"),
        ("id,kind\n", ".csv", "status.*longitude"),
        ("", ".csv", "has no column"),
        (b"\xff\xfe", ".csv", "UTF-8"),
        ("", ".xlsx", "not '.xlsx'"),
    ],
)
def test_what_is_no_such_file_is_refused(payload, suffix, words):
    with pytest.raises(CityError, match=words):
        parse(payload, suffix)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CityError, match="cannot be read"):
        read_items(tmp_path / "none.csv")


@pytest.fixture(scope="module")
def district():
    return demo_city(size=400.0)


def same(one, other):
    plain = [{**vars(each), "place": None, "title": dict(each.title), "text": dict(each.text)} for each in (one, other)]
    for each in plain:
        each["budget"] = None if np.isnan(each["budget"]) else each["budget"]
    # seven decimals of a degree are 11 mm
    return plain[0] == plain[1] and shapely.hausdorff_distance(one.place, other.place) < 0.02


@pytest.mark.parametrize("suffix", [".geojson", ".csv"])
def test_demo_items_are_read_as_written(district, tmp_path, suffix):
    items = demo_items(district, date(2026, 11, 27))
    write_items(tmp_path / f"items{suffix}", items)
    known = Known(frozenset(ready()), frozenset(district.buildings.index))
    found = read_items(tmp_path / f"items{suffix}", shapely.box(*district.bounds).buffer(1.0), known)
    assert found.faults == ()
    assert (found.outside, found.cut) == (0, 0)
    assert all(same(one, other) for one, other in zip(items, found.items, strict=True))


def test_the_demo_district_has_every_kind_and_says_that_it_is_one(district):
    items = demo_items(district, date(2026, 3, 27))
    assert {one.kind for one in items} == set(KINDS)
    assert all(one.demo and "demo" in one.source for one in items)
    assert {one.domain for one in items} <= set(DOMAINS)
    ids = {one.id for one in items}
    assert len(ids) == len(items)
    assert all(one.decision in ids for one in items if one.decision)
    again = demo_items(district, date(2026, 3, 27))
    assert [one.id for one in again] == [one.id for one in items]
    for feature in as_geojson(items)["features"]:
        assert feature["properties"]["demo"] is True


def test_a_small_window_has_fewer_and_a_real_city_none(district):
    assert demo_items(demo_city(size=100.0), date(2026, 11, 27))
    with pytest.raises(CityError, match="real city"):
        demo_items(district.with_(demo=False), date(2026, 11, 27))


def test_areas_are_written_with_their_outer_ring_counter_clockwise(district):
    # RFC 7946, 3.1.6
    (first,) = [one for one in as_geojson(demo_items(district, date(2026, 11, 27)))["features"]
                if one["id"] == "DEMO-project-sponge"]  # fmt: skip
    assert shapely.LinearRing(first["geometry"]["coordinates"][0]).is_ccw


def test_ten_megabytes_are_read_in_two_seconds():
    row = GOOD | {"text_fr": "x" * 200, "text_nl": "y" * 200, "text_en": "z" * 200, "starts": "2026-11-27T08:00"}
    rows = [row | {"id": f"E{number}"} for number in range(10_900)]
    payload = geojson(*rows)
    assert len(payload) > 9_900_000
    begun = time.process_time()
    found = parse(payload, ".geojson", AREA)
    assert time.process_time() - begun < 2.0
    assert len(found.items) == 10_900


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(FIELDS)), inner, max_size=4),
    max_leaves=8,
)
PLACE = st.fixed_dictionaries({"type": st.sampled_from(["Point", "LineString", "Polygon", "x"]), "coordinates": JSON})


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.tuples(st.dictionaries(st.sampled_from(list(FIELDS)), JSON), PLACE | JSON), max_size=4))
def test_no_row_breaks_the_reader_or_the_row_beside_it(rows):
    told = [row for row, _ in rows] + [GOOD | {"id": "the good one"}]
    found = parse(geojson(*told, places=[*(place for _, place in rows), HERE]), ".geojson")
    assert "the good one" in [one.id for one in found.items]
    assert len({one.line for one in found.faults}) + len(found.items) == len(told)


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet='ab,;"\n\r\x00é1.', max_size=80))
def test_no_csv_breaks_the_reader(text):
    head = ",".join([*NEEDED, "longitude", "latitude"])
    try:
        found = parse(f"{head}\n{text}", ".csv")
    except CityError:
        return
    assert not found.items
