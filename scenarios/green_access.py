"""The 3-30-300 rule: three trees in sight of every home, thirty per cent canopy, a park within three hundred metres."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from scipy.ndimage import binary_closing, distance_transform_edt, label

from kernels.quantities import Language
from scenarios.exposure import homes_of, residents, sector_cells, sector_of
from scenarios.situation import Situation
from twin.land_covers import land_covers
from twin.rasterise import Grid

TREES, CANOPY, PARK = 3, 0.30, 300.0
"""Trees in sight [1], canopy of the neighbourhood [1], way to green [m]: Konijnendijk 2022,
doi:10.1007/s11676-022-01523-z."""
SIGHT = 30.0
"""A tree further than this from the facade is not counted as seen; the rule gives no distance, this is an assumption.
[m]"""
GREEN = ("lawn", "shrub", "forest_floor")
"""Land covers of parks and woods. Gardens inside blocks (``courtyard``) are not open to all and do not count."""
SMALLEST = 1.0
"""A green space must have this; the rule names 1 ha, and 0.5 ha where the city has no room for more. [ha]"""
BRIDGED = 4.0
"""Green on both sides of a path this wide is one green space. [m]"""
_CLEAR = 0.2
"""A sight line is cut short by this at the facade, where party walls meet. [m]"""

ASSUMPTIONS: tuple[dict[Language, str], ...] = (
    {
        "fr": "Un arbre est vu d'un logement si la plus courte ligne entre sa façade et le tronc, au plus 30 m, ne "
        "traverse aucun autre bâtiment ; les fenêtres et les étages ne sont pas connus.",
        "nl": "Een boom is zichtbaar vanuit een woning als de kortste lijn van gevel tot stam, hoogstens 30 m, door "
        "geen ander gebouw loopt; ramen en verdiepingen zijn niet bekend.",
        "en": "A tree is seen from a home if the shortest line from its facade to the trunk, at most 30 m, passes "
        "through no other building; windows and storeys are not known.",
    },
    {
        "fr": "Trois cents mètres à vol d'oiseau, et non à pied ; on ne sait pas si un espace vert est ouvert au "
        "public. Les arbres et espaces verts absents des données ou hors de la fenêtre ne comptent pas.",
        "nl": "Driehonderd meter in vogelvlucht, niet te voet; of groen openbaar toegankelijk is, is niet bekend. "
        "Bomen en groen die in de gegevens ontbreken of buiten het venster liggen, tellen niet.",
        "en": "Three hundred metres as the crow flies, not on foot; whether green is open to the public is not known. "
        "Trees and green that the data lack, or that lie outside the window, do not count.",
    },
)


@dataclass(frozen=True)
class GreenAccess:
    """How a city meets the rule.

    Attributes
    ----------
    homes : DataFrame
        By id of each building of `scenarios.exposure.homes_of`: ``trees_seen`` [1], ``canopy_share`` of its sector [1],
        ``green_distance`` [m] (infinite where there is no green space), whether it meets ``three``, ``thirty``,
        ``three_hundred`` and ``all``, ``residents`` (NaN where not known) and ``sector`` (id, empty for none).
    sectors : GeoDataFrame
        By sector id: ``name_fr``, ``name_nl``, ``canopy_share`` [1], and the share of its residents who meet
        ``three``, ``thirty``, ``three_hundred`` and ``all`` [1], NaN where nobody lives. Geometry in Lambert 72.
    whole : dict
        The same shares of all residents; of all homes where residents are not known.
    """

    homes: pd.DataFrame
    sectors: gpd.GeoDataFrame
    whole: dict[str, float]


RULES = ("three", "thirty", "three_hundred", "all")


def green_access(situation: Situation, layers: xr.Dataset, *, smallest: float = SMALLEST) -> GreenAccess:
    """Hold a city against the 3-30-300 rule.

    Parameters
    ----------
    situation : Situation
    layers : xarray.Dataset
        Of `twin.layers.layers`, of the whole city: what lies outside them is not counted.
    smallest : float
        Area that a green space must have. [ha]
    """
    city = situation.city
    table = city.buildings
    lived = np.flatnonzero(homes_of(city))
    people = residents(city)
    sector = sector_of(city)[lived]
    grid = Grid.of(layers)
    shares = canopy_shares(layers["canopy_top"].values, sector_cells(city, grid), len(city.sectors))
    homes = pd.DataFrame(
        {
            "trees_seen": trees_seen(
                table.geometry.to_numpy(), lived, shapely.get_coordinates(city.trees.geometry.to_numpy())
            ),
            "canopy_share": np.append(shares, np.nan)[sector],
            "green_distance": _distances(table.geometry.to_numpy()[lived], green_spaces(layers, smallest), grid),
            "residents": np.full(lived.size, np.nan) if people is None else people[lived],
            "sector": np.append(city.sectors.index.to_numpy(object), "")[sector],
        },
        index=table.index[lived],
    )
    homes["three"] = homes["trees_seen"] >= TREES
    homes["thirty"] = homes["canopy_share"] >= CANOPY
    homes["three_hundred"] = homes["green_distance"] <= PARK
    homes["all"] = homes["three"] & homes["thirty"] & homes["three_hundred"]
    weights = np.ones(lived.size) if people is None else people[lived]
    here = sector >= 0
    lives = np.bincount(sector[here], weights[here], minlength=len(city.sectors))
    found = city.sectors[["name_fr", "name_nl", "geometry"]].assign(canopy_share=shares)
    whole = {}
    for rule in RULES:
        meets = weights * homes[rule].to_numpy()
        by_sector = np.bincount(sector[here], meets[here], minlength=len(city.sectors))
        found[rule] = np.divide(by_sector, lives, out=np.full(lives.size, np.nan), where=lives > 0)
        whole[rule] = float(meets.sum() / weights.sum()) if weights.sum() > 0 else np.nan
    return GreenAccess(homes, found, whole)


def trees_seen(buildings: np.ndarray, lived: np.ndarray, trunks: np.ndarray) -> np.ndarray:
    """Trees in sight of homes.

    Parameters
    ----------
    buildings : (building,) array of geometry
        All footprints. [m]
    lived : (home,) int
        Those that people live in.
    trunks : (tree, 2) float64
        [m]

    Returns
    -------
    (home,) int64
        Trees within `SIGHT` of the footprint whose shortest line to it passes through no other building.
    """
    if not len(trunks) or not lived.size:
        return np.zeros(lived.size, np.int64)
    points = shapely.points(trunks)
    home, tree = shapely.STRtree(points).query(buildings[lived], predicate="dwithin", distance=SIGHT)
    lines = shapely.shortest_line(points[tree], buildings[lived[home]])
    long = shapely.length(lines)
    inside = long <= 2 * _CLEAR
    ends = shapely.line_interpolate_point(lines, np.maximum(long - _CLEAR, 0.0))
    sight = shapely.linestrings(
        np.stack([shapely.get_coordinates(points[tree]), shapely.get_coordinates(ends)], axis=1)
    )
    near, block = shapely.STRtree(buildings).query(sight, predicate="intersects")
    other = block != lived[home[near]]
    hidden = np.zeros(sight.size, bool)
    hidden[near[other]] = True
    return np.bincount(home[~hidden | inside], minlength=lived.size)


def canopy_shares(canopy_top: np.ndarray, sector: np.ndarray, count: int) -> np.ndarray:
    """Part of each sector under crowns, roofs and water counted as area: (sector,) float64, NaN off the grid. [1]"""
    known = sector >= 0
    cells = np.bincount(sector[known], minlength=count)
    under = np.bincount(sector[known], (canopy_top > 0)[known], minlength=count)
    return np.divide(under, cells, out=np.full(count, np.nan), where=cells > 0)


def green_spaces(layers: xr.Dataset, smallest: float = SMALLEST) -> np.ndarray:
    """Cells of green spaces that are large enough: (y, x) bool.

    Parameters
    ----------
    layers : xarray.Dataset
    smallest : float
        [ha]
    """
    size = float(layers.attrs["cell_size"])
    codes = np.array([land_covers()[key].code for key in GREEN])
    green = np.isin(layers["land_cover"].values, codes)
    steps = int(BRIDGED / size / 2)
    joined = green
    if steps:
        padded = np.pad(green, steps)
        joined = binary_closing(padded, np.ones((3, 3), bool), iterations=steps)[steps:-steps, steps:-steps] | green
    parts, number = label(joined, np.ones((3, 3), int))
    area = np.bincount(parts.ravel(), green.ravel(), minlength=number + 1) * size**2 / 10_000.0
    area[0] = 0.0
    large: np.ndarray = (area >= smallest)[parts] & green
    return large


def _distances(footprints: np.ndarray, green: np.ndarray, grid: Grid) -> np.ndarray:
    """From each footprint's middle to the nearest green cell, less half a cell. [m]"""
    if not green.any():
        return np.full(footprints.size, np.inf)
    away = np.maximum(distance_transform_edt(~green, sampling=grid.cell_size) - grid.cell_size / 2, 0.0)
    column, row = np.floor(grid.units(shapely.get_coordinates(shapely.point_on_surface(footprints)))).astype(int).T
    inside = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
    found = np.full(footprints.size, np.inf)
    found[inside] = away[row[inside], column[inside]]
    return found
