"""Streets closed by hour and mode: who may not enter, who may leave, and who is not touched."""

import itertools

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import MODE_NAMES, Closures, Streets, Trips, mode_bits

HOUR = 3600.0
CAR, TRUCK, BUS, BIKE = (MODE_NAMES.index(name) for name in ("car", "truck", "bus", "bike"))
# a shopping street 0-1-2 with a bollard at its mouth, and a way round 0-3-2
BOLLARD, INNER, ROUND = 0, 1, (2, 3)


def street(**more):
    n = 4
    return Streets(
        np.array([0, 1, 0, 3]), np.array([1, 2, 3, 2]), np.array([200.0, 200.0, 600.0, 600.0]), np.full(n, 10.0),
        np.full(n, 0.5), np.full(n, 0.15), **more,
    )  # fmt: skip


def bollard(modes="car+van+truck", begin=7 * HOUR, until=11 * HOUR):
    return Closures(np.array([BOLLARD]), np.array([mode_bits(modes)]), np.array([begin]), np.array([until]))


def all_day(mode, destination=2, every=60.0, begin=6 * HOUR, until=12 * HOUR):
    departure = np.arange(begin, until, every)
    n = departure.size
    return Trips(np.zeros(n, int), np.full(n, destination), departure, np.full(n, mode))


def together(*demands):
    return Trips(
        *(np.concatenate([np.asarray(getattr(one, name)) for one in demands])
          for name in ("origin", "destination", "departure", "mode"))
    )  # fmt: skip


def entries_by_hour(queues, hours):
    """Entries of each link and mode in each hour. (hour, link, mode)"""
    found = []
    for hour in hours:
        queues.advance(hour * HOUR)
        queues.read()
        queues.advance((hour + 1) * HOUR)
        found.append(queues.read().entries)
    return np.array(found)


def test_a_bollard_lets_no_car_in_while_it_is_up(measured):
    queues = Queues(street(), together(all_day(CAR), all_day(BIKE), all_day(BUS, every=600.0)), bollard(),
                    begin=5 * HOUR)  # fmt: skip
    found = entries_by_hour(queues, range(6, 12))
    measured(case="bollard 07-11 h: cars that entered in the window", source="the closure itself",
             ours=found[1:5, BOLLARD, CAR].sum(), bar=0, unit="veh")  # fmt: skip
    assert (found[[0, 5], BOLLARD, CAR] > 50).all(), "before 7 and after 11 they take the short way"
    assert (found[1:5, ROUND[0], CAR] > 50).all(), "in between they go round"


def test_a_bollard_does_not_touch_other_modes():
    demand = together(all_day(BIKE), all_day(BUS, every=600.0))
    free, closed = Queues(street(), demand), Queues(street(), demand, bollard())
    for queues in (free, closed):
        queues.run(14 * HOUR)
    np.testing.assert_array_equal(free.left_at(), closed.left_at())
    assert closed.read().entries[BOLLARD, [BIKE, BUS]].min() > 0


def test_the_bollard_works_to_the_very_second():
    # links of 20 s; those who set out at 7 h less 1 s are in, those at 7 h go round; at 11 h it opens
    departure = np.array([7 * HOUR - 1, 7 * HOUR, 11 * HOUR - 1, 11 * HOUR])
    n = departure.size
    queues = Queues(street(), Trips(np.zeros(n, int), np.full(n, 2), departure), bollard(), begin=6.9 * HOUR)
    queues.run(13 * HOUR)
    np.testing.assert_allclose(queues.left_at() - departure, [40, 120, 120, 40], atol=1e-6)


def test_who_is_inside_may_leave():
    # the whole street is closed to entry at its mouth; cars stand inside when it closes
    n = 30
    queues = Queues(street(exit_capacity=np.array([0.5, 0.02, 0.5, 0.5])),
                    Trips(np.zeros(n, int), np.full(n, 2), 7 * HOUR - 100.0 + 3 * np.arange(n)), bollard(),
                    begin=6.9 * HOUR, refresh=36_000.0)  # fmt: skip
    queues.advance(7 * HOUR + 1)
    inside = queues.on_links()[:2].sum()
    assert inside == n - 2  # two are through
    queues.advance(9 * HOUR)
    assert queues.census().left == n


def test_whoever_is_on_the_way_when_the_next_link_closes_finds_another():
    # 4-0 leads to the bollard; a car on it at 7 h turns off
    net = Streets(np.array([0, 1, 0, 3, 4]), np.array([1, 2, 3, 2, 0]), np.array([200.0, 200.0, 600.0, 600.0, 1000.0]),
                  np.full(5, 10.0), np.full(5, 0.5), np.full(5, 0.15))  # fmt: skip
    queues = Queues(net, Trips(np.full(1, 4), np.full(1, 2), np.array([7 * HOUR - 50])), bollard(), begin=6 * HOUR)
    queues.run(9 * HOUR)
    assert queues.left_at()[0] == pytest.approx(7 * HOUR - 50 + 100 + 120)


def test_whoever_cannot_go_on_waits_for_the_hour_and_lets_others_pass():
    # without a way round: the truck stands aside at the mouth until 11 h, the bike behind it rides on
    net = Streets(np.array([4, 0, 1]), np.array([0, 1, 2]), np.array([100.0, 200.0, 200.0]), np.full(3, 10.0),
                  np.full(3, 0.5), np.full(3, 0.15))  # fmt: skip
    closed = Closures(np.array([1]), np.array([mode_bits("truck")]), np.array([7 * HOUR]), np.array([11 * HOUR]))
    queues = Queues(net, Trips(np.full(2, 4), np.full(2, 2), 7 * HOUR - np.array([5.0, 1.0]), np.array([TRUCK, BIKE])),
                    closed, begin=6 * HOUR)  # fmt: skip
    queues.advance(8 * HOUR)
    np.testing.assert_array_equal(queues.unserved(), [0])
    assert queues.left_at()[1] < 7 * HOUR + 200
    queues.run(12 * HOUR)
    assert queues.left_at()[0] == pytest.approx(11 * HOUR + 40)
    assert queues.unserved().size == 0


def test_a_bus_line_through_a_closed_street_waits_and_is_counted():
    line = Trips(np.zeros(1, int), np.full(1, 2), np.array([8 * HOUR]), np.full(1, BUS),
                 {0: (np.array([0, 1]), np.zeros(2))})  # fmt: skip
    queues = Queues(street(), line, bollard("all"), begin=6 * HOUR)
    queues.advance(10 * HOUR)
    assert queues.census().aside == 1
    queues.run(12 * HOUR)
    assert queues.left_at()[0] == pytest.approx(11 * HOUR + 40)


def test_permission_bits_hold_at_all_hours():
    # the street is for bikes and on foot only
    net = street(allowed=np.array([mode_bits("bike+foot"), mode_bits("all"), mode_bits("all"), mode_bits("all")]))
    queues = Queues(net, together(all_day(CAR), all_day(BIKE)), begin=5 * HOUR)
    queues.run(14 * HOUR)
    entries = queues.read().entries
    assert entries[BOLLARD, CAR] == 0
    assert entries[BOLLARD, BIKE] == entries[INNER, BIKE] == 360
    assert queues.unserved().size == 0


def test_closures_in_a_crowded_city_are_kept_and_nobody_is_lost():
    size = 6
    at = np.arange(size * size).reshape(size, size)
    pairs = [(at[:, :-1], at[:, 1:]), (at[:, 1:], at[:, :-1]), (at[:-1], at[1:]), (at[1:], at[:-1])]
    tail, head = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    n = tail.size
    net = Streets(tail, head, np.full(n, 150.0), np.full(n, 10.0), np.full(n, 0.5), np.full(n, 0.15))
    random = np.random.default_rng(4)
    origin, destination = random.integers(0, size * size, (2, 6000))
    demand = Trips(origin, destination, random.uniform(0, 1800, 6000), random.choice([CAR, TRUCK, BIKE], 6000))
    links = random.choice(n, 30, replace=False)
    begin = random.uniform(0, 1200, 30)
    closed = Closures(links, np.full(30, mode_bits("car+truck")), begin, begin + 600)
    queues = Queues(net, demand, closed)
    edges = np.unique(np.concatenate([begin, begin + 600]))
    bikes = 0
    for start, end in itertools.pairwise(edges):
        queues.advance(start)
        queues.read()
        queues.advance(end)
        entries = queues.read().entries
        shut = links[(begin <= start) & (begin + 600 >= end)]
        assert entries[shut][:, [CAR, TRUCK]].sum() == 0
        bikes += entries[shut][:, BIKE].sum()
        now = queues.census()
        assert now.set_out == now.waiting + now.inside + now.left
    assert bikes > 100
    queues.run(50_000)
    assert queues.census().left == 6000


def test_rows_that_cannot_be_are_refused_by_name():
    with pytest.raises(LayerError, match=r"links \[9\]"):
        Closures(np.array([9]), np.array([1]), np.zeros(1), np.ones(1)).checked(4)
    with pytest.raises(LayerError, match="lasts from 5 to 5"):
        Closures(np.array([1]), np.array([1]), np.full(1, 5.0), np.full(1, 5.0)).checked(4)
    with pytest.raises(LayerError, match="'tank' is no mode"):
        mode_bits("car+tank")
