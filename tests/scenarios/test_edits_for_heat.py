"""Edits against heat: what they put into the situation, and what they refuse."""

import pytest
import shapely
from pydantic import ValidationError

from scenarios.edits import (
    AddBuilding,
    Albedo,
    CoolRoof,
    Depave,
    GreenRoof,
    MoveTree,
    RemoveBuilding,
    RemoveTree,
    Restore,
    ShadeSail,
    Tree,
    apply_edits,
)
from scenarios.problem import EditError
from scenarios.situation import Situation
from twin.tree_species import tree_species


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """Corners of a rectangle, in metres from the city's corner."""
    return [[149_000 + x, 172_000 + y] for x, y in ((west, south), (east, south), (east, north), (west, north))]


def at(x: float, y: float) -> list[float]:
    return [149_000.0 + x, 172_000.0 + y]


@pytest.fixture
def here(city) -> Situation:
    return Situation(city)


def test_a_planted_tree_stands_in_the_city_like_any_other(here):
    after = Tree(id="new", point=at(30, 30), species="Acer platanoides", height_m=12, crown_diameter_m=7)
    row = after.apply(here).city.trees.loc["new"]
    assert (row["height"], row["crown_diameter"], row["species"]) == (12.0, 7.0, "Acer platanoides")
    assert row["crown_base"] == 3.0  # a quarter of the height, as for imported trees whose crown nobody measured
    assert row["assumed"] == "crown_base"
    assert row.geometry.equals(shapely.Point(at(30, 30)))
    assert list(after.apply(here).city.trees.index) == ["oak", "lime", "new"]


def test_a_tree_of_which_only_the_species_is_said_has_its_usual_size(here):
    usual = tree_species()["Platanus x hispanica"]
    row = Tree(id="new", point=at(30, 30), species="platane commun").apply(here).city.trees.loc["new"]
    assert (row["height"], row["crown_diameter"]) == (usual.height, usual.crown_diameter)
    assert row["assumed"] == "height crown_diameter crown_base"
    half = Tree(id="new", point=at(30, 30), species="Platanus", height_m=usual.height / 2).apply(here)
    assert half.city.trees.loc["new", "crown_diameter"] == pytest.approx(usual.crown_diameter / 2)


def test_a_moved_tree_keeps_its_size_and_its_name(here):
    before = here.city.trees.loc["oak"]
    moved = MoveTree(id="oak", point=at(30, 20)).apply(here).city.trees.loc["oak"]
    assert moved.geometry.equals(shapely.Point(at(30, 20)))
    assert moved.drop("geometry").equals(before.drop("geometry"))


def test_a_tree_moved_twice_and_back_leaves_no_trace(here):
    steps = [MoveTree(id="oak", point=at(30, 20)), MoveTree(id="oak", point=at(32, 20))]
    back = MoveTree(id="oak", point=at(25, 45))
    assert apply_edits(here, [*steps, back]).digest == here.digest
    assert apply_edits(here, steps).digest == apply_edits(here, steps[1:]).digest


def test_planting_elsewhere_is_planting_and_moving(here):
    there = Tree(id="new", point=at(31, 31))
    moved = apply_edits(here, [Tree(id="new", point=at(30, 30)), MoveTree(id="new", point=at(31, 31))])
    assert moved.digest == there.apply(here).digest


def test_a_sail_a_colour_and_white_roofs_are_works(here):
    sail = ShadeSail(id="s", polygon=box(21, 10, 29, 18), height_m=3.5)
    paint = Albedo(id="p", polygon=box(0, 0, 60, 8), albedo=0.5)
    works = apply_edits(here, [sail, paint, CoolRoof(id="c", buildings=["house-a"])]).works
    assert [(one.height, one.transmissivity, one.shape.area) for one in works.sails] == [(3.5, 0.1, 64.0)]
    assert [(shape.area, albedo) for shape, albedo in works.painted] == [(480.0, 0.5)]
    assert works.cool_roofs == (("house-a", 0.65),)
    assert works


def test_of_a_house_that_is_gone_no_white_roof_stays(here):
    after = apply_edits(here, [CoolRoof(id="c", buildings=["house-a", "house-b"]), RemoveBuilding(id="house-a")])
    assert after.works.cool_roofs == (("house-b", 0.65),)


def test_a_colour_laid_over_another_stays_on_top_whatever_the_ids(here):
    under, over = (
        Albedo(id="z", polygon=box(0, 0, 20, 8), albedo=0.3),
        Albedo(id="a", polygon=box(10, 0, 20, 8), albedo=0.6),
    )
    assert [albedo for _, albedo in apply_edits(here, [under, over]).works.painted] == [0.3, 0.6]
    assert apply_edits(here, [under, over]).digest != apply_edits(here, [over, under]).digest


def test_a_roof_is_either_green_or_white(here):
    green = GreenRoof(id="g", buildings=["house-a"])
    white = CoolRoof.model_validate({"id": "c", "where": {"smallest_roof_m2": 50}})
    assert dict(apply_edits(here, [green, white]).works.cool_roofs) == {"house-b": 0.65}
    for first, then in (
        (green, CoolRoof(id="c", buildings=["house-a"])),
        (CoolRoof(id="c", buildings=["house-a"]), green),
    ):
        with pytest.raises(EditError, match="'house-a' is already among the"):
            apply_edits(here, [first, then])


def test_watered_ground_is_another_situation_than_dry_ground(here):
    dry, wet = (Depave(id="d", polygon=box(52, 6, 56, 10), irrigated=choice).apply(here) for choice in (False, True))
    assert [one.irrigated for one in wet.works.ground] == [True]
    assert dry.digest != wet.digest
    assert dry.city.digest == wet.city.digest


@pytest.mark.parametrize(
    ("edit", "place", "words"),
    [
        (Tree(id="n", point=at(15, 15)), "point", "inside the building 'house-a'"),
        (Tree(id="n", point=at(70, 15)), "point", "outside the city"),
        (Tree(id="oak", point=at(30, 30)), "id", "already"),
        (MoveTree(id="none", point=at(30, 30)), "id", "none of the city's trees"),
        (MoveTree(id="oak", point=at(45, 15)), "point", "inside the building 'house-b'"),
        (MoveTree(id="oak", point=at(25, 45)), "point", "stands there already"),
        (RemoveTree(id="none"), "id", "none of the city's trees"),
        (Restore(part="trees", id="oak"), "id", "was not taken away"),
        (ShadeSail(id="s", polygon=box(15, 10, 29, 18)), "polygon", "40.0 m² of the building 'house-a'"),
        (ShadeSail(id="s", polygon=box(0, 40, 8, 48)), "polygon", "16.0 m² of the shade sail 'there'"),
        (ShadeSail(id="there", polygon=box(30, 30, 32, 32)), "id", "already"),
        (Albedo(id="a", polygon=box(12, 12, 18, 18), albedo=0.5), "polygon", "lies on buildings"),
        (CoolRoof(id="c", buildings=["house-z"]), "buildings[0]", "none of the city's buildings"),
        (CoolRoof.model_validate({"id": "c", "where": {"uses": ["office"]}}), "where", "no building of the city"),
    ],
)
def test_an_edit_against_heat_outside_its_limits_is_refused_with_place_and_reason(here, edit, place, words):
    fits = ShadeSail(id="there", polygon=box(4, 44, 12, 52))
    with pytest.raises(EditError) as caught:
        apply_edits(here, [fits, edit])
    assert caught.value.place == f"edits[1].{place}"
    assert words in str(caught.value)


def test_a_moved_tree_is_not_brought_back_by_restoring_it(here):
    with pytest.raises(EditError, match="was not taken away"):
        apply_edits(here, [MoveTree(id="oak", point=at(30, 20)), Restore(part="trees", id="oak")])


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (Tree, {"id": "n", "point": at(1, 1), "height_m": 4, "crown_base_m": 3.8}, "at least 0.5 m for leaves"),
        (Tree, {"id": "n", "point": at(1, 1), "height_m": 90}, "less than or equal to 45"),
        (CoolRoof, {"id": "c"}, "either buildings or where"),
        (Restore, {"part": "walls", "id": "w", "point": at(1, 1)}, "only a tree"),
    ],
)
def test_a_document_that_cannot_be_says_why(kind, values, words):
    with pytest.raises(ValidationError, match=words):
        kind.model_validate(values)


def test_a_new_building_and_a_tree_beside_it_come_in_any_order(here):
    house = AddBuilding(id="h", polygon=box(30, 40, 40, 50), height_m=9)
    tree = Tree(id="n", point=at(28, 45))
    assert apply_edits(here, [house, tree]).digest == apply_edits(here, [tree, house]).digest
