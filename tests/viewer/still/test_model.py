"""The maquette of rows of houses drawn by hand."""

import numpy as np
import pytest
import shapely

from twin.city import TREE_COLUMNS, WALL_COLUMNS, City, Terrain, as_table
from viewer.still.model import GROUND, HOUSE, PLINTH, TREE, Model, _ball, model_of, model_of_ground


def _areas(model: Model, part: int) -> np.ndarray:
    a, b, c = (model.points[model.triangles[model.part == part, corner]] for corner in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def test_houses_keep_their_walls_and_roofs_and_lose_their_floors(city: City) -> None:
    # one house of 8 by 10 m, eaves 6, ridge 9: two walls of 60, two gables of 48 + 12, two roofs of 5 by 10 m2
    assert _areas(model_of(city), HOUSE).sum() == pytest.approx(len(city.buildings) * (120 + 120 + 100), rel=1e-6)


def test_the_ground_covers_the_city_and_the_plinth_closes_it_down_to_the_table(city: City) -> None:
    model = model_of(city)
    west, south, east, north = model.bounds
    assert (east - west) * (north - south) == pytest.approx(_areas(model, GROUND).sum(), rel=1e-3)
    assert model.points[:, 2].min() == pytest.approx(model.low)
    assert model.high == pytest.approx(29.0)
    assert (model.part == PLINTH).any()


def test_a_tree_is_as_high_and_wide_as_the_table_says(city: City) -> None:
    model = model_of(city)
    corners = model.points[np.unique(model.triangles[model.part == TREE])]
    # the tree of 8 m with a crown of 5 m stands 3 m inside the corner, where the ground is at 19.985 m
    assert corners[:, 2].max() == pytest.approx(19.985 + 8, abs=0.01)
    assert np.ptp(corners[:, 0]) == pytest.approx(5, rel=0.1)


def test_trees_without_measures_still_stand(city: City) -> None:
    nothing = {"height": [np.nan], "crown_diameter": [np.nan], "crown_base": [np.nan]}
    bare = as_table(["t"], [shapely.Point(149_003, 172_003)], TREE_COLUMNS, species=[""], assumed=[""], **nothing)
    assert np.isfinite(model_of(city.with_(trees=bare)).points).all()


def test_a_wall_of_the_scenario_stands_on_the_ground(city: City) -> None:
    line = shapely.LineString([(149_002, 172_018), (149_058, 172_018)])
    walled = city.with_(walls=as_table(["w"], [line], WALL_COLUMNS, height=[1.5]))
    more = model_of(walled).part == HOUSE
    assert more.sum() > (model_of(city).part == HOUSE).sum()


def test_a_window_keeps_what_stands_in_it(city: City) -> None:
    west, south, *_ = city.bounds
    part = model_of(city, (west, south, west + 20, south + 20))
    assert _areas(part, HOUSE).sum() == pytest.approx(340, rel=1e-6)


def test_planes_hold_the_corners_of_their_triangles(city: City) -> None:
    model = model_of(city)
    corners = model.points[model.triangles].mean(axis=1)
    distance = np.einsum("ij,ij->i", corners, model.planes[:3, :-1].T) - model.planes[3, :-1]
    assert np.abs(distance).max() < 1e-3
    np.testing.assert_allclose(model.planes[:, -1], [0, 0, 1, model.low], rtol=1e-6)


def test_bare_ground_has_its_own_heights() -> None:
    slope = np.linspace(10, 20, 50, dtype=np.float32)[None, :].repeat(40, axis=0)
    model = model_of_ground(Terrain(slope, 0.0, 0.0, 1.0))
    assert set(model.part) == {GROUND, PLINTH}
    ground = model.points[np.unique(model.triangles[model.part == GROUND])]
    assert (ground[:, 2].min(), ground[:, 2].max()) == pytest.approx((10, 20), abs=0.01)


@pytest.mark.parametrize(("divisions", "facets"), [(0, 20), (1, 80), (2, 320)])
def test_a_crown_is_a_closed_ball_seen_from_outside(divisions: int, facets: int) -> None:
    points, faces = _ball(divisions)
    assert len(faces) == facets
    assert len(points) - 3 * facets // 2 + facets == 2  # Euler: corners - edges + faces
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, atol=1e-6)
    assert np.all(np.linalg.det(points[faces]) > 0)
