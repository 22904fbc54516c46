"""How long it takes to move one tree of a square kilometre; prints."""

import sys
import time
from pathlib import Path

import numpy as np
import pytest

from kernels.heat.kernel import Heat
from kernels.heat.recorded import Recorded

sys.path.insert(0, str(Path(__file__).parent))
from heat_city import city, hot_day

pytestmark = pytest.mark.bench
KILOMETRE = 500


def test_one_tree_moved():
    """Aim: half a second for the 24 hours of the window that a moved tree reaches."""
    layers, day, times = city(KILOMETRE), hot_day(np.arange(25.0)), np.arange(1, 25) * 3600.0
    began = time.perf_counter()
    base = Recorded(Heat(threads=2), layers, day, times)
    whole_run = time.perf_counter() - began
    street = np.argwhere((layers["building_index"].values < 0) & (layers["canopy_top"].values == 0))
    row, column = street[np.argmin(np.abs(street - KILOMETRE // 2).sum(1))]
    moved = layers.copy(deep=True)
    place = np.s_[row - 2 : row + 3, column - 2 : column + 3]
    free = moved["building_index"].values[place] < 0
    for name, value in (("canopy_top", 10.0), ("canopy_bottom", 2.5), ("canopy_transmissivity", 0.03)):
        moved[name].values[place] = np.where(free, value, moved[name].values[place])
    base.changed(moved)
    spent, busy = (min(one) for one in zip(*(_seconds(lambda: base.changed(moved)) for _ in range(3)), strict=True))
    found = base.changed(moved)
    cells = (found.rows.stop - found.rows.start) * (found.columns.stop - found.columns.start)
    print(f"\none tree, 24 h, 2 threads: {spent:.2f} s (aim 0.5), by processor time {busy:.2f}, for {cells} of "
          f"{KILOMETRE**2} cells; the whole run {whole_run:.2f} s")  # fmt: skip


def _seconds(act):
    """By the clock, and by half the processor time of two threads."""
    began, used = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - began, (time.process_time() - used) / 2
