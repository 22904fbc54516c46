"""Bytes of a file that may be packed with gzip, and never more of them than asked for."""

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from twin.city import CityError

LIMIT = 2_000_000_000
"""Unpacked size beyond which a file is taken for a bomb. [byte]"""


def read_bytes(path: str | Path, limit: int = LIMIT) -> bytes:
    """Read a whole file, unpacked when it is gzip (told by its first bytes, not by its name).

    Parameters
    ----------
    path : path
    limit : int
        Most bytes to accept after unpacking. [byte]

    Raises
    ------
    CityError
        The file is missing, is cut short, is damaged or unpacks to more than ``limit``.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        if not packed:
            _check_size(path, path.stat().st_size, limit)
            return path.read_bytes()
        with gzip.open(path, "rb") as stream:
            found = stream.read(limit + 1)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise CityError(f"{path}: there is no such file") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CityError(f"{path}: the gzip file is cut short or damaged ({error}); download it again") from error
    except OSError as error:
        raise CityError(f"{path}: cannot be read ({error.strerror or error})") from error
    _check_size(path, len(found), limit)
    return found


def _check_size(path: Path, size: int, limit: int) -> None:
    if size > limit:
        raise CityError(f"{path}: holds more than {limit:,} bytes; split it, or check that it is what it says it is")


def read_json(path: str | Path, limit: int = LIMIT) -> Any:
    """Read a JSON file that may be packed with gzip.

    Raises
    ------
    CityError
        As `read_bytes`, or the text is not JSON, or is nested deeper than Python can follow.
    """
    try:
        return json.loads(read_bytes(path, limit))
    except RecursionError as error:
        raise CityError(f"{path}: the JSON is nested too deep to be geodata") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise CityError(f"{path}: is not JSON ({error}); is it the file you meant?") from error


def shown_name(path: str | Path) -> str:
    """The file's name without folder and without ``.gz``, lower case; its ending tells the format."""
    return Path(path).name.lower().removesuffix(".gz")
