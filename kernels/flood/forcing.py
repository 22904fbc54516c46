"""What drives the water: rain with the rain of the roofs, point inflows, levels at the sides; integrals are exact."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from kernels.contract import LayerError
from kernels.flood.roof_gutters import RoofGutters

SIDES = ("west", "east", "south", "north")


def times_of(variable: xr.DataArray) -> np.ndarray:
    """Times of a forcing variable [s], refused unless they increase."""
    if "time" not in variable.coords:
        raise LayerError(f"flood: {variable.name!r} has no coordinate 'time' [s]; assign_coords(time=…)")
    times = np.asarray(variable["time"].values)
    if times.dtype.kind not in "fiu":
        raise LayerError(f"flood: the times of {variable.name!r} must be seconds, got {times.dtype}")
    times = times.astype(float)
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise LayerError(f"flood: the times of {variable.name!r} must be finite and increase, got {times[:8].tolist()}")
    return times


def refuse_negative(variable: xr.DataArray) -> None:
    """Name the first negative entry of a variable that cannot be negative."""
    bad = np.argwhere(variable.values < 0)
    if bad.size:
        place = dict(zip(variable.dims, (int(i) for i in bad[0]), strict=True))
        where = ", ".join(
            f"{dim} {index}" + (f" ({float(variable[dim].values[index]):g})" if _is_number(variable, dim) else "")
            for dim, index in place.items()
        )
        raise LayerError(
            f"flood: {variable.name!r} is negative ({float(variable.values[tuple(bad[0])]):g}) at {where}, "
            f"{len(bad)} in all; it must be 0 or more"
        )


def _is_number(variable: xr.DataArray, dim: object) -> bool:
    return dim in variable.coords and variable[dim].dtype.kind in "fiu"


@dataclass(frozen=True)
class Rain:
    """Rain as a step function of time: each entry holds until the next one, the last one for ever.

    Attributes
    ----------
    times : (time,) float64
        When each entry begins. [s]
    rates : (time,) or (time, y, x) float64
        Intensity. [m s⁻¹]
    falls : (y, x) bool
        Cells on which rain falls: ground and roofs.
    gutters : RoofGutters
    """

    times: np.ndarray
    rates: np.ndarray
    falls: np.ndarray
    gutters: RoofGutters

    @property
    def varies_in_space(self) -> bool:
        """Whether each cell has its own series."""
        return self.rates.ndim == 3

    def entry(self, time: float) -> int:
        """Number of the entry that holds at a time; -1 before the first."""
        return int(np.searchsorted(self.times, time, side="right")) - 1

    def next_change(self, time: float) -> float:
        """When a space-time field changes next, so that a step ends there; infinite for a uniform series. [s]"""
        after = self.entry(time) + 1
        return float(self.times[after]) if self.varies_in_space and after < self.times.size else np.inf

    def pattern(self, entry: int) -> np.ndarray:
        """Cells' share of the rain, roofs led to the ground: of 1 for a uniform series, of the entry in m/s else."""
        if not self.varies_in_space:
            return self.gutters(self.falls.astype(float))
        return self.gutters(np.where(self.falls, self.rates[entry], 0.0)) if entry >= 0 else np.zeros(self.falls.shape)

    def factor(self, start: float, end: float) -> float:
        """What the pattern is multiplied by to give the depth of rain of a step [m]."""
        return end - start if self.varies_in_space else self._fallen(end) - self._fallen(start)

    def _fallen(self, time: float) -> float:
        last = self.entry(time)
        if last < 0:
            return 0.0
        whole = np.diff(self.times[: last + 1]) @ self.rates[:last]
        return float(whole + (time - self.times[last]) * self.rates[last])

    def highest(self) -> float:
        """Highest rate that reaches any ground cell at any time. [m s⁻¹]"""
        if not self.varies_in_space:
            return float(self.rates.max(initial=0.0) * self.pattern(0).max(initial=0.0))
        return max((float(self.pattern(entry).max(initial=0.0)) for entry in range(self.times.size)), default=0.0)


@dataclass(frozen=True)
class Inflow:
    """Point inflows, linear between their times and zero outside them; a single time holds for ever.

    Attributes
    ----------
    times : (time,) float64
        [s]
    discharge : (time, inflow) float64
        [m³ s⁻¹]
    rows, columns : (inflow,) int
        The cell of each.
    """

    times: np.ndarray
    discharge: np.ndarray
    rows: np.ndarray
    columns: np.ndarray

    def volume(self, start: float, end: float) -> np.ndarray:
        """Volume that each point lets in between two times. [m³]"""
        return self._until(end) - self._until(start)

    def _until(self, time: float) -> np.ndarray:
        if self.times.size == 1:
            return time * self.discharge[0]
        steps = np.diff(self.times)
        into = np.clip(time - self.times[:-1], 0.0, steps)
        first, rise = self.discharge[:-1], np.diff(self.discharge, axis=0)
        return into @ first + (into**2 / (2 * steps)) @ rise


@dataclass(frozen=True)
class Levels:
    """Water levels at some sides, linear between their times and held beyond them.

    Attributes
    ----------
    times : (time,) float64
        [s]
    level : (time, side) float64
        Above the datum of heights. [m]
    sides : tuple of str
        Names of `SIDES`.
    """

    times: np.ndarray
    level: np.ndarray
    sides: tuple[str, ...]

    def at(self, time: float) -> dict[str, float]:
        """Level of each side at a time. [m]"""
        return {
            side: float(np.interp(time, self.times, self.level[:, number])) for number, side in enumerate(self.sides)
        }
