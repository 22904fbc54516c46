"""Rasters of bxl-twin heat: which way is north, what is a building, what is a tree, and what is refused."""

import sys
from pathlib import Path

import numpy as np
import pytest

from kernels.quantities import QUANTITIES
from twin.city import CityError
from twin.land_covers import land_covers
from viewer.cli.heat_ground import read_ground
from viewer.cli.raw_files import InputError

sys.path.insert(0, str(Path(__file__).parent))
from heat_files import CELL, COLUMNS, ROWS, SOUTH, WEST, write_raster, write_yard


@pytest.fixture
def yard(tmp_path):
    return write_yard(tmp_path)


def read(folder, *, dsm="dsm.tif", dem="dem.tif", **more):
    paths = {name: folder / value if name != "scheme" else value for name, value in more.items()}
    return read_ground(folder / dsm, None if dem is None else str(folder / dem), **paths)


def test_rows_of_the_layers_begin_in_the_south(yard):
    layers = read(yard, cdsm="cdsm.tif").layers
    assert (np.diff(layers.y) > 0).all()
    assert (float(layers.x[0]), float(layers.y[0])) == (WEST + CELL / 2, SOUTH + CELL / 2)
    house = layers["building_index"].values == 0
    assert house[12:18, 10:16].all()
    assert house.sum() == 36
    assert (layers["roof_elevation"].values[house] == 30.0).all()
    assert (layers["building_height"].values[house] == 10.0).all()
    assert np.isnan(layers["roof_elevation"].values[~house]).all()
    assert (layers["canopy_top"].values[20:24, 26:30] == 8.0).all()
    assert layers["canopy_top"].values.sum() == 8.0 * 16


def test_layers_carry_the_units_of_their_quantities(yard):
    layers = read(yard, cdsm="cdsm.tif").layers
    assert all(values.attrs["units"] == QUANTITIES[str(name)].units for name, values in layers.data_vars.items())


def test_flat_ground_may_be_a_number(yard):
    found = read_ground(yard / "dsm.tif", "20")
    assert (found.layers["building_index"].values >= 0).sum() == 36


def test_houses_that_touch_by_a_side_are_one(yard):
    surface = np.full((ROWS, COLUMNS), 20.0)
    surface[2:4, 2:4] += 5
    surface[4:6, 3:5] += 9
    surface[6:8, 5:7] += 9  # by its corner alone
    write_raster(yard / "dsm.tif", surface)
    assert set(np.unique(read(yard).layers["building_index"])) == {-1, 0, 1}


def test_a_low_wall_is_no_building_unless_asked(yard):
    surface = np.full((ROWS, COLUMNS), 20.0)
    surface[5, 5] += 1.5
    write_raster(yard / "dsm.tif", surface)
    assert (read(yard).layers["building_index"] == -1).all()
    low = read_ground(yard / "dsm.tif", str(yard / "dem.tif"), least_building=1.0).layers
    assert int(low["building_index"].values[5, 5]) == 0


def test_cells_without_data_are_outside_and_the_ground_there_hides_nothing(yard):
    surface = np.full((ROWS, COLUMNS), 20.0)
    surface[:, :3] = np.nan
    write_raster(yard / "dsm.tif", surface)
    found = read(yard)
    assert (found.layers["building_index"].values[:, :3] == -2).all()
    assert np.isfinite(found.layers["ground_elevation"]).all()
    assert any("90 of 1200 cells have no data" in note for note in found.notes)


def test_trunks_are_a_quarter_of_the_tree_where_nothing_tells_and_that_is_said(yard):
    found = read(yard, cdsm="cdsm.tif")
    crown = found.layers["canopy_top"].values > 0
    assert (found.layers["canopy_bottom"].values[crown] == 2.0).all()
    assert any("no --tdsm: trunks are taken as 25 %" in note for note in found.notes)
    assert (found.layers["canopy_transmissivity"].values[crown] == np.float32(0.03)).all()


def test_trunk_zones_are_read_as_heights_above_ground(yard):
    trunk = np.zeros((ROWS, COLUMNS))
    trunk[20:24, 26:30] = 3.0
    write_raster(yard / "tdsm.tif", trunk)
    layers = read(yard, cdsm="cdsm.tif", tdsm="tdsm.tif").layers
    assert (layers["canopy_bottom"].values[20:24, 26:30] == 3.0).all()


def test_land_cover_gives_each_cell_its_material_and_roofs_theirs(yard):
    codes = np.full((ROWS, COLUMNS), 5.0)
    codes[:10] = 7
    codes[0, 0] = 2  # a building of the land cover where the surface shows none
    write_raster(yard / "lc.tif", codes)
    found = read(yard, land_cover="lc.tif", scheme="umep")
    albedo, table = found.layers["albedo"].values, land_covers()
    assert albedo[5, 5] == np.float32(table["water"].parameters["albedo"])
    assert albedo[29, 0] == np.float32(table["lawn"].parameters["albedo"])
    assert albedo[14, 12] == np.float32(table["roof"].parameters["albedo"])
    assert albedo[0, 0] == np.float32(table["asphalt"].parameters["albedo"])
    assert any("1 cells of the land cover are buildings where the surface shows none" in note for note in found.notes)


def test_without_land_cover_the_assumed_ground_is_said(yard):
    assert any("all open ground is taken as asphalt" in note for note in read(yard).notes)


def test_a_surface_without_ground_asks_for_it(yard):
    with pytest.raises(InputError, match="give the bare ground too, --dem"):
        read(yard, dem=None)


@pytest.mark.parametrize(
    ("name", "values", "more", "words"),
    [
        ("dem.tif", np.full((ROWS, COLUMNS - 1), 20.0), {}, "must lie on the terrain's grid"),
        ("dem.tif", np.full((ROWS, COLUMNS), 90.0), {}, "are the two files swapped"),
        ("dem.tif", np.full((ROWS, COLUMNS), np.nan), {}, "no cell has data both"),
        ("cdsm.tif", np.full((ROWS, COLUMNS), 95.0), {"cdsm": "cdsm.tif"}, "expected heights above ground"),
        ("cdsm.tif", np.full((ROWS, COLUMNS), -1.0), {"cdsm": "cdsm.tif"}, "height of -1 m"),
        ("tdsm.tif", np.zeros((ROWS, COLUMNS)), {"tdsm": "tdsm.tif"}, "give --cdsm too"),
        ("lc.tif", np.full((ROWS, COLUMNS), 5.0), {"land_cover": "lc.tif"}, "belong together"),
    ],
)
def test_rasters_that_cannot_be_meant_are_named(yard, name, values, more, words):
    write_raster(yard / name, values)
    with pytest.raises(InputError, match=words):
        read(yard, **more)


def test_a_code_that_the_scheme_has_not_is_named(yard):
    write_raster(yard / "lc.tif", np.full((ROWS, COLUMNS), 50.0))
    with pytest.raises(CityError, match="code 50 is none of scheme 'umep'"):
        read(yard, land_cover="lc.tif", scheme="umep")


def test_a_trunk_zone_above_its_crown_is_corrected_and_counted(yard):
    trunk = np.zeros((ROWS, COLUMNS))
    trunk[20:24, 26:30] = 9.0
    write_raster(yard / "tdsm.tif", trunk)
    found = read(yard, cdsm="cdsm.tif", tdsm="tdsm.tif")
    assert (found.layers["canopy_bottom"].values[20:24, 26:30] == 2.0).all()
    assert any("reaches the top of the crown in 16 cells" in note for note in found.notes)
