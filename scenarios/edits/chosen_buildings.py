"""Buildings that an edit chooses: by their ids, or by what they are."""

from typing import Annotated, Self

import geopandas as gpd
import pandas as pd
import shapely
from pydantic import BaseModel, Field, model_validator
from shapely.geometry.base import BaseGeometry

from scenarios.edits.building import Use, Year
from scenarios.edits.edit import Edit, Name
from scenarios.forcing import STRICT
from scenarios.problem import EditError
from scenarios.situation import ROOFS, Situation
from twin.city import BUILDING_COLUMNS, complete

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
    year_from, year_to : int or None
        Year of construction, both included; None reaches on.
    unknown_years : bool
        Whether a building of which no year is known counts where a year is asked for.
    sectors : list of str or None
        Ids of statistical sectors; a building belongs where its middle lies.
    owners : list of str or None
        As the city writes them, in capitals or not.
    smallest_roof_m2 : float
        Roofs smaller than this are left out.
    flat_only : bool
        Leave out roofs whose ridge rises more than 1 m above the eaves, or whose shape is not known.
    """

    model_config = STRICT
    uses: Annotated[list[Use], Field(min_length=1)] | None = None
    year_from: Year | None = None
    year_to: Year | None = None
    unknown_years: bool = False
    sectors: Annotated[list[Name], Field(min_length=1, max_length=20_000)] | None = None
    owners: Annotated[list[Name], Field(min_length=1, max_length=1000)] | None = None
    smallest_roof_m2: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    flat_only: bool = True

    @model_validator(mode="after")
    def _years_in_order(self) -> Self:
        if self.year_from is not None and self.year_to is not None and self.year_from > self.year_to:
            raise ValueError(f"no year is from {self.year_from} and up to {self.year_to}; exchange them")
        return self


class AnyRoof(Where):
    """As `Where`, for what asks nothing of a roof: flat or not."""

    flat_only: bool = False


class OnBuildings(Edit):
    """What an edit of buildings has: its own id, and which they are.

    Attributes
    ----------
    id : str
    buildings : list of str or None
        Ids.
    where : AnyRoof or None
        Instead of ``buildings``: all that are so now.
    """

    id: Name
    buildings: Ids | None = None
    where: AnyRoof | None = None

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if (self.buildings is None) == (self.where is None):
            raise ValueError("names either buildings or where; give one of the two")
        return self

    def chosen(self, situation: Situation) -> list[str]:
        """Ids of its buildings, sorted.

        Raises
        ------
        EditError
            There is none, or one that is named is strange.
        """
        if self.where is None:
            refuse_strange(self.buildings or [], situation)
            return sorted(self.buildings or [])
        chosen = found(self.where, situation)
        if not chosen:
            raise EditError("no building of the city is so; widen it", "where")
        return chosen


def found(where: Where, situation: Situation) -> list[str]:
    """Ids of the buildings that are so, sorted.

    Raises
    ------
    EditError
        A sector that the city does not have.
    """
    table = situation.city.buildings
    fits = table["roof_area"].fillna(0.0) >= where.smallest_roof_m2
    if where.uses is not None:
        fits &= table["use"].isin(where.uses)
    if where.flat_only:
        fits &= (table["ridge_height"] - table["eaves_height"]).fillna(float("inf")) <= FLAT
    if where.year_from is not None or where.year_to is not None:
        years = _known(table, "year", situation)
        low, high = where.year_from or float("-inf"), where.year_to or float("inf")
        fits &= years.between(low, high) | (years.isna() & where.unknown_years)
    if where.owners is not None:
        wanted = {name.casefold() for name in where.owners}
        fits &= _known(table, "owner", situation).str.casefold().isin(wanted)
    if where.sectors is not None:
        fits &= _inside(table, where.sectors, situation)
    return sorted(table.index[fits])


def _known(table: gpd.GeoDataFrame, column: str, situation: Situation) -> pd.Series:
    """A column of the buildings, with what edits before said of it."""
    values: pd.Series = complete(table, BUILDING_COLUMNS)[column]
    said = {
        work.building: value
        for one in situation.added_to("building_facts")
        for work in one.columns["works"]
        for name, value in work.values
        if name == column and work.building in table.index
    }
    if said:
        values = values.copy()
        values.loc[list(said)] = list(said.values())
    return values


def _inside(table: gpd.GeoDataFrame, sectors: list[str], situation: Situation) -> pd.Series:
    known = situation.city.sectors
    for number, name in enumerate(sectors):
        if name not in known.index:
            raise EditError(
                f"{name!r} is none of the city's sectors; name one that is there", f"where.sectors[{number}]"
            )
    ground = shapely.union_all(known.geometry.loc[sectors].to_numpy())
    shapely.prepare(ground)
    middles = shapely.point_on_surface(table.geometry.to_numpy())
    return pd.Series(shapely.intersects(ground, middles), index=table.index)


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
