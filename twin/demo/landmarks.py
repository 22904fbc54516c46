"""What stands out of the demo district: office towers on plinths, slabs, sheds, the station and the church."""

from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from twin.demo.ground import HALL, SQUARE, Ground, station_axes
from twin.demo.parcels import Fabric, Site, row_block
from twin.demo.plan import Block
from twin.demo.roofs import Draft, Frame, Ring, frame, pitched, sawtooth

SHED = 120.0
"""Length of the train shed. [m]"""


def tower_block(block: Block, rng: np.random.Generator) -> list[Draft]:
    """Offices around a boulevard: one or two towers on a plinth that fills the block, or a courtyard building.

    The block of kind ``landmark`` gets one tower, the highest of the district.
    """
    plinth = _inset(block.polygon, 3.0)
    core = _inset(plinth, 2.0)
    axes, length, width = _long_axes(plinth)
    highest = block.kind == "landmark"
    if rng.random() < 0.2 and not highest:
        return [_courtyard(plinth, 14.0, 3.4 * int(rng.integers(7, 11)), "office")]
    low = 4.5 + 3.6 * int(rng.integers(0, 3))
    count = 2 if length > 88.0 and rng.random() < 0.6 and not highest else 1
    cells: list[list[Ring]] = []
    holes: list[Ring] = []
    tallest = 0.0
    for i in range(count):
        size_s = min(length / count * 0.62, float(rng.uniform(30.0, 44.0)))
        size_d = min(width * 0.62, float(rng.uniform(21.0, 28.0)))
        shift = float(rng.choice([-0.14, 0.0, 0.14])) if count == 1 else float(rng.uniform(-0.06, 0.06))
        s = length * ((i + 0.5 + shift) / count)
        d = width * float(rng.uniform(0.44, 0.56))
        for _ in range(20):
            if core.contains(axes.rectangle(s - size_s / 2, s + size_s / 2, d - size_d / 2, d + size_d / 2)):
                break
            size_s, size_d = 0.92 * size_s, 0.92 * size_d
        else:
            raise ValueError(f"block {block.number} at {block.face.centroid.wkt} has no room for a tower")
        s0, s1, d0, d1 = s - size_s / 2, s + size_s / 2, d - size_d / 2, d + size_d / 2
        top = 3.6 * (27 if highest else int(rng.integers(15, 26))) + 1.5
        tallest = max(tallest, top)
        holes.append([(x, y, low) for x, y, _ in axes.box(s0, s1, d0, d1, low)[::-1]])
        crown = axes.box(s0 + 3.0, s1 - 3.0, d0 + 3.0, d1 - 3.0, top + 3.2)
        cells += [[axes.box(s0, s1, d0, d1, top), [(x, y, top) for x, y, _ in crown[::-1]]], [crown]]
        if count == 1 and length - size_s > 44.0:
            s0, s1 = (s1 + 7.0, length - 5.0) if s < length / 2 else (5.0, s0 - 7.0)
            if core.contains(axes.rectangle(s0, s1, d0, d1)):
                top = low + 3.6 * int(rng.integers(3, 8))
                holes.append([(x, y, low) for x, y, _ in axes.box(s0, s1, d0, d1, low)[::-1]])
                cells.append([axes.box(s0, s1, d0, d1, top)])
    cells.append([_flat(plinth, low), *holes])
    return [Draft(cells, "office", int(tallest / 3.6), ridge=tallest)]


def office_block(block: Block, rng: np.random.Generator) -> list[Draft]:
    """A large administration around its courtyard."""
    return [_courtyard(_inset(block.polygon, 1.5), 15.0, 3.5 * int(rng.integers(7, 10)) + 1.0, "office")]


def college(block: Block, rng: np.random.Generator) -> list[Draft]:
    """A college around its courtyard, pitched roofs all around."""
    outer = block.polygon
    middle, inner = _inset(outer, 7.0), _inset(outer, 14.0)
    if any(len(one.exterior.coords) != len(outer.exterior.coords) for one in (middle, inner)):
        return [_courtyard(outer, 14.0, 3.8 * int(rng.integers(3, 6)), "education")]
    eaves = 3.9 * int(rng.integers(3, 5)) + 0.8
    rings = [_flat(outer, eaves), _flat(middle, eaves + 5.0), _flat(inner, eaves)]
    rings[1:] = [_aligned(ring, rings[0]) for ring in rings[1:]]
    cells = []
    for near, far in ((rings[0], rings[1]), (rings[1], rings[2])):
        for i in range(len(near)):
            j = (i + 1) % len(near)
            cells.append([[near[i], near[j], far[j], far[i]]])
    return [Draft(cells, "education", round(eaves / 3.9), plan=Polygon(outer.exterior, [_turned(inner)]))]


def mixed_block(block: Block, ground: Ground, rng: np.random.Generator) -> list[Draft]:
    """The north of the valley: wide plots, halls inside the blocks."""
    wide = Fabric(storeys=(0.02, 0.2, 0.4, 0.28, 0.1), width=7.6, depth=12.5, infill=0.22, back=6, hall=0.8)
    return row_block(block, wide, ground, rng)


def slab_block(block: Block, rng: np.random.Generator) -> list[Draft]:
    """Post-war slabs standing free on a lawn."""
    axes, length, width = _long_axes(block.polygon)
    site = Site(_inset(block.polygon, 4.0))
    drafts = []
    rows = max(1, int(width // 42.0))
    for i in range(rows):
        d = width * (i + 0.5) / rows
        size = min(length - 24.0, float(rng.uniform(58.0, 76.0)))
        s = length / 2 + float(rng.uniform(-6.0, 6.0))
        storeys = int(rng.integers(8, 15))
        top = 3.0 + 2.8 * (storeys - 1) + 1.0
        roof = axes.box(s - size / 2, s + size / 2, d - 6.0, d + 6.0, top)
        lift = axes.box(s - 4.0, s + 4.0, d - 2.5, d + 2.5, top + 3.0)
        draft = Draft([[roof, [(x, y, top) for x, y, _ in lift[::-1]]], [lift]], "residential", storeys, ridge=top)
        if site.take(draft):
            drafts.append(draft)
    return drafts


def dock_block(block: Block, ground: Ground, rng: np.random.Generator) -> list[Draft]:
    """Along the western quay: sheds with north lights and warehouses between houses."""
    if rng.random() < 0.35:
        return row_block(block, Fabric(width=7.0, infill=0.08, back=7, hall=0.9), ground, rng)
    site = Site(_inset(block.polygon, 0.5))
    drafts: list[Draft] = []
    axes, length, _ = _long_axes(block.polygon)
    s = 3.0
    while s < length - 18.0:
        size = min(float(rng.uniform(20.0, 40.0)), length - s)
        low, high = _clear_span(site.free, axes, s, s + size)
        lanes = 2 if high - low > 56.0 else 1
        lane = (high - low - 5.0 * (lanes - 1)) / lanes
        for i in range(lanes):
            d0 = low + i * (lane + 5.0)
            draft = _shed(axes, (s, s + size), (d0, d0 + lane), rng)
            if lane > 12.0 and site.take(draft):
                drafts.append(draft)
        s += size + float(rng.choice([0.0, 0.0, 7.0]))
    return drafts


def _clear_span(polygon: Polygon, axes: Frame, s0: float, s1: float) -> tuple[float, float]:
    """From where to where a polygon is free behind its longest side, between two cuts across it; a convex one."""
    spans = []
    for s in (s0, s1):
        cut = polygon.intersection(LineString([axes.at(s, -200.0)[:2], axes.at(s, 400.0)[:2]]))
        x, y, _ = axes.at(s, 0.0)
        along = [(px - x) * -axes.uy + (py - y) * axes.ux for px, py in cut.coords]
        spans.append((min(along, default=0.0), max(along, default=0.0)))
    return max(one[0] for one in spans) + 0.5, min(one[1] for one in spans) - 0.5


def _shed(axes: Frame, s: tuple[float, float], d: tuple[float, float], rng: np.random.Generator) -> Draft:
    eaves, kind = float(rng.uniform(6.0, 9.5)), rng.random()
    if kind < 0.45:
        return Draft(sawtooth(axes, *s, *d, eaves, eaves + 2.6, 8.0), "other", 1)
    if kind < 0.75:
        return Draft(pitched(axes, *s, *d, eaves, eaves + (d[1] - d[0]) * 0.16), "other", 1)
    return Draft([[axes.box(*s, *d, eaves + 6.0)]], "other", 3)


def station(block: Block) -> list[Draft]:
    """Head building with a hall and a clock tower, and a train shed of three vaults."""
    axes, length = station_axes(block)
    s0, s1, d0, d1 = 5.0, length - 9.0, SQUARE, SQUARE + HALL
    middle = (s0 + s1) / 2
    a, b = middle - 14.0, middle + 14.0
    half = (d0 + d1) / 2
    t = s1 - 10.0
    head: list[list[Ring]] = [
        [axes.box(s0, a, d0, d1, 13.5)],
        [axes.ring([(a, d0, 19.0), (middle, d0, 24.0), (middle, d1, 24.0), (a, d1, 19.0)])],
        [axes.ring([(middle, d0, 24.0), (b, d0, 19.0), (b, d1, 19.0), (middle, d1, 24.0)])],
        [axes.box(b, t, d0, d1, 13.5)],
        [axes.ring([(t, d0, 13.5), (s1, d0, 13.5), (s1, half - 5.0, 13.5), (t, half - 5.0, 13.5)])],
        [axes.ring([(t, half + 5.0, 13.5), (s1, half + 5.0, 13.5), (s1, d1, 13.5), (t, d1, 13.5)])],
        *spire(axes, t, s1, half - 5.0, half + 5.0, 46.0, 54.0),
    ]
    shed: list[list[Ring]] = []
    vaults, facets = 3, 6
    span = (s1 - s0) / vaults
    for i in range(vaults):
        turns = np.linspace(0.0, np.pi, facets + 1)
        s = s0 + span * (i + 0.5 - np.cos(turns) / 2)
        z = 8.0 + 6.5 * np.sin(turns)
        shed += [
            [axes.ring([(u, d1, p), (v, d1, q), (v, d1 + SHED, q), (u, d1 + SHED, p)])]
            for u, v, p, q in zip(s[:-1], s[1:], z[:-1], z[1:], strict=True)
        ]
    return [
        Draft(head, "transport", 3, "Gare du Talus / Taludstation"),
        Draft(shed, "transport", 1, "Halle des voies / Sporenhal"),
    ]


def spire(axes: Frame, s0: float, s1: float, d0: float, d1: float, eaves: float, top: float) -> list[list[Ring]]:
    """Four-sided pointed roof."""
    corners = [(s0, d0, eaves), (s1, d0, eaves), (s1, d1, eaves), (s0, d1, eaves)]
    tip = ((s0 + s1) / 2, (d0 + d1) / 2, top)
    return [[axes.ring([p, q, tip])] for p, q in zip(corners, corners[1:] + corners[:1], strict=True)]


def church(block: Block) -> list[Draft]:
    """West tower with a spire, nave with aisles, crossing transept, choir with a five-sided apse."""
    south = next(side for side in block.sides if side.street == "place_south")
    axes, length = frame(south.start, south.end)
    depth = block.polygon.area / length
    m, w = depth / 2, 5.5
    eaves, ridge = 15.5, 23.0
    s = [length / 2 - 29.0 + step for step in (0.0, 9.5, 30.0, 41.0, 51.0)]
    cells: list[list[Ring]] = spire(axes, s[0], s[1], m - 4.75, m + 4.75, 36.0, 66.0)
    for a, b in ((s[1], s[2]), (s[3], s[4])):
        cells += pitched(axes, a, b, m - w, m + w, eaves, ridge)
    for near, far in ((m - w, m - w - 4.6), (m + w, m + w + 4.6)):
        aisle = [(s[1], near, 11.5), (s[2], near, 11.5), (s[2], far, 8.0), (s[1], far, 8.0)]
        cells.append([axes.ring(aisle if far > near else aisle[::-1])])
    c = (s[2] + s[3]) / 2
    west, east, centre = (s[2], m, ridge), (s[3], m, ridge), (c, m, ridge)
    low, high = (c, m - w, ridge), (c, m + w, ridge)
    corners = [(s[2], m - w, eaves), (s[3], m - w, eaves), (s[3], m + w, eaves), (s[2], m + w, eaves)]
    around = [corners[0], low, corners[1], east, corners[2], high, corners[3], west]
    cells += [[axes.ring([p, q, centre])] for p, q in zip(around, around[1:] + around[:1], strict=True)]
    reach = 9.0
    for d, z, sign in ((m - w - reach, ridge, -1.0), (m + w + reach, ridge, 1.0)):
        near = m + sign * w
        left = [(s[2], d, eaves), (c, d, z), (c, near, ridge), (s[2], near, eaves)]
        right = [(c, d, z), (s[3], d, eaves), (s[3], near, eaves), (c, near, ridge)]
        cells += [[axes.ring(ring if sign < 0 else ring[::-1])] for ring in (left, right)]
    turns = np.linspace(-np.pi / 2, np.pi / 2, 6)
    arc = [(s[4] + w * float(np.cos(q)), m + w * float(np.sin(q)), eaves) for q in turns]
    arc[0], arc[-1] = (s[4], m - w, eaves), (s[4], m + w, eaves)
    tip = (s[4], m, ridge)
    cells += [[axes.ring([p, q, tip])] for p, q in pairwise(arc)]
    return [Draft(cells, "worship", 1, "Église Sainte-Ondine / Sint-Ondinakerk")]


def _flat(polygon: Polygon, z: float) -> Ring:
    return [(x, y, z) for x, y in polygon.exterior.coords[:-1]]


def _inset(polygon: Polygon, distance: float) -> Polygon:
    inner = polygon.buffer(-distance, join_style="mitre", mitre_limit=10.0)
    return shapely.orient_polygons(inner)


def _courtyard(polygon: Polygon, depth: float, top: float, use: str) -> Draft:
    hole = shapely.orient_polygons(_inset(polygon, depth), exterior_cw=True)
    return Draft([[_flat(polygon, top), _flat(hole, top)]], use, round(top / 3.4))


def _aligned(ring: Ring, outer: Ring) -> Ring:
    """The ring, started at the corner nearest to the first corner of another."""
    x, y, _ = outer[0]
    first = min(range(len(ring)), key=lambda i: (ring[i][0] - x) ** 2 + (ring[i][1] - y) ** 2)
    return [*ring[first:], *ring[:first]]


def _turned(polygon: Polygon) -> list[tuple[float, float]]:
    return list(polygon.exterior.coords)[::-1]


def _long_axes(polygon: Polygon) -> tuple[Frame, float, float]:
    """Axes along the longest side of a block, the length of that side and the mean depth behind it."""
    axes, length = max((frame(a, b) for a, b in pairwise(polygon.exterior.coords)), key=lambda one: one[1])
    return axes, length, polygon.area / length
