"""Where the eye stands and what it sees where: one camera for the raster, the light and the words."""

from dataclasses import dataclass, replace

import numpy as np

VIEWS: dict[str, float | None] = {
    "south-west": 217.0,
    "south-east": 143.0,
    "north-west": 323.0,
    "north-east": 37.0,
    "top": None,
}
"""Compass bearing from the model to the eye; none from above. [degree]"""

HOURS = {"south-west": 17.0, "south-east": 10.5, "north-west": 19.0, "north-east": 8.5, "top": 17.0}
"""Brussels summer time at which the sun of June lights each view best, from the side and from behind the eye. [h]"""

_TILT = 54.0
"""Of the line of sight from the vertical. [degree]"""
_LENS = 20.0
"""Angle of view over the picture's height: long, so that verticals stay calm. [degree]"""


@dataclass(frozen=True)
class Camera:
    """A camera; the picture's plane is -1 to 1 upwards and -aspect to aspect to the right.

    Attributes
    ----------
    eye, target : (3,) float64
        [m]
    right, up : (3,) float64
        Unit vectors of the picture.
    parallel : bool
    reach : float
        Half of the visible height at the target's distance. [m]
    shift : (2,) float64
        Where the target stands in the picture.
    size : tuple of int
        Width and height. [pixel]
    """

    eye: np.ndarray
    target: np.ndarray
    right: np.ndarray
    up: np.ndarray
    parallel: bool
    reach: float
    shift: np.ndarray
    size: tuple[int, int]

    @property
    def ahead(self) -> np.ndarray:
        """Unit vector from the eye to the target."""
        return np.cross(self.up, self.right)

    @property
    def distance(self) -> float:
        """From the eye to the target. [m]"""
        return float(np.linalg.norm(self.target - self.eye))

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Where points are seen: columns to the right and rows downwards, (..., 2). [pixel]"""
        arm = np.asarray(points, float) - self.eye
        depth = np.full(arm.shape[:-1], self.distance) if self.parallel else arm @ self.ahead
        scale = self.distance / (depth * self.reach)
        width, height = self.size
        x = arm @ self.right * scale + self.shift[0]
        y = arm @ self.up * scale + self.shift[1]
        return np.stack([width / 2 + x * height / 2, height / 2 - y * height / 2], axis=-1)

    def rays(self, columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Starts and directions of the lines of sight through places of the picture, (..., 3) each. [pixel]"""
        width, height = self.size
        x = ((columns - width / 2) * 2 / height - self.shift[0])[..., None] * self.reach
        y = ((height / 2 - rows) * 2 / height - self.shift[1])[..., None] * self.reach
        aside = x * self.right + y * self.up
        if self.parallel:
            return self.eye + aside, np.broadcast_to(self.ahead, aside.shape)
        return np.broadcast_to(self.eye, aside.shape), self.ahead * self.distance + aside

    def moved(self, columns: float, rows: float) -> "Camera":
        """The same view, with the picture moved by parts of a pixel to the right and downwards."""
        return replace(self, shift=self.shift + np.array([columns, -rows]) * 2 / self.size[1])


def looking(view: str, corners: np.ndarray, size: tuple[int, int], frame: tuple[float, float, float, float]) -> Camera:
    """Place a camera so that the model fills a part of the picture.

    Parameters
    ----------
    view : str
        One of `VIEWS`.
    corners : (corner, 3) float64
        What must be seen. [m]
    size : tuple of int
        Width and height. [pixel]
    frame : tuple of float
        Left, top, right, bottom of the part to fill. [pixel]
    """
    bearing = VIEWS[view]
    target = (corners.min(axis=0) + corners.max(axis=0)) / 2
    extent = float(np.linalg.norm(np.ptp(corners, axis=0)))
    if bearing is None:
        back, right, up = np.array([0.0, 0, 1]), np.array([1.0, 0, 0]), np.array([0.0, 1, 0])
    else:
        tilt, turn = np.radians(_TILT), np.radians(bearing)
        back = np.array([np.sin(tilt) * np.sin(turn), np.sin(tilt) * np.cos(turn), np.cos(tilt)])
        right = np.array([-np.cos(turn), np.sin(turn), 0.0])
        up = np.cross(back, right)
    left, top, far_right, bottom = frame

    def at(reach: float) -> Camera:
        distance = extent * 3 if bearing is None else reach / np.tan(np.radians(_LENS) / 2)
        return Camera(target + back * distance, target, right, up, bearing is None, reach, np.zeros(2), size)

    small, large = 0.05 * extent, 20 * extent
    for _ in range(40):
        reach = np.sqrt(small * large)
        seen = np.ptp(at(reach).pixels(corners), axis=0)
        fits = seen[0] <= far_right - left and seen[1] <= bottom - top
        small, large = (small, reach) if fits else (reach, large)
    camera = at(large)
    seen = camera.pixels(corners)
    middle = (seen.min(axis=0) + seen.max(axis=0)) / 2
    return camera.moved((left + far_right) / 2 - middle[0], (top + bottom) / 2 - middle[1])
