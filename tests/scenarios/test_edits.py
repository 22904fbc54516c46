"""Edits: undone without a trace, independent ones in any order, bounded with a reason."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.edits import (
    EDITS,
    FOR_ENERGY,
    ON_STREETS,
    AddBuilding,
    Albedo,
    Basin,
    BlockDrain,
    ClearDrain,
    ClosePlace,
    CoolRoof,
    Depave,
    GreenRoof,
    Kerb,
    LandCover,
    MoveTree,
    OpenPlace,
    PermeablePaving,
    RainGarden,
    RaisedThreshold,
    RemoveAlbedo,
    RemoveBuilding,
    RemoveCoolRoof,
    RemoveDrainBlock,
    RemoveGreenRoof,
    RemoveLandCover,
    RemoveShadeSail,
    RemoveStormTank,
    RemoveThreshold,
    RemoveTree,
    RemoveWall,
    Restore,
    RestoreRain,
    ShadeSail,
    Storm,
    StormTank,
    Swale,
    Tree,
    Wall,
    apply_edits,
)
from scenarios.problem import EditError
from scenarios.shells import extruded
from scenarios.situation import Situation
from twin.city import WALL

RAIN = ((0.0, 30.0), (600.0, 0.0))
WALL_1 = Wall(id="w1", line=[[149_003, 172_003], [149_003, 172_050]], height_m=1.0)
WALL_2 = Wall(id="w2", line=[[149_057, 172_003], [149_057, 172_050]], height_m=0.2)
COVER_1 = LandCover(
    id="c1", polygon=[[149_005, 172_032], [149_015, 172_032], [149_015, 172_042]], cover="permeable_paving"
)
COVER_2 = LandCover(id="c2", polygon=[[149_035, 172_032], [149_045, 172_032], [149_045, 172_042]], cover="asphalt")
TOWER = AddBuilding(
    id="t1", polygon=[[149_010, 172_045], [149_030, 172_045], [149_030, 172_055], [149_010, 172_055]], height_m=40.0
)
HUT = AddBuilding(id="a-hut", polygon=[[149_050, 172_045], [149_056, 172_045], [149_053, 172_052]], height_m=3.0)


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """Corners of a rectangle, in metres from the city's corner."""
    return [[149_000 + x, 172_000 + y] for x, y in ((west, south), (east, south), (east, north), (west, north))]


KERB = Kerb(id="k1", line=[[149_032, 172_026], [149_032, 172_030]], height_m=0.12)
SWALE = Swale(id="s1", line=[[149_024, 172_006], [149_024, 172_020]], width_m=2.0)
GARDEN = RainGarden(id="r1", polygon=box(27, 6, 33, 10))
BASIN = Basin(id="b1", polygon=box(27, 12, 35, 20), volume_m3=40.0)
PAVING = PermeablePaving(id="p1", polygon=box(27, 22, 33, 25))
SOIL = Depave(id="d1", polygon=box(52, 6, 56, 10))
ROOF = GreenRoof(id="g1", buildings=["house-a"])
SILL = RaisedThreshold(id="h1", buildings=["house-b"], height_m=0.4)
BLOCK = BlockDrain(id="x1", polygon=box(0, 0, 20, 8), blocked=0.5)
CLEAR = ClearDrain(id="x2", polygon=box(40, 0, 60, 8))
FOR_WATER = (KERB, SWALE, GARDEN, BASIN, PAVING, SOIL, ROOF, SILL, BLOCK, CLEAR)
TREE = Tree(id="t-new", point=[149_030, 172_015], species="Tilia cordata", height_m=12)
MOVE = MoveTree(id="oak", point=[149_030, 172_020])
SAIL = ShadeSail(id="sail", polygon=box(21, 10, 29, 18), height_m=4)
PAINT = Albedo(id="paint", polygon=box(0, 2, 60, 8), albedo=0.5)
WHITE = CoolRoof(id="white", buildings=["house-b"])
FOR_HEAT = (TREE, MOVE, SAIL, PAINT, WHITE)
INDEPENDENT = (
    *(WALL_1, WALL_2, COVER_1, COVER_2, TOWER, HUT, Storm(intensity_mm_h=60, duration_s=1800)),
    *FOR_WATER,
    *FOR_HEAT,
)
ON_IMPORTED = (
    RemoveWall(id="old-1"),
    RemoveLandCover(id="lawn-1"),
    RemoveTree(id="lime"),
    RemoveBuilding(id="house-a"),
)


@pytest.fixture
def here(city) -> Situation:
    return Situation(city, RAIN)


@pytest.mark.parametrize("edit", [*INDEPENDENT, *ON_IMPORTED], ids=lambda one: f"{one.edit} {getattr(one, 'id', '')}")
def test_an_edit_and_its_inverse_give_the_original_digest(here, edit):
    after = edit.apply(here)
    back = edit.inverse(here).apply(after)
    assert after.digest != here.digest
    assert back.digest == here.digest
    assert back.city.digest == here.city.digest


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (WALL_1, RemoveWall(id="w1")),
        (COVER_1, RemoveLandCover(id="c1")),
        (TOWER, RemoveBuilding(id="t1")),
        (KERB, RemoveWall(id="k1")),
        *((patch, RemoveLandCover(id=patch.id)) for patch in (SWALE, GARDEN, BASIN, PAVING, SOIL)),
        (ROOF, RemoveGreenRoof(id="g1")),
        (SILL, RemoveThreshold(id="h1")),
        (BLOCK, RemoveDrainBlock(id="x1")),
        (CLEAR, RemoveDrainBlock(id="x2")),
        (ON_IMPORTED[0], Restore(part="walls", id="old-1")),
        (ON_IMPORTED[1], Restore(part="land_cover", id="lawn-1")),
        (ON_IMPORTED[2], Restore(part="trees", id="lime")),
        (ON_IMPORTED[3], Restore(part="buildings", id="house-a")),
        (TREE, RemoveTree(id="t-new")),
        (TREE, MoveTree(id="t-new", point=[149_031, 172_016])),
        (MOVE, MoveTree(id="oak", point=[149_033, 172_016])),
        (MOVE, MoveTree(id="oak", point=[149_025, 172_045])),
        (MOVE, RemoveTree(id="oak")),
        (RemoveTree(id="oak"), Restore(part="trees", id="oak", point=[149_030, 172_020])),
        (SAIL, RemoveShadeSail(id="sail")),
        (PAINT, RemoveAlbedo(id="paint")),
        (WHITE, RemoveCoolRoof(id="white")),
        (Storm(intensity_mm_h=60, duration_s=60), RestoreRain()),
        (Storm(intensity_mm_h=60, duration_s=60), Storm(intensity_mm_h=10, duration_s=60)),
    ],
    ids=lambda one: one.edit,
)
def test_inverses_have_inverses(here, first, then):
    before = first.apply(here)
    after = then.apply(before)
    assert then.inverse(before).apply(after).digest == before.digest


def test_every_kind_of_edit_is_undone_in_a_test():
    tried = {type(one) for one in (*INDEPENDENT, *ON_IMPORTED)} | {Restore, RestoreRain}
    tried |= {RemoveGreenRoof, RemoveThreshold, RemoveDrainBlock, RemoveShadeSail, RemoveAlbedo, RemoveCoolRoof}
    tried |= {StormTank, RemoveStormTank}  # on a city with sewers, in test_edits_for_water
    tried |= set(ON_STREETS)  # in a city with streets, in test_edits_for_streets
    tried |= set(FOR_ENERGY)  # in test_edits_for_energy
    tried |= {OpenPlace, ClosePlace}  # in a city with places, in test_edits_for_places
    assert tried == set(EDITS)


@settings(max_examples=25, deadline=None)
@given(order=st.permutations([*INDEPENDENT, *ON_IMPORTED[:3]]), undone=st.integers(0, 25))
def test_independent_edits_commute_and_undo_from_any_depth(city, order, undone):
    here = Situation(city, RAIN)
    steps = [here]
    for edit in order:
        steps.append(edit.apply(steps[-1]))
    assert steps[-1].digest == apply_edits(here, [*INDEPENDENT, *ON_IMPORTED[:3]]).digest
    back = steps[-1]
    depth = min(undone, len(order))
    for edit, before in list(zip(order, steps[:-1], strict=True))[::-1][:depth]:
        back = edit.inverse(before).apply(back)
    assert back.digest == steps[len(order) - depth].digest


def test_a_cover_laid_over_another_stays_on_top_whatever_the_ids(here):
    under = LandCover(id="z", polygon=[[149_005, 172_032], [149_025, 172_032], [149_025, 172_052]], cover="gravel")
    over = LandCover(id="a", polygon=[[149_010, 172_032], [149_025, 172_032], [149_025, 172_047]], cover="water")
    beside = LandCover(id="m", polygon=[[149_040, 172_032], [149_050, 172_032], [149_050, 172_042]], cover="lawn")
    orders = [[under, over, beside], [under, beside, over], [beside, under, over]]
    found = {apply_edits(here, order).digest for order in orders}
    assert len(found) == 1
    rows = list(apply_edits(here, orders[0]).city.land_cover.index)
    assert rows.index("a") > rows.index("z")
    assert apply_edits(here, [over, under]).digest != apply_edits(here, [under, over]).digest


def test_an_edit_shares_every_part_it_leaves_alone(here):
    after = WALL_1.apply(here).city
    for part in ("buildings", "trees", "nodes", "links", "land_cover", "sectors", "amenities", "surfaces", "terrain"):
        assert getattr(after, part) is getattr(here.city, part), part
        assert after.part_digest(part) == here.city.part_digest(part)
    assert after.part_digest("walls") != here.city.part_digest("walls")


def test_taking_away_a_building_takes_its_faces_and_renumbers_the_rest(here):
    after = RemoveBuilding(id="house-a").apply(here).city
    assert list(after.buildings.index) == ["house-b"]
    assert set(after.surfaces.building.tolist()) == {0}
    corners = after.surfaces.vertices[after.surfaces.triangles.ravel()]
    assert corners[:, 0].min() == 149_040
    assert len(after.surfaces.vertices) == 8


def signed_volume(faces) -> float:
    a, b, c = (faces.vertices[faces.triangles[:, k]] - faces.vertices.mean(axis=0) for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize("turn", [1, -1])
def test_an_extruded_shell_is_closed_and_seen_from_outside(turn):
    # L-shaped, 300 m2 of ground, 10 m high: 3000 m3 by the prism's formula, positive when wound outwards
    corners = [(0, 0), (20, 0), (20, 10), (10, 10), (10, 20), (0, 20)][::turn]
    faces = extruded(shapely.Polygon(corners), 5.0, 15.0)
    assert signed_volume(faces) == pytest.approx(3000.0, rel=1e-12)
    edges = [pair for t in faces.triangles.tolist() for pair in ((t[0], t[1]), (t[1], t[2]), (t[2], t[0]))]
    assert len(set(edges)) == len(edges)
    assert all((b, a) in set(edges) for a, b in edges)
    assert (faces.kind == WALL).sum() == 6


def test_a_new_building_stands_on_the_lowest_ground_under_it(here):
    # the plane falls 1 % to the east from 20 m at x = 149000: at x = 149030 it lies at 19.70 m
    row = TOWER.apply(here).city.buildings.loc["t1"]
    assert row["ground_z"] == pytest.approx(19.70, abs=0.002)
    assert row["volume"] == pytest.approx(200.0 * 40.0)


def test_a_new_building_joins_the_faces_behind_the_imported_ones(here):
    after = apply_edits(here, [TOWER, HUT]).city
    assert list(after.buildings.index) == ["house-a", "house-b", "a-hut", "t1"]
    assert set(after.surfaces.building.tolist()) == {0, 1, 2, 3}
    tower = after.surfaces.building[after.surfaces.triangle_surface] == 3
    heights = after.surfaces.vertices[after.surfaces.triangles[tower]][..., 2]
    assert heights.max() - heights.min() == pytest.approx(40.0)


def circle(count: int) -> list[list[float]]:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([149_030 + 5 * np.cos(angle), 172_045 + 5 * np.sin(angle)]).tolist()


SQUARE = [[149_025, 172_040], [149_035, 172_040], [149_035, 172_050], [149_025, 172_050]]
BOW = [[149_025, 172_040], [149_035, 172_050], [149_035, 172_040], [149_025, 172_050]]
ON_A = [[149_012, 172_012], [149_018, 172_012], [149_018, 172_018], [149_012, 172_018]]
OUT = [[149_050, 172_050], [149_070, 172_050], [149_050, 172_055]]


@pytest.mark.parametrize(
    ("edit", "place", "words"),
    [
        (Wall(id="w", line=[[148_990, 172_010], [149_005, 172_010]], height_m=1), "line[0]", "outside the city"),
        (Wall(id="w", line=[[149_001, 172_001]] * 2, height_m=1), "line", "0 m long"),
        (Wall(id="w", line=[[149_001, 172_001]], height_m=1), "line", "1 corners"),
        (Wall(id="w", line=[[149_005, 172_015], [149_025, 172_015]], height_m=1), "line", "'house-a'"),
        (Wall(id="w", line=[[149_005, 172_015], [149_013, 172_015]], height_m=1), "line", "3.0 m through"),
        (Wall(id="w", line=circle(5001), height_m=1), "line", "5001 corners"),
        (Wall(id="old-1", line=[[149_001, 172_001], [149_009, 172_001]], height_m=1), "id", "already"),
        (LandCover(id="c", polygon=BOW, cover="lawn"), "polygon", "crosses or touches itself"),
        (LandCover(id="c", polygon=OUT, cover="lawn"), "polygon[1]", "outside the city"),
        (LandCover(id="c", polygon=ON_A, cover="lawn"), "polygon", "lies on buildings"),
        (LandCover(id="c", polygon=SQUARE, cover="roof"), "cover", "'roof'"),
        (LandCover(id="c", polygon=SQUARE, cover="lava"), "cover", "there are"),
        (LandCover(id="lawn-1", polygon=SQUARE, cover="lawn"), "id", "already"),
        (AddBuilding(id="b", polygon=ON_A, height_m=9), "polygon", "36.0 m² of the building 'house-a'"),
        (AddBuilding(id="b", polygon=BOW, height_m=9), "polygon", "crosses or touches itself"),
        (AddBuilding(id="b", polygon=circle(5001), height_m=9), "polygon", "5001 corners"),
        (AddBuilding(id="b", polygon=[[149_030, 172_040], [149_031, 172_040], [149_030, 172_041]], height_m=9),
         "polygon", "expected at least 4 m²"),
        (AddBuilding(id="b", polygon=[[149_010, 172_023], [149_020, 172_023], [149_020, 172_028], [149_010, 172_028]],
                     height_m=9), "polygon", "across the wall 'old-1'"),
        (AddBuilding(id="house-a", polygon=SQUARE, height_m=9), "id", "already"),
        (RemoveWall(id="none"), "id", "none of the city's walls"),
        (RemoveBuilding(id="none"), "id", "none of the city's buildings"),
        (RemoveLandCover(id="none"), "id", "none of the city's land covers"),
        (Restore(part="walls", id="old-1"), "id", "was not taken away"),
        (RestoreRain(), "", "no storm"),
    ],
)  # fmt: skip
def test_an_edit_outside_its_limits_is_refused_with_place_and_reason(here, edit, place, words):
    fits = Wall(id="fits", line=[[149_030, 172_001], [149_030, 172_009]], height_m=1)
    with pytest.raises(EditError) as caught:
        apply_edits(here, [fits, edit])
    assert caught.value.place == ("edits[1]" + (f".{place}" if place else ""))
    assert words in str(caught.value)


def test_an_id_taken_away_cannot_be_given_to_something_else(here):
    new = Wall(id="old-1", line=[[149_001, 172_001], [149_009, 172_001]], height_m=1)
    with pytest.raises(EditError, match="already"):
        apply_edits(here, [RemoveWall(id="old-1"), new])
    with pytest.raises(EditError, match="already taken away"):
        apply_edits(here, [RemoveWall(id="old-1"), RemoveWall(id="old-1")])


@pytest.mark.parametrize(
    "line",
    [
        [[149_005, 172_020], [149_030, 172_020]],  # along a facade
        [[149_005, 172_015], [149_010, 172_015]],  # up to a facade
        [[149_005, 172_015], [149_011.9, 172_015]],  # joined to it by hand
        [[149_008.5, 172_015], [149_010, 172_020], [149_012, 172_030]],  # past a corner
    ],
)
def test_a_wall_may_touch_a_building(here, line):
    assert "w" in Wall(id="w", line=line, height_m=1).apply(here).city.walls.index


def test_a_building_may_touch_its_neighbour(here):
    beside = AddBuilding(
        id="b", polygon=[[149_020, 172_010], [149_030, 172_010], [149_030, 172_020], [149_020, 172_020]], height_m=9
    )
    assert "b" in beside.apply(here).city.buildings.index


def test_a_building_does_not_come_back_where_another_stands(here):
    new = AddBuilding(id="b", polygon=ON_A, height_m=9)
    with pytest.raises(EditError, match=r"covers 36\.0 m²"):
        apply_edits(here, [RemoveBuilding(id="house-a"), new, Restore(part="buildings", id="house-a")])


def test_refusal_does_not_depend_on_the_order(here):
    wall = Wall(id="w", line=[[149_020, 172_050], [149_040, 172_050]], height_m=1)
    block = AddBuilding(id="b", polygon=[[149_025, 172_045], [149_035, 172_045], [149_035, 172_055]], height_m=9)
    for order in itertools.permutations([wall, block]):
        with pytest.raises(EditError):
            apply_edits(here, order)
