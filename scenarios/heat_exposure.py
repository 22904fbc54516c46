"""Who lives where heat stands: open ground around homes, and the residents it weighs for."""

import numpy as np
import shapely
import xarray as xr
from scipy.sparse import csr_array

from scenarios.exposure import residents, sector_cells, sector_of
from scenarios.situation import Situation
from scenarios.street_ground import StreetGround, street_ground
from twin.city import City
from twin.land_covers import land_covers
from twin.layers import remembered
from twin.rasterise import Grid, centres_in

AROUND = 25.0
"""Open ground up to this far from a home is where its residents meet the heat: an assumption, for nobody counts who is
outdoors where. It is the width of a Brussels street with its front gardens. [m]"""


class HeatExposure:
    """What heat can meet in one situation on one grid; prepared once, read by every figure.

    People live in residential buildings, each sector's population spread over its own by volume, as for floods
    (`scenarios.exposure.residents`). What they meet is the mean of a field over the open ground within `AROUND` of
    their building; open ground is all that is neither built nor permanent water.

    Parameters
    ----------
    situation : Situation
    layers : xarray.Dataset
        Of `twin.layers.layers`.

    Attributes
    ----------
    grid : Grid
    area : float
        Of a cell. [m2]
    ground : (y, x) bool
        Open ground.
    people : (building,) float64 or None
        Residents; None where the city has no sectors.
    homes : (home,) int64
        Rows of the buildings on the grid in which people live; empty where nobody is known to.
    sector : (building,) int64
        Row of the sectors table, -1 for none.
    held : (home,) float64
        Part of the ring of `AROUND` around each home, its own footprint included, that the grid holds. [1]
    streets : StreetGround
    """

    def __init__(self, situation: Situation, layers: xr.Dataset) -> None:
        self.city: City = situation.city
        self.grid: Grid = Grid.of(layers)
        self.area = self.grid.cell_size**2
        self.ground = (layers["building_index"].values == -1) & (
            layers["land_cover"].values != land_covers()["water"].code
        )
        self.people = residents(self.city)
        self.sector = sector_of(self.city)
        self.homes = self._homes()
        self.streets: StreetGround = street_ground(self.city, self.grid)
        rings = shapely.buffer(self.city.buildings.geometry.to_numpy()[self.homes], AROUND, quad_segs=4)
        within = shapely.area(shapely.intersection(rings, shapely.box(*self.grid.bounds)))
        self.held = np.divide(within, shapely.area(rings), out=np.zeros(self.homes.size), where=within > 0)
        self._around = self._zones(rings)

    @property
    def residents(self) -> np.ndarray:
        """People of each home: (home,) float64."""
        return np.zeros(0) if self.people is None else self.people[self.homes]

    def around(self, field: np.ndarray) -> np.ndarray:
        """Mean of a field over the open ground around each home.

        Parameters
        ----------
        field : (y, x) float
            NaN is nothing. [its unit]

        Returns
        -------
        (home,) float64
            NaN where there is no open ground, or nothing known of it.
        """
        flat = field.ravel().astype(float)
        known = np.isfinite(flat)
        count = self._around @ known.astype(float)
        total = self._around @ np.where(known, flat, 0.0)
        return np.divide(total, count, out=np.full(self.homes.size, np.nan), where=count > 0)

    def people_where(self, hit: np.ndarray) -> float:
        """Residents of the homes in a mask (home,); NaN where residents are not known."""
        return float(self.residents[hit].sum()) if self.people is not None else np.nan

    def mean_over_people(self, values: np.ndarray) -> float:
        """Mean of (home,) values over residents; NaN where none is known."""
        known = np.isfinite(values)
        people = self.residents[known]
        return float(np.average(values[known], weights=people)) if people.sum() > 0 else np.nan

    def weights(self) -> np.ndarray:
        """Residents that each cell stands for.

        Each home spreads its residents evenly over the open ground around it, so that the sum over cells of this times
        a field is the sum over residents of the field around their home. At the edge of the grid a home counts by the
        part of its surroundings that lies on the grid: else all its residents would crowd on a few cells there.

        Returns
        -------
        (y, x) float64
        """
        count = np.asarray(self._around.sum(axis=1)).ravel()
        share = np.divide(self.residents * self.held, count, out=np.zeros(self.homes.size), where=count > 0)
        found: np.ndarray = self._around.T @ share
        return found.reshape(self.grid.shape)

    def sector_cells(self) -> np.ndarray:
        """Row of the sectors table under each cell's centre, -1 for none: (y, x) int."""
        return sector_cells(self.city, self.grid)

    def sector_means(self, field: np.ndarray) -> np.ndarray:
        """Mean of a field over the open ground of each sector: (sector,) float64, NaN where there is none."""
        owner, count = self.sector_cells(), len(self.city.sectors)
        known = (owner >= 0) & self.ground & np.isfinite(field)
        cells = np.bincount(owner[known], minlength=count)
        total = np.bincount(owner[known], field[known].astype(float), minlength=count)
        return np.divide(total, cells, out=np.full(count, np.nan), where=cells > 0)

    def _homes(self) -> np.ndarray:
        """Rows of the buildings whose middle lies on the grid and in which people live."""
        if self.people is None:
            return np.zeros(0, np.int64)
        middle = shapely.point_on_surface(self.city.buildings.geometry.to_numpy())
        inside = shapely.intersects(middle, shapely.box(*self.grid.bounds))
        found: np.ndarray = np.flatnonzero(inside & (self.people > 0))
        return found

    def _zones(self, rings: np.ndarray) -> csr_array:
        """1 where a cell is open ground within the ring of a home: (home, cell)."""
        key = ("around homes", self.city.part_digest("buildings"), self.city.part_digest("sectors"), self.grid)

        def make() -> tuple[np.ndarray, np.ndarray]:
            which, cell = centres_in(rings, self.grid)
            return which.astype(np.int32), cell.astype(np.int32)

        which, cell = remembered(key, make) if self.homes.size else (np.zeros(0, np.int32),) * 2
        outdoors = self.ground.ravel()[cell]
        which, cell = which[outdoors], cell[outdoors]
        shape = (self.homes.size, self.grid.rows * self.grid.columns)
        return csr_array((np.ones(which.size, np.float32), (which, cell)), shape=shape)
