"""Soil, depressions and the assumed sewer, against closed forms and the publications of the laws."""

from itertools import pairwise

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq

from kernels.contract import LayerError
from kernels.flood.forcing import Rain
from kernels.flood.ground_pass import DURATION_STEP, GroundPass
from kernels.flood.kernel import Flood
from kernels.flood.roof_gutters import RoofGutters
from kernels.flood.tiles import TILE_COLUMNS, TILE_ROWS, Tiles
from kernels.quantities import attrs

AREA = 4.0
SILT_LOAM = {"saturated_hydraulic_conductivity": 1.81e-6, "wetting_front_suction": 0.1668, "moisture_deficit": 0.243}
"""Rawls, Brakensiek and Miller (1983): K 0.65 cm/h, suction 16.68 cm; deficit half of the effective porosity."""
HORTON = {"infiltration_initial": 2e-5, "infiltration_final": 2e-6, "infiltration_decay": 1e-3}


def _ground(make_layers, law, precision="f64", shape=(3, 5), threads=1, hole=None, **parameters):
    building = np.where(hole, 0, -1) if hole is not None else np.full(shape, -1)
    layers = make_layers(np.zeros(shape), 2.0, building_index=building.astype(np.int32))
    for name, value in parameters.items():
        layers[name] = (("y", "x"), np.broadcast_to(value, shape).astype(float), attrs(name))
    # the part stands alone: the kernel's own parts are left out
    bare = layers.drop_vars(list(parameters))
    state = Flood(precision=precision, boundary="closed", threads=threads).prepare(bare, xr.Dataset())
    return state, GroundPass.from_layers(layers, law, state.hole, state.kind, state.area)


def _stand(state, depth):
    """Put a depth on every cell that is no hole."""
    h, c = state.water[:2]
    h[1:-1, 1:-1] = np.where(state.hole, 0.0, depth)
    c[...] = 0.0


def _add(state, depth):
    """Rain a depth on every cell, compensated."""
    h, c = (part[1:-1, 1:-1] for part in state.water[:2])
    total = h.astype(float) + c.astype(float) + np.where(state.hole, 0.0, depth)
    h[...] = total
    c[...] = total - h.astype(float)


def _infiltrated(part, cells=15):
    return part.accounts()["volume_infiltrated"] / AREA / cells


def _ponded(time, K, S):
    """Green-Ampt under ponding: the root of F - S ln(1 + F/S) = K t."""
    return brentq(lambda F: F - S * np.log1p(F / S) - K * time, 1e-15, 10.0, xtol=1e-16, rtol=1e-14)


@pytest.mark.parametrize("span", [0.2, 1.0, 4.0, 60.0, 3600.0])
def test_green_ampt_under_ponding_follows_its_closed_form_whatever_the_span(make_layers, measured, span):
    """Expected: the implicit equation of Green and Ampt (1911), solved by bracketing."""
    state, part = _ground(make_layers, "green_ampt", **SILT_LOAM)
    K, S = SILT_LOAM["saturated_hydraulic_conductivity"], 0.1668 * 0.243
    steps = max(1, round(min(7200.0, 2000 * span) / span))
    for step in range(steps):
        _stand(state, 1.0)
        part.exchange(state, step * span, (step + 1) * span)
    error = abs(_infiltrated(part) / _ponded(steps * span, K, S) - 1)
    case = f"Green-Ampt under ponding, spans of {span:g} s: infiltrated, relative"
    measured(case=case, source="Green and Ampt 1911, implicit equation", ours=error, bar=1e-6)


def test_green_ampt_in_single_precision_stays_near_its_closed_form(make_layers, measured):
    state, part = _ground(make_layers, "green_ampt", precision="f32", **SILT_LOAM)
    for step in range(3600):
        _stand(state, 0.05)
        part.exchange(state, step, step + 1.0)
    error = abs(_infiltrated(part) / _ponded(3600.0, 1.81e-6, 0.1668 * 0.243) - 1)
    case = "Green-Ampt under ponding, float32: infiltrated, relative"
    measured(case=case, source="Green and Ampt 1911, implicit equation", ours=error, bar=1e-3)


def test_rain_ponds_when_mein_and_larson_say(make_layers, measured):
    """Mein and Larson (1973): Fp = S K / (i - K) at tp = Fp / i; after it the ponded law with the time shifted."""
    K, S, i = 1.81e-6, 0.1668 * 0.243, 1e-5
    F_ponding = S * K / (i - K)
    t_ponding = F_ponding / i
    state, part = _ground(make_layers, "green_ampt", **SILT_LOAM)
    first = None
    for step in range(3600):
        _add(state, i)
        part.exchange(state, step, step + 1.0)
        if first is None and float(state.water[0][1, 1]) > 1e-9:
            first = step
    source = "Mein and Larson 1973"
    measured(
        case="Green-Ampt under rain: time of ponding", source=source, ours=abs(first - t_ponding), bar=3.0, unit="s"
    )
    shift = (F_ponding - S * np.log1p(F_ponding / S)) / K
    after = _ponded(3600.0 - t_ponding + shift, K, S)
    error = abs(_infiltrated(part) / after - 1)
    measured(case="Green-Ampt under rain: infiltrated, relative", source=source, ours=error, bar=2e-4)


@pytest.mark.parametrize("span", [1.0, 10.0, 900.0])
def test_horton_under_ponding_is_its_integral(make_layers, measured, span):
    """Horton (1940): F = fc t + (f0 - fc)/k (1 - exp(-k t))."""
    state, part = _ground(make_layers, "horton", **HORTON)
    steps = round(3600 / span)
    for step in range(steps):
        _stand(state, 1.0)
        part.exchange(state, step * span, (step + 1) * span)
    error = abs(_infiltrated(part) / (2e-6 * 3600 + 1.8e-5 / 1e-3 * (1 - np.exp(-3.6))) - 1)
    case = f"Horton under ponding, spans of {span:g} s: infiltrated, relative"
    measured(case=case, source="Horton 1940, integrated", ours=error, bar=1e-6)


def test_drizzle_does_not_wear_out_horton_as_a_flood_would(make_layers, measured):
    """Expected: the equivalent time, at which the integral of the capacity is what went in, then the integral on."""
    state, part = _ground(make_layers, "horton", **HORTON)
    for step in range(1000):
        _add(state, 4e-6)
        part.exchange(state, step, step + 1.0)
    assert float(state.water[0].max()) == 0.0

    def integral(t):
        return 2e-6 * t + 1.8e-2 * (1 - np.exp(-1e-3 * t))

    equivalent = brentq(lambda t: integral(t) - 4e-3, 0, 1e4, xtol=1e-12)
    for step in range(1000, 1600):
        _stand(state, 1.0)
        part.exchange(state, step, step + 1.0)
    error = abs(_infiltrated(part) / integral(equivalent + 600) - 1)
    case = "Horton after drizzle: infiltrated, relative"
    measured(case=case, source="Horton 1940, equivalent time", ours=error, bar=1e-6)


@pytest.mark.parametrize("number", [60.0, 85.0, 98.0, 100.0])
def test_curve_number_leaves_the_runoff_of_the_handbook(make_layers, measured, number):
    """NEH part 630, chapter 10: Q = (P - Ia)²/(P - Ia + S), S = 1000/CN - 10 inches, Ia = 0.2 S."""
    state, part = _ground(make_layers, "scs_cn", curve_number=number)
    rate = 0.09 / 3600
    gutters = RoofGutters(np.full((3, 5), -1))
    state.rain = Rain(np.array([0.0]), np.array([rate]), np.ones((3, 5), bool), gutters)
    state.ground[2][1:-1, 1:-1] = 1.0
    for step in range(3600):
        _add(state, rate)
        part.exchange(state, step, step + 1.0)
    S = 0.0254 * (1000 / number - 10)
    over = max(0.09 - 0.2 * S, 0.0)
    runoff = over**2 / (over + S) if over > 0 else 0.0
    error = np.abs(state.water[0][1:-1, 1:-1] - runoff).max()
    case = f"SCS curve number {number:g}, 90 mm: runoff"
    measured(case=case, source="NEH part 630, chapter 10", ours=error, bar=1e-9 * runoff + 1e-12, unit="m")


def test_constant_infiltration_takes_its_rate_and_no_more_than_there_is(make_layers):
    state, part = _ground(make_layers, "constant", saturated_hydraulic_conductivity=1e-5)
    _stand(state, 5e-5)
    part.exchange(state, 0.0, 2.0)
    np.testing.assert_allclose(state.water[0][1:-1, 1:-1], 3e-5, rtol=1e-12)
    part.exchange(state, 2.0, 12.0)
    assert float(state.water[0].max()) == 0.0
    assert _infiltrated(part) == pytest.approx(5e-5, rel=1e-12)


def test_only_water_above_the_depressions_is_left_to_flow(make_layers):
    """By hand: 5 mm of which 2 mm stay; then the soil drinks them, and the next 1 mm fills them again in part."""
    drinks = np.zeros((3, 5))
    drinks[:, 0] = 1e-3
    state, part = _ground(make_layers, "constant", depression_storage=2e-3, saturated_hydraulic_conductivity=drinks)
    _stand(state, 5e-3)
    state.water[2][1:-1, 1:-1] = 0.01
    part.exchange(state, 0.0, 1.0)
    np.testing.assert_allclose(state.water[0][1:-1, 1], 2e-3, rtol=1e-12)
    np.testing.assert_allclose(state.water[0][1:-1, 2:-1], 3e-3, rtol=1e-12)
    np.testing.assert_allclose(state.water[2][1:-1, 2:-1], 0.01 * 3 / 5, rtol=1e-12)
    assert part.held() == pytest.approx(15 * AREA * 2e-3, rel=1e-12)
    part.exchange(state, 1.0, 5.0)
    assert float(state.water[0][1:-1, 1].max()) == 0.0
    assert part.accounts()["volume_depression"] == pytest.approx(12 * AREA * 2e-3, rel=1e-12)
    _add(state, 1e-3)
    part.exchange(state, 5.0, 5.0)
    np.testing.assert_allclose(state.water[0][1:-1, 2:-1], 4e-3, rtol=1e-12)


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_the_assumed_sewer_takes_its_capacity_into_its_own_account(make_layers, precision):
    """By hand: 10 mm less 1 mm held in depressions; 1e-5 m/s for 300 s takes 3 mm, for ever takes the 9 mm."""
    state, part = _ground(make_layers, "none", precision=precision, sink_capacity=1e-5, depression_storage=1e-3)
    _stand(state, 1e-2)
    for step in range(300):
        part.exchange(state, step, step + 1.0)
    rel = 1e-6 if precision == "f32" else 1e-12
    assert part.accounts()["volume_sink"] == pytest.approx(3e-3 * AREA * 15, rel=rel)
    assert "volume_infiltrated" not in part.accounts()
    part.exchange(state, 300.0, 3000.0)
    assert part.accounts()["volume_sink"] == pytest.approx(9e-3 * AREA * 15, rel=rel)
    assert float(state.water[0].max()) == 0.0


def _varied(rng, shape):
    """Parameters that differ from place to place, some of the ground sealed."""
    paved = rng.random(shape) < 0.3
    return {
        "saturated_hydraulic_conductivity": np.where(paved, 0.0, rng.choice([5e-7, 1.81e-6, 3.27e-5], shape)),
        "wetting_front_suction": rng.choice([0.05, 0.1668], shape),
        "moisture_deficit": rng.choice([0.0, 0.2], shape),
        "infiltration_initial": rng.choice([0.0, 2e-5], shape),
        "infiltration_final": np.zeros(shape),
        "infiltration_decay": np.full(shape, 1e-3),
        "depression_storage": rng.choice([0.0, 1e-3, 2.5e-3], shape),
        "sink_capacity": rng.choice([0.0, 7e-6], shape),
    }


@pytest.mark.parametrize("law", ["green_ampt", "horton", "constant"])
@pytest.mark.parametrize(("precision", "bar"), [("f64", 1e-12), ("f32", 1e-6)])
def test_an_hour_of_random_rain_is_accounted_for(make_layers, measured, law, precision, bar):
    rng = np.random.default_rng(5)
    shape = (40, 30)
    hole = rng.random(shape) < 0.1
    state, part = _ground(make_layers, law, precision, shape, hole=hole, **_varied(rng, shape))
    came, lowest = 0.0, 0.0
    for step in range(3600):
        rain = rng.random(shape) * (6e-5 if step < 1800 else 0.0)
        before = state.stored()
        _add(state, rain)
        came += state.stored() - before
        part.exchange(state, step, step + 1.0)
        lowest = min(lowest, float((state.water[0] + state.water[1]).min()))
    missing = state.stored() + part.held() + part.gone() - came
    case = f"An hour of random rain on soil, {law}, {precision}: volume"
    measured(case=case, source="the ledger", ours=abs(missing) / came, bar=bar)
    assert lowest == 0.0
    assert float(np.abs(state.water[0][1:-1, 1:-1][hole]).max()) == 0.0
    assert part.accounts()["volume_sink"] > 0.05 * came


@pytest.mark.parametrize("law", ["green_ampt", "horton"])
def test_neither_threads_nor_a_checkpoint_change_a_bit(make_layers, law):
    shape = (200, 120)

    def run(threads, stop):
        rng = np.random.default_rng(6)
        state, part = _ground(make_layers, law, "f32", shape, threads, **_varied(rng, shape))
        for step in range(40):
            if step == stop:
                saved = part.checkpoint()
                state2, part = _ground(
                    make_layers, law, "f32", shape, threads, **_varied(np.random.default_rng(6), shape)
                )
                part.restore(saved)
                state2.water = state.water
                state = state2
            _add(state, rng.random(shape) * 3e-4)
            part.exchange(state, step, step + 1.0)
        return state.water, part.checkpoint()

    one, two, three = run(1, None), run(3, None), run(2, 17)
    for other in (two, three):
        for mine, its in zip(one[0], other[0], strict=True):
            np.testing.assert_array_equal(mine, its)
        for name, values in one[1].items():
            np.testing.assert_array_equal(values, other[1][name])


def test_time_under_water_is_counted_in_ticks(make_layers):
    """By hand: 0.3 m for 60 s, then 0.12 m for 40 s, with spans that do not fit the ticks."""
    state, part = _ground(make_layers, "none")
    edges = np.linspace(0.0, 100.0, 78)
    for start, end in pairwise(edges):
        _stand(state, 0.3 if end <= 60.0 else 0.12)
        part.exchange(state, float(start), float(end))
    found = part.durations()
    assert found["duration_10"][0, 0] == 100.0
    assert abs(found["duration_25"][0, 0] - 60.0) <= DURATION_STEP
    assert found["duration_50"].max() == 0.0


def test_a_layer_stack_keeps_the_plain_soil_away(make_layers):
    state, part = _ground(make_layers, "green_ampt", layer_stack=0, depression_storage=1e-3, **SILT_LOAM)
    _stand(state, 0.01)
    part.exchange(state, 0.0, 10.0)
    np.testing.assert_array_equal(state.water[0][1:-1, 1:-1], 0.01)


def test_ground_without_the_layers_of_a_law_is_sealed_but_half_of_them_are_refused(make_layers):
    state, part = _ground(make_layers, "green_ampt")
    _stand(state, 0.01)
    part.exchange(state, 0.0, 10.0)
    assert part.accounts() == {}
    with pytest.raises(LayerError, match="wetting_front_suction"):
        _ground(make_layers, "green_ampt", saturated_hydraulic_conductivity=1e-6)
    with pytest.raises(LayerError, match="soil must be one of"):
        _ground(make_layers, "richards")
    with pytest.raises(LayerError, match="negative"):
        _ground(make_layers, "constant", saturated_hydraulic_conductivity=-1e-6)
    with pytest.raises(LayerError, match="'infiltration_initial' is below"):
        _ground(make_layers, "horton", **(HORTON | {"infiltration_final": 1.0}))


def test_more_combinations_than_a_class_can_name_are_refused(make_layers):
    shape = (300, 300)
    with pytest.raises(LayerError, match="65535 combinations"):
        _ground(make_layers, "none", shape=shape, sink_capacity=np.linspace(0, 1e-5, 90_000).reshape(shape))


def test_a_rerun_of_some_tiles_changes_those_alone_and_just_as_the_whole_run_would(make_layers):
    shape = (70, 150)

    def run(only):
        rng = np.random.default_rng(8)
        state, part = _ground(make_layers, "green_ampt", "f32", shape, **_varied(rng, shape))
        for step in range(20):
            _add(state, rng.random(shape) * 1e-4)
            state.tiles.only = only if step > 9 else None
            part.exchange(state, step, step + 1.0)
        return state.water, part

    only = np.zeros(Tiles(*shape).shape, bool)
    only[32 // TILE_ROWS : 64 // TILE_ROWS, 64 // TILE_COLUMNS :] = only[64 // TILE_ROWS :, : 64 // TILE_COLUMNS] = True
    mine = np.zeros(shape, bool)
    mine[32:64, 64:150] = mine[64:70, :64] = True
    (whole, one), (some, two) = run(None), run(only)
    np.testing.assert_array_equal(whole[0][1:-1, 1:-1][mine], some[0][1:-1, 1:-1][mine])
    assert (whole[0][1:-1, 1:-1][~mine] != some[0][1:-1, 1:-1][~mine]).mean() > 0.5
    saved = one.checkpoint()
    two.adopt(saved, ~mine)
    rest = np.nonzero(~mine)
    two.adopt_counts(np.stack([counts[rest] for counts in saved["soil_counts"]]), rest)
    for name in ("soil_memory", "soil_stored", "soil_counts"):
        np.testing.assert_array_equal(one.checkpoint()[name], two.checkpoint()[name])
