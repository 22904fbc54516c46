"""Geothermal boreholes: how cold their brine becomes by what is taken from them, hour by hour and over years."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.integrate import quad
from scipy.interpolate import CubicSpline
from scipy.signal import fftconvolve
from scipy.special import erf

from kernels.contract import LayerError

_PER_DECADE = 8
"""Times at which the response is integrated, per factor of ten; between them a cubic in the logarithm of time."""


@dataclass(frozen=True)
class BoreField:
    """Equal vertical boreholes.

    Attributes
    ----------
    x, y : (borehole,) float64
        [m]
    depth : float
        Length that takes heat. [m]
    cover : float
        Depth at which that length begins. [m]
    radius : float
        [m]
    conductivity, diffusivity : float
        Of the ground. [W m⁻¹ K⁻¹], [m² s⁻¹]
    ground_temperature : float
        Undisturbed, mean over the depth. [K]
    resistance : float
        From the wall to the brine, per metre. [m K W⁻¹]
    """

    x: np.ndarray
    y: np.ndarray
    depth: float
    ground_temperature: float
    cover: float = 2.0
    radius: float = 0.075
    conductivity: float = 2.0
    diffusivity: float = 1e-6
    resistance: float = 0.1

    def __post_init__(self) -> None:
        x, y = np.atleast_1d(np.asarray(self.x, np.float64)), np.atleast_1d(np.asarray(self.y, np.float64))
        if x.shape != y.shape or x.ndim != 1 or not (np.isfinite(x) & np.isfinite(y)).all():
            raise LayerError(f"boreholes: x and y must be finite and of one length, got {x.shape} and {y.shape}")
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)
        for name in ("depth", "cover", "radius", "conductivity", "diffusivity", "ground_temperature", "resistance"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0.0):
                raise LayerError(f"boreholes: {name} must be finite and above zero, got {getattr(self, name)}")
        apart = self._distances()
        if x.size > 1 and apart[~np.eye(x.size, dtype=bool)].min() <= 2 * self.radius:
            raise LayerError("boreholes: two of them overlap; give each a place of its own")

    def _distances(self) -> np.ndarray:
        """From each to each, the radius to itself. (borehole, borehole) [m]"""
        apart = np.hypot(self.x[:, None] - self.x, self.y[:, None] - self.y)
        np.fill_diagonal(apart, self.radius)
        return apart

    def response(self, time: np.ndarray) -> np.ndarray:
        """Mean fall of the walls' temperature for each W/m taken since time 0 from all boreholes.

        Parameters
        ----------
        time : (…) float
            Above 0. [s]

        Returns
        -------
        (…) float64
            [m K W⁻¹]

        Notes
        -----
        Eq. 13 to 15 of Claesson and Javed (2011), ASHRAE Transactions 117(2), 279-288: finite line sources under a
        surface of constant temperature, all with the same rate, averaged over their length; the sum over neighbours
        stands in one integral.
        """
        times = np.asarray(time, np.float64)
        apart, count = np.unique(np.round(self._distances(), 6), return_counts=True)
        squared, share = apart**2, count / self.x.size

        def integrand(s: float) -> float:
            return (
                float(np.exp(-squared * s * s) @ share) * _line(self.depth * s, self.cover * s) / (self.depth * s * s)
            )

        flat = []
        for one in times.ravel():
            begin = 1.0 / np.sqrt(4.0 * self.diffusivity * one)
            # the integrand falls off over the inverse of each distance: cut there, so that no part is missed
            cuts = [begin, *(c for c in np.geomspace(begin, 8.0 / self.radius, 12) if c > begin)]
            flat.append(sum(quad(integrand, a, b, epsabs=1e-12, epsrel=1e-9)[0]
                            for a, b in pairwise(cuts)))  # fmt: skip
        return np.reshape(flat, times.shape) / (4.0 * np.pi * self.conductivity)


def stepped_response(field: BoreField, dt: float, steps: int) -> np.ndarray:
    """`BoreField.response` after one step, two steps, ...

    Parameters
    ----------
    field : BoreField
    dt : float
        [s]
    steps : int

    Returns
    -------
    (step,) float64
        [m K W⁻¹]
    """
    end = steps * dt
    knots = np.geomspace(dt, max(end, 10 * dt), max(8, int(_PER_DECADE * np.log10(max(end / dt, 10.0))) + 1))
    curve = CubicSpline(np.log(knots), field.response(knots))
    return np.asarray(curve(np.log(dt * np.arange(1, steps + 1))))


def brine_temperature(field: BoreField, heat: np.ndarray, dt: float) -> np.ndarray:
    """Mean temperature of the brine for a course of heat taken from the field.

    Parameters
    ----------
    field : BoreField
    heat : (step,) float
        Taken from all boreholes together; negative where heat is put back. [W]
    dt : float
        [s]

    Returns
    -------
    (step,) float64
        At the end of each step. [K]

    Raises
    ------
    LayerError
        Gaps, or steps without a length.

    Notes
    -----
    Steps add up (Duhamel), by a convolution over all of them; no load is lumped. A heat pump whose COP is that of
    `kernels.energy.heat_pumps.cop` takes the ground's temperature, and its approach off it: hand it this one plus
    ``BRINE_APPROACH``.
    """
    taken = np.asarray(heat, np.float64)
    if taken.ndim != 1 or taken.size == 0 or not np.isfinite(taken).all() or not dt > 0.0:
        raise LayerError(f"boreholes: heat must be a finite course of steps, got the shape {taken.shape} by {dt} s")
    rate = taken / (field.x.size * field.depth)
    response = stepped_response(field, dt, taken.size)
    change = np.diff(rate, prepend=0.0)
    fall = fftconvolve(change, response)[: taken.size]
    return field.ground_temperature - fall - rate * field.resistance


def _line(h: float, d: float) -> float:
    """Sum of integrated error functions of two line sources and their mirror images, eq. 14. [1]"""
    return 2 * _ierf(h) + 2 * _ierf(h + 2 * d) - _ierf(2 * h + 2 * d) - _ierf(2 * d)


def _ierf(x: float) -> float:
    return float(x * erf(x) - (1.0 - np.exp(-x * x)) / np.sqrt(np.pi))
