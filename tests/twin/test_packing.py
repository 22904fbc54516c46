"""Numbers on their way to disk: what streams by is what a reader of the file will see."""

import numpy as np
import pytest
import xarray as xr

from kernels.quantities import QUANTITIES
from twin.packing import as_stored, dtype_of, encoding, pack


@pytest.mark.parametrize("name", ["water_depth", "water_velocity_x", "arrival_time"])
def test_the_stream_and_the_store_show_the_same_numbers(name):
    rng = np.random.default_rng(3)
    values = (rng.normal(0, 400 * QUANTITIES[name].step, (40, 50))).astype(np.float32)
    values[::7, ::5] = np.nan
    dtype = dtype_of(name, values)
    stored = xr.Dataset({name: (("y", "x"), pack(name, values, dtype), encoding(name, dtype))})
    read = xr.decode_cf(stored, decode_timedelta=False)[name].values
    np.testing.assert_array_equal(as_stored(name, values).astype(np.float32), read.astype(np.float32))


def test_rounding_moves_no_number_by_more_than_half_a_step():
    values = np.linspace(0, 3, 10_001, dtype=np.float32)
    assert np.abs(as_stored("water_depth", values) - values).max() <= 0.5 * QUANTITIES["water_depth"].step + 1e-7
