"""Filters of a neighbourhood: as few as can be, nobody drives through, everybody is still reached."""

import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import shapely

sys.path.insert(0, str(Path(__file__).parent))
from block_toy import SOUTH, WEST, block_city, box

from scenarios.edits import LowTrafficNeighbourhood
from scenarios.neighbourhood_filters import proposed_filters, street_ids
from scenarios.problem import ScenarioError
from scenarios.situation import Situation
from twin.city import City
from twin.formats.osm_streets import read_street_graph
from twin.street_graph import tables_of

AROUND = shapely.Polygon(box(-20, -20, 320, 320))
GATES = {f"n{x}{y}": side for side, pairs in {
    "South": ((1, 0), (2, 0)), "North": ((1, 3), (2, 3)), "West": ((0, 1), (0, 2)), "East": ((3, 1), (3, 2)),
}.items() for x, y in pairs}  # fmt: skip
"""Crossings of local streets with the ring, by the side they are on; drawn by hand."""


def arcs(city, cut=(), opened=()) -> dict[str, set[str]]:
    """Where a car may drive on from each crossing, by local streets that are not cut."""
    found = defaultdict(set)
    for name, row in city.links.iterrows():
        if row["kind"] != "residential" or name in cut:
            continue
        found[row["start"]].add(row["end"])
        if not row["oneway"] or name in opened:
            found[row["end"]].add(row["start"])
    return found


def turned(ways: dict[str, set[str]]) -> dict[str, set[str]]:
    found = defaultdict(set)
    for node, others in ways.items():
        for other in others:
            found[other].add(node)
    return found


def reached(ways: dict[str, set[str]], starts) -> set[str]:
    seen, left = set(starts), list(starts)
    while left:
        for other in ways[left.pop()] - seen:
            seen.add(other)
            left.append(other)
    return seen


def leads_through(ways) -> bool:
    return any(
        GATES.get(node, side) != side
        for side in set(GATES.values())
        for node in reached(ways, [gate for gate, one in GATES.items() if one == side])
    )


def test_six_filters_part_the_four_sides_and_no_five_would(measured):
    # every set of five of the twelve local streets is tried
    city = block_city()
    found = proposed_filters(city, AROUND)
    assert (len(found.filters), found.gates, found.boundary_streets, found.fewest) == (6, 8, 4, True)
    assert not leads_through(arcs(city, street_ids(found)))
    local = [name for name, kind in city.links["kind"].items() if kind == "residential"]
    assert all(leads_through(arcs(city, five)) for five in combinations(local, 5))
    measured(case="filters that part four sides of four blocks", source="all sets of local streets tried: no five do",
             ours=len(found.filters), bar=6)  # fmt: skip


def test_filters_stand_where_the_street_leaves_the_main_street():
    for one in proposed_filters(block_city(), AROUND).filters:
        row = block_city().links.loc[one.street]
        place = shapely.Point(one.x, one.y)
        assert one.end == ("start" if row["start"] in GATES else "end")
        assert place.distance(shapely.Point(row.geometry.coords[0 if one.end == "start" else -1])) == pytest.approx(6.0)
        assert (one.name_fr, one.name_nl) == (row["name_fr"], row["name_nl"])


@pytest.mark.parametrize("seed", range(12))
def test_with_one_way_streets_nobody_drives_through_and_all_come_in_and_go_out_as_before(seed):
    random = np.random.default_rng(seed)
    local = [f"{name}_{piece}" for name in ("r1", "r2", "c1", "c2") for piece in range(3)]
    city = block_city(tuple(name for name in local if random.random() < 0.6))
    found = proposed_filters(city, AROUND)
    before, after = arcs(city), arcs(city, street_ids(found), found.both_ways)
    assert not leads_through(after)
    assert len(found.filters) <= 6
    assert all(city.links.loc[name, "oneway"] for name in found.both_ways)
    for ways in ((before, after), (turned(before), turned(after))):
        could, can = (reached(one, GATES) for one in ways)
        assert could <= can


def test_a_one_way_street_cut_off_opens_both_ways():
    # four residential streets in a row from west to east, one-way: without its exit nobody would get out of it again
    city = block_city(("r1_0", "r1_1", "r1_2"))
    lane = city.with_(links=city.links[city.links.index.str.startswith(("r0", "r3", "c0", "c3", "r1"))])
    found = proposed_filters(lane, AROUND)
    assert len(found.filters) == 1
    assert not leads_through(arcs(lane, street_ids(found), found.both_ways))
    assert len(found.both_ways) >= 1
    assert {"n11", "n21"} <= reached(arcs(lane, street_ids(found), found.both_ways), GATES)


def test_a_street_that_bends_is_two_boundary_streets_and_a_straight_one_is_one():
    # one name all around: without the bend no side would be parted from another
    city = block_city()
    around = city.links["kind"] == "secondary"
    links = city.links.assign(name_fr=city.links["name_fr"].where(~around, "Ring"))
    found = proposed_filters(city.with_(links=links), AROUND)
    assert (found.boundary_streets, len(found.filters)) == (4, 6)


def test_a_main_street_inside_keeps_its_traffic_and_parts_the_neighbourhood():
    city = block_city()
    links = city.links.copy()
    links.loc[["r1_0", "r1_1", "r1_2"], "kind"] = "tertiary"
    found = proposed_filters(city.with_(links=links), AROUND)
    assert not {one for one in street_ids(found) if one.startswith("r1")}
    # south of it two lanes join it to the ring; north of it row 2 hangs on West, North, East and itself
    assert {"c1_0", "c2_0"} <= set(street_ids(found))


def test_where_no_way_leads_through_nothing_is_closed():
    city = block_city()
    kept = city.links.index.str.startswith(("r0", "r3", "c0", "c3")) | (city.links.index == "r1_0")
    found = proposed_filters(city.with_(links=city.links[kept]), AROUND)
    assert (found.filters, found.both_ways, found.gates) == ((), (), 1)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (shapely.box(WEST + 20, SOUTH + 20, WEST + 80, SOUTH + 80), "no local street for cars lies inside"),
        (shapely.box(WEST - 20, SOUTH - 20, WEST + 320, SOUTH + 5), "no local street for cars lies inside"),
    ],
)
def test_a_polygon_without_streets_to_close_says_so(shape, words):
    with pytest.raises(ScenarioError, match=words):
        proposed_filters(block_city(), shape)


def test_a_proposal_makes_an_edit_that_does_what_it_says():
    city = block_city(("r1_0", "r1_1", "r1_2", "c1_0"))
    found = proposed_filters(city, AROUND)
    edit = LowTrafficNeighbourhood(
        id="q", polygon=box(-20, -20, 320, 320), filters=street_ids(found), both_ways=list(found.both_ways) or None
    )
    works = edit.apply(Situation(city)).street_works
    assert list(works.closures[0].streets) == street_ids(found)
    assert {name for one in works.one_ways for name in one.streets} == set(found.both_ways)


@pytest.mark.data
def test_west_of_the_grand_place_nobody_drives_through_and_all_come_in_and_go_out_as_before(reference_data):
    # streets of OSM 2013; checked by a plain search over the arcs of the graph, gates found from the ends of streets
    graph = read_street_graph(reference_data / "roads" / "osm2013_roads_centre.geojson.gz")
    west, south, east, north = graph.links.total_bounds
    city = City(name="Centre", bounds=(west, south, east, north), **tables_of(graph))
    around = shapely.box(148_400, 170_500, 148_900, 171_000)
    found = proposed_filters(city, around)
    assert found.fewest

    main = {"primary", "secondary", "tertiary", "trunk", "motorway"}
    kinds = graph.links["kind"].str.removesuffix("_link")
    part = shapely.length(shapely.intersection(graph.links.geometry.to_numpy(), around))
    below = graph.links["below"].to_numpy(bool)
    inside = (part > 0.5 * graph.links.geometry.length.to_numpy()) & ~kinds.isin(main).to_numpy() & ~below
    ways = graph.arcs("car")
    local = inside[ways.link]
    around_it = set(ways.tail[~local]) | set(ways.head[~local])
    beyond = defaultdict(set)
    for tail, head in zip(ways.tail[~local], ways.head[~local], strict=True):
        beyond[tail].add(head)
        beyond[head].add(tail)
    gates = around_it & (set(ways.tail[local]) | set(ways.head[local]))
    gates = {gate for gate in gates if len(reached(beyond, [gate])) > 1000}  # not the blind alleys off its streets
    assert len(gates) == found.gates
    cut, opened = (set(graph.links.index.get_indexer(list(ids))) for ids in (street_ids(found), found.both_ways))
    before, after = defaultdict(set), defaultdict(set)
    for tail, head, link in zip(ways.tail[local], ways.head[local], ways.link[local], strict=True):
        before[tail].add(head)
        if link not in cut:
            after[tail].add(head)
            if link in opened:
                after[head].add(tail)
    for old, new in ((before, after), (turned(before), turned(after))):
        assert reached(old, gates) <= reached(new, gates)
    # whoever comes in by a gate leaves by one of the same street around: at most as many gates as share its name
    names = defaultdict(set)
    for row, link in enumerate(graph.links.itertuples()):
        if not inside[row]:
            for end in (link.start, link.end):
                names[end].add(link.name_fr)
    for gate in gates:
        for other in (reached(after, [gate]) & gates) - {gate}:
            assert names[graph.nodes.index[gate]] & names[graph.nodes.index[other]] - {""}


def test_of_a_whole_centre_main_streets_are_parted_too_by_the_sides_of_its_outline():
    # as if all were local, where six part the four sides and no five would: the first test tries every five
    city = block_city()
    links = city.links.copy()
    links.loc[["r1_0", "r1_1", "r1_2"], "kind"] = "tertiary"
    sides = shapely.Polygon(box(0, 0, 300, 300))
    found = proposed_filters(city.with_(links=links), shapely.Polygon(box(10, 10, 290, 290)), sides)
    assert (found.boundary_streets, len(found.filters), found.fewest) == (4, 6, True)
    assert {one for one in street_ids(found) if one.startswith("r1")}
