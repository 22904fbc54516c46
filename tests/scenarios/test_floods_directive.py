"""The pack of the Floods Directive: what lies in it, and that its figures are those of the result."""

import csv
import json
import zipfile

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio

from scenarios.engine import simulate
from scenarios.floods_directive import extents, probability_of, write_pack
from scenarios.indicators import FloodFigures
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from twin.layers import layers
from twin.store import Store


@pytest.fixture
def result(city, bucket, tmp_path, document_of):
    # 0.2 mm of rain 1500-fold: 30 cm on every open cell, 15 cm inside both houses
    document = document_of(options={"bucket": {"catch": 1500}})
    return simulate(city, Scenario.read(document), store=Store(tmp_path / "store"), table=[bucket])


@pytest.fixture
def pack(result, city, tmp_path):
    return write_pack(result, city, tmp_path / "pack", probability="high", return_period_years=10)


def test_the_sheet_says_what_flood_it_is_and_whom_it_reaches(pack, result):
    sheet = json.loads((pack / "sheet.json").read_text("utf-8"))
    assert sheet["probability"]["class"] == "high"
    assert sheet["probability"]["return_period_years"] == 10
    assert sheet["kind"] == ["pluvial"]
    assert sheet["inhabitants_touched"] == 30
    assert sheet["scenario"]["result"] == result.digest
    assert sheet["demo"] is True
    assert "demo" in sheet["comment"]
    assert sheet["sources"]
    for language, euros in (("fr", "euros de 2010"), ("nl", "euro van 2010"), ("en", "euros of 2010")):
        assert sum(euros in words[language] for words in sheet["assumptions"]) == 1


def test_what_is_not_known_is_said_to_be_unknown(pack):
    sheet = json.loads((pack / "sheet.json").read_text("utf-8"))
    assert sheet["installations"]["industrial_emissions"] is None
    assert "unknown, not none" in sheet["installations"]["note"]


def test_the_depth_is_a_raster_that_lies_north_up(pack):
    with rasterio.open(pack / "depth.tif") as file:
        assert file.crs.to_epsg() == 31370
        assert (file.bounds.left, file.bounds.top) == (149_000, 172_060)
        depth = file.read(1)
    np.testing.assert_allclose(np.nanmax(depth), 0.3, atol=1e-3)
    assert int(np.isnan(depth).sum()) == 50
    assert not (pack / "velocity.tif").exists()  # the bucket has none


def test_the_extent_covers_the_flooded_cells_and_nothing_else(pack):
    extent = gpd.read_file(pack / "floods.gpkg", layer="extent")
    # all 900 cells of 4 m2 but the 50 of the houses, in the class from 25 to 50 cm
    assert extent["area_m2"].tolist() == [850 * 4]
    assert extent["deeper_than_m"].tolist() == [0.25]
    assert extent["up_to_m"].tolist() == [0.5]
    assert extent.geometry.is_valid.all()


def test_the_tables_name_every_touched_building_and_sector(pack):
    layers = {str(name) for name, _ in pyogrio.list_layers(pack / "floods.gpkg")}
    assert layers == {"extent", "buildings", "sectors"}
    buildings = gpd.read_file(pack / "floods.gpkg", layer="buildings")
    assert buildings["id"].tolist() == ["house-a", "house-b"]
    with (pack / "inhabitants.csv").open(encoding="utf-8", newline="") as file:
        (sector,) = csv.DictReader(file)
    assert float(sector["people_touched"]) == 30
    with (pack / "activities.csv").open(encoding="utf-8", newline="") as file:
        (use,) = csv.DictReader(file)
    assert (use["use"], use["buildings_touched"]) == ("residential", "2")
    assert 0 < float(use["damage_low"]) < float(use["damage"]) < float(use["damage_high"])


def test_a_zip_holds_the_same_files(pack, result, city, tmp_path):
    packed = write_pack(result, city, tmp_path / "pack.zip", probability="high", return_period_years=10)
    with zipfile.ZipFile(packed) as file:
        names = {name.split("/", 1)[1] for name in file.namelist()}
        sheet = file.read("pack/sheet.json")
    assert names == {one.name for one in pack.iterdir()}
    assert sheet == (pack / "sheet.json").read_bytes()


def test_a_dry_run_has_an_empty_pack_and_no_fault(city, bucket, tmp_path, document_of):
    dry = simulate(city, Scenario.read(document_of(forcing={})), store=Store(tmp_path / "store"), table=[bucket])
    place = write_pack(dry, city, tmp_path / "dry", probability="low")
    sheet = json.loads((place / "sheet.json").read_text("utf-8"))
    assert sheet["inhabitants_touched"] == 0
    assert sheet["economic_activity"] == []
    assert sheet["kind"] == []


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ({"probability": "often"}, "no class"),
        ({"probability": "medium", "return_period_years": 20}, "100 years"),
    ],
)
def test_a_class_that_does_not_fit_is_refused(result, city, tmp_path, rest, words):
    with pytest.raises(ScenarioError, match=words):
        write_pack(result, city, tmp_path / "pack", **rest)


def test_a_folder_that_is_there_is_not_written_over(result, city, pack, tmp_path):
    with pytest.raises(ScenarioError, match="already there"):
        write_pack(result, city, pack, probability="high")
    assert not list(tmp_path.glob(".pack-*"))


def test_polygons_and_figures_count_the_same_ground(city):
    figures = FloodFigures(Situation(city), layers(city, 2.0))
    depth = np.random.default_rng(7).gamma(0.5, 0.3, (30, 30)).astype(np.float32)
    found = extents(figures.exposure.flood_depth(depth), figures.exposure)
    by_key = {one["key"]: one["value"] for one in figures.now(depth)}
    assert found["area_m2"].sum() == pytest.approx(by_key["flooded_area"])
    assert found.loc[found["deeper_than_m"] >= 0.5, "area_m2"].sum() == pytest.approx(by_key["flooded_area_50"])


def test_the_class_follows_the_return_period():
    # article 6(3)(b): medium from 100 years on
    assert [probability_of(years) for years in (10, 99.9, 100, 999, 1000)] == [
        "high",
        "high",
        "medium",
        "medium",
        "low",
    ]
