"""Lists of trees in anybody's columns, and the register of remarkable trees."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from numpy.testing import assert_allclose

from twin.city import TREE_COLUMNS, CityError
from twin.formats import remarkable_trees, tree_lists
from twin.formats.tree_files import read_trees
from twin.formats.tree_records import metres, year

TO_DEGREES = pyproj.Transformer.from_crs("EPSG:31370", "EPSG:4326", always_xy=True)


def _csv(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_a_french_list_in_lambert_72_is_read_by_its_headers(tmp_path: Path) -> None:
    path = _csv(
        tmp_path / "arbres.csv",
        "Numéro;X_Lambert;Y_Lambert;Essence;Hauteur (m);Circonférence_cm;Diamètre couronne;Année plantation\n"
        "A12;148500,5;170500;Tilia cordata;12,5;94,2;8;1998\n"
        "A13;148510;170500;Érable plane;;;;\n",
    )
    found = read_trees(path)
    assert list(found.index) == ["tree_list_A12", "tree_list_A13"]
    row = found.loc["tree_list_A12"]
    assert (row.height, row.crown_diameter, row.planted, row.source) == (12.5, 8.0, 1998.0, "list")
    assert row.trunk_diameter == pytest.approx(0.942 / np.pi)
    assert row.assumed == "crown_base"
    assert row.geometry.coords[0] == (148500.5, 170500.0)
    assert found.loc["tree_list_A13", "assumed"] == "height crown_diameter crown_base trunk_diameter"


def test_a_dutch_list_in_degrees_and_windows_letters_is_read_too(tmp_path: Path) -> None:
    longitude, latitude = TO_DEGREES.transform(148500, 170500)
    text = f"boomid\tlongitude\tlatitude\tboomsoort\tstamomtrek\n7\t{longitude}\t{latitude}\tRuwe berk, é\t47\n"
    tally: dict[str, int] = {}
    row = read_trees(_csv(tmp_path / "bomen.csv", text, "cp1252"), tally=tally).loc["tree_list_7"]
    assert_allclose(row.geometry.coords[0], (148500, 170500), atol=0.01)
    assert row.trunk_diameter == pytest.approx(0.47 / np.pi)
    assert tally["girth read as centimetres"] == 1


def test_an_open_data_portal_writes_latitude_first(tmp_path: Path) -> None:
    longitude, latitude = TO_DEGREES.transform(148500, 170500)
    path = _csv(tmp_path / "a.csv", f'id,geo_point_2d,name\n1,"{latitude}, {longitude}",Prunus\n2,,Prunus\n')
    tally: dict[str, int] = {}
    found = read_trees(path, tally=tally)
    assert_allclose(found.geometry.iloc[0].coords[0], (148500, 170500), atol=0.01)
    assert tally == {"read": 2, "without a place": 1, **{f"assumed {what}": 1 for what in
                     ("height", "crown_diameter", "crown_base", "trunk_diameter")}}  # fmt: skip


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv", "oost,noord,wat,dik_mm\n148500,170500,zomereik,400\n")
    found = read_trees(path, columns={"x": "oost", "y": "noord", "species": "wat", "trunk_diameter": "dik_mm"})
    assert found.iloc[0].trunk_diameter == pytest.approx(0.4)
    assert found.iloc[0].species == "zomereik"


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        ("a,b\n1,2\n", {}, r"a\.csv: has no columns for the place among a, b; name them"),
        ("x,y\n", {}, "has no tree"),
        ("x,y\n1,2\n", {"colour": "x"}, "a tree has no 'colour'; name one of x, y"),
        ("x,y\n1,2\n", {"species": "soort"}, "has no column 'soort', only x, y"),
        ("x,y\nhere,there\n", {}, "no tree has a place"),
        ("x,y\n50.85,4.35\n", {}, "swapped"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(tmp_path: Path, text: str, columns: dict[str, str], words: str) -> None:
    with pytest.raises(CityError, match=words):
        tree_lists.read_trees(_csv(tmp_path / "a.csv", text), columns=columns)


def test_a_figure_that_cannot_be_is_counted_and_assumed(tmp_path: Path) -> None:
    path = _csv(
        tmp_path / "a.csv", "x,y,height,dbh_cm\n148500,170500,900,30\n148509,170500,tall,30\n148518,170500,0,\n"
    )
    tally: dict[str, int] = {}
    found = read_trees(path, tally=tally)
    assert tally["height not understood"] == 2
    assert all("height" in words for words in found["assumed"])


def test_a_geojson_list_that_is_no_map_is_a_list(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": TO_DEGREES.transform(148500, 170500)}
    properties = {"ref": 5, "soort": "Fagus sylvatica", "omtrek_cm": 310, "plantjaar": "1880"}
    document = {"type": "FeatureCollection", "features": [{"properties": properties, "geometry": point}]}
    (tmp_path / "a.geojson").write_text(json.dumps(document))
    row = read_trees(tmp_path / "a.geojson").iloc[0]
    assert (row.species, row.planted, row.source) == ("Fagus sylvatica", 1880.0, "list")
    assert row.trunk_diameter == pytest.approx(3.1 / np.pi)


def _register(path: Path, **more: Any) -> Path:
    longitude, latitude = TO_DEGREES.transform(148503, 170504)
    entry = {"register_id": "447", "species": "Aesculus", "crown_m": 20, "longitude": longitude, "latitude": latitude}
    path.write_bytes(gzip.compress(json.dumps({"entries": [entry | more]}).encode()))
    return path


def test_the_register_of_remarkable_trees_gives_crowns_and_trunks(tmp_path: Path) -> None:
    row = read_trees(_register(tmp_path / "trees.json.gz", girth_cm=316)).loc["tree_heritage_447"]
    assert (row.crown_diameter, row.species, row.source) == (20.0, "Aesculus", "heritage")
    assert row.trunk_diameter == pytest.approx(3.16 / np.pi)
    assert row.assumed == "height crown_base"
    assert_allclose(row.geometry.coords[0], (148503, 170504), atol=2e-3)


def test_an_entry_without_a_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(CityError, match="entry 0 of the register is not a tree with a place"):
        read_trees(_register(tmp_path / "trees.json.gz", latitude=None))
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(CityError, match="no list named entries"):
        remarkable_trees.read_trees(tmp_path / "other.json")


def test_lengths_and_years_are_read_as_people_write_them() -> None:
    texts = ["12 m", "12,5", "30 ft", "85 cm", "~ 9", "0", "-3", "900", "tall", "", None]
    assert [metres(text, 60.0) for text in texts] == [12.0, 12.5, 9.144, 0.85, 9.0, *[None] * 6]
    years = ["2021", "2021-11-30", "1880s", "in 1880", "20211", "", None]
    assert [year(text) for text in years] == [2021, 2021, 1880, None, None, None, None]


@pytest.mark.data
def test_the_582_remarkable_trees_all_have_a_trunk(reference_data: Path) -> None:
    tally: dict[str, int] = {}
    found = read_trees(reference_data / "city" / "remarkable_trees_heritage_2026.json.gz", tally=tally)
    assert len(found) == tally["read"] == 582  # SOURCES.md
    assert "assumed trunk_diameter" not in tally
    assert set(found.columns) == {*TREE_COLUMNS, "geometry"}
    assert found["height"].between(2, 35).all()
