"""From files to a City: read, join, and say what was done with every object."""

import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from twin.cadastre import NOTHING, Cadastre, assemble
from twin.city import CRS, City, CityError, Terrain
from twin.drains import read_drains
from twin.formats import osm, raster
from twin.formats.buildings import read_buildings
from twin.formats.osm_ground import read_land_cover
from twin.formats.part import BuildingsPart
from twin.formats.street_files import read_streets
from twin.formats.transit_shapes import read_bus_lines
from twin.formats.tree_files import read_trees
from twin.sources import source_of
from twin.tree_merging import merge_trees

MARGIN = 50.0
"""Terrain and land cover are kept this far beyond the bounds. [m]"""

ROUND = 10.0
"""Bounds are the box around all footprints, rounded outward to whole multiples of this. [m]"""

Progress = Callable[[float, str], None]
Paths = str | Path | Sequence[str | Path]
Bounds = tuple[float, float, float, float]


@dataclass(eq=False)
class ImportReport:
    """What an import read, repaired, flagged and refused.

    Attributes
    ----------
    name, digest : str
        Of the city.
    buildings : int
        In the city.
    read, refused, duplicates, flagged, repaired : int
        Buildings in the files; left out; met twice; with any flag; with a mended shell.
    surfaces, triangles : int
    roof_area_m2, roof_area_plan_m2, ground_area_m2, wall_area_m2 : float
        Sums over all faces as they are in the city; plan areas count undersides as well. [m2]
    doubled_roof_area_m2 : float
        Part of ``roof_area_m2`` that faces take which repeat another one. [m2]
    volume_m3 : float
        Of all closed shells. [m3]
    bbox : list of float
        West, south, low, east, north, high of all vertices; empty without buildings. [m]
    bounds : list of float
        Of the city. [m]
    flags : dict
        Flag to number of buildings and their ids.
    inside_out : list of str
        Buildings whose roofs looked down, all in all, and were turned.
    repairs : dict
        Id to what was done.
    refusals : list of dict
        Id and reason.
    skipped : dict
        Objects of other types, by type.
    layers : dict
        Of trees, streets and the rest: counts by what was done.
    notes : list of str
        What was assumed or chosen.
    seconds, peak_memory_mb : float
    """

    name: str
    digest: str
    buildings: int
    read: int
    refused: int
    duplicates: int
    flagged: int
    repaired: int
    surfaces: int
    triangles: int
    roof_area_m2: float
    roof_area_plan_m2: float
    ground_area_m2: float
    wall_area_m2: float
    doubled_roof_area_m2: float
    volume_m3: float
    bbox: list[float]
    bounds: list[float]
    crs: str = CRS
    flags: dict[str, dict[str, Any]] = field(default_factory=dict)
    inside_out: list[str] = field(default_factory=list)
    repairs: dict[str, str] = field(default_factory=dict)
    duplicate_ids: list[str] = field(default_factory=list)
    refusals: list[dict[str, str]] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    layers: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    peak_memory_mb: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


def import_city(
    buildings: Paths,
    *,
    terrain: str | Path | None = None,
    trees: Paths = (),
    streets: str | Path | None = None,
    sectors: str | Path | None = None,
    land_cover: Paths = (),
    amenities: Paths = (),
    bus_lines: str | Path | None = None,
    drains: str | Path | None = None,
    tree_columns: Mapping[str, str] | None = None,
    name: str | None = None,
    bounds: Bounds | None = None,
    anywhere: bool = False,
    on_progress: Progress | None = None,
) -> tuple[City, ImportReport]:
    """Read a city from files.

    Only the buildings are needed, or streets where there are none. Without terrain the city has none; its layers then
    take the ground from the feet of the buildings. All else is cut to the bounds.

    Parameters
    ----------
    buildings : path or paths
        One or several parts, none for a city of streets alone; see `twin.formats.buildings`.
    terrain : path, optional
        GeoTIFF, ESRI ASCII grid or ground points.
    trees, streets, sectors, land_cover, amenities : path or paths, optional
        OpenStreetMap extracts (GeoJSON or pbf) and statistical sectors; streets also from CSV, see
        `twin.formats.street_csv`; trees also from the register of remarkable
        trees and from lists (CSV, GeoJSON), and what several of them know is merged, see `twin.tree_merging`.
    bus_lines : path, optional
        See `twin.formats.transit_shapes`.
    drains : path, optional
        Network of the sewers, SWMM 5 ``.inp`` with its coordinates in Lambert 72; kept whole.
    tree_columns : mapping of str to str, optional
        Names of the columns in lists of trees, see `twin.formats.tree_lists`.
    name : str, optional
        Of the city; the title in the first file of buildings otherwise.
    bounds : tuple, optional
        West, south, east, north in Lambert 72: buildings whose footprint does not touch it are left out. Otherwise the
        box around all footprints, or streets where there are no buildings, rounded outward to `ROUND`: buildings across
        the edge of their zone stay whole. [m]
    anywhere : bool
        Accept places outside Belgium; see `twin.frames.to_lambert`.
    on_progress : callable, optional
        Told a fraction and what is being done.

    Returns
    -------
    city : City
    report : ImportReport

    Raises
    ------
    CityError
        A file is missing, damaged, of an unknown format or in a wrong place; or no building is left.
    """
    start = time.perf_counter()
    tell = on_progress or (lambda fraction, words: None)
    files = _list(buildings)
    if not files and streets is None:
        raise CityError("no file of buildings was given; name at least one, or streets for a city of streets alone")
    parts = []
    for number, file in enumerate(files):
        tell(0.4 * number / len(files), f"reading {Path(file).name}")
        parts.append(read_buildings(file))
    tell(0.4, f"checking {sum(len(part.ids) for part in parts):,} shells")
    cadastre = assemble(parts, anywhere=anywhere, bounds=bounds) if files else NOTHING
    if files and not len(cadastre.table):
        reasons = "; ".join(f"{one.id}: {one.reason}" for one in cadastre.refused[:3])
        raise CityError(
            f"{files[0]}: no building is left ({reasons or 'none lies inside the bounds'}); repair the file"
        )
    layers: dict[str, dict[str, int]] = {}
    found: dict[str, Any] = {}
    box = bounds
    if files and box is None:
        box = _bounds(cadastre.table)
    if streets is not None:
        tell(0.65, "reading the streets")
        tally = layers.setdefault("streets", {})
        found |= read_streets(streets, bounds=box, tally=tally)
        tally |= {"nodes": len(found["nodes"]), "links": len(found["links"])}
    if box is None:
        box = _bounds(found["links"])
    wide = (box[0] - MARGIN, box[1] - MARGIN, box[2] + MARGIN, box[3] + MARGIN)

    sources = [
        source_of(file, "buildings", title=part.title, licence=part.licence, vintage=part.vintage)
        for file, part in _pairs(files, parts)
    ]
    notes = list(cadastre.notes)
    if terrain is not None:
        tell(0.7, "reading the terrain")
        found["terrain"], words = _terrain(terrain, wide)
        notes += words
        sources.append(source_of(terrain, "terrain"))
    jobs: list[tuple[str, Paths, Callable[..., gpd.GeoDataFrame], Bounds]] = [
        ("trees", trees, partial(read_trees, columns=tree_columns), box),
        ("land_cover", land_cover, read_land_cover, wide),
        ("amenities", amenities, osm.read_amenities, box),
        ("sectors", sectors or (), osm.read_sectors, box),
        ("bus_lines", bus_lines or (), read_bus_lines, box),
    ]
    if streets is not None:
        sources.append(source_of(streets, "streets"))
    if drains is not None:
        tell(0.8, "reading the drains")
        found["drains"], layers["drains"] = read_drains(drains, box)
        if found["drains"].attrs["inlets"] == "assumed":
            notes.append(f"{drains}: has no inlets; one set of two gullies is assumed at each junction")
        sources.append(source_of(drains, "drains"))
    for step, (part, paths, read, cut) in enumerate(jobs):
        given = _list(paths)
        if given:
            tell(0.85 + 0.03 * step, f"reading {part.replace('_', ' ')}")
            tally = layers.setdefault(part, {})
            tables = [read(path, bounds=cut, tally=tally) for path in given]
            found[part] = merge_trees(tables, tally) if part == "trees" else _joined(tables)
            tally["taken"] = len(found[part])
            sources += [source_of(path, part) for path in given]
    tell(0.97, "fingerprint")
    title = (
        name
        or next((part.title for part in parts if part.title), "")
        or Path([*files, streets or ""][0]).name.split(".")[0]
    )
    city = City(
        name=title,
        bounds=box,
        surfaces=cadastre.surfaces,
        buildings=cadastre.table,
        sources=tuple(sources),
        **found,
    )
    report = _report(city, cadastre, parts, layers, notes)
    report.seconds = round(time.perf_counter() - start, 3)
    report.peak_memory_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    tell(1.0, "")
    return city, report


def _list(paths: Paths) -> list[str | Path]:
    return [paths] if isinstance(paths, str | Path) else list(paths)


def _pairs(files: list[str | Path], parts: list[BuildingsPart]) -> list[tuple[str | Path, BuildingsPart]]:
    return list(zip(files, parts, strict=True))


def _bounds(table: gpd.GeoDataFrame) -> Bounds:
    west, south, east, north = table.total_bounds.tolist()
    return (
        float(np.floor(west / ROUND) * ROUND),
        float(np.floor(south / ROUND) * ROUND),
        float(np.ceil(east / ROUND) * ROUND),
        float(np.ceil(north / ROUND) * ROUND),
    )


def _terrain(path: str | Path, box: Bounds) -> tuple[Terrain, list[str]]:
    """The part of a terrain that the city needs."""
    whole = raster.read_terrain(path)
    west, south, east, north = whole.bounds
    if west >= box[2] or east <= box[0] or south >= box[3] or north <= box[1]:
        raise CityError(
            f"{path}: covers E {west:.0f}-{east:.0f} N {south:.0f}-{north:.0f}, the buildings lie at E {box[0]:.0f}-"
            f"{box[2]:.0f} N {box[1]:.0f}-{box[3]:.0f}; give the terrain of the same place"
        )
    size = whole.cell_size
    rows, columns = whole.elevation.shape
    first, last = max(int((box[0] - west) // size), 0), min(int(-((west - box[2]) // size)), columns)
    low, high = max(int((box[1] - south) // size), 0), min(int(-((south - box[3]) // size)), rows)
    cut = np.ascontiguousarray(whole.elevation[low:high, first:last])
    notes = []
    unknown = float(np.isnan(cut).mean())
    if unknown:
        notes.append(f"{path}: {unknown:.1%} of the terrain over the city is unknown; layers fill it from around")
    covered = (min(east, box[2] - MARGIN) - max(west, box[0] + MARGIN)) * (
        min(north, box[3] - MARGIN) - max(south, box[1] + MARGIN)
    )
    whole_area = (box[2] - box[0] - 2 * MARGIN) * (box[3] - box[1] - 2 * MARGIN)
    if covered < 0.995 * whole_area:
        notes.append(f"{path}: covers {covered / whole_area:.1%} of the city; its edge is held constant beyond")
    return Terrain(cut, west + first * size, south + low * size, size), notes


def _joined(tables: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Tables one after the other; an id met again is taken once."""
    filled = [table for table in tables if len(table)]
    if not filled:
        return tables[0]
    whole = pd.concat(filled) if len(filled) > 1 else filled[0]
    return gpd.GeoDataFrame(whole[~whole.index.duplicated()], crs=CRS)


def _report(
    city: City, cadastre: Cadastre, parts: list[BuildingsPart], layers: dict[str, dict[str, int]], notes: list[str]
) -> ImportReport:
    faces = city.surfaces
    corners = faces.vertices
    box = [*corners.min(axis=0), *corners.max(axis=0)] if len(corners) else []
    skipped: dict[str, int] = {}
    for part in parts:
        for kind, number in part.skipped.items():
            skipped[kind] = skipped.get(kind, 0) + number
    return ImportReport(
        name=city.name,
        digest=city.digest,
        buildings=len(city.buildings),
        read=cadastre.read,
        refused=len(cadastre.refused),
        duplicates=len(cadastre.duplicates),
        flagged=int((city.buildings["quality"] != "").sum()),
        repaired=len(cadastre.repaired),
        surfaces=len(faces),
        triangles=len(faces.triangles),
        volume_m3=round(float(np.nansum(city.buildings["volume"])), 1),
        bbox=[round(float(value), 3) for value in box],
        bounds=[float(value) for value in city.bounds],
        flags={flag: {"count": len(ids), "ids": ids} for flag, ids in cadastre.flags.items()},
        inside_out=cadastre.inside_out,
        repairs=cadastre.repaired,
        duplicate_ids=cadastre.duplicates,
        refusals=[{"id": one.id, "reason": one.reason} for one in cadastre.refused],
        skipped=skipped,
        layers=layers,
        notes=notes,
        roof_area_m2=round(cadastre.measures["roof_area_m2"], 2),
        roof_area_plan_m2=round(cadastre.measures["roof_area_plan_m2"], 2),
        ground_area_m2=round(cadastre.measures["ground_area_m2"], 2),
        wall_area_m2=round(cadastre.measures["wall_area_m2"], 2),
        doubled_roof_area_m2=round(cadastre.measures["doubled_roof_area_m2"], 2),
    )
