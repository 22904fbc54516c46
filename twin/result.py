"""A finished result on disk, read lazily."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

FORMAT = 1
"""Version of the layout on disk."""
MANIFEST = "manifest.json"
DATA = "data.zarr"


class StoreError(RuntimeError):
    """A result that cannot be kept or read; the text names the folder, the cause and the remedy."""


@dataclass(frozen=True)
class Result:
    """A finished result; nothing is read before it is asked for.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What went in: scenario, city, versions, closure, licences, hashes."""
        try:
            found: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise StoreError(
                f"{self.folder}: its {MANIFEST} cannot be read ({error}); run the scenario again"
            ) from error
        if found.get("bxl_twin_result") != FORMAT:
            raise StoreError(
                f"{self.folder}: has the layout {found.get('bxl_twin_result')!r}, this program reads {FORMAT}; "
                "run the scenario again"
            )
        return found

    @property
    def digest(self) -> str:
        """Of the scenario."""
        return self.folder.name

    @property
    def indicators(self) -> list[dict[str, Any]]:
        """Key figures: ``key``, ``label`` by language, ``value``, ``units``, ``better``."""
        found: list[dict[str, Any]] = self.manifest.get("indicators", [])
        return found

    @cached_property
    def dataset(self) -> xr.Dataset:
        """All fields, lazily; ``time`` in seconds since the period's start, missing = NaN."""
        try:
            return xr.open_dataset(
                self.folder / DATA, engine="zarr", chunks=None, consolidated=False, decode_times=False
            )
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(f"{self.folder}: its data cannot be read ({error}); run the scenario again") from error

    @property
    def times(self) -> list[float]:
        """Output times since the period's start. [s]"""
        found: list[float] = self.dataset["time"].values.tolist()
        return found

    def frame(self, field: str, index: int = -1) -> np.ndarray:
        """One field at one output time, or of the whole run.

        Parameters
        ----------
        field : str
        index : int
            Output time, from 0; negative from the end; ignored for fields without time.

        Returns
        -------
        (y, x) float32
            Row 0 is the southernmost; missing = NaN. [units of the quantity]

        Raises
        ------
        StoreError
            No such field or time.
        """
        values = self._field(field)
        if "time" in values.dims:
            if not -values.sizes["time"] <= index < values.sizes["time"]:
                raise StoreError(f"{field} has {values.sizes['time']} output times, got the number {index}")
            values = values.isel(time=index)
        return np.asarray(values.values, np.float32)

    def series(self, field: str, x: float, y: float) -> tuple[list[float], list[float]]:
        """A field through time in the cell that holds a point.

        Parameters
        ----------
        field : str
        x, y : float
            Lambert 72. [m]

        Returns
        -------
        times, values : list of float
            [s] and [units of the quantity]; NaN where there is no data.

        Raises
        ------
        StoreError
            No such field, not one through time, or a point outside the grid.
        """
        values = self._field(field)
        if "time" not in values.dims:
            raise StoreError(f"{field} has no time; ask for its value with frame()")
        place = {}
        for name, wanted in (("x", x), ("y", y)):
            axis = self.dataset[name].values
            size = (axis[-1] - axis[0]) / max(axis.size - 1, 1)
            number = int(np.floor((wanted - axis[0]) / size + 0.5)) if size > 0 else 0
            if not 0 <= number < axis.size:
                raise StoreError(f"({x:g}, {y:g}) is outside the grid of this result")
            place[name] = number
        return self.times, values.isel(place).values.astype(float).tolist()

    def verify(self) -> None:
        """Compare the data with the hash in the manifest.

        Raises
        ------
        StoreError
            A byte changed since the result was written.
        """
        if data_hash(self.folder / DATA) != self.manifest["data_sha256"]:
            raise StoreError(f"{self.folder}: its data is not what was written; discard it and run the scenario again")

    def _field(self, name: str) -> xr.DataArray:
        if name not in self.dataset.data_vars or name == "crs":
            raise StoreError(f"there is no field {name!r}; there are {sorted(set(map(str, self.dataset)) - {'crs'})}")
        return self.dataset[name]


def data_hash(folder: Path) -> str:
    """SHA-256 over the paths and bytes of all files of a Zarr group."""
    found = hashlib.sha256()
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
