"""The engine with a kernel of the air: its weather, its layers, its figures, beside a kernel of water."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import xarray as xr

from kernels.contract import Closure, Need
from kernels.quantities import LANGUAGES, attrs
from scenarios.engine import simulate
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.store import Store

DRIVEN_BY = ("air_temperature", "relative_humidity", "wind_speed", "global_horizontal_irradiance",
             "diffuse_horizontal_irradiance", "direct_normal_irradiance", "downwelling_longwave_irradiance",
             "solar_elevation_angle", "solar_azimuth_angle")  # fmt: skip


@dataclass(frozen=True)
class Oven:
    """It feels as warm as the air outside of shade, 10 K cooler under a canopy: no physics, only the seams of heat."""

    air: bool = True
    comfort: tuple[str, ...] = ("utci",)

    name: ClassVar[str] = "oven"
    layers: ClassVar[tuple[Need, ...]] = (
        Need("building_index", ("y", "x")),
        Need("roof_elevation", ("y", "x"), finite=False),
        Need("canopy_top", ("y", "x")),
        Need("canopy_bottom", ("y", "x")),
        Need("canopy_transmissivity", ("y", "x")),
        Need("albedo", ("y", "x")),
    )
    forcing: ClassVar[tuple[Need, ...]] = tuple(Need(name, ("time",)) for name in DRIVEN_BY)
    gives: ClassVar[tuple[str, ...]] = ("utci", "max_utci")
    seen: ClassVar[list[xr.Dataset]] = []

    def prepare(self, layers, forcing):
        self.seen.append(layers)
        return {"layers": layers, "forcing": forcing, "time": 0.0}

    def advance(self, state, until):
        assert until in state["forcing"]["time"].values, "every output time is an entry of the forcing"
        state["time"] = until

    def _felt(self, state):
        layers = state["layers"]
        air = float(state["forcing"]["air_temperature"].sel(time=state["time"]))
        felt = np.where(layers["canopy_top"].values > 0, air - 10.0, air)
        return np.where(layers["building_index"].values >= 0, np.nan, felt)

    def _as(self, state, name):
        coords = state["layers"].coords.to_dataset()[["x", "y"]].coords
        return xr.Dataset({name: (("y", "x"), self._felt(state), attrs(name))}, coords=coords)

    def observe(self, state):
        return self._as(state, "utci").assign_coords(time=state["time"])

    def summarise(self, state):
        return self._as(state, "max_utci")

    def closure(self, state):
        return Closure("energy", 0.0, {"energy_stored": 1.0}, {"sky": "none"})

    def checkpoint(self, state):
        return {}

    def restore(self, layers, forcing, saved):
        return self.prepare(layers, forcing)


HOT = {
    "period": {"start": "2019-07-25T00:00:00+01:00", "duration_s": 86400, "output_every_s": 3600},
    "kernels": ["oven"],
    "forcing": {"weather": {"kind": "heat_day"}},
}


@pytest.fixture
def run(city, bucket, tmp_path):
    Oven.seen.clear()

    def go(document, **rest):
        scenario = Scenario.read(document)
        return simulate(city, scenario, store=Store(tmp_path / "store"), table=[bucket, Oven], **rest)

    return go


def test_a_hot_day_runs_from_document_to_result(run, document_of):
    frames = []
    found = run(document_of(**HOT), on_frame=lambda *one: frames.append(one))
    assert found.times == [3600.0 * hour for hour in range(1, 25)]
    warmest = max(float(np.nanmax(found.frame("utci", number))) for number in range(24))
    # the hourly frames pass 39.7 °C, 13:41 UTC, by 19 minutes
    assert warmest - 273.15 == pytest.approx(39.7, abs=0.2)
    assert {one["key"] for one in frames[0][1].attrs["indicators"]} >= {"mean_utci", "ground_above_32"}
    assert {one["key"] for one in found.indicators} >= {"mean_utci", "people_above_32"}


def test_a_result_keeps_the_weather_that_drove_it(run, document_of):
    weather = run(document_of(**HOT)).manifest["weather"]
    assert weather["time_s"] == [3600.0 * hour for hour in range(25)]
    assert weather["course"]["air_temperature"]["units"] == "K"
    assert max(weather["course"]["air_temperature"]["values"]) - 273.15 == pytest.approx(39.7, abs=0.2)
    assert "Prata" in weather["told"]["downwelling_longwave_irradiance"]


def test_a_kernel_of_the_air_reads_the_layers_of_heat_and_one_of_water_does_not(run, document_of):
    run(document_of(**HOT))
    assert {"roof_elevation", "canopy_transmissivity"} <= set(Oven.seen[0].data_vars)
    assert "sink_capacity" not in Oven.seen[0]


def test_water_and_heat_run_side_by_side_each_on_its_own_time(run, document_of):
    rain = {"kind": "hyetograph", "time_s": [0.0, 400.0, 4000.0], "intensity_mm_h": [900.0, 0.0, 36.0]}
    both = HOT | {"kernels": ["bucket", "oven"], "forcing": HOT["forcing"] | {"rain": rain}}
    found = run(document_of(**both))
    # 400 s of 0.25 mm/s, and a day less 4000 s of 0.01 mm/s
    assert float(np.nanmax(found.frame("max_water_depth"))) == pytest.approx(0.1 + 1e-5 * (86400 - 4000), abs=1e-3)
    assert float(np.nanmax(found.frame("utci", 12))) > 300
    keys = [one["key"] for one in found.indicators]
    assert {"flooded_area", "mean_utci"} <= set(keys)
    assert set(found.manifest["closure"]) == {"bucket", "oven"}


def test_a_tree_is_felt_where_it_stands(run, document_of):
    tree = {"edit": "tree", "id": "new", "point": [149_030.0, 172_035.0], "height_m": 10.0, "crown_diameter_m": 6.0}
    before, after = run(document_of(**HOT)), run(document_of(**HOT, edits=[tree]))
    cooler = before.frame("utci", 12) - after.frame("utci", 12)
    area = 4.0 * int((cooler > 5).sum())
    assert area == pytest.approx(np.pi * 9, rel=0.25)  # a disc of 6 m in cells of 2 m
    assert after.digest != before.digest


def test_new_and_gone_buildings_have_and_lose_their_roofs(run, document_of):
    outline = [[149_030, 172_040], [149_040, 172_040], [149_040, 172_050], [149_030, 172_050]]
    house = {"edit": "add_building", "id": "h", "polygon": outline, "height_m": 12}
    run(document_of(**HOT, edits=[house, {"edit": "remove_building", "id": "house-a"}]))
    roof = Oven.seen[-1]["roof_elevation"]
    # it stands on the lowest ground under it: 20 m less 1 % of 40 m
    assert float(roof.sel(x=149_035, y=172_045, method="nearest")) == pytest.approx(19.6 + 12, abs=0.01)
    assert np.isnan(float(roof.sel(x=149_015, y=172_015, method="nearest")))
    assert float(roof.sel(x=149_045, y=172_015, method="nearest")) == pytest.approx(25.0)


def test_heat_without_weather_is_refused_with_its_place(run, document_of):
    with pytest.raises(ScenarioError, match="kind: heat_day") as caught:
        run(document_of(**(HOT | {"forcing": {}})))
    assert caught.value.place == "forcing.weather"


def test_a_knob_of_several_words_is_a_list_in_a_document(document_of):
    one = Scenario.read(document_of(**HOT, options={"oven": {"comfort": ["utci", "pet"]}}))
    assert one.chosen([Oven])[0].comfort == ("utci", "pet")


def said(run, document) -> str:
    found = run(document).manifest["assumptions"]
    assert all(one[language].strip() for one in found for language in LANGUAGES)
    return " ".join(one["en"] for one in found)


def test_a_hot_day_says_what_is_assumed(run, document_of):
    words = said(run, document_of(**HOT))
    for part in (
        "those of Uccle",
        "A dew point of 15 °C, a wind of 2.5 m/s from 120°",
        "Linke turbidity 4.4",
        "Prata (1996)",
        "shape of the 3D model",
        "indoors it is 24 °C",
        "A crown is a cylinder",
        "within 25 m of their home",
        "2019-07-26 was not kept: 22.1 °C",  # the evening of the 25th falls towards it
    ):
        assert part in words
    for part in ("rain", "sewer", "Soil takes", "that day repeats", "Watered"):
        assert part not in words


def test_what_edits_assume_is_said_with_them(run, document_of):
    corner = [[149_052, 172_006], [149_056, 172_006], [149_056, 172_010], [149_052, 172_010]]
    edits = [
        {"edit": "depave", "id": "d", "polygon": corner, "irrigated": True},
        {"edit": "green_roof", "id": "g", "buildings": ["house-a"]},
        {"edit": "cool_roof", "id": "c", "buildings": ["house-b"]},
    ]
    words = said(run, document_of(**HOT, options={"oven": {"air": False}}, edits=edits))
    for part in ("Watered ground evaporates 80%", "evaporates 30%", "soils no further", "the same everywhere"):
        assert part in words


def test_a_minimum_that_nobody_kept_and_a_day_that_repeats_are_said(run, document_of):
    late = {"start": "2019-07-26T00:00:00+01:00", "duration_s": 2 * 86400, "output_every_s": 7200}
    weather = {"weather": {"kind": "heat_day", "day": "2019-07-26"}}
    words = said(run, document_of(**(HOT | {"period": late, "forcing": weather})))
    assert "2019-07-26 was not kept: 22.1 °C" in words
    assert "After 2019-07-26 that day repeats" in words


def test_a_steady_day_is_said_to_be_chosen(run, document_of):
    words = said(run, document_of(**(HOT | {"forcing": {"weather": {"kind": "steady", "air_temperature_c": 30}}})))
    assert "chosen freely and does not change" in words
