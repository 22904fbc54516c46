"""The fetch command."""

import json
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from twin.sources import product
from viewer.cli.fetch import command


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A mirror of the Region's server on this machine, with one zip of the zone 148170."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site = tmp_path / "site"
    (site / "atomfeed").mkdir(parents=True)
    with zipfile.ZipFile(site / "UrbISBuildings3D_31370_GPKG_148170_20260207.zip", "w") as file:
        file.writestr("gpkg/UrbISBuildings3D.gpkg", b"faces" * 1000)
    link = '<link rel="section" href="/UrbISBuildings3D_31370_GPKG_148170_20260207.zip"/>'
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{link}</entry></feed>'
    (site / "atomfeed" / f"{product('buildings3d').uuid}-en.xml").write_text(feed)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        command.main(list(words))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, " ".join(said.err.split())


def test_a_zone_is_fetched_and_described_in_one_object(
    mirror: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, said = _run(
        capsys, "urbis", "148170", "--out", str(tmp_path / "downloads"), "--base-url", mirror, "--json"
    )
    assert code == 0
    found = json.loads(out.splitlines()[-1])
    assert (found["licence"], found["vintage"]) == ("CC0-1.0", "2026-02-07")
    assert zipfile.is_zipfile(found["file"])
    assert Path(found["file"]).parent == tmp_path / "downloads"
    assert "CC0-1.0" in said


def test_a_zone_that_is_not_there_ends_with_2(mirror: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, said = _run(capsys, "urbis", "149171", "--out", str(tmp_path), "--base-url", mirror)
    assert (code, out) == (2, "")
    assert "none of zone 149171" in said


def test_offline_fetch_says_what_to_do_by_hand_and_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "downloads")
    code, _, said = _run(capsys, "urbis", "148170", "--out", folder, "--base-url", "http://127.0.0.1:9")
    assert code == 2
    assert "By hand: open https://datastore.brussels/web/data/dataset/e9ec2aa4-cffd-11ee-bccc-00090ffe0001" in said
    assert "downloads/" in said


def test_an_unknown_collection_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, said = _run(capsys, "paris", "148170", "--out", str(tmp_path))
    assert code == 2
    assert "'paris'" in said
