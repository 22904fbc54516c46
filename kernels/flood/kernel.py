"""The flood kernel, Dataset side: reads layers and forcing, runs the march, gives fields and ledgers."""

import operator
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from typing import ClassVar

import numpy as np
import xarray as xr

from kernels.contract import Closure, LayerError, Need, check_layers
from kernels.crew import Crew
from kernels.flood.forcing import SIDES, refuse_negative
from kernels.flood.ground_pass import DURATIONS, LAWS, GroundPass
from kernels.flood.inputs import cell_size_of, crests_of, inflow_of, levels_of, on_faces, rain_of
from kernels.flood.parts import NEEDS, gather
from kernels.flood.roof_gutters import OPEN_GROUND
from kernels.flood.sewer import Sewer
from kernels.flood.shallow_water import DRY, GRAVITY
from kernels.flood.state import FloodState, Limiting, Walls, pad, padded_bed
from kernels.flood.stepping import CFL, Knobs, first_speed, march
from kernels.quantities import attrs

_LEDGER = ("volume_rain", "volume_inflow", "volume_boundary_in", "volume_boundary_out", "volume_initial")
_PEAKS = ("max_water_depth", "max_water_speed", "max_unit_discharge", "max_hazard_rating", "arrival_time")
_WATER = ("depth", "compensation", "discharge_x", "discharge_y")
FAST_SHARE = 0.01
"""Part of the wet cells that may be faster than Froude 0.8 before a screening is marked as out of its range. [1]"""
_KINDS = {"f32": np.float32, "f64": np.float64}


@dataclass(frozen=True)
class Flood:
    """Two-dimensional shallow water by finite volumes: HLLC, hydrostatic reconstruction, Manning friction.

    Attributes
    ----------
    scheme : {"fv2", "fv1", "inertia"}
        ``fv2``: MUSCL with minmod on level and velocities and two-stage Runge-Kutta; ``fv1``: first order; ``inertia``:
        local inertia, for screening: it has no convective acceleration and is marked where the flow is fast.
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
    froude_limit : float
        Highest Froude number that local inertia lets pass a face. [1]
    soil : {"none", "constant", "green_ampt", "horton", "scs_cn"}
        Law of the infiltration; its parameters are layers.

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
    exchange_every: float = 2.0
    froude_limit: float = 1.0
    soil: str = "none"

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
        *NEEDS,
    )
    forcing: ClassVar[tuple[Need, ...]] = (
        Need("rainfall_rate", ("time",), optional=True, or_dims=("time", "y", "x")),
        Need("river_discharge", ("time", "inflow"), optional=True),
        Need("boundary_level", ("time", "side"), optional=True),
    )
    gives: ClassVar[tuple[str, ...]] = ("water_depth", "water_velocity_x", "water_velocity_y", *_PEAKS, *DURATIONS)

    def __post_init__(self) -> None:
        for knob, found, known in (("scheme", self.scheme, CFL), ("precision", self.precision, _KINDS)):
            if found not in known:
                raise LayerError(f"flood: {knob} must be one of {', '.join(known)}, got {found!r}")
        for knob in ("manning", "max_step", "film", "arrival_depth", "exchange_every", "froude_limit"):
            value = getattr(self, knob)
            if not (np.isfinite(value) and value >= 0) or (knob == "max_step" and value == 0):
                raise LayerError(f"flood: {knob} must be a number of 0 or more, got {value!r}")
        if self.threads is not None and operator.index(self.threads) < 1:
            raise LayerError(f"flood: threads must be 1 or more, or None for all, got {self.threads!r}")
        if self.soil not in LAWS:
            raise LayerError(f"flood: soil must be one of {', '.join(LAWS)}, got {self.soil!r}")
        self._sides()

    def prepare(self, layers: xr.Dataset, forcing: xr.Dataset) -> FloodState:
        """Build the state at time 0.

        Raises
        ------
        LayerError
            Names the layer, the cell or the time, what was expected and the remedy.
        """
        check_layers(self, layers, forcing)
        kind = np.dtype(_KINDS[self.precision])
        elevation = layers["ground_elevation"]
        size = cell_size_of(elevation)
        shape = elevation.shape
        building = layers["building_index"].values if "building_index" in layers else np.full(shape, OPEN_GROUND)
        hole = building != OPEN_GROUND
        if hole.all():
            raise LayerError("flood: every cell is a building or outside; there is no ground for water to be on")
        heights = elevation.values.astype(float)
        ground = heights[~hole]
        datum = 0.5 * (float(ground.min()) + float(ground.max()))
        levels = levels_of(forcing)
        boundary = self._sides() | dict.fromkeys(levels.sides if levels else (), "level")
        z = padded_bed(heights - datum, hole, boundary, kind)
        crests = [crests_of(layers, name, shape, axis) for axis, name in ((1, "wall_crest_x"), (0, "wall_crest_y"))]
        none_x, none_y = np.full((shape[0], shape[1] + 1), np.nan), np.full((shape[0] + 1, shape[1]), np.nan)
        walls_x = Walls.from_faces(none_x if crests[0] is None else crests[0], 1, shape[0] + 2, 0, datum, kind.type)
        walls_y = Walls.from_faces(none_y if crests[1] is None else crests[1], 0, shape[0] + 1, 1, datum, kind.type)
        roughness = np.full(shape, self.manning)
        if "manning_roughness" in layers:
            refuse_negative(layers["manning_roughness"])
            roughness = layers["manning_roughness"].values.astype(float)
        depth = np.zeros(shape)
        if "water_depth" in layers:
            refuse_negative(layers["water_depth"])
            depth = np.where(hole, 0.0, layers["water_depth"].values.astype(float))
        gn2 = pad(np.where(hole, 0.0, GRAVITY * roughness**2), 0.0, kind)
        h = pad(depth, 0.0, kind)
        water = (h, *(np.zeros_like(h) for _ in range(3)))
        staggered = self.scheme == "inertia"
        for axis, (name, discharge) in enumerate((("water_velocity_x", water[2]), ("water_velocity_y", water[3]))):
            if name in layers:
                flow = np.where(hole, 0.0, depth * layers[name].values)
                discharge[1:-1, 1:-1] = on_faces(flow, hole, 1 - axis) if staggered else flow
        peaks = (h.copy(), *(np.zeros_like(h) for _ in range(3)), np.full_like(h, np.inf))
        peaks[4][h >= self.arrival_depth] = 0.0
        rain = rain_of(forcing, elevation, building)
        parts = gather(layers, self.soil, building, hole, rain, kind, size)
        if rain is not None:
            rain = parts.on_the_ground(rain)
        state = FloodState(
            grid=elevation.coords.to_dataset()[["x", "y"]],
            cell_size=size,
            datum=datum,
            ground=(z, gn2, np.zeros_like(h)),
            water=water,
            spare=tuple(np.zeros_like(h) if number > 1 or not staggered else h for number in range(4)),
            peaks=peaks,
            walls_x=walls_x,
            walls_y=walls_y,
            boundary=boundary,
            staggered=staggered,
            fast=np.zeros(h.shape, np.uint8) if staggered else None,
            rain=rain,
            inflow=inflow_of(forcing, elevation, hole, size),
            levels=levels,
            crew=Crew(self.threads),
            parts=parts.all,
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
        march(
            state,
            until,
            Knobs(*(getattr(self, one.name) for one in fields(Knobs))),
        )

    def observe(self, state: FloodState) -> xr.Dataset:
        """Depth [m] and velocity [m s⁻¹] now, NaN in holes; with a sewer network its nodes and conduits too."""
        h, (qx, qy) = state.water[0][1:-1, 1:-1], state.flow()
        wet = np.maximum(h, state.kind.type(DRY))
        found = {"water_depth": h.copy(), "water_velocity_x": qx / wet, "water_velocity_y": qy / wet}
        fields = _dataset(state, found)
        for part in state.parts:
            if isinstance(part, Sewer):
                fields = fields.merge(part.observe())
        return fields.assign_coords(time=state.time)

    def summarise(self, state: FloodState) -> xr.Dataset:
        """Maxima and durations so far and the time the water arrived (NaN where it has not); of a sewer too."""
        found = {name: peak[1:-1, 1:-1].copy() for name, peak in zip(_PEAKS, state.peaks, strict=True)}
        arrival = found["arrival_time"]
        arrival[np.isinf(arrival)] = np.nan
        for part in state.parts:
            if isinstance(part, GroundPass):
                found |= part.durations()
        fields = _dataset(state, found)
        for part in state.parts:
            if isinstance(part, Sewer):
                fields = fields.merge(part.summarise())
        return fields

    def closure(self, state: FloodState) -> Closure:
        """Volumes so far [m³]; the error is relative to all the water there was."""
        account = dict(state.ledger, volume_stored=state.stored())
        for part in state.parts:
            for name, volume in part.accounts().items():
                account[name] = account.get(name, 0.0) + volume
        came = sum(account[name] for name in ("volume_rain", "volume_inflow", "volume_boundary_in"))
        came += sum(part.came() for part in state.parts)
        gone = account["volume_boundary_out"] + sum(part.gone() for part in state.parts)
        held = account["volume_stored"] + sum(part.held() for part in state.parts)
        had = account["volume_initial"] + came
        missing = held - had + gone
        return Closure("mass", abs(missing) / had if had > 0 else abs(missing), account, _remarks(self, state))

    def checkpoint(self, state: FloodState) -> dict[str, np.ndarray]:
        """Everything needed to go on, as plain arrays."""
        saved = {name: part.copy() for name, part in _kept(state).items()}
        ledger = [state.ledger[name] for name in _LEDGER]
        clock = [state.time, state.step, state.speed, float(state.steps), state.compute_s]
        limit = state.limiting or Limiting(np.inf, 0.0, -1, -1)
        clock += [state.rain_owed, state.exchanged, *astuple(limit)]
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
        for name, part in _kept(state).items():
            found = np.asarray(saved.get(name, np.zeros(0)))
            if found.shape != part.shape or found.dtype != part.dtype:
                raise LayerError(
                    f"flood: the checkpoint's {name!r} is {found.dtype} {found.shape}, "
                    f"this run needs {part.dtype} {part.shape}; restart with its own grid, scheme and precision"
                )
            part[...] = found
        state.ledger = dict(zip(_LEDGER, np.asarray(saved["ledger"]).tolist(), strict=True))
        state.time, state.step, state.speed, steps, state.compute_s, *rest = saved["clock"].tolist()
        state.rain_owed, state.exchanged, shortest, at, row, column = rest
        state.limiting = Limiting(shortest, at, int(row), int(column)) if row >= 0 else None
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


def _kept(state: FloodState) -> dict[str, np.ndarray]:
    """Views of the grids that a checkpoint keeps; faces have one more on the west and south sides."""
    inner = np.s_[1:-1, 1:-1]
    parts = zip(_WATER + _PEAKS, state.water + state.peaks, strict=True)
    found = {name: part[inner] for name, part in parts}
    if state.fast is not None:
        found |= {"discharge_x": state.water[2][1:-1, :-1], "discharge_y": state.water[3][:-1, 1:-1]}
        found["fast"] = state.fast[inner]
    return found


def _dataset(state: FloodState, found: dict[str, np.ndarray]) -> xr.Dataset:
    for values in found.values():
        values[state.hole] = np.nan
    return xr.Dataset(
        {name: (("y", "x"), values, attrs(name)) for name, values in found.items()}, coords=state.grid.coords
    )


def _remarks(kernel: Flood, state: FloodState) -> dict[str, object]:
    """How the result was made: scheme, soil, where and when the step was shortest, where screening was too fast."""
    found: dict[str, object] = {"scheme": kernel.scheme, "soil": kernel.soil, "steps": state.steps}
    if state.limiting is not None:
        limit = state.limiting
        found |= {
            "shortest_step_s": limit.step,
            "shortest_step_at_s": limit.time,
            "shortest_step_x": float(state.grid.x[limit.column]),
            "shortest_step_y": float(state.grid.y[limit.row]),
        }
    if state.fast is not None:
        wet = state.peaks[0] > 0.01
        share = float(np.count_nonzero(state.fast & wet)) / max(int(np.count_nonzero(wet)), 1)
        found |= {"fast_share": share, "screening_exceeded": share > FAST_SHARE}
    return found
