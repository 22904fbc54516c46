"""The committed pages of validation: no case is missing, and each figure meets its bar."""

import importlib.util
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]
PLACES = {
    kind: places.split()
    for places, kind in re.findall(
        r"pytest -q (.+?) --measured var/measured-(\w+)\.jsonl", (HOME / "Makefile").read_text(encoding="utf-8")
    )
}
KINDS = ("flood", "heat", "traffic", "energy")
ROW = re.compile(
    r"^\| (?P<case>.+?) \| (?P<source>.+?) \| (?P<ours>\S+)(?: [^|]+)? \| (?P<bar>none|[≤≥] \S+)(?: [^|]+)? \|"
)


def _page(kind):
    return (HOME / "docs" / f"validation-{kind}.md").read_text(encoding="utf-8")


def _rows(kind="flood"):
    lines = _page(kind).splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| case |")]
    found = [ROW.match(line) for line in rows]
    assert found, "the page has no rows"
    assert None not in found, rows[found.index(None)]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_run_of_every_test_that_measures_is_on_the_page(kind, tmp_path):
    """Expected: what pytest itself collects with ``--measured``."""
    command = ["-m", "pytest", "--collect-only", "-q", *PLACES[kind], "--measured", str(tmp_path / "none")]
    listed = subprocess.run([sys.executable, *command], cwd=HOME, capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^tests/.+?::(test_\w+)", listed, re.MULTILINE)
    shown = re.findall(r"`(test_\w+)` × (\d+)", _page(kind))
    assert {name: int(count) for name, count in shown} == Counter(names), "run make validation"


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_on_the_page_meets_its_bar(kind):
    for row in _rows(kind):
        sign, _, bar = row["bar"].partition(" ")
        ours = float(row["ours"])
        if sign == "≤":
            assert ours <= float(bar), row["case"]
        elif sign == "≥":
            assert ours >= float(bar), row["case"]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        *(("flood", word) for word in (
            "Stoker", "Ritter", "Dressler", "MacDonald", "bowl", "plane", "V-catchment", "depressions", "bump",
            "Lake at rest", "Green-Ampt", "Horton", "Uniform flow",
        )),
        *(("heat", word) for word in (
            "Sun over a year, azimuth", "UTCI, 20 000 random points", "shade of a box: length",
            "sky view across a canyon of H/W 3", "round basin", "isothermal grey town", "open plane in the sun",
            "Daily wave in asphalt", "Gaussian carried", "Divergence left", "Undisturbed log profile", "PET", "WBGT",
        )),
        *(("energy", word) for word in (
            "BESTEST 600, heating", "BESTEST 900FF, lowest", "share of checks within the range, engine iso13790",
            "steps an hour against 60", "TABULA-BE SFH.01", "TABULA-BE AB.06", "Box of", "mean condition of",
        )),
    ],
)  # fmt: skip
def test_the_cases_the_specification_asks_for_are_all_there(kind, word):
    assert any(word in row["case"] for row in _rows(kind))


def test_what_the_page_of_energy_says_was_asked_is_a_test_each():
    """Expected: the thirteen properties of the specification, each with tests that are there."""
    spec = importlib.util.spec_from_file_location("page", Path(__file__).parent / "page.py")
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    there = set(re.findall(r"^def (test_\w+)", "".join(
        path.read_text(encoding="utf-8") for path in (HOME / "tests").rglob("test_*.py")
    ), re.MULTILINE))  # fmt: skip
    assert len(page.ENERGY_PROPERTIES) == 13
    for words, names, silent in page.ENERGY_PROPERTIES:
        assert names or silent, words
        assert set(names) | set(silent) <= there, words
    assert all(f"{place}. **" in _page("energy") for place in range(1, 14))
