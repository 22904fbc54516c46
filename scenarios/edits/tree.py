"""Trees: planted, and moved."""

from typing import Annotated, Any, Literal

import numpy as np
import shapely
from pydantic import Field, model_validator
from shapely.geometry import Point as PointShape

from scenarios.edits.edit import Edit, Name, Point, point_of, refuse_missing, refuse_taken
from scenarios.edits.removal import RemoveTree, Restore
from scenarios.edits.room import refuse_point_on_buildings
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.allometry import BASE_PER_HEIGHT
from twin.city import TREE_COLUMNS
from twin.tree_species import species_of

Species = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Tree(Edit):
    """Plant a tree, of the size it will have.

    Attributes
    ----------
    id : str
    point : point
        Of the trunk: inside the city, in no building. The crown may reach over roofs.
    species : str
        As `twin.tree_species.find_species` reads names; empty is a broadleaf of no species.
    height_m : float or None
        2 to 45; None takes what the species usually reaches along a street.
    crown_diameter_m : float or None
        0.5 to 35; None takes as much of the height as is usual for the species.
    crown_base_m : float or None
        Lowest leaves above the ground, at least 0.5 m below the top; None takes a quarter of the height.
    """

    edit: Literal["tree"] = "tree"
    id: Name
    point: Point
    species: Species = ""
    height_m: Annotated[float, Field(ge=2, le=45)] | None = None
    crown_diameter_m: Annotated[float, Field(ge=0.5, le=35)] | None = None
    crown_base_m: Annotated[float, Field(ge=0, le=40)] | None = None

    @model_validator(mode="after")
    def _leaves_below_the_top(self) -> "Tree":
        height = self._height()
        if self.crown_base_m is not None and self.crown_base_m > height - 0.5:
            raise ValueError(
                f"crown_base_m is {self.crown_base_m:g} and the tree {height:g} m high; leave at least 0.5 m for leaves"
            )
        return self

    def _height(self) -> float:
        """[m]"""
        return species_of([self.species])[0].height if self.height_m is None else self.height_m

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("trees", self.id, situation)
        place = PointShape(point_of(self.point, situation))
        refuse_point_on_buildings(place, situation.city.buildings, "point")
        return situation.with_added("trees", Added(self.id, place, self._columns(), self))

    def _columns(self) -> dict[str, Any]:
        """The row of the tree; what neither the edit nor an assumption says is unknown."""
        height, crown, base = self._height(), self.crown_diameter_m, self.crown_base_m
        usual = species_of([self.species])[0]
        said = {"height": self.height_m, "crown_diameter": crown, "crown_base": base}
        known = {
            "height": height,
            "crown_diameter": usual.crown_diameter / usual.height * height if crown is None else crown,
            "crown_base": BASE_PER_HEIGHT * height if base is None else base,
            "species": self.species,
            "assumed": " ".join(name for name, value in said.items() if value is None),
        }
        return {name: known.get(name, np.nan if kind == "f8" else "") for name, kind in TREE_COLUMNS.items()}

    def inverse(self, before: Situation) -> RemoveTree:
        """See `Edit.inverse`."""
        return RemoveTree(id=self.id)


class MoveTree(Edit):
    """Move a tree, imported or planted by an edit before.

    Attributes
    ----------
    id : str
    point : point
        Where its trunk is to stand.
    """

    edit: Literal["move_tree"] = "move_tree"
    id: Name
    point: Point

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_missing("trees", self.id, situation)
        if list(_place_of(self.id, situation)) == list(map(float, self.point)):
            raise EditError("it stands there already; leave the edit out", "point")
        planted = [one.edit for one in situation.added_to("trees") if one.id == self.id]
        again: Edit = Restore(part="trees", id=self.id, point=self.point)
        if planted and isinstance(planted[0], Tree):
            again = planted[0].model_copy(update={"point": self.point})
        return again.apply(situation.without("trees", self.id))

    def inverse(self, before: Situation) -> "MoveTree":
        """See `Edit.inverse`."""
        return MoveTree(id=self.id, point=list(_place_of(self.id, before)))


def _place_of(name: str, situation: Situation) -> tuple[float, float]:
    """Where a tree stands. [m]"""
    place = shapely.get_coordinates(situation.city.trees.geometry.loc[name])[0]
    return float(place[0]), float(place[1])
