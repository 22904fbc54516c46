"""Taking objects away and bringing them back."""

from typing import ClassVar, Literal

from scenarios.edits.edit import Edit, Name, refuse_missing
from scenarios.edits.room import refuse_occupied, refuse_on_dug_ground
from scenarios.problem import EditError
from scenarios.situation import Situation


class Removal(Edit):
    """Take away an object, imported or added by an edit before.

    Attributes
    ----------
    id : str
    """

    part: ClassVar[str]
    id: Name

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_missing(self.part, self.id, situation)
        return situation.without(self.part, self.id)

    def inverse(self, before: Situation) -> Edit:
        """See `Edit.inverse`."""
        for one in before.added_to(self.part):
            if one.id == self.id:
                again: Edit = one.edit
                return again
        return Restore.model_validate({"part": self.part, "id": self.id})


class RemoveWall(Removal):
    """Take away a wall."""

    part = "walls"
    edit: Literal["remove_wall"] = "remove_wall"


class RemoveLandCover(Removal):
    """Take away a patch of ground: a land cover, or a swale, rain garden, basin, permeable paving, freed soil.

    What lies under it appears; what was dug is filled.
    """

    part = "land_cover"
    edit: Literal["remove_land_cover"] = "remove_land_cover"


class RemoveBuilding(Removal):
    """Take away a building."""

    part = "buildings"
    edit: Literal["remove_building"] = "remove_building"


class RemoveGreenRoof(Removal):
    """Take green roofs away again."""

    part = "green_roofs"
    edit: Literal["remove_green_roof"] = "remove_green_roof"


class RemoveThreshold(Removal):
    """Lower raised thresholds again."""

    part = "thresholds"
    edit: Literal["remove_threshold"] = "remove_threshold"


class RemoveDrainBlock(Removal):
    """Undo what an edit said of inlets, be they blocked or cleared."""

    part = "drain_blocks"
    edit: Literal["remove_drain_block"] = "remove_drain_block"


class RemoveStormTank(Removal):
    """Take away a storm tank."""

    part = "storm_tanks"
    edit: Literal["remove_storm_tank"] = "remove_storm_tank"


_REMOVALS = {one.part: one for one in (RemoveWall, RemoveLandCover, RemoveBuilding)}


class Restore(Edit):
    """Bring back an imported object that an edit before took away: same attributes, same row.

    Attributes
    ----------
    part : {"buildings", "land_cover", "walls"}
    id : str
    """

    edit: Literal["restore"] = "restore"
    part: Literal["buildings", "land_cover", "walls"]
    id: Name

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        if (self.part, self.id) not in situation.removed:
            raise EditError(f"{self.id!r} was not taken away from {self.part} by an edit before this one", "id")
        if self.part == "buildings":
            outline = situation.base.buildings.geometry.loc[self.id]
            refuse_occupied(outline, situation.city.buildings, situation.city.walls, "id")
            refuse_on_dug_ground(outline, situation, "id")
        return situation.restored(self.part, self.id)

    def inverse(self, before: Situation) -> Edit:
        """See `Edit.inverse`."""
        return _REMOVALS[self.part].model_validate({"id": self.id})
