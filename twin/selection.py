"""A city with some of its buildings."""

import numpy as np

from twin.city import City, CityError, Surfaces


def keep_buildings(city: City, kept: np.ndarray) -> City:
    """The city with only the marked buildings, their faces renumbered; all other parts are shared.

    Parameters
    ----------
    city : City
    kept : (building,) bool

    Returns
    -------
    City
    """
    kept = np.asarray(kept, bool)
    if kept.shape != (len(city.buildings),):
        raise CityError(f"the marks are {kept.shape}, expected one for each of {len(city.buildings)} buildings")
    if kept.all():
        return city
    return city.with_(buildings=city.buildings[kept], surfaces=_keep_surfaces(city.surfaces, kept))


def _keep_surfaces(shell: Surfaces, kept: np.ndarray) -> Surfaces:
    surfaces = kept[shell.building]
    number = np.cumsum(surfaces) - 1
    ring_of = np.repeat(np.arange(len(shell)), np.diff(shell.surface_rings))
    rings = surfaces[ring_of]
    sizes = np.diff(shell.ring_offsets)
    corners = np.repeat(rings, sizes)
    triangles = surfaces[shell.triangle_surface]
    ring_vertices, faces = shell.ring_vertices[corners], shell.triangles[triangles]
    used = np.zeros(len(shell.vertices), bool)
    used[ring_vertices] = True
    used[faces] = True
    vertex = (np.cumsum(used) - 1).astype(np.int32)
    return Surfaces(
        vertices=shell.vertices[used],
        ring_vertices=vertex[ring_vertices],
        ring_offsets=_offsets(sizes[rings]),
        surface_rings=_offsets(np.diff(shell.surface_rings)[surfaces]),
        kind=shell.kind[surfaces],
        building=(np.cumsum(kept) - 1)[shell.building[surfaces]].astype(np.int32),
        triangles=vertex[faces],
        triangle_surface=number[shell.triangle_surface[triangles]].astype(np.int32),
    )


def _offsets(sizes: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
