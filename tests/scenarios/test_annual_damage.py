"""Expected annual damage, against integrals in closed form."""

import numpy as np
import pytest

from scenarios.annual_damage import annual_damage_of, expected_annual_damage
from scenarios.engine import simulate
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.store import Store


def test_a_damage_that_is_linear_in_its_probability_is_met_exactly():
    # D = 1000 (1 - 2 p) from p = 1/2 on: the area is 1000 (p - p^2) between the bounds
    periods = np.array([2.0, 5.0, 10.0, 100.0])
    damages = 1000 * (1 - 2 / periods)
    middle = 1000 * ((0.5 - 0.25) - (0.01 - 0.0001))
    whole, rare, frequent = expected_annual_damage(periods, damages)
    assert rare == pytest.approx(0.01 * 980)
    assert frequent == 0
    assert whole == pytest.approx(middle + rare)


def test_many_return_periods_approach_the_integral():
    # D = 1000 ln T = -1000 ln p: the area from p1 to p2 is 1000 [p - p ln p]
    periods = np.geomspace(2, 1000, 2000)
    low, high = 1 / 1000, 1 / 2
    area = 1000 * ((high - high * np.log(high)) - (low - low * np.log(low)))
    whole, rare, _ = expected_annual_damage(periods, 1000 * np.log(periods))
    assert whole - rare == pytest.approx(area, rel=1e-5)


def test_frequent_floods_cost_a_triangle_where_a_harmless_one_is_named():
    # by hand: half of (1/2 - 1/10) x 500; rarer than ten years 1/10 x 500
    whole, rare, frequent = expected_annual_damage(np.array([10.0]), np.array([500.0]), harmless_years=2.0)
    assert frequent == pytest.approx(0.4 * 500 / 2)
    assert rare == pytest.approx(50)
    assert whole == pytest.approx(150)


@pytest.mark.parametrize(
    ("periods", "damages", "harmless", "words"),
    [
        ([], [], None, "give as many"),
        ([10], [1, 2], None, "give as many"),
        ([10, 5], [1, 2], None, "increase"),
        ([0.5], [1], None, "at least one year"),
        ([10], [np.nan], None, "known"),
        ([10], [-1], None, "not negative"),
        ([10], [1], 20.0, "harmless_years"),
    ],
)
def test_figures_that_do_not_fit_are_refused(periods, damages, harmless, words):
    with pytest.raises(ScenarioError, match=words):
        expected_annual_damage(np.array(periods, float), np.array(damages, float), harmless)


@pytest.fixture
def run(city, bucket, tmp_path, document_of):
    def go(**changes):
        return simulate(city, Scenario.read(document_of(**changes)), store=Store(tmp_path), table=[bucket])

    return go


def test_runs_of_several_return_periods_give_a_range(run):
    results = {
        period: run(options={"bucket": {"catch": catch}})
        for period, catch in ((2.0, 1000), (10.0, 3000), (100.0, 5000))
    }
    found = annual_damage_of(results, harmless_years=1.0)
    costs = [next(one["value"] for one in results[period].indicators if one["key"] == "damage") for period in results]
    by_hand = 0.4 * (costs[0] + costs[1]) / 2 + 0.09 * (costs[1] + costs[2]) / 2 + 0.01 * costs[2] + 0.5 * costs[0] / 2
    assert costs[2] > costs[1] > costs[0] > 0
    assert found.central == pytest.approx(by_hand)
    assert 0 < found.low < found.central < found.high
    assert found.rare == pytest.approx(0.01 * costs[2])


def test_runs_of_different_grids_are_not_added_up(run):
    with pytest.raises(ScenarioError, match="another city or grid"):
        annual_damage_of({2.0: run(), 10.0: run(cell_size_m=4)})
    with pytest.raises(ScenarioError, match="no result"):
        annual_damage_of({})
