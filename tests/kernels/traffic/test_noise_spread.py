"""Noise from lines to facades, against closed forms and against sums over points."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.traffic.noise_spread import (
    BEHIND_BUILDINGS,
    REFLECTED,
    day_evening_night,
    facade_gain,
    line_gain,
)

OPEN = np.array([np.inf])
SEEN = np.array([False])


def level(gain):
    return 10.0 * np.log10(gain)


def points(receiver, begin, end, height, count=200_000):
    """Sum of incoherent points on hard ground, each W / (2 pi r²)."""
    part = (np.arange(count) + 0.5) / count
    x, y = (begin[axis] + part * (end[axis] - begin[axis]) for axis in (0, 1))
    square = (x - receiver[0]) ** 2 + (y - receiver[1]) ** 2 + height**2
    return float(np.hypot(end[0] - begin[0], end[1] - begin[1]) / count * (1 / (2 * np.pi * square)).sum())


def test_an_endless_line_falls_three_decibels_with_each_doubling(measured):
    far = 1e9
    for distance in (10.0, 20.0, 40.0):
        # integral of W' / (2 pi (d² + x²)) over all x is W' / (2 d)
        measured(
            case=f"endless line at {distance:g} m", source="integral of incoherent points over hard ground, W'/(2 d)",
            ours=abs(level(line_gain(distance, -far, far, 0.0)) + 10 * np.log10(2 * distance)), bar=1e-6, unit="dB",
        )  # fmt: skip
    assert level(line_gain(10.0, -far, far, 0.0) / line_gain(20.0, -far, far, 0.0)) == pytest.approx(3.0103, abs=1e-4)
    assert line_gain(10.0, 0.0, far, 0.0) == pytest.approx(line_gain(10.0, -far, far, 0.0) / 2)


def test_a_short_stretch_far_away_is_a_point():
    assert line_gain(300.0, -0.5, 0.5, 0.0) == pytest.approx(1.0 / (2 * np.pi * 300.0**2), rel=1e-5)


@pytest.mark.parametrize(("begin", "end"), [((0, 0), (20, 0)), ((-30, 15), (12, -8)), ((40, 3), (60, 3))])
def test_a_stretch_is_the_sum_of_its_points(begin, end):
    receiver = np.array([5.0, 9.0])
    found = facade_gain(receiver[None], np.array([begin], float), np.array([end], float), OPEN, OPEN, SEEN)
    assert found[0] == pytest.approx(points(receiver, begin, end, 3.95), rel=1e-6)


def test_pieces_of_a_street_add_up_to_the_street():
    receiver = np.array([[3.0, 8.0]])
    cuts = np.column_stack([np.linspace(-50.0, 70.0, 13), np.zeros(13)])
    pieces = facade_gain(np.repeat(receiver, 12, 0), cuts[:-1], cuts[1:], np.full(12, 8.0), np.full(12, 7.0),
                         np.zeros(12, bool))  # fmt: skip
    whole = facade_gain(receiver, cuts[:1], cuts[-1:], np.array([8.0]), np.array([7.0]), SEEN)
    assert pieces.sum() == pytest.approx(whole[0], rel=1e-12)


def test_the_facade_across_the_street_sends_back_a_mirrored_street():
    # 5 m from the line, the other facade 10 m beyond it: the image of the line is 25 m away
    receiver, begin, end = np.array([[0.0, 5.0]]), np.array([[-1e6, 0.0]]), np.array([[1e6, 0.0]])
    alone = facade_gain(receiver, begin, end, OPEN, OPEN, SEEN)[0]
    across = facade_gain(receiver, begin, end, OPEN, np.array([10.0]), SEEN)[0]
    image = REFLECTED / (2.0 * np.hypot(25.0, 3.95))
    assert across - alone == pytest.approx(image, rel=1e-4)
    # the wall on the receiver's own side is its own facade, and does not count
    assert facade_gain(receiver, begin, end, np.array([5.0]), OPEN, SEEN)[0] == alone
    # seen from the other side, left and right change places; running the street backwards too
    turned = facade_gain(receiver, end, begin, np.array([10.0]), OPEN, SEEN)[0]
    assert turned == pytest.approx(across)


@pytest.mark.parametrize("width", [8.0, 15.0, 25.0])
def test_sound_goes_to_and_fro_between_the_rows_of_a_canyon(width, measured):
    # endless street in the middle of two endless walls: images whose last reflection is across the street stand
    # 2 n W - W/2 and 2 n W + W/2 away, after 2 n - 1 and 2 n reflections
    half = width / 2.0
    found = facade_gain(np.array([[0.0, half]]), np.array([[-1e6, 0.0]]), np.array([[1e6, 0.0]]), np.array([half]),
                        np.array([half]), SEEN)[0]  # fmt: skip
    away = [half] + [2 * n * width + side * half for n in range(1, 200) for side in (-1, 1)]
    images = sum(REFLECTED**order / (2.0 * np.hypot(distance, 3.95)) for order, distance in enumerate(away))
    lacking = level(images / found)
    assert lacking > 0.0
    measured(
        case=f"level in a closed canyon {width:g} m wide, against all reflections", source="image sources",
        ours=lacking, bar=0.35, unit="dB",
    )  # fmt: skip


def test_a_row_of_buildings_takes_ten_decibels_and_its_reflections():
    receiver, begin, end = np.array([[0.0, 30.0]]), np.array([[-20.0, 0.0]]), np.array([[20.0, 0.0]])
    seen = facade_gain(receiver, begin, end, OPEN, OPEN, SEEN)
    hidden = facade_gain(receiver, begin, end, OPEN, np.array([8.0]), np.array([True]))
    assert level(seen[0] / hidden[0]) == pytest.approx(BEHIND_BUILDINGS)


def test_a_thousand_cars_an_hour_at_fifty_are_heard_at_a_facade_ten_metres_away():
    # 81.45 dB(A)/m (CNOSSOS, tests of the source) less 10 lg(2 sqrt(10² + 3.95²)) = 13.33 dB
    assert 81.45 + level(line_gain(10.0, -1e9, 1e9)) == pytest.approx(81.45 - 13.33, abs=0.01)


def test_evenings_and_nights_weigh_more():
    # annex I by hand: the same level L all day gives L + 10 lg((12 + 4 * 10^0.5 + 8 * 10) / 24) = L + 6.40 dB
    assert day_evening_night(60.0, 60.0, 60.0) == pytest.approx(60.0 + 10 * np.log10((12 + 4 * 10**0.5 + 80) / 24))
    assert day_evening_night(60.0, -np.inf, -np.inf) == pytest.approx(60.0 - 10 * np.log10(2.0))
    assert day_evening_night(-np.inf, -np.inf, -np.inf) == -np.inf


def test_a_piece_without_length_is_refused():
    with pytest.raises(LayerError, match="pair 0: the piece of street has no length"):
        facade_gain(np.zeros((1, 2)), np.ones((1, 2)), np.ones((1, 2)), OPEN, OPEN, SEEN)
