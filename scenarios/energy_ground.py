"""The layers of energy of a run: buildings as zones under all edits, their roofs and facades, weeks and networks."""

import json
from collections.abc import Sequence
from typing import Any

import xarray as xr

from kernels.contract import Kernel
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from twin.energy_layers import TOLD as TOLD_ENERGY
from twin.energy_layers import energy_layers

__all__ = ["TOLD_ENERGY", "energy_of_run", "reads_energy", "told_of"]


def reads_energy(kernels: Sequence[Kernel]) -> bool:
    """Whether any of the kernels reads buildings as zones."""
    return any(need.name == "heated_floor_area" for one in kernels for need in one.layers)


def told_of(ground: xr.Dataset) -> dict[str, Any]:
    """Who says what of the buildings, and what stands for what nobody knows: for the manifest of a run."""
    return {"energy": json.loads(ground.attrs[TOLD_ENERGY])} if TOLD_ENERGY in ground.attrs else {}


def energy_of_run(scenario: Scenario, situation: Situation, forcing: xr.Dataset) -> xr.Dataset:
    """Buildings, faces, patches, weeks and networks after all edits; attribute `TOLD_ENERGY` says who says what.

    Parameters
    ----------
    scenario : Scenario
    situation : Situation
        After its edits.
    forcing : xarray.Dataset
        Hours of the run: see `twin.energy_layers.energy_layers`.

    Raises
    ------
    twin.city.CityError
        Works that do not fit the city: a network far from any street, a building that is gone.
    """
    return energy_layers(situation.city, situation.energy_works, forcing)
