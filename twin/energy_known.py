"""What each building is made of and who says so: facts of its owner, its archetype by year, or an assumption."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.building_archetypes import archetypes, period_of
from twin.building_facts import FACTS
from twin.city import BUILDING_COLUMNS, LATER_COLUMNS, City, CityError, complete
from twin.energy_works import EnergyWorks

TAGS = ("measured", "archetype", "assumed", "edited")
"""Who says so: somebody who knows the building; the period of a known year; nobody; an edit of the scenario."""
MEASURED, ARCHETYPE, ASSUMED, EDITED = range(len(TAGS))

BY_PERIOD = ("roof_u", "wall_u", "floor_u", "window_u", "window_g", "infiltration")
"""Facts that `twin.building_archetypes` knows by period."""

RENOVATED = (*BY_PERIOD, "heat_recovery")
"""Facts that a renovation changes."""


@dataclass(frozen=True, eq=False)
class Known:
    """Along (building,), in the order of the table.

    Attributes
    ----------
    ids : Index
    table : GeoDataFrame
        Of buildings, with all columns.
    period : (building,) int64
        Place in `twin.building_archetypes.archetypes`.
    values : dict of (building,) float64
        `RENOVATED`, and as far as somebody knows, NaN elsewhere: year, floor_area, dwellings, window_share.
    words : dict of (building,) object
        owner, energy_use, heat_source; empty where nobody knows.
    tags : dict of (building,) int8
        Place in `TAGS`, of every value and word.
    out_of_range : int
        Facts of the table that cannot be, taken for unknown.
    """

    ids: pd.Index
    table: pd.DataFrame
    period: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]
    words: dict[str, NDArray[np.object_]]
    tags: dict[str, NDArray[np.int8]]
    out_of_range: int

    @property
    def count(self) -> int:
        """How many buildings."""
        return len(self.ids)


def known_of(city: City, works: EnergyWorks) -> Known:
    """Gather what is known of buildings: the table, then facts said by edits, then archetypes, then renovations.

    Raises
    ------
    CityError
        Works name a building that the city does not have.
    """
    table = complete(city.buildings, BUILDING_COLUMNS)
    count = len(table)
    values, words, out_of_range = _from_table(table)
    for one in works.facts:
        row = rows_of(table.index, (one.building,))
        for name, value in one.values:
            if FACTS[name].is_number:
                values[name][row] = np.nan if value is None else float(value)
            else:
                words[name][row] = "" if value is None else str(value)
    tags = {name: _tag(np.isfinite(one)) for name, one in values.items()}
    tags |= {name: _tag(one != "") for name, one in words.items()}
    period, unknown_year = period_of(values["year"])
    stock = archetypes()
    for name in BY_PERIOD:
        by_period = np.array([getattr(one, name) for one in stock])[period]
        told = np.isfinite(values[name])
        values[name] = np.where(told, values[name], by_period)
        tags[name] = np.where(told, MEASURED, np.where(unknown_year, ASSUMED, ARCHETYPE)).astype(np.int8)
    values["heat_recovery"] = np.nan_to_num(values["heat_recovery"])  # assumed: fresh air goes out as warm as the room
    for work in works.renovations:
        rows = rows_of(table.index, work.buildings)
        for name in RENOVATED:
            value = getattr(work, name)
            if value is not None:
                # works do not make worse what is better already; glass alone is taken as it comes
                better = {"heat_recovery": np.less, "window_g": np.not_equal}.get(name, np.greater)
                chosen = rows[better(values[name][rows], value)]
                values[name][chosen] = value
                tags[name][chosen] = EDITED
    assert all(one.size == count for one in values.values())
    return Known(table.index, table, period, values, words, tags, out_of_range)


def rows_of(ids: pd.Index, names: tuple[str, ...]) -> NDArray[np.int64]:
    """Rows of buildings by their ids.

    Raises
    ------
    CityError
        One is not there.
    """
    found: NDArray[np.int64] = np.asarray(ids.get_indexer(pd.Index(names, dtype=object)), np.int64)
    if (found < 0).any():
        raise CityError(f"works of energy name the building {names[int(np.argmin(found))]!r}, which the city lacks")
    return found


def _tag(told: NDArray[np.bool_]) -> NDArray[np.int8]:
    return np.where(told, MEASURED, ASSUMED).astype(np.int8)


def _from_table(
    table: pd.DataFrame,
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.object_]], int]:
    """Facts of the table; what cannot be is unknown, and counted."""
    values: dict[str, NDArray[np.float64]] = {}
    words: dict[str, NDArray[np.object_]] = {}
    wrong = 0
    for name, fact in FACTS.items():
        if fact.is_number:
            one = table[name].to_numpy(float).copy()
            off = np.isfinite(one) & ~((one >= fact.low) & (one <= fact.high))
            one[off | ~np.isfinite(one)] = np.nan
            values[name] = one
        else:
            text = table[name].to_numpy(object).copy()
            text[pd.isna(text)] = LATER_COLUMNS[name]
            off = (text != "") & ~np.isin(text.astype(str), fact.choices) if fact.choices else np.zeros(len(text), bool)
            text[off] = ""
            words[name] = text
        wrong += int(off.sum())
    return values, words, wrong
