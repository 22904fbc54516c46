"""Years that stand for many: a typical year from an EPW file, and a synthetic one that needs no file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import numpy as np
import xarray as xr
from pydantic import BaseModel, Field

from scenarios.attached import FileName, Sha256, attached
from scenarios.problem import ScenarioError
from scenarios.storms import STRICT
from scenarios.weather_courses import PLACE, between, course, times_of, turned
from twin.city import CityError
from twin.formats import epw
from twin.place import Place
from twin.sunlight import carried
from twin.synthetic_year import YEAR as TYPICAL_YEAR
from twin.synthetic_year import synthetic_year

_DAY = np.timedelta64(1, "D")


class TypicalYear(BaseModel):
    """The days of a typical year from an EPW file, by month and day of the period.

    Attributes
    ----------
    file : str
        In the folder of inputs.
    sha256 : str
        Of its bytes.
    sun_offset_min : float or None
        Where the sun stands for an hour, from its middle; None takes the offset that closes the file's light best.
    """

    model_config = STRICT
    kind: Literal["epw"] = "epw"
    file: FileName
    sha256: Sha256
    sun_offset_min: Annotated[float, Field(ge=-90, le=90)] | None = None

    def at(self, start: datetime, seconds: Sequence[float], place: Place) -> xr.Dataset:
        """The weather at times; see `weather_at`."""
        path, _ = attached(self.file, self.sha256, f"{PLACE}.file")
        try:
            hours = epw.read(path, year=TYPICAL_YEAR)
        except CityError as error:
            raise ScenarioError(str(error), f"{PLACE}.file") from error
        offset = hours.attrs["sun_offset_min"] if self.sun_offset_min is None else self.sun_offset_min
        return _laid(hours, offset, start, seconds, place)

    def identity(self) -> dict[str, Any]:
        """What the weather depends on, as it enters the digest: the bytes, not where they lie."""
        return self.model_dump(exclude={"file"})


class SyntheticYear(BaseModel):
    """A year with the published months of Uccle and drawn weather within them; it needs no file and is not measured.

    Attributes
    ----------
    seed : int
        Another seed draws other spells and clouds with the same months.
    """

    model_config = STRICT
    kind: Literal["synthetic_year"] = "synthetic_year"
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0

    def at(self, start: datetime, seconds: Sequence[float], place: Place) -> xr.Dataset:
        """The weather at times; see `weather_at`."""
        return _laid(synthetic_year(place, self.seed), 0.0, start, seconds, place)

    def identity(self) -> dict[str, Any]:
        """What the weather depends on, as it enters the digest."""
        return self.model_dump()


_STATES = ("air_temperature", "relative_humidity", "wind_speed", "air_pressure")
"""Of the hours of a year, those that stand at their ends."""


def _laid(hours: xr.Dataset, offset: float, start: datetime, seconds: Sequence[float], place: Place) -> xr.Dataset:
    """The hours of a year at the times of a run; the sun stands ``offset`` minutes after the middle of each."""
    times = times_of(start, seconds)
    _refuse_leap_day(times)
    begins = _around(hours["time"].values, start.year)
    hours = xr.concat([hours] * 3, dim="time", data_vars="minimal").assign_coords(time=begins)
    near = (begins > times.min() - _DAY) & (begins < times.max() + _DAY)
    hours, begins = hours.isel(time=near), begins[near]
    ends = begins + np.timedelta64(1, "h")
    found = {name: between(times, ends, hours[name].values) for name in _STATES if name in hours}
    found["wind_from_direction"] = turned(times, ends, hours["wind_from_direction"].values)
    middle = begins + np.timedelta64(30, "m")
    found["downwelling_longwave_irradiance"] = between(times, middle, hours["downwelling_longwave_irradiance"].values)
    stood = middle + np.timedelta64(round(offset * 60), "s")
    whole, diffuse = (hours[f"{one}_horizontal_irradiance"].values for one in ("global", "diffuse"))
    return course(seconds, found, carried(times, stood, whole, diffuse, place))


def _around(hours: np.ndarray, year: int) -> np.ndarray:
    """The hours of a typical year laid on the year before, a year and the year after, without their leap days."""
    first = np.datetime64(f"{TYPICAL_YEAR}-01-01", "ns")
    since = hours.astype("datetime64[ns]") - first
    march = np.timedelta64(59, "D")
    laid = []
    for one in (year - 1, year, year + 1):
        leap = one % 4 == 0 and (one % 100 != 0 or one % 400 == 0)
        skip = np.where(leap & (since >= march), _DAY, np.timedelta64(0, "D"))
        laid.append(np.datetime64(f"{one}-01-01", "ns") + since + skip)
    return np.concatenate(laid)


def _refuse_leap_day(times: np.ndarray) -> None:
    days = np.unique(times.astype("datetime64[D]")).astype(str)
    leap = [day for day in days if day.endswith("-02-29")]
    if leap:
        raise ScenarioError(f"a typical year has no {leap[0]}; let the period miss it", "period.start")
