"""Both directions of every street as arrays: who may drive, on how many lanes, how fast; as mapped and under works."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

import numpy as np
import pandas as pd

from kernels.traffic.kerb_bays import STRETCH, blocking, capacity_part
from kernels.traffic.queues_inputs import EVERY_MODE, mode_bits
from twin.city import CityError
from twin.street_access import BIT
from twin.street_graph import StreetGraph
from twin.street_works import KerbBays, LaneChange, SpeedLimit, StreetWorks

FOOT, BIKE, BUS = (mode_bits(name) for name in ("foot", "bike", "bus"))
MOTOR = EVERY_MODE & ~FOOT & ~BIKE
SEARCH = 800.0
"""What a driver who finds no bay drives on in search: half a mile, the mean that D. Shoup measured in Westwood Village,
Transport Policy 13 (2006), doi:10.1016/j.tranpol.2006.05.005. [m]"""
_SIDES = {"along": (0,), "against": (1,), "both": (0, 1)}
_NAMES = {"walk": "foot"}


@dataclass(frozen=True, eq=False)
class Directions:
    """Streets, along their line (column 0) and against it (column 1).

    Attributes
    ----------
    modes : (street, 2) int32
        Bits of `kernels.traffic.queues_inputs.MODES`; 0 where nobody may go.
    lanes : (street, 2) float64
        For motors, 1 where only bicycles go.
    speed : (street, 2) float64
        [m s⁻¹]
    cycle_lane : (street, 2) bool
        Whether bicycles have a lane beside the cars.
    part : (street, 2) float64
        Of the capacity of the lanes that is left beside bays at the kerb. [1]
    bus_lanes : (street, 2) float64
        Lanes beside the others that only buses use.
    """

    modes: np.ndarray
    lanes: np.ndarray
    speed: np.ndarray
    cycle_lane: np.ndarray
    part: np.ndarray
    bus_lanes: np.ndarray


@dataclass(frozen=True)
class Row:
    """What holds for one direction of a street for some time.

    Attributes
    ----------
    street, side : int
    begin, until : float
        Since the start of the run. [s]
    modes : int
        Barred, as bits; 0 for a change.
    speed : float
        NaN is unchanged. [m s⁻¹]
    capacity : float
        Part that is left. [1]
    """

    street: int
    side: int
    begin: float
    until: float
    modes: int = 0
    speed: float = float("nan")
    capacity: float = 1.0


def as_modes(permissions: np.ndarray) -> np.ndarray:
    """Bits of the kernels' modes from those of `twin.street_access`, in the same shape. int32"""
    found = np.zeros(np.shape(permissions), np.int32)
    for name, bit in BIT.items():
        found |= np.where(np.asarray(permissions) & bit, np.int32(mode_bits(_NAMES.get(name, name))), np.int32(0))
    return found


def directions_of(graph: StreetGraph) -> tuple[Directions, dict[str, int]]:
    """Directions as the map has them, and how many lanes were assumed where the map has none for who may drive."""
    links = graph.links
    modes = as_modes(np.column_stack([links["forward"], links["backward"]]))
    lanes = np.column_stack([links["lanes_forward"], links["lanes_backward"]]).astype(float)
    bare = ~(lanes > 0)
    lanes[bare] = 1.0
    speed = np.repeat(links["speed"].to_numpy(float)[:, None] / 3.6, 2, axis=1)
    none = int((bare & ((modes & MOTOR) != 0)).sum())
    counts = {"assumed one lane where the map has none": none} if none else {}
    return Directions(
        modes, lanes, speed, np.zeros(modes.shape, bool), np.ones(modes.shape), np.zeros(modes.shape)
    ), counts


def worked(
    before: Directions, works: StreetWorks, ids: pd.Index, lengths: np.ndarray, start: datetime, duration_s: float
) -> tuple[Directions, list[Row], dict[str, float]]:
    """Directions under works: what always holds is in them, what holds at some hours is in rows.

    Parameters
    ----------
    before : Directions
    works : StreetWorks
    ids : (street,) Index
        Ids of the streets.
    lengths : (street,) float64
        [m]
    start : datetime
        Of the run, with its zone.
    duration_s : float

    Returns
    -------
    after : Directions
    rows : list of Row
        Those that bar modes may overlap; of changes no two of one direction do.
    told : dict
        What bays do, in words.

    Raises
    ------
    CityError
        Works name a street that the city does not have.
    """
    one = _Site(before, ids, np.asarray(lengths, float), start, duration_s)
    for way in works.one_ways:
        one.turn(one.places(way.id, way.streets), way.direction, sum(mode_bits(name) for name in way.spared))
    for closure in works.closures:
        barred = sum(mode_bits(name) for name in closure.modes)
        for street in one.places(closure.id, closure.streets):
            for side in _SIDES[closure.direction]:
                if closure.clock.always:
                    one.modes[street, side] &= ~barred
                else:
                    one.rows += [
                        Row(int(street), side, *window, modes=barred)
                        for window in closure.clock.windows(start, duration_s)
                    ]
    for timed in (works.speeds, works.lanes, works.bays):
        for work in timed:
            one.note(work)
    one.settle()
    after = Directions(one.modes, one.lanes, one.speed, one.cycle_lane, one.part, one.bus_lanes)
    return after, one.rows, one.told


class _Site:
    """Arrays that works change in place, and what they put on hours."""

    def __init__(
        self, before: Directions, ids: pd.Index, lengths: np.ndarray, start: datetime, duration_s: float
    ) -> None:
        self.modes, self.lanes = before.modes.copy(), before.lanes.copy()
        self.speed, self.cycle_lane = before.speed.copy(), before.cycle_lane.copy()
        self.part, self.bus_lanes = before.part.copy(), before.bus_lanes.copy()
        self.ids, self.lengths, self.start, self.duration = ids, lengths, start, duration_s
        self.rows: list[Row] = []
        self.told: dict[str, float] = {}
        self._on: dict[tuple[int, int], list[tuple[tuple[float, float], SpeedLimit | LaneChange | KerbBays]]] = {}

    def places(self, work: str, streets: tuple[str, ...]) -> np.ndarray:
        """Rows of streets by id."""
        found = self.ids.get_indexer(pd.Index(streets, dtype=object))
        if (found < 0).any():
            raise CityError(
                f"{work}: there is no street {streets[int(np.argmin(found))]!r} in the city; take it out of the edit"
            )
        return found

    def turn(self, streets: np.ndarray, direction: str, spared: int) -> None:
        """Give streets another direction; all lanes go to it."""
        for street in streets:
            both = int(self.modes[street, 0] | self.modes[street, 1])
            open_sides = _SIDES[direction]
            driven = (self.modes[street] & MOTOR) != 0
            lanes = max(float(self.lanes[street][driven].sum()), 1.0)
            for side in (0, 1):
                if side in open_sides:
                    self.modes[street, side] = both
                    self.lanes[street, side] = max(lanes / len(open_sides), 1.0)
                else:
                    self.modes[street, side] = both & spared
                    self.lanes[street, side] = 1.0

    def note(self, work: SpeedLimit | LaneChange | KerbBays) -> None:
        """Remember a work with its hours for `settle`; what always holds has hours beyond the run on both sides."""
        always = [(-np.inf, np.inf)]
        windows = always if work.clock.always else work.clock.windows(self.start, self.duration)
        sides = _SIDES[work.direction] if isinstance(work, LaneChange) else (0, 1)
        streets = self.places(work.id, work.streets)
        if isinstance(work, KerbBays):
            lost = blocking(work.bays, work.arrivals * work.dwell / 3600.0)
            self.told[f"{work.id}: part of stops that find no bay"] = lost
            self.told[f"{work.id}: search for a bay, km per hour"] = lost * work.arrivals * SEARCH / 1000.0
            work = replace(work, bays=max(work.bays, 0), arrivals=work.arrivals * (1.0 - lost) / max(streets.size, 1))
        for street in streets:
            for side in sides:
                if self.modes[street, side] & MOTOR:
                    self._on.setdefault((int(street), side), []).extend((window, work) for window in windows)

    def settle(self) -> None:
        """Fold in what always holds; the rest becomes rows of elementary intervals, of which none overlap."""
        for (street, side), noted in sorted(self._on.items(), key=lambda one: one[0]):
            base = self._state(street, side, [work for window, work in noted if window[0] == -np.inf])
            moments = sorted({moment for window, _ in noted for moment in window if np.isfinite(moment)})
            found = []
            for begin, until in pairwise(moments):
                on = [work for window, work in noted if window[0] <= begin and until <= window[1]]
                found.append((begin, until, self._state(street, side, on)))
            lanes, speed, part, kept, bike, bus = base
            for begin, until, (lanes_now, speed_now, part_now, kept_now, _, bus_now) in found:
                if bus_now > bus:
                    self._count("lanes given to buses at some hours, where buses wait with the cars")
                if kept & ~kept_now:
                    self.rows.append(Row(street, side, begin, until, modes=kept & ~kept_now))
                left = min(lanes_now * part_now / (lanes * part), 1e3) if lanes_now > 0 and lanes > 0 else 1.0
                if speed_now != speed or left != 1.0:
                    moved = speed_now if speed_now != speed else float("nan")
                    self.rows.append(Row(street, side, begin, until, speed=moved, capacity=left))
            self.modes[street, side] &= kept
            self.lanes[street, side] = lanes if lanes > 0.0 else 1.0
            self.part[street, side] = part
            self.speed[street, side] = speed
            self.cycle_lane[street, side] |= bike
            self.bus_lanes[street, side] += bus

    def _count(self, words: str) -> None:
        self.told[words] = self.told.get(words, 0.0) + 1.0

    def _state(
        self, street: int, side: int, on: list[SpeedLimit | LaneChange | KerbBays]
    ) -> tuple[float, float, float, int, bool, float]:
        """Lanes, speed [m/s], part of capacity, modes let in, whether bikes have a lane, lanes of buses."""
        lanes, speed, part = float(self.lanes[street, side]), float(self.speed[street, side]), 1.0
        kept, given, bus = EVERY_MODE, set(), 0.0
        for work in on:
            if isinstance(work, SpeedLimit):
                speed = work.speed / 3.6
            elif isinstance(work, LaneChange):
                lanes += work.lanes
                given.add(work.given_to)
                bus += max(-work.lanes, 0) if work.given_to == "bus" else 0
        if lanes <= 0.0:
            bus = 0.0  # the last lane is theirs, and no other beside it
            kept = EVERY_MODE & ~MOTOR | (BUS if "bus" in given else 0)
            lanes = 1.0 if "bus" in given else 0.0
        driven = int(((self.modes[street] & MOTOR) != 0).sum())
        for work in on:
            if isinstance(work, KerbBays) and lanes > 0.0:
                near = min(STRETCH / max(self.lengths[street], 1.0), 1.0)
                part *= capacity_part(lanes, 2.0 * work.arrivals * near / max(driven, 1))
        return lanes, speed, part, kept, "bike" in given, bus
