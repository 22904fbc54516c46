"""``bxl-twin heat-islands``: streets or sectors of a heat day, ranked by who suffers there."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import numpy as np
import typer
from rich.markup import escape
from rich.table import Table

from scenarios.heat_islands import heat_islands
from scenarios.problem import ScenarioError
from scenarios.reopened import heat_figures_of
from scenarios.vulnerability import parts, read_sensitivity, read_weights, vulnerability
from twin.city import CityError
from twin.result import StoreError
from viewer.cli.console import EXIT_FAILED, as_command, messages, mistakes, print_json, progress
from viewer.cli.results import open_result
from viewer.cli.run import DEMO, read_city
from viewer.cli.tables import as_rows, refuse_ending, write_table


class By(StrEnum):
    """What is ranked, and by what."""

    street = "street"
    sector = "sector"
    vulnerability = "vulnerability"


UNITS = {
    "person_hours_32": "h", "person_hours_38": "h", "residents": "1", "hours_above_32": "h", "hours_above_38": "h",
    "max_utci": "degC", "coolest_hour": "degC", "warmer_night": "K", "vulnerability": "1", "hazard": "1",
    "exposure": "1", "sensitivity": "1", **{key: one.units for key, one in parts().items()},
}  # fmt: skip
_SHOWN = {
    By.street: ("person_hours_32", "residents", "hours_above_32", "hours_above_38", "max_utci", "warmer_night"),
    By.sector: ("person_hours_32", "residents", "hours_above_32", "hours_above_38", "max_utci", "warmer_night"),
    By.vulnerability: ("vulnerability", "hazard", "exposure", "sensitivity", "residents", "hours_above_32"),
}
_HEADS = {
    "person_hours_32": "person-hours > 32 °C", "residents": "residents", "hours_above_32": "h > 32 °C",
    "hours_above_38": "h > 38 °C", "max_utci": "highest, °C", "warmer_night": "night, K",
    "vulnerability": "vulnerability", "hazard": "hazard", "exposure": "exposure", "sensitivity": "sensitivity",
}  # fmt: skip
_DIGITS = {"person_hours_32": 0, "residents": 0, "vulnerability": 2, "hazard": 2, "exposure": 2, "sensitivity": 2}


def heat_islands_command(
    result: Annotated[str, typer.Argument(help="Result of a run with the kernel heat: its folder, or its digest.")],
    city: Annotated[str, typer.Option(help="City folder of the result, or the word demo.")] = DEMO,
    by: Annotated[By, typer.Option(help="Rank streets, sectors, or sectors by their vulnerability.")] = By.street,
    weights: Annotated[
        Path | None, typer.Option(help="Weights of vulnerability, YAML or JSON; those it does not name stay.")
    ] = None,
    people: Annotated[
        Path | None, typer.Option(help="CSV of people by sector: sector, share_over_65, share_under_5, ...")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Rows shown; files hold all.")] = 15,
    out: Annotated[Path | None, typer.Option(help="File for all rows: .geojson, .csv or .gpkg.")] = None,
    store: Annotated[Path, typer.Option(help="Folder of results, where a digest is given.")] = Path("var/results"),
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: all rows, units, what is unknown.")
    ] = False,
) -> None:
    """Rank the critical heat islands of a heat day by street or sector, or sectors by vulnerability."""
    try:
        with mistakes(ScenarioError, CityError, OSError):
            if by is not By.vulnerability and (weights or people):
                raise ScenarioError("are for --by vulnerability; leave them out, or ask for it", "--weights, --people")
            if out is not None:
                refuse_ending(out)
            given = None if weights is None else read_weights(weights)
            known = None if people is None else read_sensitivity(people)
            found = open_result(result, store)
            with progress("heat islands") as tell:
                tell(0.0, "city")
                whole = read_city(city)
                tell(0.5, "people and streets")
                on = heat_figures_of(found, whole).exposure
                tell(0.8, "ranks")
                ranked = heat_islands(on, found.dataset, "street" if by is By.street else "sector")
                unknown: tuple[str, ...] = ()
                if by is By.vulnerability:
                    if known is not None:
                        _refuse_strange(known.index.to_numpy(), whole.sectors.index.to_numpy())
                    judged = vulnerability(ranked, whole.sectors, people=known, weights=given)
                    ranked, unknown = judged.sectors, judged.unknown
            if out is not None:
                write_table(ranked, out)
    except StoreError as error:
        messages.print(f"[bold red]failed[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(EXIT_FAILED) from error
    _show(ranked.head(top), by, unknown, demo=whole.demo)
    if out is not None:
        messages.print(f"{len(ranked)} rows written to {out}", soft_wrap=True)
    if json:
        shown = {
            name: UNITS.get(name.removesuffix("_scaled"), "1")
            for name in ranked.columns
            if name in UNITS or "_scaled" in name
        }
        print_json({
            "demo": whole.demo, "result": found.digest, "by": by.value, "unknown": list(unknown), "units": shown,
            "rows": as_rows(ranked),
        })  # fmt: skip


def _refuse_strange(given: np.ndarray, sectors: np.ndarray) -> None:
    if not np.isin(given, sectors).any():
        first = [str(one[0]) if one.size else "none" for one in (given, sectors)]
        raise ScenarioError(f"none of its sectors ({first[0]}, …) is one of the city's ({first[1]}, …)", "--people")


def _show(ranked: gpd.GeoDataFrame, by: By, unknown: tuple[str, ...], *, demo: bool) -> None:
    if demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    columns = [name for name in _SHOWN[by] if name in ranked]
    table = Table(box=None, pad_edge=False)
    table.add_column("", justify="right")
    table.add_column("street" if by is By.street else "sector")
    for name in columns:
        table.add_column(_HEADS[name], justify="right")
    for _, row in ranked.iterrows():
        names = " / ".join(dict.fromkeys(name for name in (row["name_fr"], row["name_nl"]) if name))
        table.add_row(str(row["rank"]), escape(names), *(_figure(row[name], _DIGITS.get(name, 1)) for name in columns))
    messages.print(table)
    if unknown:
        words = ", ".join(f"{one} ({parts()[one].label['en'].lower()})" for one in unknown)
        messages.print(f"[yellow]not known, and left out[/]: {escape(words)}", soft_wrap=True)
    if "residents" in ranked and ranked["residents"].isna().all():
        messages.print("[yellow]residents are not known[/]: ranked by hours alone", soft_wrap=True)


def _figure(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}".replace(",", " ") if np.isfinite(value) else "–"


command = as_command(heat_islands_command)
