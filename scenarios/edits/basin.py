"""Storm basins in the open: a level floor below the ground, that holds a volume before it spills."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scenarios.edits.edit import Points
from scenarios.edits.patch import Patch, dug_patch
from scenarios.problem import EditError
from scenarios.situation import Situation
from twin.works import GroundWork

DEEPEST = 10.0
"""Mean depth that a basin may have. [m]"""
COVERS = {"infiltration": "lawn", "slow_drain": "paving"}
"""A basin that is to infiltrate is grass on soil; one that drains slowly is lined, so its pipe alone empties it."""


class Basin(Patch):
    """Dig a basin.

    Attributes
    ----------
    id : str
    polygon : list of points
        Inside the city, beside buildings, at least 1 m².
    depth_m : float or None
        Of the floor below the lowest ground around: 0.1 to 10.
    volume_m3 : float or None
        Instead of ``depth_m``: what it holds before it spills, up to a mean depth of 10 m.
    outlet : {"infiltration", "slow_drain"}
        By which way it empties again.
    drain_l_s : float
        Most that the pipe of a slow drain takes: 0.1 to 10 000 litres a second.
    """

    edit: Literal["basin"] = "basin"
    polygon: Points
    depth_m: Annotated[float, Field(ge=0.1, le=DEEPEST)] | None = None
    volume_m3: Annotated[float, Field(gt=0, le=1e7)] | None = None
    outlet: Literal["infiltration", "slow_drain"] = "infiltration"
    drain_l_s: Annotated[float, Field(ge=0.1, le=10_000)] = 5.0

    @model_validator(mode="after")
    def _one_size(self) -> "Basin":
        if (self.depth_m is None) == (self.volume_m3 is None):
            raise ValueError("a basin has either depth_m or volume_m3; give one of the two")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        shape = dug_patch(self, self.polygon, situation)
        volume = self.volume_m3 if self.volume_m3 is not None else (self.depth_m or 0.0) * shape.area
        if volume > DEEPEST * shape.area:
            raise EditError(
                f"{volume:g} m³ on {shape.area:.1f} m² are {volume / shape.area:.1f} m deep, at most {DEEPEST:g} m; "
                "draw the basin larger",
                "volume_m3",
            )
        drains = self.drain_l_s / 1000 if self.outlet == "slow_drain" else 0.0
        work = GroundWork(self.id, shape, holds=volume, drains=drains)
        return self.lay(situation, shape, COVERS[self.outlet], work)
