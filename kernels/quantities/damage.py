"""Quantities of what a flood does to people and buildings."""

from kernels.quantities.quantity import Quantity
from kernels.quantities.quantity import quantity as _q  # noqa: F401

# fmt: off
DAMAGE: tuple[Quantity, ...] = ()
