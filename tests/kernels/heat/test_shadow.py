"""Sun and shade against the geometry of boxes, walls and crowns."""

import math

import numpy as np
import pytest

from kernels.contract import KernelError
from kernels.crew import Crew
from kernels.heat.lines import whole
from kernels.heat.scene import Scene
from kernels.heat.shadow import beam_of

SIDE, TALL = 30, 12.0


def box(side=SIDE, tall=TALL, size=260, cell=1.0):
    """A flat box in the middle of a plane, and the rows it stands on."""
    first = (size - side) // 2
    stands = np.zeros((size, size), bool)
    stands[first : first + side, first : first + side] = True
    roof = np.where(stands, tall, 0.0)
    return Scene.of(np.zeros((size, size)), roof, stands, None, None, None, cell), stands


def shade(scene, elevation, azimuth, **more):
    return beam_of(scene, elevation, azimuth, Crew(1), whole(scene.shape), **more).shadow


def two_hundred_suns():
    rng = np.random.default_rng(7)
    return zip(np.radians(rng.uniform(10, 60, 200)), rng.uniform(0, 2 * np.pi, 200), strict=True)


def test_the_shade_of_a_box_has_the_area_of_its_geometry(measured):
    worst = 0.0
    scene, stands = box()
    for elevation, azimuth in two_hundred_suns():
        length = TALL / math.tan(elevation)
        if length < 20:
            continue
        area = length * SIDE * (abs(math.cos(azimuth)) + abs(math.sin(azimuth)))
        found = shade(scene, elevation, azimuth)[~stands].sum(dtype=float)
        worst = max(worst, abs(found / area - 1))
    measured(
        case="shade of a box: area, shadows of 20 cells and more",
        source="closed form: H / tan(elevation) times the width across the sun",
        ours=100 * worst,
        bar=1.0,
        unit="%",
    )


def test_the_shade_of_a_box_is_as_long_as_the_sun_is_low(measured):
    worst = 0.0
    scene, stands = box()
    rows, columns = np.indices(scene.shape)
    middle = (scene.shape[0] - 1) / 2
    for elevation, azimuth in two_hundred_suns():
        away = np.array([-math.cos(azimuth), -math.sin(azimuth)])
        along = (rows - middle) * away[0] + (columns - middle) * away[1]
        across = (columns - middle) * away[0] - (rows - middle) * away[1]
        dark = (shade(scene, elevation, azimuth) > 0.5) & ~stands & (np.abs(across) <= 0.5)
        # the ray through the middle of the box leaves it where it meets the nearer pair of sides
        leaves = SIDE / 2 / max(abs(away[0]), abs(away[1]))
        reaches = along[dark].max() + 0.5 - leaves
        worst = max(worst, abs(reaches - TALL / math.tan(elevation)))
    measured(
        case="shade of a box: length along the ray through its middle",
        source="closed form: H / tan(elevation)",
        ours=worst,
        bar=1.0,
        unit="cells",
    )


@pytest.mark.parametrize("azimuth", [0.0, 0.3, 1.0, 2.5, 4.0])
def test_what_a_beam_brings_is_caught_by_ground_roof_and_wall(azimuth):
    # the box stands far from the edges: all that comes down over the plane is caught there, to a line or two at its rim
    scene, _ = box()
    beam = beam_of(scene, math.radians(35), azimuth, Crew(1), whole(scene.shape))
    caught = beam.lit.sum(dtype=float) + beam.caught.sum(dtype=float)
    assert caught == pytest.approx(scene.shape[0] * scene.shape[1], rel=2e-3)


def crown(bottom, top, transmissivity=0.03, size=80):
    tops, bottoms = np.zeros((size, size)), np.zeros((size, size))
    tops[38:42, 38:42], bottoms[38:42, 38:42] = top, bottom
    passes = np.full((size, size), transmissivity)
    ground = np.zeros((size, size))
    return Scene.of(ground, ground, ground > 0, tops, bottoms, passes, 1.0)


def test_the_sun_shines_below_a_crown(measured):
    # from the south at 45 degrees, shade lies from the bottom's height to the top's behind the trunk
    found = shade(crown(4.0, 10.0), math.radians(45), math.pi)[:, 40]
    dark = np.flatnonzero(found > 0.5)
    assert found[dark].max() == pytest.approx(0.97, abs=1e-6)
    measured(
        case="shade of a crown from 4 to 10 m at 45 degrees: first and last row",
        source="closed form: bottom / tan(elevation) from its near edge, top / tan(elevation) from its far edge",
        ours=max(abs(dark[0] - (38 + 4)), abs(dark[-1] + 1 - (42 + 10))),
        bar=1.0,
        unit="cells",
    )


def test_two_crowns_in_a_row_shade_like_the_denser():
    size = 80
    tops, bottoms, passes = np.zeros((size, size)), np.zeros((size, size)), np.ones((size, size))
    for row, transmissivity in ((30, 0.5), (45, 0.1)):
        cells = np.s_[row : row + 4, 30:50]
        tops[cells], bottoms[cells], passes[cells] = 40.0, 2.0, transmissivity
    ground = np.zeros((size, size))
    scene = Scene.of(ground, ground, ground > 0, tops, bottoms, passes, 1.0)
    found = shade(scene, math.radians(45), math.pi)
    assert found[60, 40] == pytest.approx(0.9, abs=1e-6)


def test_a_crown_under_a_roof_shades_nobody():
    size = 40
    roof = np.full((size, size), 15.0)
    top = np.full((size, size), 10.0)
    stands = np.zeros((size, size), bool)
    stands[15:25, 15:25] = True
    scene = Scene.of(np.zeros((size, size)), roof, stands, np.where(stands, top, 0), top * 0.3 * stands, None, 1.0)
    assert not scene.has_crowns


def test_a_window_is_shaded_as_the_whole_is():
    scene, _ = box(size=120)
    window = (20, 70, 30, 90)
    for elevation, azimuth in ((0.1, 0.7), (0.6, 3.0), (1.0, 5.5)):
        everywhere = beam_of(scene, elevation, azimuth, Crew(1), whole(scene.shape))
        here = beam_of(scene, elevation, azimuth, Crew(2), window)
        for name in ("lit", "sun", "caught"):
            np.testing.assert_array_equal(getattr(everywhere, name)[20:70, 30:90], getattr(here, name))


def test_threads_do_not_change_shade():
    rng = np.random.default_rng(3)
    roof = np.where(rng.random((150, 170)) < 0.1, rng.uniform(3, 30, (150, 170)), 0.0)
    top = np.where((roof == 0) & (rng.random(roof.shape) < 0.1), 9.0, 0.0)
    scene = Scene.of(np.zeros(roof.shape), roof, roof > 0, top, top / 3, np.full(roof.shape, 0.1), 1.0)
    for azimuth in np.linspace(0, 6, 13):
        one = beam_of(scene, 0.4, azimuth, Crew(1), whole(scene.shape))
        two = beam_of(scene, 0.4, azimuth, Crew(2), whole(scene.shape))
        for name in ("lit", "sun", "caught"):
            np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_a_sun_below_the_horizon_lights_nothing():
    scene, _ = box(size=60)
    assert (shade(scene, -0.1, 1.0) == 1).all()


def test_crowns_that_find_no_room_on_a_line_stop_the_run(monkeypatch):
    # two crowns, one after the other towards the sun and far apart in height, where a line has room for one
    monkeypatch.setattr("kernels.heat.shadow.SLOTS", 1)
    size = 40
    top, bottom = np.zeros((size, size)), np.zeros((size, size))
    top[20, :], bottom[20, :] = 3.0, 2.0
    top[22, :], bottom[22, :] = 30.0, 29.0
    ground = np.zeros((size, size))
    scene = Scene.of(ground, ground, ground > 0, top, bottom, np.full((size, size), 0.1), 1.0)
    with pytest.raises(KernelError, match="no room"):
        shade(scene, math.radians(20), 0.0)
