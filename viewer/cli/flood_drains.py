"""The sewer of ``bxl-twin flood``: read from a SWMM file in the terrain's own frame, reported, written as tables."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from kernels.flood.sewer_words import NODE_KINDS, OUTFALL_FREE
from kernels.quantities import attrs
from twin.drains import nearest_nodes, network_layers, with_inlets
from twin.formats import swmm
from viewer.cli.raw_files import InputError, Raster

NODE_SERIES = {"node_head": "head_m", "node_depth": "depth_m", "node_volume": "volume_m3", "node_spilled": "spilled_m3"}
"""Quantity of a node to its column in the table of series."""
CONDUIT_SERIES = {"conduit_flow": "flow_m3_s", "conduit_velocity": "velocity_m_s", "conduit_filling": "filling"}
"""Quantity of a conduit to its column in the table of series."""


def with_drains(
    layers: xr.Dataset, path: Path, bed: Raster, blocked: float | None, downpipes: float
) -> tuple[xr.Dataset, list[str], dict[str, Any]]:
    """The layers with a sewer, what the user should know about it, and the same for programs.

    Parameters
    ----------
    layers : xarray.Dataset
    path : Path
        SWMM 5 ``.inp`` whose coordinates are those of the terrain.
    bed : Raster
    blocked : float or None
        Part by which every inlet is blocked, whatever the file says; None leaves what it says.
    downpipes : float
        A roof drains to the nearest node within this; 0 leads no roof to the sewer. [m]

    Raises
    ------
    InputError, twin.city.CityError
        The file cannot be read (its line is named) or lies elsewhere.
    """
    if not path.is_file():
        raise InputError(f"--drains {path}: no such file; give a SWMM 5 .inp")
    network, tally = swmm.read(path)
    x, y = network["node_x"].values, network["node_y"].values
    west, south, east, north = bed.grid.bounds
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    if not inside.any():
        raise InputError(
            f"--drains {path}: its nodes lie at x {x.min():.0f} to {x.max():.0f}, y {y.min():.0f} to {y.max():.0f}, "
            f"the terrain at x {west:.0f} to {east:.0f}, y {south:.0f} to {north:.0f}; bring both to the same frame"
        )
    notes = [f"{path.name}: {words}: {count}" for words, count in tally.items()]
    assumed = "inlet_node" not in network
    if assumed:
        network = with_inlets(network)
        notes.append(
            f"assumption: {path.name} has no inlets; each of the {network.sizes['inlet']} junctions gets two gullies "
            "of 0.5 m by 0.5 m"
        )
    if blocked is not None:
        part = np.full(network.sizes["inlet"], blocked)
        network = network.assign(inlet_blockage=(("inlet",), part, attrs("inlet_blockage")))
        notes.append(f"all inlets are blocked by {blocked:g} of their length and area")
    found = network_layers(network, layers)
    done = {key: int(found.attrs[key]) for key in ("inlets_moved", "inlets_left_out", "rims_off_ground")}
    for key, words in (
        ("inlets_moved", "inlets lay on a building or a hole and are moved to the nearest open cell"),
        ("inlets_left_out", "inlets lie off the terrain or far from open ground and are left out"),
        (
            "rims_off_ground",
            "rims are more than 0.5 m off the ground of their cell; the ground counts where water meets",
        ),
    ):
        if done[key]:
            notes.append(f"{done[key]} {words}")
    buried = _under_ground(network, layers)
    if buried:
        notes.append(
            f"{buried} nodes have their invert above the ground of their cell and spill at once; are the heights of "
            f"{path.name} and of the terrain above the same datum?"
        )
    if not inside.all():
        notes.append(f"{int((~inside).sum())} of {x.size} nodes lie off the terrain; what they spill stands above them")
    layers = layers.assign(found.data_vars)
    report = {
        "nodes": int(x.size), "nodes_on_terrain": int(inside.sum()), "conduits": int(network.sizes.get("conduit", 0)),
        "inlets": int(found.sizes.get("inlet", 0)), "inlets_assumed": assumed, "blocked": blocked, **done,
        "inverts_above_ground": buried, "read": dict(tally),
    }  # fmt: skip
    if downpipes > 0:
        layers, led, roofs = _with_downpipes(layers, network, downpipes)
        report |= {"roofs": roofs, "roofs_to_drains": led}
        notes.append(
            f"assumption: {led} of {roofs} roofs drain to a node within {downpipes:g} m, the others around them"
        )
    return layers, notes, report


def _under_ground(network: xr.Dataset, layers: xr.Dataset) -> int:
    """Junctions and basins on the terrain whose invert is higher than the ground above them."""
    where = {axis: xr.DataArray(network[f"node_{axis}"].values, dims="node") for axis in "xy"}
    size = float(layers["x"][1] - layers["x"][0])
    ground = layers["ground_elevation"].where(layers["building_index"] != -2)
    ground = ground.sel(where, method="nearest")
    off = sum((np.abs(ground[axis].values - where[axis].values) > size) for axis in "xy") > 0
    inner = network["node_kind"].values < OUTFALL_FREE
    return int((inner & ~off & (network["node_invert"].values > ground.values)).sum())


def _with_downpipes(layers: xr.Dataset, network: xr.Dataset, reach: float) -> tuple[xr.Dataset, int, int]:
    """Lead each roof to its nearest node; how many found one, of how many."""
    index = layers["building_index"].values
    row, column = np.nonzero(index >= 0)
    if not row.size:
        raise InputError("--downpipes leads roofs to the sewer, but there is no building; give --buildings")
    numbers, owner, count = np.unique(index[row, column], return_inverse=True, return_counts=True)
    centre_x = np.bincount(owner, layers["x"].values[column]) / count
    centre_y = np.bincount(owner, layers["y"].values[row]) / count
    nodes = nearest_nodes(network, centre_x, centre_y, reach)
    found = layers.assign(downpipe_node=(("building",), nodes.astype(np.int32), attrs("downpipe_node")))
    return found.assign_coords(building=("building", numbers)), int((nodes >= 0).sum()), int(numbers.size)


def names_of(layers: xr.Dataset, dim: str) -> list[str]:
    """Names of the entries along a dimension; their numbers where the file has none."""
    if dim in layers.coords:
        return [str(name) for name in layers[dim].values]
    return [str(number) for number in range(layers.sizes.get(dim, 0))]


def series_rows(time: float, frame: xr.Dataset, dim: str, columns: dict[str, str], names: list[str]) -> list[list[Any]]:
    """One row for each entry at an output time: time, name, the columns."""
    values = [frame[name].values.tolist() for name in columns if name in frame]
    return [[time, name, *row] for name, *row in zip(names, *values, strict=True)] if values else []


def node_rows(layers: xr.Dataset, peaks: xr.Dataset, last: xr.Dataset) -> tuple[list[str], list[list[Any]]]:
    """Table of the nodes with their maxima over the run: its head and its rows."""
    head = ["node", "kind", "x", "y", "invert_m", "rim_m", "max_head_m", "max_depth_m", "spilled_m3"]
    kinds = [NODE_KINDS[int(kind)] for kind in layers["node_kind"].values]
    columns = [layers[f"node_{name}"].values.tolist() for name in ("x", "y", "invert", "rim")]
    columns += [peaks["max_node_head"].values.tolist(), peaks["max_node_depth"].values.tolist()]
    columns.append(last["node_spilled"].values.tolist())
    return head, [list(row) for row in zip(names_of(layers, "node"), kinds, *columns, strict=True)]


def conduit_rows(layers: xr.Dataset, peaks: xr.Dataset) -> tuple[list[str], list[list[Any]]]:
    """Table of the conduits with their maxima over the run: its head and its rows."""
    head = ["conduit", "from", "to", "max_flow_m3_s", "max_filling"]
    if "conduit_start" not in layers:
        return head, []
    nodes = names_of(layers, "node")
    ends = [[nodes[int(end)] for end in layers[f"conduit_{side}"].values] for side in ("start", "end")]
    columns = [peaks[name].values.tolist() for name in ("max_conduit_flow", "max_conduit_filling")]
    return head, [list(row) for row in zip(names_of(layers, "conduit"), *ends, *columns, strict=True)]
