"""Key figures of heat, against fields that can be counted by hand."""

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
import xarray as xr

from kernels.quantities import LANGUAGES
from scenarios.heat_exposure import AROUND, HeatExposure
from scenarios.heat_figures import NOW, WHOLE, HeatFigures
from scenarios.situation import Situation
from scenarios.street_ground import streets_of
from twin.city import COVER_COLUMNS, LINK_COLUMNS, as_table
from twin.layers import layers

HEAT_DAY = datetime(2019, 7, 24, 22, tzinfo=UTC)  # midnight in Brussels


def frame_of(celsius, shadow=0.0, time=0.0):
    utci = np.broadcast_to(np.asarray(celsius, float), (30, 30)) + 273.15
    shade = np.broadcast_to(np.asarray(shadow, float), (30, 30))
    return xr.Dataset({"utci": (("y", "x"), utci), "shadow": (("y", "x"), shade)}, coords={"time": time})


def values(figures):
    return {one["key"]: one["value"] for one in figures}


@pytest.fixture
def figures(city):
    return HeatFigures(Situation(city), layers(city, 2.0), HEAT_DAY)


def test_an_even_field_is_its_own_mean_and_everyone_is_in_it(figures):
    found = values(figures.now(frame_of(33.0)))
    assert found["mean_utci"] == 33.0
    assert (found["ground_above_32"], found["ground_above_38"]) == (100.0, 0.0)
    assert (found["people_above_32"], found["people_above_38"]) == (30.0, 0.0)


def test_a_threshold_is_passed_by_more_than_itself(figures):
    assert values(figures.now(frame_of(32.0)))["people_above_32"] == 0.0


def test_buildings_and_water_are_no_ground_one_stands_on(city):
    canal = as_table(["canal"], [shapely.box(149_000, 172_040, 149_060, 172_050)], COVER_COLUMNS, cover=["water"])
    wet = city.with_(land_cover=canal)
    on = HeatExposure(Situation(wet), layers(wet, 2.0))
    assert on.ground.sum() == 900 - 50 - 150  # two houses of 25 cells, a canal of 5 rows


def test_people_meet_the_mean_of_the_ground_around_their_home(city, figures):
    # house-a stands at x 10 to 20, house-b at 40 to 50; distances by hand below
    hot = np.full((30, 30), 30.0)
    hot[:, :15] = 40.0
    around = figures.exposure.around(hot)
    rows, columns = np.indices((30, 30))
    x, y = 149_001.0 + 2 * columns, 172_001.0 + 2 * rows
    index = layers(city, 2.0)["building_index"].values
    for home, (west, east) in enumerate(((149_010, 149_020), (149_040, 149_050))):
        off = np.hypot(
            np.maximum(np.maximum(west - x, x - east), 0), np.maximum(np.maximum(172_010 - y, y - 172_020), 0)
        )
        expected = hot[(off <= AROUND) & (index < 0)].mean()
        assert around[home] == pytest.approx(expected, abs=0.1)  # cells cut by the edge of the zone
    assert values(figures.now(frame_of(hot)))["people_above_32"] == 30.0
    cool = np.full((30, 30), 30.0)
    cool[:, :8] = 40.0  # 16 m in the west: a third of the ground around house-a, none around house-b
    assert values(figures.now(frame_of(cool)))["people_above_32"] == 20.0


def test_the_weights_of_cells_carry_the_mean_of_residents(figures):
    field = np.random.default_rng(1).normal(size=(30, 30))
    on = figures.exposure
    by_home = float((on.residents * on.held) @ on.around(field))
    assert (on.weights() * field).sum() == pytest.approx(by_home, rel=1e-5)
    assert on.weights().sum() == pytest.approx((on.residents * on.held).sum(), rel=1e-5)
    assert not on.weights()[~on.ground].any()


def test_residents_at_the_edge_of_a_window_do_not_crowd_on_the_few_cells_it_holds(city):
    # 60 m around by 60: a ring of 25 m leaves 15 m in the south and, of house-a in the west, of house-b in the east
    whole = HeatExposure(Situation(city), layers(city, 2.0))
    ring = shapely.box(149_010, 172_010, 149_020, 172_020).buffer(AROUND)
    inside = ring.intersection(shapely.box(*city.bounds)).area / ring.area
    assert whole.held == pytest.approx([inside, inside], abs=0.01)
    # a window that cuts house-a in two: each of its cells stands for no more people than in the whole
    cut = HeatExposure(Situation(city), layers(city, 2.0, (149_014, 172_000, 149_060, 172_060)))
    mine = whole.weights()[:, 7:]
    assert cut.weights().max() <= mine.max() * 1.1
    assert cut.weights().sum() == pytest.approx(mine.sum(), rel=0.1)


def test_pavements_are_the_strips_beside_the_carriageway(figures):
    # street along y = 5, 6 m wide, strips of 2.5 m: full rows from 0 to 2 and from 8 to 10 only
    pavements = figures.exposure.streets.pavements
    assert np.flatnonzero(pavements.all(axis=1)).tolist() == [0, 4]
    assert pavements.sum() == 60
    shadow = np.zeros((30, 30))
    shadow[4] = 1.0
    assert values(figures.now(frame_of(30.0, shadow)))["pavement_shade"] == 50.0


def test_the_shade_of_a_run_is_that_of_three_in_the_afternoon(figures):
    summary = xr.Dataset({"max_utci": frame_of(35.0)["utci"]})
    for hour, shade in ((14, 0.2), (15, 0.3), (16, 0.9)):
        figures.now(frame_of(30.0, shade, time=3600.0 * hour))
    found = figures.whole(summary, frame_of(30.0, time=86_400.0))
    assert values(found)["pavement_shade"] == 30.0
    assert "15:00" in next(one for one in found if one["key"] == "pavement_shade")["label"]["nl"]
    city = figures.exposure.city
    later = HeatFigures(Situation(city), layers(city, 2.0), HEAT_DAY)
    later.now(frame_of(30.0, 0.9, time=3600.0 * 17))
    assert values(later.whole(summary, frame_of(30.0)))["pavement_shade"] is None


def test_the_hottest_street_is_named_in_both_languages(city):
    links = as_table(
        ["low", "high", "unnamed"],
        [shapely.LineString([(149_000, 172_000 + y), (149_060, 172_000 + y)]) for y in (5, 45, 25)],
        LINK_COLUMNS, start=["a", "c", "e"], end=["b", "d", "f"], kind=["residential"] * 3,
        name_fr=["Rue Basse", "Rue Haute", ""], name_nl=["Laagstraat", "Hoogstraat", ""], width=[6.0] * 3,
        lanes=[1] * 3, speed=[30.0] * 3, oneway=[False] * 3, assumed=[""] * 3,
    )  # fmt: skip
    named = city.with_(links=links)
    hot = np.full((30, 30), 30.0)
    hot[20:25] = 36.0
    hot[12] = 50.0
    found = HeatFigures(Situation(named), layers(named, 2.0)).now(frame_of(hot))
    street = next(one for one in found if one["key"] == "hottest_street")
    assert street["label"]["fr"] == "Rue la plus chaude : Rue Haute"
    assert street["label"]["nl"] == "Warmste straat: Hoogstraat"
    # y from 39.5 to 50.5: rows 20 to 24 whole, all others less than half
    assert street["value"] == 36.0


def test_streets_of_one_name_far_apart_are_two_streets():
    # 200 m apart and more: another commune's street of the same name
    lines = np.array([shapely.LineString([(x, 5), (x + 20, 5)]) for x in (0, 30, 300)], dtype=object)
    names, owner = streets_of(np.array(["Rue"] * 3, object), np.array(["Straat"] * 3, object), lines)
    assert names == [("Rue", "Straat")] * 2
    assert owner[0] == owner[1] != owner[2]


def test_hours_and_nights_are_means_over_residents(figures):
    hours = np.zeros((30, 30))
    hours[:, :] = 6.0
    air = np.full((30, 30), 273.15 + 21.0)
    summary = xr.Dataset({
        "max_utci": frame_of(35.0)["utci"],
        "hours_utci_above_32": (("y", "x"), hours),
        "min_air_temperature": (("y", "x"), air),
    })  # fmt: skip
    found = values(figures.whole(summary, frame_of(30.0, time=86_400.0)))
    assert found["hours_above_32"] == 6.0
    assert "hours_above_38" not in found
    assert (found["people_tropical_night"], found["coolest_hour"]) == (30.0, 21.0)
    summary["min_air_temperature"] = summary["min_air_temperature"] - 1.5
    assert values(figures.whole(summary, frame_of(30.0, time=86_400.0)))["people_tropical_night"] == 0.0


def test_a_run_without_a_night_says_nothing_of_it(city):
    summary = xr.Dataset(
        {"max_utci": frame_of(35.0)["utci"], "min_air_temperature": (("y", "x"), np.full((30, 30), 300.0))}
    )
    noon = HeatFigures(Situation(city), layers(city, 2.0), datetime(2019, 7, 25, 10, tzinfo=UTC))
    for figures, hours in ((noon, 10), (HeatFigures(Situation(city), layers(city, 2.0)), 24)):
        found = values(figures.whole(summary, frame_of(30.0, time=3600.0 * hours)))
        assert (found["people_tropical_night"], found["coolest_hour"]) == (None, None)
    assert values(noon.whole(summary, frame_of(30.0, time=3600.0 * 20)))["people_tropical_night"] == 30.0


def test_unknown_people_are_unknown_not_none(city):
    empty = city.with_(sectors=city.sectors.iloc[:0])
    found = values(HeatFigures(Situation(empty), layers(empty, 2.0)).now(frame_of(40.0)))
    assert found["people_above_32"] is None
    assert found["mean_utci"] == 40.0


def test_missing_cells_are_left_out(figures):
    felt = np.full((30, 30), 30.0)
    felt[25:] = np.nan
    assert values(figures.now(frame_of(felt)))["mean_utci"] == 30.0


def test_every_figure_has_its_words_in_three_languages():
    for one in (*NOW, *WHOLE):
        assert all(one.label[language] for language in LANGUAGES), one.key
    assert len({one.key for one in (*NOW, *WHOLE)}) == len(NOW) + len(WHOLE)
