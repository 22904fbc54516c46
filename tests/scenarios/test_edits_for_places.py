"""Places opened and closed: undone without a trace, refused with a reason, and searched again only where they reach."""

import itertools
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pydantic import ValidationError

sys.path.insert(0, str(Path(__file__).parent))
from block_toy import at, block_city, box

from scenarios.edits import ClosePlace, OpenPlace, Restore, apply_edits
from scenarios.problem import EditError
from scenarios.situation import Situation
from scenarios.ten_minutes import Homes, ten_minutes
from twin.amenities import places_of
from twin.city import CRS, SECTOR_COLUMNS, as_table
from twin.street_access import ALL
from twin.street_graph import LINK_FIELDS, StreetGraph, make_links, make_nodes, no_turns
from twin.street_reach import StreetTimes

CLINIC = OpenPlace(id="clinic", category="health", point=at(250, 290), name="Clinique")
CRECHE = OpenPlace(id="creche", category="childcare", point=at(20, 20))
PARK = OpenPlace(id="park", category="green_space", polygon=box(110, 110, 190, 190))
SHUT = ClosePlace(id="school")


@pytest.fixture(scope="module")
def here() -> Situation:
    return Situation(block_city())


@pytest.mark.parametrize("edit", [CLINIC, CRECHE, PARK, SHUT], ids=lambda edit: edit.id)
def test_a_place_opened_or_closed_is_undone_without_a_trace(here, edit):
    after = edit.apply(here)
    assert after.digest != here.digest
    back = edit.inverse(here).apply(after)
    assert back.digest == here.digest
    assert edit.inverse(here).inverse(after) == edit  # redone as it was done


def test_an_imported_place_comes_back_where_it_was(here):
    again = SHUT.inverse(here)
    assert again == Restore(part="amenities", id="school")
    found = again.apply(SHUT.apply(here)).city.amenities
    assert found.index.tolist() == here.city.amenities.index.tolist()


def test_places_come_in_any_order(here):
    digests = {apply_edits(here, order).digest for order in itertools.permutations([CLINIC, PARK, SHUT])}
    assert len(digests) == 1


def test_an_opened_place_stands_among_the_fifteen_categories_and_a_closed_one_no_more(here):
    found = places_of(apply_edits(here, [CLINIC, CRECHE, PARK, SHUT]).city)
    kinds = found["category"].to_dict()
    assert kinds == {"shop": "food_shops", "clinic": "health", "creche": "early_childhood", "park": "green_space"}
    assert found.loc["park"].geometry.area == pytest.approx(6400.0)
    assert found.loc["clinic", "name"] == "Clinique"


def test_a_place_that_cannot_be_is_refused_with_a_reason(here):
    with pytest.raises(EditError, match="none of the fifteen categories"):
        OpenPlace(id="x", category="casino", point=at(10, 10)).apply(here)
    with pytest.raises(EditError, match="already the id of one of the amenities"):
        OpenPlace(id="school", category="sport", point=at(10, 10)).apply(here)
    with pytest.raises(EditError, match="already the id"):
        OpenPlace(id="school", category="sport", point=at(10, 10)).apply(SHUT.apply(here))
    with pytest.raises(EditError, match="outside the city"):
        OpenPlace(id="x", category="sport", point=at(9000, 10)).apply(here)
    with pytest.raises(EditError, match="at least 10 m²"):
        OpenPlace(id="x", category="sport", polygon=box(0, 0, 1, 1)).apply(here)
    with pytest.raises(EditError, match="none of the city's amenities"):
        ClosePlace(id="bank").apply(here)
    with pytest.raises(EditError, match="already taken away"):
        SHUT.apply(SHUT.apply(here))
    for shapes in ({}, {"point": at(0, 0), "polygon": box(0, 0, 50, 50)}):
        with pytest.raises(ValidationError, match="give one of them"):
            OpenPlace(id="x", category="sport", **shapes)


SIDE, BLOCK = 60, 80.0


def wide_town(bridge: bool = False) -> tuple[StreetGraph, Homes]:
    """Streets every 80 m, cut in two by a river between two rows that only its west end crosses, and homes at all."""
    places = {f"n{x}_{y}": (149_000 + BLOCK * x, 170_000 + BLOCK * y) for y in range(SIDE) for x in range(SIDE)}
    wet = SIDE // 2
    rows = [(f"n{x}_{y}", f"n{x + 1}_{y}") for y in range(SIDE) for x in range(SIDE - 1)]
    rows += [(f"n{x}_{y}", f"n{x}_{y + 1}") for y in range(SIDE - 1) for x in range(SIDE) if y != wet or x == 0]
    if bridge:
        rows.append((f"n{SIDE - 5}_{wet}", f"n{SIDE - 5}_{wet + 1}"))
    usual = dict.fromkeys(LINK_FIELDS, "") | {
        "width": 8.0, "lanes_forward": 1.0, "lanes_backward": 1.0, "speed": 30.0, "forward": ALL, "backward": ALL,
        "below": False, "bridge": False, "kind": "residential",
    }  # fmt: skip
    known = {name: [value] * len(rows) for name, value in usual.items()}
    ids = [f"{start}-{end}" for start, end in rows]
    known |= {"start": [row[0] for row in rows], "end": [row[1] for row in rows], "pieces": ids}
    lines = [shapely.LineString([places[start], places[end]]) for start, end in rows]
    graph = StreetGraph(
        make_nodes(places, [shapely.Point(one) for one in places.values()]), make_links(ids, lines, **known), no_turns()
    )
    table = gpd.GeoDataFrame(
        {"people": 1.0, "sector": "all"}, index=pd.Index(list(places), name="id"),
        geometry=[shapely.Point(x, y + 1) for x, y in places.values()], crs=CRS,
    )  # fmt: skip
    whole = shapely.box(148_000, 169_000, 160_000, 180_000)
    sectors = as_table(["all"], [whole], SECTOR_COLUMNS, name_fr=["Tout"], name_nl=["Alles"], population=[1.0])
    return graph, Homes(table, sectors, counted=True)


def schools(*corners) -> gpd.GeoDataFrame:
    points = [shapely.Point(149_000 + BLOCK * x + 5, 170_000 + BLOCK * y) for x, y in corners]
    return gpd.GeoDataFrame(
        {"category": "youth", "name": "", "capacity": np.nan}, index=pd.Index([f"s{x}_{y}" for x, y in corners],
        dtype=object, name="id"), geometry=points, crs=CRS,
    )  # fmt: skip


@pytest.mark.parametrize("edit", ["a new school", "a closed school", "a bridge"])
def test_only_what_an_edit_reaches_is_searched_again_and_the_whole_is_the_same(measured, edit):
    graph, homes = wide_town()
    corners = [(x, y) for x in range(4, SIDE, 9) for y in range(4, SIDE, 9)]
    before = ten_minutes(StreetTimes.of(graph), schools(*corners), homes)
    if edit == "a new school":
        corners = [*corners, (18, 18)]
    elif edit == "a closed school":
        corners = [one for one in corners if one != (22, 22)]
    else:
        graph = wide_town(bridge=True)[0]
    now = StreetTimes.of(graph)
    fresh, mended = (ten_minutes(now, schools(*corners), homes, before=one) for one in (None, before))
    np.testing.assert_array_equal(mended.search.seconds, fresh.search.seconds)
    np.testing.assert_array_equal(mended.seconds, fresh.seconds)
    assert not np.array_equal(mended.seconds, before.seconds)
    # looked at are crossings whose way was forgotten, or bettered at once (the search's own count), and those whose
    # time is another one in the end; a school serves 81 of the 3,600 here, and a bridge some streets on either side
    other = int((mended.search.seconds != before.search.seconds).sum())
    measured(case=f"{edit} in a town of 3,600 crossings: part that is looked at again",
             ours=(mended.search.searched + other) / SIDE**2, bar=0.1, unit="1",
             source="own count of nodes; the result equals a fresh search to the bit")  # fmt: skip
