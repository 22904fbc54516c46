"""How fast another program works out a building's year in the same run: openBES of the registry, by public calls."""

import importlib
import sys
import time
import warnings
from pathlib import Path

import pytest

from kernels.energy import thermal_nodes, thermal_rc

sys.path.insert(0, str(Path(__file__).parent))
from test_energy_demand import houses, year

pytestmark = [pytest.mark.bench, pytest.mark.filterwarnings("ignore")]


def peer(name, how):
    """A program from outside, or a loud skip: none is in the lock."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError as error:
        pytest.skip(f"PEER ABSENT: {name} ({error}); {how}")


def a_minute(count, work):
    """Building-years in a minute of one processor."""
    busy = time.process_time()
    work()
    return 60 * count / (time.process_time() - busy)


def ours():
    """Both engines on one thread, packing included."""
    told = {}
    for name, engine, count in (("iso13790", thermal_rc, 2000), ("iso52016", thermal_nodes, 100)):
        zones = houses(count)
        climate = year(zones)
        engine.run(zones[:2], climate, threads=1)  # compiles
        told[name] = a_minute(count, lambda zones=zones, climate=climate, engine=engine: engine.run(
            zones, climate, threads=1
        ))  # fmt: skip
    return told


def test_beside_openbes():
    """openBES (ISO 13790 by the hour, one zone) also works out lamps, air and hot water: some of its time is theirs."""
    peer("openbes", "it states no licence, so it is not in the lock: uv pip install openbes -p .venv/bin/python")
    from openbes.examples import get_holywell_house_spec
    from openbes.simulations.building_energy import BuildingEnergySimulation

    def once():
        assert BuildingEnergySimulation(get_holywell_house_spec()).energy_use.sum().sum() > 0.0

    once()  # compiles and reads its weather
    count = 10
    theirs = a_minute(count, lambda: [once() for _ in range(count)])
    told = ours()
    words = ", ".join(f"{key} {each:,.0f} ({each / theirs:,.0f} times as many)" for key, each in told.items())
    print(
        f"\nbuilding-years a minute of one processor: openBES {theirs:,.0f}, {words}. PEER ABSENT: RC_BuildingSimulator"
        " is in no package registry and was not run"
    )
