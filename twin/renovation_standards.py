"""What a renovation makes of a building: standards as a dated table with the source of each value."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

TABLE = Path(__file__).parents[1] / "assets" / "renovation_standards.csv"

QUANTITIES = ("roof_u", "wall_u", "floor_u", "window_u", "window_g", "infiltration", "heat_recovery")
"""Values that a renovation may set, as the fields of `twin.energy_works.Renovation`: W m⁻² K⁻¹, 1, h⁻¹ and 1."""


@dataclass(frozen=True)
class RenovationStandard:
    """What parts of a building are after a renovation.

    Attributes
    ----------
    name : str
    values : mapping of str to float
        Of `QUANTITIES`; what is not there stays as it is.
    sources : mapping of str to str
        Of each value; one that says "assumed" is no more than that.
    date : str
        Day from which it holds, ISO 8601.
    """

    name: str
    values: Mapping[str, float]
    sources: Mapping[str, str]
    date: str


@cache
def renovation_standards() -> Mapping[str, RenovationStandard]:
    """All standards by name, the least first."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for name in dict.fromkeys(row["standard"] for row in rows):
        mine = [row for row in rows if row["standard"] == name]
        found[name] = RenovationStandard(
            name=name,
            values=MappingProxyType({row["quantity"]: float(row["value"]) for row in mine}),
            sources=MappingProxyType({row["quantity"]: row["source"] for row in mine}),
            date=max(row["date"] for row in mine),
        )
    return MappingProxyType(found)
