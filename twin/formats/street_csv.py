"""Street networks as two CSV files, nodes and directed links with tags of OSM, such as graph libraries write."""

import ast
import csv
import io
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from twin.city import CityError
from twin.formats.features import Bounds, already_lambert, to_lambert
from twin.formats.osm_streets import attributes_of
from twin.formats.packed import read_bytes
from twin.street_access import barred
from twin.street_graph import LINK_FIELDS, StreetGraph, make_links, make_nodes, no_turns
from twin.streets import DEFAULTS

NODES_WANT = ("node", "lon", "lat")
LINKS_WANT = ("link", "from", "to", "highway", "oneway", "geometry_wkt")
"""Columns that must be there. Of nodes ``osm_id``, ``highway`` and ``barrier`` are read too; of links ``lanes``,
``maxspeed_kmh``, ``width``, ``tunnel``, ``bridge``, ``access``, ``name`` and ``osmid``."""
_TAGS = {"maxspeed_kmh": "maxspeed", "lanes": "lanes", "width": "width", "tunnel": "tunnel", "bridge": "bridge",
         "access": "access"}  # fmt: skip
APART = 1.0
"""A line ends at its nodes within this. [m]"""
_SAME = 1e-3
"""Lines of two directions that differ by less than this are one street. [m]"""


def nodes_beside(links: str | Path) -> Path:
    """The file of nodes that goes with a file of links: the same name with ``nodes`` for ``links``.

    Raises
    ------
    CityError
        There is none.
    """
    path = Path(links)
    found = path.with_name(path.name.replace("links", "nodes"))
    if found == path or not found.is_file():
        raise CityError(
            f"{path}: streets in CSV are two files, as a_links.csv and a_nodes.csv in one folder; there is no file of "
            "nodes beside this one"
        )
    return found


def read_street_csv(links: str | Path, nodes: str | Path | None = None, *, bounds: Bounds | None = None) -> StreetGraph:
    """Read directed links; two that run against each other along one line become one street.

    Parameters
    ----------
    links, nodes : path
        CSV (``.gz`` too) with `LINKS_WANT` and `NODES_WANT`; degrees, or Lambert 72 under the same names. A link
        runs from ``from`` to ``to``; an empty ``geometry_wkt`` is a straight line. Where ``oneway`` is not true, the
        way back is a row of its own, and ``lanes`` are those of both. A value may be a list, ``['30', '20']``: the
        first counts, as of a link that was joined of several ways. Nodes are found beside the links where not given,
        see `nodes_beside`.
    bounds : tuple, optional
        West, south, east, north; links that touch it are kept whole. [m]

    Returns
    -------
    StreetGraph
        Ids of links are ``w<way>_<link>`` of the row that runs along the line. There are no turns.

    Raises
    ------
    CityError
        Names the file, the line, what was expected and what came.
    """
    links = Path(links)
    nodes = nodes_beside(links) if nodes is None else Path(nodes)
    counts: Counter[str] = Counter()
    places, known = _nodes(nodes)
    rows = _links(links, places, counts)
    streets = _streets(rows, counts)
    if bounds is not None:
        box = shapely.box(*bounds)
        inside = {name: row for name, row in streets.items() if box.intersects(row[0])}
        counts["outside"] += len(streets) - len(inside)
        streets = inside
    if not streets:
        raise CityError(f"{links}: has no street{' inside the bounds' if bounds else ''}; give another file or bounds")
    columns = list(zip(*streets.values(), strict=True))
    table = make_links(streets, columns[0], **dict(zip(LINK_FIELDS, columns[1:], strict=True)))
    used = {*table["start"], *table["end"]}
    rows_of = {name: node for node, (name, _) in places.items() if name in used}
    found = make_nodes(
        rows_of, [shapely.Point(places[node][1]) for node in rows_of.values()],
        signal=[known[node].get("highway") == "traffic_signals" for node in rows_of.values()],
        barrier=[known[node].get("barrier", "") for node in rows_of.values()],
        barred=[barred({"barrier": known[node].get("barrier", "")}) for node in rows_of.values()],
    )  # fmt: skip
    counts["signals"] += int(found["signal"].sum())
    counts["links"] = len(table)
    return StreetGraph(found, table, no_turns(), dict(counts))


def _rows(path: Path, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Rows with the number of their line."""
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CityError(f"{path}: is not UTF-8 ({error}); save it as UTF-8") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="", restkey="")
    lacking = [name for name in needed if name not in (reader.fieldnames or ())]
    if lacking:
        raise CityError(
            f"{path}: lacks the columns {', '.join(lacking)}; expected {', '.join(needed)}, got "
            f"{', '.join(reader.fieldnames or ()) or 'nothing'}"
        )
    found = []
    for row in reader:
        if "" in row:
            raise CityError(
                f"{path}, line {reader.line_num}: has more values than the {len(reader.fieldnames or ())} columns"
            )
        found.append((reader.line_num, {name: value.strip() for name, value in row.items()}))
    return found


def _nodes(path: Path) -> tuple[dict[str, tuple[str, tuple[float, float]]], dict[str, dict[str, str]]]:
    """Id in the graph and place of each node by its name in the file, and its row."""
    rows = _rows(path, NODES_WANT)
    if not rows:
        raise CityError(f"{path}: has no node")
    corners = []
    known: dict[str, dict[str, str]] = {}
    for line, row in rows:
        if row["node"] in known:
            raise CityError(f"{path}, line {line}: node {row['node']!r} is there twice; name each node once")
        known[row["node"]] = row
        try:
            place = (float(row["lon"]), float(row["lat"]))
        except ValueError as error:
            raise CityError(
                f"{path}, line {line}: the place of node {row['node']!r} is {row['lon']!r}, {row['lat']!r}; expected "
                "two numbers"
            ) from error
        corners.append(place)
    points = np.array(corners)
    if not already_lambert(path, shapely.points(points)):
        points = to_lambert(points)
    names = [f"n{row['osm_id']}" if row.get("osm_id") else f"n{row['node']}" for row in known.values()]
    if len(set(names)) < len(names):
        twice = next(name for name, number in Counter(names).items() if number > 1)
        raise CityError(f"{path}: osm_id {twice[1:]!r} is there twice; name each node once")
    spots = [(name, (float(x), float(y))) for name, (x, y) in zip(names, points, strict=True)]
    return dict(zip(known, spots, strict=True)), known


def _links(
    path: Path, places: dict[str, tuple[str, tuple[float, float]]], counts: Counter[str]
) -> list[tuple[dict[str, str], str, str, Any]]:
    """Rows with their two nodes in the graph and their line."""
    read: list[tuple[int, dict[str, str], Any]] = []
    taken: set[str] = set()
    for line, row in _rows(path, LINKS_WANT):
        where = f"{path}, line {line}"
        if row["link"] in taken:
            raise CityError(f"{where}: link {row['link']!r} is there twice; name each link once")
        taken.add(row["link"])
        for side in ("from", "to"):
            if row[side] not in places:
                raise CityError(f"{where}: link {row['link']!r} has the node {row[side]!r}, which the nodes lack")
        kind = _first(row["highway"])
        if kind not in DEFAULTS:
            counts[f"not a street ({kind})"] += 1
            continue
        shape = None
        if row["geometry_wkt"]:
            try:
                shape = shapely.from_wkt(row["geometry_wkt"])
            except shapely.errors.ShapelyError as error:
                raise CityError(f"{where}: geometry_wkt is no WKT ({error}); leave it empty or repair it") from error
            if shape.geom_type != "LineString" or shape.is_empty:
                raise CityError(f"{where}: geometry_wkt is a {shape.geom_type}; expected a LINESTRING")
        read.append((line, row, shape))
    drawn = np.array([shape for _, _, shape in read if shape is not None], object)
    if drawn.size and not already_lambert(path, drawn):
        drawn = shapely.transform(drawn, to_lambert)
    lines = iter(drawn)
    found = []
    for number, row, given in read:
        (start, first), (end, last) = places[row["from"]], places[row["to"]]
        shape = shapely.LineString([first, last]) if given is None else next(lines)
        corners = shapely.get_coordinates(shape)
        off = max(np.hypot(*(corners[0] - first)), np.hypot(*(corners[-1] - last)))
        if off > APART:
            raise CityError(
                f"{path}, line {number}: the line of link {row['link']!r} ends {off:.1f} m from its nodes; expected "
                f"within {APART:g} m"
            )
        if shape.length < 0.01:
            counts["shorter than 1 cm"] += 1
            continue
        found.append((row, start, end, shape))
    return found


def _streets(rows: list[tuple[dict[str, str], str, str, Any]], counts: Counter[str]) -> dict[str, tuple[Any, ...]]:
    """Fields of each street, `LINK_FIELDS` behind its line."""
    waiting: dict[tuple[str, str], list[str]] = defaultdict(list)
    streets: dict[str, tuple[Any, ...]] = {}
    two_ways: dict[str, tuple[dict[str, str], Any]] = {}
    ordered: list[tuple[str, dict[str, str], str, str, Any, bool]] = []
    for row, start, end, line in rows:
        name = f"w{_first(row.get('osmid', ''))}_{row['link']}"
        oneway = row["oneway"].lower() in ("true", "yes", "1")
        back = None if oneway else _twin(waiting[end, start], two_ways, line)
        if back is not None:
            waiting[end, start].remove(back)
            two_ways.pop(back)
            counts["directions joined to a street"] += 1
            continue
        if not oneway:
            waiting[start, end].append(name)
            two_ways[name] = row, line
        ordered.append((name, row, start, end, line, oneway))
    if two_ways:
        counts["two-way links without a way back"] += len(two_ways)
    for name, row, start, end, line, oneway in ordered:
        tags = {tag: _first(row.get(column, "")) for column, tag in _TAGS.items() if row.get(column)}
        tags |= {"highway": _first(row["highway"])} | ({"oneway": "yes"} if oneway or name in two_ways else {})
        french, _, dutch = _first(row.get("name", "")).partition(" - ")
        tags |= {"name": french, "name:fr": french, "name:nl": dutch or french}
        ways = " ".join(dict.fromkeys(_all(row.get("osmid", ""))))
        streets[name] = (line, start, end, *attributes_of(tags, counts), ways, name)
    return streets


def _twin(names: list[str], known: dict[str, tuple[dict[str, str], Any]], line: Any) -> str | None:
    """The link among some that runs along the same line the other way."""
    turned = shapely.reverse(line)
    return next((name for name in names if shapely.equals_exact(known[name][1], turned, _SAME)), None)


def _all(text: str) -> list[str]:
    """All values of a cell that may hold a list."""
    if text.startswith("["):
        try:
            return [str(one) for one in ast.literal_eval(text)] or [""]
        except (ValueError, SyntaxError):
            return [text]
    return [text]


def _first(text: str) -> str:
    return _all(text)[0]
