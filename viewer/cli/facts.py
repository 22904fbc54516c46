"""``bxl-twin facts``: tell the twin what is known of buildings, or ask it what it knows and what it assumes."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.markup import escape
from rich.table import Table

from twin.building_facts import FACTS, FactsRead, read_facts, with_facts, write_facts
from twin.city import City, CityError
from twin.energy_known import TAGS
from twin.energy_layers import assumed_facts, energy_tags
from twin.energy_works import NO_WORKS
from twin.folder import read_manifest, save
from viewer.cli.console import as_command, messages, mistakes, print_json, progress
from viewer.cli.run import DEMO, read_city


def facts(
    city: Annotated[str, typer.Argument(help="City folder, or the word demo for the demo district.")],
    table: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FACTS.csv]", help=f"Columns id and any of {', '.join(FACTS)}; an empty cell says nothing."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="City folder to write with the facts, or a .csv: a row a building, known and assumed."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object: counts, shares by who says so.")] = False,
) -> None:
    """Put facts of buildings (year, owner, U values, meters …) into a city, or list what is known and assumed."""
    with mistakes(CityError, OSError), progress("facts") as tell:
        if out is not None and out.suffix.lower() != ".csv" and table is None:
            raise CityError(f"{out}: a city without new facts is written to a .csv; name one, or give FACTS.csv")
        found = read_city(city)
        read = None
        if table is not None:
            tell(0.3, "reading facts")
            read = read_facts(table, found)
            found = with_facts(found, read.table)
        tell(0.4, "who says what")
        told = _told(found, read)
        if out is not None:
            tell(0.8, "writing")
            _write(found, city, out)
    _show(told)
    if out is not None:
        messages.print(f"{out}", soft_wrap=True)
    if json:
        print_json(told)


def _write(found: City, name: str, out: Path) -> None:
    if out.suffix.lower() == ".csv":
        write_facts(found, out, assumed_facts(found))
        return
    own = name != DEMO or Path(name).exists()
    save(found, out, report=read_manifest(name).get("report", {}) if own else {})


def _told(city: City, read: FactsRead | None) -> dict[str, Any]:
    tags = energy_tags(city, NO_WORKS)
    floor = assumed_facts(city)["floor_area"].to_numpy(float)
    whole = float(floor.sum())
    shares = {
        group: {
            tag: round(float(floor[(tags[group] == tag).to_numpy(bool)].sum()) / whole, 4) if whole > 0 else 0.0
            for tag in TAGS
        }
        for group in tags.columns
    }
    found: dict[str, Any] = {
        "city": city.name,
        "demo": city.demo,
        "digest": city.digest,
        "buildings": len(city.buildings),
        "heated": int((floor > 0).sum()),
        "heated_floor_area_m2": round(whole, 1),
        "owners": int(np.count_nonzero(city.buildings["owner"].to_numpy() != "")),
        "shares_of_floor_area": shares,
    }
    if read is not None:
        found |= {"told_of": len(read.table), "known_by_column": read.known, "unknown_ids": list(read.unknown)}
    return found


def _show(told: dict[str, Any]) -> None:
    if told["demo"]:
        messages.print("[bold]demo data, not the cadastre[/]")
    if "told_of" in told:
        messages.print(f"facts of {told['told_of']} buildings: {_counts(told['known_by_column'])}")
        lost = told["unknown_ids"]
        if lost:
            first = ", ".join(lost[:5])
            messages.print(
                f"[bold]{len(lost)} ids are not in {escape(told['city'])}[/]: {escape(first)}"
                f"{' …' if len(lost) > 5 else ''}",
                soft_wrap=True,
            )
    messages.print(
        f"{told['heated']} of {told['buildings']} buildings are heated, "
        f"{told['heated_floor_area_m2']:,.0f} m² of floor".replace(",", " ")
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("share of floor")
    used = [tag for tag in TAGS if any(one[tag] for one in told["shares_of_floor_area"].values())]
    for tag in used:
        table.add_column(tag, justify="right")
    for group, shares in told["shares_of_floor_area"].items():
        table.add_row(group, *(f"{100 * shares[tag]:.0f} %" for tag in used))
    messages.print(table)


def _counts(known: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in known.items()) or "none"


command = as_command(facts)
