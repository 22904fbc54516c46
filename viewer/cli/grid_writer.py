"""Results of the commands without a city: a Zarr v3 group that appears whole or not at all, and tables beside it."""

import csv
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyproj
import xarray as xr
import zarr
from zarr.codecs import BloscCodec

from viewer.cli.raw_files import InputError

CHUNK = 512
"""Side of a chunk. [cell]"""
UNFINISHED = ".unfinished"
"""End of the name of the hidden folder that a run writes into."""
SINCE_START = {"units": "s", "long_name": "time since the start"}
"""What ``time`` means where a run counts from its own start."""


def remove(folder: Path) -> None:
    """Remove a folder in which a thread of the Zarr library may still be ending a write that Ctrl-C cut off."""
    for _ in range(40):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


class GridWriter:
    """Writes frames into a hidden folder beside the wanted one, and renames it at the end.

    Parameters
    ----------
    out : path
        The Zarr group; an earlier one is replaced when the new one is whole.
    times : (time,) float64
        Output times, in the units of ``time_words``.
    coords : mapping
        ``x`` and ``y`` of the cells. [m]
    crs : pyproj.CRS or None
    unfinished : path, optional
        The hidden folder of a run that was stopped, to go on in.
    time_words : mapping
        CF attributes of ``time``.

    Attributes
    ----------
    keep : bool
        Leave the hidden folder where the run does not come to its end: a checkpoint counts on it.
    """

    def __init__(
        self,
        out: Path,
        times: np.ndarray,
        coords: Mapping[str, np.ndarray],
        crs: pyproj.CRS | None,
        unfinished: Path | None = None,
        time_words: Mapping[str, Any] = SINCE_START,
    ) -> None:
        if out.exists() and not (out / "zarr.json").is_file():
            raise InputError(f"{out}: exists and is no Zarr group; choose another --out")
        self.out, self.keep = out, unfinished is not None
        self._mapping = {"grid_mapping": "spatial_ref"} if crs is not None else {}
        self._shape = (coords["y"].size, coords["x"].size)
        self._arrays: dict[str, Any] = {}
        if unfinished is not None:
            self.folder = unfinished
            self._group = zarr.open_group(unfinished, mode="r+", zarr_format=3)
            self._arrays = {name: array for name, array in self._group.arrays() if array.ndim == 3}
            return
        out.parent.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=UNFINISHED, dir=out.parent))
        try:
            self._group = zarr.open_group(self.folder, mode="w", zarr_format=3)
            self._put("time", ("time",), times, {**time_words, "axis": "T"})
            for axis in ("x", "y"):
                words = {"units": "m", "standard_name": f"projection_{axis}_coordinate", "axis": axis.upper()}
                self._put(axis, (axis,), coords[axis], words)
            if crs is not None:
                self._put("spatial_ref", (), np.array(0, np.int32), {**crs.to_cf(), "crs_wkt": crs.to_wkt()})
        except BaseException:
            remove(self.folder)
            raise

    def __enter__(self) -> "GridWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.keep:
            remove(self.folder)

    def _put(self, name: str, dims: tuple[str, ...], values: np.ndarray, words: Mapping[str, Any]) -> None:
        array = self._group.create_array(
            name, shape=values.shape, dtype=values.dtype, chunks=values.shape or "auto", dimension_names=dims,
            attributes=dict(words),
        )  # fmt: skip
        array[...] = values

    def _field(self, name: str, values: xr.DataArray, steps: int | None) -> Any:
        frame = () if steps is None else ("time",)
        chunk = tuple(min(CHUNK, count) for count in self._shape)
        return self._group.create_array(
            name,
            shape=self._shape if steps is None else (steps, *self._shape),
            chunks=chunk if steps is None else (1, *chunk),
            dtype=values.dtype,
            fill_value=np.nan,
            dimension_names=(*frame, "y", "x"),
            compressors=BloscCodec(cname="zstd", clevel=1, shuffle="bitshuffle"),
            attributes={**values.attrs, **self._mapping},
            overwrite=True,
        )

    def frame(self, number: int, steps: int, frame: xr.Dataset) -> None:
        """Write one output time; of the fields, those over the ground."""
        for name, values in frame.data_vars.items():
            if values.dims != ("y", "x"):
                continue
            array = self._arrays.get(str(name))
            if array is None:
                array = self._arrays[str(name)] = self._field(str(name), values, steps)
            array[number] = values.values

    def finish(self, fields: xr.Dataset, about: Mapping[str, Any]) -> None:
        """Add the fields without time and the attributes, then let the whole appear under its name."""
        for name, values in fields.data_vars.items():
            if values.dims == ("y", "x"):
                self._field(str(name), values, None)[...] = values.values
        self._group.attrs.update(dict(about))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Consolidated metadata", category=UserWarning)
            zarr.consolidate_metadata(self.folder)
        old = None
        if self.out.exists():
            old = self.out.with_name(f".{self.out.name}.replaced-{os.getpid()}")
            self.out.rename(old)
        self.folder.chmod(0o755)
        self.folder.rename(self.out)
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)


def write_table(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV; the file appears whole."""
    part = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        with part.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(head)
            table.writerows(rows)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def numbers(row: Sequence[Any]) -> list[Any]:
    """A row of a table with its numbers to nine digits, enough for float32 and for a thousandth of a millimetre."""
    return [f"{value:.9g}" if isinstance(value, float) else value for value in row]
