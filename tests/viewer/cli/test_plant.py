"""bxl-twin plant: the document and its trees, written tree by tree; stopped, resumed, confirmed, refused."""

import json
import sys
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

sys.path.insert(0, str(Path(__file__).parents[2] / "scenarios"))
import heat_toy

import kernels
from scenarios.scenario import Scenario
from twin.city import COVER_COLUMNS, as_table
from twin.folder import load, save
from viewer.cli import plant as module
from viewer.cli.plant import command

DOCUMENT = """
scenario: 1
name: {en: Noon, fr: Midi}
period: {start: 2019-07-25T10:00:00Z, duration_s: 21600, output_every_s: 10800}
kernels: [noon]
forcing: {weather: {kind: heat_day, day: 2019-07-25}}
"""


@pytest.fixture
def call(tmp_path, city, capsys, monkeypatch):
    paving = as_table(["square"], [shapely.box(*city.bounds)], COVER_COLUMNS, cover=["paving"])
    save(city.with_(land_cover=paving), tmp_path / "city")
    (tmp_path / "day.yaml").write_text(DOCUMENT, encoding="utf-8")
    monkeypatch.setattr(kernels, "KERNELS", (*kernels.KERNELS, heat_toy.Noon))
    monkeypatch.setattr(module, "Recorded", heat_toy.Rerun)

    def go(*words, out="green.yaml"):
        paths = [
            tmp_path / "day.yaml",
            "--city",
            tmp_path / "city",
            "--store",
            tmp_path / "store",
            "--out",
            tmp_path / out,
        ]
        with pytest.raises(SystemExit) as ended:
            command.main([str(word) for word in (*paths, "--pool", 40, *words)], prog_name="bxl-twin")
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, " ".join(said.err.split())

    return go


def test_trees_are_written_as_a_document_and_as_places(call, tmp_path):
    code, out, err = call("--trees", 3, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert len(found["trees"]) == 3
    gains = [tree["gain"] for tree in found["trees"]]
    assert gains == sorted(gains, reverse=True)
    document = Scenario.load(tmp_path / "green.yaml")
    assert [edit.id for edit in document.edits] == ["plant-001", "plant-002", "plant-003"]
    assert document.name == {"en": "Noon – 3 trees planted", "fr": "Midi – 3 arbres plantés"}
    assert [list(edit.point) for edit in document.edits] == [[tree["x"], tree["y"]] for tree in found["trees"]]
    places = gpd.read_file(tmp_path / "green.geojson").to_crs(31370)
    for place, tree in zip(places.geometry, found["trees"], strict=True):
        assert (place.x, place.y) == pytest.approx((tree["x"], tree["y"]), abs=0.02)
    assert places["gain_sum"].iloc[-1] == pytest.approx(sum(gains), rel=1e-6)
    assert "are not known: each site is to be checked" in err


def test_whole_runs_confirm_what_was_found(call):
    code, out, err = call("--trees", 2, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert len(found["confirmed"]["results"]) == 2
    # results are packed in steps of 0.01 K
    assert found["confirmed"]["mean_change_k"] == pytest.approx(found["search"]["mean_change_k"], rel=1e-2)
    assert found["search"]["mean_change_k"] < 0
    assert json.loads(call("--trees", 2, "--no-confirm", "--json")[1])["confirmed"] is None


def test_json_and_yaml_are_one_document(call, tmp_path):
    call("--trees", 2, "--no-confirm")
    call("--trees", 2, "--no-confirm", out="green.json")
    city = load(tmp_path / "city")
    assert Scenario.load(tmp_path / "green.yaml").digest(city) == Scenario.load(tmp_path / "green.json").digest(city)


def test_a_stopped_search_keeps_its_trees_and_goes_on(call, tmp_path, monkeypatch):
    whole = json.loads(call("--trees", 4, "--no-confirm", "--json", out="whole.yaml")[1])["trees"]

    class Stopped(heat_toy.Rerun):
        accepted = 0

        def accept(self, changed):
            super().accept(changed)
            Stopped.accepted += 1
            if Stopped.accepted == 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(module, "Recorded", Stopped)
    code, _, err = call("--trees", 4, "--no-confirm")
    assert code == 1
    assert "stopped after 2 trees" in err
    assert len(Scenario.load(tmp_path / "green.yaml").edits) == 2
    monkeypatch.setattr(module, "Recorded", heat_toy.Rerun)
    code, out, err = call("--trees", 4, "--no-confirm", "--resume", "--json")
    assert code == 0, err
    again = json.loads(out)["trees"]
    assert [(one["x"], one["y"]) for one in again] == [(one["x"], one["y"]) for one in whole]
    assert [one["gain"] for one in again] == pytest.approx([one["gain"] for one in whole])


@pytest.mark.parametrize(
    ("words", "out", "expected"),
    [
        ([], "green.txt", "a scenario document ends in .yaml or .json"),
        ([], "nowhere/green.yaml", "there is no folder"),
        (["--base", 9.8], "green.yaml", "leave at least 0.5 m for leaves"),
        (["--trees", 0], "green.yaml", "Invalid value"),
        (["--resume"], "other.yaml", "holds trees for another scenario"),
        (["--resume", "--trees", 1], "two.yaml", "not fewer than were found before"),
    ],
)
def test_bad_words_are_refused(call, tmp_path, words, out, expected):
    moved = DOCUMENT.replace("21600", "18000")
    (tmp_path / "other.yaml").write_text(moved, encoding="utf-8")
    tree = "{{edit: tree, id: plant-00{0}, point: [14900{0}, 172050]}}"
    two = f"edits: [{tree.format(1)}, {tree.format(2)}]\n"
    (tmp_path / "two.yaml").write_text(DOCUMENT + two, encoding="utf-8")
    code, said, err = call(*words, out=out)
    assert (code, said) == (2, "")
    assert expected in err
