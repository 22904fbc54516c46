"""The maquette as triangles: terrain on a plinth, white houses, trees as simple volumes, walls."""

import itertools
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import rasterio
import rasterio.errors
import shapely

from twin.city import GROUND as FLOOR
from twin.city import ROOF, WALL, City, Terrain
from twin.ground import ground_of
from twin.selection import keep_buildings
from viewer.ground import STONE, Extent, picture
from viewer.still.field import rgb

GROUND, HOUSE, TREE, PLINTH, TABLE = range(5)
"""What a triangle belongs to; GROUND takes its colour from the ground's picture."""

PAPER = "#f7f5f0"
_WALLS, _ROOFS, _CUT, _TRUNK, _BARRIER = "#f2eee6", "#e4ddd0", "#d9d1c2", "#b9ab97", "#a08f76"
_PALE, _DEEP = np.array(rgb("#d3d6bd")), np.array(rgb("#aebb97"))

_MARGIN = 6.0
"""The model's ground reaches this far beyond the city and its houses. [m]"""
_FINE_TREES = 1_000
"""Up to this many trees have crowns of 80 facets, more have 20."""
_GROUND_CELLS, _GROUND_CELL = 180, 1.0
_GROUND_PIXELS, _GROUND_PIXEL = 1_600, 0.2
"""Along the longer side of the model, and no finer than this. [m]"""


@dataclass(frozen=True)
class Model:
    """What stands on the table, in metres from ``origin``.

    Attributes
    ----------
    points : (point, 3) float64
        East, north, up. [m]
    triangles : (triangle, 3) int32
    part : (triangle,) uint8
        GROUND, HOUSE, TREE or PLINTH.
    albedo : (triangle, 3) float32
        sRGB, 0 to 1.
    picture : (y, x, 3) float32
        Colours of the ground, sRGB, 0 to 1, row 0 in the north.
    bounds : tuple of float
        West, south, east, north of the ground. [m]
    low, high : float
        Underside of the plinth and top of the model. [m]
    origin : tuple of float
        Easting and northing in Lambert 72. [m]
    """

    points: np.ndarray
    triangles: np.ndarray
    part: np.ndarray
    albedo: np.ndarray
    picture: np.ndarray
    bounds: tuple[float, float, float, float]
    low: float
    high: float
    origin: tuple[float, float]

    @cached_property
    def planes(self) -> np.ndarray:
        """Plane of each triangle, and last of all that of the table.

        Returns
        -------
        (4, triangle + 1) float32
            Unit normal (which of both sides is not said) and distance from the origin along it. [m]
        """
        a, b, c = (self.points[self.triangles[:, corner]] for corner in range(3))
        normal = np.cross(b - a, c - a)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        planes = np.column_stack([normal, np.einsum("ij,ij->i", normal, a)])
        return np.concatenate([planes, [[0.0, 0.0, 1.0, self.low]]]).T.astype(np.float32)


def model_of(city: City, window: tuple[float, float, float, float] | None = None) -> Model:
    """Build the maquette of a city.

    Parameters
    ----------
    city : City
    window : tuple of float, optional
        West, south, east, north in Lambert 72: only this part, houses and trees that lie in it. [m]
    """
    if window is not None:
        city = _part(city, window)
    where = _extent(city)
    west, south, east, north = where.bounds
    origin = (round((west + east) / 2), round((south + north) / 2))
    ground = ground_of(city)[0]
    pieces = [_terrain(ground, where), _houses(city), _trees(city, ground), _barriers(city, ground)]
    high = max(float(points[:, 2].max()) for points, *_ in pieces if len(points))
    floor = float(pieces[0][0][:, 2].min())
    low = floor - 0.012 * max(east - west, north - south)
    pieces.append(_plinth(pieces[0][0].reshape(where.rows, where.columns, 3), low))
    colors = _colors(city, where)
    return _whole(pieces, colors, where, low, high, origin)


def model_of_ground(ground: Terrain) -> Model:
    """Build the maquette of bare ground, for a result that has no city."""
    west, south, east, north = ground.bounds
    where = _cells(west, south, east, north)
    origin = (round((west + east) / 2), round((south + north) / 2))
    land = _terrain(ground, where)
    floor, high = float(land[0][:, 2].min()), float(land[0][:, 2].max())
    low = floor - 0.012 * max(east - west, north - south)
    plinth = _plinth(land[0].reshape(where.rows, where.columns, 3), low)
    stone = np.full((2, 2, 3), rgb(STONE), np.float32)
    return _whole([land, plinth], stone, where, low, high, origin)


_Piece = tuple[np.ndarray, np.ndarray, int, np.ndarray]
"""Points in Lambert 72, triangles, part, albedo of each triangle."""


def _whole(
    pieces: Iterable[_Piece], colors: np.ndarray, where: Extent, low: float, high: float, origin: tuple[float, float]
) -> Model:
    points, triangles, parts, albedo = [], [], [], []
    count = 0
    for place, corners, part, color in pieces:
        points.append(place - np.array([*origin, 0.0]))
        triangles.append(corners + count)
        parts.append(np.full(len(corners), part, np.uint8))
        albedo.append(np.asarray(color, np.float32))
        count += len(place)
    west, south, east, north = where.bounds
    e, n = origin
    return Model(
        np.concatenate(points),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate(parts),
        np.concatenate(albedo),
        colors,
        (west - e, south - n, east - e, north - n),
        low,
        high,
        origin,
    )


def _part(city: City, window: tuple[float, float, float, float]) -> City:
    """The city within a window: houses and trees whose middle lies inside."""
    west, south, east, north = window

    def inside(places: np.ndarray) -> np.ndarray:
        x, y = shapely.get_coordinates(places).T
        return (x >= west) & (x <= east) & (y >= south) & (y <= north)

    cut = city.with_(bounds=window, trees=city.trees[inside(city.trees.geometry.to_numpy())])
    return keep_buildings(cut, inside(shapely.centroid(city.buildings.geometry.to_numpy())))


def _extent(city: City) -> Extent:
    west, south, east, north = city.bounds
    if len(city.buildings):
        others = city.buildings.total_bounds
        west, south = min(west, others[0]), min(south, others[1])
        east, north = max(east, others[2]), max(north, others[3])
    return _cells(west - _MARGIN, south - _MARGIN, east + _MARGIN, north + _MARGIN)


def _cells(west: float, south: float, east: float, north: float) -> Extent:
    """Square cells that just cover a rectangle."""
    size = max(max(east - west, north - south) / _GROUND_CELLS, _GROUND_CELL)
    columns, rows = (max(round(length / size), 2) for length in (east - west, north - south))
    return Extent(float(west), float(south), columns, rows, float(size))


def _terrain(ground: Terrain, where: Extent) -> _Piece:
    """Ground as a grid of corners that reaches the edges of the extent."""
    west, south, east, north = where.bounds
    x, y = np.linspace(west, east, where.columns), np.linspace(south, north, where.rows)
    across, up = np.meshgrid(x, y)
    points = np.column_stack([across.ravel(), up.ravel(), ground.sample(across, up).ravel()])
    corner = np.arange(where.rows * where.columns).reshape(where.rows, where.columns)
    a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]
    triangles = np.stack([a, b, c, a, c, d], axis=-1).reshape(-1, 3)
    return points, triangles, GROUND, np.tile(rgb(STONE), (len(triangles), 1))


def _plinth(land: np.ndarray, low: float) -> _Piece:
    """The cut through the ground along its four edges, down to the table."""
    edge = np.concatenate([land[0, :-1], land[:-1, -1], land[-1, :0:-1], land[:0:-1, 0]])
    foot = edge.copy()
    foot[:, 2] = low
    count = len(edge)
    here = np.arange(count)
    following = (here + 1) % count
    triangles = np.stack([here, here + count, following, following, here + count, following + count], axis=-1).reshape(
        -1, 3
    )
    return np.concatenate([edge, foot]), triangles, PLINTH, np.tile(rgb(_CUT), (len(triangles), 1))


def _houses(city: City) -> _Piece:
    """Walls and roofs; cards of one model are never quite the same white."""
    faces = city.surfaces
    kind = faces.kind[faces.triangle_surface]
    seen = kind != FLOOR
    building = faces.building[faces.triangle_surface[seen]]
    tone = 1.0 + 0.05 * (_chance(np.arange(len(city.buildings))) - 0.5)
    colors = np.zeros((3, 3))
    colors[WALL], colors[ROOF] = rgb(_WALLS), rgb(_ROOFS)
    albedo = np.clip(colors[kind[seen]] * tone[building, None], 0, 1)
    return faces.vertices, faces.triangles[seen], HOUSE, albedo


def _trees(city: City, ground: Terrain) -> _Piece:
    """A crown of facets on a trunk for each tree."""
    table = city.trees
    if len(table) == 0:
        return np.zeros((0, 3)), np.zeros((0, 3), int), TREE, np.zeros((0, 3))
    x, y = shapely.get_coordinates(table.geometry.to_numpy()).T
    z = ground.sample(x, y)
    height = np.nan_to_num(table["height"].to_numpy(float), nan=8.0)
    width = table["crown_diameter"].to_numpy(float)
    width = np.where(np.isfinite(width), width, height / 2)
    base = table["crown_base"].to_numpy(float)
    base = np.minimum(np.where(np.isfinite(base), base, 0.3 * height), 0.8 * height)
    chance = _chance(np.arange(len(table)))

    ball, facets = _ball(1 if len(table) <= _FINE_TREES else 0)
    turn = 2 * np.pi * chance
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    crowns = np.stack(
        [
            x[:, None] + (ball[:, 0] * cos - ball[:, 1] * sin) * width[:, None] / 2,
            y[:, None] + (ball[:, 0] * sin + ball[:, 1] * cos) * width[:, None] / 2,
            (z + (base + height) / 2)[:, None] + ball[:, 2] * (height - base)[:, None] / 2,
        ],
        axis=-1,
    )
    thick = np.maximum(0.1, 0.015 * height)
    ring = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]], float)
    foot = np.stack([x, y], axis=-1)[:, None] + ring * thick[:, None, None]
    top = np.broadcast_to((z + base + 0.3 * (height - base))[:, None, None], (len(table), 4, 1))
    bottom = np.broadcast_to((z - 0.3)[:, None, None], (len(table), 4, 1))
    trunks = np.concatenate([np.concatenate([foot, bottom], -1), np.concatenate([foot, top], -1)], axis=1)
    sides = np.array(
        [(i, (i + 1) % 4, 4 + i) for i in range(4)] + [((i + 1) % 4, 4 + (i + 1) % 4, 4 + i) for i in range(4)]
    )

    count, corners = len(table), len(ball)
    crown_faces = (facets + corners * np.arange(count)[:, None, None]).reshape(-1, 3)
    trunk_faces = (sides + 8 * np.arange(count)[:, None, None]).reshape(-1, 3) + corners * count
    green = _PALE + (_DEEP - _PALE) * chance[:, None]
    albedo = np.concatenate([np.repeat(green, len(facets), axis=0), np.tile(rgb(_TRUNK), (len(trunk_faces), 1))])
    points = np.concatenate([crowns.reshape(-1, 3), trunks.reshape(-1, 3)])
    return points, np.concatenate([crown_faces, trunk_faces]), TREE, albedo


def _ball(divisions: int) -> tuple[np.ndarray, np.ndarray]:
    """Icosahedron of radius 1, each facet cut in four as often as said: points and triangles."""
    g = (1 + 5**0.5) / 2
    points = [(-1.0, g, 0.0), (1, g, 0), (-1, -g, 0), (1, -g, 0), (0, -1, g), (0, 1, g)]
    points += [(0, -1, -g), (0, 1, -g), (g, 0, -1), (g, 0, 1), (-g, 0, -1), (-g, 0, 1)]
    ball = np.array(points) / np.hypot(1, g)
    distance = np.linalg.norm(ball[:, None] - ball[None], axis=-1)
    near = distance < 1.1 * distance[distance > 0].min()
    facets = np.array(
        [
            (a, b, c) if np.linalg.det(ball[[a, b, c]]) > 0 else (a, c, b)
            for a, b, c in itertools.combinations(range(12), 3)
            if near[a, b] and near[b, c] and near[a, c]
        ]
    )
    for _ in range(divisions):
        corners = ball[facets]
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        ab, bc, ca = (middle / np.linalg.norm(middle, axis=1, keepdims=True) for middle in (a + b, b + c, c + a))
        pieces = [np.stack(one, axis=1) for one in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]
        loose = np.concatenate(pieces).reshape(-1, 3)
        ball, back = np.unique(np.round(loose, 9), axis=0, return_inverse=True)
        facets = back.reshape(-1, 3)
    return ball, facets


def _barriers(city: City, ground: Terrain) -> _Piece:
    """Walls of the ground as slabs 0.6 m thick."""
    shapes, heights = city.walls.geometry.to_numpy(), city.walls["height"].to_numpy(float)
    points, triangles = [np.zeros((0, 3))], [np.zeros((0, 3), int)]
    count = 0
    box = np.array(
        [(0, 1, 5), (0, 5, 4), (2, 3, 7), (2, 7, 6), (4, 5, 6), (4, 6, 7), (1, 2, 6), (1, 6, 5), (3, 0, 4), (3, 4, 7)]
    )
    for shape, height in zip(shapes, heights, strict=True):
        line = shapely.get_coordinates(shapely.segmentize(shape, 10.0))
        for start, end in itertools.pairwise(line):
            along = (end - start) / max(np.hypot(*(end - start)), 1e-9)
            aside = 0.3 * np.array([-along[1], along[0]])
            plan = np.array([start - aside, end - aside, end + aside, start + aside])
            foot = ground.sample(*plan.T)
            points += [np.column_stack([plan, foot - 0.5]), np.column_stack([plan, foot + height])]
            triangles.append(box + count)
            count += 8
    faces = np.concatenate(triangles)
    return np.concatenate(points), faces, HOUSE, np.tile(rgb(_BARRIER), (len(faces), 1))


def _colors(city: City, where: Extent) -> np.ndarray:
    """The ground's picture of the pages, (y, x, 3) float32, sRGB 0 to 1."""
    longer = max(where.columns, where.rows) * where.cell_size
    pixels = min(_GROUND_PIXELS, round(longer / _GROUND_PIXEL))
    with rasterio.MemoryFile(picture(city, where, pixels)) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with file.open() as image:
            return np.moveaxis(image.read(), 0, -1).astype(np.float32) / 255


def _chance(number: np.ndarray) -> np.ndarray:
    """A fixed share between 0 and 1 for each number, without pattern."""
    return np.abs(np.sin(number * 12.9898 + 78.233) * 43758.5453) % 1.0
