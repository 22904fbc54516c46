"""bxl-twin warmup: compile every kernel once, so that the first run is quick."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import numpy as np
import typer
import xarray as xr

from kernels.flood.kernel import Flood
from kernels.quantities import attrs
from viewer.cli.assign import compile_everything as compile_all_of_assign
from viewer.cli.building import compile_everything as compile_all_of_buildings
from viewer.cli.console import as_command, messages, progress
from viewer.cli.dispatch import compile_everything as compile_all_of_dispatch
from viewer.cli.flood_run import compile_everything as compile_all_of_flood
from viewer.cli.heat_run import compile_everything as compile_all_of_heat
from viewer.cli.heritage import compile_everything as compile_all_of_stock
from viewer.cli.monitor import compile_everything as compile_all_of_monitor
from viewer.cli.pedestrians import compile_everything as compile_all_of_walks
from viewer.cli.reach import compile_everything as compile_all_of_reach
from viewer.cli.simulate_traffic import compile_everything as compile_all_of_queues
from viewer.cli.solar import compile_everything as compile_all_of_solar


def compile_flood(precision: str) -> None:
    """Run the flood kernel on four cells; compiles its loops, or loads what an earlier run compiled."""
    bed = xr.DataArray(np.zeros((2, 2)), dims=("y", "x"), coords={"x": [0.5, 1.5], "y": [0.5, 1.5]})
    layers = xr.Dataset({"ground_elevation": bed.assign_attrs(attrs("ground_elevation"))})
    kernel = Flood(precision=precision, threads=1)
    kernel.advance(kernel.prepare(layers, xr.Dataset()), 1.0)


def warmup(
    everything: Annotated[bool, typer.Option("--all", help="Also the variants in double precision.")] = False,
) -> None:
    """Compile every kernel once, so that the first run is quick."""
    parts = ["f32", "f64"] if everything else ["f32"]
    jobs: list[tuple[str, Callable[[], None]]] = [
        *((f"flood {one}", partial(compile_all_of_flood, one)) for one in parts),
        ("heat", compile_all_of_heat),
        ("traffic, static", compile_all_of_assign),
        ("traffic, dynamic", compile_all_of_queues),
        ("reach", compile_all_of_reach),
        ("pedestrians", compile_all_of_walks),
        ("solar", compile_all_of_solar),
        ("dispatch", compile_all_of_dispatch),
        ("buildings", compile_all_of_buildings),
        ("monitor", compile_all_of_monitor),
        ("heritage", compile_all_of_stock),
    ]
    with progress("compile") as tell:
        for number, (words, compile_one) in enumerate(jobs):
            tell(number / len(jobs), words)
            compile_one()
    messages.print("all kernels are compiled")


command = as_command(warmup)
