"""Vehicles on fixed ways, the links that traced vehicles drove, and what each trip was."""

import numpy as np
import pytest
from small_streets import errands, grid, streets

from kernels.contract import LayerError
from kernels.traffic import queues as module
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import MODE_NAMES, Closures, Trips
from kernels.traffic.ways import Ways

BUS = MODE_NAMES.index("bus")


def traced_city(many=6000, **more):
    return Queues(grid(5, length=150.0), errands(5, many), refresh=120.0, **more)


def by_vehicle(legs):
    """Legs of each vehicle, one after the other."""
    return legs[np.lexsort((legs["begin"], legs["vehicle"]))]


def test_legs_follow_each_other_and_end_when_the_trip_ends():
    queues = traced_city(traced=np.ones(6000, bool))
    queues.run(20_000)
    net, legs = queues.streets, by_vehicle(queues.legs())
    same = legs["vehicle"][1:] == legs["vehicle"][:-1]
    np.testing.assert_array_equal(net.head[legs["link"][:-1][same]], net.tail[legs["link"][1:][same]])
    np.testing.assert_array_equal(legs["until"][:-1][same], legs["begin"][1:][same])
    last = np.append(~same, True)
    np.testing.assert_array_equal(legs["until"][last], queues.left_at()[legs["vehicle"][last]])
    length = np.bincount(legs["vehicle"], net.length[legs["link"]], minlength=6000)
    np.testing.assert_allclose(queues.driven(), length, rtol=1e-12)
    assert (legs["until"] - legs["begin"] >= 150 / 20 - 1e-9).all()


def test_tracing_changes_nothing_and_notes_only_the_chosen():
    chosen = np.arange(6000) % 3 == 1
    plain, traced = traced_city(), traced_city(traced=chosen)
    for queues in (plain, traced):
        queues.advance(900)
    assert plain.left_at().tobytes() == traced.left_at().tobytes()
    assert plain.legs().size == 0
    legs = traced.legs()
    assert chosen[legs["vehicle"]].all()
    state, on, since = traced.where()
    still = np.isnan(legs["until"])
    np.testing.assert_array_equal(np.sort(legs["vehicle"][still]), np.flatnonzero((on >= 0) & chosen))
    np.testing.assert_array_equal(legs["begin"][still], since[legs["vehicle"][still]])
    assert still.sum() > 20
    assert np.isfinite(plain.trip_time()).sum() == (state == 3).sum()


def test_little_room_for_notes_loses_none(monkeypatch):
    whole = traced_city(traced=np.ones(6000, bool))
    monkeypatch.setattr(module, "_NOTES", 5)
    taken = []
    small = traced_city(traced=np.ones(6000, bool), take_legs=taken.append)
    for queues in (whole, small):
        queues.run(20_000)
    assert len(taken) > 1000
    assert np.concatenate(taken).tobytes() == whole.legs().tobytes()


def test_shared_ways_drive_as_routes_of_their_own_do():
    net, demand = grid(4, length=150.0), errands(4, 3000)
    first = Queues(net, demand, traced=np.ones(3000, bool))
    first.run(50_000)
    legs = by_vehicle(first.legs())
    pieces = np.split(legs["link"].astype(int), np.flatnonzero(np.diff(legs["vehicle"])) + 1)
    moving = np.unique(legs["vehicle"])
    texts = [tuple(piece.tolist()) for piece in pieces]
    kinds = sorted(set(texts))
    way = np.full(3000, -1)
    way[moving] = [kinds.index(one) for one in texts]
    shared = Trips(demand.origin, demand.destination, demand.departure, demand.mode, {},
                   Ways.of([list(one) for one in kinds]), way)  # fmt: skip
    routes = {int(one): (piece, np.zeros(piece.size)) for one, piece in zip(moving, pieces, strict=True)}
    own = Trips(demand.origin, demand.destination, demand.departure, demand.mode, routes)
    runs = [Queues(net, one) for one in (shared, own)]
    for queues in runs:
        queues.run(50_000)
    assert len(kinds) < moving.size / 3, "ways must be shared, else this shows less"
    assert runs[0].left_at().tobytes() == runs[1].left_at().tobytes()
    np.testing.assert_allclose(runs[0].driven(), first.driven(), rtol=1e-12)


def forked(shut=None, **more):
    """0-1-2 by links 0 and 1, and round by 2 and 3 from node 1; two cars and a bus keep to the straight way."""
    net = streets([0, 1, 1, 3], [1, 2, 3, 2])
    demand = Trips(np.zeros(3, int), np.full(3, 2), np.array([0.0, 100.0, 110.0]), np.array([0, 0, BUS]),
                   {2: (np.array([0, 1]), np.array([5.0, 0.0]))}, Ways.of([[0, 1]]), np.array([0, 0, -1]))  # fmt: skip
    closed = None if shut is None else Closures(np.array([1]), np.array([255]), np.array([shut]), np.array([900.0]))
    return Queues(net, demand, closed, **more)


def test_whoever_may_leaves_a_barred_way_and_a_bus_waits():
    queues = forked(shut=100.0)
    queues.run(2000.0)
    np.testing.assert_allclose(queues.left_at(), [100, 100 + 150, 900 + 50], atol=1e-6)
    np.testing.assert_array_equal(queues.strayed(), [1])
    np.testing.assert_allclose(queues.driven(), [2000, 3000, 2000])


def test_tables_are_made_for_those_who_need_them():
    assert forked()._ways.table.size == 0
    assert forked(shut=100.0)._ways.table.shape[2:] == (1, 4)


def test_a_strayed_run_is_saved_too():
    through = forked(shut=100.0)
    through.advance(200.0)
    again = forked(shut=100.0, saved=through.saved())
    for queues in (through, again):
        queues.run(2000.0)
    np.testing.assert_array_equal(through.left_at(), again.left_at())
    np.testing.assert_array_equal(again.strayed(), [1])


@pytest.mark.parametrize(
    ("ways", "way", "words"),
    [([[0, 3]], [0], "link 3 does not follow 0"), ([[0, 9]], [0], "name links 0 to 9"),
     ([[]], [0], "one link at least"),
     ([[0]], [1], "must name one of 1 ways"), ([[0]], [0], "way 0 of vehicle 0 must lead from its origin")],
)  # fmt: skip
def test_ways_that_do_not_hang_together_are_refused(ways, way, words):
    net = streets([0, 1, 1, 3], [1, 2, 3, 2])
    with pytest.raises(LayerError, match=words):
        Queues(net, Trips(np.zeros(1, int), np.full(1, 2), np.zeros(1), None, {}, Ways.of(ways), np.array(way)))
