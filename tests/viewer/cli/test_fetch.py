"""The fetch command."""

from pathlib import Path

import pytest

from viewer.cli.fetch import command


def _fails(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        command.main(list(words))
    assert ended.value.code == 2
    return " ".join(capsys.readouterr().err.split())


def test_offline_fetch_says_what_to_do_by_hand_and_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _fails(capsys, "urbis", "148170", "--out", str(tmp_path / "downloads"), "--base-url", "http://127.0.0.1:9")
    assert "By hand: open https://datastore.brussels/web/data/dataset/e9ec2aa4-cffd-11ee-bccc-00090ffe0001" in said
    assert "downloads/" in said


def test_an_unknown_collection_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "'paris'" in _fails(capsys, "paris", "148170", "--out", str(tmp_path))
