"""How numbers are kept: whole steps of a quantity in 16 bits, wider where they would not fit, never wrapped."""

from typing import Any

import numpy as np

from kernels.quantities import QUANTITIES

NARROW, WIDE = np.dtype("<i2"), np.dtype("<i4")


class PackingError(ValueError):
    """A number that no stored type can hold."""


def missing(dtype: np.dtype) -> int:
    """The stored number that means "no data"."""
    return int(np.iinfo(dtype).min)


def dtype_of(name: str, values: np.ndarray) -> np.dtype:
    """Narrowest stored type for these values of a quantity.

    Raises
    ------
    PackingError
        An infinite value, or one that not even the wide type holds.
    """
    step = QUANTITIES[name].step
    if step is None or values.dtype.kind != "f":
        return values.dtype.newbyteorder("<")
    if np.isinf(values).any():
        where = tuple(int(i) for i in np.argwhere(np.isinf(values))[0])
        raise PackingError(f"{name} is infinite at {where}; only NaN means missing")
    largest = float(np.nanmax(np.abs(values), initial=0.0)) if np.isfinite(values).any() else 0.0
    for dtype in (NARROW, WIDE):
        if np.rint(largest / step) <= np.iinfo(dtype).max:
            return dtype
    raise PackingError(f"{name} reaches {largest:g}, more than {np.iinfo(WIDE).max * step:g} at steps of {step:g}")


def pack(name: str, values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Values as stored numbers, rounded to the nearest step; exact where the quantity has no step.

    Parameters
    ----------
    name : str
        Quantity.
    values : ndarray
        Missing = NaN. [units of the quantity]
    dtype : numpy dtype
        From `dtype_of`, or wider.
    """
    step = QUANTITIES[name].step
    if step is None or values.dtype.kind != "f":
        return np.ascontiguousarray(values, dtype)
    gap = np.isnan(values)
    whole = np.rint(np.where(gap, 0.0, values).astype(np.float64) / step)
    return np.where(gap, missing(dtype), whole).astype(dtype)


def as_stored(name: str, values: np.ndarray) -> np.ndarray:
    """Values as a reader of the stored result will see them: whole steps of the quantity, missing = NaN."""
    step = QUANTITIES[name].step
    if step is None or values.dtype.kind != "f":
        return values
    whole: np.ndarray = np.rint(values.astype(np.float64) / step) * step
    return whole


def widened(stored: np.ndarray) -> np.ndarray:
    """The same stored numbers in the wide type."""
    gap = stored == missing(stored.dtype)
    return np.where(gap, missing(WIDE), stored.astype(WIDE)).astype(WIDE)


def encoding(name: str, dtype: np.dtype) -> dict[str, Any]:
    """CF attributes that say how stored numbers are read; empty where they are the values themselves."""
    step = QUANTITIES[name].step
    if step is None or dtype.kind == "f":
        return {}
    return {"scale_factor": step, "_FillValue": missing(dtype)}
