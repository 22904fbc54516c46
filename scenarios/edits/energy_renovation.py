"""Renovation: buildings with better walls, roofs, floors and windows, tighter, and with heat recovery."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.edits.chosen_buildings import OnBuildings
from scenarios.edits.edit import refuse_taken
from scenarios.edits.energy_buildings import with_works
from scenarios.edits.energy_removal import RemoveRenovation
from scenarios.situation import Situation
from twin.energy_works import Renovation
from twin.renovation_standards import QUANTITIES, renovation_standards

Standard = Literal["light", "deep", "passive"]
"""Keys of ``assets/renovation_standards.csv``."""
OpaqueU = Annotated[float, Field(ge=0.05, le=5)]
"""Of a roof, a wall or a floor. [W m⁻² K⁻¹]"""
WindowU = Annotated[float, Field(ge=0.4, le=7)]
"""[W m⁻² K⁻¹]"""


class Renovate(OnBuildings):
    """Renovate buildings to a standard, or to values; what none of them says stays as it is.

    Attributes
    ----------
    id : str
    buildings, where
        See `OnBuildings`.
    standard : {"light", "deep", "passive"} or None
        Roofs and windows; the whole envelope as the Region asks for it; the whole envelope of a passive house.
    roof_u, wall_u, floor_u : float or None
        0.05 to 5, before the standard. [W m⁻² K⁻¹]
    window_u : float or None
        0.4 to 7. [W m⁻² K⁻¹]
    window_g : float or None
        0.05 to 0.9.
    infiltration : float or None
        Changes of the air by leaks, under usual wind: 0.005 to 3. [h⁻¹]
    heat_recovery : float or None
        Of the fresh air: 0 to 0.95.
    """

    edit: Literal["renovate"] = "renovate"
    standard: Standard | None = None
    roof_u: OpaqueU | None = None
    wall_u: OpaqueU | None = None
    floor_u: OpaqueU | None = None
    window_u: WindowU | None = None
    window_g: Annotated[float, Field(ge=0.05, le=0.9)] | None = None
    infiltration: Annotated[float, Field(ge=0.005, le=3)] | None = None
    heat_recovery: Annotated[float, Field(ge=0, le=0.95)] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.standard is None and not self._own():
            raise ValueError(f"a renovation changes nothing; give a standard or one of {', '.join(QUANTITIES)}")
        return self

    def _own(self) -> dict[str, float]:
        return {name: value for name in QUANTITIES if (value := getattr(self, name)) is not None}

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("renovations", self.id, situation)
        chosen = self.chosen(situation)
        values = (dict(renovation_standards()[self.standard].values) if self.standard else {}) | self._own()
        work = Renovation(self.id, tuple(chosen), **values)
        return with_works(self, "renovations", chosen, [work], situation)

    def inverse(self, before: Situation) -> RemoveRenovation:
        """See `Edit.inverse`."""
        return RemoveRenovation(id=self.id)
