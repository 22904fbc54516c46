"""The sun of a year on many patches at once: a sum for each patch, hours only for groups of them."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.energy.horizons import sky_seen, sun_among
from kernels.energy.patch_light import light_on, parts_seen
from kernels.energy.photovoltaics import (
    FAIMAN,
    GLASS,
    REFERENCE_IRRADIANCE,
    REFERENCE_TEMPERATURE,
    diffuse_passes_glass,
)
from kernels.energy.plane_of_array import Skylight


@dataclass(frozen=True, eq=False)
class Patches:
    """Patches of roofs and facades, those of one group one after the other.

    Attributes
    ----------
    normals : (patch, 3) float64
        Outward unit vectors: east, north, up, from the north that the sun is told from. [1]
    area : (patch,) float64
        [m²]
    horizon : (patch, azimuth) uint8
        As `kernels.energy.horizons.horizons` gives it.
    first : (group + 1,) int64
        Patches of group g are ``first[g]`` up to ``first[g + 1]``.
    even, band : (patch,) float64
        Part of the even sky and of the band at the horizon that is seen, see `SkySeen`. [1]
    """

    normals: NDArray
    area: NDArray
    horizon: NDArray
    first: NDArray
    even: NDArray
    band: NDArray

    @classmethod
    def of(cls, normals: ArrayLike, area: ArrayLike, horizon: NDArray, group: ArrayLike, groups: int) -> "Patches":
        """Lay out patches.

        Parameters
        ----------
        normals, area, horizon
            See above.
        group : (patch,) int
            Ascending.
        groups : int
            How many there are; one may be empty.

        Raises
        ------
        LayerError
            Lengths that differ, a normal that is no unit vector, an area below 0, groups out of order.
        """
        normals = np.ascontiguousarray(normals, np.float64).reshape(-1, 3)
        area, group = np.asarray(area, np.float64), np.asarray(group, np.int64)
        count = area.size
        if normals.shape[0] != count or horizon.shape[0] != count or group.size != count:
            raise LayerError(
                f"patches need one normal, horizon and group for each area; got {normals.shape[0]}, "
                f"{horizon.shape[0]} and {group.size} for {count}"
            )
        off = np.abs(np.linalg.norm(normals, axis=1) - 1) > 1e-6
        if not np.isfinite(normals).all() or off.any():
            bad = int(np.argmax(off | ~np.isfinite(normals).all(axis=1)))
            raise LayerError(f"patch {bad} has the normal {normals[bad]}, expected a unit vector")
        if not (np.isfinite(area).all() and (area >= 0).all()):
            raise LayerError("a patch has an area below 0 or none; leave it out")
        if count and ((np.diff(group) < 0).any() or group[0] < 0 or group[-1] >= groups):
            raise LayerError(f"groups of patches must ascend in 0 … {groups - 1}; sort the patches by group")
        first = np.searchsorted(group, np.arange(groups + 1)).astype(np.int64)
        seen = sky_seen(horizon, normals)
        return cls(normals, area, np.ascontiguousarray(horizon, np.uint8), first, seen.even, seen.band)

    @property
    def groups(self) -> int:
        """How many groups, empty ones too."""
        return self.first.size - 1


@dataclass(frozen=True, eq=False)
class SolarYear:
    """What a year brings.

    Attributes
    ----------
    irradiation : (patch,) float64
        On each square metre over all times. [J m⁻²]
    solar : (group, time) float64
        ``solar_power`` on all patches of a group. [W]
    direct : (group, time) float64
        ``photovoltaic_dc_power`` of all its modules, losses taken off. [W]
    peak : (group,) float64
        Power of its modules in the standard test conditions. [W]
    yield_ : (patch,) float64
        Direct current of each patch over all times. [J]
    """

    irradiation: NDArray
    solar: NDArray
    direct: NDArray
    peak: NDArray
    yield_: NDArray


def solar_year(
    patches: Patches,
    light: Skylight,
    air_temperature: ArrayLike = REFERENCE_TEMPERATURE,
    wind_speed: ArrayLike = 1.0,
    peak_power: ArrayLike = 0.0,
    change_per_kelvin: float = -0.0035,
    lost: float = 0.0,
    step: float = 3600.0,
    hourly: bool = True,
    threads: int | None = None,
) -> SolarYear:
    """Lay all patches into the light of all times.

    Parameters
    ----------
    patches : Patches
    light : Skylight
        Its sun told from the same north as the normals.
    air_temperature, wind_speed : float or (time,) float64
        [K], [m s⁻¹]
    peak_power : float or (patch,) float64
        Of the modules on each patch; 0 is none. [W]
    change_per_kelvin, lost : float
        Of the modules, `kernels.energy.photovoltaics.MODULES` [K⁻¹]; of their power, `losses` [1].
    step : float
        Length of each time. [s]
    hourly : bool
        False sums up only: ``solar`` and ``direct`` are then one column each, means over the times.
    threads : int, optional
        None takes every processor; the result does not depend on it.

    Returns
    -------
    SolarYear

    Raises
    ------
    LayerError
        Weather of another length than the light, or with gaps; power or losses that cannot be.

    Notes
    -----
    Beam and the glow round the sun come where the sun stands above the horizon of the patch, which runs straight from
    the middle of one sector to that of the next; the even sky and the bright band come by the part that is seen. What
    stands in the way is black, and the ground before a patch lies in the open. A module is as warm as Faiman (2008)
    has it and its glass lets pass what Martin and Ruiz (2001) say. Memory: 84 bytes a patch, 36 of them its
    horizon, and 16 bytes an hour of each group; no hour of any patch is kept.
    """
    count, times = patches.area.size, len(light)
    air, wind = (np.ascontiguousarray(np.broadcast_to(np.asarray(one, float), (times,)))
                 for one in _of_length(times, air_temperature=air_temperature, wind_speed=wind_speed))  # fmt: skip
    power = np.ascontiguousarray(np.broadcast_to(np.asarray(peak_power, float), (count,)))
    if not (np.isfinite(power).all() and (power >= 0).all()):
        raise LayerError("the peak power of modules must be 0 or more on every patch")
    if not 0.0 <= lost < 1.0:
        raise LayerError(f"the part that is lost of the power must be in 0 … 1, got {lost}")
    parts = light.parts()
    day = np.flatnonzero((parts[:, 3:] != 0).any(axis=1))
    bright = np.ascontiguousarray(parts[day])
    sector, height = sun_among(*bright[:, :3].T, azimuths=patches.horizon.shape[1])
    tilt = np.arccos(np.clip(patches.normals[:, 2], -1, 1))
    passes = np.stack(diffuse_passes_glass(tilt), axis=1)
    cells = np.array([*FAIMAN, change_per_kelvin, (1 - lost) / REFERENCE_IRRADIANCE, REFERENCE_TEMPERATURE, GLASS])
    columns = times if hourly else 1
    place = day if hourly else np.zeros(day.size, np.int64)
    found = SolarYear(
        np.zeros(count), np.zeros((patches.groups, columns)), np.zeros((patches.groups, columns)),
        np.array([power[a:b].sum() for a, b in zip(patches.first[:-1], patches.first[1:], strict=True)]),
        np.zeros(count),
    )  # fmt: skip

    def work(low: int, high: int) -> None:
        _sum_up(
            low, high, patches.first, patches.normals, patches.area, patches.horizon, patches.even, patches.band,
            passes, power, bright, sector, height, air[day], wind[day], place, cells,
            found.irradiation, found.yield_, found.solar, found.direct,
        )  # fmt: skip

    Crew(threads).share_out(patches.groups, work, small=count * day.size < 1_000_000)
    for one in (found.irradiation, found.yield_):
        one *= step
    if not hourly:
        for one in (found.solar, found.direct):
            one /= times
    return found


def _of_length(times: int, **values: ArrayLike) -> list[NDArray]:
    found = []
    for name, given in values.items():
        one = np.asarray(given, float)
        if one.ndim and one.shape != (times,):
            raise LayerError(f"{name} needs one number or one for each of {times} times, got {one.shape}")
        if not np.isfinite(one).all():
            raise LayerError(f"{name} has a gap; fill it before the sun is summed up")
        found.append(one)
    return found


@njit(nogil=True, cache=True)
def _sum_up(
    low, high, first, normals, area, horizon, even, band, passes, power, light, sector, height, air, wind, place,
    cells, irradiation, yielded, solar, direct,
):  # fmt: skip
    """Add up the groups ``low`` to ``high``; see `solar_year`. ``light`` as `Skylight.parts`, daylight only."""
    still, by_wind, per_kelvin, per_light, reference, glass = (
        cells[0], cells[1], cells[2], cells[3], cells[4], cells[5],
    )  # fmt: skip
    straight = 1.0 - math.exp(-1.0 / glass)
    for group in range(low, high):
        for patch in range(first[group], first[group + 1]):
            east, north, up = normals[patch, 0], normals[patch, 1], normals[patch, 2]
            sky_part, band_part, ground_part = parts_seen(east, north, up, even[patch], band[patch])
            row = horizon[patch]
            whole, made = 0.0, 0.0
            for time in range(light.shape[0]):
                cosine, beam, glow, sky, ground = light_on(
                    row, sector[time], height[time], east, north, up, sky_part, band_part, ground_part, light[time]
                )
                received = beam + sky + ground
                whole += received
                solar[group, place[time]] += received * area[patch]
                if power[patch] > 0.0 and received > 0.0:
                    within = 0.0
                    if cosine > 0.0:
                        within = (1.0 - math.exp(-cosine / glass)) / straight
                    used = within * (beam + min(glow, sky)) + passes[patch, 0] * (sky - min(glow, sky))
                    used += passes[patch, 1] * ground
                    cell = air[time] + received / (still + by_wind * wind[time])
                    watts = used * per_light * power[patch] * max(1.0 + per_kelvin * (cell - reference), 0.0)
                    made += watts
                    direct[group, place[time]] += watts
            irradiation[patch] = whole
            yielded[patch] = made
