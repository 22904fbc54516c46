"""Roofs with a way of their own: green roofs hold and delay, downpipes reach their node, against hand values."""

import numpy as np
import pytest
import xarray as xr

from kernels.contract import LayerError
from kernels.flood.forcing import Rain
from kernels.flood.kernel import Flood
from kernels.flood.layer_stacks_units import PARAMETERS
from kernels.flood.roof_gutters import RoofGutters
from kernels.flood.roofs import Roofs
from kernels.quantities import attrs

GREEN = {
    "surface_storage": 0.005, "soil_thickness": 0.1, "soil_porosity": 0.6, "soil_field_capacity": 0.35,
    "soil_wilting_point": 0.1, "soil_moisture": 0.2, "soil_conductivity": 2e-5, "soil_conductivity_slope": 40.0,
    "soil_suction": 0.05, "storage_thickness": 0.03, "storage_void_fraction": 0.5, "drain_rate": 0.035,
    "drain_exponent": 5 / 3,
}  # fmt: skip
AREA = 4.0


def _street(make_layers, stack=None, node=None, rates=((0.0,), (1e-5,)), receive=None, table=GREEN, precision="f64"):
    """Building 7 of six cells and building 9 of four on a grid of 7 by 9; the table has one stack."""
    building = np.full((7, 9), -1, np.int32)
    building[2:4, 1:4], building[3:5, 6:8] = 7, 9
    layers = make_layers(np.zeros(building.shape), 2.0, building_index=building).assign_coords(building=[7, 9])
    for name, values in (("roof_stack", stack), ("downpipe_node", node)):
        if values is not None:
            layers[name] = ("building", np.array(values, np.int32), attrs(name))
    for name in PARAMETERS:
        layers[name] = ("stack", np.array([table.get(name.removeprefix("stack_"), 0.0)]), attrs(name))
    state = Flood(precision=precision, boundary="closed", threads=1).prepare(layers, xr.Dataset())
    times, series = (np.asarray(one, float) for one in rates)
    rain = Rain(times, series, np.ones(building.shape, bool), RoofGutters(building))
    return state, Roofs.from_layers(layers, building, rain, state.area, receive), building


def _depth(state):
    return state.water[0][1:-1, 1:-1]


def test_gutters_know_the_cells_of_a_building_and_those_around_it():
    """By hand on a grid of 4 by 5: a roof of two cells has six neighbours by a face."""
    building = np.full((4, 5), -1)
    building[1, 2:4] = 5
    gutters = RoofGutters(building)
    place, cells = gutters.cells_of(np.array([3, 5, 8]))
    assert place.tolist() == [1, 1]
    assert cells.tolist() == [7, 8]
    place, cells = gutters.around(np.array([5]))
    assert sorted(cells.tolist()) == [2, 3, 6, 9, 12, 13]
    assert place.tolist() == [0] * 6


def test_gutters_keep_the_sum_of_the_rain():
    building = np.full((6, 6), -1)
    building[2:4, 2:4] = 0
    rain = np.random.default_rng(1).random((6, 6))
    assert RoofGutters(building)(rain).sum() == pytest.approx(rain.sum(), rel=1e-15)


def test_a_green_roof_holds_its_field_capacity_and_lets_the_rest_go_late(make_layers):
    """By hand: 15 mm fit between start and field capacity; nothing leaves before, all that is more does in the end."""
    state, roofs, building = _street(make_layers, stack=[0, -1], rates=((0.0, 3000.0), (1e-5, 0.0)))
    assert roofs.mask.sum() == 6
    assert (building[roofs.mask] == 7).all()
    outflow = []
    for step in range(1_000):
        before = roofs.accounts()["volume_roofs_to_pavement"]
        roofs.exchange(state, step * 10.0, step * 10.0 + 10.0)
        outflow.append((roofs.accounts()["volume_roofs_to_pavement"] - before) / 10.0 / (6 * AREA))
    outflow = np.array(outflow)
    assert outflow[:149].max() == 0.0
    assert 0.0 < outflow.max() < 0.8e-5
    assert int(outflow.argmax()) * 10 >= 2900
    roofs.exchange(state, 1e4, 1e9)
    roofs.exchange(state, 1e9, 1e15)
    assert roofs.accounts()["volume_roofs_rain"] == pytest.approx(0.03 * 6 * AREA, rel=1e-12)
    assert roofs.held() == pytest.approx(0.015 * 6 * AREA, rel=1e-3)
    assert state.stored() == pytest.approx(0.015 * 6 * AREA, rel=1e-3)
    assert roofs.came() - roofs.held() - roofs.gone() == pytest.approx(state.stored(), rel=1e-12)


def test_a_roof_drains_to_the_ground_around_it_in_equal_shares(make_layers):
    """By hand: a full stack without layers below; 6 cells of roof, 10 of pavement around."""
    state, roofs, building = _street(
        make_layers, stack=[0, -1], table={"storage_thickness": 1e-9, "storage_void_fraction": 1.0}
    )
    roofs.exchange(state, 0.0, 100.0)
    around = np.zeros(building.shape, bool)
    around[1, 1:4] = around[4, 1:4] = True
    around[2:4, [0, 4]] = True
    np.testing.assert_allclose(_depth(state)[around], 1e-3 * 6 / 10, rtol=1e-5)
    assert float(_depth(state)[~around].max()) == 0.0
    assert roofs.accounts()["volume_layers_spilled"] == pytest.approx(6 * AREA * 1e-3, rel=1e-5)


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_a_downpipe_leads_its_roof_to_its_node_and_the_other_roof_stays_outside(make_layers, precision):
    got = []
    state, roofs, building = _street(
        make_layers, node=[-1, 4], receive=lambda nodes, volumes: got.append((nodes, volumes)), precision=precision
    )
    roofs.exchange(state, 0.0, 60.0)
    assert got[0][0].tolist() == [4]
    assert got[0][1].tolist() == pytest.approx([6e-4 * 4 * AREA])
    assert state.stored() == 0.0
    assert (building[roofs.mask] == 9).all()
    accounts = roofs.accounts()
    assert accounts["volume_roofs_to_drains"] == accounts["volume_roofs_rain"] == roofs.came()
    assert roofs.held() == 0.0


def test_rain_that_moves_is_caught_where_and_when_it_falls(make_layers):
    """By hand: 10 s of the first map and 5 s of the second, the mean over the four cells of building 9."""
    maps = np.zeros((2, 7, 9))
    maps[0, 3, 6], maps[1, 3:5, 6:8] = 4e-5, 2e-5
    got = []
    state, roofs, _ = _street(
        make_layers, node=[-1, 0], rates=([0.0, 100.0], maps), receive=lambda nodes, volumes: got.append(volumes[0])
    )
    roofs.exchange(state, 90.0, 105.0)
    assert got == pytest.approx([(10 * 1e-5 + 5 * 2e-5) * 4 * AREA])


def test_roofs_are_left_to_the_static_pattern_where_nothing_is_special(make_layers):
    assert _street(make_layers)[1] is None
    assert _street(make_layers, node=[3, 4])[1] is None, "no sewer to receive it"
    assert _street(make_layers, stack=[-1, -1])[1] is None


def test_a_checkpoint_changes_no_bit(make_layers):
    def run(stop):
        state, roofs, _ = _street(make_layers, stack=[0, 0], rates=((0.0, 900.0), (3e-5, 1e-6)))
        for step in range(300):
            if step == stop:
                saved, water = roofs.checkpoint(), state.water
                state, roofs, _ = _street(make_layers, stack=[0, 0], rates=((0.0, 900.0), (3e-5, 1e-6)))
                roofs.restore(saved)
                state.water = water
            roofs.exchange(state, step * 7.0, step * 7.0 + 7.0)
        return state.water[0], roofs.checkpoint()

    one, two = run(None), run(111)
    np.testing.assert_array_equal(one[0], two[0])
    for name, values in one[1].items():
        np.testing.assert_array_equal(values, two[1][name])


def test_a_roof_has_no_native_soil(make_layers):
    with pytest.raises(LayerError, match="lies on a roof"):
        _street(make_layers, stack=[0, -1], table=GREEN | {"seepage": 1e-6})
