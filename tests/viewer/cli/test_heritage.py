"""bxl-twin heritage: what it prints of the demo district, its files, and what it refuses."""

import json
import xml.etree.ElementTree as ET

import pandas as pd
import pytest
from typer.testing import CliRunner

from viewer.cli import _app, heritage
from viewer.cli.heritage_picture import picture


@pytest.fixture
def call(city, monkeypatch):
    """The command on the hand-drawn houses."""
    table = city.buildings.copy()
    table["owner"] = ["Ville de Bruxelles"] * 4 + [""] * (len(table) - 4)
    table["year"] = 1950.0
    monkeypatch.setattr(heritage, "read_city", lambda name: city.with_(buildings=table))

    def go(*words, code=0):
        result = CliRunner().invoke(_app, ["heritage", "hand-drawn", *map(str, words)])
        assert result.exit_code == code, result.output
        return result

    return go


def test_each_strategy_has_its_years_and_no_euro_more_than_its_budget(call, tmp_path):
    report, parts, drawn = tmp_path / "report.csv", tmp_path / "parts.csv", tmp_path / "courses.svg"
    result = call(
        "--owner", "ville de bruxelles", "--budget", "20000,1e5", "--years", 12, "--upkeep", "0,1", "--from", 2027,
        "--out", report, "--parts", parts, "--picture", drawn, "--json",
    )  # fmt: skip
    told = json.loads(result.stdout)
    assert (told["buildings"], told["demo"], told["owners"]) == (4, True, ["ville de bruxelles"])
    assert len(told["strategies"]) == 3 * 2 * 2
    assert "worst_first, 20 000 EUR, no upkeep" in told["strategies"]
    years = told["strategies"]["energy, 100 000 EUR, upkeep every 1 years"]["years"]
    assert [one["year"] for one in years] == list(range(2027, 2039))
    table = pd.read_csv(report)
    assert len(table) == 12 * 12
    for title, one in table.groupby("scenario"):
        spent = one[["upkeep_eur", "repairs_eur", "renewals_eur"]].to_numpy().sum()
        money = 20_000 if "20 000" in title else 100_000
        assert spent + one["left_eur"].iloc[-1] == pytest.approx(12 * money, abs=1.0)
        if "no upkeep" in title:
            assert (one["upkeep_eur"] == 0).all()
    assert set(pd.read_csv(parts)["component"]) >= {"roof", "facade", "windows", "boiler"}
    root = ET.fromstring(drawn.read_text(encoding="utf-8"))
    assert len(root.findall("{http://www.w3.org/2000/svg}polyline")) == 4 * 12
    said = " ".join(result.stderr.split())
    assert "demo data, not the cadastre" in said
    assert "t CO2" in said


def test_a_line_of_the_picture_ends_where_its_last_value_lies():
    """By hand: 0 to 40 over ten years on an axis of 0 to 40; the line falls by the whole height from right to left."""
    table = pd.DataFrame({
        "scenario": "a", "year": range(2000, 2011), "condition": 1.0 + 0.5 * pd.Series(range(11)),
        "backlog_eur": 4e6 * pd.Series(range(11)), "energy_mwh": 1000.0, "co2_t": 10.0,
    })  # fmt: skip
    lines = ET.fromstring(picture(table, "T")).findall("{http://www.w3.org/2000/svg}polyline")
    points = [tuple(map(float, one.split(","))) for one in lines[1].attrib["points"].split()]
    assert points[0][1] - points[-1][1] == pytest.approx(170.0)
    assert points[-1][0] - points[0][0] == pytest.approx(340.0)
    flat = [float(one.split(",")[1]) for one in lines[2].attrib["points"].split()]
    assert len(set(flat)) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--strategy", "best"), "expected some of worst_first"),
        (("--budget", "much"), "--budget: 'much'"),
        (("--budget", "-1"), "--budget: '-1'"),
        (("--upkeep", "1.5"), "--upkeep: '1.5'"),
        (("--owner", "STIB"), "its owners are Ville de Bruxelles"),
        (("--out", "report.txt"), "expected a .csv"),
        (("--budget", ",".join(str(one) for one in range(1, 11))), "30 combinations to compare"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(call, words, said):
    result = call(*words, code=2)
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.output


def test_an_inspection_file_that_is_not_there_is_refused(call, tmp_path):
    assert "no such file" in call(tmp_path / "none.csv", code=2).stderr
