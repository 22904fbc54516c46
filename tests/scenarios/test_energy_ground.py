"""The layers of energy of a run follow its edits, and a change with its inverse is no change."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from pydantic import TypeAdapter

from kernels.energy.carriers import HEAT_SOURCES
from scenarios.edits import AnyEdit
from scenarios.energy_ground import TOLD_ENERGY, energy_of_run, reads_energy
from scenarios.problem import ScenarioError
from scenarios.situation import Situation
from twin.demo import demo_city

DAY = xr.Dataset({
    "air_temperature": ("time", np.full(24, 280.0)), "local_month": ("time", np.zeros(24, int)),
}, coords={"time": 3600.0 * np.arange(24)})  # fmt: skip


WHOLE = SimpleNamespace(window=None)


@pytest.fixture(scope="module")
def base() -> Situation:
    return Situation(demo_city(size=200.0))


def _after(base: Situation, *edits: dict) -> Situation:
    situation = base
    for edit in edits:
        situation = TypeAdapter(AnyEdit).validate_python(edit).apply(situation)
    return situation


def test_only_kernels_that_read_zones_get_them():
    need = SimpleNamespace(name="heated_floor_area")
    assert reads_energy([SimpleNamespace(layers=(need,))])
    assert not reads_energy([SimpleNamespace(layers=(SimpleNamespace(name="home_people"),))])


def test_layers_follow_the_edits(base):
    old = {"edit": "renovate", "id": "r", "where": {"year_to": 1945}, "wall_u": 0.25}
    pump = {"edit": "heat_supply", "id": "h", "where": {"uses": ["office"]}, "source": "ground_heat_pump"}
    after = _after(base, old, pump)
    plain, found = (energy_of_run(WHOLE, one, DAY) for one in (base, after))
    table = base.city.buildings
    aged = (table["year"] <= 1945).to_numpy()
    assert aged.any()
    assert (found["wall_u_value"].values[aged] == 0.25).all()
    np.testing.assert_array_equal(found["wall_u_value"].values[~aged], plain["wall_u_value"].values[~aged])
    office = ((table["use"] == "office") & (plain["heated_floor_area"].values > 0)).to_numpy()
    assert (found["heat_source"].values[office] == HEAT_SOURCES.index("ground_heat_pump")).all()
    told = json.loads(found.attrs[TOLD_ENERGY])
    assert told["tags"]["wall_u"]["edited"] > 0.3
    assert json.loads(plain.attrs[TOLD_ENERGY])["tags"]["wall_u"]["edited"] == 0
    back = _after(base, old, {"edit": "remove_renovation", "id": "r"})
    xr.testing.assert_identical(energy_of_run(WHOLE, back, DAY), plain)


def test_a_window_leaves_whole_buildings_and_their_light(base):
    west, south, east, north = base.city.bounds
    window = [west, south, (west + east) / 2, north]
    whole = energy_of_run(WHOLE, base, DAY)
    half = energy_of_run(SimpleNamespace(window=window), base, DAY)
    left = [name for name, one in zip(base.city.buildings.index, base.city.buildings.geometry, strict=True)
            if one.point_on_surface().x < window[2]]  # fmt: skip
    assert list(half["building"].values) == left
    xr.testing.assert_identical(half["wall_u_value"], whole["wall_u_value"].sel(building=left))
    for kind in ("face", "patch"):
        rows = half[f"{kind}_building"].values
        names = half["building"].values[rows]
        before = whole["building"].values[whole[f"{kind}_building"].values]
        kept = np.isin(before, left)
        np.testing.assert_array_equal(names, before[kept])
        np.testing.assert_array_equal(half[f"{kind}_horizon"].values, whole[f"{kind}_horizon"].values[kept])


def test_a_window_without_a_building_is_refused(base):
    west, south, _, _ = base.city.bounds
    with pytest.raises(ScenarioError, match="no building"):
        energy_of_run(SimpleNamespace(window=[west, south, west + 0.1, south + 0.1]), base, DAY)
