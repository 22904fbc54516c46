"""A finished result with its city again: the situation it was computed for, and its figures."""

from datetime import datetime

import xarray as xr

from scenarios.heat_figures import HeatFigures
from scenarios.indicators import FloodFigures
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from scenarios.traffic_ground import traffic_of_run
from scenarios.traffic_run import TrafficRun
from twin.city import City
from twin.layers import layers
from twin.rasterise import Grid
from twin.result import Result
from twin.water_layers import water_layers


def situation_of(result: Result, city: City) -> Situation:
    """The situation of a result.

    Parameters
    ----------
    result : Result
    city : City
        As imported, without the edits.

    Raises
    ------
    ScenarioError
        The result is of another city, or its document is of another version.
    """
    digest = result.manifest["city"]["digest"]
    if digest != city.digest:
        raise ScenarioError(
            f"the result {result.digest[:12]}… is of the city {digest[:12]}…, this one is {city.name} "
            f"({city.digest[:12]}…); open it with its own city"
        )
    return Scenario.read(result.manifest["scenario"]).situation(city)


def figures_of(result: Result, city: City) -> FloodFigures:
    """What a flood can meet in the situation of a result, on its grid.

    Raises
    ------
    ScenarioError
        As `situation_of`.
    """
    situation = situation_of(result, city)
    ground = _ground(result, situation)
    return FloodFigures(situation, water_layers(ground, situation.city, situation.base, situation.works, None))


def heat_figures_of(result: Result, city: City) -> HeatFigures:
    """What heat can meet in the situation of a result, on its grid.

    Raises
    ------
    ScenarioError
        As `situation_of`.
    """
    situation = situation_of(result, city)
    start = datetime.fromisoformat(result.manifest["scenario"]["period"]["start"])
    return HeatFigures(situation, _ground(result, situation), start)


def traffic_run_of(result: Result, city: City) -> TrafficRun:
    """A result of traffic with its network and its demand, made again as it was for the run.

    Raises
    ------
    ScenarioError
        As `situation_of`; or the result has no traffic.
    """
    situation = situation_of(result, city)
    if "traffic_flow" not in result.dataset:
        raise ScenarioError(f"{result.digest[:12]}… has no traffic_flow; run the kernel traffic", "kernels")
    scenario = Scenario.read(result.manifest["scenario"])
    kernels = [one for one in scenario.chosen() if "traffic_flow" in one.gives]
    network = traffic_of_run(scenario, situation, Grid(**result.manifest["grid"]), kernels)
    return TrafficRun.of(situation, network, result.dataset, scenario.period.start)


def _ground(result: Result, situation: Situation) -> xr.Dataset:
    grid = result.manifest["grid"]
    west, south, size = grid["west"], grid["south"], grid["cell_size"]
    window = (west, south, west + grid["columns"] * size, south + grid["rows"] * size)
    return layers(situation.city, size, window)
