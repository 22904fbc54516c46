"""Taking back what edits did to streets."""

from typing import Literal

from scenarios.edits.removal import Removal
from scenarios.problem import EditError
from scenarios.situation import Situation


class RemoveStreetClosure(Removal):
    """Open streets that an edit closed: by hours, a bollard, a school street, a tunnel or a whole neighbourhood."""

    part = "street_closures"
    edit: Literal["remove_street_closure"] = "remove_street_closure"


class RemoveSpeedLimit(Removal):
    """Give streets back the speed limit they had."""

    part = "speed_limits"
    edit: Literal["remove_speed_limit"] = "remove_speed_limit"


class RemoveTravelDemand(Removal):
    """Let as many people travel as before."""

    part = "demand_changes"
    edit: Literal["remove_travel_demand"] = "remove_travel_demand"


class RemoveOneWay(Removal):
    """Give streets back the direction they had."""

    part = "one_ways"
    edit: Literal["remove_one_way"] = "remove_one_way"


class RemoveBikeLane(Removal):
    """Give cars back the lanes that bicycles or buses got."""

    part = "lane_changes"
    edit: Literal["remove_bike_lane"] = "remove_bike_lane"


class RemoveKerbBays(Removal):
    """Take bays for short stops away."""

    part = "kerb_bays"
    edit: Literal["remove_kerb_bays"] = "remove_kerb_bays"


class RemoveBridge(Removal):
    """Take a bridge away that an edit built, and what edits did to traffic on it."""

    part = "links"
    edit: Literal["remove_bridge"] = "remove_bridge"

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        if situation.has_imported("links", self.id):
            raise EditError(f"{self.id!r} is a street of the city; close it with close_street", "id")
        return super().apply(situation)
