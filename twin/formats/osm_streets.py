"""The street graph of an OSM extract: ways cut at their crossings, with access, barriers, signals and turns."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

from twin.city import CityError
from twin.formats.features import Bounds, Feature, read_features
from twin.formats.packed import shown_name
from twin.street_access import ALL, BIKE, BUS, MOTOR, TRUCK, VAN, WALK, barred, permissions
from twin.street_graph import LINK_FIELDS, StreetGraph, make_links, make_nodes, make_turns
from twin.streets import DEFAULTS, is_below

_SIGNALS = frozenset({"traffic_signals", "traffic_signals;crossing", "crossing;traffic_signals"})
_EXCEPT = {"bicycle": BIKE, "psv": BUS, "bus": BUS, "hgv": TRUCK, "motorcar": MOTOR & ~TRUCK & ~BUS, "goods": VAN}
_WALKERS = frozenset({"footway", "pedestrian", "steps", "path", "cycleway", "bridleway"})


def read_street_graph(path: str | Path, *, bounds: Bounds | None = None) -> StreetGraph:
    """Read streets with all that OSM knows of them.

    Parameters
    ----------
    path : path
        ``.osm.pbf``, or GeoJSON (``.gz`` too) whose ways have a list ``nodes`` of OSM numbers; without it ways are
        joined where corners coincide to 1 cm, and barriers and signals are points of the file. GeoJSON has no turns.
    bounds : tuple, optional
        West, south, east, north; links that touch it are kept whole. [m]

    Raises
    ------
    CityError
        Not a file of streets; see also `twin.formats.features.read_features`.
    """
    counts: Counter[str] = Counter()
    features = read_features(path, ("highway", "barrier"))
    marks: dict[str, dict[str, str]] = {}
    for one in features:
        if one.geometry.geom_type == "Point":
            if one.id.startswith("n") and one.id[1:].isdigit():
                marks[one.id] = one.tags
            marks[_place(*shapely.get_coordinates(one.geometry)[0])] = one.tags
    lines = list(_lines((one for one in features if "Line" in one.geometry.geom_type), counts))
    if not lines:
        raise CityError(f"{path}: has no way with a highway tag that makes a street; give an OSM extract of streets")
    box = None if bounds is None else shapely.box(*bounds)
    rows, places = _cut(lines, marks, box, counts)
    if not rows:
        raise CityError(f"{path}: has no street inside the bounds {bounds}; widen them")
    columns = list(zip(*rows.values(), strict=True))
    links = make_links(rows, columns[0], **dict(zip(LINK_FIELDS, columns[1:], strict=True)))
    known = [marks.get(name, {}) for name in places]
    nodes = make_nodes(
        places, shapely.points(np.array(list(places.values()))),
        signal=[_is_signal(tags) for tags in known],
        barrier=[_barrier(tags) for tags in known],
        barred=[barred(tags) for tags in known],
    )  # fmt: skip
    counts["signals"] += int(nodes["signal"].sum())
    counts["barriers"] += int((nodes["barrier"] != "").sum())
    turns = list(_turns(path, rows, counts)) if shown_name(path).endswith((".pbf", ".osm")) else []
    counts["links"] = len(links)
    return StreetGraph(nodes, links, make_turns(turns), dict(counts))


def _place(x: float, y: float) -> str:
    return f"p{round(x * 100)}_{round(y * 100)}"


def _is_signal(tags: dict[str, str]) -> bool:
    return tags.get("highway", "") in _SIGNALS or tags.get("crossing") == "traffic_signals"


def _barrier(tags: dict[str, str]) -> str:
    barrier = tags.get("barrier", "")
    return "rising_bollard" if barrier == "bollard" and tags.get("bollard") in ("rising", "removable") else barrier


def _lines(
    ways: Iterable[Feature], counts: Counter[str]
) -> Iterable[tuple[str, str, dict[str, str], list[str], np.ndarray]]:
    taken: set[str] = set()
    for one in ways:
        kind = one.tags.get("highway", "")
        if kind not in DEFAULTS:
            if kind:
                counts[f"not a street ({kind})"] += 1
            continue
        counts["ways"] += 1
        for part in shapely.get_parts(one.geometry):
            corners = shapely.get_coordinates(part)
            if len(corners) < 2:
                continue
            whole = len(one.nodes) == len(corners)
            names = [f"n{node}" for node in one.nodes] if whole else [_place(x, y) for x, y in corners]
            way = f"w{one.id}" if one.id else f"w{names[0]}_{names[-1]}"
            while way in taken:
                way += "+"
            taken.add(way)
            yield way, one.id, one.tags, names, corners


def _cut(
    lines: list[Any], marks: dict[str, dict[str, str]], box: Any, counts: Counter[str]
) -> tuple[dict[str, tuple[Any, ...]], dict[str, tuple[float, float]]]:
    """Rows of links in the order of `LINK_FIELDS` behind their line, and places of nodes."""
    uses: Counter[str] = Counter()
    for _, _, _, names, _ in lines:
        uses.update(names)
        uses.update((names[0], names[-1]))
    cutting = {name for name, tags in marks.items() if tags.get("barrier") or _is_signal(tags)}
    rows: dict[str, tuple[Any, ...]] = {}
    places: dict[str, tuple[float, float]] = {}
    for way, number, tags, names, corners in lines:
        inner = (i for i in range(1, len(names) - 1) if uses[names[i]] > 1 or names[i] in cutting)
        for piece, (first, last) in enumerate(pairwise([0, *inner, len(names) - 1])):
            line = shapely.LineString(corners[first : last + 1])
            if line.length < 0.01 or (box is not None and not box.intersects(line)):
                counts["shorter than 1 cm" if line.length < 0.01 else "outside"] += 1
                continue
            places[names[first]], places[names[last]] = tuple(corners[first]), tuple(corners[last])
            name = f"{way}_{piece}"
            rows[name] = (line, names[first], names[last], *attributes_of(tags, counts), number, name)
    return rows, places


def attributes_of(tags: dict[str, str], counts: Counter[str]) -> tuple[Any, ...]:
    """What the tags of a way say or leave to be assumed: from ``kind`` to ``assumed`` of `LINK_FIELDS`.

    ``highway`` must be a key of `twin.streets.DEFAULTS`; what is assumed is counted.
    """
    kind, below = tags["highway"], is_below(tags)
    lanes_both, lane_width, usual_speed = DEFAULTS[kind]
    forward, backward, guessed = permissions(tags, below=below)
    driven = [bool(allowed & MOTOR) for allowed in (forward, backward)]
    assumed = ["access"] if guessed else []
    said = _lanes(tags, driven)
    usual = float(lanes_both if all(driven) or not any(driven) else max(lanes_both // 2, 1))
    lanes = said or (0.0, 0.0)
    if said is None and any(driven):
        each = max(usual / sum(driven), 1.0)
        lanes = each * driven[0], each * driven[1]
        assumed.append("lanes")
    width = _number(tags.get("width"), 80.0)
    if width is None:
        # a street of one lane for both directions is one lane wide
        across = usual if said is None else _number(tags.get("lanes"), 12.0) or sum(said)
        width = max(across, 1.0) * lane_width
        assumed.append("width")
    speed = _speed(tags)
    if speed is None:
        speed = usual_speed
        if kind not in _WALKERS:
            assumed.append("speed")
    counts.update(f"assumed {what}" for what in assumed)
    names = [tags.get(f"name:{language}") or tags.get("name", "") for language in ("fr", "nl")]
    bridge = tags.get("bridge", "no") != "no"
    return kind, *names, width, *lanes, speed, forward, backward, below, bridge, " ".join(assumed)


def _lanes(tags: dict[str, str], driven: list[bool]) -> tuple[float, float] | None:
    """Lanes along and against the line, None where no tag tells."""
    total = _number(tags.get("lanes"), 12.0)
    sides = [_number(tags.get(f"lanes:{side}"), 12.0) for side in ("forward", "backward")]
    if sides[0] is not None or sides[1] is not None:
        rest = (total or 0.0) - sum(side or 0.0 for side in sides)
        known = [max(rest, 1.0) if side is None else side for side in sides]
        return known[0] * driven[0], known[1] * driven[1]
    if total is None or not any(driven):
        return None
    if all(driven):
        return max(total / 2, 1.0), max(total / 2, 1.0)
    return total * driven[0], total * driven[1]


def _speed(tags: dict[str, str]) -> float | None:
    text = tags.get("maxspeed", "")
    words = {"walk": 5.0, "BE:living_street": 20.0, "BE:zone30": 30.0, "BE:urban": 50.0, "BE-BRU:urban": 30.0,
             "BE:motorway": 120.0}  # fmt: skip
    if text in words:
        return words[text]
    speed = _number(text, 130.0)
    return None if speed is None else speed * (1.609344 if "mph" in text else 1.0)


def _number(text: str | None, most: float) -> float | None:
    try:
        value = float((text or "").split(";")[0].split()[0].removesuffix("m").replace(",", "."))
    except (ValueError, IndexError):
        return None
    return value if 0 < value <= most else None


def _turns(
    path: str | Path, rows: dict[str, tuple[Any, ...]], counts: Counter[str]
) -> Iterable[tuple[str, str, str, bool, int]]:
    """Turn restrictions whose ways and node are here; a way that runs through the node is told by its direction."""
    at: dict[tuple[str, str], list[str]] = defaultdict(list)
    way_field = 1 + LINK_FIELDS.index("ways")
    for name, row in rows.items():
        for node in {row[1], row[2]}:
            at[row[way_field], node].append(name)
    relations = osmium.FileProcessor(Path(path), osmium.osm.RELATION)
    one: Any
    for one in relations.with_filter(osmium.filter.TagFilter(("type", "restriction"))):
        tags = {tag.k: tag.v for tag in one.tags}
        kind = tags.get("restriction", "")
        parts: dict[str, list[Any]] = defaultdict(list)
        for member in one.members:
            parts[member.role].append(member)
        if not kind.startswith(("no_", "only_")) or [len(parts[role]) for role in ("from", "via", "to")] != [1, 1, 1]:
            counts["turns of another kind"] += 1
            continue
        via = parts["via"][0]
        if via.type != "n":
            counts["turns over a way"] += 1
            continue
        node = f"n{via.ref}"
        arriving = [n for n in at[str(parts["from"][0].ref), node] if _drives(rows[n], node, arriving=True)]
        leaving = [n for n in at[str(parts["to"][0].ref), node] if _drives(rows[n], node, arriving=False)]
        if kind == "no_u_turn" and parts["from"][0].ref == parts["to"][0].ref:
            leaving = arriving
        if len(arriving) != 1 or len(leaving) != 1:
            counts["turns that cannot be placed"] += 1
            continue
        free = sum({_EXCEPT[word] for text in tags.get("except", "").split(";") if (word := text.strip()) in _EXCEPT})
        counts["turns"] += 1
        yield arriving[0], node, leaving[0], kind.startswith("only_"), ALL & ~WALK & ~free


def _drives(row: tuple[Any, ...], node: str, *, arriving: bool) -> bool:
    """Whether vehicles pass a link towards a node, or away from it."""
    forward, backward = (row[1 + LINK_FIELDS.index(side)] & ~WALK for side in ("forward", "backward"))
    ends_here, starts_here = row[2] == node, row[1] == node
    return bool((ends_here and forward) or (starts_here and backward)) if arriving else bool(
        (starts_here and forward) or (ends_here and backward)
    )  # fmt: skip
