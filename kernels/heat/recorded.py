"""A run kept in memory, so that an edit computes only the window that it changes, and equals a whole run there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from kernels.contract import LayerError, check_layers
from kernels.heat.facades import Facades
from kernels.heat.geometry import AROUND, Geometry, arrange, scene_of, slices
from kernels.heat.inputs import Inputs
from kernels.heat.kernel import Heat
from kernels.heat.lines import Window, whole
from kernels.heat.masks import Masks
from kernels.heat.patches import PATCHES
from kernels.heat.radiation import WallLight
from kernels.heat.setting_up import begin
from kernels.heat.shadow import LOWEST_SUN
from kernels.heat.sky_view import open_sky
from kernels.heat.stepping import feel_like, step, warm_up
from kernels.heat.wind_profile import canopy_factor
from kernels.quantities import attrs

FIELDS = ("mean_radiant_temperature", "utci")
_WALLS = ("shaded", "lit", "share", "exitance", "arriving", "longwave")
_SAME_SKY = 1e-6
"""Sky view factors that differ by less are the same: 0.0001 K of radiant temperature. [1]"""


@dataclass(frozen=True, eq=False)
class Changed:
    """What an edit changes, on its window.

    Attributes
    ----------
    rows, columns : slice
        Of the grid; empty where nothing changes.
    fields : Dataset
        ``mean_radiant_temperature`` and ``utci`` along time, y and x of the window.
    """

    rows: slice
    columns: slice
    fields: xr.Dataset
    inputs: Inputs
    geometry: Geometry | None = None
    inner: np.ndarray | None = None
    walls: tuple[WallLight, ...] = ()


class Recorded:
    """A run of the heat kernel that variants are compared with.

    Air temperature is that of the recorded run, and so is the wind but for what crowns do to it; radiation and surfaces
    are computed anew on the window, so that the mean radiant temperature is that of a whole run. What would change
    beyond the blocks of walls around the window is left out: less than 0.0001 K.

    Parameters
    ----------
    kernel : Heat
    layers, forcing : Dataset
        As for `kernels.contract.run`.
    times : sequence of float
        Entries of the forcing at which fields are kept. [s]

    Attributes
    ----------
    fields : Dataset
        ``mean_radiant_temperature`` and ``utci`` along time, y and x.
    """

    def __init__(self, kernel: Heat, layers: xr.Dataset, forcing: xr.Dataset, times: Sequence[float]) -> None:
        check_layers(kernel, layers, forcing)
        self._kernel = kernel
        self._state = state = kernel.prepare(layers, forcing)
        # variants are written into them, and layers may change behind them
        state.inputs = Inputs.of(layers).owned()
        if self._soft:
            state.geometry.exact = open_sky(state.geometry.scene, state.crew, whole(state.shape))
        state.geometry.albedo, state.geometry.emissivity = (
            one.copy() for one in (state.geometry.albedo, state.geometry.emissivity)
        )
        entries = np.searchsorted(state.day.times, np.asarray(times, float) - 1e-6)
        if (entries >= state.day.times.size).any() or np.abs(state.day.times[entries] - times).max(initial=0) > 1e-3:
            raise LayerError("heat: a recorded run keeps its fields at entries of the forcing; choose times among them")
        self._kept_at = dict(zip(entries.tolist(), range(len(times)), strict=True))
        self._last = int(entries.max())
        self._walls: list[WallLight] = [_copy(state.radiation.walls)]
        self._fields = {name: np.empty((len(times), *state.shape), np.float32) for name in FIELDS}
        self._weather: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        for entry in range(1, self._last + 1):
            step(state, float(state.day.times[entry]), entry, kernel.body, ("utci",), soft=self._soft)
            self._walls.append(_copy(state.radiation.walls))
            if entry in self._kept_at:
                for name, kept in self._fields.items():
                    kept[self._kept_at[entry]] = state.fields[name]
                self._weather[entry] = state.fields["air_temperature"], state.fields["pedestrian_wind_speed"]
        self._times = np.asarray(times, float)

    @property
    def _soft(self) -> bool:
        return self._kernel.sky_view == "exact"

    @property
    def fields(self) -> xr.Dataset:
        """Fields of the run that variants are compared with."""
        return self._dataset(self._fields, whole(self._state.shape))

    def changed(self, layers: xr.Dataset) -> Changed:
        """Compute what other layers change.

        Parameters
        ----------
        layers : Dataset
            Of the same grid.
        """
        state = self._state
        if layers["ground_elevation"].shape != state.shape:
            raise LayerError("heat: a variant needs the grid of the recorded run")
        inputs = Inputs.of(layers).owned()
        differs = inputs.differs(state.inputs)
        if differs is None:
            none = {name: kept[:, :0, :0] for name, kept in self._fields.items()}
            return Changed(slice(0, 0), slice(0, 0), self._dataset(none, (0, 0, 0, 0)), inputs)
        geometry, inner, built = self._look(inputs, differs)
        region = geometry.window
        fields, walls = self._follow(inputs, geometry, inner)
        margin = 0 if region == whole(state.shape) else round(AROUND / inputs.cell_size)
        inside = _within(region, margin, state.shape)
        cut = np.s_[:, inside[0] - region[0] : inside[1] - region[0], inside[2] - region[2] : inside[3] - region[2]]
        found = self._dataset({name: values[cut] for name, values in fields.items()}, inside)
        if built:
            found.attrs["note"] = "wind and air temperature are those of the recorded run"
        return Changed(slice(*inside[:2]), slice(*inside[2:]), found, inputs, geometry, inner, walls)

    def accept(self, changed: Changed) -> None:
        """Make a variant the run that later ones are compared with."""
        state = self._state
        for name, kept in self._fields.items():
            kept[:, changed.rows, changed.columns] = changed.fields[name].values
        state.inputs = changed.inputs
        if changed.geometry is None or changed.inner is None:
            return
        new, old = changed.geometry, state.geometry
        cells = slices(new.window)
        for name in ("seen", "veiled"):
            getattr(old.masks, name)[:, cells[0], cells[1]] = getattr(new.masks, name)
        for name in ("scale", "hidden", "albedo", "emissivity", "open_ground"):
            getattr(old, name)[cells] = getattr(new, name)
        if old.exact is not None and new.exact is not None:
            old.exact[cells] = new.exact
        for name in ("shares", "through"):
            getattr(old, name)[:, cells[0], cells[1]] = getattr(new, name)
        state.geometry = replace(
            old, scene=new.scene, facades=new.facades, wall_area=new.wall_area, transmissivity=new.transmissivity
        )
        for entry, walls in enumerate(changed.walls):
            for name in _WALLS:
                getattr(self._walls[entry], name)[changed.inner] = getattr(walls, name)[changed.inner]

    def _look(self, inputs: Inputs, differs: Window) -> tuple[Geometry, np.ndarray, bool]:
        """The geometry of the region that an edit reaches, and which blocks lie within it."""
        state, kernel = self._state, self._kernel
        old = state.geometry
        scene = scene_of(inputs, parity=not self._soft)
        cut = slices(differs)
        solid = (scene.height[0][cut] != old.scene.height[0][cut]).any()
        solid = bool(solid or (inputs.building[cut] != state.inputs.building[cut]).any())
        crowns = any(
            (getattr(scene, name)[0][cut] != getattr(old.scene, name)[0][cut]).any()
            for name in ("crown_top", "crown_bottom", "transmissivity")
        )
        window = self._reach(differs, scene.highest_in(cut), old.scene.highest_in(cut), scene.lowest, solid or crowns)
        view = None
        if self._soft and solid:
            view = open_sky(scene, state.crew, whole(scene.shape))
            apart = np.abs(view - old.building_view) > _SAME_SKY
            rows, columns = np.flatnonzero(apart.any(axis=1)), np.flatnonzero(apart.any(axis=0))
            if rows.size:
                window = (
                    min(window[0], int(rows[0])), max(window[1], int(rows[-1]) + 1),
                    min(window[2], int(columns[0])), max(window[3], int(columns[-1]) + 1),
                )  # fmt: skip
        region, inner = _region(window, old, scene.shape)
        cells = slices(region)
        masks = Masks(old.masks.seen[:, cells[0], cells[1]].copy(), old.masks.veiled[:, cells[0], cells[1]].copy())
        if solid or crowns:
            masks.look_again(scene, PATCHES, state.crew, window, (region[0], region[2]))
        exact = None
        if self._soft:
            exact = (old.building_view if view is None else view)[cells].copy()
        area = None if solid else old.wall_area
        geometry = arrange(inputs, scene, masks, exact, region, state.crew, kernel.body, area)
        mine, its = geometry.facades, old.facades

        def joined(new: np.ndarray, before: np.ndarray) -> np.ndarray:
            return np.where(inner.reshape(-1, *([1] * (before.ndim - 1))), new, before)

        again = {kind: joined(mine.again[kind], its.again[kind]) for kind in its.again}
        geometry.facades = Facades(geometry.wall_area, joined(mine.view, its.view), again, its.reflectance)
        return geometry, inner, solid

    def _reach(self, differs: Window, high: float, before: float, lowest: float, casts: bool) -> Window:
        """The cells whose sky or sun an edit can change."""
        state = self._state
        rows, columns = state.shape
        if not casts:
            return differs
        cell = state.inputs.cell_size
        tall = max(high, before) - lowest
        around = math.ceil(tall / math.tan(float(PATCHES.elevation.min())) / cell) + 2
        south, north, west, east = around, around, around, around
        for moment in state.day.moments[: self._last + 1]:
            if moment.elevation < LOWEST_SUN or moment.direct <= 0:
                continue
            length = tall / math.tan(moment.elevation) / cell + 2
            up, right = -length * math.cos(moment.azimuth), -length * math.sin(moment.azimuth)
            north, south = max(north, math.ceil(up)), max(south, math.ceil(-up))
            east, west = max(east, math.ceil(right)), max(west, math.ceil(-right))
        return (
            max(differs[0] - south, 0), min(differs[1] + north, rows),
            max(differs[2] - west, 0), min(differs[3] + east, columns),
        )  # fmt: skip

    def _follow(
        self, inputs: Inputs, geometry: Geometry, inner: np.ndarray
    ) -> tuple[dict[str, np.ndarray], tuple[WallLight, ...]]:
        """Run the region through the day."""
        base, kernel = self._state, self._kernel
        there = ~inner

        def known(entry: int) -> tuple[np.ndarray, WallLight]:
            return there, self._walls[entry]

        cells = slices(geometry.window)
        state = begin(kernel, base.grid, inputs, geometry, base.day, base.crew, None, None, known)
        walls = [_copy(state.radiation.walls)]
        factor = _crowns(inputs, cells) / _crowns(base.inputs, cells)
        fields = {name: np.empty((self._times.size, *state.shape), np.float32) for name in FIELDS}
        for entry in range(1, self._last + 1):
            until = float(base.day.times[entry])
            _, parts, radiant = warm_up(state, until - state.time, entry, kernel.body, soft=self._soft)
            state.time, state.weather, state.entry = until, base.day.weather[entry], entry
            walls.append(_copy(state.radiation.walls))
            if entry in self._kept_at:
                air, wind = (one[cells] for one in self._weather[entry])
                feel_like(state, entry, radiant, parts, air, wind * factor, ("utci",), kernel.body)
                for name, kept in fields.items():
                    kept[self._kept_at[entry]] = state.fields[name]
        return fields, tuple(walls)

    def _dataset(self, fields: dict[str, Any], window: Window) -> xr.Dataset:
        grid = self._state.grid
        coords = {
            "time": self._times,
            "y": grid["y"].values[window[0] : window[1]],
            "x": grid["x"].values[window[2] : window[3]],
        }
        return xr.Dataset(
            {name: (("time", "y", "x"), values, attrs(name)) for name, values in fields.items()}, coords=coords
        )


def _copy(walls: WallLight) -> WallLight:
    return WallLight(*(getattr(walls, name).copy() for name in _WALLS))


def _crowns(inputs: Inputs, cells: tuple[slice, slice]) -> np.ndarray:
    if inputs.crown_top is None or inputs.crown_bottom is None:
        return np.ones(inputs.ground[cells].shape, np.float32)
    return canopy_factor(inputs.crown_top[cells], inputs.crown_bottom[cells])


def _region(window: Window, geometry: Geometry, shape: tuple[int, int]) -> tuple[Window, np.ndarray]:
    """The cells between the blocks that a window touches and their neighbours, and which blocks lie within them."""
    size, count = geometry.blocks.size, geometry.blocks.shape
    found, inside = [], []
    for first, last, blocks, cells in ((*window[:2], count[0], shape[0]), (*window[2:], count[1], shape[1])):
        low = max(math.floor((first + 0.5) / size - 0.5), 0)
        high = min(math.floor((last - 0.5) / size - 0.5) + 1, blocks - 1)
        start, stop = max(round((low - 0.5) * size), 0), min(round((high + 1.5) * size), cells)
        # the outer blocks of the grid reach to its edge
        start, stop = (0 if low == 0 else start), (cells if high >= blocks - 1 else stop)
        found += [start, stop]
        number = np.arange(blocks)
        inside.append((number >= low) & (number <= high))
    return (found[0], found[1], found[2], found[3]), np.logical_and.outer(inside[0], inside[1]).ravel()


def _within(region: Window, margin: int, shape: tuple[int, int]) -> Window:
    """A region without its rim, where that is not the rim of the grid."""
    return (
        region[0] + margin if region[0] > 0 else 0,
        region[1] - margin if region[1] < shape[0] else shape[0],
        region[2] + margin if region[2] > 0 else 0,
        region[3] - margin if region[3] < shape[1] else shape[1],
    )
