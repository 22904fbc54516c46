"""The command that draws: results with and without a city, and every way to ask for what is not there."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from twin.city import City
from twin.folder import save
from viewer.cli.picture import command

WEST, SOUTH = 149_000.0, 172_000.0


@pytest.fixture(scope="module")
def folder(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cities") / "rows"
    save(city, place)
    return place


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a metre of water in the western half of the rows, at three times."""
    place = tmp_path_factory.mktemp("results") / "rain.zarr"
    x, y = WEST + 1 + 2 * np.arange(30.0), SOUTH + 1 + 2 * np.arange(20.0)
    depth = np.where(x < WEST + 30, 0.5, 0.0) * np.ones((20, 1))
    dataset = xr.Dataset(
        {
            "water_depth": (("time", "y", "x"), np.stack([0 * depth, depth / 2, depth])),
            "max_water_depth": (("y", "x"), depth),
            "ground_elevation": (("y", "x"), np.full((20, 30), 20.0)),
            "volume": ((), 1.0),
        },
        coords={"x": x, "y": y, "time": [0.0, 600.0, 1200.0]},
    )
    dataset.to_zarr(place, consolidated=False)
    return place


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Call the command; gives its exit code and what it said."""

    def call(*words: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            command.main([str(word) for word in words])
        return int(left.value.code or 0), " ".join(capsys.readouterr().err.split())

    return call


def _text(png: Path) -> bytes:
    data = png.read_bytes()
    return data[data.index(b"Description") : data.index(b"IDAT")]


def _blue(png: Path) -> float:
    """Share of the pixels that are clearly blue."""
    import pyvista

    image = pyvista.read(png).point_data.active_scalars.reshape(-1, 3).astype(int)
    return float(np.mean(image[:, 2] > image[:, 0] + 40))


def test_a_result_is_drawn_over_its_city_in_the_language_asked_for(
    run, result: Path, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "wet.png"
    words = ("--city", folder, "--size", "400x320", "--draft", "--lang", "nl", "--time", 700, "--field", "water_depth")
    assert run(result, *words, "--out", out)[0] == 0
    assert _blue(out) > 0.01
    for word in ("Hand-drawn rows", "Waterdiepte", "na 10 min", "demogegevens, niet het kadaster", "drawn by hand"):
        assert word.encode("latin-1") in _text(out)


def test_a_city_alone_is_drawn_without_any_legend(run, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "dry.png"
    assert run(folder, "--size", "400x320", "--draft", "--view", "top", "--out", out)[0] == 0
    assert _blue(out) < 0.001
    assert b"cadastre" in _text(out)
    assert b"(m)" not in _text(out)


def test_a_bare_field_is_drawn_without_any_city(run, result: Path, tmp_path: Path) -> None:
    out = tmp_path / "bare.png"
    code, said = run(result, "--size", "400x320", "--draft", "--lang", "en", "--view", "top", "--out", out)
    assert code == 0
    assert "drawn without houses" in said
    # half of the ground is under water, and the ground is at least a fifth of the picture
    assert _blue(out) > 0.1
    assert b"Maximum water depth (m)" in _text(out)
    assert b"demo" not in _text(out)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--size", "big"), "--size big: expected WIDTHxHEIGHT"),
        (("--size", "100x100"), "each from 320 to 8192"),
        (("--view", "below"), "expected one of south-west, south-east"),
        (("--lang", "de"), "expected one of fr, nl, en"),
        (("--field", "snow_depth"), "it has ground_elevation, max_water_depth, water_depth"),
        (("--field", "volume"), "no such field"),
        (("--field", "water_depth", "--time", "1300"), "covers 0 to 1200 s"),
        (("--field", "water_depth", "--time", "-1"), "covers 0 to 1200 s"),
        (("--time", "600"), "max_water_depth is one picture of the whole run"),
        (("--city", "nowhere"), "is no city folder"),
        (("--out", "picture.jpg"), "ends in .png"),
        (("--out", "no/such/folder/p.png"), "there is no folder"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(
    run, words: tuple[str, ...], told: str, result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = run(result, "--out", "p.png", *words)
    assert code == 2
    assert told in said
    assert not list(tmp_path.iterdir())


def test_a_path_with_nothing_in_it_is_said(run, tmp_path: Path, folder: Path) -> None:
    assert "there is nothing" in run(tmp_path / "none", "--out", tmp_path / "p.png")[1]
    assert "is neither a city folder" in run(tmp_path, "--out", tmp_path / "p.png")[1]
    assert "is a city; name a result" in run(folder, "--time", 3, "--out", tmp_path / "p.png")[1]


def test_a_city_elsewhere_is_refused(run, result: Path, folder: Path, city_of, tmp_path: Path) -> None:
    whole = city_of()
    away = tmp_path / "away"
    save(whole.with_(bounds=(0.0, 0.0, 60.0, 40.0)), away)
    code, said = run(result, "--city", away, "--out", tmp_path / "p.png")
    assert code == 2
    assert "name the result's city" in said


def test_asking_for_help_loads_no_graphics_library() -> None:
    code = "import sys, viewer.cli.picture; sys.exit(bool({'vtkmodules', 'pyvista', 'vtk'} & set(sys.modules)))"
    home = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=home, check=False).returncode == 0
