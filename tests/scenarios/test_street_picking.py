"""Which streets a drawn line, polygon or point means."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

sys.path.insert(0, str(Path(__file__).parent))
from block_toy import at, block_city, box

from scenarios.street_picking import Picked, open_to, street_at, streets_inside, streets_under
from twin.street_access import BIT, MODES, WALK
from twin.street_graph import graph_of


@pytest.fixture(scope="module")
def city():
    return block_city()


def under(city, *corners, **more) -> list[Picked]:
    return streets_under(shapely.LineString([at(*corner) for corner in corners]), city, **more)


def test_a_line_means_the_streets_it_follows_in_the_order_it_meets_them(city):
    assert under(city, (300, 98), (0, 102)) == [Picked("r1_2", False), Picked("r1_1", False), Picked("r1_0", False)]


def test_a_street_followed_for_less_than_half_of_its_length_is_not_meant(city):
    # the line covers 40 m, then 60 m, of the second piece of row 1, and 6 m more beyond its end
    assert [one.street for one in under(city, (0, 100), (140, 100))] == ["r1_0"]
    assert [one.street for one in under(city, (0, 100), (160, 100))] == ["r1_0", "r1_1"]


def test_a_line_further_away_than_half_a_street_means_none(city):
    assert [one.street for one in under(city, (0, 105.9), (100, 105.9))] == ["r1_0"]
    assert under(city, (0, 106.1), (100, 106.1)) == []


def test_a_short_street_that_a_line_crosses_is_not_meant(city):
    short = city.links.loc[["r1_0"]].rename(index={"r1_0": "short"})
    short = short.set_geometry([shapely.LineString([at(50, 95), at(50, 105)])], crs=city.links.crs)
    links = pd.concat([city.links, short])
    assert [one.street for one in under(city.with_(links=links), (0, 100), (100, 100))] == ["r1_0"]


def test_a_line_around_a_corner_means_both_streets(city):
    found = under(city, (0, 100), (100, 100), (100, 200))
    assert found == [Picked("r1_0", True), Picked("c1_1", True)]


def test_who_may_use_a_street_says_whether_it_is_meant(city):
    along_the_path = ((103, 0), (103, 300))
    assert [one.street for one in under(city, *along_the_path)] == ["c1_0", "c1_1", "c1_2"]
    assert "path" in {one.street for one in under(city, *along_the_path, modes=WALK)}


def test_a_polygon_means_streets_with_more_than_half_inside_and_no_tunnel(city):
    inside = streets_inside(shapely.Polygon(box(-10, 90, 151, 110)), city)
    assert inside == ["r1_0", "r1_1"]  # 51 m of the second; the tunnel under them is not seen
    assert streets_inside(shapely.Polygon(box(-10, 90, 149, 110)), city) == ["r1_0"]


def test_a_point_means_the_nearest_street_that_is_near_enough(city):
    assert street_at(shapely.Point(at(50, 104)), city, within=5) == "r1_0"
    assert street_at(shapely.Point(at(50, 104)), city, within=3) is None
    assert street_at(shapely.Point(at(50, 20)), city, within=200, kinds=["residential"]) == "c1_0"
    assert street_at(shapely.Point(at(103, 50)), city, WALK, within=5) == "path"


def test_who_may_use_a_street_is_said_as_the_graph_says_it(city):
    links = city.links.copy()
    links.loc["r1_0", ["forward", "backward"]] = [BIT["bike"], BIT["bike"] | BIT["walk"]]
    links.loc["r1_1", ["forward", "backward"]] = [BIT["car"], np.nan]  # half known is not known
    mixed = city.with_(links=links)
    graph = graph_of(mixed).links
    either = graph["forward"].to_numpy() | graph["backward"].to_numpy()
    for mode in MODES:
        assert open_to(mixed.links, BIT[mode]).tolist() == ((either & BIT[mode]) != 0).tolist()
    assert [one.street for one in under(mixed, (0, 100), (300, 100))] == ["r1_1", "r1_2"]
