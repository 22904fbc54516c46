"""A against B: key figures side by side, and difference maps."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from kernels.quantities import QUANTITIES
from scenarios.problem import ScenarioError
from twin.result import Result

DEAD_BAND = 0.005
"""Relative change below which two figures are called the same. [1]"""
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
        Change relative to A; None where A is zero. [1]
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


def _row(one: dict[str, Any], other: dict[str, Any]) -> Row:
    a, b = one["value"], other["value"]
    if a is None or b is None:
        return Row(one["key"], one["label"], one["units"], a, b, None, None, "unknown")
    change = b - a
    verdict: Verdict = "neutral"
    if abs(change) <= DEAD_BAND * max(abs(a), abs(b)):
        verdict = "same"
    elif one["better"] != "neutral":
        verdict = "better" if (change < 0) == (one["better"] == "lower") else "worse"
    return Row(one["key"], one["label"], one["units"], a, b, change, change / abs(a) if a else None, verdict)


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
    if a.manifest["grid"] != b.manifest["grid"]:
        raise ScenarioError(
            f"{a.digest[:12]}… and {b.digest[:12]}… are on different grids; run both with the same window and cell size"
        )
    change = b.frame(field, index) - a.frame(field, index)
    change[np.abs(change) < DEAD_DEPTH_STEPS * (QUANTITIES[field].step or 0.0)] = 0.0
    return change
