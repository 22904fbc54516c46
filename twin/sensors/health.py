"""How each feed fares, counted, and told so that an outage never looks like zero."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from kernels.quantities import Language
from twin.sensors.model import SECOND, Parsed, Problem, Readings
from twin.sensors.privacy import personal
from twin.sensors.quality import AHEAD_S, Flag, tally

QUIET = 3.0
"""A feed may be silent for so many of its periods before that is an outage; assumed. [1]"""
LEAST_QUIET_S = 300.0
"""And for so long at least; assumed. [s]"""
KEPT = 50
"""So many kinds of problems of a feed are told; the rest is counted."""

STATES: Mapping[str, Mapping[Language, str]] = {
    "waiting": {"fr": "rien reçu jusqu'ici", "nl": "nog niets ontvangen", "en": "nothing has come yet"},
    "well": {"fr": "en ordre", "nl": "in orde", "en": "well"},
    "old": {"fr": "répète d'anciennes valeurs", "nl": "herhaalt oude waarden", "en": "repeats old values"},
    "outage": {"fr": "en panne, valeurs inconnues", "nl": "uitgevallen, waarden onbekend",
               "en": "out of order, values unknown"},
}  # fmt: skip
"""What a feed can be, in words for people."""


@dataclass
class FeedHealth:
    """Counters of a feed since the start.

    Attributes
    ----------
    payloads, failures : int
        Those that came, and those that told nothing: not fetched, not read, or refused.
    rows, stored, duplicates, conflicts, refused : int
        Readings that came; are new; were there already with the same or with another value; or may not be kept.
        ``rows`` is the sum of the other four and of ``unstored``.
    unstored : int
        Readings that the store could not keep, such as for want of room; they are not acknowledged.
    late, future, missing : int
        Readings that came after a later one, ahead of the clock, and without a value.
    silent : int
        Devices that said nothing in the newest payload.
    received, newest : int or None
        When the last payload came, and the newest time that a reading bears. [ns, UTC]
    good, failing : int or None
        When a payload last told something, and since when none does. [ns, UTC]
    words : str
        Of the last failure.
    flags, counts : dict of str to int
        Flags, and what the feed met, by its own words.
    """

    feed: str
    period: float = 0.0
    payloads: int = 0
    failures: int = 0
    rows: int = 0
    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    refused: int = 0
    unstored: int = 0
    late: int = 0
    future: int = 0
    missing: int = 0
    silent: int = 0
    received: int | None = None
    newest: int | None = None
    good: int | None = None
    failing: int | None = None
    words: str = ""
    all_stale: bool = False
    flags: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)
    problem_rows: int = 0

    @property
    def settled(self) -> int:
        """Readings of which it is known what became of them."""
        return self.stored + self.duplicates + self.conflicts + self.refused

    def failed(self, words: str, at: int) -> None:
        """Note that nothing was told. [ns, UTC]"""
        self.failures += 1
        self.words = words[:300]
        self.failing = at if self.failing is None else self.failing

    def came(self, parsed: Parsed, at: int) -> None:
        """Note a payload that could be read. [ns, UTC]"""
        self.received, self.silent = at, parsed.silent
        for words, many in parsed.counts.items():
            self.counts[words] = self.counts.get(words, 0) + many
        self.noted(parsed.problems)

    def judged(self, flagged: Readings, at: int) -> None:
        """Note what is wrong with readings. [ns, UTC]"""
        for name, many in tally(flagged.flag).items():
            self.flags[name] = self.flags.get(name, 0) + many
        self.late += int(np.count_nonzero(flagged.flag & np.uint16(Flag.OUT_OF_ORDER)))
        self.future += int(np.count_nonzero(flagged.time > at + AHEAD_S * SECOND))
        known = np.isfinite(flagged.value)
        self.missing += int(np.count_nonzero(~known))
        if known.any():
            newest = int(flagged.time[known].max())
            self.newest = newest if self.newest is None else max(newest, self.newest)
        self.all_stale = bool(known.any() and (flagged.flag[known] & np.uint16(Flag.STALE)).all())

    def told(self, at: int) -> None:
        """Note that something was told, which ends an outage. [ns, UTC]"""
        self.good, self.failing = at, None

    def noted(self, problems: Iterable[Problem]) -> None:
        """Add problems up by field and words; a sample that would tell of people is not kept."""
        for one in problems:
            self.problem_rows += one.rows
            key = (one.field, one.words[:200])
            known = self.problems.get(key)
            if known is None and len(self.problems) >= KEPT:
                continue
            sample = one.sample if known is None else known.sample
            rows = one.rows + (0 if known is None else known.rows)
            shown = "(not kept)" if personal([sample]) else sample
            self.problems[key] = Problem(self.feed, one.field, key[1], shown, rows)

    def state(self, now: int) -> str:
        """One of `STATES`. [ns, UTC]"""
        if self.failing is not None:
            return "outage"
        if self.good is None:
            return "waiting"
        if self.period > 0.0 and now - self.good > max(QUIET * self.period, LEAST_QUIET_S) * SECOND:
            return "outage"
        return "old" if self.all_stale else "well"

    def since(self, now: int) -> int | None:
        """Since when it is out of order; None where it is not. [ns, UTC]"""
        if self.state(now) != "outage":
            return None
        return self.failing if self.failing is not None else self.good

    def document(self, now: int) -> dict[str, Any]:
        """All of it, for a page: times in ISO 8601, words in every language. [ns, UTC]"""
        state = self.state(now)
        numbers = ("payloads", "failures", "rows", "stored", "duplicates", "conflicts", "refused", "unstored", "late",
                   "future", "missing", "silent", "problem_rows")  # fmt: skip
        return {
            "state": state,
            "words": dict(STATES[state]),
            "outage_since": _iso(self.since(now)),
            "last_failure": self.words or None,
            "received": _iso(self.received),
            "newest": _iso(self.newest),
            **{name: getattr(self, name) for name in numbers},
            "flags": dict(self.flags),
            "counts": dict(self.counts),
            "problems": [
                {"field": one.field, "words": one.words, "sample": one.sample, "rows": one.rows}
                for one in self.problems.values()
            ],
        }


def _iso(time: int | None) -> str | None:
    return None if time is None else datetime.fromtimestamp(time / SECOND, UTC).isoformat(timespec="seconds")
