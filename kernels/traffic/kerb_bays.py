"""Bays at the kerb for short stops: how often all are full, and what manoeuvres take from the lane beside them."""

from kernels.contract import LayerError

MANOEUVRE = 18.0
"""Time for which a car that enters or leaves a bay blocks the lane: HCM 2000, chapter 16, parking. [s]"""
BESIDE = 0.1
"""Part of a lane that the presence of parked cars costs: HCM 2000, equation of the factor for parking. [1]"""
LEAST = 0.05
"""The factor is never below this: HCM 2000. [1]"""
STRETCH = 76.0
"""Manoeuvres count that happen within this length, 250 ft: HCM 2000. [m]"""
MOST = 180.0
"""Manoeuvres beyond this number count as this: HCM 2000. [h⁻¹]"""


def blocking(bays: int, load: float) -> float:
    """Part of arrivals that find all bays full: Erlang's first formula.

    Parameters
    ----------
    bays : int
        At least 0.
    load : float
        Arrivals times mean stop. [1]

    Returns
    -------
    float
        [1]

    Raises
    ------
    LayerError
        A negative number.

    Notes
    -----
    A. K. Erlang (1917), Solution of some problems in the theory of probabilities of significance in automatic telephone
    exchanges; the recursion ``B_n = a B_(n-1) / (n + a B_(n-1))``. It holds for every distribution of stops with the
    same mean.
    """
    if bays < 0 or load < 0:
        raise LayerError(f"bays and load must be 0 or more, got {bays} bays and a load of {load:g}")
    blocked = 1.0
    for number in range(1, bays + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def capacity_part(lanes: float, manoeuvres: float) -> float:
    """Part of the capacity of a direction that is left beside bays in use.

    Parameters
    ----------
    lanes : float
        Of the direction, more than 0.
    manoeuvres : float
        Cars that enter or leave a bay within `STRETCH`. [h⁻¹]

    Returns
    -------
    float
        [1]

    Raises
    ------
    LayerError
        No lane, or fewer than 0 manoeuvres.

    Notes
    -----
    Highway Capacity Manual 2000, chapter 16: ``f = (N - 0.1 - 18 m / 3600) / N``, at least 0.05, m at most 180 an hour.
    """
    if lanes <= 0 or manoeuvres < 0:
        raise LayerError(f"expected lanes above 0 and manoeuvres from 0, got {lanes:g} and {manoeuvres:g}")
    blocked = MANOEUVRE * min(manoeuvres, MOST) / 3600.0
    return max((lanes - BESIDE - blocked) / lanes, LEAST)
