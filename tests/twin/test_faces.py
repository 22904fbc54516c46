"""Arithmetic of polygons in space against closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.city import Surfaces
from twin.faces import plan_areas, reversed_surfaces, surface_areas, surface_vectors, triangle_vectors, triangulate
from twin.formats.part import offsets


def _faces(polygons) -> Surfaces:
    """Surfaces of polygons given as lists of rings of (x, y, z)."""
    rings = [ring for polygon in polygons for ring in polygon]
    points = np.array([corner for ring in rings for corner in ring], float)
    found = Surfaces(
        points,
        np.arange(len(points), dtype=np.int32),
        offsets([len(ring) for ring in rings]).astype(np.int32),
        offsets([len(polygon) for polygon in polygons]).astype(np.int32),
        np.full(len(polygons), 2, np.int8),
        np.arange(len(polygons), dtype=np.int32),
        np.zeros((0, 3), np.int32),
        np.zeros(0, np.int32),
    )
    triangles, owners = triangulate(found)
    return replace(found, triangles=triangles, triangle_surface=owners)


def _ring(radii, turn: float = 1.0, reach: float = 1.0):
    angles = turn * np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    return np.column_stack([reach * np.array(radii) * np.cos(angles), reach * np.array(radii) * np.sin(angles)])


def _shoelace(ring) -> float:
    x, y = ring.T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(2.0, 5.0), min_size=3, max_size=14),
    st.lists(st.floats(0.2, 0.9), min_size=3, max_size=7),
    st.floats(0, 1.4),
    st.floats(0, 2 * np.pi),
    st.booleans(),
)
def test_triangles_of_a_tilted_star_with_a_hole_cover_it_once(outer, hole, tilt, azimuth, back):
    """Star-shaped outlines around a star-shaped hole; their area is the shoelace sum, whatever plane they lie in."""
    if len(outer) < 5:  # radii of a coarse outline may cut the hole
        outer = outer * 2
    flat = [_ring(outer), _ring(hole, -1.0)]
    area = sum(_shoelace(ring) for ring in flat)
    normal = np.array([np.sin(tilt) * np.cos(azimuth), np.sin(tilt) * np.sin(azimuth), np.cos(tilt)])
    across = np.cross(normal, [0.3, 0.5, -0.8])
    across /= np.linalg.norm(across)
    frame = np.array([across, np.cross(normal, across)])
    rings = [(ring @ frame + [148_500, 170_500, 20]).tolist() for ring in flat]
    if back:
        rings = [ring[::-1] for ring in rings]
    faces = _faces([rings])
    sign = -1 if back else 1
    np.testing.assert_allclose(surface_vectors(faces)[0], sign * area * normal, atol=1e-6)
    assert surface_areas(faces)[0] == pytest.approx(area, rel=1e-6)
    assert (triangle_vectors(faces) @ normal * sign >= -1e-6).all()


def test_concave_quadrilateral_is_cut_inside():
    arrow = [(0, 0, 0), (4, 0, 0), (1, 1, 0), (0, 4, 0)]
    for start in range(4):
        faces = _faces([[arrow[start:] + arrow[:start]]])
        assert surface_areas(faces)[0] == pytest.approx(4)
        assert (triangle_vectors(faces)[:, 2] > 0).all()


def test_corner_on_a_straight_side_is_a_corner_of_a_triangle():
    side = [(0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0), (3, 3, 0), (0, 3, 0)]
    faces = _faces([[side]])
    assert set(faces.triangles.ravel().tolist()) == set(range(6))
    assert surface_areas(faces)[0] == pytest.approx(9)


def test_turning_surfaces_turns_areas_and_nothing_else():
    faces = _faces([[[(0, 0, 0), (1, 0, 0), (0, 1, 0)]], [[(5, 0, 0), (7, 0, 0), (7, 2, 0), (5, 2, 0)]]])
    turned = reversed_surfaces(faces, np.array([False, True]))
    assert plan_areas(turned).tolist() == pytest.approx([0.5, -4])
    assert triangle_vectors(turned)[:, 2].tolist() == pytest.approx([0.5, -2, -2])
    back = reversed_surfaces(turned, np.array([False, True]))
    np.testing.assert_array_equal(back.ring_vertices, faces.ring_vertices)
    np.testing.assert_array_equal(back.triangles, faces.triangles)
