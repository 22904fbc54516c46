"""A city drawn by hand: two flat-roofed houses on a slope, a street, walls, lawns, two trees; and a kernel to count."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import shapely
import xarray as xr

from kernels.contract import Closure, Need
from kernels.flood.sewer_words import CIRCULAR, JUNCTION, OUTFALL_FREE
from kernels.quantities import attrs
from scenarios.shells import extruded, joined
from twin.city import (
    BUILDING_COLUMNS,
    COVER_COLUMNS,
    LINK_COLUMNS,
    SECTOR_COLUMNS,
    TREE_COLUMNS,
    WALL_COLUMNS,
    City,
    Source,
    Terrain,
    as_table,
)
from twin.drains import with_inlets

WEST, SOUTH, SIDE = 149_000.0, 172_000.0, 60.0
HOUSES = (shapely.box(149_010, 172_010, 149_020, 172_020), shapely.box(149_040, 172_010, 149_050, 172_020))


def row_of_trees(**known: list) -> dict[str, list]:
    """Columns of two trees; what is not given is unknown."""
    return {name: known.get(name, [np.nan if kind == "f8" else ""] * 2) for name, kind in TREE_COLUMNS.items()}


def make_city() -> City:
    """60 m by 60 m, ground falling 1 % to the east from 20 m; houses 10 m by 10 m, 6 m high."""
    cells = 30
    plane = 20.0 - 0.01 * 2.0 * (np.arange(cells) + 0.5)
    street = shapely.LineString([(WEST, SOUTH + 5), (WEST + SIDE, SOUTH + 5)])
    return City(
        name="Two houses",
        bounds=(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE),
        surfaces=joined([extruded(shape, 19.0, 25.0) for shape in HOUSES], [0, 1]),
        buildings=as_table(
            ["house-a", "house-b"], HOUSES, BUILDING_COLUMNS,
            ground_z=[19.0] * 2, ridge_height=[6.0] * 2, eaves_height=[6.0] * 2, roof_area=[100.0] * 2,
            volume=[600.0, 300.0], storeys=[2] * 2, use=["residential"] * 2, name=[""] * 2, quality=[""] * 2,
            origin=[""] * 2,
        ),
        terrain=Terrain(np.tile(plane, (cells, 1)).astype(np.float32), WEST, SOUTH, 2.0),
        links=as_table(
            ["street"], [street], LINK_COLUMNS, start=["a"], end=["b"], kind=["residential"], name_fr=["Rue"],
            name_nl=["Straat"], width=[6.0], lanes=[1], speed=[30.0], oneway=[False], assumed=[""],
        ),
        land_cover=as_table(
            ["lawn-1", "lawn-2"],
            [shapely.box(149_000, 172_030, 149_030, 172_060), shapely.box(149_030, 172_030, 149_060, 172_060)],
            COVER_COLUMNS, cover=["lawn", "gravel"],
        ),
        walls=as_table(
            ["old-1", "old-2"],
            [shapely.LineString([(149_005, 172_025), (149_025, 172_025)]),
             shapely.LineString([(149_035, 172_025), (149_055, 172_025)])],
            WALL_COLUMNS, height=[1.0, 0.5],
        ),
        trees=as_table(
            ["oak", "lime"], [shapely.Point(149_025, 172_045), shapely.Point(149_005, 172_052)], TREE_COLUMNS,
            **row_of_trees(height=[12.0, 8.0], crown_diameter=[8.0, 4.0], crown_base=[3.0, 2.0],
                           species=["Quercus robur", "Tilia cordata"]),
        ),
        sectors=as_table(
            ["sector"], [shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)], SECTOR_COLUMNS,
            name_fr=["Quartier"], name_nl=["Wijk"], population=[30.0],
        ),
        sources=(Source("buildings", "drawn by hand", "CC0-1.0"),),
        demo=True,
    )  # fmt: skip


@pytest.fixture(scope="session")
def city() -> City:
    return make_city()


def document(**changes) -> dict:
    """A small valid scenario as plain JSON."""
    whole = {
        "scenario": 1,
        "name": {"en": "Test"},
        "cell_size_m": 2.0,
        "period": {"start": "2021-07-15T12:00:00Z", "duration_s": 40, "output_every_s": 10},
        "kernels": ["bucket"],
        "forcing": {"rain": {"kind": "block", "intensity_mm_h": 36, "duration_s": 20}},
    }
    return whole | changes


@pytest.fixture
def document_of():
    return document


@dataclass(frozen=True)
class Bucket:
    """Every open cell is a bucket under the rain: nothing flows."""

    catch: float = 1.0
    fails_at: float = 1e9

    name: ClassVar[str] = "bucket"
    layers: ClassVar[tuple[Need, ...]] = (Need("ground_elevation", ("y", "x")), Need("building_index", ("y", "x")))
    forcing: ClassVar[tuple[Need, ...]] = (Need("rainfall_rate", ("time",), optional=True),)
    gives: ClassVar[tuple[str, ...]] = ("water_depth", "max_water_depth")
    prepared: ClassVar[list[str]] = []

    def prepare(self, layers, forcing):
        self.prepared.append(self.name)
        rain = forcing.get("rainfall_rate")
        hole = layers["building_index"].values >= 0
        return {"time": 0.0, "rain": rain, "hole": hole, "coords": layers.coords.to_dataset()[["x", "y"]]}

    def advance(self, state, until):
        if until >= self.fails_at:
            raise OSError("the bucket has a hole")
        state["time"] = until

    def _depth(self, state):
        rain, now = state["rain"], state["time"]
        total = 0.0
        if rain is not None:
            ends = np.minimum(np.append(rain["time"].values[1:], np.inf), now)
            total = float(np.sum(rain.values * np.maximum(ends - rain["time"].values, 0.0)))
        return np.where(state["hole"], np.nan, np.full(state["hole"].shape, self.catch * total))

    def _fields(self, state, name):
        return xr.Dataset({name: (("y", "x"), self._depth(state), attrs(name))}, coords=state["coords"].coords)

    def observe(self, state):
        return self._fields(state, "water_depth").assign_coords(time=state["time"])

    def summarise(self, state):
        return self._fields(state, "max_water_depth")

    def closure(self, state):
        return Closure("mass", 0.0, {"volume_rain": 1.0})

    def checkpoint(self, state):
        return {}

    def restore(self, layers, forcing, saved):
        return self.prepare(layers, forcing)


@pytest.fixture
def bucket():
    Bucket.prepared.clear()
    return Bucket


@pytest.fixture
def sewered(city):
    """The drawn city with a sewer along its street: three manholes and an outfall, an inlet at each manhole."""
    x, bed = np.array([149_010.0, 149_030.0, 149_050.0, 149_060.0]), np.array([17.0, 16.8, 16.6, 16.5])
    columns = {
        "node_x": x, "node_y": np.full(4, 172_005.0), "node_kind": [JUNCTION] * 3 + [OUTFALL_FREE],
        "node_invert": bed, "node_rim": bed + 3, "conduit_start": [0, 1, 2], "conduit_end": [1, 2, 3],
        "conduit_length": [20.0, 20.0, 10.0], "conduit_shape": [CIRCULAR] * 3, "conduit_height": [0.4] * 3,
        "conduit_width": [0.4] * 3, "conduit_roughness": [0.013] * 3, "conduit_start_invert": bed[:3],
        "conduit_end_invert": bed[1:],
    }  # fmt: skip
    network = xr.Dataset({
        name: ((name.split("_")[0],), np.asarray(values, float), attrs(name)) for name, values in columns.items()
    })  # fmt: skip
    return city.with_(drains=with_inlets(network))
