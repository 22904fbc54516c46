"""The columns of heat against closed forms of conduction, and their books."""

import numpy as np
import pytest

from kernels.crew import Crew
from kernels.heat.columns import ABSORBED, BELOW, EMITTED, LANE, LATENT, LONGWAVE_IN, SENSIBLE, STORED, advance_cells
from kernels.heat.slabs import NODES, Slab, damping_depth
from kernels.heat.surfaces import Materials, Weather

CARSLAW = "Carslaw and Jaeger, Conduction of Heat in Solids, 2nd ed. 1959, section 2.9"
DAY = 86400.0
BLACKLESS = 1e-9
"""Emissivity of a surface that neither radiates nor takes long-wave radiation. [1]"""
STILL = Weather(300.0, 0.5, 0.0)
SOLIDS = [("asphalt", 0.75, 1.94e6), ("stone", 2.19, 2.25e6), ("dry peat", 0.06, 0.58e6)]  # Oke 1987


def bare(conductivity: float, capacity: float, thickness: float = np.inf, resistance: float = np.inf) -> Materials:
    """A column that trades with nothing but the flux it is given."""
    slab = Slab(conductivity, capacity, thickness, resistance, 300.0, BLACKLESS, 0.0, 0.0, 0.0, 0.0)
    return Materials(np.array([1], np.uint16), (slab, slab))


def march(materials: Materials, flux, dt: float, steps: int, start: float = 300.0) -> np.ndarray:
    """Temperature of the surface at the end of each step under a flux that runs straight from one to the next."""
    cells = materials.kind.size
    temperature = np.full((NODES, cells), start, np.float32)
    nothing, out, ledger = np.zeros(cells, np.float32), np.empty((2, cells), np.float32), materials.ledger()
    found = np.empty(steps)
    for step in range(steps):
        before, now = (np.full(cells, flux(t), np.float32) for t in (step * dt, (step + 1) * dt))
        materials.advance(
            temperature, now, nothing, STILL, dt, out[0], out[1], ledger, before=(before, nothing, STILL)
        )  # fmt: skip
        found[step] = temperature[0, 0]
    return found


def wave(found: np.ndarray, dt: float, period: float) -> tuple[float, float]:
    """Amplitude [K] and lag [s] of the last period against a sine."""
    steps = round(period / dt)
    phase = 2 * np.pi / period * dt * np.arange(found.size - steps + 1, found.size + 1)
    sine, cosine = (2 * np.mean(found[-steps:] * one) for one in (np.sin(phase), np.cos(phase)))
    return float(np.hypot(sine, cosine)), float(-np.arctan2(cosine, sine) / (2 * np.pi) * period)


@pytest.mark.parametrize("dt", [600.0, 1800.0, 3600.0])
@pytest.mark.parametrize(("solid", "conductivity", "capacity"), SOLIDS)
def test_a_day_of_flux_warms_ground_as_it_does_a_half_space(measured, solid, conductivity, capacity, dt) -> None:
    omega, flux = 2 * np.pi / DAY, 200.0
    found = march(bare(conductivity, capacity), lambda t: flux * np.sin(omega * t), dt, round(12 * DAY / dt))
    amplitude, lag = wave(found, dt, DAY)
    exact = flux / np.sqrt(omega * conductivity * capacity)
    case = f"Daily wave in {solid}, steps of {dt / 60:g} min"
    measured(case=f"{case}: amplitude", source=CARSLAW, ours=100 * abs(amplitude / exact - 1), bar=1.0, unit="%")
    measured(case=f"{case}: lag of 3 h", source=CARSLAW, ours=abs(lag - DAY / 8) / 60, bar=5.0, unit="min")


@pytest.mark.parametrize(("period", "dt", "waves"), [(7200.0, 300.0, 40), (5 * DAY, 3600.0, 12)])
def test_waves_of_two_hours_and_of_five_days_are_those_of_a_half_space_too(measured, period, dt, waves) -> None:
    conductivity, capacity = 0.75, 1.94e6
    omega, flux, steps = 2 * np.pi / period, 200.0, round(waves * period / dt)
    found = march(bare(conductivity, capacity), lambda t: flux * np.sin(omega * t), dt, steps)
    amplitude, lag = wave(found, dt, period)
    exact = flux / np.sqrt(omega * conductivity * capacity)
    case = f"Wave of {period / 3600:g} h in asphalt"
    measured(case=f"{case}: amplitude", source=CARSLAW, ours=100 * abs(amplitude / exact - 1), bar=1.5, unit="%")
    measured(case=f"{case}: lag", source=CARSLAW, ours=100 * abs(lag / (period / 8) - 1), bar=3.0, unit="%")


def test_a_clear_night_cools_ground_with_the_root_of_time(measured) -> None:
    # Brunt 1932: net radiation lost at a constant rate, ΔT = 2 G √t / √(π k ρc); Carslaw and Jaeger 2.9 (7)
    conductivity, capacity, loss = 0.92, 2.26e6, 80.0
    found = march(bare(conductivity, capacity), lambda t: -loss, 600.0, 60)
    hours = 600.0 * np.arange(1, 61)
    exact = 300.0 - 2 * loss * np.sqrt(hours) / np.sqrt(np.pi * conductivity * capacity)
    late = hours >= 3600.0
    error = np.abs((found - exact) / (300.0 - exact))[late].max()
    measured(case="A night's cooling of soil, 1 to 10 h", source=f"{CARSLAW}; Brunt 1932", ours=100 * error, bar=1.5,
             unit="%")  # fmt: skip


def test_a_slab_over_a_resistance_settles_on_the_straight_line() -> None:
    # heat passes a slab and what lies behind it in series: T = T_behind + G (L/k + R), EN ISO 6946
    conductivity, thickness, resistance, flux = 0.84, 0.05, 1.6, 10.0
    materials = bare(conductivity, 1.77e6, thickness, resistance)
    found = march(materials, lambda t: flux, 1e6, 40)
    assert found[-1] == pytest.approx(300.0 + flux * (thickness / conductivity + resistance), abs=1e-3)


@pytest.mark.parametrize(("thickness", "resistance"), [(0.29, 0.165), (0.05, 1.6), (0.02, 2.7), (0.2, 0.165)])
def test_a_wall_or_roof_takes_a_daily_wave_as_the_exact_slab_does(measured, thickness, resistance) -> None:
    # admittance of a slab before a resistance: Carslaw and Jaeger 3.7, as in EN ISO 13786
    conductivity, capacity, flux = 0.77, 1.8e6, 50.0
    omega = 2 * np.pi / DAY
    found = march(
        bare(conductivity, capacity, thickness, resistance), lambda t: flux * np.sin(omega * t), 1800.0, 48 * 20
    )
    amplitude, lag = wave(found, 1800.0, DAY)
    q = np.sqrt(1j * omega * capacity / conductivity)
    own, through = 1 / (conductivity * q), np.tanh(q * thickness)
    exact = own * (resistance + own * through) / (own + resistance * through)
    case = f"Daily wave at a slab of {100 * thickness:g} cm before {resistance:g} m² K/W"
    source = "Carslaw and Jaeger 1959, section 3.7; EN ISO 13786"
    measured(
        case=f"{case}: amplitude", source=source, ours=100 * abs(amplitude / flux / abs(exact) - 1), bar=1.5, unit="%"
    )
    late = abs(lag + np.angle(exact) / omega) / 60
    measured(case=f"{case}: lag", source=source, ours=late, bar=5.0, unit="min")


def test_capacities_of_a_slab_are_all_of_it_and_its_nodes_reach_its_back() -> None:
    slab = Slab(0.77, 1.8e6, 0.29, 0.165, 297.0, 0.9)
    assert slab.capacities().sum() == pytest.approx(0.29 * 1.8e6)
    assert slab.spacings().sum() == pytest.approx(0.29)
    assert (slab.capacities() > 0).all()


def test_the_damping_depth_of_clay_is_that_of_the_textbook() -> None:
    # Oke 1987, table 2.1: saturated clay, k 1.58, C 3.10e6; κ 0.51e-6 m²/s; the day reaches √(2κ/ω) = 0.118 m
    assert damping_depth(1.58, 3.10e6) == pytest.approx(np.sqrt(0.51e-6 * DAY / np.pi), rel=0.005)


def random_city(cells: int, seed: int = 4) -> tuple[Materials, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(seed)
    slabs = [Slab(1.0, 1e6, 1.0, 1.0, 291.0, 1.0)]
    for wetness in (0.0, 0.1, 0.6, 1.0):
        for roof in (False, True):
            slabs.append(Slab.of(rng.uniform(0.2, 2), rng.uniform(1e6, 3e6), rng.uniform(0.85, 1), wetness, roof))
    slabs.append(Slab.of(0.57, 4.18e6, 0.96, 1.0))
    kind = rng.integers(1, len(slabs), cells).astype(np.uint16)
    temperature = (293 + rng.normal(0, 5, (NODES, cells))).astype(np.float32)
    return Materials(kind, tuple(slabs)), temperature, rng


def run_a_day(materials: Materials, temperature: np.ndarray, rng: np.random.Generator, crew: Crew | None = None):
    cells = materials.kind.size
    ledger, out = materials.ledger(), np.empty((2, cells), np.float32)
    before = None
    for hour in range(1, 25):
        sun = max(0.0, np.sin((hour - 5) / 16 * np.pi))
        now = (
            (rng.uniform(0, 900, cells) * sun).astype(np.float32),
            rng.uniform(330, 460, cells).astype(np.float32),
            Weather(293 + 8 * sun, 0.5, 2.0),
        )
        materials.advance(temperature, *now, 3600.0, out[0], out[1], ledger, before=before, crew=crew)
        before = now
    return ledger, out


def test_what_is_absorbed_is_emitted_given_to_the_air_evaporated_led_below_or_stored(measured) -> None:
    materials, temperature, rng = random_city(5 * LANE + 17)
    began = temperature.astype(float)
    ledger, _ = run_a_day(materials, temperature, rng)
    book = ledger.sum(0)
    came, went = book[ABSORBED] + book[LONGWAVE_IN], book[[EMITTED, SENSIBLE, LATENT, BELOW]].sum()
    capacity = np.column_stack([one.capacities() for one in materials.slabs])[:, materials.kind]
    stored = (capacity * (temperature.astype(float) - began)).sum()
    assert book[STORED] == pytest.approx(stored, rel=1e-4)
    assert abs(book[ABSORBED]) > 0
    assert book[LATENT] > 0
    measured(case="Energy of the surfaces over a day, per energy that came", source="first law",
             ours=abs(came - went - stored) / came, bar=1e-5)  # fmt: skip


def test_blocks_and_threads_change_nothing() -> None:
    alone, temperature, rng = random_city(400 * LANE + 3)
    shared = temperature.copy()
    first, out = run_a_day(alone, temperature, rng)
    again, _, rng = random_city(400 * LANE + 3)
    second, out_again = run_a_day(again, shared, rng, Crew(2))
    np.testing.assert_array_equal(temperature, shared)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(out, out_again)


def test_cells_do_not_see_each_other() -> None:
    materials, temperature, _ = random_city(3 * LANE)
    middle = slice(37, 37 + 101)
    window = Materials(materials.kind[middle].copy(), materials.slabs)
    part = temperature[:, middle].copy()
    cells = materials.kind.size
    sun, warmth = np.linspace(0, 900, cells, dtype=np.float32), np.full(cells, 400, np.float32)
    weather = Weather(303.0, 0.4, 2.0)
    for these, nodes, cut in ((materials, temperature, slice(None)), (window, part, middle)):
        out = np.empty((2, nodes.shape[1]), np.float32)
        for _ in range(20):
            these.advance(nodes, sun[cut].copy(), warmth[cut].copy(), weather, 3600.0, out[0], out[1], these.ledger())
    np.testing.assert_array_equal(part, temperature[:, middle])


def test_a_step_of_a_century_lands_on_the_balance() -> None:
    # no heat is stored or led away in the end: absorbed + ε L = ε σ T⁴ + h (T - T_air), solved here by bisection
    slab = Slab(0.75, 1.94e6, np.inf, np.inf, 291.0, 0.95)
    insulated = Slab(0.75, 1.94e6, 0.3, np.inf, 291.0, 0.95)
    materials = Materials(np.array([1], np.uint16), (slab, insulated))
    weather, sun, warmth = Weather(300.0, 0.5, 2.0), np.array([800.0], np.float32), np.array([400.0], np.float32)
    temperature, out = np.full((NODES, 1), 280.0, np.float32), np.empty((2, 1), np.float32)
    for _ in range(3):
        for dt in (DAY, 3e9):
            _one_step(materials, temperature, sun, warmth, weather, dt, out)
    assert np.isfinite(temperature).all()
    h = 4.0 + 4.0 * 0.6 * 2.0
    low, high = 250.0, 400.0
    for _ in range(60):
        middle = (low + high) / 2
        surplus = 800 + 0.95 * 400 - 0.95 * 5.670374e-8 * middle**4 - h * (middle - 300)
        low, high = (middle, high) if surplus > 0 else (low, middle)
    assert temperature[0, 0] == pytest.approx(low, abs=0.01)


def _one_step(materials, temperature, sun, warmth, weather, dt, out) -> None:
    """One sub-step of any length, which `Materials.advance` would cut."""
    numbers = np.array([weather.numbers()] * 2)
    advance_cells(temperature, materials.kind, *materials.tables(dt), numbers, np.ones(1, np.float32), (sun, sun),
                  (warmth, warmth), dt, 1, out[0], out[1], materials.ledger(), 0, 1)  # fmt: skip
