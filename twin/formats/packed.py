"""Bytes of a file that may be packed (gzip, zstandard, zip), and never more of them than asked for."""

import gzip
import io
import json
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any

import zstandard

from twin.city import CityError

LIMIT = 2_000_000_000
"""Unpacked size beyond which a file is taken for a bomb. [byte]"""

FREE = 64_000_000
"""Unpacked size below which nobody asks how well a file was packed. [byte]"""

MAX_RATIO = 200
"""Unpacked over packed size beyond which a file above `FREE` is taken for a bomb; geodata packs 3 to 30 times. [1]"""

MAX_MEMBERS = 200_000
"""Files in one archive. [1]"""

_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, tarfile.TarError, zstandard.ZstdError)


def read_bytes(path: str | Path, limit: int = LIMIT) -> bytes:
    """Read a whole file, unpacked when it is gzip, zstandard or a zip of one file (told by its first bytes).

    Parameters
    ----------
    path : path
    limit : int
        Most bytes to accept after unpacking. [byte]

    Raises
    ------
    CityError
        The file is missing, is cut short, is damaged or unpacks to more than ``limit`` or `MAX_RATIO` allow.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            magic = file.read(4)
        if magic == b"PK\x03\x04":
            return _only_member(path, limit)
        if not _is_packed(magic):
            _check_size(path, size, limit)
            return path.read_bytes()
        with _unpacked(path, magic) as stream:
            return _read_all(path, stream, size, limit)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise CityError(f"{path}: there is no such file") from error
    except _DAMAGE as error:
        raise CityError(f"{path}: the packed file is cut short or damaged ({error}); download it again") from error
    except OSError as error:
        raise CityError(f"{path}: cannot be read ({error.strerror or error})") from error


def members(path: str | Path, limit: int = LIMIT) -> Iterator[tuple[str, bytes]]:
    """The files in a zip, a tar (``.gz`` and ``.zst`` too) or a folder, one by one, by name as in the archive.

    Links, devices and names that climb out of the archive are passed over. Together the files may not be larger than
    ``limit``, nor than `MAX_RATIO` times the archive.

    Raises
    ------
    CityError
        As `read_bytes`, or there are more than `MAX_MEMBERS`.
    """
    path = Path(path)
    try:
        if path.is_dir():
            yield from _folder(path, limit)
            return
        size = path.stat().st_size
        with path.open("rb") as file:
            magic = file.read(4)
        yield from (_zip(path, size, limit) if magic == b"PK\x03\x04" else _tar(path, magic, size, limit))
    except FileNotFoundError as error:
        raise CityError(f"{path}: there is no such file") from error
    except _DAMAGE as error:
        raise CityError(f"{path}: the archive is cut short or damaged ({error}); download it again") from error
    except OSError as error:
        raise CityError(f"{path}: cannot be read ({error.strerror or error})") from error


def names(path: str | Path) -> list[str]:
    """Names of the files in a zip or a folder, without reading them; empty for anything else."""
    path = Path(path)
    if path.is_dir():
        return sorted(str(one.relative_to(path)) for one in path.rglob("*") if one.is_file())
    try:
        with zipfile.ZipFile(path) as archive:
            return [one.filename for one in archive.infolist() if not one.is_dir()]
    except (OSError, zipfile.BadZipFile):
        return []


def _is_packed(magic: bytes) -> bool:
    return magic[:2] == b"\x1f\x8b" or magic == b"\x28\xb5\x2f\xfd"


def _unpacked(path: Path, magic: bytes) -> IO[bytes]:
    if magic[:2] == b"\x1f\x8b":
        return io.BufferedReader(gzip.open(path, "rb"))
    if magic == b"\x28\xb5\x2f\xfd":
        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(path.open("rb"), closefd=True))
    return path.open("rb")


def _read_all(path: Path, stream: IO[bytes], packed: int, limit: int) -> bytes:
    parts: list[bytes] = []
    total = 0
    while part := stream.read(1 << 22):
        total += len(part)
        _check_size(path, total, limit)
        _check_ratio(path, total, packed)
        parts.append(part)
    return b"".join(parts)


def _only_member(path: Path, limit: int) -> bytes:
    found = [one for one in names(path) if not _is_aside(one)]
    if len(found) != 1:
        shown = ", ".join(found[:5]) or "nothing"
        raise CityError(f"{path}: expected a zip of one file, got {len(found)} ({shown}); unpack it and name one")
    with zipfile.ZipFile(path) as archive:
        return _zip_member(path, archive, archive.getinfo(found[0]), path.stat().st_size, limit)


def _zip_member(path: Path, archive: zipfile.ZipFile, one: zipfile.ZipInfo, packed: int, limit: int) -> bytes:
    if one.flag_bits & 1:
        raise CityError(f"{path}: {one.filename} is encrypted; unpack it first")
    with archive.open(one) as stream:
        return _read_all(path, stream, packed, limit)


def _zip(path: Path, packed: int, limit: int) -> Iterator[tuple[str, bytes]]:
    total = 0
    with zipfile.ZipFile(path) as archive:
        entries = [one for one in archive.infolist() if not one.is_dir() and not _is_aside(one.filename)]
        _check_members(path, len(entries))
        for one in sorted(entries, key=lambda entry: entry.filename):
            data = _zip_member(path, archive, one, packed, limit - total)
            total += len(data)
            _check_ratio(path, total, packed)
            yield one.filename, data


def _tar(path: Path, magic: bytes, packed: int, limit: int) -> Iterator[tuple[str, bytes]]:
    total = count = 0
    with _unpacked(path, magic) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for one in archive:
            if not one.isfile() or _is_aside(one.name):
                continue
            count += 1
            total += one.size
            _check_members(path, count)
            _check_size(path, total, limit)
            _check_ratio(path, total, packed)
            content = archive.extractfile(one)
            if content is not None:
                yield one.name, content.read()


def _folder(path: Path, limit: int) -> Iterator[tuple[str, bytes]]:
    total = 0
    found = sorted(one for one in path.rglob("*") if one.is_file() and not one.is_symlink())
    _check_members(path, len(found))
    for one in found:
        total += one.stat().st_size
        _check_size(path, total, limit)
        yield str(one.relative_to(path)), one.read_bytes()


def _is_aside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return ".." in parts or name.startswith("/") or "__MACOSX" in parts or parts[-1] == ".DS_Store"


def _check_members(path: Path, count: int) -> None:
    if count > MAX_MEMBERS:
        raise CityError(f"{path}: holds more than {MAX_MEMBERS:,} files; split it, or check that it is what it says")


def _check_size(path: Path, size: int, limit: int) -> None:
    if size > limit:
        raise CityError(f"{path}: holds more than {limit:,} bytes; split it, or check that it is what it says it is")


def _check_ratio(path: Path, size: int, packed: int) -> None:
    if size > FREE and size > MAX_RATIO * packed:
        raise CityError(
            f"{path}: unpacks to more than {MAX_RATIO} times its size, which no geodata does; unpack it by hand if you "
            "trust it"
        )


def read_json(path: str | Path, limit: int = LIMIT) -> Any:
    """Read a JSON file that may be packed.

    Raises
    ------
    CityError
        As `read_bytes`, or the text is not JSON, or is nested deeper than Python can follow.
    """
    data = read_bytes(path, limit)
    if not data.strip():
        raise CityError(f"{path}: is empty; download it again")
    try:
        return json.loads(data)
    except RecursionError as error:
        raise CityError(f"{path}: the JSON is nested too deep to be geodata") from error
    except ValueError as error:  # also a number of more digits than Python reads
        raise CityError(f"{path}: is not JSON ({error}); is it the file you meant?") from error


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all, packed with gzip where its name ends in ``.gz``; same bytes, same file."""
    path = Path(path)
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(gzip.compress(data, 6, mtime=0) if path.suffix == ".gz" else data)
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise CityError(f"{path}: cannot be written ({error.strerror or error})") from error


def shown_name(path: str | Path) -> str:
    """The file's name without folder, ``.gz``, ``.zst`` or ``.zip``, lower case; its ending tells the format."""
    name = Path(path).name.lower()
    return name.removesuffix(".gz").removesuffix(".zst").removesuffix(".zip")
