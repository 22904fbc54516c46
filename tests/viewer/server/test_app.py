import asyncio
import gzip
import json

import httpx
import numpy as np
import pytest

from viewer.server.app import create_app
from viewer.server.frames import decode
from viewer.server.limits import Limits
from viewer.server.problems import MEDIA_TYPE


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def app(city, state):
    return create_app(city, state, limits=Limits(burst=100_000))


@pytest.fixture
async def client(city, state):
    app = create_app(city, state, limits=Limits(burst=100_000))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as http,
    ):
        yield http


@pytest.fixture(scope="module")
def pages(app):
    """Requests without jobs: the app's lifespan is not entered."""

    async def ask(path, method="GET", **more):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://127.0.0.1:8000"
        ) as http:
            return await http.request(method, path, **more)

    return ask


async def finished(client, job, timeout=60):
    async with asyncio.timeout(timeout):
        while (found := (await client.get(f"/api/jobs/{job['id']}")).json())["state"] not in ("done", "failed"):
            await asyncio.sleep(0.05)
    return found


def is_problem(answer, status, kind=None):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    body = answer.json()
    assert body["status"] == status
    assert {"type", "title", "detail"} <= set(body)
    assert kind is None or body["type"].endswith(f":{kind}"), body
    return body


async def test_the_city_says_who_it_is(pages, city):
    facts = (await pages("/api/city")).json()
    assert facts["digest"] == city.digest
    assert facts["demo"] is True
    assert facts["counts"] == {"buildings": 6, "trees": 1, "links": 1}
    assert facts["origin"] == [149_030.0, 172_020.0]
    assert facts["population"] == 120
    assert facts["sources"][0]["licence"] == "CC0-1.0"


async def test_files_come_gzipped_with_a_tag_and_not_twice(pages):
    plain = await pages("/tiles/tileset.json", headers={"Accept-Encoding": "identity"})
    packed = await pages("/tiles/tileset.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert plain.json() == packed.json()
    assert plain.headers["etag"] != packed.headers["etag"]
    again = await pages(
        "/tiles/tileset.json", headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    tile = await pages("/tiles/t.glb", headers={"Accept-Encoding": "identity"})
    assert tile.content[:4] == b"glTF"


async def test_terrain_is_the_plane_that_was_drawn(pages, city):
    words = (await pages("/api/city/terrain.json")).json()
    heights = np.frombuffer((await pages("/api/city/terrain")).content, "<u2").reshape(words["ny"], words["nx"])
    x = words["west"] + (np.arange(words["nx"]) + 0.5) * words["cell_size"] + 149_030 - 149_000
    inside = (x > 2) & (x < 58)
    expected = 20 - 0.005 * x[inside]
    got = words["z_min"] + words["z_step"] * heights[words["ny"] // 2, inside]
    np.testing.assert_allclose(got, expected, atol=0.002)
    picture = (await pages("/api/city/ground.png")).content
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"


async def test_trees_and_streets_stand_in_the_local_frame(pages):
    trees = (await pages("/api/city/trees.json")).json()
    assert trees["count"] == 1
    assert (trees["columns"]["x"], trees["columns"]["y"]) == ([-27.0], [-17.0])
    street = (await pages("/api/city/streets.json")).json()["lines"][0]
    assert street["points"] == [[-30.0, -18.0], [30.0, -18.0]]
    assert (street["name_fr"], street["width"]) == ("Rue Droite", 4.0)


async def test_a_building_tells_all_it_knows(pages):
    facts = (await pages("/api/city/buildings/house-0-0")).json()
    assert facts["name"] == "Maison à pignon"
    assert (facts["row"], facts["ridge_height"], facts["footprint_area"]) == (0, 9.0, 80.0)
    is_problem(await pages("/api/city/buildings/no"), 404, "no-building")


async def test_the_catalogue_has_words_in_three_languages(pages):
    found = (await pages("/api/catalogue")).json()
    assert found["fields"] == ["water_depth", "water_speed", "utci", "traffic_flow", "traffic_speed"]
    for one in found["quantities"].values():
        assert set(one["label"]) == {"fr", "nl", "en"}
    assert all(set(cover["label"]) == {"fr", "nl", "en"} for cover in found["covers"])
    assert isinstance((await pages("/api/library")).json(), list)


async def test_the_catalogue_says_what_a_scenario_can_name(pages):
    """The words stand in the scenario's JSON schema, in another room than the catalogue."""
    found = (await pages("/api/catalogue")).json()
    assert {"wall", "land_cover", "add_building", "restore"} <= set(found["edits"])
    assert {"block", "hyetograph"} <= set(found["rains"])
    assert not set(found["rains"]) & {"sink", "network"}
    assert {"period", "forcing", "edits"} <= set(found["parts"])


@pytest.mark.parametrize(
    ("path", "method", "body", "status", "kind"),
    [
        ("/api/nothing", "GET", None, 404, "not-found"),
        ("/tiles/..%2f..%2findex.json", "GET", None, 404, None),
        ("/..%2f..%2fetc/passwd", "GET", None, 404, None),
        ("/%00", "GET", None, 404, None),
        ("/api/city", "POST", None, 405, "method-not-allowed"),
        ("/api/jobs", "POST", b"{", 400, "bad-json"),
        ("/api/jobs", "POST", b"\xff\xfe", 400, "bad-json"),
        ("/api/jobs", "POST", b"[" * 5000 + b"]" * 5000, 400, "bad-json"),
        ("/api/jobs", "POST", b"[" * 2_000_000, 400, "bad-json"),
        ("/api/jobs", "POST", b'{"a": NaN}', 400, "bad-json"),
        ("/api/jobs", "POST", b'{"a": "\\ud800"}', 400, "bad-json"),
        ("/api/jobs", "POST", b"9" * 10_000, 400, "bad-json"),
        ("/api/jobs", "POST", b"null", 422, "bad-scenario"),
        ("/api/jobs", "POST", b"{}", 422, "bad-scenario"),
        ("/api/jobs", "POST", b" " * 10_000_001, 413, "too-large"),
        ("/api/scenarios/check", "POST", b'{"scenario": 1}', 422, "bad-scenario"),
        ("/api/results/abc", "GET", None, 404, "no-result"),
        (f"/api/results/{'0' * 64}", "GET", None, 404, "no-result"),
        (f"/api/results/{'0' * 64}/series?x=nan&y=0&field=water_depth", "GET", None, 422, "invalid"),
    ],
)
async def test_a_bad_request_gets_one_clear_problem(pages, path, method, body, status, kind):
    is_problem(await pages(path, method, content=body, headers={"Content-Type": "application/json"}), status, kind)


async def test_only_json_from_our_own_pages_steers_the_server(pages):
    is_problem(await pages("/api/jobs", "POST", content="{}", headers={"Content-Type": "text/plain"}), 415, "not-json")
    foreign = {"Origin": "http://evil.example", "Content-Type": "application/json"}
    is_problem(await pages("/api/jobs", "POST", content="{}", headers=foreign), 403, "foreign-origin")
    is_problem(await pages("/api/city", headers={"Host": "evil.example:8000"}), 421, "wrong-host")
    own = {"Origin": "http://127.0.0.1:8000", "Content-Type": "application/json"}
    is_problem(await pages("/api/jobs", "POST", content="{}", headers=own), 422)


async def test_every_answer_carries_the_safe_headers(pages):
    for path in ("/", "/api/city", "/api/nothing", "/tiles/t.glb"):
        headers = (await pages(path)).headers
        policy = headers["content-security-policy"]
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


async def test_more_than_twenty_requests_a_second_are_told_to_wait(city, tmp_path):
    limited = create_app(city, tmp_path, limits=Limits(burst=30))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(limited), base_url="http://localhost") as http:
        answers = [await http.get("/api/catalogue") for _ in range(60)]
        late = is_problem(next(one for one in answers if one.status_code != 200), 429, "too-many-requests")
        assert "20 requests a second" in late["detail"]
        assert 30 <= sum(one.status_code == 200 for one in answers) < 60
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert (await http.get("/tiles/tileset.json")).status_code == 200


async def test_a_request_that_never_ends_is_told_so(city, tmp_path):
    async def trickle():
        yield b'{"scenario":'
        await asyncio.sleep(20)

    hurried = create_app(city, tmp_path, limits=Limits(request_s=0.3))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(hurried), base_url="http://localhost") as http:
        header = {"content-type": "application/json"}
        slow = await http.post("/api/scenarios/check", content=trickle(), headers=header)
        assert "0.3 s" in is_problem(slow, 408, "too-slow")["detail"]
        assert (await http.get("/api/catalogue")).status_code == 200


async def test_openapi_describes_routes_errors_and_the_scenario(pages):
    described = (await pages("/api/openapi.json")).json()
    post = described["paths"]["/api/jobs"]["post"]
    assert {"202", "400", "409", "413", "415", "422", "429", "503", "507"} <= set(post["responses"])
    assert MEDIA_TYPE in post["responses"]["422"]["content"]
    assert "period" in described["components"]["schemas"]["Scenario"]["properties"]
    text = json.dumps(described)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}:
        assert reference in described["components"]["schemas"]


async def test_a_scenario_runs_and_every_form_of_its_result_agrees(client, scenario, city):
    checked = (await client.post("/api/scenarios/check", json=scenario())).json()
    assert checked["cells"] == 30 * 20
    assert checked["rain"] == [[0.0, 60.0], [60.0, 0.0]]
    job = (await client.post("/api/jobs", json=scenario())).json()
    assert job["digest"] == checked["digest"]
    done = await finished(client, job)
    assert (done["state"], done["reason"]) == ("done", None)
    digest = done["digest"]
    facts = (await client.get(f"/api/results/{digest}")).json()
    assert facts["times"] == [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
    assert facts["grid"] == {"nx": 30, "ny": 20, "west": -30.0, "south": -20.0, "cell_size": 2.0}
    assert {"water_depth", "water_speed", "max_water_depth"} <= set(facts["fields"])
    assert {"key", "label", "value", "units", "better"} <= set(facts["indicators"][0])
    last = decode((await client.get(f"/api/results/{digest}/frames/water_depth/5")).content)
    assert (last.sequence, last.time, last.last) == (6, 60.0, True)
    both = (await client.get(f"/api/results/{digest}/frames/water_depth,water_velocity_x/5")).content
    size = 64 + int.from_bytes(both[56:60], "little")
    np.testing.assert_array_equal(decode(both[:size]).codes, last.codes)
    assert decode(both[size:]).coding.encoding == 2
    is_problem(await client.get(f"/api/results/{digest}/frames/{','.join(['water_depth'] * 9)}/5"), 404, "no-frame")
    series = (await client.get(f"/api/results/{digest}/series?x=-29&y=-19&field=water_depth")).json()
    assert len(series["values"]) == 6
    assert series["values"][-1] == pytest.approx(last.values[0, 0], rel=0.02, abs=0.001)
    assert (await client.get(f"/api/results/{digest}/frames/max_water_depth/0")).status_code == 200
    is_problem(await client.get(f"/api/results/{digest}/frames/water_depth/6"), 404, "no-frame")
    is_problem(await client.get(f"/api/results/{digest}/frames/nonsense/0"), 404, "no-frame")
    is_problem(await client.get(f"/api/results/{digest}/series?x=999&y=0&field=water_depth"), 404, "outside")
    point = (await client.get(f"/api/results/{digest}/point?x=-29&y=-19")).json()
    assert point["cell"] == {"x": -29.0, "y": -19.0, "size": 2.0}
    assert point["times"] == facts["times"]
    assert point["series"]["water_depth"] == {"values": series["values"], "units": "m"}
    assert set(point["series"]) | set(point["whole"]) == set(facts["fields"])
    deepest = decode((await client.get(f"/api/results/{digest}/frames/max_water_depth/0")).content).values[0, 0]
    assert point["whole"]["max_water_depth"]["value"] == pytest.approx(deepest, rel=0.02, abs=0.001)
    is_problem(await client.get(f"/api/results/{digest}/point?x=0&y=-999"), 404, "outside")
    for form, magic in (("zarr", b"PK"), ("netcdf", b"CDF\x02"), ("geotiff", b"II*\x00")):
        answer = await client.get(f"/api/results/{digest}/download?format={form}")
        assert answer.content.startswith(magic)
        assert "demo-" in answer.headers["content-disposition"]
    again = (await client.post("/api/jobs", json=scenario())).json()
    assert again["state"] == "done"
    renamed = (await client.post("/api/jobs", json=scenario(name={"fr": "Averse"}))).json()
    assert (renamed["state"], renamed["digest"]) == ("done", digest)


async def test_a_scenario_of_another_city_is_refused_naming_both(client, scenario, city):
    other = "ab" * 32
    body = is_problem(await client.post("/api/jobs", json=scenario(city=other)), 409, "other-city")
    assert other in body["detail"]
    assert city.digest in body["detail"]
    assert body["pointer"] == "/city"


async def test_a_wrong_place_in_a_scenario_is_pointed_at(client, scenario):
    wall = {"edit": "wall", "id": "w", "line": [[0, 0], [1, 1]], "height_m": -1}
    body = is_problem(await client.post("/api/scenarios/check", json=scenario(edits=[wall])), 422, "bad-scenario")
    assert body["pointer"].startswith("/edits/0")
    crowd = {"edit": "wall", "id": "w", "height_m": 1, "line": [[149_000 + i / 1000, 172_001] for i in range(5001)]}
    is_problem(await client.post("/api/scenarios/check", json=scenario(edits=[crowd])), 422, "bad-scenario")


async def test_the_same_key_is_the_same_job(client, scenario):
    body = scenario(period={"start": "2021-07-15T12:00:00Z", "duration_s": 30, "output_every_s": 10})
    key = {"Idempotency-Key": "once"}
    first, second = [(await client.post("/api/jobs", json=body, headers=key)).json() for _ in range(2)]
    assert first["id"] == second["id"]
    is_problem(await client.post("/api/jobs", json=scenario(cell_size_m=4.0), headers=key), 422, "key-reused")
    await finished(client, first)
    listed = (await client.get("/api/jobs")).json()
    assert [job["id"] for job in listed].count(first["id"]) == 1
    assert (await client.delete(f"/api/jobs/{first['id']}")).json()["state"] == "done"
    is_problem(await client.delete("/api/jobs/none"), 404, "no-job")


async def test_published_files_are_made_once(city, tmp_path):
    told = []
    create_app(city, tmp_path, on_progress=lambda fraction, word: told.append(fraction))
    assert told == sorted(told)
    told.clear()
    create_app(city, tmp_path, on_progress=lambda fraction, word: told.append(fraction))
    assert told == []
    packed = next((tmp_path / "cities").glob("*/trees.json.gz"))
    assert gzip.decompress(packed.read_bytes()) == packed.with_suffix("").read_bytes()
