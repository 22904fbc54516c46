"""bxl-twin import and export as a user types them: what comes out, and one clear line for every wrong input."""

import gzip
import json
import struct
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from twin import folder
from viewer.cli import export, importing

CORNERS = [(0, 0), (10, 0), (10, 8), (0, 8)]


def _house(dx: float = 148_500, dy: float = 170_500, scale: float = 1.0, crs: str | None = "6190") -> dict[str, Any]:
    """A box of 10 by 8 by 6 m as CityJSON, anywhere."""
    low = [[dx + scale * x, dy + scale * y, 20.0] for x, y in CORNERS]
    vertices = low + [[x, y, 26.0] for x, y, _ in low]
    faces = [[[0, 3, 2, 1]], [[4, 5, 6, 7]], *([[i, (i + 1) % 4, 4 + (i + 1) % 4, 4 + i]] for i in range(4))]
    return {
        "type": "CityJSON",
        "version": "2.0",
        "metadata": {"referenceSystem": f"https://www.opengis.net/def/crs/EPSG/0/{crs}"} if crs else {},
        "CityObjects": {"a": {"type": "Building", "geometry": [{"type": "Solid", "lod": "1", "boundaries": [faces]}]}},
        "vertices": vertices,
    }


@dataclass
class _Said:
    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


def _call(command: Any, *words: object) -> _Said:
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = command.main([str(word) for word in words], standalone_mode=False)
    return _Said(int(code or 0), out.getvalue(), err.getvalue())


def _run(*words: object) -> _Said:
    return _call(importing.command, *words)


def _refused(path: Path, out: Path, *more: object) -> str:
    """Run an import that must fail: exit code 2, one line that names the file, no traceback, no city."""
    result = _run(path, "--out", out, *more)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert not out.exists()
    lines = [line for line in result.stderr.splitlines() if line.startswith("error")]
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_import_writes_a_city_a_report_and_a_table(tmp_path):
    source = tmp_path / "a.city.json"
    source.write_text(json.dumps(_house()))
    out, report = tmp_path / "city", tmp_path / "sub" / "R.json"
    result = _run(source, "--out", out, "--report", report, "--name", "One box", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(report.read_text())
    assert json.loads(result.stdout.splitlines()[-1]) == told
    city = folder.load(out)
    assert (told["buildings"], told["digest"], city.name) == (1, city.digest, "One box")
    assert (told["roof_area_m2"], told["ground_area_m2"], told["volume_m3"]) == (80, 80, 480)
    assert told["bbox"] == [148_500, 170_500, 20, 148_510, 170_508, 26]
    assert "buildings" in result.stderr
    assert "flagged" in result.stderr


def test_export_writes_what_import_reads(tmp_path):
    source = tmp_path / "a.city.json"
    source.write_text(json.dumps(_house()))
    assert _run(source, "--out", tmp_path / "city").exit_code == 0
    for name in ("b.city.json", "b.city.json.gz", "b.gpkg"):
        result = _call(export.command, tmp_path / "city", "--out", tmp_path / name)
        assert result.exit_code == 0, result.output
        assert _run(tmp_path / name, "--out", tmp_path / "again").exit_code == 0
        first, second = folder.load(tmp_path / "city"), folder.load(tmp_path / "again")
        assert second.part_digest("surfaces") == first.part_digest("surfaces")
        assert second.buildings["volume"].tolist() == first.buildings["volume"].tolist()


def test_export_without_a_known_ending_asks_for_a_format(tmp_path):
    result = _call(export.command, tmp_path, "--out", tmp_path / "b.dxf")
    assert result.exit_code == 2
    assert "pass --format" in result.stderr


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (_house(170_500, 148_500), "swapped, it lies in Brussels"),
        (_house(4.35, 50.84, 1e-5), "degrees, taken for metres"),
        (_house(50.84, 4.35, 1e-5), "latitude and longitude in degrees"),
        (_house(649_600, 670_400), "read as EPSG:3812 it would lie in Belgium"),
        (_house(649_600, 670_400, crs=None), "read as EPSG:3812 it would lie in Belgium"),
        (_house(crs="99999"), "does not know"),
        (_house(crs="4326"), "is the CRS right"),
        (_house(crs="7415"), "state EPSG:31370 in the file"),
        (_house(90_000, 435_000, crs="7415"), "outside Belgium"),
        (_house(float("nan")), "no building is left|no vertex has a place"),
        ({"type": "Topology", "objects": {}}, "is it the file you meant"),
        ([1, 2, 3], "expected"),
        ("words", "expected"),
    ],
)
def test_wrong_place_or_wrong_json_is_one_clear_line(tmp_path, document, words):
    path = tmp_path / "a.city.json"
    path.write_text(json.dumps(document))
    line = _refused(path, tmp_path / "city")
    assert "a.city.json" in line
    assert any(word in line for word in words.split("|")), line


def test_city_elsewhere_is_taken_when_asked_for(tmp_path):
    path = tmp_path / "a.city.json"
    path.write_text(json.dumps(_house(90_000, 435_000, crs="7415")))
    result = _run(path, "--out", tmp_path / "city", "--anywhere")
    assert result.exit_code == 0, result.output
    assert "mm per km" in " ".join(result.stderr.split())


def _truncated_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(json.dumps(_house()).encode() * 50)[:-40])


def _deep_json(path: Path) -> None:
    path.write_text("[" * 1_000_000 + "]" * 1_000_000)


def _deep_objects(path: Path) -> None:
    path.write_text('{"a":' * 1_000_000)


def _many_digits(path: Path) -> None:
    path.write_text('{"type": "CityJSON", "version": ' + "9" * 10_000 + "}")


def _gzip_bomb(path: Path) -> None:
    path.write_bytes(gzip.compress(b" " * 200_000_000, 9))


def _zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.city.json", b" " * 200_000_000)


def _zip_that_lies(path: Path) -> None:
    _zip_bomb(path)
    data = path.read_bytes()
    # the directory says 10 bytes, the stream holds 200 million
    path.write_bytes(data.replace(struct.pack("<I", 200_000_000), struct.pack("<I", 10)))


def _zip_of_words(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "words")
        archive.writestr("../../climbs.json", "{}")


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("a.city.json.gz", _truncated_gzip, "cut short"),
        ("a.json", _deep_json, "nested too deep"),
        ("a.json", _deep_objects, "nested too deep"),
        ("a.json", _many_digits, "is not JSON"),
        ("a.city.json.gz", _gzip_bomb, "which no geodata does"),
        ("a.city.json.zip", _zip_bomb, "which no geodata does"),
        ("a.city.json.zip", _zip_that_lies, ""),
        ("a.zip", _zip_of_words, "name the right file"),
        ("a.json", lambda path: path.write_text(""), "is empty"),
        ("a.json", lambda path: path.write_bytes(b"\xff\xfe\x00\x01"), "is not JSON"),
        ("a.json", lambda path: path.write_text("{"), "is not JSON"),
        ("a.json.gz", lambda path: path.write_bytes(gzip.compress(b"")), "is empty"),
        ("a.gpkg", lambda path: path.write_text("words"), "GeoPackage"),
        ("a.shp", lambda path: path.write_text("words"), "cannot be read"),
        ("a.tar", lambda path: path.write_text("words"), "damaged"),
        ("a.b3dm", lambda path: path.write_bytes(b"b3dm"), "not a b3dm"),
        ("a.dwg", lambda path: path.write_text("words"), "rename it or convert it"),
        ("a", lambda path: path.mkdir(), "name the right file"),
        ("missing.json", lambda path: None, "no such file"),
        ("a.gml", lambda path: path.write_text('<!DOCTYPE l [<!ENTITY x "y">]><l>&x;</l>'), "DOCTYPE"),
    ],
)
def test_hostile_and_damaged_files_are_one_clear_line(tmp_path, name, make, words):
    path = tmp_path / name
    make(path)
    line = _refused(path, tmp_path / "city")
    assert name in line
    assert words in line


@pytest.mark.parametrize(
    "option", ["--terrain", "--trees", "--streets", "--sectors", "--water", "--green", "--amenities"]
)
def test_wrong_second_file_is_one_clear_line_too(tmp_path, option):
    good, bad = tmp_path / "a.city.json", tmp_path / "bad.tif"
    good.write_text(json.dumps(_house()))
    bad.write_text("words")
    assert "bad.tif" in _refused(good, tmp_path / "city", option, bad)
    assert "missing.tif" in _refused(good, tmp_path / "city", option, tmp_path / "missing.tif")


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "2,0,1,1"])
def test_wrong_bounds_are_explained(tmp_path, text):
    path = tmp_path / "a.city.json"
    path.write_text(json.dumps(_house()))
    assert "--bounds" in _refused(path, tmp_path / "city", "--bounds", text)


def test_folder_that_is_no_city_is_not_overwritten(tmp_path):
    path, out = tmp_path / "a.city.json", tmp_path / "mine"
    path.write_text(json.dumps(_house()))
    out.mkdir()
    (out / "thesis.txt").write_text("precious")
    result = _run(path, "--out", out)
    assert result.exit_code == 2
    assert (out / "thesis.txt").read_text() == "precious"


@pytest.mark.data
@pytest.mark.slow
def test_every_file_of_the_reference_data_finds_its_place(reference_data: Path, tmp_path):
    data = reference_data
    result = _run(
        data / "buildings" / "urbis3d_148170_lod2.city.json.gz",
        *("--terrain", data / "terrain" / "derived_dtm_148170_10m.asc.gz"),
        *("--trees", data / "city" / "osm_trees_centre.geojson.gz"),
        *("--trees", data / "city" / "remarkable_trees_heritage_2026.json.gz"),
        *("--streets", data / "roads" / "osm_brussels_2013-01-01.osm.pbf"),
        *("--sectors", data / "city" / "statistical_sectors_brussels_pop2025.geojson.gz"),
        *("--water", data / "city" / "osm_water_centre.geojson.gz"),
        *("--green", data / "city" / "osm_leisure_centre.geojson.gz"),
        *("--amenities", data / "city" / "osm_poi_centre.geojson.gz"),
        *("--out", tmp_path / "city"),
    )
    assert result.exit_code == 0, result.output
    city = folder.load(tmp_path / "city")
    assert len(city.buildings) == 3608
    for part in ("trees", "nodes", "links", "sectors", "land_cover", "amenities"):
        assert len(getattr(city, part)) > 10, part
    assert {one.part for one in city.sources} >= {"buildings", "terrain", "trees", "streets", "sectors"}


def test_a_city_of_streets_alone_is_imported_with_its_account(tmp_path: Path) -> None:
    (tmp_path / "a_nodes.csv").write_text("node,lon,lat\n1,149000,170000\n2,149100,170000\n", "utf-8")
    links = "link,from,to,highway,oneway,geometry_wkt\n0,1,2,residential,True,\n"
    (tmp_path / "a_links.csv").write_text(links, "utf-8")
    result = _run("--streets", tmp_path / "a_links.csv", "--out", tmp_path / "city", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["buildings"] == 0
    assert told["layers"]["streets"]["links"] == 1
    assert told["layers"]["streets"]["assumed lanes"] == 1
    city = folder.load(tmp_path / "city")
    assert city.links["kind"].tolist() == ["residential"]
    assert len(city.buildings) == 0


def test_lines_of_buses_that_are_no_shapefiles_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.city.json").write_text(json.dumps(_house()), "utf-8")
    (tmp_path / "lines.zip").write_bytes(b"nothing")
    result = _run(tmp_path / "a.city.json", "--bus-lines", tmp_path / "lines.zip", "--out", tmp_path / "city")
    assert result.exit_code == 2
    assert "lines.zip: is no zip of shapefiles" in result.output
