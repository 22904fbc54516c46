"""Turns that are banned and streets that change with the hour, as the queues of vehicles read them."""

import itertools
from dataclasses import dataclass, field

import numpy as np

from kernels.contract import LayerError
from kernels.traffic.ways import Ways


def _no_numbers() -> np.ndarray:
    return np.zeros(0, np.int64)


def _nothing() -> np.ndarray:
    return np.zeros(0)


def _refuse_unknown(what: str, link: np.ndarray, links: int) -> None:
    unknown = sorted(set(link[(link < 0) | (link >= links)].tolist()))
    if unknown:
        raise LayerError(f"{what} name links {unknown[:5]}, but there are {links} links, from 0")


@dataclass(frozen=True)
class TurnBans:
    """Who may not go from which link into which; rows of one turn add up.

    Attributes
    ----------
    from_link, to_link : (turn,) int
        The second begins where the first ends.
    modes : (turn,) int
        Bits of the modes that may not.
    """

    from_link: np.ndarray = field(default_factory=_no_numbers)
    to_link: np.ndarray = field(default_factory=_no_numbers)
    modes: np.ndarray = field(default_factory=_no_numbers)

    def checked(self, tail: np.ndarray, head: np.ndarray) -> "TurnBans":
        """The same, each turn once, sorted.

        Raises
        ------
        LayerError
            A link that is not there, or two that do not meet.
        """
        one, other = np.asarray(self.from_link, np.int64), np.asarray(self.to_link, np.int64)
        _refuse_unknown("banned turns", np.concatenate((one, other)), tail.size)
        loose = head[one] != tail[other]
        if loose.any():
            row = int(np.flatnonzero(loose)[0])
            raise LayerError(
                f"banned turn {row}, from link {one[row]} to {other[row]}, is no turn: the second must begin where "
                "the first ends"
            )
        turn, place = np.unique(one * tail.size + other, return_inverse=True)
        bits = np.zeros(turn.size, np.int64)
        np.bitwise_or.at(bits, place, np.asarray(self.modes, np.int64))
        return TurnBans(turn // tail.size, turn % tail.size, bits)

    def except_where(self, ways: Ways, modes: int, links: int) -> "TurnBans":
        """The same without the bits ``modes`` on turns that some ways make; for bans as `checked` gives them.

        A line that is known to run, such as that of a bus, shows that a ban does not hold for it.
        """
        _, one, other = ways.turns()
        lifted = np.isin(self.from_link * links + self.to_link, one * links + other)
        return TurnBans(self.from_link, self.to_link, np.where(lifted, self.modes & ~modes, self.modes))

    def broken_by(self, ways: Ways, links: int) -> np.ndarray:
        """Bits of the modes that may not make some turn of each way; for bans as `checked` gives them. (way,) int64"""
        bits = np.zeros(ways.size, np.int64)
        if not self.from_link.size:
            return bits
        banned = self.from_link * links + self.to_link
        way, one, other = ways.turns()
        made = one * links + other
        row = np.minimum(np.searchsorted(banned, made), banned.size - 1)
        hit = banned[row] == made
        np.bitwise_or.at(bits, way[hit], self.modes[row[hit]])
        return bits


@dataclass(frozen=True)
class StreetChanges:
    """Another speed, or a part of the capacity, from when to when.

    Whoever enters from ``begin`` on drives so; those inside come to the end when they would have. Of several speeds
    that hold at once the lowest counts; parts of the capacity multiply. The room on the street and the speed at which
    gaps travel back stay: both are of vehicles that stand.

    Attributes
    ----------
    link : (row,) int
    begin, until : (row,) float
        [s]
    speed : (row,) float
        NaN leaves it. [m s⁻¹]
    capacity : (row,) float
        Part of the capacity of the street and of its end; 1 leaves it. [1]
    """

    link: np.ndarray = field(default_factory=_no_numbers)
    begin: np.ndarray = field(default_factory=_nothing)
    until: np.ndarray = field(default_factory=_nothing)
    speed: np.ndarray = field(default_factory=_nothing)
    capacity: np.ndarray = field(default_factory=_nothing)

    def checked(self, links: int) -> "StreetChanges":
        """The same as arrays.

        Raises
        ------
        LayerError
            A link that is not there, hours that run backwards, a speed or part that is not above 0.
        """
        link = np.asarray(self.link, np.int64)
        _refuse_unknown("changes of streets", link, links)
        begin, until, speed, capacity = (
            np.asarray(one, np.float64) for one in (self.begin, self.until, self.speed, self.capacity)
        )
        for wrong, came, expected in (
            (~(until > begin), until, "to last until later than its beginning [s]"),
            (~(np.isnan(speed) | (speed > 0.0) & np.isfinite(speed)), speed, "a speed above 0, or NaN [m/s]"),
            (~((capacity > 0.0) & np.isfinite(capacity)), capacity,
             "a part of the capacity above 0; a closure shuts a street [1]"),
        ):  # fmt: skip
            if wrong.any():
                row = int(np.flatnonzero(wrong)[0])
                raise LayerError(f"change {row}, of link {link[row]}: expected {expected}, got {came[row]:g}")
        return StreetChanges(link, begin, until, speed, capacity)

    def moments(self) -> np.ndarray:
        """When anything changes. (moment,) [s]"""
        return np.unique(np.concatenate((self.begin, self.until)))

    def at(self, time: float, speed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Speed [m s⁻¹] and part of the capacity [1] of every link at a moment.

        Parameters
        ----------
        time : float
            [s]
        speed : (link,) float64
            Where nothing changes it. [m s⁻¹]
        """
        now = (self.begin <= time) & (time < self.until)
        lowest, part = np.full(speed.size, np.inf), np.ones(speed.size)
        slowed = now & ~np.isnan(self.speed)
        np.minimum.at(lowest, self.link[slowed], self.speed[slowed])
        np.multiply.at(part, self.link[now], self.capacity[now])
        return np.where(np.isinf(lowest), speed, lowest), part

    def mean(self, begin: float, until: float, speed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean slowness as a speed [m s⁻¹] and mean part of the capacity [1] of every link over an interval.

        What a static hour takes for streets that change within it: the travel time and the capacity are means.
        """
        inner = self.moments()
        edges = np.concatenate(([begin], inner[(inner > begin) & (inner < until)], [until]))
        slowness, parts = np.zeros(speed.size), np.zeros(speed.size)
        for first, last in itertools.pairwise(edges):
            own, part = self.at(first, speed)
            weight = (last - first) / (until - begin)
            slowness += weight / own
            parts += weight * part
        return 1.0 / slowness, parts
