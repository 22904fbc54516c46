"""The sewer's march: water in nodes, momentum in conduits, in steps of its own between two trades with the street.

Every node owns a volume: its plan area and half of each conduit that meets it, with a slot above the crown
(Preissmann and Cunge 1961). Its head is where that volume stands level. A conduit's discharge follows the momentum
equation of Saint-Venant between the heads of its ends: gravity, friction taken at the end of the step as Cunge, Holly
and Verwey (1980) and de Almeida and Bates (2013), doi:10.1002/wrcr.20366, and the convection of a steady flow, so
that backwater curves are right. Convection fades out towards Froude number 0.5, and from there to 1 the wetted
section moves upstream (after the local partial inertia of Fread, Jin and Lewis 1996): a section from halfway would
ring where water shoots. Discharge first, then volume: stable while a wave does not cross a conduit in a step. Each
discharge is taken from one node and given to the other, and no node gives more than it has, so mass is exact by
construction and nothing is ever clipped.
"""

import math
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import njit

from kernels.flood import drains_flows, drains_heads, drains_laws, drains_sections, inlets
from kernels.flood.drains_flows import longest_step, push, sections, structures
from kernels.flood.drains_heads import find_heads, stored
from kernels.flood.drains_sections import section
from kernels.flood.inlets import trade
from kernels.flood.sewer_words import OUTFALL_FREE

ALMOST_ALL = 1.0 - 1e-13
"""Most of a node's water that may leave in a step; the rest is for the rounding of the sum. [1]"""
INLETS, SURCHARGE, INFLOW, OUTFALL, OUTFALL_BACK, PUMPED = range(6)
"""Places of the volumes in the ledger of `march_drains`."""


@njit(nogil=True, error_model="numpy", inline="always")
def _ask(out, start, end, flow):
    """Add what the links would take from each node. [m³ s⁻¹]"""
    for k in range(start.size):
        if flow[k] > 0.0:
            out[start[k]] += flow[k]
        else:
            out[end[k]] -= flow[k]


@njit(nogil=True, error_model="numpy", inline="always")
def _carry(dt, kind, share, gain, start, end, flow, ledger):
    """Move the water of links between their nodes, cut to the share that the giving node can give."""
    for k in range(start.size):
        a, b = start[k], end[k]
        flow[k] *= share[a] if flow[k] > 0.0 else share[b]
        moved = flow[k] * dt
        gain[a] -= moved
        gain[b] += moved
        for n, came in ((a, -moved), (b, moved)):
            if kind[n] >= OUTFALL_FREE:
                ledger[OUTFALL] += max(came, 0.0)
                ledger[OUTFALL_BACK] += max(-came, 0.0)


def _loops_over(loops: int) -> tuple[Callable[..., None], Callable[..., int]]:
    """Bind the entries to the text of the loops they call: the cache on disk keys on closures, not on callees."""

    @njit(nogil=True, cache=True, error_model="numpy")
    def fill_drains(depth, nodes, curve, ends, conduits, state):
        """Give every node the volume that stands below a depth, and each conduit its wet area.

        Parameters
        ----------
        depth : (node,) float64
            [m]
        nodes, curve, ends, conduits, state : tuple
            As in `march_drains`; of ``state`` the first five are changed in place.
        """
        _ = loops
        volume, head, surface, carried = state[0], state[1], state[2], state[4]
        for n in range(head.size):
            if nodes[0][n] < OUTFALL_FREE:
                head[n] = nodes[1][n] + depth[n]
                volume[n] = stored(n, head[n], nodes, curve, ends, conduits)[0] if depth[n] > 0.0 else 0.0
        find_heads(volume, head, surface, nodes, curve, ends, conduits)
        start, end, shape, height, width, slope, slot = conduits[:7]
        for j in range(carried.size):
            y1, y2 = head[start[j]] - conduits[9][j], head[end[j]] - conduits[10][j]
            y = 0.5 * (max(y1, 0.0) + max(y2, 0.0))
            carried[j] = section(y, shape[j], height[j], width[j], slope[j], slot[j])[0]

    @njit(nogil=True, cache=True, error_model="numpy")
    def march_drains(
        span, nodes, curve, ends, conduits, weirs, orifices, pumps, points, inlets, cell_area, feed, state, cells,
        given, spilled, ledger,
    ):  # fmt: skip
        """Advance a sewer by a span and trade with the street on the way.

        Parameters
        ----------
        span : float
            [s]
        nodes : tuple of (node,) arrays
            Kind, invert [m], plan area [m²], rim [m], area that water above the rim stands on, 0 for a shaft [m²], flap
            gate of an outfall.
        curve, ends : tuple
            Of storage nodes and of conduit ends, see `find_heads`.
        conduits : tuple of (conduit,) arrays
            Start, end, shape, height [m], width [m], side slope [1], slot [m], length [m], barrels, inverts at the
            start and at the end [m], Manning's n [s m^(-1/3)], loss coefficient [1], flap gate.
        weirs : tuple of (weir,) arrays
            Start, end, crest [m], length [m], height [m], C [m^0.5 s⁻¹], side slope [1], C of the sides, flap gate.
        orifices : tuple of (orifice,) arrays
            Start, end, lowest edge [m], height [m], area [m²], C [1], flap gate.
        pumps : tuple of (pump,) arrays
            Start, end, law, depth that starts and that stops it [m], capacity [m³ s⁻¹].
        points : tuple
            Start of each pump's points; their depth or lift [m]; their discharge [m³ s⁻¹].
        inlets : tuple of (inlet,) arrays
            See `kernels.flood.inlets.trade`.
        cell_area : float
            [m²]
        feed : (node,) float64
            Inflow from outside over the span. [m³ s⁻¹]
        state : tuple
            Volume [m³], head [m], surface [m²] of nodes, discharge [m³ s⁻¹] and wet area [m²] of conduits,
            pumps that are on, discharges of weirs, orifices, pumps and inlets: changed in place.
        cells : (cell,) float64
            Water over the cells with inlets, changed in place. [m³]
        given : (cell,) float64
            Receives what the sewer gave each cell, negative where it took. [m³]
        spilled : (node,) float64
            Grows by what each node gave the street. [m³]
        ledger : (2, 6) float64
            Grows by the volumes from the street, to the street, of inflow, out of the outfalls, back in, pumped; row
            1 holds what the rounding of row 0 left over. [m³]

        Returns
        -------
        int
            Steps done.
        """
        _ = loops  # read, so that the closure holds it
        volume, head, surface, flow, carried, on, weir_flow, orifice_flow, pump_flow, inlet_flow = state
        kind = nodes[0]
        count, links = head.size, flow.size
        wet, top, radius = np.zeros(links), np.zeros(links), np.zeros(links)
        out, gain, book = np.zeros(count), np.zeros(count), np.zeros(ledger.shape[1])
        given[:] = 0.0
        left, steps = span, 0
        find_heads(volume, head, surface, nodes, curve, ends, conduits)
        while left > 0.0:
            sections(head, conduits, wet, top, radius)
            longest = longest_step(head, nodes, conduits, wet, flow, surface, out, gain)
            dt = left / math.ceil(left / longest) if left > longest else left
            left = left - dt if left > dt else 0.0
            push(dt, head, nodes, conduits, wet, top, radius, carried, flow)
            structures(
                dt,
                volume,
                head,
                surface,
                nodes,
                weirs,
                orifices,
                pumps,
                points,
                (weir_flow, orifice_flow, pump_flow),
                on,
            )
            trade(dt, inlets, cells, cell_area, head, surface, inlet_flow)
            out[:], gain[:] = 0.0, 0.0
            _ask(out, conduits[0], conduits[1], flow)
            _ask(out, weirs[0], weirs[1], weir_flow)
            _ask(out, orifices[0], orifices[1], orifice_flow)
            _ask(out, pumps[0], pumps[1], pump_flow)
            for k in range(inlet_flow.size):
                out[inlets[0][k]] -= min(inlet_flow[k], 0.0)
            # from here on ``out`` is the share of it that each node can give
            for n in range(count):
                asked = out[n] * dt
                out[n] = 1.0
                if kind[n] < OUTFALL_FREE and asked > volume[n] * ALMOST_ALL:
                    out[n] = volume[n] * ALMOST_ALL / asked
            book[:] = 0.0
            _carry(dt, kind, out, gain, conduits[0], conduits[1], flow, book)
            _carry(dt, kind, out, gain, weirs[0], weirs[1], weir_flow, book)
            _carry(dt, kind, out, gain, orifices[0], orifices[1], orifice_flow, book)
            _carry(dt, kind, out, gain, pumps[0], pumps[1], pump_flow, book)
            for k in range(pump_flow.size):
                book[PUMPED] += pump_flow[k] * dt
            for k in range(inlet_flow.size):
                n, c = inlets[0][k], inlets[1][k]
                if inlet_flow[k] < 0.0:
                    inlet_flow[k] *= out[n]
                    cells[c] -= inlet_flow[k] * dt
                    book[SURCHARGE] -= inlet_flow[k] * dt
                    spilled[n] -= inlet_flow[k] * dt
                else:
                    book[INLETS] += inlet_flow[k] * dt
                given[c] -= inlet_flow[k] * dt
                gain[n] += inlet_flow[k] * dt
            for n in range(count):
                if kind[n] < OUTFALL_FREE:
                    volume[n] += gain[n] + feed[n] * dt
                    book[INFLOW] += feed[n] * dt
            find_heads(volume, head, surface, nodes, curve, ends, conduits)
            # many small volumes onto a large one: what the sum's rounding drops is kept beside it (Knuth's two-sum)
            for k in range(book.size):
                total, more = ledger[0, k], book[k] + ledger[1, k]
                ledger[0, k] = total + more
                part = ledger[0, k] - total
                ledger[1, k] = (total - (ledger[0, k] - part)) + (more - part)
            steps += 1
        return steps

    return fill_drains, march_drains


_TEXTS = (drains_flows, drains_heads, drains_laws, drains_sections, inlets)
fill_drains, march_drains = _loops_over(zlib.crc32(b"".join(Path(one.__file__).read_bytes() for one in _TEXTS)))
