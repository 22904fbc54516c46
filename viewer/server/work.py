"""What a child computes: one scenario on one city, by the same engine as the command line and the batch."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import xarray as xr

from scenarios.engine import simulate as run_engine
from scenarios.scenario import Scenario
from twin.city import City
from twin.store import Store


def simulate(
    city: City,
    scenario: dict[str, Any],
    *,
    results: Path,
    on_frame: Callable[[str, xr.Dataset], None],
    on_progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> None:
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
    """
    run_engine(
        city,
        Scenario.model_validate(scenario),
        store=Store(results),
        on_frame=on_frame,
        on_progress=on_progress,
        cancelled=cancelled,
    )


def prepare(city: City) -> None:
    """Do once, before children are forked, what every scenario on this city begins with."""
