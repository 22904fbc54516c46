"""A against B on a heat day: for whom, and in which sector, it feels cooler or warmer."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from scenarios.compare import Verdict, refuse_other_grid
from scenarios.heat_exposure import HeatExposure
from scenarios.heat_islands import heat_islands, refuse_without_heat
from scenarios.hot_hours import hot_hours
from scenarios.problem import ScenarioError
from scenarios.reopened import heat_figures_of
from twin.city import City
from twin.result import Result

FELT = 1.0
"""A change of the UTCI around home by this is taken to be felt: an assumption, a sixth of a stress category. [K]"""
SAME_HOURS = 0.05
"""Hours above a threshold that differ by less are the same. [h]"""


@dataclass(frozen=True)
class Affected:
    """Whom a difference reaches, in the hot hours.

    Attributes
    ----------
    people_cooler, people_warmer : float
        Residents around whose home the mean UTCI falls or rises by `FELT` or more; NaN where residents are not known.
    mean_change : float
        Of the UTCI around home, over all residents. [K]
    person_degree_hours : float
        Fall of the UTCI around home, summed over residents and hot hours; negative where it rises. In both, homes at
        the edge of the grid count by the part of their surroundings on it. [K h]
    homes : DataFrame
        By building id: ``residents``, ``held`` (that part) [1] and ``change`` [K], of every home with open ground
        around it.
    """

    people_cooler: float
    people_warmer: float
    mean_change: float
    person_degree_hours: float
    homes: pd.DataFrame


@dataclass(frozen=True)
class HeatSectorRow:
    """One statistical sector under A and under B.

    Attributes
    ----------
    sector : str
        Id.
    name_fr, name_nl : str
    population : float or None
    hours_above_32, hours_above_38, max_utci : tuple of float
        Of A and of B, means over its open ground. [h], [h], [degC]
    people_cooler, people_warmer : float
        As `Affected`.
    verdict : {"better", "worse", "same", "unknown"}
        Of B: by the hours above 32 °C, by the highest UTCI where they are the same.
    """

    sector: str
    name_fr: str
    name_nl: str
    population: float | None
    hours_above_32: tuple[float, float]
    hours_above_38: tuple[float, float]
    max_utci: tuple[float, float]
    people_cooler: float
    people_warmer: float
    verdict: Verdict


def affected(a: Result, b: Result, city: City) -> Affected:
    """Whom the difference between two heat days reaches.

    Parameters
    ----------
    a, b : Result
    city : City
        As imported, without the edits of either; residents are those of A.

    Raises
    ------
    ScenarioError
        A result is of another city, the two are on different grids or at different times, or one has no heat.
    """
    on = heat_figures_of(a, city).exposure
    return affected_by(on, mean_change(a, b), float(_hot(a).sum()))


def affected_by(on: HeatExposure, change: np.ndarray, hours: float) -> Affected:
    """Whom a change of the UTCI reaches.

    Parameters
    ----------
    on : HeatExposure
    change : (y, x) float
        Mean over the hot hours; NaN where either is not known. [K]
    hours : float
        How many hot hours. [h]
    """
    around = on.around(change)
    known = np.isfinite(around)
    columns = {"residents": on.residents[known], "held": on.held[known], "change": around[known]}
    homes = pd.DataFrame(columns, index=on.city.buildings.index[on.homes[known]])
    people = on.residents[known] * on.held[known]
    total = float(people @ around[known]) if on.people is not None else np.nan
    return Affected(
        people_cooler=on.people_where(around <= -FELT),
        people_warmer=on.people_where(around >= FELT),
        mean_change=total / people.sum() if people.sum() > 0 else np.nan,
        person_degree_hours=-hours * total,
        homes=homes,
    )


def mean_change(a: Result, b: Result) -> np.ndarray:
    """UTCI of B minus that of A, mean over the hot hours: (y, x) float64, NaN where either is not known. [K]

    Raises
    ------
    ScenarioError
        As `affected`.
    """
    refuse_other_grid(a, b)
    for one in (a, b):
        refuse_without_heat(one.dataset)
        if "utci" not in one.dataset:
            raise ScenarioError(f"{one.digest[:12]}… keeps no utci through time; run the kernel heat", "kernels")
    if a.times != b.times or a.manifest["scenario"]["period"] != b.manifest["scenario"]["period"]:
        raise ScenarioError(
            f"{a.digest[:12]}… and {b.digest[:12]}… have different output times; run both with the same period",
            "period",
        )
    hot = _hot(a)
    if not hot.any():
        raise ScenarioError("the runs have no output time in the hot hours; let them cover the afternoon", "period")
    total = np.zeros(a.frame("utci", 0).shape)
    for number in map(int, np.flatnonzero(hot)):
        total += hot[number] * (b.frame("utci", number).astype(float) - a.frame("utci", number))
    return total / hot.sum()


def heat_by_sector(a: Result, b: Result, city: City) -> list[HeatSectorRow]:
    """Winners and losers: each statistical sector on the heat days A and B.

    Parameters
    ----------
    a, b : Result
    city : City
        As imported, without the edits of either.

    Returns
    -------
    list of HeatSectorRow
        In the order of the city's sectors, without those that the grid does not meet.

    Raises
    ------
    ScenarioError
        As `affected`.
    """
    change = mean_change(a, b)
    first, second = (heat_figures_of(one, city).exposure for one in (a, b))
    one, other = (heat_islands(on, each.dataset, "sector") for on, each in ((first, a), (second, b)))
    around = first.around(change)
    sector = first.sector[first.homes]
    found = []
    for number, name in enumerate(city.sectors.index):
        if name not in one.index or name not in other.index:
            continue
        here = sector == number
        pairs = {key: (float(one.loc[name, key]), float(other.loc[name, key])) for key in _PAIRS}
        people = float(city.sectors["population"].loc[name])
        found.append(
            HeatSectorRow(
                str(name), str(one.loc[name, "name_fr"]), str(one.loc[name, "name_nl"]),
                people if np.isfinite(people) else None, **pairs,
                people_cooler=first.people_where(here & (around <= -FELT)),
                people_warmer=first.people_where(here & (around >= FELT)),
                verdict=_verdict(pairs),
            )
        )  # fmt: skip
    return found


_PAIRS = ("hours_above_32", "hours_above_38", "max_utci")


def _verdict(pairs: dict[str, tuple[float, float]]) -> Verdict:
    for key in ("hours_above_32", "max_utci"):
        before, after = pairs[key]
        if abs(after - before) > SAME_HOURS:
            return "better" if after < before else "worse"
    return "same"


def _hot(result: Result) -> np.ndarray:
    return hot_hours(datetime.fromisoformat(result.manifest["scenario"]["period"]["start"]), result.times)
