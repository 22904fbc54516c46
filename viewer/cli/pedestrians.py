"""``bxl-twin pedestrians``: who walks in which street of a city at an hour, and how crowded it is there."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import typer
from rich.markup import escape

from kernels.access.reach import Graph
from kernels.contract import KernelError, LayerError
from kernels.traffic.pedestrian_flows import walked
from scenarios.problem import ScenarioError
from scenarios.ten_minutes import homes_along, homes_in
from twin.city import City, CityError
from twin.foot_flows import ASSUMPTIONS, FootFlows, foot_flows
from twin.street_graph import graph_of
from twin.street_reach import StreetTimes
from viewer.cli.console import as_command, messages, mistakes, print_json, progress
from viewer.cli.run import read_city
from viewer.cli.tables import as_rows, plain, refuse_ending, write_table

SHOWN = 10
"""Busiest streets that are shown and stand in the JSON object; the file has all."""


class KindOfDay(StrEnum):
    """Kinds of day."""

    weekday = "weekday"
    saturday = "saturday"
    sunday = "sunday"


def pedestrians(
    city: Annotated[str, typer.Argument(help="City folder, or the word demo for the demo district.")],
    hour: Annotated[int, typer.Option(min=0, max=23, help="Hour that begins then, by the clock of Brussels.")] = 16,
    day: Annotated[KindOfDay, typer.Option(help="Kind of day.")] = KindOfDay.weekday,
    counts: Annotated[
        Path | None,
        typer.Option(metavar="COUNTS.csv", help="link,count: people counted in that hour, both ways together."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File of all streets: .geojson, .csv or .gpkg.")] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="All processors where not given; no result depends on it.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Estimate how many people walk in every street at an hour, and how crowded its pavements are."""
    with mistakes(ScenarioError, CityError, LayerError, KernelError, OSError):
        if out is not None:
            refuse_ending(out)
        counters = {} if counts is None else read_counts(counts)
        with progress("pedestrians") as tell:
            tell(0.0, "city")
            place = read_city(city)
            tell(0.3, "homes")
            lived = _homes(place)
            tell(0.5, "walks")
            found = foot_flows(place, lived, hour, day=day.value, counters=counters, threads=threads)
        if out is not None:
            write_table(found.table.replace({np.inf: np.nan}), out)
    _show(found, place.demo)
    if json:
        print_json(_told(found, place.demo))


def read_counts(path: Path) -> dict[str, float]:
    """Read COUNTS.csv.

    Raises
    ------
    ScenarioError
        A file, a column or a number that cannot be read, or a link that stands there twice.
    """
    if not path.is_file():
        raise ScenarioError(f"{path}: no such file", "--counts")
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True, comment="#")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: not a CSV that can be read ({error})", "--counts") from error
    if list(table.columns) != ["link", "count"]:
        raise ScenarioError(f"{path}: expected the columns link,count; got {','.join(table.columns)}", "--counts")
    values = pd.to_numeric(table["count"], errors="coerce").to_numpy(float)
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ScenarioError(
            f"{path}: count in row {row + 1} is {table['count'][row]!r}, expected 0 or more", "--counts"
        )
    twice = table["link"][table["link"].duplicated()]
    if len(twice):
        raise ScenarioError(f"{path}: link {twice.iloc[0]!r} stands there twice; give the sum", "--counts")
    return dict(zip(table["link"], values.tolist(), strict=True))


def _homes(city: City) -> gpd.GeoDataFrame:
    """Residents in their homes, or along the streets of their sectors where no homes are known."""
    known = homes_in(city)
    if known is not None:
        return known.table
    if not len(city.sectors):
        raise CityError(f"{city.name}: has no sectors with population; nobody knows who walks there")
    return homes_along(StreetTimes.of(graph_of(city), "walk", city.terrain), city.sectors).table


def _busiest(found: FootFlows) -> gpd.GeoDataFrame:
    return found.table.sort_values("busiest_flow", ascending=False, kind="stable").head(SHOWN)


def _told(found: FootFlows, demo: bool) -> dict[str, Any]:
    columns = ["name_fr", "name_nl", "kind", "footway_width", "pedestrian_flow", "busiest_flow", "pedestrian_density",
               "pedestrian_speed", "saturation", "level", "geometry"]  # fmt: skip
    levels = found.table["level"].value_counts()
    return {
        "demo": demo, **{key.replace(" ", "_"): plain(value) for key, value in found.told.items()},
        "groups": {
            str(row.Index): {"people": plain(row.people), "factor": plain(row.factor)}
            for row in found.groups.itertuples()
        },
        "streets": len(found.table), "levels": {name: int(levels.get(name, 0)) for name in "ABCDEF"},
        "over_capacity": [str(one) for one in found.table.index[found.table["saturation"] > 1]],
        "busiest": as_rows(_busiest(found)[columns]),
        "counts": [
            {"link": str(row.Index), **{name: plain(getattr(row, name)) for name in found.counts.columns}}
            for row in found.counts.itertuples()
        ],
        "assumptions": list(ASSUMPTIONS),
    }  # fmt: skip


def _show(found: FootFlows, demo: bool) -> None:
    if demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    for row in _busiest(found).itertuples():
        name = escape(str(row.name_fr or row.Index))
        messages.print(
            f"{row.busiest_flow:6,.0f} people/h  {name} ({row.footway_width:.1f} m to walk on, level {row.level}, "
            f"{row.pedestrian_speed:.2f} m/s)",
            soft_wrap=True,
        )
    over = found.table.index[found.table["saturation"] > 1]
    if len(over):
        messages.print(
            f"[bold yellow]{len(over)} streets cannot carry all who want to pass[/]: "
            f"{escape(', '.join(map(str, over[:SHOWN])))}{' …' if len(over) > SHOWN else ''}",
            soft_wrap=True,
        )
    for row in found.counts.itertuples():
        messages.print(
            f"counter {escape(str(row.Index))}: {row.counted:,.0f} counted, {row.before:,.0f} before, {row.after:,.0f} "
            f"after (GEH {row.geh_before:.1f} -> {row.geh_after:.1f})",
            soft_wrap=True,
        )
    told = found.told
    messages.print(
        f"{found.groups['people'].sum():,.0f} walks in the hour of {told['residents']:,.0f} residents and those who "
        f"come by {told['stops']} stops; {told['nowhere_to_go']:,.0f} have nothing in reach; assumed pavements: "
        f"{told['assumed footways']}",
        soft_wrap=True,
    )
    for one in ASSUMPTIONS:
        messages.print(f"[dim]{escape(one)}[/]", soft_wrap=True)


def compile_everything() -> None:
    """Send people along one street; compiles the loop, or loads what an earlier run compiled."""
    street = Graph.of(np.array([0, 1]), np.array([1, 0]), np.array([1.0, 1.0]), 2)
    walked(street, np.array([0]), np.array([1.0]), np.array([[0.0, 1.0]]))


command = as_command(pedestrians)
