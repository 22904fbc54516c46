"""Lanes taken from cars and given to bicycles or buses."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.clock import Days, Hours, clock_of, every_day, every_hour
from scenarios.edits.chosen_streets import OnDirectedStreets, by_direction, named, plain, shape_of
from scenarios.edits.edit import Name, refuse_taken
from scenarios.edits.street_removal import RemoveBikeLane
from scenarios.situation import Added, Situation
from twin.street_works import LaneChange


class BikeLane(OnDirectedStreets):
    """Give lanes to bicycles or buses; where it was the last one of a direction, only they drive there.

    Attributes
    ----------
    id : str
    given_to : {"bike", "bus"}
    lanes : int
        Of each direction that is meant: 1 to 3.
    hours : list of str
        Such as ``07:00-09:00``, by the clock of Brussels.
    days : list of str
        ``mon`` to ``sun``, on which the hours begin.
    """

    edit: Literal["bike_lane"] = "bike_lane"
    id: Name
    given_to: Literal["bike", "bus"] = "bike"
    lanes: Annotated[int, Field(ge=1, le=3)] = 1
    hours: Hours = Field(default_factory=every_hour)
    days: Days = Field(default_factory=every_day)

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("lane_changes", self.id, situation)
        chosen = self.chosen(situation)
        clock = clock_of(self.hours, self.days)
        works = tuple(
            LaneChange(self.id, streets, -self.lanes, self.given_to, direction, clock)
            for direction, streets in by_direction(chosen, situation)
        )
        shape = shape_of(plain(chosen, situation), situation)
        return situation.with_added("lane_changes", Added(self.id, shape, {"works": works}, named(self, chosen)))

    def inverse(self, before: Situation) -> RemoveBikeLane:
        """See `Edit.inverse`."""
        return RemoveBikeLane(id=self.id)
