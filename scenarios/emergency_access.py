"""How soon help arrives: the time of a fire engine or ambulance from its post to every home, through traffic."""

from dataclasses import dataclass

import numpy as np
import shapely
import xarray as xr

from kernels.access.reach import Graph, Seeds, nearest
from kernels.quantities import Language
from kernels.traffic.queues_inputs import mode_bits
from scenarios.exposure import residents
from scenarios.noise_exposure import streets_of_links
from scenarios.traffic_totals import TrafficTotals
from twin.city import City
from twin.street_classes import street_classes
from twin.street_works import StreetWorks
from twin.streets import BELOW

POSTS = ("fire_station", "ambulance_station", "hospital")
"""Amenities from which help sets out, as OSM calls them; where the city has none it comes in by its edge."""
EDGE = 30.0
"""A node this near to the city's bounds is a gate by which help comes in. [m]"""
HELD_UP = 0.5
"""Part of the time lost to traffic that blue lights lose too: an assumption. Of the whole time lights and siren saved
38.5 % in Minneapolis, Ho and Casey 1998, doi:10.1016/s0196-0644(98)70037-x. [1]"""
BOLLARD = 15.0
"""Time to lower or fold what closes a street to motors: an assumption. [s]"""
WALKED = frozenset({"footway", "steps", "path", "cycleway", "bridleway", "track"})
"""Kinds of street too narrow for an engine; all others it passes, whoever else may not."""
AMONG_PEOPLE = 20.0 / 3.6
"""Fastest in a street closed to motors: that of a zone of encounter, highway code of Belgium, art. 22bis. [m s⁻¹]"""
LATER = 60.0
"""A home that help reaches later by this is told. [s]"""
FAR = 100.0
"""A home further than this from any street an engine passes is not reached. [m]"""
_MOTOR, _ENGINE, _BIKE = mode_bits("car+van+truck"), mode_bits("car+van+truck+bus"), mode_bits("bike")

ASSUMPTIONS: tuple[dict[Language, str], ...] = (
    {
        "fr": "Les secours suivent le sens de circulation, passent les bornes (15 s) mais pas les murs, et perdent la "
        "moitié du temps que le trafic perd.",
        "nl": "Hulpdiensten volgen de rijrichting, passeren paaltjes (15 s) maar geen muren, en verliezen de helft van "
        "de tijd die het verkeer verliest.",
        "en": "Help follows the direction of traffic, passes bollards (15 s) but no walls, and loses half of the time "
        "that traffic loses.",
    },
)


@dataclass(frozen=True, eq=False)
class EmergencyAccess:
    """Times of help.

    Attributes
    ----------
    seconds : (home,) float64
        From the nearest post to each home; infinite where it cannot come. [s]
    homes : (home,) int64
        Rows of the buildings in which people live.
    people : (home,) float64
    posts : int
        How many posts or gates there are.
    by_gates : bool
        Whether help comes in by the edge, as the city knows no post.
    """

    seconds: np.ndarray
    homes: np.ndarray
    people: np.ndarray
    posts: int
    by_gates: bool


def emergency_access(city: City, totals: TrafficTotals, works: StreetWorks | None = None) -> EmergencyAccess | None:
    """Times from the posts of the city to its homes, in the mean traffic of a run.

    Parameters
    ----------
    city : City
    totals : TrafficTotals
        With the network of the run. What is closed at any hour of the run counts as closed.
    works : StreetWorks, optional
        That the network was made with: they say which closures let nobody pass, not even help.

    Returns
    -------
    EmergencyAccess or None
        None where nobody is known to live, or no street leads in.
    """
    people = residents(city)
    if people is None or not (people > 0).any():
        return None
    homes = np.flatnonzero(people > 0)
    network = totals.network
    row = streets_of_links(city, network)
    cost = blue_light_times(city, totals, works)
    tail, head = (network[f"link_{end}_node"].values.astype(np.int64) for end in ("start", "end"))
    nodes = max(network.sizes["node"], int(max(tail.max(), head.max())) + 1)
    graph = Graph.of(tail, head, cost, nodes)
    # a street is passed along, against, or both ways
    ahead, back = np.full(len(city.links), np.inf), np.full(len(city.links), np.inf)
    along = np.array([str(one).endswith(">") for one in network["link"].values])
    start, end = np.full(len(city.links), -1), np.full(len(city.links), -1)
    for link in np.flatnonzero(row >= 0):
        street = row[link]
        (ahead if along[link] else back)[street] = cost[link]
        start[street], end[street] = (tail[link], head[link]) if along[link] else (head[link], tail[link])
    passed = np.flatnonzero(np.isfinite(ahead) | np.isfinite(back))
    if not passed.size:
        return None
    lines = city.links.geometry.to_numpy()[passed]
    ground = np.flatnonzero(~city.links["kind"].iloc[passed].str.endswith(BELOW).to_numpy(bool))
    seeds, count, direct = _seeds(city, network, lines, passed, ground, (start, end, ahead, back))
    if not seeds.node.size:
        return None
    found = nearest(graph, [seeds]).seconds[0]
    shapes = city.buildings.geometry.to_numpy()[homes]
    home, street, part = _beside(shapes, lines, ground)
    street = passed[street]
    here = np.minimum(
        found[start[street]] + _part(part, ahead[street]), found[end[street]] + _part(1.0 - part, back[street])
    )
    for place, at in direct:  # a post in the same street: nobody need pass its ends
        same = street == place
        off = part[same] - at
        here[same] = np.minimum(here[same], _part(np.maximum(off, 0.0), ahead[place]) + _part(-off, back[place]))
    seconds = np.full(homes.size, np.inf)
    seconds[home] = here
    return EmergencyAccess(seconds, homes, people[homes], count, by_gates=not direct)


def blue_light_times(city: City, totals: TrafficTotals, works: StreetWorks | None = None) -> np.ndarray:
    """Time in which an engine passes each link: (link,) float64, infinite where it cannot. [s]

    Notes
    -----
    The time of an empty street and `HELD_UP` of what traffic loses there; where motors are barred, always or at some
    hour of the run, `BOLLARD` more at the entry and no faster than `AMONG_PEOPLE`.
    """
    network = totals.network
    lost = np.maximum(totals.mean_time - totals.free_time, 0.0)
    time = totals.free_time + HELD_UP * lost
    barred = (network["allowed_modes"].values.astype(int) & _MOTOR) == 0
    if "closure_link" in network:
        closed = (network["closure_modes"].values.astype(int) & _MOTOR) != 0
        barred[network["closure_link"].values.astype(int)[closed]] = True
    slow = BOLLARD + np.maximum(totals.free_time, totals.length / AMONG_PEOPLE)
    time = np.where(barred, slow, time)
    row = streets_of_links(city, network)
    walled, spared = _closures(totals, works or StreetWorks())
    return np.where(_wide(city, network, row) & (_driven(network, row) | spared) & ~walled, time, np.inf)


def _wide(city: City, network: xr.Dataset, row: np.ndarray) -> np.ndarray:
    """Links that an engine fits into: (link,) bool."""
    kinds = city.links["kind"].str.removesuffix(BELOW).isin(WALKED).to_numpy(bool)
    return ~np.where(row >= 0, kinds[row], network["street_class"].values == street_classes()["cycle"].code)


def _driven(network: xr.Dataset, row: np.ndarray) -> np.ndarray:
    """Links in a direction of motors, or of bicycles where the street has none of motors: (link,) bool."""
    allowed = network["allowed_modes"].values.astype(int)
    motor, bike = (allowed & _ENGINE) != 0, (allowed & _BIKE) != 0
    has = np.zeros(int(row.max(initial=-1)) + 2, bool)  # the last is that of links of no street
    has[row[motor]] = True
    has[-1] = False
    return motor | (bike & ~has[row])


def _closures(totals: TrafficTotals, works: StreetWorks) -> tuple[np.ndarray, np.ndarray]:
    """Links that closures close to help too, and those that they close but for help: two (link,) bool."""
    names = totals.network["link"].values.astype(str)
    walled, spared = np.zeros(names.size, bool), np.zeros(names.size, bool)
    ways = {"both": "><", "along": ">", "against": "<"}
    for one in works.closures:
        if one.clock.always or totals.start is None or one.clock.windows(totals.start, totals.seconds):
            closed = np.isin(names, [f"{street}{way}" for street in one.streets for way in ways[one.direction]])
            (spared if one.emergency else walled)[closed] = True
    return walled, spared


_Ways = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _seeds(
    city: City, network: xr.Dataset, lines: np.ndarray, passed: np.ndarray, ground: np.ndarray, ways: _Ways
) -> tuple[Seeds, int, list[tuple[int, float]]]:
    """Where help sets out: both ends of the streets its posts stand on, or the nodes at the city's edge.

    Returns
    -------
    seeds : Seeds
    count : int
    direct : list of (street, part)
        Where along its street each post stands; none for gates.
    """
    posts = city.amenities.geometry.to_numpy()[city.amenities["category"].isin(POSTS).to_numpy(bool)]
    if posts.size:
        start, end, ahead, back = ways
        post, street, part = _beside(posts, lines, ground)
        street = passed[street]
        node = np.concatenate([end[street], start[street]])
        cost = np.concatenate([_part(1.0 - part, ahead[street]), _part(part, back[street])])
        use = np.isfinite(cost)
        if use.any():
            places = list(zip(street.tolist(), part.tolist(), strict=True))
            return Seeds.at(node[use], cost[use], np.concatenate([post, post])[use]), int(posts.size), places
    west, south, east, north = city.bounds
    x, y = (network[f"node_{axis}"].values.astype(float) for axis in "xy")
    off = np.minimum.reduce([x - west, east - x, y - south, north - y])
    gates = np.flatnonzero(off <= EDGE)
    return Seeds.at(gates), int(gates.size), []


def _beside(shapes: np.ndarray, lines: np.ndarray, ground: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The street each thing stands on and where along it: thing, place in ``lines``, part [1]."""
    thing, line = shapely.STRtree(lines[ground]).query_nearest(shapes, max_distance=FAR, all_matches=False)
    line = ground[line]
    middle = shapely.point_on_surface(shapes[thing])
    return thing, line, shapely.line_locate_point(lines[line], middle, normalized=True)


def _part(share: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """A part of a street; none of one that is not passed this way is no time."""
    return np.where(share > 0.0, share * np.where(share > 0.0, seconds, 0.0), 0.0)
