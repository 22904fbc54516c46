"""Both demand engines against closed forms, and the books of a year."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy import thermal_nodes, thermal_rc
from kernels.energy.thermal import Climate, Surface, Window, Zone, planes_of
from kernels.energy.thermal_layers import Layer

ENGINES = {"iso52016": thermal_nodes, "iso13790": thermal_rc}
BRICK, FOAM = Layer(0.14, 0.8, 1600.0, 840.0), Layer(0.08, 0.035, 30.0, 1400.0)
SIDES = tuple(np.radians([0.0, 90.0, 180.0, 270.0]))
COLD, WARM = 263.15, 293.15


def box(layers=(BRICK, FOAM), windows=True, **rest):
    """A room of 4 × 4 × 3 m, all its faces upright walls so that one coefficient holds for all."""
    walls = tuple(Surface(layers, 20.0, np.pi / 2, side) for side in SIDES)
    panes = (Window(4.0, np.pi / 2, SIDES[2], 1.5, 0.6),) if windows else ()
    return Zone(walls, panes, 16.0, 48.0, **rest)


def steady(zones, hours, air=COLD):
    planes = planes_of(zones)
    dark = np.zeros((len(planes), hours))
    return Climate(np.full(hours, air), np.zeros(hours), planes, dark, dark, np.zeros(hours, np.int64))


def lively(zones, hours=24 * 60, seed=1):
    """Made-up weather with a day, a spell and a sun: seeded."""
    random = np.random.default_rng(seed)
    hour = np.arange(hours)
    sun = np.maximum(np.sin(2 * np.pi * (hour % 24 - 6) / 24), 0.0)
    planes = planes_of(zones)
    light = sun * random.uniform(50, 600, (len(planes), 1)) * random.uniform(0.2, 1.0, hours)
    air = 283.15 + 6 * np.sin(2 * np.pi * (hour % 24 - 9) / 24) + 6 * np.sin(hour / 70.0)
    return Climate(air, random.uniform(20, 100, hours), planes, light, 0.9 * light, hour // 730 % 12)


def many(count=12, seed=2):
    random = np.random.default_rng(seed)
    return [
        box(
            (
                Layer(random.uniform(0.05, 0.3), 0.8, 1600.0, 840.0),
                Layer(random.uniform(0.02, 0.2), 0.035, 30.0, 1400.0),
            ),
            air_change=random.uniform(0.1, 1.0, 24),
            gains=random.uniform(0, 500, 24),
            heat_to=np.where(np.arange(24) < 7, 289.15, 293.15),
            cool_to=299.15,
            name=f"{number}",
        )
        for number in range(count)
    ]


def test_constant_cold_costs_u_a_dt_by_the_nodal_model(measured):
    # all faces alike and plant on the air: nothing is exchanged by long waves, so U has the air's coefficient alone
    zone = box(windows=False, air_change=0.5, heat_to=WARM, control="air", plant_to_air=1.0)
    found = thermal_nodes.run([zone], steady([zone], 4000), warm_up=0, hourly=True).hourly[0, 0, -1]
    u = 1 / (1 / 2.5 + BRICK.resistance + FOAM.resistance + 1 / 24.14)
    expected = (80.0 * u + 1200 * 48 * 0.5 / 3600) * (WARM - COLD)
    measured(
        case="Constant weather, engine iso52016, heating against U A ΔT, relative error",
        source="closed form",
        ours=abs(found / expected - 1),
        bar=1e-10,
    )


def test_constant_cold_costs_u_a_dt_by_five_resistances(measured):
    zone = box(air_change=0.5, heat_to=WARM, control="air", plant_to_air=1.0)
    climate = steady([zone], 4000)
    found = thermal_rc.run([zone], climate, warm_up=0, hourly=True).hourly[0, 0, -1]
    shell = thermal_rc.shells_of([zone], climate)
    walls = 80.0 / (0.13 + BRICK.resistance + FOAM.resistance + 0.04)  # mass and faces in series are U A again
    assert 1 / (1 / shell.to_mass[0] + 1 / shell.to_face[0]) == pytest.approx(walls, rel=1e-12)
    expected = (1 / (1 / (3.45 * 84.0) + 1 / (walls + 6.0)) + 8.0) * (WARM - COLD)
    measured(
        case="Constant weather, engine iso13790, heating against the resistances in series, relative error",
        source="closed form",
        ours=abs(found / expected - 1),
        bar=1e-10,
    )


def test_a_room_cools_along_the_exponential_by_the_nodal_model(measured):
    # walls without mass, all heat in the air: one time constant, C / (U A + ventilation); steps of a second
    capacity, hours = 8e6, 24
    zone = box((Layer(0.1, 0.035),), windows=False, air_change=0.5, air_capacity=capacity)
    found = thermal_nodes.run([zone], steady([zone], hours), warm_up=0, start=WARM, steps=3600, hourly=True).hourly[
        0, 2
    ]
    loss = 80.0 / (1 / 2.5 + 0.1 / 0.035 + 1 / 24.14) + 1200 * 48 * 0.5 / 3600
    expected = COLD + (WARM - COLD) * np.exp(-loss / capacity * 3600 * np.arange(1, hours + 1))
    measured(
        case="A room left to cool, engine iso52016, of the step",
        source="analytic exponential",
        ours=np.abs(found - expected).max() / (WARM - COLD),
        bar=1e-6,
    )


def test_a_room_cools_along_the_exponential_by_five_resistances(measured):
    zone = box(air_change=0.5)
    hours = 72
    climate = steady([zone], hours)
    shell = thermal_rc.shells_of([zone], climate)
    found = thermal_rc.run([zone], climate, warm_up=0, start=WARM, steps=20)
    core = WARM + found.ledger["stored"][0] / shell.mass[0]
    beside = shell.glass_loss[0] + 1 / (1 / shell.to_air[0] + 1 / 8.0)
    loss = shell.to_mass[0] + 1 / (1 / shell.to_face[0] + 1 / beside)
    expected = COLD + (WARM - COLD) * np.exp(-loss / shell.mass[0] * 3600 * hours)
    measured(
        case="A room left to cool, engine iso13790, of the step",
        source="analytic exponential",
        ours=abs(core - expected) / (WARM - COLD),
        bar=1e-6,
    )


@pytest.mark.parametrize("name", ENGINES)
def test_the_books_of_every_zone_close(name, measured):
    zones = many()
    found = ENGINES[name].run(zones, lively(zones))
    assert (found.ledger["heating"] > 0).any()
    assert (found.ledger["cooling"] > 0).any()
    measured(
        case=f"Energy of a zone, engine {name}, gap of its throughput",
        source="conservation of energy",
        ours=found.closure.max(),
        bar=1e-9,
    )


@pytest.mark.parametrize("name", ENGINES)
def test_order_and_threads_change_no_bit(name):
    zones = many(16)
    climate = lively(zones, 24 * 14)
    run = ENGINES[name].run
    alone = run(zones, climate, threads=1, hourly=True)
    shared = run(zones, climate, threads=2, hourly=True)
    turned = run(zones[::-1], climate, threads=2, hourly=True)
    assert np.array_equal(alone.hourly, shared.hourly)
    assert np.array_equal(alone.hourly, turned.hourly[::-1])
    for key, values in alone.ledger.items():
        assert np.array_equal(values, turned.ledger[key][::-1]), key


@pytest.mark.parametrize("name", ENGINES)
def test_set_points_are_held_and_limits_are_kept(name):
    zone = box(heat_to=293.15, cool_to=297.15, control="air", gains=300.0)
    climate = lively([zone])
    air = ENGINES[name].run([zone], climate, hourly=True).hourly[0, 2]
    assert (air > 293.15 - 1e-9).all()
    assert (air < 297.15 + 1e-9).all()
    weak = box(heat_to=293.15, control="air", heat_limit=200.0)
    found = ENGINES[name].run([weak], climate)
    assert found.figures["heating_peak"][0] == pytest.approx(200.0, rel=1e-12)
    assert found.figures["lowest"][0] < 293.0


def test_what_no_engine_can_run_is_refused():
    zone = box()
    climate = lively([zone], 48)
    with pytest.raises(LayerError, match="shell open"):
        thermal_nodes.run([Zone(zone.surfaces, (), 16.0, 0.0)], climate)
    with pytest.raises(LayerError, match=r"below 5.8"):
        thermal_nodes.run([Zone(zone.surfaces, (Window(1.0, 1.5, 0.0, 6.0, 0.8),), 16.0, 48.0)], climate)
    with pytest.raises(LayerError, match="heats to more"):
        thermal_rc.run([box(heat_to=300.0, cool_to=295.0)], climate)
    with pytest.raises(LayerError, match="no light for tilt"):
        thermal_rc.run([Zone((Surface((BRICK,), 9.0, 0.1),), (), 16.0, 48.0)], climate)
    with pytest.raises(LayerError, match="iso52016"):
        thermal_rc.run([box((Layer(0.1, 0.035),))], climate)
