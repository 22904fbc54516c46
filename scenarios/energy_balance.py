"""Is a district positive? Every definition from one stored run, with its band, in words and as plain JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from kernels.energy.balance import (
    BOUNDARIES,
    FACTOR_SETS,
    TYPES,
    Exchange,
    Factors,
    Prices,
    Verdict,
    Year,
    exchange,
    judge,
)
from kernels.energy.hub import KWH
from scenarios.district_hours import FUELS, HOUR, DistrictHours, hours_of_result, start_of
from scenarios.energy_words import (
    BOUNDARY_WORDS,
    FACTOR_WORDS,
    TYPE_WORDS,
    UNCERTAINTY_WORDS,
    Words,
    notes_of,
    why_of,
)
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.tariffs import TariffCourses, tariff_courses
from twin.energy_factors import read_factors
from twin.result import Result

DOUBT_BY_TAG = {"measured": 0.05, "edited": 0.10, "archetype": 0.152, "assumed": 0.25}
"""Relative standard uncertainty of a year's use by where its inputs come from. Measured: what ASHRAE Guideline 14-2014
allows a model calibrated on monthly bills to be off in the sum. Archetype: 25 % in nine of ten, the bar to which
TABULA's published needs are held. Edited and assumed: assumed. [1]"""
PRODUCTION_DOUBT = 0.06
"""Relative standard uncertainty of a year's photovoltaic production: 4 % of the sun from one year to the next, 3 % of
the weather file, 3 % of modules and inverters: assumed, independent. [1]"""


@dataclass(frozen=True)
class Contracts:
    """Production outside the district that a virtual boundary may count.

    Attributes
    ----------
    owned, contracted : float
        Electricity of plants elsewhere that the district owns, and of contracts. [J]
    shape : {"sun", "flat"}
        Its course: as the district's own modules, or the same in every hour.
    """

    owned: float = 0.0
    contracted: float = 0.0
    shape: Literal["sun", "flat"] = "sun"


NO_CONTRACTS = Contracts()


def energy_year(result: Result, contracts: Contracts = NO_CONTRACTS) -> Year:
    """The year of a stored run, as `kernels.energy.balance` judges it.

    Parameters
    ----------
    result : Result
    contracts : Contracts

    Raises
    ------
    ScenarioError
        The result has no hours of a district.
    """
    return year_of(hours_of_result(result), _floor_area(result), use_doubt(_tags(result)), contracts)


def year_of(
    hours: DistrictHours, floor_area: float, use_uncertainty: float, contracts: Contracts = NO_CONTRACTS
) -> Year:
    """The year of some hours.

    Parameters
    ----------
    hours : DistrictHours
    floor_area : float
        Heated. [m²]
    use_uncertainty : float
        Of the year's use, see `use_doubt`. [1]
    contracts : Contracts

    Notes
    -----
    Modules on the district's buildings count from the geographical boundary on, what it owns elsewhere at the virtual
    one. Plants of its networks make no electricity: their draw of electricity and fuel counts at every boundary, which
    is the strict reading. Oil and wood are carriers of their own where they are burnt.
    """
    shape = hours.made if contracts.shape == "sun" else np.ones(hours.count)
    unit = shape / shape.sum() / HOUR if shape.any() else np.full(hours.count, 1 / hours.count / HOUR)
    made = {("electricity", "geographical"): hours.production, ("electricity", "virtual"): contracts.owned * unit}
    return Year(
        dt=HOUR,
        use={"electricity": hours.use} | {name: one for name, one in hours.fuels.items() if name == "gas" or one.any()},
        production=made,
        contracted={"electricity": contracts.contracted * unit},
        floor_area=floor_area,
        use_uncertainty=use_uncertainty,
        production_uncertainty=PRODUCTION_DOUBT,
    )


def use_doubt(tags: Mapping[str, Mapping[str, float]]) -> float:
    """Relative standard uncertainty of the use, from where its inputs come. [1]

    Parameters
    ----------
    tags : mapping
        Of a group of inputs, the shares by floor area of `DOUBT_BY_TAG`; nothing at all counts as assumed.
    """
    found = [
        sum(share * DOUBT_BY_TAG.get(tag, DOUBT_BY_TAG["assumed"]) for tag, share in shares.items())
        / sum(shares.values())
        for shares in tags.values()
        if sum(shares.values()) > 0.0
    ]
    return float(np.mean(found)) if found else DOUBT_BY_TAG["assumed"]


def factors_of(carbon: np.ndarray | None) -> list[Factors]:
    """The three factor sets, with the hourly CO2 of the grid where it is known. [kg J⁻¹]"""
    return read_factors(hourly_carbon=carbon)


def prices_of(courses: TariffCourses) -> Prices:
    """Prices of a run as the balance reads them: all that is burnt costs what the document's fuel costs."""
    buy = {"electricity": courses.buy, **dict.fromkeys(FUELS, courses.fuel)}
    return Prices(courses.date, courses.source, buy, {"electricity": courses.sell})


def exchanges(year: Year, courses: TariffCourses) -> list[Exchange]:
    """What crosses each boundary."""
    carbon = factors_of(courses.carbon)[FACTOR_SETS.index("hourly CO2")]
    return [exchange(year, boundary, prices_of(courses), carbon) for boundary in BOUNDARIES]


def ped_table(
    result: Result,
    context: float = 0.0,
    certificates: Mapping[str, float] | None = None,
    contracts: Contracts = NO_CONTRACTS,
) -> dict[str, Any]:
    """Types × boundaries × factor sets from one run: plain JSON, see `table_of`.

    Parameters
    ----------
    result : Result
    context : float
        Credit by floor area and year, primary energy. [kWh m⁻²]
    certificates : mapping of str to float, optional
        Guarantees of origin by carrier, for a pre-PED. [kWh]
    contracts : Contracts

    Raises
    ------
    ScenarioError
        The result has no hours of a district, or one of its files of prices is gone.
    """
    hours = hours_of_result(result)
    tags = _tags(result)
    year = year_of(hours, _floor_area(result), use_doubt(tags), contracts)
    scenario = Scenario.read(result.manifest["scenario"])
    courses = tariff_courses(scenario.forcing.tariffs, start_of(result), hours.count)
    return table_of(year, courses, context, certificates, known=bool(tags))


def table_of(
    year: Year,
    courses: TariffCourses,
    context: float = 0.0,
    certificates: Mapping[str, float] | None = None,
    *,
    known: bool = True,
) -> dict[str, Any]:
    """The table of a year as plain JSON, numbers in MWh, kW, EUR and t.

    Parameters
    ----------
    year : Year
    courses : TariffCourses
    context : float
        [kWh m⁻²]
    certificates : mapping of str to float, optional
        [kWh]
    known : bool
        Whether it is known where the inputs come from.

    Returns
    -------
    dict
        ``verdicts``, ``exchange``, words for ``types``, ``boundaries`` and ``factor_sets``, ``uncertainty``, ``notes``.
    """
    factors = factors_of(courses.carbon)
    crossed = exchanges(year, courses)
    bought = {one.boundary: sum(one.bought.values()) for one in crossed}
    owed = {name: amount * KWH for name, amount in (certificates or {}).items()}
    if unknown := set(owed) - set(year.carriers):
        raise ScenarioError(f"certificates of {sorted(unknown)}; a district buys {', '.join(year.carriers)}")
    lines = judge(year, factors, context * KWH, owed)
    return {
        "verdicts": [_verdict(one, bought[one.boundary]) for one in lines],
        "positive": {
            "yes": sum(one.positive == "yes" for one in lines),
            "within the band": sum(one.positive == "within the band" for one in lines),
            "no": sum(one.positive == "no" for one in lines),
        },
        "exchange": [_exchange(one) for one in crossed],
        "types": [_told(key, TYPE_WORDS) for key in TYPES],
        "boundaries": [_told(key, BOUNDARY_WORDS) for key in BOUNDARIES],
        "factor_sets": [
            {"key": one.name, "label": dict(FACTOR_WORDS[one.name]), "date": one.date, "source": one.source,
             "uncertainty": one.uncertainty}
            for one in factors
        ],
        "prices": {"date": courses.date, "source": courses.source},
        "uncertainty": {
            "use": round(year.use_uncertainty, 4),
            "production": round(year.production_uncertainty, 4),
            "why": dict(UNCERTAINTY_WORDS),
        },
        "context_kwh_m2": context,
        "certificates_kwh": dict(certificates or {}),
        "floor_area_m2": round(year.floor_area, 1),
        "hours": year.steps,
        "notes": notes_of(year.steps, hourly_carbon=courses.carbon is not None, known=known),
    }  # fmt: skip


def _told(key: str, table: Mapping[str, tuple[Words, Words]]) -> dict[str, Any]:
    return {"key": key, "label": dict(table[key][0]), "help": dict(table[key][1])}


def _verdict(one: Verdict, bought: float) -> dict[str, Any]:
    scale, unit = (KWH * 1e3, "MWh") if one.unit == "J" else (1e3, "t")
    numbers = {name: round(getattr(one, name) / scale, 3) + 0.0 for name in ("balance", "low", "high", "shortfall")}
    return {
        "type": one.type,
        "boundary": one.boundary,
        "factors": one.factors,
        "positive": one.positive,
        **numbers,
        "unit": unit,
        "why": dict(why_of(one.type, one.positive, numbers, unit, bought / KWH / 1e3)),
    }


def _exchange(one: Exchange) -> dict[str, Any]:
    shares = {name: round(value, 4) if np.isfinite(value) else None for name, value in asdict(one).items()
              if name in ("self_consumption", "self_sufficiency")}  # fmt: skip
    return {
        "boundary": one.boundary,
        "bought_mwh": {name: round(value / KWH / 1e3, 3) for name, value in one.bought.items()},
        "given_mwh": {name: round(value / KWH / 1e3, 3) for name, value in one.given.items()},
        **shares,
        "peak_bought_kw": round(one.peak_bought / 1e3, 2),
        "peak_given_kw": round(one.peak_given / 1e3, 2),
        "cost_eur": round(one.cost, 2),
        "carbon_dioxide_t": round(one.carbon_dioxide / 1e3, 3),
    }


def _floor_area(result: Result) -> float:
    """Heated floor area from the figures of a run; 0 where they do not tell it. [m²]"""
    found = [one["value"] for one in result.indicators if one["key"] == "heated_floor_area"]
    return float(found[0]) if found and found[0] is not None else 0.0


def _tags(result: Result) -> Mapping[str, Mapping[str, float]]:
    told = result.manifest.get("energy") or {}
    return tags_of(told)


def tags_of(told: Mapping[str, Any] | str) -> Mapping[str, Mapping[str, float]]:
    """Shares of measured, archetype and assumed inputs, from what the layers of energy tell."""
    found = json.loads(told) if isinstance(told, str) else told
    tags: Mapping[str, Mapping[str, float]] = found.get("tags", {})
    return tags
