"""Trips of one day between zones, by mode: people leave home and come back, freight drives, others only pass."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import xarray as xr

from twin.city import CityError
from twin.travel_matrix import attracted_trips, day_matrix, outside_of, through_matrix, zone_times
from twin.travel_tables import DAYS, Day, profile, purposes, rates, travel_modes
from twin.travel_zones import Zones

PEOPLE = ("car", "bike", "foot")
"""Modes of people that move along streets by themselves; vans and trucks follow the cars."""
FREIGHT = ("van", "truck")


@dataclass(frozen=True)
class DemandModel:
    """What of the demand can be chosen; the rest is in the tables of `twin.travel_tables`.

    Attributes
    ----------
    day : str
        ``weekday``, ``saturday``, ``sunday``, or ``calendar``: that of the run.
    scale : float
        Of all trips. [1]
    trips_per_person : float or None
        That of the table where None. [d⁻¹]
    mode_shares : mapping
        Of residents, by mode of `travel_modes`: those not named share out what is left as before. [1]
    modes : tuple of str
        Of rows: some of car, van, truck, bike, foot.
    through : bool
        Whether there is traffic that only passes.
    most_rows : int
        Of the demand, at most; a row stands for at least one trip where its hour has that many.
    """

    day: Literal["calendar", "weekday", "saturday", "sunday"] = "calendar"
    scale: float = 1.0
    trips_per_person: float | None = None
    mode_shares: Mapping[str, float] = field(default_factory=dict)
    modes: tuple[str, ...] = ("car", "van", "truck", "bike")
    through: bool = True
    most_rows: int = 60_000

    def __post_init__(self) -> None:
        if self.day not in ("calendar", *DAYS):
            raise CityError(f"there is no day {self.day!r}; expected calendar, {', '.join(DAYS)}")
        unknown = sorted({*self.mode_shares} - {*travel_modes()})
        if unknown:
            raise CityError(f"there is no mode of travel {unknown[0]!r}; expected some of {', '.join(travel_modes())}")
        odd = sorted({*self.modes} - {"car", "van", "truck", "bike", "foot"})
        if odd:
            raise CityError(f"demand has no mode {odd[0]!r}; expected some of car, van, truck, bike, foot")
        if not (0 <= self.scale < np.inf) or self.most_rows < 1 or (self.trips_per_person or 0.0) < 0:
            raise CityError(
                f"scale {self.scale:g}, trips per person {self.trips_per_person} and most_rows {self.most_rows} must "
                "be zero or more, zero or more, and at least 1"
            )

    def shares(self) -> dict[str, float]:
        """Shares of all modes; they add up to 1.

        Raises
        ------
        CityError
            The named shares are negative or more than all.
        """
        named = {key: float(value) for key, value in self.mode_shares.items()}
        left = 1.0 - sum(named.values())
        rest = sum(one.share for key, one in travel_modes().items() if key not in named)
        if min(named.values(), default=0.0) < 0 or left < -1e-9 or (rest == 0 and left > 1e-9):
            raise CityError(
                f"mode shares {named} must be zero or more and add up to 1 at most; all modes together to 1"
            )
        return {
            key: named.get(key, one.share * max(left, 0.0) / rest if rest else 0.0)
            for key, one in travel_modes().items()
        }


@dataclass(frozen=True, eq=False)
class Part:
    """Vehicles of a day that share their hours.

    Attributes
    ----------
    way : str
        ``out`` from home, ``back``, or ``both``.
    matrix : (zone, zone) float64
        [d⁻¹]
    hours : (24,) float64
        Part of them that sets out in each hour of the clock. [1]
    """

    way: str
    matrix: np.ndarray
    hours: np.ndarray


@dataclass(frozen=True, eq=False)
class DayTrips:
    """Vehicles of one day between zones.

    Attributes
    ----------
    parts : dict of list of Part
        By mode.
    told : dict
        In words.
    """

    parts: dict[str, list[Part]]
    told: dict[str, float]

    def hour(self, mode: str, hour: int) -> dict[str, np.ndarray]:
        """Vehicles that set out in an hour of the clock, by their way. (zone, zone) float64 [h⁻¹]"""
        found: dict[str, np.ndarray] = {}
        for part in self.parts[mode]:
            found[part.way] = found.get(part.way, 0.0) + part.matrix * part.hours[hour]
        return found


def day_trips(network: xr.Dataset, zones: Zones, day: Day, model: DemandModel) -> DayTrips:
    """Vehicles of one day between zones.

    Parameters
    ----------
    network, zones
    day : str
    model : DemandModel
        Its ``scale`` is not looked at.
    """
    told: dict[str, float] = {}
    parts: dict[str, list[Part]] = {}
    for mode in PEOPLE:
        wanted = mode in model.modes or (mode == "car" and any(one in model.modes for one in FREIGHT))
        if not wanted:
            continue
        own = _own_trips(network, zones, day, mode, model)
        whole = np.sum([one.matrix for one in own], axis=0)
        through = _through(network, zones, day, mode, whole, told) if model.through else np.zeros_like(whole)
        share = motor_shares() if mode == "car" else {mode: 1.0}
        for one in share:
            if one not in model.modes:
                continue
            mine = own
            if one in FREIGHT:
                part = share[one] / share["car"] * (rates()["weekend_freight"] if day != "weekday" else 1.0)
                mine = [Part("both", whole * part, profile(day, one, "both"))]
            passing = Part("both", through * share[one], profile(day, one if one in FREIGHT else "through", "both"))
            parts[one] = [*mine, passing]
            _tell(told, one, mine, passing.matrix, zones.sectors)
    for mode in travel_modes():
        told[f"{mode} trips of residents, a day"] = (
            2.0 * float(zones.residents.sum()) * trips_from_home(model, day, mode)
        )
    return DayTrips(parts, told)


def trips_from_home(model: DemandModel, day: Day, mode: str) -> float:
    """Trips of a resident that lead from home with a mode; as many lead back. [d⁻¹]"""
    known = rates()
    per_person = known["trips_per_person"] if model.trips_per_person is None else model.trips_per_person
    return 0.5 * per_person * known["persons_who_travel"] * known[f"{day}_factor"] * model.shares()[mode]


def motor_shares() -> dict[str, float]:
    """Shares of cars, vans and trucks in motor traffic; they add up to 1."""
    freight = {one: rates()[f"{one}_share"] for one in FREIGHT}
    return {"car": 1.0 - sum(freight.values()), **freight}


def _tell(told: dict[str, float], mode: str, own: list[Part], through: np.ndarray, sectors: int) -> None:
    whole = np.sum([one.matrix for one in own], axis=0)
    told[f"{mode} trips within, a day"] = float(whole[:sectors, :sectors].sum())
    told[f"{mode} trips out of the area, a day"] = float(whole[:sectors, sectors:].sum())
    told[f"{mode} trips into the area, a day"] = float(whole[sectors:, :sectors].sum())
    told[f"assumed {mode} trips through, a day"] = float(through.sum())


def _own_trips(network: xr.Dataset, zones: Zones, day: Day, mode: str, model: DemandModel) -> list[Part]:
    """Vehicles that begin or end in the area, by purpose, out from home and back."""
    known, how, shares = rates(), travel_modes()[mode], model.shares()
    times = zone_times(network, zones, mode)
    leaving = outside_of(network, zones, how, zones.gates.weights(mode, "out"))
    coming = outside_of(network, zones, how, zones.gates.weights(mode, "in"))
    a_day = trips_from_home(model, day, mode)
    found: list[Part] = []
    for key, purpose in purposes().items():
        if purpose.share[day] == 0:
            continue
        home = zones.residents * a_day * purpose.share[day]
        there = attracted_trips(zones, mode, day, shares, home, key)
        homes_outside = known["residents_density"] * a_day * purpose.share[day]
        goals_outside = homes_outside
        if purpose.attracted == "jobs":
            goals_outside = (
                known["residents_density"] * known["jobs_per_resident"] * (there.sum() / max(zones.jobs.sum(), 1e-300))
            )
        persons = purpose.persons_per_car if mode == "car" else 1.0
        out = day_matrix(zones, times, how, home, there, leaving, coming, goals_outside, homes_outside)
        back = day_matrix(zones, times, how, there, home, leaving, coming, homes_outside, goals_outside)
        found.append(Part("out", out / persons, profile(day, key, "out")))
        found.append(Part("back", back / persons, profile(day, key, "back")))
    return found


def _through(
    network: xr.Dataset, zones: Zones, day: Day, mode: str, own: np.ndarray, told: dict[str, float]
) -> np.ndarray:
    """What the volumes of the gates leave for traffic that only passes, all motor vehicles or bicycles. (zone, zone)"""
    gates, sectors, known = zones.gates, zones.sectors, rates()
    matrix = np.zeros((len(zones), len(zones)))
    if mode == "foot":
        return matrix
    rest = 1.0
    if mode == "car":  # vans and trucks follow the cars in and out
        rest = 1.0 / motor_shares()["car"]
    day_part = known["weekend_through"] if day != "weekday" else 1.0
    sides = []
    for way, used in (("in", own[sectors:, :sectors].sum(axis=1)), ("out", own[:sectors, sectors:].sum(axis=0))):
        volume = gates.weights(mode, way) * day_part
        least = gates.least_through * volume if mode == "car" else 0.0 * volume
        full = volume > 0
        over = int((full & (volume - used * rest < least)).sum())
        if over and mode == "car":
            told[f"gates whose own traffic {way} is more than assumed"] = over
        sides.append(np.where(full, np.maximum(volume - used * rest, least), 0.0))
    matrix[sectors:, sectors:] = through_matrix(network, zones, *sides)
    return matrix
