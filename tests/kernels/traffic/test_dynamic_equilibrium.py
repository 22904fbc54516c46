"""Drivers who learn from day to day, beside an equilibrium of departure hours worked by hand."""

import numpy as np
import pytest
from small_streets import errands, grid, streets

from kernels.contract import LayerError
from kernels.traffic.dynamic_equilibrium import settle_days
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import Closures, Trips
from kernels.traffic.queues_rules import StreetChanges, TurnBans
from kernels.traffic.ways import Ways

THEORY = "point queues on two ways, equal times (Vickrey 1969, doi:10.2307/1823678), by hand"
STRAIGHT, ROUND = 0, 1


def two_ways(rate=0.6, duration=1600.0, **more):
    """From 0 to 3 straight in 100 s over a bottleneck of 0.4/s, or round in 200 s; all know the straight way."""
    net = streets([0, 1, 0, 2], [1, 3, 2, 3], length=[1000.0, 1000.0, 2000.0, 2000.0],
                  exit_capacity=[0.4, 0.8, 0.8, 0.8])  # fmt: skip
    many = round(rate * duration)
    demand = Trips(np.zeros(many, int), np.full(many, 3), np.arange(many) / rate, None, {},
                   Ways.of([[0, 1], [2, 3]]), np.zeros(many, int))  # fmt: skip
    return net, demand


def goes_round(trips):
    return trips.ways.link[trips.ways.begin[trips.way]] == 2


def test_two_ways_settle_at_equal_times(measured):
    # 0.6/s meet 0.4/s: the queue delays by half a second more each second, so that after 200 s both ways take 200 s;
    # from then on 0.4/s keep straight on and 0.2/s go round: 0.2 x 1400 = 280 of 960.
    # time: 120 trips at 150 s in the mean, then 840 at 200 s: 186,000 veh s
    net, demand = two_ways()
    settled = settle_days(net, demand, rounds=25, interval=120.0)
    measured(case="two ways with a bottleneck: trips that go round, relative error", source=THEORY,
             ours=abs(goes_round(settled.trips).sum() / 280 - 1), bar=0.05, unit="1")  # fmt: skip
    measured(case="time of all trips, relative error", source=THEORY, ours=abs(settled.experienced / 186_000 - 1),
             bar=0.01, unit="1")  # fmt: skip
    measured(case="dynamic relative gap after 25 days", source="definition", ours=settled.gaps[settled.day], bar=0.01,
             unit="1")  # fmt: skip
    assert (demand.departure[goes_round(settled.trips)] > 150).all(), "nobody goes round before the queue has grown"
    queues = Queues(net, settled.trips)
    queues.run(10_000)
    late = queues.trip_time()[demand.departure > 300]
    np.testing.assert_allclose(late, 200, atol=25)


def test_the_gap_falls_and_is_that_of_the_trips_returned():
    net, demand = two_ways()
    told = []
    settled = settle_days(net, demand, rounds=16, interval=120.0, told=lambda *news: told.append(news))
    assert settled.gaps[0] > 0.5
    assert max(settled.gaps[-3:]) < 0.1 * settled.gaps[0]
    assert told == list(enumerate(settled.gaps, start=1))
    assert len(settled.moved) == len(settled.gaps) - 1
    again = settle_days(net, settled.trips, rounds=1, interval=120.0)
    assert again.gaps == (settled.gaps[settled.day],) == (min(settled.gaps),)
    assert again.trips.way.tobytes() == settled.trips.way.tobytes()
    # the gap by its definition: all took the straight way, the first day, while the way round is free
    queues = Queues(net, demand)
    queues.run(10_000)
    taken = queues.trip_time().sum()
    best = np.minimum(queues.trip_time(), 200).sum()
    assert settled.gaps[0] == pytest.approx((taken - best) / taken, abs=0.02)


def test_days_end_when_enough_is_learnt():
    net, demand = two_ways()
    assert len(settle_days(net, demand, rounds=30, interval=120.0, gap=0.3).gaps) < 5
    assert settle_days(net, demand, rounds=0).trips is demand


def test_in_a_city_days_help_and_are_the_same_on_any_number_of_threads():
    ends = np.random.default_rng(7).uniform(0.1, 0.5, 80)
    net, demand = grid(5, length=600.0, exit_capacity=ends), errands(5, 5000, duration=3600.0)
    first = Queues(net, demand, traced=np.ones(5000, bool), refresh=1e9, spread=0.2)
    first.run(50_000)
    legs = first.legs()
    legs = legs[np.lexsort((legs["begin"], legs["vehicle"]))]
    moving, start = np.unique(legs["vehicle"], return_index=True)
    way = np.full(5000, -1)
    way[moving] = np.arange(moving.size)
    trips = Trips(demand.origin, demand.destination, demand.departure, demand.mode, {},
                  Ways(np.append(start, legs.size), legs["link"].copy()), way)  # fmt: skip
    days = [settle_days(net, trips, rounds=8, interval=300.0, threads=threads) for threads in (1, 3)]
    assert days[0].gaps == days[1].gaps
    for name in ("way", "departure"):
        assert getattr(days[0].trips, name).tobytes() == getattr(days[1].trips, name).tobytes()
    assert days[0].trips.ways.link.tobytes() == days[1].trips.ways.link.tobytes()
    assert days[0].gaps[-1] < 0.2 * days[0].gaps[0]
    days[0].trips.check(net)


def test_who_knows_a_barred_way_takes_another_the_next_day():
    net, demand = two_ways(rate=0.1, duration=1000.0)
    shut = Closures(np.array([1]), np.array([1]), np.array([500.0]), np.array([5000.0]))
    settled = settle_days(net, demand, shut, rounds=3, interval=100.0)
    came = demand.departure + 50  # at link 1
    assert goes_round(settled.trips)[came > 550].all()
    assert not goes_round(settled.trips)[came < 450].any()


def test_nobody_learns_a_banned_turn():
    # the quick way 0-1-2 has a turn that is banned; of the others one is a queue, so they move to the third
    net = streets([0, 1, 0, 0], [1, 2, 2, 2], length=[200.0, 200.0, 1000.0, 1500.0], exit_capacity=[0.8, 0.8, 0.1, 0.8])
    bans = TurnBans(np.array([0]), np.array([1]), np.ones(1, int))
    demand = Trips(np.zeros(300, int), np.full(300, 2), np.arange(300) * 2.0, None, {}, Ways.of([[2]]),
                   np.zeros(300, int))  # fmt: skip
    settled = settle_days(net, demand, bans=bans, rounds=10, interval=120.0)
    used = settled.trips.ways.link[settled.trips.ways.begin[settled.trips.way]]
    assert set(used.tolist()) == {2, 3}
    free = settle_days(net, demand, rounds=10, interval=120.0)
    assert 0 in free.trips.ways.link


def test_drivers_learn_the_hours_of_a_slow_street():
    net, demand = two_ways(rate=0.1, duration=3000.0)
    slow = StreetChanges(np.array([1]), np.array([1000.0]), np.array([2000.0]), np.array([2.0]), np.ones(1))
    settled = settle_days(net, demand, changes=slow, rounds=12, interval=100.0)
    came = demand.departure + 50
    round_now = goes_round(settled.trips)
    assert round_now[(came > 1100) & (came < 1900)].mean() > 0.9
    assert not round_now[(came < 900)].any()


def test_without_ways_there_is_nothing_to_learn():
    net, _ = two_ways()
    with pytest.raises(LayerError, match="no trip has a way"):
        settle_days(net, Trips(np.zeros(1, int), np.full(1, 3), np.zeros(1)))
    with pytest.raises(LayerError, match="must be above 0 s, got 0"):
        settle_days(net, two_ways()[1], interval=0.0)
