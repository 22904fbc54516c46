"""A network of warm or cold water: its pipes, and their flows by Newton's method on the loops."""

from dataclasses import dataclass

import numpy as np

from kernels.contract import KernelError, LayerError

DENSITY = 985.0
"""Water at about 55 °C. [kg m⁻³]"""
STILL = 1e-9
"""Slower flows count as none: their water has the temperature of the ground. [kg s⁻¹]"""
_ROUNDS = 60


@dataclass(frozen=True)
class HeatNetwork:
    """Pipes laid in pairs, out and back; a flow is positive from tail to head on the way out.

    Attributes
    ----------
    tail, head : (pipe,) int64
    length, diameter : (pipe,) float64
        [m]
    roughness : (pipe,) float64
        [m]
    transmittance : (pipe,) float64
        Heat lost by each of the two pipes per metre and kelvin. [W m⁻¹ K⁻¹]
    plant : (plant,) int64
        Nodes that feed the network.
    plant_share : (plant,) float64
        Share of the flow that each feeds; they add up to 1.
    """

    tail: np.ndarray
    head: np.ndarray
    length: np.ndarray
    diameter: np.ndarray
    transmittance: np.ndarray | float
    plant: np.ndarray
    plant_share: np.ndarray | float = 1.0
    roughness: np.ndarray | float = 5e-5

    def __post_init__(self) -> None:
        tail, head = np.ascontiguousarray(self.tail, np.int64), np.ascontiguousarray(self.head, np.int64)
        if tail.shape != head.shape or tail.ndim != 1 or tail.size == 0 or min(tail.min(), head.min()) < 0:
            raise LayerError(
                f"heat network: tail and head must name a node for each pipe, got {tail.shape}, {head.shape}"
            )
        object.__setattr__(self, "tail", tail)
        object.__setattr__(self, "head", head)
        for name in ("length", "diameter", "roughness", "transmittance"):
            values = np.array(np.broadcast_to(np.asarray(getattr(self, name), np.float64), tail.shape))
            if not (np.isfinite(values) & (values >= 0.0)).all() or (
                name in ("length", "diameter") and not values.all()
            ):
                raise LayerError(f"heat network: {name} must be a finite number above zero for every pipe")
            object.__setattr__(self, name, values)
        plant = np.atleast_1d(np.asarray(self.plant, np.int64))
        share = np.array(np.broadcast_to(np.asarray(self.plant_share, np.float64), plant.shape))
        if not (share >= 0.0).all() or abs(share.sum() - 1.0) > 1e-9 or not ((plant >= 0) & (plant < self.nodes)).all():
            raise LayerError(
                f"heat network: shares of its plants must add up to 1 at nodes it has, got {share.tolist()}"
            )
        object.__setattr__(self, "plant", plant)
        object.__setattr__(self, "plant_share", share)
        object.__setattr__(self, "_tree", _spanning_tree(tail, head, self.nodes, int(plant[0])))

    @property
    def nodes(self) -> int:
        """One more than the largest name of a node."""
        return int(max(self.tail.max(), self.head.max())) + 1

    def resistance(self) -> np.ndarray:
        """Loss of pressure over the square of the flow. (pipe,) [Pa s² kg⁻²]

        Notes
        -----
        Darcy and Weisbach with the friction of rough pipes by Nikuradse and von Kármán, ``1/sqrt(f) = 2 log10(3.71 D /
        eps)``; slow flows rub a little more. A smooth pipe (roughness 0) is read as one of 1 µm.
        """
        grain = np.maximum(self.roughness, 1e-6)
        friction = (2.0 * np.log10(3.71 * self.diameter / grain)) ** -2
        area = np.pi * self.diameter**2 / 4.0
        return friction * self.length / self.diameter / (2.0 * DENSITY * area**2)


@dataclass(frozen=True)
class Flows:
    """Flows and pressures of some hours.

    Attributes
    ----------
    mass_flow : (hour, pipe) float64
        [kg s⁻¹]
    pressure : (hour, node) float64
        On the way out, against the first plant. [Pa]
    loop_error : float
        Largest sum of pressure around a loop, over the largest loss of any pipe. [1]
    node_error : float
        Largest flow that a node makes or loses. [kg s⁻¹]
    rounds : int
        Of Newton's method.
    """

    mass_flow: np.ndarray
    pressure: np.ndarray
    loop_error: float
    node_error: float
    rounds: int


def solve_flows(network: HeatNetwork, drawn: np.ndarray) -> Flows:
    """Find the flows in all pipes.

    Parameters
    ----------
    network : HeatNetwork
    drawn : (hour, node) float
        Flow that consumers draw at each node. [kg s⁻¹]

    Returns
    -------
    Flows

    Raises
    ------
    LayerError
        A shape that does not fit, negative flows, gaps.
    KernelError
        Newton's method did not settle.

    Notes
    -----
    Flows of a spanning tree follow from what is drawn; the flows of the chords that close its loops are found by
    Newton's method on the sums of ``r q |q|`` around the loops, all hours together (Cross 1936 in the form of Epp and
    Fowler 1970). The sums are the gradient of a convex function, so a step that does not lower its slope is halved. In
    a loop without flow the slope is nil; it is held above that of the smallest flow that matters.
    """
    asked = np.asarray(drawn, np.float64)
    if asked.ndim != 2 or asked.shape[1] != network.nodes:
        raise LayerError(f"heat network: drawn has the shape {asked.shape}, expected (hours, {network.nodes})")
    if not (np.isfinite(asked) & (asked >= 0.0)).all():
        raise LayerError("heat network: flows drawn must be finite and zero or more; plants feed by their share")
    injected = -asked
    np.add.at(injected.T, network.plant, (asked.sum(axis=1)[:, None] * network.plant_share).T)
    order, parent_pipe, parent = network._tree
    tree_flow = _tree_flows(network, injected, order, parent_pipe, parent)
    loops = _loops(network, parent_pipe, parent)
    resistance = network.resistance()
    flow, rounds = tree_flow, 0
    scale = np.maximum(np.abs(asked).sum(axis=1), STILL)[:, None]
    if len(loops):
        around = np.zeros((asked.shape[0], len(loops)))
        for rounds in range(1, _ROUNDS + 1):  # noqa: B007 (told afterwards)
            error = (resistance * flow * np.abs(flow)) @ loops.T
            slope = 2.0 * resistance * np.maximum(np.abs(flow), 1e-7 * scale)
            jacobian = np.einsum("lp,hp,mp->hlm", loops, slope, loops)
            step = -np.linalg.solve(jacobian, error[:, :, None])[:, :, 0]
            length = np.ones((asked.shape[0], 1))
            for _ in range(30):
                tried = tree_flow + (around + length * step) @ loops
                # the slope of the convex function along the step must not have turned far upwards
                ahead = (((resistance * tried * np.abs(tried)) @ loops.T) * step).sum(axis=1)
                steep = ahead > 0.5 * np.abs((error * step).sum(axis=1))
                if not steep.any():
                    break
                length[steep] *= 0.5
            around = around + length * step
            flow = tree_flow + around @ loops
            if (np.abs(length * step) <= 1e-13 * scale).all():
                break
        else:
            raise KernelError(f"heat network: flows did not settle in {_ROUNDS} rounds; look for pipes far too thin")
    drop = resistance * flow * np.abs(flow)
    pressure = np.zeros((asked.shape[0], network.nodes))
    for node in order[1:].tolist():
        pipe, above = int(parent_pipe[node]), int(parent[node])
        sign = 1.0 if network.tail[pipe] == above else -1.0
        pressure[:, node] = pressure[:, above] - sign * drop[:, pipe]
    made = injected.copy()
    np.add.at(made.T, network.head, flow.T)
    np.subtract.at(made.T, network.tail, flow.T)
    most = max(float(np.abs(drop).max(initial=0.0)), 1e-30)
    loop_error = float(np.abs(drop @ loops.T).max(initial=0.0)) / most if len(loops) else 0.0
    return Flows(flow, pressure, loop_error, float(np.abs(made).max(initial=0.0)), rounds)


def _spanning_tree(tail: np.ndarray, head: np.ndarray, nodes: int, root: int):
    """Nodes from the root outwards, and the pipe and node above each."""
    around: list[list[tuple[int, int]]] = [[] for _ in range(nodes)]
    for pipe, (a, b) in enumerate(zip(tail.tolist(), head.tolist(), strict=True)):
        around[a].append((pipe, b))
        around[b].append((pipe, a))
    parent, parent_pipe, order = np.full(nodes, -1), np.full(nodes, -1), [root]
    reached = {root}
    for node in order:
        for pipe, other in around[node]:
            if other not in reached:
                reached.add(other)
                parent[other], parent_pipe[other] = node, pipe
                order.append(other)
    if len(order) < nodes:
        gone = sorted(set(range(nodes)) - reached)[:5]
        raise LayerError(f"heat network: no pipe leads from the plant to nodes {gone}; join them or number them away")
    return np.array(order), parent_pipe, parent


def _tree_flows(network: HeatNetwork, injected, order, parent_pipe, parent) -> np.ndarray:
    """Flows if only the tree carries. (hour, pipe)"""
    flow, need = np.zeros((injected.shape[0], network.tail.size)), -injected
    for node in order[:0:-1].tolist():
        pipe, above = int(parent_pipe[node]), int(parent[node])
        flow[:, pipe] = need[:, node] if network.tail[pipe] == above else -need[:, node]
        need[:, above] += need[:, node]
    return flow


def _loops(network: HeatNetwork, parent_pipe, parent) -> np.ndarray:
    """Direction of each pipe in the loop that each chord closes. (loop, pipe) float64"""
    chords = np.setdiff1d(np.arange(network.tail.size), parent_pipe)
    loops = np.zeros((chords.size, network.tail.size))
    for row, chord in enumerate(chords.tolist()):
        loops[row, chord] = 1.0
        for end, sign in ((int(network.head[chord]), 1.0), (int(network.tail[chord]), -1.0)):
            node = end
            while parent[node] >= 0:  # towards the root; what both ends share cancels
                pipe = int(parent_pipe[node])
                loops[row, pipe] += sign if network.tail[pipe] == node else -sign
                node = int(parent[node])
    return loops
