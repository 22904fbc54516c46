"""Stores and hubs by rules: by hand, by their balances, and never better than the cheapest schedule."""

from dataclasses import replace

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.dispatch import dispatch
from kernels.energy.hub import KWH, Hub, Store
from kernels.energy.storage import OUTPUTS, follow_rules

HOUR = 3600.0


def street(seed, days=21):
    """Everything a hub can have, in random sizes."""
    chance, hour = np.random.default_rng(seed), np.arange(24 * days)
    sun = np.clip(np.sin((hour % 24 - 6) / 12 * np.pi), 0, None)
    return Hub(
        HOUR, chance.uniform(1e3, 9e3, hour.size), sun * chance.uniform(5e3, 30e3),
        chance.uniform(-0.05, 0.4, hour.size) / KWH, chance.uniform(-0.05, 0.06, hour.size) / KWH,
        heat_demand=chance.uniform(0, 9e3, hour.size),
        heat_pump_cop=chance.uniform(2, 4, hour.size), heat_pump_power=2e3, boiler_power=6e3, boiler_efficiency=0.9,
        fuel_price=0.09 / KWH, battery=Store(15 * KWH, 5e3, 5e3, 0.95, 0.94, 1e-7, begin=3 * KWH),
        heat_store=Store(20 * KWH, 6e3, 6e3, 0.99, 0.98, 2e-6, begin=1 * KWH),
        vehicle_demand=np.where(hour % 24 == 18, 4e3, 0.0), vehicle_power=7e3, vehicle_delay=20 * HOUR,
        import_limit=20e3, export_limit=6e3,
    )  # fmt: skip


def test_a_sunny_hour_fills_the_battery_that_feeds_the_evening():
    # 4 kWh of sun, 1 of demand: 2 fit into the battery at 0.5 W/W and 1 is sold; the evening takes 0.8 of 1 kWh back
    hub = Hub(
        HOUR, np.array([1e3, 2e3]), np.array([4e3, 0.0]), 0.3 / KWH, 0.05 / KWH,
        battery=Store(1 * KWH, 9e3, 9e3, 0.5, 0.8),
    )  # fmt: skip
    found = follow_rules([hub])[0]
    np.testing.assert_allclose(found.battery_charge, [2e3, 0])
    np.testing.assert_allclose(found.grid_export, [1e3, 0])
    np.testing.assert_allclose(found.battery_discharge, [0, 0.8e3])
    np.testing.assert_allclose(found.grid_import, [0, 1.2e3])
    assert found.cost(hub) == pytest.approx(1.2 * 0.3 - 0.05)


def test_what_a_tank_loses_decays_as_an_exponential():
    hub = Hub(HOUR, np.zeros(48), 0.0, 0.3 / KWH, 0.0, heat_store=Store(KWH, 0, 0, loss_rate=1e-5, begin=KWH))
    after = np.exp(-1e-5 * HOUR * np.arange(1, 49)) * KWH
    np.testing.assert_allclose(follow_rules([hub])[0].store_energy, after, rtol=1e-12)


def test_surplus_heats_the_tank_and_a_vehicle_waits_for_the_sun():
    hub = Hub(
        HOUR, np.zeros(3), np.array([0.0, 9e3, 0.0]), 0.3 / KWH, 0.05 / KWH, heat_demand=np.array([0, 0, 3e3]),
        heat_pump_cop=3.0, heat_pump_power=1e3, boiler_power=9e3, fuel_price=0.05 / KWH,
        heat_store=Store(9 * KWH, 9e3, 9e3), vehicle_demand=np.array([2e3, 0, 0]), vehicle_power=2e3,
        vehicle_delay=2 * HOUR,
    )  # fmt: skip
    found = follow_rules([hub])[0]
    np.testing.assert_allclose(found.store_charge, [0, 3e3, 0])
    np.testing.assert_allclose(found.store_discharge, [0, 0, 3e3])
    np.testing.assert_allclose(found.vehicle_power, [0, 2e3, 0])
    np.testing.assert_allclose(found.grid_export, [0, 6e3, 0])


def test_balances_of_rules_close(measured):
    hubs = [street(seed) for seed in range(6)]
    worst = max(max(one.closures(hub).values()) for one, hub in zip(follow_rules(hubs), hubs, strict=True))
    measured(
        case="Hubs by rules, 21 days: largest error of a balance", source="sum of all powers at each node",
        ours=worst * HOUR / KWH, bar=1e-6, unit="kWh/h",
    )  # fmt: skip


def test_rules_do_nothing_twice_and_keep_within_every_limit():
    for seed in range(6):
        hub = street(seed)
        s = follow_rules([hub])[0]
        assert not (s.battery_charge * s.battery_discharge).any()
        assert not (s.store_charge * s.store_discharge).any()
        assert not (s.grid_import * s.grid_export).any()
        assert s.battery_energy.min() >= -1e-6
        assert s.battery_energy.max() <= hub.battery.capacity + 1e-6
        assert s.store_energy.min() >= -1e-6
        assert s.store_energy.max() <= hub.heat_store.capacity + 1e-6
        assert s.grid_export.max() <= hub.export_limit
        assert (s.heat_pump_power <= hub.heat_pump_power + 1e-9).all()
        assert min(getattr(s, name).min() for name in OUTPUTS) >= -1e-6


def test_rules_are_never_cheaper_than_the_cheapest_schedule():
    for seed in range(3):
        hub = street(seed, days=7)
        ruled = follow_rules([hub])[0]
        # the cheapest one that leaves as much in the stores
        least = replace(hub, battery=replace(hub.battery, begin=0.0), heat_store=replace(hub.heat_store, begin=0.0))
        ruled_from_nothing = follow_rules([least])[0]
        assert dispatch(least).objective <= ruled_from_nothing.objective(least) + 1e-6
        assert np.isfinite(ruled.cost(hub))


def test_order_and_threads_change_no_bit():
    hubs = [street(seed, days=5) for seed in range(9)]
    alone, shared = follow_rules(hubs, threads=1), follow_rules(hubs[::-1], threads=2)[::-1]
    for one, other in zip(alone, shared, strict=True):
        for name in OUTPUTS:
            assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_hubs_of_other_lengths_are_refused():
    with pytest.raises(LayerError, match="hub 1 has 24 steps"):
        follow_rules([street(0, days=2), street(0, days=1)])
    assert follow_rules([]) == []
