"""City: the geometry of Brussels as one frozen value with stable ids and a digest."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

CRS = "EPSG:31370"
"""Belgian Lambert 72; heights are TAW (EPSG:5710)."""

KINDS = ("ground", "wall", "roof")
GROUND, WALL, ROOF = range(3)


class CityError(ValueError):
    """Geometry that cannot be a City; the text names the object, what was expected and the remedy."""


@dataclass(frozen=True)
class Source:
    """Where a part of the city comes from; travels into every result.

    Attributes
    ----------
    part : str
        ``buildings``, ``terrain``, ``trees``, ``streets``, ...
    title, licence, url, vintage : str
        In words; empty where not known.
    sha256 : str
        Of the bytes that were read; empty for parts made by a program.
    """

    part: str
    title: str
    licence: str = ""
    url: str = ""
    vintage: str = ""
    sha256: str = ""


@dataclass(frozen=True, eq=False)
class Surfaces:
    """The faces of all buildings, as polygons with holes and as triangles.

    Attributes
    ----------
    vertices : (vertex, 3) float64
        Easting, northing, height TAW. [m]
    ring_vertices : (corner,) int32
        Vertex of each ring corner, all rings in one row; a ring does not repeat its first corner.
    ring_offsets : (ring + 1,) int32
        Ring ``r`` is ``ring_vertices[ring_offsets[r]:ring_offsets[r + 1]]``.
    surface_rings : (surface + 1,) int32
        Surface ``s`` has the rings ``surface_rings[s]:surface_rings[s + 1]``, outer first, then holes.
    kind : (surface,) int8
        0 ground, 1 wall, 2 roof.
    building : (surface,) int32
        Row of the buildings table.
    triangles : (triangle, 3) int32
        Vertices of each triangle, counter-clockwise seen from outside.
    triangle_surface : (triangle,) int32
        Surface of each triangle; ascending.
    """

    vertices: np.ndarray
    ring_vertices: np.ndarray
    ring_offsets: np.ndarray
    surface_rings: np.ndarray
    kind: np.ndarray
    building: np.ndarray
    triangles: np.ndarray
    triangle_surface: np.ndarray

    @classmethod
    def empty(cls) -> "Surfaces":
        """No surface at all."""
        zero = np.zeros(1, np.int32)
        none = np.zeros(0, np.int32)
        return cls(np.zeros((0, 3)), none, zero, zero, np.zeros(0, np.int8), none, np.zeros((0, 3), np.int32), none)

    def __len__(self) -> int:
        return self.kind.size

    @cached_property
    def digest(self) -> str:
        """Hash of all arrays."""
        return _hash(part for one in fields(self) for part in _array_bytes(one.name, getattr(self, one.name)))


@dataclass(frozen=True, eq=False)
class Terrain:
    """Bare ground as a regular grid; row 0 is the southernmost.

    Attributes
    ----------
    elevation : (y, x) float32
        Height TAW at cell centres; NaN where unknown. [m]
    west, south : float
        Outer corner of the first cell. [m]
    cell_size : float
        Side of a cell. [m]
    """

    elevation: np.ndarray
    west: float
    south: float
    cell_size: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the outer cell edges. [m]"""
        rows, columns = self.elevation.shape
        return (
            self.west,
            self.south,
            self.west + columns * self.cell_size,
            self.south + rows * self.cell_size,
        )

    def sample(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Bilinear height at points, held constant beyond the outer cell centres.

        Parameters
        ----------
        x, y : array_like
            Lambert 72. [m]

        Returns
        -------
        ndarray
            Height TAW, in the shape of ``x``. [m]
        """
        rows, columns = self.elevation.shape
        u = np.clip((np.asarray(x, float) - self.west) / self.cell_size - 0.5, 0.0, columns - 1.0)
        v = np.clip((np.asarray(y, float) - self.south) / self.cell_size - 0.5, 0.0, rows - 1.0)
        i = np.minimum(u.astype(int), max(columns - 2, 0))
        j = np.minimum(v.astype(int), max(rows - 2, 0))
        east, north = np.minimum(i + 1, columns - 1), np.minimum(j + 1, rows - 1)
        s, t = u - i, v - j
        z = self.elevation.astype(float, copy=False)
        low = z[j, i] * (1 - s) + z[j, east] * s
        high = z[north, i] * (1 - s) + z[north, east] * s
        return low * (1 - t) + high * t

    @cached_property
    def digest(self) -> str:
        """Hash of the grid and its frame."""
        return _hash((*_array_bytes("z", self.elevation), repr((self.west, self.south, self.cell_size)).encode()))


Column = Literal["str", "f8", "i8", "bool"]

BUILDING_COLUMNS: dict[str, Column] = {
    "ground_z": "f8",  # lowest ground of the building, TAW [m]
    "ridge_height": "f8",  # highest roof point above ground_z, lift houses left out [m]
    "eaves_height": "f8",  # area-weighted level of the lower roof edges above ground_z [m]
    "roof_area": "f8",  # [m2]
    "volume": "f8",  # NaN where the shell is open [m3]
    "storeys": "i8",
    "use": "str",  # residential, office, retail, education, worship, transport, annex, other
    "name": "str",
    "quality": "str",  # flags, space separated: open_shell non_manifold no_roof flipped ...
    "origin": "str",  # id in the source file
    "year": "f8",  # of construction, NaN where unknown; this and all below: see `twin.building_facts.FACTS`
    "owner": "str",
    "energy_use": "str",  # of `twin.building_uses.USES`, where it is known better than by ``use``
    "floor_area": "f8",  # heated [m2]
    "dwellings": "f8",
    "roof_u": "f8",  # [W m-2 K-1]
    "wall_u": "f8",
    "floor_u": "f8",  # of the floor alone, without the ground
    "window_u": "f8",
    "window_g": "f8",
    "window_share": "f8",  # of the free facade
    "infiltration": "f8",  # [h-1]
    "heat_recovery": "f8",  # share of the heat of fresh air
    "heat_source": "str",  # of `kernels.energy.carriers.HEAT_SOURCES`
    "metered_heat": "f8",  # fuel or heat bought in a year, by the meter [kWh a-1]
    "metered_electricity": "f8",  # [kWh a-1]
}
TREE_COLUMNS: dict[str, Column] = {
    "height": "f8",  # [m]
    "crown_diameter": "f8",  # [m]
    "crown_base": "f8",  # height of the lowest leaves above ground [m]
    "species": "str",
    "assumed": "str",  # which of the values were assumed, space separated
    "trunk_diameter": "f8",  # at 1.3 m above ground, NaN where unknown [m]
    "planted": "f8",  # year, NaN where unknown
    "source": "str",  # who knows of it, space separated: heritage list osm; empty where nobody said
}
LINK_COLUMNS: dict[str, Column] = {
    "start": "str",  # node id
    "end": "str",
    "kind": "str",  # OSM highway value
    "name_fr": "str",
    "name_nl": "str",
    "width": "f8",  # [m]
    "lanes": "i8",
    "speed": "f8",  # [km/h]
    "oneway": "bool",
    "assumed": "str",
    "lanes_backward": "f8",  # those of ``lanes`` that run against the line, NaN where unknown
    "forward": "f8",  # who may go along the line, a sum of `twin.street_access.BIT`, NaN where unknown
    "backward": "f8",  # and against it
}
NODE_COLUMNS: dict[str, Column] = {
    "signal": "f8",  # whether there are traffic lights, NaN where unknown
    "barrier": "str",  # OSM value, a rising bollard as rising_bollard
    "barred": "f8",  # whom the barrier stops, a sum of `twin.street_access.BIT`, NaN where unknown
}
TURN_COLUMNS: dict[str, Column] = {
    "arriving": "str",  # link
    "via": "str",  # node
    "leaving": "str",  # link
    "only": "bool",  # all others are barred, not this one
    "barred": "i8",  # whom it binds, a sum of `twin.street_access.BIT`
}
BUS_LINE_COLUMNS: dict[str, Column] = {
    "line": "str",  # what the bus shows
    "stops": "str",  # places along the line, space separated [m]
}
COVER_COLUMNS: dict[str, Column] = {"cover": "str"}  # a key of assets/land_covers.csv; later rows lie on top
WALL_COLUMNS: dict[str, Column] = {"height": "f8"}  # crest above the ground under it [m]
SECTOR_COLUMNS: dict[str, Column] = {"name_fr": "str", "name_nl": "str", "population": "f8"}
AMENITY_COLUMNS: dict[str, Column] = {"category": "str", "name": "str"}

_UNKNOWN = float("nan")
LATER_COLUMNS: dict[str, float | str] = {
    "trunk_diameter": _UNKNOWN, "planted": _UNKNOWN, "source": "",
    "lanes_backward": _UNKNOWN, "forward": _UNKNOWN, "backward": _UNKNOWN,
    "signal": _UNKNOWN, "barrier": "", "barred": _UNKNOWN,
    "year": _UNKNOWN, "owner": "", "energy_use": "", "floor_area": _UNKNOWN, "dwellings": _UNKNOWN,
    "roof_u": _UNKNOWN, "wall_u": _UNKNOWN, "floor_u": _UNKNOWN, "window_u": _UNKNOWN, "window_g": _UNKNOWN,
    "window_share": _UNKNOWN, "infiltration": _UNKNOWN, "heat_recovery": _UNKNOWN, "heat_source": "",
    "metered_heat": _UNKNOWN, "metered_electricity": _UNKNOWN,
}  # fmt: skip
"""Columns that tables did not always have, and what stands in them where nobody knows.

`as_table` fills them in, `complete` adds them to a table from an older folder, and one in which nobody knows anything
does not count in the digest, so that an older city keeps its own.
"""


def empty_table(columns: dict[str, Column]) -> gpd.GeoDataFrame:
    """A table of the city with no row: a string index ``id``, a geometry and the given columns."""
    data = {name: pd.Series([], dtype=_dtype(kind)) for name, kind in columns.items()}
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries([], crs=CRS), index=pd.Index([], dtype=object, name="id"))


def as_table(
    ids: Iterable[str], geometry: Iterable[Any], columns: dict[str, Column], **data: Iterable[Any]
) -> gpd.GeoDataFrame:
    """Build a table of the city with exactly the given columns.

    Those of `LATER_COLUMNS` may be left out.

    Raises
    ------
    CityError
        A column is missing or unknown, or an id occurs twice.
    """
    index = pd.Index(list(ids), dtype=object, name="id")
    data = {name: [LATER_COLUMNS[name]] * len(index) for name in columns if name in LATER_COLUMNS} | data
    if set(data) != set(columns):
        raise CityError(f"the table wants the columns {sorted(columns)}, got {sorted(data)}")
    if index.has_duplicates:
        raise CityError(f"id {index[index.duplicated()][0]!r} occurs twice; ids of a City are unique")
    series = {name: pd.Series(list(data[name]), dtype=_dtype(kind), index=index) for name, kind in columns.items()}
    return gpd.GeoDataFrame(series, geometry=gpd.GeoSeries(list(geometry), index=index, crs=CRS), crs=CRS)


def complete(table: gpd.GeoDataFrame, columns: dict[str, Column]) -> gpd.GeoDataFrame:
    """A table with those of `LATER_COLUMNS` that it lacks; the same one where it lacks none."""
    lacking = [name for name in columns if name in LATER_COLUMNS and name not in table.columns]
    added = {
        name: pd.Series([LATER_COLUMNS[name]] * len(table), dtype=_dtype(columns[name]), index=table.index)
        for name in lacking
    }
    return table.assign(**added)[[*columns, table.geometry.name]] if lacking else table


def _dtype(kind: Column) -> Any:
    return {"str": object, "f8": np.float64, "i8": np.int64, "bool": np.bool_}[kind]


@dataclass(frozen=True, eq=False)
class City:
    """A city, or a part of one: geometry only, frozen.

    An edit is ``dataclasses.replace``: the new City shares every table that did not change.

    Attributes
    ----------
    name : str
    bounds : tuple of float
        West, south, east, north in Lambert 72. [m]
    surfaces : Surfaces
    buildings, trees, links, land_cover, walls, sectors, amenities : GeoDataFrame
        Index ``id`` (str), columns as the ``*_COLUMNS`` of this module, Lambert 72.
        Buildings: footprint (Multi)Polygon; their row order is ``surfaces.building``.
    nodes : GeoDataFrame
        Street nodes, points; with or without the columns of `NODE_COLUMNS`.
    turns : DataFrame or None
        Turns that the map forbids, columns as `TURN_COLUMNS`; None where it knows of none.
    terrain : Terrain or None
    bus_lines : GeoDataFrame or None
        Lines of buses in the direction of travel, columns as `BUS_LINE_COLUMNS`; None where none are known.
    drains : xarray.Dataset or None
        The sewers, see `twin.drains`; their arrays are read-only.
    sources : tuple of Source
    demo : bool
        Made by a program, not measured: pages and exports must say so.
    """

    name: str
    bounds: tuple[float, float, float, float]
    surfaces: Surfaces = field(default_factory=Surfaces.empty)
    buildings: gpd.GeoDataFrame = field(default_factory=lambda: empty_table(BUILDING_COLUMNS))
    terrain: Terrain | None = None
    trees: gpd.GeoDataFrame = field(default_factory=lambda: empty_table(TREE_COLUMNS))
    nodes: gpd.GeoDataFrame = field(default_factory=lambda: empty_table({}))
    links: gpd.GeoDataFrame = field(default_factory=lambda: empty_table(LINK_COLUMNS))
    land_cover: gpd.GeoDataFrame = field(default_factory=lambda: empty_table(COVER_COLUMNS))
    walls: gpd.GeoDataFrame = field(default_factory=lambda: empty_table(WALL_COLUMNS))
    sectors: gpd.GeoDataFrame = field(default_factory=lambda: empty_table(SECTOR_COLUMNS))
    amenities: gpd.GeoDataFrame = field(default_factory=lambda: empty_table(AMENITY_COLUMNS))
    turns: pd.DataFrame | None = None
    bus_lines: gpd.GeoDataFrame | None = None
    drains: xr.Dataset | None = None
    sources: tuple[Source, ...] = ()
    demo: bool = False

    TABLES = ("buildings", "trees", "nodes", "links", "land_cover", "walls", "sectors", "amenities")

    def with_(self, **changes: Any) -> "City":
        """A new City with some parts replaced; all others, and their hashes, are shared."""
        changed = replace(self, **changes)
        kept = {name: known for name, known in self._part_digests.items() if name not in changes}
        changed._part_digests.update(kept)
        return changed

    @cached_property
    def _part_digests(self) -> dict[str, str]:
        return {}

    def part_digest(self, part: str) -> str:
        """Hash of one part by its name: a table, ``surfaces``, ``terrain``, ``turns``, ``bus_lines`` or ``drains``."""
        known = self._part_digests
        if part not in known:
            value = getattr(self, part)
            if part in self.TABLES or isinstance(value, pd.DataFrame):
                known[part] = _hash(_table_bytes(value))
            elif isinstance(value, xr.Dataset):
                known[part] = _hash(_dataset_bytes(value))
            else:
                known[part] = "" if value is None else value.digest
        return known[part]

    @cached_property
    def digest(self) -> str:
        """Hash of everything that can change a result: geometry and attributes, not the sources' words."""
        later = tuple(part for part in ("bus_lines", "drains", "turns") if getattr(self, part) is not None)
        parts = (*self.TABLES, "surfaces", "terrain", *later)
        whole = [repr(tuple(map(float, self.bounds))), str(self.demo), *(self.part_digest(part) for part in parts)]
        return _hash(text.encode() for text in whole)


def _hash(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.hexdigest()


def _array_bytes(name: str, array: np.ndarray) -> tuple[bytes, bytes, bytes]:
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return name.encode(), repr((array.dtype.str[1:], array.shape)).encode(), little.tobytes()


def _dataset_bytes(dataset: xr.Dataset) -> Iterable[bytes]:
    """Canonical bytes of a Dataset's variables; their order does not count, attributes do not either."""
    for name in sorted(map(str, dataset.variables)):
        variable = dataset[name].variable
        yield repr(variable.dims).encode()
        if variable.dtype.kind in "UO":
            yield name.encode()
            yield "\x1f".join(map(str, variable.values.ravel())).encode()
        else:
            yield from _array_bytes(name, variable.values)


def _table_bytes(table: pd.DataFrame) -> Iterable[bytes]:
    """Canonical bytes of a table: row order counts, column order does not."""
    shapes = isinstance(table, gpd.GeoDataFrame)
    if shapes:
        yield "\x1f".join(table.index).encode()
        yield from table.geometry.to_wkb()
    for name in sorted(set(table.columns) - {table.geometry.name if shapes else ""}):
        column = table[name].to_numpy()
        if shapes and name in LATER_COLUMNS and _nobody_knows(column):
            continue
        if column.dtype == object:
            yield name.encode()
            yield "\x1f".join(map(str, column)).encode()
        else:
            yield from _array_bytes(name, column)


def _nobody_knows(column: np.ndarray) -> bool:
    if column.dtype.kind == "f":
        return bool(np.isnan(column).all())
    return all(one == "" or one != one for one in column)
