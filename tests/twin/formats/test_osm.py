"""Streets, trees, amenities and sectors from maps, on a crossing drawn by hand and on central Brussels."""

import gzip
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pyproj
import pytest
import shapely
from numpy.testing import assert_allclose
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from twin.allometry import TREE_HEIGHT
from twin.city import AMENITY_COLUMNS, LINK_COLUMNS, SECTOR_COLUMNS, TREE_COLUMNS, CityError
from twin.formats import osm
from twin.formats.features import read_features
from twin.formats.osm_ground import read_land_cover
from twin.formats.street_files import read_streets
from twin.tree_species import CONIFER

CELL = (148000.0, 170000.0, 149000.0, 171000.0)
TO_DEGREES = pyproj.Transformer.from_crs("EPSG:31370", "EPSG:4326", always_xy=True)
WEST, SOUTH = 148500.0, 170500.0


def _place(x: float, y: float) -> list[float]:
    return [round(value, 9) for value in TO_DEGREES.transform(WEST + x, SOUTH + y)]


def _feature(kind: str, places: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": places}}


def _write(path: Path, *features: dict[str, Any]) -> Path:
    text = json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


NODES = {1: (0, 0), 2: (50, 0), 3: (100, 0), 4: (50, 40), 5: (50, -40), 6: (20, -30), 7: (90, -30)}


def _way(way: int, nodes: list[int], **tags: str) -> dict[str, Any]:
    return _feature("LineString", [_place(*NODES[node]) for node in nodes], osm_id=way, nodes=nodes, **tags)


WAYS = (
    (10, [1, 2, 3], {"highway": "residential", "name:fr": "Rue", "name:nl": "Straat", "lanes": "2", "maxspeed": "30"}),
    (11, [4, 2, 5], {"highway": "tertiary", "oneway": "-1", "name": "Avenue", "width": "7,5"}),
    (12, [6, 7], {"highway": "primary", "tunnel": "yes", "oneway": "yes"}),
    (13, [3, 7], {"highway": "construction"}),
)


@pytest.fixture
def crossing(tmp_path: Path) -> Path:
    return _write(tmp_path / "streets.geojson.gz", *(_way(way, nodes, **tags) for way, nodes, tags in WAYS))


def streets_of(path: Path, **how: Any) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    parts = read_streets(path, **how)
    return parts["nodes"], parts["links"]


def test_ways_are_cut_where_they_share_a_node(crossing: Path) -> None:
    tally: dict[str, int] = {}
    nodes, links = streets_of(crossing, tally=tally)
    assert set(links.columns) == {*LINK_COLUMNS, "geometry"}
    assert {name: (row.start, row.end) for name, row in links.iterrows()} == {
        "w10_0": ("n1", "n2"),
        "w10_1": ("n2", "n3"),
        "w11_0": ("n2", "n4"),
        "w11_1": ("n5", "n2"),
        "w12_0": ("n6", "n7"),
    }
    assert set(nodes.index) == {f"n{node}" for node in (1, 2, 3, 4, 5, 6, 7)}
    for name, row in links.iterrows():
        start, end = nodes.geometry[row.start], nodes.geometry[row.end]
        assert row.geometry.coords[0] == start.coords[0], name
        assert row.geometry.coords[-1] == end.coords[0], name
    assert tally["not a street (construction)"] == 1


def test_places_are_lambert_72(crossing: Path) -> None:
    nodes, links = streets_of(crossing)
    assert links.crs.to_epsg() == 31370
    for node, (x, y) in NODES.items():
        assert_allclose(nodes.geometry[f"n{node}"].coords[0], (WEST + x, SOUTH + y), atol=2e-3)


def test_a_way_against_its_drawing_is_turned_round(crossing: Path) -> None:
    _, links = streets_of(crossing)
    assert bool(links.oneway["w11_0"])
    assert links.start["w11_1"] == "n5"  # drawn 4-2-5 with oneway=-1
    assert not links.oneway["w10_0"]


def test_what_a_way_does_not_say_is_assumed_and_counted(crossing: Path) -> None:
    tally: dict[str, int] = {}
    _, links = streets_of(crossing, tally=tally)
    known = links.loc["w10_0"]
    assert (known.lanes, known.speed, known.name_fr, known.name_nl) == (2, 30.0, "Rue", "Straat")
    assert (known.assumed, known.width) == ("access width", 6.0)  # two lanes of 3 m
    assert links.width["w11_0"] == 7.5
    assert links.assumed["w11_0"] == "access lanes speed"
    assert links.name_nl["w11_0"] == "Avenue"
    assert tally["assumed width"] == 3
    assert tally["assumed speed"] == 3


def test_a_street_below_ground_says_so(crossing: Path) -> None:
    _, links = streets_of(crossing)
    assert links.kind["w12_0"] == "primary_tunnel"


def test_links_that_touch_the_bounds_are_kept_whole(crossing: Path) -> None:
    nodes, links = streets_of(crossing, bounds=(WEST + 60, SOUTH - 10, WEST + 80, SOUTH + 10))
    assert list(links.index) == ["w10_1"]
    assert set(nodes.index) == {"n2", "n3"}
    assert links.geometry["w10_1"].length == pytest.approx(50, abs=0.01)


def test_a_map_without_node_ids_is_joined_by_place(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "streets.geojson",
        _feature("LineString", [_place(0, 0), _place(50, 0), _place(100, 0)], highway="residential"),
        _feature("MultiLineString", [[_place(50, 0), _place(50, 40)], [_place(0, 9), _place(9, 9)]], highway="path"),
    )
    nodes, links = streets_of(path)
    assert len(links) == 4
    assert len(nodes) == 6


def test_pbf_and_geojson_give_the_same_graph(crossing: Path, tmp_path: Path) -> None:
    with osmium.SimpleWriter(tmp_path / "streets.osm.pbf") as file:
        for node, place in NODES.items():
            file.add_node(osmium.osm.mutable.Node(id=node, location=_place(*place)))
        for way, nodes, tags in WAYS:
            file.add_way(osmium.osm.mutable.Way(id=way, nodes=nodes, tags=tags))
    (nodes, links), (nodes2, links2) = streets_of(crossing), streets_of(tmp_path / "streets.osm.pbf")
    assert set(links.index) == set(links2.index)
    assert set(nodes.index) == set(nodes2.index)
    same = links2.loc[links.index]
    assert links.drop(columns="geometry").equals(same.drop(columns="geometry"))
    assert (links.geometry.distance(same.geometry) < 0.02).all()  # a pbf keeps 1e-7 degrees


def test_tree_heights_are_read_as_people_write_them(tmp_path: Path) -> None:
    texts = {"12 m": 12.0, "12,5": 12.5, "8": 8.0, "30 ft": 9.144, "huge": None, "-3": None, "900": None, None: None}
    features = [
        _feature("Point", _place(10 * i, 0), natural="tree", osm_id=i, **({} if text is None else {"height": text}))
        for i, text in enumerate(texts)
    ]
    tally: dict[str, int] = {}
    found = osm.read_trees(_write(tmp_path / "trees.geojson", *features), tally=tally)
    for i, expected in enumerate(texts.values()):
        row = found.loc[f"tree_{i}"]
        assert row.height == pytest.approx(TREE_HEIGHT if expected is None else expected)
        assert ("height" in row.assumed.split()) == (expected is None)
    assert tally["assumed height"] == 4
    assert set(found.columns) == {*TREE_COLUMNS, "geometry"}


def test_every_tree_has_a_crown_that_reaches_from_base_to_top(tmp_path: Path) -> None:
    path = _write(tmp_path / "trees.geojson", _feature("Point", _place(0, 0), natural="tree", height="16"))
    row = osm.read_trees(path).iloc[0]
    assert (row.crown_diameter, row.crown_base) == (8.0, 4.0)
    assert row.assumed == "crown_diameter crown_base trunk_diameter"


def test_lines_areas_and_doubles_are_no_trees_and_are_counted(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "trees.geojson",
        _feature("Point", _place(0, 0), natural="tree"),
        _feature("Point", _place(0, 0), natural="tree"),
        _feature("LineString", [_place(0, 0), _place(9, 9)], natural="tree"),
        _feature("LineString", [_place(0, 0), _place(9, 9)], natural="tree_row"),
        _feature("Point", _place(5000, 0), natural="tree"),
    )
    tally: dict[str, int] = {}
    found = osm.read_trees(path, bounds=CELL, tally=tally)
    assert len(found) == 1
    assert (tally["not a point"], tally["twice in the same place"], tally["outside"]) == (1, 1, 1)


def test_a_girth_gives_the_trunk_and_the_tree_its_height(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "trees.geojson",
        _feature("Point", _place(0, 0), natural="tree", osm_id=1, circumference="1,57"),
        _feature("Point", _place(9, 0), natural="tree", osm_id=2, circumference="157 cm", start_date="2021-11"),
        _feature("Point", _place(0, 9), natural="tree", osm_id=3, circumference="157", genus="Tilia"),
    )
    tally: dict[str, int] = {}
    found = osm.read_trees(path, tally=tally)
    assert_allclose(found["trunk_diameter"], 0.5, rtol=1e-3)  # 1.57 m / pi
    assert_allclose(found["height"], np.exp(3.3068 + 0.5734 * np.log(0.5)), rtol=1e-3)  # the relation of Brussels
    assert found["assumed"].tolist() == ["height crown_diameter crown_base"] * 3
    assert tally["girth read as centimetres"] == 1
    assert found.loc["tree_2", "planted"] == 2021
    assert found["source"].tolist() == ["osm"] * 3


def test_a_species_decides_how_wide_its_crown_is(tmp_path: Path) -> None:
    names = ["Populus nigra 'Italica'", "Platanus x hispanica", "", "Malus domestica"]
    path = _write(
        tmp_path / "trees.geojson",
        *(
            _feature("Point", _place(10 * i, 0), natural="tree", osm_id=i, species=name, height="12")
            for i, name in enumerate(names)
        ),
        _feature("Point", _place(0, 30), natural="tree", osm_id=9, leaf_type="needleleaved"),
        _feature("Point", _place(0, 40), natural="tree", osm_id=10, species="Malus domestica"),
    )
    found = osm.read_trees(path)
    poplar, plane, unknown, apple = found["crown_diameter"].iloc[:4]
    assert poplar < 0.25 * 12 < unknown == 6.0 < plane
    assert apple == 10.0  # twelve metres of an apple are as wide as 5 to 6 suggest
    assert found.loc["tree_9", "species"] == CONIFER
    assert found.loc["tree_10", "height"] == 6.0  # usual for an apple, and less than for a tree of no name


def test_the_same_file_gives_the_same_ids(tmp_path: Path) -> None:
    path = _write(tmp_path / "t.geojson", *(_feature("Point", _place(i, i), natural="tree") for i in range(20)))
    assert list(osm.read_trees(path).index) == list(osm.read_trees(path).index)


def test_amenities_take_their_category_from_the_map(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "poi.geojson",
        _feature("Point", _place(0, 0), amenity="school", name="École", osm_id=1),
        _feature("Point", _place(0, 0), shop="bakery", osm_id=2),
        _feature("Point", _place(0, 0), shop="vacant", osm_id=3),
        _feature("Polygon", [[_place(0, 0), _place(9, 0), _place(9, 9), _place(0, 0)]], leisure="park", osm_id=4),
        _feature("Point", _place(0, 0), entrance="main", osm_id=5),
    )
    found = osm.read_amenities(path)
    assert dict(found.category) == {"amenity_1": "school", "amenity_2": "bakery", "amenity_4": "park"}
    assert (found.geometry.geom_type == "Point").all()
    assert set(found.columns) == {*AMENITY_COLUMNS, "geometry"}


def test_sectors_carry_their_population(tmp_path: Path) -> None:
    ring = [[_place(0, 0), _place(900, 0), _place(900, 900), _place(0, 0)]]
    path = _write(
        tmp_path / "sectors.geojson",
        _feature("Polygon", ring, cd_sector="21004A00-", tx_sector_descr_fr="GRAND-PLACE", population_2025=1010),
        _feature("Polygon", ring, cd_sector="21004A01-", tx_sector_descr_fr="BOURSE"),
    )
    found = osm.read_sectors(path, bounds=CELL)
    assert found.population["21004A00-"] == 1010.0
    assert np.isnan(found.population["21004A01-"])
    assert found.name_nl["21004A00-"] == "GRAND-PLACE"
    assert set(found.columns) == {*SECTOR_COLUMNS, "geometry"}


def test_ground_is_read_by_kind_and_surface_with_small_on_top(tmp_path: Path) -> None:
    def square(size: float) -> list[Any]:
        corners = [(0, 0), (size, 0), (size, size), (0, size), (0, 0)]
        return [[_place(*corner) for corner in corners]]

    path = _write(
        tmp_path / "ground.geojson",
        _feature("Polygon", square(5), natural="water", osm_id=1),
        _feature("Polygon", square(50), leisure="park", osm_id=2),
        _feature("Polygon", square(20), leisure="pitch", surface="asphalt", osm_id=3),
        _feature("Polygon", square(30), natural="water", tunnel="culvert", osm_id=4),
        _feature("LineString", [_place(0, 60), _place(40, 60)], highway="residential", surface="sett", osm_id=5),
        _feature("LineString", [_place(0, 60), _place(40, 60)], highway="residential", osm_id=6),
        _feature("Polygon", square(9), amenity="school", osm_id=7),
    )
    found = read_land_cover(path)
    assert dict(found.cover) == {
        "cover_2": "lawn", "cover_3": "asphalt", "cover_5": "cobblestone", "cover_1": "water",
    }  # fmt: skip
    assert list(found.geometry.area) == sorted(found.geometry.area, reverse=True)
    assert found.geometry["cover_1"].area == pytest.approx(25, rel=1e-3)
    assert found.geometry["cover_5"].area == pytest.approx(40 * 6, rel=0.2)
    cut = read_land_cover(path, bounds=(WEST, SOUTH, WEST + 2, SOUTH + 2))
    assert cut.geometry.area.max() == pytest.approx(4, rel=1e-3)


def _tree(place: str) -> str:
    geometry = f'{{"type": "Point", "coordinates": {place}}}'
    return f'{{"features": [{{"properties": {{"natural": "tree"}}, "geometry": {geometry}}}]}}'


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ('{"type": "FeatureCollection", "features": [', "is not JSON"),
        ('{"type": "Topology"}', "no GeoJSON FeatureCollection"),
        ("[" * 100_000 + "]" * 100_000, "too deep"),
        ('{"features": [{"properties": {"natural": "tree"}, "geometry": {"type": "Point"}}]}', "feature 0"),
        (_tree("[50.8, 4.3]"), "swapped"),
        (_tree("[5e5, 6e6]"), "neither in degrees nor in Lambert 72"),
        (_tree("[NaN, 4]"), "not finite"),
    ],
)
def test_bad_maps_get_one_clear_error(tmp_path: Path, document: str, words: str) -> None:
    (tmp_path / "map.geojson").write_text(document)
    with pytest.raises(CityError, match=words) as caught:
        read_features(tmp_path / "map.geojson", ("natural",))
    assert "map.geojson" in str(caught.value)


def test_a_cut_short_archive_is_named(crossing: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.geojson.gz").write_bytes(crossing.read_bytes()[:100])
    with pytest.raises(CityError, match=r"cut\.geojson\.gz.*cut short"):
        streets_of(tmp_path / "cut.geojson.gz")
    (tmp_path / "cut.osm.pbf").write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader" + b"x" * 40)
    with pytest.raises(CityError, match=r"cut\.osm\.pbf"):
        streets_of(tmp_path / "cut.osm.pbf")


def test_a_map_already_in_lambert_72_is_taken_as_it_is(tmp_path: Path) -> None:
    path = _write(tmp_path / "trees.geojson", _feature("Point", [148500.5, 170500.25], natural="tree"))
    assert osm.read_trees(path).geometry.iloc[0].coords[0] == (148500.5, 170500.25)


@pytest.mark.data
def test_central_brussels_joins_into_one_street_graph(reference_data: Path) -> None:
    nodes, links = streets_of(reference_data / "roads" / "osm2013_roads_centre.geojson.gz")
    index = {name: i for i, name in enumerate(nodes.index)}
    first, last = links.start.map(index).to_numpy(), links.end.map(index).to_numpy()
    graph = coo_array((np.ones(len(links)), (first, last)), shape=(len(nodes), len(nodes)))
    _, group = connected_components(graph, directed=False)
    assert np.bincount(group).max() > 0.97 * len(nodes)
    assert (links.geometry.length > 0).all()


@pytest.mark.data
def test_the_pbf_of_the_region_and_the_clip_agree_on_the_square_kilometre(reference_data: Path) -> None:
    _, clip = streets_of(reference_data / "roads" / "osm2013_roads_centre.geojson.gz", bounds=CELL)
    _, whole = streets_of(reference_data / "roads" / "osm_brussels_2013-01-01.osm.pbf", bounds=CELL)
    assert len(clip) == 612
    # the whole map knows signals and bollards, and cuts there too: the same ways, in more pieces
    lengths = [one.length.groupby(one.index.str.split("_").str[0]).sum() for one in (clip, whole)]
    assert len(whole) > len(clip)
    assert set(lengths[0].index) == set(lengths[1].index)
    alike = np.isclose(lengths[0], lengths[1][lengths[0].index], atol=0.1)
    assert alike.mean() > 0.9  # a piece outside the bounds is left out, and there are more pieces


@pytest.mark.data
def test_all_8217_trees_of_central_brussels_are_read(reference_data: Path) -> None:
    tally: dict[str, int] = {}
    found = osm.read_trees(reference_data / "city" / "osm_trees_centre.geojson.gz", tally=tally)
    assert len(found) == tally["read"] == 8217  # SOURCES.md: natural=tree of 8,220 points
    assert 8217 - tally["assumed height"] == pytest.approx(3274, abs=10)  # 3,274 heights as text, some of other things


@pytest.mark.data
def test_the_region_has_its_1_252_352_inhabitants(reference_data: Path) -> None:
    found = osm.read_sectors(reference_data / "city" / "statistical_sectors_brussels_pop2025.geojson.gz")
    assert len(found) == 749
    assert found.population.sum() == 1_252_352
    assert shapely.is_valid(found.geometry.to_numpy()).all()
