"""The demand of a run adjusted to counters by hour and mode, on streets drawn by hand."""

import numpy as np
import pytest
import xarray as xr

from kernels.contract import LayerError
from kernels.traffic.counted import Counter, fit_to_counters
from kernels.traffic.queues_inputs import mode_bits

CAR, BIKE = mode_bits("car"), mode_bits("bike")
HOUR = 3600.0


def streets(trips=(300.0, 200.0, 100.0, 60.0)):
    """Two streets in a row, 0-1 and 1-2, and one beside the second; cars from 0 in two hours, and bikes."""
    demand = {"start_node": [0, 1, 0, 0], "end_node": [2, 2, 2, 2], "mode": [0, 0, 0, 4], "trips": trips,
              "begin": [0.0, 0.0, HOUR, 0.0], "until": [HOUR, HOUR, 2 * HOUR, 2 * HOUR]}  # fmt: skip
    return xr.Dataset(
        {
            "link_start_node": ("link", np.array([0, 1, 1])), "link_end_node": ("link", np.array([1, 2, 2])),
            "street_length": ("link", [500.0, 500.0, 5000.0]), "free_speed": ("link", [10.0, 10.0, 10.0]),
            "street_capacity": ("link", [1500.0, 1500.0, 1500.0]), "allowed_modes": ("link", [31, 31, 31]),
            **{f"demand_{name}": ("demand", np.array(values)) for name, values in demand.items()},
        },
        coords={"link": ["a", "b", "c"], "node": ["0", "1", "2"]},
    )  # fmt: skip


def test_a_counter_of_one_row_meets_it_at_the_mean_of_their_variances():
    """Closed form: 100 trips before and 150 counted, each with its own size as variance, meet at 120; others stay."""
    found = fit_to_counters(streets(), [Counter("x", (0,), CAR, HOUR, 2 * HOUR, 150.0)])
    np.testing.assert_allclose(found.trips, [300.0, 200.0, 120.0, 60.0], rtol=1e-4)
    (one,) = found.counters
    assert (one.counted, one.before) == pytest.approx((150.0, 100.0), rel=1e-6)
    assert one.after == pytest.approx(120.0, rel=1e-3)


def test_a_counter_sees_its_modes_in_its_time_alone():
    """Expected: by hand; bikes set out evenly in two hours, so that 30 pass in one."""
    counters = [
        Counter("bikes", (0,), BIKE, 0.0, HOUR, 30.0), Counter("cars", (1,), CAR, 0.0, HOUR, 500.0),
        Counter("half an hour", (0,), CAR | BIKE, HOUR / 2, HOUR, 165.0),
    ]  # fmt: skip
    found = fit_to_counters(streets(), counters)
    assert [one.before for one in found.counters] == pytest.approx([30.0, 500.0, 330.0], rel=1e-6)
    np.testing.assert_allclose(found.factor, 1.0, rtol=1e-6)


def test_two_counted_links_add_up():
    """Expected: all that go from 1 to 2, whichever way."""
    found = fit_to_counters(streets(), [Counter("both", (1, 2), CAR, 0.0, HOUR, 500.0)])
    assert found.counters[0].before == pytest.approx(500.0, rel=1e-6)


def test_counters_out_of_the_fit_are_reported_and_move_nothing():
    counters = [Counter("in", (0,), CAR, 0.0, HOUR, 600.0), Counter("out", (0,), CAR, HOUR, 2 * HOUR, 900.0, held=True)]
    found = fit_to_counters(streets(), counters, trust=0.01)
    assert found.trips[2] == 100.0
    assert found.trips[0] == pytest.approx(600.0, rel=0.02)
    assert found.good() == 1.0
    assert found.good(held=True) == 0.0
    assert found.good(before=True) == 0.0


@pytest.mark.parametrize(
    ("counter", "words"),
    [
        (Counter("x", (7,), CAR, 0.0, HOUR, 1.0), "stands on links"),
        (Counter("x", (0,), CAR, HOUR, 0.0, 1.0), "expected later"),
        (Counter("x", (0,), CAR, 0.0, HOUR, -1.0), "leave it out if it failed"),
        (Counter("x", (0,), 0, 0.0, HOUR, 1.0), "no known mode"),
        (Counter("x", (0,), CAR, 0.0, HOUR, 1.0, held=True), "give one at least"),
    ],
)
def test_a_counter_that_makes_no_sense_is_refused_with_its_name(counter, words):
    with pytest.raises(LayerError, match=words):
        fit_to_counters(streets(), [counter])
