"""Street lighting that follows who passes: what it draws hour by hour, and what it saves over lamps at full."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernels.heat.sun import sun_position
from twin.place import Place
from twin.sensors.model import SensorError

HOUR = 3600.0
"""[s]"""
DUSK = -3.0
"""Lamps burn while the sun stands lower than this; assumed, a street has some 30 lx then. [degree]"""
_STEP = 60
"""The sun is looked at so often. [s]"""


@dataclass(frozen=True)
class Lamp:
    """A lamp that can be dimmed.

    Attributes
    ----------
    power : float
        Drawn at full. [W]
    standby : float
        Drawn by its driver and its detector when it gives no light. [W]
    rest : float
        Light given when nobody passes, as part of the full. [1]
    hold : float
        It burns at full for so long after who passed last; time to walk past the lamps that are lit with it counts.
        [s]

    Raises
    ------
    SensorError
        A number that cannot be.

    Notes
    -----
    Power goes straight from ``standby`` at no light to ``power`` at full, as with light-emitting diodes, whose light
    follows their current.
    """

    power: float
    standby: float = 0.0
    rest: float = 0.2
    hold: float = 60.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.standby <= self.power < np.inf:
            raise SensorError(f"lamp: needs 0 <= standby <= power, got {self.standby} and {self.power} W")
        if not 0.0 <= self.rest <= 1.0:
            raise SensorError(f"lamp: rest is a part of the light, 0 to 1, got {self.rest}; 20 % is 0.2")
        if not 0.0 < self.hold <= HOUR:
            raise SensorError(f"lamp: hold is above 0 and at most {HOUR:g} s, got {self.hold}")

    def drawn(self, level: NDArray[np.float64]) -> NDArray[np.float64]:
        """Power at levels of light 0..1. [W]"""
        return self.standby + (self.power - self.standby) * level


@dataclass(frozen=True, eq=False)
class Lighting:
    """What the lamps of a street do.

    Attributes
    ----------
    power : (time,) float64
        Mean over the period, of all lamps; what the quantity ``light_power`` tells. [W]
    lit : (time,) float64
        Part of the dark time at full. [1]
    dark : float
        [s]
    unknown : float
        Dark time in which nobody counted; the lamps burn at full then. [s]
    energy, energy_full : float
        Drawn, and what lamps at full all night draw. [J]
    """

    power: NDArray[np.float64]
    lit: NDArray[np.float64]
    dark: float
    unknown: float
    energy: float
    energy_full: float

    @property
    def saving(self) -> float:
        """[J]"""
        return self.energy_full - self.energy

    @property
    def saved(self) -> float:
        """Part of the energy of lamps at full; NaN where it was never dark. [1]"""
        return self.saving / self.energy_full if self.energy_full else float("nan")


def follow(
    counts: NDArray[np.float64],
    dark: NDArray[np.float64],
    lamp: Lamp,
    *,
    lamps: int = 1,
    rest: NDArray[np.float64] | None = None,
    period: float = HOUR,
) -> Lighting:
    """Lamps that burn at full while somebody is near, and are dimmed else.

    Parameters
    ----------
    counts : (time,) float64
        Who passed in each period, all who are lit for together. NaN where nobody counted: an outage is no empty
        street, so the lamps burn at full.
    dark : (time,) float64
        Part of each period in which lamps burn, see `dark_share`. [1]
    lamp : Lamp
    lamps : int
        How many of them light together.
    rest : (time,) float64, optional
        Level of light when nobody passes, where it changes through the night; else that of the lamp. [1]
    period : float
        Of the counts. [s]

    Returns
    -------
    Lighting

    Raises
    ------
    SensorError
        Lengths differ, or a number that cannot be.

    Notes
    -----
    A moment is dim if none of the n passages of its period T lies in the time h before it. Spread over the period by
    chance, that is the part (1 - h/T)^n, so that one passage lights for h, and many join: the coverage of a circle by
    arcs, Stevens (1939), doi:10.1111/j.1469-1809.1939.tb02216.x. Those who come in groups light for less, so the saving
    is not overstated. Going up and down is taken to need no time.
    """
    counts, dark = np.asarray(counts, np.float64), np.asarray(dark, np.float64)
    level = np.full(counts.shape, lamp.rest) if rest is None else np.asarray(rest, np.float64)
    if counts.ndim != 1 or not counts.shape == dark.shape == level.shape:
        raise SensorError(
            f"lighting: counts, dark and rest are of the same periods, got {counts.shape}, {dark.shape}, {level.shape}"
        )
    if np.any(counts < 0):
        raise SensorError(f"lighting: counts are 0 or more, got {np.nanmin(counts):g}; what is not known is NaN")
    for name, part in (("dark", dark), ("rest", level)):
        if not np.all((part >= 0) & (part <= 1)):
            raise SensorError(f"lighting: {name} is a part, 0 to 1, in every period, got {part.min()} to {part.max()}")
    if not lamp.hold <= period < np.inf or lamps < 1:
        raise SensorError(
            f"lighting: needs a period of at least the hold of {lamp.hold:g} s, and a lamp; got {period:g} s, {lamps}"
        )
    unknown = np.isnan(counts)
    lit = np.where(unknown, 1.0, 1.0 - (1.0 - lamp.hold / period) ** np.where(unknown, 0.0, counts))
    bright, dim = lamp.power, lamp.drawn(level)
    power = lamps * (dark * (lit * bright + (1.0 - lit) * dim) + (1.0 - dark) * lamp.standby)
    full = lamps * (dark * bright + (1.0 - dark) * lamp.standby)
    return Lighting(
        power, lit, float(dark.sum() * period), float(dark[unknown].sum() * period), float(power.sum() * period),
        float(full.sum() * period),
    )  # fmt: skip


def lit_for(passages: NDArray[np.int64], start: int, end: int, hold: int) -> int:
    """How long a lamp burns at full between two moments, where the time of each passage is known.

    Parameters
    ----------
    passages : (passage,) int64
        In any order; one before ``start`` may still light. [ns, UTC]
    start, end, hold : int
        [ns]

    Returns
    -------
    int
        Length of what the holds cover together. [ns]
    """
    on = np.sort(np.asarray(passages, np.int64))
    on = on[on < end]
    until = np.minimum(on + hold, np.append(on[1:], end)) if on.size else on
    return int(np.maximum(np.clip(until, start, end) - np.clip(on, start, end), 0).sum())


def dark_share(
    starts: NDArray[np.int64], place: Place, period: float = HOUR, dusk: float = DUSK
) -> NDArray[np.float64]:
    """Part of each period in which the sun stands below ``dusk``.

    Parameters
    ----------
    starts : (time,) int64
        Starts of the periods. [ns, UTC]
    place : Place
    period : float
        A whole number of minutes. [s]
    dusk : float
        [degree]

    Returns
    -------
    (time,) float64
        By the middle of every minute. [1]

    Raises
    ------
    SensorError
        The period is not of whole minutes.
    """
    minutes, rest = divmod(period, _STEP)
    if rest or minutes < 1:
        raise SensorError(f"lighting: a period is of whole minutes, got {period:g} s")
    middles = (np.arange(int(minutes)) * _STEP + _STEP // 2) * 1_000_000_000
    times = np.asarray(starts, np.int64)[:, None] + middles
    elevation, _ = sun_position(times.ravel().astype("datetime64[ns]"), place.latitude, place.longitude, place.altitude)
    return (elevation < np.radians(dusk)).reshape(times.shape).mean(axis=1)
