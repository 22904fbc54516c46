"""A city on disk: one folder with a manifest, tables as GeoParquet, faces as npz, terrain as GeoTIFF."""

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from twin import drains
from twin.city import (
    BUILDING_COLUMNS,
    CRS,
    LINK_COLUMNS,
    TREE_COLUMNS,
    City,
    CityError,
    Source,
    Surfaces,
    Terrain,
    complete,
)
from twin.formats import raster

FORMAT = 1
"""Version of the folder's layout; raised when an older reader could go wrong."""

MANIFEST = "city.json"
_SURFACES = "surfaces.npz"
_TERRAIN = "terrain.tif"
_DRAINS = "drains.npz"
_TURNS = "turns.parquet"
_BUS_LINES = "bus_lines"


def save(city: City, folder: str | Path, *, report: Mapping[str, Any] | None = None) -> None:
    """Write a city folder, whole or not at all.

    Everything is written to a temporary folder beside it and renamed at the end, so a reader sees the old city or the
    new one. An existing city folder is replaced.

    Parameters
    ----------
    city : City
    folder : path
    report : mapping, optional
        What the import had to say, kept in the manifest under ``report``; must be JSON.

    Raises
    ------
    CityError
        The folder exists and is not a city folder, so that nobody's files are lost.
    """
    folder = Path(folder).absolute()
    if folder.exists() and not _replaceable(folder):
        raise CityError(f"{folder}: exists and is no city folder (no {MANIFEST}); name another one or empty it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".new", dir=folder.parent))
    try:
        _write_parts(city, fresh)
        manifest = _manifest(city) | {"report": dict(report or {})}
        (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False), "utf-8")
        for one in fresh.iterdir():
            _flush(one)
        fresh.chmod(0o755)
        _put_in_place(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def load(folder: str | Path) -> City:
    """Read a city folder and check that it is what was saved.

    Raises
    ------
    CityError
        No city there, a newer layout, a missing or damaged file, or a content that does not match the digest.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    try:
        tables = {name: read_table(folder, name) for name in City.TABLES}
        surfaces = _read_surfaces(folder / _SURFACES)
        terrain = _read_terrain(folder / _TERRAIN, manifest["terrain"])
        city = City(
            name=manifest["name"],
            bounds=tuple(manifest["bounds"]),
            surfaces=surfaces,
            terrain=terrain,
            turns=_words(pd.read_parquet(folder / _TURNS)) if manifest.get("turns") else None,
            bus_lines=read_table(folder, _BUS_LINES) if manifest.get("bus_lines") else None,
            drains=drains.read(folder / _DRAINS) if manifest.get("drains") else None,
            sources=tuple(Source(**one) for one in manifest["sources"]),
            demo=manifest["demo"],
            **tables,
        )
    except (OSError, EOFError, LookupError, TypeError, ValueError, zipfile.BadZipFile, pa.ArrowException) as error:
        raise CityError(f"{folder}: the city folder is damaged ({error}); import the city again") from error
    if city.digest != manifest["digest"]:
        raise CityError(
            f"{folder}: the content has the digest {city.digest[:12]} and {MANIFEST} says {manifest['digest'][:12]}: "
            "a file was changed or the copy is incomplete; import the city again"
        )
    return city


def read_manifest(folder: str | Path) -> dict[str, Any]:
    """The manifest of a city folder, without reading the city.

    Raises
    ------
    CityError
        No city there, or one of a layout this version does not know.
    """
    path = Path(folder) / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise CityError(f"{folder}: is no city folder, it has no {MANIFEST}; make one with bxl-twin import") from error
    except (OSError, ValueError) as error:
        raise CityError(f"{path}: cannot be read ({error}); import the city again") from error
    version = manifest.get("bxl_twin_city") if isinstance(manifest, dict) else None
    if version != FORMAT:
        raise CityError(f"{path}: has the layout version {version!r}, this program reads {FORMAT}; import again")
    return dict(manifest)


def read_table(folder: str | Path, name: str) -> gpd.GeoDataFrame:
    """One table of a city folder, without the rest of the city and without a check of its digest."""
    table = _words(gpd.read_parquet(Path(folder) / f"{name}.parquet"))
    table.index = table.index.astype(object)
    later = {"buildings": BUILDING_COLUMNS, "trees": TREE_COLUMNS, "links": LINK_COLUMNS}.get(name)
    return table if later is None else complete(table, later)


def _words(table: Any) -> Any:
    """Texts as plain objects, whatever the reader makes of them."""
    return table.astype({name: object for name in table.columns if isinstance(table[name].dtype, pd.StringDtype)})


def _manifest(city: City) -> dict[str, Any]:
    grid = city.terrain
    return {
        "bxl_twin_city": FORMAT,
        "name": city.name,
        "bounds": [float(edge) for edge in city.bounds],
        "crs": CRS,
        "height_datum": "EPSG:5710",
        "digest": city.digest,
        "demo": bool(city.demo),
        "sources": [asdict(one) for one in city.sources],
        "counts": {name: len(getattr(city, name)) for name in City.TABLES} | {"surfaces": len(city.surfaces)},
        "turns": None if city.turns is None else len(city.turns),
        "bus_lines": None if city.bus_lines is None else len(city.bus_lines),
        "drains": None if city.drains is None else {str(dim): size for dim, size in city.drains.sizes.items()},
        # exact, where a GeoTIFF would only give the north edge
        "terrain": None
        if grid is None
        else {"west": float(grid.west), "south": float(grid.south), "cell_size": float(grid.cell_size)},
    }


def _write_parts(city: City, folder: Path) -> None:
    for name in City.TABLES:
        getattr(city, name).to_parquet(folder / f"{name}.parquet", index=True, compression="zstd")
    arrays = {one.name: getattr(city.surfaces, one.name) for one in fields(Surfaces)}
    np.savez(folder / _SURFACES, **arrays)
    if city.terrain is not None:
        raster.write_terrain(city.terrain, folder / _TERRAIN)
    if city.bus_lines is not None:
        city.bus_lines.to_parquet(folder / f"{_BUS_LINES}.parquet", index=True, compression="zstd")
    if city.turns is not None:
        city.turns.to_parquet(folder / _TURNS, compression="zstd")
    if city.drains is not None:
        drains.write(city.drains, folder / _DRAINS)


def _read_surfaces(path: Path) -> Surfaces:
    with np.load(path, allow_pickle=False) as arrays:
        return Surfaces(**{one.name: arrays[one.name] for one in fields(Surfaces)})


def _read_terrain(path: Path, frame: Mapping[str, float] | None) -> Terrain | None:
    if frame is None:
        return None
    return Terrain(raster.read_terrain(path).elevation, frame["west"], frame["south"], frame["cell_size"])


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put_in_place(fresh: Path, folder: Path) -> None:
    old = fresh.with_suffix(".old")
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
