"""Bays at the kerb: Erlang's formula against its sum, and the factor of the Highway Capacity Manual by hand."""

import math

import pytest

from kernels.contract import LayerError
from kernels.traffic.kerb_bays import blocking, capacity_part


@pytest.mark.parametrize(("bays", "load"), [(1, 0.5), (4, 3.0), (10, 5.0), (40, 60.0)])
def test_blocking_is_the_last_term_of_erlangs_sum(bays, load):
    terms = [load**n / math.factorial(n) for n in range(bays + 1)]
    assert blocking(bays, load) == pytest.approx(terms[-1] / sum(terms), rel=1e-12)


def test_ten_bays_at_five_erlang_turn_away_1_84_percent():
    # in every table of Erlang B, such as that of ITU-D Teletraffic Engineering Handbook (2005), chapter 7
    assert blocking(10, 5.0) == pytest.approx(0.0184, abs=5e-5)


def test_without_bays_everyone_searches_on_and_without_arrivals_nobody():
    assert blocking(0, 2.0) == 1.0
    assert blocking(3, 0.0) == 0.0


@pytest.mark.parametrize(
    ("lanes", "manoeuvres", "part"),
    # (N - 0.1 - 18 m / 3600) / N by hand
    [(1, 0, 0.9), (1, 20, 0.8), (2, 40, 0.85), (1, 180, 0.05), (1, 500, 0.05), (2, 500, 0.5)],
)
def test_manoeuvres_take_18_s_of_a_lane_each(lanes, manoeuvres, part):
    assert capacity_part(lanes, manoeuvres) == pytest.approx(part, abs=1e-12)


def test_what_cannot_be_is_refused():
    with pytest.raises(LayerError, match="-1 bays"):
        blocking(-1, 1.0)
    with pytest.raises(LayerError, match="lanes above 0"):
        capacity_part(0, 1.0)
