"""``bxl-twin fetch``: open data of the Region, resumable, with licence and checksum."""

from pathlib import Path
from typing import Annotated

import typer

from twin.sources import DOWNLOADS, PRODUCTS, SourceError, fetch_urbis, source_of
from viewer.cli.console import as_command, messages, mistakes, print_json, progress

_KEYS = ", ".join(f"{one.key} ({one.title})" for one in PRODUCTS)


def fetch(
    source: Annotated[str, typer.Argument(help="Which collection: urbis.")],
    zone: Annotated[str, typer.Argument(help="Kilometre cell EEENNN, NIS code of a municipality, or 04000 (Region).")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("downloads"),
    product: Annotated[str, typer.Option(help=f"One of {_KEYS}.")] = "buildings3d",
    file_format: Annotated[str | None, typer.Option("--format", help="GPKG or SHP, for buildings3d.")] = None,
    base_url: Annotated[str, typer.Option(help="A mirror that keeps the paths of the Region's server.")] = DOWNLOADS,
    sha256: Annotated[str | None, typer.Option(help="Checksum the file must have.")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: file, licence, vintage, checksum.")
    ] = False,
) -> None:
    """Download open data of the Region (UrbIS): the newest file of a zone, resumable, with licence and checksum."""
    with mistakes(SourceError):
        if source != "urbis":
            raise SourceError(f"there is no collection {source!r}; there is urbis")
        with progress(f"{product} {zone}") as tell:
            path = fetch_urbis(
                zone, out, key=product, wanted_format=file_format, base_url=base_url, sha256=sha256, on_progress=tell
            )
        known = source_of(path, product)
    messages.print(f"{path}  {known.licence}, vintage {known.vintage or 'unknown'}, sha256 {known.sha256[:12]}…")
    if json:
        print_json(
            {
                "file": str(path),
                "title": known.title,
                "licence": known.licence,
                "url": known.url,
                "vintage": known.vintage,
                "sha256": known.sha256,
            }
        )


command = as_command(fetch)
