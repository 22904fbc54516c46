"""Edits for water: what they put into the situation, and what they refuse."""

import itertools

import pytest
import shapely

from scenarios.edits import (
    AddBuilding,
    Basin,
    BlockDrain,
    ClearDrain,
    Depave,
    GreenRoof,
    Kerb,
    LandCover,
    PermeablePaving,
    RainGarden,
    RaisedThreshold,
    RemoveBuilding,
    RemoveGreenRoof,
    RemoveLandCover,
    Restore,
    StormTank,
    Swale,
    apply_edits,
)
from scenarios.problem import EditError
from scenarios.situation import Situation


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """Corners of a rectangle, in metres from the city's corner."""
    return [[149_000 + x, 172_000 + y] for x, y in ((west, south), (east, south), (east, north), (west, north))]


def line(*points: tuple[float, float]) -> list[list[float]]:
    return [[149_000 + x, 172_000 + y] for x, y in points]


@pytest.fixture
def here(city) -> Situation:
    return Situation(city)


def test_a_swale_along_a_line_is_as_wide_as_it_says(here):
    # 20 m by 3 m, flat ends
    work = Swale(id="s", line=line((25, 30), (25, 50)), width_m=3, depth_m=0.4).apply(here).works.ground[0]
    assert work.shape.area == pytest.approx(60.0)
    assert (work.stack, work.lowered, work.holds) == ("swale", 0.4, 0.0)


@pytest.mark.parametrize(
    ("edit", "cover", "stack"),
    [
        (Swale(id="s", polygon=box(25, 30, 35, 40)), "lawn", "swale"),
        (RainGarden(id="s", polygon=box(25, 30, 35, 40)), "shrub", "rain_garden"),
        (PermeablePaving(id="s", polygon=box(25, 30, 35, 40)), "permeable_paving", "permeable_paving"),
        (Depave(id="s", polygon=box(25, 30, 35, 40), cover="bare_soil"), "bare_soil", "depaved"),
        (Basin(id="s", polygon=box(25, 30, 35, 40), depth_m=1), "lawn", ""),
        (Basin(id="s", polygon=box(25, 30, 35, 40), depth_m=1, outlet="slow_drain"), "paving", ""),
    ],
    ids=lambda one: getattr(one, "edit", ""),
)
def test_each_patch_has_its_cover_and_its_stack(here, edit, cover, stack):
    after = edit.apply(here)
    assert after.city.land_cover.loc["s", "cover"] == cover
    assert after.works.ground[0].stack == stack
    assert after.city.land_cover.index[-1] == "s"


def test_a_basin_of_a_depth_is_that_of_its_volume(here):
    # 10 m by 10 m, 1.5 m deep
    deep, large = (
        Basin(id="b", polygon=box(25, 30, 35, 40), outlet="slow_drain", drain_l_s=3, **size).apply(here)
        for size in ({"depth_m": 1.5}, {"volume_m3": 150.0})
    )
    assert deep.works.ground[0].holds == pytest.approx(150.0)
    assert deep.works.ground[0].drains == pytest.approx(0.003)
    assert deep.digest == large.digest


def test_ground_laid_over_a_work_hides_its_stack(here):
    under = PermeablePaving(id="z", polygon=box(25, 30, 35, 40))
    over = LandCover(id="a", polygon=box(25, 30, 30, 40), cover="asphalt")
    beside = LandCover(id="b", polygon=box(40, 30, 50, 40), cover="asphalt")
    orders = [[under, over, beside], [under, beside, over], [beside, under, over]]
    found = [apply_edits(here, order) for order in orders]
    assert [[one.id for one in situation.works.ground] for situation in found] == [["z", "a"]] * 3
    assert len({situation.digest for situation in found}) == 1
    assert [one.id for one in apply_edits(here, [over, under]).works.ground] == ["z"]


def test_a_kerb_is_a_low_wall(here):
    after = Kerb(id="k", line=line((30, 30), (30, 40)), height_m=0.12).apply(here)
    assert after.city.walls.loc["k", "height"] == 0.12
    with pytest.raises(EditError, match="already"):
        Kerb(id="old-1", line=line((30, 30), (30, 40))).apply(here)


def test_green_roofs_are_found_by_what_the_buildings_are(here):
    flats = GreenRoof.model_validate({"id": "g", "where": {"uses": ["residential"], "smallest_roof_m2": 50}})
    assert dict(flats.apply(here).works.green_roofs) == dict.fromkeys(("house-a", "house-b"), "green_roof_extensive")
    deep = GreenRoof(id="first", buildings=["house-a"], kind="intensive").apply(here)
    assert dict(flats.apply(deep).works.green_roofs) == {
        "house-a": "green_roof_intensive",
        "house-b": "green_roof_extensive",
    }


def test_a_steep_roof_is_left_out_unless_it_is_asked_for(city):
    gabled = city.with_(buildings=city.buildings.assign(eaves_height=[6.0, 4.5]))
    flat, all_of_them = (
        GreenRoof.model_validate({"id": "g", "where": {"flat_only": choice}}).apply(Situation(gabled))
        for choice in (True, False)
    )
    assert [name for name, _ in flat.works.green_roofs] == ["house-a"]
    assert [name for name, _ in all_of_them.works.green_roofs] == ["house-a", "house-b"]


def test_green_roofs_found_once_come_back_where_they_were(here):
    # a tower that is put up in between is not made green when the removal is undone
    edit = GreenRoof.model_validate({"id": "g", "where": {}})
    before = edit.apply(here)
    removal = RemoveGreenRoof(id="g")
    tower = AddBuilding(id="t", polygon=box(25, 40, 35, 50), height_m=20)
    after = apply_edits(before, [tower, removal])
    again = removal.inverse(before).apply(after)
    assert [name for name, _ in again.works.green_roofs] == ["house-a", "house-b"]


def test_a_building_that_is_gone_has_neither_green_roof_nor_threshold(here):
    edits = [GreenRoof(id="g", buildings=["house-a"]), RaisedThreshold(id="t", buildings=["house-a"], height_m=0.5)]
    after = apply_edits(here, [*edits, RemoveBuilding(id="house-a")])
    assert not after.works
    back = apply_edits(after, [Restore(part="buildings", id="house-a")])
    assert back.digest == apply_edits(here, edits).digest


def test_cleared_inlets_within_blocked_ones_are_clear(here):
    block, clear = BlockDrain(id="a", polygon=box(0, 0, 20, 20)), ClearDrain(id="b", polygon=box(5, 5, 10, 10))
    assert [part for _, part in apply_edits(here, [block, clear]).works.blocked] == [1.0, 0.0]
    assert [part for _, part in apply_edits(here, [clear, block]).works.blocked] == [0.0, 1.0]


def test_a_storm_tank_stands_beside_the_nearest_manhole(sewered):
    here = Situation(sewered)
    tank = StormTank(id="tank", point=[149_028, 172_020], volume_m3=200, depth_m=4, weir_length_m=6, pump_l_s=20)
    after = tank.apply(here)
    drains = after.city.drains
    assert float(drains["node_area"][-1]) == 50.0  # 200 m3, 4 m deep
    assert float(drains["node_rim"][-1] - drains["node_invert"][-1]) == 4.0
    assert int(drains["weir_start"][0]) == 1  # the manhole at 149030
    assert float(drains["pump_capacity"][0]) == pytest.approx(0.02)
    removal = tank.inverse(here)
    assert removal.apply(after).digest == here.digest
    assert removal.inverse(after).apply(here).digest == after.digest != here.digest


def test_two_storm_tanks_come_in_any_order(sewered):
    tanks = [StormTank(id=name, point=[x, 172_020], volume_m3=100) for name, x in (("b", 149_012), ("a", 149_048))]
    found = {apply_edits(Situation(sewered), order).digest for order in (tanks, tanks[::-1])}
    assert len(found) == 1


def test_a_storm_tank_wants_a_sewer(here, sewered):
    with pytest.raises(EditError, match="no drain network"):
        StormTank(id="t", point=[149_028, 172_020], volume_m3=100).apply(here)
    with pytest.raises(EditError, match="outside the city"):
        StormTank(id="t", point=[148_028, 172_020], volume_m3=100).apply(Situation(sewered))


LOOP = line((25, 30), (35, 30), (35, 40), (25, 40), (25, 31))


@pytest.mark.parametrize(
    ("edit", "place", "words"),
    [
        (Swale(id="s", polygon=box(15, 15, 25, 25)), "polygon", "25.0 m² of the building 'house-a'"),
        (Swale(id="s", line=line((15, 5), (15, 25)), width_m=2), "line", "20.0 m² of the building 'house-a'"),
        (Swale(id="s", line=LOOP, width_m=2), "line", "closes on itself"),
        (Swale(id="s", line=line((25, 30), (25, 70)), width_m=2), "line[1]", "outside the city"),
        (Swale(id="lawn-1", polygon=box(25, 30, 35, 40)), "id", "already"),
        (RainGarden(id="r", polygon=box(25, 30, 25.5, 30.5)), "polygon", "at least 1 m²"),
        (Basin(id="b", polygon=box(25, 30, 35, 40), volume_m3=1001), "volume_m3", "at most 10 m"),
        (Basin(id="b", polygon=box(15, 15, 25, 25), depth_m=1), "polygon", "draw beside it or remove it first"),
        (PermeablePaving(id="p", polygon=box(12, 12, 18, 18)), "polygon", "lies on buildings"),
        (Depave(id="p", polygon=box(12, 12, 18, 18)), "polygon", "lies on buildings"),
        (GreenRoof(id="g", buildings=["house-a", "shed"]), "buildings[1]", "none of the city's buildings"),
        (GreenRoof(id="g", buildings=["house-a", "house-a"]), "buildings[1]", "named twice"),
        (GreenRoof(id="g", buildings=["house-b"]), "buildings[0]", "green roofs of 'taken'"),
        (GreenRoof.model_validate({"id": "g", "where": {"uses": ["office"]}}), "where", "no building"),
        (RaisedThreshold(id="t", buildings=["shed"], height_m=0.5), "buildings[0]", "name one that is there"),
        (BlockDrain(id="x", polygon=box(50, 50, 70, 55)), "polygon[1]", "outside the city"),
        (RemoveGreenRoof(id="none"), "id", "none of the city's green roofs"),
        (RemoveLandCover(id="none"), "id", "none of the city's land covers"),
    ],
    ids=lambda one: getattr(one, "edit", ""),
)  # fmt: skip
def test_an_edit_outside_its_limits_is_refused_with_place_and_reason(here, edit, place, words):
    with pytest.raises(EditError) as caught:
        apply_edits(here, [GreenRoof(id="taken", buildings=["house-b"]), edit])
    assert caught.value.place == f"edits[1].{place}"
    assert words in str(caught.value)


def test_a_building_and_dug_ground_refuse_each_other_in_any_order(here):
    basin = Basin(id="b", polygon=box(25, 30, 35, 40), depth_m=1)
    tower = AddBuilding(id="t", polygon=box(30, 35, 40, 45), height_m=9)
    for order in itertools.permutations([basin, tower]):
        with pytest.raises(EditError, match=r"covers 25\.0 m²"):
            apply_edits(here, order)
    dug_where_it_stood = Swale(id="s", polygon=box(12, 12, 18, 18))
    with pytest.raises(EditError, match=r"dug ground 's'"):
        apply_edits(here, [RemoveBuilding(id="house-a"), dug_where_it_stood, Restore(part="buildings", id="house-a")])


def test_an_edit_for_water_leaves_the_city_as_it_is_where_it_is_no_ground(here):
    for edit in (
        GreenRoof(id="g", buildings=["house-a"]),
        RaisedThreshold(id="t", buildings=["house-a"], height_m=0.5),
        BlockDrain(id="x", polygon=box(0, 0, 20, 20)),
    ):
        after = edit.apply(here)
        assert after.city is here.base
        assert after.digest != here.digest
        assert isinstance(after.added[0][1][0].geometry, shapely.Polygon)
