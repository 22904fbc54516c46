"""Close shells that miss a little: corners that lie on an edge of the neighbour face, and small planar holes."""

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np

from twin.city import Surfaces
from twin.faces import triangulate
from twin.formats.part import UNKNOWN, offsets
from twin.mesh import orient

ON_EDGE = 0.002
"""A corner this near to an open edge lies on it. [m]"""

MAX_CHANGE = 0.01
"""A repair is kept only if it changes the volume by less than this share. [1]"""

_Face = tuple[int, list[list[int]]]


def mend(faces: Surfaces, rows: np.ndarray) -> tuple[Surfaces, dict[int, str]]:
    """Try to close the open shells of some buildings.

    First every open edge takes in the corners of other open edges that lie on it; then what is still open and forms
    simple loops is covered by one face per loop. A building is repaired when its shell is then closed and its volume
    has changed by less than `MAX_CHANGE`, the volume that a covered hole could hide included; any other is left exactly
    as it was.

    Parameters
    ----------
    faces : Surfaces
        Cleaned, not triangulated.
    rows : (open building,) int

    Returns
    -------
    faces : Surfaces
    mended : dict
        Building row to what was done, in words.
    """
    trials: dict[int, list[_Face]] = {}
    hidden: dict[int, float] = {}
    words: dict[int, str] = {}
    first = np.searchsorted(faces.building, np.arange(int(faces.building.max(initial=-1)) + 2))
    for row in rows.tolist():
        given = _faces_of(faces, first[row], first[row + 1])
        found, corners = _set_corners(faces.vertices, given)
        found, caps = _cover(found)
        if corners or caps:
            trials[row] = found
            hidden[row] = _hidden(faces.vertices, found, caps)
            words[row] = f"{corners} corners set on edges, {caps} holes covered"
    good = _accepted(faces, trials, hidden, first)
    if not good:
        return faces, {}
    return _spliced(faces, {row: trials[row] for row in good}, first), {row: words[row] for row in good}


def _faces_of(faces: Surfaces, start: int, stop: int) -> list[_Face]:
    found = []
    for s in range(start, stop):
        rings = range(faces.surface_rings[s], faces.surface_rings[s + 1])
        corners = [faces.ring_vertices[faces.ring_offsets[r] : faces.ring_offsets[r + 1]].tolist() for r in rings]
        found.append((int(faces.kind[s]), corners))
    return found


def _sides(ring: list[int]) -> list[tuple[int, int]]:
    return list(zip(ring, ring[1:] + ring[:1], strict=True))


def _open_edges(faces: list[_Face]) -> set[tuple[int, int]]:
    """Edges with a single side, smaller vertex first."""
    count = Counter((min(a, b), max(a, b)) for _, rings in faces for ring in rings for a, b in _sides(ring))
    return {edge for edge, sides in count.items() if sides == 1}


def _set_corners(vertices: np.ndarray, faces: list[_Face]) -> tuple[list[_Face], int]:
    open_edges = _open_edges(faces)
    loose = np.array(sorted({v for edge in open_edges for v in edge}), np.int64)
    places = vertices[loose] if len(loose) else np.zeros((0, 3))
    inserts: dict[tuple[int, int], list[int]] = {}
    for a, b in open_edges:
        along = vertices[b] - vertices[a]
        length = float(np.linalg.norm(along))
        if length < 2 * ON_EDGE:
            continue
        share = (places - vertices[a]) @ along / length**2
        off = np.linalg.norm(places - vertices[a] - share[:, None] * along, axis=1)
        inner = (off < ON_EDGE) & (share * length > ON_EDGE / 2) & ((1 - share) * length > ON_EDGE / 2)
        if inner.any():
            inserts[a, b] = loose[inner][np.argsort(share[inner], kind="stable")].tolist()
    if not inserts:
        return faces, 0
    return [(kind, [_with_corners(ring, inserts) for ring in rings]) for kind, rings in faces], sum(
        len(one) for one in inserts.values()
    )


def _with_corners(ring: list[int], inserts: dict[tuple[int, int], list[int]]) -> list[int]:
    found: list[int] = []
    present = set(ring)
    for a, b in _sides(ring):
        found.append(a)
        more = inserts.get((a, b)) or inserts.get((b, a), [])[::-1]
        found.extend(v for v in more if v not in present)
    return found


def _cover(faces: list[_Face]) -> tuple[list[_Face], int]:
    """Cover open loops in which every vertex has two open edges; nothing if any vertex has another number."""
    near: dict[int, list[int]] = defaultdict(list)
    for a, b in sorted(_open_edges(faces)):
        near[a].append(b)
        near[b].append(a)
    if not near or any(len(others) != 2 for others in near.values()):
        return faces, 0
    caps: list[_Face] = []
    left = set(near)
    for start in sorted(near):
        if start not in left:
            continue
        loop = [start]
        left.discard(start)
        following = near[start][0]
        while following != start:
            loop.append(following)
            left.discard(following)
            one, other = near[following]
            following = other if one == loop[-2] else one
        caps.append((UNKNOWN, [loop]))
    return faces + caps, len(caps)


def _hidden(vertices: np.ndarray, faces: list[_Face], caps: int) -> float:
    """Most volume that the covers, the last ``caps`` faces, could have given or taken: cones over the shell. [m3]"""
    total = 0.0
    for _, rings in faces[len(faces) - caps :]:
        points = vertices[rings[0]] - vertices[rings[0][0]]
        normal = np.cross(points, np.roll(points, -1, axis=0)).sum(axis=0) / 2
        area = float(np.linalg.norm(normal))
        if area > 0:
            every = vertices[[v for _, found in faces for ring in found for v in ring]] - vertices[rings[0][0]]
            total += area * float(np.abs(every @ (normal / area)).max()) / 3
    return total


def _accepted(
    faces: Surfaces, trials: dict[int, list[_Face]], hidden: dict[int, float], first: np.ndarray
) -> list[int]:
    if not trials:
        return []
    rows = list(trials)
    before = _pack(faces.vertices, [_faces_of(faces, first[row], first[row + 1]) for row in rows])
    after = _pack(faces.vertices, [trials[row] for row in rows])
    old = orient(before, len(rows)).swept
    new = orient(after, len(rows))
    change = np.abs(new.swept - old) + np.array([hidden[row] for row in rows])
    close = change < MAX_CHANGE * np.abs(new.swept)
    return [row for row, good in zip(rows, close & np.isfinite(new.volume), strict=True) if good]


def _pack(vertices: np.ndarray, buildings: list[list[_Face]]) -> Surfaces:
    rings = [ring for faces in buildings for _, found in faces for ring in found]
    packed = Surfaces(
        vertices,
        np.array([v for ring in rings for v in ring], np.int32),
        offsets([len(ring) for ring in rings]).astype(np.int32),
        offsets([len(found) for faces in buildings for _, found in faces]).astype(np.int32),
        np.array([kind for faces in buildings for kind, _ in faces], np.int8),
        np.repeat(np.arange(len(buildings)), [len(faces) for faces in buildings]).astype(np.int32),
        np.zeros((0, 3), np.int32),
        np.zeros(0, np.int32),
    )
    triangles, owners = triangulate(packed)
    return replace(packed, triangles=triangles, triangle_surface=owners)


def _spliced(faces: Surfaces, changed: dict[int, list[_Face]], first: np.ndarray) -> Surfaces:
    """The faces with those of some buildings exchanged."""
    corners, ring_sizes, surface_sizes, kinds, buildings = [], [], [], [], []
    sizes = np.diff(faces.ring_offsets)
    counts = np.diff(faces.surface_rings)
    done = 0
    for row in [*sorted(changed), None]:
        stop = len(faces) if row is None else int(first[row])
        r0, r1 = faces.surface_rings[done], faces.surface_rings[stop]
        corners.append(faces.ring_vertices[faces.ring_offsets[r0] : faces.ring_offsets[r1]])
        ring_sizes.append(sizes[r0:r1])
        surface_sizes.append(counts[done:stop])
        kinds.append(faces.kind[done:stop])
        buildings.append(faces.building[done:stop])
        if row is not None:
            new = changed[row]
            corners.append(np.array([v for _, rings in new for ring in rings for v in ring], np.int32))
            ring_sizes.append(np.array([len(ring) for _, rings in new for ring in rings]))
            surface_sizes.append(np.array([len(rings) for _, rings in new]))
            kinds.append(np.array([kind for kind, _ in new], np.int8))
            buildings.append(np.full(len(new), row, np.int32))
            done = int(first[row + 1])
    return replace(
        faces,
        ring_vertices=np.concatenate(corners),
        ring_offsets=offsets(np.concatenate(ring_sizes)).astype(np.int32),
        surface_rings=offsets(np.concatenate(surface_sizes)).astype(np.int32),
        kind=np.concatenate(kinds),
        building=np.concatenate(buildings),
    )
