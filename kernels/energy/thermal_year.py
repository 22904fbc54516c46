"""A year's run of zones, whichever engine does it: what goes in beside the walls, and what comes out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.energy.thermal import FURNISHED, Climate, Zone, periodic
from kernels.energy.thermal_loops import FIGURES, LEDGER, Outdoors, Rooms

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


def through_the_year(
    loop: Callable[..., None],
    shells: tuple,
    rooms: Rooms,
    climate: Climate,
    *,
    steps: int,
    warm_up: int,
    start: float,
    hourly: bool,
    threads: int | None,
) -> Demand:
    """Share zones out among threads and run the loop of an engine over them.

    Parameters
    ----------
    loop : function
        `kernels.energy.thermal_loops.run_zones` or its like.
    shells : tuple
        What it knows of the walls.
    rooms, climate, steps, warm_up, start, hourly, threads
        See `kernels.energy.thermal_nodes.run`.
    """
    if steps < 1 or warm_up < 0:
        raise LayerError(f"an hour has at least one step and warm-up at least 0 hours, got {steps} and {warm_up}")
    zones = rooms.volume.size
    light, through = (np.ascontiguousarray(one) for one in (climate.light, climate.through))
    outdoors = Outdoors(climate.air, climate.sky_loss, light, through, climate.month)
    ledger, figures = np.zeros((zones, len(LEDGER))), np.zeros((zones, len(FIGURES)))
    kept = np.zeros((zones if hourly else 0, 4, climate.air.size))

    def work(first: int, last: int) -> None:
        loop(first, last, shells, rooms, outdoors, start, warm_up, steps, ledger, figures, kept)

    Crew(threads).share_out(zones, work, small=zones < ALONE)
    return Demand(
        dict(zip(LEDGER, ledger.T, strict=True)),
        dict(zip(FIGURES, figures.T, strict=True)),
        kept if hourly else None,
    )


def rooms_of(zones: Sequence[Zone], air_share: float) -> Rooms:
    """Pack what zones hold and want; ``air_share`` is the weight of the air in an operative temperature. [1]"""
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
        np.array([1.0 if zone.control == "air" else air_share for zone in zones]),
        every("heat_limit"),
        every("cool_limit"),
    )
