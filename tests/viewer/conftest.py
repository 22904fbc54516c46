"""A city small enough to draw by hand: gabled houses in rows on a plane that falls to the east."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import shapely

from twin.city import (
    BUILDING_COLUMNS,
    COVER_COLUMNS,
    GROUND,
    LINK_COLUMNS,
    ROOF,
    SECTOR_COLUMNS,
    TREE_COLUMNS,
    WALL,
    City,
    Source,
    Surfaces,
    Terrain,
    as_table,
)

WEST, SOUTH = 149_000.0, 172_000.0


def _gabled_house(west, south, width, depth, foot, eaves, ridge):
    """Ten corners, seven faces: floor, two side walls, two gables (five corners each), two roof planes."""
    e, n, middle = west + width, south + depth, west + width / 2
    corners = [
        (west, south, foot), (e, south, foot), (e, n, foot), (west, n, foot),
        (west, south, foot + eaves), (e, south, foot + eaves), (e, n, foot + eaves), (west, n, foot + eaves),
        (middle, south, foot + ridge), (middle, n, foot + ridge),
    ]  # fmt: skip
    faces = [
        (GROUND, [0, 3, 2, 1]),
        (WALL, [0, 1, 5, 8, 4]),
        (WALL, [2, 3, 7, 9, 6]),
        (WALL, [1, 2, 6, 5]),
        (WALL, [3, 0, 4, 7]),
        (ROOF, [4, 8, 9, 7]),
        (ROOF, [8, 5, 6, 9]),
    ]
    return corners, faces


def make_city(columns: int = 3, rows: int = 2, *, pitch: float = 20.0, terrain: bool = True) -> City:
    """Houses of 8 by 10 m, eaves 6 m, ridge 9 m, on a grid of the given pitch [m]."""
    vertices, rings, offsets, kinds, owners, triangles, triangle_surface = [], [], [0], [], [], [], []
    footprints, ids = [], []
    ground = 20.0
    for row in range(rows):
        for column in range(columns):
            west, south = WEST + 6 + column * pitch, SOUTH + 6 + row * pitch
            corners, faces = _gabled_house(west, south, 8.0, 10.0, ground, 6.0, 9.0)
            base = len(vertices)
            vertices += corners
            for kind, ring in faces:
                surface = len(kinds)
                kinds.append(kind)
                owners.append(len(ids))
                rings += [base + corner for corner in ring]
                offsets.append(len(rings))
                triangles += [(base + ring[0], base + a, base + b) for a, b in itertools.pairwise(ring[1:])]
                triangle_surface += [surface] * (len(ring) - 2)
            footprints.append(shapely.box(west, south, west + 8, south + 10))
            ids.append(f"house-{row}-{column}")
    count = len(ids)
    surfaces = Surfaces(
        np.array(vertices),
        np.array(rings, np.int32),
        np.array(offsets, np.int32),
        np.arange(len(kinds) + 1, dtype=np.int32),
        np.array(kinds, np.int8),
        np.array(owners, np.int32),
        np.array(triangles, np.int32),
        np.array(triangle_surface, np.int32),
    )
    buildings = as_table(
        ids,
        footprints,
        BUILDING_COLUMNS,
        ground_z=[ground] * count,
        ridge_height=[9.0] * count,
        eaves_height=[6.0] * count,
        roof_area=[100.0] * count,
        volume=[600.0] * count,
        storeys=[2] * count,
        use=["residential"] * count,
        name=["Maison à pignon"] + [""] * (count - 1),
        quality=[""] * count,
        origin=[""] * count,
    )
    width, depth = columns * pitch, rows * pitch
    cell = 2.0
    nx, ny = int(width / cell), int(depth / cell)
    plane = (ground - 0.005 * cell * (np.arange(nx) + 0.5))[None, :].repeat(ny, axis=0).astype(np.float32)
    street = shapely.LineString([(WEST, SOUTH + 2), (WEST + width, SOUTH + 2)])
    return City(
        name="Hand-drawn rows",
        bounds=(WEST, SOUTH, WEST + width, SOUTH + depth),
        surfaces=surfaces,
        buildings=buildings,
        terrain=Terrain(plane, WEST, SOUTH, cell) if terrain else None,
        trees=as_table(
            ["tree-1"], [shapely.Point(WEST + 3, SOUTH + 3)], TREE_COLUMNS,
            height=[8.0], crown_diameter=[5.0], crown_base=[2.5], species=["Tilia"], assumed=["height"],
        ),
        links=as_table(
            ["link-1"], [street], LINK_COLUMNS, start=["a"], end=["b"], kind=["residential"],
            name_fr=["Rue Droite"], name_nl=["Rechte Straat"], width=[4.0], lanes=[1], speed=[30.0], oneway=[False],
            assumed=["width"],
        ),
        land_cover=as_table(
            ["cover-1"], [shapely.box(WEST, SOUTH, WEST + width, SOUTH + 4)], COVER_COLUMNS, cover=["asphalt"]
        ),
        sectors=as_table(
            ["sector-1"], [shapely.box(WEST, SOUTH, WEST + width, SOUTH + depth)], SECTOR_COLUMNS,
            name_fr=["Quartier"], name_nl=["Wijk"], population=[120.0],
        ),
        sources=(Source("buildings", "drawn by hand", "CC0-1.0"),),
        demo=True,
    )  # fmt: skip


@pytest.fixture(scope="session")
def city() -> City:
    return make_city()


@pytest.fixture(scope="session")
def city_of() -> Callable[..., City]:
    return make_city
