"""CityGML 1.0 and 2.0, and the XML that nobody should open."""

from pathlib import Path

import pytest

from twin.cadastre import assemble
from twin.city import CityError
from twin.formats import citygml
from twin.formats.buildings import read_buildings

HEAD = (
    '<?xml version="1.0"?><CityModel xmlns="http://www.opengis.net/citygml/{v}" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:bldg="http://www.opengis.net/citygml/building/{v}" xmlns:xlink="http://www.w3.org/1999/xlink">'
)
TYPES = ("GroundSurface", "WallSurface", "RoofSurface")


def _polygon(rings, srs="EPSG:31370"):
    text = ""
    for i, ring in enumerate(rings):
        side = "interior" if i else "exterior"
        numbers = " ".join(f"{value:.3f}" for corner in [*ring, ring[0]] for value in corner)
        text += f"<gml:{side}><gml:LinearRing><gml:posList>{numbers}</gml:posList></gml:LinearRing></gml:{side}>"
    return f'<gml:Polygon srsName="{srs}">{text}</gml:Polygon>'


def _surfaces(faces, **words):
    return "".join(
        f"<bldg:boundedBy><bldg:{TYPES[kind]}><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember>"
        f"{_polygon(rings, **words)}</gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface>"
        f"</bldg:{TYPES[kind]}></bldg:boundedBy>"
        for kind, rings in faces
    )


def _solid(faces):
    members = "".join(f"<gml:surfaceMember>{_polygon(rings)}</gml:surfaceMember>" for _, rings in faces)
    return (
        "<bldg:lod1Solid><gml:Solid><gml:exterior><gml:CompositeSurface>"
        f"{members}</gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod1Solid>"
    )


def _file(tmp_path: Path, body: str, version: str = "2.0") -> Path:
    path = tmp_path / "a.gml"
    path.write_text(f"{HEAD.format(v=version)}<cityObjectMember>{body}</cityObjectMember></CityModel>")
    return path


def test_boundary_surfaces_of_level_2_win_over_the_solid_of_level_1(houses, tmp_path):
    body = f'<bldg:Building gml:id="a">{_solid(houses.block())}{_surfaces(houses.gable())}</bldg:Building>'
    made = assemble([citygml.read(_file(tmp_path, body))])
    assert made.table.loc["a", "volume"] == pytest.approx(600)
    assert made.table.loc["a", "quality"] == ""


def test_solid_of_level_1_gets_its_kinds_from_its_normals(houses, tmp_path):
    body = f'<bldg:Building gml:id="a">{_solid(houses.block())}</bldg:Building>'
    made = assemble([citygml.read(_file(tmp_path, body, "1.0"))])
    assert made.table.loc["a", "volume"] == pytest.approx(480)
    assert sorted(made.surfaces.kind.tolist()) == [0, 1, 1, 1, 1, 2]


def test_parts_are_merged_into_their_building(houses, tmp_path):
    part = (
        f'<bldg:consistsOfBuildingPart><bldg:BuildingPart gml:id="p">{_surfaces(houses.block(x=30))}'
        "</bldg:BuildingPart></bldg:consistsOfBuildingPart>"
    )
    made = assemble(
        [citygml.read(_file(tmp_path, f'<bldg:Building gml:id="a">{_surfaces(houses.gable())}{part}</bldg:Building>'))]
    )
    assert made.table.loc["a", "volume"] == pytest.approx(600 + 480)


def test_urn_that_puts_north_first_is_turned(houses, tmp_path):
    # EPSG:3035 (LAEA Europe) puts northing first; GML by URN follows it
    faces = [
        (kind, [[(3_100_000 + y - 170_500, 3_900_000 + x - 148_500, z) for x, y, z in ring] for ring in rings])
        for kind, rings in houses.gable()
    ]
    body = f'<bldg:Building gml:id="a">{_surfaces(faces, srs="urn:ogc:def:crs:EPSG::3035")}</bldg:Building>'
    part = citygml.read(_file(tmp_path, body))
    assert part.crs == "EPSG:3035"
    assert part.vertices[:, 0].min() == pytest.approx(3_900_000)
    assert any("north first" in note for note in part.notes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><CityModel>&b;</CityModel>', "DOCTYPE"),
        ('<!DOCTYPE x SYSTEM "http://localhost/x.dtd"><CityModel/>', "DOCTYPE"),
        ("<CityModel>", "not well-formed"),
        ("<a>" * 100_000 + "</a>" * 100_000, "not well-formed"),
        ("<html/>", "expected <CityModel>"),
        ('<CityModel xmlns="http://www.opengis.net/citygml/3.0"/>', "CityGML 3.0"),
        ('<CityModel xmlns="http://www.opengis.net/citygml/2.0"/>', "without any Building"),
        ("", "is empty"),
    ],
)
def test_hostile_and_wrong_xml_is_refused(tmp_path, text, words):
    path = tmp_path / "a.gml"
    path.write_text(text)
    with pytest.raises(CityError, match=words):
        read_buildings(path)


def test_ring_of_words_refuses_its_building(houses, tmp_path):
    good = f'<bldg:Building gml:id="a">{_surfaces(houses.gable())}</bldg:Building>'
    bad = good.replace('"a"', '"b"').replace("148500.000", "nonsense", 1)
    path = _file(tmp_path, f"{good}</cityObjectMember><cityObjectMember>{bad}")
    part = citygml.read(path)
    assert part.ids == ["a"]
    assert part.refused[0].id == "b"
    assert "no number" in part.refused[0].reason


@pytest.mark.data
def test_potsdam_of_citygml_1_is_read(reference_data: Path):
    part = read_buildings(reference_data / "fallback" / "Potsdam_LoD1.citygml.gz")
    made = assemble([part], anywhere=True)
    assert (len(made.table), part.crs) == (97, "EPSG:25833")
    assert (made.table["quality"] == "").all()
