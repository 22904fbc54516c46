"""A city with some of its buildings."""

import numpy as np
import pytest
import shapely
from numpy.testing import assert_array_equal

from twin.city import BUILDING_COLUMNS, City, CityError, Surfaces, as_table
from twin.selection import keep_buildings


def _city(n: int) -> City:
    """``n`` boxes without walls, 10 m apart, as ground and roof; neighbours share no vertex; the roof has a hole."""
    vertices, rings, offsets, first, kind, building, triangles, whose = [], [], [0], [0], [], [], [], []
    for b in range(n):
        for level, face in ((0.0, 0), (9.0 + b, 2)):
            base = len(vertices)
            corners = ((0, 0), (8, 0), (8, 8), (0, 8), (2, 2), (2, 4), (4, 4))[: 7 if face == 2 else 4]
            vertices += [(b * 10 + x, y, level) for x, y in corners]
            rings += [base, base + 1, base + 2, base + 3]
            offsets.append(len(rings))
            if face == 2:
                rings += [base + 4, base + 5, base + 6]
                offsets.append(len(rings))
            first.append(len(offsets) - 1)
            triangles += [(base, base + 1, base + 2), (base, base + 2, base + 3)]
            whose += [len(kind)] * 2
            kind.append(face)
            building.append(b)
    whole = np.int32
    shell = Surfaces(
        np.array(vertices, float), np.array(rings, whole), np.array(offsets, whole), np.array(first, whole),
        np.array(kind, np.int8), np.array(building, whole), np.array(triangles, whole), np.array(whose, whole),
    )  # fmt: skip
    values = {name: np.arange(n, dtype=float) for name, kind in BUILDING_COLUMNS.items() if kind == "f8"}
    values |= {name: [""] * n for name, kind in BUILDING_COLUMNS.items() if kind == "str"}
    boxes = [shapely.box(b * 10, 0, b * 10 + 8, 8) for b in range(n)]
    table = as_table([f"b{b}" for b in range(n)], boxes, BUILDING_COLUMNS, storeys=[2] * n, **values)
    return City("row", (0.0, 0.0, 10.0 * n, 8.0), surfaces=shell, buildings=table)


def _shape_of(city: City, building: int) -> list[list[tuple[float, ...]]]:
    shell = city.surfaces
    found = []
    for surface in np.flatnonzero(shell.building == building):
        for ring in range(shell.surface_rings[surface], shell.surface_rings[surface + 1]):
            corners = shell.ring_vertices[shell.ring_offsets[ring] : shell.ring_offsets[ring + 1]]
            found.append([tuple(corner) for corner in shell.vertices[corners]])
        corners = shell.triangles[shell.triangle_surface == surface]
        found.append([tuple(corner) for corner in shell.vertices[corners].reshape(-1, 3)])
    return found


def test_kept_buildings_keep_their_faces_holes_and_triangles() -> None:
    city = _city(4)
    found = keep_buildings(city, np.array([True, False, True, False]))
    assert list(found.buildings.index) == ["b0", "b2"]
    assert _shape_of(found, 0) == _shape_of(city, 0)
    assert _shape_of(found, 1) == _shape_of(city, 2)
    assert len(found.surfaces) == 4
    assert len(found.surfaces.vertices) == 2 * (4 + 7)
    assert_array_equal(np.diff(found.surfaces.triangle_surface) >= 0, True)


def test_a_city_cut_down_is_the_city_built_small() -> None:
    assert keep_buildings(_city(5), np.arange(5) < 2).surfaces.digest == _city(2).surfaces.digest


def test_keeping_all_is_the_same_city_and_keeping_none_is_empty() -> None:
    city = _city(3)
    assert keep_buildings(city, np.ones(3, bool)) is city
    none = keep_buildings(city, np.zeros(3, bool))
    assert len(none.buildings) == len(none.surfaces) == len(none.surfaces.vertices) == 0


def test_marks_of_the_wrong_length_are_refused() -> None:
    with pytest.raises(CityError, match="3 buildings"):
        keep_buildings(_city(3), np.ones(4, bool))
