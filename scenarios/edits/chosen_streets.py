"""Streets that an edit chooses: by their ids, or by what is drawn over them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from shapely.geometry import MultiLineString

from scenarios.edits.edit import Edit, Name, Points, line_of, polygon_of
from scenarios.problem import EditError
from scenarios.situation import Situation
from scenarios.street_picking import streets_inside, streets_under

SMALLEST = 100.0
"""Area of a polygon that chooses streets, at least. [m²]"""

Ids = Annotated[list[Name], Field(min_length=1, max_length=200_000)]
"""Ids of streets; ``>`` or ``<`` behind one means its one direction, along its line or against it."""
Direction = Literal["both", "along", "against"]
_ENDING = {"along": ">", "against": "<", "both": ""}
_TURNED = {">": "<", "<": ">", "": ""}


class OnStreets(Edit):
    """An edit of streets: those it names, or those under a drawn line, or inside a drawn polygon.

    Attributes
    ----------
    streets : list of str or None
        Ids.
    line : list of points or None
        Streets under it for more than half of their length.
    polygon : list of points or None
        Streets inside it with more than half of their length.
    kinds : list of str or None
        Of the streets that are drawn over, only these kinds (OSM highway values).
    """

    ways_to_choose: ClassVar[tuple[str, ...]] = ("streets", "line", "polygon")
    streets: Ids | None = None
    line: Points | None = None
    polygon: Points | None = None
    kinds: Annotated[list[Name], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_choice(self) -> "OnStreets":
        if sum(getattr(self, name) is not None for name in self.ways_to_choose) != 1:
            *others, last = self.ways_to_choose
            raise ValueError(f"an edit of streets has {', '.join(others)} or {last}; give one of them")
        if self.kinds is not None and self.line is None and self.polygon is None:
            raise ValueError(
                "kinds choose among streets that are drawn over; leave them out, or draw a line or polygon"
            )
        return self

    def chosen(self, situation: Situation) -> list[str]:
        """Ids of the streets, sorted; those named keep what stands behind their id.

        Raises
        ------
        EditError
            The city has no streets, one that is named is not there or named twice, or nothing is under the drawing.
        """
        return [f"{name}{ending}" for name, ending in _pairs(self, situation, "both")]


class OnDirectedStreets(OnStreets):
    """An edit of streets that may mean one direction only.

    Attributes
    ----------
    direction : {"both", "along", "against"}
        Of the drawn line, or else of the streets' own lines; streets with ``>`` or ``<`` behind their id say it.
    """

    direction: Direction = "both"

    def chosen(self, situation: Situation) -> list[str]:
        """See `OnStreets.chosen`; each id with its direction behind it where one is meant."""
        return [f"{name}{ending}" for name, ending in _pairs(self, situation, self.direction)]


def _pairs(edit: OnStreets, situation: Situation, direction: str) -> list[tuple[str, str]]:
    city = situation.city
    if not len(city.links):
        raise EditError("the city has no streets; import them with --streets", _place(edit))
    ending = _ENDING[direction]
    if edit.streets is not None:
        return sorted(named_streets(edit.streets, situation, ending).items())
    if edit.line is not None:
        picked = streets_under(line_of(edit.line, situation), city)
        pairs = [(one.street, ending if one.along else _TURNED[ending]) for one in picked]
        words = "no street runs under it; draw along a street, within 6 m of its axis, over more than half of it"
    else:
        pairs = [(name, ending) for name in streets_inside(polygon_of(edit.polygon or [], situation, SMALLEST), city)]
        words = "no street lies inside it with more than half of its length; draw it larger"
    if edit.kinds is not None and pairs:
        kind = dict(zip(city.links.index, city.links["kind"], strict=True))
        pairs = [pair for pair in pairs if kind[pair[0]] in edit.kinds]
        words = f"no street of the kinds {', '.join(edit.kinds)} is drawn over; widen the drawing or the kinds"
    if not pairs:
        raise EditError(words, _place(edit))
    return sorted(pairs)


def named_streets(names: list[str], situation: Situation, ending: str = "", place: str = "streets") -> dict[str, str]:
    """Ids of streets that an edit names, each with what stands behind it, or ``ending`` where nothing does.

    Raises
    ------
    EditError
        Names the one that is not there, or is named twice, by its place.
    """
    there = set(situation.city.links.index)
    found: dict[str, str] = {}
    for number, name in enumerate(names):
        own, behind = name, ending
        if name not in there and name[-1] in _TURNED:
            own, behind = name[:-1], name[-1]
        if own not in there:
            raise EditError(f"{own!r} is none of the city's streets; name one that is there", f"{place}[{number}]")
        if own in found:
            words = f"{own!r} is named twice; name it once, without > or < for both ways"
            raise EditError(words, f"{place}[{number}]")
        found[own] = behind
    return found


def by_direction(chosen: list[str], situation: Situation) -> list[tuple[Direction, tuple[str, ...]]]:
    """Chosen streets by the direction that stands behind their id: pairs of a direction and its streets, sorted."""
    there = situation.city.links.index
    found: dict[Direction, list[str]] = {"both": [], "along": [], "against": []}
    for name in chosen:
        if name in there:
            found["both"].append(name)
        else:
            found["along" if name[-1] == ">" else "against"].append(name[:-1])
    return [(direction, tuple(sorted(names))) for direction, names in found.items() if names]


def plain(chosen: list[str], situation: Situation) -> tuple[str, ...]:
    """Ids of chosen streets without what stands behind them, sorted."""
    return tuple(sorted(name for _, names in by_direction(chosen, situation) for name in names))


def shape_of(streets: tuple[str, ...], situation: Situation) -> MultiLineString:
    """Axes of some streets, as one geometry."""
    return MultiLineString(situation.city.links.geometry.loc[list(streets)].tolist())


def named(edit: OnStreets, chosen: list[str]) -> OnStreets:
    """The same edit with its streets named: done again, it means the ones it meant."""
    change: dict[str, object] = dict.fromkeys((*edit.ways_to_choose, "kinds")) | {"streets": chosen}
    return edit.model_copy(update=change | ({"direction": "both"} if isinstance(edit, OnDirectedStreets) else {}))


def _place(edit: OnStreets) -> str:
    return next(name for name in edit.ways_to_choose if getattr(edit, name) is not None)
