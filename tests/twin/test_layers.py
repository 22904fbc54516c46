"""City to layers, on a block small enough to draw by hand and on the real square kilometre."""

import time
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.testing import assert_allclose, assert_array_equal

from kernels.quantities import QUANTITIES
from twin import layers as module
from twin.city import (
    BUILDING_COLUMNS,
    COVER_COLUMNS,
    LINK_COLUMNS,
    TREE_COLUMNS,
    WALL_COLUMNS,
    City,
    CityError,
    Terrain,
    as_table,
)
from twin.formats import osm
from twin.formats.features import read_features
from twin.formats.raster import read_terrain
from twin.formats.street_files import read_streets
from twin.land_covers import DEFAULT, PARAMETERS, land_covers
from twin.layers import layers

WEST, SOUTH = 149000.0, 172000.0


def _at(*corners: tuple[float, float]) -> list[tuple[float, float]]:
    return [(WEST + x, SOUTH + y) for x, y in corners]


def _buildings(*footprints: shapely.Geometry, height: float = 12.0) -> object:
    n = len(footprints)
    values = {name: [0.0] * n for name, kind in BUILDING_COLUMNS.items() if kind == "f8"}
    values |= {name: [""] * n for name, kind in BUILDING_COLUMNS.items() if kind == "str"}
    values |= {"storeys": [4] * n, "ridge_height": [height + i for i in range(n)], "ground_z": [15.0] * n}
    return as_table([f"b{i}" for i in range(n)], footprints, BUILDING_COLUMNS, **values)


def _box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


@pytest.fixture
def city() -> City:
    """40 m by 30 m: a slope of 1 in 100 to the east, two row houses, a street, a lawn, a tree and a wall."""
    x = (np.arange(8) + 0.5) * 5
    street = shapely.LineString(_at((0, 25), (40, 25)))
    return City(
        "block",
        (WEST, SOUTH, WEST + 40, SOUTH + 30),
        terrain=Terrain(np.tile((20 + x / 100).astype(np.float32), (6, 1)), WEST, SOUTH, 5.0),
        buildings=_buildings(_box(4, 4, 12, 12), _box(12, 4, 19, 12)),
        trees=as_table(
            ["t"], shapely.points(_at((31, 11))), TREE_COLUMNS,
            height=[9.0], crown_diameter=[4.0], crown_base=[3.0], species=[""], assumed=[""],
        ),
        links=as_table(
            ["s"], [street], LINK_COLUMNS,
            start=["a"], end=["b"], kind=["residential"], name_fr=[""], name_nl=[""], width=[4.0], lanes=[1],
            speed=[30.0], oneway=[False], assumed=[""],
        ),
        land_cover=as_table(
            ["l", "p"], [_box(24, 2, 40, 18), _box(30, 4, 34, 8)], COVER_COLUMNS, cover=["lawn", "water"]
        ),
        walls=as_table(["w"], [shapely.LineString(_at((22, -1), (22, 31)))], WALL_COLUMNS, height=[1.5]),
    )  # fmt: skip


def test_layers_carry_units_and_ascending_coordinates(city: City) -> None:
    found = layers(city, 2.0)
    assert dict(found.sizes) == {"y": 15, "x": 20, "x_face": 21, "y_face": 16}
    for name, values in found.data_vars.items():
        assert values.attrs["units"] == QUANTITIES[str(name)].units
    for axis in ("x", "y", "x_face", "y_face"):
        assert (np.diff(found[axis]) == 2.0).all()
        assert found[axis].attrs["units"] == "m"
    assert float(found.x[0]) == WEST + 1
    assert found.attrs["city_digest"] == city.digest
    assert found.attrs["cell_size"] == 2.0
    assert set(PARAMETERS) <= set(found.data_vars)


def test_ground_follows_the_slope(city: City) -> None:
    found = layers(city, 2.0).ground_elevation
    inner = slice(2, -2)  # beyond the outer cell centres the terrain is held constant
    assert_allclose(found[:, inner], np.tile((20 + (found.x - WEST)[inner] / 100), (15, 1)), atol=1e-5)


def test_each_cell_names_its_building_and_its_height(city: City) -> None:
    found = layers(city, 2.0)
    index = found.building_index.values
    expected = np.full((15, 20), -1)
    expected[2:6, 2:6] = 0
    expected[2:6, 6:10] = 1  # the last column is half covered: 18-19 of 18-20
    assert_array_equal(index, expected)
    assert_allclose(found.building_fraction.values[3, 1:11], [0, 1, 1, 1, 1, 1, 1, 1, 0.5, 0])
    assert_allclose(found.building_height.values[3, [0, 3, 7]], [0, 12, 13])
    assert index.dtype == np.int32


def test_ground_is_what_lies_on_top(city: City) -> None:
    found = layers(city, 2.0)
    codes = {key: one.code for key, one in land_covers().items()}
    cover = found.land_cover.values
    assert cover.dtype == np.int16
    assert (cover[12, :] == codes["asphalt"]).all()  # the carriageway is 23-27
    assert (cover[10, 2:10] == codes["paving"]).all()  # the sidewalk reaches down to 20.5
    assert cover[1, 13] == codes["lawn"]
    assert cover[2, 15] == codes["water"]  # the pond lies on the lawn
    assert cover[3, 3] == codes["roof"]
    assert cover[8, 0] == codes[DEFAULT]
    assert_allclose(found.manning_roughness.values[1, 13], 0.030)  # Chow 1959: short grass


def test_a_crown_is_a_cylinder_above_the_ground(city: City) -> None:
    found = layers(city, 2.0)
    top = found.canopy_top.values
    expected = np.zeros((15, 20), bool)
    expected[5, 14:17] = True
    expected[[4, 6], 15] = True
    assert_array_equal(top > 0, expected)
    assert_allclose(top[expected], 9.0)
    assert_allclose(found.canopy_bottom.values[expected], 3.0)


def test_a_wall_stands_on_the_ground_under_it(city: City) -> None:
    found = layers(city, 2.0)
    crest = found.wall_crest_x.values
    marked = np.isfinite(crest)
    assert marked[:, 11].all()
    assert marked.sum() == 15
    higher_side = 20 + 23 / 100  # the cell east of the wall
    assert_allclose(crest[:, 11], higher_side + 1.5, atol=1e-5)
    assert not np.isfinite(found.wall_crest_y.values).any()


def test_a_window_shows_the_same_cells_as_the_whole(city: City) -> None:
    whole = layers(city, 2.0)
    part = layers(city, 2.0, (WEST + 5, SOUTH + 3, WEST + 30.5, SOUTH + 20))
    same = whole.sel(x=part.x, y=part.y, x_face=part.x_face, y_face=part.y_face)
    assert dict(part.sizes) == {"y": 9, "x": 14, "x_face": 15, "y_face": 10}
    for name in part.data_vars:
        assert_array_equal(part[name].values, same[name].values, err_msg=str(name))


def test_what_a_caller_writes_into_layers_does_not_come_back(city: City) -> None:
    first = layers(city, 2.0)
    before = first.copy(deep=True)
    for values in first.data_vars.values():
        values.values[...] = 0
    assert layers(city, 2.0).equals(before)


def test_an_edit_changes_only_the_cells_it_names(city: City) -> None:
    before = layers(city, 2.0)
    after = layers(city.with_(land_cover=city.land_cover.iloc[:1]), 2.0)
    changed = (before.land_cover != after.land_cover).values
    expected = np.zeros((15, 20), bool)
    expected[2:4, 15:17] = True
    assert_array_equal(changed, expected)
    assert before.building_index.equals(after.building_index)


def test_gaps_in_the_terrain_are_filled_from_their_rims(city: City) -> None:
    elevation = city.terrain.elevation.copy()
    elevation[2, 3] = np.nan
    found = layers(city.with_(terrain=Terrain(elevation, WEST, SOUTH, 5.0)), 2.0).ground_elevation
    assert np.isfinite(found).all()
    assert_allclose(found, layers(city, 2.0).ground_elevation, atol=0.03)  # the slope is 0.05 m per terrain cell


def test_a_city_without_terrain_stands_on_the_feet_of_its_buildings(city: City) -> None:
    corners = [_box(0, 0, 4, 4), _box(36, 0, 40, 4), _box(36, 26, 40, 30), _box(0, 26, 4, 30)]
    found = layers(city.with_(terrain=None, buildings=_buildings(*corners)), 2.0)
    assert_allclose(found.ground_elevation, 15.0)
    assert "want of a terrain" in found.attrs["ground_source"]


def test_a_city_without_any_ground_is_refused(city: City) -> None:
    with pytest.raises(CityError, match="--terrain"):
        layers(city.with_(terrain=None, buildings=_buildings()), 2.0)


def test_a_single_row_of_houses_stands_on_flat_ground(city: City) -> None:
    found = layers(city.with_(terrain=None), 2.0)
    assert_allclose(found.ground_elevation, 15.0)


def test_a_window_beside_the_city_is_refused(city: City) -> None:
    with pytest.raises(CityError, match="misses the city"):
        layers(city, 2.0, (0, 0, 100, 100))


def test_an_unknown_land_cover_is_named(city: City) -> None:
    strange = as_table(["m"], [_box(0, 0, 9, 9)], COVER_COLUMNS, cover=["marble"])
    with pytest.raises(CityError, match="marble"):
        layers(city.with_(land_cover=strange), 2.0)


def test_cells_off_the_terrain_are_counted(city: City) -> None:
    assert layers(city, 2.0).attrs["ground_beyond_terrain"] == 0.0
    half = Terrain(city.terrain.elevation[:, :4], WEST, SOUTH, 5.0)
    found = layers(city.with_(terrain=half), 2.0)
    assert found.attrs["ground_beyond_terrain"] == 0.5
    assert_allclose(found.ground_elevation[:, 10:], 20.175, atol=1e-5)


def test_what_is_remembered_has_an_end(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROOM", 50_000)
    for step in range(40):
        layers(city, 1.0 + step / 50)
    assert sum(map(module._weight, module._MEMORY.values())) <= 50_000
    assert layers(city, 2.0).equals(layers(city, 2.0))


def test_terrain_finer_than_the_cells_is_averaged(city: City) -> None:
    checks = np.indices((30, 40)).sum(axis=0) % 2  # 0 and 1 in turn: the mean is 0.5
    found = layers(city.with_(terrain=Terrain(checks.astype(np.float32), WEST, SOUTH, 1.0)), 4.0).ground_elevation
    assert_allclose(found, 0.5, atol=1e-6)


@pytest.fixture(scope="module")
def real_city(reference_data: Path) -> City:
    """The real square kilometre as footprints, terrain, streets and trees."""
    bounds = (148000.0, 170000.0, 149000.0, 171000.0)
    found = read_features(reference_data / "buildings" / "urbis3d_148170_footprints.geojson.gz", ("ground_z",))
    footprints = shapely.buffer([one.geometry for one in found], 0)  # one of them crosses itself
    streets = read_streets(reference_data / "roads" / "osm2013_roads_centre.geojson.gz", bounds=bounds)
    return City(
        "148170",
        bounds,
        buildings=_buildings(*footprints),
        terrain=read_terrain(reference_data / "terrain" / "derived_dtm_148170_10m.tif"),
        trees=osm.read_trees(reference_data / "city" / "osm_trees_centre.geojson.gz", bounds=bounds),
        **streets,
    )


@pytest.mark.data
def test_built_area_of_the_real_square_kilometre_is_within_1_percent_of_the_vector_area(real_city: City) -> None:
    found = layers(real_city, 2.0)
    inside = shapely.intersection(real_city.buildings.geometry.to_numpy(), shapely.box(*real_city.bounds))
    true = shapely.union_all(inside).area
    assert float(found.building_fraction.sum()) * 4 == pytest.approx(true, rel=1e-4)
    assert int((found.building_index >= 0).sum()) * 4 == pytest.approx(true, rel=0.01)
    assert np.isfinite(found.ground_elevation).all()
    assert float(found.ground_elevation.min()) > 13
    assert float(found.ground_elevation.max()) < 50


@pytest.mark.data
def test_most_buildings_keep_their_size_in_cells(real_city: City) -> None:
    found = layers(real_city, 2.0)
    cells = np.bincount(
        found.building_index.values[found.building_index.values >= 0], minlength=len(real_city.buildings)
    )
    inside = shapely.intersection(real_city.buildings.geometry.to_numpy(), shapely.box(*real_city.bounds))
    true = shapely.area(inside)
    large = true > 50
    assert np.median(np.abs(cells[large] * 4 / true[large] - 1)) < 0.05


@pytest.mark.data
def test_layers_come_fast_enough_to_follow_an_edit(real_city: City) -> None:
    def seconds(city: City, window: tuple[float, float, float, float] | None) -> float:
        start = time.perf_counter()
        layers(city, 2.0, window)
        return time.perf_counter() - start

    quarter = (148250.0, 170250.0, 148750.0, 170750.0)
    layers(real_city, 2.0, quarter)
    edited = real_city.with_(buildings=real_city.buildings.iloc[1:])
    assert seconds(edited, quarter) < 0.3
    assert seconds(edited.with_(buildings=real_city.buildings.iloc[2:]), None) < 2.0
