"""What perfect management would gain a district: a run by its rules beside the cheapest there could be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kernels.energy.carriers import HEAT_SOURCES
from kernels.energy.dispatch import dispatch
from kernels.energy.district import CHARGE, DISCHARGE, SLOWEST_CHARGE, TANK_HOURS, TANK_LOSS
from kernels.energy.hub import KWH, NO_STORE, Hub, Schedule, Store
from kernels.energy.storage import follow_rules
from kernels.quantities import Language
from scenarios.district_hours import HOUR, DistrictHours, hours_of_result, start_of
from scenarios.energy_ground import energy_of_run
from scenarios.energy_weather import energy_forcing
from scenarios.indicator import words
from scenarios.problem import ScenarioError
from scenarios.reopened import situation_of
from scenarios.scenario import Scenario
from scenarios.tariffs import TariffCourses, tariff_courses
from twin.city import City
from twin.result import Result

_PUMPS = tuple(HEAT_SOURCES.index(one) for one in ("air_heat_pump", "ground_heat_pump"))
CALM = 1.0
"""Below this, pumps of a district count as still, and what they would give for a watt is read between hours in which
they run. [W]"""

WORDS: dict[str, dict[Language, str]] = {
    "meters": words(
        "Par les règles, un compteur par bâtiment",
        "Volgens de regels, één meter per gebouw",
        "By the rules, a meter for each building",
    ),
    "rules": words(
        "Par les règles, un seul compteur pour tous",
        "Volgens de regels, één meter voor allen",
        "By the rules, one meter for all",
    ),
    "shared": words(
        "Par les règles, un seul compteur et des stockages communs",
        "Volgens de regels, één meter en gedeelde opslag",
        "By the rules, one meter and shared stores",
    ),
    "best": words(
        "Le mieux possible : prévision parfaite et un seul compteur pour tous ; une borne supérieure",
        "Het best mogelijke: perfecte voorspelling en één meter voor allen; een bovengrens",
        "Best possible with perfect foresight and one meter for all; an upper bound",
    ),
}
"""Ways of managing a district, in the order in which they are told."""

NOTES = (
    words(
        "Batteries, stockages, pompes à chaleur et recharges comptent comme une seule de chaque sorte pour tout le "
        "quartier, sans limite de réseau entre eux ; les véhicules attendent tous aussi longtemps que le plus patient.",
        "Batterijen, warmteopslag, warmtepompen en laadpunten tellen als één van elke soort voor de hele wijk, zonder "
        "grens van het net ertussen; alle voertuigen wachten zo lang als het geduldigste.",
        "Batteries, stores of heat, heat pumps and plugs count as one of each for the whole district, without a limit "
        "of the grid between them; all vehicles wait as long as the most patient one.",
    ),
    words(
        "Ce que donnent chaudières, résistances et centrales des réseaux reste comme dans la simulation, de même que "
        "les températures des locaux.",
        "Wat ketels, weerstanden en centrales van netten geven blijft zoals in de simulatie, net als de "
        "temperaturen binnen.",
        "What boilers, resistances and plants of networks give stays as in the run, and so do temperatures indoors.",
    ),
    words(
        "Les prix sont ceux du document ; une optimisation ne vise que le coût : une pointe plus basse y est un effet, "
        "non un but.",
        "De prijzen zijn die van het document; alleen de kosten worden geoptimaliseerd: een lagere piek is een gevolg, "
        "geen doel.",
        "Prices are those of the document; only cost is sought: a lower peak is an effect, not an aim.",
    ),
)
"""What a reader must know."""


@dataclass(frozen=True)
class Managed:
    """A run of hours under one way of managing.

    Attributes
    ----------
    cost : float
        Electricity and all fuel, at the prices of the document. [EUR]
    bought, given, curtailed : float
        [J]
    peak_bought, peak_given : float
        [W]
    self_consumption, self_sufficiency : float or None
        Of what modules could make, the share that is neither given away nor cut off; of what is used, the share that is
        not bought. None where nothing is made, or used. [1]
    """

    cost: float
    bought: float
    given: float
    curtailed: float
    peak_bought: float
    peak_given: float
    self_consumption: float | None
    self_sufficiency: float | None


@dataclass(frozen=True, eq=False)
class Optimum:
    """Three ways of managing the same district.

    Attributes
    ----------
    meters, rules, shared, best : Managed
        See `WORDS`; the third is what the rules make of the same hub as the last.
    hub : Hub
        The district as one.
    schedule : Schedule
        Of ``best``.
    windows, chosen : int
        See `kernels.energy.dispatch.Dispatch`.
    """

    meters: Managed
    rules: Managed
    shared: Managed
    best: Managed
    hub: Hub
    schedule: Schedule
    windows: int
    chosen: int


def optimum_of_result(result: Result, city: City) -> Optimum:
    """What perfect management would gain in a stored run.

    Parameters
    ----------
    result : Result
        With the kernel energy.
    city : City
        Of the result, as imported.

    Raises
    ------
    ScenarioError
        The result is of another city, has no hours of a district, or one of its files is gone.
    """
    hours = hours_of_result(result)
    scenario = Scenario.read(result.manifest["scenario"])
    situation = situation_of(result, city)
    weather = scenario.forcing.weather
    if weather is None:
        raise ScenarioError("the result has no weather", "forcing.weather")
    forcing, _ = energy_forcing(weather, start_of(result), hours.count * HOUR, situation.city, scenario.forcing.tariffs)
    layers = energy_of_run(scenario, situation, forcing)
    return optimum_of(hours, layers, tariff_courses(scenario.forcing.tariffs, start_of(result), hours.count))


def optimum_of(hours: DistrictHours, layers: xr.Dataset, courses: TariffCourses) -> Optimum:
    """What perfect management would gain.

    Parameters
    ----------
    hours : DistrictHours
        Of the run.
    layers : xarray.Dataset
        What its buildings have, see `kernels.energy.district_inputs.LAYERS`.
    courses : TariffCourses

    Notes
    -----
    The schedule that the rules gave is one of those that the search may choose, so it never costs more, but for what
    windows cost that see `kernels.energy.dispatch.WINDOW` ahead.
    """
    hub = hub_of(hours, layers, courses)
    found = dispatch(hub)
    fuel = float((hours.fuel * courses.fuel).sum()) * HOUR
    sun, use = hours["photovoltaic"], hours.drawn

    def managed(bought: NDArray[np.float64], given: NDArray[np.float64], curtailed: NDArray[np.float64]) -> Managed:
        made, used = float(sun.sum()), float(use.sum())
        cost = float((bought * courses.buy - given * courses.sell).sum()) * HOUR + fuel
        kept = made - float(given.sum() + curtailed.sum())
        return Managed(
            cost, float(bought.sum()) * HOUR, float(given.sum()) * HOUR, float(curtailed.sum()) * HOUR,
            float(bought.max()), float(given.max()), kept / made if made > 0 else None,
            1.0 - float(bought.sum()) / used if used > 0 else None,
        )  # fmt: skip

    net = hours.net
    one, ruled = found.schedule, follow_rules([hub])[0]
    return Optimum(
        managed(hours["bought"], hours["given"], hours["curtailed"]),
        managed(np.maximum(net, 0.0), np.maximum(-net, 0.0), hours["curtailed"]),
        managed(ruled.grid_import, ruled.grid_export, ruled.curtailed),
        managed(one.grid_import, one.grid_export, one.curtailed),
        hub, one, found.windows, found.chosen,
    )  # fmt: skip


def hub_of(hours: DistrictHours, layers: xr.Dataset, courses: TariffCourses) -> Hub:
    """A whole district behind one meter.

    Parameters
    ----------
    hours : DistrictHours
    layers : xarray.Dataset
    courses : TariffCourses

    Notes
    -----
    What heat pumps gave less what went into stores is the heat that is asked of them; heat of the air that the plants
    of networks took is not theirs. Vehicles that still wait at the end of the run ask for nothing here either.
    """
    have = {name: layers[name].values.astype(np.float64) for name in _READ}
    pumped = np.isin(layers["heat_source"].values, _PUMPS) & (have["heat_network"] < 0)
    capacity = float(have["heat_store_capacity"][pumped].sum())
    tank = _store(capacity, capacity / (TANK_HOURS * HOUR), 1.0, 1.0, TANK_LOSS)
    battery = _store(float(have["battery_capacity"].sum()), float(have["battery_power"].sum()), CHARGE, DISCHARGE, 0.0)
    pumps = hours["heat_pumps"]
    plants = np.maximum(
        hours["network_heat"] + hours["network_loss"] - hours["plant_electricity"] - hours["plant_gas"], 0.0
    )
    heat = pumps + np.maximum(hours["ambient_heat"] - plants, 0.0)
    runs = pumps > CALM
    cop = np.ones(hours.count)
    if runs.any():
        at = np.arange(hours.count)
        cop = np.interp(at, at[runs], heat[runs] / pumps[runs])
    heat = pumps * cop
    warm = hours["heat_stored"]
    asked_heat = np.maximum(heat - (warm - np.concatenate([[0.0], warm[:-1]]) * tank.kept(HOUR)) / HOUR, 0.0)
    # however large, pumps do no more than what is asked and what stores take; and all that is asked in any hour, as
    # rules with other stores shall leave nobody cold
    peak = float(asked_heat.max())
    most = max(peak, min(float(have["heat_pump_capacity"][pumped].sum()), peak + tank.charge_power))
    demand = hours.drawn - pumps - hours["vehicles"]
    asked, delay = hours["vehicles_asked"], _delay(have)
    if not asked.any():
        # a result of a version that did not tell when vehicles arrive: they charge as they did
        asked, delay = hours["vehicles"], 0.0
    had = float(hours["vehicles"].sum())
    asked = np.diff(np.minimum(np.cumsum(asked), had), prepend=0.0)
    return Hub(
        HOUR, np.maximum(demand, 0.0), hours["photovoltaic"], courses.buy, courses.sell, heat_demand=asked_heat,
        heat_pump_cop=cop, heat_pump_power=np.maximum(pumps, most / cop), fuel_price=courses.fuel, battery=battery,
        heat_store=tank, vehicle_demand=np.maximum(asked, 0.0), vehicle_delay=delay,
        vehicle_power=max(float(have["electric_vehicles"].sum()) * SLOWEST_CHARGE, float(hours["vehicles"].max()),
                          float(asked.max())),
    )  # fmt: skip


_READ = (
    "battery_capacity", "battery_power", "heat_store_capacity", "heat_pump_capacity", "heat_network",
    "electric_vehicles", "charging_delay",
)  # fmt: skip


def _store(capacity: float, power: float, charge: float, discharge: float, loss: float) -> Store:
    return Store(capacity, power, power, charge, discharge, loss) if capacity > 0.0 else NO_STORE


def _delay(have: dict[str, NDArray[np.float64]]) -> float:
    """Of the most patient vehicle. [s]"""
    return float(have["charging_delay"][have["electric_vehicles"] > 0].max(initial=0.0))


def as_json(found: Optimum) -> dict[str, Any]:
    """Plain JSON: money in EUR, energy in MWh, powers in kW, shares from 0 to 1."""
    ways: Sequence[tuple[str, Managed]] = [(key, getattr(found, key)) for key in WORDS]
    closures = found.schedule.closures(found.hub)
    unserved = float((found.schedule.unserved_electricity + found.schedule.unserved_heat).sum()) * HOUR
    return {
        "ways": [
            {
                "key": key,
                "label": dict(WORDS[key]),
                "cost_eur": round(one.cost, 2),
                "bought_mwh": _mwh(one.bought),
                "given_mwh": _mwh(one.given),
                "curtailed_mwh": _mwh(one.curtailed),
                "peak_bought_kw": round(one.peak_bought / 1e3, 2),
                "peak_given_kw": round(one.peak_given / 1e3, 2),
                "self_consumption": None if one.self_consumption is None else round(one.self_consumption, 4),
                "self_sufficiency": None if one.self_sufficiency is None else round(one.self_sufficiency, 4),
            }
            for key, one in ways
        ],
        "sharing_gains_eur": round(found.meters.cost - found.shared.cost, 2),
        "foresight_gains_eur": round(found.shared.cost - found.best.cost, 2),
        "hours": found.hub.steps,
        "unserved_kwh": round(unserved / KWH, 6),
        "closure_kwh_h": max(closures.values()) / 1e3,
        "windows": found.windows,
        "chosen": found.chosen,
        "notes": [dict(one) for one in NOTES],
    }


def _mwh(joules: float) -> float:
    return round(joules / KWH / 1e3, 3)
