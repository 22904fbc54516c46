"""The inventory of a city's trees: what each is, where it stands, what it holds, and the sums by street and sector."""

from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely

from kernels.quantities import Language
from twin.city import City
from twin.tree_carbon import TreeCarbon, tree_carbon
from twin.tree_species import find_species, species_of

STREET_REACH = 25.0
"""A tree belongs to the nearest street with a name within this; farther off it stands in a park or garden. [m]"""

By = Literal["street", "sector"]


@dataclass(frozen=True, eq=False)
class TreeInventory:
    """All trees of a city with what is derived of them.

    Attributes
    ----------
    table : GeoDataFrame
        Index ``id``; the columns of the city's trees with the trunk filled in, and ``scientific_name`` (row of the
        species table, empty where unknown), ``street`` and ``sector`` (empty where none), ``trunk_basis``,
        ``co2_stored``, ``co2_stored_p10``, ``co2_stored_p90`` [kg], ``co2_yearly``, ``co2_yearly_p10``,
        ``co2_yearly_p90`` [kg a⁻¹].
    carbon : TreeCarbon
        Rows as ``table``.
    sector_names : dict
        Id to name by language, of the sectors that have trees.
    """

    table: gpd.GeoDataFrame
    carbon: TreeCarbon
    sector_names: dict[str, dict[Language, str]]

    def total(self, chosen: np.ndarray | None = None) -> dict[str, Any]:
        """Number of trees and sums with their ranges, in kilograms; of all trees, or of the chosen rows."""
        rows = np.arange(len(self.table)) if chosen is None else np.asarray(chosen)
        stored, yearly = self.carbon.total(rows), self.carbon.total(rows, yearly=True)
        return {
            "trees": len(rows),
            **dict(zip(("co2_stored", "co2_stored_p10", "co2_stored_p90"), stored, strict=True)),
            **dict(zip(("co2_yearly", "co2_yearly_p10", "co2_yearly_p90"), yearly, strict=True)),
        }

    def totals(self, by: By) -> list[dict[str, Any]]:
        """Sums by street or sector, the largest store first; trees of none are left out.

        Parameters
        ----------
        by : {"street", "sector"}

        Returns
        -------
        list of dict
            As `total`, and the ``name``; a sector also its ``id`` and ``label``.
        """
        where = self.table[by].to_numpy()
        found = []
        for name in sorted(set(where) - {""}):
            one = {"name": str(name), **self.total(np.flatnonzero(where == name))}
            if by == "sector":
                label = self.sector_names[name]
                one |= {"id": str(name), "label": label, "name": label["fr"] or str(name)}
            found.append(one)
        return sorted(found, key=lambda one: -one["co2_stored"])


def tree_inventory(city: City) -> TreeInventory:
    """Take stock of the trees of a city.

    Parameters
    ----------
    city : City

    Returns
    -------
    TreeInventory
        With no row where the city has no tree.
    """
    trees = city.trees
    carbon = tree_carbon(trees)
    stored, yearly = carbon.range_of_each(), carbon.range_of_each(yearly=True)
    known = [find_species(name) is not None for name in trees["species"]]
    rows = species_of(trees["species"])
    table = trees.assign(
        trunk_diameter=carbon.trunk_diameter,
        scientific_name=[one.name if is_known else "" for one, is_known in zip(rows, known, strict=True)],
        street=_streets(city),
        sector=_sectors(city),
        trunk_basis=carbon.basis,
        co2_stored=carbon.stored,
        co2_stored_p10=stored[0],
        co2_stored_p90=stored[1],
        co2_yearly=carbon.yearly,
        co2_yearly_p10=yearly[0],
        co2_yearly_p90=yearly[1],
    )
    names: dict[str, dict[Language, str]] = {
        str(row.Index): {"fr": row.name_fr, "nl": row.name_nl, "en": row.name_fr}
        for row in city.sectors.itertuples()
        if row.Index in set(table["sector"])
    }
    return TreeInventory(table, carbon, names)


def _streets(city: City) -> list[str]:
    """Name of the nearest street of each tree, French and Dutch."""
    links = city.links[(city.links["name_fr"] != "") | (city.links["name_nl"] != "")]
    found = [""] * len(city.trees)
    if not len(links) or not len(city.trees):
        return found
    tree = shapely.STRtree(links.geometry.to_numpy())
    which, nearest = tree.query_nearest(city.trees.geometry.to_numpy(), max_distance=STREET_REACH, all_matches=False)
    for row, link in zip(which, nearest, strict=True):
        words = [links["name_fr"].iloc[link], links["name_nl"].iloc[link]]
        found[row] = " / ".join(dict.fromkeys(filter(None, words)))
    return found


def _sectors(city: City) -> list[str]:
    """Id of the statistical sector of each tree."""
    found = [""] * len(city.trees)
    if not len(city.sectors) or not len(city.trees):
        return found
    tree = shapely.STRtree(city.sectors.geometry.to_numpy())
    which, sector = tree.query(city.trees.geometry.to_numpy(), predicate="intersects")
    for row, one in zip(which[::-1], sector[::-1], strict=True):
        found[row] = str(city.sectors.index[one])
    return found
