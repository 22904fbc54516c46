"""Ground that lets water through: permeable paving on its bed of stone, and soil freed of its paving."""

from typing import Literal

from scenarios.edits.edit import Points
from scenarios.edits.patch import Patch, laid_patch
from scenarios.situation import Situation
from twin.works import GroundWork


class PermeablePaving(Patch):
    """Pave a patch so that rain sinks through the joints into a bed that stores it.

    Attributes
    ----------
    id : str
    polygon : list of points
        Inside the city, at least 1 m² of it beside buildings.
    """

    edit: Literal["permeable_paving"] = "permeable_paving"
    polygon: Points

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        shape = laid_patch(self, self.polygon, situation)
        return self.lay(situation, shape, "permeable_paving", GroundWork(self.id, shape, "permeable_paving"))


class Depave(Patch):
    """Take the paving off a patch and give its soil back: loosened, with something growing on it.

    Attributes
    ----------
    id : str
    polygon : list of points
        Inside the city, at least 1 m² of it beside buildings.
    cover : str
        What grows there.
    irrigated : bool
        Whether it is watered on hot days: then it evaporates freely and cools; dry, it cools little.
    """

    edit: Literal["depave"] = "depave"
    polygon: Points
    cover: Literal["lawn", "shrub", "forest_floor", "bare_soil"] = "lawn"
    irrigated: bool = False

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        shape = laid_patch(self, self.polygon, situation)
        return self.lay(situation, shape, self.cover, GroundWork(self.id, shape, "depaved", irrigated=self.irrigated))
