"""``bxl-twin green``: a city held against the 3-30-300 rule."""

from pathlib import Path
from typing import Annotated

import geopandas as gpd
import numpy as np
import typer
from rich.markup import escape
from rich.table import Table

from scenarios.green_access import ASSUMPTIONS, RULES, SMALLEST, green_access
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from twin.city import CRS, CityError
from twin.layers import layers
from viewer.cli.console import as_command, messages, mistakes, print_json, progress
from viewer.cli.run import read_city
from viewer.cli.tables import as_rows, plain, refuse_ending, write_table

_HEADS = {"three": "3 trees", "thirty": "30 % canopy", "three_hundred": "300 m to green", "all": "all three"}


def green(
    city: Annotated[str, typer.Argument(help="City folder, or the word demo for the demo district.")],
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario document whose edits are applied: planted trees, lawns, buildings.")
    ] = None,
    smallest: Annotated[
        float, typer.Option(min=0.01, help="Smallest green space, in hectares; 0.5 where the city has no room for 1.")
    ] = SMALLEST,
    cell_size: Annotated[float, typer.Option(min=0.5, max=20, help="Of the cells that are counted, in metres.")] = 2.0,
    out: Annotated[Path | None, typer.Option(help="File of the sectors: .geojson, .csv or .gpkg.")] = None,
    homes: Annotated[Path | None, typer.Option(help="File of the homes: .geojson, .csv or .gpkg.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object: shares of residents, sectors.")] = False,
) -> None:
    """Count who lives by the 3-30-300 rule: three trees in sight, 30 % canopy, green within 300 m."""
    with mistakes(ScenarioError, CityError, OSError):
        for path, option in ((out, "--out"), (homes, "--homes")):
            if path is not None:
                refuse_ending(path, option)
        with progress("green") as tell:
            tell(0.0, "city")
            whole = read_city(city)
            situation = Situation(whole) if scenario is None else Scenario.load(scenario).situation(whole)
            tell(0.4, "layers")
            ground = layers(situation.city, cell_size)
            tell(0.7, "trees in sight")
            found = green_access(situation, ground, smallest=smallest)
        if out is not None:
            write_table(found.sectors, out)
        if homes is not None:
            shapes = situation.city.buildings.geometry.reindex(found.homes.index)
            write_table(gpd.GeoDataFrame(found.homes, geometry=shapes, crs=CRS), homes)
    if whole.demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    table = Table(box=None, pad_edge=False)
    table.add_column("sector")
    for words in (*_HEADS.values(), "canopy"):
        table.add_column(words, justify="right")
    for _, row in found.sectors.iterrows():
        table.add_row(escape(row["name_fr"]), *(_percent(row[name]) for name in (*RULES, "canopy_share")))
    table.add_row("[bold]all residents[/]", *(_percent(found.whole[name]) for name in RULES), "")
    messages.print(table)
    for said in ASSUMPTIONS:
        messages.print(f"[dim]{escape(said['en'])}[/]", soft_wrap=True)
    if json:
        print_json({
            "demo": whole.demo, "smallest_ha": smallest, "whole": {name: plain(found.whole[name]) for name in RULES},
            "sectors": as_rows(found.sectors), "assumptions": list(ASSUMPTIONS),
        })  # fmt: skip


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if np.isfinite(share) else "–"


command = as_command(green)
