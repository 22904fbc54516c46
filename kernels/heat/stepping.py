"""One step of a heat run: radiation, surfaces, air, wind, comfort."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from kernels.heat.columns import ABSORBED, BELOW, EMITTED, LATENT, LONGWAVE_IN, SENSIBLE, STORED
from kernels.heat.patches import Body, beam_weight
from kernels.heat.pet import pet_block
from kernels.heat.radiation import closures, feel, radiate, wall_emission
from kernels.heat.state import EXTREMES, THRESHOLDS, HeatState
from kernels.heat.surfaces import Weather
from kernels.heat.utci import CELSIUS_0, utci_block
from kernels.heat.wbgt import wbgt_block
from kernels.heat.wind_profile import UTCI_TEN_METRES

BRIGHT = 120.0
"""Direct normal irradiance from which the sun shines, WMO-No. 8. [W m⁻²]"""
PARTS = ("absorbed_direct", "absorbed_sky", "absorbed_walls", "absorbed_ground")


@contextmanager
def clocked(state: HeatState, phase: str) -> Iterator[None]:
    """Add the time a phase takes to its account. [s]"""
    began = time.perf_counter()
    yield
    state.seconds[phase] = state.seconds.get(phase, 0.0) + time.perf_counter() - began


def step(state: HeatState, until: float, entry: int, body: Body, comfort: tuple[str, ...], *, soft: bool) -> None:
    """Advance to a time with the sun and the weather of an entry."""
    dt = until - state.time
    sensible, parts, radiant = warm_up(state, dt, entry, body, soft=soft)
    _book_radiation(state, entry, dt)
    with clocked(state, "wind and air"):
        air, wind = _air(state, entry, sensible, dt)
    state.time, state.weather, state.entry = until, state.day.weather[entry], entry
    with clocked(state, "comfort"):
        feel_like(state, entry, radiant, parts, air, wind, comfort, body)
        state.radiation.forget()
        _keep(state, state.day.moments[entry].direct, dt)


def warm_up(
    state: HeatState, dt: float, entry: int, body: Body, *, soft: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Radiation and surfaces of a step.

    Returns
    -------
    sensible : (y, x) float32
        Heat given to the air. [W m⁻²]
    parts, radiant
        See `kernels.heat.radiation.feel`.
    """
    moment, weather = state.day.moments[entry], state.day.weather[entry]
    before = (state.radiation.absorbed.ravel(), state.radiation.longwave.ravel(), state.weather)
    walls_before = wall_load(state)
    with clocked(state, "radiation"):
        state.radiation = radiate(
            state.geometry, moment, state.surface, state.walls, state.crew, body, soft=soft,
            known=state.known(entry) if state.known else None,
        )  # fmt: skip
        state.wall_emitted = wall_emission(state.walls, state.radiation.walls.share)
    with clocked(state, "surfaces"):
        sensible = _surfaces(state, weather, dt, before, walls_before)
    with clocked(state, "comfort"):
        parts, radiant = feel(state.geometry, moment, state.radiation, state.surface, state.walls, state.crew, body)
    return sensible, parts, radiant


def wall_load(state: HeatState) -> tuple[np.ndarray, np.ndarray]:
    """Short-wave absorbed by walls and long-wave that comes to them, as their columns read it. [W m⁻²]"""
    walls = state.radiation.walls
    mirror = state.geometry.facades.reflectance["shortwave"]
    absorbed = (1 - mirror) * np.stack([walls.lit, walls.shaded])
    longwave = np.stack([walls.longwave, walls.longwave])
    return absorbed.ravel().astype(np.float32), longwave.ravel().astype(np.float32)


def _surfaces(
    state: HeatState,
    weather: Weather,
    dt: float,
    before: tuple[np.ndarray, np.ndarray, Weather],
    walls_before: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Advance ground, roofs and walls; returns the heat they give to the air over each cell. [W m⁻²]"""
    cells = state.materials.kind.size
    sensible, latent = np.empty(cells, np.float32), np.empty(cells, np.float32)
    books = state.materials.ledger()
    radiation = state.radiation
    state.materials.advance(
        state.temperature, radiation.absorbed.ravel(), radiation.longwave.ravel(), weather, dt, sensible, latent, books,
        before, state.crew,
    )  # fmt: skip
    walls = state.wall_materials.kind.size
    wall_sensible, wall_latent = np.empty(walls, np.float32), np.empty(walls, np.float32)
    state.wall_materials.advance(
        state.wall_temperature, *wall_load(state), weather, dt, wall_sensible, wall_latent,
        state.wall_materials.ledger(), (*walls_before, state.weather), state.crew,
    )  # fmt: skip
    total = books.sum(axis=0) * state.geometry.scene.cell_size**2
    for name, column in (
        ("energy_sensible", SENSIBLE),
        ("energy_latent", LATENT),
        ("energy_stored", STORED),
        ("energy_below", BELOW),
        ("energy_emitted", EMITTED),
    ):
        state.ledger[name] += float(total[column])
    state.ledger["energy_surface_in"] += float(total[ABSORBED] + total[LONGWAVE_IN])
    share = radiation.walls.share
    lit, shaded = wall_sensible.reshape(2, *share.shape).astype(float)
    return _with_walls(state, sensible.reshape(state.shape), share * lit + (1 - share) * shaded)


def _with_walls(state: HeatState, sensible: np.ndarray, from_walls: np.ndarray) -> np.ndarray:
    """Heat of the ground with that of the walls around it, spread over the open ground of their block. [W m⁻²]"""
    geometry = state.geometry
    blocks, cell = geometry.blocks, geometry.scene.cell_size**2
    heat = (from_walls * np.minimum(geometry.wall_area, geometry.facades.area)).sum(axis=1)
    ground = cell * blocks.send(blocks.everything(), geometry.open_ground, state.crew).reshape(-1)
    # as everywhere the way from blocks to cells is the way back, so the sum over cells is the sum over blocks
    per_area = np.where(ground > cell, heat / np.maximum(ground, cell), 0.0).reshape(blocks.shape)
    rows = np.repeat(blocks.below, np.diff(blocks.bands))
    columns = np.repeat(blocks.left, np.diff(blocks.runs))
    north, east = np.minimum(rows + 1, blocks.shape[0] - 1), np.minimum(columns + 1, blocks.shape[1] - 1)
    wy = blocks.weight_y[:, None]
    along = per_area[rows] * (1 - wy) + per_area[north] * wy
    found = along[:, columns] * (1 - blocks.weight_x) + along[:, east] * blocks.weight_x
    return (sensible + geometry.open_ground * found).astype(np.float32)


def _air(state: HeatState, entry: int, sensible: np.ndarray, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """Air temperature [K] and wind at 1.1 m [m s⁻¹] on the cells."""
    weather, direction = state.day.weather[entry], float(state.day.direction[entry])
    shape = state.shape
    wind = np.full(shape, np.float32(weather.wind_speed))
    if state.wind is not None:
        wind = state.wind.ratio(direction) * np.float32(weather.wind_speed)
    if state.air is None or state.wind is None:
        return np.full(shape, np.float32(weather.air_temperature)), wind
    warmer = state.air.step(
        sensible, state.inputs.waste_heat, weather.wind_speed, direction, state.wind.components(direction), dt,
        float(state.day.grass[entry]), weather.air_temperature,
    )  # fmt: skip
    return np.float32(weather.air_temperature) + warmer, wind


def feel_like(
    state: HeatState, entry: int, radiant: np.ndarray, parts: np.ndarray, air: np.ndarray, wind: np.ndarray,
    comfort: tuple[str, ...], body: Body,
) -> None:  # fmt: skip
    """Put the fields of the moment together, from radiation, air and wind."""
    nobody = ~(state.geometry.open_ground > 0)
    air = np.where(nobody, np.float32(np.nan), air).astype(np.float32)
    wind = np.where(nobody, np.float32(np.nan), wind).astype(np.float32)
    # indices that are functions of the wind 10 m up read the one that belongs to ours by their own profile
    aloft = wind * np.float32(UTCI_TEN_METRES)
    vapour = np.full(air.size, np.float32(state.day.vapour[entry]))
    pressure = float(state.day.weather[entry].air_pressure)
    size = 64 * 64
    pieces = -(-air.size // size)

    def each(block: Callable[..., None], *given: np.ndarray | float) -> np.ndarray:
        out = np.empty(air.size, np.float32)
        state.crew.share_out(
            pieces, lambda first, last: block(*given, out, first * size, min(last * size, air.size)), small=False
        )
        return out.reshape(air.shape)

    fields = state.fields
    fields["shadow"] = state.radiation.beam.shadow
    fields["surface_temperature"] = state.surface.copy()
    fields["mean_radiant_temperature"] = radiant
    fields["air_temperature"], fields["pedestrian_wind_speed"] = air, wind
    fields["utci"] = each(utci_block, air.ravel(), radiant.ravel(), aloft.ravel(), vapour)
    if "pet" in comfort:
        fields["pet"] = each(pet_block, air.ravel(), radiant.ravel(), wind.ravel(), vapour, pressure)
    if "wbgt" in comfort:
        moment = state.day.moments[entry]
        sun = moment.direct, float(beam_weight(body, moment.elevation, moment.azimuth)), math.sin(moment.elevation)
        shade = fields["shadow"].ravel()
        fields["wbgt"] = each(wbgt_block, air.ravel(), radiant.ravel(), wind.ravel(), vapour, pressure, shade, *sun)
    fields |= {name: part for name, part in zip(PARTS, parts, strict=True) if state.keeps_parts}


def _keep(state: HeatState, direct: float, dt: float) -> None:
    """Add a step to the sums and extremes of the run."""
    hours = np.float32(dt / 3600)
    fields, kept = state.fields, state.kept
    if not kept:
        for name in EXTREMES:
            kept[name] = fields[name.split("_", 1)[1]].copy()
        nowhere = np.where(np.isnan(fields["air_temperature"]), np.float32(np.nan), np.float32(0))
        kept["sunshine_duration"] = np.zeros_like(nowhere)
        kept |= {f"hours_utci_above_{one}": nowhere.copy() for one in THRESHOLDS}
    for name, choose in EXTREMES.items():
        choose(kept[name], fields[name.split("_", 1)[1]], out=kept[name])
    if direct > BRIGHT:
        kept["sunshine_duration"] += hours * (1 - fields["shadow"])
    for one in THRESHOLDS:
        kept[f"hours_utci_above_{one}"] += hours * (fields["utci"] > np.float32(one + CELSIUS_0))


def _book_radiation(state: HeatState, entry: int, dt: float) -> None:
    found = closures(state.geometry, state.day.moments[entry], state.radiation, state.wall_emitted)
    light_in, absorbed, to_sky, warmth_in, kept, warmth_out = found
    for name, value in zip(
        ("shortwave_in", "shortwave_absorbed", "shortwave_reflected", "longwave_in", "longwave_kept", "longwave_out"),
        found,
        strict=True,
    ):
        state.ledger[f"energy_{name}"] += float(value) * dt
    if light_in > 0:
        state.worst["shortwave"] = max(state.worst["shortwave"], abs(light_in - absorbed - to_sky) / light_in)
    state.worst["longwave"] = max(state.worst["longwave"], abs(warmth_in - kept - warmth_out) / warmth_in)
