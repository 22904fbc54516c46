"""Synthetic demand: who sets out when, from which node to which, and how, from what is known of a City."""

from datetime import UTC, datetime, timedelta

import numpy as np
import xarray as xr

from kernels.quantities import attrs
from kernels.traffic.pairing import PairedRows, paired
from kernels.traffic.queues_inputs import MODE_NAMES
from twin.city import City, CityError
from twin.street_works import BRUSSELS, DemandChange
from twin.travel_day import DayTrips, DemandModel, day_trips
from twin.travel_tables import Day
from twin.travel_zones import Zones, zones_of

HOUR = 3600.0


def travel_demand(
    city: City,
    network: xr.Dataset,
    start: datetime,
    duration_s: float,
    model: DemandModel | None = None,
    changes: tuple[DemandChange, ...] = (),
) -> tuple[xr.Dataset, dict[str, float]]:
    """Trips of a run.

    Parameters
    ----------
    city : City
    network : Dataset
        Of `twin.traffic_layers.traffic_layers`, without works: the demand is that of the city as it is, and what works
        change, drivers find on their way.
    start : datetime
        Of the run, with its zone.
    duration_s : float
    model : DemandModel, optional
    changes : tuple of DemandChange
        Multiply rows, in their order; nothing else of the rows changes.

    Returns
    -------
    demand : Dataset
        Variables ``demand_*`` along ``demand``, one row for each pair of nodes, mode and hour, with
        ``demand_zone_from`` and ``demand_zone_to``; along ``zone``, with its ids (of the sector, or ``gate:`` and a
        node), ``zone_residents`` and ``zone_jobs``.
    told : dict
        What was assumed and found, in words.

    Raises
    ------
    CityError
        No street for cars, a change that names a sector or mode that is not there.
    """
    model = model or DemandModel()
    if start.tzinfo is None:
        raise CityError(f"the start of a run needs its zone, got {start.isoformat()}; 06:00 UTC is 07:00 in winter")
    zones = zones_of(city, network)
    factors = _factors(zones, changes)
    windows = _windows(start, duration_s)
    days = {
        day: day_trips(network, zones, day, model) for day in dict.fromkeys(_day(model, one) for one, *_ in windows)
    }
    rows: dict[str, list[np.ndarray]] = {name: [] for name in _COLUMNS}
    whole = sum(
        float(matrix.sum()) * model.scale * part
        for local, _, _, part in windows
        for mode in model.modes
        for matrix in days[_day(model, local)].hour(mode, local.hour).values()
    )
    sampled, per_trip = 0, min(model.most_rows / max(whole, 1.0), 1.0)
    for local, begin, until, part in windows:
        trips = days[_day(model, local)]
        for mode in model.modes:
            for pairs, found in _rows(zones, trips, mode, local.hour, model.scale * part, per_trip):
                sampled += not found.exact
                size, own = found.trips.size, pairs[:, found.pair]
                values = (
                    found.start, found.end, np.full(size, MODE_NAMES.index(mode)),
                    found.trips * factors[mode][own[0], own[1]], np.full(size, begin), np.full(size, until), *own,
                )  # fmt: skip
                for name, value in zip(_COLUMNS, values, strict=True):
                    rows[name].append(value)
    told = dict(zones.told)
    for one in days.values():
        told.update(one.told)
    told["rows of demand"] = sum(one.size for one in rows["demand_trips"])
    if sampled:
        told["hours, modes and ways with fewer rows than pairs of zones"] = sampled
    return _dataset(rows, zones), told


_COLUMNS = {
    "demand_start_node": np.int32, "demand_end_node": np.int32, "demand_mode": np.int32, "demand_trips": np.float64,
    "demand_begin": np.float64, "demand_until": np.float64, "demand_zone_from": np.int32, "demand_zone_to": np.int32,
}  # fmt: skip


def _dataset(rows: dict[str, list[np.ndarray]], zones: Zones) -> xr.Dataset:
    whole = {name: np.concatenate(rows[name]).astype(kind) for name, kind in _COLUMNS.items()}
    some = (whole["demand_trips"] > 0) & (whole["demand_start_node"] != whole["demand_end_node"])
    gates = np.zeros(len(zones) - zones.sectors)
    return xr.Dataset(
        {name: ("demand", values[some], attrs(name)) for name, values in whole.items()}
        | {
            "zone_residents": ("zone", np.concatenate((zones.residents, gates)), attrs("zone_residents")),
            "zone_jobs": ("zone", np.concatenate((zones.jobs, gates)), attrs("zone_jobs")),
        },
        coords={"zone": zones.id},
    )


def _rows(
    zones: Zones, trips: DayTrips, mode: str, hour: int, factor: float, per_trip: float
) -> list[tuple[np.ndarray, PairedRows]]:
    """Rows of one hour and mode, by way: pairs of zones (2, pair) and what became of them."""
    kind = "bike" if mode in ("bike", "foot") else "car"
    homes, work = zones.places[kind], zones.work_places[kind]
    ends = {"out": (homes, work), "back": (work, homes), "both": (work, work)}
    found = []
    for way, matrix in trips.hour(mode, hour).items():
        pairs = np.array(np.nonzero(matrix * factor > 0))
        amount = matrix[pairs[0], pairs[1]] * factor
        if amount.size:
            most = int(max(np.floor(amount.sum() * per_trip), 1.0))
            found.append((pairs, paired(pairs[0], pairs[1], amount, *ends[way], most)))
    return found


def _factors(zones: Zones, changes: tuple[DemandChange, ...]) -> dict[str, np.ndarray]:
    """What changes make of the trips between zones, by mode. (zone, zone) float64 [1]"""
    found = {mode: np.ones((len(zones), len(zones))) for mode in MODE_NAMES}
    row = {str(name): place for place, name in enumerate(zones.id)}
    for change in changes:
        unknown = [one for one in change.sectors if one not in row]
        if unknown:
            raise CityError(
                f"the change of demand {change.id!r} names the sector {unknown[0]!r}, where no trip of this area "
                f"begins or ends; there are {', '.join(zones.id[: zones.sectors][:5])} and others"
            )
        odd = [one for one in change.modes if one not in MODE_NAMES]
        if odd:
            raise CityError(
                f"the change of demand {change.id!r} names the mode {odd[0]!r}; expected some of "
                f"{', '.join(MODE_NAMES)}"
            )
        meant = np.ones((len(zones), len(zones)), bool)
        if change.sectors:
            own = np.zeros(len(zones), bool)
            own[[row[one] for one in change.sectors]] = True
            meant = own[:, None] | own
        for mode in change.modes or MODE_NAMES:
            found[mode][meant] *= change.factor
    return found


def _day(model: DemandModel, local: datetime) -> Day:
    if model.day != "calendar":
        return model.day
    return {5: "saturday", 6: "sunday"}.get(local.weekday(), "weekday")  # type: ignore[return-value]


def _windows(start: datetime, duration_s: float) -> list[tuple[datetime, float, float, float]]:
    """Hours of the clock of Brussels that a run touches: the hour, begin and until [s] within the run, its part [1]."""
    if not duration_s > 0:
        raise CityError(f"a run of {duration_s:g} s has no trips; expected more than zero")
    begin = start.astimezone(UTC)
    hour = begin.replace(minute=0, second=0, microsecond=0)
    found = []
    while (first := (hour - begin).total_seconds()) < duration_s:
        a, b = max(first, 0.0), min(first + HOUR, duration_s)
        found.append((hour.astimezone(BRUSSELS), a, b, (b - a) / HOUR))
        hour += timedelta(hours=1)
    return found
