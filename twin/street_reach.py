"""Streets as a graph of times on foot or by bicycle, and where homes and places stand along them."""

from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kernels.access.pace import WALK_UP_STAIRS, cycling_speed, walking_speed
from kernels.access.reach import Graph, Nearest, Seeds
from twin.city import CityError, Terrain
from twin.street_graph import StreetGraph

STATION = 25.0
"""Slopes are taken over stretches of about this length, so that a kerb in the terrain is no hill. [m]"""
STEEPEST = 0.25
"""Slopes beyond this are taken for this: no street of Brussels is steeper, a terrain beside a wall is. [1]"""
EDGE = 15.0
"""An area is entered from every street this near to it; where there is none, from those about as near as the nearest.
[m]"""
FAR = 250.0
"""What stands further than this from any street is not on it. [m]"""
ISLAND = 20
"""Nobody and nothing is put on streets of fewer nodes that hang together with no others, as mapping errors do."""


@dataclass(frozen=True, eq=False)
class Spots:
    """Where things stand along the streets; one thing may have several.

    Attributes
    ----------
    thing : (spot,) int64
        Which of them.
    link : (spot,) int64
        Row of the link.
    low, high : (spot,) float64
        Stretch of the link that touches it, as parts of its length; equal for a point. [1]
    off : (spot,) float64
        Walk between the street and the thing. [s]
    things : int
        How many there were, with those that are not on any street.
    """

    thing: np.ndarray
    link: np.ndarray
    low: np.ndarray
    high: np.ndarray
    off: np.ndarray
    things: int

    @property
    def lost(self) -> int:
        """How many things are not on any street."""
        return int(self.things - np.unique(self.thing).size)


@dataclass(frozen=True, eq=False)
class StreetTimes:
    """Streets with the seconds it takes to pass them one way and the other.

    Attributes
    ----------
    streets : StreetGraph
    mode : str
        ``walk`` or ``bike``.
    forward, backward : (link,) float64
        Along and against the line; infinite where the mode may not go. [s]
    counts : dict
        What was assumed, in plain words.
    """

    streets: StreetGraph
    mode: str
    forward: np.ndarray
    backward: np.ndarray
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, streets: StreetGraph, mode: str = "walk", terrain: Terrain | None = None) -> "StreetTimes":
        """Times by slope.

        Parameters
        ----------
        streets : StreetGraph
        mode : str
        terrain : Terrain, optional
            Bare ground; without it, or where it is not known, streets are flat. Bridges and tunnels run straight from
            end to end.

        Raises
        ------
        CityError
            Another mode, or not one street that it may use.
        """
        if mode not in ("walk", "bike"):
            raise CityError(f"reach is by walk or bike, got {mode!r}")
        arcs = streets.arcs(mode)
        if not arcs.link.size:
            raise CityError(f"no street lets the mode {mode} in; give an extract with footways and streets")
        ahead, back, counts = _seconds(streets.links, mode, terrain)
        forward, backward = np.full(ahead.size, np.inf), np.full(back.size, np.inf)
        forward[arcs.link[arcs.along]] = ahead[arcs.link[arcs.along]]
        backward[arcs.link[~arcs.along]] = back[arcs.link[~arcs.along]]
        return cls(streets, mode, forward, backward, counts)

    @cached_property
    def towards(self) -> Graph:
        """Every arc turned round: a search from places gives the time *to* them."""
        start, end = self.streets.ends()
        return Graph.of(
            np.concatenate([end, start]), np.concatenate([start, end]), np.concatenate([self.forward, self.backward]),
            len(self.streets.nodes),
        )  # fmt: skip

    @cached_property
    def _open(self) -> np.ndarray:
        """Rows of links on which things may stand."""
        islands = self.streets.islands(self.mode)
        start, _ = self.streets.ends()
        large = islands[start] >= min(ISLAND, int(islands.max()))
        return np.flatnonzero((np.isfinite(self.forward) | np.isfinite(self.backward)) & large)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.streets.links.geometry.to_numpy()[self._open])

    def spots(self, shapes: np.ndarray, *, far: float = FAR) -> Spots:
        """Put points and areas on the streets: points on the nearest, areas on all beside them.

        Parameters
        ----------
        shapes : (thing,) array of geometry
        far : float
            What stands further off is left out, see `Spots.lost`. [m]
        """
        shapes = np.asarray(shapes, object)
        lines = self.streets.links.geometry.to_numpy()
        area = shapely.get_dimensions(shapes) == 2
        pace = float(walking_speed(np.zeros(())))
        things, links, lows, highs, offs = [], [], [], [], []
        wide = np.flatnonzero(area & ~shapely.is_empty(shapes))
        if wide.size:
            which, away = self._tree.query_nearest(
                shapes[wide], max_distance=far, return_distance=True, all_matches=False
            )
            wide, away = wide[which[0]], np.where(away > EDGE, away, 0.0)
            around = shapely.buffer(shapes[wide], away + EDGE, quad_segs=4)
            which, row = self._tree.query(around, predicate="intersects")
            row = self._open[row]
            low, high = _touched(lines[row], around[which])
            things.append(wide[which])
            links.append(row)
            lows.append(low)
            highs.append(high)
            offs.append(away[which] / pace)
        rest = np.flatnonzero(~area & ~shapely.is_empty(shapes))
        if rest.size:
            (which, row), away = self._tree.query_nearest(
                shapes[rest], max_distance=far, return_distance=True, all_matches=False
            )
            row, thing = self._open[row], rest[which]
            foot = shapely.get_point(shapely.shortest_line(lines[row], shapes[thing]), 0)
            part = shapely.line_locate_point(lines[row], foot, normalized=True)
            things.append(thing)
            links.append(row)
            lows.append(part)
            highs.append(part)
            offs.append(away / pace)
        if not things:
            none = np.zeros(0)
            return Spots(none.astype(np.int64), none.astype(np.int64), none, none, none, len(shapes))
        thing, link, low, high, off = (np.concatenate(part) for part in (things, links, lows, highs, offs))
        return Spots(thing, link, low, high, off, len(shapes))

    def seeds(self, places: Spots) -> Seeds:
        """Where a search *to* places begins: both ends of the links they stand on."""
        start, end = self.streets.ends()
        ahead = _part(places.low, self.forward[places.link]) + places.off
        back = _part(1 - places.high, self.backward[places.link]) + places.off
        node = np.concatenate([start[places.link], end[places.link]])
        cost = np.concatenate([ahead, back])
        use = np.isfinite(cost)
        return Seeds.at(node[use], cost[use], np.concatenate([places.thing, places.thing])[use])

    def from_homes(
        self, homes: Spots, found: Nearest, places: list[Spots], seeds: list[Seeds]
    ) -> tuple[np.ndarray, np.ndarray]:
        """From each home to the nearest place of each category.

        Parameters
        ----------
        homes : Spots
            One per home, see `spots`.
        found : Nearest
            Of a search in `towards`.
        places, seeds : list
            What it searched from, by category.

        Returns
        -------
        seconds : (category, home) float64
            Infinite where none is reached. [s]
        place : (category, home) int64
            Which one, -1 for none.
        """
        start, end = self.streets.ends()
        seconds = np.full((len(places), homes.things), np.inf)
        chosen = np.full(seconds.shape, -1, np.int64)
        to_start = _part(homes.low, self.backward[homes.link]) + homes.off
        to_end = _part(1 - homes.high, self.forward[homes.link]) + homes.off
        for category, (spots, seed) in enumerate(zip(places, seeds, strict=True)):
            whose = found.place(category, seed)
            by_start = found.seconds[category][start[homes.link]] + to_start
            by_end = found.seconds[category][end[homes.link]] + to_end
            best = np.minimum(by_start, by_end)
            which = np.where(by_start <= by_end, whose[start[homes.link]], whose[end[homes.link]])
            home, place, direct = self._same_street(homes, spots)
            order = np.argsort(-direct, kind="stable")  # the nearest is written last
            better = direct[order] < best[home[order]]
            home, place, direct = home[order][better], place[order][better], direct[order][better]
            best[home], which[home] = direct, place
            seconds[category, homes.thing] = best
            chosen[category, homes.thing] = np.where(np.isfinite(best), which, -1)
        return seconds, chosen

    def _same_street(self, homes: Spots, places: Spots) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Row of the home's spot, place and seconds of all pairs that share a link, without passing its ends."""
        ours = pd.DataFrame({"link": homes.link, "home": np.arange(homes.link.size)})
        theirs = pd.DataFrame({"link": places.link, "spot": np.arange(places.link.size)})
        pairs = ours.merge(theirs, on="link")
        home, spot = pairs["home"].to_numpy(np.int64), pairs["spot"].to_numpy(np.int64)
        link = homes.link[home]
        ahead = _part(np.maximum(places.low[spot] - homes.high[home], 0.0), self.forward[link])
        back = _part(np.maximum(homes.low[home] - places.high[spot], 0.0), self.backward[link])
        return home, places.thing[spot], ahead + back + homes.off[home] + places.off[spot]


def _part(share: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """A part of a link; none of a closed link is no time at all."""
    return np.where(share > 0, share * np.where(share > 0, seconds, 0.0), 0.0)


def _touched(lines: np.ndarray, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last part of each line that lies in its shape. [1]"""
    inside = shapely.intersection(lines, shapes)
    points, whose = shapely.get_coordinates(inside, return_index=True)
    part = shapely.line_locate_point(lines[whose], shapely.points(points), normalized=True)
    low, high = np.ones(lines.size), np.zeros(lines.size)
    np.minimum.at(low, whose, part)
    np.maximum.at(high, whose, part)
    return np.minimum(low, high), np.maximum(low, high)


def _heights(terrain: Terrain, points: np.ndarray) -> np.ndarray:
    """Height of the ground, NaN beyond its edge: what is held constant there is no flat street. [m]"""
    x, y = shapely.get_x(points), shapely.get_y(points)
    west, south, east, north = terrain.bounds
    return np.where((x >= west) & (x <= east) & (y >= south) & (y <= north), terrain.sample(x, y), np.nan)


def _seconds(
    links: gpd.GeoDataFrame, mode: str, terrain: Terrain | None
) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    """Along and against every link, and what was assumed. [s]"""
    lines = links.geometry.to_numpy()
    length = shapely.length(lines)
    pieces = np.maximum(np.ceil(length / STATION), 1).astype(np.int64)
    link = np.repeat(np.arange(lines.size), pieces)
    step = np.arange(link.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    ends = [
        shapely.line_interpolate_point(lines[link], (step + more) / pieces[link], normalized=True) for more in (0, 1)
    ]
    run = (length / pieces)[link]
    slope, counts = np.zeros(link.size), {}
    if terrain is not None:
        low, high = (_heights(terrain, one) for one in ends)
        rise = high - low
        first, last = low[np.cumsum(pieces) - pieces], high[np.cumsum(pieces) - 1]
        straight = (links["below"].to_numpy(bool) | links["bridge"].to_numpy(bool))[link]
        rise = np.where(straight, ((last - first) / pieces)[link], rise)
        slope = np.divide(rise, run, out=np.zeros(link.size), where=run > 0)
        known = np.isfinite(slope)
        steep = known & (np.abs(slope) > STEEPEST)
        slope = np.clip(np.where(known, slope, 0.0), -STEEPEST, STEEPEST)
        counts = {"links assumed flat": int(np.unique(link[~known]).size), "stretches too steep": int(steep.sum())}
    else:
        counts = {"links assumed flat": int(lines.size)}
    stairs = (links["kind"] == "steps").to_numpy()[link]
    found = []
    for way in (slope, -slope):
        speed = walking_speed(way) if mode == "walk" else cycling_speed(way)
        speed = np.where(stairs, np.minimum(speed, WALK_UP_STAIRS), speed)
        found.append(np.bincount(link, run / speed, minlength=lines.size))
    return found[0], found[1], counts
