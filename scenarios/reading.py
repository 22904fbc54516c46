"""Reading a document's text: JSON, or the plain part of YAML that means the same to everyone."""

import json
import re
from typing import Any

import yaml

from scenarios.problem import ScenarioError

MAX_JSON = 10_000_000
MAX_YAML = 2_000_000
"""Bytes that are read."""


def parse(text: bytes) -> Any:
    """Read JSON or YAML.

    YAML as its 1.2 core schema: ``2e0`` is a number, ``no`` and ``12:30`` are texts; no anchors, aliases, tags or
    second documents, no key twice.

    Raises
    ------
    ScenarioError
        Says where the text is wrong.
    """
    is_json = text.lstrip()[:1] == b"{"
    if len(text) > (MAX_JSON if is_json else MAX_YAML):
        raise ScenarioError(f"has {len(text):,} bytes, at most {MAX_JSON:,} as JSON or {MAX_YAML:,} as YAML")
    try:
        found = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once) if is_json else _yaml(text)
    except (UnicodeDecodeError, json.JSONDecodeError, yaml.YAMLError) as error:
        raise ScenarioError(f"is neither JSON nor plain YAML: {error}") from error
    except RecursionError as error:
        raise ScenarioError("is nested too deep") from error
    return found


def _refuse_constant(name: str) -> float:
    raise ScenarioError(f"{name} is no number of a scenario; numbers are finite")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ScenarioError(f"the key {key!r} stands there twice; keep one")
        found[key] = value
    return found


class _Loader(yaml.SafeLoader):
    """YAML 1.2 core schema without anchors."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (a registry of PyYAML's own)

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            where = event.start_mark
            raise ScenarioError(f"line {where.line + 1}: anchors (&) and aliases (*) are not read; write it out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        pairs = [
            (self.construct_object(key, deep=True), self.construct_object(value, deep=True))
            for key, value in node.value
        ]
        for key, _ in pairs:
            if not isinstance(key, str):
                raise ScenarioError(f"line {node.start_mark.line + 1}: the key {key!r} is no text")
        return _once(pairs)


def _plain_mapping(loader: _Loader, node: Any) -> Any:
    return loader.construct_mapping(node)


def _plain_float(loader: _Loader, node: Any) -> float:
    return float(node.value)


def _plain_int(loader: _Loader, node: Any) -> int:
    return int(node.value)


_Loader.add_constructor("tag:yaml.org,2002:map", _plain_mapping)
_Loader.add_constructor("tag:yaml.org,2002:float", _plain_float)
_Loader.add_constructor("tag:yaml.org,2002:int", _plain_int)
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first)


def _yaml(text: bytes) -> Any:
    return yaml.load(text, Loader=_Loader)
