"""The drain network of a city: read, kept with it, brought to the layers of a run, and edited."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import xarray as xr
from scipy import spatial

from kernels.flood.sewer_words import JUNCTION, OUTFALL_FREE, PUMP_CONSTANT, STORAGE, TABLES
from kernels.quantities import attrs
from twin.city import City, CityError
from twin.formats import swmm
from twin.frames import to_lambert

GULLY_LENGTH, GULLY_AREA = 3.0, 0.25
"""Assumed inlets of a junction of which the file says nothing: two gullies of 0.5 m by 0.5 m, one on each side of the
street, each with three free edges [m] and half open [m²]; gratings of EN 124-1 (2015) are open by 0.3 or more."""
SNAP = 20.0
"""An inlet on a building or on a cell outside goes to the nearest open cell within this, or is left out. [m]"""
DOWNPIPE_REACH = 50.0
"""A roof is taken to drain to the nearest node within this: Brussels' sewers are combined; else to the ground. [m]"""
_TOP_GAP = 0.5
"""A rim that misses the ground of its cell by more than this is counted. [m]"""


def read_drains(
    path: str | Path, bounds: tuple[float, float, float, float] | None = None
) -> tuple[xr.Dataset, dict[str, int]]:
    """Read the network of a file, and give each junction its inlets where the file has none at all.

    Parameters
    ----------
    path : path
        SWMM 5 ``.inp``.
    bounds : tuple, optional
        Of the city: west, south, east, north in Lambert 72; a network that misses it is refused. [m]

    Returns
    -------
    network : xarray.Dataset
        See `twin.formats.swmm.read`; its attribute ``inlets`` is ``file`` or ``assumed``.
    tally : dict
        Counts, in words; ``taken`` are the nodes.

    Raises
    ------
    CityError
        The file cannot be read, or no node of it lies in the city.
    """
    network, tally = swmm.read(path)
    x, y = network["node_x"].values, network["node_y"].values
    to_lambert(np.column_stack([x, y, np.zeros(x.size)]), None, path=str(path))
    west, south, east, north = bounds or (-np.inf, -np.inf, np.inf, np.inf)
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    if not inside.any():
        raise CityError(
            f"{path}: its nodes lie at E {x.min():.0f}-{x.max():.0f} N {y.min():.0f}-{y.max():.0f}, the city at "
            f"E {west:.0f}-{east:.0f} N {south:.0f}-{north:.0f}; give the network of the same place in Lambert 72"
        )
    tally = {"taken": int(x.size), "nodes in the city": int(inside.sum())} | tally
    if "inlet_node" in network:
        return frozen(network.assign_attrs(inlets="file")), tally
    network = with_inlets(network)
    tally["inlets assumed, one set at each junction"] = network.sizes["inlet"]
    return frozen(network), tally


def with_inlets(network: xr.Dataset, length: float = GULLY_LENGTH, area: float = GULLY_AREA) -> xr.Dataset:
    """The network with an inlet at every junction, an assumption that ``attrs['inlets']`` keeps.

    Parameters
    ----------
    network : xarray.Dataset
    length, area : float
        Edge [m] and open area [m²] of the inlets of one junction.
    """
    nodes = np.flatnonzero(network["node_kind"].values == JUNCTION)
    inlets = {
        "node": nodes.astype(float),
        "x": network["node_x"].values[nodes],
        "y": network["node_y"].values[nodes],
        "length": np.full(nodes.size, length),
        "area": np.full(nodes.size, area),
        "blockage": np.zeros(nodes.size),
    }
    found = network.drop_dims("inlet", errors="ignore")
    found = found.assign({f"inlet_{key}": _variable(f"inlet_{key}", "inlet", one) for key, one in inlets.items()})
    if "node" in network.coords:
        found = found.assign_coords(inlet=("inlet", network["node"].values[nodes]))
    return found.assign_attrs(inlets="assumed")


def drain_layers(city: City, ground: xr.Dataset, *, downpipes: bool = True) -> xr.Dataset:
    """What a run on some cells reads of the network of a city: `network_layers`, and the downpipes of its roofs.

    Parameters
    ----------
    city : City
        With ``drains``.
    ground : xarray.Dataset
        Layers of the run: ``ground_elevation`` with ``x`` and ``y``, and ``building_index``.
    downpipes : bool
        Lead each roof to its nearest node within `DOWNPIPE_REACH`.

    Returns
    -------
    xarray.Dataset
        As `network_layers` gives it, and ``downpipe_node`` along ``building``; the attribute ``roofs_to_drains``
        counts the roofs that have a node.

    Raises
    ------
    CityError
        The city has no network.
    """
    if city.drains is None:
        raise CityError(f"{city.name} has no drain network; import it with --drains NETWORK.inp")
    network = network_layers(city.drains, ground)
    if downpipes and len(city.buildings):
        feet = shapely.centroid(np.asarray(city.buildings.geometry))
        nodes = nearest_nodes(network, shapely.get_x(feet), shapely.get_y(feet), DOWNPIPE_REACH)
        network = network.assign_attrs(roofs_to_drains=int((nodes >= 0).sum()))
        network = network.assign(downpipe_node=_variable("downpipe_node", "building", nodes.astype(np.int32)))
        network = network.assign_coords(building=("building", np.arange(len(city.buildings))))
    return network


def network_layers(network: xr.Dataset, ground: xr.Dataset) -> xr.Dataset:
    """The network as a run on some cells reads it.

    Parameters
    ----------
    network : xarray.Dataset
    ground : xarray.Dataset
        ``ground_elevation`` with ``x`` and ``y``, and ``building_index`` where there are buildings.

    Returns
    -------
    xarray.Dataset
        The whole network, also what lies beyond the cells (its water then ponds above the rims), with the inlets on
        open cells. Its attributes count what was done: ``inlets_moved``, ``inlets_left_out``, ``rims_off_ground``.
    """
    found, counts = _inlets_on_cells(network, ground)
    return found.assign_attrs(counts | {"rims_off_ground": _rims_off_ground(found, ground)})


def nearest_nodes(network: xr.Dataset, x: np.ndarray, y: np.ndarray, reach: float) -> np.ndarray:
    """Index of the nearest node that takes water, for each point; -1 where none is within reach.

    Parameters
    ----------
    network : xarray.Dataset
    x, y : (point,) float64
        [m]
    reach : float
        [m]

    Returns
    -------
    (point,) int64
        Outfalls are passed over.
    """
    return _nearest(network, network["node_kind"].values < OUTFALL_FREE, x, y, reach)


def _nearest(network: xr.Dataset, among: np.ndarray, x: np.ndarray, y: np.ndarray, reach: float) -> np.ndarray:
    takes = np.flatnonzero(among)
    if not takes.size:
        return np.full(np.size(x), -1)
    tree = spatial.cKDTree(np.column_stack([network["node_x"].values[takes], network["node_y"].values[takes]]))
    _, found = tree.query(np.column_stack([x, y]), distance_upper_bound=reach)
    return np.append(takes, -1)[found]


def with_blockage(network: xr.Dataset, polygon: shapely.Geometry, blocked: float) -> xr.Dataset:
    """The network with the inlets within a polygon blocked by a part: 0 clear, 1 blocked."""
    if not 0 <= blocked <= 1:
        raise CityError(f"an inlet is blocked by a part of 0 to 1, got {blocked:g}")
    if "inlet_blockage" not in network:
        return network
    hit = shapely.intersects_xy(polygon, network["inlet_x"].values, network["inlet_y"].values)
    values = np.where(hit, blocked, network["inlet_blockage"].values)
    return frozen(network.assign(inlet_blockage=_variable("inlet_blockage", "inlet", values)))


def with_basin(
    network: xr.Dataset,
    x: float,
    y: float,
    *,
    area: float,
    depth: float,
    weir_length: float,
    weir_crest: float | None = None,
    weir_coefficient: float = 1.7,
    pump: float = 0.0,
    drain_area: float = 0.0,
    name: str = "basin",
) -> xr.Dataset:
    """The network with a storm basin beside its nearest junction, filled over a weir.

    A basin or a storage node is no neighbour: so basins do not depend on the order in which they were built.

    Parameters
    ----------
    network : xarray.Dataset
    x, y : float
        Place, Lambert 72. [m]
    area, depth : float
        In plan [m²]; below the rim of the junction it lies beside [m].
    weir_length : float
        Crest over which the junction spills into the basin. [m]
    weir_crest : float, optional
        Height of the crest; half-way between invert and rim of the junction where not given. [m]
    weir_coefficient : float
        C of ``C L h^1.5``; 1.7 for a broad crest. [m^0.5 s⁻¹] Chow (1959), section 14-1.
    pump : float
        Discharge that is pumped back to the junction from 0.2 m of water on, to 0.05 m. [m³ s⁻¹]
    drain_area : float
        Opening in the floor that lets the basin run back once the junction is lower, with a flap. [m²]
    name : str
        Of the basin, its weir and its pump.

    Raises
    ------
    CityError
        No junction to lie beside, or a size that is not positive.
    """
    for words, value in (("area", area), ("depth", depth), ("weir_length", weir_length)):
        if not value > 0:
            raise CityError(f"{name}: {words} must be more than 0, got {value:g}")
    junctions = network["node_kind"].values == JUNCTION
    beside = int(_nearest(network, junctions, np.array([x]), np.array([y]), np.inf)[0])
    if beside < 0:
        raise CityError(f"{name}: the network has no junction that a basin could lie beside; add one to the file")
    if "node" in network.coords and name in network["node"].values:
        raise CityError(f"{name}: a node of the network has this name already; take another")
    rim, invert = float(network["node_rim"][beside]), float(network["node_invert"][beside])
    crest = 0.5 * (rim + invert) if weir_crest is None else weir_crest
    own = network.sizes["node"]
    node = {"x": x, "y": y, "kind": STORAGE, "invert": rim - depth, "rim": rim, "area": area}
    found = _appended(network, "node", name, node)
    found = _appended(
        found, "weir", name,
        {"start": beside, "end": own, "crest": crest, "length": weir_length, "coefficient": weir_coefficient},
    )  # fmt: skip
    if pump > 0:
        row = {"start": own, "end": beside, "law": PUMP_CONSTANT, "on": 0.2, "off": 0.05, "capacity": pump}
        found = _appended(found, "pump", name, row)
    if drain_area > 0:
        row = {
            "start": own, "end": beside, "invert": rim - depth, "height": 0.0, "area": drain_area,
            "coefficient": 0.6, "gate": 1.0,
        }  # fmt: skip
        found = _appended(found, "orifice", name, row)
    return frozen(found)


def frozen(network: xr.Dataset) -> xr.Dataset:
    """The network with arrays that nobody can write to: a City is frozen."""
    found = network.copy(deep=True)
    for one in found.variables.values():
        if isinstance(one.data, np.ndarray):
            one.data.flags.writeable = False
    return found


def write(network: xr.Dataset, path: str | Path) -> None:
    """Write a network to an ``.npz`` that holds nothing but arrays."""
    arrays: dict[str, Any] = {f"{one.dims[0]}/{name}": one.values for name, one in network.variables.items()}
    np.savez(path, attrs=np.array(json.dumps(dict(network.attrs))), **arrays)


def read(path: str | Path) -> xr.Dataset:
    """Read what `write` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        parts = {name: arrays[name] for name in arrays.files}
    words = json.loads(str(parts.pop("attrs")))
    found, labels = {}, {}
    for place, values in parts.items():
        dim, name = place.split("/")
        if name == dim:
            labels[name] = (dim, values)
        else:
            found[name] = _variable(name, dim, values)
    return frozen(xr.Dataset(found, coords=labels, attrs=words))


def _variable(name: str, dim: str, values: np.ndarray) -> tuple[tuple[str], np.ndarray, dict[str, str]]:
    return (dim,), values, attrs(name)


def _appended(network: xr.Dataset, dim: str, name: str, row: dict[str, float]) -> xr.Dataset:
    """One more entry along a dimension; what it does not say is the default, also for those before."""
    table = TABLES[dim]
    count = network.sizes.get(dim, 0)
    given = {f"{dim}_{key}": value for key, value in row.items()}
    columns: dict[str, Any] = {}
    for column, default in table.items():
        if column in given or column in network:
            missing = np.nan if default is None else default
            old = network[column].values.astype(float) if column in network else np.full(count, missing)
            columns[column] = _variable(column, dim, np.append(old, given.get(column, missing)))
    labels = network[dim].values if dim in network.coords else np.array([str(k) for k in range(count)], dtype=str)
    found = network.drop_dims(dim, errors="ignore").assign(columns)
    return found.assign_coords({dim: (dim, np.append(labels, name))})


def _inlets_on_cells(network: xr.Dataset, ground: xr.Dataset) -> tuple[xr.Dataset, dict[str, int]]:
    """Inlets brought to open cells of the grid; those that find none are left out."""
    if "inlet_node" not in network:
        empty = {name: _variable(name, "inlet", np.zeros(0)) for name in TABLES["inlet"]}
        return network.assign(empty), {"inlets_moved": 0, "inlets_left_out": 0}
    x, y = network["inlet_x"].values.copy(), network["inlet_y"].values.copy()
    row, column, inside = _cells(ground, x, y)
    open_ground = np.ones(ground["ground_elevation"].shape, bool)
    if "building_index" in ground:
        open_ground = ground["building_index"].values == -1
    good = inside.copy()
    good[inside] = open_ground[row[inside], column[inside]]
    lost = np.flatnonzero(inside & ~good)
    if lost.size:
        at = np.argwhere(open_ground)
        centres = np.column_stack([ground["x"].values[at[:, 1]], ground["y"].values[at[:, 0]]])
        far, nearest = spatial.cKDTree(centres).query(np.column_stack([x[lost], y[lost]]), distance_upper_bound=SNAP)
        near = np.isfinite(far)
        lost = lost[near]
        x[lost], y[lost] = centres[nearest[near]].T
        good[lost] = True
    found = network.assign(inlet_x=_variable("inlet_x", "inlet", x), inlet_y=_variable("inlet_y", "inlet", y))
    counts = {"inlets_moved": int(lost.size), "inlets_left_out": int((~good).sum())}
    return found.isel(inlet=np.flatnonzero(good)), counts


def _rims_off_ground(network: xr.Dataset, ground: xr.Dataset) -> int:
    """Nodes in the grid whose rim is not where the ground of their cell is."""
    row, column, inside = _cells(ground, network["node_x"].values, network["node_y"].values)
    inside &= network["node_kind"].values < OUTFALL_FREE
    height = ground["ground_elevation"].values[row[inside], column[inside]]
    return int((np.abs(network["node_rim"].values[inside] - height) > _TOP_GAP).sum())


def _cells(ground: xr.Dataset, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row and column of each point, and whether it lies in the grid."""
    along_x, along_y = ground["x"].values, ground["y"].values
    size = float((along_x[-1] - along_x[0]) / (along_x.size - 1))
    column = np.floor((x - along_x[0]) / size + 0.5).astype(np.int64)
    row = np.floor((y - along_y[0]) / size + 0.5).astype(np.int64)
    inside = (row >= 0) & (row < along_y.size) & (column >= 0) & (column < along_x.size)
    return row, column, inside
