"""One moment's radiation: from the sun and the sky to every cell, every wall and every person."""

import math
from dataclasses import dataclass

import numpy as np

from kernels.crew import Crew
from kernels.heat import cells
from kernels.heat.geometry import WALL_EMISSIVITY, Geometry
from kernels.heat.patches import PATCHES, Body, beam_weight, body_weights
from kernels.heat.shadow import Beam, beam_of
from kernels.heat.sky_tables import ASPECTS, WHOLE, byte_table, night_on_cells, sky_on_cells

SIGMA = float(cells.SIGMA)
"""Stefan-Boltzmann constant. [W m⁻² K⁻⁴]"""
FACING = 0.5 * math.pi * np.arange(ASPECTS)
"""Azimuth of the outward normals of the aspects. [rad]"""


@dataclass(frozen=True)
class Moment:
    """Sun, sky and air at one moment.

    Attributes
    ----------
    elevation, azimuth : float
        Of the sun. [rad]
    direct : float
        Normal irradiance. [W m⁻²]
    diffuse, longwave : float
        On a level plane. [W m⁻²]
    light, warmth : (patch,) float64
        Exitance of the patches of sky, short-wave and long-wave. [W m⁻²]
    air_temperature : float
        Crowns have it too. [K]
    """

    elevation: float
    azimuth: float
    direct: float
    diffuse: float
    longwave: float
    light: np.ndarray
    warmth: np.ndarray
    air_temperature: float

    @property
    def beam(self) -> float:
        """Direct irradiance of a level plane. [W m⁻²]"""
        return self.direct * max(math.sin(self.elevation), 0.0)

    @property
    def crown(self) -> float:
        """Long-wave exitance of crowns, black and as warm as the air. [W m⁻²]"""
        return SIGMA * self.air_temperature**4


@dataclass(eq=False)
class WallLight:
    """What the walls of each block and aspect get and give.

    Attributes
    ----------
    shaded, lit : (block, 4) float64
        Short-wave irradiance out of the sun and in it. [W m⁻²]
    share : (block, 4) float64
        Part of the walls in the sun. [1]
    exitance : (block, 4) float64
        Short-wave. [W m⁻²]
    arriving : (block, 4) float64
        Long-wave from sky and ground, before any comes back. [W]
    longwave : (block, 4) float64
        Long-wave irradiance. [W m⁻²]
    """

    shaded: np.ndarray
    lit: np.ndarray
    share: np.ndarray
    exitance: np.ndarray
    arriving: np.ndarray
    longwave: np.ndarray


@dataclass(eq=False)
class Radiation:
    """The radiation of a moment on the cells of a window.

    Attributes
    ----------
    beam : Beam
    received : (6, y, x) float32
        See `kernels.heat.sky_tables.sky_on_cells`. [W m⁻²]
    absorbed, longwave : (y, x) float32
        Short-wave absorbed and long-wave incoming. [W m⁻²]
    walls : WallLight
    books : (8,) float64
        See `kernels.heat.cells`; sums over cells. [W m⁻²]
    """

    beam: Beam
    received: np.ndarray
    absorbed: np.ndarray
    longwave: np.ndarray
    walls: WallLight
    books: np.ndarray

    def forget(self) -> None:
        """Let go of what only the step itself reads."""
        nothing = np.zeros((0, 0), np.float32)
        self.received = nothing
        self.beam = Beam(nothing, nothing, nothing)


def wall_emission(temperature: np.ndarray, share: np.ndarray) -> np.ndarray:
    """What walls emit by themselves.

    Parameters
    ----------
    temperature : (2, block, 4) float
        In the sun and out of it. [K]
    share : (block, 4) float
        Part in the sun. [1]

    Returns
    -------
    (block, 4) float64
        [W m⁻²]
    """
    lit, shaded = np.square(np.square(temperature.astype(float)))
    return WALL_EMISSIVITY * SIGMA * (share * lit + (1 - share) * shaded)


def radiate(
    geometry: Geometry,
    moment: Moment,
    temperature: np.ndarray,
    wall_temperature: np.ndarray,
    crew: Crew,
    body: Body,
    *,
    soft: bool,
    known: tuple[np.ndarray, WallLight] | None = None,
) -> Radiation:
    """Everything that falls on cells and walls.

    Parameters
    ----------
    geometry : Geometry
    moment : Moment
    temperature : (y, x) float32
        Of the surface. [K]
    wall_temperature : (2, block, 4) float
        Of walls in the sun and out of it. [K]
    crew : Crew
    body : str
    soft : bool
        See `kernels.heat.shadow.beam_of`.
    known : tuple of (block,) bool and WallLight, optional
        Blocks whose walls are taken from a run of the whole grid.
    """
    shape = geometry.albedo.shape
    beam = beam_of(geometry.scene, moment.elevation, moment.azimuth, crew, geometry.window, soft)
    received = np.empty((6, *shape), np.float32)
    sky, veil = _tables(geometry, moment, body)
    look_up = sky_on_cells
    if not moment.light.any():
        look_up, sky, veil = night_on_cells, *(np.ascontiguousarray(one[:, :, 2:]) for one in (sky, veil))

    def look(first: int, last: int) -> None:
        look_up(geometry.masks.seen, geometry.masks.veiled, sky, veil, received, first, last)

    crew.share_out(shape[0], look, small=False)
    walls = _walls(geometry, moment, beam, received, temperature, wall_temperature, crew)
    if known is not None:
        there, other = known
        for name in ("shaded", "lit", "share", "exitance", "arriving", "longwave"):
            getattr(walls, name)[there] = getattr(other, name)[there]
    emitted = wall_emission(wall_temperature, walls.share)
    exitance = walls.longwave * (1 - WALL_EMISSIVITY) + emitted
    absorbed, longwave = np.empty(shape, np.float32), np.empty(shape, np.float32)
    books = np.zeros((shape[0], cells.BOOKS))
    blocks = geometry.blocks

    def fall(first: int, last: int) -> None:
        cells.receive(
            received, geometry.scale, geometry.hidden, geometry.shares, geometry.through, beam.sun, beam.lit,
            np.float32(moment.beam), np.float32(1 - geometry.transmissivity), np.float32(moment.crown),
            geometry.albedo, geometry.emissivity, temperature, on_blocks(geometry, walls.exitance, exitance),
            blocks.bands, blocks.below, blocks.weight_y, blocks.runs, blocks.left, blocks.weight_x,
            absorbed, longwave, books, first, last,
        )  # fmt: skip

    crew.share_out(blocks.below.size, fall, small=False)
    return Radiation(beam, received, absorbed, longwave, walls, books.sum(axis=0))


def on_blocks(geometry: Geometry, short: np.ndarray, long: np.ndarray) -> np.ndarray:
    """Exitances of walls as the cells read them, (block row, block column, 8) float32. [W m⁻²]"""
    return np.concatenate([short, long], axis=1).reshape(*geometry.blocks.shape, 2 * ASPECTS).astype(np.float32)


def _tables(geometry: Geometry, moment: Moment, body: Body) -> tuple[np.ndarray, np.ndarray]:
    level, around = PATCHES.horizontal, body_weights(body)
    light, warmth = moment.light, moment.warmth
    kept, crown = 1 - geometry.transmissivity, moment.crown
    sky = np.stack([light * level, light * around, warmth * level, warmth * around], axis=1)
    veil = np.stack(
        [-kept * light * level, -kept * light * around, (crown - warmth) * level, (crown - warmth) * around], axis=1
    )
    return byte_table(sky), byte_table(veil)


def _walls(
    geometry: Geometry, moment: Moment, beam: Beam, received: np.ndarray, temperature: np.ndarray,
    wall_temperature: np.ndarray, crew: Crew,
) -> WallLight:  # fmt: skip
    shape, blocks, facades = geometry.albedo.shape, geometry.blocks, geometry.facades
    cell = geometry.scene.cell_size**2
    leaving = np.empty((2, *shape), np.float32)

    def glance(first: int, last: int) -> None:
        cells.first_glance(
            received, geometry.scale, geometry.hidden, beam.sun, np.float32(moment.beam), np.float32(moment.diffuse),
            np.float32(moment.longwave), geometry.albedo, geometry.emissivity, temperature, leaving, first, last,
        )  # fmt: skip

    crew.share_out(shape[0], glance, small=False)
    short, arriving = (cell * blocks.send(geometry.shares[:4], one, crew).reshape(-1, ASPECTS) for one in leaving)
    direct, share = _direct(geometry, moment, beam, crew)
    exitance, incoming = facades.exitance("shortwave", short + direct)
    area = np.maximum(facades.area, 1e-9)
    from_sun = np.where(facades.area > 0, direct / area, 0.0)
    shaded = np.maximum(incoming - from_sun, 0.0)
    lit = shaded + np.where(share > 0, from_sun / np.maximum(share, 1e-9), 0.0)
    _, longwave = facades.exitance("longwave", arriving, wall_emission(wall_temperature, share))
    return WallLight(shaded, lit, share, exitance, arriving, longwave)


def _direct(geometry: Geometry, moment: Moment, beam: Beam, crew: Crew) -> tuple[np.ndarray, np.ndarray]:
    """Sun on the walls of each block and aspect [W], and the part of them that is in it [1]."""
    facades, cell = geometry.facades, geometry.scene.cell_size**2
    if moment.beam <= 0:
        none = np.zeros_like(facades.area)
        return none, none.copy()
    caught = moment.beam * cell * geometry.blocks.send(geometry.blocks.everything(), beam.caught, crew).reshape(-1, 1)
    towards = np.maximum(np.cos(FACING - moment.azimuth), 0.0)
    across = facades.area * towards
    total = across.sum(axis=1, keepdims=True)
    direct = np.where(total > 0, caught * across / np.maximum(total, 1e-9), 0.0)
    full = moment.direct * math.cos(moment.elevation) * across
    share = np.where(full > 0, np.minimum(direct / np.maximum(full, 1e-9), 1.0), 0.0)
    return direct, share


def feel(
    geometry: Geometry, moment: Moment, radiation: Radiation, temperature: np.ndarray, wall_temperature: np.ndarray,
    crew: Crew, body: Body,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """What people absorb and the mean radiant temperature, with surfaces as warm as they are at the end of a step.

    Returns
    -------
    parts : (4, y, x) float32
        Of direct sun, sky, walls and crowns, ground. [W m⁻²]
    radiant : (y, x) float32
        [K]
    """
    shape, blocks, walls = geometry.albedo.shape, geometry.blocks, radiation.walls
    beneath = np.empty(shape, np.float32)

    def below(first: int, last: int) -> None:
        cells.ground_view(
            radiation.absorbed, radiation.longwave, geometry.albedo, geometry.emissivity, temperature,
            geometry.open_ground, beneath, first, last,
        )  # fmt: skip

    crew.share_out(shape[0], below, small=False)
    around = geometry.around(beneath)
    emitted = wall_emission(wall_temperature, walls.share)
    values = on_blocks(geometry, walls.exitance, walls.longwave * (1 - WALL_EMISSIVITY) + emitted)
    parts, radiant = np.empty((4, *shape), np.float32), np.empty(shape, np.float32)
    weight = float(beam_weight(body, moment.elevation, moment.azimuth))

    def stand(first: int, last: int) -> None:
        cells.feel(
            radiation.received, geometry.shares, geometry.through, radiation.beam.sun,
            np.float32(moment.direct * weight), np.float32(moment.crown), around, beneath, np.float32(geometry.own),
            values, blocks.bands, blocks.below, blocks.weight_y, blocks.runs, blocks.left, blocks.weight_x,
            geometry.open_ground, parts, radiant, first, last,
        )  # fmt: skip

    crew.share_out(blocks.below.size, stand, small=False)
    return parts, radiant


def closures(geometry: Geometry, moment: Moment, radiation: Radiation, emitted: np.ndarray) -> np.ndarray:
    """The books of a moment, walls included.

    Parameters
    ----------
    geometry, moment, radiation
    emitted : (block, 4) float64
        By walls, when the radiation was found. [W m⁻²]

    Returns
    -------
    (6,) float64
        Short-wave in, absorbed, sent to the sky; long-wave in, kept, sent to the sky. [W]
    """
    cell, facades, walls, books = geometry.scene.cell_size**2, geometry.facades, radiation.walls, radiation.books
    caught = radiation.beam.caught.sum(dtype=np.float64)
    lit = radiation.beam.lit.sum(dtype=np.float64)
    veiled = -float((geometry.scale * radiation.received[4]).sum(dtype=np.float64))
    light_in = cell * (moment.beam * (lit + caught) + moment.diffuse * geometry.cells)
    incoming = walls.shaded + walls.share * (walls.lit - walls.shaded)
    mirror = facades.reflectance["shortwave"]
    absorbed = cell * (books[cells.ABSORBED] + books[cells.CROWNS] + veiled)
    absorbed += float((facades.area * incoming).sum()) * (1 - mirror)
    to_sky = cell * books[cells.TO_SKY] + float((facades.view * walls.exitance).sum())
    exitance = walls.longwave * (1 - WALL_EMISSIVITY) + emitted
    warmth_in = cell * moment.longwave * geometry.cells
    kept = cell * (books[cells.LONG_IN] - books[cells.LONG_LEAVES])
    kept += float((facades.area * (walls.longwave - exitance)).sum())
    # what crowns changed of the sky's warmth on the cells they took from the sky, or gave beyond it
    changed = float((geometry.scale * radiation.received[5]).sum(dtype=np.float64))
    kept += cell * (books[cells.CROWNS_LONG] - changed)
    warmth_out = cell * books[cells.LONG_TO_SKY] + float((facades.view * exitance).sum())
    # crowns send upwards what they send down
    through = float((geometry.scale * (geometry.through[0] / WHOLE)).sum(dtype=np.float64)) * cell * moment.crown
    return np.array([light_in, absorbed, to_sky, warmth_in, kept, warmth_out + through])
