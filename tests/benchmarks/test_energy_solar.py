"""How long a year of sun on a hundred thousand patches takes, and their horizons, beside pvlib; prints."""

import time

import numpy as np
import pandas as pd
import pvlib
import pytest

from kernels.energy.horizons import horizons
from kernels.energy.plane_of_array import outward, skylight
from kernels.energy.solar_year import Patches, solar_year
from kernels.energy.triangle_tree import TriangleTree
from kernels.heat.sun import sun_position

pytestmark = pytest.mark.bench
COUNT = 100_000
GROUPS = 3_608
"""Buildings of the real cell."""


def year():
    """8,760 hours under a sky without clouds."""
    times = np.datetime64("2019-01-01T00:30") + np.arange(8760) * np.timedelta64(1, "h")
    elevation, azimuth = sun_position(times, 50.85, 4.35)
    whole = pvlib.clearsky.haurwitz(pd.Series(90 - np.degrees(elevation)))["ghi"].to_numpy()
    diffuse = whole / 3
    direct = np.where(np.sin(elevation) > 0.02, (whole - diffuse) / np.maximum(np.sin(elevation), 0.02), 0.0)
    return skylight(whole, diffuse, direct, elevation, azimuth)


def houses(rows, columns):
    """Blocks in rows, the height of each its own."""
    rng = np.random.default_rng(0)
    corner = np.array([[i, j, k] for k in (0, 1) for j in (0, 1) for i in (0, 1)], float)
    quads = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    triangles = [(a, b, c) for a, b, c, _ in quads] + [(a, c, d) for a, _, c, d in quads]
    spot = np.array([(20.0 * i, 12.0 * j, 0.0) for i in range(rows) for j in range(columns)])
    size = np.column_stack([np.full(len(spot), 10.0), np.full(len(spot), 10.0), rng.uniform(6, 25, len(spot))])
    return (spot[:, None] + corner * size[:, None])[:, triangles].reshape(-1, 3, 3), spot, size


def _seconds(act):
    began, busy = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - began, time.process_time() - busy


def test_a_year_on_a_hundred_thousand_patches():
    """Aim: 15 s on two processors."""
    rng = np.random.default_rng(1)
    light = year()
    horizon = rng.integers(0, 80, (COUNT, 36)).astype(np.uint8)
    tilt, facing = rng.uniform(0, np.pi / 2, COUNT), rng.uniform(0, 2 * np.pi, COUNT)
    group = np.sort(rng.integers(0, GROUPS, COUNT))
    area = rng.uniform(10, 60, COUNT)
    lay_out = _seconds(lambda: Patches.of(outward(tilt, facing), area, horizon, group, GROUPS))[1]
    patches = Patches.of(outward(tilt, facing), area, horizon, group, GROUPS)
    few = Patches.of(outward(tilt[:10], facing[:10]), area[:10], horizon[:10], np.zeros(10, int), 1)
    solar_year(few, light, 285.0, 3.0, 100.0, threads=1)  # compiles
    wall, busy = _seconds(lambda: solar_year(patches, light, threads=2))
    with_modules = _seconds(lambda: solar_year(patches, light, 285.0, 3.0, 150.0 * area, threads=2))
    zenith = np.degrees(np.arccos(light.up))
    azimuth = np.degrees(np.arctan2(light.east, light.north)) % 360

    def peer():
        for one in range(20):
            pvlib.irradiance.get_total_irradiance(
                np.degrees(tilt[one]), np.degrees(facing[one]), zenith, azimuth, light.beam, light.ground / 0.2,
                light.even, dni_extra=1361.0, airmass=1.5, model="perez",
            )  # fmt: skip

    theirs = _seconds(peer)[1] / 20 * COUNT
    print(
        f"\n{COUNT} patches x 8,760 h, hours of {GROUPS} groups: {wall:.1f} s on 2 threads ({busy:.1f} s of processor; "
        f"aim 15), with modules {with_modules[0]:.1f} ({with_modules[1]:.1f}), laying out {lay_out:.1f}; pvlib without "
        f"any horizon {theirs:.0f} s of processor, {theirs / busy:.0f} times as long"
    )


def test_horizons_of_a_town():
    """2,000 houses, five patches each."""
    triangles, spot, size = houses(40, 50)
    middle = spot + np.array([5.0, 5.0, 0.0])
    points = np.concatenate(
        [middle + [0, 0, 0.1] + size * [0, 0, 1]]
        + [middle + [5.1 * x, 5.1 * y, 0] + size * [0, 0, 0.5] for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    )
    built = _seconds(lambda: TriangleTree.of(triangles))[1]
    tree = TriangleTree.of(triangles)
    horizons(points[:2], tree, threads=1)  # compiles
    wall, busy = _seconds(lambda: horizons(points, tree, threads=2))
    print(
        f"\nhorizons of {len(points)} patches among {len(triangles)} triangles: {wall:.1f} s on 2 threads "
        f"({busy:.1f} s of processor), {1e6 * busy / len(points):.0f} us a patch; tree {built:.2f}"
    )
