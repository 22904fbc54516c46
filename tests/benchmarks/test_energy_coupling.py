"""Heat and energy in one run on a hot day: what each does to the other, as docs/energy.md tells it; prints."""

import numpy as np
import pytest

from scenarios.engine import simulate
from scenarios.scenario import Scenario
from twin.demo import demo_city
from twin.store import Store

pytestmark = pytest.mark.bench


def hot_day(kernels):
    """25 July 2019 at 4 m cells, an output each hour."""
    return Scenario.read(
        {
            "scenario": 1, "name": {"en": "hot day"}, "cell_size_m": 4.0, "kernels": kernels,
            "period": {"start": "2019-07-25T00:00:00+01:00", "duration_s": 86_400, "output_every_s": 3600},
            "forcing": {"weather": {"kind": "heat_day"}},
            "options": {"heat": {"wind": "log"}} if "heat" in kernels else {},
        }
    )  # fmt: skip


@pytest.mark.parametrize("size", [200.0, 1000.0])
def test_what_buildings_and_their_streets_do_to_each_other(size, tmp_path):
    city, store = demo_city(size=size), Store(tmp_path)
    energy, heat, both = (
        simulate(city, hot_day(kernels), store=store) for kernels in (["energy"], ["heat"], ["energy", "heat"])
    )
    cold = [float(one.dataset["cooling_need"].values.astype(float).sum()) for one in (energy, both)]
    air = [one.dataset["air_temperature"].values.astype(float) for one in (heat, both)]
    told = ", ".join(f"{name} {value}" for name, value in both.manifest["coupling"].items())
    print(
        f"\n{size:g} m, {len(city.buildings):,} buildings: {told}; cooling need {100 * (cold[1] / cold[0] - 1):+.1f} "
        f"%, air warmer by the heat of buildings {np.nanmean(air[1] - air[0]):.3f} K in the mean"
    )
