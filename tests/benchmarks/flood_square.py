"""A built-up square under a cloudburst, with soil, hollows and a sewer: what speeds are measured on."""

import sys
from pathlib import Path

import numpy as np
import xarray as xr

from kernels.quantities import attrs

sys.path.insert(0, str(Path(__file__).parents[1] / "kernels" / "flood"))
from sewers import network

CELL = 2.0
RAIN = 100 / 3.6e6
SOIL = {
    "saturated_hydraulic_conductivity": 1.81e-6, "wetting_front_suction": 0.1668, "moisture_deficit": 0.243,
    "depression_storage": 0.0025,
}  # fmt: skip


def built_up_square(size: int, cell: float = CELL) -> xr.Dataset:
    """Gentle hills with buildings every 25 cells and two kinds of ground, drawn by a fixed seed."""
    rng = np.random.default_rng(1)
    x = (np.arange(size) + 0.5) * cell
    X, Y = np.meshgrid(x, x)
    bed = 20 + 8 * np.sin(X / 500) * np.cos(Y / 700) + 0.01 * X + 0.1 * np.sin(X / 9) * np.sin(Y / 11)
    building = np.full(bed.shape, -1, np.int32)
    corners = [(row, column) for row in range(4, size - 16, 25) for column in range(4, size - 16, 25)]
    for number, (row, column) in enumerate(corners):
        height, width = rng.integers(6, 14, 2)
        building[row : row + height, column : column + width] = number
    green = rng.random(bed.shape) < 0.5
    fields = {
        "ground_elevation": bed, "building_index": building, "manning_roughness": np.where(green, 0.03, 0.015),
        **{name: np.where(green, value, 0.0) for name, value in SOIL.items()},
    }  # fmt: skip
    return xr.Dataset(
        {name: (("y", "x"), values, attrs(name)) for name, values in fields.items()}, coords={"x": x, "y": x}
    )


def without_soil(square: xr.Dataset) -> xr.Dataset:
    """The same, sealed."""
    return square.drop_vars(list(SOIL))


def with_sewer(square: xr.Dataset, every: int = 50) -> xr.Dataset:
    """The same with a street inlet every ``every`` cells along streets without buildings, in sewers to the west."""
    size, bed = square.sizes["x"], square["ground_elevation"].values
    rows = np.arange(1, size - 1, every)
    columns = np.arange(1, size - 1, every)
    x, y = square["x"].values, square["y"].values
    row, column = (one.ravel() for one in np.meshgrid(rows, columns, indexing="ij"))
    rim = bed[row, column]
    first = column == columns[0]
    count = row.size
    outfall = count + np.arange(rows.size)
    level = rim.reshape(rows.size, -1)
    invert = np.minimum.accumulate(level[:, ::-1], axis=1)[:, ::-1] - 2.0
    downhill = np.minimum.accumulate(invert + 0.0, axis=1)
    node = {
        "x": [*x[column], *np.full(rows.size, x[0] - 20.0)], "y": [*y[row], *y[rows]],
        "kind": [*np.zeros(count), *np.full(rows.size, 2)], "invert": [*downhill.ravel(), *(downhill[:, 0] - 0.5)],
        "rim": [*rim, *(rim[first] + 1.0)],
    }  # fmt: skip
    inner = np.flatnonzero(~first)
    start = [*inner, *np.flatnonzero(first)]
    end = [*(inner - 1), *outfall]
    depth = np.array(node["invert"])
    conduit = {
        "start": start, "end": end, "length": [*np.full(inner.size, every * CELL), *np.full(rows.size, 20.0)],
        "shape": 0, "height": 0.6, "width": 0.0, "roughness": 0.013, "start_invert": depth[start],
        "end_invert": depth[end],
    }  # fmt: skip
    inlet = {"node": np.arange(count), "x": x[column], "y": y[row], "length": 1.8, "area": 0.12}
    return xr.merge([square, network(node=node, conduit=conduit, inlet=inlet)])


def cloudburst(rate: float = RAIN, until: float | None = None) -> xr.Dataset:
    """Rain of one rate [m s⁻¹], for ever or until a time [s]."""
    times, rates = ([0.0], [rate]) if until is None else ([0.0, until], [rate, 0.0])
    return xr.Dataset({"rainfall_rate": (("time",), np.array(rates), attrs("rainfall_rate"))}, {"time": times})
