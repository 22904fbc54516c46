"""The one contract of all kernels: what a kernel offers, and the loop that runs it."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import xarray as xr

from kernels.quantities import QUANTITIES


class LayerError(ValueError):
    """The layers or the forcing handed to a kernel do not fit it; the text names which, and the remedy."""


class KernelError(RuntimeError):
    """A kernel could not go on (a step that cannot be stable, a number that is not finite)."""


@dataclass(frozen=True)
class Need:
    """One variable a kernel reads.

    Attributes
    ----------
    name : str
        A name of ``kernels.quantities``.
    dims : tuple of str
        Where its values live, in order.
    optional : bool
        Whether the kernel has a documented default for it.
    finite : bool
        Whether NaN is refused (False where NaN means "nothing here").
    or_dims : tuple of str, optional
        The other place where its values may live.
    """

    name: str
    dims: tuple[str, ...]
    optional: bool = False
    finite: bool = True
    or_dims: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Closure:
    """What a kernel's own ledger says about itself, carried with every result.

    Attributes
    ----------
    kind : str
        What is conserved: ``mass``, ``energy``, ``vehicles``.
    error : float
        Relative closure error of the whole run. [1]
    ledger : mapping of str to float
        Each account by its quantity name. [unit of the quantity]
    remarks : mapping of str
        What else a reader must know of how the result was made: numbers, words, truth values.
    """

    kind: str
    error: float
    ledger: Mapping[str, float] = field(default_factory=dict)
    remarks: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Kernel(Protocol):
    """A kernel: a frozen dataclass whose fields are its numerical knobs.

    ``state`` is the kernel's own business; nobody else looks into it.
    """

    name: ClassVar[str]
    layers: ClassVar[tuple[Need, ...]]
    forcing: ClassVar[tuple[Need, ...]]
    gives: ClassVar[tuple[str, ...]]

    def prepare(self, layers: xr.Dataset, forcing: xr.Dataset) -> Any:
        """Build the state at time 0 (dear, may be cached)."""

    def advance(self, state: Any, until: float) -> None:
        """Advance the state in place and land exactly on ``until`` [s]."""

    def observe(self, state: Any) -> xr.Dataset:
        """Fields at the state's time, with a scalar coordinate ``time`` [s]; the arrays are copies."""

    def summarise(self, state: Any) -> xr.Dataset:
        """Fields over the whole run so far (maxima, arrival times), without ``time``."""

    def closure(self, state: Any) -> Closure:
        """The ledgers so far."""

    def checkpoint(self, state: Any) -> dict[str, np.ndarray]:
        """Everything needed to go on, as plain arrays."""

    def restore(self, layers: xr.Dataset, forcing: xr.Dataset, saved: Mapping[str, np.ndarray]) -> Any:
        """The state that ``checkpoint`` saw; going on from it is bit-equal to never having stopped."""


@dataclass(frozen=True)
class Outcome:
    """What a finished run leaves beside its frames.

    Attributes
    ----------
    summary : xarray.Dataset
        The kernel's ``summarise`` at the end.
    closure : Closure
        The kernel's ledgers at the end.
    checkpoint : dict
        The state at the end, so that the run can be prolonged.
    """

    summary: xr.Dataset
    closure: Closure
    checkpoint: dict[str, np.ndarray]


def check_layers(kernel: Kernel, layers: xr.Dataset, forcing: xr.Dataset) -> None:
    """Refuse layers or forcing that a kernel cannot read.

    Raises
    ------
    LayerError
        Names the variable, what was expected, what came and the remedy.
    """
    for role, needs, given in (("layers", kernel.layers, layers), ("forcing", kernel.forcing, forcing)):
        for need in needs:
            _check_one(kernel.name, role, need, given)


def _check_one(who: str, role: str, need: Need, given: xr.Dataset) -> None:
    if need.name not in given:
        if need.optional:
            return
        raise LayerError(f"{who} needs {need.name!r} in its {role}; there are {sorted(map(str, given.data_vars))}")
    found = given[need.name]
    if found.dims not in (need.dims, need.or_dims):
        places = f"{need.dims} or {need.or_dims}" if need.or_dims else f"{need.dims}"
        raise LayerError(f"{who} reads {need.name!r} along {places}, got {found.dims}; try {role}.transpose{need.dims}")
    units = found.attrs.get("units")
    if units != QUANTITIES[need.name].units:
        raise LayerError(
            f"{who} reads {need.name!r} in {QUANTITIES[need.name].units!r}, got units {units!r}; "
            "convert it and set attrs from kernels.quantities.attrs"
        )
    if need.finite and found.dtype.kind == "f":
        bad = ~np.isfinite(found.values)
        if bad.any():
            where = tuple(int(i) for i in np.argwhere(bad)[0])
            raise LayerError(
                f"{who}: {need.name!r} is not finite in {int(bad.sum())} places, first at "
                f"{dict(zip(found.dims, where, strict=True))}; fill the gaps before the run"
            )


def run(
    kernel: Kernel,
    layers: xr.Dataset,
    forcing: xr.Dataset,
    times: Sequence[float],
    *,
    saved: Mapping[str, np.ndarray] | None = None,
) -> Generator[xr.Dataset, None, Outcome]:
    """Run a kernel, the one loop of the twin: yields a frame at each output time, returns the outcome.

    Parameters
    ----------
    kernel : Kernel
    layers, forcing : xarray.Dataset
        Checked with `check_layers` before anything is computed.
    times : sequence of float
        Output times, strictly increasing. [s]
    saved : mapping, optional
        A checkpoint to go on from, instead of time 0.

    Yields
    ------
    xarray.Dataset
        ``kernel.observe`` at each output time.

    Returns
    -------
    Outcome
        The value of the generator's ``StopIteration``; `collect` gathers both.
    """
    check_layers(kernel, layers, forcing)
    steps = np.asarray(times, dtype=float)
    if steps.ndim != 1 or steps.size == 0 or not np.isfinite(steps).all() or (np.diff(steps) <= 0).any():
        raise LayerError(f"output times must be finite and strictly increasing, got {list(times)[:8]}")
    state = kernel.prepare(layers, forcing) if saved is None else kernel.restore(layers, forcing, saved)
    for until in steps:
        kernel.advance(state, float(until))
        yield kernel.observe(state)
    return Outcome(kernel.summarise(state), kernel.closure(state), kernel.checkpoint(state))


def collect(frames: Generator[xr.Dataset, None, Outcome]) -> tuple[xr.Dataset, Outcome]:
    """Gather a whole run: frames joined along ``time``, and the outcome. For runs that fit in memory."""
    outcome: list[Outcome] = []

    def drain() -> Iterator[xr.Dataset]:
        outcome.append((yield from frames))

    whole = xr.concat(list(drain()), dim="time")
    return whole, outcome[0]
