"""Laser scans: a plane with a roof over it, and a real scan."""

from pathlib import Path

import laspy
import numpy as np
import pytest
from numpy.testing import assert_allclose

from twin.city import CityError
from twin.formats import laz
from twin.formats.laz import read_ground
from twin.formats.raster import read_terrain


def _scan(path: Path, kinds: int = 2) -> Path:
    """Four ground points in each cell of 5 by 4 m on a slope, and a roof over the cell (2, 1) that hides its ground."""
    x, y = np.meshgrid(148000 + np.arange(0.25, 5, 0.5), 170000 + np.arange(0.25, 4, 0.5))
    x, y = x.ravel(), y.ravel()
    hidden = (np.floor(x) == 148002) & (np.floor(y) == 170001)
    head = laspy.LasHeader(point_format=1, version="1.2")
    head.scales, head.offsets = [0.001] * 3, [148000, 170000, 0]
    scan = laspy.LasData(head)
    scan.x, scan.y = x, y
    scan.z = np.where(hidden, 30.0, 15 + 0.1 * (x - 148000))
    scan.classification = np.where(hidden, 6, kinds).astype(np.uint8)
    scan.write(path)
    return path


@pytest.mark.parametrize("name", ["scan.las", "scan.laz"])
def test_ground_points_are_averaged_and_roofs_leave_gaps(tmp_path: Path, name: str) -> None:
    found, crs = read_ground(_scan(tmp_path / name))
    assert crs is None
    assert found.bounds == (148000.0, 170000.0, 148005.0, 170004.0)
    expected = np.tile(15.05 + 0.1 * np.arange(5), (4, 1))
    expected[1, 2] = np.nan
    assert_allclose(found.elevation, expected, atol=1e-3)
    assert_allclose(read_terrain(tmp_path / name).elevation, expected, atol=1e-3)


def test_a_scan_read_in_pieces_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = read_ground(_scan(tmp_path / "scan.laz"))
    monkeypatch.setattr(laz, "CHUNK", 7)
    assert_allclose(read_ground(tmp_path / "scan.laz")[0].elevation, whole.elevation, atol=1e-6)


def test_bad_scans_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CityError, match="class 2"):
        read_ground(_scan(tmp_path / "unclassified.las", kinds=1))
    (tmp_path / "letter.laz").write_bytes(b"Dear all, this is no scan. " * 20)
    with pytest.raises(CityError, match=r"letter\.laz"):
        read_ground(tmp_path / "letter.laz")
    with pytest.raises(CityError, match="no such file"):
        read_ground(tmp_path / "absent.laz")
    monkeypatch.setattr(laz, "laspy", None)
    with pytest.raises(CityError, match=r"bxl-twin\[pointcloud\]"):
        read_ground(tmp_path / "letter.laz")


@pytest.mark.data
def test_a_real_scan_from_elsewhere_is_read_where_the_caller_asks_for_it(reference_data: Path) -> None:
    path = reference_data / "fallback" / "ahn3_cropped_2.laz"
    found = read_terrain(path, any_crs=True)
    known = np.isfinite(found.elevation)
    assert 0.3 < known.mean() < 1.0
    assert float(np.nanmax(found.elevation)) < 30  # the Netherlands
    with pytest.raises(CityError, match="outside Belgium"):
        read_terrain(path)
