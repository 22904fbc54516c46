"""Buildings from the parts that readers give: one frame, shells made right, one table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from twin.city import BUILDING_COLUMNS, GROUND, ROOF, WALL, Surfaces, as_table, empty_table
from twin.faces import (
    closed_rings,
    plan_areas,
    surface_areas,
    surface_heights,
    surface_of_corner,
    surface_vectors,
    triangulate,
)
from twin.formats.part import UNKNOWN, BuildingsPart, Refused
from twin.frames import to_lambert
from twin.mesh import copies_of, edges_of, orient, shells_of
from twin.repair import mend
from twin.roofs import Heights, heights
from twin.weld import clean_faces

LEVEL = 0.2
"""A face of unknown kind whose normal leans less than this against the horizontal is a wall (11.5 degrees). [1]"""

FLOOR = 0.5
"""A face of unknown kind that looks down is ground when it lies this near to the lowest corner of its building. [m]"""

WALL_HALF = 0.05
"""A building of upright faces only stands on their trace, this much to either side. [m]"""


@dataclass(eq=False)
class Cadastre:
    """All buildings of a city and what was done to them.

    Attributes
    ----------
    table : GeoDataFrame
        Columns of ``BUILDING_COLUMNS``.
    surfaces : Surfaces
    read : int
        Buildings in all files, refused ones and repeats included.
    refused : list of Refused
    duplicates : list of str
        Ids met again in a later part and taken once.
    flags : dict
        Flag to ids.
    repaired : dict
        Id to what was done.
    inside_out : list of str
        Buildings whose roofs looked down, all in all, and no longer do.
    measures : dict
        Sums over all faces as read: areas in m2, doubled faces.
    notes : list of str
    """

    table: gpd.GeoDataFrame
    surfaces: Surfaces
    read: int
    refused: list[Refused]
    duplicates: list[str]
    flags: dict[str, list[str]] = field(default_factory=dict)
    repaired: dict[str, str] = field(default_factory=dict)
    inside_out: list[str] = field(default_factory=list)
    measures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


NOTHING = Cadastre(
    empty_table(BUILDING_COLUMNS),
    Surfaces.empty(),
    read=0,
    refused=[],
    duplicates=[],
    measures={
        f"{what}_m2": 0.0 for what in ("roof_area", "roof_area_plan", "ground_area", "wall_area", "doubled_roof_area")
    },
)
"""The cadastre of a city without buildings."""


def assemble(
    parts: Sequence[BuildingsPart],
    *,
    anywhere: bool = False,
    bounds: tuple[float, float, float, float] | None = None,
) -> Cadastre:
    """Join parts into one cadastre.

    A building met in several parts (a zone's edge) is taken once: from the part that gives it most faces, the first of
    equals. Buildings with a corner that is not a finite number are refused.

    Parameters
    ----------
    parts : sequence of BuildingsPart
    anywhere : bool
        See `twin.frames.to_lambert`.
    bounds : tuple, optional
        West, south, east, north: buildings whose box does not touch it are left out. [m]

    Raises
    ------
    CityError
        A part lies in a wrong place; see `twin.frames.to_lambert`.
    """
    merged, refused, duplicates, notes = _merge(parts, anywhere, bounds)
    faces, kept = _clean(merged)
    left = np.bincount(faces.building, minlength=len(merged.ids)) > 0
    if not left.all():
        refused += [Refused(merged.ids[i], "all its faces collapse to lines or points") for i in np.flatnonzero(~left)]
        merged = _pick(merged, np.flatnonzero(left))
        faces, kept = _clean(merged)
    count = len(merged.ids)
    shells = shells_of(faces, edges_of(faces, copies_of(faces) == np.arange(len(faces))), count)
    flags: dict[str, np.ndarray] = {
        "open_shell": shells.open,
        "non_manifold": shells.non_manifold,
        "mixed_winding": shells.mixed,
        "collapsed_face": np.bincount(np.delete(merged.building, kept), minlength=count) > 0,
    }
    faces, mended = mend(faces, np.flatnonzero(shells.open))
    flags["repaired"] = np.isin(np.arange(count), list(mended))
    triangles, owners = triangulate(faces)
    faces = replace(faces, triangles=triangles, triangle_surface=owners)
    before = _roofs_up(faces, count)
    oriented = orient(faces, count)
    faces = replace(oriented.faces, kind=_kinds(oriented.faces, count))
    after = _roofs_up(faces, count)
    inside_out = (before < 0) & (after > 0)
    flags["flipped"] = oriented.turned | (np.bincount(faces.building[oriented.rewound], minlength=count) > 0)
    single = copies_of(faces) == np.arange(len(faces))
    flags["doubled_faces"] = np.bincount(faces.building[~single], minlength=count) > 0
    measured = heights(faces, count, single)
    flags["no_roof"] = np.bincount(faces.building[(faces.kind == ROOF)], minlength=count) == 0
    flags["no_ground"] = np.bincount(faces.building[(faces.kind == GROUND)], minlength=count) == 0
    flags["lift_house"] = measured.lift_house
    footprints, invalid = _footprints(faces, count)
    flags["footprint_repaired"] = invalid
    for name, given in merged.flags.items():
        for flag in given:
            flags.setdefault(flag, np.zeros(count, bool))[merged.ids.index(name)] = True
    areas, plan = surface_areas(faces), np.abs(plan_areas(faces))
    roof = faces.kind == ROOF
    return Cadastre(
        table=_table(merged, footprints, measured, oriented.volume, flags),
        surfaces=faces,
        read=sum(part.objects for part in parts),
        refused=refused,
        duplicates=duplicates,
        flags={flag: [merged.ids[i] for i in np.flatnonzero(mask)] for flag, mask in flags.items() if mask.any()},
        repaired={merged.ids[i]: words for i, words in mended.items()},
        inside_out=[merged.ids[i] for i in np.flatnonzero(inside_out)],
        measures={
            "roof_area_m2": float(areas[roof].sum()),
            "roof_area_plan_m2": float(plan[roof].sum()),
            "ground_area_m2": float(areas[faces.kind == GROUND].sum()),
            "wall_area_m2": float(areas[faces.kind == WALL].sum()),
            "doubled_roof_area_m2": float(areas[roof & ~single].sum()),
        },
        notes=notes,
    )


def _clean(part: BuildingsPart) -> tuple[Surfaces, np.ndarray]:
    return clean_faces(
        part.vertices, part.ring_vertices, part.ring_offsets, part.surface_rings, part.kind, part.building
    )


def _merge(
    parts: Sequence[BuildingsPart], anywhere: bool, bounds: tuple[float, float, float, float] | None
) -> tuple[BuildingsPart, list[Refused], list[str], list[str]]:
    """One part of all, in Lambert 72, without unsound buildings and repeats."""
    refused = [one for part in parts for one in part.refused]
    duplicates: list[str] = []
    notes: list[str] = []
    placed = []
    best: dict[str, tuple[int, int, int]] = {}
    for p, part in enumerate(parts):
        vertices, said = to_lambert(part.vertices, part.crs, path=part.path, anywhere=anywhere)
        notes += [f"{part.path}: {words}" for words in (*part.notes, *said)]
        size = np.bincount(part.building, minlength=len(part.ids))
        unsound = _not_finite(part, vertices)
        outside = np.zeros(len(part.ids), bool) if bounds is None else _outside(part, vertices, bounds)
        if outside.any():
            notes.append(f"{part.path}: {outside.sum()} buildings outside the bounds left out")
        for row, name in enumerate(part.ids):
            if outside[row]:
                continue
            if unsound[row]:
                refused.append(Refused(name, "a corner is not a finite number"))
                continue
            if name in best:
                duplicates.append(name)
                if size[row] <= best[name][2]:
                    continue
            best[name] = (p, row, int(size[row]))
        placed.append(vertices)
    chosen = [np.array(sorted(row for q, row, _ in best.values() if q == p), np.int64) for p in range(len(parts))]
    merged = _concatenate([_pick(replace(part, vertices=placed[p]), chosen[p]) for p, part in enumerate(parts)])
    return merged, refused, duplicates, notes


def _not_finite(part: BuildingsPart, vertices: np.ndarray) -> np.ndarray:
    bad = ~np.isfinite(vertices).all(axis=1)
    if not bad.any():
        return np.zeros(len(part.ids), bool)
    return np.bincount(_owners(part)[bad[part.ring_vertices]], minlength=len(part.ids)) > 0


def _outside(part: BuildingsPart, vertices: np.ndarray, bounds: tuple[float, float, float, float]) -> np.ndarray:
    owner = _owners(part)
    points = vertices[part.ring_vertices, :2]
    low, high = np.full((len(part.ids), 2), np.inf), np.full((len(part.ids), 2), -np.inf)
    np.fmin.at(low, owner, points)
    np.fmax.at(high, owner, points)
    return np.any((high < bounds[:2]) | (low > bounds[2:]), axis=1)


def _owners(part: BuildingsPart) -> np.ndarray:
    """Building of each ring corner."""
    return np.repeat(part.building, np.diff(part.ring_offsets[part.surface_rings]))


def _pick(part: BuildingsPart, rows: np.ndarray) -> BuildingsPart:
    """The part with only some of its buildings."""
    if len(rows) == len(part.ids):
        return part
    number = np.full(len(part.ids), -1)
    number[rows] = np.arange(len(rows))
    keep = number[part.building] >= 0
    ring_count = np.diff(part.surface_rings)
    ring_keep = np.repeat(keep, ring_count)
    sizes = np.diff(part.ring_offsets)
    return replace(
        part,
        ids=[part.ids[i] for i in rows],
        attributes=[part.attributes[i] for i in rows],
        ring_vertices=part.ring_vertices[np.repeat(ring_keep, sizes)],
        ring_offsets=np.concatenate([[0], np.cumsum(sizes[ring_keep])]),
        surface_rings=np.concatenate([[0], np.cumsum(ring_count[keep])]),
        kind=part.kind[keep],
        building=number[part.building[keep]],
    )


def _concatenate(parts: Sequence[BuildingsPart]) -> BuildingsPart:
    if len(parts) == 1:
        return parts[0]
    vertices, corners, rings, surfaces, buildings = [0], [0], [0], [0], [0]
    for part in parts:
        vertices.append(vertices[-1] + len(part.vertices))
        corners.append(corners[-1] + len(part.ring_vertices))
        rings.append(rings[-1] + len(part.ring_offsets) - 1)
        surfaces.append(surfaces[-1] + len(part.kind))
        buildings.append(buildings[-1] + len(part.ids))
    zero = np.zeros(1, np.int64)
    return BuildingsPart(
        path="",
        crs=None,
        ids=[name for part in parts for name in part.ids],
        attributes=[one for part in parts for one in part.attributes],
        vertices=np.concatenate([part.vertices for part in parts]),
        ring_vertices=np.concatenate([part.ring_vertices + v for part, v in zip(parts, vertices, strict=False)]),
        ring_offsets=np.concatenate([zero, *(p.ring_offsets[1:] + c for p, c in zip(parts, corners, strict=False))]),
        surface_rings=np.concatenate([zero, *(p.surface_rings[1:] + r for p, r in zip(parts, rings, strict=False))]),
        kind=np.concatenate([part.kind for part in parts]),
        building=np.concatenate([part.building + b for part, b in zip(parts, buildings, strict=False)]),
        objects=sum(part.objects for part in parts),
        flags={name: flags for part in parts for name, flags in part.flags.items()},
    )


def _roofs_up(faces: Surfaces, count: int) -> np.ndarray:
    """Roof area seen from above less that seen from below, by building. [m2]"""
    up = surface_vectors(faces)[:, 2]
    return np.bincount(faces.building, np.where(faces.kind == ROOF, up, 0.0), count)


def _kinds(faces: Surfaces, count: int) -> np.ndarray:
    """Kinds, with the unknown ones told by the normals of the rightly wound faces."""
    unknown = faces.kind == UNKNOWN
    if not unknown.any():
        return faces.kind
    vectors = surface_vectors(faces)
    lean = vectors[:, 2] / np.maximum(np.linalg.norm(vectors, axis=1), 1e-12)
    low, high = surface_heights(faces)
    lowest = np.full(count, np.inf)
    np.minimum.at(lowest, faces.building, low)
    floor = (lean < -LEVEL) & (high <= lowest[faces.building] + FLOOR)
    told = np.where(lean > LEVEL, ROOF, np.where(floor, GROUND, WALL))
    return np.where(unknown, told, faces.kind).astype(np.int8)


def _footprints(faces: Surfaces, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Ground faces seen from above, joined by building; roofs where there is no ground; and which had to be mended."""
    has_ground = np.bincount(faces.building[faces.kind == GROUND], minlength=count) > 0
    used = (faces.kind == GROUND) | ((faces.kind == ROOF) & ~has_ground[faces.building])
    used |= ~np.isin(faces.building, faces.building[used])
    which = np.flatnonzero(used)
    shapes = _plan_polygons(faces, which)
    owner = faces.building[which]
    valid = shapely.is_valid(shapes)
    invalid = np.bincount(owner[~valid & has_ground[owner]], minlength=count) > 0
    shapes[~valid] = shapely.make_valid(shapes[~valid])
    found = np.full(count, shapely.MultiPolygon(), dtype=object)
    cuts = np.searchsorted(owner, np.arange(count + 1))
    for b in np.flatnonzero(np.diff(cuts)).tolist():
        mine = shapes[cuts[b] : cuts[b + 1]]
        found[b] = _areas(mine[0] if len(mine) == 1 else shapely.union_all(mine))
    owners = faces.building[surface_of_corner(faces)]
    for b in np.flatnonzero(shapely.area(found) == 0).tolist():
        # nothing of it lies flat: the ground right under its corners stands for it
        corners = shapely.MultiPoint(faces.vertices[faces.ring_vertices[owners == b], :2])
        found[b] = shapely.buffer(shapely.convex_hull(corners), WALL_HALF, quad_segs=2)
        invalid[b] = True
    return shapely.orient_polygons(found), invalid


def _plan_polygons(faces: Surfaces, which: np.ndarray) -> np.ndarray:
    """Surfaces as 2D polygons."""
    vertex, _, ring_offsets, polygon_offsets = closed_rings(faces, which)
    points = faces.vertices[vertex, :2]
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (ring_offsets, polygon_offsets)))


def _areas(shape: Any) -> Any:
    """The areas of a shape, without the lines and points that mending leaves."""
    if "Polygon" in shape.geom_type:
        return shape
    polygons = [one for one in shapely.get_parts(shapely.get_parts(shape)) if one.geom_type == "Polygon"]
    return shapely.union_all(polygons) if polygons else shapely.MultiPolygon()


def _table(
    merged: BuildingsPart,
    footprints: np.ndarray,
    measured: Heights,
    volume: np.ndarray,
    flags: dict[str, np.ndarray],
) -> gpd.GeoDataFrame:
    words = np.array(list(flags), dtype=object)
    masks = np.array(list(flags.values())).T.reshape(len(merged.ids), len(words))
    storeys = [one.get("storeys", n) for one, n in zip(merged.attributes, measured.storeys.tolist(), strict=True)]
    return as_table(
        merged.ids,
        footprints,
        BUILDING_COLUMNS,
        ground_z=measured.ground_z,
        ridge_height=measured.ridge_height,
        eaves_height=measured.eaves_height,
        roof_area=measured.roof_area,
        volume=volume,
        storeys=storeys,
        use=[one.get("use", "other") for one in merged.attributes],
        name=[one.get("name", "") for one in merged.attributes],
        quality=[" ".join(words[row]) for row in masks],
        origin=[one.get("origin", name) for one, name in zip(merged.attributes, merged.ids, strict=True)],
        year=[one.get("year", math.nan) for one in merged.attributes],
    )
