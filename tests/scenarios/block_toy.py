"""A neighbourhood drawn by hand: four main streets around four blocks' worth of local streets, 300 m by 300 m.

Crossings stand every 100 m, ``n00`` in the south-west to ``n33`` in the north-east (column, then row). The outer ring
is of main streets, two lanes each way; within it two streets run east and two north. ``r1_0`` is the first piece, from
the west, of the street along row 1; ``c2_0`` the first, from the south, of the street along column 2. A tunnel dives
under row 1, a footpath follows column 1 at 3 m, a school stands beside ``r2_1``.
"""

import shapely

from twin.city import AMENITY_COLUMNS, LINK_COLUMNS, SECTOR_COLUMNS, City, as_table

WEST, SOUTH, APART, SIDE = 149_100.0, 170_100.0, 100.0, 300.0
RING = {"r0": "South", "r3": "North", "c0": "West", "c3": "East"}


def at(x: float, y: float) -> list[float]:
    """A point, in metres from the south-west crossing."""
    return [WEST + x, SOUTH + y]


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [at(west, south), at(east, south), at(east, north), at(west, north)]


def block_city(oneway: tuple[str, ...] = ()) -> City:
    """The city; streets of some ids are one-way, along their line."""
    rows = []
    for number in range(4):
        for piece in range(3):
            for name, (x, y), (dx, dy) in (
                (f"r{number}", (piece, number), (1, 0)),
                (f"c{number}", (number, piece), (0, 1)),
            ):
                kind, lanes = ("secondary", 4) if name in RING else ("residential", 2)
                words = RING.get(name, f"Lane {name}")
                line = [(x, y), (x + dx, y + dy)]
                rows.append((f"{name}_{piece}", line, f"n{x}{y}", f"n{x + dx}{y + dy}", kind, words, lanes))
    rows.append(("dive", [(0, 1), (3, 1)], "n01", "n31", "secondary_tunnel", "Tunnel Drawn", 4))
    rows.append(("path", [(1.03, 0), (1.03, 3)], "p0", "p1", "footway", "", 1))
    nodes = {f"n{x}{y}": (x, y) for x in range(4) for y in range(4)} | {"p0": (1.03, 0), "p1": (1.03, 3)}
    places = {name: shapely.Point(WEST + APART * x, SOUTH + APART * y) for name, (x, y) in nodes.items()}
    ids, lines, starts, ends, kinds, words, lanes = zip(*rows, strict=True)
    axes = [shapely.LineString([(WEST + APART * x, SOUTH + APART * y) for x, y in line]) for line in lines]
    return City(
        name="Four blocks",
        bounds=(WEST - 100, SOUTH - 100, WEST + SIDE + 100, SOUTH + SIDE + 100),
        nodes=as_table(places, places.values(), {}),
        links=as_table(
            ids, axes, LINK_COLUMNS, start=starts, end=ends, kind=kinds, name_fr=words, name_nl=words,
            width=[3.0 * one for one in lanes], lanes=lanes, speed=[50.0 if one == 4 else 30.0 for one in lanes],
            oneway=[one in oneway for one in ids], assumed=[""] * len(ids),
        ),
        sectors=as_table(
            ["south", "north"],
            [shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + 150),
             shapely.box(WEST, SOUTH + 150, WEST + SIDE, SOUTH + SIDE)],
            SECTOR_COLUMNS, name_fr=["Sud", "Nord"], name_nl=["Zuid", "Noord"], population=[300.0, 500.0],
        ),
        amenities=as_table(
            ["school", "shop"], [shapely.Point(at(150, 212)), shapely.Point(at(50, 112))], AMENITY_COLUMNS,
            category=["school", "bakery"], name=["École", ""],
        ),
        demo=True,
    )  # fmt: skip
