"""The 3-30-300 rule, on trees and lawns drawn by hand."""

import numpy as np
import pytest
import shapely

from kernels.quantities import LANGUAGES
from scenarios.edits import Tree
from scenarios.green_access import ASSUMPTIONS, green_access, green_spaces, trees_seen
from scenarios.situation import Situation
from twin.city import COVER_COLUMNS, TREE_COLUMNS, as_table, empty_table
from twin.layers import layers

HOUSE, OTHER = shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10)


def test_a_tree_behind_another_house_is_not_seen():
    buildings = np.array([HOUSE, OTHER], dtype=object)
    lived = np.array([0, 1])
    # beside the first, between both, behind the second as the first sees it
    trunks = np.array([[-5.0, 5.0], [15.0, 5.0], [35.0, 5.0]])
    assert trees_seen(buildings, lived, trunks).tolist() == [2, 2]


def test_a_tree_is_seen_as_far_as_thirty_metres():
    buildings, lived = np.array([HOUSE], dtype=object), np.array([0])
    trunks = np.array([[5.0, 39.0], [5.0, 41.0], [40.1, 5.0]])
    assert trees_seen(buildings, lived, trunks).tolist() == [1]


def test_a_neighbour_wall_to_wall_hides_no_tree_in_front():
    row = np.array([HOUSE, shapely.box(10, 0, 20, 10)], dtype=object)
    # in front of the party wall: both see it, though their nearest point is the corner they share
    assert trees_seen(row, np.array([0, 1]), np.array([[10.0, 16.0]])).tolist() == [1, 1]


def test_a_tree_in_the_wall_is_seen_by_the_house_and_no_tree_by_nobody():
    buildings, lived = np.array([HOUSE], dtype=object), np.array([0])
    assert trees_seen(buildings, lived, np.array([[10.1, 5.0]])).tolist() == [1]
    assert trees_seen(buildings, lived, np.zeros((0, 2))).tolist() == [0]


@pytest.fixture
def green(city):
    """The hand-drawn city without trees: a lawn of 30 m by 30 m in the north-west, gravel beside it."""
    return city.with_(trees=empty_table(TREE_COLUMNS))


def test_a_lawn_smaller_than_asked_for_is_no_green_space(green):
    ground = layers(green, 2.0)
    assert not green_spaces(ground, 0.1).any()  # 900 m2
    assert green_spaces(ground, 0.09).sum() == 225


def test_a_path_does_not_cut_a_green_space_in_two(green):
    def cut(width):
        covers = as_table(
            ["lawn", "path"],
            [shapely.box(149_000, 172_030, 149_060, 172_060), shapely.box(149_000, 172_044, 149_060, 172_044 + width)],
            COVER_COLUMNS, cover=["lawn", "gravel"],
        )  # fmt: skip
        return green_spaces(layers(green.with_(land_cover=covers), 2.0), 0.12)

    assert cut(2.0).sum() == 450 - 30  # 0.168 ha together; the path itself is not green
    assert not cut(8.0).any()  # 0.084 and 0.048 ha apart


def test_every_part_of_the_rule_counts_residents(green):
    situation = Situation(green)
    # three trees before house-a, of crowns of 6 m: 13 cells of 4 m2 each where they do not overlap
    for number, (x, y) in enumerate(((149_015.0, 172_027.0), (149_009.0, 172_033.0), (149_021.0, 172_033.0))):
        situation = Tree(id=f"t{number}", point=[x, y], height_m=10, crown_diameter_m=6).apply(situation)
    ground = layers(situation.city, 2.0)
    found = green_access(situation, ground, smallest=0.05)
    # house-b sees the third tree, 21 m away past nothing, and the first, 25 m off; the second is 31 m off
    assert found.homes["trees_seen"].to_dict() == {"house-a": 3, "house-b": 2}
    assert found.whole["three"] == pytest.approx(20 / 30)
    share = (ground["canopy_top"].values > 0).sum() / 900
    assert found.sectors["canopy_share"].iloc[0] == pytest.approx(share)
    assert found.whole["thirty"] == 0.0
    # from the middle of house-a (y = 15) to the lawn (y = 30) 15 m; of house-b further
    assert found.homes["green_distance"]["house-a"] == pytest.approx(15.0, abs=2.0)
    assert found.whole["three_hundred"] == 1.0
    assert found.whole["all"] == 0.0
    assert found.sectors["three"].iloc[0] == pytest.approx(20 / 30)


def test_thirty_per_cent_of_canopy_is_enough(green):
    situation = Situation(green)
    for number in range(9):
        x, y = 149_006 + 24 * (number % 3), 172_026 + 14 * (number // 3)
        situation = Tree(id=f"t{number}", point=[min(x, 149_054), y], height_m=20, crown_diameter_m=14).apply(situation)
    found = green_access(situation, layers(situation.city, 2.0), smallest=0.05)
    assert found.sectors["canopy_share"].iloc[0] > 0.30
    assert found.whole["thirty"] == 1.0


def test_without_green_there_is_no_way_to_it(green):
    bare = green.with_(land_cover=green.land_cover.iloc[:0])
    found = green_access(Situation(bare), layers(bare, 2.0))
    assert np.isinf(found.homes["green_distance"]).all()
    assert found.whole["three_hundred"] == 0.0


def test_where_residents_are_not_known_homes_count(green):
    nobody = green.with_(sectors=green.sectors.iloc[:0])
    found = green_access(Situation(nobody), layers(nobody, 2.0), smallest=0.05)
    assert found.whole["three_hundred"] == 1.0
    assert found.homes["canopy_share"].isna().all()
    assert found.sectors.empty


def test_the_assumptions_are_said_in_three_languages():
    assert all(one[language] for one in ASSUMPTIONS for language in LANGUAGES)
