"""Trips that a document can ask for: the synthetic demand of a city, with what of it can be chosen."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from scenarios.storms import STRICT
from twin.city import CityError
from twin.travel_day import DemandModel

Share = Annotated[float, Field(ge=0, le=1)]
"""Part of a whole. [1]"""


class Travel(BaseModel):
    """Synthetic trips: residents and jobs by sector, gravity, shares of modes, hours of the day, through traffic.

    Attributes
    ----------
    kind : {"synthetic"}
    day : {"calendar", "weekday", "saturday", "sunday"}
        The kind of day whose hours are taken; ``calendar`` is that of the period.
    scale : float
        Of all trips, 0 to 5.
    trips_per_person : float or None
        A day; None takes that of the table.
    mode_shares : dict
        Of the trips of residents: ``foot``, ``car``, ``transit``, ``bike``, ``other``; those not named share out what
        is left as before.
    through : bool
        Whether there is traffic that only passes.
    most_rows : int
        Pairs of nodes, modes and hours, at most.
    """

    model_config = STRICT
    kind: Literal["synthetic"] = "synthetic"
    day: Literal["calendar", "weekday", "saturday", "sunday"] = "calendar"
    scale: Annotated[float, Field(ge=0, le=5)] = 1.0
    trips_per_person: Annotated[float, Field(ge=0, le=20)] | None = None
    mode_shares: dict[str, Share] = {}
    through: bool = True
    most_rows: Annotated[int, Field(ge=100, le=2_000_000)] = 60_000

    @model_validator(mode="after")
    def _adds_up(self) -> "Travel":
        try:
            self.model().shares()
        except CityError as error:
            raise ValueError(str(error)) from error
        return self

    def model(self) -> DemandModel:
        """As the twin reads it."""
        return DemandModel(
            day=self.day,
            scale=self.scale,
            trips_per_person=self.trips_per_person,
            mode_shares=self.mode_shares,
            through=self.through,
            most_rows=self.most_rows,
        )

    def identity(self) -> dict[str, Any]:
        """What a result depends on."""
        return self.model_dump()
