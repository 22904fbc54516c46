"""Streets as CSV of nodes and directed links: a crossing written by hand, and the network of the City of Brussels."""

import csv

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from twin.city import CityError
from twin.formats.street_csv import read_street_csv
from twin.imports import import_city
from twin.street_access import ALL, BIKE, BUS, WALK

NODES = """\
node,osm_id,lon,lat,highway
0,100,149000,170000,
1,101,149100,170000,traffic_signals
2,102,149200,170000,
3,103,149100,170100,
"""
LINKS = """\
link,from,to,highway,maxspeed_kmh,lanes,oneway,tunnel,access,name,osmid,geometry_wkt
0,0,1,"['tertiary', 'residential']","['30', '20']",2,False,,,Rue Haute - Hoogstraat,7,
1,1,0,"['tertiary', 'residential']","['30', '20']",2,False,,,Rue Haute - Hoogstraat,7,
2,1,2,residential,,,True,,,Place,"[8, 9]",
3,1,3,busway,50,1,False,,,,10,"LINESTRING (149100 170000, 149110 170050, 149100 170100)"
4,3,1,busway,50,1,False,,,,10,"LINESTRING (149100 170100, 149110 170050, 149100 170000)"
5,2,3,corridor,,,True,,,,11,
"""


@pytest.fixture
def files(tmp_path):
    """Write both files; a text in place of another makes a mistake."""

    def write(*changes, nodes=NODES, links=LINKS):
        for old, new in changes:
            nodes, links = nodes.replace(old, new), links.replace(old, new)
        (tmp_path / "a_nodes.csv").write_text(nodes, encoding="utf-8")
        (tmp_path / "a_links.csv").write_text(links, encoding="utf-8")
        return tmp_path / "a_links.csv"

    return write


def test_two_directions_along_one_line_are_one_street(files):
    found = read_street_csv(files())
    assert list(found.links.index) == ["w7_0", "w8_2", "w10_3"]
    street = found.links.loc["w7_0"]
    assert (street["start"], street["end"], street["kind"]) == ("n100", "n101", "tertiary")  # the first of a list
    assert (street["name_fr"], street["name_nl"], street["speed"]) == ("Rue Haute", "Hoogstraat", 30)
    assert (street["lanes_forward"], street["lanes_backward"]) == (1, 1)  # two for both directions
    assert (street["forward"], street["backward"]) == (ALL, ALL)
    assert found.counts["directions joined to a street"] == 2
    assert found.nodes["signal"].to_dict() == {"n100": False, "n101": True, "n102": False, "n103": False}


def test_what_the_file_does_not_say_is_assumed_and_counted(files):
    found = read_street_csv(files())
    one_way = found.links.loc["w8_2"]
    assert (one_way["lanes_forward"], one_way["lanes_backward"], one_way["speed"]) == (1, 0, 30)
    assert one_way["ways"] == "8 9"
    assert (one_way["forward"], one_way["backward"]) == (ALL, WALK)
    assert found.counts["assumed speed"] == 1
    assert found.counts["assumed lanes"] == 1
    assert found.counts["not a street (corridor)"] == 1
    assert found.links.loc["w10_3", ["forward", "backward"]].tolist() == [BUS, BUS]
    assert not found.links.loc["w10_3", "forward"] & BIKE


def test_a_way_back_along_another_line_is_a_street_of_its_own(files):
    found = read_street_csv(
        files(("LINESTRING (149100 170100, 149110 170050", "LINESTRING (149100 170100, 149090 170050"))
    )
    assert {"w10_3", "w10_4"} <= set(found.links.index)
    assert found.links.loc["w10_3", ["forward", "backward"]].tolist() == [BUS, 0]
    assert found.counts["two-way links without a way back"] == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("5,2,3", "5,2,9"), r"a_links\.csv, line 7: link '5' has the node '9', which the nodes lack"),
        (("5,2,3", "4,2,3"), r"a_links\.csv, line 7: link '4' is there twice"),
        (("2,102,149200", "2,102,far"), r"a_nodes\.csv, line 4: the place of node '2' is 'far'"),
        (("3,103", "2,103"), r"a_nodes\.csv, line 5: node '2' is there twice"),
        (("3,103", "3,102"), "osm_id '102' is there twice"),
        (("(149100 170000, 149110", "(149100 170030, 149110"), "line 5: .* ends 30.0 m from its nodes"),
        (("LINESTRING (149100 170000, 149110", "LINESTRANG (149100 170000, 149110"), "line 5: geometry_wkt is no WKT"),
        (("highway,maxspeed", "kind,maxspeed"), "lacks the columns highway; expected link, from"),
        (("11,\n", "11,,,\n"), "line 7: has more values than the 12 columns"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_by_its_line(files, change, words):
    with pytest.raises(CityError, match=words):
        read_street_csv(files(change))


def test_links_need_nodes_beside_them(tmp_path):
    (tmp_path / "a_links.csv").write_text(LINKS, encoding="utf-8")
    with pytest.raises(CityError, match="no file of nodes beside this one"):
        read_street_csv(tmp_path / "a_links.csv")


def test_a_city_of_streets_alone_has_the_box_around_them(files):
    city, report = import_city((), streets=files(), name="Crossing")
    assert city.bounds == (149_000, 170_000, 149_200, 170_100)
    assert (len(city.buildings), len(city.links), report.buildings) == (0, 3, 0)
    assert report.layers["streets"]["assumed lanes"] == 1
    assert city.links.loc["w8_2", "oneway"]
    assert city.nodes.loc["n101", "signal"] == 1.0
    with pytest.raises(CityError, match="no file of buildings was given"):
        import_city(())


@pytest.mark.data
def test_the_network_of_the_city_of_brussels_is_whole(reference_data, measured):
    folder = reference_data / "traffic"
    found = read_street_csv(folder / "brussels_city_links.csv")
    with (folder / "brussels_city_nodes.csv").open(encoding="utf-8") as file:
        number = {row["node"]: place for place, row in enumerate(csv.DictReader(file))}
    with (folder / "brussels_city_links.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    # SOURCES.md beside the file: 2,299 nodes, 4,492 directed links, 9 of them busways, largest strong part 2,229 nodes
    assert len(found.nodes) == len(number) == 2299
    assert len(found.links) + found.counts["directions joined to a street"] == len(rows) == 4492
    ways = found.arcs("bus")
    assert found.links["kind"].iloc[ways.link].eq("busway").sum() == 9
    assert not found.links["kind"].iloc[found.arcs("car").link].eq("busway").any()
    open_rows = {(number[row["from"]], number[row["to"]]) for row in rows if row["access"] != "no"}
    assert set(zip(ways.tail.tolist(), ways.head.tolist(), strict=True)) == open_rows
    shut = [(number[row["from"]], number[row["to"]]) for row in rows if row["access"] == "no"]
    tail, head = np.concatenate([np.column_stack([ways.tail, ways.head]), np.array(shut)]).T
    matrix = coo_matrix((np.ones(tail.size), (tail, head)), shape=(2299, 2299))
    largest = np.bincount(connected_components(matrix, connection="strong")[1]).max()
    measured(case="City of Brussels network, nodes of the largest strong part against 2,229", unit="nodes",
             source="data/traffic/SOURCES.md", ours=abs(int(largest) - 2229), bar=0)  # fmt: skip
