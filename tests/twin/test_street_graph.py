"""The street graph: who may go where, barriers, signals and turns of OSM, and chains that become one link."""

import json

import numpy as np
import osmium
import pytest
import shapely

from twin.city import LINK_COLUMNS, City, CityError, as_table
from twin.formats.osm_streets import read_street_graph
from twin.street_access import ALL, BIKE, BUS, CAR, MOTOR, TRUCK, WALK, barred, permissions
from twin.street_graph import graph_of
from twin.street_simplify import simplified

OPL = """\
n1 v1 x4.3500 y50.8500
n2 v1 x4.3510 y50.8500
n3 v1 x4.3520 y50.8500 Thighway=traffic_signals
n4 v1 x4.3530 y50.8500
n5 v1 x4.3540 y50.8500
n6 v1 x4.3530 y50.8510
n7 v1 x4.3525 y50.8490 Tbarrier=bollard,bollard=rising
n8 v1 x4.3530 y50.8480
w10 v1 Thighway=residential,name=Rue%20%Haute,lanes=2,maxspeed=30 Nn1,n2,n3
w11 v1 Thighway=residential,name=Rue%20%Haute,lanes=2,maxspeed=30 Nn3,n4
w12 v1 Thighway=tertiary,oneway=yes,oneway:bicycle=no,name=Rue%20%Basse Nn4,n5
w13 v1 Thighway=footway Nn4,n6
w14 v1 Thighway=service Nn4,n7,n8
w15 v1 Thighway=construction Nn1,n8
r20 v1 Ttype=restriction,restriction=no_right_turn,except=bicycle;psv Mw11@from,n4@via,w14@to
r21 v1 Ttype=restriction,restriction=only_straight_on Mw14@from,n4@via,w11@to
r22 v1 Ttype=restriction,restriction=no_left_turn Mw99@from,n4@via,w14@to
r23 v1 Ttype=restriction,restriction=no_left_turn Mw11@from,w12@via,w14@to
"""


@pytest.fixture(scope="module")
def crossing(tmp_path_factory):
    """Six nodes of a quarter, with a signal, a rising bollard, a one-way street, a footpath and four turns."""
    folder = tmp_path_factory.mktemp("osm")
    (folder / "a.opl").write_text(OPL, encoding="utf-8")
    with osmium.SimpleWriter(str(folder / "a.osm.pbf")) as writer:
        for one in osmium.FileProcessor(str(folder / "a.opl")):
            writer.add(one)
    return read_street_graph(folder / "a.osm.pbf")


def test_ways_are_cut_at_crossings_signals_and_barriers(crossing):
    assert set(crossing.links.index) == {"w10_0", "w11_0", "w12_0", "w13_0", "w14_0", "w14_1"}
    assert set(crossing.nodes.index) == {"n1", "n3", "n4", "n5", "n6", "n7", "n8"}  # n2 only bends
    assert crossing.nodes["signal"].to_dict()["n3"]
    assert crossing.nodes["signal"].sum() == 1
    assert crossing.nodes.loc["n7", "barrier"] == "rising_bollard"
    assert crossing.nodes.loc["n7", "barred"] == MOTOR
    assert crossing.links.loc["w10_0", "ways"] == "10"


def test_a_bollard_stops_cars_and_no_one_else(crossing):
    def passes(mode, start, end):
        arcs = crossing.arcs(mode)
        names = crossing.nodes.index
        return (names.get_loc(start), names.get_loc(end)) in set(zip(arcs.tail, arcs.head, strict=True))

    for mode in ("walk", "bike"):
        assert passes(mode, "n4", "n7")
        assert passes(mode, "n7", "n8")
    assert passes("car", "n4", "n7")  # up to it
    assert not passes("car", "n7", "n8")  # not through it
    assert not passes("car", "n7", "n4")
    assert passes("bike", "n5", "n4")  # against the one-way street
    assert passes("walk", "n5", "n4")
    assert not passes("car", "n5", "n4")
    assert not passes("car", "n4", "n6")


def test_turns_are_placed_and_those_that_cannot_be_are_counted(crossing):
    assert crossing.counts["turns"] == 2
    assert crossing.counts["turns that cannot be placed"] == 1
    assert crossing.counts["turns over a way"] == 1
    assert ("w11_0", "n4", "w14_0") in crossing.banned_turns("car")
    assert ("w11_0", "n4", "w14_0") not in crossing.banned_turns("bike")
    assert ("w11_0", "n4", "w14_0") not in crossing.banned_turns("bus")
    assert not crossing.banned_turns("walk")
    # only straight on: everything else there is barred, the way back is not a matter of it
    assert {(a, b) for a, _, b in crossing.banned_turns("bus")} == {("w14_0", "w12_0"), ("w14_0", "w13_0")}


def test_what_is_assumed_is_counted_and_told(crossing):
    assert crossing.links.loc["w10_0", "assumed"] == "access width"
    assert crossing.links.loc["w10_0", ["lanes_forward", "lanes_backward", "speed"]].tolist() == [1, 1, 30]
    assert crossing.links.loc["w12_0", ["lanes_forward", "lanes_backward"]].tolist() == [1, 0]
    assert crossing.counts["assumed width"] == 6
    assert crossing.counts["assumed lanes"] == 3  # w12, and w14 in two pieces
    assert crossing.counts["not a street (construction)"] == 1


def test_a_chain_becomes_one_link_that_knows_its_ways(crossing):
    quiet = crossing.nodes.assign(signal=False)
    found = simplified(type(crossing)(quiet, crossing.links, crossing.turns, crossing.counts))
    assert found.links.loc["w10_0", "pieces"] == "w10_0 w11_0"
    assert found.links.loc["w10_0", "ways"] == "10 11"
    assert found.links.loc["w10_0", ["start", "end"]].tolist() == ["n1", "n4"]
    assert found.links.length.sum() == pytest.approx(crossing.links.length.sum())
    assert "n3" not in found.nodes.index
    assert found.turns["arriving"].tolist()[0] == "w10_0"  # it named w11_0
    assert found.counts["links joined to others"] == 1
    # the bollard stays a node, and so does the signal where there is one
    assert "n7" in found.nodes.index
    assert "n3" in simplified(crossing).nodes.index


def test_links_that_run_against_each_other_join_with_their_sides_turned(crossing):
    links = crossing.links.copy()
    links.loc["w11_0", ["start", "end"]] = ["n4", "n3"]
    links.loc["w11_0", ["forward", "backward"]] = [WALK | BIKE, ALL]
    links.loc["w10_0", ["forward", "backward"]] = [ALL, WALK | BIKE]
    links = links.set_geometry(
        [shapely.reverse(g) if n == "w11_0" else g for n, g in links.geometry.items()], crs=links.crs
    )
    quiet = crossing.nodes.assign(signal=False)
    found = simplified(type(crossing)(quiet, links, crossing.turns.iloc[:0], {}))
    row = found.links.loc["w10_0"]
    assert (row["start"], row["end"], row["forward"], row["backward"]) == ("n1", "n4", ALL, WALK | BIKE)
    assert shapely.get_num_points(row.geometry) == 4
    links.loc["w11_0", ["forward", "backward"]] = [ALL, WALK | BIKE]  # now traffic meets head on: two streets
    assert "n3" in simplified(type(crossing)(quiet, links, crossing.turns.iloc[:0], {})).nodes.index


def test_simplifying_the_real_centre_keeps_every_length_and_piece(reference_data):
    whole = read_street_graph(reference_data / "roads" / "osm2013_roads_centre.geojson.gz")
    found = simplified(whole)
    assert found.counts["links joined to others"] == len(whole.links) - len(found.links) > 50
    pieces = [piece for words in found.links["pieces"] for piece in words.split()]
    assert sorted(pieces) == sorted(whole.links.index)
    for mode in ("walk", "car"):
        lengths = [g.links.length.to_numpy()[g.arcs(mode).link].sum() for g in (whole, found)]
        assert lengths[1] == pytest.approx(lengths[0], rel=1e-12)
    assert len(simplified(found).links) == len(found.links)
    driven = simplified(whole, "car")
    open_to_cars = len(set(whole.arcs("car").link))
    assert len(driven.links) < 0.9 * open_to_cars  # footpaths that end at a street no longer cut it
    assert driven.counts["closed to car"] == len(whole.links) - open_to_cars
    assert driven.links.length.to_numpy()[driven.arcs("car").link].sum() == pytest.approx(lengths[0], rel=1e-12)
    # the largest part that hangs together stays the largest: no chain lost an end
    assert found.islands("walk").max() > 0.9 * len(found.nodes)


@pytest.mark.data
def test_the_whole_region_has_its_signals_barriers_and_turns(reference_data):
    found = read_street_graph(reference_data / "roads" / "osm_brussels_2013-01-01.osm.pbf")
    # in the file: 512 nodes of highway=traffic_signals and some of crossing=traffic_signals; 268 bollards; 10 turns
    assert found.counts["signals"] >= 500
    assert 240 <= (found.nodes["barrier"].isin(["bollard", "rising_bollard"])).sum() <= 270
    assert (found.nodes["barrier"] == "rising_bollard").sum() == 2
    assert sum(number for words, number in found.counts.items() if words.startswith("turns")) == 10
    assert found.islands("walk").max() > 0.9 * len(found.nodes)


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({"highway": "residential"}, ALL, ALL),
        ({"highway": "residential", "oneway": "yes"}, ALL, WALK),
        ({"highway": "residential", "oneway": "-1"}, WALK, ALL),
        ({"highway": "residential", "oneway": "yes", "cycleway": "opposite_lane"}, ALL, WALK | BIKE),
        ({"highway": "residential", "oneway": "yes", "oneway:bus": "no"}, ALL, WALK | BUS),
        ({"highway": "pedestrian"}, WALK, WALK),
        ({"highway": "pedestrian", "bicycle": "yes"}, WALK | BIKE, WALK | BIKE),
        ({"highway": "footway", "access": "yes"}, WALK, WALK),
        ({"highway": "motorway"}, MOTOR, 0),
        ({"highway": "service", "access": "private"}, 0, 0),
        ({"highway": "service", "access": "no", "bus": "yes", "foot": "yes"}, WALK | BUS, WALK | BUS),
        ({"highway": "residential", "motor_vehicle": "destination"}, ALL, ALL),
        ({"highway": "residential", "hgv": "no"}, ALL & ~TRUCK, ALL & ~TRUCK),
        ({"highway": "residential", "vehicle": "no", "bicycle": "yes"}, WALK | BIKE, WALK | BIKE),
    ],
)
def test_tags_say_who_may_pass(tags, forward, backward):
    assert permissions(tags)[:2] == (forward, backward)


def test_nobody_walks_through_a_tunnel_of_a_main_road():
    assert permissions({"highway": "primary"}, below=True)[0] == MOTOR
    assert permissions({"highway": "primary", "sidewalk": "right"}, below=True)[0] == MOTOR | WALK
    assert permissions({"highway": "footway"}, below=True)[0] == WALK


def test_barriers_stop_who_they_say():
    assert barred({}) == 0
    assert barred({"barrier": "gate"}) == 0
    assert barred({"barrier": "gate", "access": "private"}) == ALL
    assert barred({"barrier": "bollard", "bus": "yes"}) == MOTOR & ~BUS
    assert barred({"barrier": "bus_trap"}) & CAR
    assert not barred({"barrier": "bus_trap"}) & (BUS | BIKE | WALK)


def small_city(**changed):
    line = shapely.LineString([(149_000, 170_000), (149_100, 170_000)])
    columns = {
        "start": ["a"], "end": ["b"], "kind": ["residential"], "name_fr": ["Rue"], "name_nl": ["Straat"],
        "width": [6.0], "lanes": [2], "speed": [30.0], "oneway": [True], "assumed": ["lanes"],
    } | changed  # fmt: skip
    links = as_table(["w5_0"], [line], LINK_COLUMNS, **columns)
    nodes = as_table(["a"], [shapely.Point(149_000, 170_000)], {})
    return City("one street", (149_000, 169_990, 149_100, 170_010), links=links, nodes=nodes)


def test_the_streets_of_a_city_follow_their_kind():
    found = graph_of(small_city())
    assert found.links.loc["w5_0", ["forward", "backward", "lanes_forward", "ways"]].tolist() == [ALL, WALK, 2, "5"]
    assert found.counts == {"links": 1, "assumed access": 1, "assumed lanes": 1}
    assert found.links.loc["w5_0", "assumed"] == "lanes access"
    assert found.nodes.geometry["b"].x == 149_100  # a node that the city lacks is put at the end of its link
    below = graph_of(small_city(kind=["primary_tunnel"]))
    assert below.links.loc["w5_0", ["kind", "below", "forward"]].tolist() == ["primary", True, MOTOR]


def test_what_cannot_be_is_refused(tmp_path):
    with pytest.raises(CityError, match="has no streets"):
        graph_of(City("empty", (0, 0, 1, 1)))
    with pytest.raises(CityError, match="no mode 'horse'; expected one of walk"):
        graph_of(small_city()).arcs("horse")
    graph = graph_of(small_city())
    broken = type(graph)(graph.nodes.drop("b"), graph.links, graph.turns)
    with pytest.raises(CityError, match="link 'w5_0' has the end 'b', which is no node"):
        broken.arcs("walk")
    file = tmp_path / "none.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": []}), encoding="utf-8")
    with pytest.raises(CityError, match="no way with a highway tag"):
        read_street_graph(file)


def test_geojson_without_nodes_joins_by_place(tmp_path):
    def line(number, *corners, **tags):
        return {"type": "Feature", "properties": {"highway": "residential", "osm_id": number, **tags},
                "geometry": {"type": "LineString", "coordinates": corners}}  # fmt: skip

    features = [
        line("1", [149_000, 170_000], [149_050, 170_000], [149_100, 170_000]),
        line("2", [149_050, 170_000], [149_050, 170_080], width="7 m", maxspeed="walk"),
        {"type": "Feature", "properties": {"barrier": "bollard"},
         "geometry": {"type": "Point", "coordinates": [149_050, 170_080]}},
    ]  # fmt: skip
    file = tmp_path / "streets.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    found = read_street_graph(file)
    assert set(found.links.index) == {"w1_0", "w1_1", "w2_0"}
    assert found.links.loc["w2_0", ["width", "speed"]].tolist() == [7.0, 5.0]
    assert found.nodes["barred"].to_numpy()[found.ends()[1][found.links.index.get_loc("w2_0")]] == MOTOR
    np.testing.assert_array_equal(found.islands("walk"), [4, 4, 4, 4])
