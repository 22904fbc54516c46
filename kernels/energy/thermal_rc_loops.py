"""The loops of the five-resistance model: zones through the year, one closed form a step."""

from typing import NamedTuple

import numpy as np
from numba import njit

AIR_HEAT = 1200.0
"""Heat capacity of air by volume: ISO 13789:2017, 8.2. [J m⁻³ K⁻¹]"""

MASS_TO_FACE = 9.1
"""Between effective mass and inner faces: ISO 13790:2008, 12.2.2. [W m⁻² K⁻¹]"""


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
def _series(outdoors, ground, shells, z, outside, shone_in):
    """Temperature outside the mass [K] and sun through windows [W] of a zone, plane by plane through the year."""
    share, sky = shells.ground_share[z], shells.wall_sky[z]
    for t in range(outside.size):
        outside[t] = (1.0 - share) * (outdoors.air[t] - sky * outdoors.sky_loss[t])
        shone_in[t] = 0.0
    if share > 0.0:
        for t in range(outside.size):
            outside[t] += share * ground[outdoors.month[t]]
    for plane in range(outdoors.light.shape[0]):
        warms, passes = shells.wall_sun[z, plane], shells.glass_sun[z, plane]
        light, through = outdoors.light[plane], outdoors.through[plane]
        if warms > 0.0:
            for t in range(outside.size):
                outside[t] += warms * light[t]
        if passes > 0.0:
            for t in range(outside.size):
                shone_in[t] += passes * through[t]


@njit(nogil=True, cache=True)
def run_shells(first_zone, last_zone, shells, rooms, outdoors, start, warm_up, steps, ledger, figures, hourly):
    """Run zones through all hours of a climate by ISO 13790's simple hourly method, in closed form.

    Parameters
    ----------
    first_zone, last_zone, rooms, outdoors, start, warm_up, steps, ledger, figures, hourly
        See `kernels.energy.thermal_loops.run_zones`; the capacity of the air is no part of this model.
    shells : Shells

    Notes
    -----
    ISO 13790:2008, annex C, eq. C.1 to C.12 (trapezoidal in the mass, C.4). The temperature of the air rises linearly
    with power, so what is needed is (set point - free) / (rise by a watt), one solve a step: C.4.2 with its 10 W m⁻²
    taken to the limit. Sun on walls and the sky's cold are told as the temperature outside the mass, which is what
    they are in a steady state. The share H_w / 9.1 A of gains that the method gives the windows is counted as lost.
    """
    hours, period, dt = outdoors.air.size, rooms.gains.shape[1], 3600.0 / steps
    outside, shone_in, by_steps = np.empty(hours), np.empty(hours), 1.0 / steps
    for z in range(first_zone, last_zone):
        em, ms, w, is_ = shells.to_mass[z], shells.to_face[z], shells.glass_loss[z], shells.to_air[z]
        mass = shells.mass[z] / dt
        part = shells.mass_area[z] / shells.whole[z]
        lost = w / (MASS_TO_FACE * shells.whole[z])
        # a watt of plant: to air by its share, the rest on mass and faces as gains are
        plant, share = rooms.plant_to_air[z], rooms.air_share[z]
        p_mass, p_face = (1.0 - plant) * part, (1.0 - plant) * (1.0 - part)
        air_heat = AIR_HEAT * rooms.volume[z] / 3600.0
        gains_to_air, sun_to_air = rooms.gains_to_air[z], rooms.sun_to_air[z]
        air_change, gains, ground_at = rooms.air_change[z], rooms.gains[z], rooms.ground[z]
        heat_to, cool_to = rooms.heat_to[z], rooms.cool_to[z]
        heat_limit, cool_limit = rooms.heat_limit[z], rooms.cool_limit[z]
        glass_sky = shells.glass_sky[z]
        _series(outdoors, ground_at, shells, z, outside, shone_in)
        core, before, flow_now = start, start, -1.0
        ve, by_ve, h1, h32, decay, grow, by_face, by_air = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        new_rise, face_rise, air_rise, by_rise, face_slope, air_slope, slope = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        heating, cooling, gained, shone, aired, enclosed = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        low, high, total, most_heat, most_cool = np.inf, -np.inf, 0.0, 0.0, 0.0
        t, p = (hours - warm_up % hours) % hours, (hours - warm_up % hours) % hours % period
        for hour in range(-warm_up, hours):
            if hour == 0:
                before = core
                heating, cooling, gained, shone, aired, enclosed = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            tu, pu = np.uintp(t), np.uintp(p)  # unsigned, so that no index is looked at for its sign
            if air_change[pu] != flow_now:
                # the coefficients change with the flow of air alone
                flow_now = air_change[pu]
                ve = max(air_heat * flow_now, 1e-9)
                by_ve = 1.0 / ve
                h1 = 1.0 / (by_ve + 1.0 / is_)
                h2 = h1 + w
                h3 = 1.0 / (1.0 / h2 + 1.0 / ms)
                h32 = h3 / h2
                grow = 1.0 / (mass + 0.5 * (h3 + em))
                decay = (mass - 0.5 * (h3 + em)) * grow
                by_face = 1.0 / (ms + w + h1)
                by_air = 1.0 / (is_ + ve)
                new_rise = (p_mass + h32 * (p_face + h1 * plant * by_ve)) * grow
                face_rise = (ms * 0.5 * new_rise + p_face + h1 * plant * by_ve) * by_face
                air_rise = (is_ * face_rise + plant) * by_air
                by_rise = 1.0 / (share * air_rise + (1.0 - share) * face_rise)
                face_slope = 0.5 * ms * (1.0 + decay) * by_face
                air_slope = is_ * face_slope * by_air
                slope = share * air_slope + (1.0 - share) * face_slope
            outdoor, sky, gain = outdoors.air[tu], outdoors.sky_loss[tu], gains[pu]
            beyond, sun = outside[tu], shone_in[tu]
            pane = outdoor - glass_sky * sky
            to_air = gains_to_air * gain + sun_to_air * sun
            rest = gain + sun - to_air
            on_face = (1.0 - part - lost) * rest + w * pane + h1 * (to_air * by_ve + outdoor)
            flow = part * rest + em * beyond + h32 * on_face
            grown = grow * flow
            face_base = (0.5 * ms * grown + on_face) * by_face
            air_base = (is_ * face_base + ve * outdoor + to_air) * by_air
            held_base = share * air_base + (1.0 - share) * face_base
            low_point, high_point = heat_to[pu], cool_to[pu]
            heat, cool, air, face = 0.0, 0.0, 0.0, 0.0
            for _ in range(steps):
                # free of plant, all is linear in the mass: so little waits for the step before
                held, power = slope * core + held_base, 0.0
                if held < low_point:
                    power = min((low_point - held) * by_rise, heat_limit)
                    heat += power
                elif held > high_point:
                    power = -min((held - high_point) * by_rise, cool_limit)
                    cool -= power
                new = decay * core + grown + new_rise * power
                face = face_slope * core + face_base + face_rise * power
                air = air_slope * core + air_base + air_rise * power
                aired += ve * (outdoor - air)
                enclosed += em * (beyond - 0.5 * (core + new)) + w * (pane - face) - lost * rest
                core = new
            heat, cool = heat * by_steps, cool * by_steps
            heating, cooling, gained, shone = heating + heat, cooling + cool, gained + gain, shone + sun
            if hour >= 0:
                most_heat, most_cool = max(most_heat, heat), max(most_cool, cool)
                low, high, total = min(low, air), max(high, air), total + air
                if hourly.shape[0] > 0:
                    hourly[z, 0, tu], hourly[z, 1, tu] = heat, cool
                    hourly[z, 2, tu], hourly[z, 3, tu] = air, 0.3 * air + 0.7 * face
            t, p = t + 1, p + 1
            if t == hours:
                t, p = 0, 0
            elif p == period:
                p = 0
        ledger[z, 0], ledger[z, 1] = heating * 3600.0, cooling * 3600.0
        ledger[z, 2], ledger[z, 3] = gained * 3600.0, shone * 3600.0
        ledger[z, 4], ledger[z, 5], ledger[z, 6] = aired * dt, enclosed * dt, shells.mass[z] * (core - before)
        figures[z, 0], figures[z, 1], figures[z, 2] = most_heat, most_cool, low
        figures[z, 3], figures[z, 4] = total / hours, high
