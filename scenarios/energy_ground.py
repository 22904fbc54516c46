"""The layers of energy of a run: buildings as zones under all edits, their roofs and facades, weeks and networks."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
import xarray as xr

from kernels.contract import Kernel
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from twin.city import City
from twin.energy_layers import TOLD as TOLD_ENERGY
from twin.energy_layers import energy_layers

TOLD_NETWORKS = "told_networks"
"""Attribute of the layers: JSON of what was assumed of networks, words to numbers."""

__all__ = ["TOLD_ENERGY", "energy_of_run", "reads_energy", "told_of"]


def reads_energy(kernels: Sequence[Kernel]) -> bool:
    """Whether any of the kernels reads buildings as zones."""
    return any(need.name == "heated_floor_area" for one in kernels for need in one.layers)


def told_of(ground: xr.Dataset) -> dict[str, Any]:
    """Who says what of the buildings, and what stands for what nobody knows: for the manifest of a run."""
    kept = {"energy": TOLD_ENERGY, "networks": TOLD_NETWORKS}
    return {words: json.loads(ground.attrs[name]) for words, name in kept.items() if name in ground.attrs}


def energy_of_run(scenario: Scenario, situation: Situation, forcing: xr.Dataset) -> xr.Dataset:
    """Buildings, faces, patches, weeks and networks after all edits; attribute `TOLD_ENERGY` says who says what.

    Parameters
    ----------
    scenario : Scenario
    situation : Situation
        After its edits.
    forcing : xarray.Dataset
        Hours of the run: see `twin.energy_layers.energy_layers`.

    Returns
    -------
    Dataset
        Of the buildings in the document's window, where it has one.

    Raises
    ------
    ScenarioError
        The document's window holds no building.
    twin.city.CityError
        Works that do not fit the city: a network far from any street, a building that is gone.
    """
    found = energy_layers(situation.city, situation.energy_works, forcing)
    if scenario.window is None:
        return found
    inside = _within(situation.city, scenario.window)
    if not inside.any():
        raise ScenarioError("holds no building; widen it, or leave it out", "window")
    return limited(found, inside)


def _within(city: City, window: Sequence[float]) -> np.ndarray:
    """Buildings that stand in a window with a point that is theirs: (building,) bool."""
    points = shapely.point_on_surface(city.buildings.geometry.to_numpy())
    x, y = shapely.get_x(points), shapely.get_y(points)
    west, south, east, north = window
    return (x >= west) & (x < east) & (y >= south) & (y < north)


def limited(layers: xr.Dataset, inside: np.ndarray) -> xr.Dataset:
    """The layers of some buildings; the others still stand in the light, and a network's pipes still lie there.

    Parameters
    ----------
    layers : Dataset
        Of `twin.energy_layers.energy_layers`.
    inside : (building,) bool
    """
    place = np.cumsum(inside) - 1
    found = layers.isel(building=np.flatnonzero(inside))
    for kind in ("face", "patch"):
        found = _followed(found, f"{kind}_building", kind, inside, place)
    if "consumer_building" in found:
        found = _followed(found, "consumer_building", "network_consumer", inside, place)
    return found


def _followed(layers: xr.Dataset, name: str, dim: str, inside: np.ndarray, place: np.ndarray) -> xr.Dataset:
    """Keep what belongs to buildings that are left, under their new rows."""
    rows = layers[name].values
    found = layers.isel({dim: np.flatnonzero(inside[rows])})
    return found.assign({name: (found[name].dims, place[found[name].values], found[name].attrs)})
