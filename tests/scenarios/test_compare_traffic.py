"""A street closed against the same street open: what moves where, and for whom, counted by hand."""

import json
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import traffic_toy as toy

from kernels.traffic.fleet import FLEET
from scenarios.bus_runs import bus_changes, bus_runs
from scenarios.compare_traffic import compare_results, compare_traffic
from scenarios.engine import simulate
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from scenarios.traffic_run import TrafficRun
from scenarios.trip_changes import trip_changes, trips_by_sector
from twin.demo import demo_city
from twin.store import Store

DEMAND = [("a", "c", "car", 300), ("e", "a", "car", 60), ("f", "a", "car", 40), ("a", "e", "van", 20)]
OPEN = {"ab>": 500.0, "bc>": 200.0, "be>": 300.0, "ef>": 300.0, "fc>": 300.0}
CLOSED = {"ab>": 450.0, "bc>": 450.0}
NOISE_A = {"ab>": 78.0, "bc>": 74.0, "ef>": 75.0}
NOISE_B = {"ab>": 78.0, "bc>": 78.0, "ef>": 60.0}
BUSES = [("38", 600.0, ("ab>", "bc>"), (20.0, 0.0)), ("38", 1200.0, ("ab>", "bc>"), (20.0, 0.0)),
         ("95", 600.0, ("ab>", "be>"), (20.0, 0.0))]  # fmt: skip


def side(flows, times=None, *, city=None, start=toy.START, closed=(), demand=DEMAND, **run):
    layers = toy.network(demand, BUSES, closed)
    return TrafficRun.of(Situation(city or toy.make_city()), layers, toy.run(layers, flows, times, **run), start)


@pytest.fixture(scope="module")
def both():
    a = side(OPEN, trip_time=[48.0, 30.0, 60.0, 40.0], share={"be>": 0.8, "ef>": 0.9, "fc>": 0.7}, noise=NOISE_A)
    b = side(CLOSED, {"ab>": 26.0, "bc>": 46.0}, trip_time=[72.0, 30.0, 125.0, np.nan], unserved=[0, 0, 0, 20],
             noise=NOISE_B, closed=[("be>", "car+van+truck+bus", 0.0, 3600.0)])  # fmt: skip
    return a, b, compare_traffic(a, b, toy.make_city())


def test_kilometres_move_to_the_main_street_and_some_are_driven_no_more(both):
    found = both[2].figures
    # A: 500 * 0.2 + 200 * 0.2 on the main street, 300 * 0.4 in the lane; B: 2 * 450 * 0.2
    by_class = {row["key"]: (row["a"], row["b"]) for row in found["vehicle_km"]["by_class"]}
    assert by_class == {"secondary": (140.0, 180.0), "residential": (120.0, 0.0)}
    assert (found["vehicle_km"]["a"], found["vehicle_km"]["b"], found["vehicle_km"]["change"]) == (260, 180, -80)
    # ab lost 10 and the lane 120, bc gained 50
    assert found["displaced"] == {"lost_km": 130.0, "gained_km": 50.0, "fewer_km": 80.0}


def test_streets_are_ranked_by_name(both):
    streets = both[2].figures["streets"]
    (gain,) = streets["gain"]
    assert (gain["name_fr"], gain["ids"], gain["vehicle_km"]["change"]) == ("Chaussée", ["ab", "bc"], 40.0)
    assert gain["flow"] == {"a": 350.0, "b": 450.0, "change": 100.0}
    assert [(row["name_fr"], row["vehicle_km"]["change"]) for row in streets["lose"]] == [
        ("Rue du Lac", -90.0), ("Rue du Puits", -30.0),
    ]  # fmt: skip


def test_the_neighbourhood_is_rid_of_its_cut_through_traffic(both):
    cut = both[2].figures["cut_through"]
    # be 30 km, ef 60, fc 30: (0.8 * 30 + 0.9 * 60 + 0.7 * 30) / 120
    (area,) = cut["areas"]
    assert area["name_fr"] == "Rue du Lac, Rue du Puits"
    assert area["share"] == {"a": pytest.approx(82.5), "b": None, "change": None}
    assert area["vehicle_km"] == {"a": 120.0, "b": 0.0, "change": -120.0}
    assert area["through_km"] == {"a": pytest.approx(99.0), "b": 0.0, "change": pytest.approx(-99.0)}
    assert cut["a"] == pytest.approx(82.5)


def test_people_lose_and_gain_as_the_trips_of_their_sector(both):
    table = both[2].sectors
    # main (20 people) holds a, b and c, lane (40) holds e and f. Trips that begin or end in main: all 420;
    # from f to a 65 s more for 40, a to e lost for 20, the others less than a minute
    assert table.loc["main", "people_worse"] == pytest.approx(20 * 60 / 420)
    assert table.loc["lane", "people_worse"] == pytest.approx(40 * 60 / 120)
    assert (table["people_better"] == 0).all()
    assert table.loc["lane", "change"] == pytest.approx(40 * 65 / 100)
    assert list(table["verdict"]) == ["worse", "worse"]
    found = both[2].figures
    assert found["people"]["worse"] == pytest.approx(20 * 60 / 420 + 20)
    assert found["trips"]["unserved"] == {"a": 0.0, "b": 20.0, "change": 20.0}
    assert found["trips"]["mean_time_s"]["b"] == pytest.approx((300 * 72 + 60 * 30 + 40 * 125) / 400)
    back = compare_traffic(both[1], both[0], toy.make_city()).sectors
    assert back.loc["lane", "people_better"] == pytest.approx(40 * 40 / 120)


def test_trips_that_are_made_no_more_are_not_called_lost(both):
    fewer = [row if row[1] != "e" else (*row[:3], 5) for row in DEMAND]
    b = side(CLOSED, demand=fewer, trip_time=[48.0, 30.0, 60.0, 40.0])
    a = both[0]
    found = compare_traffic(a, b, toy.make_city())
    assert found.figures["trips"]["evaporated"] == 15.0
    assert (found.sectors["lost"] == 0.0).all()
    changes = trip_changes((a.network, a.run), (b.network, b.run))
    assert len(changes) == 4
    assert trips_by_sector(changes, toy.make_city())["people_worse"].sum() == 0.0


def test_trips_belong_to_their_zone_where_the_demand_knows_it(both):
    a, b = both[:2]
    zones = {"zone": ["lane", "gate:a"], "demand_zone_from": ("demand", [0, 0, 0, 1]),
             "demand_zone_to": ("demand", [1, 1, 1, 0])}  # fmt: skip
    networks = [one.network.assign_coords(zone=zones["zone"]).assign(
        {name: zones[name] for name in ("demand_zone_from", "demand_zone_to")}) for one in (a, b)]  # fmt: skip
    found = trips_by_sector(trip_changes((networks[0], a.run), (networks[1], b.run)), toy.make_city())
    # all trips are the lane's now: 40 of 420 later, 20 lost; no sector called gate
    assert found.loc["lane", "people_worse"] == pytest.approx(40 * 60 / 420)
    assert found.loc["main", "trips"] == 0.0


def test_buses_are_late_with_the_traffic_or_cannot_run(both):
    buses = both[2].figures["buses"]
    # 38: ab 10 s and bc 30 s slower; 95 meets the closed lane
    assert (buses["runs"], buses["delayed"], buses["barred"]) == (3, 0, 1)
    lines = {row["line"]: row for row in buses["lines"]}
    assert lines["38"]["minutes"] == pytest.approx(40 / 60, abs=1e-5)
    assert (lines["95"]["barred"], lines["95"]["minutes"]) == (1, None)
    assert buses["lines"][0]["line"] == "95"


def test_a_bus_drives_through_the_hours_of_the_run():
    layers = toy.network((), BUSES)
    calm, jam = toy.run(layers, OPEN), toy.run(layers, OPEN, {"bc>": 316.0})
    run = toy.run(layers, OPEN, every=616.0, hours=3)
    # until 616 s calm; then 300 s more on bc
    run["travel_time"][1:] = jam["travel_time"].isel(time=0).values
    found = bus_runs(layers, run)
    # the first leaves at 600, is on bc from 600 + 16 + 20 = 636 s on: in the jam
    assert found["duration"].tolist() == pytest.approx([16 + 20 + 316, 16 + 20 + 316, 16 + 20 + 12.5])
    before = bus_runs(layers, calm)
    assert before["duration"].tolist() == pytest.approx([52.0, 52.0, 48.5])
    changed = bus_changes(before, found)
    assert changed.loc["38", ["runs", "delayed"]].tolist() == [2, 2]
    assert changed.loc["38", "worst_minutes"] == pytest.approx(5.0)
    assert bus_runs(toy.network(), calm).empty
    # a line that finds no way at all in B has no runs there
    gone = bus_changes(before, found[found["line"] != "95"])
    assert gone.loc["95", ["runs", "barred"]].tolist() == [1, 1]
    assert np.isnan(gone.loc["95", "minutes"])
    # nor does one that ends half way
    short = bus_changes(before, found.assign(distance=np.where(found["line"] == "38", 200.0, found["distance"])))
    assert short["barred"].to_dict() == {"38": 2, "95": 0}


def test_help_passes_the_bollard_and_half_of_the_traffic(both):
    found = both[2].figures["emergency"]
    # in A all ways are free: on-main 12 s, in-lane and across 41 s each, 20 people each
    assert found["mean_minutes"]["a"] == pytest.approx((12 + 41 + 41) / 3 / 60, abs=1e-5)
    # in B blue lights lose half of 10 and 30 s; over the bollard into be: 21 + 15 + 18 + 12.5, by c and f:
    # 21 + 31 + 12.5 + 12.5 s; on-main 0.75 * 21
    over = 21 + 15 + 18 + 12.5
    assert found["mean_minutes"]["b"] == pytest.approx((0.75 * 21 + 2 * over) / 3 / 60, abs=1e-5)
    assert (found["people_later"], found["people_cut_off"], found["posts"]) == (0.0, 0.0, 1)


def test_noise_falls_where_the_traffic_left(both):
    noise = both[2].figures["noise"]
    assert noise["lden"] is False
    # in-lane and across, 10 m from ef: about 62 and 47 dB(A); on-main as before
    assert noise["above"]["55"]["a"] == 60.0
    assert noise["above"]["55"]["b"] < 60.0
    assert noise["people_quieter"] >= 20.0
    assert noise["people_louder"] == 0.0


def test_emissions_go_with_the_kilometres(both):
    found = both[2].figures["emissions"]["carbon_dioxide"]
    assert (found["a"], found["b"]) == (pytest.approx(52.0), pytest.approx(36.0))


def test_figures_are_plain_json_and_tables_are_geojson(both):
    compared = both[2]
    assert json.loads(json.dumps(compared.figures, allow_nan=False)) == compared.figures
    streets, sectors = (compared.geojson(which) for which in ("streets", "sectors"))
    json.dumps([streets, sectors], allow_nan=False)
    one = next(row for row in streets["features"] if row["id"] == "bc")
    assert one["properties"]["vehicle_km_change"] == pytest.approx(50.0)
    lon, lat = one["geometry"]["coordinates"][0]
    assert 4.2 < lon < 4.5
    assert 50.7 < lat < 51.0
    assert {row["id"] for row in sectors["features"]} == {"main", "lane"}


def test_a_run_against_itself_changes_nothing(both):
    found = compare_traffic(both[0], both[0], toy.make_city()).figures
    assert found["streets"] == {"gain": [], "lose": []}
    assert found["displaced"] == {"lost_km": 0.0, "gained_km": 0.0, "fewer_km": 0.0}
    assert (found["people"]["better"], found["people"]["worse"]) == (0.0, 0.0)
    assert found["noise"]["people_louder"] == found["noise"]["people_quieter"] == 0.0


def test_runs_of_other_hours_are_not_compared(both):
    later = side(OPEN, start=toy.START + timedelta(hours=1), trip_time=[1.0] * 4)
    with pytest.raises(ScenarioError, match="different output times"):
        compare_traffic(both[0], later, toy.make_city())


def test_the_fleet_that_is_told_is_that_of_the_table():
    shares = {fuel: sum(one.share for one in FLEET if one.mode == "car" and one.curve == f"car_{fuel}")
              for fuel in ("petrol", "diesel", "electric")}  # fmt: skip
    assert {fuel: round(100 * share) for fuel, share in shares.items()} == {"petrol": 63, "diesel": 29, "electric": 8}


def test_a_run_without_traffic_or_of_other_streets_is_refused(both):
    a = both[0]
    with pytest.raises(ScenarioError, match="no traffic_flow"):
        TrafficRun.of(a.situation, a.network, a.run.drop_vars("traffic_flow"), toy.START)
    with pytest.raises(ScenarioError, match="has 10 links, its network 8"):
        TrafficRun.of(a.situation, a.network.isel(link=slice(8)), a.run, toy.START)


def test_two_kept_results_are_opened_with_their_networks_and_compared(tmp_path):
    city, store = demo_city(), Store(tmp_path)
    document = {
        "scenario": 1, "name": {"en": "Test"}, "cell_size_m": 20.0, "kernels": ["traffic"],
        "period": {"start": "2024-03-12T06:00:00Z", "duration_s": 1800, "output_every_s": 1800},
        "options": {"traffic": {"model": "equilibrium"}}, "forcing": {"travel": {"kind": "synthetic"}},
    }  # fmt: skip
    close = {"edit": "close_street", "id": "works", "streets": ["L-r10x01-0112-0113"], "hours": ["06:00-10:00"]}
    a, b = (simulate(city, Scenario.read(document | {"edits": edits}), store=store) for edits in ([], [close]))
    found = compare_results(a, b, city)
    # the sums of the comparison are those of the figures kept with the results, but for the packing of flows, which
    # are kept in steps of a vehicle an hour
    for one, which in ((a, "a"), (b, "b")):
        kept = {row["key"]: row["value"] for row in one.indicators}
        assert found.figures["vehicle_km"][which] == pytest.approx(kept["vehicle_km"], rel=1e-3)
        assert found.figures["cut_through"][which] == pytest.approx(kept["cut_through"], abs=0.3)
    closed = found.streets.loc["L-r10x01-0112-0113"]
    assert closed["flow_a"] > 100.0
    assert closed["flow_b"] == 0.0
    assert found.figures["streets"]["lose"]
    assert found.figures["noise"]["above"]["55"]["a"] > 0.0
    said = [" ".join(words["en"] for words in one.manifest["assumptions"]) for one in (a, b)]
    for text in said:
        assert "Trips are synthetic" in text
        assert "nobody would gain time by another way" in text
        assert "63 % petrol" in text
        assert "Soil" not in text
    assert [("when it closes" in text) for text in said] == [False, True]
    with pytest.raises(ScenarioError, match="is of the city"):
        compare_results(a, b, toy.make_city())
