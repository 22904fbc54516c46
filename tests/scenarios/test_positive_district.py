"""The search for a positive district: sums of parts are whole runs, the cheapest is the cheapest, a no is proven."""

import json
from itertools import product

import numpy as np
import pytest

from kernels.contract import run
from scenarios.district_hours import HOUR, hours_of
from scenarios.district_parts import DistrictParts, part_of, together
from scenarios.measure_packages import NOTHING, Package, cost_of, improved, packages_of
from scenarios.pareto import crowding, evolve, front_of, ranked
from scenarios.positive_district import Question, as_json, search
from scenarios.problem import Cancelled, ScenarioError
from scenarios.scenario import Scenario
from tests.scenarios.conftest import make_city
from twin.energy_layers import energy_layers
from twin.energy_measures import annuity, measures

HOURS = 24 * 10


def document(start: str = "2019-06-01T00:00:00Z", **more: object) -> Scenario:
    """Ten days; both houses told apart by their year."""
    facts = {"edit": "building_facts", "id": "f", "rows": [{"building": "house-a", "values": {"year": 1930.0}},
             {"building": "house-b", "values": {"year": 1980.0}}]}  # fmt: skip
    plain = {
        "scenario": 1, "name": {"en": "toy"}, "kernels": ["energy"], "options": {"energy": {"warm_up": 100}},
        "period": {"start": start, "duration_s": HOURS * 3600, "output_every_s": HOURS * 3600},
        "forcing": {"weather": {"kind": "synthetic_year"}}, "edits": [facts],
    }  # fmt: skip
    return Scenario.read(plain | more)


FEW = Question(renovations=("none", "deep"), supplies=("keep", "air_heat_pump"), suns=("none", "roofs"),
               batteries=(0.0, 1.0), generations=4, population=8)  # fmt: skip


@pytest.fixture(scope="module")
def parts() -> DistrictParts:
    return DistrictParts(make_city(), document())


def _to_its_end(frames):
    try:
        while True:
            next(frames)
    except StopIteration as end:
        return end.value.summary


def test_groups_are_periods_with_their_means(parts):
    assert [one.key for one in parts.groups] == ["period0", "period2"]
    # TABULA-BE 2011: walls before 1946 and of 1971 to 1990
    assert [one.means["wall_u"] for one in parts.groups] == pytest.approx([2.20, 1.00])


def test_the_sum_of_its_parts_is_the_run_of_the_whole(parts):
    chosen = {"period0": Package("deep", "air_heat_pump", "roofs", 1.0), "period2": Package("none", "keep", "some")}
    added = together([parts.part(group, chosen[group.key]) for group in parts.groups])
    situation = parts.document(chosen).situation(make_city())
    layers = energy_layers(situation.city, situation.energy_works, parts.forcing)
    frames = run(parts.kernel, layers, parts.forcing, [HOURS * HOUR])
    whole = hours_of(_to_its_end(frames))
    for name, values in whole.series.items():
        np.testing.assert_allclose(added[name], values, rtol=2e-6, atol=0.05, err_msg=name)  # kept in 32 bits
    assert whole["photovoltaic"].sum() > 0
    assert np.abs(whole["battery"]).sum() > 0


def test_a_network_of_a_group_is_laid_run_and_paid(parts):
    group = parts.groups[0]
    found = parts.part(group, Package("none", "network", "none", 0.0))
    assert set(found.sizes) == {"network_pipe", "network_plant", "gas_boiler"}
    assert found.hours["network_heat"].sum() > 0
    assert found.hours["plant_electricity"].sum() > 0
    assert found.hours["gas"].sum() == 0.0
    table = measures()
    yearly = sum(amount * table[name].yearly(0.025) for name, amount in found.sizes.items())
    assert found.yearly == pytest.approx(yearly)
    chosen = {"period0": Package("none", "network"), "period2": Package()}
    situation = parts.document(chosen).situation(make_city())
    assert [one.buildings for one in situation.energy_works.networks] == [("house-a",)]


def test_a_part_holds_its_own_faces_and_patches(parts):
    rows = np.array([1])
    found = part_of(parts.base, rows)
    assert found["building"].values.tolist() == ["house-b"]
    assert set(found["face_building"].values) == set(found["patch_building"].values) == {0}
    mine = parts.base["patch_building"].values == 1
    np.testing.assert_array_equal(found["patch_area"], parts.base["patch_area"].values[mine])


def test_the_cheapest_is_that_of_trying_all():
    city, scenario = make_city(), document()
    answer = search(city, scenario, FEW)
    parts = DistrictParts(city, scenario)
    options = packages_of(FEW.renovations, FEW.supplies, FEW.suns, FEW.batteries)
    assert len(options) == 12
    best = np.inf
    for pair in product(options, options):
        mine = [parts.part(group, one) for group, one in zip(parts.groups, pair, strict=True)]
        hours = together(mine)
        balance = 1.9 * float(-hours.net.sum()) - float(hours.fuel.sum())
        cost = sum(one.yearly + one.bill * 8760 / HOURS for one in mine)
        if balance >= 0.0:
            best = min(best, cost)
    assert answer.cheapest is not None
    assert answer.cheapest.cost == pytest.approx(best, rel=1e-9)
    assert answer.cheapest.balance >= 0.0
    assert answer.runs == 24
    found = as_json(answer, FEW)
    json.dumps(found, allow_nan=False)
    assert found["positive"]
    assert "Positif, pour" in found["why"]["fr"]


def test_the_document_of_an_answer_makes_its_verdict():
    answer = search(make_city(), document(), FEW)
    told = next(one for one in answer.table["verdicts"] if (one["type"], one["boundary"], one["factors"]) ==
                ("dynamic", "geographical", "f_el 1.9"))  # fmt: skip
    assert told["balance"] == pytest.approx(answer.cheapest.balance / 3.6e9, abs=1e-3)
    assert len(answer.scenario.edits) > 1
    assert Scenario.read(answer.scenario.canonical()).digest(make_city())


def test_an_honest_no_says_by_how_much_and_that_it_is_proven():
    winter = document("2019-01-01T00:00:00Z")
    answer = search(make_city(), winter, FEW)
    assert answer.cheapest is None
    assert answer.proven
    assert answer.nearest.balance < 0.0
    assert all(one.balance <= answer.nearest.balance + 1e-6 for one in answer.front)
    words = as_json(answer, FEW)["why"]
    assert words["en"].startswith("None of these measures makes the district positive: the best still lacks ")
    assert words["fr"].startswith("Aucune de ces mesures")


def test_equal_seeds_find_the_same_and_no_choice_of_the_front_beats_another():
    one, other = (search(make_city(), document(), FEW) for _ in range(2))
    assert as_json(one, FEW) == as_json(other, FEW)
    figures = np.array([[each.cost, each.carbon_dioxide, each.peak] for each in one.front])
    for row in figures:
        assert not ((figures <= row).all(axis=1) & (figures < row).any(axis=1)).any()


def test_a_search_can_be_stopped():
    asked = []
    with pytest.raises(Cancelled):
        search(
            make_city(), document(), FEW, cancelled=lambda: len(asked) > 2, on_progress=lambda *one: asked.append(one)
        )


def test_what_cannot_be_searched_is_refused():
    with pytest.raises(ScenarioError, match="needs the kernel energy"):
        search(make_city(), document(kernels=["flood"], options={}), FEW)
    with pytest.raises(ScenarioError, match="needs a weather"):
        search(make_city(), document(forcing={}), FEW)
    with pytest.raises(ScenarioError, match="no sector 'nowhere'"):
        search(make_city(), document(), Question(sectors=("nowhere",)))
    with pytest.raises(ScenarioError, match="there are none, some, roofs, all"):
        Question(suns=("moon",))


def test_a_renovation_makes_nothing_worse():
    now = {"roof_u": 0.2, "wall_u": 2.0, "floor_u": 0.3, "window_u": 1.4, "infiltration": 0.1, "heat_recovery": 0.8}
    assert improved("deep", now) == {"wall_u": 0.24, "floor_u": 0.24}
    assert improved("none", now) == {}
    assert improved("deep", now | {"window_u": 5.0})["window_g"] == 0.67


def test_costs_are_annuities_of_the_table():
    # 2.5 % over 25 years: 0.0543 by the closed form; 0 % is a plain division
    assert annuity(0.025, 25) == pytest.approx(0.05428, abs=1e-5)
    assert annuity(0.0, 20) == 0.05
    table = measures()
    once, yearly = cost_of({"roof_modules": 10.0, "wall": 2.0}, table, 0.0)
    modules, wall = table["roof_modules"], table["wall"]
    assert once == 10 * modules.cost + 2 * wall.cost
    assert yearly == pytest.approx(10 * modules.cost * (1 / 25 + 0.01) + 2 * wall.cost / 40)
    assert all(one.source.startswith("assumed") and one.date for one in table.values())


def test_words_of_packages():
    assert NOTHING.words["fr"] == "rien"
    assert Package("deep", "keep", "roofs", 1.0).words["en"] == (
        "deep renovation, modules on 60% of roofs, batteries of 1 kWh/kWp"
    )


def test_a_front_by_hand():
    rows = np.array([[1.0, 5.0], [2.0, 3.0], [3.0, 4.0], [4.0, 1.0], [1.0, 5.0]])
    assert front_of(rows).tolist() == [0, 1, 3]
    alone = crowding(np.array([[0.0, 4.0], [1.0, 3.0], [4.0, 0.0]]))
    assert alone.tolist() == [np.inf, 2.0, np.inf]  # (4 - 0)/4 + (4 - 0)/4
    assert ranked(rows, np.array([1.0, 0.0, 0.0, 0.0, 0.5])).tolist() == [1, 3, 2, 4, 0]


def test_generations_find_the_front_of_a_known_problem():
    # Schaffer (1985), problem 1, on whole numbers: x^2 against (x - 20)^2, all of 0 ... 20 is the front
    def judge(choice):
        value = float(choice[0])
        return np.array([value**2, (value - 20) ** 2]), 0.0

    found = evolve([101], judge, [np.array([100])], 40, 30, 0)
    keys = list(found)
    front = {keys[row][0] for row in front_of(np.array([found[key][0] for key in keys]))}
    assert front == set(range(21))
