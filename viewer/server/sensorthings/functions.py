"""What operators and functions of a filter do with values; a value that is not there gives one that is not there."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from twin.sensors.model import SECOND
from viewer.server.sensorthings.times import EPOCH, FINAL, FIRST, Instant, Length, Span, TimeOfDay, now

DAY = 86_400 * SECOND
"""[ns]"""


class ValueMismatch(ValueError):
    """A function was given what it cannot take."""


@dataclass(frozen=True)
class Function:
    """A function of a filter: what it does, and how many values it takes."""

    does: Callable[..., Any]
    least: int
    most: int


def geometry(value: Any) -> BaseGeometry:
    """What a geographic function is given: a geometry, or GeoJSON of one or of a feature.

    Raises
    ------
    ValueMismatch
    """
    if isinstance(value, BaseGeometry):
        return value
    inner = value.get("geometry") if isinstance(value, dict) and value.get("type") == "Feature" else value
    if inner is None:
        return shapely.Point()
    try:
        return shapely.geometry.shape(inner)
    except (ShapelyError, TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        raise ValueMismatch(f"{str(value)[:60]!r} is no geometry") from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueMismatch(f"expected a text, got {_kind(value)}")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueMismatch(f"expected a number, got {_kind(value)}")
    return value


def _whole(value: Any) -> int:
    number = _number(value)
    if not math.isfinite(number) or number != math.floor(number):
        raise ValueMismatch(f"expected a whole number, got {number:g}")
    return int(number)


def _moment(value: Any) -> Instant:
    if not isinstance(value, Instant):
        raise ValueMismatch(f"expected a time, got {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    words = {bool: "true or false", int: "a number", float: "a number", str: "a text", Instant: "a time",
             dict: "an object", Length: "a duration", TimeOfDay: "a time of day", list: "a list"}  # fmt: skip
    return words.get(type(value), "a geometry")


def comparable(value: Any) -> Any:
    """A value as it is compared: a span by its end, a whole number as a number."""
    if isinstance(value, Span):
        return Instant(value.end)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def compare(word: str, left: Any, right: Any) -> bool:
    """``eq ne gt ge lt le``; values of two kinds are different, and in no order."""
    left, right = comparable(left), comparable(right)
    if word in ("eq", "ne"):
        same = (type(left) is type(right)) and bool(left == right)
        return same is (word == "eq")
    if left is None or right is None or type(left) is not type(right):
        return False
    if isinstance(left, bool | dict | list | BaseGeometry):
        raise ValueMismatch(f"{_kind(left)} cannot be put in order")
    return bool({"gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le}[word](left, right))


def _add(left: Any, right: Any, sign: int = 1) -> Any:
    left, right = comparable(left), comparable(right)
    if isinstance(left, Instant) and isinstance(right, Instant) and sign < 0:
        return Length(left.ns - right.ns)
    if isinstance(left, Instant | Length) and isinstance(right, Length):
        return type(left)(left.ns + sign * right.ns)
    return _number(left) + sign * _number(right)


def _multiply(left: Any, right: Any) -> Any:
    if isinstance(right, Length):
        left, right = right, left
    return Length(round(left.ns * _number(right))) if isinstance(left, Length) else _number(left) * _number(right)


def _divide(left: Any, right: Any) -> Any:
    divisor = _number(right)
    if divisor == 0:
        raise ValueMismatch("a division by 0")
    return Length(round(left.ns / divisor)) if isinstance(left, Length) else _number(left) / divisor


def _modulo(left: Any, right: Any) -> float:
    if _number(right) == 0:
        raise ValueMismatch("a division by 0")
    return math.fmod(_number(left), _number(right))


def _substring(text: Any, start: Any, many: Any = None) -> str:
    first = max(0, _whole(start))
    return _text(text)[first:] if many is None else _text(text)[first : first + max(0, _whole(many))]


def _half_up(value: Any) -> float:
    number = _number(value)
    return math.copysign(math.floor(abs(number) + 0.5), number)


def _calendar(part: str) -> Callable[[Any], int]:
    return lambda value: int(getattr(EPOCH + timedelta(seconds=_moment(value).ns // SECOND), part))


def _clock(unit: int, within: int) -> Callable[[Any], int]:
    def does(value: Any) -> int:
        ns = value.ns if isinstance(value, TimeOfDay) else _moment(value).ns
        return int(ns // unit % within)

    return does


def _spatial(name: str) -> Callable[[Any, Any], Any]:
    def does(left: Any, right: Any) -> Any:
        return getattr(shapely, name)(geometry(left), geometry(right))

    return does


def _spatial_is(name: str) -> Callable[[Any, Any], bool]:
    does = _spatial(name)
    return lambda left, right: bool(does(left, right))


def _relate(left: Any, right: Any, pattern: Any) -> bool:
    try:
        return bool(shapely.relate_pattern(geometry(left), geometry(right), _text(pattern)))
    except ShapelyError as error:
        raise ValueMismatch(f"{pattern[:20]!r} is no pattern of nine marks from 0, 1, 2, T, F and *") from error


def _distance(left: Any, right: Any) -> float | None:
    found = float(_spatial("distance")(left, right))
    return None if math.isnan(found) else found


def _of(does: Callable[..., Any], least: int, most: int | None = None) -> Function:
    return Function(does, least, least if most is None else most)


OPERATORS: dict[str, Callable[..., Any]] = {
    "add": _add,
    "sub": lambda left, right: _add(left, right, -1),
    "mul": _multiply,
    "div": _divide,
    "mod": _modulo,
}

FUNCTIONS: dict[str, Function] = {
    "substringof": _of(lambda part, text: _text(part) in _text(text), 2),
    "endswith": _of(lambda text, part: _text(text).endswith(_text(part)), 2),
    "startswith": _of(lambda text, part: _text(text).startswith(_text(part)), 2),
    "length": _of(lambda text: len(_text(text)), 1),
    "indexof": _of(lambda text, part: _text(text).find(_text(part)), 2),
    "substring": _of(_substring, 2, 3),
    "tolower": _of(lambda text: _text(text).lower(), 1),
    "toupper": _of(lambda text: _text(text).upper(), 1),
    "trim": _of(lambda text: _text(text).strip(), 1),
    "concat": _of(lambda one, other: _text(one) + _text(other), 2),
    "year": _of(_calendar("year"), 1),
    "month": _of(_calendar("month"), 1),
    "day": _of(_calendar("day"), 1),
    "hour": _of(_clock(3600 * SECOND, 24), 1),
    "minute": _of(_clock(60 * SECOND, 60), 1),
    "second": _of(_clock(SECOND, 60), 1),
    "fractionalseconds": _of(lambda value: _clock(1, SECOND)(value) / SECOND, 1),
    "date": _of(lambda value: Instant(_moment(value).ns // DAY * DAY), 1),
    "time": _of(lambda value: TimeOfDay(_moment(value).ns % DAY), 1),
    "totaloffsetminutes": _of(lambda value: 0 * _moment(value).ns, 1),
    "now": _of(lambda: Instant(now()), 0),
    "mindatetime": _of(lambda: Instant(FIRST), 0),
    "maxdatetime": _of(lambda: Instant(FINAL), 0),
    "round": _of(_half_up, 1),
    "floor": _of(lambda value: math.floor(_number(value)), 1),
    "ceiling": _of(lambda value: math.ceil(_number(value)), 1),
    "geo.distance": _of(_distance, 2),
    "geo.length": _of(lambda value: float(shapely.length(geometry(value))), 1),
    "geo.intersects": _of(_spatial_is("intersects"), 2),
    "st_equals": _of(_spatial_is("equals"), 2),
    "st_disjoint": _of(_spatial_is("disjoint"), 2),
    "st_touches": _of(_spatial_is("touches"), 2),
    "st_within": _of(_spatial_is("within"), 2),
    "st_overlaps": _of(_spatial_is("overlaps"), 2),
    "st_crosses": _of(_spatial_is("crosses"), 2),
    "st_intersects": _of(_spatial_is("intersects"), 2),
    "st_contains": _of(_spatial_is("contains"), 2),
    "st_relate": _of(_relate, 3),
}
"""By the names of OGC 18-088, 9.3.3.5.2. Distances and lengths are in degrees, as coordinates are."""
