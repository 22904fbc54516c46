"""What the pages ask of streets: links, courses and vehicles of a result, and what one reaches from a point."""

import math
from dataclasses import replace

import httpx
import numpy as np
import pytest
import shapely
import xarray as xr

from kernels.quantities import attrs
from twin.city import AMENITY_COLUMNS, LINK_COLUMNS, as_table
from twin.store import Store
from viewer.server.app import create_app
from viewer.server.frames import decode
from viewer.server.limits import Limits

DIGEST = "ab" * 32
WEST, SOUTH = 149_000.0, 172_000.0
TOBLER = 6.0 * math.exp(-3.5 * 0.05) / 3.6
"""Tobler (1993), Three presentations on geographical analysis and modeling: pace on the flat. [m s⁻¹]"""
LINKS = ["west>", "west<", "east>"]
FLOW = np.array([[100.0, 20.0, 400.0], [300.0, 40.0, 800.0]])
SPEED = np.array([[8.0, 8.1, 5.0], [3.2, 8.0, 2.5]])


@pytest.fixture(scope="module")
def lane(city_of):
    """One flat street from west to east, in two pieces of 600 m, with a grocer 300 m from its west end."""
    base = city_of(terrain=False)
    ends = [(WEST - 600, WEST), (WEST, WEST + 600)]
    lines = [shapely.LineString([(a, SOUTH + 2), (b, SOUTH + 2)]) for a, b in ends]
    links = as_table(
        ["west", "east"], lines, LINK_COLUMNS, start=["n0", "n1"], end=["n1", "n2"], kind=["residential"] * 2,
        name_fr=["Rue Droite"] * 2, name_nl=["Rechte Straat"] * 2, width=[6.0] * 2, lanes=[2, 1], speed=[30.0] * 2,
        oneway=[False, True], assumed=[""] * 2,
    )  # fmt: skip
    grocer = as_table(
        ["shop"], [shapely.Point(WEST - 300, SOUTH + 2)], AMENITY_COLUMNS, category=["supermarket"], name=["Épicerie"]
    )
    return replace(base, links=links, amenities=grocer, bounds=(WEST - 600, SOUTH - 50, WEST + 600, SOUTH + 90))


def _along(name, values):
    return xr.DataArray(values, dims=("link",), attrs=attrs(name))


def keep(root):
    """A result as a run of traffic leaves it: two output times, three links, three legs of two vehicles."""
    grid = xr.Dataset(coords={"x": WEST + np.arange(4.0), "y": SOUTH + np.arange(3.0)})
    with Store(root).writer(DIGEST, grid, [900.0, 1800.0], start="2026-06-02T06:00:00Z") as writer:
        for flow, speed in zip(FLOW, SPEED, strict=True):
            frame = xr.Dataset(
                {"traffic_flow": _along("traffic_flow", flow), "traffic_speed": _along("traffic_speed", speed)},
                {"link": LINKS},
            )
            writer.append(frame, "traffic")
        legs = {
            "vehicle_leg_vehicle": [0, 0, 1],
            "vehicle_leg_link": [0, 2, 1],
            "vehicle_leg_begin": [10.0, 85.0, 1000.0],
            "vehicle_leg_until": [85.0, 205.0, np.nan],
        }
        summary = xr.Dataset(
            {
                "vehicles_passed": _along("vehicles_passed", np.array([100.0, 15.0, 300.0])),
                "vehicle_mode": xr.DataArray(np.array([0.0, 4.0]), dims=("vehicle",)),
                **{name: xr.DataArray(np.array(one), dims=("vehicle_leg",)) for name, one in legs.items()},
            },
            {"link": LINKS},
        )
        writer.finish({"indicators": []}, summary)


@pytest.fixture(scope="module")
def ask(lane, tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    app = create_app(lane, state, limits=Limits(burst=100_000))
    keep(state / "results")

    async def get(path):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://127.0.0.1:8000"
        ) as http:
            return await http.get(path)

    return get


async def test_a_result_along_streets_names_its_links_and_its_fields(ask):
    assert (await ask(f"/api/results/{DIGEST}/links")).json() == {"links": LINKS}
    facts = (await ask(f"/api/results/{DIGEST}")).json()
    assert facts["fields"] == ["traffic_flow", "traffic_speed", "vehicles_passed"]
    assert facts["along"] == dict.fromkeys(facts["fields"], "link")
    assert facts["times"] == [900.0, 1800.0]


async def test_a_field_along_streets_comes_as_a_frame_of_one_row(ask):
    for name, course in (("traffic_flow", FLOW), ("traffic_speed", SPEED)):
        for index in range(2):
            answer = await ask(f"/api/results/{DIGEST}/frames/{name}/{index}")
            frame = decode(answer.content)
            assert frame.codes.shape == (1, 3)
            np.testing.assert_allclose(frame.values[0], course[index], atol=0.5 * frame.coding.scale + 1e-5)
    whole = decode((await ask(f"/api/results/{DIGEST}/frames/vehicles_passed/0")).content)
    np.testing.assert_allclose(whole.values[0], [100, 15, 300], atol=0.01)


async def test_a_point_of_a_result_along_streets_has_a_cell_and_no_fields(ask):
    said = (await ask(f"/api/results/{DIGEST}/point?x=1&y=-19")).json()
    assert (said["whole"], said["series"]) == ({}, {})
    assert said["times"] == [900.0, 1800.0]


async def test_one_street_tells_both_its_directions(ask):
    said = (await ask(f"/api/results/{DIGEST}/street/west")).json()
    assert [one["link"] for one in said["directions"]] == ["west>", "west<"]
    assert [one["along"] for one in said["directions"]] == [True, False]
    assert said["directions"][0]["series"]["traffic_flow"] == {"values": [100.0, 300.0], "units": "h-1"}
    assert said["directions"][1]["whole"]["vehicles_passed"]["value"] == 15.0
    one_way = (await ask(f"/api/results/{DIGEST}/street/east")).json()
    assert [one["link"] for one in one_way["directions"]] == ["east>"]
    lost = await ask(f"/api/results/{DIGEST}/street/nowhere")
    assert lost.status_code == 404
    assert lost.json()["type"].endswith(":no-street")


def legs_of(body):
    (count,) = np.frombuffer(body, "<u4", 1)
    whole = np.frombuffer(body, "<i4", 3 * count, 4).reshape(3, count)
    times = np.frombuffer(body, "<f4", 2 * count, 4 + 12 * count).reshape(2, count)
    assert len(body) == 4 + 20 * count
    return whole, times


async def test_traced_vehicles_come_by_the_span_that_is_asked_for(ask):
    whole, times = legs_of((await ask(f"/api/results/{DIGEST}/vehicles")).content)
    assert whole.tolist() == [[0, 2, 1], [0, 0, 1], [0, 0, 4]]
    assert times.tolist() == [[10.0, 85.0, 1000.0], [85.0, 205.0, math.inf]]
    whole, _ = legs_of((await ask(f"/api/results/{DIGEST}/vehicles?from=90&until=900")).content)
    assert whole[0].tolist() == [2]
    whole, _ = legs_of((await ask(f"/api/results/{DIGEST}/vehicles?from=2000")).content)
    assert whole[0].tolist() == [1], "who has not left a street is still on it"


async def test_five_minutes_on_foot_reach_as_far_as_tobler_says(ask, lane):
    """Along a straight flat street: 300 s at Tobler's pace each way."""
    middle = 0.5 * (lane.bounds[0] + lane.bounds[2])
    said = (await ask("/api/city/reach?x=0&y=-18&minutes=5,8")).json()
    near, far = said["bands"]
    assert middle == WEST
    assert (near["minutes"], far["minutes"]) == (5.0, 8.0)
    xs = [x for ring in near["rings"] for x, _ in ring]
    assert max(xs) - min(xs) == pytest.approx(2 * (300 * TOBLER + 35), abs=4)
    around = [x for ring in far["rings"] for x, _ in ring]
    # a one-way street binds nobody on foot; the street ends 600 m out
    assert max(around) - min(around) == pytest.approx(2 * (600 + 35), abs=4)
    assert {one["id"] for one in said["streets"]} == {"west", "east"}


async def test_a_bicycle_obeys_the_one_way_street_and_is_faster(ask):
    walked = (await ask("/api/city/reach?x=0&y=-18&minutes=3")).json()["bands"][0]
    ridden = (await ask("/api/city/reach?x=0&y=-18&mode=bike&minutes=3")).json()["bands"][0]
    assert ridden["area"] > 1.5 * walked["area"]


async def test_the_fifteen_kinds_are_told_with_their_times(ask):
    said = (await ask("/api/city/ten-minutes?x=0&y=-18")).json()
    assert len(said["categories"]) == 15
    food = next(one for one in said["categories"] if one["key"] == "food_shops")
    assert food["minutes"] == pytest.approx(300 / TOBLER / 60, abs=0.3)
    assert food["met"] is True
    assert food["name"] == "Épicerie"
    sport = next(one for one in said["categories"] if one["key"] == "sport")
    assert (sport["known"], sport["minutes"], sport["met"]) == (False, None, False)


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/api/city/reach?x=90000&y=0", 404, "outside"),
        ("/api/city/reach?x=0&y=-18&minutes=ten", 422, "no-minutes"),
        ("/api/city/reach?x=0&y=-18&minutes=0", 422, "no-minutes"),
        ("/api/city/reach?x=0&y=-18&minutes=5,99", 422, "no-minutes"),
        ("/api/city/reach?x=0&y=-18&mode=horse", 422, "invalid"),
        ("/api/city/ten-minutes?x=nan&y=0", 422, "invalid"),
        (f"/api/results/{'cd' * 32}/links", 404, "no-result"),
        (f"/api/results/{'cd' * 32}/vehicles", 404, "no-result"),
        (f"/api/results/{DIGEST}/vehicles?from=-1", 422, "invalid"),
        (f"/api/results/{DIGEST}/series?field=traffic_flow&x=1&y=1", 404, "no-field"),
    ],
)
async def test_what_cannot_be_told_is_refused_with_a_reason(ask, path, status, kind):
    answer = await ask(path)
    assert answer.status_code == status, answer.text
    assert answer.json()["type"].endswith(f":{kind}"), answer.text
