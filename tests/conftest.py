"""Fixtures shared by the whole tree: where the reference data lies, and who notes what a test measured."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent


def _reference_folder() -> Path:
    named = os.environ.get("BXL_TWIN_REFERENCE_DATA")
    return Path(named) if named else _HERE.parents[1] / "shared" / "data"


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of real Brussels data, which never ships with the project."""
    folder = _reference_folder()
    if not (folder / "buildings").is_dir():
        pytest.skip(f"REFERENCE DATA ABSENT: no {folder}/buildings; set BXL_TWIN_REFERENCE_DATA to the folder")
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--measured", metavar="FILE", help="run what measures, append its figures to FILE as JSON lines")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``--measured`` only the tests that measure are run."""
    if config.getoption("--measured"):
        chosen = [item for item in items if "measured" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[..., None]:
    """measured(case, source, ours, bar, unit="", published="", at_least=False): hold a figure to its bar and note it.

    ``bar`` None notes a figure that has no bar, such as where a simplified scheme is known to fail; ``at_least`` turns
    the bar round. ``published`` is what others reached on the same case, with the citation. Notes are kept only with
    ``--measured FILE``; `tests/validation/page.py` makes the page of them.
    """
    file = request.config.getoption("--measured")

    def note(
        *,
        case: str,
        source: str,
        ours: float,
        bar: float | None,
        unit: str = "",
        published: str = "",
        at_least: bool = False,
    ) -> None:
        ours = float(ours)
        if file:
            test = request.node.nodeid.replace("\\", "/")
            line = {"case": case, "source": source, "ours": ours, "bar": bar, "unit": unit, "published": published,
                    "at_least": at_least, "test": test}  # fmt: skip
            with Path(file).open("a", encoding="utf-8") as notes:
                notes.write(json.dumps(line, ensure_ascii=False) + "\n")
        if bar is not None:
            within = ours >= bar if at_least else ours <= bar
            assert within, f"{case}: {ours:g} {unit}, the bar is {'at least' if at_least else 'at most'} {bar:g}"

    return note
