"""Vehicles one by one through queues at the ends of links: spillback, signals, merges, closures by hour and mode."""

from dataclasses import dataclass

import numpy as np

from kernels.crew import Crew
from kernels.traffic.queues_inputs import MODES, Closures, Streets, Trips
from kernels.traffic.queues_loop import (
    BESIDE,
    BUCKET,
    IN,
    OUT,
    SET_OUT,
    TURNED,
    WAIT,
    advance,
    reconsider,
    standing_time,
)
from kernels.traffic.queues_state import ASIDE, BUCKETS_PER_SECOND, LEG, VEHICLE, TripArrays, empty_state, records
from kernels.traffic.shortest_paths import grow_trees

_HALVES = 2  # the fleet looks at the clock in two halves, so that not all change their way at once


@dataclass(frozen=True)
class Census:
    """Where all vehicles are: ``set_out = waiting + inside + left``, whole numbers, always.

    Attributes
    ----------
    set_out : int
        Whose time has come.
    waiting : int
        To enter their first link, or aside.
    aside : int
        Of those, the ones whom no way leads on now.
    inside, left : int
    turned : int
        Moves by which rings of full links were freed; nobody ever jumps.
    """

    set_out: int
    waiting: int
    aside: int
    inside: int
    left: int
    turned: int


@dataclass(frozen=True)
class Interval:
    """What happened on each link since the last reading.

    Attributes
    ----------
    entries : (link, mode) int64
    driven : (link,) int64
        Vehicles that came to its end.
    travel_time : (link,) float64
        Their mean; NaN where none came. [s]
    stop_share : (link,) float64
        Part of that time lost against an empty link; 0 where none came. [1]
    """

    entries: np.ndarray
    driven: np.ndarray
    travel_time: np.ndarray
    stop_share: np.ndarray


class Queues:
    """A run of vehicles through streets.

    A vehicle enters a link once its headway has passed and, where the link is full to the exit, once the gap left by
    the one whose place it takes has come back along it (Newell 2002, doi:10.1016/S0191-2615(00)00044-8; link
    transmission: Yperman 2007). It leaves in the order of the link, at the headway of its end, when the signal lets
    it and the next link takes it. Merges share by priority. Ways are trees of least time to each destination,
    refreshed for half of the fleet in turn. The same seed gives the same run, bit for bit, on any number of threads.

    Parameters
    ----------
    streets : Streets
    trips : Trips
    closures : Closures, optional
    refresh : float
        Between two looks at the clock. [s]
    memory : float
        Weight of the last costs in the new ones: inertia. [1]
    spread : float
        Greatest share by which costs are blurred, so that equal ways are shared. [1]
    patience : float
        After so long a ring of full links, each waiting for the next, turns by one vehicle each: the floor under
        gridlock, counted in the census. [s]
    seed : int
    threads : int or None
    begin : float
        Start of the clock. [s]

    Raises
    ------
    LayerError
        Streets, trips or closures that do not fit; the text has their names.
    """

    def __init__(
        self,
        streets: Streets,
        trips: Trips,
        closures: Closures | None = None,
        *,
        refresh: float = 600.0,
        memory: float = 0.5,
        spread: float = 0.01,
        patience: float = 60.0,
        seed: int = 0,
        threads: int | None = None,
        begin: float = 0.0,
    ) -> None:
        trips.check(streets)
        self.streets, self.closures = streets, (closures or Closures()).checked(streets.links)
        self._refresh, self._memory, self._spread, self._patience, self._seed = refresh, memory, spread, patience, seed
        self._crew = Crew(threads)
        size = np.asarray(trips.origin).size
        mode = np.zeros(size, np.int64) if trips.mode is None else np.asarray(trips.mode, np.int64)
        self._kinds = np.unique(mode)
        self._order = np.argsort(np.asarray(trips.departure, np.float64), kind="stable")
        self._targets, column = np.unique(np.asarray(trips.destination), return_inverse=True)
        legs, ways = np.zeros(size, np.int64), list[tuple[np.ndarray, np.ndarray]]()
        if trips.routes:
            ways = [trips.routes.get(int(one), ((), ())) for one in self._order]
            legs = np.array([len(links) for links, _ in ways], np.int64)
        self._net = streets.arrays(self.closures, self._kinds)
        order, end = self._order, np.cumsum(legs)
        self._trips = TripArrays(
            records(
                VEHICLE, size, origin=np.asarray(trips.origin)[order], destination=np.asarray(trips.destination)[order],
                group=order % _HALVES, kind=np.searchsorted(self._kinds, mode)[order], column=column[order],
                mode=mode[order], departure=np.asarray(trips.departure)[order], first_leg=end - legs, end_leg=end,
            ),
            records(
                LEG, int(legs.sum()),
                link=np.concatenate([np.zeros(0, np.int64), *(np.asarray(links, np.int64) for links, _ in ways)]),
                dwell=np.concatenate([np.zeros(0), *(np.asarray(dwells, np.float64) for _, dwells in ways)]),
            ),
        )  # fmt: skip
        self._state = empty_state(
            streets.links, streets.nodes, size, int(self._net.link["last_place"].sum()) + streets.links, len(MODES)
        )
        self._state.tally[BUCKET] = int(begin * BUCKETS_PER_SECOND)
        self._state.now[0] = begin
        self._tables = np.full((_HALVES, self._kinds.size, self._targets.size, streets.nodes), -1, np.int32)
        self._backwards = np.argsort(self._net.link["head"], kind="stable").astype(np.int32)
        count = np.bincount(self._net.link["head"], minlength=streets.nodes)
        self._start = np.concatenate(([0], np.cumsum(count))).astype(np.int32)
        self._cost = self._net.link["length"] / self._net.link["speed"]
        self._last_read: tuple[np.ndarray, ...] = tuple(
            np.zeros_like(one) for one in (self._state.entries, self._state.link["driven"], self._cost, self._cost)
        )
        self._last_look: tuple[np.ndarray, ...] = (np.zeros(streets.links, np.int64), np.zeros_like(self._cost))
        self._looks = 0
        changes = np.unique(np.concatenate([self.closures.begin, self.closures.until]))
        self._changes = changes[changes > begin]
        self._next_look = begin
        self._look(begin, range(_HALVES))

    @property
    def now(self) -> float:
        """[s]"""
        return float(self._state.now[0])

    def advance(self, until: float) -> None:
        """Go on to a moment; what happens at that very moment is not done yet. [s]"""
        while self.now < until:
            change = self._changes[np.searchsorted(self._changes, self.now, side="right") :]
            stop = min(until, self._next_look, float(change[0]) if change.size else np.inf)
            advance(self._net, self._trips, self._tables, self._state, stop, self._patience)
            if change.size and stop == change[0]:
                self._look(stop, range(_HALVES))
            elif stop == self._next_look:
                self._look(stop, (self._looks % _HALVES,))

    @property
    def vehicles(self) -> int:
        """How many trips there are."""
        return int(self._order.size)

    def finished(self) -> bool:
        """Whether everyone has left, but for those whom no way and no change to come leads on."""
        now = self.census()
        if now.set_out < self.vehicles or now.waiting + now.inside > now.aside:
            return False
        return not now.aside or not (self._changes > self.now).any()

    def run(self, longest: float = np.inf) -> None:
        """Go on until everyone has left or nobody can move, at most to a moment. [s]"""
        while self.now < longest and not self.finished():
            self.advance(min(longest, self.now + self._refresh))

    def census(self) -> Census:
        """Where all vehicles are now."""
        tally = self._state.tally
        return Census(
            set_out=int(tally[SET_OUT]), waiting=int(tally[WAIT] + tally[BESIDE]), aside=int(tally[BESIDE]),
            inside=int(tally[IN]), left=int(tally[OUT]), turned=int(tally[TURNED]),
        )  # fmt: skip

    def on_links(self) -> np.ndarray:
        """Vehicles on each link. (link,) int64"""
        return self._state.link["entered"] - self._state.link["gone"]

    def left_at(self) -> np.ndarray:
        """When each trip ended, in the order of the trips; NaN for those that have not. (vehicle,) [s]"""
        return self._in_order(self._state.vehicle["left_at"])

    def where(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """State, link (-1 for none) and moment of entry of each trip, in the order of the trips. (vehicle,)"""
        own = self._state.vehicle
        return self._in_order(own["state"]), self._in_order(own["on"]), self._in_order(own["entered_at"])

    def unserved(self) -> np.ndarray:
        """Trips that stand aside: no way leads on for their mode now. (row,) int64"""
        return np.sort(self._order[self._state.vehicle["state"] == ASIDE])

    def read(self) -> Interval:
        """What happened on each link since the last reading, and begin anew."""
        state = self._state
        now = (state.entries.copy(), *(state.link[name].copy() for name in ("driven", "time_spent", "time_free")))
        entries, driven, spent, free = (one - before for one, before in zip(now, self._last_read, strict=True))
        self._last_read = now
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(driven > 0, spent / driven, np.nan)
            stopped = np.where(driven > 0, np.clip(1.0 - free / spent, 0.0, 1.0), 0.0)
        return Interval(entries, driven, mean, stopped)

    def _in_order(self, values: np.ndarray) -> np.ndarray:
        found = np.empty_like(values)
        found[self._order] = values
        return found

    def _look(self, time: float, halves: range | tuple[int, ...]) -> None:
        """Measure the costs, and grow the trees of some of the fleet anew."""
        net, state = self._net, self._state
        free = net.link["length"] / net.link["speed"]
        if time >= self._next_look:
            now = (state.link["driven"].copy(), state.link["time_spent"].copy())
            driven, spent = (one - before for one, before in zip(now, self._last_look, strict=True))
            standing = np.empty(free.size)
            standing_time(net, state, time, standing)
            with np.errstate(invalid="ignore", divide="ignore"):
                measured = np.maximum(np.where(driven > 0, spent / driven, free), np.maximum(free, standing))
            if self._looks:
                self._cost = self._memory * self._cost + (1.0 - self._memory) * measured
            self._last_look, self._next_look = now, time + self._refresh
            self._looks += 1
        if self.census().left == self.vehicles:
            return
        costs = np.empty((self._kinds.size, free.size))
        for row, mode in enumerate(self._kinds.tolist()):
            own = self._cost + net.link["length"] / np.minimum(net.link["speed"], MODES[mode].speed) - free
            barred = (net.link["allowed"] >> mode & 1 == 0) | self.closures.barred(free.size, mode, time)
            costs[row] = np.where(barred, np.inf, own)
        for half in halves:
            blur = 1.0 + self._spread * np.random.default_rng((self._seed, self._looks, half)).random(free.size)
            self._tables[half] = self._trees(costs * blur)
        reconsider(net, self._trips, self._tables, state, time)

    def _trees(self, costs: np.ndarray) -> np.ndarray:
        """The next link from every node to every destination. (kind, destination, node) int32"""
        back, targets = self._backwards, self._targets.size
        sources = np.tile(self._targets.astype(np.int32), self._kinds.size)
        kind = np.repeat(np.arange(self._kinds.size, dtype=np.int32), targets)
        tree = np.empty((sources.size, self.streets.nodes), np.int32)
        head, cost = np.ascontiguousarray(self._net.link["tail"][back]), np.ascontiguousarray(costs[:, back])
        nothing, passable = np.zeros(sources.size + 1, np.int64), np.ones(self.streets.nodes, bool)
        none, room = np.zeros(0, np.int32), np.zeros(0)

        def grow(first: int, last: int) -> None:
            grow_trees(first, last, sources, kind, nothing, none, self._start, head, cost, passable, tree, room)

        self._crew.share_out(sources.size, grow, small=tree.size < 100_000)
        found = back[tree]  # -1 reads the last link, and is put right; a table is large, so nothing wider is made of it
        found[tree < 0] = -1
        return found.reshape(self._kinds.size, targets, self.streets.nodes)
