"""Collection rounds on a grid of streets drawn by hand, against every order there is."""

import sys
from itertools import combinations, pairwise, permutations
from pathlib import Path

import numpy as np
import pytest
import shapely

from twin.sensors import rounds
from twin.sensors.model import SECOND, Datastream, Readings, SensorError, Thing
from twin.sensors.rounds import Bin, Truck, bins_of, plan_rounds

sys.path.insert(0, str(Path(__file__).parents[2]))
from street_toy import SOUTH, WEST, at, toy

solves = pytest.mark.skipif(
    rounds.pyvrp is None, reason="PYVRP ABSENT: collection rounds are not tested; install the extra 'rounds'"
)

STEP, SIDE = 100, 5
PLACES = {f"{i}.{j}": (STEP * i, STEP * j) for i in range(SIDE) for j in range(SIDE)}
ROWS = tuple(
    (f"{i}.{j}", f"{i + di}.{j + dj}", "residential")
    for i in range(SIDE) for j in range(SIDE) for di, dj in ((1, 0), (0, 1)) if i + di < SIDE and j + dj < SIDE
)  # fmt: skip
SPEED = 30.0 / 3.6
TRUCK = Truck(capacity=3.0, service=60.0, unload=0.0, pace=1.0)
DEPOT = at(0, 0)


def bins_at(*places, fill=1.0):
    return [Bin(f"b{number}", at(*place), fill, 1.0) for number, place in enumerate(places)]


@solves
def test_the_rounds_are_the_best_of_all():
    rng = np.random.default_rng(3)
    nodes = rng.choice(SIDE * SIDE - 1, 8, replace=False) + 1
    places = [(STEP * (int(node) // SIDE), STEP * (int(node) % SIDE)) for node in nodes]
    plan = plan_rounds(bins_at(*places), toy(ROWS, PLACES), DEPOT, TRUCK)
    # on a grid a way is |dx| + |dy|; all splits of 8 bins in rounds of at most 3, each in its best order
    length = {}
    for many in (1, 2, 3):
        for chosen in combinations(range(8), many):
            ways = ([(0, 0), *(places[one] for one in order), (0, 0)] for order in permutations(chosen))
            length[chosen] = min(sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairwise(w)) for w in ways)
    best = {0: 0.0}
    for mask in range(1, 1 << 8):
        low = (mask & -mask).bit_length() - 1
        best[mask] = min(
            cost + best[mask & ~sum(1 << one for one in chosen)]
            for chosen, cost in length.items()
            if low in chosen and all(mask >> one & 1 for one in chosen)
        )
    driving = sum(one.driving for one in plan.rounds)
    assert driving == pytest.approx(best[255] / SPEED, abs=0.1)
    assert sorted(name for one in plan.rounds for name in one.bins) == [f"b{number}" for number in range(8)]
    assert max(len(one.bins) for one in plan.rounds) <= 3
    for one in plan.rounds:
        assert one.load == len(one.bins)
        assert one.length == pytest.approx(one.driving * SPEED, abs=0.1)
        assert one.duration == pytest.approx(one.driving + 60.0 * len(one.bins))


@solves
def test_a_bin_in_the_middle_of_a_street_is_reached_there():
    plan = plan_rounds(bins_at((130, 8), (170, -5)), toy(ROWS, PLACES), DEPOT, TRUCK)
    (one,) = plan.rounds
    assert one.driving == pytest.approx(2 * 170 / SPEED, abs=0.05)
    np.testing.assert_allclose(one.line.bounds, (WEST, SOUTH, WEST + 170, SOUTH), atol=1e-6)


@solves
def test_a_one_way_street_is_driven_its_way():
    names = [f"{start}-{end}" for start, end, _ in ROWS]
    barred = {"0.0-1.0": 0}
    assert "0.0-1.0" in names
    plan = plan_rounds(bins_at((50, 0)), toy(ROWS, PLACES, backward=barred), DEPOT, TRUCK)
    # out along it, and back round the block: 50 + 50 + 3 sides
    assert plan.rounds[0].driving == pytest.approx(400 / SPEED, abs=0.05)


@solves
def test_only_full_bins_are_emptied_and_a_silent_one_is_no_empty_one():
    full, half, silent = (Bin(name, at(x, 0), fill, 1.0) for name, x, fill in
                          (("full", 100, 0.9), ("half", 200, 0.5), ("silent", 300, np.nan)))  # fmt: skip
    plan = plan_rounds([full, half, silent], toy(ROWS, PLACES), DEPOT, TRUCK)
    assert plan.rounds[0].bins in (("full", "silent"), ("silent", "full"))
    assert plan.left == ("half",)
    assert plan.silent == ("silent",)
    assert plan.rounds[0].load == pytest.approx(0.9 + 1.0)
    everything = plan_rounds([full, half, silent], toy(ROWS, PLACES), DEPOT, TRUCK, least=0.0)
    assert everything.left == ()


@solves
def test_what_no_street_reaches_is_told():
    places = PLACES | {"far": (3000, 0), "farther": (3100, 0)}
    streets = toy((*ROWS, ("far", "farther", "residential")), places)
    plan = plan_rounds(bins_at((100, 0), (3050, 0), (1500, 1500)), streets, DEPOT, TRUCK)
    assert plan.unreached == ("b1", "b2")
    assert plan.rounds[0].bins == ("b0",)
    short = Truck(capacity=3.0, longest=60.0 + 2 * 300 / SPEED, pace=1.0)
    plan = plan_rounds(bins_at((300, 0), (400, 0)), toy(ROWS, PLACES), DEPOT, short)
    assert (plan.rounds[0].bins, plan.unreached) == (("b0",), ("b1",))


@solves
def test_no_round_is_longer_than_allowed():
    truck = Truck(capacity=9.0, service=60.0, longest=400.0, pace=1.0)
    plan = plan_rounds(
        bins_at(*((STEP * i, STEP * j) for i in (2, 4) for j in (2, 4))), toy(ROWS, PLACES), DEPOT, truck
    )
    assert len(plan.rounds) > 1
    assert max(one.duration for one in plan.rounds) <= 400.0 + 0.5


@solves
def test_the_same_seed_gives_the_same_rounds():
    rng = np.random.default_rng(5)
    bins = bins_at(*(rng.uniform(0, 400, (30, 2))))
    truck = Truck(capacity=8.0)
    one, other = (plan_rounds(bins, toy(ROWS, PLACES), DEPOT, truck, iterations=200) for _ in range(2))
    assert [each.bins for each in one.rounds] == [each.bins for each in other.rounds]


@solves
def test_nothing_to_do_is_no_round():
    assert plan_rounds(bins_at((100, 0), fill=0.1), toy(ROWS, PLACES), DEPOT, TRUCK).rounds == ()


@pytest.mark.parametrize(
    ("bins", "words"),
    [
        ([Bin("a", at(0, 0), 0.9, 4.0)], "holds 4 m³, the truck 3"),
        ([Bin("a", at(0, 0), 80.0, 1.0)], "fill is a part"),
        ([Bin("a", at(0, 0), 0.9, 1.0)] * 2, "twice"),
    ],
)
@solves
def test_a_bin_that_cannot_be_is_refused(bins, words):
    with pytest.raises(SensorError, match=words):
        plan_rounds(bins, toy(ROWS, PLACES), DEPOT, TRUCK)


@solves
def test_a_depot_off_the_streets_is_refused():
    with pytest.raises(SensorError, match="depot"):
        plan_rounds(bins_at((100, 0)), toy(ROWS, PLACES), shapely.Point(0, 0), TRUCK)


def test_a_truck_that_cannot_be_is_refused():
    with pytest.raises(SensorError, match="truck"):
        Truck(capacity=0.0)


NOW = 1_800_000_000 * SECOND
KNOWN = Thing("bins:1", "Bin", 4.34745, 50.8449, {"volume": 0.5})


def _told(time, value=0.8, flag=0):
    stream = Datastream("bins:1/bin_fill", "bins:1", "bin_fill")
    return [stream], Readings.of([stream.id], [time], [value], [flag])


def test_bins_come_from_what_sensors_told():
    streams, last = _told(NOW - 600 * SECOND)
    (one,) = bins_of([KNOWN], streams, last, NOW)
    assert (one.id, one.fill, one.volume) == ("bins:1", 0.8, 0.5)
    # the middle of tile 148170, whose corners SOURCES.md gives in both systems to 0.0001 degree
    assert (one.place.x, one.place.y) == pytest.approx((148_498.0, 170_498.0), abs=15.0)


@pytest.mark.parametrize(("ago", "value", "flag"), [(25 * 3600, 0.1, 0), (60, np.nan, 0), (60, 0.1, 1)])
def test_a_bin_that_is_silent_old_or_wrong_is_unknown_never_empty(ago, value, flag):
    streams, last = _told(NOW - ago * SECOND, value, flag)
    (one,) = bins_of([KNOWN], streams, last, NOW)
    assert np.isnan(one.fill)


def test_a_bin_that_never_told_is_there_and_unknown():
    streams, _ = _told(NOW)
    (one,) = bins_of([KNOWN], streams, Readings.none(), NOW)
    assert np.isnan(one.fill)


def test_a_bin_nobody_can_find_is_refused_by_name():
    lost = Thing("bins:1", "Bin")
    streams, last = _told(NOW)
    with pytest.raises(SensorError, match="bins:1"):
        bins_of([lost], streams, last, NOW)


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(rounds, "pyvrp", None)
    with pytest.raises(SensorError, match="rounds"):
        plan_rounds(bins_at((100, 0)), toy(ROWS, PLACES), DEPOT, TRUCK)
