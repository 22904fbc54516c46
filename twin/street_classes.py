"""Classes of streets: which kinds of a map they hold, what a lane of them passes, and how much green they get."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from kernels.quantities import Language

_TABLE = Path(__file__).parents[1] / "assets" / "street_capacities.csv"

SOURCES = {
    "TA 79/99": "Highways Agency, Design Manual for Roads and Bridges, volume 5, section 1, part 3, TA 79/99, Traffic "
    "capacity of urban roads, 1999: the most that passes in one direction for an hour, between crossings",
    "RASt 06": "FGSV, Richtlinien für die Anlage von Stadtstraßen, 2006",
    "HCM 2010": "Transportation Research Board, Highway Capacity Manual 2010",
}
"""Works behind the short names of the table's source column."""


@dataclass(frozen=True)
class StreetClass:
    """One class.

    Attributes
    ----------
    key : str
    code : int
        Its place in the table; ``street_class`` of a network.
    words : dict
        Name by language.
    kinds : tuple of str
        OSM highway values.
    main : bool
        Whether it bounds neighbourhoods.
    lane_capacity : float
        Cars that pass one lane between crossings. [h⁻¹]
    green_weight : float
        Its claim on green time at signals, assumed: about the flow of a lane against that of a residential street. [1]
    source : str
        Of the capacity.
    """

    key: str
    code: int
    words: dict[Language, str]
    kinds: tuple[str, ...]
    main: bool
    lane_capacity: float
    green_weight: float
    source: str


@cache
def street_classes() -> dict[str, StreetClass]:
    """The classes of ``assets/street_capacities.csv``, by key, in the order of the table."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["key"]: StreetClass(
                row["key"], code, {"fr": row["fr"], "nl": row["nl"], "en": row["en"]}, tuple(row["kinds"].split()),
                row["main"] == "1", float(row["lane_capacity"]), float(row["green_weight"]), row["source"],
            )
            for code, row in enumerate(csv.DictReader(file))
        }  # fmt: skip


def class_of(kinds: np.ndarray) -> np.ndarray:
    """Codes of classes of OSM highway values (street,); what no class names is a service road. (street,) int32"""
    known = {kind: one.code for one in street_classes().values() for kind in one.kinds}
    other = street_classes()["service"].code
    return np.array([known.get(str(kind), other) for kind in kinds], np.int32)


def of_classes(name: str, codes: np.ndarray) -> np.ndarray:
    """An attribute of `StreetClass` for each code, in the shape of the codes."""
    return np.array([getattr(one, name) for one in street_classes().values()])[codes]
