"""CityJSON of all shapes: parts, levels, versions, with and without CRS; and back again."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from twin.cadastre import assemble
from twin.city import CityError
from twin.formats import cityjson
from twin.formats.buildings import read_buildings
from twin.imports import import_city


def _write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def test_parts_are_merged_into_their_building(houses):
    document = houses.cityjson({"a": houses.gable(), "p": houses.block(x=30)})
    document["CityObjects"]["p"] |= {"type": "BuildingPart", "parents": ["a"]}
    document["CityObjects"]["a"]["children"] = ["p"]
    made = assemble([cityjson.parse("drawn", document)])
    assert list(made.table.index) == ["a"]
    assert made.table.loc["a", "volume"] == pytest.approx(600 + 480)


def test_highest_level_of_detail_is_taken_and_level_0_never(houses):
    document = houses.cityjson({"a": houses.gable(), "b": houses.block(x=30)})
    one = document["CityObjects"]["a"]["geometry"][0]
    coarse = document["CityObjects"]["b"]["geometry"][0]
    document["CityObjects"]["a"]["geometry"] = [coarse | {"lod": "1.3"}, one | {"lod": "2.2"}, coarse | {"lod": "0.1"}]
    document["CityObjects"]["b"]["geometry"][0]["lod"] = "0"
    part = cityjson.parse("drawn", document)
    assert part.ids == ["a"]
    assert len(part.kind) == 7
    assert [(one.id, one.reason) for one in part.refused] == [("b", "has no surface above LoD 0")]


def test_solid_and_composite_surface_without_semantics_get_kinds_from_their_normals(houses):
    document = houses.cityjson({"a": houses.gable(), "b": houses.block(x=30)})
    first, second = (document["CityObjects"][name]["geometry"][0] for name in "ab")
    first |= {"type": "Solid", "boundaries": [first["boundaries"]], "semantics": {}}
    second |= {"type": "CompositeSurface", "semantics": None}
    plain = assemble([cityjson.parse("drawn", document)])
    known = assemble([cityjson.parse("drawn", houses.cityjson({"a": houses.gable(), "b": houses.block(x=30)}))])
    np.testing.assert_array_equal(plain.surfaces.kind, known.surfaces.kind)


def test_file_without_crs_in_brussels_is_taken_for_lambert_72_and_says_so(houses):
    made = assemble([cityjson.parse("drawn", houses.cityjson({"a": houses.gable()}, crs=None))])
    assert any("states no CRS" in note for note in made.notes)


def test_cityjson_written_and_read_again_is_the_same_city(houses, tmp_path):
    source = _write(
        tmp_path / "a.city.json",
        houses.cityjson(
            {"a": houses.gable(), "b": houses.block(x=10)}, a={"name": "Maison", "function": "residential"}
        ),
    )
    city, _ = import_city(source)
    cityjson.write(city, tmp_path / "again.city.json.gz")
    again, _ = import_city(tmp_path / "again.city.json.gz")
    assert again.part_digest("surfaces") == city.part_digest("surfaces")
    kept = ["ground_z", "ridge_height", "eaves_height", "roof_area", "volume", "storeys", "use", "name"]
    assert again.buildings[kept].equals(city.buildings[kept])
    document = json.loads(json.dumps(cityjson.to_document(city)))
    assert document["version"] == "2.0"
    assert document["metadata"]["referenceSystem"].endswith("/6190")
    assert document["CityObjects"]["a"]["geometry"][0]["type"] == "Solid"


def test_demo_city_says_so_in_its_export(houses, tmp_path):
    city, _ = import_city(_write(tmp_path / "a.city.json", houses.cityjson({"a": houses.gable()})))
    title = cityjson.to_document(city.with_(demo=True))["metadata"]["title"]
    assert "demo data, not the cadastre" in title


def test_zip_of_one_cityjson_is_read(houses, tmp_path):
    path = tmp_path / "a.city.json.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.city.json", json.dumps(houses.cityjson({"a": houses.gable()})))
    assert read_buildings(path).ids == ["a"]


def test_broken_geometry_refuses_its_building_and_keeps_the_rest(houses):
    document = houses.cityjson({"a": houses.gable(), "b": houses.gable(x=30), "c": houses.gable(x=60)})
    document["CityObjects"]["b"]["geometry"][0]["boundaries"][0][0][0] = 10_000
    document["CityObjects"]["c"]["geometry"][0]["boundaries"] = "nonsense"
    part = cityjson.parse("drawn", document)
    assert part.ids == ["a"]
    assert [one.id for one in part.refused] == ["b", "c"]
    assert "vertex 10000" in part.refused[0].reason


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "FeatureCollection"}, "expected"),
        ({"version": "3.7"}, "reads 1.0 to 2.0"),
        ({"vertices": [[1, 2]]}, "rows of three numbers"),
        ({"CityObjects": {}}, "none is a Building"),
        ({"CityObjects": None}, "lacks CityObjects"),
    ],
)
def test_wrong_head_is_refused_with_the_reason(houses, change, words):
    with pytest.raises(CityError, match=words):
        cityjson.parse("drawn", houses.cityjson({"a": houses.gable()}) | change)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "buildings", "epsg"),
    [
        ("DenHaag_01.city.json.zip", 844, "EPSG:7415"),
        ("delft.city.json.gz", 160, "EPSG:7415"),
        ("rotterdam_subset.city.json.gz", 16, None),
        ("zurich_subset_lod2.city.json.gz", 49, "EPSG:2056"),
        ("multi_lod.city.json.gz", 10, None),
    ],
)
def test_other_cities_are_read_only_when_asked_for(reference_data: Path, name, buildings, epsg):
    part = read_buildings(reference_data / "fallback" / name)
    assert (len(part.ids), part.crs) == (buildings, epsg)
    with pytest.raises(CityError, match="outside Belgium"):
        assemble([part])
    assert len(assemble([part], anywhere=True).table) == buildings


def test_export_to_an_impossible_place_is_one_clear_error(houses, tmp_path):
    city, _ = import_city(_write(tmp_path / "a.city.json", houses.cityjson({"a": houses.gable()})))
    with pytest.raises(CityError, match="cannot be written"):
        cityjson.write(city, tmp_path / "a.city.json" / "under_a_file.json")
