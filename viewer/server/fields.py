"""Which fields go to the pages, and how each is found in a kernel's frame or in a stored result."""

import numpy as np
import xarray as xr

from kernels.quantities import QUANTITIES

STREAMED = ("water_depth", "water_speed", "utci")
"""Fields of every output time, in the order in which the pages offer them."""


def available(frame: xr.Dataset) -> list[str]:
    """Names of the ground fields a Dataset holds or that follow from it."""
    found = [str(name) for name, one in frame.data_vars.items() if one.dims[-2:] == ("y", "x") and name in QUANTITIES]
    if "water_speed" not in found and {"water_velocity_x", "water_velocity_y"} <= set(found):
        found.append("water_speed")
    return found


def values(frame: xr.Dataset, name: str) -> np.ndarray:
    """One ground field as float32, missing = NaN.

    Parameters
    ----------
    frame : xarray.Dataset
        With dims ``(y, x)`` only.
    name : str
        One of `available`.

    Returns
    -------
    (y, x) float32
        In the units of the quantity.

    Raises
    ------
    KeyError
        The Dataset does not hold the field, nor what it follows from.
    """
    if name in frame:
        return np.asarray(frame[name].values, np.float32)
    if name == "water_speed" and {"water_velocity_x", "water_velocity_y"} <= set(map(str, frame.data_vars)):
        return np.hypot(values(frame, "water_velocity_x"), values(frame, "water_velocity_y"))
    raise KeyError(f"there is no field {name!r}; there are {available(frame)}")
