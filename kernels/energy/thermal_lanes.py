"""Eight zones side by side through some hours by five resistances and one capacity, one closed form a step."""

import numpy as np
from numba import njit

AIR_HEAT = 1200.0
"""Heat capacity of air by volume: ISO 13789:2017, 8.2. [J m⁻³ K⁻¹]"""

MASS_TO_FACE = 9.1
"""Between effective mass and inner faces: ISO 13790:2008, 12.2.2. [W m⁻² K⁻¹]"""

LANES = 8
"""Zones that are worked at once: the width of a vector of the widest processors. [1]"""

FIXED = (
    "to_mass", "to_face", "glass_loss", "to_air", "mass_rate", "mass_share", "gains_lost", "plant_to_air",
    "air_share", "air_heat", "gains_to_air", "sun_to_air", "heat_limit", "glass_sky", "cooled_share",
)  # fmt: skip
"""Rows of ``fixed``: conductances [W K⁻¹], capacity over the step [W K⁻¹], shares [1], heat of the air by change
[W K⁻¹ h], powers [W], fall of the temperature outside windows by loss to the sky [K W⁻¹ m²], part of cooling [1]."""

DRIVEN = ("outside", "shone", "gains", "air_change", "heat_to", "cool_to", "cool_limit")
"""Rows of ``driven``: outside the mass [K], sun through windows, gains [W], [h⁻¹], set points [K], most cooling [W]."""

OUT = ("heating", "cooling", "air", "operative")
"""Rows of ``out``: mean powers of an hour [W], temperatures at its end [K]."""

SUMS = (
    "heating", "cooling", "gains", "sun", "ventilation", "envelope", "heating_peak", "cooling_peak", "lowest",
    "total", "highest",
)  # fmt: skip
"""Rows of ``sums``: the first six as sums of hourly means [W], then peaks [W], temperatures [K] and their sum."""

W = LANES

SLOPES = 17
"""Rows of ``slopes``: what follows from the flow of air alone."""


@njit(nogil=True, cache=True, error_model="numpy")
def _slopes(fixed, flow, slopes):
    """Work out what follows from the flow of air, for all lanes."""
    lanes = flow.size
    for k in range(lanes):
        em, ms, w, is_ = fixed[k], fixed[W + k], fixed[2 * W + k], fixed[3 * W + k]
        mass, part, plant, share = fixed[4 * W + k], fixed[5 * W + k], fixed[7 * W + k], fixed[8 * W + k]
        ve = fixed[9 * W + k] * flow[k]
        ve = ve if ve > 1e-9 else 1e-9
        by_ve = 1.0 / ve
        h1 = 1.0 / (by_ve + 1.0 / is_)
        h2 = h1 + w
        h3 = 1.0 / (1.0 / h2 + 1.0 / ms)
        h32 = h3 / h2
        grow = 1.0 / (mass + 0.5 * (h3 + em))
        decay = (mass - 0.5 * (h3 + em)) * grow
        by_face = 1.0 / (ms + w + h1)
        by_air = 1.0 / (is_ + ve)
        # a watt of plant: to air by its share, the rest on mass and faces as gains are
        p_mass, p_face = (1.0 - plant) * part, (1.0 - plant) * (1.0 - part)
        new_rise = (p_mass + h32 * (p_face + h1 * plant * by_ve)) * grow
        face_rise = (ms * 0.5 * new_rise + p_face + h1 * plant * by_ve) * by_face
        air_rise = (is_ * face_rise + plant) * by_air
        face_slope = 0.5 * ms * (1.0 + decay) * by_face
        air_slope = is_ * face_slope * by_air
        slopes[k], slopes[W + k], slopes[2 * W + k], slopes[3 * W + k] = ve, by_ve, h1, h32
        slopes[4 * W + k], slopes[5 * W + k], slopes[6 * W + k], slopes[7 * W + k] = grow, decay, by_face, by_air
        slopes[8 * W + k], slopes[9 * W + k], slopes[10 * W + k] = new_rise, face_rise, air_rise
        slopes[11 * W + k] = 1.0 / (share * air_rise + (1.0 - share) * face_rise)
        slopes[12 * W + k], slopes[13 * W + k] = face_slope, air_slope
        slopes[14 * W + k] = share * air_slope + (1.0 - share) * face_slope
        slopes[15 * W + k] = 1.0 - part - fixed[6 * W + k]
        slopes[16 * W + k] = 0.5 * ms * grow


@njit(nogil=True, cache=True, error_model="numpy")
def march_lanes(hours, steps, fixed, driven, weather, flow, slopes, core, sums, out):
    """Take eight zones through some hours.

    Parameters
    ----------
    hours, steps : int
        How many, and steps in each.
    fixed : (15, 8) float64
        See `FIXED`.
    driven : (hour, 7, 8) float64
        See `DRIVEN`.
    weather : (hour, 2) float64
        Outdoor air [K], loss to the sky [W m⁻²].
    flow : (8,) float64
        Flow of air that ``slopes`` is of; -1 before the first hour. [h⁻¹]
    slopes : (17, 8) float64
        Kept from hour to hour.
    core : (8,) float64
        Temperature of the mass, moved on. [K]
    sums : (11, 8) float64
        Added to, see `SUMS`.
    out : (hour, 4, 8) float64
        Written, see `OUT`.

    Notes
    -----
    ISO 13790:2008, annex C, eq. C.1 to C.12 (trapezoidal in the mass, C.4). The temperature that is held rises linearly
    with power, so what is needed is (set point - free) / (rise by a watt), one solve a step: C.4.2 with its 10 W m⁻²
    taken to the limit. Sun on walls and the sky's cold are told as the temperature outside the mass, which is what
    they are in a steady state. The share H_w / 9.1 A of gains that the method gives the windows is counted as lost.
    All lanes do the same, with choices instead of branches.
    """
    by_steps, bases = 1.0 / steps, np.empty(9 * W)
    # rows at places the compiler knows, so that it sees that none lies on another
    fixed, slopes, sums = fixed.reshape(-1), slopes.reshape(-1), sums.reshape(-1)
    lanes = flow.size  # told late, so that the loops over lanes are made vectors and not unrolled
    for t in range(hours):
        now, given = driven[t].reshape(-1), out[t].reshape(-1)
        changed = False
        for k in range(lanes):
            changed |= now[3 * W + k] != flow[k]
        if changed:
            for k in range(lanes):
                flow[k] = now[3 * W + k]
            _slopes(fixed, flow, slopes)
        outdoor, sky = weather[t, 0], weather[t, 1]
        for k in range(lanes):
            # free of plant, all is linear in the mass: so little waits for the step before
            em, w, is_, share = fixed[k], fixed[2 * W + k], fixed[3 * W + k], fixed[8 * W + k]
            beyond, sun, gain = now[k], now[W + k], now[2 * W + k]
            ve, by_ve, h1, h32 = slopes[k], slopes[W + k], slopes[2 * W + k], slopes[3 * W + k]
            pane = outdoor - fixed[13 * W + k] * sky
            to_air = fixed[10 * W + k] * gain + fixed[11 * W + k] * sun
            rest = gain + sun - to_air
            on_face = slopes[15 * W + k] * rest + w * pane + h1 * (to_air * by_ve + outdoor)
            flowed = fixed[5 * W + k] * rest + em * beyond + h32 * on_face
            face_base = (slopes[16 * W + k] * flowed + on_face) * slopes[6 * W + k]
            air_base = (is_ * face_base + ve * outdoor + to_air) * slopes[7 * W + k]
            bases[k], bases[W + k], bases[2 * W + k] = slopes[4 * W + k] * flowed, face_base, air_base
            bases[3 * W + k] = share * air_base + (1.0 - share) * face_base
            bases[4 * W + k] = em * beyond + w * pane - fixed[6 * W + k] * rest
            bases[5 * W + k], bases[6 * W + k] = 0.0, 0.0
            sums[2 * W + k] += gain
            sums[3 * W + k] += sun
        for _ in range(steps):
            for k in range(lanes):
                before, ve = core[k], slopes[k]
                held = slopes[14 * W + k] * before + bases[3 * W + k]
                lacks = (now[4 * W + k] - held) * slopes[11 * W + k]
                lacks = lacks if lacks < fixed[12 * W + k] else fixed[12 * W + k]
                lacks = lacks if lacks > 0.0 else 0.0
                over = (held - now[5 * W + k]) * slopes[11 * W + k] * fixed[14 * W + k]
                over = over if over < now[6 * W + k] else now[6 * W + k]
                over = over if over > 0.0 else 0.0
                power = lacks - over
                new = slopes[5 * W + k] * before + bases[k] + slopes[8 * W + k] * power
                face = slopes[12 * W + k] * before + bases[W + k] + slopes[9 * W + k] * power
                air = slopes[13 * W + k] * before + bases[2 * W + k] + slopes[10 * W + k] * power
                core[k] = new
                bases[5 * W + k] += lacks
                bases[6 * W + k] += over
                bases[7 * W + k], bases[8 * W + k] = air, face
                sums[4 * W + k] += ve * (outdoor - air) * by_steps
                sums[5 * W + k] += (
                    bases[4 * W + k] - fixed[k] * 0.5 * (before + new) - fixed[2 * W + k] * face
                ) * by_steps
        for k in range(lanes):
            heat, cool, air = bases[5 * W + k] * by_steps, bases[6 * W + k] * by_steps, bases[7 * W + k]
            given[k], given[W + k], given[2 * W + k] = heat, cool, air
            given[3 * W + k] = 0.3 * air + 0.7 * bases[8 * W + k]
            sums[k] += heat
            sums[W + k] += cool
            sums[6 * W + k] = heat if heat > sums[6 * W + k] else sums[6 * W + k]
            sums[7 * W + k] = cool if cool > sums[7 * W + k] else sums[7 * W + k]
            sums[8 * W + k] = air if air < sums[8 * W + k] else sums[8 * W + k]
            sums[9 * W + k] += air
            sums[10 * W + k] = air if air > sums[10 * W + k] else sums[10 * W + k]
