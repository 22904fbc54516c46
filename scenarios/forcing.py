"""What drives a run from outside: rain, rivers, weather, prices, as people write them and as kernels read them."""

from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
import xarray as xr
from pydantic import BaseModel, Field, model_validator

from kernels.quantities import attrs
from scenarios.problem import ScenarioError
from scenarios.storms import (
    STRICT,
    Block,
    Design,
    Duration,
    Hyetograph,
    Instant,
    Intensity,
    MovingCell,
    PastEvent,
    Rain,
    RainField,
    Steps,
)
from scenarios.tariffs import Tariffs
from scenarios.travel import Travel
from scenarios.weather import Weather
from twin.rasterise import Grid

Discharge = Annotated[float, Field(ge=0, le=10_000)]
"""[m3/s]"""
Level = Annotated[float, Field(ge=-50, le=1000)]
"""Height TAW. [m]"""
Times = Annotated[list[Instant], Field(min_length=1, max_length=100_000)]

_MM_H = 1 / 3.6e6
_FOR_EVER = 1e12
"""Later than any run ends. [s]"""


def _refuse_times(times: list[float], values: list[float], words: str) -> None:
    if len(times) != len(values):
        raise ValueError(f"time_s has {len(times)} entries and {words} has {len(values)}; give as many")
    if any(later <= earlier for earlier, later in pairwise(times)):
        raise ValueError("time_s must increase from entry to entry")


class Inflow(BaseModel):
    """A river, a burst main or a pump that pours water into one cell.

    Attributes
    ----------
    x, y : float
        Lambert 72. [m]
    time_s : list of float
        Increasing, since the start of the period.
    discharge_m3_s : list of float
        As many; straight between the times, nothing before the first and after the last. A single one holds for ever.
    """

    model_config = STRICT
    x: float
    y: float
    time_s: Times
    discharge_m3_s: Annotated[list[Discharge], Field(min_length=1, max_length=100_000)]

    @model_validator(mode="after")
    def _belong_together(self) -> "Inflow":
        _refuse_times(self.time_s, self.discharge_m3_s, "discharge_m3_s")
        return self


class Stage(BaseModel):
    """A water level that one side of the grid follows: a river, a canal, a pond beyond.

    Attributes
    ----------
    side : {"west", "east", "south", "north"}
    time_s : list of float
        Increasing, since the start of the period.
    level_m : list of float
        Height TAW, as many; straight between the times and held beyond them.
    """

    model_config = STRICT
    side: Literal["west", "east", "south", "north"]
    time_s: Times
    level_m: Annotated[list[Level], Field(min_length=1, max_length=100_000)]

    @model_validator(mode="after")
    def _belong_together(self) -> "Stage":
        _refuse_times(self.time_s, self.level_m, "level_m")
        return self


class Forcing(BaseModel):
    """All that drives the kernels from outside.

    Attributes
    ----------
    rain : Block, Hyetograph, Design, PastEvent, MovingCell, RainField or None
    rivers : list of Inflow
    stages : list of Stage
        One per side.
    weather : HeatDay, TypicalYear, SyntheticYear, MeasuredWeather, SteadyWeather or None
        For kernels that read the air and the sun; rain is not of it.
    travel : Travel or None
        For kernels that read trips.
    tariffs : Tariffs or None
        Prices for kernels that buy and sell; those of our own table where there is none.
    """

    model_config = STRICT
    rain: Rain | None = None
    rivers: Annotated[list[Inflow], Field(max_length=1000)] = []
    stages: Annotated[list[Stage], Field(max_length=4)] = []
    weather: Weather | None = None
    travel: Travel | None = None
    tariffs: Tariffs | None = None

    @model_validator(mode="after")
    def _one_per_side(self) -> "Forcing":
        sides = [one.side for one in self.stages]
        if len(set(sides)) < len(sides):
            raise ValueError(f"stages name the sides {', '.join(sides)}; give each side one level")
        return self

    def identity(self, *, stormed: bool = False) -> dict[str, Any]:
        """What a result depends on beyond the steps of rain; empty where there is nothing else.

        Parameters
        ----------
        stormed : bool
            An edit replaced the rain.
        """
        found: dict[str, Any] = {}
        if not stormed and isinstance(self.rain, MovingCell | RainField):
            found["rain"] = self.rain.identity()
        if self.rivers:
            found["rivers"] = [one.model_dump() for one in self.rivers]
        if self.stages:
            found["stages"] = sorted((one.model_dump() for one in self.stages), key=lambda one: str(one["side"]))
        if self.weather is not None:
            found["weather"] = self.weather.identity()
        if self.travel is not None:
            found["travel"] = self.travel.identity()
        if self.tariffs is not None:
            found["tariffs"] = self.tariffs.identity()
        return found


def rain_depth(steps: Steps, duration_s: float) -> float:
    """Rain that falls within a period. [mm]"""
    ends = [*(time for time, _ in steps[1:]), duration_s]
    return sum(
        rate * max(min(end, duration_s) - time, 0.0) / 3600 for (time, rate), end in zip(steps, ends, strict=True)
    )


def mean_rain_depth(forcing: xr.Dataset, duration_s: float) -> float:
    """Rain that falls within a period, as kernels read it; the mean over the cells where it differs. [mm]"""
    if "rainfall_rate" not in forcing:
        return 0.0
    rate = forcing["rainfall_rate"]
    means = rate.values.reshape(rate.sizes["time"], -1).mean(axis=1, dtype=np.float64)
    ends = np.minimum(np.append(rate["time"].values[1:], np.inf), duration_s)
    return float(1e3 * (means @ np.maximum(ends - rate["time"].values, 0.0)))


def as_forcing(steps: Steps) -> xr.Dataset:
    """The forcing of kernels: ``rainfall_rate (time)`` [m s⁻¹], left out where it does not rain."""
    if not steps:
        return xr.Dataset()
    times, rates = np.array(steps).T
    if times[0] > 0:
        times, rates = np.append(0.0, times), np.append(0.0, rates)
    return xr.Dataset(
        {"rainfall_rate": (("time",), rates * _MM_H, attrs("rainfall_rate"))},
        coords={"time": _clock(times)},
    )


def forcing_of(forcing: Forcing, rain: Steps, grid: Grid, *, stormed: bool = False) -> xr.Dataset:
    """All that drives the kernels of water, on one axis of time and without changing any of it.

    Parameters
    ----------
    forcing : Forcing
        Of the document.
    rain : steps
        The rain that is the same everywhere, after edits.
    grid : Grid
        The cells of the run.
    stormed : bool
        An edit replaced the document's rain, so that a field of it does not fall either.

    Returns
    -------
    xarray.Dataset
        ``rainfall_rate`` along ``(time,)`` or ``(time, y, x)``, ``river_discharge (time, inflow)`` with the places
        ``inflow_x`` and ``inflow_y``, ``boundary_level (time, side)``; each left out where there is none.

    Raises
    ------
    ScenarioError
        A file of rain is not there or cannot be read, or a river lies outside the grid.
    """
    field = None
    if not stormed and isinstance(forcing.rain, MovingCell | RainField):
        field = forcing.rain.field(grid)
    falls = as_forcing(rain) if field is None else xr.Dataset({"rainfall_rate": field})
    if not forcing.rivers and not forcing.stages:
        return falls
    _refuse_outside(forcing.rivers, grid)
    times = _common_times(falls, forcing)
    found: dict[str, Any] = {}
    coords: dict[str, Any] = {"time": _clock(times)}
    if "rainfall_rate" in falls:
        rate = falls["rainfall_rate"]
        entry = np.searchsorted(rate["time"].values, times, side="right") - 1
        found["rainfall_rate"] = (rate.dims, rate.values[entry], rate.attrs)
        coords |= {str(dim): rate[dim].values for dim in rate.dims[1:]}
    if forcing.rivers:
        flows = np.column_stack([_flow(one, times) for one in forcing.rivers])
        found["river_discharge"] = (("time", "inflow"), flows, attrs("river_discharge"))
        coords |= {
            "inflow_x": ("inflow", [one.x for one in forcing.rivers]),
            "inflow_y": ("inflow", [one.y for one in forcing.rivers]),
        }
    if forcing.stages:
        levels = np.column_stack([np.interp(times, one.time_s, one.level_m) for one in forcing.stages])
        found["boundary_level"] = (("time", "side"), levels, attrs("boundary_level"))
        coords["side"] = [one.side for one in forcing.stages]
    return xr.Dataset(found, coords=coords)


def _refuse_outside(rivers: list[Inflow], grid: Grid) -> None:
    west, south, east, north = grid.bounds
    for number, one in enumerate(rivers):
        if not (west <= one.x < east and south <= one.y < north):
            raise ScenarioError(
                f"({one.x:g}, {one.y:g}) is outside the run, which lies in {west:g} to {east:g}, {south:g} to "
                f"{north:g} (Lambert 72, metres); move it inside",
                f"forcing.rivers[{number}]",
            )


def _clock(times: np.ndarray) -> tuple[str, np.ndarray, dict[str, str]]:
    return "time", times, {"units": "s", "long_name": "Time since the start of the period"}


def _flow(inflow: Inflow, times: np.ndarray) -> np.ndarray:
    """Discharge at times. [m³ s⁻¹]"""
    if len(inflow.time_s) == 1:
        return np.full(times.size, inflow.discharge_m3_s[0])
    return np.interp(times, inflow.time_s, inflow.discharge_m3_s, left=0.0, right=0.0)


def _common_times(falls: xr.Dataset, forcing: Forcing) -> np.ndarray:
    """One axis that holds the times of all: what is linear stays linear, what jumps has its jump on two times."""
    own = [np.zeros(1), *([falls["time"].values] if "time" in falls.coords else [])]
    own += [np.array(one.time_s, float) for one in forcing.rivers]
    own += [np.array(one.time_s, float) for one in forcing.stages]
    if any(len(one.time_s) == 1 for one in forcing.rivers):
        own.append(np.array([_FOR_EVER]))
    for one in forcing.rivers:
        if len(one.time_s) > 1:
            first, last = one.time_s[0], one.time_s[-1]
            own.append(np.nextafter([first, last], [-np.inf, np.inf]))
    times = np.unique(np.concatenate(own))
    return times[times >= 0]


__all__ = [
    "STRICT",
    "Block",
    "Design",
    "Duration",
    "Forcing",
    "Hyetograph",
    "Inflow",
    "Instant",
    "Intensity",
    "MovingCell",
    "PastEvent",
    "Rain",
    "RainField",
    "Stage",
    "Steps",
    "as_forcing",
    "forcing_of",
    "mean_rain_depth",
    "rain_depth",
]
