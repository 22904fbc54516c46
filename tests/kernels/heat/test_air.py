"""Air temperature: heat given is found again, exact solutions along a line, and heat islands of a few kelvin."""

import math

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.heat import air_box
from kernels.heat.air import AirModel
from kernels.heat.air_transport import face_weights, fitted, settle


def _line(cells, dx, speed, diffusivity, start, dt, steps, loss=0.0, first=None, last=None):
    """Transport along a line of unit cross-section through the module's own loops; ends held if given, else closed."""
    shape = (1, cells)
    flow, conductance = np.zeros((2, *shape)), np.zeros((2, *shape))
    flow[0, 0, :-1], conductance[0, 0, :-1] = speed, diffusivity / dx
    own_x, other_x, own_y, other_y = (np.zeros(shape) for _ in range(4))
    face_weights(flow, conductance, own_x, other_x, own_y, other_y)
    street, layer = np.array(start, float).reshape(shape), np.zeros((1, 1))
    for _ in range(steps):
        diagonal = np.full(shape, dx / dt) + own_x + loss * dx
        diagonal[:, 1:] += other_x[:, :-1]
        diagonal[0, 0] += max(-speed, 0.0) + (0.0 if first is None else 1e12)
        diagonal[0, -1] += max(speed, 0.0) + (0.0 if last is None else 1e12)
        known = street * dx / dt
        known[0, 0] += 0.0 if first is None else 1e12 * first
        known[0, -1] += 0.0 if last is None else 1e12 * last
        none = np.zeros(shape)
        blocks = np.array([[[1.0]], [[0.0]]])
        weights = own_x, other_x, own_y, other_y
        assert settle(diagonal, known, none, none, *weights, cells, blocks, np.zeros(3), street, layer) > 0
    return street[0]


def test_fitted_weight_is_bernoullis_function():
    """x / (e^x - 1), and B(-x) - B(x) = x, from series and limits."""
    x = np.array([-700.0, -20.0, -1.0, -1e-5, 0.0, 1e-5, 1.0, 20.0, 700.0])
    ours = np.array([fitted(v) for v in x])
    assert ours[4] == 1
    np.testing.assert_allclose(ours[2], 1 / (1 - math.exp(-1.0)), rtol=1e-14)
    np.testing.assert_allclose(ours[6], 1 / (math.e - 1), rtol=1e-14)
    np.testing.assert_allclose(ours[::-1] - ours, x, atol=1e-12)


@pytest.mark.parametrize("peclet", [0.05, 1.0, 8.0])
def test_steady_advection_and_diffusion_match_the_exponential(peclet, measured):
    """(e^{u x / K} - 1) / (e^{u L / K} - 1) between ends at 0 and 1; Scharfetter and Gummel: exact at the cells."""
    cells, dx, diffusivity = 40, 10.0, 2.0
    speed = peclet * diffusivity / dx
    ours = _line(cells, dx, speed, diffusivity, np.zeros(cells), 1e15, 1, first=0.0, last=1.0)
    x = np.arange(cells) * peclet
    exact = np.expm1(x) / math.expm1(x[-1])
    measured(case=f"Steady advection and diffusion along a line, cell Péclet {peclet:g}", source="exact exponential",
             ours=100 * np.abs(ours - exact).max(), bar=0.5, unit="%")  # fmt: skip


def test_gaussian_drifts_and_spreads_as_the_exact_one(measured):
    """exp(-(x - u t)² / (4 K (t + t0))) / sqrt(1 + t/t0); property 11 asks 0.5 % of the peak."""
    cells, dx, speed, diffusivity, t0, duration, steps = 400, 1.0, 0.5, 5.0, 60.0, 120.0, 4800
    x = (np.arange(cells) + 0.5) * dx - 150.0
    start = np.exp(-(x**2) / (4 * diffusivity * t0))
    ours = _line(cells, dx, speed, diffusivity, start, duration / steps, steps)
    t = duration
    exact = np.exp(-((x - speed * t) ** 2) / (4 * diffusivity * (t + t0))) / math.sqrt(1 + t / t0)
    measured(case="Gaussian carried and spread along a line", source="exact; property 11",
             ours=100 * np.abs(ours - exact).max() / exact.max(), bar=0.5, unit="%")  # fmt: skip


def test_heat_lost_upward_decays_along_the_wind_as_the_exponential(measured):
    """Steady u dT/dx = K T'' - k T: exp(r x) with r = (u - sqrt(u² + 4 k K)) / 2 K, air held at 1 upwind."""
    cells, dx, speed, diffusivity, loss = 400, 2.0, 1.0, 4.0, 0.01
    ours = _line(cells, dx, speed, diffusivity, np.zeros(cells), 1e15, 1, loss=loss, first=1.0)
    rate = (speed - math.sqrt(speed**2 + 4 * loss * diffusivity)) / (2 * diffusivity)
    exact = np.exp(rate * np.arange(cells) * dx)
    measured(case="Heat lost upward along a street", source="exact exponential", unit="%", bar=0.5,
             ours=100 * np.abs(ours - exact)[: cells // 2].max())  # fmt: skip


def _town(size=150, height=15.0):
    roof = np.zeros((size, size))
    for j in range(4, size - 10, 15):
        for i in range(4, size - 30, 35):
            roof[j : j + 10, i : i + 28] = height
    return roof == 0, roof


def _wind(open_mask, strength=0.2, seed=4):
    rng = np.random.default_rng(seed)
    fields = [rng.uniform(-0.3, 1, open_mask.shape).astype(np.float32) * strength for _ in range(2)]
    for field in fields:
        field[~open_mask] = np.nan
    return tuple(fields)


def _day(model, open_mask, hours=24, wind_speed=2.0, seed=8):
    """A day of heat that differs from cell to cell; what each step returned."""
    rng = np.random.default_rng(seed)
    wind, pattern = _wind(open_mask), rng.uniform(0, 2, open_mask.shape)
    out = []
    for hour in range(hours):
        sun = max(math.sin((hour - 6) / 12 * math.pi), 0)
        heat = (pattern * (20 + 250 * sun)).astype(np.float32)
        waste = np.full(open_mask.shape, 10, np.float32)
        out.append(model.step(heat, waste, wind_speed, 200.0 + 5 * hour, wind, 3600.0, 150 * sun - 20, 290 + 8 * sun))
    return out


@pytest.mark.parametrize("fetch", [0.0, 3000.0])
def test_all_heat_given_is_found_again(fetch, measured):
    """Property 11: 1e-9 over a day whose layer grows and sinks; the store is summed afresh here."""
    open_mask, roof = _town()
    model = AirModel(open_mask, roof, 2.0, upwind_fetch=fetch)
    _day(model, open_mask)
    street_air = model.street * model._open_area * model._depth
    stored = (street_air.sum() + (model.layer * model._block_area).sum() * model.depth) * air_box.HEAT_CAPACITY
    assert model.ledger["stored"] == pytest.approx(stored, rel=1e-9)
    assert abs(model.ledger["left_aloft"]) > 0
    measured(case=f"Heat of the air over a day, {fetch:g} m of city upwind", source="property 11",
             ours=model.closure, bar=1e-9, unit="1")  # fmt: skip


def test_heat_closes_on_a_grid_that_nothing_divides():
    open_mask, roof = (field[:143, :118] for field in _town())
    model = AirModel(open_mask, roof, 2.0)
    out = _day(model, open_mask, hours=6)
    assert model.closure < 1e-9
    assert out[-1].shape == (143, 118)
    assert np.isfinite(out[-1]).all()


def test_air_is_uniform_where_every_street_and_roof_gives_alike_whatever_the_wind_does():
    """Wind that converges and parts must not warm or cool: heat only moves, so equal air stays equal."""
    open_mask = np.ones((100, 100), bool)
    model = AirModel(open_mask, np.zeros((100, 100)), 2.0)
    wind, nothing = _wind(open_mask, strength=0.4), np.zeros((100, 100), np.float32)
    model.step(nothing, None, 2.0, 45.0, wind, 60.0, 0.0)  # finds the depth of its layer
    model.street[:], model.layer[:], model._upwind = 1.5, 1.5, 1.5
    warm = model.step(nothing, None, 2.0, 45.0, wind, 60.0, 0.0)
    assert warm[0, 0] == pytest.approx(1.5, rel=1e-6)
    np.testing.assert_allclose(warm, warm[0, 0], rtol=1e-6)


def test_given_heat_is_that_of_the_surfaces_beyond_the_reference():
    """By hand: (mean flux + waste - reference) times area times time."""
    open_mask, roof = _town(size=80)
    model = AirModel(open_mask, roof, 2.0)
    heat = np.where(open_mask, 120.0, 60.0).astype(np.float32)
    model.step(heat, np.full(heat.shape, 15, np.float32), 3.0, 90.0, _wind(open_mask), 1800.0, 40.0)
    expected = (heat.sum(dtype=float) + (15 - 40) * heat.size) * 4.0 * 1800
    assert model.ledger["given"] == pytest.approx(expected, rel=1e-9)


def test_open_grass_is_as_warm_as_the_weather_station():
    open_mask = np.ones((60, 60), bool)
    model = AirModel(open_mask, np.zeros((60, 60)), 2.0)
    wind = tuple(np.full((60, 60), 0.4, np.float32) for _ in range(2))
    for reference in (-20.0, 150.0, 80.0):
        heat = np.full((60, 60), reference, np.float32)
        assert np.abs(model.step(heat, None, 2.0, 225.0, wind, 3600.0, reference)).max() < 1e-9


def test_dense_block_is_a_few_kelvin_warmer_on_a_calm_night_and_less_in_wind(measured):
    """Oke (1982), doi:10.1002/qj.49710845502: heat islands of calm nights are some 2 to 10 K, gone in strong wind.

    Heat of walls and ground that go on giving 15 W m⁻² while grass takes 25 W m⁻² from the air.
    """
    open_mask, roof = _town()
    excess = {}
    for speed in (1.0, 2.0, 6.0):
        model = AirModel(open_mask, roof, 2.0)
        for _ in range(8):
            warm = model.step(np.full(roof.shape, 15, np.float32), None, speed, 225.0, _wind(open_mask), 3600.0, -25.0)
        excess[speed] = float(warm[open_mask].mean())
    assert excess[1.0] > excess[2.0] > excess[6.0] > 0
    assert 1.0 < excess[1.0] < 10.0
    measured(case="Heat island of a calm night at 1 m s⁻¹, dense block", source="Oke 1982: a few kelvin, 2 to 10",
             ours=excess[1.0], bar=10.0, unit="K", published="2 to 10 K")  # fmt: skip
    measured(case="Heat island of a windy night at 6 m s⁻¹, dense block", source="Oke 1982: gone in strong wind",
             ours=excess[6.0], bar=0.5, unit="K")  # fmt: skip


def test_a_hot_street_warms_what_lies_downwind_of_it():
    open_mask = np.ones((100, 100), bool)
    model = AirModel(open_mask, np.zeros((100, 100)), 5.0)
    heat = np.zeros((100, 100), np.float32)
    heat[48:52, 48:52] = 400.0
    wind = np.full((100, 100), 0.4, np.float32), np.zeros((100, 100), np.float32)
    warm = model.step(heat, None, 2.0, 270.0, wind, 3600.0, 0.0)
    assert warm[50, 60] > 10 * abs(warm[50, 40])
    assert warm[50, 56] > warm[50, 70] > warm[50, 90] > 0
    np.testing.assert_allclose(warm[50, 50:90], warm[49, 50:90], rtol=1e-4)  # the same on both sides of its axis


def test_state_goes_back_and_repeats_to_the_bit():
    open_mask, roof = _town(size=80)
    model = AirModel(open_mask, roof, 2.0)
    _day(model, open_mask, hours=5)
    state = model.state()
    first = _day(model, open_mask, hours=3)[-1]
    other = AirModel(open_mask, roof, 2.0, crew=Crew(2))
    other.restore(state)
    np.testing.assert_array_equal(_day(other, open_mask, hours=3)[-1], first)
    assert other.ledger == model.ledger


def test_state_of_another_grid_is_refused():
    small, large = (AirModel(*_town(size=n), 2.0) for n in (60, 80))
    with pytest.raises(LayerError, match="air's state"):
        small.restore(large.state())


def test_heat_that_is_not_finite_is_refused_before_it_spoils_the_air():
    open_mask, roof = _town(size=60)
    heat = np.full(roof.shape, 50, np.float32)
    model = AirModel(open_mask, roof, 2.0)
    with pytest.raises(LayerError, match="weather handed to the air is not finite"):
        model.step(heat, None, float("nan"), 0.0, _wind(open_mask), 3600.0, 0.0)
    heat[0, 0] = np.nan
    with pytest.raises(LayerError, match="heat handed to the air is not finite"):
        model.step(heat, None, 2.0, 0.0, _wind(open_mask), 3600.0, 0.0)
    assert not model.street.any()


def test_layer_grows_with_the_heat_of_the_morning_as_tennekes():
    """By hand: 2 MJ m⁻² is 1658 K m; h = sqrt(2 · 1.4 · 1658.4 / 0.005) = 963.7 m."""
    assert air_box.convective_depth(2e6) == pytest.approx(963.7, abs=0.1)
    assert air_box.mechanical_depth(0.25) == pytest.approx(300.0)
    assert air_box.mechanical_depth(0.0) == 50.0


def test_grass_gives_heat_by_day_and_takes_it_by_night():
    """By hand at 20 °C, 700 and 350 W m⁻²: net (539 + 350 - 418.74)/1.12 = 419.9; gamma/s = 66.5/144.9 = 0.459.

    H = 0.459/1.459 · 0.9 · 419.9 - 20 = 98.9 W m⁻².
    """
    assert float(air_box.grass_sensible(700.0, 350.0, 293.15)) == pytest.approx(98.9, abs=0.5)
    night = float(air_box.grass_sensible(0.0, 300.0, 288.15))
    assert -50 < night < -5
