"""Results that a command is given by their folder or by the beginning of their digest."""

from pathlib import Path

from scenarios.problem import ScenarioError
from twin.result import MANIFEST, Result
from twin.store import Store


def open_result(name: str, store: Path, place: str = "result") -> Result:
    """A result by its folder, or by the beginning of its digest.

    Parameters
    ----------
    name : str
    store : Path
        Where digests are looked for.
    place : str
        How the command calls it, for the error.

    Raises
    ------
    ScenarioError
        There is none, or more than one.
    """
    if (Path(name) / MANIFEST).is_file():
        return Result(Path(name).resolve())
    if not store.is_dir():
        raise ScenarioError(
            f"{name}: is no folder of a result, and there is no store {store}; name one with --store", place
        )
    fitting = [digest for digest in Store(store).digests() if digest.startswith(name)] if name else []
    if len(fitting) != 1:
        raise ScenarioError(
            f"{name!r} is no folder of a result, and {len(fitting)} digests in {store} begin with it; name one",
            place,
        )
    return Store(store).open(fitting[0])
