"""The layers of traffic of a run: streets with their works, and the trips of the city as it is."""

import json
from collections.abc import Sequence

import numpy as np
import xarray as xr

from kernels.contract import Kernel
from kernels.quantities import attrs
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from twin.rasterise import Grid
from twin.traffic_layers import told, traffic_layers
from twin.travel_demand import travel_demand

TOLD_STREETS, TOLD_TRIPS = "told_streets", "told_trips"
"""Attributes of the layers: JSON of what was assumed of streets and of trips, words to numbers."""


def reads_traffic(kernels: Sequence[Kernel]) -> bool:
    """Whether any of the kernels reads streets and trips."""
    return any(need.name == "demand_trips" for one in kernels for need in one.layers)


def traffic_of_run(scenario: Scenario, situation: Situation, grid: Grid, kernels: Sequence[Kernel]) -> xr.Dataset:
    """Streets, closures and trips.

    Trips are those of the city as imported, whatever edits do to its streets: so A and B have the same trips, and what
    works change, drivers find on their way. Changes of demand multiply them.

    Raises
    ------
    ScenarioError
        The document has no trips.
    twin.city.CityError
        The city has no streets.
    """
    travel = scenario.forcing.travel
    if travel is None:
        raise ScenarioError(
            "traffic reads trips and the document has none; add such as {kind: synthetic}", "forcing.travel"
        )
    period = scenario.period
    works = situation.street_works
    heated = any(need.name == "waste_heat_flux" for one in kernels for need in one.layers)
    start, duration = period.start, period.duration_s
    before = traffic_layers(situation.base, start=start, duration_s=duration)
    network = traffic_layers(situation.city, works, start=start, duration_s=duration, grid=grid if heated else None)
    demand, told_trips = travel_demand(
        situation.base, before, period.start, period.duration_s, travel.model(), works.demand
    )
    demand = _renumbered(demand, before, network)
    found = network.assign(demand.data_vars)
    return found.assign_attrs({TOLD_STREETS: json.dumps(told(network)), TOLD_TRIPS: json.dumps(told_trips)})


def _renumbered(demand: xr.Dataset, before: xr.Dataset, after: xr.Dataset) -> xr.Dataset:
    """Trips between the same nodes, by the numbers that these have among the streets after the works."""
    names, new = before["node"].values, after["node"].values
    if np.array_equal(names, new):
        return demand
    place = {name: number for number, name in enumerate(new)}
    number = np.array([place.get(name, -1) for name in names], np.int32)
    if (number < 0).any():
        lost = names[int(np.argmin(number))]
        raise ScenarioError(
            f"the node {lost!r} of the streets is gone after the edits; leave its streets there, closed"
        )
    return demand.assign(
        {
            name: ("demand", number[demand[name].values], attrs(name))
            for name in ("demand_start_node", "demand_end_node")
        }
    )
