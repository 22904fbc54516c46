"""``bxl-twin solar``: the sun of a year on anyone's planes, and what photovoltaic modules make of it."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
import xarray as xr
from rich.markup import escape
from rich.table import Table

from kernels.contract import LayerError
from kernels.energy.horizons import AZIMUTHS, STEPS, horizons
from kernels.energy.photovoltaics import DC_TO_AC, INVERTER, MODULES, alternating_current, losses
from kernels.energy.plane_of_array import GROUND_ALBEDO, outward, skylight
from kernels.energy.solar_year import Patches, SolarYear, solar_year
from kernels.energy.triangle_tree import TriangleTree
from scenarios.problem import ScenarioError
from twin.city import CityError
from twin.formats import epw
from twin.skylight import skylight_of
from viewer.cli.console import as_command, messages, mistakes, print_json, progress

COLUMNS = {"surface": None, "tilt_deg": None, "azimuth_deg": None, "area_m2": 1.0, "peak_kw": 0.0, "horizon_deg": 0.0}
"""Columns of SURFACES.csv and what stands for one that is not there; None must be."""

LIMITS = {"tilt_deg": (0.0, 180.0), "azimuth_deg": (-360.0, 360.0), "area_m2": (0.0, 1e9), "peak_kw": (0.0, 1e6)}

_KWH = 3.6e6

ASSUMPTIONS = (
    "Perez (1990) sky, all sites together; what a horizon hides is black; the ground before a plane lies in the open.",
    "Cells as warm as Faiman (2008) has free-standing modules; glass by Martin and Ruiz (2001), 0.16.",
    "PVWatts version 5: losses as asked, inverter of 96 %, its own night use left out.",
)


class Module(StrEnum):
    """Kinds of module."""

    standard = "standard"
    premium = "premium"
    thin_film = "thin_film"


def solar(
    surfaces: Annotated[
        Path,
        typer.Argument(
            metavar="SURFACES.csv",
            help="surface,tilt_deg,azimuth_deg and, where known, area_m2,peak_kw,horizon_deg (angles from north on).",
        ),
    ],
    weather: Annotated[Path, typer.Option(metavar="FILE.epw", help="EnergyPlus weather, .gz too.")],
    out: Annotated[Path | None, typer.Option(metavar="HOURS.csv", help="File of all hours, one row each.")] = None,
    yearly: Annotated[Path | None, typer.Option(metavar="YEAR.csv", help="File of the sums, a surface a row.")] = None,
    module: Annotated[Module, typer.Option(help="Kind of module: how its power falls as it warms.")] = Module.premium,
    lost: Annotated[
        float, typer.Option("--losses", min=0, max=0.99, help="Part of the direct current that a plant loses.")
    ] = round(losses(), 6),
    dc_to_ac: Annotated[float, typer.Option(min=0.5, max=3, help="Power of modules over inverter.")] = DC_TO_AC,
    albedo: Annotated[float, typer.Option(min=0, max=1, help="Of the ground before the surfaces.")] = GROUND_ALBEDO,
    threads: Annotated[
        int | None, typer.Option(min=1, help="All processors where not given; no result depends on it.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Sum up the sun of a year on planes, by hour and by year, and what photovoltaic modules on them give."""
    with mistakes(ScenarioError, CityError, LayerError, OSError):
        for path, option in ((out, "--out"), (yearly, "--yearly")):
            if path is not None and (path.suffix.lower() != ".csv" or not path.absolute().parent.is_dir()):
                raise ScenarioError(f"{path}: expected a .csv in a folder that is there", option)
        if not weather.is_file():
            raise ScenarioError(f"{weather}: no such file", "--weather")
        planes, around = read_surfaces(surfaces)
        with progress("solar") as tell:
            tell(0.0, "weather")
            year = epw.read(weather)
            tell(0.4, "sun")
            found = _year(planes, around, year, module.value, lost, albedo, threads)
            inverters = found.peak / dc_to_ac
            alternating = alternating_current(found.direct, inverters[:, None])
            sums = _sums(planes, found, alternating)
            if yearly is not None:
                _write(sums, yearly)
            if out is not None:
                tell(0.8, "hours")
                _write(_hours(planes, year, found, alternating), out)
    _show(sums, year)
    if json:
        print_json({
            "place": year.attrs["place"], "latitude": year.attrs["latitude"], "longitude": year.attrs["longitude"],
            "sun_offset_min": year.attrs["sun_offset_min"], "module": module.value, "losses": lost,
            "dc_to_ac": dc_to_ac, "inverter_efficiency": INVERTER, "albedo": albedo,
            "surfaces": [{key: value if isinstance(value, str) else float(value) for key, value in row.items()}
                         for row in sums.to_dict("records")],
            "dc_kwh": float(sums["dc_kwh"].sum()), "ac_kwh": float(sums["ac_kwh"].sum()),
            "assumptions": list(ASSUMPTIONS),
        })  # fmt: skip


def read_surfaces(path: Path) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Read SURFACES.csv.

    Returns
    -------
    planes : DataFrame
        Columns as `COLUMNS`, less the horizon.
    around : list of (angle,) float64
        Horizon of each, evenly spread from north clockwise. [degree]

    Raises
    ------
    ScenarioError
        A file, a column or a number that cannot be read, or a surface that stands there twice.
    """
    if not path.is_file():
        raise ScenarioError(f"{path}: no such file", "SURFACES.csv")
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True, comment="#")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: not a CSV that can be read ({error})", "SURFACES.csv") from error
    unknown = [name for name in table.columns if name not in COLUMNS]
    lacking = [name for name, usual in COLUMNS.items() if usual is None and name not in table.columns]
    if unknown or lacking or not len(table):
        raise ScenarioError(
            f"{path}: expected rows with the columns {','.join(COLUMNS)} (the first three must be there); got "
            f"{','.join(table.columns)} in {len(table)} rows",
            "SURFACES.csv",
        )
    found = pd.DataFrame({"surface": table["surface"].str.strip()})
    for name, (low, high) in LIMITS.items():
        usual = COLUMNS[name]
        text = table[name].str.strip() if name in table else pd.Series([""] * len(table))
        if usual is not None:
            text = text.where(text != "", str(usual))
        values = pd.to_numeric(text, errors="coerce").to_numpy(float)
        wrong = ~((values >= low) & (values <= high))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise ScenarioError(
                f"{path}: {name} in row {row + 1} is {text[row]!r}, expected {low:g} … {high:g}", "SURFACES.csv"
            )
        found[name] = values
    twice = found["surface"][found["surface"].duplicated()]
    if len(twice):
        raise ScenarioError(f"{path}: surface {twice.iloc[0]!r} stands there twice; name each once", "SURFACES.csv")
    given = table["horizon_deg"] if "horizon_deg" in table else pd.Series(["0"] * len(table))
    return found, [_horizon(path, row, text) for row, text in enumerate(given)]


def _horizon(path: Path, row: int, text: str) -> np.ndarray:
    try:
        angles = np.array([float(word) for word in text.split()] or [0.0])
    except ValueError:
        angles = np.array([np.nan])
    if not ((angles >= 0) & (angles <= 90)).all():
        raise ScenarioError(
            f"{path}: horizon_deg in row {row + 1} is {text!r}, expected angles of 0 … 90 with blanks between, evenly "
            "spread from north clockwise",
            "SURFACES.csv",
        )
    return angles


def _year(
    planes: pd.DataFrame, around: list[np.ndarray], weather: xr.Dataset, module: str, lost: float, albedo: float,
    threads: int | None,
) -> SolarYear:  # fmt: skip
    count = len(planes)
    sectors = np.arange(AZIMUTHS) / AZIMUTHS
    rows = [np.interp(sectors, np.arange(one.size) / one.size, one, period=1.0) for one in around]
    horizon = np.rint(np.array(rows) / 90.0 * STEPS).astype(np.uint8)
    normals = outward(np.radians(planes["tilt_deg"]), np.radians(planes["azimuth_deg"]))
    patches = Patches.of(normals, planes["area_m2"], horizon, np.arange(count), count)
    return solar_year(
        patches, skylight_of(weather, albedo), weather["air_temperature"].values, weather["wind_speed"].values,
        1000.0 * planes["peak_kw"].to_numpy(), MODULES[module][1], lost, threads=threads,
    )  # fmt: skip


def _sums(planes: pd.DataFrame, found: SolarYear, alternating: np.ndarray) -> pd.DataFrame:
    """The year of each surface: sums in kWh, alternating current over peak power too."""
    sums = planes.copy()
    sums["irradiation_kwh_m2"] = found.irradiation / _KWH
    sums["dc_kwh"] = found.yield_ / _KWH
    sums["ac_kwh"] = alternating.sum(axis=1) / 1000.0
    peak = planes["peak_kw"].to_numpy()
    sums["ac_kwh_kwp"] = np.divide(sums["ac_kwh"], peak, out=np.zeros(len(planes)), where=peak > 0)
    return sums


def _hours(planes: pd.DataFrame, weather: xr.Dataset, found: SolarYear, alternating: np.ndarray) -> pd.DataFrame:
    times = np.datetime_as_string(weather["time"].values, unit="s")
    area = planes["area_m2"].to_numpy()
    poa = np.divide(found.solar, area[:, None], out=np.zeros(found.solar.shape), where=area[:, None] > 0)
    return pd.DataFrame({
        "begin_utc": np.tile(times, len(planes)), "surface": np.repeat(planes["surface"].to_numpy(), times.size),
        "plane_of_array_w_m2": poa.ravel().round(3), "dc_w": found.direct.ravel().round(3),
        "ac_w": alternating.ravel().round(3),
    })  # fmt: skip


def _write(table: pd.DataFrame, path: Path) -> None:
    """Whole or not at all."""
    fresh = path.with_name(f".{path.stem}.{os.getpid()}.csv")
    try:
        table.to_csv(fresh, index=False, lineterminator="\n")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _show(sums: pd.DataFrame, weather: xr.Dataset) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("surface")
    for words in ("kWh/m²", "DC kWh", "AC kWh", "kWh/kWp"):
        table.add_column(words, justify="right")
    for row in sums.to_dict("records"):
        figures: list[Any] = [row[name] for name in ("irradiation_kwh_m2", "dc_kwh", "ac_kwh", "ac_kwh_kwp")]
        table.add_row(escape(row["surface"]), *(f"{one:,.0f}" for one in figures))
    messages.print(table)
    messages.print(
        f"[dim]{escape(str(weather.attrs['place']))}: the file's sun stands {30 + weather.attrs['sun_offset_min']:.0f} "
        "minutes after the start of its hours[/]",
        soft_wrap=True,
    )
    for one in ASSUMPTIONS:
        messages.print(f"[dim]{escape(one)}[/]", soft_wrap=True)


def compile_everything() -> None:
    """One patch for one hour; compiles the loops, or loads what an earlier run compiled."""
    wall = TriangleTree.of(np.array([[[0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]]))
    patch = Patches.of(np.array([[0.0, 0.0, 1.0]]), [1.0], horizons(np.zeros((1, 3)), wall, threads=1), [0], 1)
    solar_year(patch, skylight([500.0], [100.0], [600.0], [0.7], [3.0]), peak_power=100.0, threads=1)


command = as_command(solar)
