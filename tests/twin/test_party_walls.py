"""Party walls and facades of rows of houses whose shared areas are known from the drawing."""

import numpy as np
import pytest

from twin.cadastre import assemble
from twin.city import City
from twin.formats import cityjson
from twin.party_walls import SECTORS, facade_areas, party_walls


def _city(document: dict) -> City:
    made = assemble([cityjson.parse("drawn", document)])
    return City("drawn", tuple(made.table.total_bounds), surfaces=made.surfaces, buildings=made.table)


def test_low_block_against_a_high_one_shares_the_low_wall(houses):
    row = _city(houses.cityjson({"low": houses.block(high=26), "high": houses.block(x=10, high=32)}))
    walls = party_walls(row)
    assert walls.pairs["area"].tolist() == pytest.approx([8 * 6])
    assert np.bincount(row.surfaces.building, walls.shared).tolist() == pytest.approx([48, 48])


def test_gable_against_a_block_shares_the_pentagon(houses):
    row = _city(houses.cityjson({"gable": houses.gable(), "block": houses.block(x=10, high=40)}))
    assert party_walls(row).pairs["area"].tolist() == pytest.approx([8 * 6 + 8 * 3 / 2])


def test_offset_blocks_share_only_their_overlap(houses):
    row = _city(houses.cityjson({"a": houses.block(), "b": houses.block(x=10, y=5, low=22, high=30)}))
    assert party_walls(row).pairs["area"].tolist() == pytest.approx([3 * 4])


def test_wall_touched_twice_in_one_place_counts_once(houses):
    # two neighbours that overlap each other behind the same wall
    row = _city(houses.cityjson({"a": houses.block(), "b": houses.block(x=10), "c": houses.block(x=10, y=4)}))
    walls = party_walls(row)
    touched = np.bincount(row.surfaces.building, walls.shared)
    assert touched[0] == pytest.approx(8 * 6)
    assert walls.pairs[walls.pairs["building"] == 0]["area"].sum() == pytest.approx(8 * 6 + 4 * 6)


@pytest.mark.parametrize("x", [10.2, 9.0])
def test_gap_or_crossing_is_no_party_wall(houses, x):
    row = _city(houses.cityjson({"a": houses.block(), "b": houses.block(x=x, y=1, depth=4)}))
    assert party_walls(row).pairs.empty


def test_facades_by_direction_lack_the_shared_part(houses):
    row = _city(houses.cityjson({"a": houses.block(), "b": houses.block(x=10)}))
    table = facade_areas(row)
    assert table.loc["a", ["N", "E", "S", "W", "party"]].tolist() == pytest.approx([60, 0, 60, 48, 48])
    assert table.loc["b", ["N", "E", "S", "W", "party"]].tolist() == pytest.approx([60, 48, 60, 0, 48])
    assert table[[name for name in SECTORS if len(name) == 2]].to_numpy().sum() == pytest.approx(0)


def test_turned_row_has_the_same_party_walls(houses):
    angle = np.radians(33)
    cos, sin = np.cos(angle), np.sin(angle)
    document = houses.cityjson({"a": houses.block(), "b": houses.block(x=10, high=29)})
    points = np.array(document["vertices"], float) - [148_500_000, 170_500_000, 0]
    moved = points @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    document["vertices"] = np.add(moved, [148_500_000, 170_500_000, 0]).round().astype(int).tolist()
    assert party_walls(_city(document)).pairs["area"].tolist() == pytest.approx([48], rel=1e-3)
