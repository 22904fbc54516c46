"""What heats and cools a building."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.edits.chosen_buildings import OnBuildings
from scenarios.edits.edit import refuse_taken
from scenarios.edits.energy_buildings import with_works
from scenarios.edits.energy_removal import RemoveHeatSupply
from scenarios.situation import Situation
from twin.energy_works import HeatSupply as Supply

Source = Literal["gas_boiler", "oil_boiler", "wood_boiler", "resistance", "air_heat_pump", "ground_heat_pump", "none"]
"""Of `kernels.energy.carriers.HEAT_SOURCES`; a network is an edit of its own."""
Emitter = Literal["radiator", "floor", "air"]
"""Of `kernels.energy.carriers.EMITTERS`."""


class HeatSupply(OnBuildings):
    """Give buildings another source of heat, other radiators, or cooling; a network that heats one goes on doing so.

    Attributes
    ----------
    id : str
    buildings, where
        See `OnBuildings`.
    source : str or None
        ``gas_boiler``, ``oil_boiler``, ``wood_boiler``, ``resistance``, ``air_heat_pump``, ``ground_heat_pump`` or
        ``none``.
    emitter : {"radiator", "floor", "air"} or None
    cover : float
        Share of the design load that a heat pump gives: 0.1 to 1.
    cooled : float or None
        Share of the floor that is cooled actively: 0 to 1.
    """

    edit: Literal["heat_supply"] = "heat_supply"
    source: Source | None = None
    emitter: Emitter | None = None
    cover: Annotated[float, Field(ge=0.1, le=1)] = 1.0
    cooled: Annotated[float, Field(ge=0, le=1)] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.source is None and self.emitter is None and self.cooled is None:
            raise ValueError("changes nothing; give a source, an emitter or cooled")
        if self.cover < 1 and self.source not in ("air_heat_pump", "ground_heat_pump"):
            raise ValueError("cover is the share that a heat pump gives; give the source of one, or leave cover out")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("heat_supplies", self.id, situation)
        chosen = self.chosen(situation)
        work = Supply(self.id, tuple(chosen), self.source, self.emitter, self.cover, self.cooled)
        return with_works(self, "heat_supplies", chosen, [work], situation)

    def inverse(self, before: Situation) -> RemoveHeatSupply:
        """See `Edit.inverse`."""
        return RemoveHeatSupply(id=self.id)
