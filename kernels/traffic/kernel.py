"""The traffic kernel, Dataset side: reads streets and trips, gives flows, speeds, queues, exhaust and noise."""

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import xarray as xr

from kernels.contract import Closure, LayerError, Need, check_layers
from kernels.quantities import attrs
from kernels.traffic.fields import FIELDS, Means, fields_of, waste_heat
from kernels.traffic.hours import Slice, slices_of
from kernels.traffic.inputs import NEEDS, Inputs
from kernels.traffic.steady import Steady
from kernels.traffic.tally import Tally, ledger_of_slices, rows_of_slices, through_share
from kernels.traffic.vehicles import Moving

_MODELS = ("queues", "equilibrium")
_TRACED = (
    "vehicle_mode", "vehicle_leg_vehicle", "vehicle_leg_link", "vehicle_leg_begin", "vehicle_leg_until",
)  # fmt: skip
_SAVED_MEANS = ("flow", "time", "stop_share", "vehicles", "queue", "capacity")


@dataclass
class TrafficState:
    """A run between two output times; the kernel's own business."""

    inputs: Inputs
    names: xr.Dataset
    slices: list[Slice]
    moving: Moving | None
    tally: Tally
    time: float = 0.0
    means: Means | None = None
    threads: int | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Traffic:
    """Street traffic: who drives where at what hour, how fast, and what it leaves in the air and to the ear.

    Attributes
    ----------
    model : {"queues", "equilibrium"}
        Vehicles one by one through queues at the ends of links, on the ways of the equilibrium of their hour, Newell
        (2002), doi:10.1016/S0191-2615(00)00044-8; or the equilibrium of each slice of time alone, Wardrop (1952),
        doi:10.1680/ipeds.1952.11259.
    slice_s : float
        Length of a slice of the equilibrium; closures cut it. [s]
    gap : float
        Relative gap that the equilibrium reaches. [1]
    iterations : int
        Rounds of the equilibrium, at most.
    rounds : int
        Times that drivers in queues learn from the day before and some change their way; 0 keeps the ways of the
        equilibrium.
    traced : int
        Vehicles whose way is kept, so that pages can move them; evenly out of all.
    seed : int
    threads : int or None
        None takes every processor; no result depends on it.

    Notes
    -----
    A frame is the mean over the last advance. Who may not enter a link at some hour still leaves it. Paths of an
    equilibrium are one of many equally good splits; only flows of links are unique, and so what follows from paths
    (``cut_through_share``, ways of vehicles) is one of many.
    """

    model: str = "queues"
    slice_s: float = 3600.0
    gap: float = 1e-5
    iterations: int = 200
    rounds: int = 6
    traced: int = 3000
    seed: int = 0
    threads: int | None = None

    name: ClassVar[str] = "traffic"
    layers: ClassVar[tuple[Need, ...]] = NEEDS
    forcing: ClassVar[tuple[Need, ...]] = ()
    gives: ClassVar[tuple[str, ...]] = (
        *FIELDS,
        "vehicles_passed",
        "cut_through_share",
        "trip_time",
        "trip_distance",
        "trips_unserved",
        *_TRACED,
        "waste_heat_flux",
    )

    def __post_init__(self) -> None:
        if self.model not in _MODELS:
            raise LayerError(f"traffic: model must be one of {', '.join(_MODELS)}, got {self.model!r}")
        for knob, least in (("slice_s", 60.0), ("gap", 1e-12)):
            value = getattr(self, knob)
            if not (math.isfinite(value) and value >= least):
                raise LayerError(f"traffic: {knob} must be {least:g} or more, got {value!r}")
        for knob, least in (("iterations", 1), ("rounds", 0), ("traced", 0), ("seed", 0)):
            if operator.index(getattr(self, knob)) < least:
                raise LayerError(f"traffic: {knob} must be {least} or more, got {getattr(self, knob)!r}")
        if self.threads is not None and operator.index(self.threads) < 1:
            raise LayerError(f"traffic: threads must be 1 or more, or None for all, got {self.threads!r}")

    def prepare(self, layers: xr.Dataset, forcing: xr.Dataset) -> TrafficState:
        """Find the equilibrium of every slice, and the way of every vehicle.

        Raises
        ------
        LayerError
            Names the link, the node or the row of demand, what was expected and the remedy.
        """
        check_layers(self, layers, forcing)
        inputs = Inputs.of(layers)
        slices = slices_of(
            inputs, self.slice_s, gap=self.gap, iterations=self.iterations, threads=self.threads
        )  # fmt: skip
        moving = None
        if self.model == "queues":
            moving = Moving(
                inputs, slices, rounds=self.rounds, traced=self.traced, seed=self.seed, threads=self.threads
            )
        names = xr.Dataset(coords={"link": inputs.names})
        return TrafficState(inputs, names, slices, moving, Tally.none(inputs), threads=self.threads)

    def advance(self, state: TrafficState, until: float) -> None:
        """Advance in place and land exactly on ``until`` [s]; the frame is the mean of this advance."""
        if not math.isfinite(until) or until < state.time:
            raise LayerError(f"traffic: cannot advance to {until!r} s from {state.time:g} s; time only goes on")
        if until == state.time:
            return
        if state.moving is not None:
            means = state.moving.between(state.time, until)
        else:
            means = Steady(state.inputs, state.slices).between(state.time, until)
        state.tally.add(state.inputs, means, until - state.time)
        state.time, state.means = until, means

    def observe(self, state: TrafficState) -> xr.Dataset:
        """Fields of the links, means over the last advance."""
        if state.means is None:
            raise LayerError("traffic: there is nothing to observe at the start; advance to the first time")
        found = fields_of(state.inputs, state.means)
        return _along(state, "link", found).assign_coords(time=state.time)

    def summarise(self, state: TrafficState) -> xr.Dataset:
        """Sums of the run so far by link, what became of each row of the demand, and the traced vehicles."""
        inputs = state.inputs
        found = _along(
            state,
            "link",
            {
                "vehicles_passed": state.tally.passed.astype(np.float32),
                "cut_through_share": through_share(inputs, state.slices, state.time).astype(np.float32),
            },
        )
        if inputs.demand.size:
            moving = state.moving
            rows = rows_of_slices(inputs, state.slices, state.time) if moving is None else moving.rows()
            found = found.merge(_along(state, "demand", {name: one.astype(np.float32) for name, one in rows.items()}))
        if state.moving is not None:
            vehicles, legs = state.moving.trace()
            if legs["vehicle_leg_link"].size:
                found = found.merge(_along(state, "vehicle", vehicles)).merge(_along(state, "vehicle_leg", legs))
        if inputs.crossings.size and inputs.grid is not None:
            mean = state.tally.carbon_dioxide / max(state.time, 1e-9) * 3600.0
            heat = waste_heat(inputs, mean)
            grid = inputs.grid
            found = found.merge(
                xr.Dataset(
                    {"waste_heat_flux": (("y", "x"), heat, attrs("waste_heat_flux"))},
                    coords={"y": grid["y"], "x": grid["x"]},
                )
            )
        return found

    def closure(self, state: TrafficState) -> Closure:
        """Vehicles so far: those that set out are inside, waiting, aside or arrived."""
        remarks: dict[str, object] = {
            "model": self.model,
            "slices": len(state.slices),
            "worst_gap": max((one.found.gap for one in state.slices), default=0.0),
            "rounds_of_equilibrium": sum(one.found.iterations for one in state.slices),
            "links_capped_by_speed": state.inputs.slowed,
        }
        if not all(one.found.converged for one in state.slices):
            remarks["not_converged"] = sum(not one.found.converged for one in state.slices)
        if state.moving is not None:
            ledger = state.moving.ledger()
            remarks |= state.moving.remarks()
        else:
            ledger = ledger_of_slices(state.slices, state.time)
        out = ledger["vehicles_set_out"]
        kept = sum(ledger[f"vehicles_{one}"] for one in ("waiting", "inside", "arrived", "aside"))
        return Closure("vehicles", abs(out - kept) / max(out, 1.0), ledger, remarks)

    def checkpoint(self, state: TrafficState) -> dict[str, np.ndarray]:
        """Everything needed to go on, as plain arrays."""
        found = {"time": np.array(state.time), **state.tally.saved()}
        if state.means is not None:
            found |= {f"means_{name}": np.array(getattr(state.means, name)) for name in _SAVED_MEANS}
        if state.moving is not None:
            found |= {f"moving_{name}": one for name, one in state.moving.saved().items()}
        return found

    def restore(self, layers: xr.Dataset, forcing: xr.Dataset, saved: Mapping[str, np.ndarray]) -> TrafficState:
        """The state that `checkpoint` saw; the equilibrium is found anew, and is the same.

        Raises
        ------
        LayerError
            The checkpoint is of other streets or another model.
        """
        state = self.prepare(layers, forcing)
        state.time = float(saved["time"])
        state.tally = Tally.restored(state.inputs, saved)
        if "means_flow" in saved:
            state.means = Means(*(np.array(saved[f"means_{name}"]) for name in _SAVED_MEANS))
        if state.moving is not None:
            state.moving.restore({name[7:]: one for name, one in saved.items() if name.startswith("moving_")})
        return state


def _along(state: TrafficState, dim: str, found: Mapping[str, np.ndarray]) -> xr.Dataset:
    coords = state.names.coords if dim == "link" else {}
    return xr.Dataset({name: ((dim,), values, attrs(name)) for name, values in found.items()}, coords=coords)
