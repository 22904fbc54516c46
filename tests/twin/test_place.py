"""Where a city lies on the globe."""

import numpy as np
import pytest
from pyproj import Geod, Transformer

from twin.city import City, Terrain
from twin.place import place_of


def city(west: float, south: float) -> City:
    flat = Terrain(np.full((10, 10), 57.0, np.float32), west, south, 10.0)
    return City("flat", (west, south, west + 100, south + 100), terrain=flat)


def test_the_middle_of_brussels_is_where_maps_have_it():
    # the town hall of Brussels: 50.8464 N, 4.3517 E (OpenStreetMap); Lambert 72 148 790, 170 660 by the national grid
    found = place_of(city(148_740, 170_610))
    assert (found.latitude, found.longitude) == (pytest.approx(50.8464, abs=1e-3), pytest.approx(4.3517, abs=1e-3))
    assert found.altitude == pytest.approx(57.0)


@pytest.mark.parametrize("west", [60_000, 148_740, 248_000])
def test_grid_north_stands_off_true_north_as_two_points_show(west):
    # independent: the geodesic azimuth from the middle to a point 1 km up the grid, on the ellipsoid of WGS84
    found = place_of(city(west, 170_610))
    to_globe = Transformer.from_crs("EPSG:31370", "EPSG:4326", always_xy=True)
    (x0, y0), (x1, y1) = to_globe.transform(west + 50, 170_660), to_globe.transform(west + 50, 171_660)
    azimuth, _, _ = Geod(ellps="WGS84").inv(x0, y0, x1, y1)
    assert found.grid_convergence == pytest.approx(azimuth, abs=0.002)
