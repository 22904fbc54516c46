"""How long the schedule of a year takes: the linear programme of a district, and 500 hubs by rules; prints."""

import time

import numpy as np
import pytest

from kernels.energy.dispatch import dispatch
from kernels.energy.hub import KWH, Hub, Store
from kernels.energy.storage import follow_rules

pytestmark = pytest.mark.bench
HOURS = 8760


def district(seed, size=1.0):
    """Everything a hub can have, at the size of a street times ``size``."""
    chance, hour = np.random.default_rng(seed), np.arange(HOURS)
    price = 0.25 + 0.1 * np.sin(hour / 24 * 4 * np.pi) + chance.uniform(0, 0.05, HOURS)
    price[chance.uniform(size=HOURS) < 0.02] = -0.05
    sun = np.clip(np.sin((hour % 24 - 6) / 12 * np.pi), 0, None) * (0.6 - 0.4 * np.cos(hour / HOURS * 2 * np.pi))
    return Hub(
        3600.0, size * chance.uniform(60e3, 140e3, HOURS), size * 400e3 * sun, price / KWH,
        np.minimum(price, 0.05) / KWH, heat_demand=size * (60e3 + 50e3 * np.cos(hour / HOURS * 2 * np.pi)),
        heat_pump_cop=3.0, heat_pump_power=size * 25e3, boiler_power=size * 200e3, boiler_efficiency=0.92,
        fuel_price=0.09 / KWH, battery=Store(size * 200 * KWH, size * 80e3, size * 80e3, 0.95, 0.95),
        heat_store=Store(size * 100 * KWH, size * 50e3, size * 50e3, loss_rate=1e-6),
        vehicle_demand=np.where((hour % 24 > 17) & (hour % 24 < 22), size * 30e3, 0.0), vehicle_power=size * 60e3,
        vehicle_delay=8 * 3600.0, export_limit=size * 150e3,
    )  # fmt: skip


def test_a_year_of_a_district_by_the_linear_programme():
    """Aim: 20 s."""
    hub = district(0)
    began, busy = time.perf_counter(), time.process_time()
    found = dispatch(hub)
    spent, busy = time.perf_counter() - began, time.process_time() - busy
    ruled = follow_rules([hub])[0]
    print(
        f"\n8760 h, electricity, heat, vehicles, 2 stores: {spent:.2f} s (aim 20; processor time {busy:.2f}), "
        f"{found.windows} windows, {found.chosen} directions chosen; rules cost "
        f"{ruled.objective(hub) / found.objective - 1:.1%} more"
    )


def test_a_year_of_five_hundred_hubs_by_rules():
    """Aim: 1 s for all again after a change of one, which needs that one only."""
    hubs = [district(seed, 0.01) for seed in range(20)] * 25
    follow_rules(hubs[:1])
    began, busy = time.perf_counter(), time.process_time()
    follow_rules(hubs, threads=2)
    spent, busy = time.perf_counter() - began, time.process_time() - busy
    began = time.perf_counter()
    follow_rules(hubs[:1])
    alone = time.perf_counter() - began
    print(f"\n500 hubs x 8760 h by rules: {spent:.2f} s on 2 threads (processor time {busy:.2f}); one: {alone:.4f} s")
