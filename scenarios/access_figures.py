"""Key figures of access: which part of the people reaches what in time, at a moment and at the worst of a run."""

from typing import Any

import numpy as np
import xarray as xr

from kernels.quantities.access import CATEGORIES
from scenarios.indicator import Indicator, words
from twin.amenities import categories

IN_TIME = Indicator(
    "categories_in_time", "1",
    words("Catégories à portée d'un habitant, en moyenne", "Categorieën binnen bereik van een bewoner, gemiddeld",
          "Categories that a resident reaches in time, on average"), "higher", 2,
)  # fmt: skip
ALL_IN_TIME = Indicator(
    "people_reaching_all", "1",
    words("Habitants qui atteignent à temps toutes les catégories connues",
          "Bewoners die alle bekende categorieën op tijd bereiken",
          "Residents who reach all known categories in time"), "higher",
)  # fmt: skip


def _share(key: str) -> Indicator:
    """The part of the people that reaches a category in time."""
    name, minutes = categories()[key].words, categories()[key].minutes
    return Indicator(
        f"in_time_{key}", "%",
        words(f"Habitants à {minutes:g} min au plus : {name['fr']}",
              f"Bewoners op ten hoogste {minutes:g} min: {name['nl']}",
              f"Residents within {minutes:g} min: {name['en']}"), "higher", 1,
    )  # fmt: skip


INDICATORS: tuple[Indicator, ...] = (IN_TIME, ALL_IN_TIME, *map(_share, CATEGORIES))


class AccessFigures:
    """Computes the figures of access on one run.

    A category of which the city knows no place is no figure: that says something of the data, not of the city.

    Parameters
    ----------
    layers : xarray.Dataset
        Of `twin.access_layers.access_layers`.
    """

    def __init__(self, layers: xr.Dataset) -> None:
        self.people = layers["home_people"].values.astype(float)
        self.known = np.isin(np.arange(len(CATEGORIES)), layers["place_category"].values)

    def now(self, frame: xr.Dataset) -> list[dict[str, Any]]:
        """The figures of one output time: only how much is near."""
        count = frame["categories_in_reach"].values
        return [one.of(value) for one, value in zip((IN_TIME, ALL_IN_TIME), self._of(count), strict=True)]

    def whole(self, summary: xr.Dataset, last: xr.Dataset) -> list[dict[str, Any]]:
        """The figures of a run at its worst moment, home by home and category by category."""
        values = self._of(summary["fewest_categories_in_reach"].values)
        everybody = self.people.sum()
        share = 100.0 * summary["people_in_reach"].values / everybody if everybody else np.full(len(CATEGORIES), np.nan)
        found = [one.of(value) for one, value in zip(INDICATORS[:2], values, strict=True)]
        return found + [
            one.of(float(value)) for one, value, known in zip(INDICATORS[2:], share, self.known, strict=True) if known
        ]

    def _of(self, count: np.ndarray) -> tuple[float, float]:
        """Mean number of categories in reach of a resident, and residents who reach all that are known."""
        everybody = float(self.people.sum())
        mean = float(count @ self.people) / everybody if everybody else np.nan
        return mean, float(self.people[count >= max(self.known.sum(), 1)].sum())
