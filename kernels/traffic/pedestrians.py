"""How fast people walk in a crowd: Weidmann's fundamental diagram, and what a pavement can carry."""

import numpy as np
from numpy.typing import NDArray

from kernels.contract import LayerError

#: Speed of people who walk alone [m s⁻¹], density at which nobody moves [m⁻²], shape [m⁻²]: Weidmann (1993).
FREE_SPEED = 1.34
JAM_DENSITY = 5.4
SHAPE = 1.913


def walking_speed(density: NDArray | float) -> NDArray:
    """Mean speed of a crowd on the level.

    Parameters
    ----------
    density : (…) float
        People on a square metre; at `JAM_DENSITY` and beyond nobody moves. [m⁻²]

    Returns
    -------
    (…) float64
        [m s⁻¹]

    Raises
    ------
    LayerError
        A negative density.

    Notes
    -----
    Weidmann, U. (1993), Transporttechnik der Fussgänger, IVT Schriftenreihe 90, ETH Zürich,
    doi:10.3929/ethz-a-000687810: the form of Kladek.
    """
    crowd = np.asarray(density, np.float64)
    if (crowd < 0.0).any():
        raise LayerError(f"density of people must be 0 or more, got {crowd.min():g} /m²")
    with np.errstate(divide="ignore"):
        speed = FREE_SPEED * -np.expm1(-SHAPE * (1.0 / crowd - 1.0 / JAM_DENSITY))
    return np.maximum(speed, 0.0)


def specific_flow(density: NDArray | float) -> NDArray:
    """People that pass a metre of width in a second. [m⁻¹ s⁻¹]"""
    return np.asarray(density, np.float64) * walking_speed(density)


def _steepest() -> float:
    """Density of the greatest flow: where the slope of the flow is nil, by halving. [m⁻²]"""
    low, high = 0.5, JAM_DENSITY
    for _ in range(60):
        middle = 0.5 * (low + high)
        kept = np.exp(-SHAPE * (1.0 / middle - 1.0 / JAM_DENSITY))
        low, high = (middle, high) if 1.0 - kept - kept * SHAPE / middle > 0.0 else (low, middle)
    return 0.5 * (low + high)


#: Density [m⁻²] and size [m⁻¹ s⁻¹] of the greatest flow.
CRITICAL_DENSITY = _steepest()
GREATEST_FLOW = float(specific_flow(CRITICAL_DENSITY))


#: Density up to which a footway has each level of service, A to E, and F beyond [m⁻²]: Fruin (1971), Designing for
#: pedestrians, Highway Research Record 355, walkways of 35, 25, 15, 10 and 5 square feet per person.
LEVELS = ("A", "B", "C", "D", "E", "F")
_SQUARE_FOOT = 0.3048**2
LEVEL_DENSITY = tuple(1.0 / (feet * _SQUARE_FOOT) for feet in (35.0, 25.0, 15.0, 10.0, 5.0))


def level_of_service(density: NDArray | float) -> NDArray:
    """Fruin's level of service of a footway, from A (free) to F (hardly anybody moves); NaN is F.

    Parameters
    ----------
    density : (…) float
        [m⁻²]

    Returns
    -------
    (…) str
    """
    crowd = np.asarray(density, np.float64)
    return np.asarray(LEVELS)[np.searchsorted(LEVEL_DENSITY, np.where(np.isnan(crowd), np.inf, crowd), side="left")]


def foot_streets(width: NDArray) -> tuple[NDArray, NDArray]:
    """Capacity and jam density of pavements for the queues of `kernels.traffic.queues`.

    Parameters
    ----------
    width : (link,) float
        What is left to walk on. [m]

    Returns
    -------
    capacity, jam_density : (link,) float64
        [s⁻¹], [m⁻¹]

    Raises
    ------
    LayerError
        A width of nil or less.
    """
    wide = np.asarray(width, np.float64)
    if not (wide > 0.0).all():
        where = int(np.flatnonzero(~(wide > 0.0))[0])
        raise LayerError(f"pavement {where} is {wide[where]:g} m wide; expected more than 0")
    return GREATEST_FLOW * wide, JAM_DENSITY * wide


def density_of_flow(flow: NDArray | float) -> NDArray:
    """Density of the free side of the diagram that carries a flow; NaN beyond the greatest. [m⁻¹ s⁻¹] to [m⁻²]"""
    wanted = np.asarray(flow, np.float64)
    low, high = np.zeros_like(wanted), np.full_like(wanted, CRITICAL_DENSITY)
    for _ in range(60):
        middle = 0.5 * (low + high)
        less = specific_flow(middle) < wanted
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return np.where(wanted <= GREATEST_FLOW, 0.5 * (low + high), np.nan)
