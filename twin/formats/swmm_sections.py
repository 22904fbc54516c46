"""The text of a SWMM 5 input file: sections, rows, units, and where each word stands."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from twin.city import CityError
from twin.formats.packed import read_bytes

FOOT = 0.3048
"""[m]"""
_CUBIC_FOOT = FOOT**3
# name: m3/s in one unit, length unit in m; SWMM 5.2 User's Manual (EPA 2022), table A-1
FLOW_UNITS: dict[str, tuple[float, float]] = {
    "CFS": (_CUBIC_FOOT, FOOT),
    "GPM": (3.785411784e-3 / 60.0, FOOT),
    "MGD": (3785.411784 / 86400.0, FOOT),
    "CMS": (1.0, 1.0),
    "LPS": (1e-3, 1.0),
    "MLD": (1000.0 / 86400.0, 1.0),
}


@dataclass(frozen=True)
class Row:
    """One line of a section, cut into words.

    Attributes
    ----------
    path : str
    line : int
        Number in the file, from 1.
    section : str
    words : list of str
    """

    path: str
    line: int
    section: str
    words: list[str]

    @property
    def name(self) -> str:
        """The first word: the object the row is about."""
        return self.words[0]

    def text(self, place: int, words: str) -> str:
        """The word at a place; ``words`` says what it should be if it is missing."""
        if place >= len(self.words):
            raise self.wrong(f"expected {words} as word {place + 1}, the line has {len(self.words)}")
        return self.words[place]

    def number(self, place: int, words: str, default: float | None = None) -> float:
        """The number at a place; missing or ``*`` gives the default, where there is one."""
        given = self.words[place] if place < len(self.words) else None
        if default is not None and given in (None, "*", '""'):
            return default
        try:
            return float(self.text(place, words))
        except ValueError:
            raise self.wrong(f"expected {words}, a number, as word {place + 1}, got {given!r}") from None

    def wrong(self, what: str) -> CityError:
        """An error that names file, line, section and object."""
        return CityError(f"{self.path}, line {self.line}: [{self.section}] {self.name}: {what}; mend the file")


@dataclass
class SwmmText:
    """A SWMM file by its sections.

    Attributes
    ----------
    path : str
    rows : dict
        Section name, upper case, to its rows.
    flow, length : float
        One flow unit [m³ s⁻¹], one length unit [m].
    tally : Counter
        What was taken, replaced and left out, in words.
    """

    path: str
    rows: dict[str, list[Row]]
    flow: float = 1.0
    length: float = 1.0
    tally: Counter[str] = field(default_factory=Counter)

    def section(self, name: str) -> Iterator[Row]:
        """Rows of a section; none where the file has not got it."""
        yield from self.rows.get(name, ())

    def option(self, name: str, default: str) -> str:
        """The value of an option."""
        found = [row for row in self.section("OPTIONS") if row.name.upper() == name]
        return found[-1].text(1, f"the value of {name}") if found else default

    def by_name(self, name: str) -> dict[str, Row]:
        """Rows of a section by their object; twice the same is refused."""
        found: dict[str, Row] = {}
        for row in self.section(name):
            if row.name in found:
                raise row.wrong(f"is there twice, first in line {found[row.name].line}")
            found[row.name] = row
        return found


def read_text(path: str | Path) -> SwmmText:
    """Cut a file into its sections.

    Raises
    ------
    CityError
        It is no SWMM input, or its flow unit is unknown.
    """
    rows: dict[str, list[Row]] = {}
    section = ""
    for number, raw in enumerate(read_bytes(path).decode("utf-8", errors="replace").splitlines(), start=1):
        line = raw.split(";")[0].strip()
        if not line:
            continue
        if line.startswith("["):
            section = line.strip("[] \t").upper()
            rows.setdefault(section, [])
        elif section == "TITLE":
            continue
        elif not section:
            raise CityError(f"{path}, line {number}: expected a [SECTION] first, got {line[:40]!r}; is it a SWMM .inp?")
        else:
            rows[section].append(Row(str(path), number, section, line.split()))
    found = SwmmText(str(path), rows)
    if not ({"JUNCTIONS", "OUTFALLS", "STORAGE"} & set(rows)):
        raise CityError(f"{path}: has neither [JUNCTIONS] nor [OUTFALLS] nor [STORAGE]; is it a SWMM .inp?")
    unit = found.option("FLOW_UNITS", "CFS").upper()
    if unit not in FLOW_UNITS:
        raise CityError(f"{path}: FLOW_UNITS {unit!r} is none of {', '.join(FLOW_UNITS)}; mend [OPTIONS]")
    found.flow, found.length = FLOW_UNITS[unit]
    return found
