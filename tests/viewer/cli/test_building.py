"""``bxl-twin building``: a made weather year, a box, and what the door says and refuses."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from viewer.cli import _app

CASE = Path(__file__).parents[2] / "kernels" / "energy" / "bestest" / "600.json"


@pytest.fixture(scope="module")
def weather(tmp_path_factory):
    """A year of cold nights and sunny noons at 50° N, no clouds, as an EPW."""
    lines = ["LOCATION,Made Place,,BEL,made,000000,50.0,15.0,1.0,100.0", *["made"] * 7]
    hour = np.arange(8760)
    air = 10 + 8 * np.sin(2 * np.pi * (hour / 8760 - 0.3)) + 4 * np.sin(2 * np.pi * (hour % 24 - 9) / 24)
    sun = np.maximum(np.sin(2 * np.pi * (hour % 24 - 5.5) / 24), 0.0)
    for h in hour:
        row = ["1985", "1", "1", str(h % 24 + 1), "0", "made", f"{air[h]:.1f}", "5", "70", "100000", "0", "0", "300"]
        row += [
            f"{500 * sun[h]:.0f}",
            f"{350 * sun[h]:.0f}",
            f"{150 * sun[h]:.0f}",
            "0",
            "0",
            "0",
            "0",
            "180",
            "3",
            "5",
        ]
        lines.append(",".join([*row, *["0"] * 12]))
    path = tmp_path_factory.mktemp("weather") / "made.epw"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def call(*words):
    return CliRunner().invoke(_app, ["building", *map(str, words)])


@pytest.mark.parametrize("engine", ["iso52016", "iso13790"])
def test_the_door_tells_the_needs_of_a_year(weather, tmp_path, engine):
    out = tmp_path / "hours.csv"
    said = call(CASE, "--weather", weather, "--engine", engine, "--json", "--out", out)
    assert said.exit_code == 0, said.output
    answer = json.loads(said.stdout.splitlines()[-1])
    zone = answer["zones"][0]
    assert answer["heating_kwh"] > 0
    assert zone["gains_kwh"] == pytest.approx(1752.0)  # 200 W through 8,760 h
    assert answer["energy_error"] < 1e-9
    hours = pd.read_csv(out)
    assert len(hours) == 8760
    assert hours["heating_power_w"].sum() / 1e3 == pytest.approx(zone["heating_kwh"], rel=1e-4)
    assert hours["heating_power_w"].max() == pytest.approx(zone["heating_peak_w"], rel=1e-4)


def test_without_json_a_table_is_shown(weather):
    said = call(CASE, "--weather", weather)
    assert said.exit_code == 0
    assert "Needs of the year, iso52016" in said.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: one["zones"][0].update(volume_m3=0), "zones.0.volume_m3"),
        (lambda one: one["zones"][0].update(colour="red"), "zones.0.colour"),
        (lambda one: one["zones"][0]["surfaces"][0].update(construction="ice"), "'ice'"),
        (lambda one: one["constructions"]["wall"][0].update(thickness_m=0), "thickness_m"),
        (lambda one: one["zones"][0].update(heating_setpoint_c=30), "heats to more"),
        (lambda one: one["zones"][0]["windows"][0].update(u_value_w_m2k=6.5), "below 5.8"),
        (lambda one: one["zones"].append(one["zones"][0]), "names of their own"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(weather, tmp_path, change, words):
    document = json.loads(CASE.read_text(encoding="utf-8"))
    change(document)
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    said = call(file, "--weather", weather)
    assert said.exit_code == 2
    assert words in said.output
    assert "Traceback" not in said.output


def test_the_schema_is_printed_and_names_what_is_needed():
    said = call("--schema")
    assert said.exit_code == 0
    assert set(json.loads(said.stdout)["required"]) == {"constructions", "zones"}
    assert call().exit_code == 2
