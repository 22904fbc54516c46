"""Green roofs: a layer of soil and plants that keeps rain, and lets the rest go later."""

from typing import Literal

from pydantic import model_validator

from scenarios.edits.chosen_buildings import Ids, Where, found, refuse_doubled, refuse_strange
from scenarios.edits.edit import Edit, Name, refuse_taken
from scenarios.edits.removal import RemoveGreenRoof
from scenarios.problem import EditError
from scenarios.situation import Added, Situation


class GreenRoof(Edit):
    """Lay green roofs.

    Attributes
    ----------
    id : str
    buildings : list of str or None
        Ids.
    where : Where or None
        Instead of ``buildings``: all that are so now and have no green roof yet.
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
        if self.where is not None:
            taken = {name for one in situation.added_to("green_roofs") for name in one.columns["buildings"]}
            chosen = [name for name in found(self.where, situation) if name not in taken]
            if not chosen:
                raise EditError("no building of the city is so, or all have a green roof; widen it", "where")
        else:
            chosen = list(self.buildings or [])
            refuse_strange(chosen, situation)
            refuse_doubled(chosen, "green_roofs", situation)
        shape = situation.city.buildings.geometry.loc[chosen].union_all()
        columns = {"buildings": tuple(sorted(chosen)), "stack": f"green_roof_{self.kind}"}
        # laid again, it lies where it lay, whatever has been built since
        again = self.model_copy(update={"buildings": chosen, "where": None})
        return situation.with_added("green_roofs", Added(self.id, shape, columns, again))

    def inverse(self, before: Situation) -> RemoveGreenRoof:
        """See `Edit.inverse`."""
        return RemoveGreenRoof(id=self.id)
