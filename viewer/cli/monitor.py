"""``bxl-twin monitor``: signatures, alarms, night loads and leaks of anyone's meters."""

import csv
import math
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.markup import escape
from rich.table import Table

from kernels.contract import LayerError
from kernels.energy.hourly import fit_hourly
from kernels.energy.signature import fit
from kernels.energy.water import LITRE_PER_HOUR, find_leaks
from scenarios.problem import ScenarioError
from twin.city import CityError
from twin.formats import epw, meters_csv
from twin.monitoring import EnergyMeter, WaterMeter, watch_energy, watch_water
from twin.monitoring_sites import Site, places_of, read_sites, sites_of, table_of
from viewer.cli.console import as_command, messages, mistakes, print_json, progress
from viewer.cli.run import read_city
from viewer.cli.tables import refuse_ending, write_table

KWH = 3.6e6
"""[J]"""

ASSUMPTIONS = (
    "a day counts with nine tenths of its steps; the limits of the daily signature lie between those of ASHRAE "
    "Guideline 14 for months and hours",
    "the night of energy is 01 to 05 h, that of water 02 to 04 h, on the wall clock",
)
TYPICAL = "an EPW is a typical year, not the weather the meters had: signatures rest on the wrong days"


def monitor(
    meters: Annotated[Path, typer.Argument(help="CSV: time, meter, kind, reading, unit, value.")],
    weather: Annotated[
        Path | None, typer.Option(help="Outdoor air of the same time: CSV with time and air_temperature_c, or EPW.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Day of a measure: what was saved since, such as 2024-03-01.")
    ] = None,
    areas: Annotated[Path | None, typer.Option(help="Floor areas: CSV with meter and area_m2, to rank nights.")] = None,
    city: Annotated[
        str | None, typer.Option(help="City folder, or the word demo: puts the meters on its buildings.")
    ] = None,
    sites: Annotated[
        Path | None, typer.Option(help="Where meters stand: CSV with meter, building and, where known, name, area_m2.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Sites on their buildings: .geojson, .gpkg or .csv.")] = None,
    zone: Annotated[str, typer.Option(help="Time zone of days, nights and stamps without offset.")] = meters_csv.ZONE,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.999, help="Of the intervals of savings.")] = 0.9,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Fit energy signatures, tell drifts, savings and night loads, and find leaks in water meters."""
    notes = list(ASSUMPTIONS)
    with mistakes(CityError, LayerError, ScenarioError, OSError), progress("monitor") as tell:
        if (sites is not None or out is not None) and city is None:
            raise CityError("--sites and --out put meters on the buildings of a city; name it with --city")
        if out is not None:
            refuse_ending(out)
        found = meters_csv.read(meters, zone=zone)
        tell(0.3, "weather")
        energy = [one for one in found if one.kind != "water"]
        if energy and weather is None:
            raise CityError("meters of energy need --weather: a signature is power over outdoor temperature")
        outdoor = (np.zeros(0), np.zeros(0))
        if energy and weather is not None:
            outdoor = _weather(weather, energy, zone, notes)
        whole = None if city is None else read_city(city)
        places = {} if whole is None else places_of(
            [one.name for one in found], whole, None if sites is None else read_sites(sites)
        )  # fmt: skip
        sizes = {name: place.area for name, place in places.items()} | ({} if areas is None else _areas(areas))
        tell(0.4, "energy")
        watched, order = watch_energy(energy, outdoor, since=since, areas=sizes, zone=zone, confidence=confidence)
        tell(0.7, "water")
        water = watch_water([one for one in found if one.kind == "water"], zone=zone)
        ranked = [] if whole is None else sites_of(watched, water, places)
        if out is not None and whole is not None:
            tell(0.9, "map")
            write_table(table_of(ranked, whole), out)
    _show([watched[k] for k in order], water, notes)
    if whole is not None:
        _show_sites(ranked, [name for name, place in places.items() if not place.building], demo=whole.demo)
    if json:
        print_json(_plain({
            "sites": None if whole is None else [
                {"building": one.building or None, "name": one.name, "rank": one.rank, "state": one.state,
                 "saving_kwh_a": one.saving / KWH, "water_lost_m3_a": one.water_lost, "since": one.since or None,
                 "words": one.words} for one in ranked
            ],
            "energy": [_energy(watched[k]) for k in order], "water": [_water(one) for one in water],
            "confidence": confidence, "since": since, "assumptions": notes,
        }))  # fmt: skip


def _weather(path: Path, energy: list[meters_csv.Meter], zone: str, notes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    if ".epw" not in path.suffixes:
        return meters_csv.read_temperatures(path, zone=zone)
    notes.append(TYPICAL)
    stamps = np.concatenate([one.utc for one in energy])
    year = int(np.datetime64(int(np.median(stamps)), "s").astype("datetime64[Y]").astype(int)) + 1970
    found = epw.read(path, year=year)
    utc = found["time"].values.astype("datetime64[ns]").astype(np.int64) / 1e9
    return utc, found["air_temperature"].values


def _areas(path: Path) -> dict[str, float]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for number, row in enumerate(rows, 1):
        try:
            found[row["meter"]] = float(row["area_m2"])
        except (KeyError, TypeError, ValueError) as error:
            raise CityError(f"{path}: row {number} has not the columns meter and area_m2 with a number") from error
    return found


def _energy(one: EnergyMeter) -> dict[str, Any]:
    base, below, cold, above, hot = one.parameters
    errors = one.errors
    return {
        "meter": one.name, "kind": one.kind, "model": one.model, "days": one.days,
        "base_w": base, "heating_slope_w_k": below, "heating_change_c": cold - 273.15,
        "cooling_slope_w_k": above, "cooling_change_c": hot - 273.15,
        "standard_errors": {"base_w": errors[0], "heating_slope_w_k": errors[1], "heating_change_k": errors[2],
                            "cooling_slope_w_k": errors[3], "cooling_change_k": errors[4]},
        "cv_rmse": one.cv_rmse, "nmbe": one.nmbe, "hourly_cv_rmse": one.hourly_cv_rmse, "hourly_nmbe": one.hourly_nmbe,
        "within_limits": one.within_limits, "saving_kwh": one.saving / KWH,
        "saving_half_width_kwh": one.saving_half_width / KWH,
        "alarms": [{"day": day, "since": since, "sign": sign} for day, since, sign in one.alarms],
        "excess_kwh_a": one.excess / KWH, "night_load_w": one.night_load, "night_share": one.night_share,
        "night_excess_w": one.night_excess, "night_rank": one.night_rank, "counts": one.counts,
    }  # fmt: skip


def _water(one: WaterMeter) -> dict[str, Any]:
    return {
        "meter": one.name, "nights": one.nights, "alarms": one.alarms, "leaking": one.leaking,
        "leak_flow_l_h": one.leak_flow / LITRE_PER_HOUR, "night_flow_l_h": one.night_flow / LITRE_PER_HOUR,
        "findable_l_h": one.findable / LITRE_PER_HOUR, "never_still_l_h": one.never_still / LITRE_PER_HOUR,
        "lost_m3": one.lost, "counts": one.counts,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if math.isfinite(value) else None
    return value


def _show(energy: list[EnergyMeter], water: list[WaterMeter], notes: list[str]) -> None:
    if energy:
        table = Table(box=None, pad_edge=False)
        for words in ("meter", "model", "W/K heating", "CV(RMSE)", "alarms", "excess kWh/a", "night W", "saved kWh"):
            table.add_column(words, justify="left" if words in ("meter", "model") else "right")
        for one in energy:
            saved = "" if math.isnan(one.saving) else f"{one.saving / KWH:,.0f} ± {one.saving_half_width / KWH:,.0f}"
            table.add_row(
                escape(one.name), one.model, _number(one.parameters[1]), _number(100 * one.cv_rmse, " %"),
                str(len(one.alarms)), _number(one.excess / KWH), _number(one.night_load), saved,
            )  # fmt: skip
        messages.print(table)
    for leak in water:
        state = "[bold red]leaks[/]" if leak.leaking else "no leak"
        least = _number(leak.findable / LITRE_PER_HOUR, " L/h")
        flow, night = leak.leak_flow / LITRE_PER_HOUR, _number(leak.night_flow / LITRE_PER_HOUR, " L/h")
        messages.print(
            f"{escape(leak.name)}: {state} {flow:.0f} L/h, alarms {', '.join(leak.alarms) or '-'}, night {night}, "
            f"tells leaks from {least}",
            soft_wrap=True,
        )
        if leak.never_still > 0.0:
            messages.print(f"  never still in the last week: {leak.never_still / LITRE_PER_HOUR:.0f} L/h at least")
    for name, counts in [(one.name, one.counts) for one in energy] + [(one.name, one.counts) for one in water]:
        said = ", ".join(f"{many} {words}" for words, many in counts.items() if many)
        if said:
            messages.print(f"[yellow]{escape(name)}: {said}[/]", soft_wrap=True)
    for note in notes:
        messages.print(f"[dim]{escape(note)}[/]", soft_wrap=True)


def _show_sites(sites: list[Site], unmatched: list[str], *, demo: bool) -> None:
    if demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    for one in sites:
        messages.print(
            f"{one.rank}. {escape(one.name)} ({escape(one.building) or 'on no building'}): {escape(one.words['en'])}",
            soft_wrap=True,
        )
    if unmatched:
        messages.print(
            f"[yellow]{len(unmatched)} meters stand in no building of the city: {escape(', '.join(unmatched[:8]))}"
            f"{', …' if len(unmatched) > 8 else ''}; name their buildings with --sites[/]",
            soft_wrap=True,
        )


def _number(value: float, unit: str = "") -> str:
    return "-" if not math.isfinite(value) else f"{value:,.0f}{unit}"


def compile_everything() -> None:
    """Compile the loops of monitoring on a few days, or load what an earlier run compiled."""
    days = np.linspace(270.0, 300.0, 40)
    fit(days, days[None])
    fit_hourly(days, np.arange(40), days[None])
    find_leaks(np.zeros((1, 10)))


command = as_command(monitor)
