"""Quantities of sewers: nodes, conduits, inlets, basins, pumps."""

from kernels.quantities.quantity import Quantity
from kernels.quantities.quantity import quantity as _q  # noqa: F401

# fmt: off
DRAINS: tuple[Quantity, ...] = ()
