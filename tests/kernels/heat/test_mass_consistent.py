"""The correction: no divergence left, nothing changed that had none, the smallest change, the same on any crew."""

import numpy as np
import pytest
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve

from kernels.contract import KernelError
from kernels.crew import Crew
from kernels.heat.mass_consistent import MassConsistent

THICKNESS = 2.2 * 1.15 ** np.arange(8)


def _blocks(rows, columns, seed=3):
    rng = np.random.default_rng(seed)
    roof = np.zeros((rows, columns))
    for _ in range(rows * columns // 60):
        j, i = rng.integers(0, rows - 4), rng.integers(0, columns - 4)
        roof[j : j + rng.integers(2, 5), i : i + rng.integers(2, 5)] = rng.uniform(5, 20)
    return roof


def _wind(shape, seed=5):
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1, 1, shape).astype(np.float32) for _ in range(3)]


def _shape(roof):
    return roof.shape[0] + 2, THICKNESS.size, roof.shape[1] + 2


def test_divergence_left_is_below_a_ten_thousandth(measured):
    """A random wind among random blocks, whose divergence is of order U/dx; summed afresh from the fluxes here."""
    roof, cell = _blocks(64, 47), 4.0
    solver = MassConsistent(roof, THICKNESS, cell, Crew(2))
    x, y, z = (f.astype(float) for f in solver.correct(*_wind(_shape(roof))))
    out = x[1:-1, :, 1:-1] - x[1:-1, :, :-2] + y[1:-1, :, 1:-1] - y[:-2, :, 1:-1] + z[1:-1, :, 1:-1]
    out[:, 1:] -= z[1:-1, :-1, 1:-1]
    divergence = np.abs(out) / (cell * cell * THICKNESS[None, :, None]) * cell
    assert solver.residual == pytest.approx(divergence.max(), rel=0.1)
    measured(case="Divergence left by the wind's correction", source="property 12: 1e-4 U/dx", ours=divergence.max(),
             bar=1e-4, unit="U/dx")  # fmt: skip


def test_no_air_passes_walls_and_ground():
    roof = _blocks(30, 30)
    solver = MassConsistent(roof, THICKNESS, 4.0, Crew(1))
    x, y, z = solver.correct(*_wind(_shape(roof)))
    solid = np.pad(solver.centres[None, :, None] < roof[:, None, :], ((1, 1), (0, 0), (1, 1)))
    assert not x[solid].any()
    assert not y[solid].any()
    assert not z[solid].any()
    assert not x[:, :, :-1][solid[:, :, 1:]].any()
    assert not y[:-1][solid[1:]].any()
    assert not z[:, :-1][solid[:, 1:]].any()


def test_a_wind_without_divergence_is_left_alone():
    roof = np.zeros((20, 30))
    u = np.ones(_shape(roof), np.float32) * np.linspace(0.5, 2, THICKNESS.size, dtype=np.float32)[None, :, None]
    solver = MassConsistent(roof, THICKNESS, 5.0, Crew(1))
    flux, _, _ = solver.correct(u, 0 * u, 0 * u)
    np.testing.assert_allclose(flux[1:-1, :, :-1], (u * (THICKNESS * 5)[None, :, None])[1:-1, :, :-1], rtol=2e-7)
    assert solver.iterations == 0


def test_the_change_is_the_smallest_there_is(measured):
    """Independent: the same problem assembled cell by cell and solved directly by scipy's sparse LU."""
    roof, cell = _blocks(12, 15), 4.0
    levels, (rows, columns) = THICKNESS.size, roof.shape
    solver = MassConsistent(roof, THICKNESS, cell, Crew(1))
    wind = _wind(_shape(roof))
    ours = solver.correct(*wind, tolerance=2e-6)

    free = solver.centres[None, :, None] >= roof[:, None, :]
    number = np.arange(rows * levels * columns).reshape(rows, levels, columns)
    inside = [w[1:-1, :, 1:-1].astype(float) for w in wind]
    matrix, outflow, faces = lil_matrix((number.size, number.size)), np.zeros(number.size), []
    for j, k, i in np.ndindex(*free.shape):
        me = number[j, k, i]
        if not free[j, k, i]:
            matrix[me, me] = 1
            continue
        for axis, (b, c, a) in enumerate(((0, 0, 1), (1, 0, 0), (0, 1, 0))):
            for sign in (1, -1):
                jj, kk, ii = j + sign * b, k + sign * c, i + sign * a
                beyond = not (0 <= jj < rows and 0 <= kk < levels and 0 <= ii < columns)
                if kk < 0 or (not beyond and not free[jj, kk, ii]):
                    continue
                gap = cell if axis < 2 else THICKNESS[k] if beyond else (THICKNESS[k] + THICKNESS[kk]) / 2
                area = cell * THICKNESS[k] if axis < 2 else cell**2
                mean = inside[axis][j, k, i]
                if not beyond:
                    mean = (mean + inside[axis][jj, kk, ii]) / 2
                    matrix[me, number[jj, kk, ii]] = -area / gap
                matrix[me, me] += area / gap
                outflow[me] += sign * mean * area
                if axis == 0 and sign == 1:
                    faces.append(
                        (me, None if beyond else number[jj, kk, ii], mean * area, area / gap, (j + 1, k, i + 1))
                    )
    potential = spsolve(matrix.tocsr(), outflow)
    worst = 0.0
    for me, other, guess, conductance, place in faces:
        exact = guess + conductance * ((0.0 if other is None else potential[other]) - potential[me])
        worst = max(worst, abs(ours[0][place] - exact) / (cell * THICKNESS[place[1]]))
    measured(case="Corrected wind against a direct solution", source="scipy spsolve on the assembled matrix",
             ours=worst, bar=1e-4, unit="U")  # fmt: skip


def test_one_thread_and_two_give_the_same_bits():
    roof = _blocks(90, 70)
    wind = _wind(_shape(roof))
    one, two = (MassConsistent(roof, THICKNESS, 4.0, Crew(n)).correct(*wind) for n in (1, 2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_solution_out_of_reach_is_an_error_with_its_figure():
    roof = _blocks(30, 30)
    with pytest.raises(KernelError, match=r"divergence is .* after 1 iterations"):
        MassConsistent(roof, THICKNESS, 4.0, Crew(1)).correct(*_wind(_shape(roof)), most=1)
