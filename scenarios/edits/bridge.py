"""New bridges: a street between two crossings that had none."""

from typing import Annotated, Literal

import numpy as np
import shapely
from pydantic import Field
from shapely.geometry import LineString

from scenarios.edits.edit import Edit, Name, Points, line_of, refuse_taken
from scenarios.edits.street_removal import RemoveBridge
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.city import LATER_COLUMNS, LINK_COLUMNS, City
from twin.streets import DEFAULTS

REACH = 15.0
"""A bridge lands at the nearest crossing to each of its ends, no further away. [m]"""

Kind = Literal[
    "primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "busway", "pedestrian",
    "cycleway", "path", "footway", "steps",
]  # fmt: skip


class Bridge(Edit):
    """Build a bridge: one more street, open to whom its kind lets in.

    Attributes
    ----------
    id : str
        Of the new street.
    line : list of points
        From a crossing to another one, each end within 15 m of it.
    kind : str
        OSM highway value.
    lanes : int or None
        Of both directions together: 1 to 8; None is as is usual for the kind.
    speed_km_h : float or None
        5 to 120; None is as is usual for the kind.
    width_m : float or None
        1 to 60; None is what its lanes take.
    oneway : bool
        From the start of the line to its end.
    name : str
    """

    edit: Literal["bridge"] = "bridge"
    id: Name
    line: Points
    kind: Kind
    lanes: Annotated[int, Field(ge=1, le=8)] | None = None
    speed_km_h: Annotated[float, Field(ge=5, le=120)] | None = None
    width_m: Annotated[float, Field(ge=1, le=60)] | None = None
    oneway: bool = False
    name: Annotated[str, Field(max_length=200)] = ""

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("links", self.id, situation)
        if self.id[-1] in "<>":
            raise EditError(f"{self.id!r} ends like a direction of a street; give another one", "id")
        line = line_of(self.line, situation)
        start, end = _landing(line, situation.city)
        (first, from_), (last, to) = start, end
        if first == last:
            raise EditError(f"lands twice at the crossing {first!r}; draw it from one to another", "line")
        axis = LineString([from_, *self.line[1:-1], to])
        usual_lanes, lane_width, usual_speed = DEFAULTS[self.kind]
        lanes = self.lanes or (max(usual_lanes // 2, 1) if self.oneway else usual_lanes)
        said = {"lanes": self.lanes, "width": self.width_m, "speed": self.speed_km_h}
        columns = {name: LATER_COLUMNS.get(name) for name in LINK_COLUMNS} | {
            "start": first, "end": last, "kind": self.kind, "name_fr": self.name, "name_nl": self.name,
            "lanes": lanes, "width": self.width_m or lanes * lane_width, "speed": self.speed_km_h or usual_speed,
            "oneway": self.oneway, "assumed": " ".join(name for name, value in said.items() if value is None),
        }  # fmt: skip
        return situation.with_added("links", Added(self.id, axis, columns, self))

    def inverse(self, before: Situation) -> RemoveBridge:
        """See `Edit.inverse`."""
        return RemoveBridge(id=self.id)


def _landing(line: LineString, city: City) -> tuple[tuple[str, tuple[float, float]], tuple[str, tuple[float, float]]]:
    """Crossings where both ends of a line land: their ids and places."""
    if not len(city.links):
        raise EditError("the city has no streets to land at; import them with --streets", "line")
    axes = city.links.geometry.to_numpy()
    names = np.concatenate([city.links["start"].to_numpy(object), city.links["end"].to_numpy(object)])
    places = shapely.get_coordinates([*shapely.get_point(axes, 0), *shapely.get_point(axes, -1)])
    found = []
    for place, (x, y) in (("line[0]", line.coords[0]), (f"line[{len(line.coords) - 1}]", line.coords[-1])):
        away = np.hypot(places[:, 0] - x, places[:, 1] - y)
        nearest = int(np.argmin(away))
        if away[nearest] > REACH:
            raise EditError(
                f"the nearest crossing, {names[nearest]!r}, is {away[nearest]:.1f} m away; end it within {REACH:g} m "
                f"of ({places[nearest, 0]:.1f}, {places[nearest, 1]:.1f})",
                place,
            )
        found.append((str(names[nearest]), (float(places[nearest, 0]), float(places[nearest, 1]))))
    return found[0], found[1]
