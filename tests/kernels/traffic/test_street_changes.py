"""Streets that change with the hour: speed 30 at school, a lane given away, a kerb blocked, beside theory by hand."""

import numpy as np
import pytest
from small_streets import LENGTH, SPEED, THEORY, check_census, errands, grid, stream, streets, trips

from kernels.contract import LayerError
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import Closures, Trips
from kernels.traffic.queues_rules import StreetChanges


def changes(*rows):
    """Rows of link, begin, until, speed, part of the capacity."""
    return StreetChanges(*(np.array(column) for column in zip(*rows, strict=True)))


def test_a_bottleneck_that_halves_delays_by_the_area_between_the_curves(measured):
    # 0.3/s against 0.4/s, which is 0.2/s from 500 s on for 400 s: the queue grows by 0.1/s to 40 vehicles, and goes at
    # the same rate in another 400 s: 40 x 800 / 2 = 16,000 veh s
    demand = trips(stream(0.3, 2500, 0, 1))
    queues = Queues(streets([0], [1], exit_capacity=[0.4]), demand, changes=changes((0, 500.0, 900.0, np.nan, 0.5)))
    queues.advance(900.0)
    standing = queues.on_links()[0] - 0.3 * 50
    queues.run(5000.0)
    delay = (queues.trip_time() - 50).sum()
    measured(case="0.4/s that is 0.2/s for 400 s, 0.3/s in: delay, relative error", source=THEORY,
             ours=abs(delay / 16_000 - 1), bar=0.01, unit="1")  # fmt: skip
    measured(case="longest queue off 40 vehicles by", source=THEORY, ours=abs(standing - 40), bar=1, unit="veh")
    # the last to be delayed comes to the end at 1300 s; after it all is free again
    late = demand.departure + 50 > 1300 + 2.5
    np.testing.assert_allclose(queues.trip_time()[late], 50, atol=1e-6)


def test_a_queue_leaves_when_the_sum_of_the_changing_rates_says():
    # a standing queue: vehicle n goes when the integral of the rate since vehicle n - 1 is 1, whatever the rate does
    # in between; the second row nearly shuts the street and must not cast its shadow beyond its end
    rows = ((0, 200.0, 333.3, np.nan, 0.4), (0, 400.0, 500.0, np.nan, 0.001), (0, 450.0, 620.0, np.nan, 0.5))
    edges = np.array([0.0, 200.0, 333.3, 400.0, 450.0, 500.0, 620.0, 5000.0])
    part = np.array([1.0, 0.4, 1.0, 0.001, 0.0005, 0.5, 1.0])
    served = np.concatenate(([0.0], np.cumsum(np.diff(edges) * part * 0.4)))
    queues = Queues(streets([0], [1], exit_capacity=[0.4]), trips(stream(0.8, 200, 0, 1)), changes=changes(*rows))
    queues.run(5000.0)
    left = queues.left_at()
    np.testing.assert_allclose(np.diff(np.interp(left, edges, served)), 1.0, atol=1e-6)
    assert left[-1] > 650, "all rows lie within the queue"


def test_a_street_that_loses_half_its_capacity_fills_the_one_before_it(measured):
    # link 1 carries 0.4/s from 100 s on: link 0 holds 120 vehicles behind the shock, as behind a bottleneck of 0.4/s
    queues = Queues(streets([0, 1], [1, 2]), trips(stream(0.6, 3000, 0, 2)),
                    changes=changes((1, 100.0, 1e6, np.nan, 0.5)))  # fmt: skip
    queues.advance(1500.0)
    queues.read()
    queues.advance(2500.0)
    measured(case="behind a street at half capacity: vehicles off 120 by", source=THEORY,
             ours=abs(queues.on_links()[0] - 120), bar=0, unit="veh")  # fmt: skip
    np.testing.assert_allclose(queues.read().entries[:, 0] / 1000, [0.4, 0.4], atol=0.001)


def test_speed_30_holds_for_those_who_enter_in_its_hours():
    slow = 30 / 3.6
    demand = trips(stream(0.1, 3000, 0, 1))
    queues = Queues(streets([0], [1]), demand, changes=changes((0, 1000.0, 2000.0, slow, 1.0)))
    queues.run(5000.0)
    begin, time = demand.departure, queues.trip_time()
    np.testing.assert_allclose(time[begin < 1000.0], LENGTH / SPEED, atol=1e-6)
    np.testing.assert_allclose(time[(begin >= 1000.0) & (begin < 2000.0)], LENGTH / slow, atol=1e-6)
    # those after it catch up with the last slow one, who is at the end at 1990 + 120 s, and follow it
    caught = (begin >= 2000.0) & (begin + 50 < 2110)
    np.testing.assert_allclose(queues.left_at()[caught], 2110 + 1.25 * (1 + np.arange(caught.sum())), atol=1e-6)
    np.testing.assert_allclose(time[begin >= 2200.0], LENGTH / SPEED, atol=1e-6)


def test_of_speeds_that_overlap_the_lowest_holds_and_parts_multiply():
    rows = changes((0, 0.0, 100.0, 10.0, 0.5), (0, 50.0, 200.0, 5.0, 0.4), (1, 50.0, 60.0, np.nan, 0.9))
    speed, part = rows.at(70.0, np.array([20.0, 15.0]))
    np.testing.assert_array_equal(speed, [5.0, 15.0])
    np.testing.assert_allclose(part, [0.2, 1.0])
    speed, part = rows.at(200.0, np.array([20.0, 15.0]))
    np.testing.assert_array_equal([*speed, *part], [20.0, 15.0, 1.0, 1.0])


def test_a_static_hour_takes_the_mean_time_and_the_mean_capacity():
    rows = changes((0, 0.0, 900.0, 5.0, 0.5), (0, 450.0, 900.0, np.nan, 0.5))
    speed, part = rows.mean(0.0, 3600.0, np.array([20.0, 15.0]))
    np.testing.assert_allclose(1 / speed, [0.25 / 5 + 0.75 / 20, 1 / 15])
    np.testing.assert_allclose(part, [0.125 * 0.5 + 0.125 * 0.25 + 0.75, 1.0])


def test_drivers_learn_of_a_slow_street():
    # two equal ways; one is slowed to a walk: those who set out after the next look take the other
    net = streets([0, 1, 0, 2], [1, 3, 2, 3])
    queues = Queues(net, trips(stream(0.2, 3000, 0, 3)), changes=changes((0, 900.0, 1e6, 2.0, 1.0)), refresh=120.0)
    queues.advance(1500.0)
    queues.read()
    queues.advance(3000.0)
    np.testing.assert_allclose(queues.read().entries[[0, 2], 0], [0, 300], atol=1)


def test_in_a_city_that_changes_all_the_time_nobody_is_lost():
    random = np.random.default_rng(3)
    begin = random.uniform(0, 2000, 200)
    rows = StreetChanges(random.integers(0, 80, 200), begin, begin + random.uniform(5, 600, 200),
                         np.where(random.random(200) < 0.5, np.nan, random.uniform(2, 25, 200)),
                         random.uniform(0.05, 1.5, 200))  # fmt: skip
    net = grid(5, length=150.0, cycle=np.full(80, 60.0), offset=np.full(80, 5.0), green=np.full(80, 30.0))
    queues = Queues(net, errands(5, 6000, modes=(0, 2, 4)), changes=rows, refresh=120.0)
    storage = np.ceil(0.2 * 150.0 / 0.2)  # bikes are the smallest
    while queues.now < 3000:
        queues.advance(queues.now + 7.3)
        check_census(queues)
        assert queues.on_links().max() <= storage
    queues.run(200_000)
    assert queues.census().left == 6000


def test_a_slowed_end_behind_a_signal_still_lets_one_go_now_and_then():
    # 10 s of green at 0.8/s, of which 0.01 is left: a headway of 125 s, longer than the green
    net = streets([0], [1], cycle=[60.0], offset=[0.0], green=[10.0])
    queues = Queues(net, trips(stream(0.1, 100, 0, 1)), changes=changes((0, 0.0, 1e6, np.nan, 0.01)))
    queues.run(10_000.0)
    assert queues.census().left == 10
    np.testing.assert_array_less(125.0 - 1e-6, np.diff(queues.left_at()))


def test_a_change_of_nothing_changes_nothing_at_all():
    net, demand = grid(4, length=150.0), errands(4, 3000)
    plain = Queues(net, demand)
    other = Queues(net, demand, changes=changes((3, 100.0, 700.0, np.nan, 1.0), (9, 50.0, 90.0, SPEED, 1.0)))
    for queues in (plain, other):
        queues.advance(2000.0)
    assert plain.left_at().tobytes() == other.left_at().tobytes()


def test_a_static_hour_knows_for_which_part_a_street_is_shut():
    rows = Closures(np.array([1, 1, 1, 0]), np.array([1, 1, 2, 1]), np.array([0.0, 900.0, 0.0, 3000.0]),
                    np.array([1800.0, 2700.0, 3600.0, 9000.0]))  # fmt: skip
    np.testing.assert_allclose(rows.barred_share(3, 0, 0.0, 3600.0), [600 / 3600, 0.75, 0.0])
    np.testing.assert_allclose(rows.barred_share(3, 1, 0.0, 3600.0), [0.0, 1.0, 0.0])
    np.testing.assert_allclose(rows.barred_share(3, 0, 3600.0, 7200.0), [1.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("row", "words"),
    [((7, 0.0, 1.0, 1.0, 1.0), r"name links \[7\]"), ((0, 5.0, 5.0, 1.0, 1.0), "until later"),
     ((0, 0.0, 1.0, 0.0, 1.0), "a speed above 0"), ((0, 0.0, 1.0, np.nan, 0.0), "a closure shuts a street")],
)  # fmt: skip
def test_changes_that_cannot_be_are_refused_by_name(row, words):
    with pytest.raises(LayerError, match=words):
        Queues(streets([0], [1]), Trips(np.zeros(1, int), np.ones(1, int), np.zeros(1)), changes=changes(row))
