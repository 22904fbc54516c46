"""Vertices that touch become one; corners that repeat go."""

import numpy as np
import pytest

from twin.formats.part import offsets
from twin.weld import clean_faces, unique_rows, weld


def test_vertices_nearer_than_half_the_tolerance_become_the_first():
    points = np.array([[0, 0, 0], [1, 0, 0], [0.0004, 0, 0], [1.001, 0, 0], [0.0008, 0, 0]])
    found, number = weld(points)
    # 0, 0.4 and 0.8 mm are linked by steps of 0.4 mm; 1 and 1.001 m are a millimetre apart
    np.testing.assert_array_equal(found, points[[0, 1, 3]])
    assert number.tolist() == [0, 1, 0, 2, 0]


@pytest.mark.parametrize("shift", [0.0, 0.00049, 0.0005, 0.1234])
def test_noise_does_not_split_a_vertex_wherever_the_grid_lies(shift):
    noise = np.random.default_rng(3).uniform(-5e-5, 5e-5, (500, 3))
    corners = np.repeat(np.arange(50.0)[:, None] * [1, 2, 3], 10, axis=0)
    found, number = weld(corners + noise + shift)
    assert len(found) == 50
    assert number.tolist() == np.repeat(np.arange(50), 10).tolist()


def test_equal_rows_are_told_like_numpy_does():
    rows = np.random.default_rng(4).integers(0, 4, (200, 3))
    first, number = unique_rows(rows)
    expected, expected_first, expected_number = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    np.testing.assert_array_equal(rows[first], expected)
    np.testing.assert_array_equal(first, expected_first)
    np.testing.assert_array_equal(number, expected_number.ravel())


def test_repeated_corners_degenerate_rings_and_empty_surfaces_go():
    points = np.array([[0, 0, 0], [4, 0, 0], [4, 4, 0], [0, 4, 0], [1, 1, 0], [2, 1, 0], [1, 2, 0], [9, 9, 9]], float)
    rings = [[0, 1, 1, 2, 3, 0], [4, 5, 6], [4, 4, 5], [0, 1, 0]]
    # surface 0: a square with a hole that runs the wrong way and a hole that collapses; surface 1 collapses
    faces, kept = clean_faces(
        points,
        np.array([corner for ring in rings for corner in ring]),
        offsets([len(ring) for ring in rings]),
        np.array([0, 3, 4]),
        np.array([2, 1], np.int8),
        np.array([0, 0]),
    )
    assert kept.tolist() == [0]
    assert faces.surface_rings.tolist() == [0, 2]
    outer, hole = (faces.vertices[faces.ring_vertices[a:b]].tolist() for a, b in ((0, 4), (4, 7)))
    assert outer == points[[0, 1, 2, 3]].tolist()
    assert hole == points[[6, 5, 4]].tolist()
