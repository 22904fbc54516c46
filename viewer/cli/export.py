"""bxl-twin export: write a city as CityJSON, GeoPackage or 3D Tiles."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from twin import folder
from twin.city import CityError
from twin.formats import cityjson, geopackage
from viewer.cli.console import as_command, messages, mistakes, progress
from viewer.tiles import write_tiles


class Format(StrEnum):
    """What can be written."""

    cityjson = "cityjson"
    gpkg = "gpkg"
    tiles3d = "3dtiles"


_ENDINGS = {".gpkg": Format.gpkg, ".json": Format.cityjson, ".gz": Format.cityjson, "": Format.tiles3d}


def export(
    city: Annotated[Path, typer.Argument(help="City folder, as bxl-twin import makes it.")],
    out: Annotated[Path, typer.Option(help="File to write; a folder for 3D Tiles.")],
    form: Annotated[
        Format | None, typer.Option("--format", help="Told by the ending of --out where it is not given.")
    ] = None,
) -> None:
    """Write a city as CityJSON 2.0, GeoPackage or 3D Tiles 1.1."""
    with mistakes(CityError, OSError), progress("export") as tell:
        chosen = form or _ENDINGS.get(out.suffix.lower())
        if chosen is None:
            raise CityError(f"{out}: {out.suffix} names no format; pass --format cityjson, gpkg or 3dtiles")
        tell(0.05, f"reading {city}")
        found = folder.load(city)
        tell(0.3, f"writing {out}")
        if chosen is Format.cityjson:
            cityjson.write(found, out)
        elif chosen is Format.gpkg:
            geopackage.write(found, out)
        else:
            write_tiles(found, out)
    label = " (demo data, not the cadastre)" if found.demo else ""
    messages.print(f"{found.name}{label}: {len(found.buildings):,} buildings written to {out}")


command = as_command(export)
