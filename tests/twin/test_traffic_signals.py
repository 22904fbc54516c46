"""Signals: who gets one, and the green of two phases by hand."""

import numpy as np
import pytest

from twin.traffic_signals import BETWEEN, CYCLE, ON_FOOT, signals

WIDE, NARROW = 3.0, 2.0


def plan(places, links, *, known=(), weight=None, large=None, capacity=1470.0):
    """Signals of straight links given as pairs of names, both ways; answers by ``from-to``."""
    names = list(places)
    pairs = [pair for one, other in links for pair in ((one, other), (other, one))]
    tail, head = (np.array([names.index(pair[side]) for pair in pairs]) for side in (0, 1))
    xy = np.array([places[name] for name in names], float)
    away = xy[head] - xy[tail]
    size = len(pairs)
    found = signals(
        tail, head, np.hypot(*away.T), np.arctan2(away[:, 1], away[:, 0]),
        np.ones(size) if weight is None else np.array([weight[frozenset(pair)] for pair in pairs]),
        np.ones(size, bool) if large is None else np.array([set(pair) <= large for pair in pairs]),
        np.ones(size, bool), np.full(size, capacity), np.isin(names, list(known)),
    )  # fmt: skip
    lit = {
        f"{one}-{other}": (found.green[row], found.offset[row])
        for row, (one, other) in enumerate(pairs)
        if found.cycle[row] > 0
    }
    assert set(np.unique(found.cycle)) <= {0.0, CYCLE}
    return lit, found.counts


CROSS = {"x": (0, 0), "w": (-100, 0), "e": (100, 0), "n": (0, 100), "s": (0, -100)}
ARMS = [("w", "x"), ("x", "e"), ("n", "x"), ("x", "s")]


def test_the_green_of_a_crossing_is_shared_by_the_weights():
    weight = {frozenset(pair): WIDE if "e" in pair or "w" in pair else NARROW for pair in ARMS}
    lit, counts = plan(CROSS, ARMS, known={"x"}, weight=weight)
    # 90 s less twice 5 s between phases leaves 80 s: 3 to 2 is 48 and 32
    assert lit == {"w-x": (48, 0), "e-x": (48, 0), "n-x": (32, 48 + BETWEEN), "s-x": (32, 48 + BETWEEN)}
    assert counts == {"signals at crossings": 1}


def test_large_streets_that_cross_are_given_a_signal_and_it_is_counted():
    lit, counts = plan(CROSS, ARMS)
    assert set(lit) == {"w-x", "e-x", "n-x", "s-x"}
    assert counts == {"assumed signals": 1}
    assert plan(CROSS, ARMS, large={"w", "x", "e"}) == ({}, {})  # small streets that meet a large one give way
    assert plan(CROSS, ARMS[:2]) == ({}, {})  # no crossing


def test_a_signal_before_a_crossing_is_that_of_the_crossing():
    places = CROSS | {"k": (-20, 0)}
    arms = [("w", "k"), ("k", "x"), *ARMS[1:]]
    lit, counts = plan(places, arms, known={"k"}, large=set())
    assert set(lit) == {"k-x", "e-x", "n-x", "s-x"}
    assert counts == {"signals at crossings": 1}


def test_a_signal_between_crossings_is_for_people_on_foot():
    places = {"w": (-100, 0), "x": (0, 0), "e": (100, 0)}
    lit, counts = plan(places, [("w", "x"), ("x", "e")], known={"x"})
    assert lit == dict.fromkeys(("w-x", "e-x"), (CYCLE - ON_FOOT - 2 * BETWEEN, 0))
    assert counts == {"signals for people on foot": 1}


def test_cars_stop_where_they_enter_a_crossing_of_two_carriageways_and_not_within_it():
    places = {"x": (0, 0), "y": (0, 15), "w": (-100, 0), "e": (100, 0), "v": (-100, 15), "f": (100, 15),
              "n": (0, 115), "s": (0, -100)}  # fmt: skip
    arms = [("w", "x"), ("x", "e"), ("v", "y"), ("y", "f"), ("n", "y"), ("y", "x"), ("x", "s")]
    lit, counts = plan(places, arms)
    assert set(lit) == {"w-x", "e-x", "v-y", "f-y", "n-y", "s-x"}
    assert lit["w-x"] == lit["f-y"]
    assert lit["n-y"] == lit["s-x"]
    assert counts == {"assumed signals": 1}


def test_green_is_long_enough_for_one_car_and_for_people_who_cross():
    weight = {frozenset(pair): 20.0 if "e" in pair or "w" in pair else 1.0 for pair in ARMS}
    assert plan(CROSS, ARMS, weight=weight)[0]["n-x"][0] == 15.0
    slow = plan(CROSS, ARMS, weight=weight, capacity=150.0)[0]["n-x"][0]
    assert slow * 150.0 / 3600.0 == pytest.approx(1.05)
