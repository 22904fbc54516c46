"""Buildings that an edit chooses: by their ids, or by what they are."""

from typing import Annotated

from pydantic import BaseModel, Field
from shapely.geometry.base import BaseGeometry

from scenarios.edits.building import Use
from scenarios.edits.edit import Name
from scenarios.forcing import STRICT
from scenarios.problem import EditError
from scenarios.situation import ROOFS, Situation

FLAT = 1.0
"""A roof whose ridge is no more than this above its eaves is taken as flat. [m]"""

Ids = Annotated[list[Name], Field(min_length=1, max_length=200_000)]
"""Ids of buildings."""


class Where(BaseModel):
    """Which buildings: all of these must be so.

    Attributes
    ----------
    uses : list of str or None
        None takes every use.
    smallest_roof_m2 : float
        Roofs smaller than this are left out.
    flat_only : bool
        Leave out roofs whose ridge rises more than 1 m above the eaves, or whose shape is not known.
    """

    model_config = STRICT
    uses: Annotated[list[Use], Field(min_length=1)] | None = None
    smallest_roof_m2: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    flat_only: bool = True


def found(where: Where, situation: Situation) -> list[str]:
    """Ids of the buildings that are so, sorted."""
    table = situation.city.buildings
    fits = table["roof_area"].fillna(0.0) >= where.smallest_roof_m2
    if where.uses is not None:
        fits &= table["use"].isin(where.uses)
    if where.flat_only:
        fits &= (table["ridge_height"] - table["eaves_height"]).fillna(float("inf")) <= FLAT
    return sorted(table.index[fits])


def refuse_strange(buildings: list[str], situation: Situation) -> None:
    """Refuse ids that the city does not have, or that are named twice.

    Raises
    ------
    EditError
        Names the id by its place.
    """
    seen: set[str] = set()
    for number, name in enumerate(buildings):
        if not situation.holds("buildings", name):
            raise EditError(f"{name!r} is none of the city's buildings; name one that is there", f"buildings[{number}]")
        if name in seen:
            raise EditError(f"{name!r} is named twice; name it once", f"buildings[{number}]")
        seen.add(name)


def refuse_doubled(buildings: list[str], part: str, situation: Situation) -> None:
    """Refuse buildings that another edit of the same part has chosen.

    Raises
    ------
    EditError
        Names the building and the other edit.
    """
    taken = {name: one.id for one in situation.added_to(part) for name in one.columns["buildings"]}
    for number, name in enumerate(buildings):
        if name in taken:
            raise EditError(
                f"{name!r} is already among the {part.replace('_', ' ')} of {taken[name]!r}; leave it out, or "
                "take that away first",
                f"buildings[{number}]",
            )


def roofs_chosen(buildings: list[str] | None, where: Where | None, situation: Situation) -> list[str]:
    """Buildings whose roofs an edit makes anew: those it names, or all that are so and have a roof no edit made.

    Raises
    ------
    EditError
        There is none, or one that is named is strange or has a roof that an edit made.
    """
    if where is None:
        chosen = list(buildings or [])
        refuse_strange(chosen, situation)
        for part in ROOFS:
            refuse_doubled(chosen, part, situation)
        return chosen
    taken = {name for part in ROOFS for one in situation.added_to(part) for name in one.columns["buildings"]}
    chosen = [name for name in found(where, situation) if name not in taken]
    if not chosen:
        raise EditError("no building of the city is so, or all have a roof that an edit made; widen it", "where")
    return chosen


def shape_of(buildings: list[str], situation: Situation) -> BaseGeometry:
    """Ground that some buildings cover."""
    shape: BaseGeometry = situation.city.buildings.geometry.loc[buildings].union_all()
    return shape
