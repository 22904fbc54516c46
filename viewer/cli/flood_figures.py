"""The figures of ``bxl-twin flood``: every account of the balance, for people or for programs."""

from typing import Any

import numpy as np
from rich.markup import escape
from rich.table import Table

from kernels.quantities import QUANTITIES
from viewer.cli.console import messages, print_json
from viewer.cli.flood_run import Done, Task

_FIRST = {
    "volume_initial": "water at the start",
    "volume_rain": "rain",
    "volume_inflow": "inflow",
    "volume_boundary_in": "in over the sides",
    "volume_boundary_out": "out over the sides",
    "volume_stored": "water at the end",
}
"""Accounts that every run has, in the words of this command."""


def tell(task: Task, done: Done, notes: list[str], drains: dict[str, Any] | None, as_json: bool) -> None:
    """Print the figures: a table, or one JSON object on the last line of standard output."""
    remarks = done.closure.remarks
    if remarks.get("screening_exceeded"):
        messages.print(
            f"[bold yellow]screening[/] {100 * remarks['fast_share']:.1f} % of the wet cells reached a Froude number "
            "of 0.8, beyond what local inertia is for: depths and times there are indications; take --scheme fv2 for "
            "figures to rely on",
            soft_wrap=True,
        )
    if as_json:
        print_json(_figures(task, done, notes, drains))
    else:
        _show(task, done)


def _figures(task: Task, done: Done, notes: list[str], drains: dict[str, Any] | None) -> dict[str, Any]:
    volume, state = done.closure.ledger, done.state
    cells = task.bed.values.size
    came, gone, held = (float(sum(getattr(part, what)() for part in state.parts)) for what in ("came", "gone", "held"))
    figures: dict[str, Any] = {
        "scheme": task.kernel.scheme,
        "precision": task.kernel.precision,
        "threads": state.crew.threads,
        "steps": state.steps,
        "cells": cells,
        "compute_s": state.compute_s,
        "cell_steps_per_s": cells * state.steps / state.compute_s if state.compute_s > 0 else 0.0,
        "volume_in_m3": volume["volume_rain"] + volume["volume_inflow"] + volume["volume_boundary_in"] + came,
        "volume_out_m3": volume["volume_boundary_out"] + gone,
        "volume_stored_m3": volume["volume_stored"],
        "mass_error": done.closure.error,
        "max_depth_m": done.deepest,
        "volume_initial_m3": volume["volume_initial"],
        "volume_rain_m3": volume["volume_rain"],
        "volume_inflow_m3": volume["volume_inflow"],
        "volume_boundary_in_m3": volume["volume_boundary_in"],
        "nodata_cells": int(np.isnan(task.bed.values).sum()),
        "volume_held_m3": held,
        "ledger_m3": {name: float(value) for name, value in volume.items()},
    }
    remarks = {name: _plain(value) for name, value in done.closure.remarks.items() if name not in figures}
    figures |= remarks | {"notes": notes, "tables": [str(path) for path in done.tables]}
    if drains is not None:
        figures["drains"] = drains
    if task.resume:
        figures["resumed_at_s"] = done.resumed_at
    return figures


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _show(task: Task, done: Done) -> None:
    state, volume = done.state, done.closure.ledger
    cells = task.bed.values.size
    table = Table(
        title=f"{state.steps} steps of {cells} cells in {state.compute_s:.2f} s, scheme {task.kernel.scheme}",
        show_header=False,
    )
    shown = [name for name in _FIRST if name in volume]
    last = shown.pop() if shown and shown[-1] == "volume_stored" else None
    rows = [*shown, *(name for name in volume if name not in _FIRST), *([last] if last else [])]
    for name in rows:
        words = _FIRST.get(name) or (QUANTITIES[name].label["en"] if name in QUANTITIES else name)
        table.add_row(escape(words[:1].lower() + words[1:]), f"{volume[name]:,.3f} m³")
    table.add_row("error of the balance", f"{done.closure.error:.1e}")
    table.add_row("greatest depth", f"{done.deepest:.3f} m")
    remarks = done.closure.remarks
    if "shortest_step_s" in remarks:
        place = f"{remarks['shortest_step_x']:g}, {remarks['shortest_step_y']:g}"
        table.add_row(
            "shortest step", f"{remarks['shortest_step_s']:.3g} s at {remarks['shortest_step_at_s']:.0f} s, by {place}"
        )
    messages.print(table)
    for path in (task.out, *done.tables):
        messages.print(f"[dim]{escape(str(path))}[/]", soft_wrap=True)
