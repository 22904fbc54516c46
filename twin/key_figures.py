"""Key figures of the city's seven domains of policy: what they were, where they go, what they are to be."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from scipy.stats import theilslopes

from kernels.quantities import LANGUAGES, Language
from twin.city import CityError

TABLE = Path(__file__).parents[1] / "assets" / "key_figures.csv"
FEWEST = 3
"""A trend needs so many values. [1]"""

DOMAINS: Mapping[str, Mapping[Language, str]] = {
    "climate": {"fr": "Climat et énergie", "nl": "Klimaat en energie", "en": "Climate and energy"},
    "mobility": {"fr": "Mobilité", "nl": "Mobiliteit", "en": "Mobility"},
    "environment": {
        "fr": "Air, bruit, déchets et espaces verts",
        "nl": "Lucht, geluid, afval en groen",
        "en": "Air, noise, waste and green",
    },
    "housing": {"fr": "Logement et urbanisme", "nl": "Huisvesting en stedenbouw", "en": "Housing and planning"},
    "society": {
        "fr": "Solidarité, enseignement et santé",
        "nl": "Solidariteit, onderwijs en gezondheid",
        "en": "Solidarity, education and health",
    },
    "economy": {
        "fr": "Économie, emploi et commerce",
        "nl": "Economie, werk en handel",
        "en": "Economy, work and trade",
    },
    "governance": {
        "fr": "Gouvernance, participation et numérique",
        "nl": "Bestuur, participatie en digitalisering",
        "en": "Governance, participation and digital services",
    },
}
"""The seven domains, in the order in which people see them."""

STATES: Mapping[str, Mapping[Language, str]] = {
    "reached": {"fr": "objectif atteint", "nl": "doel bereikt", "en": "target reached"},
    "on_track": {"fr": "en bonne voie", "nl": "op schema", "en": "on track"},
    "behind": {"fr": "trop lent", "nl": "te traag", "en": "too slow"},
    "away": {"fr": "ne s’améliore pas", "nl": "verbetert niet", "en": "does not improve"},
    "missed": {"fr": "objectif manqué", "nl": "doel gemist", "en": "target missed"},
    "open": {"fr": "sans échéance ou sans tendance", "nl": "zonder termijn of trend", "en": "no date or no trend"},
    "none": {"fr": "sans objectif", "nl": "zonder doel", "en": "no target"},
    "unknown": {"fr": "non mesuré", "nl": "niet gemeten", "en": "not measured"},
}
"""What can be said of a figure, with words for people."""


@dataclass(frozen=True)
class KeyFigure:
    """A figure and what it is to become.

    Attributes
    ----------
    key : str
    domain : str
        Of `DOMAINS`.
    label : mapping of language to str
    units : str
    better : str
        ``higher`` or ``lower``.
    target : float or None
        [units]
    target_year : int or None
    source : str
        Of the target.
    """

    key: str
    domain: str
    label: Mapping[Language, str]
    units: str
    better: str
    target: float | None
    target_year: int | None
    source: str

    def meets(self, value: float) -> bool:
        """Whether a value is as good as the target, which there must be."""
        if self.target is None:
            raise CityError(f"{self.key}: has no target")
        return value >= self.target if self.better == "higher" else value <= self.target


@dataclass(frozen=True)
class FigureValue:
    """What a figure was.

    Attributes
    ----------
    key : str
    year : float
        With its part: the figure of the whole year 2025 stands at 2025.5. [a]
    value : float
        [units of the figure]
    source : str
    demo : bool
        Made by a program.
    """

    key: str
    year: float
    value: float
    source: str = ""
    demo: bool = False


@dataclass(frozen=True)
class Trend:
    """Where a figure goes.

    Attributes
    ----------
    last, year : float
        The newest value and its time; NaN where there is none. [units, a]
    change : float
        From the value before it; NaN where there is none. [units]
    slope : float
        NaN for fewer than `FEWEST` values. [units a⁻¹]
    expected : float
        At the target's year, if it goes on like this; NaN where that is not known. [units]
    needed : float
        Slope from the newest value to the target; NaN where that is not known. [units a⁻¹]
    state : str
        Of `STATES`.
    """

    last: float
    year: float
    change: float
    slope: float
    expected: float
    needed: float
    state: str


@cache
def key_figures(path: Path = TABLE) -> Mapping[str, KeyFigure]:
    """All figures by key; a table of the city's own has the same columns.

    Raises
    ------
    CityError
        A row that cannot be, with its line and field.
    """
    found: dict[str, KeyFigure] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            one = _figure(f"{path.name}, line {line}", row)
            if one.key in found:
                raise CityError(f"{path.name}, line {line}, key: {one.key!r} stands there twice; keep one")
            found[one.key] = one
    return MappingProxyType(found)


def _figure(where: str, row: Mapping[str, str | None]) -> KeyFigure:
    def told(name: str) -> str:
        return (row.get(name) or "").strip()

    for name in ("key", "domain", *LANGUAGES, "units", "better", "source"):
        if not told(name):
            raise CityError(f"{where}, {name}: is empty; every figure has one")
    if told("domain") not in DOMAINS:
        raise CityError(f"{where}, domain: {told('domain')!r} is none of {', '.join(DOMAINS)}")
    if told("better") not in ("higher", "lower"):
        raise CityError(f"{where}, better: is higher or lower, got {told('better')!r}")
    target = _number(where, "target", told("target")) if told("target") else None
    year = _number(where, "target_year", told("target_year")) if told("target_year") else None
    if year is not None and (target is None or year != int(year)):
        raise CityError(f"{where}, target_year: is a whole year of a target, got {told('target_year')!r}")
    return KeyFigure(
        told("key"), told("domain"), {language: told(language) for language in LANGUAGES}, told("units"),
        told("better"), target, None if year is None else int(year), told("source"),
    )  # fmt: skip


def _number(where: str, name: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not np.isfinite(found):
        raise CityError(f"{where}, {name}: {text!r} is no number; write 1234.5")
    return found


def read_values(path: Path, figures: Mapping[str, KeyFigure] | None = None) -> tuple[FigureValue, ...]:
    """Values of figures: columns ``key``, ``date`` (a year, or a day as 2026-11-27), ``value``, ``source``, ``demo``.

    An empty value is left out: nobody measured. ``demo`` is 1 for what a program made, and may lack.

    Raises
    ------
    CityError
        A row that cannot be, with its line and field.
    """
    known = key_figures() if figures is None else figures
    found: dict[tuple[str, float], FigureValue] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        lacking = [name for name in ("key", "date", "value", "source") if name not in (rows.fieldnames or ())]
        if lacking:
            raise CityError(f"{path.name}, line 1: has no column {', '.join(lacking)}")
        for row in rows:
            where = f"{path.name}, line {rows.line_num}"
            if row["key"] not in known:
                raise CityError(f"{where}, key: {row['key']!r} is no key figure; add it to assets/{TABLE.name}")
            if not (row["value"] or "").strip():
                continue
            year = _year(where, (row["date"] or "").strip())
            if (row["key"], year) in found:
                raise CityError(f"{where}, date: {row['key']} has a value of {row['date']} already; keep one")
            value = _number(where, "value", row["value"])
            found[row["key"], year] = FigureValue(row["key"], year, value, row["source"] or "", row.get("demo") == "1")
    return tuple(sorted(found.values(), key=lambda one: (one.key, one.year)))


def write_values(path: Path, values: Iterable[FigureValue]) -> None:
    """Write values so that `read_values` reads them again; a time within a year is written as its day."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["key", "date", "value", "source", "demo"])
        for one in values:
            table.writerow([one.key, _date(one.year), repr(one.value), one.source, "1" if one.demo else ""])


def _year(where: str, text: str) -> float:
    if text.isdigit() and len(text) == 4:
        return int(text) + 0.5
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CityError(f"{where}, date: {text!r} is no year and no day; write 2026 or 2026-11-27") from error
    return day.year + (day.timetuple().tm_yday - 1) / _days(day.year)


def _date(year: float) -> str:
    whole = int(year)
    if year == whole + 0.5:
        return str(whole)
    return date.fromordinal(date(whole, 1, 1).toordinal() + round((year - whole) * _days(whole))).isoformat()


def _days(year: int) -> int:
    return date(year + 1, 1, 1).toordinal() - date(year, 1, 1).toordinal()


def trend(figure: KeyFigure, values: Sequence[FigureValue]) -> Trend:
    """Where a figure goes, by all its values.

    Parameters
    ----------
    figure : KeyFigure
    values : sequence of FigureValue
        Those of other figures are left out.

    Returns
    -------
    Trend

    Notes
    -----
    The slope is the median of those between all pairs, Theil (1950) and Sen (1968),
    doi:10.1080/01621459.1968.10480934: one odd year does not turn it. The line goes through the medians of time and
    value.
    """
    own = sorted((one for one in values if one.key == figure.key), key=lambda one: one.year)
    nan = float("nan")
    if not own:
        return Trend(nan, nan, nan, nan, nan, nan, "unknown")
    years, told = np.array([one.year for one in own]), np.array([one.value for one in own])
    last, year = float(told[-1]), float(years[-1])
    change = last - float(told[-2]) if told.size > 1 else nan
    slope = expected = needed = nan
    if told.size >= FEWEST:
        line = theilslopes(told, years)
        slope = float(line.slope)
    ends = nan if figure.target_year is None else figure.target_year + 0.5
    if figure.target is not None and ends > year:
        needed = (figure.target - last) / (ends - year)
        if told.size >= FEWEST:
            expected = float(line.intercept + slope * ends)
    return Trend(last, year, change, slope, expected, needed, _state(figure, last, year, ends, slope, expected))


def _state(figure: KeyFigure, last: float, year: float, ends: float, slope: float, expected: float) -> str:
    if figure.target is None:
        return "none"
    if figure.meets(last):
        return "reached"
    if year >= ends:
        return "missed"
    if np.isnan(slope):
        return "open"
    if (slope <= 0) if figure.better == "higher" else (slope >= 0):
        return "away"
    if np.isnan(expected):
        return "open"
    return "on_track" if figure.meets(expected) else "behind"
