"""Everything at once: rain, river, stage, walls, roofs, soil, stacks, sewer, basin and pump; the books must close."""

import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

sys.path.insert(0, str(Path(__file__).parent))
from sewers import network

from kernels.flood.kernel import Flood
from kernels.flood.sewer_words import OUTFALL_LEVEL, STORAGE
from kernels.flood.stack_words import PARAMETERS
from kernels.quantities import attrs

CELL, SIZE = 2.0, 48
PAVING = {
    "pavement_thickness": 0.1, "pavement_void_fraction": 0.15, "pavement_conductivity": 5e-5, "storage_thickness": 0.3,
    "storage_void_fraction": 0.4, "seepage": 1e-6, "drain_rate": 1e-5, "drain_exponent": 0.5, "drain_node": 1,
}  # fmt: skip
GREEN = {
    "surface_storage": 0.005, "soil_thickness": 0.1, "soil_porosity": 0.6, "soil_field_capacity": 0.35,
    "soil_wilting_point": 0.1, "soil_moisture": 0.2, "soil_conductivity": 2e-5, "soil_conductivity_slope": 40.0,
    "soil_suction": 0.05, "storage_thickness": 0.03, "storage_void_fraction": 0.5, "drain_rate": 0.035,
    "drain_exponent": 5 / 3,
}  # fmt: skip


def _scene(make_layers):
    """A hilly quarter with four buildings: a green roof, a downpipe, both, neither."""
    rng = np.random.default_rng(11)
    x = (np.arange(SIZE) + 0.5) * CELL
    X, Y = np.meshgrid(x, x)
    bed = 30 + np.sin(X / 9) + np.cos(Y / 13) + 0.01 * X + 0.05 * rng.random((SIZE, SIZE))
    building = np.full(bed.shape, -1, np.int32)
    for number, (row, column) in enumerate([(5, 8), (20, 30), (33, 12), (36, 36)]):
        building[row : row + 5, column : column + 7] = number
    crest = np.full((SIZE, SIZE + 1), np.nan)
    crest[10:20, 24] = 30.8
    green = rng.random(bed.shape)
    fields = {
        "manning_roughness": np.where(X > Y, 0.03, 0.015),
        "saturated_hydraulic_conductivity": np.where(green < 0.3, 2e-6, 0.0),
        "wetting_front_suction": np.full(bed.shape, 0.1668),
        "moisture_deficit": np.full(bed.shape, 0.2),
        "depression_storage": np.where(green < 0.5, 2e-3, 0.0),
        "sink_capacity": np.where(green > 0.9, 5e-6, 0.0),
        "layer_stack": np.where((green > 0.7) & (green < 0.9), 0, -1).astype(np.int32),
    }
    ground = make_layers(bed, CELL, building_index=building, wall_crest_x=crest, **fields)
    stacks = {name: [one.get(name.removeprefix("stack_"), 0.0) for one in (PAVING, GREEN)] for name in PARAMETERS}
    stacks["stack_drain_node"] = [PAVING["drain_node"], -1]
    roofs = {"roof_stack": [1, -1, 1, -1], "downpipe_node": [-1, 0, 1, -1]}
    ground = ground.assign({name: ("stack", np.array(values), attrs(name)) for name, values in stacks.items()})
    ground = ground.assign({name: ("building", np.array(values), attrs(name)) for name, values in roofs.items()})
    ground = ground.assign_coords(building=np.arange(4))
    at = np.array([21.0, 45.0, 69.0])
    rim = [float(bed[int(here / CELL), 2 * i + 18]) for i, here in enumerate(at)]
    pipes = network(
        node={"x": [*[2 * CELL * i + 37.0 for i in range(3)], 80.0, 200.0], "y": [*at, 80.0, 80.0],
              "kind": [0, 0, 0, STORAGE, OUTFALL_LEVEL], "invert": [27.5, 27.3, 27.1, 25.0, 27.0],
              "rim": [*rim, 31.0, 31.0], "node_area": [1.13, 1.13, 1.13, 30.0, 1.13], "level": 27.4,
              "node_inflow": [0.3, 0.0, 0.0, 0.0, 0.0]},
        conduit={"start": [0, 1, 2], "end": [1, 2, 4], "length": 24.0, "shape": 0, "height": 0.4, "width": 0.0,
                 "roughness": 0.013, "start_invert": [27.5, 27.3, 27.1], "end_invert": [27.3, 27.1, 27.0]},
        weir={"start": [2], "end": [3], "crest": [27.5], "length": [2.0], "coefficient": [1.7]},
        pump={"start": [3], "end": [4], "law": 0, "on": 1.0, "off": 0.3, "capacity": 0.02},
        inlet={"node": [0, 1, 2], "x": [2 * CELL * i + 37.0 for i in range(3)], "y": at, "length": 1.5, "area": 0.12,
               "blockage": [0.0, 0.5, 0.0]},
    )  # fmt: skip
    return xr.merge([ground, pipes])


def _weather(make_forcing):
    times = [0.0, 300.0, 600.0, 900.0]
    return make_forcing(
        rain=(times, [2e-5, 4e-5, 0.0, 0.0]),
        inflow=(times, [[0.0], [1.0], [0.5], [0.0]], [61.0], [33.0]),
        level=(times, [[28.0], [30.9], [28.5], [28.5]], ["west"]),
    )


@pytest.mark.parametrize("scheme", ["fv2", pytest.param("fv1", marks=pytest.mark.slow), "inertia"])
@pytest.mark.parametrize(("precision", "bar"), [("f64", 1e-12), ("f32", 1e-6)])
def test_the_books_close_with_every_part_at_work(make_layers, make_forcing, measured, scheme, precision, bar):
    """|V - V0 - Σin + Σout| / Σin over 20 min, by the names of the accounts; no depth under zero on the way."""
    kernel = Flood(scheme=scheme, precision=precision, soil="green_ampt")
    state = kernel.prepare(_scene(make_layers), _weather(make_forcing))
    for until in (150.0, 400.0, 800.0, 1200.0):
        kernel.advance(state, until)
        assert float((state.water[0] + state.water[1]).min()) >= 0.0
    closure = kernel.closure(state)
    v = closure.ledger
    came = sum(v[name] for name in ("volume_rain", "volume_roofs_rain", "volume_inflow", "volume_boundary_in"))
    came += v["volume_drains_inflow"] + v["volume_outfall_back"]
    gone = v["volume_boundary_out"] + v["volume_infiltrated"] + v["volume_sink"] + v["volume_layers_infiltrated"]
    gone += v["volume_outfall"]
    held = sum(v[f"volume_{name}"] for name in ("stored", "depression", "layers_held", "roofs_held", "drains_held"))
    missing = abs(held - v["volume_initial"] - v["volume_drains_initial"] - came + gone) / came
    case = f"Rain, river, stage, roofs, soil, stacks, sewer, basin and pump together, {scheme}, {precision}: volume"
    measured(case=case, source="the ledger", ours=missing, bar=bar)
    assert closure.error <= bar
    # rain on all of the grid, roofs included: 2e-5 for 300 s and 4e-5 for 300 s
    fell = 0.018 * (SIZE * CELL) ** 2
    assert v["volume_rain"] + v["volume_roofs_rain"] == pytest.approx(fell, rel=1e-6 if precision == "f32" else 1e-12)
    idle = [name for name, volume in v.items() if volume == 0.0]
    assert set(idle) <= {"volume_initial", "volume_drains_initial", "volume_layers_spilled"}, idle


@pytest.mark.parametrize(("scheme", "precision"), [("fv2", "f32"), ("inertia", "f32")])
def test_a_restart_with_every_part_is_the_same_run_bit_for_bit(make_layers, make_forcing, scheme, precision):
    layers, forcing = _scene(make_layers), _weather(make_forcing)
    kernel = Flood(scheme=scheme, precision=precision, soil="green_ampt", threads=2)
    straight = kernel.prepare(layers, forcing)
    kernel.advance(straight, 150.0)
    saved = {name: np.array(part) for name, part in kernel.checkpoint(straight).items()}
    kernel.advance(straight, 330.0)
    resumed = kernel.restore(layers, forcing, saved)
    kernel.advance(resumed, 330.0)
    xr.testing.assert_identical(kernel.observe(resumed), kernel.observe(straight))
    xr.testing.assert_identical(kernel.summarise(resumed), kernel.summarise(straight))
    assert kernel.closure(resumed) == kernel.closure(straight)
