"""Ways between walls: a square drawn by hand, and thousands of ways against shapely."""

import numpy as np
import pytest
import shapely

from kernels.contract import LayerError
from kernels.traffic.sight import Walls

SQUARE = np.array([[0, 0, 10, 0], [10, 0, 10, 10], [10, 10, 0, 10], [0, 10, 0, 0]], float)


def sees(begin, end, walls=SQUARE):
    return not Walls.of(walls).between(np.array([begin], float), np.array([end], float))[0]


@pytest.mark.parametrize(
    ("begin", "end", "seen"),
    [
        ((-5, 5), (15, 5), False),  # through two walls
        ((-5, 11), (15, 11), True),  # past it
        ((-5, 10), (15, 10), False),  # along a wall
        ((-5, 5), (-1, 5), True),  # ends before it
        ((5, 5), (5, 6), True),  # wholly inside crosses nothing
        ((5, -20), (5, -0.1), True),
        ((-5, 15), (5, 5), False),  # over a corner's wall
        ((-10, 0), (0, -10), True),
        ((12, -5), (12, 500), True),  # far beyond the grid
        ((-500, 5), (500, 5.5), False),  # from far beyond it
        ((3, 3), (3, 3), True),  # no way at all
    ],
)
def test_a_square_hides_what_it_should(begin, end, seen):
    assert sees(begin, end) == seen
    assert sees(end, begin) == seen


def test_thousands_of_ways_agree_with_shapely():
    random = np.random.default_rng(3)
    start = random.uniform(0, 400, (150, 2))
    walls = np.column_stack([start, start + random.normal(0, 15, (150, 2))])
    begin = random.uniform(-50, 450, (4000, 2))
    end = begin + random.normal(0, 80, (4000, 2))
    lines = shapely.linestrings(np.stack([begin, end], axis=1))
    expected = np.zeros(4000, bool)
    expected[shapely.STRtree(shapely.linestrings(walls.reshape(-1, 2, 2))).query(lines, predicate="intersects")[0]] = 1
    assert 500 < expected.sum() < 3900
    np.testing.assert_array_equal(Walls.of(walls).between(begin, end), expected)


def test_any_number_of_threads_sees_the_same():
    random = np.random.default_rng(5)
    begin, end = random.uniform(-20, 30, (2, 30_000, 2))
    walls = Walls.of(SQUARE)
    np.testing.assert_array_equal(walls.between(begin, end, threads=1), walls.between(begin, end, threads=2))


def test_without_walls_all_is_seen_and_a_wall_must_be_finite():
    assert sees((0, 0), (1, 1), np.zeros((0, 4)))
    with pytest.raises(LayerError, match="wall 1 runs to"):
        Walls.of(np.array([[0, 0, 1, 1], [0, 0, np.nan, 1]]))
