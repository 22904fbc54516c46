"""Ridge, eaves, storeys and roof planes of houses drawn by hand."""

import numpy as np
import pytest

from twin.cadastre import Cadastre, assemble
from twin.city import City
from twin.formats import cityjson
from twin.roofs import STOREY, azimuth_and_tilt, roof_planes


def _made(document: dict) -> Cadastre:
    return assemble([cityjson.parse("drawn", document)])


def _city(document: dict) -> City:
    made = _made(document)
    return City("drawn", tuple(made.table.total_bounds), surfaces=made.surfaces, buildings=made.table)


def test_gable_has_its_ridge_and_its_eaves(houses):
    row = _made(houses.cityjson({"a": houses.gable(eaves=6.4, ridge=9)})).table.loc["a"]
    assert (row.ground_z, row.ridge_height, row.eaves_height) == pytest.approx((20.0, 9.0, 6.4))
    assert row.storeys == round(6.4 / STOREY) == 2


def test_small_lift_house_sets_neither_ridge_nor_storeys(houses):
    tall = houses.block(width=30, depth=20, high=20 + 32)
    lift = [face for face in houses.block(x=10, y=8, width=4, depth=4, low=52, high=55) if face[0] != 0]
    row = _made(houses.cityjson({"a": [*tall, *lift]})).table.loc["a"]
    assert row.ridge_height == pytest.approx(32)
    assert row.storeys == 10
    assert "lift_house" in row.quality.split()


@pytest.mark.parametrize(
    ("width", "height", "why"), [(4, 25, "a tower is higher"), (16, 3, "a storey set back is larger")]
)
def test_tower_and_set_back_storey_count_for_the_ridge(houses, width, height, why):
    tall = houses.block(width=30, depth=20, high=20 + 32)
    top = [face for face in houses.block(x=5, y=2, width=width, depth=width, low=52, high=52 + height) if face[0] != 0]
    row = _made(houses.cityjson({"a": [*tall, *top]})).table.loc["a"]
    assert row.ridge_height == pytest.approx(32 + height), why


def test_storeys_of_the_source_count_before_the_assumed_ones(houses):
    row = _made(houses.cityjson({"a": houses.gable()}, a={"storeysAboveGround": 4, "function": "office"})).table.loc[
        "a"
    ]
    assert (row.storeys, row.use) == (4, "office")


def test_planes_of_a_gable_look_north_and_south_at_its_pitch(houses):
    planes = roof_planes(_city(houses.cityjson({"a": houses.gable(), "b": houses.block(x=50)}))).sort_values("azimuth")
    # the ridge runs east and rises 3 m over half of 8 m: atan(3 / 4)
    assert planes["azimuth"].iloc[:2].tolist() == pytest.approx([0.0, 180.0], abs=1e-6)
    assert planes["tilt"].tolist() == pytest.approx([np.degrees(np.arctan2(3, 4))] * 2 + [0.0])
    assert planes["area"].tolist() == pytest.approx([50.0, 50.0, 80.0])
    assert planes["plan_area"].tolist() == pytest.approx([40.0, 40.0, 80.0])
    assert np.isnan(planes["azimuth"].iloc[2])


def test_azimuth_runs_clockwise_from_north():
    azimuth, tilt = azimuth_and_tilt(np.array([[0, 1, 0], [1, 0, 0], [0, -1, 0], [-1, 0, 0], [0, 0, -2.0]]))
    assert azimuth[:4].tolist() == [0, 90, 180, 270]
    assert tilt.tolist() == [90, 90, 90, 90, 180]
