"""Vehicles out of flows: whole cars on the ways of a static equilibrium, with moments at which they set out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from kernels.contract import LayerError
from kernels.traffic.equilibrium import Equilibrium
from kernels.traffic.queues_inputs import MODES, Streets, Trips
from kernels.traffic.queues_rules import TurnBans
from kernels.traffic.queues_trips import modes_of
from kernels.traffic.ways import Ways

_GOLDEN = 0.6180339887498949  # steps of this part of a circle never meet and leave no gap: Weyl's sequence [1]
_NEARLY = 1e-6  # sums of flows that miss a whole number by so little are meant to be it [1]


@dataclass(frozen=True)
class Seeded:
    """Vehicles, and what each of them is one of.

    Attributes
    ----------
    trips : Trips
    row : (vehicle,) int64
        Label of the demand that it serves; -1 for those that serve none, such as buses.
    """

    trips: Trips
    row: np.ndarray


def seeded_vehicles(
    found: Equilibrium,
    streets: Streets,
    *,
    begin: ArrayLike,
    until: ArrayLike,
    mode: Sequence[int],
    place: ArrayLike | None = None,
    trips: ArrayLike | None = None,
    row: ArrayLike | None = None,
    seed: int | tuple[int, ...] = 0,
) -> Seeded:
    """Make whole vehicles of the flows on paths.

    Parameters
    ----------
    found : Equilibrium
        Of a network whose first links are those of the streets, in their order; later ones (turns) are left out.
    streets : Streets
    begin, until : (entry,) float or float
        Between which moments they set out. [s]
    mode : (kind,) int
        Place in `MODES` of each class of ``found``.
    place : (entry,) int, optional
        Row of ``found`` that each entry of the demand is part of; those below 0 have no way and give no vehicle. All
        rows where not given.
    trips : (entry,) float, optional
        Vehicles of each entry. All of the rows where not given. [1]
    row : (entry,) int, optional
        Label of each entry; its place where not given.
    seed : int or tuple of int
        Shifts the rounding, so that the slices of a day do not all choose the same.

    Returns
    -------
    Seeded
        In the order of the rows of ``found``.

    Raises
    ------
    LayerError
        Entries, windows or modes that do not fit.

    Notes
    -----
    Entries share the paths of their row in proportion. Numbers are rounded by systematic sampling, Madow (1949),
    doi:10.1214/aoms/1177729988: flows are laid end to end, and each whole number, shifted by one part that the seed
    draws, falls upon a vehicle. So every run of neighbours is within one vehicle of its trips, whole totals are met,
    and nobody rounds small flows away. Those of an entry set out evenly, its paths mixed among each other.
    """
    rows, paths = found.rows, found.paths
    own = np.asarray(mode, np.int64)
    if own.size <= rows.kind.max(initial=-1) or ((own < 0) | (own >= len(MODES))).any():
        raise LayerError(f"mode names {own.tolist()}, expected one of 0 to {len(MODES) - 1} for each class of vehicles")
    place = np.arange(rows.trips.size) if place is None else np.asarray(place, np.int64)
    if trips is None:
        trips = rows.trips[place] / np.array([MODES[one].pce for one in own])[rows.kind[place]]
    trips = np.asarray(trips, np.float64)
    labels = np.arange(place.size) if row is None else np.asarray(row, np.int64)
    first, last = (np.broadcast_to(np.asarray(one, np.float64), place.shape) for one in (begin, until))
    _check(place, trips, labels, first, last, rows.trips.size)
    order = np.argsort(place, kind="stable")
    order = order[place[order] >= 0]
    # cells: every entry with every path of its row
    mine = place[order]
    many = np.diff(paths.first)[mine]
    entry = np.repeat(order, many)
    path = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(paths.first[mine], many)
    flow_of_row = np.bincount(paths.rows(), paths.flow, minlength=rows.trips.size)
    share = paths.flow[path] / flow_of_row[place[entry]]
    random = np.random.default_rng(seed)
    shift, turn = _NEARLY + (1.0 - 2.0 * _NEARLY) * random.random(), random.random()
    reached = np.floor(np.cumsum(trips[entry] * share) + shift)
    count = np.diff(reached, prepend=0.0).astype(np.int64)
    vehicle_entry, vehicle_path = np.repeat(entry, count), np.repeat(path, count)
    departure = _spread(vehicle_entry, count, first, last, turn)
    used, way = np.unique(vehicle_path, return_inverse=True)
    ways = _ways(paths.begin, paths.link, used, streets.links)
    ends = ways.begin[1:] - 1
    return Seeded(
        Trips(
            np.asarray(streets.tail)[ways.link[ways.begin[:-1]]][way], np.asarray(streets.head)[ways.link[ends]][way],
            departure, own[rows.kind[place[vehicle_entry]]], {}, ways, way.astype(np.int64),
        ),
        labels[vehicle_entry],
    )  # fmt: skip


def joined(parts: Sequence[Seeded]) -> Seeded:
    """Vehicles of several slices, or of lines of buses, one after the other; their ways and routes come along."""
    ways, routes, way = Ways.none(), dict[int, tuple[np.ndarray, np.ndarray]](), [np.zeros(0, np.int64)]
    before = 0
    for part in parts:
        trips = part.trips
        own = np.full(trips.size, -1) if trips.way is None else np.asarray(trips.way)
        way.append(np.where(own >= 0, own + ways.size, -1))
        ways = ways.joined(trips.ways)
        routes |= {one + before: legs for one, legs in trips.routes.items()}
        before += trips.size

    def all_of(values: list[np.ndarray]) -> np.ndarray:
        return np.concatenate([np.zeros(0, values[0].dtype if values else float), *values])

    origin, destination, departure = (
        all_of([np.asarray(getattr(part.trips, name)) for part in parts])
        for name in ("origin", "destination", "departure")
    )
    mode, row = all_of([modes_of(part.trips) for part in parts]), all_of([part.row for part in parts])
    return Seeded(Trips(origin, destination, departure, mode, routes, ways, np.concatenate(way)), row)


def added(seeded: Seeded, trips: Trips, row: int = -1) -> Seeded:
    """The same with further trips, such as those of buses, which serve no demand."""
    return joined([seeded, Seeded(trips, np.full(trips.size, row, np.int64))])


def lawful(trips: Trips, streets: Streets, bans: TurnBans) -> Trips:
    """The same trips, without the ways that make a turn banned to their mode: those find one by the tables.

    A static equilibrium may know turns that are banned to all modes alike only. Routes of buses stay as they are.
    """
    if trips.way is None:
        return trips
    way, known = np.asarray(trips.way), bans.checked(np.asarray(streets.tail), np.asarray(streets.head))
    broken = known.broken_by(trips.ways, streets.links)
    wrong = np.zeros(way.size, bool)
    wrong[way >= 0] = broken[way[way >= 0]] >> modes_of(trips)[way >= 0] & 1 == 1
    return with_ways(trips, trips.ways, np.where(wrong, -1, way)) if wrong.any() else trips


def with_ways(trips: Trips, ways: Ways, way: np.ndarray) -> Trips:
    """The same trips on other ways, of which only those are kept that somebody drives."""
    used, place = np.unique(way[way >= 0], return_inverse=True)
    found = np.full(way.size, -1, np.int64)
    found[way >= 0] = place
    return replace(trips, ways=ways.only(used), way=found)


def _spread(entry: np.ndarray, count: np.ndarray, first: np.ndarray, last: np.ndarray, turn: float) -> np.ndarray:
    """Moments at which the vehicles of each entry set out, evenly, its paths mixed. (vehicle,) [s]"""
    within = np.arange(entry.size) - np.repeat(np.cumsum(count) - count, count)
    mixed = (within + 0.5) / np.repeat(count, count)  # where it would be if its path were alone
    order = np.lexsort((mixed, entry))
    number = np.empty(entry.size, np.int64)
    many = np.bincount(entry, minlength=first.size)
    sorted_entry = entry[order]
    number[order] = np.arange(entry.size) - (np.cumsum(many) - many)[sorted_entry]
    part = (number + (turn + _GOLDEN * entry) % 1.0) / many[entry]
    return first[entry] + part * (last - first)[entry]


def _ways(begin: np.ndarray, link: np.ndarray, used: np.ndarray, links: int) -> Ways:
    """Some of the paths, without the turns."""
    ways = Ways(begin, link).only(used)
    real = ways.link < links
    legs = np.bincount(ways.way_of_leg()[real], minlength=ways.size)
    return Ways(np.concatenate(([0], np.cumsum(legs))), ways.link[real])


def _check(
    place: np.ndarray, trips: np.ndarray, row: np.ndarray, first: np.ndarray, last: np.ndarray, rows: int
) -> None:
    if not place.shape == trips.shape == row.shape:
        raise LayerError(f"{place.size} places, {trips.size} trips and {row.size} labels; give one of each per entry")
    for wrong, words in (
        (place >= rows, f"names a row beyond the {rows} there are"),
        (~(np.isfinite(trips) & (trips >= 0)), "has trips that are not zero or more"),
        (~(np.isfinite(first) & (first >= 0) & (last >= first)), "sets out from later than until, or before 0"),
    ):
        if wrong.any():
            raise LayerError(f"entry {row[np.flatnonzero(wrong)[0]]} of the demand {words}")
