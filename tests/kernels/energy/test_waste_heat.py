"""Heat that buildings give to the air outdoors, at rest and in the dark, against what their balances say by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest

from kernels.contract import collect, run
from kernels.energy.kernel import Energy

sys.path.insert(0, str(Path(__file__).parent))
import boxes_toy as toy

DAYS = 40
SPAN = 24 * 3600.0 * DAYS


def at_rest(outdoors: float, source: str, cooled: float = 0.0):
    """Four boxes of one source in the dark, the same air at all hours; the ground as warm as the air."""
    layers, forcing = toy.layers(4, sources=(source,)), toy.forcing(24 * DAYS)
    nil = ("occupied_gains", "appliance_power", "hot_water_heat", "heat_store_capacity", "electric_vehicles",
           "battery_capacity")  # fmt: skip
    known = {"heat_set_point": 293.15, "cool_set_point": 299.15, "fresh_air_change": 0.5, "cooled_share": cooled,
             "ground_temperature": outdoors, "heat_pump_capacity": np.inf}  # fmt: skip
    for name, value in (dict.fromkeys(nil, 0.0) | known).items():
        layers[name] = (layers[name].dims, np.full(layers[name].shape, value), layers[name].attrs)
    for name in forcing.data_vars:
        if "irradiance" in str(name):
            forcing[name].values[:] = 0.0
    forcing["air_temperature"].values[:] = outdoors
    sky = np.full(24 * DAYS, 5.670374419e-8 * outdoors**4)
    forcing["downwelling_longwave_irradiance"] = ("time", sky, {"units": "W m-2"})
    frames, outcome = collect(run(Energy(warm_up=24 * DAYS), layers, forcing, [SPAN - 86400.0, SPAN]))
    last = {name: frames[name].values[-1].astype(float) for name in frames.data_vars}
    fresh = 0.5 * (1 - layers["heat_recovery"].values) * 3.0 * layers["heated_floor_area"].values
    air = (layers["infiltration_rate"].values * layers["heated_volume"].values + fresh) * 1200 / 3600
    renewed = air * (last["indoor_air_temperature"] - outdoors)
    return last, renewed, outcome.summary


def test_a_house_that_burns_nothing_warms_the_air_by_what_it_renews():
    last, renewed, summary = at_rest(273.15, "resistance")
    assert (last["heating_power"] > 1000).all()
    np.testing.assert_allclose(summary["waste_heat_power"].values, renewed, rtol=1e-4)


def test_a_flue_gives_what_the_boiler_does_not():
    last, renewed, summary = at_rest(273.15, "gas_boiler")
    flue = last["heating_power"] * (1 / 0.9 - 1)
    np.testing.assert_allclose(summary["waste_heat_power"].values, renewed + flue, rtol=1e-4)


def test_a_pump_takes_from_the_air_what_it_gives_beyond_its_current_and_one_of_the_ground_does_not():
    last, renewed, summary = at_rest(273.15, "air_heat_pump")
    pumps = float(summary["district_heat_pumps"].values[-1])
    taken = last["heating_power"].sum() - pumps
    assert float(summary["waste_heat_power"].values.sum()) == pytest.approx(renewed.sum() - taken, rel=1e-4)
    last, renewed, summary = at_rest(273.15, "ground_heat_pump")
    np.testing.assert_allclose(summary["waste_heat_power"].values, renewed, rtol=1e-4)


def test_a_chiller_adds_its_current_and_what_it_takes_out_came_from_there():
    last, _, summary = at_rest(308.15, "resistance", cooled=1.0)
    assert (last["cooling_power"] > 500).all()
    current = float(summary["district_chillers"].values[-1])
    assert float(summary["waste_heat_power"].values.sum()) == pytest.approx(current, rel=1e-4)


def added(layers) -> np.ndarray:
    forcing = toy.forcing(24 * 30)
    forcing["sell_price"].values[:] = 0.05 / 3.6e6
    return collect(run(Energy(), layers, forcing, [24 * 30 * 3600.0]))[1].summary


def test_what_leaves_by_meter_car_or_drain_does_not_warm_the_air():
    """Differences of two runs, by hand: modules take what they make, cars nothing, a boiler's flue stays."""
    bare = toy.layers(4, sources=("gas_boiler",))
    for name in ("photovoltaic_peak_power", "battery_capacity", "electric_vehicles", "hot_water_heat"):
        bare[name].values[:] = 0
    before = added(bare)
    modules = bare.copy(deep=True)
    modules["photovoltaic_peak_power"].values[:] = 50_000.0
    after = added(modules)
    mean = 24 * 30 * 3600.0
    less = before["waste_heat_power"].values.astype(float) - after["waste_heat_power"].values
    np.testing.assert_allclose(less, after["photovoltaic_energy"].values / mean, rtol=1e-3)
    assert (after["waste_heat_power"].values < before["waste_heat_power"].values).all()
    cars = bare.copy(deep=True)
    cars["electric_vehicles"].values[:] = 5.0
    parked = added(cars)
    assert (parked["electricity_used"].values > before["electricity_used"].values).all()
    np.testing.assert_allclose(parked["waste_heat_power"].values, before["waste_heat_power"].values, rtol=1e-5)
    showers = bare.copy(deep=True)
    showers["hot_water_heat"].values[:] = 10.0
    warm = added(showers)
    flue = warm["hot_water_need"].values / mean * (1 / 0.9 - 1)
    assert (flue > 100).all()
    more = warm["waste_heat_power"].values.astype(float) - before["waste_heat_power"].values
    np.testing.assert_allclose(more, flue, rtol=1e-3)


def test_what_is_no_zone_gives_nothing():
    layers = toy.layers(4)
    layers["heated_floor_area"].values[1] = 0.0
    layers["heated_volume"].values[1] = 0.0
    _, outcome = collect(run(Energy(), layers, toy.forcing(48), [48 * 3600.0]))
    assert outcome.summary["waste_heat_power"].values[1] == 0.0
    assert np.isfinite(outcome.summary["waste_heat_power"].values).all()
