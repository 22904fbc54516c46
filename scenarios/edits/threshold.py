"""Raised thresholds: doors and cellar windows that water reaches only when it stands higher."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.edits.chosen_buildings import Ids, refuse_doubled, refuse_strange
from scenarios.edits.edit import Edit, Name, refuse_taken
from scenarios.edits.removal import RemoveThreshold
from scenarios.situation import Added, Situation


class RaisedThreshold(Edit):
    """Raise the thresholds of buildings.

    Attributes
    ----------
    id : str
    buildings : list of str
        Ids.
    height_m : float
        Water beside the building that is no deeper does not touch it: 0.15 (the usual sill) to 3.
    """

    edit: Literal["raised_threshold"] = "raised_threshold"
    id: Name
    buildings: Ids
    height_m: Annotated[float, Field(ge=0.15, le=3)]

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("thresholds", self.id, situation)
        refuse_strange(self.buildings, situation)
        refuse_doubled(self.buildings, "thresholds", situation)
        shape = situation.city.buildings.geometry.loc[self.buildings].union_all()
        columns = {"buildings": tuple(sorted(self.buildings)), "height": self.height_m}
        return situation.with_added("thresholds", Added(self.id, shape, columns, self))

    def inverse(self, before: Situation) -> RemoveThreshold:
        """See `Edit.inverse`."""
        return RemoveThreshold(id=self.id)
