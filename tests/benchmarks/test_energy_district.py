"""A district's year: boxes by hand, needs alone under their own shaded light, and the real square kilometre; prints."""

import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kernels.contract import collect, run
from kernels.energy.kernel import Energy
from scenarios.district_hours import hours_of
from scenarios.district_optimum import optimum_of
from scenarios.energy_weather import energy_forcing
from scenarios.tariffs import TariffCourses
from scenarios.weather import SyntheticYear
from twin.energy_faces import city_patches
from twin.energy_layers import energy_layers
from twin.energy_works import Battery, EnergyWorks, HeatSupply, Modules

sys.path.insert(0, str(Path(__file__).parents[1] / "kernels" / "energy"))
sys.path.insert(0, str(Path(__file__).parents[1] / "scenarios"))
import boxes_toy as toy
from real_storms import real_city

pytestmark = pytest.mark.bench
YEAR = 8760 * 3600.0
START = datetime(2029, 12, 31, 23, tzinfo=UTC)


def timed(work):
    """Seconds on the clock and of the processors."""
    began, busy = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - began, time.process_time() - busy


def year_of(layers, forcing, threads=2):
    return timed(lambda: collect(run(Energy(threads=threads), layers, forcing, [YEAR]))[1])


def test_five_hundred_buildings_again_after_one_change():
    """All carriers, stores and vehicles by rules: every building is run again, not the changed one alone."""
    layers, forcing = toy.layers(500), toy.forcing()
    year_of(toy.layers(8), forcing)  # compiles
    layers["wall_u_value"].values[7] = 0.15
    outcome, wall, busy = year_of(layers, forcing)
    print(
        f"\n500 buildings, 8,760 h, all carriers by rules, run again whole: {wall:.2f} s on 2 threads ({busy:.2f} of "
        f"processor; aim 1); closes to {outcome.closure.error:.1e}"
    )


def test_perfect_management_of_five_hundred_buildings():
    """The district as one hub, by linear programme over the year with windows of a fortnight; aim 20 s."""
    layers, forcing = toy.layers(500), toy.forcing()
    hours = hours_of(year_of(layers, forcing)[0].summary)
    prices = (forcing[name].values for name in ("buy_price", "sell_price", "fuel_price"))
    found, wall, busy = timed(lambda: optimum_of(hours, layers, TariffCourses(*prices, None, "2025-01-01", "toy")))
    closure = max(found.schedule.closures(found.hub).values()) / 1e3
    print(
        f"\n500 buildings, 8,760 h: {wall:.1f} s ({busy:.1f} of processor; aim 20), {found.windows} windows; one meter "
        f"{1 - found.rules.cost / found.meters.cost:.1%} cheaper than each its own, stores shared "
        f"{1 - found.shared.cost / found.rules.cost:.1%}, perfect foresight "
        f"{1 - found.best.cost / found.shared.cost:.1%} cheaper again; closes to {closure:.1e} kWh/h"
    )


def test_needs_alone_with_their_own_shaded_light():
    """Engine A of the district: light behind five horizons each, weeks and needs; no modules, stores or vehicles."""
    layers, forcing = toy.layers(4000, sources=("gas_boiler",)), toy.forcing()
    for name in ("photovoltaic_peak_power", "battery_capacity", "heat_store_capacity", "electric_vehicles"):
        layers[name].values[:] = 0.0
    layers = layers.isel(patch=slice(0, 0))
    year_of(toy.layers(8), forcing)
    _, wall, busy = year_of(layers, forcing)
    print(
        f"\nneeds of 4,000 buildings under their own light, everything of the run included: {60 * 4000 / wall:,.0f} "
        f"building-years a minute on 2 threads ({60 * 4000 / busy:,.0f} a minute of one processor; aim 500,000 on 2)"
    )


@pytest.fixture(scope="module")
def city(reference_data):
    return real_city(reference_data)


def test_the_real_square_kilometre(city):
    """3,608 buildings with modules on their roofs under the horizons of the city's own mesh; aim 20 s after these."""
    everyone = tuple(sorted(city.buildings.index))
    works = EnergyWorks(
        modules=(Modules("roofs", everyone, least_irradiation=0.0),),
        supplies=(HeatSupply("pumps", everyone[::2], source="air_heat_pump", emitter="floor"),),
        batteries=(Battery("batteries", everyone[::3]),),
    )
    forcing, _ = energy_forcing(SyntheticYear(), START, YEAR, city)
    _, looked, _ = timed(lambda: city_patches(city))
    layers, laid, _ = timed(lambda: energy_layers(city, works, forcing))
    year_of(toy.layers(8), toy.forcing())  # compiles
    outcome, wall, busy = year_of(layers, forcing)
    peak = float(layers["photovoltaic_peak_power"].sum())
    made = float(outcome.summary["photovoltaic_energy"].values.astype(float).sum())
    area = float(layers["heated_floor_area"].sum())
    need = float(outcome.summary["heating_need"].values.astype(float).sum())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"\nreal cell, {layers.sizes['building']:,} buildings, {layers.sizes['patch']:,} patches, "
        f"{layers.sizes['face']:,} faces: horizons {looked:.1f} s (kept on disk), layers {laid:.1f} s, year "
        f"{wall:.1f} s on 2 threads ({busy:.1f} of processor; aim 20), {memory:.1f} GB at most; "
        f"{need / 3.6e6 / area:.0f} kWh/m2 of heat, {made / peak / 3600:.0f} kWh/kWp; closes to "
        f"{outcome.closure.error:.1e}, node {outcome.closure.remarks['largest error of the electric node, W']:.1e} W"
    )


def test_two_hundred_thousand_buildings_in_memory():
    """Memory of the whole Region: block sums, not hourly rows; a fortnight, for memory does not grow with time."""
    layers, forcing = toy.layers(200_000, sources=("gas_boiler", "air_heat_pump")), toy.forcing()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    collect(run(Energy(warm_up=0, threads=2), layers, forcing, [14 * 86_400.0]))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"\n200,000 buildings, a million faces: layers {layers.nbytes / 1e9:.2f} GB, peak of the process "
        f"{after / 1e6:.2f} GB (aim 2), of which the run added {max(after - before, 0) / 1e6:.2f}; a fortnight in "
        f"{time.perf_counter() - began:.0f} s"
    )
