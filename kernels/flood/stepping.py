"""The march in time: how long a step may be, what it adds and what it moves."""

import time
from dataclasses import dataclass

import numpy as np

from kernels.contract import KernelError
from kernels.flood.forcing import SIDES
from kernels.flood.inertia_sweep import inertia_cells, inertia_faces
from kernels.flood.shallow_water import DRY, GRAVITY, HOLE
from kernels.flood.state import SMALL, FloodState, Limiting, pad, side_rows
from kernels.flood.sweep import sweep
from kernels.flood.tiles import TILE_COLUMNS, TILE_ROWS

CFL = {"fv2": 0.40, "fv1": 0.45, "inertia": 0.70}
"""Courant number of each scheme: part of a cell that the fastest wave may cross in a step. [1]"""
GROWTH = 1.1
"""Most that a step may grow over the one before. [1]"""
SHORTEST_STEP = 1e-7
"""Below this a run will not end; it stops and names the cell. [s]"""


@dataclass(frozen=True)
class Knobs:
    """The kernel's numerical knobs that the march reads; see `kernels.flood.kernel.Flood`."""

    scheme: str
    max_step: float
    film: float
    arrival_depth: float
    exchange_every: float
    froude_limit: float


def march(state: FloodState, until: float, knobs: Knobs) -> None:
    """Advance the state in place, the last step landing exactly on ``until`` [s]."""
    began = time.perf_counter()
    try:
        while state.time < until:
            change = until
            if state.rain is not None:
                _choose_rain(state)
                change = min(until, state.rain.next_change(state.time))
            longest = _longest_step(state, knobs.scheme)
            _note_limit(state, longest)
            state.step = min(longest, GROWTH * state.step, knobs.max_step)
            if not state.step > SHORTEST_STEP:
                raise KernelError(f"flood: no stable step at {state.time:g} s: {_culprit(state)}")
            left = change - state.time
            # two even steps rather than one and a crumb; the crumb would cost a whole sweep
            lands = state.step >= left
            dt = left if lands else min(state.step, 0.5 * left) if state.step > 0.5 * left else state.step
            end = change if lands else state.time + dt
            _one_step(state, dt, end, knobs)
            state.time = end
            state.steps += 1
            if state.trace is not None:
                state.trace.append(end)
            if not np.isfinite(state.speed):
                raise KernelError(f"flood: the water is not finite at {state.time:g} s: {_culprit(state)}")
            if end - state.exchanged >= knobs.exchange_every or end >= until:
                trade(state)
    finally:
        state.compute_s += time.perf_counter() - began


def follow(state: FloodState, until: float, knobs: Knobs) -> None:
    """Go on to a time in one step, or in a few even ones where one would not be stable; nothing is traded."""
    while state.time < until:
        if state.rain is not None:
            _choose_rain(state)
        left = until - state.time
        # a step that is a twentieth too long for the water here was right for the water there, and is stable
        parts = int(np.ceil(min(left / _longest_step(state, knobs.scheme) - 0.05, 1e6)))
        dt, end = (left, until) if parts <= 1 else (left / parts, state.time + left / parts)
        _one_step(state, dt, end, knobs)
        state.time = end
        state.steps += 1
        if not np.isfinite(state.speed) or parts >= 1e6:
            raise KernelError(f"flood: the water is not finite at {state.time:g} s: {_culprit(state)}")


def trade(state: FloodState) -> None:
    """Let all parts trade with the water for the time since they last did."""
    for part in state.parts:
        part.exchange(state, state.exchanged, state.time)
    state.exchanged = state.time


def _note_limit(state: FloodState, longest: float) -> None:
    """Remember which cell held the step shortest; looked for only when it is shorter than ever by a hundredth."""
    before = np.inf if state.limiting is None else state.limiting.step
    if longest >= 0.99 * before or not np.isfinite(longest):
        return
    rows, columns = slice(0, None), slice(0, None)
    if state.tops.any():  # else no step has been made yet
        block, tile = (int(i) for i in np.unravel_index(int(np.argmax(state.tops)), state.tops.shape))
        rows = slice(TILE_ROWS * block, TILE_ROWS * (block + 1))
        columns = slice(TILE_COLUMNS * tile, TILE_COLUMNS * (tile + 1))
    speed = _wave_speeds(state, rows, columns)
    row, column = (int(i) for i in np.unravel_index(int(np.argmax(speed)), speed.shape))
    state.limiting = Limiting(longest, state.time, rows.start + row, columns.start + column)


def _wave_speeds(state: FloodState, rows: slice = slice(None), columns: slice = slice(None)) -> np.ndarray:
    """Speed of the fastest wave of each cell. (y, x) float64 [m s⁻¹]"""
    parts = state.water[0][1:-1, 1:-1][rows, columns], *state.flow(rows, columns)
    h, qx, qy = (part.astype(float) for part in parts)
    return np.maximum(np.abs(qx), np.abs(qy)) / np.maximum(h, DRY) + np.sqrt(GRAVITY * h)


def first_speed(state: FloodState) -> float:
    """Highest wave speed of the state as it is, before any step. [m s⁻¹]"""
    return float(_wave_speeds(state).max(initial=0.0))


def _longest_step(state: FloodState, scheme: str) -> float:
    """Longest stable step: of the waves there are, and of those that sides and sources are about to make."""
    speed = state.speed
    if state.levels is not None:
        rows = side_rows(state.ground[0])
        for side, level in state.levels.at(state.time).items():
            edge = rows[side][1]
            deepest = level - state.datum - float(edge.min(initial=np.inf, where=edge < HOLE))
            speed = max(speed, 1.5 * np.sqrt(GRAVITY * max(deepest, 0.0)))
            state.tiles.wake_side(side)
    reach = CFL[scheme] * state.cell_size
    longest = reach / speed if speed > 0 else np.inf
    if state.source_rate > 0:
        # a source of w m/s makes a wave of sqrt(g w dt) in a dry cell, which may not outrun the step either
        longest = min(longest, (reach / np.sqrt(GRAVITY * state.source_rate)) ** (2 / 3))
    return float(longest)


def _choose_rain(state: FloodState) -> None:
    """Put the pattern of the entry that holds now where the loops read it."""
    rain = state.rain
    assert rain is not None
    entry = rain.entry(state.time) if rain.varies_in_space else 0
    if entry != state.rain_entry:
        pattern = rain.pattern(entry)
        state.ground = (*state.ground[:2], pad(pattern, 0.0, state.kind))
        state.rain_volume_rate = float(pattern.sum()) * state.area
        state.rain_entry = entry


def _one_step(state: FloodState, dt: float, end: float, knobs: Knobs) -> None:
    """One step of one or two stages; the water ends where it began, the spare half is scratch."""
    if state.inflow is not None:
        volumes = state.inflow.volume(state.time, end)
        state.pour(state.inflow.rows, state.inflow.columns, volumes)
        state.ledger["volume_inflow"] += float(volumes.sum())
    rain = 0.0
    if state.rain is not None:
        due = state.rain.factor(state.time, end)
        state.ledger["volume_rain"] += due * state.rain_volume_rate
        state.rain_owed += due
        # what is owed may be a rounding below zero once the rain is over
        rain = float(state.kind.type(max(state.rain_owed, 0.0)))
        state.rain_owed -= rain
        if rain > 0.0:
            state.tiles.wake_all()
    given = [dt / state.cell_size, dt, rain, end, knobs.film, knobs.arrival_depth, knobs.froude_limit]
    numbers = np.array(given, state.kind)
    due = state.tiles.due(state.tops)
    if state.staggered:
        _inertia(state, due, numbers)
    elif knobs.scheme == "fv1":
        _stage(state, 0, due, numbers, state.time, 1.0, state.water, state.spare)
        state.water, state.spare = state.spare, state.water
    else:
        _stage(state, 1, due, numbers, state.time, 0.5, state.water, state.spare)
        _stage(state, 2, due, numbers, end, 0.5, state.spare, state.water)
    state.speed = float(state.tops.max().view(state.kind))


def _stage(
    state: FloodState,
    stage: int,
    due: np.ndarray,
    numbers: np.ndarray,
    now: float,
    weight: float,
    water: tuple[np.ndarray, ...],
    out: tuple[np.ndarray, ...],
) -> None:
    _fill_ghosts(state, water, now)

    sides = tuple(np.zeros((2, count)) for count in state.water[0].shape)

    def work(first: int, last: int) -> None:
        sweep(
            (first, last),
            due,
            stage,
            numbers,
            state.ground,
            water,
            out,
            state.peaks,
            state.walls_x.arrays,
            state.walls_y.arrays,
            state.free,
            state.tops,
            sides,
        )

    state.crew.share_out(len(due), work, _few(due))
    _book(state, sides, weight * float(numbers[0]))


def _book(state: FloodState, sides: tuple[np.ndarray, ...], over: float) -> None:
    """Book what passed the sides in a time ``over`` [s m⁻¹] times the cell size; no sum depends on the strips."""
    moved = over * state.area
    for part in sides:
        state.ledger["volume_boundary_in"] += moved * float(np.maximum(part, 0.0).sum())
        state.ledger["volume_boundary_out"] += moved * float(np.maximum(-part, 0.0).sum())


def _few(due: np.ndarray) -> bool:
    """Whether strips have too few cells to wake another thread for."""
    return int(((due[:, 2] - due[:, 1]) * (due[:, 4] - due[:, 3])).sum()) < SMALL


def _inertia(state: FloodState, due: np.ndarray, numbers: np.ndarray) -> None:
    """One step of local inertia: all faces and the cells that they alone need, then the other cells."""
    _fill_ghosts(state, state.water, state.time)
    sides = tuple(np.zeros((2, count)) for count in state.water[0].shape)
    state.spare = (state.water[0], state.water[1], *state.spare[2:])
    water, out = state.water, state.spare
    after = (*water[:2], *out[2:])
    walls = state.walls_x.arrays, state.walls_y.arrays
    kept = state.peaks, state.fast, state.tops, sides

    def faces(first: int, last: int) -> None:
        inertia_faces((first, last), due, numbers, state.ground, water, out[2:], *walls, state.free, *kept)

    def cells(first: int, last: int) -> None:
        inertia_cells((first, last), due, numbers, state.ground[2], after, *kept)

    state.crew.share_out(len(due), faces, _few(due))
    state.crew.share_out(len(due), cells, _few(due))
    state.water, state.spare = after, (*water[:2], *water[2:])
    _book(state, sides, float(numbers[0]))


def _fill_ghosts(state: FloodState, water: tuple[np.ndarray, ...], now: float) -> None:
    """Give the ghosts of sides that are not closed the state beyond the side."""
    if state.beyond is not None:
        state.beyond(water, now)
        if not state.tiles.at_sides:
            return
    levels = state.levels.at(now) if state.levels is not None else {}
    views = [side_rows(part) for part in (state.ground[0], water[0], water[2], water[3])]
    for side in SIDES:
        word = state.boundary[side]
        if word == "closed":
            continue
        z, h, qx, qy = (view[side] for view in views)
        if state.staggered:
            solid = z[1] >= HOLE
            level = np.maximum(state.kind.type(levels.get(side, 0.0) - state.datum) - z[1], 0)
            h[0][:] = h[1] if word == "open" else np.where(solid, 0, level)
            continue
        if word == "open":
            h[0][:], qx[0][:], qy[0][:] = h[1], qx[1], qy[1]
            across = qx if side in ("west", "east") else qy
            keep = np.minimum if side in ("west", "south") else np.maximum
            keep(across[0], state.kind.type(0), out=across[0])
        else:
            solid = z[1] >= HOLE
            depth = np.maximum(state.kind.type(levels[side] - state.datum) - z[1], 0)
            h[0][:] = np.where(solid, 0, depth)
            wet = np.maximum(h[1], state.kind.type(DRY))
            qx[0][:], qy[0][:] = h[0] * (qx[1] / wet), h[0] * (qy[1] / wet)


def _culprit(state: FloodState) -> str:
    """The cell that stopped the run, in words."""
    h, _, qx, qy = (part[1:-1, 1:-1].astype(float) for part in state.water)
    broken = ~(np.isfinite(h) & np.isfinite(qx) & np.isfinite(qy))
    if broken.any():
        row, column = (int(i) for i in np.argwhere(broken)[0])
        return f"{state.cell(row, column)} holds depth {h[row, column]:g} m"
    speed = _wave_speeds(state)
    row, column = (int(i) for i in np.unravel_index(np.argmax(speed), speed.shape))
    return (
        f"{state.cell(row, column)} has a wave of {speed[row, column]:g} m/s in {h[row, column]:g} m of water "
        f"and cells of {state.cell_size:g} m; check bed, levels and inflow there"
    )
