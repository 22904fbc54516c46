"""Memory bandwidth by the triad a = b + s c (McCalpin's STREAM), so that speeds can be told as ratios."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def _triad(a, b, c, s):
    for i in range(a.size):
        a[i] = b[i] + s * c[i]


def triad_bandwidth(threads: int, repeats: int = 7) -> float:
    """Best bandwidth of float32 triads over three streams, each far larger than the caches. [GB/s]"""
    size = 32_000_000 // threads
    parts = [tuple(np.ones(size, np.float32) for _ in range(3)) for _ in range(threads)]
    _triad(*(part[:8] for part in parts[0]), np.float32(3.0))
    best = np.inf
    with ThreadPoolExecutor(threads) as crew:
        for _ in range(repeats):
            began = time.perf_counter()
            list(crew.map(lambda part: _triad(*part, np.float32(3.0)), parts))
            best = min(best, time.perf_counter() - began)
    return 3 * 4 * size * threads / best / 1e9
