"""The wind library: what it computes, when, and that a tree moves nothing but its own cells."""

import math

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.heat import wind
from kernels.heat.wind import WindLibrary, wind_factor
from kernels.heat.wind_profile import UTCI_TEN_METRES, canopy_factor

OPEN = math.log(1.1 / 0.03) / math.log(10 / 0.03)
"""Wind at 1.1 m over grass per wind of the station: the log law, exact."""


def _town(size=100, cell=2.0, seed=2):
    """Bars and houses, streets of 10 to 30 m, and a square of 40 m in the middle; (ground, roof, open)."""
    rng = np.random.default_rng(seed)
    roof = np.zeros((size, size))
    for j in range(3, size - 14, 16):
        for i in range(4, size - 22, 26):
            roof[j : j + 10, i : i + 20] = rng.uniform(8, 18)
    middle = slice(size // 2 - 10, size // 2 + 10)
    roof[middle, middle] = 0
    return np.zeros_like(roof), roof, roof == 0


def test_undisturbed_log_profile_comes_back(measured):
    """Property 12: within 0.1 %, whatever the direction, on ground that is not flat."""
    ground = np.add.outer(np.linspace(0, 20, 60), np.linspace(5, 0, 80))
    none = np.zeros((60, 80))
    library = WindLibrary(ground, none, none == 0, none, none, 2.0)
    worst = max(np.abs(library.ratio(d) / OPEN - 1).max() for d in (0.0, 33.0, 225.0, 359.9))
    measured(case="Undisturbed log profile after zones and correction", source="exact log law; property 12",
             ours=100 * worst, bar=0.1, unit="%")  # fmt: skip


@pytest.mark.parametrize(
    ("direction", "toward"),
    [(0.0, (0, -1)), (90.0, (-1, 0)), (180.0, (0, 1)), (270.0, (1, 0)), (225.0, (math.sqrt(0.5), math.sqrt(0.5)))],
)
def test_wind_comes_from_its_direction(direction, toward):
    none = np.zeros((20, 30))
    east, north = WindLibrary(none, none, none == 0, cell_size=4.0).components(direction)
    np.testing.assert_allclose([east.mean(), north.mean()], np.multiply(toward, OPEN), atol=1e-6)


def test_a_grid_that_the_winds_cells_do_not_divide_keeps_its_shape():
    ground, roof, open_mask = _town()
    cut = np.s_[:97, :71]
    ratio = WindLibrary(ground[cut], roof[cut], open_mask[cut], cell_size=1.5).ratio(250.0)
    assert ratio.shape == (97, 71)
    np.testing.assert_array_equal(np.isnan(ratio), ~open_mask[cut])


def test_only_the_directions_asked_for_are_computed():
    library = WindLibrary(*_town(), cell_size=2.0)
    assert not library._fields
    library.ratio(100.0)
    assert set(library._fields) == {2, 3}
    library.ratio(90.0)
    assert set(library._fields) == {2, 3}
    library.ratio(-10.0)
    assert set(library._fields) == {2, 3, 7, 0}


def test_between_two_directions_the_wind_is_linear():
    library = WindLibrary(*_town(), cell_size=2.0)
    first, second, third = (library.ratio(d) for d in (45.0, 60.0, 90.0))
    np.testing.assert_allclose(second, first * (2 / 3) + third * (1 / 3), atol=1e-6)


def test_sixteen_directions_hold_the_eight():
    eight, sixteen = (WindLibrary(*_town(), cell_size=2.0, directions=n) for n in (8, 16))
    np.testing.assert_array_equal(eight.ratio(135.0), sixteen.ratio(135.0))


def test_residual_is_within_property_12_in_every_direction(measured):
    library = WindLibrary(*_town(), cell_size=2.0)
    for direction in range(0, 360, 45):
        library.ratio(float(direction))
    measured(case="Divergence left in a town, 8 directions", source="property 12", ours=library.residual, bar=1e-4,
             unit="U/dx")  # fmt: skip
    assert "8 of 8 directions" in library.remarks[0]


def test_streets_across_the_wind_are_calmer_than_streets_along_it_and_those_than_the_open():
    """Skimming flow over one, channelling in the other (Oke 1988, doi:10.1016/0378-7788(88)90026-6)."""
    roof = np.zeros((160, 160))
    for j in range(4, 140, 30):
        for i in range(4, 140, 30):
            roof[j : j + 20, i : i + 20] = 14.0
    library = WindLibrary(np.zeros_like(roof), roof, roof == 0, cell_size=2.0)
    rows, columns = np.zeros((2, 160, 160), bool)  # streets eastward, streets northward, without their crossings
    for k in (24, 54, 84):
        rows[k : k + 10], columns[:, k : k + 10] = True, True
    rows, columns = rows & ~columns, columns & ~rows
    inner = np.zeros((160, 160), bool)
    inner[30:114, 30:114] = True
    for direction, along, across in ((270.0, rows, columns), (180.0, columns, rows)):
        ratio = library.ratio(direction)
        assert ratio[across & inner].mean() < ratio[along & inner].mean() < OPEN


def test_lee_of_a_wall_is_calm_and_its_wind_turns_back():
    roof = np.zeros((80, 100))
    roof[20:60, 30:36] = 15.0
    library = WindLibrary(np.zeros_like(roof), roof, roof == 0, cell_size=2.0)
    lee = slice(30, 50), slice(37, 45)
    assert np.all(library.ratio(270.0)[lee] < 0.6 * OPEN)
    assert np.all(library.components(270.0)[0][lee] < 0)
    assert np.nanmean(library.ratio(270.0)[lee]) < np.nanmean(library.ratio(0.0)[lee])  # shelter goes with direction


def test_log_mode_knows_blocks_but_no_corners():
    ground, roof, open_mask = _town()
    library = WindLibrary(ground, roof, open_mask, cell_size=2.0, mode="log")
    ratio = library.ratio(270.0)
    assert np.nanmax(ratio) < OPEN
    zones = WindLibrary(ground, roof, open_mask, cell_size=2.0).ratio(270.0)
    jump, jump_of_zones = (np.nanmax(np.abs(np.diff(field, axis=1))) for field in (ratio, zones))
    assert jump < 0.25 * jump_of_zones
    none = np.zeros_like(roof)
    np.testing.assert_allclose(
        WindLibrary(ground, none, none == 0, cell_size=2.0, mode="log").ratio(10.0), OPEN, rtol=1e-6
    )


def test_moving_a_tree_changes_its_own_cells_only_and_solves_nothing_again():
    ground, roof, open_mask = _town()
    before_top, after_top = np.zeros_like(roof), np.zeros_like(roof)
    before_top[50:53, 50:53], after_top[50:53, 55:58] = 12.0, 12.0
    before = WindLibrary(ground, roof, open_mask, before_top, before_top / 3, 2.0)
    first = before.ratio(210.0)
    after = before.with_canopy(after_top, after_top / 3)
    assert after._fields is before._fields
    second = after.ratio(210.0)
    fresh = WindLibrary(ground, roof, open_mask, after_top, after_top / 3, 2.0).ratio(210.0)
    np.testing.assert_array_equal(second, fresh)
    touched = (before_top > 0) | (after_top > 0)
    np.testing.assert_array_equal(first[~touched], second[~touched])
    bare = WindLibrary(ground, roof, open_mask, cell_size=2.0).ratio(210.0)
    np.testing.assert_allclose(second, bare * canopy_factor(after_top, after_top / 3), rtol=1e-6)


def test_open_cells_have_wind_and_buildings_none():
    """Also in a passage narrower than the wind's own cells."""
    ground, roof, open_mask = _town()
    roof[30:60, 3:33] = 10.0
    roof[45, 3:33] = 0.0
    open_mask = roof == 0
    library = WindLibrary(ground, roof, open_mask, cell_size=2.0)
    for ratio in (library.ratio(20.0), library.ratio_10m(20.0)):
        np.testing.assert_array_equal(np.isnan(ratio), ~open_mask)
        assert np.nanmin(ratio) >= 0
    np.testing.assert_allclose(library.ratio_10m(20.0), library.ratio(20.0) * UTCI_TEN_METRES, rtol=1e-6)


def test_one_thread_and_two_give_the_same_wind():
    town = _town(size=150)
    one, two = (WindLibrary(*town, cell_size=2.0, crew=Crew(n)).ratio(200.0) for n in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_a_town_without_open_ground_and_one_of_a_single_row_still_answer():
    full = np.full((20, 20), 9.0)
    assert np.isnan(WindLibrary(full * 0, full, full == 0, cell_size=2.0).ratio(10.0)).all()
    thin = np.zeros((1, 40))
    np.testing.assert_allclose(WindLibrary(thin, thin, thin == 0, cell_size=4.0).ratio(10.0), OPEN, rtol=1e-5)


def test_the_winds_grid_is_at_least_four_metres_and_eight_for_a_region():
    assert [wind_factor(250_000, cell) for cell in (1.0, 2.0, 4.0, 5.0)] == [4, 2, 1, 1]
    assert wind_factor(40_000_000, 2.0) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "cfd"}, "zones, log"),
        ({"directions": 2}, "at least 4 directions"),
        ({"wind_cell": 5.0}, "whole number of cells of 2 m"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(LayerError, match=message):
        WindLibrary(*_town(), cell_size=2.0, **options)


def test_a_direction_that_is_no_number_is_named():
    with pytest.raises(LayerError, match="direction is nan"):
        WindLibrary(*_town(), cell_size=2.0).ratio(float("nan"))


def test_modes_are_the_two_the_kernel_offers():
    assert wind.MODES == ("zones", "log")
