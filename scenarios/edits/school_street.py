"""School streets: closed to motors while children come and go."""

from typing import ClassVar, Literal

from pydantic import Field

from scenarios.clock import Hours, clock_of
from scenarios.edits.chosen_streets import OnStreets, named, plain, shape_of
from scenarios.edits.edit import Name, refuse_taken
from scenarios.edits.street_removal import RemoveStreetClosure
from scenarios.edits.travel_modes import MOTOR
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from scenarios.street_picking import street_at
from twin.street_works import StreetClosure

SCHOOLS = ("school", "kindergarten")
"""Categories of amenities that children go to by the bell."""
LOCAL = ("residential", "living_street", "unclassified", "service", "tertiary")
"""Kinds of street that are closed for a school: no main road."""
REACH = 150.0
"""The street of a school is the nearest of these kinds, no further away. [m]"""


def _hours() -> list[str]:
    return ["08:00-08:30", "15:30-16:00"]


def _wednesday_hours() -> list[str]:
    return ["08:00-08:30", "12:00-12:30"]


class SchoolStreet(OnStreets):
    """Close the street of a school to motors at its hours; holidays are not known.

    Attributes
    ----------
    id : str
    school : str or None
        Id of one of the city's amenities, instead of streets, line or polygon: its nearest street is closed.
    hours : list of str
        Of Monday, Tuesday, Thursday and Friday; half an hour at each bell is an assumption.
    wednesday_hours : list of str
        Lessons end at noon.
    """

    ways_to_choose: ClassVar[tuple[str, ...]] = ("streets", "line", "polygon", "school")
    edit: Literal["school_street"] = "school_street"
    id: Name
    school: Name | None = None
    hours: Hours = Field(default_factory=_hours)
    wednesday_hours: Hours = Field(default_factory=_wednesday_hours)

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("street_closures", self.id, situation)
        chosen = self._of_school(self.school, situation) if self.school is not None else self.chosen(situation)
        streets = plain(chosen, situation)
        whole = clock_of(self.hours, ["mon", "tue", "thu", "fri"])
        half = clock_of(self.wednesday_hours, ["wed"])
        works = tuple(StreetClosure(self.id, streets, tuple(sorted(MOTOR)), "both", one) for one in (whole, half))
        again = named(self, list(streets))
        return situation.with_added(
            "street_closures", Added(self.id, shape_of(streets, situation), {"works": works}, again)
        )

    def _of_school(self, school: str, situation: Situation) -> list[str]:
        table = situation.city.amenities
        if school not in table.index:
            raise EditError(f"{school!r} is none of the city's amenities; name one that is there", "school")
        category = table.loc[school, "category"]
        if category not in SCHOOLS:
            raise EditError(f"{school!r} is a {category}, expected one of {', '.join(SCHOOLS)}", "school")
        street = street_at(table.geometry.loc[school], situation.city, within=REACH, kinds=LOCAL)
        if street is None:
            raise EditError(
                f"no street of the kinds {', '.join(LOCAL)} is within {REACH:g} m of it; name streets instead", "school"
            )
        return [street]

    def inverse(self, before: Situation) -> RemoveStreetClosure:
        """See `Edit.inverse`."""
        return RemoveStreetClosure(id=self.id)
