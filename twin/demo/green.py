"""Trees of the demo district: rows along boulevards and quays, the park, squares and gardens."""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
import shapely.affinity
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from twin.demo.ground import PAVEMENT, Shapes
from twin.demo.plan import ASSETS, Block, Plan

CLEAR = 9.0
"""No street tree nearer than this to a junction. [m]"""


@dataclass
class Trees:
    """Columns of the tree table, in the district's own frame."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    height: list[float] = field(default_factory=list)
    crown_diameter: list[float] = field(default_factory=list)
    crown_base: list[float] = field(default_factory=list)
    species: list[str] = field(default_factory=list)

    def plant(self, x: float, y: float, kind: dict[str, Any], rng: np.random.Generator, room: float = np.inf) -> None:
        """Add one tree of a kind, with a height of its own; its crown keeps within ``room`` of the trunk [m]."""
        height = round(float(rng.uniform(*kind["height"])), 1)
        self.x.append(round(x, 2))
        self.y.append(round(y, 2))
        self.height.append(height)
        crown = height * kind["crown"] * float(rng.uniform(0.85, 1.15))
        self.crown_diameter.append(round(min(crown, 2 * room), 1))
        self.crown_base.append(round(height * kind["base"], 1))
        self.species.append(kind["species"])


def make_trees(plan: Plan, shapes: Shapes, yards: dict[int, BaseGeometry], seed: int) -> Trees:
    """Plant the district.

    Parameters
    ----------
    plan : Plan
    shapes : Shapes
    yards : mapping of int to geometry
        Unbuilt ground of each block, by block number.
    seed : int

    Returns
    -------
    Trees
    """
    species = json.loads((ASSETS / "species.json").read_text(encoding="utf-8"))
    trees = Trees()
    _rows(trees, plan, shapes, species["street"], seed)
    for block in plan.blocks:
        if block.number not in yards:
            continue
        rng = np.random.default_rng([seed, 6, block.number])
        yard = yards[block.number]
        if block.kind == "park":
            wood = yard.buffer(-4.0).difference(shapes.pond.buffer(4.0))
            meadow = shapely.affinity.translate(shapes.pond, 52.0, -12.0).buffer(6.0)
            _scatter(trees, wood.difference(meadow), 125, 7.5, species["park"], rng)
        elif block.kind == "church":
            _border(trees, block.polygon, yard.buffer(-2.0), species["street"], rng)
        elif block.kind in ("row", "mixed", "dock"):
            garden = yard.buffer(-3.0)
            _scatter(trees, garden, int(garden.area / 190.0), 5.0, species["courtyard"], rng)
        elif block.kind == "slab":
            _scatter(trees, yard.buffer(-5.0), int(yard.area / 220.0), 6.0, species["park"], rng)
        elif block.kind in ("office", "tower", "landmark"):
            _scatter(trees, yard.buffer(-4.5), 6, 7.0, species["street"], rng)
    return trees


def _pick(kinds: list[dict[str, Any]], rng: np.random.Generator) -> dict[str, Any]:
    shares = np.array([kind["share"] for kind in kinds], float)
    return kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]


def _rows(trees: Trees, plan: Plan, shapes: Shapes, kinds: list[dict[str, Any]], seed: int) -> None:
    chosen: dict[str, dict[str, Any]] = {}
    blocked = shapely.union_all([shapes.carriageways, shapes.water, shapes.bridges, shapes.tracks, shapes.underpass])
    shapely.prepare(blocked)
    for number, (a, b, key) in enumerate(plan.edges):
        street = plan.streets[key]
        if street.trees == 0:
            continue
        rng = np.random.default_rng([seed, 5, number])
        if key not in chosen:
            chosen[key] = kinds[1] if key == "boulevard" else _pick(kinds, rng)
        (ax, ay), (bx, by) = plan.nodes[a], plan.nodes[b]
        length = float(np.hypot(bx - ax, by - ay))
        ux, uy = (bx - ax) / length, (by - ay) / length
        kerb = street.width / 2 - PAVEMENT[street.kind] + 0.7
        offsets = [kerb, -kerb] + ([2.0, -2.0] if key == "boulevard" else [])
        count = int((length - 2 * CLEAR) / street.trees)
        for offset in offsets:
            for i in range(count + 1):
                along = CLEAR + i * street.trees
                x, y = ax + along * ux - offset * uy, ay + along * uy + offset * ux
                if rng.random() < 0.94 and along < length - CLEAR and not shapely.contains_xy(blocked, x, y):
                    trees.plant(x, y, chosen[key], rng, street.width / 2 - abs(offset) - 0.3)


def _scatter(
    trees: Trees, ground: BaseGeometry, count: int, apart: float, kinds: list[dict[str, Any]], rng: np.random.Generator
) -> None:
    if ground.is_empty or count == 0:
        return
    west, south, east, north = ground.bounds
    x, y = rng.uniform(west, east, 4 * count), rng.uniform(south, north, 4 * count)
    inside = shapely.contains_xy(ground, x, y)
    kept: list[tuple[float, float]] = []
    for px, py in zip(x[inside], y[inside], strict=True):
        if len(kept) == count:
            break
        if all((px - qx) ** 2 + (py - qy) ** 2 > apart**2 for qx, qy in kept):
            kept.append((px, py))
            trees.plant(float(px), float(py), _pick(kinds, rng), rng)


def _border(
    trees: Trees, polygon: Polygon, free: BaseGeometry, kinds: list[dict[str, Any]], rng: np.random.Generator
) -> None:
    """One row around a square."""
    ring = polygon.buffer(-6.0, join_style="mitre").exterior
    count = int(ring.length / 9.0)
    for i in range(count):
        point = ring.interpolate(i * ring.length / count)
        if free.contains(point):
            trees.plant(point.x, point.y, kinds[0], rng)


def yard_of(block: Block, plans: list[Polygon]) -> BaseGeometry:
    """What the buildings leave of a block."""
    if not plans:
        return block.polygon
    return block.polygon.difference(shapely.union_all(plans, grid_size=0.001))
