"""What an owner's buildings are made of that wears: components with their size, condition, cost and energy."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kernels.energy.stock import CLASSES, Stock
from twin.building_archetypes import archetypes, period_of
from twin.city import City, CityError
from twin.energy_factors import read_factors
from twin.party_walls import SECTORS, facade_areas
from twin.renovation_standards import renovation_standards

TABLE = Path(__file__).parents[1] / "assets" / "component_lives.csv"

EVERYBODY = "*"
"""Owner that stands for all buildings."""

INSPECTION_COLUMNS = ("building", "component", "condition")
"""Of a file of inspections; ``size``, ``life_years`` and ``cost_eur`` may be there and hold in place of the table's."""

DEGREE_TIME = 210 * 86400.0 * (16.5 - 6.2)
"""Of a Belgian heating season: 210 days at 6.2 °C (TABULA, climate BE.N), below 16.5 °C, the usual base of degree days
in Belgium, which leaves to sun and people what they give. [K s]"""

WINDOW_SHARE = 0.2
"""Of a facade, where nobody gave it; assumed. [1]"""

BOILER, NEW_BOILER = 0.85, 0.95
"""Efficiencies of boilers that stand there and of new ones, by lower heating value; assumed. [1]"""

LIT, LIT_ANEW = 25.0, 10.0
"""Electricity of old and of new lighting in buildings that are no dwellings; assumed. [kWh m⁻² a⁻¹]"""

LIFT_FROM, LIFT_FLOOR = 5, 2500.0
"""Storeys from which a building has a lift, and the floor area for each; assumed. [m²]"""

RENEWED = "deep"
"""Standard of renovation that roofs, facades and windows have after renewal."""

UNWARMED = ("annex",)
"""Uses of buildings without heating."""

BOILERS = ("", "gas_boiler", "oil_boiler", "wood_boiler")
"""Heat sources that burn; where nobody knows it is one of them."""

_KWH = 3.6e6
_ENVELOPE = {"roof": "roof_u", "facade": "wall_u", "windows": "window_u"}


@dataclass(frozen=True)
class Component:
    """A kind of component.

    Attributes
    ----------
    key : str
    label : dict
        Words, by language.
    measure : str
        What its size is counted in, a column of the sizes.
    life : float
        [year]
    cost : float
        Of renewal by measure, prices of ``cost_date``. [EUR m⁻²], [EUR] of a lift
    importance : float
        Of its condition beside its cost; assumed. [1]
    cost_date, source_life, source_cost : str
    """

    key: str
    label: dict[str, str]
    measure: str
    life: float
    cost: float
    importance: float
    cost_date: str
    source_life: str
    source_cost: str


@dataclass(frozen=True, eq=False)
class Heritage:
    """The components of an owner's buildings.

    Attributes
    ----------
    stock : Stock
        What `kernels.energy.stock.plan` follows.
    table : DataFrame
        One row for each, in the order of the stock: ``building``, ``name``, ``component``, ``size``, ``condition``,
        ``condition_from`` (inspection, age, unknown age), ``life``, ``cost`` [EUR], ``energy``, ``energy_renewed``
        [J a⁻¹].
    floor_area : float
        [m²]
    told : dict of str to int
        What was assumed and left out, counted.
    """

    stock: Stock
    table: pd.DataFrame
    floor_area: float
    told: dict[str, int]


@cache
def components() -> tuple[Component, ...]:
    """Every kind, in the order of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Component(
                key=row["component"], label={tongue: row[tongue] for tongue in ("fr", "nl", "en")},
                measure=row["measure"], life=float(row["life_years"]), cost=float(row["cost_eur"]),
                importance=float(row["importance"]), cost_date=row["cost_date"], source_life=row["source_life"],
                source_cost=row["source_cost"],
            ) for row in csv.DictReader(file)
        )  # fmt: skip


def condition_of_age(age: ArrayLike, life: ArrayLike) -> NDArray[np.int64]:
    """Class of a component by its age, where each class takes half of the life that is left.

    Parameters
    ----------
    age, life : float64
        [year]

    Returns
    -------
    int64
        1 … 6.

    Notes
    -----
    Class c lasts from L(1 - 2^(1-c)) to L(1 - 2^-c): the theoretical curve of ageing of NEN 2767-1, as in
    `kernels.energy.stock.yearly_chances`.
    """
    left = 1.0 - np.asarray(age, float) / np.asarray(life, float)
    found = np.where(left > 0.5**CLASSES, 1 + np.floor(-np.log2(np.maximum(left, 0.5**CLASSES))), CLASSES)
    return np.clip(found, 1, CLASSES).astype(np.int64)


def heritage_of(
    city: City, owners: Sequence[str] = (EVERYBODY,), *, year: int, inspections: pd.DataFrame | None = None
) -> Heritage:
    """Take stock of the components of an owner's buildings.

    Parameters
    ----------
    city : City
    owners : sequence of str
        As the table of buildings spells them, in any case; `EVERYBODY` is all.
    year : int
        In which the stock is taken.
    inspections : DataFrame, optional
        Of `read_inspections`: what it says of a component holds.

    Raises
    ------
    CityError
        No building of such an owner; the text lists those there are.

    Notes
    -----
    A component without inspection was renewed every time its life was over since the building was built, and its class
    is that of its age; where the year is not known its age is anything, drawn from its id. Energy is what is lost
    through it in a Belgian heating season by its U value, or in the boiler, or used by the lamps; what no component
    owns (air, hot water, things plugged in) is not counted.
    """
    table = _owned(city, owners)
    sizes, told = _sizes(city, table)
    parts = components()
    rows = [(one.key, building) for one in parts for building in table.index[sizes[one.measure].to_numpy() > 0.0]]
    if not rows:
        raise CityError(
            f"the {len(table)} buildings of {', '.join(owners)} have no component with a size; mend the mesh"
        )
    found = pd.DataFrame(rows, columns=["component", "building"])
    kinds = {one.key: one for one in parts}
    place = table.index.get_indexer(pd.Index(found["building"]))
    for field in ("life", "cost", "importance"):
        found[field] = found["component"].map({key: getattr(one, field) for key, one in kinds.items()}).astype(float)
    found["name"] = table["name"].to_numpy()[place]
    found["size"] = [
        float(sizes[kinds[key].measure].iloc[row]) for key, row in zip(found["component"], place, strict=True)
    ]
    identity = np.array([_identity(building, key) for key, building in rows], np.int64)
    built = table["year"].to_numpy(float)[place]
    luck = identity.astype(float) / 2.0**62
    life = found["life"].to_numpy(float)
    since = np.maximum(year - built, 0.0)
    # one whose life is over in this very year stands at its end, not at its beginning
    age = np.where(np.isfinite(built), since - life * np.maximum(np.ceil(since / life) - 1.0, 0.0), luck * life)
    found["condition"] = condition_of_age(age, found["life"])
    found["condition_from"] = np.where(np.isfinite(built), "age", "unknown age")
    told["year of construction not known"] = int((~np.isfinite(table["year"].to_numpy(float))).sum())
    if inspections is not None:
        told |= _inspect(found, inspections, city)
    found["cost"] = found["cost"] * found["size"]
    carbon = _energy(found, table, place, told)
    stock = Stock(
        identity=identity, condition=found["condition"].to_numpy(np.int64), life=found["life"].to_numpy(float),
        cost=found["cost"].to_numpy(float), importance=found["importance"].to_numpy(float),
        energy=found["energy"].to_numpy(float), energy_renewed=found["energy_renewed"].to_numpy(float), carbon=carbon,
    )  # fmt: skip
    columns = ["building", "name", "component", "size", "condition", "condition_from", "life", "cost", "energy"]
    return Heritage(stock, found[[*columns, "energy_renewed"]], float(sizes["floor_area"].sum()), told)


def read_inspections(path: str | Path) -> pd.DataFrame:
    """Read what inspectors found.

    Parameters
    ----------
    path : path
        CSV with the columns ``building,component,condition`` and, where known, ``size``, ``life_years``, ``cost_eur``
        (by m², or by lift); a building by its id in the city or in its source, a component as
        ``assets/component_lives.csv`` names it, the condition as NEN 2767-1 counts it, 1 to 6.

    Raises
    ------
    CityError
        A file, a column, a component or a number that cannot be read, or a component that stands there twice.
    """
    if not Path(path).is_file():
        raise CityError(f"{path}: no such file")
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", comment="#")
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise CityError(f"{path}: not a CSV in UTF-8 that can be read ({error})") from error
    lacking = [name for name in INSPECTION_COLUMNS if name not in table]
    if lacking:
        raise CityError(f"{path}: lacks the column {lacking[0]!r}; needed are {','.join(INSPECTION_COLUMNS)}")
    known = [one.key for one in components()]
    odd = table.index[~table["component"].isin(known)]
    if len(odd):
        raise CityError(
            f"{path}: component in row {odd[0] + 1} is {table['component'][odd[0]]!r}, expected one of "
            f"{', '.join(known)}"
        )
    limits = {
        "condition": (1.0, CLASSES),
        "size": (0.0, np.inf),
        "life_years": (1.0, 1000.0),
        "cost_eur": (0.0, np.inf),
    }
    for name, (low, high) in limits.items():
        if name not in table:
            table[name] = ""
        given = table[name].str.strip()
        numbers = pd.to_numeric(given, errors="coerce")
        fine = (numbers >= low) & (numbers <= high) & np.isfinite(numbers)
        if name == "condition":
            fine &= numbers % 1 == 0
        wrong = table.index[~fine & ((given != "") | (name == "condition"))]
        if len(wrong):
            expected = f"a class of 1 to {CLASSES}" if name == "condition" else f"a number of {low:g} or more"
            raise CityError(f"{path}: {name} in row {wrong[0] + 1} is {table[name][wrong[0]]!r}, expected {expected}")
        table[name] = numbers
    twice = table.index[table.duplicated(["building", "component"])]
    if len(twice):
        row = table.loc[twice[0]]
        raise CityError(f"{path}: {row['component']} of {row['building']} stands there twice; keep the last inspection")
    return table


def _owned(city: City, owners: Sequence[str]) -> pd.DataFrame:
    table = city.buildings
    if EVERYBODY in owners:
        return table
    wanted = {one.strip().casefold() for one in owners}
    mine = table["owner"].astype(str).str.strip().str.casefold().isin(wanted)
    if not mine.any():
        there = sorted({str(one) for one in table["owner"] if one})
        known = f"its owners are {', '.join(there[:12])}" if there else "no owner of its buildings is known"
        raise CityError(
            f"no building of {city.name} belongs to {', '.join(owners)}: {known}; give owners by `bxl-twin facts`, or "
            f"{EVERYBODY!r} for all"
        )
    return table[mine]


def _sizes(city: City, table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Sizes of each building by the measures of the table of components. [m²], [1]"""
    free = facade_areas(city)[list(SECTORS)].sum(axis=1).loc[table.index].to_numpy(float)
    share = table["window_share"].to_numpy(float)
    windows = np.where(np.isfinite(share), share, WINDOW_SHARE) * free
    known = table["floor_area"].to_numpy(float)
    footprint = np.array([one.area for one in table.geometry], float)
    floor = np.where(np.isfinite(known), known, footprint * np.maximum(table["storeys"].to_numpy(), 1))
    source, use = table["heat_source"].to_numpy(), table["use"].to_numpy()
    warm = ~np.isin(use, UNWARMED)
    tall = table["storeys"].to_numpy() >= LIFT_FROM
    sizes = pd.DataFrame({
        "roof_area": np.nan_to_num(table["roof_area"].to_numpy(float)), "facade_area": free - windows,
        "window_area": windows, "floor_area": floor * warm,
        "boiler_area": floor * warm * np.isin(source, BOILERS), "lit_area": floor * warm * (use != "residential"),
        "lifts": np.where(tall & warm, np.ceil(floor / LIFT_FLOOR), 0.0),
    }, index=table.index)  # fmt: skip
    return sizes, {
        "floor area of footprint and storeys": int((~np.isfinite(known)).sum()),
        "share of windows assumed": int((~np.isfinite(share)).sum()),
        "heat source not known, a gas boiler": int((source == "").sum()),
    }


def _inspect(found: pd.DataFrame, inspections: pd.DataFrame, city: City) -> dict[str, int]:
    """Put inspections in the place of assumptions; what fits nothing is counted."""
    origins = pd.Series(city.buildings.index, index=city.buildings["origin"].to_numpy())
    single = origins[~origins.index.duplicated(keep=False)]
    ids = [
        name if name in city.buildings.index else single.get(name, "") for name in inspections["building"].str.strip()
    ]
    rows = {pair: row for row, pair in enumerate(zip(found["building"], found["component"], strict=True))}
    used = 0
    for building, (_, one) in zip(ids, inspections.iterrows(), strict=True):
        row = rows.get((building, one["component"]))
        if row is None:
            continue
        used += 1
        found.loc[row, ["condition", "condition_from"]] = int(one["condition"]), "inspection"
        for column, name in (("size", "size"), ("life", "life_years"), ("cost", "cost_eur")):
            if one[name] > 0.0:
                found.loc[row, column] = one[name]
    return {"inspections": used, "inspections of nothing in this stock": len(inspections) - used}


def _energy(
    found: pd.DataFrame, table: pd.DataFrame, place: NDArray[np.int64], told: dict[str, int]
) -> NDArray[np.float64]:
    """Fill in what a year uses because of each component [J a⁻¹], and return the CO2 of its energy [kg J⁻¹]."""
    period, _ = period_of(table["year"].to_numpy(float))
    factors = next(one for one in read_factors() if one.unit == "kg").delivered
    per_joule = {carrier: float(np.mean(factors[carrier])) for carrier in ("gas", "electricity")}
    burns = np.isin(table["heat_source"].to_numpy(), BOILERS)
    warm = ~np.isin(table["use"].to_numpy(), UNWARMED)
    lost = np.zeros(len(table))
    found["energy"], found["energy_renewed"] = 0.0, 0.0
    for key, quantity in _ENVELOPE.items():
        mine = (found["component"] == key).to_numpy()
        row, size = place[mine], found.loc[mine, "size"].to_numpy(float)
        given = table[quantity].to_numpy(float)
        usual = np.array([getattr(archetypes()[one], quantity) for one in period])
        now = np.where(np.isfinite(given), given, usual)[row]
        then = np.minimum(renovation_standards()[RENEWED].values[quantity], now)
        flow = size * DEGREE_TIME * warm[row]
        lost += np.bincount(row, now * flow, len(table))
        # heat that leaves through it; what the boiler loses beside is the boiler's
        found.loc[mine, "energy"], found.loc[mine, "energy_renewed"] = now * flow, then * flow
    boiler = (found["component"] == "boiler").to_numpy()
    found.loc[boiler, "energy"] = lost[place[boiler]] * (1 / BOILER - 1)
    found.loc[boiler, "energy_renewed"] = lost[place[boiler]] * (1 / NEW_BOILER - 1)
    lamps = (found["component"] == "lighting").to_numpy()
    found.loc[lamps, "energy"] = found.loc[lamps, "size"] * LIT * _KWH
    found.loc[lamps, "energy_renewed"] = found.loc[lamps, "size"] * LIT_ANEW * _KWH
    told["heat that is not burned, counted as gas"] = int((~burns & warm).sum())
    return np.where(lamps, per_joule["electricity"], per_joule["gas"])


def _identity(building: str, component: str) -> int:
    """A number of its own for each component, the same in every run and city that has it."""
    return int.from_bytes(hashlib.sha256(f"{building}\x1f{component}".encode()).digest()[:8], "little") >> 2
