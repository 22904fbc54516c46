"""Key figures that a run leaves: how much water, where, and whom it reaches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import shapely
import xarray as xr

from kernels.quantities import Language
from scenarios.situation import Situation
from twin.city import City
from twin.land_covers import land_covers
from twin.rasterise import Grid
from twin.streets import BELOW

SILL = 0.15
"""Water beside a building that is deeper than this passes its sill (flood damage practice). [m]"""
WET_STREET = 0.10
"""Deeper than this a street counts as flooded. [m]"""
HOMES = {"residential"}
"""Uses of the buildings that people live in."""


@dataclass(frozen=True)
class Indicator:
    """One key figure, in words.

    Attributes
    ----------
    key, units : str
    label : dict
        By language.
    better : {"lower", "higher", "neutral"}
    digits : int
        Decimals that mean something.
    """

    key: str
    units: str
    label: dict[Language, str] = field(compare=False)
    better: Literal["lower", "higher", "neutral"] = "lower"
    digits: int = 0

    def of(self, value: float) -> dict[str, Any]:
        """The figure as JSON; None where it is not known."""
        known = round(float(value), self.digits) + 0.0 if np.isfinite(value) else None
        return {
            "key": self.key,
            "label": dict(self.label),
            "value": known,
            "units": self.units,
            "better": self.better,
        }


def _words(fr: str, nl: str, en: str) -> dict[Language, str]:
    return {"fr": fr, "nl": nl, "en": en}


INDICATORS: tuple[Indicator, ...] = (
    Indicator("flooded_area", "m2", _words("Sol sous plus de 10 cm d'eau", "Grond onder meer dan 10 cm water",
              "Ground under more than 10 cm of water")),
    Indicator("flooded_area_25", "m2", _words("Sol sous plus de 25 cm d'eau", "Grond onder meer dan 25 cm water",
              "Ground under more than 25 cm of water")),
    Indicator("flooded_area_50", "m2", _words("Sol sous plus de 50 cm d'eau", "Grond onder meer dan 50 cm water",
              "Ground under more than 50 cm of water")),
    Indicator("max_depth", "m", _words("Plus grande hauteur d'eau", "Grootste waterdiepte", "Greatest water depth"),
              digits=2),
    Indicator("buildings_touched", "1", _words("Bâtiments touchés", "Getroffen gebouwen", "Buildings touched")),
    Indicator("people_touched", "1", _words("Habitants touchés (répartis par volume)",
              "Getroffen bewoners (verdeeld naar volume)", "Residents touched (spread by volume)")),
    Indicator("roads_flooded", "m", _words("Rues sous plus de 10 cm d'eau", "Straten onder meer dan 10 cm water",
              "Streets under more than 10 cm of water")),
    Indicator("water_stored", "m3", _words("Eau restée sur le sol", "Water dat op de grond blijft",
              "Water left on the ground")),
)  # fmt: skip


class FloodFigures:
    """Computes the figures of floods on one city and one grid; what does not change is prepared once.

    Permanent water (land cover ``water``) is not flooded ground. People live in residential buildings, each sector's
    population spread over its own by volume: an assumption, as no register says who lives where.

    Parameters
    ----------
    situation : Situation
    layers : xarray.Dataset
        Of `twin.layers.layers`.
    """

    def __init__(self, situation: Situation, layers: xr.Dataset) -> None:
        size = float(layers.attrs["cell_size"])
        west, south = float(layers["x"][0]) - size / 2, float(layers["y"][0]) - size / 2
        grid = Grid(west, south, layers.sizes["x"], layers.sizes["y"], size)
        index = layers["building_index"].values
        self._area = grid.cell_size**2
        self._land = (index < 0) & (layers["land_cover"].values != land_covers()["water"].code)
        self._beside, self._whose = _doorsteps(index)
        self._people = residents(situation.city)
        self._street_cells, self._street_lengths = _along_streets(situation.city, grid)

    def now(self, depth: np.ndarray) -> list[dict[str, Any]]:
        """The figures of one depth, be it of a moment or the maximum of a run.

        Parameters
        ----------
        depth : (y, x) float
            Missing = NaN. [m]
        """
        water = np.where(self._land, np.nan_to_num(depth), 0.0)
        flat = np.nan_to_num(depth).ravel()
        touched = np.unique(self._whose[flat[self._beside] > SILL])
        values = {
            "flooded_area": self._area * np.count_nonzero(water > 0.10),
            "flooded_area_25": self._area * np.count_nonzero(water > 0.25),
            "flooded_area_50": self._area * np.count_nonzero(water > 0.50),
            "max_depth": float(water.max(initial=0.0)),
            "buildings_touched": touched.size,
            "people_touched": float(self._people[touched].sum()) if self._people is not None else np.nan,
            "roads_flooded": float(self._street_lengths[water.ravel()[self._street_cells] > WET_STREET].sum()),
            "water_stored": float(water.sum(dtype=np.float64)) * self._area,
        }
        return [one.of(values[one.key]) for one in INDICATORS]

    def whole(self, summary: xr.Dataset, last: xr.Dataset) -> list[dict[str, Any]]:
        """The figures of a run: of its maxima, and of the water left at its end."""
        end = {one["key"]: one for one in self.now(last["water_depth"].values)}
        found = self.now(summary["max_water_depth"].values)
        return [end[one["key"]] if one["key"] == "water_stored" else one for one in found]


def residents(city: City) -> np.ndarray | None:
    """People by building: each sector's population spread over its residential buildings by volume.

    Returns
    -------
    (building,) float64 or None
        None where the city has no sectors, so that nobody takes "unknown" for "none".
    """
    if city.sectors.empty:
        return None
    table = city.buildings
    points = shapely.point_on_surface(table.geometry.to_numpy())
    volume = np.nan_to_num(table["volume"].to_numpy(float))
    flat = volume <= 0
    volume[flat] = (table.geometry.area * table["ridge_height"].fillna(0.0)).to_numpy()[flat]
    volume *= table["use"].isin(HOMES).to_numpy()
    found = np.zeros(len(table))
    tree = shapely.STRtree(points)
    taken = np.zeros(len(table), bool)
    for shape, population in zip(city.sectors.geometry, city.sectors["population"].to_numpy(float), strict=True):
        inside = np.sort(tree.query(shape, predicate="intersects"))
        inside = inside[~taken[inside]]
        taken[inside] = True
        share = volume[inside]
        if share.sum() > 0 and np.isfinite(population):
            found[inside] = population * share / share.sum()
    return found


def _doorsteps(index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Open cells beside a building, by flat number, and the building beside each."""
    number = np.arange(index.size).reshape(index.shape)
    beside, whose = [], []
    for here, there in (
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:, 1:], np.s_[:, :-1]),
        (np.s_[:-1], np.s_[1:]),
        (np.s_[1:], np.s_[:-1]),
    ):
        meets = (index[here] < 0) & (index[there] >= 0)
        beside.append(number[here][meets])
        whose.append(index[there][meets])
    return np.concatenate(beside), np.concatenate(whose)


def _along_streets(city: City, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Cells under the axes of streets, by flat number, and the length of street each stands for. [m]"""
    none = np.zeros(0, np.int64), np.zeros(0)
    lines = city.links.geometry.to_numpy()[~city.links["kind"].str.endswith(BELOW).to_numpy(bool)]
    lines = shapely.intersection(lines, shapely.box(*grid.bounds))
    lines = lines[shapely.length(lines) > 0]
    if not lines.size:
        return none
    parts = shapely.get_parts(shapely.segmentize(lines, grid.cell_size))
    corners, owner = shapely.get_coordinates(parts, return_index=True)
    first = np.flatnonzero(owner[1:] == owner[:-1])
    ends = corners[first], corners[first + 1]
    lengths = np.hypot(*(ends[1] - ends[0]).T)
    column, row = np.floor(grid.units((ends[0] + ends[1]) / 2)).astype(int).T
    inside = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
    return (row * grid.columns + column)[inside], lengths[inside]


def chosen(figures: list[dict[str, Any]], keys: list[str] | None) -> list[dict[str, Any]]:
    """The figures a scenario wants to see, in its order; all where it names none."""
    if keys is None:
        return figures
    by_key: Mapping[str, dict[str, Any]] = {one["key"]: one for one in figures}
    return [by_key[key] for key in keys if key in by_key]
