"""Key figures of traffic, counted by hand on a main street with a short cut."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import traffic_toy as toy

from scenarios.situation import Situation
from scenarios.traffic_figures import NOW, WHOLE, TrafficFigures
from scenarios.traffic_totals import TrafficTotals

FLOWS = {"ab>": 600.0, "bc>": 400.0, "be>": 200.0, "ef>": 200.0, "fc>": 200.0}
DEMAND = [("a", "c", "car", 500), ("a", "f", "van", 100), ("e", "c", "bike", 60), ("e", "a", "car", 40)]


def figures(layers, run, city=None):
    on = TrafficFigures(Situation(city or toy.make_city()), layers, toy.START)
    moments = [on.now(run.isel(time=number)) for number in range(run.sizes["time"])]
    whole = on.whole(run, run.isel(time=-1))
    return ({one["key"]: one["value"] for one in which} for which in (moments[-1], whole))


def test_a_run_of_two_hours_adds_up_by_hand():
    layers = toy.network(DEMAND)
    run = toy.run(layers, FLOWS, {"ab>": 20.0}, hours=2, share={"be>": 0.9, "ef>": 0.9, "fc>": 0.45},
                  queue={"ab>": 120.0, "be>": 30.0}, trip_time=[60.0, 90.0, 100.0, np.nan],
                  unserved=[0, 0, 0, 40])  # fmt: skip
    now, whole = figures(layers, run)
    # km an hour: 600 * 0.2 + 400 * 0.2 on the main street, 200 * (0.1 + 0.2 + 0.1) in the lane
    assert whole["vehicle_km"] == 2 * (120 + 80 + 80)
    assert whole["vehicle_km_local"] == 2 * 80
    # hours: ab 600 * 20 s, bc 400 * 16, be and fc 200 * 12.5 each, ef 200 * 25
    hours = 2 * (600 * 20 + 400 * 16 + 200 * (12.5 + 25 + 12.5)) / 3600
    assert whole["vehicle_hours"] == pytest.approx(hours, abs=0.05)
    assert whole["delay_hours"] == pytest.approx(2 * 600 * 4 / 3600, abs=0.05)
    assert whole["mean_speed"] == pytest.approx(560 / hours, abs=0.05)
    assert now["mean_speed"] == whole["mean_speed"]
    assert now["queue_km"] == whole["longest_queue_km"] == 0.15
    # through: 0.9 of 60 km and 0.45 of 20 km, in 80
    assert whole["cut_through"] == pytest.approx(100 * (0.9 * 60 + 0.45 * 20) / 80, abs=0.05)
    # cars and vans that arrive: (500 * 60 + 100 * 90) / 600 s
    assert whole["mean_trip_time"] == pytest.approx(65 / 60, abs=0.05)
    assert whole["trips_unserved"] == 40
    # ten bicycles an hour on both directions of 800 m
    assert whole["bicycle_km"] == 2 * 10 * 2 * 0.8
    assert whole["carbon_dioxide"] == pytest.approx(0.2 * 560)
    assert whole["nitrogen_oxides"] == pytest.approx(0.0004 * 560, abs=0.005)
    assert now["carbon_dioxide_rate"] == pytest.approx(0.2 * 280)


def test_a_street_by_a_school_is_one_within_fifty_metres():
    layers = toy.network()
    _, whole = figures(layers, toy.run(layers, FLOWS | {"ef<": 50.0}))
    # the school stands 20 m off ef, of which both directions count, and 54 m off the end of be
    assert whole["school_traffic"] == 250.0
    city = toy.make_city()
    away = city.with_(amenities=city.amenities[city.amenities["category"] != "school"])
    _, elsewhere = figures(layers, toy.run(layers, FLOWS), away)
    assert "school_traffic" not in elsewhere


def test_residents_above_a_level_of_noise():
    layers = toy.network()
    now, whole = figures(layers, toy.run(layers, FLOWS, noise={"ab>": 80.0, "bc>": 80.0, "ef>": 60.0}))
    # on-main hears 80 - 13.6 = 66 dB(A), across with its back 70 m from it 80 + 10 lg(1.58 / (140 pi)) = 55.6, and
    # in-lane only its lane
    assert (whole["noise_people_55"], whole["noise_people_65"], whole["noise_people_70"]) == (40, 20, 0)
    assert now["noise_people_now_65"] == 20


def test_the_noise_of_a_few_hours_is_not_called_lden():
    layers = toy.network()
    on = TrafficFigures(Situation(toy.make_city()), layers, toy.START)
    run = toy.run(layers, FLOWS, noise={"ab>": 80.0})
    label = next(one for one in on.whole(run, run.isel(time=0)) if one["key"] == "noise_people_55")["label"]
    assert label["en"] == "Residents above 55 dB(A), mean of the hours computed"
    day = toy.run(layers, FLOWS, noise={"ab>": 80.0}, hours=24)
    on = TrafficFigures(Situation(toy.make_city()), layers, toy.START)
    for number in range(24):
        on.now(day.isel(time=number))
    label = next(one for one in on.whole(day, day.isel(time=-1)) if one["key"] == "noise_people_55")["label"]
    assert label["nl"] == "Bewoners boven 55 dB(A), Lden"


def test_an_empty_street_has_no_mean_speed_and_says_so():
    layers = toy.network()
    now, whole = figures(layers, toy.run(layers, {}))
    assert (now["mean_speed"], whole["mean_speed"], whole["cut_through"]) == (None, None, None)
    assert whole["vehicle_km"] == whole["delay_hours"] == 0.0


def test_a_frame_shown_again_is_not_counted_again():
    layers = toy.network()
    run = toy.run(layers, FLOWS, hours=2)
    once, again = TrafficTotals.of(run, layers), TrafficTotals.of(run, layers)
    again.add(run.isel(time=0))
    again.add(run.isel(time=1))
    np.testing.assert_array_equal(once.vehicles, again.vehicles)
    assert once.seconds == again.seconds == 7200.0


def test_distance_by_class_adds_up_to_all():
    layers = toy.network()
    totals = TrafficTotals.of(toy.run(layers, FLOWS), layers)
    assert totals.by_class(totals.distance) == {"secondary": pytest.approx(200e3), "residential": pytest.approx(80e3)}


def test_every_figure_has_words_in_three_languages_and_its_own_key():
    for table in (NOW, WHOLE):
        assert len({one.key for one in table}) == len(table)
        for one in table:
            assert set(one.label) == {"fr", "nl", "en"}
            assert all(one.label.values())
