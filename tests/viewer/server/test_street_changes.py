"""What the pages ask of changed streets: filters of a quarter, what ready scenarios do, and A against B in traffic."""

import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
import shapely

sys.path.insert(0, str(Path(__file__).parents[2] / "scenarios"))
from block_toy import block_city, box

from scenarios.edits import LowTrafficNeighbourhood, SchoolStreet
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from twin.city import Terrain
from viewer.server import street_changes
from viewer.server.app import create_app
from viewer.server.limits import Limits
from viewer.tiles import local_origin

DIGEST = "ab" * 32


@pytest.fixture(scope="module")
def blocks():
    """Four blocks of local streets within a ring; six filters part its four sides, and no five would."""
    west, south, *_ = block_city().bounds
    return block_city().with_(terrain=Terrain(np.full((50, 50), 20.0, np.float32), west, south, 10.0))


@pytest.fixture(scope="module")
def ask(blocks, tmp_path_factory):
    app = create_app(blocks, tmp_path_factory.mktemp("state"), limits=Limits(burst=100_000))

    async def send(path, body=None, method=None):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
            return await http.request(method or ("GET" if body is None else "POST"), path, json=body)

    return send


@pytest.fixture(scope="module")
def around(blocks):
    """The ring, as the page would send it."""
    east, north = local_origin(blocks)
    return [[x - east, y - north] for x, y in box(-20, -20, 320, 320)]


async def test_a_drawn_quarter_gets_the_fewest_filters_and_they_fit_the_edit(ask, blocks, around):
    # that six do and no five: all sets of five tried in tests/scenarios/test_neighbourhood_filters.py
    answer = await ask("/api/city/filters", {"polygon": around})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (len(said["filters"]), said["both_ways"], said["gates"], said["fewest"]) == (6, [], 8, True)
    east, north = local_origin(blocks)
    for one in said["filters"]:
        x, y = one["point"]
        line = blocks.links.geometry.loc[one["street"]]
        assert line.distance(shapely.Point(x + east, y + north)) < 0.1
    edit = LowTrafficNeighbourhood(
        edit="low_traffic_neighbourhood",
        id="n1",
        polygon=[[x + east, y + north] for x, y in around],
        filters=[one["street"] for one in said["filters"]],
    )
    closures = edit.apply(Situation(blocks)).street_works.closures
    assert {street for one in closures for street in one.streets} == {one["street"] for one in said["filters"]}


@pytest.mark.parametrize(
    ("body", "kind", "pointer"),
    [
        ({}, "no-polygon", "/polygon"),
        ([], "no-polygon", "/polygon"),
        ({"polygon": [[0, 0], [1, 1]]}, "no-polygon", "/polygon"),
        ({"polygon": [[0, 0]] * 201}, "no-polygon", "/polygon"),
        ({"polygon": [[0, 0], [9, 0], [9, "x"]]}, "no-polygon", "/polygon/2"),
        ({"polygon": [[0, 0], [9, 0], [True, 9]]}, "no-polygon", "/polygon/2"),
        ({"polygon": [[0, 0], [9, 0], [1e300, 9]]}, "no-polygon", "/polygon/2"),
        ({"polygon": [[0, 0], [9, 9], [9, 0], [0, 9]]}, "no-polygon", "/polygon"),
        ({"polygon": [[0, 0], [9000, 0], [9000, 9000]]}, "no-polygon", "/polygon"),
        ({"polygon": [[5000, 5000], [5090, 5000], [5090, 5090]]}, "no-neighbourhood", "/polygon"),
    ],
)
async def test_what_is_no_quarter_is_refused_with_its_place(ask, body, kind, pointer):
    answer = await ask("/api/city/filters", body)
    assert answer.status_code == 422, answer.text
    assert (answer.json()["type"].rsplit(":", 1)[-1], answer.json()["pointer"]) == (kind, pointer)


async def test_a_ready_scenario_says_which_streets_each_of_its_edits_closes_or_changes(ask, blocks, monkeypatch):
    local = [name for name, kind in blocks.links["kind"].items() if kind == "residential"]
    edits = [
        SchoolStreet(edit="school_street", id="school", streets=[local[0]]).model_dump(exclude_none=True),
        {"edit": "speed_limit", "id": "slow", "streets": local[:2], "speed_km_h": 20},
        {"edit": "travel_demand", "id": "fewer", "factor": 0.5, "modes": ["car"]},
    ]
    one = Scenario.read({
        "scenario": 1, "name": {"en": "School"}, "cell_size_m": 10, "kernels": ["traffic"], "edits": edits,
        "period": {"start": "2026-03-17T07:00:00Z", "duration_s": 1800, "output_every_s": 600},
        "forcing": {"travel": {"kind": "synthetic"}},
    })  # fmt: skip
    monkeypatch.setattr(street_changes, "ready_for", lambda city: {"school": one})
    said = (await ask("/api/library/school/streets")).json()["edits"]
    assert said == [
        {"id": "school", "edit": "school_street", "closed": [local[0]], "changed": []},
        {"id": "slow", "edit": "speed_limit", "closed": [], "changed": sorted(local[:2])},
        {"id": "fewer", "edit": "travel_demand", "closed": [], "changed": []},
    ]


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/api/library/nothing/streets", "no-scenario"), (f"/api/results/{DIGEST}/traffic/{DIGEST}", "no-result")],
)
async def test_what_is_not_there_is_named(ask, path, kind):
    answer = await ask(path)
    assert answer.status_code == 404
    assert answer.json()["type"].endswith(f":{kind}")
