"""A kernel of heat that one can count: 40 °C felt in the open, 30 °C under a crown, nothing through buildings."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import xarray as xr

from kernels.contract import Closure, Need, collect, run
from kernels.quantities import attrs


@dataclass(frozen=True)
class Noon:
    """It feels the same all day."""

    open: float = 40.0

    name: ClassVar[str] = "noon"
    layers: ClassVar[tuple[Need, ...]] = (Need("canopy_top", ("y", "x")), Need("building_index", ("y", "x")))
    forcing: ClassVar[tuple[Need, ...]] = ()
    gives: ClassVar[tuple[str, ...]] = (
        "utci", "shadow", "max_utci", "hours_utci_above_32", "hours_utci_above_38", "min_air_temperature",
    )  # fmt: skip

    def prepare(self, layers, forcing):
        felt = np.where(layers["canopy_top"].values > 0, 30.0, self.open) + 273.15
        felt[layers["building_index"].values >= 0] = np.nan
        return {"time": 0.0, "felt": felt, "coords": layers.coords.to_dataset()[["x", "y"]]}

    def advance(self, state, until):
        state["time"] = until

    def _dataset(self, state, **fields):
        return xr.Dataset(
            {name: (("y", "x"), values, attrs(name)) for name, values in fields.items()}, coords=state["coords"].coords
        )

    def observe(self, state):
        shade = np.where(state["felt"] < 305.0, 1.0, 0.0)
        return self._dataset(state, utci=state["felt"].copy(), shadow=shade).assign_coords(time=state["time"])

    def summarise(self, state):
        hours = state["time"] / 3600
        above = {
            f"hours_utci_above_{bound}": np.where(state["felt"] > bound + 273.15, hours, 0.0) for bound in (32, 38)
        }
        air = np.full(state["felt"].shape, 293.15)
        return self._dataset(state, max_utci=state["felt"], min_air_temperature=air, **above)

    def closure(self, state):
        return Closure("energy", 0.0, {})

    def checkpoint(self, state):
        return {}

    def restore(self, layers, forcing, saved):
        return self.prepare(layers, forcing)


def noon_document(document, **changes):
    """From noon to six in the evening in Brussels, by the hour."""
    period = {"start": "2019-07-25T10:00:00Z", "duration_s": 21_600, "output_every_s": 3600}
    return document(**{"kernels": ["noon"], "period": period, "forcing": {}} | changes)


@dataclass
class Window:
    """What other layers change."""

    rows: slice
    columns: slice
    fields: xr.Dataset
    layers: xr.Dataset


class Rerun:
    """The interface of a recorded run, by running the kernel whole each time."""

    def __init__(self, kernel, layers, forcing, times):
        self._kernel, self._forcing, self._times = kernel, forcing, times
        self.fields = self._whole(layers)

    def _whole(self, layers):
        return collect(run(self._kernel, layers, self._forcing, self._times))[0]

    def changed(self, layers):
        new = self._whole(layers)
        row, column = np.nonzero(
            (new["utci"] != self.fields["utci"]).values[:, :, :].any(axis=0) & new["utci"].notnull().values[0]
        )
        rows, columns = ((slice(at.min(), at.max() + 1) if at.size else slice(0, 0)) for at in (row, column))
        return Window(rows, columns, new.isel(y=rows, x=columns), layers)

    def accept(self, changed):
        self.fields = self._whole(changed.layers)
