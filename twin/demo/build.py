"""Puts the demo district together: plan, ground, buildings, trees, streets, people."""

import json
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from twin.city import (
    BUILDING_COLUMNS,
    COVER_COLUMNS,
    GROUND,
    ROOF,
    TREE_COLUMNS,
    City,
    CityError,
    Source,
    Surfaces,
    Terrain,
    as_table,
)
from twin.demo.covers import make_covers
from twin.demo.green import make_trees, yard_of
from twin.demo.ground import CELL, Ground, make_ground, make_shapes
from twin.demo.landmarks import church, college, dock_block, mixed_block, office_block, slab_block, station, tower_block
from twin.demo.network import make_names, make_network
from twin.demo.parcels import Fabric, row_block
from twin.demo.people import make_amenities, make_sectors
from twin.demo.plan import ASSETS, Block, Plan, make_plan
from twin.demo.records import years_and_owners
from twin.demo.roofs import Draft
from twin.demo.sewers import make_sewers
from twin.demo.shell import Face, SurfaceCollector, shell

NAME = "Quartier Nord (démo) / Noordwijk (demo)"

SOURCE = Source(
    part="all", title="bxl-twin demo district, generated, not the cadastre", licence="CC0-1.0", vintage="generated"
)

SMALLEST = 100.0
"""Below this side a window may hold no block at all. [m]"""


def demo_city(seed: int = 1000, size: float = 1000.0) -> City:
    """Build the demo district.

    Parameters
    ----------
    seed : int
        Moves secondary streets, plots, roofs, names and trees; boulevards, canal, park and station stay.
    size : float
        Side of the square cut out around the middle of the district, 100 to 1000, even. [m]

    Returns
    -------
    City
        ``demo`` is true. The same seed and size give the same digest; a smaller size gives the same buildings, fewer.

    Raises
    ------
    CityError
        The size is outside its range.
    """
    plan = make_plan(seed)
    whole = float(plan.district["frame"]["size"])
    if not SMALLEST <= size <= whole or size % (2 * CELL):
        raise CityError(
            f"the demo district is cut to {SMALLEST:.0f} to {whole:.0f} m in steps of {2 * CELL:.0f} m, got {size}"
        )
    margin = (whole - size) / 2
    window = shapely.box(margin, margin, whole - margin, whole - margin)
    shift = (float(plan.district["frame"]["west"]), float(plan.district["frame"]["south"]))
    bounds = (shift[0] + margin, shift[1] + margin, shift[0] + whole - margin, shift[1] + whole - margin)

    shapes = make_shapes(plan)
    ground = make_ground(plan, shapes, seed)
    drafts, yards = _draft_all(plan, window, ground, seed)
    buildings, surfaces = _table(drafts, shift, seed)

    trees = make_trees(plan, shapes, yards, seed)
    inside = [i for i, (x, y) in enumerate(zip(trees.x, trees.y, strict=True)) if shapely.contains_xy(window, x, y)]
    names = make_names(plan, seed)
    nodes, links = make_network(plan, names, window.bounds, shift)
    covers = make_covers(plan, shapes, yards, window, seed)
    first = round(margin / CELL)
    last = round(whole / CELL) - first
    bare = np.ascontiguousarray(ground.bare.elevation[first:last, first:last])
    terrain = Terrain(bare, bounds[0], bounds[1], CELL)
    return City(
        name=NAME,
        bounds=bounds,
        surfaces=surfaces,
        buildings=buildings,
        terrain=terrain,
        trees=as_table(
            [f"T{i:05d}" for i in inside],
            [Point(trees.x[i] + shift[0], trees.y[i] + shift[1]) for i in inside],
            TREE_COLUMNS,
            **{name: [values[i] for i in inside] for name, values in vars(trees).items() if name in TREE_COLUMNS},
            assumed=[""] * len(inside),
        ),
        nodes=nodes,
        links=links,
        drains=make_sewers(links, terrain, bounds),
        land_cover=as_table(
            [name for name, _, _ in covers],
            [shapely.affinity.translate(shape, *shift) for _, _, shape in covers],
            COVER_COLUMNS,
            cover=[cover for _, cover, _ in covers],
        ),
        sectors=make_sectors(plan, buildings, window, shift),
        amenities=make_amenities(plan, buildings, window, shift, seed),
        sources=(SOURCE,),
        demo=True,
    )


COLLEGES = 0.11
"""Share of every second block that one institution took over."""


@dataclass(frozen=True)
class _Standing:
    """A building on its ground: faces in millimetres, outline, level of the street and of the lowest ground."""

    draft: Draft
    faces: list[Face]
    plan: Polygon
    street: float
    floor: float


def _draft_all(
    plan: Plan, window: Polygon, ground: Ground, seed: int
) -> tuple[list[_Standing], dict[int, BaseGeometry]]:
    """Buildings that lie wholly in the window, and what the buildings leave of each block."""
    names = json.loads((ASSETS / "names.json").read_text(encoding="utf-8"))["towers"]
    kept: list[_Standing] = []
    yards: dict[int, BaseGeometry] = {}
    for block in plan.blocks:
        if not window.intersects(block.polygon) or block.kind in ("canal", "rail"):
            continue
        drafts = _build(block, ground, np.random.default_rng([seed, 3, block.number]))
        if block.kind in ("tower", "landmark"):
            drafts[0].name = names[block.number % len(names)]
        for number, draft in enumerate(drafts):
            draft.id = f"QN{block.number:03d}{number:03d}"
        standing = _stand(drafts, ground)
        yards[block.number] = yard_of(block, [one.plan for one in standing])
        kept += [one for one in standing if window.contains(one.plan)]
    return kept, yards


def _build(block: Block, ground: Ground, rng: np.random.Generator) -> list[Draft]:
    match block.kind:
        case "tower" | "landmark":
            return tower_block(block, rng)
        case "office":
            return office_block(block, rng)
        case "slab":
            return slab_block(block, rng)
        case "mixed":
            return mixed_block(block, ground, rng)
        case "dock":
            return dock_block(block, ground, rng)
        case "station":
            return station(block)
        case "church":
            return church(block)
        case "park":
            return []
    return (
        college(block, rng) if block.number % 2 and rng.random() < COLLEGES else row_block(block, Fabric(), ground, rng)
    )


def _stand(drafts: list[Draft], ground: Ground) -> list[_Standing]:
    """Put the drafts of a block on the ground."""
    corners = [[p[:2] for cell in draft.cells for ring in cell for p in ring] for draft in drafts]
    if not corners:
        return []
    x, y = np.array([p for one in corners for p in one]).T
    starts = np.cumsum([0, *(len(one) for one in corners[:-1])])
    levels, fronts = ground.bare.sample(x, y), ground.street.sample(x, y)
    counts = np.array([len(one) for one in corners])
    inside = np.array([draft.inside for draft in drafts])
    streets = np.add.reduceat(np.where(np.repeat(inside, counts), levels, fronts), starts) / counts
    floors = np.floor(np.minimum(np.minimum.reduceat(levels, starts), streets) * 1000) / 1000
    standing = []
    for draft, street, floor in zip(drafts, np.round(streets, 3).tolist(), floors.tolist(), strict=True):
        cells = [[[(x, y, z + street) for x, y, z in ring] for ring in cell] for cell in draft.cells]
        faces = shell(cells, floor)
        rings = next(rings for kind, rings in faces if kind == GROUND)
        outline = [[(x / 1000, y / 1000) for x, y, _ in ring[::-1]] for ring in rings]
        standing.append(_Standing(draft, faces, Polygon(outline[0], outline[1:]), street, floor))
    return standing


def _table(standing: list[_Standing], shift: tuple[float, float], seed: int) -> tuple[gpd.GeoDataFrame, Surfaces]:
    """The table of buildings and all their faces, in Lambert 72."""
    collector = SurfaceCollector()
    for row, one in enumerate(standing):
        collector.add(row, one.faces)
    surfaces = collector.surfaces(*shift)
    roof_area, volume, eaves = _measures(surfaces, len(standing))
    drafts = [one.draft for one in standing]
    floors = np.array([one.floor for one in standing])
    years, owners = years_and_owners(drafts, seed)
    tops = np.array([one.street + one.draft.top for one in standing])
    table = as_table(
        [draft.id for draft in drafts],
        shapely.transform([one.plan for one in standing], lambda xy: xy + shift),
        BUILDING_COLUMNS,
        ground_z=floors,
        ridge_height=np.round(tops - floors, 3),
        eaves_height=np.round(eaves - floors, 3),
        roof_area=np.round(roof_area, 3),
        volume=np.round(volume, 3),
        storeys=[draft.storeys for draft in drafts],
        use=[draft.use for draft in drafts],
        name=[draft.name for draft in drafts],
        quality=[""] * len(drafts),
        origin=[draft.id for draft in drafts],
        year=years,
        owner=owners,
    )
    return table, surfaces


def _measures(surfaces: Surfaces, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Roof area, volume (divergence theorem) and mean level of the lower roof edges of every building."""
    corners = surfaces.vertices[surfaces.triangles]
    origin = surfaces.vertices[0] if count else np.zeros(3)
    a, b, c = (corners[:, i] - origin for i in range(3))
    normal = np.cross(b - a, c - a)
    area = np.linalg.norm(normal, axis=1) / 2
    owner = surfaces.building[surfaces.triangle_surface]
    volume = np.bincount(owner, np.einsum("ij,ij->i", a, normal) / 6, count)
    roof = surfaces.kind[surfaces.triangle_surface] == ROOF
    roof_area = np.bincount(owner[roof], area[roof], count)
    low = np.full(len(surfaces), np.inf)
    np.minimum.at(low, surfaces.triangle_surface, corners[:, :, 2].min(axis=1))
    eaves = np.bincount(owner[roof], (area * low[surfaces.triangle_surface])[roof], count) / roof_area
    return roof_area, volume, eaves
