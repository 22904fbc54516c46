"""Footprints stood up as blocks: volumes by hand, and all the ways a footprint can be wrong."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from twin.cadastre import assemble
from twin.city import CityError
from twin.formats import footprints
from twin.formats.buildings import read_buildings

SQUARE = shapely.box(148_500, 170_500, 148_510, 170_508)
TO_DEGREES = pyproj.Transformer.from_crs("EPSG:31370", "EPSG:4326", always_xy=True).transform


def _geojson(path: Path, rows, crs: str | None = None) -> Path:
    features = [
        {"type": "Feature", "properties": words, "geometry": shapely.geometry.mapping(shape)} for shape, words in rows
    ]
    document = {"type": "FeatureCollection", "features": features}
    if crs:
        document["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(document))
    return path


def test_courtyard_block_has_its_volume_and_its_inner_walls(tmp_path):
    shape = shapely.difference(SQUARE, shapely.box(148_503, 170_503, 148_505, 170_505))
    path = _geojson(tmp_path / "a.geojson", [(shape, {"id": "a", "height": 12, "ground_z": 18.5})], "EPSG:31370")
    made = assemble([read_buildings(path)])
    row = made.table.loc["a"]
    assert row.volume == pytest.approx((80 - 4) * 12)
    assert (row.ground_z, row.ridge_height, row.roof_area) == pytest.approx((18.5, 12, 76))
    assert made.measures["wall_area_m2"] == pytest.approx((36 + 8) * 12)
    assert row.quality == ""


@pytest.mark.parametrize(
    ("words", "height"),
    [
        ({"HOOGTE": "12,5 m"}, 12.5),
        ({"building:levels": "3"}, 9.6),
        ({"measuredHeight": 7.0, "building:levels": 9}, 7.0),
    ],
)
def test_height_is_found_under_its_many_names(tmp_path, words, height):
    made = assemble([read_buildings(_geojson(tmp_path / "a.json", [(SQUARE, words)], "EPSG:31370"))])
    assert made.table["ridge_height"].tolist() == pytest.approx([height])
    assert made.table["quality"].tolist() == ["no_ground_height"]


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3812", "EPSG:25831", "EPSG:3857"])
def test_footprints_of_other_frames_come_to_lambert_72(tmp_path, crs):
    given = gpd.GeoSeries([SQUARE], crs="EPSG:31370").to_crs(crs).iloc[0]
    path = _geojson(tmp_path / "a.geojson", [(given, {"id": "a", "height": 10})], None if crs == "EPSG:4326" else crs)
    made = assemble([read_buildings(path)])
    west, south, east, north = made.table.total_bounds
    assert (west, south) == pytest.approx((148_500, 170_500), abs=0.002)
    assert (east - west, north - south) == pytest.approx((10, 8), abs=0.002)


def test_geopackage_and_shapefile_of_footprints_are_read(tmp_path):
    table = gpd.GeoDataFrame(
        {"gml_id": ["a"], "height": [9.0], "ground_z": [20.0]}, geometry=[SQUARE], crs="EPSG:31370"
    )
    for name in ("a.gpkg", "a.shp"):
        table.to_file(tmp_path / name)
        made = assemble([read_buildings(tmp_path / name)])
        assert made.table.loc["a", "volume"] == pytest.approx(720)


def test_self_intersecting_footprint_is_mended_and_flagged(tmp_path):
    bow = shapely.Polygon([(148_500, 170_500), (148_510, 170_508), (148_510, 170_500), (148_500, 170_508)])
    path = _geojson(tmp_path / "a.geojson", [(bow, {"id": "bow", "height": 5, "ground_z": 20})], "EPSG:31370")
    made = assemble([read_buildings(path)])
    assert made.table.loc["bow"].geometry.is_valid
    assert made.table.loc["bow"].geometry.area == pytest.approx(40)  # two triangles of 10 by 4
    assert "footprint_repaired" in made.table.loc["bow", "quality"].split()


def test_what_cannot_stand_is_refused_with_its_reason(tmp_path):
    flat = shapely.Polygon([(148_500, 170_500), (148_510, 170_500), (148_505, 170_500)])
    rows = [
        (SQUARE, {"id": "good", "height": 5}),
        (SQUARE, {"id": "none"}),
        (SQUARE, {"id": "zero", "height": 0}),
        (flat, {"id": "flat", "height": 5}),
        (shapely.Point(148_500, 170_500), {"id": "tree", "height": 5}),
    ]
    part = read_buildings(_geojson(tmp_path / "a.geojson", rows, "EPSG:31370"))
    assert part.ids == ["good"]
    assert {one.id for one in part.refused} == {"none", "zero", "flat"}
    assert part.skipped == {"Point": 1}
    with pytest.raises(CityError, match=r"none of 1 footprints can be stood up; none: has no height"):
        footprints.read(_geojson(tmp_path / "b.geojson", rows[1:2]))


def test_latitude_before_longitude_is_recognised(tmp_path):
    x, y = TO_DEGREES(*np.array(SQUARE.exterior.coords).T)
    swapped = shapely.Polygon(np.column_stack([y, x]))
    path = _geojson(tmp_path / "a.geojson", [(swapped, {"id": "a", "height": 5})])
    with pytest.raises(CityError, match=r"EPSG:4326 with the axes swapped it would lie in Belgium"):
        assemble([read_buildings(path)])


def test_degrees_taken_for_metres_are_recognised(tmp_path):
    x, y = TO_DEGREES(*np.array(SQUARE.exterior.coords).T)
    degrees = shapely.Polygon(np.column_stack([x, y]))
    path = _geojson(tmp_path / "a.geojson", [(degrees, {"id": "a", "height": 5})], "EPSG:31370")
    with pytest.raises(CityError, match="look like degrees, taken for metres"):
        assemble([read_buildings(path)])


@pytest.mark.data
def test_real_footprints_stand_where_the_real_buildings_are(reference_data: Path):
    made = assemble([read_buildings(reference_data / "buildings" / "urbis3d_148170_footprints.geojson.gz")])
    # 3,608 footprints; WGS84 with 7 decimals is good to 1 cm
    assert len(made.table) >= 3604
    assert made.table.total_bounds == pytest.approx([147967.665, 169964.485, 149028.472, 171031.878], abs=0.03)
    assert made.table.area.sum() == pytest.approx(551_000, rel=0.02)
