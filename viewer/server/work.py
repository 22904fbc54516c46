"""What a child computes: one scenario on one city, by the same engine as the command line and the batch."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import xarray as xr

from kernels import KERNELS
from scenarios.choice import identity
from scenarios.engine import simulate as run_engine
from scenarios.scenario import Scenario
from twin.city import City
from twin.layers import layers
from twin.store import Store

_PREPARED_CELLS = 2_000_000


def simulate(
    city: City,
    scenario: dict[str, Any],
    *,
    results: Path,
    on_frame: Callable[[str, xr.Dataset], None],
    on_progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> str:
    """Run a scenario document and keep its result in the store.

    Parameters
    ----------
    city : City
    scenario : dict
        Canonical document.
    results : Path
        Root of the store.
    on_frame, on_progress, cancelled : callable
        As `scenarios.engine.simulate`.

    Returns
    -------
    str
        Digest under which the result is kept.
    """
    return run_engine(
        city,
        Scenario.model_validate(scenario),
        store=Store(results),
        on_frame=on_frame,
        on_progress=on_progress,
        cancelled=cancelled,
    ).digest


def prepare(city: City, cell_sizes: tuple[float, ...] = ()) -> None:
    """Do once what every scenario on this city begins with: hashes of its parts and of the code, and layers.

    Parameters
    ----------
    city : City
    cell_sizes : tuple of float
        Layers of the whole city are made for these. [m]
    """
    for kernel in KERNELS:
        identity(kernel())
    for part in (*City.TABLES, "surfaces", "terrain"):
        city.part_digest(part)
    west, south, east, north = city.bounds
    for size in cell_sizes:
        if (east - west) * (north - south) / size**2 < _PREPARED_CELLS:
            layers(city, size)
