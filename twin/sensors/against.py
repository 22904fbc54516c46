"""Measured against simulated: the readings of a thing beside what a result says of the same place and times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kernels.quantities import QUANTITIES, Language
from twin.formats.features import to_lambert
from twin.sensors.model import SECOND, Datastream, Readings, SensorError, Thing
from twin.sensors.quality import usable

HOUR = 3600.0
"""[s]"""
SAME: Mapping[str, tuple[str, float]] = {
    "vehicle_count": ("traffic_flow", HOUR),
    "bicycle_count": ("bicycle_flow", HOUR),
    "rain_depth": ("rainfall_rate", 1.0),
    "metered_electricity": ("electricity_power", 1.0),
    "metered_gas": ("gas_power", 1.0),
    "metered_heat": ("network_heat_power", 1.0),
}
"""What is told by the period, and the field that tells it by the second or the hour: value * factor / period."""
MEANS = frozenset(
    ["traffic_flow", "bicycle_flow", "traffic_speed", "travel_time", "traffic_saturation", "vehicles_on_street",
     "heating_power", "cooling_power", "hot_water_power", "electricity_power", "gas_power", "network_heat_power",
     "photovoltaic_ac_power", "indoor_air_temperature", "waste_heat_power"]
)  # fmt: skip
"""Fields whose frame is the mean since the frame before, as the kernels of traffic and energy give them."""
SUMMED = frozenset(
    ["traffic_flow", "bicycle_flow", "heating_power", "cooling_power", "hot_water_power", "electricity_power",
     "gas_power", "network_heat_power", "photovoltaic_ac_power", "waste_heat_power", "vehicles_on_street"]
)  # fmt: skip
"""Fields that add up where a thing measures several links or buildings at once; others are averaged."""
PLACES = ("link", "building", "station", "sector", "node")
"""Dimensions in which a thing has a place by an id of its properties; a station by its own id too."""
LONGEST = 3600.0
"""Between outputs farther apart nobody knows what a field of moments did; assumed. [s]"""
COVERED = 0.999
"""So much of a reading's period must be simulated; the rest is for times that are not whole. [1]"""

FIGURE_WORDS: Mapping[str, Mapping[Language, str]] = {
    "pairs": {"fr": "mesures comparées", "nl": "vergeleken metingen", "en": "readings compared"},
    "bias": {"fr": "écart moyen (simulé moins mesuré)", "nl": "gemiddelde afwijking (gesimuleerd min gemeten)",
             "en": "mean difference (simulated less measured)"},
    "rmse": {"fr": "écart quadratique moyen", "nl": "wortel uit de gemiddelde kwadratische afwijking",
             "en": "root mean square difference"},
    "correlation": {"fr": "corrélation", "nl": "correlatie", "en": "correlation"},
    "cv": {"fr": "écart quadratique rapporté à la moyenne mesurée",
           "nl": "kwadratische afwijking over het gemeten gemiddelde",
           "en": "root mean square difference over the mean measured"},
}  # fmt: skip
"""Words for people of the figures of `Comparison`."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Pairs of what was measured and simulated, and their figures.

    Attributes
    ----------
    datastream, quantity : str
        ``quantity`` is that of the field, and so is the unit of all.
    units : str
    time : (pair,) int64
        Of the readings. [ns, UTC]
    measured, simulated : (pair,) float64
        [units]
    gaps : dict of str to int
        Readings without a pair, by why: ``faulty``, ``missing``, ``twice``, ``outside`` the run, ``not_simulated``; and
        ``absent``, whole periods of the run without any reading. None is taken for 0.
    """

    datastream: str
    quantity: str
    units: str
    time: NDArray[np.int64]
    measured: NDArray[np.float64]
    simulated: NDArray[np.float64]
    gaps: Mapping[str, int] = field(default_factory=dict)

    @property
    def pairs(self) -> int:
        """How many."""
        return int(self.time.size)

    @property
    def bias(self) -> float:
        """Mean of simulated less measured; NaN without a pair. [units]"""
        return float(np.mean(self.simulated - self.measured)) if self.pairs else float("nan")

    @property
    def rmse(self) -> float:
        """Root of the mean square of simulated less measured; NaN without a pair. [units]"""
        return float(np.sqrt(np.mean((self.simulated - self.measured) ** 2))) if self.pairs else float("nan")

    @property
    def correlation(self) -> float:
        """Of Pearson; NaN with fewer than three pairs, or where one of the two does not change. [1]"""
        if self.pairs < 3 or np.ptp(self.measured) == 0.0 or np.ptp(self.simulated) == 0.0:
            return float("nan")
        return float(np.corrcoef(self.measured, self.simulated)[0, 1])

    @property
    def cv(self) -> float:
        """CV(RMSE) of ASHRAE Guideline 14-2014 with p = 0, over the mean measured; NaN where that is 0. [1]"""
        mean = float(np.mean(self.measured)) if self.pairs else 0.0
        return self.rmse / abs(mean) if mean else float("nan")

    def figures(self) -> dict[str, float]:
        """Of all, by the keys of `FIGURE_WORDS`."""
        return {name: float(getattr(self, name)) for name in FIGURE_WORDS}


def compare(
    readings: Readings,
    stream: Datastream,
    thing: Thing,
    result: xr.Dataset,
    *,
    start: datetime | None = None,
    name: str | None = None,
) -> Comparison:
    """Hold the readings of a datastream against a field of a result.

    Parameters
    ----------
    readings : Readings
        With the flags of `twin.sensors.quality`; those of other datastreams are left out.
    stream : Datastream
    thing : Thing
        With an id of `PLACES` in its properties (or several, as a list), or a place on the ground.
    result : Dataset
        `twin.result.Result.dataset`, or what a kernel gives: ``time`` in seconds since its start.
    start : datetime, optional
        Of the run, with its zone; else that which the result bears.
    name : str, optional
        Field; else that which tells the stream's quantity.

    Returns
    -------
    Comparison

    Raises
    ------
    SensorError
        There is no such field, no such place in it, no time, or the two do not tell the same.

    Notes
    -----
    A reading with a period is held against the mean of the field over it, one without against the field at its time: of
    fields of moments (linear between outputs not farther apart than `LONGEST`), or of `MEANS`.
    """
    told, factor = _field_of(stream, name)
    if told not in result.data_vars:
        raise SensorError(f"{stream.id}: the result has no {told!r}; run the kernel that gives it")
    values = result[told]
    if "time" not in values.dims:
        raise SensorError(f"{stream.id}: {told} of this result has no time; readings are held against a course")
    course = _at(values, result, thing).values.astype(np.float64)
    times = result["time"].values.astype(np.float64)
    origin = _origin(result, start)

    mine = readings.datastream == stream.id
    order = np.flatnonzero(mine)[np.argsort(readings.time[mine], kind="stable")]
    time, value, flag = readings.time[order], readings.value[order], readings.flag[order]
    end = (time - origin) / SECOND
    begin = end - stream.period
    gaps: dict[str, int] = {}
    left = np.ones(time.size, bool)

    def drop(why: str, which: NDArray[np.bool_]) -> None:
        gaps[why] = int((left & which).sum())
        left[which] = False

    first = _first(told, times)
    drop("outside", (begin < first - 1e-6) | (end > times[-1] + 1e-6) if times.size else left.copy())
    within = left.copy()
    drop("missing", np.isnan(value))
    drop("faulty", ~usable(flag))
    kept = np.flatnonzero(left)
    again = np.zeros(time.size, bool)
    again[kept[1:][np.diff(time[kept]) == 0]] = True
    drop("twice", again)
    simulated = np.full(time.size, np.nan)
    simulated[left] = _mean(told, times, course, begin[left], end[left])
    drop("not_simulated", np.isnan(simulated))
    if stream.period > 0.0 and times.size:
        whole = int((times[-1] - first) / stream.period + 1e-9)
        gaps["absent"] = max(whole - int(np.unique(time[within]).size), 0)
    return Comparison(
        stream.id, told, QUANTITIES[told].units, time[left], value[left] * factor, simulated[left],
        {why: many for why, many in gaps.items() if many},
    )  # fmt: skip


def _field_of(stream: Datastream, name: str | None) -> tuple[str, float]:
    """The field that tells a datastream's quantity, and the factor that brings its readings into its unit."""
    told, factor = SAME.get(stream.quantity, (stream.quantity, 0.0))
    if name is not None and name not in (told, stream.quantity):
        if name not in QUANTITIES or QUANTITIES[name].units != QUANTITIES[stream.quantity].units:
            raise SensorError(
                f"{stream.id}: {stream.quantity} [{QUANTITIES[stream.quantity].units}] is not told by {name!r}; "
                f"expected {told}, or a quantity of the same unit"
            )
        return name, 1.0
    if name == stream.quantity or not factor:
        return stream.quantity, 1.0
    if stream.period <= 0.0:
        raise SensorError(f"{stream.id}: {stream.quantity} without a period is a counter; give its differences")
    return told, factor / stream.period


def _origin(result: xr.Dataset, start: datetime | None) -> int:
    """Start of the run. [ns, UTC]"""
    if start is None:
        text = result.attrs.get("time_origin")
        try:
            start = datetime.fromisoformat(str(text))
        except ValueError as error:
            raise SensorError(f"the result does not say when it starts ({text!r}); give start") from error
        start = start if start.tzinfo else start.replace(tzinfo=UTC)
    if start.tzinfo is None:
        raise SensorError(f"start {start} has no zone; give it one")
    return round(start.timestamp() * 1000) * (SECOND // 1000)


def _at(values: xr.DataArray, result: xr.Dataset, thing: Thing) -> xr.DataArray:
    """A field through time at a thing."""
    rest = tuple(str(dim) for dim in values.dims if dim != "time")
    if rest == ("y", "x"):
        if thing.longitude is None or thing.latitude is None:
            raise SensorError(f"{thing.id} has no place on the ground; {values.name} is known by place")
        point = to_lambert(np.array([[thing.longitude, thing.latitude]]))[0]
        cell = {}
        for dim, wanted in (("x", point[0]), ("y", point[1])):
            axis = result[dim].values
            size = (axis[-1] - axis[0]) / max(axis.size - 1, 1)
            number = int(np.floor((wanted - axis[0]) / size + 0.5)) if size else 0
            if not 0 <= number < axis.size:
                raise SensorError(f"{thing.id} at {point[0]:.0f}, {point[1]:.0f} is outside the ground of this result")
            cell[dim] = number
        return values.isel(cell)
    if len(rest) != 1 or rest[0] not in PLACES:
        raise SensorError(f"{values.name} lies along {rest}; expected (y, x) or one of {', '.join(PLACES)}")
    (dim,) = rest
    wanted = thing.properties.get(dim, thing.id if dim == "station" else None)
    if wanted is None:
        raise SensorError(f"{thing.id} does not say which {dim} it is at; put its id in properties[{dim!r}]")
    ids = [str(one) for one in wanted] if isinstance(wanted, list | tuple) else [str(wanted)]
    names = _names(result, dim)
    rows: list[int] = []
    for one in ids:
        found = [row for row, name in enumerate(names) if name == one.replace(" ", "_")]
        # a street without a direction is both of its links, whose names end with arrows
        found = found or [row for row, name in enumerate(names) if name.rstrip("<>") == one.replace(" ", "_")]
        if not found:
            raise SensorError(f"{thing.id}: there is no {dim} {one!r} in this result; see its city")
        rows += found
    chosen = values.isel({dim: sorted(set(rows))})
    if len(chosen[dim]) == 1:
        return chosen.isel({dim: 0})
    return chosen.sum(dim, skipna=False) if values.name in SUMMED else chosen.mean(dim, skipna=False)


def _names(result: xr.Dataset, dim: str) -> list[str]:
    """Ids along a dimension; a stored result has them in the attributes of their numbers."""
    if dim not in result.coords:
        raise SensorError(f"the result does not name its {dim}; it cannot be found by id")
    words = result[dim].attrs.get("flag_meanings")
    return str(words).split() if words else [str(one).replace(" ", "_") for one in result[dim].values]


def _first(name: str, times: NDArray[np.float64]) -> float:
    """From when on a field is known: of means, from the run's start. [s]"""
    if not times.size:
        return 0.0
    return min(0.0, float(times[0])) if name in MEANS else float(times[0])


def _mean(
    name: str,
    times: NDArray[np.float64],
    course: NDArray[np.float64],
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Mean of a field over periods, or its value where they have no length; NaN where it is not known."""
    if name in MEANS:
        edges = np.concatenate([[_first(name, times)], times])
        left = right = course
    else:
        edges, left, right = times, course[:-1], course[1:]
    steps = np.diff(edges)
    known = np.isfinite(left) & np.isfinite(right) & (steps > 0.0)
    if name not in MEANS:
        known &= steps <= LONGEST
    low, rise = np.where(known, left, 0.0), np.where(known, right - left, 0.0)
    if not steps.size:  # one moment
        return np.where(end == times[0], course[0], np.nan) if times.size else np.full(end.size, np.nan)
    sums = np.concatenate([[0.0], np.cumsum((low + rise / 2.0) * steps)])
    spans = np.concatenate([[0.0], np.cumsum(np.where(known, steps, 0.0))])

    def until(moment: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        step = np.clip(np.searchsorted(edges, moment, side="left") - 1, 0, steps.size - 1)
        into = np.clip(moment - edges[step], 0.0, steps[step])
        part = into / np.where(steps[step] > 0.0, steps[step], 1.0)
        there = np.where(known[step], low[step] + rise[step] * part, np.nan)
        return sums[step] + (low[step] + rise[step] * part / 2.0) * into, spans[step] + known[step] * into, there

    (late, late_span, there), (early, early_span, _) = until(end), until(begin)
    length, span = end - begin, late_span - early_span
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(span >= COVERED * length, (late - early) / span, np.nan)
    if name not in MEANS:  # at an output itself the field is known, whatever lies on both sides of it
        nearest = np.clip(np.searchsorted(times, end - 1e-6), 0, times.size - 1)
        there = np.where(np.abs(times[nearest] - end) <= 1e-6, course[nearest], there)
    return np.where(length > 0.0, mean, there)
