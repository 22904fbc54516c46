"""Traffic through the engine: closures by the hour, trips that answer, counts, and the heat it gives to the street."""

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from block_toy import at, block_city

from kernels.traffic.fleet import traffic_heat
from scenarios.engine import simulate
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.city import Terrain
from twin.store import Store

HOUR = 3600.0


def document(*edits, kernels=("traffic",), hours=1, every=600.0, start="2026-03-17T06:00:00Z", **travel):
    """A Tuesday in winter time: 06:00 UTC is 7 o'clock in Brussels; many trips, so that streets are not empty."""
    return {
        "scenario": 1,
        "name": {"en": "Four blocks"},
        "cell_size_m": 10,
        "period": {"start": start, "duration_s": hours * HOUR, "output_every_s": every},
        "kernels": list(kernels),
        "forcing": {"travel": {"kind": "synthetic", "scale": 5.0, **travel}},
        "edits": list(edits),
    }


@pytest.fixture(scope="module")
def blocks():
    return block_city()


@pytest.fixture
def run(blocks, tmp_path):
    def made(*edits, **rest):
        return simulate(blocks, Scenario.read(document(*edits, **rest)), store=Store(tmp_path))

    return made


def links_of(result) -> list[str]:
    return result.dataset["link"].attrs["flag_meanings"].split()


def test_a_run_keeps_its_vehicles_its_closure_and_what_it_assumed(run):
    found = run()
    closure = found.manifest["closure"]["traffic"]
    ledger = closure["ledger"]
    assert closure["kind"] == "vehicles"
    assert closure["error"] == 0.0
    parts = ("vehicles_waiting", "vehicles_inside", "vehicles_arrived", "vehicles_aside")
    assert ledger["vehicles_set_out"] == sum(ledger[one] for one in parts) > 100
    assert found.manifest["traffic"]["streets"]["assumed access"] == 26
    assert found.manifest["traffic"]["trips"]["residents"] == 800
    assert any("synthetic" in one["en"] for one in found.manifest["assumptions"])
    assert found.dataset["traffic_flow"].dims == ("time", "link")
    assert found.dataset["vehicle_leg_link"].size > 0


def test_a_street_closed_from_half_past_seven_is_empty_of_cars_from_then_on_and_bikes_ride_on(run):
    name = "c1_1"
    before = run(every=1800.0)
    rows = [number for number, link in enumerate(links_of(before)) if link[:-1] == name]
    assert (before.dataset["traffic_flow"].values[:, rows].sum(axis=1) > 0).all(), "there is something to close"
    closed = {"edit": "close_street", "id": "shut", "streets": [name], "hours": ["07:30-09:00"]}
    after = run(closed, every=1800.0)
    flow = after.dataset["traffic_flow"].values[:, rows].sum(axis=1)
    assert flow[0] > 0
    assert flow[1] == 0
    assert after.dataset["bicycle_flow"].values[1, rows].sum() > 0
    trips = [one.manifest["closure"]["traffic"]["ledger"]["vehicles_set_out"] for one in (before, after)]
    assert trips[0] == trips[1], "A and B have the same trips"


def test_a_quarter_fewer_cars_are_a_quarter_fewer_trips_by_car(run):
    def by_car(result):
        return result.manifest["closure"]["traffic"]["ledger"]["vehicles_set_out"]

    whole = by_car(run(mode_shares={"bike": 0.0, "foot": 0.5}))
    fewer = by_car(run({"edit": "travel_demand", "id": "less", "factor": 0.75, "modes": ["car", "van", "truck"]},
                       mode_shares={"bike": 0.0, "foot": 0.5}))  # fmt: skip
    assert fewer / whole == pytest.approx(0.75, abs=0.01)


def test_trips_that_answer_their_time_are_fewer_where_streets_slow_down_and_the_same_without_works(run):
    def told(*edits):
        found = run(*edits, elasticity=-0.5).manifest
        return found["traffic"]["trips"]["trips that answer their time, change"], found

    assert told()[0] == pytest.approx(0.0, abs=1e-6)
    ring = [at(-50, -50), at(350, -50), at(350, 350), at(-50, 350)]
    change, manifest = told({"edit": "speed_limit", "id": "slow", "polygon": ring, "speed_km_h": 10})
    assert change < -1.0
    assert any("elasticity of -0.5" in one["en"] for one in manifest["assumptions"])


def test_counts_pull_the_flow_of_their_street(blocks, run, tmp_path, monkeypatch):
    free = run()
    links = links_of(free)
    row = links.index("c1_1>")
    seen = float(free.dataset["traffic_flow"].values[:, row].mean())
    x, y = at(100, 150)
    # a bearing of 0: north, which is along the line of the column
    table = f"counter,x,y,begin,until,count,bearing\nA,{x},{y},07:00,08:00,{2.0 * seen:.0f},0\n".encode()
    (tmp_path / "counts.csv").write_bytes(table)
    monkeypatch.setenv("BXL_TWIN_INPUTS", str(tmp_path))
    counts = {"file": "counts.csv", "sha256": hashlib.sha256(table).hexdigest(), "trust": 0.05}
    fitted = run(counts=counts)
    (counter,) = fitted.manifest["traffic"]["trips"]["counters"]
    assert counter["geh_after"] < 0.5 * counter["geh_before"]
    assert fitted.dataset["traffic_flow"].values[:, row].mean() > 1.5 * seen
    assert any("adjusted to counts" in one["en"] for one in fitted.manifest["assumptions"])


def test_a_counter_off_all_streets_is_refused_by_its_place(run, tmp_path, monkeypatch):
    table = b"counter,x,y,begin,until,count\nA,149000,170000,07:00,08:00,10\n"
    (tmp_path / "counts.csv").write_bytes(table)
    monkeypatch.setenv("BXL_TWIN_INPUTS", str(tmp_path))
    with pytest.raises(ScenarioError, match=r"forcing\.travel\.counts"):
        run(counts={"file": "counts.csv", "sha256": hashlib.sha256(table).hexdigest()})


def test_a_document_without_trips_is_refused_with_the_remedy(blocks, tmp_path):
    plain = document()
    plain["forcing"] = {}
    with pytest.raises(ScenarioError, match="kind: synthetic"):
        simulate(blocks, Scenario.read(plain), store=Store(tmp_path))


def test_traffic_runs_before_heat_and_warms_the_street_by_what_it_burns(blocks, tmp_path):
    west, south, east, north = blocks.bounds
    flat = np.full((int(north - south) // 10, int(east - west) // 10), 20.0, np.float32)
    blocks = blocks.with_(terrain=Terrain(flat, west, south, 10.0))
    both = document(kernels=("heat", "traffic"), every=1800.0, start="2019-07-25T06:00:00Z")
    both["forcing"]["weather"] = {"kind": "heat_day", "day": "2019-07-25"}
    both["options"] = {"heat": {"wind": "log"}}
    found = simulate(blocks, Scenario.read(both), store=Store(tmp_path))
    assert [one["name"] for one in found.manifest["kernels"]] == ["traffic", "heat"]
    heat = found.dataset["waste_heat_flux"]
    assert heat.dims == ("y", "x")
    # all that is burnt above the ground comes to it: the sum over cells is that over links
    watts = float(heat.values.sum()) * 10.0**2
    above = np.array([not link.startswith("dive") for link in links_of(found)])
    burnt = float(traffic_heat(found.dataset["carbon_dioxide_emission"].values.mean(axis=0))[above].sum())
    assert watts == pytest.approx(burnt, rel=0.005)
    assert burnt > 0
    assert any("fuel they burn" in one["en"] for one in found.manifest["assumptions"])
    alone = document(kernels=("heat",), every=1800.0, start="2019-07-25T06:00:00Z")
    alone["forcing"] = {"weather": both["forcing"]["weather"]}
    alone["options"] = both["options"]
    cool = simulate(blocks, Scenario.read(alone), store=Store(tmp_path))
    warmer = found.dataset["air_temperature"].values[-1] - cool.dataset["air_temperature"].values[-1]
    assert np.nanmax(warmer) > 0
    assert np.nanmin(warmer) > -1e-3


def test_the_digest_follows_the_trips_and_the_works(blocks):
    def digest(*edits, **travel):
        return Scenario.read(document(*edits, **travel)).digest(blocks)

    closed = {"edit": "close_street", "id": "shut", "streets": ["c1_1"]}
    known = {digest(), digest(closed), digest(closed | {"hours": ["07:00-09:00"]}), digest(elasticity=-0.5),
             digest(day="sunday"), digest(mode_shares={"car": 0.2})}  # fmt: skip
    assert len(known) == 6
    assert digest(closed) == digest(closed | {"id": "other"})
