"""Temperatures of a network of warm or cold water, carried with its flows, and where its heat goes."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from kernels.contract import KernelError, LayerError
from kernels.energy.heat_network import STILL, Flows, HeatNetwork, solve_flows

SPECIFIC_HEAT = 4186.0
"""Of water at about 55 °C. [J kg⁻¹ K⁻¹]"""


@dataclass(frozen=True)
class Heat:
    """Temperatures and the ledger of some hours.

    Attributes
    ----------
    flows : Flows
    supply, back : (hour, node) float64
        Of the water out and back in each node; where it stands still, of the ground. [K]
    consumer_back : (hour, consumer) float64
        Of the water that a consumer gives back; of the ground where it takes none. [K]
    plant_heat, delivered, lost : (hour,) float64
        Negative where the network carries cold. [W]
    too_weak : (hour, consumer) bool
        Where the water came so far from its temperature that the consumer had to cool it beyond that of the ground or
        of its own return: the plant's water must be warmer, or the flow larger.
    """

    flows: Flows
    supply: np.ndarray
    back: np.ndarray
    consumer_back: np.ndarray
    plant_heat: np.ndarray
    delivered: np.ndarray
    lost: np.ndarray
    too_weak: np.ndarray

    def closure(self) -> float:
        """Largest error of ``plant - delivered - lost`` in any hour. [W]"""
        return float(np.abs(self.plant_heat - self.delivered - self.lost).max(initial=0.0))


def carry_heat(
    network: HeatNetwork,
    consumer: np.ndarray,
    demand: np.ndarray,
    supply_temperature: np.ndarray,
    spread: float,
    ground_temperature: np.ndarray,
) -> Heat:
    """Flows, temperatures and losses of a network that serves its consumers.

    Parameters
    ----------
    network : HeatNetwork
    consumer : (consumer,) int
        Node of each.
    demand : (hour, consumer) float
        Heat taken from the water; negative all over for a network of cold. [W]
    supply_temperature : (hour,) float
        Of the water that leaves every plant. [K]
    spread : float
        Fall of temperature for which consumers set their flow, ``m = Q / (c spread)``; negative for cold. [K]
    ground_temperature : (hour,) float
        [K]

    Returns
    -------
    Heat

    Raises
    ------
    LayerError
        Shapes that do not fit, gaps, a demand of the other sign than the spread.
    KernelError
        Flows that do not settle.

    Notes
    -----
    Quasi-steady: within an hour water crosses the network, so that along a pipe ``T = Tg + (T0 - Tg) exp(-U L / (m
    c))``; nodes mix what arrives. Consumers get all they ask for and give back colder water where theirs came cooler.
    """
    asked, at = np.asarray(demand, np.float64), np.asarray(consumer, np.int64)
    hours = asked.shape[0]
    warm, ground = (np.array(np.broadcast_to(np.asarray(one, np.float64), (hours,)))
                    for one in (supply_temperature, ground_temperature))  # fmt: skip
    if asked.shape != (hours, at.size) or (at.size and not ((at >= 0) & (at < network.nodes)).all()):
        raise LayerError(f"heat network: demand has the shape {asked.shape} for {at.size} consumers at its nodes")
    if spread == 0.0 or not np.isfinite(asked).all() or (asked * spread < 0.0).any():
        raise LayerError(f"heat network: demand must be finite and of the sign of the spread, which is {spread:g} K")
    if not (np.isfinite(warm) & np.isfinite(ground)).all():
        raise LayerError("heat network: temperatures of supply and ground must be finite; fill gaps before")
    mass = asked / (SPECIFIC_HEAT * spread)
    drawn = np.zeros((hours, network.nodes))
    np.add.at(drawn.T, at, mass.T)
    flows = solve_flows(network, drawn)
    fed = drawn.sum(axis=1)[:, None] * network.plant_share
    supply, back = np.empty_like(drawn), np.empty_like(drawn)
    given_back, loss = np.empty_like(asked), np.zeros((hours, 2))
    circle = carry(
        SPECIFIC_HEAT, STILL, network.tail, network.head, network.length * network.transmittance, network.plant,
        at, mass, asked, fed, flows.mass_flow, warm, ground, supply, back, given_back, loss,
    )  # fmt: skip
    if circle >= 0:
        raise KernelError(f"heat network: water runs in a circle in hour {circle}; look for pipes far too wide or thin")
    plant_heat = (SPECIFIC_HEAT * fed * (warm[:, None] - back[:, network.plant])).sum(axis=1)
    taken = np.where(mass > STILL, asked, 0.0)
    limit = np.minimum(ground, warm - spread)[:, None] if spread > 0 else np.maximum(ground, warm - spread)[:, None]
    beyond = given_back < limit - 1e-9 if spread > 0 else given_back > limit + 1e-9
    return Heat(flows, supply, back, given_back, plant_heat, taken.sum(axis=1), loss.sum(axis=1), beyond & (taken != 0))


@njit(nogil=True, cache=True)
def carry(
    water_heat, still, tail, head, loss_rate, plant, consumer, mass, demand, fed, flow, warm, ground,
    supply, back, given_back, loss,
):  # fmt: skip
    """Carry temperatures out and back, hour by hour.

    Parameters
    ----------
    water_heat, still : float
        [J kg⁻¹ K⁻¹], [kg s⁻¹]
    tail, head : (pipe,) int64
    loss_rate : (pipe,) float64
        [W K⁻¹]
    plant, consumer : (plant,), (consumer,) int64
    mass, demand : (hour, consumer) float64
        [kg s⁻¹], [W]
    fed : (hour, plant) float64
        [kg s⁻¹]
    flow : (hour, pipe) float64
        [kg s⁻¹]
    warm, ground : (hour,) float64
        [K]
    supply, back, given_back : (hour, node), (hour, node), (hour, consumer) float64
        Written. [K]
    loss : (hour, 2) float64
        Added to: out and back. [W]

    Returns
    -------
    int
        Hour in which water runs in a circle, which no pressure can drive; -1 where there is none.
    """
    nodes, pipes = supply.shape[1], tail.size
    downwards = np.empty(nodes, np.int64)
    for hour in range(warm.size):
        # pipes by the node that the water comes from, and nodes so that each comes after all that feed it
        first, count, feeders = np.empty(pipes, np.int64), np.zeros(nodes + 1, np.int64), np.zeros(nodes, np.int64)
        for pipe in range(pipes):
            forth = flow[hour, pipe] > 0.0
            first[pipe] = tail[pipe] if forth else head[pipe]
            count[first[pipe] + 1] += 1
            if abs(flow[hour, pipe]) > still:
                feeders[head[pipe] if forth else tail[pipe]] += 1
        for node in range(nodes):
            count[node + 1] += count[node]
        order, used = np.empty(pipes, np.int64), count.copy()
        for pipe in range(pipes):
            order[used[first[pipe]]] = pipe
            used[first[pipe]] += 1
        reached = 0
        for node in range(nodes):
            if feeders[node] == 0:
                downwards[reached] = node
                reached += 1
        rank = 0
        while rank < reached:
            node = downwards[rank]
            rank += 1
            for at in range(count[node], count[node + 1]):
                pipe = order[at]
                if abs(flow[hour, pipe]) > still:
                    lower = head[pipe] if first[pipe] == tail[pipe] else tail[pipe]
                    feeders[lower] -= 1
                    if feeders[lower] == 0:
                        downwards[reached] = lower
                        reached += 1
        if reached < nodes:
            return hour
        # out: from the plants down
        water, heat = np.zeros(nodes), np.zeros(nodes)
        for one in range(plant.size):
            water[plant[one]] += fed[hour, one]
            heat[plant[one]] += fed[hour, one] * (warm[hour] - ground[hour])
        for rank in range(nodes):
            node = downwards[rank]
            above = heat[node] / water[node] if water[node] > still else 0.0
            supply[hour, node] = ground[hour] + above
            for at in range(count[node], count[node + 1]):
                pipe = order[at]
                stream = abs(flow[hour, pipe])
                if stream <= still:
                    continue
                lower = head[pipe] if first[pipe] == tail[pipe] else tail[pipe]
                kept = above * np.exp(-loss_rate[pipe] / (stream * water_heat))
                water[lower] += stream
                heat[lower] += stream * kept
                loss[hour, 0] += stream * water_heat * (above - kept)
        # back: the other way, from the consumers up
        water[:] = 0.0
        heat[:] = 0.0
        for one in range(consumer.size):
            node = consumer[one]
            given_back[hour, one] = ground[hour]
            if mass[hour, one] > still:
                given_back[hour, one] = supply[hour, node] - demand[hour, one] / (mass[hour, one] * water_heat)
                water[node] += mass[hour, one]
                heat[node] += mass[hour, one] * (given_back[hour, one] - ground[hour])
        for rank in range(nodes - 1, -1, -1):
            node = downwards[rank]
            for at in range(count[node], count[node + 1]):
                pipe = order[at]
                stream = abs(flow[hour, pipe])
                if stream <= still:
                    continue
                lower = head[pipe] if first[pipe] == tail[pipe] else tail[pipe]
                above = heat[lower] / water[lower] if water[lower] > still else 0.0
                kept = above * np.exp(-loss_rate[pipe] / (stream * water_heat))
                water[node] += stream
                heat[node] += stream * kept
                loss[hour, 1] += stream * water_heat * (above - kept)
            above = heat[node] / water[node] if water[node] > still else 0.0
            back[hour, node] = ground[hour] + above
    return -1
