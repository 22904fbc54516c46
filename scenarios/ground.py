"""From a situation to all layers that kernels read: the city's, its soil's, its works', its sewers' and its heat's."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from kernels.contract import Kernel
from kernels.quantities import attrs
from scenarios.access_ground import access_of_run, reads_access
from scenarios.drainage import NetworkSewers, NoSewers, SinkSewers
from scenarios.energy_ground import energy_of_run, reads_energy
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from scenarios.traffic_ground import reads_traffic, traffic_of_run
from twin.drains import drain_layers
from twin.heat_layers import heat_layers
from twin.layers import bare_layers, layers
from twin.rainfall import sewer_design_rate
from twin.rasterise import Grid
from twin.water_layers import blocked_at, soil_layers, water_layers

COUNTED = ("roofs_to_drains", "inlets_moved", "inlets_left_out", "rims_off_ground")
"""Attributes by which the layers of a run say what was done to bring a network to them."""


def ground_of_run(
    scenario: Scenario,
    situation: Situation,
    grid: Grid,
    kernels: Sequence[Kernel] | None = None,
    hours: xr.Dataset | None = None,
) -> xr.Dataset:
    """The layers of a run.

    Parameters
    ----------
    scenario : Scenario
    situation : Situation
        After its edits.
    grid : Grid
        The cells of the run.
    kernels : sequence of Kernel, optional
        That read the layers: sewers are left out where none of them reads any, and what heat reads is added where one
        does, and streets, trips, places, homes and buildings as zones likewise. Where none of them reads anything on
        the ground, there is only the grid. Without them the layers are those of water.

    Returns
    -------
    xarray.Dataset
        With a network, its attributes hold the counts of `COUNTED`.

    Raises
    ------
    ScenarioError
        The document asks for a drain network that the city does not have.
    """
    sewers = scenario.sewers if kernels is None or _read(kernels, "sink_capacity", "inlet_node") else None
    if kernels is None or any("y" in need.dims for one in kernels for need in one.layers):
        ground = _cells(scenario, situation, grid, sewers)
    else:
        # streets and places alone need no ground, which a city of streets does not have
        ground = bare_layers(situation.city, grid)
    if kernels is not None and _read(kernels, "canopy_transmissivity", "roof_elevation"):
        ground = heat_layers(ground, situation.city, situation.works, scenario.period.start.month)
    if kernels is not None and reads_traffic(kernels):
        streets = traffic_of_run(scenario, situation, grid, kernels)
        ground = ground.assign(streets.data_vars).assign_attrs(streets.attrs)
    if kernels is not None and reads_access(kernels):
        reach = access_of_run(scenario, situation)
        ground = ground.assign(reach.data_vars).assign_attrs(reach.attrs)
    if kernels is not None and hours is not None and reads_energy(kernels):
        buildings = energy_of_run(scenario, situation, hours)
        ground = ground.assign(buildings.data_vars).assign_attrs(buildings.attrs)
    return ground


def _cells(
    scenario: Scenario, situation: Situation, grid: Grid, sewers: NoSewers | SinkSewers | NetworkSewers | None
) -> xr.Dataset:
    ground = soil_layers(layers(situation.city, grid.cell_size, grid.bounds), scenario.soil.law, scenario.soil.moisture)
    rate = sewer_design_rate(sewers.return_period_years) if isinstance(sewers, SinkSewers) else None
    ground = water_layers(ground, situation.city, situation.base, situation.works, rate)
    return _with_network(ground, situation) if isinstance(sewers, NetworkSewers) else ground


def _read(kernels: Sequence[Kernel], *names: str) -> bool:
    return any(need.name in names for one in kernels for need in one.layers)


def _with_network(ground: xr.Dataset, situation: Situation) -> xr.Dataset:
    if situation.city.drains is None:
        raise ScenarioError(
            f"{situation.city.name} has no drain network; import the city with one, or take the kind sink",
            "sewers.kind",
        )
    found = drain_layers(situation.city, ground)
    # a network need not say how blocked its inlets are: then they are clear
    imported = found["inlet_blockage"].values if "inlet_blockage" in found else np.zeros(found.sizes["inlet"])
    blocked = blocked_at(situation.works, found["inlet_x"].values, found["inlet_y"].values, imported)
    found = found.assign(inlet_blockage=(("inlet",), blocked, attrs("inlet_blockage")))
    counts = {name: found.attrs[name] for name in COUNTED if name in found.attrs}
    return ground.assign(found.data_vars).assign_attrs(counts)
