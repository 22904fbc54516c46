"""Fixed ways of vehicles, each way kept once however many drive it."""

from dataclasses import dataclass

import numpy as np

from kernels.contract import LayerError


@dataclass(frozen=True)
class Ways:
    """Ways one after the other; vehicles name theirs by its place.

    Attributes
    ----------
    begin : (way + 1,) int64
        Way w is ``link[begin[w]]`` up to ``link[begin[w + 1]]``.
    link : (leg,) int32
        Links of all ways, each from its origin on.
    """

    begin: np.ndarray
    link: np.ndarray

    @classmethod
    def none(cls) -> "Ways":
        """No way at all."""
        return cls(np.zeros(1, np.int64), np.zeros(0, np.int32))

    @classmethod
    def of(cls, lists: list[np.ndarray] | list[list[int]]) -> "Ways":
        """Ways given one by one."""
        sizes = np.array([len(one) for one in lists], np.int64)
        links = [np.asarray(one, np.int32) for one in lists]
        return cls(np.concatenate(([0], np.cumsum(sizes))), np.concatenate([np.zeros(0, np.int32), *links]))

    @property
    def size(self) -> int:
        """How many ways there are."""
        return int(np.asarray(self.begin).size) - 1

    def legs(self) -> np.ndarray:
        """How many links each way has. (way,) int64"""
        return np.diff(self.begin)

    def way_of_leg(self) -> np.ndarray:
        """The way that each leg is part of. (leg,) int64"""
        return np.repeat(np.arange(self.size), self.legs())

    def turns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All turns that the ways make: the way, the link before and the link after. (turn,) int64"""
        way, link = self.way_of_leg(), np.asarray(self.link, np.int64)
        same = way[1:] == way[:-1]
        return way[1:][same], link[:-1][same], link[1:][same]

    def with_any(self, chosen: np.ndarray) -> np.ndarray:
        """Ways that use any of the links where ``chosen`` (link,) holds. (way,) bool"""
        found = np.zeros(self.size, bool)
        found[self.way_of_leg()[np.asarray(chosen, bool)[self.link]]] = True
        return found

    def only(self, chosen: np.ndarray) -> "Ways":
        """Some of them, by their places. (some,) int"""
        begin, chosen = np.asarray(self.begin), np.asarray(chosen, np.int64)
        legs = begin[chosen + 1] - begin[chosen]
        start = np.concatenate(([0], np.cumsum(legs)))
        place = np.arange(start[-1]) + np.repeat(begin[chosen] - start[:-1], legs)
        return Ways(start, np.asarray(self.link)[place])

    def joined(self, other: "Ways") -> "Ways":
        """These and then the others, whose places grow by the number of these."""
        return Ways(np.concatenate((self.begin, other.begin[1:] + self.begin[-1])),
                    np.concatenate((self.link, other.link)).astype(np.int32))  # fmt: skip

    def check(self, tail: np.ndarray, head: np.ndarray) -> None:
        """Refuse ways that do not hang together.

        Raises
        ------
        LayerError
            An empty way, a link that is not there, links that do not follow each other.
        """
        begin, link = np.asarray(self.begin), np.asarray(self.link)
        if begin[0] != 0 or begin[-1] != link.size or (np.diff(begin) <= 0).any():
            raise LayerError("ways must begin at 0, end with their links, and hold one link at least")
        if link.size and not 0 <= link.min() <= link.max() < tail.size:
            raise LayerError(f"ways name links {link.min()} to {link.max()}, but there are {tail.size}, from 0")
        apart = head[link[:-1]] != tail[link[1:]]
        apart[begin[1:-1] - 1] = False
        if apart.any():
            leg = int(np.flatnonzero(apart)[0])
            raise LayerError(f"way {self.way_of_leg()[leg]}: link {link[leg + 1]} does not follow {link[leg]}")
