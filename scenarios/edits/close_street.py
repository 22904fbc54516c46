"""Streets closed to some, at some hours."""

from typing import Literal

from pydantic import Field

from scenarios.clock import Days, Hours, clock_of, every_day, every_hour
from scenarios.edits.chosen_streets import OnDirectedStreets, by_direction, named, plain, shape_of
from scenarios.edits.edit import Name, refuse_taken
from scenarios.edits.street_removal import RemoveStreetClosure
from scenarios.edits.travel_modes import Modes, general_traffic
from scenarios.situation import Added, Situation
from twin.street_works import StreetClosure


class CloseStreet(OnDirectedStreets):
    """Close streets: nobody of these modes drives in; who is inside drives out.

    Attributes
    ----------
    id : str
    modes : list of str
        Kept out.
    hours : list of str
        Such as ``07:00-11:00``, by the clock of Brussels.
    days : list of str
        ``mon`` to ``sun``, on which the hours begin.
    emergency : bool
        Whether fire engines and ambulances pass nevertheless; a trench stops them too.
    """

    edit: Literal["close_street"] = "close_street"
    id: Name
    modes: Modes = Field(default_factory=general_traffic)
    hours: Hours = Field(default_factory=every_hour)
    days: Days = Field(default_factory=every_day)
    emergency: bool = True

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("street_closures", self.id, situation)
        chosen = self.chosen(situation)
        clock, modes = clock_of(self.hours, self.days), tuple(sorted(self.modes))
        works = tuple(
            StreetClosure(self.id, streets, modes, direction, clock, self.emergency)
            for direction, streets in by_direction(chosen, situation)
        )
        shape = shape_of(plain(chosen, situation), situation)
        return situation.with_added("street_closures", Added(self.id, shape, {"works": works}, named(self, chosen)))

    def inverse(self, before: Situation) -> RemoveStreetClosure:
        """See `Edit.inverse`."""
        return RemoveStreetClosure(id=self.id)
