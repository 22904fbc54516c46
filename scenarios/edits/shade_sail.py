"""Shade sails: a cloth stretched over a place."""

from typing import Annotated, Literal

import shapely
from pydantic import Field

from scenarios.edits.edit import Edit, Name, Points, polygon_of, refuse_taken
from scenarios.edits.patch import SMALLEST
from scenarios.edits.removal import RemoveShadeSail
from scenarios.edits.room import OVERLAP, refuse_on_buildings
from scenarios.problem import EditError
from scenarios.situation import Added, Situation


class ShadeSail(Edit):
    """Stretch a shade sail.

    Attributes
    ----------
    id : str
    polygon : list of points
        Inside the city, beside buildings and other sails, at least 1 m².
    height_m : float
        Of the cloth above the ground under it: 2.2 to 20.
    transmissivity : float
        Part of the sun that passes: 0 to 0.9. A tenth is an assumption; the maker of the cloth states it.
    """

    edit: Literal["shade_sail"] = "shade_sail"
    id: Name
    polygon: Points
    height_m: Annotated[float, Field(ge=2.2, le=20)] = 4.0
    transmissivity: Annotated[float, Field(ge=0, le=0.9)] = 0.1

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("shade_sails", self.id, situation)
        shape = polygon_of(self.polygon, situation, SMALLEST)
        refuse_on_buildings(shape, situation.city.buildings, "polygon")
        for one in situation.added_to("shade_sails"):
            shared = shapely.intersection(shape, one.geometry).area
            if shared > OVERLAP:
                raise EditError(f"covers {shared:.1f} m² of the shade sail {one.id!r}; draw beside it", "polygon")
        columns = {"height": self.height_m, "transmissivity": self.transmissivity}
        return situation.with_added("shade_sails", Added(self.id, shape, columns, self))

    def inverse(self, before: Situation) -> RemoveShadeSail:
        """See `Edit.inverse`."""
        return RemoveShadeSail(id=self.id)
