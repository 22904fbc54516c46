"""Bare ground without gaps: what lies where the terrain does not say."""

import numpy as np
from rasterio.fill import fillnodata
from scipy.ndimage import distance_transform_edt

from twin.city import City, CityError, Terrain
from twin.formats.raster import terrain_of_points

SEARCH_CELLS = 50
"""Gaps are bridged from heights at most this far away; what lies further takes the nearest height. [1]"""


def filled(terrain: Terrain) -> Terrain:
    """The terrain with every gap filled.

    Small gaps (under buildings) are bridged by inverse-distance weights from their rims, as GDAL's fill does; wide ones
    take the height of the nearest known cell.

    Raises
    ------
    CityError
        No cell has a height.
    """
    known = np.isfinite(terrain.elevation)
    if known.all():
        return terrain
    if not known.any():
        raise CityError("the terrain has no height in any cell; import one that covers the city")
    image = np.where(known, terrain.elevation, 0).astype(np.float32)
    bridged = fillnodata(image, mask=known.astype(np.uint8), max_search_distance=SEARCH_CELLS)
    if bridged is None:
        raise CityError("the terrain's gaps could not be filled; import a terrain without gaps")
    near = distance_transform_edt(~known) <= SEARCH_CELLS / 2
    whole = np.where(known, terrain.elevation, bridged)
    row, column = distance_transform_edt(~near, return_distances=False, return_indices=True)
    return Terrain(whole[row, column], terrain.west, terrain.south, terrain.cell_size)


def ground_of(city: City) -> tuple[Terrain, str]:
    """The city's ground without gaps, and in words where it comes from.

    A city without terrain takes its ground from the feet of its buildings, on a grid of 5 m; where these make no
    surface (one building, a single row) the ground is flat at their median.

    Raises
    ------
    CityError
        There is neither a terrain nor a building.
    """
    if city.terrain is not None:
        return filled(city.terrain), "terrain"
    feet = city.buildings.geometry.centroid
    points = np.column_stack([feet.x, feet.y, city.buildings["ground_z"]])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        raise CityError(f"{city.name}: has neither a terrain nor buildings; import it with --terrain")
    spread = np.linalg.svd(points[:, :2] - points[:, :2].mean(axis=0), compute_uv=False)
    if len(points) < 3 or spread[-1] < 1.0:
        flat = np.full((1, 1), np.median(points[:, 2]), np.float32)
        west, south, east, north = city.bounds
        return Terrain(flat, west, south, max(east - west, north - south)), "median of the feet of the buildings"
    return filled(terrain_of_points(points)), "feet of the buildings, for want of a terrain"
