"""Which patches of roof and facade carry photovoltaic modules: the best of those that are fit, up to a share."""

import hashlib

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kernels.energy.plane_of_array import Skylight, skylight
from kernels.energy.solar_year import Patches, solar_year
from twin.city import City
from twin.energy_faces import ROOF_FACE, WALL_FACE, CityPatches
from twin.energy_known import rows_of
from twin.energy_works import Modules
from twin.layers import remembered
from twin.place import place_of
from twin.skylight import skylight_of
from twin.synthetic_year import synthetic_year

YEAR = 8000
"""Weather of at least so many hours is a year; else modules are laid out by the synthetic year of the place."""


def peak_power(
    city: City, ids: pd.Index, patches: CityPatches, works: tuple[Modules, ...], weather: xr.Dataset
) -> NDArray[np.float64]:
    """Lay modules on the buildings that works name.

    Patches that a year gives less light than wanted are left out; of the rest the brightest are covered first, until
    the wanted share of their area is; a share is taken of the last one. Where two works lay modules on roofs, or on
    facades, of the same building the later one holds.

    Parameters
    ----------
    city : City
    ids : Index
        Of its buildings.
    patches : CityPatches
    works : tuple of Modules
    weather : xarray.Dataset
        The forcing of the run, see `twin.energy_layers.energy_layers`.

    Returns
    -------
    (patch,) float64
        [W]

    Raises
    ------
    twin.city.CityError
        Works name a building that the city does not have.
    """
    found = np.zeros(patches.area.size)
    if not works:
        return found
    light = _year_of_light(city, weather)
    for work in works:
        kind = ROOF_FACE if work.on == "roofs" else WALL_FACE
        named = np.zeros(len(ids), bool)
        named[rows_of(ids, work.buildings)] = True
        mine = np.flatnonzero(named[patches.building] & (patches.kind == kind))
        found[mine] = 0.0
        bright = _irradiation(patches, mine, light, len(ids))
        fit = mine[bright >= work.least_irradiation]
        order = np.lexsort((-bright[bright >= work.least_irradiation], patches.building[fit]))
        fit = fit[order]
        found[fit] = _covered(patches.building[fit], patches.area[fit], work.share) * work.power_per_area
    return found


def _covered(building: NDArray[np.int64], area: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Area of each patch under modules, the first of a building before its others. [m²]"""
    if not building.size:
        return area
    first = np.flatnonzero(np.diff(building, prepend=-1))
    length = np.diff(first, append=building.size)
    total = np.repeat(np.add.reduceat(area, first), length)
    before = np.cumsum(area) - area
    before -= np.repeat(before[first], length)
    found: NDArray[np.float64] = np.clip(share * total - before, 0.0, area)
    return found


def _year_of_light(city: City, weather: xr.Dataset) -> Skylight:
    """Light of the run's own weather where that is a year, of the synthetic year of the place else."""
    if weather.sizes["time"] < YEAR:
        place = place_of(city)
        return skylight_of(_placed(synthetic_year(place), place), grid_convergence=place.grid_convergence)
    return skylight(
        weather["global_horizontal_irradiance"].values,
        weather["diffuse_horizontal_irradiance"].values,
        weather["direct_normal_irradiance"].values,
        np.radians(weather["solar_elevation_angle"].values),
        np.radians(weather["solar_azimuth_angle"].values),
    )


def _placed(year: xr.Dataset, place: object) -> xr.Dataset:
    return year.assign_attrs({name: getattr(place, name) for name in ("latitude", "longitude", "altitude")})


def _irradiation(
    patches: CityPatches, which: NDArray[np.int64], light: Skylight, buildings: int
) -> NDArray[np.float64]:
    """Light of a year on some patches: (which,) [J m⁻²]."""

    def make() -> NDArray[np.float64]:
        laid = Patches.of(
            patches.normals[which], patches.area[which], patches.horizon[which], patches.building[which], buildings
        )
        return solar_year(laid, light, hourly=False).irradiation

    key = hashlib.sha256()
    for one in (patches.horizon[which], patches.normals[which], patches.building[which], light.parts()):
        key.update(np.ascontiguousarray(one).data)
    found: NDArray[np.float64] = remembered(("irradiation", key.digest()), make)
    return found
