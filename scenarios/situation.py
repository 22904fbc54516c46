"""The situation a kernel meets: a city as imported, what edits took away and added, and the rain."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from shapely.geometry.base import BaseGeometry

from scenarios.canonical import digest_of
from scenarios.forcing import Steps
from scenarios.shells import joined, without
from twin.city import (
    AMENITY_COLUMNS,
    BUILDING_COLUMNS,
    COVER_COLUMNS,
    LATER_COLUMNS,
    LINK_COLUMNS,
    TREE_COLUMNS,
    WALL_COLUMNS,
    City,
    Surfaces,
    as_table,
)
from twin.drains import with_basin
from twin.energy_works import NO_WORKS, EnergyWorks, Facts
from twin.street_works import (
    DemandChange,
    KerbBays,
    LaneChange,
    OneWay,
    SpeedLimit,
    StreetClosure,
    StreetWorks,
)
from twin.works import GroundWork, Sail, Works

PARTS = {
    "amenities": AMENITY_COLUMNS,
    "buildings": BUILDING_COLUMNS,
    "land_cover": COVER_COLUMNS,
    "links": LINK_COLUMNS,
    "trees": TREE_COLUMNS,
    "walls": WALL_COLUMNS,
}
"""Tables of the city that edits may change."""
TANKS = "storm_tanks"
"""Part of what edits put beside the sewers: the city's drain network has them."""
ROOFS = ("green_roofs", "cool_roofs")
"""Parts that say what a roof is; no roof is in two of them."""
STREET_PARTS = ("street_closures", "speed_limits", "lane_changes", "one_ways", "kerb_bays", "demand_changes")
"""Parts that say what is done to streets, or to those who travel on them; their column ``works`` has it."""
ENERGY_PARTS = {
    "renovations": "renovations",
    "solar_modules": "modules",
    "heat_supplies": "supplies",
    "heat_networks": "networks",
    "geothermal_fields": "borefields",
    "sewer_sources": "sewers",
    "batteries": "batteries",
    "heat_stores": "stores",
    "electric_vehicles": "vehicles",
    "set_points": "set_points",
    "building_facts": "facts",
}
"""Parts that say what is done to energy, and the list of `EnergyWorks` that their column ``works`` goes to; that of an
added building goes to several."""


@dataclass(frozen=True, eq=False)
class Added:
    """One object that an edit put into the city.

    Attributes
    ----------
    id : str
    geometry : geometry
    columns : dict
        Value of each further column of its table.
    edit : object
        The edit that put it there, and would put it there again.
    shell : Surfaces or None
        Of a building, as building 0.
    work : GroundWork or None
        Of a patch of ground that is more than its land cover.
    """

    id: str
    geometry: BaseGeometry
    columns: dict[str, Any]
    edit: Any
    shell: Surfaces | None = None
    work: GroundWork | None = None


@dataclass(frozen=True, eq=False)
class Situation:
    """A city under edits, frozen; every edit gives a new one.

    It remembers what was taken away and what was added, not in which order: two ways to the same changes are one
    situation with one digest, and a change with its inverse is no change.

    Attributes
    ----------
    base : City
        As imported.
    rain_before : tuple
        Rain of the document, in steps of (s, mm/h).
    storm : edit or None
        The edit that replaces that rain.
    removed : frozenset of (part, id)
        Imported objects that are gone.
    added : tuple of (part, objects)
        In their order in the city: behind the imported rows, by id, except that ground laid on other ground comes
        after it, and so do inlets blocked or cleared within others, albedos said within others, speed limits of the
        same street, and what is done to energy of the same building.
    """

    base: City
    rain_before: Steps = ()
    storm: Any = None
    removed: frozenset[tuple[str, str]] = frozenset()
    added: tuple[tuple[str, tuple[Added, ...]], ...] = ()

    @property
    def rain(self) -> Steps:
        """The rain that falls, in steps of (s, mm/h)."""
        found: Steps = self.rain_before if self.storm is None else self.storm.steps()
        return found

    def added_to(self, part: str) -> tuple[Added, ...]:
        """Objects that edits added to a part."""
        return dict(self.added).get(part, ())

    def holds(self, part: str, name: str) -> bool:
        """Whether an object is in the city now."""
        if any(one.id == name for one in self.added_to(part)):
            return True
        return self.has_imported(part, name) and (part, name) not in self.removed

    def has_imported(self, part: str, name: str) -> bool:
        """Whether an object was in the city as imported."""
        return part in PARTS and name in getattr(self.base, part).index

    def with_added(self, part: str, one: Added) -> "Situation":
        """With one more object."""
        return self._with_list(part, [*self.added_to(part), one])

    def without(self, part: str, name: str) -> "Situation":
        """Without an object, be it imported or added."""
        left = [one for one in self.added_to(part) if one.id != name]
        if len(left) < len(self.added_to(part)):
            return self._with_list(part, left)
        return replace(self, removed=self.removed | {(part, name)})

    def restored(self, part: str, name: str) -> "Situation":
        """With an imported object back in its place."""
        return replace(self, removed=self.removed - {(part, name)})

    def _with_list(self, part: str, objects: list[Added]) -> "Situation":
        lists = dict(self.added) | {part: _in_order(objects, _UNDER.get(part))}
        return replace(self, added=tuple(sorted(((k, v) for k, v in lists.items() if v), key=lambda pair: pair[0])))

    @cached_property
    def city(self) -> City:
        """The city as it is after the edits; shares every part they left alone."""
        gone = {part: [name for where, name in self.removed if where == part] for part in PARTS}
        changed = [part for part in PARTS if gone[part] or self.added_to(part)]
        if not changed and not self.added_to(TANKS):
            return self.base
        parts: dict[str, Any] = {part: self._table(part, gone[part]) for part in changed}
        if "buildings" in changed:
            parts["surfaces"] = self._faces(gone["buildings"])
        if self.added_to(TANKS):
            parts["drains"] = self._drains()
        return self.base.with_(**parts)

    def _table(self, part: str, gone: list[str]) -> gpd.GeoDataFrame:
        table = getattr(self.base, part)
        kept = table.drop(index=gone) if gone else table
        new = self.added_to(part)
        if not new:
            return kept
        columns = PARTS[part]
        # an edit need not say what most tables do not know
        data = {
            name: [one.columns[name] if name in one.columns else LATER_COLUMNS[name] for one in new] for name in columns
        }
        extra = as_table([one.id for one in new], [one.geometry for one in new], columns, **data)
        return extra if kept.empty else pd.concat([kept, extra[kept.columns]])

    def _drains(self) -> xr.Dataset | None:
        network = self.base.drains
        if network is None:
            return None
        for one in self.added_to(TANKS):
            network = with_basin(network, name=one.id, **one.columns)
        return network

    def _faces(self, gone: list[str]) -> Surfaces:
        lost = np.asarray(self.base.buildings.index.isin(gone))
        faces = without(self.base.surfaces, lost) if gone else self.base.surfaces
        shells = [one.shell for one in self.added_to("buildings") if one.shell is not None]
        first = int((~lost).sum())
        return joined([faces, *shells], [0, *range(first, first + len(shells))]) if shells else faces

    @cached_property
    def works(self) -> Works:
        """What is built for water and against heat; of a building that is gone, nothing."""
        on_buildings = any(self.added_to(part) for part in (*ROOFS, "thresholds"))
        here = set(self.city.buildings.index) if on_buildings else set()

        def by_building(part: str, column: str) -> tuple[tuple[str, Any], ...]:
            found = {name: one.columns[column] for one in self.added_to(part) for name in one.columns["buildings"]}
            return tuple(sorted((name, value) for name, value in found.items() if name in here))

        return Works(
            ground=_ground_works(self.added_to("land_cover")),
            green_roofs=by_building("green_roofs", "stack"),
            sills=by_building("thresholds", "height"),
            blocked=tuple((one.geometry, one.columns["blocked"]) for one in self.added_to("drain_blocks")),
            sails=tuple(Sail(one.id, one.geometry, **one.columns) for one in self.added_to("shade_sails")),
            painted=tuple((one.geometry, one.columns["albedo"]) for one in self.added_to("albedos")),
            cool_roofs=by_building("cool_roofs", "albedo"),
        )

    @cached_property
    def street_works(self) -> StreetWorks:
        """What edits do to streets and to demand; of a street that is gone, nothing."""
        found = [work for part in STREET_PARTS for one in self.added_to(part) for work in one.columns["works"]]
        there = set(self.city.links.index) if found else set()

        def of(kind: type) -> tuple[Any, ...]:
            return tuple(left for work in found if type(work) is kind if (left := _on_streets(work, there)) is not None)

        def by_id(kind: type) -> tuple[Any, ...]:
            return tuple(sorted(of(kind), key=lambda work: (work.id, repr(work))))

        return StreetWorks(
            closures=by_id(StreetClosure),
            speeds=of(SpeedLimit),  # a later one of the same street holds: see `added`
            lanes=by_id(LaneChange),
            one_ways=by_id(OneWay),
            bays=by_id(KerbBays),
            demand=by_id(DemandChange),
        )

    @cached_property
    def energy_works(self) -> EnergyWorks:
        """What edits do to energy; of a building that is gone, nothing, and nothing for a network without buildings."""
        lists: dict[str, list[Any]] = {name: [] for name in ENERGY_PARTS.values()}
        # what a building is built with comes before all that is done to it
        for name, work in (pair for one in self.added_to("buildings") for pair in one.columns.get("energy", ())):
            lists[name].append(work)
        for part, name in ENERGY_PARTS.items():
            lists[name] += [work for one in self.added_to(part) for work in one.columns["works"]]
        if not any(lists.values()):
            return NO_WORKS
        here = set(self.city.buildings.index)
        left = {name: tuple(_in_buildings(works, here)) for name, works in lists.items()}
        networks = {one.id for one in left["networks"]}
        for name in ("borefields", "sewers"):
            left[name] = tuple(work for work in lists[name] if work.network in networks)
        return EnergyWorks(**left)

    @cached_property
    def digest(self) -> str:
        """Of the imported city, the city as it is, the works in it, in its streets and for energy, and the rain."""
        whole = {"base": self.base.digest, "city": self.city.digest, "rain": self.rain}
        works = {"works": self.works.digest} if self.works else {}
        streets = {"street_works": self.street_works.digest} if self.street_works else {}
        energy = {"energy_works": self.energy_works.digest} if self.energy_works else {}
        return digest_of(whole | works | streets | energy)


def _ground_works(covers: tuple[Added, ...]) -> tuple[GroundWork, ...]:
    """Works of the ground, and the plain ground laid over them: the stack under it is gone."""
    found: list[GroundWork] = []
    for one in covers:
        if one.work is not None:
            found.append(one.work)
        elif any(_overlap(under.shape, one.geometry) for under in found):
            found.append(GroundWork(one.id, one.geometry))
    return tuple(found)


def _on_streets(work: Any, there: set[str]) -> Any:
    """Works with those of their streets that are there; None where none is."""
    if isinstance(work, DemandChange):
        return work
    left = tuple(name for name in work.streets if name in there)
    return replace(work, streets=left) if left else None


def _in_buildings(works: list[Any], here: set[str]) -> Iterator[Any]:
    """Works with those of their buildings that are there; those of none are left out."""
    for work in works:
        if isinstance(work, Facts):
            if work.building in here:
                yield work
        elif left := tuple(name for name in getattr(work, "buildings", ()) if name in here):
            yield replace(work, buildings=left)


def _in_order(objects: list[Added], under: Callable[[list[Added]], list[set[int]]] | None) -> tuple[Added, ...]:
    """By id; where one can lie on another, an object laid on an earlier one stays behind it.

    The lexicographic normal form of a partial order: whatever the order in which independent objects came.
    """
    before = under(objects) if under is not None else []
    if not any(before):
        return tuple(sorted(objects, key=lambda one: one.id))
    waits = [len(one) for one in before]
    above: list[list[int]] = [[] for _ in objects]
    for number, lower in enumerate(before):
        for one in lower:
            above[one].append(number)
    ready = [(one.id, number) for number, one in enumerate(objects) if not waits[number]]
    heapq.heapify(ready)
    placed: list[Added] = []
    while ready:
        number = heapq.heappop(ready)[1]
        placed.append(objects[number])
        for one in above[number]:
            waits[one] -= 1
            if not waits[one]:
                heapq.heappush(ready, (objects[one].id, one))
    return tuple(placed)


def _overlap(one: BaseGeometry, other: BaseGeometry) -> bool:
    return bool(shapely.intersects(one, other) and not shapely.touches(one, other))


def _ground_is_shared(one: Added, other: Added) -> bool:
    return _overlap(one.geometry, other.geometry)


def _streets_are_shared(one: Added, other: Added) -> bool:
    first, then = ({name for work in each.columns["works"] for name in work.streets} for each in (one, other))
    return not first.isdisjoint(then)


def _in_pairs(lies_on: Callable[[Added, Added], bool]) -> Callable[[list[Added]], list[set[int]]]:
    return lambda objects: [
        {i for i in range(j) if lies_on(objects[i], objects[j])} for j in range(len(objects))
    ]  # fmt: skip


def _by_what_is_set(objects: list[Added]) -> list[set[int]]:
    """Those that set the same thing of the same building just before; there can be too many to compare in pairs."""
    last: dict[Any, int] = {}
    under: list[set[int]] = []
    for number, one in enumerate(objects):
        under.append({last[thing] for thing in one.columns["sets"] if thing in last})
        last |= dict.fromkeys(one.columns["sets"], number)
    return under


_UNDER: dict[str, Callable[[list[Added]], list[set[int]]]] = {
    **dict.fromkeys(("land_cover", "drain_blocks", "albedos"), _in_pairs(_ground_is_shared)),
    "speed_limits": _in_pairs(_streets_are_shared),
    **dict.fromkeys(ENERGY_PARTS, _by_what_is_set),
}
"""Parts in which an object may lie on another, and how to tell which earlier ones each lies on."""
