"""bxl-twin assign: the static equilibrium of anyone's network and trips in TNTP, without any city."""

import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from kernels.contract import KernelError, LayerError
from kernels.traffic.demand import Demand, VehicleClass
from kernels.traffic.equilibrium import Equilibrium
from kernels.traffic.equilibrium import assign as find_equilibrium
from kernels.traffic.network import Network
from kernels.traffic.path_store import PathStore
from twin.city import CityError
from twin.formats.tntp import read_network, read_trips
from viewer.cli.console import EXIT_FAILED, as_command, messages, mistakes, print_json
from viewer.cli.raw_files import InputError

_TOLD = 20
"""Pairs without a path that are named; the others are counted."""


def assign(
    net: Annotated[Path, typer.Argument(metavar="NET.tntp", help="Links; .gz too.")],
    trips: Annotated[Path, typer.Argument(metavar="TRIPS.tntp", help="Trips from zone to zone; .gz too.")],
    gap: Annotated[float, typer.Option(help="Relative gap to reach: (TSTT - shortest) / TSTT.")] = 1e-6,
    toll_weight: Annotated[float, typer.Option(help="Time that one unit of toll counts for.")] = 0.0,
    distance_weight: Annotated[float, typer.Option(help="Time that one unit of length counts for.")] = 0.0,
    close: Annotated[
        list[str] | None,
        typer.Option(metavar="LINK", help="Link to close: FROM-TO, or its row in NET counted from 1. Repeatable."),
    ] = None,
    scale_demand: Annotated[float, typer.Option(help="Times as many trips.")] = 1.0,
    warm_start: Annotated[
        Path | None, typer.Option(metavar="STATE", help="Begin from the paths that --save-state wrote.")
    ] = None,
    save_state: Annotated[Path | None, typer.Option(metavar="STATE", help="Write the paths in use (.npz).")] = None,
    flows: Annotated[Path | None, typer.Option(metavar="OUT.csv", help="Write from,to,flow,cost by link.")] = None,
    iterations: Annotated[int, typer.Option(min=1, help="Rounds at most.")] = 1000,
    threads: Annotated[
        int | None, typer.Option(min=1, help="All processors where not given; no result depends on it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Find the flows at which nobody gains by another path, on anyone's network and trips in TNTP.

    Prints objective, total travel time (TSTT, tolls and distance included), relative gap, iterations and seconds
    (without reading and compiling). Exit code 1 when the gap is not reached.
    """
    with mistakes(InputError, LayerError, KernelError, CityError, OSError):
        _check(gap, toll_weight, distance_weight, scale_demand)
        network = read_network(net)
        cars = VehicleClass(fixed_cost=network.fixed_cost(toll_weight, distance_weight))
        read = read_trips(trips)
        demand = Demand(read.origin, read.destination, np.asarray(read.trips) * scale_demand, classes=(cars,))
        closed = _closed(network, close or [])
        begin = None if warm_start is None else _state(warm_start)
        compile_everything()
        began = time.perf_counter()
        found = find_equilibrium(
            network, demand, gap=gap, iterations=iterations, closed=closed, begin=begin, threads=threads
        )
        spent = time.perf_counter() - began
        if flows is not None:
            _table(found).to_csv(flows, index=False)
        if save_state is not None:
            found.kept().save(save_state)
    figures = _figures(found, spent, int(closed.sum()), begin is not None)
    if as_json:
        print_json(figures)
    else:
        _show(figures)
    if figures["unserved_trips"]:
        pairs = ", ".join(f"{one['from']}-{one['to']}" for one in figures["unserved"][:5])
        messages.print(
            f"[bold yellow]{figures['unserved_trips']:g} trips have no path[/] and are not served, "
            f"{found.unserved.size} pairs: {pairs}{' …' if found.unserved.size > 5 else ''}",
            soft_wrap=True,
        )
    if not found.converged:
        messages.print(
            f"[bold red]the gap of {gap:g} was not reached[/] in {found.iterations} iterations: {found.gap:.3g}"
        )
        raise typer.Exit(EXIT_FAILED)


def compile_everything() -> None:
    """Settle two roads; compiles the loops, or loads what an earlier run compiled."""
    roads = Network.of([1, 1], [2, 2], free_flow_time=[1.0, 1.1], capacity=1.0)
    fixed = VehicleClass(fixed_cost=np.array([0.1, 0.0]))
    found = find_equilibrium(roads, Demand([1], [2], [2.0], classes=(fixed,)), gap=1e-3, threads=1)
    find_equilibrium(roads, Demand([1], [2], [3.0], classes=(fixed,)), gap=1e-3, begin=found.kept(), threads=1)
    find_equilibrium(roads, Demand([1], [2], [2.0]), gap=1e-3, threads=1, hierarchy=True)


def _check(gap: float, toll_weight: float, distance_weight: float, scale_demand: float) -> None:
    """Refuse numbers that mean nothing."""
    if not 0 < gap < 1:
        raise InputError(f"--gap must lie between 0 and 1, got {gap:g}; 1e-6 gives flows to about 0.1 %")
    for option, value in (
        ("--toll-weight", toll_weight), ("--distance-weight", distance_weight), ("--scale-demand", scale_demand),
    ):  # fmt: skip
        if not (np.isfinite(value) and value >= 0):
            raise InputError(f"{option} must be zero or more, got {value:g}")


def _closed(network: Network, wanted: list[str]) -> np.ndarray:
    """Which links the words name. (link,) bool"""
    closed = np.zeros(network.links, bool)
    tails, heads = network.node_id[network.tail].astype(str), network.node_id[network.head].astype(str)
    for word in wanted:
        ends = [part.strip() for part in word.replace(",", "-").replace(":", "-").split("-")]
        if len(ends) == 2:
            named = (tails == ends[0]) & (heads == ends[1])
        else:
            named = np.zeros(network.links, bool)
            if word.strip().isdecimal() and 1 <= int(word) <= network.links:
                named[int(word) - 1] = True
        if not named.any():
            raise InputError(
                f"--close {word}: no such link; give FROM-TO by the numbers of its nodes, or a row from 1 to "
                f"{network.links}"
            )
        closed |= named
    return closed


def _state(path: Path) -> PathStore:
    if not path.is_file():
        raise InputError(f"--warm-start {path}: no such file; an earlier run writes it with --save-state")
    return PathStore.load(path)


def _table(found: Equilibrium) -> pd.DataFrame:
    network = found.network
    # a closed link has the cost it would have if it were open
    cost = np.where(np.isfinite(found.cost), found.cost, found.time)
    return pd.DataFrame({
        "from": network.node_id[network.tail], "to": network.node_id[network.head], "flow": found.flow, "cost": cost,
    })  # fmt: skip


def _figures(found: Equilibrium, spent: float, closed: int, warm: bool) -> dict[str, Any]:
    return {
        "objective": found.objective,
        "tstt": found.total_cost,
        "total_time": found.total_time,
        "relative_gap": found.gap,
        "converged": found.converged,
        "iterations": found.iterations,
        "seconds": spent,
        "warm_start": warm,
        "nodes": found.network.nodes,
        "links": found.network.links,
        "closed_links": closed,
        "pairs": int(found.rows.trips.size),
        "paths": int(found.paths.flow.size),
        "trips": float(found.rows.trips.sum()),
        "trips_within_zones": found.rows.inside,
        "unserved_trips": float(found.unserved["trips"].sum()),
        "unserved": [
            {"from": int(one["origin"]), "to": int(one["destination"]), "trips": float(one["trips"])}
            for one in found.unserved[:_TOLD]
        ],
        "gaps": list(found.gaps),
    }


def _show(figures: dict[str, Any]) -> None:
    for words, text in (
        ("objective", f"{figures['objective']:.8f}"),
        ("TSTT", f"{figures['tstt']:.8f}"),
        ("relative gap", f"{figures['relative_gap']:.3e}"),
        ("iterations", f"{figures['iterations']}"),
        ("seconds", f"{figures['seconds']:.4f}"),
        ("trips served", f"{figures['trips']:g}"),
        ("pairs", f"{figures['pairs']}"),
        ("paths", f"{figures['paths']}"),
    ):
        typer.echo(f"{words:<13} {text}")


command = as_command(assign)
