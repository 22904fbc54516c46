"""Walls on faces, roofs that drain to the street, levels and free sides, against hand values."""

import numpy as np
import pytest
import xarray as xr

from kernels.contract import LayerError
from kernels.flood.kernel import Flood
from kernels.flood.roof_gutters import RoofGutters
from kernels.flood.shallow_water import GRAVITY

NOTHING = xr.Dataset()


def _advance(kernel, layers, forcing, until):
    state = kernel.prepare(layers, forcing)
    kernel.advance(state, until)
    return kernel.observe(state), kernel.closure(state)


def _wall_after(column, crest, shape):
    wall = np.full((shape[0], shape[1] + 1), np.nan)
    wall[:, column] = crest
    return wall


@pytest.mark.parametrize("scheme", ["fv1", "fv2"])
@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_a_wall_higher_than_the_water_holds_it(make_layers, scheme, precision):
    shape = (6, 40)
    depth = np.zeros(shape)
    depth[:, :20] = 0.8
    layers = make_layers(np.zeros(shape), 1.0, water_depth=depth, wall_crest_x=_wall_after(20, 1.0, shape))
    frame, closure = _advance(
        Flood(scheme=scheme, precision=precision, boundary="closed", threads=1), layers, NOTHING, 300.0
    )
    np.testing.assert_array_equal(frame.water_depth.values, depth.astype(frame.water_depth.dtype))
    assert closure.error == 0.0


def test_a_wave_runs_up_a_wall_and_does_not_pass(make_layers):
    """A bore against a wall reflects; nothing arrives behind it, and the water comes to rest at its mean level."""
    shape = (4, 60)
    depth = np.zeros(shape)
    depth[:, :10] = 1.0
    layers = make_layers(np.zeros(shape), 1.0, water_depth=depth, wall_crest_x=_wall_after(30, 5.0, shape))
    frame, _ = _advance(Flood(boundary="closed", precision="f64", threads=1), layers, NOTHING, 3600.0)
    assert float(frame.water_depth[:, 30:].max()) == 0.0
    np.testing.assert_allclose(frame.water_depth.values[:, :30], 10 / 30, rtol=2e-3)


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_water_over_a_wall_follows_the_broad_crested_weir(make_layers, make_forcing, measured, precision):
    """q = (2/3)^(3/2) g^(1/2) H^(3/2), H with the velocity head (ISO 3846, without its losses); steady state."""
    shape, q, crest = (1, 60), 0.2, 1.0
    bed = np.zeros(shape)
    bed[:, 31:] = -2.0 - 0.02 * 2.0 * np.arange(29)
    layers = make_layers(bed, 2.0, wall_crest_x=_wall_after(30, crest, shape))
    inflow = make_forcing(inflow=([0.0, 1e5], [[q * 2.0]] * 2, [1.0], [1.0]))
    sides = {"west": "closed", "south": "closed", "north": "closed", "east": "open"}
    kernel = Flood(precision=precision, boundary=sides, threads=1)
    state = kernel.prepare(layers, inflow)
    kernel.advance(state, 2900.0)
    before = kernel.closure(state).ledger["volume_boundary_out"]
    kernel.advance(state, 3000.0)
    frame = kernel.observe(state)
    assert (kernel.closure(state).ledger["volume_boundary_out"] - before) / 100.0 / 2.0 == pytest.approx(q, rel=1e-3)
    head = (q / ((2 / 3) ** 1.5 * GRAVITY**0.5)) ** (2 / 3)
    h = float(frame.water_depth[0, 29])
    error = abs(h + (q / h) ** 2 / (2 * GRAVITY) - (crest + head))
    measured(case=f"Water over a wall, {precision}: head", source="broad-crested weir, ISO 3846", ours=error, bar=0.005,
             unit="m")  # fmt: skip


def test_a_drowned_wall_lets_the_levels_meet(make_layers):
    shape = (4, 40)
    depth = np.full(shape, 1.0)
    depth[:, :20] = 1.4
    layers = make_layers(np.zeros(shape), 1.0, water_depth=depth, wall_crest_x=_wall_after(20, 0.5, shape))
    frame, _ = _advance(Flood(boundary="closed", precision="f64", threads=1), layers, NOTHING, 1800.0)
    np.testing.assert_allclose(frame.water_depth.values, 1.2, rtol=2e-3)


def test_no_cell_is_raised_by_a_wall(make_layers, make_forcing):
    """Rain on both sides of a wall stands as deep beside it as elsewhere."""
    shape = (4, 20)
    layers = make_layers(np.zeros(shape), 1.0, wall_crest_x=_wall_after(10, 1.0, shape))
    frame, _ = _advance(
        Flood(boundary="closed", threads=1), layers, make_forcing(rain=([0.0, 100.0], [1e-5, 0.0])), 200.0
    )
    np.testing.assert_allclose(frame.water_depth.values, 1e-3, rtol=1e-5)


@pytest.mark.parametrize(("precision", "bar"), [("f64", 1e-13), ("f32", 1e-7)])
def test_rain_on_roofs_reaches_the_street_to_the_last_drop(make_layers, make_forcing, precision, bar):
    rng = np.random.default_rng(3)
    building = np.full((30, 40), -1, np.int32)
    for number in range(12):
        row, column = rng.integers(1, 24), rng.integers(1, 33)
        building[row : row + 5, column : column + 6] = number
    layers = make_layers(np.zeros(building.shape), 2.0, building_index=building)
    kernel = Flood(precision=precision, boundary="closed", threads=1)
    frame, closure = _advance(kernel, layers, make_forcing(rain=([0.0, 600.0], [2e-5, 0.0])), 900.0)
    fell = 2e-5 * 600 * building.size * 4.0
    assert closure.ledger["volume_rain"] == pytest.approx(fell, rel=1e-14)
    assert closure.ledger["volume_stored"] == pytest.approx(fell, rel=bar)
    assert np.isnan(frame.water_depth.values[building >= 0]).all()
    assert float(np.nansum(frame.water_depth.values.astype(float))) * 4.0 == pytest.approx(fell, rel=1e-5)


def test_gutters_share_a_roof_among_the_cells_around_it():
    """By hand: one roof of two cells among six neighbours by a face, each of which gets a third more."""
    building = np.full((3, 4), -1)
    building[1, 1:3] = 7
    reached = RoofGutters(building)(np.ones((3, 4)))
    wanted = np.ones((3, 4))
    wanted[1, 1:3] = 0
    for cell in ((0, 1), (0, 2), (2, 1), (2, 2), (1, 0), (1, 3)):
        wanted[cell] += 2 / 6
    np.testing.assert_allclose(reached, wanted, rtol=1e-15)


def test_a_house_without_ground_drains_with_its_block():
    building = np.full((5, 5), -1)
    building[1:4, 1:4] = 0
    building[2, 2] = 1
    reached = RoofGutters(building)(np.ones((5, 5)))
    assert reached.sum() == pytest.approx(25.0, rel=1e-15)
    assert reached[building >= 0].sum() == 0.0
    assert reached[0, 2] == pytest.approx(1 + 9 / 12)


def test_a_roof_with_no_ground_anywhere_is_refused():
    building = np.full((3, 3), -2)
    building[1, 1] = 0
    with pytest.raises(LayerError, match="cell y 1, x 1 has no open ground"):
        RoofGutters(building)


def test_cells_outside_get_no_rain_and_no_water(make_layers, make_forcing):
    index = np.full((10, 10), -1, np.int32)
    index[:, 6:] = -2
    layers = make_layers(np.zeros((10, 10)), 1.0, building_index=index)
    frame, closure = _advance(
        Flood(precision="f64", threads=1), layers, make_forcing(rain=([0.0, 60.0], [1e-5, 0.0])), 100.0
    )
    assert closure.ledger["volume_rain"] == pytest.approx(1e-5 * 60 * 60, rel=1e-14)
    assert np.isnan(frame.water_depth.values[:, 6:]).all()


def test_rain_as_a_map_falls_where_the_map_says(make_layers, make_forcing):
    rates = np.zeros((3, 4, 8))
    rates[0, :, :4] = 1e-5
    rates[1, :, 4:] = 3e-5
    wall = _wall_after(4, 1.0, (4, 8))
    layers = make_layers(np.zeros((4, 8)), 1.0, wall_crest_x=wall)
    frame, closure = _advance(
        Flood(precision="f64", boundary="closed", threads=1), layers,
        make_forcing(rain=([0.0, 100.0, 150.0], rates)), 200.0,
    )  # fmt: skip
    np.testing.assert_allclose(frame.water_depth.values[:, :4], 1e-3, rtol=1e-9)
    np.testing.assert_allclose(frame.water_depth.values[:, 4:], 1.5e-3, rtol=1e-9)
    assert closure.ledger["volume_rain"] == pytest.approx(16 * 1e-3 + 16 * 1.5e-3, rel=1e-12)


@pytest.mark.parametrize(
    "side", ["west", *(pytest.param(side, marks=pytest.mark.slow) for side in ("east", "south", "north"))]
)
def test_a_basin_behind_a_sill_keeps_the_level_of_the_sill(make_layers, make_forcing, measured, side):
    """In the manner of UK EA SC120002 test 1: fill past the sill by a level at one side, then let it fall."""
    line = np.full(60, 0.0)
    line[25:30] = 1.0
    bed = np.repeat(line[None, :], 3, 0)
    bed = {"west": bed, "east": bed[:, ::-1], "south": bed.T, "north": bed.T[::-1]}[side].copy()
    level = make_forcing(level=([0.0, 600.0, 2400.0, 3600.0], [[0.5], [1.5], [1.5], [0.2]], [side]))
    frame, closure = _advance(Flood(boundary="closed", threads=1), make_layers(bed, 2.0), level, 7200.0)
    depth = {"west": frame.water_depth.values, "east": frame.water_depth.values[:, ::-1],
             "south": frame.water_depth.values.T, "north": frame.water_depth.values[::-1].T}[side]  # fmt: skip
    error = np.abs(depth[:, 30:] - 1.0).max()
    case = f"A basin behind a sill, in the manner of test 1, from the {side}: level kept"
    measured(case=case, source="the sill", ours=error, bar=0.01, unit="m")
    np.testing.assert_allclose(depth[:, :25], 0.2, atol=0.01)
    assert closure.error <= 1e-6


def test_an_open_side_lets_water_leave_and_none_come_in(make_layers):
    bed = np.repeat(np.linspace(2.0, 0.0, 40)[None, :], 4, 0)
    layers = make_layers(bed, 1.0, water_depth=np.full(bed.shape, 0.1))
    sides = {"west": "closed", "south": "closed", "north": "closed", "east": "open"}
    _, closure = _advance(Flood(boundary=sides, precision="f64", threads=1), layers, NOTHING, 1800.0)
    assert closure.ledger["volume_boundary_in"] == 0.0
    assert closure.ledger["volume_boundary_out"] > 0.98 * closure.ledger["volume_initial"]


def test_maxima_and_arrival_remember_the_wave(make_layers):
    """A dam break passes: the maximum is higher than what is left, and water arrives later further on."""
    depth = np.zeros((2, 80))
    depth[:, :20] = 1.0
    kernel = Flood(boundary="open", precision="f64", threads=1, manning=0.0)
    state = kernel.prepare(make_layers(np.zeros(depth.shape), 1.0, water_depth=depth), NOTHING)
    kernel.advance(state, 60.0)
    found, left = kernel.summarise(state), kernel.observe(state)
    assert (found.max_water_depth.values >= left.water_depth.values).all()
    assert float(found.max_water_depth[0, 19]) > 3 * float(left.water_depth[0, 19])
    arrival = found.arrival_time.values[0]
    assert arrival[10] == 0.0
    assert (np.diff(arrival[20:60]) > 0).all()
    # Ritter's front runs at 2 √(g h0) and is thin: 5 cm arrive after it, but not long after
    reach = 40.0 / (2 * np.sqrt(GRAVITY))
    assert reach < arrival[59] < 3 * reach
    speed, hazard = float(found.max_water_speed.max()), float(found.max_hazard_rating.max())
    assert 2.0 < speed <= 2 * np.sqrt(GRAVITY) * 1.05
    assert hazard >= 1.0 * 0.5 + 1.0
