"""What must hold whatever the case: rest, symmetry, threads, restart, mass, no negative depth."""

import numpy as np
import pytest
import xarray as xr

from kernels.contract import KernelError, LayerError, run
from kernels.flood.kernel import Flood
from kernels.flood.state import SMALL

NOTHING = xr.Dataset()


def _advance(kernel, layers, forcing, until):
    state = kernel.prepare(layers, forcing)
    kernel.advance(state, until)
    return kernel.observe(state), kernel.closure(state), state


def _hills(size=48, cell=2.0):
    """A hilly bed with four buildings, water in its hollows and rain: everything at once, and no symmetry."""
    rng = np.random.default_rng(7)
    x = (np.arange(size) + 0.5) * cell
    X, Y = np.meshgrid(x, x)
    bed = 30 + np.sin(X / 9) + np.cos(Y / 13) + 0.01 * X + 0.05 * rng.random((size, size))
    building = np.full((size, size), -1, np.int32)
    for number, (row, column) in enumerate([(5, 8), (20, 30), (33, 12), (36, 36)]):
        building[row : row + 5, column : column + 7] = number
    depth = np.where((building < 0) & (X < 40), np.maximum(30.5 - bed, 0), 0.0)
    manning = np.where(X > Y, 0.03, 0.015)
    walls_x = np.full((size, size + 1), np.nan)
    walls_x[10:20, 24] = 30.8
    walls_y = np.full((size + 1, size), np.nan)
    walls_y[30, 20:28] = 31.0
    return {
        "bed": bed, "building_index": building, "water_depth": depth, "manning_roughness": manning,
        "wall_crest_x": walls_x, "wall_crest_y": walls_y,
    }  # fmt: skip


def _layers(make_layers, parts, cell=2.0):
    rest = dict(parts)
    return make_layers(rest.pop("bed"), cell, **rest)


@pytest.mark.parametrize(
    ("scheme", "precision", "bar"),
    [
        ("fv2", "f32", 1e-5),
        ("inertia", "f32", 1e-5),
        ("inertia", "f64", 1e-12),
        pytest.param("fv1", "f32", 1e-5, marks=pytest.mark.slow),
        pytest.param("fv1", "f64", 1e-12, marks=pytest.mark.slow),
        pytest.param("fv2", "f64", 1e-12, marks=pytest.mark.slow),
    ],
)
def test_lake_at_rest_stays_over_bumps_under_and_over_it(make_layers, measured, scheme, precision, bar):
    """Property C of Audusse et al. (2004): an hour of nothing, with walls and a building in the lake."""
    x = (np.arange(60) + 0.5) * 2.0
    X, Y = np.meshgrid(x, x)
    bed = 40 + 0.6 * np.exp(-((X - 30) ** 2 + (Y - 40) ** 2) / 200) + 2 * np.exp(-((X - 80) ** 2 + (Y - 70) ** 2) / 300)
    building = np.full(bed.shape, -1, np.int32)
    building[10:14, 30:40] = 0
    wall = np.full((60, 61), np.nan)
    wall[5:30, 20] = 40.7
    depth = np.where(building < 0, np.maximum(41.0 - bed, 0.0), 0.0)
    layers = make_layers(bed, 2.0, water_depth=depth, building_index=building, wall_crest_x=wall)
    frame, closure, state = _advance(
        Flood(scheme=scheme, precision=precision, boundary="closed", threads=1), layers, NOTHING, 3600.0
    )
    fastest = max(float(np.abs(frame[name]).max()) for name in ("water_velocity_x", "water_velocity_y"))
    moved = float(np.abs(frame.water_depth - depth).max())
    case, source = f"Lake at rest over bumps, a wall and a building, 1 h, {scheme}, {precision}", "nothing may move"
    measured(case=f"{case}: velocity", source=source, ours=fastest, bar=bar, unit="m/s")
    measured(case=f"{case}: level", source=source, ours=moved, bar=bar, unit="m")
    assert closure.error <= 1e-12
    assert state.steps > 1000


def _turn(parts, how):
    """The same scene mirrored or turned; faces go with their cells."""
    swap = how in ("turned", "transposed")
    moved = {}
    for name, values in parts.items():
        target = {"wall_crest_x": "wall_crest_y", "wall_crest_y": "wall_crest_x"}.get(name, name) if swap else name
        moved[target] = _move(values, how)
    return moved


def _move(values, how):
    if how == "west-east":
        return values[:, ::-1].copy()
    if how == "south-north":
        return values[::-1].copy()
    if how == "transposed":
        return values.T.copy()
    return np.rot90(values).copy()


@pytest.mark.parametrize("scheme", ["fv1", "fv2", "inertia"])
@pytest.mark.parametrize("how", ["west-east", "south-north", "transposed", "turned"])
def test_mirrored_and_turned_scenes_give_the_same_bits(make_layers, make_forcing, scheme, how):
    kernel = Flood(scheme=scheme, precision="f64", threads=1)
    rain = make_forcing(rain=([0.0, 60.0], [1e-4, 0.0]))
    plain, _, _ = _advance(kernel, _layers(make_layers, _hills()), rain, 90.0)
    moved, _, _ = _advance(kernel, _layers(make_layers, _turn(_hills(), how)), rain, 90.0)
    np.testing.assert_array_equal(moved.water_depth.values, _move(plain.water_depth.values, how))
    u, v = _move(plain.water_velocity_x.values, how), _move(plain.water_velocity_y.values, how)
    # rot90 on rows that run north is a quarter turn clockwise: east becomes south, north becomes east
    u, v = {"west-east": (-u, v), "south-north": (u, -v), "transposed": (v, u), "turned": (v, -u)}[how]
    np.testing.assert_array_equal(moved.water_velocity_x.values, u)
    np.testing.assert_array_equal(moved.water_velocity_y.values, v)
    assert float(np.abs(moved.water_velocity_x).max()) > 0.1


@pytest.mark.parametrize("scheme", ["fv1", "fv2", "inertia"])
@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_the_number_of_threads_changes_no_bit(make_layers, make_forcing, scheme, precision):
    # more cells than one thread would be left alone with
    layers, rain = _layers(make_layers, _hills(size=144)), make_forcing(rain=([0.0, 60.0], [1e-4, 0.0]))
    assert layers.ground_elevation.size > SMALL
    found = [
        _advance(Flood(scheme=scheme, precision=precision, threads=threads), layers, rain, 30.0)
        for threads in (1, 2, 5)
    ]
    for frame, closure, _ in found[1:]:
        xr.testing.assert_identical(frame, found[0][0])
        assert closure == found[0][1]


@pytest.mark.parametrize("scheme", ["fv1", "fv2", "inertia"])
@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_a_restart_is_the_same_run_bit_for_bit(make_layers, make_forcing, scheme, precision):
    layers = _layers(make_layers, _hills())
    forcing = make_forcing(
        rain=([0.0, 45.0, 80.0], [1e-4, 2e-4, 0.0]),
        inflow=([0.0, 45.0, 80.0], [[0.0], [2.0], [0.0]], [61.0], [33.0]),
        level=([0.0, 45.0, 80.0], [[29.0], [30.4], [29.5]], ["west"]),
    )
    kernel = Flood(scheme=scheme, precision=precision, threads=2)
    straight = kernel.prepare(layers, forcing)
    kernel.advance(straight, 37.5)
    saved = {name: np.array(part) for name, part in kernel.checkpoint(straight).items()}
    kernel.advance(straight, 90.0)
    resumed = kernel.restore(layers, forcing, saved)
    kernel.advance(resumed, 90.0)
    xr.testing.assert_identical(kernel.observe(resumed), kernel.observe(straight))
    xr.testing.assert_identical(kernel.summarise(resumed), kernel.summarise(straight))
    assert kernel.closure(resumed) == kernel.closure(straight)
    assert resumed.steps == straight.steps


@pytest.mark.parametrize("scheme", ["fv1", "fv2", "inertia"])
@pytest.mark.parametrize(("precision", "bar"), [("f64", 1e-12), ("f32", 1e-6)])
def test_mass_closes_with_every_account_open(make_layers, make_forcing, measured, scheme, precision, bar):
    """|V - V0 - Σin + Σout| / Σin, as the specification states it; depth never under zero at any output."""
    layers = _layers(make_layers, _hills())
    times = [0.0, 100.0, 300.0, 500.0]
    forcing = make_forcing(
        rain=(times, [1e-5, 4e-5, 0.0, 0.0]),
        inflow=(times, [[0.0], [3.0], [1.0], [0.0]], [61.0], [33.0]),
        level=(times, [[28.0], [30.9], [28.5], [28.5]], ["west"]),
    )
    kernel = Flood(scheme=scheme, precision=precision)
    frames = run(kernel, layers, forcing, [50.0, 150.0, 300.0, 600.0])
    lowest = min(float(next(frames).water_depth.min()) for _ in range(4))
    with pytest.raises(StopIteration) as stop:
        next(frames)
    volume = stop.value.value.closure.ledger
    came = volume["volume_rain"] + volume["volume_inflow"] + volume["volume_boundary_in"]
    missing = volume["volume_stored"] - volume["volume_initial"] - came + volume["volume_boundary_out"]
    case = f"Rain, inflow, stage, open sides, walls and buildings, {scheme}, {precision}: volume"
    measured(case=case, source="the ledger", ours=abs(missing) / came, bar=bar)
    assert lowest >= 0.0
    # each account by hand: rain on the whole grid (roofs too), trapezoids of the hydrograph
    assert volume["volume_rain"] == pytest.approx((1e-5 * 100 + 4e-5 * 200) * 96.0**2, rel=1e-12)
    assert volume["volume_inflow"] == pytest.approx(150.0 + 400.0 + 100.0, rel=1e-12)
    assert volume["volume_boundary_in"] > 10.0
    assert volume["volume_boundary_out"] > 10.0


@pytest.mark.parametrize("scheme", ["fv2", "inertia"])
def test_a_draining_slope_never_goes_negative(make_layers, scheme):
    """Thin water on a staircase of cliffs, where a plain explicit scheme overdraws its cells."""
    bed = np.repeat(np.linspace(20, 0, 10), 4)[None, :].repeat(6, 0)
    layers = make_layers(bed, 1.0, water_depth=np.full(bed.shape, 0.02))
    kernel = Flood(scheme=scheme, precision="f64", manning=0.0, threads=1)
    state = kernel.prepare(layers, NOTHING)
    for until in np.arange(0.5, 30.5, 0.5):
        kernel.advance(state, until)
        assert float(kernel.observe(state).water_depth.min()) >= 0.0
    assert kernel.closure(state).error <= 1e-12


def test_not_a_number_is_named_with_its_cell(make_layers):
    bed = np.zeros((4, 5))
    bed[2, 3] = np.nan
    with pytest.raises(LayerError, match=r"ground_elevation.*'y': 2, 'x': 3"):
        Flood().prepare(make_layers(bed, 1.0), NOTHING)


def test_negative_rain_is_named_with_its_time(make_layers, make_forcing):
    with pytest.raises(LayerError, match=r"rainfall_rate.*negative.*time 1 \(60\)"):
        Flood().prepare(make_layers(np.zeros((4, 5)), 1.0), make_forcing(rain=([0.0, 60.0], [1e-6, -1e-6])))


def test_negative_depth_is_named_with_its_cell(make_layers):
    depth = np.zeros((4, 5))
    depth[1, 2] = -0.5
    with pytest.raises(LayerError, match=r"water_depth.*-0\.5.*y 1 \(1\.5\), x 2 \(2\.5\)"):
        Flood().prepare(make_layers(np.zeros((4, 5)), 1.0, water_depth=depth), NOTHING)


def test_missing_terrain_is_said(make_layers):
    layers = make_layers(np.zeros((4, 5)), 1.0).drop_vars("ground_elevation")
    with pytest.raises(LayerError, match="needs 'ground_elevation'"):
        Flood().prepare(layers, NOTHING)


def test_a_wall_outside_the_grid_is_refused(make_layers):
    layers = make_layers(np.zeros((4, 5)), 1.0, wall_crest_x=np.full((4, 8), 1.0))
    with pytest.raises(LayerError, match=r"wall_crest_x.*\(4, 6\).*outside the grid"):
        Flood().prepare(layers, NOTHING)


@pytest.mark.parametrize("x", [-0.5, 5.5])
def test_an_inflow_outside_the_grid_is_refused(make_layers, make_forcing, x):
    forcing = make_forcing(inflow=([0.0, 10.0], [[1.0], [1.0]], [x], [1.0]))
    with pytest.raises(LayerError, match=r"inflow 0 at .* outside the grid"):
        Flood().prepare(make_layers(np.zeros((4, 5)), 1.0), forcing)


def test_an_inflow_in_a_building_is_refused(make_layers, make_forcing):
    building = np.full((4, 5), -1, np.int32)
    building[1, 2] = 0
    forcing = make_forcing(inflow=([0.0, 10.0], [[1.0], [1.0]], [2.5], [1.5]))
    with pytest.raises(LayerError, match=r"inflow 0 at .* on a building"):
        Flood().prepare(make_layers(np.zeros((4, 5)), 1.0, building_index=building), forcing)


def test_a_step_that_cannot_be_stable_names_its_cell(make_layers):
    """A speed of 10^9 m/s in one cell: no step above the shortest is stable."""
    speed = np.zeros((4, 5))
    speed[2, 3] = 1e9
    layers = make_layers(np.zeros((4, 5)), 1.0, water_depth=np.ones((4, 5)), water_velocity_x=speed)
    kernel = Flood(precision="f64")
    with pytest.raises(KernelError, match=r"no stable step at 0 s: cell y 2, x 3 \(centre 3\.500, 2\.500\)"):
        kernel.advance(kernel.prepare(layers, NOTHING), 1.0)


def test_water_that_is_no_number_stops_the_run_and_names_its_cell(make_layers):
    layers = make_layers(np.zeros((40, 50)), 1.0, water_depth=np.ones((40, 50)))
    for part in range(4):
        if part == 1:
            continue
        kernel = Flood(precision="f64", threads=1)
        state = kernel.prepare(layers, NOTHING)
        state.water[part][18, 4] = np.nan
        with pytest.raises(KernelError, match=r"not finite.*cell y 1[5-8], x [2-5] "):
            kernel.advance(state, 5.0)


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"scheme": "fv3"}, "scheme must be one of fv2, fv1, inertia"),
        ({"precision": "f16"}, "precision must be one of f32, f64"),
        ({"boundary": "wet"}, "'wet'"),
        ({"boundary": {"up": "open"}}, "'up'"),
        ({"threads": 0}, "threads must be 1 or more"),
        ({"manning": -1.0}, "manning must be"),
    ],
)
def test_wrong_knobs_are_refused(knobs, words):
    with pytest.raises(LayerError, match=words):
        Flood(**knobs)


def test_time_only_goes_on(make_layers):
    kernel = Flood()
    state = kernel.prepare(make_layers(np.zeros((4, 5)), 1.0), NOTHING)
    kernel.advance(state, 10.0)
    assert state.time == 10.0
    with pytest.raises(LayerError, match="time only goes on"):
        kernel.advance(state, 5.0)
