"""Photovoltaic modules on roofs and facades."""

from typing import Annotated, Literal

from pydantic import Field

from kernels.energy.photovoltaics import MODULES, REFERENCE_IRRADIANCE
from scenarios.edits.chosen_buildings import OnBuildings
from scenarios.edits.edit import refuse_taken
from scenarios.edits.energy_buildings import KILOWATT_HOUR, with_works
from scenarios.edits.energy_removal import RemoveSolarModules
from scenarios.situation import Situation
from twin.energy_works import Modules

Module = Literal["standard", "premium", "thin_film"]
"""Keys of `kernels.energy.photovoltaics.MODULES`."""


class SolarModules(OnBuildings):
    """Put modules on the roofs or on the facades of buildings, the sunniest parts first.

    Attributes
    ----------
    id : str
    buildings, where
        See `OnBuildings`.
    on : {"roofs", "facades"}
    share : float
        Of the area that gets enough sun: 0.01 to 1.
    least_irradiation_kwh_m2 : float
        Parts that get less in a year carry none: 0 to 1,500.
    module : {"standard", "premium", "thin_film"}
    power_w_m2 : float or None
        Peak power by area of module: 20 to 400; as the module's efficiency has it where not said.
    """

    edit: Literal["solar_modules"] = "solar_modules"
    on: Literal["roofs", "facades"] = "roofs"
    share: Annotated[float, Field(ge=0.01, le=1)] = 0.6
    least_irradiation_kwh_m2: Annotated[float, Field(ge=0, le=1500)] = 650.0
    module: Module = "premium"
    power_w_m2: Annotated[float, Field(ge=20, le=400)] | None = None

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("solar_modules", self.id, situation)
        chosen = self.chosen(situation)
        work = Modules(
            self.id,
            tuple(chosen),
            on=self.on,
            share=self.share,
            least_irradiation=self.least_irradiation_kwh_m2 * KILOWATT_HOUR,
            module=self.module,
            power_per_area=peak_power(self.module) if self.power_w_m2 is None else self.power_w_m2,
        )
        return with_works(self, "solar_modules", chosen, [work], situation, [(self.on, name) for name in chosen])

    def inverse(self, before: Situation) -> RemoveSolarModules:
        """See `Edit.inverse`."""
        return RemoveSolarModules(id=self.id)


def peak_power(module: Module) -> float:
    """Power of a module in the standard test conditions, by its area. [W m⁻²]"""
    return MODULES[module][0] * REFERENCE_IRRADIANCE
