"""Ranked heat islands, against streets and sectors drawn by hand."""

import numpy as np
import pytest
import shapely
import xarray as xr

from scenarios.heat_exposure import HeatExposure
from scenarios.heat_islands import heat_islands
from scenarios.problem import ScenarioError
from scenarios.situation import Situation
from twin.city import LINK_COLUMNS, SECTOR_COLUMNS, as_table
from twin.layers import layers


@pytest.fixture
def quarter(city):
    """Two streets, south and north of the houses, and two sectors, west and east; both houses stand by the southern."""
    links = as_table(
        ["low", "high"], [shapely.LineString([(149_000, 172_000 + y), (149_060, 172_000 + y)]) for y in (5, 45)],
        LINK_COLUMNS, start=["a", "c"], end=["b", "d"], kind=["residential"] * 2, name_fr=["Rue Basse", "Rue Haute"],
        name_nl=["Laagstraat", "Hoogstraat"], width=[6.0] * 2, lanes=[1] * 2, speed=[30.0] * 2, oneway=[False] * 2,
        assumed=[""] * 2,
    )  # fmt: skip
    sectors = as_table(
        ["west", "east"], [shapely.box(149_000 + x, 172_000, 149_030 + x, 172_060) for x in (0, 30)],
        SECTOR_COLUMNS, name_fr=["Ouest", "Est"], name_nl=["West", "Oost"], population=[20.0, 10.0],
    )  # fmt: skip
    return city.with_(links=links, sectors=sectors)


def summary_of(hours, max_utci=35.0, air=None):
    def field(values):
        return ("y", "x"), np.broadcast_to(np.asarray(values, float), (30, 30))

    found = {
        "hours_utci_above_32": field(hours),
        "hours_utci_above_38": field(np.asarray(hours) / 2),
        "max_utci": field(np.asarray(max_utci) + 273.15),
    }
    return xr.Dataset(found | ({} if air is None else {"min_air_temperature": field(np.asarray(air) + 273.15)}))


def exposure(city):
    return HeatExposure(Situation(city), layers(city, 2.0))


def test_the_street_where_people_live_comes_before_the_hotter_one_where_nobody_does(quarter):
    hours = np.zeros((30, 30))
    hours[0:5], hours[20:25] = 4.0, 10.0
    found = heat_islands(exposure(quarter), summary_of(hours))
    assert found["name_fr"].tolist() == ["Rue Basse", "Rue Haute"]
    assert found["rank"].tolist() == [1, 2]
    low, high = found.iloc[0], found.iloc[1]
    # both houses lie within 50 m of both streets and nearer to the low one: all 30 live there
    assert (low["residents"], high["residents"]) == (30.0, 0.0)
    assert low["person_hours_32"] == pytest.approx(30 * 4.0)
    assert low["person_hours_38"] == pytest.approx(30 * 2.0)
    assert (high["hours_above_32"], high["person_hours_32"]) == (10.0, 0.0)
    assert found.crs.to_epsg() == 31370


def test_sectors_rank_by_the_hours_of_their_residents(quarter):
    hours = np.zeros((30, 30))
    hours[:, 15:] = 6.0
    hours[:, :15] = 2.0
    found = heat_islands(exposure(quarter), summary_of(hours), "sector")
    assert found.index.tolist() == ["east", "west"]
    assert found["person_hours_32"].tolist() == pytest.approx([10 * 6.0, 20 * 2.0])


def test_a_warm_night_is_told_against_the_mean_of_all_ground(quarter):
    air = np.full((30, 30), 20.0)
    air[:, 15:] = 22.0
    found = heat_islands(exposure(quarter), summary_of(np.ones((30, 30)), air=air), "sector")
    # as much ground in the west as in the east: the mean is 21
    assert found["warmer_night"].to_dict() == pytest.approx({"west": -1.0, "east": 1.0})


def test_where_nobody_is_known_the_hours_alone_rank(quarter):
    hours = np.zeros((30, 30))
    hours[20:25] = 10.0
    nobody = quarter.with_(sectors=quarter.sectors.iloc[:0])
    found = heat_islands(exposure(nobody), summary_of(hours))
    assert found["name_fr"].tolist() == ["Rue Haute", "Rue Basse"]
    assert found["residents"].isna().all()
    assert heat_islands(exposure(nobody), summary_of(hours), "sector").empty


def test_a_run_without_heat_has_no_islands(quarter):
    with pytest.raises(ScenarioError, match="no max_utci; run the kernel heat"):
        heat_islands(exposure(quarter), xr.Dataset())


def test_a_window_counts_the_homes_that_stand_in_it(quarter):
    window = HeatExposure(Situation(quarter), layers(quarter, 2.0, (149_030, 172_000, 149_060, 172_060)))
    east = summary_of(np.ones((30, 30))).isel(x=slice(15, 30))
    for by in ("street", "sector"):
        found = heat_islands(window, east, by)
        assert found["residents"].sum() == pytest.approx(10.0), by  # house-b alone
