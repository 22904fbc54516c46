"""Light on the maquette: soft sun and a dome of sky, gathered from many small lamps with hard shadows each."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from viewer.still.camera import Camera
from viewer.still.field import HATCH_DEPTH, Field
from viewer.still.model import GROUND, TABLE, Model

LATITUDE, LONGITUDE = 50.85, 4.35
"""Brussels, WGS84. [degree]"""
DAY = 7836.0
"""Noon UTC of 15 June 2021, whose sun lights the model as in the pages, since noon of 1 January 2000. [d]"""

_SUN_SHARE = 0.5
"""Of the light on open level ground that comes from the sun; the rest comes from the sky. [1]"""
_SUN_RADIUS = 1.3
"""Of the lamp that stands for the sun: five times the real one, so that shadows have soft edges. [degree]"""
_SUN_COLOR = np.array([1.06, 1.03, 0.985], np.float32)
_SKY_COLOR = np.array([1.0, 1.02, 1.06], np.float32)
_BOUNCE = 0.40
"""Light that ground and houses throw back onto a wall, relative to open level ground. [1]"""
_HATCH = 0.009
"""From one stroke of the hatch to the next, relative to the height of the picture. [1]"""
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

    Notes
    -----
    Low-precision formulas of the Astronomical Almanac, page C5; good to 0.01 degrees between 1950 and 2050.
    """
    days = DAY + (hour - 14.0) / 24
    anomaly = np.radians(357.528 + 0.9856003 * days)
    longitude = np.radians(280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439 - 4e-7 * days)
    east, north, up = np.cos(longitude), np.cos(tilt) * np.sin(longitude), np.sin(tilt) * np.sin(longitude)
    turned = np.radians(280.46062 + 360.98564737 * days + LONGITUDE)
    to_meridian = east * np.cos(turned) + north * np.sin(turned)
    to_east = -east * np.sin(turned) + north * np.cos(turned)
    phi = np.radians(LATITUDE)
    height = np.arcsin(up * np.sin(phi) + to_meridian * np.cos(phi))
    azimuth = np.arctan2(to_east, up * np.cos(phi) - to_meridian * np.sin(phi))
    height = max(float(height), np.radians(12.0))
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
    reach = 1.02 * max(float(np.abs(arm @ right).max()), float(np.abs(arm @ up).max()))
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
    shadows, shades : int
        Side of the depth map of a lamp of the sun and of the sky. [pixel]
    """

    passes: int
    of_sky: int
    of_sun: int
    shadows: int
    shades: int


FINE = Quality(passes=4, of_sky=7, of_sun=3, shadows=2048, shades=1024)
DRAFT = Quality(passes=2, of_sky=4, of_sun=1, shadows=512, shades=256)


DepthMap = Callable[[Camera], np.ndarray]
"""Draws the model in the lamp's camera: distance ahead of the camera [m], (row, column), row 0 at the top; inf where
there is nothing."""


@dataclass
class _Spots:
    """Places of the model behind the pixels that show it, and what they get of the light.

    Attributes
    ----------
    place : (6, spot) float32
        East, north, up [m], and the unit normal towards the eye.
    part : (spot,) uint8
    sun, sky : (spot,) float32
        Light of the sun and of the sky relative to open level ground. [1]
    """

    place: np.ndarray
    part: np.ndarray
    sun: np.ndarray
    sky: np.ndarray


def shade(
    model: Model,
    seen: np.ndarray,
    camera: Camera,
    lit: list[Lamp],
    depth_of: DepthMap,
    quality: Quality,
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
    quality : Quality
    table : (3,) float32
        Linear colour of the table in full light.
    field : Field or None
        Laid over the ground.

    Returns
    -------
    (row, column, 3) float32
        Linear light, 1 = white.
    """
    which, spots = _spots(model, seen, camera)
    corners = _corners(model)
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(which), _BLOCK)]
    with ThreadPoolExecutor() as pool:
        for lamp in lit:
            lens = lamp_camera(lamp, corners, quality.shadows if lamp.sun else quality.shades)
            list(pool.map(partial(_gather, spots, lamp=lamp, lens=lens, depth=depth_of(lens)), blocks))
    spots.sun /= max(sum(lamp.sun * float(lamp.towards[2]) for lamp in lit), 0.35)
    spots.sky /= sum(2 * lamp.sky * float(lamp.towards[2]) for lamp in lit)
    light = _SUN_SHARE * spots.sun[:, None] * _SUN_COLOR + (1 - _SUN_SHARE) * spots.sky[:, None] * _SKY_COLOR
    light += (_BOUNCE * (1 - spots.place[5]) / 2 * np.minimum(1.0, 0.4 + spots.sky))[:, None]
    # What gets more light than open ground stays short of glare, as on a photograph.
    over = np.maximum(light - 1, 0)
    light += 0.3 * over / (1 + over) - over
    color = _albedo(model, seen.ravel()[which], spots)
    on_table = spots.part == TABLE
    color *= light
    # The table is paper: the page's own colour, with nothing but shadow on it.
    color[on_table] = table * np.minimum(light[on_table], 1.0)
    if field is not None:
        _lay(field, model, spots, light, color, 2 * _HATCH * camera.reach)
    image = np.empty((seen.size, 3), np.float32)
    image[:] = table
    image[which] = color
    return image.reshape(*seen.shape, 3)


def _corners(model: Model) -> np.ndarray:
    west, south, east, north = model.bounds
    low, high = model.points.min(axis=0), model.points.max(axis=0)
    low[:2], high[:2] = np.minimum(low[:2], [west, south]), np.maximum(high[:2], [east, north])
    return np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(3, -1).T


def _spots(model: Model, seen: np.ndarray, camera: Camera) -> tuple[np.ndarray, _Spots]:
    """Pixels that show the model or the table near it, and where their lines of sight meet it."""
    parts = np.append(model.part, np.uint8(TABLE))

    columns = seen.shape[1]
    which = np.flatnonzero(seen.ravel() >= 0)
    beside = np.flatnonzero(seen.ravel() < 0)
    start, along = camera.rays(beside % columns + 0.5, beside // columns + 0.5)
    meets = start + ((model.low - start[:, 2]) / np.minimum(along[:, 2], -1e-9))[:, None] * along
    west, south, east, north = model.bounds
    reach = model.high - model.low
    near = (meets[:, 0] > west - reach) & (meets[:, 0] < east + reach)
    near &= (meets[:, 1] > south - reach) & (meets[:, 1] < north + reach)
    which = np.concatenate([which, beside[near]])

    face = seen.ravel()[which]
    plane = np.take(model.planes, face, axis=1)
    start, along = (one.astype(np.float32).T for one in camera.rays(which % columns + 0.5, which // columns + 0.5))
    slope = (along * plane[:3]).sum(axis=0)
    slope[np.abs(slope) < 1e-9] = 1e-9
    steps = (plane[3] - (start * plane[:3]).sum(axis=0)) / slope
    place = np.empty((6, len(which)), np.float32)
    place[:3] = start + steps * along
    place[3:] = plane[:3] * -np.sign(slope)
    return which, _Spots(place, parts[face], np.zeros(len(which), np.float32), np.zeros(len(which), np.float32))


def _gather(spots: _Spots, block: slice, lamp: Lamp, lens: Camera, depth: np.ndarray) -> None:
    """Add what one lamp gives to a block of places that it sees."""
    resolution = depth.shape[0]
    texel = 2 * lens.reach / resolution
    frame = np.stack([lens.right / texel, -lens.up / texel, lens.ahead])
    # A place is lifted off its own face by a good texel, or faces would shade themselves.
    frame = np.concatenate([frame, 1.2 * texel * frame], axis=1).astype(np.float32)
    middle = np.array([resolution / 2, resolution / 2, 0.0]) - frame[:, :3] @ lens.eye
    column, row, ahead = frame @ spots.place[:, block] + middle[:, None].astype(np.float32)
    # The lamp's picture ends in a rim that shows nothing: what lies beyond it is lit.
    index = np.clip(row, 0, resolution - 1).astype(np.int32) * np.int32(resolution)
    index += np.clip(column, 0, resolution - 1).astype(np.int32)
    given = np.maximum(lamp.towards.astype(np.float32) @ spots.place[3:, block], 0)
    given *= ahead <= np.take(depth, index) + np.float32(0.8 * texel)
    if lamp.sun:
        spots.sun[block] += np.float32(lamp.sun) * given
    if lamp.sky:
        spots.sky[block] += np.float32(2 * lamp.sky) * given


def _albedo(model: Model, which: np.ndarray, spots: _Spots) -> np.ndarray:
    """Linear colours of the places: of their triangle, or of the ground's picture."""
    albedo = np.concatenate([model.albedo, np.ones((1, 3), np.float32)])[which]
    ground = spots.part == GROUND
    west, south, east, north = model.bounds
    rows, columns, _ = model.picture.shape
    x, y = spots.place[:2, ground]
    i = np.clip((x - west) / (east - west) * columns, 0, columns - 1).astype(np.int32)
    j = np.clip((north - y) / (north - south) * rows, 0, rows - 1).astype(np.int32)
    albedo[ground] = model.picture[j, i]
    return linear(albedo)


def _lay(field: Field, model: Model, spots: _Spots, light: np.ndarray, color: np.ndarray, period: float) -> None:
    """Lay the field over the ground; its colours keep near to the legend, shadows only breathe on them.

    The hatch has one stroke in each period of ground along the diagonal. [m]
    """
    east, north = model.origin
    ground = np.flatnonzero(spots.part == GROUND)
    x, y = spots.place[0, ground] + float(east), spots.place[1, ground] + float(north)
    values = field.sample(x, y)
    cover = field.scale.cover(values).astype(np.float32)
    wet = cover > 0
    ground, x, y, values, cover = ground[wet], x[wet], y[wet], values[wet], cover[wet]
    tone = field.scale.colors(values)
    if field.hatched:
        stroke = ((x - y) / (period * 2**0.5)) % 1.0 < 0.26
        tone = np.where((stroke & (values >= HATCH_DEPTH))[:, None], tone + (1 - tone) * 0.36, tone)
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
