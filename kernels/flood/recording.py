"""What a warm rerun stands on: the water of a whole run every half minute, its steps, and what it was computed from."""

import hashlib
import json
import zlib
from collections.abc import Generator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from kernels.contract import LayerError, Outcome, check_layers
from kernels.flood.ground_pass import GroundPass
from kernels.flood.kernel import Flood
from kernels.flood.layer_stacks import LayerStacks
from kernels.flood.state import FloodState

EVERY = 10.0
"""Time between two snapshots: a change must not cross more than a tile before it is noticed. [s]"""
COUNTS_EVERY = 30
"""Snapshots between two marks of the durations: five minutes."""


class Recording:
    """The snapshots of a run in a folder, read as they are needed.

    Per snapshot 12 bytes a cell of water, 4 of soil and 10 of maxima: about 2.3 GB for an hour of a square kilometre
    at 2 m.

    Parameters
    ----------
    folder : path
        Where `record` wrote.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            about = json.loads((folder / "recording.json").read_text(encoding="utf-8"))
        except OSError as error:
            raise LayerError(
                f"flood: {folder} holds no finished recording ({error.strerror}); record the run"
            ) from error
        self.about: dict[str, Any] = about
        self.times = np.array(about["times"])
        """(snapshot,) when each was taken. [s]"""
        self.steps = np.load(folder / "steps.npy")
        """(step,) when each step of the run ended. [s]"""
        self.layers = dict(np.load(folder / "layers.npz"))
        self.water = np.load(folder / "water.npy", mmap_mode="r")
        """(snapshot, 3, y + 2, x + 2) float32: depth, discharges."""
        self.soil = np.load(folder / "soil.npy", mmap_mode="r") if (folder / "soil.npy").is_file() else None
        self.peaks = np.load(folder / "peaks.npy", mmap_mode="r")
        """(snapshot, 3, y, x) float16: maxima of speed, unit discharge, hazard rating."""
        self.deepest = np.load(folder / "deepest.npy", mmap_mode="r")
        """(snapshot, y, x) float32: maximum depth."""
        self.counts = np.load(folder / "counts.npy", mmap_mode="r")
        self.final = dict(np.load(folder / "final.npz"))
        """Maxima, arrivals and durations at the end, by name."""

    def stacks(self, number: int) -> dict[str, np.ndarray] | None:
        """Checkpoint of the layer stacks at a snapshot; None without any."""
        path = self.folder / f"stacks-{number}.npz"
        return dict(np.load(path)) if path.is_file() else None


def record(
    kernel: Flood,
    layers: xr.Dataset,
    forcing: xr.Dataset,
    times: Sequence[float],
    folder: Path,
    every: float = EVERY,
) -> Generator[xr.Dataset, None, Outcome]:
    """Run the flood as `kernels.contract.run` does and keep what a warm rerun needs.

    Parameters
    ----------
    kernel, layers, forcing, times
        As for `kernels.contract.run`.
    folder : path
        Empty or not there yet.
    every : float
        Time between two snapshots; output times are snapshots too. [s]

    Raises
    ------
    LayerError
        The scheme is local inertia, or the layers have a sewer network, which ties all places together: a change
        anywhere is felt everywhere.
    """
    reason = why_not(kernel, layers)
    if reason is not None:
        raise LayerError(f"flood: {reason}")
    check_layers(kernel, layers, forcing)
    end = float(times[-1])
    marks = np.unique(np.concatenate([np.arange(every, end, every), np.asarray(times, float)]))
    state = kernel.prepare(layers, forcing)
    folder.mkdir(parents=True, exist_ok=True)
    count = marks.size + 1
    ground = next((part for part in state.parts if isinstance(part, GroundPass)), None)
    stacks = next((part for part in state.parts if isinstance(part, LayerStacks)), None)
    water = _array(folder / "water.npy", np.float32, (count, 3, *state.water[0].shape))
    marked = -(-count // COUNTS_EVERY)
    peaks = _array(folder / "peaks.npy", np.float16, (count, 3, *state.shape))
    deepest = _array(folder / "deepest.npy", np.float32, (count, *state.shape))
    counts = _array(folder / "counts.npy", np.uint16, (marked, 3, *state.shape))
    first = {} if ground is None else ground.checkpoint()
    own = [name for name in ("soil_memory", "soil_stored") if first.get(name, np.zeros(0)).shape == state.shape]
    soil = _array(folder / "soil.npy", np.float16, (count, len(own), *state.shape)) if own else None

    def snapshot(number: int) -> None:
        for place, part in enumerate((state.water[0], *state.water[2:])):
            water[number, place] = part
        saved = {} if ground is None else ground.checkpoint()
        for place, name in enumerate(own):
            assert soil is not None
            soil[number, place] = saved[name]
        if stacks is not None:
            np.savez(folder / f"stacks-{number}.npz", **stacks.checkpoint())
        for place, part in enumerate(state.peaks[1:4]):
            peaks[number, place] = part[1:-1, 1:-1]
        deepest[number] = state.peaks[0][1:-1, 1:-1]
        if number % COUNTS_EVERY == 0 and saved:
            counts[number // COUNTS_EVERY] = saved["soil_counts"]

    state.trace = []
    snapshot(0)
    wanted = set(np.asarray(times, float).tolist())
    for number, mark in enumerate(marks.tolist(), 1):
        kernel.advance(state, mark)
        snapshot(number)
        if mark in wanted:
            yield kernel.observe(state)
    for one in (water, peaks, deepest, counts, *(() if soil is None else (soil,))):
        one.flush()
    np.save(folder / "steps.npy", np.array(state.trace))
    np.savez(folder / "layers.npz", **_grids(kernel, layers, state))
    about = {
        "times": [0.0, *marks.tolist()],
        "soil": own,
        "forcing": forcing_digest(forcing),
        "kernel": kernel_words(kernel),
        "closure_error": kernel.closure(state).error,
    }
    final = kernel.summarise(state)
    np.savez(folder / "final.npz", **{str(name): values.values for name, values in final.items()})
    # written last: without it the folder is no recording
    (folder / "recording.json").write_text(json.dumps(about), encoding="utf-8")
    return Outcome(final, kernel.closure(state), kernel.checkpoint(state))


def _array(path: Path, kind: Any, shape: tuple[int, ...]) -> np.memmap:
    return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)


def why_not(kernel: Flood, layers: xr.Dataset) -> str | None:
    """Why runs of a kernel on some layers cannot be rerun warm; None where they can."""
    if kernel.scheme == "inertia":
        # a face belongs to the cell west or south of it, whether that is computed or not
        return "local inertia cannot be rerun warm: run it whole, it is quick, or take fv1 or fv2"
    if "node_x" in layers:
        return "a sewer network ties all places together: run it whole, or assume a sewer"
    return None


def recording_bytes(cells: int, times: Sequence[float], every: float = EVERY) -> int:
    """Disk that a recording takes, about. [byte]"""
    return int(cells * 26 * (float(times[-1]) / every + len(times)))


def kernel_words(kernel: Flood) -> dict[str, Any]:
    """The knobs that decide a result, as JSON; threads do not."""
    knobs = {name: getattr(kernel, name) for name in (one.name for one in fields(kernel)) if name != "threads"}
    return {name: dict(one) if isinstance(one, dict) else one for name, one in knobs.items()}


def forcing_digest(forcing: xr.Dataset) -> str:
    """SHA-256 of a forcing's variables and coordinates."""
    found = hashlib.sha256()
    for name in sorted(map(str, (*forcing.data_vars, *forcing.coords))):
        values = np.ascontiguousarray(forcing[name].values)
        content = values.tobytes() if values.dtype.kind in "biufM" else repr(values.tolist()).encode()
        found.update(f"{name} {forcing[name].dims} {values.dtype}".encode() + content)
    return found.hexdigest()


def changed_cells(recording: Recording, kernel: Flood, layers: xr.Dataset, state: FloodState) -> np.ndarray:
    """Where what a cell is made of differs from the recording.

    Returns
    -------
    (y, x) bool

    Raises
    ------
    LayerError
        The grid is another one.
    """
    before, now = recording.layers, _grids(kernel, layers, state)
    shape = state.shape
    if before["ground_elevation"].shape != shape:
        raise LayerError(f"flood: the recording has a grid of {before['ground_elevation'].shape}, this one {shape}")
    found = np.zeros(shape, bool)
    for name in {*before, *now}:
        one, two = before.get(name), now.get(name)
        some = two if one is None else one
        assert some is not None
        absent = np.full_like(some, np.nan if some.dtype.kind == "f" and name.startswith("wall") else 0)
        one, two = absent if one is None else one, absent if two is None else two
        differ = one != two
        if some.dtype.kind == "f":
            differ &= ~(np.isnan(one) & np.isnan(two))
        if differ.shape[1] > shape[1]:
            differ = differ[:, :-1] | differ[:, 1:]
        elif differ.shape[0] > shape[0]:
            differ = differ[:-1] | differ[1:]
        found |= differ
    return found


def _grids(kernel: Flood, layers: xr.Dataset, state: FloodState) -> dict[str, np.ndarray]:
    """What each cell or face is made of, with no number that an edit elsewhere could shift."""
    found = {
        need.name: layers[need.name].values
        for need in kernel.layers
        if need.name in layers and set(need.dims) <= {"y", "x", "x_face", "y_face"}
    }
    index = found.pop("building_index", np.full(state.shape, -1))
    found["ground_elevation"] = np.where(state.hole, 0.0, found["ground_elevation"])
    found["outside"] = np.minimum(index, 0)
    if state.rain is not None:
        found["pattern"] = state.rain.pattern(0) if not state.rain.varies_in_space else np.zeros(index.shape)
    marks = _stack_marks(layers)
    if "layer_stack" in found:
        found["layer_stack"] = marks[found["layer_stack"].astype(int)]
    if "roof_stack" in layers and "building" in layers.coords:
        by_building = dict(zip(layers["building"].values.tolist(), layers["roof_stack"].values.tolist(), strict=True))
        own = np.array([marks[int(by_building.get(number, -1))] for number in range(int(index.max()) + 1)] or [0])
        found["roof_stack"] = np.where(index >= 0, own[np.maximum(index, 0)], 0)
    return found


def _stack_marks(layers: xr.Dataset) -> np.ndarray:
    """A number by stack that tells its parameters; the last entry, 0, stands for none."""
    names = sorted(str(name) for name in layers if layers[name].dims == ("stack",))
    rows = [layers[name].values.astype(float) for name in names]
    marks = [zlib.crc32(np.array(row).tobytes()) for row in zip(*rows, strict=True)]
    return np.array([*marks, 0], np.int64)
