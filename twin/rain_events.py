"""Rain that fell: the events that come with the project, as they were measured."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from twin.rainfall import rows_of

_ASSETS = Path(__file__).parents[1] / "assets"


@dataclass(frozen=True)
class Event:
    """Rain that fell, as it was measured.

    Attributes
    ----------
    name : str
    start : datetime
        UTC.
    totals : tuple of (time, duration, depth)
        Since the start [s], [s], [m].
    source, licence : str
    """

    name: str
    start: datetime
    totals: tuple[tuple[float, float, float], ...]
    source: str
    licence: str

    @property
    def depth(self) -> float:
        """Of the whole event. [m]"""
        return sum(depth for _, _, depth in self.totals)

    def rates(self) -> tuple[tuple[float, float], ...]:
        """(time [s], rate [m s⁻¹]) from which on each holds: totals spread evenly over their time (assumption)."""
        found: list[tuple[float, float]] = []
        for time, duration, depth in self.totals:
            if found and found[-1][0] == time:
                found.pop()  # the end of the total before is the beginning of this one
            found += [(time, depth / duration), (time + duration, 0.0)]
        return tuple(found)


@cache
def events() -> dict[str, Event]:
    """Events that come with the project, by name."""
    rows = rows_of((_ASSETS / "rainfall_events.csv").read_text(encoding="utf-8"))
    found: dict[str, Event] = {}
    for name in dict.fromkeys(row[0] for row in rows[1:]):
        own = [dict(zip(rows[0], row, strict=True)) for row in rows[1:] if row[0] == name]
        start = datetime.fromisoformat(own[0]["start"])
        totals = tuple(
            (
                (datetime.fromisoformat(row["start"]) - start).total_seconds(),
                float(row["duration_s"]),
                float(row["depth_mm"]) * 1e-3,
            )
            for row in own
        )
        found[name] = Event(name, start, totals, own[0]["source"], own[0]["licence"])
    return found
