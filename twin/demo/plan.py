"""Street plan of the demo district: a drawn skeleton, subdivided by seed into bent streets and closed blocks."""

import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point, Polygon

ASSETS = Path(__file__).parents[2] / "assets" / "demo"
"""Our own small data: the drawn skeleton, street names, species."""

SNAP = 15.0
"""A new street that would end nearer than this to a junction starts at the junction. [m]"""


@dataclass(frozen=True)
class Street:
    """One named street: a width from facade to facade and what drives in it."""

    key: str
    kind: str
    width: float
    lanes: int
    speed: float
    trees: float
    oneway: bool = False


@dataclass(frozen=True)
class Side:
    """One straight side of a block: its facade line, the street in front and that street's width [m]."""

    start: tuple[float, float]
    end: tuple[float, float]
    street: str
    width: float


@dataclass(frozen=True)
class Block:
    """What lies between streets.

    Attributes
    ----------
    number : int
        Order in the plan; seeds the block's own random numbers, so that a block does not depend on the others.
    kind : str
        row, mixed, slab, dock, tower, landmark, office, park, church, station, rail, canal.
    sector : str
    face : Polygon
        Up to the street axes.
    polygon : Polygon
        Up to the facade lines.
    sides : tuple of Side
        Counter-clockwise around ``polygon``.
    """

    number: int
    kind: str
    sector: str
    face: Polygon
    polygon: Polygon
    sides: tuple[Side, ...]


@dataclass(frozen=True)
class Plan:
    """Streets and blocks in the district's own frame: metres from its south-western corner."""

    nodes: list[tuple[float, float]]
    edges: list[tuple[int, int, str]]
    streets: dict[str, Street]
    blocks: list[Block]
    marks: dict[str, tuple[float, float]]
    district: dict[str, Any] = field(repr=False)


@dataclass
class _Line:
    """A street piece as a chain of nodes that can take more nodes."""

    street: str
    nodes: list[int]


class _Draft:
    """The plan while streets are being added."""

    def __init__(self, district: dict[str, Any]) -> None:
        self.names = {name: number for number, name in enumerate(district["nodes"])}
        self.nodes: list[tuple[float, float]] = [(float(x), float(y)) for x, y in district["nodes"].values()]
        self.lines: list[_Line] = []
        self.piece: dict[tuple[int, int], tuple[_Line, bool]] = {}
        self.streets: dict[str, Street] = {}
        for one in district["streets"]:
            self.streets[one["key"]] = Street(**{k: v for k, v in one.items() if k != "nodes"})
            for a, b in pairwise(one["nodes"]):
                self.draw(one["key"], [self.names[a], self.names[b]])

    def draw(self, street: str, nodes: list[int]) -> _Line:
        line = _Line(street, nodes)
        self.lines.append(line)
        self.piece[nodes[0], nodes[-1]] = (line, True)
        self.piece[nodes[-1], nodes[0]] = (line, False)
        return line

    def node(self, x: float, y: float) -> int:
        self.nodes.append((round(x, 3), round(y, 3)))
        return len(self.nodes) - 1

    def side(self, names: list[str]) -> list[_Line]:
        return [self.piece[self.names[a], self.names[b]][0] for a, b in pairwise(names)]

    def path(self, lines: list[_Line], start: int) -> list[tuple[int, _Line, int]]:
        """Nodes along some lines from a start node; each with the line it sits on and its place there."""
        walked: list[tuple[int, _Line, int]] = []
        here = start
        for line in lines:
            forward = line.nodes[0] == here
            order = range(len(line.nodes)) if forward else range(len(line.nodes) - 1, -1, -1)
            walked += [(line.nodes[place], line, place) for place in order]
            here = line.nodes[-1] if forward else line.nodes[0]
        return walked

    def at(self, lines: list[_Line], start: int, fraction: float) -> int:
        """The node at a fraction of the way along some lines; a near one is taken, otherwise a new one put in."""
        walked = self.path(lines, start)
        where = np.array([self.nodes[number] for number, _, _ in walked])
        steps = np.hypot(*np.diff(where, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        target = fraction * along[-1]
        nearest = int(np.argmin(np.abs(along - target)))
        ends_near = nearest in (0, len(walked) - 1)
        if abs(along[nearest] - target) < SNAP and not ends_near:
            return walked[nearest][0]
        i = int(np.searchsorted(along, target)) - 1
        t = (target - along[i]) / (along[i + 1] - along[i])
        (_, line, a), (_, _, b) = walked[i], walked[i + 1]
        number = self.node(*(where[i] * (1 - t) + where[i + 1] * t))
        line.nodes.insert(max(a, b), number)
        return number


def make_plan(seed: int) -> Plan:
    """Draw the streets and cut the blocks.

    Parameters
    ----------
    seed : int
        Moves the secondary streets; the skeleton is drawn and stays.

    Returns
    -------
    Plan
    """
    district = json.loads((ASSETS / "district.json").read_text(encoding="utf-8"))
    draft = _Draft(district)
    for number, region in enumerate(district["regions"]):
        _subdivide(draft, number, region, np.random.default_rng([seed, 1, number]))
    edges = [(a, b, line.street) for line in draft.lines for a, b in pairwise(line.nodes)]
    marks = {name: draft.nodes[number] for name, number in draft.names.items()}
    blocks = _blocks(draft, edges, district, seed)
    return Plan(draft.nodes, [e for e in edges if e[2] != "frame"], draft.streets, blocks, marks, district)


def _subdivide(draft: _Draft, number: int, region: dict[str, Any], rng: np.random.Generator) -> None:
    """Cut a four-sided region: bent streets from south to north, then cross streets between them, some staggered."""
    columns, rows = region["columns"], region["rows"]
    sides = {side: draft.side(region[side]) for side in ("south", "north", "west", "east")}
    start = {side: draft.names[region[side][0]] for side in sides}
    lines = [sides["west"]]
    starts = [start["west"]]
    for i in range(1, columns):
        f = (i + rng.uniform(-0.09, 0.09)) / columns
        a = draft.at(sides["south"], start["south"], f)
        b = draft.at(sides["north"], start["north"], f + rng.uniform(-0.03, 0.03) / columns)
        (ax, ay), (bx, by) = draft.nodes[a], draft.nodes[b]
        t, bend = rng.uniform(0.35, 0.65), rng.uniform(-0.022, 0.022)
        middle = draft.node(ax + t * (bx - ax) - bend * (by - ay), ay + t * (by - ay) + bend * (bx - ax))
        key = _new_street(draft, f"r{number}c{i}", rng)
        lines.append([draft.draw(key, [a, middle, b])])
        starts.append(a)
    lines.append(sides["east"])
    starts.append(start["east"])
    ended: dict[int, str] = {}
    for i in range(columns):
        shift = 0.0 if i == 0 or rng.random() < 0.6 else rng.choice([-0.3, 0.3])
        for j in range(1, rows):
            g = (j + shift + rng.uniform(-0.06, 0.06)) / rows
            a = draft.at(lines[i], starts[i], g)
            b = draft.at(lines[i + 1], starts[i + 1], g + rng.uniform(-0.05, 0.05) / rows)
            key = ended[a] if a in ended else _new_street(draft, f"r{number}x{i}{j}", rng)
            draft.draw(key, [a, b])
            ended[b] = key


def _new_street(draft: _Draft, key: str, rng: np.random.Generator) -> str:
    width = float(rng.choice([10.5, 12.0, 12.0, 13.0, 15.0]))
    oneway = bool(rng.random() < 0.55)
    trees = float(10.0 if width == 15.0 else 0.0)
    draft.streets[key] = Street(key, "residential", width, 1 if oneway else 2, 30.0, trees, oneway)
    return key


def _blocks(draft: _Draft, edges: list[tuple[int, int, str]], district: dict[str, Any], seed: int) -> list[Block]:
    number_of = {xy: number for number, xy in enumerate(draft.nodes)}
    street_of = {frozenset((a, b)): street for a, b, street in edges}
    axes = shapely.linestrings([[draft.nodes[a], draft.nodes[b]] for a, b, _ in edges])
    faces = sorted(shapely.get_parts(shapely.polygonize(axes)), key=lambda face: face.centroid.coords[0])
    regions = [
        (Polygon([draft.nodes[n] for n in _ring_of(draft, region)]), region["kind"], region["sector"])
        for region in district["regions"]
    ]
    places = [(Point(place["at"]), place["kind"], place["sector"]) for place in district["places"]]
    blocks = []
    for number, face in enumerate(faces):
        face = shapely.orient_polygons(face)
        kind, sector = _label(face, regions, places)
        if kind == "mixed":
            rng = np.random.default_rng([seed, 10, number])
            kind = str(rng.choice(["slab", "office", "mixed"], p=[0.34, 0.14, 0.52]))
        ring = [number_of[xy] for xy in face.exterior.coords[:-1]]
        sides = [(draft.nodes[a], draft.nodes[b], street_of[frozenset((a, b))]) for a, b in pairwise([*ring, ring[0]])]
        found = _offset(sides, draft.streets)
        polygon = Polygon([side.start for side in found])
        if not polygon.is_valid or polygon.exterior.is_ccw is False or polygon.area < 60.0:
            raise ValueError(f"block {number} at {face.centroid.wkt} is too small for its streets; draw it larger")
        blocks.append(Block(number, kind, sector, face, polygon, tuple(found)))
    return blocks


def _ring_of(draft: _Draft, region: dict[str, Any]) -> list[int]:
    names = [*region["south"], *region["east"][1:], *region["north"][::-1][1:], *region["west"][::-1][1:-1]]
    return [draft.names[name] for name in names]


def _label(
    face: Polygon, regions: list[tuple[Polygon, str, str]], places: list[tuple[Point, str, str]]
) -> tuple[str, str]:
    for point, kind, sector in places:
        if face.contains(point):
            return kind, sector
    inside = face.representative_point()
    for polygon, kind, sector in regions:
        if polygon.contains(inside):
            return kind, sector
    raise ValueError(f"no region of the district holds the block at {inside.wkt}")


def _offset(
    sides: list[tuple[tuple[float, float], tuple[float, float], str]], streets: dict[str, Street]
) -> list[Side]:
    """Facade lines: every side of the face moved inwards by half its street, straight runs joined."""
    merged: list[tuple[np.ndarray, np.ndarray, str]] = []
    for start, end, street in sides:
        a, b = np.array(start), np.array(end)
        if merged and _straight(merged[-1], b, street, streets):
            merged[-1] = (merged[-1][0], b, merged[-1][2])
        else:
            merged.append((a, b, street))
    if len(merged) > 3 and _straight(merged[-1], merged[0][1], merged[0][2], streets):
        merged[0] = (merged[-1][0], merged[0][1], merged[0][2])
        merged.pop()
    moved = []
    for a, b, street in merged:
        along = (b - a) / np.hypot(*(b - a))
        inward = np.array([-along[1], along[0]])
        moved.append((a + inward * streets[street].width / 2, along, street))
    corners = []
    for (p, u, _), (q, v, _) in zip([moved[-1], *moved[:-1]], moved, strict=True):
        cross = u[0] * v[1] - u[1] * v[0]
        t = ((q - p)[0] * v[1] - (q - p)[1] * v[0]) / cross
        corner = p + t * u
        corners.append((round(float(corner[0]), 3), round(float(corner[1]), 3)))
    return [
        Side(start, end, street, streets[street].width)
        for start, end, (_, _, street) in zip(corners, [*corners[1:], corners[0]], moved, strict=True)
    ]


def _straight(last: tuple[np.ndarray, np.ndarray, str], b: np.ndarray, street: str, streets: dict[str, Street]) -> bool:
    u, v = last[1] - last[0], b - last[1]
    turn = abs(u[0] * v[1] - u[1] * v[0]) / (np.hypot(*u) * np.hypot(*v))
    return bool(streets[last[2]].width == streets[street].width and turn < 0.01)
