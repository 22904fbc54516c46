"""Sums over the patches of sky that a cell sees, by tables over its packed bits: twenty look-ups for 153 patches."""

import numpy as np
from numba import njit

from kernels.heat.patches import PATCHES

ASPECTS = 4
"""Walls look north, east, south or west."""

WHOLE = np.float32(65535)
"""Shares of the sky are kept in parts of this. [1]"""


def byte_table(weights: np.ndarray) -> np.ndarray:
    """Sum of weights for every value of every byte of a mask.

    Parameters
    ----------
    weights : (patch, quantity) float

    Returns
    -------
    (byte, 256, quantity) float32
    """
    patches, quantities = weights.shape
    bytes_ = -(-patches // 8)
    padded = np.zeros((bytes_ * 8, quantities))
    padded[:patches] = weights
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    return np.einsum("vk,bkq->bvq", bits, padded.reshape(bytes_, 8, quantities)).astype(np.float32)


def aspect_of_patches() -> np.ndarray:
    """Aspect of the walls that hide each patch: they look towards the one who is hidden from.

    Returns
    -------
    (patch,) int64
        0 north, 1 east, 2 south, 3 west.
    """
    towards = np.round(PATCHES.azimuth / (0.5 * np.pi)).astype(int) % ASPECTS
    return (towards + 2) % ASPECTS


def hidden_weights(body: np.ndarray) -> np.ndarray:
    """Weights of hidden patches by the aspect of the walls there: first for a level plane, then for the body.

    Parameters
    ----------
    body : (patch,) float
        Of `kernels.heat.patches.body_weights`.

    Returns
    -------
    (patch, 8) float64
    """
    aspect = aspect_of_patches()
    found = np.zeros((len(PATCHES), 2 * ASPECTS))
    for one in range(ASPECTS):
        found[:, one] = np.where(aspect == one, PATCHES.horizontal, 0.0)
        found[:, ASPECTS + one] = np.where(aspect == one, body, 0.0)
    return found


@njit(nogil=True, cache=True)
def hidden_shares(seen, veiled, table_hidden, table_veil, exact, shares, through, scale, hidden, first, last):
    """What walls and crowns hide of a plane's and a body's sky.

    Parameters
    ----------
    seen, veiled : (byte, y, x) uint8
        See `kernels.heat.masks.Masks`.
    table_hidden : (byte, 256, 8) float32
        Table of `hidden_weights`.
    table_veil : (byte, 256, 2) float32
        Table of the weights of a level plane and of the body.
    exact : (y, x) float32
        Sky view factor of roofs and ground to which the shares of the plane are brought; negative where it is that of
        the patches. [1]
    shares : (8, y, x) uint16
        Receives: four aspects for a plane, four for the body, in parts of `WHOLE`.
    through : (2, y, x) uint16
        Receives the shares behind crowns, of plane and body.
    scale : (y, x) float32
        Receives the sky that is left to the plane, by that of the patches it sees. [1]
    hidden : (y, x) float32
        Receives what walls hide of the plane's sky: the sum of its four shares. [1]
    first, last : int
        Rows.
    """
    columns = seen.shape[2]
    sums = np.empty((columns, 10), np.float32)
    one, half, none = np.float32(1), np.float32(0.5), np.float32(1e-6)
    for row in range(first, last):
        sums[:] = np.float32(0)
        for byte in range(seen.shape[0]):
            table, crowns, bits, marks = table_hidden[byte], table_veil[byte], seen[byte, row], veiled[byte, row]
            for k in range(columns):
                there = table[255 - bits[k]]
                total = sums[k]
                for q in range(8):
                    total[q] += there[q]
                if marks[k]:
                    more = crowns[marks[k]]
                    total[8] += more[0]
                    total[9] += more[1]
        for k in range(columns):
            total = sums[k]
            walls = total[0] + total[1] + total[2] + total[3]
            view = exact[row, k]
            # what no patch shows belongs to no wall
            more = (one - view) / walls if view >= 0 and walls > none else one
            kept, owed = np.float32(0), np.float32(0)
            for q in range(8):
                # what rounding takes from one aspect the next one gets, so that the four sum up to theirs
                owed = owed if q != 4 else np.float32(0)
                part = min(total[q] * more if q < 4 else total[q], one) * WHOLE + owed
                whole = np.uint16(max(part + half, np.float32(0)))
                owed = part - np.float32(whole)
                shares[q, row, k] = whole
                kept += np.float32(whole) / WHOLE if q < 4 else np.float32(0)
            hidden[row, k] = kept
            sees = one - walls
            scale[row, k] = (one - kept) / sees if sees > none else one
            for q in range(2):
                through[q, row, k] = np.uint16(min(total[8 + q], one) * WHOLE + half)


@njit(nogil=True, cache=True)
def sky_on_cells(seen, veiled, sky, veil, received, first, last):
    """What cells and bodies receive of the sky: of the patches they see, and what crowns before them change of it.

    Parameters
    ----------
    seen, veiled : (byte, y, x) uint8
        See `kernels.heat.masks.Masks`.
    sky, veil : (byte, 256, 4) float32
        Tables of short-wave on a plane and on the body, long-wave on a plane and on the body: of the open patches, and
        of what a crown before them adds or takes. [W m⁻²]
    received : (6, y, x) float32
        Receives the four sums, crowns included, and of the plane's two what crowns changed. [W m⁻²]
    first, last : int
        Rows.
    """
    columns = seen.shape[2]
    sums, changes = np.empty((columns, 4), np.float32), np.empty((columns, 4), np.float32)
    for row in range(first, last):
        sums[:] = np.float32(0)
        changes[:] = np.float32(0)
        for byte in range(seen.shape[0]):
            table, crowns, bits, marks = sky[byte], veil[byte], seen[byte, row], veiled[byte, row]
            for k in range(columns):
                there = table[bits[k]]
                total = sums[k]
                for q in range(4):
                    total[q] += there[q]
                if marks[k]:
                    more, change = crowns[marks[k]], changes[k]
                    for q in range(4):
                        change[q] += more[q]
        for q in range(4):
            out = received[q, row]
            for k in range(columns):
                out[k] = sums[k, q] + changes[k, q]
        for k in range(columns):
            received[4, row, k], received[5, row, k] = changes[k, 0], changes[k, 2]


@njit(nogil=True, cache=True)
def night_on_cells(seen, veiled, sky, veil, received, first, last):
    """`sky_on_cells` where the sky gives no light: tables of the two long-wave quantities alone.

    Parameters
    ----------
    seen, veiled, received, first, last
        As `sky_on_cells`.
    sky, veil : (byte, 256, 2) float32
        Long-wave on a plane and on the body. [W m⁻²]
    """
    columns = seen.shape[2]
    sums, changes = np.empty((columns, 2), np.float32), np.empty((columns, 2), np.float32)
    for row in range(first, last):
        sums[:] = np.float32(0)
        changes[:] = np.float32(0)
        for byte in range(seen.shape[0]):
            table, crowns, bits, marks = sky[byte], veil[byte], seen[byte, row], veiled[byte, row]
            for k in range(columns):
                there = table[bits[k]]
                total = sums[k]
                total[0] += there[0]
                total[1] += there[1]
                if marks[k]:
                    more, change = crowns[marks[k]], changes[k]
                    change[0] += more[0]
                    change[1] += more[1]
        received[:, row] = np.float32(0)
        for k in range(columns):
            received[2, row, k] = sums[k, 0] + changes[k, 0]
            received[3, row, k] = sums[k, 1] + changes[k, 1]
            received[5, row, k] = changes[k, 0]
