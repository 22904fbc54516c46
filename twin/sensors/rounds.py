"""Collection rounds: which bins to empty by what their sensors say, in what order, by which streets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import LineString, Point

from twin.city import CRS
from twin.sensors.model import SECOND, Datastream, Readings, SensorError, Thing
from twin.sensors.quality import usable
from twin.street_graph import StreetGraph
from twin.street_ways import StreetWays

try:
    import pyvrp
    import pyvrp.stop
except ImportError:  # the extra "rounds" is not installed
    pyvrp = None

FAR = 100.0
"""A bin further than this from any street that the truck may use is not reached. [m]"""
STALE = 86_400.0
"""What a bin told longer ago is not known any more; assumed. [s]"""
VOLUME = 0.12
"""Of a bin that does not tell; assumed, that of a bin on a post. [m³]"""
_TICK = 0.1
"""Routes are sought in whole steps of this. [s]"""
_LITRE = 1e-3
"""Loads are whole litres, rounded up. [m³]"""


@dataclass(frozen=True)
class Bin:
    """A bin with what its sensor says.

    Attributes
    ----------
    id : str
    place : Point
        Lambert 72. [m]
    fill : float
        NaN where the sensor is silent. [1]
    volume : float
        [m³]
    """

    id: str
    place: Point
    fill: float
    volume: float


@dataclass(frozen=True)
class Truck:
    """What collects.

    Attributes
    ----------
    capacity : float
        Of waste as it lies in the bins. [m³]
    service : float
        To empty one bin; assumed. [s]
    unload : float
        To empty the truck after a round; assumed. [s]
    longest : float
        Of a round, without unloading. [s]
    pace : float
        Its speed, as part of the limit; assumed. [1]
    mode : str
        Whose streets it may use.
    """

    capacity: float
    service: float = 60.0
    unload: float = 900.0
    longest: float = 6 * 3600.0
    pace: float = 0.6
    mode: str = "truck"

    def __post_init__(self) -> None:
        positive = (self.capacity, self.longest, self.pace)
        if not all(0 < one < np.inf for one in positive) or min(self.service, self.unload) < 0:
            raise SensorError(
                f"truck: capacity, longest round and pace are above zero, times are not below; got {self}"
            )


@dataclass(frozen=True, eq=False)
class Round:
    """One way from the depot through bins and back.

    Attributes
    ----------
    bins : tuple of str
        Ids in the order of the round.
    driving, duration : float
        Without and with emptying the bins; unloading is in neither. [s]
    length : float
        [m]
    load : float
        [m³]
    line : LineString
        Along the streets, Lambert 72. [m]
    """

    bins: tuple[str, ...]
    driving: float
    duration: float
    length: float
    load: float
    line: LineString


@dataclass(frozen=True, eq=False)
class Plan:
    """Rounds and what is not in them.

    Attributes
    ----------
    rounds : tuple of Round
        The longest first.
    left : tuple of str
        Bins that are not full enough.
    silent : tuple of str
        Bins whose fill nobody knows; they are emptied as if they were full.
    unreached : tuple of str
        Bins that no street of the truck reaches, or none within its longest round.
    """

    rounds: tuple[Round, ...]
    left: tuple[str, ...]
    silent: tuple[str, ...]
    unreached: tuple[str, ...]

    @property
    def duration(self) -> float:
        """Of all rounds together. [s]"""
        return sum(one.duration for one in self.rounds)


def bins_of(
    things: Iterable[Thing], datastreams: Iterable[Datastream], last: Readings, now: int, *, stale: float = STALE,
    volume: float = VOLUME,
) -> tuple[Bin, ...]:  # fmt: skip
    """Bins as their sensors tell of them.

    Parameters
    ----------
    things : iterable of Thing
        Property ``volume`` is that of the bin. [m³]
    datastreams : iterable of Datastream
        Those of ``bin_fill`` are read.
    last : Readings
        The newest of each, as `twin.sensors.store.Store.last` gives it.
    now : int
        [ns, UTC]
    stale : float
        What is older is not known any more. [s]
    volume : float
        Of a bin that does not tell. [m³]

    Returns
    -------
    tuple of Bin
        Every thing with such a datastream, by its id; the fill is NaN where the sensor has told nothing, nothing new or
        nothing that can be.

    Raises
    ------
    SensorError
        A bin without a place.
    """
    known = {one.id: one for one in things}
    good = usable(last.flag) & (now - last.time <= stale * SECOND)
    newest = dict(zip(last.datastream[good].tolist(), last.value[good].tolist(), strict=True))
    to_city = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    found = []
    for stream in sorted(datastreams, key=lambda one: one.thing):
        if stream.quantity != "bin_fill":
            continue
        thing = known.get(stream.thing)
        if thing is None or thing.longitude is None or thing.latitude is None:
            raise SensorError(f"bin {stream.thing!r}: nobody knows where it stands; give it a place")
        place = Point(to_city.transform(thing.longitude, thing.latitude))
        size = float(thing.properties.get("volume", volume))
        found.append(Bin(thing.id, place, newest.get(stream.id, float("nan")), size))
    return tuple(found)


def plan_rounds(
    bins: Sequence[Bin],
    streets: StreetGraph,
    depot: Point,
    truck: Truck,
    *,
    least: float = 0.7,
    iterations: int = 1000,
    seed: int = 1,
) -> Plan:
    """The rounds that take the least time.

    Parameters
    ----------
    bins : sequence of Bin
    streets : StreetGraph
    depot : Point
        Where rounds begin and end, Lambert 72. [m]
    truck : Truck
    least : float
        Bins filled less are left for another day; 0 empties all. [1]
    iterations : int
        Of the search; the same number and seed give the same rounds.
    seed : int

    Returns
    -------
    Plan
        A truck drives one round after another, or several trucks drive one each.

    Raises
    ------
    SensorError
        A bin that cannot be or that holds more than the truck, a depot without a street, or the library of the extra
        "rounds" is absent.

    Notes
    -----
    Capacitated vehicle routing by PyVRP: Wouda, Lan and Kool (2024), doi:10.1287/ijoc.2023.0055. Ways are the quickest
    at ``pace`` times the limit, along one-way streets, without turns that are barred and without traffic; a bin is
    emptied from the nearest street, from either side of it.
    """
    if pyvrp is None:
        raise SensorError("collection rounds need PyVRP; install bxl-twin with the extra 'rounds'")
    _check(bins, truck)
    wanted = [one for one in bins if not one.fill < least]
    left = tuple(one.id for one in bins if one.fill < least)
    silent = tuple(one.id for one in wanted if np.isnan(one.fill))
    ways = StreetWays(streets, [depot, *(one.place for one in wanted)], truck.mode, pace=truck.pace, far=FAR)
    if np.isnan(ways.seconds[0, 0]):
        raise SensorError(f"depot at {depot.x:.0f}, {depot.y:.0f}: no street for a {truck.mode} within {FAR:g} m")
    there_and_back = ways.seconds[0] + ways.seconds[:, 0] + truck.service
    reached = np.flatnonzero(there_and_back[1:] <= truck.longest + _TICK) + 1
    unreached = tuple(one.id for row, one in enumerate(wanted, 1) if row not in set(reached.tolist()))
    orders = _solve(ways.seconds, reached, [wanted[row - 1] for row in reached], truck, iterations, seed)
    rounds = [_round(ways, order, wanted, truck) for order in orders]
    return Plan(tuple(sorted(rounds, key=lambda one: -one.duration)), left, silent, unreached)


def _check(bins: Iterable[Bin], truck: Truck) -> None:
    seen: set[str] = set()
    for one in bins:
        if one.id in seen:
            raise SensorError(f"bin {one.id!r} occurs twice; ids are unique")
        seen.add(one.id)
        if not 0 < one.volume <= truck.capacity:
            raise SensorError(f"bin {one.id!r}: holds {one.volume:g} m³, the truck {truck.capacity:g} m³")
        if not (np.isnan(one.fill) or 0 <= one.fill <= 1.5):  # waste may stand above the rim
            raise SensorError(f"bin {one.id!r}: fill is a part, 0 to 1, or NaN if not known; got {one.fill:g}")


def _load(one: Bin) -> float:
    """What is taken from a bin; never more than it holds, for what stands above the rim is pressed. [m³]"""
    return one.volume * (1.0 if np.isnan(one.fill) else min(one.fill, 1.0))


def _solve(
    seconds: NDArray[np.float64], rows: NDArray[np.intp], bins: Sequence[Bin], truck: Truck, iterations: int, seed: int
) -> list[list[int]]:
    """Rows of the bins of each round, in order."""
    if not rows.size:
        return []
    places = np.concatenate([[0], rows])
    ticks = np.rint(seconds[np.ix_(places, places)] / _TICK).astype(np.int64)
    np.fill_diagonal(ticks, 0)
    service = round(truck.service / _TICK)
    clients = [
        pyvrp.Client(number, pickup=[int(np.ceil(_load(one) / _LITRE - 1e-9))], service_duration=service)
        for number, one in enumerate(bins, 1)
    ]
    fleet = pyvrp.VehicleType(
        num_available=len(bins),
        capacity=[int(np.floor(truck.capacity / _LITRE + 1e-9))],
        # ticks are rounded one by one, so that a way at the very limit needs some more
        shift_duration=int(np.ceil(truck.longest / _TICK)) + 2,
        fixed_cost=round(truck.unload / _TICK),
    )
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in places],
        clients=clients,
        depots=[pyvrp.Depot(0)],
        vehicle_types=[fleet],
        distance_matrices=[ticks],
        duration_matrices=[ticks],
    )
    enough = pyvrp.stop.MultipleCriteria(
        [pyvrp.stop.MaxIterations(iterations), pyvrp.stop.NoImprovement(max(iterations // 2, 1))]
    )
    found = pyvrp.solve(data, enough, seed=seed, collect_stats=False, display=False)
    if not found.is_feasible():
        raise SensorError(f"no rounds found for {len(bins)} bins in {iterations} iterations; allow more")
    return [[int(rows[stop.idx]) for stop in route if stop.is_client()] for route in found.best.routes()]


def _round(ways: StreetWays, order: Sequence[int], wanted: Sequence[Bin], truck: Truck) -> Round:
    stops = [0, *order, 0]
    driving = float(sum(ways.seconds[one, other] for one, other in pairwise(stops)))
    line = ways.line(stops)
    bins = [wanted[row - 1] for row in order]
    return Round(
        tuple(one.id for one in bins), driving, driving + truck.service * len(bins), float(line.length),
        sum(_load(one) for one in bins), line,
    )  # fmt: skip
