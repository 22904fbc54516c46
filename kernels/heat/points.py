"""Radiation at chosen cells, direction by direction: the six fluxes a radiometer on a pole would read."""

import numpy as np

from kernels.heat.geometry import WALL_EMISSIVITY
from kernels.heat.patches import PATCHES, SIDES
from kernels.heat.radiation import SIGMA, on_blocks, wall_emission
from kernels.heat.sky_tables import ASPECTS, aspect_of_patches
from kernels.heat.state import HeatState
from kernels.heat.stepping import PARTS

NAMES = ("down", "up", "north", "east", "south", "west")
"""Of the fluxes: from the sky, from the ground, and onto upright planes that look to the four sides."""


def fluxes_at(state: HeatState, rows: np.ndarray, columns: np.ndarray) -> dict[str, np.ndarray]:
    """The six short-wave and six long-wave fluxes at some cells at the state's moment.

    Parameters
    ----------
    state : HeatState
        After a step.
    rows, columns : (point,) int
        Cells of the grid.

    Returns
    -------
    dict of (point,) float64
        ``shortwave_flux_down`` to ``longwave_flux_west`` [W m⁻²], and the parts that a person absorbs.

    Notes
    -----
    An upright plane sees half the sky and half the ground; of the sky it sees what the cell sees, patch by patch.
    """
    geometry, moment = state.geometry, state.moment
    rows, columns = np.atleast_1d(rows), np.atleast_1d(columns)
    seen, veiled = (_bits(one[:, rows, columns]) for one in (geometry.masks.seen, geometry.masks.veiled))
    kept, crown = 1 - geometry.transmissivity, moment.crown
    walls = _walls_at(state, rows, columns)[:, :, aspect_of_patches()]
    light = np.where(seen, moment.light * (1 - kept * veiled), walls[0])
    warmth = np.where(seen, np.where(veiled, crown, moment.warmth), walls[1])
    sun = 1 - state.fields["shadow"][rows, columns].astype(float)
    ground = _ground(state)
    found: dict[str, np.ndarray] = {}
    up = [
        (geometry.own * one + (1 - geometry.own) * geometry.around(one))[rows, columns].astype(float) for one in ground
    ]
    for kind, sky, below in (("shortwave", light, up[0]), ("longwave", warmth, up[1])):
        found[f"{kind}_flux_down"] = sky @ PATCHES.horizontal
        found[f"{kind}_flux_up"] = below
        for name, azimuth in zip(NAMES[2:], SIDES, strict=True):
            found[f"{kind}_flux_{name}"] = sky @ PATCHES.side(azimuth) + 0.5 * below
    found["shortwave_flux_down"] = found["shortwave_flux_down"] + moment.beam * sun
    flat = moment.direct * np.cos(moment.elevation)
    for name, azimuth in zip(NAMES[2:], SIDES, strict=True):
        found[f"shortwave_flux_{name}"] += sun * flat * max(np.cos(moment.azimuth - azimuth), 0.0)
    found |= {name: state.fields[name][rows, columns].astype(float) for name in PARTS if name in state.fields}
    return found


def _bits(packed: np.ndarray) -> np.ndarray:
    """(point, patch) bool of (byte, point) uint8."""
    return np.unpackbits(packed.T, axis=1, bitorder="little")[:, : len(PATCHES)].astype(bool)


def _walls_at(state: HeatState, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(2, point, aspect): short-wave and long-wave exitance of the walls that cells see. [W m⁻²]"""
    geometry, walls = state.geometry, state.radiation.walls
    blocks = geometry.blocks
    emitted = wall_emission(state.walls, walls.share)
    values = on_blocks(geometry, walls.exitance, walls.longwave * (1 - WALL_EMISSIVITY) + emitted).astype(float)
    south = np.repeat(blocks.below, np.diff(blocks.bands))[rows]
    west = np.repeat(blocks.left, np.diff(blocks.runs))[columns]
    north, east = np.minimum(south + 1, blocks.shape[0] - 1), np.minimum(west + 1, blocks.shape[1] - 1)
    wy, wx = blocks.weight_y[rows, None], blocks.weight_x[columns, None]
    found = (1 - wy) * ((1 - wx) * values[south, west] + wx * values[south, east])
    found += wy * ((1 - wx) * values[north, west] + wx * values[north, east])
    return np.moveaxis(found.reshape(-1, 2, ASPECTS), 1, 0)


def _ground(state: HeatState) -> tuple[np.ndarray, np.ndarray]:
    """Short-wave and long-wave exitance of the ground, 0 on roofs. [W m⁻²]"""
    geometry, radiation = state.geometry, state.radiation
    mirror = np.minimum(geometry.albedo, np.float32(0.999))
    short = geometry.open_ground * radiation.absorbed * mirror / (1 - mirror)
    emitted = geometry.emissivity * np.float32(SIGMA) * state.surface**4
    long = geometry.open_ground * (emitted + (1 - geometry.emissivity) * radiation.longwave)
    return short, long
