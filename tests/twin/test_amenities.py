"""The fifteen categories of daily life: the table itself, and places of OSM sorted by it."""

import json

import pytest
import shapely

from kernels.quantities import LANGUAGES
from twin.amenities import SOURCES, categories, category_of, category_of_value, places_of, read_places, refuse_category
from twin.city import AMENITY_COLUMNS, City, CityError, as_table


def test_there_are_fifteen_categories_with_words_a_time_and_a_source():
    assert len(categories()) == 15
    for one in categories().values():
        assert all(one.words[language] for language in LANGUAGES)
        assert one.minutes in (5.0, 10.0, 20.0)
        assert one.tags
        assert any(name in one.source for name in SOURCES)


def test_no_tag_stands_in_two_categories():
    tags = [tag for one in categories().values() for tag in one.tags]
    assert len(tags) == len(set(tags))


@pytest.mark.parametrize(
    ("tags", "category"),
    [
        ({"amenity": "childcare"}, "early_childhood"),
        ({"shop": "bakery"}, "food_shops"),
        ({"shop": "fishing"}, "other_shops"),  # no row names it: the star does
        ({"shop": "vacant"}, None),
        ({"shop": "no"}, None),
        ({"amenity": "social_facility", "social_facility": "nursing_home"}, "elderly"),
        ({"social_facility": "outreach"}, "social"),
        ({"amenity": "pharmacy", "healthcare": "pharmacy"}, "health"),
        ({"healthcare": "physiotherapist", "shop": "optician"}, "other_shops"),  # a named value goes before the star
        ({"amenity": "cinema;cafe"}, "culture"),
        ({"amenity": "parking"}, None),
        ({"highway": "bus_stop", "name": "Bourse"}, "public_transport"),
    ],
)
def test_tags_name_a_category(tags, category):
    assert category_of(tags) == category
    assert category_of(dict(reversed(tags.items()))) == category


def test_a_city_keeps_values_without_keys():
    assert category_of_value("childcare") == "early_childhood"
    assert category_of_value("park") == "green_space"
    assert category_of_value("clothes") == "other_shops"
    assert category_of_value("post_office") is None
    amenities = as_table(
        ["a", "b"], shapely.points([(149_000, 170_000), (149_010, 170_000)]), AMENITY_COLUMNS,
        category=["library", "post_office"], name=["Bib", ""],
    )  # fmt: skip
    tally: dict[str, int] = {}
    found = places_of(City("two", (149_000, 170_000, 149_100, 170_100), amenities=amenities), tally)
    assert found["category"].to_dict() == {"a": "culture"}
    assert tally == {"of no category": 1}


def square(x: float, y: float, side: float) -> list:
    return [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]]


def test_places_are_read_with_what_was_left_out(tmp_path):
    def feature(geometry, **tags):
        return {"type": "Feature", "properties": tags, "geometry": geometry}

    point = {"type": "Point", "coordinates": [149_000.0, 170_000.0]}
    park = {"type": "Polygon", "coordinates": square(149_100, 170_000, 50)}
    line = {"type": "LineString", "coordinates": [[149_000, 170_000], [149_050, 170_000]]}
    ring = {"type": "LineString", "coordinates": square(149_200, 170_000, 40)[0]}
    features = [
        feature(point, amenity="childcare", capacity="36", name="Les lutins", osm_id="n1"),
        feature(point, amenity="cafe"),
        feature(park, leisure="park"),
        feature(park, leisure="garden", access="private"),
        feature(line, highway="pedestrian"),
        feature(ring, leisure="pitch"),
        feature(point, category="recycling"),
        feature({"type": "Point", "coordinates": [150_900.0, 170_000.0]}, shop="bakery"),
    ]
    file = tmp_path / "places.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    tally: dict[str, int] = {}
    found = read_places(file, bounds=(148_900, 169_900, 149_500, 170_500), tally=tally)
    assert found["category"].tolist() == ["early_childhood", "green_space", "sport", "recycling"]
    assert found["capacity"].iloc[0] == 36
    assert found.geometry.iloc[1].area == 2500
    assert found.geometry.iloc[2].area == 1600
    assert found.index[0] == "amenity_n1"
    assert tally == {"read": 8, "of no category": 1, "not open to all": 1, "a street, no place": 1, "outside": 1}


def test_places_of_the_real_centre_fall_into_categories(reference_data):
    tally: dict[str, int] = {}
    found = read_places(reference_data / "city" / "osm_poi_centre.geojson.gz", tally=tally)
    counts = found["category"].value_counts()
    # counted in the file itself: 66 pharmacies at least, 17 kindergartens, 25 libraries, 33 supermarkets
    assert counts["health"] >= 66
    assert counts["culture"] >= 25
    assert counts["food_shops"] >= 33 + 68
    assert counts["other_shops"] > counts["food_shops"]
    assert tally["read"] == len(found) + sum(tally[words] for words in tally if words != "read")
    assert not (found["category"].isna()).any()


def test_a_category_that_is_not_there_is_refused():
    assert refuse_category("sport") == "sport"
    with pytest.raises(CityError, match="no category 'sports'; expected one of green_space"):
        refuse_category("sports")


def test_an_area_whose_outline_is_broken_is_counted_and_the_rest_is_read(reference_data):
    tally: dict[str, int] = {}
    found = read_places(reference_data / "roads" / "osm_brussels_2013-01-01.osm.pbf", tally=tally)
    assert tally["area without an outline"] == 1  # relation 2342198, whose rings cannot be joined
    # in the file: 1,231 nodes of highway=bus_stop, most of them not doubled by a platform
    assert (found["category"] == "public_transport").sum() > 1_231
    assert set(found["category"]) == set(categories())
