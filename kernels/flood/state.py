"""The state of a flood run: padded arrays, walls, ledgers, and the trade of water with single cells."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from kernels.crew import Crew
from kernels.flood.exchange import Exchange
from kernels.flood.forcing import SIDES, Inflow, Levels, Rain
from kernels.flood.shallow_water import HOLE
from kernels.flood.soil_trade import pour_into, take_from
from kernels.flood.tiles import TILE_COLUMNS, TILE_ROWS, Tiles

SMALL = 16_384
"""Cells under which waking another thread costs more than it brings."""


@dataclass
class Walls:
    """Faces that carry a wall, sorted by row.

    Attributes
    ----------
    start : (row + 1,) int32
        First entry of each row.
    place : (entry,) int32
        Face within the row.
    crest : (entry,) float
        Above the state's datum. [m]
    """

    start: np.ndarray
    place: np.ndarray
    crest: np.ndarray

    @classmethod
    def from_faces(cls, crest: np.ndarray, first_row: int, rows: int, column: int, datum: float, kind: type) -> "Walls":
        """Gather the finite entries of a grid of crests whose row 0 is the padded row ``first_row``."""
        row, place = np.nonzero(np.isfinite(crest))
        start = np.searchsorted(row + first_row, np.arange(rows + 1))
        return cls(start.astype(np.int32), (place + column).astype(np.int32), (crest[row, place] - datum).astype(kind))

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The three arrays, as the loops take them."""
        return self.start, self.place, self.crest


@dataclass
class FloodState:
    """Everything a flood run needs to go on. Grids are padded by one ring of ghost cells.

    Attributes
    ----------
    grid : xarray.Dataset
        Coordinates ``x`` and ``y`` of the cells. [m]
    cell_size, datum : float
        Side of a cell [m]; height of the zero of ``ground[0]`` [m].
    ground : tuple of (y, x) float
        Bed [m], g n² [m^(1/3)], rain pattern.
    water, spare : tuple of (y, x) float
        Depth, its compensation, unit discharge east and north; ``spare`` is the other half of the double buffer.
    peaks : tuple of (y, x) float
        Maxima of depth, speed, unit discharge and hazard rating; arrival time.
    staggered : bool
        Whether discharges live on the east and north faces of their cells (local inertia), not in the cells.
    boundary : dict
        Word of each side: ``closed``, ``open`` or ``level``.
    time, step, speed : float
        Model time [s]; last step that stability and growth allowed [s]; highest wave speed [m s⁻¹].
    steps : int
        Steps done.
    compute_s : float
        Seconds spent in `advance`. [s]
    rain_owed : float
        Rain not yet handed to the cells because their precision could not hold it. [units of the factor]
    parts : tuple of Exchange
        What trades with the water, in this order.
    exchanged : float
        Until when the parts have traded. [s]
    tiles : Tiles
    tops : (tile row, tile column) int
        Bits of the highest wave speed of each tile. [m s⁻¹]
    limiting : Limiting or None
        Where and when the step was shortest.
    fast : (y, x) uint8 or None
        Of the local inertia scheme: where the flow was faster than it is meant for.
    trace : list of float or None
        When each step ended, where somebody wants to know. [s]
    beyond : callable or None
        Puts the state of cells that are not computed into the water at a time: of the surroundings of a warm rerun.
    ledger : dict
        Volumes by quantity name. [m³]
    """

    grid: xr.Dataset
    cell_size: float
    datum: float
    ground: tuple[np.ndarray, np.ndarray, np.ndarray]
    water: tuple[np.ndarray, ...]
    spare: tuple[np.ndarray, ...]
    peaks: tuple[np.ndarray, ...]
    walls_x: Walls
    walls_y: Walls
    boundary: dict[str, str]
    staggered: bool
    rain: Rain | None
    inflow: Inflow | None
    levels: Levels | None
    crew: Crew
    parts: tuple[Exchange, ...] = ()
    exchanged: float = 0.0
    time: float = 0.0
    step: float = np.inf
    speed: float = 0.0
    steps: int = 0
    compute_s: float = 0.0
    rain_owed: float = 0.0
    rain_entry: int = -2
    rain_volume_rate: float = 0.0
    source_rate: float = 0.0
    ledger: dict[str, float] = field(default_factory=dict)
    tiles: Tiles = field(init=False)
    limiting: "Limiting | None" = None
    fast: np.ndarray | None = None
    trace: list[float] | None = None
    beyond: "Callable[[tuple[np.ndarray, ...], float], None] | None" = None
    tops: np.ndarray = field(init=False)
    free: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.tiles = Tiles(*self.shape)
        self.tops = np.zeros(self.tiles.shape, f"i{self.kind.itemsize}")
        self.free = np.array([self.boundary[side] == "open" for side in SIDES], np.int64)

    @property
    def kind(self) -> np.dtype:
        """Float type of the grids."""
        return self.water[0].dtype

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells, without ghosts."""
        rows, columns = self.water[0].shape
        return rows - 2, columns - 2

    @property
    def hole(self) -> np.ndarray:
        """Buildings and cells outside. (y, x) bool"""
        found: np.ndarray = self.ground[0][1:-1, 1:-1] >= HOLE
        return found

    @property
    def area(self) -> float:
        """Area of a cell. [m²]"""
        return self.cell_size**2

    def flow(self, rows: slice = slice(None), columns: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """Unit discharge in the cells, or in some of them, eastward and northward. (y, x) [m² s⁻¹]"""
        qx, qy = self.water[2:]
        if not self.staggered:
            return qx[1:-1, 1:-1][rows, columns], qy[1:-1, 1:-1][rows, columns]
        half = self.kind.type(0.5)
        west, east = qx[1:-1, :-2][rows, columns], qx[1:-1, 1:-1][rows, columns]
        south, north = qy[:-2, 1:-1][rows, columns], qy[1:-1, 1:-1][rows, columns]
        return half * (west + east), half * (south + north)

    def stored(self) -> float:
        """Volume of water on the grid, summed in float64. [m³]"""
        depth, rest = (part[1:-1, 1:-1] for part in self.water[:2])
        return (float(depth.sum(dtype=np.float64)) + float(rest.sum(dtype=np.float64))) * self.area

    def pour(self, rows: np.ndarray, columns: np.ndarray, volumes: np.ndarray) -> None:
        """Add volumes of still water to cells.

        Parameters
        ----------
        rows, columns : (n,) int
            Cells, without ghosts; one may stand there more than once.
        volumes : (n,) float64
            0 or more. [m³]
        """
        wet = volumes > 0.0
        if self.tiles.only is not None:
            wet &= self.tiles.only[rows // TILE_ROWS, columns // TILE_COLUMNS]
        rows, columns = rows[wet], columns[wet]
        fastest = pour_into(self.water, self.area, rows, columns, volumes[wet])
        self.speed = max(self.speed, fastest)
        self.tiles.wake(rows, columns)

    def take(self, rows: np.ndarray, columns: np.ndarray, volumes: np.ndarray) -> np.ndarray:
        """Take volumes out of cells, at most what is there; the water that stays keeps its velocity.

        Parameters
        ----------
        rows, columns : (n,) int
            Cells, without ghosts; one may stand there more than once.
        volumes : (n,) float64
            Wanted, 0 or more. [m³]

        Returns
        -------
        (n,) float64
            Taken: what the cells hold less afterwards. [m³]
        """
        taken = np.zeros(volumes.size)
        take_from(self.water, self.area, rows, columns, volumes, not self.staggered, taken)
        return taken

    def cell(self, row: int, column: int) -> str:
        """A cell in words: its indices and its centre."""
        x, y = float(self.grid.x[column]), float(self.grid.y[row])
        return f"cell y {row}, x {column} (centre {x:.3f}, {y:.3f})"


@dataclass(frozen=True)
class Limiting:
    """Where and when the step was shortest.

    Attributes
    ----------
    step, time : float
        Length of that step and model time. [s]
    row, column : int
    """

    step: float
    time: float
    row: int
    column: int


def pad(inner: np.ndarray, ring: float, kind: np.dtype | type) -> np.ndarray:
    """Add the ring of ghost cells."""
    return np.pad(inner, 1, constant_values=ring).astype(kind)


def padded_bed(bed: np.ndarray, hole: np.ndarray, boundary: dict[str, str], kind: np.dtype) -> np.ndarray:
    """Bed with holes and ghosts: a closed side is a hole, a level's bed is flat, a free side goes on downhill."""
    z = pad(np.where(hole, 10 * HOLE, bed), 10 * HOLE, kind)
    for side, (ghost, edge, inner) in side_rows(z).items():
        if boundary[side] == "closed":
            continue
        on = np.minimum(edge, edge - (inner - edge)) if boundary[side] == "open" else edge
        ghost[:] = np.where((edge < HOLE) & (inner < HOLE), on, edge)
    return z


def side_rows(array: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Views of the ghost, edge and next row of each side of a padded grid."""
    turned = {"west": array.T, "east": array.T[::-1], "south": array, "north": array[::-1]}
    return {
        side: (rows[0, 1:-1], rows[1, 1:-1], rows[min(2, rows.shape[0] - 2), 1:-1]) for side, rows in turned.items()
    }
