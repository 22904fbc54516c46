"""What people do: vehicles that they charge at home, and how warm they have it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.edits.chosen_buildings import OnBuildings
from scenarios.edits.edit import refuse_taken
from scenarios.edits.energy_buildings import with_works
from scenarios.edits.energy_removal import RemoveSetPoints, RemoveVehicleShare
from scenarios.situation import Situation
from twin.energy_works import SetPoints as Points
from twin.energy_works import Vehicles

Change = Annotated[float, Field(ge=-5, le=5)]
"""[K]"""


class VehicleShare(OnBuildings):
    """Let a share of the residents' cars be electric and charge at home.

    Attributes
    ----------
    id : str
    buildings, where
        See `OnBuildings`.
    share : float
        Of the cars of their dwellings: 0 to 1.
    flexible_hours : float
        How long charging may wait for sun or for a better price: 0 (it begins on arrival) to 24.
    """

    edit: Literal["vehicle_share"] = "vehicle_share"
    share: Annotated[float, Field(ge=0, le=1)]
    flexible_hours: Annotated[float, Field(ge=0, le=24)] = 0.0

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("electric_vehicles", self.id, situation)
        chosen = self.chosen(situation)
        work = Vehicles(self.id, tuple(chosen), self.share, self.flexible_hours * 3600.0)
        return with_works(self, "electric_vehicles", chosen, [work], situation)

    def inverse(self, before: Situation) -> RemoveVehicleShare:
        """See `Edit.inverse`."""
        return RemoveVehicleShare(id=self.id)


class SetPoints(OnBuildings):
    """Heat or cool to another temperature than is usual for the use.

    Attributes
    ----------
    id : str
    buildings, where
        See `OnBuildings`.
    heating_k, cooling_k : float
        So much warmer, or colder below 0: -5 to 5.
    """

    edit: Literal["set_points"] = "set_points"
    heating_k: Change = 0.0
    cooling_k: Change = 0.0

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.heating_k == 0 and self.cooling_k == 0:
            raise ValueError("changes nothing; give heating_k or cooling_k")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("set_points", self.id, situation)
        chosen = self.chosen(situation)
        work = Points(self.id, tuple(chosen), self.heating_k, self.cooling_k)
        return with_works(self, "set_points", chosen, [work], situation)

    def inverse(self, before: Situation) -> RemoveSetPoints:
        """See `Edit.inverse`."""
        return RemoveSetPoints(id=self.id)
