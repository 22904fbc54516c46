"""Street and sewer together: capture, surcharge and return on a grid, every litre booked."""

import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

sys.path.insert(0, str(Path(__file__).parent))
from sewers import ground, network

from kernels.contract import LayerError
from kernels.flood.kernel import Flood
from kernels.flood.sewer import Sewer
from kernels.flood.sewer_words import OUTFALL_FREE, OUTFALL_LEVEL

NOTHING = xr.Dataset()


def _street(outlet=OUTFALL_FREE, level=np.nan, inflow=0.0, blockage=0.0, **node):
    """A walled street of 40 m by 10 m that falls to the east, three manholes with inlets under its middle."""
    bed = np.broadcast_to(10.0 - 0.005 * np.arange(20) * 2.0, (5, 20))
    street = ground(5, 20, 2.0, bed)
    x = np.array([5.0, 21.0, 37.0])
    nodes = {"x": [*x, 60.0], "y": 5.0, "kind": [0, 0, 0, outlet], "invert": [8.0, 7.9, 7.8, 7.6],
             "rim": [10.0, 9.9, 9.8, 7.6], "node_inflow": [inflow, 0.0, 0.0, 0.0], "level": level} | node  # fmt: skip
    pipes = {"start": [0, 1, 2], "end": [1, 2, 3], "length": 16.0, "shape": 0, "height": 0.4, "width": 0.0,
             "roughness": 0.013, "start_invert": [8.0, 7.9, 7.8], "end_invert": [7.9, 7.8, 7.6]}  # fmt: skip
    inlets = {"node": [0, 1, 2], "x": x, "y": 5.0, "length": 1.5, "area": 0.12, "blockage": blockage}
    return xr.merge([street, network(node=nodes, conduit=pipes, inlet=inlets)])


def _state(kernel, layers, depth=0.0):
    bare = layers[["ground_elevation"]]
    wet = xr.full_like(bare.ground_elevation, depth).assign_attrs(units="m")
    state = kernel.prepare(bare.assign(water_depth=wet), NOTHING)
    part = Sewer.from_layers(layers, state.hole, state.cell_size)
    state.parts = (part,)
    return state, part


def _bits(state, part):
    return np.concatenate([*(one.ravel() for one in state.water), *(one.ravel() for one in part._state[:4])])


@pytest.mark.parametrize(("precision", "bar"), [("f64", 1e-12), ("f32", 1e-6)])
def test_a_wet_street_drains_and_the_books_close(measured, precision, bar):
    kernel = Flood(precision=precision, boundary="closed", threads=1)
    state, _ = _state(kernel, _street(), depth=0.1)
    kernel.advance(state, 600.0)
    closure = kernel.closure(state)
    case = f"A wet street drains through its inlets, {precision}: volume"
    measured(case=case, source="the ledger", ours=closure.error, bar=bar)
    assert closure.ledger["volume_inlets"] > 0.9 * closure.ledger["volume_initial"]
    assert closure.ledger["volume_outfall"] > 0.9 * closure.ledger["volume_initial"]
    assert float(state.water[0].min()) >= 0.0
    assert set(closure.ledger) > {"volume_surcharge", "volume_drains_held", "volume_pumped", "volume_drains_inflow"}


@pytest.mark.parametrize(("precision", "bar"), [("f64", 1e-12), ("f32", 1e-6)])
def test_a_sewer_filled_from_above_spills_onto_the_street_and_drains_back(measured, precision, bar):
    # 0.5 m³/s for 120 s into pipes that carry a third of it; afterwards the street runs dry again
    series = {"series_node": [0] * 4, "series_time": [0.0, 1.0, 119.0, 120.0], "series_inflow": [0.0, 0.5, 0.5, 0.0]}
    layers = xr.merge([_street(), network(series_point=series)])
    kernel = Flood(precision=precision, boundary="closed", threads=1)
    state, part = _state(kernel, layers)
    kernel.advance(state, 120.0)
    on_street = state.stored()
    spilled = part.accounts()["volume_surcharge"]
    assert spilled > 5.0
    assert on_street > 5.0
    assert float(part.observe().node_spilled.sum()) == pytest.approx(spilled, rel=1e-12)
    assert kernel.closure(state).error <= bar
    kernel.advance(state, 1500.0)
    closure = kernel.closure(state)
    case = f"A sewer spills onto the street and drains back, {precision}: volume"
    measured(case=case, source="the ledger", ours=closure.error, bar=bar)
    assert state.stored() < 0.05 * on_street
    # what entered is 0.5 * 119 m³ by the series; nearly all of it has left by the outfall
    assert closure.ledger["volume_drains_inflow"] == pytest.approx(59.5, rel=1e-12)
    assert closure.ledger["volume_outfall"] > 0.98 * 59.5
    assert float(part.summarise().max_conduit_filling.max()) == 1.0


def test_a_river_above_the_street_comes_up_through_the_inlets_to_its_level(measured):
    kernel = Flood(precision="f64", boundary="closed", threads=1)
    state, part = _state(kernel, _street(outlet=OUTFALL_LEVEL, level=10.2))
    kernel.advance(state, 1800.0)
    eta = state.water[0][1:-1, 1:-1] + state.ground[0][1:-1, 1:-1] + state.datum
    error = np.abs(eta - 10.2).max()
    measured(case="A river comes up through the inlets: level", source="the river", ours=error, bar=5e-3, unit="m")
    assert kernel.closure(state).error <= 1e-12
    assert part.came() == pytest.approx(part.accounts()["volume_outfall_back"])


def test_blocked_inlets_leave_the_water_on_the_street():
    kernel = Flood(precision="f64", boundary="closed", threads=1)
    state, part = _state(kernel, _street(blockage=1.0), depth=0.1)
    kernel.advance(state, 120.0)
    assert part.accounts()["volume_inlets"] == 0.0
    assert state.stored() == pytest.approx(state.ledger["volume_initial"], rel=1e-13)


def test_the_number_of_threads_changes_no_bit():
    found = []
    for threads in (1, 2):
        kernel = Flood(threads=threads, boundary="closed")
        state, part = _state(kernel, _street(inflow=0.2), depth=0.05)
        kernel.advance(state, 60.0)
        found.append(_bits(state, part))
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_a_restart_goes_on_bit_for_bit(precision):
    kernel = Flood(precision=precision, boundary="closed", threads=1)
    layers = _street(inflow=0.3)
    state, part = _state(kernel, layers, depth=0.05)
    kernel.advance(state, 40.0)
    saved = {name: np.array(one) for name, one in part.checkpoint().items()}
    water = [one.copy() for one in state.water]
    clock = state.time, state.step, state.speed, state.exchanged
    part.observe()
    kernel.advance(state, 90.0)
    again, resumed = _state(kernel, layers, depth=0.05)
    resumed.restore(saved)
    for one, kept in zip(again.water, water, strict=True):
        one[:] = kept
    again.time, again.step, again.speed, again.exchanged = clock
    kernel.advance(again, 90.0)
    np.testing.assert_array_equal(_bits(again, resumed), _bits(state, part))
    assert resumed.accounts() == part.accounts()
    xr.testing.assert_identical(resumed.observe(), part.observe())
    xr.testing.assert_identical(resumed.summarise(), part.summarise())


def test_a_checkpoint_of_another_network_is_refused():
    kernel = Flood(boundary="closed", threads=1)
    _, part = _state(kernel, _street())
    saved = part.checkpoint()
    saved["drains_flow"] = np.zeros(7)
    with pytest.raises(LayerError, match="network it was made with"):
        part.restore(saved)


def test_water_of_roofs_enters_where_it_is_led():
    kernel = Flood(boundary="closed", threads=1)
    state, part = _state(kernel, _street())
    part.receive(np.array([1, 1, 2]), np.array([0.5, 0.25, 0.125]))
    assert part.held() == pytest.approx(0.875)
    np.testing.assert_allclose(part.observe().node_volume, [0.0, 0.75, 0.125, 0.0])
    assert part.came() == 0.0
    kernel.advance(state, 300.0)
    assert part.held() + part.gone() == pytest.approx(0.875, rel=1e-12)
    with pytest.raises(LayerError, match="outfall"):
        part.receive(np.array([3]), np.array([1.0]))


def test_layers_without_a_network_have_no_sewer():
    assert Sewer.from_layers(ground(), np.zeros((2, 2), bool), 1.0) is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("conduit_length", 0.0, "more than 0"),
        ("conduit_end", 9.0, "0 to 3"),
        ("node_kind", 8.0, "junction"),
        ("conduit_shape", 5.0, "circular"),
        ("node_rim", 1.0, "no lower than its invert"),
        ("conduit_roughness", np.nan, "not a number"),
        ("node_inflow", -1.0, "0 or more"),
    ],
)
def test_a_network_that_cannot_run_is_refused_with_the_object_named(name, value, words):
    layers = _street()
    layers[name].values[1] = value
    with pytest.raises(LayerError, match=words) as error:
        Sewer.from_layers(layers, np.zeros((5, 20), bool), 2.0)
    assert "1" in str(error.value)


def test_a_network_with_a_table_cut_short_is_refused():
    with pytest.raises(LayerError, match="conduit_roughness"):
        Sewer.from_layers(_street().drop_vars("conduit_roughness"), np.zeros((5, 20), bool), 2.0)
    with pytest.raises(LayerError, match="node_x"):
        Sewer.from_layers(_street().drop_vars("node_x"), np.zeros((5, 20), bool), 2.0)
