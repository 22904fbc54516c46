"""A city as the kernel of access reads it: streets cut where homes and places stand, and who lives where."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import xarray as xr

from kernels.access.kernel import NOWHERE
from kernels.quantities import attrs
from kernels.quantities.access import CATEGORIES
from twin.amenities import categories, places_of
from twin.city import City, CityError
from twin.street_graph import graph_of
from twin.street_reach import Spots, StreetTimes

Hours = Mapping[str, Sequence[tuple[float, float]]]
"""Begin and until of each time that a place is open, by its id; places that are not named are always open. [s]"""


def access_layers(
    city: City, homes: gpd.GeoDataFrame, *, mode: str = "walk", minutes: Mapping[str, float] | None = None,
    opening: Hours | None = None,
) -> xr.Dataset:  # fmt: skip
    """What `kernels.access.kernel.Access` reads of a city.

    Parameters
    ----------
    city : City
    homes : GeoDataFrame
        Index ``id``; points; ``people``. `scenarios.ten_minutes.homes_in` and `homes_along` make them.
    mode : str
        ``walk`` or ``bike``.
    minutes : mapping, optional
        Other times than the table's, by category. [min]
    opening : mapping, optional
        When places are open, since the run's start. [s]

    Raises
    ------
    CityError
        No streets, an unknown category or place, or hours that run backwards.
    """
    streets = StreetTimes.of(graph_of(city), mode, city.terrain)
    return layers_of(streets, places_of(city), homes, minutes=minutes, opening=opening)


def layers_of(
    streets: StreetTimes, places: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, *,
    minutes: Mapping[str, float] | None = None, opening: Hours | None = None,
) -> xr.Dataset:  # fmt: skip
    """The same of streets, places and homes, wherever they are from.

    Each street is cut where a home or a place stands beside it, so that one way of counting, node to node, holds also
    for two doors of one street. Nodes of the street graph keep their numbers; cuts come behind.

    Returns
    -------
    Dataset
        Along ``foot_link``, ``place`` (one entrance of a place: its id), ``home``, ``category`` and ``opening``; attrs
        ``assumed`` and ``lost`` count what was assumed and what stands on no street.
    """
    asked = _asked(minutes or {})
    stand = streets.spots(homes.geometry.to_numpy())
    sites = streets.spots(places.geometry.to_numpy())
    cuts = Cuts.of(streets, stand, sites)
    entrance, node, delay = cuts.entrances(sites)
    home_node, home_delay = np.full(len(homes), NOWHERE, np.int32), np.zeros(len(homes))
    home_node[stand.thing] = cuts.node[cuts.row(stand.link, stand.low)]
    home_delay[stand.thing] = stand.off
    kind = np.array([CATEGORIES.index(one) for one in places["category"]], np.int32)
    tail, head, seconds = cuts.arcs()
    given = {
        "access_start_node": ("foot_link", tail.astype(np.int32)),
        "access_end_node": ("foot_link", head.astype(np.int32)), "access_time": ("foot_link", seconds),
        "place_node": ("place", node), "place_delay": ("place", delay),
        "place_category": ("place", kind[entrance]), "home_node": ("home", home_node),
        "home_delay": ("home", home_delay), "home_people": ("home", homes["people"].to_numpy(float)),
        "access_time_asked": ("category", 60.0 * np.array(list(asked.values()))),
    }  # fmt: skip
    names = places.index.to_numpy(object)[entrance]
    if opening:
        given |= _opened(opening, names)
    return xr.Dataset(
        {name: (dim, values, attrs(name)) for name, (dim, values) in given.items()},
        coords={"place": names, "home": homes.index.to_numpy(object), "category": list(asked)},
        attrs={
            "mode": streets.mode,
            "assumed": dict(streets.counts),
            "lost": {"places": sites.lost, "homes": stand.lost},
        },
    )


class Cuts:
    """Streets cut at spots: rows of (link, part), sorted, with the node of each.

    Parameters
    ----------
    streets : StreetTimes
    link, part : (spot,)
        Row of a link, and a part of its length, in any order. [1]

    Attributes
    ----------
    link, part : (cut,)
        Both ends of every link are among them.
    node : (cut,) int64
        Nodes of the street graph keep their numbers; cuts come behind.
    nodes : int
        How many there are then.
    first : (link + 1,) int64
        Cuts of link ``n`` are ``first[n]:first[n + 1]``.
    """

    def __init__(self, streets: StreetTimes, link: np.ndarray, part: np.ndarray) -> None:
        rows = np.arange(len(streets.streets.links))
        link = np.concatenate([link, rows, rows])
        part = np.concatenate([part, np.zeros(rows.size), np.ones(rows.size)])
        order = np.lexsort((part, link))
        link, part = link[order], part[order]
        first = (
            np.concatenate([[True], (np.diff(link) != 0) | (np.diff(part) != 0)]) if link.size else np.zeros(0, bool)
        )
        self.link, self.part = link[first], part[first]
        start, end = streets.streets.ends()
        inner = (self.part > 0) & (self.part < 1)
        self.node = np.where(self.part <= 0, start[self.link], end[self.link])
        self.node[inner] = len(streets.streets.nodes) + np.arange(int(inner.sum()))
        self.nodes = len(streets.streets.nodes) + int(inner.sum())
        self._streets = streets
        self.first = np.searchsorted(self.link, np.arange(rows.size + 1))

    @classmethod
    def of(cls, streets: StreetTimes, *spots: Spots) -> "Cuts":
        """Cut at both ends of every stretch."""
        link = np.concatenate([one.link for one in spots for _ in range(2)])
        return cls(streets, link, np.concatenate([part for one in spots for part in (one.low, one.high)]))

    def row(self, link: np.ndarray, part: np.ndarray) -> np.ndarray:
        """The cut at each (link, part), which is among them."""
        # parts lie from 0 to 1: a complex number sorts by its real part, then by the other
        return np.searchsorted(self.link + 1j * self.part, link + 1j * part)

    def pieces(self) -> tuple[np.ndarray, np.ndarray]:
        """Pieces between neighbouring cuts: the row of the first of both, and the part of the link it is. [1]"""
        row = np.flatnonzero(np.diff(self.link) == 0)
        return row, self.part[row + 1] - self.part[row]

    def arcs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All `pieces` along their link, and then all against it: tail, head, and time, infinite where closed. [s]"""
        row, share = self.pieces()
        low, high = self.node[row], self.node[row + 1]
        times = (share * one[self.link[row]] for one in (self._streets.forward, self._streets.backward))
        return np.concatenate([low, high]), np.concatenate([high, low]), np.concatenate(list(times))

    def entrances(self, sites: Spots) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One entrance at every cut of the stretch that touches a place: place, node, and the walk to it. [s]"""
        low, high = self.row(sites.link, sites.low), self.row(sites.link, sites.high)
        many = high - low + 1
        spot = np.repeat(np.arange(many.size), many)
        cut = np.repeat(low, many) + np.arange(spot.size) - np.repeat(np.cumsum(many) - many, many)
        return sites.thing[spot], self.node[cut].astype(np.int32), sites.off[spot]


def _asked(minutes: Mapping[str, float]) -> dict[str, float]:
    asked = {key: one.minutes for key, one in categories().items()}
    for key, value in minutes.items():
        if key not in asked:
            raise CityError(f"there is no category {key!r}; expected one of {', '.join(asked)}")
        if not value > 0:
            raise CityError(f"{key}: {value:g} minutes, expected more than 0")
        asked[key] = float(value)
    return asked


def _opened(opening: Hours, names: np.ndarray) -> dict[str, tuple[str, np.ndarray]]:
    """Rows of opening for every entrance of the places named."""
    rows = []
    known = set(names)
    for name, hours in opening.items():
        if name not in known:
            raise CityError(f"opening hours name the place {name!r}, which stands on no street here; leave it out")
        for begin, until in hours:
            if not until > begin:
                raise CityError(f"{name}: open from {begin:g} to {until:g} s; expected later than the begin")
            rows += [(int(entrance), begin, until) for entrance in np.flatnonzero(names == name)]
    columns = np.array(rows, float).reshape(-1, 3)
    return {
        "opening_place": ("opening", columns[:, 0].astype(np.int32)),
        "opening_begin": ("opening", columns[:, 1]),
        "opening_until": ("opening", columns[:, 2]),
    }
