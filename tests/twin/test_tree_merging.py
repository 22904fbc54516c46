"""Several sources of trees become one table: nothing twice, nothing lost, the best figure of each."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from twin.formats.tree_files import read_trees
from twin.formats.tree_records import TreeRecord, as_trees
from twin.tree_merging import merge_trees


def _table(source: str, *trees: tuple[float, float, str], **sizes: float) -> gpd.GeoDataFrame:
    return as_trees(
        TreeRecord(shapely.Point(148500 + x, 170500 + y), source, f"{source}_{number}", species=species, **sizes)
        for number, (x, y, species) in enumerate(trees)
    )


def test_a_remarkable_tree_on_the_map_is_one_tree_with_both_sources():
    register = _table("heritage", (0, 0, "Fagus sylvatica"), crown_diameter=16.0, trunk_diameter=1.1)
    street_map = _table("osm", (2, 1, ""), (7, 0, "Fagus sylvatica"), height=21.0, trunk_diameter=0.9)
    tally: dict[str, int] = {}
    found = merge_trees([street_map, register], tally)
    assert tally == {"in two sources": 1}
    assert list(found.index) == ["tree_heritage_0", "tree_osm_1"]
    row = found.loc["tree_heritage_0"]
    assert (row.source, row.species) == ("heritage osm", "Fagus sylvatica")
    # the register's own figures stay, the height it lacks comes from the map
    assert (row.crown_diameter, row.trunk_diameter, row.height, row.assumed) == (16.0, 1.1, 21.0, "crown_base")
    assert row.geometry.equals(register.geometry.iloc[0])


def test_another_genus_beside_it_is_another_tree_unless_it_stands_in_the_same_place():
    register = _table("heritage", (0, 0, "Fagus sylvatica"))
    assert len(merge_trees([register, _table("osm", (2, 0, "Quercus robur"))])) == 2
    assert len(merge_trees([register, _table("osm", (0.5, 0, "Quercus robur"))])) == 1
    assert len(merge_trees([register, _table("osm", (2, 0, "Fagus"))])) == 1


def test_a_wide_crown_reaches_farther_than_a_narrow_one():
    far = _table("osm", (4.5, 0, "Fagus"))
    assert len(merge_trees([_table("heritage", (0, 0, "Fagus"), crown_diameter=20.0), far])) == 1
    assert len(merge_trees([_table("heritage", (0, 0, "Fagus"), crown_diameter=8.0), far])) == 2
    assert len(merge_trees([_table("heritage", (0, 0, "Fagus")), far])) == 2  # an assumed crown proves nothing
    assert len(merge_trees([_table("heritage", (0, 0, "Fagus"), crown_diameter=40.0), _table("osm", (7, 0, ""))])) == 2


def test_each_tree_finds_one_partner_the_nearest():
    register = _table("heritage", (0, 0, ""), (2.5, 0, ""))
    street_map = _table("osm", (1, 0, ""), (2.6, 0, ""), (50, 0, ""))
    found = merge_trees([register, street_map])
    assert found["source"].tolist() == ["heritage osm", "heritage osm", "osm"]


def test_trees_of_one_source_are_never_merged():
    row = _table("osm", *((2.0 * i, 0.0, "Platanus") for i in range(9)))
    assert len(merge_trees([row])) == 9
    tally: dict[str, int] = {}
    assert len(merge_trees([row, row], tally)) == 9
    assert tally == {"met twice": 9}


def test_three_sources_meet_in_one_tree_and_merging_again_changes_nothing():
    tables = [_table(name, (0, 0, "Tilia")) for name in ("osm", "list", "heritage")]
    found = merge_trees(tables)
    assert found["source"].tolist() == ["heritage list osm"]
    assert merge_trees([found]).equals(found)
    assert len(merge_trees([])) == 0
    assert list(merge_trees(tables[::-1]).index) == list(found.index)


@pytest.mark.data
def test_the_remarkable_trees_of_central_brussels_meet_the_map(reference_data: Path, measured):
    street_map = read_trees(reference_data / "city" / "osm_trees_centre.geojson.gz")
    register = read_trees(reference_data / "city" / "remarkable_trees_heritage_2026.json.gz")
    tally: dict[str, int] = {}
    found = merge_trees([street_map, register], tally)
    assert len(found) == 8217 + 582 - tally["in two sources"]
    both = found[found["source"] == "heritage osm"]
    # 37 of 582 trunks of the register lie within 4 m of a trunk on the map, 113 in the span of the map at all
    assert 25 <= len(both) == tally["in two sources"] <= 45
    assert found.index.is_unique
    assert (both["crown_diameter"] > 0).all()
    west, south, east, north = street_map.total_bounds
    inside = register.cx[west:east, south:north]
    measured(case="remarkable trees found again on the map", source="heritage.brussels 2026 and OSM 2026, centre",
             ours=100 * len(both) / len(inside), bar=None, unit="%")  # fmt: skip
    assert np.isfinite(found[["height", "crown_diameter", "crown_base", "trunk_diameter"]].to_numpy()).all()
