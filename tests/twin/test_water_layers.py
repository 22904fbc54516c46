"""Works and sewers as layers, on ground one can check with a pencil."""

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from kernels.quantities import QUANTITIES
from twin.city import BUILDING_COLUMNS, COVER_COLUMNS, SECTOR_COLUMNS, City, Terrain, as_table
from twin.land_covers import land_covers
from twin.layer_stacks import layer_stacks
from twin.layers import layers
from twin.water_layers import basin_floor, blocked_at, sewer_capacity, soil_layers, water_layers
from twin.works import GroundWork, Works

WEST, SOUTH, SIDE = 149000.0, 172000.0, 48.0


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


@pytest.fixture(scope="module")
def city() -> City:
    """48 m by 48 m, falling 1 % to the east from 20 m; asphalt in the west, lawn in the east, a house 12 m by 12 m."""
    plane = np.tile(20.0 - 0.01 * (np.arange(48) + 0.5), (48, 1))
    values = {name: [0.0] for name, kind in BUILDING_COLUMNS.items() if kind == "f8"}
    values |= {name: [""] for name, kind in BUILDING_COLUMNS.items() if kind == "str"}
    return City(
        "plane",
        (WEST, SOUTH, WEST + SIDE, SOUTH + SIDE),
        terrain=Terrain(plane.astype(np.float32), WEST, SOUTH, 1.0),
        buildings=as_table(["house"], [box(0, 0, 12, 12)], BUILDING_COLUMNS, **(values | {"storeys": [2]})),
        land_cover=as_table(
            ["west", "east"], [box(0, 0, 24, 48), box(24, 0, 48, 48)], COVER_COLUMNS, cover=["asphalt", "lawn"]
        ),
    )


def dug(city: City, work: GroundWork, cell: float) -> tuple[np.ndarray, np.ndarray]:
    before = layers(city, cell)
    after = water_layers(before, city, city, Works(ground=(work,)), None)
    assert_allclose(before["ground_elevation"] - after["ground_elevation"], after["dug_depth"], atol=1e-12)
    return before["ground_elevation"].values, after["ground_elevation"].values


def test_without_works_and_sewers_the_layers_stay_as_they_are(city: City) -> None:
    ground = layers(city, 2.0)
    assert water_layers(ground, city, city, Works(), None).identical(ground)


@settings(max_examples=30, deadline=None)
@given(
    cell=st.sampled_from([1.0, 2.0, 3.0, 4.0]),
    west=st.floats(14, 30),
    width=st.floats(0.5, 6),
    turn=st.floats(-45, 45),
)
def test_a_swale_takes_its_own_volume_out_of_the_ground_on_every_grid(
    city: City, cell: float, west: float, width: float, turn: float
) -> None:
    # its volume is area times depth, whatever the cells
    shape = shapely.affinity.rotate(box(west, 18, west + width, 30), turn)
    before, after = dug(city, GroundWork("s", shape, "swale", lowered=0.4), cell)
    assert (before - after).sum() * cell**2 == pytest.approx(shape.area * 0.4, rel=1e-9)
    assert (before - after).max() <= 0.4 + 1e-12


def test_two_swales_that_cross_are_no_deeper_where_they_cross(city: City) -> None:
    works = tuple(
        GroundWork(name, shape, "swale", lowered=depth)
        for name, shape, depth in (("a", box(14, 20, 40, 24), 0.3), ("b", box(24, 14, 28, 40), 0.5))
    )
    ground = layers(city, 2.0)
    found = [
        water_layers(ground, city, city, Works(ground=order), None)["ground_elevation"].values
        for order in (works, works[::-1])
    ]
    assert_array_equal(found[0], found[1])
    assert (ground["ground_elevation"].values - found[0]).max() == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("cell", [1.0, 2.0, 4.0])
def test_a_basin_holds_its_volume_before_it_spills(city: City, cell: float) -> None:
    # 16 m by 12 m holds 96 m3: half a metre under the lowest ground beside it, which is one cell further east
    before, after = dug(city, GroundWork("b", box(16, 20, 32, 32), holds=96.0), cell)
    floor = after[before != after]
    rim = 20.0 - 0.01 * (32 + cell / 2)
    assert_allclose(floor, rim - 0.5, atol=1e-5)
    assert ((rim - floor) * cell**2).sum() == pytest.approx(96.0, rel=1e-4)


def test_a_basin_never_raises_the_ground() -> None:
    # a hollow of two metres: a basin of one cubic metre changes nothing in it
    bed = np.full((5, 5), 10.0)
    bed[1:4, 1:4] = 8.0
    cells = np.flatnonzero((bed == 8.0).ravel())
    assert basin_floor(bed, cells, np.ones(bed.shape, bool), 9.0, 1.0) == 9.0


def test_a_basin_beside_a_house_spills_over_open_ground_only() -> None:
    bed = np.array([[5.0, 5.0, 5.0], [5.0, 5.0, 5.0], [4.0, 5.0, 5.0]])
    free = np.ones(bed.shape, bool)
    assert basin_floor(bed, np.array([3]), free, 1.0, 1.0) == 3.0  # over the low cell south of it
    free[2, 0] = False
    assert basin_floor(bed, np.array([3]), free, 1.0, 1.0) == 4.0


def test_a_window_cuts_a_basin_with_its_share_of_the_volume(city: City) -> None:
    work = GroundWork("b", box(16, 20, 32, 32), holds=96.0)
    half = layers(city, 2.0, (WEST, SOUTH, WEST + 24, SOUTH + SIDE))
    after = water_layers(half, city, city, Works(ground=(work,)), None)["ground_elevation"].values
    dug_cells = after != half["ground_elevation"].values
    assert dug_cells.sum() == 24
    # no ground of the window lies east of it: it spills to the side, over the lowest cell there, at x = 23
    assert_allclose(after[dug_cells], 20.0 - 0.23 - 48.0 / 96.0, atol=1e-5)


def test_a_stack_takes_as_many_cells_as_its_area_fills(city: City) -> None:
    narrow = GroundWork("s", box(25.5, 14, 26.5, 44), "swale", lowered=0.2)  # 30 m2, no cell centre of 4 m in it
    wide = GroundWork("p", box(14, 30, 22, 38), "permeable_paving")
    for cell in (1.0, 2.0, 4.0):
        found = water_layers(layers(city, cell), city, city, Works(ground=(narrow, wide)), None)
        keys = list(layer_stacks())
        stack = found["layer_stack"].values
        assert abs((stack == keys.index("swale")).sum() * cell**2 - 30) <= cell**2 / 2
        assert (stack == keys.index("permeable_paving")).sum() * cell**2 == 64
        assert found.sizes["stack"] == len(keys)
        for name in found.data_vars:
            assert found[name].attrs["units"] == QUANTITIES[str(name)].units


def test_ground_laid_over_a_stack_hides_it(city: City) -> None:
    under = GroundWork("p", box(14, 30, 22, 38), "permeable_paving")
    over = GroundWork("asphalt", box(14, 30, 18, 38))
    found = water_layers(layers(city, 2.0), city, city, Works(ground=(under, over)), None)
    assert (found["layer_stack"].values >= 0).sum() * 4 == 32


def test_a_green_roof_is_named_along_the_buildings(city: City) -> None:
    found = water_layers(layers(city, 2.0), city, city, Works(green_roofs=(("house", "green_roof_extensive"),)), None)
    assert found["roof_stack"].values.tolist() == [list(layer_stacks()).index("green_roof_extensive")]
    assert found["building"].values.tolist() == [0]
    assert (found["layer_stack"].values == -1).all()


def test_the_sewer_of_a_shed_takes_the_rain_of_all_that_is_sealed_in_it() -> None:
    # shed 0: 2 cells of street, 2 of roof, 4 of lawn, 2 of them beside the roofs: the rain on 4 sealed cells leaves
    # through 4 cells; shed 1: a courtyard, half sealed, takes half the rain
    code = {key: one.code for key, one in land_covers().items()}
    covers = np.array(
        [[code["asphalt"], code["paving"], code["roof"], code["roof"]], [code["lawn"]] * 4, [code["courtyard"]] * 4]
    )
    sheds = np.array([[0] * 4, [0] * 4, [1] * 4])
    found = sewer_capacity(covers, sheds, 1e-5)
    assert_allclose(found, [[1e-5, 1e-5, 0, 0], [0, 0, 1e-5, 1e-5], [0.5e-5] * 4])
    # what a shed takes is the rain on what is sealed: 4 cells and 2 cells' worth
    assert found.sum() == pytest.approx(6 * 1e-5)


def test_a_shed_with_nothing_sealed_takes_nothing() -> None:
    covers = np.full((2, 2), land_covers()["lawn"].code)
    assert_array_equal(sewer_capacity(covers, np.zeros((2, 2), int), 1e-5), np.zeros((2, 2)))


def test_sewersheds_are_the_sectors(city: City) -> None:
    sectors = as_table(
        ["south", "north"], [box(0, 0, 48, 24), box(0, 24, 48, 48)], SECTOR_COLUMNS, name_fr=[""] * 2, name_nl=[""] * 2,
        population=[0.0] * 2,
    )  # fmt: skip
    with_sectors = city.with_(sectors=sectors)
    found = water_layers(layers(with_sectors, 2.0), with_sectors, with_sectors, Works(), 1e-5)["sink_capacity"].values
    # north: 24 by 24 m of asphalt; south: as much sealed, but 144 m2 of it under a roof, all of it beside asphalt
    assert_allclose(found[12:, :12], 1e-5)
    assert_allclose(found[:12, 6:12], 1e-5 * 576 / 432)
    assert (found[:, 12:] == 0).all()
    assert (found[:6, :6] == 0).all()


def test_a_sewer_does_not_shrink_because_ground_is_freed_of_paving(city: City) -> None:
    freed = city.with_(land_cover=as_table(["all"], [box(0, 0, 48, 48)], COVER_COLUMNS, cover=["lawn"]))
    before = water_layers(layers(city, 2.0), city, city, Works(), 1e-5)["sink_capacity"].values
    after = water_layers(layers(freed, 2.0), freed, city, Works(), 1e-5)["sink_capacity"].values
    assert_array_equal(before, after)


def test_blocked_inlets_lose_their_part_and_the_last_word_holds(city: City) -> None:
    blocked = Works(blocked=((box(12, 12, 24, 48), 0.75), (box(12, 12, 24, 24), 0.0)))
    free, found = (
        water_layers(layers(city, 2.0), city, city, works, 1e-5)["sink_capacity"].values for works in (Works(), blocked)
    )
    assert_allclose(found[6:12, 6:12], free[6:12, 6:12])
    assert_allclose(found[12:, 6:12], 0.25 * free[12:, 6:12], rtol=1e-6)
    assert_allclose(found[12:, :6], free[12:, :6])


def test_the_last_edit_over_an_inlet_says_how_blocked_it_is() -> None:
    works = Works(blocked=((shapely.box(0, 0, 10, 10), 0.5), (shapely.box(5, 0, 10, 10), 0.0)))
    found = blocked_at(works, np.array([2.0, 7.0, 20.0]), np.array([5.0, 5.0, 5.0]), np.array([0.2, 0.9, 0.3]))
    assert_array_equal(found, [0.5, 0.0, 0.3])


def test_a_basin_is_emptied_by_its_pipe_alone(city: City) -> None:
    work = GroundWork("b", box(14, 20, 22, 28), holds=32.0, drains=0.002)
    for rate in (None, 1e-5):
        found = water_layers(layers(city, 2.0), city, city, Works(ground=(work,)), rate)["sink_capacity"].values
        assert_allclose(found[10:14, 7:11], 0.002 / 64)
        assert ((found > 0).sum() == 16) == (rate is None)


@pytest.mark.parametrize("law", ["none", "constant", "green_ampt"])
def test_laws_that_read_what_every_city_gives_add_nothing(city: City, law: str) -> None:
    ground = layers(city, 2.0)
    assert soil_layers(ground, law).identical(ground)


def test_other_laws_get_their_parameters_by_land_cover(city: City) -> None:
    ground = layers(city, 2.0)
    horton, number = soil_layers(ground, "horton"), soil_layers(ground, "scs_cn")
    on_asphalt, on_lawn = {"y": 20, "x": 5}, {"y": 20, "x": 20}
    assert float(number["curve_number"].isel(on_lawn)) == 61
    assert float(horton["infiltration_initial"].isel(on_asphalt)) == 0
    assert float(horton["infiltration_final"].isel(on_lawn)) == pytest.approx(1.81e-6)
    assert float(horton["infiltration_decay"].isel(on_lawn)) == pytest.approx(4.14 / 3600)


@pytest.mark.parametrize(("moisture", "deficit"), [(0.0, 0.486), (0.75, 0.1215), (1.0, 0.0)])
def test_the_deficit_is_the_dry_part_of_the_effective_porosity(city: City, moisture: float, deficit: float) -> None:
    # silt loam has an effective porosity of 0.486 (Rawls and others 1983)
    found = soil_layers(layers(city, 2.0), "green_ampt", moisture)["moisture_deficit"]
    assert float(found[20, 20]) == pytest.approx(deficit, rel=1e-6)
