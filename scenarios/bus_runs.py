"""What traffic does to buses: every run driven through the travel times of a kept run, and A against B by line."""

import numpy as np
import pandas as pd
import xarray as xr

from kernels.traffic.queues_inputs import MODE_NAMES, MODES

LATE = 60.0
"""A run that takes longer by this is delayed: an assumption. [s]"""
WHOLE = 0.9
"""A run of B that is shorter than this part of it in A does not serve its line: an assumption. [1]"""
_BUS = MODE_NAMES.index("bus")


def bus_runs(network: xr.Dataset, run: xr.Dataset) -> pd.DataFrame:
    """How long each bus takes.

    Parameters
    ----------
    network : Dataset
        With services along (service) and (service_leg).
    run : Dataset
        ``travel_time`` along (time, link): means over the time since the output before. [s]

    Returns
    -------
    DataFrame
        By run: ``line``, ``departure`` [s], ``duration`` with its stops [s], ``distance`` [m]; ``barred`` where a link
        of its way lets no bus in at the moment it comes. Empty where there are no services.

    Notes
    -----
    A bus drives with the traffic, as no field tells of buses alone; the last frame holds for what comes later.
    """
    columns = {"line": object, "departure": float, "duration": float, "distance": float, "barred": bool}
    if "service_departure" not in network or not network.sizes.get("service", 0):
        return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in columns.items()})
    ends, times = run["time"].values.astype(float), run["travel_time"].values.astype(float)
    length = network["street_length"].values.astype(float)
    free = length / network["free_speed"].values.astype(float)
    times = np.maximum(np.where(times > 0.0, times, free), length / MODES[_BUS].speed)
    never = (network["allowed_modes"].values.astype(int) >> _BUS & 1) == 0
    closed = _closures(network)
    departure = network["service_departure"].values.astype(float)
    legs = [network[f"service_leg_{name}"].values for name in ("run", "link", "dwell")]
    order = np.argsort(legs[0], kind="stable")
    whose, link, dwell = (one[order] for one in legs)
    first = np.searchsorted(whose, np.arange(departure.size + 1))
    rows = []
    for bus in range(departure.size):
        now, metres, barred = float(departure[bus]), 0.0, False
        for leg in range(first[bus], first[bus + 1]):
            street = int(link[leg])
            barred |= bool(never[street]) or any(begin <= now < until for begin, until in closed.get(street, ()))
            frame = min(int(np.searchsorted(ends, now, side="right")), ends.size - 1)
            now += float(times[frame, street]) + float(dwell[leg])
            metres += float(length[street])
        rows.append((_line(network, bus), departure[bus], now - departure[bus], metres, barred))
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def bus_changes(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """A against B by line: ``runs`` of A, how many of them are ``delayed`` or ``barred``, and the minutes.

    Returns
    -------
    DataFrame
        Most delayed first, by line: ``runs``, ``delayed`` (by `LATE` or more), ``barred`` (by a closure that A has not,
        without any way, or cut short below `WHOLE`), ``minutes``: mean change, and ``worst_minutes``; runs that are
        barred are not in the minutes. [min]
    """
    runs = [one.assign(turn=one.groupby(["line", "departure"]).cumcount()) for one in (a, b)]
    both = runs[0].merge(runs[1], on=["line", "departure", "turn"], suffixes=("_a", "_b"), how="left")
    short = ~(both["distance_b"] >= WHOLE * both["distance_a"]).to_numpy(bool)  # also where there is none
    stopped = short | both["barred_b"].eq(True).to_numpy(bool)
    both["barred"] = stopped & ~both["barred_a"].to_numpy(bool)
    both["change"] = np.where(stopped, np.nan, (both["duration_b"] - both["duration_a"]).to_numpy(float) / 60.0)
    both["delayed"] = both["change"] >= LATE / 60.0
    found = both.groupby("line", sort=True).agg(
        runs=("change", "size"), delayed=("delayed", "sum"), barred=("barred", "sum"), minutes=("change", "mean"),
        worst_minutes=("change", "max"),
    )  # fmt: skip
    return found.sort_values(["barred", "minutes"], ascending=False, kind="stable")


def _closures(network: xr.Dataset) -> dict[int, list[tuple[float, float]]]:
    """Hours at which a link is closed to buses. [s]"""
    found: dict[int, list[tuple[float, float]]] = {}
    if "closure_link" not in network:
        return found
    names = ("link", "modes", "begin", "until")
    columns = (network[f"closure_{name}"].values.tolist() for name in names)
    for link, modes, begin, until in zip(*columns, strict=True):
        if int(modes) >> _BUS & 1:
            found.setdefault(int(link), []).append((float(begin), float(until)))
    return found


def _line(network: xr.Dataset, bus: int) -> str:
    """Name of a run's line: its number where nothing else is known."""
    if "service_line" not in network:
        return ""
    value = network["service_line"].values[bus]
    return str(int(value)) if isinstance(value, np.floating | float) and float(value).is_integer() else str(value)
