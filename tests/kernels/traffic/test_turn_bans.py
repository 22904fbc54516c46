"""Banned turns: nobody of the mode makes one, and the ways are the shortest of those that remain."""

import heapq

import numpy as np
import pytest
from small_streets import check_census, errands, grid, streets

from kernels.contract import LayerError
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import MODE_NAMES, Closures, Trips, mode_bits
from kernels.traffic.queues_rules import TurnBans
from kernels.traffic.seeding import lawful
from kernels.traffic.ways import Ways

CAR, BUS, BIKE, TRUCK = (MODE_NAMES.index(name) for name in ("car", "bus", "bike", "truck"))


def some_bans(net, many, random, modes=1):
    """So many of the turns there are."""
    turns = np.argwhere(net.head[:, None] == net.tail[None, :])
    return TurnBans(*turns[random.choice(len(turns), many, replace=False)].T, np.broadcast_to(modes, many))


def least_time(net, origin, destination, banned):
    """Dijkstra's search from link to link, written for this test: time of the quickest way without a banned turn."""
    if origin == destination:
        return 0.0
    time = net.length / net.speed
    heap = [(time[link], int(link)) for link in np.flatnonzero(net.tail == origin)]
    heapq.heapify(heap)
    done = set()
    while heap:
        spent, link = heapq.heappop(heap)
        if link in done:
            continue
        done.add(link)
        if net.head[link] == destination:
            return spent
        for onward in np.flatnonzero(net.tail == net.head[link]).tolist():
            if (link, onward) not in banned:
                heapq.heappush(heap, (spent + time[onward], onward))
    return np.nan


def test_lone_vehicles_take_the_shortest_way_that_remains():
    cut_off = longer = 0
    for seed in range(12):
        random = np.random.default_rng(seed)
        nodes, links = 9, 30
        tail = random.integers(0, nodes, links)
        head = (tail + random.integers(1, nodes, links)) % nodes
        net = streets([*tail, 0], [*head, nodes - 1], length=random.uniform(100, 900, links + 1))
        bans = some_bans(net, 20 + 5 * seed, random)
        origin, destination = (one.ravel() for one in np.meshgrid(np.arange(nodes), np.arange(nodes)))
        demand = Trips(origin, destination, np.arange(origin.size) * 600.0)
        queues = Queues(net, demand, bans=bans, spread=0.0, refresh=1e9)
        queues.run(60_000.0)
        banned = set(zip(bans.from_link.tolist(), bans.to_link.tolist(), strict=True))
        pairs = list(zip(origin.tolist(), destination.tolist(), strict=True))
        expected = np.array([least_time(net, *pair, banned) for pair in pairs])
        np.testing.assert_allclose(queues.trip_time(), expected, atol=1e-6)
        np.testing.assert_array_equal(queues.unserved(), np.flatnonzero(np.isnan(expected)))
        cut_off += np.isnan(expected).sum()
        longer += (expected > [least_time(net, *pair, set()) + 1.0 for pair in pairs]).sum()
    assert cut_off > 10, "bans must cut some off and send many round, else this shows nothing"
    assert longer > 100


def test_in_a_crowd_nobody_of_the_mode_makes_a_banned_turn_and_others_do():
    random = np.random.default_rng(5)
    net, demand = grid(5, length=150.0), errands(5, 9000, modes=(CAR, BIKE))
    bans = some_bans(net, 80, random, mode_bits("car+van"))
    closed = Closures(random.choice(80, 12, replace=False), np.full(12, mode_bits("all")), np.full(12, 300.0),
                      np.full(12, 900.0))  # fmt: skip
    queues = Queues(net, demand, closed, bans=bans, refresh=120.0, traced=np.ones(9000, bool))
    while queues.now < 6000:
        queues.advance(queues.now + 61.0)
        check_census(queues)
    legs = queues.legs()
    legs = legs[np.lexsort((legs["begin"], legs["vehicle"]))]
    same = legs["vehicle"][1:] == legs["vehicle"][:-1]
    turn = legs["link"][:-1].astype(int) * 80 + legs["link"][1:]
    banned = np.isin(turn, bans.from_link * 80 + bans.to_link) & same
    mode = demand.mode[legs["vehicle"][1:]]
    assert same.sum() > 20_000
    assert (banned & (mode == CAR)).sum() == 0
    assert (banned & (mode == BIKE)).sum() > 100
    assert queues.census().left + queues.unserved().size == 9000


def test_whoever_steps_aside_remembers_where_it_came_from():
    # 0-1-2 is shut for an hour; 1-3-2 stays open, but not for those who come along 0-1
    net = streets([0, 1, 1, 3], [1, 2, 3, 2])
    bans = TurnBans(np.array([0]), np.array([2]), np.array([1]))
    shut = Closures(np.array([1]), np.array([1]), np.array([10.0]), np.array([3600.0]))
    queues = Queues(net, Trips(np.array([0, 1]), np.full(2, 2), np.array([0.0, 20.0])), shut, bans=bans, refresh=100.0)
    queues.advance(3000.0)
    np.testing.assert_array_equal(queues.unserved(), [0])
    assert queues.left_at()[1] == pytest.approx(20 + 100), "whoever begins at 1 may go by 3"
    queues.run(5000.0)
    assert queues.left_at()[0] == pytest.approx(3600 + 50)


def test_a_ban_for_those_who_do_not_drive_changes_nothing_at_all():
    net, demand = grid(4, length=150.0), errands(4, 3000)
    plain = Queues(net, demand)
    other = Queues(net, demand, bans=some_bans(net, 60, np.random.default_rng(1), mode_bits("foot+bike")))
    for queues in (plain, other):
        queues.advance(2000.0)
    assert plain.left_at().tobytes() == other.left_at().tobytes()
    assert plain.read().travel_time.tobytes() == other.read().travel_time.tobytes()


def test_the_same_seed_gives_the_same_run_on_any_number_of_threads():
    net = grid(6, length=300.0)
    bans = some_bans(net, 100, np.random.default_rng(1))
    runs = [Queues(net, errands(6, 4000), bans=bans, threads=threads, refresh=120.0) for threads in (1, 3)]
    for queues in runs:
        queues.advance(1800.0)
    assert runs[0].left_at().tobytes() == runs[1].left_at().tobytes()


def test_a_fixed_way_over_a_banned_turn_is_refused_by_name():
    net = streets([0, 1], [1, 2])
    line = Trips(np.zeros(1, int), np.full(1, 2), np.zeros(1), np.full(1, BUS), {0: (np.array([0, 1]), np.zeros(2))})
    bans = TurnBans(np.array([0]), np.array([1]), np.array([mode_bits("bus")]))
    with pytest.raises(LayerError, match=r"vehicles \[0\] \(1 in all; the first is a bus\) make a turn that is banned"):
        Queues(net, line, bans=bans)
    Queues(net, line, bans=TurnBans(np.array([0]), np.array([1]), np.array([mode_bits("car")]))).run(500.0)


def test_a_line_that_runs_lifts_the_ban_for_its_mode_alone():
    net = streets([0, 1, 1], [1, 2, 3])
    bans = TurnBans(np.array([0, 0]), np.array([1, 2]), np.full(2, mode_bits("car+bus"))).checked(net.tail, net.head)
    lifted = bans.except_where(Ways.of([[0, 1], [2]]), mode_bits("bus"), net.links)
    np.testing.assert_array_equal(lifted.modes, [mode_bits("car"), mode_bits("car+bus")])


def test_whoever_may_not_turn_on_its_way_finds_another():
    # 0-1-2 with a turn banned to trucks; 0-2 is longer
    net = streets([0, 1, 0], [1, 2, 2], length=[1000.0, 1000.0, 5000.0])
    bans = TurnBans(np.array([0]), np.array([1]), np.array([mode_bits("truck")]))
    demand = Trips(np.zeros(3, int), np.full(3, 2), np.array([0.0, 10.0, 500.0]), np.array([CAR, TRUCK, TRUCK]), {},
                   Ways.of([[0, 1], [2]]), np.array([0, 0, 1]))  # fmt: skip
    trips = lawful(demand, net, bans)
    np.testing.assert_array_equal(trips.way, [0, -1, 1])
    queues = Queues(net, trips, bans=bans)
    queues.run(2000.0)
    np.testing.assert_allclose(queues.driven(), [2000, 5000, 5000])
    assert lawful(demand, net, TurnBans()) is demand


def test_turns_that_are_none_are_refused_by_name():
    with pytest.raises(LayerError, match="banned turn 1, from link 1 to 0, is no turn"):
        Queues(streets([0, 1], [1, 2]), Trips(np.zeros(1, int), np.ones(1, int), np.zeros(1)),
               bans=TurnBans(np.array([0, 1]), np.array([1, 0]), np.ones(2, int)))  # fmt: skip
    with pytest.raises(LayerError, match=r"banned turns name links \[7\]"):
        TurnBans(np.array([7]), np.array([0]), np.ones(1, int)).checked(np.array([0]), np.array([1]))
