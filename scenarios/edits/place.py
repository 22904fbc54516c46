"""Places of daily life: opened; `scenarios.edits.removal.ClosePlace` closes one."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from shapely.geometry import Point as PointShape

from scenarios.edits.edit import Edit, Name, Point, Points, point_of, polygon_of, refuse_taken
from scenarios.edits.removal import ClosePlace
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.amenities import categories, category_of_value

SMALLEST = 10.0
"""Area of a place that is drawn as an area. [m²]"""


class OpenPlace(Edit):
    """Open a place of one of the fifteen categories: a school, a shop, a stop, a park.

    Attributes
    ----------
    id : str
    category : str
        One of the fifteen of ``assets/amenity_categories.csv``, or an OSM value such as ``school``.
    point : point or None
        Its door, in a building or outside.
    polygon : list of points or None
        Instead of the door: an area that is entered from every street along its edge, such as a park.
    name : str
    """

    edit: Literal["open_place"] = "open_place"
    id: Name
    category: Annotated[str, Field(min_length=1, max_length=64)]
    point: Point | None = None
    polygon: Points | None = None
    name: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""

    @model_validator(mode="after")
    def _stands_somewhere(self) -> "OpenPlace":
        if (self.point is None) == (self.polygon is None):
            raise ValueError("a place has a point or a polygon; give one of them")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("amenities", self.id, situation)
        if category_of_value(self.category) is None:
            raise EditError(
                f"{self.category!r} is none of the fifteen categories and no OSM value that stands for one; expected "
                f"one of {', '.join(categories())}",
                "category",
            )
        if self.point is not None:
            shape = PointShape(point_of(self.point, situation))
        else:
            shape = polygon_of(self.polygon or [], situation, SMALLEST)
        columns = {"category": self.category, "name": self.name}
        return situation.with_added("amenities", Added(self.id, shape, columns, self))

    def inverse(self, before: Situation) -> ClosePlace:
        """See `Edit.inverse`."""
        return ClosePlace(id=self.id)
