"""Inlets: how street and sewer trade water, by weir and orifice laws, never more than there is on either side."""

import math

from numba import njit

from kernels.flood.drains_laws import even_out, submergence
from kernels.flood.shallow_water import GRAVITY

WEIR = 1.66
"""Coefficient of an inlet's edge. [m^0.5 s⁻¹] FHWA HEC-22, 3rd ed. (2009), eq. 4-26."""
ORIFICE = 0.67
"""Coefficient of an inlet's openings. [1] FHWA HEC-22, 3rd ed. (2009), eq. 4-27."""
COVER_AREA, COVER_LENGTH = 0.283, 1.885
"""Opening under a lifted manhole cover of 600 mm, its area [m²] and its edge [m]. EN 124-1 (2015), clear opening."""


@njit(nogil=True, error_model="numpy")
def inlet_discharge(up, down, length, area):
    """Discharge of an inlet from its higher to its lower side: as a weir along its edge or as an orifice.

    Parameters
    ----------
    up, down : float
        Heads above its lip on the two sides, street or sewer; ``down`` may be negative. [m]
    length, area : float
        Edge over which the water falls [m], open area [m²]; what is blocked left out.

    Returns
    -------
    float
        The smaller of both laws. [m³ s⁻¹]

    Notes
    -----
    FHWA HEC-22, Urban Drainage Design Manual, 3rd ed. (2009), eq. 4-26 and 4-27; the weir drowns after Villemonte
    (1947), the orifice works under the difference of heads once its lower side is above the lip. Street and sewer
    change sides when the sewer is the higher one, as in Djordjević et al. (2005), doi:10.2166/wst.2005.0244.
    """
    if up <= 0.0:
        return 0.0
    weir = WEIR * length * up * math.sqrt(up) * submergence(up, down)
    orifice = ORIFICE * area * math.sqrt(2.0 * GRAVITY * max(up - max(down, 0.0), 0.0))
    return min(weir, orifice)


@njit(nogil=True, error_model="numpy")
def trade(dt, inlets, cells, cell_area, head, surface, flow):
    """Discharges of all inlets over a step; what the street gives is taken from its cells here.

    Parameters
    ----------
    dt : float
        [s]
    inlets : tuple of (inlet,) arrays
        Node; cell; lip [m]; edge [m]; open area [m²]; head above the lip that its cover holds, negative for an inlet
        without one, which works both ways [m].
    cells : (cell,) float64
        Water over each cell that has an inlet, changed in place. [m³]
    cell_area : float
        [m²]
    head, surface : (node,) float64
        Head [m] and free surface [m²] of the nodes.
    flow : (inlet,) float64
        Receives the discharge into the sewer, negative out of it. [m³ s⁻¹]
    """
    node, cell, lip, length, area, held = inlets
    for k in range(node.size):
        n, c = node[k], cell[k]
        street, sewer = cells[c] / cell_area, head[n] - lip[k]
        flow[k] = 0.0
        if street > sewer:
            if held[k] < 0.0 and cells[c] > 0.0:
                q = inlet_discharge(street, sewer, length[k], area[k])
                fall = street - max(sewer, 0.0)
                q = min(even_out(q, fall, cell_area, surface[n] if sewer > 0.0 else 1e30, dt), cells[c] / dt)
                cells[c] = max(cells[c] - q * dt, 0.0) if q * dt < cells[c] else 0.0
                flow[k] = q
        elif sewer > max(held[k], 0.0):
            q = inlet_discharge(sewer, street, length[k], area[k])
            flow[k] = -even_out(q, sewer - street, surface[n], cell_area, dt)
