"""bxl-twin dispatch: what it prints, what it writes, and what it refuses."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from viewer.cli import _app

HUB = "hour,demand_kw,buy_eur_kwh,sell_eur_kwh\n0,0,0.1,0\n1,5,0.4,0\n"
BATTERY = ("--battery", 3, "--battery-power", 2, "--battery-efficiency", 0.9)


@pytest.fixture
def hub(tmp_path):
    path = tmp_path / "hub.csv"
    path.write_text(HUB)
    return path


def dispatch(*words, code=0):
    result = CliRunner().invoke(_app, ["dispatch", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


def test_a_battery_gains_the_spread_less_its_losses(hub, tmp_path):
    # buy 2 kWh at 0.10, of which 0.81 come back instead of buying at 0.40: closed form
    found = json.loads(dispatch(hub, *BATTERY, "--json", "--schedule", tmp_path / "out.csv").stdout)
    assert found["cost_eur"] == pytest.approx(2 * 0.1 + (5 - 2 * 0.81) * 0.4)
    assert found["objective_eur"] == pytest.approx(found["cost_eur"])
    assert found["closure_kwh_per_h"] < 1e-6
    assert found["self_consumption"] is None
    table = pd.read_csv(tmp_path / "out.csv")
    assert table["battery_charge_kw"].tolist() == pytest.approx([2, 0])
    assert table["battery_energy_kwh"].tolist() == pytest.approx([1.8, 0])


def test_nothing_but_the_figures_stands_on_standard_output(hub):
    # in a process of its own: the solver would write past Python, once
    words = [sys.executable, "-c", "from viewer.cli import main; main()", "dispatch", str(hub), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert json.loads(done.stdout)["method"] == "linear programme"


def test_negative_prices_are_counted(tmp_path):
    path = tmp_path / "hub.csv"
    path.write_text("demand_kw,pv_kw,buy_eur_kwh\n1,0,-0.1\n1,2,0.3\n")
    found = json.loads(dispatch(path, "--json").stdout)
    assert found["steps_of_negative_price"] == 1
    assert found["cost_eur"] == pytest.approx(-0.1)


def test_rules_look_at_no_price(hub):
    found = json.loads(dispatch(hub, *BATTERY, "--rules", "--json").stdout)
    assert found["cost_eur"] == pytest.approx(5 * 0.4)


def test_figures_stand_in_lines(hub):
    said = dispatch(hub, *BATTERY).stdout
    assert "cost_eur                     1.552000" in said


def test_what_cannot_be_served_is_told(hub):
    assert "cannot be served" in dispatch(hub, "--import-limit", 4).stderr


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("demand_kw\n1\n", (), "has no column buy_eur_kwh"),
        ("demand_kw,buy_eur_kwh\n1,x\n", (), "buy_eur_kwh of row 1 is 'x'"),
        ("demand_kw,buy_eur_kwh\n1,\n", (), "expected a number"),
        ("demand_kw,buy_eur_kwh\n", (), "has no row"),
        (HUB, ("--window", 1, "--overlap", 2), "cannot overlap"),
        (HUB, ("--battery", -1), "capacity must be"),
        (HUB, ("--heat-store-loss", 2), "--heat-store-loss must be"),
        ("demand_kw,buy_eur_kwh\n-1,0.1\n", (), "electricity_demand must be zero or more"),
    ],
)
def test_a_mistake_is_one_line_with_the_remedy(tmp_path, text, words, said):
    path = tmp_path / "hub.csv"
    path.write_text(text)
    assert said in dispatch(path, *words, code=2).stderr


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert "no such file" in dispatch(tmp_path / "gone.csv", code=2).stderr
