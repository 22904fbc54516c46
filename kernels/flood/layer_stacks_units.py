"""Water in layer stacks: pavement over soil over storage over a drain, on any list of places, with its own balance."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numba import njit

from kernels.contract import LayerError, Need
from kernels.flood.stack_words import PARAMETERS
from kernels.quantities import attrs

if TYPE_CHECKING:
    from kernels.crew import Crew

NEEDS = tuple(Need(name, ("stack",), optional=True) for name in (*PARAMETERS, "stack_drain_node"))

PORTION = 4096
"""Places that one thread takes at a time."""

PAVEMENT, SOIL, STORAGE, WETTED = 0, 1, 2, 3
"""Rows of the water of the places: held in pavement, soil and storage, and what has entered the soil so far. [m]"""


@njit(nogil=True, error_model="numpy")
def _entering(F, K, S, span):
    """Depth that enters ponded soil in a span by Green and Ampt (1911): ΔF - S ln(1 + ΔF/(F + S)) = K Δt. [m]

    For u = ΔF/(F + S), from the root with ln(1 + u) ≈ u (6 + u) / (6 + 4 u), which is never below the true one; the
    steps of Newton's method on a convex function then come down from above.
    """
    k = K * span
    if S <= 0.0 or k <= 0.0:
        return k
    A, B = 4.0 * F + 3.0 * S, 3.0 * F - 2.0 * k
    root = math.sqrt(B * B + 6.0 * k * A)
    u = (root - B) / A if B < 0.0 else 6.0 * k / (B + root)
    for _ in range(20):
        gap = F * u + S * (u - math.log1p(u)) - k
        step = gap * (1.0 + u) / (F * (1.0 + u) + S * u)
        u = u - step
        if abs(step) <= 1e-10 * u:
            break
    return max(u * (F + S), 0.0)


@njit(nogil=True, error_model="numpy")
def _emptied(head, rate, exponent, voids, span):
    """Fall of the head of a storage that drains by rate · head^exponent: the exact solution. [m]"""
    fall = rate * span / voids
    if exponent == 1.0:
        return head * -math.expm1(-fall)
    if exponent == 0.5:
        left = math.sqrt(head) - 0.5 * fall
        return head - left * left if left > 0.0 else head
    power = 1.0 - exponent
    left = head**power - power * fall
    return head if left <= 0.0 else max(head - left ** (1.0 / power), 0.0)


@njit(nogil=True, cache=True, error_model="numpy")
def drain_stacks(part, chosen, span, which, table, water, seeped, drained, capacity):
    """Let the water of each place sink for a span, from the bottom up, and say what its top can take.

    Parameters
    ----------
    part : (2,) int
        First entry of ``chosen`` and the one after the last.
    chosen : (entry,) int64
        Places to work on.
    span : float
        [s]
    which : (place,) int32
        Stack of each place.
    table : (stack, parameter) float64
        `PARAMETERS` of each stack.
    water : (4, place) float64
        Water in the layers; see `PAVEMENT` to `WETTED`. [m]
    seeped, drained : (place,) float64
        Receive what went into the native soil and what left by the underdrain. [m]
    capacity : (place,) float64
        Receives what the top layer takes of the water on it in this span, if it is there. [m]

    Notes
    -----
    The equations of the SWMM Reference Manual III (EPA/600/R-16/093), chapter on low impact development: Green-Ampt
    into the soil layer; percolation K exp(-HCO (φ - θ)) above field capacity; seepage at the conductivity of the
    native soil; underdrain C h^n of the head above it, which is also the drainage mat of a green roof (Manning:
    exponent 5/3). Percolation and drain are integrated exactly over the span, so that no span is unstable. A layer
    takes no more than it has room for. Without a storage layer the soil seeps into the native soil directly. Left
    out, beside what the manual has: evaporation, clogging, and the head of the soil water above a full storage.
    """
    for entry in range(part[0], part[1]):
        i = chosen[entry]
        p = table[which[i]]
        thick_p, void_p, K_p = p[1], p[2], p[3]
        thick, porosity, field, K, slope, suction = p[4], p[5], p[6], p[9], p[10], p[11]
        deficit = max(porosity - p[8], 0.0)
        depth, voids, seepage = p[12], p[13], p[14]
        pavement, soil, storage, wetted = water[0, i], water[1, i], water[2, i], water[3, i]
        native = seepage * span
        lost, out = 0.0, 0.0
        if depth > 0.0:
            lost = min(native, storage)
            storage -= lost
            native -= lost
            head = storage / voids - p[17]
            if head > 0.0 and p[15] > 0.0:
                out = min(voids * _emptied(head, p[15], p[16], voids, span), storage)
                storage -= out
        room = max(voids * depth - storage, 0.0) if depth > 0.0 else native
        sinks = 0.0
        if thick > 0.0:
            moisture = soil / thick
            if moisture > field:
                if slope > 0.0:
                    dry = math.exp(slope * (porosity - moisture)) + K * slope * span / thick
                    after = porosity - math.log(dry) / slope
                else:
                    after = moisture - K * span / thick
                sinks = min(thick * (moisture - max(after, field)), room)
                soil -= sinks
        elif thick_p > 0.0:
            sinks = min(min(K_p * span, pavement), room)
            pavement -= sinks
        if depth > 0.0:
            storage += sinks
        else:
            lost += sinks
        room -= sinks
        enters = max(min(_entering(wetted, K, deficit * suction, span), thick * porosity - soil), 0.0)
        if thick_p > 0.0 and thick > 0.0:
            sinks = min(min(K_p * span, pavement), enters)
            pavement -= sinks
            soil += sinks
            wetted += sinks
        if thick_p > 0.0:
            capacity[i] = max(min(K_p * span, thick_p * void_p - pavement), 0.0)
        else:
            capacity[i] = enters if thick > 0.0 else max(room, 0.0)
        water[0, i], water[1, i], water[2, i], water[3, i] = pavement, soil, storage, wetted
        seeped[i], drained[i] = lost, out


class StackUnits:
    """Places with layer stacks, cells or roofs, and the water in them.

    Parameters
    ----------
    which : (place,) int
        Stack of each place.
    area : (place,) float64
        Of each place. [m²]
    layers : xarray.Dataset
        Has all `PARAMETERS` along ``stack``.
    on_roofs : bool
        Whether these are roofs: no native soil to seep into.

    Raises
    ------
    LayerError
        Names the stack, what was expected and the remedy.
    """

    def __init__(self, which: np.ndarray, area: np.ndarray, layers: xr.Dataset, on_roofs: bool) -> None:
        self.table = _table(layers, which, on_roofs)
        self.which, self.area = which.astype(np.int32), area.astype(float)
        self.water = np.zeros((4, which.size))
        own = self.table[self.which]
        self.water[SOIL] = own[:, 4] * own[:, 8]
        self._first = self.water[:3].copy()
        self.top = np.where(own[:, 1] > 0, PAVEMENT, np.where(own[:, 4] > 0, SOIL, STORAGE))
        self.surface_storage = own[:, 0].copy()
        self._all = np.arange(which.size)
        self.seeped, self.drained, self.capacity = np.zeros((3, which.size))
        self.sums = np.zeros((3, len(self.table)))

    def sink(self, span: float, crew: "Crew | None" = None, chosen: np.ndarray | None = None) -> None:
        """Let the water of all or of chosen places sink for a span.

        ``seeped``, ``drained`` and ``capacity`` [m] are of this span, 0 at the other places.

        Parameters
        ----------
        span : float
            [s]
        crew : Crew, optional
            Shares the work.
        chosen : (entry,) int64, optional
            Numbers of places.
        """
        mine = self._all if chosen is None else chosen
        if chosen is not None:
            self.seeped[:], self.drained[:], self.capacity[:] = 0.0, 0.0, 0.0

        def work(first: int, last: int) -> None:
            part = first * PORTION, min(last * PORTION, mine.size)
            drain_stacks(part, mine, span, self.which, self.table, self.water, self.seeped, self.drained, self.capacity)

        portions = -(-mine.size // PORTION)
        if crew is None:
            work(0, portions)
        else:
            crew.share_out(portions, work, portions == 1)
        self.book(0, self.seeped)
        self.book(1, self.drained)

    def absorb(self, depth: np.ndarray) -> None:
        """Put water on top of each place into its top layer. [m]"""
        self.water[self.top, np.arange(self.which.size)] += depth
        self.water[WETTED] += np.where(self.top == SOIL, depth, 0.0)

    def book(self, account: int, depth: np.ndarray) -> None:
        """Add depths [m] to an account by stack: 0 seeped, 1 drained, 2 spilled. [m³]"""
        self.sums[account] += np.bincount(self.which, weights=depth * self.area, minlength=len(self.table))

    def gained(self) -> np.ndarray:
        """Water held now beyond what was held at the start, by stack; negative where wet soil has drained. [m³]"""
        more = (self.water[:3] - self._first).sum(axis=0)
        return np.bincount(self.which, weights=more * self.area, minlength=len(self.table))

    def balance(self) -> xr.Dataset:
        """The ledger by stack. [m³]"""
        names = ("volume_layers_infiltrated", "volume_layers_delayed", "volume_layers_spilled")
        found = dict(zip(names, self.sums, strict=True)) | {"volume_layers_held": self.gained()}
        return xr.Dataset({name: ("stack", values.copy(), attrs(name)) for name, values in found.items()})

    def checkpoint(self, prefix: str) -> dict[str, np.ndarray]:
        """Everything needed to go on, under names that begin with ``prefix``."""
        return {f"{prefix}_water": self.water.copy(), f"{prefix}_sums": self.sums.copy()}

    def restore(self, saved: Mapping[str, np.ndarray], prefix: str) -> None:
        """Go on from what `checkpoint` gave, bit for bit."""
        for name, mine in ((f"{prefix}_water", self.water), (f"{prefix}_sums", self.sums)):
            found = np.asarray(saved.get(name, np.empty(0)))
            if found.shape != mine.shape:
                raise LayerError(
                    f"flood: the checkpoint's {name!r} has shape {found.shape}, this run needs {mine.shape}; "
                    "restart with its own layer stacks"
                )
            mine[...] = found


def _table(layers: xr.Dataset, which: np.ndarray, on_roofs: bool) -> np.ndarray:
    """The numbers of all stacks, refused where a stack in use cannot be built. (stack, parameter) float64"""
    missing = [name for name in PARAMETERS if name not in layers]
    if missing:
        raise LayerError(f"flood: the layers name stacks but lack {', '.join(missing)} along 'stack'")
    table = np.column_stack([layers[name].values.astype(float) for name in PARAMETERS])
    if which.size and int(which.max()) >= len(table):
        raise LayerError(f"flood: a cell or roof has stack {int(which.max())}, the layers have {len(table)} stacks")
    for stack in np.unique(which):
        p = dict(zip(PARAMETERS, table[stack].tolist(), strict=True))
        name = str(layers["stack"].values[stack]) if "stack" in layers.coords else f"number {stack}"
        bad = _fault(p, on_roofs)
        if bad:
            raise LayerError(f"flood: layer stack {name} {bad}")
    return table


def _fault(p: dict[str, float], on_roofs: bool) -> str:
    """What is wrong with a stack, in words; empty if it can be built."""
    for name, value in p.items():
        if not (np.isfinite(value) and value >= 0):
            return f"has {name} {value:g}; it must be 0 or more"
    if p["stack_soil_thickness"] > 0:
        order = [p[f"stack_soil_{name}"] for name in ("wilting_point", "field_capacity", "porosity")]
        if order != sorted(order) or order[-1] > 1 or order[-1] == 0:
            return f"has wilting point, field capacity and porosity {order}; they must rise, up to 1 at most"
        if not order[0] <= p["stack_soil_moisture"] <= order[-1]:
            return f"starts at moisture {p['stack_soil_moisture']:g}, outside {order[0]:g} to {order[-1]:g}"
    for layer in ("pavement", "storage"):
        if p[f"stack_{layer}_thickness"] > 0 and not 0 < p[f"stack_{layer}_void_fraction"] <= 1:
            return f"has {layer} with voids {p[f'stack_{layer}_void_fraction']:g}; they must be above 0 and 1 at most"
    if not any(p[f"stack_{layer}_thickness"] > 0 for layer in ("pavement", "soil", "storage")):
        return "has no layer at all; give one of them a thickness"
    if on_roofs and p["stack_seepage"] > 0:
        return "seeps into native soil, but lies on a roof; set stack_seepage to 0"
    return ""
