"""``bxl-twin filters``: where a neighbourhood would be closed to through traffic."""

from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import shapely
import typer
from rich.markup import escape
from rich.table import Table

from scenarios.edits import LowTrafficNeighbourhood
from scenarios.neighbourhood_filters import Proposal, proposed_filters
from scenarios.problem import ScenarioError
from scenarios.situation import Situation
from twin.city import CRS, City, CityError
from viewer.cli.console import as_command, messages, mistakes, print_json
from viewer.cli.drawn import corners_of
from viewer.cli.run import read_city
from viewer.cli.tables import refuse_ending, write_table


def filters(
    city: Annotated[str, typer.Argument(metavar="CITY", help="City folder, or the word demo.")],
    polygon: Annotated[
        str,
        typer.Option(
            metavar="F.geojson|'X,Y X,Y X,Y'",
            help="Around the neighbourhood: a polygon in a GeoJSON, or its corners.",
        ),
    ],
    sides: Annotated[
        str | None,
        typer.Option(
            metavar="F.geojson|'X,Y X,Y X,Y'",
            help="For a whole centre: its outline with few corners; through is from one side to another.",
        ),
    ] = None,
    name: Annotated[str, typer.Option("--id", help="Id of the edit in --json.")] = "neighbourhood",
    out: Annotated[Path | None, typer.Option(help="File of the filters: .geojson, .csv or .gpkg.")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object; its edit goes into a scenario as it is.")
    ] = False,
) -> None:
    """Propose the fewest streets to close so that no car drives through, and every address is still reached."""
    with mistakes(ScenarioError, CityError, OSError):
        if out is not None:
            refuse_ending(out)
        corners = corners_of(polygon)
        shape = _drawn(corners, "--polygon")
        around = None if sides is None else _drawn(corners_of(sides), "--sides")
        place = read_city(city)
        found = proposed_filters(place, shape, around)
        edit = _edit(name, corners, found, place)
        if out is not None:
            write_table(_table(found), out)
    _show(found, place)
    if json:
        print_json(_told(found, place, edit))


def _drawn(corners: list[list[float]], option: str) -> shapely.Polygon:
    shape = shapely.Polygon(corners)
    if not shape.is_valid:
        raise ScenarioError("it crosses or touches itself; draw it anew", option)
    return shape


def _edit(name: str, corners: list[list[float]], found: Proposal, city: City) -> LowTrafficNeighbourhood | None:
    """The edit of a scenario that puts the filters up; None where there is nothing to close."""
    if not found.filters:
        return None
    streets = [one.street for one in found.filters]
    edit = LowTrafficNeighbourhood(id=name, polygon=corners, filters=streets, both_ways=list(found.both_ways) or None)
    edit.apply(Situation(city))
    return edit


def _table(found: Proposal) -> gpd.GeoDataFrame:
    data: dict[str, Any] = {
        key: [getattr(one, key) for one in found.filters] for key in ("name_fr", "name_nl", "end", "x", "y")
    }
    places = shapely.points(np.column_stack([data["x"], data["y"]]).reshape(-1, 2))
    index = [one.street for one in found.filters]
    return gpd.GeoDataFrame(data, index=index, geometry=places, crs=CRS).rename_axis("street")


def _told(found: Proposal, city: City, edit: LowTrafficNeighbourhood | None) -> dict[str, Any]:
    return {
        "demo": city.demo, "gates": found.gates, "boundary_streets": found.boundary_streets, "fewest": found.fewest,
        "filters": [
            {"street": one.street, "name_fr": one.name_fr, "name_nl": one.name_nl, "end": one.end, "x": one.x,
             "y": one.y}
            for one in found.filters
        ],
        "both_ways": list(found.both_ways),
        "edit": None if edit is None else edit.model_dump(mode="json", exclude_none=True),
    }  # fmt: skip


def _show(found: Proposal, city: City) -> None:
    if city.demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    if not found.filters:
        messages.print(f"no way leads through: its {found.gates} gates are on one street, or apart already")
        return
    table = Table(box=None, pad_edge=False)
    for words in ("filter", "street", "at its", "easting", "northing"):
        table.add_column(words, justify="right" if words.endswith("ing") else "left")
    for one in found.filters:
        table.add_row(escape(one.street), escape(one.name_fr), one.end, f"{one.x:.0f}", f"{one.y:.0f}")
    messages.print(table)
    few = "fewer would not do" if found.fewest else "too many streets to prove that fewer would not do"
    messages.print(
        f"{len(found.filters)} filters part the {found.boundary_streets} streets around it, which {found.gates} gates "
        f"lead to; were all streets two-way, {few}"
    )
    if found.both_ways:
        messages.print(
            f"one-way streets that open both ways, so that all are reached: {escape(', '.join(found.both_ways))}"
        )


command = as_command(filters)
