"""Walls as layers: resistance, heat taken up over a period, and the five nodes that stand for them hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from kernels.contract import LayerError

NODES = 5
"""Nodes of an opaque element: ISO 52016-1:2017, 6.5.7.2."""

DAY = 86_400.0
"""[s]"""

_FIT_PERIODS = (DAY, DAY / 2, DAY / 3)
"""Periods at which five nodes are held against the layers they stand for: the first three of a day's sun. [s]"""

_PIECES = 12
"""Places inside a wall where a node may stand, about; layers share them. [1]"""

#: Mass distribution over the nodes from outside to inside, ISO 52016-1:2017, table B.13 and 6.5.7.3: inside, outside,
#: both sides, even, in the middle. [1]
CLASSES = {
    "I": (0.0, 0.0, 0.0, 0.0, 1.0),
    "E": (1.0, 0.0, 0.0, 0.0, 0.0),
    "IE": (0.5, 0.0, 0.0, 0.0, 0.5),
    "D": (0.125, 0.25, 0.25, 0.25, 0.125),
    "M": (0.0, 0.0, 1.0, 0.0, 0.0),
}

_SPACING = np.array([0.0, 1.0, 3.0, 5.0, 6.0]) / 6.0
"""Places of the five nodes, share of the resistance from outside: conductances of 6/R, 3/R, 3/R and 6/R. [1]"""


@dataclass(frozen=True)
class Layer:
    """One layer of a wall, roof or floor.

    Attributes
    ----------
    thickness, conductivity : float
        [m], [W m⁻¹ K⁻¹]
    density, specific_heat : float
        [kg m⁻³], [J kg⁻¹ K⁻¹]; 0 for a layer without mass.

    Raises
    ------
    LayerError
        A thickness or conductivity that is not above 0, a density or specific heat below 0.
    """

    thickness: float
    conductivity: float
    density: float = 0.0
    specific_heat: float = 0.0

    def __post_init__(self) -> None:
        if not (0 < self.thickness < np.inf and 0 < self.conductivity < np.inf):
            raise LayerError(
                f"a layer needs a thickness and a conductivity above 0, got {self.thickness} m and "
                f"{self.conductivity} W/mK; leave a layer out that is not there"
            )
        if not (0 <= self.density < np.inf and 0 <= self.specific_heat < np.inf):
            raise LayerError(
                f"a layer's density and specific heat must not be below 0, got {self.density} kg/m3 and "
                f"{self.specific_heat} J/kgK; give 0 for a layer without mass"
            )

    @property
    def resistance(self) -> float:
        """[m² K W⁻¹]."""
        return self.thickness / self.conductivity

    @property
    def capacity(self) -> float:
        """Per area [J m⁻² K⁻¹]."""
        return self.thickness * self.density * self.specific_heat


def resistance(layers: Sequence[Layer]) -> float:
    """Resistance from surface to surface. [m² K W⁻¹]"""
    if not layers:
        raise LayerError("a construction needs at least one layer, got none")
    return sum(layer.resistance for layer in layers)


def transfer_matrix(layers: Sequence[Layer], period: float = DAY) -> np.ndarray:
    """Heat transfer matrix of layers, surface to surface.

    Parameters
    ----------
    layers : sequence of Layer
        From inside to outside.
    period : float
        Of the temperatures' swing. [s]

    Returns
    -------
    (2, 2) complex128
        Temperature and flow outside from those inside.

    Notes
    -----
    EN ISO 13786:2017, 7.1: cosh ξ cos ξ + i sinh ξ sin ξ and its fellows, which are the hyperbolic functions of
    (1 + i) ξ, with ξ the thickness over the depth δ = √(λ T / π ρ c) a swing reaches.
    """
    whole = np.eye(2, dtype=complex)
    for layer in layers:
        if layer.capacity == 0.0:
            one = np.array([[1.0, -layer.resistance], [0.0, 1.0]], dtype=complex)
        else:
            depth = np.sqrt(layer.conductivity * period / (np.pi * layer.density * layer.specific_heat))
            way = (1 + 1j) * layer.thickness / depth
            wave = way / layer.resistance
            one = np.array([[np.cosh(way), -np.sinh(way) / wave], [-np.sinh(way) * wave, np.cosh(way)]])
        whole = one @ whole
    return whole


def effective_capacity(layers: Sequence[Layer], period: float = DAY) -> float:
    """Heat a wall takes up from inside over a period, per kelvin and area: its effective mass.

    Parameters
    ----------
    layers : sequence of Layer
        From inside to outside.
    period : float
        [s]

    Returns
    -------
    float
        [J m⁻² K⁻¹]

    Notes
    -----
    EN ISO 13786:2017, 7.2.3, κ₁ = T/2π |(Z₁₁ − 1) / Z₁₂|, without surface resistances, for they are counted elsewhere.
    """
    z = transfer_matrix(layers, period)
    return float(period / (2 * np.pi) * abs((z[0, 0] - 1) / z[0, 1]))


def node_class(layers: Sequence[Layer]) -> str:
    """The class of ISO 52016-1 whose mass lies most like that of the layers: a key of `CLASSES`.

    The mass of the layers is shared among the standard's five places by its distance from them in resistance; the
    class that has least mass elsewhere is taken, the first in order where two are even.
    """
    total, at, mass = _profile(layers)
    if mass[-1] == 0.0:
        return "D"
    shares = _share_mass(_SPACING[None] * total, at, mass)[0] / mass[-1]
    return min(CLASSES, key=lambda name: float(np.abs(shares - np.array(CLASSES[name])).sum()))


def nodes_of(layers: Sequence[Layer], by: str = "class") -> tuple[np.ndarray, np.ndarray]:
    """Conductances and heat capacities of the five nodes that stand for layers.

    Parameters
    ----------
    layers : sequence of Layer
        From inside to outside.
    by : {"class", "layers"}
        ``"class"``: the standard's places and the shares of mass of its nearest class. ``"layers"``: two nodes on the
        surfaces, three inside where the five answer a day's swing most like the layers themselves.

    Returns
    -------
    conductances : (4,) float64
        Between nodes from outside to inside. [W m⁻² K⁻¹]
    capacities : (5,) float64
        From outside to inside; they sum to the mass of the layers. [J m⁻² K⁻¹]

    Notes
    -----
    ISO 52016-1:2017, 6.5.7.2 and 6.5.7.3. ``"layers"`` holds the admittances Z₁₁/Z₁₂, 1/Z₁₂ and Z₂₂/Z₁₂ of EN ISO 13786
    of nodes and layers against each other over 24, 12 and 8 h; resistance and mass are kept exactly by either way.
    """
    if by not in ("layers", "class"):
        raise LayerError(f"nodes are placed by 'layers' or 'class', got {by!r}")
    total, at, mass = _profile(layers)
    if by == "class" or mass[-1] == 0.0:
        shares = np.array(CLASSES[node_class(layers)])
        return 1 / (np.diff(_SPACING) * total), shares * mass[-1]
    inside = _places(layers)
    tried = np.array([(0.0, *three, total) for three in combinations(inside, NODES - 2)])
    capacities = _share_mass(tried, at, mass)
    gaps = np.diff(tried, axis=1)
    best = int(np.argmin(np.round(_misfit(layers, gaps, capacities), 12)))
    return 1 / gaps[best], capacities[best]


def _profile(layers: Sequence[Layer]) -> tuple[float, np.ndarray, np.ndarray]:
    """Resistance of all, and at each face from outside: resistance and mass so far."""
    outward = tuple(layers)[::-1]
    total = resistance(outward)
    at = np.concatenate([[0.0], np.cumsum([layer.resistance for layer in outward])])
    at[-1] = total
    return total, at, np.concatenate([[0.0], np.cumsum([layer.capacity for layer in outward])])


def _places(layers: Sequence[Layer]) -> list[float]:
    """Where a node may stand inside: faces between layers, and evenly inside layers with mass. [m² K W⁻¹]"""
    pieces = max(4, _PIECES // len(layers))
    found, so_far = [], 0.0
    for layer in tuple(layers)[::-1]:
        steps = pieces if layer.capacity > 0 or len(layers) < 3 else 2
        found += [so_far + layer.resistance * step / steps for step in range(1, steps + 1)]
        so_far += layer.resistance
    return found[:-1]


def _share_mass(places: np.ndarray, at: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Mass of each node where every bit goes to the two nodes beside it by nearness: (try, 5) [J m⁻² K⁻¹]."""
    below = np.concatenate([[0.0], np.cumsum(0.5 * (mass[1:] + mass[:-1]) * np.diff(at))])
    which = np.clip(np.searchsorted(at, places, side="right") - 1, 0, at.size - 2)
    ahead = places - at[which]
    slope = (np.diff(mass) / np.diff(at))[which]
    area = below[which] + mass[which] * ahead + 0.5 * slope * ahead**2
    mean = np.diff(area, axis=1) / np.diff(places, axis=1)
    ends = np.zeros((len(places), 1)), np.full((len(places), 1), mass[-1])
    return np.maximum(np.diff(np.concatenate([ends[0], mean, ends[1]], axis=1), axis=1), 0.0)


def _misfit(layers: Sequence[Layer], gaps: np.ndarray, capacities: np.ndarray) -> np.ndarray:
    """Squared distance of the admittances of nodes from those of the layers, of the inner admittance: (try,) [1]."""
    found = np.zeros(len(gaps))
    for period in _FIT_PERIODS:
        omega = 2 * np.pi / period
        exact = _admittances(transfer_matrix(layers, period)[None])
        chain = np.broadcast_to(np.eye(2, dtype=complex), (len(gaps), 2, 2))
        for node in range(NODES - 1, -1, -1):
            store = np.broadcast_to(np.eye(2, dtype=complex), chain.shape).copy()
            store[:, 1, 0] = -1j * omega * capacities[:, node]
            chain = store @ chain
            if node > 0:
                pass_on = np.broadcast_to(np.eye(2, dtype=complex), chain.shape).copy()
                pass_on[:, 0, 1] = -gaps[:, node - 1]
                chain = pass_on @ chain
        found += (np.abs(_admittances(chain) - exact) ** 2).sum(1) / np.abs(exact[0, 0]) ** 2
    return found


def _admittances(z: np.ndarray) -> np.ndarray:
    """Inner, across and outer, of transfer matrices: (try, 3) [W m⁻² K⁻¹]."""
    return np.stack([z[:, 0, 0], np.ones(len(z)), z[:, 1, 1]], axis=1) / z[:, 0, 1, None]
