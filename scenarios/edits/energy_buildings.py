"""What edits of the energy of buildings share: putting their works into the situation."""

from collections.abc import Hashable, Iterable
from typing import Any

import shapely

from scenarios.edits.chosen_buildings import OnBuildings
from scenarios.situation import Added, Situation

KILOWATT_HOUR = 3.6e6
"""[J]"""


def with_works(
    edit: OnBuildings,
    part: str,
    buildings: list[str],
    works: Iterable[Any],
    situation: Situation,
    sets: Iterable[Hashable] | None = None,
) -> Situation:
    """The situation with works of buildings.

    Parameters
    ----------
    edit : OnBuildings
    part : str
        Of `scenarios.situation.ENERGY_PARTS`.
    buildings : list of str
        Chosen, sorted.
    works : iterable of works
    situation : Situation
    sets : iterable, optional
        What it sets, one entry by building and thing: of two edits that set the same, the later holds. Else the
        buildings.
    """
    ground = shapely.geometrycollections(situation.city.buildings.geometry.loc[buildings].to_numpy())
    columns = {
        "works": tuple(works),
        "buildings": frozenset(buildings),
        "sets": frozenset(buildings if sets is None else sets),
    }
    # done again, it is done to the same buildings, whatever has been built since
    again = edit.model_copy(update={"buildings": buildings, "where": None})
    return situation.with_added(part, Added(edit.id, ground, columns, again))
