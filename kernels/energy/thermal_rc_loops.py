"""The loops of the five-resistance model: zones through the year, eight at a time."""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.energy.thermal_lanes import AIR_HEAT, LANES, MASS_TO_FACE, SLOPES, march_lanes

CHUNK = 256
"""Hours that are laid out at once, so that they stay near the processor. [1]"""


class Shells(NamedTuple):
    """Zones as five resistances and one capacity.

    Attributes
    ----------
    mass, mass_area, whole : (zone,) float64
        Effective capacity [J K⁻¹], its area, and that of all inner faces [m²].
    to_mass, to_face, glass_loss, to_air : (zone,) float64
        From outside to the mass, from the mass to the faces, through windows, from faces to air. [W K⁻¹]
    ground_share : (zone,) float64
        Of what reaches the mass, that which comes from the ground. [1]
    wall_sun : (zone, plane) float64
        Rise of the temperature outside the mass by light on each plane. [K W⁻¹ m²]
    wall_sky, glass_sky : (zone,) float64
        Fall of the temperature outside mass and windows by loss to the sky. [K W⁻¹ m²]
    glass_sun : (zone, plane) float64
        Window area times g. [m²]
    """

    mass: np.ndarray
    mass_area: np.ndarray
    whole: np.ndarray
    to_mass: np.ndarray
    to_face: np.ndarray
    glass_loss: np.ndarray
    to_air: np.ndarray
    ground_share: np.ndarray
    wall_sun: np.ndarray
    wall_sky: np.ndarray
    glass_sky: np.ndarray
    glass_sun: np.ndarray


@njit(nogil=True, cache=True)
def _lay_out(shells, rooms, z, lane, fixed, dt):
    """Write what never changes of a zone into a lane."""
    whole = shells.whole[z]
    fixed[0, lane], fixed[1, lane] = shells.to_mass[z], shells.to_face[z]
    fixed[2, lane], fixed[3, lane] = shells.glass_loss[z], shells.to_air[z]
    fixed[4, lane], fixed[5, lane] = shells.mass[z] / dt, shells.mass_area[z] / whole
    fixed[6, lane] = shells.glass_loss[z] / (MASS_TO_FACE * whole)
    fixed[7, lane], fixed[8, lane] = rooms.plant_to_air[z], rooms.air_share[z]
    fixed[9, lane] = AIR_HEAT * rooms.volume[z] / 3600.0
    fixed[10, lane], fixed[11, lane] = rooms.gains_to_air[z], rooms.sun_to_air[z]
    fixed[12, lane], fixed[13, lane], fixed[14, lane] = rooms.heat_limit[z], shells.glass_sky[z], 1.0


@njit(nogil=True, cache=True)
def _drive(shells, rooms, outdoors, z, lane, first, hours, line, driven):
    """Write some hours of what drives a zone into a lane; they do not run over the end of the year."""
    period = rooms.gains.shape[1]
    outside, shone_in = line[0, :hours], line[1, :hours]
    share, sky = shells.ground_share[z], shells.wall_sky[z]
    air, loss = outdoors.air[first : first + hours], outdoors.sky_loss[first : first + hours]
    for i in range(hours):
        outside[i] = (1.0 - share) * (air[i] - sky * loss[i])
        shone_in[i] = 0.0
    if share > 0.0:
        month = outdoors.month[first : first + hours]
        for i in range(hours):
            outside[i] += share * rooms.ground[z, month[i]]
    for plane in range(outdoors.light.shape[0]):
        warms, passes = shells.wall_sun[z, plane], shells.glass_sun[z, plane]
        if warms > 0.0:
            light = outdoors.light[plane, first : first + hours]
            for i in range(hours):
                outside[i] += warms * light[i]
        if passes > 0.0:
            through = outdoors.through[plane, first : first + hours]
            for i in range(hours):
                shone_in[i] += passes * through[i]
    p = first % period
    for i in range(hours):
        at = np.uintp(p)
        driven[i, 0, lane], driven[i, 1, lane] = outside[i], shone_in[i]
        driven[i, 2, lane], driven[i, 3, lane] = rooms.gains[z, at], rooms.air_change[z, at]
        driven[i, 4, lane], driven[i, 5, lane] = rooms.heat_to[z, at], rooms.cool_to[z, at]
        driven[i, 6, lane] = rooms.cool_limit[z]
        p = p + 1 if p + 1 < period else 0


@njit(nogil=True, cache=True)
def run_shells(first_zone, last_zone, shells, rooms, outdoors, start, warm_up, steps, ledger, figures, hourly):
    """Run zones through all hours of a climate by ISO 13790's simple hourly method, see `march_lanes`.

    Parameters
    ----------
    first_zone, last_zone, rooms, outdoors, start, warm_up, steps, ledger, figures, hourly
        See `kernels.energy.thermal_loops.run_zones`; the capacity of the air is no part of this model.
    shells : Shells
    """
    year, dt = outdoors.air.size, 3600.0 / steps
    fixed, slopes = np.empty((15, LANES)), np.empty((SLOPES, LANES))
    driven, weather, out = np.empty((CHUNK, 7, LANES)), np.empty((CHUNK, 2)), np.empty((CHUNK, 4, LANES))
    line = np.empty((2, CHUNK))
    core, before, flow, sums = np.empty(LANES), np.empty(LANES), np.empty(LANES), np.empty((11, LANES))
    for zone in range(first_zone, last_zone, LANES):
        for lane in range(LANES):
            # lanes beyond the last zone repeat it
            _lay_out(shells, rooms, min(zone + lane, last_zone - 1), lane, fixed, dt)
        core[:], before[:], flow[:] = start, start, -1.0
        sums[:] = 0.0
        hour = -warm_up
        while hour < year:
            if hour == 0:
                before[:] = core
                sums[:] = 0.0
                sums[8], sums[10] = np.inf, -np.inf
            at = (hour + year * (warm_up // year + 1)) % year
            hours = min(CHUNK, (0 if hour < 0 else year) - hour, year - at)
            weather[:hours, 0] = outdoors.air[at : at + hours]
            weather[:hours, 1] = outdoors.sky_loss[at : at + hours]
            for lane in range(LANES):
                _drive(shells, rooms, outdoors, min(zone + lane, last_zone - 1), lane, at, hours, line, driven)
            march_lanes(hours, steps, fixed, driven, weather, flow, slopes, core, sums, out)
            if hour >= 0 and hourly.shape[0] > 0:
                for lane in range(min(LANES, last_zone - zone)):
                    for which in range(4):
                        for i in range(hours):
                            hourly[zone + lane, which, hour + i] = out[i, which, lane]
            hour += hours
        for lane in range(min(LANES, last_zone - zone)):
            z = zone + lane
            for account in range(6):
                ledger[z, account] = sums[account, lane] * 3600.0
            ledger[z, 6] = shells.mass[z] * (core[lane] - before[lane])
            figures[z, 0], figures[z, 1], figures[z, 2] = sums[6, lane], sums[7, lane], sums[8, lane]
            figures[z, 3], figures[z, 4] = sums[9, lane] / year, sums[10, lane]
