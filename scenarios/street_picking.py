"""Which streets a drawn line, polygon or point means: those that one sees there and that somebody may drive on."""

from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.city import LINK_COLUMNS, City, complete
from twin.street_access import MOTOR, by_kind
from twin.streets import BELOW

BESIDE = 6.0
"""A street lies under a drawn line where its axis is no further from it: half a usual street. [m]"""
MOST = 0.5
"""Part of a street's length that must lie under a line, or inside a polygon. [1]"""
_ALONG = 0.7  # of the part under a line: less, and the street crosses it instead of following it [1]
_STEP = 2.0  # between the places of a street that are looked at [m]


@dataclass(frozen=True)
class Picked:
    """A street under a drawn line.

    Attributes
    ----------
    street : str
        Id of ``city.links``.
    along : bool
        Whether its own line runs the way the drawn one does.
    """

    street: str
    along: bool


def open_to(links: gpd.GeoDataFrame, modes: int = MOTOR) -> np.ndarray:
    """Whether any of some modes may use each street, in either direction, (street,) bool.

    As `twin.street_graph.graph_of` has it, without the graph.

    Parameters
    ----------
    links : GeoDataFrame
        Rows of ``city.links``.
    modes : int
        Sum of `twin.street_access.BIT`.
    """
    table = complete(links, LINK_COLUMNS)
    below = table["kind"].str.endswith(BELOW).to_numpy(bool)
    kinds, kind = np.unique(table["kind"].str.removesuffix(BELOW).to_numpy(str), return_inverse=True)
    usual = np.array([[by_kind(str(one), below=under) for under in (False, True)] for one in kinds], np.int64)
    said = [table[way].fillna(0).to_numpy(np.int64) for way in ("forward", "backward")]
    unknown = (table["forward"].isna() | table["backward"].isna()).to_numpy()
    found: np.ndarray = np.where(unknown, usual.reshape(-1, 2)[kind, below.astype(int)], said[0] | said[1])
    return (found & modes) != 0


def seen(links: gpd.GeoDataFrame) -> np.ndarray:
    """Whether a street lies above the ground, where one can draw on it, (street,) bool."""
    return ~links["kind"].str.endswith(BELOW).to_numpy(bool)


def streets_under(line: BaseGeometry, city: City, modes: int = MOTOR) -> list[Picked]:
    """Streets that run under a drawn line for more than half of their length; those that cross it are not meant.

    Parameters
    ----------
    line : LineString
    city : City
    modes : int
        Streets that none of these may use are left out.

    Returns
    -------
    list of Picked
        In the order in which the line meets them.
    """
    found = []
    for row in _candidates(shapely.buffer(line, BESIDE), city, modes):
        axis = city.links.geometry.iloc[row]
        places = shapely.line_interpolate_point(axis, np.linspace(0, axis.length, max(9, int(axis.length / _STEP) + 1)))
        near = shapely.distance(places, line) <= BESIDE
        if near.mean() <= MOST:
            continue
        there = shapely.line_locate_point(line, places)
        steps = np.diff(there)[near[1:] & near[:-1]]
        step = axis.length / (len(places) - 1)
        if not steps.size or abs(steps.sum()) < _ALONG * step * steps.size:
            continue
        found.append((there[near].min(), Picked(str(city.links.index[row]), bool(steps.sum() > 0))))
    return [one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].street))]


def streets_inside(polygon: BaseGeometry, city: City, modes: int = MOTOR) -> list[str]:
    """Ids of the streets of which more than half lies inside a polygon, sorted.

    Parameters
    ----------
    polygon : Polygon
    city : City
    modes : int
        Streets that none of these may use are left out.
    """
    rows = _candidates(polygon, city, modes)
    lines = city.links.geometry.to_numpy()[rows]
    most = shapely.length(shapely.intersection(lines, polygon)) > MOST * shapely.length(lines)
    return sorted(map(str, city.links.index[rows[most]]))


def street_at(
    point: BaseGeometry, city: City, modes: int = MOTOR, *, within: float, kinds: Collection[str] | None = None
) -> str | None:
    """Id of the nearest street to a point; None where there is none within a distance.

    Parameters
    ----------
    point : Point, or another geometry
    city : City
    modes : int
        Streets that none of these may use are left out.
    within : float
        [m]
    kinds : collection of str, optional
        Only streets of these kinds.
    """
    rows = _candidates(shapely.buffer(point, within), city, modes)
    if kinds is not None:
        rows = rows[city.links["kind"].isin(kinds).to_numpy(bool)[rows]]
    if not rows.size:
        return None
    away = shapely.distance(city.links.geometry.to_numpy()[rows], point)
    return str(city.links.index[rows[int(np.argmin(away))]])


def _candidates(shape: BaseGeometry, city: City, modes: int) -> np.ndarray:
    if not len(city.links):
        return np.zeros(0, np.int64)
    near = np.sort(np.asarray(city.links.sindex.query(shape, predicate="intersects"), np.int64))
    links = city.links.iloc[near]
    kept: np.ndarray = near[seen(links) & open_to(links, modes)]
    return kept
