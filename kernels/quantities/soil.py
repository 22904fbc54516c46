"""Quantities of soil, of storage on and in the ground, and of green roofs."""

from kernels.quantities.quantity import Quantity
from kernels.quantities.quantity import quantity as _q  # noqa: F401

# fmt: off
SOIL: tuple[Quantity, ...] = ()
