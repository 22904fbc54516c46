"""Heat from sewers: one ledger of temperature for the whole network, so that no two buildings sell the same heat."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from kernels.contract import LayerError
from kernels.crew import Crew

WATER_HEAT = 4.18e6
"""Heat that a cubic metre of water takes per kelvin. [J m⁻³ K⁻¹]"""
LEAST_TEMPERATURE = 283.15
"""Water must reach the treatment plant with this, or its bacteria stop nitrifying: DWA-M 114 (2020) and the practice
of Swiss cantons ask for 10 °C. [K]"""


@dataclass(frozen=True)
class SewerTree:
    """Sewers that run together: every node has one pipe down, or none where the water leaves.

    Attributes
    ----------
    down : (node,) int64
        Node at the lower end of the node's pipe, -1 where the water leaves.
    conductance : (node,) float64
        Heat that the water of the node's pipe gives to the soil per kelvin. [W K⁻¹]
    least_temperature : (node,) float64
        Water in the node must not be colder. [K]
    """

    down: np.ndarray
    conductance: np.ndarray | float = 0.0
    least_temperature: np.ndarray | float = LEAST_TEMPERATURE

    def __post_init__(self) -> None:
        down = np.ascontiguousarray(self.down, np.int64)
        if down.ndim != 1 or down.size == 0 or (down >= down.size).any() or (down < -1).any():
            raise LayerError(f"sewers: down must name nodes from 0 to {down.size - 1}, or -1 where the water leaves")
        object.__setattr__(self, "down", down)
        for name in ("conductance", "least_temperature"):
            values = np.ascontiguousarray(np.broadcast_to(np.asarray(getattr(self, name), np.float64), down.shape))
            if not (values >= 0.0).all():
                raise LayerError(f"sewers: {name} must be zero or more at every node, got {values.min():g} or a gap")
            object.__setattr__(self, name, values)
        object.__setattr__(self, "_order", _from_the_top(down))

    @property
    def order(self) -> np.ndarray:
        """Nodes from the top down. (node,) int64"""
        return self._order  # type: ignore[attr-defined]


@dataclass(frozen=True)
class SewerHeat:
    """What each building got, and the ledger.

    Attributes
    ----------
    taken : (hour, taker) float64
        [W]
    temperature : (hour, node) float64
        Of the water that leaves the node, after its takers; NaN where none flows. [K]
    flow : (hour, node) float64
        [m³ s⁻¹]
    brought, from_soil, left : (hour,) float64
        Heat above 0 K that came in with the water, that the soil gave, and that left below. [W]
    """

    taken: np.ndarray
    temperature: np.ndarray
    flow: np.ndarray
    brought: np.ndarray
    from_soil: np.ndarray
    left: np.ndarray

    def closure(self) -> float:
        """Largest error of the ledger in any hour over what came in. [1]"""
        error = np.abs(self.brought + self.from_soil - self.taken.sum(axis=1) - self.left)
        return float((error / np.maximum(self.brought, 1.0)).max(initial=0.0))


def share_heat(
    tree: SewerTree,
    inflow: np.ndarray,
    inflow_temperature: np.ndarray,
    soil_temperature: np.ndarray,
    taker_node: np.ndarray,
    wanted: np.ndarray,
    threads: int | None = 1,
) -> SewerHeat:
    """Give takers of heat what the sewers can, in the order in which they are listed.

    Parameters
    ----------
    tree : SewerTree
    inflow, inflow_temperature : (hour, node) float
        Water that enters at each node [m³ s⁻¹], and its temperature [K]; the latter is not read where none enters.
    soil_temperature : (hour,) float
        [K]
    taker_node : (taker,) int
        Where each building takes heat: the first listed has the oldest right.
    wanted : (hour, taker) float
        Heat that its heat pump would take from the water. [W]
    threads : int or None
        No result depends on it.

    Returns
    -------
    SewerHeat

    Raises
    ------
    LayerError
        Shapes that do not fit, negative flows or wants, gaps, water that enters colder than 0 °C.

    Notes
    -----
    Water mixes at nodes by flow and tends to the soil along a pipe, ``T = Ts + (T0 - Ts) exp(-UA / (rho c Q))``, the
    closed form of a pipe with a steady flow (Dürrenmatt and Wanner 2014, Water Research 48, 548, without
    the heat of the air above the water). Both are linear: what is taken above cools every node below by the flow's
    share and what the soil has not given back. A taker gets as much as keeps every node on its way down, its own
    included, at the least temperature; a node that the water reaches colder of itself gives nothing to those above.
    """
    flow_in, warm_in = np.asarray(inflow, np.float64), np.asarray(inflow_temperature, np.float64)
    takers = np.ascontiguousarray(taker_node, np.int64)
    wants, soil = np.ascontiguousarray(wanted, np.float64), np.ascontiguousarray(soil_temperature, np.float64)
    hours, nodes = flow_in.shape if flow_in.ndim == 2 else (0, 0)
    for name, values, shape in (
        ("inflow", flow_in, (hours, tree.down.size)), ("inflow_temperature", warm_in, (hours, nodes)),
        ("soil_temperature", soil, (hours,)), ("wanted", wants, (hours, takers.size)),
    ):  # fmt: skip
        if values.shape != shape:
            raise LayerError(f"sewer heat: {name} has the shape {values.shape}, expected {shape}")
    if takers.size and not ((takers >= 0) & (takers < nodes)).all():
        raise LayerError(f"sewer heat: a taker stands at no node; give nodes from 0 to {nodes - 1}")
    for name, values in (("inflow", flow_in), ("wanted", wants)):
        if not (np.isfinite(values) & (values >= 0.0)).all():
            raise LayerError(f"sewer heat: {name} must be finite and zero or more; fill gaps before")
    warm_in = np.where(flow_in > 0.0, warm_in, 273.15)
    if not (warm_in >= 273.15).all() or not (np.isfinite(soil)).all():
        raise LayerError("sewer heat: temperatures must be in kelvin, 273.15 or more where water enters, without gaps")
    taken, temperature = np.zeros_like(wants), np.full((hours, nodes), np.nan)
    flow, sums = np.zeros((hours, nodes)), np.zeros((3, hours))

    def work(first: int, last: int) -> None:
        march_ledger(
            first, last, WATER_HEAT, tree.order, tree.down, tree.conductance, tree.least_temperature,
            np.ascontiguousarray(flow_in), np.ascontiguousarray(warm_in), soil, takers, wants,
            taken, temperature, flow, sums,
        )  # fmt: skip

    Crew(threads).share_out(hours, work, small=hours * nodes < 10_000)
    return SewerHeat(taken, temperature, flow, *sums)


def _from_the_top(down: np.ndarray) -> np.ndarray:
    """Nodes so that each comes after all above it."""
    above = np.bincount(down[down >= 0], minlength=down.size)
    ready, order = np.flatnonzero(above == 0).tolist(), []
    while ready:
        node = ready.pop()
        order.append(node)
        lower = int(down[node])
        if lower >= 0:
            above[lower] -= 1
            if above[lower] == 0:
                ready.append(lower)
    if len(order) < down.size:
        round_ = sorted(set(range(down.size)) - set(order))[:5]
        raise LayerError(f"sewers: water runs in a circle or towards one, at nodes {round_}; turn a pipe round")
    return np.array(order, np.int64)


@njit(nogil=True, cache=True)
def march_ledger(
    first, last, water_heat, order, down, conductance, least, flow_in, warm_in, soil, takers, wants,
    taken, temperature, flow, sums,
):  # fmt: skip
    """Settle some hours: temperatures without takers, then one taker after the other.

    Parameters
    ----------
    first, last : int
        Hours to take.
    water_heat : float
        [J m⁻³ K⁻¹]
    order, down : (node,) int64
    conductance, least : (node,) float64
        [W K⁻¹], [K]
    flow_in, warm_in : (hour, node) float64
        [m³ s⁻¹], [K]
    soil : (hour,) float64
        [K]
    takers : (taker,) int64
    wants : (hour, taker) float64
        [W]
    taken, temperature, flow : (hour, taker), (hour, node), (hour, node) float64
        Written.
    sums : (3, hour) float64
        Written: brought, from the soil, left. [W]
    """
    nodes = order.size
    heat, kept = np.zeros(nodes), np.zeros(nodes)
    for hour in range(first, last):
        ground = soil[hour]
        for node in range(nodes):
            flow[hour, node] = flow_in[hour, node]
            heat[node] = flow_in[hour, node] * warm_in[hour, node] * water_heat
            sums[0, hour] += heat[node]
        for node in order:
            stream = flow[hour, node] * water_heat
            if stream <= 0.0:
                kept[node] = 0.0
                continue
            kept[node] = np.exp(-conductance[node] / stream)
            lower = down[node]
            if lower >= 0:
                flow[hour, lower] += flow[hour, node]
                heat[lower] += stream * ground + (heat[node] - stream * ground) * kept[node]
        for taker in range(takers.size):
            # most that keeps every node on the way down at its least temperature
            most, share, node = wants[hour, taker], 1.0, takers[taker]
            while node >= 0 and share > 0.0 and most > 0.0:
                above = heat[node] - flow[hour, node] * water_heat * least[node]
                most = min(most, max(above, 0.0) / share)
                share *= kept[node]
                node = down[node]
            taken[hour, taker] = most
            share, node = 1.0, takers[taker]
            while node >= 0 and most > 0.0:
                heat[node] -= most * share
                share *= kept[node]
                node = down[node]
        for node in range(nodes):
            stream = flow[hour, node] * water_heat
            if stream <= 0.0:
                continue
            temperature[hour, node] = heat[node] / stream
            if down[node] >= 0:
                sums[1, hour] += (stream * ground - heat[node]) * (1.0 - kept[node])
            else:
                sums[2, hour] += heat[node]
