"""``bxl-twin basin``: the smallest storm basin on a patch of ground with which a scenario meets a target."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.markup import escape
from rich.table import Table

from kernels.contract import KernelError, LayerError
from scenarios.engine import simulate
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.search import BuildingsTouched, DepthAt, Found, Target, Trial, smallest_basin
from scenarios.warm import WarmRuns
from twin.city import City, CityError
from twin.result import Result, StoreError
from twin.store import Store
from viewer.cli.console import EXIT_FAILED, as_command, messages, mistakes, print_json, progress
from viewer.cli.drawn import corners_of, point_of
from viewer.cli.run import DEMO, read_city


def basin(
    scenario: Annotated[Path, typer.Argument(help="Scenario document without the basin; its other edits stay.")],
    polygon: Annotated[
        str,
        typer.Option(
            metavar="F.geojson|'X,Y X,Y X,Y'", help="Where the basin is dug: one polygon in a GeoJSON, or its corners."
        ),
    ],
    depth_at: Annotated[
        str | None, typer.Option(metavar="X,Y", help="Target: water here is never deeper than --target.")
    ] = None,
    target: Annotated[
        float | None, typer.Option(help="Greatest depth at --depth-at that is good enough, in metres.")
    ] = None,
    buildings: Annotated[int | None, typer.Option(help="Target: no more buildings than this are touched.")] = None,
    city: Annotated[str, typer.Option(help="City folder, or the word demo for the demo district.")] = DEMO,
    store: Annotated[Path, typer.Option(help="Folder of results; the same scenario is never run twice.")] = Path(
        "var/results"
    ),
    largest: Annotated[
        float | None, typer.Option(help="Largest volume tried; else that of a mean depth of 10 m. In m³.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="The search ends where the answer is known to this many m³, or to 2 %.")
    ] = 1.0,
    whole: Annotated[
        bool, typer.Option("--whole", help="Run every trial whole; else only what a basin changes is computed anew.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object: volume, trials, digests.")] = False,
) -> None:
    """Search the smallest basin that reaches a target, by halving its volume; every trial is a run and is listed.

    Trials are warm reruns, within 0.1 mm of whole runs; what is found is confirmed by a whole one, which is kept.
    """
    trials: list[Trial] = []
    with mistakes(ScenarioError, CityError, LayerError, OSError):
        wanted = _target(depth_at, target, buildings)
        corners = corners_of(polygon)
        document = Scenario.load(scenario)
        with progress("city"):
            place = read_city(city)
        document.digest(place)  # a mistake in the document is told before anything is computed
    try:
        with mistakes(ScenarioError, CityError, LayerError):
            results = Store(store)
            found = _search(
                place, document, corners, wanted, None if not whole else results, largest, tolerance, trials
            )
            proof = None if whole else _confirmed(place, found, wanted, results)
    except (StoreError, KernelError) as error:
        messages.print(f"[bold red]failed[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(EXIT_FAILED) from error
    except KeyboardInterrupt as error:
        _list(trials, wanted)
        messages.print(
            f"stopped after {len(trials)} trials"
            + ("; their results are kept, so the same search goes on quickly" if whole else "; nothing was kept")
        )
        raise typer.Exit(EXIT_FAILED) from error
    _show(found, wanted, demo=place.demo)
    if proof is not None:
        _show_proof(proof, wanted)
    if json:
        print_json(_as_json(found, wanted, place, proof))


def _target(depth_at: str | None, depth: float | None, buildings: int | None) -> Target:
    if (depth_at is None) == (buildings is None):
        raise ScenarioError("give one target: --depth-at X,Y with --target METRES, or --buildings N", "target")
    if buildings is not None:
        if depth is not None:
            raise ScenarioError("--target is the depth at --depth-at; --buildings needs none", "target")
        if buildings < 0:
            raise ScenarioError(f"--buildings must be 0 or more, got {buildings}", "target")
        return BuildingsTouched(buildings)
    if depth is None or not (np.isfinite(depth) and depth >= 0):
        raise ScenarioError(f"--target must be a depth of 0 m or more at --depth-at, got {depth}", "target")
    x, y = point_of(depth_at or "", "--depth-at")
    return DepthAt(x, y, depth)


def _search(
    city: City,
    scenario: Scenario,
    corners: list[list[float]],
    target: Target,
    store: Store | None,
    largest: float | None,
    tolerance: float,
    trials: list[Trial],
) -> Found:
    """Search with a bar, warm unless there is a store for whole results; ``trials`` is filled as they end."""
    with progress("basin") as tell, WarmRuns(lambda part, what: forward(part, what)) as warm:
        done = 0.0

        def forward(part: float, what: str) -> None:
            # how many trials there will be is known only after the first
            share = done / len(trials) if trials else 0.1
            tell(done + part * share, f"trial {len(trials) + 1}: {what}")

        def run(place: City, document: Scenario) -> Result:
            if store is not None:
                return simulate(place, document, store=store, on_progress=forward)
            return warm(place, document)

        def on_trial(fraction: float, trial: Trial) -> None:
            nonlocal done
            trials.append(trial)
            done = fraction
            tell(fraction, f"{trial.volume_m3:.1f} m³: {'meets' if trial.meets else 'misses'} the target")

        found = smallest_basin(
            city, scenario, corners, target, run=run, largest_m3=largest, tolerance_m3=tolerance, on_trial=on_trial
        )
    if warm.whole is not None:
        messages.print(f"[dim]note[/] every trial was run whole: {escape(warm.whole)}", soft_wrap=True)
    return found


def _confirmed(city: City, found: Found, target: Target, store: Store) -> Trial | None:
    """The whole run of what was found; None where nothing was."""
    if found.scenario is None or found.volume_m3 is None:
        return None
    with progress("whole run") as tell:
        result = simulate(city, found.scenario, store=store, on_progress=tell)
    value = target.value(result)
    return Trial(found.volume_m3, value, value <= target.at_most, result.digest)


def _list(trials: list[Trial], target: Target) -> None:
    is_depth = isinstance(target, DepthAt)
    table = Table(box=None, pad_edge=False)
    for words in ("trial", "basin, m³", "depth, m" if is_depth else "buildings", "target"):
        table.add_column(words, justify="right")
    table.add_column("result")
    for number, one in enumerate(trials, 1):
        value = f"{one.value:.3f}" if is_depth else f"{one.value:.0f}"
        table.add_row(
            str(number),
            f"{one.volume_m3:,.1f}".replace(",", " "),
            value,
            "met" if one.meets else "missed",
            one.digest[:12],
        )
    messages.print(table)


def _show(found: Found, target: Target, *, demo: bool) -> None:
    if demo:
        messages.print("[bold]demo data, not the cadastre[/]")
    _list(list(found.trials), target)
    if found.volume_m3 is None:
        messages.print(
            f"no basin there reaches the target; the largest tried holds {found.trials[-1].volume_m3:,.0f} m³: draw it "
            "larger or elsewhere, or ask for less",
            soft_wrap=True,
        )
    elif found.volume_m3 == 0:
        messages.print("no basin is needed; the scenario meets the target without")
    else:
        messages.print(
            f"[bold]{found.volume_m3:,.1f} m³[/] reach the target; the smallest volume of all is at most "
            f"{found.within_m3:,.1f} m³ less",
            soft_wrap=True,
        )


def _show_proof(proof: Trial, target: Target) -> None:
    figure = f"{proof.value:.3f} m" if isinstance(target, DepthAt) else f"{proof.value:.0f} buildings"
    words = "confirmed by a whole run" if proof.meets else "[bold yellow]not confirmed[/]: a whole run gives"
    messages.print(f"{words}: {figure}, result {proof.digest[:12]}", soft_wrap=True)


def _as_json(found: Found, target: Target, city: City, proof: Trial | None) -> dict[str, Any]:
    if isinstance(target, DepthAt):
        words: dict[str, Any] = {"kind": "depth_at", "x": target.x, "y": target.y, "at_most_m": target.at_most}
    else:
        words = {"kind": "buildings_touched", "at_most": target.at_most}
    edit = (
        found.scenario.edits[-1].model_dump(mode="json", exclude_none=True)
        if found.volume_m3 and found.scenario
        else None
    )
    return {
        "demo": city.demo,
        "target": words,
        "volume_m3": found.volume_m3,
        "within_m3": found.within_m3,
        "edit": edit,
        "trials": [
            {"volume_m3": one.volume_m3, "value": one.value, "meets": one.meets, "digest": one.digest}
            for one in found.trials
        ],
        "confirmed": None if proof is None else {"value": proof.value, "meets": proof.meets, "digest": proof.digest},
    }


command = as_command(basin)
