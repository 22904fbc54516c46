"""The march in time: how long a step may be, what it adds and what it moves."""

import time

import numpy as np

from kernels.contract import KernelError
from kernels.flood.forcing import SIDES
from kernels.flood.shallow_water import DRY, GRAVITY, HOLE
from kernels.flood.state import BLOCK_ROWS, SMALL, FloodState, pad, side_rows
from kernels.flood.sweep import sweep

CFL = {"fv1": 0.45, "fv2": 0.40}
"""Courant number of each scheme: part of a cell that the fastest wave may cross in a step. [1]"""
GROWTH = 1.1
"""Most that a step may grow over the one before. [1]"""
SHORTEST_STEP = 1e-7
"""Below this a run will not end; it stops and names the cell. [s]"""


def march(state: FloodState, until: float, scheme: str, max_step: float, film: float, arrival_depth: float) -> None:
    """Advance the state in place, the last step landing exactly on ``until`` [s]."""
    began = time.perf_counter()
    try:
        while state.time < until:
            change = until
            if state.rain is not None:
                _choose_rain(state)
                change = min(until, state.rain.next_change(state.time))
            state.step = min(_longest_step(state, scheme), GROWTH * state.step, max_step)
            if not state.step > SHORTEST_STEP:
                raise KernelError(f"flood: no stable step at {state.time:g} s: {_culprit(state)}")
            left = change - state.time
            # two even steps rather than one and a crumb; the crumb would cost a whole sweep
            lands = state.step >= left
            dt = left if lands else min(state.step, 0.5 * left) if state.step > 0.5 * left else state.step
            end = change if lands else state.time + dt
            _one_step(state, dt, end, scheme, film, arrival_depth)
            state.time = end
            state.steps += 1
            if not np.isfinite(state.speed):
                raise KernelError(f"flood: the water is not finite at {state.time:g} s: {_culprit(state)}")
    finally:
        state.compute_s += time.perf_counter() - began


def first_speed(state: FloodState) -> float:
    """Highest wave speed of the state as it is, before any step. [m s⁻¹]"""
    h, _, qx, qy = (part[1:-1, 1:-1] for part in state.water)
    wet = np.maximum(h, DRY)
    return float((np.maximum(np.abs(qx), np.abs(qy)) / wet + np.sqrt(GRAVITY * h)).max(initial=0.0))


def _longest_step(state: FloodState, scheme: str) -> float:
    """Longest stable step: of the waves there are, and of those that sides and sources are about to make."""
    speed = state.speed
    if state.levels is not None:
        rows = side_rows(state.ground[0])
        for side, level in state.levels.at(state.time).items():
            edge = rows[side][1]
            deepest = level - state.datum - float(edge.min(initial=np.inf, where=edge < HOLE))
            speed = max(speed, 1.5 * np.sqrt(GRAVITY * max(deepest, 0.0)))
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


def _one_step(state: FloodState, dt: float, end: float, scheme: str, film: float, arrival_depth: float) -> None:
    """One step of one or two stages; the water ends where it began, the spare half is scratch."""
    if state.inflow is not None:
        _pour(state, state.inflow.volume(state.time, end))
    rain = 0.0
    if state.rain is not None:
        due = state.rain.factor(state.time, end)
        state.ledger["volume_rain"] += due * state.rain_volume_rate
        state.rain_owed += due
        rain = float(state.kind.type(state.rain_owed))
        state.rain_owed -= rain
    numbers = np.array([dt / state.cell_size, dt, rain, end, film, arrival_depth], state.kind)
    if scheme == "fv1":
        _stage(state, 0, numbers, state.time, 1.0, state.water, state.spare)
        state.water, state.spare = state.spare, state.water
    else:
        _stage(state, 1, numbers, state.time, 0.5, state.water, state.spare)
        _stage(state, 2, numbers, end, 0.5, state.spare, state.water)
    top = state.speeds[1][:, 0].max()
    state.speed = float(top.view(state.kind))


def _stage(
    state: FloodState,
    stage: int,
    numbers: np.ndarray,
    now: float,
    weight: float,
    water: tuple[np.ndarray, ...],
    out: tuple[np.ndarray, ...],
) -> None:
    _fill_ghosts(state, water, now)

    def work(first: int, last: int) -> None:
        sweep(
            (first, last),
            BLOCK_ROWS,
            stage,
            numbers,
            state.ground,
            state.smooth,
            water,
            out,
            state.peaks,
            state.walls_x.arrays,
            state.walls_y.arrays,
            state.free,
            state.speeds,
            state.traffic,
        )

    state.crew.share_out(state.blocks, work, state.hole.size < SMALL)
    moved = weight * float(numbers[0]) * state.area
    into, out_of = state.traffic.sum(axis=0)
    state.ledger["volume_boundary_in"] += moved * float(into)
    state.ledger["volume_boundary_out"] += moved * float(out_of)


def _fill_ghosts(state: FloodState, water: tuple[np.ndarray, ...], now: float) -> None:
    """Give the ghosts of sides that are not closed the state beyond the side."""
    levels = state.levels.at(now) if state.levels is not None else {}
    views = [side_rows(part) for part in (state.ground[0], water[0], water[2], water[3])]
    for side in SIDES:
        word = state.boundary[side]
        if word == "closed":
            continue
        z, h, qx, qy = (view[side] for view in views)
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


def _pour(state: FloodState, volumes: np.ndarray) -> None:
    """Add volumes [m³] to the cells of the inflows; what float32 cannot hold goes to the compensation."""
    inflow = state.inflow
    assert inflow is not None
    h, c = state.water[:2]
    for volume, row, column in zip(volumes.tolist(), inflow.rows + 1, inflow.columns + 1, strict=True):
        total = float(h[row, column]) + float(c[row, column]) + volume / state.area
        h[row, column] = total
        c[row, column] = total - float(h[row, column])
    state.ledger["volume_inflow"] += float(volumes.sum())


def _culprit(state: FloodState) -> str:
    """The cell that stopped the run, in words."""
    h, _, qx, qy = (part[1:-1, 1:-1].astype(float) for part in state.water)
    broken = ~(np.isfinite(h) & np.isfinite(qx) & np.isfinite(qy))
    if broken.any():
        row, column = (int(i) for i in np.argwhere(broken)[0])
        return f"{state.cell(row, column)} holds depth {h[row, column]:g} m"
    speed = np.maximum(np.abs(qx), np.abs(qy)) / np.maximum(h, DRY) + np.sqrt(GRAVITY * h)
    row, column = (int(i) for i in np.unravel_index(np.argmax(speed), speed.shape))
    return (
        f"{state.cell(row, column)} has a wave of {speed[row, column]:g} m/s in {h[row, column]:g} m of water "
        f"and cells of {state.cell_size:g} m; check bed, levels and inflow there"
    )
