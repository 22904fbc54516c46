"""Kinds of rain that a document can ask for: blocks, steps, design storms, events, and rain that differs in space."""

from itertools import pairwise
from typing import Annotated, Any, Literal

import xarray as xr
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_serializer,
    field_validator,
    model_validator,
)

from scenarios.attached import FileName, Sha256, attached
from scenarios.problem import ScenarioError
from twin.rain_events import events
from twin.rain_field import Interpolation, Units, moving_cell, read_rain_field
from twin.rainfall import IDF, RainError, composite_storm, sourced
from twin.rasterise import Grid

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)
"""How every part of a document is read: no guessed types, no unknown words, no infinity."""

Intensity = Annotated[float, Field(ge=0, le=1000)]
"""Rain; beyond the highest one-minute rate on record by little. [mm/h]"""
Duration = Annotated[float, Field(gt=0, le=30 * 86400)]
"""At most 30 days. [s]"""
Instant = Annotated[float, Field(ge=0, le=30 * 86400)]
"""Since the start of the period. [s]"""
Factor = Annotated[float, Field(gt=0, le=5)]
"""On intensities, for a climate to come; 1.2 and 1.4 are the usual assumptions. [1]"""
Steps = tuple[tuple[float, float], ...]

PLACE = "forcing.rain"
_TO_MM_H = 3.6e6


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
        return merged([(self.start_s, self.intensity_mm_h), (self.start_s + self.duration_s, 0.0)])


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
        return merged(list(zip(self.time_s, self.intensity_mm_h, strict=True)))


class Table(BaseModel):
    """An IDF table: a file of the user, or the few figures that the project has from a source.

    Attributes
    ----------
    file : str or None
        CSV as `twin.rainfall.IDF.read` takes it; None is ``sourced``.
    sha256 : str or None
        Of the file; without it, whatever stands there is taken.
    """

    model_config = STRICT
    file: FileName | None = None
    sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _hash_of_something(self) -> "Table":
        if self.sha256 is not None and self.file is None:
            raise ValueError("sha256 is of no file; name the file as well")
        return self

    def idf(self) -> IDF:
        """The table.

        Raises
        ------
        ScenarioError
        """
        if self.file is None:
            return sourced()
        _, data = attached(self.file, self.sha256, f"{PLACE}.idf.file")
        try:
            return IDF.parse((data or b"").decode("utf-8-sig"), self.file)
        except (RainError, UnicodeDecodeError) as error:
            raise ScenarioError(str(error), f"{PLACE}.idf.file") from error


_SOURCED_OR_FILE = WithJsonSchema(
    {
        "anyOf": [
            {"const": "sourced"},
            {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {"file": {"type": "string"}, "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
            },
        ],
        "default": "sourced",
    }
)


class Design(BaseModel):
    """The composite design storm of a return period, made from an IDF table.

    Attributes
    ----------
    return_period_years : float
    duration_s : float
        Of the storm.
    step_s : float or None
        Length of its steps; None takes ten minutes, or the shortest duration of the table where that is longer.
    idf : "sourced" or Table
        ``sourced``: two years from 1 h to 24 h in steps of an hour, ten years for one hour; nothing else.
    climate_factor : float
        On every intensity.
    peak : float
        Where the highest step stands, 0 first to 1 last.
    start_s : float
        Since the start of the period.
    """

    model_config = STRICT
    kind: Literal["design"] = "design"
    return_period_years: Annotated[float, Field(gt=0, le=1000)]
    duration_s: Duration
    step_s: Annotated[float, Field(ge=60, le=86400)] | None = None
    idf: Annotated[Table, _SOURCED_OR_FILE] = Table()
    climate_factor: Factor = 1.0
    peak: Annotated[float, Field(ge=0, le=1)] = 0.5
    start_s: Instant = 0.0

    @field_validator("idf", mode="before")
    @classmethod
    def _the_sourced_one(cls, value: Any) -> Any:
        if isinstance(value, str):
            if value != "sourced":
                raise ValueError(f"{value!r} is no table; write sourced, or file: with the name of a CSV")
            return Table()
        return value

    @field_serializer("idf")
    def _in_a_word(self, value: Table) -> Any:
        return "sourced" if value.file is None else value.model_dump(exclude_none=True)

    def steps(self) -> Steps:
        """(time [s], intensity [mm/h]) from which on each intensity holds.

        Raises
        ------
        ScenarioError
            The table does not reach that far, or cannot be read.
        """
        table = self.idf.idf()
        try:
            shortest = float(table.durations_of(self.return_period_years)[0])
            step = self.step_s or max(600.0, shortest)
            storm = composite_storm(
                table, self.return_period_years, step, self.duration_s, self.peak, self.climate_factor
            )
        except RainError as error:
            raise ScenarioError(str(error), PLACE) from error
        times = (storm["time"].values + self.start_s).tolist()
        return merged(list(zip(times, (storm.values * _TO_MM_H).tolist(), strict=True)))


class PastEvent(BaseModel):
    """Rain that fell, from the events that come with the project.

    Attributes
    ----------
    event : str
        A name of `twin.rain_events.events`.
    climate_factor : float
        On every intensity.
    start_s : float
        When the event begins, since the start of the period.
    """

    model_config = STRICT
    kind: Literal["event"] = "event"
    event: str
    climate_factor: Factor = 1.0
    start_s: Instant = 0.0

    @field_validator("event")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in events():
            raise ValueError(f"{value!r} is none of the events; there are {', '.join(events())}")
        return value

    def steps(self) -> Steps:
        """(time [s], intensity [mm/h]) from which on each intensity holds."""
        scale = self.climate_factor * _TO_MM_H
        return merged([(time + self.start_s, rate * scale) for time, rate in events()[self.event].rates()])


class MovingCell(BaseModel):
    """A synthetic storm cell that crosses the city: an assumption, no event that was measured.

    Attributes
    ----------
    peak_mm_h : float
        In the middle of the cell.
    radius_m : float
        Standard deviation of the bell.
    start : list of float
        Easting and northing of the middle when it begins.
    speed_m_s : float
    direction_deg : float
        Whereto it moves, clockwise from north.
    duration_s, step_s, start_s : float
    """

    model_config = STRICT
    kind: Literal["moving_cell"] = "moving_cell"
    peak_mm_h: Intensity
    radius_m: Annotated[float, Field(ge=10, le=100_000)]
    start: Annotated[list[float], Field(min_length=2, max_length=2)]
    speed_m_s: Annotated[float, Field(ge=0, le=50)]
    direction_deg: Annotated[float, Field(ge=0, lt=360)]
    duration_s: Duration
    step_s: Annotated[float, Field(ge=1, le=3600)] = 60.0
    start_s: Instant = 0.0

    def steps(self) -> Steps:
        """No rain that is the same everywhere."""
        return ()

    def field(self, grid: Grid) -> xr.DataArray:
        """``rainfall_rate (time, y, x)`` on a grid. [m s⁻¹]"""
        try:
            return moving_cell(
                grid,
                peak=self.peak_mm_h / _TO_MM_H,
                radius=self.radius_m,
                start=(self.start[0], self.start[1]),
                speed=self.speed_m_s,
                direction=self.direction_deg,
                duration_s=self.duration_s,
                step_s=self.step_s,
                start_s=self.start_s,
            )
        except RainError as error:
            raise ScenarioError(str(error), PLACE) from error

    def identity(self) -> dict[str, Any]:
        """What the rain depends on, as it enters the digest."""
        return self.model_dump()


class RainField(BaseModel):
    """Rain through time and space from a file; see `twin.rain_field.read_rain_field` for what is read.

    Attributes
    ----------
    file : str
        In the folder of inputs.
    sha256 : str
        Of its bytes: what the digest depends on, wherever the file lies.
    interpolation : {"nearest", "bilinear"}
    units : {"mm h-1", "m s-1"}
        Of a file that does not say so itself.
    step_s : float or None
        Time between the bands of a GeoTIFF.
    """

    model_config = STRICT
    kind: Literal["field"] = "field"
    file: FileName
    sha256: Sha256
    interpolation: Interpolation = "bilinear"
    units: Units = "mm h-1"
    step_s: Duration | None = None

    def steps(self) -> Steps:
        """No rain that is the same everywhere."""
        return ()

    def field(self, grid: Grid) -> xr.DataArray:
        """``rainfall_rate (time, y, x)`` on a grid. [m s⁻¹]"""
        path, data = attached(self.file, self.sha256, f"{PLACE}.file")
        try:
            return read_rain_field(
                path, grid, interpolation=self.interpolation, units=self.units, step_s=self.step_s, data=data
            )
        except RainError as error:
            raise ScenarioError(str(error), f"{PLACE}.file") from error

    def identity(self) -> dict[str, Any]:
        """What the rain depends on, as it enters the digest: the bytes, not where they lie."""
        return self.model_dump(exclude={"file"})


Rain = Annotated[
    Block | Hyetograph | Design | PastEvent | MovingCell | RainField,
    Field(discriminator="kind"),
]


def merged(steps: list[tuple[float, float]]) -> Steps:
    """Without steps that change nothing: equal rain has equal steps, no rain has none."""
    found: list[tuple[float, float]] = []
    for time, intensity in steps:
        if intensity != (found[-1][1] if found else 0.0):
            found.append((float(time), float(intensity)))
    return tuple(found)
