"""What an owner knows of buildings, in place of what their archetype says: the words, and CSV files of them."""

import csv
import io
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from kernels.energy.carriers import HEAT_SOURCES
from kernels.quantities import Language
from twin.building_uses import USES
from twin.city import BUILDING_COLUMNS, LATER_COLUMNS, City, CityError, complete

ID = "id"
"""Column of a file that names the building: its id in the city, or that of the file it came from."""


@dataclass(frozen=True)
class Fact:
    """One thing that may be known of a building.

    Attributes
    ----------
    column : str
        Of the table of buildings.
    units : str
    label : dict
        Words for people, by language.
    low, high : float
        A number lies between them, both included; NaN for words. [units]
    choices : tuple of str
        Words that may stand there; empty where any may.
    """

    column: str
    units: str
    label: Mapping[Language, str]
    low: float = math.nan
    high: float = math.nan
    choices: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether it is a number."""
        return self.low == self.low

    @property
    def expected(self) -> str:
        """What may stand there, in words."""
        if self.is_number:
            return f"a number from {self.low:g} to {self.high:g}{f' {self.units}' if self.units != '1' else ''}"
        return f"one of {', '.join(self.choices)}" if self.choices else "words"


def _fact(
    column: str, units: str, fr: str, nl: str, en: str, low: float = math.nan, high: float = math.nan,
    choices: tuple[str, ...] = (),
) -> tuple[str, Fact]:  # fmt: skip
    return column, Fact(column, units, {"fr": fr, "nl": nl, "en": en}, low, high, choices)


# the largest U values are those that the surfaces alone let through, see `twin.building_archetypes.layers_of`
FACTS: Mapping[str, Fact] = MappingProxyType(dict((
    _fact("year", "1", "Année de construction", "Bouwjaar", "Year of construction", 1000, 2100),
    _fact("owner", "1", "Propriétaire", "Eigenaar", "Owner"),
    _fact("energy_use", "1", "Affectation énergétique", "Energetische bestemming", "Use, as energy sees it",
          choices=USES),
    _fact("floor_area", "m2", "Surface de plancher chauffée", "Verwarmde vloeroppervlakte", "Heated floor area",
          1, 1e6),
    _fact("dwellings", "1", "Logements", "Woningen", "Dwellings", 0, 5000),
    _fact("roof_u", "W m-2 K-1", "Valeur U de la toiture", "U-waarde van het dak", "U value of the roof", 0.05, 6),
    _fact("wall_u", "W m-2 K-1", "Valeur U des murs", "U-waarde van de muren", "U value of the walls", 0.05, 5.5),
    _fact("floor_u", "W m-2 K-1", "Valeur U du plancher, sans le sol", "U-waarde van de vloer, zonder de grond",
          "U value of the floor, without the ground", 0.05, 5.5),
    _fact("window_u", "W m-2 K-1", "Valeur U des fenêtres", "U-waarde van de ramen", "U value of the windows",
          0.4, 6.5),
    _fact("window_g", "1", "Facteur solaire des fenêtres", "Zontoetreding van de ramen",
          "Solar transmittance of the windows", 0.05, 0.9),
    _fact("window_share", "1", "Part de fenêtres en façade", "Aandeel ramen in de gevel",
          "Share of windows in the facade", 0, 0.95),
    _fact("infiltration", "h-1", "Taux d'infiltration d'air", "Infiltratievoud", "Infiltration rate", 0.005, 3),
    _fact("heat_recovery", "1", "Part de chaleur récupérée à la ventilation", "Deel warmteterugwinning bij ventilatie",
          "Share of heat recovered from ventilation", 0, 0.95),
    _fact("heat_source", "1", "Production de chaleur", "Warmteopwekking", "Source of heat",
          choices=tuple(one for one in HEAT_SOURCES if one != "network")),
    _fact("metered_heat", "kWh a-1", "Combustible ou chaleur achetés, au compteur",
          "Aangekochte brandstof of warmte, volgens de meter", "Fuel or heat bought, by the meter", 0, 1e9),
    _fact("metered_electricity", "kWh a-1", "Électricité achetée, au compteur",
          "Aangekochte elektriciteit, volgens de meter", "Electricity bought, by the meter", 0, 1e9),
)))  # fmt: skip
"""All that may be known, by the column of the table of buildings, in the order of a file."""


@dataclass(frozen=True, eq=False)
class FactsRead:
    """What a file of facts says.

    Attributes
    ----------
    table : DataFrame
        Index: id in the city; the columns of `FACTS` that the file has; NaN or an empty text where it says nothing.
    unknown : tuple of str
        Names in the file of which the city has no building.
    """

    table: pd.DataFrame
    unknown: tuple[str, ...]

    @property
    def known(self) -> dict[str, int]:
        """How many buildings the file tells of, by column."""
        return {name: int(_is_known(self.table[name]).sum()) for name in self.table.columns}


def fact_of(column: str, value: Any) -> float | str:
    """Check one value.

    Raises
    ------
    CityError
        There is no such fact, or the value cannot be one.
    """
    if column not in FACTS:
        raise CityError(f"{column!r} is no fact of a building; there are {', '.join(FACTS)}")
    fact = FACTS[column]
    if not fact.is_number:
        text = str(value).strip()
        if not text or (fact.choices and text not in fact.choices):
            raise CityError(f"{column} is {text!r}, expected {fact.expected}")
        return text
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not fact.low <= number <= fact.high:
        raise CityError(f"{column} is {value!r}, expected {fact.expected}")
    return number


def read_facts(path: str | Path, city: City) -> FactsRead:
    """Read a CSV of facts: a column ``id`` and columns of `FACTS`, divided by commas or semicolons.

    An empty cell says nothing. A number may have a comma where semicolons divide the columns. Lines that begin with #
    and columns that end in ``_assumed`` (of `write_facts`) are left out.

    Raises
    ------
    CityError
        A file that cannot be read, a column or a value that cannot be, a building that stands there twice; it tells
        the line.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CityError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not numbered:
        raise CityError(f"{path}: is empty; expected a line of columns, {ID} and some of {', '.join(FACTS)}")
    delimiter = ";" if ";" in numbered[0][1] else ","
    (first, *rest) = [(number, _cells(line, delimiter)) for number, line in numbered]
    columns = _columns(path, *first)
    number_of = _ids(city)
    rows: dict[str, dict[str, float | str]] = {}
    unknown: list[str] = []
    for number, cells in rest:
        if len(cells) != len(columns):
            raise CityError(f"{path}, line {number}: has {len(cells)} cells, the first line has {len(columns)}")
        said = dict(zip(columns, cells, strict=True))
        name = said.pop(ID)
        if name not in number_of:
            unknown.append(name)
            continue
        found = number_of[name]
        if found in rows:
            raise CityError(f"{path}, line {number}: building {name!r} stands there twice; name each once")
        try:
            rows[found] = {key: fact_of(key, text) for key, text in said.items() if text and key in FACTS}
        except CityError as error:
            raise CityError(f"{path}, line {number}: {error}") from error
    told = [name for name in columns if name in FACTS]
    data = {name: [row.get(name, LATER_COLUMNS[name]) for row in rows.values()] for name in told}
    table = pd.DataFrame(data, index=pd.Index(list(rows), dtype=object, name=ID))
    kinds = {name: np.float64 if FACTS[name].is_number else object for name in told}
    return FactsRead(table.astype(kinds), tuple(unknown))


def with_facts(city: City, facts: pd.DataFrame) -> City:
    """A city that knows more of its buildings; where the table says nothing, what was known stays.

    Parameters
    ----------
    city : City
    facts : DataFrame
        As `FactsRead.table`.

    Raises
    ------
    CityError
        A building or a column that the city does not have.
    """
    table = complete(city.buildings, BUILDING_COLUMNS)
    strange = [str(name) for name in facts.index if name not in table.index]
    strange += [str(name) for name in facts.columns if name not in FACTS]
    if strange:
        raise CityError(f"{strange[0]!r} is neither a building of {city.name} nor a fact; see FACTS")
    place = table.index.get_indexer(facts.index)
    changed: dict[str, np.ndarray] = {}
    for name in facts.columns:
        known = _is_known(facts[name])
        values = table[name].to_numpy(copy=True)
        values[place[known]] = facts[name].to_numpy()[known]
        changed[str(name)] = values
    return city.with_(buildings=table.assign(**changed))


def write_facts(city: City, path: str | Path, assumed: pd.DataFrame | None = None) -> None:
    """Write what is known of each building as a CSV that `read_facts` reads: a template to fill in.

    Parameters
    ----------
    city : City
    path : path
    assumed : DataFrame, optional
        One row per building: what is worked with where nobody knows, written beside it as ``<column>_assumed``.
    """
    path = Path(path)
    table = complete(city.buildings, BUILDING_COLUMNS)
    text = io.StringIO()
    label = " (demo data, not the cadastre)" if city.demo else ""
    text.write(f"# {city.name}{label}\n")
    for fact in FACTS.values():
        units = f" [{fact.units}]" if fact.units != "1" else ""
        text.write(f"# {fact.column}{units}: {fact.label['fr']} / {fact.label['nl']} / {fact.label['en']}\n")
    beside = [] if assumed is None else [name for name in FACTS if name in assumed.columns]
    names = [name for one in FACTS for name in (one, *([f"{one}_assumed"] if one in beside else []))]
    out = csv.writer(text, lineterminator="\n")
    out.writerow([ID, *names])
    known = {name: table[name].to_numpy() for name in FACTS}
    guessed = {} if assumed is None else {name: assumed[name].to_numpy() for name in beside}
    for row, building in enumerate(table.index):
        cells: list[str] = []
        for name in FACTS:
            cells.append(_text(known[name][row]))
            if name in beside:
                cells.append("" if cells[-1] else _text(guessed[name][row]))
        out.writerow([building, *cells])
    fresh = path.with_name(f".{path.stem}.{os.getpid()}.csv")
    try:
        fresh.write_text(text.getvalue(), encoding="utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value != value else f"{float(value):.6g}"


def _is_known(values: pd.Series) -> np.ndarray:
    found: np.ndarray = ((values == values) & (values != "")).to_numpy(bool)
    return found


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]


def _columns(path: Path, number: int, cells: list[str]) -> list[str]:
    columns = [cell.lower() for cell in cells]
    strange = [one for one in columns if one != ID and one not in FACTS and not one.endswith("_assumed")]
    if ID not in columns or strange or len(set(columns)) < len(columns):
        raise CityError(
            f"{path}, line {number}: expected the columns {ID} and some of {', '.join(FACTS)}, each once; got "
            f"{', '.join(cells)}"
        )
    return columns


def _ids(city: City) -> dict[str, str]:
    """Id of each building by its id and by that of the file it came from; a name of two buildings names none."""
    origins: dict[str, str] = {}
    twice: set[str] = set()
    names: Iterable[tuple[str, str]] = zip(city.buildings.index, city.buildings["origin"], strict=True)
    for name, origin in names:
        if origin and origins.setdefault(str(origin), str(name)) != name:
            twice.add(str(origin))
    return {key: name for key, name in origins.items() if key not in twice} | {
        str(name): str(name) for name in city.buildings.index
    }
