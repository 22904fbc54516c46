"""What is known of buildings, said in a scenario in place of their archetype."""

import math
from typing import Annotated, Any, Literal

import shapely
from pydantic import BaseModel, Field, PlainValidator

from scenarios.edits.edit import Edit, Name, refuse_taken
from scenarios.edits.energy_removal import RemoveBuildingFacts
from scenarios.forcing import STRICT
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.building_facts import fact_of
from twin.city import CityError
from twin.energy_works import Facts

LONGEST = 200
"""Characters that words may have."""


def _number_or_words(value: Any) -> float | str:
    """One check, so that a mistake is told at the value and not at one of two types it might have had."""
    if isinstance(value, str) and 0 < len(value) <= LONGEST:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    raise ValueError(f"is {value!r:.50}, expected a finite number or 1 to {LONGEST} characters")


Value = Annotated[float | str, PlainValidator(_number_or_words, json_schema_input_type=float | str)]


class FactsOfBuilding(BaseModel):
    """One row: a building and what is known of it.

    Attributes
    ----------
    building : str
        Id.
    values : dict
        By the columns of `twin.building_facts.FACTS`, such as ``year``, ``wall_u``, ``heat_source``.
    """

    model_config = STRICT
    building: Name
    values: Annotated[dict[str, Value], Field(min_length=1)]


class BuildingFacts(Edit):
    """Say what is known of buildings; of the same thing of the same building, what was said later holds.

    Attributes
    ----------
    id : str
    rows : list of rows
        Each building once.
    """

    edit: Literal["building_facts"] = "building_facts"
    id: Name
    rows: Annotated[list[FactsOfBuilding], Field(min_length=1, max_length=200_000)]

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("building_facts", self.id, situation)
        table = situation.city.buildings
        works: dict[str, Facts] = {}
        for number, row in enumerate(self.rows):
            if row.building not in table.index:
                raise EditError(
                    f"{row.building!r} is none of the city's buildings; name one that is there",
                    f"rows[{number}].building",
                )
            if row.building in works:
                raise EditError(f"{row.building!r} is named twice; name it once", f"rows[{number}].building")
            works[row.building] = Facts(self.id, row.building, _values(row, f"rows[{number}].values"))
        columns = {
            "works": tuple(works[name] for name in sorted(works)),
            "buildings": frozenset(works),
            "sets": frozenset((one.building, name) for one in works.values() for name, _ in one.values),
        }
        ground = shapely.geometrycollections(table.geometry.loc[sorted(works)].to_numpy())
        return situation.with_added("building_facts", Added(self.id, ground, columns, self))

    def inverse(self, before: Situation) -> RemoveBuildingFacts:
        """See `Edit.inverse`."""
        return RemoveBuildingFacts(id=self.id)


def _values(row: FactsOfBuilding, place: str) -> tuple[tuple[str, float | str], ...]:
    found: list[tuple[str, float | str]] = []
    for name in sorted(row.values):
        try:
            found.append((name, fact_of(name, row.values[name])))
        except CityError as error:
            raise EditError(str(error), f"{place}.{name}") from error
    return tuple(found)
