"""Light on one plane at one moment, behind its horizon: the piece that sums over patches and faces share."""

import math

from numba import njit


@njit(nogil=True, cache=True, inline="always")
def light_on(row, sector, height, east, north, up, sky_part, band_part, ground_part, light):
    """Light on a plane: its beam, the glow round the sun, all of the sky, and what the ground sends back.

    Parameters
    ----------
    row : (azimuth,) uint8
        Horizon of the plane, see `kernels.energy.horizons.horizons`.
    sector, height : float
        Where the sun stands, in the units of that horizon.
    east, north, up : float
        Outward normal. [1]
    sky_part, band_part, ground_part : float
        Of the even sky, of the band at the horizon and of the ground, seen from the plane. [1]
    light : (8,) float64
        A row of `kernels.energy.plane_of_array.Skylight.parts`.

    Returns
    -------
    cosine, beam, glow, sky, ground : float
        Cosine of incidence [1]; the rest [W m⁻²]. ``sky`` holds the glow.
    """
    cosine = east * light[0] + north * light[1] + up * light[2]
    beam, glow = 0.0, 0.0
    if cosine > 0.0 and light[2] > 0.0:
        azimuths = row.size
        lower = int(sector)
        share = sector - lower
        a = row[lower % azimuths]
        b = row[(lower + 1) % azimuths]
        if height > a + share * (float(b) - float(a)):
            beam, glow = cosine * light[3], cosine * light[4]
    sky = max(glow + sky_part * light[5] + band_part * light[6], 0.0)
    return cosine, beam, glow, sky, ground_part * light[7]


@njit(nogil=True, cache=True)
def parts_seen(east, north, up, even, band):
    """What a plane sees of even sky, band and ground: (3,) [1]."""
    return 0.5 * (1.0 + up) * even, math.sqrt(east * east + north * north) * band, 0.5 * (1.0 - up)
