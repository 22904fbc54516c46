"""Engine B, the reference: zones through the year by the hourly nodal model of ISO 52016-1."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.energy.thermal import (
    CONVECTIVE_IN,
    CONVECTIVE_OUT,
    FURNISHED,
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
    periodic,
    place_of,
    plane_places,
    sky_view,
    way_out,
)
from kernels.energy.thermal_layers import nodes_of
from kernels.energy.thermal_loops import FIGURES, LEDGER, Elements, Outdoors, Rooms, run_zones

WARM_UP = 31 * 24
"""Hours run before the year, from the climate's end: ISO 52016-1:2017, 6.5.4.1 asks for at least two weeks. [1]"""

START = 293.15
"""Of everything before that. [K]"""

ALONE = 8
"""Fewer zones than these are run by one thread. [1]"""


@dataclass(frozen=True, eq=False)
class Demand:
    """What zones need in a year.

    Attributes
    ----------
    ledger : dict of (zone,) float64
        By the names of `LEDGER`; heating - cooling + gains + sun + ventilation + envelope = stored. [J]
    figures : dict of (zone,) float64
        By the names of `FIGURES`. [W], [K]
    hourly : (zone, 4, hour) float64 or None
        Mean heating and cooling power [W], air and operative temperature at the end of the hour [K].
    """

    ledger: dict[str, NDArray]
    figures: dict[str, NDArray]
    hourly: NDArray | None

    @property
    def closure(self) -> NDArray:
        """What the ledger does not close by, of all that went through: (zone,) [1]."""
        signs = {"cooling": -1.0, "stored": -1.0}
        gap = sum(signs.get(name, 1.0) * values for name, values in self.ledger.items())
        return np.abs(gap) / np.maximum(sum(np.abs(values) for values in self.ledger.values()), 1e-300)


def run(
    zones: Sequence[Zone],
    climate: Climate,
    *,
    nodes: str = "layers",
    steps: int = 1,
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
    nodes : {"layers", "class"}
        How five nodes stand for layers: see `kernels.energy.thermal_layers.nodes_of`.
    steps : int
        In an hour. [1]
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
    if steps < 1 or warm_up < 0:
        raise LayerError(f"an hour has at least one step and warm-up at least 0 hours, got {steps} and {warm_up}")
    elements, rooms = _elements(zones, climate, nodes), _rooms(zones)
    outdoors = Outdoors(climate.air, climate.sky_loss, climate.light, climate.through, climate.month)
    ledger, figures = np.zeros((len(zones), len(LEDGER))), np.zeros((len(zones), len(FIGURES)))
    kept = np.zeros((len(zones) if hourly else 0, 4, climate.air.size))

    def work(first: int, last: int) -> None:
        run_zones(first, last, elements, rooms, outdoors, start, warm_up, steps, ledger, figures, kept)

    Crew(threads).share_out(len(zones), work, small=len(zones) < ALONE)
    return Demand(
        dict(zip(LEDGER, ledger.T, strict=True)),
        dict(zip(FIGURES, figures.T, strict=True)),
        kept if hourly else None,
    )


def _elements(zones: Sequence[Zone], climate: Climate, by: str) -> Elements:
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


def _rooms(zones: Sequence[Zone]) -> Rooms:
    series = periodic([one for z in zones for one in (z.air_change, z.gains, z.heat_to, z.cool_to)])
    hours = np.array(series).reshape(len(zones), 4, -1)

    def every(value: str) -> NDArray:
        return np.array([getattr(zone, value) for zone in zones], float)

    return Rooms(
        np.array([z.air_capacity or FURNISHED * z.floor_area for z in zones], float),
        every("volume"),
        *(np.ascontiguousarray(hours[:, which]) for which in range(4)),
        np.array([np.broadcast_to(np.asarray(zone.ground, float), 12) for zone in zones]),
        every("gains_to_air"),
        every("sun_to_air"),
        every("plant_to_air"),
        np.array([1.0 if zone.control == "air" else 0.5 for zone in zones]),
        every("heat_limit"),
        every("cool_limit"),
    )
