"""Engine B, the reference: zones through the year by the hourly nodal model of ISO 52016-1."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kernels.energy.thermal import (
    CONVECTIVE_IN,
    CONVECTIVE_OUT,
    GLASS_EMITTANCE,
    GROUND_CONTACT,
    OUTSIDES,
    RADIATIVE_IN,
    RADIATIVE_OUT,
    Climate,
    Surface,
    Window,
    Zone,
    check,
    place_of,
    plane_places,
    sky_view,
    way_out,
)
from kernels.energy.thermal_layers import nodes_of
from kernels.energy.thermal_loops import Elements, run_zones
from kernels.energy.thermal_year import START, WARM_UP, Demand, rooms_of, through_the_year

OPERATIVE_AIR = 0.5
"""Weight of the air in the operative temperature, the rest radiant: ISO 52016-1:2017, eq. 26. [1]"""

STEPS = 4
"""Of an hour. The standard makes one, whose implicit step smooths the day of a light zone and loses 3 % of its yearly
need; four keep that and a heavy one within 1 % of the run by the minute. [1]"""


def run(
    zones: Sequence[Zone],
    climate: Climate,
    *,
    nodes: str = "class",
    steps: int = STEPS,
    warm_up: int = WARM_UP,
    start: float = START,
    hourly: bool = False,
    threads: int | None = None,
) -> Demand:
    """Heating and cooling that zones need, and the temperatures they float at where nothing holds them.

    Parameters
    ----------
    zones : sequence of Zone
        Each by itself: what lies between two is adiabatic.
    climate : Climate
        With the light of all their planes.
    nodes : {"class", "layers"}
        How five nodes stand for layers: see `kernels.energy.thermal_layers.nodes_of`.
    steps : int
        In an hour; 1 is the standard's own. [1]
    warm_up, start
        Hours run before the first [1], and the temperature of everything before those [K].
    hourly : bool
        Keep the hours too.
    threads : int, optional
        All processors where not given; the result is the same bit for bit.

    Raises
    ------
    LayerError
        A zone is not what the engine can run, or the climate lacks its planes.
    """
    check(zones)
    return through_the_year(
        run_zones,
        elements_of(zones, climate, nodes),
        rooms_of(zones, OPERATIVE_AIR),
        climate,
        steps=steps,
        warm_up=warm_up,
        start=start,
        hourly=hourly,
        threads=threads,
    )


def elements_of(zones: Sequence[Zone], climate: Climate, by: str = "class") -> Elements:
    """Pack the walls and windows of zones as chains of nodes, see `run`."""
    places = plane_places(climate.planes)
    known: dict[tuple, tuple[NDArray, NDArray]] = {}
    rows = []
    for zone in zones:
        for surface in zone.surfaces:
            if surface.layers not in known:
                known[surface.layers] = nodes_of(surface.layers, by)
            rows.append(_opaque(surface, *known[surface.layers], places, zone.name))
        rows += [_glazed(window, places, zone.name) for window in zone.windows]
    counts = [len(zone.surfaces) + len(zone.windows) for zone in zones]
    whole = (np.array(column) for column in zip(*rows, strict=True))
    return Elements(np.concatenate([[0], np.cumsum(counts)]), *whole)


def _opaque(
    one: Surface, conductance: NDArray, capacity: NDArray, places: dict[tuple[float, float], int], zone: str
) -> tuple:
    long_waves = RADIATIVE_OUT * one.emittance / 0.9
    outdoor = one.outside == "outdoor"
    outer = {"outdoor": CONVECTIVE_OUT + long_waves, "ground": GROUND_CONTACT, "adiabatic": 0.0}[one.outside]
    return (
        len(capacity), one.area, CONVECTIVE_IN[way_out(one.tilt)], outer, conductance, capacity,
        OUTSIDES.index(one.outside), place_of(one, places, zone) if outdoor else 0,
        one.absorptance / outer if outdoor else 0.0, one.emittance * sky_view(one) / outer if outdoor else 0.0, 0.0,
    )  # fmt: skip


def _glazed(one: Window, places: dict[tuple[float, float], int], zone: str) -> tuple:
    outer = CONVECTIVE_OUT + RADIATIVE_OUT
    between = 1 / (1 / one.u_value - 1 / outer - 1 / (CONVECTIVE_IN["level"] + RADIATIVE_IN))
    return (
        2, one.area, CONVECTIVE_IN[way_out(one.tilt)], outer, np.array([between, 0.0, 0.0, 0.0]), np.zeros(5),
        0, place_of(one, places, zone), 0.0, GLASS_EMITTANCE * sky_view(one) / outer, one.area * one.g_value,
    )  # fmt: skip
