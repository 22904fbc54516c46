"""Speed limits."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.clock import Days, Hours, clock_of, every_day, every_hour
from scenarios.edits.chosen_streets import OnStreets, named, plain, shape_of
from scenarios.edits.edit import Name, refuse_taken
from scenarios.edits.street_removal import RemoveSpeedLimit
from scenarios.situation import Added, Situation
from twin.street_works import SpeedLimit as SpeedWork


class SpeedLimit(OnStreets):
    """Set another speed limit; one set later on the same street holds.

    Attributes
    ----------
    id : str
    speed_km_h : float
        5 to 120.
    hours : list of str
        Such as ``07:00-19:00``, by the clock of Brussels.
    days : list of str
        ``mon`` to ``sun``, on which the hours begin.
    """

    edit: Literal["speed_limit"] = "speed_limit"
    id: Name
    speed_km_h: Annotated[float, Field(ge=5, le=120)]
    hours: Hours = Field(default_factory=every_hour)
    days: Days = Field(default_factory=every_day)

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("speed_limits", self.id, situation)
        chosen = list(plain(self.chosen(situation), situation))
        work = SpeedWork(self.id, tuple(chosen), self.speed_km_h, clock_of(self.hours, self.days))
        shape = shape_of(work.streets, situation)
        return situation.with_added("speed_limits", Added(self.id, shape, {"works": (work,)}, named(self, chosen)))

    def inverse(self, before: Situation) -> RemoveSpeedLimit:
        """See `Edit.inverse`."""
        return RemoveSpeedLimit(id=self.id)
