"""Building the state of a heat run: the look around, the columns, the wind and the air."""

import time
from typing import Protocol

import numpy as np
import xarray as xr

from kernels.crew import Crew
from kernels.heat.air import AirModel
from kernels.heat.geometry import Geometry, survey
from kernels.heat.inputs import Inputs
from kernels.heat.patches import PATCHES
from kernels.heat.radiation import radiate
from kernels.heat.starting import initial
from kernels.heat.state import Day, HeatState, Known
from kernels.heat.surfaces import Materials
from kernels.heat.walls import wall_materials
from kernels.heat.wind import WindLibrary


class Knobs(Protocol):
    """What of the kernel's knobs the set-up reads."""

    sky_view: str
    body: str
    wind: str
    air: bool
    parts: bool
    directions: int


def set_up(knobs: Knobs, grid: xr.Dataset, inputs: Inputs, day: Day, crew: Crew) -> HeatState:
    """The state at time 0."""
    began = time.perf_counter()
    geometry = survey(inputs, crew, knobs.body, parity=knobs.sky_view == "parity")
    looked = time.perf_counter() - began
    above = (inputs.roof - inputs.ground).astype(np.float32)
    still = ~inputs.building
    wind = WindLibrary(
        inputs.ground.astype(np.float32), above, still, inputs.crown_top, inputs.crown_bottom, inputs.cell_size,
        directions=knobs.directions, mode=knobs.wind, crew=crew,
    )  # fmt: skip
    air = AirModel(still, above, inputs.cell_size, crew=crew) if knobs.air else None
    state = begin(knobs, grid, inputs, geometry, day, crew, wind, air)
    state.seconds["look around"] = looked
    # what only variants would ask for again is let go
    state.inputs, geometry.exact = inputs.slim(), None
    state.keeps_parts = knobs.parts
    state.mask_speed = round(geometry.cells * len(PATCHES) / 1e6 / max(geometry.seconds, 1e-9), 1)
    return state


def begin(
    knobs: Knobs, grid: xr.Dataset, inputs: Inputs, geometry: Geometry, day: Day, crew: Crew, wind: WindLibrary | None,
    air: AirModel | None, known: Known | None = None,
) -> HeatState:  # fmt: skip
    """The state at time 0 on the window of a geometry; see `HeatState.known`."""
    rows, columns = slice(*geometry.window[:2]), slice(*geometry.window[2:])
    cells = rows, columns
    materials = Materials.of(
        inputs.conductivity[cells], inputs.capacity[cells], inputs.emissivity[cells], inputs.wetness[cells],
        inputs.building[cells], inputs.outside[cells],
    )  # fmt: skip
    walls = wall_materials(2 * geometry.facades.area.size)
    temperature, wall_temperature = initial(materials, walls, geometry, inputs.albedo[cells], day)
    shape = geometry.albedo.shape
    radiation = radiate(
        geometry, day.moments[0], temperature[0].reshape(shape), wall_temperature[0].reshape(2, -1, 4), crew,
        knobs.body, soft=knobs.sky_view == "exact", known=known(0) if known else None,
    )  # fmt: skip
    return HeatState(
        grid, inputs, geometry, day, crew, materials, walls, temperature, wall_temperature, wind, air, 0.0,
        day.weather[0], radiation, known=known,
    )  # fmt: skip
