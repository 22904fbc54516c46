"""Sky view factors against the closed forms of canyons and basins."""

import math

import numpy as np
import pytest

from kernels.crew import Crew
from kernels.heat.lines import whole
from kernels.heat.masks import Masks
from kernels.heat.patches import PATCHES
from kernels.heat.scene import Scene
from kernels.heat.sky_view import open_sky

WIDE, LONG = 20, 4000
MIDDLE = {0.5: 0.70711, 1.0: 0.44721, 2.0: 0.24254, 3.0: 0.16440}
"""Sky view in the middle of an infinite canyon: cos(atan(2 H/W)), Oke 1987, appendix A."""


def canyon(ratio, centred=False):
    """A street 20 m wide between endless blocks, 1 m cells; its rows of ground."""
    size = 3 * WIDE
    stands = np.ones((size, LONG), bool)
    stands[WIDE : 2 * WIDE] = False
    roof = np.where(stands, ratio * WIDE, 0.0)
    return Scene.of(np.zeros(stands.shape), roof, stands, None, None, None, 1.0, centred=centred)


@pytest.fixture(scope="module", params=sorted(MIDDLE))
def street(request):
    scene = canyon(request.param)
    view = open_sky(scene, Crew(2), whole(scene.shape))[WIDE : 2 * WIDE, LONG // 2 - 64 : LONG // 2 + 64]
    return request.param, view.astype(float)


def exact(ratio):
    """(cos b1 + cos b2) / 2 at the centres of the cells."""
    tall, at = ratio * WIDE, np.arange(WIDE) + 0.5
    return (np.cos(np.arctan(tall / at)) + np.cos(np.arctan(tall / (WIDE - at)))) / 2


def test_a_canyon_shows_the_sky_of_its_closed_form(street, measured):
    ratio, view = street
    apart = view - exact(ratio)[:, None]
    source = "closed form (cos b1 + cos b2) / 2, Johnson and Watson 1984, doi:10.1175/1520-0450(1984)023"
    measured(case=f"sky view across a canyon of H/W {ratio:g}: largest error", source=source,
             ours=np.abs(apart).max(), bar=0.012)  # fmt: skip
    measured(case=f"sky view across a canyon of H/W {ratio:g}: mean bias", source=source,
             ours=abs(apart.mean()), bar=0.002)  # fmt: skip
    middle = (view[WIDE // 2 - 1] + view[WIDE // 2]) / 2
    np.testing.assert_allclose(middle, MIDDLE[ratio], atol=0.012)


def test_floor_and_walls_share_the_sky(street, measured):
    ratio, view = street
    floor = math.sqrt(1 + ratio**2) - ratio
    measured(case=f"mean sky view of the floor, H/W {ratio:g}", source="closed form sqrt(1 + (H/W)²) − H/W",
             ours=abs(view.mean() - floor), bar=0.005)  # fmt: skip
    # walls by the horizon of points up the wall, with the same discrete horizon: half of 1 + sin of its slope
    heights = (np.arange(400) + 0.5) / 400 * ratio * WIDE
    slope = np.arctan((ratio * WIDE - heights) / WIDE)
    wall = ((1 - np.sin(slope)) / 2).mean()
    measured(case=f"floor + 2 (H/W) wall, H/W {ratio:g}", source="closed form 1 (reciprocity); wall (1 − sin b) / 2",
             ours=100 * abs(view.mean() + 2 * ratio * wall - 1), bar=0.5, unit="%")  # fmt: skip


def test_a_round_basin_as_deep_as_its_radius_shows_half_the_sky(measured):
    radius, size = 30, 121
    rows, columns = np.indices((size, size)) - size // 2
    stands = np.hypot(rows, columns) > radius
    scene = Scene.of(np.zeros(stands.shape), np.where(stands, float(radius), 0.0), stands, None, None, None, 1.0)
    view = open_sky(scene, Crew(2), whole(scene.shape))[size // 2, size // 2]
    measured(case="centre of a round basin, depth = radius", source="closed form cos²(45°) = 0.5",
             ours=abs(view - 0.5), bar=0.006)  # fmt: skip


def test_patches_and_horizon_agree():
    scene = canyon(1.0)
    masks = Masks.of(scene, PATCHES, Crew(2))
    seen = np.unpackbits(masks.seen[:, WIDE : 2 * WIDE, LONG // 2].T, axis=1, bitorder="little")[:, : len(PATCHES)]
    np.testing.assert_allclose(seen @ PATCHES.horizontal, exact(1.0), atol=0.05)


def test_a_hill_hides_no_more_than_its_slope():
    # a slope of 10 % hides what lies below it uphill: cos² over the azimuths; lines of cells climb it in steps
    ground = np.repeat(np.arange(200)[:, None] * 0.1, 200, axis=1)
    scene = Scene.of(ground, ground, ground < -1, None, None, None, 1.0)
    found = open_sky(scene, Crew(1), whole(scene.shape), azimuths=64)[100, 100]
    azimuth = (np.arange(64) + 0.5) * 2 * np.pi / 64
    expected = np.mean(1 / (1 + np.maximum(0.1 * np.cos(azimuth), 0) ** 2))
    assert found == pytest.approx(expected, abs=6e-4)


def crowded(seed=5, size=140):
    rng = np.random.default_rng(seed)
    roof = np.where(rng.random((size, size + 13)) < 0.08, rng.uniform(3, 30, (size, size + 13)), 0.0)
    top = np.where((roof == 0) & (rng.random(roof.shape) < 0.15), rng.uniform(5, 20, roof.shape), 0.0)
    bottom = top * rng.uniform(0.1, 0.6, roof.shape)
    return Scene.of(rng.uniform(0, 2, roof.shape), roof + 2, roof > 0, top, bottom, None, 1.0)


def test_masks_of_a_window_are_those_of_the_whole_to_the_bit():
    scene = crowded()
    masks = Masks.of(scene, PATCHES, Crew(1))
    seen, veiled = masks.seen.copy(), masks.veiled.copy()
    for window in ((0, 40, 0, 40), (50, 90, 60, 120), (100, 140, 100, 153)):
        cells = np.s_[:, window[0] : window[1], window[2] : window[3]]
        masks.seen[cells], masks.veiled[cells] = 85, 85
        masks.look_again(scene, PATCHES, Crew(2), window)
        np.testing.assert_array_equal(masks.seen, seen)
        np.testing.assert_array_equal(masks.veiled, veiled)


def test_four_tiles_are_one_tile_and_two_threads_are_one_to_the_bit():
    scene = crowded()
    whole_at_once = Masks.of(scene, PATCHES, Crew(2))
    tiles = Masks(np.zeros_like(whole_at_once.seen), np.zeros_like(whole_at_once.veiled))
    for window in ((0, 70, 0, 80), (0, 70, 80, 153), (70, 140, 0, 80), (70, 140, 80, 153)):
        tiles.look_again(scene, PATCHES, Crew(1), window)
    np.testing.assert_array_equal(tiles.seen, whole_at_once.seen)
    np.testing.assert_array_equal(tiles.veiled, whole_at_once.veiled)
    view = open_sky(scene, Crew(2), whole(scene.shape))
    np.testing.assert_array_equal(open_sky(scene, Crew(1), whole(scene.shape)), view)
    np.testing.assert_array_equal(open_sky(scene, Crew(1), (70, 140, 0, 80)), view[70:, :80])


def march(scene, elevation, azimuth, row, column):
    """Seen and veiled of one cell, by walking its own ray cell by cell: an independent, slow way."""
    rise = math.tan(elevation)
    north, east = math.cos(azimuth), math.sin(azimuth)
    longest = max(abs(north), abs(east))
    eye, veiled = float(scene.height[0][row, column]), False
    for step in range(1, 400):
        away = step / longest
        at = row + away * north, column + away * east
        r, c = round(at[0]), round(at[1])
        if not (0 <= r < scene.shape[0] and 0 <= c < scene.shape[1]):
            break
        if scene.height[0][r, c] > eye + away * rise:
            return False, False
        veiled |= bool(scene.crown_bottom[0][r, c] < eye + away * rise < scene.crown_top[0][r, c])
    return True, veiled


def test_masks_see_what_a_walk_along_each_ray_sees(measured):
    scene = crowded(size=90)
    masks = Masks.of(scene, PATCHES, Crew(2))
    rng = np.random.default_rng(1)
    wrong, asked = 0, 0
    for row, column in rng.integers(20, 70, (40, 2)):
        for patch in rng.integers(0, 152, 12):
            bit = (masks.seen[patch // 8, row, column] >> (patch % 8)) & 1
            seen, _ = march(scene, PATCHES.elevation[patch], PATCHES.azimuth[patch], row, column)
            wrong, asked = wrong + (bool(bit) != seen), asked + 1
    measured(case="masks against a walk along each ray, a crowded random town", ours=100 * wrong / asked, bar=8.0,
             unit="% of rays", source="independent: cell by cell from the eye, with its own rounding")  # fmt: skip
