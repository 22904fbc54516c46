"""Ground in another colour: paint, light stones, dark asphalt."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.edits.edit import Edit, Name, Points
from scenarios.edits.patch import ground_beside_buildings
from scenarios.edits.removal import RemoveAlbedo
from scenarios.situation import Added, Situation


class Albedo(Edit):
    """Say the albedo of the open ground within a polygon, whatever lies there or is laid there.

    Attributes
    ----------
    id : str
    polygon : list of points
        Inside the city, at least 1 m² of it beside buildings; roofs keep their own.
    albedo : float
        Part of the sun's energy that the ground sends back: 0.03 to 0.9.
    """

    edit: Literal["albedo"] = "albedo"
    id: Name
    polygon: Points
    albedo: Annotated[float, Field(ge=0.03, le=0.9)]

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        shape = ground_beside_buildings("albedos", self.id, self.polygon, situation)
        return situation.with_added("albedos", Added(self.id, shape, {"albedo": self.albedo}, self))

    def inverse(self, before: Situation) -> RemoveAlbedo:
        """See `Edit.inverse`."""
        return RemoveAlbedo(id=self.id)
