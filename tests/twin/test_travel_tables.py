"""What is assumed of travel adds up, names its source, and speaks the words of the other tables."""

import csv
from pathlib import Path

import numpy as np
import pytest

from twin.amenities import categories
from twin.street_classes import street_classes
from twin.travel_tables import DAYS, attractions, gate_volumes, profile, purposes, rates, targets, travel_modes

ASSETS = Path(__file__).parents[2] / "assets"
TABLES = ("travel_attractions", "travel_modes", "travel_profiles", "travel_purposes", "travel_rates",
          "travel_targets", "gate_volumes")  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_every_row_says_where_it_comes_from(name):
    with (ASSETS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert all(row["source"].strip() for row in rows)


def test_shares_of_modes_are_those_of_the_survey_and_make_up_all_trips():
    """Expected: Bruxelles Mobilité, OVG 6 (2021-2022): 36, 27, 22 and 9 %."""
    shares = {key: one.share for key, one in travel_modes().items()}
    assert [shares[key] for key in ("foot", "car", "transit", "bike")] == [0.36, 0.27, 0.22, 0.09]
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("day", DAYS)
def test_purposes_make_up_all_trips_of_a_day_and_hours_make_up_the_day(day):
    assert sum(one.share[day] for one in purposes().values()) == pytest.approx(1.0, abs=1e-12)
    ways = [(key, way) for key in purposes() for way in ("out", "back")]
    for key, way in [*ways, ("through", "both"), ("van", "both"), ("truck", "both")]:
        hours = profile(day, key, way)
        assert hours.shape == (24,)
        assert hours.sum() == pytest.approx(1.0, abs=1e-12)
        assert (hours >= 0).all()


def test_over_the_week_work_is_as_often_as_in_the_survey():
    """Expected: OVG 6, 10.5 of the 61.2 % of trips that do not lead home, 0.17; and 24.8 % of these for shopping."""
    week = [5 / 7, 1 / 7, 1 / 7]
    part = np.array([rates()[f"{day}_factor"] for day in DAYS]) * week
    assert part.sum() == pytest.approx(1.0, abs=0.01)
    assert np.dot(part, list(purposes()["work"].share.values())) == pytest.approx(0.105 / 0.612, abs=0.01)
    assert np.dot(part, list(purposes()["shopping"].share.values())) == pytest.approx(0.248, abs=0.01)


def test_all_residents_of_the_region_make_the_trips_that_the_survey_counted(measured):
    """Expected: OVG 6, 3.3 million trips a day of all residents; 1,222,637 of them on 1 January 2022 (Statbel)."""
    trips = 1_222_637 * rates()["persons_who_travel"] * rates()["trips_per_person"]
    measured(case="Trips a day of the residents of the Region", source="Bruxelles Mobilité, OVG 6: 3.3 million",
             ours=abs(trips / 3.3e6 - 1), bar=0.02, unit="1")  # fmt: skip


def test_people_leave_for_work_in_the_morning_and_come_back_in_the_evening():
    """Expected: the two peaks of MONITOR 2019, 7-9 h and 15-18 h."""
    assert profile("weekday", "work", "out")[7:9].sum() > 0.4 > profile("weekday", "work", "out")[16:].sum()
    assert profile("weekday", "work", "back")[16:19].sum() > 0.4 > profile("weekday", "work", "back")[:12].sum()


def test_tables_speak_the_words_of_classes_of_streets_and_of_places():
    assert set(gate_volumes()) == set(street_classes())
    assert {key for kind, key in attractions() if kind == "category"} <= set(categories())
    assert {key for kind, key in attractions() if kind == "use"} >= {"office", "retail", "residential", "other"}


def test_plans_want_a_quarter_fewer_cars():
    """Expected: the City's plan and Good Move, -25 % and -24 % car, +11 % transit."""
    assert {key: one.factor for key, one in targets().items()} == {
        "city_car": 0.75, "city_transit": 1.11, "good_move_car": 0.76
    }  # fmt: skip
    assert all(set(one.words) == {"fr", "nl", "en"} for one in targets().values())


def test_a_profile_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="no profile of work both on a weekday"):
        profile("weekday", "work", "both")
