"""Things, datastreams and readings, after OGC SensorThings 1.1: what feeds give, stores keep and the server tells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.quantities import QUANTITIES

SECOND = 1_000_000_000
"""[ns]"""


class SensorError(ValueError):
    """A payload or an entity that cannot be; the text names the feed, the field, what came and the remedy."""


@dataclass(frozen=True)
class Thing:
    """A device or a place that measures: a Thing of SensorThings with its Location.

    Attributes
    ----------
    id : str
        Stable, unique over all feeds: ``feed:own id``, such as ``bm_traffic:ARL_103``.
    name : str
    longitude, latitude : float or None
        WGS84. [degree] None where nobody knows; what moves has its place in its observations.
    properties : mapping
        JSON: building, street, line, …; ``building`` and ``link`` are ids of the city.
    """

    id: str
    name: str
    longitude: float | None = None
    latitude: float | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Datastream:
    """Readings of one quantity at one thing, by one way of measuring.

    Attributes
    ----------
    id : str
        ``thing id/quantity`` and, where a thing has several, a tail: ``bm_traffic:ARL_103/vehicle_count/5min``.
    thing, quantity : str
        ``quantity`` is a name of `kernels.quantities.QUANTITIES`; readings are in its unit.
    period : float
        A reading holds for so long before its time, 0 for a moment. [s]
    sensor : str
        What measures: the name of the feed or of the device.
    retention_days : float
        Readings are forgotten after so many days. [d]
    properties : mapping
        JSON.
    """

    id: str
    thing: str
    quantity: str
    period: float = 0.0
    sensor: str = ""
    retention_days: float = 3650.0
    properties: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise SensorError(
                f"datastream {self.id!r}: {self.quantity!r} is no quantity; add its words to kernels/quantities"
            )


@dataclass(frozen=True, eq=False)
class Readings:
    """Many readings as columns.

    Attributes
    ----------
    datastream : (reading,) object
        Ids.
    time : (reading,) int64
        End of what was measured, since 1970. [ns, UTC]
    value : (reading,) float64
        [unit of the quantity]; NaN where a device says that it knows nothing, never 0.
    flag : (reading,) uint16
        Sum of `twin.sensors.quality.Flag`; 0 is good.
    """

    datastream: NDArray[np.object_]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    flag: NDArray[np.uint16]

    @classmethod
    def of(
        cls,
        datastream: Sequence[str],
        time: Sequence[int] | NDArray[np.int64],
        value: Sequence[float] | NDArray[np.float64],
        flag: Sequence[int] | NDArray[np.uint16] | None = None,
    ) -> "Readings":
        """Columns of equal length.

        Raises
        ------
        SensorError
            Lengths differ.
        """
        names = np.empty(len(datastream), object)
        names[:] = list(datastream)
        times, values = np.asarray(time, np.int64), np.asarray(value, np.float64)
        flags = np.zeros(names.size, np.uint16) if flag is None else np.asarray(flag, np.uint16)
        if not names.size == times.size == values.size == flags.size:
            raise SensorError(
                f"readings need columns of one length, got {names.size}, {times.size}, {values.size}, {flags.size}"
            )
        return cls(names, times, values, flags)

    @classmethod
    def none(cls) -> "Readings":
        """No reading."""
        return cls.of([], [], [])

    @classmethod
    def joined(cls, parts: Iterable["Readings"]) -> "Readings":
        """One after the other."""
        some = list(parts) or [cls.none()]
        return cls(*(np.concatenate([getattr(one, name) for one in some]) for name in
                     ("datastream", "time", "value", "flag")))  # fmt: skip

    def __len__(self) -> int:
        return int(self.time.size)


@dataclass(frozen=True)
class Problem:
    """Rows of a payload that could not be read, told once for each kind.

    Attributes
    ----------
    feed, field, words : str
    sample : str
        The first of them, cut to 200 characters.
    rows : int
    """

    feed: str
    field: str
    words: str
    sample: str
    rows: int = 1


@dataclass(frozen=True, eq=False)
class Parsed:
    """What a payload says.

    Attributes
    ----------
    things : tuple of Thing
    datastreams : tuple of Datastream
    readings : Readings
    silent : int
        Devices of the payload that say nothing; they have no reading, for silence is not zero.
    problems : tuple of Problem
    counts : mapping of str to int
        What was met, by words of the feed: rows, duplicates, traps.
    """

    things: tuple[Thing, ...]
    datastreams: tuple[Datastream, ...]
    readings: Readings
    silent: int = 0
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


class Gathering:
    """Gathers what a feed finds, row by row, so that a bad row costs itself alone.

    Parameters
    ----------
    feed : str
    """

    def __init__(self, feed: str) -> None:
        self.feed = feed
        self.silent = 0
        self.counts: dict[str, int] = {}
        self._things: dict[str, Thing] = {}
        self._datastreams: dict[str, Datastream] = {}
        self._rows: list[tuple[str, int, float, int]] = []
        self._problems: dict[tuple[str, str], Problem] = {}

    def thing(self, one: Thing) -> None:
        """Note a thing; the first of an id stands."""
        self._things.setdefault(one.id, one)

    def reading(self, stream: Datastream, time: int, value: float, flag: int = 0) -> None:
        """Note a reading and its datastream."""
        self._datastreams.setdefault(stream.id, stream)
        self._rows.append((stream.id, time, value, flag))

    def stream(self, stream: Datastream) -> None:
        """Note a datastream without a reading."""
        self._datastreams.setdefault(stream.id, stream)

    def met(self, words: str, many: int = 1) -> None:
        """Count what was met."""
        self.counts[words] = self.counts.get(words, 0) + many

    def problem(self, place: str, words: str, sample: object) -> None:
        """Note a row that cannot be read; the same words at the same field are told once, with their count."""
        known = self._problems.get((place, words))
        rows = 1 if known is None else known.rows + 1
        first = str(sample)[:200] if known is None else known.sample
        self._problems[(place, words)] = Problem(self.feed, place, words, first, rows)

    def parsed(self) -> Parsed:
        """All of it."""
        columns = list(zip(*self._rows, strict=True)) or [(), (), (), ()]
        return Parsed(
            tuple(self._things.values()), tuple(self._datastreams.values()), Readings.of(*columns), self.silent,
            tuple(self._problems.values()), dict(self.counts),
        )  # fmt: skip
