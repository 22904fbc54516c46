"""A city on disk: what is loaded is what was saved, or an error says why not."""

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.testing import assert_array_equal

from twin import folder
from twin.city import (
    AMENITY_COLUMNS,
    BUILDING_COLUMNS,
    COVER_COLUMNS,
    LATER_COLUMNS,
    LINK_COLUMNS,
    NODE_COLUMNS,
    TREE_COLUMNS,
    WALL_COLUMNS,
    City,
    CityError,
    Source,
    Surfaces,
    Terrain,
    as_table,
)
from twin.folder import load, read_manifest, save


def _city() -> City:
    shell = Surfaces(
        vertices=np.array([[0, 0, 1.5], [10, 0, 1.5], [10, 8, 1.5], [0, 8, 1.5]], float),
        ring_vertices=np.array([0, 1, 2, 3], np.int32),
        ring_offsets=np.array([0, 4], np.int32),
        surface_rings=np.array([0, 1], np.int32),
        kind=np.zeros(1, np.int8),
        building=np.zeros(1, np.int32),
        triangles=np.array([[0, 2, 1], [0, 3, 2]], np.int32),
        triangle_surface=np.zeros(2, np.int32),
    )
    empty = shapely.Polygon([(0, 0), (10, 0), (10, 8), (0, 8)], [[(2, 2), (3, 2), (3, 3)]])
    return City(
        "Îlot d'essai",
        (148000.125, 170000.1, 148010.7, 170020.3),
        surfaces=shell,
        buildings=as_table(
            ["b/1"], [shapely.MultiPolygon([empty])], BUILDING_COLUMNS,
            ground_z=[1.5], ridge_height=[9.1], eaves_height=[7.0], roof_area=[80.0], volume=[float("nan")],
            storeys=[2], use=["résidentiel"], name=[""], quality=["open_shell"], origin=["GML_1"],
        ),
        terrain=Terrain(np.array([[1.1, np.nan], [2.2, 3.3]], np.float32), 148000.1, 170000.3, 0.7),
        trees=as_table(
            ["t"], [shapely.Point(3, 4)], TREE_COLUMNS,
            height=[8.0], crown_diameter=[4.0], crown_base=[2.0], species=["Tilia"], assumed=["crown_base"],
        ),
        nodes=as_table(["n1", "n2"], [shapely.Point(0, 0), shapely.Point(5, 5)], {}),
        links=as_table(
            ["l"], [shapely.LineString([(0, 0), (5, 5)])], LINK_COLUMNS,
            start=["n1"], end=["n2"], kind=["residential"], name_fr=["Rue"], name_nl=["Straat"], width=[6.0], lanes=[2],
            speed=[30.0], oneway=[True], assumed=[""],
        ),
        land_cover=as_table(["c"], [shapely.box(0, 0, 1, 1)], COVER_COLUMNS, cover=["lawn"]),
        walls=as_table(["w"], [shapely.LineString([(0, 0), (1, 1)])], WALL_COLUMNS, height=[1.0]),
        amenities=as_table(["a"], [shapely.Point(1, 1)], AMENITY_COLUMNS, category=["school"], name=["École n° 1"]),
        sources=(Source("buildings", "UrbIS 3D", "CC0-1.0", "https://example.org", "2026-02-07", "ab"),),
        demo=True,
    )  # fmt: skip


def test_a_loaded_city_has_the_digest_of_the_saved_one(tmp_path: Path) -> None:
    city = _city()
    save(city, tmp_path / "city", report={"buildings": 1})
    again = load(tmp_path / "city")
    assert again.digest == city.digest
    for part in (*City.TABLES, "surfaces", "terrain"):
        assert again.part_digest(part) == city.part_digest(part), part
    assert (again.name, again.bounds, again.sources, again.demo) == (city.name, city.bounds, city.sources, city.demo)
    assert again.terrain.bounds == city.terrain.bounds
    assert_array_equal(again.terrain.elevation, city.terrain.elevation)
    for name in City.TABLES:
        found, wanted = getattr(again, name), getattr(city, name)
        assert dict(found.dtypes) == dict(wanted.dtypes), name
        assert found.crs == wanted.crs
        assert found.index.dtype == object


def test_a_folder_from_before_the_later_columns_still_opens(tmp_path: Path) -> None:
    trees = _city().trees.drop(columns=sorted(LATER_COLUMNS.keys() & TREE_COLUMNS.keys()))
    links = _city().links.drop(columns=sorted(LATER_COLUMNS.keys() & LINK_COLUMNS.keys()))
    save(_city().with_(trees=trees, links=links), tmp_path / "city")
    found = load(tmp_path / "city")
    assert set(found.trees.columns) == {*TREE_COLUMNS, "geometry"}
    assert set(found.links.columns) == {*LINK_COLUMNS, "geometry"}
    assert found.digest == read_manifest(tmp_path / "city")["digest"] == _city().digest


def test_what_the_trees_know_is_kept(tmp_path: Path) -> None:
    trees = _city().trees.assign(trunk_diameter=0.41, planted=2021.0, source="heritage osm")
    save(_city().with_(trees=trees), tmp_path / "city")
    found = load(tmp_path / "city")
    assert found.part_digest("trees") == _city().with_(trees=trees).part_digest("trees")
    assert found.trees.loc["t", ["trunk_diameter", "planted", "source"]].tolist() == [0.41, 2021.0, "heritage osm"]


def test_what_the_streets_know_of_access_signals_and_turns_is_kept(tmp_path: Path) -> None:
    city = _city()
    nodes = as_table(["n1"], [shapely.Point(0, 0)], NODE_COLUMNS, signal=[1.0], barrier=["bollard"], barred=[60.0])
    turns = pd.DataFrame({"arriving": ["l"], "via": ["n1"], "leaving": ["l"], "only": [False], "barred": [60]})
    city = city.with_(nodes=nodes, turns=turns, links=city.links.assign(forward=63.0, backward=3.0, lanes_backward=0.0))
    save(city, tmp_path / "city")
    found = load(tmp_path / "city")
    assert found.digest == city.digest
    assert found.links.loc["l", ["forward", "backward", "lanes_backward"]].tolist() == [63.0, 3.0, 0.0]
    assert found.nodes.loc["n1", ["signal", "barrier", "barred"]].tolist() == [1.0, "bollard", 60.0]
    assert found.turns.to_dict("records") == turns.to_dict("records")
    assert found.turns["arriving"].dtype == object


def test_a_city_without_terrain_and_rows_is_kept_too(tmp_path: Path) -> None:
    city = City("empty", (0.0, 0.0, 1.0, 1.0))
    save(city, tmp_path / "city")
    again = load(tmp_path / "city")
    assert again.digest == city.digest
    assert again.terrain is None
    assert dict(again.buildings.dtypes) == dict(city.buildings.dtypes)


def test_saving_again_replaces_the_city_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    save(_city(), tmp_path / "city")
    other = _city().with_(demo=False)
    save(other, tmp_path / "city")
    assert load(tmp_path / "city").digest == other.digest
    assert [one.name for one in tmp_path.iterdir()] == ["city"]


def test_the_manifest_says_what_is_inside(tmp_path: Path) -> None:
    save(_city(), tmp_path / "city", report={"refused": 2})
    found = read_manifest(tmp_path / "city")
    assert found["digest"] == _city().digest
    assert found["counts"]["buildings"] == 1
    assert found["crs"] == "EPSG:31370"
    assert found["report"] == {"refused": 2}
    assert found["sources"][0]["licence"] == "CC0-1.0"


def test_a_folder_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(CityError, match="no city folder"):
        save(_city(), tmp_path / "photos")
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"cat"


def test_a_save_that_fails_leaves_the_old_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(_city(), tmp_path / "city")

    def full(*args: object, **words: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder.np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        save(_city().with_(demo=False), tmp_path / "city")
    assert load(tmp_path / "city").digest == _city().digest
    assert [one.name for one in tmp_path.iterdir()] == ["city"]


def test_a_folder_without_a_city_is_named(tmp_path: Path) -> None:
    with pytest.raises(CityError, match=r"no city\.json"):
        load(tmp_path / "nothing")


def test_a_tampered_city_is_refused(tmp_path: Path) -> None:
    save(_city(), tmp_path / "city")
    save(_city().with_(trees=_city().trees.assign(height=99.0)), tmp_path / "other")
    (tmp_path / "other" / "trees.parquet").replace(tmp_path / "city" / "trees.parquet")
    with pytest.raises(CityError, match="digest"):
        load(tmp_path / "city")


@pytest.mark.parametrize("left", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("name", ["buildings.parquet", "surfaces.npz", "terrain.tif", "city.json"])
def test_a_torn_file_is_one_clear_error(tmp_path: Path, name: str, left: float) -> None:
    save(_city(), tmp_path / "city")
    path = tmp_path / "city" / name
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * left)])
    with pytest.raises(CityError, match="again"):
        load(tmp_path / "city")


@pytest.mark.parametrize("name", ["links.parquet", "surfaces.npz", "terrain.tif"])
def test_a_missing_file_is_one_clear_error(tmp_path: Path, name: str) -> None:
    save(_city(), tmp_path / "city")
    (tmp_path / "city" / name).unlink()
    with pytest.raises(CityError, match="again"):
        load(tmp_path / "city")


def test_a_newer_layout_is_refused_by_its_version(tmp_path: Path) -> None:
    save(_city(), tmp_path / "city")
    path = tmp_path / "city" / "city.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"bxl_twin_city": 99}))
    with pytest.raises(CityError, match="99"):
        load(tmp_path / "city")


def test_a_city_of_four_thousand_buildings_loads_within_a_second(tmp_path: Path) -> None:
    n, corner = 4000, np.arange(4000) * 20.0
    boxes = shapely.box(corner, 0, corner + 9, 11)
    values = {name: np.arange(n, dtype=float) for name, kind in BUILDING_COLUMNS.items() if kind == "f8"}
    values |= {name: ["words"] * n for name, kind in BUILDING_COLUMNS.items() if kind == "str"}
    table = as_table([f"b{i}" for i in range(n)], boxes, BUILDING_COLUMNS, storeys=[3] * n, **values)
    m = 125_000  # the real square kilometre has 125,110 vertices and 237,767 triangles
    faces = np.arange(2 * m, dtype=np.int32)
    shell = Surfaces(
        np.random.default_rng(0).random((m, 3)), faces, faces, faces[: m // 2], np.zeros(m // 2 - 1, np.int8),
        faces[: m // 2 - 1], np.zeros((2 * m, 3), np.int32), faces,
    )  # fmt: skip
    save(City("large", (0.0, 0.0, 1.0, 1.0), surfaces=shell, buildings=table), tmp_path / "city")
    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        load(tmp_path / "city")
        best = min(best, time.perf_counter() - start)
    assert best < 1.0
