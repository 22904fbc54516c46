"""The language of query options: OData as OGC 18-088 uses it, read by recursive descent within bounds."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shapely import from_wkt
from shapely.errors import ShapelyError

from viewer.server.sensorthings import times
from viewer.server.sensorthings.functions import FUNCTIONS

DEPTH = 24
"""Deepest nesting of brackets, calls and expansions."""
LONGEST = 8000
"""Longest option. [character]"""


class GrammarError(ValueError):
    """An option that cannot be read; the text names the place, what was expected and what came."""


@dataclass(frozen=True)
class Literal:
    """A value written in the query."""

    value: Any


@dataclass(frozen=True)
class Path:
    """Way from an entity to a property, such as ``Datastream/Thing/name``."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A function and what it is given; operators have the names of their words."""

    name: str
    given: tuple["Node", ...]


Node = Literal | Path | Call


@dataclass(frozen=True)
class Expand:
    """A relation to write out, with its own options."""

    name: str
    query: "Query"


@dataclass(frozen=True)
class Query:
    """Options of one collection.

    Attributes
    ----------
    where : Node or None
    order : tuple of (Node, bool)
        True for descending.
    select : tuple of str
        Empty for all.
    expand : tuple of Expand
    top : int or None
    skip : int
    count : bool
    array : bool
        Answer as data array.
    words : tuple of (str, str)
        The options as they were written.
    """

    where: Node | None = None
    order: tuple[tuple[Node, bool], ...] = ()
    select: tuple[str, ...] = ()
    expand: tuple[Expand, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    array: bool = False
    words: tuple[tuple[str, str], ...] = ()


OPTIONS = {
    "$filter": "where",
    "$orderby": "order",
    "$select": "select",
    "$expand": "expand",
    "$top": "top",
    "$skip": "skip",
    "$count": "count",
    "$resultFormat": "array",
}

_NAME = re.compile(r"(?:@iot\.)?[^\W\d][\w.:@\-]*")
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("or",),
    ("and",),
    ("eq", "ne", "gt", "ge", "lt", "le"),
    ("add", "sub"),
    ("mul", "div", "mod"),
)
_COMPARING = 2
_WORDS = {"true": True, "false": False, "null": None}


class Reader:
    """Reads one option from left to right.

    Parameters
    ----------
    text : str
    option : str
        Named in errors.

    Raises
    ------
    GrammarError
        The text is too long.
    """

    def __init__(self, text: str, option: str) -> None:
        self.text, self.option, self.at, self._depth, self._steps = text, option, 0, 0, 0
        if len(text) > LONGEST:
            raise GrammarError(f"{option} has {len(text)} characters, {LONGEST} are allowed; ask in parts")

    def fail(self, expected: str) -> GrammarError:
        """The error of this place."""
        here = self.text[self.at : self.at + 20]
        came = repr(here) if here else "the end"
        return GrammarError(f"{self.option}, character {self.at + 1}: expected {expected}, got {came}")

    def skip(self) -> None:
        """Go over spaces."""
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1

    def takes(self, mark: str) -> bool:
        """Take a mark where it stands here."""
        self.skip()
        found = self.text.startswith(mark, self.at)
        self.at += len(mark) if found else 0
        return found

    def need(self, mark: str) -> None:
        """Take a mark that must stand here."""
        if not self.takes(mark):
            raise self.fail(repr(mark))

    def match(self, shape: re.Pattern[str]) -> re.Match[str] | None:
        """Take what has this shape."""
        self.skip()
        found = shape.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def name(self, what: str = "a name") -> str:
        """Take a name."""
        found = self.match(_NAME)
        if found is None:
            raise self.fail(what)
        return found[0]

    def end(self) -> None:
        """Nothing may follow."""
        self.skip()
        if self.at < len(self.text):
            raise self.fail("the end, or an operator such as 'and'")

    def deeper(self, read: Callable[[], Any]) -> Any:
        """Read something inside; how deep it may go is bounded."""
        self._depth += 1
        if self._depth > DEPTH:
            raise GrammarError(
                f"{self.option}, character {self.at + 1}: nested deeper than {DEPTH} levels; write it flatter"
            )
        found = read()
        self._depth -= 1
        return found

    def expression(self, level: int = 0) -> Node:
        """An expression from a level of binding on; weaker levels enclose stronger ones."""
        if level == len(_LEVELS):
            return self._atom()
        if level == _COMPARING and self._word(("not",)):
            return Call("not", (self.deeper(lambda: self.expression(_COMPARING)),))
        found, before = [self.expression(level + 1)], ""
        while (word := self._word(_LEVELS[level])) is not None:
            following = self.expression(level + 1)
            if level < _COMPARING:  # a long row of conditions stays flat
                found, before = [*found, following], word
                continue
            # what makes the expression deep; one comparison of a condition does not
            self._steps += level > _COMPARING or (isinstance(found[0], Call) and found[0].name in _LEVELS[_COMPARING])
            if self._steps > DEPTH * 4:
                raise GrammarError(
                    f"{self.option}, character {self.at + 1}: more than {DEPTH * 4} operators; ask in parts"
                )
            found = [Call(word, (found[0], following))]
        return Call(before, tuple(found)) if before else found[0]

    def _word(self, words: tuple[str, ...]) -> str | None:
        """Take one of the words, whole."""
        before = self.at
        found = self.match(_NAME)
        if found is not None and found[0] in words:
            return found[0]
        self.at = before
        return None

    def _atom(self) -> Node:
        if self.takes("("):
            inside = self.deeper(self.expression)
            self.need(")")
            return inside  # type: ignore[no-any-return]
        if self._word(("not",)):
            return Call("not", (self.deeper(self._atom),))
        found = self.match(_TEXT)
        if found is not None:
            return Literal(found[1].replace("''", "'"))
        for shape, read in ((times.INSTANT, times.instant), (times.CLOCK, times.time_of_day)):
            if (found := self.match(shape)) is not None:
                return Literal(self._read(read, found[0]))
        if (found := self.match(_NUMBER)) is not None:
            return Literal(float(found[0]))
        if self.takes("-"):
            return Call("sub", (Literal(0.0), self.deeper(self._atom)))
        return self._named()

    def _read(self, read: Callable[[str], Any], words: str) -> Any:
        try:
            return read(words)
        except ValueError as error:
            raise GrammarError(f"{self.option}, character {self.at - len(words) + 1}: {error}") from error

    def _named(self) -> Node:
        begin = self.at
        name = self.name("a property, a value, a function or a bracket")
        if name in _WORDS and not self.text.startswith(("/", "("), self.at):
            return Literal(_WORDS[name])
        if name in ("duration", "geography", "geometry") and self.text.startswith("'", self.at):
            found = self.match(_TEXT)
            if found is None:
                raise self.fail("a closing quote")
            return Literal(self._read(times.length if name == "duration" else shape, found[1]))
        if self.takes("("):
            if name not in FUNCTIONS:
                known = ", ".join(sorted(FUNCTIONS))
                raise GrammarError(f"{self.option}, character {begin + 1}: no function {name!r}; there are {known}")
            return self.deeper(lambda: self._call(name))  # type: ignore[no-any-return]
        names = [name]
        while self.text.startswith("/", self.at):
            self.at += 1
            names.append(self.name("the next name of the way"))
        return Path(tuple(names))

    def _call(self, name: str) -> Node:
        given: list[Node] = []
        while not self.takes(")"):
            if given:
                self.need(",")
            given.append(self.expression())
        least, most = FUNCTIONS[name].least, FUNCTIONS[name].most
        if not least <= len(given) <= most:
            wants = f"{least}" if least == most else f"{least} to {most}"
            raise GrammarError(f"{self.option}, character {self.at}: {name} takes {wants} values, got {len(given)}")
        return Call(name, tuple(given))

    def order(self) -> tuple[tuple[Node, bool], ...]:
        """Expressions with ``asc`` or ``desc``."""
        found: list[tuple[Node, bool]] = []
        while not found or self.takes(","):
            node = self.expression()
            found.append((node, self._word(("asc", "desc", "ASC", "DESC")) in ("desc", "DESC")))
        return tuple(found)

    def select(self) -> tuple[str, ...]:
        """Names, by commas."""
        found = [self.name("a property")]
        while self.takes(","):
            found.append(self.name("a property"))
        return tuple(found)

    def expand(self) -> tuple[Expand, ...]:
        """Relations, each with its options in brackets; ``A/B`` is B within A."""
        found: dict[str, Query] = {}
        while not found or self.takes(","):
            name, query = self._one_expand()
            known = found.get(name)
            found[name] = query if known is None else _both(known, query)
        return tuple(Expand(*one) for one in found.items())

    def _one_expand(self) -> tuple[str, Query]:
        name = self.name("a relation")
        if self.text.startswith("/", self.at):
            self.at += 1
            below = self.deeper(self._one_expand)
            return name, Query(expand=(Expand(*below),))
        return name, self.deeper(self._inside) if self.takes("(") else Query()

    def _inside(self) -> Query:
        options: dict[str, Any] = {}
        words: list[tuple[str, str]] = []
        while not self.takes(")"):
            if options:
                self.need(";")
                if self.takes(")"):
                    break
            begin = self.at
            self.need("$")
            option = "$" + self.name("an option")
            if option not in OPTIONS or option == "$resultFormat":
                raise GrammarError(f"{self.option}, character {begin + 1}: no option {option!r} inside an expansion")
            self.need("=")
            if OPTIONS[option] in options:
                raise GrammarError(f"{self.option}, character {begin + 1}: {option} is there twice")
            start = self.at
            options[OPTIONS[option]] = self.value(option)
            words.append((option, self.text[start : self.at].strip()))
        return Query(**options, words=tuple(words))

    def number(self) -> int:
        """A whole number of 0 or more."""
        found = self.match(re.compile(r"\d{1,9}(?![\d.])", re.ASCII))
        if found is None:
            raise self.fail("a whole number of 0 or more")
        return int(found[0])

    def value(self, option: str) -> Any:
        """What follows the name of an option."""
        if option in ("$top", "$skip"):
            return self.number()
        if option == "$count":
            word = self._word(("true", "false"))
            if word is None:
                raise self.fail("true or false")
            return word == "true"
        if option == "$resultFormat":
            if self._word(("dataArray",)) is None:
                raise self.fail("dataArray")
            return True
        reading: dict[str, Callable[[], Any]] = {
            "$filter": self.expression, "$orderby": self.order, "$select": self.select, "$expand": self.expand,
        }  # fmt: skip
        return reading[option]()


def _both(one: Query, other: Query) -> Query:
    """Expansions of the same relation told in two parts: ``A/B,A/C``."""
    known = {each.name: each.query for each in one.expand}
    for each in other.expand:
        known[each.name] = _both(known[each.name], each.query) if each.name in known else each.query
    return Query(
        one.where or other.where, one.order or other.order, one.select or other.select,
        tuple(Expand(*each) for each in known.items()), other.top if one.top is None else one.top,
        one.skip or other.skip, one.count or other.count, words=(*one.words, *other.words),
    )  # fmt: skip


def shape(words: str) -> Any:
    """Read a geometry in well-known text, in WGS84.

    Raises
    ------
    ValueError
    """
    try:
        return from_wkt(re.sub(r"(?i)^\s*srid=4326;", "", words))
    except ShapelyError as error:
        raise ValueError(f"{words[:60]!r} is no well-known text of a geometry ({error})") from error


def parse(option: str, text: str) -> Any:
    """Read the whole of one option.

    Raises
    ------
    GrammarError
    """
    reader = Reader(text, option)
    found = reader.value(option)
    reader.end()
    return found
