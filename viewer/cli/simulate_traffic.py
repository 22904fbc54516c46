"""bxl-twin simulate-traffic: vehicles one by one through anyone's streets, without any city."""

import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from kernels.contract import LayerError
from kernels.traffic.dynamic_equilibrium import settle_days
from kernels.traffic.hierarchy import Hierarchy
from kernels.traffic.hierarchy_sweep import Room
from kernels.traffic.hierarchy_trees import grow_side_by_side
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import MODE_NAMES, Closures, Streets, Trips
from kernels.traffic.queues_rules import StreetChanges
from kernels.traffic.ways import Ways
from viewer.cli.console import EXIT_FAILED, as_command, messages, mistakes, print_json, progress
from viewer.cli.raw_files import InputError
from viewer.cli.traffic_tables import interval_table, read_closures, read_streets, read_vehicles, trip_table

_TOLD = 20
"""Trips without a way that are named; the others are counted."""


def simulate_traffic(
    links: Annotated[
        Path,
        typer.Argument(
            metavar="LINKS.csv",
            help="link,from,to,length_m,speed_kmh,capacity_veh_h,jam_density_veh_km; optional exit_capacity_veh_h, "
            "allowed (modes with + between them, or all), priority, cycle_s,offset_s,green_s (signal at the end of the "
            "link), passing (1: the fast overtake). A turning lane with its own queue is a link.",
        ),
    ],
    trips: Annotated[
        Path,
        typer.Argument(
            metavar="TRIPS.csv",
            help="from,to,departure_s, one vehicle a row; optional trip, mode (car, van, truck, bus, bike, foot), via "
            "(links of a fixed way with blanks between them) and dwell_s (time at stops on each of these).",
        ),
    ],
    closures: Annotated[
        Path | None,
        typer.Option(
            metavar="CLOSURES.csv",
            help="link,modes,from_s,until_s: who may not enter when, several rows for a link if need be.",
        ),
    ] = None,
    until: Annotated[
        float | None, typer.Option(metavar="S", help="End of the clock; else when all have arrived, a week at most.")
    ] = None,
    every: Annotated[float, typer.Option(metavar="S", help="Length of the intervals of --flows.")] = 900.0,
    flows: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.csv",
            help="Write by interval and link: begin_s, end_s, link, entered_MODE, travel_time_s, stop_share, inside.",
        ),
    ] = None,
    arrivals: Annotated[
        Path | None, typer.Option(metavar="OUT.csv", help="Write by trip: trip, mode, departure_s, arrival_s, state.")
    ] = None,
    refresh: Annotated[float, typer.Option(metavar="S", help="Time between two looks for the best way.")] = 600.0,
    patience: Annotated[
        float, typer.Option(metavar="S", help="After so long a ring of full links turns by one vehicle each.")
    ] = 60.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same run, bit for bit.")] = 0,
    threads: Annotated[
        int | None, typer.Option(min=1, help="All processors where not given; no result depends on it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Send vehicles one by one through streets with queues, spillback, signals and closures by hour and mode.

    Prints where the vehicles are at the end, their mean time and the seconds spent (without reading and compiling).
    Exit code 1 when trips have no way; they are named, never lost.
    """
    with mistakes(InputError, LayerError, OSError):
        for option, value in (("--every", every), ("--refresh", refresh), ("--patience", patience)):
            if not (np.isfinite(value) and value > 0):
                raise InputError(f"{option} must be more than 0 s, got {value:g}")
        read = read_streets(links)
        vehicles = read_vehicles(trips, read)
        shut = Closures() if closures is None else read_closures(closures, read)
        compile_everything()
        began = time.perf_counter()
        queues = Queues(
            read.streets, vehicles.trips, shut, refresh=refresh, patience=patience, seed=seed, threads=threads
        )
        found = _run(queues, until, every, flows is not None)
        spent = time.perf_counter() - began
        if flows is not None:
            interval_table(found, read).to_csv(flows, index=False, float_format="%.6g")
        if arrivals is not None:
            trip_table(queues, vehicles).to_csv(arrivals, index=False, float_format="%.10g")
    figures = _figures(queues, vehicles.trips, [str(name) for name in vehicles.names], spent)
    if as_json:
        print_json(figures)
    else:
        _show(figures)
    if figures["without_way"]:
        messages.print(
            f"[bold yellow]{figures['without_way']} trips have no way[/] for their mode and stand aside: "
            f"{', '.join(figures['named'])}{' …' if figures['without_way'] > _TOLD else ''}",
            soft_wrap=True,
        )
        raise typer.Exit(EXIT_FAILED)


def compile_everything() -> None:
    """Send one vehicle down one street for a day; compiles the loops, or loads what an earlier run compiled."""
    one, begin, end = np.ones(1), np.zeros(1, int), np.ones(1, int)
    street = Streets(begin, end, 10 * one, 10 * one, 0.5 * one, 0.2 * one)
    slow = StreetChanges(begin, 0 * one, 9 * one, 5 * one, one)
    trips = Trips(begin, end, 0 * one, None, {}, Ways.of([[0]]), np.zeros(1, np.int64))
    settle_days(street, trips, changes=slow, rounds=1, threads=1)
    order = Hierarchy.of(np.array([0, 1, 1], np.int32), end.astype(np.int32), np.ones(2, bool))  # of large networks
    room, tree = Room.of(order), np.empty((1, 2), np.int32)
    grow_side_by_side(0, 1, begin.astype(np.int32), order, order.weights(one), room, tree)


def _run(queues: Queues, until: float | None, every: float, keep: bool) -> list[tuple[float, float, Any, np.ndarray]]:
    """Go on by intervals to the end; what each link saw in each, if it is kept."""
    end = 7 * 86_400.0 if until is None else until
    found = []
    with progress("traffic") as tell:
        while queues.now < end:
            begin = queues.now
            queues.advance(min(end, begin + every))
            if keep:
                found.append((begin, queues.now, queues.read(), queues.on_links()))
            now = queues.census()
            tell(now.left / max(queues.vehicles, 1), f"{now.left} of {queues.vehicles} arrived")
            if until is None and queues.finished():
                break
    return found


def _figures(queues: Queues, trips: Trips, names: list[str], spent: float) -> dict[str, Any]:
    now, left = queues.census(), queues.left_at()
    there = np.isfinite(left)
    lost = queues.unserved()
    taken = (left - np.asarray(trips.departure))[there]
    modes = np.zeros(left.size, int) if trips.mode is None else np.asarray(trips.mode)
    return {
        "vehicles": queues.vehicles,
        "set_out": now.set_out,
        "arrived": now.left,
        "inside": now.inside,
        "waiting": now.waiting,
        "without_way": int(lost.size),
        "named": [names[one] for one in lost[:_TOLD]],
        "turned_in_rings": now.turned,
        "conserved": now.set_out == now.inside + now.waiting + now.left,
        "mean_time_s": float(taken.mean()) if taken.size else None,
        "total_time_veh_s": float(taken.sum()),
        "last_arrival_s": float(left[there].max()) if taken.size else None,
        "arrived_by_mode": {
            name: int((there & (modes == mode)).sum()) for mode, name in enumerate(MODE_NAMES) if (modes == mode).any()
        },
        "end_s": queues.now,
        "seconds": spent,
    }


def _show(figures: dict[str, Any]) -> None:
    mean = "none arrived" if figures["mean_time_s"] is None else f"mean time {figures['mean_time_s']:.1f} s"
    messages.print(
        f"{figures['arrived']} of {figures['vehicles']} vehicles arrived, {mean}; {figures['inside']} inside, "
        f"{figures['waiting']} waiting at {figures['end_s']:g} s; {figures['turned_in_rings']} moves freed rings of "
        f"full links; {figures['seconds']:.2f} s",
        soft_wrap=True,
    )


command = as_command(simulate_traffic)
