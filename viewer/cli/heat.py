"""bxl-twin heat: run the heat kernel on anyone's rasters and weather, without any city."""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from datetime import time as time_of_day
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.markup import escape

from kernels.contract import KernelError, LayerError
from kernels.heat.kernel import Heat
from twin.city import CityError
from viewer.cli.console import EXIT_FAILED, as_command, messages, mistakes, progress
from viewer.cli.heat_figures import tell
from viewer.cli.heat_ground import read_ground
from viewer.cli.heat_points import ABSORBED, read_points
from viewer.cli.heat_run import ALWAYS, Task, compile_loops, run
from viewer.cli.heat_weather import read_weather
from viewer.cli.raw_files import InputError

BYTES_PER_CELL = 520
"""What a run holds at its peak, rasters and layers with the kernel: measured on 2.25 million cells. [byte]"""
BASE = 0.45
"""What the program itself holds. [GB]"""
PACKED = 0.7
"""Size of a compressed field over its plain size, at worst. [1]"""
MORE_FIELDS = ("surface_temperature", "air_temperature", "pedestrian_wind_speed", *ABSORBED)
"""Fields that ``--also`` knows."""


def heat(
    dsm: Annotated[Path, typer.Option(help="Ground and buildings without trees: GeoTIFF or .asc in metres.")],
    weather: Annotated[Path, typer.Option(help="EPW, or CSV in local standard time; see docs/heat.md.")],
    begin: Annotated[str, typer.Option("--from", help="First stamp, ISO 8601 in local standard time, included.")],
    end: Annotated[
        str, typer.Option("--to", help="Last stamp, included; a date without a time is the whole of that day.")
    ],
    out: Annotated[Path, typer.Option(help="Zarr group to write; the table of the points goes beside it.")],
    dem: Annotated[str | None, typer.Option(help="Bare ground: a raster on the same grid, or a number.")] = None,
    cdsm: Annotated[Path | None, typer.Option(help="Top of the crowns above ground, 0 without tree.")] = None,
    tdsm: Annotated[
        Path | None, typer.Option(help="Top of the trunk zone above ground; a quarter of the tree else.")
    ] = None,
    land_cover: Annotated[Path | None, typer.Option(help="Codes of land cover on the same grid.")] = None,
    land_cover_scheme: Annotated[str | None, typer.Option(help="Their meaning: umep, worldcover or ours.")] = None,
    ground: Annotated[str, typer.Option(help="Cover of open ground where no raster tells it.")] = "asphalt",
    latitude: Annotated[float | None, typer.Option(help="North positive, degrees; of the files else.")] = None,
    longitude: Annotated[float | None, typer.Option(help="East positive, degrees; of the files else.")] = None,
    utc_offset: Annotated[
        float | None, typer.Option(help="Hours of local standard time before UTC; an EPW has its own.")
    ] = None,
    sun_offset_min: Annotated[
        float | None,
        typer.Option(help="Minutes by which the sun is later than the stamp; 0 for a CSV, the file's own for an EPW."),
    ] = None,
    sky: Annotated[str, typer.Option(help="Light of the sky: perez (brighter near the sun), or isotropic.")] = "perez",
    sky_view: Annotated[
        str, typer.Option(help="exact (walls at cell edges), or parity (153 patches, from centre to centre).")
    ] = "exact",
    body: Annotated[str, typer.Option(help="Person: cylinder, or six_directions.")] = "cylinder",
    wind: Annotated[
        str, typer.Option(help="Wind among buildings: zones (wakes, canyons), or log (profile only).")
    ] = "zones",
    no_air: Annotated[bool, typer.Option("--no-air", help="Air temperature of the file everywhere.")] = False,
    pet: Annotated[bool, typer.Option("--pet", help="Also PET.")] = False,
    wbgt: Annotated[bool, typer.Option("--wbgt", help="Also WBGT.")] = False,
    points: Annotated[Path | None, typer.Option(help="name,x,y; the twelve fluxes there go to OUT.points.csv.")] = None,
    also: Annotated[
        list[str] | None, typer.Option(help=f"Further field of every stamp: {', '.join(MORE_FIELDS)}. Repeatable.")
    ] = None,
    least_building: Annotated[
        float, typer.Option(help="The surface stands so far above the ground where there is a building, in metres.")
    ] = 2.0,
    transmissivity: Annotated[float, typer.Option(help="Part of the sun that passes a crown: 0.03 in leaf.")] = 0.03,
    wall_albedo: Annotated[float | None, typer.Option(help="Of all walls; the kernel's own else.")] = None,
    threads: Annotated[
        int | None, typer.Option(help="All processors where not given; no result depends on it.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Run even where memory or disk look too small.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No notes, no progress.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object at the end.")] = False,
) -> None:
    """Run the heat kernel on anyone's rasters and weather, without any city.

    Writes the sky view factor, and the shade, mean radiant temperature and felt temperature (UTCI) of every stamp.
    """
    with mistakes(InputError, LayerError, KernelError, CityError, OSError):
        began = time.perf_counter()
        fields = tuple(also or ())
        _check(sky, sky_view, body, wind, fields, least_building, transmissivity, wall_albedo)
        first, last = _stamp("--from", begin), _stamp("--to", end, whole_day=True)
        land = read_ground(
            dsm, dem, cdsm, tdsm, land_cover, land_cover_scheme, least_building=least_building,
            transmissivity=transmissivity, wall_albedo=wall_albedo, cover=ground,
        )  # fmt: skip
        driver = read_weather(
            weather, land.like, first, last, latitude=latitude, longitude=longitude, utc_offset=utc_offset,
            sun_offset=sun_offset_min,
        )  # fmt: skip
        people = read_points(points, land.like, land.layers) if points is not None else []
        comfort = ("utci", *(["pet"] if pet else []), *(["wbgt"] if wbgt else []))
        kernel = Heat(
            sky=sky, sky_view=sky_view, body=body, wind=wind, air=not no_air, comfort=comfort, threads=threads,
            parts=bool(people) or any(name in ABSORBED for name in fields),
        )  # fmt: skip
        frame_fields = (*comfort[1:], *fields)
        sizes = _sizes(land.layers["building_index"].size, driver.wanted.size, len(ALWAYS) + len(frame_fields))
        notes = [*land.notes, *driver.notes, f"this run needs about {sizes[0]:.2f} GB of memory"]
        if not quiet:
            for note in notes:
                messages.print(f"[dim]note[/] {escape(note)}", soft_wrap=True)
        _room(out, sizes, force)
        read = time.perf_counter() - began
        began = time.perf_counter()
        with _said("compiling the loops (kept for next time)", quiet):
            compile_loops(kernel)
        compiled = time.perf_counter() - began
        options = {
            "from": begin, "to": end, "sky": sky, "sky_view": sky_view, "body": body, "wind": wind, "air": not no_air,
            "dem": dem, "ground": ground, "land_cover_scheme": land_cover_scheme, "least_building_m": least_building,
            "transmissivity": transmissivity, "wall_albedo": wall_albedo, **driver.place,
        }  # fmt: skip
        files = [*land.files, weather, *([points] if points is not None else [])]
        about = {
            "Conventions": "CF-1.11", "title": f"Heat on {dsm.name}", "source": f"bxl-twin {version('bxl-twin')}",
            "inputs": {str(one): _sha256(one) for one in files}, "parameters": options, "notes": notes,
            "utc_offset_h": driver.place["utc_offset"],
        }  # fmt: skip
        task = Task(
            kernel, land.layers, driver.forcing, land.like, driver.stamps[driver.wanted],
            driver.forcing["time"].values[driver.wanted], driver.place["utc_offset"], people, out, frame_fields, about,
        )  # fmt: skip
        try:
            with _bar(quiet) as say:
                done = run(task, say)
        except KeyboardInterrupt as error:
            messages.print("stopped; nothing of this run is kept")
            raise typer.Exit(EXIT_FAILED) from error
        done.seconds = {"read": read, "compile": compiled} | done.seconds
        tell(
            task,
            done,
            {
                "notes": notes,
                "place": driver.place,
                "modelled": driver.modelled,
                "corrected": driver.corrected,
            },
            as_json,
            quiet,
        )


def _check(
    sky: str,
    sky_view: str,
    body: str,
    wind: str,
    fields: tuple[str, ...],
    least_building: float,
    transmissivity: float,
    wall_albedo: float | None,
) -> None:
    """Refuse words and numbers that mean nothing."""
    for option, given, known in (
        ("--sky", sky, ("perez", "isotropic")),
        ("--sky-view", sky_view, ("exact", "parity")),
        ("--body", body, ("cylinder", "six_directions")),
        ("--wind", wind, ("zones", "log")),
        *(("--also", one, MORE_FIELDS) for one in fields),
    ):
        if given not in known:
            raise InputError(f"{option} must be {' or '.join(known)}, got {given!r}")
    if not least_building > 0:
        raise InputError(f"--least-building must be a positive number of metres, got {least_building:g}")
    for option, share in (("--transmissivity", transmissivity), ("--wall-albedo", wall_albedo)):
        if share is not None and not 0 <= share <= 1:
            raise InputError(f"{option} must be a part from 0 to 1, got {share:g}")


def _stamp(option: str, text: str, whole_day: bool = False) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text}: expected ISO 8601 in local standard time, as 2019-07-25T14:00") from None
    if whole_day and len(text.strip()) <= len("2019-07-25"):
        return datetime.combine(found, time_of_day.max)
    return found


def _sizes(cells: int, frames: int, fields: int) -> tuple[float, float]:
    """Memory of the run and disk of the result, at most. [GB]"""
    return BASE + cells * BYTES_PER_CELL / 1e9, cells * 4 * (frames * fields + 12) * PACKED / 1e9


def _room(out: Path, sizes: tuple[float, float], force: bool) -> None:
    """Refuse a run that the machine has no room for."""
    home = next(one for one in (out.absolute().parent, *out.absolute().parents) if one.is_dir())
    memory, disk = psutil.virtual_memory().available / 1e9, shutil.disk_usage(home).free / 1e9
    for what, needed, free in (("memory", sizes[0], memory), (f"disk of {home}", sizes[1], disk)):
        if needed > free and not force:
            raise InputError(
                f"the run may need {needed:.2f} GB, but the {what} has {free:.2f} GB free; take a smaller raster or "
                "fewer stamps, or --force"
            )


@contextmanager
def _said(words: str, quiet: bool) -> Iterator[None]:
    if quiet:
        yield
        return
    with messages.status(words):
        yield


@contextmanager
def _bar(quiet: bool) -> Iterator[Callable[[float, str], None]]:
    if quiet:
        yield lambda _fraction, _step: None
        return
    with progress("heat") as say:
        yield say


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


command = as_command(heat)
