"""The routes of monitoring: sites ranked and placed, the days of a meter, files that cannot be read."""

import httpx
import numpy as np
import pytest

from viewer.server.app import create_app
from viewer.server.limits import Limits
from viewer.server.problems import MEDIA_TYPE

DAYS = 440
FAULT = 400


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def pages(city, state):
    app = create_app(city, state, limits=Limits(burst=100_000))

    async def ask(path):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://127.0.0.1:8000"
        ) as http:
            return await http.get(path)

    return ask


@pytest.fixture
def folder(city, state):
    """Daily gas of two houses, one of which burns half more from a day on, and a meter nobody knows."""
    home = state / "monitoring"
    home.mkdir(exist_ok=True)
    day = np.datetime64("2023-01-01") + np.arange(DAYS)
    air = 10.0 - 8.0 * np.cos(2 * np.pi * np.arange(DAYS) / 365.25)
    rows = []
    for name, factor, seed in (("good", 1.0, 1), ("bad", 1.5, 2), ("lost", 1.0, 3)):
        noise = np.random.default_rng(seed).normal(0, 2, DAYS)
        kwh = (24.0 + 7.2 * np.maximum(15.0 - air, 0.0) + noise) * np.where(np.arange(DAYS) >= FAULT, factor, 1.0)
        rows += [f"{one}T00:00Z,{name},gas,use,kWh,{value:.3f}" for one, value in zip(day, kwh, strict=True)]
    (home / "gas.csv").write_text("time,meter,kind,reading,unit,value\n" + "\n".join(rows), encoding="utf-8")
    (home / "air.csv").write_text(
        "time,air_temperature_c\n" + "\n".join(f"{one}T00:00Z,{c:.3f}" for one, c in zip(day, air, strict=True)),
        encoding="utf-8",
    )
    first, second = city.buildings.index[:2]
    (home / "sites.csv").write_text(
        f"meter,building,name\ngood,{first},\nbad,{second},École communale\n", encoding="utf-8"
    )
    yield home
    for path in home.iterdir():
        path.unlink()
    home.rmdir()


async def test_without_a_folder_there_is_no_site(pages):
    told = (await pages("/api/monitoring")).json()
    assert (told["folder"], told["sites"], told["from"]) == (False, [], None)
    assert set(told["assumptions"]) == {"fr", "nl", "en"}


async def test_sites_are_ranked_and_lie_where_their_building_stands(pages, folder, city):
    told = (await pages("/api/monitoring")).json()
    assert told["folder"]
    assert told["demo"]
    assert told["unmatched"] == ["lost"]
    bad = told["sites"][0]
    assert (bad["building"], bad["name"], bad["rank"], bad["state"]) == (
        city.buildings.index[1], "École communale", 1, "alarm",
    )  # fmt: skip
    west, south, east, north = city.bounds
    middle = city.buildings.geometry.iloc[1].centroid
    assert bad["point"] == pytest.approx([middle.x - (west + east) / 2, middle.y - (south + north) / 2], abs=0.1)
    # by hand: half more of a day's 24 kWh and 7.2 kWh/K below 15 °C, over a year; its first day is found to a few
    usual = 24.0 + 7.2 * np.maximum(15.0 - (10.0 - 8.0 * np.cos(2 * np.pi * np.arange(DAYS) / 365.25)), 0.0).mean()
    assert bad["saving_kwh_a"] == pytest.approx(0.5 * usual * 365.25, rel=0.1)
    assert "plus que prévu depuis le" in bad["words"]["fr"]
    (gas,) = bad["meters"]
    assert gas["kind"] == "gas"
    assert gas["slope_w_k"] == pytest.approx(300.0, rel=0.02)
    lost = next(one for one in told["sites"] if one["name"] == "lost")
    assert (lost["building"], lost["point"]) == (None, None)
    assert (told["from"], told["to"]) == ("2023-01-01", "2024-03-15")


async def test_the_days_of_a_meter_hold_what_was_measured_and_expected(pages, folder):
    told = (await pages("/api/monitoring/meters/bad")).json()
    assert len(told["days"]) == len(told["outdoor_c"]) == len(told["measured_w"]) == len(told["expected_w"]) == DAYS
    late = np.array(told["measured_w"][FAULT + 5 :]) / np.array(told["expected_w"][FAULT + 5 :])
    assert late.mean() == pytest.approx(1.5, rel=0.03)
    assert 1 in told["alarm"]
    assert told["signature"]["heating_slope_w_k"] == pytest.approx(300.0, rel=0.02)
    gone = await pages("/api/monitoring/meters/none")
    assert gone.status_code == 404
    assert gone.headers["content-type"] == MEDIA_TYPE


async def test_a_file_that_cannot_be_read_is_named(pages, folder):
    (folder / "more.csv").write_text("time,meter\n2024-01-01,a\n", encoding="utf-8")
    answer = await pages("/api/monitoring")
    assert answer.status_code == 422
    body = answer.json()
    assert body["type"].endswith(":no-readings")
    assert "more.csv" in body["detail"]
    assert "kind" in body["detail"]


async def test_a_meter_in_two_files_is_refused_and_air_must_be_there(pages, folder):
    (folder / "twice.csv").write_bytes((folder / "gas.csv").read_bytes())
    assert "stands in two files" in (await pages("/api/monitoring")).json()["detail"]
    (folder / "twice.csv").unlink()
    (folder / "air.csv").unlink()
    assert "need air.csv" in (await pages("/api/monitoring")).json()["detail"]
