"""Layer stacks against hand values: exact falling heads, steady states, and a balance that closes."""

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq

from kernels.contract import LayerError
from kernels.flood.kernel import Flood
from kernels.flood.layer_stacks import LayerStacks
from kernels.flood.layer_stacks_units import PARAMETERS
from kernels.flood.tiles import TILE_COLUMNS, TILE_ROWS, Tiles
from kernels.quantities import attrs

AREA = 4.0
SOIL = {
    "soil_thickness": 0.3, "soil_porosity": 0.45, "soil_field_capacity": 0.2, "soil_wilting_point": 0.1,
    "soil_moisture": 0.2, "soil_conductivity": 8e-6, "soil_conductivity_slope": 40.0, "soil_suction": 0.1,
}  # fmt: skip
STORAGE = {"storage_thickness": 0.3, "storage_void_fraction": 0.4}
PAVEMENT = {"pavement_thickness": 0.1, "pavement_void_fraction": 0.15, "pavement_conductivity": 5e-5}
DRAIN = {"drain_rate": 1e-5, "drain_exponent": 0.5, "drain_offset": 0.1}


def _table(*stacks):
    """Stacks along ``stack``; what one does not name is 0, its drain leads nowhere."""
    values = {name: [float(one.get(name.removeprefix("stack_"), 0.0)) for one in stacks] for name in PARAMETERS}
    values["stack_drain_node"] = [one.get("drain_node", -1) for one in stacks]
    return {name: ("stack", np.array(numbers), attrs(name)) for name, numbers in values.items()}


def _ground(make_layers, *stacks, which=0, shape=(2, 3), receive=None, precision="f64"):
    layers = make_layers(np.zeros(shape), 2.0).assign(_table(*stacks))
    layers["layer_stack"] = (("y", "x"), np.broadcast_to(which, shape).astype(np.int32), attrs("layer_stack"))
    state = Flood(precision=precision, boundary="closed", threads=1).prepare(layers, xr.Dataset())
    return state, LayerStacks.from_layers(layers, state.hole, state.area, receive)


def _pour(state, depth):
    rows, columns = np.nonzero(~state.hole)
    state.pour(rows, columns, np.full(rows.size, depth * AREA))


def _stand(state, depth):
    state.water[0][1:-1, 1:-1] = depth
    state.water[1][...] = 0.0


def test_a_wet_soil_drains_by_the_integral_of_its_percolation(make_layers):
    """dθ/dt = -K/D exp(-HCO (φ - θ)) from saturation: θ = φ - ln(1 + HCO K t / D) / HCO, whatever the spans."""
    state, part = _ground(make_layers, SOIL | STORAGE | {"soil_moisture": 0.45})
    for start, end in ((0.0, 1.0), (1.0, 3.5), (3.5, 600.0), (600.0, 4000.0)):
        part.exchange(state, start, end)
    fallen = np.log(1 + 40.0 * 8e-6 * 4000.0 / 0.3) / 40.0
    water = part.checkpoint()["layers_water"][:, 0]
    assert water[1] == pytest.approx(0.3 * (0.45 - fallen), rel=1e-12)
    assert water[2] == pytest.approx(0.3 * fallen, rel=1e-12)


def test_soil_stops_draining_at_its_field_capacity(make_layers):
    state, part = _ground(make_layers, SOIL | STORAGE | {"soil_moisture": 0.25})
    part.exchange(state, 0.0, 1e8)
    assert part.checkpoint()["layers_water"][1, 0] == pytest.approx(0.3 * 0.2, rel=1e-12)


@pytest.mark.parametrize(("exponent", "spans"), [(0.5, 7), (1.0, 7), (5 / 3, 7), (0.5, 700)])
def test_an_underdrain_empties_its_storage_as_the_law_of_its_head_says(make_layers, measured, exponent, spans):
    """φ dh/dt = -C hⁿ: Torricelli's line of the root for n = ½, an exponential for n = 1, the power law for 5/3."""
    sink = []
    stack = STORAGE | DRAIN | {"drain_exponent": exponent, "drain_node": 3}
    state, part = _ground(make_layers, stack, receive=lambda nodes, volumes: sink.append((nodes, volumes.sum())))
    _stand(state, 0.12)
    part.exchange(state, 0.0, 1e-9)  # 0.12 m fill the voids 0.3 m high
    rate, time, h0 = 1e-5 / 0.4, 7000.0, 0.2
    for step in range(spans):
        part.exchange(state, time / spans * step, time / spans * (step + 1))
    expected = {
        0.5: (np.sqrt(h0) - rate * time / 2) ** 2,
        1.0: h0 * np.exp(-rate * time),
        5 / 3: (h0 ** (-2 / 3) + 2 / 3 * rate * time) ** (-3 / 2),
    }[exponent]
    out = 0.4 * (h0 - expected) * AREA * 6
    error = abs(part.accounts()["volume_layers_delayed"] / out - 1)
    case = f"Underdrain of a layer stack, exponent {exponent:.2g}, {spans} spans: drained, relative"
    measured(case=case, source="its law integrated", ours=error, bar=1e-6)
    assert sum(volume for _, volume in sink) == pytest.approx(out, rel=1e-6)
    assert (np.concatenate([nodes for nodes, _ in sink]) == 3).all()


def test_ponded_water_enters_the_soil_layer_by_green_ampt(make_layers):
    """Expected: the implicit equation with S = (φ - θ) ψ, solved by bracketing, before the layer is full."""
    state, part = _ground(make_layers, SOIL | STORAGE)
    for step in range(600):
        _stand(state, 1.0)
        part.exchange(state, step, step + 1.0)
    S = 0.25 * 0.1
    F = brentq(lambda F: F - S * np.log1p(F / S) - 8e-6 * 600, 1e-15, 1.0, xtol=1e-15)
    assert part.held() == pytest.approx(F * AREA * 6, rel=1e-9)


@pytest.mark.parametrize(
    ("stack", "rate"),
    [
        (SOIL | {"seepage": 2e-6}, 2e-6),
        (SOIL | {"seepage": 2e-5}, 8e-6),
        (SOIL | STORAGE | {"seepage": 2e-6}, 2e-6),
        (PAVEMENT | STORAGE | {"seepage": 7e-5}, 5e-5),
        (PAVEMENT | SOIL | STORAGE | {"seepage": 2e-6}, 2e-6),
    ],
    ids=["native soil", "soil layer", "under storage", "pavement", "all layers"],
)
def test_a_full_stack_under_water_takes_what_its_tightest_layer_lets_through(make_layers, stack, rate):
    """By hand, in the long run: the least of pavement, soil and native soil."""
    state, part = _ground(make_layers, stack)
    for step in range(2000):
        _stand(state, 0.5)
        part.exchange(state, step * 60.0, step * 60.0 + 60.0)
    for step in range(500):
        _stand(state, 0.5)
        if step == 200:
            before = part.gone()
        part.exchange(state, 120_000.0 + step, 120_001.0 + step)
    assert (part.gone() - before) / 300 / AREA / 6 == pytest.approx(rate, rel=1e-3)


def test_steady_rain_on_permeable_paving_stands_where_seepage_and_drain_carry_it(make_layers):
    """By hand: i = f + C √h gives h above the drain; i = 5e-6, f = 2e-6, C = 1e-5: h = 0.09 m."""
    sink = []
    stack = PAVEMENT | STORAGE | DRAIN | {"seepage": 2e-6, "drain_node": 0}
    state, part = _ground(make_layers, stack, receive=lambda nodes, volumes: sink.append(volumes.sum()))
    for step in range(12_000):
        _pour(state, 5e-6 * 20)
        part.exchange(state, step * 20.0, step * 20.0 + 20.0)
    head = part.checkpoint()["layers_water"][2, 0] / 0.4 - 0.1
    assert head == pytest.approx(0.09, rel=3e-3)  # the rain of a span comes at its end: a saw of 2.5e-4 m
    assert float(state.water[0].max()) < 1e-9
    assert sink[-1] == pytest.approx(3e-6 * 20 * AREA * 6, rel=1e-3)


def test_a_drain_without_a_sewer_comes_up_on_its_cell(make_layers):
    state, part = _ground(make_layers, STORAGE | DRAIN | {"drain_node": 0})
    _stand(state, 0.12)
    part.exchange(state, 0.0, 1e-9)
    part.exchange(state, 1e-9, 50.0)
    assert part.accounts()["volume_layers_delayed"] > 0
    assert state.stored() == pytest.approx(part.accounts()["volume_layers_delayed"], rel=1e-9)


@pytest.mark.parametrize(("precision", "bar"), [("f64", 1e-12), ("f32", 1e-6)])
def test_hours_of_random_rain_on_all_kinds_are_accounted_for(make_layers, measured, precision, bar):
    rng = np.random.default_rng(2)
    stacks = [
        SOIL | {"seepage": 1e-6},
        SOIL | STORAGE | DRAIN | {"seepage": 1e-6},
        PAVEMENT | STORAGE | DRAIN | {"drain_exponent": 1.0, "drain_node": 1},
        PAVEMENT | SOIL | STORAGE | DRAIN | {"drain_exponent": 5 / 3},
    ]
    shape = (8, 9)
    led = []
    state, part = _ground(
        make_layers,
        *stacks,
        which=rng.integers(-1, 4, shape),
        shape=shape,
        receive=lambda nodes, volumes: led.append(volumes.sum()),
        precision=precision,
    )
    came = 0.0
    for step in range(6_000):
        before = state.stored()
        _pour(state, rng.random() * 2e-5 if step % 2000 < 700 else 0.0)
        came += state.stored() - before
        part.exchange(state, step * 2.0, step * 2.0 + 2.0)
    missing = abs(state.stored() + part.held() + part.gone() + sum(led) - came) / came
    measured(
        case=f"Hours of random rain on layer stacks, {precision}: volume", source="the ledger", ours=missing, bar=bar
    )
    assert float((state.water[0] + state.water[1]).min()) >= 0.0
    by_kind = part.balance()
    for name in ("volume_layers_infiltrated", "volume_layers_delayed", "volume_layers_held"):
        assert float(by_kind[name].sum()) == pytest.approx(part.accounts()[name], rel=1e-12)
    assert float(by_kind["volume_layers_spilled"].max()) == 0.0


def test_a_checkpoint_changes_no_bit(make_layers):
    stack = PAVEMENT | SOIL | STORAGE | DRAIN | {"seepage": 1e-6}

    def run(stop):
        state, part = _ground(make_layers, stack)
        for step in range(200):
            if step == stop:
                saved = part.checkpoint()
                water = state.water
                state, part = _ground(make_layers, stack)
                state.water = water
                part.restore(saved)
            _pour(state, 1e-4)
            part.exchange(state, step * 3.0, step * 3.0 + 3.0)
        return state.water[0], part.checkpoint()

    one, two = run(None), run(77)
    np.testing.assert_array_equal(one[0], two[0])
    for name, values in one[1].items():
        np.testing.assert_array_equal(values, two[1][name])


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        ({}, "no layer at all"),
        (SOIL | {"soil_porosity": 0.15}, "they must rise"),
        (SOIL | {"soil_moisture": 0.5}, "outside 0.1 to 0.45"),
        (STORAGE | {"storage_void_fraction": 0.0}, "voids"),
        (SOIL | {"seepage": -1.0}, "must be 0 or more"),
    ],
)
def test_a_stack_that_cannot_be_built_is_named(make_layers, stack, words):
    with pytest.raises(LayerError, match=words):
        _ground(make_layers, stack)


def test_cells_that_name_stacks_need_a_table_of_them(make_layers):
    with pytest.raises(LayerError, match="stack 4, the layers have 1"):
        _ground(make_layers, SOIL, which=4)
    layers = make_layers(np.zeros((2, 2)), 1.0)
    assert LayerStacks.from_layers(layers, np.zeros((2, 2), bool), 1.0) is None
    layers["layer_stack"] = (("y", "x"), np.zeros((2, 2), np.int32), attrs("layer_stack"))
    with pytest.raises(LayerError, match="lack stack_surface_storage"):
        LayerStacks.from_layers(layers, np.zeros((2, 2), bool), 1.0)


def test_a_rerun_of_some_tiles_leaves_the_stacks_of_others_alone_and_may_adopt_them(make_layers):
    shape = (40, 130)
    stack = SOIL | STORAGE | {"seepage": 1e-6}
    everywhere, here = np.zeros(shape, np.int32), np.full(shape, -1, np.int32)
    here[:, :70] = 0

    def run(which, only):
        state, part = _ground(make_layers, stack, which=which, shape=shape)
        _stand(state, 0.02)
        state.tiles.only = only
        for step in range(20):
            part.exchange(state, step, step + 1.0)
        return state.water[0][1:-1, 1:-1], part

    only = np.zeros(Tiles(*shape).shape, bool)
    only[: 32 // TILE_ROWS, 64 // TILE_COLUMNS : 128 // TILE_COLUMNS] = True
    whole, one = run(everywhere, None)
    some, two = run(here, only)
    np.testing.assert_array_equal(some[:32, 64:70], whole[:32, 64:70])
    assert (some[:, :64] == 0.02).all()
    two.adopt(one.checkpoint(), np.ones(shape, bool))
    np.testing.assert_array_equal(
        two.checkpoint()["layers_water"], one.checkpoint()["layers_water"].reshape(4, *shape)[:, :, :70].reshape(4, -1)
    )
