"""A district of made-up boxes: its books close, and neither order, threads nor frames change a bit."""

import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from kernels.contract import LayerError, collect, run
from kernels.energy import thermal_rc
from kernels.energy.carriers import HEAT_SOURCES
from kernels.energy.hub import KWH, Hub, Store
from kernels.energy.kernel import Energy
from kernels.energy.photovoltaics import MODULES, alternating_current, losses
from kernels.energy.solar_year import Patches, solar_year
from kernels.energy.storage import follow_rules
from kernels.energy.thermal import Climate, Surface, Zone
from kernels.energy.thermal_layers import Layer, effective_capacity

sys.path.insert(0, str(Path(__file__).parent))
import boxes_toy as toy

YEAR = 8760 * 3600.0
MONTHS = [YEAR * part / 12 for part in range(1, 13)]


@pytest.fixture(scope="module")
def year():
    return collect(run(Energy(), toy.layers(24), toy.forcing(), MONTHS))


def test_every_building_closes_over_the_year(year):
    """Property 4: 1e-9 of what goes through each building."""
    _, outcome = year
    closure = outcome.summary["envelope_closure"].values
    assert np.isfinite(closure).all()
    assert closure.max() < 1e-9
    assert outcome.closure.error == pytest.approx(closure.max(), rel=1e-6)


def test_the_electric_node_closes_in_every_hour(year):
    """Property 4: 1e-6 kWh in each hour, told by the ledger and by the series that are stored."""
    _, outcome = year
    assert outcome.closure.remarks["largest error of the electric node, W"] < 1e-3
    rows = {name: outcome.summary[f"district_{name}"].values.astype(float) for name in (
        "bought", "photovoltaic", "battery", "given", "curtailed", "appliances", "heat_pumps", "resistance", "chillers",
        "vehicles", "plant_electricity")}  # fmt: skip
    came = rows.pop("bought") + rows.pop("photovoltaic") + rows.pop("battery")
    np.testing.assert_allclose(sum(rows.values()), came, rtol=1e-5, atol=1.0)  # float32


def test_oil_and_wood_are_the_fuel_of_their_boilers_and_vehicles_get_what_they_asked_for(year):
    """By books: sums of buildings by source, and what came first is what came later but for what still waits."""
    summary, remarks = year[1].summary, year[1].closure.remarks
    source = toy.layers(24)["heat_source"].values
    gas = summary["gas_used"].values.astype(float)
    for name in ("oil", "wood"):
        burnt = gas[source == HEAT_SOURCES.index(f"{name}_boiler")].sum()
        assert burnt > 0.0
        assert float(summary[f"district_{name}"].sum()) * 3600.0 == pytest.approx(burnt, rel=1e-6)
    asked, had = (summary[f"district_{name}"].values for name in ("vehicles_asked", "vehicles"))
    waiting = (asked.sum() - had.sum()) * 3600.0
    assert waiting / KWH == pytest.approx(remarks["charging that vehicles still wait for, kWh"], abs=1e-6)
    assert (np.cumsum(asked - had) > -1e-3).all()  # nobody is charged before arriving
    assert (np.cumsum(asked) - np.cumsum(had)).max() > 0.0


def test_frames_add_up_to_the_sums(year):
    frames, outcome = year
    hours = np.diff([0.0, *MONTHS])[:, None]
    for frame, whole in (("heating_power", "heating_need"), ("electricity_power", "electricity_used"),
                         ("photovoltaic_ac_power", "photovoltaic_energy")):  # fmt: skip
        added = (frames[frame].values.astype(float) * hours).sum(axis=0)
        np.testing.assert_allclose(added, outcome.summary[whole].values, rtol=1e-5)
    for series, whole in (("heating", "heating_need"), ("photovoltaic", "photovoltaic_energy")):
        added = outcome.summary[f"district_{series}"].values.astype(float).sum() * 3600
        assert added == pytest.approx(float(outcome.summary[whole].values.astype(float).sum()), rel=1e-5)


def test_order_and_threads_change_no_bit(year):
    """Property 9."""
    _, outcome = year
    layers, turned = toy.layers(24), np.random.default_rng(5).permutation(24)
    place = np.argsort(turned)
    mixed = layers.isel(building=turned, patch=turned)
    mixed["face_building"] = layers["face_building"].copy(data=place[layers["face_building"].values])
    mixed["patch_building"] = mixed["patch_building"].copy(data=place[mixed["patch_building"].values])
    _, other = collect(run(Energy(threads=2), mixed, toy.forcing(), MONTHS))
    _, alone = collect(run(Energy(threads=1), layers, toy.forcing(), MONTHS))
    for name in outcome.summary.data_vars:
        one, two = outcome.summary[name], other.summary[name]
        for dim in set(one.dims) & {"building", "patch"}:
            two = two.isel({dim: place})
        np.testing.assert_array_equal(one.values, two.values, err_msg=str(name))
        np.testing.assert_array_equal(one.values, alone.summary[name].values, err_msg=str(name))


def test_a_checkpoint_with_stores_goes_on_bit_for_bit():
    layers, forcing = toy.layers(9), toy.forcing(24 * 60)
    times = [24 * 3600.0 * day for day in (20, 40, 60)]
    whole, ended = collect(run(Energy(), layers, forcing, times))
    _, outcome = collect(run(Energy(), layers, forcing, times[:2]))
    rest, other = collect(run(Energy(), layers, forcing, times[2:], saved=outcome.checkpoint))
    xr.testing.assert_identical(rest.isel(time=0), whole.isel(time=2))
    xr.testing.assert_identical(other.summary, ended.summary)


def test_in_the_dark_a_building_needs_what_its_network_says_at_rest():
    """Property 2 of the whole kernel: steady weather, against the resistances solved as they stand."""
    layers, forcing = toy.layers(4, sources=("resistance",)), toy.forcing(24 * 40)
    dark = [name for name in forcing.data_vars if "irradiance" in str(name)]
    forcing = forcing.assign({name: forcing[name] * 0.0 for name in dark})
    forcing["downwelling_longwave_irradiance"] = (
        "time",
        np.full(24 * 40, 5.670374419e-8 * 273.15**4),
        {"units": "W m-2"},
    )
    forcing["air_temperature"] = forcing["air_temperature"] * 0 + 273.15
    for name, value in (("occupied_gains", 0.0), ("appliance_power", 0.0), ("heat_set_point", 293.15),
                        ("fresh_air_change", 0.5)):  # fmt: skip
        layers[name] = layers[name] * 0 + value
        layers[name].attrs["units"] = {"heat_set_point": "K", "fresh_air_change": "h-1"}.get(name, "W m-2")
    layers["ground_temperature"] = layers["ground_temperature"] * 0 + 273.15
    layers["ground_temperature"].attrs["units"] = forcing["air_temperature"].attrs["units"] = "K"
    for name in dark:
        forcing[name].attrs["units"] = "W m-2"
    frames, _ = collect(run(Energy(), layers, forcing, [3600.0 * 24 * 39, 3600.0 * 24 * 40]))
    for row, found in enumerate(frames["heating_power"].values[-1]):
        assert found == pytest.approx(steady_power(layers, row), rel=1e-5)


def steady_power(layers, row):
    """The network of ISO 13790:2008, figure 5, at rest: three balances and the set point, solved as they stand."""
    one = {name: float(layers[name].values[row]) for name in layers.data_vars if layers[name].dims == ("building",)}
    face = layers.isel(face=layers["face_building"].values == row)
    roof, panes = face["face_kind"].values == 0, float(face["face_window_area"].sum())
    opaque = face["face_area"].values - face["face_window_area"].values
    u_value = np.where(roof, one["roof_u_value"], one["wall_u_value"])
    kept = np.where(roof, one["roof_heat_capacity"], one["wall_heat_capacity"])
    inner = [(one[f"{name}_area"], one[f"{kind}_heat_capacity"]) for name, kind in
             (("ground_floor", "floor"), ("party_wall", "party"), ("inner", "inner"))]  # fmt: skip
    areas = np.array([*opaque, *(area for area, _ in inner)])
    capacity = np.array([*kept, *(each for _, each in inner)])
    mass_area, whole = (areas @ capacity) ** 2 / (areas @ capacity**2), areas.sum() + panes
    to_face, to_air = 9.1 * mass_area, 3.45 * whole
    through = opaque @ u_value + one["ground_floor_area"] * one["floor_u_value"]
    to_mass, glass = 1 / (1 / through - 1 / to_face), panes * one["window_u_value"]
    fresh = 0.5 * (1 - one["heat_recovery"]) * 3.0 * one["heated_floor_area"]
    air = (one["infiltration_rate"] * one["heated_volume"] + fresh) * 1200 / 3600
    part = mass_area / whole
    balances = [
        [to_air + air, -to_air, 0.0, -0.4],
        [-to_air, to_air + to_face + glass, -to_face, -0.6 * (1 - part)],
        [0.0, -to_face, to_face + to_mass, -0.6 * part],
        [0.3, 0.7, 0.0, 0.0],
    ]  # over the outdoor temperature: air, faces, mass and power
    return float(np.linalg.solve(balances, [0.0, 0.0, 0.0, 20.0])[3])


def test_engine_a_says_the_same_of_one_building():
    """A box without sun, gains and ground, by the layers of `thermal_rc.run`: another way through the same method."""
    construction = (Layer(0.2, 0.8, 1600.0, 840.0),)
    u_value = 1 / (0.13 + 0.25 + 0.04)
    sides = np.radians([0.0, 90.0, 180.0, 270.0])
    zone = Zone(
        tuple(Surface(construction, 60.0, np.pi / 2, side, sky_view=0.0) for side in sides), (), 100.0, 300.0, 0.5, 0.0,
        293.15, 299.15,
    )  # fmt: skip
    forcing = toy.forcing()
    air = forcing["air_temperature"].values
    planes = np.array([[np.pi / 2, side] for side in sides])
    climate = Climate(air, np.zeros(8760), planes, np.zeros((4, 8760)), np.zeros((4, 8760)), np.zeros(8760, int))
    expected = thermal_rc.run([zone], climate, hourly=True)
    layers = toy.layers(1, sources=("gas_boiler",))
    for name, value in {
        "ground_floor_area": 0.0, "party_wall_area": 0.0, "inner_area": 0.0, "wall_u_value": u_value,
        "wall_heat_capacity": effective_capacity(construction), "heated_floor_area": 100.0, "heated_volume": 300.0,
        "infiltration_rate": 0.5, "heat_recovery": 0.0, "cooled_share": 1.0,
    }.items():  # fmt: skip
        layers[name].values[:] = value
    weeks = {"occupied_gains": 0.0, "appliance_power": 0.0, "fresh_air_change": 0.0, "heat_set_point": 293.15,
             "cool_set_point": 299.15}  # fmt: skip
    for name, value in weeks.items():
        layers[name].values[:] = value
    layers["face_area"].values[:] = [60.0, 60.0, 60.0, 60.0, 0.0]
    layers["face_window_area"].values[:] = 0.0
    for name in forcing.data_vars:
        if "irradiance" in str(name):
            forcing[name].values[:] = 0.0
    forcing["downwelling_longwave_irradiance"] = ("time", 5.670374419e-8 * air**4, {"units": "W m-2"})
    _, outcome = collect(run(Energy(), layers, forcing, [YEAR]))
    heating = outcome.summary["district_heating"].values
    np.testing.assert_allclose(heating, expected.hourly[0, 0], rtol=1e-5, atol=0.1)


def test_modules_make_what_the_solar_year_says(year):
    _, outcome = year
    layers, forcing = toy.layers(24), toy.forcing()
    from kernels.energy.district_weather import Weather

    weather = Weather.of(forcing)
    normals = np.stack([layers[f"patch_{way}"].values for way in ("east", "north", "up")], axis=1)
    peak = layers["photovoltaic_peak_power"].values
    patches = Patches.of(normals, layers["patch_area"].values, layers["patch_horizon"].values, np.arange(24), 24)
    found = solar_year(patches, weather.light, weather.air, weather.wind, peak, MODULES["premium"][1], losses())
    made = alternating_current(found.direct, peak[:, None] / 1.1).sum(axis=1) * 3600
    np.testing.assert_allclose(outcome.summary["photovoltaic_energy"].values, made, rtol=1e-5)
    np.testing.assert_allclose(outcome.summary["solar_irradiation"].values, found.irradiation, rtol=1e-5)
    has = peak > 0
    np.testing.assert_allclose(outcome.summary["specific_yield"].values[has], found.yield_[has] / peak[has], rtol=1e-5)


def test_a_battery_follows_the_rules_of_a_hub():
    """One building with modules and a battery, against `follow_rules` on its own series."""
    layers, forcing = toy.layers(1, sources=("gas_boiler",)), toy.forcing()
    layers["electric_vehicles"].values[:] = 0.0
    _, outcome = collect(run(Energy(), layers, forcing, [YEAR]))
    rows = {name: outcome.summary[f"district_{name}"].values.astype(float) for name in
            ("appliances", "chillers", "photovoltaic", "bought", "given", "battery_energy")}  # fmt: skip
    capacity, power = (float(layers[f"battery_{one}"].values[0]) for one in ("capacity", "power"))
    hub = Hub(
        3600.0, rows["appliances"] + rows["chillers"], rows["photovoltaic"], forcing["buy_price"].values,
        forcing["sell_price"].values, battery=Store(capacity, power, power, 0.95, 0.95),
    )  # fmt: skip
    schedule = follow_rules([hub])[0]
    for name, values in (("bought", schedule.grid_import), ("given", schedule.grid_export),
                         ("battery_energy", schedule.battery_energy)):  # fmt: skip
        np.testing.assert_allclose(rows[name], values, rtol=1e-4, atol=1e-4 * max(values.max(), 1.0), err_msg=name)


def test_vehicles_get_what_they_ask_for_within_their_time(year):
    _, outcome = year
    got = outcome.summary["district_vehicles"].values.astype(float).sum() * 3600 / KWH
    waiting = outcome.closure.remarks["charging that vehicles still wait for, kWh"]
    alone = toy.layers(24)
    alone["charging_delay"].values[:] = 0.0
    _, at_once = collect(run(Energy(), alone, toy.forcing(), [YEAR]))
    asked = at_once.summary["district_vehicles"].values.astype(float).sum() * 3600 / KWH
    assert got + waiting == pytest.approx(asked, rel=1e-4)
    assert waiting < 0.01 * asked


def test_what_is_no_zone_is_left_cold_and_counted():
    """Property 13: a building of no floor gives no NaN in any sum."""
    layers = toy.layers(8)
    layers["heated_floor_area"].values[2] = 0.0
    layers["heated_volume"].values[2] = 0.0
    frames, outcome = collect(run(Energy(), layers, toy.forcing(24 * 30), [24 * 3600.0 * 30]))
    assert outcome.closure.remarks["buildings that are no zone"] == 1
    assert outcome.summary["heating_need"].values[2] == 0.0
    assert np.isnan(outcome.summary["heating_need_per_area"].values[2])
    assert np.isnan(frames["indoor_air_temperature"].values[0, 2])
    for name in outcome.summary.data_vars:
        if str(name).startswith("district_") or str(name).endswith(("_need", "_used")):
            assert np.isfinite(outcome.summary[name].values).all(), name


def test_a_negative_price_stops_what_is_sold(year):
    """Property 13: with a price below nil nothing is given, the sun is cut off."""
    _, outcome = year
    cheap = toy.forcing()["sell_price"].values < 0
    assert outcome.summary["district_given"].values[cheap].max() == 0.0
    assert outcome.summary["district_curtailed"].values[cheap].max() > 0.0
    assert outcome.summary["district_curtailed"].values[~cheap].max() == 0.0


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("heated_volume", 0.0, "heated_volume of building 'B"), ("heat_recovery", 1.5, "heat_recovery"),
     ("heat_source", len(HEAT_SOURCES), "heat_source"), ("building_use", 9, "building_use"),
     ("boiler_efficiency", 0.0, "boiler_efficiency")],
)  # fmt: skip
def test_what_no_building_has_is_refused(name, value, words):
    layers = toy.layers(4)
    layers[name].values[0] = value
    with pytest.raises(LayerError, match=words):
        Energy().prepare(layers, toy.forcing(24))


def test_outputs_fall_on_hours():
    with pytest.raises(LayerError, match="whole hours"):
        collect(run(Energy(), toy.layers(2), toy.forcing(24), [1800.0]))
    with pytest.raises(LayerError, match="weather ends"):
        collect(run(Energy(), toy.layers(2), toy.forcing(24), [48 * 3600.0]))
