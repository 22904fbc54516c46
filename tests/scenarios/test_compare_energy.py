"""A against B in energy: worked by hand, nil against itself, refused where hours differ."""

import json

import numpy as np
import pytest
import xarray as xr

from kernels.energy.kernel import Energy
from scenarios.assumptions_energy import of_energy
from scenarios.compare_energy import compare_results
from scenarios.edits import apply_edits
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from tests.scenarios.conftest import make_city
from tests.scenarios.energy_toy import START, layers, stored, summary


def test_a_against_itself_is_nil(tmp_path):
    result = stored(tmp_path, 1, summary(48, appliances=2, gas=3, heating=2.7))
    figures = compare_results(result, result, make_city()).figures
    json.dumps(figures, allow_nan=False)
    assert all(one["change"] == 0 for one in figures["carriers"] + figures["uses"])
    assert figures["buildings"]["same"] == 2
    assert figures["ped"]["turned"] == 0


def test_carriers_buildings_and_verdicts_are_those_of_the_hand(tmp_path):
    # B burns no gas but draws 1 kW more for heat pumps, under modules of 100 kW; areas 100 and 300 m2
    sun = np.tile(np.maximum(0.0, np.sin((np.arange(24) - 6) * np.pi / 12)), 2)
    a = stored(tmp_path, 1, summary(48, appliances=2, gas=4, heating=3.6))
    b = stored(tmp_path, 2, summary(48, appliances=2, heat_pumps=1, ambient_heat=2.6, heating=3.6,
                                    photovoltaic=100 * sun))  # fmt: skip
    found = compare_results(a, b, make_city())
    by_key = {one["key"]: one for one in found.figures["carriers"]}
    assert by_key["gas"]["change"] == pytest.approx(-4 * 48 / 1e3)
    assert by_key["photovoltaic"]["b"] == pytest.approx(100 * sun.sum() / 1e3)
    assert by_key["bought"]["a"] == pytest.approx(0.096)
    assert {one["key"]: one["change"] for one in found.figures["uses"]}["heating"] == 0
    assert found.figures["peaks"]["peak_bought_kw"] == {"a": 2.0, "b": 3.0, "change": 1.0}
    # 6 kW become 3 kW by 400 m2 over 48 h
    rows = found.buildings
    assert rows["final_a"].to_numpy() == pytest.approx([0.72, 0.72])
    assert rows["change"].to_numpy() == pytest.approx([-0.36, -0.36])
    assert found.figures["buildings"]["better"] == 2
    assert [one["id"] for one in found.figures["buildings"]["gain"]] == ["house-b", "house-a"]
    sector = found.figures["sectors"][0]
    assert (sector["better"], sector["worse"], sector["verdict"]) == (2, 0, "better")
    assert sector["kwh_m2"] == {"a": 0.72, "b": 0.36, "change": -0.36}
    verdicts = found.figures["ped"]["verdicts"]
    one = next(row for row in verdicts if (row["type"], row["boundary"], row["factors"]) ==
               ("dynamic", "geographical", "f_el 1.9"))  # fmt: skip
    assert (one["a"]["positive"], one["b"]["positive"], one["turned"]) == ("no", "yes", True)
    assert len(found.geojson()["features"]) == 2


def test_a_building_that_only_b_has_is_unknown_not_better(tmp_path):
    a = stored(tmp_path, 1, summary(24, appliances=2))
    b = stored(tmp_path, 2, summary(24, area=(100.0, 300.0), appliances=2).isel(building=[0]),
               edits=[{"edit": "remove_building", "id": "house-b"}])  # fmt: skip
    found = compare_results(a, b, make_city())
    assert found.buildings["verdict"].to_dict() == {"house-a": "same", "house-b": "unknown"}


def test_other_hours_are_refused(tmp_path):
    a, b = stored(tmp_path, 1, summary(24)), stored(tmp_path, 2, summary(48))
    with pytest.raises(ScenarioError, match="different hours"):
        compare_results(a, b, make_city())


def _statements(document: dict, ground: xr.Dataset | None = None, **told: object) -> list[str]:
    whole = {"scenario": 1, "name": {"en": "x"}, "kernels": ["energy"],
             "period": {"start": START, "duration_s": 3600, "output_every_s": 3600}, **document}  # fmt: skip
    scenario = Scenario.read(whole)
    situation = apply_edits(Situation(make_city(), ()), scenario.edits)
    found = of_energy(scenario, situation, [Energy()], ground, told)
    assert all(set(one) == {"fr", "nl", "en"} for one in found)
    return [one["en"] for one in found]


def test_statements_are_chosen_by_what_was_on():
    plain = " ".join(_statements({"forcing": {"weather": {"kind": "synthetic_year"}}}))
    assert "synthetic year" in plain
    assert "assumed for 2025-01-01" in plain
    assert "Modules do not age" not in plain
    assert "heat pump" not in plain
    tariffs = {"date": "2024-06-30", "source": "a contract", "fuel": 0.08}
    edits = [{"edit": "heat_supply", "id": "h", "buildings": ["house-a"], "source": "air_heat_pump"},
             {"edit": "battery", "id": "b", "buildings": ["house-a"], "kwh_per_building": 5}]  # fmt: skip
    ground = layers().assign_attrs(told_energy='{"tags": {}, "told": {"year of construction unknown": 2}}')
    document = {"forcing": {"weather": {"kind": "steady", "air_temperature_c": 5}, "tariffs": tariffs}, "edits": edits}
    busy = " ".join(_statements(document, ground, **{"hours filled: wind_speed": 3}))
    for words in ("of the document, of 2024-06-30: a contract", "85% of its test curve", "they foresee nothing",
                  "of 2 of 2 heated buildings is not known", "Modules do not age", "in a row): 3"):  # fmt: skip
        assert words in busy, words
