"""Pipes of district heat: which diameter a flow asks for, and what it loses to the ground."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.energy.ground import SAND
from kernels.energy.heat_network import DENSITY, HeatNetwork
from twin.city import CityError

_TABLE = Path(__file__).parents[1] / "assets" / "network_pipes.csv"
FOAM = 0.027
"""Conductivity of the insulation: assumed, polyurethane of EN 253 (at most 0.029) between new and aged. [W m⁻¹ K⁻¹]"""
AXIS_DEPTH = 1.0
"""Of both pipes below the street: assumed. [m]"""
GAP = 0.15
"""Between the casings of out and back: assumed. [m]"""
SURFACE = 0.0685
"""Resistance from the ground to the air, which the way through the ground is longer by: EN 13941. [m² K W⁻¹]"""
GRADIENT = 150.0
"""Loss of pressure for which pipes are chosen: assumed, usual designs lie between 100 and 200. [Pa m⁻¹]"""
FASTEST = 3.0
"""Water is not chosen to run faster: assumed. [m s⁻¹]"""


class Pipes(NamedTuple):
    """The sizes that are made, from thin to thick.

    Attributes
    ----------
    dn : (size,) int64
        Nominal diameter. [mm]
    inner : (size,) float64
        [m]
    transmittance : (size,) float64
        Lost by each of the two pipes by its own temperature above the ground. [W m⁻¹ K⁻¹]
    most : (size,) float64
        Flow for which it is chosen at most. [kg s⁻¹]
    """

    dn: NDArray[np.int64]
    inner: NDArray[np.float64]
    transmittance: NDArray[np.float64]
    most: NDArray[np.float64]


@cache
def pipes() -> Pipes:
    """The sizes of ``assets/network_pipes.csv``."""
    with _TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    dn, outer, wall, casing = (
        np.array([float(row[name]) for row in rows]) for name in ("dn", "outer_mm", "wall_mm", "casing_mm")
    )
    inner = (outer - 2 * wall) / 1000.0
    place = np.arange(dn.size)
    metre = HeatNetwork(np.zeros_like(place), place + 1, np.ones_like(inner), inner, 0.0, np.array([0]))
    fastest = FASTEST * DENSITY * np.pi * inner**2 / 4.0
    return Pipes(
        dn.astype(np.int64), inner, transmittance(outer / 1000.0, casing / 1000.0),
        np.minimum(np.sqrt(GRADIENT / metre.resistance()), fastest),
    )  # fmt: skip


def transmittance(outer: NDArray[np.float64], casing: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heat that each of two buried pipes loses per metre and kelvin.

    Parameters
    ----------
    outer, casing : (size,) float64
        Diameters of the steel and of the casing. [m]

    Returns
    -------
    (size,) float64
        [W m⁻¹ K⁻¹]

    Notes
    -----
    Two pipes of equal depth, EN 13941:2009, annex on heat losses, after Wallentén (1991): insulation ``ln(D / d) / 2 pi
    k``, ground ``ln(4 Z / D) / 2 pi ks`` and the other pipe ``ln(1 + (2 Z / C)²) / 4 pi ks``, with Z the depth and
    the ground's share of `SURFACE`, C between the axes. Both together lose what this value gives with their own
    temperatures; steel and casing add next to nothing.
    """
    conductivity = SAND.conductivity
    depth = AXIS_DEPTH + SURFACE * conductivity
    insulation = np.log(casing / outer) / (2 * np.pi * FOAM)
    ground = np.log(4 * depth / casing) / (2 * np.pi * conductivity)
    other = np.log(1 + (2 * depth / (casing + GAP)) ** 2) / (4 * np.pi * conductivity)
    return np.asarray(1.0 / (insulation + ground + other))


def simultaneity(consumers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Largest load of so many consumers together over the sum of their own largest.

    Parameters
    ----------
    consumers : (...) int64

    Returns
    -------
    (...) float64
        [1]

    Notes
    -----
    W. Winter, T. Haslauer and I. Obernberger (2001), Untersuchungen der Gleichzeitigkeit in kleinen und mittleren
    Nahwärmenetzen, Euroheat & Power 9 and 10: fitted to networks of up to 200 consumers.
    """
    found = 0.449677646267461 + 0.551234688 / (1.0 + (np.asarray(consumers, float) / 53.84382392) ** 1.762743268)
    return np.asarray(np.minimum(found, 1.0))


def sized(flow: NDArray[np.float64], above: NDArray[np.int64]) -> NDArray[np.int64]:
    """The thinnest size that carries each flow, never thicker than the pipe that feeds it.

    Parameters
    ----------
    flow : (pipe,) float64
        Of the design. [kg s⁻¹]
    above : (pipe,) int64
        Pipe that feeds each, which stands before it; -1 where that is the plant.

    Returns
    -------
    (pipe,) int64
        Row of `pipes`.

    Raises
    ------
    CityError
        A flow beyond the thickest.
    """
    made = pipes()
    size = np.searchsorted(made.most, flow)
    if (size >= made.most.size).any():
        raise CityError(
            f"a pipe of the heat network would carry {flow.max():.0f} kg/s, the thickest (DN {made.dn[-1]}) takes "
            f"{made.most[-1]:.0f}; split the network or connect fewer buildings"
        )
    for pipe in range(size.size - 1, -1, -1):
        if above[pipe] >= 0:
            size[above[pipe]] = max(size[above[pipe]], size[pipe])
    return np.asarray(size)
