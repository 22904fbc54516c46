"""The run of ``bxl-twin flood``: compiles first, marches from output to output, writes, keeps checkpoints."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from kernels.contract import Closure
from kernels.flood.kernel import Flood
from kernels.flood.state import FloodState
from kernels.quantities import attrs
from viewer.cli import flood_checkpoint as checkpoint
from viewer.cli.console import progress
from viewer.cli.flood_drains import (
    CONDUIT_SERIES,
    NODE_SERIES,
    conduit_rows,
    names_of,
    node_rows,
    series_rows,
)
from viewer.cli.flood_output import write_gauges
from viewer.cli.grid_writer import GridWriter, numbers, write_table
from viewer.cli.raw_files import Raster

Gauge = tuple[str, int, int]

_TINY = {
    "infiltration_initial": 2e-6, "infiltration_final": 1e-6, "infiltration_decay": 1e-3, "curve_number": 80.0,
    "moisture_deficit": 0.2, "wetting_front_suction": 0.1,
}  # fmt: skip
_NETWORK = {
    "node_x": (0.5, 1.5), "node_y": (0.5, 0.5), "node_kind": (0.0, 2.0), "node_invert": (-1.0, -1.1),
    "node_rim": (0.0, 0.0), "conduit_start": (0.0,), "conduit_end": (1.0,), "conduit_length": (1.0,),
    "conduit_shape": (0.0,), "conduit_height": (0.3,), "conduit_width": (0.3,), "conduit_roughness": (0.013,),
    "conduit_start_invert": (-1.0,), "conduit_end_invert": (-1.1,), "inlet_node": (0.0,), "inlet_x": (0.5,),
    "inlet_y": (0.5,), "inlet_length": (1.0,), "inlet_area": (0.1,),
}  # fmt: skip


SCHEMES = ("fv2", "fv1", "inertia")


@dataclass(frozen=True)
class Task:
    """What a run is to do.

    Attributes
    ----------
    kernel : Flood
    layers, forcing : xarray.Dataset
    bed : Raster
    duration, every : float
        Length of the run, time between outputs. [s]
    gauges : list of (name, row, column)
    out : Path
    about : dict
        Attributes of the result.
    checkpoint_every : float or None
        Least model time between two checkpoints; they are kept at output times. [s]
    resume : bool
    """

    kernel: Flood
    layers: xr.Dataset
    forcing: xr.Dataset
    bed: Raster
    duration: float
    every: float
    gauges: list[Gauge]
    out: Path
    about: dict[str, Any]
    checkpoint_every: float | None = None
    resume: bool = False

    @property
    def times(self) -> np.ndarray:
        """Output times. [s]"""
        return np.append(np.arange(0.0, self.duration - 1e-9 * self.duration, self.every), self.duration)


@dataclass(frozen=True)
class Done:
    """What a run that came to its end says of itself.

    Attributes
    ----------
    state : FloodState
    closure : Closure
    deepest : float
        [m]
    tables : list of Path
        CSV files beside the result.
    resumed_at : float
        Where a resumed run went on. [s]
    """

    state: FloodState
    closure: Closure
    deepest: float
    tables: list[Path]
    resumed_at: float


def compile_everything(precision: str) -> None:
    """Compile the loops of all schemes, of soil, hollows, assumed sewer and sewers in one precision."""
    dims = ("y", "x")
    names = ("saturated_hydraulic_conductivity", "depression_storage", "sink_capacity", *_TINY)
    whole = xr.Dataset({name: (dims, np.zeros((2, 2))) for name in names} | {"node_x": ("node", np.zeros(1))})
    for scheme in SCHEMES:
        compile_loops(Flood(scheme=scheme, precision=precision, soil="green_ampt"), whole)


def compile_loops(kernel: Flood, layers: xr.Dataset) -> None:
    """Run the kernel on four cells with the same processes, so that compilation counts in nobody's time."""
    dims = ("y", "x")
    ground = [name for name, values in layers.data_vars.items() if values.dims == dims]
    tiny = {str(name): (dims, np.full((2, 2), _TINY.get(str(name), 1e-6)), attrs(str(name))) for name in ground}
    tiny |= {
        "ground_elevation": (dims, np.zeros((2, 2)), attrs("ground_elevation")),
        "building_index": (dims, np.full((2, 2), -1, np.int32), attrs("building_index")),
    }
    found: dict[str, Any] = dict(tiny)
    if "node_x" in layers:
        found |= {name: ((name.split("_")[0],), np.array(one), attrs(name)) for name, one in _NETWORK.items()}
    small = xr.Dataset(found, coords={"x": [0.5, 1.5], "y": [0.5, 1.5]})
    one = replace(kernel, threads=1)
    one.advance(one.prepare(small, xr.Dataset()), 1.0)


def run(task: Task) -> Done:
    """Run to the end, writing as it goes.

    Raises
    ------
    InputError, LayerError, KernelError, OSError
        Nothing is kept, except what a checkpoint counts on.
    """
    kernel, times = task.kernel, task.times
    far, unfinished = checkpoint.Progress(), None
    if task.resume:
        saved = checkpoint.load(task.out, task.about)
        state = kernel.restore(task.layers, task.forcing, saved.arrays)
        far, unfinished = saved.progress, saved.folder
    else:
        state = kernel.prepare(task.layers, task.forcing)
    resumed_at = kept_at = state.time
    with (
        GridWriter(task.out, times, task.bed.coords(), task.bed.crs, unfinished) as writer,
        progress("flood") as tell,
        _watched(state, task.duration, tell),
    ):
        for number in range(far.frames, times.size):
            until = float(times[number])
            kernel.advance(state, until)
            frame = kernel.observe(state)
            writer.frame(number, times.size, frame)
            _record(far, task, state, frame, until)
            far.frames = number + 1
            due = task.checkpoint_every is not None and until - kept_at >= task.checkpoint_every
            if due and not writer.keep:
                checkpoint.discard(task.out)  # of an older run
            if due and far.frames < times.size:
                checkpoint.save(task.out, kernel.checkpoint(state), far, writer.folder, task.about)
                writer.keep, kept_at = True, until
        summary, closure = kernel.summarise(state), kernel.closure(state)
        ground = task.layers[["ground_elevation"]].where(task.layers["building_index"] == -1).astype(np.float32)
        ground["ground_elevation"].attrs = attrs("ground_elevation")
        remarks = dict(closure.remarks)
        about = {"mass_error": closure.error, "ledger_m3": dict(closure.ledger), "remarks": remarks}
        writer.finish(summary.merge(ground, combine_attrs="drop"), task.about | about)
        tables = _tables(far, task, state)
    checkpoint.discard(task.out)
    return Done(state, closure, float(np.nanmax(summary["max_water_depth"].values)), tables, resumed_at)


def _sewer(state: FloodState) -> Any:
    return next((part for part in state.parts if part.name == "drains"), None)


def _record(far: checkpoint.Progress, task: Task, state: FloodState, frame: xr.Dataset, time: float) -> None:
    """Add an output time to the series."""
    for name, row, column in task.gauges:
        depth = float(frame["water_depth"].values[row, column])
        far.gauges.append([time, name, depth, depth + float(task.bed.values[row, column])])
    sewer = _sewer(state)
    if sewer is not None:
        now = sewer.observe()
        far.nodes += series_rows(time, now, "node", NODE_SERIES, names_of(task.layers, "node"))
        far.conduits += series_rows(time, now, "conduit", CONDUIT_SERIES, names_of(task.layers, "conduit"))


def _tables(far: checkpoint.Progress, task: Task, state: FloodState) -> list[Path]:
    """Write the tables beside the result."""
    written: list[Path] = []

    def place(kind: str) -> Path:
        written.append(task.out.with_suffix(f".{kind}.csv"))
        return written[-1]

    if task.gauges:
        write_gauges(place("gauges"), (tuple(row) for row in far.gauges))
    sewer = _sewer(state)
    if sewer is not None:
        peaks, last = sewer.summarise(), sewer.observe()
        for kind, (head, rows) in (
            ("nodes", node_rows(task.layers, peaks, last)),
            ("conduits", conduit_rows(task.layers, peaks)),
        ):
            write_table(place(kind), head, map(numbers, rows))
        for kind, columns, rows in (
            ("nodes", NODE_SERIES, far.nodes),
            ("conduits", CONDUIT_SERIES, far.conduits),
        ):
            head = ["time_s", kind.removesuffix("s"), *columns.values()]
            write_table(place(f"{kind}.series"), head, map(numbers, rows))
    return written


@contextmanager
def _watched(state: FloodState, duration: float, tell: Callable[[float, str], None]) -> Iterator[None]:
    """Show how far the model is while it runs; looking on does not change its steps."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.2):
            tell(state.time / duration, f"{state.time:.0f} s of {duration:.0f} s, step {state.steps}")

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
