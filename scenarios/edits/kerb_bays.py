"""Bays for short stops at the kerb, as Shop & Go."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.clock import Days, Hours, clock_of, every_day, every_hour
from scenarios.edits.chosen_streets import OnStreets, named, plain, shape_of
from scenarios.edits.edit import Name, refuse_taken
from scenarios.edits.street_removal import RemoveKerbBays
from scenarios.situation import Added, Situation
from twin.street_works import KerbBays as Bays


class KerbBays(OnStreets):
    """Mark bays for short stops: who manoeuvres holds a lane up, who finds none free drives on in search.

    Attributes
    ----------
    id : str
    bays : int
        In all streets together: 1 to 500.
    dwell_min : float
        Mean stop: 1 to 240.
    arrivals_per_h : float
        Vehicles that want to stop there, in all streets together: 0 to 5 000.
    hours : list of str
        While they are in use, such as ``09:00-18:00``, by the clock of Brussels.
    days : list of str
        ``mon`` to ``sun``, on which the hours begin.
    """

    edit: Literal["kerb_bays"] = "kerb_bays"
    id: Name
    bays: Annotated[int, Field(ge=1, le=500)]
    dwell_min: Annotated[float, Field(ge=1, le=240)]
    arrivals_per_h: Annotated[float, Field(ge=0, le=5000)]
    hours: Hours = Field(default_factory=every_hour)
    days: Days = Field(default_factory=every_day)

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("kerb_bays", self.id, situation)
        chosen = list(plain(self.chosen(situation), situation))
        clock = clock_of(self.hours, self.days)
        work = Bays(self.id, tuple(chosen), self.bays, self.dwell_min * 60.0, self.arrivals_per_h, clock)
        shape = shape_of(work.streets, situation)
        return situation.with_added("kerb_bays", Added(self.id, shape, {"works": (work,)}, named(self, chosen)))

    def inverse(self, before: Situation) -> RemoveKerbBays:
        """See `Edit.inverse`."""
        return RemoveKerbBays(id=self.id)
