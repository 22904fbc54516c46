"""The street graph: ways of a map cut at their crossings into nodes and links."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from twin.city import CRS, LINK_COLUMNS, as_table
from twin.formats.features import Bounds, Feature, Tally, count

# kind: lanes of both directions together, width of one lane [m], speed [km/h]
# Speeds: 30 km/h is the Region's default since 1 January 2021 (Ville 30), 50 on the main axes, 20 in residential zones
# (Code de la route art. 22bis); lane widths are usual city values.
DEFAULTS: dict[str, tuple[int, float, float]] = {
    "motorway": (4, 3.5, 120.0),
    "motorway_link": (1, 4.0, 70.0),
    "trunk": (4, 3.25, 50.0),
    "trunk_link": (1, 4.0, 50.0),
    "primary": (4, 3.25, 50.0),
    "primary_link": (1, 4.0, 50.0),
    "secondary": (2, 3.5, 50.0),
    "secondary_link": (1, 4.0, 50.0),
    "tertiary": (2, 3.5, 30.0),
    "tertiary_link": (1, 4.0, 30.0),
    "unclassified": (2, 3.0, 30.0),
    "residential": (2, 3.0, 30.0),
    "living_street": (1, 5.0, 20.0),
    "busway": (2, 3.25, 50.0),
    "service": (1, 3.5, 20.0),
    "pedestrian": (1, 6.0, 5.0),
    "track": (1, 3.0, 20.0),
    "cycleway": (1, 2.0, 20.0),
    "bridleway": (1, 2.0, 10.0),
    "path": (1, 2.0, 5.0),
    "footway": (1, 2.0, 5.0),
    "steps": (1, 2.0, 5.0),
}
"""Kinds of street that make links, with what is assumed where a way does not say."""

FOOT = frozenset({"pedestrian", "footway", "path", "steps", "cycleway", "bridleway"})
"""Kinds closed to cars."""

BELOW = "_tunnel"
"""Ending of the kind of a link that runs below the ground: traffic uses it, the ground does not show it."""

_YES = frozenset({"yes", "true", "1"})


def street_graph(
    ways: Iterable[Feature], *, bounds: Bounds | None = None, tally: Tally | None = None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Cut ways where they share a node, into the nodes and links of a City.

    The topology comes from OSM node ids; ways without them are joined where corners coincide to 1 cm.

    Parameters
    ----------
    ways : iterable of Feature
        Lines with the tag ``highway``; a kind that is not in `DEFAULTS` is left out and counted.
    bounds : tuple, optional
        West, south, east, north. Links that touch it are kept whole, so that every crossing keeps its arms. [m]
    tally : dict, optional
        Counts what was read, left out and assumed.

    Returns
    -------
    nodes, links : GeoDataFrame
        ``links`` has the columns of ``LINK_COLUMNS``; a oneway link runs from ``start`` to ``end``. The kind of a link
        in a tunnel ends in `BELOW`.
    """
    counts: Counter[str] = Counter()
    lines = list(_lines(ways, counts))
    uses = Counter(name for _, _, names, _ in lines for name in names)
    for _, _, names, _ in lines:
        uses.update((names[0], names[-1]))
    box = None if bounds is None else shapely.box(*bounds)
    places: dict[str, tuple[float, float]] = {}
    rows: dict[str, tuple[Any, ...]] = {}
    for way, tags, names, corners in lines:
        cuts = [0, *(i for i in range(1, len(names) - 1) if uses[names[i]] > 1), len(names) - 1]
        for piece, (first, last) in enumerate(pairwise(cuts)):
            line = shapely.LineString(corners[first : last + 1])
            if line.length < 0.01:
                counts["shorter than 1 cm"] += 1
                continue
            if box is not None and not box.intersects(line):
                counts["outside"] += 1
                continue
            start, end = names[first], names[last]
            places[start], places[end] = tuple(corners[first]), tuple(corners[last])
            rows[f"{way}_{piece}"] = (line, start, end, *_attributes(tags, counts))
    for words, number in counts.items():
        count(tally, words, number)
    columns = list(zip(*rows.values(), strict=True)) if rows else [()] * (1 + len(LINK_COLUMNS))
    links = as_table(rows, columns[0], LINK_COLUMNS, **dict(zip(LINK_COLUMNS, columns[1:], strict=True)))
    nodes = as_table(places, shapely.points(np.array(list(places.values())).reshape(-1, 2)), {})
    return nodes, links.set_crs(CRS)


def _lines(
    ways: Iterable[Feature], counts: Counter[str]
) -> Iterable[tuple[str, dict[str, str], list[str], np.ndarray]]:
    taken: set[str] = set()
    for one in ways:
        counts["read"] += 1
        kind = one.tags.get("highway", "")
        if kind not in DEFAULTS:
            counts[f"not a street ({kind})"] += 1
            continue
        for part in shapely.get_parts(one.geometry):
            corners = shapely.get_coordinates(part)
            whole = len(one.nodes) == len(corners)
            names = (
                [f"n{node}" for node in one.nodes]
                if whole
                else [f"p{round(x * 100)}_{round(y * 100)}" for x, y in corners]
            )
            if len(corners) < 2:
                continue
            if one.tags.get("oneway") == "-1":
                names, corners = names[::-1], corners[::-1]
            way = f"w{one.id}" if one.id else f"w{names[0]}_{names[-1]}"
            while way in taken:
                way += "+"
            taken.add(way)
            yield way, one.tags, names, corners


def _attributes(tags: dict[str, str], counts: Counter[str]) -> tuple[Any, ...]:
    kind = tags["highway"]
    lanes_both, lane_width, usual_speed = DEFAULTS[kind]
    oneway = tags.get("oneway") in _YES | {"-1"} or tags.get("junction") == "roundabout" or kind == "motorway"
    assumed = []
    lanes = _number(tags.get("lanes"), 12)
    if lanes is None:
        lanes = max(lanes_both // 2, 1) if oneway else lanes_both
        assumed.append("lanes")
    width = _number(tags.get("width"), 80)
    if width is None:
        width = lanes * lane_width
        assumed.append("width")
    speed = _number(tags.get("maxspeed"), 130)
    if speed is None:
        speed = usual_speed
        assumed.append("speed")
    for what in assumed:
        counts[f"assumed {what}"] += 1
    french = tags.get("name:fr") or tags.get("name", "")
    dutch = tags.get("name:nl") or tags.get("name", "")
    shown = kind + (BELOW if is_below(tags) else "")
    return shown, french, dutch, width, int(lanes), speed, oneway, " ".join(assumed)


def is_below(tags: dict[str, str]) -> bool:
    """Whether a thing of the map lies under the ground and is not seen from above."""
    layer = re.match(r"-?\d+", tags.get("layer", ""))
    buried = layer is not None and int(layer[0]) < 0
    return tags.get("tunnel", "no") not in ("no", "building_passage") or tags.get("location") == "underground" or buried


def _number(text: str | None, most: float) -> float | None:
    match = re.match(r"\s*(\d+(?:[.,]\d+)?)", text or "")
    value = float(match[1].replace(",", ".")) if match else 0.0
    return value if 0 < value <= most else None
