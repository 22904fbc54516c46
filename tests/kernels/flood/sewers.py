"""Small sewers drawn by hand, and the words the flood kernel wants on them."""

from typing import Any

import numpy as np
import xarray as xr

from kernels.flood.sewer import Sewer
from kernels.flood.sewer_words import TABLES
from kernels.quantities import attrs


def network(**tables: Any) -> xr.Dataset:
    """A network: ``node=dict(x=…, invert=…)``, names without their dimension's prefix, scalars for all alike."""
    variables = {}
    for dim, parts in tables.items():
        prefix = {f"{dim}_{name}": name for name in parts} if f"{dim}_point" not in TABLES or dim == "node" else {}
        count = max(np.size(values) for values in parts.values())
        for name, values in parts.items():
            full = name if name in {n for t in TABLES.values() for n in t} else f"{dim}_{name}"
            assert prefix or full == name, f"points carry whole names, got {name}"
            variables[full] = ((dim,), np.broadcast_to(np.asarray(values, float), count).copy(), attrs(full))
    return xr.Dataset(variables)


def ground(rows: int = 2, columns: int = 2, size: float = 1.0, bed: Any = 1000.0) -> xr.Dataset:
    """Flat ground, far above the pipes unless told."""
    z = np.broadcast_to(np.asarray(bed, float), (rows, columns)).copy()
    x, y = (np.arange(columns) + 0.5) * size, (np.arange(rows) + 0.5) * size
    return xr.Dataset({"ground_elevation": (("y", "x"), z, attrs("ground_elevation"))}, coords={"x": x, "y": y})


def sewer(pipes: xr.Dataset, street: xr.Dataset | None = None) -> Sewer:
    """The sewer alone; nodes far off the street pond above their rims."""
    street = ground() if street is None else street
    layers = xr.merge([street, pipes])
    size = float(street.x[1] - street.x[0])
    found = Sewer.from_layers(layers, np.zeros(street.ground_elevation.shape, bool), size)
    assert found is not None
    return found


def line(
    reaches: int, length: float, slope: float, outfall: int, *, shape: int = 0, height: float = 1.0,
    width: float = 0.0, side: float = 0.0, manning: float = 0.013, inflow: float = 0.0, **more: Any,
) -> xr.Dataset:  # fmt: skip
    """One straight line of equal conduits that ends in an outfall; the inflow enters at its head."""
    z = 10.0 + slope * length * np.arange(reaches, -1, -1)
    kind, feed = np.zeros(reaches + 1), np.zeros(reaches + 1)
    kind[-1], feed[0] = outfall, inflow
    node = {"x": -1e4, "y": -1e4, "kind": kind, "invert": z, "rim": z + 20.0, "node_inflow": feed}
    node["node_ponded_area"] = 1.0
    conduit = {
        "start": np.arange(reaches), "end": np.arange(1, reaches + 1), "length": length, "shape": shape,
        "height": height, "width": width, "side_slope": side, "roughness": manning, "start_invert": z[:-1],
        "end_invert": z[1:],
    }  # fmt: skip
    return network(node=node | more.pop("node", {}), conduit=conduit | more.pop("conduit", {}), **more)


def run_alone(found: Sewer, span: float, *, begin: float = 0.0, step: float = 1.0) -> Sewer:
    """March a sewer beside dry cells, in spans as the flood would ask for."""
    dry, time, end = np.zeros(found.rows.size), begin, begin + span
    while time < end:
        until = min(time + step, end)
        found.advance(time, until, dry)
        time = until
    return found
