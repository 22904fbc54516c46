"""Neighbourhoods between main streets, on a drawing of two blocks."""

import numpy as np

from twin.neighbourhoods import neighbourhoods

# 0 - 1 - 2 is a main street; 3 and 4 hang below it, 5 and 6 above it:
#       5 - 6
#       |
#   0 = 1 = 2
#   |       |
#   3 ----- 4
STREETS = np.array([(0, 1), (1, 2), (0, 3), (3, 4), (4, 2), (1, 5), (5, 6), (0, 2), (3, 5)])
MAIN = np.array([True, True, False, False, False, False, False, False, False])
DRIVEN = np.array([True] * 8 + [False])  # the last is a footpath from one block to the other


def test_a_main_street_keeps_the_blocks_on_its_sides_apart():
    of_street, of_node = neighbourhoods(STREETS[:, 0], STREETS[:, 1], MAIN, DRIVEN, 7)
    assert of_street.tolist() == [-1, -1, 0, 0, 0, 1, 1, 2, -1]  # 0-2 meets none but the main street
    assert of_node.tolist() == [-1, -1, -1, 0, 0, 1, 1]


def test_without_main_streets_all_that_hangs_together_is_one():
    of_street, of_node = neighbourhoods(STREETS[:, 0], STREETS[:, 1], np.zeros(9, bool), DRIVEN, 8)
    assert of_street.tolist() == [0] * 8 + [-1]
    assert of_node.tolist() == [0] * 7 + [-1]
