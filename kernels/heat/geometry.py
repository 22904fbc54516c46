"""What a run needs to know of the city before any weather: what cells see, what walls see, what is where."""

import time
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter

from kernels.crew import Crew
from kernels.heat.blocks import Blocks
from kernels.heat.facades import Facades, wall_areas
from kernels.heat.inputs import Inputs
from kernels.heat.lines import Window, whole
from kernels.heat.masks import Masks
from kernels.heat.patches import PATCHES, Body, body_weights
from kernels.heat.scene import Scene
from kernels.heat.sky_tables import WHOLE, byte_table, hidden_shares, hidden_weights
from kernels.heat.sky_view import open_sky

PERSON = 1.1
"""Height of the middle of a standing person. [m]"""
AROUND = 5.0
"""Reach of the ground that is felt beyond the own cell. [m]"""
WALL_EMISSIVITY = 0.90
"""Brick and render: Oke 1987, Boundary Layer Climates, table 7.3. [1]"""


def slices(window: Window) -> tuple[slice, slice]:
    """The window as an index of arrays."""
    return slice(window[0], window[1]), slice(window[2], window[3])


@dataclass(eq=False)
class Geometry:
    """The fixed part of a run, on the cells of a window.

    Attributes
    ----------
    window : Window
        Of the grid.
    scene : Scene
        The whole grid.
    masks : Masks
        On the window.
    exact : (y, x) float32 or None
        Sky view factor of roofs and ground by their horizon; None where patches stand for it. [1]
    scale : (y, x) float32
        Of the sky view factor to that of the patches. [1]
    hidden : (y, x) float32
        Share of a plane's sky that walls hide. [1]
    shares : (8, y, x) uint16
        That share by aspect of the walls, for the plane and for the body, in parts of `WHOLE`.
    through : (2, y, x) uint16
        Share of sky behind crowns, for plane and body.
    blocks : Blocks
    facades : Facades
        All blocks of the grid.
    wall_area : (block, 4) float64
        As they stand. [m²]
    albedo, emissivity, open_ground : (y, x) float32
        [1]; 1 where a person can stand.
    transmissivity : float
        Mean over crowns, for the light of the sky. [1]
    own : float
        Part of the ground's view that the own cell fills. [1]
    ground_count : (y, x) uint16
        Cells around that are ground.
    seconds : float
        That the look at the patches took. [s]
    """

    window: Window
    scene: Scene
    masks: Masks
    exact: np.ndarray | None
    scale: np.ndarray
    hidden: np.ndarray
    shares: np.ndarray
    through: np.ndarray
    blocks: Blocks
    facades: Facades
    wall_area: np.ndarray
    albedo: np.ndarray
    emissivity: np.ndarray
    open_ground: np.ndarray
    transmissivity: float
    own: float
    ground_count: np.ndarray
    seconds: float = 0.0

    @property
    def building_view(self) -> np.ndarray:
        """Sky view factor of roofs and ground, without crowns, (y, x) float32. [1]"""
        return 1 - self.hidden if self.exact is None else self.exact

    @property
    def sky_view(self) -> np.ndarray:
        """Sky view factor, crowns included, (y, x) float32. [1]"""
        kept = np.float32((1 - self.transmissivity) / WHOLE)
        return 1 - self.hidden - self.scale * (kept * self.through[0])

    @property
    def cells(self) -> int:
        """How many cells the window has."""
        return int(self.albedo.size)

    def around(self, field: np.ndarray) -> np.ndarray:
        """Mean of a field over the ground around each cell; the field is 0 elsewhere."""
        size = 2 * round(AROUND / self.scene.cell_size) + 1
        total = uniform_filter(field, size, mode="constant") * np.float32(size * size)
        found: np.ndarray = total / np.maximum(self.ground_count, np.uint16(1))
        return found


def scene_of(inputs: Inputs, *, parity: bool) -> Scene:
    """The scene of a run's inputs."""
    return Scene.of(
        inputs.ground,
        inputs.roof,
        inputs.building,
        inputs.crown_top,
        inputs.crown_bottom,
        inputs.transmissivity,
        inputs.cell_size,
        centred=parity,
    )


def survey(inputs: Inputs, crew: Crew, body: Body, *, parity: bool) -> Geometry:
    """Look around from every cell of a grid."""
    scene = scene_of(inputs, parity=parity)
    window = whole(scene.shape)
    began = time.perf_counter()
    masks = Masks.of(scene, PATCHES, crew)
    seconds = time.perf_counter() - began
    view = None if parity else open_sky(scene, crew, window)
    found = arrange(inputs, scene, masks, view, window, crew, body)
    found.seconds = seconds
    return found


def arrange(
    inputs: Inputs,
    scene: Scene,
    masks: Masks,
    view: np.ndarray | None,
    window: Window,
    crew: Crew,
    body: Body,
    area: np.ndarray | None = None,
) -> Geometry:
    """The geometry of a window, from what its cells see.

    Parameters
    ----------
    inputs : Inputs
        Of the whole grid.
    scene : Scene
    masks : Masks
        On the window.
    view : (y, x) float32 or None
        Exact sky view factor of buildings on the window; None takes that of the patches. [1]
    window : Window
    crew : Crew
    body : str
    area : (block, 4) float64, optional
        Of walls, where it is known. [m²]
    """
    cells = slices(window)
    shape = masks.seen.shape[1:]
    weights = body_weights(body)
    shares, through = np.empty((8, *shape), np.uint16), np.empty((2, *shape), np.uint16)
    scale, hidden = np.empty(shape, np.float32), np.empty(shape, np.float32)
    tables = byte_table(hidden_weights(weights)), byte_table(np.stack([PATCHES.horizontal, weights], axis=1))
    exact = np.broadcast_to(np.float32(-1), shape) if view is None else view

    def count(first: int, last: int) -> None:
        hidden_shares(masks.seen, masks.veiled, *tables, exact, shares, through, scale, hidden, first, last)

    crew.share_out(shape[0], count, small=False)
    crowns = scene.crown_bottom[0] >= scene.height[0]
    # in hundredths, so that one tree more does not change the light of the sky everywhere
    passes = round(float(inputs.transmissivity[crowns].mean(dtype=np.float64)), 2) if crowns.any() else 1.0
    open_ground = (~inputs.building & ~inputs.outside)[cells].astype(np.float32)
    blocks = Blocks.over(scene.shape, scene.cell_size, window)
    if area is None:
        area = wall_areas(scene.height[0], inputs.building, scene.cell_size, blocks.size).reshape(-1, 4)
    cell = scene.cell_size**2
    radius = scene.cell_size / np.sqrt(np.pi)
    own = float(radius**2 / (radius**2 + PERSON**2))
    albedo, emissivity = inputs.albedo[cells], inputs.emissivity[cells]

    def back(mirror: np.ndarray) -> np.ndarray:
        """What comes back to the walls of each aspect from the ground, per exitance of each."""
        found = [
            cell * blocks.send(shares[:4], mirror * (shares[aspect] / WHOLE), crew).reshape(-1, 4)
            for aspect in range(4)
        ]
        return np.stack(found, axis=2)

    facades = Facades(
        area,
        cell * blocks.send(shares[:4], np.ones(shape, np.float32), crew).reshape(-1, 4),
        {"shortwave": back(albedo), "longwave": back(1 - emissivity)},
        {"shortwave": inputs.wall_albedo, "longwave": 1 - WALL_EMISSIVITY},
    )
    geometry = Geometry(
        window, scene, masks, view, scale, hidden, shares, through,
        blocks, facades, area, albedo, emissivity, open_ground, passes, own, open_ground,
    )  # fmt: skip
    size = 2 * round(AROUND / scene.cell_size) + 1
    share = uniform_filter(open_ground, size, mode="constant")
    geometry.ground_count = np.rint(share * (size * size)).astype(np.uint16)
    return geometry
