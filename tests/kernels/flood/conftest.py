"""Grids drawn by hand, and the words the flood kernel wants on them."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from kernels.quantities import attrs


def _layers(
    bed: np.ndarray, cell_size: float, origin: tuple[float, float] = (0.0, 0.0), **more: np.ndarray
) -> xr.Dataset:
    rows, columns = bed.shape
    x = origin[0] + (np.arange(columns) + 0.5) * cell_size
    y = origin[1] + (np.arange(rows) + 0.5) * cell_size
    dims = {"wall_crest_x": ("y", "x_face"), "wall_crest_y": ("y_face", "x")}
    fields = {"ground_elevation": bed.astype(float), **more}
    return xr.Dataset(
        {name: (dims.get(name, ("y", "x")), values, attrs(name)) for name, values in fields.items()},
        coords={"x": x, "y": y},
    )


@pytest.fixture(scope="session")
def make_layers() -> Callable[..., xr.Dataset]:
    """make_layers(bed, cell_size, origin, water_depth=…, …) -> layers."""
    return _layers


def _forcing(
    rain: tuple[list[float], object] | None = None,
    inflow: tuple[list[float], list[list[float]], list[float], list[float]] | None = None,
    level: tuple[list[float], list[list[float]], list[str]] | None = None,
) -> xr.Dataset:
    parts = []
    if rain is not None:
        rates = np.asarray(rain[1], float)
        dims = ("time",) if rates.ndim == 1 else ("time", "y", "x")
        parts.append(xr.DataArray(rates, dims=dims, coords={"time": rain[0]}, attrs=attrs("rainfall_rate")))
        parts[-1].name = "rainfall_rate"
        return _merge(parts[-1], inflow, level)
    return _merge(None, inflow, level)


def _merge(rain, inflow, level) -> xr.Dataset:
    forcing = xr.Dataset() if rain is None else rain.to_dataset()
    times = [] if rain is None else list(rain["time"].values)
    given = [one for one in (inflow, level) if one is not None]
    assert all(list(one[0]) == times or not times for one in given), "one Dataset has one time axis"
    if inflow is not None:
        forcing["river_discharge"] = (("time", "inflow"), np.asarray(inflow[1], float), attrs("river_discharge"))
        forcing = forcing.assign_coords(time=inflow[0], inflow_x=("inflow", inflow[2]), inflow_y=("inflow", inflow[3]))
    if level is not None:
        forcing["boundary_level"] = (("time", "side"), np.asarray(level[1], float), attrs("boundary_level"))
        forcing = forcing.assign_coords(time=level[0], side=level[2])
    return forcing


@pytest.fixture(scope="session")
def make_forcing() -> Callable[..., xr.Dataset]:
    """make_forcing(rain=(times, rates), inflow=(times, discharge, xs, ys), level=(times, levels, sides))."""
    return _forcing
