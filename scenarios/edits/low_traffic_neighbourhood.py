"""Low-traffic neighbourhoods: filters at their streets, so that nobody drives through."""

from typing import Literal

from pydantic import Field

from scenarios.clock import Days, Hours, clock_of, every_day, every_hour
from scenarios.edits.chosen_streets import Ids, named_streets, shape_of
from scenarios.edits.edit import Edit, Name, Points, polygon_of, refuse_taken
from scenarios.edits.one_way import refuse_turned
from scenarios.edits.street_removal import RemoveStreetClosure
from scenarios.edits.travel_modes import MOTOR, MotorMode, MotorModes
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.street_works import OneWay, StreetClosure

SMALLEST = 1000.0
"""Area of a neighbourhood, at least. [m²]"""


def _buses() -> list[MotorMode]:
    return ["bus"]


class LowTrafficNeighbourhood(Edit):
    """Put filters into the streets of a neighbourhood; `scenarios.neighbourhood_filters` proposes them.

    Attributes
    ----------
    id : str
    polygon : list of points
        Around the neighbourhood, at least 1 000 m².
    filters : list of str
        Ids of the streets that close to motors, both ways; each touches the polygon.
    both_ways : list of str
        Ids of one-way streets that open both ways, so that all are still reached.
    lets_through : list of str
        Motor modes that pass the filters.
    hours : list of str
        Of the filters, such as ``07:00-19:00``, by the clock of Brussels.
    days : list of str
        ``mon`` to ``sun``, on which the hours begin.
    emergency : bool
        Whether fire engines and ambulances pass the filters.
    """

    edit: Literal["low_traffic_neighbourhood"] = "low_traffic_neighbourhood"
    id: Name
    polygon: Points
    filters: Ids
    both_ways: Ids | None = None
    lets_through: MotorModes = Field(default_factory=_buses)
    hours: Hours = Field(default_factory=every_hour)
    days: Days = Field(default_factory=every_day)
    emergency: bool = True

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("street_closures", self.id, situation)
        shape = polygon_of(self.polygon, situation, SMALLEST)
        stopped = tuple(sorted(set(MOTOR) - set(self.lets_through)))
        if not stopped:
            raise EditError("its filters let everybody through; leave one mode out", "lets_through")
        filters = named_streets(self.filters, situation, place="filters")
        for number, street in enumerate(filters):
            if not shape_of((street,), situation).intersects(shape):
                raise EditError(f"{street!r} lies outside the polygon; draw it wider", f"filters[{number}]")
        clock = clock_of(self.hours, self.days)
        works: list[StreetClosure | OneWay] = [
            StreetClosure(self.id, tuple(sorted(filters)), stopped, "both", clock, self.emergency)
        ]
        if self.both_ways:
            opened = tuple(sorted(named_streets(self.both_ways, situation, place="both_ways")))
            refuse_turned(opened, situation, "both_ways")
            works.append(OneWay(self.id, opened, "both"))
        return situation.with_added("street_closures", Added(self.id, shape, {"works": tuple(works)}, self))

    def inverse(self, before: Situation) -> RemoveStreetClosure:
        """See `Edit.inverse`."""
        return RemoveStreetClosure(id=self.id)
