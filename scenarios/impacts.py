"""What a whole flood does: damage with its range, danger to people, how long water stands, and to which sector."""

from typing import Any

import numpy as np
import pandas as pd
import shapely
import xarray as xr

from kernels.quantities import attrs
from scenarios.damage import DamageModel
from scenarios.exposure import HOMES, Exposure
from scenarios.indicator import Indicator, words

HAZARD_CLASSES = (("low", 0.0), ("moderate", 0.75), ("significant", 1.25), ("extreme", 2.0))
"""Names and lower bounds of HR = d (v + 0.5) + DF: caution, danger for some, for most, for all. [m2/s]
Defra and Environment Agency, Flood Risks to People, FD2321/TR1, 2006; supplementary note of May 2008."""
HAZARD_DEPTH = 0.05
"""Ground that never lay deeper has no class: a film that runs fast would count as danger for some. [m]"""
FLOODED = 0.10
"""Deeper than this, ground counts as flooded. [m]"""

_DANGER = {
    "low": ("danger faible", "gering gevaar", "low danger"),
    "moderate": ("danger pour certains", "gevaar voor sommigen", "danger for some"),
    "significant": ("danger pour la plupart", "gevaar voor de meesten", "danger for most"),
    "extreme": ("danger pour tous", "gevaar voor iedereen", "danger for all"),
}

IMPACTS: tuple[Indicator, ...] = (
    Indicator("damage", "EUR", words("Dommages aux bâtiments (euros de 2010)", "Schade aan gebouwen (euro van 2010)",
              "Damage to buildings (euros of 2010)"), digits=-2),
    Indicator("damage_low", "EUR", words("Dommages, estimation basse", "Schade, lage raming", "Damage, low estimate"),
              digits=-2),
    Indicator("damage_high", "EUR", words("Dommages, estimation haute", "Schade, hoge raming",
              "Damage, high estimate"), digits=-2),
    Indicator("damage_cellars", "EUR", words("Dommages aux caves, en plus (hypothèse)",
              "Schade aan kelders, bijkomend (aanname)", "Damage to cellars, on top (assumption)"), digits=-2),
    Indicator("cellars_flooded", "1", words("Caves inondées", "Ondergelopen kelders", "Cellars flooded")),
    Indicator("workplaces_touched", "1", words("Bâtiments d'activités touchés", "Getroffen bedrijfsgebouwen",
              "Buildings of activities touched")),
    Indicator("amenities_touched", "1", words("Équipements et services touchés", "Getroffen voorzieningen",
              "Amenities touched")),
    *(Indicator(f"hazard_area_{key}", "m2", words(f"Sol : {fr}", f"Grond: {nl}", f"Ground: {en}"))
      for key, (fr, nl, en) in _DANGER.items()),
    *(Indicator(f"hazard_people_{key}", "1", words(f"Habitants devant chez eux : {fr}",
                f"Bewoners voor hun deur: {nl}", f"Residents at their door: {en}"))
      for key, (fr, nl, en) in _DANGER.items()),
    *(Indicator(f"longest_{depth}", "min", words(f"Plus longue durée sous plus de {depth} cm",
                f"Langste duur onder meer dan {depth} cm", f"Longest time under more than {depth} cm"))
      for depth in (10, 25, 50)),
)  # fmt: skip
"""Figures of a whole run; those whose fields a run does not have are left out of it."""


class Impacts:
    """Computes what floods do on one exposure.

    Parameters
    ----------
    exposure : Exposure
    """

    def __init__(self, exposure: Exposure) -> None:
        self._on = exposure
        self.damage = DamageModel(exposure.city.buildings, exposure.thresholds)
        self._work = ~exposure.city.buildings["use"].isin({*HOMES, "annex"}).to_numpy()

    def figures(self, summary: xr.Dataset) -> list[dict[str, Any]]:
        """The key figures of a run, in the order of `IMPACTS`.

        Parameters
        ----------
        summary : xarray.Dataset
            ``max_water_depth`` [m]; ``max_hazard_rating`` and ``duration_10``, ``duration_25``, ``duration_50`` [s]
            where the run has them.
        """
        on = self._on
        deepest = on.flood_depth(summary["max_water_depth"].values)
        beside = on.beside(deepest)
        touched = beside > on.thresholds
        found = self.damage.of(beside)
        values: dict[str, float] = {
            "damage": found.central.sum(),
            "damage_low": found.low.sum(),
            "damage_high": found.high.sum(),
            "damage_cellars": found.cellar.sum(),
            "cellars_flooded": float(np.count_nonzero(touched & self.damage.cellars)),
            "workplaces_touched": float(np.count_nonzero(touched & self._work)),
            "amenities_touched": float(np.count_nonzero(self.amenities(deepest, touched))),
        }
        if "max_hazard_rating" in summary:
            values |= self._hazard(summary)
        for depth in (10, 25, 50):
            if f"duration_{depth}" in summary:
                times = self._times(summary, f"duration_{depth}")
                values[f"longest_{depth}"] = float(times[on.land].max(initial=0.0)) / 60.0
        return [one.of(values[one.key]) for one in IMPACTS if one.key in values]

    def buildings(self, summary: xr.Dataset) -> xr.Dataset:
        """What the flood does to each building.

        Returns
        -------
        xarray.Dataset
            Along ``(building,)``, whose coordinate holds the ids: water beside and inside [m], threshold [m],
            residents (NaN where unknown), share of the highest damage [1], damage with its range and of cellars [EUR],
            and, where the run has them, the class of danger at the door (0 none, 1 low to 4 extreme) and how long water
            stood there above 10, 25, 50 cm [s].
        """
        on = self._on
        beside = on.beside(on.flood_depth(summary["max_water_depth"].values))
        found = self.damage.of(beside)
        columns: dict[str, np.ndarray] = {
            "water_depth_beside": beside,
            "water_depth_inside": found.inside,
            "threshold_height": on.thresholds,
            "residents": np.full(beside.size, np.nan) if on.people is None else on.people,
            "damage_fraction": found.fraction,
            "flood_damage": found.central,
            "flood_damage_low": found.low,
            "flood_damage_high": found.high,
            "cellar_damage": found.cellar,
        }
        if "max_hazard_rating" in summary:
            columns["hazard_class"] = on.beside(self.hazard_class(summary))
        for name in ("duration_10", "duration_25", "duration_50"):
            if name in summary:
                columns[name] = on.beside(self._times(summary, name))
        return xr.Dataset(
            {name: (("building",), values, attrs(name)) for name, values in columns.items()},
            coords={"building": on.city.buildings.index.to_numpy(dtype=str)},
        )

    def sectors(self, summary: xr.Dataset) -> pd.DataFrame:
        """What the flood does to each statistical sector.

        Returns
        -------
        DataFrame
            By sector id: ``name_fr``, ``name_nl``, ``population``, ``flooded_area`` [m2], ``buildings_touched``,
            ``people_touched``, ``damage``, ``damage_low``, ``damage_high`` [EUR].
        """
        on = self._on
        deepest = on.flood_depth(summary["max_water_depth"].values)
        table, count = on.city.sectors, len(on.city.sectors)
        beside = on.beside(deepest)
        touched = beside > on.thresholds
        found = self.damage.of(beside)
        here = on.sector >= 0
        flooded = on.sector_cells()[deepest > FLOODED]

        def add_up(values: np.ndarray) -> np.ndarray:
            return np.bincount(on.sector[here], np.asarray(values, float)[here], minlength=count)

        people = np.zeros(beside.size) if on.people is None else on.people
        return pd.DataFrame(
            {
                "name_fr": table["name_fr"],
                "name_nl": table["name_nl"],
                "population": table["population"],
                "flooded_area": on.area * np.bincount(flooded[flooded >= 0], minlength=count),
                "buildings_touched": add_up(touched),
                "people_touched": add_up(people * touched),
                "damage": add_up(found.central),
                "damage_low": add_up(found.low),
                "damage_high": add_up(found.high),
            },
            index=table.index,
        )

    def amenities(self, deepest: np.ndarray, touched: np.ndarray) -> np.ndarray:
        """Amenities that water reaches: in a building that is touched, or on flooded ground.

        Parameters
        ----------
        deepest : (y, x) float
            Of `Exposure.flood_depth`. [m]
        touched : (building,) bool

        Returns
        -------
        (amenity,) bool
        """
        city, grid = self._on.city, self._on.grid
        if city.amenities.empty:
            return np.zeros(0, bool)
        points = shapely.point_on_surface(city.amenities.geometry.to_numpy())
        found = np.zeros(points.size, bool)
        hit = np.flatnonzero(touched)
        if hit.size:
            tree = shapely.STRtree(city.buildings.geometry.to_numpy()[hit])
            found[tree.query(points, predicate="intersects")[0]] = True
        column, row = np.floor(grid.units(shapely.get_coordinates(points))).astype(int).T
        inside = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
        wet = deepest > FLOODED
        found[inside] |= wet[row[inside], column[inside]]
        return found

    def hazard_class(self, summary: xr.Dataset) -> np.ndarray:
        """Class of danger on the ground: (y, x) int, 0 none, 1 low to 4 extreme; permanent water has none."""
        rating = np.nan_to_num(summary["max_hazard_rating"].values)
        bounds = [bound for _, bound in HAZARD_CLASSES[1:]]
        wet = self._on.flood_depth(summary["max_water_depth"].values) > HAZARD_DEPTH
        return np.where(wet, 1 + np.digitize(rating, bounds), 0)

    def _times(self, summary: xr.Dataset, name: str) -> np.ndarray:
        """How long water stood, but in works: there it counts from their bed, and says nothing of a flood. [s]"""
        return np.where(self._on.dug > 0, 0.0, np.nan_to_num(summary[name].values))

    def _hazard(self, summary: xr.Dataset) -> dict[str, float]:
        on, classes = self._on, self.hazard_class(summary)
        at_door = on.beside(classes)
        found: dict[str, float] = {}
        for number, (key, _) in enumerate(HAZARD_CLASSES, 1):
            found[f"hazard_area_{key}"] = on.area * np.count_nonzero(classes == number)
            met = at_door == number
            found[f"hazard_people_{key}"] = np.nan if on.people is None else float(on.people[met].sum())
        return found
