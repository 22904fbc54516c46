"""Light on the maquette: soft sun and a dome of sky, gathered from many small lamps with hard shadows each."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pvlib

from viewer.still.camera import Camera
from viewer.still.field import HATCH_DEPTH, Field
from viewer.still.model import GROUND, TABLE, Model

LATITUDE, LONGITUDE = 50.85, 4.35
"""Brussels, WGS84. [degree]"""
DAY = "2021-06-15"
"""Day whose sun lights the model, as in the pages."""

_SUN_SHARE = 0.5
"""Of the light on open level ground that comes from the sun; the rest comes from the sky. [1]"""
_SUN_RADIUS = 1.3
"""Of the lamp that stands for the sun: five times the real one, so that shadows have soft edges. [degree]"""
_SUN_COLOR = np.array([1.045, 1.0, 0.93], np.float32)
_SKY_COLOR = np.array([0.965, 1.0, 1.065], np.float32)
_BOUNCE = 0.30
"""Light that ground and houses throw back onto a wall, relative to open level ground. [1]"""
_PERIOD = 5.0
"""From one stroke of the hatch to the next, along the diagonal. [m]"""
_BLOCK = 1 << 17


@dataclass(frozen=True)
class Lamp:
    """One direction that light comes from.

    Attributes
    ----------
    towards : (3,) float64
        Unit vector from the ground to the lamp.
    sun : float
        Share of the sun's light that it stands for. [1]
    sky : float
        Share of the sky's solid angle that it stands for. [1]
    """

    towards: np.ndarray
    sun: float
    sky: float


def sun_towards(hour: float) -> np.ndarray:
    """Unit vector to the sun over Brussels (x east, y north, z up), never under 12 degrees.

    Parameters
    ----------
    hour : float
        Brussels summer time. [h]
    """
    when = pd.Timestamp(DAY, tz="UTC") + pd.Timedelta(hours=hour - 2.0)
    place = pvlib.solarposition.get_solarposition(pd.DatetimeIndex([when]), LATITUDE, LONGITUDE).iloc[0]
    height = np.radians(max(float(place["elevation"]), 12.0))
    azimuth = np.radians(float(place["azimuth"]))
    return np.array([np.cos(height) * np.sin(azimuth), np.cos(height) * np.cos(azimuth), np.sin(height)])


def lamps(sun: np.ndarray, passes: int, of_sky: int, of_sun: int) -> list[list[Lamp]]:
    """Spread sun and sky over lamps, dealt out to the passes so that each has some of every kind.

    Parameters
    ----------
    sun : (3,) float64
        Unit vector to the middle of the sun.
    passes : int
    of_sky, of_sun : int
        Lamps in each pass.

    Notes
    -----
    Both discs are filled along Vogel's spiral (Math. Biosci. 44, 1979, doi:10.1016/0025-5564(79)90080-4): even in area,
    no direction twice. The sky's lamps are even in the cosine of the zenith angle, so each stands for one solid angle.
    """
    golden = np.pi * (3 - 5**0.5)
    count = passes * of_sky
    number = np.arange(count) + 0.5
    up = 1.0 - number / count
    around = np.sqrt(1 - up**2)
    dome = np.stack([around * np.cos(golden * number), around * np.sin(golden * number), up], axis=-1)

    aside = np.cross(sun, [0.0, 0.0, 1.0])
    aside /= np.linalg.norm(aside)
    above = np.cross(aside, sun)
    many = passes * of_sun
    spread = np.tan(np.radians(_SUN_RADIUS)) * np.sqrt((np.arange(many) + 0.5) / many)
    angle = golden * np.arange(many)
    disc = sun + spread[:, None] * (np.cos(angle)[:, None] * aside + np.sin(angle)[:, None] * above)
    disc /= np.linalg.norm(disc, axis=1, keepdims=True)
    return [
        [Lamp(one, 0.0, 1 / of_sky) for one in dome[turn::passes]]
        + [Lamp(one, 1 / of_sun, 0.0) for one in disc[turn::passes]]
        for turn in range(passes)
    ]


def lamp_camera(lamp: Lamp, corners: np.ndarray, resolution: int) -> Camera:
    """A parallel camera in the lamp's place that sees all corners."""
    back = lamp.towards
    right = np.cross([0.0, 0.0, 1.0] if abs(back[2]) < 0.999 else [0.0, 1.0, 0.0], back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    arm = corners - middle
    reach = 1.01 * max(float(np.abs(arm @ right).max()), float(np.abs(arm @ up).max()))
    distance = 1.05 * float(np.linalg.norm(arm, axis=1).max())
    return Camera(middle + back * distance, middle, right, up, True, reach, np.zeros(2), (resolution, resolution))


@dataclass(frozen=True)
class Quality:
    """How much work goes into a picture.

    Attributes
    ----------
    passes : int
        Samples of each pixel.
    of_sky, of_sun : int
        Lamps in each pass.
    shadows : int
        Side of a lamp's depth map. [pixel]
    """

    passes: int
    of_sky: int
    of_sun: int
    shadows: int


FINE = Quality(passes=4, of_sky=9, of_sun=4, shadows=2048)
DRAFT = Quality(passes=2, of_sky=4, of_sun=1, shadows=512)


DepthMap = Callable[[Camera], np.ndarray]
"""Draws the model in the lamp's camera: distance ahead of the camera [m], (row, column), row 0 at the top."""


@dataclass
class _Seen:
    """Places of the model behind the pixels that show it, and what they get of the light."""

    place: np.ndarray
    normal: np.ndarray
    part: np.ndarray
    sun: np.ndarray
    sky: np.ndarray


def shade(
    model: Model,
    seen: np.ndarray,
    camera: Camera,
    lit: list[Lamp],
    depth_of: DepthMap,
    resolution: int,
    table: np.ndarray,
    field: Field | None,
) -> np.ndarray:
    """Colours of one pass of the picture.

    Parameters
    ----------
    model : Model
    seen : (row, column) int32
        Triangle of the model behind each pixel; -1 where the table is.
    camera : Camera
    lit : list of Lamp
    depth_of : callable
    resolution : int
        Of the lamps' depth maps. [pixel]
    table : (3,) float32
        Linear colour of the table in full light.
    field : Field or None
        Laid over the ground.

    Returns
    -------
    (row, column, 3) float32
        Linear light, 1 = white.
    """
    spot = _places(model, seen, camera)
    corners = model.points
    sun_height = sum(lamp.sun * lamp.towards[2] for lamp in lit)
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(spot.place), _BLOCK)]
    with ThreadPoolExecutor() as pool:
        for lamp in lit:
            lens = lamp_camera(lamp, corners, resolution)
            depth = depth_of(lens)
            list(
                pool.map(
                    lambda block, lamp=lamp, lens=lens, depth=depth: _gather(spot, block, lamp, lens, depth), blocks
                )
            )
    spot.sun /= max(sun_height, 0.35)
    light = (
        _SUN_SHARE * spot.sun[:, None] * _SUN_COLOR
        + (1 - _SUN_SHARE) * spot.sky[:, None] * _SKY_COLOR
        + (_BOUNCE * (1 - spot.normal[:, 2]) / 2 * np.minimum(1.0, 0.4 + spot.sky))[:, None]
    )
    color = _albedo(model, seen.ravel(), spot)
    color[spot.part == TABLE] = table
    color *= light
    if field is not None:
        _lay(field, model, spot, light, color)
    return color.reshape(*seen.shape, 3)


def _places(model: Model, seen: np.ndarray, camera: Camera) -> _Seen:
    """Where each line of sight meets the plane of its triangle, or the table."""
    rows, columns = seen.shape
    across, down = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    start, along = camera.rays(across.ravel(), down.ravel())
    which = seen.ravel()
    normals = np.concatenate([model.normals(), [[0.0, 0.0, 1.0]]])
    anchors = np.concatenate([model.points[model.triangles[:, 0]], [[0.0, 0.0, model.low]]])
    normal = normals[which]
    slope = np.einsum("ij,ij->i", along, normal)
    slope = np.where(np.abs(slope) < 1e-9, 1e-9, slope)
    steps = np.einsum("ij,ij->i", anchors[which] - start, normal) / slope
    place = start + steps[:, None] * along
    normal = normal * -np.sign(slope)[:, None]
    part = np.append(model.part, np.uint8(TABLE))[which]
    none = np.zeros(len(which), np.float32)
    return _Seen(place.astype(np.float32), normal.astype(np.float32), part, none, none.copy())


def _gather(spot: _Seen, block: slice, lamp: Lamp, lens: Camera, depth: np.ndarray) -> None:
    """Add what one lamp gives to a block of places that it sees."""
    resolution = depth.shape[0]
    facing = spot.normal[block] @ lamp.towards.astype(np.float32)
    texel = np.float32(2 * lens.reach / resolution)
    # A place is lifted off its own face by a good texel, or faces would shade themselves.
    arm = spot.place[block] + spot.normal[block] * (1.2 * texel) - lens.eye.astype(np.float32)
    frame = np.stack([lens.right, -lens.up, lens.ahead], axis=1).astype(np.float32)
    seen = arm @ frame
    half, scale = np.float32(resolution / 2), np.float32(resolution / 2 / lens.reach)
    column = (seen[:, 0] * scale + half).astype(np.int32)
    row = (seen[:, 1] * scale + half).astype(np.int32)
    outside = (column < 0) | (column >= resolution) | (row < 0) | (row >= resolution)
    index = np.where(outside, 0, row * resolution + column)
    clear = outside | (seen[:, 2] <= np.take(depth.ravel(), index) + 0.8 * texel)
    given = np.where(clear, np.maximum(facing, 0), 0)
    if lamp.sun:
        spot.sun[block] += np.float32(lamp.sun) * given
    if lamp.sky:
        spot.sky[block] += np.float32(2 * lamp.sky) * given


def _albedo(model: Model, which: np.ndarray, spot: _Seen) -> np.ndarray:
    """Linear colours of the places: of their triangle, or of the ground's picture."""
    albedo = np.concatenate([model.albedo, np.ones((1, 3), np.float32)])[which]
    ground = spot.part == GROUND
    west, south, east, north = model.bounds
    rows, columns, _ = model.picture.shape
    x, y = spot.place[ground, 0], spot.place[ground, 1]
    i = np.clip((x - west) / (east - west) * columns, 0, columns - 1).astype(np.int32)
    j = np.clip((north - y) / (north - south) * rows, 0, rows - 1).astype(np.int32)
    albedo[ground] = model.picture[j, i]
    return linear(albedo)


def _lay(field: Field, model: Model, spot: _Seen, light: np.ndarray, color: np.ndarray) -> None:
    """Lay the field over the ground; its colours keep near to the legend, shadows only breathe on them."""
    east, north = model.origin
    ground = np.flatnonzero(spot.part == GROUND)
    x, y = spot.place[ground, 0] + float(east), spot.place[ground, 1] + float(north)
    values = field.sample(x, y)
    cover = field.scale.cover(values).astype(np.float32)
    wet = cover > 0
    ground, x, y, values, cover = ground[wet], x[wet], y[wet], values[wet], cover[wet]
    tone = field.scale.colors(values)
    if field.hatched:
        stroke = np.abs(((x + y) / _PERIOD) % 1.0 - 0.5) * _PERIOD < 0.42
        tone = np.where((stroke & (values >= HATCH_DEPTH))[:, None], tone + (1 - tone) * 0.30, tone)
    shown = linear(tone.astype(np.float32)) * (0.42 + 0.58 * np.minimum(light[ground], 1.1))
    color[ground] += cover[:, None] * (shown - color[ground])


def linear(color: np.ndarray) -> np.ndarray:
    """Light of an sRGB colour, 0 to 1 (IEC 61966-2-1)."""
    return np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4).astype(np.float32)


def srgb(light: np.ndarray) -> np.ndarray:
    """Colour of linear light, 0 to 1 (IEC 61966-2-1)."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


def steps(passes: int) -> Iterator[tuple[float, float]]:
    """Parts of a pixel by which each pass moves the picture: even along both axes, no two passes in one row."""
    for number in range(passes):
        yield (number + 0.5) / passes - 0.5, (number * 0.618034 % 1.0) - 0.5
