"""Compiled loops of district heat: water and temperatures of a tree of pipes, and a field of boreholes by the hour."""

import numpy as np
from numba import njit

SETTLED = 1e-10
"""A consumer's flow is settled when its return is right to this part of the fall from the plant's supply. [1]"""
ROUNDS = 500
"""Flows that have not settled after so many rounds never will; three to seven are usual."""

KEPT = 1e-4
"""Newton's step takes a consumer's water as at least this part of the fall from supply to return too warm, so that one
who hardly takes more than his pipe loses does not leap. [1]"""


@njit(nogil=True, cache=True)
def march_tree(
    water_heat, above, conductance, resistance, consumer_pipe, demand, supply, back, soil,
    plant, delivered, lost, mass_flow, returned, head,
):  # fmt: skip
    """Flows, temperatures and losses of a tree of paired pipes, hour by hour.

    Parameters
    ----------
    water_heat : float
        [J kg⁻¹ K⁻¹]
    above : (pipe,) int64
        Pipe that feeds each, which stands before it; -1 where that is the plant.
    conductance : (pipe,) float64
        Heat lost by each of the two pipes per kelvin. [W K⁻¹]
    resistance : (pipe,) float64
        Loss of pressure over the square of the flow, one way. [Pa s² kg⁻²]
    consumer_pipe : (consumer,) int64
        Pipe at whose end each consumer stands.
    demand : (hour, consumer) float64
        [W]
    supply, soil : (hour,) float64
        Of the water that leaves the plant, and round the pipes. [K]
    back : float
        Of the water that consumers give back. [K]
    plant, delivered, lost : (hour,) float64
        Written. [W]
    mass_flow, returned, head : (hour,) float64
        Written: flow through the plant [kg s⁻¹], temperature of what comes back to it, that of the soil where nothing
        flows [K], and loss of pressure out and back on the worst way [Pa].

    Returns
    -------
    int
        Hour in which flows did not settle; -1 where there is none.

    Notes
    -----
    Along a pipe ``T = Ts + (T0 - Ts) exp(-U L / (m c))``, nodes mix. In a tree the flow of a pipe is the sum of what is
    drawn below it, so only the consumers' own flows are unknown: each must bring its heat down to ``back``, ``m c (T -
    back) = Q``. They are found by Newton's method. A consumer's heat depends on his own flow and, through the sum
    of ``U L / m c`` on his way, on those of all pipes there, which are sums of flows below: such a system is solved
    exactly by one sweep up the tree and one down. A consumer who asks nothing draws nothing, and in an hour in which
    nobody asks water stands still: no flow, no loss.
    """
    pipes, consumers = above.size, consumer_pipe.size
    flow, warm, cold = np.empty(pipes), np.empty(pipes), np.empty(pipes)
    push, hold, slope, less = np.empty(pipes), np.empty(pipes), np.empty(pipes), np.empty(pipes)
    drawn = np.empty(consumers)
    whole = conductance.sum()
    for hour in range(supply.size):
        ground, hot, asked = soil[hour], supply[hour] - soil[hour], 0.0
        for one in range(consumers):
            asked += demand[hour, one]
        delivered[hour], lost[hour], plant[hour] = asked, 0.0, 0.0
        mass_flow[hour], returned[hour], head[hour] = 0.0, ground, 0.0
        if asked <= 0.0:
            continue
        fall, cool = supply[hour] - back, back - ground
        for one in range(consumers):
            drawn[one] = 0.0
            if demand[hour, one] > 0.0:
                own = conductance[consumer_pipe[one]] + demand[hour, one] / asked * whole
                drawn[one] = (demand[hour, one] + own * max(hot, 0.0)) / (water_heat * fall)
        settled = False
        for _ in range(ROUNDS):
            flow[:] = 0.0
            for one in range(consumers):
                flow[consumer_pipe[one]] += drawn[one]
            for pipe in range(pipes - 1, -1, -1):
                if above[pipe] >= 0:
                    flow[above[pipe]] += flow[pipe]
            for pipe in range(pipes):  # logarithm of what water has lost on its way
                warm[pipe] = 0.0 if above[pipe] < 0 else warm[above[pipe]]
                if flow[pipe] > 0.0:
                    warm[pipe] += conductance[pipe] / (flow[pipe] * water_heat)
            settled = True
            push[:] = 0.0
            hold[:] = 0.0
            for one in range(consumers):
                if drawn[one] > 0.0:
                    pipe = consumer_pipe[one]
                    come = hot * np.exp(-warm[pipe])
                    short = demand[hour, one] - drawn[one] * water_heat * (come - cool)
                    if abs(short) > SETTLED * drawn[one] * water_heat * fall:
                        settled = False
                    # what its flow brings by itself, and what it gains if all water on its way loses less
                    gain = water_heat * max(come - cool, KEPT * fall)
                    push[pipe] += short / gain
                    hold[pipe] += drawn[one] * water_heat * come / gain
            if settled:
                break
            for pipe in range(pipes - 1, -1, -1):
                slope[pipe] = 0.0
                if flow[pipe] > 0.0:
                    slope[pipe] = conductance[pipe] / (water_heat * flow[pipe] ** 2)
                if above[pipe] >= 0:
                    part = 1.0 / (1.0 + hold[pipe] * slope[pipe])
                    push[above[pipe]] += push[pipe] * part
                    hold[above[pipe]] += hold[pipe] * part
            for pipe in range(pipes):  # how much less is lost on the way to the end of each pipe
                before = 0.0 if above[pipe] < 0 else less[above[pipe]]
                less[pipe] = before + slope[pipe] * (push[pipe] - hold[pipe] * before) / (
                    1.0 + hold[pipe] * slope[pipe]
                )
            for one in range(consumers):
                if drawn[one] > 0.0:
                    pipe = consumer_pipe[one]
                    come = hot * np.exp(-warm[pipe])
                    short = demand[hour, one] - drawn[one] * water_heat * (come - cool)
                    gain = water_heat * max(come - cool, KEPT * fall)
                    more = (short - drawn[one] * water_heat * come * less[pipe]) / gain
                    drawn[one] = max(drawn[one] + more, 0.1 * drawn[one])
        if not settled:
            return hour
        for pipe in range(pipes):
            warm[pipe] = hot * np.exp(-warm[pipe]) if flow[pipe] > 0.0 else 0.0
        # back: heat above that of the soil, from the consumers up
        cold[:] = 0.0
        for one in range(consumers):
            pipe = consumer_pipe[one]
            cold[pipe] += drawn[one] * water_heat * warm[pipe] - demand[hour, one]
        total, brought, worst = 0.0, 0.0, 0.0
        for pipe in range(pipes - 1, -1, -1):
            if flow[pipe] <= 0.0:
                continue
            stream = flow[pipe] * water_heat
            kept = np.exp(-conductance[pipe] / stream)
            before = hot if above[pipe] < 0 else warm[above[pipe]]
            lost[hour] += stream * (before - warm[pipe]) + cold[pipe] * (1.0 - kept)
            if above[pipe] >= 0:
                cold[above[pipe]] += cold[pipe] * kept
            else:
                brought += cold[pipe] * kept
                total += flow[pipe]
        plant[hour] = total * water_heat * hot - brought
        mass_flow[hour] = total
        returned[hour] = ground + brought / (total * water_heat)
        # pressure from the plant down; ``cold`` is free again
        for pipe in range(pipes):
            cold[pipe] = resistance[pipe] * flow[pipe] ** 2
            if above[pipe] >= 0:
                cold[pipe] += cold[above[pipe]]
            if flow[pipe] > 0.0:
                worst = max(worst, cold[pipe])
        head[hour] = 2.0 * worst
    return -1


@njit(nogil=True, cache=True)
def performance(lift, curve, correction, smallest):
    """COP of a heat pump, `kernels.energy.heat_pumps.cop` for one lift.

    Parameters
    ----------
    lift : float
        [K]
    curve : (3,) float64
        Of `kernels.energy.heat_pumps.COP_CURVES`.
    correction, smallest : float
        Its factor of the field [1], and the smallest lift [K].

    Returns
    -------
    float
        [1]

    Notes
    -----
    Ruhnau, Hirth and Praktiknjo (2019), doi:10.1038/s41597-019-0199-y.
    """
    held = min(max(lift, smallest), -curve[1] / (2.0 * curve[2]))
    return max(correction * (curve[0] + curve[1] * held + curve[2] * held**2), 1.0)


@njit(nogil=True, cache=True)
def march_ground(
    first, rate, response, resistance, undisturbed, length, coldest, curve, correction, smallest, wanted, sink,
    heat, electricity, brine,
):  # fmt: skip
    """Heat of a heat pump on boreholes, whose brine cools by all that was taken before.

    Parameters
    ----------
    first : int
        Hours that went before.
    rate : (first + hour,) float64
        Heat taken by length of boreholes; those before ``first`` are read, the others written. [W m⁻¹]
    response : (at least first + hour,) float64
        Fall of the walls after 1, 2, ... hours for each W/m taken since. [m K W⁻¹]
    resistance : float
        From the walls to the brine. [m K W⁻¹]
    undisturbed, length, coldest : float
        Ground before anything is taken [K], all boreholes together [m], brine below which the pump gives less [K].
    curve, correction, smallest
        See `performance`.
    wanted, sink : (hour,) float64
        Heat asked for, at most the pump's own limit [W], and water that it makes [K].
    heat, electricity, brine : (hour,) float64
        Written: heat given, electricity drawn [W], brine at the end of the hour [K].

    Notes
    -----
    Steps of the rate add up (Duhamel), none is lumped: what an hour needs of the past is one sum over it. The brine of
    the hour depends on what the hour takes, which depends on the COP at that brine: taken from round to round, each of
    which is some hundred times nearer.
    """
    slope = response[0] + resistance
    for row in range(wanted.size):
        hour = first + row
        fall, before = 0.0, 0.0
        for past in range(hour):
            fall += (rate[past] - before) * response[hour - past]
            before = rate[past]
        start = undisturbed - fall + before * response[0]
        most = max((start - coldest) / slope, 0.0)
        taken = before
        good = 1.0
        for _ in range(40):
            good = performance(sink[row] - (start - slope * taken), curve, correction, smallest)
            found = wanted[row] * (1.0 - 1.0 / good) / length
            near = abs(found - taken) <= 1e-14 * max(abs(found), 1e-3)
            taken = found
            if near:
                break
        if taken > most:
            taken = most
            good = performance(sink[row] - (start - slope * taken), curve, correction, smallest)
            heat[row] = min(taken * length / (1.0 - 1.0 / good), wanted[row]) if good > 1.0 else 0.0
        else:
            heat[row] = wanted[row]
        electricity[row] = heat[row] / good
        rate[hour] = (heat[row] - electricity[row]) / length
        brine[row] = start - slope * rate[hour]
