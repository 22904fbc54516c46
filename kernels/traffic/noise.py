"""What traffic sounds like at its source: the road model of CNOSSOS-EU, by octave bands."""

import numpy as np
from numpy.typing import NDArray

from kernels.contract import LayerError

#: Centres of the octave bands. [Hz]
BANDS = (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)
#: The A weighting by band: Directive 2002/49/EC, annex II, 2.5.5 as amended by (EU) 2021/1226. [dB]
A_WEIGHTING = np.array([-26.2, -16.1, -8.6, -3.2, 0.0, 1.2, 1.0, -1.1])
#: Speed at which the coefficients hold. [km/h]
REFERENCE_SPEED = 70.0
#: Below this speed the laws of rolling and propulsion are read at it: annex II, 2.2.2. [km/h]
LOWEST_SPEED = 20.0
#: Categories of vehicles: light, medium heavy, heavy, mopeds, motorcycles.
CATEGORIES = ("1", "2", "3", "4a", "4b")
_SILENT = (-np.inf,) * 8
#: Rolling A, B and propulsion A, B by category and band: table F-1 of Directive (EU) 2021/1226, 2021, OJ L 269. [dB]
COEFFICIENTS = {
    "1": (
        (83.1, 89.2, 87.7, 93.1, 100.1, 96.7, 86.8, 76.2),
        (30.0, 41.5, 38.9, 25.7, 32.5, 37.2, 39.0, 40.0),
        (97.9, 92.5, 90.7, 87.2, 84.7, 88.0, 84.4, 77.1),
        (-1.3, 7.2, 7.7, 8.0, 8.0, 8.0, 8.0, 8.0),
    ),
    "2": (
        (88.7, 93.2, 95.7, 100.9, 101.7, 95.1, 87.8, 83.6),
        (30.0, 35.8, 32.6, 23.8, 30.1, 36.2, 38.3, 40.1),
        (105.5, 100.2, 100.5, 98.7, 101.0, 97.8, 91.2, 85.0),
        (-1.9, 4.7, 6.4, 6.5, 6.5, 6.5, 6.5, 6.5),
    ),
    "3": (
        (91.7, 96.2, 98.2, 104.9, 105.1, 98.5, 91.1, 85.6),
        (30.0, 33.5, 31.3, 25.4, 31.8, 37.1, 38.6, 40.6),
        (108.8, 104.2, 103.5, 102.9, 102.6, 98.5, 93.8, 87.5),
        (0.0, 3.0, 4.6, 5.0, 5.0, 5.0, 5.0, 5.0),
    ),
    "4a": (
        _SILENT,
        (0.0,) * 8,
        (93.0, 93.0, 93.5, 95.3, 97.2, 100.4, 95.8, 90.9),
        (4.2, 7.4, 9.8, 11.6, 15.7, 18.9, 20.3, 20.6),
    ),
    "4b": (
        _SILENT,
        (0.0,) * 8,
        (99.9, 101.9, 96.7, 94.4, 95.2, 94.7, 92.1, 88.6),
        (3.2, 5.9, 11.9, 11.6, 11.5, 12.6, 11.1, 12.0),
    ),
}
#: How rolling noise falls with the warmth of the air: annex II, 2.2.3. [dB/K]
_TEMPERATURE = {"1": 0.08, "2": 0.04, "3": 0.04, "4a": 0.0, "4b": 0.0}
_REFERENCE_TEMPERATURE = 20.0


def vehicle_power(category: str, speed: NDArray | float, air_temperature: float = _REFERENCE_TEMPERATURE) -> NDArray:
    """Sound power of one vehicle at steady speed on the reference road, level and dry.

    Parameters
    ----------
    category : str
        One of `CATEGORIES`.
    speed : (…) float
        [km/h]
    air_temperature : float
        Yearly mean. [°C]

    Returns
    -------
    (…, band) float64
        Sound power level, not weighted. [dB re 1 pW]

    Raises
    ------
    LayerError
        An unknown category.

    Notes
    -----
    Eq. 2.2.2 to 2.2.5 and 2.2.11 of annex II of Directive 2002/49/EC as amended by (EU) 2021/1226.
    """
    if category not in COEFFICIENTS:
        raise LayerError(f"no category {category!r} of vehicles; expected one of {', '.join(CATEGORIES)}")
    A_roll, B_roll, A_drive, B_drive = (np.array(row) for row in COEFFICIENTS[category])
    read_at = np.maximum(np.asarray(speed, np.float64), LOWEST_SPEED)[..., None]
    warmth = _TEMPERATURE[category] * (_REFERENCE_TEMPERATURE - air_temperature)
    rolling = A_roll + B_roll * np.log10(read_at / REFERENCE_SPEED) + warmth
    propulsion = A_drive + B_drive * (read_at - REFERENCE_SPEED) / REFERENCE_SPEED
    return 10.0 * np.log10(10.0 ** (rolling / 10.0) + 10.0 ** (propulsion / 10.0))


def line_power(
    flows: dict[str, NDArray], speeds: dict[str, NDArray], air_temperature: float = _REFERENCE_TEMPERATURE
) -> NDArray:
    """Sound power per metre of street of all that drives on it.

    Parameters
    ----------
    flows, speeds : mapping of category to (link,) float
        Vehicles an hour [1/h] and their mean speed [km/h]; where there is no flow the speed is not read.

    Returns
    -------
    (link, band) float64
        -inf where nothing drives. [dB re 1 pW/m]

    Raises
    ------
    LayerError
        An unknown category, a negative flow, a flow that stands still (it has no finite density).

    Notes
    -----
    Eq. 2.2.1: the power of one vehicle times ``flow / (1000 speed)`` vehicles on a metre.
    """
    total: NDArray | float = 0.0
    for category, flow in flows.items():
        driven = np.asarray(flow, np.float64)
        if (driven < 0.0).any() or not np.isfinite(driven).all():
            raise LayerError(f"category {category}: flows must be finite and 0 or more, got {driven.min():g} /h")
        speed = np.where(driven > 0.0, np.asarray(speeds[category], np.float64), REFERENCE_SPEED)
        if not (speed > 0.0).all():
            where = int(np.flatnonzero(~(speed > 0.0))[0])
            raise LayerError(
                f"category {category}: link {where} has a flow and speed {speed[where]:g} km/h; expected > 0"
            )
        density = driven / (1000.0 * speed)
        total = total + density[..., None] * 10.0 ** (vehicle_power(category, speed, air_temperature) / 10.0)
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10(np.asarray(total))


def a_weighted(levels: NDArray) -> NDArray:
    """The one A-weighted level of a spectrum.

    Parameters
    ----------
    levels : (…, band) float
        [dB]

    Returns
    -------
    (…) float64
        [dB(A)]
    """
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10((10.0 ** ((np.asarray(levels) + A_WEIGHTING) / 10.0)).sum(axis=-1))
