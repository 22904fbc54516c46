"""The radiation of every cell: what falls on it, what it sends back, and what a person who stands there absorbs."""

import numpy as np
from numba import njit

from kernels.heat.blocks import between_blocks

SIGMA = np.float32(5.670374e-8)
"""Stefan-Boltzmann constant, CODATA 2018. [W m⁻² K⁻⁴]"""
SHORT, LONG = np.float32(0.70), np.float32(0.97)
"""Absorptivity of a clothed person for short-wave and long-wave radiation: VDI 3787-2. [1]"""
WHOLE = np.float32(65535)
"""Shares of the sky are kept in parts of this. [1]"""
IN, ABSORBED, TO_SKY, LONG_IN, LONG_LEAVES, LONG_TO_SKY, CROWNS, CROWNS_LONG = range(8)
"""Columns of the books of a row. [W m⁻²], summed over its cells"""
BOOKS = 8


@njit(nogil=True, cache=True)
def first_glance(
    received, scale, hidden, sun, beam, diffuse, warmth, albedo, emissivity, temperature, leaving, first, last
):  # fmt: skip
    """What cells send to walls before walls are counted, and what the sky sends there past them.

    The light of the sky that a cell does not get, because walls hide it, falls on those walls: seen from them, it
    comes from the hidden part of the cell's sky.

    Parameters
    ----------
    received : (6, y, x) float32
        Of `kernels.heat.sky_tables.sky_on_cells`. [W m⁻²]
    scale : (y, x) float32
        Of the exact sky view factor to that of the patches. [1]
    hidden : (y, x) float32
        Share of a plane's sky that walls hide. [1]
    sun : (y, x) float32
        See `kernels.heat.shadow.Beam`. [1]
    beam, diffuse, warmth : float32
        On an open level plane: direct, diffuse and long-wave irradiance. [W m⁻²]
    albedo, emissivity : (y, x) float32
        [1]
    temperature : (y, x) float32
        Of the surface. [K]
    leaving : (2, y, x) float32
        Receives short-wave and long-wave, per hidden share. [W m⁻²]
    first, last : int
        Rows.
    """
    one, none = np.float32(1), np.float32(1e-6)
    for row in range(first, last):
        k_sky, l_sky, k_veil, l_veil = received[0, row], received[2, row], received[4, row], received[5, row]
        s, w, lit, a, e, t = scale[row], hidden[row], sun[row], albedo[row], emissivity[row], temperature[row]
        short, long = leaving[0, row], leaving[1, row]
        for k in range(np.uint64(s.size)):
            open_sky, walls, part, mirror, grey, hot = s[k], w[k], lit[k], a[k], e[k], t[k]
            light, heat = open_sky * k_sky[k], open_sky * l_sky[k]
            bare_light, bare_heat = light - open_sky * k_veil[k], heat - open_sky * l_veil[k]
            per_wall = one / (walls if walls > none else one)
            there = one if walls > none else np.float32(0)
            short[k] = mirror * (beam * part + light) + there * per_wall * (diffuse - bare_light)
            warm = grey * SIGMA * hot * hot * hot * hot + (one - grey) * heat
            long[k] = warm + there * per_wall * (warmth - bare_heat)


@njit(nogil=True, cache=True)
def receive(
    received, scale, hidden, shares, through, sun, lit, beam, kept, crown, albedo, emissivity, temperature, walls,
    bands, below, weight_y, runs, left, weight_x, absorbed, longwave, books, first, last,
):  # fmt: skip
    """What falls on cells from sun, sky, crowns and walls, and what becomes of it.

    Parameters
    ----------
    received, scale, hidden, sun, beam, albedo, emissivity, temperature
        As `first_glance`.
    shares : (8, y, x) uint16
        Of hidden sky by the aspect of the walls: four for the plane, four for the body, in parts of `WHOLE`.
    through : (2, y, x) uint16
        Of sky behind crowns, for plane and body.
    lit : (y, x) float32
        Sun without crowns. [1]
    kept : float32
        Part of light that crowns keep. [1]
    crown : float32
        Long-wave exitance of crowns. [W m⁻²]
    walls : (block row, block column, 8) float32
        Exitance of the walls by aspect, short-wave first. [W m⁻²]
    bands, below, weight_y, runs, left, weight_x
        See `kernels.heat.blocks.Blocks`.
    absorbed, longwave : (y, x) float32
        Receive short-wave absorbed and long-wave incoming. [W m⁻²]
    books : (row, 8) float64
        Receive the sums of each row.
    first, last : int
        Bands.
    """
    columns = sun.shape[1]
    kin, lin = np.empty(columns, np.float32), np.empty(columns, np.float32)
    at, slope = np.empty((left.size, 8), np.float32), np.empty((left.size, 8), np.float32)
    one = np.float32(1)
    top = walls.shape[0] - 1
    for band in range(first, last):
        for row in range(bands[band], bands[band + 1]):
            between_blocks(walls, below[band], min(below[band] + 1, top), left, weight_y[row], at, slope)
            k_sky, l_sky, s, part = received[0, row], received[2, row], scale[row], sun[row]
            for k in range(np.uint64(columns)):
                kin[k] = beam * part[k] + s[k] * k_sky[k]
                lin[k] = s[k] * l_sky[k]
            for aspect in range(4):
                share = shares[aspect, row]
                for run in range(left.size):
                    short, more_short = at[run, aspect], slope[run, aspect]
                    long, more_long = at[run, 4 + aspect], slope[run, 4 + aspect]
                    for column in range(runs[run], runs[run + 1]):
                        k = np.uint64(column)
                        seen, east, light, warmth = np.float32(share[k]) / WHOLE, weight_x[k], kin[k], lin[k]
                        kin[k] = light + seen * (short + more_short * east)
                        lin[k] = warmth + seen * (long + more_long * east)
            a, e, t, veil, all_sun = albedo[row], emissivity[row], temperature[row], through[0, row], lit[row]
            out_k, out_l = absorbed[row], longwave[row]
            book = books[row]
            for q in range(BOOKS):
                book[q] = 0.0
            for k in range(columns):
                sky = one - hidden[row, k]
                crowns = s[k] * (np.float32(veil[k]) / WHOLE)
                mirrored = a[k] * kin[k]
                leaves = e[k] * SIGMA * t[k] * t[k] * t[k] * t[k] + (one - e[k]) * lin[k]
                out_k[k] = kin[k] - mirrored
                out_l[k] = lin[k]
                book[IN] += kin[k]
                book[ABSORBED] += kin[k] - mirrored
                book[TO_SKY] += mirrored * (sky - crowns * kept)
                book[LONG_IN] += lin[k]
                book[LONG_LEAVES] += leaves
                book[LONG_TO_SKY] += leaves * (sky - crowns)
                book[CROWNS] += beam * (all_sun[k] - part[k]) + mirrored * crowns * kept
                book[CROWNS_LONG] += crowns * (leaves - crown)


@njit(nogil=True, cache=True)
def ground_view(absorbed, longwave, albedo, emissivity, temperature, open_ground, felt, first, last):
    """What a person absorbs of the ground's exitance, if it were the same all around; 0 on roofs.

    Parameters
    ----------
    absorbed, longwave, albedo, emissivity, temperature
        As `receive` left them. An albedo of 1 absorbs nothing and is taken as 0.999.
    open_ground : (y, x) float32
        1 on the ground, 0 on roofs and outside. [1]
    felt : (y, x) float32
        Receives it. [W m⁻²]
    first, last : int
        Rows.
    """
    one, most = np.float32(1), np.float32(0.999)
    for row in range(first, last):
        k_in, l_in, a, e, t, ground = (
            absorbed[row], longwave[row], albedo[row], emissivity[row], temperature[row], open_ground[row],
        )  # fmt: skip
        out = felt[row]
        for k in range(np.uint64(out.size)):
            mirror, grey, hot, light, warmth, there = a[k], e[k], t[k], k_in[k], l_in[k], ground[k]
            mirror = mirror if mirror < most else most
            short = light * mirror / (one - mirror)
            long = grey * SIGMA * hot * hot * hot * hot + (one - grey) * warmth
            out[k] = there * (SHORT * short + LONG * long)


@njit(nogil=True, cache=True)
def feel(
    received, shares, through, sun, beam_on_body, crown, around, beneath, own, walls, bands, below, weight_y, runs,
    left, weight_x, open_ground, parts, radiant, first, last,
):  # fmt: skip
    """What a standing person absorbs, and the temperature of surroundings that would give as much.

    Parameters
    ----------
    received, shares, through, sun, crown, walls, bands, below, weight_y, runs, left, weight_x
        As `receive`.
    beam_on_body : float32
        Direct irradiance of the body in full sun. [W m⁻²]
    around, beneath : (y, x) float32
        What is felt of the ground: the mean around the cell, and its own. [W m⁻²]
    own : float32
        Part of the ground's view that the cell itself fills. [1]
    open_ground : (y, x) float32
        Elsewhere nobody stands: NaN. [1]
    parts : (4, y, x) float32
        Receives what is absorbed of direct sun, of the sky, of walls and crowns, of the ground. [W m⁻²]
    radiant : (y, x) float32
        Receives the mean radiant temperature. [K]
    first, last : int
        Bands.

    Notes
    -----
    The sum of the six or seven terms of Lindberg et al. (2008), doi:10.1007/s00484-008-0162-7, eq. 14, with the upper
    half of the view taken patch by patch.
    """
    columns = sun.shape[1]
    felt = np.empty(columns, np.float32)
    at, slope = np.empty((left.size, 8), np.float32), np.empty((left.size, 8), np.float32)
    one, half = np.float32(1), np.float32(0.5)
    top = walls.shape[0] - 1
    for band in range(first, last):
        for row in range(bands[band], bands[band + 1]):
            between_blocks(walls, below[band], min(below[band] + 1, top), left, weight_y[row], at, slope)
            veil = through[1, row]
            for k in range(np.uint64(columns)):
                felt[k] = LONG * crown * (np.float32(veil[k]) / WHOLE)
            for aspect in range(4):
                share = shares[4 + aspect, row]
                for run in range(left.size):
                    value = SHORT * at[run, aspect] + LONG * at[run, 4 + aspect]
                    more = SHORT * slope[run, aspect] + LONG * slope[run, 4 + aspect]
                    for column in range(runs[run], runs[run + 1]):
                        k = np.uint64(column)
                        so_far, seen, east = felt[k], np.float32(share[k]) / WHOLE, weight_x[k]
                        felt[k] = so_far + seen * (value + more * east)
            k_sky, l_sky, part = received[1, row], received[3, row], sun[row]
            wide, near, there = around[row], beneath[row], open_ground[row]
            direct, sky, facing, ground, out = (
                parts[0, row], parts[1, row], parts[2, row], parts[3, row], radiant[row],
            )  # fmt: skip
            for k in range(np.uint64(columns)):
                light, warmth, lit, wall = k_sky[k], l_sky[k], part[k], felt[k]
                far, close, stands, behind = wide[k], near[k], there[k], np.float32(veil[k]) / WHOLE
                d = SHORT * beam_on_body * lit
                s = SHORT * light + LONG * (warmth - crown * behind)
                g = half * (own * close + (one - own) * far)
                total = d + s + wall + g
                nobody = np.float32(np.nan)
                t = np.sqrt(np.sqrt(total / (LONG * SIGMA)))
                direct[k] = d if stands > half else nobody
                sky[k] = s if stands > half else nobody
                facing[k] = wall if stands > half else nobody
                ground[k] = g if stands > half else nobody
                out[k] = t if stands > half else nobody
