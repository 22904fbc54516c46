"""Bare ground without gaps."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from twin.city import CityError, Terrain
from twin.ground import filled


def _slope() -> np.ndarray:
    row, column = np.indices((40, 60))
    return (15 + 0.05 * column + 0.02 * row).astype(np.float32)


def test_a_terrain_without_gaps_is_left_alone() -> None:
    terrain = Terrain(_slope(), 0.0, 0.0, 1.0)
    assert filled(terrain) is terrain


def test_a_gap_under_a_building_is_bridged_from_its_rim() -> None:
    holed = _slope()
    holed[12:20, 20:32] = np.nan
    found = filled(Terrain(holed, 5.0, 7.0, 1.0))
    known = np.isfinite(holed)
    assert_array_equal(found.elevation[known], holed[known])
    assert_allclose(found.elevation, _slope(), atol=0.3)  # the slope rises 0.6 m across the gap
    assert (found.west, found.south, found.cell_size) == (5.0, 7.0, 1.0)


def test_what_lies_far_from_all_heights_takes_the_nearest() -> None:
    wide = np.full((10, 400), np.nan, np.float32)
    wide[:, 0] = 20.0
    assert_allclose(filled(Terrain(wide, 0.0, 0.0, 1.0)).elevation, 20.0, atol=1e-5)


def test_a_terrain_of_gaps_is_refused() -> None:
    with pytest.raises(CityError, match="no height"):
        filled(Terrain(np.full((3, 3), np.nan, np.float32), 0.0, 0.0, 1.0))
