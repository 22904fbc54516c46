"""``bxl-twin compare-traffic``: what B does to the traffic of A, street by street and sector by sector."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from scenarios.compare_traffic import TrafficComparison, compare_results
from scenarios.problem import ScenarioError
from twin.city import CityError
from twin.result import StoreError
from viewer.cli.console import EXIT_FAILED, as_command, messages, mistakes, print_json, progress
from viewer.cli.results import open_result
from viewer.cli.run import DEMO, read_city
from viewer.cli.tables import write_table

STREETS, SECTORS = "streets.geojson", "sectors.geojson"
_BOUNDS = ("55", "65", "70")


def compare_traffic_command(
    a: Annotated[str, typer.Argument(metavar="A", help="Result before: its folder, or its digest.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Result after, over the same hours.")],
    city: Annotated[str, typer.Option(help="City folder of both results, or the word demo.")] = DEMO,
    out: Annotated[
        Path | None, typer.Option(help=f"Folder for {STREETS} and {SECTORS}, with all that changes.")
    ] = None,
    store: Annotated[Path, typer.Option(help="Folder of results, where digests are given.")] = Path("var/results"),
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: all figures of A, of B, changes.")
    ] = False,
) -> None:
    """Compare two runs of traffic: kilometres displaced, trips, people better and worse off, buses, help, noise."""
    try:
        with mistakes(ScenarioError, CityError, OSError):
            one, other = open_result(a, store, "A"), open_result(b, store, "B")
            with progress("compare") as tell:
                tell(0.0, "city")
                whole = read_city(city)
                tell(0.3, "streets, people, noise")
                found = compare_results(one, other, whole)
            if out is not None:
                out.mkdir(parents=True, exist_ok=True)
                write_table(found.streets, out / STREETS)
                write_table(found.sectors, out / SECTORS)
    except StoreError as error:
        messages.print(f"[bold red]failed[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(EXIT_FAILED) from error
    if whole.demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    _show(found)
    if out is not None:
        messages.print(
            f"{len(found.streets)} streets and {len(found.sectors)} sectors written to {out}", soft_wrap=True
        )
    if json:
        print_json({"demo": whole.demo, "a": one.digest, "b": other.digest, **found.figures})


def _show(found: TrafficComparison) -> None:
    figures = found.figures
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in ("A", "B", "B - A"):
        table.add_column(name, justify="right")
    table.add_column("")
    _row(table, "vehicle-kilometres", figures["vehicle_km"], "km")
    for part in figures["vehicle_km"]["by_class"]:
        _row(table, f"  {part['label']['en']}", part, "km")
    _row(table, "through traffic in neighbourhoods", figures["cut_through"], "%", 1)
    if figures["trips"]:
        _row(table, "trips that no way serves", figures["trips"]["unserved"], "")
        _row(table, "mean time of trips both serve", figures["trips"]["mean_time_s"], "s")
    _row(table, "CO2", figures["emissions"]["carbon_dioxide"], "kg")
    for bound in _BOUNDS:
        if bound in figures["noise"]["above"]:
            _row(table, f"residents above {bound} dB(A)", figures["noise"]["above"][bound], "")
    if figures["emergency"] is not None:
        _row(table, "minutes until help is there, mean", figures["emergency"]["mean_minutes"], "min", 1)
    messages.print(table)
    for words, rows in (("gain", figures["streets"]["gain"]), ("lose", figures["streets"]["lose"])):
        named = [row for row in rows if row["name_fr"] or row["name_nl"]][:5]
        if named:
            told = "; ".join(f"{_called(row)} {row['vehicle_km']['change']:+,.0f} km" for row in named)
            messages.print(f"[bold]{words} most[/]: {escape(told.replace(',', ' '))}", soft_wrap=True)
    people = figures["people"]
    if people["better"] is not None:
        messages.print(
            f"residents whose trips are shorter by {people['felt_s']:g} s or more: {_figure(people['better'])}, "
            f"longer: {_figure(people['worse'])}",
            soft_wrap=True,
        )
    buses = figures["buses"]
    if buses["runs"]:
        messages.print(
            f"of {buses['runs']} runs of buses {buses['delayed']} are late by {buses['late_s']:g} s or more and "
            f"{buses['barred']} cannot run",
            soft_wrap=True,
        )


def _called(row: dict[str, Any]) -> str:
    return " / ".join(dict.fromkeys(name for name in (row["name_fr"], row["name_nl"]) if name))


def _row(table: Table, words: str, pair: dict[str, Any], units: str, digits: int = 0) -> None:
    change = pair["change"]
    sign = "–" if change is None else _figure(change, digits, signed=True)
    table.add_row(words, _figure(pair["a"], digits), _figure(pair["b"], digits), sign, units)


def _figure(value: float | None, digits: int = 0, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    return f"{value:{'+' if signed else ''},.{digits}f}".replace(",", " ")


command = as_command(compare_traffic_command)
