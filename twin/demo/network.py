"""Street graph of the demo district: junctions and directed or two-way links with names in both languages."""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString, Point

from twin.city import LATER_COLUMNS, LINK_COLUMNS, as_table
from twin.demo.plan import ASSETS, Plan


def make_names(plan: Plan, seed: int) -> dict[str, tuple[str, str]]:
    """French and Dutch name of every street; drawn ones from the list, the others in a shuffled order."""
    names = json.loads((ASSETS / "names.json").read_text(encoding="utf-8"))
    pool = np.random.default_rng([seed, 4]).permutation(len(names["pool"]))
    found: dict[str, tuple[str, str]] = {}
    taken = 0
    for key in plan.streets:
        if key in names["streets"]:
            french, dutch = names["streets"][key]
        elif key == "frame":
            continue
        else:
            french, dutch = names["pool"][pool[taken % pool.size]]
            taken += 1
        found[key] = (french, dutch)
    return found


def make_network(
    plan: Plan, names: dict[str, tuple[str, str]], window: tuple[float, float, float, float], shift: tuple[float, float]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Nodes and links inside a window, as tables of the city.

    Parameters
    ----------
    plan : Plan
    names : mapping
        Of ``make_names``.
    window : tuple of float
        West, south, east, north in the district's own frame; links that cross it are cut there. [m]
    shift : tuple of float
        From the district's own frame to Lambert 72. [m]

    Returns
    -------
    nodes, links : GeoDataFrame
    """
    box = shapely.box(*window)
    ids: list[str] = []
    lines: list[LineString] = []
    columns: dict[str, list[Any]] = {name: [] for name in LINK_COLUMNS if name not in LATER_COLUMNS}
    points: dict[str, tuple[float, float]] = {}
    ordinal: dict[str, int] = {}
    for a, b, key in plan.edges:
        whole = LineString([plan.nodes[a], plan.nodes[b]])
        line = whole.intersection(box)
        if not isinstance(line, LineString) or line.length < 1.0:
            continue
        ends = []
        for number, xy, wanted in ((a, line.coords[0], plan.nodes[a]), (b, line.coords[-1], plan.nodes[b])):
            inside = abs(xy[0] - wanted[0]) + abs(xy[1] - wanted[1]) < 1e-6
            name = f"N{number:04d}" if inside else f"N{number:04d}x{a:04d}-{b:04d}"
            points[name] = (xy[0] + shift[0], xy[1] + shift[1])
            ends.append(name)
        street = plan.streets[key]
        ordinal[key] = ordinal.get(key, 0) + 1
        ids.append(f"L-{key}-{a:04d}-{b:04d}")
        lines.append(LineString([points[ends[0]], points[ends[1]]]))
        values = (*ends, street.kind, *names[key], street.width, street.lanes, street.speed, street.oneway, "")
        for column, value in zip(columns, values, strict=True):
            columns[column].append(value)
    order = sorted(points)
    nodes = as_table(order, [Point(points[name]) for name in order], {})
    return nodes, as_table(ids, lines, LINK_COLUMNS, **columns)
