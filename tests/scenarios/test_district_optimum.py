"""A district as one hub: worked by hand, never dearer than the rules, and closed in every hour."""

import json

import numpy as np
import pytest
import xarray as xr

from kernels.contract import collect, run
from kernels.energy.carriers import HEAT_SOURCES
from kernels.energy.kernel import Energy
from kernels.energy.storage import follow_rules
from scenarios.district_hours import DistrictHours, hours_of
from scenarios.district_optimum import WORDS, as_json, hub_of, optimum_of
from scenarios.tariffs import TariffCourses
from tests.kernels.energy import boxes_toy as boxes
from tests.scenarios.energy_toy import KWH, series

FIRST, HOURS = 24 * 120, 24 * 35
BUY, SELL, FUEL = 0.33, 0.05, 0.10


def flat(hours):
    return TariffCourses(*(np.full(hours, one / KWH) for one in (BUY, SELL, FUEL)), None, "2025-01-01", "by hand")


def having(**columns):
    """Two buildings that have nothing but this."""
    found = {name: np.zeros(2) for name in (
        "battery_capacity", "battery_power", "heat_store_capacity", "heat_pump_capacity", "electric_vehicles",
        "charging_delay",
    )}  # fmt: skip
    found |= {"heat_network": np.full(2, -1), "heat_source": np.full(2, HEAT_SOURCES.index("gas_boiler"))}
    found |= {name: np.asarray(one, float) for name, one in columns.items()}
    return xr.Dataset({name: ("building", one) for name, one in found.items()})


@pytest.fixture(scope="module")
def spring():
    """Five weeks of May of boxes with all kinds of heat, modules, batteries, tanks and vehicles that wait."""
    layers, forcing = boxes.layers(24), boxes.forcing().isel(time=slice(FIRST, FIRST + HOURS))
    forcing = forcing.assign_coords(time=3600.0 * np.arange(HOURS))
    summary = collect(run(Energy(warm_up=48), layers, forcing, [HOURS * 3600.0]))[1].summary
    prices = (forcing[name].values for name in ("buy_price", "sell_price", "fuel_price"))
    return hours_of(summary), layers, TariffCourses(*prices, None, "2025-01-01", "of the toy")


def test_a_battery_that_nobody_has_is_worth_what_the_hand_finds():
    # 2 kW all day, modules of 10 kW from 10 to 14 h; 8 kWh of battery take 8 / 0.95 kWh that would earn 5 ct and give
    # 8 x 0.95 kWh that would cost 33 ct
    sun = np.where((np.arange(24) >= 10) & (np.arange(24) < 14), 10.0, 0.0)
    hours = DistrictHours(series(24, appliances=2, photovoltaic=sun, gas=3))
    found = optimum_of(hours, having(battery_capacity=[8 * KWH, 0], battery_power=[8e3, 0]), flat(24))
    ruled = BUY * 40 - SELL * 32 + FUEL * 72
    assert found.rules.cost == pytest.approx(ruled)
    assert found.best.cost == pytest.approx(ruled - BUY * 8 * 0.95 + SELL * 8 / 0.95)
    assert found.best.bought == pytest.approx((40 - 7.6) * KWH)
    assert found.rules.self_consumption == pytest.approx(8 / 40)
    assert found.best.self_consumption == pytest.approx((8 + 8 / 0.95) / 40)


def test_vehicles_that_can_wait_fill_with_sun():
    # 3 kWh asked for at 8 h may wait until 12 h, when modules give 5 kW that would earn 5 ct
    at = np.arange(24)
    asked, sun = np.where(at == 8, 3.0, 0.0), np.where(at == 11, 5.0, 0.0)
    hours = DistrictHours(series(24, vehicles=asked, vehicles_asked=asked, photovoltaic=sun))
    have = having(electric_vehicles=[1, 0], charging_delay=[4 * 3600.0, 0])
    found = optimum_of(hours, have, flat(24))
    assert found.rules.cost == pytest.approx(BUY * 3 - SELL * 5)
    assert found.best.cost == pytest.approx(-SELL * 2)
    assert optimum_of(hours, having(electric_vehicles=[1, 0]), flat(24)).best.cost == pytest.approx(found.rules.cost)


def test_heat_that_plants_of_networks_take_is_not_that_of_heat_pumps():
    # pumps: 1 kW makes 3; a plant: 2 kW of current and 4 of a sewer give 5 to its network, 1 is lost
    hours = DistrictHours(series(24, heat_pumps=1, plant_electricity=2, network_heat=5, network_loss=1, ambient_heat=6))
    hub = hub_of(hours, having(heat_source=[4, 0], heat_pump_capacity=[9e3, np.inf]), flat(24))
    np.testing.assert_allclose(hub.heat_demand, 3e3)
    np.testing.assert_allclose(hub.heat_pump_cop, 3.0)
    np.testing.assert_allclose(hub.electricity_demand, 2e3)


def test_the_best_never_costs_more_than_rules(spring):
    found = optimum_of(*spring)
    ruled = follow_rules([found.hub])[0]
    assert min(found.hub.battery.capacity, found.hub.heat_store.capacity, found.hub.vehicle_delay) > 0
    assert found.schedule.objective(found.hub) <= ruled.objective(found.hub) * (1 + 1e-9)
    assert found.best.cost <= found.rules.cost * (1 + 1e-9) <= found.meters.cost * (1 + 1e-9)
    assert found.best.cost < 0.999 * found.rules.cost
    assert found.best.cost <= found.shared.cost * (1 + 1e-9)
    assert ruled.unserved_heat.max() == pytest.approx(0.0, abs=1e-3)
    # what one meter would have paid is what the schedule of the same hub costs
    fuel = float((spring[0].fuel * spring[2].fuel).sum()) * 3600.0
    assert found.best.cost == pytest.approx(found.schedule.cost(found.hub) + fuel)


def test_every_hour_of_the_best_closes(spring):
    found = optimum_of(*spring)
    assert max(found.schedule.closures(found.hub).values()) / 1e3 < 1e-6
    # and heat, vehicles and current are those of the run
    hours, _, _ = spring
    assert found.schedule.unserved_heat.max() / 1e3 < 1e-6
    assert found.schedule.unserved_electricity.max() / 1e3 < 1e-6
    assert found.schedule.vehicle_power.sum() == pytest.approx(hours["vehicles"].sum())
    kept = hours["heat_stored"][-1] / 3600.0
    asked, given = found.hub.heat_demand.sum(), (found.hub.heat_pump_cop * hours["heat_pumps"]).sum()
    assert 0 <= given - asked - kept < 0.05 * given  # the rest is what tanks lost


def test_the_answer_is_plain_json_in_three_languages(spring):
    found = as_json(optimum_of(*spring))
    json.dumps(found, allow_nan=False)
    assert [one["key"] for one in found["ways"]] == list(WORDS)
    assert all(
        set(one["label"]) == {"fr", "nl", "en"} for one in [*found["ways"], *({"label": n} for n in found["notes"])]
    )
    assert "upper bound" in found["ways"][3]["label"]["en"]
    assert found["closure_kwh_h"] < 1e-6
