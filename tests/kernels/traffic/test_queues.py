"""Vehicles in queues, beside kinematic-wave theory worked by hand."""

import dataclasses

import numpy as np
import pytest
from small_streets import THEORY, check_census, errands, grid, stream, streets, trips

from kernels.contract import LayerError
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import MODE_NAMES, Trips

BIKE, BUS, TRUCK = (MODE_NAMES.index(name) for name in ("bike", "bus", "truck"))


# ---- one link


def test_free_traffic_takes_the_time_of_the_empty_link(measured):
    demand = trips(stream(0.5, 500, 0, 1))
    queues = Queues(streets([0], [1]), demand)
    queues.run(2000)
    times = queues.left_at() - demand.departure
    np.testing.assert_allclose(times, 50.0, atol=1e-9)
    measured(case="free flow, 250 trips: total time off 12,500 veh s by", source=THEORY,
             ours=abs(times.sum() - 12_500), bar=1e-6, unit="veh s")  # fmt: skip


def test_no_more_leave_than_the_link_can_carry(measured):
    queues = Queues(streets([0], [1]), trips(stream(2.0, 1000, 0, 1)))
    queues.advance(500)
    before = queues.census().left
    queues.advance(1000)
    rate = (queues.census().left - before) / 500
    measured(case="demand of 2/s: outflow off 0.8/s by", source=THEORY, ours=abs(rate - 0.8), bar=0.002, unit="/s")


def test_a_bottleneck_delays_by_the_area_between_the_curves(measured):
    demand = trips(stream(0.6, 400, 0, 1))
    queues = Queues(streets([0], [1], exit_capacity=[0.4]), demand)
    queues.run(2000)
    delay = (queues.left_at() - demand.departure - 50).sum()
    measured(case="0.6/s into 0.4/s for 400 s: delay, relative error", source=THEORY, ours=abs(delay / 24_000 - 1),
             bar=0.01, unit="1")  # fmt: skip
    # the last of 240 goes one headway of 2.5 s before the fluid ends
    measured(case="last exit off 650 s by (one headway is 2.5 s)", source=THEORY,
             ours=abs(queues.left_at().max() - 650), bar=2.5, unit="s")  # fmt: skip


def test_the_shock_reaches_the_entry_when_theory_says_with_as_many_vehicles(measured):
    queues = Queues(streets([0], [1], exit_capacity=[0.4]), trips(stream(0.6, 2000, 0, 1)))
    queues.advance(500)
    assert queues.census().waiting == 0
    measured(case="spillback at 500 s: vehicles on the link off 120 by", source=THEORY,
             ours=abs(queues.on_links()[0] - 120), bar=0, unit="veh")  # fmt: skip
    first = np.nan
    while np.isnan(first):  # the first who has to wait
        queues.advance(queues.now + 0.5)
        first = queues.now if queues.census().waiting else np.nan
    measured(case="shock reaches the entry, off 500 s by (one headway is 2.5 s)", source=THEORY, ours=abs(first - 500),
             bar=2.5, unit="s")  # fmt: skip
    queues.advance(600)
    queues.read()
    queues.advance(1600)
    measured(case="inflow behind the shock off 0.400/s by", source=THEORY,
             ours=abs(queues.read().entries.sum() / 1000 - 0.4), bar=0.001, unit="/s")  # fmt: skip
    assert queues.on_links()[0] == 120


def test_a_jam_holds_what_fits_on_the_link():
    queues = Queues(streets([0, 1], [1, 2], length=[1000.0, 100.0], exit_capacity=[0.8, 1e-4]),
                    trips(stream(0.8, 1000, 0, 2)))  # fmt: skip
    queues.advance(2000)
    np.testing.assert_array_equal(queues.on_links(), [200, 20])


# ---- nodes


def test_the_full_branch_holds_back_the_other_in_proportion(measured):
    # 0.3/s to a branch that takes 0.2 and 0.2/s to a free one: first in, first out, so two thirds of 0.5
    net = streets([0, 1, 1], [1, 2, 3], capacity=[0.8, 0.2, 0.8])
    turn = np.tile([2, 3, 2, 3, 2], 400)
    queues = Queues(net, Trips(np.zeros(2000, int), turn, np.arange(2000) * 2.0))
    queues.advance(1500)
    before = queues.census().left
    queues.advance(3500)
    rate = (queues.census().left - before) / 2000
    measured(case="diverge 0.3/0.2 with a 0.2 branch: outflow off 0.3333/s by", source=THEORY,
             ours=abs(rate - 1 / 3), bar=0.002, unit="/s")  # fmt: skip


@pytest.mark.parametrize(("weights", "shares"), [((1, 1), (0.4, 0.4)), ((3, 1), (0.6, 0.2))])
def test_a_merge_is_shared_by_priority(weights, shares, measured):
    net = streets([0, 1, 2], [2, 2, 3], priority=[*weights, 1])
    queues = Queues(net, trips(stream(0.8, 4000, 0, 3), stream(0.8, 4000, 1, 3)))
    queues.advance(1000)
    queues.read()
    queues.advance(3000)
    ours = queues.read().driven[:2] / 2000
    measured(case=f"merge with weights {weights[0]}:{weights[1]}: share off {shares[0]}/s by", source=THEORY,
             ours=np.abs(ours - shares).max(), bar=0.002, unit="/s")  # fmt: skip


def test_what_one_stream_leaves_of_a_merge_goes_to_the_other():
    net = streets([0, 1, 2], [2, 2, 3])
    queues = Queues(net, trips(stream(0.1, 4000, 0, 3), stream(0.8, 4000, 1, 3)))
    queues.advance(1000)
    queues.read()
    queues.advance(3000)
    np.testing.assert_allclose(queues.read().driven[:2] / 2000, [0.1, 0.7], atol=0.002)


def test_a_signal_delays_as_uniform_arrivals_do(measured):
    # red of 30 s in a cycle of 60 s, 0.2/s against 0.8/s: r² / (2 C (1 - q/s)) = 10.0 s (Webster 1958, first term)
    demand = trips(stream(0.2, 3600, 0, 1, first=2.5))
    queues = Queues(streets([0], [1], cycle=[60.0], offset=[10.0], green=[30.0]), demand)
    queues.run(9000)
    delay = (queues.left_at() - demand.departure - 50).mean()
    measured(case="signal 60/30 at 0.2/s: mean delay off 10.0 s by", source="Webster (1958), uniform term",
             ours=abs(delay - 10.0), bar=0.05, unit="s")  # fmt: skip


def test_a_green_serves_its_share_of_the_capacity():
    queues = Queues(streets([0], [1], cycle=[60.0], offset=[0.0], green=[30.0]), trips(stream(0.8, 3600, 0, 1)))
    queues.advance(600)
    before = queues.census().left
    queues.advance(3000)
    assert queues.census().left - before == 40 * 24  # cycles times 30 s at 0.8/s


def test_nobody_goes_on_red():
    demand = errands(4, 2000, seed=3)
    net = grid(4, length=200.0, cycle=np.full(48, 60.0), offset=np.full(48, 5.0), green=np.full(48, 30.0))
    queues = Queues(net, demand)
    while queues.now < 1200:
        before = queues.census().left, queues.read().driven.sum()
        red = (queues.now - 5.0) % 60.0 >= 30.0
        queues.advance(queues.now + 2.5)
        assert not red or queues.read().driven.sum() == 0, (queues.now, before)


def test_streams_that_cross_share_the_node():
    # two roads that cross, 0.4/s each, over a node that lets 0.5/s pass
    net = streets([0, 1, 4, 4], [4, 4, 2, 3], node_capacity=[np.inf, np.inf, np.inf, np.inf, 0.5])
    queues = Queues(net, trips(stream(0.4, 4000, 0, 2), stream(0.4, 4000, 1, 3)))
    queues.advance(1000)
    queues.read()
    queues.advance(3000)
    np.testing.assert_allclose(queues.read().driven[:2] / 2000, [0.25, 0.25], atol=0.005)


# ---- modes


def test_a_truck_takes_the_room_and_time_of_its_equivalent_in_cars():
    demand = trips(stream(2.0, 1000, 0, 1), mode=np.full(2000, TRUCK))
    queues = Queues(streets([0], [1]), demand)
    queues.advance(500)
    before = queues.census().left
    queues.advance(1500)
    assert (queues.census().left - before) / 1000 == pytest.approx(0.8 / 2.3, abs=0.002)


def test_a_bike_rides_at_its_own_speed_and_is_passed_only_where_there_is_room():
    demand = Trips(np.zeros(2, int), np.ones(2, int), np.array([0.0, 10.0]), np.array([BIKE, 0]))
    narrow, wide = Queues(streets([0], [1]), demand), Queues(streets([0], [1], passing=[True]), demand)
    for queues in (narrow, wide):
        queues.run(1000)
    bike = 1000 / 4.5
    assert wide.left_at()[0] == pytest.approx(bike)
    assert wide.left_at()[1] == pytest.approx(60.0)
    assert narrow.left_at()[1] > bike


def test_a_bus_follows_its_line_and_stands_at_its_stops():
    # the line goes round by 2, though the straight way is shorter
    net = streets([0, 1, 0], [1, 2, 2], length=[1000.0, 1000.0, 500.0])
    line = Trips(
        np.zeros(1, int), np.full(1, 2), np.zeros(1), np.full(1, BUS), {0: (np.array([0, 1]), np.array([20.0, 0.0]))}
    )
    queues = Queues(net, line)
    queues.run(1000)
    assert queues.left_at()[0] == pytest.approx(50 + 20 + 50)
    np.testing.assert_array_equal(queues.read().entries[:, BUS], [1, 1, 0])


# ---- a city


def test_every_vehicle_is_somewhere_at_every_step():
    queues = Queues(grid(5, length=150.0), errands(5, 9000, modes=(0, 1, BIKE, TRUCK)))
    fullest = 0
    while queues.now < 2400:
        queues.advance(queues.now + 7.3)
        fullest = max(fullest, check_census(queues).waiting)
        assert (queues.on_links() >= 0).all()
    assert fullest > 100, "streets must spill back to the doors, else this shows nothing"


def test_nobody_jumps():
    # every vehicle is seen often enough that it can go on by one link at most: then only to one that follows
    net = grid(4, length=150.0)
    queues = Queues(net, errands(4, 3000))
    _, last, _ = queues.where()
    moved = 0
    while queues.now < 1500:
        queues.advance(queues.now + 5.0)  # a link takes 7.5 s at least
        _, on, _ = queues.where()
        gone_on = (last >= 0) & (on >= 0) & (on != last)
        assert (net.head[last[gone_on]] == net.tail[on[gone_on]]).all()
        moved += gone_on.sum()
        last = on
    assert moved > 3000


def test_the_same_seed_gives_the_same_run_on_any_number_of_threads():
    demand = errands(6, 5000)
    runs = []
    for threads, seed in ((1, 5), (2, 5), (3, 5), (1, 6)):
        queues = Queues(grid(6, length=300.0), demand, threads=threads, seed=seed, refresh=120.0)
        queues.advance(1800)
        runs.append(queues.left_at())
    assert runs[0].tobytes() == runs[1].tobytes() == runs[2].tobytes()
    assert runs[0].tobytes() != runs[3].tobytes()


def test_a_run_in_pieces_is_the_run_in_one():
    one, pieces = (Queues(grid(4, length=200.0), errands(4, 2000)) for _ in range(2))
    one.advance(1500)
    while pieces.now < 1500:
        pieces.advance(min(1500, pieces.now + 37.7))
    assert one.left_at().tobytes() == pieces.left_at().tobytes()


def test_a_ring_of_full_streets_turns_and_says_so():
    # a roundabout of four short links; all go round three quarters, far more than fit
    net = streets([0, 1, 2, 3], [1, 2, 3, 0], length=50.0)
    demand = trips(*(stream(0.5, 600, node, (node + 3) % 4) for node in range(4)))
    queues = Queues(net, demand)
    queues.run(200_000)
    now = check_census(queues)
    assert now.left == 1200
    assert now.turned > 0
    assert now.turned % 4 == 0


def test_drivers_avoid_the_queue_they_see():
    # two equal ways, one with a narrow end
    net = streets([0, 1, 0, 2], [1, 3, 2, 3], exit_capacity=[0.8, 0.1, 0.8, 0.8])
    queues = Queues(net, trips(stream(0.5, 3600, 0, 3)), refresh=120.0)
    queues.advance(1200)
    queues.read()
    queues.advance(3600)
    driven = queues.read().driven
    assert driven[3] > 2 * driven[1]


# ---- what cannot be


def test_who_has_no_way_is_named_and_kept():
    net = streets([0, 2], [1, 3])
    queues = Queues(net, trips(stream(0.1, 100, 0, 1), stream(0.1, 50, 0, 3)))
    queues.run(2000)
    np.testing.assert_array_equal(queues.unserved(), np.arange(10, 15))
    now = check_census(queues)
    assert (now.left, now.aside) == (10, 5)


def test_a_trip_to_where_it_stands_is_over_at_once():
    queues = Queues(streets([0], [1]), Trips(np.zeros(1, int), np.zeros(1, int), np.array([30.0])))
    queues.run(100)
    assert queues.left_at()[0] == 30.0


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("capacity", -1.0, "capacity of link 0 is -1"), ("length", 0.0, "length of link 0"), ("speed", np.nan, "speed"),
     ("capacity", 5.0, "less than speed times jam density")],
)  # fmt: skip
def test_streets_that_cannot_be_are_refused_with_their_link(field, value, words):
    with pytest.raises(LayerError, match=words):
        dataclasses.replace(streets([0], [1]), **{field: np.array([value])})


def test_trips_to_nowhere_are_refused_with_the_node():
    with pytest.raises(LayerError, match=r"destination names nodes \[7\]"):
        Queues(streets([0], [1]), Trips(np.zeros(1, int), np.full(1, 7), np.zeros(1)))
    with pytest.raises(LayerError, match="does not follow"):
        Queues(streets([0, 2], [1, 3]), Trips(np.zeros(1, int), np.full(1, 3), np.zeros(1), None,
                                             {0: (np.array([0, 1]), np.zeros(2))}))  # fmt: skip


def test_a_street_whose_room_is_no_whole_number_loses_no_capacity():
    # 5.5 cars of 10 fit on 27.5 m: ten such links in a row carry what one link of 275 m does
    net = streets(np.arange(10), np.arange(1, 11), length=27.5)
    queues = Queues(net, trips(stream(0.8, 2000, 0, 10)))
    queues.advance(600)
    before = queues.census().left
    queues.advance(1600)
    assert queues.census().left - before == pytest.approx(800, abs=1)
