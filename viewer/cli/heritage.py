"""``bxl-twin heritage``: an owner's buildings over years, by budget, frequency of upkeep and strategy."""

import itertools
import os
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from rich.markup import escape
from rich.table import Table

from kernels.contract import LayerError
from kernels.energy.stock import STRATEGIES, Plan, Rules, Stock, plan
from twin.building_stock import EVERYBODY, Heritage, components, heritage_of, read_inspections
from twin.city import CityError
from viewer.cli.console import as_command, messages, mistakes, print_json, progress
from viewer.cli.heritage_picture import picture
from viewer.cli.run import read_city

_MWH = 3.6e9
MOST = 24
"""Combinations of strategy, budget and frequency that one call compares."""

ASSUMPTIONS = (
    "Conditions follow NEN 2767-1 (1 new … 6 very poor); without inspection they are those of the age, and where the "
    "year is not known the age is drawn.",
    "Costs of renewal are assumed (assets/component_lives.csv), so are repairs, neglect and the rise of energy.",
    "Energy is what leaves through roof, facade and windows in a Belgian heating season, what a boiler loses and what "
    "lamps use; air, hot water and plugs belong to no component.",
)


def heritage(
    city: Annotated[str, typer.Argument(help="City folder, or the word demo for the demo district.")],
    inspections: Annotated[
        Path | None,
        typer.Argument(metavar="[INSPECTIONS.csv]", help="building,component,condition[,size,life_years,cost_eur]."),
    ] = None,
    owner: Annotated[list[str] | None, typer.Option(help="Owner of the buildings, may be repeated; all else.")] = None,
    budget: Annotated[str, typer.Option(help="EUR a year; several to compare, by commas; inf pays all.")] = "1e6",
    years: Annotated[int, typer.Option(min=1, max=200)] = 30,
    first_year: Annotated[int, typer.Option("--from", help="First year of works.")] = 2026,
    strategy: Annotated[str, typer.Option(help=f"By commas: {', '.join(STRATEGIES)}.")] = ",".join(STRATEGIES),
    upkeep: Annotated[str, typer.Option(help="Years between two upkeeps, several by commas; 0 is never.")] = "1",
    price_rise: Annotated[float, typer.Option(min=-0.5, max=0.5, help="Of costs above the budget, a year.")] = 0.0,
    discount: Annotated[float, typer.Option(min=0, max=0.5, help="Rate of the present value.")] = 0.03,
    seed: Annotated[int, typer.Option(help="Of the luck of ageing; the same for all that is compared.")] = 0,
    out: Annotated[Path | None, typer.Option(metavar="REPORT.csv", help="Every year of everything compared.")] = None,
    parts: Annotated[Path | None, typer.Option(metavar="PARTS.csv", help="The components as they stand.")] = None,
    drawn: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE.svg", help="The courses as a picture.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Follow an owner's buildings over years: condition, backlog, cost, energy and CO2 of each strategy."""
    with mistakes(CityError, LayerError, OSError):
        for path, ending in ((out, ".csv"), (parts, ".csv"), (drawn, ".svg")):
            if path is not None and (path.suffix.lower() != ending or not path.absolute().parent.is_dir()):
                raise CityError(f"{path}: expected a {ending} in a folder that is there")
        asked = list(itertools.product(
            _words(strategy), _numbers(budget, "--budget"), _numbers(upkeep, "--upkeep")
        ))  # fmt: skip
        if len(asked) > MOST:
            raise CityError(f"{len(asked)} combinations to compare, expected {MOST} at most; ask in several calls")
        seen = None if inspections is None else read_inspections(inspections)
        with progress("heritage") as tell:
            whole = read_city(city)
            tell(0.2, "components")
            mine = heritage_of(whole, owner or [EVERYBODY], year=first_year, inspections=seen)
            plans: dict[str, Plan] = {}
            for number, (name, money, every) in enumerate(asked):
                tell(0.3 + 0.7 * number / len(asked), name)
                rules = Rules(upkeep_every=round(every), price_rise=price_rise)
                plans[_title(name, money, every, asked)] = plan(
                    mine.stock, rules, np.full(years, money), name, seed=seed
                )
        table = pd.concat([_courses(title, one, first_year) for title, one in plans.items()], ignore_index=True)
        if out is not None:
            _write(table, out)
        if parts is not None:
            _write(_parts(mine), parts)
        if drawn is not None:
            _put(picture(table, f"{whole.name}{' (demo)' if whole.demo else ''}"), drawn)
    _show(mine, plans, first_year, discount, demo=whole.demo)
    if json:
        print_json({
            "city": whole.name, "demo": whole.demo, "owners": owner or [EVERYBODY],
            "buildings": int(mine.table["building"].nunique()), "components": len(mine.table),
            "floor_area_m2": round(mine.floor_area, 1), "told": mine.told, "from": first_year, "years": years,
            "seed": seed, "discount": discount,
            "strategies": {
                title: {
                    "present_value_eur": round(one.present_value(discount), 2),
                    "years": _courses(title, one, first_year).drop(columns="scenario").to_dict("records"),
                } for title, one in plans.items()
            },
            "assumptions": list(ASSUMPTIONS),
        })  # fmt: skip


def _words(text: str) -> list[str]:
    found = [one.strip() for one in text.split(",") if one.strip()]
    odd = [one for one in found if one not in STRATEGIES]
    if odd or not found:
        raise CityError(f"--strategy: {text!r}, expected some of {', '.join(STRATEGIES)} by commas")
    return list(dict.fromkeys(found))


def _numbers(text: str, option: str) -> list[float]:
    try:
        found = [float(one) for one in text.split(",") if one.strip()]
    except ValueError:
        found = []
    whole = option != "--upkeep" or all(one == round(one) for one in found if np.isfinite(one))
    if not found or not all(one >= 0.0 for one in found) or not whole or (option == "--upkeep" and np.inf in found):
        raise CityError(f"{option}: {text!r}, expected numbers of 0 or more, by commas")
    return list(dict.fromkeys(found))


def _title(name: str, money: float, every: float, asked: list[tuple[str, float, float]]) -> str:
    """What tells one of the compared from the others."""
    words = [name]
    if len({one[1] for one in asked}) > 1:
        words.append(f"{money:,.0f} EUR".replace(",", " "))
    if len({one[2] for one in asked}) > 1:
        words.append(f"upkeep every {every:g} years" if every else "no upkeep")
    return ", ".join(words)


def _courses(title: str, one: Plan, first_year: int) -> pd.DataFrame:
    """A row a year."""
    return pd.DataFrame({
        "scenario": title, "year": first_year + np.arange(one.budget.size), "condition": one.condition.round(4),
        "poor_share": one.poor.round(4), "backlog_eur": one.backlog.round(2), "upkeep_eur": one.upkeep.round(2),
        "repairs_eur": one.repairs.round(2), "renewals_eur": one.renewals.round(2),
        "left_eur": np.where(np.isfinite(one.left), one.left, 0.0).round(2), "upkeep_missed": one.upkeep_missed,
        "repaired": one.repaired, "renewed": one.renewed, "energy_mwh": (one.energy / _MWH).round(3),
        "co2_t": (one.carbon / 1000.0).round(3),
    })  # fmt: skip


def _parts(mine: Heritage) -> pd.DataFrame:
    kept = mine.table.copy()
    for name in ("energy", "energy_renewed"):
        kept[f"{name}_mwh"] = (kept.pop(name) / _MWH).round(4)
    return kept.round({"size": 2, "cost": 2, "life": 1})


def _write(table: pd.DataFrame, path: Path) -> None:
    _put(table.to_csv(index=False, lineterminator="\n"), path)


def _put(text: str, path: Path) -> None:
    """Whole or not at all."""
    fresh = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _show(mine: Heritage, plans: dict[str, Plan], first_year: int, discount: float, *, demo: bool) -> None:
    if demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    heads = Table(box=None, pad_edge=False, title=f"{mine.table['building'].nunique()} buildings", title_justify="left")
    for words in ("component", "number", "size", "renewal M€", "life a", "mean class"):
        heads.add_column(words, justify="left" if words == "component" else "right")
    for kind in components():
        rows = mine.table[mine.table["component"] == kind.key]
        if not len(rows):
            continue
        mean = np.average(rows["condition"], weights=rows["cost"])
        heads.add_row(
            kind.label["en"], f"{len(rows)}", f"{rows['size'].sum():,.0f}", f"{rows['cost'].sum() / 1e6:,.1f}",
            f"{kind.life:g}", f"{mean:.2f}",
        )  # fmt: skip
    messages.print(heads)
    for title, one in plans.items():
        table = Table(box=None, pad_edge=False, title=escape(title), title_justify="left")
        heading = ("year", "class", "poor", "backlog M€", "upkeep M€", "repairs M€", "renewals M€", "MWh", "t CO2")
        for words in heading:
            table.add_column(words, justify="right")
        for row in range(one.budget.size):
            money = (one.backlog, one.upkeep, one.repairs, one.renewals)
            table.add_row(
                f"{first_year + row}", f"{one.condition[row]:.2f}", f"{100 * one.poor[row]:.0f} %",
                *(f"{each[row] / 1e6:,.2f}" for each in money), f"{one.energy[row] / _MWH:,.0f}",
                f"{one.carbon[row] / 1000:,.0f}",
            )  # fmt: skip
        messages.print(table)
        messages.print(f"[dim]spent, at {100 * discount:g} % a year: {one.present_value(discount) / 1e6:,.2f} M€[/]")
    for words, many in mine.told.items():
        if many:
            messages.print(f"[yellow]{many}: {words}[/]", soft_wrap=True)
    for note in ASSUMPTIONS:
        messages.print(f"[dim]{escape(note)}[/]", soft_wrap=True)


def compile_everything() -> None:
    """One component over one year; compiles the loop, or loads what an earlier run compiled."""
    one = np.ones(1)
    stock = Stock(np.zeros(1, np.int64), np.ones(1, np.int64), 20 * one, one, one, one, one, one)
    plan(stock, Rules(), one, STRATEGIES[0])


command = as_command(heritage)
