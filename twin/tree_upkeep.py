"""The year of the tree crews: which tree needs what, in which month and for how long."""

import csv
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from kernels.quantities import Language
from twin.city import CityError
from twin.formats.icalendar import Event
from twin.tree_species import Species, find_species, tree_species
from twin.trees import TreeInventory

NESTING = ((4, 1), (8, 15))
"""First and last day, month first, on which the Brussels Region forbids felling and pruning with motor tools.

Ordinance of 1 March 2012 on nature conservation, art. 68 § 1, 7°: «l'interdiction de procéder à des travaux d'élagage
d'arbres avec des outils motorisés et d'abattage d'arbres entre le 1er avril et le 15 août». Exemptions: decree of the
Government of 2 May 2013 and art. 83 and 84 of the ordinance.
"""

TASKS: dict[str, dict[Language, str]] = {
    "watering": {"fr": "Arroser", "nl": "Water geven", "en": "Water"},
    "formative_pruning": {"fr": "Taille de formation", "nl": "Vormsnoei", "en": "Formative pruning"},
    "maintenance_pruning": {"fr": "Taille d'entretien", "nl": "Onderhoudssnoei", "en": "Maintenance pruning"},
    "inspection": {"fr": "Contrôle visuel", "nl": "Visuele controle", "en": "Visual inspection"},
    "stakes": {"fr": "Enlever les tuteurs", "nl": "Steunpalen wegnemen", "en": "Take away the stakes"},
    "leaf_litter": {"fr": "Ramasser les feuilles (mineuse)", "nl": "Blad ruimen (mineermot)",
                    "en": "Clear the leaves (leaf miner)"},
}  # fmt: skip
"""What is done to trees, in words; pruning is every task whose name ends with it."""

WATERED_SUMMERS = 3
"""Bruxelles Mobilité waters young trees regularly during their first three years. A year of planting does not say on
which side of the winter it was, so the one of planting counts besides."""
WATERING_MONTHS = (5, 6, 7, 8, 9)
WATERINGS_A_MONTH = 2

NESTING_WORDS: dict[Language, str] = {
    "fr": "Nidification : ni abattage ni élagage motorisé",
    "nl": "Broedtijd: niet vellen, niet snoeien met motorgereedschap",
    "en": "Nesting season: no felling, no pruning with motor tools",
}
ELSEWHERE: dict[Language, str] = {"fr": "Parcs et jardins", "nl": "Parken en tuinen", "en": "Parks and gardens"}
_COUNTED: dict[Language, str] = {"fr": "{trees} arbres, {hours} h", "nl": "{trees} bomen, {hours} u",
                                 "en": "{trees} trees, {hours} h"}  # fmt: skip

YOUNG_TRUNK = 0.15
"""Below this a tree is trained, above it only kept in order: assumed. [m]"""
OLD_TRUNK = 0.6
"""From this on a tree is looked at every year: assumed. [m]"""
TRAINING_CYCLE, INSPECTION_CYCLE, PARK_CYCLE = 3, 3, 12
"""Years between two rounds: assumed, as are those of street trees in `street_cycle`."""

BLEEDING = ("Acer", "Betula", "Carpinus", "Juglans", "Ostrya", "Pterocarya")
"""Genera whose sap runs in late winter: pruned in autumn."""
STONE_FRUIT = ("Prunus",)
"""Pruned in September, dry and warm, against silver leaf."""
WEAK = ("Populus", "Salix", "Aesculus", "Robinia", "Ailanthus")
"""Genera that drop limbs or fall ill: looked at every year."""


@dataclass(frozen=True)
class Upkeep:
    """One job on one tree.

    Attributes
    ----------
    tree : str
    street, sector : str
        Of the inventory; empty where none.
    task : str
        A key of `TASKS`.
    year, month : int
    times : int
        How often in the month.
    hours : float
        Work in the month: assumed. [h]
    note : str
        What to mind; empty where nothing.
    """

    tree: str
    street: str
    sector: str
    task: str
    year: int
    month: int
    times: int
    hours: float
    note: str


def upkeep(inventory: TreeInventory, year: int) -> list[Upkeep]:
    """All jobs of a year, month by month.

    Rounds of several years are spread evenly: a street has its turn as a whole, a tree of no street on its own. The
    same inventory and year give the same list.

    Parameters
    ----------
    inventory : TreeInventory
    year : int
        1900 to 2200.

    Returns
    -------
    list of Upkeep
        By month, street, tree and task. Nothing is pruned in the nesting season (`NESTING`).

    Raises
    ------
    CityError
        The year is outside its range.
    """
    if not 1900 <= year <= 2200:
        raise CityError(f"year {year} is not within 1900 to 2200; give the year that is planned")
    found = []
    for row in inventory.table.itertuples():
        species = find_species(row.species) or tree_species()["Magnoliopsida"]
        turn = zlib.crc32((row.street or str(row.Index)).encode())
        age = None if pd.isna(row.planted) else year - int(row.planted)
        listed = "heritage" in row.source.split()
        for task, month, times, hours in _jobs(row, species, age, turn, year):
            note = "remarkable tree: permit of Urban.brussels" if listed and task.endswith("pruning") else ""
            found.append(Upkeep(str(row.Index), row.street, row.sector, task, year, month, times, hours, note))
    return sorted(found, key=lambda one: (one.month, one.street, one.tree, one.task))


def _jobs(
    row: object, species: Species, age: int | None, turn: int, year: int
) -> Iterator[tuple[str, int, int, float]]:
    """Task, month, times and hours of one tree in a year."""
    trunk, height = float(row.trunk_diameter), float(row.height)  # type: ignore[attr-defined]
    genus = species.name.split()[0]
    if age is not None and age < 0:
        return
    if age is not None and age <= WATERED_SUMMERS:
        for month in WATERING_MONTHS:
            yield "watering", month, WATERINGS_A_MONTH, 0.15 * WATERINGS_A_MONTH
    if age == WATERED_SUMMERS:
        yield "stakes", 11, 1, 0.25
    month = pruning_month(species)
    if trunk < YOUNG_TRUNK:
        if (age is None or age > 0) and turn % TRAINING_CYCLE == year % TRAINING_CYCLE:
            yield "formative_pruning", month, 1, 0.5
    else:
        cycle = street_cycle(species) if row.street else PARK_CYCLE  # type: ignore[attr-defined]
        if turn % cycle == year % cycle:
            yield "maintenance_pruning", month, 1, round(0.5 + 0.15 * height, 2)
    looked_at = 1 if trunk >= OLD_TRUNK or genus in WEAK else INSPECTION_CYCLE
    if turn % looked_at == year % looked_at:
        yield "inspection", 7, 1, 0.5 if trunk >= OLD_TRUNK else 0.2
    if genus == "Aesculus":
        yield "leaf_litter", 11, 1, 0.1


def street_cycle(species: Species) -> int:
    """Years between two prunings along a street, by how fast the species grows: assumed. [a]"""
    return 6 if species.trunk_growth > 0.0095 else 8 if species.trunk_growth > 0.007 else 10


def pruning_month(species: Species) -> int:
    """Month in which a species is pruned: leafless as a rule, and never in the nesting season."""
    genus = species.name.split()[0]
    if genus in STONE_FRUIT:
        return 9
    if genus in BLEEDING or species.evergreen:
        return 10
    return 1


def upkeep_events(jobs: Sequence[Upkeep], year: int, language: Language = "fr") -> list[Event]:
    """A calendar of the year: one event for each street, task and month, and the nesting season.

    Parameters
    ----------
    jobs : sequence of Upkeep
    year : int
    language : {"fr", "nl", "en"}

    Returns
    -------
    list of Event
        An event lasts the whole month; its text counts trees and hours and names them.
    """
    (m, d), (n, e) = NESTING
    law = Event(f"nesting-{year}", date(year, m, d), date(year, n, e) + timedelta(days=1), NESTING_WORDS[language])
    grouped: dict[tuple[int, str, str], list[Upkeep]] = {}
    for one in jobs:
        grouped.setdefault((one.month, one.street, one.task), []).append(one)
    events = [law]
    for (month, street, task), its in sorted(grouped.items()):
        place = street or ELSEWHERE[language]
        first = date(year, month, 1)
        after = date(year + month // 12, month % 12 + 1, 1)
        counted = _COUNTED[language].format(trees=len(its), hours=f"{sum(one.hours for one in its):g}")
        notes = sorted({one.note for one in its if one.note})
        text = "\n".join([counted, *notes, ", ".join(one.tree for one in its)])
        key = f"{task}-{year}-{month:02d}-{zlib.crc32(street.encode()):08x}"
        events.append(Event(key, first, after, f"{TASKS[task][language]}: {place} ({counted})", text, place))
    return events


def write_upkeep(jobs: Sequence[Upkeep], path: str | Path, rate: float | None = None) -> None:
    """Write the jobs of a year as CSV, one line for each tree, task and month.

    Parameters
    ----------
    jobs : sequence of Upkeep
    path : path
    rate : float, optional
        Price of an hour; adds a column ``cost``, which then rests on assumed hours. [EUR h⁻¹]

    Raises
    ------
    CityError
        The file cannot be written.
    """
    names = [one.name for one in fields(Upkeep)] + (["cost"] if rate is not None else [])
    try:
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, names)
            table.writeheader()
            for one in jobs:
                table.writerow(asdict(one) | ({"cost": round(one.hours * rate, 2)} if rate is not None else {}))
    except OSError as error:
        raise CityError(f"{path}: cannot be written ({error.strerror or error}); check space and rights") from error
