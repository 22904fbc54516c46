"""A run of traffic with all that is needed to ask what it means: its situation, its network, its sums, its noise."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import xarray as xr

from scenarios.emergency_access import EmergencyAccess, emergency_access
from scenarios.noise_exposure import NoiseExposure
from scenarios.problem import ScenarioError
from scenarios.situation import Situation
from scenarios.traffic_totals import TrafficTotals


@dataclass(frozen=True, eq=False)
class TrafficRun:
    """What one run of traffic left.

    Attributes
    ----------
    situation : Situation
    network : Dataset
        Layers that the kernel read, with the demand.
    run : Dataset
        Its fields along (time, link) and its summary.
    start : datetime
    """

    situation: Situation
    network: xr.Dataset
    run: xr.Dataset
    start: datetime

    @classmethod
    def of(cls, situation: Situation, network: xr.Dataset, run: xr.Dataset, start: datetime) -> "TrafficRun":
        """Check that a run is of a network.

        Raises
        ------
        ScenarioError
            The run has no traffic, or is of other streets.
        """
        if "traffic_flow" not in run:
            raise ScenarioError("the run has no traffic_flow; run the kernel traffic", "kernels")
        if run.sizes["link"] != network.sizes["link"]:
            raise ScenarioError(
                f"the run has {run.sizes['link']} links, its network {network.sizes['link']}; run the scenario again"
            )
        # what is stored numbers its links; their names are those of the network
        return cls(situation, network, run.assign_coords(link=network["link"].values), start)

    @cached_property
    def totals(self) -> TrafficTotals:
        """Sums over the frames."""
        return TrafficTotals.of(self.run, self.network, self.start)

    @cached_property
    def noise(self) -> NoiseExposure:
        """Who hears the streets."""
        return NoiseExposure(self.situation, self.network)

    @cached_property
    def levels(self) -> np.ndarray:
        """Lden, or the mean level of the run's hours, at each home: (home,) float64. [dB(A)]"""
        return self.noise.of_run(self.totals)

    @cached_property
    def help(self) -> EmergencyAccess | None:
        """How soon help arrives."""
        return emergency_access(self.situation.city, self.totals, getattr(self.situation, "street_works", None))
