"""Weather years: where the sun stood when a file's hours were measured."""

import numpy as np
import pandas as pd
import xarray as xr
from pvlib import solarposition

OFFSETS = np.arange(-60, 61, 15)
"""Times of the sun that are tried first, from the middle of the hour. [min]"""

STEP = 5
"""Then the best of them and its neighbours in steps of this. [min]"""

DAYLIGHT = 1.0
"""Hours with less global radiation do not judge the sun's time. [W m-2]"""


def sun_offset(weather: xr.Dataset) -> tuple[float, float]:
    """When, within its hour, the sun of a weather file stands: the offset that closes GHI = DNI cos z + DHI best.

    Makers of weather files compute the sun for the middle of the hour, its end or its beginning without saying which;
    read wrongly, east walls get the sun of west walls.

    Parameters
    ----------
    weather : xarray.Dataset
        Along ``time``, the UTC start of each hour, with the three irradiances and the attributes ``latitude`` and
        ``longitude`` [degree].

    Returns
    -------
    offset : float
        A multiple of `STEP`, from the middle of the hour, later positive. [min]
    error : float
        Root mean square closure error over all daylight hours at that offset. [W m-2]
    """
    ghi = weather["global_horizontal_irradiance"].values
    dni = weather["direct_normal_irradiance"].values
    dhi = weather["diffuse_horizontal_irradiance"].values
    day = np.isfinite(ghi) & np.isfinite(dni) & np.isfinite(dhi) & (ghi > DAYLIGHT)
    if not day.any():
        return 0.0, float("nan")
    middle = pd.DatetimeIndex(weather["time"].values[day], tz="UTC") + pd.Timedelta(minutes=30)
    errors: dict[int, float] = {}

    def best_of(offsets: np.ndarray) -> int:
        for offset in set(offsets.tolist()) - set(errors):
            errors[offset] = _closure(weather, middle, offset, ghi[day], dni[day], dhi[day])
        return min(errors, key=lambda offset: (errors[offset], abs(offset)))

    near = best_of(OFFSETS) + np.arange(-10, 11, STEP)
    best = best_of(near[np.abs(near) <= OFFSETS[-1]])
    return float(best), errors[best]


def _closure(
    weather: xr.Dataset, middle: pd.DatetimeIndex, offset: float, ghi: np.ndarray, dni: np.ndarray, dhi: np.ndarray
) -> float:
    times = middle + pd.Timedelta(minutes=offset)
    sun = solarposition.get_solarposition(times, weather.attrs["latitude"], weather.attrs["longitude"])
    height = np.maximum(np.cos(np.radians(sun["zenith"].to_numpy())), 0.0)
    return float(np.sqrt(np.mean((ghi - dni * height - dhi) ** 2)))
