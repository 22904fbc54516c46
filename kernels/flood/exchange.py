"""What every part beside the water on the ground offers: soil, layer stacks, roofs and sewers trade with it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from kernels.flood.state import FloodState


class Exchange(Protocol):
    """A part that takes water from the cells and may give some back.

    The march calls `exchange` after the first step that ends at least ``exchange_every`` after the last call, and
    before every output: whatever the part does is done for the whole of that span at once. Parts are called in their
    order, one after the other. Nothing is ever clipped: a part takes at most what is there and books what it took.
    """

    name: str

    def exchange(self, state: "FloodState", start: float, end: float) -> None:
        """Trade with ``state.water`` for the span from ``start`` to ``end`` [s]."""

    def accounts(self) -> dict[str, float]:
        """Its ledger by quantity name, so far. [m³]"""

    def held(self) -> float:
        """Water that is in the part now. [m³]"""

    def came(self) -> float:
        """Water that entered the model through the part so far: rain on roofs, sewage, what it began with. [m³]"""

    def gone(self) -> float:
        """Water that left the model through the part so far: into the soil, over an outfall. [m³]"""

    def checkpoint(self) -> dict[str, np.ndarray]:
        """Everything the part needs to go on; names unique to the part."""

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        """Go on from what `checkpoint` gave, bit for bit."""
