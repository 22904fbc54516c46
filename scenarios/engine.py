"""The engine: a city and a scenario in, a result in the store out; the same for page, command line and batch."""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import xarray as xr

from kernels.contract import Closure, Kernel, Outcome, check_layers, run
from scenarios.access_figures import AccessFigures
from scenarios.assumptions import assumptions
from scenarios.choice import identity
from scenarios.coupling import Drive, Exchange
from scenarios.drivers import Drivers, plain
from scenarios.energy_figures import EnergyFigures
from scenarios.energy_ground import told_of as told_of_energy
from scenarios.forcing import mean_rain_depth
from scenarios.ground import ground_of_run
from scenarios.heat_figures import HeatFigures
from scenarios.indicators import FloodFigures
from scenarios.problem import Cancelled
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from scenarios.traffic_figures import TrafficFigures
from scenarios.traffic_ground import told_of
from twin.city import City
from twin.result import Result
from twin.store import Store, Writer

OnFrame = Callable[[str, xr.Dataset], None]
OnProgress = Callable[[float, str], None]

_LIBRARIES = ("numpy", "numba", "xarray", "zarr", "shapely", "rasterio")


def simulate(
    city: City,
    scenario: Scenario,
    *,
    store: Store,
    on_frame: OnFrame | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
    table: Sequence[type[Kernel]] | None = None,
    drive: Drive = run,
) -> Result:
    """Run a scenario on a city, or find its result in the store.

    Parameters
    ----------
    city : City
        As imported; the scenario's edits are applied here.
    scenario : Scenario
    store : Store
        Asked first: the same digest is never computed twice.
    on_frame : callable, optional
        Is given the kernel's name and its fields at each output time, as they come. ``frame.attrs["indicators"]``
        holds the key figures of that moment.
    on_progress : callable, optional
        Is given a fraction 0..1 of the model time and words.
    cancelled : callable, optional
        Asked before each output interval; True stops the run. Within an interval a run is stopped by an exception
        (Ctrl-C) or by ending its process: either way nothing half-good stays.
    table : sequence of kernel classes, optional
        Default: ``kernels.KERNELS``.
    drive : callable
        Runs a kernel and yields its frames; `kernels.contract.run`, or a warm rerun of it.

    Returns
    -------
    Result

    Raises
    ------
    ScenarioError
        The document does not fit the city, or names what is not there.
    kernels.contract.LayerError, KernelError
        A kernel cannot read its input, or could not go on.
    twin.store.StoreError
        The result could not be kept (a full disk).
    Cancelled
    """
    tell = on_progress or (lambda fraction, words: None)
    stop = cancelled or (lambda: False)
    began = time.perf_counter()
    tell(0.0, "edits")
    situation = scenario.situation(city)
    kernels = scenario.chosen(table)
    digest = scenario.digest_in(situation, kernels)
    if store.has(digest):
        tell(1.0, "known result")
        return store.open(digest)
    tell(0.0, "layers")
    _stop_if(stop)
    grid = scenario.grid(city)
    drivers = Drivers(scenario, situation, kernels, grid)
    times = scenario.period.times()
    exchange = Exchange(drive, kernels, situation.city, grid, drivers.hours, times)
    ground = ground_of_run(scenario, situation, grid, kernels, drivers.hours)
    # before anything is written; `run` checks the others in their turn
    check_layers(kernels[0], ground, drivers.of(kernels[0]))
    start = scenario.canonical()["period"]["start"]
    with store.writer(digest, ground, times, start=start, about=_about(situation)) as writer:
        course = _Course(writer, scenario, situation, on_frame, tell, stop, len(kernels), exchange)
        outcomes = {}
        for kernel in kernels:
            outcomes[kernel.name] = outcome = course.follow(kernel, ground, drivers.of(kernel))
            # what one kernel leaves, a later one may read
            ground = ground.assign({name: one for name, one in outcome.summary.items() if name not in ground})
        summary = xr.merge([one.summary for one in outcomes.values()], combine_attrs="drop")
        manifest = {
            "digest": digest,
            **_inputs(scenario, situation, drivers),
            **told_of(ground),
            **told_of_energy(ground),
            **exchange.told(),
            "grid": asdict(grid),
            "times": times,
            "kernels": [identity(kernel) for kernel in kernels],
            "closure": {name: _closure(one.closure) for name, one in outcomes.items()},
            "indicators": course.figures,
            "assumptions": assumptions(scenario, situation, kernels, ground, drivers.told_hours | drivers.told),
            "versions": _versions(),
            "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "wall_s": round(time.perf_counter() - began, 3),
        }
        result = writer.finish(manifest, summary)
    tell(1.0, "kept")
    return result


def _stop_if(stop: Callable[[], bool]) -> None:
    if stop():
        raise Cancelled("stopped on request; nothing was kept")


class _OfFlood:
    """The figures of floods, read from frames."""

    def __init__(self, situation: Situation, ground: xr.Dataset) -> None:
        self._figures = FloodFigures(situation, ground)

    def now(self, frame: xr.Dataset) -> list[dict[str, Any]]:
        return self._figures.now(frame["water_depth"].values)

    def whole(self, summary: xr.Dataset, last: xr.Dataset) -> list[dict[str, Any]]:
        return self._figures.whole(summary, last)


class _Course:
    """Follows the kernels of one run: every frame to the store, to the listener, to the progress."""

    def __init__(
        self,
        writer: Writer,
        scenario: Scenario,
        situation: Situation,
        on_frame: OnFrame | None,
        tell: OnProgress,
        stop: Callable[[], bool],
        kernels: int,
        drive: Drive,
    ) -> None:
        self.figures: list[dict[str, Any]] = []
        self._writer = writer
        self._situation = situation
        self._start = scenario.period.start
        self._tariffs = scenario.forcing.tariffs
        self._on_frame = on_frame
        self._tell = tell
        self._stop = stop
        self._times = scenario.period.times()
        self._kernels = kernels
        self._drive = drive
        self._done = 0

    def follow(self, kernel: Kernel, ground: xr.Dataset, forcing: xr.Dataset) -> Outcome:
        """Run one kernel to its end."""
        self._tell(self._done / self._kernels, kernel.name)
        figures = self._figures_of(kernel, ground)
        frames = self._drive(kernel, ground, forcing, self._times)
        frame = xr.Dataset()
        try:
            while True:
                _stop_if(self._stop)
                frame = next(frames)
                if figures is not None:
                    frame.attrs["indicators"] = figures.now(frame)
                if self._on_frame is not None:
                    self._on_frame(kernel.name, frame)
                self._writer.append(frame.drop_attrs(deep=False), kernel.name)
                share = float(frame["time"]) / self._times[-1]
                self._tell((self._done + share) / self._kernels, f"{kernel.name} {float(frame['time']):.0f} s")
        except StopIteration as end:
            outcome: Outcome = end.value
        finally:
            frames.close()
        if figures is not None:
            self.figures += figures.whole(outcome.summary, frame)
        self._done += 1
        return outcome

    def _figures_of(
        self, kernel: Kernel, ground: xr.Dataset
    ) -> _OfFlood | HeatFigures | TrafficFigures | AccessFigures | EnergyFigures | None:
        if "water_depth" in kernel.gives:
            return _OfFlood(self._situation, ground)
        if "utci" in kernel.gives:
            return HeatFigures(self._situation, ground, self._start)
        if "traffic_flow" in kernel.gives:
            return TrafficFigures(self._situation, ground, self._start)
        if "categories_in_reach" in kernel.gives:
            return AccessFigures(ground)
        if "heating_power" in kernel.gives:
            return EnergyFigures(self._situation, ground, self._start, self._tariffs)
        return None


def _about(situation: Situation) -> dict[str, str]:
    city = situation.base
    words = "demo data, not the cadastre; " if city.demo else ""
    return {
        "title": f"{city.name}: a what-if computed by bxl-twin",
        "source": f"bxl-twin {version('bxl-twin')}",
        "comment": words + "licences: " + "; ".join(sorted({one.licence or "unknown" for one in city.sources})),
    }


def _inputs(scenario: Scenario, situation: Situation, drivers: Drivers) -> dict[str, Any]:
    city = situation.base
    rain = situation.rain
    return {
        "scenario": scenario.canonical(),
        "city": {
            "name": city.name,
            "digest": city.digest,
            "edited_digest": situation.city.digest,
            "demo": bool(city.demo),
            "bounds": [float(edge) for edge in city.bounds],
            "sources": [asdict(one) for one in city.sources],
        },
        "rain": {
            "steps_s_mm_h": [list(step) for step in rain],
            "total_mm": round(mean_rain_depth(drivers.water, scenario.period.duration_s), 6),
        },
        **drivers.story(),
    }


def _closure(found: Closure) -> dict[str, Any]:
    ledger = {name: float(value) for name, value in found.ledger.items()}
    remarks = {name: plain(value) for name, value in found.remarks.items()}
    return {"kind": found.kind, "error": plain(found.error), "ledger": ledger, "remarks": remarks}


def _versions() -> dict[str, str]:
    found = {name: version(name) for name in ("bxl-twin", *_LIBRARIES)}
    return found | {"python": platform.python_version(), "machine": platform.machine()}
