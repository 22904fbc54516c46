"""Ready scenarios: complete in three languages, fitting, and running."""

from pathlib import Path

import pytest

import scenarios.library
from kernels.quantities import LANGUAGES
from scenarios.energy_balance import ped_table
from scenarios.engine import simulate
from scenarios.library import BRUSSELS, READY, ready, ready_for
from twin.demo import demo_city
from twin.store import Store


@pytest.fixture(scope="module")
def district():
    return demo_city()


def test_every_file_of_the_library_stands_in_the_tuple():
    assert {path.stem for path in Path(scenarios.library.__file__).parent.glob("*.yaml")} == {*READY, *BRUSSELS}


@pytest.mark.parametrize("key", READY + BRUSSELS)
def test_a_ready_scenario_speaks_three_languages(key):
    one = ready()[key]
    for language in LANGUAGES:
        assert one.name[language]
        assert one.description[language]


def test_a_city_that_is_not_the_demo_district_gets_those_that_name_no_place(city):
    placeless = ["cloudburst", "cloudburst_green_roofs", "heat_day", "heat_day_cool_roofs"]
    rides = ["rush_hour", "rush_hour_fewer_cars"]
    years = ["district_today", "district_positive_2030"]
    assert list(ready_for(city.with_(demo=False))) == placeless + rides + years
    assert list(ready_for(city)) == placeless + rides + years


def test_a_city_without_streets_gets_no_rush_hour(city):
    bare = city.with_(links=city.links.iloc[:0], nodes=city.nodes.iloc[:0])
    assert not [key for key in ready_for(bare) if key.startswith("rush_hour")]


def test_a_city_without_a_flat_roof_gets_no_green_or_white_roofs(city):
    gabled = city.buildings.assign(eaves_height=[3.0, 3.0])
    assert list(ready_for(city.with_(demo=False, buildings=gabled))) == [
        "cloudburst",
        "heat_day",
        "rush_hour",
        "rush_hour_fewer_cars",
        "district_today",
        "district_positive_2030",
    ]


def test_all_ready_scenarios_fit_the_demo_district(district):
    assert list(ready_for(district)) == list(READY)


def test_a_hot_day_differs_from_the_others_by_its_edits_alone():
    plain, *others = (one.canonical() for key, one in ready().items() if key.startswith("heat_day"))
    for other in others:
        assert other["edits"]
        assert {name for name in plain if plain[name] != other[name]} == {"name", "description", "edits"}


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in READY if key.startswith("cloudburst")])
def test_a_ready_scenario_runs_on_the_demo_district_at_4_m(district, key, tmp_path):
    found = simulate(district, ready()[key], store=Store(tmp_path))
    figures = {one["key"]: one["value"] for one in found.indicators}
    assert found.manifest["grid"]["cell_size"] == 4.0
    assert found.manifest["closure"]["flood"]["error"] < 1e-6
    assert figures["flooded_area"] > 0
    assert figures["buildings_touched"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in READY if key.startswith("heat_day")])
def test_a_ready_hot_day_runs_on_the_demo_district(key, district, tmp_path):
    found = simulate(district, ready()[key], store=Store(tmp_path))
    figures = {one["key"]: one["value"] for one in found.indicators}
    assert found.manifest["closure"]["heat"]["error"] < 5e-3
    assert figures["ground_above_32"] > 50
    assert figures["people_above_32"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in READY if key.startswith("rush_hour")])
def test_a_ready_rush_hour_runs_on_the_demo_district(key, district, tmp_path):
    found = simulate(district, ready()[key], store=Store(tmp_path))
    figures = {one["key"]: one["value"] for one in found.indicators}
    closure = found.manifest["closure"]["traffic"]
    assert closure["error"] == 0.0
    assert closure["remarks"]["dynamic_gap"] < 0.03, "drivers know their ways"
    assert closure["ledger"]["vehicles_arrived"] > 0.95 * closure["ledger"]["vehicles_set_out"]
    assert figures["trips_unserved"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in READY if key.startswith("district")])
def test_a_ready_district_runs_a_year_on_the_demo_district(key, district, tmp_path):
    found = simulate(district, ready()[key], store=Store(tmp_path))
    figures = {one["key"]: one["value"] for one in found.indicators}
    closure = found.manifest["closure"]["energy"]
    assert closure["error"] < 1e-9
    assert closure["remarks"]["largest error of the electric node, W"] < 1e-3
    assert closure["remarks"]["largest error of a network, W"] < 1e-3
    assert figures["unserved_mwh"] <= 1e-3 * figures["network_heat_mwh"], "networks are made for their buildings"
    assert sum(figures[f"known_{one}"] for one in ("measured", "archetype", "assumed", "edited")) == pytest.approx(
        100, abs=2
    )
    lines = ped_table(found)["verdicts"]
    assert len(lines) == 36
    assert all(one["why"][language] for one in lines for language in LANGUAGES)


@pytest.mark.slow
def test_all_measures_together_bring_a_dense_district_nearer_but_not_over(district, tmp_path):
    """An honest no: towers need more than their roofs make; by every definition the year with measures is better."""
    store = Store(tmp_path)
    before, after = (
        simulate(district, ready()[key], store=store) for key in ("district_today", "district_positive_2030")
    )
    for one, other in zip(ped_table(before)["verdicts"], ped_table(after)["verdicts"], strict=True):
        assert other["balance"] > one["balance"]
    assert {one["positive"] for one in ped_table(before)["verdicts"]} == {"no"}
