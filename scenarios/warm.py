"""Variants of one scenario, run warm: the first is recorded, of the others only what differs is computed."""

import shutil
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from types import TracebackType

import numpy as np
import xarray as xr

from kernels.contract import Kernel, Outcome, run
from kernels.flood.kernel import Flood
from kernels.flood.recording import record, recording_bytes, why_not
from kernels.flood.rerun import rerun
from scenarios.engine import OnProgress, simulate
from scenarios.scenario import Scenario
from twin.city import City
from twin.result import Result
from twin.store import Store

ROOM = 0.5
"""Part of the free disk that a recording may take. [1]"""


class WarmRuns:
    """Runs variants of one scenario that share rain, grid and knobs; a context, whose results end with it.

    Depths are those of whole runs within 0.1 mm. Results are kept apart from those of whole runs, in a folder of their
    own that is removed at the end: what is found with them is to be confirmed by a whole run.

    Parameters
    ----------
    on_progress : callable, optional
        As for `scenarios.engine.simulate`.
    cancelled : callable, optional
        Likewise.

    Attributes
    ----------
    whole : str or None
        Why the runs are whole ones after all; None where they are warm.
    """

    def __init__(self, on_progress: OnProgress | None = None, cancelled: Callable[[], bool] | None = None) -> None:
        self.whole: str | None = None
        self._on_progress, self._cancelled = on_progress, cancelled
        self._folder = Path(tempfile.mkdtemp(prefix="bxl-twin-warm-"))
        self._store = Store(self._folder / "results")

    def __enter__(self) -> "WarmRuns":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def __call__(self, city: City, scenario: Scenario) -> Result:
        """Run a variant; as `scenarios.engine.simulate`."""
        return simulate(
            city, scenario, store=self._store, on_progress=self._on_progress, cancelled=self._cancelled,
            drive=self._drive,
        )  # fmt: skip

    def _drive(
        self, kernel: Kernel, layers: xr.Dataset, forcing: xr.Dataset, times: list[float]
    ) -> Generator[xr.Dataset, None, Outcome]:
        folder = self._folder / "recording"
        if not isinstance(kernel, Flood) or self.whole is not None:
            return run(kernel, layers, forcing, times)
        if (folder / "recording.json").is_file():
            return rerun(kernel, layers, forcing, times, folder)
        self.whole = why_not(kernel, layers) or self._no_room(layers, times)
        if self.whole is not None:
            return run(kernel, layers, forcing, times)
        shutil.rmtree(folder, ignore_errors=True)
        return record(kernel, layers, forcing, times, folder)

    def _no_room(self, layers: xr.Dataset, times: list[float]) -> str | None:
        wanted = recording_bytes(int(np.prod(layers["ground_elevation"].shape)), times)
        free = shutil.disk_usage(self._folder).free
        if wanted <= ROOM * free:
            return None
        return f"a recording would take {wanted / 1e9:.1f} GB and {free / 1e9:.1f} GB are free in {self._folder.parent}"
