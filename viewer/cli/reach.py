"""``bxl-twin reach``: the ten-minute city on anyone's streets and places, or on those of a city."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import typer
from rich.markup import escape
from rich.table import Table

from kernels.access.reach import Graph, Seeds, in_reach, nearest, repaired
from kernels.contract import LayerError
from scenarios import next_place, ten_minutes
from scenarios.next_place import NextPlaces, next_places
from scenarios.problem import ScenarioError
from scenarios.ten_minutes import Homes, TenMinutes, homes_along, homes_in
from twin.amenities import categories, places_of, read_places
from twin.city import CRS, City, CityError, Terrain
from twin.formats.features import Tally
from twin.formats.osm import read_sectors
from twin.formats.osm_streets import read_street_graph
from twin.formats.raster import read_terrain
from twin.street_graph import StreetGraph, graph_of
from twin.street_reach import StreetTimes
from viewer.cli.console import as_command, messages, mistakes, print_json, progress
from viewer.cli.run import DEMO, read_city
from viewer.cli.tables import as_rows, plain, refuse_ending, write_table

SHOWN = 10
"""Gaps that are shown and stand in the JSON object; the file has all."""

ROOM = 50.0
"""Of the terrain around the streets. [m]"""


class Mode(StrEnum):
    """How people go."""

    walk = "walk"
    bike = "bike"


class Aim(StrEnum):
    """What the next places are for."""

    covered = "covered"
    nearest = "nearest"


def reach(
    streets: Annotated[
        str, typer.Argument(help="Streets: OSM .osm.pbf or GeoJSON; or a city folder; or the word demo.")
    ],
    amenities: Annotated[
        Path | None, typer.Argument(help="Places: OSM .osm.pbf or GeoJSON; a city has its own.")
    ] = None,
    sectors: Annotated[
        Path | None, typer.Option(help="Statistical sectors with population, GeoJSON; else metres of street count.")
    ] = None,
    terrain: Annotated[
        Path | None, typer.Option(help="Bare ground: GeoTIFF or .asc in Lambert 72; else streets are flat.")
    ] = None,
    by: Annotated[Mode, typer.Option(help="On foot or by bicycle, each by slope.")] = Mode.walk,
    minutes: Annotated[
        list[str] | None, typer.Option(help="Another time than the City's: sport=15; may be given again.")
    ] = None,
    bounds: Annotated[
        str | None, typer.Option(help="West,south,east,north in Lambert 72: streets that touch it, places inside.")
    ] = None,
    next_: Annotated[
        str | None, typer.Option("--next", help="Search where the next place of this category should go.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="How many of --next.")] = 1,
    aim: Annotated[
        Aim, typer.Option(help="Of --next: most people newly in time, or least time of all people.")
    ] = Aim.covered,
    out: Annotated[Path | None, typer.Option(help="File of the sectors: .geojson, .csv or .gpkg.")] = None,
    gaps: Annotated[Path | None, typer.Option(help="File of all gaps, worst first: .geojson, .csv or .gpkg.")] = None,
    balance: Annotated[Path | None, typer.Option(help="File of offer beside demand, the same endings.")] = None,
    homes: Annotated[Path | None, typer.Option(help="File of minutes from each home, the same endings.")] = None,
    nodes: Annotated[Path | None, typer.Option(help="File of minutes from each crossing, the same endings.")] = None,
    next_out: Annotated[Path | None, typer.Option(help="File of the next places, the same endings.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="All processors if left out.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Count who reaches fifteen kinds of places of daily life in time, and search where the next should go."""
    files = {"--out": out, "--gaps": gaps, "--balance": balance, "--homes": homes, "--nodes": nodes,
             "--next-out": next_out}  # fmt: skip
    further: NextPlaces | None = None
    with mistakes(ScenarioError, CityError, LayerError, OSError):
        for option, path in files.items():
            if path is not None:
                refuse_ending(path, option)
        if next_out is not None and next_ is None:
            raise ScenarioError("there is no next place without --next; give a category", "--next-out")
        asked = _asked(minutes or [])
        if next_ is not None and next_ not in categories():
            raise ScenarioError(f"there is no category {next_!r}; expected one of {', '.join(categories())}", "--next")
        with progress("reach") as tell:
            tell(0.0, "streets")
            box = _box(bounds)
            city = read_city(streets) if Path(streets).is_dir() or streets == DEMO else None
            graph = read_street_graph(streets, bounds=box) if city is None else graph_of(city)
            tell(0.4, "places")
            tally: Tally = {}
            places = _places(city, amenities, box, tally)
            tell(0.6, "times")
            times = StreetTimes.of(graph, by.value, _ground(city, terrain, graph))
            lived = _homes(city, times, sectors)
            tell(0.7, "search")
            found = ten_minutes.ten_minutes(times, places, lived, minutes=asked, threads=threads)
            if next_ is not None:
                tell(0.8, f"next {next_}")
                further = next_places(found, next_, count, aim=aim.value, threads=threads)
        for path, table in (
            (out, found.sectors), (gaps, _with_shapes(found, found.gaps)),
            (balance, _with_shapes(found, found.balance)), (homes, _minutes_of_homes(found)),
            (nodes, _minutes_of_nodes(found)),
            (next_out, None if further is None else further.table),
        ):  # fmt: skip
            if path is not None and table is not None:
                write_table(_finite(table), path)
    demo = city is not None and city.demo
    _show(found, further, demo)
    if json:
        print_json(_told(found, further, graph, tally, demo))


def _asked(words: list[str]) -> dict[str, float]:
    found = {}
    for text in words:
        key, _, value = text.partition("=")
        try:
            found[key] = float(value)
        except ValueError:
            raise ScenarioError(f"{text!r} names no time; write it as sport=15", "--minutes") from None
    return found


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(one) for one in text.split(","))
    except ValueError:
        raise ScenarioError(f"{text!r} is not west,south,east,north in metres", "--bounds") from None
    if not (west < east and south < north):
        raise ScenarioError(f"{text!r} holds nothing: west must be below east and south below north", "--bounds")
    return west, south, east, north


def _places(
    city: City | None, amenities: Path | None, box: tuple[float, float, float, float] | None, tally: Tally
) -> gpd.GeoDataFrame:
    if amenities is not None:
        found = read_places(amenities, bounds=box, tally=tally)
    elif city is not None:
        found = places_of(city, tally)
    else:
        raise ScenarioError("streets alone have no places to reach; give a second file, of amenities", "AMENITIES")
    if found.empty:
        raise ScenarioError(f"{amenities or 'the city'}: has no place of any of the fifteen categories", "AMENITIES")
    return found


def _ground(city: City | None, terrain: Path | None, graph: StreetGraph) -> Terrain | None:
    if terrain is None:
        return None if city is None else city.terrain
    west, south, east, north = graph.links.total_bounds
    return read_terrain(terrain, bounds=(west - ROOM, south - ROOM, east + ROOM, north + ROOM))


def _homes(city: City | None, times: StreetTimes, sectors: Path | None) -> Homes:
    known = homes_in(city) if city is not None and sectors is None else None
    if known is not None:
        return known
    if sectors is None:
        return homes_along(times)
    west, south, east, north = times.streets.links.total_bounds
    return homes_along(times, read_sectors(sectors, bounds=(west, south, east, north)))


def _with_shapes(found: TenMinutes, table: Any) -> gpd.GeoDataFrame:
    shapes = found.homes.sectors.geometry.reindex(table["sector"]).to_numpy()
    ids = table["sector"].str.cat(table["category"], sep=" ") if len(table) else table["sector"]
    return gpd.GeoDataFrame(table.set_index(ids.rename("id")), geometry=shapes, crs=CRS)


def _minutes_of_homes(found: TenMinutes) -> gpd.GeoDataFrame:
    columns = dict(zip(found.minutes, found.seconds / 60.0, strict=True))
    return found.homes.table.assign(**columns)


def _minutes_of_nodes(found: TenMinutes) -> gpd.GeoDataFrame:
    columns = dict(zip(found.minutes, found.search.seconds / 60.0, strict=True))
    return found.streets.streets.nodes[["geometry"]].assign(**columns)


def _finite(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What is not reached is not known as a number: empty in a file."""
    return table.replace({np.inf: np.nan})


def _told(
    found: TenMinutes, further: NextPlaces | None, graph: StreetGraph, tally: Tally, demo: bool
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "demo": demo, "mode": found.streets.mode, "residents": found.homes.counted,
        "categories": [
            {"category": key, "minutes": asked, "places": int((found.places["category"] == key).sum()),
             "share": plain(found.whole[key])}
            for key, asked in found.minutes.items()
        ],
        "categories_in_time": plain(found.whole["all"]), "unknown": list(found.unknown),
        "sectors": as_rows(found.sectors), "gaps": as_rows(_with_shapes(found, found.gaps.head(SHOWN))),
        "streets": graph.counts, "amenities": tally, "counts": found.counts,
        "assumptions": [*ten_minutes.ASSUMPTIONS],
    }  # fmt: skip
    if further is not None:
        told["assumptions"] += next_place.ASSUMPTIONS
        told["next"] = {
            "places": as_rows(further.table.assign(x=further.table.geometry.x, y=further.table.geometry.y)),
            "share_before": plain(further.share_before), "share_after": plain(further.share_after),
            "mean_minutes_before": plain(further.mean_before), "mean_minutes_after": plain(further.mean_after),
            "at_least_of_best": plain(further.at_least), "nodes_tried": further.tried,
            "spacing_m": plain(further.spacing),
        }  # fmt: skip
    return told


def _show(found: TenMinutes, further: NextPlaces | None, demo: bool) -> None:
    if demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    who = "residents" if found.homes.counted else "street, by length"
    table = Table(box=None, pad_edge=False)
    for words in ("", "places", "minutes", f"{who} in time"):
        table.add_column(words, justify="right" if words else "left")
    for key, asked in found.minutes.items():
        known = str(int((found.places["category"] == key).sum()))
        share = "no place known" if key in found.unknown else f"{100 * found.whole[key]:.0f} %"
        table.add_row(escape(categories()[key].words["en"]), known, f"{asked:g}", share)
    messages.print(table)
    for row in found.gaps.head(SHOWN).itertuples():
        name = categories()[str(row.category)].words["en"]
        messages.print(f"{row.people:,.0f} of {escape(str(row.name_fr))} without {name} in time ({row.share:.0%})")
    if further is not None:
        for number, row in enumerate(further.table.itertuples(), 1):
            place = f"{row.geometry.x:.0f}, {row.geometry.y:.0f}"
            messages.print(f"next {number}: at {place} (node {row.node}), {row.people:,.0f} newly in time")
        messages.print(
            f"in time {further.share_before:.1%} -> {further.share_after:.1%}; mean {further.mean_before:.1f} -> "
            f"{further.mean_after:.1f} min; at least {further.at_least:.0%} of what the best choice would do"
        )
    lost = {words: number for words, number in found.counts.items() if "off the streets" in words and number}
    for what, many in lost.items():
        messages.print(f"[yellow]{many} {what}[/]")
    said = (*ten_minutes.ASSUMPTIONS, *(next_place.ASSUMPTIONS if further is not None else ()))
    for one in said:
        messages.print(f"[dim]{escape(one['en'])}[/]", soft_wrap=True)


def compile_everything() -> None:
    """Compile the loops of reach on two nodes, or load what an earlier run compiled."""
    graph = Graph.of(np.array([0, 1]), np.array([1, 0]), np.array([1.0, 1.0]), 2)
    seeds = [Seeds.at(np.array([0]))]
    repaired(graph, seeds, nearest(graph, seeds))
    in_reach(graph, np.array([0]), 1.0, pairs=True)


command = as_command(reach)
