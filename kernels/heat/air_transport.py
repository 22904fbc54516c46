"""Advection and diffusion of heat by the air of the streets, implicit and conservative, tied to the layer above."""

import numpy as np
from numba import njit

_TOLERANCE = 1e-12
_MOST = 2000


@njit(nogil=True, cache=True)
def fitted(peclet):
    """Bernoulli function x / (exp(x) - 1), the weight of the cell downstream in an exponentially fitted flux. [1]"""
    if abs(peclet) < 1e-4:
        return 1 - peclet / 2 + peclet * peclet / 12
    if peclet > 500:
        return 0.0
    if peclet < -500:
        return -peclet
    return peclet / np.expm1(peclet)


@njit(nogil=True, cache=True)
def face_weights(flow, conductance, own_x, other_x, own_y, other_y):
    """Weights of the two cells beside each inner face in its flux: outflow is own times here less other times there.

    Parameters
    ----------
    flow : (2, y, x) float64
        Air through the east and the north face of each cell. [m³ s⁻¹]
    conductance : (2, y, x) float64
        Diffusivity times area over distance of these faces, above 0 where the face is open. [m³ s⁻¹]
    own_x, other_x, own_y, other_y : (y, x) float64
        Receive the weights; the last column and row, which have no inner face, stay 0. [m³ s⁻¹]

    Notes
    -----
    Scharfetter and Gummel (1969), doi:10.1109/T-ED.1969.16566: exact for steady advection and diffusion along a line,
    upwind where advection rules; own - other = flow, so uniform air stays uniform.
    """
    rows, columns = own_x.shape
    for j in range(rows):
        for i in range(columns):
            if i + 1 < columns and conductance[0, j, i] > 0:
                peclet = flow[0, j, i] / conductance[0, j, i]
                other_x[j, i] = conductance[0, j, i] * fitted(peclet)
                own_x[j, i] = other_x[j, i] + flow[0, j, i]
            if j + 1 < rows and conductance[1, j, i] > 0:
                peclet = flow[1, j, i] / conductance[1, j, i]
                other_y[j, i] = conductance[1, j, i] * fitted(peclet)
                own_y[j, i] = other_y[j, i] + flow[1, j, i]


@njit(nogil=True, cache=True)
def relax_streets(down, left, inverse, known, own_x, other_x, own_y, other_y, street):
    """One Gauss-Seidel sweep over the streets, north to south if ``down``, east to west if ``left``.

    ``inverse`` is that of what a cell gives away, 0 without air [s m⁻³]; ``known`` holds all heat that does not come
    from a neighbour [K m³ s⁻¹]; see `face_weights` and `settle` for the rest.

    Returns
    -------
    float
        Largest change. [K]
    """
    rows, columns = street.shape
    most = 0.0
    last = columns - 1
    for jj in range(rows):
        j = rows - 1 - jj if down else jj
        for ii in range(columns):
            i = last - ii if left else ii
            total = known[j, i]
            if i < last:
                total += other_x[j, i] * street[j, i + 1]
            if i > 0:
                total += own_x[j, i - 1] * street[j, i - 1]
            if j + 1 < rows:
                total += other_y[j, i] * street[j + 1, i]
            if j > 0:
                total += own_y[j - 1, i] * street[j - 1, i]
            new = total * inverse[j, i]
            most = max(most, abs(new - street[j, i]))
            street[j, i] = new
    return most


@njit(nogil=True, cache=True)
def settle(diagonal, known, above, rising, own_x, other_x, own_y, other_y, per_block, blocks, wind, street, layer):
    """Solve streets and the layer above them together for the end of a step.

    Parameters
    ----------
    diagonal, known, above, rising : (y, x) float64
        Of each street cell: all that its own temperature gives away [m³ s⁻¹], its heat from storage and sources
        [K m³ s⁻¹], the air it takes from the layer above and gives to it [m³ s⁻¹].
    own_x, other_x, own_y, other_y : (y, x) float64
        See `face_weights`. [m³ s⁻¹]
    per_block : int
        Street cells along a block.
    blocks : (2, block row, block column) float64
        Storage of the blocks' air [m³ s⁻¹] and its heat from storage, roofs [K m³ s⁻¹].
    wind : (3,) float64
        Air that the wind of the layer carries through a whole east face and north face, signed [m³ s⁻¹]; the
        temperature of what comes in at the edges [K].
    street : (y, x) float64
        Perturbation of the street air; holds a guess, receives the solution. [K]
    layer : (block row, block column) float64
        The same of the layer above. [K]

    Returns
    -------
    int
        Sweeps taken; -1 if they did not settle.
    """
    rows, columns = street.shape
    block_rows, block_columns = layer.shape
    east, north, inflow = wind[0], wind[1], wind[2]
    gain, weight = np.zeros(layer.shape), np.zeros(layer.shape)
    inverse, total_known = np.zeros(street.shape), np.empty(street.shape)
    for j in range(rows):
        for i in range(columns):
            weight[j // per_block, i // per_block] += rising[j, i]
            if diagonal[j, i] > 0:
                inverse[j, i] = 1 / diagonal[j, i]
    for sweep in range(_MOST):
        most = 0.0
        for j in range(rows):
            for i in range(columns):
                total_known[j, i] = known[j, i] + above[j, i] * layer[j // per_block, i // per_block]
        for order in range(4):
            down, left = order % 2 == 1, order in (1, 2)
            change = relax_streets(down, left, inverse, total_known, own_x, other_x, own_y, other_y, street)
            most = max(most, change)
        gain[:] = 0
        for j in range(rows):
            for i in range(columns):
                gain[j // per_block, i // per_block] += rising[j, i] * street[j, i]
        largest = 1.0
        for bb in range(block_rows):
            b = bb if north >= 0 else block_rows - 1 - bb
            for aa in range(block_columns):
                a = aa if east >= 0 else block_columns - 1 - aa
                from_x = inflow if aa == 0 else layer[b, a - 1 if east >= 0 else a + 1]
                from_y = inflow if bb == 0 else layer[b - 1 if north >= 0 else b + 1, a]
                total = blocks[1, b, a] + gain[b, a] + abs(east) * from_x + abs(north) * from_y
                new = total / (blocks[0, b, a] + weight[b, a] + abs(east) + abs(north))
                most = max(most, abs(new - layer[b, a]))
                layer[b, a] = new
                largest = max(largest, abs(new))
        if most < _TOLERANCE * largest:
            return 4 * (sweep + 1)
    return -1


@njit(nogil=True, cache=True)
def gather(sensible, waste, open_mask, east, north, per_cell, streets, roofs, wind):
    """Sum the fine grid's heat and mean its wind over the air's cells.

    Parameters
    ----------
    sensible, waste : (y, x) float32
        Heat to the air. [W m⁻²]
    open_mask : (y, x) bool
    east, north : (y, x) float32
        Wind per wind of the station, read in the open. [1]
    per_cell : int
        Fine cells along one of the air's.
    streets, roofs : (y, x) float64
        Receive the heat of the open cells and of the roofs. [W m⁻² times fine cells]
    wind : (2, y, x) float64
        Receives the mean wind of the open cells, 0 where there is none. [1]
    """
    streets[:], roofs[:], wind[:] = 0.0, 0.0, 0.0
    count = np.zeros(streets.shape)
    for j in range(sensible.shape[0]):
        b = j // per_cell
        for i in range(sensible.shape[1]):
            a = i // per_cell
            heat = np.float64(sensible[j, i]) + np.float64(waste[j, i])
            if open_mask[j, i]:
                streets[b, a] += heat
                wind[0, b, a] += east[j, i]
                wind[1, b, a] += north[j, i]
                count[b, a] += 1
            else:
                roofs[b, a] += heat
    for b in range(streets.shape[0]):
        for a in range(streets.shape[1]):
            if count[b, a] > 0:
                wind[0, b, a] /= count[b, a]
                wind[1, b, a] /= count[b, a]


@njit(nogil=True, cache=True)
def _bilinear(field, weight, y, x):
    """Value between cell centres, cells weighed; `nan` where none weighs."""
    rows, columns = field.shape
    j0, i0 = int(np.floor(y)), int(np.floor(x))
    ty, tx = y - j0, x - i0
    total, share = 0.0, 0.0
    for b in range(2):
        for a in range(2):
            j, i = min(max(j0 + b, 0), rows - 1), min(max(i0 + a, 0), columns - 1)
            w = (ty if b else 1 - ty) * (tx if a else 1 - tx) * weight[j, i]
            total += w * field[j, i]
            share += w
    return total / share if share > 0 else np.nan


@njit(nogil=True, cache=True)
def spread(first, last, street, air, layer, whole, per_cell, per_block, open_mask, out):
    """Perturbation on the fine grid: street air in the open, the layer above on roofs.

    Parameters
    ----------
    first, last : int
        Fine rows to do.
    street, layer : (y, x), (block row, block column) float64
        [K]
    air, whole : float64
        Weights: 1 where a street cell holds air; ones for the blocks.
    per_cell, per_block : int
        Fine cells along a street cell, street cells along a block.
    open_mask : (y, x) bool
    out : (y, x) float32
        [K]
    """
    for j in range(first, last):
        for i in range(out.shape[1]):
            y, x = (j + 0.5) / per_cell, (i + 0.5) / per_cell
            if open_mask[j, i]:
                out[j, i] = _bilinear(street, air, y - 0.5, x - 0.5)
            else:
                out[j, i] = _bilinear(layer, whole, y / per_block - 0.5, x / per_block - 0.5)
