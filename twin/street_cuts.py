"""Streets cut where things stand beside them, so that a way leads from node to node."""

import numpy as np

from twin.street_reach import Spots, StreetTimes


class Cuts:
    """Streets cut at spots: rows of (link, part), sorted, with the node of each.

    Parameters
    ----------
    streets : StreetTimes
    link, part : (spot,)
        Row of a link, and a part of its length, in any order. [1]

    Attributes
    ----------
    link, part : (cut,)
        Both ends of every link are among them.
    node : (cut,) int64
        Nodes of the street graph keep their numbers; cuts come behind.
    nodes : int
        How many there are then.
    first : (link + 1,) int64
        Cuts of link ``n`` are ``first[n]:first[n + 1]``.
    """

    def __init__(self, streets: StreetTimes, link: np.ndarray, part: np.ndarray) -> None:
        rows = np.arange(len(streets.streets.links))
        link = np.concatenate([link, rows, rows])
        part = np.concatenate([part, np.zeros(rows.size), np.ones(rows.size)])
        order = np.lexsort((part, link))
        link, part = link[order], part[order]
        first = (
            np.concatenate([[True], (np.diff(link) != 0) | (np.diff(part) != 0)]) if link.size else np.zeros(0, bool)
        )
        self.link, self.part = link[first], part[first]
        start, end = streets.streets.ends()
        inner = (self.part > 0) & (self.part < 1)
        self.node = np.where(self.part <= 0, start[self.link], end[self.link])
        self.node[inner] = len(streets.streets.nodes) + np.arange(int(inner.sum()))
        self.nodes = len(streets.streets.nodes) + int(inner.sum())
        self._streets = streets
        self.first = np.searchsorted(self.link, np.arange(rows.size + 1))

    @classmethod
    def of(cls, streets: StreetTimes, *spots: Spots) -> "Cuts":
        """Cut at both ends of every stretch."""
        link = np.concatenate([one.link for one in spots for _ in range(2)])
        return cls(streets, link, np.concatenate([part for one in spots for part in (one.low, one.high)]))

    def row(self, link: np.ndarray, part: np.ndarray) -> np.ndarray:
        """The cut at each (link, part), which is among them."""
        # parts lie from 0 to 1: a complex number sorts by its real part, then by the other
        return np.searchsorted(self.link + 1j * self.part, link + 1j * part)

    def pieces(self) -> tuple[np.ndarray, np.ndarray]:
        """Pieces between neighbouring cuts: the row of the first of both, and the part of the link it is. [1]"""
        row = np.flatnonzero(np.diff(self.link) == 0)
        return row, self.part[row + 1] - self.part[row]

    def arcs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All `pieces` along their link, and then all against it: tail, head, and time, infinite where closed. [s]"""
        row, share = self.pieces()
        low, high = self.node[row], self.node[row + 1]
        times = (share * one[self.link[row]] for one in (self._streets.forward, self._streets.backward))
        return np.concatenate([low, high]), np.concatenate([high, low]), np.concatenate(list(times))

    def entrances(self, sites: Spots) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One entrance at every cut of the stretch that touches a place: place, node, and the walk to it. [s]"""
        low, high = self.row(sites.link, sites.low), self.row(sites.link, sites.high)
        many = high - low + 1
        spot = np.repeat(np.arange(many.size), many)
        cut = np.repeat(low, many) + np.arange(spot.size) - np.repeat(np.cumsum(many) - many, many)
        return sites.thing[spot], self.node[cut].astype(np.int32), sites.off[spot]
