"""Expected annual damage: what floods of several return periods cost, spread over the years."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scenarios.edits import Storm
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.storms import Design
from twin.result import Result


@dataclass(frozen=True)
class AnnualDamage:
    """Expected damage of one year.

    Attributes
    ----------
    low, central, high : float
        [EUR year⁻¹]
    rare : float
        Part of ``central`` that is assumed for floods rarer than the rarest computed. [EUR year⁻¹]
    frequent : float
        Part of ``central`` that is assumed for floods more frequent than the most frequent computed. [EUR year⁻¹]
    """

    low: float
    central: float
    high: float
    rare: float
    frequent: float


def expected_annual_damage(
    return_periods: np.ndarray, damages: np.ndarray, harmless_years: float | None = None
) -> tuple[float, float, float]:
    """Area under the damage over the probability of exceedance.

    Parameters
    ----------
    return_periods : (n,) float
        Increasing, at least one year each. [a]
    damages : (n,) float
        Of the flood of each. [EUR]
    harmless_years : float, optional
        Return period up to which nothing is damaged, shorter than the first; without it, floods more frequent than the
        first are taken to cost nothing. [a]

    Returns
    -------
    whole, rare, frequent : float
        The whole; the parts of it beyond the rarest and before the most frequent flood. [EUR year⁻¹]

    Raises
    ------
    ScenarioError

    Notes
    -----
    Trapezoids over p = 1/T. Conventions at the ends: floods rarer than the rarest cost what the rarest costs (a lower
    bound); between ``harmless_years`` and the most frequent flood the damage falls to zero on a straight line.
    """
    periods, costs = np.asarray(return_periods, float), np.asarray(damages, float)
    if periods.shape != costs.shape or periods.ndim != 1 or periods.size < 1:
        raise ScenarioError(f"there are {periods.size} return periods and {costs.size} damages; give as many")
    if not np.isfinite(periods).all() or (periods < 1).any() or (np.diff(periods) <= 0).any():
        raise ScenarioError(f"return periods increase from at least one year, got {periods.tolist()}")
    if not np.isfinite(costs).all() or (costs < 0).any():
        raise ScenarioError(f"damages are known and not negative, got {costs.tolist()}")
    if harmless_years is not None and not 1 <= harmless_years < periods[0]:
        raise ScenarioError(
            f"harmless_years is {harmless_years:g}, expected 1 year or more and less than the first return period, "
            f"{periods[0]:g}"
        )
    chance = 1.0 / periods
    rare = chance[-1] * costs[-1]
    frequent = 0.0 if harmless_years is None else (1.0 / harmless_years - chance[0]) * costs[0] / 2
    middle = float(np.sum((chance[:-1] - chance[1:]) * (costs[:-1] + costs[1:]) / 2))
    return float(middle + rare + frequent), float(rare), float(frequent)


def annual_damage_of(results: Mapping[float, Result], harmless_years: float | None = None) -> AnnualDamage:
    """Expected annual damage from runs of several return periods.

    Parameters
    ----------
    results : mapping
        Results by return period [a]; of one city and one grid, with the figures ``damage_low``, ``damage`` and
        ``damage_high``.
    harmless_years : float, optional
        See `expected_annual_damage`.

    Raises
    ------
    ScenarioError
        The results do not belong together, or lack the figures.
    """
    if not results:
        raise ScenarioError("there is no result; run the scenario for at least one return period")
    periods = sorted(results)
    first = results[periods[0]]
    for period in periods:
        one = results[period].manifest
        if (
            one["city"]["edited_digest"] != first.manifest["city"]["edited_digest"]
            or one["grid"] != first.manifest["grid"]
        ):
            raise ScenarioError(
                f"the result for {period:g} years is of another city or grid than the one for {periods[0]:g} years; "
                "change nothing but the rain between them"
            )
    costs = {key: np.array([_figure(results[period], key, period) for period in periods]) for key in _KEYS}
    whole = {key: expected_annual_damage(np.array(periods), costs[key], harmless_years) for key in _KEYS}
    central, rare, frequent = whole["damage"]
    return AnnualDamage(whole["damage_low"][0], central, whole["damage_high"][0], rare, frequent)


def for_return_period(scenario: Scenario, return_period_years: float) -> Scenario:
    """The same scenario under the design storm of another return period.

    Raises
    ------
    ScenarioError
        Its rain is no design storm, or an edit replaces it.
    """
    rain = scenario.forcing.rain
    if not isinstance(rain, Design):
        raise ScenarioError(
            "the rain is no design storm, so it has no return period; take kind: design", "forcing.rain"
        )
    if any(isinstance(edit, Storm) for edit in scenario.edits):
        raise ScenarioError("an edit replaces the design storm; leave the storm out", "edits")
    document = scenario.canonical()
    document["forcing"]["rain"]["return_period_years"] = return_period_years
    return Scenario.read(document)


_KEYS = ("damage_low", "damage", "damage_high")


def _figure(result: Result, key: str, period: float) -> float:
    found = next((one["value"] for one in result.indicators if one["key"] == key), None)
    if found is None:
        raise ScenarioError(f"the result for {period:g} years has no figure {key!r}; run it again with this version")
    return float(found)
