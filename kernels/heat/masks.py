"""What each cell sees of the 153 patches of the sky: past roofs, and through crowns; one bit each."""

import math
import threading
from dataclasses import dataclass

import numpy as np
from numba import njit

from kernels.crew import Crew
from kernels.heat.interval_sweep import see_roofs, see_through_crowns
from kernels.heat.lines import Window, lines_away_from, strip_of, whole
from kernels.heat.patches import Patches
from kernels.heat.scene import SLOTS, Scene, refuse_crowded


@dataclass(eq=False)
class Masks:
    """The patches of sky that cells see.

    Attributes
    ----------
    seen : (byte, y, x) uint8
        Patch ``p`` is bit ``p % 8`` of byte ``p // 8``: set where no roof and no ground hides it.
    veiled : (byte, y, x) uint8
        Set where it is seen through a crown; never where it is not seen.
    """

    seen: np.ndarray
    veiled: np.ndarray

    @classmethod
    def of(cls, scene: Scene, patches: Patches, crew: Crew) -> "Masks":
        """Look from every cell in all directions."""
        shape = (-(-len(patches) // 8), *scene.shape)
        found = cls(np.zeros(shape, np.uint8), np.zeros(shape, np.uint8))
        found.look_again(scene, patches, crew, whole(scene.shape))
        return found

    def look_again(
        self, scene: Scene, patches: Patches, crew: Crew, window: Window, origin: tuple[int, int] = (0, 0)
    ) -> None:
        """Look anew from the cells of a window, in place; the bits are those of a look from all cells.

        ``origin`` is the first row and column of these masks in the grid of the scene.
        """
        cells = np.s_[window[0] : window[1], window[2] : window[3]]
        mine = tuple(slice(one.start - first, one.stop - first) for one, first in zip(cells, origin, strict=True))
        crowns = scene.has_crowns
        own = threading.local()

        def look(first: int, last: int) -> None:
            if not hasattr(own, "planes"):
                own.planes = [[np.empty(one, np.uint8) for one in (scene.shape, scene.shape[::-1])] for _ in range(2)]
            for byte in range(first, last):
                for plane, turned in own.planes:
                    plane[cells] = 0
                    turned.T[cells] = 0
                for patch in range(8 * byte, min(8 * byte + 8, len(patches))):
                    bit = np.uint8(1 << (patch % 8))
                    if _is_cap(patches, patch):
                        _look_up(scene, bit, own.planes[0][0][cells], own.planes[1][0][cells], cells)
                    else:
                        way = patches.elevation[patch], patches.azimuth[patch]
                        _sweep(scene, way, window, crowns, bit, own.planes)
                for found, (plane, turned) in zip((self.seen, self.veiled), own.planes, strict=True):
                    join(plane[cells], turned.T[cells], found[byte][mine])

        crew.share_out(self.seen.shape[0], look, small=False)


def _is_cap(patches: Patches, patch: int) -> bool:
    return bool(patches.high[patch] >= 0.5 * math.pi - 1e-9)


def _look_up(scene: Scene, bit: np.uint8, seen: np.ndarray, veiled: np.ndarray, cells: tuple[slice, slice]) -> None:
    """The cap of the sky: nothing but a crown above the cell is in the way."""
    seen |= bit
    under = scene.crown_bottom[0][cells] >= scene.height[0][cells]
    veiled |= np.where(under, bit, np.uint8(0))


def _sweep(
    scene: Scene, way: tuple[float, float], window: Window, crowns: bool, bit: np.uint8, planes: list[list[np.ndarray]]
) -> None:
    elevation, azimuth = way
    lines = lines_away_from(azimuth, scene.shape)
    turn = int(lines.transposed)
    rise = lines.stride * scene.cell_size * math.tan(elevation)
    strip = strip_of(lines, window, (scene.highest - scene.lowest) / rise)
    height, edge = scene.height[turn], scene.edge[turn]
    seen, veiled = planes[0][turn], planes[1][turn]
    rise32 = np.float32(rise)
    if not crowns:
        state = np.empty((1, lines.lines), np.float32)
        see_roofs(height, edge, lines.order, lines.base, strip, rise32, state, bit, seen)
        return
    scratch = np.empty((4, height.shape[1]), np.float32)
    state = np.empty((1 + 2 * SLOTS, lines.lines), np.float32)
    lost = see_through_crowns(
        height, edge, scene.crown_top[turn], scene.crown_bottom[turn], lines.order, lines.base, strip, rise32,
        np.float32(scene.half), np.float32(scene.lowest), SLOTS, state, scratch, bit, seen, veiled,
    )  # fmt: skip
    refuse_crowded(lost)


@njit(nogil=True, cache=True)
def join(plane, turned, found):
    """Bits of both orientations into one."""
    for first in range(0, plane.shape[0], 32):
        for left in range(0, plane.shape[1], 32):
            for row in range(first, min(first + 32, plane.shape[0])):
                for column in range(left, min(left + 32, plane.shape[1])):
                    found[row, column] = plane[row, column] | turned[row, column]
