"""Works for water as a value: one digest for one content."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from twin.works import GroundWork, Sail, Works

SWALE = GroundWork("s", shapely.box(0, 0, 10, 2), "swale", lowered=0.3)
WHOLE = Works((SWALE,), (("a", "green_roof_extensive"),), (("b", 0.4),), ((shapely.box(0, 0, 5, 5), 0.5),))


def test_no_works_are_nothing() -> None:
    assert not Works()
    assert Works(ground=(SWALE,))


@pytest.mark.parametrize(
    "other",
    [
        replace(WHOLE, ground=()),
        replace(WHOLE, ground=(replace(SWALE, lowered=0.31),)),
        replace(WHOLE, ground=(replace(SWALE, stack=""),)),
        replace(WHOLE, ground=(replace(SWALE, holds=1.0),)),
        replace(WHOLE, ground=(replace(SWALE, drains=0.1),)),
        replace(WHOLE, ground=(replace(SWALE, shape=shapely.box(0, 0, 10, 3)),)),
        replace(WHOLE, green_roofs=(("a", "green_roof_intensive"),)),
        replace(WHOLE, sills=(("b", 0.5),)),
        replace(WHOLE, blocked=((shapely.box(0, 0, 5, 5), 0.6),)),
    ],
)
def test_whatever_can_change_a_result_changes_the_digest(other: Works) -> None:
    assert other.digest != WHOLE.digest
    assert replace(WHOLE).digest == WHOLE.digest


def test_a_raised_threshold_is_never_lower_than_the_usual_sill() -> None:
    works = Works(sills=(("b", 0.4), ("c", 0.1)))
    np.testing.assert_array_equal(works.sills_of(["a", "b", "c"], 0.15), [0.15, 0.4, 0.15])


def test_every_word_of_a_work_against_heat_counts():
    square = shapely.box(0, 0, 5, 5)
    each = [
        Works(),
        *(Works(sails=(Sail("s", square, height, part),)) for height, part in ((4.0, 0.1), (4.5, 0.1), (4.0, 0.2))),
        *(Works(painted=((square, albedo),)) for albedo in (0.5, 0.6)),
        *(Works(cool_roofs=(("a", albedo),)) for albedo in (0.65, 0.7)),
        *(Works(ground=(GroundWork("d", square, "depaved", irrigated=wet),)) for wet in (False, True)),
    ]
    assert len({works.digest for works in each}) == len(each)
    assert all(each[1:])
