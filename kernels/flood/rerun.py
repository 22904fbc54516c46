"""A warm rerun: after an edit, only the tiles that it reaches are computed again; a recording gives all others."""

from collections.abc import Generator, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import xarray as xr
from scipy import ndimage

from kernels.contract import Closure, LayerError, Outcome, check_layers
from kernels.flood.ground_pass import DURATION_STEP, DURATIONS, GroundPass
from kernels.flood.kernel import Flood
from kernels.flood.layer_stacks import LayerStacks
from kernels.flood.recording import COUNTS_EVERY, Recording, changed_cells, forcing_digest, kernel_words, why_not
from kernels.flood.seam import lay_seam
from kernels.flood.shallow_water import DRY, GRAVITY, HOLE
from kernels.flood.state import FloodState
from kernels.flood.stepping import Knobs, follow, trade
from kernels.flood.tiles import TILE_COLUMNS, TILE_ROWS, dilated

TOLERANCE = 1e-5
"""A tile whose depth differs by less from the recording is left to it; what is neglected adds up downstream. [m]"""
REACH = 2 * TILE_ROWS - 12
"""Cells beside the dirty tiles in which a difference is looked for: further out the seam is felt too."""
TILE = TILE_ROWS, TILE_COLUMNS
RING = 3
"""Cells beside the computed tiles whose state comes from the recording: as far as a second-order step looks."""


def rerun(
    kernel: Flood, layers: xr.Dataset, forcing: xr.Dataset, times: Sequence[float], recording: Recording | Path
) -> Generator[xr.Dataset, None, Outcome]:
    """Run the flood on edited layers as `kernels.contract.run` would, within 0.1 mm, computing only what changed.

    Between two snapshots the tiles that differ from the recording and two around them are computed; beyond, the
    recording holds, interpolated between its snapshots. At a snapshot a tile that has come to differ brings its
    neighbours in.

    Parameters
    ----------
    kernel, layers, forcing, times
        As for `kernels.contract.run`; the forcing is that of the recording, the times are among its snapshots.
    recording : Recording or path

    Yields
    ------
    xarray.Dataset
        Whole fields at each output time.

    Returns
    -------
    Outcome
        Its closure has no error of its own: water that enters or leaves the computed tiles is not booked. The
        remarks say so, and how much was computed.

    Raises
    ------
    LayerError
        The rain, the knobs, the grid or an output time is not that of the recording, or there is a sewer network.
    """
    reason = why_not(kernel, layers)
    if reason is not None:
        raise LayerError(f"flood: {reason}")
    record = recording if isinstance(recording, Recording) else Recording(recording)
    check_layers(kernel, layers, forcing)
    _refuse_others(kernel, forcing, times, record)
    state = kernel.prepare(layers, forcing)
    own = changed_cells(record, kernel, layers, state)
    work = _Rerun(kernel, state, record, own)
    wanted = set(np.asarray(times, float).tolist())
    for number, until in enumerate(record.times[1:].tolist(), 1):
        work.advance(number)
        if until in wanted:
            yield work.frame(number)
    remarks = {
        "scheme": kernel.scheme, "soil": kernel.soil, "steps": state.steps, "warm_rerun": True, "tolerance_m": 1e-4,
        "computed_share": float(np.mean(work.shares)), "recording_error": record.about["closure_error"],
    }  # fmt: skip
    return Outcome(work.summary(), Closure("mass", float("nan"), {}, remarks), {})


def _refuse_others(kernel: Flood, forcing: xr.Dataset, times: Sequence[float], record: Recording) -> None:
    if forcing_digest(forcing) != record.about["forcing"]:
        raise LayerError("flood: the recording was driven by another rain, inflow or level; record this one")
    if kernel_words(kernel) != record.about["kernel"]:
        raise LayerError(f"flood: the recording was made with {record.about['kernel']}; use the same knobs")
    strange = set(np.asarray(times, float).tolist()) - set(record.times.tolist())
    if strange:
        raise LayerError(f"flood: the recording has no snapshot at {min(strange):g} s; record with these output times")


class _Rerun:
    """The tiles that are computed, and the recording around them."""

    def __init__(self, kernel: Flood, state: FloodState, record: Recording, own: np.ndarray) -> None:
        self.state, self.record, self.kernel = state, record, kernel
        self.knobs = Knobs(*(getattr(kernel, one.name) for one in fields(Knobs)))
        self.dirty = _tiles_of(own, state.tiles.shape)
        self.inside = np.zeros_like(self.dirty)
        self.shares: list[float] = []
        self._beside = np.zeros((2, 0), np.int64)
        state.tiles.only = self.inside

    def advance(self, number: int) -> None:
        """From snapshot ``number - 1`` to the next one."""
        state, record = self.state, self.record
        start, until = float(record.times[number - 1]), float(record.times[number])
        self._take_in(number - 1)
        self.shares.append(float(self.inside.mean()))
        if not self.inside.any():
            state.time = state.exchanged = until
            return
        rows, columns = self._beside
        before, after = (record.water[one][:, rows, columns] for one in (number - 1, number))

        def beyond(water: tuple[np.ndarray, ...], time: float) -> None:
            lay_seam(water, rows, columns, before, after, (time - start) / (until - start))

        state.beyond = beyond
        first, last = np.searchsorted(record.steps, [start, until], side="right")
        for end in record.steps[first:last].tolist():
            follow(state, end, self.knobs)
            if end - state.exchanged >= self.knobs.exchange_every or end >= until:
                trade(state)
        self._compare(number)

    def _compare(self, number: int) -> None:
        """Mark the tiles that have come to differ from the recording; looks no further than the computed ones."""
        tiles = _box(self.inside)
        dirty = self.dirty[tiles]
        cells = tuple(slice(one.start * size, one.stop * size) for one, size in zip(tiles, TILE, strict=True))
        depth, bed = (part[1:-1, 1:-1][cells] for part in (self.state.water[0], self.state.ground[0]))
        apart = np.abs(depth - self.record.water[number, 0, 1:-1, 1:-1][cells]) > TOLERANCE
        near = ndimage.maximum_filter(_cells_of(dirty, depth.shape), 2 * REACH + 1)
        rows, columns = np.nonzero(apart & near & (bed < HOLE))
        dirty[rows // TILE_ROWS, columns // TILE_COLUMNS] = True

    def _take_in(self, number: int) -> None:
        """Compute two tiles around the dirty ones too; those that only surround start from the recording again."""
        state = self.state
        chosen = dilated(dilated(self.dirty))
        fresh = chosen & ~self.inside
        if number > 0:
            self._load(chosen & ~self.dirty | fresh, number)
            self._load_peaks(fresh, number)
        if fresh.any():
            state.tops[~chosen] = 0
            self.inside = state.tiles.only = chosen
            edge = (chosen[0], chosen[-1], chosen[:, 0], chosen[:, -1])
            state.tiles.at_sides = any(bool(tiles.any()) for tiles in edge)
            inner = np.pad(_cells_of(chosen, state.shape), 1)
            wide = inner
            for _ in range(RING):
                wide = dilated(wide)
            wide[0], wide[-1], wide[:, 0], wide[:, -1] = False, False, False, False
            self._beside = np.array(np.nonzero(wide & ~inner))
        cells = _places(self.inside, state.shape)
        h, qx, qy = (part[1:-1, 1:-1][cells] for part in (state.water[0], *state.water[2:]))
        speed = np.maximum(np.abs(qx), np.abs(qy)) / np.maximum(h, DRY) + np.sqrt(GRAVITY * h)
        state.speed = float(speed.max(initial=0.0))

    def _load(self, tiles: np.ndarray, number: int) -> None:
        """Put the recorded water, and what the parts keep, into some tiles."""
        if not tiles.any():
            return
        state, record = self.state, self.record
        cells = _places(tiles, state.shape)
        solid = state.ground[0][1:-1, 1:-1][cells] >= HOLE
        saved = record.water[number][:, 1:-1, 1:-1]
        for part, values in zip((state.water[0], *state.water[2:]), saved, strict=True):
            part[1:-1, 1:-1][cells] = np.where(solid, 0.0, values[cells])
        state.water[1][1:-1, 1:-1][cells] = 0.0
        stacks = record.stacks(number)
        for part in state.parts:
            if isinstance(part, GroundPass):
                soil = () if record.soil is None else record.soil[number]
                part.adopt(dict(zip(record.about["soil"], soil, strict=True)), cells)
            elif isinstance(part, LayerStacks) and stacks is not None:
                part.adopt(stacks, _cells_of(tiles, state.shape))

    def _load_peaks(self, tiles: np.ndarray, number: int) -> None:
        """Maxima of the recording so far."""
        if not tiles.any():
            return
        state, record = self.state, self.record
        cells = _places(tiles, state.shape)
        arrival = record.final["arrival_time"][cells]
        arrival = np.where(arrival <= record.times[number], arrival, np.inf)
        found = (record.deepest[number][cells], *(part[cells] for part in record.peaks[number]), arrival)
        for peak, values in zip(state.peaks, found, strict=True):
            peak[1:-1, 1:-1][cells] = values
        for part in state.parts:
            if isinstance(part, GroundPass):
                part.adopt_counts(self._counts(number, cells), cells)

    def _counts(self, number: int, cells: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Durations of the recording so far: of the last mark, and what the snapshots since then show."""
        record = self.record
        mark = number // COUNTS_EVERY
        found = np.stack([part[cells] for part in record.counts[mark]])
        for later in range(mark * COUNTS_EVERY + 1, number + 1):
            ticks = int(record.times[later] // DURATION_STEP) - int(record.times[later - 1] // DURATION_STEP)
            depth = record.water[later, 0, 1:-1, 1:-1][cells]
            for place, threshold in enumerate(DURATIONS.values()):
                found[place] += np.uint16(ticks) * (depth > threshold)
        return found

    def frame(self, number: int) -> xr.Dataset:
        """Whole fields at a snapshot: those computed, and around them the recorded ones."""
        state = self.state
        cells = np.pad(_cells_of(self.inside, state.shape), 1)
        own = state.water
        mixed = [np.where(cells, part, saved) for part, saved in zip((own[0], *own[2:]), self.record.water[number],
                                                                     strict=True)]  # fmt: skip
        state.water = (mixed[0], own[1], mixed[1], mixed[2])
        try:
            return self.kernel.observe(state)
        finally:
            state.water = own

    def summary(self) -> xr.Dataset:
        """Maxima, arrivals and durations of the whole grid."""
        own, cells = self.kernel.summarise(self.state), _cells_of(self.inside, self.state.shape)
        for name, values in own.items():
            theirs = self.record.final[str(name)]
            own[name] = values.copy(data=np.where(cells, values.values, np.where(self.state.hole, np.nan, theirs)))
        return own


def _tiles_of(cells: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Tiles in which any cell is marked."""
    found = np.zeros(shape, bool)
    rows, columns = np.nonzero(cells)
    found[rows // TILE_ROWS, columns // TILE_COLUMNS] = True
    return found


def _cells_of(tiles: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Cells of marked tiles, as marks."""
    return np.repeat(np.repeat(tiles, TILE_ROWS, 0), TILE_COLUMNS, 1)[: shape[0], : shape[1]]


def _places(tiles: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the cells of marked tiles."""
    found = []
    for tile, size, count in zip(np.nonzero(tiles), TILE, shape, strict=True):
        found.append((tile * size, np.arange(size), count))
    (row, down, rows), (column, along, columns) = found
    j = (row[:, None, None] + down[None, :, None]) + np.zeros((1, 1, along.size), np.int64)
    i = (column[:, None, None] + along[None, None, :]) + np.zeros((1, down.size, 1), np.int64)
    on = (j < rows) & (i < columns)
    return j[on], i[on]


def _box(tiles: np.ndarray) -> tuple[slice, slice]:
    """The smallest rectangle of tiles around the marked ones."""
    rows, columns = np.nonzero(tiles)
    return slice(int(rows.min()), int(rows.max()) + 1), slice(int(columns.min()), int(columns.max()) + 1)
