"""How the time along a link grows with its flow: the volume-delay function of the Bureau of Public Roads."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, inline="always")
def travel_time(flow, free, factor, capacity, power):
    """Time along one link, ``free (1 + factor (flow / capacity)^power)``.

    Parameters
    ----------
    flow : float
        Vehicles (in units of cars) in the period; below zero counts as zero. [1]
    free : float
        Time along the empty link. [unit of time of the network]
    factor, power : float
        Shape; a power of 0 makes the factor a constant. [1]
    capacity : float
        Flow at which the time is ``1 + factor`` times that of the empty link. [1]

    Returns
    -------
    float
        [unit of time of the network]

    Notes
    -----
    Bureau of Public Roads (1964), Traffic Assignment Manual, U.S. Department of Commerce.
    """
    if factor == 0.0 or free == 0.0:
        return free
    part = flow / capacity
    if part < 0.0:
        part = 0.0
    if power == 4.0:
        part *= part
        grown = part * part
    elif power == 1.0:
        grown = part
    elif power == 0.0:
        grown = 1.0
    else:
        grown = part**power
    return free * (1.0 + factor * grown)


@njit(nogil=True, cache=True, inline="always")
def time_slope(flow, free, factor, capacity, power):
    """Derivative of `travel_time` to the flow, from the right at zero: not 0 there where the power is 1."""
    if factor == 0.0 or free == 0.0 or power == 0.0:
        return 0.0
    part = flow / capacity
    if part < 0.0:
        part = 0.0
    if power == 4.0:
        grown = part * part * part
    elif power == 1.0:
        grown = 1.0
    else:
        grown = part ** (power - 1.0)
    return free * factor * power * grown / capacity


@njit(nogil=True, cache=True)
def fill_times(flow, free, factor, capacity, power, time, slope):
    """Set the times and slopes of all links, in place.

    Parameters
    ----------
    flow, free, factor, capacity, power : (link,) float64
        As of `travel_time`.
    time, slope : (link,) float64
        Written. [unit of time of the network, the same per vehicle]
    """
    for link in range(flow.size):
        time[link] = travel_time(flow[link], free[link], factor[link], capacity[link], power[link])
        slope[link] = time_slope(flow[link], free[link], factor[link], capacity[link], power[link])


def time_integral(flow, free, factor, capacity, power) -> np.ndarray:
    """Integral of `travel_time` from 0 to the flow, link by link: the terms of Beckmann's objective.

    Parameters
    ----------
    flow, free, factor, capacity, power : (link,) float64
        As of `travel_time`.

    Returns
    -------
    (link,) float64
        [vehicles times the unit of time of the network]

    Notes
    -----
    Beckmann, McGuire and Winsten (1956), Studies in the Economics of Transportation, eq. 3.8.
    """
    flow = np.maximum(flow, 0.0)
    bends = (factor != 0) & (free != 0)
    part = np.divide(flow, capacity, out=np.zeros_like(flow), where=bends)
    return free * flow * (1 + np.where(bends, factor / (power + 1) * part**power, 0.0))
