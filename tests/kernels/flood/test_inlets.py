"""Inlets by hand: weir and orifice, free and drowned, both ways, blocked."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sewers import ground, network, sewer

from kernels.contract import LayerError
from kernels.flood.inlets import inlet_discharge
from kernels.flood.sewer_words import OUTFALL_FREE

# FHWA HEC-22 (2009), eq. 4-26 and 4-27: Q = 1.66 P d^1.5 and Q = 0.67 A sqrt(2 g d)


def test_a_shallow_inlet_is_a_weir_and_a_deep_one_an_orifice():
    # 5 cm on 3 m of edge: 1.66 * 3 * 0.0111803 = 0.0556781; the orifice of 0.25 m² would give 0.165902
    assert inlet_discharge(0.05, -1.0, 3.0, 0.25) == pytest.approx(0.0556781, rel=1e-5)
    # 50 cm: 0.67 * 0.25 * sqrt(9.81) = 0.524622; the weir would give 1.76069
    assert inlet_discharge(0.5, -1.0, 3.0, 0.25) == pytest.approx(0.524622, rel=1e-5)
    assert inlet_discharge(0.0, -1.0, 3.0, 0.25) == 0.0


def test_a_drowned_inlet_works_under_the_difference_of_heads():
    # 0.6 m of street, 0.5 m in the sewer: 0.67 * 0.25 * sqrt(2 * 9.81 * 0.1) = 0.234618
    assert inlet_discharge(0.6, 0.5, 3.0, 0.25) == pytest.approx(0.234618, rel=1e-5)
    assert inlet_discharge(0.6, 0.6, 3.0, 0.25) == 0.0
    # nothing jumps where the sewer reaches the lip
    below, above = (inlet_discharge(0.3, down, 3.0, 0.25) for down in (-1e-12, 1e-12))
    assert above == pytest.approx(below, rel=1e-9)


def _pit(blockage=0.0, depth=0.0, **more):
    """A node 2 m under flat ground of 10 m, with one inlet in the middle of 3 x 3 cells of 5 m, pipe to an outfall."""
    node = {"x": 1e5, "y": 1e5, "kind": [0, OUTFALL_FREE], "invert": [8.0, 7.5], "rim": [10.0, 7.5],
            "surcharge_depth": np.inf, "initial_depth": [depth, 0.0], "area": 4.0} | more  # fmt: skip
    pipe = {"start": [0], "end": [1], "length": 50.0, "shape": 0, "height": 0.6, "width": 0.0, "roughness": 0.013,
            "start_invert": 8.0, "end_invert": 7.5}  # fmt: skip
    inlet = {"node": [0], "x": 7.5, "y": 7.5, "length": 3.0, "area": 0.25, "blockage": blockage}
    return sewer(network(node=node, conduit=pipe, inlet=inlet), ground(3, 3, 5.0, 10.0))


def _march(found, cells, span, step):
    for k in range(round(span / step)):
        found.advance(k * step, (k + 1) * step, cells)
    return found


def test_an_inlet_takes_what_its_law_says(measured):
    # 5 cm stand on the cell of 25 m²; in the first 0.01 s it sinks by less than 3e-5 m
    cells = np.array([1.25])
    taken = _march(_pit(), cells, 0.01, 0.01).accounts()["volume_inlets"]
    error = abs(taken / (0.0556781 * 0.01) - 1)
    measured(case="Inlet under 5 cm: discharge, relative", source="FHWA HEC-22, eq. 4-26", ours=error, bar=1e-5)
    assert cells[0] == pytest.approx(1.25 - taken, rel=1e-12)


def test_half_blocked_takes_half_and_blocked_takes_nothing():
    taken = []
    for blockage in (0.0, 0.5, 1.0):
        cells = np.array([1.25])
        taken.append(_march(_pit(blockage), cells, 0.01, 0.01).accounts()["volume_inlets"])
    assert taken[1] == pytest.approx(0.5 * taken[0], rel=1e-12)
    assert taken[2] == 0.0


def test_a_puddle_sinks_as_the_weir_law_integrates(measured):
    # A dh/dt = -1.66 P h^1.5: h = (h0^-0.5 + 1.66 P t / (2 A))^-2
    cells = np.array([1.25])
    found = _march(_pit(), cells, 600.0, 1.0)
    error = abs(cells[0] / 25.0 / (0.05**-0.5 + 1.66 * 3.0 * 600.0 / 50.0) ** -2 - 1)
    measured(case="Puddle over an inlet, 10 min: depth, relative", source="weir law integrated", ours=error, bar=0.02)
    assert found.accounts()["volume_inlets"] + cells[0] == pytest.approx(1.25, rel=1e-12)


def test_a_sewer_that_stands_above_the_street_spills_by_the_orifice(measured):
    # head 1 m above the lip on dry ground: 0.67 * 0.25 * sqrt(2 * 9.81 * 1) = 0.741930 (weir: 1.66 * 3 = 4.98)
    cells = np.array([0.0])
    found = _march(_pit(depth=3.0), cells, 1e-3, 1e-3)
    error = abs(found.accounts()["volume_surcharge"] / 0.741930e-3 - 1)
    measured(case="Surcharge under 1 m: discharge, relative", source="FHWA HEC-22, eq. 4-27", ours=error, bar=1e-5)
    assert cells[0] == pytest.approx(found.accounts()["volume_surcharge"], rel=1e-12)
    assert float(found.observe().node_spilled[0]) == found.accounts()["volume_surcharge"]


def test_what_is_blocked_lets_nothing_out_and_the_cover_lifts_instead():
    shut = _march(_pit(1.0, depth=3.0), np.array([0.0]), 1.0, 1.0)
    assert shut.accounts()["volume_surcharge"] == 0.0
    # the same node in the middle of the grid under a cover that holds 0.2 m, then under a bolted one
    for held, spills in ((0.2, True), (np.inf, False)):
        cells = np.array([0.0])
        found = _march(_pit(1.0, depth=3.0, x=7.5, y=7.5, surcharge_depth=held), cells, 60.0, 1.0)
        assert (found.accounts()["volume_surcharge"] > 0.0) == spills
        assert (cells[0] > 0.0) == spills


def test_a_cover_lets_nothing_in():
    cells = np.array([5.0])
    found = _march(_pit(1.0, x=7.5, y=7.5, surcharge_depth=0.0), cells, 60.0, 1.0)
    assert cells[0] == 5.0
    assert found.held() == 0.0


def test_levels_that_meet_do_not_ring():
    # a full dead end: the street's water and the shaft's settle on one level and stay
    node = {"x": 1e5, "y": 1e5, "kind": 0, "invert": [8.0, 8.0], "rim": 10.0, "surcharge_depth": np.inf,
            "initial_depth": [1.9, 1.9], "area": 1.131}  # fmt: skip
    pipe = {"start": [0], "end": [1], "length": 50.0, "shape": 0, "height": 0.6, "width": 0.0, "roughness": 0.013,
            "start_invert": 8.0, "end_invert": 8.0}  # fmt: skip
    inlet = {"node": [0], "x": 7.5, "y": 7.5, "length": 3.0, "area": 0.25}
    found = sewer(network(node=node, conduit=pipe, inlet=inlet), ground(3, 3, 5.0, 10.0))
    cells = np.array([12.5])
    _march(found, cells, 600.0, 1.0)
    street = 10.0 + cells[0] / 25.0
    assert float(found.observe().node_head[0]) == pytest.approx(street, abs=1e-3)


@pytest.mark.parametrize(
    ("where", "words"), [({"x": 99.0}, "outside the grid"), ({"node": [7]}, "inlet_node"), ({"blockage": 1.5}, "1.5")]
)
def test_an_inlet_that_cannot_be_is_refused(where, words):
    node = {"x": 1e5, "y": 1e5, "kind": [0], "invert": 8.0, "rim": 10.0}
    inlet = {"node": [0], "x": 7.5, "y": 7.5, "length": 3.0, "area": 0.25, "blockage": 0.0} | where
    with pytest.raises(LayerError, match=words):
        sewer(network(node=node, inlet=inlet), ground(3, 3, 5.0, 10.0))
