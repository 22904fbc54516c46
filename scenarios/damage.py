"""Damage of water to buildings: the depth-damage curves of the JRC, with a range and the cellars apart."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np

from scenarios.indicator import words

_ASSETS = Path(__file__).parents[1] / "assets"

PRICES = 2010
"""Year whose euros the damages are in; no index is applied."""
VALUE_SPREAD = 0.30
"""Assumed uncertainty of the highest damage, either way. [1]"""
DEPTH_SPREAD = 0.10
"""Assumed uncertainty of the depth beside a building, either way. [m]"""
CELLAR_SHARE = 0.10
"""Assumed damage of a full cellar as a part of the building's highest damage; no source gives it for Brussels. [1]"""
UNKNOWN_USE = "residential"
"""Class of a building whose use no class names."""

ASSUMPTIONS = (
    words(
        f"Les dommages sont en euros de {PRICES}, selon les courbes et les valeurs les plus hautes du JRC "
        "(doi:10.2760/16510) pour la Belgique, sur l'emprise de chaque bâtiment ; l'eau compte au-dessus de son seuil.",
        f"De schade is in euro van {PRICES}, volgens de curven en de hoogste waarden van het JRC (doi:10.2760/16510) "
        "voor België, op het grondvlak van elk gebouw; water telt boven zijn drempel.",
        f"Damage is in euros of {PRICES}, by the curves and the highest values of the JRC (doi:10.2760/16510) for "
        "Belgium, on the footprint of each building; water counts above its threshold.",
    ),
    words(
        f"La fourchette des dommages prend la valeur la plus haute {100 * VALUE_SPREAD:.0f} % et la hauteur d'eau "
        f"{100 * DEPTH_SPREAD:.0f} cm plus bas et plus haut : des hypothèses.",
        f"De marge van de schade neemt de hoogste waarde {100 * VALUE_SPREAD:.0f} % en de diepte "
        f"{100 * DEPTH_SPREAD:.0f} cm lager en hoger: aannames.",
        f"The range of damage takes the highest value {100 * VALUE_SPREAD:.0f}% and the depth "
        f"{100 * DEPTH_SPREAD:.0f} cm lower and higher: assumptions.",
    ),
    words(
        "Une cave est pleine dès que l'eau passe le seuil et coûte alors "
        f"{100 * CELLAR_SHARE:.0f} % de la valeur la plus haute du bâtiment, sans compter dans le reste : des "
        "hypothèses. Si rien ne le dit, chaque habitation a une cave.",
        f"Een kelder is vol zodra water de drempel passeert en kost dan {100 * CELLAR_SHARE:.0f} % van de hoogste "
        "schade van het gebouw, niet in de rest geteld: aannames. Waar niets het zegt, heeft elke woning een kelder.",
        f"A cellar is full once water passes the threshold and then costs {100 * CELLAR_SHARE:.0f}% of the building's "
        "highest damage, not counted in the rest: assumptions. Where no column says so, every home has a cellar.",
    ),
)
"""What a reader of damages must know, by language."""


@dataclass(frozen=True, eq=False)
class DamageClass:
    """Buildings that water harms alike.

    Attributes
    ----------
    key : str
    highest : float
        Damage of a whole loss, per footprint. [EUR m⁻²]
    depths : (n,) float64
        Above the floor. [m]
    shares : (n,) float64
        Of the highest damage. [1]
    uses : tuple of str
        Uses of buildings that belong here.
    """

    key: str
    highest: float
    depths: np.ndarray
    shares: np.ndarray
    uses: tuple[str, ...]

    def share(self, depth: np.ndarray) -> np.ndarray:
        """Share of the highest damage at depths [m] above the floor; none at or below it, all beyond the curve."""
        return np.interp(depth, self.depths, self.shares)


@cache
def damage_classes() -> dict[str, DamageClass]:
    """All classes by key, from ``assets/damage_values.csv`` and ``assets/damage_curves.csv``."""
    curves = _table("damage_curves.csv")
    depths = np.array([float(row["depth_m"]) for row in curves])
    found = {}
    for row in _table("damage_values.csv"):
        gdp, factor, exponent, depreciated, undamageable, contents = (
            float(row[name])
            for name in (
                "gdp_per_head_usd",
                "cost_factor",
                "cost_exponent",
                "depreciated",
                "undamageable",
                "contents",
            )
        )
        highest = factor * gdp**exponent * depreciated * (1 - undamageable) * (1 + contents)
        shares = np.array([float(one[row["class"]]) for one in curves])
        found[row["class"]] = DamageClass(row["class"], highest, depths, shares, tuple(row["uses"].split()))
    return found


def _table(name: str) -> list[dict[str, str]]:
    lines = (_ASSETS / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@dataclass(frozen=True, eq=False)
class Damages:
    """Damage by building.

    Attributes
    ----------
    inside : (building,) float64
        Water above the threshold. [m]
    fraction : (building,) float64
        Share of the highest damage. [1]
    low, central, high : (building,) float64
        [EUR]
    cellar : (building,) float64
        Of cellars, not counted in the others. [EUR]
    """

    inside: np.ndarray
    fraction: np.ndarray
    low: np.ndarray
    central: np.ndarray
    high: np.ndarray
    cellar: np.ndarray


class DamageModel:
    """Damage to the buildings of one city.

    Parameters
    ----------
    buildings : GeoDataFrame
        The city's table. A column ``cellar`` (bool) says which have one; without it, all homes do.
    thresholds : (building,) float64
        Height water must pass to enter. [m]
    value_spread, depth_spread, cellar_share : float
        See `VALUE_SPREAD` [1], `DEPTH_SPREAD` [m] and `CELLAR_SHARE` [1].
    """

    def __init__(
        self,
        buildings: gpd.GeoDataFrame,
        thresholds: np.ndarray,
        *,
        value_spread: float = VALUE_SPREAD,
        depth_spread: float = DEPTH_SPREAD,
        cellar_share: float = CELLAR_SHARE,
    ) -> None:
        if not (0 <= value_spread < 1 and depth_spread >= 0 and 0 <= cellar_share <= 1):
            raise ValueError(
                f"value_spread {value_spread:g} and cellar_share {cellar_share:g} lie in 0 to 1, depth_spread "
                f"{depth_spread:g} m is not negative"
            )
        classes = list(damage_classes().values())
        by_use = {use: number for number, one in enumerate(classes) for use in one.uses}
        usual = [one.key for one in classes].index(UNKNOWN_USE)
        uses = buildings["use"].tolist()
        self._class = np.array([by_use.get(use, usual) for use in uses], int)
        self.assumed_use = np.array([use not in by_use for use in uses], bool)
        """Buildings whose use no class names, so that they are taken for `UNKNOWN_USE`."""
        self._classes = classes
        self._thresholds = thresholds
        self._spread = value_spread, depth_spread
        highest = np.array([one.highest for one in classes])
        self.highest = highest[self._class] * buildings.geometry.area.to_numpy()
        """(building,) damage of a whole loss. [EUR]"""
        homes = (buildings["use"] == "residential").to_numpy()
        self.cellars = buildings["cellar"].to_numpy(bool) if "cellar" in buildings else homes
        self._cellar_damage = self.highest * cellar_share * self.cellars

    def of(self, beside: np.ndarray) -> Damages:
        """Damage done by water that stands beside the buildings.

        Parameters
        ----------
        beside : (building,) float
            Highest depth beside each. [m]
        """
        value, depth = self._spread
        wet = beside > 0
        inside = np.where(wet, np.maximum(beside - self._thresholds, 0.0), 0.0)
        fraction = self._share(inside)
        low = self._share(inside - depth) * (1 - value)
        high = self._share(np.where(wet, beside - self._thresholds + depth, 0.0)) * (1 + value)
        cellar = np.where(inside > 0, self._cellar_damage, 0.0)
        return Damages(inside, fraction, low * self.highest, fraction * self.highest, high * self.highest, cellar)

    def _share(self, depth: np.ndarray) -> np.ndarray:
        found = np.zeros(depth.size)
        for number, one in enumerate(self._classes):
            own = self._class == number
            found[own] = one.share(depth[own])
        return found
