"""What drives each kernel of a run: rain and rivers, the weather of output times, the hours of energy."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from kernels.contract import Kernel
from scenarios.energy_weather import energy_forcing
from scenarios.forcing import forcing_of
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from scenarios.weather import weather_forcing
from twin.rasterise import Grid


class Drivers:
    """What drives each kernel of one run: each has its own axis of time, so a storm and a hot day go side by side.

    Attributes
    ----------
    water : Dataset
        Rain, rivers and levels.
    weather : Dataset or None
        Of each output time, for kernels of the air.
    hours : Dataset or None
        Of each hour, for kernels of energy.
    told, told_hours : dict
        What was modelled, corrected or filled of either weather.

    Raises
    ------
    ScenarioError
        A kernel reads the weather and the document has none, or it cannot be used.
    """

    def __init__(self, scenario: Scenario, situation: Situation, kernels: Sequence[Kernel], grid: Grid) -> None:
        self.water = forcing_of(scenario.forcing, situation.rain, grid, stormed=situation.storm is not None)
        self.weather: xr.Dataset | None = None
        self.hours: xr.Dataset | None = None
        self.told: dict[str, Any] = {}
        self.told_hours: dict[str, Any] = {}
        thirsty = [one.name for one in kernels if _reads(one, "air_temperature")]
        if not thirsty:
            return
        weather, period = scenario.forcing.weather, scenario.period
        if weather is None:
            raise ScenarioError(
                f"{thirsty[0]} reads the weather and the document has none; add such as {{kind: heat_day}}",
                "forcing.weather",
            )
        if any(_by_hours(one) for one in kernels):
            self.hours, self.told_hours = energy_forcing(
                weather, period.start, period.duration_s, situation.city, scenario.forcing.tariffs
            )
        if any(_of_the_air(one) for one in kernels):
            self.weather, self.told = weather_forcing(weather, period.start, period.times(), situation.city)

    def of(self, kernel: Kernel) -> xr.Dataset:
        """The forcing of one kernel."""
        if self.hours is not None and _by_hours(kernel):
            return self.hours
        return self.weather if self.weather is not None and _of_the_air(kernel) else self.water

    def story(self) -> dict[str, Any]:
        """The weather as it drove the run, for people who ask what it was like: JSON."""
        found: dict[str, Any] = {}
        if self.weather is not None:
            found["weather"] = _course_of(self.weather, self.told)
        if self.hours is not None:
            found["hours"] = _year_of(self.hours, self.told_hours)
        return found


def plain(value: Any) -> Any:
    """A value as JSON; None for a number that is not finite."""
    one = value.item() if isinstance(value, np.generic) else value
    if isinstance(one, float) and not np.isfinite(one):
        return None
    return one if isinstance(one, bool | int | float | str) or one is None else str(one)


def _reads(kernel: Kernel, name: str) -> bool:
    return any(need.name == name for need in kernel.forcing)


def _by_hours(kernel: Kernel) -> bool:
    return _reads(kernel, "week_hour")


def _of_the_air(kernel: Kernel) -> bool:
    return _reads(kernel, "air_temperature") and not _by_hours(kernel)


def _course_of(weather: xr.Dataset, told: dict[str, Any]) -> dict[str, Any]:
    course = {
        str(name): {
            "units": one.attrs["units"],
            "values": [round(float(value), 4) for value in one.values],
        }
        for name, one in weather.data_vars.items()
    }
    return {
        "time_s": weather["time"].values.tolist(),
        "course": course,
        "told": {name: plain(one) for name, one in told.items()},
    }


def _year_of(hours: xr.Dataset, told: dict[str, Any]) -> dict[str, Any]:
    """Means only: thousands of hours are for files, not for a manifest."""
    return {
        "hours": hours.sizes["time"],
        "means": {
            str(name): {"units": one.attrs["units"], "value": round(float(one.mean()), 6)}
            for name, one in hours.data_vars.items()
            if "angle" not in str(name) and name not in ("week_hour", "local_month")
        },
        "told": {name: plain(one) for name, one in told.items()},
    }
