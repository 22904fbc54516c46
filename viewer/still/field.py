"""A field to lay over the ground: chosen from a result, with its colours, its legend and its words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from scipy.ndimage import distance_transform_edt

from kernels.quantities import QUANTITIES, Language, Quantity
from twin.city import Terrain

_PALETTES = Path(__file__).parents[2] / "assets" / "palettes.json"

HATCH_DEPTH = 0.5
"""Deeper than this the water is hatched: an adult no longer stands safely, a car floats. [m]"""

FIRST = ("max_water_depth", "water_depth", "max_utci", "utci")
"""Fields drawn when none is named, in this order; then the first one of the result that has a legend."""

_SHOWN_IN: dict[tuple[str, str], tuple[str, float, float]] = {
    ("rainfall_rate", "m s-1"): ("mm/h", 3.6e6, 0.0),
    ("arrival_time", "s"): ("min", 1 / 60, 0.0),
}
_UNITS = {"m s-1": "m/s", "m2 s-1": "m²/s", "m3 s-1": "m³/s", "W m-2": "W/m²", "s m-1/3": "s/m¹ᐟ³", "1": ""}


class PictureError(ValueError):
    """A picture that cannot be drawn; the text names what was asked, what there is and the remedy."""


@cache
def palettes() -> dict[str, np.ndarray]:
    """Colour scales by name: stops of sRGB, 0 to 1, equally spaced from low to high, (stop, 3)."""
    table = json.loads(_PALETTES.read_text(encoding="utf-8"))
    return {name: np.array([rgb(stop) for stop in one["stops"]]) for name, one in table.items()}


def rgb(color: str) -> tuple[float, float, float]:
    """Read "#rrggbb" as three shares, 0 to 1."""
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255


@dataclass(frozen=True)
class Scale:
    """The colours of a quantity, from its lowest to its highest legend value.

    Attributes
    ----------
    stops : (stop, 3) float64
        sRGB, 0 to 1.
    low, high : float
        Ends of the legend. [units of the quantity]
    log : bool
        Spaced by ratio instead of by difference.
    fades : bool
        Small values let the ground shine through, and nothing is drawn where there is next to nothing: water.
    grows : bool
        Zero is nothing, and little is little to see: speeds and hazards. A time of arrival of zero is not nothing.
    """

    stops: np.ndarray
    low: float
    high: float
    log: bool = False
    fades: bool = False
    grows: bool = False

    def share(self, values: np.ndarray) -> np.ndarray:
        """Where values lie between low (0) and high (1), held at both ends."""
        values = np.asarray(values, float)
        if self.log:
            span = np.log(self.high / self.low)
            return np.clip(np.log(np.maximum(values, self.low * 1e-6) / self.low) / span, 0.0, 1.0)
        return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)

    def colors(self, values: np.ndarray) -> np.ndarray:
        """Colours of values, sRGB 0 to 1, with a last axis of three."""
        return self.at(self.share(values))

    def at(self, share: np.ndarray) -> np.ndarray:
        """Colours of places on the legend, 0 = low, 1 = high."""
        at = np.asarray(share) * (len(self.stops) - 1)
        left = np.minimum(at.astype(int), len(self.stops) - 2)
        mix = (at - left)[..., None]
        return self.stops[left] * (1 - mix) + self.stops[left + 1] * mix

    def cover(self, values: np.ndarray) -> np.ndarray:
        """How much of the ground a value hides, 0 to 1; nothing where it is missing."""
        values = np.asarray(values, float)
        if not self.fades:
            if not self.grows:
                return np.where(np.isfinite(values), 0.9, 0.0)
            return 0.9 * np.clip((np.nan_to_num(values) / self.high - 0.02) / 0.2, 0.0, 1.0)
        values = np.nan_to_num(values)
        film = self.low / 5
        thin = 0.05 + 0.55 * (values - film) / (self.low - film)
        return np.where(values >= self.low, 0.72 + 0.22 * self.share(values), np.where(values < film, 0.0, thin))

    def ticks(self, shift: float = 0.0) -> list[float]:
        """At most five values of the legend, ends included, that are round once ``shift`` is added to them."""
        if self.log:
            decades = range(int(np.floor(np.log10(self.low))), int(np.ceil(np.log10(self.high))) + 1)
            round_ones = [one * 10.0**power for power in decades for one in (1, 2, 5)]
            inside = [one for one in round_ones if self.low * 0.999 <= one <= self.high * 1.001]
            while len(inside) > 5:  # leave out the one whose neighbours then lie closest
                widths = [after / before for before, after in zip(inside[:-2], inside[2:], strict=True)]
                del inside[1 + int(np.argmin(np.round(widths, 6)))]
            return inside
        rough = (self.high - self.low) / 4
        power = 10.0 ** np.floor(np.log10(rough))
        step = next(one * power for one in (1, 2, 2.5, 5, 10) if one * power >= rough * 0.999)
        first = np.ceil((self.low + shift) / step - 1e-9) * step
        return [float(one) - shift for one in np.arange(first, self.high + shift + step * 1e-6, step)]


@dataclass(frozen=True)
class Field:
    """One field of a result at one time, ready to be laid over the ground.

    Attributes
    ----------
    quantity : Quantity
    values : (y, x) float64
        Row 0 is the southernmost; NaN where there is nothing. [units of the quantity]
    west, south, cell_size : float
        Outer corner of the first cell in Lambert 72, and the side of a cell. [m]
    scale : Scale
    time : float or None
        Model time of the values; None for a summary of the whole run. [s]
    """

    quantity: Quantity
    values: np.ndarray
    west: float
    south: float
    cell_size: float
    scale: Scale
    time: float | None = None

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the outer cell edges. [m]"""
        rows, columns = self.values.shape
        return self.west, self.south, self.west + columns * self.cell_size, self.south + rows * self.cell_size

    @property
    def hatched(self) -> bool:
        """Depth of water: hatched where it is deeper than `HATCH_DEPTH`."""
        return self.scale.fades and self.quantity.units == "m"

    def sample(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Bilinear values at points of the ground, NaN where the nearest cell has none and outside the grid.

        Parameters
        ----------
        x, y : array_like
            Lambert 72. [m]
        """
        rows, columns = self.values.shape
        u, v = (x - self.west) / self.cell_size, (y - self.south) / self.cell_size
        inside = (u >= 0) & (u < columns) & (v >= 0) & (v < rows)
        i, j = np.clip(u.astype(int), 0, columns - 1), np.clip(v.astype(int), 0, rows - 1)
        return np.where(inside & np.isfinite(self.values[j, i]), self._smooth.sample(x, y), np.nan)

    @cached_property
    def _smooth(self) -> Terrain:
        """The grid with missing cells set to the nearest value, so that mixing beside a gap stays clean."""
        missing, values = ~np.isfinite(self.values), self.values
        if missing.all():
            values = np.zeros_like(values)
        elif missing.any():
            row, column = distance_transform_edt(missing, return_distances=False, return_indices=True)
            values = values[row, column]
        return Terrain(values, self.west, self.south, self.cell_size)

    def units(self) -> tuple[str, float, float]:
        """Units of the legend, and the factor and the shift that lead to them."""
        name, units = self.quantity.name, self.quantity.units
        if units == "K":
            return "°C", 1.0, -273.15
        return _SHOWN_IN.get((name, units), (_UNITS.get(units, units), 1.0, 0.0))


def choose(dataset: xr.Dataset, name: str | None = None, time: float | None = None) -> Field:
    """Take one field of a result at one time.

    Parameters
    ----------
    dataset : Dataset
        Variables over (y, x) or (time, y, x), with ``x`` and ``y`` at cell centres in Lambert 72 [m], ``time`` [s].
    name : str, optional
        Default: the deepest water of the run, or what comes nearest to it.
    time : float, optional
        The output nearest to it is taken; default: the last one. [s]

    Raises
    ------
    PictureError
        There is no such field or time, or the grid is not one of square cells.
    """
    drawable = [
        str(one)
        for one in dataset.data_vars
        if set(dataset[one].dims) in ({"y", "x"}, {"time", "y", "x"}) and dataset[one].dtype.kind in "fiu"
    ]
    if not drawable:
        raise PictureError(
            f"the result holds no field over the ground (dims y, x); it holds {sorted(map(str, dataset))}"
        )
    if name is None:
        legend = [one for one in drawable if one in QUANTITIES and QUANTITIES[one].palette]
        name = next((one for one in (*FIRST, *legend, *drawable) if one in drawable), drawable[0])
    if name not in drawable:
        raise PictureError(f"--field {name}: the result has no such field; it has {', '.join(sorted(drawable))}")
    values = dataset[name]
    when = None
    if "time" in values.dims:
        values, when = _at(values, name, time)
    elif time is not None:
        raise PictureError(f"--time {time:g}: {name} is one picture of the whole run; leave --time out or name another")
    values = values.transpose("y", "x").sortby(["y", "x"])
    x, y = values["x"].to_numpy().astype(float), values["y"].to_numpy().astype(float)
    if min(x.size, y.size) < 2:
        raise PictureError(f"{name}: a grid of {y.size} by {x.size} cells cannot be drawn; at least 2 by 2 are needed")
    steps = np.concatenate([np.diff(x), np.diff(y)])
    cell = float(steps.mean())
    if np.abs(steps - cell).max() > 0.01 * cell:
        raise PictureError(
            f"{name}: cells of {steps.min():g} to {steps.max():g} m; a picture needs one grid of square cells"
        )
    quantity = QUANTITIES.get(name) or _unknown(name, values.attrs)
    data = values.to_numpy().astype(float)
    west, south = float(x[0]) - cell / 2, float(y[0]) - cell / 2
    return Field(quantity, data, west, south, cell, _scale(quantity, data), when)


def _at(values: xr.DataArray, name: str, time: float | None) -> tuple[xr.DataArray, float]:
    times = values["time"].to_numpy()
    if times.dtype.kind in "mM":
        times = (times - times[0]) / np.timedelta64(1, "s")
    times = times.astype(float)
    if times.size == 0:
        raise PictureError(f"{name}: the run was stopped before its first output; nothing to draw")
    if time is None:
        return values.isel(time=-1), float(times[-1])
    if not times[0] <= time <= times[-1]:
        raise PictureError(f"--time {time:g}: the result covers {times[0]:g} to {times[-1]:g} s")
    nearest = int(np.abs(times - time).argmin())
    return values.isel(time=nearest), float(times[nearest])


def _unknown(name: str, attrs: Mapping[Any, Any]) -> Quantity:
    """Words for a variable that is no quantity of the twin: its own."""
    label = str(attrs.get("long_name", name.replace("_", " ")))
    return Quantity(name, str(attrs.get("units", "1")), {"fr": label, "nl": label, "en": label})


def _scale(quantity: Quantity, data: np.ndarray) -> Scale:
    """The quantity's own legend; for one without a legend viridis over what is there."""
    stops = palettes()[quantity.palette or "viridis"]
    if quantity.range is not None:
        grows = quantity.range[0] == 0 and quantity.units != "s"
        return Scale(
            stops, *quantity.range, log=quantity.scale == "log", fades=quantity.palette == "water", grows=grows
        )
    known = data[np.isfinite(data)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    return Scale(stops, low, high if high > low else low + 1.0)


def number(value: float, language: Language, decimals: int | None = None) -> str:
    """A number as Belgium (fr, nl) or English writes it, with no more decimals than it needs."""
    text = (
        f"{value:,.{decimals}f}" if decimals is not None else f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    )
    if language == "en":
        return text
    thousands = "\N{NO-BREAK SPACE}" if language == "fr" else "."
    return text.translate({ord(","): thousands, ord("."): ","})
