"""Walls and kerbs: a crest along a line, that water may pass only above."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.edits.edit import Edit, Name, Points, line_of, refuse_taken
from scenarios.edits.removal import RemoveWall
from scenarios.edits.room import refuse_wall_through
from scenarios.situation import Added, Situation


class Wall(Edit):
    """Build a wall or a kerb.

    Attributes
    ----------
    id : str
    line : list of points
        Inside the city. It may touch buildings and end up to 2 m inside one, not run through one.
    height_m : float
        Crest above the ground under it: 0.05 (a kerb) to 20.
    """

    edit: Literal["wall"] = "wall"
    id: Name
    line: Points
    height_m: Annotated[float, Field(ge=0.05, le=20)]

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        return _with_crest(self, situation)

    def inverse(self, before: Situation) -> RemoveWall:
        """See `Edit.inverse`."""
        return RemoveWall(id=self.id)


class Kerb(Edit):
    """Lay a kerb: a wall as low as one steps over.

    Attributes
    ----------
    id : str
        Among those of the walls.
    line : list of points
        As that of a wall.
    height_m : float
        Above the ground under it: 0.05 to 0.3.
    """

    edit: Literal["kerb"] = "kerb"
    id: Name
    line: Points
    height_m: Annotated[float, Field(ge=0.05, le=0.3)] = 0.15

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        return _with_crest(self, situation)

    def inverse(self, before: Situation) -> RemoveWall:
        """See `Edit.inverse`."""
        return RemoveWall(id=self.id)


def _with_crest(edit: Wall | Kerb, situation: Situation) -> Situation:
    refuse_taken("walls", edit.id, situation)
    line = line_of(edit.line, situation)
    refuse_wall_through(line, situation.city.buildings)
    return situation.with_added("walls", Added(edit.id, line, {"height": edit.height_m}, edit))
