"""The kernel of access: how long everyone's way is to the nearest place of each category, as doors open and close."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import xarray as xr

from kernels.access.reach import Graph, Nearest, Seeds, nearest, repaired
from kernels.contract import Closure, LayerError, Need
from kernels.quantities import attrs
from kernels.quantities.access import CATEGORIES, access_time

NOWHERE = -1
"""Node of a home that stands on no street: it reaches nothing, and is counted so."""


@dataclass(frozen=True, eq=False)
class _Inputs:
    """What a run reads, checked. Searches go along ``towards``, every arc turned round, as if none were ever shut."""

    towards: Graph
    shut_arc: np.ndarray
    shut_begin: np.ndarray
    shut_until: np.ndarray
    place_node: np.ndarray
    place_category: np.ndarray
    place_delay: np.ndarray
    opening_place: np.ndarray
    opening_begin: np.ndarray
    opening_until: np.ndarray
    home_node: np.ndarray
    home_delay: np.ndarray
    people: np.ndarray
    asked: np.ndarray
    coords: dict[str, Any]

    def seeds(self, time: float) -> list[Seeds]:
        """Entrances of the places that are open at a moment, by category."""
        open_now = np.ones(self.place_node.size, bool)
        open_now[self.opening_place] = False
        now = (self.opening_begin <= time) & (time < self.opening_until)
        open_now[self.opening_place[now]] = True
        rows = [np.flatnonzero(open_now & (self.place_category == code)) for code in range(len(CATEGORIES))]
        return [Seeds.at(self.place_node[row], self.place_delay[row], row) for row in rows]

    def graph(self, time: float) -> Graph:
        """The arcs that may be entered at a moment."""
        now = self.shut_arc[(self.shut_begin <= time) & (time < self.shut_until)]
        if not now.size:
            return self.towards
        whole = self.towards
        shut = np.zeros(whole.order.size, bool)
        shut[now] = True
        return Graph(whole.first, whole.head, np.where(shut[whole.order], np.inf, whole.cost), whole.order)

    def changes(self) -> np.ndarray:
        """Moments at which something opens or closes. [s]"""
        return np.unique(np.concatenate([self.opening_begin, self.opening_until, self.shut_begin, self.shut_until]))


@dataclass(eq=False)
class _State:
    inputs: _Inputs
    time: float
    found: Nearest
    searched: int
    seconds: np.ndarray
    fewest: np.ndarray
    people: np.ndarray


@dataclass(frozen=True)
class Access:
    """Access on foot or by bicycle.

    One search per category begins at all its open places at once and runs along the streets backwards, so that every
    home knows its time to the nearest. Nothing changes but where a place opens or closes, or a street; then only what
    that reaches is searched again (`kernels.access.reach.repaired`), to the same bit.

    Attributes
    ----------
    longest : float
        Beyond this nobody is told how far a place is. [s]
    threads : int or None
        All processors if None; no result depends on it.
    """

    longest: float = 1800.0
    threads: int | None = None

    name: ClassVar[str] = "access"
    layers: ClassVar[tuple[Need, ...]] = (
        Need("access_start_node", ("foot_link",)),
        Need("access_end_node", ("foot_link",)),
        Need("access_time", ("foot_link",), finite=False),
        Need("place_node", ("place",)),
        Need("place_category", ("place",)),
        Need("place_delay", ("place",)),
        Need("home_node", ("home",)),
        Need("home_delay", ("home",)),
        Need("home_people", ("home",)),
        Need("access_time_asked", ("category",)),
        Need("opening_place", ("opening",), optional=True),
        Need("opening_begin", ("opening",), optional=True),
        Need("opening_until", ("opening",), optional=True),
        Need("shut_arc", ("shut",), optional=True),
        Need("shut_begin", ("shut",), optional=True),
        Need("shut_until", ("shut",), optional=True),
    )
    forcing: ClassVar[tuple[Need, ...]] = ()
    gives: ClassVar[tuple[str, ...]] = (
        *map(access_time, CATEGORIES),
        "categories_in_reach",
        "fewest_categories_in_reach",
        "people_in_reach",
    )

    def prepare(self, layers: xr.Dataset, forcing: xr.Dataset) -> _State:
        """Search from all places that are open at the start.

        Raises
        ------
        LayerError
            Nodes, categories or places that are not there, times that are negative; the text has their names.
        """
        return self._at(_checked(layers), 0.0)

    def advance(self, state: _State, until: float) -> None:
        """Go on to a moment, and search again wherever something opened or closed on the way. [s]"""
        for change in state.inputs.changes():
            if state.time < change <= until:
                graph, seeds = state.inputs.graph(float(change)), state.inputs.seeds(float(change))
                state.found = repaired(graph, seeds, state.found, self.longest, self.threads)
                state.searched += state.found.searched
                self._read(state)
        state.time = until

    def observe(self, state: _State) -> xr.Dataset:
        """Time to the nearest open place of each category, NaN beyond `longest`, and how many are near enough."""
        given = {access_time(key): state.seconds[code] for code, key in enumerate(CATEGORIES)}
        given["categories_in_reach"] = _reached(state).sum(axis=0).astype(float)
        found = {name: (("home",), values.copy(), attrs(name)) for name, values in given.items()}
        return xr.Dataset(found, coords=_along(state, "home") | {"time": float(state.time)})

    def summarise(self, state: _State) -> xr.Dataset:
        """What holds at the worst moment of the run so far, by home and by category."""
        return xr.Dataset(
            {
                "fewest_categories_in_reach": (
                    ("home",), state.fewest.astype(float), attrs("fewest_categories_in_reach")
                ),
                "people_in_reach": (("category",), state.people.copy(), attrs("people_in_reach")),
            },
            coords=_along(state, "home", "category"),
        )  # fmt: skip

    def closure(self, state: _State) -> Closure:
        """Everyone is in reach of a category or out of it, and no way of the search can be bettered.

        The error is the larger of the people that were lost and of the part of all times that are not the least of
        what streets and places offer (Bellman's equations, checked without the search).
        """
        reached, people = _reached(state), state.inputs.people
        within = math.fsum(math.fsum(people[row]) for row in reached)
        beyond = math.fsum(math.fsum(people[~row]) for row in reached)
        counted = len(CATEGORIES) * math.fsum(people)
        wrong = _bettered(state.found)
        lost = abs(within + beyond - counted) / counted if counted else 0.0
        return Closure(
            "people",
            max(lost, wrong / max(state.found.seconds.size, 1)),
            {"people_counted": counted, "people_reached": within, "people_not_reached": beyond},
            {
                "homes": int(people.size),
                "homes_on_no_street": int((state.inputs.home_node == NOWHERE).sum()),
                "homes_reaching_all": int(reached.all(axis=0).sum()),
                "homes_reaching_none": int((~reached.any(axis=0)).sum()),
                "times_that_could_be_bettered": wrong,
                "nodes_searched": state.searched,
            },
        )

    def checkpoint(self, state: _State) -> dict[str, np.ndarray]:
        """The moment and the worst so far; the times follow from the layers, to the bit."""
        return {"time": np.array(state.time), "fewest": state.fewest.copy(), "people": state.people.copy()}

    def restore(self, layers: xr.Dataset, forcing: xr.Dataset, saved: Mapping[str, np.ndarray]) -> _State:
        """Search anew at the saved moment."""
        state = self._at(_checked(layers), float(saved["time"]))
        state.fewest, state.people = np.array(saved["fewest"]), np.array(saved["people"])
        return state

    def _at(self, inputs: _Inputs, time: float) -> _State:
        found = nearest(inputs.graph(time), inputs.seeds(time), self.longest, self.threads)
        never = np.full(inputs.people.size, len(CATEGORIES))
        state = _State(inputs, time, found, found.searched, np.zeros(0), never, np.full(len(CATEGORIES), np.inf))
        self._read(state)
        return state

    def _read(self, state: _State) -> None:
        """The times of homes from those of nodes, and the worst of the run."""
        inputs = state.inputs
        seconds = state.found.seconds[:, inputs.home_node] + inputs.home_delay
        away = (inputs.home_node == NOWHERE) | (seconds > self.longest)
        state.seconds = np.where(away, np.nan, seconds)
        reached = _reached(state)
        state.fewest = np.minimum(state.fewest, reached.sum(axis=0))
        state.people = np.minimum(state.people, reached @ inputs.people)


def _reached(state: _State) -> np.ndarray:
    """Whether each home is near enough to a place, (category, home) bool; NaN is not."""
    return state.seconds <= state.inputs.asked[:, None]


def _along(state: _State, *dims: str) -> dict[str, Any]:
    return {dim: state.inputs.coords[dim] for dim in dims if dim in state.inputs.coords}


def _bettered(found: Nearest) -> int:
    """Times of nodes that are not the least of what their arcs and places offer."""
    graph = found.graph
    tails = np.repeat(np.arange(graph.nodes), np.diff(graph.first))
    wrong = 0
    for seconds, seeds, limit in zip(found.seconds, found.seeds, found.limits, strict=True):
        least = np.full(graph.nodes, np.inf)
        np.minimum.at(least, graph.head, seconds[tails] + graph.cost)
        np.minimum.at(least, seeds.node, seeds.cost)
        least[least > limit] = np.inf
        wrong += int((least != seconds).sum())
    return wrong


def _checked(layers: xr.Dataset) -> _Inputs:
    """Read the layers, and refuse what cannot be."""
    tail, head = _whole(layers, "access_start_node"), _whole(layers, "access_end_node")
    cost = layers["access_time"].values.astype(np.float64)
    nodes = 1 + int(max(tail.max(initial=-1), head.max(initial=-1)))
    _refuse(layers, "access_start_node", tail, tail < 0, "a node from 0")
    _refuse(layers, "access_end_node", head, head < 0, "a node from 0")
    _refuse(layers, "access_time", cost, ~(cost >= 0), "0 s or more; infinity closes an arc")
    place, kind = _whole(layers, "place_node"), _whole(layers, "place_category")
    known = f"a node of 0 to {nodes - 1}"
    _refuse(layers, "place_node", place, (place < 0) | (place >= nodes), known)
    _refuse(layers, "place_category", kind, (kind < 0) | (kind >= len(CATEGORIES)), f"0 to {len(CATEGORIES) - 1}")
    home = _whole(layers, "home_node")
    _refuse(layers, "home_node", home, (home < NOWHERE) | (home >= nodes), f"{known}, or -1 for no street")
    numbers = {}
    for name in ("place_delay", "home_delay", "home_people", "access_time_asked"):
        numbers[name] = layers[name].values.astype(np.float64)
        _refuse(layers, name, numbers[name], ~(numbers[name] >= 0), "0 or more")
    if numbers["access_time_asked"].size != len(CATEGORIES):
        raise LayerError(
            f"access_time_asked has {numbers['access_time_asked'].size} values, expected {len(CATEGORIES)}: one for "
            f"each of {', '.join(CATEGORIES)}"
        )
    opening = _windows(layers, "opening", "place", place.size)
    return _Inputs(
        Graph.of(head, tail, cost, nodes), *_windows(layers, "shut", "arc", tail.size), place, kind,
        numbers["place_delay"], *opening, home, numbers["home_delay"], numbers["home_people"],
        numbers["access_time_asked"],
        {dim: layers[dim].copy() for dim in ("home", "category") if dim in layers.coords},
    )  # fmt: skip


def _windows(layers: xr.Dataset, dim: str, what: str, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of what is open or shut when: all three of a dimension, or none."""
    names = tuple(f"{dim}_{one}" for one in (what, "begin", "until"))
    given = [name for name in names if name in layers]
    if not given:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    if len(given) < len(names):
        raise LayerError(f"access wants {', '.join(names)} together, got only {', '.join(given)}; give all or none")
    row = _whole(layers, names[0])
    begin, until = (layers[name].values.astype(np.float64) for name in names[1:])
    _refuse(layers, names[0], row, (row < 0) | (row >= rows), f"a row of the {rows} {what}s")
    _refuse(layers, names[2], until, ~(until > begin), f"later than {names[1]}")
    return row, begin, until


def _whole(layers: xr.Dataset, name: str) -> np.ndarray:
    return layers[name].values.astype(np.int64)


def _refuse(layers: xr.Dataset, name: str, values: np.ndarray, wrong: np.ndarray, expected: str) -> None:
    """Refuse values, with the names of the first five that are wrong."""
    if not wrong.any():
        return
    dim = str(layers[name].dims[0])
    rows = np.flatnonzero(wrong)
    names = [str(layers[dim].values[row]) if dim in layers.coords else str(row) for row in rows[:5]]
    more = f" and {rows.size - 5} more" if rows.size > 5 else ""
    raise LayerError(
        f"access: {name} of {dim} {', '.join(names)}{more} is {values[rows[0]]:g}, expected {expected}; mend it or "
        "leave the row out"
    )
