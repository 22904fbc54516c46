"""City and cell size to layers: one Dataset on (y, x) with all that kernels read of the ground."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from rasterio.features import rasterize
from rasterio.transform import Affine

from kernels.quantities import attrs
from twin.city import CRS, City, CityError, Terrain
from twin.ground import ground_of
from twin.land_covers import DEFAULT, land_covers, parameter_table
from twin.rasterise import Grid, coverage, discs, faces
from twin.streets import BELOW, FOOT

SIDEWALK = 2.5
"""Assumed width of the paving on each side of a carriageway. [m]"""

MARKED_FROM = 0.5
"""A cell counts as built from this covered part on; right angles apart this neither adds nor takes area. [1]"""

Window = tuple[float, float, float, float]


def layers(city: City, cell_size: float, window: Window | None = None) -> xr.Dataset:
    """Rasterise a city.

    Parameters
    ----------
    city : City
    cell_size : float
        [m]
    window : tuple, optional
        West, south, east, north in Lambert 72; the whole city where not given. The grid's lines lie on whole multiples
        of the cell size, so the window grows outward to them and all windows of one cell size share their cells. [m]

    Returns
    -------
    xarray.Dataset
        Along ``(y, x)``, ascending, row 0 south:

        ground_elevation
            Never NaN; bilinear, or the mean over the cell where the terrain is finer. Gaps as `twin.ground.filled`.
        building_index
            Row of ``city.buildings`` where the cell is at least half covered, the building with the largest part;
            -1 in the open.
        building_fraction
            Exactly covered part.
        building_height
            Ridge above the ground of that building; 0 in the open.
        canopy_top, canopy_bottom
            Above ground; 0 where there is no tree. A crown is a cylinder.
        land_cover, and each of `twin.land_covers.PARAMETERS`
            From back to front: `DEFAULT`, sidewalks, paths, carriageways, the polygons of the city, roofs.

        ``wall_crest_x (y, x_face)`` and ``wall_crest_y (y_face, x)``: crest of ``city.walls`` on the faces between
        cells, NaN elsewhere. Each wall is an unbroken chain of faces; its crest is its height above the ground under
        it, and never below the cells beside it.

        The attribute ``ground_beyond_terrain`` is the part of the cells that lie off the terrain and take the height at
        its edge. [1]

    Raises
    ------
    CityError
        The window misses the city, a land cover is unknown, or there are too many cells.
    """
    grid = Grid.over(_window(city, window), cell_size)
    ground, ground_source = remembered(("ground", *_ground_key(city)), lambda: ground_of(city))
    elevation = remembered(("elevation", *_ground_key(city), grid), lambda: _elevation(ground, grid))
    index, fraction = _built(city, grid)
    cover = covers_of(city, grid)
    canopy = remembered(("trees", city.part_digest("trees"), grid), lambda: _canopy(city.trees, grid))
    heights = np.append(np.nan_to_num(city.buildings["ridge_height"].to_numpy(float)), 0.0).astype(np.float32)
    crest_x, crest_y = _crests(city.walls, ground, elevation, grid)

    found = {
        "ground_elevation": elevation,
        "building_index": index,
        "building_fraction": fraction,
        "building_height": heights[index],
        "canopy_top": canopy[0],
        "canopy_bottom": canopy[1],
        "land_cover": cover,
    }
    found |= {name: values[cover] for name, values in parameter_table().items()}
    dataset = xr.Dataset(
        {name: (("y", "x"), np.array(values), attrs(name)) for name, values in found.items()}
        | {
            "wall_crest_x": (("y", "x_face"), crest_x, attrs("wall_crest_x")),
            "wall_crest_y": (("y_face", "x"), crest_y, attrs("wall_crest_y")),
        },
        coords=_coordinates(grid),
        attrs=_words(city, grid) | {"ground_source": ground_source, "ground_beyond_terrain": _beyond(ground, grid)},
    )
    covers = land_covers().values()
    dataset["land_cover"].attrs |= {
        "flag_values": np.array([one.code for one in covers], np.int16),
        "flag_meanings": " ".join(one.key for one in covers),
    }
    return dataset


def bare_layers(city: City, grid: Grid) -> xr.Dataset:
    """The cells of a run without anything on them, for kernels that read streets alone."""
    return xr.Dataset(coords=_coordinates(grid), attrs=_words(city, grid))


def _words(city: City, grid: Grid) -> dict[str, Any]:
    return {
        "Conventions": "CF-1.11",
        "crs": CRS,
        "city": city.name,
        "city_digest": city.digest,
        "cell_size": grid.cell_size,
        "demo": int(city.demo),
    }


def covers_of(city: City, grid: Grid) -> np.ndarray:
    """Code of the land cover of each cell, roofs included.

    Returns
    -------
    (y, x) int16
    """
    index, _ = _built(city, grid)
    streets_key = ("streets", city.part_digest("links"), grid)
    covers_key = ("covers", city.part_digest("land_cover"), *streets_key[1:])
    streets = remembered(streets_key, lambda: _streets(city.links, grid))
    cover = remembered(covers_key, lambda: _polygons(city.land_cover, streets, grid))
    found: np.ndarray = np.where(index >= 0, np.int16(land_covers()["roof"].code), cover)
    return found


def _built(city: City, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    found: tuple[np.ndarray, np.ndarray] = remembered(
        ("buildings", city.part_digest("buildings"), grid), lambda: _buildings(city, grid)
    )
    return found


def _window(city: City, window: Window | None) -> Window:
    if window is None:
        return city.bounds
    west, south, east, north = window
    left, low, right, high = city.bounds
    if west >= right or east <= left or south >= high or north <= low:
        raise CityError(f"the window {tuple(window)} misses the city, which lies in {tuple(city.bounds)}")
    return window


def _coordinates(grid: Grid) -> dict[str, Any]:
    def axis(name: str, values: np.ndarray, words: str) -> tuple[str, np.ndarray, dict[str, str]]:
        return name, values, {"units": "m", "long_name": words, "axis": name[0].upper()}

    along_x = {"standard_name": "projection_x_coordinate"}
    along_y = {"standard_name": "projection_y_coordinate"}
    found = {
        "x": axis("x", grid.x, "Easting of the cell centre"),
        "y": axis("y", grid.y, "Northing of the cell centre"),
        "x_face": axis("x_face", grid.west + np.arange(grid.columns + 1) * grid.cell_size, "Easting of the face"),
        "y_face": axis("y_face", grid.south + np.arange(grid.rows + 1) * grid.cell_size, "Northing of the face"),
    }
    found["x"][2].update(along_x)
    found["y"][2].update(along_y)
    return found


def _ground_key(city: City) -> tuple[str, ...]:
    if city.terrain is None:
        return "buildings", city.part_digest("buildings")
    return "terrain", city.part_digest("terrain")


def _beyond(ground: Terrain, grid: Grid) -> float:
    """Part of the cells whose centre lies off the terrain and takes the height at its edge. [1]"""
    west, south, east, north = ground.bounds
    columns = int(((grid.x >= west) & (grid.x <= east)).sum())
    rows = int(((grid.y >= south) & (grid.y <= north)).sum())
    return 1.0 - columns * rows / (grid.columns * grid.rows)


def _elevation(ground: Terrain, grid: Grid) -> np.ndarray:
    """Height at cell centres; the mean of several points where cells are wider than those of the terrain."""
    across = max(round(grid.cell_size / ground.cell_size), 1)
    total = np.zeros(grid.shape)
    steps = ((np.arange(across) + 0.5) / across - 0.5) * grid.cell_size
    for north in steps:
        for east in steps:
            x, y = np.meshgrid(grid.x + east, grid.y + north)
            total += ground.sample(x, y)
    return total / across**2


def _buildings(city: City, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    which, cell, part = coverage(city.buildings.geometry.to_numpy(), grid)
    cells = grid.rows * grid.columns
    fraction = np.minimum(np.bincount(cell, part, minlength=cells), 1.0)
    index = np.full(cells, -1, np.int32)
    order = np.lexsort((-which, part, cell))  # the last of a cell has the largest part, of equals the first building
    index[cell[order]] = which[order]
    index[fraction < MARKED_FROM] = -1
    return index.reshape(grid.shape), fraction.astype(np.float32).reshape(grid.shape)


def _streets(links: gpd.GeoDataFrame, grid: Grid) -> np.ndarray:
    """Codes of the ground between buildings as far as the streets tell."""
    covers = land_covers()
    on_top = ~links["kind"].str.endswith(BELOW).to_numpy(bool)
    lines, widths = links.geometry.to_numpy()[on_top], links["width"].to_numpy()[on_top]
    on_foot = links["kind"].isin(FOOT).to_numpy()[on_top]
    near = _near(lines, grid, SIDEWALK + (widths.max() if widths.size else 0.0))
    lines, widths, on_foot = lines[near], widths[near], on_foot[near]
    driven = ~on_foot & (widths > 0)
    walks = shapely.buffer(lines[driven], widths[driven] / 2 + SIDEWALK, quad_segs=2)
    paths = shapely.buffer(lines[on_foot], widths[on_foot] / 2, quad_segs=2)
    roads = shapely.buffer(lines[driven], widths[driven] / 2, quad_segs=2)
    stack = [(shape, covers["paving"].code) for shape in (*walks, *paths)]
    stack += [(shape, covers["asphalt"].code) for shape in roads]
    return _burn(stack, np.full(grid.shape, covers[DEFAULT].code, np.int16), grid)


def _polygons(table: gpd.GeoDataFrame, under: np.ndarray, grid: Grid) -> np.ndarray:
    known = land_covers()
    strange = set(table["cover"]) - set(known)
    if strange:
        raise CityError(f"land cover {sorted(strange)[0]!r} is not in the table of land covers; it has {sorted(known)}")
    shapes = table.geometry.to_numpy()
    near = _near(shapes, grid, 0.0)
    codes = [known[key].code for key in table["cover"].to_numpy()[near]]
    return _burn(list(zip(shapes[near], codes, strict=True)), under, grid)


def _near(shapes: np.ndarray, grid: Grid, margin: float) -> np.ndarray:
    west, south, east, north = grid.bounds
    box = shapely.bounds(shapes).reshape(-1, 4)
    near_x = (box[:, 0] < east + margin) & (box[:, 2] > west - margin)
    return near_x & (box[:, 1] < north + margin) & (box[:, 3] > south - margin)


def _burn(stack: list[tuple[Any, int]], under: np.ndarray, grid: Grid) -> np.ndarray:
    """Codes of shapes where they hold the cell centre, later ones on top of earlier ones and of ``under``."""
    full = ~shapely.is_empty([shape for shape, _ in stack])
    stack = [one for one, has_area in zip(stack, full, strict=True) if has_area]
    if not stack:
        return under
    north_up = under[::-1].copy()
    frame = Affine(grid.cell_size, 0, grid.west, 0, -grid.cell_size, grid.bounds[3])
    rasterize(stack, out=north_up, transform=frame)
    return north_up[::-1].copy()


def _canopy(trees: gpd.GeoDataFrame, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    top = np.zeros(grid.rows * grid.columns, np.float32)
    bottom = np.full(top.size, np.inf, np.float32)
    points = shapely.get_coordinates(trees.geometry.to_numpy())
    which, cell = discs(points[:, 0], points[:, 1], trees["crown_diameter"].to_numpy() / 2, grid)
    np.maximum.at(top, cell, trees["height"].to_numpy(np.float32)[which])
    np.minimum.at(bottom, cell, trees["crown_base"].to_numpy(np.float32)[which])
    bottom[~np.isfinite(bottom)] = 0.0
    return top.reshape(grid.shape), bottom.reshape(grid.shape)


def _crests(
    walls: gpd.GeoDataFrame, ground: Terrain, elevation: np.ndarray, grid: Grid
) -> tuple[np.ndarray, np.ndarray]:
    crest_x = np.full((grid.rows, grid.columns + 1), np.nan)
    crest_y = np.full((grid.rows + 1, grid.columns), np.nan)
    if walls.empty:
        return crest_x, crest_y
    heights = walls["height"].to_numpy(float)
    along_x, along_y = faces(walls.geometry.to_numpy(), grid)
    for found, crest, axis in ((along_x, crest_x, 1), (along_y, crest_y, 0)):
        ahead = [found.row, found.column]
        behind = [found.row, found.column]
        behind[axis] = np.maximum(behind[axis] - 1, 0)
        ahead[axis] = np.minimum(ahead[axis], elevation.shape[axis] - 1)
        foot = np.maximum(elevation[tuple(ahead)], elevation[tuple(behind)])
        foot = np.maximum(foot, ground.sample(found.x, found.y))
        np.fmax.at(crest, (found.row, found.column), foot + heights[found.line])
    return crest_x, crest_y


_MEMORY: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
_LOCK = Lock()
_ROOM = 400_000_000
"""What is remembered between calls, at most. [byte]"""


def remembered(key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """The value made before for the same content, so that an edit pays only for the part it changed.

    Parameters
    ----------
    key : tuple
        Says what the value is and all that it depends on.
    make : callable
        Makes an array, or a tuple of arrays, that nobody changes.
    """
    with _LOCK:
        if key in _MEMORY:
            _MEMORY.move_to_end(key)
            return _MEMORY[key]
    value = make()
    with _LOCK:
        _MEMORY[key] = value
        while len(_MEMORY) > 1 and sum(map(_weight, _MEMORY.values())) > _ROOM:
            _MEMORY.popitem(last=False)
    return value


def _weight(value: Any) -> int:
    if isinstance(value, tuple):
        return sum(map(_weight, value))
    return int(getattr(value.elevation if isinstance(value, Terrain) else value, "nbytes", 0))
