"""Roofs and facades as the energy of buildings sees them: patches with their horizons, and a few faces a building."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kernels.energy import horizons, triangle_tree
from kernels.energy.horizons import AZIMUTHS, STEPS
from twin import faces as polygons
from twin import mesh, party_walls, solar_patches
from twin.city import GROUND, ROOF, City, Surfaces
from twin.layers import remembered

LEVEL = 10.0
"""A roof that is less steep than this counts as level. [degree]"""

_OCTANTS, _SECTORS = 8, 16
"""Directions in which tilted roofs and walls are told apart; a building has one face in each at most."""

DEAR = 5_000
"""From so many patches on horizons are kept on disk."""

ROOM = 400_000_000
"""What is kept on disk at most; what was longest unused goes first. [byte]"""

MUCH = 0.2
"""Where more than this part of all triangles came or went, all patches look round anew. [1]"""

ROOF_FACE, WALL_FACE = 0, 1
"""Values of ``face_kind``."""


class CityPatches(NamedTuple):
    """Patches of all roofs and free walls of a city, ascending by building.

    Attributes
    ----------
    building : (patch,) int64
        Row of the table.
    surface : (patch,) int64
        Number in ``city.surfaces``.
    kind : (patch,) int8
        `ROOF_FACE` or `WALL_FACE`.
    area : (patch,) float64
        [m²]
    normals : (patch, 3) float64
        Outward unit vectors: east, grid north, up. [1]
    horizon : (patch, azimuth) uint8
        As `kernels.energy.horizons.horizons` gives it.
    points : (patch, 3) float64
        From which it is seen. [m]
    party : (building,) float64
        Wall against which a neighbour stands. [m²]
    """

    building: np.ndarray
    surface: np.ndarray
    kind: np.ndarray
    area: np.ndarray
    normals: np.ndarray
    horizon: np.ndarray
    points: np.ndarray
    party: np.ndarray


@dataclass(frozen=True, eq=False)
class Faces:
    """Patches of a building that look the same way, as one; ascending by building.

    Attributes
    ----------
    building : (face,) int64
    kind : (face,) int8
        `ROOF_FACE` or `WALL_FACE`.
    area : (face,) float64
        [m²]
    normals : (face, 3) float64
        Mean of the patches by area, a unit vector. [1]
    horizon : (face, azimuth) uint8
        That leaves as much even sky as theirs do together, in each direction by itself.
    """

    building: np.ndarray
    kind: np.ndarray
    area: np.ndarray
    normals: np.ndarray
    horizon: np.ndarray


def city_patches(city: City, like: City | None = None) -> CityPatches:
    """Patches of a city with their horizons, remembered by its surfaces, on disk where they are dear.

    They lie in the folder ``bxl-twin/horizons`` of the user's cache (``XDG_CACHE_HOME``), under a name that depends on
    the surfaces and on the code that looks round; they may be deleted at any time.

    Parameters
    ----------
    city : City
    like : City, optional
        One that differs by a few buildings, such as that before edits: its patches look round again only where they
        see what came or went. What is found is the same to the bit.
    """

    def make() -> tuple[np.ndarray, ...]:
        before = None
        if like is not None and like.part_digest("surfaces") != city.part_digest("surfaces"):
            before = (city_patches(like), _standing(like.surfaces))
        return tuple(_looked_round(city, before))

    key = (city.part_digest("surfaces"), len(city.buildings))
    return CityPatches(*remembered(("city_patches", *key), lambda: _kept(city, make)))


def _looked_round(city: City, before: tuple[CityPatches, np.ndarray] | None) -> CityPatches:
    walls = party_walls.party_walls(city)
    found = solar_patches.solar_patches(city, walls=walls)
    table = found.table
    tree = solar_patches.city_tree(city)
    return CityPatches(
        table["building"].to_numpy(np.int64),
        table["surface"].to_numpy(np.int64),
        np.where(table["kind"].to_numpy() == ROOF, ROOF_FACE, WALL_FACE).astype(np.int8),
        table["area"].to_numpy(float),
        found.normals,
        _horizons(city, found, tree, before),
        found.points,
        np.bincount(city.surfaces.building, walls.shared, len(city.buildings)),
    )


def _horizons(
    city: City,
    found: solar_patches.SolarPatches,
    tree: triangle_tree.TriangleTree,
    before: tuple[CityPatches, np.ndarray] | None,
) -> np.ndarray:
    """Horizons of all patches; those known before look again only where something came or went."""
    if before is None:
        return solar_patches.patch_horizons(found, tree)
    known, stood = before
    stands = _standing(city.surfaces)
    came, went = stands[_among(stands, stood) < 0], stood[_among(stood, stands) < 0]
    if came.shape[0] + went.shape[0] > MUCH * stands.shape[0]:
        return solar_patches.patch_horizons(found, tree)
    place = _among(found.points, known.points)
    same = place >= 0
    result = np.zeros((len(found), AZIMUTHS), np.uint8)
    changed = triangle_tree.TriangleTree.of(np.concatenate([came, went]))
    result[same] = horizons.horizons_again(found.points[same], tree, known.horizon[place[same]], changed)
    result[~same] = horizons.horizons(found.points[~same], tree)
    return result


def _standing(faces: Surfaces) -> np.ndarray:
    """Corners of the triangles that `solar_patches.city_tree` sees: (triangle, 3, 3) [m]."""
    return faces.vertices[faces.triangles[faces.kind[faces.triangle_surface] != GROUND]]


def _among(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Place of each row of coordinates among others, where one has the same bits; -1 where none has."""
    if not len(others):
        return np.full(len(rows), -1)
    flat, other = (np.ascontiguousarray(one, np.float64).reshape(len(one), -1) for one in (rows, others))
    marks, wanted = _marks(other), _marks(flat)
    order = np.argsort(marks, kind="stable")
    place = order[np.minimum(np.searchsorted(marks, wanted, sorter=order), order.size - 1)]
    found: np.ndarray = np.where((other[place] == flat).all(axis=1), place, -1)
    return found


def _marks(rows: np.ndarray) -> np.ndarray:
    """A number for each row: the same for the same bits, and hardly ever for others. (row,) uint64"""
    bits = rows.view(np.uint64)
    odd = np.random.default_rng(0).integers(1, 2**63, bits.shape[1], dtype=np.uint64) | np.uint64(1)
    mixed = (bits ^ (bits >> np.uint64(29))) * odd
    found: np.ndarray = (mixed ^ (mixed >> np.uint64(32))).sum(axis=1, dtype=np.uint64)
    return found


def faces_of(patches: CityPatches) -> Faces:
    """Lay together the patches of a building that look the same way.

    Level roofs make one face, tilted roofs one in each of 8 directions, walls one in each of 16.

    Parameters
    ----------
    patches : CityPatches

    Returns
    -------
    Faces
        Their area is that of the patches.
    """
    east, north, up = patches.normals.T
    turn = np.arctan2(east, north) / (2 * np.pi)
    level = up > np.cos(np.radians(LEVEL))
    octant = 1 + np.rint(turn * _OCTANTS).astype(np.int64) % _OCTANTS
    sector = 1 + _OCTANTS + np.rint(turn * _SECTORS).astype(np.int64) % _SECTORS
    way = np.where(patches.kind == WALL_FACE, sector, np.where(level, 0, octant))
    which = patches.building * (1 + _OCTANTS + _SECTORS) + way
    order = np.argsort(which, kind="stable")
    keys, first = np.unique(which[order], return_index=True)
    if not keys.size:
        none = np.zeros(0)
        return Faces(none.astype(np.int64), none.astype(np.int8), none, np.zeros((0, 3)),
                     np.zeros((0, AZIMUTHS), np.uint8))  # fmt: skip
    weight = patches.area[order]
    area = np.add.reduceat(weight, first)
    normals = np.add.reduceat(weight[:, None] * patches.normals[order], first, axis=0)
    kind = patches.kind[order][first]
    return Faces(
        patches.building[order][first],
        kind,
        area,
        normals / np.linalg.norm(normals, axis=1)[:, None],
        _mean_horizon(patches.horizon[order], weight, patches.kind[order], first, area, kind),
    )


def _hidden(kind: int) -> np.ndarray:
    """Even sky that a horizon of each step hides from a level roof, or from a wall before it: (step,) [1].

    The integrals of the cosine of incidence over the angles below the horizon: sin² h, and h + sin h cos h.
    """
    angle = np.arange(STEPS + 1) / STEPS * 0.5 * np.pi
    return np.sin(angle) ** 2 if kind == ROOF_FACE else angle + np.sin(angle) * np.cos(angle)


def _mean_horizon(
    horizon: np.ndarray, weight: np.ndarray, kinds: np.ndarray, first: np.ndarray, area: np.ndarray, kind: np.ndarray
) -> np.ndarray:
    """Horizons that hide the mean of what those of the patches hide: a mean of angles would darken streets.

    By it walls of the real cell lost 3 to 10 % of their light, and its level roofs won 5 %.
    """
    found = np.zeros((kind.size, horizon.shape[1]), np.uint8)
    tables = np.stack([_hidden(ROOF_FACE), _hidden(WALL_FACE)])
    for sector in range(horizon.shape[1]):
        hidden = np.add.reduceat(weight * tables[kinds, horizon[:, sector]], first) / area
        for which, table in enumerate(tables):
            mine = kind == which
            found[mine, sector] = np.rint(np.interp(hidden[mine], table, np.arange(STEPS + 1)))
    return found


def _kept(city: City, make: Callable[[], tuple[np.ndarray, ...]]) -> tuple[np.ndarray, ...]:
    """What is on disk, or what is made and put there."""
    if len(city.surfaces) < DEAR // 4:
        return make()
    name = hashlib.sha256(f"{city.part_digest('surfaces')} {len(city.buildings)} {_code()}".encode()).hexdigest()[:32]
    path = _folder() / f"{name}.npz"
    known = _read(path)
    if known is not None:
        return known
    made = make()
    if made[0].size >= DEAR:
        _write(path, made)
    return made


def _folder() -> Path:
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if named else Path.home() / ".cache") / "bxl-twin" / "horizons"


@cache
def _code() -> str:
    """Hash of all that decides how patches and horizons come out."""
    found = hashlib.sha256()
    for module in (__file__, polygons.__file__, mesh.__file__, party_walls.__file__, solar_patches.__file__,
                   horizons.__file__, triangle_tree.__file__):  # fmt: skip
        found.update(Path(str(module)).read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()


def _read(path: Path) -> tuple[np.ndarray, ...] | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = tuple(arrays[name] for name in CityPatches._fields)
        os.utime(path)
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        # not there, or cut short: it is made again
        return None
    return found


def _write(path: Path, arrays: tuple[np.ndarray, ...]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(prefix=".", suffix=".npz", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, allow_pickle=False, **dict(zip(CityPatches._fields, arrays, strict=True)))
            Path(fresh).replace(path)
        finally:
            Path(fresh).unlink(missing_ok=True)
        _make_room(path.parent)
    except OSError:
        # a cache that cannot be written costs time at the next start and nothing else
        return


def _make_room(folder: Path) -> None:
    files = sorted(((one.stat().st_mtime, one.stat().st_size, one) for one in folder.glob("*.npz")), reverse=True)
    taken = 0
    for _, size, file in files:
        taken += size
        if taken > ROOM:
            file.unlink(missing_ok=True)
