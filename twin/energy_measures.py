"""What measures of energy cost and how long they last: a dated table with the source of each figure."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from twin.city import CityError

TABLE = Path(__file__).parents[1] / "assets" / "energy_measures.csv"
_NUMBERS = ("cost", "life", "upkeep")


@dataclass(frozen=True)
class Measure:
    """What a measure costs.

    Attributes
    ----------
    name, unit : str
        ``unit`` is what is paid for: m2, kW, kWh or m.
    cost : float
        [EUR by the unit]
    life : float
        [a]
    upkeep : float
        By year, of the cost. [1]
    date, source : str
        A source that says "assumed" is no more than that.
    """

    name: str
    unit: str
    cost: float
    life: float
    upkeep: float
    date: str
    source: str

    def yearly(self, rate: float) -> float:
        """Annuity and upkeep of a unit. [EUR a⁻¹ by the unit]"""
        return self.cost * (annuity(rate, self.life) + self.upkeep)


def annuity(rate: float, years: float) -> float:
    """Share of a cost that is paid each year so that it is paid off after so many, at an interest. [1]"""
    return 1.0 / years if rate == 0.0 else rate / (1.0 - (1.0 + rate) ** -years)


@cache
def measures(path: Path = TABLE) -> Mapping[str, Measure]:
    """All measures by name; a table of the city's own has the same columns and names.

    Raises
    ------
    CityError
        A row that cannot be read, or a measure that lacks.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for line, row in enumerate(rows, 2):
        try:
            numbers = {name: float(row[name]) for name in _NUMBERS}
        except (KeyError, TypeError, ValueError) as error:
            raise CityError(f"{path.name}, line {line}: {', '.join(_NUMBERS)} must be numbers") from error
        if min(numbers.values()) < 0.0 or numbers["life"] <= 0.0:
            raise CityError(f"{path.name}, line {line}: costs and upkeep are zero or more, a life is above zero")
        if not row.get("date") or not row.get("source"):
            raise CityError(f"{path.name}, line {line}: every cost has a date and a source")
        found[row["measure"]] = Measure(row["measure"], row["unit"], **numbers, date=row["date"], source=row["source"])
    if path != TABLE and (lacking := set(measures()) - set(found)):
        raise CityError(f"{path.name}: has no {', '.join(sorted(lacking))}")
    return MappingProxyType(found)
