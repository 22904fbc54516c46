"""The district's fast engine against the nodal one of ISO 52016-1, on one building of three periods."""

import sys
from pathlib import Path

import numpy as np
import pytest

from kernels.contract import collect, run
from kernels.energy import thermal_nodes
from kernels.energy.district_weather import Weather
from kernels.energy.glazing import DIFFUSE_GAIN, relative_gain
from kernels.energy.kernel import Energy
from kernels.energy.plane_of_array import on_planes
from kernels.energy.thermal import Climate, Surface, Window, Zone
from kernels.energy.thermal_layers import effective_capacity
from kernels.energy.thermal_rc import transmittance
from twin.building_archetypes import archetypes

sys.path.insert(0, str(Path(__file__).parents[1] / "kernels" / "energy"))
import boxes_toy as toy

SIDES = np.radians([0.0, 90.0, 180.0, 270.0])
WALL, ROOF, PANE = 60.0, 80.0, 12.0


def box(period):
    """Two storeys of 10 x 8 m, a fifth of each wall of glass, on the ground: as layers of the kernel, and as a zone."""
    made = {part: period.layers(part) for part in ("wall", "roof", "floor")}
    layers = toy.layers(1, sources=("gas_boiler",))
    roof = Surface(made["roof"], ROOF, 0.0)
    floor = Surface(made["floor"], ROOF, np.pi, outside="ground")
    walls = [Surface(made["wall"], WALL - PANE, np.pi / 2, side) for side in SIDES]
    one = {
        "heated_floor_area": 2 * ROOF, "heated_volume": 6 * ROOF, "ground_floor_area": ROOF, "party_wall_area": 0.0,
        "inner_area": 0.0, "roof_u_value": transmittance(roof), "wall_u_value": transmittance(walls[0]),
        "floor_u_value": transmittance(floor), "window_u_value": period.window_u, "window_g_value": period.window_g,
        "infiltration_rate": period.infiltration, "heat_recovery": 0.0, "cooled_share": 0.0, "dwellings": 1e6,
        **{f"{part}_heat_capacity": effective_capacity(each) for part, each in made.items()},
    }  # fmt: skip
    for name, value in one.items():
        layers[name].values[:] = value
    layers["face_area"].values[:] = [WALL] * 4 + [ROOF]
    layers["face_window_area"].values[:] = [PANE] * 4 + [0.0]
    layers["face_horizon"].values[:] = 0
    panes = tuple(Window(PANE, np.pi / 2, side, period.window_u, period.window_g) for side in SIDES)
    week = {name: layers[name].values[0] for name in ("occupied_gains", "fresh_air_change", "heat_set_point")}
    zone = Zone(
        (roof, floor, *walls), panes, 2 * ROOF, 6 * ROOF, period.infiltration + week["fresh_air_change"],
        2 * ROOF * week["occupied_gains"], week["heat_set_point"], np.inf,
        layers["ground_temperature"].values[0], gains_to_air=0.4, sun_to_air=0.1, plant_to_air=0.4,
    )  # fmt: skip
    return layers, zone


def open_climate(forcing):
    """The light of the made-up year on the five planes of a box in the open."""
    weather = Weather.of(forcing)
    planes = np.array([[0.0, 0.0], *([np.pi / 2, side] for side in SIDES)])
    laid = on_planes(weather.light, planes[:, 0], planes[:, 1])
    even = np.maximum(laid.sky - laid.glow, 0.0) + laid.ground
    through = relative_gain(np.arccos(np.clip(laid.incidence, -1, 1))) * (laid.direct + laid.glow) + DIFFUSE_GAIN * even
    return Climate(weather.air, weather.sky_loss, planes, np.ascontiguousarray(laid.whole),
                   np.ascontiguousarray(through), weather.month)  # fmt: skip


@pytest.mark.parametrize("period", archetypes()[:1] + archetypes()[2:3] + archetypes()[-1:], ids=lambda one: one.period)
def test_the_fast_engine_needs_what_the_nodal_one_does(period, measured):
    """Within 10 % of the year's heat: the two differ by 4 % on the cases 600 and 900 of ASHRAE 140."""
    layers, zone = box(period)
    forcing = toy.forcing()
    _, outcome = collect(run(Energy(), layers, forcing, [8760 * 3600.0]))
    fast = float(outcome.summary["heating_need"].values[0])
    reference = float(thermal_nodes.run([zone], open_climate(forcing)).ledger["heating"][0])
    measured(
        case=f"heat of a box {period.period}, district against nodal engine",
        source="ISO 52016-1, four steps an hour",
        ours=abs(fast / reference - 1),
        bar=0.1,
        unit="1",
    )
