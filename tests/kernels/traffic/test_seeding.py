"""Vehicles out of the flows of a static equilibrium: whole numbers that miss no total, and even departures."""

import numpy as np
import pytest
from small_streets import streets

from kernels.contract import LayerError
from kernels.traffic.demand import Demand, VehicleClass
from kernels.traffic.equilibrium import assign
from kernels.traffic.network import Network
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import MODE_NAMES, Trips
from kernels.traffic.seeding import added, joined, seeded_vehicles, with_ways
from kernels.traffic.turns import with_turns

CAR, BUS, TRUCK = (MODE_NAMES.index(name) for name in ("car", "bus", "truck"))
CLASSES = (VehicleClass("car"), VehicleClass("truck", 2.3))
WINDOW = {"begin": 600.0, "until": 4200.0, "mode": (CAR, TRUCK)}


def lattice(size=5):
    """A city of square blocks as streets and as a network of the same links."""
    at = np.arange(size * size).reshape(size, size)
    pairs = [(at[:, :-1], at[:, 1:]), (at[:, 1:], at[:, :-1]), (at[:-1], at[1:]), (at[1:], at[:-1])]
    tail, head = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    network = Network.of(tail, head, free_flow_time=50.0, capacity=400.0, node_id=np.arange(size * size))
    return streets(tail, head), network


def small_flows(seed=1, many=400, size=5, mean=1.0):
    random = np.random.default_rng(seed)
    origin, destination = random.integers(0, size * size, (2, many))
    apart = origin != destination
    kind = (random.random(many) < 0.2).astype(np.int32)
    return Demand(origin[apart], destination[apart], random.exponential(mean, many)[apart], kind[apart], CLASSES)


def vehicles_of_rows(found):
    return found.rows.trips / np.array([1.0, 2.3])[found.rows.kind]


def test_every_run_of_rows_is_within_one_vehicle_of_its_trips(measured):
    net, network = lattice()
    found = assign(network, small_flows())
    trips = vehicles_of_rows(found)
    worst = 0.0
    for seed in range(20):
        seeded = seeded_vehicles(found, net, **WINDOW, seed=seed)
        off = np.cumsum(np.bincount(seeded.row, minlength=trips.size) - trips)
        worst = max(worst, np.abs(off).max())
    measured(case="whole vehicles off the trips of any first rows by", source="systematic sampling, Madow (1949)",
             ours=worst, bar=1.0, unit="veh")  # fmt: skip


def test_whole_totals_are_met_and_small_flows_are_not_rounded_away():
    # 300 rows of a third of a trip: each alone would round to none
    net, network = lattice()
    demand = Demand(np.zeros(24, int), np.arange(1, 25), np.full(24, 1 / 3))
    found = assign(network, demand)
    count = np.zeros(24)
    for seed in range(300):
        seeded = seeded_vehicles(found, net, begin=0.0, until=3600.0, mode=(CAR,), seed=(seed, 7))
        assert seeded.trips.size == 8
        count += np.bincount(seeded.row, minlength=24)
    # a share of 1/3 in 300 draws: 100 with a deviation of 8.2; five of them hold for 24 rows but once in 70,000
    np.testing.assert_allclose(count, 100, atol=41)


def test_flows_of_links_are_those_of_the_equilibrium():
    net, network = lattice()
    found = assign(network, small_flows(mean=40.0))
    trips = seeded_vehicles(found, net, **WINDOW).trips
    pce = np.where(trips.mode == TRUCK, 2.3, 1.0)
    on_way = np.bincount(trips.way, pce, minlength=trips.ways.size)
    flow = np.bincount(trips.ways.link, on_way[trips.ways.way_of_leg()], minlength=net.links)
    np.testing.assert_allclose(flow.sum(), found.flow.sum(), rtol=1e-3)
    np.testing.assert_allclose(flow, found.flow, atol=0.03 * found.flow.max())


def test_vehicles_of_a_row_set_out_evenly_on_all_its_ways():
    net, network = streets([0, 1, 0, 2], [1, 3, 2, 3]), Network.of(
        [0, 1, 0, 2], [1, 3, 2, 3], free_flow_time=50.0, capacity=[100.0, 100.0, 300.0, 300.0]
    )  # fmt: skip
    seeded = seeded_vehicles(assign(network, Demand([0], [3], [400.0]), gap=1e-9), net, begin=0.0, until=3600.0,
                             mode=(CAR,))  # fmt: skip
    departure = np.sort(seeded.trips.departure)
    np.testing.assert_allclose(np.diff(departure), 9.0, atol=1e-9)
    assert 0 <= departure[0] < 9
    # equal times of the same form at flows in proportion to capacity: 100 and 300, so every fourth takes the narrow way
    narrow = np.sort(seeded.trips.departure[seeded.trips.ways.link[seeded.trips.ways.begin[seeded.trips.way]] == 0])
    assert narrow.size == 100
    assert np.diff(narrow).max() <= 45.0


def test_entries_share_the_paths_of_their_row_and_keep_their_windows():
    net, network = lattice()
    found = assign(network, Demand([0, 3], [24, 20], [10.0, 7.0]))
    first = int(np.flatnonzero(found.rows.origin == 0)[0])
    seeded = seeded_vehicles(found, net, begin=np.array([0.0, 500.0, 0.0]), until=np.array([100.0, 600.0, 9.0]),
                             mode=(CAR,), place=[first, first, -1], trips=[6.0, 4.0, 3.0],
                             row=[70, 80, 90])  # fmt: skip
    np.testing.assert_array_equal(np.bincount(seeded.row)[[70, 80]], [6, 4])
    assert seeded.row.max() == 80, "who has no way gives no vehicle"
    late = seeded.row == 80
    assert ((seeded.trips.departure[late] >= 500) & (seeded.trips.departure[late] < 600)).all()
    assert (seeded.trips.departure[~late] < 100).all()
    assert (seeded.trips.origin == 0).all()
    assert (seeded.trips.destination == 24).all()


def test_ways_of_a_network_with_turns_are_those_of_its_streets():
    net, network = streets([0, 1, 1, 3], [1, 2, 3, 2]), Network.of(
        [0, 1, 1, 3], [1, 2, 3, 2], free_flow_time=50.0, capacity=100.0
    )  # fmt: skip
    turned = with_turns(network, np.array([0]), np.array([1]), np.array([np.inf]))
    trips = seeded_vehicles(assign(turned.network, Demand([0, 1], [2, 2], [5.0, 3.0])), net, begin=0.0, until=60.0,
                            mode=(CAR,)).trips  # fmt: skip
    trips.check(net)
    ways = [trips.ways.link[a:b].tolist() for a, b in zip(trips.ways.begin[:-1], trips.ways.begin[1:], strict=True)]
    assert sorted(ways) == [[0, 2, 3], [1]]
    np.testing.assert_array_equal(np.sort(trips.origin), [0] * 5 + [1] * 3)


def test_slices_and_buses_join_and_drive():
    net, network = lattice()
    found = assign(network, small_flows())
    slices = [seeded_vehicles(found, net, begin=600.0 * one, until=600.0 * one + 600, mode=(CAR, TRUCK), seed=(0, one))
              for one in range(3)]  # fmt: skip
    line = Trips(np.zeros(2, int), np.full(2, 2), np.array([100.0, 700.0]), np.full(2, BUS),
                 {one: (np.array([0, 1]), np.array([20.0, 0.0])) for one in range(2)})  # fmt: skip
    day = added(joined(slices), line)
    assert day.trips.size == sum(one.trips.size for one in slices) + 2
    np.testing.assert_array_equal(day.row[-2:], [-1, -1])
    queues = Queues(net, day.trips)
    queues.run(50_000)
    assert queues.census().left == day.trips.size
    np.testing.assert_allclose(queues.driven()[-2:], 2000.0)
    thinned = with_ways(day.trips, day.trips.ways, np.where(day.trips.way == 3, -1, day.trips.way))
    assert thinned.ways.size == day.trips.ways.size - 1
    thinned.check(net)


def test_the_same_seed_gives_the_same_vehicles_and_another_others():
    net, network = lattice()
    found = assign(network, small_flows())
    one, same, other = (seeded_vehicles(found, net, **WINDOW, seed=seed).trips for seed in (4, 4, 5))
    assert one.departure.tobytes() == same.departure.tobytes()
    assert one.way.tobytes() == same.way.tobytes()
    assert one.departure.tobytes() != other.departure.tobytes()


def test_no_flow_gives_no_vehicle():
    net, network = lattice()
    found = assign(network, Demand([0], [24], [0.0]))
    assert seeded_vehicles(found, net, **WINDOW).trips.size == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [({"mode": (9,)}, r"mode names \[9\]"), ({"until": 0.0, "begin": 5.0}, "sets out from later than until"),
     ({"place": [0], "trips": [np.nan]}, "not zero or more"), ({"place": [5], "trips": [1.0]}, "a row beyond the 1")],
)  # fmt: skip
def test_entries_that_do_not_fit_are_refused(more, words):
    net, network = lattice()
    with pytest.raises(LayerError, match=words):
        seeded_vehicles(assign(network, Demand([0], [24], [3.0])), net, **({**WINDOW, "mode": (CAR,)} | more))
