"""What a city is to heat beyond its shape: the form of its roofs, the density of crowns, wet ground, sails, colours."""

from itertools import pairwise

import numpy as np
import xarray as xr

from kernels.quantities import attrs
from twin.city import ROOF, City, Surfaces
from twin.land_covers import land_covers, parameter_table
from twin.layers import remembered
from twin.rasterise import Grid, burnt, discs, filled_by
from twin.tree_species import transmissivity
from twin.works import Sail, Works

SAIL_THICKNESS = 0.1
"""A sail hangs through this much, so that the sun cannot slip between two cells of it. [m]"""

IRRIGATED = 0.8
"""Part of the potential evaporation that watered ground reaches, with leaves that shade it in part. [1]

An assumption: a watered lawn evaporates about as much as the reference grass of R. G. Allen, L. S. Pereira, D. Raes,
M. Smith, Crop evapotranspiration, FAO Irrigation and Drainage Paper 56, 1998, whose leaves resist as well."""

SEDUM_WETNESS = 0.3
"""Part of the potential evaporation of an extensive green roof between rains: sedum saves water by day; assumed. [1]"""

LIKE_COVER = "lawn"
"""A green roof shines, conducts and stores like this land cover; an intensive one evaporates like it, too."""

ROOF_PARAMETERS = ("albedo", "emissivity", "thermal_conductivity", "volumetric_heat_capacity", "surface_wetness")
"""Layers that a green roof changes on its cells."""

REACH = 2
"""A cell at the edge of a building takes its roof from cells at most this far in. [cells]"""

_AT_ONCE = 4_000_000
"""Cells that are tried against triangles at a time. [1]"""


def heat_layers(ground: xr.Dataset, city: City, works: Works, month: int) -> xr.Dataset:
    """Add to a city's layers what heat reads beyond them.

    Parameters
    ----------
    ground : xarray.Dataset
        Of ``twin.layers.layers(city, ...)``, with or without those of `twin.water_layers`.
    city : City
        With the edits.
    works : Works
    month : int
        1 to 12: whether trees are in leaf.

    Returns
    -------
    xarray.Dataset
        The layers with, along ``(y, x)``:

        roof_elevation
            Highest roof face of the 3D mesh at the centre of each cell of a building, TAW; NaN elsewhere and where the
            mesh has no roof, which leaves the ground and ``building_height``. [m]
        canopy_transmissivity
            Of the densest crown over a cell, by species and month, and of a sail; 1 where there is neither. [1]
        canopy_top, canopy_bottom
            With the sails; a sail under, in or over a crown makes one canopy with it.
        albedo, emissivity, thermal_conductivity, volumetric_heat_capacity, surface_wetness
            Of green roofs and white roofs on their cells, of ground in another colour, of ground that is watered.

    Raises
    ------
    CityError
        There is no such month.
    """
    grid = Grid.of(ground)
    index = ground["building_index"].values
    built = (city.part_digest("surfaces"), city.part_digest("buildings"), grid)
    trees = (city.part_digest("trees"), month, grid)
    found = {
        "roof_elevation": remembered(("roofs", *built), lambda: roof_elevation(city.surfaces, index, grid)),
        "canopy_transmissivity": remembered(("crowns", *trees), lambda: _crowns(city, month, grid)),
        "canopy_top": ground["canopy_top"].values,
        "canopy_bottom": ground["canopy_bottom"].values,
    }
    if works.sails:
        found |= _with_sails(found, works.sails, index, grid)
    if works:
        found |= _surfaces(ground, city, works, grid)
    added = {name: (("y", "x"), np.array(values), attrs(name)) for name, values in found.items()}
    return ground.assign(added).assign_attrs(ground.attrs)


def roof_elevation(faces: Surfaces, index: np.ndarray, grid: Grid) -> np.ndarray:
    """Height of the roofs over each cell.

    Parameters
    ----------
    faces : Surfaces
    index : (y, x) int
        Building of each cell, negative in the open.
    grid : Grid

    Returns
    -------
    (y, x) float32
        TAW; NaN in the open, and in a building whose mesh has no roof within `REACH` cells. [m]

    Notes
    -----
    The highest face at the centre counts, be it of a neighbour whose wall stands within the cell. A cell that is mostly
    covered but whose centre lies outside the roof takes the mean of the cells of its building beside it.
    """
    found = np.full(grid.rows * grid.columns, -np.inf, np.float32)
    roofs = faces.triangles[faces.kind[faces.triangle_surface] == ROOF]
    corners = faces.vertices[roofs]
    # in cells, so that whole numbers are the centres
    plan = grid.units(corners[..., :2]) - 0.5
    first = np.clip(np.ceil(plan.min(axis=1)), 0, [grid.columns, grid.rows]).astype(np.int64)
    last = np.clip(np.floor(plan.max(axis=1)), -1, [grid.columns - 1, grid.rows - 1]).astype(np.int64)
    size = np.maximum(last - first + 1, 0)
    tried = size[:, 0] * size[:, 1]
    total = np.cumsum(tried)
    cuts = np.searchsorted(total, np.arange(0, tried.sum(), _AT_ONCE), side="right")
    for start, end in pairwise([*cuts, len(roofs)]):
        _mark(found, plan[start:end], corners[start:end, :, 2], first[start:end], size[start:end], grid)
    height = np.where(np.isfinite(found), found, np.float32(np.nan)).reshape(grid.shape)
    height[index < 0] = np.nan
    for _ in range(REACH):
        height = _grown(height, index)
    return height


def _mark(found: np.ndarray, plan: np.ndarray, z: np.ndarray, first: np.ndarray, size: np.ndarray, grid: Grid) -> None:
    """Raise each cell whose centre lies in a triangle to its plane there; cells of many triangles to the highest."""
    tried = size[:, 0] * size[:, 1]
    which = np.repeat(np.arange(len(plan)), tried)
    number = np.arange(which.size) - np.repeat(np.cumsum(tried) - tried, tried)
    column = first[which, 0] + number % size[which, 0]
    row = first[which, 1] + number // size[which, 0]
    a, b, c = plan[which, 0], plan[which, 1], plan[which, 2]
    double = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    x, y = column - a[:, 0], row - a[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):  # a vertical face has no plan and marks nothing
        s = (x * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * y) / double
        t = ((b[:, 0] - a[:, 0]) * y - x * (b[:, 1] - a[:, 1])) / double
        inside = (np.abs(double) > 1e-9) & (s >= -1e-9) & (t >= -1e-9) & (s + t <= 1 + 1e-9)
    which, s, t = which[inside], s[inside], t[inside]
    level = z[which, 0] + s * (z[which, 1] - z[which, 0]) + t * (z[which, 2] - z[which, 0])
    np.maximum.at(found, row[inside] * grid.columns + column[inside], level.astype(np.float32))


def _grown(height: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Cells of a building without a roof take the mean of its cells around them."""
    row, column = np.nonzero(np.isnan(height) & (index >= 0))
    if not row.size:
        return height
    padded = np.pad(height, 1, constant_values=np.nan)
    owner = np.pad(index, 1, constant_values=-1)
    total, count = np.zeros(row.size), np.zeros(row.size)
    for down in (0, 1, 2):
        for right in (0, 1, 2):
            beside = padded[row + down, column + right]
            good = np.isfinite(beside) & (owner[row + down, column + right] == index[row, column])
            total += np.where(good, beside, 0.0)
            count += good
    grown = height.copy()
    grown[row, column] = np.divide(total, count, out=np.full(row.size, np.nan), where=count > 0)
    return grown


def _crowns(city: City, month: int, grid: Grid) -> np.ndarray:
    """Part of the sun that passes the densest crown over each cell; 1 where there is none. (y, x) float32"""
    trees = city.trees
    passes = np.ones(grid.rows * grid.columns, np.float32)
    each = transmissivity(trees["species"], month).astype(np.float32)
    points = trees.get_coordinates().to_numpy()
    which, cell = discs(points[:, 0], points[:, 1], trees["crown_diameter"].to_numpy() / 2, grid)
    np.minimum.at(passes, cell, each[which])
    return passes.reshape(grid.shape)


def _with_sails(
    canopy: dict[str, np.ndarray], sails: tuple[Sail, ...], index: np.ndarray, grid: Grid
) -> dict[str, np.ndarray]:
    top, bottom, passes = (
        np.array(canopy[name]).ravel() for name in ("canopy_top", "canopy_bottom", "canopy_transmissivity")
    )
    for sail in sails:
        cells, _ = filled_by(sail.shape, index < 0, grid)
        crown = top[cells] > 0
        low = np.float32(sail.height - SAIL_THICKNESS)
        bottom[cells] = np.where(crown, np.minimum(bottom[cells], low), low)
        top[cells] = np.maximum(top[cells], np.float32(sail.height))
        passes[cells] *= np.float32(sail.transmissivity)
    shape = grid.shape
    return {
        "canopy_top": top.reshape(shape),
        "canopy_bottom": bottom.reshape(shape),
        "canopy_transmissivity": passes.reshape(shape),
    }


def _surfaces(ground: xr.Dataset, city: City, works: Works, grid: Grid) -> dict[str, np.ndarray]:
    """Layers of `ROOF_PARAMETERS` that works change."""
    index = ground["building_index"].values
    found = {name: ground[name].values for name in ROOF_PARAMETERS if name in ground}
    if "surface_wetness" in found and any(one.irrigated for one in works.ground):
        wet = burnt([(one.shape, float(one.irrigated)) for one in works.ground], np.zeros(grid.shape, np.float32), grid)
        found["surface_wetness"] = np.where((wet > 0) & (index < 0), np.float32(IRRIGATED), found["surface_wetness"])
    if works.painted:
        painted = burnt(works.painted, np.full(grid.shape, np.nan, np.float32), grid)
        found["albedo"] = np.where(np.isfinite(painted) & (index < 0), painted, found["albedo"])
    if works.green_roofs:
        code = land_covers()[LIKE_COVER].code
        green = dict(works.green_roofs)
        stack = np.array([green.get(name, "") for name in city.buildings.index] + [""], object)
        for name in found:
            lawn = parameter_table()[name][code]
            value = np.where(stack == "", np.float32(np.nan), lawn).astype(np.float32)
            if name == "surface_wetness":
                value[stack == "green_roof_extensive"] = SEDUM_WETNESS
            found[name] = _on_roofs(value, index, found[name])
    if works.cool_roofs:
        white = dict(works.cool_roofs)
        value = np.array([white.get(name, np.nan) for name in city.buildings.index] + [np.nan], np.float32)
        found["albedo"] = _on_roofs(value, index, found["albedo"])
    return found


def _on_roofs(value: np.ndarray, index: np.ndarray, under: np.ndarray) -> np.ndarray:
    """Values by building (NaN: as it was; the last one is the open ground) on the cells of the buildings."""
    laid = value[np.maximum(index, -1)]
    return np.where(np.isfinite(laid), laid, under).astype(under.dtype)
