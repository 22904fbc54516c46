"""Open data of the Region: where it is, under which licence, and how to fetch it."""

import hashlib
import json
import re
import shutil
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from lxml import etree

from twin.city import Source

DOWNLOADS = "https://urbisdownload.datastore.brussels"
CATALOGUE = "https://datastore.brussels/web/data/dataset"
MAX_FEED = 20_000_000
"""Largest feed that is read. [byte]"""
MAX_FILE = 30_000_000_000
"""Largest file that is fetched. [byte]"""
TIMEOUT_S = 30.0
TRIES = 5
"""How often a broken download goes on from where it stopped, within one call."""

_BLOCK = 1 << 18
_WHEN = re.compile(r"(?<!\d)(20\d{6})(?!\d)")

Progress = Callable[[float, str], None]


class SourceError(RuntimeError):
    """Open data that could not be had; the text says what to fetch by hand and where to put it."""


@dataclass(frozen=True)
class Product:
    """One open dataset of the Region.

    Attributes
    ----------
    key : str
        Name on the command line.
    part : str
        Which part of the city it feeds.
    title, licence, owner : str
    uuid : str
        In the catalogue; names page and feed.
    formats : tuple of str
        Words by which the names of its files tell their format, the preferred one first; empty where there is one.
    """

    key: str
    part: str
    title: str
    uuid: str
    licence: str = "CC0-1.0"
    owner: str = "Paradigm, Brussels-Capital Region"
    formats: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        """Page of the catalogue, for people."""
        return f"{CATALOGUE}/{self.uuid}"


PRODUCTS = (
    Product(
        "buildings3d",
        "buildings",
        "UrbIS 3D constructions (LOD2)",
        "e9ec2aa4-cffd-11ee-bccc-00090ffe0001",
        formats=("GPKG", "SHP"),
    ),
    Product("dtm", "terrain", "UrbIS digital terrain model", "1d7bd49d-fe83-4388-af85-6f5dc8ec7909"),
    Product("dsm", "surface", "UrbIS digital surface model", "8c2d921e-6a53-11ed-bfb5-010101010000"),
)
"""The feeds `fetch_urbis` knows."""


def product(key: str) -> Product:
    """A product by its key; an unknown one is a `SourceError` that lists them."""
    for one in PRODUCTS:
        if one.key == key:
            return one
    raise SourceError(f"there is no product {key!r}; there are {', '.join(one.key for one in PRODUCTS)}")


def check_zone(zone: str) -> str:
    """A zone of UrbIS: a kilometre cell EEENNN, the NIS code of a municipality of the Region, or 04000, the Region."""
    cell = re.fullmatch(r"1[3-6]\d1[5-8]\d", zone)
    if cell or re.fullmatch(r"210(0[1-9]|1\d)", zone) or zone == "04000":
        return zone
    raise SourceError(
        f"{zone!r} is no zone of UrbIS; give a kilometre cell such as 148170 (E 148 km, N 170 km), "
        "the NIS code of a municipality (21004 is the City of Brussels) or 04000 for the whole Region"
    )


def fetch_urbis(
    zone: str,
    folder: str | Path,
    *,
    key: str = "buildings3d",
    wanted_format: str | None = None,
    base_url: str = DOWNLOADS,
    sha256: str | None = None,
    on_progress: Progress | None = None,
) -> Path:
    """Fetch the newest file of a product and a zone, going on where an earlier try stopped.

    Beside the file lies ``<file>.source.json`` with title, licence, address, vintage and checksum; `source_of` reads it
    into the city's manifest. A file that is there already and matches its checksum is not fetched again.

    Parameters
    ----------
    zone : str
        See `check_zone`.
    folder : path
    key : str
        Of `PRODUCTS`.
    wanted_format : str, optional
        One of the product's formats; the first the feed has where not given.
    base_url : str
        Of the server, or of a mirror that keeps its paths.
    sha256 : str, optional
        Expected checksum, hexadecimal.
    on_progress : callable, optional
        Takes a fraction 0..1 and words.

    Returns
    -------
    Path
        The zip.

    Raises
    ------
    SourceError
        No network, no such zone, a redirect, a file too large, or one that is not what was announced.
    """
    what, zone, folder = product(key), check_zone(zone), Path(folder)
    tell = on_progress or (lambda fraction, words: None)
    by_hand = (
        f"By hand: open {what.page}, download the file of zone {zone}"
        f"{f' as {wanted_format or what.formats[0]}' if what.formats else ''}, put it into {folder}/, import it"
    )
    try:
        tell(0.0, "reading the feed")
        feed_url = urljoin(base_url.rstrip("/") + "/", f"atomfeed/{what.uuid}-en.xml")
        url = newest_link(_read_feed(feed_url), what, zone, wanted_format)
        target = folder / Path(urlsplit(url).path).name
        known = _known_checksum(target)
        if known is None or (sha256 is not None and known != sha256.lower()):
            folder.mkdir(parents=True, exist_ok=True)
            _download(_on_base(url, base_url), target, sha256, tell)
            _note(target, what, url)
    except SourceError as error:
        raise SourceError(f"{error}. {by_hand}") from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise SourceError(f"{what.title}: {base_url} cannot be reached or read ({reason}). {by_hand}") from error
    tell(1.0, target.name)
    return target


def source_of(path: str | Path, part: str, *, title: str = "", licence: str = "", vintage: str = "") -> Source:
    """What is known of a file that feeds a part of the city.

    Parameters
    ----------
    path : path
        A file, or a folder that is read as one.
    part : str
        See `twin.city.Source`.
    title, licence, vintage : str
        As the file itself states them; what was noted beside it when it was fetched (``.source.json``) goes before.

    Returns
    -------
    Source
        The title is the file's name where nothing is known.
    """
    path = Path(path)
    note = path.with_name(path.name + ".source.json")
    known = json.loads(note.read_text("utf-8")) if note.is_file() else {}
    return Source(
        part,
        str(known.get("title") or title or path.name),
        str(known.get("licence") or licence),
        str(known.get("url", "")),
        str(known.get("vintage") or vintage),
        file_checksum(path),
    )


def newest_link(feed: bytes, what: Product, zone: str, wanted_format: str | None = None) -> str:
    """The newest zip of a zone in an ATOM feed; the date stands in the file's name.

    Raises
    ------
    SourceError
        The feed is no ATOM, brings its own entities, or has no such zone or format.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(feed, parser)
    except etree.XMLSyntaxError as error:
        raise SourceError(f"the feed of {what.title} is no XML ({error})") from error
    if root.getroottree().docinfo.doctype:
        raise SourceError(f"the feed of {what.title} declares a document type, which a feed has no need of; not read")
    zips = [link.get("href", "") for link in root.iter("{http://www.w3.org/2005/Atom}link")]
    zips = [url for url in zips if urlsplit(url).path.lower().endswith(".zip")]
    found = [url for url in zips if zone in re.split(r"[_.]", Path(urlsplit(url).path).name)]
    if not found:
        raise SourceError(f"the feed of {what.title} lists {len(zips)} files, none of zone {zone}")
    formats = (wanted_format.upper(),) if wanted_format else what.formats
    for form in formats:
        fitting = [url for url in found if form in Path(urlsplit(url).path).name.upper().split("_")]
        if fitting:
            return max(fitting, key=_vintage)
    if wanted_format or not found:
        raise SourceError(f"zone {zone} of {what.title} is not there as {wanted_format}, only as {_names(found)}")
    return max(found, key=_vintage)


def _names(urls: list[str]) -> str:
    return ", ".join(sorted(Path(urlsplit(url).path).name for url in urls))


def _vintage(url: str) -> str:
    dates = _WHEN.findall(Path(urlsplit(url).path).name)
    return max(dates, default="")


def _on_base(url: str, base_url: str) -> str:
    """The address on the server that was asked: a feed may not send us anywhere else."""
    there, base = urlsplit(url), urlsplit(base_url)
    if there.netloc not in ("", urlsplit(DOWNLOADS).netloc, base.netloc):
        raise SourceError(f"the feed points to another server, {there.netloc}; not followed")
    return urlunsplit((base.scheme, base.netloc, there.path, there.query, ""))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuses redirects, so that what comes is from the server that was named."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        raise SourceError(f"{req.full_url} redirects to {newurl}; not followed")


def _open(url: str, headers: dict[str, str] | None = None) -> HTTPResponse:
    if urlsplit(url).scheme not in ("http", "https"):
        raise SourceError(f"{url}: only http and https are fetched")
    request = urllib.request.Request(url, headers={"User-Agent": "bxl-twin"} | (headers or {}))
    found: HTTPResponse = urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S)
    return found


def _read_feed(url: str) -> bytes:
    with _open(url) as answer:
        found = answer.read(MAX_FEED + 1)
    if len(found) > MAX_FEED:
        raise SourceError(f"{url}: is larger than {MAX_FEED:,} bytes, too much for a feed")
    return found


def _download(url: str, target: Path, sha256: str | None, tell: Progress) -> None:
    part = target.with_name(target.name + ".part")
    for attempt in range(TRIES):
        try:
            if _go_on(url, part, tell):
                break
        except (OSError, HTTPException) as error:
            code = error.code if isinstance(error, urllib.error.HTTPError) else 500
            if code == 416:  # what lies here is not a beginning of what lies there: start over
                part.unlink()
            elif code < 500 or attempt == TRIES - 1:
                raise
            time.sleep(0.2 * 2**attempt)
    else:
        raise SourceError(f"{url}: broke off {TRIES} times; what came is kept in {part.name}, run the command again")
    found = file_checksum(part)
    if sha256 is not None and found != sha256.lower():
        part.unlink()
        _seen(part).unlink(missing_ok=True)
        raise SourceError(f"{target.name}: has the checksum {found}, expected {sha256}; what came was thrown away")
    if not zipfile.is_zipfile(part):
        part.unlink()
        _seen(part).unlink(missing_ok=True)
        raise SourceError(f"{target.name}: what came is no zip file and was thrown away")
    part.replace(target)
    _seen(part).unlink(missing_ok=True)


def _go_on(url: str, part: Path, tell: Progress) -> bool:
    """Fetch what is missing of a file; whether it is whole now."""
    have, seen = (part.stat().st_size if part.is_file() else 0), _seen(part)
    mark = seen.read_text("utf-8") if seen.is_file() else ""
    headers = {"Range": f"bytes={have}-", "If-Range": mark} if have and mark else {}
    with _open(url, headers) as answer:
        again = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", ""))
        if answer.status == 206 and again and int(again[1]) == have:
            total, mode = int(again[2]), "ab"
        else:
            have, total, mode = 0, int(answer.headers.get("Content-Length") or 0), "wb"
        if total > MAX_FILE:
            raise SourceError(f"{url}: is {total:,} bytes, more than {MAX_FILE:,}; fetch it by hand if you mean it")
        free = shutil.disk_usage(part.parent).free
        if total - have > free:
            raise SourceError(f"{url}: needs {total - have:,} bytes and {part.parent} has {free:,} left; make room")
        seen.write_text(_mark(answer.headers), "utf-8")
        with part.open(mode) as file:
            while block := answer.read(_BLOCK):
                file.write(block)
                have += len(block)
                if have > MAX_FILE:
                    raise SourceError(f"{url}: does not end within {MAX_FILE:,} bytes")
                tell(have / total if total else 0.0, f"{have / 1e6:,.1f} of {total / 1e6:,.1f} MB")
    return not total or have == total


def _mark(headers: Message) -> str:
    """What tells one version of a file from the next; a weak tag may not be used to go on (RFC 9110, 13.1.5)."""
    tag = str(headers.get("ETag", ""))
    return tag if tag and not tag.startswith("W/") else str(headers.get("Last-Modified", ""))


def _seen(part: Path) -> Path:
    return part.with_name(part.name + ".version")


def file_checksum(path: Path) -> str:
    """SHA-256 of a file, or of the checksums of all files in a folder in the order of their names, hexadecimal."""
    if path.is_dir():
        inside = [file_checksum(one) for one in sorted(path.rglob("*")) if one.is_file()]
        return hashlib.sha256(" ".join(inside).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _note(target: Path, what: Product, url: str) -> None:
    date = _vintage(url)
    note: dict[str, Any] = {
        "part": what.part,
        "title": what.title,
        "licence": what.licence,
        "owner": what.owner,
        "page": what.page,
        "url": url,
        "vintage": f"{date[:4]}-{date[4:6]}-{date[6:]}" if date else "",
        "sha256": file_checksum(target),
        "bytes": target.stat().st_size,
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    fresh = target.with_name(target.name + ".source.json.new")
    fresh.write_text(json.dumps(note, indent=1), "utf-8")
    fresh.replace(target.with_name(target.name + ".source.json"))


def _known_checksum(target: Path) -> str | None:
    """Checksum of a file that is there, whole, and as it was noted; None otherwise."""
    note = target.with_name(target.name + ".source.json")
    if not (target.is_file() and note.is_file()):
        return None
    noted = json.loads(note.read_text("utf-8")).get("sha256")
    return noted if noted == file_checksum(target) else None
