"""Kernels by name: with their knobs, in the order in which one's outputs are another's inputs."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from graphlib import CycleError, TopologicalSorter
from typing import Any

import kernels
from kernels.contract import Kernel
from scenarios.canonical import code_digest
from scenarios.problem import ScenarioError

IDLE_KNOBS = ("threads",)
"""Knobs on which no result depends; they are left out of the digest."""


def choose(
    names: Sequence[str],
    options: Mapping[str, Mapping[str, Any]],
    table: Sequence[type[Kernel]] | None = None,
    said: Mapping[str, Any] | None = None,
) -> tuple[Kernel, ...]:
    """The kernels of a scenario, in the order in which they run.

    Parameters
    ----------
    names : sequence of str
    options : mapping
        Knobs by kernel name.
    table : sequence of kernel classes, optional
        Default: ``kernels.KERNELS``.
    said : mapping, optional
        Knobs that the document says elsewhere, by name, for every kernel that has them.

    Raises
    ------
    ScenarioError
        Unknown or repeated kernel, unknown knob or a value the kernel refuses, or kernels that wait for each other.
    """
    known = {kernel.name: kernel for kernel in (kernels.KERNELS if table is None else table)}
    for number, name in enumerate(names):
        if name not in known:
            raise ScenarioError(f"there is no kernel {name!r}; there are {', '.join(known)}", f"kernels[{number}]")
        if name in names[:number]:
            raise ScenarioError(f"the kernel {name!r} stands there twice; name it once", f"kernels[{number}]")
    for name in options:
        if name not in names:
            raise ScenarioError(
                f"options for {name!r}, which is not among the kernels {list(names)}", f"options.{name}"
            )
    chosen = {
        name: _with_knobs(known[name], _gathered(known[name], options.get(name, {}), said or {})) for name in names
    }
    # what one leaves is another's layer, or its weather: see `scenarios.coupling`
    reads = {name: {need.name for need in (*one.layers, *one.forcing)} for name, one in chosen.items()}
    waits = {
        name: {other for other in chosen if other != name and reads[name] & set(chosen[other].gives)} for name in chosen
    }
    try:
        order = list(TopologicalSorter({name: sorted(waits[name]) for name in sorted(waits)}).static_order())
    except CycleError as error:
        raise ScenarioError(f"the kernels {error.args[1]} wait for each other's results", "kernels") from error
    return tuple(chosen[name] for name in order)


def _gathered(kernel: type[Kernel], options: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    own = {one.name for one in fields(kernel)} & set(said)  # type: ignore[arg-type]
    for name in sorted(own & set(options)):
        raise ScenarioError(
            f"the document says {name} in its own place, {said[name]!r}; leave it out here",
            f"options.{kernel.name}.{name}",
        )
    return dict(options) | {name: said[name] for name in sorted(own)}


def _with_knobs(kernel: type[Kernel], options: Mapping[str, Any]) -> Kernel:
    knobs = {one.name: one for one in fields(kernel)}  # type: ignore[arg-type]
    given = {}
    for name, value in options.items():
        place = f"options.{kernel.name}.{name}"
        if name not in knobs:
            raise ScenarioError(f"{kernel.name} has no knob {name!r}; it has {', '.join(knobs)}", place)
        default = knobs[name].default
        if isinstance(default, bool) != isinstance(value, bool) and default is not MISSING:
            raise ScenarioError(f"{value!r} is not of the kind of the default, {default!r}", place)
        if isinstance(default, float) and isinstance(value, int):
            value = float(value)
        if isinstance(default, float | str) and not isinstance(value, type(default)) and name != "boundary":
            raise ScenarioError(f"{value!r} is not of the kind of the default, {default!r}", place)
        given[name] = tuple(value) if isinstance(default, tuple) and isinstance(value, list) else value
    try:
        return kernel(**given)
    except (ValueError, TypeError) as error:
        raise ScenarioError(str(error), f"options.{kernel.name}") from error


def knobs_of(kernel: Kernel) -> dict[str, Any]:
    """Every knob of a kernel on which its results depend, with defaults filled in."""
    return {one.name: getattr(kernel, one.name) for one in fields(kernel) if one.name not in IDLE_KNOBS}  # type: ignore[arg-type]


def identity(kernel: Kernel) -> dict[str, Any]:
    """Name, knobs and code of a kernel, as they enter the digest."""
    return {"name": kernel.name, "knobs": knobs_of(kernel), "code": code_digest(inspect.getfile(type(kernel)))}
