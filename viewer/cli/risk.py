"""``bxl-twin risk``: one scenario under storms of several return periods, and what they cost a year."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from kernels.contract import KernelError, LayerError
from scenarios.annual_damage import AnnualDamage, annual_damage_of, for_return_period
from scenarios.damage import ASSUMPTIONS
from scenarios.engine import simulate
from scenarios.floods_directive import probability_of, write_pack
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.city import CityError
from twin.result import Result, StoreError
from twin.store import Store
from viewer.cli.console import EXIT_FAILED, as_command, messages, mistakes, print_json, progress
from viewer.cli.run import DEMO, read_city

_COLUMNS = {"damage_low": "low", "damage": "central", "damage_high": "high"}


def risk(
    scenario: Annotated[Path, typer.Argument(help="Scenario document whose rain is of the kind design.")],
    years: Annotated[list[float], typer.Option(help="Return period; give several: --years 2 --years 10.")],
    city: Annotated[str, typer.Option(help="City folder, or the word demo for the demo district.")] = DEMO,
    store: Annotated[Path, typer.Option(help="Folder of results; the same scenario is never run twice.")] = Path(
        "var/results"
    ),
    harmless: Annotated[
        float | None, typer.Option(help="Return period up to which nothing is damaged; without it, the first given.")
    ] = None,
    packs: Annotated[
        Path | None, typer.Option(help="Folder for a Floods-Directive pack (zip) of each return period.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: damages, expected annual damage.")
    ] = False,
) -> None:
    """Run a scenario for several return periods and add up the expected annual damage."""
    with mistakes(ScenarioError, CityError, LayerError):
        document = Scenario.load(scenario)
        periods = sorted(set(years))
        documents = {period: for_return_period(document, period) for period in periods}
        with progress("city"):
            whole = read_city(city)
        for one in documents.values():
            one.digest(whole)  # every mistake is told before anything is computed
    try:
        results: dict[float, Result] = {}
        kept = Store(store)
        with mistakes(ScenarioError, CityError, LayerError):
            for period, one in documents.items():
                with progress(f"{period:g} years") as tell:
                    results[period] = simulate(whole, one, store=kept, on_progress=tell)
            found = annual_damage_of(results, harmless)
            for period, result in results.items():
                if packs is not None:
                    place = packs / f"{'demo-' if whole.demo else ''}floods-{period:g}-years.zip"
                    write_pack(result, whole, place, probability=probability_of(period), return_period_years=period)
                    messages.print(f"{place}", soft_wrap=True)
    except (StoreError, KernelError) as error:
        messages.print(f"[bold red]failed[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(EXIT_FAILED) from error
    except KeyboardInterrupt as error:
        messages.print("stopped; what was finished is kept")
        raise typer.Exit(EXIT_FAILED) from error
    _show(results, found, demo=whole.demo)
    if json:
        print_json(_as_json(results, found, demo=whole.demo))


def _damages(result: Result) -> dict[str, Any]:
    by_key = {one["key"]: one["value"] for one in result.indicators}
    return {key: by_key.get(key) for key in _COLUMNS}


def _show(results: dict[float, Result], found: AnnualDamage, *, demo: bool) -> None:
    if demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    table = Table(box=None, pad_edge=False)
    for words in ("damage, EUR of 2010", *_COLUMNS.values()):
        table.add_column(words, justify="right")
    for period, result in results.items():
        table.add_row(f"{period:g} years", *(f"{value:,.0f}".replace(",", " ") for value in _damages(result).values()))
    annual = (found.low, found.central, found.high)
    table.add_row("each year", *(f"{value:,.0f}".replace(",", " ") for value in annual))
    messages.print(table)
    messages.print(
        f"of it {found.rare:,.0f} for rarer and {found.frequent:,.0f} for more frequent floods".replace(",", " ")
    )
    for said in ASSUMPTIONS:
        messages.print(f"[dim]{escape(said['en'])}[/]")


def _as_json(results: dict[float, Result], found: AnnualDamage, *, demo: bool) -> dict[str, Any]:
    return {
        "demo": demo,
        "return_periods_years": list(results),
        "results": [result.digest for result in results.values()],
        "damages_eur": [_damages(result) for result in results.values()],
        "expected_annual_damage_eur": {"low": found.low, "central": found.central, "high": found.high},
        "rarer_eur": found.rare,
        "more_frequent_eur": found.frequent,
    }


command = as_command(risk)
