"""The cheapest schedule of a hub: a linear programme over windows that roll on and overlap."""

from dataclasses import dataclass

import numpy as np

from kernels.contract import LayerError
from kernels.energy.dispatch_lp import COLUMNS, Levels, build, solve
from kernels.energy.hub import KWH, Hub, Schedule

WINDOW = 14 * 86_400.0
"""Time that one programme looks ahead. [s]"""
OVERLAP = 2 * 86_400.0
"""End of a window that the next one decides again, so that no store is emptied because the window ends. [s]"""


@dataclass(frozen=True)
class Dispatch:
    """A schedule and how it was found.

    Attributes
    ----------
    schedule : Schedule
    objective : float
        With what was not served at its price. [EUR]
    windows : int
    chosen : int
        Directions of stores or of the meter that had to be chosen by branching, as a price made doing both pay.
    """

    schedule: Schedule
    objective: float
    windows: int
    chosen: int


def dispatch(hub: Hub, window: float = WINDOW, overlap: float = OVERLAP, end_as_begun: bool = True) -> Dispatch:
    """Find the schedule of the least cost.

    Parameters
    ----------
    hub : Hub
    window : float
        Time that each programme looks ahead; the whole of a short series, or of one that shall be proved. [s]
    overlap : float
        End of each window that is decided again by the next one. [s]
    end_as_begun : bool
        Whether stores must end with at least what they began with.

    Returns
    -------
    Dispatch

    Raises
    ------
    LayerError
        An overlap that is not shorter than the window.
    KernelError
        The levels at the end cannot be reached.
    """
    ahead, again = round(window / hub.dt), round(overlap / hub.dt)
    if not 0 <= again < ahead:
        raise LayerError(f"dispatch: a window of {ahead} steps cannot overlap by {again}; take a shorter overlap")
    wanted = Levels(hub.battery.begin, hub.heat_store.begin)
    levels, parts, windows, chosen, first = wanted, [], 0, 0, 0
    while first < hub.steps:
        last = min(first + ahead, hub.steps)
        ends = last == hub.steps
        optimum = solve(build(hub, first, last, levels, wanted if ends and end_as_begun else None))
        kept = last if ends else last - again
        table = optimum.columns.reshape(len(COLUMNS), last - first)[:, : kept - first]
        parts.append(table)
        stored = {name: float(table[COLUMNS.index(name), -1]) * KWH for name in COLUMNS if name.endswith("_energy")}
        levels = Levels(stored["battery_energy"], stored["store_energy"], stored["vehicle_energy"])
        windows, chosen, first = windows + 1, chosen + optimum.chosen, kept
    whole = np.concatenate(parts, axis=1)
    series = {
        name: np.ascontiguousarray(whole[place]) * (KWH if name.endswith("_energy") else 1e3)
        for place, name in enumerate(COLUMNS)
        if name != "vehicle_energy"
    }
    schedule = Schedule(**series)
    return Dispatch(schedule, schedule.objective(hub), windows, chosen)
