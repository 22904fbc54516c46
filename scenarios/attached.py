"""Files that a document names: found by a relative name in one folder, known by their bytes."""

import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field

from scenarios.problem import ScenarioError
from twin.result import data_hash

FOLDER = "BXL_TWIN_INPUTS"
"""Environment variable that names the folder of such files; ``inputs`` beside the program's start where not set."""


def _inside(name: str) -> str:
    """A document must not reach out of the folder: it may come from anyone."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise ValueError(f"{name!r} is not a relative name; name a file inside the folder of inputs")
    return name


FileName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_inside)]
"""Relative to the folder of inputs, with ``/``."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def attached(name: str, sha256: str | None, place: str) -> tuple[Path, bytes | None]:
    """Find a file of a document and check that its bytes are those the document means.

    Parameters
    ----------
    name : str
    sha256 : str or None
        None takes whatever is there.
    place : str
        Where the document names it.

    Returns
    -------
    path : Path
    data : bytes or None
        Its content; None for a folder (Zarr).

    Raises
    ------
    ScenarioError
        It is not there, or its bytes are others.
    """
    path = Path(os.environ.get(FOLDER, "inputs")) / name
    try:
        data = None if path.is_dir() else path.read_bytes()
        found = data_hash(path) if data is None else hashlib.sha256(data).hexdigest()
    except OSError as error:
        raise ScenarioError(
            f"there is no file {name!r} in the folder of inputs ({error.strerror}); put it there, or set {FOLDER} to "
            "the folder that has it",
            place,
        ) from error
    if sha256 is not None and found != sha256:
        raise ScenarioError(
            f"{name!r} has the SHA-256 {found}, the document means {sha256}; bring that file, or state the new hash",
            place,
        )
    return path, data
