"""Inlets of the sewer: blocked by leaves and litter, or cleared."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.edits.edit import Edit, Name, Points, polygon_of, refuse_taken
from scenarios.edits.patch import SMALLEST
from scenarios.edits.removal import RemoveDrainBlock
from scenarios.situation import Added, Situation


class BlockDrain(Edit):
    """Block the inlets within a polygon; what an edit before said of them is over.

    Attributes
    ----------
    id : str
    polygon : list of points
        Inside the city, at least 1 m².
    blocked : float
        Part of their capacity that is lost, 0..1.
    """

    edit: Literal["block_drain"] = "block_drain"
    id: Name
    polygon: Points
    blocked: Annotated[float, Field(ge=0, le=1)] = 1.0

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        return _with_block(self, self.blocked, situation)

    def inverse(self, before: Situation) -> RemoveDrainBlock:
        """See `Edit.inverse`."""
        return RemoveDrainBlock(id=self.id)


class ClearDrain(Edit):
    """Clear the inlets within a polygon: they have their whole capacity, be they blocked by an edit or as imported.

    Attributes
    ----------
    id : str
    polygon : list of points
        Inside the city, at least 1 m².
    """

    edit: Literal["clear_drain"] = "clear_drain"
    id: Name
    polygon: Points

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        return _with_block(self, 0.0, situation)

    def inverse(self, before: Situation) -> RemoveDrainBlock:
        """See `Edit.inverse`."""
        return RemoveDrainBlock(id=self.id)


def _with_block(edit: BlockDrain | ClearDrain, blocked: float, situation: Situation) -> Situation:
    refuse_taken("drain_blocks", edit.id, situation)
    polygon = polygon_of(edit.polygon, situation, SMALLEST)
    return situation.with_added("drain_blocks", Added(edit.id, polygon, {"blocked": blocked}, edit))
