"""Trips between zones become rows between nodes: bounded in number, exact in total, spread as the weights."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.traffic.pairing import Places, paired


def places(zones=12, nodes=20, seed=4):
    """Twenty nodes of unlike weight in each of some zones."""
    rng = np.random.default_rng(seed)
    zone = np.repeat(np.arange(zones), nodes)
    return Places.of(zones, zone, np.arange(zones * nodes), rng.gamma(0.7, 1.0, zones * nodes))


def pairs(zones=12, seed=5):
    """All pairs of zones with trips of unlike number, 5,000 in all."""
    trips = np.random.default_rng(seed).gamma(0.5, 1.0, zones**2)
    origin, destination = np.divmod(np.arange(zones**2), zones)
    return origin, destination, trips * 5000.0 / trips.sum()


def test_shares_of_a_zone_gather_by_node_and_add_up_to_one():
    """Expected: by hand; node 7 stands twice in zone 1."""
    found = Places.of(3, [1, 1, 0, 1], [7, 8, 7, 7], [1.0, 2.0, 5.0, 1.0])
    np.testing.assert_array_equal(found.first, [0, 1, 3, 3])
    np.testing.assert_array_equal(found.node, [7, 7, 8])
    np.testing.assert_allclose(found.share, [1.0, 0.5, 0.5])


@pytest.mark.parametrize("rows", [150, 1000, 60_000])
def test_with_rows_enough_the_trips_of_every_pair_are_exact(rows):
    """Expected: the trips that were given, and no more rows than asked."""
    origin, destination, trips = pairs()
    found = paired(origin, destination, trips, places(), places(seed=6), rows)
    assert found.exact
    assert found.trips.size <= rows
    np.testing.assert_allclose(np.bincount(found.pair, found.trips, trips.size), trips, rtol=1e-12)


@pytest.mark.parametrize("rows", [1, 17, 100])
def test_with_fewer_rows_than_pairs_the_total_is_exact_and_each_pair_within_one_row(rows):
    """Expected: the sum of the trips given; and, of systematic sampling, less than one row's trips off in a pair."""
    origin, destination, trips = pairs()
    found = paired(origin, destination, trips, places(), places(), rows)
    assert not found.exact
    assert found.trips.size == rows
    assert found.trips.sum() == pytest.approx(trips.sum(), rel=1e-12)
    assert np.abs(np.bincount(found.pair, found.trips, trips.size) - trips).max() <= trips.sum() / rows * (1 + 1e-9)


def test_nodes_of_a_zone_begin_trips_as_their_weights_say(measured):
    """Expected: the shares of the nodes; a random draw of as many rows would be off by about 1/sqrt(rows)."""
    rows, begin, end = 2000, places(), places(seed=6)
    found = paired([0], [1], [1000.0], begin, end, rows)
    off = 0.0
    for node, where, zone in ((found.start, begin, 0), (found.end, end, 1)):
        own = slice(where.first[zone], where.first[zone + 1])
        share = np.bincount(node, found.trips, minlength=240)[where.node[own]] / 1000.0
        off = max(off, np.abs(share - where.share[own]).max())
    measured(
        case="Pairing of zones to nodes: greatest miss of a node's share, 2,000 rows", source="shares as given",
        ours=off, bar=0.003, unit="1", published="random draw: about 0.01",
    )  # fmt: skip


def test_both_ends_spread_independently():
    """Expected: the product of the shares of the two ends, which one shared sequence would not give."""
    even = Places.of(2, np.repeat([0, 1], 4), np.arange(8), np.ones(8))
    found = paired([0], [1], [1600.0], even, even, 1600)
    table = np.zeros((4, 4))
    np.add.at(table, (found.start, found.end - 4), found.trips)
    np.testing.assert_allclose(table, 100.0, atol=8.0)


def test_rows_stand_at_the_same_nodes_when_the_trips_of_other_pairs_change():
    """Expected: the same first rows of a pair, so that before and after an edit the same trips are compared."""
    origin, destination, trips = pairs()
    one = paired(origin, destination, trips, places(), places(), 1000)
    other = paired(origin, destination, np.where(origin == 3, trips, 0.7 * trips), places(), places(), 1400)
    for pair in (0, 40, 143):
        a, b = (np.flatnonzero(found.pair == pair) for found in (one, other))
        common = min(a.size, b.size)
        np.testing.assert_array_equal(one.start[a[:common]], other.start[b[:common]])
        np.testing.assert_array_equal(one.end[a[:common]], other.end[b[:common]])


def test_no_trips_give_no_rows():
    found = paired([0], [1], [0.0], places(), places(), 10)
    assert found.trips.size == 0


def test_what_cannot_be_paired_is_refused():
    with pytest.raises(LayerError, match="zone 0 to zone 1 are -1"):
        paired([0], [1], [-1.0], places(), places(), 10)
    with pytest.raises(LayerError, match="zone 1, which has no node"):
        paired([0], [1], [1.0], places(), Places.of(2, [0], [0], [1.0]), 10)
    with pytest.raises(LayerError, match="at least 1"):
        paired([0], [1], [1.0], places(), places(), 0)
    with pytest.raises(LayerError, match="negative or absent"):
        Places.of(1, [0], [0], [-1.0])
