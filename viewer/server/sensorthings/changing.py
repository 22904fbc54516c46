"""Entities changed and taken away; readings stay as they came."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from twin.sensors.model import Datastream
from twin.sensors.privacy import limited
from viewer.server.problems import Problem
from viewer.server.sensorthings import bodies, times
from viewer.server.sensorthings.bodies import refuse
from viewer.server.sensorthings.creating import Draft, bare
from viewer.server.sensorthings.kinds import (
    DATASTREAMS,
    FEATURES,
    HISTORICAL,
    LOCATIONS,
    OBSERVATIONS,
    PROPERTIES,
    SENSORS,
    THINGS,
    Entity,
)
from viewer.server.sensorthings.patches import applied
from viewer.server.sensorthings.shelf import HIDDEN, hidden, record_id, shown


def _fixed(entity: Entity, words: str) -> Problem:
    return Problem(405, "fixed", f"{entity.kind.one} {entity.id!r}: {words}", headers={"Allow": "GET"})


def _must_be_ours(draft: Draft, entity: Entity) -> None:
    """What the twin itself derives can be read only."""
    if entity.kind is OBSERVATIONS:
        raise _fixed(entity, "a reading stays as it came, until its datastream's retention_days are over")
    own = draft.shelf.records[entity.kind.name]
    if entity.kind is PROPERTIES and entity.id not in own:
        raise _fixed(entity, "a quantity of the twin itself; make an ObservedProperty of your own")
    if entity.kind is FEATURES and entity.id not in own:
        raise _fixed(entity, "the place of a Thing; change that Thing's Location")


def update(draft: Draft, entity: Entity, document: Any, whole: bool = False) -> None:
    """Draft the change that a PATCH asks for: what it names is replaced, all else stays.

    Parameters
    ----------
    draft : Draft
    entity : Entity
    document
        As JSON gives it.
    whole : bool
        It is a PUT: all that an entity needs must be there, and properties that are not are taken away.

    Raises
    ------
    Problem
        400 for what cannot be read, 405 for what cannot be changed, 422 for what this server cannot hold.
    """
    kind = entity.kind
    _must_be_ours(draft, entity)
    given = bodies.fields(kind, document, "", whole)
    if whole and "properties" in kind.properties:
        given = {"properties": {}, **given}
    if bodies.key_of(given, "") not in (None, entity.id):
        raise refuse(f"an id stays: this is {entity.id!r}", "/@iot.id")
    if kind is HISTORICAL:
        raise _fixed(entity, "it is noted by the server, when a Thing gets another Location")
    if kind is THINGS:
        _update_thing(draft, entity, given)
    elif kind is DATASTREAMS:
        _update_stream(draft, entity, given)
    else:
        _only(given, entity, ())
        values = {name: value for name in kind.properties if (value := entity.value(name)) is not None}
        values |= {name: given[name] for name in kind.properties if name in given}
        things = draft.shelf.things_at.get(entity.id, []) if kind is LOCATIONS else []
        draft.record(kind, values, "", entity.id)
        for one in things:
            draft.move(one, entity.id)


def patched(entity: Entity, changes: Any) -> dict[str, Any]:
    """The body of a PATCH that does what a JSON Patch asks for.

    Raises
    ------
    Problem
        See `patches.applied`.
    """
    names = [name for name in entity.kind.properties if entity.kind is not OBSERVATIONS]
    before = {name: value for name in names if isinstance(value := entity.value(name), str | dict)}
    after = applied(before, changes)
    gone = [name for name in before if name not in after]
    if set(gone) - {"properties"}:
        raise refuse(f"a {entity.kind.one} needs {gone[0]!r}; replace it", "")
    if gone:
        after["properties"] = {}
    return {name: value for name, value in after.items() if before.get(name) != value}


def _only(given: Mapping[str, Any], entity: Entity, relations: tuple[str, ...]) -> None:
    for name in entity.kind.relations:
        if name in given and name not in relations:
            raise refuse(f"a PATCH of a {entity.kind.one} cannot change {name}; make it anew", f"/{name}", 422)


def _update_thing(draft: Draft, entity: Entity, given: Mapping[str, Any]) -> None:
    _only(given, entity, ("Locations",))
    one = draft.thing(entity.id)
    own = shown(one)
    if "properties" in given:
        own = {name: value for name, value in given["properties"].items() if name != HIDDEN}
    beside = dict(hidden(one))
    if "description" in given:
        beside["description"] = given["description"]
    properties = {**own, HIDDEN: beside} if beside else own
    draft.things[one.id] = replace(one, name=given.get("name", one.name), properties=properties)
    draft.place(one.id, given, "")


def _update_stream(draft: Draft, entity: Entity, given: Mapping[str, Any]) -> None:
    _only(given, entity, ("Sensor", "ObservedProperty", "Thing"))
    one = draft.shelf.streams[entity.id]
    bodies.check_measurement(given, one.quantity, "")
    if (
        "ObservedProperty" in given
        and bodies.quantity_of(given["ObservedProperty"], "/ObservedProperty") != one.quantity
    ):
        raise refuse(f"its readings are {one.quantity}; make another Datastream", "/ObservedProperty", 422)
    if "Thing" in given and (
        not bodies.is_link(given["Thing"]) or bodies.key_of(given["Thing"], "/Thing") != one.thing
    ):
        raise refuse(f"its readings are of {one.thing!r}; make another Datastream", "/Thing", 422)
    if "Sensor" in given:
        one = replace(one, sensor=draft.link(SENSORS, given["Sensor"], "/Sensor"))
    own = shown(one)
    if "properties" in given:
        own = given["properties"]
        one = replace(
            one,
            period=bodies.number_of(own, "period_s", one.period, ""),
            retention_days=bodies.number_of(own, "retention_days", one.retention_days, ""),
        )
    beside = dict(hidden(one)) | {name: given[name] for name in ("name", "description") if name in given}
    if "unitOfMeasurement" in given:
        beside["unit"] = given["unitOfMeasurement"]
    draft.streams[one.id] = limited(replace(one, properties=bare(own) | ({HIDDEN: beside} if beside else {})))


def delete(draft: Draft, entity: Entity) -> bool:
    """Draft that an entity goes, with what cannot be without it (OGC 18-088, 10.4).

    Returns
    -------
    bool
        Whether readings go with it: the store is to `forget` after the draft is kept.

    Raises
    ------
    Problem
        405, it cannot go.
    """
    kind, shelf = entity.kind, draft.shelf
    _must_be_ours(draft, entity)
    if kind is THINGS:
        draft.note(entity.id, deleted=True)
        return _delete_streams(draft, shelf.streams_of_thing.get(entity.id, []))
    if kind is DATASTREAMS:
        return _delete_streams(draft, [entity.id])
    if kind is HISTORICAL:
        thing, _, time = entity.id.rpartition("@")
        past = [row for row in hidden(shelf.things[thing]).get("past", []) if str(row[0]) != time]
        draft.note(thing, past=past)
        return False
    if kind is LOCATIONS:
        for one in shelf.things_at.get(entity.id, []):
            draft.things[one] = replace(draft.thing(one), longitude=None, latitude=None)
            past = [row for row in hidden(draft.thing(one)).get("past", []) if row[1] != entity.id]
            draft.note(one, location=None, past=past or None)
    record = shelf.records[kind.name].get(entity.id)
    if record is not None:
        draft.things[record_id(kind, entity.id)] = replace(record, properties={HIDDEN: {"deleted": True}})
    return _delete_streams(draft, shelf.streams_of_sensor.get(entity.id, [])) if kind is SENSORS else False


def _delete_streams(draft: Draft, keys: list[str]) -> bool:
    for key in keys:
        one: Datastream = draft.shelf.streams[key]
        # a datastream that keeps nothing: the store forgets its readings as it forgets old ones
        draft.streams[key] = replace(one, retention_days=0.0, properties={HIDDEN: {"deleted": True}})
    return bool(keys)


def forget(draft: Draft) -> None:
    """Take readings of deleted datastreams off the disk; one that is dated ahead goes when its time has come."""
    draft.shelf.store.forget(times.now())
