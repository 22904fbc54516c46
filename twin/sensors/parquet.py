"""Readings as Parquet: the files of closed days, and the files that are given away."""

import csv
import errno
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
from numpy.typing import NDArray

from kernels.quantities import QUANTITIES
from twin.sensors.model import SECOND, Readings
from twin.sensors.store import SensorStoreError, Store, StoreFull

ROW_GROUP = 16_384
"""Rows that are read at once: one day of one sensor is a small part of two such groups at most. [row]"""

SCHEMA = pa.schema(
    [
        ("datastream", pa.string()),
        ("time", pa.timestamp("ns", "UTC")),
        ("value", pa.float64()),
        ("flag", pa.uint16()),
    ]
)
_UNFINISHED = ".unfinished-"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def plainly(place: Path) -> Iterator[None]:
    """Say what an error of the file system means here."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull(f"{place}: the disk is full; nothing was written; make room and ask again") from error
        raise SensorStoreError(f"{place}: {error.strerror or error}; check the folder and its rights") from error


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that is on disk under its name when all of it is written, and not before."""
    with plainly(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
        _sync(path.parent)


def _sync(folder: Path) -> None:
    """Have the names in a folder on disk."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def folder_of(day: int) -> str:
    """The name of a day [ns, UTC] and of its folder, such as ``2026-11-27``."""
    return str(np.datetime64(day, "ns").astype("datetime64[D]"))


def table_of(readings: Readings) -> pa.Table:
    """Readings as a table of `SCHEMA`; NaN becomes null."""
    columns = [
        pa.array(readings.datastream, pa.string()),
        pa.array(readings.time, pa.int64()).cast(SCHEMA.field("time").type),
        pa.array(readings.value, pa.float64(), from_pandas=True),
        pa.array(readings.flag, pa.uint16()),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def readings_of(table: pa.Table) -> Readings:
    """What `table_of` has made of readings."""
    return Readings(
        table["datastream"].to_numpy().astype(object),
        table["time"].cast(pa.int64()).to_numpy(),
        table["value"].to_numpy().astype(np.float64),
        table["flag"].to_numpy().astype(np.uint16),
    )


def write_part(path: Path, readings: Readings) -> None:
    """Write readings, which are in the order of datastream and time, to a file that is whole or not there.

    Raises
    ------
    StoreFull
    SensorStoreError
    """
    with _whole(path) as file:
        pyarrow.parquet.write_table(
            table_of(readings),
            file,
            row_group_size=ROW_GROUP,
            compression="zstd",
            use_dictionary=["datastream", "flag"],
        )
    with plainly(path):
        _sync(path.parent.parent)  # the folder of the day may be new


def read_parts(
    paths: Sequence[Path], datastreams: Sequence[str] | None = None, start: int | None = None, end: int | None = None
) -> Readings:
    """Readings of some files, of some datastreams, from ``start`` on and before ``end`` [ns, UTC].

    Raises
    ------
    FileNotFoundError
        A file has gone.
    SensorStoreError
        A file is no Parquet.
    """
    if not paths:
        return Readings.none()
    where: Any = None
    time = SCHEMA.field("time").type
    for rule in (
        None if datastreams is None else pyarrow.dataset.field("datastream").isin(list(datastreams)),
        None if start is None else pyarrow.dataset.field("time") >= pa.scalar(start, time),
        None if end is None else pyarrow.dataset.field("time") < pa.scalar(end, time),
    ):
        if rule is not None:
            where = rule if where is None else where & rule
    try:
        files = pyarrow.dataset.dataset([str(path) for path in paths], schema=SCHEMA, format="parquet")
        return readings_of(files.to_table(filter=where, use_threads=len(paths) > 1))
    except pa.ArrowInvalid as error:
        raise SensorStoreError(f"{paths[0].parent}: not a file of readings ({error}); bring it back") from error


def sweep(folder: Path, known: Iterable[Path]) -> int:
    """Remove what a killed writer left under a folder of days: every file that is not ``known``. Their number."""
    keep, gone = set(known), 0
    with plainly(folder):
        for path in list(folder.glob("*/*")) if folder.is_dir() else []:
            if path not in keep:
                path.unlink()
                gone += 1
    return gone


def iso(time: NDArray[np.int64]) -> NDArray[np.str_]:
    """Times as ISO 8601 in UTC, to the second where all are whole seconds."""
    unit: Literal["s", "ns"] = "ns" if np.any(time % SECOND) else "s"
    whole: NDArray[np.datetime64] = time.astype("datetime64[ns]")
    return np.datetime_as_string(whole, unit=unit, timezone="UTC")


def export(store: Store, path: Path, start: int, end: int, ids: Iterable[str] | None = None) -> int:
    """Write readings of any store to a file; see `twin.sensors.store.Store.export`."""
    chosen = sorted(store.datastreams(), key=lambda one: one.id) if ids is None else store.datastreams(ids)
    parts = ((one.quantity, store.window(one.id, start, end)) for one in chosen)
    told = ((QUANTITIES[name].units, name, readings) for name, readings in parts if len(readings))
    if path.suffix == ".csv":
        return _write_csv(path, told)
    if path.suffix == ".parquet":
        return _write_parquet(path, told)
    raise SensorStoreError(f"{path}: readings are written as .csv or .parquet, not {path.suffix!r}")


def _write_csv(path: Path, told: Iterable[tuple[str, str, Readings]]) -> int:
    rows = 0
    with _whole(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["datastream", "quantity", "units", "time", "value", "flag"])
        for units, quantity, one in told:
            values = ["" if np.isnan(value) else repr(value) for value in one.value.tolist()]
            columns = (one.datastream.tolist(), iso(one.time).tolist(), values, one.flag.tolist())
            table.writerows((name, quantity, units, *rest) for name, *rest in zip(*columns, strict=True))
            rows += len(one)
        text.detach()  # flushes, and leaves the file open
    return rows


def _write_parquet(path: Path, told: Iterable[tuple[str, str, Readings]]) -> int:
    rows = 0
    schema = pa.schema([SCHEMA.field(0), ("quantity", pa.string()), ("units", pa.string()), *list(SCHEMA)[1:]])
    with _whole(path) as file, pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        held: list[pa.Table] = []
        for units, quantity, one in told:
            table = table_of(one)
            words = [pa.array(np.full(len(one), word, object), pa.string()) for word in (quantity, units)]
            held.append(pa.Table.from_arrays([table.column(0), *words, *table.columns[1:]], schema=schema))
            rows += len(one)
            if sum(each.num_rows for each in held) >= ROW_GROUP:
                writer.write_table(pa.concat_tables(held))
                held.clear()
        writer.write_table(pa.concat_tables(held) if held else schema.empty_table())
    return rows
