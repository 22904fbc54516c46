"""Batteries behind the meter and tanks of warm water."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.edits.chosen_buildings import OnBuildings
from scenarios.edits.edit import refuse_taken
from scenarios.edits.energy_buildings import KILOWATT_HOUR, with_works
from scenarios.edits.energy_removal import RemoveBattery, RemoveHeatStore
from scenarios.situation import Situation
from twin.energy_works import Battery as Batteries
from twin.energy_works import ThermalStore

LITRE_OF_HEAT = 4186.0 * 30.0
"""What a litre of a tank holds: water, 4,186 J kg⁻¹ K⁻¹, between a full and an empty tank 30 K apart (assumed, as
from 35 to 65 °C). [J]"""


class Battery(OnBuildings):
    """Put batteries behind the meters of buildings.

    Attributes
    ----------
    id : str
    buildings, where
        See `OnBuildings`.
    kwh_per_building : float
        0 to 10,000.
    kwh_per_kwp : float
        More, by peak power of the building's modules: 0 to 20.
    hours : float
        Time to fill or empty it at full power: 0.25 to 24.
    """

    edit: Literal["battery"] = "battery"
    kwh_per_building: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    kwh_per_kwp: Annotated[float, Field(ge=0, le=20)] = 1.0
    hours: Annotated[float, Field(ge=0.25, le=24)] = 2.0

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if self.kwh_per_building == 0 and self.kwh_per_kwp == 0:
            raise ValueError("a battery holds nothing; give kwh_per_building or kwh_per_kwp")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("batteries", self.id, situation)
        chosen = self.chosen(situation)
        per_building = self.kwh_per_building * KILOWATT_HOUR
        work = Batteries(self.id, tuple(chosen), per_building, self.kwh_per_kwp * 3600.0, self.hours)
        return with_works(self, "batteries", chosen, [work], situation)

    def inverse(self, before: Situation) -> RemoveBattery:
        """See `Edit.inverse`."""
        return RemoveBattery(id=self.id)


class HeatStore(OnBuildings):
    """Put tanks of warm water into buildings.

    Attributes
    ----------
    id : str
    buildings, where
        See `OnBuildings`.
    litres_per_m2 : float or None
        By heated floor: above 0 to 100; a litre holds what 30 K of it give.
    kwh_per_m2 : float or None
        Instead: above 0 to 4.
    """

    edit: Literal["heat_store"] = "heat_store"
    litres_per_m2: Annotated[float, Field(gt=0, le=100)] | None = None
    kwh_per_m2: Annotated[float, Field(gt=0, le=4)] | None = None

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.litres_per_m2 is None) == (self.kwh_per_m2 is None):
            raise ValueError("a heat store has either litres_per_m2 or kwh_per_m2; give one of the two")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("heat_stores", self.id, situation)
        chosen = self.chosen(situation)
        heat = (self.litres_per_m2 or 0.0) * LITRE_OF_HEAT + (self.kwh_per_m2 or 0.0) * KILOWATT_HOUR
        return with_works(self, "heat_stores", chosen, [ThermalStore(self.id, tuple(chosen), heat)], situation)

    def inverse(self, before: Situation) -> RemoveHeatStore:
        """See `Edit.inverse`."""
        return RemoveHeatStore(id=self.id)
