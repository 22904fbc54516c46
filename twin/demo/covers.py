"""Land cover of the demo district, from pavements up to the canal; later rows lie on top."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.demo.ground import HALL, PAVEMENT, SQUARE, Shapes, station_axes, street_line
from twin.demo.landmarks import SHED
from twin.demo.plan import Block, Plan


def make_covers(
    plan: Plan, shapes: Shapes, yards: dict[int, BaseGeometry], window: BaseGeometry, seed: int
) -> list[tuple[str, str, BaseGeometry]]:
    """Polygons of land cover.

    Parameters
    ----------
    plan : Plan
    shapes : Shapes
    yards : mapping of int to geometry
        Unbuilt ground of each block, by block number.
    window : geometry
        Everything is cut to it.
    seed : int

    Returns
    -------
    list of (id, cover, geometry)
        In the order in which they lie on each other.
    """
    layers: list[tuple[str, str, BaseGeometry]] = [("ground", "paving", window)]
    rng = np.random.default_rng([seed, 7])
    cobbles = []
    for key, street in plan.streets.items():
        old = rng.random() < 0.28
        if (street.kind == "residential" and old) or street.kind == "living_street" or key in ("hill", "quay_west"):
            half = street.width / 2 - min(PAVEMENT[street.kind], street.width / 2 - 2.0)
            cobbles.append(street_line(plan, key).buffer(half, cap_style="flat", join_style="mitre"))
    layers.append(("carriageways", "asphalt", shapes.carriageways))
    layers.append(("setts", "cobblestone", shapely.union_all(cobbles).intersection(shapes.carriageways)))
    layers.append(("median", "lawn", shapes.median))
    layers.append(("tracks", "rail_ballast", shapes.tracks))
    layers.append(("track-paths", "gravel", _track_paths(plan).intersection(shapes.tracks)))
    for block in plan.blocks:
        layers += _in_block(block, shapes, yards, seed)
    layers.append(("underpass", "asphalt", shapes.underpass))
    layers.append(("pond", "water", shapes.pond))
    layers.append(("canal", "water", shapes.water))
    cut = [(name, cover, shapely.intersection(shape, window, grid_size=0.001)) for name, cover, shape in layers]
    return [(name, cover, shape) for name, cover, shape in cut if shape.area > 1.0]


def _track_paths(plan: Plan) -> BaseGeometry:
    """Service paths between the pairs of tracks, from the northern edge to the underpass."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = (plan.marks[name] for name in ("T3", "U3", "T4", "U4"))
    lines = [
        [(ax + f * (bx - ax), ay + f * (by - ay)), (cx + f * (dx - cx), cy + f * (dy - cy))]
        for f in (0.2, 0.35, 0.5, 0.65, 0.8)
    ]
    return shapely.MultiLineString(lines).buffer(1.4, cap_style="flat")


def _in_block(
    block: Block, shapes: Shapes, yards: dict[int, BaseGeometry], seed: int
) -> list[tuple[str, str, BaseGeometry]]:
    if block.number not in yards:
        return []
    yard = yards[block.number]
    rng = np.random.default_rng([seed, 8, block.number])
    name = f"B{block.number:03d}"
    if block.kind == "park":
        return _park(name, block, shapes, rng)
    if block.kind == "church":
        return [(f"{name}-square", "cobblestone", yard)]
    if block.kind == "station":
        axes, length = station_axes(block)
        square = axes.rectangle(0.0, length, -2.0, SQUARE)
        d0, d1 = SQUARE + HALL + SHED, SQUARE + HALL + SHED + 75.0
        platforms = [axes.rectangle(s, s + 6.5, d0, d1) for s in np.linspace(12.0, length - 20.0, 5)]
        return [
            (f"{name}-square", "cobblestone", square.intersection(yard)),
            (f"{name}-platforms", "paving", shapely.union_all(platforms).intersection(yard)),
        ]
    if block.kind in ("row", "mixed", "dock"):
        gardens = yard.buffer(-2.5).buffer(1.5)
        covers = [(f"{name}-yard", "courtyard" if block.kind != "dock" else "paving", yard)]
        if block.kind != "dock" and rng.random() < 0.7 and gardens.area > 60.0:
            covers.append((f"{name}-garden", "lawn", gardens))
        return covers
    if block.kind == "slab":
        path = yard.buffer(-5.0).exterior.buffer(1.3) if isinstance(yard, shapely.Polygon) else shapely.Polygon()
        return [(f"{name}-lawn", "lawn", yard), (f"{name}-path", "permeable_paving", path.intersection(yard))]
    if block.kind in ("office", "tower", "landmark"):
        return [(f"{name}-yard", "lawn" if block.kind == "office" else "paving", yard.buffer(-2.0))]
    return []


def _park(name: str, block: Block, shapes: Shapes, rng: np.random.Generator) -> list[tuple[str, str, BaseGeometry]]:
    """Lawn, shrubs, and gravel paths around the edge, around the pond and across."""
    x, y = shapes.pond.centroid.coords[0]
    across = shapely.MultiLineString(
        [[(x - 120, y - 48), (x + 120, y + 44)], [(x - 70, y + 90), (x + 60, y - 90)]]
    ).buffer(1.6)
    around = block.polygon.buffer(-7.0).exterior.buffer(1.6)
    paths = shapely.union_all([around, across, shapes.pond.buffer(3.2)]).intersection(block.polygon)
    blobs = [shapely.Point(px, py).buffer(r, quad_segs=5) for px, py, r in _blobs(block, 16, rng)]
    shrubs = shapely.union_all(blobs).intersection(block.polygon.buffer(-9.0))
    return [
        (f"{name}-lawn", "lawn", block.polygon),
        (f"{name}-shrub", "shrub", shrubs),
        (f"{name}-path", "gravel", paths),
    ]


def _blobs(block: Block, count: int, rng: np.random.Generator) -> list[tuple[float, float, float]]:
    west, south, east, north = block.polygon.bounds
    return [
        (float(rng.uniform(west, east)), float(rng.uniform(south, north)), float(rng.uniform(4.0, 9.0)))
        for _ in range(count)
    ]
