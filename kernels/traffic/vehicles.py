"""Traffic as single vehicles: each on its way of the equilibrium of its hour, through the queues of all others."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from kernels.traffic.dynamic_equilibrium import Settled, settle_days
from kernels.traffic.fields import MOTOR, Means
from kernels.traffic.hours import BUS, Slice, streets_in
from kernels.traffic.inputs import Inputs
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import MODES, Streets, Trips
from kernels.traffic.queues_rules import StreetChanges, TurnBans
from kernels.traffic.seeding import Seeded, added, joined, lawful, seeded_vehicles
from kernels.traffic.ways import Ways

_AFTER = 3600.0  # after the last departure a day of learning ends, whoever is still under way in full streets [s]
_CAUTION = 3  # days before the first: the ways of the equilibrium are nearly those that drivers know


def streets_of(inputs: Inputs) -> Streets:
    """The links as queues see them."""
    bounded = np.isfinite(inputs.node_capacity).any()
    return Streets(
        tail=inputs.tail, head=inputs.head, length=inputs.length, speed=inputs.speed, capacity=inputs.capacity,
        jam_density=inputs.jam_density, allowed=inputs.allowed, cycle=inputs.cycle, offset=inputs.offset,
        green=inputs.green, passing=inputs.passing, node_capacity=inputs.node_capacity if bounded else None,
        names=inputs.names,
    )  # fmt: skip


def changes_of(inputs: Inputs) -> StreetChanges:
    """What changes of streets by the hour."""
    changes = inputs.changes
    return StreetChanges(changes.link.astype(np.int64), changes.begin, changes.until, changes.speed, changes.capacity)


def bans_of(inputs: Inputs, trips: Trips) -> tuple[TurnBans, int]:
    """Banned turns, and how many of them are lifted for buses whose line takes them."""
    turns = inputs.turns
    bans = TurnBans(*(one.astype(np.int64) for one in (turns.from_link, turns.to_link, turns.modes)))
    bans = bans.checked(inputs.tail, inputs.head)
    if not trips.routes:
        return bans, 0
    runs = Ways.of([trips.routes[one][0] for one in sorted(trips.routes)])
    lifted = bans.except_where(runs, 1 << BUS, inputs.links)
    return lifted, _fewer(bans, lifted)


def _fewer(bans: TurnBans, lifted: TurnBans) -> int:
    """Turns that are banned to buses before and no more."""
    before, after = (int((np.asarray(one.modes) >> BUS & 1).sum()) for one in (bans, lifted))
    return before - after


def vehicles_of(inputs: Inputs, streets: Streets, slices: list[Slice], seed: int) -> Seeded:
    """Whole vehicles of all slices, those whom no way serves, and buses."""
    parts = []
    for number, one in enumerate(slices):
        begin = np.maximum(inputs.demand.begin[one.row], one.begin)
        until = np.minimum(inputs.demand.until[one.row], one.until)
        made = seeded_vehicles(
            one.found, streets, begin=begin, until=until, mode=one.kinds, place=one.place, trips=one.trips,
            row=one.row, seed=(seed, number),
        )  # fmt: skip
        parts.append(made)
        lost = one.place == -1
        if lost.any():
            parts.append(_waiting(inputs, one, lost, begin, until))
    whole = joined(parts)
    return added(whole, _buses(inputs, streets)) if inputs.service.size else whole


def _waiting(inputs: Inputs, one: Slice, lost: np.ndarray, begin: np.ndarray, until: np.ndarray) -> Seeded:
    """Vehicles of rows that no way serves: they stand aside, in sight, until one opens."""
    many = np.diff(np.floor(np.cumsum(one.trips[lost]) + 0.5), prepend=0.0).astype(np.int64)
    entry = np.repeat(np.flatnonzero(lost), many)
    within = np.arange(entry.size) - np.repeat(np.cumsum(many) - many, many)
    part = (within + 0.5) / np.repeat(many, many)
    row = one.row[entry]
    demand = inputs.demand
    return Seeded(
        Trips(
            demand.start_node[row].astype(np.int64), demand.end_node[row].astype(np.int64),
            begin[entry] + part * (until - begin)[entry], demand.mode[row].astype(np.int64),
        ),
        row,
    )  # fmt: skip


def _buses(inputs: Inputs, streets: Streets) -> Trips:
    legs, run = inputs.legs, inputs.legs.run.astype(np.int64)
    order = np.argsort(run, kind="stable")
    link, dwell = legs.link.astype(np.int64)[order], np.asarray(legs.dwell, float)[order]
    edges = np.searchsorted(run[order], np.arange(inputs.service.size + 1))
    routes = {
        one: (link[first:last], dwell[first:last])
        for one, (first, last) in enumerate(pairwise(edges.tolist()))
        if last > first
    }
    kept = sorted(routes)
    first, last = (np.array([routes[one][0][place] for one in kept], np.int64) for place in (0, -1))
    return Trips(
        np.asarray(streets.tail)[first], np.asarray(streets.head)[last],
        np.maximum(inputs.service.departure[kept], 0.0), np.full(len(kept), BUS),
        {place: routes[one] for place, one in enumerate(kept)},
    )  # fmt: skip


class Moving:
    """A run of vehicles, with what the kernel tells of it.

    Parameters
    ----------
    inputs : Inputs
    slices : list of Slice
    rounds : int
        Days that drivers learn from.
    traced : int
        Vehicles whose way is kept, at most.
    seed : int
    threads : int or None
    """

    def __init__(
        self, inputs: Inputs, slices: list[Slice], *, rounds: int, traced: int, seed: int, threads: int | None
    ) -> None:
        self._inputs, self._seed, self._threads = inputs, seed, threads
        self._streets = streets_of(inputs)
        self._changes = changes_of(inputs)
        seeded = vehicles_of(inputs, self._streets, slices, seed)
        self._bans, self._lifted = bans_of(inputs, seeded.trips)
        self._row = seeded.row
        self._within = sum(float(one.trips[one.place == -2].sum()) for one in slices)
        self.learnt: Settled | None = None
        self._trips = lawful(seeded.trips, self._streets, self._bans)
        if rounds and self._trips.way is not None and (np.asarray(self._trips.way) >= 0).any():
            self.learnt = settle_days(
                self._streets, self._trips, inputs.closures, bans=self._bans, changes=self._changes, rounds=rounds,
                caution=_CAUTION, longest=float(inputs.demand.until.max(initial=0.0)) + _AFTER, seed=seed,
                threads=threads,
            )  # fmt: skip
            self._trips = self.learnt.trips
        self._noted = _evenly(np.asarray(self._trips.departure), traced)
        self._queues = self._run(None)

    def _run(self, saved: Mapping[str, np.ndarray] | None) -> Queues:
        return Queues(
            self._streets, self._trips, self._inputs.closures, bans=self._bans, changes=self._changes,
            traced=self._noted if self._noted.any() else None, saved=saved, seed=self._seed, threads=self._threads,
        )  # fmt: skip

    def between(self, first: float, last: float) -> Means:
        """Drive on; the means of the interval. [s]"""
        inputs, queues = self._inputs, self._queues
        queues.advance(last)
        seen, span = queues.read(), last - first
        speed, capacity = streets_in(inputs, first, last)
        green = np.where(inputs.cycle > 0, inputs.green / np.where(inputs.cycle > 0, inputs.cycle, 1.0), 1.0)
        empty = inputs.length / speed
        came = np.isfinite(seen.travel_time)
        time = np.maximum(np.where(came, seen.travel_time, empty), 1e-3)
        flow = np.zeros((len(MODES), inputs.links))
        flow[: seen.entries.shape[1]] = seen.entries.T / span
        on = queues.on_links().astype(float)
        moving = flow[list(MOTOR)].sum(axis=0) * empty
        queue = np.clip((on - moving) / inputs.jam_density, 0.0, inputs.length)
        return Means(flow, time, np.where(came, seen.stop_share, 0.0), on, queue, capacity * green)

    def rows(self) -> dict[str, np.ndarray]:
        """What became of the rows of the demand: means of the vehicles that arrived, NaN where none did. (demand,)"""
        size = self._inputs.demand.size
        own = self._row >= 0
        time, metres = self._queues.trip_time(), self._queues.driven()
        done = own & np.isfinite(time)
        many = np.bincount(self._row[done], minlength=size)
        aside = self._queues.unserved()
        aside = aside[own[aside]]
        with np.errstate(invalid="ignore"):
            return {
                "trip_time": np.where(many > 0, np.bincount(self._row[done], time[done], size) / many, np.nan),
                "trip_distance": np.where(many > 0, np.bincount(self._row[done], metres[done], size) / many, np.nan),
                "trips_unserved": np.bincount(self._row[aside], minlength=size).astype(float),
            }

    def trace(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """The traced vehicles, and their legs in the order of vehicle and time."""
        modes = np.asarray(self._trips.mode)[self._noted] if self._trips.mode is not None else np.zeros(0)
        legs = self._queues.legs()
        number = np.cumsum(self._noted) - 1
        order = np.lexsort((legs["begin"], legs["vehicle"]))
        return {"vehicle_mode": modes.astype(np.int8)}, {
            "vehicle_leg_vehicle": number[legs["vehicle"][order]].astype(np.int32),
            "vehicle_leg_link": legs["link"][order].astype(np.int32),
            "vehicle_leg_begin": legs["begin"][order].astype(np.float32),
            "vehicle_leg_until": legs["until"][order].astype(np.float32),
        }

    def ledger(self) -> dict[str, float]:
        """Vehicles by where they are, whole numbers."""
        now = self._queues.census()
        return {
            "vehicles_set_out": float(now.set_out),
            "vehicles_waiting": float(now.waiting - now.aside),
            "vehicles_inside": float(now.inside),
            "vehicles_arrived": float(now.left),
            "vehicles_aside": float(now.aside),
        }

    def remarks(self) -> dict[str, object]:
        """What else a reader must know."""
        found: dict[str, object] = {
            "vehicles": self._trips.size,
            "rings_turned": self._queues.census().turned,
            "strayed_from_their_way": int(self._queues.strayed().size),
            "trips_within_one_node": self._within,
            "bans_lifted_for_buses": self._lifted,
        }
        if self.learnt is not None:
            found |= {
                "dynamic_gap_first": self.learnt.gaps[0],
                "dynamic_gap": self.learnt.gaps[self.learnt.day],
                "days_learnt": len(self.learnt.moved),
            }
        return found

    def saved(self) -> dict[str, np.ndarray]:
        """Everything needed to drive on."""
        return self._queues.saved()

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        """Drive on from what `saved` gave."""
        self._queues = self._run(saved)


def _evenly(departure: np.ndarray, most: int) -> np.ndarray:
    """Vehicles that are traced, evenly out of all in the order in which they set out. (vehicle,) bool"""
    found = np.zeros(departure.size, bool)
    if most and departure.size:
        order = np.argsort(departure, kind="stable")
        found[order[:: -(-departure.size // most)]] = True
    return found
