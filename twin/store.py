"""Results on disk, one folder per digest: Zarr v3 fields, a manifest and the key figures, whole or not at all."""

import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import xarray as xr
import zarr
from zarr.codecs import BloscCodec

from kernels.quantities import attrs
from twin.packing import Packing

FORMAT = 1
"""Of the folder's layout; raised when an older program could no longer read it."""
_CHUNK = 256
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class StoreError(RuntimeError):
    """A result cannot be written or read; the text says which, why, and the remedy."""


@dataclass(frozen=True, eq=False)
class Result:
    """A finished result.

    Attributes
    ----------
    digest : str
        Of the scenario that made it.
    path : Path
        Its folder.
    """

    digest: str
    path: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Inputs, parameters, versions, licences, closure and hashes."""
        read: dict[str, Any] = json.loads((self.path / "manifest.json").read_text("utf-8"))
        return read

    @property
    def indicators(self) -> list[dict[str, Any]]:
        """Key figures."""
        found: list[dict[str, Any]] = self.manifest["indicators"]
        return found

    @cached_property
    def dataset(self) -> xr.Dataset:
        """All fields, read when they are used; ``time`` in seconds since ``period_start``."""
        return xr.open_zarr(
            self.path / "data.zarr", consolidated=False, chunks=None, decode_times=False, decode_timedelta=False
        )

    def frame(self, field: str, index: int) -> np.ndarray:
        """One field at one output time, (y, x); a field of the whole run has index 0 only."""
        variable = self.dataset[field]
        return np.asarray((variable.isel(time=index) if "time" in variable.dims else variable).values)

    def series(self, field: str, x: float, y: float) -> np.ndarray:
        """One field over time in the cell that holds a point. Lambert 72 [m].

        Raises
        ------
        StoreError
            The point lies outside the grid.
        """
        grid = self.dataset
        half = 0.5 * float(grid["x"][1] - grid["x"][0])
        for name, value in (("x", x), ("y", y)):
            low, high = float(grid[name][0]) - half, float(grid[name][-1]) + half
            if not low <= value <= high:
                raise StoreError(
                    f"{name} = {value:.1f} m lies outside the result, which goes from {low:.1f} to {high:.1f}"
                )
        return np.asarray(grid[field].sel(x=x, y=y, method="nearest").values)

    def verify(self) -> None:
        """Compare every file with its hash in the manifest.

        Raises
        ------
        StoreError
            Names the file that changed.
        """
        for name, known in self.manifest["files"].items():
            if _sha256(self.path / name) != known:
                raise StoreError(f"{self.path / name} is not the file that was written; delete the folder, run again")


class Store:
    """Results under one root.

    Parameters
    ----------
    root : str or Path
        Made where it does not exist.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        with _disk(self.root):
            self.root.mkdir(parents=True, exist_ok=True)

    def has(self, digest: str) -> bool:
        """Whether a whole result of that digest is here."""
        return (self.root / digest / "manifest.json").is_file()

    def open(self, digest: str) -> Result:
        """The result of a digest.

        Raises
        ------
        StoreError
            There is none, or it is of a newer format.
        """
        if not self.has(digest):
            raise StoreError(f"there is no result {digest[:12]} under {self.root}; run its scenario")
        result = Result(digest, self.root / digest)
        if result.manifest.get("format") != FORMAT:
            raise StoreError(f"{result.path} has format {result.manifest.get('format')}, this program reads {FORMAT}")
        return result

    def digests(self) -> list[str]:
        """All whole results, oldest first."""
        found = [path.parent for path in self.root.glob("*/manifest.json") if not path.parent.name.startswith(".")]
        return [path.name for path in sorted(found, key=lambda path: (path.stat().st_mtime, path.name))]

    def remove(self, digest: str) -> None:
        """Forget a result."""
        shutil.rmtree(self.root / digest, ignore_errors=True)

    def clean(self) -> list[str]:
        """Remove what killed runs left behind; writers that still live keep theirs.

        Returns
        -------
        list of str
            Names of the folders that went.
        """
        gone = []
        for path in self.root.glob(".writing-*"):
            _, pid, _ = path.name.split("-", 2)
            if not _writes(int(pid), path):
                shutil.rmtree(path, ignore_errors=True)
                gone.append(path.name)
        return gone

    @contextmanager
    def writer(self, digest: str, times: np.ndarray) -> Iterator["Writer"]:
        """Write a result frame by frame; it appears under its digest only when `Writer.finish` was reached.

        Parameters
        ----------
        digest : str
        times : (time,) float
            Output times that will come. [s]

        Raises
        ------
        StoreError
            The disk is full or not to be written; nothing half-good stays.
        """
        folder = self.root / f".writing-{os.getpid()}-{digest[:16]}-{time.monotonic_ns():x}"
        try:
            with _disk(self.root):
                folder.mkdir(parents=True)
                yield Writer(self, digest, folder, np.asarray(times, float))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class Writer:
    """The hand that writes one result; from `Store.writer`."""

    def __init__(self, store: Store, digest: str, folder: Path, times: np.ndarray) -> None:
        self._store = store
        self._digest = digest
        self._folder = folder
        self._times = times
        self._packings: dict[str, Packing] = {}
        self._count = 0
        self._group = zarr.open_group(folder / "data.zarr", mode="w", zarr_format=3)

    def append(self, frame: xr.Dataset) -> None:
        """Add the fields of the next output time; ``time`` is a scalar coordinate [s].

        Raises
        ------
        StoreError
            More frames than times, another time than announced, or an infinite value.
        """
        if self._count >= self._times.size or float(frame["time"]) != self._times[self._count]:
            raise StoreError(
                f"frame {self._count} came at {float(frame['time']):g} s, expected one of {self._times[:4]}…"
            )
        if self._count == 0:
            self._coordinates(frame)
            self._coordinate("time", self._times, {"units": "s", "long_name": "Time since the start", "axis": "T"})
        for name, variable in frame.data_vars.items():
            self._put(str(name), variable, self._count)
        self._count += 1

    def finish(
        self, summary: xr.Dataset, manifest: Mapping[str, Any], indicators: list[dict[str, Any]], **words: str
    ) -> Result:
        """Write the fields of the whole run and the manifest, then let the result appear.

        Parameters
        ----------
        summary : xarray.Dataset
            Fields without ``time``.
        manifest : mapping
            JSON values; format, digest, indicators and hashes are added.
        indicators : list of dict
        **words : str
            Attributes of the Dataset.
        """
        if self._count != self._times.size:
            raise StoreError(f"{self._count} of {self._times.size} frames were written; the run did not end")
        for name, variable in summary.data_vars.items():
            self._put(str(name), variable, None)
        self._group.attrs.update({"Conventions": "CF-1.11", **words})
        files = {
            path.relative_to(self._folder).as_posix(): _sha256(path)
            for path in sorted(self._folder.rglob("*"))
            if path.is_file()
        }
        whole = {"format": FORMAT, "digest": self._digest, **manifest, "indicators": indicators, "files": files}
        text = json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False)
        with (self._folder / "manifest.json").open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        final = self._store.root / self._digest
        try:
            os.rename(self._folder, final)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or not self._store.has(self._digest):
                raise
            # another process ended the same run first: same digest, same result
        return Result(self._digest, final)

    def _coordinates(self, frame: xr.Dataset) -> None:
        for axis in ("x", "y"):
            if axis in frame.coords:
                extra = {"axis": axis.upper(), "standard_name": f"projection_{axis}_coordinate"}
                words = {"units": "m", "long_name": {"x": "Easting", "y": "Northing"}[axis]}
                self._coordinate(axis, np.asarray(frame[axis].values, float), words | extra)

    def _coordinate(self, name: str, values: np.ndarray, words: dict[str, Any]) -> None:
        array = self._group.create_array(
            name, shape=values.shape, dtype="float64", chunks=values.shape, dimension_names=[name], attributes=words
        )
        array[:] = values

    def _put(self, name: str, variable: xr.DataArray, index: int | None) -> None:
        values = np.asarray(variable.values)
        packing = self._packings.setdefault(name, Packing.of(name))
        if np.isinf(values).any():
            raise StoreError(f"{name} is infinite in {int(np.isinf(values).sum())} cells; the run is not to be trusted")
        if not packing.fits(values):
            packing = self._widen(name, index)
        if name not in self._group:
            self._create(name, variable, packing, in_time=index is not None)
        array = self._group[name]
        assert isinstance(array, zarr.Array)
        if index is None:
            array[...] = packing.pack(values)
        else:
            array[index] = packing.pack(values)

    def _create(self, name: str, variable: xr.DataArray, packing: Packing, *, in_time: bool) -> None:
        shape, dims = tuple(variable.shape), [str(dim) for dim in variable.dims]
        chunks = tuple(min(size, _CHUNK) for size in shape)
        shards = tuple(-(-size // chunk) * chunk for size, chunk in zip(shape, chunks, strict=True))
        if in_time:
            shape, dims = (self._times.size, *shape), ["time", *dims]
            chunks, shards = (1, *chunks), (1, *shards)
        words: dict[str, Any] = {**attrs(name), **packing.attrs()}
        self._group.create_array(
            name,
            shape=shape,
            dtype=packing.dtype,
            chunks=chunks,
            shards=shards,
            fill_value=packing.missing,
            dimension_names=dims,
            attributes=words,
            compressors=[BloscCodec(cname="zstd", clevel=1, shuffle="bitshuffle")],
        )

    def _widen(self, name: str, index: int | None) -> Packing:
        """Make room for values beyond 16 bits: what is there is written again in 32."""
        before = self._packings[name]
        packing = self._packings[name] = before.wider
        if name in self._group:
            old = self._group[name]
            assert isinstance(old, zarr.Array)
            kept = [before.unpack(np.asarray(old[i])) for i in range(index or 0)]
            sample = xr.DataArray(kept[0], dims=("y", "x")) if kept else None
            del self._group[name]
            if sample is not None:
                self._create(name, sample, packing, in_time=True)
                array = self._group[name]
                assert isinstance(array, zarr.Array)
                for i, values in enumerate(kept):
                    array[i] = packing.pack(values)
        return packing


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _writes(pid: int, path: Path) -> bool:
    """Whether the process that began a folder still lives; a number used again since then does not count."""
    try:
        return psutil.Process(pid).create_time() <= path.stat().st_mtime + 1.0
    except (psutil.Error, FileNotFoundError):
        return False


@contextmanager
def _disk(root: Path) -> Iterator[None]:
    """Say a full or closed disk in words."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreError(f"the disk of {root} is full; free some space and run again, nothing was kept") from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.ENOTDIR):
            raise StoreError(f"{root} cannot be written ({error.strerror}); choose another folder") from error
        raise
