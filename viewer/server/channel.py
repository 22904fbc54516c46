"""The encoded frames of one field of one run, kept for whoever comes late or comes back."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from viewer.server.frames import Header, peek

KEPT_S = 30.0
KEPT_BYTES = 64 << 20
MOST_BYTES = 256 << 20


@dataclass(frozen=True)
class Sent:
    """One encoded frame, its header and when it came. [s]"""

    header: Header
    message: bytes
    came: float


@dataclass
class Channel:
    """Frames of one field, oldest first, in groups of a key frame and the differences to it.

    All are kept up to `KEPT_BYTES`; beyond, the oldest groups go once they are older than `KEPT_S`, and at
    `MOST_BYTES` in any case. However many clients listen, a frame is held once.

    Attributes
    ----------
    name : str
        Quantity.
    units : str
    stream : int
        Number in the headers.
    grid : dict or None
        nx, ny, west, south, cell_size in the local frame; None for a field along links.
    links : list of str or None
        Ids of the links that a field goes along; None for one over the ground.
    """

    name: str
    units: str
    stream: int
    grid: dict[str, Any] | None
    links: list[str] | None = None
    clock: Callable[[], float] = time.monotonic
    kept_bytes: int = KEPT_BYTES
    frames: deque[Sent] = field(default_factory=deque)
    keys: dict[int, bytes] = field(default_factory=dict)
    size: int = 0

    def push(self, message: bytes) -> None:
        """Take in the next frame."""
        header = peek(message)
        self.frames.append(Sent(header, message, self.clock()))
        self.size += len(message)
        if header.key:
            self.keys[header.sequence] = message
        while self._oldest_group_may_go():
            self._drop_group()

    @property
    def newest(self) -> Sent | None:
        """The frame that came last."""
        return self.frames[-1] if self.frames else None

    def after(self, sequence: int) -> Sent | None:
        """The oldest kept frame with a higher sequence."""
        if not self.frames or self.frames[-1].header.sequence <= sequence:
            return None
        first = self.frames[0].header.sequence
        place = max(sequence + 1 - first, 0)
        if place < len(self.frames) and self.frames[place].header.sequence == first + place:
            return self.frames[place]
        return next(one for one in self.frames if one.header.sequence > sequence)

    def _group_end(self) -> int | None:
        """Place of the second key frame; None where there is only one group."""
        return next((i for i, one in enumerate(self.frames) if i > 0 and one.header.key), None)

    def _oldest_group_may_go(self) -> bool:
        if self.size <= self.kept_bytes:
            return False
        end = self._group_end()
        if end is None:
            return False
        return self.size > MOST_BYTES or self.clock() - self.frames[end - 1].came > KEPT_S

    def _drop_group(self) -> None:
        end = self._group_end()
        for _ in range(end or 0):
            old = self.frames.popleft()
            self.size -= len(old.message)
            self.keys.pop(old.header.sequence, None)


@dataclass
class Cursor:
    """Where one client is in one channel.

    A client that follows gets the newest frame, whatever it missed; one that resumes gets every kept frame after the
    one it has, until it has caught up. Nothing is queued for it: the channel holds the frames.

    Attributes
    ----------
    channel : Channel
    seen : int
        Sequence of the last frame it has.
    base : int
        Sequence of the last key frame it has. 0: none.
    catching_up : bool
    """

    channel: Channel
    seen: int = 0
    base: int = 0
    catching_up: bool = False

    def next(self) -> bytes | None:
        """The next message for this client: a key frame first where the frame stands on one it does not have."""
        newest = self.channel.newest
        if newest is None or newest.header.sequence <= self.seen:
            self.catching_up = False
            return None
        wanted = (self.channel.after(self.seen) if self.catching_up else None) or newest
        header = wanted.header
        if not header.key and header.base != self.base:
            self.base = header.base
            return self.channel.keys[header.base]
        self.seen = header.sequence
        if header.key:
            self.base = header.sequence
        return wanted.message
