"""``bxl-twin trees``: the inventory of a city's trees, what they hold and what they need this year."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from kernels.quantities import Language
from twin.city import City, CityError
from twin.formats import icalendar, tree_inventory
from twin.tree_upkeep import TASKS, Upkeep, upkeep, upkeep_events, write_upkeep
from twin.trees import TreeInventory
from twin.trees import tree_inventory as take_stock
from viewer.cli.console import as_command, messages, mistakes, print_json, progress
from viewer.cli.run import read_city

SHOWN = 12
"""Streets in the table on the screen."""


class Tongue(StrEnum):
    """Language of the calendar."""

    fr = "fr"
    nl = "nl"
    en = "en"


def trees(
    city: Annotated[str, typer.Argument(help="City folder, or the word demo for the demo district.")],
    out: Annotated[Path | None, typer.Option(help="Write the inventory: .csv, .geojson or .gpkg.")] = None,
    year: Annotated[int | None, typer.Option(help="Year of the upkeep; this year otherwise.")] = None,
    calendar: Annotated[
        Path | None, typer.Option(help="Write the upkeep of the year: .ics for a diary, .csv job by job.")
    ] = None,
    language: Annotated[Tongue, typer.Option(help="Language of the .ics calendar.")] = Tongue.fr,
    hourly_rate: Annotated[
        float | None, typer.Option(min=0.0, help="EUR an hour: adds the cost of the (assumed) hours.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: totals by street and sector, upkeep by task.")
    ] = False,
) -> None:
    """Take stock of the trees: sizes, CO2 held with its range, sums by street and sector, upkeep of a year."""
    with mistakes(CityError, OSError), progress("trees") as tell:
        if calendar is not None and calendar.suffix.lower() not in (".ics", ".csv"):
            raise CityError(f"{calendar}: names no calendar; end it with .ics or .csv")
        found = read_city(city)
        tell(0.4, "taking stock")
        inventory = take_stock(found)
        when = year if year is not None else datetime.now(UTC).year
        jobs = upkeep(inventory, when)
        tell(0.8, "writing")
        if out is not None:
            tree_inventory.write(inventory.table, out, demo=found.demo)
        if calendar is not None:
            _write_calendar(jobs, calendar, when, language.value, hourly_rate, found)
    told = _as_json(found, inventory, jobs, when, hourly_rate)
    _show(told)
    for path in (out, calendar):
        if path is not None:
            messages.print(f"{path}", soft_wrap=True)
    if json:
        print_json(told)


def _write_calendar(
    jobs: list[Upkeep], path: Path, year: int, language: Language, rate: float | None, city: City
) -> None:
    if path.suffix.lower() == ".csv":
        write_upkeep(jobs, path, rate)
        return
    label = " (demo data, not the cadastre)" if city.demo else ""
    icalendar.write(path, upkeep_events(jobs, year, language), f"{city.name}{label} {year}")


def _as_json(city: City, inventory: TreeInventory, jobs: list[Upkeep], year: int, rate: float | None) -> dict[str, Any]:
    table = inventory.table
    tasks: dict[str, dict[str, float]] = {}
    for one in jobs:
        sums = tasks.setdefault(one.task, {"trees": 0, "hours": 0.0})
        sums["hours"] = round(sums["hours"] + one.hours, 2)
    for task, sums in tasks.items():
        sums["trees"] = len({one.tree for one in jobs if one.task == task})
        if rate is not None:
            sums["cost_eur_assumed"] = round(sums["hours"] * rate, 2)
    return {
        "city": city.name,
        "demo": city.demo,
        "digest": city.digest,
        "units": {"co2_stored": "kg", "co2_yearly": "kg a-1", "hours": "h"},
        "total": _rounded(inventory.total()),
        "species_known": int((table["scientific_name"] != "").sum()),
        "trunk_basis": {str(name): int(count) for name, count in table["trunk_basis"].value_counts().items()},
        "beyond_equation": int(inventory.carbon.stretched.sum()),
        "sources": {str(name) or "none": int(count) for name, count in table["source"].value_counts().items()},
        "streets": [_rounded(one) for one in inventory.totals("street")],
        "sectors": [_rounded(one) for one in inventory.totals("sector")],
        "upkeep": {"year": year, "jobs": len(jobs), "tasks": tasks, "hours_are_assumed": True},
    }


def _rounded(one: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 1) if isinstance(value, float) else value for key, value in one.items()}


def _tonnes(one: dict[str, Any], what: str) -> str:
    middle, low, high = (one[name] / 1000 for name in (what, f"{what}_p10", f"{what}_p90"))
    return f"{middle:,.1f} ({low:,.1f} to {high:,.1f})".replace(",", " ")


def _show(told: dict[str, Any]) -> None:
    if told["demo"]:
        messages.print("[bold]demo data, not the cadastre[/]")
    sums = Table(box=None, pad_edge=False)
    for words in ("", "trees", "t CO2 held (P10 to P90)", "t CO2 a year (P10 to P90)"):
        sums.add_column(words, justify="right" if words else "left")
    rows = [("all", told["total"]), *((one["name"], one) for one in told["streets"][:SHOWN])]
    for name, one in rows:
        sums.add_row(escape(name), f"{one['trees']}", _tonnes(one, "co2_stored"), _tonnes(one, "co2_yearly"))
    messages.print(sums)
    if len(told["streets"]) > SHOWN:
        messages.print(f"[dim]and {len(told['streets']) - SHOWN} more streets[/]")
    known = ", ".join(f"{basis} {count}" for basis, count in told["trunk_basis"].items())
    messages.print(f"species known: {told['species_known']}; trunks from: {known or 'none'}")
    if told["beyond_equation"]:
        messages.print(f"[dim]{told['beyond_equation']} trunks are thicker than their equation was fitted to[/]")
    when = told["upkeep"]["year"]
    for task, one in told["upkeep"]["tasks"].items():
        cost = f", {one['cost_eur_assumed']:,.0f} EUR" if "cost_eur_assumed" in one else ""
        messages.print(f"{when} {TASKS[task]['en'].lower()}: {one['trees']} trees, {one['hours']:g} h assumed{cost}")


command = as_command(trees)
