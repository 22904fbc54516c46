"""How many building-years a minute the two demand engines work out, each with its own light on every face; prints."""

import time

import numpy as np
import pytest

from kernels.energy import thermal_nodes, thermal_rc
from kernels.energy.thermal import Climate, Surface, Window, Zone, planes_of
from kernels.energy.thermal_layers import Layer
from kernels.energy.thermal_year import rooms_of

pytestmark = pytest.mark.bench
BRICK, FOAM = Layer(0.14, 0.8, 1600.0, 840.0), Layer(0.08, 0.035, 30.0, 1400.0)
HOURS = 8760


def houses(count):
    """Four walls, roof, floor and two windows each, no two alike."""
    random = np.random.default_rng(0)
    sides = np.radians([0.0, 90.0, 180.0, 270.0])
    found = []
    for number in range(count):
        wall, floor = random.uniform(20, 80), random.uniform(40, 150)
        walls = tuple(Surface((BRICK, FOAM), wall, np.pi / 2, side) for side in sides)
        level = (Surface((FOAM, BRICK), floor, 0.0), Surface((BRICK, FOAM), floor, np.pi, outside="ground"))
        panes = tuple(Window(0.2 * wall, np.pi / 2, side, 1.7, 0.6) for side in sides[[0, 2]])
        found.append(
            Zone((*walls, *level), panes, floor, 2.7 * floor, 0.4, 4.0 * floor, 293.15, 299.15, name=f"{number}")
        )
    return found


def year(zones):
    random = np.random.default_rng(1)
    hour, planes = np.arange(HOURS), planes_of(zones)
    sun = np.maximum(np.sin(2 * np.pi * (hour % 24 - 6) / 24), 0.0)
    light = sun * random.uniform(50, 500, (len(planes), 1)) * random.uniform(0.2, 1.0, HOURS)
    air = 283.15 - 8 * np.cos(2 * np.pi * hour / HOURS) + 4 * np.sin(2 * np.pi * (hour % 24 - 9) / 24)
    return Climate(air, np.full(HOURS, 60.0), planes, light, 0.9 * light, hour // 730 % 12)


@pytest.mark.parametrize(
    ("engine", "count", "aim"), [(thermal_rc, 4_000, 500_000), (thermal_nodes, 400, 6_000)], ids=["A", "B"]
)
def test_building_years_a_minute(engine, count, aim):
    zones = houses(count)
    climate = year(zones)
    engine.run(zones[:2], climate, threads=1)  # compiles
    began = time.perf_counter()
    pack = engine.shells_of if engine is thermal_rc else engine.elements_of
    pack(zones, climate)
    rooms_of(zones, engine.OPERATIVE_AIR)
    packing = time.perf_counter() - began
    told = []
    for threads in (1, 2):
        began, busy = time.perf_counter(), time.process_time()
        engine.run(zones, climate, threads=threads)
        wall, busy = time.perf_counter() - began, time.process_time() - busy
        told.append(
            f"{threads} threads: {60 * count / wall:,.0f} ({60 * count / busy:,.0f} a minute of one processor), "
            f"without packing {60 * count / (wall - packing):,.0f}"
        )
    print(f"\n{engine.__name__}, building-years a minute; aim {aim:,} on 2: " + "; ".join(told))
