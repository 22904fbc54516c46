"""Every door of traffic and reach: what cannot be is refused with its name, who has no way is told, nobody is lost."""

import json

import pytest
from typer.testing import CliRunner

from viewer.cli import _app

WEST, SOUTH = 149_000.0, 170_000.0
NET = """<NUMBER OF ZONES> 3
<NUMBER OF NODES> 5
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 3
<END OF METADATA>
~ init term capacity length fft b power speed toll type ;
1 2 10 5 10 1 1 0 0 1 ;
2 1 10 5 10 1 1 0 0 1 ;
4 5 10 5 10 1 1 0 0 1 ;
"""
TRIPS = "<NUMBER OF ZONES> 3\n<END OF METADATA>\nOrigin 1\n 2 : 12.0; 3 : 7.0;\n"
LINKS = """link,from,to,length_m,speed_kmh,capacity_veh_h,jam_density_veh_km
main,A,B,1000,72,2880,200
isle,C,D,1000,72,2880,200
"""
CARS = "trip,from,to,departure_s\nserved,A,B,0\nlost,A,D,5\n"


@pytest.fixture
def call(tmp_path):
    def run(command, *options, **files):
        paths = []
        for name, text in files.items():
            path = tmp_path / name.replace("_", ".", 1)
            path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
            paths.append(str(path))
        done = CliRunner().invoke(_app, [command, *paths, *options])
        assert "Traceback" not in done.output
        return done

    return run


def test_assign_tells_the_pairs_that_no_street_joins(call):
    done = call("assign", "--json", net_tntp=NET, trips_tntp=TRIPS)
    told = json.loads(done.stdout)
    assert told["unserved"] == [{"from": 1, "to": 3, "trips": 7.0}]
    assert told["trips"] + told["unserved_trips"] == 19.0


@pytest.mark.parametrize(
    ("net", "trips", "words"),
    [
        (NET, TRIPS.replace("3 : 7.0", "9 : 7.0"), "zone 9, expected 1 to 3"),
        (NET.replace("4 5 10 5", "4 5 -10 5"), TRIPS, "capacity of link 4-5 (row 3) is -10"),
        (NET.replace("4 5 10 5", "4 77 10 5"), TRIPS, "node 77, but"),
        (NET.replace("4 5 10 5 10", "4 5 10 5 -10"), TRIPS, "free_flow_time of link 4-5 (row 3) is -10"),
        (NET, TRIPS.replace("12.0", "-12.0"), "1 to 2"),
    ],
)
def test_assign_refuses_with_the_name(call, net, trips, words):
    done = call("assign", "--json", net_tntp=net, trips_tntp=trips)
    assert done.exit_code == 2, done.output
    assert words in done.stderr
    assert done.stdout == ""


def test_simulate_traffic_tells_who_has_no_way_and_everyone_is_somewhere(call):
    done = call("simulate-traffic", "--json", links_csv=LINKS, trips_csv=CARS)
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert told["named"] == ["lost"]
    assert told["set_out"] == told["arrived"] + told["inside"] + told["waiting"] == 2


@pytest.mark.parametrize(
    ("links", "trips", "words"),
    [
        (LINKS.replace("isle,C,D,1000,72,2880", "isle,C,D,1000,72,-2880"), CARS, "capacity of link isle is -0.8"),
        (LINKS, CARS.replace("A,D", "A,Q"), "to names node Q, which no link has"),
    ],
)
def test_simulate_traffic_refuses_with_the_name(call, links, trips, words):
    done = call("simulate-traffic", "--json", links_csv=links, trips_csv=trips)
    assert done.exit_code == 2, done.output
    assert words in " ".join(done.stderr.split())


def line(number, *corners):
    return {"type": "Feature", "properties": {"highway": "residential", "osm_id": number},
            "geometry": {"type": "LineString", "coordinates": [[WEST + x, SOUTH + y] for x, y in corners]}}  # fmt: skip


def test_reach_counts_those_whom_no_street_leads_to_a_place(call):
    # two streets of 600 m, a kilometre apart; the school stands on the first, people live along both alike
    streets = {
        "type": "FeatureCollection",
        "features": [line("1", (0, 0), (600, 0)), line("2", (0, 1000), (600, 1000))],
    }
    school = {"type": "Feature", "properties": {"amenity": "school"},
              "geometry": {"type": "Point", "coordinates": [WEST + 300, SOUTH]}}  # fmt: skip
    done = call("reach", "--json", streets_geojson=streets,
                places_geojson={"type": "FeatureCollection", "features": [school]})  # fmt: skip
    assert done.exit_code == 0, done.output
    shares = {one["category"]: one["share"] for one in json.loads(done.stdout)["categories"]}
    assert shares["youth"] == pytest.approx(0.5)
