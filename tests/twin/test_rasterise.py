"""Polygons and walls on a grid, against plane geometry."""

from collections import deque

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from twin.city import CityError
from twin.rasterise import Grid, centres_in, coverage, discs, faces

GRID = Grid(0.0, 0.0, 6, 5, 1.0)


def _covered(polygons: list[shapely.Geometry], grid: Grid = GRID) -> np.ndarray:
    _, cell, part = coverage(np.array(polygons, dtype=object), grid)
    return np.bincount(cell, part, minlength=grid.rows * grid.columns).reshape(grid.shape)


def test_a_rectangle_covers_its_part_of_each_cell() -> None:
    found = _covered([shapely.box(0.5, 1.0, 2.25, 2.5)])
    expected = np.zeros(GRID.shape)
    expected[1, :3] = [0.5, 1.0, 0.25]
    expected[2, :3] = [0.25, 0.5, 0.125]
    assert_allclose(found, expected, atol=1e-12)


def test_a_triangle_covers_half_of_the_cells_on_its_long_side() -> None:
    found = _covered([shapely.Polygon([(0, 0), (3, 0), (0, 3)])])
    expected = np.zeros(GRID.shape)
    expected[0, :3], expected[1, :2], expected[2, 0] = [1, 1, 0.5], [1, 0.5], 0.5
    assert_allclose(found, expected, atol=1e-12)


def test_a_hole_and_parts_of_one_footprint_are_kept_apart() -> None:
    ring = shapely.box(0, 0, 5, 3).difference(shapely.box(1, 1, 4, 2))
    whole = shapely.MultiPolygon([ring, shapely.box(1, 4, 2, 5)])
    found = _covered([whole])
    expected = np.zeros(GRID.shape)
    expected[:3, :5] = 1
    expected[1, 1:4] = 0
    expected[4, 1] = 1
    assert_allclose(found, expected, atol=1e-12)


def test_the_way_a_ring_runs_does_not_matter() -> None:
    outline, hole = [(0, 0), (5, 0), (5, 4), (0, 4)], [(1, 1), (3, 1), (3, 3), (1, 3)]
    found = [_covered([shapely.Polygon(a, [b])]) for a in (outline, outline[::-1]) for b in (hole, hole[::-1])]
    for one in found:
        assert_allclose(one, found[0], atol=1e-12)
        assert one.sum() == pytest.approx(16)


def test_what_lies_outside_the_grid_is_cut_off() -> None:
    found = _covered([shapely.box(-10, -10, 1.5, 20), shapely.box(5.5, 4.5, 60, 60), shapely.box(50, 50, 60, 60)])
    expected = np.zeros(GRID.shape)
    expected[:, 0], expected[:, 1] = 1.0, 0.5
    expected[4, 5] = 0.25
    assert_allclose(found, expected, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 12), st.floats(0.3, 4.0))
def test_every_polygon_covers_its_part_of_every_cell(seed: int, corners: int, radius: float) -> None:
    chance = np.random.default_rng(seed)
    angles = np.sort(chance.uniform(0, 2 * np.pi, corners))
    reach = chance.uniform(0.2, 1.0, corners) * radius
    centre = chance.uniform(-1, 7, 2)
    star = shapely.Polygon(centre + np.column_stack([reach * np.cos(angles), reach * np.sin(angles)]))
    star = star if star.is_valid else star.convex_hull
    cells = [[star.intersection(shapely.box(i, j, i + 1, j + 1)).area for i in range(6)] for j in range(5)]
    assert_allclose(_covered([star]), cells, atol=1e-9)


def test_a_disc_takes_the_cells_whose_centres_it_holds_and_always_its_own() -> None:
    which, cell = discs(np.array([2.5, 5.9]), np.array([2.5, 0.1]), np.array([1.0, 0.05]), GRID)
    assert sorted(cell[which == 0]) == [6 + 2, 12 + 1, 12 + 2, 12 + 3, 18 + 2]
    assert list(cell[which == 1]) == [5]


def test_windows_of_one_cell_size_share_their_cells() -> None:
    grid = Grid.over((148000.7, 170001.0, 148009.0, 170010.1), 2.0)
    assert grid.bounds == (148000.0, 170000.0, 148010.0, 170012.0)
    assert_allclose(grid.x[:2], [148001.0, 148003.0])


@pytest.mark.parametrize("window", [(0, 0, 0, 1), (1, 1, 0, 2), (0, 0, float("nan"), 1)])
def test_an_empty_window_is_refused(window: tuple[float, ...]) -> None:
    with pytest.raises(CityError, match="window"):
        Grid.over(window, 1.0)


def test_too_many_cells_are_refused_before_they_are_made() -> None:
    with pytest.raises(CityError, match="wider cells"):
        Grid.over((0, 0, 1e6, 1e6), 0.5)


def _reached(lines: list[shapely.Geometry], start: tuple[int, int], grid: Grid) -> np.ndarray:
    """Cells reached from a start by steps over unmarked faces."""
    shut_x = np.zeros((grid.rows, grid.columns + 1), bool)
    shut_y = np.zeros((grid.rows + 1, grid.columns), bool)
    along_x, along_y = faces(np.array(lines, dtype=object), grid)
    shut_x[along_x.row, along_x.column] = True
    shut_y[along_y.row, along_y.column] = True
    seen = np.zeros(grid.shape, bool)
    seen[start] = True
    todo = deque([start])
    while todo:
        j, i = todo.popleft()
        for row, column, shut in (
            (j, i - 1, shut_x[j, i]),
            (j, i + 1, shut_x[j, i + 1]),
            (j - 1, i, shut_y[j, i]),
            (j + 1, i, shut_y[j + 1, i]),
        ):
            if 0 <= row < grid.rows and 0 <= column < grid.columns and not shut and not seen[row, column]:
                seen[row, column] = True
                todo.append((row, column))
    return seen


def test_a_straight_wall_marks_the_faces_on_its_line() -> None:
    along_x, along_y = faces(np.array([shapely.LineString([(2.2, 0.6), (2.2, 3.4)])]), GRID)
    assert along_y.row.size == 0
    assert sorted(zip(along_x.row, along_x.column, strict=True)) == [(1, 2), (2, 2)]
    assert_allclose(along_x.x, 2.2)


def test_a_slanting_wall_right_across_parts_the_grid_in_two() -> None:
    grid = Grid(0.0, 0.0, 40, 30, 1.0)
    wall = shapely.LineString([(-1, -2.3), (13.1, 9.7), (41, 28.9)])
    seen = _reached([wall], (29, 0), grid)
    x, y = np.meshgrid(grid.x, grid.y)
    above = shapely.contains_xy(shapely.Polygon([*wall.coords, (41, 60), (-1, 60)]), x, y)
    np.testing.assert_array_equal(seen, above)


@settings(max_examples=150, deadline=None)
@example(149, 4)  # the wall passes a centre by 1e-15 m
@given(st.integers(0, 2**32 - 1), st.integers(3, 9))
def test_nothing_slips_through_a_closed_wall(seed: int, corners: int) -> None:
    chance = np.random.default_rng(seed)
    grid = Grid(0.0, 0.0, 24, 24, 1.0)
    points = chance.choice([0.0, 0.25, 0.5], (corners, 2)) + chance.integers(2, 22, (corners, 2))
    room = shapely.MultiPoint(points).convex_hull.buffer(1.5, quad_segs=2)
    x, y = np.meshgrid(grid.x, grid.y)
    inside = shapely.contains_xy(room, x, y)
    # a centre on the wall itself, as far as numbers can tell, belongs to either side
    outside = ~shapely.contains_xy(room.buffer(1e-9, join_style="mitre"), x, y)
    start = tuple(np.argwhere(inside)[0])
    assert not (_reached([room.exterior], start, grid) & outside).any()


def test_two_walls_that_meet_in_a_point_leave_no_gap() -> None:
    grid = Grid(0.0, 0.0, 20, 20, 1.0)
    meet = (9.37, 11.52)
    walls = [shapely.LineString([(-1, 3.3), meet]), shapely.LineString([meet, (21, 17.8)])]
    seen = _reached(walls, (0, 0), grid)
    assert seen[0].all()
    assert not seen[19].any()


def test_cells_whose_centre_lies_in_a_polygon_are_those_of_the_geometry_library() -> None:
    """Discs, a ring, two parts and one beyond the edge, against shapely's point in polygon."""
    grid = Grid(0.0, 0.0, 40, 30, 2.0)
    shapes = np.array(
        [
            shapely.Point(31.3, 22.7).buffer(17.2),
            shapely.Point(20.1, 30.2).buffer(15).difference(shapely.Point(22.3, 29.1).buffer(6.1)),
            shapely.MultiPolygon([shapely.box(3.1, 3.1, 9.7, 20.3), shapely.box(50.2, 40.4, 61.9, 58.8)]),
            shapely.Point(78.2, 57.1).buffer(12.3),
            shapely.box(200, 200, 210, 210),
        ],
        dtype=object,
    )
    which, cell = centres_in(shapes, grid)
    x, y = (axis.ravel() for axis in np.meshgrid(grid.x, grid.y))
    for number, shape in enumerate(shapes):
        assert np.sort(cell[which == number]).tolist() == np.flatnonzero(shapely.contains_xy(shape, x, y)).tolist()
    assert (np.diff(which) >= 0).all()


def test_polygons_side_by_side_share_out_the_centres_on_their_border() -> None:
    grid = Grid(0.0, 0.0, 4, 4, 1.0)
    whole = np.array(
        [shapely.box(0, 0, 1.5, 4), shapely.box(1.5, 0, 4, 2.5), shapely.box(1.5, 2.5, 4, 4)], dtype=object
    )
    _, cell = centres_in(whole, grid)
    assert np.sort(cell).tolist() == list(range(16))
