"""A against B in traffic: where it went, which streets and neighbourhoods gain, whose trips and homes are better."""

import json
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from scenarios.bus_runs import LATE, bus_changes, bus_runs
from scenarios.compare import Verdict
from scenarios.emergency_access import ASSUMPTIONS, LATER
from scenarios.exposure import sector_of
from scenarios.problem import ScenarioError
from scenarios.reopened import traffic_run_of
from scenarios.street_ground import streets_of
from scenarios.traffic_figures import LOUD, cut_through_of
from scenarios.traffic_run import TrafficRun
from scenarios.trip_changes import FELT, trip_changes, trips_by_sector
from twin.city import CRS, City
from twin.result import Result
from twin.street_classes import street_classes

MOST = 20
"""Streets that are named on either side."""
SAME = 0.02
"""A street's traffic or a sector's trip time that changes by a smaller part is the same: less is the noise of the
search for ways. [1]"""
NOTICED = 3.0
"""A change of noise by this is noticed: half or twice the traffic. [dB]"""


@dataclass(frozen=True, eq=False)
class TrafficComparison:
    """What B does to the traffic of A.

    Attributes
    ----------
    figures : dict
        Plain JSON: see `compare_traffic`.
    streets, sectors : GeoDataFrame
        By id, Lambert 72.
    """

    figures: dict[str, Any]
    streets: gpd.GeoDataFrame
    sectors: gpd.GeoDataFrame

    def geojson(self, which: Literal["streets", "sectors"]) -> dict[str, Any]:
        """One of the tables as a FeatureCollection in longitude and latitude, with ids."""
        table: gpd.GeoDataFrame = getattr(self, which)
        found: dict[str, Any] = json.loads(table.to_crs(4326).to_json(na="null"))
        return found


def compare_results(a: Result, b: Result, city: City) -> TrafficComparison:
    """Compare two results that were kept.

    Parameters
    ----------
    a, b : Result
    city : City
        As imported, without the edits of either.

    Raises
    ------
    ScenarioError
        A result is of another city or has no traffic, or the two are of different hours.
    """
    return compare_traffic(traffic_run_of(a, city), traffic_run_of(b, city), city)


def compare_traffic(a: TrafficRun, b: TrafficRun, city: City) -> TrafficComparison:
    """Compare two runs of traffic.

    Parameters
    ----------
    a, b : TrafficRun
        Over the same hours.
    city : City
        As imported; sectors and their residents are its.

    Returns
    -------
    TrafficComparison
        Its figures: ``vehicle_km`` in all and by class of street, ``displaced``, ``streets`` that gain and lose most,
        ``cut_through`` in all and by neighbourhood, ``trips``, ``buses``, ``emergency``, ``emissions``, ``noise``, and
        ``people`` better and worse off. Pairs are under ``a`` and ``b``; what is not known is None.

    Raises
    ------
    ScenarioError
        The runs are of different hours.
    """
    if a.start != b.start or not np.array_equal(a.run["time"].values, b.run["time"].values):
        raise ScenarioError("the runs have different output times; run both with the same period", "period")
    streets = _streets(a, b, city)
    sectors, trips = _sectors(a, b, city)
    figures = {
        "vehicle_km": _vehicle_km(a, b),
        "displaced": _displaced(streets),
        "streets": _ranked(streets),
        "cut_through": _cut_through(a, b),
        "trips": _trips(a, b, trips),
        "buses": _buses(a, b),
        "emergency": _help(a, b),
        "emissions": {
            name: _pair(*(float(getattr(one.totals, name).sum()) for one in (a, b)))
            for name in ("carbon_dioxide", "nitrogen_oxides")
        },
        "noise": _noise(a, b),
        "people": {
            "better": _known(sectors["people_better"].sum()) if trips is not None else None,
            "worse": _known(sectors["people_worse"].sum()) if trips is not None else None,
            "felt_s": FELT,
        },
    }
    return TrafficComparison(figures, streets, sectors)


def _vehicle_km(a: TrafficRun, b: TrafficRun) -> dict[str, Any]:
    one, other = (run.totals.by_class(run.totals.distance / 1e3) for run in (a, b))
    rows = [
        {"key": key, "label": kind.words} | _pair(one.get(key, 0.0), other.get(key, 0.0))
        for key, kind in street_classes().items()
        if key in one or key in other
    ]
    return _pair(sum(one.values()), sum(other.values())) | {"by_class": rows}


def _streets(a: TrafficRun, b: TrafficRun, city: City) -> gpd.GeoDataFrame:
    """Every street of either network: names, vehicles an hour and kilometres of A and of B, and their changes."""
    found = pd.concat([_by_street(a).add_suffix("_a"), _by_street(b).add_suffix("_b")], axis=1).fillna(0.0)
    tables = [one.situation.city.links for one in (a, b)] + [city.links]
    links = pd.concat(tables)
    links = links[~links.index.duplicated()].reindex(found.index)
    for name in ("flow", "vehicle_km"):
        found[f"{name}_change"] = found[f"{name}_b"] - found[f"{name}_a"]
    found.insert(0, "name_fr", links["name_fr"].fillna("").to_numpy(object))
    found.insert(1, "name_nl", links["name_nl"].fillna("").to_numpy(object))
    found.insert(2, "kind", links["kind"].fillna("").to_numpy(object))
    return gpd.GeoDataFrame(found, geometry=links.geometry.to_numpy(), crs=CRS)


def _by_street(run: TrafficRun) -> pd.DataFrame:
    totals = run.totals
    street = pd.Index([str(one).rstrip("<>") for one in run.network["link"].values], name="id")
    hours = max(totals.seconds, 1e-9) / 3600.0
    table = pd.DataFrame(
        {"flow": totals.vehicles / hours, "vehicle_km": totals.distance / 1e3, "delay_h": totals.delay / 3600.0},
        index=street,
    )
    return table.groupby(level=0, sort=False).sum()


def _displaced(streets: gpd.GeoDataFrame) -> dict[str, float | None]:
    """Kilometres that streets lost, how much of them others gained, and how much less is driven in all.

    The last are trips given up or on shorter ways, and of queues also who has not yet arrived when the run ends.
    """
    change = streets["vehicle_km_change"].to_numpy(float)
    lost, gained = -change[change < 0].sum(), change[change > 0].sum()
    return {"lost_km": _known(lost), "gained_km": _known(gained), "fewer_km": _known(lost - gained)}


def _ranked(streets: gpd.GeoDataFrame) -> dict[str, list[dict[str, Any]]]:
    """Streets by name whose traffic grows and falls most, by kilometres driven; those of no name stand alone."""
    there = streets[streets.geometry.notna()]
    names, owner = streets_of(
        there["name_fr"].to_numpy(object), there["name_nl"].to_numpy(object), there.geometry.to_numpy()
    )
    owner = np.where(owner >= 0, owner, len(names) + np.arange(owner.size))
    rows: list[dict[str, Any]] = []
    for group in np.unique(owner):
        part = there[owner == group]
        before, after = (float(part[f"vehicle_km_{one}"].sum()) for one in "ab")
        if abs(after - before) > SAME * max(before, after):
            metres = part.geometry.length.to_numpy()
            flows = [float(np.average(part[name].to_numpy(float), weights=metres)) for name in ("flow_a", "flow_b")]
            rows.append({
                "ids": [str(one) for one in part.index], "name_fr": str(part["name_fr"].iloc[0]),
                "name_nl": str(part["name_nl"].iloc[0]), "flow": _pair(*flows),
                "vehicle_km": _pair(before, after),
            })  # fmt: skip
    rows.sort(key=lambda row: (-abs(row["vehicle_km"]["change"]), row["ids"]))
    return {
        "gain": [row for row in rows if row["vehicle_km"]["change"] > 0][:MOST],
        "lose": [row for row in rows if row["vehicle_km"]["change"] < 0][:MOST],
    }


def _cut_through(a: TrafficRun, b: TrafficRun) -> dict[str, Any]:
    """Part of the distance in neighbourhoods that others drive [%], in all and by neighbourhood, most changed first."""
    if any("cut_through_share" not in one.run or "link_area" not in one.network for one in (a, b)):
        return _pair(None, None) | {"areas": []}
    area = pd.Series(a.network["link_area"].values, index=a.network["link"].values)
    tables = []
    for one in (a, b):
        names = one.network["link"].values
        own = pd.Series(one.network["link_area"].values, index=names)
        share = np.nan_to_num(one.run["cut_through_share"].values.astype(float))
        where = area.reindex(names).fillna(own).to_numpy(int)
        driven = one.totals.distance
        table = pd.DataFrame({"driven": driven, "through": share * driven, "area": where})
        tables.append(table[where >= 0].groupby("area").sum())
    links = a.situation.city.links
    owner = pd.Series(a.network["link_area"].values, index=[str(one).rstrip("<>") for one in area.index])
    owner = owner[~owner.index.duplicated()].reindex(links.index).fillna(-1).astype(int)
    rows: list[dict[str, Any]] = []
    for number in sorted(set(tables[0].index) | set(tables[1].index)):
        shares = [_share(table, number) for table in tables]
        here = links[owner == number]
        words = {f"name_{tongue}": _called(here, f"name_{tongue}") for tongue in ("fr", "nl")}
        km, through = (
            [float(table[name].get(number, 0.0)) / 1e3 for table in tables] for name in ("driven", "through")
        )
        rows.append({"area": int(number), **words, "share": _pair(*shares), "vehicle_km": _pair(*km),
                     "through_km": _pair(*through)})  # fmt: skip
    rows.sort(key=lambda row: (-abs(row["through_km"]["change"]), row["area"]))
    whole = (100.0 * cut_through_of(one.totals, one.run) for one in (a, b))
    return _pair(*whole) | {"areas": rows}


def _share(table: pd.DataFrame, number: int) -> float:
    driven = float(table["driven"].get(number, 0.0))
    return 100.0 * float(table["through"].get(number, 0.0)) / driven if driven > 0.0 else np.nan


def _called(links: gpd.GeoDataFrame, column: str) -> str:
    """A neighbourhood by its two longest streets."""
    metres = links.geometry.length.groupby(links[column]).sum().drop("", errors="ignore")
    return ", ".join(map(str, metres.sort_values(ascending=False, kind="stable").index[:2]))


def _sectors(a: TrafficRun, b: TrafficRun, city: City) -> tuple[gpd.GeoDataFrame, pd.DataFrame | None]:
    """Winners and losers by statistical sector, and the trips behind them."""
    table = gpd.GeoDataFrame(city.sectors[["name_fr", "name_nl", "population"]], geometry=city.sectors.geometry)
    trips = None
    if all("trip_time" in one.run and "demand_trips" in one.network for one in (a, b)):
        trips = trip_changes((a.network, a.run), (b.network, b.run))
        table = table.join(trips_by_sector(trips, city).drop(columns=["name_fr", "name_nl", "population"]))
    for name, run in (("a", a), ("b", b)):
        on, sector = run.noise, sector_of(run.situation.city)
        loud = on.residents * (run.levels > 65.0)
        table[f"people_loud_{name}"] = _sum(sector[on.homes], loud, len(table))
        if run.help is not None:
            minutes = run.help.seconds / 60.0
            known = np.isfinite(minutes)
            people = _sum(sector[run.help.homes][known], run.help.people[known], len(table))
            total = _sum(sector[run.help.homes][known], (run.help.people * minutes)[known], len(table))
            table[f"help_minutes_{name}"] = np.divide(total, people, out=np.full(len(table), np.nan), where=people > 0)
    if trips is None:
        table["people_better"] = table["people_worse"] = np.nan
        table["verdict"] = "unknown"
    else:
        table["verdict"] = [_verdict(*times) for times in zip(table["time_a"], table["change"], strict=True)]
    return table, trips


def _sum(sector: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    here = sector >= 0
    return np.bincount(sector[here], values[here], minlength=count)[:count]


def _verdict(before: float, change: float) -> Verdict:
    """Of B, by the mean time of the sector's trips."""
    if not np.isfinite(change):
        return "unknown"
    if abs(change) < SAME * before:
        return "same"
    return "better" if change < 0 else "worse"


def _trips(a: TrafficRun, b: TrafficRun, changes: pd.DataFrame | None) -> dict[str, Any]:
    """Trips wanted and not served, how many B wants less, and the mean times of those both serve."""
    if changes is None:
        return {}
    wanted = [float(one.network["demand_trips"].values.sum()) for one in (a, b)]
    lost = [float(np.nansum(one.run["trips_unserved"].values)) if "trips_unserved" in one.run else np.nan
            for one in (a, b)]  # fmt: skip
    weight = np.minimum(changes["served_a"].to_numpy(float), changes["served_b"].to_numpy(float))
    times = [changes[f"time_{one}"].to_numpy(float) for one in "ab"]
    both = np.isfinite(times[0]) & np.isfinite(times[1]) & (weight > 0.0)
    means = [float(np.average(one[both], weights=weight[both])) if both.any() else np.nan for one in times]
    return {
        "wanted": _pair(*wanted), "unserved": _pair(*lost), "mean_time_s": _pair(*means),
        "evaporated": _known(wanted[0] - wanted[1]),
    }  # fmt: skip


def _buses(a: TrafficRun, b: TrafficRun) -> dict[str, Any]:
    """Runs that take longer or cannot run, by line, the worst first."""
    table = bus_changes(bus_runs(a.network, a.run), bus_runs(b.network, b.run))
    lines: list[dict[str, Any]] = [
        {"line": str(line), "runs": int(row["runs"]), "delayed": int(row["delayed"]), "barred": int(row["barred"]),
         "minutes": _known(row["minutes"]), "worst_minutes": _known(row["worst_minutes"])}
        for line, row in table.iterrows()
    ]  # fmt: skip
    whole = {name: sum(one[name] for one in lines) for name in ("runs", "delayed", "barred")}
    return {**whole, "late_s": LATE, "lines": lines}


def _help(a: TrafficRun, b: TrafficRun) -> dict[str, Any] | None:
    """Minutes until help is there, mean over residents and worst; how many wait longer, and whom it no more reaches."""
    if a.help is None or b.help is None:
        return None
    tables = [
        pd.DataFrame({"s": one.help.seconds, "people": one.help.people},
                     index=one.situation.city.buildings.index[one.help.homes])
        for one in (a, b) if one.help is not None
    ]  # fmt: skip
    both = tables[0].add_suffix("_a").join(tables[1].add_suffix("_b"), how="inner")
    reached = np.isfinite(both["s_a"]) & np.isfinite(both["s_b"])
    known = both[reached]
    people, change = known["people_a"].to_numpy(float), (known["s_b"] - known["s_a"]).to_numpy(float)
    means = [float(np.average(known[f"s_{one}"], weights=people)) / 60.0 if people.sum() > 0 else np.nan
             for one in "ab"]  # fmt: skip
    worst = [float(known[f"s_{one}"].max()) / 60.0 if len(known) else np.nan for one in "ab"]
    cut = both[np.isfinite(both["s_a"]) & ~np.isfinite(both["s_b"])]
    return {
        "mean_minutes": _pair(*means), "worst_minutes": _pair(*worst),
        "people_later": _known(people[change >= LATER].sum()), "people_sooner": _known(people[change <= -LATER].sum()),
        "people_cut_off": _known(cut["people_a"].sum()), "later_s": LATER, "posts": a.help.posts,
        "by_gates": a.help.by_gates, "assumed": [dict(one) for one in ASSUMPTIONS],
    }  # fmt: skip


def _noise(a: TrafficRun, b: TrafficRun) -> dict[str, Any]:
    """Residents above each level, and those who notice a change."""
    above = {str(bound): _pair(*(one.noise.people_above(one.levels, bound) for one in (a, b))) for bound in LOUD}
    tables = [
        pd.DataFrame({"level": one.levels, "people": one.noise.residents},
                     index=one.situation.city.buildings.index[one.noise.homes])
        for one in (a, b)
    ]  # fmt: skip
    both = tables[0].add_suffix("_a").join(tables[1].add_suffix("_b"), how="inner")
    with np.errstate(invalid="ignore"):  # silence before and after is no change
        change = np.nan_to_num((both["level_b"] - both["level_a"]).to_numpy(float), nan=0.0)
    people = both["people_a"].to_numpy(float)
    known = a.noise.people is not None
    return {
        "lden": a.totals.covers_a_day, "above": above, "noticed_db": NOTICED,
        "people_louder": _known(people[change >= NOTICED].sum()) if known else None,
        "people_quieter": _known(people[change <= -NOTICED].sum()) if known else None,
    }  # fmt: skip


def _pair(a: float | None, b: float | None) -> dict[str, float | None]:
    one, other = _known(a), _known(b)
    return {"a": one, "b": other, "change": _known(other - one) if one is not None and other is not None else None}


def _known(value: float | None) -> float | None:
    """A number for JSON; None where it is not known."""
    return round(float(value), 6) + 0.0 if value is not None and np.isfinite(value) else None
