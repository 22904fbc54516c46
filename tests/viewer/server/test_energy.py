"""What the pages ask of runs of energy: the balance, hours, buildings and their class, files, and facts to fill in."""

import csv
import io

import httpx
import numpy as np
import pytest

from tests.scenarios.conftest import make_city
from tests.scenarios.energy_toy import stored, summary
from viewer.server.app import create_app
from viewer.server.energy import class_of
from viewer.server.limits import Limits

YEAR = 8760
RUN, SHORT, HEATED, STRANGE = (f"{number:064x}" for number in (1, 2, 3, 9))


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """A server of two houses with three runs made by hand: a year, two days, and a year with a network and a pump."""
    state = tmp_path_factory.mktemp("state")
    app = create_app(make_city(), state, limits=Limits(burst=100_000))
    # 1 kW of appliances and 2 kW of gas all year; modules give 0.5 kW: 0.5 kW is bought
    whole = summary(YEAR, appliances=1.0, gas=2.0, heating=1.8, photovoltaic=0.5)
    stored(state / "results", 1, whole)
    sun = np.where(np.arange(48) % 24 == 12, 3.0, 0.0)
    stored(state / "results", 2, summary(48, appliances=1.0, photovoltaic=sun))
    edits = [
        {"edit": "renovate", "id": "r1", "buildings": ["house-a"], "roof_u": 0.2},
        {"edit": "heat_supply", "id": "h1", "buildings": ["house-a"], "source": "air_heat_pump"},
        {"edit": "building_facts", "id": "f1", "rows": [{"building": "house-b", "values": {"wall_u": 0.4}}]},
    ]
    stored(state / "results", 3, summary(YEAR, appliances=1.0), edits=edits)

    async def send(path, body=None):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
            return await http.request("GET" if body is None else "POST", path, json=body)

    return send


async def test_a_year_tells_its_verdicts_flows_months_and_days(ask):
    answer = await ask(f"/api/results/{RUN}/energy")
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["hours"], len(said["daily"]["used"])) == (YEAR, 365)
    # a day of 1 kW is 24 kWh, of 0.5 kW 12 kWh
    assert set(said["daily"]["used"]) == {24.0}
    assert set(said["daily"]["made"]) == {12.0}
    assert len(said["ped"]["verdicts"]) == 36
    assert {one["positive"] for one in said["ped"]["verdicts"]} == {"no"}
    assert said["sankey"]["imbalance_kwh"] < 1e-3
    assert said["months"]["months"][0] == "2019-01"
    assert said["load"]["import_kw"][0] == pytest.approx(0.5)
    assert [one["letter"] for one in said["classes"]] == ["A++", "A+", "A", "B", "C", "D", "E", "F", "G"]


async def test_hours_are_cut_out_in_kilowatts_and_end_where_the_run_ends(ask):
    said = (await ask(f"/api/results/{SHORT}/energy/hours?from=40&hours=24")).json()
    assert (said["from"], said["hours"]) == (40, 8)
    assert said["series"]["district_appliances"] == [1.0] * 8
    assert "district_photovoltaic" not in said["series"]  # the sun shone at twelve
    noon = (await ask(f"/api/results/{SHORT}/energy/hours?from=12&hours=1")).json()
    assert noon["series"]["district_photovoltaic"] == [3.0]
    assert noon["series"]["district_given"] == [2.0]


async def test_hours_beyond_a_month_are_refused_by_name(ask):
    answer = await ask(f"/api/results/{RUN}/energy/hours?hours=8760")
    assert answer.status_code == 422
    assert "hours" in answer.text


async def test_a_building_has_a_class_by_what_it_buys_in_primary_energy(ask):
    said = (await ask(f"/api/results/{RUN}/energy/buildings")).json()
    assert said["ids"] == ["house-a", "house-b"]
    # by hand: 0.5 kW bought times 2.5 and 2 kW of gas, a year, on 400 m2; both houses share by their area
    primary = (0.5 * 2.5 + 2.0) * YEAR / 400.0
    assert said["values"]["primary_energy_per_area"] == pytest.approx([primary, primary], rel=1e-4)
    assert said["values"]["final_energy_per_area"] == pytest.approx([3.0 * YEAR / 400.0] * 2, rel=1e-4)
    assert said["values"]["heated_floor_area"] == pytest.approx([100.0, 300.0], rel=1e-4)
    assert said["classes"] == ["B", "B"]
    assert said["sources"] == ["gas_boiler", "gas_boiler"]


async def test_two_days_make_no_class(ask):
    said = (await ask(f"/api/results/{SHORT}/energy/buildings")).json()
    assert said["classes"] == [None, None]
    assert said["values"]["primary_energy_per_area"] == [None, None]


@pytest.mark.parametrize(
    ("primary", "letter"),
    [(-20.0, "A++"), (0.0, "A++"), (0.1, "A+"), (45.0, "A"), (45.1, "B"), (95.0, "B"), (150.0, "C"), (210.0, "D"),
     (275.0, "E"), (345.0, "F"), (345.1, "G"), (float("nan"), "")],
)  # fmt: skip
def test_classes_end_where_the_certificates_of_the_region_end_them(primary, letter):
    # thresholds of the energy certificate of dwellings, Brussels-Capital Region
    assert class_of(primary) == letter


async def test_one_building_tells_what_edits_did_and_who_says_its_inputs(ask):
    changed = (await ask(f"/api/results/{HEATED}/energy/building/house-a")).json()
    assert changed["source"] == "air_heat_pump"
    other = (await ask(f"/api/results/{HEATED}/energy/building/house-b")).json()
    assert other["source"] == "gas_boiler"
    tags = {one["key"]: one for one in other["tags"]}
    # what an owner knows counts as measured, what a scenario decides as edited
    assert tags["wall_u"]["tag"] == "measured"
    assert tags["roof_u"]["tag"] in ("archetype", "assumed")
    assert {one["key"]: one["tag"] for one in changed["tags"]}["roof_u"] == "edited"
    assert set(tags["wall_u"]["label"]) == {"fr", "nl", "en"}
    answer = await ask(f"/api/results/{HEATED}/energy/building/nowhere")
    assert (answer.status_code, answer.json()["type"].endswith("no-building")) == (404, True)


async def test_files_hold_every_building_with_units_and_outlines(ask):
    table = await ask(f"/api/results/{RUN}/energy/export?format=csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["id"] for row in rows] == ["house-a", "house-b"]
    assert float(rows[0]["final_energy_per_area [kWh/m2]"]) == pytest.approx(3.0 * YEAR / 400.0, rel=1e-4)
    map_ = (await ask(f"/api/results/{RUN}/energy/export?format=geojson")).json()
    assert [one["id"] for one in map_["features"]] == ["house-a", "house-b"]
    west, south = map_["features"][0]["geometry"]["coordinates"][0][0]
    assert 4.2 < west < 4.5
    assert 50.7 < south < 51.0
    assert map_["features"][0]["properties"]["class"] == "B"


async def test_a_result_that_is_not_there_is_said_to_be_missing(ask):
    for path in ("energy", "energy/hours", "energy/buildings", "energy/building/house-a", "energy/export"):
        answer = await ask(f"/api/results/{STRANGE}/{path}")
        assert answer.status_code == 404, path


async def test_facts_are_listed_with_their_ranges_and_sectors(ask):
    said = (await ask("/api/city/energy/facts")).json()
    assert said["ids"] == ["house-a", "house-b"]
    assert said["left_out"] == 0
    year = next(one for one in said["facts"] if one["key"] == "year")
    assert (year["low"], year["high"], year["choices"]) == (1000, 2100, [])
    assert said["columns"]["year"] == [None, None]
    assert said["sector"] == ["sector", "sector"]
    assert said["sectors"][0]["name_nl"] == "Wijk"


async def test_a_file_of_facts_comes_back_as_rows_of_an_edit(ask):
    text = "id;year;wall_u\nhouse-a;1932;0,4\nhouse-b;;\nelsewhere;1950;1\n"
    said = (await ask("/api/city/energy/facts", {"csv": text})).json()
    assert said["rows"] == [{"building": "house-a", "values": {"year": 1932.0, "wall_u": 0.4}}]
    assert said["unknown"] == ["elsewhere"]


async def test_the_template_is_a_file_that_can_be_read_back(ask):
    answer = await ask("/api/city/energy/facts.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    said = await ask("/api/city/energy/facts", {"csv": answer.text})
    assert said.status_code == 200, said.text
    assert {one["building"] for one in said.json()["rows"]} <= {"house-a", "house-b"}


@pytest.mark.parametrize(
    ("body", "words"),
    [({}, "csv"), ({"csv": "id;year\nhouse-a;12\n"}, "line 2"), ({"csv": "id;colour\nhouse-a;red\n"}, "colour")],
)
async def test_facts_that_cannot_be_are_refused_with_their_line(ask, body, words):
    answer = await ask("/api/city/energy/facts", body)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert "/tmp" not in answer.text
