"""Which reader a file of buildings wants: told by what is in it, then by its name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from twin.city import CityError
from twin.formats import citygml, cityjson, footprints, geopackage, tiles3d, urbis
from twin.formats.packed import names, read_json, shown_name
from twin.formats.part import BuildingsPart

Reader = Callable[[str | Path], BuildingsPart]

KNOWN = (
    "CityJSON, CityGML, UrbIS 3D (SHP or GPKG, also zipped), 3D Tiles (folder, tileset.json, .tar.zst), footprints "
    "(GeoJSON, GPKG)"
)
"""What this program reads, for messages."""


def read_buildings(path: str | Path) -> BuildingsPart:
    """Read buildings from any format this program knows.

    Raises
    ------
    CityError
        There is no such file, it is none of the formats, or it is damaged; the text names the file and the remedy.
    """
    path = Path(path)
    if not path.exists():
        raise CityError(f"{path}: there is no such file")
    if path.is_dir():
        return _of_names(path, names(path))
    if path.stat().st_size == 0:
        raise CityError(f"{path}: is empty; download it again")
    name = shown_name(path)
    if name.endswith((".gpkg",)) and not path.name.lower().endswith((".gz", ".zst")):
        if path.name.lower().endswith(".zip"):
            return _of_names(path, names(path))
        return _of_geopackage(path)
    if name.endswith(".shp"):
        return urbis.read(path) if "buildingface" in name else footprints.read(path)
    if name.endswith((".tar", ".tgz", ".b3dm")) or path.name.lower().endswith(".tgz"):
        return tiles3d.read(path)
    inside = names(path)
    if inside and not (len(inside) == 1 and inside[0].lower().endswith((".json", ".geojson", ".gml", ".xml"))):
        return _of_names(path, inside)
    inner = inside[0].lower() if inside else name
    if inner.endswith((".gml", ".citygml", ".xml")):
        return citygml.read(path)
    if inner.endswith((".json", ".geojson", ".cityjson")):
        if name == "tileset.json":
            return tiles3d.read(path)
        return _of_json(path)
    raise CityError(f"{path}: its name ends in none of the endings of {KNOWN}; rename it or convert it")


def _of_json(path: Path) -> BuildingsPart:
    document: Any = read_json(path)
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection":
        return footprints.parse(path, document)
    return cityjson.parse(path, document)


def _of_names(path: Path, inside: list[str]) -> BuildingsPart:
    lower = [one.lower() for one in inside]
    if any(one.endswith((".b3dm", "tileset.json")) for one in lower):
        return tiles3d.read(path)
    if any("buildingfaces" in one and one.endswith(".shp") for one in lower):
        return urbis.read(path)
    if any(one.endswith(".gpkg") for one in lower):
        return urbis.read(path)
    if any(one.endswith(".shp") for one in lower):
        return footprints.read(path)
    shown = ", ".join(inside[:4]) or "nothing"
    raise CityError(f"{path}: holds {shown}, and no buildings in {KNOWN}; name the right file")


def _of_geopackage(path: Path) -> BuildingsPart:
    layers = [one.lower() for one in geopackage.layers(path)]
    if "buildingfaces" in layers:
        return urbis.read(path)
    if "building_surfaces" in layers:
        return geopackage.read(path)
    return footprints.read(path)
