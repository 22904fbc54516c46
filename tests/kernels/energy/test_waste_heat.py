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


def test_a_chiller_gives_what_it_takes_out_and_its_current():
    last, renewed, summary = at_rest(308.15, "resistance", cooled=1.0)
    assert (last["cooling_power"] > 500).all()
    assert (renewed < 0).all()
    given = last["cooling_power"].sum() + float(summary["district_chillers"].values[-1])
    assert float(summary["waste_heat_power"].values.sum()) == pytest.approx(given + renewed.sum(), rel=1e-4)


def test_sun_by_windows_is_not_given_a_second_time():
    """First law of a shell that lets next to nothing through: heat and gains go out with the air, with sun or without.

    Gains are the same in both runs, so what is given beyond the heating is.
    """
    layers = toy.layers(4, sources=("resistance",))
    for name, value in dict.fromkeys(("wall_u_value", "roof_u_value", "floor_u_value", "window_u_value"), 1e-6).items():
        layers[name].values[:] = value
    layers["cooled_share"].values[:] = 0.0
    beyond, sunny = [], toy.forcing()
    dark = sunny.copy(deep=True)
    for name in ("global_horizontal", "diffuse_horizontal", "direct_normal"):
        dark[f"{name}_irradiance"].values[:] = 0.0
    for forcing in (sunny, dark):
        # after a year of the same weather the walls end as warm as they began
        _, outcome = collect(run(Energy(warm_up=8760), layers, forcing, [8760 * 3600.0]))
        heating = outcome.summary["heating_need"].values.astype(float) / (8760 * 3600.0)
        beyond.append(outcome.summary["waste_heat_power"].values.astype(float) - heating)
    assert (beyond[1] > 100).all()
    np.testing.assert_allclose(beyond[0], beyond[1], rtol=1e-3)


def test_what_is_no_zone_gives_nothing():
    layers = toy.layers(4)
    layers["heated_floor_area"].values[1] = 0.0
    layers["heated_volume"].values[1] = 0.0
    _, outcome = collect(run(Energy(), layers, toy.forcing(48), [48 * 3600.0]))
    assert outcome.summary["waste_heat_power"].values[1] == 0.0
    assert np.isfinite(outcome.summary["waste_heat_power"].values).all()
