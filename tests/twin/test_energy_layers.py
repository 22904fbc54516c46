"""Layers of a district's energy from houses drawn by hand, whose areas and losses are worked out on paper."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely.geometry import box

from kernels.contract import _check_one
from kernels.energy.carriers import EMITTERS, HEAT_SOURCES
from kernels.energy.district_inputs import LAYERS
from kernels.energy.ground import ground
from twin.building_uses import USES, weeks
from twin.cadastre import assemble
from twin.city import City, CityError, Surfaces
from twin.energy_layers import TOLD, assumed_facts, energy_layers, energy_tags, seeds_of
from twin.energy_works import (
    NO_WORKS,
    Battery,
    EnergyWorks,
    Facts,
    HeatSupply,
    Modules,
    Renovation,
    SetPoints,
    ThermalStore,
    Vehicles,
)
from twin.formats import cityjson
from twin.synthetic_year import normals

KWH = 3.6e6
DAY = xr.Dataset({
    "air_temperature": ("time", np.full(24, 280.0)), "local_month": ("time", np.zeros(24)),
}, coords={"time": 3600.0 * np.arange(24)})  # fmt: skip
"""A day is no year: the ground and the modules then follow the climate of Uccle."""


def city_of(document: dict, **columns) -> City:
    made = assemble([cityjson.parse("drawn", document)])
    table = made.table.assign(**({"use": "residential"} | columns))
    return City("drawn", tuple(made.table.total_bounds), surfaces=made.surfaces, buildings=table)


@pytest.fixture
def row(houses) -> City:
    """Three blocks of 10 x 8 m in a row, 6, 12 and 6 m high."""
    return city_of(houses.cityjson({
        "a": houses.block(), "b": houses.block(x=10, high=32), "c": houses.block(x=20),
    }))  # fmt: skip


def of(layers: xr.Dataset, name: str, building: str) -> float:
    return float(layers[name].sel(building=building))


def test_sizes_are_those_of_the_drawing(row):
    """480 m³ in 2 storeys of 3 m: (1/3 - 0.04) V of floor, 0.76 V of air; 960 m³ in 4 storeys of 3 m: 0.8 V of air."""
    found = energy_layers(row, NO_WORKS, DAY)
    assert of(found, "heated_floor_area", "a") == pytest.approx(480 * (1 / 3 - 0.04))
    assert of(found, "heated_volume", "a") == pytest.approx(0.76 * 480)
    assert of(found, "heated_volume", "b") == pytest.approx(0.80 * 960)
    assert found["ground_floor_area"].values.tolist() == pytest.approx([80, 80, 80])
    assert found["party_wall_area"].values.tolist() == pytest.approx([48, 96, 48])
    area = found["face_area"].values * (found["face_kind"].values == 1)
    assert np.bincount(found["face_building"].values, area).tolist() == pytest.approx([168, 240 + 96, 168])
    windows = np.bincount(found["face_building"].values, found["face_window_area"].values)
    assert windows.tolist() == pytest.approx([0.2 * 168, 0.2 * 336, 0.2 * 168])
    assert of(found, "inner_area", "a") == pytest.approx(2 * (140.8 - 80) + 1.5 * 140.8)
    assert of(found, "dwellings", "a") == 2  # 140.8 m² in homes of 90 m², rounded
    assert found["building_use"].values.tolist() == [USES.index("dwelling_house")] * 3


def test_a_floor_loses_along_the_open_air_only(row):
    """The middle block has 20 m of 36 on the open air; U values are those of ISO 13370 for that perimeter."""
    found = energy_layers(row, NO_WORKS, DAY)
    # walls before 1946: 2.2 W/m2K; the layers of the structure are 0.23 m thick
    air = normals().mean
    for name, perimeter in (("a", 28.0), ("c", 28.0)):
        wanted, below = ground(80.0, perimeter, 0.23, 1 / 0.85 - 0.17, air)
        assert of(found, "floor_u_value", name) == pytest.approx(float(wanted), rel=1e-6)
        np.testing.assert_allclose(found["ground_temperature"].sel(building=name), below, rtol=1e-9)
    # above its neighbours the middle block stands free: its perimeter is taken as open as its walls are
    wanted, _ = ground(80.0, 36 * 336 / 432, 0.23, 1 / 0.85 - 0.17, air)
    assert of(found, "floor_u_value", "b") == pytest.approx(float(wanted), rel=1e-6)


def test_a_month_of_weather_tells_the_ground_only_with_all_its_year(row):
    hours = np.arange(8760)
    light = {f"{name}_irradiance": ("time", np.zeros(8760)) for name in (
        "global_horizontal", "diffuse_horizontal", "direct_normal")}  # fmt: skip
    year = xr.Dataset(light | {
        "air_temperature": ("time", np.full(8760, 283.15)), "local_month": ("time", (hours // 730).clip(max=11)),
    }, coords={"time": 3600.0 * hours})  # fmt: skip
    np.testing.assert_allclose(energy_layers(row, NO_WORKS, year)["ground_temperature"], 283.15)


def test_the_kernel_can_read_them(row):
    found = energy_layers(row, NO_WORKS, DAY)
    for need in LAYERS:
        _check_one("energy", "layers", need, found)
    xr.testing.assert_equal(found[list(weeks().data_vars)], weeks())


def test_archetypes_follow_the_year_and_facts_stand_above_them_and_renovations_above_facts(row):
    """TABULA-BE: 1.70, 2.20, 5.0 before 1946, 0.21, 0.23, 1.7 from 2012."""
    table = row.buildings.assign(year=[2015.0, np.nan, 1930.0], wall_u=[np.nan, np.nan, 0.6])
    works = EnergyWorks(
        facts=(Facts("f", "b", (("owner", "Région"), ("window_u", 1.1), ("year", 2013))),),
        renovations=(Renovation("r", ("a", "c"), wall_u=0.3), Renovation("s", ("c",), wall_u=0.2, heat_recovery=0.8)),
    )
    plain, edited = (energy_layers(row.with_(buildings=table), one, DAY) for one in (NO_WORKS, works))
    assert plain["wall_u_value"].values.tolist() == [0.23, 2.2, 0.6]
    assert plain["roof_u_value"].values.tolist() == [0.21, 1.7, 1.7]
    # works do not make worse what is better already
    assert edited["wall_u_value"].values.tolist() == [0.23, 0.23, 0.2]
    assert edited["window_u_value"].values.tolist() == [1.7, 1.1, 5.0]
    assert edited["infiltration_rate"].values.tolist() == [0.3, 0.3, 0.4]
    assert edited["heat_recovery"].values.tolist() == [0, 0, 0.8]
    tags = energy_tags(row.with_(buildings=table), works)
    assert tags["wall_u"].tolist() == ["archetype", "archetype", "edited"]
    assert tags["window_u"].tolist() == ["archetype", "measured", "archetype"]
    assert tags["year"].tolist() == ["measured", "measured", "measured"]
    assert energy_tags(row.with_(buildings=table), NO_WORKS)["roof_u"].tolist() == ["archetype", "assumed", "archetype"]


def test_shares_by_who_says_so_are_of_the_floor_area(row):
    """Floor of 140.8, 281.6 and 140.8 m²: a known year of the middle one is half of all."""
    city = row.with_(buildings=row.buildings.assign(year=[np.nan, 1980.0, np.nan]))
    told = json.loads(energy_layers(city, NO_WORKS, DAY).attrs[TOLD])
    assert told["tags"]["wall_u"] == {"measured": 0.0, "archetype": 0.5, "assumed": 0.5, "edited": 0.0}
    assert told["tags"]["shape"]["measured"] == 1
    assert all(sum(one.values()) == pytest.approx(1) for one in told["tags"].values())
    assert told["told"]["year of construction unknown"] == 2


def test_facts_of_size_use_and_source_are_taken(row):
    facts = (
        ("dwellings", 7.0), ("energy_use", "office"), ("floor_area", 100.0), ("heat_source", "oil_boiler"),
        ("window_share", 0.5),
    )  # fmt: skip
    found = energy_layers(row, EnergyWorks(facts=(Facts("f", "a", facts),)), DAY)
    assert of(found, "heated_floor_area", "a") == 100
    assert of(found, "dwellings", "a") == 7
    assert of(found, "building_use", "a") == USES.index("office")
    assert of(found, "heat_source", "a") == HEAT_SOURCES.index("oil_boiler")
    assert float(found["face_window_area"].where(found["face_building"] == 0).sum()) == pytest.approx(84)
    known = assumed_facts(row)
    assert known.loc["a", "heat_source"] == "gas_boiler"
    assert known.loc["a", "floor_area"] == pytest.approx(140.8)


def test_a_heat_pump_covers_its_share_of_the_design_load(houses):
    """A block in the open from 2012: U A of roof, walls, windows, floor, and air, by 28 K (20 indoors, -8 outside)."""
    city = city_of(houses.cityjson({"a": houses.block()}), year=2020.0)
    works = EnergyWorks(supplies=(HeatSupply("h", ("a",), "air_heat_pump", "floor", cover=0.5, cooled=1.0),))
    found = energy_layers(city, works, DAY)
    fresh = float(weeks()["fresh_air_change"][USES.index("dwelling_house")].mean())
    through = 80 * 0.21 + 216 * (0.8 * 0.23 + 0.2 * 1.7) + 80 * of(found, "floor_u_value", "a")
    air = 1200 * 0.76 * 480 * (0.3 + fresh) / 3600
    use = USES.index("dwelling_house")
    water = 3 * float(weeks()["hot_water_heat"][use].mean()) * of(found, "heated_floor_area", "a")  # a day's in 8 h
    assert of(found, "heat_pump_capacity", "a") == pytest.approx(0.5 * 28 * (through + air) + water, rel=1e-9)
    assert of(found, "boiler_efficiency", "a") == 0.96  # that of its period is there still
    assert of(found, "heat_source", "a") == HEAT_SOURCES.index("air_heat_pump")
    assert of(found, "heat_emitter", "a") == EMITTERS.index("floor")
    assert of(found, "cooled_share", "a") == 1
    assert np.isinf(of(energy_layers(city, NO_WORKS, DAY), "heat_pump_capacity", "a"))
    alone = energy_layers(city, EnergyWorks(supplies=(HeatSupply("h", ("a",), "air_heat_pump"),)), DAY)
    assert of(alone, "boiler_efficiency", "a") == 0


def test_of_two_works_on_a_building_the_later_holds(row):
    works = EnergyWorks(
        supplies=(HeatSupply("h", ("a", "b"), "resistance"), HeatSupply("i", ("b",), "gas_boiler", cooled=0.2)),
        set_points=(SetPoints("s", ("a", "b"), heating=-1.0), SetPoints("t", ("b",), cooling=1.0)),
        stores=(ThermalStore("t", ("a", "c"), per_area=1e5), ThermalStore("u", ("c",), per_area=0.0)),
    )
    found = energy_layers(row, works, DAY)
    assert found["heat_source"].values.tolist() == [HEAT_SOURCES.index(one) for one in
                                                    ("resistance", "gas_boiler", "gas_boiler")]  # fmt: skip
    assert found["boiler_efficiency"].values.tolist() == [0.96, 0.96, 0.8]  # what an edit puts in is new
    assert found["cooled_share"].values.tolist() == [0, 0.2, 0]
    assert found["heat_set_point_change"].values.tolist() == [-1, 0, 0]
    assert found["cool_set_point_change"].values.tolist() == [0, 1, 0]
    assert found["heat_store_capacity"].values.tolist() == pytest.approx([140.8e5, 0, 0])


def test_modules_lie_on_the_best_of_what_is_fit(houses):
    """A gable house: 50 m² to the south and 50 m² to the north; half of all is the south alone."""
    city = city_of(houses.cityjson({"a": houses.gable()}))

    def peaks(**how) -> dict[str, float]:
        found = energy_layers(city, EnergyWorks(modules=(Modules("m", ("a",), **how),)), DAY)
        south = found["patch_north"].values < -0.1
        wall = np.abs(found["patch_up"].values) < 1e-6
        peak = found["photovoltaic_peak_power"].values
        return {"south": peak[south & ~wall].sum(), "north": peak[~south & ~wall].sum(), "walls": peak[wall].sum()}

    assert peaks(share=0.5, least_irradiation=0.0) == pytest.approx({"south": 10_000, "north": 0, "walls": 0})
    assert peaks(share=0.75, least_irradiation=0.0) == pytest.approx({"south": 10_000, "north": 5_000, "walls": 0})
    # a year of Uccle gives some 1,100 kWh/m² to the south and 700 to the north
    some = peaks(share=0.5, least_irradiation=900 * KWH, power_per_area=100.0)
    assert some == pytest.approx({"south": 2_500, "north": 0, "walls": 0})
    assert sum(peaks(least_irradiation=3000 * KWH).values()) == 0
    assert peaks(on="facades", share=1.0, least_irradiation=0.0)["walls"] == pytest.approx(200 * 240)


def test_batteries_follow_the_modules_and_vehicles_the_dwellings(row):
    works = EnergyWorks(
        modules=(Modules("m", ("a",), share=1.0, least_irradiation=0.0, power_per_area=200.0),),
        batteries=(Battery("b", ("a", "b"), per_building=1e7, per_peak=3600.0, hours=4.0),),
        vehicles=(Vehicles("v", ("b",), share=0.5, delay=7200.0),),
    )
    found = energy_layers(row, works, DAY)
    assert of(found, "battery_capacity", "a") == pytest.approx(1e7 + 3600 * 16_000)
    assert of(found, "battery_capacity", "b") == 1e7
    assert of(found, "battery_power", "b") == pytest.approx(1e7 / 4 / 3600)
    assert of(found, "electric_vehicles", "b") == pytest.approx(0.5 * 0.5 * 3)
    assert found["charging_delay"].values.tolist() == [0, 7200, 0]


def test_works_on_a_building_that_is_not_there_are_refused(row):
    with pytest.raises(CityError, match="name the building 'nobody', which the city lacks"):
        energy_layers(row, EnergyWorks(renovations=(Renovation("r", ("a", "nobody"), wall_u=0.3),)), DAY)


def test_neither_the_order_of_buildings_nor_others_change_a_bit(houses):
    """Property 9: seeds come from ids, sums from each building alone."""
    drawn = {"a": houses.gable(), "b": houses.block(x=30, high=40), "c": houses.block(x=60)}
    works = EnergyWorks(modules=(Modules("m", ("a", "b", "c"), least_irradiation=0.0),))
    one = energy_layers(city_of(houses.cityjson(drawn)), works, DAY)
    other = energy_layers(city_of(houses.cityjson(dict(reversed(drawn.items())))), works, DAY)
    for name in one.data_vars:
        if "building" in one[name].dims:
            np.testing.assert_array_equal(one[name], other[name].sel(building=one["building"]), err_msg=str(name))
    ids = pd.Index(["a", "b"], dtype=object)
    assert seeds_of(ids)[::-1].tolist() == seeds_of(ids[::-1]).tolist()
    assert (seeds_of(pd.Index([str(number) for number in range(1000)], dtype=object)) >= 0).all()


class TestWhatIsNoPlainZone:
    """Property 13: each is handled as documented, counted and shown, and no total is NaN."""

    def whole(self, city: City) -> dict[str, int]:
        found = energy_layers(city, NO_WORKS, DAY)
        for name in found.data_vars:
            if name != "heat_pump_capacity":
                assert np.isfinite(found[name].values.astype(float)).all(), name
        self.found = found
        told: dict[str, int] = json.loads(found.attrs[TOLD])["told"]
        return told

    def test_an_open_shell_takes_footprint_times_eaves(self, houses):
        """A wall is missing: 80 m² of ground, 6 m to the eaves."""
        told = self.whole(city_of(houses.cityjson({"a": houses.block()[:-1]})))
        assert told["volume from footprint and eaves"] == 1
        assert of(self.found, "heated_floor_area", "a") == pytest.approx(480 * (1 / 3 - 0.04))
        assert json.loads(self.found.attrs[TOLD])["tags"]["shape"]["assumed"] == 1

    def test_a_volume_of_nothing_is_no_volume(self, houses):
        told = self.whole(city_of(houses.cityjson({"a": houses.block()}), volume=0.0))
        assert told["volume from footprint and eaves"] == 1

    def test_what_has_no_shape_at_all_is_not_heated(self, houses):
        city = city_of(houses.cityjson({"a": houses.block(), "b": houses.block(x=30)}))
        table = city.buildings.assign(volume=[480.0, np.nan], eaves_height=[6.0, np.nan], ridge_height=[6.0, np.nan])
        told = self.whole(city.with_(buildings=table))
        assert told["not heated: without volume"] == 1
        assert of(self.found, "heated_floor_area", "b") == 0
        assert of(self.found, "heat_source", "b") == HEAT_SOURCES.index("none")
        assert set(self.found["face_building"].values.tolist()) == {0}

    def test_annexes_and_sheds_are_not_heated(self, houses):
        shed = houses.block(x=30, width=3, depth=3, high=23)
        city = city_of(houses.cityjson({"a": houses.block(), "b": shed, "c": houses.block(x=60)}))
        told = self.whole(city.with_(buildings=city.buildings.assign(use=["residential", "residential", "annex"])))
        assert (told["heated"], told["not heated: annexes"], told["not heated: smaller than 30 m3"]) == (1, 1, 1)

    def test_a_table_without_faces_gets_a_roof_and_four_walls(self, houses):
        city = city_of(houses.cityjson({"a": houses.block()}))
        told = self.whole(city.with_(surfaces=Surfaces.empty()))
        assert told["level roof in place of a missing one"] == 1
        assert told["four walls in place of missing ones"] == 1
        assert self.found["face_area"].values.tolist() == pytest.approx([80, 54, 54, 54, 54])

    def test_an_unknown_year_is_old_and_counted(self, row):
        told = self.whole(row)
        assert told["year of construction unknown"] == 3
        assert self.found["roof_u_value"].values.tolist() == [1.7] * 3  # TABULA-BE before 1946

    def test_facts_that_cannot_be_are_unknown_and_counted(self, row):
        city = row.with_(buildings=row.buildings.assign(wall_u=[0.0, -1.0, 0.4], heat_source=["", "fusion", ""]))
        assert self.whole(city)["facts that cannot be"] == 3
        assert self.found["wall_u_value"].values.tolist() == [2.2, 2.2, 0.4]

    def test_a_city_without_buildings_has_layers_of_nothing(self):
        told = self.whole(City("empty", box(0, 0, 100, 100).bounds))
        assert told["buildings"] == 0
        assert self.found.sizes["building"] == 0
