"""Cool roofs: a white coat that sends the sun back."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scenarios.edits.chosen_buildings import Ids, Where, roofs_chosen, shape_of
from scenarios.edits.edit import Edit, Name, refuse_taken
from scenarios.edits.removal import RemoveCoolRoof
from scenarios.situation import Added, Situation

AGED_WHITE = 0.65
"""Albedo of a white coat once soiled, taken for its whole life; most of the loss comes in the first year. [1]

An assumption within what S. E. Bretz and H. Akbari (1997), Long-term performance of high-albedo roof coatings,
doi:10.1016/S0378-7788(96)01005-5, describe."""


class CoolRoof(Edit):
    """Coat roofs white.

    Attributes
    ----------
    id : str
    buildings : list of str or None
        Ids.
    where : Where or None
        Instead of ``buildings``: all that are so now and have no roof yet that an edit made.
    albedo : float
        0.3 to 0.95.
    """

    edit: Literal["cool_roof"] = "cool_roof"
    id: Name
    buildings: Ids | None = None
    where: Where | None = None
    albedo: Annotated[float, Field(ge=0.3, le=0.95)] = AGED_WHITE

    @model_validator(mode="after")
    def _one_choice(self) -> "CoolRoof":
        if (self.buildings is None) == (self.where is None):
            raise ValueError("a cool roof names either buildings or where; give one of the two")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("cool_roofs", self.id, situation)
        chosen = roofs_chosen(self.buildings, self.where, situation)
        columns = {"buildings": tuple(sorted(chosen)), "albedo": self.albedo}
        # coated again, it lies where it lay, whatever has been built since
        again = self.model_copy(update={"buildings": chosen, "where": None})
        return situation.with_added("cool_roofs", Added(self.id, shape_of(chosen, situation), columns, again))

    def inverse(self, before: Situation) -> RemoveCoolRoof:
        """See `Edit.inverse`."""
        return RemoveCoolRoof(id=self.id)
