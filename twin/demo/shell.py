"""Closed shells from plan cells: every roof of the demo district is a plan cut into cells that carry a roof plane.

A building is given as cells (polygons with a height at each corner). Where two cells meet at the same height they share
an edge; where they do not, a wall stands between them; along the outline walls go down to the ground. All plan
coordinates and heights are whole millimetres inside, so that equal means equal and the shell is watertight by
construction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import mapbox_earcut
import numpy as np

from twin.city import GROUND, ROOF, WALL, Surfaces

Point = tuple[float, float, float]
Cell = Sequence[Sequence[Point]]
"""Rings of corners, outer counter-clockwise first, then holes clockwise; corners are (x, y, roof height)."""

_Key = tuple[int, int]
_Corner = tuple[int, int, int]
Face = tuple[int, list[list[_Corner]]]

ON_LINE_MM = 1.6
"""A corner nearer than this to an edge lies on it: twice the rounding of one coordinate. [mm]"""


class ShellError(ValueError):
    """Cells that do not make a closed shell; the text says where."""


def shell(cells: Iterable[Cell], ground: float) -> list[Face]:
    """Faces of the closed shell over some plan cells.

    Parameters
    ----------
    cells : iterable of Cell
        Must not overlap; together they are the footprint.
    ground : float
        Height of the floor face, below every roof corner. [m]

    Returns
    -------
    list of (kind, rings)
        Ground, roof and wall polygons seen counter-clockwise from outside, corners in whole millimetres.

    Raises
    ------
    ShellError
        Two cells cross in height along a common edge, or a roof corner is not above the ground.
    """
    floor = round(ground * 1000)
    rings = _conforming([[[_millimetres(p) for p in ring] for ring in cell] for cell in cells])
    edges: dict[tuple[_Key, _Key], tuple[int, int]] = {}
    levels: dict[_Key, set[int]] = {}
    for cell in rings:
        for ring in cell:
            for (ax, ay, az), (bx, by, bz) in zip(ring, ring[1:] + ring[:1], strict=True):
                if az <= floor:
                    raise ShellError(f"roof corner ({ax}, {ay}) mm at {az} mm is not above its ground at {floor} mm")
                edges[(ax, ay), (bx, by)] = (az, bz)
                levels.setdefault((ax, ay), set()).add(az)
    following = {a: b for a, b in edges if (b, a) not in edges}
    outline = [(a, b) for a, b in edges if (b, a) not in edges]
    if len(following) != len(outline):
        raise ShellError("two parts of the outline touch in one corner; move one of them")
    for corner in following:
        levels[corner].add(floor)
    faces: list[Face] = [(ROOF, cell) for cell in rings]
    faces += [(WALL, [wall]) for wall in _inner_walls(edges, levels)]
    loops = _loops(following)
    faces += [(WALL, [wall]) for loop in loops for wall in _outer_walls(loop, edges, levels, floor)]
    ground_rings = [[(x, y, floor) for x, y in _turning(loop, levels)][::-1] for loop in loops]
    ground_rings.sort(key=_area, reverse=False)
    faces.append((GROUND, ground_rings))
    return faces


def _millimetres(point: Point) -> _Corner:
    return round(point[0] * 1000), round(point[1] * 1000), round(point[2] * 1000)


def _conforming(cells: list[list[list[_Corner]]]) -> list[list[list[_Corner]]]:
    """Insert into every edge the corners of other cells that lie on it."""
    keys = {(x, y) for cell in cells for ring in cell for x, y, _ in ring}
    return [[_with_corners(ring, keys) for ring in cell] for cell in cells]


def _with_corners(ring: list[_Corner], keys: set[_Key]) -> list[_Corner]:
    whole: list[_Corner] = []
    for (ax, ay, az), (bx, by, bz) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (ax, ay) == (bx, by):
            continue
        whole.append((ax, ay, az))
        west, east, south, north = min(ax, bx) - 1, max(ax, bx) + 1, min(ay, by) - 1, max(ay, by) + 1
        dx, dy = bx - ax, by - ay
        square = dx * dx + dy * dy
        reach = ON_LINE_MM * square**0.5
        found = []
        for x, y in keys:
            if west <= x <= east and south <= y <= north and abs((x - ax) * dy - (y - ay) * dx) <= reach:
                along = (x - ax) * dx + (y - ay) * dy
                if 0 < along < square and (x, y) != (ax, ay) and (x, y) != (bx, by):
                    found.append((along / square, x, y))
        for t, x, y in sorted(found):
            whole.append((x, y, round(az + t * (bz - az))))
    return whole


def _inner_walls(
    edges: dict[tuple[_Key, _Key], tuple[int, int]], levels: dict[_Key, set[int]]
) -> Iterable[list[_Corner]]:
    for (a, b), (az, bz) in edges.items():
        other = edges.get((b, a))
        if other is None:
            continue
        low_b, low_a = other
        if az == low_a and bz == low_b:
            continue
        if az >= low_a and bz >= low_b:
            yield _wall(a, b, (low_a, az), (low_b, bz), levels)
        elif not (az <= low_a and bz <= low_b):
            raise ShellError(f"two roof planes cross between {a} and {b} mm; cut the cells where they meet")


def _wall(
    a: _Key, b: _Key, span_a: tuple[int, int], span_b: tuple[int, int], levels: dict[_Key, set[int]]
) -> list[_Corner]:
    up = sorted(z for z in levels[b] if span_b[0] <= z <= span_b[1])
    down = sorted((z for z in levels[a] if span_a[0] <= z <= span_a[1]), reverse=True)
    return [(*b, z) for z in up] + [(*a, z) for z in down]


def _loops(following: dict[_Key, _Key]) -> list[list[_Key]]:
    left = dict(following)
    loops = []
    while left:
        start = next(iter(left))
        loop = [start]
        here = left.pop(start)
        while here != start:
            loop.append(here)
            here = left.pop(here)
        loops.append(loop)
    return loops


def _turning(loop: list[_Key], levels: dict[_Key, set[int]]) -> list[_Key]:
    """Corners of the outline where a wall ends: it turns there, or the roof above makes a step."""
    kept = []
    for before, here, after in zip(loop[-1:] + loop[:-1], loop, loop[1:] + loop[:1], strict=True):
        ux, uy, vx, vy = here[0] - before[0], here[1] - before[1], after[0] - here[0], after[1] - here[1]
        off = abs(ux * vy - uy * vx) / max((ux + vx) ** 2 + (uy + vy) ** 2, 1) ** 0.5
        if off > ON_LINE_MM or ux * vx + uy * vy <= 0 or len(levels[here]) != 2:
            kept.append(here)
    return kept


def _outer_walls(
    loop: list[_Key], edges: dict[tuple[_Key, _Key], tuple[int, int]], levels: dict[_Key, set[int]], floor: int
) -> Iterable[list[_Corner]]:
    turning = set(_turning(loop, levels))
    start = next(i for i, key in enumerate(loop) if key in turning)
    ordered = [*loop[start:], *loop[: start + 1]]
    first = ordered[0]
    tops: list[_Corner] = []
    for a, b in pairwise(ordered):
        az, bz = edges[a, b]
        if not tops:
            first, tops = a, [(*a, az)]
        tops.append((*b, bz))
        if b in turning:
            up = [(*b, z) for z in sorted(levels[b]) if floor <= z < bz]
            down = [(*first, z) for z in sorted(levels[first], reverse=True) if z < tops[0][2]]
            yield up + tops[::-1] + down
            tops = []


def _area(ring: list[_Corner]) -> float:
    x = np.array([p[0] for p in ring], float)
    y = np.array([p[1] for p in ring], float)
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


@dataclass
class SurfaceCollector:
    """Gathers the shells of many buildings into one ``Surfaces``."""

    vertices: list[_Corner] = field(default_factory=list)
    ring_vertices: list[int] = field(default_factory=list)
    ring_offsets: list[int] = field(default_factory=lambda: [0])
    surface_rings: list[int] = field(default_factory=lambda: [0])
    kind: list[int] = field(default_factory=list)
    building: list[int] = field(default_factory=list)
    triangles: list[tuple[int, int, int]] = field(default_factory=list)
    triangle_surface: list[int] = field(default_factory=list)

    def add(self, row: int, faces: list[Face]) -> None:
        """Append the shell of the building in table row ``row``."""
        index: dict[_Corner, int] = {}
        for kind, rings in faces:
            numbers = []
            for ring in rings:
                for corner in ring:
                    if corner not in index:
                        index[corner] = len(self.vertices)
                        self.vertices.append(corner)
                numbers.append([index[corner] for corner in ring])
                self.ring_vertices.extend(numbers[-1])
                self.ring_offsets.append(len(self.ring_vertices))
            cut = triangulate(rings)
            flat = [number for ring in numbers for number in ring]
            self.triangles.extend((flat[a], flat[b], flat[c]) for a, b, c in cut)
            self.triangle_surface.extend([len(self.kind)] * len(cut))
            self.surface_rings.append(len(self.ring_offsets) - 1)
            self.kind.append(kind)
            self.building.append(row)

    def surfaces(self, east: float, north: float) -> Surfaces:
        """Everything gathered so far, moved to an origin in Lambert 72 [m]."""
        vertices = np.array(self.vertices, float).reshape(-1, 3) / 1000 + (east, north, 0.0)
        return Surfaces(
            vertices=vertices,
            ring_vertices=np.array(self.ring_vertices, np.int32),
            ring_offsets=np.array(self.ring_offsets, np.int32),
            surface_rings=np.array(self.surface_rings, np.int32),
            kind=np.array(self.kind, np.int8),
            building=np.array(self.building, np.int32),
            triangles=np.array(self.triangles, np.int32).reshape(-1, 3),
            triangle_surface=np.array(self.triangle_surface, np.int32),
        )


def triangulate(rings: list[list[_Corner]]) -> list[tuple[int, int, int]]:
    """Cut a plane polygon into triangles that use every one of its edges, in its own winding.

    Indices count the corners of all rings in a row. Corners in the middle of a straight side are kept, so that
    neighbouring faces meet without cracks.
    """
    outer = rings[0]
    if len(rings) == 1 and len(outer) == 3:
        return [(0, 1, 2)]
    u, v = _plane(outer)
    if len(rings) > 1:
        corners = np.array([(p[u], p[v]) for ring in rings for p in ring], np.float64)
        ends = np.cumsum([len(ring) for ring in rings]).astype(np.uint32)
        cut = mapbox_earcut.triangulate_float64(corners, ends).reshape(-1, 3)
        ax, ay = corners[cut[:, 0]].T
        bx, by = corners[cut[:, 1]].T
        cx, cy = corners[cut[:, 2]].T
        turned = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) < 0
        cut[turned] = cut[turned][:, ::-1]
        return [(int(a), int(b), int(c)) for a, b, c in cut]
    corners_2d = [(p[u], p[v]) for p in outer]
    if len(outer) == 4 and all(_twice(*three) > 0 for three in _threes(corners_2d)):
        return [(0, 1, 2), (0, 2, 3)]
    return _best_ears(corners_2d)


def _threes(corners: list[tuple[int, int]]) -> Iterable[tuple[tuple[int, int], ...]]:
    return zip(corners, corners[1:] + corners[:1], corners[2:] + corners[:2], strict=True)


def _twice(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    """Twice the area of a triangle, positive where it turns left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _plane(ring: list[_Corner]) -> tuple[int, int]:
    """The two axes on which the ring, seen along its normal, turns counter-clockwise with the largest area (Newell)."""
    nx = ny = nz = 0
    for (ax, ay, az), (bx, by, bz) in zip(ring, ring[1:] + ring[:1], strict=True):
        nx += (ay - by) * (az + bz)
        ny += (az - bz) * (ax + bx)
        nz += (ax - bx) * (ay + by)
    _, u, v, sign = max((abs(nx), 1, 2, nx), (abs(ny), 2, 0, ny), (abs(nz), 0, 1, nz))
    return (u, v) if sign >= 0 else (v, u)


def _best_ears(corners: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Ear clipping that always takes the fattest ear, so that straight corners end up as tips of real triangles."""
    left = list(range(len(corners)))
    hollow = [three[1] for three in _threes(corners) if _twice(*three) <= 0]
    cut: list[tuple[int, int, int]] = []
    while len(left) > 3:
        best, chosen = 0.0, -1
        for place, here in enumerate(left):
            a, b, c = corners[left[place - 1]], corners[here], corners[left[(place + 1) % len(left)]]
            twice = _twice(a, b, c)
            if twice <= 0:
                continue
            long = max(_square(a, b), _square(b, c), _square(c, a))
            if twice / long > best and not _occupied(a, b, c, hollow):
                best, chosen = twice / long, place
        if chosen < 0:
            break
        cut.append((left[chosen - 1], left[chosen], left[(chosen + 1) % len(left)]))
        del left[chosen]
    if len(left) > 3 or _twice(*(corners[number] for number in left)) <= 0:
        raise ShellError(f"the face with corners {corners} mm crosses itself")
    return [*cut, (left[0], left[1], left[2])]


def _square(a: tuple[int, int], b: tuple[int, int]) -> int:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def _occupied(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int], hollow: list[tuple[int, int]]) -> bool:
    """Whether a hollow or straight corner lies in the triangle or on its cut a-c; others cannot."""
    return any(
        p not in (a, b, c) and _twice(a, b, p) >= 0 and _twice(b, c, p) >= 0 and _twice(c, a, p) >= 0 for p in hollow
    )
