"""Streets as ground: the cells of each named street, from facade side to facade side, and of all pavements."""

from dataclasses import dataclass

import numpy as np
import shapely

from twin.city import City
from twin.layers import SIDEWALK, remembered
from twin.rasterise import Grid, centres_in
from twin.streets import BELOW, FOOT

APART = 200.0
"""Links of one name that lie further apart are different streets: the Region has several of most names. [m]"""


@dataclass(frozen=True)
class StreetGround:
    """The named streets of a city on one grid; a crossing belongs to each street that meets there.

    Attributes
    ----------
    names : list of (str, str)
        In French and Dutch, by street.
    lines : (street,) array of geometry
        Axes of its links.
    cells, owner : (entry,) int64
        Row-major number of a cell whose centre it holds, and the street.
    pavements : (y, x) bool
        Ground kept for walking: the strip of `twin.layers.SIDEWALK` beside each carriageway, and paths. Where a strip
        runs into a building its cells are built; the figures leave them out.
    carriageways : (y, x) bool
    """

    names: list[tuple[str, str]]
    lines: np.ndarray
    cells: np.ndarray
    owner: np.ndarray
    pavements: np.ndarray
    carriageways: np.ndarray

    def means(self, field: np.ndarray, where: np.ndarray) -> np.ndarray:
        """Mean of a field over each street's cells.

        Parameters
        ----------
        field : (y, x) float
            NaN is nothing. [its unit]
        where : (y, x) bool
            Cells that count.

        Returns
        -------
        (street,) float64
            NaN where no cell of it counts.
        """
        values = field.ravel()[self.cells].astype(float)
        known = np.isfinite(values) & where.ravel()[self.cells]
        count = np.bincount(self.owner[known], minlength=len(self.names))
        total = np.bincount(self.owner[known], values[known], minlength=len(self.names))
        return np.divide(total, count, out=np.full(len(self.names), np.nan), where=count > 0)


def street_ground(city: City, grid: Grid) -> StreetGround:
    """The streets of a city on a grid; links below the ground are left out."""
    links = city.links[~city.links["kind"].str.endswith(BELOW).to_numpy(bool)]
    near = links.geometry.intersects(shapely.box(*grid.bounds)).to_numpy(bool)
    links = links[near]
    lines, widths = links.geometry.to_numpy(), links["width"].to_numpy(float)
    on_foot = links["kind"].isin(FOOT).to_numpy(bool)
    reach = widths / 2 + np.where(on_foot, 0.0, SIDEWALK)
    key = ("street ground", city.part_digest("links"), grid)

    def masks() -> tuple[np.ndarray, np.ndarray]:
        driven = ~on_foot & (widths > 0)
        roads = _covered(shapely.buffer(lines[driven], widths[driven] / 2, quad_segs=4), grid)
        walks = _covered(shapely.buffer(lines, reach, quad_segs=4), grid)
        return walks & ~roads, roads

    pavements, carriageways = remembered(key, masks)
    names, owner = streets_of(links["name_fr"].to_numpy(), links["name_nl"].to_numpy(), lines)
    axes = np.array([shapely.union_all(lines[owner == street]) for street in range(len(names))], dtype=object)
    bands = [
        shapely.union_all(shapely.buffer(lines[owner == street], reach[owner == street], quad_segs=4))
        for street in range(len(names))
    ]
    owner, cells = centres_in(np.array(bands, dtype=object), grid)
    return StreetGround(names, axes, cells, owner, pavements, carriageways)


def _covered(shapes: np.ndarray, grid: Grid) -> np.ndarray:
    """Cells whose centre lies in any of the shapes: (y, x) bool."""
    found = np.zeros(grid.rows * grid.columns, bool)
    found[centres_in(shapes, grid)[1]] = True
    return found.reshape(grid.shape)


def streets_of(french: np.ndarray, dutch: np.ndarray, lines: np.ndarray) -> tuple[list[tuple[str, str]], np.ndarray]:
    """Names of the streets and the street of each link; -1 for links without a name."""
    names: list[tuple[str, str]] = []
    owner = np.full(len(lines), -1, np.int64)
    for name in sorted({(str(fr), str(nl)) for fr, nl in zip(french, dutch, strict=True)} - {("", "")}):
        mine = np.flatnonzero((french == name[0]) & (dutch == name[1]))
        places = shapely.get_parts(shapely.union_all(shapely.buffer(lines[mine], APART / 2, quad_segs=2)))
        _, place = shapely.STRtree(places).query(lines[mine], predicate="within")
        owner[mine] = len(names) + place
        names += [name] * len(places)
    return names, owner
