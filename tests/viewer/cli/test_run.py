"""bxl-twin run: the same result as the engine's, and clear words for mistakes."""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from scenarios.engine import simulate
from scenarios.scenario import Scenario
from twin.folder import save
from twin.store import Store
from viewer.cli.run import command
from viewer.cli.schema import command as schema_command
from viewer.server import work

DOCUMENT = """
scenario: 1
name: {en: Short rain}
cell_size_m: 2
period: {start: 2021-07-15T12:00:00Z, duration_s: 60, output_every_s: 30}
forcing: {rain: {kind: block, intensity_mm_h: 60, duration_s: 60}}
edits:
  - {edit: wall, id: w, line: [[149001, 172036], [149030, 172036]], height_m: 0.5}
indicators: [max_depth, flooded_area]
"""


@dataclass
class Done:
    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def called(capsys):
    def go(command, *words: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            command.main(list(words), prog_name="bxl-twin")
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, " ".join(said.err.split()))

    return go


@pytest.fixture
def place(tmp_path, city):
    save(city, tmp_path / "city")
    (tmp_path / "one.yaml").write_text(DOCUMENT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def call(called, place):
    def go(*words: str, scenario: str = "one.yaml", city: str = "city") -> Done:
        paths = ["--city", str(place / city), "--store", str(place / "store")]
        return called(command, str(place / scenario), *paths, *words)

    return go


def test_the_command_line_gives_the_engines_result_byte_for_byte(place, call, city):
    done = call("--json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    direct = simulate(city, Scenario.load(place / "one.yaml"), store=Store(place / "other"))
    assert said["digest"] == direct.digest
    assert said["data_sha256"] == direct.manifest["data_sha256"]
    assert [one["key"] for one in said["indicators"]] == ["max_depth", "flooded_area"]
    assert said["demo"] is True
    assert "demo data, not the cadastre" in done.stderr


def test_the_servers_child_gives_the_same_bytes(place, call, city):
    said = json.loads(call("--json").stdout)
    document = Scenario.load(place / "one.yaml").canonical()
    quiet = {"on_frame": lambda *_: None, "on_progress": lambda *_: None, "cancelled": lambda: False}
    work.simulate(city, document, results=place / "server", **quiet)
    kept = Store(place / "server").open(said["digest"])
    assert kept.manifest["data_sha256"] == said["data_sha256"]


def test_a_known_result_is_not_computed_again_unless_asked(place, call):
    first = json.loads(call("--json").stdout)
    second = json.loads(call("--json").stdout)
    assert (first["known"], second["known"]) == (False, True)
    forced = json.loads(call("--json", "--force").stdout)
    assert forced["known"] is False
    assert forced["data_sha256"] == first["data_sha256"]


def test_out_writes_files_for_other_programs(place, call):
    assert call("--out", str(place / "out")).exit_code == 0
    names = {path.name.split("-", 2)[-1] for path in (place / "out").iterdir()}
    assert {"indicators.csv", "max_water_depth.tif"} <= names
    assert all(path.name.startswith("demo-") for path in (place / "out").iterdir())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("height_m: 0.5", "height_m: -1"), "edits[0].height_m"),
        (("172036]]", "182036]]"), "outside the city"),
        (("scenario: 1", "scenario: &a 1"), "anchors"),
        (("indicators:", "city: " + "ab" * 32 + "\nindicators:"), "is for the city abababababab"),
    ],
)
def test_a_mistake_of_the_user_is_one_clear_line_and_exit_code_2(place, call, change, words):
    (place / "bad.yaml").write_text(DOCUMENT.replace(*change), encoding="utf-8")
    done = call(scenario="bad.yaml")
    assert done.exit_code == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_not_there_is_said(place, call):
    assert "cannot be read" in call(scenario="none.yaml").stderr
    assert call(city="none").exit_code == 2


def test_a_store_that_cannot_be_made_is_exit_code_1(place, call):
    (place / "store").write_text("")
    done = call()
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


def test_the_schema_is_json(called):
    done = called(schema_command)
    assert json.loads(done.stdout)["title"] == "Scenario"


def test_ctrl_c_is_a_clean_end(place, call, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("viewer.cli.run.simulate", interrupted)
    done = call()
    assert done.exit_code == 1
    assert "nothing of this run was kept" in done.stderr


def test_running_loads_no_graphics():
    code = "import sys, viewer.cli.run; sys.exit(bool({'vtk', 'pyvista'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
