"""Access as a scenario: from a document to a result that agrees with the ten-minute city, and what edits change."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from block_toy import SOUTH, WEST, at, block_city

from kernels.quantities.access import CATEGORIES, access_time
from scenarios.engine import simulate
from scenarios.scenario import Scenario
from scenarios.ten_minutes import homes_along, ten_minutes
from twin.amenities import places_of
from twin.city import City, CityError, Terrain
from twin.store import Store
from twin.street_graph import graph_of
from twin.street_reach import StreetTimes

SCHOOL = {"edit": "open_place", "id": "new", "category": "youth", "point": at(0, 300)}


def flat_city() -> City:
    """The four blocks on flat ground."""
    return block_city().with_(terrain=Terrain(np.full((60, 60), 20.0, np.float32), WEST - 150, SOUTH - 150, 10.0))


@pytest.fixture
def run(tmp_path):
    def go(*edits, hours=2):
        document = {
            "scenario": 1, "name": {"en": "Access"}, "kernels": ["access"], "cell_size_m": 20, "edits": list(edits),
            "period": {"start": "2026-03-17T06:00:00Z", "duration_s": 3600 * hours, "output_every_s": 3600},
        }  # fmt: skip
        return simulate(flat_city(), Scenario.read(document), store=Store(tmp_path / "store"))

    return go


def test_a_run_gives_what_the_ten_minute_city_gives(run):
    result = run()
    city = flat_city()
    streets = StreetTimes.of(graph_of(city), "walk", city.terrain)
    other = ten_minutes(streets, places_of(city), homes_along(streets, city.sectors))
    for code, key in enumerate(CATEGORIES):
        theirs = np.where(np.isinf(other.seconds[code]), np.nan, other.seconds[code])
        for step in range(2):
            np.testing.assert_allclose(result.frame(access_time(key), step), theirs, atol=1e-3)
    told = result.manifest["closure"]["access"]
    assert (told["kind"], told["error"]) == ("people", 0.0)
    assert told["ledger"]["people_counted"] == pytest.approx(15 * 800, rel=1e-6)
    reached = {key: other.whole[key] for key in ("youth", "food_shops")}
    assert told["ledger"]["people_reached"] == pytest.approx(800 * sum(reached.values()), rel=1e-6)
    figures = {one["key"]: one["value"] for one in result.manifest["indicators"]}
    assert figures["in_time_youth"] == pytest.approx(100 * other.whole["youth"], abs=0.05)
    assert figures["in_time_food_shops"] == pytest.approx(100 * other.whole["food_shops"], abs=0.05)
    assert figures["categories_in_time"] == pytest.approx(other.whole["all"], abs=0.005)
    assert "in_time_health" not in figures  # the city knows no place of health
    both = np.isfinite(other.seconds[[CATEGORIES.index("youth"), CATEGORIES.index("food_shops")]]).all(axis=0)
    assert figures["people_reaching_all"] == pytest.approx(other.homes.table["people"][both].sum(), abs=1)
    assert any("Tobler" in one["en"] for one in result.manifest["assumptions"])


def test_a_new_school_brings_people_nearer_and_a_closed_one_takes_them_away(run):
    now, more, less = run(), run(SCHOOL), run({"edit": "close_place", "id": "school"})
    assert len({one.digest for one in (now, more, less)}) == 3
    before, after = (one.frame(access_time("youth"), 0) for one in (now, more))
    assert (after <= before + 1e-3).all()
    assert (after < before - 1).any()
    assert np.isnan(less.frame(access_time("youth"), 0)).all()
    shops = access_time("food_shops")
    np.testing.assert_array_equal(now.frame(shops, 0), less.frame(shops, 0))


def test_a_street_closed_to_walkers_for_an_hour_is_longer_for_that_hour(run):
    # shut from 8:30 to 9:30 by the clock of Brussels, that is from 7:30 to 8:30 UTC; frames stand at 7, 8 and 9 UTC
    streets = ["r2_0", "r2_2"]
    shut = {"edit": "close_street", "id": "c", "streets": streets, "modes": ["foot"], "hours": ["08:30-09:30"]}
    result = run(shut, hours=3)
    first, second, third = (result.frame(access_time("youth"), step) for step in range(3))
    np.testing.assert_array_equal(first, third)
    # who lives in the middle of a shut street does not get out; who lives half a block below its far end walks 300 m
    # round the next block instead of 200 m, at Tobler's pace
    assert np.isnan(second).sum() == 2
    longer = (second - first)[~np.isnan(second)]
    assert longer.min() == pytest.approx(0.0, abs=1e-3)
    assert longer.max() == pytest.approx(100 / (6 / 3.6 * np.exp(-0.175)), abs=1e-3)


def test_a_city_of_streets_has_no_ground_and_needs_none(tmp_path):
    city = block_city()
    assert city.terrain is None
    assert city.buildings.empty
    document = Scenario.read(
        {"scenario": 1, "name": {"en": "Access"}, "kernels": ["access"], "cell_size_m": 20,
         "period": {"start": "2026-03-17T06:00:00Z", "duration_s": 3600, "output_every_s": 3600}}
    )  # fmt: skip
    result = simulate(city, document, store=Store(tmp_path / "store"))
    assert result.manifest["closure"]["access"]["ledger"]["people_counted"] == pytest.approx(15 * 800, rel=1e-6)
    flood = document.model_copy(update={"kernels": ["flood"]})
    with pytest.raises(CityError, match="neither a terrain nor buildings"):
        simulate(city, flood, store=Store(tmp_path / "store"))
