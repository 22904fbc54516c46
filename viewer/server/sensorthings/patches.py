"""JSON Patch: what a list of small changes makes of a document (RFC 6902)."""

import copy
from typing import Any

from viewer.server.sensorthings.bodies import refuse

MOST = 1000
"""Changes of a request."""


def applied(document: dict[str, Any], changes: Any) -> dict[str, Any]:
    """A copy of a document after every change, in order.

    Raises
    ------
    Problem
        400 for what is no change, 409 where a place is not there or a test fails; it points to the change.
    """
    if not isinstance(changes, list) or len(changes) > MOST:
        raise refuse(f"expected a list of up to {MOST} changes", "")
    made: Any = copy.deepcopy(document)
    for at, one in enumerate(changes):
        here = f"/{at}"
        if not isinstance(one, dict) or not isinstance(one.get("path"), str):
            raise refuse("a change needs op and path", here)
        word, path = one.get("op"), _parts(one["path"], here)
        if word in ("add", "replace", "test") and "value" not in one:
            raise refuse(f"{word} needs a value", here)
        if word in ("move", "copy"):
            start = _parts(one.get("from"), here)
            value = copy.deepcopy(_found(made, start, here))
            if word == "move":
                _take(made, start, here)
            _put(made, path, value, here)
        elif word == "add":
            _put(made, path, one["value"], here)
        elif word == "replace":
            _found(made, path, here)
            holder = _found(made, path[:-1], here)
            holder[_index(holder, path[-1], here)] = one["value"]
        elif word == "remove":
            _take(made, path, here)
        elif word == "test":
            if _found(made, path, here) != one["value"]:
                raise refuse(f"{one['path']} is something else; read it anew", here, 409)
        else:
            raise refuse(f"no change {str(word)[:20]!r}; there are add, remove, replace, move, copy and test", here)
    return made  # type: ignore[no-any-return]


def _parts(path: Any, here: str) -> list[str]:
    if not isinstance(path, str) or not path.startswith("/"):
        raise refuse("a path is a JSON pointer to a field, such as /properties/street", here)
    return [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]


def _index(holder: Any, part: str, here: str) -> Any:
    if isinstance(holder, dict):
        return part
    if isinstance(holder, list) and part.isascii() and part.isdigit() and int(part) < len(holder):
        return int(part)
    raise refuse(f"there is no {part[:60]!r}", here, 409)


def _found(document: Any, parts: list[str], here: str) -> Any:
    for part in parts:
        key = _index(document, part, here)
        if isinstance(document, dict) and key not in document:
            raise refuse(f"there is no {part[:60]!r}", here, 409)
        document = document[key]
    return document


def _put(document: Any, parts: list[str], value: Any, here: str) -> None:
    holder = _found(document, parts[:-1], here)
    if isinstance(holder, list):
        at = len(holder) if parts[-1] in ("-", str(len(holder))) else _index(holder, parts[-1], here)
        holder.insert(at, value)
    else:
        holder[_index(holder, parts[-1], here)] = value


def _take(document: Any, parts: list[str], here: str) -> None:
    _found(document, parts, here)
    holder = _found(document, parts[:-1], here)
    del holder[_index(holder, parts[-1], here)]
