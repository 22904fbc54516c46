"""How fast vehicles go through queues, beside uxsim from the registry, by its public calls alone; prints."""

import importlib
import resource
import time
import warnings

import numpy as np
import pytest

from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import Streets, Trips

pytestmark = [pytest.mark.bench, pytest.mark.filterwarnings("ignore")]

SIDE, VEHICLES, HOURS = 11, 60_000, 2
LENGTH, SPEED, JAM, REACTION = 1000.0, 13.89, 0.2, 1.0


def peer(name):
    """A program of the group ``peers``, or a loud skip."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError as error:
        pytest.skip(f"PEER ABSENT: {name} ({error}); uv sync --group peers brings it")


def ends(side=SIDE):
    """Tails and heads of a square grid of two-way streets."""
    at = np.arange(side * side).reshape(side, side)
    pairs = [(at[:, :-1], at[:, 1:]), (at[:, 1:], at[:, :-1]), (at[:-1], at[1:]), (at[1:], at[:-1])]
    return tuple(np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))


def city(side=SIDE, length=LENGTH):
    tail, head = ends(side)
    n = tail.size
    capacity = SPEED / (SPEED * REACTION + 1 / JAM)  # the triangle of Newell with this reaction time
    return Streets(tail, head, np.full(n, length), np.full(n, SPEED), np.full(n, capacity), np.full(n, JAM))


def errands(many=VEHICLES, side=SIDE, duration=3600.0, seed=1):
    draw = np.random.default_rng(seed)
    origin, destination = draw.integers(0, side * side, (2, many))
    apart = origin != destination
    return Trips(origin[apart], destination[apart], np.sort(draw.uniform(0, duration, many))[apart])


def ours(streets, trips, until, times=5):
    """The run, and the least of some durations without compiling. [s]"""
    Queues(streets, trips).advance(60.0)
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        queues = Queues(streets, trips)
        queues.advance(until)
        spent.append(time.perf_counter() - began)
    return queues, min(spent)


def theirs(uxsim, trips, platoon):
    """Arrivals, mean time and duration of the same city in uxsim. [s]"""
    world = uxsim.World(
        deltan=platoon, reaction_time=REACTION, tmax=HOURS * 3600, print_mode=0, save_mode=0, show_progress=0,
        random_seed=0, cpp=True,
    )  # fmt: skip
    for node in range(SIDE * SIDE):
        world.addNode(str(node), node % SIDE, node // SIDE)
    for link, (tail, head) in enumerate(zip(*ends(), strict=True)):
        world.addLink(str(link), str(tail), str(head), LENGTH, free_flow_speed=SPEED, jam_density=JAM)
    for one in range(0, len(trips.origin), platoon):  # a platoon is one errand of so many vehicles
        world.addVehicle(str(trips.origin[one]), str(trips.destination[one]), float(trips.departure[one]))
    began = time.perf_counter()
    world.exec_simulation()
    spent = time.perf_counter() - began
    world.analyzer.basic_analysis()
    return int(world.analyzer.trip_completed), float(world.analyzer.average_travel_time), spent


def test_a_city_of_sixty_thousand_vehicles():
    trips = errands()
    queues, spent = ours(city(), trips, HOURS * 3600)
    now, times = queues.census(), queues.left_at() - trips.departure
    print(
        f"\n{queues.vehicles} vehicles one by one, {SIDE} x {SIDE} grid, {HOURS} h: {spent:.3f} s (bar 0.1 s), "
        f"{now.left} arrived, mean {np.nanmean(times):.0f} s, {np.nansum(times) / spent / 1e6:.0f} million veh s in 1 s"
    )


@pytest.mark.parametrize("platoon", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_beside_uxsim(platoon):
    uxsim = peer("uxsim")
    trips = errands()
    _, spent = ours(city(), trips, HOURS * 3600)
    arrived, mean, taken = theirs(uxsim, trips, platoon)
    print(
        f"\nuxsim (C++, platoons of {platoon}): {taken:.2f} s, {arrived} arrived, mean "
        f"{mean:.0f} s; ours one by one {spent:.3f} s: {taken / spent:.1f} times as fast"
    )


def test_a_crowded_city_where_queues_spill_back():
    trips = errands()
    queues, spent = ours(city(length=500.0), trips, HOURS * 3600, times=3)
    now = queues.census()
    print(f"\nthe same with blocks of 500 m, jammed: {spent:.3f} s, {now.left} arrived, {now.inside} inside, "
          f"{now.waiting} waiting, {now.turned} moves freed rings")  # fmt: skip


@pytest.mark.slow
def test_a_day_of_a_million_trips():
    # as many links as the Region has street segments: 154 x 154 nodes, blocks of 80 m, destinations at 700 places
    side, many = 154, 1_000_000
    draw = np.random.default_rng(2)
    places = draw.choice(side * side, 700, replace=False)
    origin, destination = draw.integers(0, side * side, many), draw.choice(places, many)
    # most go some 20 blocks
    near = (origin % side + draw.integers(-20, 21, many)).clip(0, side - 1) + side * (
        (origin // side + draw.integers(-20, 21, many)).clip(0, side - 1)
    )
    corner = np.array([places[np.argmin(np.abs(places % side - n % side) + np.abs(places // side - n // side))]
                       for n in range(side * side)])  # fmt: skip
    destination = np.where(draw.random(many) < 0.9, corner[near], destination)
    apart = origin != destination
    trips = Trips(origin[apart], destination[apart], draw.uniform(6 * 3600, 20 * 3600, int(apart.sum())))
    streets = city(side, 80.0)
    began = time.perf_counter()
    queues = Queues(streets, trips, refresh=900.0, begin=5 * 3600.0)
    queues.advance(86_400.0)
    spent = time.perf_counter() - began
    now, most = queues.census(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\n{queues.vehicles} trips, {streets.links} links, a day: {spent:.1f} s (bar 90 s), at most {most:.0f} MB "
        f"with all that this process ran before (bar 1000 MB); {now}"
    )
