"""Rain gardens: planted hollows on a deep bed of soil."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.edits.edit import Points
from scenarios.edits.patch import Patch, dug_patch
from scenarios.situation import Situation
from twin.works import GroundWork


class RainGarden(Patch):
    """Make a rain garden.

    Attributes
    ----------
    id : str
    polygon : list of points
        Inside the city, beside buildings, at least 1 m².
    depth_m : float
        Below the ground there was: 0.05 to 0.6.
    """

    edit: Literal["rain_garden"] = "rain_garden"
    polygon: Points
    depth_m: Annotated[float, Field(ge=0.05, le=0.6)] = 0.2

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        shape = dug_patch(self, self.polygon, situation)
        return self.lay(situation, shape, "shrub", GroundWork(self.id, shape, "rain_garden", lowered=self.depth_m))
