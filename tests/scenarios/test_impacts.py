"""What a whole flood does, against floods that can be counted by hand."""

import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr

from kernels.quantities import LANGUAGES, QUANTITIES, attrs
from scenarios.compare import by_sector
from scenarios.damage import damage_classes
from scenarios.edits import apply_edits
from scenarios.edits.threshold import RaisedThreshold
from scenarios.engine import simulate
from scenarios.exposure import sector_of
from scenarios.impacts import HAZARD_CLASSES, IMPACTS
from scenarios.indicators import INDICATORS, FloodFigures
from scenarios.problem import ScenarioError
from scenarios.reopened import figures_of
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from twin.city import AMENITY_COLUMNS, COVER_COLUMNS, SECTOR_COLUMNS, as_table
from twin.layers import layers
from twin.store import Store

HOUSE = 100.0
"""Footprint of each house of the drawn city. [m2]"""


def painted(*paint, base=0.0) -> np.ndarray:
    """A field of the drawn city, from (west, south, east, north) in metres from its corner, and values."""
    field = np.full((30, 30), base)
    for (west, south, east, north), value in paint:
        field[south // 2 : north // 2, west // 2 : east // 2] = value
    return field


def summary_of(**fields: np.ndarray) -> xr.Dataset:
    return xr.Dataset({name: (("y", "x"), values, attrs(name)) for name, values in fields.items()})


@pytest.fixture
def impacts_of(city):
    def go(where=city, situation=None):
        situation = situation or Situation(where)
        return FloodFigures(situation, layers(situation.city, 2.0)).impacts

    return go


def figures(impacts, **fields) -> dict:
    return {one["key"]: one["value"] for one in impacts.figures(summary_of(**fields))}


BESIDE_A = (8, 10, 10, 12)
"""One cell beside house-a, in which 20 of the 30 people live."""
BESIDE_B = (50, 10, 52, 12)


def test_damage_is_the_curve_on_the_footprint(impacts_of):
    # 65 cm beside house-a, 50 cm inside: a quarter of 100 m2
    found = figures(impacts_of(), max_water_depth=painted((BESIDE_A, 0.65)))
    whole = HOUSE * damage_classes()["residential"].highest
    assert found["damage"] == pytest.approx(0.25 * whole, abs=50)
    assert found["damage_low"] == pytest.approx(0.20 * 0.7 * whole, abs=50)
    assert found["damage_high"] == pytest.approx(0.28 * 1.3 * whole, abs=50)
    assert found["damage_cellars"] == pytest.approx(0.1 * whole, abs=50)
    assert found["cellars_flooded"] == 1
    assert found["workplaces_touched"] == 0


def test_a_raised_threshold_keeps_the_water_out_of_its_own_house_only(city, impacts_of):
    raised = RaisedThreshold(id="t", buildings=["house-a"], height_m=0.7)
    impacts = impacts_of(situation=apply_edits(Situation(city), [raised]))
    deep = summary_of(max_water_depth=painted((BESIDE_A, 0.65), (BESIDE_B, 0.65)))
    found = impacts.buildings(deep)
    assert found["threshold_height"].values.tolist() == [0.7, 0.15]
    assert found["flood_damage"].values[0] == 0
    assert found["flood_damage"].values[1] > 0


def test_thresholds_of_the_citys_own_table_count(city, impacts_of):
    known = city.buildings.assign(threshold=[0.5, np.nan])
    found = impacts_of(city.with_(buildings=known)).buildings(summary_of(max_water_depth=painted()))
    assert found["threshold_height"].values.tolist() == [0.5, 0.15]


def test_a_house_on_a_quay_is_not_flooded_by_its_canal(city, impacts_of):
    canal = as_table(["canal"], [shapely.box(149_000, 172_000, 149_010, 172_060)], COVER_COLUMNS, cover=["water"])
    impacts = impacts_of(city.with_(land_cover=canal))
    assert figures(impacts, max_water_depth=painted(((0, 0, 10, 60), 3.0)))["damage"] == 0
    # the same depth on the ground south of it reaches the house
    assert figures(impacts, max_water_depth=painted(((10, 8, 20, 10), 0.65)))["damage"] > 0


def test_water_in_a_basin_is_no_flood_until_it_stands_above_its_rim(city):
    """One house, a basin 1 m deep at its door, a cell of street beside it: counted by hand."""
    ground = layers(city, 2.0)
    dug = painted((BESIDE_A, 1.0), ((6, 10, 8, 12), 1.0))
    figures_now = FloodFigures(Situation(city), ground.assign(dug_depth=(("y", "x"), dug)))
    impacts = figures_now.impacts

    def counted(depth):
        whole = summary_of(
            max_water_depth=depth,
            max_hazard_rating=np.where(depth > 0, 2.5, 0.0),
            duration_10=np.where(depth > 0, 900.0, 0.0),
        )
        found = {one["key"]: one["value"] for one in (*figures_now.now(depth), *impacts.figures(whole))}
        return found, impacts.buildings(whole), impacts.sectors(whole)

    found, by_building, by_sector_ = counted(dug)  # full to the rim
    assert {found[key] for key in found if not key.startswith("damage_high")} == {0.0}
    assert by_building["water_depth_beside"].values.tolist() == [0, 0]
    assert by_building["duration_10"].values.tolist() == [0, 0]
    assert by_sector_["flooded_area"].sum() == 0
    # 20 cm above the rim, and as deep on the street beside: 3 cells of 4 m2, one house, 12 m2 times 20 cm
    found, by_building, by_sector_ = counted(
        dug + painted((BESIDE_A, 0.2), ((6, 10, 8, 12), 0.2), ((4, 10, 6, 12), 0.2))
    )
    assert (found["flooded_area"], found["max_depth"], found["buildings_touched"]) == (12, 0.2, 1)
    assert found["water_stored"] == pytest.approx(2.4, abs=0.5)
    assert found["hazard_area_extreme"] == 12
    assert found["longest_10"] == 15  # on the street; in the basin time counts from its bed
    assert by_building["water_depth_beside"].values == pytest.approx([0.2, 0])
    assert by_sector_["flooded_area"].sum() == 12


def test_every_building_has_its_row_with_words_and_units(impacts_of):
    found = impacts_of().buildings(
        summary_of(
            max_water_depth=painted((BESIDE_A, 0.65)),
            max_hazard_rating=painted((BESIDE_A, 1.4)),
            duration_25=painted((BESIDE_A, 900.0)),
        )
    )
    assert found["building"].values.tolist() == ["house-a", "house-b"]
    assert found["water_depth_beside"].values.tolist() == [0.65, 0]
    assert found["water_depth_inside"].values == pytest.approx([0.5, 0])
    assert found["residents"].values == pytest.approx([20, 10])
    assert found["hazard_class"].values.tolist() == [3, 0]
    assert found["duration_25"].values.tolist() == [900, 0]
    for name in found.data_vars:
        assert found[name].attrs["units"] == QUANTITIES[str(name)].units


def test_danger_is_counted_by_class_on_the_ground_and_at_the_door(impacts_of):
    # one cell of 4 m2 beside house-a is dangerous for most, 10 more for some, 5 for all; a film has no class
    strip, pool, film = (20, 40, 40, 42), (40, 50, 50, 52), (0, 50, 10, 52)
    found = figures(
        impacts_of(),
        max_water_depth=painted((BESIDE_A, 0.5), (strip, 0.3), (pool, 1.0), (film, 0.02)),
        max_hazard_rating=painted((BESIDE_A, 1.25), (strip, 0.8), (pool, 2.4), (film, 1.1)),
    )
    assert found["hazard_area_low"] == 0
    assert found["hazard_area_moderate"] == 40
    assert found["hazard_area_significant"] == 4
    assert found["hazard_area_extreme"] == 20
    assert found["hazard_people_significant"] == 20
    assert found["hazard_people_extreme"] == 0


def test_the_classes_of_danger_are_those_of_the_report():
    # FD2321/TR1: below 0.75 caution, from 0.75 some, from 1.25 most, from 2.0 all
    assert [bound for _, bound in HAZARD_CLASSES] == [0.0, 0.75, 1.25, 2.0]


def test_durations_are_in_minutes_and_only_there_where_the_run_has_them(impacts_of):
    impacts = impacts_of()
    dry = figures(impacts, max_water_depth=painted())
    assert not [key for key in dry if key.startswith(("longest", "hazard"))]
    found = figures(
        impacts,
        max_water_depth=painted((BESIDE_A, 0.3)),
        duration_10=painted((BESIDE_A, 1800.0)),
        duration_25=painted((BESIDE_A, 600.0)),
        duration_50=painted(),
    )
    assert (found["longest_10"], found["longest_25"], found["longest_50"]) == (30, 10, 0)


def test_an_amenity_is_touched_in_a_touched_house_or_on_flooded_ground(city, impacts_of):
    # one in house-a, one on the lawn, one in house-b that stays dry, one outside
    places = [(149_015, 172_015), (149_011, 172_045), (149_045, 172_015), (148_000, 172_000)]
    amenities = as_table(
        list("abcd"), [shapely.Point(place) for place in places], AMENITY_COLUMNS,
        category=["school"] * 4, name=[""] * 4,
    )  # fmt: skip
    impacts = impacts_of(city.with_(amenities=amenities))
    found = figures(impacts, max_water_depth=painted((BESIDE_A, 0.3), ((10, 44, 12, 46), 0.2)))
    assert found["amenities_touched"] == 2


def test_a_workplace_is_a_building_nobody_lives_in(city, impacts_of):
    offices = city.buildings.assign(use=["office", "annex"])
    impacts = impacts_of(city.with_(buildings=offices))
    found = figures(impacts, max_water_depth=painted((BESIDE_A, 0.3), (BESIDE_B, 0.3)))
    assert found["workplaces_touched"] == 1


@pytest.fixture
def halves(city):
    """The drawn city with a western and an eastern sector; 20 people in the west, 12 in the east."""
    west, east = shapely.box(149_000, 172_000, 149_030, 172_060), shapely.box(149_030, 172_000, 149_060, 172_060)
    table = as_table(
        ["west", "east"], [west, east], SECTOR_COLUMNS, name_fr=["Ouest", "Est"], name_nl=["West", "Oost"],
        population=[20.0, 12.0],
    )  # fmt: skip
    return city.with_(sectors=table)


def test_every_sector_has_its_own_water_people_and_damage(halves, impacts_of):
    assert sector_of(halves).tolist() == [0, 1]
    table = impacts_of(halves).sectors(summary_of(max_water_depth=painted((BESIDE_A, 0.65), ((40, 40, 50, 42), 0.2))))
    assert table.loc["west", ["flooded_area", "buildings_touched", "people_touched"]].tolist() == [4, 1, 20]
    assert table.loc["east", ["flooded_area", "buildings_touched", "people_touched"]].tolist() == [20, 0, 0]
    assert table.loc["west", "damage"] > 0
    assert table.loc["east", "damage"] == 0
    assert isinstance(table, pd.DataFrame)


def test_a_sector_without_a_known_population_has_nobody_but_its_water(halves, impacts_of):
    table = halves.sectors.assign(population=[np.nan, 12.0])
    found = impacts_of(halves.with_(sectors=table)).sectors(summary_of(max_water_depth=painted((BESIDE_A, 0.65))))
    assert found.loc["west", "people_touched"] == 0
    assert found.loc["west", "damage"] > 0


@pytest.fixture
def run(halves, bucket, tmp_path, document_of):
    def go(**changes):
        return simulate(halves, Scenario.read(document_of(**changes)), store=Store(tmp_path), table=[bucket])

    return go


def test_winners_and_losers_are_told_by_sector(run, halves):
    # 0.2 mm of rain a thousandfold is 20 cm: both houses are touched; a threshold of 30 cm in the east keeps one dry
    edit = {"edit": "raised_threshold", "id": "t", "buildings": ["house-b"], "height_m": 0.3}
    a, b = (run(options={"bucket": {"catch": 1000}}, edits=edits) for edits in ([], [edit]))
    west, east = by_sector(a, b, halves)
    assert (west.sector, west.verdict) == ("west", "same")
    assert (east.sector, east.verdict) == ("east", "better")
    assert east.people_touched == (12, 0)
    assert east.damage[0] > east.damage[1] == 0
    assert by_sector(b, a, halves)[1].verdict == "worse"


def test_a_result_is_opened_with_its_own_city_only(run, halves, city):
    with pytest.raises(ScenarioError, match="its own city"):
        figures_of(run(), city)
    assert figures_of(run(), halves).exposure.people.sum() == pytest.approx(32)


def test_a_reopened_result_knows_how_deep_its_basins_are_dug(run, halves):
    # 64 m2 that hold 128 m3: 2 m below the lowest ground beside them, on 16 cells
    basin = {"edit": "basin", "id": "b", "volume_m3": 128,
             "polygon": [[149_026, 172_030], [149_034, 172_030], [149_034, 172_038], [149_026, 172_038]]}  # fmt: skip
    dug = figures_of(run(edits=[basin]), halves).exposure.dug
    assert (dug > 0).sum() == 16
    assert dug[15:19, 13:17].min() >= 2.0
    assert not figures_of(run(), halves).exposure.dug.any()


def test_a_run_leaves_the_impacts_beside_the_figures_of_its_water(run):
    found = [one["key"] for one in run().indicators]
    assert found[: len(INDICATORS)] == [one.key for one in INDICATORS]
    assert {"damage", "damage_low", "damage_high", "workplaces_touched"} <= set(found)


def test_every_impact_has_its_words_in_three_languages():
    for one in IMPACTS:
        assert all(one.label[language] for language in LANGUAGES), one.key
    keys = [one.key for one in (*INDICATORS, *IMPACTS)]
    assert len(set(keys)) == len(keys)
