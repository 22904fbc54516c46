"""``bxl-twin plant``: where would so many trees help most people on a heat day?"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import typer
import yaml
from rich.markup import escape
from rich.table import Table

from kernels.contract import KernelError, LayerError
from kernels.heat.recorded import Recorded
from scenarios.compare_heat import FELT, Affected, affected
from scenarios.engine import simulate
from scenarios.plant_run import ASSUMPTIONS, PREFIX, Answer, Question, best_trees, with_trees, without_trees
from scenarios.plant_trees import Planted, Planting
from scenarios.planting_sites import Clearances, TreeSize
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.city import CRS, City, CityError
from twin.result import Result, StoreError
from twin.store import Store
from viewer.cli.console import EXIT_FAILED, as_command, messages, mistakes, print_json, progress
from viewer.cli.run import DEMO, read_city
from viewer.cli.tables import write_table

_HELPED = (0.1, 0.5, FELT)
"""Falls of the UTCI around home by which people are counted. [K]"""


class AimOption(StrEnum):
    """What a tree is to lower."""

    degrees = "degrees"
    hours = "hours"


def plant(
    scenario: Annotated[Path, typer.Argument(help="Scenario document of a heat day; its edits stay.")],
    out: Annotated[
        Path, typer.Option(help="Scenario document to write, .yaml or .json; a .geojson of the trees beside it.")
    ],
    trees: Annotated[int, typer.Option(min=1, max=1000, help="How many trees.")] = 50,
    city: Annotated[str, typer.Option(help="City folder, or the word demo for the demo district.")] = DEMO,
    species: Annotated[str, typer.Option(help="Scientific name: how dense its crown is.")] = "Tilia cordata",
    height: Annotated[float, typer.Option(min=2, max=45, help="Of the grown tree, in metres.")] = 10.0,
    crown: Annotated[float, typer.Option(min=1, max=35, help="Diameter of the crown, in metres.")] = 6.0,
    base: Annotated[float, typer.Option(min=0, max=40, help="Height of the lowest leaves, in metres.")] = 3.0,
    aim: Annotated[
        AimOption, typer.Option(help="Lower degrees felt, or hours above 32 °C, summed over residents.")
    ] = AimOption.degrees,
    facade: Annotated[float, typer.Option(min=0, help="Kept from facades, in metres.")] = Clearances().facade,
    kerb: Annotated[float, typer.Option(min=0, help="Kept from carriageways, in metres.")] = Clearances().kerb,
    apart: Annotated[float, typer.Option(min=0, help="Kept from other trees, in metres.")] = Clearances().tree,
    pool: Annotated[int | None, typer.Option(min=1, help="Sites tried; else four for each tree.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the trees that --out holds.")] = False,
    confirm: Annotated[
        bool, typer.Option("--confirm/--no-confirm", help="Run both days whole at the end, and keep the results.")
    ] = True,
    store: Annotated[Path, typer.Option(help="Folder of results, for --confirm.")] = Path("var/results"),
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: trees, whom they help, digests.")
    ] = False,
) -> None:
    """Search where trees help most people; the document and the GeoJSON are written after every tree.

    Each tree is the one that adds most to those before it, so the first ten of fifty are the best ten as well.
    """
    size = TreeSize(height, crown, base, species=species)
    with mistakes(ScenarioError, CityError, LayerError, OSError):
        _refuse_out(out, base, height)
        document = Scenario.load(scenario)
        before = _before(out, document) if resume else []
        with progress("city"):
            whole = read_city(city)
        document.digest(whole)  # a mistake in the document is told before anything is computed
    kept: list[Planted] = list(before)

    def keep(found: Planting) -> None:
        kept[:] = found.trees
        _write(out, with_trees(document, kept, size), kept, size)

    question = Question(
        trees=trees, size=size, aim=aim.value, clear=Clearances(facade, kerb, apart), pool=pool
    )  # fmt: skip
    proof: tuple[Affected, list[str]] | None = None
    try:
        with mistakes(ScenarioError, CityError, LayerError, OSError):
            with progress("trees") as tell:
                answer = best_trees(
                    whole, document, question, record=Recorded, before=before, on_progress=tell, on_tree=keep
                )
            keep(answer.planting)
            if confirm and answer.planting.trees:
                proof = _proof(whole, document, answer.scenario, Store(store))
    except (StoreError, KernelError) as error:
        messages.print(f"[bold red]failed[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(EXIT_FAILED) from error
    except KeyboardInterrupt as error:
        words = f"; they are kept in {out}, and --resume goes on from there" if kept else ""
        messages.print(f"stopped after {len(kept)} trees{words}", soft_wrap=True)
        raise typer.Exit(EXIT_FAILED) from error
    _show(answer, proof, question, out, demo=whole.demo)
    if json:
        print_json(_as_json(answer, proof, question, whole))


def _refuse_out(out: Path, base: float, height: float) -> None:
    if out.suffix.lower() not in (".yaml", ".yml", ".json"):
        raise ScenarioError(f"{out}: a scenario document ends in .yaml or .json", "--out")
    if not out.absolute().parent.is_dir():
        raise ScenarioError(f"{out}: there is no folder {out.parent}; make it first", "--out")
    if base > height - 0.5:
        raise ScenarioError(f"is {base:g} m and --height {height:g} m; leave at least 0.5 m for leaves", "--base")


def _before(out: Path, document: Scenario) -> list[Planted]:
    """Trees of the earlier search that the document to write holds."""
    if not out.is_file():
        return []
    earlier, trees = without_trees(Scenario.load(out))
    if earlier.canonical()["edits"] != document.canonical()["edits"] or earlier.period != document.period:
        raise ScenarioError(
            f"{out} holds trees for another scenario; leave --resume out, or name another --out", "--resume"
        )
    return trees


def _proof(city: City, bare: Scenario, green: Scenario, store: Store) -> tuple[Affected, list[str]]:
    """Both days as whole runs, and whom the difference reaches."""
    results: list[Result] = []
    for words, document in (("without trees", bare), ("with trees", green)):
        with progress(words) as tell:
            results.append(simulate(city, document, store=store, on_progress=tell))
    return affected(results[0], results[1], city), [one.digest for one in results]


def _write(out: Path, document: Scenario, trees: list[Planted], size: TreeSize) -> None:
    """The document and its trees as GeoJSON; each file whole or as it was."""
    plain = document.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    plain["edits"] = [edit.model_dump(mode="json", exclude_none=True) for edit in document.edits]
    fresh = out.with_name(f".{out.name}.new")
    if out.suffix.lower() == ".json":
        fresh.write_text(document.model_dump_json(indent=1, exclude_none=True) + "\n", encoding="utf-8")
    else:
        fresh.write_text(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8")
    fresh.replace(out)
    count = len(trees)
    places = gpd.GeoDataFrame(
        {
            "order": np.arange(1, count + 1), "gain": [tree.gain for tree in trees],
            "gain_sum": np.cumsum([tree.gain for tree in trees]), "species": [size.species] * count,
            "height_m": [size.height] * count, "crown_diameter_m": [size.crown_diameter] * count,
        },
        geometry=gpd.points_from_xy([tree.x for tree in trees], [tree.y for tree in trees], crs=CRS),
        index=[f"{PREFIX}{number:03d}" for number in range(1, count + 1)],
    )  # fmt: skip
    places.index.name = "id"
    write_table(places, out.with_suffix(".geojson"))


def _helped(found: Affected) -> dict[str, float]:
    homes = found.homes
    return {f"{fall:g}": float(homes["residents"][homes["change"] <= -fall].sum()) for fall in _HELPED}


def _show(
    answer: Answer, proof: tuple[Affected, list[str]] | None, question: Question, out: Path, *, demo: bool
) -> None:
    if demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    found = answer.planting
    unit = "person·K·h" if question.aim == "degrees" else "person·h"
    table = Table(box=None, pad_edge=False)
    for words in ("tree", "x, m", "y, m", f"adds, {unit}", f"together, {unit}"):
        table.add_column(words, justify="right")
    total = np.cumsum([tree.gain for tree in found.trees])
    for number, (tree, so_far) in enumerate(zip(found.trees, total, strict=True), 1):
        if number <= 10 or number == len(found.trees):
            row = (f"{number}", f"{tree.x:.1f}", f"{tree.y:.1f}", f"{tree.gain:,.0f}", f"{so_far:,.0f}")
            table.add_row(*(text.replace(",", " ") for text in row))
    messages.print(table)
    if found.ended:
        why = {"no site": "no site is left of those tried; take a larger --pool", "no gain": "no further tree helps"}
        messages.print(f"[yellow]{len(found.trees)} of {question.trees} trees[/]: {why[found.ended]}", soft_wrap=True)
    searched = "the search" if proof is None else "whole runs"
    one = answer.affected if proof is None else proof[0]
    helped = ", ".join(f"{people:,.0f} by {fall} K and more" for fall, people in _helped(one).items()).replace(
        ",0", " 0"
    )
    messages.print(
        f"From 12 to 18 h it feels {-one.mean_change:.3f} K cooler around home on average; for {helped} ({searched})",
        soft_wrap=True,
    )
    if proof is not None:
        messages.print(
            f"the search said {-answer.affected.mean_change:.3f} K; results "
            + ", ".join(name[:12] for name in proof[1]),
            soft_wrap=True,
        )
    messages.print(
        f"{answer.possible:,} cells could hold a trunk, {answer.tried} were tried, {found.evaluations} warm reruns; "
        f"a gain grew {found.grew} times",
        soft_wrap=True,
    )
    for said in ASSUMPTIONS:
        messages.print(f"[dim]{escape(said['en'])}[/]", soft_wrap=True)
    messages.print(f"{out} and {out.with_suffix('.geojson').name}", soft_wrap=True)


def _as_json(
    answer: Answer, proof: tuple[Affected, list[str]] | None, question: Question, city: City
) -> dict[str, Any]:
    def told(one: Affected) -> dict[str, Any]:
        return {
            "mean_change_k": one.mean_change,
            "person_degree_hours": one.person_degree_hours,
            "people_cooler_by_k": _helped(one),
            "people_warmer": one.people_warmer,
        }

    found = answer.planting
    return {
        "demo": city.demo,
        "aim": question.aim,
        "units": "person K h" if question.aim == "degrees" else "person h",
        "trees": [{"x": tree.x, "y": tree.y, "gain": tree.gain} for tree in found.trees],
        "ended": found.ended,
        "possible": answer.possible,
        "tried": answer.tried,
        "evaluations": found.evaluations,
        "grew": found.grew,
        "search": told(answer.affected),
        "confirmed": None if proof is None else told(proof[0]) | {"results": proof[1]},
        "assumptions": list(ASSUMPTIONS),
    }


command = as_command(plant)
