"""``bxl-twin building``: what anyone's building needs in a year, by layers and weather."""

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from rich.table import Table

from kernels.contract import LayerError
from kernels.energy import thermal_nodes, thermal_rc
from kernels.energy.thermal import Climate, Surface, Zone, planes_of
from kernels.energy.thermal_climate import climate
from kernels.energy.thermal_layers import Layer
from kernels.energy.thermal_year import Demand
from twin.city import CityError
from twin.formats import building_json, epw
from viewer.cli.console import as_command, messages, mistakes, print_json

KWH = 3.6e6
"""[J]"""
ZERO = 273.15
"""[K]"""


class Engine(StrEnum):
    """How demand is worked out."""

    iso52016 = "iso52016"
    iso13790 = "iso13790"


class Nodes(StrEnum):
    """How five nodes stand for layers."""

    by_class = "class"
    layers = "layers"


def building(
    file: Annotated[Path | None, typer.Argument(help="The building, .json; --schema prints what it holds.")] = None,
    weather: Annotated[Path | None, typer.Option(help="Weather year: .epw, also .gz.")] = None,
    engine: Annotated[
        Engine, typer.Option(help="Hourly nodes of ISO 52016-1, or the five resistances of ISO 13790.")
    ] = Engine.iso52016,
    nodes: Annotated[
        Nodes, typer.Option(help="Of iso52016: the standard's classes of mass, or nodes fitted to the layers.")
    ] = Nodes.by_class,
    steps_per_hour: Annotated[
        int | None, typer.Option(min=1, max=60, help="Steps of an hour; 4 of iso52016, 1 of iso13790 where not given.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Every hour of every zone, .csv.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of the file and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Work out what a building needs in a year: heating and cooling, their peaks, and the temperatures indoors.

    Schedules are of local standard time. Missing hours of weather are refused.
    """
    if schema:
        sys.stdout.write(json.dumps(building_json.schema(), indent=2) + "\n")
        return
    with mistakes(CityError, LayerError):
        if file is None or weather is None:
            raise CityError("give a building and its weather: bxl-twin building BUILDING.json --weather FILE.epw")
        if out is not None and (out.suffix.lower() != ".csv" or not out.absolute().parent.is_dir()):
            raise CityError(f"--out {out}: expected a .csv file in a folder that is there")
        zones = building_json.read(file)
        drive, notes = _climate(weather, zones)
        if engine is Engine.iso52016:
            steps = steps_per_hour or thermal_nodes.STEPS
            found = thermal_nodes.run(zones, drive, nodes=nodes.value, steps=steps, hourly=out is not None)
        else:
            found = thermal_rc.run(zones, drive, steps=steps_per_hour or 1, hourly=out is not None)
    answer = _answer(zones, found, engine, notes)
    if out is not None:
        _write_hours(out, zones, found)
        messages.print(f"wrote {out}")
    if as_json:
        print_json(answer)
    else:
        _print_table(answer)


def _climate(path: Path, zones: tuple[Zone, ...]) -> tuple[Climate, list[str]]:
    year = epw.read(path)
    longwave = year["downwelling_longwave_irradiance"].values
    notes = []
    if not np.isfinite(longwave).all():
        missing = int((~np.isfinite(longwave)).sum())
        notes.append(f"sky 11 K below the air at every hour: the weather has no long waves for {missing} h")
    start = year["time"].values[0]
    offset = (np.datetime64("2019-01-01") - start) / np.timedelta64(1, "s")
    drive = climate(
        year["time"].values,
        year["air_temperature"].values,
        year["global_horizontal_irradiance"].values,
        year["diffuse_horizontal_irradiance"].values,
        year["direct_normal_irradiance"].values,
        planes_of(zones),
        year.attrs["latitude"],
        year.attrs["longitude"],
        longwave=None if notes else longwave,
        altitude=year.attrs["altitude"],
        sun_offset=60.0 * year.attrs["sun_offset_min"],
        utc_offset=float(offset),
    )
    return drive, notes


def _answer(zones: tuple[Zone, ...], found: Demand, engine: Engine, notes: list[str]) -> dict[str, Any]:
    """The figures of every zone and of all; kWh, W and °C."""
    told = []
    for place, zone in enumerate(zones):
        books = {f"{name}_kwh": float(values[place]) / KWH for name, values in found.ledger.items()}
        figures = found.figures
        told.append(
            {
                "zone": zone.name,
                "heating_kwh_m2": books["heating_kwh"] / zone.floor_area,
                "cooling_kwh_m2": books["cooling_kwh"] / zone.floor_area,
                **books,
                "heating_peak_w": float(figures["heating_peak"][place]),
                "cooling_peak_w": float(figures["cooling_peak"][place]),
                "air_min_c": float(figures["lowest"][place]) - ZERO,
                "air_mean_c": float(figures["mean"][place]) - ZERO,
                "air_max_c": float(figures["highest"][place]) - ZERO,
            }
        )
    return {
        "engine": engine.value,
        "heating_kwh": sum(one["heating_kwh"] for one in told),
        "cooling_kwh": sum(one["cooling_kwh"] for one in told),
        "energy_error": float(found.closure.max()),
        "notes": notes,
        "zones": told,
    }


def _print_table(answer: dict[str, Any]) -> None:
    table = Table(title=f"Needs of the year, {answer['engine']}")
    columns = (
        ("heat kWh", "heating_kwh", ".0f"),
        ("/m²", "heating_kwh_m2", ".1f"),
        ("peak W", "heating_peak_w", ".0f"),
        ("cool kWh", "cooling_kwh", ".0f"),
        ("/m²", "cooling_kwh_m2", ".1f"),
        ("peak W", "cooling_peak_w", ".0f"),
        ("min °C", "air_min_c", ".1f"),
        ("mean", "air_mean_c", ".1f"),
        ("max", "air_max_c", ".1f"),
    )
    table.add_column("zone")
    for title, _, _ in columns:
        table.add_column(title, justify="right")
    for one in answer["zones"]:
        table.add_row(one["zone"], *(format(one[key], form) for _, key, form in columns))
    messages.print(table)
    for note in answer["notes"]:
        messages.print(note)


def _write_hours(path: Path, zones: tuple[Zone, ...], found: Demand) -> None:
    assert found.hourly is not None
    rows = found.hourly
    hours = rows.shape[2]
    table = pd.DataFrame(
        {
            "zone": np.repeat([zone.name for zone in zones], hours),
            "hour": np.tile(np.arange(hours), len(zones)),
            "heating_power_w": rows[:, 0].ravel(),
            "cooling_power_w": rows[:, 1].ravel(),
            "indoor_air_temperature_c": rows[:, 2].ravel() - ZERO,
            "operative_temperature_c": rows[:, 3].ravel() - ZERO,
        }
    )
    fresh = path.with_name(f".{path.stem}.{os.getpid()}.csv")
    try:
        table.to_csv(fresh, index=False, lineterminator="\n", float_format="%.6g")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def compile_everything() -> None:
    """Compile the loops of both engines on one room and two hours, or load what an earlier run compiled."""
    walls = tuple(Surface((Layer(0.2, 1.0, 2000.0, 1000.0),), 10.0, 0.5 * np.pi, side) for side in (0.0, 1.0))
    zone = Zone(walls, (), 10.0, 30.0)
    planes, dark = planes_of([zone]), np.zeros((2, 2))
    drive = Climate(np.full(2, 280.0), np.zeros(2), planes, dark, dark, np.zeros(2, np.int64))
    thermal_nodes.run([zone], drive, warm_up=0)
    thermal_rc.run([zone], drive, warm_up=0)


command = as_command(building)
