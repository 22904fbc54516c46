"""Trips from node to node in one period, by class of vehicle."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kernels.contract import LayerError
from kernels.traffic.network import Network


@dataclass(frozen=True)
class VehicleClass:
    """Vehicles that see the same costs.

    Attributes
    ----------
    name : str
    car_units : float
        Cars that take the same room: 1 for a car, about 2 for a truck. [1]
    fixed_cost : (link,) float64 or None
        Cost beside the travel time: toll, distance. [unit of time of the network]
    barred : (link,) bool or None
        Links that this class may not use.
    """

    name: str = "car"
    car_units: float = 1.0
    fixed_cost: np.ndarray | None = None
    barred: np.ndarray | None = None


@dataclass(frozen=True)
class Demand:
    """Trips by origin, destination and class.

    Attributes
    ----------
    origin, destination : (row,)
        Names of nodes.
    trips : (row,) float64
        Vehicles in the period, zero or more. [1]
    kind : (row,) int32
        Place in ``classes``.
    classes : tuple of VehicleClass
    """

    origin: ArrayLike
    destination: ArrayLike
    trips: ArrayLike
    kind: ArrayLike | None = None
    classes: tuple[VehicleClass, ...] = (VehicleClass(),)

    def scaled(self, factor: float) -> "Demand":
        """The same pattern with ``factor`` times as many trips."""
        return Demand(self.origin, self.destination, np.asarray(self.trips) * factor, self.kind, self.classes)


@dataclass(frozen=True)
class Rows:
    """The demand as the search for paths wants it: sorted by class, origin and destination, with trees to grow.

    Attributes
    ----------
    origin, destination, kind : (row,) int32
        Nodes by their places; class.
    trips : (row,) float64
        In units of cars, more than zero. [1]
    tree_of : (row,) int32
        Tree that reaches the row.
    row_start : (tree + 1,) int64
        Rows of each tree.
    source, tree_kind : (tree,) int32
        Where each tree begins, and its class.
    inside : float
        Trips that begin and end at the same node and use no link, in units of cars. [1]
    """

    origin: np.ndarray
    destination: np.ndarray
    kind: np.ndarray
    trips: np.ndarray
    tree_of: np.ndarray
    row_start: np.ndarray
    source: np.ndarray
    tree_kind: np.ndarray
    inside: float

    def only(self, kept: np.ndarray) -> "Rows":
        """The rows where ``kept``."""
        return _sorted(self.origin[kept], self.destination[kept], self.kind[kept], self.trips[kept], self.inside)


def rows_of(network: Network, demand: Demand) -> Rows:
    """Sort a demand into rows; several entries of one pair add up, trips within a node are set apart.

    Raises
    ------
    LayerError
        An unknown node, trips that are negative or not finite, a class that does not exist.
    """
    origin = network.places(demand.origin, "the demand begins at")
    destination = network.places(demand.destination, "the demand ends at")
    trips = np.asarray(demand.trips, float)
    kind = np.zeros(trips.size, np.int32) if demand.kind is None else np.asarray(demand.kind, np.int32)
    if not origin.shape == destination.shape == trips.shape == kind.shape:
        raise LayerError(
            f"the demand has {origin.size} origins, {destination.size} destinations, {trips.size} numbers of trips and "
            f"{kind.size} classes; give one of each for every row"
        )
    if kind.size and not 0 <= kind.min() <= kind.max() < len(demand.classes):
        raise LayerError(f"the demand names class {kind.max()}, expected 0 to {len(demand.classes) - 1}")
    bad = ~(np.isfinite(trips) & (trips >= 0))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise LayerError(
            f"trips from {np.asarray(demand.origin)[row]} to {np.asarray(demand.destination)[row]} are {trips[row]:g}, "
            "expected zero or more"
        )
    trips = trips * np.array([one.car_units for one in demand.classes])[kind]
    same = origin == destination
    used = ~same & (trips > 0)
    return _sorted(origin[used], destination[used], kind[used], trips[used], float(trips[same].sum()))


def _sorted(origin, destination, kind, trips, inside: float) -> Rows:
    order = np.lexsort((destination, origin, kind))
    origin, destination, kind, trips = origin[order], destination[order], kind[order], trips[order]
    if trips.size:
        new = (np.diff(origin) != 0) | (np.diff(destination) != 0) | (np.diff(kind) != 0)
        begin = np.flatnonzero(np.concatenate(([True], new)))
        trips = np.add.reduceat(trips, begin)
        origin, destination, kind = origin[begin], destination[begin], kind[begin]
    turns = np.concatenate(([True], (np.diff(origin) != 0) | (np.diff(kind) != 0))) if trips.size else np.zeros(0, bool)
    begin = np.flatnonzero(turns)
    return Rows(
        origin, destination, kind, trips, (np.cumsum(turns) - 1).astype(np.int32),
        np.concatenate((begin, [trips.size])).astype(np.int64), origin[begin], kind[begin], inside,
    )  # fmt: skip
