"""The flood kernel, Dataset side: reads layers and forcing, runs the march, gives fields and ledgers."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import xarray as xr

from kernels.contract import Closure, LayerError, Need, check_layers
from kernels.flood.crew import Crew
from kernels.flood.forcing import OPEN_GROUND, OUTSIDE, SIDES, Inflow, Levels, Rain, RoofGutters
from kernels.flood.forcing import refuse_negative as _refuse_negative
from kernels.flood.forcing import times_of as _times_of
from kernels.flood.shallow_water import DRY, GRAVITY
from kernels.flood.state import FloodState, Walls, pad, padded_bed, smooth_bits
from kernels.flood.stepping import CFL, Knobs, first_speed, march
from kernels.quantities import attrs

_LEDGER = ("volume_rain", "volume_inflow", "volume_boundary_in", "volume_boundary_out", "volume_initial")
_PEAKS = ("max_water_depth", "max_water_speed", "max_unit_discharge", "max_hazard_rating", "arrival_time")
_WATER = ("depth", "compensation", "discharge_x", "discharge_y")
_KINDS = {"f32": np.float32, "f64": np.float64}


@dataclass(frozen=True)
class Flood:
    """Two-dimensional shallow water by finite volumes: HLLC, hydrostatic reconstruction, Manning friction.

    Attributes
    ----------
    scheme : {"fv2", "fv1"}
        ``fv2``: MUSCL with minmod on level and velocities and two-stage Runge-Kutta; ``fv1``: first order.
    precision : {"f32", "f64"}
        Of the grids; ledgers are always float64. float32 keeps depth compensated, above a datum of the grid.
    boundary : {"open", "closed"} or mapping of side to one of them
        ``open`` lets water leave with its own depth and speed and lets none in. Sides with a ``boundary_level``
        follow that level instead.
    threads : int or None
        None takes every processor; no result depends on it.
    manning : float
        Roughness where the layers have none; asphalt and concrete lie around 0.015, grass around 0.03. [s m⁻¹ᐟ³]
        Chow (1959), Open-Channel Hydraulics, table 5-6.
    max_step : float
        Longest step, whatever the waves allow. [s]
    film : float
        Depth up to which a cell is of first order. [m]
    arrival_depth : float
        Depth from which on water has arrived. [m]
    exchange_every : float
        Least time between two exchanges with soil, layer stacks, roofs and sewers; each is done for the whole time
        since the one before. [s]

    Notes
    -----
    Layers: ``water_depth`` and the velocities are the state at time 0, zero without. ``building_index`` is -1 on open
    ground, -2 on cells outside (holes without rain), else a building, whose rain runs to the ground around it.
    ``wall_crest_x`` has one more column than the grid (face i lies west of cell i), ``wall_crest_y`` one more row;
    NaN is no wall. Forcing: ``rainfall_rate`` along time, or along time, y and x, holds until its next time, the last
    for ever; ``river_discharge`` is linear between its times and zero outside them, a single time holds for ever;
    ``boundary_level`` is linear and held.
    """

    scheme: str = "fv2"
    precision: str = "f32"
    boundary: str | Mapping[str, str] = "open"
    threads: int | None = None
    manning: float = 0.03
    max_step: float = 10.0
    film: float = 1e-4
    arrival_depth: float = 0.05
    exchange_every: float = 1.0

    name: ClassVar[str] = "flood"
    layers: ClassVar[tuple[Need, ...]] = (
        Need("ground_elevation", ("y", "x")),
        Need("manning_roughness", ("y", "x"), optional=True),
        Need("building_index", ("y", "x"), optional=True),
        Need("wall_crest_x", ("y", "x_face"), optional=True, finite=False),
        Need("wall_crest_y", ("y_face", "x"), optional=True, finite=False),
        Need("water_depth", ("y", "x"), optional=True),
        Need("water_velocity_x", ("y", "x"), optional=True),
        Need("water_velocity_y", ("y", "x"), optional=True),
    )
    forcing: ClassVar[tuple[Need, ...]] = (
        Need("rainfall_rate", ("time",), optional=True),
        Need("river_discharge", ("time", "inflow"), optional=True),
        Need("boundary_level", ("time", "side"), optional=True),
    )
    gives: ClassVar[tuple[str, ...]] = ("water_depth", "water_velocity_x", "water_velocity_y", *_PEAKS)

    def __post_init__(self) -> None:
        for knob, found, known in (("scheme", self.scheme, CFL), ("precision", self.precision, _KINDS)):
            if found not in known:
                raise LayerError(f"flood: {knob} must be one of {', '.join(known)}, got {found!r}")
        for knob in ("manning", "max_step", "film", "arrival_depth", "exchange_every"):
            value = getattr(self, knob)
            if not (np.isfinite(value) and value >= 0) or (knob == "max_step" and value == 0):
                raise LayerError(f"flood: {knob} must be a number of 0 or more, got {value!r}")
        if self.threads is not None and operator.index(self.threads) < 1:
            raise LayerError(f"flood: threads must be 1 or more, or None for all, got {self.threads!r}")
        self._sides()

    def prepare(self, layers: xr.Dataset, forcing: xr.Dataset) -> FloodState:
        """Build the state at time 0.

        Raises
        ------
        LayerError
            Names the layer, the cell or the time, what was expected and the remedy.
        """
        rain = forcing.get("rainfall_rate")
        # rain may come as a map as well: the contract's check sees it as a series then
        check_layers(self, layers, forcing if rain is None or rain.ndim != 3 else forcing.drop_vars("rainfall_rate"))
        kind = np.dtype(_KINDS[self.precision])
        elevation = layers["ground_elevation"]
        size = _cell_size(elevation)
        shape = elevation.shape
        building = layers["building_index"].values if "building_index" in layers else np.full(shape, OPEN_GROUND)
        hole = building != OPEN_GROUND
        if hole.all():
            raise LayerError("flood: every cell is a building or outside; there is no ground for water to be on")
        heights = elevation.values.astype(float)
        ground = heights[~hole]
        datum = 0.5 * (float(ground.min()) + float(ground.max()))
        levels = _levels(forcing)
        boundary = self._sides() | dict.fromkeys(levels.sides if levels else (), "level")
        z = padded_bed(heights - datum, hole, boundary, kind)
        crests = [_crests(layers, name, shape, axis) for axis, name in ((1, "wall_crest_x"), (0, "wall_crest_y"))]
        none_x, none_y = np.full((shape[0], shape[1] + 1), np.nan), np.full((shape[0] + 1, shape[1]), np.nan)
        walls_x = Walls.from_faces(none_x if crests[0] is None else crests[0], 1, shape[0] + 2, 0, datum, kind.type)
        walls_y = Walls.from_faces(none_y if crests[1] is None else crests[1], 0, shape[0] + 1, 1, datum, kind.type)
        roughness = np.full(shape, self.manning)
        if "manning_roughness" in layers:
            _refuse_negative(layers["manning_roughness"])
            roughness = layers["manning_roughness"].values.astype(float)
        depth = np.zeros(shape)
        if "water_depth" in layers:
            _refuse_negative(layers["water_depth"])
            depth = np.where(hole, 0.0, layers["water_depth"].values.astype(float))
        gn2 = pad(np.where(hole, 0.0, GRAVITY * roughness**2), 0.0, kind)
        h = pad(depth, 0.0, kind)
        water = (h, *(np.zeros_like(h) for _ in range(3)))
        for name, discharge in (("water_velocity_x", water[2]), ("water_velocity_y", water[3])):
            if name in layers:
                discharge[1:-1, 1:-1] = depth * layers[name].values
        peaks = (h.copy(), *(np.zeros_like(h) for _ in range(3)), np.full_like(h, np.inf))
        peaks[4][h >= self.arrival_depth] = 0.0
        state = FloodState(
            grid=elevation.coords.to_dataset()[["x", "y"]],
            cell_size=size,
            datum=datum,
            hole=hole,
            ground=(z, gn2, np.zeros_like(h)),
            smooth=smooth_bits(z, *crests),
            water=water,
            spare=tuple(np.zeros_like(h) for _ in range(4)),
            peaks=peaks,
            walls_x=walls_x,
            walls_y=walls_y,
            boundary=boundary,
            staggered=False,
            rain=_rain(forcing, elevation, building),
            inflow=_inflow(forcing, elevation, hole, size),
            levels=levels,
            crew=Crew(self.threads),
            ledger=dict.fromkeys(_LEDGER, 0.0),
        )
        # the compensation takes what the depth's own precision could not hold
        state.water[1][1:-1, 1:-1] = depth - h[1:-1, 1:-1].astype(float)
        state.ledger["volume_initial"] = state.stored()
        state.speed = first_speed(state)
        state.tiles.wake_all()
        sources = [state.rain.highest() if state.rain else 0.0]
        sources += [float(state.inflow.discharge.max(initial=0.0)) / state.area] if state.inflow else []
        state.source_rate = max(sources)
        return state

    def advance(self, state: FloodState, until: float) -> None:
        """Advance in place and land exactly on ``until`` [s].

        Raises
        ------
        KernelError
            Where no stable step exists or the water is no longer finite; names the cell.
        """
        if not np.isfinite(until) or until < state.time:
            raise LayerError(f"flood: cannot advance to {until!r} s from {state.time:g} s; time only goes on")
        march(state, until, Knobs(self.scheme, self.max_step, self.film, self.arrival_depth, self.exchange_every))

    def observe(self, state: FloodState) -> xr.Dataset:
        """Depth [m] and velocity [m s⁻¹] now; NaN in holes."""
        h, _, qx, qy = (part[1:-1, 1:-1] for part in state.water)
        wet = np.maximum(h, state.kind.type(DRY))
        fields = {"water_depth": h.copy(), "water_velocity_x": qx / wet, "water_velocity_y": qy / wet}
        return _fields(state, fields).assign_coords(time=state.time)

    def summarise(self, state: FloodState) -> xr.Dataset:
        """Maxima so far and the time the water arrived (NaN where it has not)."""
        fields = {name: peak[1:-1, 1:-1].copy() for name, peak in zip(_PEAKS, state.peaks, strict=True)}
        arrival = fields["arrival_time"]
        arrival[np.isinf(arrival)] = np.nan
        return _fields(state, fields)

    def closure(self, state: FloodState) -> Closure:
        """Volumes so far [m³]; the error is relative to all the water there was."""
        account = dict(state.ledger, volume_stored=state.stored())
        for part in state.parts:
            account |= part.accounts()
        came = sum(account[name] for name in ("volume_rain", "volume_inflow", "volume_boundary_in"))
        came += sum(part.came() for part in state.parts)
        gone = account["volume_boundary_out"] + sum(part.gone() for part in state.parts)
        held = account["volume_stored"] + sum(part.held() for part in state.parts)
        had = account["volume_initial"] + came
        missing = held - had + gone
        return Closure("mass", abs(missing) / had if had > 0 else abs(missing), account)

    def checkpoint(self, state: FloodState) -> dict[str, np.ndarray]:
        """Everything needed to go on, as plain arrays."""
        parts = zip(_WATER + _PEAKS, state.water + state.peaks, strict=True)
        saved = {name: part[1:-1, 1:-1].copy() for name, part in parts}
        ledger = [state.ledger[name] for name in _LEDGER]
        clock = [state.time, state.step, state.speed, float(state.steps), state.compute_s]
        clock += [state.rain_owed, state.exchanged]
        for part in state.parts:
            saved |= {f"{part.name}.{name}": values for name, values in part.checkpoint().items()}
        return saved | {"ledger": np.array(ledger), "clock": np.array(clock)}

    def restore(self, layers: xr.Dataset, forcing: xr.Dataset, saved: Mapping[str, np.ndarray]) -> FloodState:
        """The state that `checkpoint` saw.

        Raises
        ------
        LayerError
            If the checkpoint is of another grid or precision.
        """
        state = self.prepare(layers, forcing)
        for name, part in zip(_WATER + _PEAKS, state.water + state.peaks, strict=True):
            found = np.asarray(saved[name])
            if found.shape != state.hole.shape or found.dtype != state.kind:
                raise LayerError(
                    f"flood: the checkpoint's {name!r} is {found.dtype} {found.shape}, "
                    f"this run needs {state.kind} {state.hole.shape}; restart with its own grid and precision"
                )
            part[1:-1, 1:-1] = found
        state.ledger = dict(zip(_LEDGER, np.asarray(saved["ledger"]).tolist(), strict=True))
        state.time, state.step, state.speed, steps, state.compute_s, *rest = saved["clock"].tolist()
        state.rain_owed, state.exchanged = rest
        state.steps = int(steps)
        for part in state.parts:
            mine = f"{part.name}."
            part.restore({name.removeprefix(mine): one for name, one in saved.items() if name.startswith(mine)})
        return state

    def _sides(self) -> dict[str, str]:
        """The word of each side."""
        words = dict.fromkeys(SIDES, self.boundary) if isinstance(self.boundary, str) else dict(self.boundary)
        words = dict.fromkeys(SIDES, "open") | words
        for side, word in words.items():
            if side not in SIDES or word not in ("open", "closed"):
                raise LayerError(f"flood: boundary {side!r}: {word!r}; sides are {SIDES}, words 'open' and 'closed'")
        return words


def _fields(state: FloodState, fields: dict[str, np.ndarray]) -> xr.Dataset:
    for values in fields.values():
        values[state.hole] = np.nan
    return xr.Dataset(
        {name: (("y", "x"), values, attrs(name)) for name, values in fields.items()}, coords=state.grid.coords
    )


def _cell_size(elevation: xr.DataArray) -> float:
    """Side of the square cells, from the coordinates. [m]"""
    steps = []
    for dim in ("x", "y"):
        if dim not in elevation.coords:
            raise LayerError(f"flood: 'ground_elevation' has no coordinate {dim!r} [m]; it gives the cell size")
        centres = np.asarray(elevation[dim].values, float)
        if centres.size > 1:
            gaps = np.diff(centres)
            if not (gaps > 0).all() or np.ptp(gaps) > 1e-4 * gaps[0]:
                raise LayerError(f"flood: {dim!r} must rise in even steps (row 0 is the south); try sortby({dim!r})")
            steps.append(float((centres[-1] - centres[0]) / (centres.size - 1)))
    if not steps:
        raise LayerError("flood: a grid of one cell has no cell size; give it at least two")
    if max(steps) - min(steps) > 1e-4 * min(steps):
        raise LayerError(f"flood: cells must be square, got {steps[0]:g} m by {steps[1]:g} m; resample the layers")
    return steps[0]


def _crests(layers: xr.Dataset, name: str, shape: tuple[int, ...], axis: int) -> np.ndarray | None:
    """Crests of the walls on the faces across one axis, None where there is none at all."""
    if name not in layers:
        return None
    crest = layers[name].values.astype(float)
    wanted = tuple(count + (1 if a == axis else 0) for a, count in enumerate(shape))
    if crest.shape != wanted:
        raise LayerError(
            f"flood: {name!r} must have shape {wanted}, one more than the grid across its faces, got {crest.shape}; "
            "a wall outside the grid has no face to stand on"
        )
    if np.isinf(crest).any():
        row, column = (int(i) for i in np.argwhere(np.isinf(crest))[0])
        raise LayerError(f"flood: {name!r} is infinite at face {row}, {column}; a wall needs a height, NaN is no wall")
    return crest


def _rain(forcing: xr.Dataset, elevation: xr.DataArray, building: np.ndarray) -> Rain | None:
    if "rainfall_rate" not in forcing:
        return None
    rate = forcing["rainfall_rate"]
    if rate.dims not in (("time",), ("time", "y", "x")) or rate.shape[1:] not in ((), elevation.shape):
        raise LayerError(
            f"flood: 'rainfall_rate' goes along ('time',) or ('time', 'y', 'x') of the grid {elevation.shape}, got "
            f"{dict(rate.sizes)}; interpolate it to the cells"
        )
    times = _times_of(rate)
    if not np.isfinite(rate.values).all():
        raise LayerError(
            f"flood: 'rainfall_rate' is not finite at entry {np.argwhere(~np.isfinite(rate.values))[0].tolist()}; "
            "put 0 where it does not rain"
        )
    _refuse_negative(rate)
    return Rain(times, rate.values.astype(float), building != OUTSIDE, RoofGutters(building))


def _inflow(forcing: xr.Dataset, elevation: xr.DataArray, hole: np.ndarray, size: float) -> Inflow | None:
    if "river_discharge" not in forcing:
        return None
    discharge = forcing["river_discharge"]
    times = _times_of(discharge)
    _refuse_negative(discharge)
    rows, columns = [], []
    for number in range(discharge.sizes["inflow"]):
        if "inflow_x" not in discharge.coords or "inflow_y" not in discharge.coords:
            raise LayerError("flood: 'river_discharge' needs the coordinates 'inflow_x' and 'inflow_y' [m]")
        x, y = (float(discharge[f"inflow_{axis}"].values[number]) for axis in "xy")
        place = [
            int(np.floor((at - float(elevation[axis].values[0])) / size + 0.5)) for axis, at in (("y", y), ("x", x))
        ]
        if not all(0 <= index < count for index, count in zip(place, hole.shape, strict=True)):
            raise LayerError(f"flood: inflow {number} at {x:.3f}, {y:.3f} lies outside the grid; move it inside")
        if hole[tuple(place)]:
            raise LayerError(f"flood: inflow {number} at {x:.3f}, {y:.3f} lies on a building or outside; move it")
        rows.append(place[0])
        columns.append(place[1])
    return Inflow(times, discharge.values.astype(float), np.array(rows, int), np.array(columns, int))


def _levels(forcing: xr.Dataset) -> Levels | None:
    if "boundary_level" not in forcing:
        return None
    level = forcing["boundary_level"]
    if "side" not in level.coords or not set(sides := [str(side) for side in level["side"].values]) <= set(SIDES):
        raise LayerError(f"flood: 'boundary_level' needs a coordinate 'side' with names among {SIDES}")
    return Levels(_times_of(level), level.values.astype(float), tuple(sides))
