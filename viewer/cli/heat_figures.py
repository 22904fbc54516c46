"""The figures of ``bxl-twin heat``: closure, speed, what was assumed and corrected, for people or for programs."""

from typing import Any

from rich.markup import escape
from rich.table import Table

from kernels.quantities import QUANTITIES
from viewer.cli.console import messages, print_json
from viewer.cli.heat_run import Done, Task, plain


def tell(task: Task, done: Done, words: dict[str, Any], as_json: bool, quiet: bool = False) -> None:
    """Print the figures: a table, or one JSON object on the last line of standard output.

    Parameters
    ----------
    task : Task
    done : Done
    words : dict
        ``notes``, ``modelled``, ``corrected`` and ``place`` of the inputs.
    as_json, quiet : bool
    """
    if as_json:
        print_json(_figures(task, done, words))
    elif not quiet:
        _show(task, done)


def _figures(task: Task, done: Done, words: dict[str, Any]) -> dict[str, Any]:
    kernel, cells = task.kernel, int(task.layers["building_index"].size)
    steps = int(task.times.size)
    spent = sum(done.seconds.values())
    figures: dict[str, Any] = {
        "sky": kernel.sky,
        "sky_view": kernel.sky_view,
        "cells": cells,
        "cell_size_m": task.like.grid.cell_size,
        "outputs": steps,
        "first": str(task.stamps[0])[:19],
        "last": str(task.stamps[-1])[:19],
        "seconds": {phase: round(one, 4) for phase, one in done.seconds.items()},
        "seconds_total": round(spent, 4),
        "memory_mb": round(done.memory / 1e6, 1),
        "energy_error": float(done.closure.error),
        "energy_ledger_j": {name: float(value) for name, value in done.closure.ledger.items()},
    }
    for name, value in done.highest.items():
        kelvin = QUANTITIES[name].units == "K"
        figures[f"{name}_c" if kelvin else name] = value - 273.15 if kelvin else value
    remarks = plain(done.closure.remarks)
    mended = {name.removeprefix("corrected_"): remarks.pop(name) for name in _mended(remarks)}
    figures |= {name.replace(" ", "_"): value for name, value in remarks.items() if name not in figures}
    figures |= words
    figures["corrected"] = mended | words["corrected"]
    return figures | {"out": str(task.out), "tables": [str(path) for path in done.tables]}


def _mended(remarks: dict[str, Any]) -> list[str]:
    """Remarks of the kernel on what it corrected in its forcing."""
    return [name for name in remarks if name.startswith("corrected_")]


def _show(task: Task, done: Done) -> None:
    cells = task.layers["building_index"].size
    table = Table(
        title=f"{task.times.size} stamps of {cells:,} cells, sky {task.kernel.sky}, sky view {task.kernel.sky_view}",
        show_header=False,
    )
    for phase, spent in done.seconds.items():
        table.add_row(f"time for {phase}", f"{spent:.2f} s")
    for name, value in plain(done.closure.remarks).items():
        if isinstance(value, float):
            table.add_row(escape(name.replace("_", " ")), f"{value:.4g}")
    for name, value in done.highest.items():
        table.add_row(escape(QUANTITIES[name].label["en"]), f"{value - 273.15:.1f} °C")
    for name, value in done.closure.ledger.items():
        label = QUANTITIES[name].label["en"] if name in QUANTITIES else name
        table.add_row(escape(label), f"{value / 3.6e9:,.3f} MWh")
    table.add_row("error of the energy balance", f"{done.closure.error:.1e}")
    messages.print(table)
    for path in (task.out, *done.tables):
        messages.print(f"[dim]{escape(str(path))}[/]", soft_wrap=True)
