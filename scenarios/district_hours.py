"""The hours of a district as a run of energy leaves them: what it draws, makes, buys and gives, by carrier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import xarray as xr

from kernels.quantities import QUANTITIES
from scenarios.problem import ScenarioError
from twin.result import Result

HOUR = 3600.0
"""Step of the series. [s]"""
NAMES = tuple(name for name in QUANTITIES if name.startswith("district_"))
"""Series of a district, along (hour,)."""
ELECTRIC_USES = ("appliances", "heat_pumps", "resistance", "chillers", "vehicles", "plant_electricity")
"""Series of what draws electricity, without their prefix."""
FUELS = ("gas", "oil", "wood")
"""What is burnt. The series ``gas`` is that of all boilers, of which ``oil`` and ``wood`` are parts."""


@dataclass(frozen=True, eq=False)
class DistrictHours:
    """Series of a district along (hour,). [W; energies in J]

    Attributes
    ----------
    series : mapping of str to (hour,) ndarray
        By the name without ``district_``; what a run does not give is nil.
    """

    series: Mapping[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.series[name]

    @property
    def count(self) -> int:
        """Hours of the run."""
        return int(self.series["appliances"].size)

    @property
    def drawn(self) -> np.ndarray:
        """Electricity that all uses draw, own production not taken off, storage left out. [W]"""
        return np.asarray(sum(self[name] for name in ELECTRIC_USES))

    @property
    def made(self) -> np.ndarray:
        """Electricity that modules give after what is cut off. [W]"""
        return np.maximum(self["photovoltaic"] - self["curtailed"], 0.0)

    @property
    def use(self) -> np.ndarray:
        """Electricity that is drawn, moved in time by batteries. [W]

        A battery that gives more than is drawn in its hour counts as production: see `production`.
        """
        return np.maximum(self._moved, 0.0)

    @property
    def production(self) -> np.ndarray:
        """Electricity made, with what batteries give beyond all that is drawn. [W]"""
        return self.made + np.maximum(-self._moved, 0.0)

    @property
    def fuel(self) -> np.ndarray:
        """Fuel of buildings and of the plants of networks. [W]"""
        return self["gas"] + self["plant_gas"]

    @property
    def fuels(self) -> dict[str, np.ndarray]:
        """The same by what is burnt, of `FUELS`; plants of networks burn gas. [W]"""
        others = {name: self[name] for name in FUELS[1:]}
        return {FUELS[0]: np.maximum(self.fuel - sum(others.values()), 0.0), **others}

    @property
    def net(self) -> np.ndarray:
        """Bought less given across the edge of the district, neighbours served first. [W]"""
        return self.use - self.production

    @property
    def imbalance(self) -> np.ndarray:
        """What the electric node fails to close by in each hour. [W]"""
        supplied = self["bought"] + self["photovoltaic"] + self["battery"]
        return np.asarray(supplied - self.drawn - self["given"] - self["curtailed"])

    @property
    def _moved(self) -> np.ndarray:
        return self.drawn - self["battery"]

    def total(self, name: str) -> float:
        """Sum of a series over the run. [J]"""
        return float(self[name].sum()) * HOUR


def hours_of(summary: xr.Dataset) -> DistrictHours:
    """The hours of a summary, or of a stored result's dataset.

    Raises
    ------
    ScenarioError
        It has no series of a district, or one with a gap.
    """
    if "district_appliances" not in summary:
        raise ScenarioError("the result has no hours of a district; run the kernel energy", "kernels")
    count = summary["district_appliances"].size
    found = {}
    for name in NAMES:
        values = summary[name].values.astype(np.float64) if name in summary else np.zeros(count)
        if not np.isfinite(values).all():
            raise ScenarioError(f"{name} has {int((~np.isfinite(values)).sum())} hours that are not known")
        found[name.removeprefix("district_")] = values
    return DistrictHours(found)


def hours_of_result(result: Result) -> DistrictHours:
    """The hours of a stored result."""
    return hours_of(result.dataset)


def start_of(result: Result) -> datetime:
    """Start of a result's period, UTC."""
    return datetime.fromisoformat(result.manifest["scenario"]["period"]["start"])
