"""bxl-twin import: read a 3D cadastre, terrain, trees and streets into a city folder."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from twin import folder
from twin.city import CityError
from twin.imports import ImportReport, import_city
from viewer.cli.console import as_command, messages, mistakes, print_json, progress

File = Path | None


def import_(
    out: Annotated[Path, typer.Option(help="City folder to write; an existing city is replaced.")],
    buildings: Annotated[
        list[Path] | None,
        typer.Argument(
            help="CityJSON, CityGML, UrbIS 3D, 3D Tiles or footprints; several parts merge. None with --streets alone."
        ),
    ] = None,
    terrain: Annotated[File, typer.Option(help="GeoTIFF, .asc or ground points .csv, Lambert 72.")] = None,
    trees: Annotated[
        list[Path] | None,
        typer.Option(help="Trees: OSM GeoJSON or pbf, register of remarkable trees, CSV or GeoJSON list; all merge."),
    ] = None,
    tree_columns: Annotated[
        str | None, typer.Option(help="Columns of a list of trees: species=essence,girth=tour_cm,x=X,y=Y.")
    ] = None,
    streets: Annotated[File, typer.Option(help="Streets: OSM GeoJSON or pbf; or a_links.csv with a_nodes.csv.")] = None,
    sectors: Annotated[File, typer.Option(help="Statistical sectors with population, GeoJSON.")] = None,
    water: Annotated[list[Path] | None, typer.Option(help="Water: OSM GeoJSON or pbf.")] = None,
    green: Annotated[list[Path] | None, typer.Option(help="Parks, lawns, squares: OSM GeoJSON or pbf.")] = None,
    amenities: Annotated[
        list[Path] | None, typer.Option(help="Shops, schools and the like: OSM GeoJSON or pbf.")
    ] = None,
    bus_lines: Annotated[File, typer.Option(help="Lines of buses: zip of the shapefiles of lines and stops.")] = None,
    drains: Annotated[File, typer.Option(help="Sewers: SWMM 5 .inp, coordinates in Lambert 72.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the city; the title of the first file otherwise.")] = None,
    bounds: Annotated[str | None, typer.Option(help="West,south,east,north in Lambert 72: take only this.")] = None,
    anywhere: Annotated[bool, typer.Option("--anywhere", help="Accept places outside Belgium.")] = False,
    report: Annotated[File, typer.Option(help="Write the import report to this JSON file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object at the end.")] = False,
) -> None:
    """Read a 3D cadastre, terrain, trees and streets into a city folder."""
    with mistakes(CityError, OSError), progress("import") as tell:
        city, found = import_city(
            buildings or (),
            terrain=terrain,
            trees=trees or (),
            streets=streets,
            sectors=sectors,
            land_cover=[*(green or ()), *(water or ())],
            amenities=amenities or (),
            bus_lines=bus_lines,
            drains=drains,
            tree_columns=_columns(tree_columns),
            name=name,
            bounds=_bounds(bounds),
            anywhere=anywhere,
            on_progress=lambda fraction, words: tell(0.9 * fraction, words),
        )
        tell(0.92, f"writing {out}")
        told = found.as_dict()
        folder.save(city, out, report=told)
        if report is not None:
            report.parent.mkdir(parents=True, exist_ok=True)
            report.write_text(json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False), "utf-8")
    messages.print(_table(found, out))
    for note in found.notes:
        messages.print(f"[dim]{note}[/]", markup=True)
    if as_json:
        print_json(told)


def _columns(text: str | None) -> dict[str, str] | None:
    if text is None:
        return None
    pairs = [one.partition("=") for one in text.split(",")]
    if any(not key.strip() or not name.strip() for key, _, name in pairs):
        raise CityError(f"--tree-columns {text}: expected what=column,what=column, as species=essence,girth=tour_cm")
    return {key.strip(): name.strip() for key, _, name in pairs}


def _bounds(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(one) for one in text.split(","))
    except ValueError as error:
        raise CityError(
            f"--bounds {text}: expected west,south,east,north in metres, as 148000,170000,149000,171000"
        ) from error
    if not (west < east and south < north):
        raise CityError(f"--bounds {text}: west must be less than east and south less than north")
    return west, south, east, north


def _table(report: ImportReport, out: Path) -> Table:
    table = Table(title=f"{report.name} → {out}", title_justify="left", show_header=False, box=None, pad_edge=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_column(overflow="fold")

    def row(words: str, number: float, more: str = "") -> None:
        table.add_row(words, f"{number:,.0f}", more)

    row("buildings", report.buildings, f"of {report.read:,} read, {report.duplicates:,} met twice")
    row("refused", report.refused, "; ".join(f"{one['id']}: {one['reason']}" for one in report.refusals[:3]))
    row("repaired", report.repaired)
    row("flagged", report.flagged, ", ".join(f"{flag} {found['count']:,}" for flag, found in report.flags.items()))
    row("turned inside out", len(report.inside_out))
    row("faces", report.surfaces, f"{report.triangles:,} triangles")
    row("roof m²", report.roof_area_m2, f"{report.roof_area_plan_m2:,.0f} in plan")
    row("ground m²", report.ground_area_m2)
    for part, counts in report.layers.items():
        taken = counts.get("taken", counts.get("links", 0))
        row(
            part.replace("_", " "),
            taken,
            ", ".join(f"{words} {n:,}" for words, n in counts.items() if words != "taken"),
        )
    for kind, number in report.skipped.items():
        row(f"not a building: {kind}", number)
    table.add_row("digest", "", report.digest[:16])
    table.add_row("seconds", f"{report.seconds:.1f}", f"peak memory {report.peak_memory_mb:,.0f} MB")
    return table


command = as_command(import_)
