"""Networks of district heat as layers: their pipes along streets, plants, borefields and sources in sewers."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kernels.energy.carriers import NETWORK_SOURCES
from kernels.energy.draws import HOT_WATER_DRAW
from kernels.energy.ground import SAND
from kernels.energy.heat_network_temperatures import SPECIFIC_HEAT
from kernels.energy.heat_pumps import BOILER_EFFICIENCY
from kernels.quantities import attrs
from twin.city import CRS, City, CityError
from twin.energy_works import EnergyWorks, Network
from twin.network_pipes import AXIS_DEPTH, pipes, simultaneity, sized
from twin.network_routes import Route, StreetTrenches
from twin.street_graph import graph_of

DESIGN_AIR = 265.15
"""Design temperature of the air outside in Brussels, -8 °C: NBN EN 12831, Belgian annex. [K]"""
SUMMER_SUPPLY = 328.15
"""Water goes out with this in summer, or as in winter where that is colder: assumed, 55 °C, enough for hot water behind
an exchanger. [K]"""
GEOTHERMAL_GRADIENT = 0.03
"""Assumed, usual on continents. [K m⁻¹]"""
BOREHOLE_RESISTANCE = 0.1
"""From the wall to the brine of a double U: assumed. [m K W⁻¹]"""
DIFFUSIVITY = 1.0e-6
"""Of the ground below Brussels: assumed. [m² s⁻¹]"""
SEWAGE = (288.15, 4.0, 1.5)
"""Water in collectors: assumed, 15 °C in the mean of the year and 4 K round it, coldest in the middle of February;
makers of exchangers tell 10 to 12 °C in winter and 17 to 20 °C in summer. [K], [K], [month]"""
SEWAGE_DAY = (
    0.70, 0.55, 0.45, 0.40, 0.42, 0.55, 0.85, 1.20, 1.40, 1.40, 1.30, 1.22, 1.20, 1.15, 1.05, 1.00, 1.00, 1.05, 1.15,
    1.25, 1.25, 1.15, 1.00, 0.85,
)  # fmt: skip
"""Dry-weather flow by hour of the day over its mean, before it is scaled to a mean of 1: assumed. [1]"""
SEWER_SOIL = 2.7
"""Heat that a collector's water gives to the soil: assumed, half of what a full pipe of 1.2 m at a depth of 3 m in
ground of 2 W/mK gives, ``2 pi k / arcosh(2 z / D)``. [W m⁻¹ K⁻¹]"""


def network_rows(buildings: Sequence[str], works: EnergyWorks) -> NDArray[np.int64]:
    """Row of the network that each building is connected to, -1 for none; a later network holds.

    Parameters
    ----------
    buildings : (building,) sequence of str
    works : EnergyWorks
    """
    of = {one: row for row, network in enumerate(works.networks) for one in network.buildings}
    return np.array([of.get(one, -1) for one in buildings], np.int64)


def network_layers(
    city: City,
    works: EnergyWorks,
    design_load: Mapping[str, float],
    air_by_month: NDArray[np.float64],
    hot_water: Mapping[str, float] | None = None,
) -> xr.Dataset:
    """All networks as kernel `Energy` reads them; an empty Dataset where there are none.

    Parameters
    ----------
    city : City
    works : EnergyWorks
    design_load : mapping of str to float
        Heat that each connected building asks for at most to be warm, by its id. [W]
    air_by_month : (12,) float64
        Means of the air. [K]
    hot_water : mapping of str to float, optional
        Mean of the busiest hour of the week, by id; none counts where it is not given. [W]

    Returns
    -------
    Dataset
        Along ``network``, ``network_pipe``, ``network_consumer``, ``network_borefield``, ``network_sewer``, ``month``
        and ``day_hour``; ``attrs["told_networks"]`` is JSON: what was assumed and found, in words, with counts.

    Raises
    ------
    CityError
        No streets, a building that is not there or far from any street, no design load, flows beyond the largest pipe.

    Notes
    -----
    Boilers can warm all buildings at once and make the hot water of their busiest hour together; for pipes and the
    source every building adds its own busiest, and `twin.network_pipes.simultaneity` tells how they coincide.
    """
    if not works.networks:
        return xr.Dataset()
    air = np.asarray(air_by_month, np.float64)
    if air.shape != (12,) or not np.isfinite(air).all():
        raise CityError(f"networks of heat want twelve means of the air, got the shape {air.shape} or a gap")
    soil = soil_by_month(air)
    told: Counter[str] = Counter()
    columns: dict[str, list[Any]] = {}

    def add(**values: Any) -> None:
        for name, value in values.items():
            columns.setdefault(name, []).extend(np.atleast_1d(value).tolist())

    pipes_before = 0
    for row, (network, route, warmth, water, size) in enumerate(_laid(city, works, design_load, hot_water or {})):
        load = warmth + _busiest(water)
        made, count = pipes(), load.size
        cold = 2 * float((route.length * made.transmittance[size]).sum())
        loss = cold * ((network.supply + network.back) / 2 - float(soil.min()))
        source = _source(network, works, told)
        summer = min(network.supply, SUMMER_SUPPLY)
        told["networks of heat"] += 1
        told["connected buildings"] += count
        told["trench of networks, m"] += round(float(route.length.sum()))
        if network.supply < SUMMER_SUPPLY:
            told["networks whose water is too cold for hot water without a booster, which is not counted"] += 1
        add(
            network_source=NETWORK_SOURCES.index(source),
            network_source_capacity=network.cover * (float(simultaneity(np.array(count))) * load.sum() + loss),
            network_boiler_capacity=warmth.sum() + float(_busiest(water.sum())) + loss,
            network_boiler_efficiency=BOILER_EFFICIENCY["condensing"],
            network_winter_supply=network.supply, network_summer_supply=max(summer, network.back + 5.0),
            network_consumer_return=network.back, network_winter_air=DESIGN_AIR, network_waste_heat=network.waste_heat,
            pipe_network=np.full(size.size, row), pipe_length=route.length, pipe_diameter=made.inner[size],
            pipe_transmittance=made.transmittance[size],
            pipe_above=np.where(route.above < 0, -1, route.above + pipes_before),
            consumer_network=np.full(count, row), consumer_pipe=route.consumer_pipe + pipes_before,
            consumer_building=city.buildings.index.get_indexer(_members(works, row)),
        )  # fmt: skip
        pipes_before += size.size
    names = [one.id for one in works.networks]
    _add_fields(works, names, float(air.mean()), add)
    _add_sewers(works, names, add)
    season, swing, coldest = SEWAGE
    month = np.arange(12) + 0.5
    pattern = np.array(SEWAGE_DAY)
    found = {name: (_dim(name), np.array(values)) for name, values in columns.items()} | {
        "network_soil_temperature": (("month",), soil),
        "sewer_inflow_temperature": (("month",), season - swing * np.cos(2 * np.pi * (month - coldest) / 12)),
        "sewer_flow_pattern": (("day_hour",), pattern / pattern.mean()),
    }
    whole = {name: (dims, values, attrs(name)) for name, (dims, values) in found.items()}
    return xr.Dataset(whole, attrs={"told_networks": json.dumps(dict(told), sort_keys=True)})


def trenches(
    city: City, works: EnergyWorks, design_load: Mapping[str, float], hot_water: Mapping[str, float] | None = None
) -> gpd.GeoDataFrame:
    """The pipes of all networks as lines, for maps: ``network``, ``dn`` [mm], ``length`` [m] and ``flow`` [kg s⁻¹].

    Parameters and errors as in `network_layers`; rows in the order of its pipes.
    """
    parts = []
    for network, route, warmth, water, size in (
        _laid(city, works, design_load, hot_water or {}) if works.networks else ()
    ):
        parts.append(
            gpd.GeoDataFrame(
                {
                    "network": network.id,
                    "dn": pipes().dn[size],
                    "length": route.length,
                    "flow": _design_flow(network, route, warmth + _busiest(water)),
                },
                geometry=gpd.GeoSeries(route.lines, crs=CRS),
                crs=CRS,
            )
        )
    if not parts:
        return gpd.GeoDataFrame({"network": [], "dn": [], "length": [], "flow": []}, geometry=[], crs=CRS)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=CRS)


def soil_by_month(air_by_month: NDArray[np.float64]) -> NDArray[np.float64]:
    """Temperature of the ground round the pipes by month.

    Parameters
    ----------
    air_by_month : (12,) float64
        [K]

    Returns
    -------
    (12,) float64
        [K]

    Notes
    -----
    Yearly wave of Kusuda and Achenbach (1965), ASHRAE Transactions 71(1), 61-75: at the depth z the first harmonic of
    the air is ``exp(-z / d)`` as large and ``z / d`` later, d being the depth at which it has fallen by e. The
    surface is taken to be as warm as the air.
    """
    air = np.asarray(air_by_month, np.float64)
    turn = 2 * np.pi * np.arange(12) / 12
    cosine, sine = 2 * (air * np.cos(turn)).mean(), 2 * (air * np.sin(turn)).mean()
    deep = AXIS_DEPTH / SAND.depth
    wave = cosine * np.cos(turn - deep) + sine * np.sin(turn - deep)
    return np.asarray(air.mean() + np.exp(-deep) * wave)


def _members(works: EnergyWorks, row: int) -> list[str]:
    """Buildings of a network that no later one has."""
    names = list(works.networks[row].buildings)
    return [one for one, holds in zip(names, network_rows(names, works), strict=True) if holds == row]


def _laid(
    city: City, works: EnergyWorks, design_load: Mapping[str, float], hot_water: Mapping[str, float]
) -> list[tuple[Network, Route, NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]]:
    """Each network with its route, the design loads and the hot water of its buildings [W], the sizes of its pipes."""
    streets = StreetTrenches(graph_of(city))
    found = []
    for row, network in enumerate(works.networks):
        names = _members(works, row)
        place = city.buildings.index.get_indexer(names)
        if (place < 0).any() or not names:
            gone = names[int(np.argmin(place))] if names else "its buildings"
            raise CityError(f"network {network.id!r}: {gone!r} is not in the city; take it out of the network")
        if network.supply <= network.back:
            raise CityError(f"network {network.id!r}: its water must go out warmer than it comes back")
        load = np.array([design_load.get(one, np.nan) for one in names], np.float64)
        if not (np.isfinite(load) & (load >= 0.0)).all():
            one = names[int(np.argmin(np.isfinite(load) & (load >= 0.0)))]
            raise CityError(
                f"network {network.id!r}: building {one!r} has no design load; give one of zero or more watts"
            )
        water = np.array([hot_water.get(one, 0.0) for one in names], np.float64)
        route = streets.route(network.plant, city.buildings.geometry.to_numpy()[place], names)
        flow = _design_flow(network, route, load + _busiest(water))
        found.append((network, route, load, water, sized(flow, route.above)))
    return found


def _busiest(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power of hot water that a busiest hour of such a mean rarely passes: three standard deviations above. [W]

    Draws of `kernels.energy.draws` follow Poisson's law, so many even out: the variance is the mean times one draw.
    """
    return mean + 3.0 * np.sqrt(mean * HOT_WATER_DRAW / 3600.0)


def _design_flow(network: Network, route: Route, load: NDArray[np.float64]) -> NDArray[np.float64]:
    """Flow for which each pipe is made. (pipe,) [kg s⁻¹]"""
    below, count = np.zeros(route.above.size), np.zeros(route.above.size, np.int64)
    np.add.at(below, route.consumer_pipe, load)
    np.add.at(count, route.consumer_pipe, 1)
    for pipe in range(route.above.size - 1, 0, -1):
        below[route.above[pipe]] += below[pipe]
        count[route.above[pipe]] += count[pipe]
    return below * simultaneity(count) / (SPECIFIC_HEAT * (network.supply - network.back))


def _source(network: Network, works: EnergyWorks, told: Counter[str]) -> str:
    """The source of a network; boilers alone where its field or its sewer is not there yet."""
    fed = {"ground": {one.network for one in works.borefields}, "sewer": {one.network for one in works.sewers}}
    if network.source in fed and network.id not in fed[network.source]:
        told[f"networks whose {network.source} heat has no source yet, so that boilers give all"] += 1
        return "gas"
    return network.source


def _add_fields(works: EnergyWorks, names: list[str], air: float, add: Any) -> None:
    for one in works.borefields:
        add(
            borefield_network=_row(one.network, names, one.id), borefield_boreholes=one.boreholes,
            borefield_depth=one.depth, borefield_spacing=one.spacing,
            borefield_ground_temperature=air + GEOTHERMAL_GRADIENT * one.depth / 2,
            borefield_conductivity=SAND.conductivity, borefield_diffusivity=DIFFUSIVITY,
            borefield_resistance=BOREHOLE_RESISTANCE,
        )  # fmt: skip


def _add_sewers(works: EnergyWorks, names: list[str], add: Any) -> None:
    """Sources by collector and down the stream, which is where more flows."""
    ordered = sorted(works.sewers, key=lambda one: (one.sewer, one.flow, one.id))
    collectors = sorted({one.sewer for one in ordered})
    for one, after in zip(ordered, [*ordered[1:], None], strict=False):
        along = 0.0
        if after is not None and after.sewer == one.sewer:
            along = float(np.hypot(after.place[0] - one.place[0], after.place[1] - one.place[1]))
        add(
            sewer_network=_row(one.network, names, one.id), sewer_collector=collectors.index(one.sewer),
            sewer_flow=one.flow, sewer_conductance=SEWER_SOIL * along,
        )  # fmt: skip


def _row(network: str, names: list[str], what: str) -> int:
    if network not in names:
        raise CityError(f"{what!r} feeds the network {network!r}, which is not there; lay the network first")
    return names.index(network)


def _dim(name: str) -> tuple[str]:
    for start, dim in (
        ("pipe_", "network_pipe"), ("consumer_", "network_consumer"), ("borefield_", "network_borefield"),
        ("sewer_", "network_sewer"),
    ):  # fmt: skip
        if name.startswith(start):
            return (dim,)
    return ("network",)
