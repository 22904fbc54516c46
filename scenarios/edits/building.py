"""New buildings: an outline and a height."""

from typing import Annotated, Any, Literal

import numpy as np
import shapely
from pydantic import Field
from shapely.geometry import Polygon
from shapely.geometry.polygon import orient

from scenarios.edits.edit import Edit, Name, Points, polygon_of, refuse_taken
from scenarios.edits.removal import RemoveBuilding
from scenarios.edits.room import refuse_occupied, refuse_on_dug_ground
from scenarios.shells import extruded
from scenarios.situation import Added, Situation
from twin.city import City
from twin.ground import ground_of

SMALLEST = 4.0
"""Ground a building covers at least. [m²]"""
STOREY = 3.0
"""Assumed height of a storey. [m]"""

Use = Literal["residential", "office", "retail", "education", "worship", "transport", "annex", "other"]
Year = Annotated[int, Field(ge=1000, le=2100)]
"""Of construction."""


class NewBuilding(Edit):
    """What all new buildings have: an outline, a height and a flat roof.

    Attributes
    ----------
    id : str
    polygon : list of points
        Outline, inside the city and on free ground; it may touch its neighbours.
    height_m : float
        Roof above the lowest ground under the outline: 2 to 400.
    use : str
    year : int or None
        Of construction: 1000 to 2100.
    """

    id: Name
    polygon: Points
    height_m: Annotated[float, Field(ge=2, le=400)]
    use: Use = "other"
    year: Year | None = None

    def built(self, situation: Situation, **more: Any) -> Situation:
        """The situation with the building, and with more columns of what was added.

        Raises
        ------
        EditError
            There is no room for it.
        """
        refuse_taken("buildings", self.id, situation)
        outline = orient(polygon_of(self.polygon, situation, SMALLEST), 1.0)
        refuse_occupied(outline, situation.city.buildings, situation.city.walls, "polygon")
        refuse_on_dug_ground(outline, situation, "polygon")
        foot = lowest_ground(situation.base, outline)
        columns = {
            "ground_z": foot,
            "ridge_height": self.height_m,
            "eaves_height": self.height_m,
            "roof_area": outline.area,
            "volume": outline.area * self.height_m,
            "storeys": max(1, round(self.height_m / STOREY)),
            "use": self.use,
            "name": "",
            "quality": "edit",
            "origin": self.id,
            **({} if self.year is None else {"year": float(self.year)}),
            **more,
        }
        shell = extruded(outline, foot, foot + self.height_m)
        return situation.with_added("buildings", Added(self.id, outline, columns, self, shell))

    def inverse(self, before: Situation) -> RemoveBuilding:
        """See `Edit.inverse`."""
        return RemoveBuilding(id=self.id)


class AddBuilding(NewBuilding):
    """Put up a building with a flat roof.

    Attributes
    ----------
    id, polygon, height_m, use, year
        See `NewBuilding`.
    """

    edit: Literal["add_building"] = "add_building"

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        return self.built(situation)


def lowest_ground(city: City, outline: Polygon) -> float:
    """Lowest ground along an outline, sampled at least every 2 m, to the millimetre below. [m]"""
    points = shapely.get_coordinates(shapely.segmentize(outline.exterior, 2.0))
    heights = None if city.terrain is None else city.terrain.sample(points[:, 0], points[:, 1])
    if heights is None or not np.isfinite(heights).all():
        heights = ground_of(city)[0].sample(points[:, 0], points[:, 1])
    return float(np.floor(heights.min() * 1000) / 1000)
