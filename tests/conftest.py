"""Fixtures shared by the whole tree: where the reference data lies, and nothing else."""

import os
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
