"""What the flood reads of its layers and forcing, checked: cells, walls, rain, inflows, levels."""

import numpy as np
import xarray as xr

from kernels.contract import LayerError
from kernels.flood.forcing import SIDES, Inflow, Levels, Rain, refuse_negative, times_of
from kernels.flood.roof_gutters import OUTSIDE, RoofGutters


def on_faces(flow: np.ndarray, hole: np.ndarray, axis: int) -> np.ndarray:
    """Discharge of cells as that of the faces behind them along one axis; the last ones stay closed."""
    here = [slice(None), slice(None)]
    there = [slice(None), slice(None)]
    here[axis], there[axis] = slice(None, -1), slice(1, None)
    found = np.zeros_like(flow)
    one, two = tuple(here), tuple(there)
    found[one] = np.where(hole[one] | hole[two], 0.0, 0.5 * (flow[one] + flow[two]))
    return found


def cell_size_of(elevation: xr.DataArray) -> float:
    """Side of the square cells, from the coordinates. [m]"""
    steps = []
    for dim in ("x", "y"):
        if dim not in elevation.coords:
            raise LayerError(f"flood: 'ground_elevation' has no coordinate {dim!r} [m]; it gives the cell size")
        centres = np.asarray(elevation[dim].values, float)
        if centres.size > 1:
            gaps = np.diff(centres)
            if not (gaps > 0).all() or np.ptp(gaps) > 1e-4 * gaps[0]:
                raise LayerError(f"flood: {dim!r} must rise in even steps (row 0 is the south); try sortby({dim!r})")
            steps.append(float((centres[-1] - centres[0]) / (centres.size - 1)))
    if not steps:
        raise LayerError("flood: a grid of one cell has no cell size; give it at least two")
    if max(steps) - min(steps) > 1e-4 * min(steps):
        raise LayerError(f"flood: cells must be square, got {steps[0]:g} m by {steps[1]:g} m; resample the layers")
    return steps[0]


def crests_of(layers: xr.Dataset, name: str, shape: tuple[int, ...], axis: int) -> np.ndarray | None:
    """Crests of the walls on the faces across one axis, None where there is none at all."""
    if name not in layers:
        return None
    crest = layers[name].values.astype(float)
    wanted = tuple(count + (1 if a == axis else 0) for a, count in enumerate(shape))
    if crest.shape != wanted:
        raise LayerError(
            f"flood: {name!r} must have shape {wanted}, one more than the grid across its faces, got {crest.shape}; "
            "a wall outside the grid has no face to stand on"
        )
    if np.isinf(crest).any():
        row, column = (int(i) for i in np.argwhere(np.isinf(crest))[0])
        raise LayerError(f"flood: {name!r} is infinite at face {row}, {column}; a wall needs a height, NaN is no wall")
    return crest


def rain_of(forcing: xr.Dataset, elevation: xr.DataArray, building: np.ndarray) -> Rain | None:
    """The rain on ground and roofs; None where there is none."""
    if "rainfall_rate" not in forcing:
        return None
    rate = forcing["rainfall_rate"]
    if rate.dims not in (("time",), ("time", "y", "x")) or rate.shape[1:] not in ((), elevation.shape):
        raise LayerError(
            f"flood: 'rainfall_rate' goes along ('time',) or ('time', 'y', 'x') of the grid {elevation.shape}, got "
            f"{dict(rate.sizes)}; interpolate it to the cells"
        )
    times = times_of(rate)
    if not np.isfinite(rate.values).all():
        raise LayerError(
            f"flood: 'rainfall_rate' is not finite at entry {np.argwhere(~np.isfinite(rate.values))[0].tolist()}; "
            "put 0 where it does not rain"
        )
    refuse_negative(rate)
    return Rain(times, rate.values.astype(float), building != OUTSIDE, RoofGutters(building))


def inflow_of(forcing: xr.Dataset, elevation: xr.DataArray, hole: np.ndarray, size: float) -> Inflow | None:
    """The point inflows with their cells; None where there are none."""
    if "river_discharge" not in forcing:
        return None
    discharge = forcing["river_discharge"]
    times = times_of(discharge)
    refuse_negative(discharge)
    rows, columns = [], []
    for number in range(discharge.sizes["inflow"]):
        if "inflow_x" not in discharge.coords or "inflow_y" not in discharge.coords:
            raise LayerError("flood: 'river_discharge' needs the coordinates 'inflow_x' and 'inflow_y' [m]")
        x, y = (float(discharge[f"inflow_{axis}"].values[number]) for axis in "xy")
        place = [
            int(np.floor((at - float(elevation[axis].values[0])) / size + 0.5)) for axis, at in (("y", y), ("x", x))
        ]
        if not all(0 <= index < count for index, count in zip(place, hole.shape, strict=True)):
            raise LayerError(f"flood: inflow {number} at {x:.3f}, {y:.3f} lies outside the grid; move it inside")
        if hole[tuple(place)]:
            raise LayerError(f"flood: inflow {number} at {x:.3f}, {y:.3f} lies on a building or outside; move it")
        rows.append(place[0])
        columns.append(place[1])
    return Inflow(times, discharge.values.astype(float), np.array(rows, int), np.array(columns, int))


def levels_of(forcing: xr.Dataset) -> Levels | None:
    """The levels imposed at sides; None where there are none."""
    if "boundary_level" not in forcing:
        return None
    level = forcing["boundary_level"]
    if "side" not in level.coords or not set(sides := [str(side) for side in level["side"].values]) <= set(SIDES):
        raise LayerError(f"flood: 'boundary_level' needs a coordinate 'side' with names among {SIDES}")
    return Levels(times_of(level), level.values.astype(float), tuple(sides))
