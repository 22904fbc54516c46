"""Swales: shallow ditches with grass that follow the ground, hold water and let it sink in."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from shapely.geometry import Polygon

from scenarios.edits.edit import Points, line_of, refuse_taken
from scenarios.edits.patch import SMALLEST, Patch, dug_patch
from scenarios.edits.room import refuse_on_buildings
from scenarios.problem import EditError
from scenarios.situation import Situation
from twin.works import GroundWork


class Swale(Patch):
    """Dig a swale along a line, or over a polygon.

    Attributes
    ----------
    id : str
    line : list of points or None
        Axis, inside the city and beside buildings; with ``width_m``.
    width_m : float or None
        0.5 to 20.
    polygon : list of points or None
        Instead of ``line`` and ``width_m``.
    depth_m : float
        Below the ground there was: 0.05 to 1.5. The sides are as steep as one cell of the grid allows.
    """

    edit: Literal["swale"] = "swale"
    line: Points | None = None
    width_m: Annotated[float, Field(ge=0.5, le=20)] | None = None
    polygon: Points | None = None
    depth_m: Annotated[float, Field(ge=0.05, le=1.5)] = 0.3

    @model_validator(mode="after")
    def _one_geometry(self) -> "Swale":
        has_line = (self.line is not None) + (self.width_m is not None)
        if has_line + 2 * (self.polygon is not None) != 2:
            raise ValueError("a swale has either a line with width_m or a polygon; give one of the two")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        shape = dug_patch(self, self.polygon, situation) if self.polygon is not None else self._along(situation)
        return self.lay(situation, shape, "lawn", GroundWork(self.id, shape, "swale", lowered=self.depth_m))

    def _along(self, situation: Situation) -> Polygon:
        assert self.line is not None
        assert self.width_m is not None
        refuse_taken("land_cover", self.id, situation)
        line = line_of(self.line, situation)
        shape = line.buffer(self.width_m / 2, cap_style="flat", join_style="mitre", mitre_limit=2.0)
        if shape.geom_type != "Polygon" or shape.interiors:
            raise EditError("closes on itself; draw it as two swales", "line")
        if shape.area < SMALLEST:
            raise EditError(f"covers {shape.area:.3g} m², expected at least {SMALLEST:g} m²; draw it longer", "line")
        refuse_on_buildings(shape, situation.city.buildings, "line")
        return shape
