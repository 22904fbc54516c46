"""A simpler street graph: chains of links that meet nothing on the way become one link, which keeps their ids."""

from collections import defaultdict
from typing import Any, cast

import geopandas as gpd
import numpy as np
import shapely

from twin.city import CRS
from twin.street_graph import LINK_FIELDS, StreetGraph, make_links

_DIRECTED = (("lanes_forward", "lanes_backward"), ("forward", "backward"))
_ALIKE = ("kind", "name_fr", "name_nl", "width", "speed", "below", "bridge", "assumed")


def simplified(graph: StreetGraph, mode: str | None = None) -> StreetGraph:
    """Join links at nodes where two alike meet and nothing happens.

    With a mode, links that it may not use are left out first, so that a car does not stop at every footpath.

    A node stays where there is a crossing, a dead end, a signal, a barrier or a turn, and where the kind, the name, the
    lanes, the speed, the permissions or anything else of a street changes. Lengths and permissions are kept.

    Returns
    -------
    StreetGraph
        Of a joined link ``pieces`` names the former links and ``ways`` the OSM ways, in the order of its line; its id
        is that of its first piece. Turns name the joined links. ``counts`` tells how many links were joined.
    """
    graph = graph if mode is None else _open_to(graph, mode)
    rows = dict(zip(graph.links.index, _rows(graph.links), strict=True))
    at: dict[str, list[str]] = defaultdict(list)
    for name, row in rows.items():
        at[row["start"]].append(name)
        at[row["end"]].append(name)
    nodes = graph.nodes
    busy = set(nodes.index[(nodes["signal"] | (nodes["barrier"] != "") | (nodes["barred"] != 0)).to_numpy(bool)])
    busy |= set(graph.turns["via"])
    through = {
        node
        for node, names in at.items()
        if len(names) == 2 and node not in busy and names[0] != names[1] and _alike(rows, node, names)
    }
    chains: list[list[tuple[str, bool]]] = []
    done: set[str] = set()
    # chains from their ends first, then closed rings, which begin at any of their nodes
    ends = [name for name, row in rows.items() if not {row["start"], row["end"]} <= through]
    for name in [*ends, *rows]:
        if name not in done:
            chain = _chain(rows, at, through, name)
            done |= {one for one, _ in chain}
            chains.append(chain)
    now = dict(_joined(rows, chain) for chain in chains)
    links = make_links(
        now, [row["geometry"] for row in now.values()],
        **{name: [row[name] for row in now.values()] for name in LINK_FIELDS},
    )  # fmt: skip
    used = {*links["start"], *links["end"]}
    into = {one: name for name, chain in zip(now, chains, strict=True) for one, _ in chain}
    turns = graph.turns.assign(
        arriving=[into[name] for name in graph.turns["arriving"]],
        leaving=[into[name] for name in graph.turns["leaving"]],
    )
    kept = gpd.GeoDataFrame(nodes[nodes.index.isin(used)], crs=CRS)
    joined = len(rows) - len(now)
    return StreetGraph(kept, links, turns, {**graph.counts, "links": len(now), "links joined to others": joined})


def _open_to(graph: StreetGraph, mode: str) -> StreetGraph:
    """The links that a mode may use at all, and the turns between them."""
    known = np.zeros(len(graph.links), bool)
    known[graph.arcs(mode).link] = True
    links = cast(gpd.GeoDataFrame, graph.links[known])
    turns = graph.turns[graph.turns["arriving"].isin(links.index) & graph.turns["leaving"].isin(links.index)]
    return StreetGraph(graph.nodes, links, turns, {**graph.counts, f"closed to {mode}": int((~known).sum())})


def _rows(links: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    columns = {name: links[name].to_list() for name in LINK_FIELDS} | {"geometry": list(links.geometry)}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _alike(rows: dict[str, dict[str, Any]], node: str, names: list[str]) -> bool:
    """Whether two links that meet at a node are one street, seen in one direction."""
    one, other = rows[names[0]], rows[names[1]]
    if one["start"] == one["end"] or other["start"] == other["end"]:
        return False
    if any(one[name] != other[name] for name in _ALIKE):
        return False
    turned = (one["end"] == node) == (other["end"] == node)  # they run towards each other, or away
    return all(
        (one[ahead], one[back]) == ((other[back], other[ahead]) if turned else (other[ahead], other[back]))
        for ahead, back in _DIRECTED
    )


def _chain(
    rows: dict[str, dict[str, Any]], at: dict[str, list[str]], through: set[str], name: str
) -> list[tuple[str, bool]]:
    """All links of the chain of one, in order, each with whether it is taken along its line; the given one is."""
    ahead, ring = _walk(rows, at, through, name, "end")
    behind = [] if ring else _walk(rows, at, through, name, "start")[0]
    return [*((link, not along) for link, along in reversed(behind)), (name, True), *ahead]


def _walk(
    rows: dict[str, dict[str, Any]], at: dict[str, list[str]], through: set[str], name: str, side: str
) -> tuple[list[tuple[str, bool]], bool]:
    """Links that follow on one side of a link, and whether they come back to it."""
    found: list[tuple[str, bool]] = []
    link, node = name, rows[name][side]
    while node in through:
        link = next(one for one in at[node] if one != link)
        if link == name:
            return found, True
        along = rows[link]["start"] == node
        found.append((link, along))
        node = rows[link]["end" if along else "start"]
    return found, False


def _joined(rows: dict[str, dict[str, Any]], chain: list[tuple[str, bool]]) -> tuple[str, dict[str, Any]]:
    """The name and the row of a chain, from its first node to its last."""
    parts = [rows[name] for name, _ in chain]
    corners: list[Any] = []
    for row, (_, along) in zip(parts, chain, strict=True):
        line = shapely.get_coordinates(row["geometry"])
        line = line if along else line[::-1]
        corners += [tuple(corner) for corner in (line if not corners else line[1:])]
    first, last = parts[0], parts[-1]
    row = dict(first)
    if not chain[0][1]:
        for ahead, back in _DIRECTED:
            row[ahead], row[back] = first[back], first[ahead]
    row["start"] = first["start" if chain[0][1] else "end"]
    row["end"] = last["end" if chain[-1][1] else "start"]
    row["geometry"] = shapely.LineString(corners)
    row["ways"] = " ".join(dict.fromkeys(way for one in parts for way in one["ways"].split()))
    row["pieces"] = " ".join(
        piece for one, (_, along) in zip(parts, chain, strict=True) for piece in _turned(one, along)
    )
    return chain[0][0], row


def _turned(row: dict[str, Any], along: bool) -> list[str]:
    pieces: list[str] = row["pieces"].split()
    return pieces if along else pieces[::-1]
