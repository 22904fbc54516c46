"""What edits do to streets: who may not pass when, how fast, how many lanes, which way, and who stops there."""

import hashlib
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
"""The clock on the wall, by which hours of edits, trips and counts are told."""
_DAY = 86_400.0
WHOLE_DAY = ((0.0, _DAY),)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class Clock:
    """Hours of the days on which something holds, by the clock of Brussels.

    Attributes
    ----------
    hours : tuple of (begin, until)
        Since midnight; an ``until`` before its ``begin`` is of the next day. [s]
    days : tuple of int
        0 Monday to 6 Sunday; the day on which the hours begin.
    """

    hours: tuple[tuple[float, float], ...] = WHOLE_DAY
    days: tuple[int, ...] = EVERY_DAY

    @property
    def always(self) -> bool:
        """Whether there is no moment at which it does not hold."""
        return self.hours == WHOLE_DAY and self.days == EVERY_DAY

    def windows(self, start: datetime, duration_s: float) -> list[tuple[float, float]]:
        """When it holds during a run.

        Parameters
        ----------
        start : datetime
            Of the run, with its zone.
        duration_s : float
            Of the run.

        Returns
        -------
        list of (begin, until)
            Since the start, in order, none touching another, each with a part in the run; they are not cut to it, so
            a begin may be negative. [s]

        Notes
        -----
        Hours are those of the clock on the wall: when it is put forward, 02:30 is read as 03:30; when it is put back,
        02:30 is the first of the two. A window of the day before may reach into the run.
        """
        first = (start.astimezone(BRUSSELS) - timedelta(days=1)).date()
        last = (start + timedelta(seconds=duration_s)).astimezone(BRUSSELS).date()
        found: list[tuple[float, float]] = []
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if day.weekday() not in self.days:
                continue
            for begin, until in self.hours:
                ends = until if until > begin else until + _DAY
                window = tuple((_moment(day, one) - start).total_seconds() for one in (begin, ends))
                if window[0] < duration_s and window[1] > max(window[0], 0.0):
                    found.append((window[0], window[1]))
        joined: list[tuple[float, float]] = []
        for begin, until in sorted(found):
            if joined and begin <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(until, joined[-1][1])
            else:
                joined.append((begin, until))
        return joined


def _moment(day: date, seconds: float) -> datetime:
    """What the clock on the wall shows so long after midnight, as a moment."""
    wall = datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)
    return wall.replace(tzinfo=BRUSSELS).astimezone(UTC)


ALWAYS = Clock()


@dataclass(frozen=True)
class StreetClosure:
    """Streets that some may not enter at some hours; who is inside may leave.

    Attributes
    ----------
    id : str
    streets : tuple of str
        Ids of ``city.links``, sorted.
    modes : tuple of str
        Barred, of `kernels.traffic.queues_inputs.MODE_NAMES`, sorted.
    direction : str
        ``both``, ``along`` (from the start of the link) or ``against``.
    clock : Clock
    emergency : bool
        Whether fire engines and ambulances pass nevertheless.
    """

    id: str
    streets: tuple[str, ...]
    modes: tuple[str, ...]
    direction: str = "both"
    clock: Clock = ALWAYS
    emergency: bool = True


@dataclass(frozen=True)
class SpeedLimit:
    """Streets with another speed limit.

    Attributes
    ----------
    id : str
    streets : tuple of str
    speed : float
        [km/h]
    clock : Clock
    """

    id: str
    streets: tuple[str, ...]
    speed: float
    clock: Clock = ALWAYS


@dataclass(frozen=True)
class LaneChange:
    """Lanes taken from cars, and given to bikes or buses, or lanes added.

    Attributes
    ----------
    id : str
    streets : tuple of str
    lanes : int
        Added in each direction that is meant; negative where taken.
    given_to : str
        ``bike``, ``bus`` or empty.
    direction : str
        ``both``, ``along`` or ``against``.
    clock : Clock
    """

    id: str
    streets: tuple[str, ...]
    lanes: int
    given_to: str = ""
    direction: str = "both"
    clock: Clock = ALWAYS


@dataclass(frozen=True)
class OneWay:
    """Streets whose direction is another one.

    Attributes
    ----------
    id : str
    streets : tuple of str
    direction : str
        ``along``, ``against`` or ``both``.
    spared : tuple of str
        Modes that may go both ways nevertheless.
    """

    id: str
    streets: tuple[str, ...]
    direction: str
    spared: tuple[str, ...] = ("bike", "foot")


@dataclass(frozen=True)
class KerbBays:
    """Bays for short stops (Shop & Go): who manoeuvres blocks a part of a lane, who finds none full searches on.

    Attributes
    ----------
    id : str
    streets : tuple of str
    bays : int
        In all.
    dwell : float
        Mean stop. [s]
    arrivals : float
        Vehicles that want to stop. [h⁻¹]
    clock : Clock
    """

    id: str
    streets: tuple[str, ...]
    bays: int
    dwell: float
    arrivals: float
    clock: Clock = ALWAYS


@dataclass(frozen=True)
class DemandChange:
    """Trips that become more or fewer.

    Attributes
    ----------
    id : str
    factor : float
        [1]
    modes : tuple of str
        Of demand, sorted; empty is all.
    sectors : tuple of str
        Ids of ``city.sectors`` where the trips begin or end; empty is everywhere.
    """

    id: str
    factor: float
    modes: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()


@dataclass(frozen=True)
class StreetWorks:
    """All that edits do to streets, frozen; each tuple is sorted by id, and later ones hold where two contradict.

    Attributes
    ----------
    closures : tuple of StreetClosure
    speeds : tuple of SpeedLimit
    lanes : tuple of LaneChange
    one_ways : tuple of OneWay
    bays : tuple of KerbBays
    demand : tuple of DemandChange
    """

    closures: tuple[StreetClosure, ...] = ()
    speeds: tuple[SpeedLimit, ...] = ()
    lanes: tuple[LaneChange, ...] = ()
    one_ways: tuple[OneWay, ...] = ()
    bays: tuple[KerbBays, ...] = ()
    demand: tuple[DemandChange, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))

    @property
    def digest(self) -> str:
        """Hash of everything but the ids: what the works do counts, not what they are called."""
        plain = [[repr(replace(work, id="")) for work in getattr(self, one.name)] for one in fields(self)]
        return hashlib.sha256(repr(plain).encode()).hexdigest()
