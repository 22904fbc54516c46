"""What the ground does with water beyond its shape: dug works, layer stacks, green roofs, and the unknown sewer."""

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr

from kernels.quantities import attrs
from twin.city import City
from twin.land_covers import HALF_FULL, HORTON_DECAY, land_covers, soil_table
from twin.layer_stacks import stack_table
from twin.layers import covers_of, remembered
from twin.rasterise import Grid, burnt, coverage, filled_by
from twin.works import GroundWork, Works

SEALED = {"asphalt": 1.0, "paving": 1.0, "cobblestone": 1.0, "roof": 1.0, "courtyard": 0.5}
"""Part of a land cover that sends its rain to the sewer; a courtyard is half paved, as its other figures say. [1]"""


def water_layers(ground: xr.Dataset, city: City, base: City, works: Works, sewer_rate: float | None) -> xr.Dataset:
    """Add to a city's layers what works and sewers do.

    Parameters
    ----------
    ground : xarray.Dataset
        Of ``twin.layers.layers(city, ...)``.
    city, base : City
        With and without the edits; a sewer was built for the city without them.
    works : Works
    sewer_rate : float or None
        Rain that the unknown sewers take; None leaves ``sink_capacity`` to the pipes of basins. [m s⁻¹]

    Returns
    -------
    xarray.Dataset
        The layers with, where there is need of them:

        ground_elevation
            Lower by the depth of each swale and rain garden times the part of the cell it covers, so that on every
            grid the volume dug is that of the drawing; and level in basins, see `basin_floor`.
        dug_depth
            How much lower: water of this depth stands in the work, below the doors of the houses beside it.
        layer_stack, roof_stack, and the ``stack_*`` of `twin.layer_stacks.stack_table`
            The stack of a work takes as many cells as its area fills, those it covers most.
        sink_capacity
            See `sewer_capacity`; nothing on dug ground but the pipe of a basin, spread over its floor.
    """
    grid = Grid.of(ground)
    index = ground["building_index"].values
    placed = [filled_by(work.shape, index < 0, grid) for work in works.ground]
    found: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    if any(work.is_dug for work in works.ground):
        elevation = ground["ground_elevation"].values
        bed = _dug(elevation, index, works.ground, placed, grid)
        found |= {"ground_elevation": (("y", "x"), bed), "dug_depth": (("y", "x"), elevation - bed)}
    stacks = xr.Dataset()
    if works.green_roofs or any(work.stack for work in works.ground):
        stacks = stack_table()
        number = {str(key): row for row, key in enumerate(stacks["stack"].values)}
        layer = np.full(grid.rows * grid.columns, -1, np.int32)
        for work, (cells, _) in zip(works.ground, placed, strict=True):
            layer[cells] = number[work.stack] if work.stack else -1
        found["layer_stack"] = ("y", "x"), layer.reshape(grid.shape)
        if works.green_roofs:
            green = dict(works.green_roofs)
            roofs = [number[green[name]] if name in green else -1 for name in city.buildings.index]
            found["roof_stack"] = ("building",), np.array(roofs, np.int32)
    capacity = _capacity(base, works, placed, sewer_rate, index, grid)
    if capacity is not None:
        found["sink_capacity"] = ("y", "x"), capacity
    whole = ground.assign({name: (dims, values, attrs(name)) for name, (dims, values) in found.items()})
    if "roof_stack" in found:
        whole = whole.assign_coords(building=np.arange(len(city.buildings)))
    # the stacks go by their number along "stack"; their keys are words for people
    return whole.assign(stacks.drop_vars("stack", errors="ignore")).assign_attrs(ground.attrs)


def soil_layers(ground: xr.Dataset, law: str, moisture: float = HALF_FULL) -> xr.Dataset:
    """Add to a city's layers what a law of infiltration reads beyond the parameters of Green and Ampt.

    Parameters
    ----------
    ground : xarray.Dataset
        Of `twin.layers.layers`.
    law : str
        ``horton`` and ``scs_cn`` get their parameters by land cover; others need no more.
    moisture : float
        Part of the pores that is full at the start; for Green-Ampt's moisture deficit. [1]
    """
    cover = ground["land_cover"].values
    found: dict[str, np.ndarray] = {}
    if law == "green_ampt" and moisture != HALF_FULL:
        found["moisture_deficit"] = ground["moisture_deficit"].values * np.float32((1 - moisture) / HALF_FULL)
    elif law == "horton":
        last = ground["saturated_hydraulic_conductivity"].values
        found["infiltration_initial"] = np.maximum(soil_table()["infiltration_initial"][cover], last)
        found["infiltration_final"] = last
        found["infiltration_decay"] = np.full(cover.shape, HORTON_DECAY, np.float32)
    elif law == "scs_cn":
        found["curve_number"] = soil_table()["curve_number"][cover]
    return ground.assign({name: (("y", "x"), values, attrs(name)) for name, values in found.items()})


def sewer_capacity(covers: np.ndarray, sheds: np.ndarray, rate: float) -> np.ndarray:
    """What the unknown sewer under each cell takes at most.

    A sewershed's sewer takes the rain of its design return period off all that is sealed in it, roofs included. It
    takes it through the open cells that are sealed, and through those beside a building, where downpipes and yard
    drains reach it: so water on a lawn stays there, and the street takes a share of the roofs' rain.

    Parameters
    ----------
    covers : (y, x) int
        Codes of land covers.
    sheds : (y, x) int
        Number of the sewershed, from 0.
    rate : float
        Rain the sewers were built for. [m s⁻¹]

    Returns
    -------
    (y, x) float32
        [m s⁻¹]
    """
    table = land_covers()
    sealed = np.zeros(len(table), np.float32)
    for key, part in SEALED.items():
        sealed[table[key].code] = part
    connected = sealed[covers]
    roof = covers == table["roof"].code
    takes = ((connected > 0) | _beside(roof)) & ~roof
    count = int(sheds.max(initial=0)) + 1
    area = np.bincount(sheds.ravel(), connected.ravel(), minlength=count)
    inlets = np.bincount(sheds.ravel(), takes.ravel(), minlength=count)
    by_shed = np.divide(rate * area, inlets, out=np.zeros(count), where=inlets > 0)
    return np.where(takes, by_shed[sheds], 0.0).astype(np.float32)


def basin_floor(elevation: np.ndarray, cells: np.ndarray, open_ground: np.ndarray, volume: float, area: float) -> float:
    """Level floor that lets a volume stand on some cells before it spills over the lowest ground beside them.

    Parameters
    ----------
    elevation : (y, x) float64
        As it was. [m]
    cells : (cell,) int
        Row-major numbers.
    open_ground : (y, x) bool
        Where there is no building.
    volume, area : float
        What it holds [m³]; of a cell [m²].

    Returns
    -------
    float
        [m]
    """
    inside = np.zeros(elevation.shape, bool)
    inside.ravel()[cells] = True
    rim = elevation[_beside(inside) & ~inside & open_ground]
    spill = float(rim.min() if rim.size else elevation[inside].min())
    return spill - volume / (cells.size * area)


def _beside(cells: np.ndarray) -> np.ndarray:
    """Cells that share a face with one of ``cells`` (bool)."""
    found = np.zeros_like(cells)
    found[1:] |= cells[:-1]
    found[:-1] |= cells[1:]
    found[:, 1:] |= cells[:, :-1]
    found[:, :-1] |= cells[:, 1:]
    return found


def _dug(
    elevation: np.ndarray,
    index: np.ndarray,
    works: tuple[GroundWork, ...],
    placed: list[tuple[np.ndarray, float]],
    grid: Grid,
) -> np.ndarray:
    """The bed with every work dug into the ground there was; where two cross, the deeper one holds."""
    bed = elevation.astype(float).ravel()
    was = elevation.astype(float).ravel()
    free = index.ravel() < 0
    for work, (cells, inside) in zip(works, placed, strict=True):
        if work.lowered > 0:
            _, cell, part = coverage(np.array([work.shape]), grid)
            cell, part = cell[free[cell]], part[free[cell]]
            bed[cell] = np.minimum(bed[cell], was[cell] - work.lowered * part)
        elif work.holds > 0 and cells.size:
            held = work.holds * inside
            floor = basin_floor(was.reshape(grid.shape), cells, free.reshape(grid.shape), held, grid.cell_size**2)
            bed[cells] = np.minimum(bed[cells], floor)
    return bed.reshape(grid.shape)


def _capacity(
    base: City,
    works: Works,
    placed: list[tuple[np.ndarray, float]],
    rate: float | None,
    index: np.ndarray,
    grid: Grid,
) -> np.ndarray | None:
    if rate is None and not any(work.drains > 0 for work in works.ground):
        return None
    capacity = np.zeros(grid.rows * grid.columns, np.float32)
    if rate is not None:
        parts = (base.part_digest(part) for part in ("land_cover", "links", "buildings", "sectors"))
        capacity[:] = remembered(
            ("sewers", *parts, grid, rate),
            lambda: sewer_capacity(covers_of(base, grid), _sewersheds(base.sectors, grid), rate).ravel(),
        )
        if works.blocked:
            capacity *= 1 - blocked_part(works, grid).ravel()
    for work, (cells, inside) in zip(works.ground, placed, strict=True):
        if work.is_dug and cells.size:
            capacity[cells] = work.drains * inside / (cells.size * grid.cell_size**2)
    capacity[index.ravel() >= 0] = 0.0
    return capacity.reshape(grid.shape)


def blocked_part(works: Works, grid: Grid) -> np.ndarray:
    """Part of their capacity that the inlets of each cell have lost; 0 where no edit says anything.

    Returns
    -------
    (y, x) float32
        [1]
    """
    return burnt([(shape, part) for shape, part in works.blocked], np.zeros(grid.shape, np.float32), grid)


def blocked_at(works: Works, x: np.ndarray, y: np.ndarray, imported: np.ndarray) -> np.ndarray:
    """Part of its capacity that each inlet has lost: as the last edit over it says, else as imported.

    Parameters
    ----------
    works : Works
    x, y : (inlet,) float64
        [m]
    imported : (inlet,) float
        [1]

    Returns
    -------
    (inlet,) float64
        [1]
    """
    found = np.array(imported, float)
    for shape, part in works.blocked:
        found[shapely.intersects_xy(shape, x, y)] = part
    return found


def _sewersheds(sectors: gpd.GeoDataFrame, grid: Grid) -> np.ndarray:
    """Number of the sector each cell lies in, from 1; 0 for the rest."""
    numbered = [(shape, float(number + 1)) for number, shape in enumerate(sectors.geometry)]
    return burnt(numbered, np.zeros(grid.shape, np.float32), grid).astype(np.int64)
