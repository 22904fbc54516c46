"""Readings made ready for a store: by number, in the order of its key."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.sensors.model import SECOND, Readings, SensorError

LATEST = 9_200_000_000 * SECOND
"""In 2261; from here on the end of a day is no int64. [ns]"""


@dataclass(frozen=True, eq=False)
class Batch:
    """Readings in the order of datastream and time; those that share both are in the order in which they came.

    Attributes
    ----------
    number : (reading,) int64
        The store's own number of the datastream.
    time : (reading,) int64
        [ns, UTC]
    value : (reading,) float64
    flag : (reading,) uint16
    duplicates, differing : int
        As in `twin.sensors.store.Ack`: readings that were taken out.
    """

    number: NDArray[np.int64]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    flag: NDArray[np.uint16]
    duplicates: int = 0
    differing: int = 0

    @classmethod
    def of(cls, readings: Readings, numbers: Mapping[str, int]) -> "Batch":
        """Number and order readings.

        Raises
        ------
        SensorError
            A datastream has no number, or a time is before 1970 or after 2261.
        """
        names = readings.datastream.tolist()
        try:
            number = np.fromiter(map(numbers.__getitem__, names), np.int64, len(names))
        except KeyError as error:
            raise SensorError(
                f"datastream {error.args[0]!r} is unknown; put it into the store before its readings"
            ) from None
        bad = np.flatnonzero((readings.time < 0) | (readings.time > LATEST))
        if bad.size:
            raise SensorError(
                f"datastream {names[bad[0]]!r}: time {readings.time[bad[0]]} ns is before 1970, after 2261 or no time; "
                "leave such a reading out"
            )
        order = np.lexsort((readings.time, number))
        return cls(number[order], readings.time[order], readings.value[order], readings.flag[order])

    def without(self, known: Readings, numbers: Mapping[str, int]) -> "Batch":
        """What is left when readings that are stored elsewhere are duplicates."""
        if not len(known):
            return self
        number = np.fromiter((numbers.get(name, -1) for name in known.datastream), np.int64, len(known))
        stored = pd.DataFrame({"number": number, "time": known.time, "value": known.value, "flag": known.flag})
        came = pd.DataFrame({"number": self.number, "time": self.time})
        found = came.merge(stored, how="left", on=["number", "time"], indicator=True)
        again = (found["_merge"] == "both").to_numpy()
        same = _same(self.value, found["value"].to_numpy(), self.flag, found["flag"].to_numpy())
        new = ~again
        return Batch(
            self.number[new], self.time[new], self.value[new], self.flag[new],
            self.duplicates + int(again.sum()), self.differing + int((again & ~same).sum()),
        )  # fmt: skip

    def newest(self) -> NDArray[np.int64]:
        """Places of the newest reading of each datastream; of several at that time, the first."""
        number, time = self.number, self.time
        first = np.flatnonzero(np.append(True, (number[1:] != number[:-1]) | (time[1:] != time[:-1])))[: number.size]
        final = np.append(number[first][1:] != number[first][:-1], True)[: first.size]
        return first[final]

    def at(self, places: NDArray[np.int64]) -> "Batch":
        """What stands at some places."""
        return Batch(self.number[places], self.time[places], self.value[places], self.flag[places])

    def rows(self) -> list[tuple[int, int, float, int]]:
        """Row by row."""
        columns = (self.number, self.time, self.value, self.flag)
        return list(zip(*(one.tolist() for one in columns), strict=True))


def _same(value, other, flag, its) -> NDArray[np.bool_]:  # type: ignore[no-untyped-def]
    """Where two readings tell the same; a missing value is the same as a missing value."""
    alike: NDArray[np.bool_] = ((value == other) | (np.isnan(value) & np.isnan(other))) & (flag == its)
    return alike
