"""The layers of traffic of a run: streets with their works, and trips."""

import json
from collections.abc import Sequence
from typing import Any

import xarray as xr

from kernels.contract import Kernel
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from scenarios.trips import trips_of_run
from twin.rasterise import Grid
from twin.traffic_layers import told, traffic_layers

TOLD_STREETS, TOLD_TRIPS = "told_streets", "told_trips"
"""Attributes of the layers: JSON of what was assumed of streets and of trips, words to numbers."""


def reads_traffic(kernels: Sequence[Kernel]) -> bool:
    """Whether any of the kernels reads streets and trips."""
    return any(need.name == "demand_trips" for one in kernels for need in one.layers)


def told_of(ground: xr.Dataset) -> dict[str, Any]:
    """What was assumed of streets and trips, for the manifest of a run; empty where none was read."""
    kept = {"streets": TOLD_STREETS, "trips": TOLD_TRIPS}
    found = {words: json.loads(ground.attrs[name]) for words, name in kept.items() if name in ground.attrs}
    return {"traffic": found} if found else {}


def traffic_of_run(scenario: Scenario, situation: Situation, grid: Grid, kernels: Sequence[Kernel]) -> xr.Dataset:
    """Streets, closures and trips.

    Trips are those of the city as imported, whatever edits do to its streets: so A and B have the same trips, and what
    works change, drivers find on their way. Changes of demand multiply them; where the document has an elasticity,
    car trips answer the time they take.

    Raises
    ------
    ScenarioError
        The document has no trips, or its counts cannot be used.
    twin.city.CityError
        The city has no streets.
    """
    travel = scenario.forcing.travel
    if travel is None:
        raise ScenarioError(
            "traffic reads trips and the document has none; add such as {kind: synthetic}", "forcing.travel"
        )
    works = situation.street_works
    heated = any(need.name == "waste_heat_flux" for one in kernels for need in one.layers)
    start, duration = scenario.period.start, scenario.period.duration_s
    before = traffic_layers(situation.base, start=start, duration_s=duration)
    network = traffic_layers(situation.city, works, start=start, duration_s=duration, grid=grid if heated else None)
    found, told_trips = trips_of_run(travel, situation.base, before, network, works.demand, start, duration)
    return found.assign_attrs({TOLD_STREETS: json.dumps(told(network)), TOLD_TRIPS: json.dumps(told_trips)})
