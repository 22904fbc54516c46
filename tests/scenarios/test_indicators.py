"""Key figures, against a flood that can be counted by hand."""

import numpy as np
import pytest
import shapely

from kernels.quantities import LANGUAGES
from scenarios.indicators import INDICATORS, FloodFigures, chosen, residents
from scenarios.situation import Situation
from twin.city import COVER_COLUMNS, as_table
from twin.layers import layers


@pytest.fixture
def figures_of(city):
    def figures(paint, where=city):
        ground = layers(where, 2.0)
        depth = np.zeros((30, 30))
        for box, value in paint:
            west, south, east, north = box  # metres from the corner, on lines of the 2 m grid
            depth[south // 2 : north // 2, west // 2 : east // 2] = value
        depth[ground["building_index"].values >= 0] = np.nan
        return {one["key"]: one["value"] for one in FloodFigures(Situation(where), ground).now(depth)}

    return figures


def test_a_dry_city_has_nothing_flooded(figures_of):
    assert set(figures_of([]).values()) == {0.0}


def test_areas_depth_and_volume_count_cells(figures_of):
    found = figures_of([((0, 40, 20, 50), 0.2), ((20, 40, 24, 50), 0.3), ((30, 40, 32, 42), 0.75)])
    assert found["flooded_area"] == 200 + 40 + 4
    assert found["flooded_area_25"] == 40 + 4
    assert found["flooded_area_50"] == 4
    assert found["max_depth"] == 0.75
    assert found["water_stored"] == pytest.approx(200 * 0.2 + 40 * 0.3 + 4 * 0.75)


def test_water_beside_a_house_above_its_sill_touches_it_and_its_people(figures_of):
    # population 30 over volumes 600 and 300: 20 live in house-a, 10 in house-b
    beside_a = ((8, 10, 10, 12), 0.16)
    found = figures_of([beside_a])
    assert (found["buildings_touched"], found["people_touched"]) == (1, 20)
    below_the_sill = figures_of([((8, 10, 10, 12), 0.14)])
    assert (below_the_sill["buildings_touched"], below_the_sill["people_touched"]) == (0, 0)
    a_step_away = figures_of([((6, 10, 8, 12), 0.5)])
    assert a_step_away["buildings_touched"] == 0
    both = figures_of([beside_a, ((50, 10, 52, 12), 0.16)])
    assert (both["buildings_touched"], both["people_touched"]) == (2, 30)


def test_flooded_streets_are_measured_along_their_axis(figures_of):
    # the street runs the whole 60 m along y = 5, in the row from 4 to 6
    assert figures_of([((10, 4, 30, 6), 0.11)])["roads_flooded"] == pytest.approx(20)
    assert figures_of([((10, 6, 30, 8), 0.11)])["roads_flooded"] == 0


def test_a_canal_is_no_flooded_ground(city, figures_of):
    canal = as_table(["canal"], [shapely.box(149_000, 172_040, 149_060, 172_050)], COVER_COLUMNS, cover=["water"])
    found = figures_of([((0, 40, 60, 50), 3.0), ((0, 50, 2, 52), 0.2)], city.with_(land_cover=canal))
    assert found["flooded_area"] == 4
    assert found["max_depth"] == 0.2


def test_unknown_people_are_unknown_not_none(city, figures_of):
    empty = city.with_(sectors=city.sectors.iloc[:0])
    assert residents(empty) is None
    assert figures_of([((8, 10, 10, 12), 0.5)], empty)["people_touched"] is None


def test_everyone_lives_somewhere(city):
    assert residents(city).sum() == pytest.approx(30.0)


def test_where_no_use_is_known_people_live_in_all_buildings_but_annexes(city):
    def uses(first, second):
        return city.with_(buildings=city.buildings.assign(use=[first, second]))

    # as in the 3D cadastre; by volume 600 to 300
    assert residents(uses("other", "other")).tolist() == pytest.approx([20.0, 10.0])
    assert residents(uses("other", "annex")).tolist() == pytest.approx([30.0, 0.0])
    assert residents(uses("other", "residential")).tolist() == pytest.approx([0.0, 30.0])
    assert residents(uses("office", "retail")).tolist() == [0.0, 0.0]


def test_a_sector_counts_by_the_part_of_it_that_the_city_holds(city):
    west, south, east, north = city.bounds
    twice = city.sectors.set_geometry([shapely.box(west, south, east + 60, north)], crs=city.sectors.crs)
    assert residents(city.with_(sectors=twice)).sum() == pytest.approx(15.0)


def test_every_figure_has_its_words_in_three_languages():
    for one in INDICATORS:
        assert all(one.label[language] for language in LANGUAGES), one.key
    assert len({one.key for one in INDICATORS}) == len(INDICATORS)


def test_a_scenario_chooses_and_orders_its_figures():
    figures = [{"key": key} for key in ("a", "b", "c")]
    assert [one["key"] for one in chosen(figures, ["c", "a"])] == ["c", "a"]
    assert chosen(figures, None) == figures
