"""Where a run of ``bxl-twin flood`` stood, kept beside its result so that a killed run can go on."""

import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from viewer.cli.grid_writer import UNFINISHED
from viewer.cli.raw_files import InputError


@dataclass
class Progress:
    """How far the writing is.

    Attributes
    ----------
    frames : int
        Output times written.
    gauges, nodes, conduits : list of rows
        Series so far, as the tables have them.
    """

    frames: int = 0
    gauges: list[list[Any]] = field(default_factory=list)
    nodes: list[list[Any]] = field(default_factory=list)
    conduits: list[list[Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Saved:
    """What a checkpoint holds.

    Attributes
    ----------
    arrays : mapping
        Of the kernel.
    progress : Progress
    folder : Path
        Where the frames are.
    """

    arrays: Mapping[str, np.ndarray]
    progress: Progress
    folder: Path


def place_of(out: Path) -> Path:
    """The checkpoint of a result: ``OUT.checkpoint.npz``."""
    return out.with_suffix(".checkpoint.npz")


def save(
    out: Path, arrays: Mapping[str, np.ndarray], progress: Progress, folder: Path, about: Mapping[str, Any]
) -> None:
    """Keep a checkpoint; the one before stays until the new one is whole."""
    path = place_of(out)
    part = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    words = {"about": _told(about), "progress": asdict(progress), "folder": folder.name}
    try:
        with part.open("wb") as file:
            own: dict[str, Any] = {f"kernel/{name}": one for name, one in arrays.items()}
            np.savez(file, words=np.array(json.dumps(words)), **own)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load(out: Path, about: Mapping[str, Any]) -> Saved:
    """The checkpoint of the same run on the same files.

    Raises
    ------
    InputError
        There is none, its frames are gone, or it is of another run; says what differs.
    """
    path = place_of(out)
    words, arrays = _read(path)
    mine, theirs = _told(about), words["about"]
    for part in ("source", "parameters", "inputs"):
        if mine[part] != theirs[part]:
            differs = _difference(mine[part], theirs[part])
            raise InputError(
                f"--resume: {path} is of another run: {differs}; repeat the options and files of the run that was "
                "stopped, or leave --resume out"
            )
    folder = out.parent / words["folder"]
    if not (folder / "zarr.json").is_file():
        raise InputError(f"--resume: the frames that {path} counts on, {folder}, are gone; run without --resume")
    return Saved(arrays, Progress(**words["progress"]), folder)


def discard(out: Path) -> None:
    """Remove the checkpoint of a result and the frames of an unfinished run that only it knew."""
    path = place_of(out)
    if not path.is_file():
        return
    try:
        name = _read(path)[0]["folder"]
    except InputError:
        name = ""
    folder = out.parent / name
    if name.startswith(f".{out.name}.") and name.endswith(UNFINISHED) and folder.is_dir():
        shutil.rmtree(folder, ignore_errors=True)
    path.unlink(missing_ok=True)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    if not path.is_file():
        raise InputError(
            f"--resume: there is no {path}; only a run with --checkpoint-every that was stopped leaves one"
        )
    try:
        with np.load(path, allow_pickle=False) as found:
            words = json.loads(str(found["words"]))
            arrays = {name.removeprefix("kernel/"): found[name] for name in found.files if name != "words"}
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a checkpoint that can be read ({error}); remove it and run anew") from error
    return words, arrays


def _told(about: Mapping[str, Any]) -> dict[str, Any]:
    """What must be the same, as JSON gives it back; files go by their content, so they may have moved."""
    found = {"source": about["source"], "parameters": about["parameters"], "inputs": list(about["inputs"].values())}
    return dict(json.loads(json.dumps(found)))


def _difference(mine: Any, theirs: Any) -> str:
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for name in sorted(mine.keys() | theirs.keys()):
            if mine.get(name) != theirs.get(name):
                return f"{name} was {theirs.get(name)!r} and is {mine.get(name)!r}"
    if isinstance(mine, list):
        return "a file has other contents, or there are more or fewer files"
    return f"it was made by {theirs} and this is {mine}"
