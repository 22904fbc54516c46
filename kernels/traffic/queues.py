"""Vehicles one by one through queues at the ends of links: spillback, signals, merges, closures by hour and mode."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from kernels.crew import Crew
from kernels.traffic.queues_inputs import MODES, Closures, Streets, Trips
from kernels.traffic.queues_links import reshape
from kernels.traffic.queues_loop import (
    BESIDE,
    BUCKET,
    IN,
    NOTES,
    OUT,
    SET_OUT,
    TURNED,
    WAIT,
    advance,
    reconsider,
    standing_time,
)
from kernels.traffic.queues_rules import StreetChanges, TurnBans
from kernels.traffic.queues_state import (
    ASIDE,
    BUCKETS_PER_SECOND,
    NOTE,
    empty_state,
    plain_arrays,
    put_back,
)
from kernels.traffic.queues_tables import NextLinks
from kernels.traffic.queues_trips import modes_of, trip_arrays

_HALVES = 2  # the fleet looks at the clock in two halves, so that not all change their way at once
_NOTES = 1 << 16  # links driven that are noted before they are taken away
_NOT_SAVED = ("note", "scratch")  # empty between two calls


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
    bans : TurnBans, optional
        A fixed way that makes a banned turn is refused.
    changes : StreetChanges, optional
        Trees see them when they are grown next; those of closures are grown at once.
    traced : (vehicle,) bool, optional
        Whose links are noted, see `legs`.
    take_legs : callable, optional
        Takes arrays of `queues_state.NOTE` records as they come, in the order in which links were left, instead of
        `legs`: for those who only need sums of them.
    saved : mapping, optional
        What `saved` gave, to go on from it; the rest must be given as it was.
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
        bans: TurnBans | None = None,
        changes: StreetChanges | None = None,
        traced: np.ndarray | None = None,
        take_legs: Callable[[np.ndarray], None] | None = None,
        saved: Mapping[str, np.ndarray] | None = None,
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
        known = (bans or TurnBans()).checked(np.asarray(streets.tail), np.asarray(streets.head))
        self._changes = (changes or StreetChanges()).checked(streets.links)
        self._refresh, self._memory, self._spread, self._patience, self._seed = refresh, memory, spread, patience, seed
        self._kinds = np.unique(modes_of(trips))
        groups = np.arange(trips.size) % _HALVES
        self._trips, self._order, targets = trip_arrays(streets, trips, self.closures, known, groups, traced)
        self._ways = NextLinks(streets, known, self._kinds, targets, _HALVES, Crew(threads))
        self._net = streets.arrays(self.closures, self._kinds, self._ways.spot)
        self._base = tuple(self._net.link[name].copy() for name in ("speed", "headway_in", "headway_out"))
        self._state = empty_state(
            streets.links, streets.nodes, trips.size, int(self._net.link["last_place"].sum()) + streets.links,
            len(MODES), streets.links + 2 + (0 if traced is None else _NOTES),
        )  # fmt: skip
        self._state.tally[BUCKET] = int(begin * BUCKETS_PER_SECOND)
        self._state.now[0] = begin
        self._legs: list[np.ndarray] = []
        self._take_legs = take_legs or self._legs.append
        self._cost = self._net.link["length"] / self._net.link["speed"]
        self._last_read: tuple[np.ndarray, ...] = tuple(
            np.zeros_like(one) for one in (self._state.entries, self._state.link["driven"], self._cost, self._cost)
        )
        self._last_look: tuple[np.ndarray, ...] = (np.zeros(streets.links, np.int64), np.zeros_like(self._cost))
        self._looks = 0
        hours = np.unique(np.concatenate([self.closures.begin, self.closures.until]))
        self._closing, self._changing = hours, self._changes.moments()
        self._next_look = begin
        if saved is None:
            self._reshape(begin)
            self._look(begin, range(_HALVES))
        else:
            self._go_on_from(saved)

    @property
    def now(self) -> float:
        """[s]"""
        return float(self._state.now[0])

    def advance(self, until: float) -> None:
        """Go on to a moment; what happens at that very moment is not done yet. [s]"""
        while self.now < until:
            closing, changing = (_next(hours, self.now) for hours in (self._closing, self._changing))
            stop = min(until, self._next_look, closing, changing)
            while not advance(self._net, self._trips, self._ways.table, self._state, stop, self._patience):
                self._take_notes()
            if stop == changing:
                self._reshape(stop)
            if stop == closing:
                self._look(stop, range(_HALVES))
            elif stop == self._next_look:
                self._look(stop, (self._looks % _HALVES,))
        self._take_notes()

    @property
    def vehicles(self) -> int:
        """How many trips there are."""
        return int(self._order.size)

    def finished(self) -> bool:
        """Whether everyone has left, but for those whom no way and no change to come leads on."""
        now = self.census()
        if now.set_out < self.vehicles or now.waiting + now.inside > now.aside:
            return False
        return not now.aside or not (self._closing > self.now).any()

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

    def driven(self) -> np.ndarray:
        """Length of the links that each trip drove to their end, in the order of the trips. (vehicle,) [m]"""
        return self._in_order(self._state.vehicle["driven"])

    def trip_time(self) -> np.ndarray:
        """Time of each trip that has ended, with all waiting; NaN for the others. In their order. (vehicle,) [s]"""
        return self._in_order(self._state.vehicle["left_at"] - self._trips.vehicle["departure"])

    def strayed(self) -> np.ndarray:
        """Trips that left their fixed way because it was barred. (row,) int64"""
        return np.sort(self._order[self._state.vehicle["leg"] < 0])

    def legs(self) -> np.ndarray:
        """Links that traced trips drove or are on, in the order in which they left them; `NOTE` records.

        ``vehicle`` is the place among the trips; ``until`` is NaN of links they are on still.
        """
        own = self._state.vehicle
        inside = np.flatnonzero((own["on"] >= 0) & (self._trips.vehicle["noted"] != 0))
        still = np.zeros(inside.size, NOTE)
        still["vehicle"], still["link"] = self._order[inside], own["on"][inside]
        still["begin"], still["until"] = own["entered_at"][inside], np.nan
        return np.concatenate([np.zeros(0, NOTE), *self._legs, still])

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

    def saved(self) -> dict[str, np.ndarray]:
        """All that is needed to go on bit for bit, as plain arrays; see the parameter ``saved``."""
        state = self._state
        found = {
            name: values for name, values in plain_arrays(state).items() if name.split(".")[0] not in _NOT_SAVED
        } | {
            "look.cost": self._cost.copy(), "look.costs": self._ways.costs.copy(),
            "look.count": np.array(self._looks), "look.next": np.array(self._next_look),
        }  # fmt: skip
        for what, values in (("read", self._last_read), ("look", self._last_look)):
            found |= {f"last_{what}.{place}": one.copy() for place, one in enumerate(values)}
        legs = np.concatenate([np.zeros(0, NOTE), *self._legs])
        return found | {f"leg.{name}": legs[name].copy() for name in NOTE.names or ()}

    def _go_on_from(self, saved: Mapping[str, np.ndarray]) -> None:
        put_back(self._state, saved, _NOT_SAVED)
        self._last_read, self._last_look = (
            tuple(np.array(saved[f"last_{what}.{place}"]) for place in range(len(values)))
            for what, values in (("read", self._last_read), ("look", self._last_look))
        )
        self._cost, costs = np.array(saved["look.cost"]), np.asarray(saved["look.costs"])
        self._looks, self._next_look = int(saved["look.count"]), float(saved["look.next"])
        for half in range(_HALVES):  # the tables are large, and grow again from the costs that they grew from
            self._ways.grow(half, costs[half])
        legs = np.zeros(np.asarray(saved["leg.vehicle"]).size, NOTE)
        for name in NOTE.names or ():
            legs[name] = saved[f"leg.{name}"]
        self._legs.append(legs)
        speed, part = self._changes.at(self.now, self._base[0])
        link = self._net.link
        link["speed"], link["headway_in"], link["headway_out"] = speed, self._base[1] / part, self._base[2] / part

    def _take_notes(self) -> None:
        many = int(self._state.tally[NOTES])
        if many:
            notes = self._state.note[:many].copy()
            notes["vehicle"] = self._order[notes["vehicle"]]
            self._state.tally[NOTES] = 0
            self._take_legs(notes)

    def _reshape(self, time: float) -> None:
        """Give streets the speed and capacity of the hour; what they cost follows at the next look."""
        link = self._net.link
        speed, part = self._changes.at(time, self._base[0])
        into, out = self._base[1] / part, self._base[2] / part
        other = (speed != link["speed"]) | (into != link["headway_in"]) | (out != link["headway_out"])
        self._cost += link["length"] / speed - link["length"] / link["speed"]
        for one in np.flatnonzero(other).tolist():
            reshape(self._net, self._state, one, speed[one], into[one], out[one], time)

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
            self._ways.grow(half, costs * blur)
        reconsider(net, self._trips, self._ways.table, state, time)


def _next(hours: np.ndarray, time: float) -> float:
    """The first of some sorted moments after a time; infinite where there is none. [s]"""
    place = int(np.searchsorted(hours, time, side="right"))
    return float(hours[place]) if place < hours.size else np.inf
