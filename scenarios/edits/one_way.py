"""Streets with another direction."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from scenarios.edits.chosen_streets import Direction, OnDirectedStreets, by_direction, named, plain, shape_of
from scenarios.edits.edit import Name, refuse_taken
from scenarios.edits.street_removal import RemoveOneWay
from scenarios.edits.travel_modes import Mode, Spared
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.street_works import OneWay as Turned


def _bike_and_foot() -> list[Mode]:
    return ["bike", "foot"]


class OneWay(OnDirectedStreets):
    """Make streets one-way, turn them round, or open them both ways.

    Attributes
    ----------
    id : str
    direction : {"along", "against", "both"}
        Of the drawn line, or else of the streets' own lines; ``both`` opens a one-way street both ways.
    spared : list of str
        Modes that go both ways nevertheless.
    """

    edit: Literal["one_way"] = "one_way"
    id: Name
    direction: Direction = "along"
    spared: Spared = Field(default_factory=_bike_and_foot)

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("one_ways", self.id, situation)
        chosen = self.chosen(situation)
        streets = plain(chosen, situation)
        refuse_turned(streets, situation, "streets" if self.streets is not None else "line" if self.line else "polygon")
        spared = tuple(sorted(self.spared))
        works = tuple(Turned(self.id, group, direction, spared) for direction, group in by_direction(chosen, situation))
        added = Added(self.id, shape_of(streets, situation), {"works": works}, named(self, chosen))
        return situation.with_added("one_ways", added)

    def inverse(self, before: Situation) -> RemoveOneWay:
        """See `Edit.inverse`."""
        return RemoveOneWay(id=self.id)


def refuse_turned(streets: Iterable[str], situation: Situation, place: str) -> None:
    """Refuse streets whose direction another edit has changed: two directions contradict.

    Raises
    ------
    EditError
        Names the street and the other edit.
    """
    turned = {street: work.id for work in situation.street_works.one_ways for street in work.streets}
    for street in streets:
        if street in turned:
            raise EditError(
                f"the direction of {street!r} was changed by {turned[street]!r}; leave it out, or take that away first",
                place,
            )
