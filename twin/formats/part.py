"""What every reader of buildings gives back: faces as rings of corners in the file's own frame, not yet judged."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

UNKNOWN = -1
"""Kind of a face whose file does not say what it is; its normal tells later."""

USES = ("residential", "office", "retail", "education", "worship", "transport", "annex", "other")

_USE_WORDS = (
    ("annex", ("annex", "garage", "shed", "carport", "outbuilding")),
    ("worship", ("worship", "church", "mosque", "synagogue", "religious", "chapel", "cathedral")),
    ("education", ("educat", "school", "universit", "kindergarten", "college")),
    ("transport", ("transport", "station", "railway", "parking")),
    ("office", ("office", "bureau", "kantoor", "administration", "public")),
    ("retail", ("retail", "shop", "commerc", "business", "supermarket", "market", "hotel")),
    ("residential", ("residen", "habitation", "dwelling", "apartment", "house", "woon", "1000")),
)


@dataclass
class Refused:
    """One object that was read and left out, and why."""

    id: str
    reason: str


@dataclass
class BuildingsPart:
    """Buildings of one file.

    Attributes
    ----------
    path : str
        The file, for messages.
    crs : str or None
        As pyproj reads it; None where the file states none.
    ids : list of str
    attributes : list of dict
        One per building, with any of ``use``, ``name``, ``storeys``, ``origin``.
    vertices : (vertex, 3) float64
        In ``crs``.
    ring_vertices, ring_offsets, surface_rings, kind, building
        As `twin.city.Surfaces`; ``kind`` may be `UNKNOWN`, ``building`` ascends.
    objects : int
        Buildings the file holds, refused ones included.
    refused : list of Refused
    skipped : dict
        Other objects by type, how many.
    notes : list of str
        What the reader chose, in words.
    flags : dict
        Quality flags by building id, given by the reader.
    title, licence, vintage : str
        As the file states them.
    """

    path: str
    crs: str | None
    ids: list[str]
    attributes: list[dict[str, Any]]
    vertices: np.ndarray
    ring_vertices: np.ndarray
    ring_offsets: np.ndarray
    surface_rings: np.ndarray
    kind: np.ndarray
    building: np.ndarray
    objects: int
    refused: list[Refused] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    flags: dict[str, list[str]] = field(default_factory=dict)
    title: str = ""
    licence: str = ""
    vintage: str = ""


Face = tuple[int, Sequence[Any]]
"""Kind and rings; a ring is a row of vertex numbers, or of (x, y, z) when the part has no vertex table."""


class PartBuilder:
    """Collect buildings one by one and pack them into arrays at the end."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.attributes: list[dict[str, Any]] = []
        self._corners: list[Any] = []
        self._ring_sizes: list[int] = []
        self._surface_sizes: list[int] = []
        self._kinds: list[int] = []
        self._building: list[int] = []

    def add(self, name: str, faces: Iterable[Face], attributes: Mapping[str, Any] | None = None) -> None:
        """Take one building; its faces follow each other."""
        number = len(self.ids)
        self.ids.append(name)
        self.attributes.append(dict(attributes or {}))
        for kind, rings in faces:
            self._surface_sizes.append(len(rings))
            self._kinds.append(kind)
            self._building.append(number)
            for ring in rings:
                self._ring_sizes.append(len(ring))
                self._corners.extend(ring)

    def finish(self, path: str, crs: str | None, vertices: np.ndarray | None = None, **words: Any) -> BuildingsPart:
        """Pack; without ``vertices`` the corners are coordinates and become the vertex table."""
        if vertices is None:
            vertices = np.array(self._corners, float).reshape(-1, 3)
            corners = np.arange(len(vertices), dtype=np.int64)
        else:
            corners = np.array(self._corners, np.int64)
        return BuildingsPart(
            path=path,
            crs=crs,
            ids=self.ids,
            attributes=self.attributes,
            vertices=vertices,
            ring_vertices=corners,
            ring_offsets=offsets(self._ring_sizes),
            surface_rings=offsets(self._surface_sizes),
            kind=np.array(self._kinds, np.int8),
            building=np.array(self._building, np.int64),
            **words,
        )


def offsets(sizes: Any) -> np.ndarray:
    """Start of each run, and the end of the last: ``[2, 3] -> [0, 2, 5]``."""
    return np.concatenate([[0], np.cumsum(np.asarray(sizes, np.int64))]).astype(np.int64)


def known_attributes(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Pick use, name, storeys and year out of a file's own attribute names, whatever their case and language."""
    lower = {str(key).lower().replace("_", ""): value for key, value in properties.items() if value not in (None, "")}
    found: dict[str, Any] = {}
    storeys = _first(lower, "storeysaboveground", "numberoffloors", "building:levels", "levels", "storeys", "floors")
    try:
        if storeys is not None and 1 <= float(storeys) <= 200:
            found["storeys"] = int(float(storeys))
    except (TypeError, ValueError):
        pass
    name = _first(lower, "name", "gmlname", "namefr", "namenl")
    if name is not None:
        found["name"] = str(name)
    use = _first(lower, "use", "function", "usage", "class", "building", "type")
    if use is not None:
        found["use"] = use_of(str(use))
    built = _first(
        lower, "yearofconstruction", "constructionyear", "yearbuilt", "builtyear", "startdate",
        "oorspronkelijkbouwjaar", "bouwjaar", "anneeconstruction",
    )  # fmt: skip
    year = re.match(r"\d{4}(?!\d)", str(built).strip())
    if year is not None and 1000 <= int(year[0]) <= 2100:
        found["year"] = float(year[0])
    return found


def use_of(text: str) -> str:
    """The nearest of `USES` for a word of a file."""
    text = text.lower()
    return next((use for use, words in _USE_WORDS if any(word in text for word in words)), "other")


def _first(values: Mapping[str, Any], *names: str) -> Any:
    return next((values[name] for name in names if name in values), None)
