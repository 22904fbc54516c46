"""Figures of a district's energy: worked by hand, and those of the kernel's own toy closed."""

import numpy as np
import pytest
import xarray as xr

from kernels.contract import run
from kernels.energy.kernel import Energy
from scenarios.energy_figures import WHOLE, EnergyFigures
from scenarios.energy_weather import energy_forcing
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from scenarios.tariffs import Tariffs
from scenarios.weather import SyntheticYear
from tests.scenarios.conftest import make_city
from tests.scenarios.energy_toy import START, layers, summary
from twin.energy_layers import energy_layers
from twin.energy_works import EnergyWorks, Modules

SUN = np.tile(np.maximum(0.0, np.sin((np.arange(24) - 6) * np.pi / 12)), 2)


def figures(ground: xr.Dataset | None = None, tariffs: Tariffs | None = None) -> EnergyFigures:
    start = Scenario.read(
        {"scenario": 1, "name": {"en": "x"}, "period": {"start": START, "duration_s": 1, "output_every_s": 1}}
    ).period.start
    return EnergyFigures(Situation(make_city(), ()), layers() if ground is None else ground, start, tariffs)


def values(found: list) -> dict:
    return {one["key"]: one["value"] for one in found}


def test_figures_are_those_of_the_hand():
    # 48 h: 4 kW of appliances, 1 of heat pumps, 20 kW of fuel, modules of 10 kW at the top; 400 m2, 2 kWp
    whole = summary(48, appliances=4, heat_pumps=1, ambient_heat=2, gas=20, heating=18, hot_water=2, cooling=0.5,
                    photovoltaic=10 * SUN)  # fmt: skip
    found = values(figures().whole(whole, xr.Dataset()))
    made = 10 * SUN.sum()
    given = np.maximum(10 * SUN - 5, 0).sum()
    bought = np.maximum(5 - 10 * SUN, 0).sum()
    assert found["heated_floor_area"] == 400
    assert found["heating_need_kwh_m2"] == pytest.approx(48 * 18 / 400, abs=0.05)
    assert found["hot_water_kwh_m2"] == pytest.approx(48 * 2 / 400, abs=0.05)
    assert found["final_energy_kwh_m2"] == pytest.approx(48 * 25 / 400, abs=0.05)
    assert found["electricity_mwh"] == pytest.approx(0.24, abs=0.06)
    assert found["fuel_mwh"] == pytest.approx(0.96, abs=0.06)
    assert found["specific_yield_kwh_kwp"] == pytest.approx(made / 2, abs=0.5)
    assert found["self_consumption"] == pytest.approx(100 * (1 - given / made), abs=0.05)
    assert found["self_sufficiency"] == pytest.approx(100 * (1 - bought / 240), abs=0.05)
    assert (found["peak_import_kw"], found["peak_export_kw"]) == (5.0, 5.0)
    assert found["primary_balance_mwh"] == pytest.approx((1.9 * (given - bought) - 960) / 1e3, abs=0.06)
    assert found["energy_cost_eur"] == pytest.approx(0.33 * bought - 0.05 * given + 0.1 * 960, abs=5)
    assert (found["known_measured"], found["known_archetype"], found["known_assumed"]) == (25, 75, 0)
    assert found["energy_closure"] == pytest.approx(1e-12, rel=1e-3)
    assert "overheated_hours" not in found


def test_each_figure_has_its_words_and_a_key_of_its_own():
    assert len({one.key for one in WHOLE}) == len(WHOLE)
    assert all(set(one.label) == {"fr", "nl", "en"} for one in WHOLE)


def test_prices_of_the_document_are_paid():
    tariffs = Tariffs.model_validate({"date": "2025-01-01", "source": "by hand", "electricity_buy": -1.0})
    whole = summary(48, appliances=10)
    assert values(figures(tariffs=tariffs).whole(whole, xr.Dataset()))["energy_cost_eur"] == -480


def test_a_district_that_is_not_heated_has_no_figures_by_area():
    found = values(figures(layers((0.0, 0.0), peak=0.0)).whole(summary(24, appliances=1), xr.Dataset()))
    assert found["heating_need_kwh_m2"] is None
    assert found["specific_yield_kwh_kwp"] is None
    assert found["self_consumption"] is None
    assert found["self_sufficiency"] == 0.0


def test_figures_of_the_kernel_itself_agree_with_its_sums():
    hours, city = 24 * 14, make_city()
    weather, _ = energy_forcing(SyntheticYear(), figures().start, hours * 3600.0, city)
    sun = Modules("m", ("house-a", "house-b"), least_irradiation=0.0)
    ground = energy_layers(city, EnergyWorks(modules=(sun,)), weather)
    frames = run(Energy(warm_up=48), ground, weather, [hours * 3600.0])
    try:
        while True:
            frame = next(frames)
    except StopIteration as end:
        whole = end.value.summary
    one = figures(ground)
    now, found = values(one.now(frame)), values(one.whole(whole, frame))
    area = float(ground["heated_floor_area"].sum())
    needed = float(np.nansum(whole["heating_need"].values)) / 3.6e6
    assert found["heating_need_kwh_m2"] == pytest.approx(needed / area, abs=0.05)
    assert now["heating_now"] == pytest.approx(needed / hours, abs=0.06)
    assert found["energy_closure"] < 1e-9
    assert found["overheated_hours"] == 0
    assert found["photovoltaic_mwh"] > 0
    assert found["known_assumed"] + found["known_archetype"] + found["known_measured"] == pytest.approx(100, abs=2)
    assert -10 < now["indoor_now"] < 40
