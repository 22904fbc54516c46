"""Every kernel keeps the one contract, on the smallest inputs it can be given."""

import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from kernels import KERNELS
from kernels.contract import Kernel, LayerError, collect, run
from kernels.quantities import QUANTITIES, attrs

sys.path.insert(0, str(Path(__file__).parent / "energy"))
import boxes_toy

SIZE = 8


def _inputs(kernel):
    """Each layer a small ramp, each series two entries; what is optional is left out."""
    if kernel.name == "heat":
        return _heat_inputs()
    if kernel.name == "access":
        return _access_inputs()
    if kernel.name == "traffic":
        return _traffic_inputs()
    if kernel.name == "energy":
        return boxes_toy.layers(2), boxes_toy.forcing(24)
    coords = {"x": np.arange(SIZE) + 0.5, "y": np.arange(SIZE) + 0.5}
    ground = xr.Dataset(coords=coords)
    for need in kernel.layers:
        if not need.optional:
            assert need.dims == ("y", "x"), "a kernel with other dims brings its own small input here"
            ramp = np.add.outer(np.arange(SIZE), np.arange(SIZE)) * 0.01
            ground[need.name] = (need.dims, ramp, attrs(need.name))
    series = xr.Dataset(coords={"time": [0.0, 30.0]})
    for need in kernel.forcing:
        if need.dims == ("time",):
            series[need.name] = (need.dims, np.array([1e-5, 0.0]), attrs(need.name))
    return ground, series


def _times(kernel, *seconds):
    """Output times; the kernel of energy has one an hour, not one a second."""
    return [360.0 * one if kernel.name == "energy" else one for one in seconds]


def _heat_inputs():
    """One small house on a meadow, a bright minute before noon: the weather of heat must be one."""
    coords = {"x": np.arange(SIZE) + 0.5, "y": np.arange(SIZE) + 0.5}
    house = np.full((SIZE, SIZE), -1, np.int32)
    house[2:5, 3:6] = 0
    given = {"ground_elevation": np.zeros((SIZE, SIZE)), "building_index": house, "building_height": 4.0 * (house == 0)}
    layers = xr.Dataset({name: (("y", "x"), values, attrs(name)) for name, values in given.items()}, coords=coords)
    weather = {
        "air_temperature": 300.0,
        "relative_humidity": 0.4,
        "wind_speed": 2.0,
        "global_horizontal_irradiance": 700.0,
        "diffuse_horizontal_irradiance": 120.0,
        "direct_normal_irradiance": 820.0,
        "downwelling_longwave_irradiance": 370.0,
        "solar_elevation_angle": 45.0,
        "solar_azimuth_angle": 150.0,
        "wind_from_direction": 270.0,
    }
    times = np.array([0.0, 30.0, 60.0])
    series = {name: (("time",), np.full(3, value), attrs(name)) for name, value in weather.items()}
    return layers, xr.Dataset(series, coords={"time": times})


def _traffic_inputs():
    """A square of four streets, one of them in a neighbourhood, and some cars and bikes from corner to corner."""
    street = {
        "link_start_node": np.array([0, 1, 0, 2], np.int32),
        "link_end_node": np.array([1, 3, 2, 3], np.int32),
        "street_length": np.array([40.0, 40.0, 60.0, 60.0]),
        "free_speed": np.full(4, 10.0),
        "street_capacity": np.full(4, 900.0),
        "link_area": np.array([-1, -1, 0, 0], np.int32),
    }
    demand = {
        "demand_start_node": np.array([0, 0], np.int32),
        "demand_end_node": np.array([3, 3], np.int32),
        "demand_mode": np.array([0, 4], np.int32),
        "demand_trips": np.array([30.0, 4.0]),
        "demand_begin": np.zeros(2),
        "demand_until": np.full(2, 60.0),
    }
    crossing = {
        "crossing_link": np.arange(4, dtype=np.int32),
        "crossing_row": np.array([0, 1, 2, 3], np.int32),
        "crossing_column": np.array([1, 2, 3, 4], np.int32),
        "crossing_length": np.ones(4),
    }
    whole = {"link": street, "demand": demand, "crossing": crossing}
    layers = xr.Dataset(
        {name: (dim, values, attrs(name)) for dim, given in whole.items() for name, values in given.items()},
        coords={"x": np.arange(SIZE) + 0.5, "y": np.arange(SIZE) + 0.5, "link": ["a>", "b>", "c>", "d>"]},
    )
    return layers, xr.Dataset()


def _access_inputs():
    """A street of three crossings with a home at its start and a food shop at its end, open from 15 s on."""
    whole = {"access_start_node": [0, 1, 1, 2], "access_end_node": [1, 0, 2, 1]}
    given = {
        **{name: ("foot_link", np.array(nodes, np.int32)) for name, nodes in whole.items()},
        "access_time": ("foot_link", np.array([60.0, 60.0, 90.0, 90.0])),
        "place_node": ("place", np.array([2], np.int32)),
        "place_category": ("place", np.array([10], np.int32)),
        "place_delay": ("place", np.array([5.0])),
        "home_node": ("home", np.array([0], np.int32)),
        "home_delay": ("home", np.array([10.0])),
        "home_people": ("home", np.array([3.0])),
        "access_time_asked": ("category", np.full(15, 600.0)),
        "opening_place": ("opening", np.array([0], np.int32)),
        "opening_begin": ("opening", np.array([15.0])),
        "opening_until": ("opening", np.array([86_400.0])),
    }
    layers = xr.Dataset({name: (dim, values, attrs(name)) for name, (dim, values) in given.items()})
    return layers, xr.Dataset(coords={"time": [0.0, 30.0]})


@pytest.fixture(params=KERNELS, ids=lambda kind: kind.name)
def kernel(request):
    return request.param()


def test_a_kernel_is_a_kernel(kernel):
    assert isinstance(kernel, Kernel)
    with pytest.raises(AttributeError):
        kernel.name = "other"


def test_every_word_of_a_kernel_is_in_the_table(kernel):
    names = {need.name for need in (*kernel.layers, *kernel.forcing)} | set(kernel.gives)
    assert names <= set(QUANTITIES)
    assert len({one.name for one in KERNELS}) == len(KERNELS)


def test_frames_come_at_their_times_with_units_and_names(kernel):
    times = _times(kernel, 10.0, 30.0)
    frames, outcome = collect(run(kernel, *_inputs(kernel), times))
    np.testing.assert_array_equal(frames.time.values, times)
    assert set(map(str, frames.data_vars)) | set(map(str, outcome.summary.data_vars)) == set(kernel.gives)
    for name, values in (*frames.data_vars.items(), *outcome.summary.data_vars.items()):
        assert values.attrs["units"] == QUANTITIES[str(name)].units
    assert set(outcome.closure.ledger) <= set(QUANTITIES)
    # 30 s are too short for float32 columns, which know a temperature to 30 µK; over hours they close to 1e-6 as well
    assert outcome.closure.error <= (1e-3 if kernel.name == "heat" else 1e-6)


def test_frames_are_copies(kernel):
    layers, forcing = _inputs(kernel)
    state = kernel.prepare(layers, forcing)
    kernel.advance(state, *_times(kernel, 10.0))
    first = kernel.observe(state)
    kept = first.copy(deep=True)
    for values in kernel.observe(state).data_vars.values():
        values.values[:] = -1.0
    kernel.advance(state, *_times(kernel, 20.0))
    xr.testing.assert_identical(first, kept)


def test_inputs_are_left_as_they_were(kernel):
    layers, forcing = _inputs(kernel)
    before = layers.copy(deep=True), forcing.copy(deep=True)
    kernel.advance(kernel.prepare(layers, forcing), *_times(kernel, 20.0))
    xr.testing.assert_identical(layers, before[0])
    xr.testing.assert_identical(forcing, before[1])


def test_a_checkpoint_goes_on_bit_for_bit(kernel):
    inputs = _inputs(kernel)
    whole, _ = collect(run(kernel, *inputs, _times(kernel, 10.0, 20.0, 40.0)))
    _, outcome = collect(run(kernel, *inputs, _times(kernel, 10.0, 20.0)))
    saved = {name: np.array(values, copy=True) for name, values in outcome.checkpoint.items()}
    rest, _ = collect(run(kernel, *inputs, _times(kernel, 40.0), saved=saved))
    xr.testing.assert_identical(rest.isel(time=0), whole.isel(time=2))


def test_a_missing_layer_is_named(kernel):
    layers, forcing = _inputs(kernel)
    needed = next(need.name for need in kernel.layers if not need.optional)
    with pytest.raises(LayerError, match=needed):
        next(run(kernel, layers.drop_vars(needed), forcing, [1.0]))


def test_a_wrong_unit_is_named(kernel):
    layers, forcing = _inputs(kernel)
    needed = next(need.name for need in kernel.layers if not need.optional)
    layers[needed].attrs["units"] = "furlong"
    with pytest.raises(LayerError, match="furlong"):
        next(run(kernel, layers, forcing, [1.0]))


def test_times_must_increase(kernel):
    with pytest.raises(LayerError, match="increasing"):
        next(run(kernel, *_inputs(kernel), [2.0, 1.0]))
