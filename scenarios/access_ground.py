"""The layers of access of a run: streets as they are walked under all edits, places, and who lives where."""

import json
from collections.abc import Sequence

import xarray as xr

from kernels.contract import Kernel
from kernels.quantities import Language
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from scenarios.ten_minutes import ASSUMPTIONS, homes_along, homes_in
from twin.access_layers import access_layers
from twin.street_graph import graph_of
from twin.street_reach import StreetTimes

TOLD_ACCESS = "told_access"
"""Attribute of the layers: JSON of what was assumed and what stands on no street, words to numbers."""


def reads_access(kernels: Sequence[Kernel]) -> bool:
    """Whether any of the kernels reads homes and places."""
    return any(need.name == "home_people" for one in kernels for need in one.layers)


def access_of_run(scenario: Scenario, situation: Situation) -> xr.Dataset:
    """Streets on foot, places and homes after all edits; people live in homes, or along streets where none are known.

    Raises
    ------
    scenarios.problem.ScenarioError
        No street along which people live.
    twin.city.CityError
        The city has no streets.
    """
    city, period = situation.city, scenario.period
    homes = homes_in(city)
    if homes is None:
        streets = StreetTimes.of(graph_of(city), "walk", city.terrain)
        homes = homes_along(streets, city.sectors if len(city.sectors) else None)
    found = access_layers(
        city, homes.table, works=situation.street_works, start=period.start, duration_s=period.duration_s
    )
    told = {**found.attrs["assumed"], **{f"{what} off the streets": n for what, n in found.attrs["lost"].items()}}
    told["homes"] = found.sizes["home"]
    return found.drop_attrs(deep=False).assign_attrs({TOLD_ACCESS: json.dumps(told)})


def of_access() -> list[dict[Language, str]]:
    """What a reader must know of the figures of access."""
    return [*ASSUMPTIONS]
