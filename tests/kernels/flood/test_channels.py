"""Steady channels whose bed is derived from a chosen depth, as MacDonald et al. (1997) do it."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.integrate import cumulative_simpson

from kernels.flood.kernel import Flood

G, Q, MANNING = 9.81, 2.0, 0.0328
LENGTH, CELLS, LEAD_IN = 100.0, 200, 20
SIZE = LENGTH / CELLS
CRITICAL = (Q**2 / G) ** (1 / 3)
SOURCE = "MacDonald et al. 1997, doi:10.1061/(ASCE)0733-9429(1997)123:11(1041)"
NEAL = "on floods that vary gradually within 10 % of industry models (Neal et al. 2012, doi:10.1002/hyp.8339)"
JUMP = 200 / 3
"""Where the hydraulic jump stands. [m]"""


def _subcritical(x):
    return CRITICAL * (1.25 + 0.35 * np.exp(-16 * (x / LENGTH - 0.5) ** 2))


def _to_supercritical(x):
    return CRITICAL * (1 - 0.3 * np.tanh(6 * (x / LENGTH - 0.5)))


def _with_jump(x):
    """Subcritical, supercritical from 40 m on, and behind the jump its conjugate depth, which rises on."""
    before = CRITICAL * (1 - 0.3 * np.tanh(6 * (x / LENGTH - 0.4)))
    at = CRITICAL * (1 - 0.3 * np.tanh(6 * (JUMP / LENGTH - 0.4)))
    conjugate = 0.5 * at * (np.sqrt(1 + 8 * Q**2 / (G * at**3)) - 1)
    return np.where(x < JUMP, before, conjugate + 0.25 * (1 - np.exp(-(x - JUMP) / 20)))


def _bed(depth, discharge=Q, convective=1.0):
    """Bed by dz/dx = (Fr² - 1) dh/dx - n² q² h^(-10/3) at cell centres, lead-in of constant depth before 0 m.

    The jump is left out of the integral: the bed itself is continuous there.
    """
    fine = 200
    x = (np.arange((CELLS + LEAD_IN) * fine + 1) / fine - LEAD_IN) * SIZE
    bed, parts = np.zeros(x.size), np.split(np.arange(x.size), [np.searchsorted(x, JUMP)])
    start = 0.0
    for number, part in enumerate(parts):
        # each side of the jump has its own smooth depth, up to the face it stands on
        place = np.concatenate([[JUMP], x[part]]) if number else np.concatenate([x[part], [JUMP - 1e-12]])
        h = depth(np.maximum(place, 0.0))
        step = 1e-4
        slope = (depth(np.maximum(place, 0.0) + step) - depth(np.maximum(place, 0.0) - step)) / (2 * step)
        near = np.abs(place - JUMP) < 2 * step
        slope[near] = slope[~near][0 if number else -1]
        slope = np.where(place < 0, 0.0, slope)
        rate = (convective * discharge**2 / (G * h**3) - 1) * slope - MANNING**2 * discharge**2 * h ** (-10 / 3)
        along = start + cumulative_simpson(rate, x=place, initial=0)
        bed[part] = along[1:] if number else along[:-1]
        start = along[-1]
    centres = np.arange(CELLS + LEAD_IN) * fine + fine // 2
    return x[centres], bed[centres] - bed.min(), bed[-1] - bed.min()


@dataclass(frozen=True)
class Channel:
    """A channel of one row of cells, flowing from its lead-in to its end."""

    x: np.ndarray
    depth: np.ndarray
    found: np.ndarray
    across: np.ndarray
    inside: np.ndarray

    def error(self, where=slice(None)):
        """Relative L1 error of depth over the channel proper."""
        ours, wanted = self.found[self.inside][where], self.depth[self.inside][where]
        return np.abs(ours - wanted).sum() / wanted.sum()


def _settle(
    make_layers, make_forcing, scheme, depth, ends_in_level, discharge=Q, convective=1.0, end=600.0, step=0.025
):
    """Steady inflow until the end; the discharge over each face is its mean over the last 100 s, by continuity.

    All steps are of one length that fits into 100 s bit for bit: the cell of the inflow holds what came in a step.
    """
    x, bed, end_bed = _bed(depth, discharge, convective)
    wanted = depth(np.maximum(x, 0.0))
    level = end_bed + float(depth(np.array([LENGTH]))[0])
    start = np.maximum(level - bed, 0.05) if ends_in_level else np.full(x.size, 0.3)
    layers = make_layers(bed[None, :], SIZE, origin=(-LEAD_IN * SIZE, 0.0), water_depth=start[None, :])
    times = [0.0, 1e4]
    forcing = make_forcing(
        inflow=(times, [[discharge * SIZE]] * 2, [x[0]], [SIZE / 2]),
        level=(times, [[level]] * 2, ["east"]) if ends_in_level else None,
    )
    closed = dict.fromkeys(("west", "south", "north"), "closed")
    kernel = Flood(scheme=scheme, precision="f64", boundary=closed, manning=MANNING, max_step=1 / 32, threads=1)
    state = kernel.prepare(layers, forcing)
    stored = []
    for until in (end - 100.0, end):
        kernel.advance(state, until)
        stored.append((state.water[0] + state.water[1])[1, 1:-1] * SIZE)
    across = discharge - np.cumsum(stored[1] - stored[0]) / 100.0
    return Channel(x, wanted, kernel.observe(state).water_depth.values[0], across, x > 0)


def _unsteadiness(channel, discharge=Q):
    return float(np.abs(channel.across / discharge - 1).max())


@pytest.mark.parametrize("scheme", ["fv2", pytest.param("fv1", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("name", "depth", "ends_in_level"),
    [
        ("subcritical", _subcritical, True),
        ("sub- to supercritical", _to_supercritical, False),
        ("to subcritical with a jump", _with_jump, True),
    ],
)
def test_a_channel_takes_the_depth_its_bed_was_made_for(
    make_layers, make_forcing, measured, scheme, name, depth, ends_in_level
):
    channel = _settle(make_layers, make_forcing, scheme, depth, ends_in_level)
    case = f"MacDonald channel, 100 m, N 200, {name}, {scheme}"
    measured(case=f"{case}: depth, relative L1", source=SOURCE, ours=channel.error(), bar=0.005)
    measured(case=f"{case}: discharge", source="continuity", ours=_unsteadiness(channel), bar=1e-6)
    if depth is _with_jump:
        before, after = depth(np.array([JUMP - 1e-9, JUMP + 1e-9]))
        high = int(np.argmax((channel.found > 0.5 * (before + after)) & (channel.x > 0.5 * LENGTH)))
        share = (0.5 * (before + after) - channel.found[high - 1]) / (channel.found[high] - channel.found[high - 1])
        place = channel.x[high - 1] + share * SIZE
        truth = "conjugate depths h2/h1 = (√(1 + 8 Fr²) - 1)/2"
        measured(case=f"{case}: place of the jump", source=truth, ours=abs(place - JUMP), bar=SIZE, unit="m")


@pytest.mark.slow
def test_a_quiet_channel_suits_local_inertia_too(make_layers, make_forcing, measured):
    """The bed made for the equation the scheme solves, without the convective term; then the bed of the full one.

    At a Froude number up to 0.36 the term that the scheme leaves out is at most 13 % of the slope of the depth. Waves
    between the closed and the level end die out more slowly here than where the water is fast.
    """
    discharge = 1.0
    for case, convective, bar in (("its own equation", 0.0, 0.005), ("the full equation", 1.0, 0.02)):
        channel = _settle(make_layers, make_forcing, "inertia", _subcritical, True, discharge, convective, 2100.0)
        measured(
            case=f"MacDonald channel, 100 m, N 200, subcritical, inertia: depth by {case}, relative L1",
            source=SOURCE, ours=channel.error(), bar=bar, published=NEAL,
        )  # fmt: skip
        measured(
            case=f"MacDonald channel, 100 m, N 200, subcritical, inertia: discharge, {case}",
            source="continuity", ours=_unsteadiness(channel, discharge), bar=1e-6,
        )  # fmt: skip


@pytest.mark.parametrize("scheme", ["fv2", "fv1", "inertia"])
@pytest.mark.parametrize(("slope", "discharge"), [(0.01, 0.001), (0.01, 0.01), (0.05, 0.01), (0.05, 0.05)])
def test_water_runs_down_a_steep_street_as_manning_says(make_layers, make_forcing, measured, scheme, slope, discharge):
    """Uniform flow at Froude numbers from 0.9 to 2.7, in depths from a few mm to a few cm, on cells of 1 m.

    Only the default scheme is held to a bar. A bed that falls by more than the depth from cell to cell costs the first
    order some percent; local inertia lets nothing run faster than a Froude number of 1, and stands deeper instead.
    """
    columns, n = 80, 0.015
    layers = make_layers(-slope * np.arange(columns)[None, :], 1.0)
    depth = (n * discharge / np.sqrt(slope)) ** 0.6
    froude = discharge / depth / np.sqrt(G * depth)
    closed = dict.fromkeys(("west", "south", "north"), "closed")
    kernel = Flood(scheme=scheme, precision="f64", boundary=closed, manning=n, threads=1)
    state = kernel.prepare(layers, make_forcing(inflow=([0.0, 1e5], [[discharge]] * 2, [0.5], [0.5])))
    kernel.advance(state, 6 * columns * depth / discharge)
    error = np.abs(kernel.observe(state).water_depth.values[0, 20:60] / depth - 1).max()
    measured(
        case=f"Uniform flow down {slope:.0%}, {1000 * depth:.0f} mm, Froude {froude:.1f}, {scheme}: depth, greatest",
        source="Manning's formula", ours=error, bar=0.01 if scheme == "fv2" else None,
    )  # fmt: skip
