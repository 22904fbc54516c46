"""Bollards that rise and sink by the clock."""

from typing import Literal

from pydantic import Field
from shapely.geometry import Point as PointShape

from scenarios.clock import Days, Hours, clock_of, every_day, every_hour
from scenarios.edits.edit import Edit, Name, Point, point_of, refuse_taken
from scenarios.edits.street_removal import RemoveStreetClosure
from scenarios.edits.travel_modes import MOTOR, MotorModes
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from scenarios.street_picking import street_at
from twin.street_works import StreetClosure

REACH = 10.0
"""A bollard stands in the nearest street no further away. [m]"""


class Bollard(Edit):
    """Put a bollard into a street: while it is up, no motor enters the street; bicycles and people pass.

    Attributes
    ----------
    id : str
    point : point
        On a street that motors may use, or within 10 m of one.
    lets_through : list of str
        Motor modes for which it sinks, such as ``bus``.
    hours : list of str
        While it is up, such as ``11:00-18:00``, by the clock of Brussels.
    days : list of str
        ``mon`` to ``sun``, on which the hours begin.
    emergency : bool
        Whether it sinks for fire engines and ambulances.
    """

    edit: Literal["bollard"] = "bollard"
    id: Name
    point: Point
    lets_through: MotorModes = Field(default_factory=list)
    hours: Hours = Field(default_factory=every_hour)
    days: Days = Field(default_factory=every_day)
    emergency: bool = True

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("street_closures", self.id, situation)
        stopped = tuple(sorted(set(MOTOR) - set(self.lets_through)))
        if not stopped:
            raise EditError("it sinks for everybody; leave one mode out, or the bollard", "lets_through")
        place = PointShape(point_of(self.point, situation))
        street = street_at(place, situation.city, within=REACH)
        if street is None:
            raise EditError(f"no street for motors is within {REACH:g} m of it; put it onto one", "point")
        clock = clock_of(self.hours, self.days)
        work = StreetClosure(self.id, (street,), stopped, "both", clock, self.emergency)
        return situation.with_added("street_closures", Added(self.id, place, {"works": (work,)}, self))

    def inverse(self, before: Situation) -> RemoveStreetClosure:
        """See `Edit.inverse`."""
        return RemoveStreetClosure(id=self.id)
