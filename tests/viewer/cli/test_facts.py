"""bxl-twin facts as a user types it: a city that knows more, a template to fill in, and one clear line for mistakes."""

import csv
import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from twin import folder
from twin.demo import demo_city
from viewer.cli import facts


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small piece of the demo district as a folder."""
    place = tmp_path_factory.mktemp("facts") / "city"
    folder.save(demo_city(size=200), place, report={"read": 1})
    return place


def _run(*words: object) -> tuple[int, str, str]:
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = facts.command.main([str(word) for word in words], standalone_mode=False)
    return int(code or 0), out.getvalue(), err.getvalue()


def test_a_template_goes_out_and_comes_back_filled_in(city: Path, tmp_path: Path):
    code, _, err = _run(city, "--out", tmp_path / "facts.csv")
    assert code == 0, err
    lines = (tmp_path / "facts.csv").read_text("utf-8").splitlines()
    assert "demo data, not the cadastre" in lines[0]
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    known = folder.load(city)
    assert [row["id"] for row in rows] == list(known.buildings.index)
    first = rows[0]
    assert first["owner"] == known.buildings["owner"].iloc[0]
    assert float(first["wall_u_assumed"]) > 0
    first["wall_u"] = "0.35"
    with (tmp_path / "filled.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        writer.writerows(rows)
    code, out, err = _run(city, tmp_path / "filled.csv", "--out", tmp_path / "new", "--json")
    assert code == 0, err
    told: dict[str, Any] = json.loads(out)
    made = folder.load(tmp_path / "new")
    assert made.digest == told["digest"] != known.digest
    assert made.buildings["wall_u"].iloc[0] == 0.35
    assert made.buildings["wall_u"].isna().sum() == len(made.buildings) - 1
    assert told["told_of"] == len(rows)
    assert told["known_by_column"]["wall_u"] == 1
    assert 0 < told["shares_of_floor_area"]["wall_u"]["measured"] < 1
    assert folder.read_manifest(tmp_path / "new")["report"] == {"read": 1}


def test_ids_that_nobody_knows_are_said(city: Path, tmp_path: Path):
    (tmp_path / "facts.csv").write_text("id,year\nnobody,1950\n", encoding="utf-8")
    code, out, err = _run(city, tmp_path / "facts.csv", "--json")
    assert code == 0
    assert json.loads(out)["unknown_ids"] == ["nobody"]
    assert "1 ids are not in" in err


@pytest.mark.parametrize(("text", "words"), [("id,year\na,soon\n", "year"), ("", "is empty"), (None, "cannot be read")])
def test_a_file_that_is_wrong_gives_one_line_and_code_2(city: Path, tmp_path: Path, text: str | None, words: str):
    if text is not None:
        name = folder.load(city).buildings.index[0]
        (tmp_path / "facts.csv").write_text(text.replace("\na,", f"\n{name},"), encoding="utf-8")
    code, _, err = _run(city, tmp_path / "facts.csv")
    assert code == 2
    assert words in err.splitlines()[-1]


def test_a_city_is_not_written_without_facts(city: Path, tmp_path: Path):
    code, _, err = _run(city, "--out", tmp_path / "new")
    assert code == 2
    assert "is written to a .csv" in err
