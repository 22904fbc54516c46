"""What is assumed of travel: how often people go where, when and how, as tables with their sources."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from kernels.quantities import Language

_ASSETS = Path(__file__).parents[1] / "assets"

Day = Literal["weekday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = ("weekday", "saturday", "sunday")


@dataclass(frozen=True)
class Purpose:
    """Why people go somewhere.

    Attributes
    ----------
    key : str
    share : dict
        Of the trips that lead from home, by day. [1]
    persons_per_car : float
        [1]
    attracted : str
        ``jobs``: as many come as there are jobs, wherever from; ``balanced``: as many come as residents leave.
    source : str
    """

    key: str
    share: dict[Day, float]
    persons_per_car: float
    attracted: str
    source: str


@dataclass(frozen=True)
class TravelMode:
    """How people go.

    Attributes
    ----------
    key : str
    share : float
        Of the trips of residents. [1]
    mean_time : float
        Of a trip. [s]
    speed_outside : float
        Where the streets are not known. [m s⁻¹]
    detour : float
        Way over distance there. [1]
    source : str
    """

    key: str
    share: float
    mean_time: float
    speed_outside: float
    detour: float
    source: str


@dataclass(frozen=True)
class Attraction:
    """What draws people: floors of a use, or a place of a category.

    Attributes
    ----------
    kind, key : str
        ``use`` of a building, per 1000 m² of gross floor; or ``category`` of `twin.amenities`, per place.
    floors : float
        That count from the ground up; 0 is all. [1]
    jobs : float
        [1]
    visits : dict
        By purpose, only to be compared with each other. [1]
    source : str
    """

    kind: str
    key: str
    floors: float
    jobs: float
    visits: dict[str, float]
    source: str


@dataclass(frozen=True)
class GateVolume:
    """What passes a street that is cut at the edge of the area, by its class.

    Attributes
    ----------
    vehicles_per_lane : float
        Motor vehicles on a working day, one direction. [d⁻¹]
    bicycles : float
        One direction. [d⁻¹]
    least_through : float
        Part of the motor vehicles that at least goes through the area. [1]
    source : str
    """

    vehicles_per_lane: float
    bicycles: float
    least_through: float
    source: str


@dataclass(frozen=True)
class Target:
    """What a plan wants travel to become.

    Attributes
    ----------
    key, mode : str
    factor : float
        Of the trips with that mode. [1]
    until : int
        Year.
    words : dict
        By language.
    source : str
    """

    key: str
    mode: str
    factor: float
    until: int
    words: dict[Language, str]
    source: str


def _rows(name: str) -> list[dict[str, str]]:
    with (_ASSETS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def purposes() -> dict[str, Purpose]:
    """Purposes of ``assets/travel_purposes.csv``, by key."""
    return {
        row["purpose"]: Purpose(
            row["purpose"], {day: float(row[day]) for day in DAYS}, float(row["persons_per_car"]), row["attracted"],
            row["source"],
        )
        for row in _rows("travel_purposes")
    }  # fmt: skip


@cache
def travel_modes() -> dict[str, TravelMode]:
    """Modes of ``assets/travel_modes.csv``, by key; their shares add up to 1."""
    return {
        row["mode"]: TravelMode(
            row["mode"], float(row["share"]), 60.0 * float(row["mean_minutes"]), float(row["speed_outside"]) / 3.6,
            float(row["detour"]), row["source"],
        )
        for row in _rows("travel_modes")
    }  # fmt: skip


@cache
def attractions() -> dict[tuple[str, str], Attraction]:
    """What draws people, of ``assets/travel_attractions.csv``, by kind and key."""
    return {
        (row["kind"], row["key"]): Attraction(
            row["kind"], row["key"], float(row["floors"] or 0), float(row["jobs"]),
            {purpose: float(row[purpose]) for purpose in purposes() if purpose in row}, row["source"],
        )
        for row in _rows("travel_attractions")
    }  # fmt: skip


@cache
def gate_volumes() -> dict[str, GateVolume]:
    """What passes at gates, of ``assets/gate_volumes.csv``, by class of street."""
    return {
        row["class"]: GateVolume(
            float(row["vehicles_per_lane"]), float(row["bicycles"]), float(row["least_through"]), row["source"]
        )
        for row in _rows("gate_volumes")
    }


@cache
def rates() -> dict[str, float]:
    """Numbers of ``assets/travel_rates.csv``, by key, in the units of the table."""
    return {row["key"]: float(row["value"]) for row in _rows("travel_rates")}


@cache
def targets() -> dict[str, Target]:
    """What plans want, of ``assets/travel_targets.csv``, by key."""
    return {
        row["key"]: Target(
            row["key"], row["mode"], float(row["factor"]), int(row["until"]),
            {"fr": row["fr"], "nl": row["nl"], "en": row["en"]}, row["source"],
        )
        for row in _rows("travel_targets")
    }  # fmt: skip


@cache
def profile(day: Day, purpose: str, way: str) -> np.ndarray:
    """Part of a day's trips that sets out in each hour of the clock of Brussels.

    Parameters
    ----------
    day : str
    purpose : str
        One of `purposes`, or ``through``, ``van``, ``truck``.
    way : str
        ``out`` from home, ``back``, or ``both`` where there is no home.

    Returns
    -------
    (24,) float64
        Adds up to 1; read-only. [1]
    """
    for row in _rows("travel_profiles"):
        if (row["day"], row["purpose"], row["way"]) == (day, purpose, way):
            parts = np.array([float(row[f"h{hour:02d}"]) for hour in range(24)])
            parts /= parts.sum()
            parts.flags.writeable = False
            return parts
    raise KeyError(f"there is no profile of {purpose} {way} on a {day}; see assets/travel_profiles.csv")
