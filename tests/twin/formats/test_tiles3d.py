"""A tileset drawn by hand: geocentric triangles with batch ids come back as the houses they were."""

import io
import json
import struct
import tarfile
from pathlib import Path

import numpy as np
import pyproj
import pytest
import zstandard

from twin.cadastre import assemble
from twin.city import CityError
from twin.formats import tiles3d
from twin.formats.buildings import read_buildings
from twin.frames import GEOID, SHIFT

COLOURS = ((239, 239, 239), (180, 255, 100), (255, 255, 255))


def _geocentric(points: np.ndarray) -> np.ndarray:
    """Lambert 72 and TAW to WGS84 geocentric by pyproj alone: the way back of the documented constants."""
    x, y, z = points[:, 0] - SHIFT[0], points[:, 1] - SHIFT[1], points[:, 2] + GEOID
    longitude, latitude = pyproj.Transformer.from_crs("EPSG:31370", "EPSG:4326", always_xy=True).transform(x, y)
    return np.column_stack(
        pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True).transform(longitude, latitude, z)
    )


def _b3dm(faces, parents: list[str], centre: np.ndarray) -> bytes:
    """One tile; every face is a feature, cut into a fan of triangles."""
    primitives, views, accessors, blob = [], [], [], b""
    for kind in range(3):
        points, batch = [], []
        for number, (face_kind, rings) in enumerate(faces):
            if face_kind == kind:
                ring = rings[0]
                for i in range(1, len(ring) - 1):
                    points += [ring[0], ring[i], ring[i + 1]]
                    batch += [number] * 3
        if not points:
            continue
        local = _geocentric(np.array(points)) - centre
        upright = np.column_stack([local[:, 0], local[:, 2], -local[:, 1]]).astype("<f4")  # glTF has y up
        first = len(accessors)
        for data, kind_of, component in ((upright, "VEC3", 5126), (np.array(batch, "<u2"), "SCALAR", 5123)):
            blob += b"\0" * (-len(blob) % 4)
            views.append({"buffer": 0, "byteOffset": len(blob), "byteLength": data.nbytes})
            accessors.append(
                {"bufferView": len(views) - 1, "componentType": component, "count": len(data), "type": kind_of}
            )
            blob += data.tobytes()
        primitives.append({"attributes": {"POSITION": first, "_BATCHID": first + 1}, "material": kind})
    gltf = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": primitives}],
        "materials": [{"pbrMetallicRoughness": {"baseColorFactor": [*(c / 255 for c in one), 1]}} for one in COLOURS],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(blob)}],
        "extensions": {"CESIUM_RTC": {"center": centre.tolist()}},
    }
    text = json.dumps(gltf).encode()
    text += b" " * (-len(text) % 4)
    blob += b"\0" * (-len(blob) % 4)
    glb = struct.pack("<2I", len(text), 0x4E4F534A) + text + struct.pack("<2I", len(blob), 0x004E4942) + blob
    glb = b"glTF" + struct.pack("<2I", 2, 12 + len(glb)) + glb
    feature = json.dumps({"BATCH_LENGTH": len(faces)}).encode()
    batch = json.dumps({"gml_id": [f"f{i}" for i in range(len(faces))], "gml_parent_id": parents}).encode()
    size = 28 + len(feature) + len(batch) + len(glb)
    return b"b3dm" + struct.pack("<6I", 1, size, len(feature), 0, len(batch), 0) + feature + batch + glb


@pytest.fixture
def tileset(houses, tmp_path) -> Path:
    """Two tiles; the second house is spread over both."""
    gable, block = houses.gable(), houses.block(x=20)
    centre = _geocentric(np.array([[148_510.0, 170_504.0, 25.0]]))[0]
    folder = tmp_path / "tiles"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "data0.b3dm").write_bytes(_b3dm([*gable, *block[:2]], ["g"] * len(gable) + ["b"] * 2, centre))
    (folder / "data" / "data1.b3dm").write_bytes(_b3dm(block[2:], ["b"] * len(block[2:]), centre + 40))
    box = [*centre.tolist(), 50, 0, 0, 0, 50, 0, 0, 0, 50]
    tiles = {
        "asset": {"version": "0.0"},
        "geometricError": 10,
        "root": {
            "boundingVolume": {"box": box},
            "content": {"url": "data/data0.b3dm"},
            "children": [{"boundingVolume": {"box": box}, "content": {"uri": "data/data1.b3dm"}}],
        },
    }
    (folder / "tileset.json").write_text(json.dumps(tiles))
    return folder


def _check(path: Path) -> None:
    part = read_buildings(path)
    assert part.crs == "EPSG:4978"
    made = assemble([part])
    assert list(made.table.index) == ["g", "b"]
    assert made.table["volume"].tolist() == pytest.approx([600, 480], rel=1e-4)
    assert made.table["ground_z"].tolist() == pytest.approx([20, 20], abs=1e-3)
    assert made.table["ridge_height"].tolist() == pytest.approx([9, 6], abs=1e-3)
    assert len(made.surfaces) == 7 + 6
    assert made.table["quality"].tolist() == ["", ""]
    west, south = made.table.total_bounds[:2]
    assert (west, south) == pytest.approx((148_500, 170_500), abs=1e-3)


def test_folder_tileset_json_and_archive_give_the_same_houses(tileset, tmp_path):
    _check(tileset)
    _check(tileset / "tileset.json")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(tileset, arcname="tiles")
    (tmp_path / "tiles.tar.zst").write_bytes(zstandard.ZstdCompressor().compress(packed.getvalue()))
    _check(tmp_path / "tiles.tar.zst")


def test_transform_of_the_tileset_is_applied(tileset):
    moved = json.loads((tileset / "tileset.json").read_text())
    # two children, one moved: a translation in column-major order
    moved["root"]["children"][0]["transform"] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1000, 1]
    (tileset / "tileset.json").write_text(json.dumps(moved))
    plain = tiles3d.read(tileset / "data" / "data1.b3dm").vertices
    far = tiles3d.read(tileset).vertices
    assert far[:, 2].max() == pytest.approx(plain[:, 2].max() + 1000, abs=1e-3)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: data[: len(data) // 2], "not a b3dm"),
        (lambda data: b"nope" + data[4:], "expected b3dm"),
        (lambda data: data.replace(b'"BATCH_LENGTH": 9', b'"BATCH_LENGTH": 0'), "no batch"),
        (lambda data: data.replace(b'"BATCH_LENGTH": 9', b'"BATCH_LENGTH": 3'), "names feature 8 of 3"),
    ],
)
def test_damaged_tile_is_named(tileset, spoil, words):
    path = tileset / "data" / "data0.b3dm"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(CityError, match=rf"data0\.b3dm.*{words}"):
        read_buildings(tileset)


def test_tileset_of_newer_kind_says_what_it_lacks(tileset):
    for one in (tileset / "data").iterdir():
        one.unlink()
    with pytest.raises(CityError, match="holds no b3dm"):
        read_buildings(tileset)
