"""Who walks in which street of a town drawn by hand: balances, hours, counters and widths."""

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from kernels.traffic.pedestrians import walking_speed
from twin.city import AMENITY_COLUMNS, CRS, LINK_COLUMNS, City, CityError, as_table
from twin.foot_demand import hours_of
from twin.foot_flows import NARROWEST, PAVEMENT, SHY, foot_flows
from twin.travel_tables import profile, purposes, rates, travel_modes

sys.path.insert(0, str(Path(__file__).parents[1]))
from street_toy import SOUTH, WEST, at

STREETS = {
    "home_street": ((0, 0), (300, 0), "residential", 8.0),
    "shop_street": ((300, 0), (600, 0), "pedestrian", 5.0),
    "stop_street": ((600, 0), (900, 0), "footway", 1.2),
    "side_street": ((300, 0), (300, 400), "residential", 8.0),
}


def column(kind):
    """What a column holds where nobody says anything."""
    return {"f8": np.nan, "i8": 2, "bool": False}.get(kind, "")


def town(*places, streets=STREETS) -> City:
    """A row of three streets and one to the side; ``places`` are rows of category and corner."""
    ends = sorted({corner for start, end, *_ in streets.values() for corner in (start, end)})
    names = {corner: f"n{number}" for number, corner in enumerate(ends)}
    links = {name: [column(kind)] * len(streets) for name, kind in LINK_COLUMNS.items()}
    links |= {"start": [names[one[0]] for one in streets.values()], "end": [names[one[1]] for one in streets.values()],
              "kind": [one[2] for one in streets.values()], "width": [one[3] for one in streets.values()],
              "speed": [30.0] * len(streets), "name_fr": list(streets)}  # fmt: skip
    return City(
        name="Row", bounds=(WEST - 100, SOUTH - 100, WEST + 1000, SOUTH + 500),
        nodes=as_table([names[one] for one in ends], [at(*one) for one in ends], {}),
        links=as_table(list(streets), [shapely.LineString([at(*one[0]), at(*one[1])]) for one in streets.values()],
                       LINK_COLUMNS, **links),
        amenities=as_table([f"p{n}" for n in range(len(places))], [at(*corner) for _, corner in places],
                           AMENITY_COLUMNS, category=[kind for kind, _ in places], name=[""] * len(places)),
    )  # fmt: skip


def homes(*rows) -> gpd.GeoDataFrame:
    """Rows of x, y, people."""
    return gpd.GeoDataFrame({"people": [float(row[2]) for row in rows]}, index=pd.RangeIndex(len(rows)),
                            geometry=[at(*row[:2]) for row in rows], crs=CRS)  # fmt: skip


SHOP = ("bakery", (540, 0))
STOP = ("bus_stop", (900, 0))
LIVED = homes((0, 0, 1000))


def walks(city_day="weekday", mode="foot", purpose="shopping"):
    """Of 1,000 residents: trips with a mode for a purpose on a day, by the tables of travel."""
    known = rates()
    trips = known["trips_per_person"] * known["persons_who_travel"] * known[f"{city_day}_factor"]
    return 1000 * trips * travel_modes()[mode].share * purposes()[purpose].share[city_day]


def in_hour(purpose, hour):
    """Away from home and back."""
    return tuple(0.5 * profile("weekday", purpose, way)[hour] for way in ("out", "back"))


def test_a_day_has_twenty_four_hours():
    away, back = hours_of("weekday", {"work": 2.0, "shopping": 1.0})
    assert away.sum() == pytest.approx(0.5)
    assert back.sum() == pytest.approx(0.5)
    assert away.argmax() in (7, 8)


def test_all_who_walk_to_the_one_shop_pass_the_street_between():
    found = foot_flows(town(SHOP), LIVED, 16)
    out, back = in_hour("shopping", 16)
    shoppers = walks() * (out + back)
    assert found.groups.loc["home_to_shopping", "people"] == pytest.approx(shoppers)
    assert found.table.loc["home_street", "home_to_shopping"] == pytest.approx(shoppers)
    # the shop is four fifths down its street
    assert found.table.loc["shop_street", "home_to_shopping"] == pytest.approx(0.8 * shoppers)
    assert found.table.loc["side_street", "pedestrian_flow"] == 0.0
    whole = sum(walks(purpose=one) * sum(in_hour(one, 16)) for one in ("work", "shopping", "leisure", "other"))
    assert found.table.loc["home_street", "pedestrian_flow"] == pytest.approx(whole)  # a bakery is no school
    assert found.table.loc["shop_street", "busiest_flow"] == pytest.approx(whole)
    ahead = sum(walks(purpose=one) * in_hour(one, 16)[0] for one in ("work", "shopping", "leisure", "other"))
    assert found.table.loc["home_street", "along"] == pytest.approx(ahead)
    assert found.told["nowhere_to_go"] == pytest.approx(walks(purpose="school") * sum(in_hour("school", 16)))


def test_stops_take_people_away_and_bring_as_many():
    found = foot_flows(town(SHOP, STOP), LIVED, 8)
    leaving = sum(walks(mode="transit", purpose=one) * sum(in_hour(one, 8)) for one in purposes())
    coming = walks(mode="transit") * sum(in_hour("shopping", 8))
    assert found.groups.loc["home_to_stop", "people"] == pytest.approx(leaving)
    assert found.groups.loc["stop_to_shopping", "people"] == pytest.approx(coming)
    assert found.table.loc["stop_street", "home_to_stop"] == pytest.approx(leaving)
    assert found.told["stops"] == 1


def test_nights_and_sundays_are_quieter():
    at_four, at_night = (foot_flows(town(SHOP), LIVED, hour).table for hour in (16, 3))
    assert at_night["pedestrian_flow"].sum() < 0.05 * at_four["pedestrian_flow"].sum()


def test_streets_for_pedestrians_are_walked_on_their_width_and_others_on_their_pavements():
    wide = foot_flows(town(SHOP), LIVED, 16).table["footway_width"].to_dict()
    assert wide == {"home_street": 2 * PAVEMENT, "shop_street": 5.0 - 2 * SHY, "stop_street": NARROWEST,
                    "side_street": 2 * PAVEMENT}  # fmt: skip


def test_a_crowd_slows_down_and_more_than_can_pass_is_told():
    table = foot_flows(town(SHOP), homes((0, 0, 200_000)), 16).table
    full = table.loc["home_street"]
    assert full["saturation"] > 1.0
    assert np.isnan(full["pedestrian_density"])
    assert full["level"] == "F"
    some = foot_flows(town(SHOP), homes((0, 0, 60_000)), 16).table.loc["home_street"]
    assert 0 < some["saturation"] < 1
    assert some["pedestrian_speed"] == pytest.approx(walking_speed(some["pedestrian_density"]))
    carried = some["pedestrian_speed"] * some["pedestrian_density"] * some["footway_width"] * 3600
    assert carried == pytest.approx(some["busiest_flow"], rel=1e-6)


def test_a_counter_pulls_the_flows_to_what_was_counted():
    city = town(SHOP, STOP)
    believed = foot_flows(city, LIVED, 16).table["pedestrian_flow"]
    counted = {"home_street": 1.5 * believed["home_street"], "stop_street": 1.2 * believed["stop_street"]}
    found = foot_flows(city, LIVED, 16, counters=counted)
    assert (found.counts["geh_after"] < 0.3 * found.counts["geh_before"]).all()
    np.testing.assert_allclose(found.table.loc[list(counted), "pedestrian_flow"], found.counts["after"])
    walk = found.groups["people"] > 0
    from_home = found.groups.index.str.startswith("home_")
    assert (found.groups["factor"][walk & from_home] > 1.0).all()  # they alone pass the street of homes
    assert (found.groups["factor"][~walk] == 1.0).all()


def test_who_has_nothing_in_reach_is_counted_and_not_lost():
    # as many crossings as the rest has, so that it is no mapping error, and no street leads there
    island = {f"island_{n}": ((60 * n, 300), (60 * n + 60, 300), "residential", 8.0) for n in range(4)}
    far = foot_flows(town(SHOP, streets=STREETS | island), homes((0, 0, 600), (30, 300, 400)), 16)
    served, lost = (sum(walks(purpose=one) * sum(in_hour(one, 16)) for one in group) for group in
                    (("work", "shopping", "leisure", "other"), ("school",)))  # fmt: skip
    assert far.groups["people"].sum() == pytest.approx(0.6 * served)
    assert far.told["nowhere_to_go"] == pytest.approx(0.4 * served + lost)


def test_what_cannot_be_is_refused_by_name():
    city = town(SHOP)
    for words, call in (
        ("hour 24", lambda: foot_flows(city, LIVED, 24)),
        ("hour 8 of a holiday", lambda: foot_flows(city, LIVED, 8, day="holiday")),
        ("links mystery", lambda: foot_flows(city, LIVED, 8, counters={"mystery": 5.0})),
        ("'home_street' says -5", lambda: foot_flows(city, LIVED, 8, counters={"home_street": -5.0})),
        ("nobody is at home", lambda: foot_flows(city, homes((0, 0, 0)), 8)),
        ("nothing to walk to", lambda: foot_flows(town(STOP), LIVED, 8)),
    ):
        with pytest.raises(CityError, match=words):
            call()
