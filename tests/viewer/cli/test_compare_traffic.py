"""bxl-twin compare-traffic: two runs told beside each other, written, and refused with a reason."""

import json
import sys
from pathlib import Path

import geopandas as gpd
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scenarios"))
from block_toy import block_city

from scenarios.engine import simulate
from scenarios.scenario import Scenario
from twin.folder import save
from twin.store import Store
from viewer.cli.compare_traffic import SECTORS, STREETS, command

CLOSED = {"edit": "close_street", "id": "shut", "streets": ["c1_1"]}


def document(*edits, hours=1):
    return Scenario.read({
        "scenario": 1, "name": {"en": "Four blocks"}, "cell_size_m": 10,
        "period": {"start": "2026-03-17T06:00:00Z", "duration_s": 3600.0 * hours, "output_every_s": 1800.0},
        "kernels": ["traffic"], "forcing": {"travel": {"kind": "synthetic", "scale": 5.0}}, "edits": list(edits),
    })  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder, city = tmp_path_factory.mktemp("blocks"), block_city()
    save(city, folder / "city")
    store = Store(folder / "store")
    documents = {"a": document(), "b": document(CLOSED), "longer": document(hours=2)}
    return folder, {name: simulate(city, one, store=store) for name, one in documents.items()}


@pytest.fixture
def call(runs, capsys):
    folder, results = runs

    def go(a, b, *words):
        names = [results[one].digest if one in results else one for one in (a, b)]
        with pytest.raises(SystemExit) as ended:
            command.main([*names, "--city", str(folder / "city"), "--store", str(folder / "store"), *map(str, words)],
                         prog_name="bxl-twin")  # fmt: skip
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, " ".join(said.err.split())

    return go


def test_a_closed_street_loses_what_the_runs_lost_on_it(call, runs, tmp_path):
    code, out, err = call("a", "b", "--json", "--out", tmp_path / "told")
    assert code == 0, err
    found = json.loads(out)
    streets = gpd.read_file(tmp_path / "told" / STREETS).set_index("id")
    driven = {}
    for name in "ab":
        data = runs[1][name].dataset
        links = data["link"].attrs["flag_meanings"].split()
        on = [number for number, link in enumerate(links) if link.rstrip("<>") == "c1_1"]
        driven[name] = float(data["vehicles_passed"].values[on].sum()) * 0.1  # 100 m long
    assert driven["a"] > driven["b"] == 0.0
    assert streets.loc["c1_1", "vehicle_km_change"] == pytest.approx(-driven["a"], rel=0.02)
    total = found["vehicle_km"]
    assert total["change"] == pytest.approx(total["b"] - total["a"])
    assert total["change"] == pytest.approx(streets["vehicle_km_change"].sum(), abs=1e-3)
    assert set(gpd.read_file(tmp_path / "told" / SECTORS)["id"]) == {"south", "north"}
    assert "demo data, not the cadastre" in err
    assert "vehicle-kilometres" in err


def test_a_run_beside_itself_changes_nothing(call):
    found = json.loads(call("a", "a", "--json")[1])
    assert found["vehicle_km"]["change"] == found["trips"]["mean_time_s"]["change"] == 0.0
    assert found["streets"] == {"gain": [], "lose": []}
    assert found["people"]["better"] == found["people"]["worse"] == 0.0


def test_runs_of_other_hours_and_results_that_are_not_there_are_refused(call):
    code, _, err = call("a", "longer")
    assert code == 2
    assert "same period" in err
    code, _, err = call("a", "ffff")
    assert code == 2
    assert "B" in err
    assert "0 digests" in err
