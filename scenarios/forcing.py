"""What falls on the city: rain as people write it, and as kernels read it."""

from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
import xarray as xr
from pydantic import BaseModel, ConfigDict, Field, model_validator

from kernels.quantities import attrs

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)
"""How every part of a document is read: no guessed types, no unknown words, no infinity."""

Intensity = Annotated[float, Field(ge=0, le=1000)]
"""Rain; beyond the highest one-minute rate on record by little. [mm/h]"""
Duration = Annotated[float, Field(gt=0, le=30 * 86400)]
"""At most 30 days. [s]"""
Instant = Annotated[float, Field(ge=0, le=30 * 86400)]
"""Since the start of the period. [s]"""
Steps = tuple[tuple[float, float], ...]

_MM_H = 1 / 3.6e6


class Block(BaseModel):
    """Rain of one intensity.

    Attributes
    ----------
    intensity_mm_h : float
    duration_s : float
    start_s : float
        Since the start of the period.
    """

    model_config = STRICT
    kind: Literal["block"] = "block"
    intensity_mm_h: Intensity
    duration_s: Duration
    start_s: Instant = 0.0

    def steps(self) -> Steps:
        """(time [s], intensity [mm/h]) from which on each intensity holds."""
        return _merged([(self.start_s, self.intensity_mm_h), (self.start_s + self.duration_s, 0.0)])


class Hyetograph(BaseModel):
    """Rain in steps: each intensity holds until the next time, the last one until the end.

    Attributes
    ----------
    time_s : list of float
        Increasing, since the start of the period.
    intensity_mm_h : list of float
        As many.
    """

    model_config = STRICT
    kind: Literal["hyetograph"] = "hyetograph"
    time_s: Annotated[list[Instant], Field(min_length=1, max_length=100_000)]
    intensity_mm_h: Annotated[list[Intensity], Field(min_length=1, max_length=100_000)]

    @model_validator(mode="after")
    def _belong_together(self) -> "Hyetograph":
        if len(self.time_s) != len(self.intensity_mm_h):
            raise ValueError(
                f"time_s has {len(self.time_s)} entries and intensity_mm_h has {len(self.intensity_mm_h)}; give as many"
            )
        if any(later <= earlier for earlier, later in pairwise(self.time_s)):
            raise ValueError("time_s must increase from entry to entry")
        return self

    def steps(self) -> Steps:
        """(time [s], intensity [mm/h]) from which on each intensity holds."""
        return _merged(list(zip(self.time_s, self.intensity_mm_h, strict=True)))


Rain = Annotated[Block | Hyetograph, Field(discriminator="kind")]


class Forcing(BaseModel):
    """All that drives the kernels from outside.

    Attributes
    ----------
    rain : Block, Hyetograph or None
    """

    model_config = STRICT
    rain: Rain | None = None


def _merged(steps: list[tuple[float, float]]) -> Steps:
    """Without steps that change nothing: equal rain has equal steps, no rain has none."""
    found: list[tuple[float, float]] = []
    for time, intensity in steps:
        if intensity != (found[-1][1] if found else 0.0):
            found.append((float(time), float(intensity)))
    return tuple(found)


def rain_depth(steps: Steps, duration_s: float) -> float:
    """Rain that falls within a period. [mm]"""
    ends = [*(time for time, _ in steps[1:]), duration_s]
    return sum(
        rate * max(min(end, duration_s) - time, 0.0) / 3600 for (time, rate), end in zip(steps, ends, strict=True)
    )


def as_forcing(steps: Steps) -> xr.Dataset:
    """The forcing of kernels: ``rainfall_rate (time)`` [m s⁻¹], left out where it does not rain."""
    if not steps:
        return xr.Dataset()
    times, rates = np.array(steps).T
    if times[0] > 0:
        times, rates = np.append(0.0, times), np.append(0.0, rates)
    return xr.Dataset(
        {"rainfall_rate": (("time",), rates * _MM_H, attrs("rainfall_rate"))},
        coords={"time": ("time", times, {"units": "s", "long_name": "Time since the start of the period"})},
    )
