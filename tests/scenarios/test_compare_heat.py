"""A heat day against another, on a kernel that one can count."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import heat_toy

from scenarios.compare import _row, by_sector, difference
from scenarios.compare_heat import affected, heat_by_sector
from scenarios.engine import simulate
from scenarios.hot_hours import hot_hours, local_time
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.store import Store

GROVE = [
    {"edit": "tree", "id": f"t{column}{row}", "point": [149_015 + 6 * column, 172_024 + 6 * row], "height_m": 12,
     "crown_diameter_m": 8}
    for column in (-1, 0, 1) for row in (0, 1)
]  # fmt: skip


@pytest.fixture
def run(city, tmp_path, document_of):
    def go(**changes):
        document = Scenario.read(heat_toy.noon_document(document_of, **changes))
        return simulate(city, document, store=Store(tmp_path), table=[heat_toy.Noon])

    return go


def test_trees_behind_a_house_are_felt_by_those_who_live_in_it(run, city):
    bare, green = run(), run(edits=GROVE)
    found = affected(bare, green, city)
    # house-a, with 20 residents, has the grove beside it; house-b, 20 m further east, hardly any of it within 25 m
    change = found.homes["change"]
    assert found.homes["residents"].to_dict() == {"house-a": 20.0, "house-b": 10.0}
    assert change["house-a"] < -1.0 < change["house-b"] <= 0.0
    assert (found.people_cooler, found.people_warmer) == (20.0, 0.0)
    # both rings of 25 m leave the city by as much, in the south and to one side
    assert found.mean_change == pytest.approx((20 * change["house-a"] + 10 * change["house-b"]) / 30)
    assert found.person_degree_hours == pytest.approx(-6 * 30 * found.homes["held"].iloc[0] * found.mean_change)
    back = affected(green, bare, city)
    assert (back.people_cooler, back.people_warmer) == (0.0, 20.0)


def test_the_change_around_home_is_ten_degrees_for_each_shaded_cell(run, city):
    bare, green = run(), run(edits=GROVE)
    shaded = np.isclose(difference(bare, green, "utci"), -10)
    rows, columns = np.indices(shaded.shape)
    x, y = 149_001.0 + 2 * columns, 172_001.0 + 2 * rows
    off = np.hypot(np.maximum(np.maximum(149_010 - x, x - 149_020), 0), np.maximum(172_010 - y, y - 172_020).clip(0))
    around = (off <= 25) & np.isfinite(bare.frame("utci"))
    expected = -10 * (shaded & around).sum() / around.sum()
    assert affected(bare, green, city).homes["change"]["house-a"] == pytest.approx(expected, rel=0.02)


def test_nothing_changed_reaches_nobody(run, city):
    found = affected(run(), run(), city)
    assert (found.people_cooler, found.people_warmer, found.mean_change) == (0.0, 0.0, 0.0)


def test_a_sector_with_fewer_hours_of_strong_stress_is_better_off(run, city):
    bare, green = run(), run(edits=GROVE)
    (row,) = heat_by_sector(bare, green, city)
    assert row.verdict == "better"
    for hours, result in zip(row.hours_above_32, (bare, green), strict=True):
        in_the_sun = np.mean(result.frame("max_utci")[np.isfinite(result.frame("max_utci"))] > 310)
        assert hours == pytest.approx(6 * in_the_sun, abs=0.01)  # six hours, in packing steps
    assert (row.people_cooler, row.people_warmer, row.population) == (20.0, 0.0, 30.0)
    assert heat_by_sector(green, bare, city)[0].verdict == "worse"
    assert heat_by_sector(bare, bare, city)[0].verdict == "same"


def test_the_difference_map_is_that_of_what_is_felt(run):
    change = difference(run(), run(edits=GROVE), "max_utci")
    assert set(np.unique(change[np.isfinite(change)])) == {-10.0, 0.0}
    assert np.isnan(change).sum() == 50  # two houses of 25 cells


def test_runs_of_other_hours_are_not_compared(run, city):
    later = {"start": "2019-07-25T11:00:00Z", "duration_s": 21_600, "output_every_s": 3600}
    other = run()
    moved = run(period=later)
    with pytest.raises(ScenarioError, match="different output times"):
        affected(other, moved, city)
    night = run(period=later | {"start": "2019-07-25T20:00:00Z"})
    with pytest.raises(ScenarioError, match="no output time in the hot hours"):
        affected(night, night, city)


def test_degrees_have_no_part_of_themselves():
    words = {"fr": "Rue la plus chaude", "en": "Hottest street"}
    a = {"key": "hottest_street", "units": "degC", "better": "lower", "value": 20.0}
    row = _row(a | {"label": {k: f"{v}: A" for k, v in words.items()}},
               a | {"value": 18.0, "label": {k: f"{v}: B" for k, v in words.items()}})  # fmt: skip
    assert (row.change, row.relative, row.verdict) == (-2.0, None, "better")
    assert row.label["en"] == "Hottest street: A / Hottest street: B"
    still = _row(a | {"label": words}, a | {"value": 20.04, "label": words})
    assert (still.verdict, still.label) == ("same", words)


def test_hot_hours_are_those_of_the_clock_in_brussels():
    midnight = datetime(2019, 7, 24, 22, tzinfo=UTC)
    assert local_time(midnight, 0).hour == 0
    hours = hot_hours(midnight, [3600.0 * hour for hour in range(1, 49)])
    # the entry at 13 h stands for 12 to 13 h; two days
    assert np.flatnonzero(hours).tolist() == [*range(12, 18), *range(36, 42)]
    assert set(hours[hours > 0]) == {1.0}
    late = hot_hours(datetime(2019, 7, 25, 15, 30), [3600.0, 7200.0])  # UTC: from 17:30 on
    assert late.tolist() == [0.5, 0.0]


def test_a_heat_day_has_no_flood_to_compare(run, city):
    with pytest.raises(ScenarioError, match="has no max_water_depth; run the kernel flood"):
        by_sector(run(), run(), city)
