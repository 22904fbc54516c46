"""The light of the sky: how much of the sun's is diffuse, and how the diffuse part lies over the patches."""

import numpy as np

from kernels.heat.patches import PATCHES

#: Irradiance of the sun outside the atmosphere at its mean distance [W m⁻²]: Kopp and Lean (2011),
#: doi:10.1029/2010GL045777.
SOLAR_CONSTANT = 1361.0

#: Perez, Seals and Michalsky (1993), doi:10.1016/0038-092X(93)90017-I with erratum 51(5):423: lower bounds of the
#: sky's clearness, table 1, and the 4 × 5 coefficients of a, b, c, d, e of each bin.
CLEARNESS = (1.0, 1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2)
# fmt: off
_PEREZ = np.array([
    [1.3525, -0.2576, -0.2690, -1.4366, -0.7670, 0.0007, 1.2734, -0.1233, 2.8000, 0.6004, 1.2375, 1.0000,
     1.8734, 0.6297, 0.9738, 0.2809, 0.0356, -0.1246, -0.5718, 0.9938],
    [-1.2219, -0.7730, 1.4148, 1.1016, -0.2054, 0.0367, -3.9128, 0.9156, 6.9750, 0.1774, 6.4477, -0.1239,
     -1.5798, -0.5081, -1.7812, 0.1080, 0.2624, 0.0672, -0.2190, -0.4285],
    [-1.1000, -0.2515, 0.8952, 0.0156, 0.2782, -0.1812, -4.5000, 1.1766, 24.7219, -13.0812, -37.7000, 34.8438,
     -5.0000, 1.5218, 3.9229, -2.6204, -0.0156, 0.1597, 0.4199, -0.5562],
    [-0.5484, -0.6654, -0.2672, 0.7117, 0.7234, -0.6219, -5.6812, 2.6297, 33.3389, -18.3000, -62.2500, 52.0781,
     -3.5000, 0.0016, 1.1477, 0.1062, 0.4659, -0.3296, -0.0876, -0.0329],
    [-0.6000, -0.3566, -2.5000, 2.3250, 0.2937, 0.0496, -5.6812, 1.8415, 21.0000, -4.7656, -21.5906, 7.2492,
     -3.5000, -0.1554, 1.4062, 0.3988, 0.0032, 0.0766, -0.0656, -0.1294],
    [-1.0156, -0.3670, 1.0078, 1.4051, 0.2875, -0.5328, -3.8500, 3.3750, 14.0000, -0.9999, -7.1406, 7.5469,
     -3.4000, -0.1078, -1.0750, 1.5702, -0.0672, 0.4016, 0.3017, -0.4844],
    [-1.0000, 0.0211, 0.5025, -0.5119, -0.3000, 0.1922, 0.7023, -1.6317, 19.0000, -5.0000, 1.2438, -1.9094,
     -4.0000, 0.0250, 0.3844, 0.2656, 1.0468, -0.3788, -2.4517, 1.4656],
    [-1.0500, 0.0289, 0.4260, 0.3590, -0.3250, 0.1156, 0.7781, 0.0025, 31.0625, -14.5000, -46.1148, 55.3750,
     -7.2312, 0.4050, 13.3500, 0.6234, 1.5000, -0.6426, 1.8564, 0.5636],
]).reshape(8, 5, 4)
# fmt: on
#: Brightness of the skies the coefficients were fitted to; beyond, they are held. [1]
_BRIGHTNESS = (0.01, 0.6)


def extraterrestrial(times: np.ndarray) -> np.ndarray:
    """Irradiance across the beam outside the atmosphere, as the Earth nears and leaves the sun.

    Parameters
    ----------
    times : (time,) datetime64
        [UTC]

    Returns
    -------
    (time,) float64
        [W m⁻²]

    Notes
    -----
    Spencer (1971), Fourier series representation of the position of the sun, Search 2(5), 172.
    """
    days = np.asarray(times, dtype="datetime64[D]")
    angle = 2 * np.pi * (days - days.astype("datetime64[Y]")).astype(float) / 365
    near = 1.00011 + 0.034221 * np.cos(angle) + 0.00128 * np.sin(angle)
    return SOLAR_CONSTANT * (near + 0.000719 * np.cos(2 * angle) + 0.000077 * np.sin(2 * angle))


def relative_air_mass(elevation: np.ndarray) -> np.ndarray:
    """Length of the sun's path through the air, of the path from the zenith; below the horizon as on it.

    Kasten and Young (1989), doi:10.1364/AO.28.004735. Elevation [rad], result [1].
    """
    above = np.maximum(np.degrees(elevation), 0.0)
    return 1 / (np.sin(np.radians(above)) + 0.50572 * (above + 6.07995) ** -1.6364)


def clear_sky_global(elevation: np.ndarray) -> np.ndarray:
    """Global horizontal irradiance under a clear sky: Haurwitz (1945), doi:10.1175/1520-0469(1945)002<0154:IIRTCA>2.0.CO;2.

    Elevation [rad], result [W m⁻²], 0 with the sun down.
    """  # noqa: E501  the DOI is one word
    sine = np.maximum(np.sin(elevation), 1e-6)
    return np.where(np.asarray(elevation) > 0, 1098.0 * sine * np.exp(-0.059 / sine), 0.0)


def diffuse_fraction(
    global_horizontal: np.ndarray,
    elevation: np.ndarray,
    model: str = "erbs",
    extraterrestrial_normal: float | np.ndarray = SOLAR_CONSTANT,
) -> np.ndarray:
    """Diffuse share of the global irradiance, where no more was measured.

    Parameters
    ----------
    global_horizontal : (time,) float64
        [W m⁻²]
    elevation : (time,) float64
        Of the sun. [rad]
    model : {"erbs", "reindl"}
        Erbs, Klein and Duffie (1982), doi:10.1016/0038-092X(82)90302-4, by the clearness index alone; or Reindl,
        Beckman and Duffie (1990), doi:10.1016/0038-092X(90)90060-P, by the sun's height too.
    extraterrestrial_normal : float or (time,) float64
        [W m⁻²]

    Returns
    -------
    (time,) float64
        In 0 … 1; 1 with the sun down. [1]
    """
    sine = np.sin(elevation)
    index = np.where(sine > 0, global_horizontal / np.maximum(sine * extraterrestrial_normal, 1e-6), 0.0)
    index = np.clip(index, 0.0, 1.0)
    if model == "erbs":
        middle = 0.9511 + index * (-0.1604 + index * (4.388 + index * (-16.638 + 12.336 * index)))
        share = np.where(index <= 0.22, 1 - 0.09 * index, np.where(index <= 0.8, middle, 0.165))
    elif model == "reindl":
        low = np.minimum(1.020 - 0.254 * index + 0.0123 * sine, 1.0)
        middle = np.clip(1.400 - 1.749 * index + 0.177 * sine, 0.1, 0.97)
        high = np.maximum(0.486 * index - 0.182 * sine, 0.1)
        share = np.where(index <= 0.3, low, np.where(index < 0.78, middle, high))
    else:
        raise ValueError(f"the diffuse fraction is of 'erbs' or 'reindl', got {model!r}")
    return np.where(sine > 0, share, 1.0)


def clearness(diffuse: np.ndarray, direct_normal: np.ndarray, elevation: np.ndarray) -> np.ndarray:
    """Clearness of the sky, ε of Perez et al. (1993), eq. 1: 1 where overcast, above 6.2 where clear. [1]"""
    cubed = 1.041 * np.clip(0.5 * np.pi - elevation, 0.0, 0.5 * np.pi) ** 3
    ratio = direct_normal / np.maximum(diffuse, 1e-6)
    return (1 + ratio + cubed) / (1 + cubed)


def brightness(
    diffuse: np.ndarray, elevation: np.ndarray, extraterrestrial_normal: float | np.ndarray = SOLAR_CONSTANT
) -> np.ndarray:
    """Brightness of the sky, Δ of Perez et al. (1993), eq. 2. [1]"""
    return relative_air_mass(elevation) * diffuse / extraterrestrial_normal


def _shape(diffuse: np.ndarray, direct: np.ndarray, elevation: np.ndarray, outside: float | np.ndarray) -> np.ndarray:
    """The coefficients a, b, c, d, e of each time: Perez et al. (1993), eq. 6 to 8. (5, time)"""
    bin_ = np.searchsorted(CLEARNESS, clearness(diffuse, direct, elevation), side="right") - 1
    zenith = np.clip(0.5 * np.pi - elevation, 0.0, 0.5 * np.pi)
    delta = np.clip(brightness(diffuse, elevation, outside), *_BRIGHTNESS)
    x1, x2, x3, x4 = np.moveaxis(_PEREZ[bin_], 2, 0)
    shape = (x1 + x2 * zenith[:, None] + delta[:, None] * (x3 + x4 * zenith[:, None])).T
    overcast = bin_ == 0
    (c1, c2, c3, c4), (d1, d2, d3, d4) = _PEREZ[0, 2], _PEREZ[0, 3]
    shape[2] = np.where(overcast, np.exp((delta * (c1 + c2 * zenith)) ** c3) - c4, shape[2])
    shape[3] = np.where(overcast, -np.exp(delta * (d1 + d2 * zenith)) + d3 + delta * d4, shape[3])
    return shape


def _inside_patches(points: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sines, azimuths and weights of Gauss points in each patch, even in solid angle. (point, patch)"""
    x, w = np.polynomial.legendre.leggauss(points)
    low, high = np.sin(PATCHES.low), np.sin(PATCHES.high)
    sine = 0.5 * (low + high) + 0.5 * (high - low) * x[:, None]
    azimuth = 0.5 * (PATCHES.first + PATCHES.last) + 0.5 * (PATCHES.last - PATCHES.first) * x[:, None]
    shape = (points, points, len(PATCHES))
    every = (np.broadcast_to(one, shape) for one in (sine[:, None], azimuth[None], (np.outer(w, w) / 4)[:, :, None]))
    sines, azimuths, weights = (one.reshape(points**2, -1) for one in every)
    return sines, azimuths, weights


_SINE, _AZIMUTH, _WEIGHT = _inside_patches()


def perez(
    diffuse: np.ndarray,
    direct_normal: np.ndarray,
    elevation: np.ndarray,
    azimuth: np.ndarray,
    extraterrestrial_normal: float | np.ndarray = SOLAR_CONSTANT,
) -> np.ndarray:
    """Exitance of every patch of the sky (its radiance times π), so that the patches give the measured diffuse light.

    Parameters
    ----------
    diffuse : (time,) float64
        Diffuse horizontal irradiance. [W m⁻²]
    direct_normal : (time,) float64
        [W m⁻²]
    elevation, azimuth : (time,) float64
        Of the sun, from north clockwise. [rad]
    extraterrestrial_normal : float or (time,) float64
        The mean is within 3.4 % all year. [W m⁻²]

    Returns
    -------
    (time, patch) float64
        ``result @ PATCHES.horizontal`` is the diffuse irradiance. [W m⁻²]

    Notes
    -----
    Relative luminance of Perez et al. (1993), eq. 5, taken as relative radiance and averaged over each patch, for the
    light round the sun falls off within a few degrees. Clearness below 1.065 has its own c and d. Brightness is held
    to 0.01 … 0.6; where the fit would be negative the sky is black. An even sky is the diffuse irradiance itself.
    """
    diffuse, direct_normal, elevation, azimuth = (
        np.atleast_1d(np.asarray(one, dtype=float)) for one in (diffuse, direct_normal, elevation, azimuth)
    )
    outside = np.broadcast_to(np.asarray(extraterrestrial_normal, dtype=float), diffuse.shape)
    a, b, c, d, e = _shape(diffuse, direct_normal, elevation, outside)[:, :, None]
    relative = np.zeros((diffuse.size, len(PATCHES)))
    for sine, toward, weight in zip(_SINE, _AZIMUTH, _WEIGHT, strict=True):
        apart = np.sin(elevation)[:, None] * sine
        apart = apart + np.cos(elevation)[:, None] * np.sqrt(1 - sine**2) * np.cos(toward - azimuth[:, None])
        apart = np.clip(apart, -1.0, 1.0)
        luminance = (1 + a * np.exp(b / sine)) * (1 + c * np.exp(d * np.arccos(apart)) + e * apart**2)
        relative += weight * np.maximum(luminance, 0.0)
    level = relative @ PATCHES.horizontal
    even = ~(level > 0)
    relative[even], level[even] = 1.0, 1.0
    return relative * (diffuse / level)[:, None]
