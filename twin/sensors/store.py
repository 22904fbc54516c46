"""Where readings stay: what every store of them promises, whatever it is made of."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from twin.sensors.model import SECOND, Datastream, Readings, Thing

DAY = 86_400 * SECOND
"""A day of UTC, which is what is closed and moved at once. [ns]"""


class SensorStoreError(RuntimeError):
    """A store that cannot do what it was asked; the text names the place, what came and the remedy."""


class StoreFull(SensorStoreError):
    """No room is left; nothing of what was asked has been written, and it can be asked again."""


@dataclass(frozen=True)
class Ack:
    """What was done with readings; whoever holds it knows that they outlive a crash.

    Attributes
    ----------
    stored : int
        Readings that are new.
    duplicates : int
        Readings of a datastream and a time that were known already. They change nothing: the first stands.
    differing : int
        Those of the duplicates that tell another value or another flag than the first.
    """

    stored: int = 0
    duplicates: int = 0
    differing: int = 0


@dataclass(frozen=True)
class Compacted:
    """What closing of days has moved.

    Attributes
    ----------
    days : tuple of str
        Such as ``2026-11-27``.
    rows : int
    """

    days: tuple[str, ...] = ()
    rows: int = 0


class Store(ABC):
    """Things, datastreams and their readings.

    A reading is known by its datastream and its time: told twice it is kept once. Readings come in any order. NaN stays
    NaN. All may be called from any thread, and block.
    """

    @abstractmethod
    def put_things(self, things: Iterable[Thing]) -> int:
        """Keep things; one that is known takes the new words. The number of those that changed.

        Raises
        ------
        SensorStoreError
        """

    @abstractmethod
    def put_datastreams(self, datastreams: Iterable[Datastream]) -> int:
        """Keep datastreams; one that is known takes the new words. The number of those that changed.

        Raises
        ------
        SensorError
            The thing is unknown, or a known datastream changes its quantity: what it has told is in the other unit.
        SensorStoreError
        """

    @abstractmethod
    def things(self, ids: Iterable[str] | None = None) -> tuple[Thing, ...]:
        """All things, or those of ``ids`` that are known, in their order."""

    @abstractmethod
    def datastreams(self, ids: Iterable[str] | None = None) -> tuple[Datastream, ...]:
        """All datastreams, or those of ``ids`` that are known, in their order."""

    @abstractmethod
    def append(self, readings: Readings) -> Ack:
        """Keep readings, all or none; when it returns they are on disk.

        Raises
        ------
        SensorError
            A datastream is unknown, or a time is before 1970 or after 2261.
        StoreFull
        SensorStoreError
        """

    @abstractmethod
    def last(self, ids: Iterable[str] | None = None) -> Readings:
        """The newest reading by its own time of every datastream of ``ids``, None for all of them.

        A datastream that is unknown or has told nothing is left out.
        """

    @abstractmethod
    def window(
        self, datastream: str, start: int, end: int, limit: int | None = None, newest_first: bool = False
    ) -> Readings:
        """Readings of a datastream.

        Parameters
        ----------
        datastream : str
            None of its readings where it is unknown.
        start, end : int
            From ``start`` on and before ``end``. [ns, UTC]
        limit : int, optional
            Not more than so many.
        newest_first : bool
            The order, and which of them stay within ``limit``.

        Returns
        -------
        Readings
            In the order of time.
        """

    @abstractmethod
    def compact(self, before: int) -> Compacted:
        """Close the days that have ended ``before`` [ns, UTC]. Nothing that is asked afterwards has another answer.

        Raises
        ------
        StoreFull
        SensorStoreError
        """

    @abstractmethod
    def forget(self, now: int) -> int:
        """Remove readings that at ``now`` [ns, UTC] are older than their datastream's retention; their number."""

    @abstractmethod
    def export(self, path: Path, start: int, end: int, ids: Iterable[str] | None = None) -> int:
        """Write readings from ``start`` on and before ``end`` [ns, UTC] to a file, and return their number.

        Parameters
        ----------
        path : path
            ``.csv`` or ``.parquet``: datastream, quantity, units, time in UTC, value, flag; a missing value is an empty
            field or null. The file is there whole or not at all.
        ids : iterable of str, optional
            Datastreams, in the order of the file; None for all, by their names.

        Raises
        ------
        StoreFull
        SensorStoreError
            Another ending, or a folder that cannot be written.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the files; what was acknowledged stays."""

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()
