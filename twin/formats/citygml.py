"""CityGML 1.0 and 2.0: buildings of LoD 1 and 2."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from twin.city import CityError
from twin.formats.cityjson import KIND_OF_TYPE
from twin.formats.part import UNKNOWN, BuildingsPart, Face, PartBuilder, Refused, known_attributes
from twin.formats.xml import read_xml
from twin.frames import epsg_of, is_north_first

_GML = "{http://www.opengis.net/gml}"


def read(path: str | Path) -> BuildingsPart:
    """Read the buildings of a CityGML file; parts of a building are merged into it.

    Of LoD 1 to 3 the highest is read: its boundary surfaces where there are any, else its solid or multi-surface.
    Polygons that a solid only refers to are read where they are written.

    Raises
    ------
    CityError
        Not CityGML, not well formed, with a DOCTYPE, or without a building.
    """
    root = read_xml(path)
    version = _version(path, root)
    builder = PartBuilder()
    refused: list[Refused] = []
    levels: Counter[str] = Counter()
    systems: Counter[str] = Counter(
        name for one in root.iter() if isinstance(one.tag, str) and (name := one.get("srsName"))
    )
    skipped: Counter[str] = Counter()
    objects = 0
    for member in root.iter():
        if not isinstance(member.tag, str) or _local(member) not in ("cityObjectMember", "featureMember"):
            continue
        for one in member:
            if _local(one) != "Building":
                skipped[_local(one)] += 1
                continue
            objects += 1
            name = one.get(f"{_GML}id") or f"building_{objects}"
            try:
                level, faces = _building(one)
            except ValueError as error:
                refused.append(Refused(name, str(error)))
                continue
            if not faces:
                refused.append(Refused(name, "has no surface of LoD 1, 2 or 3"))
                continue
            levels[level] += 1
            builder.add(name, faces, _attributes(one) | {"origin": name})
    if not objects:
        raise CityError(f"{path}: is CityGML {version} without any Building; is it the right theme?")
    if not builder.ids:
        raise CityError(f"{path}: none of its {objects} buildings can be read; {refused[0].id}: {refused[0].reason}")
    stated = systems.most_common(1)[0][0] if systems else None
    part = builder.finish(
        str(path),
        epsg_of(stated) or stated,
        objects=objects,
        refused=refused,
        skipped=dict(skipped),
        notes=[
            f"CityGML {version}, levels of detail taken: {', '.join(f'{k} ({n})' for k, n in sorted(levels.items()))}"
        ],
    )
    if is_north_first(stated):
        part.vertices[:, [0, 1]] = part.vertices[:, [1, 0]]
        part.notes.append(f"{stated} puts north first: axes exchanged")
    return part


def _version(path: str | Path, root: etree._Element) -> str:
    spaces = " ".join(str(space) for space in root.nsmap.values())
    if _local(root) != "CityModel":
        raise CityError(f"{path}: starts with <{_local(root)}>, expected <CityModel>; is it CityGML?")
    for version in ("2.0", "1.0"):
        if f"citygml/{version}" in spaces or f"citygml/building/{version}" in spaces:
            return version
    if "citygml/3.0" in spaces:
        raise CityError(f"{path}: is CityGML 3.0, this program reads 1.0 and 2.0; convert it with citygml-tools")
    raise CityError(f"{path}: names no CityGML 1.0 or 2.0 in its namespaces; is it CityGML?")


def _local(one: etree._Element) -> str:
    return etree.QName(one).localname if isinstance(one.tag, str) else ""


def _building(one: etree._Element) -> tuple[str, list[Face]]:
    """Highest level of detail of a building with its parts, and its faces."""
    members = [one, *(part for part in one.iter() if _local(part) == "BuildingPart")]
    levels = sorted({level for member in members for level in _levels(member)})
    faces: list[Face] = []
    for member in members:
        own = _levels(member)
        if own:
            faces += _faces(member, max(own))
    return (levels[-1] if levels else ""), faces


def _levels(member: etree._Element) -> set[str]:
    found = set()
    for one in _own(member):
        name = _local(one)
        if name[:4] in ("lod1", "lod2", "lod3") and name[4:] in ("Solid", "MultiSurface", "Geometry"):
            found.add(name[3])
    return found


def _own(member: etree._Element) -> Iterator[etree._Element]:
    """Elements of a building without those of its parts, openings left out."""
    for child in member:
        if _local(child) in ("consistsOfBuildingPart", "opening", "interiorRoom"):
            continue
        yield child
        yield from _own(child)


def _faces(member: etree._Element, level: str) -> list[Face]:
    bounded: list[Face] = []
    plain: list[Face] = []
    for one in _own(member):
        name = _local(one)
        if name[:4] != f"lod{level}" or name[4:] not in ("Solid", "MultiSurface", "Geometry"):
            continue
        parent = one.getparent()
        surface = "" if parent is None else _local(parent)
        kind = KIND_OF_TYPE.get(surface)
        rings = [_polygon(polygon) for polygon in one.iter() if _local(polygon) in ("Polygon", "Triangle", "Rectangle")]
        if kind is not None or surface.endswith("Surface"):
            bounded += [(UNKNOWN if kind is None else kind, polygon) for polygon in rings if polygon]
        elif name[4:] == "Solid" or not plain:
            plain = [(UNKNOWN, polygon) for polygon in rings if polygon] or plain
    return bounded or plain


def _polygon(polygon: etree._Element) -> list[list[tuple[float, float, float]]]:
    rings = []
    for side in polygon:
        if _local(side) in ("exterior", "interior", "outerBoundaryIs", "innerBoundaryIs"):
            ring = _ring(side)
            if len(ring) >= 3:
                rings.append(ring)
            elif not rings:
                return []
    return rings


def _ring(side: etree._Element) -> list[tuple[float, float, float]]:
    texts: list[str] = []
    width = 3
    for one in side.iter():
        name = _local(one)
        if name in ("posList", "pos"):
            texts.append(one.text or "")
            width = int(one.get("srsDimension", width))
        elif name == "coordinates":
            texts.append((one.text or "").replace(",", " "))
    try:
        numbers = [float(word) for word in " ".join(texts).split()]
    except ValueError as error:
        raise ValueError(f"a ring holds something that is no number ({error})") from error
    if width != 3 or len(numbers) % 3:
        raise ValueError(f"a ring of {len(numbers)} numbers is not made of corners with x, y and height")
    corners = list(zip(numbers[0::3], numbers[1::3], numbers[2::3], strict=True))
    return corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners


def _attributes(one: etree._Element) -> dict[str, Any]:
    words = {_local(child): (child.text or "").strip() for child in one if len(child) == 0}
    return known_attributes({key: value for key, value in words.items() if value})
