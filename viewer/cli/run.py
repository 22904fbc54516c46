"""``bxl-twin run``: a scenario document offline, by the same engine as the pages."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from kernels.contract import KernelError, LayerError
from scenarios.engine import simulate
from scenarios.indicators import chosen
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.city import City, CityError
from twin.demo import demo_city
from twin.export import write_csv, write_geotiff, write_netcdf
from twin.folder import load
from twin.result import Result, StoreError
from twin.store import Store
from viewer.cli.console import EXIT_FAILED, as_command, messages, mistakes, print_json, progress

DEMO = "demo"


def read_city(name: str) -> City:
    """The city of a folder, or the demo district for the word ``demo``."""
    return demo_city() if name == DEMO and not Path(name).exists() else load(name)


def run(
    scenario: Annotated[Path, typer.Argument(help="Scenario document, YAML or JSON.")],
    city: Annotated[str, typer.Option(help="City folder, or the word demo for the demo district.")] = DEMO,
    store: Annotated[Path, typer.Option(help="Folder of results; the same scenario is never run twice.")] = Path(
        "var/results"
    ),
    out: Annotated[
        Path | None, typer.Option(help="Folder for the result as NetCDF, GeoTIFF of the maxima and CSV.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: digest, figures, closure, path.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Run again although the result is there.")] = False,
) -> None:
    """Run a scenario document on a city and keep its result."""
    with mistakes(ScenarioError, CityError, LayerError):
        document = Scenario.load(scenario)
        with progress("city"):
            whole = read_city(city)
        digest = document.digest(whole)
    try:
        results = Store(store)
        if force:
            results.discard(digest)
        known = results.has(digest)
        with mistakes(ScenarioError, CityError, LayerError), progress("run") as tell:
            result = simulate(whole, document, store=results, on_progress=tell)
        if out is not None:
            _export(result, out)
    except (StoreError, KernelError) as error:
        messages.print(f"[bold red]failed[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(EXIT_FAILED) from error
    except KeyboardInterrupt as error:
        messages.print("stopped; nothing of this run was kept")
        raise typer.Exit(EXIT_FAILED) from error
    figures = chosen(result.indicators, document.indicators)
    _show(result, figures, known=known)
    if json:
        print_json(_as_json(result, figures, known=known))


def _export(result: Result, folder: Path) -> None:
    stem = f"{'demo-' if result.manifest['city']['demo'] else ''}{result.digest[:12]}"
    write_netcdf(result, folder / f"{stem}.nc")
    for field in result.manifest["summary"]:
        write_geotiff(result, field, folder / f"{stem}-{field}.tif")
    write_csv(result, folder / f"{stem}-indicators.csv")


def _show(result: Result, figures: list[dict[str, Any]], *, known: bool) -> None:
    manifest = result.manifest
    if manifest["city"]["demo"]:
        messages.print("[bold]demo data, not the cadastre[/]")
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("", justify="right")
    table.add_column("")
    for one in figures:
        value = "unknown" if one["value"] is None else f"{one['value']:,.10g}".replace(",", " ")
        table.add_row(one["label"]["en"], value, "" if one["units"] == "1" else one["units"])
    messages.print(table)
    for name, closure in manifest["closure"].items():
        messages.print(f"{name}: {closure['kind']} closes to {closure['error']:.1e}")
    how = "known already" if known else f"{manifest['wall_s']:.1f} s"
    messages.print(f"{result.folder}  ({how})", soft_wrap=True)


def _as_json(result: Result, figures: list[dict[str, Any]], *, known: bool) -> dict[str, Any]:
    manifest = result.manifest
    return {
        "digest": result.digest,
        "path": str(result.folder),
        "known": known,
        "demo": manifest["city"]["demo"],
        "indicators": figures,
        "closure": manifest["closure"],
        "data_sha256": manifest["data_sha256"],
        "wall_s": manifest["wall_s"],
    }


command = as_command(run)
