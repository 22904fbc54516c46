"""Plots of the demo district: closed rows of houses around a block, with corner houses, annexes and back buildings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry import Polygon

from twin.demo.ground import Ground
from twin.demo.plan import Block
from twin.demo.roofs import Annex, Corner, Draft, Frame, flat_block, frame, pitched, row_house, sawtooth

FLOORS = (3.9, 3.5, 3.2, 3.0, 2.9, 2.9, 2.9, 2.9)
"""Height of each storey of an old row house, from the street up. [m]"""

GRAND = 17.0
"""Along streets at least this wide, plots are wider and many were rebuilt higher. [m]"""


@dataclass(frozen=True)
class Fabric:
    """How a part of the district is built.

    Attributes
    ----------
    storeys : tuple of float
        Weights of 2, 3, 4, 5 and 6 storeys.
    width, depth : float
        Mean front and depth of a row house. [m]
    infill : float
        Chance that a run of plots was joined into one post-war block.
    longest : int
        Most plots in such a run.
    back : int
        Most workshops and garages in a courtyard.
    hall : float
        Chance of one large hall or school in the courtyard.
    """

    storeys: tuple[float, ...] = (0.02, 0.28, 0.46, 0.2, 0.04)
    width: float = 6.6
    depth: float = 10.9
    infill: float = 0.06
    longest: int = 4
    back: int = 10
    hall: float = 0.5


@dataclass
class _House:
    """A row house before it gets its annexes."""

    axes: Frame
    s0: float
    s1: float
    depth: float
    storeys: int
    eaves: float
    ridge: float
    mansard: bool
    dormer: tuple[float, float] | None

    @property
    def width(self) -> float:
        return self.s1 - self.s0

    def draft(self, annexes: Sequence[Annex] = ()) -> Draft:
        cells = row_house(
            self.axes,
            self.s0,
            self.s1,
            self.depth,
            self.eaves,
            self.ridge,
            mansard=self.mansard,
            dormer=self.dormer,
            annexes=annexes,
        )
        plan = None if annexes else self.axes.rectangle(self.s0, self.s1, 0.0, self.depth)
        return Draft(cells, "residential", self.storeys, plan=plan)


def row_block(block: Block, fabric: Fabric, ground: Ground, rng: np.random.Generator) -> list[Draft]:
    """Build a closed perimeter block.

    Parameters
    ----------
    block : Block
    fabric : Fabric
    ground : Ground
        Annexes rise above the yard, which may lie higher than the street.
    rng : numpy.random.Generator
        The block's own.

    Returns
    -------
    list of Draft
        Neighbours share their party lines; nothing overlaps; all lies inside the block.
    """
    depth = fabric.depth
    while depth > 7.0 and block.polygon.buffer(-(depth + 3.0)).is_empty:
        depth -= 1.0
    if depth <= 7.0:
        return [filled_block(block, rng)]
    usual = _storeys(fabric, rng)
    site = Site(block.polygon)
    corners = _corners(block, depth)
    drafts = [draft for corner in corners if site.take(draft := _corner_house(corner, usual, rng))]
    houses: list[_House] = []
    for i, side in enumerate(block.sides):
        axes, length = frame(side.start, side.end)
        first, last = corners[i], corners[(i + 1) % len(corners)]
        row = _Row(axes, first.arm_after, length - last.arm_before, depth, min(first.depth, last.depth))
        grand = side.width >= GRAND
        for one in row.fill(usual + grand, replace(fabric, infill=0.4, longest=6, width=7.4) if grand else fabric, rng):
            if isinstance(one, Draft):
                if site.take(one):
                    drafts.append(one)
            elif site.take(one.draft()):
                houses.append(one)
    yard = site.yard()
    drafts += [
        _with_annexes(house, yard, rise, rng) for house, rise in zip(houses, _rises(houses, ground), strict=True)
    ]
    if rng.random() < fabric.hall:
        drafts += _hall(block, yard, rng)
    drafts += _back_buildings(block, yard, int(rng.integers(1, fabric.back + 1)), rng)
    return drafts


class Site:
    """Free ground of a block while it is being built on."""

    def __init__(self, polygon: Polygon) -> None:
        self.free = polygon.buffer(0.02, join_style="mitre")
        self.taken: list[Polygon] = []

    def take(self, draft: Draft) -> bool:
        """Claim the plan of a building; False where it would leave the block or stand in another one."""
        return self.claim(draft.outline)

    def claim(self, plan: Polygon) -> bool:
        """Claim a polygon; common sides are allowed."""
        if not plan.is_valid or not self.free.covers(plan):
            return False
        if self.taken:
            others = np.array(self.taken)
            near = others[shapely.intersects(others, plan)]
            if near.size and shapely.area(shapely.intersection(near, plan)).max() > 0.05:
                return False
        self.taken.append(plan)
        return True

    def yard(self) -> "Site":
        """What is left, as a new site."""
        left = Site(self.free)
        left.free = self.free.difference(shapely.union_all(self.taken)).buffer(0.02, join_style="mitre")
        return left


def _storeys(fabric: Fabric, rng: np.random.Generator) -> int:
    return int(rng.choice(np.arange(2, 7), p=np.array(fabric.storeys) / sum(fabric.storeys)))


def _corners(block: Block, depth: float) -> list[Corner]:
    """Corner plots, one per corner of the block, in the order of its sides; their wings leave room for the rows."""
    ways = []
    for side in block.sides:
        axes, length = frame(side.start, side.end)
        ways.append((np.array([axes.ux, axes.uy]), length, np.array(side.start)))
    needs, wanted = [], []
    for (u, _, _), (v, _, _) in zip([ways[-1], *ways[:-1]], ways, strict=True):
        turn = float(np.arctan2(u[0] * v[1] - u[1] * v[0], u @ v))
        half = np.tan((np.pi - turn) / 2) if turn > 0.05 else np.inf
        needs.append(half)
        wanted.append(max(depth / half, 4.0) if turn > 0.05 else 4.0)
    arms: list[list[float]] = [[0.0, 0.0] for _ in ways]
    for i, (_, length, _) in enumerate(ways):
        j = (i + 1) % len(ways)
        room = length - wanted[i] - wanted[j]
        if room >= 5.0:
            arms[i][1], arms[j][0] = wanted[i], wanted[j]
        else:
            share = wanted[i] / (wanted[i] + wanted[j])
            arms[i][1], arms[j][0] = length * share, length * (1 - share)
    corners = []
    for i, (v, _, tip) in enumerate(ways):
        before, after = arms[i]
        reach = depth if needs[i] == np.inf else min(depth, before * needs[i], after * needs[i])
        corners.append(Corner(tip, ways[i - 1][0], v, before, after, float(reach)))
    return corners


def _corner_house(corner: Corner, usual: int, rng: np.random.Generator) -> Draft:
    storeys = usual + int(rng.random() < 0.45)
    eaves = sum(FLOORS[:storeys]) + rng.uniform(0.2, 0.7)
    flat = bool(rng.random() < 0.3) or corner.depth < 6.0
    sharp = abs(corner.before @ corner.after) < 0.75
    chamfer = min(2.2, corner.arm_before / 3, corner.arm_after / 3) if sharp else 0.0
    ridge = eaves + corner.depth / 2 * rng.uniform(0.62, 0.8)
    use = "retail" if rng.random() < 0.5 else "residential"
    flat_ring = corner.cells(eaves, ridge, flat=True, chamfer=chamfer)[0][0]
    cells = [[flat_ring]] if flat else corner.cells(eaves, ridge, flat=False, chamfer=chamfer)
    return Draft(cells, use, storeys, plan=Polygon([p[:2] for p in flat_ring]))


@dataclass(frozen=True)
class _Row:
    """One side of a block between its two corner houses."""

    axes: Frame
    start: float
    end: float
    depth: float
    corner_depth: float

    def fill(self, usual: int, fabric: Fabric, rng: np.random.Generator) -> list["_House | Draft"]:
        """Plots from start to end without a gap: houses, and now and then a post-war block over several plots."""
        length = self.end - self.start
        if length < 4.0:
            return []
        count = max(1, round(length / fabric.width))
        widths = np.clip(rng.normal(1.0, 0.1, count), 0.8, 1.25)
        lines = self.start + np.concatenate([[0.0], np.cumsum(widths)]) * (length / widths.sum())
        lines[-1] = self.end
        built: list[_House | Draft] = []
        i = 0
        while i < count:
            run = int(rng.integers(2, fabric.longest + 1))
            if rng.random() < fabric.infill and i + run <= count:
                built.append(self._infill(float(lines[i]), float(lines[i + run]), usual, rng))
                i += run
            else:
                built.append(self._house(float(lines[i]), float(lines[i + 1]), usual, rng))
                i += 1
        return built

    def _reach(self, s0: float, s1: float, depth: float) -> float:
        """Houses beside a corner house are not deeper than it, so that their backs do not meet around the corner."""
        near = min(s0 - self.start, self.end - s1)
        return min(depth, max(self.corner_depth, 7.0)) if near < 6.0 else depth

    def _house(self, s0: float, s1: float, usual: int, rng: np.random.Generator) -> _House:
        storeys = max(2, usual + int(rng.choice([-1, 0, 0, 0, 1], p=[0.2, 0.25, 0.2, 0.2, 0.15])))
        depth = self._reach(s0, s1, self.depth + float(rng.choice([-1.0, -0.5, 0.0, 0.0, 0.5])))
        eaves = sum(FLOORS[:storeys]) + float(rng.uniform(0.1, 0.9))
        mansard = bool(rng.random() < 0.22)
        ridge = eaves + depth / 2 * float(rng.uniform(0.6, 0.82))
        dormer = None
        if rng.random() < 0.38:
            width = float(rng.uniform(1.5, 2.6))
            a = s0 + (s1 - s0 - width) * float(rng.choice([0.5, 0.5, 0.25]))
            dormer = (a, a + width)
        return _House(self.axes, s0, s1, depth, storeys, eaves, ridge, mansard, dormer)

    def _infill(self, s0: float, s1: float, usual: int, rng: np.random.Generator) -> Draft:
        storeys = usual + int(rng.integers(1, 5))
        top = 3.4 + 2.9 * (storeys - 1) + 0.6
        depth = self._reach(s0, s1, self.depth + float(rng.uniform(1.0, 3.0)))
        setback = float(rng.choice([0.0, 1.6, 2.0]))
        use = "office" if rng.random() < 0.25 else "residential"
        lift = storeys > 5 and s1 - s0 > 12.0
        return Draft(flat_block(self.axes, s0, s1, depth, top, setback=setback, lift=lift), use, storeys, ridge=top)


def _rises(houses: list[_House], ground: Ground) -> list[float]:
    """How much higher the yard lies than the street, for each house. [m]"""
    if not houses:
        return []
    middles = [(one, (one.s0 + one.s1) / 2) for one in houses]
    back = np.array([one.axes.at(s, one.depth + 3.0)[:2] for one, s in middles])
    front = np.array([one.axes.at(s, 2.0)[:2] for one, s in middles])
    rise = ground.bare.sample(*back.T) - ground.street.sample(*front.T)
    return np.maximum(rise, 0.0).tolist()


def _with_annexes(house: _House, yard: Site, rise: float, rng: np.random.Generator) -> Draft:
    """The house with its lower back buildings, as far as the yard has room."""
    left = int(house.s0 / house.width) % 2 == 0
    share = float(rng.uniform(0.42, 0.62))
    s0, s1 = (house.s0, house.s0 + share * house.width) if left else (house.s1 - share * house.width, house.s1)
    first, second = float(rng.uniform(2.6, 4.6)), float(rng.uniform(2.2, 4.2))
    low = rise + float(rng.uniform(3.1, 3.7))
    high = min(house.eaves - 1.5, max(float(rng.choice([6.4, 7.2, 9.6])), low + 1.0))
    low = min(low, high - 1.0)
    steps = rng.random()
    annexes: list[Annex] = []
    if steps < 0.62:
        annexes = [
            Annex(s0, s1, house.depth, house.depth + first, high, high - 0.5),
            Annex(s0, s1, house.depth + first, house.depth + first + second, low, low - 0.3),
        ]
    elif steps < 0.9:
        annexes = [Annex(s0, s1, house.depth, house.depth + first, low + 0.4, low)]
    while annexes:
        room = house.axes.rectangle(s0 + 0.05, s1 - 0.05, house.depth + 0.05, annexes[-1].d1 + 2.5)
        box = house.axes.rectangle(s0, s1, house.depth, annexes[-1].d1)
        if yard.free.covers(room) and yard.claim(box):
            break
        annexes.pop()
    return house.draft(annexes)


def _hall(block: Block, yard: Site, rng: np.random.Generator) -> list[Draft]:
    """One large building inside the block: a school, or a workshop with north lights."""
    axes, length = max((frame(side.start, side.end) for side in block.sides), key=lambda one: one[1])
    width = block.polygon.area / length
    school = rng.random() < 0.4
    for shrink in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5):
        s, d = length * float(rng.uniform(0.46, 0.54)), width * float(rng.uniform(0.47, 0.53))
        half_s, half_d = (length / 2 - 20.0) * shrink, (width / 2 - 20.0) * shrink
        if min(half_s, half_d) < 5.0:
            return []
        if not yard.claim(axes.rectangle(s - half_s - 2.0, s + half_s + 2.0, d - half_d - 2.0, d + half_d + 2.0)):
            continue
        s0, s1, d0, d1 = s - half_s, s + half_s, d - half_d, d + half_d
        if school:
            wing = min(9.0, half_d * 0.8)
            outer = [(s0, d0), (s1, d0), (s1, d1), (s1 - wing, d1), (s1 - wing, d0 + wing)]
            outer += [(s0 + wing, d0 + wing), (s0 + wing, d1), (s0, d1)]
            top = 3.6 * int(rng.integers(2, 5)) + 1.0
            return [Draft([[axes.ring([(u, v, top) for u, v in outer])]], "education", round(top / 3.6), inside=True)]
        eaves = float(rng.uniform(5.5, 8.0))
        return [Draft(sawtooth(axes, s0, s1, d0, d1, eaves, eaves + 2.2, 7.0), "other", 1, inside=True)]
    return []


def _back_buildings(block: Block, yard: Site, most: int, rng: np.random.Generator) -> list[Draft]:
    """Workshops and garages in the courtyard."""
    built: list[Draft] = []
    west, south, east, north = block.polygon.bounds
    axes, _ = frame(block.sides[0].start, block.sides[0].end)
    for _ in range(8 * most):
        if len(built) == most:
            break
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        length, depth = float(rng.uniform(6.0, 16.0)), float(rng.uniform(4.5, 9.0))
        local = Frame(x, y, axes.ux, axes.uy) if rng.random() < 0.5 else Frame(x, y, -axes.uy, axes.ux)
        around = local.rectangle(-1.2, length + 1.2, -1.2, depth + 1.2)
        if not yard.free.covers(around) or not yard.claim(around):
            continue
        eaves = float(rng.uniform(2.9, 5.4))
        kind = rng.random()
        if kind < 0.45:
            cells = [[local.box(0.0, length, 0.0, depth, eaves)]]
        elif kind < 0.8:
            cells = pitched(local, 0.0, length, 0.0, depth, eaves, eaves + depth * 0.25)
        else:
            cells = sawtooth(local, 0.0, length, 0.0, depth, eaves, eaves + 1.6, 5.0)
        built.append(Draft(cells, "annex", 1 if eaves < 4.8 else 2, inside=True))
    return built


def filled_block(block: Block, rng: np.random.Generator) -> Draft:
    """A block too small for a courtyard: one flat building over all of it."""
    storeys = int(rng.integers(4, 7))
    top = 4.2 + 3.1 * (storeys - 1)
    ring = [(x, y, top) for x, y in block.polygon.exterior.coords[:-1]]
    return Draft([[ring]], "office" if rng.random() < 0.5 else "residential", storeys)
