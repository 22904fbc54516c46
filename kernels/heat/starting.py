"""How warm everything is at the start: as after many days like the first."""

import numpy as np

from kernels.heat.day import first_day
from kernels.heat.geometry import Geometry
from kernels.heat.radiation import FACING, SIGMA
from kernels.heat.sky_tables import ASPECTS
from kernels.heat.state import Day
from kernels.heat.surfaces import Materials
from kernels.heat.surfaces_start import initial_profile

HALF_SKY = 0.5
"""What walls, and ground in full shade, see of the sky. [1]"""
GROUND_ALBEDO = 0.2
"""Of what lies before walls. [1]"""


def initial(
    materials: Materials, walls: Materials, geometry: Geometry, albedo: np.ndarray, day: Day
) -> tuple[np.ndarray, np.ndarray]:
    """Node temperatures at time 0.

    Parameters
    ----------
    materials, walls : Materials
        Of the cells, and of the wall classes: (lit or shaded, block, aspect) flattened.
    geometry : Geometry
    albedo : (y, x) float32
        [1]
    day : Day

    Returns
    -------
    cells, walls : (node, cell) float32
        [K]

    Notes
    -----
    Each kind of ground, black in the open and without any light between walls, and each aspect of wall, in the sun and
    out of it, is followed over the first day again and again until it comes round. A cell lies between the two by its
    sky view factor times what it absorbs.
    """
    entries = first_day(day)
    moments, weather, times = [day.moments[k] for k in entries], [day.weather[k] for k in entries], day.times[entries]
    beam, diffuse, warmth, air = (
        np.array([getattr(one, name) for one in moments]) for name in ("beam", "diffuse", "longwave", "air_temperature")
    )
    shade_warmth = HALF_SKY * warmth + (1 - HALF_SKY) * SIGMA * air**4
    # no part of the light, or all of it: what a cell absorbs lies between, and hangs on that cell alone
    light = np.stack([beam + diffuse, np.zeros_like(diffuse)])
    profile = initial_profile(materials, light, np.stack([warmth, shade_warmth]), weather, times)
    cells = materials.begin(profile, geometry.sky_view * (1 - albedo))

    direct, elevation, azimuth = (
        np.array([getattr(one, name) for one in moments]) for name in ("direct", "elevation", "azimuth")
    )
    everywhere = HALF_SKY * (diffuse + GROUND_ALBEDO * (beam + diffuse))
    facing = np.maximum(np.cos(FACING[:, None] - azimuth), 0.0) * np.cos(elevation) * direct
    absorbed = (1 - geometry.facades.reflectance["shortwave"]) * np.vstack([everywhere + facing, everywhere[None]])
    columns = initial_profile(walls, absorbed, np.repeat(shade_warmth[None], ASPECTS + 1, axis=0), weather, times)[1]
    lit, shaded = columns[:ASPECTS].T, columns[ASPECTS:].T  # (node, aspect), (node, 1)
    shape = (columns.shape[1], *geometry.facades.area.shape)
    both = np.stack([np.broadcast_to(lit[:, None], shape), np.broadcast_to(shaded[:, None], shape)], axis=1)
    return cells, np.ascontiguousarray(both.reshape(columns.shape[1], -1), np.float32)
