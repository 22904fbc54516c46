"""An owner's buildings as a stock: sizes by hand, conditions of ages, inspections, plans that obey their budgets."""

import numpy as np
import pandas as pd
import pytest

from kernels.energy.stock import STRATEGIES, Rules, plan, yearly_chances
from twin.building_stock import (
    DEGREE_TIME,
    LIT,
    WINDOW_SHARE,
    components,
    condition_of_age,
    heritage_of,
    read_inspections,
)
from twin.city import CityError
from twin.demo import demo_city
from twin.party_walls import SECTORS, facade_areas

YEAR = 2026


@pytest.fixture(scope="module")
def city():
    """A corner of the demo district: one building of 1960 belongs to the city, the others to nobody that is known."""
    whole = demo_city(size=300.0)
    table = whole.buildings.copy()
    table["year"], table["owner"] = np.nan, ""
    table.loc[table.index[3], ["year", "owner"]] = 1960.0, "Ville de Bruxelles"
    return whole.with_(buildings=table)


def test_every_kind_has_a_source_of_its_life_and_says_where_its_cost_is_assumed():
    assert len({one.key for one in components()}) == len(components()) >= 7
    for one in components():
        assert 5 <= one.life <= 100
        assert one.source_life
        assert "assumed" in one.source_cost
        assert one.cost_date
        assert all(one.label.values())


def test_each_class_takes_half_of_the_life_that_is_left():
    """Closed form, life 64: class c begins at 64 (1 - 2^(1 - c)): 0, 32, 48, 56, 60, 62."""
    begins = np.array([0.0, 32.0, 48.0, 56.0, 60.0, 62.0])
    assert condition_of_age(begins, 64.0).tolist() == [1, 2, 3, 4, 5, 6]
    assert condition_of_age(begins[1:] - 1e-9, 64.0).tolist() == [1, 2, 3, 4, 5]
    assert condition_of_age([63.9, 64.0, 200.0], 64.0).tolist() == [6, 6, 6]
    # the mean stay of the plan's Markov chain in each class is the length of the class on that curve
    np.testing.assert_allclose(1 / yearly_chances(np.array([64.0]))[0, :4], np.diff(begins)[:4])


def test_sizes_and_energy_are_those_of_the_mesh_by_hand(city):
    found = heritage_of(city, ["ville de bruxelles"], year=YEAR)
    row = city.buildings.iloc[3]
    table = found.table.set_index("component")
    facade = facade_areas(city)[list(SECTORS)].sum(axis=1).iloc[3]
    floor = row.geometry.area * row["storeys"]
    assert set(table["building"]) == {row.name}
    assert table["size"]["roof"] == pytest.approx(row["roof_area"])
    assert table["size"]["windows"] == pytest.approx(WINDOW_SHARE * facade)
    assert table["size"]["facade"] == pytest.approx((1 - WINDOW_SHARE) * facade)
    assert table["size"]["electricity"] == pytest.approx(floor)
    kinds = {one.key: one for one in components()}
    for key in table.index:
        assert table["cost"][key] == pytest.approx(table["size"][key] * kinds[key].cost)
    # 1946-1970 of TABULA-BE: roof 1.90, wall 1.70, window 5.0; renewed as Brussels asks: 0.24, 0.24, 1.5 W/m²K
    for key, before, after in (("roof", 1.90, 0.24), ("facade", 1.70, 0.24), ("windows", 5.0, 1.5)):
        assert table["energy"][key] == pytest.approx(before * table["size"][key] * DEGREE_TIME)
        assert table["energy_renewed"][key] == pytest.approx(after * table["size"][key] * DEGREE_TIME)
    # 66 years old: its roof of 50 years is 16 years old, class 1; its facade of 40 years 26, class 2 (20 to 30)
    assert (table["condition"]["roof"], table["condition"]["facade"]) == (1, 2)
    assert set(table["condition_from"]) == {"age"}
    if "lighting" in table.index:
        assert table["energy"]["lighting"] == pytest.approx(LIT * 3.6e6 * floor)


def test_unknown_years_are_spread_over_all_ages_and_counted(city):
    found = heritage_of(city, year=YEAR)
    assert found.told["year of construction not known"] == len(city.buildings) - 1
    drawn = found.table[found.table["condition_from"] == "unknown age"]
    # ages evenly over the life: class 1 takes half of it, class 2 a quarter
    shares = drawn["condition"].value_counts(normalize=True)
    count = len(drawn)
    for which, share in ((1, 0.5), (2, 0.25), (3, 0.125)):
        assert abs(shares[which] - share) < 4 * np.sqrt(share * (1 - share) / count)


def test_a_component_is_the_same_whoever_else_is_in_the_stock(city):
    found = heritage_of(city, year=YEAR).table
    last = city.buildings.index[-1]
    owners = ["mine" if one == last else "" for one in city.buildings.index]
    alone = heritage_of(city.with_(buildings=city.buildings.assign(owner=owners)), ["mine"], year=YEAR).table
    whole = found[found["building"] == last].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, whole)


def test_an_inspection_holds_in_place_of_the_age(city, tmp_path):
    path = tmp_path / "inspections.csv"
    building = city.buildings.index[3]
    path.write_text(
        f"building,component,condition,size,life_years,cost_eur\n{building},roof,5,120,,\n{building},boiler,3,,25,40\n"
        "nowhere,roof,2,,,\n",
        encoding="utf-8",
    )
    found = heritage_of(city, ["Ville de Bruxelles"], year=YEAR, inspections=read_inspections(path))
    table = found.table.set_index("component")
    assert (table["condition"]["roof"], table["size"]["roof"]) == (5, 120.0)
    assert table["cost"]["roof"] == pytest.approx(120.0 * 250.0)
    assert (table["life"]["boiler"], table["cost"]["boiler"]) == (25.0, pytest.approx(40.0 * table["size"]["boiler"]))
    assert table["condition_from"]["roof"] == "inspection"
    assert table["condition_from"]["facade"] == "age"
    assert found.told["inspections"] == 2
    assert found.told["inspections of nothing in this stock"] == 1


def test_without_money_the_mean_condition_follows_the_markov_chain(city, measured):
    """Closed form: each component's class by the powers of its own matrix; the mean over them by cost."""
    found = heritage_of(city, year=YEAR).stock
    years = 30
    rules, seeds = Rules(upkeep_every=0, neglect=0.0), 64  # a few towers cost most: one run is a wide draw
    ours = np.mean([plan(found, rules, np.zeros(years), "worst_first", seed=one).condition for one in range(seeds)], 0)
    chances = yearly_chances(found.life)
    shares = np.zeros((found.identity.size, 6))
    shares[np.arange(found.identity.size), found.condition - 1] = 1.0
    weight, theirs = found.cost / found.cost.sum(), []
    for _ in range(years):
        theirs.append(weight @ (shares @ np.arange(1, 7)))
        leaving = shares * chances
        shares = shares - leaving
        shares[:, 1:] += leaving[:, :-1]
    measured(
        case=f"mean condition of {found.identity.size} components, 30 years without money, mean of 64 runs",
        source="powers of their Markov matrices", ours=np.abs(ours - theirs).max(), bar=0.1, unit="1",
    )  # fmt: skip


def test_with_all_the_money_nothing_is_left_undone(city):
    found = heritage_of(city, year=YEAR).stock
    ours = plan(found, Rules(), np.full(20, np.inf), "worst_first")
    assert (ours.backlog == 0.0).all()
    assert (ours.poor == 0.0).all()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_more_money_is_never_a_worse_stock_and_the_same_question_has_the_same_answer(city, strategy):
    found = heritage_of(city, year=YEAR).stock
    need = found.cost.sum() / 40.0
    plans = [plan(found, Rules(), np.full(30, share * need), strategy) for share in (0.0, 0.5, 1.0, 2.0, np.inf)]
    assert (np.diff([one.backlog.sum() for one in plans]) <= 0.0).all()
    # money for everything repairs at class 4 what less money lets grow to class 5 and then makes new
    assert (np.diff([one.condition.mean() for one in plans[:4]]) <= 0.0).all()
    again = plan(found, Rules(), np.full(30, need), strategy)
    assert all(np.array_equal(getattr(again, name), value) for name, value in vars(plans[2]).items())


def test_an_owner_who_owns_nothing_is_told_who_does(city):
    with pytest.raises(CityError, match="belongs to STIB: its owners are Ville de Bruxelles"):
        heritage_of(city, ["STIB"], year=YEAR)
    nobody = city.with_(buildings=city.buildings.assign(owner=""))
    with pytest.raises(CityError, match=r"no owner of its buildings is known; give owners by .* or '\*' for all"):
        heritage_of(nobody, ["STIB"], year=YEAR)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("building,component\na,roof\n", "lacks the column 'condition'"),
        ("building,component,condition\na,thatch,3\n", "component in row 1 is 'thatch', expected one of roof"),
        ("building,component,condition\na,roof,7\n", "condition in row 1 is '7', expected a class of 1 to 6"),
        ("building,component,condition\na,roof,2.5\n", "condition in row 1 is '2.5'"),
        ("building,component,condition\na,roof,\n", "condition in row 1 is ''"),
        ("building,component,condition,size\na,roof,2,-3\n", "size in row 1 is '-3'"),
        ("building,component,condition\na,roof,2\na,roof,3\n", "roof of a stands there twice"),
    ],
)
def test_inspections_that_cannot_be_read_are_refused(tmp_path, text, said):
    path = tmp_path / "inspections.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CityError, match=said):
        read_inspections(path)
