"""The loops of the hourly nodal model: every zone through the year, its constant matrix factorised once."""

from typing import NamedTuple

import numpy as np
from numba import njit

RADIATIVE_IN = 5.13
"""Surface coefficient of long waves indoors: ISO 13789:2017, table 8. [W m⁻² K⁻¹]"""

AIR_HEAT = 1200.0
"""Heat capacity of air by volume: ISO 13789:2017, 8.2. [J m⁻³ K⁻¹]"""

LEDGER = ("heating", "cooling", "gains", "sun", "ventilation", "envelope", "stored")
"""Accounts of a zone's year, into the zone but cooling [J]: heating - cooling + gains … + envelope = stored."""

FIGURES = ("heating_peak", "cooling_peak", "lowest", "mean", "highest")
"""Greatest hourly powers [W]; lowest, mean and highest temperature of the air [K]."""


class Elements(NamedTuple):
    """All walls and windows of all zones, those of a zone together.

    Attributes
    ----------
    first : (zone + 1,) int64
        Where each zone's begin.
    nodes : (element,) int64
        5 or 2.
    area, inner, outer : (element,) float64
        [m²]; surface coefficient of air indoors, and of all outside. [W m⁻² K⁻¹]
    conductance : (element, 4) float64
        From outside to inside. [W m⁻² K⁻¹]
    capacity : (element, 5) float64
        [J m⁻² K⁻¹]
    outside, plane : (element,) int64
        0 outdoor, 1 ground, 2 adiabatic; place of the plane in the light.
    warms, cools : (element,) float64
        Rise over the air by light, and fall below it by loss to the sky. [K W⁻¹ m²]
    glass : (element,) float64
        Area times g of a window, else 0. [m²]
    """

    first: np.ndarray
    nodes: np.ndarray
    area: np.ndarray
    inner: np.ndarray
    outer: np.ndarray
    conductance: np.ndarray
    capacity: np.ndarray
    outside: np.ndarray
    plane: np.ndarray
    warms: np.ndarray
    cools: np.ndarray
    glass: np.ndarray


class Rooms(NamedTuple):
    """What the zones hold and want.

    Attributes
    ----------
    capacity, volume : (zone,) float64
        Of air and furniture [J K⁻¹], of the air [m³].
    air_change, gains, heat_to, cool_to : (zone, period) float64
        [h⁻¹], [W], [K], [K]
    ground : (zone, 12) float64
        [K]
    gains_to_air, sun_to_air, plant_to_air, air_share : (zone,) float64
        Convective shares; weight of the air in the temperature that is held. [1]
    heat_limit, cool_limit : (zone,) float64
        [W]
    """

    capacity: np.ndarray
    volume: np.ndarray
    air_change: np.ndarray
    gains: np.ndarray
    heat_to: np.ndarray
    cool_to: np.ndarray
    ground: np.ndarray
    gains_to_air: np.ndarray
    sun_to_air: np.ndarray
    plant_to_air: np.ndarray
    air_share: np.ndarray
    heat_limit: np.ndarray
    cool_limit: np.ndarray


class Outdoors(NamedTuple):
    """The climate as arrays, see `kernels.energy.thermal.Climate`."""

    air: np.ndarray
    sky_loss: np.ndarray
    light: np.ndarray
    through: np.ndarray
    month: np.ndarray


@njit(nogil=True, cache=True)
def _factorise(elements, begin, end, dt, keep, pivot):
    """Eliminate each element's chain from outside to inside, once for all hours: multipliers and pivots."""
    for e in range(begin, end):
        g, c, k = elements.conductance[e], elements.capacity[e], elements.nodes[e]
        for j in range(k):
            diagonal = c[j] / dt
            diagonal += elements.outer[e] if j == 0 else g[j - 1]
            diagonal += elements.inner[e] + RADIATIVE_IN if j == k - 1 else g[j]
            keep[e - begin, j] = 0.0 if j == 0 else g[j - 1] / pivot[e - begin, j - 1]
            pivot[e - begin, j] = diagonal - (0.0 if j == 0 else g[j - 1] * keep[e - begin, j])


@njit(nogil=True, cache=True)
def _behind(elements, rooms, outdoors, z, begin, t, behind):
    """Temperature that stands for air, light and sky behind each element of a zone. [K]"""
    for i in range(behind.size):
        e = begin + i
        behind[i] = outdoors.air[t]
        if elements.outside[e] == 0:
            behind[i] += elements.warms[e] * outdoors.light[elements.plane[e], t]
            behind[i] -= elements.cools[e] * outdoors.sky_loss[t]
        elif elements.outside[e] == 1:
            behind[i] = rooms.ground[z, outdoors.month[t]]


@njit(nogil=True, cache=True)
def _stored(elements, begin, end, node):
    """Heat in the elements of a zone, from 0 K. [J]"""
    found = 0.0
    for e in range(begin, end):
        for j in range(elements.nodes[e]):
            found += elements.area[e] * elements.capacity[e, j] * node[e - begin, j]
    return found


@njit(nogil=True, cache=True)
def _respond(elements, begin, end, whole, pivot):
    """What the inner faces of a zone answer with, constant all year: seven sums over its elements."""
    sums = np.zeros(7)
    for e in range(begin, end):
        last = pivot[e - begin, elements.nodes[e] - 1]
        area, inner = elements.area[e], elements.inner[e]
        sums[0] += area * inner
        sums[1] += area / whole * RADIATIVE_IN / last
        sums[2] += area / whole / last
        sums[3] += area / whole * inner / last
        sums[4] += area * inner / last
        sums[5] += area * inner * inner / last
        sums[6] += area * inner * RADIATIVE_IN / last
    return sums


@njit(nogil=True, cache=True)
def _eliminate(elements, begin, dt, whole, behind, on_faces, keep, pivot, node, right):
    """Carry what is behind and in each chain to its inner face; their sums for the mean of faces and for the air."""
    to_mean, to_air = 0.0, 0.0
    for i in range(behind.size):
        e = begin + i
        k, c = elements.nodes[e], elements.capacity[e]
        right[i, 0] = c[0] / dt * node[i, 0] + elements.outer[e] * behind[i]
        for j in range(1, k):
            right[i, j] = c[j] / dt * node[i, j] + keep[i, j] * right[i, j - 1]
        right[i, k - 1] += on_faces
        ended = right[i, k - 1] / pivot[i, k - 1]
        to_mean += elements.area[e] / whole * ended
        to_air += elements.area[e] * elements.inner[e] * ended
    return to_mean, to_air


@njit(nogil=True, cache=True)
def _substitute(elements, begin, behind, on_faces, air, mean, pivot, node, right):
    """Carry air and mean radiant temperature back through each chain; the flow in through all outer faces. [W]"""
    inward = 0.0
    for i in range(behind.size):
        e = begin + i
        k = elements.nodes[e]
        node[i, k - 1] = (right[i, k - 1] + on_faces + elements.inner[e] * air + RADIATIVE_IN * mean) / pivot[i, k - 1]
        for j in range(k - 2, -1, -1):
            node[i, j] = (right[i, j] + elements.conductance[e, j] * node[i, j + 1]) / pivot[i, j]
        inward += elements.area[e] * elements.outer[e] * (behind[i] - node[i, 0])
    return inward


@njit(nogil=True, cache=True)
def run_zones(first_zone, last_zone, elements, rooms, outdoors, start, warm_up, steps, ledger, figures, hourly):
    """Run zones through all hours of a climate by ISO 52016-1, from a start that its last hours have settled.

    Parameters
    ----------
    first_zone, last_zone : int
        Zones that are run.
    elements : Elements
    rooms : Rooms
    outdoors : Outdoors
    start : float
        Temperature of everything before the first hour of all. [K]
    warm_up : int
        Last hours of the climate that are run before it, over again where it is shorter. [1]
    steps : int
        In an hour. [1]
    ledger : (zone, 7) float64
        `LEDGER`, written. [J]
    figures : (zone, 5) float64
        `FIGURES`, written.
    hourly : (zone or 0, 4, hour) float64
        Mean heating and cooling power [W], temperature of the air and operative temperature at the end of the hour
        [K], written where there is room.

    Notes
    -----
    ISO 52016-1:2017, 6.5.6: implicit steps, long waves indoors exchanged with the mean of all faces by area. A chain
    is eliminated from outside to its inner face, the faces from air and mean radiant temperature; both follow from two
    equations whose coefficients change with the flow of air alone. Power acts on the held temperature linearly, so one
    solve gives what is needed (6.5.5.2, without its intermediate step of 10 W m⁻²).
    """
    hours, period, dt = outdoors.air.size, rooms.gains.shape[1], 3600.0 / steps
    for z in range(first_zone, last_zone):
        begin, end = elements.first[z], elements.first[z + 1]
        count = end - begin
        keep, pivot, right = np.zeros((count, 5)), np.zeros((count, 5)), np.zeros((count, 5))
        node, behind, sums = np.full((count, 5), start), np.zeros(count), np.zeros(7)
        _factorise(elements, begin, end, dt, keep, pivot)
        whole = elements.area[begin:end].sum()
        faces, mirror, per_face, mean_face, air_face, back_air, back_mean = _respond(elements, begin, end, whole, pivot)
        mirror = 1.0 - mirror
        radiant, share, held_air = (1.0 - rooms.plant_to_air[z]) / whole, rooms.air_share[z], rooms.capacity[z] / dt
        air, before = start, 0.0
        low, high, total, most_heat, most_cool = np.inf, -np.inf, 0.0, 0.0, 0.0
        for hour in range(-warm_up, hours):
            t = hour % hours
            p = t % period
            if hour == 0:
                before = rooms.capacity[z] * air + _stored(elements, begin, end, node)
                sums[:] = 0.0
            gain, sun = rooms.gains[z, p], 0.0
            flow = AIR_HEAT * rooms.volume[z] * rooms.air_change[z, p] / 3600.0
            for e in range(begin, end):
                if elements.glass[e] > 0.0:
                    sun += elements.glass[e] * outdoors.through[elements.plane[e], t]
            convective = rooms.gains_to_air[z] * gain + rooms.sun_to_air[z] * sun
            on_faces = (gain + sun - convective) / whole
            stiff = held_air + faces + flow - back_air - back_mean * mean_face / mirror
            air_rise = (rooms.plant_to_air[z] + radiant * (air_face + back_mean * per_face / mirror)) / stiff
            mean_rise = (radiant * per_face + mean_face * air_rise) / mirror
            rise = share * air_rise + (1.0 - share) * mean_rise
            _behind(elements, rooms, outdoors, z, begin, t, behind)
            heat, cool, mean = 0.0, 0.0, 0.0
            for _ in range(steps):
                to_mean, to_air = _eliminate(elements, begin, dt, whole, behind, on_faces, keep, pivot, node, right)
                load = held_air * air + flow * outdoors.air[t] + convective
                air = (load + to_air + back_mean * to_mean / mirror) / stiff
                mean = (to_mean + mean_face * air) / mirror
                held, power = share * air + (1.0 - share) * mean, 0.0
                if held < rooms.heat_to[z, p]:
                    power = min((rooms.heat_to[z, p] - held) / rise, rooms.heat_limit[z])
                elif held > rooms.cool_to[z, p]:
                    power = -min((held - rooms.cool_to[z, p]) / rise, rooms.cool_limit[z])
                air, mean = air + air_rise * power, mean + mean_rise * power
                inward = _substitute(elements, begin, behind, radiant * power, air, mean, pivot, node, right)
                heat += max(power, 0.0) / steps
                cool += max(-power, 0.0) / steps
                sums[4] += flow * (outdoors.air[t] - air) * dt
                sums[5] += inward * dt
            sums[0] += heat * 3600.0
            sums[1] += cool * 3600.0
            sums[2] += gain * 3600.0
            sums[3] += sun * 3600.0
            if hour >= 0:
                most_heat, most_cool = max(most_heat, heat), max(most_cool, cool)
                low, high, total = min(low, air), max(high, air), total + air
                if hourly.shape[0] > 0:
                    hourly[z, 0, t], hourly[z, 1, t] = heat, cool
                    hourly[z, 2, t], hourly[z, 3, t] = air, 0.5 * (air + mean)
        sums[6] = rooms.capacity[z] * air + _stored(elements, begin, end, node) - before
        ledger[z] = sums
        figures[z, 0], figures[z, 1], figures[z, 2] = most_heat, most_cool, low
        figures[z, 3], figures[z, 4] = total / hours, high
