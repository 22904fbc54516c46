"""What a kilowatt-hour counts for: primary energy, CO2 and prices as dated tables with their sources."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from kernels.energy.balance import FACTOR_SETS, Factors, Prices
from kernels.energy.hub import KWH
from twin.city import CityError

TABLE = Path(__file__).parents[1] / "assets" / "energy_factors.csv"
_UNITS = {"1": ("J", 1.0), "kg kWh-1": ("kg", 1 / KWH), "EUR kWh-1": ("EUR", 1 / KWH)}
_NAMES = ("set", "carrier", "delivered", "exported", "units", "uncertainty", "date", "source")


def read_factors(path: Path = TABLE, hourly_carbon: np.ndarray | None = None) -> list[Factors]:
    """The factor sets of the balance, in the order of `FACTOR_SETS`.

    Parameters
    ----------
    path : Path
        A table of the city's own in the columns of ``assets/energy_factors.csv``.
    hourly_carbon : (step,) float, optional
        CO2 of the grid in the year judged; the mean of the table else. [kg J⁻¹]

    Returns
    -------
    list of Factors
        Where a table is used for lack of a series its source says so.

    Raises
    ------
    CityError
        A set that is missing, or a row that cannot be read.
    """
    rows = _rows(path)
    found = []
    for name in FACTOR_SETS:
        mine = [row for row in rows if row["set"] == name]
        if not mine:
            raise CityError(f"{path.name}: no row of the set {name!r}; it must hold {', '.join(FACTOR_SETS)}")
        unit, factor = _UNITS[mine[0]["units"]]
        if unit == "EUR" or any(row["units"] != mine[0]["units"] for row in mine):
            raise CityError(f"{path.name}: {name} is in mixed units or in EUR; give 1 or kg kWh-1 throughout")
        found.append(
            Factors(
                name=name,
                date=max(row["date"] for row in mine),
                source="; ".join(dict.fromkeys(row["source"] for row in mine)),
                unit=unit,
                delivered={row["carrier"]: float(row["delivered"]) * factor for row in mine},
                exported={row["carrier"]: float(row["exported"]) * factor for row in mine},
                uncertainty=max(float(row["uncertainty"]) for row in mine),
            )
        )
    if hourly_carbon is not None:
        last = found[-1]
        series = np.asarray(hourly_carbon, np.float64)
        both = [{**table, "electricity": series} for table in (last.delivered, last.exported)]
        found[-1] = replace(
            last, delivered=both[0], exported=both[1], source=f"electricity: the series given; {last.source}"
        )
    return found


def read_prices(path: Path = TABLE) -> Prices:
    """The prices of the table, for use where no series is given.

    Raises
    ------
    CityError
        No row of the set ``price``, or one that cannot be read.
    """
    mine = [row for row in _rows(path) if row["set"] == "price"]
    if not mine or any(row["units"] != "EUR kWh-1" for row in mine):
        raise CityError(f"{path.name}: expected rows of the set 'price' in EUR kWh-1")
    return Prices(
        date=max(row["date"] for row in mine),
        source="; ".join(dict.fromkeys(row["source"] for row in mine)),
        buy={row["carrier"]: float(row["delivered"]) / KWH for row in mine},
        sell={row["carrier"]: float(row["exported"]) / KWH for row in mine},
    )


@cache
def _rows(path: Path) -> tuple[Mapping[str, str], ...]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = tuple(csv.DictReader(file))
    for number, row in enumerate(rows, 2):
        lacking = [name for name in _NAMES if not row.get(name)]
        if lacking:
            raise CityError(
                f"{path.name}, line {number}: no {', '.join(lacking)}; every factor has a date and a source"
            )
        if row["units"] not in _UNITS:
            raise CityError(f"{path.name}, line {number}: units {row['units']!r}; expected one of {', '.join(_UNITS)}")
        for name in ("delivered", "exported", "uncertainty"):
            try:
                known = float(row[name]) >= 0.0
            except ValueError:
                known = False
            if not known:
                raise CityError(f"{path.name}, line {number}: {name} is {row[name]!r}, expected a number, zero or more")
    return rows
