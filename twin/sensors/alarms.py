"""Alarms on readings: a threshold, the way back that ends it, and how long it must hold; the watch can be put down."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from kernels.quantities import LANGUAGES, QUANTITIES, Language
from twin.sensors.model import SECOND, Datastream, Readings, SensorError
from twin.sensors.quality import usable

TABLE = Path(__file__).parents[2] / "assets" / "sensor_alarms.csv"
Side = Literal["above", "below"]
What = Literal["raised", "over", "silent"]
_FORMAT = 1


@dataclass(frozen=True)
class Alarm:
    """What to be told of.

    Attributes
    ----------
    id, quantity : str
    side : {"above", "below"}
        Of the threshold where it is alarming; on it is alarming too.
    threshold, clears : float
        Where it may begin, and what a reading must come back to before it ends. [unit of the quantity]
    lasts_s : float
        Readings must be alarming for so long, from the beginning of the first. [s]
    silent_s : float
        Without a usable reading for so long, nobody knows any more. [s]
    words : mapping of str to str
        What it means, by language.
    datastreams : tuple of str
        Ids; all of the quantity where empty.
    period : float or None
        Of datastreams that it is about; None for any. [s]
    severity : int
        1 to know, 2 to look, 3 to act.
    source : str
        Of the threshold.
    """

    id: str
    quantity: str
    side: Side
    threshold: float
    clears: float
    words: Mapping[Language, str]
    lasts_s: float = 0.0
    silent_s: float = 10_800.0
    datastreams: tuple[str, ...] = ()
    period: float | None = None
    severity: int = 2
    source: str = ""

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise SensorError(f"alarm {self.id!r}: {self.quantity!r} is no quantity; see kernels/quantities")
        if self.side not in ("above", "below"):
            raise SensorError(f"alarm {self.id!r}: side is {self.side!r}, expected above or below")
        back = self.threshold - self.clears if self.side == "above" else self.clears - self.threshold
        if not back >= 0.0 or not np.isfinite([self.threshold, self.clears]).all():
            raise SensorError(
                f"alarm {self.id!r}: clears at {self.clears:g} and begins {self.side} {self.threshold:g}; "
                "it must clear on the other side, or on the threshold itself"
            )
        lacking = [one for one in LANGUAGES if not self.words.get(one)]
        if lacking:
            raise SensorError(f"alarm {self.id!r} has no words in {lacking[0]}")

    def alarming(self, value: float) -> bool:
        """Whether a value may begin it."""
        return value >= self.threshold if self.side == "above" else value <= self.threshold

    def back(self, value: float) -> bool:
        """Whether a value ends it; where it clears on the threshold itself, it must leave it."""
        if self.clears == self.threshold:
            return not self.alarming(value)
        return value <= self.clears if self.side == "above" else value >= self.clears

    def of(self, stream: Datastream) -> bool:
        """Whether it watches a datastream."""
        mine = stream.quantity == self.quantity and (not self.datastreams or stream.id in self.datastreams)
        return mine and (self.period is None or self.period == stream.period)


@dataclass(frozen=True)
class AlarmEvent:
    """Something to tell.

    Attributes
    ----------
    alarm, datastream : str
    what : {"raised", "over", "silent"}
        ``silent``: it was on when readings ceased; whether it still is, nobody knows.
    time : int
        Of the reading that told it, or from which nobody knows. [ns, UTC]
    since : int
        Beginning of the first reading that was alarming. [ns, UTC]
    value, worst : float
        Of that reading, and of all since. [unit of the quantity]
    severity : int
    """

    alarm: str
    datastream: str
    what: What
    time: int
    since: int
    value: float
    worst: float
    severity: int

    def words(self, alarm: Alarm, language: Language) -> str:
        """One sentence for people, without the name of the place and without figures."""
        return f"{alarm.words[language]}: {_WORDS[self.what][language]}"


_WORDS: Mapping[What, Mapping[Language, str]] = {
    "raised": {"fr": "seuil atteint", "nl": "drempel bereikt", "en": "threshold reached"},
    "over": {"fr": "terminé", "nl": "voorbij", "en": "over"},
    "silent": {"fr": "plus de mesures, état inconnu", "nl": "geen metingen meer, toestand onbekend",
               "en": "no more readings, state unknown"},
}  # fmt: skip


@dataclass
class _Case:
    """Where an alarm stands at a datastream; ``state`` is quiet, pending, on or silent."""

    state: str = "quiet"
    last: int = -(2**62)
    since: int = 0
    value: float = 0.0
    worst: float = 0.0


@dataclass
class Watch:
    """Watches readings as they come; what it knows can be kept and taken up again.

    Attributes
    ----------
    alarms : tuple of Alarm
    ignored : dict of str to int
        Readings that told it nothing, by reason: ``faulty``, ``late``.
    """

    alarms: tuple[Alarm, ...]
    ignored: dict[str, int] = field(default_factory=lambda: {"faulty": 0, "late": 0})
    _cases: dict[tuple[str, str], _Case] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len({one.id for one in self.alarms}) != len(self.alarms):
            raise SensorError("two alarms have one id; give each its own")

    def advance(self, readings: Readings, streams: Mapping[str, Datastream]) -> list[AlarmEvent]:
        """Take in readings.

        Parameters
        ----------
        readings : Readings
            With the flags of `twin.sensors.quality`; those not usable neither raise nor end an alarm.
        streams : mapping of str to Datastream
            What is not among them is not watched.

        Returns
        -------
        list of AlarmEvent
            In the order of time.

        Notes
        -----
        An alarm is raised by the first reading up to which it was alarming for ``lasts_s`` without a break; a reading
        between threshold and way back breaks one that is not yet raised, and leaves one that is. After a break in
        the readings longer than ``silent_s`` one that is not yet raised begins anew, and one that was is told again
        unless it ended. What comes after a later one is not heard.
        """
        told: list[AlarmEvent] = []
        code, names = pd.factorize(readings.datastream)
        mine = [[one for one in self.alarms if name in streams and one.of(streams[name])] for name in names]
        heard = np.array([bool(one) for one in mine], bool)
        rows = np.flatnonzero(heard[code]) if heard.size else np.zeros(0, np.intp)
        good = usable(readings.flag[rows]) & np.isfinite(readings.value[rows])
        self.ignored["faulty"] += int((~good).sum())
        rows = rows[good]
        for row in rows[np.argsort(readings.time[rows], kind="stable")].tolist():
            stream, time, value = streams[names[code[row]]], int(readings.time[row]), float(readings.value[row])
            for alarm in mine[code[row]]:
                told += self._hear(alarm, stream, time, value)
        return told

    def silence(self, now: int) -> list[AlarmEvent]:
        """Tell of alarms that are on and whose readings ceased; to be asked from time to time. ``now`` in [ns, UTC]"""
        told: list[AlarmEvent] = []
        for (name, stream), case in sorted(self._cases.items()):
            alarm = next(one for one in self.alarms if one.id == name)
            if case.state == "on" and now - case.last > alarm.silent_s * SECOND:
                told.append(self._lost(alarm, stream, case))
        return sorted(told, key=lambda one: one.time)

    def on(self) -> list[tuple[str, str, str, int]]:
        """Alarm, datastream, state (``on``, ``silent``) and since when [ns, UTC], of all that are not quiet."""
        return [
            (*key, one.state, one.since) for key, one in sorted(self._cases.items()) if one.state in ("on", "silent")
        ]

    def kept(self) -> str:
        """All that it knows, as JSON."""
        cases = [[*key, asdict(one)] for key, one in sorted(self._cases.items())]
        return json.dumps({"format": _FORMAT, "ignored": self.ignored, "cases": cases})

    @classmethod
    def resumed(cls, alarms: Iterable[Alarm], kept: str) -> "Watch":
        """Take up what was kept; alarms that are no more are forgotten.

        Raises
        ------
        SensorError
            Not what `kept` gave.
        """
        chosen = tuple(alarms)
        names = {one.id for one in chosen}
        try:
            found = json.loads(kept)
            if found["format"] != _FORMAT:
                raise SensorError(f"a watch was kept in the format {found['format']!r}, expected {_FORMAT}; begin anew")
            cases = {(alarm, stream): _Case(**case) for alarm, stream, case in found["cases"] if alarm in names}
            return cls(chosen, {key: int(found["ignored"][key]) for key in ("faulty", "late")}, cases)
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, SensorError):
                raise
            raise SensorError(f"a watch cannot be taken up from {kept[:80]!r} ({error}); begin anew") from error

    def _hear(self, alarm: Alarm, stream: Datastream, time: int, value: float) -> list[AlarmEvent]:
        case = self._cases.setdefault((alarm.id, stream.id), _Case())
        if time <= case.last:
            self.ignored["late"] += 1
            return []
        told = []
        if time - case.last > alarm.silent_s * SECOND:
            if case.state == "on":
                told.append(self._lost(alarm, stream.id, case))
            if case.state == "pending":
                case.state = "quiet"
        case.last, case.value = time, value
        begun = time - round(stream.period * SECOND)
        alarming = alarm.alarming(value)
        if case.state in ("on", "silent"):
            if alarm.back(value):
                case.state = "quiet"
                told.append(self._event(alarm, stream.id, "over", case))
            else:
                again, case.state, case.worst = case.state == "silent", "on", _worse(alarm, case.worst, value)
                told += [self._event(alarm, stream.id, "raised", case)] if again else []
            return told
        if not alarming:
            case.state = "quiet"
            return told
        if case.state == "quiet":
            case.state, case.since, case.worst = "pending", begun, value
        case.worst = _worse(alarm, case.worst, value)
        if time - case.since >= alarm.lasts_s * SECOND:
            case.state = "on"
            told.append(self._event(alarm, stream.id, "raised", case))
        return told

    def _lost(self, alarm: Alarm, stream: str, case: _Case) -> AlarmEvent:
        case.state = "silent"
        return AlarmEvent(
            alarm.id, stream, "silent", case.last + round(alarm.silent_s * SECOND), case.since, case.value, case.worst,
            alarm.severity,
        )  # fmt: skip

    @staticmethod
    def _event(alarm: Alarm, stream: str, what: What, case: _Case) -> AlarmEvent:
        return AlarmEvent(alarm.id, stream, what, case.last, case.since, case.value, case.worst, alarm.severity)


def _worse(alarm: Alarm, one: float, other: float) -> float:
    return max(one, other) if alarm.side == "above" else min(one, other)


@cache
def alarms(path: Path = TABLE) -> tuple[Alarm, ...]:
    """Alarms that come with the project.

    Raises
    ------
    SensorError
        A row that is no alarm.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    found = []
    for row in rows:
        try:
            found.append(Alarm(
                row["alarm"], row["quantity"], "below" if row["side"] == "below" else "above", float(row["threshold"]),
                float(row["clears"]), {"fr": row["fr"], "nl": row["nl"], "en": row["en"]}, float(row["lasts_s"]),
                float(row["silent_s"]), period=float(row["period"]) if row["period"] else None,
                severity=int(row["severity"]), source=row["source"],
            ))  # fmt: skip
        except (ValueError, KeyError, TypeError) as error:
            raise SensorError(f"{path.name}: {row.get('alarm')!r}: {error}") from error
    return tuple(found)
