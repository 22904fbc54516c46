"""The smallest change that makes a wind field conserve mass: no air through walls, none made, none lost."""

from dataclasses import dataclass, field

import numpy as np

from kernels.contract import KernelError
from kernels.crew import Crew
from kernels.heat.mass_consistent_loops import (
    advance,
    apply,
    coarsen,
    conductances,
    correct,
    dot,
    imbalance,
    prolong,
    relax,
    restrict,
    to_fluxes,
    turn,
)

_SMALL = 4096  # columns below which a second thread costs more than it brings
_COARSEST = 40  # columns along the shorter side below which coarsening stops: the open top lets nothing reach far
_COARSE_SWEEPS = 1


@dataclass
class _Level:
    """One grid of the hierarchy; every array is (y + 2, z, x + 2) float32, a ring of ghosts round it."""

    across: np.ndarray
    along: np.ndarray
    upward: np.ndarray
    potential: np.ndarray
    source: np.ndarray
    rows: int = field(init=False)
    small: bool = field(init=False)

    def __post_init__(self) -> None:
        self.rows = self.across.shape[0] - 2
        self.small = self.rows * self.across.shape[2] < _SMALL

    @property
    def faces(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Conductances of the east, north and upper faces. [m]"""
        return self.across, self.along, self.upward


class MassConsistent:
    """Corrects winds among the same buildings.

    Parameters
    ----------
    roof : (y, x) float
        Roofs above ground, 0 in the open. [m]
    thickness : (z,) float
        Of the levels, from the ground up. [m]
    cell_size : float
        Side of a cell. [m]
    crew : Crew
        Shares out the rows; results do not depend on how many threads it has.

    Attributes
    ----------
    residual : float
        Worst divergence left by the last correction, per wind of 1 m s⁻¹ and cell. [1]
    iterations : int
        Steps of conjugate gradients it took.

    Notes
    -----
    Sherman (1978), doi:10.1175/1520-0450(1978)017<0312:AMCMFW>2.0.CO;2: the change of smallest square that leaves no
    divergence is the gradient of a potential (his Lagrange multiplier) whose Laplacian is minus the divergence, with
    equal weights on all directions (neutral air); no flow through walls and ground, zero potential beyond sides and
    top, which lets air pass there. Solved by conjugate gradients; one cycle of multigrid over halved horizontal grids
    conditions it, each column solved whole.
    """

    def __init__(self, roof, thickness, cell_size: float, crew: Crew) -> None:
        self._crew = crew
        self.thickness = np.asarray(thickness, np.float64)
        self.centres = np.cumsum(self.thickness) - self.thickness / 2
        self.residual, self.iterations = np.inf, 0
        padded = np.pad(np.asarray(roof, np.float32), 1)
        side = self.thickness * cell_size
        self._areas = np.stack([side, np.full(side.size, cell_size**2)]).astype(np.float32)
        self._per_volume = (cell_size / (side * cell_size)).astype(np.float32)
        shape = (padded.shape[0], side.size, padded.shape[1])
        self._grids = [self._level(shape)]
        top = self._grids[0]
        levels = self.centres, self.thickness, float(cell_size)
        self._do(shape[0], conductances, padded, *levels, *top.faces, small=top.small)
        while min(shape[0], shape[2]) - 2 > _COARSEST:
            fine = self._grids[-1]
            shape = ((shape[0] - 1) // 2 + 2, side.size, (shape[2] - 1) // 2 + 2)
            level = self._level(shape)
            self._do(shape[0], coarsen, *fine.faces, *level.faces, small=level.small)
            self._grids.append(level)

    @staticmethod
    def _level(shape) -> _Level:
        return _Level(*(np.zeros(shape, np.float32) for _ in range(5)))

    def _do(self, pieces, loop, *arrays, small=False) -> None:
        self._crew.share_out(pieces, lambda first, last: loop(first, last, *arrays), small)

    def correct(self, u, v, w, tolerance: float = 7e-5, most: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Fluxes that conserve mass, nearest to a first guess of the wind.

        Parameters
        ----------
        u, v, w : (y + 2, z, x + 2) float32
            Wind at cell centres toward east, north and up; the ring of ghosts is not read. [m s⁻¹]
        tolerance : float
            Worst divergence to leave, per wind of 1 m s⁻¹ and cell. [1]
        most : int
            Iterations after which to give up.

        Returns
        -------
        flux_x, flux_y, flux_z : (y + 2, z, x + 2) float32
            Flux out of each cell through its east, north and upper face. [m³ s⁻¹]

        Raises
        ------
        KernelError
            If the divergence does not fall to the tolerance.
        """
        grid = self._grids[0]
        faces = grid.faces
        fluxes = tuple(np.zeros_like(u) for _ in range(3))
        self._do(u.shape[0], to_fluxes, u, v, w, *faces, self._areas, *fluxes, small=grid.small)
        worst, dots = np.zeros(grid.rows, np.float32), np.zeros(grid.rows)
        residual, solution, search, image = (np.zeros_like(u) for _ in range(4))
        # Outflow is what the potential has to take away: its own outflow must be equal and opposite to it.
        self._do(grid.rows, imbalance, *fluxes, self._per_volume, residual, worst, small=grid.small)
        grid.source, left, old = residual, float(worst.max()), 0.0
        self.iterations = 0
        while left > tolerance:
            if self.iterations == most:
                raise KernelError(
                    f"the wind's divergence is {left:.2g} of U/dx after {most} iterations, not {tolerance:g}: "
                    "look for roofs that are not finite"
                )
            better = self._cycle(0)
            self._do(grid.rows, dot, residual, better, dots, small=grid.small)
            new = float(dots.sum())
            self._do(grid.rows, turn, new / old if old else 0.0, better, search, small=grid.small)
            self._do(grid.rows, apply, search, *faces, image, dots, small=grid.small)
            step = new / float(dots.sum())
            vectors = search, image, solution, residual
            self._do(grid.rows, advance, step, self._per_volume, *vectors, worst, small=grid.small)
            old, left = new, float(worst.max())
            self.iterations += 1
        self._do(u.shape[0], correct, solution, *faces, *fluxes, small=grid.small)
        self._do(grid.rows, imbalance, *fluxes, self._per_volume, image, worst, small=grid.small)
        self.residual = float(worst.max())
        return fluxes

    def _cycle(self, depth: int) -> np.ndarray:
        """One V-cycle from this level down; symmetric, as conjugate gradients ask."""
        grid = self._grids[depth]
        if depth == 0:
            grid.potential[:] = 0
        last = depth == len(self._grids) - 1
        for _ in range(_COARSE_SWEEPS if last else 1):
            self._sweep(grid, (0, 1))
        if not last:
            below = self._grids[depth + 1]
            target = below.source, below.potential
            self._do(below.rows, restrict, grid.potential, grid.source, *grid.faces, *target, small=grid.small)
            self._do(grid.rows, prolong, self._cycle(depth + 1), grid.potential, small=grid.small)
        for _ in range(_COARSE_SWEEPS if last else 1):
            self._sweep(grid, (1, 0))
        return grid.potential

    def _sweep(self, grid: _Level, colours: tuple[int, int]) -> None:
        for colour in colours:
            pieces = (grid.rows + 1 - colour) // 2
            self._do(pieces, relax, colour, grid.potential, grid.source, *grid.faces, small=grid.small)
