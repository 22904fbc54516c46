"""The inventory: each tree in its street and sector, and sums that add up."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.testing import assert_allclose

from twin.city import LINK_COLUMNS, SECTOR_COLUMNS, City, CityError, as_table
from twin.demo import demo_city
from twin.formats import tree_inventory as files
from twin.formats.tree_files import read_trees
from twin.formats.tree_records import TreeRecord, as_trees
from twin.tree_merging import merge_trees
from twin.trees import tree_inventory


def _city(*trees: tuple[float, float, str]) -> City:
    lines = [shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(0, 60), (100, 60)])]
    links = {name: [0] * 2 for name, kind in LINK_COLUMNS.items() if kind in ("i8", "f8")}
    links |= {name: [""] * 2 for name, kind in LINK_COLUMNS.items() if kind == "str"}
    links |= {"name_fr": ["Rue Haute", ""], "name_nl": ["Hoogstraat", ""], "oneway": [False] * 2}
    sectors = as_table(
        ["A00", "A01"], [shapely.box(0, -50, 50, 50), shapely.box(50, -50, 100, 50)], SECTOR_COLUMNS,
        name_fr=["Ouest", ""], name_nl=["West", ""], population=[10.0, 20.0],
    )  # fmt: skip
    return City(
        "street", (0.0, -50.0, 100.0, 100.0), links=as_table(["l0", "l1"], lines, LINK_COLUMNS, **links),
        sectors=sectors,
        trees=as_trees(TreeRecord(shapely.Point(x, y), "list", str(i), species=name, trunk_diameter=0.3)
                       for i, (x, y, name) in enumerate(trees)),
    )  # fmt: skip


def test_each_tree_knows_its_street_and_its_sector():
    city = _city((10, 5, "tilleul"), (70, -20, "Quercus"), (30, 40, "lamp post"), (30, 62, ""))
    table = tree_inventory(city).table
    # farther than 25 m from the street it stands in a park; a street without a name is none
    assert table["street"].tolist() == ["Rue Haute / Hoogstraat", "Rue Haute / Hoogstraat", "", ""]
    assert table["sector"].tolist() == ["A00", "A01", "A00", ""]
    assert table["scientific_name"].tolist() == ["Tilia", "Quercus", "", ""]


def test_sums_of_streets_and_sectors_add_up():
    city = _city((10, 5, "Tilia"), (70, 5, "Tilia"), (30, 40, "Fagus"), (30, 62, ""))
    found = tree_inventory(city)
    table = found.table
    for by in ("street", "sector"):
        sums = found.totals(by)
        apart = table[table[by] != ""]
        assert sum(one["trees"] for one in sums) == len(apart)
        assert_allclose(sum(one["co2_stored"] for one in sums), apart["co2_stored"].sum())
        assert all(one["co2_stored_p10"] < one["co2_stored"] < one["co2_stored_p90"] for one in sums)
    assert_allclose(found.total()["co2_stored"], table["co2_stored"].sum())
    assert [one["name"] for one in found.totals("sector")] == ["Ouest", "A01"]
    assert found.totals("sector")[0]["label"]["nl"] == "West"


def test_a_city_without_trees_streets_or_sectors_has_an_inventory_too():
    assert tree_inventory(City("none", (0.0, 0.0, 1.0, 1.0))).total()["trees"] == 0
    bare = City("bare", (0.0, 0.0, 1.0, 1.0), trees=_city((1, 1, "")).trees)
    assert tree_inventory(bare).table["street"].tolist() == [""]


def test_every_tree_of_the_demo_has_a_species_and_a_sector():
    found = tree_inventory(demo_city(size=400))
    assert (found.table["scientific_name"] != "").all()
    assert (found.table["sector"] != "").all()
    assert (found.table["street"] != "").mean() > 0.3


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg"])
def test_an_inventory_is_written_whole_and_says_when_it_is_invented(tmp_path: Path, ending: str):
    table = tree_inventory(_city((10, 5, "Tilia"), (30, 40, "Fagus sylvatica"))).table
    files.write(table, tmp_path / f"trees.{ending}", demo=True)
    back = pd.read_csv(tmp_path / "trees.csv") if ending == "csv" else gpd.read_file(tmp_path / f"trees.{ending}")
    assert back["id"].tolist() == ["tree_0", "tree_1"] or back["id"].tolist() == list(table.index)
    assert back["species"].tolist() == ["Tilia", "Fagus sylvatica"]
    assert_allclose(back["co2_stored"], table["co2_stored"], atol=0.06)
    assert set(back["demo"]) == {"demo data, not the cadastre"}
    assert [one.name for one in tmp_path.iterdir()] == [f"trees.{ending}"]
    if ending == "csv":
        assert back["x"].tolist() == [10.0, 30.0]
    else:
        assert str(back.crs) == ("EPSG:4326" if ending == "geojson" else "EPSG:31370")


def test_an_inventory_in_no_known_format_is_refused(tmp_path: Path):
    table = tree_inventory(_city((10, 5, ""))).table
    with pytest.raises(CityError, match=r"\.dwg names no format of trees"):
        files.write(table, tmp_path / "trees.dwg")
    with pytest.raises(CityError, match="cannot be written"):
        files.write(table, tmp_path / "missing" / "trees.csv")


@pytest.mark.data
def test_the_inventory_of_central_brussels(reference_data: Path, measured):
    data = reference_data / "city"
    trees = merge_trees([read_trees(data / name) for name in ("osm_trees_centre.geojson.gz",
                                                              "remarkable_trees_heritage_2026.json.gz")])  # fmt: skip
    found = tree_inventory(City("Brussels", (0.0, 0.0, 1.0, 1.0), trees=trees))
    whole = found.total()
    measured(case="CO2 in the trees of central Brussels and the register, P90 by P10",
             source="OSM and heritage.brussels 2026", ours=whole["co2_stored_p90"] / whole["co2_stored_p10"], bar=None,
             unit="1")  # fmt: skip
    share = np.mean(np.array(found.carbon.basis) == "girth")
    measured(case="trees whose trunk was measured", source="OSM and heritage.brussels 2026", ours=100 * share, bar=40.0,
             unit="%", at_least=True)  # fmt: skip
    assert found.table[["co2_stored", "co2_yearly"]].gt(0).all(axis=None)
    # a sanity bound: some hundred kilograms to a few tonnes a tree
    assert 300 < whole["co2_stored"] / whole["trees"] < 3000
