"""bxl-twin simulate-traffic on streets drawn by hand: columns, units, closures, and what it refuses."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from viewer.cli import _app

# 1 km at 20 m/s, 0.8/s, 0.2/m: the link of the tests of the queues; and a way round of twice the length
LINKS = """link,from,to,length_m,speed_kmh,capacity_veh_h,jam_density_veh_km
main,A,B,1000,72,2880,200
round,A,C,1000,72,2880,200
back,C,B,1000,72,2880,200
"""
TRIPS = "trip,from,to,departure_s,mode\n" + "".join(f"t{n},A,B,{2 * n},car\n" for n in range(250))


@pytest.fixture
def call(tmp_path):
    def run(links=LINKS, trips=TRIPS, *options, **files):
        for name, text in {"links": links, "trips": trips, **files}.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        words = [str(word).replace("@", f"{tmp_path}/") for word in options]
        return CliRunner().invoke(_app, ["simulate-traffic", f"{tmp_path}/links.csv", f"{tmp_path}/trips.csv", *words])

    run.folder = tmp_path
    return run


def test_free_traffic_prints_what_theory_says(call):
    done = call(LINKS, TRIPS, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["arrived"], found["inside"], found["waiting"], found["without_way"]) == (250, 0, 0, 0)
    assert found["total_time_veh_s"] == pytest.approx(12_500)  # 250 trips of 50 s
    assert found["last_arrival_s"] == pytest.approx(548)
    assert found["conserved"] is True


def test_a_closure_by_the_hour_sends_cars_round_and_shows_in_the_flows(call):
    done = call(
        LINKS, TRIPS, "--closures", "@closures.csv", "--flows", "@flows.csv", "--every", "100", "--arrivals",
        "@arrivals.csv", "--json", closures="link,modes,from_s,until_s\nmain,car+van,100,300\n",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    flows = pd.read_csv(call.folder / "flows.csv").set_index(["begin_s", "link"])
    assert flows.loc[[(100, "main"), (200, "main")], "entered_car"].sum() == 0
    assert list(flows.loc[[(0, "main"), (300, "main"), (100, "round")], "entered_car"]) == [50, 50, 50]
    trips = pd.read_csv(call.folder / "arrivals.csv").set_index("trip")
    assert trips.loc["t60", "arrival_s"] - trips.loc["t60", "departure_s"] == pytest.approx(100)
    assert set(trips.state) == {"arrived"}


def test_a_bus_line_and_a_signal_are_read(call):
    links = LINKS.replace("veh_km\n", "veh_km,cycle_s,offset_s,green_s,allowed\n", 1)
    links = links.replace(",200\n", ",200,0,0,0,all\n")
    links = links.replace("C,B,1000,72,2880,200,0,0,0,all", "C,B,1000,72,2880,200,60,0,30,bus+bike")
    trips = "from,to,departure_s,mode,via,dwell_s\nA,B,0,bus,round back,20 0\nA,C,0,bike,,\n"
    done = call(links, trips, "--arrivals", "@arrivals.csv", "--json")
    assert done.exit_code == 0, done.output
    trips = pd.read_csv(call.folder / "arrivals.csv")
    assert trips.arrival_s[0] == pytest.approx(120.625)  # 50 + 20 + 50 s, then half a headway into the green
    assert trips.arrival_s[1] == pytest.approx(2.5 + 1000 / 4.5)  # behind the bus, which takes two headways of 1.25 s


def test_trips_without_a_way_are_named_and_end_with_1(call):
    done = call(LINKS, TRIPS + "lost,B,A,10,car\n", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["named"] == ["lost"]
    assert found["arrived"] == 250


@pytest.mark.parametrize(
    ("links", "trips", "words"),
    [
        (LINKS.replace("main,A,B,1000", "main,A,B,-5"), TRIPS, "length of link main is -5"),
        (LINKS.replace("2880", "fast", 1), TRIPS, "capacity_veh_h in row 1 is 'fast'"),
        (LINKS.replace("round,", "main,"), TRIPS, "link main stands there more than once"),
        (LINKS.replace("speed_kmh", "speed"), TRIPS, "missing speed_kmh; unknown speed"),
        (LINKS, "from,to,departure_s\nA,Z,0\n", "to names node Z, which no link has"),
        (LINKS, "from,to,departure_s,mode\nA,B,0,tank\n", "mode names mode tank"),
        (LINKS, "from,to,departure_s,via\nA,B,0,main back\n", "does not follow"),
        (LINKS, "from,to,departure_s\nA,B,-3\n", "sets out at -3"),
    ],
)
def test_what_cannot_be_is_refused_with_the_place_where_it_stands(call, links, trips, words):
    done = call(links, trips)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
    assert done.stdout == ""


def test_closures_of_unknown_links_are_refused(call):
    done = call(LINKS, TRIPS, "--closures", "@closures.csv", closures="link,modes,from_s,until_s\nside,all,0,9\n")
    assert done.exit_code == 2
    assert "link names link side" in " ".join(done.stderr.split())
