"""From trips between zones to rows between nodes: a bounded number of them, evenly strewn, with their total exact."""

from dataclasses import dataclass

import numpy as np

from kernels.contract import LayerError

_ACROSS = (0.7548776662466927, 0.5698402909980532)
"""Steps of the evenest sequence in two dimensions: 1/p and 1/p² with p³ = p + 1, the plastic number (Roberts 2018, The
unreasonable effectiveness of quasirandom sequences, extremelearning.com.au; after Kronecker). [1]"""
_ALONG = (np.sqrt(5.0) - 1.0) / 2.0
"""Step of the evenest sequence in one dimension, the golden ratio's. [1]"""


@dataclass(frozen=True)
class Places:
    """Where in each zone trips begin or end.

    Attributes
    ----------
    first : (zone + 1,) int64
        Places of zone z are ``first[z]`` up to ``first[z + 1]``.
    node : (place,) int32
    share : (place,) float64
        Of the trips of the zone; those of one zone add up to 1. [1]
    """

    first: np.ndarray
    node: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, zones: int, zone: np.ndarray, node: np.ndarray, weight: np.ndarray) -> "Places":
        """Gather weights by zone and node.

        Parameters
        ----------
        zones : int
        zone, node : (entry,) int
            Several entries of one zone and node add up.
        weight : (entry,) float64
            Zero or more. [any]

        Raises
        ------
        LayerError
            Weights that are negative or absent.
        """
        zone, node, weight = np.asarray(zone, np.int64), np.asarray(node, np.int64), np.asarray(weight, float)
        if not (weight >= 0).all():
            raise LayerError("a weight of a place where trips begin is negative or absent; expected zero or more")
        zone, node, weight = zone[weight > 0], node[weight > 0], weight[weight > 0]
        key = zone * (int(node.max(initial=0)) + 1) + node
        known, where = np.unique(key, return_inverse=True)
        together = np.bincount(where, weight, minlength=known.size)
        nodes = int(node.max(initial=0)) + 1
        own = known // nodes
        whole = np.bincount(own, together, minlength=zones)
        first = np.concatenate(([0], np.cumsum(np.bincount(own, minlength=zones))))
        return cls(first.astype(np.int64), (known % nodes).astype(np.int32), together / whole[own])

    def at(self, zone: np.ndarray, part: np.ndarray) -> np.ndarray:
        """The node at a part of the way through a zone's places. (row,) int32

        Raises
        ------
        LayerError
            A zone without a place.
        """
        if self.node.size == 0 or (self.first[zone] == self.first[zone + 1]).any():
            empty = int(zone[np.argmax(self.first[zone] == self.first[zone + 1])])
            raise LayerError(
                f"trips begin or end in zone {empty}, which has no node; give it one or take its trips out"
            )
        until = np.cumsum(self.share)
        before = np.concatenate(([0.0], until))[self.first[zone]]
        spot = np.searchsorted(until, before + part * (1.0 - 1e-12), side="right")
        return self.node[np.clip(spot, self.first[zone], self.first[zone + 1] - 1)]


@dataclass(frozen=True)
class PairedRows:
    """Rows of a demand.

    Attributes
    ----------
    pair : (row,) int64
        Place in the pairs of zones that were given.
    start, end : (row,) int32
        Nodes.
    trips : (row,) float64
        [1]
    exact : bool
        Whether the trips of each pair are exact; else only their total is, and those of a pair to within one row.
    """

    pair: np.ndarray
    start: np.ndarray
    end: np.ndarray
    trips: np.ndarray
    exact: bool


def paired(
    origin: np.ndarray, destination: np.ndarray, trips: np.ndarray, begin: Places, end: Places, rows: int
) -> PairedRows:
    """Share the trips between zones out over pairs of their nodes.

    Parameters
    ----------
    origin, destination : (pair,) int
        Zones.
    trips : (pair,) float64
        Zero or more. [1]
    begin, end : Places
        Where trips begin and where they end.
    rows : int
        At most; at least 1.

    Returns
    -------
    PairedRows
        A pair with many trips has many rows. Where there are more pairs than rows, the rows stand at even distances
        along all trips in their order, so that a pair with fewer trips than a row holds may have none.

    Raises
    ------
    LayerError
        Trips that are negative or not finite, a zone without a node.

    Notes
    -----
    The nodes of the rows of a pair follow a sequence of low discrepancy in both places, so that few rows already
    spread as the weights do. It begins at a point of its own for each pair, always the same: a row stands at the same
    nodes whatever the hour and the number of trips.
    """
    origin, destination = np.asarray(origin, np.int64), np.asarray(destination, np.int64)
    trips = np.asarray(trips, float)
    if rows < 1:
        raise LayerError(f"the demand may have {rows} rows; expected at least 1")
    bad = ~(np.isfinite(trips) & (trips >= 0))
    if bad.any():
        pair = int(np.flatnonzero(bad)[0])
        raise LayerError(
            f"trips from zone {origin[pair]} to zone {destination[pair]} are {trips[pair]:g}, expected zero or more"
        )
    some = np.flatnonzero(trips > 0)
    total = float(trips[some].sum())
    if some.size == 0:
        none = np.zeros(0, np.int64)
        return PairedRows(none, none.astype(np.int32), none.astype(np.int32), np.zeros(0), True)
    exact = some.size <= rows
    if exact:
        count = 1 + np.floor((rows - some.size) * trips[some] / total).astype(np.int64)
        each = trips[some] / count
    else:
        until = np.cumsum(trips[some])
        spots = np.searchsorted(until, (np.arange(rows) + 0.5) * (until[-1] / rows), side="right")
        count = np.bincount(np.minimum(spots, some.size - 1), minlength=some.size)
        each = np.full(some.size, total / rows)
    pair = np.repeat(some, count)
    number = np.arange(pair.size) - np.repeat(np.cumsum(count) - count, count)
    parts = [
        (_own(origin[pair], destination[pair], salt) + number * step) % 1.0
        for salt, step in zip((1, 2), _ACROSS, strict=True)
    ]
    return PairedRows(
        pair, begin.at(origin[pair], parts[0]), end.at(destination[pair], parts[1]), np.repeat(each, count), exact
    )


def _own(origin: np.ndarray, destination: np.ndarray, salt: int) -> np.ndarray:
    """Where the sequence of a pair of zones begins: even along either zone. (row,) float64 [1]"""
    along, across = (destination, origin) if salt == 1 else (origin, destination)
    return (0.5 + along * _ALONG + across * np.sqrt(2.0)) % 1.0
