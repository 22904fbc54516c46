"""The kernel of access: times against SciPy and by hand, doors that open and close, who is counted, what is refused."""

import numpy as np
import pytest
import xarray as xr
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from kernels.access.kernel import Access
from kernels.contract import LayerError, collect, run
from kernels.quantities import attrs
from kernels.quantities.access import CATEGORIES, access_time
from twin.amenities import categories

SPORT, HEALTH = CATEGORIES.index("sport"), CATEGORIES.index("health")
NOTHING = xr.Dataset(coords={"time": [0.0]})


def made(arcs, places, homes, openings=(), asked=600.0, shut=()) -> xr.Dataset:
    """Rows of arcs (from, to, seconds), places (node, category, delay), homes (node, delay, people), hours."""
    tables = (
        ("foot_link", ("access_start_node", "access_end_node", "access_time"), arcs),
        ("place", ("place_node", "place_category", "place_delay"), places),
        ("home", ("home_node", "home_delay", "home_people"), homes),
        ("opening", ("opening_place", "opening_begin", "opening_until"), openings),
        ("shut", ("shut_arc", "shut_begin", "shut_until"), shut),
    )
    found = xr.Dataset({"access_time_asked": ("category", np.full(15, asked), attrs("access_time_asked"))})
    for dim, names, rows in tables:
        columns = list(zip(*rows, strict=True)) or [[]] * len(names)
        for name, column in zip(names, columns, strict=True):
            whole = name.endswith(("node", "category", "place", "arc"))
            found[name] = (dim, np.array(column, np.int32 if whole else float), attrs(name))
    return found


def street(*seconds):
    """Both ways along a row of crossings."""
    return [row for n, cost in enumerate(seconds) for row in ((n, n + 1, cost), (n + 1, n, cost))]


def test_the_categories_are_those_of_the_table():
    assert tuple(categories()) == CATEGORIES


def test_times_are_those_of_scipy_with_the_walk_at_both_ends(measured):
    rng = np.random.default_rng(5)
    nodes, arcs = 900, 3600
    tail, head = rng.integers(0, nodes, arcs), rng.integers(0, nodes, arcs)
    tail[0], head[0] = nodes - 1, 0
    cost = rng.uniform(10.0, 120.0, arcs)
    place, kind, delay = rng.integers(0, nodes, 60), rng.integers(0, 15, 60), rng.uniform(0.0, 40.0, 60)
    home, walk = rng.integers(0, nodes, 200), rng.uniform(0.0, 40.0, 200)
    layers = made(
        list(zip(tail, head, cost, strict=True)), list(zip(place, kind, delay, strict=True)),
        [(n, s, 2.0) for n, s in zip(home, walk, strict=True)],
    )  # fmt: skip
    frames, outcome = collect(run(Access(longest=900.0), layers, NOTHING, [60.0]))
    least = np.full((nodes, nodes), np.inf)
    np.minimum.at(least, (tail, head), cost)
    matrix = csr_matrix(np.where(np.isfinite(least), least, 0.0))
    ways = dijkstra(matrix, indices=home)
    worst = 0.0
    for code, key in enumerate(CATEGORIES):
        rows = kind == code
        theirs = np.min(ways[:, place[rows]] + delay[rows], axis=1, initial=np.inf)
        theirs = np.where((theirs <= 900.0) & (theirs + walk <= 900.0), theirs + walk, np.nan)
        ours = frames[access_time(key)].values[0]
        np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
        worst = max(worst, np.nanmax(np.abs(ours - theirs), initial=0.0))
    measured(case="access of 200 homes to 15 categories on 900 nodes", source="SciPy's Dijkstra", ours=worst, bar=1e-9,
             unit="s")  # fmt: skip
    assert outcome.closure.error == 0.0
    assert outcome.closure.remarks["times_that_could_be_bettered"] == 0


def test_a_shop_is_near_only_while_it_is_open():
    # home at 0; one pharmacy 100 s away, open from 1 h to 2 h, another 400 s away, always open; asked are 300 s
    layers = made(street(100, 300), [(1, HEALTH, 0), (2, HEALTH, 0)], [(0, 0, 7)], [(0, 3600, 7200)], asked=300.0)
    frames, outcome = collect(run(Access(), layers, NOTHING, [1800.0, 3600.0, 5400.0, 7200.0, 9000.0]))
    assert frames["access_time_health"].values[:, 0].tolist() == [400, 100, 100, 400, 400]
    assert frames["categories_in_reach"].values[:, 0].tolist() == [0, 1, 1, 0, 0]
    assert outcome.summary["fewest_categories_in_reach"].values.tolist() == [0]
    assert outcome.summary["people_in_reach"].values[HEALTH] == 0


def test_a_door_that_closes_between_two_frames_is_not_overlooked():
    layers = made(street(100), [(1, SPORT, 0)], [(0, 0, 4)], [(0, 0, 1000), (0, 2000, 9000)])
    frames, outcome = collect(run(Access(), layers, NOTHING, [500.0, 3000.0]))
    assert frames["categories_in_reach"].values.tolist() == [[1], [1]]
    assert outcome.summary["fewest_categories_in_reach"].values.tolist() == [0]


def test_a_gate_that_shuts_at_night_makes_the_way_longer():
    # a park gate on the way of 100 s, arcs 0 and 1, and a way round of 400 s; shut from 22 h to 6 h
    arcs = [(0, 1, 100.0), (1, 0, 100.0), (0, 2, 200.0), (2, 0, 200.0), (2, 1, 200.0), (1, 2, 200.0)]
    layers = made(arcs, [(1, SPORT, 0)], [(0, 0, 2)], asked=300.0, shut=[(0, 79_200, 108_000), (1, 79_200, 108_000)])
    frames, outcome = collect(run(Access(), layers, NOTHING, [3600.0, 79_199.0, 79_200.0, 107_999.0, 108_000.0]))
    assert frames["access_time_sport"].values[:, 0].tolist() == [100, 100, 400, 400, 100]
    assert outcome.summary["people_in_reach"].values[SPORT] == 0
    assert outcome.closure.error == 0.0


def test_a_street_shut_one_way_is_still_walked_the_other():
    layers = made(street(100), [(1, SPORT, 0), (0, HEALTH, 0)], [(0, 0, 1), (1, 0, 1)], shut=[(0, 0, 50)])
    frame, _ = collect(run(Access(), layers, NOTHING, [10.0]))
    np.testing.assert_array_equal(frame["access_time_sport"].values[0], [np.nan, 0])
    np.testing.assert_array_equal(frame["access_time_health"].values[0], [0, 100])


def test_doors_that_open_one_by_one_give_what_a_fresh_search_gives_and_touch_less():
    rng = np.random.default_rng(2)
    side = 30
    number = np.arange(side * side).reshape(side, side)
    pairs = np.r_[np.c_[number[:, :-1].ravel(), number[:, 1:].ravel()], np.c_[number[:-1].ravel(), number[1:].ravel()]]
    ends = np.r_[pairs, pairs[:, ::-1]]
    arcs = [(a, b, s) for (a, b), s in zip(ends.tolist(), rng.uniform(20, 60, len(ends)), strict=True)]
    places = [(int(n), int(rng.integers(15)), 0.0) for n in rng.integers(0, side * side, 120)]
    homes = [(int(n), 0.0, 1.0) for n in range(side * side)]
    doors = [(p, 100.0 + p, 1e6) for p in range(0, 120, 10)]
    late, now = made(arcs, places, homes, doors), made(arcs, places, homes)
    kernel = Access()
    state = kernel.prepare(late, NOTHING)
    before = state.searched
    kernel.advance(state, 1000.0)
    fresh = kernel.prepare(now, NOTHING)
    for key in CATEGORIES:
        np.testing.assert_array_equal(
            kernel.observe(state)[access_time(key)].values, kernel.observe(fresh)[access_time(key)].values
        )
    assert state.searched - before < 12 * side * side / 4


def test_nobody_is_lost_and_who_is_on_no_street_reaches_nothing():
    layers = made(street(100), [(1, SPORT, 0)], [(0, 0, 3), (-1, 0, 5), (0, 590, 2)])
    frames, outcome = collect(run(Access(), layers, NOTHING, [1.0]))
    assert np.isnan(frames["access_time_sport"].values[0, 1])
    told = outcome.closure
    assert told.ledger == {"people_counted": 150.0, "people_reached": 3.0, "people_not_reached": 147.0}
    assert told.remarks["homes_on_no_street"] == 1
    assert told.remarks["homes_reaching_none"] == 2
    assert outcome.summary["people_in_reach"].values[SPORT] == 3


def test_a_closed_arc_and_an_island_are_no_way():
    # 0 - 1 closed one way; 2 hangs together with nobody
    layers = made([(0, 1, np.inf), (1, 0, 10.0), (2, 3, 10.0), (3, 2, 10.0)], [(1, SPORT, 0)], [(0, 0, 1), (2, 0, 1)])
    frames, outcome = collect(run(Access(), layers, NOTHING, [1.0]))
    assert np.isnan(frames["access_time_sport"].values).all()
    assert outcome.closure.ledger["people_reached"] == 0


def test_a_search_that_is_wrong_would_be_noticed():
    kernel, layers = Access(), made(street(100, 100), [(2, SPORT, 0)], [(0, 0, 1)])
    state = kernel.prepare(layers, NOTHING)
    assert kernel.closure(state).error == 0.0
    state.found.seconds[SPORT, 0] += 1.0
    assert kernel.closure(state).remarks["times_that_could_be_bettered"] == 1
    assert kernel.closure(state).error > 0.0


@pytest.mark.parametrize(
    ("name", "row", "value", "words"),
    [
        ("place_node", 0, 9, "place_node of place 0 is 9, expected a node of 0 to 1"),
        ("place_category", 0, 15, "expected 0 to 14"),
        ("home_node", 1, -2, "home_node of home Nord is -2"),
        ("home_people", 0, -1.0, "home_people of home Zuid is -1, expected 0 or more"),
        ("access_time", 0, -3.0, "access_time of foot_link 0 is -3"),
        ("access_time", 1, np.nan, "access_time of foot_link 1 is nan"),
        ("access_start_node", 0, -1, "access_start_node of foot_link 0"),
        ("opening_place", 0, 4, "a row of the 1 places"),
        ("opening_until", 0, 5.0, "later than opening_begin"),
        ("shut_arc", 0, 7, "a row of the 2 arcs"),
        ("shut_until", 0, 1.0, "later than shut_begin"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name, row, value, words):
    layers = made(street(60), [(1, SPORT, 0)], [(0, 0, 1), (1, 0, 1)], [(0, 10, 20)], shut=[(1, 5, 9)])
    layers = layers.assign_coords(home=["Zuid", "Nord"])
    layers[name].values[row] = value
    with pytest.raises(LayerError, match=words):
        Access().prepare(layers, NOTHING)


def test_half_an_opening_and_a_short_list_of_times_are_refused():
    layers = made(street(60), [(1, SPORT, 0)], [(0, 0, 1)], [(0, 10, 20)])
    with pytest.raises(LayerError, match="together"):
        Access().prepare(layers.drop_vars("opening_until"), NOTHING)
    with pytest.raises(LayerError, match="one for each of green_space"):
        Access().prepare(layers.isel(category=slice(0, 3)), NOTHING)
