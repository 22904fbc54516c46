"""Patches of ground that edits lay: where they may lie, and what they have in common."""

from typing import ClassVar

import shapely
from shapely.geometry import Polygon

from scenarios.edits.edit import Edit, Name, Points, polygon_of, refuse_taken
from scenarios.edits.removal import RemoveLandCover
from scenarios.edits.room import refuse_on_buildings
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.works import GroundWork

SMALLEST = 1.0
"""Least open ground a patch must cover. [m²]"""


class Patch(Edit):
    """Ground that is laid anew; the cover and the stack under it are hidden until it is taken away.

    Its shape stays: a patch laid on a swale, a rain garden or a basin lines the hollow, which goes on holding water.
    Taking the work itself away (``remove_land_cover``) fills it.
    """

    part: ClassVar[str] = "land_cover"
    id: Name

    def inverse(self, before: Situation) -> RemoveLandCover:
        """See `Edit.inverse`."""
        return RemoveLandCover(id=self.id)

    def lay(self, situation: Situation, shape: Polygon, cover: str, work: GroundWork | None = None) -> Situation:
        """The situation with the patch on top."""
        return situation.with_added("land_cover", Added(self.id, shape, {"cover": cover}, self, work=work))


def laid_patch(patch: Patch, points: Points, situation: Situation) -> Polygon:
    """The ground of a patch that may reach under buildings, where their roofs stay what counts.

    Raises
    ------
    EditError
        The id is taken, the polygon is not one, or it lies on buildings.
    """
    return ground_beside_buildings("land_cover", patch.id, points, situation)


def ground_beside_buildings(part: str, name: str, points: Points, situation: Situation) -> Polygon:
    """A polygon of a part of the city that covers open ground, buildings in it or not.

    Raises
    ------
    EditError
        As `laid_patch`.
    """
    refuse_taken(part, name, situation)
    polygon = polygon_of(points, situation, SMALLEST)
    buildings = situation.city.buildings
    under = buildings.geometry.iloc[buildings.sindex.query(polygon, predicate="intersects")]
    open_ground = shapely.difference(polygon, shapely.union_all(under.to_numpy())).area
    if open_ground < SMALLEST:
        raise EditError(
            f"lies on buildings; only {open_ground:.2g} m² of it is open ground; draw it beside them", "polygon"
        )
    return polygon


def dug_patch(patch: Patch, points: Points, situation: Situation) -> Polygon:
    """The ground of a patch that is dug, which no building may stand on.

    Raises
    ------
    EditError
        The id is taken, the polygon is not one, or it lies on a building.
    """
    refuse_taken("land_cover", patch.id, situation)
    polygon = polygon_of(points, situation, SMALLEST)
    refuse_on_buildings(polygon, situation.city.buildings, "polygon")
    return polygon
