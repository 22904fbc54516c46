"""Taking back what edits did to energy."""

from typing import Literal

from scenarios.edits.removal import Removal
from scenarios.problem import EditError
from scenarios.situation import Situation


class RemoveRenovation(Removal):
    """Give buildings back the walls, roofs and windows they had."""

    part = "renovations"
    edit: Literal["remove_renovation"] = "remove_renovation"


class RemoveSolarModules(Removal):
    """Take modules down."""

    part = "solar_modules"
    edit: Literal["remove_solar_modules"] = "remove_solar_modules"


class RemoveHeatSupply(Removal):
    """Give buildings back the source of heat they had."""

    part = "heat_supplies"
    edit: Literal["remove_heat_supply"] = "remove_heat_supply"


class RemoveHeatNetwork(Removal):
    """Take a network of heat away; what feeds it goes first."""

    part = "heat_networks"
    edit: Literal["remove_heat_network"] = "remove_heat_network"

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        for part, remedy in (("geothermal_fields", "remove_geothermal_field"), ("sewer_sources", "remove_sewer_heat")):
            for one in situation.added_to(part):
                if any(work.network == self.id for work in one.columns["works"]):
                    raise EditError(f"{self.id!r} is fed by {one.id!r}; take that away first with {remedy}", "id")
        return super().apply(situation)


class RemoveGeothermalField(Removal):
    """Take boreholes away."""

    part = "geothermal_fields"
    edit: Literal["remove_geothermal_field"] = "remove_geothermal_field"


class RemoveSewerHeat(Removal):
    """Take no heat from a sewer any more."""

    part = "sewer_sources"
    edit: Literal["remove_sewer_heat"] = "remove_sewer_heat"


class RemoveBattery(Removal):
    """Take batteries away."""

    part = "batteries"
    edit: Literal["remove_battery"] = "remove_battery"


class RemoveHeatStore(Removal):
    """Take tanks of warm water away."""

    part = "heat_stores"
    edit: Literal["remove_heat_store"] = "remove_heat_store"


class RemoveVehicleShare(Removal):
    """Let vehicles charge at home no more than before."""

    part = "electric_vehicles"
    edit: Literal["remove_vehicle_share"] = "remove_vehicle_share"


class RemoveSetPoints(Removal):
    """Heat and cool to where it was before."""

    part = "set_points"
    edit: Literal["remove_set_points"] = "remove_set_points"


class RemoveBuildingFacts(Removal):
    """Forget what an edit said of buildings."""

    part = "building_facts"
    edit: Literal["remove_building_facts"] = "remove_building_facts"
