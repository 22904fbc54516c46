"""What meters tell of the buildings they stand in: signatures, savings, alarms, the load of the night and leaks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kernels.energy.cusum import cusum, night_loads, ranked_by_saving, standardised
from kernels.energy.hourly import fit_hourly
from kernels.energy.readings import Use, hour_of_week, on_regular_steps, use_of_counters, use_of_steps
from kernels.energy.signature import CV_RMSE_LIMIT, MODELS, NMBE_LIMIT, expected, fit, savings
from kernels.energy.water import find_leaks, never_still, night_flow
from twin.city import CityError
from twin.formats.meters_csv import ZONE, Meter, offsets_of

DAY = 86400.0
"""[s]"""

STEPS = (900.0, 1800.0, 3600.0, DAY)
"""Lengths of step that are read. [s]"""

MOST_OF_A_DAY = 0.9
"""Share of a day's steps that must be known for its mean to count; assumed."""

LONGEST = 20.0 * 366 * DAY
"""Series longer than this are a fault of a stamp. [s]"""


@dataclass(frozen=True)
class Course:
    """The days of a meter of energy, all (day,) from the first of them on.

    Attributes
    ----------
    first_day : str
        Local day, ISO 8601.
    outdoor : float64
        Mean outdoor temperature. [K]
    measured, expected : float64
        Mean power, and what the signature expects; NaN where not known. [W]
    drift : int8
        1 where an alarm tells too much, -1 too little.
    """

    first_day: str
    outdoor: np.ndarray
    measured: np.ndarray
    expected: np.ndarray
    drift: np.ndarray


@dataclass(frozen=True)
class EnergyMeter:
    """What a meter of heat, gas or electricity tells.

    Attributes
    ----------
    name, kind, model : str
        Model one of `kernels.energy.signature.MODELS`; "none" of a meter with too few days.
    days : int
        Days the signature rests on.
    parameters, errors : (5,) float64
        Of the signature and their standard errors: base [W], slope [W K⁻¹], change [K], slope [W K⁻¹], change [K].
    cv_rmse, nmbe, hourly_cv_rmse, hourly_nmbe : float
        Daily signature, and the model by hour of the week; NaN where there is none.
    within_limits : bool
        Both daily figures within the limits.
    saving, saving_half_width : float
        Since the day asked for, against the signature of the time before; NaN where no day was asked for. [J]
    alarms : list of tuple of (str, str, int)
        Local day of the alarm, of the drift's beginning, and 1 for too much or -1 for too little.
    excess : float
        Used above what was expected in the days of drifts upwards, a year of it. [J]
    night_load, night_share, night_excess : float
        [W], of the mean, and above the median of its kind per area [W]; NaN without hourly steps or area.
    night_rank : int
        By load per area; 0 where not known.
    counts : dict of str to int
    course : Course
    """

    name: str
    kind: str
    model: str
    days: int
    parameters: np.ndarray
    errors: np.ndarray
    cv_rmse: float
    nmbe: float
    hourly_cv_rmse: float
    hourly_nmbe: float
    within_limits: bool
    saving: float
    saving_half_width: float
    alarms: list[tuple[str, str, int]]
    excess: float
    night_load: float
    night_share: float
    night_excess: float
    night_rank: int
    counts: dict[str, int]
    course: Course


@dataclass(frozen=True)
class WaterMeter:
    """What a water meter tells.

    Attributes
    ----------
    name : str
    nights : int
        Nights with readings.
    first_day, last_day : str
        Local days of the readings.
    alarms : list of str
        Local days of the nights in which a leak was told.
    leaking : bool
        In the last night that is known.
    leak_flow : float
        Then, above the level. [m³ s⁻¹]
    night_flow, findable : float
        Median of the nights, and the least leak found in three of them. [m³ s⁻¹]
    never_still : float
        Flow that did not stop in the last week; NaN where not known. [m³ s⁻¹]
    lost : float
        Through the leaks told, over the nights they ran. [m³]
    counts : dict of str to int
    """

    name: str
    nights: int
    first_day: str
    last_day: str
    alarms: list[str]
    leaking: bool
    leak_flow: float
    night_flow: float
    findable: float
    never_still: float
    lost: float
    counts: dict[str, int]


@dataclass(frozen=True)
class _Series:
    """One meter on regular steps."""

    power: np.ndarray
    start: float
    step: float
    counts: dict[str, int]

    def local(self, zone: str) -> np.ndarray:
        """Local time of the start of each step, seconds since 1970."""
        utc = self.start + self.step * np.arange(self.power.size)
        return utc + offsets_of(utc, zone)


def watch_energy(
    meters: Sequence[Meter],
    weather: tuple[np.ndarray, np.ndarray],
    *,
    since: str | None = None,
    areas: dict[str, float] | None = None,
    zone: str = ZONE,
    confidence: float = 0.9,
) -> tuple[list[EnergyMeter], list[int]]:
    """Watch the meters of energy; the order is that of what could be saved, most first.

    Parameters
    ----------
    meters : sequence of Meter
    weather : tuple of (reading,) float64
        UTC [s since 1970] and outdoor air temperature [K] of the same time.
    since : str or None
        Local day, ISO 8601, that ends the time the signature rests on; None rests it on all days.
    areas : dict or None
        Floor area by meter. [m²]
    zone : str
        IANA name, of local days and hours.
    confidence : float
        Of the intervals, two-sided.

    Raises
    ------
    CityError
        Steps of another length than `STEPS`, or weather of another time.
    """
    series = [_regular(one) for one in meters]
    if not series:
        return [], []
    local = [one.local(zone) for one in series]
    first = int(min(one[0] for one in local) // DAY)
    last = int(max(one[-1] for one in local) // DAY) + 1
    daily = np.stack([_by_day(one, when, first, last) for one, when in zip(series, local, strict=True)])
    outdoor = _outdoor(weather, first, last, zone)
    if not (np.isfinite(daily) & np.isfinite(outdoor)).any():
        raise CityError("no day has both meters and weather; give the weather of the same days")
    end = last - first if since is None else int(np.clip(_day(since) - first, 0, last - first))
    found = fit(outdoor[:end], daily[:, :end])
    foretold = expected(found, outdoor)
    errors = daily - foretold
    alarms = cusum(standardised(errors, found.residual, found.correlation))
    saved = savings(found, outdoor[end:], daily[:, end:], DAY, confidence=confidence) if since is not None else None
    hourly = [_hourly(one, when, weather, end + first) for one, when in zip(series, local, strict=True)]
    base, share, above, rank = _nights(meters, series, local, areas or {})
    excess = np.array([_excess(errors[k], alarms.alarm[k], alarms.since[k]) for k in range(len(series))])
    told = []
    for k, meter in enumerate(meters):
        model = int(found.model[k])
        cv, nmbe = float(found.cv_rmse[k]), float(found.nmbe[k])
        told.append(EnergyMeter(
            name=meter.name, kind=meter.kind, model=MODELS[model] if model >= 0 else "none",
            days=int(found.readings[k]), parameters=found.parameters[k], errors=found.standard_errors[k],
            cv_rmse=cv, nmbe=nmbe, hourly_cv_rmse=hourly[k][0], hourly_nmbe=hourly[k][1],
            within_limits=bool(cv <= CV_RMSE_LIMIT["daily"] and abs(nmbe) <= NMBE_LIMIT["daily"]),
            saving=float(saved.value[k]) if saved is not None and saved.steps[k] and model >= 0 else np.nan,
            saving_half_width=float(saved.half_width[k]) if saved is not None and saved.steps[k] else np.nan,
            alarms=[(_iso(int(day) + first), _iso(int(alarms.since[k, day]) + first), int(alarms.alarm[k, day]))
                    for day in np.flatnonzero(alarms.alarm[k])],
            excess=float(excess[k]), night_load=float(base[k]), night_share=float(share[k]),
            night_excess=float(above[k]), night_rank=int(rank[k]), counts=series[k].counts,
            course=_course(first, outdoor, daily[k], foretold[k], alarms.alarm[k]),
        ))  # fmt: skip
    order, _ = ranked_by_saving(excess, np.array([one.night_excess for one in told]) * 365.25 * DAY)
    return told, [int(k) for k in order]


def watch_water(meters: Sequence[Meter], *, zone: str = ZONE) -> list[WaterMeter]:
    """Watch the water meters, hourly or finer; the others have no nights.

    Raises
    ------
    CityError
        Steps of another length than `STEPS`.
    """
    told = []
    for meter in meters:
        series = _regular(meter)
        local = series.local(zone)
        first, last = int(local[0] // DAY), int(local[-1] // DAY) + 1
        day, flow = (local // DAY).astype(np.int64) - first, series.power[None]
        if series.step >= DAY:
            nights, still = np.full((1, last - first), np.nan), np.full((1, last - first), np.nan)
        else:
            nights = night_flow(flow, local % DAY / 3600.0, day, last - first)
            still = never_still(flow, day, last - first)
        found = find_leaks(nights)
        judged = np.flatnonzero(np.isfinite(nights[0]))
        known, latest = nights[0][judged], judged[-1] if judged.size else -1
        weeks = still[0][np.isfinite(still[0])]
        alarms = [_iso(int(one) + first) for one in np.flatnonzero(found.alarm[0])]
        told.append(WaterMeter(
            name=meter.name, nights=known.size, first_day=_iso(first), last_day=_iso(last - 1), alarms=alarms,
            leaking=bool(found.leaking[0, latest]), leak_flow=float(found.flow[0, latest]),
            night_flow=float(np.median(known)) if known.size else np.nan, findable=float(found.findable[0]),
            never_still=float(weeks[-1]) if weeks.size else np.nan, lost=float(found.flow[0].sum() * DAY),
            counts=series.counts,
        ))  # fmt: skip
    return told


def _regular(meter: Meter) -> _Series:
    if meter.utc.size < 2:
        raise CityError(f"meter {meter.name}: has {meter.utc.size} readings; give two at least")
    apart = np.diff(np.sort(meter.utc))
    usual = float(np.median(apart[apart > 0])) if (apart > 0).any() else 0.0
    step = min(STEPS, key=lambda one: abs(one - usual))
    if abs(step - usual) > 0.05 * step:
        raise CityError(
            f"meter {meter.name}: has a reading every {usual:g} s, expected one of "
            f"{', '.join(f'{one:g}' for one in STEPS)} s; sum or interpolate it"
        )
    # a day is known by its noon, which no change of the clock moves to another day
    utc = meter.utc + (-0.5 * step if meter.reading == "counter" else 0.5 * step if step == DAY else 0.0)
    start = float(utc.min()) if step == DAY else float(np.floor(utc.min() / step) * step)
    if utc.max() - start > LONGEST:
        raise CityError(
            f"meter {meter.name}: runs over {(utc.max() - start) / 365.25 / DAY:.0f} years; mend its stamps"
        )
    late = 0.25 * step if step == DAY else 0.0  # the clock changes: days of 23 and 25 hours stay on their day
    steps = int((utc.max() + late - start) // step) + 1
    values, counts = on_regular_steps(utc + late, meter.value, start, step, steps)
    use: Use = use_of_counters(values[None]) if meter.reading == "counter" else use_of_steps(values[None])
    mended = {words: int(many[0]) for words, many in use.counts.items()}
    return _Series(use.amount[0] / step, start, step, {**meter.counts, **counts, **mended})


def _by_day(series: _Series, local: np.ndarray, first: int, last: int) -> np.ndarray:
    """Mean power of each local day. [W]"""
    day = (local // DAY).astype(np.int64) - first
    known = np.isfinite(series.power) & (day < last - first)
    total = np.bincount(day[known], series.power[known], last - first)
    many = np.bincount(day[known], minlength=last - first)
    return np.where(many >= MOST_OF_A_DAY * DAY / series.step, total / np.maximum(many, 1), np.nan)


def _course(first: int, outdoor: np.ndarray, measured: np.ndarray, foretold: np.ndarray, alarm: np.ndarray) -> Course:
    """From the first to the last day that the meter knows."""
    known = np.flatnonzero(np.isfinite(measured))
    inside = slice(known[0], known[-1] + 1) if known.size else slice(0, 0)
    return Course(
        _iso(first + (int(known[0]) if known.size else 0)), outdoor[inside], measured[inside], foretold[inside],
        np.sign(alarm[inside]).astype(np.int8),
    )  # fmt: skip


def _outdoor(weather: tuple[np.ndarray, np.ndarray], first: int, last: int, zone: str) -> np.ndarray:
    """Mean outdoor temperature of each local day with half of the usual readings. [K]"""
    utc, kelvin = weather
    day = ((utc + offsets_of(utc, zone)) // DAY).astype(np.int64) - first
    inside = (day >= 0) & (day < last - first)
    many = np.bincount(day[inside], minlength=last - first)
    total = np.bincount(day[inside], kelvin[inside], last - first)
    usual = np.median(many[many > 0]) if (many > 0).any() else 1
    return np.where((many > 0) & (many >= 0.5 * usual), total / np.maximum(many, 1), np.nan)


def _hourly(
    series: _Series, local: np.ndarray, weather: tuple[np.ndarray, np.ndarray], end: int
) -> tuple[float, float]:
    """CV(RMSE) and NMBE of the model by hour of the week over the days before ``end``."""
    if series.step >= DAY:
        return np.nan, np.nan
    before = local < end * DAY
    utc = series.start + series.step * np.arange(series.power.size)
    order = np.argsort(weather[0], kind="stable")
    middle = utc + 0.5 * series.step
    kelvin = np.interp(middle, weather[0][order], weather[1][order], left=np.nan, right=np.nan)
    kelvin = np.where(np.abs(middle - _nearest(weather[0][order], middle)) <= 2 * 3600.0, kelvin, np.nan)
    if not np.isfinite(kelvin[before] + series.power[before]).any():
        return np.nan, np.nan
    hours = hour_of_week(local, 0.0)
    found = fit_hourly(kelvin[before], hours[before], series.power[None, before])
    return float(found.cv_rmse[0]), float(found.nmbe[0])


def _nearest(known: np.ndarray, asked: np.ndarray) -> np.ndarray:
    right = (
        np.clip(np.searchsorted(known, asked), 1, max(known.size - 1, 1))
        if known.size > 1
        else np.zeros(asked.size, int)
    )
    left = np.maximum(right - 1, 0)
    return np.where(np.abs(known[left] - asked) <= np.abs(known[right] - asked), known[left], known[right])


def _nights(
    meters: Sequence[Meter], series: Sequence[_Series], local: Sequence[np.ndarray], areas: dict[str, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Night load [W], its share, excess [W] and rank of each meter; each kind is held against its own."""
    many = len(meters)
    base, share, excess = np.full(many, np.nan), np.full(many, np.nan), np.full(many, np.nan)
    for k, one in enumerate(series):
        if one.step < DAY:
            alone = night_loads(one.power[None], hour_of_week(local[k], 0.0), np.ones(1), np.zeros(1, np.int64))
            base[k], share[k] = alone.base[0], alone.share[0]
    area = np.array([areas.get(one.name, np.nan) for one in meters])
    rank = np.zeros(many, np.int64)
    for kind in {one.kind for one in meters}:
        rows = np.array([k for k, one in enumerate(meters) if one.kind == kind and base[k] >= 0 and area[k] > 0], int)
        if rows.size:
            per_area = base[rows] / area[rows]
            rank[rows] = 1 + (per_area[None, :] > per_area[:, None]).sum(axis=1)
            excess[rows] = np.maximum(per_area - np.median(per_area), 0.0) * area[rows]
    return base, share, excess, rank


def _excess(errors: np.ndarray, alarm: np.ndarray, since: np.ndarray) -> float:
    """A year of the mean excess over the days of the drifts upwards. [J]"""
    inside = np.zeros(errors.size, bool)
    for day in np.flatnonzero(alarm > 0):
        inside[since[day] : day + 1] = True
    above = errors[inside & np.isfinite(errors)]
    return float(max(above.mean(), 0.0) * 365.25 * DAY) if above.size else 0.0


def _day(text: str) -> int:
    try:
        return int(np.datetime64(text, "D").astype(np.int64))
    except ValueError as error:
        raise CityError(f"{text!r} is no day; write it as 2024-01-31") from error


def _iso(day: int) -> str:
    return str(np.datetime64(int(day), "D"))
