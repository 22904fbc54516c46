"""Damage to buildings: the published curve, the published values, and the range around them."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.damage import DamageModel, damage_classes


def houses(*uses: str, **columns) -> gpd.GeoDataFrame:
    """Houses of 100 m2 each."""
    shapes = [shapely.box(20 * n, 0, 20 * n + 10, 10) for n in range(len(uses))]
    return gpd.GeoDataFrame({"use": list(uses), **columns}, geometry=shapes, crs="EPSG:31370")


def exact(table: gpd.GeoDataFrame, sill: float = 0.15, **rest) -> DamageModel:
    return DamageModel(table, np.full(len(table), sill), **{"value_spread": 0.0, "depth_spread": 0.0} | rest)


def test_the_residential_curve_is_that_of_the_jrc():
    # Huizinga and others 2017, doi:10.2760/16510, Europe, residential buildings
    depths = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 5, 6])
    shares = [0, 0.25, 0.40, 0.50, 0.60, 0.75, 0.85, 0.95, 1]
    np.testing.assert_array_equal(damage_classes()["residential"].share(depths), shares)
    assert damage_classes()["residential"].share(np.array([20.0])) == 1


@pytest.mark.parametrize("key", ["residential", "commerce", "industry"])
def test_every_curve_rises_from_nothing_to_all(key):
    shares = damage_classes()[key].shares
    assert (shares[0], shares[-1]) == (0, 1)
    assert (np.diff(shares) >= 0).all()


@pytest.mark.parametrize(
    ("key", "cost", "contents"), [("residential", 1484.69, 0.5), ("commerce", 1540.67, 1.0), ("industry", 996.99, 1.5)]
)
def test_the_highest_damage_follows_from_the_construction_cost_of_belgium(key, cost, contents):
    # cost per m2 of the JRC's own data base for Belgium, times 0.6 depreciation and 0.6 damageable, with contents
    assert damage_classes()[key].highest == pytest.approx(cost * 0.36 * (1 + contents), rel=1e-4)


def test_water_counts_above_the_threshold():
    # 65 cm beside a sill of 15 cm are 50 cm inside: a quarter of 100 m2 at the highest damage
    found = exact(houses("residential")).of(np.array([0.65]))
    assert found.inside[0] == pytest.approx(0.5)
    assert found.fraction[0] == pytest.approx(0.25)
    assert found.central[0] == pytest.approx(0.25 * 100 * damage_classes()["residential"].highest)
    raised = DamageModel(houses("residential"), np.array([0.65])).of(np.array([0.65]))
    assert raised.central[0] == 0


def test_the_use_of_a_building_chooses_its_curve():
    found = exact(houses("residential", "office", "industry")).of(np.full(3, 1.15))
    np.testing.assert_allclose(found.fraction, [0.40, 0.30, 0.27])


def test_a_use_that_no_class_names_is_taken_for_a_home_and_says_so():
    model = exact(houses("lighthouse", "office"))
    assert model.assumed_use.tolist() == [True, False]
    assert model.of(np.full(2, 1.15)).fraction[0] == pytest.approx(0.40)


def test_the_range_moves_the_depth_and_the_value():
    # 65 cm beside, 10 cm and 30 % either way: 40 and 60 cm inside are 0.20 and 0.28 on the curve
    model = DamageModel(houses("residential"), np.array([0.15]), value_spread=0.3, depth_spread=0.1)
    found = model.of(np.array([0.65]))
    whole = 100 * damage_classes()["residential"].highest
    assert found.low[0] == pytest.approx(0.20 * 0.7 * whole)
    assert found.high[0] == pytest.approx(0.28 * 1.3 * whole)


@settings(deadline=None)
@given(st.lists(st.floats(0, 8), min_size=3, max_size=3))
def test_low_central_and_high_keep_their_order(depths):
    found = DamageModel(houses("residential", "office", "industry"), np.full(3, 0.15)).of(np.array(depths))
    assert (found.low <= found.central).all()
    assert (found.central <= found.high).all()


def test_a_dry_building_costs_nothing_even_in_the_high_estimate():
    found = DamageModel(houses("residential"), np.array([0.0])).of(np.zeros(1))
    assert (found.low[0], found.central[0], found.high[0], found.cellar[0]) == (0, 0, 0, 0)


def test_a_cellar_is_full_once_water_passes_the_sill_and_is_counted_apart():
    model = exact(houses("residential", "residential", cellar=[True, False]), cellar_share=0.1)
    assert model.of(np.full(2, 0.14)).cellar.tolist() == [0, 0]
    found = model.of(np.full(2, 0.20))
    assert found.cellar[0] == pytest.approx(0.1 * model.highest[0])
    assert found.cellar[1] == 0
    assert found.central[0] == found.central[1]


def test_without_a_word_on_cellars_homes_have_one():
    assert exact(houses("residential", "office")).cellars.tolist() == [True, False]


@pytest.mark.parametrize("wrong", [{"value_spread": 1.0}, {"depth_spread": -0.1}, {"cellar_share": 1.5}])
def test_a_spread_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="value_spread"):
        exact(houses("residential"), **wrong)
