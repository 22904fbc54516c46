"""UrbIS 3D Constructions as published (Shapefile or GeoPackage): faces, solids and 2D buildings joined."""

import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio

from twin.city import GROUND, ROOF, WALL, CityError
from twin.formats.footprints import unpacked
from twin.formats.packed import members
from twin.formats.part import UNKNOWN, BuildingsPart, Face, PartBuilder, Refused
from twin.formats.wkb import faces_of

_KINDS = {"GROUNDSURFACE": GROUND, "WALLSURFACE": WALL, "ROOFSURFACE": ROOF}

# what a field may be called: case and underscores do not count, a Shapefile cuts names after ten letters
_SOLID_OF_FACE = ("BUSOLID_ID", "BUILDINGSOLID_ID", "SOLID_ID")
_BUILDING_OF_SOLID = ("BU_ID", "BUILDING_ID", "BUILD_ID")
_OWN_ID = ("INSPIRE_ID", "INSPIREID", "ID")
_TYPE = ("TYPE", "FACE_TYPE", "SURFACETYPE")
_LEVEL = ("DETAILSLEV", "DETAILSLEVEL", "DETAILLEVEL", "LOD")
_END = ("ENDLIFE", "END_LIFE", "ENDLIFESPAN")

_USES = {"annex": "annex", "annexe": "annex", "bijgebouw": "annex", "main": "other"}


def read(path: str | Path) -> BuildingsPart:
    """Read BuildingFaces, joined to BuildingSolids, joined to the 2D Buildings where the file has them.

    Faces of one solid belong together, solids of one 2D building as well. Ended versions (``ENDLIFE``) are left out.
    Where a solid comes in several levels of detail the highest is taken. Without a table of solids each solid is a
    building.

    Parameters
    ----------
    path : path
        ``…BuildingFaces….shp`` (its neighbours are found), a GeoPackage, a folder, or the zip as downloaded.

    Raises
    ------
    CityError
        No faces, a missing field, or a damaged file.
    """
    path = Path(path)
    with tempfile.TemporaryDirectory() as folder:
        layers = _layers(path, Path(folder))
        if "buildingfaces" not in layers:
            raise CityError(f"{path}: has no layer BuildingFaces, only {sorted(layers) or 'nothing'}; name the 3D file")
        faces = _table(path, *layers["buildingfaces"])
        solids = _table(path, *layers["buildingsolids"], False) if "buildingsolids" in layers else None
        plans = _table(path, *layers["buildings"], False) if "buildings" in layers else None
    return _join(path, faces, solids, plans)


def _layers(path: Path, folder: Path) -> dict[str, tuple[Path, str]]:
    """File and layer by what it holds; names carry a prefix and a zone (``UrbISBuildings3D_148170_BuildingFaces``)."""
    files = _files(path, folder)
    found: dict[str, tuple[Path, str]] = {}
    for file in files:
        try:
            names = [str(name) for name, _ in pyogrio.list_layers(file)]
        except (pyogrio.errors.DataSourceError, ValueError) as error:
            raise CityError(f"{path}: {file.name} cannot be read ({error}); download it again") from error
        for name in names:
            plain = name.lower().replace("_", "")
            for what in ("buildingfaces", "buildingsolids"):
                if what in plain:
                    found[what] = (file, name)
            if plain.endswith(("buildings", "bu", "building")) or "buildings2d" in plain:
                found.setdefault("buildings", (file, name))
    return found


def _files(path: Path, folder: Path) -> list[Path]:
    if path.is_dir():
        return sorted([*path.rglob("*.gpkg"), *path.rglob("*.shp")])
    if path.suffix.lower() == ".shp":
        return sorted(path.parent.glob("*.shp"))
    if path.suffix.lower() == ".gpkg":
        return [path]
    for name, data in members(path):
        (folder / Path(name).name).write_bytes(data)
    unpacked(path, folder)
    return sorted([*folder.glob("*.gpkg"), *folder.glob("*.shp")])


class _Table:
    """Columns of one layer by plain name, geometry as WKB, CRS."""

    def __init__(self, path: Path, layer: str, meta: dict[str, Any], columns: dict[str, np.ndarray], wkb: Any) -> None:
        self.path, self.layer = path, layer
        self.crs = meta.get("crs")
        self.columns = columns
        self.wkb = wkb

    def column(self, names: Iterable[str]) -> np.ndarray | None:
        for name in names:
            plain = _plain(name)
            for known, values in self.columns.items():
                if known == plain or (len(known) >= 8 and known == plain[: len(known)]):
                    return values
        return None

    def need(self, names: tuple[str, ...]) -> np.ndarray:
        found = self.column(names)
        if found is None:
            raise CityError(
                f"{self.path}: layer {self.layer} has no field {' or '.join(names)}, only {sorted(self.columns)}; "
                "is it UrbIS 3D?"
            )
        return found


def _table(path: Path, file: Path, layer: str, geometry: bool = True) -> _Table:
    try:
        meta, _, wkb, columns = pyogrio.raw.read(file, layer=layer, read_geometry=geometry)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, ValueError, RuntimeError) as error:
        raise CityError(f"{path}: layer {layer} cannot be read ({error}); download it again") from error
    fields = [_plain(str(name)) for name in meta["fields"]]
    return _Table(path, layer, meta, dict(zip(fields, columns, strict=True)), wkb)


def _plain(name: str) -> str:
    return name.replace("_", "").upper()


def _join(path: Path, faces: _Table, solids: _Table | None, plans: _Table | None) -> BuildingsPart:
    face_solid = [_text(value) for value in faces.need(_SOLID_OF_FACE)]
    types = [_text(value).upper().replace("_", "").replace(" ", "") for value in faces.need(_TYPE)]
    levels = _numbers(faces.column(_LEVEL), len(face_solid))
    alive = _alive(faces.column(_END), len(face_solid))
    owner = _owner_of_solid(solids)
    uses, names = _plan_words(plans)
    best: dict[str, float] = defaultdict(float)
    for solid, level, live in zip(face_solid, levels, alive, strict=True):
        if live:
            best[solid] = max(best[solid], level)
    grouped: dict[str, list[int]] = defaultdict(list)
    older = lower = loose = 0
    for i, solid in enumerate(face_solid):
        if not alive[i]:
            older += 1
        elif levels[i] < best[solid]:
            lower += 1
        else:
            building = owner.get(solid)
            loose += building is None and bool(owner)
            grouped[building or solid or f"face_{i}"].append(i)
    builder = PartBuilder()
    refused: list[Refused] = []
    flags: dict[str, list[str]] = {}
    for name, rows in grouped.items():
        found: list[Face] = []
        try:
            for i in rows:
                kind = _KINDS.get(types[i], UNKNOWN)
                found += [(kind, rings) for rings in faces_of(faces.wkb[i] or b"")]
        except ValueError as error:
            refused.append(Refused(_short(name), f"face {i} of layer {faces.layer} {error}"))
            continue
        if not found:
            refused.append(Refused(_short(name), "has no face with a geometry"))
            continue
        if owner and name not in owner.values():
            flags[_short(name)] = ["no_building"]
        words = {"origin": name, "use": uses.get(name, "other"), "name": names.get(name, "")}
        builder.add(_short(name), found, words)
    if not grouped:
        raise CityError(f"{path}: layer {faces.layer} holds no living face; is it an old release?")
    notes = [f"{len(face_solid):,} faces of {len(best):,} solids"]
    notes += [f"{older:,} faces of ended versions left out"] * bool(older)
    notes += [f"{lower:,} faces of lower levels of detail left out"] * bool(lower)
    notes += [f"{loose:,} faces whose solid is in no table stand for themselves"] * bool(loose)
    return builder.finish(
        str(path),
        str(faces.crs) if faces.crs else None,
        objects=len(grouped),
        refused=refused,
        notes=notes,
        flags=flags,
        title=f"UrbIS 3D Constructions, {path.name}",
        licence="CC0-1.0",
    )


def _owner_of_solid(solids: _Table | None) -> dict[str, str]:
    if solids is None:
        return {}
    building = [_text(value) for value in solids.need(_BUILDING_OF_SOLID)]
    own = [_text(value) for value in solids.need(_OWN_ID)]
    return {solid: name or solid for solid, name in zip(own, building, strict=True)}


def _plan_words(plans: _Table | None) -> tuple[dict[str, str], dict[str, str]]:
    if plans is None:
        return {}, {}
    own = plans.column(_OWN_ID)
    if own is None:
        return {}, {}
    types = plans.column(_TYPE)
    names = plans.column(("NAME", "NAME_FRE", "NAMEFRE", "NAME_FR"))
    keys = [_text(value) for value in own]
    uses = {} if types is None else {k: _USES.get(_text(v).lower(), "other") for k, v in zip(keys, types, strict=True)}
    words = {} if names is None else {k: _text(v) for k, v in zip(keys, names, strict=True)}
    return uses, words


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _numbers(values: np.ndarray | None, count: int) -> list[float]:
    if values is None:
        return [0.0] * count
    found = []
    for value in values:
        try:
            found.append(float(value))
        except (TypeError, ValueError):
            found.append(0.0)
    return [0.0 if number != number else number for number in found]


def _alive(ends: np.ndarray | None, count: int) -> list[bool]:
    if ends is None:
        return [True] * count
    return [bool(np.isnat(end)) if isinstance(end, np.datetime64) else not _text(end) for end in ends]


def _short(name: str) -> str:
    """The number at the end of an identifier such as ``https://databrussels.be/id/building/1639974``."""
    return name.rsplit("/", 1)[-1] or name
