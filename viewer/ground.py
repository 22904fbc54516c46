"""The ground of the pages: terrain as a small grid, land cover as a picture in maquette colours, trees and streets."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine
from scipy.ndimage import gaussian_filter

from twin.city import City
from twin.ground import ground_of
from twin.land_covers import land_covers
from twin.layers import SIDEWALK
from twin.streets import BELOW, FOOT
from viewer.tiles import local_origin

MARGIN = 40.0
"""The ground reaches this far beyond the city and its buildings. [m]"""
UNKNOWN = 65_535
CELL_SIZE = 4.0
"""Of the terrain payload. [m]"""
PICTURE = 2048
"""Longer side of the ground's picture. [pixel]"""

STONE = "#e7e2d8"
"""Ground of the model where nothing else is known."""
_SLATE = "#98a5b1"
"""The canal in slate: a picture of the model has it darker than a legend."""
_COURT = 0.90
"""Light at the foot of a house relative to open ground. [1]"""


@dataclass(frozen=True)
class Extent:
    """A rectangle of ground in Lambert 72, in whole cells of the terrain payload.

    Attributes
    ----------
    west, south : float
        Outer corner. [m]
    columns, rows : int
    cell_size : float
        [m]
    """

    west: float
    south: float
    columns: int
    rows: int
    cell_size: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north. [m]"""
        return (
            self.west,
            self.south,
            self.west + self.columns * self.cell_size,
            self.south + self.rows * self.cell_size,
        )


def extent(city: City, cell_size: float = CELL_SIZE) -> Extent:
    """Ground that is shown: the city, its buildings that cross the border, and a margin."""
    west, south, east, north = city.bounds
    if len(city.buildings):
        others = city.buildings.total_bounds
        west, south = min(west, others[0]), min(south, others[1])
        east, north = max(east, others[2]), max(north, others[3])
    west, south = np.floor((west - MARGIN) / cell_size), np.floor((south - MARGIN) / cell_size)
    columns = int(np.ceil((east + MARGIN) / cell_size) - west)
    rows = int(np.ceil((north + MARGIN) / cell_size) - south)
    return Extent(float(west * cell_size), float(south * cell_size), columns, rows, cell_size)


def terrain(city: City, where: Extent) -> tuple[dict[str, Any], bytes]:
    """Ground heights for the pages.

    Parameters
    ----------
    city : City
        Its ground is filled where the terrain has gaps (`twin.ground.ground_of`).
    where : Extent

    Returns
    -------
    dict, bytes
        Words on the grid (``west`` and ``south`` in the local frame) and its values: little-endian uint16,
        row 0 = south, height TAW = ``z_min + z_step * value`` [m] at the cell centres, 65,535 = unknown.
    """
    x = where.west + (np.arange(where.columns) + 0.5) * where.cell_size
    y = where.south + (np.arange(where.rows) + 0.5) * where.cell_size
    heights = ground_of(city)[0].sample(*np.meshgrid(x, y))
    known = np.isfinite(heights)
    low = float(np.floor(heights[known].min())) if known.any() else 0.0
    high = float(heights[known].max()) if known.any() else 1.0
    step = max(0.001, (high - low) / (UNKNOWN - 1))
    values = np.full(heights.shape, UNKNOWN, "<u2")
    values[known] = np.rint((heights[known] - low) / step)
    east, north = local_origin(city)
    words = {
        "nx": where.columns,
        "ny": where.rows,
        "west": where.west - east,
        "south": where.south - north,
        "cell_size": where.cell_size,
        "z_min": low,
        "z_step": step,
    }
    return words, values.tobytes()


def picture(city: City, where: Extent, size: int = PICTURE) -> bytes:
    """Land cover in maquette colours as a PNG over the extent, north up.

    Parameters
    ----------
    city : City
    where : Extent
    size : int
        Pixels of the longer side.

    Returns
    -------
    bytes
        PNG, RGB; houses darken the ground about their feet a little.
    """
    west, south, east, north = where.bounds
    scale = size / max(east - west, north - south)
    columns, rows = max(round((east - west) * scale), 1), max(round((north - south) * scale), 1)
    frame = Affine((east - west) / columns, 0, west, 0, -(north - south) / rows, north)

    covers = land_covers()
    palette = [STONE, *(_SLATE if key == "water" else cover.color for key, cover in covers.items())]
    shapes = [(shape, 1 + covers[key].code) for key, shape in _shapes(city) if not shape.is_empty]
    index = np.zeros((rows, columns), np.uint8)
    if shapes:
        index = rasterize(shapes, out_shape=(rows, columns), transform=frame, fill=0, dtype="uint8")
    image = np.array([_rgb(color) for color in palette], np.float32)[index]

    for channel in range(3):
        image[..., channel] = gaussian_filter(image[..., channel], 0.6)
    if len(city.buildings):
        feet = rasterize(city.buildings.geometry, out_shape=(rows, columns), transform=frame, dtype="uint8")
        near = gaussian_filter(feet.astype(np.float32), 2.0 * scale)
        far = gaussian_filter(feet.astype(np.float32), 7.0 * scale)
        image *= (1.0 - (1.0 - _COURT) * np.clip(0.7 * near + 0.6 * far, 0, 1))[..., None]
    return _png(np.clip(np.rint(image), 0, 255).astype(np.uint8))


def _shapes(city: City) -> Iterator[tuple[str, Any]]:
    """Streets with their pavements, then what the land cover says, each with its kind of ground."""
    seen = ~city.links["kind"].str.endswith(BELOW).to_numpy(bool)
    lines, widths = city.links.geometry.to_numpy()[seen], city.links["width"].to_numpy(float)[seen]
    widths = np.maximum(np.nan_to_num(widths, nan=6.0), 1.5)
    on_foot = city.links["kind"].isin(FOOT).to_numpy()[seen]
    for shape in shapely.buffer(lines, widths / 2 + np.where(on_foot, 0.0, SIDEWALK)):
        yield "paving", shape
    for shape in shapely.buffer(lines[~on_foot], widths[~on_foot] / 2):
        yield "asphalt", shape
    yield from zip(city.land_cover["cover"], city.land_cover.geometry, strict=True)


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _png(image: np.ndarray) -> bytes:
    """PNG of (y, x, 3) uint8 (ISO/IEC 15948), each row as the difference to the one above."""
    rows, columns, _ = image.shape
    flat = image.reshape(rows, -1)
    lines = np.empty((rows, 1 + flat.shape[1]), np.uint8)
    lines[:, 0] = 2  # filter "up"
    lines[0, 1:] = flat[0]
    lines[1:, 1:] = flat[1:] - flat[:-1]

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(lines.tobytes(), 6))
        + chunk(b"IEND", b"")
    )


def trees(city: City) -> dict[str, Any]:
    """Trees as columns in the local frame, in centimetres' precision. [m]"""
    east, north = local_origin(city)
    table = city.trees
    x, y = shapely.get_coordinates(table.geometry.to_numpy()).T if len(table) else (np.zeros(0), np.zeros(0))
    ground = ground_of(city)[0].sample(x, y) if len(table) else np.zeros(0)
    columns: dict[str, Any] = {"x": _short(x - east), "y": _short(y - north), "z": _short(ground)}
    for name in ("height", "crown_diameter", "crown_base"):
        columns[name] = _short(table[name].to_numpy(float))
    columns |= {"id": list(table.index), "species": table["species"].tolist()}
    return {"count": len(table), "columns": columns}


def streets(city: City) -> dict[str, Any]:
    """Street centre lines in the local frame [m], with lanes in all and the speed limit [km/h]."""
    origin = np.array(local_origin(city))
    lines = []
    for row in city.links.itertuples():
        points = np.round(shapely.get_coordinates(row.geometry) - origin, 2)
        lines.append(
            {
                "id": row.Index,
                "name_fr": row.name_fr,
                "name_nl": row.name_nl,
                "kind": row.kind,
                "width": None if np.isnan(row.width) else round(float(row.width), 2),
                "lanes": int(row.lanes),
                "speed": None if np.isnan(row.speed) else float(row.speed),
                "oneway": bool(row.oneway),
                "points": points.tolist(),
            }
        )
    return {"lines": lines}


def _short(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else value for value in np.round(np.asarray(values, float), 2).tolist()]
