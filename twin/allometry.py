"""What the size of a tree says about the rest of it: trunk from height or crown, biomass from trunk."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from twin.city import CityError

_TABLE = Path(__file__).parents[1] / "assets" / "tree_allometry.csv"

SOURCES = {
    "Jenkins 2003": "J. C. Jenkins, D. C. Chojnacky, L. S. Heath, R. A. Birdsey, National-scale biomass estimators for "
    "United States tree species, Forest Science 49 (2003) 12-35, doi:10.1093/forestscience/49.1.12",
    "Chojnacky 2014": "D. C. Chojnacky, L. S. Heath, J. C. Jenkins, Updated generalized biomass equations for North "
    "American tree species, Forestry 87 (2014) 129-151, doi:10.1093/forestry/cpt053",
}
"""Works behind the short names of the table."""

TREE_HEIGHT = 10.0
"""Assumed where unknown: the height most often given for the trees of central Brussels in OSM. [m]"""
CROWN_PER_HEIGHT = 0.5
"""Assumed crown diameter by height of a tree of no known species, held between 2 and 20 m. [1]"""
BASE_PER_HEIGHT = 0.25
"""Assumed height of the lowest leaves by height of the tree. [1]"""

TRUNK_OF_HEIGHT = (-4.1412, 1.0794)
"""ln trunk [m] = a + b ln height [m]: least squares over the 3,179 trees of central Brussels that have both in OSM."""
TRUNK_OF_HEIGHT_SCATTER = 0.378
"""Standard deviation of ln trunk around it. [1]"""
HEIGHT_OF_TRUNK = (3.3068, 0.5734)
"""ln height [m] = a + b ln trunk [m]: the same trees, the other way. [1]"""
TRUNK_OF_CROWN_SCATTER = 0.45
"""Standard deviation of ln trunk around Jucker et al. (2017) for the same trees, crowns assumed. [1]"""
TRUNK_SPREAD = 0.612
"""Standard deviation of ln trunk of these trees: what a tree of unknown size may be. [1]"""


@dataclass(frozen=True)
class Allometry:
    """One equation for the dry mass above ground: ln mass [kg] = b0 + b1 ln trunk [cm].

    Attributes
    ----------
    b0, b1 : float
        Of the equation. [ln kg], [1]
    scatter : float
        Standard deviation of ln mass around the published equations that it sums up. [1]
    largest : float
        Thickest trunk among them; beyond it the equation is stretched. [m]
    source, source_scatter : str
    """

    b0: float
    b1: float
    scatter: float
    largest: float
    source: str
    source_scatter: str


@cache
def allometries() -> dict[str, Allometry]:
    """The equations by the name that ``allometry`` of the species table gives them."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["group"]: Allometry(
                float(row["b0"]),
                float(row["b1"]),
                float(row["scatter"]),
                float(row["largest"]),
                row["source"],
                row["source_scatter"],
            )
            for row in csv.DictReader(file)
        }


def aboveground_biomass(trunk_diameter: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Dry mass above ground of trees of the forest.

    Parameters
    ----------
    trunk_diameter : (tree,) float64
        At 1.3 m. [m]
    groups : (tree,) sequence of str
        Equation of each, a key of `allometries`.

    Returns
    -------
    (tree,) float64
        [kg]

    Raises
    ------
    CityError
        There is no such equation.

    Notes
    -----
    Table 4 of Jenkins et al. (2003), doi:10.1093/forestscience/49.1.12, and table 5 of Chojnacky et al. (2014),
    doi:10.1093/forestry/cpt053, both with the trunk in centimetres.
    """
    known = allometries()
    strange = sorted(set(groups) - set(known))
    if strange:
        raise CityError(f"there is no allometry {strange[0]!r}; {_TABLE.name} has {', '.join(known)}")
    b0 = np.array([known[group].b0 for group in groups], np.float64)
    b1 = np.array([known[group].b1 for group in groups], np.float64)
    return np.exp(b0 + b1 * np.log(100.0 * np.asarray(trunk_diameter, np.float64)))


def trunk_from_height(height: ArrayLike) -> np.ndarray:
    """Trunk of a tree of which only the height is known: the relation of central Brussels itself.

    Parameters
    ----------
    height : (tree,) float64
        [m]

    Returns
    -------
    (tree,) float64
        [m]
    """
    a, b = TRUNK_OF_HEIGHT
    return np.asarray(np.exp(a + b * np.log(height)))


def trunk_from_crown(height: ArrayLike, crown_diameter: ArrayLike) -> np.ndarray:
    """Trunk of a tree seen from above.

    Parameters
    ----------
    height, crown_diameter : (tree,) float64
        [m]

    Returns
    -------
    (tree,) float64
        [m]

    Notes
    -----
    Jucker et al. (2017), doi:10.1111/gcb.13388: trunk [cm] = 0.557 (height x crown)^0.809 exp(0.056^2 / 2), over
    108,753 trees of the world's forests. Trees of Brussels are on average a third thicker than it says.
    """
    seen = np.asarray(height) * np.asarray(crown_diameter)
    return np.asarray(0.01 * 0.557 * seen**0.809 * np.exp(0.056**2 / 2))


def height_from_trunk(trunk_diameter: ArrayLike) -> np.ndarray:
    """Height of a tree of which only the trunk is known, within 2 to 35 m: the relation of central Brussels.

    Parameters
    ----------
    trunk_diameter : (tree,) float64
        [m]

    Returns
    -------
    (tree,) float64
        [m]
    """
    a, b = HEIGHT_OF_TRUNK
    return np.asarray(np.clip(np.exp(a + b * np.log(trunk_diameter)), 2.0, 35.0))
