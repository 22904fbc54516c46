"""The same tree in several sources becomes one: the most trusted keeps its place, the others fill in what it lacks."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from twin.city import CRS, TREE_COLUMNS, empty_table
from twin.formats.features import Tally, count
from twin.formats.tree_records import TreeRecord, as_trees
from twin.tree_species import find_species

TRUST = ("heritage", "list", "osm")
"""Sources, the most trusted first; any other comes last."""

SAME = 3.0
"""Trunks nearer than this are the same tree, if nothing is known against it. [m]"""
CERTAIN = 1.0
"""Nearer than this they are the same tree even where the sources name different genera. [m]"""
FARTHEST = 6.0
"""Under a wide crown the trunk may stand within a quarter of the crown's diameter, but no farther off than this. [m]"""

_SIZES = ("height", "crown_diameter", "crown_base", "trunk_diameter")


def merge_trees(tables: Sequence[gpd.GeoDataFrame], tally: Tally | None = None) -> gpd.GeoDataFrame:
    """Join tables of trees; a tree that several sources know is kept once and names them all.

    Two trees of different sources are one if their trunks lie within `SAME`, or within a quarter of the more trusted
    crown's diameter up to `FARTHEST`, and their genera agree or one is unknown; each tree finds at most one partner in
    each other source, the nearest first. Trees of one source are never merged: a row of planes stands 5 m apart.

    Parameters
    ----------
    tables : sequence of GeoDataFrame
        Columns of ``TREE_COLUMNS``, each of one source.
    tally : dict, optional
        Counts ``in two sources`` and ``met twice`` (an id that came before).

    Returns
    -------
    GeoDataFrame
        Sorted by trust, then as the sources are; sizes that only a less trusted source measured are taken from it, and
        what is still unknown is assumed again.
    """
    filled = [table for table in tables if len(table)]
    if not filled:
        return empty_table(TREE_COLUMNS)
    whole = pd.concat(filled)
    count(tally, "met twice", int(whole.index.duplicated().sum()))
    whole = whole[~whole.index.duplicated()]
    order = {name: rank for rank, name in enumerate(TRUST)}
    rank = np.array([order.get(source, len(TRUST)) for source in whole["source"]])
    kept = gpd.GeoDataFrame(whole[rank == rank.min()], crs=CRS)
    for next_rank in sorted(set(rank) - {rank.min()}):
        kept = _joined(kept, gpd.GeoDataFrame(whole[rank == next_rank], crs=CRS), tally)
    return kept


def _joined(kept: gpd.GeoDataFrame, more: gpd.GeoDataFrame, tally: Tally | None) -> gpd.GeoDataFrame:
    pairs = _pairs(kept, more)
    count(tally, "in two sources", len(pairs))
    if pairs:
        ours, theirs = kept.iloc[[a for a, _ in pairs]], more.iloc[[b for _, b in pairs]]
        both = as_trees(
            _combined(name, *rows)
            for name, *rows in zip(ours.index, ours.itertuples(), theirs.itertuples(), strict=True)
        )
        kept = gpd.GeoDataFrame(pd.concat([kept.drop(index=both.index), both]).loc[kept.index], crs=CRS)
    rest = np.setdiff1d(np.arange(len(more)), [b for _, b in pairs])
    return gpd.GeoDataFrame(pd.concat([kept, more.iloc[rest]]), crs=CRS) if len(rest) else kept


def _pairs(kept: gpd.GeoDataFrame, more: gpd.GeoDataFrame) -> list[tuple[int, int]]:
    """Rows of both tables that are the same tree, nearest first."""
    here, there = kept.geometry.get_coordinates().to_numpy(), more.geometry.get_coordinates().to_numpy()
    known, other = _genera(kept["species"]), _genera(more["species"])
    crown = np.where(_assumes(kept, "crown_diameter"), 0.0, kept["crown_diameter"].to_numpy())
    reach = np.clip(crown / 4, SAME, FARTHEST)
    near = cKDTree(there).query_ball_point(here, reach)
    found = []
    for a, those in enumerate(near):
        for b in those:
            distance = float(np.hypot(*(there[b] - here[a])))
            if distance <= CERTAIN or not known[a] or not other[b] or known[a] == other[b]:
                found.append((distance, a, b))
    pairs: list[tuple[int, int]] = []
    taken_here: set[int] = set()
    taken_there: set[int] = set()
    for _, a, b in sorted(found):
        if a not in taken_here and b not in taken_there:
            pairs.append((a, b))
            taken_here.add(a)
            taken_there.add(b)
    return pairs


def _assumes(table: gpd.GeoDataFrame, what: str) -> np.ndarray:
    return np.array([what in words.split() for words in table["assumed"]], bool)


def _genera(species: pd.Series) -> list[str]:
    found = [find_species(name) for name in species]
    return [one.name.split()[0] if one is not None and one.family else "" for one in found]


def _combined(name: str, ours: Any, theirs: Any) -> TreeRecord:
    sizes: dict[str, float | None] = dict.fromkeys(_SIZES)
    for row in (theirs, ours):
        for what in _SIZES:
            if what not in row.assumed.split() and not np.isnan(getattr(row, what)):
                sizes[what] = float(getattr(row, what))
    planted = next((float(row.planted) for row in (ours, theirs) if not np.isnan(row.planted)), None)
    return TreeRecord(
        ours.geometry,
        " ".join(dict.fromkeys([*ours.source.split(), *theirs.source.split()])),
        name.removeprefix("tree_"),
        species=ours.species or theirs.species,
        planted=planted,
        **sizes,
    )
