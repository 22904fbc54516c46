"""UrbIS 3D as Shapefile and GeoPackage, drawn by ourselves with the published field names."""

import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from twin.cadastre import assemble
from twin.city import CityError
from twin.formats import urbis
from twin.formats.buildings import read_buildings
from twin.formats.wkb import faces_of

TYPES = ("GROUNDSURFACE", "WALLSURFACE", "ROOFSURFACE")
BASE = "https://databrussels.be/id"


def _faces(houses) -> gpd.GeoDataFrame:
    rows, shapes = [], []
    for solid, faces in (("1", houses.gable()), ("2", houses.block(x=10)), ("3", houses.block(x=40))):
        for kind, rings in faces:
            rows.append({"INSPIRE_ID": f"{BASE}/face/{len(rows)}", "BUSOLID_ID": f"{BASE}/buildingsolid/{solid}"})
            rows[-1] |= {"TYPE": TYPES[kind], "DETAILSLEV": 2, "ENDLIFE": ""}
            shapes.append(shapely.Polygon(rings[0]))
    # an ended version and a coarser one of the first solid must not be read
    rows.append(rows[0] | {"ENDLIFE": "2024-01-01"})
    rows.append(rows[0] | {"DETAILSLEV": 1})
    return gpd.GeoDataFrame(rows, geometry=[*shapes, shapes[0], shapes[0]], crs="EPSG:31370")


def _solids() -> gpd.GeoDataFrame:
    # solids 1 and 2 are one building, 3 is another
    rows = [
        {"INSPIRE_ID": f"{BASE}/buildingsolid/{s}", "BU_ID": f"{BASE}/building/{b}"}
        for s, b in ((1, 71), (2, 71), (3, 72))
    ]
    return gpd.GeoDataFrame(rows, geometry=[shapely.Point(148_500, 170_500)] * 3, crs="EPSG:31370")


def _plans() -> gpd.GeoDataFrame:
    rows = [{"INSPIRE_ID": f"{BASE}/building/{b}", "TYPE": kind} for b, kind in ((71, "main"), (72, "annexe"))]
    return gpd.GeoDataFrame(rows, geometry=[shapely.box(148_500, 170_500, 148_510, 170_508)] * 2, crs="EPSG:31370")


def _check(part) -> None:
    made = assemble([part])
    assert list(made.table.index) == ["71", "72"]
    assert made.table["volume"].tolist() == pytest.approx([600 + 480, 480])
    assert made.table["use"].tolist() == ["other", "annex"]
    assert made.table.loc["71", "origin"] == f"{BASE}/building/71"
    assert part.licence == "CC0-1.0"
    assert any("ended versions" in note for note in part.notes)
    assert any("lower levels" in note for note in part.notes)


def test_geopackage_joins_faces_solids_and_buildings(houses, tmp_path):
    path = tmp_path / "UrbISBuildings3D_148170.gpkg"
    _faces(houses).to_file(path, layer="BuildingFaces")
    _solids().to_file(path, layer="BuildingSolids")
    _plans().to_file(path, layer="Buildings")
    _check(read_buildings(path))


def test_zip_as_downloaded_is_read_and_so_are_names_in_other_case(houses, tmp_path):
    path = tmp_path / "in.gpkg"
    _faces(houses).rename(columns=str.lower).rename(columns={"detailslev": "DetailsLevel"}).to_file(
        path, layer="buildingfaces"
    )
    _solids().rename(columns={"BU_ID": "BuId", "INSPIRE_ID": "InspireId"}).to_file(path, layer="buildingsolids")
    _plans().to_file(path, layer="buildings")
    archive = tmp_path / "UrbISBuildings3D_31370_GPKG_148170_20260808.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(path, "gpkg/UrbISBuildings3D_148170.gpkg")
        file.writestr("readme.txt", "words")
    _check(read_buildings(archive))


def test_shapefiles_of_one_folder_are_joined(houses, tmp_path):
    for name, table in (("BuildingFaces", _faces(houses)), ("BuildingSolids", _solids()), ("Buildings", _plans())):
        table.to_file(tmp_path / f"UrbISBuildings3D_148170_{name}.shp")
    _check(read_buildings(tmp_path / "UrbISBuildings3D_148170_BuildingFaces.shp"))
    _check(read_buildings(tmp_path))


def test_multipatch_shapefile_is_read(houses, tmp_path):
    # MultiPatch is what the Region ships; no writer at hand makes it, so its bytes are laid out here (ESRI 1998, p. 20)
    faces = houses.gable()
    path = tmp_path / "X_BuildingFaces.shp"
    _write_multipatch(path, [rings for _, rings in faces])
    words = [{"BUSOLID_ID": "7", "TYPE": TYPES[kind]} for kind, _ in faces]
    plain = gpd.GeoDataFrame(words, geometry=[shapely.Point(0, 0)] * len(faces), crs="EPSG:31370")
    plain.to_file(tmp_path / "words.shp")
    for ending in (".dbf", ".prj"):
        (tmp_path / f"words{ending}").rename(path.with_suffix(ending))
    made = assemble([urbis.read(path)])
    assert made.table["volume"].tolist() == pytest.approx([600])


def _write_multipatch(path: Path, faces) -> None:
    records, index, offset = b"", b"", 50
    for number, rings in enumerate(faces, 1):
        points = [corner for ring in rings for corner in [*ring, ring[0]]]
        xs, ys, zs = zip(*points, strict=True)
        starts = [sum(len(ring) + 1 for ring in rings[:i]) for i in range(len(rings))]
        body = struct.pack("<I4d2I", 31, min(xs), min(ys), max(xs), max(ys), len(rings), len(points))
        body += struct.pack(f"<{len(rings)}I", *starts) + struct.pack(
            f"<{len(rings)}I", *([2] + [3] * (len(rings) - 1))
        )
        body += b"".join(struct.pack("<2d", x, y) for x, y, _ in points)
        body += struct.pack("<2d", min(zs), max(zs)) + struct.pack(f"<{len(zs)}d", *zs)
        records += struct.pack(">2I", number, len(body) // 2) + body
        index += struct.pack(">2I", offset, len(body) // 2)
        offset += 4 + len(body) // 2
    for file, content in ((path, records), (path.with_suffix(".shx"), index)):
        head = struct.pack(">7I", 9994, 0, 0, 0, 0, 0, (100 + len(content)) // 2) + struct.pack("<2I", 1000, 31)
        file.write_bytes(head + struct.pack("<8d", 148_000, 170_000, 149_000, 171_000, 0, 100, 0, 0) + content)


def test_missing_field_is_named_with_those_that_are_there(houses, tmp_path):
    path = tmp_path / "a.gpkg"
    _faces(houses).drop(columns="BUSOLID_ID").to_file(path, layer="BuildingFaces")
    with pytest.raises(CityError, match=r"no field BUSOLID_ID .*'TYPE'"):
        read_buildings(path)


def test_faces_without_solids_stand_for_themselves(houses, tmp_path):
    path = tmp_path / "a.gpkg"
    _faces(houses).to_file(path, layer="BuildingFaces")
    assert read_buildings(path).ids == ["1", "2", "3"]


def test_face_that_is_a_line_refuses_its_building(houses, tmp_path):
    path = tmp_path / "a.gpkg"
    table = pd.concat([_faces(houses), _faces(houses).iloc[:1].assign(BUSOLID_ID="9")], ignore_index=True)
    table = table.set_geometry([*table.geometry[:-1], shapely.LineString([(0, 0, 0), (1, 1, 1)])], crs="EPSG:31370")
    table.to_file(path, layer="BuildingFaces")
    part = read_buildings(path)
    assert part.ids == ["1", "2", "3"]
    assert "is a LineString, expected polygons" in part.refused[0].reason


def test_tin_and_polyhedral_surface_give_their_triangles():
    triangle = struct.pack("<BII I", 1, 1017, 1, 4) + struct.pack("<12d", 0, 0, 1, 1, 0, 2, 0, 1, 3, 0, 0, 1)
    expected = [[(0, 0, 1), (1, 0, 2), (0, 1, 3)]]
    for code in (1015, 1016, 1007):
        assert faces_of(struct.pack("<BII", 1, code, 2) + triangle * 2) == [expected, expected]
    with pytest.raises(ValueError, match=r"cut short|names 4 corners"):
        faces_of(triangle[:40])
