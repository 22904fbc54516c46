"""A town drawn by hand: a main street and three residential ones cross in 600 m by 600 m, homes west, offices east."""

import itertools
from datetime import UTC, datetime

import shapely

from twin.city import BUILDING_COLUMNS, LINK_COLUMNS, SECTOR_COLUMNS, City, as_table
from twin.traffic_layers import traffic_layers

WEST, SOUTH = 148_000.0, 170_000.0
TUESDAY_8 = datetime(2026, 3, 10, 7, tzinfo=UTC)
"""08:00 in Brussels, in winter."""
STREETS = {"v2": ("primary", 4), "v4": ("residential", 2), "h2": ("residential", 2), "h4": ("residential", 2)}
"""Kind and lanes of both directions; v2 runs north at 200 m from the west, h4 east at 400 m from the south."""
PEOPLE = {"A": 3000.0, "B": 1000.0}


def at(x: float, y: float) -> shapely.Point:
    return shapely.Point(WEST + x, SOUTH + y)


def box(x: float, y: float, width: float, depth: float) -> shapely.Polygon:
    return shapely.box(WEST + x, SOUTH + y, WEST + x + width, SOUTH + y + depth)


def town(people=PEOPLE, houses=True, sectors=True, dead_end="") -> City:
    """The town; ``dead_end`` adds a street of that kind from the crossing at (200, 200) to nothing at (300, 300)."""
    lines = []
    for key, (kind, lanes) in STREETS.items():
        across = float(key[1]) * 100.0
        spots = [(across, y) if key[0] == "v" else (y, across) for y in (0.0, 200.0, 400.0, 600.0)]
        lines += [(f"{key}-{n}", a, b, kind, lanes) for n, (a, b) in enumerate(itertools.pairwise(spots))]
    if dead_end:
        lines.append(("stub", (200.0, 200.0), (300.0, 300.0), dead_end, 2))
    name = {spot: f"N{spot[0]:.0f}-{spot[1]:.0f}" for _, a, b, *_ in lines for spot in (a, b)}
    spots = sorted(name)
    links = as_table(
        [one[0] for one in lines], [shapely.LineString([at(*a), at(*b)]) for _, a, b, *_ in lines], LINK_COLUMNS,
        start=[name[one[1]] for one in lines], end=[name[one[2]] for one in lines], kind=[one[3] for one in lines],
        name_fr=[""] * len(lines), name_nl=[""] * len(lines), width=[10.0] * len(lines),
        lanes=[one[4] for one in lines], speed=[30.0] * len(lines), oneway=[False] * len(lines),
        assumed=[""] * len(lines),
    )  # fmt: skip
    rows = [("H1", 20, 20, 50, 20, "residential", 3), ("H2", 180, 380, 20, 40, "residential", 5),
            ("O1", 380, 380, 40, 50, "office", 10), ("R1", 380, 180, 20, 50, "retail", 4),
            ("H3", 500, 500, 20, 20, "residential", 3)] if houses else []  # fmt: skip
    plain = dict.fromkeys(BUILDING_COLUMNS, 0.0) | {"name": "", "quality": "", "origin": ""}
    known = {column: [value] * len(rows) for column, value in plain.items()}
    known |= {"storeys": [row[6] for row in rows], "use": [row[5] for row in rows]}
    halves = [("A", box(0, 0, 300, 600)), ("B", box(300, 0, 300, 600))] if sectors else []
    return City(
        "town", (WEST, SOUTH, WEST + 600.0, SOUTH + 600.0),
        buildings=as_table([row[0] for row in rows], [box(*row[1:5]) for row in rows], BUILDING_COLUMNS, **known),
        nodes=as_table([name[one] for one in spots], [at(*one) for one in spots], {}),
        links=links,
        sectors=as_table([one[0] for one in halves], [one[1] for one in halves], SECTOR_COLUMNS,
                         name_fr=[""] * len(halves), name_nl=[""] * len(halves),
                         population=[people[one[0]] for one in halves]),
    )  # fmt: skip


def network_of(city: City, duration_s: float = 3600.0):
    """The network of the town, without works."""
    return traffic_layers(city, start=TUESDAY_8, duration_s=duration_s)
