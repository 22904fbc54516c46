"""Light on faces in the wide form, held against the narrow one and the optics it stands for."""

import numpy as np

from kernels.energy.face_light import PIECE, lay_light, light_faces, slanting
from kernels.energy.glazing import DIFFUSE_GAIN, relative_gain
from kernels.energy.patch_light import light_on


def test_the_polynomial_is_what_glass_lets_in():
    cosine = np.linspace(0, 1, 4001)[1:-1]
    found = sum(one * cosine ** (place + 1) for place, one in enumerate(slanting()))
    assert np.abs(found - relative_gain(np.arccos(cosine))).max() < 2e-3
    assert abs(slanting().sum() - 1) < 1e-12


def test_wide_and_narrow_are_one():
    draw = np.random.default_rng(1)
    times, faces = 100, 7
    azimuth, elevation = draw.uniform(0, 2 * np.pi, times), draw.uniform(-0.2, 1.2, times)
    sun = [np.cos(elevation) * np.sin(azimuth), np.cos(elevation) * np.cos(azimuth), np.sin(elevation)]
    light = np.column_stack([*sun, *draw.uniform(0, 500, (4, times)), draw.uniform(-50, 100, times)])[
        :, [0, 1, 2, 3, 4, 5, 7, 6]
    ]
    tilt, toward = draw.uniform(0, np.pi / 2, faces), draw.uniform(0, 2 * np.pi, faces)
    normals = np.column_stack([np.sin(tilt) * np.sin(toward), np.sin(tilt) * np.cos(toward), np.cos(tilt)])
    seen, warms, passes = draw.uniform(0, 1, (faces, 3)), draw.uniform(0, 0.1, faces), draw.uniform(0, 20, faces)
    horizon = draw.integers(0, 150, (faces, 36)).astype(np.uint8)
    sector, height = azimuth / (2 * np.pi) * 36, np.where(sun[2] > 0, elevation / (np.pi / 2) * 255, -1.0)
    shone = np.empty(2 * PIECE)
    light_faces(
        0,
        faces,
        normals,
        seen,
        warms,
        passes,
        horizon,
        sector,
        height,
        lay_light(light),
        slanting(),
        DIFFUSE_GAIN,
        shone,
    )
    warm, within = np.zeros(times), np.zeros(times)
    for face in range(faces):
        for time in range(times):
            cosine, beam, glow, sky, ground = light_on(
                horizon[face], sector[time], height[time], *normals[face], *seen[face], light[time]
            )
            warm[time] += warms[face] * (beam + sky + ground)
            lit = np.arccos(np.clip(cosine, 0, 1)) if cosine > 0 else np.pi / 2
            round_sun = min(glow, sky)
            within[time] += passes[face] * (
                relative_gain(lit) * (beam + round_sun) + DIFFUSE_GAIN * (sky - round_sun + ground)
            )
    np.testing.assert_allclose(shone[:times], warm, rtol=1e-12)
    np.testing.assert_allclose(shone[PIECE : PIECE + times], within, atol=2e-3 * within.max())
