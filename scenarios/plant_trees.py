"""Where would so many trees help most people? A lazy greedy search on warm reruns of one heat day."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import xarray as xr

from scenarios.planting_sites import TREE_CLEAR, TreeSize
from scenarios.problem import Cancelled, ScenarioError
from twin.rasterise import Grid, discs

HOT = 273.15 + 32.0
"""UTCI from which heat stress is strong: Broede et al. 2012, doi:10.1007/s00484-011-0454-1. [K]"""
Aim = Literal["degrees", "hours"]
"""What a tree is to lower, summed over residents and the hot hours: degrees of UTCI, or hours above 32 °C."""


class Changed(Protocol):
    """The window of a run that other layers change."""

    @property
    def rows(self) -> slice:
        """Rows of the window."""

    @property
    def columns(self) -> slice:
        """Columns of the window."""

    @property
    def fields(self) -> xr.Dataset:
        """Fields on the window."""


class Recorded(Protocol):
    """A whole run kept in memory, of which only what differs is computed: `kernels.heat.recorded.Recorded`."""

    @property
    def fields(self) -> xr.Dataset:
        """Fields of the run as it stands, ``utci`` [K] among them: (time, y, x)."""

    def changed(self, layers: xr.Dataset) -> Changed:
        """What other layers change, without keeping it."""

    def accept(self, changed: Any) -> None:
        """Make what `changed` gave the run that further changes are compared with."""


@dataclass(frozen=True)
class Planted:
    """One tree that was chosen.

    Attributes
    ----------
    x, y : float
        Lambert 72. [m]
    gain : float
        What it adds to those before it, in the units of the aim: [person K h] or [person h].
    """

    x: float
    y: float
    gain: float


@dataclass
class Planting:
    """What a search found; each beginning of ``trees`` is the answer for fewer trees.

    Attributes
    ----------
    trees : list of Planted
        In the order in which they were chosen.
    layers : xarray.Dataset
        With the crowns of all of them.
    evaluations : int
        Warm reruns that were made.
    grew : int
        Times that a tree turned out to help more after another was planted: so often the search was not the plain
        greedy one.
    ended : {"", "no site", "no gain"}
        Why there are fewer trees than asked for.
    """

    trees: list[Planted]
    layers: xr.Dataset
    evaluations: int = 0
    grew: int = 0
    ended: str = ""


@dataclass
class _Candidate:
    """A site, and what is known of a tree there."""

    x: float
    y: float
    gain: float = np.inf
    rows: slice = field(default_factory=lambda: slice(0, 0))
    columns: slice = field(default_factory=lambda: slice(0, 0))
    fresh: bool = False


def plant(
    recorded: Recorded,
    layers: xr.Dataset,
    weights: np.ndarray,
    sites: np.ndarray,
    count: int,
    hot: np.ndarray,
    *,
    grid: Grid,
    size: TreeSize | None = None,
    aim: Aim = "degrees",
    apart: float = TREE_CLEAR,
    before: Sequence[Planted] = (),
    on_progress: Callable[[float, str], None] | None = None,
    on_tree: Callable[[Planting], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Planting:
    """Choose sites one after the other, each the one that adds most.

    Parameters
    ----------
    recorded : Recorded
        A run of ``layers``; it is changed to the run with the trees.
    layers : xarray.Dataset
    weights : (y, x) float64
        Residents that each cell stands for, of `scenarios.heat_exposure.HeatExposure.weights`.
    sites : (site, 2) float64
        Candidates, Lambert 72. [m]
    count : int
        Trees wanted, those of ``before`` included.
    hot : (time,) float64
        For how long each output time counts; 0 outside the hot hours. [h]
    grid : Grid
    size : TreeSize, optional
    aim : {"degrees", "hours"}
    apart : float
        Least distance between trunks. [m]
    before : sequence of Planted
        Trees of an earlier search that goes on; they are planted first, and their gains computed again.
    on_progress : callable, optional
        Is given a fraction 0..1 and words.
    on_tree : callable, optional
        Is given the planting after each tree.
    cancelled : callable, optional
        Asked before each rerun.

    Raises
    ------
    ScenarioError
        Nobody is known to live there, or nothing is asked.
    Cancelled
        ``on_tree`` was given all that was found before.

    Notes
    -----
    Lazy greedy of Minoux (1978), doi:10.1007/BFb0006528: the gain of a tree only falls as others are planted, so an old
    gain is a bound, and only the best bound is computed anew. Where gains only fall, the sum is at least 1 - 1/e = 63 %
    of the best possible choice of sites (Nemhauser, Wolsey and Fisher 1978, doi:10.1007/BF01588971). Shade does so;
    wind and long-wave radiation may not, and ``Planting.grew`` counts it. A gain is also kept where no tree was planted
    in the window that it was computed in.
    """
    if count < 1 or count < len(before):
        raise ScenarioError(f"{count} trees are asked for, expected 1 or more and not fewer than were found before")
    if not weights.any():
        raise ScenarioError("nobody is known to live near open ground here; a city with sectors and homes is needed")
    if not hot.any():
        raise ScenarioError("the run has no output time in the hot hours; let it cover the afternoon")
    search = _Search(recorded, layers, weights, hot, grid, size or TreeSize(), aim, cancelled or (lambda: False))
    tell = on_progress or (lambda fraction, words: None)
    for tree in before:
        search.take_up(tree)
    pool = [_Candidate(float(x), float(y)) for x, y in sites if search.is_free(float(x), float(y), apart)]
    for number, one in enumerate(pool):
        search.evaluate(one)
        tell(0.5 * (number + 1) / len(pool), f"{number + 1} of {len(pool)} sites tried")
    heap = [(-one.gain, number) for number, one in enumerate(pool)]
    heapq.heapify(heap)
    found = search.planting
    while len(found.trees) < count:
        best = search.best_of(pool, heap, apart)
        if best is None:
            found.ended = "no site"
            break
        if best.gain <= 0:
            found.ended = "no gain"
            break
        search.accept(best, pool)
        tell(0.5 + 0.5 * len(found.trees) / count, f"{len(found.trees)} trees planted")
        if on_tree is not None:
            on_tree(found)
    return found


class _Search:
    """One search: the run as it stands, and what was found."""

    def __init__(
        self,
        recorded: Recorded,
        layers: xr.Dataset,
        weights: np.ndarray,
        hot: np.ndarray,
        grid: Grid,
        size: TreeSize,
        aim: Aim,
        cancelled: Callable[[], bool],
    ) -> None:
        self.planting = Planting([], layers)
        self._recorded = recorded
        self._weights = weights
        self._times = np.flatnonzero(hot)
        self._hours = hot[self._times]
        self._grid = grid
        self._size = size
        self._aim = aim
        self._cancelled = cancelled
        self._last: tuple[_Candidate, Changed] | None = None

    def is_free(self, x: float, y: float, apart: float) -> bool:
        """Whether no tree that was planted stands too near."""
        return all(np.hypot(x - one.x, y - one.y) >= apart - 1e-9 for one in self.planting.trees)

    def evaluate(self, one: _Candidate) -> Changed:
        """Compute what a tree there would add now."""
        if self._cancelled():
            raise Cancelled(f"stopped on request after {len(self.planting.trees)} trees")
        changed = self._recorded.changed(with_tree(self.planting.layers, self._grid, one.x, one.y, self._size))
        self.planting.evaluations += 1
        one.gain, one.rows, one.columns, one.fresh = self._gain(changed), changed.rows, changed.columns, True
        self._last = one, changed
        return changed

    def best_of(self, pool: list[_Candidate], heap: list[tuple[float, int]], apart: float) -> _Candidate | None:
        """The candidate that adds most; taken off the heap."""
        while heap:
            _, number = heapq.heappop(heap)
            one = pool[number]
            if not self.is_free(one.x, one.y, apart):
                continue
            if one.fresh:
                return one
            bound = one.gain
            self.evaluate(one)
            self.planting.grew += bool(one.gain > bound * (1 + 1e-6) + 1e-9)
            heapq.heappush(heap, (-one.gain, number))
        return None

    def accept(self, best: _Candidate, pool: list[_Candidate]) -> None:
        """Plant a tree; what was known of sites whose window it changed is now but a bound."""
        known = self._last is not None and self._last[0] is best
        changed = self._last[1] if known and self._last is not None else self.evaluate(best)
        self._keep(changed, Planted(best.x, best.y, best.gain))
        for one in pool:
            if _meet(one.rows, changed.rows) and _meet(one.columns, changed.columns):
                one.fresh = False

    def take_up(self, tree: Planted) -> None:
        """Plant a tree of an earlier search."""
        changed = self._recorded.changed(with_tree(self.planting.layers, self._grid, tree.x, tree.y, self._size))
        self._keep(changed, Planted(tree.x, tree.y, self._gain(changed)))

    def _keep(self, changed: Changed, tree: Planted) -> None:
        self._recorded.accept(changed)
        self._last = None
        self.planting.layers = with_tree(self.planting.layers, self._grid, tree.x, tree.y, self._size)
        self.planting.trees.append(tree)

    def _gain(self, changed: Changed) -> float:
        window = changed.rows, changed.columns
        was = self._recorded.fields["utci"].values[(slice(None), *window)]
        new = changed.fields["utci"].values
        total = 0.0
        for number, hours in zip(self._times, self._hours, strict=True):
            a, b = was[number], new[number]
            lower = (a > HOT).astype(float) - (b > HOT) if self._aim == "hours" else a.astype(float) - b
            total += hours * float(
                np.nansum(np.where(np.isfinite(a) & np.isfinite(b), lower, 0.0) * self._weights[window])
            )
        return float(total)


def _meet(one: slice, other: slice) -> bool:
    return bool(one.start < other.stop and other.start < one.stop)


def with_tree(layers: xr.Dataset, grid: Grid, x: float, y: float, size: TreeSize) -> xr.Dataset:
    """The layers with one crown more, a cylinder as in `twin.layers.layers`.

    Where it meets other crowns the higher top, the lower bottom and the denser leaves count.
    """
    _, cells = discs(np.array([x]), np.array([y]), np.array([size.crown_diameter / 2]), grid)
    top, bottom = layers["canopy_top"].values.copy(), layers["canopy_bottom"].values.copy()
    had = top.ravel()[cells] > 0
    top.ravel()[cells] = np.maximum(top.ravel()[cells], size.height)
    lowest = np.minimum(bottom.ravel()[cells], size.crown_base)
    bottom.ravel()[cells] = np.where(had, lowest, size.crown_base)
    found = {"canopy_top": top, "canopy_bottom": bottom}
    if "canopy_transmissivity" in layers:
        through = layers["canopy_transmissivity"].values.copy()
        denser = np.minimum(through.ravel()[cells], size.transmissivity)
        through.ravel()[cells] = np.where(had, denser, size.transmissivity)
        found["canopy_transmissivity"] = through
    return layers.assign({name: (("y", "x"), values, layers[name].attrs) for name, values in found.items()})
