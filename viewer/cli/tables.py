"""Tables of places as files: GeoJSON in degrees, CSV, or GeoPackage in Lambert 72; whole or not at all."""

import json
import math
import os
from pathlib import Path
from typing import Any

import geopandas as gpd

from scenarios.problem import ScenarioError

ENDINGS = (".geojson", ".csv", ".gpkg")


def refuse_ending(path: Path, option: str = "--out") -> None:
    """Refuse a file whose ending names no table, or whose folder is not there.

    Raises
    ------
    ScenarioError
    """
    if path.suffix.lower() not in ENDINGS:
        raise ScenarioError(f"{path}: its ending names no table; expected one of {', '.join(ENDINGS)}", option)
    if not path.absolute().parent.is_dir():
        raise ScenarioError(f"{path}: there is no folder {path.parent}; make it first", option)


def write_table(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a table; the ending tells the format. A CSV has no geometry.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    fresh = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix.lower()}")
    try:
        if path.suffix.lower() == ".csv":
            table.drop(columns="geometry").to_csv(fresh, lineterminator="\n")
        elif path.suffix.lower() == ".gpkg":
            table.reset_index().to_file(fresh, layer=path.stem, driver="GPKG", engine="pyogrio")
        else:
            fresh.write_text(
                json.dumps(as_geojson(table), ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
            )
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def as_geojson(table: gpd.GeoDataFrame) -> dict[str, Any]:
    """As RFC 7946 has it: WGS 84 in degrees, to a centimetre; what is not known is null."""
    in_degrees = table.to_crs("EPSG:4326")
    found: dict[str, Any] = in_degrees.__geo_interface__
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": one["id"],
                "geometry": one["geometry"] and {
                    "type": one["geometry"]["type"], "coordinates": _rounded(one["geometry"]["coordinates"])
                },
                "properties": {key: plain(value) for key, value in one["properties"].items()},
            }
            for one in found["features"]
        ],
    }  # fmt: skip


def as_rows(table: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """The rows without geometry, as JSON; what is not known is None."""
    rows = table.drop(columns="geometry").reset_index().to_dict("records")
    return [{str(key): plain(value) for key, value in row.items()} for row in rows]


def plain(value: Any) -> Any:
    """A value as JSON."""
    one = value.item() if hasattr(value, "item") else value
    if isinstance(one, float):
        return round(one, 6) if math.isfinite(one) else None
    return one


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, float | int):
        return round(float(coordinates), 7)
    return [_rounded(one) for one in coordinates]
