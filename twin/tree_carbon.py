"""The carbon dioxide that trees hold and take up in a year, with the range in which it lies."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from twin.allometry import (
    TRUNK_OF_CROWN_SCATTER,
    TRUNK_OF_HEIGHT_SCATTER,
    TRUNK_SPREAD,
    aboveground_biomass,
    allometries,
    trunk_from_height,
)
from twin.tree_species import species_of

OPEN_GROWN = 0.8
"""Biomass of a tree with room around it by that of a tree of the forest with the same trunk, Nowak (1994). [1]"""
ROOTS = 1.26
"""Whole tree by what stands above ground, Cairns et al. (1997), doi:10.1007/s004420050201. [1]"""
CARBON = 0.5
"""Carbon in dry wood. [1]"""
CO2_OF_CARBON = 44.0 / 12.0
"""Molar masses. [1]"""

TRUNK_MEASURED = 0.05
"""Standard deviation of ln trunk where a girth was measured, some years ago: assumed. [1]"""
TREE_SCATTER = 0.2
"""Standard deviation of ln mass among trees of one species with the same trunk: assumed. [1]"""
CITY_SCATTER = 0.2
"""Standard deviation of ln mass for what all trees of a city share (open-grown factor, roots, carbon, climate): between
sets of equations the total of one street-tree population differed by up to 60 %, McHale et al. (2009),
doi:10.1007/s11252-009-0081-3. [1]"""
STRETCHED = 0.3
"""Standard deviation of an equation's exponent beyond the thickest trunk that it was fitted to: assumed. [1]"""
GROWTH_SCATTER = 0.5
"""Standard deviation of ln yearly widening: 5 to 13 mm around 8 mm among street trees of Iowa. [1]"""

SLOWS, STOPS = 0.8, 1.25
"""A trunk widens fully up to this share of the greatest height, and hardly (`HARDLY`) from that on, Nowak (2020)."""
HARDLY = 0.0222
GREATEST = 1.25
"""Greatest height by the usual height of a grown-up tree: assumed. [1]"""

TENTH = 1.2815515655446004
"""The normal distribution exceeds its mean by so many standard deviations in one of ten cases."""

BASES = ("girth", "height", "crown", "nothing")
"""What the trunk of a tree is known from, the surest first."""
_TRUNK_SCATTER = dict(
    zip(BASES, (TRUNK_MEASURED, TRUNK_OF_HEIGHT_SCATTER, TRUNK_OF_CROWN_SCATTER, TRUNK_SPREAD), strict=True)
)


@dataclass(frozen=True, eq=False)
class TreeCarbon:
    """What each tree holds and takes up.

    The expected value is the mean over what is not known; around it every error is taken as lognormal. Errors of the
    trunk and of the single tree are its own; the error of an equation is shared by the trees of its group, and that of
    the factors by all.

    Attributes
    ----------
    trunk_diameter : (tree,) float64
        Most likely. [m]
    basis : (tree,) list of str
        One of `BASES`.
    stored : (tree,) float64
        Expected carbon dioxide in the whole tree. [kg]
    yearly : (tree,) float64
        Expected carbon dioxide taken up in the next year. [kg a⁻¹]
    own : (tree,) float64
        Standard deviation of ln ``stored`` that is the tree's own. [1]
    own_yearly : (tree,) float64
        The same of ln ``yearly``. [1]
    group : (tree,) list of str
        Equation, a key of `twin.allometry.allometries`.
    stretched : (tree,) bool
        The trunk is thicker than any its equation was fitted to.
    """

    trunk_diameter: np.ndarray
    basis: list[str]
    stored: np.ndarray
    yearly: np.ndarray
    own: np.ndarray
    own_yearly: np.ndarray
    group: list[str]
    stretched: np.ndarray

    def range_of_each(self, *, yearly: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """P10 and P90 of each tree. [kg], [kg a⁻¹]"""
        known = allometries()
        shared = np.array([known[group].scatter for group in self.group]) if self.group else np.zeros(0)
        own = self.own_yearly if yearly else self.own
        spread = np.sqrt(own**2 + shared**2 + CITY_SCATTER**2)
        return _tenths(self.yearly if yearly else self.stored, spread)

    def total(self, rows: np.ndarray, *, yearly: bool = False) -> tuple[float, float, float]:
        """Sum over some trees and its P10 and P90.

        Parameters
        ----------
        rows : (n,) int array
            Which trees.
        yearly : bool
            Uptake in place of store.

        Returns
        -------
        expected, p10, p90 : float
            [kg], [kg a⁻¹]

        Notes
        -----
        With T = C sum_g K_g sum_i m_i e_i, where C (all trees), K_g (an equation's group) and e_i (one tree) are
        lognormal with mean one, E[T] = M and

            E[T^2] = exp(c^2) (M^2 + sum_g (exp(k_g^2) (M_g^2 + V_g) - M_g^2)),  V_g = sum_i m_i^2 (exp(o_i^2) - 1),

        exactly; the range is that of the lognormal with these two moments. So a hundred trees are known better than
        one, but never better than their equations and factors.
        """
        amount = (self.yearly if yearly else self.stored)[rows]
        mean = float(amount.sum())
        if mean <= 0:
            return 0.0, 0.0, 0.0
        own = (self.own_yearly if yearly else self.own)[rows]
        alone = amount**2 * np.expm1(own**2)
        known = allometries()
        groups = np.array([self.group[row] for row in rows], dtype=object)
        second = mean**2
        for group in dict.fromkeys(groups):
            its = groups == group
            part = float(amount[its].sum()) ** 2
            second += np.exp(known[group].scatter ** 2) * (part + float(alone[its].sum())) - part
        spread = np.sqrt(CITY_SCATTER**2 + np.log(second / mean**2))
        low, high = _tenths(np.array(mean), spread)
        return mean, float(low), float(high)


def _tenths(mean: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P10 and P90 of lognormals by mean and standard deviation of the logarithm."""
    middle = mean * np.exp(-(spread**2) / 2)
    return middle * np.exp(-TENTH * spread), middle * np.exp(TENTH * spread)


def tree_carbon(trees: gpd.GeoDataFrame) -> TreeCarbon:
    """Estimate what each tree of a City holds and takes up.

    Parameters
    ----------
    trees : GeoDataFrame
        Columns of ``TREE_COLUMNS``. A trunk that is unknown is taken from the height.

    Returns
    -------
    TreeCarbon

    Notes
    -----
    Stored = biomass above ground (`twin.allometry.aboveground_biomass`) x 0.8 (open-grown) x 1.26 (roots) x 0.5 carbon
    x 44/12. With ln trunk uncertain by s, the mean of trunk^b1 is exp((b1 s)^2 / 2) times that of the likeliest trunk:
    without it a city of trees of unknown girth would come out far too light. The yearly uptake is the difference to a
    trunk that widens as its species does, slower near its greatest height (Nowak 2020).
    """
    species = species_of(trees["species"])
    groups = [one.allometry for one in species]
    known = allometries()
    exponent = np.array([known[group].b1 for group in groups], np.float64)
    largest = np.array([known[group].largest for group in groups], np.float64)
    height = trees["height"].to_numpy(np.float64)
    given = trees["trunk_diameter"].to_numpy(np.float64)
    trunk = np.where(np.isfinite(given), given, trunk_from_height(height))
    basis = _bases(trees["assumed"], np.isfinite(given))

    slip = np.array([_TRUNK_SCATTER[one] for one in basis], np.float64)
    stretch = STRETCHED * np.log(np.maximum(trunk / largest, 1.0))
    factor = OPEN_GROWN * ROOTS * CARBON * CO2_OF_CARBON
    likely = factor * aboveground_biomass(trunk, groups)

    tallest = GREATEST * np.array([one.height for one in species], np.float64)
    near = np.clip((height / tallest - SLOWS) / (STOPS - SLOWS), 0.0, 1.0)
    widening = np.array([one.trunk_growth for one in species], np.float64) * (1.0 + near * (HARDLY - 1.0))
    gained = factor * aboveground_biomass(trunk + widening, groups) - likely
    return TreeCarbon(
        trunk_diameter=trunk,
        basis=basis,
        stored=likely * np.exp((exponent * slip) ** 2 / 2),
        yearly=gained * np.exp(((exponent - 1.0) * slip) ** 2 / 2),
        own=np.sqrt((exponent * slip) ** 2 + stretch**2 + TREE_SCATTER**2),
        own_yearly=np.sqrt(((exponent - 1.0) * slip) ** 2 + stretch**2 + TREE_SCATTER**2 + GROWTH_SCATTER**2),
        group=groups,
        stretched=trunk > largest,
    )


def _bases(assumed: Sequence[str], given: np.ndarray) -> list[str]:
    found = []
    for words, has_trunk in zip((str(one).split() for one in assumed), given, strict=True):
        if has_trunk and "trunk_diameter" not in words:
            found.append("girth")
        elif "height" not in words:
            found.append("height")
        else:
            found.append("crown" if has_trunk and "crown_diameter" not in words else "nothing")
    return found
