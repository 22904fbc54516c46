"""Green roofs: a layer of soil and plants that keeps rain, and lets the rest go later."""

from typing import Literal

from pydantic import model_validator

from scenarios.edits.chosen_buildings import Ids, Where, roofs_chosen, shape_of
from scenarios.edits.edit import Edit, Name, refuse_taken
from scenarios.edits.removal import RemoveGreenRoof
from scenarios.situation import Added, Situation


class GreenRoof(Edit):
    """Lay green roofs.

    Attributes
    ----------
    id : str
    buildings : list of str or None
        Ids.
    where : Where or None
        Instead of ``buildings``: all that are so now and have no roof yet that an edit made.
    kind : {"extensive", "intensive"}
        A thin layer with sedum, or a deep one with grass and shrubs.
    """

    edit: Literal["green_roof"] = "green_roof"
    id: Name
    buildings: Ids | None = None
    where: Where | None = None
    kind: Literal["extensive", "intensive"] = "extensive"

    @model_validator(mode="after")
    def _one_choice(self) -> "GreenRoof":
        if (self.buildings is None) == (self.where is None):
            raise ValueError("a green roof names either buildings or where; give one of the two")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("green_roofs", self.id, situation)
        chosen = roofs_chosen(self.buildings, self.where, situation)
        columns = {"buildings": tuple(sorted(chosen)), "stack": f"green_roof_{self.kind}"}
        # laid again, it lies where it lay, whatever has been built since
        again = self.model_copy(update={"buildings": chosen, "where": None})
        return situation.with_added("green_roofs", Added(self.id, shape_of(chosen, situation), columns, again))

    def inverse(self, before: Situation) -> RemoveGreenRoof:
        """See `Edit.inverse`."""
        return RemoveGreenRoof(id=self.id)
