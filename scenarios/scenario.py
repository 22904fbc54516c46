"""The scenario document: what to change in the city, what falls on it, what to compute."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, JsonValue, ValidationError, model_validator
from pydantic import Strict as StrictType

from kernels.contract import Kernel
from kernels.quantities import Language
from scenarios.canonical import canonical, digest_of
from scenarios.choice import choose, identity
from scenarios.drainage import Sewers, SinkSewers, Soil
from scenarios.edits import AnyEdit, apply_edits
from scenarios.forcing import STRICT, Forcing
from scenarios.problem import ScenarioError
from scenarios.reading import parse
from scenarios.situation import Situation
from twin.city import City
from twin.rasterise import Grid

FORMAT = 3
"""Version of what the digest is made of; 2 counts soil, sewers, rivers and levels, 3 weather."""
MAX_OUTPUTS = 5000
"""Output times a run may have."""
MAX_EDITS = 2000
MAX_CELLS = 40_000_000
"""Cells a run may have: 4 GB at 80 bytes each."""


def _one_language(words: dict[Language, str]) -> dict[Language, str]:
    if not any(text.strip() for text in words.values()):
        raise ValueError("needs words in at least one of fr, nl, en")
    return words


def _in_utc(value: object) -> datetime:
    """A time with its zone, as UTC; a bare number is no time."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"{value!r} is not a time; write it like 2021-07-15T12:00:00Z") from error
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise ValueError(f"{value!r} is not a time with its zone; write it like 2021-07-15T12:00:00Z")
    return found.astimezone(UTC)


Text = Annotated[str, Field(max_length=5000)]
Words = Annotated[dict[Language, Text], AfterValidator(_one_language)]
LongDuration = Annotated[float, Field(gt=0, le=366 * 86400)]
"""A district's energy is judged over a year. [s]"""
Window = Annotated[list[float], Field(min_length=4, max_length=4)]


class Period(BaseModel):
    """When, for how long and how often.

    Attributes
    ----------
    start : datetime
        UTC.
    duration_s, output_every_s : float
        A run gives a frame at every multiple of ``output_every_s`` and at its end.
    """

    model_config = STRICT
    start: Annotated[datetime, StrictType(False), BeforeValidator(_in_utc)]
    duration_s: LongDuration
    output_every_s: LongDuration

    @model_validator(mode="after")
    def _not_too_often(self) -> "Period":
        outputs = self.duration_s / self.output_every_s
        if outputs > MAX_OUTPUTS:
            raise ValueError(f"makes {outputs:.0f} outputs, at most {MAX_OUTPUTS}; take a longer output_every_s")
        return self

    def times(self) -> list[float]:
        """Output times since the start. [s]"""
        steps = int(np.floor(self.duration_s / self.output_every_s * (1 + 1e-12)))
        found = [number * self.output_every_s for number in range(1, steps + 1)]
        if not found or self.duration_s - found[-1] > 1e-9 * self.duration_s:
            found.append(self.duration_s)
        return found


class Scenario(BaseModel):
    """A what-if: the one document that page, command line, server and batch share.

    Attributes
    ----------
    scenario : int
        Version of the document: 1.
    name, description : dict
        In French, Dutch or English. Words do not change a result and are not in the digest.
    city : str or None
        Digest of the city it was written for; None fits every city.
    cell_size_m : float
    window : list or None
        West, south, east, north in Lambert 72; None is the whole city. [m]
    period : Period
    kernels : list of str
    options : dict
        Knobs by kernel name.
    forcing : Forcing
    soil : Soil
        Green-Ampt where the document does not say.
    sewers : NoSewers, SinkSewers or NetworkSewers
        Sewers that are assumed, for ten years, where the document does not say.
    edits : list of edits
        In their order.
    indicators : list of str or None
        Which to show; a result holds all. None shows all. Not in the digest.
    seed : int
        For kernels that draw lots.
    """

    model_config = STRICT
    scenario: Literal[1]
    name: Words
    description: Words | None = None
    city: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    cell_size_m: Annotated[float, Field(ge=0.25, le=100)] = 2.0
    window: Window | None = None
    period: Period
    kernels: Annotated[list[str], Field(min_length=1, max_length=16)] = ["flood"]
    options: dict[str, dict[str, JsonValue]] = {}
    forcing: Forcing = Forcing()
    soil: Soil = Soil()
    sewers: Sewers = SinkSewers()
    edits: Annotated[list[AnyEdit], Field(max_length=MAX_EDITS)] = []
    indicators: list[str] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**53)] = 0

    @classmethod
    def load(cls, path: str | Path) -> "Scenario":
        """Read a document from a file, YAML or JSON.

        Raises
        ------
        ScenarioError
            Names the file, the place in it and the remedy.
        """
        try:
            text = Path(path).read_bytes()
        except OSError as error:
            raise ScenarioError(f"{path}: cannot be read ({error.strerror})") from error
        try:
            return cls.read(parse(text))
        except ScenarioError as error:
            raise ScenarioError(f"{path}: {error}") from error

    @classmethod
    def read(cls, value: Any) -> "Scenario":
        """Read a document that is already lists and mappings.

        Raises
        ------
        ScenarioError
            Of the first mistake, with its place; ``__cause__`` has all.
        """
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            place = place_of(first["loc"])
            more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
            raise ScenarioError(first["msg"].removeprefix("Value error, ") + more, place) from error
        except RecursionError as error:
            raise ScenarioError("is nested too deep") from error

    def canonical(self) -> dict[str, Any]:
        """The whole document in its one spelling, defaults filled in: JSON types only."""
        document = json.loads(self.model_dump_json())
        document["period"]["start"] = self.period.start.isoformat().replace("+00:00", "Z")
        found: dict[str, Any] = canonical(document)
        return found

    def situation(self, city: City) -> Situation:
        """The city and the rain after all edits.

        Raises
        ------
        ScenarioError
            The document was written for another city, or its window misses this one.
        EditError
            An edit is not possible here.
        """
        if self.city is not None and self.city != city.digest:
            raise ScenarioError(
                f"is for the city {self.city[:12]}…, this one is {city.name} ({city.digest[:12]}…); open it with its "
                "own city, or leave `city` out to try it here",
                "city",
            )
        self.grid(city)
        rain = self.forcing.rain.steps() if self.forcing.rain is not None else ()
        return apply_edits(Situation(city, rain), self.edits)

    def grid(self, city: City) -> Grid:
        """The cells that are computed.

        Raises
        ------
        ScenarioError
            The window is empty, not in the city, or has too many cells.
        """
        west, south, east, north = city.bounds
        if self.window is not None:
            left, low, right, high = self.window
            if left >= right or low >= high:
                raise ScenarioError(f"{self.window} is empty; give west, south, east, north in metres", "window")
            if left < west - 1 or low < south - 1 or right > east + 1 or high > north + 1:
                raise ScenarioError(
                    f"{self.window} is not inside the city, which lies in {[west, south, east, north]}", "window"
                )
            west, south, east, north = self.window
        cells = (east - west) * (north - south) / self.cell_size_m**2
        if cells > MAX_CELLS:
            raise ScenarioError(
                f"makes {cells:,.0f} cells, at most {MAX_CELLS:,}; take wider cells or a window", "cell_size_m"
            )
        return Grid.over((west, south, east, north), self.cell_size_m)

    def chosen(self, table: Sequence[type[Kernel]] | None = None) -> tuple[Kernel, ...]:
        """The kernels with their knobs, in the order in which they run; see `scenarios.choice.choose`."""
        return choose(self.kernels, self.options, table, {"soil": self.soil.law})

    def digest(self, city: City, table: Sequence[type[Kernel]] | None = None) -> str:
        """SHA-256 of everything the result depends on, and of nothing else.

        That is: the city as imported and as edited, the rain that falls, rivers, levels and weather, soil and sewers,
        grid, period, the kernels with their knobs and code, and the seed. Not: words, the choice of indicators,
        threads, and by which way the edits came there.

        Raises
        ------
        ScenarioError
            As `situation` and `chosen`.
        """
        return self.digest_in(self.situation(city), self.chosen(table))

    def digest_in(self, situation: Situation, kernels: Sequence[Kernel]) -> str:
        """As `digest`, of a situation and kernels already made."""
        grid = self.grid(situation.base)
        document = self.canonical()
        return digest_of(
            {
                "format": FORMAT,
                "situation": situation.digest,
                "forcing": self.forcing.identity(stormed=situation.storm is not None),
                "soil": document["soil"],
                "sewers": document["sewers"],
                "grid": [grid.west, grid.south, grid.columns, grid.rows, grid.cell_size],
                "period": document["period"],
                "kernels": [identity(kernel) for kernel in kernels],
                "seed": self.seed,
            }
        )


def place_of(parts: Sequence[int | str]) -> str:
    """A pydantic location as people write it; the name of an alternative is left out."""
    found = ""
    for number, part in enumerate(parts):
        if isinstance(part, int):
            found += f"[{part}]"
        elif part == "[key]" or (number > 0 and _is_alternative(parts, number)):
            continue
        else:
            found += f".{part}" if found else part
    return found


def _is_alternative(parts: Sequence[int | str], number: int) -> bool:
    """Discriminated unions put the chosen name into the location: after an edit's number, rain, weather, sewers."""
    if parts[0] == "edits":
        return number == 2 and isinstance(parts[1], int)
    return (parts[number - 1], number) in (("rain", 2), ("weather", 2), ("sewers", 1))


def json_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of the document."""
    found: dict[str, Any] = Scenario.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
