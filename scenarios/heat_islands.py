"""Critical heat islands, ranked: streets and sectors where strong heat stress meets most people longest."""

from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr

from scenarios.heat_exposure import HeatExposure
from scenarios.heat_figures import CELSIUS_0, STRONG, VERY_STRONG
from scenarios.problem import ScenarioError
from twin.city import CRS

LIVES_ON = 50.0
"""A home belongs to the nearest named street within this; further away it belongs to none. [m]"""
By = Literal["street", "sector"]

_FIELDS = {
    "hours_above_32": (f"hours_utci_above_{STRONG}", 0.0),
    "hours_above_38": (f"hours_utci_above_{VERY_STRONG}", 0.0),
    "max_utci": ("max_utci", CELSIUS_0),
    "coolest_hour": ("min_air_temperature", CELSIUS_0),
}
"""Column: field of the run's summary, and what is taken off it."""


def heat_islands(exposure: HeatExposure, summary: xr.Dataset, by: By = "street") -> gpd.GeoDataFrame:
    """Rank streets or sectors by the hours of strong heat stress that people have there.

    Parameters
    ----------
    exposure : HeatExposure
    summary : xarray.Dataset
        On (y, x): ``hours_utci_above_32``, ``hours_utci_above_38`` [h] and ``max_utci`` [K]; ``min_air_temperature``
        [K] where the run has it.
    by : {"street", "sector"}
        Streets are the ground between facades along the links of one name; sectors the open ground of each.

    Returns
    -------
    GeoDataFrame
        The worst first, by id: ``rank``; ``name_fr``, ``name_nl``; ``person_hours_32``, ``person_hours_38``: residents
        times mean hours above [h]; ``residents`` (NaN where not known); ``hours_above_32``, ``hours_above_38`` [h],
        ``max_utci`` [degC], ``coolest_hour``: lowest air temperature [degC], means over its open ground;
        ``warmer_night``: of that, how much it exceeds the mean of all open ground [K]. Geometry: axes of the street's
        links, or the sector's outline, Lambert 72. Places that the grid does not meet are left out. Where residents are
        not known the hours alone rank.

    Raises
    ------
    ScenarioError
        The run computed no heat.
    """
    refuse_without_heat(summary)
    if by == "street":
        streets = exposure.streets
        ids = [f"street-{number + 1}" for number in range(len(streets.names))]
        names, shapes, people = streets.names, streets.lines, _people_by_street(exposure)
    else:
        table = exposure.city.sectors
        ids, shapes = list(table.index), table.geometry.to_numpy()
        names = list(zip(table["name_fr"], table["name_nl"], strict=True))
        people = _people_by_sector(exposure)
    found = gpd.GeoDataFrame(
        {"name_fr": [fr for fr, _ in names], "name_nl": [nl for _, nl in names], "residents": people},
        geometry=gpd.GeoSeries(list(shapes), index=ids, crs=CRS), index=ids,
    )  # fmt: skip
    found.index.name = "id"
    for column, (field, zero) in _FIELDS.items():
        if field in summary:
            found[column] = _means(exposure, summary[field].values - zero, by)
    for bound in (STRONG, VERY_STRONG):
        found[f"person_hours_{bound}"] = found["residents"] * found[f"hours_above_{bound}"]
    if "coolest_hour" in found:
        night = summary["min_air_temperature"].values[exposure.ground] - CELSIUS_0
        found["warmer_night"] = found["coolest_hour"] - float(np.nanmean(night))
    found = found[found["max_utci"].notna()]
    order = ["person_hours_32", "hours_above_32", "person_hours_38", "hours_above_38", "max_utci"]
    found = found.sort_values(order, ascending=False, kind="stable", na_position="last")
    found.insert(0, "rank", np.arange(1, len(found) + 1))
    return found


def refuse_without_heat(summary: xr.Dataset) -> None:
    """Refuse a run in which nobody feels anything.

    Raises
    ------
    ScenarioError
    """
    wanted = ["max_utci", f"hours_utci_above_{STRONG}", f"hours_utci_above_{VERY_STRONG}"]
    missing = [name for name in wanted if name not in summary]
    if missing:
        raise ScenarioError(f"the run has no {missing[0]}; run the kernel heat with the comfort utci", "kernels")


def _means(exposure: HeatExposure, field: np.ndarray, by: By) -> np.ndarray:
    return exposure.streets.means(field, exposure.ground) if by == "street" else exposure.sector_means(field)


def _people_by_street(on: HeatExposure) -> np.ndarray:
    """Residents of each street: every home counts once, for the nearest."""
    count = len(on.streets.names)
    if on.people is None:
        return np.full(count, np.nan)
    if not count or not on.homes.size:
        return np.zeros(count)
    homes = on.city.buildings.geometry.to_numpy()[on.homes]
    home, street = shapely.STRtree(on.streets.lines).query_nearest(homes, max_distance=LIVES_ON, all_matches=False)
    return np.bincount(street, on.residents[home], minlength=count)


def _people_by_sector(on: HeatExposure) -> np.ndarray:
    if on.people is None:
        return np.full(len(on.city.sectors), np.nan)
    here = on.sector[on.homes]
    return np.bincount(here[here >= 0], on.residents[here >= 0], minlength=len(on.city.sectors))
