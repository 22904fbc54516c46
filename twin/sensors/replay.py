"""Recordings played back into the store at any speed: by their own clock, which can be held, and labelled as such."""

import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from twin.sensors.ingest import Ingest
from twin.sensors.model import SECOND, SensorError
from twin.sensors.recordings import Arrival, labelled, moved

LONGEST_GAP_S = 3600.0
"""A silence that is longer is jumped over. [s]"""
_NAP_S = 0.2
"""[s]"""


class ReplayClock:
    """Time of a replay: it runs so many times as fast as ours, can be held, and jumps.

    Parameters
    ----------
    start : int
        [ns, UTC]
    speed : float
        Infinite waits for nothing. [1]
    monotonic, sleep : callable
        Ours; a test brings its own. [s]
    """

    def __init__(
        self,
        start: int,
        speed: float,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not speed > 0.0:
            raise SensorError(f"a replay runs at a speed above 0, got {speed:g}; 60 plays an hour in a minute")
        self.speed = speed
        self._monotonic, self._sleep = monotonic, sleep
        self._at, self._since = start, monotonic()
        self._held = False
        self._ended = threading.Event()

    def now(self) -> int:
        """[ns, UTC]"""
        if self._held or math.isinf(self.speed):
            return self._at
        return self._at + round((self._monotonic() - self._since) * self.speed * SECOND)

    def jump(self, to: int) -> None:
        """Go to a time at once. [ns, UTC]"""
        self._at, self._since = to, self._monotonic()

    def pause(self) -> None:
        """Hold it."""
        self._at, self._held = self.now(), True

    def resume(self) -> None:
        """Let it run on from where it was held."""
        if self._held:
            self._since, self._held = self._monotonic(), False

    def stop(self) -> None:
        """End the replay."""
        self._ended.set()

    @property
    def held(self) -> bool:
        """Whether it stands still."""
        return self._held

    def wait_until(self, to: int) -> bool:
        """Wait for a time [ns, UTC]; False where the replay is to end instead."""
        while not self._ended.is_set():
            if not self._held and math.isinf(self.speed):
                self._at = max(self._at, to)
            left = (to - self.now()) / SECOND / self.speed
            if not self._held and left <= 0.0:
                return True
            self._sleep(_NAP_S if self._held else min(left, _NAP_S))
        return False


@dataclass
class Played:
    """What a replay has done.

    Attributes
    ----------
    arrivals, rows, stored : int
    failures : int
        Recorded payloads that could not be read.
    passes : int
        Times that it came to its end.
    jumped_s : float
        Silences that were left out. [s]
    """

    arrivals: int = 0
    rows: int = 0
    stored: int = 0
    failures: int = 0
    passes: int = 0
    jumped_s: float = 0.0


class Replay:
    """Plays arrivals into an ingest.

    Parameters
    ----------
    arrivals : iterable of Arrival
        In the order of time; for a loop a sequence.
    ingest : Ingest
    clock : ReplayClock
        At the begin.
    longest_gap_s : float
        [s]
    """

    def __init__(
        self, arrivals: Iterable[Arrival], ingest: Ingest, clock: ReplayClock, longest_gap_s: float = LONGEST_GAP_S
    ) -> None:
        self.arrivals, self.ingest, self.clock = arrivals, ingest, clock
        self.longest_gap_s = longest_gap_s
        self.played = Played()

    def run(
        self,
        *,
        loop: bool = False,
        total: int | None = None,
        on_progress: Callable[[float, str], None] = lambda fraction, words: None,
    ) -> Played:
        """Play to the end, or in a loop until `ReplayClock.stop`.

        Parameters
        ----------
        loop : bool
            Begin anew after the end, with times that go on.
        total : int, optional
            Arrivals of a pass, where ``arrivals`` has no length.
        on_progress : callable
            Takes a fraction of the pass, and the time of the replay with what came.

        Raises
        ------
        StoreFull, SensorStoreError
            The store cannot keep what came; what is acknowledged stays.
        """
        found = list(self.arrivals) if loop else self.arrivals
        many = total if total is not None else len(found) if isinstance(found, Sequence) else 0
        span = found[-1].time - found[0].time + 60 * SECOND if loop and isinstance(found, list) and found else 0
        for turn in count():
            for number, one in enumerate(found):
                arrival = one
                if turn:
                    arrival = moved(one, turn * span)
                if not self._wait(arrival.time):
                    return self.played
                self._take(arrival)
                stamp = datetime.fromtimestamp(arrival.time / SECOND, UTC).isoformat(" ", "minutes")
                on_progress((number + 1) / many if many else 0.0, f"{stamp} {arrival.feed}")
            self.played.passes += 1
            if not loop or not span:
                return self.played
        raise AssertionError

    def _wait(self, until: int) -> bool:
        gap = (until - self.clock.now()) / SECOND
        if gap > self.longest_gap_s and not self.clock.held:
            self.played.jumped_s += gap
            self.clock.jump(until)
        return self.clock.wait_until(until)

    def _take(self, arrival: Arrival) -> None:
        self.played.arrivals += 1
        if arrival.parsed is None:
            self.played.failures += 1
            self.ingest.failed(arrival.feed, arrival.words, arrival.time)
            return
        taken = self.ingest.take(
            arrival.feed, labelled(arrival.parsed, {"replayed": True}), arrival.time, fresh=arrival.fresh
        )
        self.played.rows += taken.rows
        self.played.stored += taken.stored
