"""Heat and energy in one run: who waits for whom, watts that add up, air that is warmer, and nothing where apart."""

from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from kernels.contract import collect, run
from kernels.energy.kernel import Energy
from kernels.heat.kernel import Heat
from scenarios.assumptions_energy import of_energy
from scenarios.choice import choose
from scenarios.coupling import couples, laid_on_roofs
from scenarios.drivers import Drivers
from scenarios.engine import simulate
from scenarios.ground import ground_of_run
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from twin.demo import demo_city
from twin.layers import layers
from twin.packing import as_stored
from twin.rasterise import Grid
from twin.store import Store

CELL = 4.0


def document(*kernels: str, every: float = 3600.0, hours: int = 24, **heat: object) -> dict:
    """A hot day of Uccle, by the hour."""
    options = {"heat": {"wind": "log", **heat}} if "heat" in kernels else {}
    return {
        "scenario": 1,
        "name": {"en": "A hot day"},
        "cell_size_m": CELL,
        "period": {"start": "2019-07-25T00:00:00+01:00", "duration_s": hours * 3600, "output_every_s": every},
        "kernels": list(kernels),
        "options": options,
        "forcing": {"weather": {"kind": "heat_day"}},
    }


@pytest.fixture(scope="module")
def district():
    return demo_city(size=200.0)


@pytest.fixture(scope="module")
def results(district, tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"))
    asked = {"heat": ["heat"], "energy": ["energy"], "both": ["energy", "heat"]}
    return {name: simulate(district, Scenario.read(document(*one)), store=store) for name, one in asked.items()}


def test_energy_waits_for_the_air_and_nobody_else_waits_for_more():
    assert [one.name for one in choose(["energy", "heat"], {})] == ["heat", "energy"]
    assert [one.name for one in choose(["heat", "energy", "traffic"], {})] == ["traffic", "heat", "energy"]
    # the air of heat is the only weather that is another's output: all others run as before
    assert [one.name for one in choose(["heat", "flood"], {})] == ["flood", "heat"]
    assert [one.name for one in choose(["traffic", "energy", "access", "flood"], {})] == sorted(
        ["traffic", "energy", "access", "flood"]
    )


def test_only_a_street_air_that_can_warm_couples():
    assert couples([Heat(), Energy()])
    assert not couples([Heat(air=False), Energy()])
    assert not couples([Heat()])
    assert not couples([Energy()])


def test_the_watts_of_buildings_are_those_of_the_ground(results):
    found = results["both"].dataset
    laid = float(found["building_heat_flux"].values.astype(float).sum()) * CELL**2
    told = results["both"].manifest["coupling"]
    assert told["waste_heat_mw"] > 0.01
    assert laid == pytest.approx(told["waste_heat_mw"] * 1e6, rel=1e-5)
    # the run that handed it over was that of the weather's air
    alone = results["energy"].dataset["waste_heat_power"].values.astype(float).sum()
    assert laid == pytest.approx(alone, rel=1e-5)


def test_the_air_of_the_district_is_warmer_by_the_heat_of_its_buildings(results):
    both, alone = (results[name].dataset["air_temperature"].values for name in ("both", "heat"))
    warmer = np.nanmean(both.astype(float) - alone, axis=(1, 2))
    assert warmer.max() > 0
    assert warmer.mean() > 0
    assert results["heat"].manifest.get("coupling") is None


def test_energy_lives_in_the_air_of_the_district(district, results):
    """The stored run against a run by hand in the weather's air plus the mean excess of the stored frames."""
    both = results["both"]
    scenario = Scenario.read(document("energy", "heat"))
    situation, kernels = scenario.situation(district), scenario.chosen()
    drivers = Drivers(scenario, situation, kernels, scenario.grid(district))
    ground = ground_of_run(scenario, situation, scenario.grid(district), [Energy()], drivers.hours)
    frames = both.dataset["air_temperature"].values.astype(float).reshape(24, -1)
    excess = np.nanmean(frames, axis=1) - drivers.weather["air_temperature"].values[1:]
    hours = drivers.hours.copy(deep=True)
    # an entry is of the middle of its hour: half of the output before it, half of that at its end
    hours["air_temperature"].values[:] += 0.5 * (np.append(excess[0], excess[:-1]) + excess)
    _, outcome = collect(run(Energy(), ground, hours, both.times))
    for name in ("cooling_need", "electricity_used", "waste_heat_power"):
        stored, by_hand = both.dataset[name].values, outcome.summary[name].values
        np.testing.assert_allclose(stored, by_hand, rtol=2e-3, atol=1.0)  # air is stored to 0.01 K
    assert both.dataset["cooling_need"].values.sum() > 1.02 * results["energy"].dataset["cooling_need"].values.sum()


def test_what_went_to_and_fro_is_told(results):
    manifest = results["both"].manifest
    told = manifest["coupling"]
    assert 0 < told["mean_air_excess_k"] < told["highest_air_excess_k"] < 6
    assert told["lowest_air_excess_k"] < told["mean_air_excess_k"]
    assert told["waste_heat_in_that_air_mw"] > told["waste_heat_mw"], "warmer air, more cooling"
    remarks = manifest["closure"]["energy"]["remarks"]
    assert remarks["runs of energy"] == 2
    assert remarks["air of the district over that of the weather, mean, K"] == pytest.approx(
        told["mean_air_excess_k"], abs=0.1
    )
    assert manifest["closure"]["heat"]["remarks"]["waste heat of buildings, MW"] == told["waste_heat_mw"]


def test_apart_each_is_what_its_kernel_makes_alone(district, results):
    """To the step of the store: the engine hands the kernels their own layers and weather, and digests are apart."""
    assert len({one.digest for one in results.values()}) == 3
    for name, field in (("heat", "air_temperature"), ("energy", "cooling_power")):
        scenario = Scenario.read(document(name))
        situation, kernels, grid = scenario.situation(district), scenario.chosen(), scenario.grid(district)
        drivers = Drivers(scenario, situation, kernels, grid)
        ground = ground_of_run(scenario, situation, grid, kernels, drivers.hours)
        frames, outcome = collect(run(kernels[0], ground, drivers.of(kernels[0]), scenario.period.times()))
        stored, plain = results[name].dataset[field].values, frames[field].values
        # float64 of the steps of the store against float32 of its reader
        np.testing.assert_allclose(stored, as_stored(field, plain), rtol=1e-6)
        assert set(map(str, results[name].dataset.data_vars)) >= set(map(str, outcome.summary.data_vars))
        assert "building_heat_flux" not in results[name].dataset
        assert "coupling" not in results[name].manifest


def test_both_say_what_is_assumed_of_the_other(results):
    def said(name):
        return " ".join(one["en"] for one in results[name].manifest["assumptions"])

    assert "Buildings warm the air by what they consume" in said("both")
    assert "Heat from traffic is not counted" in said("both")
    assert "Heat from traffic and buildings is not counted" in said("heat")
    for names, words in ((["heat", "energy"], "plus what the streets of the district are warmer"),
                         (["energy"], "do not change the air of the street")):  # fmt: skip
        scenario = Scenario.read(document(*names))
        found = of_energy(scenario, Situation(demo_city(size=100.0)), scenario.chosen())
        assert words in " ".join(one["en"] for one in found)
        assert all(one[language].strip() for one in found for language in ("fr", "nl", "en"))


def test_outputs_too_far_apart_are_refused_with_their_place(district, tmp_path):
    with pytest.raises(ScenarioError, match="set it to 3600") as caught:
        simulate(district, Scenario.read(document("heat", "energy", every=7200.0)), store=Store(tmp_path))
    assert caught.value.place == "period.output_every_s"


def test_an_air_that_stays_the_weathers_leaves_energy_as_it_was(district, results, tmp_path):
    still = simulate(district, Scenario.read(document("heat", "energy", air=False)), store=Store(tmp_path))
    np.testing.assert_array_equal(
        still.dataset["electricity_used"].values, results["energy"].dataset["electricity_used"].values
    )
    assert "coupling" not in still.manifest


def test_heat_lies_on_the_cells_of_its_building_and_no_watt_is_lost():
    """By hand: four cells of 2 m, a shed within one open cell, a house that a larger one hides."""
    shapes = [shapely.box(0, 0, 4, 4), shapely.box(6.2, 0.2, 6.6, 0.6), shapely.box(0.1, 0.1, 1, 1)]

    class Table:
        geometry = SimpleNamespace(to_numpy=lambda: np.array(shapes, dtype=object))

        def __len__(self):
            return 3

    index = np.full((3, 4), -1)
    index[:2, :2] = 0
    flux = laid_on_roofs(
        np.array([160.0, -8.0, 40.0]), np.arange(3), index, SimpleNamespace(buildings=Table()), Grid(0, 0, 4, 3, 2.0)
    )
    by_hand = np.zeros((3, 4))
    by_hand[:2, :2] = 160 / 16
    by_hand[0, 0] += 40 / 4
    by_hand[0, 3] = -8 / 4
    np.testing.assert_allclose(flux, by_hand)
    assert flux.sum() * 4 == pytest.approx(192.0)


def test_a_window_lays_all_heat_of_its_buildings(district):
    """Buildings that the edge of a window cuts give all of theirs, on what is left of their roof."""
    west, south, _, _ = district.bounds
    window = (west + 60, south + 60, west + 140, south + 140)
    found = layers(district, CELL, window)
    grid = Grid.over(window, CELL)
    points = shapely.point_on_surface(district.buildings.geometry.to_numpy())
    inside = np.flatnonzero(shapely.within(points, shapely.box(*window)))
    power = np.random.default_rng(1).uniform(-1e4, 1e5, inside.size)
    flux = laid_on_roofs(power, inside, found["building_index"].values, district, grid)
    assert flux.sum() * CELL**2 == pytest.approx(power.sum(), rel=1e-12)


def test_heat_of_traffic_and_of_buildings_are_added(district, tmp_path):
    """What the kernel of heat is handed, against what each of the two gave for itself."""
    handed = []

    def spy(kernel, ground, forcing, times):
        if kernel.name == "heat":
            handed.append(ground["waste_heat_flux"].values)
        return run(kernel, ground, forcing, times)

    both = document("heat", "energy", "traffic", hours=1)
    both["period"]["start"] = "2019-07-25T06:00:00Z"
    both["forcing"]["travel"] = {"kind": "synthetic"}
    found = simulate(district, Scenario.read(both), store=Store(tmp_path), drive=spy)
    assert [one["name"] for one in found.manifest["kernels"]] == ["traffic", "heat", "energy"]
    streets, roofs = (found.dataset[name].values.astype(float) for name in ("waste_heat_flux", "building_heat_flux"))
    assert streets.sum() > 0
    assert roofs.sum() > 0
    np.testing.assert_allclose(handed[0], streets + roofs, atol=0.051)  # the store keeps streets to 0.1 W/m²
