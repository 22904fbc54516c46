"""Curves and time series of a SWMM 5 input file, in seconds from the start of its simulation."""

from datetime import datetime

import numpy as np

from twin.city import CityError
from twin.formats.swmm_sections import Row, SwmmText

_DAY = 86400.0
_TIDE_DAYS = 3
"""Days for which a daily tide is written out; the last level holds after. [d]"""


def curves(text: SwmmText) -> dict[str, list[tuple[float, float]]]:
    """Points of every curve, in the units of the file. A curve's kind stands in its first row only."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in text.section("CURVES"):
        points = found.setdefault(row.name, [])
        first = 1 if points else 2
        if not points and row.text(1, "the kind of the curve").replace(".", "").isdigit():
            first = 1
        for k in range(first, len(row.words), 2):
            points.append((row.number(k, "an x"), row.number(k + 1, "a y")))
    return {name: points for name, points in found.items() if points}


def curve_kinds(text: SwmmText) -> dict[str, str]:
    """The kind of every curve, upper case."""
    found: dict[str, str] = {}
    for row in text.section("CURVES"):
        found.setdefault(row.name, row.text(1, "the kind of the curve").upper())
    return found


class Times:
    """The time series of a file.

    Parameters
    ----------
    text : SwmmText
    """

    def __init__(self, text: SwmmText) -> None:
        self._text = text
        self._start = _moment(text.option("START_DATE", "01/01/2004"), text.option("START_TIME", "0:00:00"), text.path)
        self._rows: dict[str, list[Row]] = {}
        for row in text.section("TIMESERIES"):
            self._rows.setdefault(row.name, []).append(row)

    def series(self, asker: Row, name: str) -> list[tuple[float, float]]:
        """Times [s] and values [unit of the file] of a series that a row asks for."""
        if name not in self._rows:
            raise asker.wrong(f"its time series {name!r} is not in [TIMESERIES]")
        points: list[tuple[float, float]] = []
        day = 0.0
        for row in self._rows[name]:
            if row.text(1, "a time").upper() == "FILE":
                raise row.wrong("a series in another file is not read; write its values here")
            k = 1
            while k < len(row.words):
                word = row.words[k]
                if "/" in word:
                    day = (_moment(word, "0:00", row.path) - self._start).total_seconds()
                    k += 1
                    continue
                points.append((day + _clock(row, k), row.number(k + 1, "a value")))
                k += 2
        return points

    def tide(self, asker: Row, known: dict[str, list[tuple[float, float]]], name: str) -> list[tuple[float, float]]:
        """Times [s] and levels [unit of the file] of a curve by the hour of the day."""
        if name not in known:
            raise asker.wrong(f"its tidal curve {name!r} is not in [CURVES]")
        began = self._start.hour * 3600.0 + self._start.minute * 60.0 + self._start.second
        points = [
            (day * _DAY + hour * 3600.0 - began, level)
            for day in range(-1, _TIDE_DAYS)
            for hour, level in sorted(known[name])
            if hour < 24
        ]
        return points


def read_series(varying: dict[int, list[list[tuple[float, float]]]]) -> list[tuple[float, float, float]]:
    """Points (node, time [s], inflow [m³ s⁻¹]) of nodes with one or more series, zero outside each one's times."""
    points: list[tuple[float, float, float]] = []
    for node, given in sorted(varying.items()):
        times = np.unique([t for one in given for t, _ in one])
        edges = np.unique(np.concatenate([[one[0][0] - 1e-3, one[-1][0] + 1e-3] for one in given]))
        times = np.union1d(times, edges)
        total = np.zeros(times.size)
        for one in given:
            t, q = np.array(one).T
            total += np.interp(times, t, q, left=0.0, right=0.0)
        points += [(float(node), t, q) for t, q in zip(times.tolist(), total.tolist(), strict=True)]
    return points


def _moment(date: str, time: str, path: str) -> datetime:
    for form in ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m-%d-%Y %H:%M:%S", "%m-%d-%Y %H:%M"):
        try:
            return datetime.strptime(f"{date} {time}", form)
        except ValueError:
            continue
    raise CityError(f"{path}: {date} {time} is no date; expected month/day/year and hours:minutes")


def _clock(row: Row, place: int) -> float:
    """Hours, or hours:minutes:seconds, as seconds."""
    word = row.text(place, "a time")
    try:
        parts = [float(part) for part in word.split(":")]
    except ValueError:
        raise row.wrong(f"expected hours or hours:minutes as word {place + 1}, got {word!r}") from None
    return sum(part * 3600.0 / 60.0**k for k, part in enumerate(parts))
