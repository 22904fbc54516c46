"""Layers for heat, on houses and trees drawn by hand."""

import time

import numpy as np
import pytest
import shapely
from numpy.testing import assert_allclose, assert_array_equal

from twin.cadastre import assemble
from twin.city import COVER_COLUMNS, TREE_COLUMNS, City, Surfaces, Terrain, as_table
from twin.demo import demo_city
from twin.formats import cityjson
from twin.heat_layers import IRRIGATED, SEDUM_WETNESS, heat_layers, roof_elevation
from twin.land_covers import land_covers
from twin.layers import layers
from twin.rasterise import Grid
from twin.tree_species import transmissivity
from twin.works import GroundWork, Sail, Works

WEST, SOUTH = 148_490.0, 170_490.0
JULY, JANUARY = 7, 1


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


def trees(*rows: tuple[float, float, float, float, float, str]):
    """Trees: x, y, height, crown diameter, crown base, species."""
    x, y, height, crown, base, species = zip(*rows, strict=True)
    known = {"height": height, "crown_diameter": crown, "crown_base": base, "species": species}
    unknown = {name: [np.nan if kind == "f8" else ""] * len(x) for name, kind in TREE_COLUMNS.items()}
    points = [shapely.Point(WEST + east, SOUTH + north) for east, north in zip(x, y, strict=True)]
    return as_table([f"t{number}" for number in range(len(x))], points, TREE_COLUMNS, **(unknown | known))


@pytest.fixture(scope="module")
def city(houses) -> City:
    """40 m by 40 m of asphalt at 20 m; a gable 10 m by 8 m (eaves 26 m, ridge 29 m) and a block 8 m by 8 m (26 m)."""
    made = assemble([cityjson.parse("drawn", houses.cityjson({"gable": houses.gable(), "block": houses.block(x=16)}))])
    return City(
        "drawn",
        (WEST, SOUTH, WEST + 40, SOUTH + 40),
        surfaces=made.surfaces,
        buildings=made.table,
        terrain=Terrain(np.full((40, 40), 20.0, np.float32), WEST, SOUTH, 1.0),
        land_cover=as_table(["all"], [box(0, 0, 40, 40)], COVER_COLUMNS, cover=["asphalt"]),
        trees=trees((30, 30, 12, 8, 3, "Tilia cordata"), (33, 30, 9, 8, 2, "Gleditsia triacanthos")),
    )


def of(city: City, works: Works | None = None, cell: float = 1.0, month: int = JULY):
    return heat_layers(layers(city, cell), city, works or Works(), month)


def at(field, x: float, y: float) -> float:
    return float(field.sel(x=WEST + x, y=SOUTH + y, method="nearest"))


def test_a_gable_roof_is_as_high_as_its_plane_at_every_cell_centre(city):
    # the ridge runs east along the middle: 26 m + 3 m * (1 - |distance to the middle| / 4 m)
    found = of(city)["roof_elevation"].sel(x=slice(WEST + 10, WEST + 20), y=slice(SOUTH + 10, SOUTH + 18))
    away = np.abs(found["y"].values - (SOUTH + 14))
    assert_allclose(found.values, np.tile((29 - 3 * away / 4)[:, None], (1, 10)), atol=1e-4)


def test_a_flat_roof_is_flat_and_open_ground_has_none(city):
    found = of(city)
    assert at(found["roof_elevation"], 30.5, 14.5) == pytest.approx(26)
    open_ground = found["building_index"].values < 0
    assert np.isnan(found["roof_elevation"].values[open_ground]).all()
    assert np.isfinite(found["roof_elevation"].values[~open_ground]).all()


def test_a_cell_mostly_covered_takes_the_roof_beside_it():
    # a triangle of roof over one cell centre of four; the others belong to the building and lie within two cells
    corners = np.array([[0.0, 0.0, 10.0], [1.2, 0.0, 10.0], [0.0, 1.2, 10.0]])
    none = np.zeros(0, np.int32)
    faces = Surfaces(
        corners, none, none, none, np.array([2], np.int8), np.zeros(1, np.int32), np.array([[0, 1, 2]], np.int32),
        np.zeros(1, np.int32),
    )  # fmt: skip
    index = np.array([[0, 0, 0, 0], [1, -1, -1, -1]], np.int32)
    found = roof_elevation(faces, index, Grid(0.0, 0.0, 4, 2, 1.0))
    assert_array_equal(found, [[10, 10, 10, np.nan], [np.nan] * 4])


def test_a_higher_face_hides_a_lower_one_and_walls_do_not_count(city, houses):
    low, high = houses.block(x=0, high=24), houses.block(x=2, y=2, width=4, depth=4, low=24, high=31)
    made = assemble([cityjson.parse("drawn", houses.cityjson({"a": [*low, *high]}))])
    grid = Grid(148_500.0, 170_500.0, 10, 8, 1.0)
    found = roof_elevation(made.surfaces, np.zeros(grid.shape, np.int32), grid)
    expected = np.full(grid.shape, 24.0)
    expected[2:6, 2:6] = 31.0
    assert_array_equal(found, expected)


def test_the_densest_crown_counts_where_two_meet(city):
    lime, locust = transmissivity(["Tilia cordata", "Gleditsia triacanthos"], JULY)
    found = of(city)["canopy_transmissivity"]
    assert lime < locust
    assert at(found, 28.5, 30.5) == pytest.approx(lime)
    assert at(found, 31.5, 30.5) == pytest.approx(lime)
    assert at(found, 36.5, 30.5) == pytest.approx(locust)
    assert at(found, 20.5, 30.5) == 1.0
    assert_array_equal(found.values < 1, layers(city, 1.0)["canopy_top"].values > 0)


def test_bare_trees_let_the_winter_sun_through(city):
    summer, winter = (of(city, month=month)["canopy_transmissivity"] for month in (JULY, JANUARY))
    assert at(winter, 28.5, 30.5) == pytest.approx(transmissivity(["Tilia cordata"], JANUARY)[0])
    assert at(winter, 28.5, 30.5) > 10 * at(summer, 28.5, 30.5)


@pytest.mark.parametrize("cell", [0.5, 1.0, 2.0])
def test_a_sail_covers_its_area_on_every_grid_and_hangs_at_its_height(city, cell):
    # 6.6 m by 5 m: 33 m2, no whole number of cells of 2 m
    found = of(city, Works(sails=(Sail("s", box(2, 2, 8.6, 7), 4.0, 0.1),)), cell)
    new = found["canopy_top"].values - layers(city, cell)["canopy_top"].values > 0
    assert new.sum() * cell**2 == pytest.approx(33, abs=cell**2 / 2)
    assert_allclose(found["canopy_top"].values[new], 4.0)
    assert_allclose(found["canopy_bottom"].values[new], 3.9)
    assert_allclose(found["canopy_transmissivity"].values[new], 0.1)


def test_a_sail_under_a_crown_makes_one_canopy_with_it(city):
    found = of(city, Works(sails=(Sail("s", box(26, 28, 32, 32), 2.5, 0.2),)))
    lime = transmissivity(["Tilia cordata"], JULY)[0]
    assert at(found["canopy_top"], 28.5, 30.5) == 12
    assert at(found["canopy_bottom"], 28.5, 30.5) == pytest.approx(2.4)
    assert at(found["canopy_transmissivity"], 28.5, 30.5) == pytest.approx(0.2 * lime)


def test_light_ground_is_light_and_roofs_keep_their_own(city):
    found = of(city, Works(painted=((box(0, 0, 40, 20), 0.5), (box(0, 0, 5, 5), 0.3))))
    before = layers(city, 1.0)
    assert at(found["albedo"], 2.5, 2.5) == pytest.approx(0.3)
    assert at(found["albedo"], 7.5, 2.5) == pytest.approx(0.5)
    for x, y in ((12.5, 14.5), (2.5, 30.5)):
        assert at(found["albedo"], x, y) == at(before["albedo"], x, y)


def test_white_and_green_roofs_are_so_on_their_own_cells_alone(city):
    found = of(city, Works(green_roofs=(("gable", "green_roof_extensive"),), cool_roofs=(("block", 0.65),)))
    before = layers(city, 1.0)
    lawn = land_covers()["lawn"].parameters
    gable = found["building_index"].values == list(city.buildings.index).index("gable")
    block = found["building_index"].values == list(city.buildings.index).index("block")
    assert_allclose(found["albedo"].values[block], 0.65)
    for name in ("albedo", "emissivity", "thermal_conductivity", "volumetric_heat_capacity"):
        assert_allclose(found[name].values[gable], lawn[name], rtol=1e-6)
        assert_array_equal(found[name].values[~gable & ~block], before[name].values[~gable & ~block])


def test_watered_ground_evaporates_more_than_dry_ground_and_green_roofs_little(city):
    ground = layers(city, 1.0)
    dry = ground.assign(surface_wetness=(("y", "x"), np.full(ground["albedo"].shape, 0.1, np.float32)))
    under, over = GroundWork("d", box(2, 22, 12, 32), "depaved", irrigated=True), GroundWork("p", box(2, 22, 6, 32))
    works = Works(ground=(under, over), green_roofs=(("gable", "green_roof_extensive"),))
    found = heat_layers(dry, city, works, JULY)["surface_wetness"]
    assert at(found, 8.5, 25.5) == pytest.approx(IRRIGATED)
    assert at(found, 4.5, 25.5) == pytest.approx(0.1)
    assert at(found, 14.5, 14.5) == pytest.approx(SEDUM_WETNESS)
    assert at(found, 20.5, 35.5) == pytest.approx(0.1)


def test_layers_for_water_are_left_as_they_were(city):
    before = layers(city, 1.0)
    after = of(city, Works(painted=((box(0, 0, 5, 5), 0.3),)))
    for name in set(before.data_vars) - {"albedo"}:
        assert_array_equal(after[name].values, before[name].values)
    assert after.attrs == before.attrs


def test_a_city_without_trees_or_mesh_has_layers_too():
    flat = Terrain(np.full((8, 8), 20.0, np.float32), WEST, SOUTH, 1.0)
    found = of(City("bare", (WEST, SOUTH, WEST + 8, SOUTH + 8), terrain=flat))
    assert np.isnan(found["roof_elevation"].values).all()
    assert_array_equal(found["canopy_transmissivity"].values, 1.0)


def test_the_roofs_of_the_demo_district_come_in_a_second():
    district = demo_city()
    ground = layers(district, 2.0)
    index, grid = ground["building_index"].values, Grid.of(ground)
    began = time.perf_counter()
    found = roof_elevation(district.surfaces, index, grid)
    took = time.perf_counter() - began
    built = index >= 0
    assert np.isfinite(found[built]).mean() > 0.999
    assert took < 3.0  # 0.25 million cells on one core, others at work beside it
    above = found[built] - ground["ground_elevation"].values[built]
    ridge = ground["building_height"].values[built]
    assert np.nanpercentile(above - ridge, 99.9) < 5.0  # lift houses stand above the ridge by at most 6 m
    assert np.nanmean(ridge - above) > 0.5  # pitched roofs are lower than their ridge over most of their cells


def raster_volume(city: City, cell: float) -> tuple[float, float]:
    """Volume under the rasterised roofs of the closed buildings, and that of their shells. [m³]"""
    ground = layers(city, cell)
    index = ground["building_index"].values
    roof = roof_elevation(city.surfaces, index, Grid.of(ground))
    built = (index >= 0) & np.isfinite(roof)
    feet = city.buildings["ground_z"].to_numpy()
    above = np.bincount(index[built], roof[built] - feet[index[built]], minlength=feet.size) * cell**2
    shells = city.buildings["volume"].to_numpy()
    closed = np.isfinite(shells) & (shells > 0)
    return float(above[closed].sum()), float(shells[closed].sum())


def test_the_roofs_of_the_demo_district_hold_the_volume_of_its_shells(measured):
    # independent: volumes of the closed shells by the divergence theorem (twin.mesh), which knows no raster
    ours, shells = raster_volume(demo_city(), 1.0)
    measured(
        case="Volume under the roofs on cells of 1 m, demo district",
        source="volume of its closed shells",
        ours=100 * abs(ours / shells - 1),
        bar=0.5,
        unit="%",
    )


@pytest.mark.data
def test_the_roofs_of_the_real_square_kilometre_hold_the_volume_of_its_shells(reference_data, measured):
    made = assemble([cityjson.read(reference_data / "buildings" / "urbis3d_148170_lod2.city.json.gz")])
    west, south, east, north = made.table.total_bounds
    feet = Terrain(np.full((2, 2), 20.0, np.float32), west, south, max(east - west, north - south) / 2)
    real = City("real", (west, south, east, north), surfaces=made.surfaces, buildings=made.table, terrain=feet)
    index = layers(real, 2.0)["building_index"].values
    found = heat_layers(layers(real, 2.0), real, Works(), JULY)["roof_elevation"].values
    assert np.isfinite(found[index >= 0]).mean() > 0.998
    ours, shells = raster_volume(real, 1.0)
    measured(
        case="Volume under the roofs on cells of 1 m, the real square kilometre",
        source="volume of its closed shells",
        ours=100 * abs(ours / shells - 1),
        bar=0.5,
        unit="%",
    )
