"""A against B."""

import numpy as np
import pytest

from scenarios.compare import compare, difference
from scenarios.engine import simulate
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.store import Store


@pytest.fixture
def run(city, bucket, tmp_path, document_of):
    def go(**changes):
        return simulate(city, Scenario.read(document_of(**changes)), store=Store(tmp_path), table=[bucket])

    return go


def test_less_water_is_better_and_no_change_is_the_same(run):
    wet, dry = run(options={"bucket": {"catch": 1000}}), run(options={"bucket": {"catch": 200}})
    rows = {row.key: row for row in compare(wet, dry)}
    # 0.2 mm of rain a thousandfold is 0.2 m, two-hundredfold 0.04 m
    depth = rows["max_depth"]
    assert (depth.a, depth.b, depth.verdict) == (0.2, 0.04, "better")
    assert depth.change == pytest.approx(-0.16)
    assert depth.relative == pytest.approx(-0.8)
    assert {row.verdict for row in compare(wet, wet)} == {"same"}
    assert {row.key: row for row in compare(dry, wet)}["max_depth"].verdict == "worse"


def test_nothing_to_begin_with_has_no_relative_change(run):
    rows = {row.key: row for row in compare(run(), run(options={"bucket": {"catch": 1000}}))}
    assert rows["flooded_area"].a == 0
    assert rows["flooded_area"].relative is None
    assert rows["flooded_area"].verdict == "worse"


def test_the_difference_map_has_a_dead_band(run):
    a, b, c = (run(options={"bucket": {"catch": catch}}) for catch in (1000, 1020, 200))
    assert np.nanmax(np.abs(difference(a, b, "max_water_depth"))) == 0  # 4 mm
    np.testing.assert_allclose(np.nanmin(difference(a, c, "max_water_depth")), -0.16, atol=1e-3)
    assert np.isnan(difference(a, c, "max_water_depth")).sum() == 50


def test_maps_of_different_grids_are_not_compared(run):
    with pytest.raises(ScenarioError, match="different grids"):
        difference(run(), run(cell_size_m=4), "max_water_depth")
