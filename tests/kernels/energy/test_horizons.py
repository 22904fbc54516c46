"""Horizons against rays stepped up through every triangle, and against view factors in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.contract import LayerError
from kernels.energy.horizons import horizons, horizons_again, sky_seen
from kernels.energy.triangle_tree import TriangleTree

STEP = 90.0 / 255.0
"""[degree]"""


def box(x, y, width, depth, top, bottom=0.0):
    """Twelve triangles of a box."""
    corner = np.array([[x + width * i, y + depth * j, bottom + (top - bottom) * k]
                       for k in (0, 1) for j in (0, 1) for i in (0, 1)])  # fmt: skip
    quads = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    return corner[[(a, b, c) for a, b, c, _ in quads] + [(a, c, d) for a, _, c, d in quads]]


def town(seed, houses=25):
    rng = np.random.default_rng(seed)
    low = rng.uniform(-60, 60, (houses, 2))
    size = rng.uniform(4, 15, (houses, 3))
    return np.concatenate([box(*low[i], *size[i]) for i in range(houses)])


def highest_hit(point, azimuth, triangles, step=0.2):
    """The highest angle at which a ray meets a triangle, tried in steps: Möller and Trumbore (1997), all by all."""
    angles = np.radians(np.arange(step / 2, 90, step))
    ways = np.stack(
        [np.cos(angles) * np.sin(azimuth), np.cos(angles) * np.cos(azimuth), np.sin(angles)], axis=1
    )[:, None]  # fmt: skip
    first, second = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    across = np.cross(ways, second)
    size = (first * across).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        away = point - triangles[:, 0]
        u = (away * across).sum(axis=2) / size
        turned = np.cross(away, first)
        v = (ways * turned).sum(axis=2) / size
        far = (second * turned).sum(axis=1) / size
        hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (far > 0)
    met = hit.any(axis=1)
    return np.degrees(angles[met][-1]) if met.any() else 0.0


def test_the_tree_finds_the_horizon_that_rays_through_all_triangles_find(measured):
    triangles = town(3, houses=16)
    rng = np.random.default_rng(1)
    points = np.column_stack([rng.uniform(-50, 50, (8, 2)), rng.uniform(0.5, 10, 8)])
    ours = horizons(points, TriangleTree.of(triangles), rays=1) * STEP
    worst = max(
        abs(ours[i, k] - highest_hit(points[i], np.radians(10.0 * k), triangles))
        for i in range(len(points)) for k in range(0, 36, 5)
    )  # fmt: skip
    source = "rays in steps of 0.2°, Möller and Trumbore 1997, doi:10.1080/10867651.1997.10487468"
    measured(case="Horizon of the tree against brute force", source=source, ours=worst, bar=1.0, unit="°")


@settings(max_examples=30, deadline=None)
@given(distance=st.floats(1, 200), top=st.floats(0.5, 80), azimuth=st.integers(0, 35))
def test_a_long_wall_stands_as_high_as_its_height_over_its_distance(distance, top, azimuth):
    across = np.radians(10.0 * azimuth)
    way, along = np.array([np.sin(across), np.cos(across), 0.0]), np.array([np.cos(across), -np.sin(across), 0.0])
    foot = way * distance
    a, b = foot - 1e4 * along, foot + 1e4 * along
    up = np.array([0.0, 0.0, top])
    wall = TriangleTree.of(np.array([[a, b, b + up], [a, b + up, a + up]]))
    found = horizons(np.zeros((1, 3)), wall, rays=1)[0]
    assert found[azimuth] * STEP == pytest.approx(np.degrees(np.arctan2(top, distance)), abs=0.51 * STEP)
    assert found[(azimuth + 18) % 36] == 0


def _facing_rectangle(half_width, top, distance):
    """View factor from an upright patch at the foot to an upright rectangle opposite: twice the corner formula.

    Howell, A catalog of radiation heat transfer configuration factors, B-4: element to parallel rectangle whose
    corner stands on its normal.
    """
    a, b = half_width / distance, top / distance
    one, two = np.sqrt(1 + a * a), np.sqrt(1 + b * b)
    return 2 / (2 * np.pi) * (a / one * np.arctan(b / one) + b / two * np.arctan(a / two))


@pytest.mark.parametrize(("half_width", "top", "distance"), [(50.0, 20.0, 15.0), (10.0, 12.0, 10.0), (5.0, 30.0, 8.0)])
def test_a_box_before_a_wall_takes_as_much_sky_as_its_view_factor(half_width, top, distance, measured):
    """Of the half of the view that an upright patch has of the sky, the box takes its factor."""
    before = TriangleTree.of(box(-half_width, -distance - 10, 2 * half_width, 10.0, top))
    patch, normal = np.zeros((1, 3)), np.array([[0.0, -1.0, 0.0]])
    seen = sky_seen(horizons(patch, before), normal).even[0]
    taken = 0.5 * (1 - seen)
    error = 100 * abs(taken / _facing_rectangle(half_width, top, distance) - 1)
    source = "Howell, configuration factors, B-4"
    measured(case=f"Box of {2 * half_width:g} x {top:g} m at {distance:g} m before a wall, view factor",
             source=source, ours=error, bar=1.0, unit="%")  # fmt: skip


def test_a_patch_in_a_round_pit_sees_the_square_of_the_cosine():
    """A level patch under an even horizon h sees cos² h of the sky (closed form)."""
    step = np.arange(0, 256, 15, dtype=np.uint8)
    seen = sky_seen(np.repeat(step[:, None], 36, axis=1), np.tile([0.0, 0.0, 1.0], (len(step), 1)))
    np.testing.assert_allclose(seen.even, np.cos(np.radians(step * STEP)) ** 2, atol=1e-12)


def test_without_anything_round_all_of_the_sky_and_its_rim_is_seen():
    normals = np.array([[0.0, 0.0, 1.0], [0.0, -1.0, 0.0], [0.6, 0.0, 0.8], [0.0, 0.8, -0.6], [0.0, 0.0, -1.0]])
    seen = sky_seen(np.zeros((5, 36), np.uint8), normals)
    np.testing.assert_array_equal(seen.even, 1.0)
    np.testing.assert_array_equal(seen.band, 1.0)


def test_under_a_roof_there_is_no_sky():
    roof = TriangleTree.of(box(-50, -50, 100, 100, 6.0, 5.0))
    assert (horizons(np.array([[0.0, 0.0, 1.0]]), roof) == 255).all()
    assert (horizons(np.array([[0.0, 0.0, 7.0]]), roof) == 0).all()


def test_any_number_of_threads_and_any_order_of_triangles_gives_the_same_bits():
    triangles = town(7)
    rng = np.random.default_rng(2)
    points = np.column_stack([rng.uniform(-60, 60, (600, 2)), rng.uniform(0.5, 16, 600)])
    one = horizons(points, TriangleTree.of(triangles), threads=1)
    np.testing.assert_array_equal(one, horizons(points, TriangleTree.of(triangles), threads=2))
    np.testing.assert_array_equal(one, horizons(points, TriangleTree.of(triangles[::-1]), threads=2))


def test_no_triangle_at_all_is_an_open_field():
    assert (horizons(np.zeros((3, 3)), TriangleTree.of(np.zeros((0, 3, 3)))) == 0).all()


def test_what_is_no_triangle_or_no_place_is_named():
    with pytest.raises(LayerError, match="shape"):
        TriangleTree.of(np.zeros((4, 3)))
    with pytest.raises(LayerError, match="triangle 0"):
        TriangleTree.of(np.full((1, 3, 3), np.nan))
    with pytest.raises(LayerError, match="patch 0"):
        horizons(np.full((1, 3), np.nan), TriangleTree.of(np.zeros((0, 3, 3))))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 25))
def test_looking_again_where_something_changed_is_looking_anew_to_the_bit(seed, houses):
    """Some houses go and others come; all horizons are those of the town as it is then."""
    old, new = town(seed), town(seed + 1, houses=4)
    gone = old[: 12 * min(houses, 3)]
    now = np.concatenate([old[len(gone) :], new])
    rng = np.random.default_rng(seed)
    points = np.column_stack([rng.uniform(-60, 60, (40, 2)), rng.uniform(0.0, 12, 40)])
    before = horizons(points, TriangleTree.of(old), threads=1)
    changed = TriangleTree.of(np.concatenate([gone, new]))
    again = horizons_again(points, TriangleTree.of(now), before, changed, threads=1)
    np.testing.assert_array_equal(again, horizons(points, TriangleTree.of(now), threads=1))
    assert (again != before).any()


def test_nothing_that_changed_changes_nothing():
    triangles = town(4)
    points = np.array([[0.0, 0.0, 3.0], [5.0, 5.0, 1.0]])
    before = horizons(points, TriangleTree.of(triangles))
    none = TriangleTree.of(np.zeros((0, 3, 3)))
    np.testing.assert_array_equal(horizons_again(points, TriangleTree.of(triangles), before, none), before)
    with pytest.raises(LayerError, match="2 patches need as many horizons from before, got 1"):
        horizons_again(points, TriangleTree.of(triangles), before[:1], none)
