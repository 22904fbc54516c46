"""Storm tanks: closed basins beside the sewer, filled over a weir and emptied by a pump."""

from typing import Annotated, Literal

import shapely
from pydantic import Field

from scenarios.edits.edit import Edit, Name, Point, point_of, refuse_taken
from scenarios.edits.removal import RemoveStormTank
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.city import CityError


class StormTank(Edit):
    """Build a storm tank beside the nearest manhole of the city's drain network.

    Attributes
    ----------
    id : str
    point : list of float
        Inside the city.
    volume_m3 : float
        1 to 1e6.
    depth_m : float
        Of its floor below the manhole's cover: 1 to 30.
    weir_length_m : float
        Crest over which the sewer spills into it, halfway up the manhole: 0.5 to 200.
    pump_l_s : float
        Pumped back into the sewer: 0 to 10 000 litres a second.
    """

    edit: Literal["storm_tank"] = "storm_tank"
    id: Name
    point: Point
    volume_m3: Annotated[float, Field(ge=1, le=1e6)]
    depth_m: Annotated[float, Field(ge=1, le=30)] = 5.0
    weir_length_m: Annotated[float, Field(ge=0.5, le=200)] = 5.0
    pump_l_s: Annotated[float, Field(ge=0, le=10_000)] = 10.0

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("storm_tanks", self.id, situation)
        x, y = point_of(self.point, situation)
        if situation.base.drains is None:
            raise EditError(
                "the city has no drain network to relieve; import one, or dig a basin in the open instead", "point"
            )
        columns = {
            "x": x,
            "y": y,
            "area": self.volume_m3 / self.depth_m,
            "depth": self.depth_m,
            "weir_length": self.weir_length_m,
            "pump": self.pump_l_s / 1000,
        }
        added = situation.with_added("storm_tanks", Added(self.id, shapely.Point(x, y), columns, self))
        try:
            added.city.part_digest("drains")
        except CityError as error:
            raise EditError(str(error), "id") from error
        return added

    def inverse(self, before: Situation) -> RemoveStormTank:
        """See `Edit.inverse`."""
        return RemoveStormTank(id=self.id)
