"""People on foot in every street of a city at an hour, adjusted to counters, and how crowded it is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from kernels.traffic.counts import adjusted, geh
from kernels.traffic.pedestrian_flows import crowd
from kernels.traffic.pedestrians import level_of_service
from twin.city import City, CityError
from twin.foot_demand import Stations, drawn, groups
from twin.street_graph import graph_of
from twin.street_reach import StreetTimes
from twin.travel_tables import DAYS, Day

PAVEMENT = 1.5
"""Width to walk on of each of the two pavements, where only the street is known: what the Region's planning rules
(Règlement régional d'urbanisme, title VII) ask for at least. [m]"""
SHY = 0.45
"""Kept free on each side of a way for pedestrians, towards walls: Weidmann (1993), doi:10.3929/ethz-a-000687810. [m]"""
NARROWEST = 1.0
"""A way for pedestrians is no narrower, assumed. [m]"""
ON_FOOT = frozenset({"pedestrian", "footway", "path", "steps", "living_street", "bridleway", "cycleway"})
"""Kinds of street whose whole width is walked on."""

COUNTER_ERROR = 0.1
"""Of a counter, beside its chance: a part of its count, assumed. [1]"""
TRUST = 1.0
"""In what is believed before counting: each group may be wrong by as much as itself. [1]"""

ASSUMPTIONS = (
    "Residents walk 36 % of their 2.9 trips a day and go to stops for another 22 %, whatever the purpose; as many come "
    "by public transport as leave with it. What draws people and when they go stands in assets/travel_*.csv; how far "
    "they like to walk is assumed.",
    "Every walk has one end at a home or a stop; those who go from shop to shop, tourists and people who live beyond "
    "the edge are left out: only counters bring them in.",
    "People spread evenly over the hour and over the width to walk on; of most streets the width of the pavements is "
    "assumed.",
)


@dataclass(frozen=True, eq=False)
class FootFlows:
    """Who walks in which street.

    Attributes
    ----------
    table : GeoDataFrame
        Index as ``city.links``, without streets where nobody may walk: names, ``kind``, ``footway_width`` [m],
        ``pedestrian_flow`` (both ways, mean along the street), ``busiest_flow`` (its busiest piece), ``along`` and
        ``against``, and one column for each group [h⁻¹]; on the busiest piece ``pedestrian_density`` [m⁻²] (NaN where
        more want to pass than can), ``pedestrian_speed`` [m s⁻¹], ``saturation`` [1], and Fruin's ``level``.
    groups : DataFrame
        ``people`` who walk in the hour [h⁻¹] and the ``factor`` that counters gave them [1].
    counts : DataFrame
        By link: ``counted``, ``before``, ``after`` [h⁻¹], ``geh_before``, ``geh_after``; empty without counters.
    told : dict
        What was assumed, and what could not be served.
    """

    table: gpd.GeoDataFrame
    groups: pd.DataFrame
    counts: pd.DataFrame
    told: dict[str, Any] = field(default_factory=dict)


def foot_flows(
    city: City, homes: gpd.GeoDataFrame, hour: int, *, day: Day = "weekday",
    counters: Mapping[str, float] | None = None, threads: int | None = None,
) -> FootFlows:  # fmt: skip
    """People who walk in every street in one hour.

    Parameters
    ----------
    city : City
    homes : GeoDataFrame
        Points with ``people``, residents: `scenarios.ten_minutes.homes_in` or `homes_along`.
    hour : int
        0 to 23 by the clock of Brussels.
    day : str
        ``weekday``, ``saturday`` or ``sunday``.
    counters : mapping, optional
        People counted in that hour, both ways together, by id of the link. [h⁻¹]
    threads : int, optional
        No result depends on it.

    Raises
    ------
    CityError
        No streets, nobody at home, nothing to walk to, an hour, a day or a link that is not there, a count below 0.
    """
    if not (0 <= hour <= 23 and day in DAYS):
        raise CityError(f"hour {hour} of a {day}: expected 0 to 23 and one of {', '.join(DAYS)}")
    streets = StreetTimes.of(graph_of(city), "walk", city.terrain)
    links, counted = _counted(counters or {}, streets)
    stations = Stations.of(streets)
    stand = streets.spots(homes.geometry.to_numpy())
    people = stations.weigh(stand, homes["people"].to_numpy(float))
    found = drawn(city, stations)
    if not people.sum() > 0:
        raise CityError(f"{city.name}: nobody is at home on any street; give sectors with their population")
    if not found.weight.sum() > 0:
        raise CityError(f"{city.name}: there is nothing to walk to; give places of the fifteen categories")
    made = groups(stations, people, found, day, threads)
    away, home = (np.array([getattr(one, way)[hour] for one in made])[:, None] for way in ("away", "back"))
    ahead, back = np.split(np.array([one.flow for one in made]), 2, axis=1)
    along, against = away * ahead + home * back, away * back + home * ahead
    names = [one.name for one in made]
    mean = np.array([stations.by_link(one)[0] for one in along + against])
    factor, counts = _fitted(links, counted, mean, streets.streets.links.index)
    part = (away + home).ravel()
    sent = part * np.array([one.sent for one in made])
    told = {
        "hour": hour, "day": day, "residents": float(people.sum()),
        "nowhere_to_go": float(part @ [one.unserved for one in made]),
        "to_next_door": float(part @ [one.inside for one in made]),
        "stops": int((found.stops > 0).sum()), "homes off the streets": stand.lost,
        "places off the streets": found.lost, **streets.counts,
    }  # fmt: skip
    table = _table(stations, names, factor, along, against, mean)
    told["assumed footways"] = int((~table["kind"].isin(ON_FOOT)).sum())
    return FootFlows(table, pd.DataFrame({"people": sent * factor, "factor": factor}, index=names), counts, told)


def _counted(counters: Mapping[str, float], streets: StreetTimes) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the counted links, and what was counted."""
    rows = streets.streets.links.index.get_indexer(list(counters))
    names, values = np.array(list(counters), object), np.array(list(counters.values()), float)
    if (rows < 0).any():
        lost = names[rows < 0]
        raise CityError(
            f"counters name the links {', '.join(map(str, lost[:5]))}{' …' if lost.size > 5 else ''}, which the city "
            "does not have; name links of its streets"
        )
    wrong = ~(values >= 0) | ~np.isfinite(values)
    if wrong.any():
        raise CityError(f"the counter on {names[wrong][0]!r} says {values[wrong][0]:g}, expected 0 or more")
    shut = ~(np.isfinite(streets.forward[rows]) | np.isfinite(streets.backward[rows]))
    if shut.any():
        raise CityError(f"the counter stands on {names[shut][0]!r}, where nobody may walk; name another link")
    return rows, values


def _fitted(
    links: np.ndarray, counted: np.ndarray, mean: np.ndarray, names: pd.Index
) -> tuple[np.ndarray, pd.DataFrame]:
    """Factor of each group, and how well the counts are met."""
    factor = np.ones(mean.shape[0])
    before = mean[:, links].sum(axis=0)
    if links.size:
        deviation = np.sqrt(np.maximum(counted, 1.0) + (COUNTER_ERROR * counted) ** 2)
        part = csr_matrix(mean[:, links].T)
        factor = adjusted(part, factor, counted, trust=TRUST, deviation=deviation).factor
    after = factor @ mean[:, links]
    table = {"counted": counted, "before": before, "after": after, "geh_before": geh(before, counted),
             "geh_after": geh(after, counted)}  # fmt: skip
    return factor, pd.DataFrame(table, index=pd.Index(names[links], name="id"))


def _table(
    stations: Stations, names: list[str], factor: np.ndarray, along: np.ndarray, against: np.ndarray, mean: np.ndarray
) -> gpd.GeoDataFrame:
    streets = stations.streets
    links = streets.streets.links
    _, most = stations.by_link(factor @ (along + against))
    width = footway_width(links)
    seen = crowd(most, width)
    columns = {
        "footway_width": width, "pedestrian_flow": factor @ mean, "busiest_flow": most,
        "along": stations.by_link(factor @ along)[0], "against": stations.by_link(factor @ against)[0],
        "pedestrian_density": seen.density, "pedestrian_speed": seen.speed, "saturation": seen.saturation,
        "level": level_of_service(seen.density),
        **{name: factor[row] * mean[row] for row, name in enumerate(names)},
    }  # fmt: skip
    table = links[["name_fr", "name_nl", "kind", "geometry"]].assign(**columns)
    return table[np.isfinite(streets.forward) | np.isfinite(streets.backward)]


def footway_width(links: gpd.GeoDataFrame) -> np.ndarray:
    """What is left to walk on in each street, (link,) float64. [m]"""
    wide = np.maximum(links["width"].to_numpy(float) - 2 * SHY, NARROWEST)
    return np.where(links["kind"].isin(ON_FOOT), np.where(np.isnan(wide), NARROWEST, wide), 2 * PAVEMENT)
