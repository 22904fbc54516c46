"""Hand-drawn houses near the Grand-Place, small enough to check with a pencil."""

from collections.abc import Callable
from typing import Any

import pytest

GROUND, WALL, ROOF = range(3)
Faces = list[tuple[int, list[list[tuple[float, float, float]]]]]


def gable(
    x: float = 0.0,
    y: float = 0.0,
    width: float = 10.0,
    depth: float = 8.0,
    eaves: float = 6.0,
    ridge: float = 9.0,
    ground: float = 20.0,
) -> Faces:
    """A house with a gable roof; its ridge runs east along the middle. Faces run counter-clockwise from outside."""
    e, n = 148_500.0 + x, 170_500.0 + y
    g, w, top, m = ground, ground + eaves, ground + ridge, depth / 2
    a, b, c, d = (e, n), (e + width, n), (e + width, n + depth), (e, n + depth)
    west, east = (e, n + m, top), (e + width, n + m, top)
    return [
        (GROUND, [[(*a, g), (*d, g), (*c, g), (*b, g)]]),
        (WALL, [[(*a, g), (*b, g), (*b, w), (*a, w)]]),
        (WALL, [[(*c, g), (*d, g), (*d, w), (*c, w)]]),
        (WALL, [[(*b, g), (*c, g), (*c, w), east, (*b, w)]]),
        (WALL, [[(*d, g), (*a, g), (*a, w), west, (*d, w)]]),
        (ROOF, [[(*a, w), (*b, w), east, west]]),
        (ROOF, [[(*c, w), (*d, w), west, east]]),
    ]


def block(
    x: float = 0.0, y: float = 0.0, width: float = 10.0, depth: float = 8.0, low: float = 20.0, high: float = 26.0
) -> Faces:
    """A box with a flat roof."""
    e, n = 148_500.0 + x, 170_500.0 + y
    ring = [(e, n), (e + width, n), (e + width, n + depth), (e, n + depth)]
    faces: Faces = [
        (GROUND, [[(*p, low) for p in reversed(ring)]]),
        (ROOF, [[(*p, high) for p in ring]]),
    ]
    for p, q in zip(ring, ring[1:] + ring[:1], strict=True):
        faces.append((WALL, [[(*p, low), (*q, low), (*q, high), (*p, high)]]))
    return faces


def inside_out(faces: Faces) -> Faces:
    """The same faces, all wound the other way."""
    return [(kind, [ring[::-1] for ring in rings]) for kind, rings in faces]


def cityjson(houses: dict[str, Faces], crs: str | None = "6190", **attributes: dict[str, Any]) -> dict[str, Any]:
    """A CityJSON 2.0 document of houses, one MultiSurface each, in whole millimetres."""
    vertices: dict[tuple[int, int, int], int] = {}
    objects = {}
    for name, faces in houses.items():
        boundaries = [
            [
                [vertices.setdefault(tuple(round(v * 1000) for v in p), len(vertices)) for p in ring]  # type: ignore[arg-type]
                for ring in rings
            ]
            for _, rings in faces
        ]
        types = ("GroundSurface", "WallSurface", "RoofSurface")
        objects[name] = {
            "type": "Building",
            "attributes": attributes.get(name, {}),
            "geometry": [
                {
                    "type": "MultiSurface",
                    "lod": "2",
                    "boundaries": boundaries,
                    "semantics": {"surfaces": [{"type": t} for t in types], "values": [kind for kind, _ in faces]},
                }
            ],
        }
    return {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [0.001] * 3, "translate": [0.0, 0.0, 0.0]},
        "metadata": {"referenceSystem": f"https://www.opengis.net/def/crs/EPSG/0/{crs}"} if crs else {},
        "CityObjects": objects,
        "vertices": [list(v) for v in vertices],
    }


class Houses:
    """The drawings as one fixture."""

    gable: Callable[..., Faces] = staticmethod(gable)
    block: Callable[..., Faces] = staticmethod(block)
    inside_out: Callable[[Faces], Faces] = staticmethod(inside_out)
    cityjson: Callable[..., dict[str, Any]] = staticmethod(cityjson)


@pytest.fixture(scope="session")
def houses() -> type[Houses]:
    """Draw houses: ``houses.gable(...)``, ``houses.block(...)``, ``houses.cityjson({...})``."""
    return Houses
