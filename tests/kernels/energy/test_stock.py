"""A stock over years: closed forms without and with all money, no euro lost, and what each strategy is for."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.stock import CLASSES, STRATEGIES, Rules, Stock, compare, plan, yearly_chances


def made(many, seed=0, **given):
    rng = np.random.default_rng(seed)
    columns = {
        "identity": np.arange(many),
        "condition": rng.integers(1, 7, many),
        "life": rng.uniform(15, 60, many),
        "cost": rng.uniform(1e3, 1e5, many),
        "importance": np.ones(many),
        "energy": rng.uniform(0, 1e11, many),
        "energy_renewed": np.zeros(many),
        "carbon": np.full(many, 6e-8),
    }
    columns["energy_renewed"] = columns["energy"] * rng.uniform(0.3, 1.0, many)
    return Stock(**{key: np.broadcast_to(given.get(key, value), (many,)) for key, value in columns.items()})


def test_without_money_the_stock_follows_the_powers_of_its_markov_matrix(measured):
    """Closed form: the shares of the classes after k years are the first row of the matrix to the power of k."""
    many, years = 40_000, 40
    stock = made(many, condition=1, life=40.0)
    found = plan(stock, Rules(upkeep_every=0, neglect=0.0), np.zeros(years), "worst_first", seed=3)
    chances = yearly_chances(np.array([40.0]))[0]
    matrix = np.diag(1 - chances) + np.diag(chances[:-1], 1)
    theirs = np.stack([np.linalg.matrix_power(matrix, k)[0] for k in range(years)])
    measured(case="classes of 40,000 components over 40 years without money", source="powers of the Markov matrix",
             ours=np.abs(found.classes / many - theirs).max(), bar=0.01, unit="1")  # fmt: skip
    assert (found.renewals + found.repairs + found.upkeep == 0).all()


def test_a_component_lives_as_long_as_it_should():
    """Closed form: a mean of L/2 + L/4 + … + L/32 years to class 6, where no stay is below a year."""
    chances = yearly_chances(np.array([64.0, 100.0]))
    np.testing.assert_allclose((1 / chances[:, :-1]).sum(axis=1), np.array([64.0, 100.0]) * (1 - 1 / 32))
    assert (chances[:, -1] == 0).all()


def test_with_all_the_money_everything_due_is_mended_in_the_first_year():
    stock = made(500)
    found = plan(stock, Rules(), np.full(10, np.inf), "worst_first")
    assert (found.classes[:, 3:] == 0).all()
    assert (found.backlog == 0).all()
    assert (found.upkeep_missed == 0).all()
    assert found.renewals[0] == pytest.approx(stock.cost[stock.condition >= 5].sum())
    assert found.repairs[0] == pytest.approx(0.3 * stock.cost[stock.condition == 4].sum())


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("carry", [True, False])
def test_no_euro_is_lost_or_made(strategy, carry, measured):
    stock = made(2000)
    budget = np.linspace(3e6, 1e6, 30)
    found = plan(stock, Rules(carry=carry, price_rise=0.02), budget, strategy)
    spent = found.upkeep + found.repairs + found.renewals
    came = budget + (np.concatenate([[0.0], found.left[:-1]]) if carry else 0.0)
    assert (found.left >= -1e-6).all()
    measured(case=f"money of 30 years, {strategy}, left {'carried' if carry else 'given back'}", source="conservation",
             ours=np.abs(came - spent - found.left).max() / budget.sum(), bar=1e-12, unit="1")  # fmt: skip


def test_each_strategy_is_best_at_what_it_is_for():
    stock = made(3000, seed=2)
    plans = compare(stock, Rules(upkeep_every=0), np.full(15, 4e6))
    assert plans["energy"].energy[-1] == min(one.energy[-1] for one in plans.values())
    assert plans["cost_benefit"].condition[0] == min(one.condition[0] for one in plans.values())
    once = compare(stock, Rules(upkeep_every=0), np.array([4e6]))
    mended = {name: stock.cost[(stock.condition == 6) & (one.last == 1)].sum() for name, one in once.items()}
    assert mended["worst_first"] == max(mended.values())
    worst = plans["worst_first"]
    assert worst.carbon == pytest.approx(worst.energy * 6e-8)


def test_more_money_never_leaves_a_poorer_stock_in_the_first_year_and_not_in_the_long_run():
    stock = made(2000, seed=4)
    ends = [plan(stock, Rules(), np.full(20, money), "worst_first").condition for money in (0, 2e6, 5e6, 12e6)]
    assert (np.diff([one[0] for one in ends]) <= 0).all()
    assert (np.diff([one[-1] for one in ends]) < 0).all()


def test_upkeep_more_often_keeps_the_condition_and_never_is_the_worst():
    stock = made(4000, condition=1, seed=5)
    rules = {every: Rules(upkeep_every=every, repair_from=6, renew_from=6) for every in (1, 5, 0)}
    money = {every: np.full(15, np.inf) for every in rules}
    condition = {every: plan(stock, rules[every], money[every], "worst_first").condition[10] for every in rules}
    assert condition[1] < condition[5] < condition[0]


def test_the_cost_of_upkeep_is_the_same_for_every_frequency():
    stock = made(3000, condition=1, cost=1e4)
    total = [
        plan(stock, Rules(upkeep_every=every), np.full(12, np.inf), "energy").upkeep.sum() for every in (1, 2, 3, 4)
    ]
    np.testing.assert_allclose(total, 12 * 3000 * 1e4 * 0.02)


def test_the_order_of_components_and_a_second_run_change_nothing():
    stock = made(800, seed=7)
    turned = Stock(**{name: values[::-1].copy() for name, values in vars(stock).items()})
    first, second = (plan(one, Rules(), np.full(12, 1e6), "cost_benefit", seed=9) for one in (stock, turned))
    np.testing.assert_array_equal(first.last, second.last[::-1])
    np.testing.assert_array_equal(first.classes, second.classes)
    other = plan(stock, Rules(), np.full(12, 1e6), "cost_benefit", seed=10)
    assert (other.last != first.last).any()


def test_what_is_dear_is_passed_over_for_what_can_be_paid():
    stock = made(3, condition=np.array([6, 5, 5]), cost=np.array([100.0, 60.0, 30.0]))
    found = plan(stock, Rules(upkeep_every=0), np.array([70.0]), "worst_first")
    assert found.last.tolist() == [6, 1, 5]
    assert found.left.tolist() == [10.0]
    assert found.backlog.tolist() == [130.0]
    assert found.poor.tolist() == [pytest.approx(130 / 190)]


def test_present_value_is_that_of_the_text_book():
    stock = made(1, condition=6, cost=1000.0)
    found = plan(stock, Rules(upkeep_every=0), np.array([0.0, 0.0, 1000.0]), "worst_first")
    assert found.present_value(0.05) == pytest.approx(1000 / 1.05**2)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"condition": 7}, f"1 to {CLASSES}"),
        ({"life": 0.0}, "life of a component must be above 0"),
        ({"cost": np.nan}, "cost of a stock is not known for 4 components"),
        ({"energy": -1.0}, "energy of a component must be 0 or more"),
        ({"identity": 1}, "same identity"),
    ],
)
def test_a_stock_that_cannot_be_is_refused_by_name(given, words):
    with pytest.raises(LayerError, match=words):
        made(4, **given)


def test_a_budget_or_strategy_that_cannot_be_is_refused():
    with pytest.raises(LayerError, match="budget"):
        plan(made(3), Rules(), np.array([-1.0]), "energy")
    with pytest.raises(LayerError, match="no strategy 'best'"):
        plan(made(3), Rules(), np.array([1.0]), "best")
    with pytest.raises(LayerError, match="renew_from"):
        Rules(repair_from=5, renew_from=3)
