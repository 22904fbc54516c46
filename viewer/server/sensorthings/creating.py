"""New entities: each with all that hangs on it, kept together after the last of them has been read."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kernels.quantities import QUANTITIES
from twin.sensors.model import Datastream, Readings, Thing
from twin.sensors.privacy import limited
from twin.sensors.store import Ack
from viewer.server.problems import Problem
from viewer.server.sensorthings import bodies, times
from viewer.server.sensorthings.bodies import refuse
from viewer.server.sensorthings.kinds import (
    DATASTREAMS,
    FEATURES,
    HISTORICAL,
    KINDS,
    LOCATIONS,
    OBSERVATIONS,
    PROPERTIES,
    SENSORS,
    THINGS,
    Entity,
    Kind,
)
from viewer.server.sensorthings.shelf import HIDDEN, OWN, Shelf, hidden, record_id, shown

REMEMBERED = 1000
"""Places where a thing has been; older ones are forgotten."""


class Draft:
    """What a request wants to be kept; nothing is until `keep`.

    Parameters
    ----------
    shelf : Shelf
    append : callable
        Keeps readings.
    """

    def __init__(self, shelf: Shelf, append: Callable[[Readings], Ack]) -> None:
        self.shelf, self._append = shelf, append
        self.things: dict[str, Thing] = {}
        self.streams: dict[str, Datastream] = {}
        self.rows: list[tuple[str, int, float, int]] = []

    def keep(self) -> Ack:
        """Write it: things first, then datastreams, then readings."""
        self.shelf.store.put_things(self.things.values())
        self.shelf.store.put_datastreams(self.streams.values())
        if not self.rows:
            return Ack()
        return self._append(Readings.of(*zip(*self.rows, strict=True)))

    def create(self, kind: Kind, document: Any, parent: Entity | None = None, pointer: str = "") -> str:
        """Draft an entity and give its id.

        Parameters
        ----------
        kind : Kind
        document
            As JSON gives it.
        parent : Entity, optional
            Whose collection it is put into.
        pointer : str
            JSON pointer to the document.

        Raises
        ------
        Problem
            400 for what cannot be read, 409 for an id that is taken, 422 for what this server cannot hold.
        """
        given = bodies.fields(kind, document, pointer)
        if kind is THINGS:
            return self._thing(given, parent, pointer)
        if kind is DATASTREAMS:
            return self._stream(given, parent, pointer)
        if kind is OBSERVATIONS:
            return self._observation(given, parent, pointer)
        if kind is HISTORICAL:
            raise refuse("where things have been is noted when a Thing gets another Location", pointer, 422)
        key = self.record(kind, given, pointer)
        if kind is LOCATIONS:
            for at, one in enumerate(_list(given, "Things", pointer)):
                self.move(self.link(THINGS, one, f"{pointer}/Things/{at}"), key)
            if parent is not None and parent.kind is THINGS:
                self.move(parent.id, key)
        elif kind is SENSORS:
            made = Entity(SENSORS, key, dict)
            for at, one in enumerate(_list(given, "Datastreams", pointer)):
                self.create(DATASTREAMS, one, made, f"{pointer}/Datastreams/{at}")
        elif given.keys() & kind.relations.keys():
            raise refuse(f"a new {kind.one} brings none with it; make them on their own", pointer, 422)
        return key

    def link(self, kind: Kind, document: Any, pointer: str, parent: Entity | None = None) -> str:
        """Id of an entity that a body names, or brings with it."""
        key = bodies.key_of(document, pointer) if isinstance(document, dict) else None
        drafted = self.things if kind is THINGS else self.streams if kind is DATASTREAMS else {}
        known = key is not None and (
            key in drafted or record_id(kind, key) in self.things or self.shelf.one(kind, key) is not None
        )
        # what else clients send beside the id of an entity that is there changes nothing of it
        if known and key is not None:
            return key
        if not bodies.is_link(document):
            return self.create(kind, document, parent, pointer)
        raise refuse(f"no {kind.one} has the id {key!r}; make it first, or send all of it here", pointer)

    def thing(self, key: str) -> Thing:
        """A thing as it is drafted, or as it stands."""
        return self.things.get(key) or self.shelf.things[key]

    def note(self, key: str, **words: Any) -> None:
        """Change what stands beside the properties of a thing; None takes it away."""
        one = self.thing(key)
        beside = {name: value for name, value in {**hidden(one), **words}.items() if value is not None}
        self.things[key] = replace(one, properties={**shown(one), HIDDEN: beside})

    def record(self, kind: Kind, given: Mapping[str, Any], pointer: str, key: str | None = None) -> str:
        """Draft what is neither Thing, Datastream nor Observation; ``key`` is that of one to be changed."""
        if key is None:
            key = bodies.key_of(given, pointer)
            if key is None and kind in (SENSORS, PROPERTIES):
                key = given["name"][:200].strip()
                key = key if key.isprintable() and not self._taken(kind, key) else secrets.token_hex(8)
            key = key or secrets.token_hex(8)
            if self._taken(kind, key):
                raise refuse(f"there is a {kind.one} of the id {key!r}; link it by its @iot.id", pointer, 409)
        values = {name: given[name] for name in kind.properties if name in given}
        for name in ("location", "feature"):
            if name in values:
                bodies.point_of(values[name], f"{pointer}/{name}")
        beside = {"record": kind.name, "id": key, "entity": values}
        self.things[record_id(kind, key)] = Thing(record_id(kind, key), values["name"], properties={HIDDEN: beside})
        return key

    def _taken(self, kind: Kind, key: str) -> bool:
        return record_id(kind, key) in self.things or self.shelf.one(kind, key) is not None

    def move(self, thing: str, place: str) -> None:
        """Link a thing to a location, and note since when (OGC 18-088, 8.2.2)."""
        record = self.things.get(record_id(LOCATIONS, place)) or self.shelf.records["Locations"].get(place)
        if record is None:  # the location of another thing becomes one that both share
            found = self.shelf.one(LOCATIONS, place)
            assert found is not None
            self.record(LOCATIONS, {name: found.value(name) for name in LOCATIONS.needs}, "", place)
            record = self.things[record_id(LOCATIONS, place)]
        where = bodies.point_of(hidden(record)["entity"]["location"], "")
        self.things[thing] = replace(
            self.thing(thing), longitude=where[0] if where else None, latitude=where[1] if where else None
        )
        past = [*hidden(self.thing(thing)).get("past", []), [times.now(), place]]
        self.note(thing, location=place, past=past[-REMEMBERED:])

    def _thing(self, given: Mapping[str, Any], parent: Entity | None, pointer: str) -> str:
        key = bodies.key_of(given, pointer) or f"{OWN}:{secrets.token_hex(8)}"
        if (
            key in self.things
            or key in self.shelf.things
            or key.startswith(tuple(record_id(one, "") for one in RECORDS))
        ):
            raise refuse(f"there is a Thing of the id {key!r}; change it with PATCH", pointer, 409)
        own = {name: value for name, value in given.get("properties", {}).items() if name != HIDDEN}
        self.things[key] = Thing(key, given["name"], properties={**own, HIDDEN: {"description": given["description"]}})
        self.place(key, given, pointer)
        if parent is not None and parent.kind is LOCATIONS:
            self.move(key, parent.id)
        if given.get("HistoricalLocations"):
            raise refuse("these are noted when a Thing gets another Location", f"{pointer}/HistoricalLocations", 422)
        made = Entity(THINGS, key, dict)
        for at, one in enumerate(_list(given, "Datastreams", pointer)):
            self.create(DATASTREAMS, one, made, f"{pointer}/Datastreams/{at}")
        return key

    def place(self, thing: str, given: Mapping[str, Any], pointer: str) -> None:
        """Give a thing the location that its body names or brings."""
        places = _list(given, "Locations", pointer)
        if len(places) > 1:
            raise refuse("a Thing is in one place here, got more", f"{pointer}/Locations", 422)
        for at, one in enumerate(places):
            self.move(thing, self.link(LOCATIONS, one, f"{pointer}/Locations/{at}"))

    def _stream(self, given: Mapping[str, Any], parent: Entity | None, pointer: str) -> str:
        quantity = self._part(PROPERTIES, given, parent, pointer)
        bodies.check_measurement(given, quantity, pointer)
        thing = self._part(THINGS, given, parent, pointer)
        sensor = self._part(SENSORS, given, parent, pointer)
        key = bodies.key_of(given, pointer)
        if key is None:
            key, many = f"{thing}/{quantity}", 1
            while key in self.streams or key in self.shelf.streams:
                many += 1
                key = f"{thing}/{quantity}/{many}"
        elif key in self.streams or key in self.shelf.streams:
            raise refuse(f"there is a Datastream of the id {key!r}; change it with PATCH", pointer, 409)
        # observedArea, phenomenonTime and resultTime of a body mean nothing: readings and thing give them
        own = dict(given.get("properties", {}))
        period = bodies.number_of(own, "period_s", 0.0, pointer)
        days = bodies.number_of(own, "retention_days", 3650.0, pointer)
        beside = {name: given[name] for name in ("name", "description")} | {"unit": given["unitOfMeasurement"]}
        self.streams[key] = limited(
            Datastream(key, thing, quantity, period, sensor, days, bare(own) | {HIDDEN: beside})
        )
        made = Entity(DATASTREAMS, key, dict)
        for at, one in enumerate(_list(given, "Observations", pointer)):
            self.create(OBSERVATIONS, one, made, f"{pointer}/Observations/{at}")
        return key

    def _part(self, kind: Kind, given: Mapping[str, Any], parent: Entity | None, pointer: str) -> str:
        """Id of one of the three that a datastream needs: of its parent, named, or brought with it."""
        if parent is not None and parent.kind is kind:
            key = parent.id
            if kind is PROPERTIES and key not in QUANTITIES:
                return bodies.quantity_of({"@iot.id": key}, pointer)
            return key
        if kind.one not in given:
            raise refuse(f"a Datastream needs its {kind.one}; name it by @iot.id, or send it here", pointer)
        inner = f"{pointer}/{kind.one}"
        if kind is PROPERTIES:
            return bodies.quantity_of(given[kind.one], inner)
        return self.link(kind, given[kind.one], inner)

    def _observation(self, given: Mapping[str, Any], parent: Entity | None, pointer: str) -> str:
        if parent is not None and parent.kind is DATASTREAMS:
            key = parent.id
        elif "Datastream" in given:
            key = self.link(DATASTREAMS, given["Datastream"], f"{pointer}/Datastream")
        else:
            raise refuse("an Observation needs its Datastream; name it by @iot.id", pointer)
        stream = self.streams.get(key) or self.shelf.streams[key]
        feature = given.get("FeatureOfInterest")
        if feature is not None and (not isinstance(feature, dict) or bodies.key_of(feature, pointer) != stream.thing):
            words = f"the feature of interest here is where the Thing is, {stream.thing!r}; leave it out"
            raise refuse(words, f"{pointer}/FeatureOfInterest", 422)
        row = bodies.reading_of(stream, given, pointer)
        self.rows.append(row)
        return f"{key}@{row[1]}"


RECORDS = (LOCATIONS, SENSORS, PROPERTIES, FEATURES)
"""Kinds that the store has no place of its own for."""


def bare(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of a datastream without those that the store keeps in places of their own."""
    return {name: value for name, value in properties.items() if name not in ("period_s", "retention_days", HIDDEN)}


def _list(given: Mapping[str, Any], name: str, pointer: str) -> list[Any]:
    found = given.get(name, [])
    if not isinstance(found, list):
        raise refuse(f"expected a list of {KINDS[name].name}", f"{pointer}/{name}")
    return found


def differs(shelf: Shelf, row: tuple[str, int, float, int]) -> bool:
    """Whether the store tells another value or flag at the time of a reading."""
    known = shelf.store.window(row[0], row[1], row[1] + 1, limit=1)
    if not len(known):
        return False
    same = float(known.value[0]) == row[2] or (known.value[0] != known.value[0] and row[2] != row[2])
    return not same or int(known.flag[0]) != row[3]


def conflict(row: tuple[str, int, float, int]) -> Problem:
    """The error of a reading that stands with another value."""
    time = times.written(times.Instant(row[1]))
    return Problem(409, "other-reading", f"{row[0]} tells something else at {time}; the first stands, readings stay as "
                   "they came")  # fmt: skip
