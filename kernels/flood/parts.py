"""The parts that trade with the water on the ground: which the layers ask for, in the order in which they trade."""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from kernels.flood import ground_pass, layer_stacks, roofs, sewer_words
from kernels.flood.exchange import Exchange
from kernels.flood.forcing import Rain
from kernels.flood.ground_pass import GroundPass
from kernels.flood.layer_stacks import LayerStacks
from kernels.flood.roofs import Roofs
from kernels.flood.sewer import Sewer

NEEDS = tuple(dict.fromkeys((*roofs.NEEDS, *sewer_words.NEEDS, *layer_stacks.NEEDS, *ground_pass.NEEDS)))
"""Layers that the parts read."""


@dataclass(frozen=True)
class Parts:
    """The parts of a run.

    Attributes
    ----------
    all : tuple of Exchange
        Roofs, sewer, layer stacks, soil: as far as there are any.
    """

    all: tuple[Exchange, ...]

    def on_the_ground(self, rain: Rain) -> Rain:
        """The rain less that of the roofs that have a way of their own."""
        for part in self.all:
            if isinstance(part, Roofs):
                return replace(rain, falls=rain.falls & ~part.mask)
        return rain


def gather(
    layers: xr.Dataset,
    law: str,
    building: np.ndarray,
    hole: np.ndarray,
    rain: Rain | None,
    kind: np.dtype,
    cell_size: float,
) -> Parts:
    """Build the parts that the layers ask for.

    Parameters
    ----------
    layers : xarray.Dataset
        Any of `NEEDS`.
    law : str
        Of the infiltration.
    building : (y, x) int
        ``building_index``.
    hole : (y, x) bool
        Buildings and cells outside.
    rain : Rain or None
    kind : dtype
        Float type of the grids.
    cell_size : float
        [m]

    Raises
    ------
    LayerError
        A part cannot use its layers; says which and why.
    """
    area = cell_size**2
    sewer = Sewer.from_layers(layers, hole, cell_size)
    receive = sewer.receive if sewer is not None else None
    stacks = LayerStacks.from_layers(layers, hole, area, receive)
    own = Roofs.from_layers(layers, building, rain, area, receive)
    soil = GroundPass.from_layers(layers, law, hole, kind, area)
    return Parts(tuple(part for part in (own, sewer, stacks, soil) if part is not None))
