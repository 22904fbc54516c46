"""What the pages load of a city, made once and kept on disk: tiles, ground, trees, streets."""

import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.city import City
from viewer import ground
from viewer.tiles import write_tiles

FORMAT = 2
"""Raised when the files below change for the same city, so that old ones are made anew."""

Tell = Callable[[float, str], None]


@dataclass(frozen=True)
class Published:
    """Files of one city, ready to be sent.

    Attributes
    ----------
    folder : Path
        One per city digest and `FORMAT`; each file has a gzipped twin where that saves bytes.
    tags : dict of str to str
        Entity tag of each file, by its path in the folder.
    """

    folder: Path
    tags: dict[str, str]

    def file(self, name: str, *, gzipped: bool) -> tuple[bytes, str | None] | None:
        """Bytes of a file and their content coding; None where there is no such file."""
        if name not in self.tags:
            return None
        packed = self.folder / f"{name}.gz"
        if gzipped and packed.exists():
            return packed.read_bytes(), "gzip"
        return (self.folder / name).read_bytes(), None


def publish(city: City, cache: Path, *, on_progress: Tell | None = None) -> Published:
    """Make the files of a city, or find them from an earlier time.

    Parameters
    ----------
    city : City
    cache : Path
        Folder for the files of all cities.
    on_progress : callable, optional
        Is told a fraction 0..1 and a word.

    Returns
    -------
    Published
    """
    folder = cache / f"{city.digest[:32]}-{FORMAT}"
    index = folder / "index.json"
    if not index.exists():
        cache.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=cache))
        try:
            _write(city, fresh, on_progress or (lambda fraction, word: None))
            if folder.exists():  # cut off by an earlier stop, before it was whole
                shutil.rmtree(folder)
            os.replace(fresh, folder)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    return Published(folder, json.loads(index.read_text("utf-8")))


def _write(city: City, folder: Path, tell: Tell) -> None:
    write_tiles(city, folder / "tiles", compress=True, on_progress=lambda done, word: tell(0.6 * done, word))
    where = ground.extent(city)
    words, heights = ground.terrain(city, where)
    tell(0.65, "ground")
    (folder / "terrain").write_bytes(heights)
    _json(folder / "terrain.json", words)
    (folder / "ground.png").write_bytes(ground.picture(city, where))
    tell(0.9, "trees and streets")
    _json(folder / "trees.json", ground.trees(city))
    _json(folder / "streets.json", ground.streets(city))
    for name in ("terrain", "trees.json", "streets.json"):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes(), 6, mtime=0))
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".gz")
    tags = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:24] for path in files}
    _json(folder / "index.json", tags)


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False), "utf-8")
