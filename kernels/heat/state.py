"""The state of a heat run: what changes from step to step, and what it leaves behind."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from kernels.crew import Crew
from kernels.heat.air import AirModel
from kernels.heat.geometry import Geometry
from kernels.heat.inputs import Inputs
from kernels.heat.radiation import Moment, Radiation, WallLight
from kernels.heat.surfaces import Materials, Weather
from kernels.heat.wind import WindLibrary

THRESHOLDS = (26, 32, 38, 46)
"""UTCI at which heat stress becomes moderate, strong, very strong and extreme: Bröde et al. 2012,
doi:10.1007/s00484-011-0454-1. [°C]"""
EXTREMES = {
    "max_utci": np.fmax,
    "max_mean_radiant_temperature": np.fmax,
    "max_surface_temperature": np.fmax,
    "min_air_temperature": np.fmin,
    "max_air_temperature": np.fmax,
}
SUMS = ("sunshine_duration", *(f"hours_utci_above_{one}" for one in THRESHOLDS))
LEDGER = (
    "energy_shortwave_in",
    "energy_shortwave_absorbed",
    "energy_shortwave_reflected",
    "energy_longwave_in",
    "energy_longwave_kept",
    "energy_longwave_out",
    "energy_sensible",
    "energy_latent",
    "energy_stored",
    "energy_below",
    "energy_emitted",
    "energy_surface_in",
)
"""Accounts of a run; those that are no quantity stay inside."""

Known = Callable[[int], tuple[np.ndarray, WallLight]]
"""Of an entry, the blocks whose walls are taken from a run of the whole grid, and those walls."""


@dataclass(frozen=True, eq=False)
class Day:
    """The forcing as the run reads it: one entry per time.

    Attributes
    ----------
    times : (time,) float64
        [s]
    moments : tuple of Moment
    weather : tuple of Weather
    direction : (time,) float64
        Where the wind comes from. [degree]
    vapour : (time,) float64
        [Pa]
    grass : (time,) float64
        Sensible heat of the weather station's grass. [W m⁻²]
    corrections : dict
        What was mended in the forcing.
    """

    times: np.ndarray
    moments: tuple[Moment, ...]
    weather: tuple[Weather, ...]
    direction: np.ndarray
    vapour: np.ndarray
    grass: np.ndarray
    corrections: dict[str, Any]


@dataclass(eq=False)
class HeatState:
    """Everything of a run.

    Attributes
    ----------
    grid : Dataset
        Coordinates of the cells.
    inputs : Inputs
    geometry : Geometry
    day : Day
    crew : Crew
    materials, wall_materials : Materials
        Of cells, and of walls: (lit or shaded, block, aspect) flattened.
    temperature, wall_temperature : (node, cell) float32
        [K]
    wind : WindLibrary
    air : AirModel or None
    time : float
        [s]
    radiation : Radiation
        Of the last moment.
    fields : dict
        What `observe` gives, by name.
    kept : dict
        What `summarise` gives, by name.
    ledger : dict
        [J]
    worst : dict
        Worst closure of any moment, short-wave and long-wave. [1]
    seconds : dict
        Computing time by phase. [s]
    known : Known or None
        In a run of a part of the grid.
    mask_speed : float
        Of the look at the patches. [million cells and directions per s]
    entry : int
        Of the forcing, that drove the last step.
    keeps_parts : bool
        Whether fields hold what people absorb, part by part.
    wall_emitted : (block, 4) float64 or None
        What walls emitted when the last radiation was found. [W m⁻²]
    """

    grid: xr.Dataset
    inputs: Inputs
    geometry: Geometry
    day: Day
    crew: Crew
    materials: Materials
    wall_materials: Materials
    temperature: np.ndarray
    wall_temperature: np.ndarray
    wind: WindLibrary | None
    air: AirModel | None
    time: float
    weather: Weather
    radiation: Radiation
    fields: dict[str, np.ndarray] = field(default_factory=dict)
    kept: dict[str, np.ndarray] = field(default_factory=dict)
    ledger: dict[str, float] = field(default_factory=lambda: dict.fromkeys(LEDGER, 0.0))
    worst: dict[str, float] = field(default_factory=lambda: {"shortwave": 0.0, "longwave": 0.0})
    seconds: dict[str, float] = field(default_factory=dict)
    known: Known | None = None
    mask_speed: float = 0.0
    entry: int = 0
    keeps_parts: bool = True
    wall_emitted: np.ndarray | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the window."""
        rows, columns = self.geometry.albedo.shape
        return rows, columns

    @property
    def moment(self) -> Moment:
        """Sun, sky and air of the last step."""
        return self.day.moments[self.entry]

    @property
    def surface(self) -> np.ndarray:
        """(y, x) float32: temperature of ground and roofs. [K]"""
        found: np.ndarray = self.temperature[0].reshape(self.shape)
        return found

    @property
    def walls(self) -> np.ndarray:
        """(2, block, 4) float32: temperature of walls in the sun and out of it. [K]"""
        found: np.ndarray = self.wall_temperature[0].reshape(2, -1, 4)
        return found
