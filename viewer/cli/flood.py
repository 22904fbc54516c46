"""bxl-twin flood: run the flood kernel on anyone's raw terrain, without any city."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
import xarray as xr
from rich.table import Table

from kernels.contract import Closure, KernelError, LayerError
from kernels.flood.kernel import Flood
from kernels.flood.state import FloodState
from kernels.quantities import attrs
from viewer.cli.console import as_command, messages, mistakes, print_json, progress
from viewer.cli.flood_inputs import (
    SIDES,
    InputError,
    Raster,
    join_series,
    number_or_raster,
    read_buildings,
    read_raster,
    read_series,
    read_table,
    read_walls,
)
from viewer.cli.flood_output import FloodWriter, write_gauges
from viewer.cli.warmup import compile_flood

Gauge = tuple[str, int, int]


def flood(
    terrain: Annotated[Path, typer.Option(help="GeoTIFF or .asc (also .gz) in metres, square cells; any CRS or none.")],
    duration: Annotated[float, typer.Option(help="Length of the run. [s]")],
    out: Annotated[Path, typer.Option(help="Zarr group to write; gauges go beside it.")],
    buildings: Annotated[
        Path | None, typer.Option(help="Footprints (GeoJSON); their rain runs off around them.")
    ] = None,
    walls: Annotated[Path | None, typer.Option(help="Lines (GeoJSON) with height_m above the ground.")] = None,
    manning: Annotated[
        str, typer.Option(help="Roughness: a number or a raster on the terrain's grid. [s m-1/3]")
    ] = "0.03",
    rain: Annotated[
        Path | None,
        typer.Option(
            help="time_s,intensity_mm_h; each row holds until the next, the last row ends the rain; "
            "a single row holds for the whole run."
        ),
    ] = None,
    inflow: Annotated[
        list[str] | None,
        typer.Option(
            help="X,Y,FILE.csv with time_s,discharge_m3_s; linear between rows, nothing outside them "
            "(a single row holds for the whole run). Repeatable."
        ),
    ] = None,
    stage_boundary: Annotated[
        list[str] | None,
        typer.Option(
            help="SIDE,FILE.csv with time_s,level_m; SIDE is west, east, south or north; linear, held outside "
            "its rows. Repeatable."
        ),
    ] = None,
    boundary: Annotated[
        str, typer.Option(help="The other sides: closed, or open (water leaves freely, none comes in).")
    ] = "closed",
    initial_depth: Annotated[str, typer.Option(help="A number or a raster on the terrain's grid. [m]")] = "0",
    output_every: Annotated[
        float | None, typer.Option(help="Time between outputs; a tenth of the run else. [s]")
    ] = None,
    scheme: Annotated[str, typer.Option(help="fv2 (second order) or fv1 (first order, faster).")] = "fv2",
    precision: Annotated[str, typer.Option(help="f32 or f64.")] = "f32",
    threads: Annotated[
        int | None, typer.Option(help="All processors where not given; no result depends on it.")
    ] = None,
    gauges: Annotated[
        Path | None, typer.Option(help="name,x,y; series of depth and level go to OUT.gauges.csv.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object at the end.")] = False,
) -> None:
    """Run the flood kernel on anyone's raw terrain, without any city.

    Cells of the terrain without data are holes with closed faces, without rain.
    """
    with mistakes(InputError, LayerError, KernelError, OSError):
        if not (np.isfinite(duration) and duration > 0):
            raise InputError(f"--duration must be a positive number of seconds, got {duration:g}")
        every = duration / 10 if output_every is None else output_every
        if not (np.isfinite(every) and every > 0):
            raise InputError(f"--output-every must be a positive number of seconds, got {every:g}")
        if boundary not in ("closed", "open"):
            raise InputError(f"--boundary must be closed or open, got {boundary!r}; levels go to --stage-boundary")
        kernel = Flood(scheme=scheme, precision=precision, boundary=boundary, threads=threads)
        bed = read_raster(terrain)
        layers, notes = _layers(bed, buildings, walls, manning, initial_depth)
        forcing, read = _forcing(rain, inflow or [], stage_boundary or [])
        points = _gauges(gauges, bed, layers) if gauges is not None else []
        for note in notes:
            messages.print(f"[dim]note[/] {note}")
        options = {
            "duration_s": duration, "output_every_s": every, "scheme": scheme, "precision": precision,
            "boundary": boundary, "manning": manning, "initial_depth": initial_depth,
            "inflow": inflow or [], "stage_boundary": stage_boundary or [],
        }  # fmt: skip
        files = [terrain, *(one for one in (buildings, walls, rain, gauges) if one is not None), *read]
        files += [Path(text) for text in (manning, initial_depth) if Path(text).is_file()]
        with messages.status("compiling the loops (kept for next time)"):
            compile_flood(precision)
        about = {
            "Conventions": "CF-1.11", "title": f"Flood on {terrain.name}", "source": f"bxl-twin {version('bxl-twin')}",
            "inputs": {str(one): _sha256(one) for one in files}, "parameters": options,
        }  # fmt: skip
        state, closure, deepest = _run(kernel, layers, forcing, bed, (duration, every), points, out, about)
        _tell(kernel, state, closure, deepest, bed, as_json)


def _layers(
    bed: Raster, buildings: Path | None, walls: Path | None, manning: str, initial_depth: str
) -> tuple[xr.Dataset, list[str]]:
    """Layers of the kernel, and what the user should know about them."""
    notes = []
    unknown = np.isnan(bed.values)
    if unknown.all():
        raise InputError("every cell of the terrain is without data; is it the right tile?")
    index = np.full(bed.grid.shape, -1, np.int32)
    if buildings is not None:
        index, lost = read_buildings(buildings, bed)
        if lost:
            notes.append(f"{lost} footprints are too small to cover the centre of a cell and are left out")
    index[unknown & (index < 0)] = -2
    if unknown.any():
        notes.append(f"{int(unknown.sum())} of {unknown.size} cells of the terrain are without data: holes")
    roughness = number_or_raster(manning, bed, "roughness")
    depth = number_or_raster(initial_depth, bed, "initial depth")
    ground = index == -1
    gaps = ground & np.isnan(roughness)
    if gaps.any():
        row, column = (int(i) for i in np.argwhere(gaps)[0])
        x, y = bed.coords()["x"][column], bed.coords()["y"][row]
        raise InputError(
            f"the roughness is without data in {int(gaps.sum())} cells of open ground, first at {x:g}, {y:g}; fill it"
        )
    dry = ground & np.isnan(depth)
    if dry.any():
        notes.append(f"the initial depth is without data in {int(dry.sum())} cells of open ground: taken as dry")
        depth = np.where(dry, 0.0, depth)
    dims = ("y", "x")
    fields: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
        "ground_elevation": (dims, np.where(unknown, np.nanmin(bed.values), bed.values)),
        "building_index": (dims, index),
        "manning_roughness": (dims, np.where(ground, roughness, 0.0)),
        "water_depth": (dims, np.where(ground, depth, 0.0)),
    }
    if walls is not None:
        crest_x, crest_y = read_walls(walls, bed)
        fields |= {"wall_crest_x": (("y", "x_face"), crest_x), "wall_crest_y": (("y_face", "x"), crest_y)}
    return xr.Dataset({name: (*what, attrs(name)) for name, what in fields.items()}, coords=bed.coords()), notes


def _forcing(rain: Path | None, inflow: list[str], stage: list[str]) -> tuple[xr.Dataset, list[Path]]:
    """Forcing of the kernel, and the files it came from."""
    inflows, files = [], []
    levels: list[tuple[str, np.ndarray, np.ndarray]] = []
    for text in inflow:
        parts = text.split(",", 2)
        try:
            x, y = (float(part) for part in parts[:2])
            file = Path(parts[2])
        except (ValueError, IndexError) as error:
            raise InputError(f"--inflow must be X,Y,FILE.csv, got {text!r}") from error
        inflows.append((x, y, *read_series(file, "discharge_m3_s")))
        files.append(file)
    for text in stage:
        side, _, name = text.partition(",")
        if side not in SIDES or not name:
            raise InputError(f"--stage-boundary must be SIDE,FILE.csv with a side of {', '.join(SIDES)}, got {text!r}")
        if side in [known for known, _, _ in levels]:
            raise InputError(f"--stage-boundary names {side} twice; one series each")
        levels.append((side, *read_series(Path(name), "level_m", negative=True)))
        files.append(Path(name))
    series = None if rain is None else read_series(rain, "intensity_mm_h")
    return join_series(series, inflows, levels), files


def _gauges(path: Path, bed: Raster, layers: xr.Dataset) -> list[Gauge]:
    """Name, row and column of each gauge."""
    table = read_table(path, ("name", "x", "y"))
    grid = bed.grid
    found: list[Gauge] = []
    for name, x, y in zip(table["name"].astype(str), table["x"], table["y"], strict=True):
        column, row = int((x - grid.west) // grid.cell_size), int((y - grid.south) // grid.cell_size)
        if not (0 <= row < grid.rows and 0 <= column < grid.columns):
            raise InputError(f"{path}: gauge {name!r} at {x:g}, {y:g} lies outside the grid")
        if layers["building_index"].values[row, column] != -1:
            raise InputError(f"{path}: gauge {name!r} at {x:g}, {y:g} lies on a building or a cell without data")
        found.append((name, row, column))
    return found


def _run(
    kernel: Flood,
    layers: xr.Dataset,
    forcing: xr.Dataset,
    bed: Raster,
    period: tuple[float, float],
    points: list[Gauge],
    out: Path,
    about: dict[str, Any],
) -> tuple[FloodState, Closure, float]:
    """Run to the end, writing as it goes; the last state, its ledgers and the greatest depth [m]."""
    duration, every = period
    times = np.append(np.arange(0.0, duration - 1e-9 * duration, every), duration)
    rows: list[tuple[float, str, float, float]] = []
    state = kernel.prepare(layers, forcing)
    with FloodWriter(out, times, bed.coords(), bed.crs) as writer, progress("flood") as tell:
        with _watched(state, duration, tell):
            for number, until in enumerate(times.tolist()):
                kernel.advance(state, until)
                frame = kernel.observe(state)
                writer.frame(number, times.size, frame)
                for name, row, column in points:
                    depth = float(frame["water_depth"].values[row, column])
                    rows.append((until, name, depth, depth + float(bed.values[row, column])))
        summary, closure = kernel.summarise(state), kernel.closure(state)
        ground = layers[["ground_elevation"]].where(layers["building_index"] == -1).astype(np.float32)
        ground["ground_elevation"].attrs = attrs("ground_elevation")
        writer.finish(summary.merge(ground), about | {"mass_error": closure.error, "ledger_m3": dict(closure.ledger)})
        if points:
            write_gauges(out.with_suffix(".gauges.csv"), rows)
    return state, closure, float(np.nanmax(summary["max_water_depth"].values))


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


def _tell(kernel: Flood, state: FloodState, closure: Closure, deepest: float, bed: Raster, as_json: bool) -> None:
    """The figures of the run, for people or for programs."""
    volume = closure.ledger
    cells = bed.values.size
    figures: dict[str, Any] = {
        "scheme": kernel.scheme,
        "precision": kernel.precision,
        "threads": state.crew.threads,
        "steps": state.steps,
        "cells": cells,
        "compute_s": state.compute_s,
        "cell_steps_per_s": cells * state.steps / state.compute_s if state.compute_s > 0 else 0.0,
        "volume_in_m3": volume["volume_rain"] + volume["volume_inflow"] + volume["volume_boundary_in"],
        "volume_out_m3": volume["volume_boundary_out"],
        "volume_stored_m3": volume["volume_stored"],
        "mass_error": closure.error,
        "max_depth_m": deepest,
        "volume_initial_m3": volume["volume_initial"],
        "volume_rain_m3": volume["volume_rain"],
        "volume_inflow_m3": volume["volume_inflow"],
        "volume_boundary_in_m3": volume["volume_boundary_in"],
        "nodata_cells": int(np.isnan(bed.values).sum()),
    }
    if as_json:
        print_json(figures)
        return
    table = Table(title=f"{figures['steps']} steps of {cells} cells in {state.compute_s:.2f} s", show_header=False)
    for words, name in (
        ("water at the start", "volume_initial_m3"),
        ("rain", "volume_rain_m3"),
        ("inflow", "volume_inflow_m3"),
        ("in over the sides", "volume_boundary_in_m3"),
        ("out over the sides", "volume_out_m3"),
        ("water at the end", "volume_stored_m3"),
    ):
        table.add_row(words, f"{figures[name]:,.3f} m³")
    table.add_row("error of the balance", f"{closure.error:.1e}")
    table.add_row("greatest depth", f"{deepest:.3f} m")
    messages.print(table)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


command = as_command(flood)
