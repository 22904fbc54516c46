"""Shells from plan cells: closed, with the volume of the textbook solid, and refused where they cannot close."""

from collections import Counter

import numpy as np
import pytest

from twin.city import GROUND, ROOF, WALL
from twin.demo.roofs import Annex, Corner, Frame, flat_block, pitched, row_house, sawtooth
from twin.demo.shell import Face, ShellError, SurfaceCollector, shell, triangulate

AXES = Frame(100.0, 200.0, 0.8, 0.6)
"""A street that runs 4 east for 3 north."""


def volume(faces: list[Face]) -> float:
    collector = SurfaceCollector()
    collector.add(0, faces)
    surfaces = collector.surfaces(0.0, 0.0)
    a, b, c = (surfaces.vertices[surfaces.triangles[:, i]] - surfaces.vertices[0] for i in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def closed(faces: list[Face]) -> bool:
    walked = Counter(
        (a, b) for _, rings in faces for ring in rings for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
    )
    return all(count == 1 and walked[b, a] == 1 for (a, b), count in walked.items())


def kinds(faces: list[Face]) -> tuple[int, int, int]:
    found = Counter(kind for kind, _ in faces)
    return found[GROUND], found[WALL], found[ROOF]


def test_a_box_has_six_faces() -> None:
    faces = shell([[AXES.box(0.0, 6.0, 0.0, 10.0, 12.0)]], 2.0)
    assert closed(faces)
    assert kinds(faces) == (1, 4, 1)
    assert volume(faces) == pytest.approx(6 * 10 * 10)


def test_a_gable_is_one_wall_of_five_corners() -> None:
    """Prism of 6 by 10 by 9 m under a triangular roof of 3 m: 540 + 90 m³."""
    faces = shell(row_house(AXES, 0.0, 6.0, 10.0, 9.0, 12.0), 0.0)
    assert closed(faces)
    assert kinds(faces) == (1, 4, 2)
    assert sorted(len(rings[0]) for kind, rings in faces if kind == WALL) == [4, 4, 5, 5]
    assert volume(faces) == pytest.approx(540 + 90)


def test_a_house_with_two_annexes_and_a_dormer_closes() -> None:
    annexes = [Annex(0.0, 3.0, 10.0, 13.0, 6.0, 6.0), Annex(0.0, 3.0, 13.0, 16.0, 3.0, 3.0)]
    plain = shell(row_house(AXES, 0.0, 6.0, 10.0, 9.0, 12.0, annexes=annexes), 0.0)
    assert closed(plain)
    assert volume(plain) == pytest.approx(630 + 3 * 3 * 6 + 3 * 3 * 3)
    dressed = shell(row_house(AXES, 0.0, 6.0, 10.0, 9.0, 12.0, dormer=(2.0, 4.0), annexes=annexes), 0.0)
    assert closed(dressed)
    assert volume(dressed) > volume(plain)
    assert len(dressed) == len(plain) + 5


def test_a_mansard_holds_more_than_a_gable() -> None:
    gable = shell(row_house(AXES, 0.0, 6.0, 10.0, 9.0, 12.0), 0.0)
    mansard = shell(row_house(AXES, 0.0, 6.0, 10.0, 9.0, 12.0, mansard=True), 0.0)
    assert closed(mansard)
    assert volume(mansard) > volume(gable)


@pytest.mark.parametrize("turn", [40.0, 90.0, 130.0, -30.0])
@pytest.mark.parametrize("flat", [True, False])
def test_a_corner_house_closes_at_every_angle(turn: float, flat: bool) -> None:
    angle = np.radians(turn)
    corner = Corner(
        np.array([50.0, 50.0]), np.array([1.0, 0.0]), np.array([np.cos(angle), np.sin(angle)]), 26.0, 26.0, 9.0
    )
    faces = shell(corner.cells(10.0, 13.0, flat=flat, chamfer=2.0 if turn > 0 else 0.0), 0.0)
    assert closed(faces)
    assert volume(faces) > 0


def test_a_tower_on_a_plinth_is_one_shell() -> None:
    tower = AXES.box(10.0, 30.0, 10.0, 30.0, 60.0)
    hole = [(x, y, 8.0) for x, y, _ in tower[::-1]]
    faces = shell([[AXES.box(0.0, 40.0, 0.0, 50.0, 8.0), hole], [tower]], 0.0)
    assert closed(faces)
    assert kinds(faces) == (1, 8, 2)
    assert volume(faces) == pytest.approx(40 * 50 * 8 + 20 * 20 * 52)


def test_a_courtyard_is_a_hole_in_the_ground_face() -> None:
    yard = [(x, y, 15.0) for x, y, _ in AXES.box(10.0, 30.0, 10.0, 40.0, 15.0)[::-1]]
    faces = shell([[AXES.box(0.0, 40.0, 0.0, 50.0, 15.0), yard]], 5.0)
    assert closed(faces)
    assert [len(rings) for kind, rings in faces if kind == GROUND] == [2]
    assert volume(faces) == pytest.approx((40 * 50 - 20 * 30) * 10)


def test_sheds_and_set_back_storeys_close() -> None:
    shed = shell(sawtooth(AXES, 0.0, 24.0, 0.0, 15.0, 6.0, 8.0, 8.0), 0.0)
    assert closed(shed)
    assert volume(shed) == pytest.approx(24 * 15 * 7)
    block = shell(flat_block(AXES, 0.0, 14.0, 12.0, 20.0, setback=2.0, lift=True), 0.0)
    assert closed(block)
    assert volume(block) == pytest.approx(14 * 12 * 17 + 14 * 8 * 3 + 3.6 * 2.8 * 2.7, rel=1e-3)
    assert closed(shell(pitched(AXES, 0.0, 9.0, 0.0, 6.0, 3.0, 5.0), 0.0))


def test_roofs_that_cross_are_refused() -> None:
    left = [(0.0, 0.0, 5.0), (4.0, 0.0, 5.0), (4.0, 4.0, 5.0), (0.0, 4.0, 5.0)]
    right = [(4.0, 0.0, 4.0), (8.0, 0.0, 4.0), (8.0, 4.0, 6.0), (4.0, 4.0, 6.0)]
    with pytest.raises(ShellError, match="cut the cells where they meet"):
        shell([[left], [right]], 0.0)


def test_a_roof_below_its_ground_is_refused() -> None:
    with pytest.raises(ShellError, match="not above its ground"):
        shell([[AXES.box(0.0, 4.0, 0.0, 4.0, 3.0)]], 3.5)


def test_parts_that_touch_in_a_corner_are_refused() -> None:
    boxes = [[[(x, x, 5.0), (x + 4, x, 5.0), (x + 4, x + 4, 5.0), (x, x + 4, 5.0)]] for x in (0.0, 4.0)]
    with pytest.raises(ShellError, match="touch in one corner"):
        shell(boxes, 0.0)


def test_straight_corners_stay_corners_of_real_triangles() -> None:
    """A square with a corner in the middle of each of two sides: four triangles, none flat, the whole area."""
    ring = [(0, 0, 0), (500, 0, 0), (1000, 0, 0), (1000, 500, 0), (1000, 1000, 0), (0, 1000, 0)]
    cut = triangulate([ring])
    twice = [
        (ring[b][0] - ring[a][0]) * (ring[c][1] - ring[a][1]) - (ring[b][1] - ring[a][1]) * (ring[c][0] - ring[a][0])
        for a, b, c in cut
    ]
    assert len(cut) == 4
    assert min(twice) > 0
    assert sum(twice) == 2_000_000


def test_a_face_that_crosses_itself_is_refused() -> None:
    with pytest.raises(ShellError, match="crosses itself"):
        triangulate([[(0, 0, 0), (2000, 0, 0), (2000, 1000, 0), (500, -500, 0), (0, 1000, 0)]])
