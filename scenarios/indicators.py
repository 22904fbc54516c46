"""Key figures that a run leaves: how much water, where, and whom it reaches."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from scenarios.exposure import SILL, Exposure, residents
from scenarios.impacts import IMPACTS, Impacts
from scenarios.indicator import Indicator
from scenarios.indicator import words as _words
from scenarios.situation import Situation

WET_STREET = 0.10
"""Deeper than this a street counts as flooded. [m]"""


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
    Indicator("water_stored", "m3", _words("Eau restée sur le sol, hors bassins et noues",
              "Water dat op de grond blijft, buiten bekkens en wadi's",
              "Water left on the ground, outside basins and swales")),
)  # fmt: skip


class FloodFigures:
    """Computes the figures of floods on one situation and one grid; what does not change is prepared once.

    Parameters
    ----------
    situation : Situation
    layers : xarray.Dataset
        Of `twin.layers.layers`, and with ``dug_depth`` where there are works.
    """

    def __init__(self, situation: Situation, layers: xr.Dataset) -> None:
        self.exposure = Exposure(situation, layers)
        self.impacts = Impacts(self.exposure)

    def now(self, depth: np.ndarray) -> list[dict[str, Any]]:
        """The figures of one depth, be it of a moment or the maximum of a run.

        Parameters
        ----------
        depth : (y, x) float
            Missing = NaN. [m]
        """
        on = self.exposure
        water = on.flood_depth(depth)
        touched = on.beside(water) > on.thresholds
        values: dict[str, float] = {
            "flooded_area": on.area * np.count_nonzero(water > 0.10),
            "flooded_area_25": on.area * np.count_nonzero(water > 0.25),
            "flooded_area_50": on.area * np.count_nonzero(water > 0.50),
            "max_depth": float(water.max(initial=0.0)),
            "buildings_touched": float(np.count_nonzero(touched)),
            "people_touched": float(on.people[touched].sum()) if on.people is not None else np.nan,
            "roads_flooded": on.streets_where(water > WET_STREET),
            "water_stored": float(water.sum(dtype=np.float64)) * on.area,
        }
        return [one.of(values[one.key]) for one in INDICATORS]

    def whole(self, summary: xr.Dataset, last: xr.Dataset) -> list[dict[str, Any]]:
        """The figures of a run: of its maxima, of the water left at its end, and of what the flood did."""
        end = {one["key"]: one for one in self.now(last["water_depth"].values)}
        found = self.now(summary["max_water_depth"].values)
        found = [end[one["key"]] if one["key"] == "water_stored" else one for one in found]
        return found + self.impacts.figures(summary)


def chosen(figures: list[dict[str, Any]], keys: list[str] | None) -> list[dict[str, Any]]:
    """The figures a scenario wants to see, in its order; all where it names none."""
    if keys is None:
        return figures
    by_key: Mapping[str, dict[str, Any]] = {one["key"]: one for one in figures}
    return [by_key[key] for key in keys if key in by_key]


__all__ = ["IMPACTS", "INDICATORS", "SILL", "FloodFigures", "Indicator", "chosen", "residents"]
