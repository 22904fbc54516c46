"""Who and what stands where: cells beside buildings, their thresholds and residents, streets and sectors."""

import numpy as np
import shapely
import xarray as xr
from rasterio.features import rasterize
from rasterio.transform import Affine

from scenarios.situation import Situation
from twin.city import City
from twin.land_covers import land_covers
from twin.rasterise import Grid
from twin.streets import BELOW

SILL = 0.15
"""Water beside a building that is deeper than this passes its sill (flood damage practice). [m]"""
HOMES = {"residential"}
"""Uses of the buildings that people live in."""
UNKNOWN_USE = "other"
"""Use of the buildings of which none is known."""


class Exposure:
    """What a flood can meet in one situation on one grid; prepared once, read by every figure.

    Permanent water (land cover ``water``) is not flooded ground, and what stands below the rim of a swale, a rain
    garden or a basin is no flood: the works are dug for it, and it stands below the doors beside them. People live in
    residential buildings, each sector's population spread over its own by volume: an assumption, as no register says
    who lives where.

    Parameters
    ----------
    situation : Situation
    layers : xarray.Dataset
        Of `twin.layers.layers`, or with ``dug_depth`` as `twin.water_layers.water_layers` adds it.

    Attributes
    ----------
    grid : Grid
    land : (y, x) bool
        Cells that can be flooded ground.
    dug : (y, x) float64
        How much lower works made the ground; 0 without works. [m]
    thresholds : (building,) float64
        Height that water beside a building must pass to enter. [m]
    people : (building,) float64 or None
        Residents; None where the city has no sectors.
    sector : (building,) int
        Row of the sectors table, -1 for none.
    """

    def __init__(self, situation: Situation, layers: xr.Dataset) -> None:
        self.grid = Grid.of(layers)
        self.city = city = situation.city
        index = layers["building_index"].values
        self.area = self.grid.cell_size**2
        self.land = (index < 0) & (layers["land_cover"].values != land_covers()["water"].code)
        self.dug = layers["dug_depth"].values.astype(float) if "dug_depth" in layers else np.zeros(index.shape)
        self.thresholds = situation.works.sills_of(city.buildings.index, SILL)
        if "threshold" in city.buildings:
            given = city.buildings["threshold"].to_numpy(float)
            self.thresholds = np.fmax(self.thresholds, given)
        self.sector = sector_of(city)
        self.people = residents(city)
        self.footprint = city.buildings.geometry.area.to_numpy()
        beside, whose = _doorsteps(index)
        ashore = self.land.ravel()[beside]  # a house on a quay is not flooded by its canal
        self._beside, self._whose = beside[ashore], whose[ashore]
        self._street_cells, self._street_lengths = _along_streets(city, self.grid)

    def flood_depth(self, depth: np.ndarray) -> np.ndarray:
        """Water above the ground there was before works were dug, on ground that is no permanent water.

        Parameters
        ----------
        depth : (y, x) float
            Above the ground there is; NaN is nothing. [m]

        Returns
        -------
        (y, x) float64
            0 in buildings. [m]
        """
        water = np.maximum(np.nan_to_num(depth).astype(float) - self.dug, 0.0)
        return np.round(np.where(self.land, water, 0.0), 6)  # as in `beside`

    def beside(self, field: np.ndarray) -> np.ndarray:
        """Highest value beside each building, on ground that is no permanent water.

        Parameters
        ----------
        field : (y, x) float
            NaN is nothing. [its unit]

        Returns
        -------
        (building,) float64
            0 where no open cell meets the building.
        """
        found = np.zeros(len(self.city.buildings))
        np.maximum.at(found, self._whose, np.nan_to_num(field.ravel()[self._beside]).astype(float))
        return np.round(found, 6)  # a depth in float32 that is the threshold has not passed it

    def streets_where(self, cells: np.ndarray) -> float:
        """Length of streets in the cells of a mask (y, x). [m]"""
        return float(self._street_lengths[cells.ravel()[self._street_cells]].sum())

    def sector_cells(self) -> np.ndarray:
        """Row of the sectors table under each cell's centre, -1 for none: (y, x) int."""
        return sector_cells(self.city, self.grid)


def sector_cells(city: City, grid: Grid) -> np.ndarray:
    """Row of the sectors table under the centre of each cell of a grid, -1 for none: (y, x) int."""
    found = np.full(grid.shape, -1, np.int32)
    shapes = city.sectors.geometry
    stack = [(shape, row) for row, shape in enumerate(shapes) if shape is not None and not shape.is_empty]
    if stack:
        north_up = found[::-1].copy()
        frame = Affine(grid.cell_size, 0, grid.west, 0, -grid.cell_size, grid.bounds[3])
        rasterize(stack, out=north_up, transform=frame)
        found = north_up[::-1].copy()
    return found


def sector_of(city: City) -> np.ndarray:
    """The sector that holds each building: row of the sectors table, -1 for none; the first where sectors overlap.

    Returns
    -------
    (building,) int64
    """
    found = np.full(len(city.buildings), -1, np.int64)
    if city.sectors.empty or city.buildings.empty:
        return found
    tree = shapely.STRtree(shapely.point_on_surface(city.buildings.geometry.to_numpy()))
    for row, shape in enumerate(city.sectors.geometry):
        inside = tree.query(shape, predicate="intersects")
        found[inside[found[inside] < 0]] = row
    return found


def homes_of(city: City) -> np.ndarray:
    """Buildings that people are taken to live in: the residential ones, in a sector without any those of unknown use.

    The 3D cadastre knows no uses, only that some buildings are annexes; without this nobody would live in it.

    Returns
    -------
    (building,) bool
    """
    uses, sector = city.buildings["use"], sector_of(city)
    homes: np.ndarray = uses.isin(HOMES).to_numpy()
    known = np.zeros(len(city.sectors) + 1, bool)
    known[sector[homes]] = True  # the last row is that of no sector
    known[-1] = bool(homes.any())
    return homes | (~known[sector] & (uses == UNKNOWN_USE).to_numpy())


def residents(city: City) -> np.ndarray | None:
    """People by building: each sector's population spread over its homes by volume.

    Of a sector that reaches beyond the city's bounds, the share of its area within them counts.

    Returns
    -------
    (building,) float64 or None
        None where the city has no sectors, so that nobody takes "unknown" for "none".
    """
    if city.sectors.empty:
        return None
    table = city.buildings
    volume = np.nan_to_num(table["volume"].to_numpy(float))
    flat = volume <= 0
    volume[flat] = (table.geometry.area * table["ridge_height"].fillna(0.0)).to_numpy()[flat]
    volume *= homes_of(city)
    sector = sector_of(city)
    homes = sector >= 0
    total = np.bincount(sector[homes], volume[homes], minlength=len(city.sectors))
    population = np.nan_to_num(city.sectors["population"].to_numpy(float)) * _share_within(city)
    per_volume = np.divide(population, total, out=np.zeros(total.size), where=total > 0)
    return np.where(homes, volume * per_volume[sector], 0.0)


def _share_within(city: City) -> np.ndarray:
    """Part of each sector's area that lies within the city's bounds: (sector,) float64. [1]"""
    shapes = city.sectors.geometry.to_numpy()
    whole = shapely.area(shapes)
    within = shapely.area(shapely.intersection(shapely.make_valid(shapes), shapely.box(*city.bounds)))
    share: np.ndarray = np.divide(within, whole, out=np.zeros_like(whole), where=whole > 0)
    return np.where(share > 1 - 1e-6, 1.0, share)  # an edge on the bounds loses nobody to rounding


def _doorsteps(index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Open cells beside a building, by flat number, and the building beside each."""
    number = np.arange(index.size).reshape(index.shape)
    beside, whose = [], []
    for here, there in (
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:, 1:], np.s_[:, :-1]),
        (np.s_[:-1], np.s_[1:]),
        (np.s_[1:], np.s_[:-1]),
    ):
        meets = (index[here] < 0) & (index[there] >= 0)
        beside.append(number[here][meets])
        whose.append(index[there][meets])
    return np.concatenate(beside), np.concatenate(whose)


def _along_streets(city: City, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Cells under the axes of streets, by flat number, and the length of street each stands for. [m]"""
    none = np.zeros(0, np.int64), np.zeros(0)
    lines = city.links.geometry.to_numpy()[~city.links["kind"].str.endswith(BELOW).to_numpy(bool)]
    lines = shapely.intersection(lines, shapely.box(*grid.bounds))
    lines = lines[shapely.length(lines) > 0]
    if not lines.size:
        return none
    parts = shapely.get_parts(shapely.segmentize(lines, grid.cell_size))
    corners, owner = shapely.get_coordinates(parts, return_index=True)
    first = np.flatnonzero(owner[1:] == owner[:-1])
    ends = corners[first], corners[first + 1]
    lengths = np.hypot(*(ends[1] - ends[0]).T)
    column, row = np.floor(grid.units((ends[0] + ends[1]) / 2)).astype(int).T
    inside = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
    return (row * grid.columns + column)[inside], lengths[inside]
