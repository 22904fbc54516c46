"""Addresses of entities: ``Things('a')/Datastreams``, read and written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from viewer.server.problems import Problem
from viewer.server.sensorthings.kinds import KINDS, OBSERVATIONS, Entity, Kind
from viewer.server.sensorthings.observations import one as one_observation
from viewer.server.sensorthings.shelf import Shelf

LONGEST = 12
"""Steps of an address."""

_STEP = re.compile(r"(?P<name>[$@]?[\w.@:\-]+)(?:\((?:'(?P<text>(?:[^']|'')*)'|(?P<number>-?\d{1,19}))\))?(?:/|$)")


@dataclass(frozen=True)
class Target:
    """What an address names.

    Attributes
    ----------
    kind : Kind
        Of the entity, or of the entities of the collection.
    entity : Entity or None
        None for a collection.
    parent : Entity or None
        Whose collection it is; None for all entities of the kind.
    relation : str
        Of the parent.
    property : tuple of str
        Way to a property of the entity.
    form : {"", "$value", "$ref"}
    """

    kind: Kind
    entity: Entity | None = None
    parent: Entity | None = None
    relation: str = ""
    property: tuple[str, ...] = ()
    form: str = ""


def written(kind: Kind, key: str) -> str:
    """Address of an entity, from the root of the service."""
    inner = key.replace("'", "''")
    # most ids stand as they are, for some clients take them out of an address without decoding it; dots and double
    # slashes would be tidied away
    safe = "" if "/." in key or "//" in key else "/:@!$*,;="
    return f"{kind.name}('{quote(inner, safe=safe)}')"


def plainly(kind: Kind, key: str) -> str:
    """Address of an entity as `read` takes it: decoded."""
    return f"{kind.name}('{key.replace(chr(39), chr(39) * 2)}')"


def read(path: str, shelf: Shelf) -> Target:
    """Follow an address.

    Parameters
    ----------
    path : str
        Decoded, from the root of the service.
    shelf : Shelf

    Raises
    ------
    Problem
        404, there is nothing; it names the step that leads nowhere.
    """
    steps = list(_steps(path))
    name, key = steps[0]
    if name not in KINDS:
        raise _nothing(path, name, ", ".join(KINDS))
    kind = KINDS[name]
    at = Target(kind) if key is None else Target(kind, _known(kind, key, shelf, path))
    for name, key in steps[1:]:
        at = _step(at, name, key, shelf, path)
    return at


def _step(at: Target, name: str, key: str | None, shelf: Shelf, path: str) -> Target:
    if at.form:
        raise _nothing(path, name, f"nothing after {at.form}")
    if at.entity is None:
        if name == "$ref" and key is None:
            return Target(at.kind, None, at.parent, at.relation, (), "$ref")
        raise _nothing(path, name, f"$ref, or one of them as {at.kind.name}('id')")
    if at.property:
        if name == "$value" and key is None:
            return Target(at.kind, at.entity, None, "", at.property, "$value")
        return Target(at.kind, at.entity, None, "", (*at.property, name))
    if name == "$ref" and key is None:
        return Target(at.kind, at.entity, None, "", (), "$ref")
    if name in at.kind.properties and key is None:
        return Target(at.kind, at.entity, None, "", (name,))
    if name not in at.kind.relations:
        raise _nothing(path, name, ", ".join((*at.kind.properties, *at.kind.relations)))
    way = at.kind.relations[name]
    kind = KINDS[way.kind]
    if way.many and key is None:
        return Target(kind, None, at.entity, name)
    if kind is OBSERVATIONS:
        found = _known(kind, key or "", shelf, path)
        streams = {one.id for one in shelf.streams_behind(at.entity)}
        among = [found] if found.id.rpartition("@")[0] in streams else []
    else:
        among = [one for one in shelf.related(at.entity, name) if key is None or one.id == key]
    if not among or (key is not None and not way.many):
        raise _nothing(path, name, "what it is related to")
    return Target(kind, among[0])


def _known(kind: Kind, key: str, shelf: Shelf, path: str) -> Entity:
    found = one_observation(key, shelf) if kind is OBSERVATIONS else shelf.one(kind, key)
    if found is None:
        raise Problem(404, "not-found", f"{path[:200]}: no {kind.one} has the id {key[:200]!r}; {kind.name} lists them")
    return found


def _steps(path: str) -> Iterator[tuple[str, str | None]]:
    at, many = 0, 0
    while at < len(path):
        found = _STEP.match(path, at)
        many += 1
        if found is None or many > LONGEST:
            raise Problem(
                404, "not-found",
                f"{path[:200]}: cannot be read from character {at + 1} on; write Things('id')/Datastreams, up to "
                f"{LONGEST} steps",
            )  # fmt: skip
        text = found["text"]
        yield found["name"], text.replace("''", "'") if text is not None else found["number"]
        at = found.end()


def _nothing(path: str, name: str, known: str) -> Problem:
    return Problem(404, "not-found", f"{path[:200]}: there is no {name[:80]!r} here; there is {known}")
