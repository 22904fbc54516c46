"""bxl-twin flood: run the flood kernel on anyone's raw terrain, without any city."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
import xarray as xr
from rich.markup import escape

from kernels.contract import KernelError, LayerError
from kernels.flood.kernel import Flood
from scenarios.problem import ScenarioError
from twin.city import CityError
from twin.rainfall import RainError
from viewer.cli import flood_checkpoint as checkpoint
from viewer.cli.console import EXIT_FAILED, as_command, messages, mistakes
from viewer.cli.flood_drains import with_drains
from viewer.cli.flood_figures import tell
from viewer.cli.flood_ground import read_layers, with_sink, with_soil, with_storage
from viewer.cli.flood_rain import read_forcing
from viewer.cli.flood_run import Gauge, Task, compile_loops, run
from viewer.cli.raw_files import InputError, Raster, read_raster, read_table


def flood(
    terrain: Annotated[Path, typer.Option(help="GeoTIFF or .asc (also .gz) in metres, square cells; any CRS or none.")],
    duration: Annotated[float, typer.Option(help="Length of the run, in seconds.")],
    out: Annotated[Path, typer.Option(help="Zarr group to write; tables go beside it.")],
    buildings: Annotated[
        Path | None, typer.Option(help="Footprints (GeoJSON); their rain runs off around them.")
    ] = None,
    walls: Annotated[
        Path | None, typer.Option(help="Lines (GeoJSON) with height_m above the ground, or crest_m, a level.")
    ] = None,
    manning: Annotated[
        str, typer.Option(help="Roughness: a number or a raster on the terrain's grid, in s m^-1/3.")
    ] = "0.03",
    rain: Annotated[
        str | None,
        typer.Option(
            help="time_s,intensity_mm_h; each row holds until the next, the last row ends the rain; "
            "a single row holds for the whole run. Or a field in space (.nc, .zarr, .tif with step_s=, or gauges as "
            "CSV time_s,x,y,rate), or design:T=YEARS,duration=S, or event:NAME."
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
    initial_depth: Annotated[str, typer.Option(help="A number or a raster on the terrain's grid, in metres.")] = "0",
    output_every: Annotated[
        float | None, typer.Option(help="Seconds between outputs; a tenth of the run else.")
    ] = None,
    soil: Annotated[
        str,
        typer.Option(
            metavar="LAW[,NAME=VALUE…]",
            help="none, constant (conductivity_mm_h), green_ampt (conductivity_mm_h, suction_mm, deficit), "
            "horton (initial_mm_h, final_mm_h, decay_per_h), scs_cn (curve_number). A value is a number or a raster; "
            "cover=RASTER gives codes of land cover instead, table=FILE.csv your own parameters by code.",
        ),
    ] = "none",
    depression_storage: Annotated[
        str | None, typer.Option(metavar="MM", help="What small hollows hold before water runs; a number or a raster.")
    ] = None,
    drains: Annotated[
        Path | None, typer.Option(help="Sewer network, SWMM 5 .inp in the terrain's coordinates.")
    ] = None,
    blocked: Annotated[
        float | None, typer.Option(help="Part by which every inlet of the sewer is blocked, 0 to 1.")
    ] = None,
    downpipes: Annotated[
        float,
        typer.Option(
            help="A roof drains to the nearest sewer node within this; 0: to the ground around it. In metres."
        ),
    ] = 0.0,
    sink_capacity: Annotated[
        str | None,
        typer.Option(
            metavar="MM_H",
            help="Assumption where the sewer is not known: what it takes from each open cell at most; a number, a "
            "raster, or T=YEARS for the hour of rain of that return period.",
        ),
    ] = None,
    scheme: Annotated[
        str,
        typer.Option(
            help="fv2 (second order), fv1 (first order, faster), or inertia (screening: fastest, without convective "
            "acceleration; the run says where it was too fast for that)."
        ),
    ] = "fv2",
    precision: Annotated[str, typer.Option(help="f32 or f64.")] = "f32",
    threads: Annotated[
        int | None, typer.Option(help="All processors where not given; no result depends on it.")
    ] = None,
    gauges: Annotated[
        Path | None, typer.Option(help="name,x,y; series of depth and level go to OUT.gauges.csv.")
    ] = None,
    checkpoint_every: Annotated[
        float | None, typer.Option(help="Seconds of the run after which an output also keeps OUT.checkpoint.npz.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from OUT.checkpoint.npz of a stopped run.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object at the end.")] = False,
) -> None:
    """Run the flood kernel on anyone's raw terrain, without any city.

    Cells of the terrain without data are holes with closed faces, without rain.
    """
    with mistakes(InputError, LayerError, KernelError, ScenarioError, CityError, RainError, OSError):
        _check(duration, checkpoint_every, boundary, blocked, downpipes, drains)
        every = duration / 10 if output_every is None else output_every
        if not (np.isfinite(every) and every > 0):
            raise InputError(f"--output-every must be a positive number of seconds, got {every:g}")
        bed = read_raster(terrain)
        layers, notes = read_layers(bed, buildings, walls, manning, initial_depth)
        law, layers, read = with_soil(layers, soil, bed)
        kernel = Flood(scheme=scheme, precision=precision, boundary=boundary, threads=threads, soil=law)
        forcing, drivers, more = read_forcing(rain, inflow or [], stage_boundary or [], bed)
        notes += more
        if depression_storage is not None:
            layers = with_storage(layers, depression_storage, bed)
        if sink_capacity is not None:
            layers, more_words = with_sink(layers, sink_capacity, bed)
            notes.append(more_words)
        network: dict[str, Any] | None = None
        if drains is not None:
            layers, more, network = with_drains(layers, drains, bed, blocked, downpipes)
            notes += more
            if sink_capacity is not None:
                notes.append("the assumed sewer takes beside that of --drains, also under its streets")
        if scheme == "inertia":
            notes.append("scheme inertia is for screening")
        points = _gauges(gauges, bed, layers) if gauges is not None else []
        for note in notes:
            messages.print(f"[dim]note[/] {escape(note)}", soft_wrap=True)
        options = {
            "duration_s": duration, "output_every_s": every, "scheme": scheme, "precision": precision,
            "boundary": boundary, "manning": manning, "initial_depth": initial_depth,
            "inflow": inflow or [], "stage_boundary": stage_boundary or [], "rain": rain, "soil": soil,
            "depression_storage_mm": depression_storage, "sink_capacity_mm_h": sink_capacity,
            "blocked": blocked, "downpipes_m": downpipes,
        }  # fmt: skip
        files = [terrain, *(one for one in (buildings, walls, gauges, drains) if one is not None), *drivers, *read]
        rasters = (manning, initial_depth, depression_storage, sink_capacity)
        files += [Path(text) for text in rasters if text is not None and Path(text).is_file()]
        about = {
            "Conventions": "CF-1.11", "title": f"Flood on {terrain.name}", "source": f"bxl-twin {version('bxl-twin')}",
            "inputs": {str(one): _sha256(one) for one in files}, "parameters": options, "notes": notes,
        }  # fmt: skip
        with messages.status("compiling the loops (kept for next time)"):
            compile_loops(kernel, layers)
        task = Task(kernel, layers, forcing, bed, duration, every, points, out, about, checkpoint_every, resume)
        _note_checkpoint(task)
        try:
            done = run(task)
        except KeyboardInterrupt as error:
            kept = checkpoint.place_of(out)
            words = f"{kept} is there; the same command with --resume goes on from it"
            if not kept.is_file():
                words = "nothing of this run is kept; --checkpoint-every keeps where a run stood"
            messages.print(f"stopped; {escape(words)}", soft_wrap=True)
            raise typer.Exit(EXIT_FAILED) from error
        tell(task, done, notes, network, as_json)


def _check(
    duration: float,
    checkpoint_every: float | None,
    boundary: str,
    blocked: float | None,
    downpipes: float,
    drains: Path | None,
) -> None:
    """Refuse options that contradict themselves or each other."""
    if not (np.isfinite(duration) and duration > 0):
        raise InputError(f"--duration must be a positive number of seconds, got {duration:g}")
    if checkpoint_every is not None and not (np.isfinite(checkpoint_every) and checkpoint_every > 0):
        raise InputError(f"--checkpoint-every must be a positive number of seconds, got {checkpoint_every:g}")
    if boundary not in ("closed", "open"):
        raise InputError(f"--boundary must be closed or open, got {boundary!r}; levels go to --stage-boundary")
    if blocked is not None and not 0 <= blocked <= 1:
        raise InputError(f"--blocked must be a part of 0 (clear) to 1 (blocked), got {blocked:g}")
    if not (np.isfinite(downpipes) and downpipes >= 0):
        raise InputError(f"--downpipes must be a distance of 0 or more, got {downpipes:g}")
    if drains is None:
        for option, given in (("--blocked", blocked is not None), ("--downpipes", downpipes > 0)):
            if given:
                raise InputError(f"{option} is of a sewer; give one with --drains NETWORK.inp")


def _note_checkpoint(task: Task) -> None:
    """A checkpoint that this run does not go on from is about to go, or stays behind."""
    kept = checkpoint.place_of(task.out)
    if task.resume or not kept.is_file():
        return
    messages.print(
        f"[dim]note[/] {escape(str(kept))} of a stopped run is there; this run begins anew and removes it "
        "(--resume goes on from it)",
        soft_wrap=True,
    )


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


def _sha256(path: Path) -> str:
    """Of a file; of a folder (a Zarr group), of its files in order."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    whole = hashlib.sha256()
    for one in sorted(part for part in path.rglob("*") if part.is_file()):
        whole.update(f"{one.relative_to(path).as_posix()}\0{_sha256(one)}\0".encode())
    return whole.hexdigest()


command = as_command(flood)
