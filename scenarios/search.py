"""The smallest basin that reaches a target, by bisection on its volume."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log2
from typing import Protocol

import numpy as np
import shapely

from scenarios.edits.basin import DEEPEST, Basin
from scenarios.edits.edit import Points
from scenarios.problem import Cancelled, ScenarioError
from scenarios.scenario import Scenario
from twin.city import City
from twin.result import Result

Run = Callable[[City, Scenario], Result]
"""Runs a scenario; ``functools.partial(simulate, store=store)`` is one, a warm rerun another."""

FINEST = 0.02
"""Search ends where the answer is known to this part of itself, or to the tolerance if that is wider. [1]"""


class Target(Protocol):
    """What a basin is to reach."""

    def value(self, result: Result) -> float:
        """The figure of a run."""

    @property
    def at_most(self) -> float:
        """Highest figure that is good enough."""

    def refuse(self, basin: shapely.Polygon) -> None:
        """Refuse a target that no basin there can mean."""


@dataclass(frozen=True)
class DepthAt:
    """Water in the cell of a point is never deeper than this.

    Attributes
    ----------
    x, y : float
        Lambert 72. [m]
    at_most : float
        [m]
    """

    x: float
    y: float
    at_most: float

    def value(self, result: Result) -> float:
        """Greatest depth there in the run. [m]"""
        depth = result.frame("max_water_depth")
        grid = result.manifest["grid"]
        row = int(np.floor((self.y - grid["south"]) / grid["cell_size"]))
        column = int(np.floor((self.x - grid["west"]) / grid["cell_size"]))
        if not (0 <= row < depth.shape[0] and 0 <= column < depth.shape[1]):
            raise ScenarioError(
                f"({self.x:g}, {self.y:g}) is outside the grid of the run; name a place inside", "target"
            )
        found = float(depth[row, column])
        if not np.isfinite(found):
            raise ScenarioError(f"({self.x:g}, {self.y:g}) lies in a building; name a place in the open", "target")
        return found

    def refuse(self, basin: shapely.Polygon) -> None:
        """Refuse a place in the basin, where more volume means more depth.

        Raises
        ------
        ScenarioError
        """
        if shapely.intersects_xy(basin, self.x, self.y):
            raise ScenarioError(f"({self.x:g}, {self.y:g}) lies in the basin itself; name a place beside it", "target")


@dataclass(frozen=True)
class BuildingsTouched:
    """No more buildings than this are touched.

    Attributes
    ----------
    at_most : int
    """

    at_most: float

    def value(self, result: Result) -> float:
        """Buildings that water touched in the run. [1]"""
        for one in result.indicators:
            if one["key"] == "buildings_touched":
                return float(one["value"])
        raise ScenarioError("the run counts no buildings; run the flood", "kernels")

    def refuse(self, basin: shapely.Polygon) -> None:
        """Nothing: it means something everywhere."""


@dataclass(frozen=True)
class Trial:
    """One run of the search.

    Attributes
    ----------
    volume_m3 : float
        0 is the scenario without the basin.
    value : float
        Figure of the target.
    meets : bool
    digest : str
        Of the run's result.
    """

    volume_m3: float
    value: float
    meets: bool
    digest: str


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes
    ----------
    volume_m3 : float or None
        Smallest volume tried that meets the target; 0 where none is needed, None where even the largest does not.
    scenario : Scenario or None
        With that basin.
    trials : tuple of Trial
        In the order in which they ran.
    within_m3 : float
        The smallest volume of all lies at most this much below. [m³]
    """

    volume_m3: float | None
    scenario: Scenario | None
    trials: tuple[Trial, ...]
    within_m3: float


def smallest_basin(
    city: City,
    scenario: Scenario,
    polygon: Points,
    target: Target,
    *,
    run: Run,
    name: str = "basin",
    largest_m3: float | None = None,
    tolerance_m3: float = 1.0,
    outlet: Basin | None = None,
    on_trial: Callable[[float, Trial], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Found:
    """Search the smallest basin on a patch of ground with which a scenario meets a target.

    More volume is taken to hold back more water: the search halves the range between a volume that does not meet the
    target and one that does.

    Parameters
    ----------
    city : City
    scenario : Scenario
        Without the basin; its other edits stay.
    polygon : list of points
        Where the basin is dug.
    target : Target
        `DepthAt` or `BuildingsTouched`.
    run : callable
        Runs a scenario on the city and gives its result; with a warm rerun a trial costs a part of a whole run.
    name : str
        Id of the basin.
    largest_m3 : float, optional
        Largest volume tried; by default a mean depth of 10 m. [m³]
    tolerance_m3 : float
        The search ends where the answer is known to this, or to 2 % of itself. [m³]
    outlet : Basin, optional
        A basin whose outlet and drain are taken; by default it infiltrates.
    on_trial : callable, optional
        Is given a fraction 0..1 and each trial as it ends.
    cancelled : callable, optional
        Asked before each trial; a run in progress is stopped by its own runner.

    Raises
    ------
    ScenarioError
        The basin cannot be dug there, or the target means nothing there.
    Cancelled
    """
    if not tolerance_m3 > 0:
        raise ScenarioError(f"the tolerance is {tolerance_m3:g} m³, expected a volume above 0", "tolerance_m3")
    search = _Search(city, scenario, polygon, target, run, name, outlet, on_trial, cancelled)
    largest = search.largest() if largest_m3 is None else largest_m3
    search.refuse(largest)
    search.steps = 2 + max(ceil(log2(largest / tolerance_m3)), 0)
    if search.meets(0.0):
        return Found(0.0, scenario, tuple(search.trials), 0.0)
    if not search.meets(largest):
        return Found(None, None, tuple(search.trials), 0.0)
    low, high = 0.0, largest
    while high - low > max(tolerance_m3, FINEST * high):
        middle = 0.5 * (low + high)
        if search.meets(middle):
            high = middle
        else:
            low = middle
    return Found(high, search.with_basin(high), tuple(search.trials), high - low)


class _Search:
    """The trials of one search."""

    def __init__(
        self,
        city: City,
        scenario: Scenario,
        polygon: Points,
        target: Target,
        run: Run,
        name: str,
        outlet: Basin | None,
        on_trial: Callable[[float, Trial], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.trials: list[Trial] = []
        self.steps = 1
        self._city = city
        self._scenario = scenario
        self._polygon = polygon
        self._target = target
        self._run = run
        self._name = name
        self._outlet = outlet
        self._on_trial = on_trial or (lambda fraction, trial: None)
        self._cancelled = cancelled or (lambda: False)

    def with_basin(self, volume_m3: float) -> Scenario:
        """The scenario with a basin of a volume; without one for 0."""
        if volume_m3 == 0:
            return self._scenario
        basin = Basin(id=self._name, polygon=self._polygon, volume_m3=volume_m3)
        if self._outlet is not None:
            basin = basin.model_copy(update={"outlet": self._outlet.outlet, "drain_l_s": self._outlet.drain_l_s})
        return self._scenario.model_copy(update={"edits": [*self._scenario.edits, basin]})

    def largest(self) -> float:
        """Volume of the deepest basin the ground allows. [m³]"""
        return DEEPEST * float(self._dug(1.0).area) * (1 - 1e-9)

    def refuse(self, largest: float) -> None:
        """Refuse a basin or a target before anything is computed."""
        if not largest > 0:
            raise ScenarioError(f"the largest volume is {largest:g} m³, expected a volume above 0", "largest_m3")
        self._target.refuse(self._dug(largest))

    def _dug(self, volume_m3: float) -> shapely.Polygon:
        situation = self.with_basin(volume_m3).situation(self._city)
        return next(one.shape for one in situation.works.ground if one.id == self._name)

    def meets(self, volume_m3: float) -> bool:
        """Run one trial."""
        if self._cancelled():
            raise Cancelled(f"stopped on request after {len(self.trials)} trials")
        result = self._run(self._city, self.with_basin(volume_m3))
        value = self._target.value(result)
        trial = Trial(volume_m3, value, value <= self._target.at_most, result.digest)
        self.trials.append(trial)
        self._on_trial(min(len(self.trials) / self.steps, 1.0), trial)
        return trial.meets
