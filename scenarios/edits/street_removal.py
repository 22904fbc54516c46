"""Taking back what edits did to streets."""

from typing import Literal

from scenarios.edits.removal import Removal


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
