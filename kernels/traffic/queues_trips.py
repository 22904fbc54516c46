"""Trips in the order in which they set out, as the loop of the queues reads them."""

import numpy as np

from kernels.contract import LayerError
from kernels.traffic.queues_inputs import EVERY_MODE, MODE_NAMES, Closures, Streets, Trips
from kernels.traffic.queues_rules import TurnBans
from kernels.traffic.queues_state import VEHICLE, TripArrays, records
from kernels.traffic.ways import Ways


def modes_of(trips: Trips) -> np.ndarray:
    """Place in `MODES` of each vehicle; cars where not given. (vehicle,) int64"""
    return np.zeros(trips.size, np.int64) if trips.mode is None else np.asarray(trips.mode, np.int64)


def trip_arrays(
    streets: Streets, trips: Trips, closures: Closures, bans: TurnBans, groups: np.ndarray, noted: np.ndarray | None
) -> tuple[TripArrays, np.ndarray, np.ndarray]:
    """Trips as the loop reads them, the order in which they set out, and the destinations that tables must lead to.

    Those with a fixed way need no table, unless a street of it is ever barred to them: then they may leave it.

    Parameters
    ----------
    streets, trips
        Checked.
    closures, bans
        Checked.
    groups : (vehicle,) int
        Part of the fleet.
    noted : (vehicle,) bool, optional
        Whose links are noted; nobody's by default.

    Returns
    -------
    TripArrays
    (vehicle,) int64
        The trips in the order in which they set out.
    (destination,) int64

    Raises
    ------
    LayerError
        A fixed way that makes a banned turn.
    """
    size, mode = trips.size, modes_of(trips)
    routed = sorted(trips.routes)
    routes = Ways.of([trips.routes[one][0] for one in routed])
    dwells = [np.asarray(trips.routes[one][1], np.float64) for one in routed]
    ways = routes.joined(trips.ways)
    way = np.full(size, -1, np.int64)
    if trips.way is not None:
        way = np.where(np.asarray(trips.way) >= 0, np.asarray(trips.way, np.int64) + routes.size, -1)
    way[np.array(routed, np.int64)] = np.arange(routes.size)
    driving = np.flatnonzero(way >= 0)
    _refuse_banned(bans.broken_by(ways, streets.links), way, mode, driving)
    strays = np.zeros(size, bool)
    allowed = np.full(streets.links, EVERY_MODE) if streets.allowed is None else np.asarray(streets.allowed)
    for one in np.unique(mode[driving]).tolist():
        barred = allowed >> one & 1 == 0
        barred[closures.link[closures.modes >> one & 1 == 1]] = True
        mine = driving[mode[driving] == one]
        strays[mine] = ways.with_any(barred)[way[mine]]
    strays &= way >= routes.size
    by_table = strays | (way < 0)
    destination = np.asarray(trips.destination, np.int64)
    targets = np.unique(destination[by_table])
    column = np.where(by_table, np.searchsorted(targets, destination), -1)
    order = np.argsort(np.asarray(trips.departure, np.float64), kind="stable")
    begin = np.asarray(ways.begin)
    first, end = (np.where(way >= 0, begin[way + more], 0) for more in (0, 1))
    made = records(
        VEHICLE, size, origin=np.asarray(trips.origin)[order], column=column[order], group=groups[order],
        kind=np.searchsorted(np.unique(mode), mode)[order], mode=mode[order],
        noted=0 if noted is None else np.asarray(noted, bool)[order], strays=strays[order],
        departure=np.asarray(trips.departure)[order], first_leg=first[order], end_leg=end[order],
    )  # fmt: skip
    return TripArrays(made, np.ascontiguousarray(ways.link), np.concatenate([np.zeros(0), *dwells])), order, targets


def _refuse_banned(bits: np.ndarray, way: np.ndarray, mode: np.ndarray, driving: np.ndarray) -> None:
    wrong = driving[bits[way[driving]] >> mode[driving] & 1 == 1]
    if wrong.size:
        raise LayerError(
            f"the fixed ways of vehicles {wrong[:5].tolist()} ({wrong.size} in all; the first is a "
            f"{MODE_NAMES[mode[wrong[0]]]}) make a turn that is banned to them; give them another way, or "
            "the mode leave to turn there"
        )
