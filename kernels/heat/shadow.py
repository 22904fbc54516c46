"""Sun and shade on the grid for one position of the sun."""

import math
from dataclasses import dataclass

import numpy as np

from kernels.crew import Crew
from kernels.heat.lines import Window, lines_away_from, strip_of
from kernels.heat.scene import SLOTS, Scene, refuse_crowded
from kernels.heat.shade_sweep import light_up

LOWEST_SUN = math.radians(0.5)
"""The sun's radius and refraction: lower than this there is no beam worth following. [rad]"""

RAYS = (-0.375, -0.125, 0.125, 0.375)
"""Where beside its centre a cell is asked for the sun: four rays bring the area of a shadow within 1 %. [cell]"""


@dataclass(frozen=True, eq=False)
class Beam:
    """What the direct beam does in a window.

    Attributes
    ----------
    lit : (y, x) float32
        Part of a cell that roofs and ground leave in the sun. [1]
    sun : (y, x) float32
        The same, less what crowns keep. [1]
    caught : (y, x) float32
        Beam caught by the wall at the cell's sunward edge, in beams of a cell. [1]
    """

    lit: np.ndarray
    sun: np.ndarray
    caught: np.ndarray

    @property
    def shadow(self) -> np.ndarray:
        """Share of the beam that is kept out; 1 is full shade. [1]"""
        return 1 - self.sun


def beam_of(scene: Scene, elevation: float, azimuth: float, crew: Crew, window: Window, soft: bool = True) -> Beam:
    """Follow the beam of one position of the sun.

    Parameters
    ----------
    scene : Scene
    elevation, azimuth : float
        Of the sun; azimuth from grid north clockwise. [rad]
    crew : Crew
    window : Window
    soft : bool
        Whether a cell may be lit in part, as four rays find it; else one ray to its centre decides.
    """
    if elevation < LOWEST_SUN:
        dark = np.zeros((window[1] - window[0], window[3] - window[2]), np.float32)
        return Beam(dark, dark.copy(), dark.copy())
    turn = int(lines_away_from(azimuth, scene.shape).transposed)
    found = [np.zeros(scene.height[turn].shape, np.float32) for _ in range(3)]
    rays = RAYS if soft else (0.0,)
    for beside in rays:
        _follow(scene, elevation, azimuth, crew, window, beside, np.float32(1 / len(rays)), soft, found)
    cells = np.s_[window[0] : window[1], window[2] : window[3]]
    return Beam(*(np.ascontiguousarray((one.T if turn else one)[cells]) for one in found))


def _follow(
    scene: Scene, elevation: float, azimuth: float, crew: Crew, window: Window, beside: float, weight: np.float32,
    soft: bool, found: list[np.ndarray],
) -> None:  # fmt: skip
    """Add one set of rays."""
    lines = lines_away_from(azimuth, scene.shape, beside)
    turn = int(lines.transposed)
    rise = lines.stride * scene.cell_size * math.tan(elevation)
    strip = strip_of(lines, window, (scene.highest - scene.lowest) / rise)
    bases = np.stack([lines.base, lines.base_begin, lines.base_end])
    minor = scene.height[turn].shape[1]
    size = max(64, -(-int(strip[3] - strip[2]) // (4 * crew.threads)))

    def follow(first: int, last: int) -> None:
        part = strip.copy()
        part[2], part[3] = strip[2] + first * size, min(strip[2] + last * size, strip[3])
        lost = light_up(
            scene.height[turn], scene.crown_top[turn], scene.crown_bottom[turn], scene.transmissivity[turn],
            lines.order, bases, part, np.float32(rise), np.float32(scene.half), np.float32(scene.lowest), soft,
            SLOTS, np.empty((2 + 3 * SLOTS, lines.lines), np.float32), np.empty((4, minor), np.float32), weight, *found,
        )  # fmt: skip
        refuse_crowded(lost)

    crew.share_out(-(-int(strip[3] - strip[2]) // size), follow, small=False)
