"""Weather that a document can ask for: a hot day of 2019, a typical or synthetic year, measurements, a steady day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

import numpy as np
import xarray as xr
from pydantic import BaseModel, Field, field_validator

from kernels.contract import LayerError
from kernels.heat.evaporation import saturation_vapour_pressure
from kernels.heat.forcing_models import complete
from scenarios.attached import FileName, Sha256, attached
from scenarios.problem import ScenarioError
from scenarios.storms import STRICT
from scenarios.typical_year import SyntheticYear, TypicalYear
from scenarios.weather_courses import PLACE, between, course, times_of, turned
from twin.city import City, CityError
from twin.formats import weather_csv
from twin.heat_days import CELSIUS_0, hot_days, temperature_course
from twin.place import Place, place_of
from twin.sunlight import carried, clear_sky, sun_of

HOT_DAY_ZONE = 1
"""Local standard time of Uccle minus UTC: the calendar of the hot days. [h]"""

Temperature = Annotated[float, Field(ge=-30, le=55)]
"""[°C]"""
Humidity = Annotated[float, Field(ge=1, le=100)]
"""[%]"""
Wind = Annotated[float, Field(ge=0, le=30)]
"""10 m above open ground. [m s⁻¹]"""
Direction = Annotated[float, Field(ge=0, lt=360)]
"""Where the wind comes from, clockwise from north. [degree]"""
Turbidity = Annotated[float, Field(ge=1, le=10)]
"""Of Linke. [1]"""
JULY_TURBIDITY = 4.4
"""Of Brussels in July, in the world map of J. Remund, L. Wald, M. Lefèvre, T. Ranchin, J. Page (2003), Worldwide Linke
turbidity information, ISES Solar World Congress, as pvlib carries it. [1]"""


class HeatDay(BaseModel):
    """Hot days as Uccle measured them: lowest and highest temperature are facts, all else is assumed.

    The temperature runs through each day as Parton and Logan (1981) have it; the dew point, the wind and a sky without
    a cloud are the same all day.

    Attributes
    ----------
    day : str
        On which the period starts (local standard time): 2019-07-23 to 2019-07-26. The days after it follow; after the
        last one it repeats.
    dew_point_c : float
    wind_speed_m_s : float
    wind_from_direction_deg : float
    linke_turbidity : float
    """

    model_config = STRICT
    kind: Literal["heat_day"] = "heat_day"
    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] = "2019-07-25"
    dew_point_c: Temperature = 15.0
    wind_speed_m_s: Wind = 2.5
    wind_from_direction_deg: Direction = 120.0
    linke_turbidity: Turbidity = JULY_TURBIDITY

    @field_validator("day")
    @classmethod
    def _is_known(cls, value: str) -> str:
        known = [one.isoformat() for one in hot_days()]
        if value not in known:
            raise ValueError(f"{value!r} is none of the hot days; there are {', '.join(known)}")
        return value

    def at(self, start: datetime, seconds: Sequence[float], place: Place) -> xr.Dataset:
        """The weather at times; see `weather_at`."""
        first = (start + timedelta(hours=HOT_DAY_ZONE)).date()
        if first != date.fromisoformat(self.day):
            raise ScenarioError(
                f"is of {self.day}, the period starts on {first.isoformat()} (UTC+{HOT_DAY_ZONE}); set period.start to "
                f"that day, such as {self.day}T00:00:00+01:00",
                f"{PLACE}.day",
            )
        times = times_of(start, seconds)
        air = temperature_course(times, hot_days(), place)
        humidity = saturation_vapour_pressure(np.full(times.size, self.dew_point_c + CELSIUS_0))
        found = _steady(times, self.wind_speed_m_s, self.wind_from_direction_deg)
        found |= {
            "air_temperature": air,
            "relative_humidity": np.minimum(humidity / saturation_vapour_pressure(air), 1.0),
        }
        return course(seconds, found, clear_sky(times, place, self.linke_turbidity))

    def identity(self) -> dict[str, Any]:
        """What the weather depends on, as it enters the digest."""
        return self.model_dump()


class MeasuredWeather(BaseModel):
    """Weather from a CSV as `twin.formats.weather_csv` reads it; it must cover the period.

    Attributes
    ----------
    file : str
        In the folder of inputs.
    sha256 : str
        Of its bytes.
    utc_offset_h : float
        Local standard time of the file minus UTC.
    sun_offset_min : float
        Where the sun stands for a row, from its stamp.
    """

    model_config = STRICT
    kind: Literal["csv"] = "csv"
    file: FileName
    sha256: Sha256
    utc_offset_h: Annotated[float, Field(ge=-12, le=14)] = 1.0
    sun_offset_min: Annotated[float, Field(ge=-90, le=90)] = 0.0

    def at(self, start: datetime, seconds: Sequence[float], place: Place) -> xr.Dataset:
        """The weather at times; see `weather_at`."""
        path, _ = attached(self.file, self.sha256, f"{PLACE}.file")
        try:
            rows = weather_csv.read(path, utc_offset=self.utc_offset_h)
        except CityError as error:
            raise ScenarioError(str(error), f"{PLACE}.file") from error
        times, stamps = times_of(start, seconds), rows["time"].values
        if stamps[0] > times[0] or stamps[-1] < times[-1]:
            raise ScenarioError(
                f"has weather from {stamps[0]} to {stamps[-1]} (UTC), the period lasts from {times[0]} to {times[-1]}; "
                "take a period within it",
                f"{PLACE}.file",
            )
        states = ("air_temperature", "relative_humidity", "wind_speed", "air_pressure",
                  "downwelling_longwave_irradiance")  # fmt: skip
        found = {name: between(times, stamps, rows[name].values) for name in states if name in rows}
        if "wind_from_direction" in rows:
            found["wind_from_direction"] = turned(times, stamps, rows["wind_from_direction"].values)
        stood = stamps + np.timedelta64(round(self.sun_offset_min * 60), "s")
        whole = rows["global_horizontal_irradiance"].values
        diffuse = _diffuse(rows, stood, place)
        light = carried(times, stood, whole, diffuse, place)
        return course(seconds, found, light, split=diffuse is not None)

    def identity(self) -> dict[str, Any]:
        """What the weather depends on, as it enters the digest: the bytes, not where they lie."""
        return self.model_dump(exclude={"file"})


class SteadyWeather(BaseModel):
    """The same air and wind at all times under the sun of a sky without a cloud: for tests and for thinking.

    Attributes
    ----------
    air_temperature_c, relative_humidity_pct, wind_speed_m_s, wind_from_direction_deg, linke_turbidity : float
    """

    model_config = STRICT
    kind: Literal["steady"] = "steady"
    air_temperature_c: Temperature
    relative_humidity_pct: Humidity = 40.0
    wind_speed_m_s: Wind = 2.5
    wind_from_direction_deg: Direction = 120.0
    linke_turbidity: Turbidity = JULY_TURBIDITY

    def at(self, start: datetime, seconds: Sequence[float], place: Place) -> xr.Dataset:
        """The weather at times; see `weather_at`."""
        times = times_of(start, seconds)
        found = _steady(times, self.wind_speed_m_s, self.wind_from_direction_deg)
        found |= {
            "air_temperature": np.full(times.size, self.air_temperature_c + CELSIUS_0),
            "relative_humidity": np.full(times.size, self.relative_humidity_pct / 100),
        }
        return course(seconds, found, clear_sky(times, place, self.linke_turbidity))

    def identity(self) -> dict[str, Any]:
        """What the weather depends on, as it enters the digest."""
        return self.model_dump()


Weather = Annotated[
    HeatDay | TypicalYear | SyntheticYear | MeasuredWeather | SteadyWeather, Field(discriminator="kind")
]


def weather_at(weather: Weather, start: datetime, seconds: Sequence[float], place: Place) -> xr.Dataset:
    """The weather at some times, as far as it is known.

    Parameters
    ----------
    weather : HeatDay, TypicalYear, SyntheticYear, MeasuredWeather or SteadyWeather
    start : datetime
        Of the period, UTC.
    seconds : sequence of float
        Since that start.
    place : Place

    Returns
    -------
    xarray.Dataset
        Along ``time`` [s]: air, wind, sun and light at that very moment. The diffuse and the direct light are left out
        where a file has neither, the long-wave light where nobody measured it.

    Raises
    ------
    ScenarioError
        A file is not there, cannot be read, or does not reach over the period; the period is not that of the hot day.
    """
    return weather.at(start, seconds, place)


def weather_forcing(
    weather: Weather, start: datetime, times: Sequence[float], city: City
) -> tuple[xr.Dataset, dict[str, Any]]:
    """What drives a kernel of the air and the sun: complete, at the start of a run and at each output time.

    An entry holds for the interval that ends at it, with the sun where it stands at that moment.

    Parameters
    ----------
    weather : HeatDay, TypicalYear, SyntheticYear, MeasuredWeather or SteadyWeather
    start : datetime
        Of the period, UTC.
    times : sequence of float
        Output times since the start, above 0. [s]
    city : City
        Whose middle is the place of the sun.

    Returns
    -------
    forcing : xarray.Dataset
        All that `kernels.heat.forcing` asks for.
    told : dict
        What was corrected, with counts, and what was modelled, in words.

    Raises
    ------
    ScenarioError
        As `weather_at`; or the weather has a gap or a value that cannot be, and its hour is named.
    """
    place = place_of(city)
    found = weather_at(weather, start, [0.0, *times], place)
    try:
        return complete(found, start=times_of(start, [0.0])[0], altitude=place.altitude)
    except LayerError as error:
        raise ScenarioError(str(error), PLACE) from error


def _steady(times: np.ndarray, speed: float, direction: float) -> dict[str, np.ndarray]:
    """The same wind at all times, and no cloud."""
    return {
        "wind_speed": np.full(times.size, speed),
        "wind_from_direction": np.full(times.size, direction),
        "cloud_fraction": np.zeros(times.size),
    }


def _diffuse(rows: xr.Dataset, stood: np.ndarray, place: Place) -> np.ndarray | None:
    """Diffuse light of each row, from the direct light where only that was measured. [W m⁻²]"""
    if "diffuse_horizontal_irradiance" in rows:
        found: np.ndarray = rows["diffuse_horizontal_irradiance"].values
        return found
    if "direct_normal_irradiance" not in rows:
        return None
    beam = rows["direct_normal_irradiance"].values
    up = np.maximum(np.sin(sun_of(stood, place)[0]), 0.0)
    left: np.ndarray = np.maximum(rows["global_horizontal_irradiance"].values - beam * up, 0.0)
    return left
