"""How fast a city becomes layers, and comes from disk."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from pytest_benchmark.fixture import BenchmarkFixture

from twin import layers as module
from twin.city import BUILDING_COLUMNS, City, Terrain, as_table
from twin.folder import load, save
from twin.layers import layers

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def city() -> City:
    """1 km2 with 3,600 slanting houses, as many as the dense centre has."""
    side = 60
    i, j = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    turn = np.radians(20)
    plan = np.array([(0, 0), (9, 0), (9, 5), (13, 5), (13, 12), (0, 12)]) @ np.array(
        [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    )
    corners = np.stack([148005 + i * 16.5, 170003 + j * 16.5], -1)[:, None] + plan
    n = len(i)
    values = {name: np.full(n, 12.0) for name, kind in BUILDING_COLUMNS.items() if kind == "f8"}
    values |= {name: [""] * n for name, kind in BUILDING_COLUMNS.items() if kind == "str"}
    table = as_table(
        [f"b{k}" for k in range(n)], shapely.polygons(corners), BUILDING_COLUMNS, storeys=[3] * n, **values
    )
    slope = (15 + np.arange(200)[None, :] * 0.1 + np.zeros((200, 1))).astype(np.float32)
    terrain = Terrain(slope, 148000.0, 170000.0, 5.0)
    return City("grid", (148000.0, 170000.0, 149000.0, 171000.0), buildings=table, terrain=terrain)


def _cold(city: City, window: tuple[float, float, float, float] | None) -> None:
    module._MEMORY.clear()
    layers(city, 2.0, window)


def test_layers_of_1_km2_at_2_m(benchmark: BenchmarkFixture, city: City) -> None:
    benchmark.pedantic(_cold, (city, None), rounds=5, warmup_rounds=1)


def test_layers_of_a_quarter_km2_at_2_m_after_an_edit(benchmark: BenchmarkFixture, city: City) -> None:
    benchmark.pedantic(_cold, (city, (148250.0, 170250.0, 148750.0, 170750.0)), rounds=10, warmup_rounds=1)


def test_a_city_from_disk(benchmark: BenchmarkFixture, city: City, tmp_path: Path) -> None:
    save(city, tmp_path / "city")
    benchmark.pedantic(load, (tmp_path / "city",), rounds=5, warmup_rounds=1)
