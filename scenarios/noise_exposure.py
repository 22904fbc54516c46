"""Who hears the streets: levels of road noise at the facades of homes, and the residents behind them."""

import numpy as np
import shapely
import xarray as xr
from scipy.sparse import coo_array, csr_array

from kernels.traffic.noise_spread import day_evening_night, facade_gain
from kernels.traffic.sight import Walls
from scenarios.exposure import residents
from scenarios.situation import Situation
from scenarios.traffic_totals import TrafficTotals
from twin.city import City
from twin.layers import remembered
from twin.streets import BELOW

REACH = 100.0
"""Streets further from a facade than this are not heard: an assumption, which leaves out the hum of the city. [m]"""
PIECE = 10.0
"""Streets are taken in pieces of at most this, each seen or hidden as a whole. [m]"""
FACADES = 3
"""A home has a point of its facade towards each of this many nearest streets; the loudest counts."""
BEFORE = 0.1
"""The points stand this far before the facade: Directive 2002/49/EC, annex II, 2.8 as amended by (EU) 2021/1226. [m]"""
CANYON = 30.0
"""A facade across the street that is further from its axis than this sends back nothing: an assumption. [m]"""
_BLOCK = 20_000  # receivers at a time, so that a whole city fits into memory


class NoiseExposure:
    """Levels of road noise before the homes of one situation; what does not change is prepared once.

    Sound arrives from the pieces of all streets within `REACH`, under their angle of view, directly and sent to and
    fro between facades; pieces behind buildings count 10 dB less (`kernels.traffic.noise_spread`). The ground
    is flat, tunnels are silent. Residents hear the loudest of their facades.

    Parameters
    ----------
    situation : Situation
    network : xarray.Dataset
        Of `twin.traffic_layers.traffic_layers`; its links are the directions of the city's streets.

    Attributes
    ----------
    people : (building,) float64 or None
        Residents; None where the city has no sectors or no buildings.
    homes : (home,) int64
        Rows of the buildings in which people live.
    home : (receiver,) int64
        Home of each point of a facade.
    """

    def __init__(self, situation: Situation, network: xr.Dataset) -> None:
        self.city: City = situation.city
        # people behind no facade are not known to hear nothing
        self.people = residents(self.city) if len(self.city.buildings) else None
        self.homes = np.zeros(0, np.int64) if self.people is None else np.flatnonzero(self.people > 0)
        self.street = streets_of_links(self.city, network)
        key = ("noise of streets", *(self.city.part_digest(one) for one in ("buildings", "links", "sectors")))
        self.home, row, column, gain = remembered(key, lambda: _paths(self.city, self.homes))
        shape = (self.home.size, len(self.city.links))
        self._gain = csr_array((gain, (row, column)), shape=shape)

    @property
    def residents(self) -> np.ndarray:
        """People of each home: (home,) float64."""
        return np.zeros(0) if self.people is None else self.people[self.homes]

    def levels(self, power: np.ndarray) -> np.ndarray:
        """Level at the loudest facade of each home.

        Parameters
        ----------
        power : (link,) float
            Sound power of each direction of a street, weighted by A. [pW m⁻¹]

        Returns
        -------
        (home,) float64
            -inf where no street is heard. [dB(A)]
        """
        known = self.street >= 0
        by_street = np.bincount(self.street[known], np.nan_to_num(power)[known], minlength=len(self.city.links))
        heard = np.zeros(self.homes.size)
        np.maximum.at(heard, self.home, self._gain @ by_street)
        with np.errstate(divide="ignore"):
            return 10.0 * np.log10(heard)

    def of_run(self, totals: TrafficTotals) -> np.ndarray:
        """Lden where the run covers a whole day, else the mean level of its hours (LAeq): (home,) float64. [dB(A)]"""
        if not totals.covers_a_day:
            return self.levels(totals.mean_power)
        parts = {name: self.levels(energy / totals.heard[name]) for name, energy in totals.sound.items()}
        return day_evening_night(**parts)

    def people_above(self, levels: np.ndarray, bound: float) -> float:
        """Residents of the homes above a level; NaN where residents are not known."""
        return float(self.residents[levels > bound].sum()) if self.people is not None else np.nan


def streets_of_links(city: City, network: xr.Dataset) -> np.ndarray:
    """The row of the city's streets of which each link of a network is a direction, -1 for none: (link,) int64."""
    names = [str(one).rstrip("<>") for one in network["link"].values]
    return np.asarray(city.links.index.get_indexer(names), np.int64)


def _paths(city: City, homes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Receivers' homes, and what each receiver gets of each street: home, receiver, street, gain."""
    none = np.zeros(0, np.int64)
    heard = np.flatnonzero(~city.links["kind"].str.endswith(BELOW).to_numpy(bool))
    lines = city.links.geometry.to_numpy()[heard]
    if not homes.size or not lines.size:
        return none, none, none, np.zeros(0)
    home, places = _facades(city.buildings.geometry.to_numpy()[homes], lines)
    street, begin, end = _pieces(lines)
    left, right = _facing(city, begin, end)
    walls, tree = _walls(city), shapely.STRtree(shapely.linestrings(np.stack([begin, end], axis=1)))
    found = []
    for first in range(0, home.size, _BLOCK):
        here = places[first : first + _BLOCK]
        receiver, piece = tree.query(shapely.points(here), predicate="dwithin", distance=REACH)
        hidden = walls.between(here[receiver], (begin[piece] + end[piece]) / 2.0)
        gain = facade_gain(here[receiver], begin[piece], end[piece], left[piece], right[piece], hidden)
        size = (len(here), lines.size)
        found.append(coo_array((gain, (receiver, street[piece])), shape=size).tocsr().tocoo())  # one sum for a street
    row = np.concatenate([number * _BLOCK + one.coords[0] for number, one in enumerate(found)] or [none])
    column = np.concatenate([one.coords[1] for one in found] or [none])
    gain = np.concatenate([one.data for one in found] or [np.zeros(0)])
    return home, row, heard[column], gain


def _facades(shapes: np.ndarray, lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points before the facades of homes, towards the nearest streets: home (receiver,) and place (receiver, 2)."""
    home, line = shapely.STRtree(lines).query(shapes, predicate="dwithin", distance=REACH)
    away = shapely.distance(shapes[home], lines[line])
    order = np.lexsort((away, home))
    home, line = home[order], line[order]
    begin = np.searchsorted(home, home)
    kept = np.arange(home.size) - begin < FACADES
    home, line = home[kept], line[kept]
    way = shapely.get_coordinates(shapely.shortest_line(shapes[home], lines[line])).reshape(-1, 2, 2)
    off = way[:, 1] - way[:, 0]
    length = np.hypot(off[:, 0], off[:, 1])
    step = np.divide(BEFORE, length, out=np.zeros(length.size), where=length > BEFORE)  # a passage is at the street
    return home, way[:, 0] + off * step[:, None]


def _pieces(lines: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Straight pieces of lines: the line of each, where it begins and where it ends."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    corners, part = shapely.get_coordinates(shapely.segmentize(parts, PIECE), return_index=True)
    first = np.flatnonzero(part[1:] == part[:-1])
    first = first[(corners[first] != corners[first + 1]).any(axis=1)]
    return owner[part[first]], corners[first], corners[first + 1]


def _facing(city: City, begin: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance from the middle of each piece to the first building on its left and on its right, infinite for none."""
    middle, along = (begin + end) / 2.0, end - begin
    left = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(along[:, 0], along[:, 1])[:, None]
    shapes = city.buildings.geometry.to_numpy()
    found = []
    for side in (left, -left):
        rays = shapely.linestrings(np.stack([middle, middle + CANYON * side], axis=1))
        distance = np.full(len(rays), np.inf)
        if shapes.size:
            ray, wall = shapely.STRtree(shapes).query(rays, predicate="intersects")
            met = shapely.distance(shapely.points(middle[ray]), shapely.intersection(rays[ray], shapes[wall]))
            np.minimum.at(distance, ray, met)
        found.append(distance)
    return found[0], found[1]


def _walls(city: City) -> Walls:
    """The outlines of all buildings."""
    rings = shapely.get_rings(shapely.get_parts(city.buildings.geometry.to_numpy()))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(ring[1:] == ring[:-1])
    return Walls.of(np.column_stack([corners[first], corners[first + 1]]))
