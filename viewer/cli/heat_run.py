"""The run of ``bxl-twin heat``: compiles first, marches from stamp to stamp, writes whole results."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import xarray as xr

from kernels.contract import Closure
from kernels.heat.kernel import Heat
from kernels.heat.points import fluxes_at
from kernels.quantities import QUANTITIES, attrs
from viewer.cli.grid_writer import GridWriter, write_table
from viewer.cli.heat_points import Point, head_of, rows_of
from viewer.cli.raw_files import Raster

ALWAYS = ("shadow", "mean_radiant_temperature", "utci")
"""Fields of every frame that are always written."""
EXTREMES = {
    "max_utci": np.fmax,
    "max_mean_radiant_temperature": np.fmax,
    "max_surface_temperature": np.fmax,
    "min_air_temperature": np.fmin,
    "max_air_temperature": np.fmax,
}
"""Fields over the stamps that were asked for, and how they grow; the kernel's own reach back to its midnight."""
COMMENTS = {
    "shadow": "1 is full shade, 0 is full sun; at night 1",
    "mean_radiant_temperature": "of a person standing there; none on buildings",
    "utci": "from the air, wind and radiation of the cell; none on buildings",
}


@dataclass(frozen=True)
class Task:
    """What a run is to do.

    Attributes
    ----------
    kernel : Heat
    layers, forcing : xarray.Dataset
    like : Raster
        Whose grid and CRS the result has.
    stamps : (output,) datetime64
        Output times, local standard time.
    times : (output,) float64
        The same since the first entry of the forcing. [s]
    utc_offset : float
        [h]
    points : list of Point
    out : Path
    also : tuple of str
        Fields of every frame to write beside `ALWAYS`.
    about : dict
        Attributes of the result.
    """

    kernel: Heat
    layers: xr.Dataset
    forcing: xr.Dataset
    like: Raster
    stamps: np.ndarray
    times: np.ndarray
    utc_offset: float
    points: list[Point]
    out: Path
    also: tuple[str, ...]
    about: dict[str, Any]


@dataclass
class Done:
    """What a run that came to its end says of itself.

    Attributes
    ----------
    closure : Closure
    highest : dict
        Greatest value of a field over the run, in the field's unit.
    seconds : dict
        By phase. [s]
    memory : int
        Held at the end. [byte]
    tables : list of Path
    """

    closure: Closure
    highest: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    memory: int = 0
    tables: list[Path] = field(default_factory=list)


def run(task: Task, tell: Callable[[float, str], None]) -> Done:
    """Run to the end, writing as it goes; nothing is kept of a run that does not come to its end.

    Parameters
    ----------
    task : Task
    tell : callable
        Takes a fraction 0..1 and a word on what is done.

    Raises
    ------
    LayerError, KernelError, OSError
    """
    kernel, clock = task.kernel, _Clock()
    tell(0.0, "sky view and shade")
    state = kernel.prepare(task.layers, task.forcing)
    clock.lap("masks")
    rows: list[list[Any]] = []
    head: tuple[str, ...] = ()
    extremes: dict[str, np.ndarray] = {}
    times = task.forcing["time"].values
    earlier = times[times < task.times[0]]
    if earlier.size:  # the morning that surfaces need is no part of what was asked for
        tell(0.0, "the hours before")
        kernel.advance(state, float(earlier[-1]))
    before = kernel.summarise(state)
    clock.lap("steps")
    since = pd.Timestamp(task.stamps[0])
    words = {
        "units": f"seconds since {since.isoformat(' ')}",
        "calendar": "proleptic_gregorian",
        "standard_name": "time",
        "long_name": f"Local standard time (UTC{task.utc_offset:+g} h)",
        "utc_offset_h": task.utc_offset,
    }
    seconds = task.times - task.times[0]
    with GridWriter(task.out, seconds, task.like.coords(), task.like.crs, time_words=words) as writer:
        clock.lap("write")
        for number, (stamp, until) in enumerate(zip(task.stamps, task.times, strict=True)):
            tell(number / task.times.size, pd.Timestamp(stamp).isoformat(" ", "minutes"))
            kernel.advance(state, float(until))
            frame = kernel.observe(state)
            if task.points:
                places = np.array([one[3:] for one in task.points]).T
                rows += rows_of(stamp, task.points, frame, fluxes_at(state, *places))
                head = head_of(frame)
            for name, grow in EXTREMES.items():
                values = frame[name.split("_", 1)[1]].values
                extremes[name] = grow(extremes[name], values) if name in extremes else values.copy()
            clock.lap("steps")
            kept = frame[[name for name in (*ALWAYS, *task.also) if name in frame]]
            for field_name, grid in kept.items():
                words_of = {"comment": COMMENTS[str(field_name)]} if field_name in COMMENTS else {}
                grid.attrs = attrs(str(field_name)) | words_of
            writer.frame(number, task.times.size, kept)
            clock.lap("write")
        memory = psutil.Process().memory_info().rss
        summary, closure = _summary(kernel.summarise(state), before, extremes), kernel.closure(state)
        highest = {name: float(np.nanmax(values)) for name, values in extremes.items() if name.startswith("max")}
        ledger = {f"{name}_j": float(value) for name, value in closure.ledger.items()}
        about = {"energy_error": float(closure.error), "ledger": ledger, "remarks": plain(closure.remarks)}
        writer.finish(summary, task.about | about)
    tables = []
    if task.points:
        tables.append(task.out.with_suffix(".points.csv"))
        write_table(tables[0], head, rows)
    clock.lap("write")
    return Done(closure, highest, clock.spent, memory, tables)


def _summary(whole: xr.Dataset, before: xr.Dataset, extremes: dict[str, np.ndarray]) -> xr.Dataset:
    """Fields over the stamps that were asked for."""
    found = whole.copy()
    for name, values in whole.items():
        if name in extremes:
            found[name] = (values.dims, extremes[str(name)], values.attrs)
        elif name in before and QUANTITIES[str(name)].units == "h":
            found[name] = (values.dims, values.values - before[name].values, values.attrs)
    return found


def plain(values: Any) -> Any:
    """The same in Python's own types, so that it can go into JSON."""
    if isinstance(values, np.ndarray | np.generic):
        return plain(values.tolist())
    if isinstance(values, dict):
        return {str(name): plain(value) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return [plain(value) for value in values]
    return values if isinstance(values, str | int | float | bool | type(None)) else str(values)


class _Clock:
    """Adds up the seconds of each phase."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._began = time.perf_counter()

    def lap(self, phase: str) -> None:
        """What passed since the last lap belongs to ``phase``."""
        now = time.perf_counter()
        self.spent[phase] = self.spent.get(phase, 0.0) + now - self._began
        self._began = now


def compile_loops(kernel: Heat) -> None:
    """Run the kernel on a yard with a building and a tree, so that compilation counts in nobody's time."""
    side = 16
    index = np.full((side, side), -1, np.int32)
    index[4:8, 4:8] = 0
    top = np.zeros((side, side), np.float32)
    top[10:12, 10:12] = 6.0
    flat = np.zeros((side, side))
    fields = {
        "ground_elevation": flat, "building_index": index, "building_height": np.where(index == 0, 8.0, 0.0),
        "roof_elevation": np.where(index == 0, 8.0, np.nan), "canopy_top": top, "canopy_bottom": top / 4,
        "canopy_transmissivity": np.where(top > 0, 0.03, 1.0), "albedo": flat + 0.2, "emissivity": flat + 0.95,
        "thermal_conductivity": flat + 1.0, "volumetric_heat_capacity": flat + 2e6, "surface_wetness": flat + 0.1,
    }  # fmt: skip
    axis = (np.arange(side) + 0.5) * 2.0
    small = {name: (("y", "x"), values, attrs(name)) for name, values in fields.items()}
    layers = xr.Dataset(small, coords={"x": axis, "y": axis})
    course = {
        "air_temperature": 300.0, "relative_humidity": 0.4, "wind_speed": 2.0, "global_horizontal_irradiance": 600.0,
        "diffuse_horizontal_irradiance": 200.0, "direct_normal_irradiance": 520.0,
        "downwelling_longwave_irradiance": 350.0, "solar_elevation_angle": 50.3, "solar_azimuth_angle": 150.0,
        "wind_from_direction": 225.0,
    }  # fmt: skip
    entries = {name: ("time", np.full(2, value), attrs(name)) for name, value in course.items()}
    forcing = xr.Dataset(entries, coords={"time": ("time", [0.0, 3600.0], {"units": "s"})})
    one = replace(kernel, threads=1)
    state = one.prepare(layers, forcing)
    one.advance(state, 3600.0)
    one.observe(state)
    fluxes_at(state, np.array([1]), np.array([1]))


def compile_everything() -> None:
    """Compile the loops of every way to run the kernel."""
    for kernel in (
        Heat(comfort=("utci", "pet", "wbgt"), parts=True),
        Heat(sky="isotropic", sky_view="parity", body="six_directions", wind="log", air=False),
    ):
        compile_loops(kernel)
