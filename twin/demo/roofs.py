"""Roof shapes of Brussels houses as plan cells: row houses, corner houses, flat roofs, sheds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import Polygon

Point = tuple[float, float, float]
Ring = list[Point]


@dataclass
class Draft:
    """A building before it stands on the ground; heights are above its own street level.

    Attributes
    ----------
    rings : list of cells
        Plan cells with roof heights; see ``twin.demo.shell``.
    use : str
        As in ``twin.city.BUILDING_COLUMNS``.
    storeys : int
    name : str
        Only landmarks have one.
    ridge : float or None
        Highest point without lift houses; None where the highest corner is meant. [m]
    plan : Polygon or None
        Outline, where its maker knows it; otherwise it is the union of the cells.
    inside : bool
        Stands in the yard, not on a street.
    id : str
        Given when the block is done.
    """

    cells: list[list[Ring]]
    use: str = "residential"
    storeys: int = 1
    name: str = ""
    ridge: float | None = None
    plan: Polygon | None = None
    inside: bool = False
    id: str = ""

    @property
    def top(self) -> float:
        """Highest point without lift houses, above the street. [m]"""
        return max(p[2] for cell in self.cells for p in cell[0]) if self.ridge is None else self.ridge

    @property
    def outline(self) -> Polygon:
        """Plan of the building."""
        if self.plan is None:
            parts = [Polygon([p[:2] for p in cell[0]]) for cell in self.cells]
            self.plan = shapely.union_all([part for part in parts if part.area > 0], grid_size=0.001)
        return self.plan


class Frame(NamedTuple):
    """Local axes of a plot: ``s`` along the street, ``d`` away from it; metres from the origin."""

    x: float
    y: float
    ux: float
    uy: float

    def at(self, s: float, d: float, z: float = 0.0) -> Point:
        """Point of the plan at (s, d), with a height."""
        return self.x + s * self.ux - d * self.uy, self.y + s * self.uy + d * self.ux, z

    def ring(self, corners: Sequence[tuple[float, float, float]]) -> Ring:
        """Ring of plan points from (s, d, z)."""
        return [self.at(*corner) for corner in corners]

    def box(self, s0: float, s1: float, d0: float, d1: float, z: float) -> Ring:
        """Flat rectangle, counter-clockwise."""
        return self.ring([(s0, d0, z), (s1, d0, z), (s1, d1, z), (s0, d1, z)])

    def rectangle(self, s0: float, s1: float, d0: float, d1: float) -> Polygon:
        """The same as a polygon."""
        return Polygon([p[:2] for p in self.box(s0, s1, d0, d1, 0.0)])


def frame(start: Sequence[float], end: Sequence[float]) -> tuple[Frame, float]:
    """Axes along a facade line, the plot on its left, and its length [m]."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5
    return Frame(start[0], start[1], dx / length, dy / length), length


class Annex(NamedTuple):
    """Lower back building over the full or part width of a house: s from-to, d from-to, height at both ends. [m]"""

    s0: float
    s1: float
    d0: float
    d1: float
    near: float
    far: float


def row_house(
    axes: Frame,
    s0: float,
    s1: float,
    depth: float,
    eaves: float,
    ridge: float,
    *,
    mansard: bool = False,
    dormer: tuple[float, float] | None = None,
    annexes: Sequence[Annex] = (),
) -> list[list[Ring]]:
    """Pitched roof with its ridge along the street, between party walls; optional dormer flush with the facade.

    Parameters
    ----------
    axes : Frame
    s0, s1, depth : float
        Plot along the street and depth of the main house. [m]
    eaves, ridge : float
        Above the street. [m]
    mansard : bool
        The street side is broken: steep below, shallow above.
    dormer : (float, float), optional
        From-to along ``s``, inside the plot. [m]
    annexes : sequence of Annex
        Each begins where the house or the annex before it ends.

    Returns
    -------
    list of cells
    """
    middle = depth / 2
    cells: list[list[Ring]] = []
    if mansard:
        knee_d, knee_z = 1.3, eaves + (ridge - eaves) * 0.62
    else:
        knee_d, knee_z = middle, ridge
    front = [(s0, 0.0, eaves)]
    if dormer is not None:
        a, b = dormer
        back_d = knee_d * 0.72
        back_z = eaves + (knee_z - eaves) * 0.72
        front_z = back_z - 0.15
        front += [(a, 0.0, eaves), (a, back_d, back_z), (b, back_d, back_z), (b, 0.0, eaves)]
        cells.append([axes.ring([(a, 0.0, front_z), (b, 0.0, front_z), (b, back_d, back_z), (a, back_d, back_z)])])
    front += [(s1, 0.0, eaves), (s1, knee_d, knee_z), (s0, knee_d, knee_z)]
    cells.append([axes.ring(front)])
    if mansard:
        cells.append(
            [axes.ring([(s0, knee_d, knee_z), (s1, knee_d, knee_z), (s1, middle, ridge), (s0, middle, ridge)])]
        )
    cells.append([axes.ring([(s0, middle, ridge), (s1, middle, ridge), (s1, depth, eaves), (s0, depth, eaves)])])
    for one in annexes:
        cells.append(
            [
                axes.ring(
                    [
                        (one.s0, one.d0, one.near),
                        (one.s1, one.d0, one.near),
                        (one.s1, one.d1, one.far),
                        (one.s0, one.d1, one.far),
                    ]
                )
            ]
        )
    return cells


@dataclass(frozen=True)
class Corner:
    """Plan of a house on a block's corner, with wings along both streets.

    Attributes
    ----------
    tip : (2,) ndarray
        Corner of the block.
    before, after : (2,) ndarray
        Directions of the sides that arrive at and leave the corner.
    arm_before, arm_after, depth : float
        Facade on both streets and depth of the wings. [m]
    """

    tip: np.ndarray
    before: np.ndarray
    after: np.ndarray
    arm_before: float
    arm_after: float
    depth: float

    def cells(self, eaves: float, ridge: float, *, flat: bool, chamfer: float) -> list[list[Ring]]:
        """A roof whose ridge follows both streets (hip outside, valley inside), or a flat one at ``eaves``."""
        n_before = np.array([-self.before[1], self.before[0]])
        n_after = np.array([-self.after[1], self.after[0]])
        mitre = (n_before + n_after) / (1 + n_before @ n_after)
        a, b = self.tip - self.arm_before * self.before, self.tip + self.arm_after * self.after
        inner = self.tip + self.depth * mitre
        tips = [self.tip - chamfer * self.before, self.tip + chamfer * self.after] if chamfer > 0 else [self.tip]
        back_a, back_b = a + self.depth * n_before, b + self.depth * n_after
        tail = [back_b] if np.hypot(*(back_b - inner)) > 0.05 else []
        head = [back_a] if np.hypot(*(back_a - inner)) > 0.05 else []
        if flat:
            return [[_lift([a, *tips, b, *tail, inner, *head], eaves)]]
        middle = self.tip + self.depth / 2 * mitre
        half_a, half_b = a + self.depth / 2 * n_before, b + self.depth / 2 * n_after
        cells = [
            [_lift([a, tips[0]], eaves) + _lift([middle, half_a], ridge)],
            [_lift([tips[-1], b], eaves) + _lift([half_b, middle], ridge)],
            [_lift([half_a, middle], ridge) + _lift([inner, *head], eaves)],
            [_lift([middle, half_b], ridge) + _lift([*tail, inner], eaves)],
        ]
        if chamfer > 0:
            cells.append([_lift(tips, eaves) + _lift([middle], ridge)])
        return cells


def _lift(points: Sequence[np.ndarray], z: float) -> Ring:
    return [(float(p[0]), float(p[1]), z) for p in points]


def flat_block(
    axes: Frame, s0: float, s1: float, depth: float, top: float, *, setback: float, lift: bool
) -> list[list[Ring]]:
    """Flat-roofed block between party walls: top storey set back from the street and the garden, lift house on top."""
    cells: list[list[Ring]] = []
    d0, d1 = 0.0, depth
    if setback > 0:
        d0, d1 = setback, depth - setback
        cells = [[axes.box(s0, s1, 0.0, d0, top - 3.0)], [axes.box(s0, s1, d1, depth, top - 3.0)]]
    roof = [axes.box(s0, s1, d0, d1, top)]
    if lift:
        s, d = (s0 + s1) / 2, (d0 + d1) / 2
        house = axes.box(s - 1.8, s + 1.8, d - 1.4, d + 1.4, top + 2.7)
        roof.append([(x, y, top) for x, y, _ in house[::-1]])
        cells.append([house])
    return [*cells, roof]


def pitched(axes: Frame, s0: float, s1: float, d0: float, d1: float, eaves: float, ridge: float) -> list[list[Ring]]:
    """Free-standing gable roof, ridge along ``s``."""
    m = (d0 + d1) / 2
    return [
        [axes.ring([(s0, d0, eaves), (s1, d0, eaves), (s1, m, ridge), (s0, m, ridge)])],
        [axes.ring([(s0, m, ridge), (s1, m, ridge), (s1, d1, eaves), (s0, d1, eaves)])],
    ]


def sawtooth(
    axes: Frame, s0: float, s1: float, d0: float, d1: float, eaves: float, ridge: float, bay: float
) -> list[list[Ring]]:
    """Shed of parallel bays, each rising from a gutter to a glazed upright (the north light of a workshop)."""
    bays = max(1, round((s1 - s0) / bay))
    step = (s1 - s0) / bays
    return [
        [
            axes.ring(
                [
                    (s0 + i * step, d0, eaves),
                    (s0 + (i + 1) * step, d0, ridge),
                    (s0 + (i + 1) * step, d1, ridge),
                    (s0 + i * step, d1, eaves),
                ]
            )
        ]
        for i in range(bays)
    ]
