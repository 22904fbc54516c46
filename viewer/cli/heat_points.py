"""Points of ``bxl-twin heat``: what reaches a person there, six ways short-wave and six ways long-wave."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from kernels.quantities import QUANTITIES
from viewer.cli.grid_writer import numbers
from viewer.cli.raw_files import InputError, Raster, read_table

Point = tuple[str, float, float, int, int]
"""Name, x, y [m], row, column."""

SIDES = ("down", "up", "north", "east", "south", "west")
"""Down is what comes from above; north is what comes from the north."""
FLUXES = tuple(f"{kind}_flux_{side}" for kind in ("shortwave", "longwave") for side in SIDES)
ABSORBED = ("absorbed_direct", "absorbed_sky", "absorbed_walls", "absorbed_ground")
FIELDS = (
    "mean_radiant_temperature",
    "utci",
    "pet",
    "wbgt",
    "air_temperature",
    "surface_temperature",
    "pedestrian_wind_speed",
    "shadow",
)
_UNITS = {"W m-2": "w_m2", "K": "c", "m s-1": "m_s"}


def read_points(path: Path, like: Raster, layers: xr.Dataset) -> list[Point]:
    """Points with the cell that holds each.

    Raises
    ------
    InputError
        Outside the grid, on a building, where the rasters have no data, or a name that comes twice.
    """
    table = read_table(path, ("name", "x", "y"))
    grid = like.grid
    found: list[Point] = []
    for name, x, y in zip(table["name"].astype(str), table["x"], table["y"], strict=True):
        column, row = int((x - grid.west) // grid.cell_size), int((y - grid.south) // grid.cell_size)
        if not (0 <= row < grid.rows and 0 <= column < grid.columns):
            raise InputError(f"{path}: point {name!r} at {x:g}, {y:g} lies outside the grid {grid.bounds}")
        place = int(layers["building_index"].values[row, column])
        if place != -1:
            what = "on a cell without data" if place == -2 else "on a building"
            raise InputError(f"{path}: point {name!r} at {x:g}, {y:g} lies {what}; people stand on open ground")
        if any(name == one[0] for one in found):
            raise InputError(f"{path}: point {name!r} comes twice; give each its own name")
        found.append((name, float(x), float(y), row, column))
    return found


def column_of(name: str) -> str:
    """Name of a quantity's column, with its unit: ``shortwave_down_w_m2``, ``utci_c``."""
    unit = _UNITS.get(QUANTITIES[name].units)
    short = name.replace("_flux_", "_")
    return f"{short}_{unit}" if unit else short


def head_of(frame: xr.Dataset) -> tuple[str, ...]:
    """Columns of the table."""
    names = (*FLUXES, *(name for name in FIELDS if name in frame), *ABSORBED)
    return ("time", "name", "x", "y", *map(column_of, names))


def rows_of(
    stamp: np.datetime64, points: list[Point], frame: xr.Dataset, fluxes: Mapping[str, np.ndarray]
) -> Iterator[list[Any]]:
    """Rows of one output time.

    Parameters
    ----------
    stamp : datetime64
        Local standard time.
    points : list of Point
    frame : xarray.Dataset
        Fields over the ground.
    fluxes : mapping of (point,) float
        Each of `FLUXES` and `ABSORBED`. [W m-2]
    """
    shown = [name for name in FIELDS if name in frame]
    when = pd.Timestamp(stamp).isoformat()
    for number, (name, x, y, row, column) in enumerate(points):
        here: list[Any] = [float(fluxes[one][number]) for one in FLUXES]
        for one in shown:
            value = float(frame[one].values[row, column])
            here.append(value - 273.15 if QUANTITIES[one].units == "K" else value)
        here += [float(fluxes[one][number]) for one in ABSORBED]
        yield numbers([when, name, x, y, *here])
