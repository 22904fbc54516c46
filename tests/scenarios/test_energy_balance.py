"""The balance of a stored run: worked by hand, closed at every node, honest in three languages."""

import json
from dataclasses import replace

import numpy as np
import pytest

from kernels.energy.balance import BOUNDARIES, FACTOR_SETS, TYPES
from scenarios.district_hours import DistrictHours, hours_of
from scenarios.energy_balance import Contracts, energy_year, ped_table, use_doubt
from scenarios.energy_courses import flows_of, hourly, load_duration, monthly, sankey, sorted_loads
from scenarios.problem import ScenarioError
from tests.scenarios.energy_toy import KWH, series, stored, summary

YEAR = 8760
SUNNY = np.tile(np.maximum(0.0, np.sin((np.arange(24) - 6) * np.pi / 12)), 365)


def verdict(table, kind, boundary, factors):
    return next(
        one for one in table["verdicts"] if (one["type"], one["boundary"], one["factors"]) == (kind, boundary, factors)
    )


def test_the_table_is_that_of_the_hand(tmp_path):
    # 2 kW drawn and 1 kW of gas burnt all year, modules of 10 kW at the top of the day
    result = stored(tmp_path, 1, summary(YEAR, appliances=2, gas=1, heating=0.9, photovoltaic=10 * SUNNY))
    table = ped_table(result)
    assert len(table["verdicts"]) == len(TYPES) * len(BOUNDARIES) * len(FACTOR_SETS) == 36
    made = 10 * SUNNY.sum()
    found = verdict(table, "dynamic", "geographical", "f_el 1.9")
    assert found["balance"] == pytest.approx((1.9 * (made - 2 * YEAR) - YEAR) / 1e3, abs=1e-3)
    assert found["unit"] == "MWh"
    # CO2 by the means of the table: 0.14 and 0.202 kg/kWh
    tonnes = verdict(table, "dynamic", "geographical", "hourly CO2")
    assert tonnes["balance"] == pytest.approx((0.14 * (made - 2 * YEAR) - 0.202 * YEAR) / 1e3, abs=1e-3)
    crossed = table["exchange"][0]
    bought = np.maximum(2 - 10 * SUNNY, 0).sum()
    given = np.maximum(10 * SUNNY - 2, 0).sum()
    assert crossed["bought_mwh"] == pytest.approx({"electricity": bought / 1e3, "gas": YEAR / 1e3}, abs=1e-3)
    assert crossed["self_consumption"] == pytest.approx(1 - given / made, abs=1e-4)
    assert crossed["self_sufficiency"] == pytest.approx(1 - bought / (2 * YEAR), abs=1e-4)
    assert (crossed["peak_bought_kw"], crossed["peak_given_kw"]) == (2.0, 8.0)
    assert crossed["cost_eur"] == pytest.approx(0.33 * bought - 0.05 * given + 0.10 * YEAR, abs=0.01)
    json.dumps(table, allow_nan=False)


def test_the_band_is_that_of_the_tags(tmp_path):
    # electricity only, no sun: of first order the band is 1.96 sqrt((u_use^2 + u_factor^2)) times what is bought
    result = stored(tmp_path, 1, summary(YEAR, appliances=1))
    doubt = 0.75 * 0.152 + 0.25 * 0.05
    assert energy_year(result).use_uncertainty == pytest.approx(doubt)
    found = verdict(ped_table(result), "dynamic", "geographical", "f_el 2.5")
    half = (found["high"] - found["low"]) / 2
    assert half == pytest.approx(1.96 * np.hypot(doubt, 0.05) * 2.5 * YEAR / 1e3, abs=2e-3)


def test_nothing_known_counts_as_assumed():
    assert use_doubt({}) == use_doubt({"walls": {}}) == 0.25
    assert use_doubt({"walls": {"measured": 3.0}, "roofs": {"assumed": 2.0}}) == pytest.approx(0.15)


def test_a_no_says_why_in_three_languages(tmp_path):
    table = ped_table(stored(tmp_path, 1, summary(YEAR, appliances=1)))
    assert table["positive"] == {"yes": 0, "within the band": 0, "no": 36}
    lone = verdict(table, "autonomous", "functional", "f_el 1.9")
    assert lone["why"] == {"fr": "il achète 8,8 MWh", "nl": "het koopt 8,8 MWh", "en": "it buys 8.8 MWh"}
    weighed = verdict(table, "dynamic", "functional", "f_el 1.9")
    assert weighed["shortfall"] == pytest.approx(1.9 * 8.76)
    assert weighed["why"]["fr"] == "il manque 16,6 MWh d'énergie primaire"


def test_a_balance_near_nil_is_not_decided(tmp_path):
    result = stored(tmp_path, 1, summary(YEAR, appliances=1, photovoltaic=SUNNY / SUNNY.mean() * 1.02))
    found = verdict(ped_table(result), "dynamic", "geographical", "f_el 2.5")
    assert found["positive"] == "within the band"
    assert "on ne peut pas trancher" in found["why"]["fr"]


def test_context_certificates_and_contracts_count_where_they_should(tmp_path):
    result = stored(tmp_path, 1, summary(YEAR, appliances=1, heating=1))
    plain, near = ped_table(result), ped_table(result, context=50.0)
    more = [b["balance"] - a["balance"] for a, b in zip(plain["verdicts"], near["verdicts"], strict=True)]
    # 400 m2 x 50 kWh/m2, in primary energy only
    assert sorted(set(np.round(more, 3))) == [0.0, 20.0]
    green = ped_table(result, certificates={"electricity": 8760.0})
    assert verdict(green, "pre_ped", "geographical", "f_el 1.9")["balance"] == pytest.approx(0.0, abs=1e-3)
    assert verdict(green, "dynamic", "geographical", "f_el 1.9")["balance"] < -16
    away = ped_table(result, contracts=Contracts(owned=4000 * KWH, contracted=2000 * KWH, shape="flat"))
    got = {(kind, place): verdict(away, kind, place, "f_el 1.9")["balance"] / 1.9 for kind in ("dynamic", "virtual")
           for place in BOUNDARIES}  # fmt: skip
    assert got == pytest.approx(
        {("dynamic", "geographical"): -8.76, ("dynamic", "functional"): -8.76, ("dynamic", "virtual"): -4.76,
         ("virtual", "geographical"): -6.76, ("virtual", "functional"): -6.76, ("virtual", "virtual"): -2.76},
        abs=1e-3,
    )  # fmt: skip
    with pytest.raises(ScenarioError, match="certificates of"):
        ped_table(result, certificates={"hydrogen": 1.0})


def test_hours_of_co2_of_the_document_are_taken(tmp_path):
    week = [0.1] * 168
    week[24:48] = [0.4] * 24  # Tuesdays
    tariffs = {"date": "2025-01-01", "source": "by hand", "carbon": {"week": week}}
    result = stored(tmp_path, 1, summary(48, appliances=1), forcing={"tariffs": tariffs})
    table = ped_table(result)  # 1 and 2 January 2019: a Tuesday and a Wednesday
    assert verdict(table, "dynamic", "geographical", "hourly CO2")["balance"] == pytest.approx(-0.012, abs=1e-3)
    assert any("48 heures" in one["fr"] for one in table["notes"])
    assert not any("moyenne" in one["fr"] for one in table["notes"])


def test_batteries_move_use_in_time_and_make_nothing():
    battery = np.array([-2.0, 1.5, 0.0, 3.0])  # the last gives more than is drawn
    hours = DistrictHours(series(4, appliances=1, photovoltaic=[4, 0, 0, 0], battery=battery))
    assert (hours.use / 1e3).tolist() == [3.0, 0.0, 1.0, 0.0]
    assert (hours.production / 1e3).tolist() == [4.0, 0.5, 0.0, 2.0]
    np.testing.assert_allclose(hours.net, hours["bought"] - hours["given"], atol=1e-9)
    assert np.abs(hours.imbalance).max() < 1e-9


def _busy():
    chance = np.random.default_rng(1)
    draw = {name: chance.uniform(0, 5, 48) for name in ("appliances", "heat_pumps", "resistance", "chillers",
            "vehicles", "plant_electricity", "plant_gas", "gas")}  # fmt: skip
    ambient = 2 * draw["heat_pumps"] + 1.5 * draw["plant_electricity"]
    network = 0.9 * (2.5 * draw["plant_electricity"] + draw["plant_gas"])
    loss = 0.1 * (2.5 * draw["plant_electricity"] + draw["plant_gas"])
    made = network + 3 * draw["heat_pumps"] + draw["resistance"] + 0.9 * draw["gas"]
    battery = chance.uniform(-2, 1, 48)
    sun = chance.uniform(0, 20, 48)
    return summary(48, **draw, ambient_heat=ambient, network_heat=network, network_loss=loss, heating=0.8 * made,
                   hot_water=0.2 * made, cooling=3 * draw["chillers"], photovoltaic=sun, curtailed=0.1 * sun,
                   battery=battery)  # fmt: skip


def test_every_inner_node_of_the_flows_closes():
    found = flows_of(hours_of(_busy()))
    assert found["imbalance_kwh"] < 1e-6
    for node in ("electricity", "battery", "heat_pumps", "boilers", "network", "heat"):
        inward = sum(one["value"] for one in found["links"] if one["target"] == node)
        outward = sum(one["value"] for one in found["links"] if one["source"] == node)
        assert inward == pytest.approx(outward, abs=0.02), node
        assert inward > 0
    sources = sum(one["value"] for one in found["links"] if one["source"] in ("grid", "sun", "fuel", "ambient"))
    ends = {"heating", "hot_water", "appliances", "cooling", "vehicles", "export", "curtailed", "losses"}
    sinks = sum(one["value"] for one in found["links"] if one["target"] in ends)
    assert sources == pytest.approx(sinks, rel=1e-5)
    assert {one["key"] for one in found["nodes"]} >= ends


def test_what_neighbours_give_each_other_stays_inside():
    # one building draws 3 kW, another has 2 kW over: the edge sees 1 kW
    hours = DistrictHours(series(24, appliances=3, photovoltaic=2, bought=3, given=2))
    found = flows_of(hours)
    assert {(one["source"], one["target"]): one["value"] for one in found["links"]}["grid", "electricity"] == 24
    assert found["neighbours_kwh"] == 48
    assert found["imbalance_kwh"] == 0


def test_flows_say_what_the_books_leave_open():
    open_books = series(24, appliances=1)
    open_books["bought"] = open_books["bought"] * 1.1
    assert flows_of(DistrictHours(open_books))["imbalance_kwh"] == pytest.approx(2.4)


def test_courses_of_a_stored_run(tmp_path):
    whole = _busy()
    result = stored(tmp_path, 1, whole)
    assert sankey(result)["links"] == flows_of(hours_of(whole))["links"]
    day = hourly(result, 1, 1)
    assert day["time_s"] == [3600 * hour for hour in range(24, 48)]
    bought = next(one for one in day["series"] if one["key"] == "bought")
    np.testing.assert_allclose(bought["values"], whole["district_bought"].values[24:] / 1e3, atol=1e-3)
    assert set(bought["label"]) == {"fr", "nl", "en"}
    month = monthly(result)
    assert month["months"] == ["2019-01"]
    total = next(one for one in month["series"] if one["key"] == "gas")
    assert total["values"][0] == pytest.approx(float(whole["district_gas"].sum()) / 1e6, abs=1e-3)


def test_a_sorted_load_keeps_its_highest_hours_and_its_sum(tmp_path):
    hours = DistrictHours(series(YEAR, appliances=1 + SUNNY, photovoltaic=4 * SUNNY**2, heating=2))
    found = sorted_loads(hours)
    net = 1 + SUNNY - 4 * SUNNY**2
    assert len(found["hours"]) <= 400
    assert found["import_kw"][0] == pytest.approx(net.max(), abs=1e-3)
    assert found["export_kw"][0] == pytest.approx(-net.min(), abs=1e-3)
    area = np.trapezoid(found["import_kw"], found["hours"])
    assert area == pytest.approx(np.maximum(net, 0).sum(), rel=0.01)
    assert load_duration(stored(tmp_path, 1, summary(24, appliances=1)))["import_kw"][0] == 1.0


def test_a_result_without_energy_is_refused():
    with pytest.raises(ScenarioError, match="run the kernel energy"):
        hours_of(summary(24).drop_vars("district_appliances"))
    gap = summary(24)
    gap["district_gas"][3] = np.nan
    with pytest.raises(ScenarioError, match="1 hours that are not known"):
        hours_of(gap)


def test_contracts_follow_the_sun_of_the_district_where_asked():
    hours = hours_of(summary(YEAR, appliances=1, photovoltaic=SUNNY))
    from scenarios.energy_balance import year_of

    year = year_of(hours, 400.0, 0.1, Contracts(owned=1000 * KWH))
    away = year.production[("electricity", "virtual")]
    assert away.sum() * 3600 == pytest.approx(1000 * KWH)
    assert away[0] == 0.0
    assert replace(Contracts(), owned=1.0).shape == "sun"


def test_oil_and_wood_count_by_their_own_factors(tmp_path):
    # boilers burn 10 kW, of which 3 oil and 2 wood, and a plant 1 kW of gas. CO2 by IPCC 2006, volume 2, table 2.2:
    # 56.1 and 74.1 kg/GJ; that of wood counts where it grew. Primary energy counts heat, whatever burns.
    whole = summary(YEAR, gas=10, oil=3, wood=2, plant_gas=1, heating=9)
    table = ped_table(stored(tmp_path, 1, whole))
    tonnes = verdict(table, "dynamic", "geographical", "hourly CO2")
    per_kwh = 3.6e-3 * np.array([56.1, 74.1])
    assert tonnes["balance"] == pytest.approx(-(per_kwh @ [6, 3]) * YEAR / 1e3, rel=1e-3)
    assert verdict(table, "dynamic", "geographical", "f_el 1.9")["balance"] == pytest.approx(-11 * YEAR / 1e3)
    bought = table["exchange"][0]["bought_mwh"]
    assert bought == pytest.approx({"electricity": 0, "gas": 6 * 8.76, "oil": 3 * 8.76, "wood": 2 * 8.76})
    assert table["exchange"][0]["cost_eur"] == pytest.approx(0.10 * 11 * YEAR)
