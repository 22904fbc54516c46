"""``bxl-twin district``: is a district positive, by which definition, and what would make it so at least cost?"""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.markup import escape
from rich.table import Table

from kernels.contract import KernelError, LayerError
from kernels.energy.balance import FACTOR_SETS
from kernels.energy.hub import KWH
from scenarios.compare_energy import compare_results
from scenarios.district_optimum import as_json as optimum_json
from scenarios.district_optimum import optimum_of_result
from scenarios.energy_balance import Contracts, ped_table
from scenarios.positive_district import Answer, Choice, Question, as_json, search, why_of
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.city import CityError
from twin.result import Result, StoreError
from viewer.cli.console import EXIT_FAILED, as_command, messages, mistakes, print_json, progress
from viewer.cli.results import open_result
from viewer.cli.run import DEMO, read_city

_MARKS = {"yes": "[green]yes[/]", "no": "[red]no[/]", "within the band": "[yellow]±[/]"}
_WAYS = {"meters": "rules, own meters", "rules": "rules, one meter", "shared": "rules, shared", "best": "best"}
YEAR = {
    "scenario": 1,
    "name": {"fr": "Année synthétique", "nl": "Synthetisch jaar", "en": "Synthetic year"},
    "kernels": ["energy"],
    "period": {"start": "2018-12-31T23:00:00Z", "duration_s": 31_536_000, "output_every_s": 2_628_000},
    "forcing": {"weather": {"kind": "synthetic_year"}},
}
"""The document of a search that is given none."""


class By(StrEnum):
    """What makes a group of buildings."""

    period = "period"
    sector = "sector"


def district(
    target: Annotated[
        str, typer.Argument(help="A result, by its folder or digest; with --search a city folder, or the word demo.")
    ],
    table: Annotated[
        bool, typer.Option("--table", help="Print the verdicts of a result (as without --search).")
    ] = False,
    against: Annotated[str | None, typer.Option(help="Another result: what becomes of the verdicts under it.")] = None,
    find: Annotated[
        bool, typer.Option("--search", help="Search the cheapest measures that make the district positive.")
    ] = False,
    scenario: Annotated[
        Path | None, typer.Option(help="Document of the search; its edits stay. Else a synthetic year.")
    ] = None,
    optimum: Annotated[
        bool, typer.Option("--optimum", help="What the run would cost under perfect management, beside its rules.")
    ] = False,
    city: Annotated[str, typer.Option(help="City of the results of --against and --optimum.")] = DEMO,
    context: Annotated[float, typer.Option(help="Credit for density, kWh of primary energy by m² and year.")] = 0.0,
    certificates: Annotated[float, typer.Option(min=0, help="Guarantees of origin of electricity, kWh a year.")] = 0.0,
    owned: Annotated[float, typer.Option(min=0, help="Electricity made elsewhere by its own plants, kWh.")] = 0.0,
    contracted: Annotated[float, typer.Option(min=0, help="Electricity of contracts elsewhere, kWh.")] = 0.0,
    sector: Annotated[
        list[str] | None, typer.Option(help="Statistical sector of the district, more than once; all else.")
    ] = None,
    by: Annotated[By, typer.Option(help="Buildings that get one package of measures.")] = By.period,
    factors: Annotated[str, typer.Option(help=f"Factors of the search: {', '.join(FACTOR_SETS)}.")] = "f_el 1.9",
    quick: Annotated[bool, typer.Option("--quick", help="Fewer options: deep renovation, air, sun on roofs.")] = False,
    network: Annotated[
        bool, typer.Option("--network", help="Also a heat network of its own for each group; wants --by sector.")
    ] = False,
    rate: Annotated[float, typer.Option(min=0, max=0.2, help="Interest of the annuities.")] = 0.025,
    generations: Annotated[int, typer.Option(min=0, max=10_000, help="Of the search.")] = 60,
    population: Annotated[int, typer.Option(min=2, max=10_000, help="Choices in each.")] = 80,
    seed: Annotated[int, typer.Option(min=0, help="Of its lots.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Document to write with the measures found, .yaml or .json.")] = None,
    store: Annotated[Path, typer.Option(help="Folder of results, where digests are given.")] = Path("var/results"),
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: all verdicts, or all of the answer.")
    ] = False,
) -> None:
    """Judge a run of energy by every definition of a positive energy district, or search what would make it one."""
    try:
        with mistakes(ScenarioError, CityError, LayerError, OSError):
            if find and (table or optimum or against is not None):
                raise ScenarioError(
                    "takes a city, --table, --optimum and --against a result; ask one of them", "--search"
                )
            if optimum and (table or against is not None):
                raise ScenarioError("is a question of its own; ask --table or --against without it", "--optimum")
            if find:
                question = Question(
                    factors=factors, context=context, by=by.value, sectors=tuple(sector) if sector else None,
                    rate=rate, generations=generations, population=population, seed=seed,
                )  # fmt: skip
                if quick:
                    question = replace(
                        question,
                        renovations=("none", "deep"),
                        supplies=("keep", "air_heat_pump"),
                        suns=("none", "roofs"),
                    )
                if network:
                    question = replace(question, supplies=(*question.supplies, "network"))
                _search(target, scenario, question, out, json=json)
            else:
                owed = {"electricity": certificates} if certificates else None
                contracts = Contracts(owned * KWH, contracted * KWH)
                result = open_result(target, store)
                if optimum:
                    _optimum(result, city, json=json)
                elif against is None:
                    _table(result, ped_table(result, context, owed, contracts), json=json)
                else:
                    other = open_result(against, store, "--against")
                    with progress("compare") as tell:
                        tell(0.0, "city")
                        whole = read_city(city)
                        tell(0.5, "results")
                        found = compare_results(result, other, whole, context, owed, contracts).figures
                    _against(found)
                    if json:
                        print_json({"demo": whole.demo, "a": result.digest, "b": other.digest, **found})
    except (StoreError, KernelError) as error:
        messages.print(f"[bold red]failed[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(EXIT_FAILED) from error
    except KeyboardInterrupt as error:
        messages.print("stopped; nothing was written")
        raise typer.Exit(EXIT_FAILED) from error


def _table(result: Result, found: dict[str, Any], *, json: bool) -> None:
    demo = bool(result.manifest["city"]["demo"])
    if demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    shown = Table(box=None, pad_edge=False)
    for words in ("type", "boundary", *FACTOR_SETS):
        shown.add_column(words)
    for kind in found["types"]:
        for boundary in found["boundaries"]:
            lines = [
                next(
                    one for one in found["verdicts"]
                    if (one["type"], one["boundary"], one["factors"]) == (kind["key"], boundary["key"], factors)
                )
                for factors in FACTOR_SETS
            ]  # fmt: skip
            cells = [f"{_MARKS[one['positive']]} {_number(one['balance'])} {one['unit']}" for one in lines]
            shown.add_row(kind["label"]["en"], boundary["label"]["en"], *cells)
    messages.print(shown)
    crossed = found["exchange"][0]
    bought = ", ".join(f"{_number(value)} MWh of {name}" for name, value in crossed["bought_mwh"].items())
    shares = " and ".join(
        f"{words} {100 * crossed[key]:.1f} %"
        for key, words in (("self_consumption", "self-consumption"), ("self_sufficiency", "self-sufficiency"))
        if crossed[key] is not None
    )
    messages.print(
        f"Across its edge the district buys {bought}, gives {_number(crossed['given_mwh']['electricity'])} MWh of "
        f"electricity, at most {_number(crossed['peak_bought_kw'])} and {_number(crossed['peak_given_kw'])} kW; "
        f"{shares}; {_number(crossed['cost_eur'])} EUR, {_number(crossed['carbon_dioxide_t'])} t CO2",
        soft_wrap=True,
    )
    doubt = found["uncertainty"]
    messages.print(
        f"± is within the band: use is known to {100 * doubt['use']:.0f} %, production to "
        f"{100 * doubt['production']:.0f} % (standard uncertainty)",
        soft_wrap=True,
    )
    for said in found["notes"]:
        messages.print(f"[dim]{escape(said['en'])}[/]", soft_wrap=True)
    if json:
        print_json({"demo": demo, "result": result.digest, **found})


def _optimum(result: Result, city: str, *, json: bool) -> None:
    with progress("optimum") as tell:
        tell(0.0, "city")
        whole = read_city(city)
        tell(0.3, "schedule")
        found = optimum_json(optimum_of_result(result, whole))
    if whole.demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    shown = Table(box=None, pad_edge=False)
    names = ("", "EUR", "bought MWh", "given MWh", "cut MWh", "peak kW", "self-use %")
    for name in names:
        shown.add_column(name, justify="right" if name else "left")
    for one in found["ways"]:
        share = one["self_consumption"]
        numbers = [one[key] for key in ("cost_eur", "bought_mwh", "given_mwh", "curtailed_mwh", "peak_bought_kw")]
        cells = (*numbers, None if share is None else 100 * share)
        shown.add_row(_WAYS[one["key"]], *(_number(value) for value in cells))
    messages.print(shown)
    messages.print(
        f"One meter for all and shared stores are worth {_number(found['sharing_gains_eur'])} EUR over the "
        f"{found['hours']} hours, perfect foresight {_number(found['foresight_gains_eur'])} EUR more",
        soft_wrap=True,
    )
    messages.print(f"best: {found['ways'][-1]['label']['en'].lower()}", soft_wrap=True)
    for said in found["notes"]:
        messages.print(f"[dim]{escape(said['en'])}[/]", soft_wrap=True)
    if json:
        print_json({"demo": whole.demo, "result": result.digest, **found})


def _against(found: dict[str, Any]) -> None:
    shown = Table(box=None, pad_edge=False)
    shown.add_column("")
    for name in ("A", "B", "B - A"):
        shown.add_column(name, justify="right")
    for one in [*found["carriers"], *found["uses"]]:
        if one["a"] or one["b"]:
            cells = (_number(one["a"]), _number(one["b"]), _number(one["change"]))
            shown.add_row(f"{one['label']['en']}, {one['units']}", *cells)
    for key, words in (("cost_eur", "cost, EUR"), ("carbon_dioxide_t", "CO2, t")):
        shown.add_row(words, *(_number(found[key][side]) for side in ("a", "b", "change")))
    messages.print(shown)
    counts, verdicts = found["buildings"], found["ped"]
    messages.print(
        f"{counts['better']} buildings need less final energy, {counts['worse']} more; of "
        f"{len(verdicts['verdicts'])} verdicts {verdicts['turned']} turn",
        soft_wrap=True,
    )


def _search(target: str, scenario: Path | None, question: Question, out: Path | None, *, json: bool) -> None:
    if out is not None and out.suffix.lower() not in (".yaml", ".yml", ".json"):
        raise ScenarioError(f"{out}: a scenario document ends in .yaml or .json", "--out")
    document = Scenario.read(YEAR) if scenario is None else Scenario.load(scenario)
    with progress("city"):
        whole = read_city(target)
    with progress("search") as tell:
        answer = search(whole, document, question, on_progress=tell)
    if whole.demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    found = as_json(answer, question)
    _show(answer, question)
    for said in found["assumptions"]:
        messages.print(f"[dim]{escape(said['en'])}[/]", soft_wrap=True)
    if out is not None:
        _write(answer.scenario, out)
        messages.print(f"written to {out}", soft_wrap=True)
    if json:
        print_json({"demo": whole.demo, **found})


def _show(answer: Answer, question: Question) -> None:
    messages.print(f"[bold]{escape(why_of(answer, question)['en'])}[/]", soft_wrap=True)
    best = answer.nearest if answer.cheapest is None else answer.cheapest
    for key, package in best.packages.items():
        messages.print(f"  {escape(key)}: {escape(package.words['en'])}", soft_wrap=True)
    shown = Table(box=None, pad_edge=False)
    unit = "t CO2" if question.factors == "hourly CO2" else "MWh"
    for words in ("", "EUR once", "EUR a year", "t CO2 a year", "peak, kW", f"balance, {unit}"):
        shown.add_column(words, justify="right" if words else "left")
    rows: list[tuple[str, Choice]] = [("nothing done", answer.now), ("found", best)]
    rows += [("no other beats", one) for one in answer.front[:: max(len(answer.front) // 6, 1)]]
    scale = 1e3 if question.factors == "hourly CO2" else KWH * 1e3
    for name, one in rows:
        numbers = (one.once, one.cost, one.carbon_dioxide / 1e3, one.peak / 1e3, one.balance / scale)
        shown.add_row(name, *(_number(value) for value in numbers))
    messages.print(shown)
    messages.print(f"{answer.runs} runs of the kernel, {answer.judged} choices put together from them", soft_wrap=True)


def _write(document: Scenario, out: Path) -> None:
    """The document, whole or as it was."""
    fresh = out.with_name(f".{out.name}.new")
    plain = document.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    plain["edits"] = [edit.model_dump(mode="json", exclude_none=True) for edit in document.edits]
    if out.suffix.lower() == ".json":
        fresh.write_text(document.model_dump_json(indent=1, exclude_none=True) + "\n", encoding="utf-8")
    else:
        fresh.write_text(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8")
    fresh.replace(out)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.{0 if abs(value) >= 100 else 1}f}".replace(",", " ")


command = as_command(district)
