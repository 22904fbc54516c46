"""Day after day: vehicles drive, learn what their ways took at their hour, and some take a better one the next day."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.traffic.link_times import LinkTimes, Meter
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import Closures, Streets, Trips
from kernels.traffic.queues_rules import StreetChanges, TurnBans
from kernels.traffic.queues_state import StreetArrays
from kernels.traffic.queues_trips import modes_of
from kernels.traffic.seeding import with_ways
from kernels.traffic.timed_paths import quickest_ways, way_times
from kernels.traffic.turn_table import take_apart
from kernels.traffic.ways import Ways

_GOLDEN = 0.6180339887498949  # shifts who is chosen from day to day, see `kernels.traffic.seeding` [1]
_SMALL = 8  # trees below which a second thread costs more than it brings


@dataclass(frozen=True)
class Settled:
    """Trips on the ways that they learnt.

    Attributes
    ----------
    trips : Trips
    gaps : tuple of float
        Relative gap of each day: time of all trips beyond that of the quickest ways at their hour, as part of it. [1]
    day : int
        The one whose ways ``trips`` has, from 0: that of the least gap. In streets that are full, a day may be worse
        than the one before.
    experienced, quickest : float
        Time of that day's trips, and of the quickest ways. [veh s]
    moved : tuple of int
        Trips that took another way after each day but the last.
    unfinished : int
        Trips with a way that had not ended on that day; no gap counts them.
    """

    trips: Trips
    gaps: tuple[float, ...]
    day: int
    experienced: float
    quickest: float
    moved: tuple[int, ...]
    unfinished: int


def settle_days(
    streets: Streets,
    trips: Trips,
    closures: Closures | None = None,
    *,
    bans: TurnBans | None = None,
    changes: StreetChanges | None = None,
    rounds: int = 5,
    interval: float = 600.0,
    gap: float = 0.0,
    margin: float = 1.0,
    caution: int = 1,
    longest: float = np.inf,
    begin: float = 0.0,
    seed: int = 0,
    threads: int | None = None,
    told: Callable[[int, float], None] | None = None,
) -> Settled:
    """Let drivers learn for some days.

    Parameters
    ----------
    streets, trips, closures, bans, changes
        As of `Queues`. Trips with a ``way`` learn; routes (buses) and trips by the tables drive as they do.
    rounds : int
        Days, each one whole run; 0 returns the trips as they are.
    interval : float
        Times are means over so long; trips that set out within one know the same ways. [s]
    gap : float
        Relative gap at which they have learnt enough. [1]
    margin : float
        By so much a way must be quicker to be taken. [s]
    caution : int
        Days that count as gone before the first, c: where half of all change at once, they meet in the same streets.
    longest : float
        End of each day; when all have arrived where not given. [s]
    begin, seed, threads
        As of `Queues`.
    told : callable, optional
        Takes the day and its gap.

    Returns
    -------
    Settled

    Raises
    ------
    LayerError
        No trip has a way, or an interval that is not above 0.

    Notes
    -----
    The dynamic user equilibrium of Friesz et al. (1993), doi:10.1287/opre.41.1.179, in which nobody who sets out at
    the same hour could be quicker, approached by the method of successive averages: after day n, the part 1 / (n + c)
    of those on ways that take longer than the quickest of their hour changes to it, evenly chosen and the same for the
    same seed. Whoever found its way barred changes at once. Times depend on the hour of entry, so that the quickest
    way is that of one who drives it, not of a look at the clock.
    """
    if not interval > 0.0:
        raise LayerError(f"the interval of the times must be above 0 s, got {interval:g}")
    if rounds == 0:
        return Settled(trips, (), -1, np.nan, np.nan, (), 0)
    if trips.way is None or not (np.asarray(trips.way) >= 0).any():
        raise LayerError("no trip has a way to learn about; give trips.ways, such as those of seeded_vehicles")
    shut = (closures or Closures()).checked(streets.links)
    known = (bans or TurnBans()).checked(np.asarray(streets.tail), np.asarray(streets.head))
    changed = (changes or StreetChanges()).checked(streets.links)
    mode, departure = modes_of(trips), np.asarray(trips.departure, np.float64)
    routed = np.zeros(trips.size, bool)
    routed[np.array(sorted(trips.routes), np.int64)] = True  # time at stops is no time of the street
    search = _Search(streets, shut, known, mode, Crew(threads))
    gaps, moved, best = list[float](), list[int](), (np.inf, trips, np.nan, np.nan, 0)
    while True:
        meter = Meter(streets, changed, mode, departure, begin, interval)
        queues = Queues(
            streets, trips, shut, bans=known, changes=changed, traced=~routed, take_legs=meter.take, seed=seed,
            threads=threads, begin=begin,
        )  # fmt: skip
        queues.run(longest)
        still = queues.legs()
        still["until"] = queues.now
        meter.take(still)
        day = search.compare(trips, meter.times(search.kinds), margin)
        taken = queues.trip_time()[day.vehicle]
        ended = np.isfinite(taken) & np.isfinite(day.quickest)
        experienced, quickest = float(taken[ended].sum()), float(day.quickest[ended].sum())
        gaps.append((experienced - quickest) / experienced if experienced else 0.0)
        if told is not None:
            told(len(gaps), gaps[-1])
        unfinished = int(np.isnan(taken).sum())
        if (unfinished, gaps[-1]) < (best[4] if gaps[:-1] else np.inf, best[0]):
            best = gaps[-1], trips, experienced, quickest, unfinished
        if len(gaps) >= rounds or gaps[-1] <= gap:
            return Settled(best[1], tuple(gaps), gaps.index(best[0]), *best[2:4], tuple(moved), best[4])
        changing = _chosen(day, 1.0 / (len(gaps) + caution), (_GOLDEN * (len(gaps) + seed)) % 1.0)
        moved.append(int(changing.sum()))
        way = np.asarray(trips.way).copy()
        way[day.vehicle[changing]] = trips.ways.size + day.better[changing]
        trips = with_ways(trips, trips.ways.joined(day.ways), way)


@dataclass(frozen=True)
class _Day:
    """What those with a way could have done: their rows of the trips; times [s]; the place of a better way, or -1."""

    vehicle: np.ndarray
    own: np.ndarray
    quickest: np.ndarray
    better: np.ndarray
    ways: Ways


def _chosen(day: _Day, part: float, shift: float) -> np.ndarray:
    """Who changes: an even part of those who know a better way, all of those whose way was barred. (some,) bool"""
    share = np.where(day.better >= 0, np.where(np.isinf(day.own), 1.0, part), 0.0)
    reached = np.floor(np.cumsum(share) + shift)
    return (np.diff(reached, prepend=np.floor(shift)) > 0) & (day.better >= 0)


class _Search:
    """Streets as the search for quickest ways wants them: links by their tails, and turns where some are banned."""

    def __init__(self, streets: Streets, shut: Closures, bans: TurnBans, mode: np.ndarray, crew: Crew) -> None:
        self.kinds, self._mode, self._crew, self._nodes = np.unique(mode), mode, crew, streets.nodes
        apart = take_apart(np.asarray(streets.tail), np.asarray(streets.head), streets.nodes, bans.from_link,
                           bans.to_link, bans.modes)  # fmt: skip
        self._net: StreetArrays = streets.arrays(shut, self.kinds, apart.head)
        self._tail = np.concatenate((apart.tail, apart.turn_tail))
        closed = np.zeros(apart.nodes, bool)
        closed[apart.closed] = True
        count = np.bincount(self._tail, minlength=apart.nodes)
        self._graph = (
            np.concatenate(([0], np.cumsum(count))), np.argsort(self._tail, kind="stable"),
            np.concatenate((apart.head, apart.turn_head)), apart.value, closed,
        )  # fmt: skip

    def compare(self, trips: Trips, times: LinkTimes, margin: float) -> _Day:
        """The ways of the trips beside the quickest ones of their hour."""
        way = np.asarray(trips.way)
        vehicle = np.flatnonzero(way >= 0)
        mode = self._mode[vehicle]
        step = np.maximum((np.asarray(trips.departure)[vehicle] - times.begin) // times.interval, 0).astype(np.int64)
        steps = int(step.max()) + 1
        origin, destination = (np.asarray(one, np.int64)[vehicle] for one in (trips.origin, trips.destination))
        key = ((mode * self._nodes + origin) * steps + step) * self._nodes + destination
        order = np.lexsort((way[vehicle], np.asarray(trips.departure)[vehicle], key))
        vehicle, mode, step, key = vehicle[order], mode[order], step[order], key[order]
        row_key, row = np.unique(key, return_inverse=True)
        kind, hour = np.searchsorted(self.kinds, mode), times.begin + (step + 0.5) * times.interval
        own, mine = np.empty(vehicle.size), way[vehicle]
        ways, net = trips.ways, self._net

        def drive(first: int, last: int) -> None:
            way_times(first, last, ways.begin, ways.link, mine, kind, mode, hour, net, times.time, times.door,
                      times.begin, times.interval, own)  # fmt: skip

        self._crew.share_out(vehicle.size, drive, small=vehicle.size < 10_000)
        slowest = np.zeros(row_key.size)
        np.maximum.at(slowest, row, own)
        shortest, legs, link = self._quickest(row_key, steps, times, slowest - margin)
        place = np.cumsum(legs > 0) - 1
        better = np.where((legs[row] > 0) & (own > shortest[row] + margin), place[row], -1)
        found = Ways(np.concatenate(([0], np.cumsum(legs[legs > 0]))), link)
        return _Day(vehicle, own, shortest[row], better, found)

    def _quickest(
        self, row_key: np.ndarray, steps: int, times: LinkTimes, own: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Times of the quickest ways, and those that beat ``own``: legs of each, and all their links."""
        tree_key, row_start = np.unique(row_key // self._nodes, return_index=True)
        row_start = np.append(row_start, row_key.size)
        target = (row_key % self._nodes).astype(np.int32)
        hour = times.begin + (tree_key % steps + 0.5) * times.interval
        source, mode = tree_key // steps % self._nodes, tree_key // steps // self._nodes
        kind, shortest = np.searchsorted(self.kinds, mode), np.empty(row_key.size)
        parts: list[tuple[int, np.ndarray, np.ndarray]] = []

        def grow(first: int, last: int) -> None:
            legs, link = quickest_ways(
                first, last, source, hour, kind, mode, row_start, target, own, self._graph, self._tail, self._net,
                times.time, times.door, times.begin, times.interval, shortest,
            )  # fmt: skip
            parts.append((first, legs, link))

        self._crew.share_out(tree_key.size, grow, small=tree_key.size < _SMALL)
        parts.sort(key=lambda part: part[0])
        return shortest, np.concatenate([part[1] for part in parts]), np.concatenate([part[2] for part in parts])
