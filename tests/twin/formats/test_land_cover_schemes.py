"""Codes of land cover that others use."""

import numpy as np
import pytest

from twin.city import CityError
from twin.formats.land_cover_schemes import SCHEMES, UMEP, WORLDCOVER, covers
from twin.land_covers import land_covers


def keys(codes):
    table = list(land_covers())
    return [table[code] for code in codes.ravel()]


def test_umep_paved_grass_and_water_become_ours():
    """Expected: the seven classes of the manual of UMEP, urban land cover."""
    found, counts = covers(np.array([[1.0, 5.0], [7.0, 2.0]]), "umep", "asphalt")
    assert keys(found) == ["asphalt", "lawn", "water", "roof"]
    assert counts == {"asphalt": 1, "roof": 1, "lawn": 1, "water": 1}


def test_worldcover_counts_classes_that_share_a_cover_and_nothing_known():
    found, counts = covers(np.array([[10.0, 30.0, 40.0], [0.0, np.nan, 50.0]]), "worldcover", "paving")
    assert keys(found) == ["forest_floor", "lawn", "lawn", "paving", "paving", "asphalt"]
    assert counts["lawn"] == 2
    assert counts["unknown"] == 2


def test_our_own_codes_are_the_rows_of_the_table():
    table = land_covers()
    found, _ = covers(np.arange(float(len(table)))[None], "ours", "asphalt")
    assert keys(found) == list(table)


def test_every_class_leads_to_a_row_of_the_table():
    assert {*UMEP.values(), *WORLDCOVER.values()} <= set(land_covers())


@pytest.mark.parametrize(
    ("code", "scheme", "words"),
    [
        (70.0, "worldcover", "code 70 is none of scheme 'worldcover', which has 10, 20"),
        (8.0, "umep", "code 8 is none"),
        (1.5, "umep", "code 1.5 is none"),
        (1.0, "corine", "'corine' is none of " + ", ".join(SCHEMES)),
    ],
)
def test_codes_and_schemes_that_are_not_known_are_named(code, scheme, words):
    with pytest.raises(CityError, match=words):
        covers(np.full((2, 2), code), scheme, "asphalt")


def test_an_unknown_default_is_named():
    with pytest.raises(CityError, match="'tarmac' is none of courtyard"):
        covers(np.ones((2, 2)), "umep", "tarmac")
