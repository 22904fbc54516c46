"""What else lies on the map: events, vacant buildings, works, projects and decisions of the city, in one schema."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from kernels.quantities import LANGUAGES, Language
from twin.city import CRS
from twin.key_figures import DOMAINS
from twin.street_works import BRUSSELS

SECOND = 1_000_000_000
"""[ns]"""

KINDS: Mapping[str, Mapping[Language, str]] = {
    "event": {"fr": "Événement", "nl": "Evenement", "en": "Event"},
    "vacant": {"fr": "Bâtiment inoccupé", "nl": "Leegstaand gebouw", "en": "Vacant building"},
    "works": {"fr": "Chantier", "nl": "Werf", "en": "Works"},
    "project": {"fr": "Projet de la ville", "nl": "Stadsproject", "en": "City project"},
    "decision": {"fr": "Décision", "nl": "Beslissing", "en": "Decision"},
}
"""What an item can be."""

_PLANNED: Mapping[Language, str] = {"fr": "prévu", "nl": "gepland", "en": "planned"}
_UNDER_WAY: Mapping[Language, str] = {"fr": "en cours", "nl": "bezig", "en": "under way"}
_DONE: Mapping[Language, str] = {"fr": "terminé", "nl": "klaar", "en": "done"}
_CANCELLED: Mapping[Language, str] = {"fr": "annulé", "nl": "afgelast", "en": "cancelled"}

STATUSES: Mapping[str, Mapping[str, Mapping[Language, str]]] = {
    "event": {"planned": _PLANNED, "under_way": _UNDER_WAY, "done": _DONE, "cancelled": _CANCELLED},
    "vacant": {
        "vacant": {"fr": "inoccupé", "nl": "leegstaand", "en": "vacant"},
        "for_use": {"fr": "à louer ou à vendre", "nl": "te huur of te koop", "en": "to let or for sale"},
        "meanwhile": {"fr": "occupation temporaire", "nl": "tijdelijk gebruik", "en": "in use for the meantime"},
        "reused": {"fr": "réoccupé", "nl": "opnieuw in gebruik", "en": "in use again"},
    },
    "works": {"planned": _PLANNED, "under_way": _UNDER_WAY, "done": _DONE, "cancelled": _CANCELLED},
    "project": {
        "idea": {"fr": "idée", "nl": "idee", "en": "idea"},
        "study": {"fr": "à l’étude", "nl": "in studie", "en": "under study"},
        "decided": {"fr": "décidé", "nl": "beslist", "en": "decided"},
        "under_way": _UNDER_WAY,
        "done": _DONE,
        "cancelled": {"fr": "abandonné", "nl": "stopgezet", "en": "dropped"},
    },
    "decision": {
        "submitted": {"fr": "à l’ordre du jour", "nl": "op de agenda", "en": "on the agenda"},
        "adopted": {"fr": "adoptée", "nl": "aangenomen", "en": "adopted"},
        "rejected": {"fr": "rejetée", "nl": "verworpen", "en": "rejected"},
        "withdrawn": {"fr": "retirée", "nl": "ingetrokken", "en": "withdrawn"},
    },
}
"""Where an item of each kind can stand, with words for people."""

FIELDS: Mapping[str, str] = {
    "id": "Stable and unique. Needed.",
    "kind": "One of KINDS. Needed.",
    "status": "One of the STATUSES of its kind. Needed.",
    **{f"title_{language}": "A line. Needed." for language in LANGUAGES},
    **{f"text_{language}": "Some sentences: in all languages or in none." for language in LANGUAGES},
    "domain": "One of twin.key_figures.DOMAINS, or empty.",
    "budget_eur": "A number of euros, zero or more; empty where not known.",
    "starts": "A day (2026-11-27, from its first moment) or a moment (2026-11-27T08:00, by the clock of Brussels, or "
    "with its offset); empty where not known.",
    "ends": "The same; a day counts to its last moment.",
    "scenario": "Key of the scenario that shows what it changes, or empty.",
    "building": "Id of the building it is about, or empty.",
    "decision": "Id of the decision it rests on, an item itself, or empty.",
    "url": "Address of a page about it, https://…, or empty.",
    "source": "Who says so. Needed.",
    "licence": "Of these words, or empty.",
    "demo": "1 or true for what a program made; empty or false else.",
}
"""The schema: columns of a CSV, and properties of a GeoJSON feature, whose ``id`` may stand beside them.

A CSV has its place in the columns ``longitude`` and ``latitude``, or ``wkt`` for lines and areas: WGS84, longitude
first. Files are UTF-8; a CSV may use ``;``.
"""
NEEDED = ("id", "kind", "status", *(f"title_{language}" for language in LANGUAGES), "source")


@dataclass(frozen=True)
class Item:
    """Something that the city tells of a place.

    Attributes
    ----------
    id, kind, status : str
        See `KINDS` and `STATUSES`.
    title : mapping of language to str
    place : geometry
        Lambert 72. [m]
    source : str
    text : mapping of language to str
        Empty where there is none.
    domain : str
        Of `twin.key_figures.DOMAINS`, or empty.
    budget : float
        NaN where not known. [EUR]
    starts, ends : int or None
        From ``starts`` on and before ``ends``; None where not known. [ns, UTC]
    scenario, building, decision, url, licence : str
        Empty where there is none.
    demo : bool
        Made by a program: pages and exports say so.
    """

    id: str
    kind: str
    status: str
    title: Mapping[Language, str]
    place: BaseGeometry
    source: str
    text: Mapping[Language, str] = field(default_factory=lambda: MappingProxyType({}))
    domain: str = ""
    budget: float = float("nan")
    starts: int | None = None
    ends: int | None = None
    scenario: str = ""
    building: str = ""
    decision: str = ""
    url: str = ""
    licence: str = ""
    demo: bool = False

    def holds(self, time: int) -> bool:
        """Whether it is on at a time [ns, UTC]; a date that is not known does not exclude it."""
        return (self.starts is None or self.starts <= time) and (self.ends is None or time < self.ends)


@dataclass(frozen=True)
class Fault:
    """Why a row was not taken.

    Attributes
    ----------
    line : int
        Of a CSV, where the row begins, 1 being its header; of a GeoJSON the number of the feature from 1 on.
    field, words : str
    sample : str
        What stood there, cut to 200 characters.
    """

    line: int
    field: str
    words: str
    sample: str = ""


@dataclass(frozen=True)
class Known:
    """What items may name; None where that is not looked at.

    Attributes
    ----------
    scenarios, buildings : frozenset of str or None
    """

    scenarios: frozenset[str] | None = None
    buildings: frozenset[str] | None = None


@dataclass(frozen=True)
class Items:
    """What a file says.

    Attributes
    ----------
    items : tuple of Item
    faults : tuple of Fault
        In the order of the file; a row with a fault is not among the items.
    outside : int
        Rows that are right but have no part in the city.
    cut : int
        Items of which only a part lies in the city.
    """

    items: tuple[Item, ...]
    faults: tuple[Fault, ...] = ()
    outside: int = 0
    cut: int = 0


Row = tuple[int, Mapping[str, Any], BaseGeometry | None, str]
"""Line, properties, place in WGS84 or None, and why there is none."""


def checked(rows: Iterable[Row], area: BaseGeometry | None = None, known: Known | None = None) -> Items:
    """Items of rows, those with a fault left out.

    Parameters
    ----------
    rows : iterable of Row
    area : Polygon, optional
        The city, Lambert 72: places are cut to it. [m]
    known : Known, optional

    Returns
    -------
    Items
    """
    drafts: list[tuple[int, dict[str, Any]]] = []
    shapes: list[BaseGeometry] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for line, told, shape, why in rows:
        read = _Reader(line, told, known or Known())
        draft = read.item()
        if shape is None:
            read.fault("geometry", why)
        if draft["id"] in seen:
            read.fault("id", f"stands in row {seen[draft['id']]} already", draft["id"])
        elif draft["id"]:
            seen[draft["id"]] = line
        faults.extend(read.faults)
        if shape is not None and not read.faults:
            drafts.append((line, draft))
            shapes.append(shape)
    return _placed(drafts, _to_city(shapes), faults, area)


def _placed(
    drafts: Sequence[tuple[int, dict[str, Any]]], shapes: np.ndarray, faults: list[Fault], area: BaseGeometry | None
) -> Items:
    right = shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    kept = shapes.copy()
    if area is not None:
        kept[right] = shapely.intersection(shapes[right], area)
    items, outside, cut = [], 0, 0
    for (line, draft), whole, part, fits in zip(drafts, shapes, kept, right, strict=True):
        if not fits:
            why = shapely.is_valid_reason(whole) if not shapely.is_empty(whole) else "is empty"
            faults.append(Fault(line, "geometry", f"cannot be: {why}; mend it where it was drawn", draft["id"]))
            continue
        place = part if area is None else _same_kind(whole, part)
        if place is None:
            outside += 1
        else:
            cut += area is not None and not area.covers(whole)
            items.append(Item(**draft, place=place))
    return Items(tuple(items), tuple(sorted(faults, key=lambda one: one.line)), outside, cut)


def _same_kind(whole: BaseGeometry, part: BaseGeometry) -> BaseGeometry | None:
    """A part of a place without the points and lines at which it only touches the edge; None where that is all."""
    if part.is_empty:
        return None
    wanted = shapely.get_dimensions(whole)
    pieces = [one for one in shapely.get_parts(part) if shapely.get_dimensions(one) == wanted]
    if len(pieces) > 1:
        return part if len(pieces) == shapely.get_num_geometries(part) else shapely.union_all(pieces)
    return pieces[0] if pieces else None


def _to_city(shapes: Sequence[BaseGeometry]) -> np.ndarray:
    found = np.empty(len(shapes), object)
    found[:] = list(shapes)
    to = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    return np.asarray(shapely.transform(found, lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1]))), object)


class _Reader:
    """Reads the fields of one row and notes what is wrong with each."""

    def __init__(self, line: int, told: Mapping[str, Any], known: Known) -> None:
        self._line, self._told, self._known = line, told, known
        self.faults: list[Fault] = []

    def fault(self, name: str, words: str, sample: object = "") -> None:
        self.faults.append(Fault(self._line, name, words, str(sample)[:200]))

    def item(self) -> dict[str, Any]:
        """All of an Item but its place."""
        for name in FIELDS:
            if isinstance(self._told.get(name), dict | list):
                self.fault(name, "is a text or a number", self._told[name])
        for name in NEEDED:
            if not self._text(name):
                self.fault(name, "is needed")
        kind, status = self._one_of("kind", KINDS), self._text("status")
        if kind and status and status not in STATUSES[kind]:
            self.fault("status", f"of {kind} is one of {', '.join(STATUSES[kind])}", status)
        texts = {language: self._text(f"text_{language}") for language in LANGUAGES}
        if any(texts.values()) and not all(texts.values()):
            lacking = [language for language in LANGUAGES if not texts[language]]
            self.fault(f"text_{lacking[0]}", "is told in all languages or in none")
        starts, ends = self._time("starts", last=False), self._time("ends", last=True)
        if starts is not None and ends is not None and ends <= starts:
            self.fault("ends", "is not after starts", self._text("ends"))
        for name, allowed in (("scenario", self._known.scenarios), ("building", self._known.buildings)):
            if self._text(name) and allowed is not None and self._text(name) not in allowed:
                self.fault(name, "is not there", self._text(name))
        url = self._text("url")
        if url and not url.startswith(("https://", "http://")):
            self.fault("url", "is an address, https://…", url)
        return {
            "id": self._text("id"), "kind": kind, "status": status,
            "title": MappingProxyType({language: self._text(f"title_{language}") for language in LANGUAGES}),
            "text": MappingProxyType(texts if any(texts.values()) else {}),
            "domain": self._one_of("domain", DOMAINS), "budget": self._budget(), "starts": starts, "ends": ends,
            "scenario": self._text("scenario"), "building": self._text("building"),
            "decision": self._text("decision"), "url": url, "source": self._text("source"),
            "licence": self._text("licence"), "demo": self._demo(),
        }  # fmt: skip

    def _text(self, name: str) -> str:
        value = self._told.get(name)
        return "" if value is None else str(value).strip()

    def _one_of(self, name: str, allowed: Mapping[str, Any]) -> str:
        value = self._text(name)
        if value and value not in allowed:
            self.fault(name, f"is one of {', '.join(allowed)}", value)
            return ""
        return value

    def _budget(self) -> float:
        text = self._text("budget_eur")
        if not text:
            return float("nan")
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not 0 <= value < float("inf"):
            self.fault("budget_eur", "is a number of euros, zero or more; write 1250000 or 1250000.50", text)
        return value

    def _demo(self) -> bool:
        text = self._text("demo").lower()
        if text not in ("", "0", "1", "false", "true"):
            self.fault("demo", "is 1, true, 0, false or empty", text)
        return text in ("1", "true")

    def _time(self, name: str, *, last: bool) -> int | None:
        text = self._text(name)
        if not text:
            return None
        try:
            return moment(text, last=last)
        except ValueError as error:
            self.fault(name, str(error), text)
            return None


def moment(text: str, *, last: bool = False) -> int:
    """A day or a moment of a file.

    Parameters
    ----------
    text : str
        A day is meant from its midnight to the next, by the clock of Brussels; so is a moment without offset.
    last : bool
        Of a day its end, which is the midnight after it.

    Returns
    -------
    int
        [ns, UTC]

    Raises
    ------
    ValueError
        No such day or moment; or the clock shows it twice or never, on the nights on which it is changed.
    """
    try:
        if len(text) <= 10:
            day = date.fromisoformat(text) + timedelta(days=1 if last else 0)
            when = datetime(day.year, day.month, day.day, tzinfo=BRUSSELS)
        else:
            when = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise ValueError("is a day or a moment; write 2026-11-27 or 2026-11-27T08:00") from error
    if not 1900 <= when.year <= 2200:  # 64 bits of nanoseconds end in 2262
        raise ValueError("is of a year from 1900 to 2200")
    if when.tzinfo is None:
        first, second = (when.replace(tzinfo=BRUSSELS, fold=fold) for fold in (0, 1))
        if first.utcoffset() != second.utcoffset():
            back = first.astimezone(UTC).astimezone(BRUSSELS).replace(tzinfo=None) == when
            shown = "twice" if back else "never"
            raise ValueError(f"is shown {shown} by the clock of Brussels; write its offset, such as +01:00")
        when = first
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
