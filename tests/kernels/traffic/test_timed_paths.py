"""Quickest ways through travel times that change, beside a search by rounds written for this test."""

import numpy as np
import pytest
from small_streets import streets

from kernels.traffic.link_times import Meter
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import Closures, Trips
from kernels.traffic.queues_rules import StreetChanges
from kernels.traffic.timed_paths import quickest_ways, value_at, way_times
from kernels.traffic.turn_table import take_apart

NONE = np.zeros(0, np.int64)


def earliest(net, times, middles, shut, origin, set_out):
    """Earliest arrival at every node, by trying all links until nothing changes; times between middles by NumPy."""
    reached = np.full(net.nodes, np.inf)
    reached[origin] = set_out
    for _ in range(net.nodes):
        for link in range(net.links):
            now = reached[net.tail[link]]
            if np.isfinite(now) and not ((shut.link == link) & (shut.begin <= now) & (now < shut.until)).any():
                found = now + np.interp(now, middles, times[link].astype(float))
                reached[net.head[link]] = min(reached[net.head[link]], found)
    return reached


@pytest.mark.parametrize("seed", range(5))
def test_the_quickest_way_is_the_one_found_by_trying_all(seed):
    random = np.random.default_rng(seed)
    nodes, links, steps = 12, 40, 10
    tail = random.integers(0, nodes, links)
    head = (tail + random.integers(1, nodes, links)) % nodes
    net = streets([*tail, 0], [*head, nodes - 1])
    times = random.uniform(20, 400, (net.links, steps))
    for step in range(1, steps):  # nobody gains by entering later
        times[:, step] = np.maximum(times[:, step], times[:, step - 1] - 100.0)
    times = times.astype(np.float32)
    # closed from a moment on for good: waiting never helps, so the earliest arrival is the quickest way
    shut = Closures(random.choice(links, 6, replace=False), np.ones(6, int), random.uniform(0, 900, 6), np.full(6, 1e9))
    shut = shut.checked(net.links)
    apart = take_apart(net.tail, net.head, net.nodes, NONE, NONE, NONE)
    arrays = net.arrays(shut, np.zeros(1, int), apart.head)
    count = np.bincount(net.tail, minlength=net.nodes)
    graph = (np.concatenate(([0], np.cumsum(count))), np.argsort(net.tail, kind="stable"), net.head.astype(np.int32),
             NONE, np.zeros(net.nodes, bool))  # fmt: skip
    door = np.zeros((net.links, steps), np.float32)
    source, set_out = np.arange(nodes), random.uniform(0, 700, nodes)
    rows, target = np.arange(nodes + 1) * nodes, np.tile(np.arange(nodes, dtype=np.int32), nodes)
    shortest, zero = np.empty(nodes * nodes), np.zeros(nodes, int)
    legs, link = quickest_ways(0, nodes, source, set_out, zero, zero, rows, target, np.full(nodes * nodes, np.inf),
                               graph, net.tail.astype(np.int32), arrays, times[None], door, 0.0, 100.0,
                               shortest)  # fmt: skip
    middles = 100.0 * np.arange(steps) + 50.0
    expected = np.concatenate([earliest(net, times, middles, shut, one, set_out[one]) - set_out[one] for one in source])
    np.testing.assert_allclose(shortest, expected, rtol=1e-12)
    # and the ways written out take just that
    some = np.flatnonzero(legs)
    begin = np.concatenate(([0], np.cumsum(legs[some])))
    out, many = np.empty(some.size), np.zeros(some.size, int)
    way_times(0, some.size, begin, link, np.arange(some.size), many, many, set_out[some // nodes], arrays, times[None],
              door, 0.0, 100.0, out)  # fmt: skip
    np.testing.assert_allclose(out, expected[some], rtol=1e-12)
    assert np.isinf(expected).any() or seed > 0


def test_values_lie_straight_between_the_middles():
    values, at = np.array([10.0, 30.0, 0.0]), np.array([-5.0, 0.0, 50.0, 75.0, 100.0, 150.0, 200.0, 249.0, 250.0, 9e9])
    ours = [value_at(values, 0.0, 100.0, time) for time in at]
    np.testing.assert_allclose(ours, np.interp(at, [50.0, 150.0, 250.0], values))


def test_a_meter_tells_time_by_the_hour_of_entry_and_the_wait_at_the_door():
    # 2/s onto a street that takes 0.8/s and lets 0.4/s go: those who enter between 600 and 660 s are followed by eye
    net = streets([0], [1], exit_capacity=[0.4])
    demand = Trips(np.zeros(800, int), np.ones(800, int), np.arange(800) * 0.5)
    meter = Meter(net, StreetChanges(), np.zeros(800, int), demand.departure, 0.0, 60.0)
    queues = Queues(net, demand, traced=np.ones(800, bool))
    queues.run(10_000)
    legs = queues.legs()
    for part in np.array_split(legs, 7):
        meter.take(part)
    times = meter.times(np.zeros(1, int))
    inside = (legs["begin"] >= 600) & (legs["begin"] < 660)
    assert times.time[0, 0, 10] == pytest.approx((legs["until"] - legs["begin"])[inside].mean(), rel=1e-5)
    out = (demand.departure >= 120) & (demand.departure < 180)
    entered = legs["begin"][np.argsort(legs["vehicle"])]
    assert times.door[0, 2] == pytest.approx((entered - demand.departure)[out].mean(), rel=1e-5)
    # after the last has set out the wait at the door falls with time, no faster
    assert (np.diff(times.door[0]) > -60.001).all()
    assert (np.diff(times.time[0, 0]) > -60.001).all()


def test_an_empty_street_takes_the_time_of_the_hour_for_each_mode():
    net = streets([0, 1], [1, 2])
    slow = StreetChanges(np.array([0]), np.array([60.0]), np.array([120.0]), np.array([10.0]), np.ones(1))
    times = Meter(net, slow.checked(2), np.zeros(2, int), np.array([0.0, 200.0]), 0.0, 60.0).times(np.array([0, 4]))
    np.testing.assert_allclose(times.time[0, 0], [50, 100, 50, 50])
    np.testing.assert_allclose(times.time[1, 0], 1000 / 4.5, rtol=1e-6)  # a bicycle is slower than both
    np.testing.assert_allclose(times.time[0, 1], 50)
