"""Lighting that follows passages, against closed forms and against passages thrown one by one."""

import numpy as np
import pytest

from twin.place import Place
from twin.sensors.lighting import Lamp, dark_share, follow, lit_for
from twin.sensors.model import SECOND, SensorError

LAMP = Lamp(power=60.0, standby=2.0, rest=0.25, hold=90.0)
DIM = 2.0 + 0.25 * 58.0  # a straight line from standby to full
NIGHT = np.ones(10)


def test_an_empty_street_rests_and_a_full_one_burns():
    empty = follow(np.zeros(10), NIGHT, LAMP)
    np.testing.assert_allclose(empty.power, DIM)
    assert empty.saving == pytest.approx((60.0 - DIM) * 10 * 3600)
    busy = follow(np.full(10, 1e5), NIGHT, LAMP)
    np.testing.assert_allclose(busy.power, 60.0)
    assert busy.saved == pytest.approx(0.0, abs=1e-12)


def test_one_passage_lights_for_its_hold():
    one = follow(np.array([1.0]), np.ones(1), LAMP, lamps=3)
    assert one.energy == pytest.approx(3 * (60.0 * 90.0 + DIM * (3600.0 - 90.0)))


def test_the_saving_of_a_night_by_hand():
    # hours with 0, 2 and 40 passages and a hold of a tenth of the hour: dim for 1, 0.9^2 and 0.9^40 of them
    lamp = Lamp(power=100.0, rest=0.5, hold=360.0)
    night = follow(np.array([0.0, 2.0, 40.0]), np.array([1.0, 1.0, 0.5]), lamp)
    saved = 50.0 * (1.0 + 0.9**2 + 0.5 * 0.9**40)
    assert night.saving == pytest.approx(saved * 3600.0)
    assert night.saved == pytest.approx(saved / 250.0)
    assert night.dark == 2.5 * 3600.0


def test_an_outage_is_no_empty_street():
    told = follow(np.array([0.0, np.nan]), np.array([1.0, 0.75]), LAMP)
    assert told.power[1] == pytest.approx(0.75 * 60.0 + 0.25 * 2.0)
    assert told.unknown == 0.75 * 3600.0
    assert follow(np.full(3, np.nan), np.ones(3), LAMP).saving == 0.0


def test_lamps_rest_deeper_late_at_night():
    told = follow(np.zeros(2), np.ones(2), LAMP, rest=np.array([0.5, 0.0]))
    np.testing.assert_allclose(told.power, [2.0 + 29.0, 2.0])


def test_by_day_only_the_driver_draws_and_nothing_is_saved():
    day = follow(np.array([500.0]), np.zeros(1), LAMP)
    assert day.power[0] == 2.0
    assert np.isnan(follow(np.zeros(1), np.zeros(1), Lamp(power=50.0)).saved)


@pytest.mark.parametrize("number", [3, 30, 120])
def test_hours_thrown_by_chance_agree(number):
    rng = np.random.default_rng(7)
    hour, hold, rounds = 3600 * SECOND, 90 * SECOND, 400
    lit = []
    for _ in range(rounds):
        thrown = rng.integers(0, hour, number)
        # on a circle: what burns over the end of the hour burns at its beginning
        lit.append(lit_for(np.concatenate([thrown - hour, thrown]), 0, hour, hold) / hour)
    mean = follow(np.array([float(number)]), np.ones(1), LAMP).lit[0]
    assert mean == pytest.approx(np.mean(lit), abs=4 * np.std(lit) / np.sqrt(rounds))


def test_holds_that_overlap_are_lit_once():
    seconds = np.array([0, 30, 300, -20, 590, 900], np.int64) * SECOND
    # 0 to 120, joined by the one before; 300 to 390; 590 to the end at 600; the last is after the end
    assert lit_for(seconds, 0, 600 * SECOND, 90 * SECOND) == (120 + 90 + 10) * SECOND
    assert lit_for(np.empty(0, np.int64), 0, SECOND, SECOND) == 0


def test_the_night_of_the_equinox_is_as_spherical_astronomy_says():
    # sin(-3 deg) = cos(latitude) cos(H) where the declination is 0
    latitude = 50.85
    half_day = np.degrees(np.arccos(np.sin(np.radians(-3.0)) / np.cos(np.radians(latitude)))) / 15.0
    noon = int(np.datetime64("2026-03-20T12:00", "ns").astype(np.int64))
    hours = noon + np.arange(24, dtype=np.int64) * 3600 * SECOND
    dark = dark_share(hours, Place(latitude, 4.35, 20.0))
    assert dark.sum() == pytest.approx(24.0 - 2 * half_day, abs=0.05)
    assert dark[0] == 0.0  # noon
    assert dark[12] == 1.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"counts": np.array([-1.0])}, "NaN"),
        ({"dark": np.array([2.0])}, "dark"),
        ({"dark": np.array([np.nan])}, "dark"),
        ({"dark": np.ones(2)}, "same periods"),
        ({"period": 30.0}, "hold"),
        ({"lamps": 0}, "lamp"),
    ],
)
def test_what_cannot_be_is_refused(change, words):
    usual = {"counts": np.ones(1), "dark": np.ones(1), "lamp": LAMP}
    with pytest.raises(SensorError, match=words):
        follow(**usual | change)


@pytest.mark.parametrize("wrong", [{"rest": 20.0}, {"standby": 70.0}, {"hold": 0.0}, {"power": float("nan")}])
def test_a_lamp_that_cannot_be_is_refused(wrong):
    with pytest.raises(SensorError, match="lamp"):
        Lamp(**{"power": 60.0} | wrong)


def test_a_period_is_of_whole_minutes():
    with pytest.raises(SensorError, match="whole minutes"):
        dark_share(np.zeros(1, np.int64), Place(50.85, 4.35, 20.0), period=90.0)
