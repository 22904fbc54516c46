"""Made-up meters on buildings of the demo district, with two faults put in that monitoring must find."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twin.city import City, CityError
from twin.demo.records import CITY

FIRST = np.datetime64("2024-01-01", "D")
"""First day of the readings, in UTC."""
DAYS = 456
"""To the end of March of the second year."""
SITES = 10
"""Buildings with a meter of gas; every other one has meters of electricity and of water by the hour too."""
HEATING_FAULT, LEAK = 400, 440
"""Days on which the second site no longer turns its heating down and a pipe of the third begins to leak."""
MORE_GAS = 1.35
"""What the second site burns then, over what it should."""
LEAK_FLOW = 120.0
"""[L h⁻¹]"""
NAMES = {"education": "École", "residential": "Immeuble", "worship": "Église", "office": "Bureaux"}
FILES = ("sites.csv", "air.csv", "demo-gas.csv", "demo-electricity.csv", "demo-water.csv")

LOSS = 1.0
"""Heat loss of an old building by its volume; assumed. [W m⁻³ K⁻¹]"""
BALANCE = 15.0
"""Outdoor temperature from which it heats; assumed. [°C]"""
HEAD = "time,meter,kind,reading,unit,value\n"
NOTE = "# made by a program for the demo district, not measured\n"


@dataclass(frozen=True)
class DemoMeters:
    """Which buildings have meters, and where the faults are.

    Attributes
    ----------
    buildings : tuple of str
        Ids, in the order of the meters.
    wasting, leaking : str
        The buildings with the faults.
    """

    buildings: tuple[str, ...]
    wasting: str
    leaking: str


def write_demo_meters(city: City, folder: Path, seed: int = 1000) -> DemoMeters:
    """Write the files of monitoring for a demo district: readings, air, and where each meter stands.

    Parameters
    ----------
    city : City
        A demo district.
    folder : path
        Is made.
    seed : int

    Raises
    ------
    CityError
        A city that is none of a program's: made-up readings must not stand beside measured buildings.
    """
    if not city.demo:
        raise CityError(f"{city.name} is no demo district; made-up meters belong to a made-up city only")
    chosen = _chosen(city)
    rng = np.random.default_rng([seed, 14])
    day = np.arange(DAYS)
    drift = np.zeros(DAYS)
    for one in range(1, DAYS):  # weather lasts: what today is warmer than usual, tomorrow is by two thirds
        drift[one] = 0.67 * drift[one - 1] + rng.normal(0.0, 2.2)
    air = 11.0 - 7.5 * np.cos(2 * np.pi * (day - 20) / 365.25) + drift
    volume = city.buildings.loc[list(chosen), "volume"].fillna(3000.0).clip(500.0, 60_000.0).to_numpy()
    floor = volume / 3.0
    folder.mkdir(parents=True, exist_ok=True)
    stamps = [f"{one}T00:00Z" for one in FIRST + day]
    _write(folder / "air.csv", "time,air_temperature_c\n", zip(stamps, np.round(air, 2).tolist(), strict=True))
    gas = np.maximum(
        24e-3 * volume[:, None]
        * (LOSS * np.maximum(BALANCE - air, 0.0) + 0.3 + rng.normal(0.0, 0.25, (len(chosen), DAYS))),
        0.0,
    )  # fmt: skip
    gas[1, HEATING_FAULT:] *= MORE_GAS
    _write(folder / "demo-gas.csv", HEAD, (
        (stamps[one], f"gas-{number:02d}", "gas", "use", "kWh", round(float(gas[number, one]), 2))
        for number in range(len(chosen)) for one in range(DAYS)
    ))  # fmt: skip
    hours = np.arange(DAYS * 24)
    hourly = [f"{FIRST + one // 24}T{one % 24:02d}:00Z" for one in hours]
    at_work = (hours % 24 >= 7) & (hours % 24 < 19) & (hours // 24 % 7 < 5)  # the first day is a Monday
    fine = range(0, len(chosen), 2) if len(chosen) > 2 else range(len(chosen))
    _write(folder / "demo-electricity.csv", HEAD, (
        (hourly[one], f"electricity-{number:02d}", "electricity", "use", "kWh", value)
        for number in fine
        for one, value in enumerate(np.round(
            1e-3 * floor[number] * (rng.uniform(1.2, 2.2) + 6.0 * at_work) * rng.normal(1.0, 0.06, hours.size), 3
        ).tolist())
    ))  # fmt: skip
    _write(folder / "demo-water.csv", HEAD, (
        (hourly[one], f"water-{number:02d}", "water", "use", "L", value)
        for number in fine
        for one, value in enumerate(_water(rng, min(float(floor[number]), 4000.0), at_work, hours, leaks=number == 2))
    ))  # fmt: skip
    kinds = city.buildings.loc[list(chosen), "use"].tolist()
    _write(folder / "sites.csv", "meter,building,name,area_m2\n", (
        (f"{kind}-{number:02d}", building, f"{NAMES.get(use, 'Site')} {building} (démo)", round(floor[number]))
        for number, (building, use) in enumerate(zip(chosen, kinds, strict=True))
        for kind in ("gas", "electricity", "water")
        if kind == "gas" or number in fine
    ), note="")  # fmt: skip
    return DemoMeters(chosen, chosen[min(1, len(chosen) - 1)], chosen[min(2, len(chosen) - 1)])


def _chosen(city: City) -> tuple[str, ...]:
    """The city's own schools first, then its other buildings, then anybody's; the largest first."""
    table = city.buildings
    rank = np.where(table["owner"] != CITY, 2, np.where(table["use"] == "education", 0, 1))
    ranked = table.assign(_rank=rank, _size=-table["volume"].fillna(0.0))
    return tuple(map(str, ranked.sort_values(["_rank", "_size"], kind="stable").index[:SITES]))


def _water(
    rng: np.random.Generator, floor: float, at_work: np.ndarray, hours: np.ndarray, *, leaks: bool
) -> list[float]:
    """Flushes of 8 litres, few at night. [L]"""
    use = 8.0 * rng.poisson(np.where(at_work, 0.02 * floor, 0.0004 * floor))
    if leaks:
        use = use + LEAK_FLOW * (hours >= LEAK * 24)
    return np.round(use, 1).tolist()


def _write(path: Path, head: str, rows: object, *, note: str = NOTE) -> None:
    """Whole or not at all."""
    fresh = path.with_suffix(".part")
    with fresh.open("w", encoding="utf-8", newline="") as file:
        file.write(note + head)
        csv.writer(file, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    fresh.replace(path)
