"""Prices of energy, and CO2 of the grid, that a document can bring: dated, flat, by the hour of the week, or a file."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, Field, model_validator

from kernels.energy.hub import KWH
from scenarios.attached import FileName, Sha256, attached
from scenarios.problem import ScenarioError
from scenarios.storms import STRICT
from twin.energy_factors import read_prices
from twin.rainfall import rows_of
from twin.street_works import BRUSSELS
from twin.synthetic_year import HOURS, ZONE

PLACE = "forcing.tariffs"
WEEK = 168
"""Hours of a week, from Monday midnight. [h]"""
Rate = Annotated[float, Field(ge=-10, le=10)]
"""By the kWh; may be negative. [EUR kWh⁻¹ or kg kWh⁻¹]"""


class Course(BaseModel):
    """A price, or a factor of CO2, in one of three ways; a bare number is the first.

    Attributes
    ----------
    flat : float or None
        The same at all times.
    week : list or None
        168 values from Monday midnight of the clock of Brussels.
    file, sha256, column : str or None
        A CSV in the folder of inputs with a column of values by the kWh: one row for each hour of the run, or 8,760
        rows from 1 January, local standard time, laid on the calendar (29 February takes the day before).
    """

    model_config = STRICT
    flat: Rate | None = None
    week: Annotated[list[Rate], Field(min_length=WEEK, max_length=WEEK)] | None = None
    file: FileName | None = None
    sha256: Sha256 | None = None
    column: Annotated[str, Field(min_length=1, max_length=100)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_number(cls, value: Any) -> Any:
        return {"flat": value} if isinstance(value, int | float) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _one_way(self) -> "Course":
        ways = [name for name in ("flat", "week", "file") if getattr(self, name) is not None]
        if len(ways) != 1:
            raise ValueError(f"has {' and '.join(ways) or 'nothing'}; give a number, or one of flat, week, file")
        if (self.file is None) != (self.sha256 is None) or (self.file is None) != (self.column is None):
            raise ValueError("a file of prices has all three of file, sha256 and column")
        return self

    def along(self, start: datetime, hours: int, place: str) -> np.ndarray:
        """Values of the hours of a run, as the document gives them: (hour,) float64 [by the kWh]."""
        if self.flat is not None:
            return np.full(hours, self.flat)
        if self.week is not None:
            return np.asarray(self.week, float)[week_hours(start, hours)]
        assert self.file is not None
        values = self._read(place)
        if values.size == hours:
            return values
        if values.size != HOURS:
            raise ScenarioError(
                f"{self.file!r} has {values.size} rows, the run {hours} hours; give a row for each hour of the run, or "
                f"the {HOURS} of a year from 1 January",
                place,
            )
        return values[_hours_of_year(start, hours)]

    def _read(self, place: str) -> np.ndarray:
        path, data = attached(str(self.file), self.sha256, f"{place}.file")
        if data is None:
            raise ScenarioError(f"{self.file!r} is a folder; name a CSV", f"{place}.file")
        text = data.decode("utf-8-sig", errors="replace")
        rows = rows_of(text)
        if rows and len(rows[0]) == 1 and ";" in rows[0][0]:
            rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        head = [one.strip() for one in rows[0]] if rows else []
        if self.column not in head:
            raise ScenarioError(f"{path.name} has the columns {head}, not {self.column!r}", f"{place}.column")
        number = head.index(self.column)
        found = np.empty(len(rows) - 1)
        for line, row in enumerate(rows[1:]):
            try:
                found[line] = float(row[number])
            except (ValueError, IndexError):
                found[line] = np.nan
            if not np.isfinite(found[line]):
                raise ScenarioError(
                    f"{path.name}: row {line + 1} of {self.column!r} is no number; fill the gap, prices are never "
                    "guessed",
                    f"{place}.file",
                )
        return found


class Tariffs(BaseModel):
    """What energy costs and earns, at its date; what is left out is that of ``assets/energy_factors.csv``.

    Attributes
    ----------
    date, source : str
        Of the prices, for people who read the figures.
    electricity_buy, electricity_sell, fuel : Course or None
        [EUR kWh⁻¹]
    carbon : Course or None
        Of the grid's electricity, for the balance in CO2. [kg kWh⁻¹]
    """

    model_config = STRICT
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    source: Annotated[str, Field(min_length=1, max_length=500)]
    electricity_buy: Course | None = None
    electricity_sell: Course | None = None
    fuel: Course | None = None
    carbon: Course | None = None

    @model_validator(mode="after")
    def _carbon_is_not_negative(self) -> "Tariffs":
        known = self.carbon.week or [self.carbon.flat or 0.0] if self.carbon is not None else []
        if any(one < 0 for one in known):
            raise ValueError("carbon is below zero; the grid takes no CO2 out of the air")
        return self

    def identity(self) -> dict[str, Any]:
        """What a result depends on: the values and the bytes of files, not where they lie or what they are called."""
        courses = {name: getattr(self, name) for name in ("electricity_buy", "electricity_sell", "fuel", "carbon")}
        return {name: one.model_dump(exclude={"file"}) for name, one in courses.items() if one is not None}


@dataclass(frozen=True, eq=False)
class TariffCourses:
    """Prices along the hours of a run.

    Attributes
    ----------
    buy, sell, fuel : (hour,) ndarray
        Electricity bought and given, and fuel. [EUR J⁻¹]
    carbon : (hour,) ndarray or None
        Of the grid; None where the document has none. [kg J⁻¹]
    date, source : str
    """

    buy: np.ndarray
    sell: np.ndarray
    fuel: np.ndarray
    carbon: np.ndarray | None
    date: str
    source: str


def tariff_courses(tariffs: Tariffs | None, start: datetime, hours: int) -> TariffCourses:
    """Prices along the hours of a run, from a document, else from the table.

    Parameters
    ----------
    tariffs : Tariffs or None
    start : datetime
        UTC.
    hours : int

    Raises
    ------
    ScenarioError
        A file is not there, has other bytes, gaps, or not as many rows as needed.
    """
    table = read_prices()
    known = {"electricity_buy": (table.buy, "electricity"), "electricity_sell": (table.sell, "electricity"),
             "fuel": (table.buy, "gas")}  # fmt: skip
    found: dict[str, np.ndarray] = {}
    for name, (prices, carrier) in known.items():
        one: Course | None = getattr(tariffs, name) if tariffs is not None else None
        found[name] = (
            np.full(hours, float(np.asarray(prices[carrier])))
            if one is None
            else one.along(start, hours, f"{PLACE}.{name}") / KWH
        )
    carbon = None
    if tariffs is not None and tariffs.carbon is not None:
        carbon = tariffs.carbon.along(start, hours, f"{PLACE}.carbon") / KWH
        if (carbon < 0).any():
            raise ScenarioError("is below zero; the grid takes no CO2 out of the air", f"{PLACE}.carbon")
    date, source = (table.date, table.source) if tariffs is None else (tariffs.date, tariffs.source)
    return TariffCourses(found["electricity_buy"], found["electricity_sell"], found["fuel"], carbon, date, source)


def week_hours(start: datetime, hours: int) -> np.ndarray:
    """Hour of the week by the clock of Brussels, of each hour's middle, from Monday midnight: (hour,) int64."""
    return np.array([one.weekday() * 24 + one.hour for one in local_middles(start, hours)])


def local_middles(start: datetime, hours: int) -> list[datetime]:
    """The middle of each hour of a run on the clock of Brussels."""
    first = start.astimezone(UTC) + timedelta(minutes=30)
    return [(first + timedelta(hours=number)).astimezone(BRUSSELS) for number in range(hours)]


def _hours_of_year(start: datetime, hours: int) -> np.ndarray:
    """Hour of a year without a leap day, local standard time. (hour,) int64"""
    first = start.astimezone(UTC) + timedelta(hours=ZONE, minutes=30)
    found = np.empty(hours, np.int64)
    for number in range(hours):
        at = first + timedelta(hours=number)
        leap = at.year % 4 == 0 and (at.year % 100 != 0 or at.year % 400 == 0)
        day = at.timetuple().tm_yday - 1 - int(leap and at.timetuple().tm_yday > 59)
        found[number] = day * 24 + at.hour
    return found
