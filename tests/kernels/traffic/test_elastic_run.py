"""Trips of a run answer what a change of streets makes of their times."""

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq

from kernels.contract import LayerError
from kernels.traffic.elastic import Response
from kernels.traffic.elastic_run import elastic_trips

HOUR = 3600.0


def street(speed=10.0, capacity=1000.0, allowed=31):
    """One street of 1 km, with 800 cars and 50 bikes in an hour."""
    demand = {"start_node": [0, 0], "end_node": [1, 1], "mode": [0, 4], "trips": [800.0, 50.0],
              "begin": [0.0, 0.0], "until": [HOUR, HOUR]}  # fmt: skip
    return xr.Dataset(
        {
            "link_start_node": ("link", np.array([0])), "link_end_node": ("link", np.array([1])),
            "street_length": ("link", [1000.0]), "free_speed": ("link", [speed]),
            "street_capacity": ("link", [capacity]), "allowed_modes": ("link", [allowed]),
            **{f"demand_{name}": ("demand", np.array(values)) for name, values in demand.items()},
        },
        coords={"link": ["a"], "node": ["0", "1"]},
    )  # fmt: skip


def test_on_a_slower_street_so_many_drive_as_the_time_they_make_asks_for(measured):
    """Expected: Brent's root, by SciPy, of trips = 800 (time / time before)^-0.5 with the BPR time at 5 and 10 m/s."""
    found = elastic_trips(street(speed=5.0), street(), Response(elasticity=-0.5), miss=1e-9, gap=1e-10)

    def time(free, cars):
        return free * (1 + 0.15 * ((cars + 0.2 * 50.0) / 1000.0) ** 4)

    before = time(100.0, 800.0)
    root = brentq(lambda cars: 800.0 * (time(200.0, cars) / before) ** -0.5 - cars, 1.0, 800.0, xtol=1e-12)
    assert found.converged
    measured(case="Elastic demand of a run on a slower street", source="root of the two curves",
             ours=abs(found.trips[0] / root - 1), bar=1e-6, unit="1")  # fmt: skip
    assert found.trips[1] == 50.0  # only cars answer
    assert found.cost_before[0] == pytest.approx(before, rel=1e-9)


def test_where_nothing_changed_all_trips_stay():
    found = elastic_trips(street(), street(), Response())
    np.testing.assert_array_equal(found.factor, 1.0)
    assert found.rounds == 0


def test_trips_that_no_way_serves_any_more_are_kept_for_the_run_to_report():
    found = elastic_trips(street(allowed=16), street(), Response())
    np.testing.assert_array_equal(found.trips, [800.0, 50.0])
    assert np.isnan(found.cost[0])


def test_other_rows_after_than_before_are_refused():
    after = street()
    after["demand_begin"] = after["demand_begin"] + 60.0
    with pytest.raises(LayerError, match="demand_begin is not the same"):
        elastic_trips(after, street(), Response())
