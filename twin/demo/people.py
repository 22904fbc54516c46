"""Who lives in the demo district and what they reach on foot: statistical sectors and amenities."""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from twin.city import AMENITY_COLUMNS, SECTOR_COLUMNS, as_table
from twin.demo.plan import ASSETS, Plan

FLOOR_PER_RESIDENT = 62.0
"""Gross residential floor area per resident. [m²]"""


def make_sectors(
    plan: Plan, buildings: gpd.GeoDataFrame, window: BaseGeometry, shift: tuple[float, float]
) -> gpd.GeoDataFrame:
    """Statistical sectors: groups of blocks, with the residents that their homes can hold.

    Parameters
    ----------
    plan : Plan
    buildings : GeoDataFrame
        Table of the city; residents follow the floor area of residential buildings.
    window : geometry
        In the district's own frame.
    shift : tuple of float
        From that frame to Lambert 72. [m]

    Returns
    -------
    GeoDataFrame
        They cover the window without gaps.
    """
    names = json.loads((ASSETS / "names.json").read_text(encoding="utf-8"))["sectors"]
    homes = (buildings["use"] == "residential").to_numpy()
    points = shapely.point_on_surface(buildings.geometry.to_numpy())
    floor = buildings.geometry.area.to_numpy() * buildings["storeys"].to_numpy() * homes
    ids: list[str] = []
    shapes: list[BaseGeometry] = []
    columns: dict[str, list[Any]] = {name: [] for name in SECTOR_COLUMNS}
    for number, (key, (french, dutch)) in enumerate(names.items()):
        faces = [block.face for block in plan.blocks if block.sector == key]
        shape = shapely.union_all(faces, grid_size=0.001).intersection(window)
        if shape.area < 1.0:
            continue
        shape = shapely.affinity.translate(shape, *shift)
        inside = shapely.contains(shape, points)
        ids.append(f"DEMO-A{number:02d}")
        shapes.append(shape)
        columns["name_fr"].append(french)
        columns["name_nl"].append(dutch)
        columns["population"].append(float(np.floor(floor[inside].sum() / FLOOR_PER_RESIDENT)))
    return as_table(ids, shapes, SECTOR_COLUMNS, **columns)


def make_amenities(
    plan: Plan, buildings: gpd.GeoDataFrame, window: BaseGeometry, shift: tuple[float, float], seed: int
) -> gpd.GeoDataFrame:
    """Places of daily life: on the ground floor of buildings, spread over the district; parks and squares.

    Parameters
    ----------
    plan : Plan
    buildings : GeoDataFrame
    window : geometry
        In the district's own frame.
    shift : tuple of float
        From that frame to Lambert 72. [m]
    seed : int

    Returns
    -------
    GeoDataFrame
        Points.
    """
    kinds = json.loads((ASSETS / "names.json").read_text(encoding="utf-8"))["amenities"]
    rng = np.random.default_rng([seed, 9])
    spots = shapely.point_on_surface(buildings.geometry.to_numpy())
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    good = np.isin(buildings["use"].to_numpy(), ("residential", "retail", "office"))
    share = window.area / float(plan.district["frame"]["size"]) ** 2
    rows: list[tuple[str, Point, str, str]] = []
    for category, (french, dutch, count) in kinds.items():
        chosen: list[int] = []
        for number in range(max(1, round(count * share)) if good.any() else 0):
            options = rng.choice(np.flatnonzero(good), 12)
            far = [min((np.hypot(x[o] - x[c], y[o] - y[c]) for c in chosen), default=1e9) for o in options]
            chosen.append(int(options[int(np.argmax(far))]))
            label = french if french == dutch else f"{french} / {dutch}"
            rows.append((f"P-{category}-{number + 1:02d}", spots[chosen[-1]], category, f"{label} {number + 1}"))
    for block in plan.blocks:
        if block.kind == "park" and window.contains(block.polygon.centroid):
            middle = block.polygon.centroid
            place = Point(middle.x + shift[0], middle.y + shift[1])
            rows.append((f"P-park-{block.number:03d}", place, "park", "Parc aux Saules / Wilgenpark"))
    columns = dict(zip(AMENITY_COLUMNS, ([row[2] for row in rows], [row[3] for row in rows]), strict=True))
    return as_table([row[0] for row in rows], [row[1] for row in rows], AMENITY_COLUMNS, **columns)
