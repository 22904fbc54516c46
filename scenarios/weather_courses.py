"""Courses of the weather at the times of a run: how entries known at some times are laid on others."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import xarray as xr

from kernels.quantities import attrs
from twin.sunlight import Sunlight

PLACE = "forcing.weather"
"""Where a document says its weather."""


def times_of(start: datetime, seconds: Sequence[float]) -> np.ndarray:
    """Moments of a run. (time,) datetime64 [UTC]"""
    zero = np.datetime64(start.astimezone(UTC).replace(tzinfo=None), "ns")
    found: np.ndarray = zero + (np.asarray(seconds, float) * 1e9).astype("timedelta64[ns]")
    return found


def between(times: np.ndarray, known_at: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Straight between what is known; missing beside what is missing."""
    found: np.ndarray = np.interp(_ns(times), _ns(known_at), values)
    return found


def turned(times: np.ndarray, known_at: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """Directions between those that are known, the short way round. [degree]"""
    angle = np.radians(degrees)
    east, north = (between(times, known_at, part) for part in (np.sin(angle), np.cos(angle)))
    found: np.ndarray = np.degrees(np.arctan2(east, north)) % 360
    return found


def _ns(times: np.ndarray) -> np.ndarray:
    found: np.ndarray = times.astype("datetime64[ns]").astype(np.int64).astype(float)
    return found


def course(seconds: Sequence[float], found: dict[str, np.ndarray], light: Sunlight, split: bool = True) -> xr.Dataset:
    """The weather along ``time`` [s since the start]; ``split`` says whether the parts of the light are known."""
    found = found | {
        "global_horizontal_irradiance": light.global_horizontal,
        "solar_elevation_angle": light.elevation,
        "solar_azimuth_angle": light.azimuth,
    }
    if split:
        found["diffuse_horizontal_irradiance"] = light.diffuse_horizontal
        found["direct_normal_irradiance"] = light.direct_normal
    return xr.Dataset(
        {name: ("time", values, attrs(name)) for name, values in sorted(found.items())},
        coords={
            "time": (
                "time",
                np.asarray(seconds, float),
                {"units": "s", "long_name": "Time since the start of the period"},
            )
        },
    )
