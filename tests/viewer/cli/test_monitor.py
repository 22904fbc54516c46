"""bxl-twin monitor: what it prints of anyone's meters, and what it refuses."""

import json
from datetime import datetime, timedelta

import numpy as np
import pytest
from typer.testing import CliRunner

from twin.demo import demo_city
from viewer.cli import _app

HEAD = "time,meter,kind,reading,unit,value\n"
DAYS = 120


def monitor(*words, code=0):
    result = CliRunner().invoke(_app, ["monitor", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def files(tmp_path):
    """A daily meter of 24 kWh and 4.8 kWh more with each kelvin below 15 °C, a dripping and a tight water meter."""
    rng = np.random.default_rng(0)
    day = [datetime(2024, 1, 1) + timedelta(days=k) for k in range(DAYS)]
    outdoor = 12 - 8 * np.cos(2 * np.pi * np.arange(DAYS) / DAYS) + rng.normal(0, 2, DAYS)
    use = 24 + 4.8 * np.maximum(15 - outdoor, 0)
    rows = [f"{one.isoformat()}Z,school,heat,use,kWh,{kwh:.6f}" for one, kwh in zip(day, use, strict=True)]
    for hour in range(DAYS * 24):
        stamp = (day[0] + timedelta(hours=hour)).isoformat()
        litres = 60 if 8 <= hour % 24 < 18 else 0
        rows.append(f"{stamp}Z,tight,water,use,L,{litres}")
        rows.append(f"{stamp}Z,wet,water,use,L,{litres + (100 if hour >= 80 * 24 else 0)}")
    meters, weather = tmp_path / "meters.csv", tmp_path / "air.csv"
    meters.write_text(HEAD + "\n".join(rows))
    air = [f"{one.isoformat()}Z,{celsius:.6f}" for one, celsius in zip(day, outdoor, strict=True)]
    weather.write_text("time,air_temperature_c\n" + "\n".join(air))
    return meters, weather


def test_the_line_that_was_written_comes_back_as_watts_per_kelvin(files):
    meters, weather = files
    told = json.loads(monitor(meters, "--weather", weather, "--zone", "UTC", "--json").stdout)
    (school,) = told["energy"]
    # by hand: 24 kWh a day is 1000 W, 4.8 kWh a day and kelvin is 200 W/K
    assert school["model"] == "3p_heating"
    assert school["base_w"] == pytest.approx(1000, rel=1e-4)
    assert school["heating_slope_w_k"] == pytest.approx(200, rel=1e-4)
    assert school["heating_change_c"] == pytest.approx(15, abs=1e-3)
    assert school["within_limits"]
    assert school["saving_kwh"] is None
    tight, wet = told["water"]
    assert tight["alarms"] == []
    assert wet["alarms"] == ["2024-03-23"]
    assert wet["leak_flow_l_h"] == pytest.approx(100)
    assert wet["findable_l_h"] < 50
    assert told["assumptions"]


def test_the_table_says_who_leaks(files):
    meters, weather = files
    said = " ".join(monitor(meters, "--weather", weather, "--zone", "UTC").stderr.split())
    assert "wet: leaks 100 L/h, alarms 2024-03-23" in said
    assert "tight: no leak" in said


def test_water_alone_needs_no_weather_and_energy_does(files, tmp_path):
    meters, _ = files
    assert "need --weather" in monitor(meters, code=2).stderr
    water = tmp_path / "water.csv"
    water.write_text(HEAD + "\n".join(line for line in meters.read_text().splitlines() if ",water," in line))
    told = json.loads(monitor(water, "--json").stdout)
    assert told["energy"] == []
    assert [one["leaking"] for one in told["water"]] == [False, True]


def test_a_file_that_is_not_there_or_no_areas_is_one_clear_line(files, tmp_path):
    meters, weather = files
    assert "no such file" in monitor(tmp_path / "none.csv", code=2).stderr
    areas = tmp_path / "areas.csv"
    areas.write_text("meter,size\nschool,10\n")
    said = monitor(meters, "--weather", weather, "--areas", areas, code=2).stderr
    assert "meter and area_m2" in " ".join(said.split())


def test_meters_on_a_city_come_out_as_its_outlines(files, tmp_path):
    meters, weather = files
    building = str(demo_city().buildings.index[0])
    sites, out = tmp_path / "sites.csv", tmp_path / "anomalies.geojson"
    sites.write_text(f"meter,building,name\nwet,{building},École\n", encoding="utf-8")
    result = monitor(
        meters, "--weather", weather, "--zone", "UTC", "--city", "demo", "--sites", sites, "--out", out, "--json"
    )
    told = json.loads(result.stdout)
    assert told["sites"][0]["building"] == building
    assert told["sites"][0]["words"]["fr"].startswith("Eau : fuite de 100 l/h")
    said = " ".join(result.stderr.split())
    assert "demo data, not the cadastre" in said
    assert "2 meters stand in no building of the city: school, tight; name their buildings with --sites" in said
    drawn = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert [one["geometry"] is not None for one in drawn] == [True, False, False]
    first = drawn[0]["properties"]
    assert (first["rank"], first["state"], first["name"], first["demo"]) == (1, "alarm", "École", True)
    # by hand: 100 L/h over 365.25 days
    assert first["water_lost_m3_a"] == pytest.approx(876.6)


def test_a_map_without_a_city_is_refused(files, tmp_path):
    meters, weather = files
    said = monitor(meters, "--weather", weather, "--out", tmp_path / "a.geojson", code=2).stderr
    assert "name it with --city" in " ".join(said.split())
