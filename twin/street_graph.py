"""The street graph of traffic and reach: who may drive, ride and walk where, how fast, and what was assumed."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from twin.city import CRS, LINK_COLUMNS, NODE_COLUMNS, City, CityError, as_table, complete
from twin.street_access import BIT, MODES, MOTOR, WALK, by_kind
from twin.streets import BELOW

NODE_FIELDS = ("signal", "barrier", "barred")
LINK_FIELDS = (
    "start", "end", "kind", "name_fr", "name_nl", "width", "lanes_forward", "lanes_backward", "speed", "forward",
    "backward", "below", "bridge", "assumed", "ways", "pieces",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Arcs:
    """Links as one mode may pass them, one way each.

    Attributes
    ----------
    tail, head : (arc,) int64
        Rows of the nodes table.
    link : (arc,) int64
        Row of the links table.
    along : (arc,) bool
        From the start of the link to its end.
    """

    tail: np.ndarray
    head: np.ndarray
    link: np.ndarray
    along: np.ndarray


@dataclass(frozen=True, eq=False)
class StreetGraph:
    """Nodes, links and turns.

    Attributes
    ----------
    nodes : GeoDataFrame
        Index ``id`` (``n`` and the OSM number where there is one); points; ``signal`` (traffic lights), ``barrier``
        (OSM value, a rising bollard as ``rising_bollard``), ``barred`` (modes it stops, a sum of `street_access.BIT`).
    links : GeoDataFrame
        Index ``id``; lines from ``start`` to ``end``; ``kind`` (OSM highway value), names, ``width`` [m],
        ``lanes_forward``, ``lanes_backward``, ``speed`` [km/h], ``forward`` and ``backward`` (modes let in along and
        against the line), ``below`` (tunnel), ``bridge``, ``assumed`` (what the source did not say), ``ways`` (of OSM)
        and ``pieces`` (links before `street_simplify.simplified`), both space separated, in the order of the line.
    turns : DataFrame
        ``arriving`` (link), ``via`` (node), ``leaving`` (link), ``only`` (all others are barred, not this one) and
        ``barred`` (modes it binds).
    counts : dict
        What was read, left out and assumed, in plain words.
    """

    nodes: gpd.GeoDataFrame
    links: gpd.GeoDataFrame
    turns: pd.DataFrame
    counts: dict[str, int] = field(default_factory=dict)

    def arcs(self, mode: str) -> Arcs:
        """The arcs of one mode; none leaves a node whose barrier stops it.

        Raises
        ------
        CityError
            A mode that is not there.
        """
        if mode not in MODES:
            raise CityError(f"there is no mode {mode!r}; expected one of {', '.join(MODES)}")
        bit = BIT[mode]
        start, end = self.ends()
        stops = (self.nodes["barred"].to_numpy() & bit) != 0
        forward = np.flatnonzero(((self.links["forward"].to_numpy() & bit) != 0) & ~stops[start])
        backward = np.flatnonzero(((self.links["backward"].to_numpy() & bit) != 0) & ~stops[end])
        return Arcs(
            np.concatenate([start[forward], end[backward]]),
            np.concatenate([end[forward], start[backward]]),
            np.concatenate([forward, backward]),
            np.arange(forward.size + backward.size) < forward.size,
        )

    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the start and end nodes of all links.

        Raises
        ------
        CityError
            A link that names a node that is not there.
        """
        found = []
        for side in ("start", "end"):
            rows = self.nodes.index.get_indexer(self.links[side])
            if (rows < 0).any():
                link = self.links.index[int(np.argmin(rows))]
                raise CityError(
                    f"link {link!r} has the {side} {self.links.loc[link, side]!r}, which is no node; add the node or "
                    "take the link out"
                )
            found.append(rows)
        return found[0], found[1]

    def islands(self, mode: str) -> np.ndarray:
        """Size in nodes of the part of the graph that each node hangs together with for a mode, (node,) int64."""
        arcs, nodes = self.arcs(mode), len(self.nodes)
        matrix = coo_matrix((np.ones(arcs.tail.size, np.int8), (arcs.tail, arcs.head)), shape=(nodes, nodes))
        _, part = connected_components(matrix, directed=False)
        return cast(np.ndarray, np.bincount(part)[part])

    def banned_turns(self, mode: str) -> list[tuple[str, str, str]]:
        """Turns a mode may not make: arriving link, node, leaving link; an ``only`` bars all other links there."""
        bound = self.turns[(self.turns["barred"].to_numpy(int) & BIT[mode]) != 0]
        at: dict[str, list[str]] = defaultdict(list)
        vias = set(bound["via"])
        for link, start, end in zip(self.links.index, self.links["start"], self.links["end"], strict=True):
            for node in {start, end} & vias:
                at[node].append(link)
        found = set()
        for row in bound.itertuples():
            others = (link for link in at[str(row.via)] if link not in (row.leaving, row.arriving))
            leaving = others if row.only else (row.leaving,)
            found |= {(str(row.arriving), str(row.via), str(link)) for link in leaving}
        return sorted(found)


def graph_of(city: City) -> StreetGraph:
    """The street graph of a City; where its links do not know who may pass, that follows from their kind.

    Raises
    ------
    CityError
        The city has no streets.
    """
    table = complete(city.links, LINK_COLUMNS)
    if not len(table):
        raise CityError(f"{city.name}: has no streets; import them with --streets")
    counts: Counter[str] = Counter(links=len(table))
    below = table["kind"].str.endswith(BELOW).to_numpy()
    kind = table["kind"].str.removesuffix(BELOW).to_numpy(object)
    oneway = table["oneway"].to_numpy(bool)
    usual = np.array([by_kind(one, below=under) for one, under in zip(kind, below, strict=True)], np.int64)
    unknown = table["forward"].isna().to_numpy() | table["backward"].isna().to_numpy()
    forward = np.where(unknown, usual, table["forward"].fillna(0).to_numpy(np.int64))
    backward = np.where(unknown, np.where(oneway, usual & WALK, usual), table["backward"].fillna(0).to_numpy(np.int64))
    lanes = table["lanes"].to_numpy(float)
    against = table["lanes_backward"].to_numpy(float)
    halves = np.maximum(lanes / 2, 1)
    ahead = np.where(np.isnan(against), np.where(oneway, lanes, halves), np.maximum(lanes - against, 1))
    against = np.where(np.isnan(against), np.where(oneway, 0.0, halves), against)
    assumed = [
        " ".join(dict.fromkeys([*words.split(), *(["access"] if guessed else [])]))
        for words, guessed in zip(table["assumed"], unknown, strict=True)
    ]
    for words in assumed:
        counts.update(f"assumed {what}" for what in words.split())
    links = make_links(
        table.index, table.geometry,
        start=table["start"], end=table["end"], kind=kind, name_fr=table["name_fr"], name_nl=table["name_nl"],
        width=table["width"], lanes_forward=ahead, lanes_backward=against, speed=table["speed"], forward=forward,
        backward=backward, below=below, bridge=np.zeros(len(table), bool), assumed=assumed,
        ways=[_way_of(name) for name in table.index], pieces=table.index,
    )  # fmt: skip
    known = complete(city.nodes, NODE_COLUMNS)
    nodes = make_nodes(
        known.index, known.geometry, signal=known["signal"].to_numpy() > 0, barrier=known["barrier"],
        barred=known["barred"].fillna(0),
    )  # fmt: skip
    lacking = sorted({*table["start"], *table["end"]} - set(nodes.index))
    if lacking:  # a window may cut a city's nodes off its links
        places = _places(table)
        added = make_nodes(lacking, shapely.points([places[name] for name in lacking]))
        nodes = gpd.GeoDataFrame(pd.concat([nodes, added]), crs=CRS)
    return StreetGraph(nodes, links, _turns_of(city, links, nodes, counts), dict(counts))


def _turns_of(city: City, links: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, counts: Counter[str]) -> pd.DataFrame:
    """The turns of a City whose links and node are still there."""
    if city.turns is None:
        return no_turns()
    turns = city.turns
    there = turns["arriving"].isin(links.index) & turns["leaving"].isin(links.index) & turns["via"].isin(nodes.index)
    counts["turns"] = int(there.sum())
    if not there.all():
        counts["turns whose streets are gone"] = int((~there).sum())
    return turns[there].reset_index(drop=True)


def tables_of(graph: StreetGraph) -> dict[str, Any]:
    """What a City keeps of a street graph: its parts ``nodes``, ``links`` and, where there are any, ``turns``.

    A link that motors pass only against its line is turned round: in a City a one-way link runs from start to end.
    """
    links = graph.links
    driven = [(links[side].to_numpy(np.int64) & MOTOR) != 0 for side in ("forward", "backward")]
    turned = driven[1] & ~driven[0]
    lines = links.geometry.to_numpy().copy()
    lines[turned] = shapely.reverse(lines[turned])

    def either(one: str, other: str) -> np.ndarray:
        return np.where(turned, links[other].to_numpy(), links[one].to_numpy())

    lanes = [either("lanes_forward", "lanes_backward"), either("lanes_backward", "lanes_forward")]
    kinds = [kind + (BELOW if under else "") for kind, under in zip(links["kind"], links["below"], strict=True)]
    table = as_table(
        links.index, lines, LINK_COLUMNS,
        start=either("start", "end"), end=either("end", "start"), kind=kinds, name_fr=links["name_fr"],
        name_nl=links["name_nl"], width=links["width"], lanes=np.maximum(np.rint(lanes[0] + lanes[1]), 1).astype(int),
        speed=links["speed"], oneway=driven[0] != driven[1], assumed=links["assumed"], lanes_backward=lanes[1],
        forward=either("forward", "backward").astype(float), backward=either("backward", "forward").astype(float),
    )  # fmt: skip
    nodes = as_table(
        graph.nodes.index, graph.nodes.geometry, NODE_COLUMNS, signal=graph.nodes["signal"].astype(float),
        barrier=graph.nodes["barrier"], barred=graph.nodes["barred"].astype(float),
    )  # fmt: skip
    return {"nodes": nodes, "links": table} | ({"turns": graph.turns} if len(graph.turns) else {})


def make_nodes(ids: Iterable[str], points: Iterable[Any], **known: Iterable[Any]) -> gpd.GeoDataFrame:
    """The table of nodes; without more they have no signal and no barrier."""
    index = pd.Index(list(ids), dtype=object, name="id")
    size = len(index)
    data = {"signal": np.zeros(size, bool), "barrier": np.full(size, "", object), "barred": np.zeros(size, np.int64)}
    for name, values in known.items():
        data[name] = np.array(list(values), data[name].dtype)
    return gpd.GeoDataFrame(data, index=index, geometry=gpd.GeoSeries(list(points), index=index, crs=CRS), crs=CRS)


_TYPES = {"width": float, "lanes_forward": float, "lanes_backward": float, "speed": float, "forward": np.int64,
          "backward": np.int64, "below": bool, "bridge": bool}  # fmt: skip


def make_links(ids: Iterable[str], lines: Iterable[Any], **known: Iterable[Any]) -> gpd.GeoDataFrame:
    """The table of links, with all of `LINK_FIELDS`.

    Raises
    ------
    CityError
        A field is missing or unknown, or an id occurs twice.
    """
    if set(known) != set(LINK_FIELDS):
        raise CityError(f"links want the fields {', '.join(LINK_FIELDS)}; got {', '.join(known)}")
    index = pd.Index(list(ids), dtype=object, name="id")
    if index.has_duplicates:
        raise CityError(f"link {index[index.duplicated()][0]!r} occurs twice; ids are unique")
    data = {name: np.array(list(known[name]), _TYPES.get(name, object)) for name in LINK_FIELDS}
    return gpd.GeoDataFrame(data, index=index, geometry=gpd.GeoSeries(list(lines), index=index, crs=CRS), crs=CRS)


def no_turns() -> pd.DataFrame:
    """A table of turns without a row."""
    return make_turns([])


def make_turns(rows: Iterable[tuple[str, str, str, bool, int]]) -> pd.DataFrame:
    """The table of turns: arriving link, node, leaving link, whether it is the only one, modes it binds."""
    found = pd.DataFrame(list(rows), columns=["arriving", "via", "leaving", "only", "barred"])
    return found.astype({"arriving": object, "via": object, "leaving": object, "only": bool, "barred": np.int64})


def _way_of(link: str) -> str:
    """The OSM way in the name of a link, ``w123_4``; empty where there is none."""
    number = link.removeprefix("w").partition("_")[0].rstrip("+")
    return number if link.startswith("w") and number.isdigit() else ""


def _places(table: gpd.GeoDataFrame) -> dict[str, Any]:
    lines = table.geometry.to_numpy()
    firsts = shapely.get_coordinates(shapely.get_point(lines, 0))
    lasts = shapely.get_coordinates(shapely.get_point(lines, -1))
    return dict(zip([*table["start"], *table["end"]], [*firsts, *lasts], strict=True))
