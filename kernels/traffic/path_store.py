"""Paths of a finished search kept by the names of nodes, so that a search on an edited network can begin from them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from kernels.contract import LayerError
from kernels.traffic.demand import Rows
from kernels.traffic.network import Network
from kernels.traffic.paths import Paths


@dataclass(frozen=True)
class PathStore:
    """Paths by the names of their nodes.

    Attributes
    ----------
    origin, destination : (path,)
        Names of nodes.
    kind : (path,) int32
        Class.
    flow : (path,) float64
        In units of cars. [1]
    begin : (path + 1,) int64
        Where each path begins in ``link``.
    link : (place,) int32
        Rows of the three below.
    from_node, to_node : (link,)
        Names of nodes of each link.
    twin : (link,) int32
        0 for the first link between two nodes, 1 for the second in parallel, and so on.
    """

    origin: np.ndarray
    destination: np.ndarray
    kind: np.ndarray
    flow: np.ndarray
    begin: np.ndarray
    link: np.ndarray
    from_node: np.ndarray
    to_node: np.ndarray
    twin: np.ndarray

    @classmethod
    def of(cls, network: Network, rows: Rows, paths: Paths) -> "PathStore":
        """Keep the paths of a search."""
        row, names = paths.rows(), network.node_id
        return cls(
            names[rows.origin[row]], names[rows.destination[row]], rows.kind[row], paths.flow, paths.begin, paths.link,
            names[network.tail], names[network.head], twins(network.tail, network.head),
        )  # fmt: skip

    def restore(self, network: Network, rows: Rows, fixed: np.ndarray) -> Paths:
        """The paths that still exist, for the rows of another demand.

        Parameters
        ----------
        network : Network
        rows : Rows
        fixed : (kind, link) float64
            Infinite where a class may not go.

        Returns
        -------
        Paths
            In links of ``network``; the paths of a row carry its trips in the proportions kept. A row without a
            surviving path has none.
        """
        link_of = self._links(network)
        row = self._rows(network, rows)
        place_path = np.repeat(np.arange(self.flow.size), np.diff(self.begin))
        at = link_of[self.link]
        kind = np.minimum(self.kind, fixed.shape[0] - 1)
        gone = (at < 0) | ~np.isfinite(fixed[kind[place_path], at])
        kept = (row >= 0) & (self.flow > 0) & (np.bincount(place_path[gone], minlength=self.flow.size) == 0)
        chosen = np.flatnonzero(kept)
        chosen = chosen[np.argsort(row[chosen], kind="stable")]
        row = row[chosen]
        count = np.bincount(row, minlength=rows.trips.size)
        whole = np.bincount(row, self.flow[chosen], minlength=rows.trips.size)
        length = np.diff(self.begin)[chosen]
        begin = np.concatenate(([0], np.cumsum(length)))
        places = np.repeat(self.begin[chosen] - begin[:-1], length) + np.arange(begin[-1])
        return Paths(
            np.concatenate(([0], np.cumsum(count))).astype(np.int64), begin.astype(np.int64),
            at[places].astype(np.int32), self.flow[chosen] * (rows.trips / np.where(whole > 0, whole, 1.0))[row],
        )  # fmt: skip

    def _links(self, network: Network) -> np.ndarray:
        """Each kept link in the network, -1 where it is no more. (link,) int64"""
        names = network.node_id
        if (
            self.from_node.size == network.links
            and (self.from_node == names[network.tail]).all()
            and (self.to_node == names[network.head]).all()
        ):
            return np.arange(network.links)
        twin = twins(network.tail, network.head)
        present = {
            key: link
            for link, key in enumerate(
                zip(names[network.tail].tolist(), names[network.head].tolist(), twin.tolist(), strict=True)
            )
        }
        wanted = zip(self.from_node.tolist(), self.to_node.tolist(), self.twin.tolist(), strict=True)
        return np.array([present.get(key, -1) for key in wanted], np.int64)

    def _rows(self, network: Network, rows: Rows) -> np.ndarray:
        """The row of each kept path, -1 where the demand has none. (path,) int64"""
        names = network.node_id
        order = np.argsort(names, kind="stable")
        known = names[order]

        def place(wanted: np.ndarray) -> np.ndarray:
            spot = np.minimum(np.searchsorted(known, wanted), known.size - 1)
            return np.where(known[spot] == wanted, order[spot], -1)

        origin, destination = place(self.origin), place(self.destination)
        size = np.int64(names.size)
        key = (self.kind.astype(np.int64) * size + origin) * size + destination
        own = (rows.kind.astype(np.int64) * size + rows.origin) * size + rows.destination  # sorted as rows are
        if own.size == 0:
            return np.full(key.size, -1)
        spot = np.minimum(np.searchsorted(own, key), own.size - 1)
        return np.where((own[spot] == key) & (origin >= 0) & (destination >= 0), spot, -1)

    def save(self, file: Path) -> None:
        """Write everything to one ``.npz``."""
        with Path(file).open("wb") as out:
            np.savez_compressed(out, **{one.name: getattr(self, one.name) for one in fields(self)})

    @classmethod
    def load(cls, file: Path) -> "PathStore":
        """Read what `save` wrote.

        Raises
        ------
        LayerError
            Not such a file.
        """
        try:
            with np.load(file, allow_pickle=False) as found:
                saved: Mapping[str, np.ndarray] = {name: found[name] for name in found.files}
        except (OSError, ValueError, EOFError, KeyError) as error:
            raise LayerError(f"{file}: not a state of an assignment ({error}); make one with --save-state") from error
        names = {one.name for one in fields(cls)}
        if set(saved) != names:
            raise LayerError(f"{file}: holds {sorted(saved)}, expected {sorted(names)}; make it with --save-state")
        return cls(**saved)


def twins(tail: np.ndarray, head: np.ndarray) -> np.ndarray:
    """Number the links that run between the same two nodes: 0, 1, … (link,) int32"""
    order = np.lexsort((head, tail))
    new = np.concatenate(([True], (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)))
    begin = np.flatnonzero(new)
    number = np.empty(tail.size, np.int32)
    number[order] = np.arange(tail.size) - np.repeat(begin, np.diff(np.concatenate((begin, [tail.size]))))
    return number
