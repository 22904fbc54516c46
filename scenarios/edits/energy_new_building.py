"""An exemplary new building: insulated, heated by a heat pump, with modules on its roof."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.edits.building import NewBuilding, Use, Year
from scenarios.edits.energy_renovation import Standard
from scenarios.edits.energy_solar import peak_power
from scenarios.situation import Situation
from twin.energy_works import HeatSupply, Modules, Renovation
from twin.renovation_standards import renovation_standards


class ExemplaryBuilding(NewBuilding):
    """Put up a building that is built to need little and to give much; later edits may give it something else.

    Attributes
    ----------
    id, polygon, height_m, use, year
        See `NewBuilding`.
    standard : {"light", "deep", "passive"}
        As of `Renovate`.
    heat_source : {"ground_heat_pump", "air_heat_pump"}
        With floor heating.
    modules_share : float
        Of the roof that gets enough sun, with the usual modules: 0 (none) to 1.
    """

    edit: Literal["exemplary_building"] = "exemplary_building"
    use: Use = "residential"
    year: Year = 2030
    standard: Standard = "passive"
    heat_source: Literal["ground_heat_pump", "air_heat_pump"] = "ground_heat_pump"
    modules_share: Annotated[float, Field(ge=0, le=1)] = 0.6

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        own = (self.id,)
        values = renovation_standards()[self.standard].values
        works: list[tuple[str, Renovation | HeatSupply | Modules]] = [
            ("renovations", Renovation(self.id, own, **values)),
            ("supplies", HeatSupply(self.id, own, source=self.heat_source, emitter="floor")),
        ]
        if self.modules_share > 0:
            power = peak_power("premium")
            works.append(("modules", Modules(self.id, own, share=self.modules_share, power_per_area=power)))
        return self.built(situation, energy=tuple(works))
