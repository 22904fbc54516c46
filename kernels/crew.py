"""The crew: a few threads that share out pieces of work among themselves."""

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Crew:
    """A few threads that share out pieces of work among themselves.

    Parameters
    ----------
    threads : int or None
        None takes every processor this process may use.
    """

    def __init__(self, threads: int | None) -> None:
        mine = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
        self.threads = threads or len(mine)
        self._pool = ThreadPoolExecutor(self.threads - 1, "crew") if self.threads > 1 else None

    def share_out(self, pieces: int, work: Callable[[int, int], None], small: bool) -> None:
        """Call ``work(first, last)`` until all pieces are done; the caller works too, alone if it is ``small``."""
        if self._pool is None or small or pieces < 2:
            work(0, pieces)
            return
        size = max(1, -(-pieces // (4 * self.threads)))
        starts = itertools.count(0, size)

        def take() -> None:
            while (first := next(starts)) < pieces:
                work(first, min(first + size, pieces))

        helpers = [self._pool.submit(take) for _ in range(self.threads - 1)]
        take()
        for helper in helpers:
            helper.result()
