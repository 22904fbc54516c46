"""Streets, trips and closures by hour and mode, as the queues of vehicles read them: checked, with names in errors."""

from dataclasses import dataclass, field

import numpy as np

from kernels.contract import LayerError
from kernels.traffic.queues_state import CLOSURE, LINK, MODE, StreetArrays, records
from kernels.traffic.ways import Ways


@dataclass(frozen=True)
class Mode:
    """A kind of vehicle.

    Attributes
    ----------
    name : str
    pce : float
        Cars whose room and time it takes. [1]
    speed : float
        Fastest speed of its own, wherever it drives. [m s⁻¹]
    """

    name: str
    pce: float
    speed: float


#: Bit m of a mask stands for mode m. Cars' equivalents: Transport for London, Traffic Modelling Guidelines 3 (2010),
#: table of PCU factors; on foot each person is one, on links whose storage counts people (Weidmann).
MODES = (
    Mode("car", 1.0, 50.0),
    Mode("van", 1.0, 50.0),
    Mode("truck", 2.3, 25.0),
    Mode("bus", 2.0, 25.0),
    Mode("bike", 0.2, 4.5),
    Mode("foot", 1.0, 1.34),
)
MODE_NAMES = tuple(mode.name for mode in MODES)
EVERY_MODE = (1 << len(MODES)) - 1


def mode_bits(names: str) -> int:
    """The mask of modes named with ``+`` between them, or ``all``.

    Raises
    ------
    LayerError
        Names the word that is no mode.
    """
    if names.strip() == "all":
        return EVERY_MODE
    bits = 0
    for name in names.split("+"):
        if name.strip() not in MODE_NAMES:
            raise LayerError(f"{name.strip()!r} is no mode; expected all or some of {'+'.join(MODE_NAMES)}")
        bits |= 1 << MODE_NAMES.index(name.strip())
    return bits


@dataclass(frozen=True)
class Closures:
    """Who may not enter which link when; who is inside may leave. Links with several rows are closed by each.

    Attributes
    ----------
    link : (row,) int
    modes : (row,) int
        Bits of the modes that are barred.
    begin, until : (row,) float
        [s]
    """

    link: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    modes: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    begin: np.ndarray = field(default_factory=lambda: np.zeros(0))
    until: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def checked(self, links: int) -> "Closures":
        """The same, sorted by link.

        Raises
        ------
        LayerError
            A link that is not there, or hours that run backwards.
        """
        link = np.asarray(self.link, np.int64)
        unknown = sorted(set(link[(link < 0) | (link >= links)].tolist()))
        if unknown:
            raise LayerError(f"closures name links {unknown[:5]}, but there are {links} links, from 0")
        begin, until = np.asarray(self.begin, np.float64), np.asarray(self.until, np.float64)
        if not (until > begin).all():
            row = int(np.flatnonzero(~(until > begin))[0])
            raise LayerError(
                f"closure {row} of link {link[row]} lasts from {begin[row]:g} to {until[row]:g} s; expected later"
            )
        order = np.argsort(link, kind="stable")
        return Closures(link[order], np.asarray(self.modes, np.int64)[order], begin[order], until[order])

    def barred(self, links: int, mode: int, time: float) -> np.ndarray:
        """Which links a mode may not enter at a moment. (link,) bool"""
        now = (np.asarray(self.modes) >> mode & 1).astype(bool) & (self.begin <= time) & (time < self.until)
        found = np.zeros(links, bool)
        found[np.asarray(self.link, np.int64)[now]] = True
        return found

    def barred_share(self, links: int, mode: int, begin: float, until: float) -> np.ndarray:
        """Which part of an interval a mode may not enter each link; rows that overlap count once. (link,) float64 [1]

        A static hour has no half-open street: it holds a link barred where this is more than a half.
        """
        mine = (np.asarray(self.modes) >> mode & 1).astype(bool)
        link = np.asarray(self.link, np.int64)[mine]
        first, last = (np.clip(np.asarray(one, np.float64)[mine], begin, until) for one in (self.begin, self.until))
        shut, reached = np.zeros(links), np.full(links, begin)
        for row in np.lexsort((first, link)):  # few rows, in the order of their beginnings
            one = link[row]
            shut[one] += max(last[row] - max(first[row], reached[one]), 0.0)
            reached[one] = max(reached[one], last[row])
        return shut / (until - begin)


@dataclass(frozen=True)
class Streets:
    """Links with a triangular fundamental diagram, and what stands at their ends.

    Attributes
    ----------
    tail, head : (link,) int
        Nodes, from 0. A lane group that is to have its own queue is a link of its own.
    length, speed : (link,) float
        [m], [m s⁻¹]
    capacity : (link,) float
        Cars that can pass any point of it. [s⁻¹]
    jam_density : (link,) float
        Cars on a metre when they stand. [m⁻¹]
    exit_capacity : (link,) float, optional
        Where its end lets fewer go. [s⁻¹]
    allowed : (link,) int, optional
        Bits of the modes that may drive; all by default.
    priority : (link,) float, optional
        Weight at a merge; its capacity by default. [1]
    cycle, offset, green : (link,) float, optional
        Signal at its end: green for so long from the offset on in every cycle; cycle 0 is no signal. [s]
    passing : (link,) bool, optional
        Whether the fast overtake the slow; not by default.
    node_capacity : (node,) float, optional
        Vehicles that can cross a node, where streams conflict; unbounded by default. [s⁻¹]
    names : (link,), optional
        For errors.
    """

    tail: np.ndarray
    head: np.ndarray
    length: np.ndarray
    speed: np.ndarray
    capacity: np.ndarray
    jam_density: np.ndarray
    exit_capacity: np.ndarray | None = None
    allowed: np.ndarray | None = None
    priority: np.ndarray | None = None
    cycle: np.ndarray | None = None
    offset: np.ndarray | None = None
    green: np.ndarray | None = None
    passing: np.ndarray | None = None
    node_capacity: np.ndarray | None = None
    names: np.ndarray | None = None

    def __post_init__(self) -> None:
        for what in ("length", "speed", "capacity", "jam_density"):
            self._refuse(~(np.asarray(getattr(self, what), np.float64) > 0.0), what, "more than 0")
        self._refuse(np.asarray(self.tail) < 0, "tail", "a node from 0")
        self._refuse(np.asarray(self.head) < 0, "head", "a node from 0")
        full = np.asarray(self.capacity) / np.asarray(self.speed) / np.asarray(self.jam_density)
        self._refuse(~(full < 1.0), "capacity", "less than speed times jam density")
        if self.exit_capacity is not None:
            self._refuse(~(np.asarray(self.exit_capacity) > 0.0), "exit_capacity", "more than 0")
        if self.priority is not None:
            self._refuse(~(np.asarray(self.priority) > 0.0), "priority", "more than 0")
        if self.cycle is not None:
            if self.green is None:
                raise LayerError("signals need a green time beside their cycle")
            signal = np.asarray(self.cycle) > 0.0
            short = signal & (np.asarray(self.green) * np.asarray(self.exits) < 1.0)
            self._refuse(short, "green", "time for one car at least")
            self._refuse(signal & (np.asarray(self.green) > np.asarray(self.cycle)), "green", "at most its cycle")
        if self.node_capacity is not None and np.asarray(self.node_capacity).size != self.nodes:
            raise LayerError(f"node_capacity has {np.asarray(self.node_capacity).size} values, expected {self.nodes}")

    def _refuse(self, wrong: np.ndarray, what: str, expected: str) -> None:
        if not wrong.any():
            return
        found = np.flatnonzero(wrong)
        names = [str(one if self.names is None else self.names[one]) for one in found[:5]]
        value = np.asarray(getattr(self, what))[found[0]]
        raise LayerError(f"{what} of link {', '.join(names)} is {value:g}; expected {expected}")

    @property
    def links(self) -> int:
        """How many links there are."""
        return int(np.asarray(self.tail).size)

    @property
    def nodes(self) -> int:
        """How many nodes there are: one more than the greatest named."""
        return 1 + int(max(np.asarray(self.tail).max(initial=-1), np.asarray(self.head).max(initial=-1)))

    @property
    def exits(self) -> np.ndarray:
        """Capacity of the ends of the links. (link,) [s⁻¹]"""
        return np.asarray(self.capacity if self.exit_capacity is None else self.exit_capacity, np.float64)

    def arrays(self, closures: Closures, modes_used: np.ndarray, spot: np.ndarray) -> StreetArrays:
        """As the loop reads them; the rings are as long as the smallest vehicle that drives needs.

        ``spot`` (link,) is where whoever came along a link stands: its head, or a copy of it.
        """
        n = self.links
        pce = np.array([mode.pce for mode in MODES])

        length, speed, capacity = (np.array(a, np.float64) for a in (self.length, self.speed, self.capacity))
        jam = np.array(self.jam_density, np.float64)
        used = pce[modes_used] if modes_used.size else pce[:1]
        storage = np.maximum(jam * length, used.max())  # a street that is shorter than a bus still holds it
        places = 1 << np.ceil(np.log2(storage / used.min() + 2.0)).astype(np.int64)  # a power of two: masks are quick
        gap = np.zeros(self.nodes)
        if self.node_capacity is not None:
            with np.errstate(divide="ignore"):
                gap = 1.0 / np.asarray(self.node_capacity, np.float64)
        rows = closures.checked(n)
        place = np.concatenate(([0], np.cumsum(places)))
        row = np.searchsorted(rows.link, np.arange(n + 1))
        return StreetArrays(
            link=records(
                LINK, n, tail=self.tail, head=self.head, spot=spot, length=length, speed=speed,
                headway_in=1.0 / capacity, headway_out=1.0 / self.exits,
                lag=length * (jam / capacity - 1.0 / speed), storage=storage,
                allowed=EVERY_MODE if self.allowed is None else self.allowed,
                priority=capacity if self.priority is None else self.priority,
                cycle=0.0 if self.cycle is None else self.cycle, offset=0.0 if self.offset is None else self.offset,
                green=0.0 if self.green is None else self.green, passing=0 if self.passing is None else self.passing,
                place=place[:-1], last_place=places - 1, first_closure=row[:-1], end_closure=row[1:],
            ),
            closure=records(CLOSURE, rows.link.size, modes=rows.modes, begin=rows.begin, until=rows.until),
            mode=records(MODE, len(MODES), speed=[mode.speed for mode in MODES], pce=pce),
            node_gap=gap,
        )  # fmt: skip


@dataclass(frozen=True)
class Trips:
    """Vehicles, each with its way or with a destination to find one to.

    Attributes
    ----------
    origin, destination : (vehicle,) int
        Nodes.
    departure : (vehicle,) float
        [s]
    mode : (vehicle,) int, optional
        Place in `MODES`; cars by default.
    routes : mapping of vehicle to (links, dwells), optional
        Fixed ways, such as those of bus lines, with the time at stops on each link. [s] Where one is barred the vehicle
        waits.
    ways : Ways, optional
        Ways of others, which leave them for one of their own where they are barred.
    way : (vehicle,) int, optional
        Place in ``ways``, -1 for none.
    """

    origin: np.ndarray
    destination: np.ndarray
    departure: np.ndarray
    mode: np.ndarray | None = None
    routes: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    ways: Ways = field(default_factory=Ways.none)
    way: np.ndarray | None = None

    @property
    def size(self) -> int:
        """How many vehicles there are."""
        return int(np.asarray(self.origin).size)

    def check(self, streets: Streets) -> None:
        """Refuse what no street knows.

        Raises
        ------
        LayerError
            Nodes or modes that are not there, departures before 0, ways that do not hang together.
        """
        for what in ("origin", "destination"):
            nodes = np.asarray(getattr(self, what))
            unknown = sorted(set(nodes[(nodes < 0) | (nodes >= streets.nodes)].tolist()))
            if unknown:
                raise LayerError(f"{what} names nodes {unknown[:5]}, but the streets know 0 to {streets.nodes - 1}")
        time = np.asarray(self.departure, np.float64)
        if not (time >= 0.0).all() or not np.isfinite(time).all():
            one = int(np.flatnonzero(~((time >= 0.0) & np.isfinite(time)))[0])
            raise LayerError(f"vehicle {one} sets out at {time[one]:g} s; expected 0 or later")
        if self.mode is not None:
            modes = np.asarray(self.mode)
            if ((modes < 0) | (modes >= len(MODES))).any():
                raise LayerError(f"modes must be 0 to {len(MODES) - 1} ({', '.join(MODE_NAMES)}), got {modes.max()}")
        for vehicle, (links, dwells) in self.routes.items():
            way = np.asarray(links, np.int64)
            fits = way.size > 0 and way.min() >= 0 and way.max() < streets.links and np.size(dwells) == way.size
            if not fits or streets.tail[way[0]] != self.origin[vehicle]:
                raise LayerError(f"way of vehicle {vehicle} must be known links from its origin on, one dwell for each")
            broken = np.flatnonzero(np.asarray(streets.head)[way[:-1]] != np.asarray(streets.tail)[way[1:]])
            if broken.size:
                raise LayerError(
                    f"way of vehicle {vehicle}: link {way[broken[0] + 1]} does not follow {way[broken[0]]}"
                )
        self._check_ways(streets)

    def _check_ways(self, streets: Streets) -> None:
        tail, head = np.asarray(streets.tail), np.asarray(streets.head)
        self.ways.check(tail, head)
        if self.way is None:
            return
        way = np.asarray(self.way)
        if way.shape != (self.size,) or (way >= self.ways.size).any():
            raise LayerError(f"way must name one of {self.ways.size} ways, or -1, for each of {self.size} vehicles")
        driving = np.flatnonzero(way >= 0)
        twice = [one for one in self.routes if way[one] >= 0]
        begin, mine = np.asarray(self.ways.begin), way[driving]
        astray = (tail[self.ways.link[begin[mine]]] != np.asarray(self.origin)[driving]) | (
            head[self.ways.link[begin[mine + 1] - 1]] != np.asarray(self.destination)[driving]
        )
        if twice or astray.any():
            one = twice[0] if twice else int(driving[astray][0])
            why = "has a route beside it" if twice else "must lead from its origin to its destination"
            raise LayerError(f"way {way[one]} of vehicle {one} {why}")
