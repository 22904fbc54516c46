"""More trips or fewer."""

from typing import Annotated, Literal

import shapely
from pydantic import Field

from scenarios.edits.edit import Edit, Name, refuse_taken
from scenarios.edits.street_removal import RemoveTravelDemand
from scenarios.edits.travel_modes import Modes
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.street_works import DemandChange


class TravelDemand(Edit):
    """Make trips more or fewer; several such edits multiply.

    Attributes
    ----------
    id : str
    factor : float
        0 to 10; 0.75 is a quarter less.
    modes : list of str or None
        None is all.
    sectors : list of str or None
        Ids of statistical sectors where the trips begin or end; None is everywhere.
    """

    edit: Literal["travel_demand"] = "travel_demand"
    id: Name
    factor: Annotated[float, Field(ge=0, le=10)]
    modes: Modes | None = None
    sectors: Annotated[list[Name], Field(min_length=1, max_length=20_000)] | None = None

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("demand_changes", self.id, situation)
        table = situation.city.sectors
        sectors = self.sectors or []
        for number, name in enumerate(sectors):
            if name not in table.index:
                raise EditError(f"{name!r} is none of the city's sectors; name one that is there", f"sectors[{number}]")
            if name in sectors[:number]:
                raise EditError(f"{name!r} is named twice; name it once", f"sectors[{number}]")
        shape = shapely.union_all(table.geometry.loc[sectors]) if sectors else shapely.box(*situation.base.bounds)
        work = DemandChange(self.id, self.factor, tuple(sorted(self.modes or ())), tuple(sorted(sectors)))
        return situation.with_added("demand_changes", Added(self.id, shape, {"works": (work,)}, self))

    def inverse(self, before: Situation) -> RemoveTravelDemand:
        """See `Edit.inverse`."""
        return RemoveTravelDemand(id=self.id)
