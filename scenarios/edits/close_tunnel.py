"""Road tunnels closed."""

from typing import Literal

from pydantic import Field, model_validator

from scenarios.clock import Days, Hours, clock_of, every_day, every_hour
from scenarios.edits.chosen_streets import Ids, named_streets, shape_of
from scenarios.edits.edit import Edit, Name, refuse_taken
from scenarios.edits.street_removal import RemoveStreetClosure
from scenarios.edits.travel_modes import ALL
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.street_works import StreetClosure
from twin.streets import BELOW


class CloseTunnel(Edit):
    """Close a tunnel to everybody, both ways.

    Attributes
    ----------
    id : str
    streets : list of str or None
        Ids of its streets, which run below the ground.
    name : str or None
        Instead of ``streets``: all streets below the ground of this name, in French or Dutch.
    hours : list of str
        Such as ``22:00-06:00``, by the clock of Brussels.
    days : list of str
        ``mon`` to ``sun``, on which the hours begin.
    emergency : bool
        Whether fire engines and ambulances pass nevertheless.
    """

    edit: Literal["close_tunnel"] = "close_tunnel"
    id: Name
    streets: Ids | None = None
    name: Name | None = None
    hours: Hours = Field(default_factory=every_hour)
    days: Days = Field(default_factory=every_day)
    emergency: bool = False

    @model_validator(mode="after")
    def _one_choice(self) -> "CloseTunnel":
        if (self.streets is None) == (self.name is None):
            raise ValueError("a tunnel is chosen by its streets or by its name; give one of the two")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("street_closures", self.id, situation)
        streets = tuple(sorted(self._chosen(situation)))
        work = StreetClosure(
            self.id, streets, tuple(sorted(ALL)), "both", clock_of(self.hours, self.days), self.emergency
        )
        again = self.model_copy(update={"streets": list(streets), "name": None})
        return situation.with_added(
            "street_closures", Added(self.id, shape_of(streets, situation), {"works": (work,)}, again)
        )

    def _chosen(self, situation: Situation) -> list[str]:
        links = situation.city.links
        below = links[links["kind"].str.endswith(BELOW).to_numpy(bool)]
        if self.streets is not None:
            found = list(named_streets(self.streets, situation))
            for number, street in enumerate(found):
                if street not in below.index:
                    raise EditError(
                        f"{street!r} does not run below the ground; close it with close_street", f"streets[{number}]"
                    )
            return found
        wanted = (self.name or "").casefold()
        fits = [
            wanted in (fr.casefold(), nl.casefold()) for fr, nl in zip(below["name_fr"], below["name_nl"], strict=True)
        ]
        if not any(fits):
            names = sorted({name for name in below["name_fr"] if name})
            known = f"there are {', '.join(names[:10])}" if names else "no tunnel of the city has a name"
            raise EditError(f"no street below the ground is called {self.name!r}; {known}", "name")
        return [str(name) for name in below.index[fits]]

    def inverse(self, before: Situation) -> RemoveStreetClosure:
        """See `Edit.inverse`."""
        return RemoveStreetClosure(id=self.id)
