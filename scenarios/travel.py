"""Trips that a document can ask for: the synthetic demand of a city, with what of it can be chosen."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from scenarios.attached import FileName, Sha256
from scenarios.storms import STRICT
from twin.city import CityError
from twin.travel_day import DemandModel

Share = Annotated[float, Field(ge=0, le=1)]
"""Part of a whole. [1]"""


class Counts(BaseModel):
    """Counts of vehicles that trips are adjusted to, by least squares; how near they come is kept as GEH.

    Attributes
    ----------
    file : str
        In the folder of inputs; a table as `twin.travel_counts.read_counts` reads it.
    sha256 : str
        Of its bytes.
    trust : float
        In the trips as they are, against the counts: 0.01 to 100. [1]
    """

    model_config = STRICT
    file: FileName
    sha256: Sha256
    trust: Annotated[float, Field(ge=0.01, le=100)] = 1.0


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
    counts : Counts or None
        Counters of the period.
    elasticity : float or None
        Of car trips to the time they take, against the streets before the edits: -0.5 makes 5 % fewer trips where
        they take 10 % longer. None keeps all trips. [1]
    """

    model_config = STRICT
    kind: Literal["synthetic"] = "synthetic"
    day: Literal["calendar", "weekday", "saturday", "sunday"] = "calendar"
    scale: Annotated[float, Field(ge=0, le=5)] = 1.0
    trips_per_person: Annotated[float, Field(ge=0, le=20)] | None = None
    mode_shares: dict[str, Share] = {}
    through: bool = True
    most_rows: Annotated[int, Field(ge=100, le=2_000_000)] = 60_000
    counts: Counts | None = None
    elasticity: Annotated[float, Field(ge=-3, le=0)] | None = None

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
        """What a result depends on; not the name of a file, but its bytes."""
        found = self.model_dump()
        if self.counts is not None:
            found["counts"] = {"sha256": self.counts.sha256, "trust": self.counts.trust}
        return found
