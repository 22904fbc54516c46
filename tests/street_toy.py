"""Streets drawn by hand: a main street of 1,200 m from west to east with a side street north from its middle."""

import numpy as np
import shapely

from twin.street_access import ALL, WALK
from twin.street_graph import LINK_FIELDS, StreetGraph, make_links, make_nodes, no_turns

WEST, SOUTH = 149_000.0, 170_000.0
PLACES = {"a": (0, 0), "b": (600, 0), "c": (1200, 0), "d": (600, 400)}
ROWS = (("a", "b", "residential"), ("b", "c", "residential"), ("b", "d", "residential"))
FLAT = 6.0 / 3.6 * np.exp(-0.175)
"""Tobler on the flat. [m s⁻¹]"""


def at(x: float, y: float) -> shapely.Point:
    return shapely.Point(WEST + x, SOUTH + y)


def toy(rows=ROWS, places=PLACES, **changed) -> StreetGraph:
    """A graph of straight links; ``changed`` gives a field its values by link id ``start-end``."""
    ids = [f"{start}-{end}" for start, end, _ in rows]
    lines = [shapely.LineString([at(*places[start]), at(*places[end])]) for start, end, _ in rows]
    usual = dict.fromkeys(LINK_FIELDS, "") | {
        "width": 8.0, "lanes_forward": 1.0, "lanes_backward": 1.0, "speed": 30.0, "forward": ALL, "backward": ALL,
        "below": False, "bridge": False,
    }  # fmt: skip
    known = {name: [changed.get(name, {}).get(one, value) for one in ids] for name, value in usual.items()}
    known |= {"start": [row[0] for row in rows], "end": [row[1] for row in rows], "kind": [row[2] for row in rows],
              "pieces": ids}  # fmt: skip
    nodes = make_nodes(places, [at(*place) for place in places.values()])
    return StreetGraph(nodes, make_links(ids, lines, **known), no_turns())


ONE_WAY = {"backward": {"a-b": WALK}}
"""Vehicles may only go from a to b."""
