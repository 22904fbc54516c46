"""Whose trips take longer: rows of the demand of A and of B side by side, and what that means for each sector."""

from typing import Literal

import numpy as np
import pandas as pd
import shapely
import xarray as xr

from twin.city import City

FELT = 60.0
"""A trip that takes longer or less by this is felt: an assumption. [s]"""
_KEYS = ["start", "end", "mode", "begin", "zone_from", "zone_to"]


def trip_changes(a: tuple[xr.Dataset, xr.Dataset], b: tuple[xr.Dataset, xr.Dataset]) -> pd.DataFrame:
    """Rows of the demand that both runs have.

    Parameters
    ----------
    a, b : tuple of Dataset
        The network with its demand, and the run with ``trip_time`` and ``trips_unserved``.

    Returns
    -------
    DataFrame
        ``start``, ``end`` (ids of nodes), ``mode``, ``begin`` [s], ``zone_from``, ``zone_to`` (ids of sectors or gates,
        empty where the demand knows none); ``trips_a``, ``trips_b``, ``served_a``, ``served_b`` [1]; ``time_a``,
        ``time_b`` [s], NaN where none is served; ``x_start`` to ``y_end`` [m].
    """
    table = _rows(*a).merge(_rows(*b), on=_KEYS, suffixes=("_a", "_b"))
    places = [f"{axis}_{end}" for axis in "xy" for end in ("start", "end")]
    kept = table.drop(columns=[f"{name}_b" for name in places])
    return kept.rename(columns={f"{name}_a": name for name in places})


def _rows(network: xr.Dataset, run: xr.Dataset) -> pd.DataFrame:
    names = network["node"].values if "node" in network.coords else np.arange(network.sizes["node"])
    start, end = (network[f"demand_{which}_node"].values.astype(int) for which in ("start", "end"))
    trips = network["demand_trips"].values.astype(float)
    lost = np.nan_to_num(run["trips_unserved"].values.astype(float)) if "trips_unserved" in run else 0.0 * trips
    time = run["trip_time"].values.astype(float)
    served = np.maximum(trips - lost, 0.0)
    x, y = (network[f"node_{axis}"].values.astype(float) for axis in "xy")
    found = pd.DataFrame({
        "start": names[start], "end": names[end], "mode": network["demand_mode"].values.astype(int),
        "begin": network["demand_begin"].values.astype(float), "zone_from": _zones(network, "from"),
        "zone_to": _zones(network, "to"), "trips": trips, "served": served,
        "weighted": np.where(served > 0.0, served * np.nan_to_num(time), 0.0),
        "timed": np.where(np.isfinite(time), served, 0.0),
        "x_start": x[start], "y_start": y[start], "x_end": x[end], "y_end": y[end],
    })  # fmt: skip
    sums = dict.fromkeys(("trips", "served", "weighted", "timed"), "sum")
    places = dict.fromkeys(("x_start", "y_start", "x_end", "y_end"), "first")
    found = found.groupby(_KEYS, as_index=False, sort=True).agg(sums | places)
    timed = found["timed"].to_numpy()
    found["time"] = np.divide(found["weighted"], timed, out=np.full(timed.size, np.nan), where=timed > 0.0)
    return found.drop(columns=["weighted", "timed"])


def _zones(network: xr.Dataset, which: Literal["from", "to"]) -> np.ndarray:
    """Ids of the zones where rows begin or end: (row,) object."""
    if f"demand_zone_{which}" not in network or "zone" not in network.coords:
        return np.full(network.sizes["demand"], "", object)
    return network["zone"].values.astype(object)[network[f"demand_zone_{which}"].values.astype(int)]


def trips_by_sector(changes: pd.DataFrame, city: City) -> pd.DataFrame:
    """Winners and losers: trips that begin or end in each statistical sector.

    Parameters
    ----------
    changes : DataFrame
        Of `trip_changes`.
    city : City
        As imported; people are those of its sectors.

    Returns
    -------
    DataFrame
        By sector id: ``name_fr``, ``name_nl``, ``population``, ``trips``; ``time_a``, ``time_b``, ``change``: mean over
        the trips that both runs serve [s]; ``people_better``, ``people_worse``: residents in the proportion of its
        trips that take `FELT` less or more, or that no way serves any more; ``lost``: trips that B serves less.
    """
    table = city.sectors[["name_fr", "name_nl", "population"]].copy()
    start, end = (_sector(city, changes, *which) for which in (("from", "start"), ("to", "end")))
    weight = np.minimum(changes["served_a"].to_numpy(float), changes["served_b"].to_numpy(float))
    trips, lost = changes["trips_a"].to_numpy(float), _lost(changes)
    time_a, time_b = (changes[f"time_{one}"].to_numpy(float) for one in "ab")
    both = np.isfinite(time_a) & np.isfinite(time_b) & (weight > 0.0)
    change = np.where(both, time_b - time_a, 0.0)
    columns: dict[str, list[float]] = {name: [] for name in (
        "trips", "time_a", "time_b", "change", "people_better", "people_worse", "lost"
    )}  # fmt: skip
    for sector in range(len(table)):
        here = (start == sector) | (end == sector)
        known = here & both
        whole, all_trips = weight[known].sum(), trips[here].sum()
        means = [float(weight[known] @ one[known] / whole) if whole > 0 else np.nan for one in (time_a, time_b)]
        people = float(np.nan_to_num(table["population"].iloc[sector]))
        better = weight[known & (change <= -FELT)].sum()
        worse = weight[known & (change >= FELT)].sum() + lost[here].sum()
        values = (all_trips, *means, means[1] - means[0],
                  people * better / all_trips if all_trips > 0 else 0.0,
                  people * min(worse / all_trips, 1.0) if all_trips > 0 else 0.0, lost[here].sum())  # fmt: skip
        for name, value in zip(columns, values, strict=True):
            columns[name].append(float(value))
    return table.assign(**columns)


def _lost(changes: pd.DataFrame) -> np.ndarray:
    """Trips of A that B still wants and does not serve: (row,) float64. [1]"""
    wanted = np.minimum(changes["served_a"].to_numpy(float), changes["trips_b"].to_numpy(float))
    return np.maximum(wanted - changes["served_b"].to_numpy(float), 0.0)


def _sector(city: City, changes: pd.DataFrame, zone: str, end: str) -> np.ndarray:
    """Row of the sectors table of each end, by its zone, else by where its node lies; -1 for none: (row,) int64."""
    names = changes[f"zone_{zone}"]
    found = np.asarray(city.sectors.index.get_indexer(names), np.int64)
    nowhere = np.flatnonzero((names == "").to_numpy(bool))
    x, y = (changes[f"{axis}_{end}"].to_numpy(float)[nowhere] for axis in "xy")
    tree = shapely.STRtree(shapely.points(x, y))
    for row, shape in enumerate(city.sectors.geometry):
        inside = nowhere[tree.query(shape, predicate="intersects")]
        found[inside[found[inside] < 0]] = row
    return found
