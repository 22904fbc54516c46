"""The Region cell by cell, on small cities of boxes."""

import json
from pathlib import Path

from twin.folder import load
from twin.tiling import INDEX, import_region


def _box(west: float, south: float, size: float, height: float) -> list[tuple[float, float, float]]:
    plan = [(west, south), (west + size, south), (west + size, south + size), (west, south + size)]
    return [(x, y, z) for z in (15.0, 15.0 + height) for x, y in plan]


def _cityjson(path: Path, boxes: dict[str, tuple[float, float, float, float]]) -> Path:
    """CityJSON 2.0 with one closed box per building."""
    vertices: list[list[int]] = []
    objects = {}
    for name, box in boxes.items():
        base = len(vertices)
        vertices += [[round(value * 1000) for value in corner] for corner in _box(*box)]
        sides = [[[base + i, base + (i + 1) % 4, base + 4 + (i + 1) % 4, base + 4 + i]] for i in range(4)]
        faces = [[[base + 3, base + 2, base + 1, base]], [[base + 4, base + 5, base + 6, base + 7]], *sides]
        kinds = [{"type": "GroundSurface"}, {"type": "RoofSurface"}, {"type": "WallSurface"}]
        geometry = {
            "type": "MultiSurface", "lod": "2", "boundaries": faces,
            "semantics": {"surfaces": kinds, "values": [0, 1, 2, 2, 2, 2]},
        }  # fmt: skip
        objects[name] = {"type": "Building", "geometry": [geometry]}
    document = {
        "type": "CityJSON", "version": "2.0",
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/6190"},
        "transform": {"scale": [0.001, 0.001, 0.001], "translate": [0, 0, 0]},
        "CityObjects": objects, "vertices": vertices,
    }  # fmt: skip
    path.write_text(json.dumps(document))
    return path


def _cells(folder: Path, columns: int, per_side: int = 4) -> dict[str, dict[str, Path]]:
    """A row of kilometre cells of ``per_side`` squared boxes, one box across each edge in both files."""
    found = {}
    step = 960 / per_side
    for column in range(columns):
        east = 148 + column
        west = east * 1000.0
        boxes = {
            f"{east}-{i}-{j}": (west + 20 + step * i, 170020 + step * j, 12.0, 9.0)
            for i in range(per_side)
            for j in range(per_side)
        }
        if column:
            boxes[f"edge-{east}"] = (west - 4, 170990, 8.0, 20.0)
        if column + 1 < columns:
            boxes[f"edge-{east}-seen-from-the-west"] = (west + 996, 170990, 8.0, 20.0)
        found[f"{east}170"] = {"buildings": _cityjson(folder / f"{east}170.city.json", boxes)}
    return found


def test_cells_are_imported_apart_and_edge_buildings_count_once(tmp_path: Path) -> None:
    told: list[float] = []
    index = import_region(
        _cells(tmp_path, 3), tmp_path / "region", workers=2, on_progress=lambda done, words: told.append(done)
    )
    assert index["failed"] == []
    assert index["buildings"] == 3 * 16 + 2
    assert index["on_two_cells"] == 2
    assert json.loads((tmp_path / "region" / INDEX).read_text()) == index
    assert told[-1] == 1.0
    cities = {cell["name"]: load(tmp_path / "region" / cell["name"]) for cell in index["cells"]}
    assert {name: len(city.buildings) for name, city in cities.items()} == {"148170": 17, "149170": 17, "150170": 16}
    for cell in index["cells"]:
        assert cities[cell["name"]].digest == cell["digest"]
        assert cell["counts"]["buildings"] == len(cities[cell["name"]].buildings)
        # a box has 6 faces
        assert len(cities[cell["name"]].surfaces) == 6 * len(cities[cell["name"]].buildings)


def test_a_second_run_does_nothing_twice_and_one_changed_file_only_that_cell(tmp_path: Path) -> None:
    cells = _cells(tmp_path, 3, per_side=2)
    first = import_region(cells, tmp_path / "region", workers=2)
    before = {name: (tmp_path / "region" / name / "city.json").stat().st_mtime_ns for name in cells}
    second = import_region(cells, tmp_path / "region", workers=2)
    assert [cell["digest"] for cell in second["cells"]] == [cell["digest"] for cell in first["cells"]]
    assert second["buildings"] == first["buildings"]
    assert before == {name: (tmp_path / "region" / name / "city.json").stat().st_mtime_ns for name in cells}
    _cityjson(tmp_path / "150170.city.json", {"new": (150030.0, 170030.0, 12.0, 9.0)})
    third = import_region(cells, tmp_path / "region", workers=2)
    assert [a["digest"] == b["digest"] for a, b in zip(first["cells"], third["cells"], strict=True)] == [
        True, True, False,
    ]  # fmt: skip


def test_a_cell_that_cannot_be_read_is_listed_and_the_others_are_there(tmp_path: Path) -> None:
    cells = _cells(tmp_path, 2, per_side=2)
    cells["149170"]["buildings"].write_text("{")
    index = import_region(cells, tmp_path / "region", workers=1)
    assert [cell["name"] for cell in index["cells"]] == ["148170"]
    assert index["failed"][0]["name"] == "149170"
    assert "149170.city.json" in index["failed"][0]["error"]


def test_memory_does_not_grow_with_the_number_of_cells(tmp_path: Path) -> None:
    peaks = {}
    for columns in (2, 8):
        (tmp_path / str(columns)).mkdir()
        cells = _cells(tmp_path / str(columns), columns, per_side=24)
        index = import_region(cells, tmp_path / str(columns) / "region", workers=1)
        assert index["buildings"] == 576 * columns + columns - 1
        peaks[columns] = max(cell["peak_memory"] for cell in index["cells"])
    assert peaks[8] < 1.1 * peaks[2], f"peak memory [byte] by number of cells: {peaks}"
