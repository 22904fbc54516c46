"""The start of the columns: each kind's temperatures after the first day has come round until nothing changes."""

from collections.abc import Sequence

import numpy as np

from kernels.contract import KernelError, LayerError
from kernels.heat.columns import ACCOUNTS, LANE, advance_cells
from kernels.heat.slabs import DAY, NODES
from kernels.heat.surfaces import SUBSTEP, Materials, Weather

STEADY = 0.01
"""Change of any node from one day to the next at which a column has come round. [K]"""
ROUNDS = 200
"""Days after which it must have."""
_EVERY = 3
"""Days between two extrapolations."""
_SLOWEST = 0.97
"""Part of a drift that may be left after a day, for the extrapolation."""


def initial_profile(
    materials: Materials,
    absorbed: np.ndarray,
    longwave: np.ndarray,
    weather: Sequence[Weather],
    times: np.ndarray,
) -> np.ndarray:
    """Node temperatures of each kind at the first time, periodic over the day that follows.

    Parameters
    ----------
    materials : Materials
    absorbed : (kind, exposure, time) or (exposure, time) float
        Absorbed short-wave radiation: by convention the sunniest exposure first and the shadiest last, as
        `Materials.begin` blends them. [W m⁻²]
    longwave : (exposure, time) float
        Long-wave radiation that comes in. [W m⁻²]
    weather : sequence of Weather
        At the times.
    times : (time,) float
        From the start on, less than a day after it; from the last the day closes straight to the first. A part of a
        day is no day: give the whole one, or what lacks is taken for the straight line. [s]

    Returns
    -------
    (kind, exposure, node) float32
        [K]

    Raises
    ------
    LayerError
        Times that do not lie within a day, or shapes that do not fit.
    KernelError
        A column that does not come round.

    Notes
    -----
    Every third day a column's drift is extrapolated along its slowest wave (Aitken's process), as the ground's memory
    of a week would take as many weeks to fade.
    """
    times = np.asarray(times, float)
    kinds, (exposures, entries) = len(materials.slabs), np.shape(longwave)
    sun = np.broadcast_to(np.asarray(absorbed, np.float32), (kinds, exposures, entries))
    if times.size != entries or len(weather) != entries:
        raise LayerError(
            f"the first day needs as many times and weathers as radiation has, {entries}, got {times.size} and "
            f"{len(weather)}; cut them to the same hours"
        )
    if not (np.diff(times) > 0).all() or times[-1] - times[0] >= DAY:
        raise LayerError(
            f"the times of the first day must ascend within 86400 s, got {times[0]:g} to {times[-1]:g} s; give the "
            "entries of the first 24 hours, without the one that closes them"
        )
    cells = kinds * exposures
    kind = np.repeat(np.arange(kinds, dtype=np.uint16), exposures)
    sun = np.ascontiguousarray(np.moveaxis(sun, -1, 0)).reshape(entries, cells)
    warmth = np.ascontiguousarray(np.tile(np.asarray(longwave, np.float32).T, (1, kinds)))
    numbers = np.array([one.numbers() for one in weather])
    spans = np.diff(np.append(times, times[0] + DAY))
    counts = np.maximum(np.ceil(spans / SUBSTEP - 1e-9), 1).astype(int)
    tables = [materials.tables(span / count) for span, count in zip(spans.tolist(), counts.tolist(), strict=True)]
    out, blocks, still = np.empty((2, cells), np.float32), -(-cells // LANE), np.ones(1, np.float32)
    ledger = np.zeros((blocks, ACCOUNTS))
    found = np.full((NODES, cells), numbers[:, 0].mean(), np.float32)

    def round_the_clock() -> None:
        for k in range(entries):
            n = (k + 1) % entries
            advance_cells(found, kind, *tables[k], numbers[[k, n]], still, (sun[k], sun[n]), (warmth[k], warmth[n]),
                          float(spans[k]), int(counts[k]), out[0], out[1], ledger, 0, blocks)  # fmt: skip

    change_before, settled, done = np.zeros_like(found), found.copy(), np.zeros(cells, bool)
    for day in range(1, ROUNDS + 1):
        before = found.copy()
        round_the_clock()
        change = found - before
        left = _left(change_before, change)
        # a column is taken as it is when it has come round, whatever others still need: a window starts like the whole
        now = ~done & (np.abs(change).max(0) < STEADY * (1 - left))
        settled[:, now] = found[:, now]
        done |= now
        if done.all():
            return np.ascontiguousarray(settled.reshape(NODES, kinds, exposures).transpose(1, 2, 0))
        if day % _EVERY == 0:
            found += (change * (left / (1 - left))).astype(np.float32)
        change_before = change
    worst = np.abs(change[:, ~done]).max()
    raise KernelError(
        f"surfaces must come round to the same temperatures within {ROUNDS} first days, and still change by {worst:g} "
        "K a day; is the radiation or the weather of the first day finite?"
    )


def _left(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Part of each column's drift that a day leaves, (cell,). [1]"""
    part = (before * now).sum(0) / np.maximum((before * before).sum(0), 1e-12)
    return np.clip(part, 0.0, _SLOWEST)
