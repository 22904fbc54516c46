"""What all edits are: a part of a document that turns one situation into another, and can be undone."""

from typing import Annotated

from pydantic import BaseModel, Field
from shapely.geometry import LineString, Polygon
from shapely.validation import explain_validity

from scenarios.forcing import STRICT
from scenarios.problem import EditError
from scenarios.situation import Situation

MAX_VERTICES = 5000
"""Corners that one geometry may have."""

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Id of an object; without control characters."""
Point = Annotated[list[float], Field(min_length=2, max_length=2)]
"""Easting and northing in Lambert 72. [m]"""
Points = list[Point]


class Edit(BaseModel):
    """One change of the city or of what drives it."""

    model_config = STRICT

    def apply(self, situation: Situation) -> Situation:
        """The situation after the change.

        Raises
        ------
        EditError
            The change is outside its limits; names the field, the reason and the remedy.
        """
        raise NotImplementedError

    def inverse(self, before: Situation) -> "Edit":
        """The edit that undoes this one.

        Parameters
        ----------
        before : Situation
            As it was when this edit was applied.
        """
        raise NotImplementedError


def point_of(point: Point, situation: Situation) -> tuple[float, float]:
    """A drawn point, inside the city.

    Raises
    ------
    EditError
    """
    _refuse_outside([point], situation, "point", numbered=False)
    return point[0], point[1]


def line_of(points: Points, situation: Situation) -> LineString:
    """A drawn line, within its limits.

    Raises
    ------
    EditError
        Too few or too many corners, no length, or outside the city.
    """
    _refuse_count(points, 2, "line")
    line = LineString(points)
    if line.length < 0.1:
        raise EditError(f"is {line.length:g} m long; draw at least 0.1 m", "line")
    _refuse_outside(points, situation, "line")
    return line


def polygon_of(points: Points, situation: Situation, smallest: float) -> Polygon:
    """A drawn polygon, within its limits.

    Parameters
    ----------
    points : list of points
        Corners; the last may repeat the first.
    situation : Situation
    smallest : float
        Area it must have. [m²]

    Raises
    ------
    EditError
        Too few or too many corners, self-crossing, too small, or outside the city.
    """
    corners = points[:-1] if len(points) > 3 and points[0] == points[-1] else points
    _refuse_count(corners, 3, "polygon")
    polygon = Polygon(corners)
    if not polygon.is_valid:
        raise EditError(f"crosses or touches itself ({explain_validity(polygon)}); draw it anew", "polygon")
    if polygon.area < smallest:
        raise EditError(f"covers {polygon.area:.3g} m², expected at least {smallest:g} m²; draw it larger", "polygon")
    _refuse_outside(corners, situation, "polygon")
    return polygon


def refuse_taken(part: str, name: str, situation: Situation) -> None:
    """Refuse an id that the part of the city has, or had as imported.

    Raises
    ------
    EditError
    """
    if situation.holds(part, name) or situation.has_imported(part, name):
        raise EditError(f"{name!r} is already the id of one of the {_words(part)}; give another one", "id")


def refuse_missing(part: str, name: str, situation: Situation) -> None:
    """Refuse an id that the part of the city does not have.

    Raises
    ------
    EditError
    """
    if not situation.holds(part, name):
        gone = (part, name) in situation.removed
        why = "was already taken away by an edit before this one" if gone else f"is none of the city's {_words(part)}"
        raise EditError(f"{name!r} {why}; name one that is there", "id")


def _words(part: str) -> str:
    return part.replace("_", " ") + ("s" if part == "land_cover" else "")


def _refuse_count(points: Points, fewest: int, place: str) -> None:
    if not fewest <= len(points) <= MAX_VERTICES:
        raise EditError(f"has {len(points)} corners, expected {fewest} to {MAX_VERTICES:,}; simplify it", place)


def _refuse_outside(points: Points, situation: Situation, place: str, *, numbered: bool = True) -> None:
    west, south, east, north = situation.base.bounds
    for number, (x, y) in enumerate(points):
        if not (west <= x <= east and south <= y <= north):
            raise EditError(
                f"({x:g}, {y:g}) is outside the city, which lies in {west:g} to {east:g}, {south:g} to {north:g} "
                "(Lambert 72, metres); move it inside",
                f"{place}[{number}]" if numbered else place,
            )
