"""Sewers without a street: uniform flow, pressure, backwater, oscillation, structures, and mass."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

sys.path.insert(0, str(Path(__file__).parent))
from sewers import line, network, run_alone, sewer

from kernels.flood.drains_laws import (
    orifice_discharge,
    pump_discharge,
    submergence,
    weir_discharge,
)
from kernels.flood.drains_sections import (
    PRESSURE_WAVE_SPEED,
    critical_depth,
    full_areas,
    section,
)
from kernels.flood.sewer_words import (
    CIRCULAR,
    EGG,
    OUTFALL_FREE,
    OUTFALL_LEVEL,
    OUTFALL_NORMAL,
    PUMP_DEPTH,
    PUMP_LIFT,
    PUMP_STEPS,
    RECTANGULAR,
    RECTANGULAR_OPEN,
    STORAGE,
    TRAPEZOIDAL,
)

GRAVITY = 9.81
MANNING = 0.013


def _circle(y, diameter=1.0):
    """Area, width and perimeter by the half angle at the centre."""
    half = np.arccos(1 - 2 * y / diameter)
    return diameter**2 / 4 * (half - np.sin(half) * np.cos(half)), diameter * np.sin(half), diameter * half


def _box(y, width=1.2):
    return width * y, width, width + 2 * y


def _trapezium(y, width=0.8, side=1.5):
    return (width + side * y) * y, width + 2 * side * y, width + 2 * y * np.hypot(1, side)


def _manning(section_of, y, slope):
    area, _, wet = section_of(y)
    return area * (area / wet) ** (2 / 3) * np.sqrt(slope) / MANNING


SHAPES = {
    "circular": (CIRCULAR, _circle, {"height": 1.0}),
    "closed box": (RECTANGULAR, _box, {"height": 2.0, "width": 1.2}),
    "open box": (RECTANGULAR_OPEN, _box, {"height": 2.0, "width": 1.2}),
    "trapezium": (TRAPEZOIDAL, _trapezium, {"height": 2.0, "width": 0.8, "side": 1.5}),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("y", [0.03, 0.4, 0.8])
def test_a_section_has_the_area_width_and_perimeter_of_geometry(name, y):
    shape, of, size = SHAPES[name]
    found = section(y, shape, size["height"], size.get("width", 0.0), size.get("side", 0.0), 1e-3)
    np.testing.assert_allclose(found, of(y), rtol=1e-12)


def test_the_egg_is_that_of_din_4263():
    # full: A = 4.594 r², P = 7.930 r with r a third of the height (DIN 4263, section 2:3)
    area, _, wet = section(1.5, EGG, 1.5, 1.0, 0.0, 0.0)
    assert area == pytest.approx(4.594 * 0.25, rel=2e-4)
    assert wet == pytest.approx(7.930 * 0.5, rel=2e-4)
    assert area == pytest.approx(float(full_areas(*(np.array([one]) for one in (EGG, 1.5, 1.0, 0.0)))[0]), rel=1e-12)
    # half full it is as wide as its arcs say; the area is the integral of the width
    for y in (0.08, 0.5, 0.9, 1.2, 1.45):
        whole, _ = quad(lambda at: section(at, EGG, 1.5, 1.0, 0.0, 0.0)[1], 0, y, points=[0.1, 1.0], epsabs=1e-12)
        assert section(y, EGG, 1.5, 1.0, 0.0, 0.0)[0] == pytest.approx(whole, rel=1e-7)
    assert section(1.0, EGG, 1.5, 1.0, 0.0, 0.0)[1] == pytest.approx(1.0)


def test_critical_depth_is_that_of_the_closed_form():
    # rectangle: (q²/g)^(1/3); circle: Q²T = gA³ solved apart
    assert critical_depth(1.5, RECTANGULAR, 2.0, 1.2, 0.0, 1e-3) == pytest.approx(
        (1.25**2 / GRAVITY) ** (1 / 3), rel=1e-8
    )
    root = brentq(lambda y: GRAVITY * _circle(y)[0] ** 3 - 0.3**2 * _circle(y)[1], 1e-3, 0.999)
    assert critical_depth(0.3, CIRCULAR, 1.0, 1.0, 0.0, 1e-3) == pytest.approx(root, rel=1e-8)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(("slope", "y"), [(0.001, 0.7), (0.004, 0.3), (0.02, 0.2)])
def test_a_long_sewer_settles_on_manning(measured, name, slope, y):
    shape, of, size = SHAPES[name]
    discharge = _manning(of, y, slope)
    found = sewer(line(10, 30.0, slope, OUTFALL_NORMAL, shape=shape, inflow=discharge, manning=MANNING, **size))
    seen = run_alone(found, 3000.0).observe()
    np.testing.assert_allclose(seen.conduit_flow, discharge, rtol=1e-6)
    # the depth that Manning's formula gives for the discharge, put back into it
    reached = _manning(of, seen.node_depth.values[1:-1], slope)
    error = np.abs(np.asarray(reached) / discharge - 1).max()
    case = f"Uniform flow in a sewer, {name}, slope {slope:g}, filled to {y:g} m: discharge, relative"
    measured(case=case, source="Manning's formula", ours=error, bar=1e-3)


def test_a_full_sewer_loses_the_head_of_manning_full(measured):
    area, radius, discharge, length = np.pi / 4, 0.25, 1.0, 300.0
    slope = (MANNING * discharge / (area * radius ** (2 / 3))) ** 2
    drowned = line(10, 30.0, 0.001, OUTFALL_LEVEL, manning=MANNING, inflow=discharge, node={"level": 14.0})
    seen = run_alone(sewer(drowned), 3000.0).observe()
    error = abs((float(seen.node_head[0]) - 14.0) / (slope * length) - 1)
    measured(case="Sewer under pressure: head lost, relative", source="Manning's formula, full", ours=error, bar=1e-6)
    np.testing.assert_array_equal(seen.conduit_filling, 1.0)


def test_backwater_is_the_m1_curve(measured):
    # dy/dx = (S0 - Sf) / (1 - Fr²) of a rectangular channel, integrated apart (Chow 1959, eq. 9-13)
    width, slope, discharge, length = 1.0, 0.001, 0.3, 400.0

    def curve(_, y):
        area = width * y
        friction = (MANNING * discharge / (area * (area / (width + 2 * y)) ** (2 / 3))) ** 2
        return (slope - friction) / (1 - discharge**2 * width / (GRAVITY * area**3))

    upstream = solve_ivp(curve, (length, 0.0), [0.8], rtol=1e-10, atol=1e-12, dense_output=True)
    channel = line(
        40, 10.0, slope, OUTFALL_LEVEL, shape=RECTANGULAR, height=2.0, width=width, manning=MANNING, inflow=discharge,
        node={"level": 10.8},
    )  # fmt: skip
    seen = run_alone(sewer(channel), 6000.0).observe()
    expected = upstream.sol(np.arange(40) * 10.0)[0]
    error = np.abs(seen.node_depth.values[:-1] - expected).max()
    measured(case="Backwater in a channel, M1: depth", source="steady flow, integrated", ours=error, bar=2e-3, unit="m")


@pytest.mark.parametrize("level", [10.9, 11.0, 11.6, 14.0])
def test_a_jump_into_a_drowned_pipe_comes_to_rest(level):
    # water shoots at twice its critical speed down 2 % and meets a pool, open or full: the flow becomes what enters,
    # the full part loses the head of Manning, the shooting part keeps its normal depth
    slope, discharge = 0.02, 0.3
    pipe = line(20, 10.0, slope, OUTFALL_LEVEL, inflow=discharge, manning=MANNING, node={"level": level})
    found, flows = run_alone(sewer(pipe), 3000.0), []
    for k in range(60):
        run_alone(found, 1.0, begin=3000.0 + k)
        flows.append(found.observe().conduit_flow.values)
    np.testing.assert_allclose(np.mean(flows, axis=0), discharge, rtol=0.02)
    assert np.ptp(flows, axis=0).max() < 0.07
    seen = found.observe()
    normal = brentq(lambda y: _manning(_circle, y, slope) - discharge, 1e-3, 0.9)
    if level < 12:
        assert float(seen.node_depth[0]) == pytest.approx(normal, rel=1e-4)
    friction = (MANNING * discharge / (np.pi / 4 * 0.25 ** (2 / 3))) ** 2
    full = np.flatnonzero(seen.conduit_filling.values == 1.0)
    drop = -np.diff(np.append(seen.node_head.values[:-1], level))[full]
    np.testing.assert_allclose(drop, friction * 10.0, atol=0.02)


def test_a_free_outfall_runs_critical():
    channel = line(
        80, 2.5, 0.0005, OUTFALL_FREE, shape=RECTANGULAR, height=2.0, width=1.2, manning=MANNING, inflow=0.6
    )  # fmt: skip
    seen = run_alone(sewer(channel), 3000.0).observe()
    critical = (0.5**2 / GRAVITY) ** (1 / 3)
    # the last node lies 2.5 m before the brink, where the surface is steep
    assert float(seen.node_depth[-2]) == pytest.approx(critical, rel=0.15)
    assert float(seen.node_depth[-2]) > critical


def test_a_full_pipe_between_two_shafts_swings_with_the_period_of_the_closed_form(measured):
    # two shafts of area S on a pipe of area A and length L: T = 2 pi sqrt(S L / (2 g A))
    # (Wylie and Streeter 1978, Fluid Transients, section 12-3, for a surge between reservoirs); each shaft has half
    # of the slot besides, as the scheme says
    length, shaft, diameter = 100.0, 2.0, 1.0
    area = np.pi / 4 * diameter**2
    slot = 0.5 * length * GRAVITY * area / PRESSURE_WAVE_SPEED**2
    pipes = network(
        node={"x": -1e4, "y": -1e4, "kind": 0, "invert": 0.0, "rim": 20.0, "area": [shaft, shaft],
              "initial_depth": [6.0, 4.0], "ponded_area": 1.0},
        conduit={"start": [0], "end": [1], "length": length, "shape": CIRCULAR, "height": diameter, "width": 0.0,
                 "roughness": 1e-6, "start_invert": 0.0, "end_invert": 0.0},
    )  # fmt: skip
    found, heads = sewer(pipes), []
    for k in range(2000):
        found.advance(0.1 * k, 0.1 * (k + 1), np.zeros(found.rows.size))
        heads.append(float(found.observe().node_head[0]) - 5.0)
    heads = np.array(heads)
    k = np.flatnonzero((heads[:-1] > 0) != (heads[1:] > 0))
    crossings = 0.1 * (k + heads[k] / (heads[k] - heads[k + 1]))
    period = 2 * np.pi * np.sqrt((shaft + slot) * length / (2 * GRAVITY * area))
    error = abs(2 * np.diff(crossings).mean() / period - 1)
    source = "Wylie and Streeter 1978, 12-3"
    measured(case="Full pipe between two shafts: period, relative", source=source, ours=error, bar=2e-3)
    assert heads.max() == pytest.approx(1.0, rel=0.02)


def test_water_at_rest_stays_at_rest():
    rng = np.random.default_rng(3)
    invert = rng.uniform(0.0, 2.0, 12)
    pipes = network(
        node={"x": -1e4, "y": -1e4, "kind": 0, "invert": invert, "rim": invert + 9.0, "initial_depth": 3.0 - invert},
        conduit={"start": np.arange(11), "end": np.arange(1, 12), "length": 20.0, "shape": np.arange(11) % 5,
                 "height": 0.8, "width": 0.8, "side_slope": 1.0, "roughness": MANNING, "start_invert": invert[:-1],
                 "end_invert": invert[1:]},
    )  # fmt: skip
    seen = run_alone(sewer(pipes), 600.0).observe()
    assert float(np.abs(seen.conduit_flow).max()) < 1e-10
    np.testing.assert_allclose(seen.node_head, 3.0, atol=1e-11)


def test_weirs_follow_their_law_by_hand():
    # 1.7 * 2 m * 0.25^1.5 = 0.425; V-notch 1.38 * 1 * 0.25^2.5 = 0.043125
    assert weir_discharge(0.25, -1.0, 2.0, 1.7, 0.0, 0.0, np.inf) == pytest.approx(0.425)
    assert weir_discharge(0.25, -1.0, 0.0, 1.7, 1.0, 1.38, np.inf) == pytest.approx(0.043125)
    assert weir_discharge(-0.1, -1.0, 2.0, 1.7, 0.0, 0.0, np.inf) == 0.0
    # Villemonte (1947): h2/h1 = 0.5 leaves (1 - 0.353553)^0.385 = 0.845386
    assert submergence(0.2, 0.1) == pytest.approx(0.845386, abs=1e-6)
    assert weir_discharge(0.25, 0.25, 2.0, 1.7, 0.0, 0.0, np.inf) == 0.0
    # an opening of 0.2 m under 0.5 m: 1.7*2*0.2^1.5 * sqrt(0.4/0.1) = 0.608210
    assert weir_discharge(0.5, -1.0, 2.0, 1.7, 0.0, 0.0, 0.2) == pytest.approx(1.7 * 2 * 0.2**1.5 * 2.0)


def test_orifices_follow_their_law_by_hand():
    # floor: 0.6 * 0.1 * sqrt(2 * 9.81 * 2) = 0.375852; wall of 0.4 m, head over its middle 1.8 m: 0.356563
    assert orifice_discharge(2.0, -1.0, 0.0, 0.1, 0.6) == pytest.approx(0.375852, abs=1e-6)
    assert orifice_discharge(2.0, -1.0, 0.4, 0.1, 0.6) == pytest.approx(0.06 * np.sqrt(2 * GRAVITY * 1.8))
    # drowned: only the difference of 0.5 m counts
    assert orifice_discharge(2.0, 1.5, 0.4, 0.1, 0.6) == pytest.approx(0.06 * np.sqrt(2 * GRAVITY * 0.5))
    # just full and just not: one value
    full, less = (orifice_discharge(0.4 * part, -1.0, 0.4, 0.1, 0.6) for part in (1.0, 1.0 - 1e-9))
    assert less == pytest.approx(full, rel=1e-8)


def test_pump_curves_are_read_as_steps_or_lines():
    heads, flows = np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.4])
    assert [pump_discharge(PUMP_STEPS, d, 0.0, 0.0, heads, flows, 0, 3) for d in (0.5, 1.5, 2.5, 9.0)] == [
        0.1,
        0.2,
        0.4,
        0.4,
    ]
    assert pump_discharge(PUMP_DEPTH, 2.5, 0.0, 0.0, heads, flows, 0, 3) == pytest.approx(0.3)
    assert pump_discharge(PUMP_LIFT, 9.0, 1.5, 0.0, heads, flows[::-1].copy(), 0, 3) == pytest.approx(0.3)


def _basin(**more):
    """A basin of 10 m by 10 m beside a node it can be pumped into, and an outfall."""
    node = {"x": -1e4, "y": -1e4, "kind": [STORAGE, 0, OUTFALL_FREE], "invert": [0.0, 3.0, 2.9],
            "rim": [5.0, 8.0, 2.9], "area": [100.0, 1.13, 1.0], "initial_depth": [2.0, 0.0, 0.0]}  # fmt: skip
    conduit = {"start": [1], "end": [2], "length": 20.0, "shape": CIRCULAR, "height": 0.6, "width": 0.0,
               "roughness": MANNING, "start_invert": 3.0, "end_invert": 2.9}  # fmt: skip
    return network(node=node, conduit=conduit, **more)


def test_a_pump_starts_at_its_upper_level_and_stops_at_its_lower():
    pump = {"start": [0], "end": [1], "law": 0, "on": 1.5, "off": 0.5, "capacity": 0.1}
    found = run_alone(sewer(_basin(pump=pump)), 1480.0)
    # 150 m³ at 0.1 m³/s take 1,500 s
    assert float(found.observe().pump_flow[0]) == pytest.approx(0.1)
    seen = run_alone(found, 600.0, begin=1480.0).observe()
    assert float(seen.pump_flow[0]) == 0.0
    assert float(seen.node_depth[0]) == pytest.approx(0.5, abs=0.002)
    assert found.accounts()["volume_pumped"] == pytest.approx(150.0, rel=2e-3)
    # and it does not start again before the upper level
    assert float(run_alone(found, 60.0, begin=2080.0).observe().pump_flow[0]) == 0.0


def test_a_basin_empties_over_a_weir_as_its_closed_form_says(measured):
    # A dh/dt = -C L h^1.5: h = (h0^-0.5 + C L t / (2 A))^-2
    weir = {"start": [0], "end": [1], "crest": 1.0, "length": 1.0, "coefficient": 1.7}
    pipes = _basin(weir=weir)
    pipes["node_invert"].values[1:] -= 6.0
    pipes["node_rim"].values[1:] -= 6.0
    pipes["conduit_start_invert"].values[:] -= 6.0
    pipes["conduit_end_invert"].values[:] -= 6.0
    pipes["conduit_height"].values[:] = 1.5
    seen = run_alone(sewer(pipes), 300.0).observe()
    error = abs((float(seen.node_depth[0]) - 1.0) / (1.0 + 1.7 * 300.0 / 200.0) ** -2 - 1)
    measured(case="Basin over a weir, 5 min: head, relative", source="weir law integrated", ours=error, bar=1e-2)


def test_a_basin_with_a_curve_holds_the_integral_of_its_areas():
    # area 10 + 20 d up to 2 m, 50 above: 2 m hold 60 m³, 3 m hold 110 m³
    curve = {"storage_node": [0, 0], "storage_depth": [0.0, 2.0], "storage_area": [10.0, 50.0]}
    pipes = _basin(storage_point=curve)
    for depth, volume in ((1.0, 20.0), (2.0, 60.0), (3.0, 110.0)):
        pipes["node_initial_depth"].values[0] = depth
        seen = sewer(pipes).observe()
        assert float(seen.node_volume[0]) == pytest.approx(volume, rel=1e-12)
        assert float(seen.node_depth[0]) == pytest.approx(depth, rel=1e-12)


def test_an_inflow_series_enters_with_its_exact_integral():
    series = {"series_node": [0, 0, 0], "series_time": [0.0, 100.0, 250.0], "series_inflow": [0.0, 0.4, 0.0]}
    found = run_alone(sewer(line(3, 20.0, 0.01, OUTFALL_FREE, series_point=series)), 400.0, step=7.0)
    assert found.accounts()["volume_drains_inflow"] == pytest.approx(0.5 * 0.4 * 250.0, rel=1e-12)


def test_a_flap_gate_keeps_the_river_out():
    river = {"level": 13.0, "gate": 1.0}
    shut = run_alone(sewer(line(3, 20.0, 0.01, OUTFALL_LEVEL, node=river)), 300.0)
    assert shut.held() == 0.0
    open_ = run_alone(sewer(line(3, 20.0, 0.01, OUTFALL_LEVEL, node={"level": 13.0})), 300.0)
    assert open_.accounts()["volume_outfall_back"] > 1.0
    assert open_.held() == pytest.approx(open_.came() - open_.gone(), rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_network_makes_or_loses_water(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(4, 12))
    kind = np.zeros(count)
    kind[-1], kind[1] = rng.choice([OUTFALL_FREE, OUTFALL_NORMAL, OUTFALL_LEVEL]), STORAGE
    invert = rng.uniform(0.0, 6.0, count)
    links = int(rng.integers(count - 1, 2 * count))
    start = np.concatenate([np.arange(count - 1), rng.integers(0, count, links)])
    end = np.concatenate([np.arange(1, count), rng.integers(0, count, links)])
    start, end = start[start != end], end[start != end]
    some = start.size
    pipes = network(
        node={"x": -1e4, "y": -1e4, "kind": kind, "invert": invert, "rim": invert + rng.uniform(1.0, 4.0, count),
              "area": rng.uniform(0.5, 20.0, count), "initial_depth": rng.uniform(0.0, 3.0, count),
              "inflow": np.where(kind < OUTFALL_FREE, rng.uniform(0.0, 0.5, count), 0.0), "level": 3.0},
        conduit={"start": start, "end": end, "length": rng.uniform(3.0, 60.0, some),
                 "shape": rng.integers(0, 5, some), "height": rng.uniform(0.3, 2.0, some),
                 "width": rng.uniform(0.3, 2.0, some), "side_slope": 1.0, "roughness": MANNING,
                 "start_invert": invert[start] + rng.uniform(0, 0.5, some),
                 "end_invert": invert[end] + rng.uniform(0, 0.5, some), "barrels": rng.integers(1, 3, some)},
        weir={"start": [0], "end": [1], "crest": invert[0] + 1.0, "length": 2.0, "coefficient": 1.7},
        orifice={"start": [2], "end": [1], "invert": invert[2], "height": 0.3, "area": 0.07, "coefficient": 0.6},
        pump={"start": [1], "end": [0], "law": 0, "on": 0.5, "off": 0.1, "capacity": 0.2},
    )  # fmt: skip
    found = run_alone(sewer(pipes), 200.0)
    seen = found.observe()
    assert np.isfinite(seen.conduit_flow).all()
    assert float(seen.node_volume.min()) >= 0.0
    assert abs(found.held() - found.came() + found.gone()) <= 1e-12 * found.came()
