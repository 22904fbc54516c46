"""The solid city that sun and sky meet: roofs, ground and crowns on the grid, in both orientations of the sweeps."""

from dataclasses import dataclass

import numpy as np

from kernels.contract import KernelError
from kernels.heat.interval_sweep import NONE

SLOTS = 64
"""Separate crowns, one above the other, that a line may carry at once; only those in use cost anything."""


def refuse_crowded(lost: int) -> None:
    """Stop rather than forget a crown: the sweeps say how many found no room."""
    if lost:
        raise KernelError(
            f"heat: {lost} crowns found no room beside {SLOTS} others on one line of sight; smooth canopy_top and "
            "canopy_bottom, whose crowns hover in that many separate layers"
        )


@dataclass(frozen=True, eq=False)
class Scene:
    """Heights of a grid, as the sweeps read them; each array with its transposed copy.

    Attributes
    ----------
    height : pair of (y, x) and (x, y) float32
        Of roofs and ground. [m]
    edge : pair of uint8
        Half steps from a cell's centre to the edge that hides what lies behind: 1 on buildings, 0 on ground.
    crown_top, crown_bottom : pair of float32
        Not above ground; `NONE` where there is no crown. [m]
    transmissivity : pair of float32
        Part of the sun that passes the crown; 1 without one. [1]
    half : float
        Half a step where a crown fills its cell, 0 where distances run from centre to centre. [step]
    cell_size : float
        [m]
    lowest, highest : float
        Of all that stands. [m]
    """

    height: tuple[np.ndarray, np.ndarray]
    edge: tuple[np.ndarray, np.ndarray]
    crown_top: tuple[np.ndarray, np.ndarray]
    crown_bottom: tuple[np.ndarray, np.ndarray]
    transmissivity: tuple[np.ndarray, np.ndarray]
    half: float
    cell_size: float
    lowest: float
    highest: float

    @classmethod
    def of(
        cls,
        ground: np.ndarray,
        roof: np.ndarray,
        building: np.ndarray,
        crown_top: np.ndarray | None,
        crown_bottom: np.ndarray | None,
        transmissivity: np.ndarray | None,
        cell_size: float,
        *,
        centred: bool = False,
    ) -> "Scene":
        """Lay out a scene.

        Parameters
        ----------
        ground : (y, x) float
            [m]
        roof : (y, x) float
            Used where there is a building. [m]
        building : (y, x) bool
        crown_top, crown_bottom : (y, x) float, optional
            Above ground, 0 where there is no crown. [m]
        transmissivity : (y, x) float, optional
            Of crowns. [1]
        cell_size : float
            [m]
        centred : bool
            Distances from centre to centre, as in sky view factors by shadow casting; by default walls stand at the
            edges of their cells.

        Notes
        -----
        Heights are kept above the lowest ground, so that float32 resolves millimetres on any hill.
        """
        datum = float(ground.min())
        height = (np.where(building, roof, ground) - datum).astype(np.float32)
        edge = (building & (not centred)).astype(np.uint8)
        top = np.full(height.shape, NONE, np.float32)
        bottom = top.copy()
        passes = np.ones(height.shape, np.float32)
        if crown_top is not None and crown_bottom is not None:
            # a crown over a roof hides what is above the roof alone
            there = (crown_top > 0) & (ground - datum + crown_top > height)
            top[there] = (ground - datum + crown_top)[there]
            bottom[there] = np.maximum(ground - datum + np.minimum(crown_bottom, crown_top), height)[there]
            if transmissivity is not None:
                passes[there] = transmissivity[there]
        highest = float(max(height.max(), top.max()))

        def both(one: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return np.ascontiguousarray(one), np.ascontiguousarray(one.T)

        return cls(
            both(height),
            both(edge),
            both(top),
            both(bottom),
            both(passes),
            0.0 if centred else 0.5,
            cell_size,
            float(height.min()),
            highest,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.height[0].shape
        return rows, columns

    def highest_in(self, cells: tuple[slice, slice]) -> float:
        """Of all that stands in some cells. [m]"""
        return float(max(self.height[0][cells].max(), self.crown_top[0][cells].max()))

    @property
    def has_crowns(self) -> bool:
        """Whether there is any crown."""
        return bool(self.crown_top[0].max() > NONE / 2)
