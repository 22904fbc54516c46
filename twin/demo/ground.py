"""Bare ground of the demo district: canal, valley, slope, tracks and their underpass, sunken carriageways."""

from dataclasses import dataclass

import numpy as np
import shapely
import shapely.affinity
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

from twin.city import Terrain
from twin.demo.plan import Block, Plan
from twin.demo.roofs import Frame, frame

CELL = 2.0
"""Side of a terrain cell. [m]"""

WATER_LEVEL = 13.4
"""Regulated level of the canal. As in a measured terrain model, the ground in the canal is the water's surface. [m]"""

QUAY = 15.3
"""Top of the quays. [m]"""

TRACKS = 20.2
"""Level of the track bed. [m]"""

KERB = 0.12
"""Carriageways lie this much below the pavement. [m]"""

HALF_CANAL = 14.0
"""Half the width of the water. [m]"""

PAVEMENT = {"primary": 8.0, "secondary": 4.2, "tertiary": 3.2, "residential": 2.9, "living_street": 12.0}
"""Width of the pavement on each side, by kind of street. [m]"""


LEVELLED = ("row", "mixed", "dock", "office", "tower", "landmark")
"""Kinds of blocks whose gardens are level, held by the houses around them."""

BEHIND_FACADE = 6.5
"""The level garden begins this far behind the facades, below the houses. [m]"""

UNDERPASS = 13.0
"""Width between the walls of the street below the tracks. [m]"""

SQUARE = 50.0
"""Depth of the square in front of the station. [m]"""

HALL = 22.0
"""Depth of the station's head building. [m]"""


@dataclass(frozen=True)
class Shapes:
    """Areas of the ground, in the district's own frame.

    Attributes
    ----------
    water, pond, tracks, underpass, bridges, carriageways, median : shapely geometry
    """

    water: BaseGeometry
    pond: BaseGeometry
    tracks: BaseGeometry
    underpass: BaseGeometry
    bridges: BaseGeometry
    carriageways: BaseGeometry
    median: BaseGeometry


def make_shapes(plan: Plan) -> Shapes:
    """Find the areas that the terrain and the land cover have in common."""
    canal = canal_axis(plan)
    water = canal.buffer(HALF_CANAL, cap_style="flat", join_style="mitre")
    runs = {key: street_line(plan, key) for key in plan.streets if key != "frame"}
    bridges = shapely.union_all(
        [runs[key].buffer(plan.streets[key].width / 2, cap_style="flat") for key in plan.district["bridges"]]
    ).intersection(water)
    lanes = []
    for key, line in runs.items():
        street = plan.streets[key]
        half = street.width / 2 - PAVEMENT[street.kind]
        if half > 0:
            lanes.append(line.buffer(half, cap_style="square", join_style="mitre"))
    boulevard = runs["boulevard"]
    median = boulevard.buffer(3.6, cap_style="flat", join_style="mitre").difference(
        shapely.union_all([line for key, line in runs.items() if key != "boulevard"]).buffer(9.0)
    )
    park = next(block for block in plan.blocks if block.kind == "park")
    centre = park.polygon.centroid
    pond = shapely.affinity.rotate(
        shapely.affinity.scale(centre.buffer(1.0, quad_segs=10), 34.0, 17.0), 25.0, origin="centroid"
    )
    ends = [plan.marks[plan.district["underpass"][end]] for end in ("from", "to")]
    street = plan.streets[plan.district["underpass"]["street"]]
    crossing = LineString(ends)
    underpass = crossing.buffer(UNDERPASS / 2, cap_style="flat")
    beds = [track_bed(block) for block in plan.blocks if block.kind in ("station", "rail")]
    across = crossing.buffer(street.width / 2 + 0.1, cap_style="flat").intersection(shapely.union_all(beds).convex_hull)
    tracks = shapely.union_all([*beds, across]).difference(underpass)
    return Shapes(
        water.difference(bridges),
        pond,
        tracks,
        underpass,
        bridges,
        shapely.union_all(lanes).difference(shapely.union_all([median, tracks])),
        median,
    )


def station_axes(block: Block) -> tuple[Frame, float]:
    """Axes of the station block: ``s`` along its southern side, ``d`` up the tracks, and the length of that side."""
    ring = np.array(block.polygon.exterior.coords[:-1])
    order = np.argsort(ring[:, 1])[:2]
    a, b = sorted((tuple(ring[i]) for i in order), key=lambda p: float(p[0]))
    return frame(a, b)


def track_bed(block: Block) -> BaseGeometry:
    """Where the ground is raised for tracks: all of a rail block, the station block behind its head building."""
    if block.kind == "rail":
        return block.polygon
    axes, length = station_axes(block)
    return block.polygon.difference(axes.rectangle(-20.0, length + 20.0, -20.0, SQUARE + HALL))


def canal_axis(plan: Plan) -> LineString:
    """Middle of the canal: half-way between the quays."""
    marks = plan.marks
    middles = [
        ((marks[f"W{i}"][0] + marks[f"E{i}"][0]) / 2, (marks[f"W{i}"][1] + marks[f"E{i}"][1]) / 2) for i in range(5)
    ]
    return LineString(middles)


def street_line(plan: Plan, key: str) -> LineString | MultiLineString:
    """Axis of a whole street."""
    pieces = [LineString([plan.nodes[a], plan.nodes[b]]) for a, b, street in plan.edges if street == key]
    return shapely.line_merge(MultiLineString(pieces))


@dataclass(frozen=True)
class Ground:
    """Ground of the district, in its own frame.

    Attributes
    ----------
    bare : Terrain
        As it is: what goes into the City.
    street : Terrain
        Before the inside of the blocks was levelled: tells how high a house stands at its front.
    """

    bare: Terrain
    street: Terrain


def make_ground(plan: Plan, shapes: Shapes, seed: int) -> Ground:
    """Shape the ground of the whole district.

    Parameters
    ----------
    plan : Plan
    shapes : Shapes
    seed : int
        Moves the gentle waves of the ground.

    Returns
    -------
    Ground
    """
    street = _heights(plan, shapes, seed)
    bare = street.copy()
    for block in plan.blocks:
        yard = block.polygon.buffer(-BEHIND_FACADE, join_style="mitre")
        if block.kind in LEVELLED and not yard.is_empty:
            inside = _mask(yard, bare.shape[0])
            if inside.any():
                bare[inside] = bare[inside].mean()
    return Ground(*(Terrain(np.round(z, 3).astype(np.float32), 0.0, 0.0, CELL) for z in (bare, street)))


def _heights(plan: Plan, shapes: Shapes, seed: int) -> np.ndarray:
    cells = round(plan.district["frame"]["size"] / CELL)
    centres = (np.arange(cells) + 0.5) * CELL
    x, y = np.meshgrid(centres, centres)
    canal = np.interp(centres, *np.array(canal_axis(plan).coords).T[::-1])[:, None]
    west = np.maximum(canal - 30.0 - x, 0.0)
    valley = QUAY + 0.35 * np.clip((x - canal - 30.0) / 300.0, 0.0, 1.0) + 0.022 * west
    t = np.clip((x - 640.0 - 12.0 * np.sin(y / 140.0)) / 372.0, 0.0, None)
    height = 33.2 * (0.93 - 0.07 * np.cos((y - 120.0) / 190.0)) * t**1.12
    rng = np.random.default_rng([seed, 2])
    waves = np.zeros_like(x)
    for length in (520.0, 330.0, 210.0, 140.0):
        turn, phase = rng.uniform(0, 2 * np.pi, 2)
        waves += 0.00055 * length * np.sin(2 * np.pi / length * (np.cos(turn) * x + np.sin(turn) * y) + phase)
    away = np.clip((np.abs(x - canal) - 30.0) / 60.0, 0.0, 1.0)
    z = valley + height + waves * away
    for cx, cy, deep, reach in _hollows(plan):
        z -= deep * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * reach**2))
    z -= KERB * _mask(shapes.carriageways, cells)
    z[_mask(shapes.tracks, cells)] = TRACKS
    _lower_underpass(z, plan, shapes, x, y, cells)
    park = _mask(next(b for b in plan.blocks if b.kind == "park").polygon.buffer(-6.0), cells)
    cx, cy = shapes.pond.centroid.coords[0]
    mound = 1.8 * np.exp(-((x - cx + 48.0) ** 2 + (y - cy - 34.0) ** 2) / (2 * 16.0**2))
    z += np.where(park, mound, 0.0)
    pond = _mask(shapes.pond, cells)
    z[pond] = z[pond].min() - 0.7
    water = _mask(shapes.water, cells)
    z[water] = WATER_LEVEL
    bridges = _mask(shapes.bridges, cells)
    z[bridges] = QUAY + 0.1
    return z


def _hollows(plan: Plan) -> list[tuple[float, float, float, float]]:
    """Shallow hollows where a cloudburst stays: on the boulevard and in low streets; x, y, depth, reach [m]."""
    return [(float(x), float(y), float(deep), float(reach)) for x, y, deep, reach in plan.district["hollows"]]


def _lower_underpass(z: np.ndarray, plan: Plan, shapes: Shapes, x: np.ndarray, y: np.ndarray, cells: int) -> None:
    """Let the street dive below the tracks in a sag between its two ends."""
    (ax, ay), (bx, by) = (plan.marks[plan.district["underpass"][end]] for end in ("from", "to"))
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
    inside = _mask(shapes.underpass, cells)
    start, end = (float(z[int(v / CELL), int(u / CELL)]) for u, v in ((ax - 4, ay), (bx + 4, by)))
    t = np.clip(along, 0.0, 1.0)
    sag = start + (end - start) * t - 4 * 3.4 * t * (1 - t)
    z[inside] = np.minimum(sag, start)[inside] * (t < 0.5)[inside] + sag[inside] * (t >= 0.5)[inside]


def _mask(shape: BaseGeometry, cells: int) -> np.ndarray:
    """Cells whose centre lies in a shape; row 0 is the southernmost."""
    inside = np.zeros((cells, cells), bool)
    if shape.is_empty:
        return inside
    west, south, east, north = (np.clip(np.array(shape.bounds) / CELL, 0, cells) + 0.5).astype(int)
    columns, rows = slice(max(west - 1, 0), east), slice(max(south - 1, 0), north)
    centres = (np.arange(cells) + 0.5) * CELL
    shapely.prepare(shape)
    x, y = np.meshgrid(centres[columns], centres[rows])
    inside[rows, columns] = shapely.contains_xy(shape, x, y)
    return inside
