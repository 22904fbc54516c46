"""bxl-twin heat-islands: what is ranked, told and written, and what is refused."""

import json
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scenarios"))
import heat_toy

from scenarios.engine import simulate
from scenarios.scenario import Scenario
from twin.folder import save
from twin.store import Store
from viewer.cli.heat_islands import command


@pytest.fixture
def call(tmp_path, city, capsys):
    save(city, tmp_path / "city")
    document = Scenario.read(heat_toy.noon_document(lambda **words: {"scenario": 1, "name": {"en": "Noon"}} | words))
    result = simulate(city, document, store=Store(tmp_path / "store"), table=[heat_toy.Noon])

    def go(*words, subject=result.folder):
        paths = [str(subject), "--city", str(tmp_path / "city"), "--store", str(tmp_path / "store")]
        with pytest.raises(SystemExit) as ended:
            command.main([*paths, *map(str, words)], prog_name="bxl-twin")
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, " ".join(said.err.split())

    go.result = result
    return go


def test_streets_are_ranked_and_told_with_their_units(call):
    code, out, err = call("--json")
    assert code == 0, err
    found = json.loads(out)
    (street,) = found["rows"]
    assert (street["rank"], street["name_fr"], street["residents"]) == (
        1,
        "Rue Droite",
        120.0,
    )  # both rows of houses stand within 50 m
    # the hand-drawn tree shades a part of the street; all else has six hours of 40 °C
    assert 4.0 < street["hours_above_32"] < 6.0
    assert street["person_hours_32"] == pytest.approx(120 * street["hours_above_32"], rel=1e-5)
    assert found["units"]["person_hours_32"] == "h"
    assert found["demo"] is True
    assert "demo data, not the cadastre" in err
    assert "Rue Droite" in err


def test_a_digest_names_a_result_as_its_folder_does(call):
    digest = call.result.digest
    assert json.loads(call("--json", subject=digest[:10])[1])["result"] == digest
    code, _, err = call("--json", subject="ffff")
    assert code == 2
    assert "0 digests" in err


def test_files_hold_all_rows(call, tmp_path):
    for ending in ("geojson", "csv", "gpkg"):
        code, _, err = call("--out", tmp_path / f"streets.{ending}")
        assert code == 0, err
        assert "1 rows written" in err
    table = pd.read_csv(tmp_path / "streets.csv")
    assert table["name_nl"].tolist() == ["Rechte Straat"]
    places = gpd.read_file(tmp_path / "streets.geojson")
    assert places.crs.to_epsg() == 4326
    assert places.to_crs(31370).total_bounds[:2] == pytest.approx([149_000, 172_002], abs=0.05)
    packed = gpd.read_file(tmp_path / "streets.gpkg")
    assert packed.crs.to_epsg() == 31370
    assert not list(tmp_path.glob(".streets*"))


def test_vulnerability_shows_its_layers_and_says_what_it_does_not_know(call, tmp_path):
    code, out, err = call("--by", "vulnerability", "--json")
    assert code == 0, err
    found = json.loads(out)
    # one sector alone cannot be told from others: everything is left out, and said
    assert found["rows"][0]["vulnerability"] is None
    assert {"sensitivity", "population_density", "hours_above_32"} <= set(found["unknown"])
    assert "not known, and left out" in err
    (tmp_path / "weights.yaml").write_text("hazard: 2\n", encoding="utf-8")
    (tmp_path / "people.csv").write_text("sector,share_over_65\nsector-1,0.2\n", encoding="utf-8")
    words = ["--weights", tmp_path / "weights.yaml", "--people", tmp_path / "people.csv", "--json"]
    code, out, err = call("--by", "vulnerability", *words)
    assert code == 0, err
    assert json.loads(out)["rows"][0]["share_over_65"] == 0.2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--out", "streets.shp"], "names no table"),
        (["--out", "nowhere/streets.csv"], "there is no folder"),
        (["--weights", "none.yaml"], "are for --by vulnerability"),
        (["--by", "vulnerability", "--weights", "none.yaml"], "cannot be read"),
        (["--by", "vulnerability", "--people", "PEOPLE"], "none of its sectors (elsewhere, …)"),
        (["--by", "house"], "Invalid value"),
    ],
)  # fmt: skip
def test_bad_words_are_refused(call, tmp_path, words, expected):
    (tmp_path / "people.csv").write_text("sector,share_over_65\nelsewhere,0.2\n", encoding="utf-8")
    code, out, err = call(*[str(tmp_path / "people.csv") if word == "PEOPLE" else word for word in words])
    assert (code, out) == (2, "")
    assert expected in err
