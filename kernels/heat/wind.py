"""Wind at pedestrian height as a ratio of the weather's: a library by direction, computed when first asked for."""

import copy
import math

import numpy as np
from numba import njit
from scipy.ndimage import distance_transform_edt, uniform_filter

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.heat import wind_profile as profiles
from kernels.heat.mass_consistent import MassConsistent
from kernels.heat.wind_profile import canopy_factor
from kernels.heat.wind_zones import DOWNWIND_REACH, UPWIND_REACH, chords, place_zones

MODES = ("zones", "log")
WIND_CELL = 4.0
"""Least side of a cell of the wind's own grid. [m]"""
LARGE = 3_000_000
"""Columns of the wind's grid above which it takes cells twice as wide, to keep its memory near 2 GB."""

_FIRST_LEVEL = 2 * profiles.PEDESTRIAN_HEIGHT  # its centre is the height of a pedestrian
_STRETCH = 1.15
_LEVELS = 8, 14
_LOWEST_TOP = 30.0  # [m]


@njit(nogil=True, cache=True)
def _spread(first, last, coarse, weight, per_cell, open_mask, factor, out):
    """Bilinear values on the fine grid from coarse cells with weight, none across walls; NaN on buildings.

    Parameters
    ----------
    first, last : int
        Fine rows to do.
    coarse, weight : (y, x) float32
        Values of the coarse cells; 1 where they hold air at pedestrian height, 0 at walls.
    per_cell : int
        Fine cells along a coarse one.
    open_mask : (y, x) bool
    factor : (y, x) float32
        Multiplies the result.
    out : (y, x) float32
    """
    rows, columns = coarse.shape
    for j in range(first, last):
        y = (j + 0.5) / per_cell - 0.5
        j0 = int(np.floor(y))
        ty = y - j0
        own_j = j // per_cell
        for i in range(out.shape[1]):
            if not open_mask[j, i]:
                out[j, i] = np.nan
                continue
            x = (i + 0.5) / per_cell - 0.5
            i0 = int(np.floor(x))
            tx = x - i0
            own_i = i // per_cell
            if (
                weight[own_j, own_i] == 0
            ):  # open cell in a coarse cell that counts as wall: `coarse` holds its nearest air
                out[j, i] = coarse[own_j, own_i] * factor[j, i]
                continue
            total, share = 0.0, 0.0
            for b in range(2):
                for a in range(2):
                    jj, ii = min(max(j0 + b, 0), rows - 1), min(max(i0 + a, 0), columns - 1)
                    w = (ty if b else 1 - ty) * (tx if a else 1 - tx) * weight[jj, ii]
                    total += w * coarse[jj, ii]
                    share += w
            out[j, i] = total / share * factor[j, i]


def wind_factor(columns: int, cell_size: float) -> int:
    """Fine cells along a cell of the wind's own grid: at least 4 m, at least 8 m above `LARGE` columns.

    Parameters
    ----------
    columns : int
        Cells of the fine grid.
    cell_size : float
        Their side. [m]
    """
    factor = max(1, math.ceil(WIND_CELL / cell_size - 1e-9))
    return factor if columns / factor**2 <= LARGE else max(1, math.ceil(2 * WIND_CELL / cell_size - 1e-9))


class WindLibrary:
    """Pedestrian wind by direction, per wind of the weather file.

    Parameters
    ----------
    ground : (y, x) float
        Elevation of the ground. [m]
    roof : (y, x) float
        Roofs above ground, 0 in the open. [m]
    open_mask : (y, x) bool
        True where no building stands.
    canopy_top, canopy_bottom : (y, x) float or None
        Crowns above ground, 0 where there is none. [m]
    cell_size : float
        Side of a cell. [m]
    directions : int
        How many directions the library holds; between them it is linear.
    wind_cell : float or None
        Side of a cell of the wind's own grid [m], a whole number of fine ones; None takes `wind_factor`.
    mode : str
        "zones", Röckle's zones made to conserve mass; or "log", the mean profile of each block and nothing else.
    crew : Crew, optional
        Shares out the rows; the result does not depend on it.

    Attributes
    ----------
    residual : float
        Worst divergence left in any direction so far, per U/dx. [1]
    cell : float
        Side of a cell of the wind's own grid. [m]

    Notes
    -----
    The weather's wind is that of a station over short grass, 10 m up, z0 = 0.03 m. It reaches the city through the
    wind both share at the blending height (`wind_profile.profile`). Terrain is followed, not resolved: relief counts
    only in how tall a wall stands over the cell it shelters. Directions are those the wind comes from, clockwise from
    grid north. Buildings make the field; crowns multiply it afterwards, each in its own cells.
    """

    def __init__(
        self,
        ground,
        roof,
        open_mask,
        canopy_top=None,
        canopy_bottom=None,
        cell_size: float = 1.0,
        directions: int = 8,
        wind_cell: float | None = None,
        mode: str = "zones",
        crew: Crew | None = None,
    ) -> None:
        if mode not in MODES:
            raise LayerError(f"wind is one of {', '.join(MODES)}, got {mode!r}")
        if directions < 4:
            raise LayerError(f"the wind library wants at least 4 directions, got {directions}; 8 is usual")
        self.mode, self.directions, self._crew = mode, directions, crew or Crew(1)
        self._open = np.ascontiguousarray(open_mask, bool)
        per_cell = wind_factor(self._open.size, cell_size) if wind_cell is None else round(wind_cell / cell_size)
        if per_cell < 1 or (wind_cell is not None and abs(per_cell * cell_size - wind_cell) > 1e-6 * cell_size):
            raise LayerError(f"wind_cell is a whole number of cells of {cell_size:g} m, got {wind_cell:g} m")
        self._per_cell, self.cell = per_cell, per_cell * cell_size
        self.residual, self._iterations = 0.0, {}
        self._fields: dict[int, np.ndarray] = {}
        self._factor = self._crowns(canopy_top, canopy_bottom)

        built = ~self._open
        share_built = self._coarse(built.astype(np.float32))
        mass = self._coarse(np.where(built, np.nan_to_num(np.asarray(roof, np.float32)), 0).astype(np.float32))
        mean_roof = np.divide(mass, share_built, out=np.zeros_like(mass), where=share_built > 0)
        self._roof = np.where(share_built >= 0.5, mean_roof, 0).astype(np.float32)
        self._ground = self._coarse(np.asarray(ground, np.float32))
        self._blocks = profiles.block_indices(mean_roof, 1 - share_built, self.cell)
        self.thickness = self._levels()
        # Air at pedestrian height; behind walls the nearest air stands in, for open slivers of mostly built cells.
        self._air = (self._roof <= profiles.PEDESTRIAN_HEIGHT).astype(np.float32)
        self._nearest = None
        if (self._air == 0).any() and self._air.any():
            self._nearest = distance_transform_edt(self._air == 0, return_distances=False, return_indices=True)

    def _crowns(self, top, bottom) -> np.ndarray:
        if top is None:
            return np.ones(self._open.shape, np.float32)
        return canopy_factor(top, np.zeros_like(top) if bottom is None else bottom)

    def with_canopy(self, canopy_top, canopy_bottom) -> "WindLibrary":
        """Copy with other crowns that shares every field of the buildings."""
        other = copy.copy(self)
        other._factor = self._crowns(canopy_top, canopy_bottom)
        return other

    def _coarse(self, field: np.ndarray) -> np.ndarray:
        n = self._per_cell
        rows, columns = field.shape
        padded = np.pad(field, ((0, -rows % n), (0, -columns % n)), mode="edge")
        shape = padded.shape[0] // n, n, padded.shape[1] // n, n
        return np.ascontiguousarray(padded.reshape(shape).mean(axis=(1, 3), dtype=np.float32))

    def _levels(self) -> np.ndarray:
        """Thickness of the levels: stretched, up to twice the mean building and 30 m at least. [m]"""
        built = self._roof > 0
        want = max(_LOWEST_TOP, 2 * float(self._roof[built].mean()) if built.any() else 0.0)
        thickness = _FIRST_LEVEL * _STRETCH ** np.arange(_LEVELS[1])
        return thickness[: max(_LEVELS[0], int(np.searchsorted(np.cumsum(thickness), want)) + 1)]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was computed and how well, in words."""
        done = len(self._fields)
        if self.mode == "log":
            return (f"wind: log law over block roughness, {done} of {self.directions} directions",)
        return (
            f"wind: zones on {self.cell:g} m cells and {self.thickness.size} levels to {self.thickness.sum():.0f} m, "
            f"{done} of {self.directions} directions, divergence at most {self.residual:.1e} U/dx "
            f"in {max(self._iterations.values(), default=0)} iterations",
        )

    def _speed(self, index: int) -> np.ndarray:
        """(3, y, x) float32 on the wind's grid: toward east and north, and the speed, at 1.1 m per station wind. [1]"""
        if index not in self._fields:
            toward = math.radians(index * 360.0 / self.directions + 180.0)
            east, north = math.sin(toward), math.cos(toward)
            plan, height, sides = self._blocks
            frontal = profiles.frontal_area_index(sides, east, north)
            displacement, roughness = profiles.macdonald(plan, frontal, height)
            if self.mode == "log":
                aspect = profiles.street_aspect(plan, sides)
                low = profiles.profile(profiles.PEDESTRIAN_HEIGHT, height, displacement, roughness, aspect)
                u, v = low * east, low * north
            else:
                u, v = self._zones(east, north, height, displacement, roughness)
            field = np.stack([u, v, np.hypot(u, v)]).astype(np.float32)
            self._fields[index] = field if self._nearest is None else field[:, self._nearest[0], self._nearest[1]]
        return self._fields[index]

    def _zones(self, east, north, height, displacement, roughness) -> tuple[np.ndarray, np.ndarray]:
        rows, columns = self._roof.shape
        centres = np.cumsum(self.thickness) - self.thickness / 2
        u = np.zeros((rows + 2, centres.size, columns + 2), np.float32)
        v, w = np.zeros_like(u), np.zeros_like(u)
        for k, z in enumerate(centres):
            u[1:-1, k, 1:-1] = profiles.profile(z, height, displacement, roughness)
        built = (self._roof > 0).astype(np.float32)
        slope_y, slope_x = np.gradient(np.pad(uniform_filter(built, 3, mode="nearest"), 1, mode="edge"))
        normals = -np.stack([slope_x, slope_y])[:, 1:-1, 1:-1].astype(np.float32)
        extents = np.zeros((3, rows, columns), np.float32)
        share = self._crew.share_out
        steps = max(1, int(UPWIND_REACH / self.cell))
        share(rows, lambda a, b: chords(a, b, self._roof, east, north, steps, self.cell, *extents), small=False)
        wind = np.array([east, north, self.cell, steps, max(1, int(DOWNWIND_REACH / self.cell))])
        city = self._ground, self._roof, normals, extents
        share(rows, lambda a, b: place_zones(a, b, *city, wind, centres, u, v, w), small=False)
        solver = MassConsistent(self._roof, self.thickness, self.cell, self._crew)
        flux_x, flux_y, _ = solver.correct(u, v, w)
        self.residual = max(self.residual, solver.residual)
        self._iterations[round(math.degrees(math.atan2(east, north)))] = solver.iterations
        side = 2 * self.cell * self.thickness[0]
        return (
            (flux_x[1:-1, 0, 1:-1] + flux_x[1:-1, 0, :-2]) / side,
            (flux_y[1:-1, 0, 1:-1] + flux_y[:-2, 0, 1:-1]) / side,
        )

    def _between(self, direction: float) -> np.ndarray:
        if not np.isfinite(direction):
            raise LayerError(f"the wind's direction is {direction}; give degrees from grid north")
        place = (direction % 360.0) / 360.0 * self.directions
        low = int(place)
        share = np.float32(place - low)
        first = self._speed(low % self.directions)
        return first if share == 0 else (1 - share) * first + share * self._speed((low + 1) % self.directions)

    def _fine(self, coarse: np.ndarray, factor: np.ndarray) -> np.ndarray:
        out = np.empty(self._open.shape, np.float32)
        coarse = np.ascontiguousarray(coarse)
        self._crew.share_out(
            out.shape[0],
            lambda a, b: _spread(a, b, coarse, self._air, self._per_cell, self._open, factor, out),
            out.size < 20_000,
        )
        return out

    def ratio(self, direction: float) -> np.ndarray:
        """Wind speed at 1.1 m under the crowns per wind of the weather file; NaN on buildings. [1]

        Parameters
        ----------
        direction : float
            Where the wind comes from, clockwise from grid north. [degree]

        Returns
        -------
        (y, x) float32
        """
        return self._fine(self._between(direction)[2], self._factor)

    def ratio_10m(self, direction: float) -> np.ndarray:
        """Wind 10 m up that UTCI turns into ours at 1.1 m, per wind of the weather file; NaN on buildings. [1]"""
        return self.ratio(direction) * np.float32(profiles.UTCI_TEN_METRES)

    def components(self, direction: float) -> tuple[np.ndarray, np.ndarray]:
        """Wind toward east and north at 1.1 m among the buildings, crowns left out, per wind of the file. [1]

        Returns
        -------
        east, north : (y, x) float32
            On the fine grid; NaN on buildings. Behind walls and in canyons it may blow against the wind above.
        """
        field = self._between(direction)
        still = np.ones(self._open.shape, np.float32)
        return self._fine(field[0], still), self._fine(field[1], still)
