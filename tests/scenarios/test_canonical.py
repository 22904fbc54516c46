"""The digest of the code: nothing on which a result depends may be missing from it."""

import ast
import re
from pathlib import Path

import pytest

from scenarios.canonical import MODULES, TABLES

HOME = Path(__file__).parents[2]
MAKERS_OF_CITIES = {
    "twin.drains",  # itself named; what it reads networks with is not
    "twin.faces",
    "twin.frames",
    "twin.formats",
    "twin.formats.features",
    "twin.formats.laz",
    "twin.formats.packed",
    "twin.formats.part",
    "twin.formats.swmm",
    "twin.formats.swmm_sections",
    "twin.formats.swmm_structures",
    "twin.formats.swmm_times",
}
"""Modules that make a city of files: what they made is in the city's own digest."""
AFTERWARDS = {"twin.export", "twin.result"}
"""Modules that read a finished result."""

BESIDE_RUNS = {"key_figures.csv", "refused_fields.csv", "sensor_alarms.csv", "sensor_limits.csv"}
"""Tables of what is measured and aimed at: no run of a scenario reads them."""


def rooms(*names: str) -> list[Path]:
    return [path for name in names for path in sorted((HOME / name).rglob("*.py")) if "demo" not in path.parts]


def test_every_table_that_scenarios_the_twin_or_kernels_read_is_in_the_digest_of_the_code():
    kept = {path.name for path in (HOME / "assets").glob("*.csv")}
    files = rooms("scenarios", "twin", "kernels")
    read = {name for path in files for name in re.findall(r"\w+\.csv", path.read_text("utf-8"))}
    assert kept & read == {f"{name}.csv" for name in TABLES} | BESIDE_RUNS
    assert kept == kept & read, "a table that nobody reads, or that is named in no plain word"


def test_every_module_of_the_twin_that_scenarios_reach_is_in_the_digest_of_the_code():
    todo = [".".join(path.relative_to(HOME).with_suffix("").parts) for path in rooms("scenarios")]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in found and (path := HOME / Path(*name.split(".")).with_suffix(".py")).is_file():
            found.add(name)
            todo += imports(path)
    reached = {name for name in found if name.startswith("twin.")} - MAKERS_OF_CITIES - AFTERWARDS
    missing = reached - {f"twin.{name}".replace("/", ".") for name in MODULES}
    assert not missing, f"name them in scenarios/canonical.py, or say here why no result depends on them: {missing}"


@pytest.mark.parametrize("name", MODULES)
def test_what_the_digest_of_the_code_names_is_there(name):
    assert (HOME / "twin" / f"{name}.py").is_file()


def imports(path: Path) -> list[str]:
    """Modules that a file imports, as far as they may be ours."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        elif isinstance(node, ast.Import):
            found += [one.name for one in node.names]
    return found
