"""Who walks to what in a city: stations along its streets, what draws people there, and the hours of the day."""

from dataclasses import dataclass

import numpy as np
import shapely

from kernels.access.reach import Graph
from kernels.traffic.pedestrian_flows import walked
from twin.amenities import places_of
from twin.city import City
from twin.street_cuts import Cuts
from twin.street_reach import Spots, StreetTimes
from twin.travel_tables import Day, attractions, profile, purposes, rates, travel_modes

STATION = 60.0
"""Homes and places stand at the nearest of points about this far apart along their street. [m]"""
VISITORS = 1.0
"""People who come by public transport by those who leave with it: as many, assumed. [1]"""
REACH = 900.0
"""Nobody walks longer, assumed. [s]"""
STOP = "public_transport"
"""The category of stops: where people go on, not what they go to."""


def walks_of_a_day(day: Day, mode: str) -> dict[str, float]:
    """Trips from and to home of a resident by purpose, on foot or by public transport (a walk to the stop). [d⁻¹]"""
    known = rates()
    trips = known["trips_per_person"] * known["persons_who_travel"] * known[f"{day}_factor"]
    return {key: trips * travel_modes()[mode].share * one.share[day] for key, one in purposes().items()}


def hours_of(day: Day, walks: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Parts of the walks of some purposes that lead away, and back, in each hour: half each in a day. (24,) [1]"""
    whole = sum(walks.values())
    away, back = (
        sum((walks[one] * profile(day, one, way) for one in walks), np.zeros(24)) / (2.0 * whole)
        for way in ("out", "back")
    )
    return away, back


@dataclass(frozen=True, eq=False)
class Stations:
    """Streets cut into pieces of about `STATION`, and the graph of those who walk along them.

    Attributes
    ----------
    streets : StreetTimes
    cuts : Cuts
    graph : Graph
        Arc ``n`` goes along piece ``n``, arc ``n + pieces`` against it.
    link, share : (piece,)
        Row of its link, and the part of it that it is. [1]
    """

    streets: StreetTimes
    cuts: Cuts
    graph: Graph
    link: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, streets: StreetTimes) -> "Stations":
        """Cut all streets."""
        pieces = np.maximum(np.round(streets.streets.links.length.to_numpy() / STATION), 1).astype(np.int64)
        link = np.repeat(np.arange(pieces.size), pieces)
        step = np.arange(link.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        cuts = Cuts(streets, link, step / pieces[link])
        tail, head, seconds = cuts.arcs()
        row, share = cuts.pieces()
        # a street without length still takes a moment, so that every way leads on
        graph = Graph.of(tail, head, np.maximum(seconds, 1e-3), cuts.nodes)
        return cls(streets, cuts, graph, cuts.link[row], share)

    def weigh(self, spots: Spots, weight: np.ndarray) -> np.ndarray:
        """Weights of things at the stations nearest to them, (node,) float64; spread over all along an area's edge."""
        first = self.cuts.first
        pieces = (first[spots.link + 1] - first[spots.link] - 1).astype(float)
        low = first[spots.link] + np.round(spots.low * pieces).astype(np.int64)
        many = first[spots.link] + np.round(spots.high * pieces).astype(np.int64) - low + 1
        spot = np.repeat(np.arange(many.size), many)
        cut = np.repeat(low, many) + np.arange(spot.size) - np.repeat(np.cumsum(many) - many, many)
        thing = spots.thing[spot]
        doors = np.bincount(thing, minlength=spots.things)
        found: np.ndarray = np.bincount(
            self.cuts.node[cut], np.asarray(weight, float)[thing] / doors[thing], minlength=self.cuts.nodes
        )
        return found

    def by_link(self, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean along each link, and its busiest piece, of flows (piece,); both (link,)."""
        size = len(self.streets.streets.links)
        most = np.zeros(size)
        np.maximum.at(most, self.link, flow)
        return np.bincount(self.link, flow * self.share, minlength=size), most


@dataclass(frozen=True, eq=False)
class Drawn:
    """What draws people to the stations.

    Attributes
    ----------
    weight : (purpose, node) float64
        In the order of `twin.travel_tables.purposes`; each is only compared with itself. [1]
    stops : (node,) float64
        Stops of public transport, all alike.
    lost : int
        Places on no street.
    """

    weight: np.ndarray
    stops: np.ndarray
    lost: int


def drawn(city: City, stations: Stations) -> Drawn:
    """Floors of buildings by their use, and places of the fifteen categories, of ``assets/travel_attractions.csv``."""
    weight = np.zeros((len(purposes()), stations.cuts.nodes))
    places, houses = places_of(city), city.buildings
    spots = stations.streets.spots(places.geometry.to_numpy())
    kind = places["category"].to_numpy(object)
    stops = stations.weigh(spots, (kind == STOP).astype(float))
    doors = stations.streets.spots(shapely.point_on_surface(houses.geometry.to_numpy()))
    use, storeys = houses["use"].to_numpy(object), np.maximum(houses["storeys"].to_numpy(float), 1.0)
    ground = shapely.area(houses.geometry.to_numpy())
    for (what, key), one in attractions().items():
        if what == "category" and key != STOP:
            found = stations.weigh(spots, (kind == key).astype(float))
        elif what == "use":
            floor = ground * np.minimum(storeys, one.floors or np.inf) / 1000.0
            found = stations.weigh(doors, np.where(use == key, floor, 0.0))
        else:
            continue
        for row, purpose in enumerate(purposes()):
            weight[row] += found * (one.jobs if purpose == "work" else one.visits.get(purpose, 0.0))
    return Drawn(weight, stops, spots.lost)


@dataclass(frozen=True, eq=False)
class Group:
    """People who walk from one kind of start for one purpose, on a day, as if all went and nobody came back.

    Attributes
    ----------
    name : str
    away, back : (24,) float64
        Part that leads away from the start in each hour, and part that leads back to it; 1 together. [1]
    flow : (arc,) float64
        [d⁻¹]
    sent, unserved, inside : float
        Who find what they go to in reach, who do not, and of the former those who go to their own station. [d⁻¹]
    """

    name: str
    away: np.ndarray
    back: np.ndarray
    flow: np.ndarray
    sent: float
    unserved: float
    inside: float


def groups(stations: Stations, people: np.ndarray, found: Drawn, day: Day, threads: int | None) -> list[Group]:
    """All walks of a day: from homes to what they are for and to stops, and from stops to what others come for."""
    used = [(row, key) for row, key in enumerate(purposes()) if purposes()[key].share[day] > 0]
    on_foot, with_stops = walks_of_a_day(day, "foot"), walks_of_a_day(day, "transit")
    weights = found.weight[[row for row, _ in used]]
    made: list[Group] = []

    def go(names: list[tuple[str, dict[str, float]]], start: np.ndarray, each: list[float], to: np.ndarray) -> None:
        source = np.flatnonzero(start > 0)
        produced = np.multiply.outer(start[source], np.array(each))
        done = walked(stations.graph, source, produced, to, limit=REACH, threads=threads)
        for row, (name, walks) in enumerate(names):
            told = (float(one[:, row].sum()) for one in (done.sent, done.unserved, done.inside))
            made.append(Group(name, *hours_of(day, walks), done.flow[row], *told))

    from_home = [(f"home_to_{key}", {key: 1.0}) for _, key in used]
    rates_of_home = [on_foot[key] for _, key in used]
    if not found.stops.any():
        go(from_home, people, rates_of_home, weights)
        return made
    go([*from_home, ("home_to_stop", with_stops)], people, [*rates_of_home, sum(with_stops.values())],
       np.concatenate([weights, found.stops[None, :]]))  # fmt: skip
    coming = VISITORS * people.sum() * found.stops / found.stops.sum()
    go([(f"stop_to_{key}", {key: 1.0}) for _, key in used], coming, [with_stops[key] for _, key in used], weights)
    return made
