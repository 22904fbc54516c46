"""Fetching open data, against a loopback server that serves a feed and a zip as the Region's does."""

import hashlib
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from twin import sources
from twin.sources import PRODUCTS, SourceError, check_zone, fetch_urbis, newest_link, product, source_of

FOLDER = "/UrbIS/Vector/M8/UrbIS-Buildings3D/GPKG"


def _zip(size: int = 400_000) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as file:
        file.writestr("gpkg/UrbISBuildings3D_148170.gpkg", np.random.default_rng(7).bytes(size))
    return packed.getvalue()


def _feed(*names: str, host: str = "https://urbisdownload.datastore.brussels") -> bytes:
    links = "".join(f'<entry><link rel="section" href="{host}{name}"/></entry>' for name in names)
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{links}</feed>'.encode()


@dataclass
class Region:
    """The loopback server: what it serves, how often it breaks off, and what it was asked."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    breaks: int = 0  # answers that stop after half of what is due
    ranges: bool = True
    moved: str = ""
    version: str = '"one"'
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def region() -> Iterator[Region]:
    state = Region()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.asked.append((self.path, wanted))
            if state.moved and self.path.endswith(".zip"):
                self.send_response(302)
                self.send_header("Location", state.moved)
                self.end_headers()
                return
            whole = state.files.get(self.path)
            if whole is None:
                self.send_error(404)
                return
            start = 0
            found = re.fullmatch(r"bytes=(\d+)-", wanted)
            if found and state.ranges and self.headers.get("If-Range") == state.version:
                start = int(found[1])
                if start >= len(whole):
                    self.send_error(416)
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(whole) - start))
            self.send_header("ETag", state.version)
            self.end_headers()
            due = whole[start:]
            if self.path.endswith(".zip") and state.breaks:
                state.breaks -= 1
                due = due[: len(due) // 2]
            self.wfile.write(due)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    new, old = (f"{FOLDER}/UrbISBuildings3D_31370_GPKG_148170_{date}.zip" for date in ("20260207", "20240101"))
    shape = f"{FOLDER}/UrbISBuildings3D_31370_SHP_148170_20260301.zip"
    other = f"{FOLDER}/UrbISBuildings3D_31370_GPKG_149170_20260207.zip"
    state.files = {new: _zip(), old: _zip(10), shape: _zip(20), other: _zip(30)}
    state.files[f"/atomfeed/{product('buildings3d').uuid}-en.xml"] = _feed(*state.files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources.time, "sleep", lambda seconds: None)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def _wanted(region: Region) -> bytes:
    return region.files[f"{FOLDER}/UrbISBuildings3D_31370_GPKG_148170_20260207.zip"]


def test_the_newest_file_of_the_zone_comes_with_licence_vintage_and_checksum(region: Region, tmp_path: Path) -> None:
    told: list[float] = []
    path = fetch_urbis("148170", tmp_path, base_url=region.url, on_progress=lambda done, words: told.append(done))
    assert path.name == "UrbISBuildings3D_31370_GPKG_148170_20260207.zip"
    assert path.read_bytes() == _wanted(region)
    known = source_of(path, "buildings")
    assert (known.licence, known.vintage) == ("CC0-1.0", "2026-02-07")
    assert known.sha256 == hashlib.sha256(_wanted(region)).hexdigest()
    assert told[-1] == 1.0
    assert told == sorted(told)
    assert sorted(one.name for one in tmp_path.iterdir()) == [path.name, path.name + ".source.json"]


def test_a_file_already_there_is_not_fetched_again(region: Region, tmp_path: Path) -> None:
    path = fetch_urbis("148170", tmp_path, base_url=region.url)
    before = len(region.asked)
    assert fetch_urbis("148170", tmp_path, base_url=region.url) == path
    assert [name for name, _ in region.asked[before:]] == [f"/atomfeed/{product('buildings3d').uuid}-en.xml"]


def test_a_changed_file_is_fetched_again(region: Region, tmp_path: Path) -> None:
    path = fetch_urbis("148170", tmp_path, base_url=region.url)
    path.write_bytes(b"changed")
    assert fetch_urbis("148170", tmp_path, base_url=region.url).read_bytes() == _wanted(region)


def test_a_broken_download_goes_on_where_it_stopped(region: Region, tmp_path: Path) -> None:
    region.breaks = 2
    path = fetch_urbis("148170", tmp_path, base_url=region.url)
    assert path.read_bytes() == _wanted(region)
    starts = [int(wanted[6:-1]) for name, wanted in region.asked if wanted]
    half = len(_wanted(region)) // 2
    assert starts == [half, half + (len(_wanted(region)) - half) // 2]


def test_a_download_that_keeps_breaking_is_kept_and_goes_on_in_the_next_call(region: Region, tmp_path: Path) -> None:
    region.breaks = sources.TRIES
    with pytest.raises(SourceError, match=r"run the command again"):
        fetch_urbis("148170", tmp_path, base_url=region.url)
    (part,) = tmp_path.glob("*.part")
    have = part.stat().st_size
    region.asked.clear()
    path = fetch_urbis("148170", tmp_path, base_url=region.url)
    assert path.read_bytes() == _wanted(region)
    assert region.asked[-1][1] == f"bytes={have}-"


def test_a_file_that_changed_meanwhile_is_not_glued_to_the_old_half(region: Region, tmp_path: Path) -> None:
    region.breaks = sources.TRIES
    with pytest.raises(SourceError):
        fetch_urbis("148170", tmp_path, base_url=region.url)
    region.version = '"two"'
    region.files[f"{FOLDER}/UrbISBuildings3D_31370_GPKG_148170_20260207.zip"] = _zip(300_001)
    assert fetch_urbis("148170", tmp_path, base_url=region.url).read_bytes() == _wanted(region)


def test_a_server_without_ranges_sends_the_whole_again(region: Region, tmp_path: Path) -> None:
    region.breaks, region.ranges = 1, False
    assert fetch_urbis("148170", tmp_path, base_url=region.url).read_bytes() == _wanted(region)


def test_a_wrong_checksum_leaves_no_file(region: Region, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="checksum"):
        fetch_urbis("148170", tmp_path, base_url=region.url, sha256="0" * 64)
    assert not list(tmp_path.iterdir())


def test_what_is_no_zip_leaves_no_file(region: Region, tmp_path: Path) -> None:
    region.files[f"{FOLDER}/UrbISBuildings3D_31370_GPKG_148170_20260207.zip"] = b"<html>maintenance</html>"
    with pytest.raises(SourceError, match="no zip"):
        fetch_urbis("148170", tmp_path, base_url=region.url)
    assert not list(tmp_path.iterdir())


def test_a_zone_the_feed_does_not_have_is_named(region: Region, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none of zone 150170.*By hand"):
        fetch_urbis("150170", tmp_path, base_url=region.url)


def test_redirects_are_refused(region: Region, tmp_path: Path) -> None:
    region.moved = "http://127.0.0.1:9/elsewhere.zip"
    with pytest.raises(SourceError, match="redirects to"):
        fetch_urbis("148170", tmp_path, base_url=region.url)


def test_a_feed_that_points_to_another_server_is_refused(region: Region, tmp_path: Path) -> None:
    name = f"{FOLDER}/UrbISBuildings3D_31370_GPKG_148170_20260207.zip"
    uuid = product("buildings3d").uuid
    region.files[f"/atomfeed/{uuid}-en.xml"] = _feed(name, host="https://example.org")
    with pytest.raises(SourceError, match=r"example\.org"):
        fetch_urbis("148170", tmp_path, base_url=region.url)


def test_a_file_larger_than_the_limit_is_refused(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MAX_FILE", 1000)
    with pytest.raises(SourceError, match="more than 1,000"):
        fetch_urbis("148170", tmp_path, base_url=region.url)


def test_without_a_network_the_error_says_what_to_fetch_by_hand_and_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        fetch_urbis("148170", tmp_path, base_url="http://127.0.0.1:9")
    words = str(caught.value)
    assert product("buildings3d").page in words
    assert "148170" in words
    assert f"{tmp_path}/" in words


def test_a_feed_with_its_own_entities_is_not_read() -> None:
    bomb = (
        b'<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + _feed("/x_148170_20260207.zip")[21:]
    )
    with pytest.raises(SourceError, match="document type"):
        newest_link(bomb, PRODUCTS[1], "148170")


@pytest.mark.parametrize("zone", ["14817", "900000", "21020", "../etc", "148170;rm", ""])
def test_what_is_no_zone_is_refused_before_the_network_is_asked(zone: str) -> None:
    with pytest.raises(SourceError, match="no zone"):
        check_zone(zone)


@pytest.mark.parametrize("zone", ["148170", "21004", "04000"])
def test_cells_municipalities_and_the_region_are_zones(zone: str) -> None:
    assert check_zone(zone) == zone


def test_a_wanted_format_the_zone_does_not_have_is_named(region: Region, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="only as UrbISBuildings3D_31370_GPKG_149170"):
        fetch_urbis("149170", tmp_path, base_url=region.url, wanted_format="SHP")


def test_a_file_without_a_note_is_known_by_its_name_and_checksum(tmp_path: Path) -> None:
    path = tmp_path / "dem.tif"
    path.write_bytes(b"height")
    known = source_of(path, "terrain")
    assert (known.title, known.sha256) == ("dem.tif", hashlib.sha256(b"height").hexdigest())
    (tmp_path / "dem.tif.source.json").write_text(json.dumps({"title": "DTM", "licence": "CC0-1.0"}))
    assert source_of(path, "terrain").title == "DTM"
    assert source_of(path, "terrain", title="of the file", vintage="2021").vintage == "2021"


def test_a_folder_has_a_checksum_that_follows_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    before = source_of(tmp_path, "buildings").sha256
    assert source_of(tmp_path, "buildings").sha256 == before
    (tmp_path / "a").write_bytes(b"2")
    assert source_of(tmp_path, "buildings").sha256 != before
