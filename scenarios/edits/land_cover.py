"""Other ground: lawn where there was asphalt, permeable paving, water."""

from typing import Literal

import shapely

from scenarios.edits.edit import Edit, Name, Points, polygon_of, refuse_taken
from scenarios.edits.removal import RemoveLandCover
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.land_covers import land_covers

SMALLEST = 1.0
"""Least open ground a patch must cover. [m²]"""


class LandCover(Edit):
    """Change the land cover of a patch of ground.

    Attributes
    ----------
    id : str
    polygon : list of points
        Inside the city, at least 1 m² of it beside buildings; under a building its roof stays what counts.
    cover : str
        A key of the table of land covers; roofs are made by buildings alone.
    """

    edit: Literal["land_cover"] = "land_cover"
    id: Name
    polygon: Points
    cover: str

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("land_cover", self.id, situation)
        known = [key for key in land_covers() if key != "roof"]
        if self.cover not in known:
            raise EditError(f"{self.cover!r} is not a land cover one can lay; there are {', '.join(known)}", "cover")
        polygon = polygon_of(self.polygon, situation, SMALLEST)
        buildings = situation.city.buildings
        under = buildings.geometry.iloc[buildings.sindex.query(polygon, predicate="intersects")]
        open_ground = shapely.difference(polygon, shapely.union_all(under.to_numpy())).area
        if open_ground < SMALLEST:
            raise EditError(
                f"lies on buildings; only {open_ground:.2g} m² of it is open ground; draw it beside them", "polygon"
            )
        return situation.with_added("land_cover", Added(self.id, polygon, {"cover": self.cover}, self))

    def inverse(self, before: Situation) -> RemoveLandCover:
        """See `Edit.inverse`."""
        return RemoveLandCover(id=self.id)
