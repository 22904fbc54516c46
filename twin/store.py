"""Results on disk by digest: one Zarr v3 group and one manifest each, whole or not there at all."""

import errno
import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyproj
import xarray as xr
import zarr
from zarr.codecs import BloscCodec

from kernels.quantities import QUANTITIES, attrs
from twin.city import CRS
from twin.packing import PackingError, dtype_of, encoding, missing, pack, widened
from twin.result import DATA, FORMAT, MANIFEST, Result, StoreError, data_hash

CHUNK = 256
"""Side of a chunk; all chunks of one output time are one shard, the file that one append writes. [cell]"""

_COMPRESSOR = BloscCodec(cname="zstd", clevel=1, shuffle="bitshuffle")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LOCK = ".lock"
_UNFINISHED = ".unfinished-"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def _plainly(place: Path) -> Iterator[None]:
    """Say what an error of the file system means here."""
    try:
        yield
    except PackingError as error:
        raise StoreError(f"{place}: {error}") from error
    except OSError as error:
        if error.errno in _FULL:
            words = "the disk is full; nothing of this run was kept; free some space or choose another --store"
        else:
            words = f"cannot be written ({error.strerror or error}); check the folder and its rights"
        raise StoreError(f"{place}: {words}") from error


class Store:
    """Results under one folder, each by the digest of its scenario.

    What a killed run left behind is removed when a store is opened; a run that is still going on is left alone.

    Parameters
    ----------
    root : path
        Made where it does not exist.

    Raises
    ------
    StoreError
        The folder cannot be made.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).absolute()
        with _plainly(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
        self._sweep()

    def has(self, digest: str) -> bool:
        """Whether the whole result is there."""
        return (self._folder(digest) / MANIFEST).is_file()

    def digests(self) -> list[str]:
        """All results, by digest."""
        return sorted(one.name for one in self.root.iterdir() if _DIGEST.fullmatch(one.name) and self.has(one.name))

    def open(self, digest: str) -> "Result":
        """A result.

        Raises
        ------
        StoreError
            It is not there.
        """
        if not self.has(digest):
            raise StoreError(f"{self.root}: has no result {digest[:12]}…; run the scenario first")
        return Result(self._folder(digest))

    def writer(
        self,
        digest: str,
        grid: xr.Dataset,
        times: Sequence[float],
        *,
        start: str,
        about: Mapping[str, str] | None = None,
    ) -> "Writer":
        """Begin a result.

        Parameters
        ----------
        digest : str
        grid : xarray.Dataset
            Coordinates ``x`` and ``y`` of the cells. [m]
        times : sequence of float
            Output times since the start; each gets one append. [s]
        start : str
            Of the period, UTC, ISO 8601.
        about : mapping, optional
            Global attributes: title, source, licence, ...

        Raises
        ------
        StoreError
        """
        self._folder(digest)
        return Writer(self, digest, grid, times, start, dict(about or {}))

    def discard(self, digest: str) -> None:
        """Remove a result, where it is there."""
        folder = self._folder(digest)
        if folder.exists():
            with _plainly(folder):
                aside = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.root)) / "old"
                folder.rename(aside)
                shutil.rmtree(aside.parent)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from making or sweeping folders meanwhile."""
        with _plainly(self.root):
            held = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)

    def _folder(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise StoreError(f"{digest!r} is no digest; results are named by 64 hexadecimal digits")
        return self.root / digest

    def _sweep(self) -> None:
        """Remove what runs that died left behind: a living run holds the lock of its folder."""
        with self.alone():
            self._sweep_alone()

    def _sweep_alone(self) -> None:
        for folder in self.root.glob(f"{_UNFINISHED}*"):
            try:
                held = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT)
            except OSError:
                continue  # removed by its own writer, or by another store, a moment ago
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            except BlockingIOError:
                pass
            finally:
                os.close(held)


class Writer:
    """One result while it is being written; as a context manager it abandons what was not finished.

    Parameters
    ----------
    store, digest, grid, times, start, about
        As `Store.writer`.
    """

    def __init__(
        self, store: Store, digest: str, grid: xr.Dataset, times: Sequence[float], start: str, about: dict[str, str]
    ) -> None:
        self._final = store.root / digest
        self._shape = (int(grid.sizes["y"]), int(grid.sizes["x"]))
        self._count = len(times)
        self._parts: dict[str, tuple[list[str], int]] = {}
        self._along: dict[str, str] = {}
        with store.alone(), _plainly(store.root):
            self._folder = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=store.root))
            self._held: int | None = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT)
            fcntl.flock(self._held, fcntl.LOCK_EX)
        try:
            with _plainly(self._folder):
                self._group = zarr.create_group(
                    store=self._folder / DATA,
                    zarr_format=3,
                    attributes={"Conventions": "CF-1.11", "digest": digest, "time_origin": start, **about},
                )
                self._coordinates(grid, np.asarray(times, float), start)
        except BaseException:
            self.abandon()
            raise

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abandon()

    def _coordinates(self, grid: xr.Dataset, times: np.ndarray, start: str) -> None:
        plain = start.replace("T", " ").removesuffix("Z")
        axes: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
            "time": (times, {"units": f"seconds since {plain}", "calendar": "standard", "standard_name": "time"}),
            "y": (grid["y"].values, {"units": "m", "standard_name": "projection_y_coordinate", "axis": "Y"}),
            "x": (grid["x"].values, {"units": "m", "standard_name": "projection_x_coordinate", "axis": "X"}),
        }
        for name, (values, words) in axes.items():
            array = self._group.create_array(
                name, shape=values.shape, dtype="<f8", chunks=values.shape, dimension_names=(name,), attributes=words
            )
            array[:] = values
        frame: dict[str, Any] = {
            key: value for key, value in pyproj.CRS(CRS).to_cf().items() if isinstance(value, str | float | int)
        }
        self._group.create_array("crs", shape=(), dtype="<i4", attributes=frame, dimension_names=())[...] = 31370

    def _array(self, name: str, dtype: np.dtype, dims: tuple[str, ...], place: str | None = None) -> zarr.Array[Any]:
        timed = dims[0] == "time"
        place_dims = dims[1:] if timed else dims
        on_grid = place_dims == ("y", "x")
        sizes = self._shape if on_grid else tuple(self._stored(dim).shape[0] for dim in place_dims)
        chunk = tuple(min(CHUNK, size) for size in sizes) if on_grid else sizes
        shard = tuple(-(-size // part) * part for size, part in zip(sizes, chunk, strict=True))
        packing: dict[str, Any] = encoding(name, dtype)
        fill = packing.get("_FillValue", np.nan if dtype.kind == "f" else missing(dtype))
        return self._group.create_array(
            place or name,
            shape=(self._count, *sizes) if timed else sizes,
            dtype=dtype,
            chunks=(1, *chunk) if timed else chunk,
            shards=(1, *shard) if timed else shard,
            compressors=_COMPRESSOR,
            fill_value=fill,
            dimension_names=dims,
            attributes={**attrs(name), **({"grid_mapping": "crs"} if on_grid else {}), **packing},
        )

    def _place(self, values: xr.DataArray) -> tuple[str, ...]:
        """Dimensions of a field without time: of the grid, or one of their own, whose entries are then numbered.

        The names of the entries, where it has some, stand in the CF attribute ``flag_meanings`` of their numbers.
        """
        if values.dims == ("y", "x"):
            return "y", "x"
        dim = str(values.dims[0])
        self._along[str(values.name)] = dim
        if dim not in self._group:
            words: dict[str, Any] = {"long_name": f"Number of the {dim}"}
            if dim in values.coords:
                words["flag_meanings"] = " ".join(str(name).replace(" ", "_") for name in values[dim].values)
            number = self._group.create_array(
                dim, shape=values.shape, dtype="<i4", chunks=values.shape, dimension_names=(dim,), attributes=words
            )
            number[:] = np.arange(values.size, dtype=np.int32)
        return (dim,)

    def append(self, frame: xr.Dataset, part: str = "") -> None:
        """Keep the fields of the next output time.

        Parameters
        ----------
        frame : xarray.Dataset
            Quantities along ``(y, x)`` or along one dimension of their own, the same in every frame of the part.
        part : str
            Each part (one kernel) counts its own times, so parts may come one after the other.

        Raises
        ------
        StoreError
            The disk is full, or the frame is not what was announced; nothing half-good will stay.
        """
        with _plainly(self._folder):
            names = [str(name) for name in frame.data_vars]
            announced, index = self._parts.get(part, (names, 0))
            if names != announced or index >= self._count:
                raise StoreError(
                    f"frame {index + 1} of {self._count} holds {names}, expected {announced}; "
                    "a run gives the same fields at each of its times"
                )
            for name in names:
                values = self._checked(frame[name])
                dtype = dtype_of(name, values)
                if index == 0:
                    self._array(name, dtype, ("time", *self._place(frame[name])))
                array = self._stored(name)
                if dtype.itemsize > array.dtype.itemsize:
                    array = self._widen(name, array, dtype, index)
                array[index] = pack(name, values, array.dtype)
            self._parts[part] = names, index + 1

    def _stored(self, name: str) -> zarr.Array[Any]:
        found = self._group[name]
        assert isinstance(found, zarr.Array)
        return found

    def _checked(self, values: xr.DataArray) -> np.ndarray:
        if values.name not in QUANTITIES:
            raise StoreError(f"{values.name!r} is not in kernels.quantities; name it there first")
        elsewhere = values.ndim == 1 and values.size > 0 and values.dims[0] not in ("x", "y", "time", "crs")
        if not elsewhere and (values.dims != ("y", "x") or values.shape != self._shape):
            raise StoreError(f"{values.name} goes along {dict(values.sizes)}, expected y and x of {self._shape}")
        return np.asarray(values.values)

    def _widen(self, name: str, narrow: zarr.Array[Any], dtype: np.dtype, count: int) -> zarr.Array[Any]:
        """Give a field more bits; what was written keeps its values."""
        place = (self._along[name],) if name in self._along else ("y", "x")
        wide = self._array(name, dtype, ("time", *place), place=f"{name}_wide")
        for index in range(count):
            wide[index] = widened(np.asarray(narrow[index]))
        data = self._folder / DATA
        shutil.rmtree(data / name)
        (data / f"{name}_wide").rename(data / name)
        return self._stored(name)

    def finish(self, manifest: Mapping[str, Any], summary: xr.Dataset | None = None) -> "Result":
        """Keep the fields of the whole run and the manifest, and put everything in its place.

        Parameters
        ----------
        manifest : mapping
            JSON; the hash of the data and the layout are added.
        summary : xarray.Dataset, optional
            Quantities along ``(y, x)`` or along one dimension of their own.

        Raises
        ------
        StoreError
            Frames are missing, or the disk is full.
        """
        for part, (_, written) in self._parts.items() or [("", ([], 0))]:
            if written != self._count:
                raise StoreError(
                    f"{written} of {self._count} frames {part} were written; a result is whole or not kept"
                )
        with _plainly(self._folder):
            kept = {} if summary is None else {str(name): self._checked(summary[name]) for name in summary.data_vars}
            for name, values in kept.items():
                dtype = dtype_of(name, values)
                assert summary is not None
                self._array(name, dtype, self._place(summary[name]))[...] = pack(name, values, dtype)
            whole = {
                "bxl_twin_result": FORMAT,
                **manifest,
                "fields": [name for names, _ in self._parts.values() for name in names if name not in self._along],
                "summary": [name for name in kept if name not in self._along],
                # not on the grid: name to the dimension it goes along
                "along": self._along,
                "data_sha256": data_hash(self._folder / DATA),
            }
            with (self._folder / MANIFEST).open("w", encoding="utf-8") as file:
                json.dump(whole, file, indent=1, ensure_ascii=False, allow_nan=False)
                file.flush()
                os.fsync(file.fileno())
            self._folder.chmod(0o755)
            self._put_in_place()
        return Result(self._final)

    def _put_in_place(self) -> None:
        (self._folder / _LOCK).unlink()
        try:
            self._folder.rename(self._final)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            # the same digest was finished by someone else meanwhile: it is the same result
            shutil.rmtree(self._folder)
        self._release()

    def abandon(self) -> None:
        """Forget what was not finished; nothing after `finish`."""
        if self._held is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._release()

    def _release(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None
