"""What a client may send as an entity, read field by field before anything is kept."""

import math
from collections.abc import Mapping
from typing import Any

from kernels.quantities import QUANTITIES
from twin.sensors.model import SECOND, Datastream
from viewer.server.problems import Problem
from viewer.server.sensorthings import times
from viewer.server.sensorthings.functions import ValueMismatch, geometry
from viewer.server.sensorthings.kinds import PROPERTIES, Kind
from viewer.server.sensorthings.shelf import MEASUREMENT, definition, unit

LONGEST = 4000
"""Longest text of a field. [character]"""
IDS = ("@iot.id", "id")


def refuse(words: str, pointer: str, status: int = 400) -> Problem:
    """The error of a body, with the place."""
    return Problem(status, "bad-entity", f"{pointer or '/'}: {words}", pointer=pointer)


def fields(kind: Kind, document: Any, pointer: str, whole: bool = True) -> dict[str, Any]:
    """The fields of an entity, all of them known and of the right form.

    Parameters
    ----------
    kind : Kind
    document
        As JSON gives it.
    pointer : str
        JSON pointer to it.
    whole : bool
        What a new entity needs must be there.

    Raises
    ------
    Problem
        400 with a pointer.
    """
    if not isinstance(document, dict):
        raise refuse(f"expected an object, a {kind.one}, got {type(document).__name__}", pointer)
    known = (*IDS, *kind.properties, *kind.relations)
    for name in document:
        # links that the server itself writes may come back with an entity, and mean nothing
        if name not in known and not name.endswith(("@iot.navigationLink", "@iot.selfLink", "@iot.count")):
            raise refuse(f"{kind.one} has no {name[:80]!r}; it has {', '.join(known)}", pointer)
    for name in kind.needs if whole else ():
        if name not in document:
            raise refuse(f"a {kind.one} needs {name!r}; send it", pointer)
    for name in ("name", "description", "encodingType", "definition", "observationType"):
        if name in kind.properties and name in document:
            _text(document[name], f"{pointer}/{name}")
    if not isinstance(document.get("properties", {}), dict):
        raise refuse("expected an object", f"{pointer}/properties")
    return document


def _text(value: Any, pointer: str) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise refuse(f"expected a text of 1 to {LONGEST} characters, got {str(value)[:60]!r}", pointer)


def key_of(document: Any, pointer: str) -> str | None:
    """The id that a body gives, or None."""
    given = next((document[name] for name in IDS if name in document), None)
    if given is None:
        return None
    if not isinstance(given, str) or not 0 < len(given) <= 200 or not given.isprintable() or given.startswith("@"):
        raise refuse(f"an id is a text of 1 to 200 printable characters, got {str(given)[:60]!r}", pointer)
    return given


def is_link(document: Any) -> bool:
    """Whether a body only names an entity that is there."""
    return isinstance(document, dict) and bool(document) and all(name in IDS for name in document)


def point_of(value: Any, pointer: str) -> tuple[float, float] | None:
    """Longitude and latitude of GeoJSON; of what is not a point, one that lies in it. None where it is nowhere.

    Raises
    ------
    Problem
        400, it is no GeoJSON, or not on the Earth.
    """
    try:
        found = geometry(value)
    except ValueMismatch as error:
        raise refuse(f"expected GeoJSON in WGS84: {error}", pointer) from error
    if found.is_empty:
        return None
    place = found.representative_point()
    west, south, east, north = found.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise refuse("expected longitude from -180 to 180 and latitude from -90 to 90, in this order", pointer)
    return float(place.x), float(place.y)


def quantity_of(document: Any, pointer: str) -> str:
    """The quantity that an observed property is: by its id, its name or its definition.

    Raises
    ------
    Problem
        422, there is none.
    """
    key = key_of(document, pointer) if isinstance(document, dict) else None
    if key in QUANTITIES:
        return str(key)
    if is_link(document):
        words = f"{key!r} is none that the twin can compare"
    else:
        given = fields(PROPERTIES, document, pointer)
        for name, one in QUANTITIES.items():
            if given["name"] == name or given["definition"] == definition(one):
                return name
        words = f"{given['name'][:80]!r} is none that the twin can compare"
    raise refuse(f"{words}; link one of ObservedProperties by its @iot.id, and send values in its unit", pointer, 422)


def check_measurement(document: Mapping[str, Any], quantity: str, pointer: str) -> None:
    """A datastream must measure its quantity in its unit.

    Raises
    ------
    Problem
        422, it measures in another.
    """
    if document.get("observationType", MEASUREMENT) != MEASUREMENT:
        raise refuse(f"readings are numbers: expected {MEASUREMENT}", f"{pointer}/observationType", 422)
    if "unitOfMeasurement" not in document:
        return
    given, wanted = document["unitOfMeasurement"], unit(QUANTITIES[quantity])
    if not isinstance(given, dict) or not {"name", "symbol", "definition"} >= set(given):
        raise refuse("expected an object of name, symbol and definition", f"{pointer}/unitOfMeasurement")
    if given.get("symbol") != wanted["symbol"] and given.get("definition") != wanted["definition"]:
        words = (
            f"{quantity} is in {wanted['symbol']!r}, got {given.get('symbol')!r}; convert the values, send that symbol"
        )
        raise refuse(words, f"{pointer}/unitOfMeasurement", 422)


def number_of(properties: Mapping[str, Any], name: str, default: float, pointer: str) -> float:
    """A property of a datastream that is a number of 0 or more."""
    value = properties.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e6:
        raise refuse(f"expected a number from 0 to 1e6, got {str(value)[:60]!r}", f"{pointer}/properties/{name}")
    return float(value)


def reading_of(stream: Datastream, document: Mapping[str, Any], pointer: str) -> tuple[str, int, float, int]:
    """Datastream, time [ns, UTC], value and flag of an observation.

    Raises
    ------
    Problem
        400 for what cannot be read, 422 for what the datastream cannot hold.
    """
    try:
        moment = times.when(document.get("phenomenonTime") or times.written(times.Instant(times.now())))
        if document.get("resultTime") is not None:
            times.when(document["resultTime"])
    except ValueError as error:
        raise refuse(str(error), f"{pointer}/phenomenonTime") from error
    if isinstance(moment, times.Span):
        if abs((moment.end - moment.start) / SECOND - stream.period) > 1.0:
            words = (
                f"readings of {stream.id} hold for {stream.period:g} s, got {(moment.end - moment.start) / SECOND:g} s"
            )
            raise refuse(f"{words}; send such spans, or only their ends", f"{pointer}/phenomenonTime", 422)
        at = moment.end
    else:
        at = moment.ns
    if not times.FIRST <= at < times.FINAL:
        raise refuse("expected a time from 1970 to 2262", f"{pointer}/phenomenonTime", 422)
    value = document.get("result")
    if value is None:
        value = math.nan
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(f"expected a number or null, got {str(value)[:60]!r}", f"{pointer}/result", 422)
    parameters = document.get("parameters") or {}
    flag = parameters.get("flag", 0) if isinstance(parameters, dict) else None
    if isinstance(flag, bool) or not isinstance(flag, int) or not 0 <= flag < 2**16:
        raise refuse("expected an object, of which flag is a whole number below 65536", f"{pointer}/parameters")
    try:
        return stream.id, at, float(value), flag
    except OverflowError as error:
        raise refuse("the number is beyond all bounds", f"{pointer}/result", 422) from error
