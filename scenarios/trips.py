"""Trips of a run: synthetic, adjusted to counters where a document has some, answering their time where asked."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
import xarray as xr

from kernels.contract import LayerError
from kernels.quantities import attrs
from kernels.traffic.counted import fit_to_counters
from kernels.traffic.elastic import Response
from kernels.traffic.elastic_run import elastic_trips
from scenarios.attached import attached
from scenarios.problem import ScenarioError
from scenarios.travel import Travel
from twin.city import City, CityError
from twin.street_works import DemandChange
from twin.travel_counts import counters_of, read_counts
from twin.travel_demand import travel_demand

PLACE = "forcing.travel"


def trips_of_run(
    travel: Travel,
    city: City,
    before: xr.Dataset,
    network: xr.Dataset,
    changes: tuple[DemandChange, ...],
    start: datetime,
    duration_s: float,
) -> tuple[xr.Dataset, dict[str, Any]]:
    """Streets after the works with the trips on them.

    Parameters
    ----------
    travel : Travel
    city : City
        As imported.
    before, network : Dataset
        Of `twin.traffic_layers.traffic_layers`, without and with the works.
    changes : tuple of DemandChange
    start, duration_s
        Of the run.

    Returns
    -------
    Dataset
        ``network`` with the variables of the demand.
    told : dict
        What was assumed and found: words to numbers; ``counters`` is a list, one entry for each counter and time.

    Raises
    ------
    ScenarioError
        The counts cannot be read or lie off the streets, or a node of trips is gone.
    """
    demand, told = travel_demand(city, before, start, duration_s, travel.model(), changes)
    found: dict[str, Any] = dict(told)
    whole = before.assign(demand.data_vars)
    if travel.counts is not None:
        whole, found["counters"] = _counted(travel, city, whole, start, duration_s)
    rows = whole[list(map(str, demand.data_vars))]
    layers = network.assign(_renumbered(rows, before, network).data_vars)
    if travel.elasticity is not None:
        layers = _answered(travel.elasticity, layers, whole, found)
    return layers, found


def _counted(
    travel: Travel, city: City, layers: xr.Dataset, start: datetime, duration_s: float
) -> tuple[xr.Dataset, list[dict[str, Any]]]:
    """The trips that agree with counters, and how near each counter is before and after."""
    counts = travel.counts
    assert counts is not None
    path, _ = attached(counts.file, counts.sha256, f"{PLACE}.counts.file")
    try:
        counters, _ = counters_of(read_counts(path, start), city, layers, start, duration_s)
        fit = fit_to_counters(layers, counters, trust=counts.trust)
    except (CityError, LayerError) as error:
        raise ScenarioError(str(error), f"{PLACE}.counts") from error
    trips = ("demand", fit.trips, attrs("demand_trips"))
    return layers.assign(demand_trips=trips), [asdict(one) for one in fit.counters]


def _answered(elasticity: float, layers: xr.Dataset, before: xr.Dataset, told: dict[str, Any]) -> xr.Dataset:
    """Car trips that answer the time they take, against that before the works."""
    try:
        answer = elastic_trips(layers, before, Response("power", elasticity=elasticity))
    except LayerError as error:
        raise ScenarioError(
            f"{error}; trips cannot answer edits that renumber the crossings, such as a bridge", f"{PLACE}.elasticity"
        ) from error
    cars = float(layers["demand_trips"].values.sum())
    told["trips that answer their time, change"] = float(answer.trips.sum()) - cars
    told["trips that answer their time, what they miss"] = answer.miss
    return layers.assign(demand_trips=("demand", answer.trips, attrs("demand_trips")))


def _renumbered(demand: xr.Dataset, before: xr.Dataset, after: xr.Dataset) -> xr.Dataset:
    """Trips between the same nodes, by the numbers that these have among the streets after the works."""
    names, new = before["node"].values, after["node"].values
    demand = demand.drop_vars([name for name in demand.coords if name in ("link", "node", "street")])
    if np.array_equal(names, new):
        return demand
    place = {name: number for number, name in enumerate(new)}
    number = np.array([place.get(name, -1) for name in names], np.int32)
    if (number < 0).any():
        lost = names[int(np.argmin(number))]
        raise ScenarioError(
            f"the node {lost!r} of the streets is gone after the edits; leave its streets there, closed"
        )
    ends = ("demand_start_node", "demand_end_node")
    return demand.assign({name: ("demand", number[demand[name].values], attrs(name)) for name in ends})
