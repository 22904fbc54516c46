"""Reach against SciPy's Dijkstra, against streets drawn by hand, and repaired against searched anew."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from kernels.access.reach import Graph, Seeds, in_reach, nearest, repaired
from kernels.contract import LayerError


def town(side: int, seed: int = 0, closed: float = 0.25) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arcs of a crooked grid of streets, both ways at different costs, a part of them missing."""
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [np.c_[number[:, :-1].ravel(), number[:, 1:].ravel()], np.c_[number[:-1].ravel(), number[1:].ravel()]]
    )
    pairs = pairs[rng.random(len(pairs)) > closed]
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    return ends[:, 0], ends[:, 1], rng.uniform(5.0, 60.0, len(ends))


def by_scipy(graph: Graph, seeds: Seeds, limit: float) -> np.ndarray:
    """With one more node, from which an arc leads to every seed."""
    nodes = graph.nodes
    tails = np.repeat(np.arange(nodes), np.diff(graph.first))
    shift = 1.0  # SciPy takes an arc of length 0 for none
    matrix = csr_matrix(
        (
            np.r_[graph.cost, seeds.cost + shift],
            (np.r_[tails, np.full(seeds.node.size, nodes)], np.r_[graph.head, seeds.node]),
        ),
        shape=(nodes + 1, nodes + 1),
    )
    found = dijkstra(matrix, indices=nodes)[:nodes] - shift
    return np.where(found <= limit, found, np.inf)


def some_seeds(nodes: int, categories: int, each: int, seed: int = 1) -> list[Seeds]:
    rng = np.random.default_rng(seed)
    return [Seeds.at(rng.choice(nodes, each, replace=False), rng.uniform(0.0, 30.0, each)) for _ in range(categories)]


@pytest.mark.parametrize("limit", [300.0, np.inf])
def test_times_are_those_of_scipy(measured, limit):
    graph = Graph.of(*town(80), 6400)
    seeds = some_seeds(6400, 15, 20)
    found = nearest(graph, seeds, limit).seconds
    worst = 0.0
    for ours, one in zip(found, seeds, strict=True):
        theirs = by_scipy(graph, one, limit)
        assert (np.isinf(ours) == np.isinf(theirs)).all()
        reached = np.isfinite(ours)
        worst = max(worst, np.abs(ours[reached] - theirs[reached]).max())
    measured(case=f"reach of 15 categories on 6,400 nodes, limit {limit:g} s", source="SciPy's Dijkstra",
             ours=worst, bar=1e-9, unit="s")  # fmt: skip


def test_a_one_way_street_counts_in_the_way_it_is_walked():
    # 0 -> 1 -> 2 and back from 2 to 0 only the long way
    graph = Graph.of([0, 1, 2], [1, 2, 0], [1.0, 2.0, 10.0], 3)
    seeds = [Seeds.at([2])]
    assert nearest(graph.reversed(), seeds).seconds[0].tolist() == [3.0, 2.0, 0.0]
    assert nearest(graph, seeds).seconds[0].tolist() == [10.0, 11.0, 0.0]


def test_rows_of_arcs_are_kept_through_sorting_and_turning():
    tail, head, cost = town(6)
    turned = Graph.of(tail, head, cost, 36).reversed()
    np.testing.assert_array_equal(turned.cost, cost[turned.order])
    np.testing.assert_array_equal(turned.head, tail[turned.order])


def test_a_place_between_two_nodes_is_reached_by_the_shorter_way():
    # a street of 100 s from 0 to 1, a place 30 s from its start; 1 leads on to 2
    graph = Graph.of([0, 1, 1, 2], [1, 0, 2, 1], [100.0, 100.0, 5.0, 5.0], 3)
    seeds = Seeds.at([0, 1], [30.0, 70.0], [4, 4])
    found = nearest(graph, [seeds])
    assert found.seconds[0].tolist() == [30.0, 70.0, 75.0]
    assert found.place(0, seeds).tolist() == [4, 4, 4]


def test_the_nearest_place_is_named():
    graph = Graph.of(*town(30, closed=0.3), 900)
    seeds = some_seeds(900, 1, 12)[0]
    found = nearest(graph, [seeds], 400.0)
    named = found.place(0, seeds)
    alone = np.array([by_scipy(graph, Seeds.at([n], [c]), 400.0) for n, c in zip(seeds.node, seeds.cost, strict=True)])
    reached = named >= 0
    np.testing.assert_array_equal(reached, np.isfinite(alone.min(axis=0)))
    assert reached.sum() > 0
    np.testing.assert_allclose(found.seconds[0][reached], alone[named[reached], np.flatnonzero(reached)], atol=1e-9)


def test_an_island_and_an_empty_category_are_not_reached():
    graph = Graph.of([0, 1], [1, 0], [5.0, 5.0], 3)
    found = nearest(graph, [Seeds.at([0]), Seeds.at([])])
    assert found.seconds.tolist() == [[0.0, 5.0, np.inf], [np.inf] * 3]
    assert found.place(1, Seeds.at([])).tolist() == [-1, -1, -1]


def test_a_limit_counts_what_lies_on_it_and_nothing_beyond():
    graph = Graph.of([0, 1, 2], [1, 2, 3], [10.0, 10.0, 10.0], 4)
    assert nearest(graph, [Seeds.at([0])], 20.0).seconds[0].tolist() == [0.0, 10.0, 20.0, np.inf]
    assert nearest(graph, [Seeds.at([0]), Seeds.at([0])], [5.0, 30.0]).seconds[:, 3].tolist() == [np.inf, 30.0]


def test_threads_do_not_change_a_bit():
    graph, seeds = Graph.of(*town(60), 3600), some_seeds(3600, 15, 9)
    one, two = nearest(graph, seeds, 500.0, threads=1), nearest(graph, seeds, 500.0, threads=2)
    np.testing.assert_array_equal(one.seconds, two.seconds)
    np.testing.assert_array_equal(one.via, two.via)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([120.0, 400.0, np.inf]))
def test_a_repaired_search_is_a_fresh_one_to_the_bit(seed, limit):
    rng = np.random.default_rng(seed)
    tail, head, cost = town(14, seed % 7)
    cost = np.round(cost / 10) * rng.choice([0.0, 10.0], cost.size, p=[0.05, 0.95])  # ties and arcs of no length
    before_seeds = [Seeds.at(rng.choice(196, n), rng.choice([0.0, 10.0], n)) for n in (0, 3, 8)]
    before = nearest(Graph.of(tail, head, cost, 196), before_seeds, limit)
    kept = before.seconds.copy()
    changed = cost.copy()
    some = rng.random(cost.size) < rng.choice([0.0, 0.02, 0.3])
    changed[some] = rng.choice([0.0, 10.0, 90.0, np.inf], some.sum())
    new = rng.integers(0, 199, (2, 4))  # three nodes and four arcs more
    graph = Graph.of(np.r_[tail, new[0]], np.r_[head, new[1]], np.r_[changed, 10.0, 10.0, 20.0, 0.0], 199)
    seeds = [
        Seeds.at(np.r_[one.node[rng.random(one.node.size) < 0.7], rng.integers(0, 199, rng.integers(0, 3))])
        for one in before_seeds
    ]
    mended, fresh = repaired(graph, seeds, before, limit), nearest(graph, seeds, limit)
    np.testing.assert_array_equal(mended.seconds, fresh.seconds)
    for category, one in enumerate(seeds):
        place = mended.place(category, one)
        np.testing.assert_array_equal(place >= 0, np.isfinite(fresh.seconds[category]))
    np.testing.assert_array_equal(before.seconds, kept)


def test_where_every_street_meets_every_other_the_room_to_work_in_is_enough():
    # all arcs of 400 nodes: each node is bettered ln 400 = 6 times, thrice as often as there is room for at once
    nodes = 400
    tail, head = (one.ravel() for one in np.mgrid[:nodes, :nodes])
    cost = np.random.default_rng(5).uniform(1.0, 1000.0, tail.size) ** 2
    graph = Graph.of(tail, head, cost, nodes)
    seeds = [Seeds.at([7]), Seeds.at(np.arange(0, 400, 50), np.linspace(0.0, 4000.0, 8))]
    found = nearest(graph, seeds)
    for ours, one in zip(found.seconds, seeds, strict=True):
        np.testing.assert_allclose(ours, by_scipy(graph, one, np.inf), rtol=1e-12, atol=1e-9)
    assert repaired(graph, seeds, found).searched == 0
    np.testing.assert_array_equal(in_reach(graph, np.array([7]), 2000.0).total, [(found.seconds[0] <= 2000).sum()])


def test_one_new_place_is_searched_from_only_where_it_is_nearest():
    graph, seeds = Graph.of(*town(60), 3600), some_seeds(3600, 3, 30)
    before = nearest(graph, seeds)
    seeds[1] = Seeds.at(np.r_[seeds[1].node, 1830], np.r_[seeds[1].cost, 0.0])
    found = repaired(graph, seeds, before)
    assert 1 <= found.searched <= 5  # its node, and at most the four around it
    better = (found.seconds < before.seconds).sum()
    assert 1 <= better < 600
    assert repaired(graph, seeds, found).searched == 0


def test_people_in_reach_are_those_scipy_reaches():
    graph = Graph.of(*town(40), 1600)
    people = np.random.default_rng(3).poisson(12, 1600).astype(float)
    sources = np.array([0, 17, 800, 1599])
    found = in_reach(graph, sources, 250.0, people, pairs=True)
    for number, source in enumerate(sources):
        theirs = by_scipy(graph, Seeds.at([source]), 250.0)
        part = slice(found.offsets[number], found.offsets[number + 1])
        order = np.argsort(found.node[part])
        np.testing.assert_array_equal(found.node[part][order], np.flatnonzero(np.isfinite(theirs)))
        np.testing.assert_allclose(found.seconds[part][order], theirs[np.isfinite(theirs)], atol=1e-9)
        assert found.total[number] == pytest.approx(people[np.isfinite(theirs)].sum())
    np.testing.assert_array_equal(in_reach(graph, sources, 250.0, people).total, found.total)
    many = in_reach(graph, np.arange(1600), 900.0, pairs=True)  # more than the room first made
    assert many.offsets[-1] == many.node.size == many.total.sum()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0, 5], [1, 0], [1.0, 1.0], 3), "arc 1 has the tail 5, expected a node of 0 to 2"),
        (([0, 1], [1, -1], [1.0, 1.0], 3), "arc 1 has the head -1"),
        (([0, 1], [1, 0], [1.0, -2.0], 3), "arc 1 costs -2.0 s"),
        (([0, 1], [1, 0], [np.nan, 1.0], 3), "arc 0 costs nan s"),
        (([0, 1], [1, 0], [1.0], 3), "one length"),
    ],
)
def test_a_graph_that_cannot_be_is_refused(arguments, words):
    with pytest.raises(LayerError, match=words):
        Graph.of(*map(np.asarray, arguments[:3]), arguments[3])


def test_places_that_cannot_be_are_refused():
    graph = Graph.of([0, 1], [1, 0], [5.0, 5.0], 2)
    with pytest.raises(LayerError, match="category 1 has a place at node 7"):
        nearest(graph, [Seeds.at([0]), Seeds.at([7])])
    with pytest.raises(LayerError, match="cost of -1"):
        nearest(graph, [Seeds.at([0], [-1.0])])
    with pytest.raises(LayerError, match="limit is -5"):
        nearest(graph, [Seeds.at([0])], -5.0)
    with pytest.raises(LayerError, match="one per node"):
        in_reach(graph, np.array([0]), 10.0, np.ones(5))
    with pytest.raises(LayerError, match="search anew"):
        repaired(graph, [], nearest(graph, [Seeds.at([0])]))
