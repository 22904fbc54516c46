"""Double glass under slanting sun: how its solar gain falls off with the angle of incidence."""

import numpy as np

#: Clear float glass of the standard method of test, ANSI/ASHRAE 140-2020, 5.2.1.11: index of refraction [1],
#: extinction [m⁻¹] and thickness of a pane [m].
INDEX, EXTINCTION, PANE = 1.526, 19.6, 0.003175

#: Share of the heat taken up by the outer and the inner pane that ends indoors, where the window has the U value of
#: uncoated double glass, 3.1 W m⁻² K⁻¹, and surface resistances of 0.04 and 0.13 m² K W⁻¹ (ISO 6946:2017, table 7). [1]
INWARD = (0.04 * 3.1, 1.0 - 0.13 * 3.1)


def pane(angle: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Transmittance, reflectance and absorptance of one pane, mean of both polarisations.

    Parameters
    ----------
    angle : array
        Of incidence, 0 … π/2. [rad]

    Returns
    -------
    transmittance, reflectance, absorptance : (polarisation, ...) float64
        [1]

    Notes
    -----
    Fresnel's and Bouguer's laws with all inner reflections: Duffie and Beckman, Solar Engineering of Thermal Processes
    (2013), eq. 5.1.1 to 5.3.3, doi:10.1002/9781118671603.
    """
    into = np.minimum(np.asarray(angle, dtype=float), 0.5 * np.pi - 1e-9)
    into = np.maximum(into, 1e-6)  # at 0 the formulas of both polarisations are 0/0, and even
    inside = np.arcsin(np.sin(into) / INDEX)
    across = np.sin(inside - into) ** 2 / np.sin(inside + into) ** 2
    along = np.tan(inside - into) ** 2 / np.tan(inside + into) ** 2
    face = np.stack([across, along])
    through = np.exp(-EXTINCTION * PANE / np.cos(inside))
    transmitted = through * (1 - face) ** 2 / (1 - (face * through) ** 2)
    reflected = face * (1 + through * transmitted)
    return transmitted, reflected, 1 - transmitted - reflected


def double(angle: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Transmittance of two panes, and what the outer and the inner one take up, even polarisation. [1]"""
    t, r, a = pane(angle)
    between = 1 / (1 - r**2)
    outer = a + t * r * between * a
    inner = t * between * a
    return (t * t * between).mean(0), outer.mean(0), inner.mean(0)


def gain(angle: np.ndarray) -> np.ndarray:
    """Total solar energy transmittance (g) of clear double glass at an angle [rad]. [1]"""
    transmitted, outer, inner = double(angle)
    return transmitted + INWARD[0] * outer + INWARD[1] * inner


def relative_gain(angle: np.ndarray) -> np.ndarray:
    """Gain (g) at an angle of incidence [rad], of that at normal incidence: 1 at 0, 0 from 90° on. [1]

    Of any window: the curve of clear double glass is laid on the window's own g.
    """
    slanting = np.asarray(angle, dtype=float)
    return np.where(slanting < 0.5 * np.pi, gain(slanting) / gain(np.zeros(())), 0.0)


def _diffuse() -> float:
    x, w = np.polynomial.legendre.leggauss(64)
    sine2 = 0.5 * (x + 1)
    return float(0.5 * w @ relative_gain(np.arcsin(np.sqrt(sine2))))


DIFFUSE_GAIN = _diffuse()
"""g under an even sky, of g at normal incidence: the curve weighted by cosine over the hemisphere. [1]"""
