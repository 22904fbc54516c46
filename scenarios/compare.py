"""A against B: key figures side by side, difference maps, and who gains and who loses."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from kernels.quantities import QUANTITIES
from scenarios.problem import ScenarioError
from scenarios.reopened import figures_of
from twin.city import City
from twin.result import Result

DEAD_BAND = 0.005
"""Relative change below which two figures are called the same. [1]"""
DEAD_DEGREES = 0.05
"""Change of a temperature below which two figures are called the same. [K]"""
DEAD_DEPTH_STEPS = 5.0
"""Differences of fewer packing steps than this are no difference. [1]"""

Verdict = Literal["better", "worse", "same", "neutral", "unknown"]


@dataclass(frozen=True)
class Row:
    """One key figure of A and of B.

    Attributes
    ----------
    key, units : str
    label : dict
        By language.
    a, b, change : float or None
        ``change`` is B minus A; None where either is not known.
    relative : float or None
        Change relative to A; None where A is zero, and for temperatures. [1]
    verdict : {"better", "worse", "same", "neutral", "unknown"}
        Of B.
    """

    key: str
    label: dict[str, str]
    units: str
    a: float | None
    b: float | None
    change: float | None
    relative: float | None
    verdict: Verdict


def compare(a: Result, b: Result) -> list[Row]:
    """The key figures that both results hold, in the order of A."""
    others = {one["key"]: one for one in b.indicators}
    return [_row(one, others[one["key"]]) for one in a.indicators if one["key"] in others]


@dataclass(frozen=True)
class SectorRow:
    """One statistical sector under A and under B.

    Attributes
    ----------
    sector : str
        Id.
    name_fr, name_nl : str
    population : float or None
    flooded_area, people_touched, damage : tuple of float
        Of A and of B. [m2], [1], [EUR]
    verdict : {"better", "worse", "same", "neutral", "unknown"}
        Of B: by damage, by the people touched where the damage is the same, by the flooded area where both are.
    """

    sector: str
    name_fr: str
    name_nl: str
    population: float | None
    flooded_area: tuple[float, float]
    people_touched: tuple[float, float]
    damage: tuple[float, float]
    verdict: Verdict


def by_sector(a: Result, b: Result, city: City) -> list[SectorRow]:
    """Winners and losers: what the flood does to each statistical sector under A and under B.

    Parameters
    ----------
    a, b : Result
    city : City
        As imported, without the edits of either.

    Returns
    -------
    list of SectorRow
        In the order of the city's sectors; empty where it has none.

    Raises
    ------
    ScenarioError
        A result is of another city, the two are on different grids, or one has no flood.
    """
    refuse_other_grid(a, b)
    for each in (a, b):
        if "max_water_depth" not in each.dataset:
            raise ScenarioError(
                f"{each.digest[:12]}… has no max_water_depth; run the kernel flood, or compare heat days", "kernels"
            )
    one, other = (figures_of(each, city).impacts.sectors(each.dataset) for each in (a, b))
    found = []
    for name in one.index:
        first, second = one.loc[name], other.loc[name]
        pairs = {key: (float(first[key]), float(second[key])) for key in ("flooded_area", "people_touched", "damage")}
        order = ("damage", "people_touched", "flooded_area")
        changed = next((key for key in order if not _same(*pairs[key])), None)
        verdict: Verdict = "same"
        if changed is not None:
            verdict = "better" if pairs[changed][1] < pairs[changed][0] else "worse"
        people = float(first["population"])
        known = people if np.isfinite(people) else None
        found.append(SectorRow(str(name), first["name_fr"], first["name_nl"], known, **pairs, verdict=verdict))
    return found


def _same(a: float, b: float) -> bool:
    return abs(b - a) <= DEAD_BAND * max(abs(a), abs(b))


def refuse_other_grid(a: Result, b: Result) -> None:
    """Refuse to compare maps of different cells.

    Raises
    ------
    ScenarioError
    """
    if a.manifest["grid"] != b.manifest["grid"]:
        raise ScenarioError(
            f"{a.digest[:12]}… and {b.digest[:12]}… are on different grids; run both with the same window and cell size"
        )


def _row(one: dict[str, Any], other: dict[str, Any]) -> Row:
    a, b = one["value"], other["value"]
    label, units = _label(one["label"], other["label"]), one["units"]
    if a is None or b is None:
        return Row(one["key"], label, units, a, b, None, None, "unknown")
    change = b - a
    # zero degrees Celsius is no nothing: a part of it says nothing
    interval = units == "degC"
    same = abs(change) < DEAD_DEGREES if interval else _same(a, b)
    verdict: Verdict = "neutral"
    if same:
        verdict = "same"
    elif one["better"] != "neutral":
        verdict = "better" if (change < 0) == (one["better"] == "lower") else "worse"
    return Row(one["key"], label, units, a, b, change, change / abs(a) if a and not interval else None, verdict)


def _label(one: dict[str, str], other: dict[str, str]) -> dict[str, str]:
    """Words of a figure; where A and B name different things, such as their hottest street, those of both."""
    return {key: text if other.get(key, text) == text else f"{text} / {other[key]}" for key, text in one.items()}


def difference(a: Result, b: Result, field: str, index: int = -1) -> np.ndarray:
    """B minus A of one field; zero within the dead-band, NaN where either has no data.

    Returns
    -------
    (y, x) float32
        [units of the quantity]

    Raises
    ------
    ScenarioError
        The results are not on one grid.
    """
    refuse_other_grid(a, b)
    change = b.frame(field, index) - a.frame(field, index)
    change[np.abs(change) < DEAD_DEPTH_STEPS * (QUANTITIES[field].step or 0.0)] = 0.0
    return change
