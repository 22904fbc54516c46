"""Taking objects away and bringing them back."""

from typing import ClassVar, Literal

from pydantic import model_validator
from shapely.geometry import Point as PointShape

from scenarios.edits.edit import Edit, Name, Point, point_of, refuse_missing
from scenarios.edits.room import refuse_occupied, refuse_on_dug_ground, refuse_point_on_buildings
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.city import TREE_COLUMNS


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


class RemoveTree(Removal):
    """Fell a tree."""

    part = "trees"
    edit: Literal["remove_tree"] = "remove_tree"


class RemoveShadeSail(Removal):
    """Take a shade sail down."""

    part = "shade_sails"
    edit: Literal["remove_shade_sail"] = "remove_shade_sail"


class RemoveAlbedo(Removal):
    """Undo what an edit said of the albedo of the ground."""

    part = "albedos"
    edit: Literal["remove_albedo"] = "remove_albedo"


class RemoveCoolRoof(Removal):
    """Give roofs back the colour they had."""

    part = "cool_roofs"
    edit: Literal["remove_cool_roof"] = "remove_cool_roof"


class ClosePlace(Removal):
    """Close a place of daily life for good: nobody goes there any more."""

    part = "amenities"
    edit: Literal["close_place"] = "close_place"


_REMOVALS = {one.part: one for one in (RemoveWall, RemoveLandCover, RemoveBuilding, RemoveTree, ClosePlace)}


class Restore(Edit):
    """Bring back an imported object that an edit before took away: same attributes, same row.

    Attributes
    ----------
    part : {"amenities", "buildings", "land_cover", "trees", "walls"}
    id : str
    point : point or None
        For a tree that is to stand elsewhere than where it stood.
    """

    edit: Literal["restore"] = "restore"
    part: Literal["amenities", "buildings", "land_cover", "trees", "walls"]
    id: Name
    point: Point | None = None

    @model_validator(mode="after")
    def _only_trees_move(self) -> "Restore":
        if self.point is not None and self.part != "trees":
            raise ValueError(f"only a tree comes back at another point, not one of the {self.part}; leave point out")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        if (self.part, self.id) not in situation.removed or situation.holds(self.part, self.id):
            raise EditError(f"{self.id!r} was not taken away from {self.part} by an edit before this one", "id")
        if self.point is not None:
            return self._elsewhere(self.point, situation)
        if self.part == "buildings":
            outline = situation.base.buildings.geometry.loc[self.id]
            refuse_occupied(outline, situation.city.buildings, situation.city.walls, "id")
            refuse_on_dug_ground(outline, situation, "id")
        return situation.restored(self.part, self.id)

    def _elsewhere(self, point: Point, situation: Situation) -> Situation:
        place = PointShape(point_of(point, situation))
        refuse_point_on_buildings(place, situation.city.buildings, "point")
        row = situation.base.trees.loc[self.id]
        if place.equals(row.geometry):
            return situation.restored("trees", self.id)
        columns = {name: row[name] for name in TREE_COLUMNS}
        return situation.with_added("trees", Added(self.id, place, columns, self))

    def inverse(self, before: Situation) -> Edit:
        """See `Edit.inverse`."""
        return _REMOVALS[self.part].model_validate({"id": self.id})
