"""What an expression of a filter or an order says of an entity."""

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

from viewer.server.sensorthings.functions import FUNCTIONS, OPERATORS, ValueMismatch, comparable, compare
from viewer.server.sensorthings.grammar import Call, GrammarError, Literal, Node, Path
from viewer.server.sensorthings.kinds import KINDS, Entity, Kind
from viewer.server.sensorthings.shelf import Shelf

IDS = ("id", "@iot.id")
MOST = 10_000
"""Values that one path may lead to from one entity."""
_COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")


def check(node: Node, kind: Kind, option: str) -> None:
    """Every path must lead somewhere, whether there is an entity or not.

    Raises
    ------
    GrammarError
        It does not; the text names what there is.
    """
    for path in paths(node):
        here = kind
        for at, name in enumerate(path.names):
            if name in IDS and at == len(path.names) - 1:
                break
            if name in here.properties:
                break
            if name not in here.relations:
                known = ", ".join(("id", *here.properties, *here.relations))
                raise GrammarError(f"{option}: {here.one} has no {name!r}; it has {known}")
            if here.relations[name].kind == "Observations":
                raise GrammarError(
                    f"{option}: {'/'.join(path.names)} would read every observation; ask for Observations and filter "
                    f"them by {here.one}"
                )
            if at == len(path.names) - 1:
                raise GrammarError(f"{option}: {name!r} is an entity; name a property of it, such as {name}/id")
            here = KINDS[here.relations[name].kind]


def paths(node: Node) -> Iterator[Path]:
    """Every path in an expression."""
    if isinstance(node, Path):
        yield node
    elif isinstance(node, Call):
        for one in node.given:
            yield from paths(one)


def size(node: Node) -> int:
    """How many parts an expression has, which is what looking at one row costs."""
    return 1 + sum(size(one) for one in node.given) if isinstance(node, Call) else 1


def holds(node: Node | None, entity: Entity, shelf: Shelf) -> bool:
    """Whether an entity passes a filter.

    Raises
    ------
    ValueMismatch
        A function was given what it cannot take, or the filter is neither true nor false.
    """
    if node is None:
        return True
    found = values(node, entity, shelf)
    for one in found:
        if one is not None and not isinstance(one, bool):
            raise ValueMismatch("$filter: expected something true or false, such as a comparison")
    return any(one is True for one in found)


def values(node: Node, entity: Entity, shelf: Shelf) -> list[Any]:
    """Values of an expression; more than one where a path leads to many entities, of which any may do.

    Raises
    ------
    ValueMismatch
    """
    if isinstance(node, Literal):
        return [node.value]
    if isinstance(node, Path):
        return _walk(node, entity, shelf)
    if node.name in ("and", "or"):
        wanted = node.name == "or"
        for one in node.given:
            if holds(one, entity, shelf) is wanted:
                return [wanted]
        return [not wanted]
    if node.name == "not":
        return [not holds(node.given[0], entity, shelf)]
    given = [values(one, entity, shelf) for one in node.given]
    if math.prod(len(one) for one in given) > MOST:
        raise ValueMismatch(f"{node.name}: more than {MOST} pairs of values; ask of fewer entities at once")
    if node.name in _COMPARISONS:
        return [any(compare(node.name, left, right) for left, right in product(*given))]
    does = OPERATORS.get(node.name) or FUNCTIONS[node.name].does
    try:
        return [
            None if any(one is None for one in row) else does(*(comparable(one) for one in row))
            for row in product(*given)
        ]
    except ValueMismatch as error:
        raise ValueMismatch(f"{node.name}: {error}") from error
    except (ArithmeticError, ValueError) as error:
        raise ValueMismatch(f"{node.name}: the result is beyond all bounds ({error})") from error


def _walk(path: Path, entity: Entity, shelf: Shelf) -> list[Any]:
    here = [entity]
    for at, name in enumerate(path.names):
        if name in IDS and at == len(path.names) - 1:
            return [one.id for one in here] or [None]
        if here and name in here[0].kind.properties:
            return [_inside(one.value(name), path.names[at + 1 :]) for one in here]
        here = [other for one in here for other in shelf.related(one, name)]
        if len(here) > MOST:
            raise ValueMismatch(f"{'/'.join(path.names)} leads to more than {MOST} entities; ask the other way round")
        if not here:
            return [None]
    return list(here)


def _inside(value: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


class Key:
    """A value as it is ordered: what is not there first, then numbers, then times, then texts.

    Parameters
    ----------
    value
    descending : bool
    """

    __slots__ = ("descending", "parts")

    def __init__(self, value: Any, descending: bool) -> None:
        value = comparable(value)
        rank = 0 if value is None else 1 if isinstance(value, bool | float) else 3 if isinstance(value, str) else 2
        if isinstance(value, dict | list):
            rank, value = 4, str(value)
        self.parts = (rank, type(value).__name__ if rank == 2 else "", value)
        self.descending = descending

    def __lt__(self, other: "Key") -> bool:
        if self.parts == other.parts:
            return False
        one, two = (other.parts, self.parts) if self.descending else (self.parts, other.parts)
        return one[:2] < two[:2] if one[:2] != two[:2] else bool(one[2] < two[2])


def ordered(entities: list[Entity], order: tuple[tuple[Node, bool], ...], shelf: Shelf) -> list[Entity]:
    """Entities by the expressions of an order; those that are alike stay as they were.

    Raises
    ------
    ValueMismatch
    """
    for node, descending in reversed(order):
        keys = {id(one): Key(values(node, one, shelf)[0], descending) for one in entities}
        entities = sorted(entities, key=lambda one: keys[id(one)])
    return entities
