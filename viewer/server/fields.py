"""Which fields go to the pages, and how each is found in a kernel's frame or in a stored result."""

from typing import Any

import numpy as np
import xarray as xr

from kernels.quantities import QUANTITIES

STREAMED = ("water_depth", "water_speed", "utci", "traffic_flow", "traffic_speed")
"""Fields of every output time, in the order in which the pages offer them."""

LINK = "link"
"""Dimension of fields along streets: one direction of a street each."""


def available(frame: xr.Dataset) -> list[str]:
    """Names of the fields a Dataset holds, or that follow from it, over the ground or along the links of streets."""
    found = [
        str(name)
        for name, one in frame.data_vars.items()
        if (one.dims[-2:] == ("y", "x") or one.dims[-1:] == (LINK,)) and name in QUANTITIES
    ]
    if "water_speed" not in found and {"water_velocity_x", "water_velocity_y"} <= set(found):
        found.append("water_speed")
    return found


def along_links(frame: xr.Dataset, name: str) -> bool:
    """Whether a field goes along the links of streets."""
    return name in frame and frame[name].dims[-1:] == (LINK,)


def links_of(frame: xr.Dataset) -> list[str]:
    """Ids of the links in the order of the values along them; empty where the Dataset has none.

    A stored result keeps them as meanings of their numbers, see `twin.store`.
    """
    if LINK not in frame.coords:
        return []
    numbered = frame[LINK].attrs.get("flag_meanings")
    return str(numbered).split(" ") if numbered else [str(one) for one in frame[LINK].values]


def values(frame: xr.Dataset, name: str) -> np.ndarray:
    """One field as float32, missing = NaN.

    Parameters
    ----------
    frame : xarray.Dataset
        Without time.
    name : str
        One of `available`.

    Returns
    -------
    (y, x) or (1, link) float32
        In the units of the quantity; what goes along links is one row.

    Raises
    ------
    KeyError
        The Dataset does not hold the field, nor what it follows from.
    """
    if name in frame:
        return np.atleast_2d(np.asarray(frame[name].values, np.float32))
    if name == "water_speed" and {"water_velocity_x", "water_velocity_y"} <= set(map(str, frame.data_vars)):
        return np.hypot(values(frame, "water_velocity_x"), values(frame, "water_velocity_y"))
    raise KeyError(f"there is no field {name!r}; there are {available(frame)}")


def grid_of(frame: xr.Dataset, origin: tuple[float, float]) -> dict[str, float | int]:
    """The ground grid of a Dataset with cell centres ``x`` and ``y``, in the local frame. [m]"""
    x, y = np.asarray(frame["x"].values, float), np.asarray(frame["y"].values, float)
    size = float(x[1] - x[0]) if x.size > 1 else float(y[1] - y[0])
    return {
        "nx": int(x.size),
        "ny": int(y.size),
        "west": round(float(x[0]) - size / 2 - origin[0], 6),
        "south": round(float(y[0]) - size / 2 - origin[1], 6),
        "cell_size": round(size, 9),
    }


def place_of(frame: xr.Dataset, name: str, origin: tuple[float, float]) -> dict[str, Any]:
    """Where the values of a field lie: ``grid`` in the local frame, or the ids of ``links``; the other is None."""
    if along_links(frame, name):
        return {"grid": None, "links": links_of(frame)}
    return {"grid": grid_of(frame, origin), "links": None}
