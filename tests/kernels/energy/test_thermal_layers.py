"""Layers against closed forms, and five nodes against the layers they stand for."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.thermal_layers import DAY, Layer, effective_capacity, node_class, nodes_of, transfer_matrix

CONCRETE = Layer(0.2, 1.13, 1400.0, 1000.0)
FOAM = Layer(0.0615, 0.04, 10.0, 1400.0)
BLOCK = Layer(0.1, 0.51, 1400.0, 1000.0)
BOARD = Layer(0.012, 0.16, 950.0, 840.0)
SIDING = Layer(0.009, 0.14, 530.0, 900.0)
QUILT = Layer(0.066, 0.04, 12.0, 840.0)
HEAVY = (BLOCK, FOAM, SIDING)


def test_a_layer_without_mass_is_its_resistance():
    np.testing.assert_allclose(transfer_matrix([Layer(1.0, 0.04)]), [[1, -25], [0, 1]])


def test_a_layer_cut_in_two_is_the_same_layer():
    half = Layer(0.1, 1.13, 1400.0, 1000.0)
    np.testing.assert_allclose(transfer_matrix([half, half]), transfer_matrix([CONCRETE]), rtol=1e-12)


def test_a_wall_without_end_takes_up_what_its_effusivity_says(measured):
    # closed form of a half space (Carslaw and Jaeger 1959, 2.6): |Y| = √(ω λ ρ c), so κ = √(λ ρ c T / 2π)
    endless = Layer(5.0, 1.13, 1400.0, 1000.0)
    expected = np.sqrt(1.13 * 1400 * 1000 * DAY / (2 * np.pi))
    measured(
        case="Effective mass of an endless wall, relative error",
        source="closed form of a half space, Carslaw and Jaeger 1959",
        ours=abs(effective_capacity([endless]) / expected - 1),
        bar=1e-9,
    )


def test_a_thin_wall_insulated_outside_takes_up_all_its_mass():
    thin = Layer(0.01, 1.0, 2000.0, 1000.0)
    assert effective_capacity([thin, Layer(1.0, 0.01)]) == pytest.approx(20_000.0, rel=1e-3)


@pytest.mark.parametrize("by", ["class", "layers"])
@pytest.mark.parametrize("layers", [HEAVY, (BOARD, QUILT, SIDING), (CONCRETE,), (BLOCK, Layer(1.0, 0.04))])
def test_five_nodes_keep_resistance_and_mass(layers, by):
    conductance, capacity = nodes_of(layers, by)
    assert (1 / conductance).sum() == pytest.approx(sum(one.resistance for one in layers), rel=1e-12)
    assert capacity.sum() == pytest.approx(sum(one.capacity for one in layers), rel=1e-12)
    assert (capacity >= 0).all()


@pytest.mark.parametrize(
    ("layers", "name"),
    [
        (HEAVY, "I"),
        (HEAVY[::-1], "E"),
        ((BLOCK, FOAM, BLOCK), "IE"),
        ((FOAM, BLOCK, FOAM), "M"),
        ((CONCRETE,), "D"),
        ((Layer(1.0, 0.04),), "D"),
    ],
)
def test_the_class_tells_where_the_mass_lies(layers, name):
    # the five words of ISO 52016-1:2017, table B.13: inside, outside, both sides, in the middle, even
    assert node_class(layers) == name


def test_fitted_nodes_answer_the_day_as_the_layers_do(measured):
    z = transfer_matrix(HEAVY)
    exact = z[0, 0] / z[0, 1]
    found = {}
    for by in ("layers", "class"):
        conductance, capacity = nodes_of(HEAVY, by)
        matrix = np.diag(2j * np.pi / DAY * capacity).astype(complex)
        for j, g in enumerate(conductance):
            matrix[j : j + 2, j : j + 2] += g * np.array([[1, -1], [-1, 1]])
        # outer face held, inner face swings by a kelvin: the flow into it, by elimination of the four others
        inner = matrix[4, 4] - matrix[4, 1:4] @ np.linalg.solve(matrix[1:4, 1:4], matrix[1:4, 4])
        found[by] = abs(inner + exact) / abs(exact)
    measured(
        case="Inner admittance of the BESTEST heavy wall over a day, five fitted nodes, relative error",
        source="EN ISO 13786 transfer matrix",
        ours=found["layers"],
        bar=0.05,
    )
    assert found["layers"] < found["class"]


def test_a_layer_that_is_no_layer_is_refused():
    with pytest.raises(LayerError, match="leave a layer out"):
        Layer(0.0, 1.0)
    with pytest.raises(LayerError, match="without mass"):
        Layer(0.1, 1.0, -1.0)
    with pytest.raises(LayerError, match="at least one layer"):
        nodes_of(())
