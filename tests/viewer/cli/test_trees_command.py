"""bxl-twin trees as a user types it: inventory, sums, calendar, and one clear line for every wrong input."""

import csv
import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from twin import folder
from twin.demo import demo_city
from viewer.cli import importing, trees


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small piece of the demo district as a folder."""
    place = tmp_path_factory.mktemp("trees") / "city"
    folder.save(demo_city(size=300), place)
    return place


def _run(command: Any, *words: object) -> tuple[int, str, str]:
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = command.main([str(word) for word in words], standalone_mode=False)
    return int(code or 0), out.getvalue(), err.getvalue()


def test_trees_writes_the_inventory_a_calendar_and_its_sums(city: Path, tmp_path: Path):
    code, out, err = _run(
        trees.command, city, "--out", tmp_path / "trees.csv", "--calendar", tmp_path / "year.ics", "--year", 2026,
        "--hourly-rate", 55, "--json",
    )  # fmt: skip
    assert code == 0, err
    told = json.loads(out)
    with (tmp_path / "trees.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == told["total"]["trees"] == len(folder.load(city).trees)
    assert sum(float(row["co2_stored"]) for row in rows) == pytest.approx(told["total"]["co2_stored"], rel=1e-3)
    assert told["total"]["co2_stored_p10"] < told["total"]["co2_stored"] < told["total"]["co2_stored_p90"]
    assert sum(one["trees"] for one in told["sectors"]) == len(rows)
    assert told["demo"] is True
    assert "demo data" in err
    assert told["species_known"] == len(rows)
    assert told["upkeep"]["year"] == 2026
    tasks = told["upkeep"]["tasks"]
    assert all(one["cost_eur_assumed"] == pytest.approx(55 * one["hours"], abs=0.02) for one in tasks.values())
    assert (tmp_path / "year.ics").read_text("utf-8").startswith("BEGIN:VCALENDAR")


def test_a_calendar_can_be_a_table_and_speak_dutch(city: Path, tmp_path: Path):
    assert _run(trees.command, city, "--calendar", tmp_path / "a.csv", "--year", 2026)[0] == 0
    assert (tmp_path / "a.csv").read_text("utf-8").startswith("tree,street,sector,task,year,month,times,hours,note")
    assert _run(trees.command, city, "--calendar", tmp_path / "a.ics", "--year", 2026, "--language", "nl")[0] == 0
    assert "Broedtijd" in (tmp_path / "a.ics").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--out", "trees.dwg"], "trees.dwg"),
        (["--calendar", "year.pdf"], "year.pdf"),
        (["--year", "12"], "year 12"),
    ],
)
def test_a_mistake_is_one_clear_line(city: Path, words: list[str], told: str):
    code, _, err = _run(trees.command, city, *words)
    assert code == 2
    assert told in " ".join(err.split())
    assert "Traceback" not in err


def test_no_city_is_one_clear_line(tmp_path: Path):
    code, _, err = _run(trees.command, tmp_path / "nothing")
    assert code == 2
    assert "no city.json" in " ".join(err.split())


def test_import_reads_a_list_of_trees_in_ones_own_columns(tmp_path: Path):
    corners = [[148500 + x, 170500 + y, z] for z in (20, 26) for x, y in ((0, 0), (10, 0), (10, 8), (0, 8))]
    faces = [[[0, 3, 2, 1]], [[4, 5, 6, 7]], *([[i, (i + 1) % 4, 4 + (i + 1) % 4, 4 + i]] for i in range(4))]
    house = {"type": "Building", "geometry": [{"type": "Solid", "lod": "1", "boundaries": [faces]}]}
    document = {"type": "CityJSON", "version": "2.0", "CityObjects": {"a": house}, "vertices": corners,
                "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/6190"}}  # fmt: skip
    (tmp_path / "a.city.json").write_text(json.dumps(document))
    (tmp_path / "bomen.csv").write_text("oost;noord;wat;dik_cm\n148505;170505;zomereik;41\n")
    columns = "x=oost,y=noord,species=wat,trunk_diameter=dik_cm"
    words = (tmp_path / "a.city.json", "--trees", tmp_path / "bomen.csv", "--out", tmp_path / "city")
    code, _, err = _run(importing.command, *words, "--tree-columns", columns)
    assert code == 0, err
    row = folder.load(tmp_path / "city").trees.iloc[0]
    assert (row.species, row.trunk_diameter, row.source) == ("zomereik", pytest.approx(0.41), "list")
    code, _, err = _run(importing.command, *words, "--tree-columns", "species")
    assert code == 2
    assert "expected what=column" in " ".join(err.split())
