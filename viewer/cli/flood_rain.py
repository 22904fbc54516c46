"""What drives ``bxl-twin flood``: rain as a series, a design storm, an event or a field; inflows; levels at sides."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import xarray as xr
from pydantic import ValidationError

from scenarios.storms import Design, PastEvent, Steps
from twin.city import CRS
from twin.rain_field import read_rain_field
from twin.rainfall import IDF, composite_storm
from viewer.cli.flood_inputs import SIDES, join_series, read_series
from viewer.cli.raw_files import InputError, Raster

Series = tuple[np.ndarray, np.ndarray]
Storm = TypeVar("Storm", Design, PastEvent)

_FIELDS = (".nc", ".zarr", ".tif", ".tiff")
_STORM = {"T": "return_period_years", "duration": "duration_s", "step": "step_s", "climate": "climate_factor",
          "peak": "peak", "start": "start_s"}  # fmt: skip
_EVENT = {"climate": "climate_factor", "start": "start_s"}


def read_forcing(
    rain: str | None, inflow: list[str], stage: list[str], bed: Raster
) -> tuple[xr.Dataset, list[Path], list[str]]:
    """Forcing of the kernel, the files it came from, and what the user should know about it."""
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
    falls: Series | xr.DataArray | None = None
    notes: list[str] = []
    if rain is not None:
        falls, own, notes = _rain(rain, bed)
        files += own
    return join_series(falls, inflows, levels), files, notes


def _rain(text: str, bed: Raster) -> tuple[Series | xr.DataArray, list[Path], list[str]]:
    """Rain of one option: a step function (times [s], mm/h) or a field (time, y, x), its files, notes."""
    kind, colon, rest = text.partition(":")
    if colon and kind in ("design", "event") and not Path(text).exists():
        return _storm(kind, rest)
    name, words = (text, {}) if Path(text).exists() else _words(text)
    path = Path(name)
    if path.suffix.lower() in _FIELDS or (path.suffix.lower() == ".csv" and _is_gauges(path)):
        return _field(path, words, bed), [path], []
    if words:
        raise InputError(
            f"--rain {text}: a series of rain has no further words, got {', '.join(words)}; leave them out"
        )
    return read_series(path, "intensity_mm_h"), [path], []


def _words(text: str) -> tuple[str, dict[str, str]]:
    """The first part of an option and its ``key=value`` words."""
    first, *rest = text.split(",")
    found: dict[str, str] = {}
    for part in rest:
        key, equals, value = part.partition("=")
        if not equals or not value or key.strip() in found:
            raise InputError(f"--rain {text}: expected key=value, each once, after the first word, got {part!r}")
        found[key.strip()] = value.strip()
    return first, found


def _is_gauges(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        head = next((line for line in file if line.strip() and not line.startswith("#")), "")
    return {"x", "y", "rate"} <= {word.strip() for word in head.split(",")}


def _field(path: Path, words: dict[str, str], bed: Raster) -> xr.DataArray:
    known = ("step_s", "interpolation", "units")
    odd = [key for key in words if key not in known]
    if odd:
        raise InputError(f"--rain {path}: {odd[0]!r} is none of {', '.join(known)}")
    if not path.exists():
        raise InputError(f"{path}: no such file")
    lambert = bed.crs is None or f"EPSG:{bed.crs.to_epsg(min_confidence=20)}" == CRS
    if path.suffix.lower() in (".tif", ".tiff") and not lambert:
        raise InputError(f"--rain {path}: a GeoTIFF of rain is read in {CRS}, the terrain is not in it; give NetCDF")
    for key, offered in (("interpolation", ("nearest", "bilinear")), ("units", ("mm h-1", "m s-1"))):
        if key in words and words[key] not in offered:
            raise InputError(f"--rain {path}: {key} must be {' or '.join(offered)}, got {words[key]!r}")
    step = _number("step_s", words["step_s"]) if "step_s" in words else None
    more = {key: words[key] for key in ("interpolation", "units") if key in words}
    return read_rain_field(path, bed.grid, step_s=step, **more)  # type: ignore[arg-type]


def _storm(kind: str, rest: str) -> tuple[Series, list[Path], list[str]]:
    """A design storm or an event, by the same rules as in a scenario document."""
    if kind == "event":
        name, words = _words(rest)
        event = _made(lambda: PastEvent.model_validate({"event": name, **_numbers(words, _EVENT)}), f"event:{rest}")
        return _series(event.steps()), [], [f"rain: event {name}, totals spread evenly over their time (assumption)"]
    words = dict(part.partition("=")[::2] for part in rest.split(",") if part)
    table = words.pop("idf", None)
    what = _made(lambda: Design.model_validate(_numbers(words, _STORM)), f"design:{rest}")
    note = f"rain: composite storm of {what.return_period_years:g} years, {what.duration_s:g} s"
    if table is None:
        return _series(what.steps()), [], [f"{note}, from the few sourced figures; idf=FILE takes your commune's table"]
    path = Path(table)
    if not path.is_file():
        raise InputError(f"--rain design: {path}: no such file; idf takes a CSV, see docs/rainfall.md")
    return _series(_from_table(what, IDF.read(path))), [path], [f"{note}, from {path}"]


def _from_table(what: Design, table: IDF) -> Steps:
    """Steps of a storm from a table that lies anywhere; a document reads its table from the folder of inputs."""
    step = what.step_s or max(600.0, float(table.durations_of(what.return_period_years)[0]))
    storm = composite_storm(table, what.return_period_years, step, what.duration_s, what.peak, what.climate_factor)
    return tuple(zip((storm["time"].values + what.start_s).tolist(), (storm.values * 3.6e6).tolist(), strict=True))


def _numbers(words: dict[str, str], known: dict[str, str]) -> dict[str, float]:
    odd = [key for key in words if key not in known]
    if odd:
        raise InputError(
            f"--rain: {odd[0]!r} is none of {', '.join(known)}; write for instance design:T=10,duration=3600"
        )
    return {known[key]: _number(key, value) for key, value in words.items()}


def _number(key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"--rain: {key} must be a number, got {text!r}") from None


def _made(make: Callable[[], Storm], text: str) -> Storm:
    try:
        return make()
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"--rain {text}: {place}: {first['msg']}") from error


def _series(steps: Steps) -> Series:
    times, rates = np.array(steps, float).reshape(-1, 2).T
    return times, rates
