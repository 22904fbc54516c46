"""bxl-twin filters: the filters of a drawn neighbourhood, as words, JSON and a file, and what is refused."""

import json
import sys
from pathlib import Path

import geopandas as gpd
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scenarios"))
from block_toy import SOUTH, WEST, block_city

from scenarios.edits import LowTrafficNeighbourhood
from scenarios.situation import Situation
from twin.folder import save
from viewer.cli.filters import command

AROUND = " ".join(f"{WEST + x:g},{SOUTH + y:g}" for x, y in ((-20, -20), (320, -20), (320, 320), (-20, 320)))


@pytest.fixture
def folder(tmp_path):
    save(block_city(("r1_0", "r1_1", "r1_2")), tmp_path / "blocks")
    return str(tmp_path / "blocks")


def told(capsys, *words) -> tuple[dict, str]:
    command.main(list(words), standalone_mode=False)
    caught = capsys.readouterr()
    return json.loads(caught.out), caught.err


def test_the_filters_come_as_an_edit_that_a_scenario_takes(folder, capsys):
    found, words = told(capsys, folder, "--polygon", AROUND, "--id", "quiet", "--json")
    assert (found["gates"], found["boundary_streets"], found["fewest"], found["demo"]) == (8, 4, True, True)
    edit = LowTrafficNeighbourhood.model_validate(found["edit"])
    assert edit.id == "quiet"
    assert edit.filters == [one["street"] for one in found["filters"]]
    assert len(edit.apply(Situation(block_city())).street_works.closures[0].streets) == len(found["filters"])
    assert f"{len(found['filters'])} filters part the 4 streets around it" in " ".join(words.split())


def test_a_file_of_the_filters_has_a_point_for_each(folder, tmp_path, capsys):
    found, _ = told(capsys, folder, "--polygon", AROUND, "--out", str(tmp_path / "filters.gpkg"), "--json")
    table = gpd.read_file(tmp_path / "filters.gpkg")
    assert sorted(table["street"]) == [one["street"] for one in found["filters"]]
    assert table.geometry.x.tolist() == pytest.approx([one["x"] for one in found["filters"]])


@pytest.mark.parametrize(
    ("polygon", "words"),
    [
        ("1,2", "three or more corners"),
        ("1,2 3,4 1,4 3,2", "crosses or touches itself"),
        ("1,2 3,2 3,4", "no local street for cars lies inside it"),
    ],
)
def test_a_polygon_that_cannot_be_is_refused_in_one_line(folder, capsys, polygon, words):
    assert command.main([folder, "--polygon", polygon], standalone_mode=False) == 2
    assert words in " ".join(capsys.readouterr().err.split())
